"""Every cell of a database of nasty texts is read back unchanged from every format, view and program."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nasty
import pytest
import yaml
from conftest import Run, each

from cthbkb import KnowledgeBase, formats, front, seed
from cthbkb.columns import Col
from cthbkb.dump import tables
from cthbkb.formats.markdown import escaped
from cthbkb.formats.plain import safe
from cthbkb.messages import CONTROLS, visible
from cthbkb.query import columns
from cthbkb.registry import LISTINGS

Cells = list[list[Any]]
YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@pytest.fixture(scope="module")
def base(seed_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, records = nasty.made(seed_path, tmp_path_factory.mktemp("nasty"))
    held = {v for rows in records.values() for record in rows for v in record.values().values() if isinstance(v, str)}
    assert set(nasty.TEXTS) <= held
    return path


@pytest.fixture
def db(base: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(base)
    yield connection
    connection.close()


def stored(db: sqlite3.Connection, name: str) -> tuple[list[Col], Cells]:
    """Return the columns and rows of a listing, with lists and flags decoded and texts unchanged."""
    made = columns(db, LISTINGS[name])
    names = ", ".join(f'"{col.name}"' for col in made)
    rows = [[value(col, cell) for col, cell in zip(made, row, strict=True)] for row in db.execute(
        f"select {names} from list_{name} order by seq"
    )]  # fmt: skip
    return made, rows


def value(col: Col, cell: Any) -> Any:
    if col.holds == "list":
        return json.loads(cell or "[]")
    return bool(cell) if col.holds == "flag" and cell is not None else cell


def text(cell: Any) -> str:
    """Return a value as written in a format in which everything is text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "; ".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def asked(name: str, *more: str) -> list[str]:
    return [name, "--columns", "all", "--limit", "9999", *more]


def test_the_texts_are_sound() -> None:
    assert [t for t in nasty.TEXTS if seed.FORBIDDEN.search(t) or t != t.strip(" \n")] == []


@each("name", LISTINGS)
def test_objects_have_the_stored_values(name: str, base: Path, db: sqlite3.Connection, run: Run) -> None:
    made, rows = stored(db, name)
    wanted = [dict(zip([col.name for col in made], row, strict=True)) for row in rows]
    assert json.loads(run(*asked(name, "-f", "json"), db=base).out) == wanted
    lines = run(*asked(name, "-f", "jsonl"), db=base).out.split("\n")
    assert [json.loads(line) for line in lines[:-1]] == wanted
    assert yaml.safe_load(run(*asked(name, "-f", "yaml"), db=base).out) == wanted
    with KnowledgeBase(str(base)) as kb:
        assert list(kb.rows(name)) == wanted


@each("name", LISTINGS)
@each("raw", [False, True])
def test_csv_has_the_stored_values(name: str, raw: bool, base: Path, db: sqlite3.Connection, run: Run) -> None:
    _, rows = stored(db, name)
    wanted = [[text(cell) for cell in row] for row in rows]
    done = run(*asked(name, "-f", "csv", *["--raw"] * raw), db=base)
    found = list(csv.reader(io.StringIO(done.out, newline=""), strict=True))[1:]
    assert found == (wanted if raw else [[safe(cell) for cell in row] for row in wanted])
    assert said(done.err, "an apostrophe was added to") == (
        0 if raw else sum(safe(cell) != cell for row in wanted for cell in row)
    )


@each("name", LISTINGS)
@each("raw", [False, True])
def test_tsv_has_the_stored_values_except_for_reported_changes(
    name: str, raw: bool, base: Path, db: sqlite3.Connection, run: Run
) -> None:
    _, rows = stored(db, name)
    texts = [[text(cell) for cell in row] for row in rows]
    flat = [[flattened(c) for c in row] for row in texts]
    wanted = flat if raw else [[safe(cell) for cell in row] for row in flat]
    done = run(*asked(name, "-f", "tsv", *["--raw"] * raw), db=base)
    lines = done.out.split("\n")[1:-1]
    assert len(lines) == len(rows)
    if raw:
        assert [line.split("\t") for line in lines] == wanted
    else:
        assert list(csv.reader(lines, delimiter="\t", strict=True)) == wanted
    assert said(done.err, "an apostrophe was added to") == (
        0 if raw else sum(safe(cell) != cell for row in flat for cell in row)
    )
    assert said(done.err, "tabs and line breaks in") == sum(
        a != b for old, new in zip(texts, flat, strict=True) for a, b in zip(old, new, strict=True)
    )


def flattened(cell: str) -> str:
    """Return a cell as TSV writes it; no-break spaces are kept."""
    return " ".join(re.split(r"[\t\r\n ]+", cell.strip())) if re.search(r"[\t\r\n]", cell) else cell


def said(messages: str, what: str) -> int:
    """Return the number of cells in a message."""
    found = re.search(rf"note: {what} (\d+) cell", messages)
    return int(found[1]) if found else 0


@each("name", LISTINGS)
def test_pandas_reads_the_stored_values(
    name: str, base: Path, db: sqlite3.Connection, run: Run, tmp_path: Path
) -> None:
    pandas = pytest.importorskip("pandas")
    _, rows = stored(db, name)
    wanted = [[text(cell) for cell in row] for row in rows]
    path = tmp_path / "rows.csv"
    assert run(*asked(name, "--raw", "-o", str(path)), db=base).code == 0
    found = pandas.read_csv(path, dtype=str, keep_default_na=False)
    assert found.to_numpy().tolist() == wanted
    path = tmp_path / "rows.tsv"
    assert run(*asked(name, "-o", str(path)), db=base).code == 0
    found = pandas.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    flat = [[flattened(c) for c in row] for row in wanted]
    assert found.to_numpy().tolist() == [[safe(cell) for cell in row] for row in flat]
    found = pandas.DataFrame(json.loads(run(*asked(name, "-f", "json"), db=base).out))
    assert len(found) == len(rows)


@each("name", LISTINGS)
def test_a_workbook_has_the_stored_values(
    name: str, base: Path, db: sqlite3.Connection, run: Run, tmp_path: Path
) -> None:
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    made, rows = stored(db, name)
    path = tmp_path / "rows.xlsx"
    assert run(*asked(name, "-o", str(path)), db=base).code == 0
    with closing(openpyxl.load_workbook(path)) as book:
        sheet = book[book.sheetnames[1]]
        assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=1)] == [[col.head for col in made]]
        found = list(sheet.iter_rows(min_row=2))
    assert {cell.data_type for row in found for cell in row} & {"f", "e"} == set()
    assert [[text(as_text(cell.value)) for cell in row] for row in found] == [[text(c) for c in row] for row in rows]


def as_text(cell: Any) -> Any:
    """Return a date in a sheet as the database stores it."""
    return cell.date().isoformat() if hasattr(cell, "date") else cell


class Page(HTMLParser):
    """The texts of the cells of a page, and its elements and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def page(made: str) -> Page:
    found = Page()
    found.feed(made)
    return found


def renderers() -> dict[str, Any]:
    found: dict[str, Any] = {}
    markdown_it = pytest.importorskip("markdown_it")
    found["markdown-it"] = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render
    try:
        import cmarkgfm
    except ModuleNotFoundError:
        return found
    found["cmark-gfm"] = cmarkgfm.github_flavored_markdown_to_html
    return found


INERT = {"table", "thead", "tbody", "tr", "th", "td", "a"}


@each("name", LISTINGS)
def test_a_rendered_markdown_table_has_the_stored_values(
    name: str, base: Path, db: sqlite3.Connection, run: Run
) -> None:
    made, rows = stored(db, name)
    wanted = [[" ".join(text(cell).split()) for cell in row] for row in rows]
    names = ",".join(col.name for col in made)
    out = run(name, "--columns", names, "--limit", "9999", "-f", "markdown", db=base).out
    for renderer, render in renderers().items():
        found = page(render(out))
        assert found.tags <= INERT, renderer
        read = [[" ".join(cell.split()) for cell in row] for row in found.rows[1:]]
        assert read == wanted, renderer


@each("written", nasty.TEXTS)
def test_a_rendered_markdown_document_has_the_original_text(written: str) -> None:
    answer = formats.Answer("texts", [Col("name", 1), Col("year", 1), Col("note", 1)], [(written, "2031", written)])
    answer.document = True
    out = io.StringIO()
    formats.writer("markdown")(answer, out)
    said = " ".join(written.split())
    for renderer, render in renderers().items():
        made = render(out.getvalue())
        assert set(re.findall(r"<(\w+)", made)) <= {"h1", "h2", "ul", "li", "a"}, renderer
        shown = " ".join(html.unescape(re.sub(r"</?(?:h1|h2|ul|li|a)\b[^>]*>", "", made)).split())
        assert shown == f"Texts 2031 {said} (note: {said})", renderer


@pytest.mark.parametrize("heading", ["C #", "# a", "1. a", "a ##", "_a_", "#", "- a"])
def test_a_rendered_heading_has_the_original_text(heading: str) -> None:
    from cthbkb.formats.markdown import headed

    for render in renderers().values():
        made = render(f"# {headed(escaped(heading))}\n")
        assert html.unescape(re.sub("<[^>]*>", "", made)).strip() == heading


def test_texts_without_markup_are_not_escaped() -> None:
    text = "A 3 & 4 year_by_year plan (R&D), see https://www.example.org/a.b?c=1, and 5 > 3"
    assert escaped(text) == text


@each("name", LISTINGS)
def test_a_record_is_shown_as_it_is_stored(name: str, base: Path, db: sqlite3.Connection, run: Run) -> None:
    made, rows = stored(db, name)
    listing = LISTINGS[name]
    names = [col.name for col in made]
    wanted = {row[names.index(listing.key)]: dict(zip(names, row, strict=True)) for row in rows[:4] + rows[-4:]}
    shown = json.loads(run("show", *wanted, "-f", "json", db=base).out)
    shown = dict(zip(wanted, shown if len(wanted) > 1 else [shown], strict=True))
    written = io.StringIO(run("show", *wanted, "-f", "csv", "--raw", db=base).out, newline="")
    cells: list[dict[str, str]] = []
    for part, field, cell in csv.reader(written):
        if (part, field) == ("record", "table"):
            cells.append({})
        if part == "record":
            cells[-1][field] = cell
    assert yaml.load(run("show", *wanted, "-f", "yaml", db=base).out, YAML) == [*shown.values()]
    with KnowledgeBase(str(base)) as kb:
        for (key, record), found in zip(shown.items(), cells, strict=True):
            assert kb.show(key) == record
            if record["table"] == listing.table.name:  # otherwise its key is the id of another record
                assert {field: record[field] for field in names} == wanted[key]
                texts = {field: text(cell) for field, cell in wanted[key].items()}
                assert found == {"table": record["table"], **texts}


def test_linked_titles_are_always_texts(base: Path, db: sqlite3.Connection, run: Run) -> None:
    titles = {title for (title,) in db.execute("select title from sessions")}
    seen = set()
    for (person,) in db.execute("select id from people"):
        linked = json.loads(run("show", person, "-f", "json", db=base).out)["linked"]
        seen |= {link["title"] for links in linked.values() for link in links}
    assert {type(title) for title in seen} == {str}
    assert any(title in shown for title in titles for shown in seen)


def test_an_export_has_the_stored_values(base: Path, db: sqlite3.Connection, run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "out", "--raw", db=base).code == 0
    assert run("export", tmp_path / "out.json", db=base).code == 0
    assert run("export", tmp_path / "out.db", db=base).code == 0
    objects = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["tables"]
    with closing(sqlite3.connect(tmp_path / "out.db")) as copy:
        for table in tables():
            with (tmp_path / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
                header, *found = csv.reader(file, strict=True)
            names = ", ".join(f'"{name}"' for name in header)
            if table in nasty.TABLES:
                rows = db.execute(f"select {names} from {table} order by seq").fetchall()
                assert copy.execute(f"select {names} from {table} order by rowid").fetchall() == rows
                for row, cells, whole in zip(rows, found, objects[table], strict=True):
                    for cell, written, (column, held) in zip(row, cells, whole.items(), strict=True):
                        assert written == text(held)
                        assert held == (json.loads(cell or "[]") if isinstance(held, list) else cell), column
            else:
                assert [list(row.values()) for row in objects[table]] == found


def test_about_is_always_a_text(base: Path, db: sqlite3.Connection, run: Run) -> None:
    shown = json.loads(run("about", "-f", "json", db=base).out)
    told = {link["title"] for links in shown["linked"].values() for link in links}
    assert {citation for (citation,) in db.execute("select citation from documents")} <= told


# Terminals

DANGEROUS = [
    *map(chr, (*range(9), *range(11, 32), *range(127, 160), 0x61C, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F))),
    *map(chr, (*range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC), 0xE0001, *range(0xE0020, 0xE0080))),
]  # fmt: skip

NEEDED = [
    "\u200c",
    "\u200d",
    "\u00ad",
    "\u00a0",
    "\u202f",
    "\ufe0f",
    "\U000e0100",
    "\u0600",
    "א",
    "ب",
    "\u0301",
    "\U0001f3fd",
]


def test_the_set_of_control_characters_is_as_defined() -> None:
    """The set is defined by Unicode category, except for the marks that scripts need."""
    import unicodedata

    kept = {0xAD, 0x200C, 0x200D, *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    kept |= {*range(0x13430, 0x13440), *range(0x1BCA0, 0x1BCA4), 9, 10}
    every = "".join(map(chr, range(0x110000)))
    unwanted = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    control = {char for char in every if unicodedata.category(char) in unwanted} - {*map(chr, kept)}
    found = set(re.findall(f"[{CONTROLS}]", every))
    assert control - found == set()
    assert {unicodedata.category(char) for char in found - control} <= {"Cn"}


@each("char", DANGEROUS)
def test_control_characters_are_made_visible(char: str) -> None:
    shown = visible(f"a{char}b")
    assert shown == f"a{char.encode('unicode_escape').decode()}b"
    assert shown.isprintable()


@each("char", NEEDED)
def test_marks_that_scripts_need_are_unchanged(char: str) -> None:
    assert visible(f"a{char}b") == f"a{char}b"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("format", ["table", "tsv", "csv", "json", "jsonl", "markdown", "yaml"])
def test_no_format_sends_control_characters_to_a_terminal(
    format: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database from somebody else may contain characters that a seed cannot."""
    path = tmp_path / "theirs.db"
    path.write_bytes(base.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        db.execute("update recommendations set summary = ?", (f"a{''.join(DANGEROUS)}b",))
        db.commit()
    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    assert front.main(["recs", "-c", "id,summary", "--format", format, "--no-pager", "--db", str(path)]) == 0
    written = out.getvalue()
    assert "a" in written
    assert [hex(ord(c)) for c in DANGEROUS if c in written] == []


def test_raw_output_is_exact_on_a_terminal_too(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "theirs.db"
    path.write_bytes(base.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        db.execute("update recommendations set summary = ?", ("=\x1b[31m",))
        db.commit()
    out = Terminal()
    monkeypatch.setattr("sys.stdout", out)
    front.main(["recs", "-c", "summary", "-f", "tsv", "--no-header", "-n1", "--raw", "--db", str(path)])
    assert out.getvalue() == "=\x1b[31m\n"


@pytest.mark.parametrize("format", ["json", "markdown"])
def test_raw_is_accepted_only_by_csv_and_tsv(format: str, run: Run) -> None:
    done = run("recs", "--raw", "-f", format)
    assert (done.code, done.err.split("\n")[0]) == (2, f"error: --raw works with CSV and TSV, not with {format}")
