"""Listings: every noun in every format, complete answers as printed, and the line that reproduces them."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Done, Run, each
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cthbkb import build
from cthbkb.registry import BYTES, CITING, FORMATS, LISTINGS
from cthbkb.seed import parse

Rows = list[dict[str, Any]]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def table(text: str) -> list[str]:
    """Return the lines of a table without trailing spaces."""
    return [line.rstrip() for line in text.splitlines()]


@each("listing", sorted(LISTINGS))
def test_every_listing_answers_in_every_format_and_json_jsonl_and_yaml_have_the_same_rows(
    run: Run, listing: str
) -> None:
    rows: Rows = json.loads(run(listing, "--format", "json").out)
    row = rows[0]
    for format in sorted(set(FORMATS) - BYTES - CITING - {"ics", "json"}):
        wide = format in {"table", "csv", "markdown"}
        identity = row.get("name" if wide else "person") if listing == "speakers" else row.get("id", row.get("slug"))
        done = run(listing, "--format", format)
        assert done.code == 0
        assert identity in done.out
        said = [line for line in done.err.splitlines() if "an apostrophe was added to" not in line]
        assert bool(said) == (format == "table" and listing == "recs")  # the kinds, which a table counts
        if format == "jsonl":
            assert [json.loads(line) for line in done.out.splitlines()] == rows
        if format == "yaml":
            assert yaml.load(done.out, LOADER) == rows


def cell(value: Any) -> str:
    """Write a JSON value as CSV does, before apostrophes are added."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "true" if value is True else str(value)


def disarmed(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_csv_tsv_and_json_have_equal_rows(run: Run, data: st.DataObject) -> None:
    listing = data.draw(st.sampled_from(sorted(LISTINGS)))
    argv = [listing]
    if "year" in LISTINGS[listing].filters:
        for year in data.draw(st.lists(st.sampled_from(["2031", "2033", "2035"]), max_size=2)):
            argv += ["--year", year]
    names = run(listing, "--columns", "?").out.split()
    chosen = data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
    argv += ["--columns", ",".join(chosen)] if chosen else []
    argv += ["--sort", data.draw(st.sampled_from(names))] if data.draw(st.booleans()) else []
    argv += ["--limit", str(data.draw(st.integers(0, 9)))] if data.draw(st.booleans()) else []
    rows: Rows = json.loads(run(*argv, "-f", "json").out)
    wanted = [[cell(value) for value in row.values()] for row in rows]
    text = run(*argv, "-f", "csv").out
    assert text.count("\r\n") == text.count("\n")
    header, *found = csv.reader(io.StringIO(text, newline=""), strict=True)
    lean = [name for name in names if name in header]
    assert header == (chosen or lean)
    assert chosen or {"document", "section", "item"} & set(names) <= set(header)
    at = [(chosen or names).index(name) for name in header]
    assert [[disarmed(value) for value in row] for row in found] == [[row[n] for n in at] for row in wanted]
    if not chosen:
        whole = csv.reader(io.StringIO(run(*argv, "-f", "csv", "-c", "all").out, newline=""), strict=True)
        assert [[disarmed(value) for value in row] for row in whole] == [names, *wanted]
    lines = run(*argv, "-f", "tsv").out.splitlines()
    assert [[disarmed(value) for value in line.split("\t")] for line in lines[1:]] == wanted


def test_a_list_as_yaml_and_markdown_and_lines(run: Run) -> None:
    argv = ("threads", "--in", "2035", "--not-in", "2033", "--not-in", "2031", "-c", "id,label,years")
    assert run(*argv, "-f", "yaml").out == (
        '- "id": "cadet-mentors"\n  "label": "Mentors for cadets"\n  "years": [2035]\n'
    )
    assert run(*argv, "-f", "markdown").out == (
        "| id | label | years |\n| --- | --- | --- |\n| cadet-mentors | Mentors for cadets | 2035 |\n"
    )
    assert run(*argv, "-f", "jsonl").out == (
        '{"id": "cadet-mentors", "label": "Mentors for cadets", "years": [2035]}\n'
    )


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("json", "[]\n"),
        ("jsonl", ""),
        ("yaml", "[]\n"),
        ("csv", "id,kind\r\n"),
        ("tsv", "id\tkind\n"),
        ("markdown", "| id | kind |\n| --- | --- |\n"),
        ("table", ""),
    ],
)
def test_an_answer_without_rows_is_well_formed(run: Run, format: str, text: str) -> None:
    done = run("recs", "--theme", "fog-signals", "-c", "id,kind", "-f", format)
    assert (done.code, done.out, done.err) == (0, text, "no items for theme fog-signals\n")


def test_a_database_without_records_has_empty_listings(run: Run, tmp_path: Path) -> None:
    build.build(parse(b"themes: []\n", "empty.yaml"), tmp_path / "empty.db")
    for listing in LISTINGS.values():
        done = run(listing.name, "--fail-empty", db=tmp_path / "empty.db")
        assert (done.code, len(done.out.splitlines()), done.err) == (3, 1, f"no {listing.what} for this\n")
        assert run(listing.name, "--count", "--fail-empty", db=tmp_path / "empty.db") == Done(3, "0\n", "")


def test_a_list_as_a_document_in_markdown(run: Run) -> None:
    done = run("recs", "--year", "2031", "--kind", "observation", "-f", "markdown")
    assert done.out == (
        "# Items\n\n## 2031\n\n"
        '- Keepers speak of "the long watch" and of \\[/b] marks \\| strokes in their log-books. '
        "(observation, 2031-p1-o1; themes: lighthouses, night-work; modality: statement; 2031-highlights, Panel 1)\n"
        "- Two lights in five have no keeper. "
        "(observation, 2031-p1-o2; themes: lighthouses; modality: statement; 2031-highlights, Panel 1)\n"
    )


def test_items_of_one_kind_have_no_caveat_about_kinds(run: Run) -> None:
    assert run("recs", "--kind", "takeaway", "-f", "table").err == "note: 4 items: 4 takeaways\n"


@each("listing", sorted(LISTINGS))
def test_every_listing_can_end_with_the_line_to_reproduce_it(run: Run, listing: str) -> None:
    done = run(listing, "--cite-query")
    assert done.code == 0
    number = run(listing, "--count").out.strip()
    assert done.out == run(listing).out
    assert done.err.startswith(f"query: cthbkb {listing}; data ")
    assert f"; {number} record{'' if number == '1' else 's'} " in done.err


def test_the_line_to_reproduce_does_not_depend_on_typing_and_format(run: Run) -> None:
    one = run("recs", "--kind", "takeaway", "--theme", "lights", "--theme", "cadets", "--cite-query", "-f", "json").err
    two = run("recs", "--theme=cadets", "--cite-query", "--theme", "lights", "--kind", "takeaway", "-c", "id").err
    assert one == two
    assert one.startswith("query: cthbkb recs --theme cadets --theme lights --kind takeaway; data ")


def test_the_line_reproduces_the_answer(run: Run) -> None:
    argv = ("recs", "--affected", "young sailors", "--affected", "keepers", "--cite-query")
    first = run(*argv)
    command = shlex.split(first.err.removeprefix("query: ").partition("; data ")[0])
    assert command[0] == "cthbkb"
    again = run(*command[1:], "--cite-query")
    assert (again.out, again.err) == (first.out, first.err)


def test_the_line_counts_what_was_printed(run: Run) -> None:
    limited = run("recs", "--limit", "2", "--cite-query", "-c", "id")
    assert limited.out == "id\n2031-p1-r1\n2031-p1-r2\n"
    said = limited.err
    assert "--limit 2; " in said
    assert "; 2 records " in said
