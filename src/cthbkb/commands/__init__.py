"""The commands, one module each: read the request, make one call, write the answer. None of them uses Typer."""

from __future__ import annotations

import os
import sqlite3

from cthbkb import formats, store
from cthbkb.errors import CthbkbError, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cthbkb.catalog import Request
    from cthbkb.cite import Work
    from cthbkb.origin import Origin

__all__ = ["cited", "database", "execute", "told"]

OPENED: list[sqlite3.Connection] = []
"""What the command that runs has opened."""


def execute(request: Request) -> int:
    """Run a command and return its exit code; if the cached database is damaged, rebuild it and run the command again.

    Raises:
        Failure: if a named database is damaged, or the cached one was when part of the answer had been written.
        Exception: any other error, which is a defect of the program.
    """
    begun = False
    try:
        return _code(_run(request))
    except (CthbkbError, OSError, UnicodeEncodeError):  # no fault of the database
        raise
    except formats.Interrupted as interrupted:
        error, begun = interrupted.error, True
    except Exception as failed:
        error = failed
    path = request.value("db") or os.environ.get("CTHBKB_DB")
    failure = store.blamed(error, path) if path else store.lacking(error)
    if failure:
        raise failure from error
    if path or not store.decayed():
        raise error
    store.packaged().close()  # built anew, where that is possible
    if begun:
        raise Failure("the cached database is damaged, and was built anew", "Run it again.") from error
    return _code(_run(request))


def database(request: Request) -> sqlite3.Connection:
    """Open the database that a request names, or the one that is used without a name; `execute` closes it."""
    OPENED.append(store.open_database(request.value("db")))
    return OPENED[-1]


def _run(request: Request) -> object:
    try:
        return formats.imported(request.command.run)(request)
    finally:
        while OPENED:
            OPENED.pop().close()


def _code(ended: object) -> int:
    """Return the exit code of a command, 0 by default."""
    return ended if isinstance(ended, int) else 0


def told(
    db: sqlite3.Connection, request: Request, what: str, listing: str = "recs", table: str = ""
) -> Callable[[], Origin]:
    """Return what makes the account of an answer: few formats ask for it, and it costs some queries."""

    def made() -> Origin:
        from cthbkb import origin

        return origin.Origin(db, request, origin.worded(db, request, what, listing), table)

    return made


def cited(db: sqlite3.Connection, records: Callable[[], Iterable[tuple[str, str]]]) -> Callable[[], list[Work]]:
    """Return what finds the works in which the records `(table, id)` of an answer stand."""

    def found() -> list[Work]:
        from cthbkb import cite

        return cite.works(cite.cited(db, records()))

    return found
