"""`export`: one CSV file a table and a listing, with header, ids and references, in constant memory."""

from __future__ import annotations

import os

from cthbkb import store
from cthbkb.columns import Col
from cthbkb.errors import Failure, Refused, UsageError, unknown
from cthbkb.formats import Answer, Counted
from cthbkb.formats.plain import csv
from cthbkb.talk import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import TextIO

    from cthbkb.catalog import Request

__all__ = ["run", "tables"]

NOT_DATA = (
    "search",
    "expansion_words",
    "names",
    "meta",
    "sqlite_",
    "axis_counts",
    "item_threads",
    "members",
    "moves_changes",
    "recommendations_change",
    "recommendations_threads",
    "theme_kinds",
    "theme_members",
    "thread_years",
    "threads_changes",
    "threads_years",
    "year_bases",
)


def tables(db: sqlite3.Connection) -> list[str]:
    """Return the tables of records and the link tables, in the order in which they were made."""
    names = db.execute("select name from sqlite_schema where type = 'table' order by rowid")
    return [name for (name,) in names if not name.startswith(NOT_DATA)]


def run(request: Request) -> int:
    """Write the tables into a folder, which is made where it is missing."""
    folder = request.arguments[0]
    if not folder:
        raise UsageError("the folder has no name", "Write, for example: cthbkb export OUT/")
    db = store.open_database(request.value("db"))
    known = tables(db)
    wanted = request.options.get("table") or known
    for name in wanted:
        if name not in known:
            raise unknown("table", name, known, f"Tables: {', '.join(known)}.")
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise Failure(f"{folder} is a file", "Name a folder.")
    there = [n for n in wanted if os.path.exists(os.path.join(folder, n + ".csv"))]
    if there and not request.switch("force"):
        raise Refused(
            f"{folder} already holds {there[0]}.csv", "Name another folder, or add --force to replace the files."
        )
    os.makedirs(folder, exist_ok=True)
    db.execute("pragma cache_size = -1000")  # every page is read once: keeping them is memory for nothing
    rows = 0
    for name in wanted:
        path = os.path.join(folder, name + ".csv")
        beside = f"{path}.{os.getpid()}.part"
        encoding = "utf-8-sig" if request.switch("excel") else "utf-8"
        try:
            with open(beside, "w", encoding=encoding, newline="") as file:
                rows += _write(db, name, file)
            os.replace(beside, path)
        finally:
            if os.path.exists(beside):
                os.unlink(beside)
    say(f"wrote {len(wanted)} tables, {rows} rows, to {folder}")
    return 0


def _write(db: sqlite3.Connection, table: str, file: TextIO) -> int:
    """Write one table in print order; a link table with the id of the record and not its place. Return its rows."""
    names = [name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))]
    owner = next((x for x in tables(db) if table.startswith(x + "_")), "")
    if owner and "id" not in names:
        column = table.removeprefix(owner + "_")
        columns = [Col(owner), Col(column)]
        source = f'(select o.id as "{owner}", j.value as "{column}", o.seq from {owner} o, json_each(o."{column}") j)'
    else:
        columns = [Col(name, 0, _holds(name, table, db)) for name in names if name != "seq"]
        source = table
    cells = ", ".join(f'v."{col.name}"' for col in columns)
    rows = Counted(db.execute(f"select {cells} from {source} v order by v.seq"))
    csv(Answer(table, columns, rows), file)
    return rows.number


def _holds(name: str, table: str, db: sqlite3.Connection) -> str:
    """Return what a column holds: a list, as the base itself says, a number or text."""
    found = db.execute("select value from meta where key = ?", (f"lists.{table}",)).fetchone()
    if found and name in found[0].split():
        return "list"
    (type_,) = db.execute("select type from pragma_table_info(?) where name = ?", (table, name)).fetchone()
    return "number" if type_ == "REAL" else "text"
