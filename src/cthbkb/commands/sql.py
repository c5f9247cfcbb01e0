"""`sql`: the reader's own query over the views of the listings, and a description of the views."""

from __future__ import annotations

import sys

from cthbkb import sql, views
from cthbkb.columns import Col
from cthbkb.commands import database, origin_of
from cthbkb.errors import UsageError, shown
from cthbkb.formats import EMPTY, Answer, Output, emit
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request
    from cthbkb.columns import Row

__all__ = ["SCHEMA", "run"]

SCHEMA = (Col("view", 1), Col("column", 1), Col("holds", 1), Col("refers_to", 1), Col("meaning", 1, "prose"))

WORDS = {"str": "text", "int": "number", "float": "number", "bool": "1 or null", "list": "JSON array"}
"""Maps the type of a field to what its cells contain in SQL."""


def run(request: Request) -> int:
    """Run the query given as arguments; `-` reads it from standard input."""
    output = Output(request, sql.ROWS)
    seconds = _seconds(request.value("timeout"))
    db = database(request)
    if request.switch("schema"):
        return _schema(db, request, output)
    if not request.arguments:
        raise UsageError("sql needs a query", f"Write, for example: {request.command.example}")
    if request.arguments == ["-"]:
        request.arguments = [_read()]
    query = " ".join(request.arguments)
    limit = sql.ROWS if output.limit is None else output.limit
    found = sql.run(db, query, max(limit, sql.ROWS) if output.sort else limit, seconds)
    cut = found.cut or len(found.rows) > limit
    notes = [f"only the first {limit} rows; for more: --limit {10 * limit or 10}"] if cut else []
    return _write(db, request, output, Answer("rows", found.columns, found.rows, notes))


def _read() -> str:
    """Return the query on standard input.

    Raises:
        UsageError: if it is too long or not text.
    """
    data = sys.stdin.buffer.read(sql.LONGEST_QUERY + 1)
    if len(data) > sql.LONGEST_QUERY:
        raise UsageError(f"the query is longer than {sql.LONGEST_QUERY // 1_000_000} MB", "Write a shorter one.")
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise UsageError("the query on standard input is not text", "Write it in UTF-8.") from None


def _schema(db: sqlite3.Connection, request: Request, output: Output) -> int:
    """Write the columns of the named views, or of all."""
    rows: list[Row] = []
    for name, _, fields in views.named(db, request.arguments):
        rows += [[name, f.name, WORDS[f.type], f.ref or None, f.doc] for f in fields]
    return _write(db, request, output, Answer("columns", SCHEMA, rows))


def _write(db: sqlite3.Connection, request: Request, output: Output, answer: Answer) -> int:
    """Write an answer whose rows are in memory, according to the options."""
    if output.lists(answer.columns):
        return 0
    answer.columns, rows = output.shape(answer.columns, list(answer.rows))
    answer.rows = rows
    answer.origin = origin_of(db, request, answer.title)
    if output.count:
        print(len(rows))
        for note in answer.notes:
            say(note)
        return EMPTY if output.fails and not rows else 0
    if request.switch("cite-query"):
        from cthbkb import repeat

        answer.notes += repeat.notes(db, request, [repr(list(row)) for row in rows])
    return emit(answer, output)


def _seconds(text: str) -> float:
    """Return the time limit of a query, in seconds.

    Raises:
        UsageError: for a value that is not a number of seconds.
    """
    if not text:
        return sql.SECONDS
    if not (text.isascii() and text.replace(".", "", 1).isdigit() and 0 < float(text) <= sql.LATEST):
        raise UsageError(
            f"timeout {shown(text)} is not a number of seconds up to {sql.LATEST}", "Write, for example: --timeout 60"
        )
    return float(text)
