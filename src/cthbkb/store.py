"""Opening a database read-only: a named one, or the cached one, which is built if necessary.

If the cache folder cannot be written, the database is built in memory.
"""

from __future__ import annotations

import os
import sqlite3

from cthbkb import cache, named
from cthbkb.errors import Failure, typed
from cthbkb.messages import say

__all__ = ["blamed", "command", "decayed", "lacking", "open_database", "packaged"]


def open_database(path: str | None = None) -> sqlite3.Connection:
    """Open a database read-only: the one at `path`, else the one `CTHBKB_DB` names, else the packaged one.

    The packaged one has the records of the user's packs too; what of them had to be left out is said on stderr.

    Raises:
        Failure: when the named file is missing or is not a database of this version of the program.
    """
    path = path or os.environ.get("CTHBKB_DB")
    if path:
        return _named(os.path.expanduser(path))
    return packaged()


def packaged(afresh: bool = False) -> sqlite3.Connection:
    """Open the packaged database, with the user's packs; build it where it is not in the cache, or `afresh`."""
    folder = cache.cache_folder()
    try:
        if afresh:
            raise ValueError("to be built")
        found, left_out = cache.pointed(folder)
        db = named.opened(found)
    except (OSError, ValueError, sqlite3.Error):
        from cthbkb import build

        db, left_out = build.packaged(folder, afresh)
    for name in left_out.split():
        say(f"warning: the pack {name} is left out, since it has problems beside this version's records")
        say(f"hint: cthbkb packs check {name}")
    return db


def _named(path: str) -> sqlite3.Connection:
    if not os.path.lexists(path):
        raise Failure(f"no database at {path}", f"Build one with: {command(path)}")
    try:
        return named.connect(path)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    except (sqlite3.Error, ValueError) as error:
        if named.made_by_us(path):
            message = f"{path} was built by another version of cthbkb"
            raise Failure(message, f"Build it anew: {command(path)}") from None
        raise Failure(
            f"{path} is not a database of cthbkb: {error}", "Name a database that cthbkb load has made."
        ) from None


def blamed(error: Exception, path: str) -> Exception:
    """Return what an error says of a database that was named; the error itself where the database is not to blame."""
    from cthbkb import failures

    if failures.is_interrupt(error) or isinstance(error, MemoryError):
        return error
    reason = str(error) or type(error).__name__
    if _is_damaged(error, path):
        return Failure(f"{path} is damaged: {reason}", f"Build it anew: {command(path)}")
    if isinstance(lacking(error), Failure):
        return lacking(error)
    hint = f"Build it anew: {command(path)}; if it fails again, CTHBKB_DEBUG=1 says where."
    return Failure(f"the command failed on {path}: {reason}", hint)


def _is_damaged(error: Exception, path: str) -> bool:
    """Return whether SQLite says that a database is corrupt or none, or does so when it is told to look."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return True
    try:
        db = named.connect(path)
        try:
            return bool(db.execute("pragma quick_check(1)").fetchone() != ("ok",))
        finally:
            db.close()
    except sqlite3.DatabaseError as found:
        return found.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    except (OSError, ValueError):
        return False


def lacking(error: Exception) -> Exception:
    """Return what an error of SQLite means where that cannot do what is asked of it; else the error itself."""
    if isinstance(error, sqlite3.OperationalError):
        try:
            named.require_sqlite()
        except Failure as failure:
            return failure
    return error


def decayed() -> bool:
    """Return whether the stamps vouch for a cached database that is damaged; they are not believed after that."""
    try:
        path, _ = cache.pointed(cache.cache_folder())
    except (OSError, ValueError):
        return False
    if cache.is_whole(path):
        return False
    cache.distrust()
    return True


def command(path: str) -> str:
    """Return the command that builds a database, from the seeds that it was built from where it names them."""
    seeds = [seed for seed in named.seeds_of(path) if seed != cache.PACKAGED]
    return typed("cthbkb", "load", *seeds, "--db", path)
