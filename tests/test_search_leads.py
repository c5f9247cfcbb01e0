"""Search terms find the record for which a curator wrote them, are distinct from its text, and find nothing else."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, each

from cthbkb import excerpt, leads, meaning, named, rank, search
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


BULB, TOWER = "who changes the bulb at the top", "broken bulb in the tower"


@each(
    "query, led",
    [
        ("changes bulb top", {"2031-p1-r1": (BULB, 1 + 0.3 * 0, {0, 1, 2})}),
        ("bulb top", {"2031-p1-r1": (BULB, 2 / math.sqrt(2 * 3), {0, 1})}),
        ("bulb top" + " xx" * 5, {"2031-p1-r1": (BULB, 2 / math.sqrt(7 * 3), {0, 1})}),
        ("bulb top" + " xx" * 12, {"2031-p1-r1": (BULB, 2 / math.sqrt(14 * 3), {0, 1})}),
        ("bulb top" + " xx" * 13, {}),
        ("watches xx xx xx", {"2031-p1-r5": ("watches", 1 / math.sqrt(4), {0})}),
        ("watches xx xx xx xx", {}),
        ("dozing", {"2031-p1-r2": ("dozing during the night", 1 / math.sqrt(2), {0})}),
        ("bulb", {}),
        ("watches", {"2031-p1-r5": ("watches", 0.5, {0})}),
        ("watch", {"2031-p1-r5": ("watches", 0.5, {0})}),
        ("watches shorter", {"2031-p1-r5": ("watches", 1 / math.sqrt(2), {0})}),
        ("jack tar", {"2031-p1-r2": ("mates who nod off", 0.9 / math.sqrt(2), {0})}),
        ("dozing mates", {"2031-p1-r2": ("dozing during the night", 0.5 + 0.3 * 0.5 * 0.5, {0, 1})}),
        ("broken-bulb", {"2031-p1-r1": (TOWER, 1 / math.sqrt(3), {0})}),
        ("snooze-bulb", {}),
        ("the-bulb top", {"2031-p1-r1": (BULB, 2 / math.sqrt(2 * 3), {0, 1})}),
    ],
)
def test_a_term_is_as_similar_as_the_share_of_words_in_common(
    query: str, led: dict[str, tuple[str, float, set[int]]], base: sqlite3.Connection
) -> None:
    """With so few terms, all words have the same rarity, and the cosine is n / sqrt(words of both)."""
    ids = dict(base.execute("select rowid, id from search_rows"))
    found = leads.leads(base, meaning.meant(base, parse(query), []))
    made = {ids[row]: (lead.text, lead.like, {*lead.groups}) for row, lead in found.items()}
    assert made == {id_: (text, pytest.approx(like), groups) for id_, (text, like, groups) in led.items()}


def test_only_the_terms_that_have_most_in_common_are_compared(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leads, "MOST", 1)
    groups = meaning.meant(base, parse("changes bulb top snooze"), [])
    assert [lead.text for lead in leads.leads(base, groups).values()] == [BULB]


def test_three_further_terms_of_a_record_raise_its_similarity() -> None:
    lead = leads._lead([(0.5, "a", {0: 0.4}), (0.5, "b", {0: 0.8, 1: 1.0}), *[(0.4, "c", {2: 0.1, 1: 0.2})] * 9])
    like = 0.5
    for further in (0.5, 0.4, 0.4):
        like += 0.3 * (1 - like) * further
    assert (lead.text, lead.like, lead.groups) == ("a", pytest.approx(like), {0: 0.8, 1: 1.0, 2: 0.1})


def test_a_word_is_rarer_in_terms_the_fewer_contain_it() -> None:
    rarities = [leads.rarity(1000, number) for number in (0, 10, 100, 500, 1000)]
    assert rarities[0] == pytest.approx(0.5 * math.log(1001))
    assert rarities[2:] == pytest.approx([math.log(1 + (1000.5 - n) / (n + 0.5)) for n in (100, 500, 1000)])
    assert rarities == sorted(rarities, reverse=True)
    assert leads.rarity(1000, 1001) < rarities[-1]


@each(
    "theme, thread, head", [(0.7, 0.9, "ask-rest"), (0.9, 0.7, "crews"), (0.6, 0.59, "crews"), (0.59, 0.6, "ask-rest")]
)
def test_an_item_below_two_records_belongs_to_the_more_similar_one(
    theme: float, thread: float, head: str, base: sqlite3.Connection
) -> None:
    rows = {id_: rowid for rowid, id_ in base.execute("select rowid, id from search_rows")}
    for order in (("crews", "ask-rest"), ("ask-rest", "crews")):
        found = {rows[id_]: leads.Lead(id_, {"crews": theme, "ask-rest": thread}[id_], {}) for id_ in order}
        under = rank.under(base, found, ("", []))
        assert under[rows["2031-p1-r3"]][1:] == (head, found[rows[head]])
        others = {rows["2031-p1-r2"], rows["2031-p1-r4"], rows["ask-rest"]} if theme >= 0.6 else set()
        assert under.keys() == {rows["2031-p1-r3"], *others}
        assert rank.under(base, found, (" and r.type = ?", ["theme"])) == {}


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
    monkeypatch.setattr(rank, "BEST", 1)
    best = search.search(base, parse("stations that blink in tall towers"))
    assert best.total(base) == len(ids)
    assert {row for (row,) in best.each(base, "r.rowid")} == {row for row, _ in best.rows} == ids


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
