"""Filling an empty database: tables, rows, link tables, views and names; the only module that uses sqlite-utils.

The same seed always gives the same bytes. sqlite-utils creates the tables; `executemany` inserts the rows.
"""

from __future__ import annotations

import functools
import json
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

from cthbkb import __version__, cache, derive, index, named, query, reach, registry, seed
from cthbkb.model import TABLES, Record, Records, columns_of
from cthbkb.registry import APART, LISTINGS, link_table, names_field
from cthbkb.scales import CHANGES
from cthbkb.schema import BY_YEAR, DERIVED, FULL_TEXT, SQL_TYPES, foreign_keys, index_sql, link_table_sql, link_tables
from cthbkb.text import fold

__all__ = ["write"]

OPTIONS = {"kind": ("organizations", "kind"), "type": ("sessions", "type"), "role": ("appearances", "role")}
"""Maps a filter that matches through other records to the table and column that have its values."""


def write(
    found: seed.Seed, connection: sqlite3.Connection, seeds: Sequence[str] = (), left_out: Sequence[str] = ()
) -> None:
    """Fill an empty database with tables, rows, link tables, derived counts, views and the search index.

    `seeds` are the paths of the seeds, from which `load` can rebuild the database; `left_out` are the names of packs
    that could not be merged.

    Raises:
        Failure: if the SQLite of this Python is too old, or lacks a part.
    """
    named.require_sqlite()
    connection.execute("pragma foreign_keys = off")  # some builds check each row, and records refer to later ones
    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    connection.execute("pragma temp_store = memory")  # the database may be in memory because the disk is full
    connection.execute("pragma cache_size = -65536")  # KiB; fewer pages are written and read again
    connection.execute(f"pragma application_id = {cache.APPLICATION_ID}")
    connection.execute(f"pragma user_version = {cache.SCHEMA_VERSION}")
    db = _sqlite_utils().Database(connection, execute_plugins=False)  # plugins must not affect the result
    with db.atomic():
        _create(db)
        sessions = {s.id: s.year for s in found.records.sessions}
        years = {table: _year_of(table, sessions) for table in found.records}
        records = Records({table: sorted(rows, key=years[table]) for table, rows in found.records.items()})
        packs = _packs(found)
        for table, rows in records.items():
            _insert(connection, table, rows, packs.get(table, {}))
        index.fill(connection, records)
        for statement in index_sql():
            connection.execute(statement)
        derive.derive(connection)
        _views(connection)
        reach.fill(connection, [(c.name, c.aliases) for c in records.countries])
        _names(connection, records)
        _meta(connection, found, seeds, left_out)
    broken = connection.execute("pragma foreign_key_check").fetchall()
    if broken:
        raise AssertionError(f"references that the checks should have caught: {broken[:5]}")
    connection.commit()


class _Hidden:
    """An import finder that hides modules from the thread that makes it."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self.names and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@functools.cache
def _sqlite_utils() -> Any:
    """Import sqlite-utils without NumPy and pandas, which it imports if they are installed, and which take longer.

    Since this copy does not know their types, it is not left to other code of the process, which imports its own.
    """
    before = "sqlite_utils" in sys.modules
    hidden = _Hidden("numpy", "pandas")
    sys.meta_path = [hidden, *sys.meta_path]  # a new list: another thread may be reading the old one
    try:
        import sqlite_utils
    finally:
        sys.meta_path = [finder for finder in sys.meta_path if finder is not hidden]
    for name in () if before else [*sys.modules]:
        if name.partition(".")[0] == "sqlite_utils":
            sys.modules.pop(name, None)
    return sqlite_utils


def _create(db: Any) -> None:
    """Create tables with primary and foreign keys; foreign keys to later tables are added at the end."""
    made: set[str] = set()
    later = []
    for table, type_ in TABLES.items():
        columns = columns_of(type_)
        made.add(table)
        db.table(table).create(
            {c.name: SQL_TYPES[c.type] for c in columns} | {"pack": str, "seq": int},
            pk="id",
            foreign_keys=[(name, ref, "id") for name, ref in foreign_keys(table) if ref in made],
            not_null={c.name for c in columns if c.required or c.type == "list"} | {"seq"},
        )
        later += [(table, name, ref) for name, ref in foreign_keys(table) if ref not in made]
    for table, name, ref in later:
        db.table(table).add_foreign_key(name, ref, "id")
    for table, column in link_tables():
        db.execute(link_table_sql(table, column))
    for statement in (DERIVED + FULL_TEXT).split(";\n"):
        db.execute(statement)


def _year_of(table: str, sessions: Mapping[str, int]) -> Callable[[Any], int]:
    """Return a function that returns the year to sort a record of a table by; 0 for tables not sorted by year."""
    if table in BY_YEAR:
        return attrgetter("year")
    return (lambda r: sessions[r.session]) if table == "appearances" else lambda r: 0


def _packs(found: seed.Seed) -> Mapping[str, Mapping[str, str]]:
    """Return a mapping of table and id to pack, for records that come from a pack."""
    made: dict[str, dict[str, str]] = {}
    if any(layer.pack for layer in found.layers):
        for table, rows in found.records.items():
            named = {record.id: found.pack(table, n) for n, record in enumerate(rows)}
            made[table] = {id_: pack for id_, pack in named.items() if pack}
    return made


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Record], packs: Mapping[str, str]) -> None:
    """Insert the rows of a table and its link tables, in print order."""
    columns = columns_of(TABLES[table])
    marks = ", ".join("?" * (len(columns) + 2))
    names = ", ".join(f'"{c.name}"' for c in columns)
    connection.executemany(f"insert into {table} ({names}, pack, seq) values ({marks})", _cells(table, rows, packs))
    for column in columns:
        if column.ref and column.type == "list":
            connection.executemany(
                f"insert into {link_table(table, column.name)} values (?, ?, ?, ?)",
                sorted(  # in the order of the primary key
                    (value, r.get("year") or 0, seq, r.id)
                    for seq, r in enumerate(rows, 1)
                    for value in r.get(column.name)
                ),
            )


def _cells(table: str, rows: Sequence[Record], packs: Mapping[str, str]) -> Iterator[list[Any]]:
    """Convert records to rows, with pack and print order last: lists become JSON arrays, true becomes 1."""
    columns = columns_of(TABLES[table])
    values = attrgetter(*(c.attribute for c in columns))
    lists = [n for n, c in enumerate(columns) if c.type == "list"]
    flags = [n for n, c in enumerate(columns) if c.type == "bool"]
    for seq, record in enumerate(rows, 1):
        cells = [*values(record), packs.get(record.id), seq]
        for n in lists:
            cells[n] = index.encode(cells[n])
        for n in flags:
            cells[n] = None if cells[n] is None else int(cells[n])
        yield cells


def _views(connection: sqlite3.Connection) -> None:
    years = [year for (year,) in connection.execute("select distinct year from conferences order by year")]
    text = Path(cache.HERE, "views.sql").read_text(encoding="utf-8")
    for mark, sql in named.by_year(years).items():
        text = text.replace(mark, sql)
    for statement in text.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for name in LISTINGS:
        if name not in TABLES:  # lets SQL use the name of the command as well as that of the table
            connection.execute(f"create view {name} as select * from list_{name}")


def _names(connection: sqlite3.Connection, records: Records) -> None:
    """Fill `names` with every name that a filter accepts."""
    rows: set[tuple[str, str, str]] = set()
    for table in registry.TABLES.values():
        for record in records[table.name] if table.spelled else ():
            for column in table.spelled:
                rows |= {(table.name, fold(name), record.id) for name in index.spellings(record, column)}
    rows |= {("country", fold(called), c.name) for c in records.countries for called in (c.name, *c.aliases)}
    spelled = {
        part: whole for whole, part in connection.execute("select whole, part from inside where field = 'country'")
    }
    for listing in LISTINGS.values():
        for name in listing.filters:
            field = names_field(listing, name)
            source = query.values(listing, name)
            if source and (field in APART or field.startswith(f"{listing.name}.")):
                found = connection.execute(f"select distinct value from ({source}) where value is not null")
                values = {str(v) for (v,) in found}
                if field == "country":
                    rows |= {(field, fold(v), spelled.get(v, v)) for v in values}
                elif field == "year":
                    rows |= {(field, v, v) for v in values}
                else:
                    values |= set(_options(name, listing.table.name, listing.filters[name]))
                    rows |= {(field, n, v) for v in values for n in (fold(v), fold(v) + "s")}
    connection.executemany("insert into names values (?, ?, ?)", sorted(rows))


def _options(name: str, table: str, column: str) -> Iterable[str]:
    """Return the allowed values of a filter; it accepts them even if no row has them."""
    if name == "change":
        return CHANGES
    table, column = OPTIONS.get(name, (table, column)) if column == registry.REACH else (table, column)
    return next((c.options for c in columns_of(TABLES[table]) if c.name == column), ())


def _meta(connection: sqlite3.Connection, found: seed.Seed, seeds: Sequence[str], left_out: Sequence[str]) -> None:
    """Store the version of the data and of the program, the seeds, and which columns are lists."""
    rows = [("data", found.version), ("program", __version__), ("left out", " ".join(left_out))]
    rows += [("packs", " ".join(dict.fromkeys(layer.pack for layer in found.layers if layer.pack)))]
    rows += [("seeds", json.dumps([*seeds]))] if seeds else []
    for table, type_ in TABLES.items():
        lists = " ".join(c.name for c in columns_of(type_) if c.type == "list")
        rows += [(f"lists.{table}", lists)] if lists else []
    connection.executemany("insert into meta values (?, ?)", rows)
