"""Formats: any content is written unchanged; a file is written completely or not at all."""

from __future__ import annotations

import csv
import importlib
import inspect
import io
import json
import os
import re
import stat
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Run, each
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cthbkb import formats
from cthbkb.columns import Col, decode, items
from cthbkb.errors import Refused
from cthbkb.files import BEGINNINGS, replace
from cthbkb.formats import RECORD, Answer, Shown, calendar, writer
from cthbkb.formats.markdown import escaped
from cthbkb.formats.plain import RAW, encoded, safe
from cthbkb.registry import BYTES, CITING, DRAWN, ENDINGS, FORMATS

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

WRITES = ["answer", "out"]
"""The parameters of all functions that write an answer."""

quick = settings(max_examples=30, deadline=None)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False, width=32)
COLUMNS = (Col("text"), Col("number", 1, "number"), Col("flag", 1, "flag"), Col("list", 1, "list"))
Values = tuple[str | None, float | int | None, bool, list[str]]
ROWS = st.lists(st.tuples(TEXTS | st.none(), NUMBERS | st.none(), st.booleans(), st.lists(TEXTS, max_size=3)))


def array(values: Sequence[str]) -> str:
    """Encode a list as the database stores it."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def written(format: str, columns: Sequence[Col], rows: Sequence[Sequence[Any]]) -> str:
    """Write rows of cells in a format."""
    out = io.StringIO(newline="")
    writer(format)(Answer("rows", columns, rows), out)
    return out.getvalue()


def cells(rows: Sequence[Values]) -> list[tuple[Any, ...]]:
    return [(text, number, int(flag), array(listed)) for text, number, flag, listed in rows]


def objects(rows: Sequence[Values]) -> list[dict[str, Any]]:
    return [{"text": t, "number": n, "flag": f, "list": x} for t, n, f, x in rows]


@quick
@given(rows=ROWS)
@example(rows=[("\x7f\x85\u2028\u2029\ufeff\ufffe", None, False, ["\x9f", '","', "\\"])])
@example(rows=[("no", 1e-05, True, ["", "~", "null", "2031-06-10", "- a", "#", ": "])])
def test_json_jsonl_and_yaml_keep_all_values(rows: list[Values]) -> None:
    wanted = objects(rows)
    assert json.loads(written("json", COLUMNS, cells(rows))) == wanted
    lines = written("jsonl", COLUMNS, cells(rows)).split("\n")
    assert [json.loads(line) for line in lines[:-1]] == wanted
    assert yaml.load(written("yaml", COLUMNS, cells(rows)), LOADER) == wanted


@quick
@given(rows=ROWS)
def test_csv_keeps_all_values_and_all_lines_end_alike(rows: list[Values]) -> None:
    text = written("csv", COLUMNS, cells(rows))
    header, *found = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["text", "number", "flag", "list"]
    assert len(found) == len(rows)
    for row, (said, number, flag, listed) in zip(found, rows, strict=True):
        assert row[0] == safe(said or "")
        assert (float(row[1].removeprefix("'")) if row[1] else None) == number
        assert row[2] == ("true" if flag else "false")
        assert row[3] == safe("; ".join(listed))


def test_tsv_quotes_a_cell_that_begins_with_a_quotation_mark_and_joins_the_lines_of_a_cell() -> None:
    text = written("tsv", [Col("a"), Col("b")], [['"x" y', "one \n two\tthree"]])
    assert text == 'a\tb\n"""x"" y"\tone two three\n'


@quick
@given(rows=ROWS)
def test_tsv_has_one_line_per_row_with_all_cells(rows: list[Values]) -> None:
    lines = written("tsv", COLUMNS, cells(rows)).split("\n")
    assert lines[0] == "text\tnumber\tflag\tlist"
    assert lines[-1] == ""
    assert [line.count("\t") for line in lines[1:-1]] == [3] * len(rows)
    assert "\r" not in "".join(lines)


@quick
@given(
    value=st.recursive(
        st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=12,
    )
)
def test_the_encoder_writes_the_same_as_the_standard_library(value: object) -> None:
    assert json.loads(encoded(value)) == value
    assert encoded(value).isascii() >= json.dumps(value, ensure_ascii=False).isascii()


def test_no_escaped_character_is_printable() -> None:
    assert [n for n in RAW if chr(n).isprintable()] == []


@quick
@given(values=st.lists(TEXTS, max_size=4))
def test_a_list_cell_is_read_as_it_was_written(values: list[str]) -> None:
    assert items(array(values)) == values
    assert decode([Col("list", 1, "list")], [array(values)]) == [values]


def test_an_empty_cell_is_an_empty_list() -> None:
    assert items(None) == []
    assert items("") == []
    assert items("[]") == []
    assert items('[""]') == [""]


@each(
    "text",
    [
        "=1+1",
        "+49 30 1234",
        "@SUM(A1)",
        "-x",
        "-2+3+cmd|' /C calc'!A0",
        "-1-1",
        "\t=1",
        "\r=1",
        '=HYPERLINK("http://x.example","y")',
        "+12.5 %",
        "-1.2.3",
        "-٣",
        *(f"-5 {sign}2" for sign in "=+-*/@|!(&"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert safe(text) == "'" + text


@each("text", ["", "-", "a=1", "-5", "-5 %", "-5%", "-1,250.5 per cent", "-1,250", "-0.5", "2031", "(=1)", "'", "–5"])
def test_a_cell_that_a_spreadsheet_would_not_run_is_unchanged(text: str) -> None:
    assert safe(text) == text


@quick
@given(text=TEXTS)
def test_no_cell_begins_with_a_formula(text: str) -> None:
    assert safe(text)[:1] not in {"=", "+", "@", "\t", "\r"}
    assert safe(text).removeprefix("'") == text.removeprefix("'")


def test_formulas_get_an_apostrophe_in_csv_and_tsv_but_not_in_json(run: Run) -> None:
    argv = ("statistics", "-c", "value", "--theme", "tide-data")
    assert run(*argv, "-f", "csv").out == "value\r\n'+12.5 %\r\n"
    assert run(*argv, "-f", "tsv").out == "value\n'+12.5 %\n"
    assert run(*argv, "-f", "json").out == '[\n{"value": "+12.5 %"}\n]\n'


def test_changed_cells_of_tsv_are_counted_once_each() -> None:
    cells = [("=1", "x\ty\n  z", '"q" r', "-1 %"), ("b\r", "\n=2", '"', "\t")]
    written = {
        False: ('\'=1\tx y z\t"""q"" r"\t-1 %', 'b\t\'=2\t""""\t', 2),
        True: ('=1\tx y z\t"q" r\t-1 %', 'b\t=2\t"\t', 0),
    }
    for raw, (first, second, guarded) in written.items():
        answer = Answer("rows", [Col(name) for name in "abcd"], cells)
        answer.raw = raw
        out = io.StringIO(newline="")
        writer("tsv")(answer, out)
        assert out.getvalue() == f"a\tb\tc\td\n{first}\n{second}\n"
        assert (answer.guarded, answer.flattened) == (guarded, 4)


def test_a_row_of_csv_is_never_an_empty_line_and_names_of_columns_are_quoted_too() -> None:
    assert written("csv", [Col("a, b")], [(None,), ("",), ("c\rd",)]) == '"a, b"\r\n""\r\n""\r\n"c\rd"\r\n'


def test_fields_with_commas_and_quotes_are_quoted_and_others_not(run: Run) -> None:
    done = run("sessions", "-c", "id,title", "--year", "2033", "--type", "panel", "-f", "csv")
    assert done.out == 'id,title\r\n2033-p1,Joint harbour teams\r\n2033-p2,"Tides, tables and ""the rest"""\r\n'


def test_a_document_has_no_names_of_columns_with_underscores(run: Run) -> None:
    text = run("discrepancies", "--format", "markdown").out
    assert "; value a: Kovalska; " in text
    assert not re.search(r"[a-z]_[a-z]+: ", text)
    assert escaped("see www.x.example/~a") == r"see www\.x.example/\~a"  # a link needs a scheme


def test_markdown_escapes_all_markup(run: Run) -> None:
    assert run("recs", "-c", "summary", "--kind", "observation", "--year", "2031", "-f", "markdown").out == (
        "| summary |\n| --- |\n"
        '| Keepers speak of "the long watch" and of \\[/b] marks \\| strokes in their log-books. |\n'
        "| Two lights in five have no keeper. |\n"
    )
    assert run("sessions", "-c", "title", "--type", "side-event", "-f", "markdown").out == (
        "| title |\n| --- |\n| Pay \\| Night shifts |\n| Fog and how to hear in it |\n"
    )


@quick
@given(rows=st.lists(TEXTS, min_size=1, max_size=4))
def test_a_markdown_table_has_one_line_per_row_and_escapes_bars(rows: list[str]) -> None:
    lines = written("markdown", [Col("a"), Col("b")], [(text, text) for text in rows]).split("\n")
    assert len(lines) == len(rows) + 3
    for line in lines[:-1]:
        assert line.replace("\\\\", "").replace("\\|", "").count("|") == 3


def test_a_missing_value_is_null_and_an_empty_list_is_a_list(run: Run) -> None:
    done = run("recs", "-c", "id,heading,affected", "--session", "2033-p2", "--kind", "call", "-f", "json")
    assert done.out == '[\n{"id": "2033-p2-c1", "heading": null, "affected": []}\n]\n'


def test_an_unknown_format_lists_the_formats(run: Run) -> None:
    done = run("recs", "--format", "cvs")
    assert (done.code, done.out) == (2, "")
    assert done.err == (f"error: unknown format 'cvs'\nhint: Did you mean csv? Formats: {', '.join(FORMATS)}.\n")


# Records


SHOWN = Shown(
    "lights",
    [
        (Col("id"), "north"),
        (Col("table"), "oak"),
        (Col("years", 0, "list"), "[2031,2033]"),
        (Col("lit", 0, "flag"), 1),
        (Col("height", 0, "number"), 12.0),
        (Col("note"), '["not", a list]'),
        (Col("gone"), None),
    ],
    {"keepers": [("anna", "Anna | 2031")]},
)


def recorded(format: str, *records: Shown) -> str:
    out = io.StringIO(newline="")
    writer(format)(Answer("records", RECORD, records=records), out)
    return out.getvalue()


def test_a_record_is_an_object_with_typed_values() -> None:
    value = {
        "table": "oak",
        "id": "north",
        "years": [2031, 2033],
        "lit": True,
        "height": 12,
        "note": '["not", a list]',
        "gone": None,
        "linked": {"keepers": [{"id": "anna", "title": "Anna | 2031"}]},
    }
    assert json.loads(recorded("json", SHOWN)) == value
    assert json.loads(recorded("json", SHOWN, SHOWN)) == [value, value]
    assert json.loads(recorded("jsonl", SHOWN)) == value
    assert yaml.load(recorded("yaml", SHOWN), LOADER) == [value]


def test_a_record_has_one_row_per_field_and_per_link() -> None:
    assert recorded("tsv", SHOWN) == (
        "part\tfield\tvalue\nrecord\ttable\tlights\nrecord\tid\tnorth\nrecord\ttable\toak\n"
        'record\tyears\t2031; 2033\nrecord\tlit\ttrue\nrecord\theight\t12\nrecord\tnote\t["not", a list]\n'
        "record\tgone\t\nkeepers\tanna\tAnna | 2031\n"
    )


def test_a_record_in_a_file_is_counted_as_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "lamp.json"
    assert run("show", "2033-p1-r1", "-o", path).err == f"wrote 1 record to {path}\n"


def test_every_function_that_writes_an_answer_belongs_to_a_format() -> None:
    writers = set()
    for path in Path(formats.__file__).parent.glob("[!_]*.py"):
        module = importlib.import_module(f"cthbkb.formats.{path.stem}")
        made = {name: getattr(module, name) for name in module.__all__ if inspect.isfunction(getattr(module, name))}
        writers |= {f"{f.__module__}:{n}" for n, f in made.items() if [*inspect.signature(f).parameters][:2] == WRITES}
    assert writers == {*FORMATS.values(), "cthbkb.formats.page:page", "cthbkb.formats.drawing:drawing"}


# Files


def test_every_format_has_an_extension() -> None:
    assert set(ENDINGS.values()) == set(FORMATS)


def test_a_file_is_recognised_by_its_first_bytes(tmp_path: Path) -> None:
    """Plain text files may begin with anything but a null."""
    assert set(FORMATS) - set(BEGINNINGS) == {"table", "tsv", "csv"}
    alike = {
        "json": "[] {}", "jsonl": "{}", "yaml": "[] -\xa0a", "markdown": "#\xa0a |\xa0a", "svg": "<svg> <?xml",
        "csv": "a,b", "tsv": "\x1b", "database": "SQLite\xa0format\xa03",
    }  # fmt: skip
    other = {"json": "a", "jsonl": "[]", "yaml": "-a", "markdown": "|a ##", "svg": "<a>", "csv": "a\0", "database": "a"}
    path = tmp_path / "a"
    for texts, accepted in ((alike, True), (other, False)):
        for kind, starts in texts.items():
            for start in starts.split(" "):
                data = start.replace("\xa0", " ").encode()
                for mark in (b"", b"\xef\xbb\xbf"):
                    path.write_bytes(mark + data)
                    with nullcontext() if accepted else pytest.raises(Refused):
                        replace(str(path), lambda file: None, kind=kind, force=False)
    path.write_bytes(b"")
    replace(str(path), lambda file: None, kind="json", force=False)


@each("format", sorted((set(FORMATS) & set(BEGINNINGS)) - DRAWN))
def test_a_file_begins_with_the_first_bytes_of_its_format(run: Run, tmp_path: Path, format: str) -> None:
    for n, argv in enumerate((("sessions",), ("sessions", "--limit", "0"), ("show", "2033-p1"))):
        done = run(*argv, "--format", format, "-o", tmp_path / str(n))
        written = (tmp_path / str(n)).read_bytes() if done.code == 0 else b""
        assert written.startswith(BEGINNINGS[format]) or written == b""
        assert written or n


@each("ending", sorted(e for e in ENDINGS if ENDINGS[e] not in CITING | DRAWN | {"ics"}))
def test_the_extension_of_a_file_determines_its_format(run: Run, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"themes{ending.upper()}"
    done = run("themes", "--output", path)
    assert (done.code, done.out, done.err) == (0, "", f"wrote 9 themes to {path}\n")
    if ENDINGS[ending] in BYTES:
        assert path.read_bytes()[:2] == b"PK"
        return
    assert path.read_bytes().decode() == run("themes", "--format", ENDINGS[ending]).out


def test_a_format_option_takes_precedence_over_the_extension(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "themes.txt"
    assert run("themes", "-o", path, "-f", "json").code == 0
    assert json.loads(path.read_text(encoding="utf-8"))[0]["slug"] == "harbour-safety"


@pytest.mark.parametrize("name", ["recs.xls", "recs", "recs.docx", ".csv"])
def test_an_unknown_extension_is_an_error_and_writes_nothing(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    done = run("recs", "-o", path)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: unknown format of {str(path)!r}\nhint: Extensions: {' '.join(ENDINGS)}; or add --format.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_stdout(run: Run) -> None:
    assert run("themes", "-o", "-", "-f", "csv") == run("themes", "-f", "csv")


def test_a_folder_is_not_written(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "recs.csv"
    folder.mkdir()
    done = run("recs", "-o", folder)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {folder} is a folder\nhint: Name a file, such as recs.csv.\n"


def test_a_file_in_a_missing_folder_cannot_be_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "recs.csv"
    done = run("recs", "-o", path)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error: cannot write {path}: No such file or directory\nhint: Name a file in a writable folder.\n"
    )


def test_a_file_below_a_file_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = run("recs", "-o", tmp_path / "file" / "recs.csv")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: cannot write {tmp_path}/file/recs.csv: Not a directory\nhint: ")


def test_a_file_is_replaced_completely_and_nothing_is_left_beside_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "recs.csv"
    path.write_text("old " * 10_000, encoding="utf-8")
    assert run("recs", "-o", path).code == 0
    assert path.read_bytes().decode() == run("recs", "-f", "csv").out
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_export_leaves_the_old_file_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "recs.csv"
    path.write_text("old", encoding="utf-8")

    def broken(answer: Answer, out: io.TextIOBase) -> None:
        out.write("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cthbkb.formats.plain.csv", broken)
    done = run("recs", "-o", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: cannot write {path}: No space left on device\nhint: ")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_permissions_according_to_the_umask(run: Run, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        run("themes", "-o", tmp_path / "themes.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "themes.csv").stat().st_mode) == 0o644


def test_a_link_is_followed_and_stays_a_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("real.csv")
    assert run("themes", "-o", tmp_path / "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8").startswith("slug,")


def test_a_pipe_is_written_to_and_not_replaced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        assert run("themes", "-c", "slug", "--limit", "1", "-o", path).code == 0
        assert stat.S_ISFIFO(path.stat().st_mode)
        assert os.read(reader, 1000) == b"slug\r\nharbour-safety\r\n"
    finally:
        os.close(reader)


def test_csv_for_excel_has_a_byte_order_mark(run: Run, tmp_path: Path) -> None:
    plain = run("people", "-f", "csv").out
    assert run("people", "-f", "csv", "--excel").out == "\ufeff" + plain
    path = tmp_path / "people.csv"
    assert run("people", "-o", path, "--excel").code == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + plain.encode()


def test_excel_without_a_format_means_csv(run: Run) -> None:
    assert run("people", "--excel").out == run("people", "-f", "csv", "--excel").out


@each("format", sorted(set(FORMATS) - {"csv"}))
def test_only_csv_for_excel_has_a_byte_order_mark(run: Run, format: str) -> None:
    done = run("themes", "-f", format, "--excel")
    assert "\ufeff" not in done.out
    assert done.code in {0, 2}


@pytest.mark.parametrize("text", ["A" * 200, "é" * 120, "Þórr 灯台 " * 20])
def test_a_line_of_a_calendar_is_folded_after_75_octets_between_characters(text: str) -> None:
    lines = calendar._folded(text).removesuffix("\r\n").split("\r\n")
    assert len(lines) > 1
    assert max(len(line.encode()) for line in lines) <= 75
    assert all(line.startswith(" ") for line in lines[1:])
    assert lines[0] + "".join(line[1:] for line in lines[1:]) == text


def test_an_event_is_written_as_far_as_its_day_and_hours_are_known() -> None:
    names = [
        "id",
        "type",
        "title",
        "note",
        *(f"{way}_{part}" for way in ("planned", "held") for part in calendar.PARTS),
    ]

    def events(*cells: str | None) -> list[str]:
        out = io.StringIO()
        answer = Answer("sessions", [Col(name) for name in names], [("s1", "panel", "A, b; c\\d", "x\r\ny\nz", *cells)])
        calendar.ics(answer, out)
        lines = out.getvalue().split("\r\n")
        return lines[lines.index("END:VTIMEZONE") + 1 : -2]

    def event(way: str, *when: str) -> list[str]:
        title = "A\\, b\\; c\\\\d"
        return [
            "BEGIN:VEVENT", f"UID:s1-{way}@cthbkb", "DTSTAMP:20000101T000000Z", *when,
            f"SUMMARY:{'Planned: ' if way == 'planned' else ''}{title}", "DESCRIPTION:x\\ny\\nz\\nRecord: s1",
            "CATEGORIES:panel", f"STATUS:{'TENTATIVE' if way == 'planned' else 'CONFIRMED'}", "END:VEVENT",
        ]  # fmt: skip

    vienna = "DTSTART;TZID=Europe/Vienna:20310228T090500"
    day = ["DTSTART;VALUE=DATE:20310228", "DTEND;VALUE=DATE:20310301"]
    assert events(None, None, None, None, None, None) == []
    assert events("2031-02", None, None, "2031", None, None) == []
    assert events(None, None, None, "2031-02-28", None, "10:00") == event("held", *day)
    assert events(None, None, None, "2031-02-28", "09:05", None) == event("held", vienna)
    both = ("2031-02-28", "09:05", "10:30")
    whole = [vienna, "DTEND;TZID=Europe/Vienna:20310228T103000"]
    assert events(*both, *both) == event("held", *whole)
    assert events(*both, "2031-02-28", "09:05", None) == event("held", vienna) + event("planned", *whole)
    assert events(*both, "2031-02", None, None) == event("planned", *whole)
