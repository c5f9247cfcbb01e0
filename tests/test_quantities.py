"""Quantities in a query: read and found in any spelling."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cthbkb import store
from cthbkb.quantities import quantity, variants
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


@pytest.fixture
def figures() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("create table statistics (number, unit)")
    rows = [(24.9e6, "people"), (25e6, "people"), (27e6, "people"), (42, "%"), (38, "%"), (45, "%"), (42, "people")]
    db.executemany("insert into statistics values (?, ?)", rows)
    return db


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


def test_a_percentage_finds_the_figure_rather_than_the_number(packaged: Path) -> None:
    """42% is a figure on prosecutions; no other record with the number 42 comes before it."""
    with closing(store.open_database(str(packaged))) as db:
        for typed in ("42%", "42 percent", "42 per cent"):
            first = search(db, parse(typed)).rows[0][0]
            assert db.execute("select type from search_rows where rowid = ?", (first,)).fetchone() == ("statistic",)
