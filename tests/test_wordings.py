"""Original words side by side: which wordings are compared, and how pages and rows show them."""

from __future__ import annotations

import sqlite3

import pytest

from cthbkb import page
from cthbkb.compare import Asked
from cthbkb.copies import wordings
from cthbkb.copies.resolve import Passage
from cthbkb.copies.wordings import Wordings, likeness

WORDS = {
    "2031-p1-r1": "It is for ports to form teams of their own.",
    "2033-p1-r1": "Ports are to form teams of their own now.",
    "2035-p1-t1": "It is for all ports to form teams of their own.",
    "2031-p1-r2": "No light may go out.",
    "2031-p1-r4": "Of any ship the keeper should have word.",
    "2033-p1-r2": "Quite other.",
    "2031-p1-q1": "A dark light is a promise.",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Provide some passages as copies; return a list that records the requested records."""
    found: list[tuple[str, str]] = []

    def quotes(db: sqlite3.Connection, named: list[tuple[str, str]]) -> tuple[dict[str, Passage], list[str]]:
        found.extend(named)
        at_hand = [id_ for _, id_ in named if id_ in WORDS]
        return {id_: Passage(id_, "found", WORDS[id_], (1, 1), (2, 3)) for id_ in at_hand}, ["one is missing"]

    monkeypatch.setattr(wordings, "quotes", quotes)
    return found


def test_each_wording_is_compared_with_the_most_similar_earlier_one(
    db: sqlite3.Connection, asked: list[tuple[str, str]]
) -> None:
    made = Wordings(db, Asked("overview", {}))
    rows = [tuple(row) for row in made.rows()]
    assert [(row[0], *row[2:4], *row[5:]) for row in rows] == [
        ("joint-teams", 2031, "2031-p1-r1", "pages 2-3", None, None),
        ("joint-teams", 2033, "2033-p1-r1", "pages 2-3", "2031-p1-r1",
         "[-It is for-] Ports {+are+} to form teams of their own {+now.+}"),
        ("joint-teams", 2035, "2035-p1-t1", "pages 2-3", "2031-p1-r1",
         "It is for {+all+} ports to form teams of their own."),
        ("keepers-heard", 2031, "2031-p1-q1", "pages 2-3", None, None),
        ("lights-lit", 2031, "2031-p1-r2", "pages 2-3", None, None),
        ("lights-lit", 2031, "2031-p1-r4", "pages 2-3", None, None),
        ("lights-lit", 2033, "2033-p1-r2", "pages 2-3", None, None),
        ("open-log-books", 2031, "2031-p1-r1", "pages 2-3", None, None),
    ]  # fmt: skip
    assert {row[3]: row[4] for row in rows} == WORDS
    assert made.ids() == [row[3] for row in rows]
    assert made.notes == ["one is missing"]
    assert ("statements", "2031-p1-q1") in asked
    assert {table for table, _ in asked} == {"recommendations", "statements"}
    assert len(asked) == len(set(asked))


def test_only_the_requested_years_and_themes_are_quoted(db: sqlite3.Connection, asked: list[tuple[str, str]]) -> None:
    some = Wordings(db, Asked("years", {}, (2033, 2035)))
    assert [row[3:7:3] for row in some.rows()] == [
        ("2033-p1-r1", None),
        ("2035-p1-t1", "2033-p1-r1"),
        ("2033-p1-r2", None),
    ]
    assert not any(id_.startswith("2031") for _, id_ in asked)
    theme = Wordings(db, Asked("theme", {"theme": ["lighthouses"]}))
    assert {row[0] for row in theme.rows()} == {"keepers-heard", "lights-lit"}


def test_a_page_has_one_row_per_ask_and_one_column_per_year(
    db: sqlite3.Connection, asked: list[tuple[str, str]]
) -> None:
    columns, _, marks = Wordings(db, Asked("overview", {})).page()
    assert isinstance(columns, page.Columns)
    assert isinstance(marks, page.Para)
    told = {row.label: [[said(part) for part in cell] for cell in row.cells] for row in columns.rows}
    assert told == {
        "Joint teams of several ports": [
            [f"{WORDS['2031-p1-r1']} [p1-r1, pages 2-3]"],
            ["[-It is for-] Ports {+are+} to form teams of their own {+now.+} [p1-r1, pages 2-3, from 2031-p1-r1]"],
            ["It is for {+all+} ports to form teams of their own. [p1-t1, pages 2-3, from 2031-p1-r1]"],
        ],
        "Keepers who are heard": [[f"{WORDS['2031-p1-q1']} [p1-q1, pages 2-3]"], ["not quoted"], ["not quoted"]],
        "Lights that stay lit": [
            [f"{WORDS['2031-p1-r2']} [p1-r2, pages 2-3]", f"{WORDS['2031-p1-r4']} [p1-r4, pages 2-3]"],
            ["Quite other. [p1-r2, pages 2-3]"], ["-"],
        ],
        "Log-books that are open to other ports": [
            [f"{WORDS['2031-p1-r1']} [p1-r1, pages 2-3]"], ["not quoted"], ["-"]
        ],
    }  # fmt: skip
    assert columns.names == ["2031", "2033", "2035"]
    assert [[said(part) for part in head] for head in columns.heads] == [
        ["2031 lights"], ["2033 tides"], ["2035 Fair Winds for Night Crews"]
    ]  # fmt: skip
    assert marks.text == "[-words-] are only in the earlier wording, {+words+} only in the later one."


def said(part: object) -> str:
    assert isinstance(part, page.Para)
    return " ".join(f"{part.text} {part.tail}".split())


def test_similarity_ignores_case_and_punctuation() -> None:
    cases = {("One two", "one, TWO."): 1.0, ("One two", "three"): 0.0, ("a b c d", "a b"): 2 / 3, ("“a”", "(a)!"): 1.0}
    assert {case: round(likeness(*case), 3) for case in cases} == {case: round(n, 3) for case, n in cases.items()}


def test_a_wording_with_little_in_common_is_not_compared(
    db: sqlite3.Connection, asked: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three common words out of forty give 0.15."""
    one = "x y z " + "a " * 17
    for other, against in (("x y z " + "b " * 17, "2031-p1-r1"), ("x y z " + "b " * 18, None)):
        monkeypatch.setitem(WORDS, "2031-p1-r1", one)
        monkeypatch.setitem(WORDS, "2033-p1-r1", other)
        rows = {row[3]: row[6] for row in Wordings(db, Asked("overview", {})).rows() if row[0] == "joint-teams"}
        assert rows["2033-p1-r1"] == against
