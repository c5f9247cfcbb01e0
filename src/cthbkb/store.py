"""Opening a database read-only: a named one, or the cached one, which is built if necessary.

If the cache folder cannot be written, the database is built in memory.
"""

from __future__ import annotations

import os
import sqlite3

from cthbkb import cache
from cthbkb.errors import Failure
from cthbkb.messages import say

__all__ = ["command", "damaged", "open_database"]


def open_database(path: str | None = None) -> sqlite3.Connection:
    """Open a database read-only: the one at `path`, else the one `CTHBKB_DB` names, else the packaged one.

    The packaged one has the records of the user's packs too; what of them had to be left out is said on stderr.

    Raises:
        Failure: when the named file is missing or is not a database of this version of the program.
    """
    path = path or os.environ.get("CTHBKB_DB")
    if path:
        return _named(os.path.expanduser(path))
    folder = cache.cache_folder()
    try:
        found, left_out = cache.pointed(folder)
        db = cache.connect(found)
    except (OSError, ValueError, sqlite3.Error):
        from cthbkb import build

        db, left_out = build.packaged(folder)
    for name in left_out.split():
        say(f"warning: the pack {name} is left out, since it has problems beside this version's records")
        say(f"hint: cthbkb packs check {name}")
    return db


def _named(path: str) -> sqlite3.Connection:
    if not os.path.exists(path):
        raise Failure(f"no database at {path}", f"Build one with: {command(path)}")
    try:
        return cache.connect(path)
    except (sqlite3.Error, ValueError) as error:
        if cache.made_by_us(path):
            message = f"{path} was built by another version of cthbkb"
            raise Failure(message, f"Build it anew: {command(path)}") from None
        raise Failure(
            f"{path} is not a database of cthbkb: {error}", "Name a database that cthbkb load has made."
        ) from None


def damaged(error: sqlite3.DatabaseError, path: str | None) -> bool:
    """Return whether an error means damage: SQLite says so, or the file does not pass its own check.

    `path` is a database that was named; None for the cached one.
    """
    if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return True
    try:
        db = cache.connect(path or cache.pointed(cache.cache_folder())[0])
        try:
            return bool(db.execute("pragma integrity_check(1)").fetchone() != ("ok",))
        finally:
            db.close()
    except (OSError, ValueError, sqlite3.Error):
        return True


def command(path: str) -> str:
    """Return the command that builds a database, from the seeds that it was built from where it names them."""
    seeds = [f" {seed}" for seed in cache.seeds_of(path) if seed != cache.PACKAGED]
    return f"cthbkb load{''.join(seeds)} --db {path}"
