"""The sort order: base letters, accents, case; numbers by value; the same in SQL and in Python."""

from __future__ import annotations

import json

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from cthbkb.collation import rank, sort_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["2020-p2-r2", "2020-p2-r10", "2020-p10-r1"],
        ["1", "2", "10", "10a", "11"],
        ["Adam", "Æsa", "Ágnes", "Bob"],
        ["Ćwik", "Czajka", "Šimkus", "Smith"],
        ["Dora", "dora", "Dóra", "Dz", "Ðórsdóttir", "Eva", "Əliyev", "Fox"],
        ["Ober", "O'Brien", "Ödön", "Olga"],
        ["Yıldız", "Zimmer", "Þór", "Παπάς", "Соловьёв", "김"],
    ],
)
def test_texts_sort_as_readers_expect(ordered: list[str]) -> None:
    wanted = [text for text in ordered if text not in {"O'Brien", "dora"}]
    assert sorted(set(wanted), key=sort_key) == wanted


@given(st.lists(st.one_of(st.none(), st.integers(), st.text())))
def test_any_cells_can_be_sorted(cells: list[str | int | None]) -> None:
    keys = [rank(cell) for cell in cells]
    assert len(sorted(keys)) == len(cells)


def test_listings_sort_numbers_by_value_and_before_they_cut(run: Run) -> None:
    found = [row["number"] for row in json.loads(run("recs", "--sort", "number", "-f", "json", db=None).out)]
    numbers = [int("".join(c for c in number if c.isdigit())) for number in found]
    assert numbers == sorted(numbers)
    last = json.loads(run("recs", "--sort", "-number", "-n", "1", "-f", "json", db=None).out)
    assert last[0]["number"] == found[-1]
