"""Tables: fitted to the terminal and never wider, with columns that identify a row; data never control the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest
from conftest import Run, each
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cthbkb.columns import Col
from cthbkb.formats import Answer, Shown
from cthbkb.formats import table as tables
from cthbkb.formats.table import _pour, table
from cthbkb.registry import LISTINGS

ANSWERS = [
    *([name] for name in sorted(LISTINGS)),
    ["compare"],
    ["compare", "2031", "2035"],
    ["compare", "--by", "theme"],
    ["compare", "--by", "kind", "--gaps"],
    ["compare", "--planned", "2033"],
    ["search", "keepers"],
    ["show", "2033-p1-r1"],
    ["show", "anna-kowalska"],
    ["show", "2033"],
    ["about"],
    ["overview"],
]

WIDTHS = (40, 80, 140)


def lines(text: str) -> list[str]:
    """Return the lines of a table without trailing spaces."""
    return [line.rstrip() for line in text.splitlines()]


def shown(columns: Sequence[Col], rows: Sequence[Sequence[str | int | float | None]]) -> list[str]:
    out = io.StringIO()
    table(Answer("rows", columns, rows), out)
    return lines(out.getvalue())


@each("argv", ANSWERS)
def test_no_line_is_wider_than_the_terminal_and_keys_are_complete(
    run: Run, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    """A key that is divided between two lines cannot be copied into another command."""
    rows = json.loads(run(*argv, "--format", "json").out) if argv[0] in LISTINGS else []
    keys = ("session", "year") if argv == ["speakers"] else ("id", "slug", "year")
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(width))
        done = run(*argv, "--format", "table")
        assert done.code == 0
        printed = done.out.split("\n\n", 1)[1].split("\nTry:")[0] if argv == ["overview"] else done.out
        assert [line for line in printed.splitlines() if cell_len(line) > width] == []
        assert {str(row[key]) for row in rows for key in keys if row.get(key)} <= set(printed.split())


@each("columns, meant", [("0", "80"), ("-5", "80"), ("abc", "80"), ("", "80"), ("39", "40"), ("1", "40")])
def test_an_invalid_width_is_replaced_by_a_usual_or_a_narrow_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str, meant: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = run("themes", "--format", "table")
    monkeypatch.setenv("COLUMNS", meant)
    assert done == run("themes", "--format", "table")
    assert max(map(cell_len, done.out.splitlines())) <= int(meant)


def test_a_narrow_terminal_gets_one_block_per_row(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert lines(run("recs", "--limit", "2", "--format", "table").out) == [
        "2031-p1-r1  2031  recommendation",
        "  Ports should set up joint teams, with",
        "  one log-book, for cases that touch",
        "  several harbours.",
        "",
        "2031-p1-r2  2031  recommendation",
        "  States must keep every light lit,",
        "  whatever it costs: no keeper's post",
        "  may stand empty.",
        "",
    ]


def test_a_wide_terminal_gets_more_columns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    argv = ("recs", "--limit", "1", "--format", "table")
    heads = {}
    for width in ("80", "100", "130"):
        monkeypatch.setenv("COLUMNS", width)
        heads[width] = run(*argv).out.splitlines()[0].split()
    assert heads["80"] == ["id", "year", "kind", "summary"]
    assert heads["100"] == ["id", "year", "kind", "summary", "themes"]
    assert heads["130"] == ["id", "year", "kind", "summary", "themes", "modality"]


def tabular(answer: Answer) -> list[bool]:
    """Return for some widths, from narrow to wide, whether an answer is shown as a table."""
    shapes: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_pages", lambda *_: shapes.append(True))
        patch.setattr(tables, "_blocks", lambda *_: shapes.append(False))
        for width in (40, 63, *range(64, 161, 3)):
            patch.setenv("COLUMNS", str(width))
            table(answer, io.StringIO())
    return shapes


@each("listing", sorted(LISTINGS))
@each("base", ["fabricated", "packaged"])
def test_a_listing_that_is_a_table_is_one_on_every_wider_terminal(
    run: Run, database: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch, listing: str, base: str
) -> None:
    answers: list[Answer] = []

    def kept(answer: Answer, out: IO[str]) -> None:
        answer.rows = list(answer.rows)
        answers.append(answer)

    monkeypatch.setattr(tables, "table", kept)
    run(listing, "--limit", "20", "--format", "table", db=database if base == "fabricated" else packaged)
    shapes = tabular(answers[0])
    assert shapes == sorted(shapes)
    assert not shapes[1]


NAMES = st.sampled_from(["id", "year", "kind", "text", "note", "items", "document"])
COLS = st.builds(
    Col, NAMES, st.sampled_from([1, 1, 100, 130]), st.sampled_from(["text", "prose", "number", "list", "flag"])
)
WORDS = st.lists(st.integers(1, 30).map(lambda n: "w" * n), max_size=8).map(" ".join)


@given(st.data(), st.lists(COLS, min_size=1, max_size=8, unique_by=lambda col: col.name))
def test_rows_shown_as_a_table_stay_a_table_on_a_wider_terminal(data: st.DataObject, columns: list[Col]) -> None:
    cells = [st.builds(lambda w: json.dumps(w.split()), WORDS) if c.holds == "list" else WORDS for c in columns]
    rows = data.draw(st.lists(st.tuples(*cells), min_size=1, max_size=4))
    shapes = tabular(Answer("rows", columns, rows))
    assert shapes == sorted(shapes)


def test_markup_in_the_data_is_printed_as_it_is(run: Run) -> None:
    out = " ".join(run("recs", "--year", "2031", "--format", "table").out.split())
    assert "[sic]" in out
    assert "[/b] marks | strokes" in out
    assert ":anchor:" in run("statements", "--medium", "tweet", "--format", "table").out


@each("text", ["[red]x[/red]", "[/b]", "[sic]", "[link=http://x]y[/]", ":smile:", "\\[b]", "[", "]"])
def test_no_text_is_read_as_markup(text: str) -> None:
    assert shown([Col("id", 1)], [(text,)])[-1] == text
    assert text in shown([Col("id", 1), Col("text", 1, "prose")], [("a", text)])[-1]


def test_control_characters_are_made_visible_and_a_tab_becomes_a_space() -> None:
    written = "a\x1b[31mb\x07\u202ec\tŁebsk “so”"
    assert shown([Col("text", 1)], [(written,)])[-1] == "a\\x1b[31mb\\x07\\u202ec Łebsk “so”"
    assert shown([Col("texts", 1, "list")], [(json.dumps(["a\x1b[31m", "b\tc"]),)])[-1] == "a\\x1b[31m; b c"


@given(rows=st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60), st.integers()), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_a_table_or_controls_the_terminal(
    rows: list[tuple[str, str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in ("40", "80"):
        monkeypatch.setenv("COLUMNS", width)
        out = io.StringIO()
        table(Answer("rows", [Col("id", 1), Col("text", 1, "prose"), Col("n", 1, "number")], rows), out)
        assert max(map(cell_len, out.getvalue().split("\n"))) <= int(width)
        assert not set(map(ord, out.getvalue())) & {*range(10), *range(11, 32), *range(127, 160)}


def test_numbers_are_right_aligned_and_whole_numbers_have_no_point() -> None:
    columns = [Col("value", 1), Col("items", 1, "number")]
    assert shown(columns, [("a", 5.0), ("b", 12), ("c", 0.5), ("d", None)]) == [
        "value  items",
        "─" * 12,
        "a          5",
        "b         12",
        "c        0.5",
        "d",
    ]


def test_flags_and_lists_are_written_in_words() -> None:
    columns = [Col("id", 1), Col("survivor", 1, "flag"), Col("years", 1, "list")]
    assert shown(columns, [("a", 1, '["2031","2033"]'), ("b", 0, "[]"), ("c", None, None)]) == [
        "id  survivor  years",
        "─" * 24,
        "a   yes       2031; 2033",
        "b",
        "c",
    ]


def test_wide_characters_are_counted_as_wide() -> None:
    made = shown([Col("id", 1), Col("title", 1, "prose")], [("日本" * 8, "東京" * 40)])
    assert max(map(cell_len, made)) <= 80


def test_a_long_answer_keeps_its_widths_from_page_to_page() -> None:
    made = shown([Col("id", 1), Col("text", 1, "prose")], [(f"id-{n:03}", f"text {n}") for n in range(200)])
    assert len(made) == 202
    assert {line.index("text") for line in made[2:]} == {8}


def test_an_id_longer_than_those_on_the_first_page_is_complete() -> None:
    made = shown([Col("id", 1, "id"), Col("text", 1, "prose")], [(f"id-{n}", f"text {n}") for n in range(200)])
    assert {f"id-{n}" for n in range(200)} <= {word for line in made for word in line.split()}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_heading_is_repeated_on_each_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 14 lines, four are for the heading and the prompt; a row may take two lines."""
    monkeypatch.setenv("COLUMNS", "64")
    monkeypatch.setenv("LINES", "14")
    rows = [(f"r{n}", "word " * (1 if n % 5 else 20)) for n in range(14)]
    out = Terminal()
    table(Answer("rows", [Col("id", 1, "id"), Col("text", 1, "prose")], rows), out)
    first = [line.split(" ")[0][:3] for line in lines(out.getvalue())]
    assert first == ["id", "───", "r0", "", *(f"r{n}" for n in range(1, 6)), "", "r6", "r7", "",
                     "id", "───", "r8", "r9", "r10", "", "r11", "r12", "r13"]  # fmt: skip
    out = Terminal()
    monkeypatch.setenv("LINES", "3")  # at least eight lines
    table(Answer("rows", [Col("id", 1, "id")], [(f"r{n}",) for n in range(9)]), out)
    assert lines(out.getvalue())[9:] == ["r7", "", "id", "──", "r8"]


@each("term, coloured", [("xterm", True), ("dumb", False)])
def test_a_terminal_without_colours_gets_none(monkeypatch: pytest.MonkeyPatch, term: str, coloured: bool) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", term)
    out = Terminal()
    table(Answer("rows", [Col("id", 1, "id")], [("a",)]), out)
    assert ("\x1b" in out.getvalue()) == coloured


def test_a_record_on_a_narrow_terminal_has_names_above_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    fields = [(Col("a_rather_long_name"), "text " * 6), (Col("x"), None), (Col("b"), "y")]
    linked = {"part": [("an-id-that-is-long", "a title of it that is rather long"), ("b", "c")]}
    out = io.StringIO()
    table(Answer("r", [], records=[Shown("t", fields, linked), Shown("", [(Col("id"), "z")], {})]), out)
    assert lines(out.getvalue()) == [
        "table", "  t", "a rather long name", "  text text text text text text", "b", "  y", "",
        "part (2)", "  an-id-that-is-long", "    a title of it that is rather long", "  b", "    c", "",
        "id  z",
    ]  # fmt: skip


def test_a_word_that_would_be_broken_is_below_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    url, longer = "https://harbour-forum.example/2031/lights", "x" * 60
    fields = [(Col("number_in_print"), "1"), (Col("url"), url), (Col("document"), "d"), (Col("digest"), longer)]
    out = io.StringIO()
    table(Answer("r", [], records=[Shown("", fields, {})]), out)
    assert lines(out.getvalue()) == [
        "number in print  1", "url", f"  {url}", "document         d", f"digest           {'x' * 33}",
        f"{' ' * 17}{'x' * 27}",
    ]  # fmt: skip


def test_a_value_that_repeats_the_id_is_left_out_of_a_block(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    heads = [line for line in run("conferences", "--format", "table").out.splitlines() if line[:1].strip()]
    assert heads == ["2031", "2033", "2035"]


def test_width_is_distributed_evenly_up_to_the_wanted_widths() -> None:
    poured = {(3, 3, 3): ((5, 10, 3), 6, [5, 7, 3], 0), (1, 1): ((9, 9), 5, [4, 3], 0), (2, 5): ((4, 6), 9, [4, 6], 6)}
    for before, (wanted, left, after, rest) in poured.items():
        widths = list(before)
        assert (_pour(widths, wanted, left), widths) == (rest, after)
