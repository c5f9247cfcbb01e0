"""Lookups for single words: stems, sounds, words written together, typing errors and common English words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import each

from cthbkb import cache, lexicon
from cthbkb.lexicon import common, corrected, heard, of_stem, records, split, stemmed, stems_of

VOCABULARY = {
    "lamp": 4, "lamps": 7, "lamping": 1, "lamped": 0, "limp": 9, "tide": 3, "tides": 3, "gauge": 5, "light": 2,
    "house": 2, "lighthouse": 0, "prosecutor": 6, "prosecuted": 1, "harbours": 2, "harbour": 2, "navigation": 1,
    "mountain": 1,
    "fountain": 5, "captains": 1, "captain": 1, "mat": 9, "ab": 1, "lull": 1, "port": 3, "63": 1, "2": 1, "251": 1,
    "un": 1, "usual": 1, "nowak": 1, "kovalska": 0, "kowalska": 1, "keep": 1, "b2c4d": 1, "mast": 2, "mist": 3,
    "listed": 0,
    "nauak": 1, "lund": 1, "berth7": 1, "kovak": 1,
}  # fmt: skip
"""Maps a word to the number of records that contain it."""

NAMES = {
    "people": ["anna kowalska", "jo nowak", "peter usual", "per lund", "carl kovak", "x berth7"],
    "organizations": ["captain house"], "themes": ["nauak"],
}  # fmt: skip


@pytest.fixture
def words() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create table vocabulary (word, records, stem)")
        rows = zip(VOCABULARY.items(), stemmed([*VOCABULARY]), strict=True)
        db.executemany("insert into vocabulary values (?, ?, ?)", [(*pair, stem) for pair, stem in rows])
        db.execute("create table names (field, name)")
        db.executemany("insert into names values (?, ?)", [(f, name) for f, names in NAMES.items() for name in names])
        db.execute("create table expansion_words (entry)")
        db.execute("insert into expansion_words values ('listed')")
        db.execute("create virtual table search using fts5(body)")
        db.executemany(
            "insert into search values (?)", [("light house of un usual lamp",), ("63 251 2 ab port lull mat port",)]
        )
        yield db


def test_a_word_of_the_vocabulary_has_its_number_of_records(words: sqlite3.Connection) -> None:
    assert records(words, ["lamp", "lamps", "lamped", "zeppelin"]) == {"lamp": 4, "lamps": 7, "lamped": 0}
    assert records(words, []) == {}


def test_words_are_stemmed_in_their_order_within_and_outside_the_vocabulary(words: sqlite3.Connection) -> None:
    words.execute("update vocabulary set stem = 'own' where word = 'tides'")
    assert stems_of(words, ["zebras", "tides", "apples"]) == {"zebras": "zebra", "tides": "own", "apples": "appl"}
    assert stemmed(["zebras", "apples", "zebras"]) == ["zebra", "appl", "zebra"]


def test_the_words_of_a_stem_are_those_of_records_the_most_frequent_first(words: sqlite3.Connection) -> None:
    assert of_stem(words, "lamp") == ["lamps", "lamp", "lamping"]
    words.executemany("insert into vocabulary values (?, ?, 's')", [(f"s{n}", n) for n in range(1, 12)])
    assert of_stem(words, "s") == [f"s{n}" for n in range(11, 3, -1)]


def test_a_common_word_is_in_the_list_or_inflects_a_word_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = tmp_path / "words.txt"
    listed.write_text("\nboat\nmake\n\n# others\n\nhappy\nwatch\nglad\nkind\ntidy\n", encoding="ascii")
    monkeypatch.setattr(cache, "words_path", lambda: str(listed))
    forms = "boat boats boating boated making maker makers maked watches watcher watchers tidies gladly kindness glad"
    assert [word for word in forms.split() if not common(word)] == []
    assert [word for word in "boa boatly2 happie mak makily gladder wat tid".split() if common(word)] == []
    assert [word for word in ("boat", "boats", "glad", "glads") if common(word, forms=False)] == ["boat", "glad"]
    assert [word for word in ("boat", "boats", "make", "glad") if common(word, most=True)] == ["boat", "make"]
    listed.unlink()
    assert not common("boat")


@each(
    "word, name",
    [
        ("kowallska", "kowalska"), ("cowalska", ""), ("kovalska", "kowalska"), ("novak", "nowak"), ("noowak", "nowak"),
        ("nowack", "nowak"), ("nowakkkk", ""), ("nova", ""), ("novaq", "nowak"), ("novak2", ""), ("usuel", "usual"),
        ("lond", ""), ("bertth7", ""), ("covak", ""),
        ("phouse", ""), ("haus", ""), ("hause", "house"), ("hhhouse", "house"), ("hhhhouse", ""),
    ],
)  # fmt: skip
def test_a_name_is_heard_by_its_sound(word: str, name: str, words: sqlite3.Connection) -> None:
    assert heard(words, word) == name


def test_of_names_that_sound_alike_the_first_one_in_a_record_is_heard(words: sqlite3.Connection) -> None:
    words.execute("insert into names values ('people', 'anna kovalska')")
    assert heard(words, "kowalzka") == "kowalska"
    words.execute("update vocabulary set records = 1 where word = 'kovalska'")
    assert heard(words, "kowalzka") == "kovalska"


@each(
    "one, other",
    [
        ("phone", "fone"), ("rick", "rik"), ("ricci", "riki"), ("schmid", "shmid"), ("reed", "read"),
        ("lilly", "lily"), ("wolf", "volf"),
        ("zara", "sara"), ("quint", "kuint"), ("carla", "karla"), ("jan", "yan"),
    ],
)  # fmt: skip
def test_letters_that_sound_alike_are_one_sound(one: str, other: str) -> None:
    assert lexicon._sound(one) == lexicon._sound(other)
    assert lexicon._sound(one) != lexicon._sound(f"{one}l")


@each(
    "word, parts",
    [
        ("lighthouse", "light house"), ("unusual", ""), ("houselight", ""), ("lamplight", ""),
        ("portlull", "port lull"), ("abport", ""), ("matport", "mat port"), ("63251", "63 251"), ("2512", ""),
        ("251263", ""), ("2ab", ""),
        ("lul" * 22, ""),
    ],
)  # fmt: skip
def test_a_word_is_split_if_a_record_has_its_parts_side_by_side(
    word: str, parts: str, words: sqlite3.Connection
) -> None:
    assert split(words, word) == parts


def test_a_number_may_be_split_after_two_digits_and_a_word_after_three(words: sqlite3.Connection) -> None:
    words.execute("insert into search values ('251 63 lamp un')")
    words.execute("insert into search values ('port ' || ?)", ("x" * 60,))
    words.executemany("insert into vocabulary values (?, 1, '')", [("x" * 60,)])
    assert [split(words, word) for word in ("25163", "lampun", "port" + "x" * 60)] == ["251 63", "", "port " + "x" * 60]
    words.execute("insert into search values ('port ' || ?)", ("x" * 61,))
    words.executemany("insert into vocabulary values (?, 1, '')", [("x" * 61,)])
    assert split(words, "port" + "x" * 61) == ""


@each(
    "word, best",
    [
        ("gaugge", "gauge"), ("gauga", "gauge"), ("guage", "gauge"), ("gaug", "gauge"), ("auge", ""), ("gouger", ""),
        ("lampps", "lamps"), ("lemp", "limp"), ("lamqs", "lamps"), ("matt", "mast"), ("mats", "mast"), ("msit", "mist"),
        ("kovalsk", ""), ("listet", "listed"), ("captian", "captain"), ("captiam", ""), ("captaims", "captains"),
        ("harbuors", "harbours"), ("harbuorz", "harbour"), ("hrbuors", ""), ("fountaim", "fountain"),
        ("navigatoin", "navigation"), ("nvigatoin", "navigation"), ("nvigatoim", ""), ("b2c4e", ""), ("gage", "gauge"),
    ],
)  # fmt: skip
def test_a_typing_error_is_corrected(word: str, best: str, words: sqlite3.Connection) -> None:
    assert corrected(words, word, ()) == best


def test_of_several_corrections_the_nearest_then_the_most_frequent_is_used(words: sqlite3.Connection) -> None:
    words.executemany("insert into vocabulary values (?, ?, '')", [("mountaim", 1), ("mountans", 9), ("mountabs", 9)])
    assert corrected(words, "mountaix", ()) == "mountaim"
    words.execute("update vocabulary set records = 2 where word = 'mountain'")
    assert corrected(words, "mountaix", ()) == "mountain"
    assert corrected(words, "mountalx", ()) == "mountabs"
    assert corrected(words, "mountaxs", ()) == "mountabs"


def test_a_word_with_a_known_stem_is_corrected_at_its_end_only(words: sqlite3.Connection) -> None:
    assert corrected(words, "prosecuter", ["prosecuted"]) == "prosecutor"
    assert corrected(words, "prosecutar", ["prosecuted"]) == "prosecutor"
    assert corrected(words, "prosecutaz", ["prosecuted"]) == ""
    assert corrected(words, "prosecuxor", ["prosecuted"]) == "prosecutor"
    assert corrected(words, "prosexutor", ["prosecuted"]) == ""
    assert corrected(words, "prasecutor", ()) == "prosecutor"


@each(
    "one, other, most, edits",
    [
        ("lamp", "lamp", 1, 0), ("lamp", "lamps", 1, 1), ("lamps", "lamp", 1, 1), ("lamp", "limp", 1, 1),
        ("lapm", "lamp", 1, 1), ("lamp", "plam", 2, 2), ("abcd", "badc", 2, 2), ("abcd", "bcda", 2, 2),
        ("kitten", "sitten", 2, 1), ("kitten", "sittin", 2, 2), ("lamp", "clamps", 2, 2), ("xab", "xbc", 2, 2),
    ],
)  # fmt: skip
def test_edits_are_counted(one: str, other: str, most: int, edits: int) -> None:
    assert lexicon._edits(one, other, most) == lexicon._edits(other, one, most) == edits
    assert lexicon._edits(one, other, edits - 1) > edits - 1
