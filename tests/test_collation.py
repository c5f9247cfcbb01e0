"""The sort order: base letters, accents, case; numbers by value; the same in SQL and in Python."""

from __future__ import annotations

import json
from pathlib import Path

import pyuca
from conftest import Run, each
from hypothesis import given
from hypothesis import strategies as st

from cthbkb.collation import rank, sort_key


@each(
    "ordered",
    [
        ["2020-p2-r2", "2020-p2-r10", "2020-p10-r1"],
        ["1", "2", "10", "10a", "11"],
        ["Adam", "Æsa", "Ágnes", "Bob"],
        ["Ćwik", "Czajka", "Šimkus", "Smith"],
        ["Dora", "dora", "Dóra", "Ðórsdóttir", "Dz", "Eva", "Əliyev", "Fox"],
        ["Łódź", "Lviv", "Łza", "Maria"],
        ["Иван", "Йонас", "Карл"],
        ["Ґалаган", "Георгий", "Дмитро", "Ђорђе", "Єва", "Жанна", "Зоя", "Їжак", "Ілля", "Йосип"],
        ["Αθήνα", "Άννα", "Βάσω", "Ψαράς", "Ώρα"],
        ["აბაშიძე", "ბერიძე", "ჰერი"],
        ["Աբովյան", "Երևան", "Ֆիդա"],
        ["Zoe", "Ωμέγα", "Яна", "ჰერი", "Ֆիդա", "김"],
        ["Ober", "O'Brien", "Ödön", "Olga"],
        ["Yıldız", "Zimmer", "Þór", "Παπάς", "Соловьёв", "김"],
    ],
)
def test_texts_sort_as_readers_expect(ordered: list[str]) -> None:
    wanted = [text for text in ordered if text not in {"O'Brien", "dora"}]
    assert sorted(set(wanted), key=sort_key) == wanted


def letters() -> list[str]:
    """Return the letters of the scripts of the participating States, in lower and upper case if they differ only in
    case.
    """
    ranges = ((0x61, 0x7B), (0xDF, 0x180), (0x1E00, 0x1EFA), (0x386, 0x3CF), (0x1F00, 0x1FFD), (0x400, 0x482))
    ranges += ((0x48A, 0x530), (0x561, 0x587), (0x10D0, 0x10F1))
    found = [chr(code) for low, high in ranges for code in range(low, high)]
    found = [c for c in found if c.isalpha() and c.lower() == c and c not in "ŉẚẟ"]
    return found + [c.upper() for c in found if len(c.upper()) == 1 and c.upper().lower() == c and ord(c) < 0x10D0]


UNICODE = pyuca.Collator()
WORDS = st.lists(st.text(st.sampled_from(letters()), min_size=1, max_size=6), min_size=1, max_size=3).map(" ".join)


def standard(text: str) -> tuple[int, ...]:
    """Return the weights of the letters and accents of a text in the default Unicode table, ignoring case."""
    key = UNICODE.sort_key(text)
    return key[: [n for n, weight in enumerate(key) if weight == 0][1]]


@given(WORDS, WORDS)
def test_letters_and_accents_sort_as_in_the_unicode_table(one: str, other: str) -> None:
    if standard(one) < standard(other):
        assert sort_key(one) < sort_key(other)


def test_every_letter_sorts_as_in_the_unicode_table() -> None:
    ordered = sorted(letters(), key=sort_key)
    weights = [standard(letter) for letter in ordered]
    assert [letter for n, letter in enumerate(ordered[1:], 1) if weights[n] < weights[n - 1]] == []


@given(st.lists(st.one_of(st.none(), st.integers(), st.text())))
def test_any_cells_can_be_sorted(cells: list[str | int | None]) -> None:
    keys = [rank(cell) for cell in cells]
    assert len(sorted(keys)) == len(cells)


def test_listings_sort_numbers_by_value_and_before_the_limit(run: Run, packaged: Path) -> None:
    found = [row["number"] for row in json.loads(run("recs", "--sort", "number", "-f", "json", db=packaged).out)]
    numbers = [int("".join(c for c in number if c.isdigit())) for number in found]
    assert numbers == sorted(numbers)
    last = json.loads(run("recs", "--sort", "-number", "-n", "1", "-f", "json", db=packaged).out)
    assert last[0]["number"] == found[-1]


def test_cells_sort_by_kind_then_by_value() -> None:
    cells = ["b", 2, None, "B", -1, "a", "10", 1.5, "9", ""]
    assert sorted(cells, key=rank) == [None, -1, 1.5, 2, "", "9", "10", "a", "b", "B"]


def test_texts_that_differ_in_case_numbers_or_punctuation_have_one_order() -> None:
    assert sort_key("a") < sort_key("A") < sort_key("á") < sort_key("Á") < sort_key("ab")
    assert sort_key("o'brien").split("\0")[0] == sort_key("o brien").split("\0")[0] < sort_key("obrien").split("\0")[0]
    assert sort_key("a 007").split("\0")[0] == sort_key("a  7").split("\0")[0]
    assert sort_key("x٣").split("\0")[0] == sort_key("x3").split("\0")[0]
    assert sort_key("a9") < sort_key("a10") < sort_key("a10000000000")
    assert sort_key("0") < sort_key("1")
