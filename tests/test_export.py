"""Export: every table as CSV that any program can read, with references that resolve between files."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import sqlite_utils
from conftest import Run

from cthbkb.catalog import COMMANDS, Request
from cthbkb.dump import Bundle, tables
from cthbkb.model import TABLES
from cthbkb.origin import Origin
from cthbkb.registry import TABLES as ROWS
from cthbkb.schema import foreign_keys, link_tables


def read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ASKING = """
import asyncio, json, re, sys
import cthbkb.web  # spares Datasette the definitions of physical units
from datasette.app import Datasette

async def ask(file, page, pattern, *paths):
    client = Datasette([file]).client
    links = re.findall(pattern, (await client.get(page)).text)
    return [{path: (await client.get(path)).text for path in some} for some in (links, paths)]

print(json.dumps(asyncio.run(ask(*sys.argv[1:]))))
"""


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder with the export of the fabricated data."""
    done = run("export", tmp_path / "out" / "csv")
    assert (done.code, done.out) == (0, "")
    return tmp_path / "out" / "csv"


def test_every_table_is_written_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {"datapackage.json", *(f"{name}.csv" for name in tables())}
    assert set(TABLES) <= set(tables())
    assert {f"{table}_{column.name}" for table, column in link_tables()} <= set(tables())


def test_the_written_tables_and_rows_are_reported(run: Run, tmp_path: Path, db: sqlite3.Connection) -> None:
    number = sum(db.execute(f"select count(*) from {name}").fetchone()[0] for name in tables())
    done = run("export", tmp_path / "out")
    assert done.err == (
        f"wrote {len(tables())} tables, {number} rows, to {tmp_path}/out\n"
        "note: an apostrophe was added to 2 cells that a spreadsheet would run; --raw omits it\n"
    )
    again = run("export", tmp_path / "out", "--raw", "--force")
    assert again.err == f"wrote {len(tables())} tables, {number} rows, to {tmp_path}/out\n"


def test_every_file_has_a_header_and_its_rows_in_print_order(folder: Path, db: sqlite3.Connection) -> None:
    for name in TABLES:
        rows = read(folder / f"{name}.csv")
        assert [row["id"] for row in rows] == [i for (i,) in db.execute(f"select id from {name} order by seq")]
        assert all(None not in row and None not in row.values() for row in rows)
        assert "seq" not in (rows[0] if rows else {})


def test_lines_end_as_in_rfc_4180_and_cells_are_unchanged(folder: Path) -> None:
    text = (folder / "sessions.csv").read_bytes().decode()
    assert text.count("\r\n") == text.count("\n") == 13
    rows = {row["id"]: row for row in read(folder / "sessions.csv")}
    assert rows["2033-p2"]["title"] == 'Tides, tables and "the rest"'
    assert rows["2031-side1"]["organisers"] == "lighthouse-keepers-union; institute-of-tides"
    assert rows["2031-intro"]["number"] == ""


def test_formulas_get_an_apostrophe(folder: Path) -> None:
    values = {row["id"]: row["value"] for row in read(folder / "statistics.csv")}
    assert values["2033-p2-n1"] == "'+12.5 %"
    assert values["2035-p1-n1"] == "-5 %"


def test_references_resolve_between_files(folder: Path) -> None:
    ids = {name: {row["id"] for row in read(folder / f"{name}.csv")} for name in TABLES}
    for name in TABLES:
        for column, other in foreign_keys(name):
            found = {row[column] for row in read(folder / f"{name}.csv")} - {""}
            assert found <= ids[other], f"{name}.{column}"
    for name, column in link_tables():
        rows = read(folder / f"{name}_{column.name}.csv")
        listed = {
            (row["id"], value)
            for row in read(folder / f"{name}.csv")
            for value in row[column.name].split("; ")
            if value
        }
        assert column.ref
        assert {row[column.name] for row in rows} <= ids[column.ref]
        assert {(row[name], row[column.name]) for row in rows} == listed
        assert len(rows) == len(listed)


def test_nothing_is_replaced_unless_requested(run: Run, folder: Path) -> None:
    (folder / "themes.csv").write_text("mine", encoding="utf-8")
    done = run("export", folder)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"error: {folder} already contains conferences.csv\n"
        "hint: Name another folder, or add --force to replace the files.\n"
    )
    assert (folder / "themes.csv").read_text(encoding="utf-8") == "mine"
    assert run("export", folder, "--force").code == 0
    assert (folder / "themes.csv").read_text(encoding="utf-8").startswith("id,")


def test_other_files_in_the_folder_are_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("mine", encoding="utf-8")
    assert run("export", tmp_path, "--force").code == 0
    assert (tmp_path / "notes.csv").read_text(encoding="utf-8") == "mine"
    assert [path for path in tmp_path.iterdir() if path.suffix not in {".csv", ".json", ""}] == []


def test_only_the_tables_named_are_written(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "out", "--table", "themes", "--table", "threads_themes")
    assert (done.code, done.err) == (0, f"wrote 2 tables, 20 rows, to {tmp_path}/out\n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "datapackage.json",
        "themes.csv",
        "threads_themes.csv",
    ]
    assert (tmp_path / "out" / "threads_themes.csv").read_bytes().decode() == (
        "threads,themes\r\njoint-teams,joint-harbour-teams\r\njoint-teams,cooperation\r\nlights-lit,lighthouses\r\n"
        "night-pay,fair-pay\r\nnight-pay,night-work\r\ntide-tables,tide-data\r\ncadet-mentors,young-sailors\r\n"
        "open-log-books,harbour-safety\r\nkeepers-heard,lighthouses\r\nspare-lamps,lighthouses\r\n"
        "measure-more,tide-data\r\n"
    )


def test_an_unknown_table_lists_the_tables_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "out", "--table", "theme")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: unknown table 'theme'\nhint: Did you mean themes or ")
    assert done.err.endswith(f"Tables: {', '.join(tables())}.\n")
    assert not (tmp_path / "out").exists()


def test_every_file_for_excel_has_a_byte_order_mark(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path, "--excel", "--table", "people", "--table", "themes").code == 0
    for name in ("people", "themes"):
        assert (tmp_path / f"{name}.csv").read_bytes()[:5] == b"\xef\xbb\xbfid"


def test_a_failure_in_the_middle_is_reported_once(database: Path) -> None:
    """A cursor that is not read to its end would be closed after its database, which is reported on stderr."""
    with closing(sqlite3.connect(database)) as db:
        request = Request(COMMANDS["export"], ["out"], {})
        bundle = Bundle(db, Origin(db, request, "tables"), ["recommendations"])
        rows = bundle.tables[0].rows()
        assert next(rows)
    rows.close()  # type: ignore[attr-defined]  # a generator


def test_a_file_is_not_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = run("export", tmp_path / "file")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {tmp_path}/file is a file\nhint: Name a folder.\n"
    below = run("export", tmp_path / "file" / "out")
    assert (below.code, below.out) == (1, "")
    assert f"{tmp_path}/file/out" in below.err.splitlines()[0]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("argv", [("export", ""), ("export", "--", "")])
def test_an_export_needs_a_target(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")


def test_an_export_has_the_same_rows_as_the_list(run: Run, folder: Path) -> None:
    listed = json.loads(run("recs", "--format", "json").out)
    for row, rec in zip(read(folder / "recommendations.csv"), listed, strict=True):
        assert (row["id"], row["summary"], row["kind"]) == (rec["id"], rec["summary"], rec["kind"])
        assert row["themes"] == "; ".join(rec["themes"])


def test_the_package_describes_every_file_and_its_cells(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {path.name for path in folder.glob("*.csv")}
    assert package["sources"]
    ids = {r["name"]: {row.get("id") for row in read(folder / r["path"])} for r in package["resources"]}
    forms = {"integer": r"-?[0-9]+", "number": r"-?[0-9.]+", "boolean": r"true|false", "string": r"(?s).+"}
    for resource in package["resources"]:
        rows = read(folder / resource["path"])
        fields = resource["schema"]["fields"]
        assert all(field["description"] for field in fields)
        assert all(list(row) == [field["name"] for field in fields] for row in rows)
        for field in fields:
            cells = [row[field["name"]] for row in rows]
            assert all(re.fullmatch(forms[field["type"]], cell) for cell in cells if cell)
            assert all(cells) or not field.get("constraints")
        key = resource["schema"]["primaryKey"]
        keys = [tuple(row[k] for k in ([key] if isinstance(key, str) else key)) for row in rows]
        assert len(set(keys)) == len(rows)
        for foreign in resource["schema"].get("foreignKeys", ()):
            other = foreign["reference"]["resource"] or resource["name"]
            assert {row[foreign["fields"]] for row in rows} - {""} <= ids[other]


def test_a_package_of_some_rows_has_no_foreign_keys_that_may_not_resolve(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "out", "--year", "2033", "--theme", "lights")
    assert done.err.endswith("; the other tables are complete\n")
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    keys = {r["name"]: r["schema"].get("foreignKeys", []) for r in package["resources"]}
    assert "sessions" not in {k["reference"]["resource"] for k in keys["recommendations"]}
    listed = json.loads(run("recs", "--year", "2033", "--theme", "lights", "--format", "json").out)
    assert [row["id"] for row in read(tmp_path / "out" / "recommendations.csv")] == [rec["id"] for rec in listed]
    links = read(tmp_path / "out" / "recommendations_themes.csv")
    assert {row["recommendations"] for row in links} == {rec["id"] for rec in listed}


def test_another_delimiter_and_no_header(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path, "--table", "themes", "--delimiter", ";", "--no-header").code == 0
    with open(tmp_path / "themes.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";", strict=True))
    assert [row[0] for row in rows] == [row["slug"] for row in json.loads(run("themes", "--format", "json").out)]
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"][0]["dialect"] == {
        "delimiter": ";", "lineTerminator": "\r\n", "doubleQuote": True, "header": False
    }  # fmt: skip
    listed = run("themes", "--columns", "slug,label", "--delimiter", ";", "--no-header").out
    assert listed.splitlines()[0].count(";") == 1
    assert not listed.startswith("slug")
    for argv in (("themes", "--delimiter", "ab"), ("export", tmp_path, "--delimiter", '"')):
        assert run(*argv).code == 2
    assert run("themes", "--delimiter", ";", "--format", "json").code == 2
    assert run("themes", "--no-header", "--format", "json").code == 2


def test_one_json_file_contains_all_tables(run: Run, tmp_path: Path, folder: Path) -> None:
    assert run("export", tmp_path / "base.json").code == 0
    base = json.loads((tmp_path / "base.json").read_text(encoding="utf-8"))
    assert list(base["tables"]) == tables()
    for name in tables():
        assert len(base["tables"][name]) == len(read(folder / f"{name}.csv"))
    assert isinstance(base["tables"]["recommendations"][0]["themes"], list)


def test_a_database_file_is_plain_and_complete_with_valid_references(run: Run, tmp_path: Path, folder: Path) -> None:
    assert run("export", tmp_path / "base.db").code == 0
    with closing(sqlite3.connect(tmp_path / "base.db")) as base:
        made = dict(base.execute("select name, sql from sqlite_schema where type = 'table'"))
        plain = [made[name].lower() for name in tables()]
        assert not any("strict" in sql or "without rowid" in sql for sql in plain)
        assert base.execute("pragma foreign_key_check").fetchall() == []
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
        assert base.execute("pragma journal_mode").fetchone() == ("delete",)
        for name in tables():
            assert base.execute(f"select count(*) from {name}").fetchone()[0] == len(read(folder / f"{name}.csv"))
        assert (
            base.execute("select text from about where heading = 'Command'").fetchone()[0].startswith("cthbkb export")
        )
    assert run("export", tmp_path / "base.db").code == 0
    (tmp_path / "base.db").write_text("mine", encoding="utf-8")
    assert run("export", tmp_path / "base.db").code == 1


def test_a_reference_of_a_database_file_is_to_a_key(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "base.db").code == 0
    with closing(sqlite3.connect(tmp_path / "base.db")) as base:
        for name in tables():
            for _, _, other, _, to, *_ in base.execute(f"pragma foreign_key_list({name})").fetchall():
                keys = [row[1] for row in base.execute(f"pragma table_info({other})") if row[5]]
                assert keys == [to], f"{name} to {other}"


def test_a_database_file_is_searched_by_other_programs(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "base.db").code == 0
    with closing(sqlite3.connect(tmp_path / "base.db")) as base:
        db = sqlite_utils.Database(base, execute_plugins=False)
        for table in (table for table in TABLES if ROWS[table].indexed):
            first = next(iter(db.table(table).rows))
            word = max(re.findall(r"\w+", " ".join(str(text) for text in first.values() if text)), key=len)
            assert first["id"] in [row["id"] for row in db.table(table).search(word, quote=True)], table


def test_datasette_follows_the_references_of_a_database_file(run: Run, tmp_path: Path, folder: Path) -> None:
    pytest.importorskip("datasette", reason="the extra `web` is not installed")
    assert run("export", tmp_path / "base.db").code == 0

    pattern = r'href="(/base/(?:recommendations|themes)/[^"?]+)"'
    search = "/base/recommendations.json?_search=lamp&_shape=array"
    argv = [str(tmp_path / "base.db"), "/base/recommendations_themes?_size=1", pattern, search]
    done = subprocess.run([sys.executable, "-c", ASKING, *argv], capture_output=True, check=True)
    links, found = json.loads(done.stdout)
    assert len(links) == 2
    assert [link for link, text in links.items() if link.rpartition("/")[2] not in text] == []
    rows = json.loads(found[search])
    expected = [row["id"] for row in read(folder / "recommendations.csv") if re.search(r"(?i)\blamp\b", row["summary"])]
    assert expected
    assert set(expected) <= {row["id"] for row in rows} < {row["id"] for row in read(folder / "recommendations.csv")}


COLUMN = r'"?\w+"? (integer|real|text)( primary key)?( unique)?( not null)?( references "?\w+"?\("?\w+"?\))?'
OLD_SQL = re.compile(
    rf'create table "?\w+"? \({COLUMN}(, {COLUMN})*(, primary key \(["\w, ]+\))?\)'
    r'|create index "?\w+"? on "?\w+"? \(["\w, ]+\)'
    r'|create virtual table "\w+" using fts5\(["\w, ]+(, (content|content_rowid|tokenize)=["\'\w ]+)*\)'
)
"""Patterns for the statements of an exported database that SQLite 3.31, without STRICT and trigrams, can read."""


def test_a_database_file_has_nothing_that_an_old_sqlite_cannot_read(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "base.db").code == 0
    head = (tmp_path / "base.db").read_bytes()[:100]
    assert head.startswith(b"SQLite format 3\0")
    assert (head[18], head[19], int.from_bytes(head[44:48], "big")) == (1, 1, 4)  # no WAL, the schema format of 2006
    with closing(sqlite3.connect(tmp_path / "base.db")) as base:
        made = base.execute("select type, name, lower(sql) from sqlite_master where sql is not null").fetchall()
    assert {kind for kind, _, _ in made} <= {"table", "index"}
    own = [sql for _, name, sql in made if not re.search("_fts_(data|idx|docsize|config)$", name)]
    assert [sql for sql in own if not OLD_SQL.fullmatch(sql) or "trigram" in sql] == []


def test_a_sqlite_that_checks_references_row_by_row_exports_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("export", tmp_path / "base.db").code == 0
    made = (tmp_path / "base.db").read_bytes()
    (tmp_path / "base.db").unlink()
    connect = sqlite3.connect

    def checking(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute("pragma foreign_keys = on")  # the default of some builds
        return db

    monkeypatch.setattr(sqlite3, "connect", checking)
    assert run("export", tmp_path / "base.db").code == 0
    assert (tmp_path / "base.db").read_bytes() == made


def test_an_unknown_extension_is_reported(run: Run, tmp_path: Path) -> None:
    done = run("export", tmp_path / "base.xls")
    assert (done.code, done.err.splitlines()[0]) == (2, f"error: unknown format of the export '{tmp_path}/base.xls'")
    assert run("export", tmp_path / "out", "--format", "cvs").code == 2


def test_an_option_that_the_format_does_not_support_is_rejected_and_nothing_is_written(
    run: Run, tmp_path: Path
) -> None:
    for option in (["--excel"], ["--delimiter", ";"], ["--no-header"], ["--raw"]):
        for target, format in (("b.json", "json"), ("b.db", "db"), ("b.XLSX", "xlsx"), ("out", "parquet")):
            words = ["--format", "parquet"] * (target == "out")
            done = run("export", tmp_path / target, *words, *option)
            said = f"error: {option[0]} works with CSV, not with {format}\nhint: Remove one of them.\n"
            assert (done.code, done.err) == (2, said)
    done = run("export", tmp_path / "b.json", "--format", "parquet")
    assert (done.code, done.err.splitlines()[0]) == (
        2, f"error: --format works with a folder, not with {tmp_path}/b.json"
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_the_target_determines_whether_a_file_or_a_folder_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cthbkb.commands.export.MANY", 0)  # progress is shown only on a terminal
    (tmp_path / "folder.json").mkdir()
    for target in ("B.JSON", "folder.json", "new.db/"):
        done = run("export", f"{tmp_path}/{target}", "--table", "themes")
        assert (done.code, done.err) == (0, f"wrote 1 table, 9 rows, to {tmp_path}/{target}\n")
    assert list(json.loads((tmp_path / "B.JSON").read_text(encoding="utf-8"))["tables"]) == ["themes"]
    for folder in ("folder.json", "new.db"):
        assert {path.name for path in (tmp_path / folder).iterdir()} == {"themes.csv", "datapackage.json"}


def test_the_tables_that_a_filter_narrows_are_named_without_their_link_tables(run: Run, tmp_path: Path) -> None:
    for named, said in (
        (["documents", "themes"], "themes"), (["recommendations", "recommendations_themes"], "recommendations"),
        (["abbreviations"], "none"),
    ):  # fmt: skip
        words = [word for table in named for word in ("--table", table)]
        done = run("export", tmp_path, "--theme", "lights", *words, "--force")
        assert done.err.splitlines()[1] == f"filtered tables: {said}; the other tables are complete"


def test_parquet_is_read_back_with_lists_and_descriptions(run: Run, tmp_path: Path, folder: Path) -> None:
    assert run("export", tmp_path / "parquet", "--format", "parquet").code == 0
    for name in tables():
        table = pyarrow.parquet.read_table(tmp_path / "parquet" / f"{name}.parquet")
        rows = read(folder / f"{name}.csv")
        assert table.num_rows == len(rows)
        assert not rows or table.column_names == list(rows[0])
    recs = pyarrow.parquet.read_table(tmp_path / "parquet" / "recommendations.parquet")
    listed = json.loads(run("recs", "--format", "json").out)
    assert [row["themes"] for row in recs.to_pylist()] == [rec["themes"] for rec in listed]
    assert [row["year"] for row in recs.to_pylist()] == [rec["year"] for rec in listed]
    assert recs.schema.field("summary").metadata[b"description"]


def test_parquet_refuses_csv_options_and_existing_files(run: Run, tmp_path: Path) -> None:
    argv = ("export", tmp_path / "out", "--format", "parquet", "--table", "themes")
    assert run(*argv, "--excel").code == 2
    assert run(*argv).code == 0
    done = run(*argv)
    assert (done.code, done.err.splitlines()[0]) == (1, f"error: {tmp_path}/out already contains themes.parquet")
    assert run(*argv, "--force").code == 0


def test_parquet_without_its_library_is_reported_in_one_message(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "cthbkb.formats.parquet", raising=False)
    done = run("export", tmp_path / "out", "--format", "parquet")
    assert (done.code, done.err) == (
        1, "error: this needs pyarrow, which is not installed\nhint: pip install 'cthbkb[parquet]'\n"
    )  # fmt: skip
