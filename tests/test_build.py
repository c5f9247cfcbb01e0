"""A build is complete or leaves nothing behind, always gives the same bytes, and contains the values of the records."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import each

from cthbkb import __version__, cache, fill, named, registry
from cthbkb import build as builds
from cthbkb.build import build
from cthbkb.errors import Refused
from cthbkb.model import TABLES, Records, columns_of
from cthbkb.schema import link_tables
from cthbkb.seed import Seed, parse

LISTS = [(table, c.name) for table, type_ in TABLES.items() for c in columns_of(type_) if c.type == "list"]


def changed(seed: Seed, table: str, id_: str, **values: Any) -> Seed:
    """Return the seed with other values in one record."""
    records = [dataclasses.replace(r, **values) if r.id == id_ else r for r in seed.records[table]]
    return dataclasses.replace(seed, records=Records({**seed.records, table: records}))


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the database at `path`."""
    with closing(named.connect(str(path))) as db:
        return db.execute(sql).fetchall()


# The file


def test_two_builds_have_the_same_bytes(seed: Seed, tmp_path: Path) -> None:
    build(seed, tmp_path / "a.db")
    build(seed, tmp_path / "b.db")
    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()


def test_a_build_imports_no_pandas_and_leaves_sqlite_utils_complete(seed_path: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom cthbkb import front\nfound = [*sys.meta_path]\n"
        "assert front.main(sys.argv[1:]) == 0\n"
        "assert not {'numpy', 'pandas'} & {*sys.modules}\nassert sys.meta_path == found\n"
        "import pandas, sqlite_utils\n"
        "table = sqlite_utils.Database(memory=True)['t']\n"
        "table.insert({'n': pandas.Series([7])[0], 'day': pandas.Timestamp('2031-05-04')})\n"
        "assert table.columns_dict == {'n': int, 'day': str}\n"
    )
    command = [sys.executable, "-c", code, "load", str(seed_path), "--db", str(tmp_path / "a.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("loaded")) == (0, 1), done.stderr


def test_pandas_is_hidden_only_from_the_thread_that_builds() -> None:
    hidden = fill._Hidden("pandas")
    with pytest.raises(ModuleNotFoundError):
        hidden.find_spec("pandas")
    hidden.find_spec("yaml")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(hidden.find_spec, "pandas").result() is None


def test_a_build_leaves_one_file(seed: Seed, tmp_path: Path) -> None:
    build(seed, tmp_path / "a.db")
    assert os.listdir(tmp_path) == ["a.db"]


def test_a_database_has_the_permissions_of_a_new_file(seed: Seed, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        build(seed, tmp_path / "a.db")
    finally:
        os.umask(before)
    assert (tmp_path / "a.db").stat().st_mode & 0o777 == 0o644


def test_a_build_replaces_a_database_of_the_program(seed: Seed, tmp_path: Path) -> None:
    build(changed(seed, "people", "tom-reed", name="Tom Rood"), tmp_path / "a.db")
    build(seed, tmp_path / "a.db")
    assert rows(tmp_path / "a.db", "select name from people where id = 'tom-reed'") == [("Tom Reed",)]


def test_a_database_has_the_marks_of_the_program(db: sqlite3.Connection) -> None:
    marks = [db.execute(f"pragma {name}").fetchone()[0] for name in ("application_id", "user_version")]
    assert marks == [cache.APPLICATION_ID, cache.SCHEMA_VERSION]


def test_the_journal_mode_works_in_a_read_only_folder(db: sqlite3.Connection) -> None:
    assert db.execute("pragma journal_mode").fetchone() == ("delete",)


def test_a_database_passes_the_integrity_check(db: sqlite3.Connection) -> None:
    assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert db.execute("pragma foreign_key_check").fetchall() == []


def test_a_database_has_no_statistics(db: sqlite3.Connection) -> None:
    """With statistics, SQLite 3.34 skips rows; which tables have statistics also differs between versions."""
    assert db.execute("select name from sqlite_master where name like 'sqlite_stat%'").fetchall() == []


def test_a_sqlite_that_enforces_foreign_keys_builds_the_same(seed: Seed, database: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("pragma foreign_keys = on")  # the default of some builds
        fill.write(seed, db)
        made = list(db.iterdump())
    with closing(sqlite3.connect(database)) as db:
        assert [line for line in db.iterdump() if "built_from" not in line] == made


def test_every_cell_has_the_type_of_its_column(db: sqlite3.Connection) -> None:
    """Strict tables would ensure this, but older versions of SQLite do not support them."""
    tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' and rootpage > 0")]
    for table in tables:
        for name, kind in db.execute("select name, type from pragma_table_info(?) where type <> ''", (table,)):
            found = {t for (t,) in db.execute(f'select distinct typeof("{name}") from {table}')}
            assert found <= {kind.lower(), "null"}, f"{table}.{name}"


# Existing files


def test_a_file_of_another_program_is_refused_and_untouched(foreign: Path, seed: Seed) -> None:
    before = foreign.read_bytes()
    with pytest.raises(Refused) as caught:
        build(seed, foreign)
    assert (caught.value.message, caught.value.hint) == (
        f"{foreign} is not a cthbkb database",
        "Name another file, or move this one away.",
    )
    assert foreign.read_bytes() == before
    assert os.listdir(foreign.parent) == [foreign.name]


def test_a_folder_is_refused(seed: Seed, tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(Refused) as caught:
        build(seed, tmp_path / "a.db")
    assert caught.value.message == f"{tmp_path / 'a.db'} is not a cthbkb database"


def test_a_missing_folder_is_a_system_error(seed: Seed, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        build(seed, tmp_path / "none" / "a.db")


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_build_that_fails_leaves_the_old_database_and_nothing_else(
    failing: str, seed: Seed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "a.db"
    build(seed, target)
    before = target.read_bytes()
    monkeypatch.setattr(builds.os, failing, full)
    with pytest.raises(OSError, match="No space left"):
        build(changed(seed, "people", "tom-reed", name="Tom Rood"), target)
    assert target.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.db"]


def test_an_unchecked_seed_with_broken_references_fails_and_leaves_nothing(seed: Seed, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="references that the checks should have caught"):
        build(changed(seed, "themes", "night-work", broader="nothing"), tmp_path / "a.db")
    assert os.listdir(tmp_path) == []


# Rows


@each("table", TABLES)
def test_a_table_contains_its_records(table: str, seed: Seed, db: sqlite3.Connection) -> None:
    columns = columns_of(TABLES[table])
    names = ", ".join(f'"{column.name}"' for column in columns)
    found = {row[0]: row for row in db.execute(f"select {names} from {table}")}
    assert len(found) == len(seed.records[table]) > 0
    for record in seed.records[table]:
        for column, cell in zip(columns, found[record.id], strict=True):
            value = getattr(record, column.attribute)
            assert (tuple(json.loads(cell)) if column.type == "list" else cell) == value


@each("table, column", LISTS)
def test_a_list_is_an_array_of_texts(table: str, column: str, db: sqlite3.Connection) -> None:
    wrong = db.execute(
        f"select id from {table} where json_type({column}) <> 'array' or exists"
        f" (select 1 from json_each(\"{column}\") where type <> 'text')".replace(f"({column})", f'("{column}")')
    )
    assert wrong.fetchall() == []


def test_the_database_records_which_columns_are_lists(db: sqlite3.Connection) -> None:
    said = db.execute("select substr(key, 7), value from meta where key like 'lists.%' order by key").fetchall()
    expected: dict[str, list[str]] = {}
    for table, column in LISTS:
        expected.setdefault(table, []).append(column)
    assert dict(said) == {table: " ".join(names) for table, names in expected.items()}


def test_the_database_records_the_version_of_its_data(seed: Seed, db: sqlite3.Connection) -> None:
    assert db.execute("select value from meta where key = 'data'").fetchone() == (seed.version,)


def test_print_order_is_by_year_regardless_of_the_order_of_the_file(seed: Seed, tmp_path: Path) -> None:
    upside_down = {table: list(reversed(records)) for table, records in seed.records.items()}
    build(dataclasses.replace(seed, records=Records(upside_down)), tmp_path / "a.db")
    for table in ("documents", "sessions", "recommendations", "statistics", "statements"):
        years = [year for (year,) in rows(tmp_path / "a.db", f"select year from {table} order by seq")]
        assert years == sorted(years)
    spoken = rows(
        tmp_path / "a.db", "select s.year from appearances a join sessions s on s.id = a.session order by a.seq"
    )
    assert spoken == sorted(spoken)


def test_within_a_year_print_order_is_that_of_the_file(seed: Seed, db: sqlite3.Connection) -> None:
    found = [id_ for (id_,) in db.execute("select id from recommendations order by seq")]
    assert found == [record.id for record in seed.records["recommendations"]]


@each("table, column", [(table, column.name) for table, column in link_tables()])
def test_a_link_table_contains_each_value_of_a_list(table: str, column: str, db: sqlite3.Connection) -> None:
    linked = db.execute(
        f"select l.id, l.value from {table}_{column} l join {table} r on r.seq = l.seq and r.id = l.id order by 1, 2"
    ).fetchall()
    listed = db.execute(f'select r.id, j.value from {table} r, json_each(r."{column}") j order by 1, 2').fetchall()
    assert linked == listed
    assert linked


@each("table, column", [(table, column.name) for table, column in link_tables()])
def test_a_link_table_contains_the_year_of_the_record(
    table: str, column: str, seed: Seed, db: sqlite3.Connection
) -> None:
    years = {record.id: record.get("year") or 0 for record in seed.records[table]}
    found = db.execute(f"select id, year from {table}_{column}").fetchall()
    assert [(id_, year) for id_, year in found if year != years[id_]] == []
    assert table != "publications" or ("night-work-survey", 2032) in found


def test_a_text_that_begins_with_a_bracket_is_a_text(seed: Seed, tmp_path: Path) -> None:
    made = changed(seed, "statements", "2031-p1-q1", gist="[sic] A dark light.")
    made = changed(made, "themes", "fog-signals", label="[Fog] signals")
    made = changed(made, "documents", "2031-highlights", title='["Lights"] Highlights')
    build(made, tmp_path / "a.db")
    assert rows(tmp_path / "a.db", "select title from search_rows where id = '2031-p1-q1'") == [
        ("[sic] A dark light.",)
    ]
    assert rows(tmp_path / "a.db", "select id from names where name = 'fog signals' and field = 'themes'") == [
        ("fog-signals",)
    ]


def test_a_seed_without_records_builds(tmp_path: Path) -> None:
    build(parse(b"{}\n", "seed.yaml"), tmp_path / "a.db")
    assert rows(tmp_path / "a.db", "select count(*) from list_recs") == [(0,)]
    assert rows(tmp_path / "a.db", "select count(*) from list_themes") == [(0,)]


# Names and words


def test_a_name_is_known_in_every_spelling_without_case_and_accents(db: sqlite3.Connection) -> None:
    found = db.execute("select name from names where field = 'people' and id = 'anna-kowalska' order by name")
    assert [name for (name,) in found] == [
        "anna kovalska",
        "anna kowalska",
        "anna lucja kowalska",
        "kowalska anna lucja",
    ]
    assert db.execute("select id from names where name = 'sean obrien'").fetchall() == [("sean-obrien",)]


def test_the_words_of_an_expansion_are_folded_and_marked_as_found_or_not(db: sqlite3.Connection) -> None:
    assert db.execute(
        "select word, finds from expansion_words where expansion = 'keeper' order by word"
    ).fetchall() == [
        ("keeper", 1),
        ("keepers", 1),
        ("lampkeeper", 0),
        ("on their own", 0),
    ]


def test_every_record_of_a_searched_table_is_in_the_index(seed: Seed, db: sqlite3.Connection) -> None:
    found = Counter(type_ for (type_,) in db.execute("select type from search_rows"))
    assert found == {t.singular: len(seed.records[t.name]) for t in registry.TABLES.values() if t.indexed}


def test_a_filter_knows_the_words_of_its_vocabulary_also_in_the_plural(db: sqlite3.Connection) -> None:
    def named_(field: str, *names: str) -> list[str]:
        marks = ", ".join("?" * len(names))
        return [i for (i,) in db.execute(f"select id from names where field = ? and name in ({marks}) order by id",
                                         (field, *names))]  # fmt: skip

    assert named_("recs.kind", "framework", "frameworks") == ["framework"] * 2  # no item is one
    assert named_("recs.change", "sharpened", "narrowed") == ["narrowed", "sharpened"]
    assert named_("year", "2031", "2031s") == ["2031"]
    assert named_("country", "kingdom of ruritania", "ru", "ruritania", "lusovia", "lusovias") == [
        "Lusovia", *["Ruritania"] * 3
    ]  # fmt: skip
    assert named_("sessions.type", "side event", "side events", "panels") == ["panel", *["side-event"] * 2]
    assert named_("themes", "jht", "lights", "joint harbour team") == ["joint-harbour-teams", "lighthouses"]


def test_a_database_says_what_it_was_built_from(seed: Seed, database: Path, tmp_path: Path) -> None:
    assert rows(database, "select key, value from meta where key in ('packs', 'left out', 'seeds', 'program')") == [
        ("left out", ""), ("packs", ""), ("program", __version__),
    ]  # fmt: skip
    build(seed, tmp_path / "a.db", ["one.yaml", "two.yaml"], ["mine", "other"])
    assert rows(tmp_path / "a.db", "select key, value from meta where key in ('left out', 'seeds')") == [
        ("left out", "mine other"), ("seeds", '["one.yaml", "two.yaml"]'),
    ]  # fmt: skip
    assert rows(database, "select distinct year from sessions_organisers order by 1") == [(2031,), (2033,)]
    assert rows(database, "select distinct year from threads_themes") == [(0,)]
