"""Databases that the user names: whose they are, which version made them, and how they are opened.

A database is a build product, which is replaced and never changed in place. It is therefore opened as an unchanging
file: SQLite asks for no lock, which a network home may lack, and writes nothing beside it.
"""

from __future__ import annotations

import os
import sqlite3

from cthbkb import cache

__all__ = ["connect", "made_by_us", "opened", "seeds_of"]

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
    return sqlite3.connect(f"file:{quoted}?mode=ro{'&immutable=1' if unchanging else ''}", uri=True)


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
