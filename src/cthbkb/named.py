"""Databases that the user names: whose they are, which version made them, and how they are opened; and by what.

A database is a build product, which is replaced and never changed in place. It is therefore opened as an unchanging
file: SQLite asks for no lock, which a network home may lack, and writes nothing beside it.
"""

from __future__ import annotations

import os
import sqlite3
import sys

from cthbkb import cache
from cthbkb.errors import Failure

__all__ = ["connect", "made_by_us", "opened", "require_sqlite", "seeds_of"]

OLDEST = (3, 31, 0)
"""The oldest SQLite whose SQL is enough; nothing of the program may need a newer one."""

PARTS = {"FTS5": "create virtual table a using fts5(b)", "JSON": "select value from json_each('[1]')"}
"""Parts of SQLite that may be left out of it, with a statement that needs each."""

MAGIC = b"SQLite format 3\0"


def connect(path: str) -> sqlite3.Connection:
    """Open a file read-only and make sure that this version of the program made it.

    Raises:
        ValueError: when it did not.
    """
    application, version = _marks(path)
    if application != cache.APPLICATION_ID:
        raise ValueError("it was made by another program")
    if version != cache.SCHEMA_VERSION:
        raise ValueError("it was made by another version of it")
    return opened(path, _settled(path))


def opened(path: str, unchanging: bool = True) -> sqlite3.Connection:
    """Open a database read-only; an `unchanging` one without locks."""
    quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{quoted}?mode=ro{'&immutable=1' if unchanging else ''}"
    return sqlite3.connect(address, uri=True, check_same_thread=False)  # `KnowledgeBase` answers one thread at a time


def _marks(path: str) -> tuple[int, int]:
    """Return the two numbers by which a database says whose it is and which version made it.

    Raises:
        ValueError: when the file is no database.
        OSError: when it cannot be read.
    """
    if not os.path.isfile(path):
        raise ValueError("it is no file")
    with open(path, "rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise ValueError("it does not begin as a database does")
    return int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")


def _settled(path: str) -> bool:
    """Return whether all of a database is in its file, and nothing in the journal of a program that writes to it."""
    return not any(os.path.exists(path + end) and os.path.getsize(path + end) for end in ("-wal", "-journal"))


def made_by_us(path: str) -> bool:
    """Return whether a file is a database of some version of the program."""
    try:
        return _marks(path)[0] == cache.APPLICATION_ID
    except (OSError, ValueError):
        return False


def seeds_of(path: str) -> list[str]:
    """Return the seeds that a database says it was built from: paths, or `PACKAGED`; none where it does not say."""
    if not made_by_us(path):
        return []
    try:
        db = opened(path, _settled(path))
        try:
            found = db.execute("select value from meta where key = 'seeds'").fetchone()
        finally:
            db.close()
    except sqlite3.Error:
        return []
    return str(found[0]).split("\n") if found else []


def require_sqlite() -> None:
    """Make sure that the SQLite of this Python can do what is asked of it.

    Raises:
        Failure: when it cannot.
    """
    needs = [f"at least {'.'.join(map(str, OLDEST[:2]))}"] if sqlite3.sqlite_version_info < OLDEST else []
    needs += [f"one with {part}" for part, statement in PARTS.items() if not _takes(statement)]
    if needs:
        python = ".".join(map(str, sys.version_info[:3]))
        raise Failure(
            f"this Python {python} has SQLite {sqlite3.sqlite_version}, and cthbkb needs {', '.join(needs)}",
            "Install cthbkb with another Python; that of python.org, of conda or of `uv python install` has one.",
        )


def _takes(statement: str) -> bool:
    """Return whether an empty database takes a statement."""
    db = sqlite3.connect(":memory:")
    try:
        db.execute(statement)
    except sqlite3.Error:
        return False
    finally:
        db.close()
    return True
