"""A single record: found by id, by its id in words and by name, and shown with everything linked to it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
import yaml
from conftest import Run, each
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cthbkb.errors import UsageError
from cthbkb.record import find, lists
from cthbkb.registry import FILTERS, LISTINGS, SHOWN, TABLES


def shown(run: Run, *words: str) -> dict[str, Any]:
    done = run("show", *words, "--format", "json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


@each(
    "typed, id",
    [
        ("2033-p2-r1", "2033-p2-r1"),
        ("2033-P2-R1", "2033-p2-r1"),
        (" 2033-p2-r1 ", "2033-p2-r1"),
        ("2033 panel 2 rec 1", "2033-p2-r1"),
        ("2033 Panel 2, recommendation no. 1", "2033-p2-r1"),
        ("2033 p2 r1", "2033-p2-r1"),
        ("2031 panel 1 rec 2a", "2031-p1-r2a"),
        ("2031 panel 1 observation 1", "2031-p1-o1"),
        ("2031 side event 1 conclusion 1", "2031-side1-s1"),
        ("2035 panel 1 takeaway 3", "2035-p1-t3"),
        ("2033 opening goal 1", "2033-opening-g1"),
        ("2035 keynote", "2035-keynote"),
        ("2033 panel 1", "2033-p1"),
        ("2031 introduction", "2031-intro"),
        ("2033", "2033"),
        ("Anna Łucja Kowalska", "anna-kowalska"),
        ("anna kovalska", "anna-kowalska"),
        ("Kowalska", "anna-kowalska"),
        ("o'brien", "sean-obrien"),
        ("Seán O’Brien", "sean-obrien"),
        ("LKU", "lighthouse-keepers-union"),
        ("Institute of Tides", "institute-of-tides"),
        ("cadets", "young-sailors"),
        ("Łebsk tables", "tide-data"),
        ("Public tide tables", "tide-tables"),
        ("Report of the year 2033", "2033-report"),
        ("lamp treaty", "lamp-treaty"),
        ("decision 3", "decision-3"),  # and not the 3rd conference
        ("keepers", "keepers"),  # an id, and some words of other names
        ("Night crews", "night-crews"),
        ("governments", "forum-states"),
    ],
)
def test_a_record_is_found_by_id_id_in_words_and_name(run: Run, typed: str, id: str) -> None:
    found = shown(run, typed)
    assert found.get("id", found.get("slug")) == id


@pytest.mark.parametrize("typed", ["2033 panel 2 rec 1", "anna kowalska", "Lighthouse Keepers' Union", "tide decision"])
def test_words_need_no_quotes(run: Run, typed: str) -> None:
    assert run("show", *typed.split()) == run("show", typed)


def test_several_ids_show_several_records_without_duplicates(run: Run) -> None:
    done = run("show", "jht", "hf", "jht", "--format", "jsonl")
    assert done.code == 0
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["jht", "hf"]


@each("listing", sorted(LISTINGS))
def test_every_record_can_be_shown_by_its_id_with_all_columns_of_its_listing(
    run: Run, db: sqlite3.Connection, listing: str
) -> None:
    table = LISTINGS[listing].table.name
    listed = {r.get("id", r.get("slug")): r for r in json.loads(run(listing, "--format", "json").out)}
    ids = [i for (i,) in db.execute(f"select id from {table} order by seq")]
    assert set(ids) == set(listed)
    found = [json.loads(line) for line in run("show", *ids, "--format", "jsonl").out.splitlines()]
    for id_, record in zip(ids, found, strict=True):
        if record["table"] == table:  # otherwise another table has the same id and comes first
            assert {name: record[name] for name in listed[id_]} == listed[id_]


@pytest.mark.parametrize("table", [table for table in SHOWN if not TABLES[table].listing])
def test_a_value_of_filters_is_shown_with_the_lists_that_it_filters(
    run: Run, db: sqlite3.Connection, table: str
) -> None:
    """This includes a theme with the id of a group: `young-sailors`."""
    options = [(x, f"--{n}") for x, has in LISTINGS.items() for n in has.filters if FILTERS[n].of == table]
    narrowed = 0
    for record in db.execute(f"select id, label from {table}").fetchall():
        found = shown(run, record[0])
        if found["table"] == table:  # else another table has the same id and comes first
            assert (found["id"], found["label"]) == record
        counts = {f"cthbkb {x} {o} {record[0]}": int(run(x, o, record[0], "--count").out) for x, o in options}
        said = {row["id"]: int(row["title"].split()[0]) for row in found["linked"].get("lists", ())}
        assert said == {command: count for command, count in counts.items() if count}
        narrowed += len(said)
    assert narrowed


def test_an_id_that_a_column_prints_can_be_shown(run: Run) -> None:
    rows = json.loads(run("recs", "--format", "json").out)
    for id_ in {i for row in rows for i in (*row["themes"], *row["addressees"], *row["affected"])}:
        assert run("show", id_).code == 0


def test_a_record_is_rows_of_part_field_and_value_in_data_formats(run: Run) -> None:
    assert run("show", "jht", "--format", "csv").out == (
        "part,field,value\r\nrecord,table,abbreviations\r\nrecord,id,jht\r\nrecord,short,JHT\r\n"
        "record,long,joint harbour team\r\nrecord,document,2033-highlights\r\n"
        "record,section,Panel 1\r\nrecord,item,\r\nrecord,pack,\r\n"
    )


def test_json_and_yaml_and_lines_show_the_same_record(run: Run) -> None:
    found = shown(run, "2033-p1-r1")
    assert yaml.safe_load(run("show", "2033-p1-r1", "--format", "yaml").out) == [found]
    assert json.loads(run("show", "2033-p1-r1", "--format", "jsonl").out) == found


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            "2033-p1-r9",
            "error: no record '2033-p1-r9'\nhint: Items of 2033-p1: cthbkb recs --session 2033-p1\n",
        ),
        (
            "2033 panel 1 rec 9",
            "error: no record '2033 panel 1 rec 9'\nhint: Items of 2033-p1: cthbkb recs --session 2033-p1\n",
        ),
        (
            "ministr",
            "error: no record 'ministr'\nhint: Did you mean ministry or ministry-of-quays? "
            "Ids are in the first column of every list; or try: cthbkb search ministr\n",
        ),
        (
            "zzzz",
            "error: no record 'zzzz'\nhint: Ids are in the first column of every list; or try: cthbkb search zzzz\n",
        ),
        (
            " ",
            "error: no record ' '\nhint: Ids are in the first column of every list.\n",
        ),
    ],
)
def test_an_unknown_name_is_an_error_with_suggestions(run: Run, typed: str, message: str) -> None:
    done = run("show", typed)
    assert (done.code, done.out, done.err) == (2, "", message)


def test_an_ambiguous_name_of_records_is_not_guessed(run: Run) -> None:
    done = run("show", "of")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: 'of' could be institute-of-tides, ministry-of-quays, joint-teams\nhint: Use one of these ids.\n"
    )


def test_a_part_of_several_programmes_is_named_for_each(run: Run) -> None:
    done = run("show", "panel", "1")
    assert done.code == 2
    assert done.err == "error: 'panel 1' could be 2031-p1, 2033-p1, 2035-p1\nhint: Use one of these ids.\n"
    assert run("show", "panel 2", "--format", "json").out == run("show", "2033-p2", "--format", "json").out


def test_words_without_a_meaning_are_reported_together(run: Run) -> None:
    done = run("show", "9th", "panel")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: no record '9th panel'\nhint: ")


def test_one_wrong_id_among_several_is_named(run: Run) -> None:
    done = run("show", "jht", "2033-p1-r9")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: no record '2033-p1-r9'\n")


@given(words=st.lists(st.text(min_size=1, max_size=10).filter(lambda w: not w.startswith("-")), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_causes_an_exception(run: Run, words: list[str]) -> None:
    done = run("show", *words)
    assert done.code in {0, 2}
    assert (done.code == 2) == done.err.startswith("error: ")


@each(
    "typed, found",
    [
        ("cadets", ("themes", "young-sailors")),  # rather than the group, which has no listing
        ("young-sailors", ("themes", "young-sailors")),
        ("2033-P1", ("sessions", "2033-p1")),
        ("keepers", ("affected_groups", "keepers")),
        ("harbour masters", ("addressees", "harbour-masters")),
        ("opening", ("sessions", "2033-opening")),
        ("side event 1 conclusion 1", ("recommendations", "2031-side1-s1")),
        ("wei", ("people", "li-wei")),
    ],
)
def test_a_name_finds_a_record_of_a_table(db: sqlite3.Connection, typed: str, found: tuple[str, str]) -> None:
    assert find(db, typed) == found


def test_a_name_is_looked_for_only_in_the_given_tables(db: sqlite3.Connection) -> None:
    assert find(db, "cadets", ["affected_groups"]) == ("affected_groups", "young-sailors")
    assert find(db, "panel 1 recommendation 2a", ["recommendations"]) == ("recommendations", "2031-p1-r2a")
    for typed, among in (("cadets", ["people"]), ("kowalska", ["themes"]), ("", ["people"]), ("2033-p1", ["people"])):
        with pytest.raises(UsageError, match="no record"):
            find(db, typed, among)


def test_of_many_ids_the_first_six_are_named(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        for count, more in ((6, ""), (7, ", or 1 more"), (8, ", or 2 more")):
            own.execute("delete from names where name = 'many'")
            own.executemany("insert into names values ('people', 'many', ?)", [(f"p{n}",) for n in range(count)])
            with pytest.raises(UsageError) as caught:
                find(own, "Many")
            assert caught.value.message == f"'Many' could be p0, p1, p2, p3, p4, p5{more}"


@each(
    "id, found",
    [
        ("tom-reed", {"conferences": 3, "sessions": 3, "speakers": 3, "organizations": 1}),
        ("li-wei", {"conferences": 1, "sessions": 1, "speakers": 1, "statements": 1}),
    ],
)
def test_a_record_is_linked_to_the_lists_that_it_filters(
    db: sqlite3.Connection, id: str, found: dict[str, int]
) -> None:
    rows = [(listing, "person", number) for listing, number in found.items()]
    assert [(listing.name, name, number) for listing, name, number in lists(db, "people", id)] == rows
