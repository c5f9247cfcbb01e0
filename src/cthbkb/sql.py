"""The user's own SQL query: one read-only statement, with limits on rows, time and memory.

The database is opened read-only; in addition, an authorizer prevents a query from reaching anything else, such as
another file through `attach`. `KnowledgeBase.sql` and the command `sql` run queries here.
"""

from __future__ import annotations

import math
import sqlite3
import time
from contextlib import contextmanager

from cthbkb import named, views
from cthbkb.columns import Col
from cthbkb.dump import tables
from cthbkb.errors import CthbkbError, Failure, UsageError, closest, shown
from cthbkb.registry import LISTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cthbkb.columns import Cell

__all__ = ["LATEST", "LONGEST_QUERY", "ROWS", "SECONDS", "Result", "run"]

ROWS = 10_000
"""Maximum number of rows, unless a limit is given."""

SECONDS = 10.0
"""Time limit of a query, in seconds."""

LATEST = 3600
"""Maximum time limit, in seconds."""

LONGEST_QUERY = 1_000_000
"""Maximum length of a query, in bytes: the default of SQLite."""

LONGEST = 20_000_000
"""Maximum size of a value, in bytes."""

MOST = 100_000_000
"""Maximum size of all values together, in characters and bytes."""

STEPS = 10_000
"""Number of SQLite instructions between two checks of the time."""

WIDE = 40
"""Length above which a text counts as prose, which a table wraps."""

READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})

TAKERS = "select 1 from json_each('[]'), json_tree('[]')"
"""Sets up the table functions for lists, the first use of which many versions of SQLite treat as writing."""

LOOK = "Views and columns: cthbkb sql --schema"

MISSING = {"no such table: ": "view or table", "no such column: ": "column", "no such function: ": "function"}


class Result:
    """The columns and rows of a query; `cut` says whether there are more rows than the limit."""

    __slots__ = ("columns", "cut", "rows")

    def __init__(self, columns: Sequence[Col], rows: Sequence[Sequence[Cell]], cut: bool) -> None:
        self.columns = columns
        self.rows = rows
        self.cut = cut


def run(db: sqlite3.Connection, query: str, limit: int = ROWS, seconds: float = SECONDS) -> Result:
    """Run a query and return at most `limit` rows.

    A cell that is a JSON array of texts or numbers is a list; columns with the same name are numbered.

    Raises:
        UsageError: for a text that is not a query, or uses unknown names.
        Failure: for a query that is not read-only, takes too long, or has a result that is too large.
    """
    if not query.strip().rstrip(";").strip():
        raise UsageError(
            "the query is empty", "Write, for example: cthbkb sql 'select kind, count(*) from recs group by 1'"
        )
    until = time.monotonic() + seconds
    try:
        with _guarded(db, until):
            cursor = db.execute(query)
            names = [str(column[0]) for column in cursor.description or ()]
            rows = _read(cursor, limit)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _translated(db, error, seconds if time.monotonic() >= until else 0) from None
    if not names:
        raise UsageError("the query returns no rows", "Begin it with select, with or values.")
    cut = len(rows) > limit
    rows = rows[:limit]
    cells = [[row[n] for row in rows] for n in range(len(names))]
    columns = [
        Col(name, 1, _holds(column), of=int if any(str(cell)[1:2].isdigit() for cell in column) else str)
        for name, column in zip(_distinct(names), cells, strict=True)
    ]
    return Result(columns, rows, cut)


@contextmanager
def _guarded(db: sqlite3.Connection, until: float) -> Iterator[None]:
    """Restrict the connection to reading and to values of limited size; interrupt at a time of the monotonic clock."""
    db.execute(TAKERS)
    factory, longest = db.text_factory, db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")
    db.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    db.set_progress_handler(lambda: int(time.monotonic() >= until), STEPS)
    try:
        yield
    finally:
        named.listening(db)
        db.set_authorizer(None)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
        db.text_factory = factory


def _read(cursor: sqlite3.Cursor, limit: int) -> list[list[Cell]]:
    """Return at most one row more than `limit`."""
    rows: list[list[Cell]] = []
    size = 0
    for row in cursor:
        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if size > MOST:
            raise Failure(f"the result is larger than {MOST // 1_000_000} MB", "Select fewer columns or rows.")
        rows.append([_cell(cell) for cell in row])
        if len(rows) > limit:
            break
    cursor.close()
    return rows


def _cell(cell: str | bytes | float | None) -> Cell:
    """Return a value as a cell: bytes in hexadecimal, infinity in words."""
    if isinstance(cell, bytes):
        return cell.hex()
    return str(cell) if isinstance(cell, float) and math.isinf(cell) else cell


def _holds(cells: Sequence[Cell]) -> str:
    known = [cell for cell in cells if cell is not None]
    if known and all(isinstance(cell, int | float) for cell in known):
        return "number"
    if len(known) == len(cells) and known and all(_is_list(cell) for cell in known):
        return "list"
    return "prose" if any(isinstance(cell, str) and len(cell) > WIDE for cell in known) else "text"


def _is_list(cell: Cell) -> bool:
    """Return whether a cell is a JSON array of texts, or one of integers."""
    import json

    if not isinstance(cell, str) or cell[:1] != "[":
        return False
    try:
        found = json.loads(cell)
    except ValueError:
        return False
    same = json.dumps(found, ensure_ascii=False, separators=(",", ":")) == cell
    return same and ({type(value) for value in found} in ({str}, {int}, set()))


def _distinct(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for at, name in enumerate(names, 1):
        wanted = plain = name or f"column_{at}"
        number = 1
        while wanted in found:
            number += 1
            wanted = f"{plain}_{number}"
        found.append(wanted)
    return found


def _translated(db: sqlite3.Connection, error: Exception, seconds: float) -> BaseException:
    """Return the exception to raise for an SQLite error; the error itself if the query did not cause it.

    `seconds` is the time limit if it has been exceeded.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    text = str(error)
    if code == sqlite3.SQLITE_INTERRUPT:
        if not seconds:
            return KeyboardInterrupt()
        return Failure(
            f"the query took longer than {seconds:g} seconds", "Select fewer rows, or allow more time: --timeout 60"
        )
    if code == sqlite3.SQLITE_AUTH or text in {"not authorized", "authorization denied"}:
        return Failure("the query is not read-only", "Begin it with select, with or values.")
    if code == sqlite3.SQLITE_TOOBIG:
        return Failure(f"a value is larger than {LONGEST // 1_000_000} MB", "Select a shorter part of it.")
    if code != sqlite3.SQLITE_ERROR:
        return error
    if "one statement" in text:
        return UsageError("more than one statement", "Write a single query.")
    if "bindings" in text or "binding" in text:
        return UsageError("the query has a parameter without a value", "Write the value instead.")
    if "vtable constructor" in text:
        name = text.rpartition(": ")[2]
        return UsageError(f"{shown(name)} is part of the full-text index", "To search the full text: cthbkb search")
    for start, what in MISSING.items():
        if text.startswith(start):
            return _missing(db, what, text.removeprefix(start).split(" - ")[0].strip('"'))
    return UsageError(f"the query is invalid: {text}", LOOK)


def _missing(db: sqlite3.Connection, what: str, name: str) -> CthbkbError:
    """Return the error for an unknown name, with similar names and the views that have it."""
    bare = name.rpartition(".")[2]
    if what == "column":
        columns = {views.prefixed(x): {f.name for f in views.fields(db, x)} for x in LISTINGS.values()}
        having = [view for view, names in columns.items() if bare in names]
        if having:
            return UsageError(
                f"there is no column {shown(name)} here", f"Views with this column: {', '.join(having)}. {LOOK}"
            )
        known = set().union(*columns.values())
    elif what == "function":
        known = {str(found) for (found,) in db.execute("select name from pragma_function_list")}
    else:
        known = {*LISTINGS, *map(views.prefixed, LISTINGS.values()), *tables()}
    near = closest(bare, known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"there is no {what} {shown(name)}", f"{guess}{LOOK}")
