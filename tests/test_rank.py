"""Ranking: what raises or lowers the score of a record, and which records are scored and shown at all."""

from __future__ import annotations

import math
from collections.abc import Collection

import pytest
from conftest import each

from cthbkb import rank
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
