"""The columns: a contract to which columns are only added, the columns that are shown, and their order."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest
from conftest import Run, each

from cthbkb.columns import COLUMNS, Col, Counted, decode
from cthbkb.query import Selection, columns
from cthbkb.registry import LISTINGS, TABLES

CONTRACT = {
    "recs": "id year conference session kind number summary themes addressees affected modality thread document "
    "section item url",
    "speakers": "person name role session session_title year position organization country survivor document section",
    "sessions": "id conference year type number title date start end organisers document section",
    "themes": "slug label broader recommendations 2031 2033 2035",
    "search": "type id year title snippet score",
}


@pytest.mark.parametrize("listing", sorted(set(CONTRACT) - {"search"}))
def test_the_first_columns_are_those_of_the_contract(run: Run, listing: str) -> None:
    first = CONTRACT[listing].split()
    assert run(listing).out.splitlines()[0].split("\t")[: len(first)] == first


def test_search_begins_with_the_columns_of_the_contract_and_explains_matches(run: Run) -> None:
    names = run("search", "lamp").out.splitlines()[0].split("\t")
    assert names[:6] == CONTRACT["search"].split()
    assert "matched" in names


@each("listing", sorted(LISTINGS))
def test_every_column_of_a_view_is_a_column_of_its_listing_and_the_reverse(
    run: Run, db: sqlite3.Connection, listing: str
) -> None:
    cursor = db.execute(f"select * from list_{listing} limit 0")
    assert set(run(listing, "--columns", "?").out.split()) == {d[0] for d in cursor.description} - {"seq"}


ALL = {name: listing.columns for name, listing in LISTINGS.items()} | COLUMNS


@each("listing", sorted(ALL))
def test_no_column_is_repeated_and_each_has_a_known_type(listing: str) -> None:
    names = [col.name for col in ALL[listing]]
    assert len(set(names)) == len(names)
    assert {col.holds for col in ALL[listing]} <= {"text", "id", "prose", "number", "flag", "list", "state"}


@each("listing", sorted(LISTINGS))
def test_a_column_of_ids_has_the_type_id(run: Run, db: sqlite3.Connection, listing: str) -> None:
    ids = {id_ for table in TABLES for (id_,) in db.execute(f"select id from {table}")}
    answer = json.loads(run(listing, "--format", "json").out)
    for col in LISTINGS[listing].columns:
        values = [row[col.name] for row in answer if row.get(col.name) is not None]
        if col.holds == "id":
            assert set(values) <= ids, col.name
        elif col.holds == "text":
            words = {value for value in values if not value.isdigit()}
            assert not words or words - ids, col.name


@each("listing", [*sorted(LISTINGS), "search"])
def test_a_table_at_80_columns_shows_what_identifies_a_row_and_its_year(listing: str) -> None:
    shown = {col.name for col in ALL[listing] if col.since == 1}
    assert shown & ({"id", "slug"} if listing != "speakers" else {"name"})
    assert "year" in shown or "year" not in {col.name for col in ALL[listing]}


@each("listing", sorted(LISTINGS))
def test_a_question_mark_lists_the_columns_in_their_order(run: Run, listing: str) -> None:
    done = run(listing, "--columns", "?")
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == run(listing).out.splitlines()[0].split("\t")
    assert run(listing, "--columns", "help") == done


@pytest.mark.parametrize("argv", [("compare",), ("compare", "--by", "kind"), ("search", "lamp")])
def test_a_question_mark_lists_the_columns_of_search_and_compare_too(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv, "--columns", "?")
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == run(*argv).out.splitlines()[0].split("\t")


def test_columns_are_in_the_requested_order_without_duplicates(run: Run) -> None:
    done = run("recs", "--columns", "kind, id,kind", "--limit", "2")
    assert done.out == "kind\tid\nrecommendation\t2031-p1-r1\nrecommendation\t2031-p1-r2\n"


def test_a_table_shows_the_requested_columns_at_any_width(run: Run) -> None:
    done = run("recs", "-c", "id,modality,document", "--limit", "1", "-f", "table")
    assert [line.rstrip() for line in done.out.splitlines()] == [
        "id          modality  document",
        "─" * 37,
        "2031-p1-r1  should    2031-highlights",
    ]


def test_an_unknown_column_is_an_error_that_lists_them(run: Run) -> None:
    done = run("abbreviations", "--columns", "id,shrot")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: unknown column 'shrot'\n"
        "hint: Did you mean short? Columns: id, short, long, document, section, item, pack.\n"
    )


def test_an_unknown_column_to_sort_by_is_the_same_error(run: Run) -> None:
    done = run("abbreviations", "--sort", "-lnog")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(
        "lnog'\nhint: Did you mean long? Columns: id, short, long, document, section, item, pack.\n"
    )


@each("argv", [("recs",), ("search", "lamp"), ("compare",)])
@each("name", ["-year", "--year", "-", "year-", "*", "seq", 'id"'])
def test_no_column_name_causes_an_exception(run: Run, argv: tuple[str, ...], name: str) -> None:
    done = run(*argv, f"--columns=year,{name}")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: unknown column {name!r}\nhint: ")
    assert run(*argv, f"--sort={name}").code == (0 if name == "-year" else 2)


@pytest.mark.parametrize("extra", [["--columns", "idd"], ["--sort", "yaer"]])
def test_an_unknown_column_is_an_error_with_count_too(run: Run, extra: list[str]) -> None:
    assert run("recs", "--count", *extra).code == 2


def test_rows_are_sorted_both_ways_with_ties_in_print_order(run: Run) -> None:
    up = run("recs", "--sort", "year", "-c", "id,year", "-f", "json").out
    assert json.loads(up) == json.loads(run("recs", "-c", "id,year", "-f", "json").out)
    down = run("recs", "--sort", "-year", "-c", "id", "--limit", "3").out
    assert down.split() == ["id", "2035-keynote-s1", "2035-p1-t1", "2035-p1-t2"]
    assert run("recs", "-s-year", "-c", "id", "-n3").out == down
    assert run("recs", "--sort=-year", "--columns=id", "--limit=3").out == down


def test_sorting_ignores_case(run: Run) -> None:
    names = run("organizations", "--sort", "name", "-c", "name").out.splitlines()[1:]
    assert names == sorted(names, key=str.casefold)


@each("listing", sorted(LISTINGS))
def test_every_column_of_every_listing_can_be_sorted_by_both_ways(
    run: Run, db: sqlite3.Connection, listing: str
) -> None:
    selection = Selection(db, LISTINGS[listing], {})
    every = [seq for (seq,) in db.execute(*selection.rows(["seq"]))]
    names = [col.name for col in columns(db, LISTINGS[listing])]
    for name in names:
        for mark in ("", "-"):
            assert sorted(seq for (seq,) in db.execute(*selection.rows(["seq"], mark + name))) == every
    done = run(listing, "--raw", f"--sort=-{names[-1]}")
    assert (done.code, done.err) == (0, "")
    assert sorted(done.out.splitlines()) == sorted(run(listing, "--raw").out.splitlines())


@each("listing", sorted(LISTINGS))
def test_a_limit_takes_the_first_rows(run: Run, listing: str) -> None:
    every = run(listing, "--raw").out.splitlines()
    number = len(every) - 1
    for n in (1, number, 1000):
        done = run(listing, "--raw", "--limit", str(n))
        assert done.out.splitlines() == every[: n + 1]
        assert done.err == (f"{n} of {number} {LISTINGS[listing].what} shown\n" if n < number else "")


def test_a_limit_of_zero_prints_a_header_without_a_message(run: Run) -> None:
    done = run("abbreviations", "--limit", "0")
    assert (done.code, done.out, done.err) == (0, "id\tshort\tlong\tdocument\tsection\titem\tpack\n", "")


@pytest.mark.parametrize("limit", ["x", "-1", "1.5", "²", " 3", "99999999999"])
def test_an_invalid_limit_is_an_error(run: Run, limit: str) -> None:
    done = run("recs", f"--limit={limit}")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: limit {limit!r} is not a number of rows\nhint: Write a whole number, such as 20.\n"


@each("listing", sorted(LISTINGS))
def test_count_is_the_number_of_rows(run: Run, listing: str) -> None:
    done = run(listing, "--count")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{len(json.loads(run(listing, '--format', 'json').out))}\n"


@each(
    "holds, cell, value",
    [
        ("flag", None, None), ("flag", 0, False), ("flag", 1, True), ("number", 3.0, 3), ("number", -2.5, -2.5),
        ("number", 7, 7), ("number", None, None), ("text", "3.0", "3.0"), ("list", None, []), ("list", "[]", []),
        ("list", "[2031,2033]", [2031, 2033]), ("list", '["2031"]', ["2031"]), ("list", '["a","b"]', ["a", "b"]),
        ("list", '["a \\"b\\"","c"]', ['a "b"', "c"]), ("list", '["a\\\\b"]', ["a\\b"]), ("list", 5, [5]),
    ],
)  # fmt: skip
def test_a_cell_has_a_value(holds: str, cell: Any, value: Any) -> None:
    (found,) = decode([Col("x", 1, holds)], [cell])
    assert found == value
    assert type(found) is type(value)


def test_a_column_has_a_heading_and_rows_are_counted() -> None:
    assert [col.head for col in (Col("session_title"), Col("session_title", head="session"))] == [
        "session title",
        "session",
    ]
    rows = Counted([["a"], ["b"]])
    assert (list(rows), rows.number) == ([["a"], ["b"]], 2)
