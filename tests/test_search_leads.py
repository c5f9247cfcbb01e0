"""Search terms find the record for which a curator wrote them, are distinct from its text, and find nothing else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import excerpt, leads, named, rank, search
from cthbkb import seed as seeds
from cthbkb.build import build
from cthbkb.terms import parse

ITEM = """
- {{id: 2031-p1-r{n}, session: 2031-p1, year: 2031, kind: recommendation, number: '{n}', themes: [{theme}],
   modality: should, summary: {summary}, document: 2031-doc, section: S}}"""

SEED = """
documents:
- {id: 2031-doc, title: Highlights, kind: highlights, conference: '2031', year: 2031, publisher: P, citation: C}
conferences:
- {id: '2031', number: 1, year: 2031, title: First, held_start: '2031-06-10', held_end: '2031-06-12', city: Wien,
   document: 2031-doc, section: S}
sessions:
- {id: 2031-p1, conference: '2031', year: 2031, type: panel, number: 1, title: Panel one, held_date: '2031-06-11',
   document: 2031-doc, section: S}
themes:
- {id: beacons, label: Beacons, scope_note: Beacons of the coast.}
- {id: crews, label: Crews, scope_note: Those who sail.}
threads:
- {id: ask-rest, label: Time off watch, themes: [crews], summary: Asked in 2031.}
thread_items:
- {thread: ask-rest, item: 2031-p1-r3, asks: true}
expansions:
- {id: seafarer, kind: synonym, words: [seafarer, seafarers], only_from: [jack tar, mate]}
search_terms:
- {id: 2031-p1-r1, terms: [who changes the bulb at the top, broken bulb in the tower]}
- {id: 2031-p1-r2, terms: [mates who nod off, dozing during the night]}
- {id: beacons, terms: [tall towers that blink]}
- {id: ask-rest, terms: [how long may sailors snooze]}
- {id: 2031-p1-r5, terms: [watches]}
recommendations:""" + "".join(
    ITEM.format(n=n, theme=theme, summary=summary)
    for n, (theme, summary) in enumerate(
        (
            ("beacons", "Replace the lamps of every station."),
            ("crews", "Seafarers who are tired should be relieved."),
            ("crews", "Watches should be shorter."),
            ("crews", "A bulb is kept on board."),
            ("beacons", "Paint the stations at the top."),
        ),
        1,
    )
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("leads") / "kb.db"
    build(seeds.parse(SEED.encode(), "seed.yaml"), target)
    return target


@pytest.fixture
def base(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(named.connect(str(path))) as db:
        yield db


def hits(db: sqlite3.Connection, text: str, types: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the ids of the results, best first, each with the reason for the match."""
    found = search.search(db, parse(text), types)
    return {str(row[1]): str(row[7]) for row in excerpt.rows(db, found, None)}


def notes(db: sqlite3.Connection, text: str) -> list[str]:
    return search.search(db, parse(text)).notes


def test_a_term_finds_its_record_without_a_common_word(base: sqlite3.Connection) -> None:
    found = search.search(base, parse("dozing in the night"))
    (row,) = excerpt.rows(base, found, None)
    assert (row[1], row[4]) == ("2031-p1-r2", "Seafarers who are tired should be relieved.")
    assert row[7] == 'search term "dozing during the night"'


def test_a_word_that_only_search_terms_contain_is_reported(base: sqlite3.Connection) -> None:
    assert notes(base, "dozing") == ["only search terms contain dozing"]
    assert list(hits(base, "dozing")) == ["2031-p1-r2"]
    assert "no record contains pancake" in notes(base, "dozing pancake")


def test_the_words_of_a_term_are_found_by_their_stems_and_by_the_expansion_table(base: sqlite3.Connection) -> None:
    assert hits(base, "dozes nightly")["2031-p1-r2"] == 'search term "dozing during the night"; lacks nightly'
    assert 'search term "mates who nod off"' in hits(base, "a jack tar nodding off")["2031-p1-r2"]


def test_a_single_word_of_a_longer_term_finds_nothing(base: sqlite3.Connection) -> None:
    assert list(hits(base, "bulb")) == ["2031-p1-r4"]
    assert list(hits(base, "bulb in the galley")) == []
    assert next(iter(hits(base, "changing the bulb at the top"))) == "2031-p1-r1"


def test_literal_matches_rank_above_search_terms(base: sqlite3.Connection) -> None:
    found = hits(base, "watches")
    assert next(iter(found)) == "2031-p1-r3"
    assert found["2031-p1-r5"] == 'search term "watches"'


def test_one_frequent_word_uses_no_search_terms(base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PLENTY", 1)
    assert "2031-p1-r5" not in hits(base, "watches")
    assert list(hits(base, "dozing")) == ["2031-p1-r2"]


def test_the_terms_of_a_record_count_together(base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def lead() -> leads.Lead:
        (found,) = search.search(base, parse("dozing mates")).leads.values()
        return found

    both = lead()
    assert both.text == "dozing during the night"
    assert both.groups.keys() == {0, 1}
    monkeypatch.setattr(leads, "SEVERAL", 0)
    best = lead()
    assert best.like < both.like <= best.like + leads.FURTHER * (1 - best.like) * best.like


def test_quotes_prefixes_and_operators_use_no_search_terms(base: sqlite3.Connection) -> None:
    for text in ('"broken bulb"', "broken* tow*", "broken AND tower", "dozing OR nod", "tower -lamps"):
        assert [why for why in hits(base, text).values() if "search term" in why] == [], text


def test_the_terms_of_a_theme_find_the_theme_and_then_its_items(base: sqlite3.Connection) -> None:
    found = hits(base, "towers that blink")
    assert list(found) == ["beacons", "2031-p1-r1", "2031-p1-r5"]
    assert found["beacons"] == 'search term "tall towers that blink"'
    assert found["2031-p1-r5"].startswith('theme beacons by its search term "tall towers that blink"; lacks ')


def test_the_terms_of_a_thread_find_the_thread_and_then_its_items(base: sqlite3.Connection) -> None:
    found = hits(base, "snoozing sailors")
    assert list(found)[:2] == ["ask-rest", "2031-p1-r3"]
    assert found["2031-p1-r3"].startswith('thread ask-rest by its search term "how long may sailors snooze"')


def test_results_of_search_terms_are_filtered_like_matches(base: sqlite3.Connection) -> None:
    assert list(hits(base, "towers that blink", ("theme",))) == ["beacons"]
    assert list(hits(base, "dozing in the night", ("theme",))) == []


def test_results_of_search_terms_are_counted_if_not_all_matches_are_scored(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search.search(base, parse("stations that blink in tall towers"))
    ids = {rowid for rowid, _ in whole.rows}
    monkeypatch.setattr(rank, "POOL", 0)
    few = search.search(base, parse("stations that blink in tall towers"))
    assert few.many
    assert few.total(base) == whole.total(base) == len(ids) == 3
    assert {row for (row,) in few.each(base, "r.rowid")} == ids


def test_search_terms_are_not_part_of_the_records(base: sqlite3.Connection, run: Run, path: Path) -> None:
    assert base.execute("select count(*) from search_rows where fields like '%dozing%'").fetchone() == (0,)
    assert "dozing" not in run("show", "2031-p1-r2", db=path).out
    assert json.loads(run("sql", "select terms from search_terms where id = 'beacons'", "-f", "json", db=path).out) == [
        {"terms": ["tall towers that blink"]}
    ]


def test_a_pack_can_have_terms_for_its_own_records(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(SEED, encoding="utf-8")
    pack = "extends: cthbkb\npeople:\n- {id: tar, name: Jo Tar, sort_name: Tar, document: 2031-doc, section: S}\n"
    terms = "search_terms:\n- {id: tar, terms: [the lady with the parrot]}\n"
    (tmp_path / "pack.yaml").write_text(pack + terms, encoding="utf-8")
    build(seeds.load(tmp_path / "pack.yaml", base=tmp_path / "base.yaml"), tmp_path / "kb.db")
    with closing(named.connect(str(tmp_path / "kb.db"))) as db:
        assert hits(db, "lady with a parrot") == {"tar": 'search term "the lady with the parrot"'}
        assert list(hits(db, "dozing")) == ["2031-p1-r2"]


def test_a_database_without_search_terms_is_searched(tmp_path: Path) -> None:
    text = SEED[: SEED.index("search_terms:")] + SEED[SEED.index("recommendations:") :]
    build(seeds.parse(text.encode(), "seed.yaml"), tmp_path / "kb.db")
    with closing(named.connect(str(tmp_path / "kb.db"))) as db:
        assert list(hits(db, "dozing")) == []
        assert notes(db, "dozing") == ["no record contains dozing"]
        assert next(iter(hits(db, "stations lamps"))) == "2031-p1-r1"
