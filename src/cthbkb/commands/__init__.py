"""The commands, one module each: read the request, make one call, write the answer. None of them uses Typer."""

from __future__ import annotations

import sqlite3

from cthbkb import formats, store
from cthbkb.errors import CthbkbError, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cthbkb.catalog import Request
    from cthbkb.cite import Work
    from cthbkb.origin import Origin

__all__ = ["cited", "database", "execute", "origin_of"]

OPENED: list[sqlite3.Connection] = []
"""Databases that the running command has opened."""


def execute(request: Request) -> int:
    """Run a command and return its exit code; if the cached database is damaged, rebuild it and run the command again.

    Raises:
        Failure: if a database that the user named is damaged, or if part of the answer had already been written.
        Exception: any other error, which is a bug in the program.
    """
    begun = False
    try:
        return _code(_run(request))
    except (CthbkbError, OSError, UnicodeEncodeError):  # not caused by the database
        raise
    except formats.Interrupted as interrupted:
        error, begun = interrupted.error, True
    except Exception as failed:
        error = failed
    path = store.chosen(request.value("db"))
    failure = store.blamed(error, path) if path else store.lacking(error)
    if failure:
        raise failure from error
    if path or not store.decayed():
        raise error
    store.packaged().close()  # rebuilt, if possible
    if begun:
        raise Failure("the cached database was damaged, and has been rebuilt", "Run the command again.") from error
    return _code(_run(request))


def database(request: Request) -> sqlite3.Connection:
    """Open the database that a request names, or the default one; `execute` closes it."""
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


def origin_of(
    db: sqlite3.Connection, request: Request, what: str, listing: str = "recs", table: str = ""
) -> Callable[[], Origin]:
    """Return a function that computes the origin of an answer; only some formats call it, since it takes queries."""

    def made() -> Origin:
        from cthbkb import origin

        return origin.Origin(db, request, origin.worded(db, request, what, listing), table)

    return made


def cited(db: sqlite3.Connection, records: Callable[[], Iterable[tuple[str, str]]]) -> Callable[[], list[Work]]:
    """Return a function that finds the works cited by the records `(table, id)` of an answer."""

    def found() -> list[Work]:
        from cthbkb import cite

        return cite.works(cite.cited(db, records()))

    return found
