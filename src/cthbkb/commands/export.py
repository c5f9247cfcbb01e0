"""`export`: one CSV file a table and a listing, with header, ids and references, in constant memory."""

from __future__ import annotations

import os
from functools import partial

from cthbkb import files, store
from cthbkb.columns import Col
from cthbkb.errors import Failure, Refused, UsageError, unknown
from cthbkb.formats import Answer, Counted
from cthbkb.formats.plain import csv
from cthbkb.registry import TABLES, link_table
from cthbkb.talk import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run", "tables"]


def tables() -> list[str]:
    """Return the tables of records and their link tables."""
    linked = [link_table(table.name, column) for table in TABLES.values() for column in table.links]
    return [*TABLES, *linked]


def run(request: Request) -> int:
    """Write the tables into a folder, which is made where it is missing."""
    folder = request.arguments[0]
    if not folder:
        raise UsageError("the folder has no name", "Write, for example: cthbkb export OUT/")
    db = store.open_database(request.value("db"))
    known = tables()
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
        answer = _answer(db, name)
        answer.rows = counted = Counted(answer.rows)
        encoding = "utf-8-sig" if request.switch("excel") else "utf-8"
        files.replace(os.path.join(folder, name + ".csv"), partial(csv, answer), encoding)
        rows += counted.number
    say(f"wrote {len(wanted)} tables, {rows} rows, to {folder}")
    return 0


def _answer(db: sqlite3.Connection, name: str) -> Answer:
    """Return the rows of a table in print order, or of a link table with the id of the record and not its place."""
    owners = {link_table(t.name, column): (t.name, column) for t in TABLES.values() for column in t.links}
    if name in owners:
        owner, column = owners[name]
        columns = [Col(owner), Col(column)]
        source = f'(select o.id as "{owner}", j.value as "{column}", o.seq from {owner} o, json_each(o."{column}") j)'
    else:
        names = [found for (found,) in db.execute("select name from pragma_table_info(?)", (name,))]
        columns = [Col(found, 0, _holds(found, name, db)) for found in names if found != "seq"]
        source = name
    cells = ", ".join(f'v."{col.name}"' for col in columns)
    return Answer(name, columns, db.execute(f"select {cells} from {source} v order by v.seq"))


def _holds(name: str, table: str, db: sqlite3.Connection) -> str:
    """Return what a column holds: a list, as the base itself says, a number or text."""
    found = db.execute("select value from meta where key = ?", (f"lists.{table}",)).fetchone()
    if found and name in found[0].split():
        return "list"
    (type_,) = db.execute("select type from pragma_table_info(?) where name = ?", (table, name)).fetchone()
    return "number" if type_ == "REAL" else "text"
