"""Quantities in a query: read and found in any spelling."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import each

from cthbkb import store
from cthbkb.quantities import Quantity, quantity, variants
from cthbkb.search import search
from cthbkb.terms import parse

READ = {
    "2 million": ("2 million", 2e6, False),
    "two million victims": ("two million", 2e6, False),
    "24.9 million": ("24 9 million", 24.9e6, False),
    "1.5 billion euros": ("1 5 billion", 1.5e9, False),
    "63,251": ("63251", 63251, False),
    "63 251 victims": ("63 251", 63251, False),
    "150": ("150", 150, False),
    "40 percent": ("40 percent", 40, True),
    "40 per cent": ("40 per cent", 40, True),
    "40%": ("40 percent", 40, True),
    "2.5 %": ("2 5 percent", 2.5, True),
    "1 in 100": ("1 in 100", 1, True),
    "one in a hundred": ("one in a hundred", 1, True),
    "3 out of 4": ("3 out of 4", 75, True),
    "half of them": ("half of", 50, True),
    "two thirds": ("two thirds", 200 / 3, True),
}
"""Maps a query to the words of its first unit, the number and whether it is a percentage."""

OTHER = [
    "2020",
    "panel 3",
    "article 26",
    "a million",
    "third parties",
    "1 of 5",
    "20-22 July 2020",
    '"40%"',
    "99",
    "two",
]
"""Queries with numbers that are not quantities."""


def test_a_quantity_is_read_however_it_is_written() -> None:
    read = {}
    for text in READ:
        unit = parse(text).groups[0][0]
        asked, length = quantity(unit.text.split())
        assert asked is not None, text
        assert (unit.mark, length) == ("quantity", len(unit.text.split())), text
        read[text] = (unit.text, pytest.approx(asked.value), asked.percent)
    assert read == READ


def test_years_and_panel_numbers_are_not_quantities() -> None:
    marks = {text: {unit.mark for group in parse(text).groups for unit in group} for text in OTHER}
    assert {text for text, found in marks.items() if "quantity" in found} == set()


@each(
    "text, value, percent, words",
    [
        ("three hundred lamps", 300, False, 2),
        ("2 hundred thousand lamps", 200_000, False, 3),
        ("2 m", 2e6, False, 2),
        ("3 bn", 3e9, False, 2),
        ("2 millions", 2e6, False, 2),
        ("twelve thousand", 12_000, False, 2),
        ("one million", 1e6, False, 2),
        ("2 154 lamps", 2154, False, 2),
        ("1 000 000", 1_000_000, False, 3),
        ("1 000 0000", 1000, False, 2),
        ("1000 000", 1000, False, 1),
        ("123 456 789 012 345 678", 123_456_789_012_345, False, 5),
        ("12345678901234", 12_345_678_901_234, False, 1),
        ("100", 100, False, 1),
        ("1899 lamps", 1899, False, 1),
        ("2101", 2101, False, 1),
        ("24 9 million", 24.9e6, False, 3),
        ("24 900 million", 24_900e6, False, 3),
        ("12 5 percent", 12.5, True, 3),
        ("40 5 per cent lamps", 40.5, True, 4),
        ("5 percent", 5, True, 2),
        ("twenty percent", 20, True, 2),
        ("ninety per cent", 90, True, 3),
        ("half the", 50, True, 2),
        ("one third of", 100 / 3, True, 2),
        ("a third of", 100 / 3, True, 3),
        ("one quarter", 25, True, 2),
        ("a quarter of", 25, True, 3),
        ("three quarters", 75, True, 2),
        ("one fifth", 20, True, 2),
        ("a fifth of", 20, True, 3),
        ("1 in 3", 100 / 3, True, 3),
        ("4 in 4", 100, True, 3),
        ("2 out of 5 lamps", 40, True, 4),
        ("one in every three", 100 / 3, True, 4),
        ("one in a million", 0.0001, True, 4),
        ("2 in 1 million", 0.0002, True, 4),
        ("1 in 100 000", 0.001, True, 4),
    ],
)
def test_a_number_has_a_value_and_a_length(text: str, value: float, percent: bool, words: int) -> None:
    read, length = quantity(text.split())
    assert read is not None
    assert (read.value, read.percent, length) == (pytest.approx(value), percent, words)


@each(
    "text",
    [
        "99", "1900", "2100", "a hundred", "a third", "half", "1 in 2", "4 in 3", "1 in a", "2 out 5", "5 in",
        "5 out of", "thirteen", "12 2020", "5 6", "5 6 per day", "40 per", "123456789012345", "lamps 300", "million",
    ],
)  # fmt: skip
def test_other_words_are_no_quantity(text: str) -> None:
    assert quantity(text.split()) == (None, 0)


@pytest.fixture
def figures() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    db.execute("create table statistics (number, unit)")
    rows = [(24.9e6, "people"), (25e6, "people"), (27e6, "people"), (42, "%"), (38, "%"), (45, "%"), (42, "people")]
    db.executemany("insert into statistics values (?, ?)", rows)
    yield db
    db.close()


def test_a_rounded_number_finds_the_figures_near_it(figures: sqlite3.Connection) -> None:
    asked = {text: quantity(text.split())[0] for text in ("25 million", "40 percent", "1 percent")}
    found = {text: variants(figures, one) for text, one in asked.items() if one}
    assert found == {
        "25 million": {"25000000": 1.0, "25 million": 1.0, "24900000": 1.0, "24 9 million": 1.0},
        "40 percent": {
            "40 percent": 1.0, "40 per cent": 1.0, "40": 0.8, "38 percent": 0.7, "42 percent": 0.7,
        },
        "1 percent": {"1 percent": 1.0, "1 per cent": 1.0},
    }  # fmt: skip


@each(
    "value, percent, found",
    [
        (2e6, False, {"2000000": 1.0, "2 million": 1.0, "two million": 1.0}),
        (12e9, False, {"12000000000": 1.0, "12 billion": 1.0, "twelve billion": 1.0}),
        (13e6, False, {"13000000": 1.0, "13 million": 1.0}),
        (1.25e9, False, {"1250000000": 1.0, "1 25 billion": 1.0}),
        (1_234_567, False, {"1234567": 1.0}),
        (1e6, False, {"1000000": 1.0, "1 million": 1.0, "one million": 1.0}),
        (999_000, False, {"999000": 1.0}),
        (12.5, True, {"12 5 percent": 1.0, "12 5 per cent": 1.0, "12 5": 0.8}),
        (100 / 3, True, {"33 33333333 percent": 1.0, "33 3 percent": 1.0, "33 3 per cent": 1.0, "33 3": 0.8}),
        (10, True, {"10 percent": 1.0, "10 per cent": 1.0, "10": 0.8}),
        (9.9, True, {"9 9 percent": 1.0, "9 9 per cent": 1.0}),
        (40, False, {"40": 1.0, "42": 0.7}),
        (42.3, False, {"42 3": 1.0, "42": 1.0}),
        (42.6, False, {"42 6": 1.0, "42": 0.7}),
        (300.5e6, False, {"300500000": 1.0, "300 5 million": 1.0}),
        (300.25e6, False, {"300250000": 1.0}),
        (44.1, False, {"44 1": 1.0, "42": 0.7}),
        (44.3, False, {"44 3": 1.0}),
        (39.8, True, {"39 8 percent": 1.0, "39 8 per cent": 1.0, "39 8": 0.8, "38 percent": 0.7}),
        (44.8, True, {"44 8 percent": 1.0, "44 8 per cent": 1.0, "44 8": 0.8, "45 percent": 1.0}),
    ],
)
def test_a_number_is_searched_in_every_spelling_and_near_figures(
    figures: sqlite3.Connection, value: float, percent: bool, found: dict[str, float]
) -> None:
    assert variants(figures, Quantity(value, percent)) == found


def test_a_percentage_finds_the_figure_rather_than_the_number(packaged: Path) -> None:
    """42% is a figure on prosecutions; no other record with the number 42 comes before it."""
    with closing(store.open_database(str(packaged))) as db:
        for typed in ("42%", "42 percent", "42 per cent"):
            first = search(db, parse(typed)).rows[0][0]
            assert db.execute("select type from search_rows where rowid = ?", (first,)).fetchone() == ("statistic",)
