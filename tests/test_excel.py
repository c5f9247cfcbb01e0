"""Excel: a self-describing workbook with typed cells and no formulas, read by independent programs."""

from __future__ import annotations

import csv
import datetime
import gc
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import expected
import openpyxl
import pytest
from conftest import Run, each
from openpyxl.worksheet.worksheet import Worksheet

from cthbkb.columns import Col
from cthbkb.formats import Answer, book
from cthbkb.registry import LISTINGS, TABLES


def opened(path: Path | io.BytesIO) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def values(sheet: Worksheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def no_formulas(book: openpyxl.Workbook) -> bool:
    return all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.fixture
def recs(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> openpyxl.Workbook:
    """The workbook of a list."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    done = run("recs", "--theme", "lights", "--year", "2033", "--year", "2031", "-o", tmp_path / "recs.xlsx")
    assert (done.code, done.out) == (0, "")
    return opened(tmp_path / "recs.xlsx")


def test_the_first_sheet_describes_the_workbook(recs: openpyxl.Workbook, run: Run) -> None:
    assert recs.sheetnames == ["About", "Items", "Sources"]
    first = recs["About"]
    assert first["A1"].value == "Items: theme Lighthouses; year 2033 or 2031"
    told = {row[0]: row[1] for row in values(first)[2:] if row[0]}
    assert told["Command"] == "cthbkb recs --theme lights --year 2031 --year 2033"
    assert told["Rows"] == f"{recs['Items'].max_row - 1} items"
    assert told["Written on"] == "2023-11-14"
    assert str(told["Data"]).split(",")[0] in run("--version").out
    assert str(told["Note"]).startswith(str(recs["Items"].max_row - 1))
    assert {"Wording", "Absence", "Acknowledgement"} <= set(told)


def test_a_sheet_is_headed_frozen_filtered_and_fitted(recs: openpyxl.Workbook) -> None:
    sheet = recs["Items"]
    assert [cell.value for cell in sheet[1]] == [col.head for col in LISTINGS["recs"].columns]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    wide = {cell.value: sheet.column_dimensions[cell.column_letter] for cell in sheet[1]}
    assert wide["summary"].width > wide["id"].width
    assert wide["pack"].hidden  # it is empty
    assert not wide["id"].hidden
    summary = next(cell for cell in sheet[2] if sheet.cell(1, cell.column).value == "summary")
    assert summary.alignment.wrap_text
    assert sheet.row_dimensions[2].height > 15


def test_cells_have_the_types_of_their_values(recs: openpyxl.Workbook, run: Run, tmp_path: Path) -> None:
    row = dict(zip([c.value for c in recs["Items"][1]], recs["Items"][2], strict=True))
    assert (row["id"].data_type, row["year"].data_type, row["number"].data_type) == ("s", "n", "s")
    assert run("sessions", "-o", tmp_path / "sessions.xlsx").code == 0
    sheet = opened(tmp_path / "sessions.xlsx")["Sessions"]
    heads = [cell.value for cell in sheet[1]]
    dated = [row[heads.index("held date")].value for row in sheet.iter_rows(min_row=2)]
    assert {type(day) for day in dated} <= {datetime.datetime, type(None)}
    assert any(dated)


def test_ids_link_to_an_address_or_to_their_source(recs: openpyxl.Workbook) -> None:
    sheet = recs["Items"]
    sources = {row[0]: n for n, row in enumerate(values(recs["Sources"]), 1)}
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        id_, document = row[0], row[heads.index("document")]
        assert document.hyperlink.location == f"'Sources'!A{sources[document.value]}"
        assert id_.hyperlink is not None
        assert (id_.hyperlink.target or "").startswith("http") or id_.hyperlink.location == document.hyperlink.location


@each("text", ["=1+1", "+1", "-1", "@a", "{=1}", "=cmd|' /C calc'!A0", "http://x.y", "mailto:a@b.c"])
def test_no_text_is_ever_a_formula(text: str) -> None:
    out = io.BytesIO()
    book.xlsx(Answer("texts", [Col("text"), Col("prose", 1, "prose")], [[text, text]]), out)
    made = opened(out)
    assert no_formulas(made)
    assert values(made["Texts"])[1] == [text, text]


def test_odd_texts_are_kept_and_long_texts_are_marked_as_cut() -> None:
    out = io.BytesIO()
    odd = ["\ud800 half", "tab\tand\nline", "x" * 40_000, "2033-02-31", "0001-01-01", "日本 🏮 Þórr"]
    book.xlsx(Answer("odd/names [and] more than thirty-one letters", [Col("a")], [[text] for text in odd]), out)
    (sheet,) = opened(out).worksheets
    assert len(sheet.title) <= 31
    found = [row[0] for row in values(sheet)[1:]]
    assert found[1] == odd[1]
    assert len(str(found[2])) == 32_767
    assert str(found[2]).endswith(book.CUT)
    assert found[3:] == odd[3:]


def test_a_number_keeps_all_of_its_digits() -> None:
    out = io.BytesIO()
    numbers = [10**15, -(10**15), 10**15 + 1, 2**63 - 1, -(2**63)]
    book.xlsx(Answer("numbers", [Col("n", 1, "number")], [[number] for number in numbers]), out)
    (sheet,) = opened(out).worksheets
    assert [int(str(row[0])) for row in values(sheet)[1:]] == numbers


def test_booleans_and_numbers_keep_their_types() -> None:
    out = io.BytesIO()
    columns = [Col("f", 1, "flag"), Col("n", 1, "number"), Col("x", 1, "number"), Col("l", 1, "list")]
    book.xlsx(Answer("cells", columns, [[1, 7, 2.5, '["a","b"]'], [0, None, 3.0, "[]"], [None, 1, 1, "[]"]]), out)
    (sheet,) = opened(out).worksheets
    assert values(sheet)[1:] == [[True, 7, 2.5, "a; b"], [False, None, 3, None], [None, 1, 1, None]]


def test_a_long_sheet_is_streamed_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "SAMPLE", 5)
    monkeypatch.setattr(book, "MOST_ROWS", 8)
    out = io.BytesIO()
    book.xlsx(Answer("rows", [Col("id"), Col("n", 1, "number")], ([f"r{n}", n] for n in range(20))), out)
    made = opened(out)
    assert made.sheetnames == ["Rows", "Rows 2", "Rows 3"]
    assert [v[1] for sheet in made for v in values(sheet)[1:]] == list(range(20))
    assert all(sheet["A1"].value == "id" for sheet in made)


@each(
    "argv",
    [("search", "lamp"), ("compare",), ("compare", "--theme", "lights"), ("compare", "--by", "theme"), ("about",),
     ("compare", "2031", "2033"), ("show", "2033-p2-r1"), *((name,) for name in LISTINGS)],
)  # fmt: skip
def test_every_answer_can_be_a_workbook_with_the_same_rows(run: Run, tmp_path: Path, argv: tuple[str, ...]) -> None:
    assert run(*argv, "-o", tmp_path / "answer.xlsx").code == 0
    made = opened(tmp_path / "answer.xlsx")
    assert no_formulas(made)
    told = run(*argv, "--format", "csv").out
    assert made.worksheets[1].max_row - 1 == sum(1 for _ in csv.reader(io.StringIO(told))) - 1


def test_an_export_has_one_sheet_per_table_with_ids_linked_to_their_rows(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "base.xlsx")
    assert (done.code, done.out) == (0, "")
    made = opened(tmp_path / "base.xlsx")
    assert no_formulas(made)
    assert made.sheetnames == ["About", *TABLES]
    sheet = made["recommendations"]
    heads = [cell.value for cell in sheet[1]]
    listed = json.loads(run("recs", "--format", "json").out)
    assert [row[0] for row in values(sheet)[1:]] == [rec["id"] for rec in listed]
    cell = sheet.cell(2, heads.index("session") + 1)
    name, _, at = cell.hyperlink.location.replace("'", "").partition("!")
    assert made[name][at].value == cell.value
    assert {row[1].split(":")[0] for row in values(made["About"])[2:] if row[1]} > set(made.sheetnames[1:])


def test_the_workbooks_are_as_they_were_read_in_review(database: Path) -> None:
    assert expected.books(database) == expected.read("answers/workbooks.txt")


def test_an_export_accepts_the_filters_of_the_lists(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "lights.xlsx", "--theme", "lights", "--table", "recommendations")
    assert done.err.endswith("filtered tables: recommendations; the other tables are complete\n")
    listed = json.loads(run("recs", "--theme", "lights", "--format", "json").out)
    sheet = opened(tmp_path / "lights.xlsx")["recommendations"]
    assert [row[0] for row in values(sheet)[1:]] == [rec["id"] for rec in listed]


def test_a_workbook_goes_through_a_pipe_but_not_to_a_terminal(run: Run, database: Path) -> None:
    argv = [sys.executable, "-m", "cthbkb", "themes", "--format", "xlsx", "--db", str(database)]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert opened(io.BytesIO(done.stdout)).sheetnames == ["About", "Themes", "Sources"]


def test_a_missing_library_is_reported_with_the_command_that_installs_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.delitem(sys.modules, "cthbkb.formats.book")
    for argv in (("recs", "-o", tmp_path / "a.xlsx"), ("export", tmp_path / "a.xlsx")):
        done = run(*argv)
        assert (done.code, done.out) == (1, "")
        assert done.err == ("error: this needs XlsxWriter, which is not installed\nhint: pip install 'cthbkb[xlsx]'\n")
    assert list(tmp_path.glob("*.xlsx*")) == []


def test_only_a_workbook_is_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_text("mine", encoding="utf-8")
    done = run("themes", "-o", tmp_path / "mine.xlsx")
    assert (done.code, done.err.splitlines()[0]) == (1, f"error: {tmp_path}/mine.xlsx exists and is not a xlsx file")
    assert (tmp_path / "mine.xlsx").read_text(encoding="utf-8") == "mine"
    (tmp_path / "mine.xlsx").chmod(0o640)
    assert run("themes", "-o", tmp_path / "mine.xlsx", "--force").code == 0
    assert run("people", "-o", tmp_path / "mine.xlsx").code == 0
    assert zipfile.is_zipfile(tmp_path / "mine.xlsx")
    assert (tmp_path / "mine.xlsx").stat().st_mode & 0o777 == 0o640


# Widths, heights, addresses, links


def test_a_column_is_as_wide_as_its_texts_up_to_a_readable_width() -> None:
    columns = [Col("id", 1, "id"), Col("summary", 1, "prose"), Col("themes", 1, "list"), Col("a_long_heading_of_words"),
               Col("n", 1, "number")]  # fmt: skip
    rows = [["a" * 50, "x" * 300, json.dumps(["y" * 60]), None, 1], ["b", f"{'o' * 9}\ntwo", "[]", None, 22]]
    assert book._widths(columns, rows) == [46, 68, 38, 11, 5]
    assert book._widths(columns, rows[1:]) == [6, 11, 10, 11, 5]
    assert book._widths([Col("text")], [["abc\nabcdefgh"]]) == [10]
    heights = {("x" * 70, 68, True): 15, ("x" * 71, 68, True): 30, ("x" * 300, 68, True): 75,
               ("x" * 300, 68, False): 15, ("a\n\nb", 68, True): 45, ("x" * 10_000, 20, True): 409,
               (5, 20, True): 15}  # fmt: skip
    assert {given: book._height([given[0]], [given[1]], [given[2]]) for given in heights} == heights
    assert book._height(["a", "x" * 41], [20, 20], [True, True]) == 30


def test_a_text_is_an_address_or_a_date_only_if_excel_accepts_it() -> None:
    long = f"http://{'a' * 1993}"
    addresses = {"http://a.b": "http://a.b", "HTTPS://a.b/c": "HTTPS://a.b/c", "www.a.b": "https://www.a.b", long: long,
                 f"{long}a": None, "a.b": None, "http://a b": None, "ftp://a.b": None, None: None}  # fmt: skip
    assert {text: book.address(text) for text in addresses} == addresses
    days = {"2033-02-28": True, "1900-01-01": True, "1899-12-31": False, "2033-02-31": False, "2033-2-1": False}
    assert {text: book._day(text) is not None for text in days} == days
    assert book.Book.row("A b", 3) == "internal:'A b'!A4"


def test_a_sheet_has_a_maximum_number_of_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MOST_LINKS", 3)
    out = io.BytesIO()
    book.xlsx(Answer("links", [Col("url"), Col("n", 1, "number"), Col("none")],
                     [[f"https://a.b/{n}", n, None] for n in range(5)]), out)  # fmt: skip
    (sheet,) = opened(out).worksheets
    cells = [sheet.cell(n, 1) for n in range(2, 7)]
    assert [cell.value for cell in cells] == [f"https://a.b/{n}" for n in range(5)]
    assert [cell.hyperlink.target if cell.hyperlink else None for cell in cells] == [
        *(f"https://a.b/{n}" for n in range(3)), None, None,
    ]  # fmt: skip
    assert [sheet.column_dimensions[letter].hidden for letter in "ABC"] == [False, False, True]
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$1:$1")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_the_sources_of_a_workbook_are_complete_and_link_to_their_addresses(run: Run, tmp_path: Path) -> None:
    assert run("recs", "--theme", "fog-signals", "-o", tmp_path / "none.xlsx").code == 0
    made = opened(tmp_path / "none.xlsx")
    assert made["About"]["A1"].value == "Items: theme Fog signals"
    told = [row for row in values(made["About"])[2:] if row[1]]
    assert told[0] == ["Rows", "0 items"]
    assert [row[0] for row in told].count("Acknowledgement") == 1
    assert len(told) == 6 + 5
    listed = json.loads(run("documents", "--format", "json").out)
    columns = ("id", "title", "citation", "url", "licence", "disclaimer")
    assert values(made["Sources"])[1:] == [[row[name] for name in columns] for row in listed]
    assert made["Sources"]["D2"].hyperlink.target == listed[0]["url"]
    assert made["About"]["B3"].hyperlink.location == "'Items'!A1"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupted_workbook_leaves_nothing_that_fails_later(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(io.BytesIO):
        def write(self, data: object) -> int:
            raise error

    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    out = Ended()
    made = book.Book(out, datetime.date(2033, 1, 1), "About")
    made.sheet("One")
    with pytest.raises(error):
        made.close()
    out.close()
    del made
    gc.collect()
    assert told == []
