"""Ranking: what raises or lowers the score of a record, and which records are scored and shown at all."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing

import pytest
from conftest import each

from cthbkb import named, rank, search
from cthbkb import seed as seeds
from cthbkb.build import build
from cthbkb.rank import (
    ASKED,
    BESIDE,
    CALLED,
    COUNTED,
    FAVOURED,
    FIGURES,
    HEADS,
    NAMED,
    OF_KIND,
    OF_SOURCES,
    PLACED,
    PROSE,
    TOGETHER,
)  # fmt: skip
from cthbkb.terms import Unit, parse


def boost(
    query: str,
    type_: str,
    kind: str = "",
    year: int | None = None,
    favoured: Collection[int] = (),
    of_name: tuple[str, str, str] | None = None,
    **texts: str,
) -> float:
    """Return the boost of a record with the id `x` and the given texts for a query."""
    asked = parse(query)
    found = rank.Found(("", []))
    found.units = [unit for group in asked.groups for unit in group]
    boosts = rank._Boosts(found, asked.groups, set(favoured), [of_name] if of_name else [], asked)
    columns = [f" {texts.get(place, '')} " for place in ("title", "body", "keywords", "names", "about")]
    return boosts.of(type_, "x", kind, year, columns)


@each(
    "query, type_, record, factor",
    [
        ("lamps", "recommendation", {"kind": "recommendation"}, 1),
        ("lamps", "recommendation", {"kind": "conclusion"}, PROSE),
        ("lamps", "theme", {}, HEADS), ("lamps", "thread", {}, HEADS), ("lamps", "topic", {}, BESIDE),
        ('"lamps"', "recommendation", {"kind": "goal"}, 1), ('"lamps"', "theme", {}, 1),
        ('"lamps" lit', "theme", {}, HEADS),
        ("lamps", "theme", {"of_name": ("themes", "x", "lamps")}, NAMED),
        ("lamps", "theme", {"of_name": ("themes", "y", "lamps")}, HEADS),
        ("lamps", "theme", {"of_name": ("people", "x", "lamps")}, HEADS),
        ("lamps lit", "topic", {"title": "lamps lit"}, NAMED * TOGETHER),
        ("lamps lit", "topic", {"title": "lit lamps"}, BESIDE),
        ("lamps", "organization", {"title": "lamps office"}, CALLED),
        ("lamps", "organization", {"title": "the lamps office"}, BESIDE),
        ("office lamps", "organization", {"title": "the lamps office north"}, CALLED),
        ("office lamps", "instrument", {"title": "the lamps office"}, CALLED),
        ("office lamps", "session", {"title": "the lamps office"}, BESIDE),
        ("office lamp", "organization", {"title": "the lamps office"}, BESIDE),
        ("ann", "person", {"title": "mary ann of the north"}, CALLED),
        ("north ann", "person", {"title": "ann o", "names": "north"}, PLACED),
        ("north ann", "person", {"title": "o", "names": "north ann"}, PLACED * TOGETHER),
        ("north", "person", {"title": "ann o", "names": "north"}, BESIDE),
        ("north ann", "person", {"title": "ann o", "names": "south"}, BESIDE),
        ("north ann", "organization", {"title": "ann", "names": "north"}, BESIDE),
        ("lamps lit", "topic", {"body": "all lamps lit"}, BESIDE * TOGETHER),
        ("lamps lit", "topic", {"about": "all lamps lit"}, BESIDE * TOGETHER),
        ("lamps lit", "topic", {"body": "all lamps litter"}, BESIDE),
        ("lamps", "topic", {"body": "all lamps"}, BESIDE),
        ("lamps", "document", {}, BESIDE * OF_SOURCES), ("lamps", "discrepancy", {}, BESIDE * OF_SOURCES),
        ("lamps", "abbreviation", {}, BESIDE * OF_SOURCES),
        ("300", "statistic", {}, BESIDE * FIGURES), ("two million lamps", "statistic", {}, BESIDE * FIGURES),
        ("40 lamps", "statistic", {}, BESIDE * FIGURES), ("2 154", "statistic", {}, BESIDE * FIGURES),
        ("40 lamps", "topic", {}, BESIDE), ("lamps p2", "statistic", {}, BESIDE),
        ("share lamps", "statistic", {}, BESIDE * COUNTED), ("rate lamps 40", "statistic", {}, BESIDE * FIGURES),
        ("share lamps", "topic", {}, BESIDE), ("shared lamps", "statistic", {}, BESIDE),
        ("number of lamps", "statistic", {}, BESIDE * ASKED), ("how many lamps", "statistic", {}, BESIDE * ASKED),
        ("how many lamps", "topic", {}, BESIDE),
        ("who keeps lamps", "person", {}, BESIDE * ASKED), ("who keeps lamps", "organization", {}, BESIDE * ASKED),
        ("which session lamps", "session", {}, BESIDE * ASKED),
        ("treaty lamps", "instrument", {"kind": "treaty"}, BESIDE * OF_KIND),
        ("treaty", "instrument", {"kind": "treaty"}, BESIDE),
        ("treaty lamps", "instrument", {"kind": "decision"}, BESIDE),
        ("statistic lamps", "statistic", {}, BESIDE * OF_KIND),
        ("organization lamps", "organization", {}, BESIDE),
        ("organization lamps", "topic", {"kind": "organization"}, BESIDE * OF_KIND),
        ('"side event" lamps', "session", {"kind": "side-event"}, BESIDE * OF_KIND),
        ("lamps", "topic", {"year": 2031, "favoured": [2031, 2033]}, BESIDE * FAVOURED),
        ("lamps", "topic", {"year": 2035, "favoured": [2031, 2033]}, BESIDE),
        ("lamps", "topic", {"about": "in 2033", "favoured": [2031, 2033]}, BESIDE * FAVOURED),
        ("lamps", "topic", {"body": "in 2033", "favoured": [2033]}, BESIDE),
        ("lamps", "topic", {"year": 2031}, BESIDE),
    ],
)  # fmt: skip
def test_a_record_is_boosted_by_its_type_name_kind_and_year(
    query: str, type_: str, record: dict[str, object], factor: float
) -> None:
    assert boost(query, type_, **record) == pytest.approx(factor)  # type: ignore[arg-type]


def test_boosts_raise_and_weights_lower_a_score() -> None:
    assert NAMED > CALLED > PLACED > 1 > PROSE > HEADS > BESIDE > BESIDE * OF_SOURCES
    assert FIGURES > COUNTED > 1
    assert min(ASKED, OF_KIND, FAVOURED, TOGETHER, rank.LIFTED) > 1


def test_a_word_counts_more_in_a_title_in_a_short_text_and_if_it_occurs_often() -> None:
    def holds(*texts: str, variants: Collection[tuple[str, float]] = ((" lamp ", 1.0),)) -> float:
        padded = [f" {text} " for text in texts] + ["  "] * (5 - len(texts))
        return rank._holds(padded, [*variants])

    alone = [holds(*[""] * n, "lamp") for n in range(5)]
    assert alone == sorted(alone, reverse=True)
    usual = [holds(*[""] * n, " ".join(["lamp"] + ["w"] * int(length - 2))) for n, length in enumerate(rank.LENGTHS)]
    assert usual == pytest.approx([*rank.WEIGHTS])
    assert holds("", "lamp w w") > holds("", "lamp w w w")
    assert holds("", "lamp w lamp w") == pytest.approx(2 * holds("", "lamp w w w"))
    assert holds("", "lamp", "lamp") == pytest.approx(holds("", "lamp") + holds("", "", "lamp"))
    assert holds("", "lamps", "lamp") == holds("", "", "lamp")
    both = [(" lamp ", 1.0), (" lamps ", 0.5)]
    assert holds("", "lamp lamps", variants=both) == pytest.approx(1.5 * holds("", "lamp w"))
    assert holds("clamp") == 0


def test_a_word_weighs_more_the_fewer_records_contain_it() -> None:
    weights = [rank._rarity(100, records) for records in (1, 2, 50, 99, 100)]
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0
    assert rank._rarity(100, 101) == weights[-1] == pytest.approx(math.log(1 + 0.5 / 100.5))


def senses(unit: Unit, size: int = 100, **records: int) -> list[rank.Sense]:
    unit.records = {"": 0} | {key.removeprefix("own"): number for key, number in records.items()}
    return [*rank._senses(unit, size)]


def test_a_word_has_one_sense_for_itself_and_one_for_each_word_that_it_leads_to() -> None:
    rare = rank._rarity(100, 20)
    unit = Unit("boats")
    unit.add("boat", 0.95)
    assert senses(unit, own=20) == [([(" boats ", 1.0), (" boat ", 0.95)], pytest.approx(rare))]
    unit.add("cadet", 0.5)
    unit.add("cadets", 0.4)
    unit.senses["young"] = ["cadets", "cadet"]
    assert senses(unit, own=0, young=20) == [([(" cadets ", 1.0), (" cadet ", 1.0)], pytest.approx(0.5 * rare))]
    assert [worth for _, worth in senses(unit, own=20, young=1)] == pytest.approx([rare, 0.5 * rank._rarity(100, 1)])
    assert senses(unit, own=0, young=0) == []
    assert senses(Unit("boa", prefix=True), own=20)[0][0] == [(" boa", 1.0)]


def test_the_weight_of_a_word_depends_on_its_length_and_on_how_it_was_found() -> None:
    (((_, plain),), ((_, once),)) = senses(Unit("boats"), own=20), senses(Unit("boats"), own=1)
    assert once == pytest.approx(rank.RAREST * math.log(101))
    assert plain < once < rank._rarity(100, 1)
    for text, factor in (("young sailors", 1.5), ("captain of young sailors", 2), ("of the", 1), ("the boats", 1)):
        assert [worth for _, worth in senses(Unit(text), own=20)] == pytest.approx([factor * plain]), text
    common = Unit("boats")
    common.plain = True
    assert [worth for _, worth in senses(common, own=20)] == pytest.approx([rank.PLAIN * plain])
    corrected = Unit("boats")
    corrected.corrected = "boats"
    assert senses(corrected, own=1)[0][1] == rank.CORRECTED < once
    assert senses(corrected, own=20)[0][1] == plain < rank.CORRECTED


def test_the_themes_of_the_best_matches_are_the_likely_subject() -> None:
    def scored(score: float, factor: float, *themes: str) -> tuple[float, bool, int, list[str], float, list[str]]:
        return score, False, 1, [], factor, [*themes]

    assert rank._common_themes([scored(0.5, 2, "a", "b"), scored(1, 1, "a"), scored(0, 1, "c"), scored(2, 1)]) == {
        "a": 0.5, "b": 0.25, "c": 0,
    }  # fmt: skip
    many = [scored(1, 1, "a")] * 4 + [scored(1, 1, "b")] * 4 + [scored(2, 0.1, "c"), scored(0.5, 3, "d")]
    assert rank._common_themes(many) == pytest.approx({"d": 1.5 / 8.5, "a": 4 / 8.5, "b": 3 / 8.5})
    assert rank._common_themes([]) == {}


COMMITMENTS = {
    "a": "anchor", "ab": "anchor and buoy", "b": "buoy", "abc": "buoy, winch and anchor", "w": "winch",
    "long": "anchor" + " w" * 60, "bring": "bring", "light": "bring anchor", "x1": "buoy oar", "x2": "oar buoy",
    "r1": "reef", "r2": "reef on reef", "pay": "wages of a crew",
}  # fmt: skip
"""Commitments by id: records without themes, which differ in nothing but their text."""

SEED = """
documents:
- {id: doc, title: Highlights, kind: highlights, conference: '2031', year: 2031, publisher: P, citation: C}
conferences:
- {id: '2031', number: 1, year: 2031, title: First, held_start: '2031-06-10', held_end: '2031-06-12', city: Wien,
   document: doc, section: S}
sessions:
- {id: 2031-p1, conference: '2031', year: 2031, type: panel, number: 1, title: One,
   summary: Of all the kelp that grows and of all the farms., document: doc, section: S}
- {id: 2031-p2, conference: '2031', year: 2031, type: panel, number: 2, title: Two, summary: Of kelp and of farms.,
   document: doc, section: S}
- {id: 2031-p3, conference: '2031', year: 2031, type: panel, number: 3, title: Three,
   summary: Kelp farms., document: doc, section: S}
- {id: 2031-p4, conference: '2031', year: 2031, type: panel, number: 4, title: Four, summary: Kelp.,
   document: doc, section: S}
people:
- {id: ann, name: Ann O, sort_name: O, document: doc, section: S}
- {id: bo, name: Bo, sort_name: Bo, document: doc, section: S}
- {id: cy, name: Kelp Cy, sort_name: Cy, document: doc, section: S}
- {id: di, name: Di, sort_name: Di, document: doc, section: S}
appearances:
- {id: 2031-p3-ann, person: ann, session: 2031-p3, role: panellist, document: doc, section: S}
- {id: 2031-p2-bo, person: bo, session: 2031-p2, role: panellist, document: doc, section: S}
- {id: 2031-p1-di, person: di, session: 2031-p1, role: panellist, document: doc, section: S}
- {id: 2031-p4-bo, person: bo, session: 2031-p4, role: panellist, document: doc, section: S}
- {id: 2031-p3-cy, person: cy, session: 2031-p3, role: panellist, document: doc, section: S}
themes:
- {id: moor, label: Mooring rings, alternative_labels: [quay stones], scope_note: Of ports.}
- {id: net, label: Nets, scope_note: Of crews.}
- {id: air, label: Seabirds, scope_note: Of air.}
- {id: tern, label: Terns, scope_note: Of birds.}
recommendations:
- {id: 2031-p1-r1, session: 2031-p1, year: 2031, kind: recommendation, number: '1', themes: [moor], modality: should,
   summary: Stones are easy., document: doc, section: S}
- {id: 2031-p1-r2, session: 2031-p1, year: 2031, kind: recommendation, number: '2', themes: [moor], modality: should,
   summary: Paint all rings., document: doc, section: S}
- {id: 2031-p1-r3, session: 2031-p1, year: 2031, kind: recommendation, number: '3', themes: [net], modality: should,
   summary: Paint stones., document: doc, section: S}
- {id: 2031-p1-r4, session: 2031-p1, year: 2031, kind: recommendation, number: '4', themes: [net], modality: should,
   summary: Gulls squid., document: doc, section: S}
- {id: 2031-p1-r5, session: 2031-p1, year: 2031, kind: recommendation, number: '5', themes: [air, net],
   modality: should, summary: Gulls eat squid., document: doc, section: S}
- {id: 2031-p1-r6, session: 2031-p1, year: 2031, kind: recommendation, number: '6', themes: [tern], modality: should,
   summary: Gulls eat squid at sea., document: doc, section: S}
- {id: 2031-p1-r7, session: 2031-p1, year: 2031, kind: recommendation, number: '7', themes: [tern], modality: should,
   summary: Dredge., document: doc, section: S}
expansions:
- {id: pay, kind: synonym, words: [wages, salary], only_from: [purse]}
search_terms:
- {id: r1, terms: [lagoon zeppelin, coral head]}
- {id: tern, terms: [birds that dive]}
- {id: w, terms: [salary]}
commitments:
""" + "".join(
    f"- {{id: {id_}, year: 2031, who: nobody, what: '{text}', document: doc, section: S}}\n"
    for id_, text in COMMITMENTS.items()
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    target = tmp_path_factory.mktemp("rank") / "kb.db"
    build(seeds.parse(SEED.encode(), "seed.yaml"), target)
    with closing(named.connect(str(target))) as db:
        yield db


def scores(db: sqlite3.Connection, query: str, most: int = 0) -> dict[str, float]:
    """Return the scores by id, best first."""
    ids = dict(db.execute("select rowid, id from search_rows"))
    return {ids[rowid]: score for rowid, score in search.search(db, parse(query), most=most).rows}


def lacks(db: sqlite3.Connection, query: str) -> dict[str, list[str]]:
    ids = dict(db.execute("select rowid, id from search_rows"))
    return {ids[rowid]: words for rowid, words in search.search(db, parse(query)).lacks.items()}


def whole(weight: float, spaces: int, usual: float) -> float:
    """Return the score of a word that a column contains once, by the formula of BM25, before boosts."""
    often = weight / (1 - rank.SHORT + rank.SHORT * spaces / usual)
    return often / (often + rank.FULL)


def weight(records: int, size: int = 34) -> float:
    return math.log(1 + (size - records + 0.5) / (records + 0.5))


BODY = (rank.WEIGHTS[1], rank.LENGTHS[1])


def test_the_score_is_the_share_of_the_query_that_a_record_matches(base: sqlite3.Connection) -> None:
    one, three = (whole(BODY[0], spaces, BODY[1]) * BESIDE for spaces in (2, 4))
    assert scores(base, "anchor")["a"] == pytest.approx(one)
    both = scores(base, "anchor buoy")
    assert both["ab"] == pytest.approx(three)
    assert both["a"] == both["b"] == pytest.approx(one * 0.5 * 0.5**rank.LACKING)
    assert scores(base, "lagoon zeppelin") == {"r1": pytest.approx(BESIDE)}
    share = weight(5) / (weight(5) + rank.UNKNOWN * rank.PLAIN)
    assert scores(base, "anchor wonderful")["a"] == pytest.approx(one * share * share**rank.LACKING)
    rarest = rank.RAREST * math.log(35)
    assert weight(2) > rarest
    for query, other in (
        ("anchor bring", rarest * rank.PLAIN * rank.FAINT),
        ('anchor "bring"', rarest * rank.PLAIN),
        ("anchor rate", rank.UNKNOWN * rank.PLAIN * rank.FAINT),
        ("bring OR winch anchor", rarest),
        ("buoy OR winch anchor", rarest),
        ("anchor reef", rarest),
    ):
        share = weight(5) / (weight(5) + other)
        assert scores(base, query)["a"] == pytest.approx(one * share * share**rank.LACKING), query
    assert scores(base, "anchor bring")["light"] == pytest.approx(whole(BODY[0], 3, BODY[1]) * BESIDE)
    assert scores(base, "purse")["w"] == pytest.approx(0.9 * 0.9 * BESIDE)
    assert scores(base, "reef on")["r2"] > scores(base, "reef on")["r1"]


@each(
    "query, found",
    [
        ("anchor", "a light ab abc long"),
        ("anchor buoy", "ab abc a b light x1 x2 long"),
        ("buoy anchor", "ab abc a b light x1 x2 long"),
        ("bring", "bring light"), ("anchor bring", "light a ab abc long"),
        ("anchor xqztv", ""), ("xqztv OR wonderful anchor", ""), ("anchor wonderful", "a light ab abc long"),
        ("anchor zeppelin", "r1 a light ab abc long"),
        ("reef zeppelin", "r1 r2"), ("anchor OR winch", "w abc a light ab long"), ("salary", "w pay"),
        ("purse", "w pay"),
        ("gulls squid", "2031-p1-r4 2031-p1-r5 2031-p1-r6"), ("winch AND oar", ""), ("buoy AND oar", "x1 x2"),
    ],
)  # fmt: skip
def test_records_are_shown_in_the_order_of_their_scores(query: str, found: str, base: sqlite3.Connection) -> None:
    assert " ".join(scores(base, query)) == found


@each(
    "query, lacking",
    [
        ("anchor", {}), ("reef zeppelin", {"r2": ["zeppelin"]}), ("quay stones", {}),
        ("anchor bring", {id_: ["bring"] for id_ in ("a", "ab", "abc", "long")}),
        ("lagoon zeppelin oar buoy", {"x1": ["lagoon", "zeppelin"], "x2": ["lagoon", "zeppelin"]}),
        ("lagoon zeppelin oar buoy winch", {
            "r1": ["oar", "buoy", "winch"], "abc": ["lagoon", "zeppelin", "oar"],
            **{id_: ["lagoon", "zeppelin", "winch"] for id_ in ("x1", "x2")},
        }),
        ("anchor winch oar", {
            "ab": ["winch", "oar"], "abc": ["oar"], "a": ["winch", "oar"], "w": ["anchor", "oar"],
            "long": ["winch", "oar"], "light": ["winch", "oar"], "x1": ["anchor", "winch"], "x2": ["anchor", "winch"],
        }),
    ],
)  # fmt: skip
def test_the_words_that_a_record_lacks_are_named(
    query: str, lacking: dict[str, list[str]], base: sqlite3.Connection
) -> None:
    assert lacks(base, query) == lacking


def test_a_record_of_the_theme_that_the_query_names_has_a_minimum_score(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank, "AMONG", 0)
    found = scores(base, "quay stones")
    assert list(found) == ["moor", "2031-p1-r1", "2031-p1-r2"]
    best = found["moor"] / (NAMED * TOGETHER * rank.LIFTED)
    assert found["2031-p1-r2"] == pytest.approx(rank.THEMED * best)
    monkeypatch.setattr(rank, "THEMED", 0)
    lifted = scores(base, "quay stones")
    monkeypatch.setattr(rank, "LIFTED", 1)
    assert lifted["2031-p1-r1"] == pytest.approx(1.25 * scores(base, "quay stones")["2031-p1-r1"])
    assert lifted["2031-p1-r2"] == 0


def test_an_item_below_a_record_found_by_its_term_is_raised(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank, "AMONG", 0)
    assert scores(base, "birds that dive") == {
        "tern": pytest.approx(HEADS), "2031-p1-r6": pytest.approx(rank.UNDER), "2031-p1-r7": pytest.approx(rank.UNDER),
    }  # fmt: skip
    like = 2 / math.sqrt(3 * 2)
    with_lift, minimum = (scores(base, "birds dive gulls")[f"2031-p1-r{n}"] for n in (6, 7))
    assert minimum == pytest.approx(rank.UNDER * like * scores(base, "birds dive gulls")["tern"] / HEADS)
    monkeypatch.setattr(rank, "UNDER", 0)
    lifted = scores(base, "birds dive gulls")["2031-p1-r6"]
    monkeypatch.setattr(rank, "LIFT", 0)
    assert lifted == pytest.approx((1 + 0.6 * like) * scores(base, "birds dive gulls")["2031-p1-r6"])
    assert with_lift == max(lifted, minimum)


def test_a_theme_is_raised_like_its_records(base: sqlite3.Connection) -> None:
    assert scores(base, "birds that dive")["tern"] == pytest.approx(HEADS * (1 + rank.AMONG))


def test_records_with_the_themes_of_the_best_matches_are_raised(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries = ("gulls squid", "gulls", '"gulls" "squid"')
    raised = [scores(base, query) for query in queries]
    share = rank.AMONG
    monkeypatch.setattr(rank, "AMONG", 0)
    plain = [scores(base, query) for query in queries]
    assert raised[1:] == plain[1:]
    a, b, c = (plain[0][f"2031-p1-r{n}"] for n in (4, 5, 6))
    net, tern = (a + b) / (a + b + c), c / (a + b + c)
    made = [raised[0][f"2031-p1-r{n}"] for n in (4, 5, 6)]
    assert made == pytest.approx([a * (1 + share * net), b * (1 + share * net), c * (1 + share * tern)])


def test_the_speakers_of_the_two_best_sessions_are_added(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def people(query: str) -> dict[str, float]:
        found = scores(base, query)
        return {id_: found[id_] for id_ in ("ann", "bo", "cy", "di") if id_ in found}

    query = "who is on kelp farms"
    found = scores(base, query)
    one, two = (rank.SPEAKER * found[f"2031-p{n}"] for n in (3, 2))
    assert people(query) == {"ann": pytest.approx(one), "bo": pytest.approx(two), "cy": pytest.approx(one)}
    assert people("kelp farms").keys() == people("when is kelp farms").keys() == {"cy"}
    assert scores(base, "who is kelp cy")["cy"] > 2 * max(scores(base, "who is kelp cy")[f"2031-p{n}"] for n in (3, 4))
    assert lacks(base, "kelp farms")["cy"] == ["farms"]
    assert "cy" not in lacks(base, query)
    assert lacks(base, "who is on kelp farms anchor")["ann"] == lacks(base, "who is on kelp farms anchor")["2031-p3"]
    monkeypatch.setattr(rank, "SESSIONS", 4)
    assert people(query)["bo"] == pytest.approx(two)
    assert people(query)["di"] == pytest.approx(rank.SPEAKER * scores(base, query)["2031-p1"])
    monkeypatch.setattr(rank, "NEAR", 1)
    assert people(query).keys() == {"ann", "cy"}
    ids = dict(base.execute("select rowid, id from search_rows"))
    speaks = search.search(base, parse(query)).speaks
    assert {ids[row]: session for row, session in speaks.items()} == {"ann": "2031-p3", "cy": "2031-p3"}


def test_only_the_best_matches_are_scored_if_there_are_many(
    base: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = scores(base, "anchor")
    for pool, most, number in ((5, 0, 5), (4, 0, 2), (4, 5, 5), (4, 3, 3), (1, 4, 4)):
        monkeypatch.setattr(rank, "POOL", pool)
        monkeypatch.setattr(rank, "BEST", 2)
        found = search.search(base, parse("anchor"), most=most)
        assert (len(found.rows), found.many, found.total(base)) == (number, number < 5, 5), (pool, most)
        assert len([*found.each(base, "r.id")]) == 5
        assert scores(base, "anchor", most).items() <= everything.items()
        assert "long" not in scores(base, "anchor", most) or number == 5
    monkeypatch.setattr(rank, "POOL", 0)
    kelp = search.search(base, parse("kelp"), types=["session", "person"])
    assert (len(kelp.rows), kelp.total(base), kelp.many) == (2, 5, True)
    assert [*kelp.each(base, "r.type")] == [("session",)] * 4 + [("person",)]
    who = search.search(base, parse("who is on kelp"))
    assert who.total(base) == len([*who.each(base, "r.id")]) == len({*who.each(base, "r.id")})
    assert {id_ for (id_,) in who.each(base, "r.id")} >= {"ann", "cy"}
