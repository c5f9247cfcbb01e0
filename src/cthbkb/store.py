"""Opening a database read-only: a named one, or the cached one, which is built if necessary.

If the cache folder is not writable, the database is built in memory.
"""

from __future__ import annotations

import os
import sqlite3

from cthbkb import cache, named
from cthbkb.errors import CthbkbError, Failure, typed
from cthbkb.messages import say

__all__ = ["anew", "blamed", "chosen", "decayed", "explained", "lacking", "open_database", "packaged"]


def open_database(path: str | None = None) -> sqlite3.Connection:
    """Open a database read-only: the one at `path`, else the one that `CTHBKB_DB` names, else the packaged one.

    The packaged database also contains the records of the user's packs; packs left out of it are reported on stderr.

    Raises:
        Failure: if the named file is missing or is not a database of this version of the program.
    """
    path = chosen(path)
    return _named(path) if path else packaged()


def chosen(path: str | None) -> str | None:
    """Return the path of the database that the user names, also by `CTHBKB_DB`; None for the packaged one."""
    path = path or os.environ.get("CTHBKB_DB")
    return os.path.expanduser(path) if path else None


def packaged(afresh: bool = False) -> sqlite3.Connection:
    """Open the packaged database, with the user's packs; build it if it is not in the cache, or if `afresh` is set."""
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
        say(f"warning: the pack {name} is left out, because it fails the checks against the records of this version")
        say(f"hint: cthbkb packs check {name}")
    return db


def _named(path: str) -> sqlite3.Connection:
    if not os.path.lexists(path):
        raise Failure(f"no database at {path}", f"Build one with: {typed('cthbkb', 'load', '--db', path)}")
    try:
        return named.connect(path)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", "Name a database built by cthbkb load.") from None
    except sqlite3.Error as error:
        raise (blamed(error, path) or error) from None
    except ValueError as error:
        hint = "Name a database built by cthbkb load; to build one at this path, move the existing file away."
        if named.made_by_us(path):
            hint = anew(path)
        raise Failure(f"{path} {error}", hint) from None


def explained(error: Exception, path: str | None) -> CthbkbError:
    """Return the error that describes an exception of a server or library call on a database.

    `path` is the database that the user names, whose content is untrusted, or None for the packaged one.
    """
    from cthbkb import failures

    if isinstance(error, CthbkbError):
        return error
    return (blamed(error, path) if path else lacking(error)) or failures.known(error)


def blamed(error: Exception, path: str) -> Failure | None:
    """Return the failure that explains an error on a named database; None if the database is not its cause."""
    from cthbkb import failures

    if failures.is_interrupt(error) or isinstance(error, (ImportError, MemoryError)):
        return None
    reason = str(error) or type(error).__name__
    if _is_damaged(error, path):
        return Failure(f"{path} is damaged: {reason}", anew(path))
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_TOOBIG:
        return Failure(f"{path} contains a value of more than {named.LARGEST >> 20} MB", anew(path))
    failure = lacking(error)
    if failure:
        return failure
    hint = f"{anew(path)}; if it fails again, CTHBKB_DEBUG=1 shows where."
    return Failure(f"the command failed on {path}: {reason}", hint)


def _is_damaged(error: Exception, path: str) -> bool:
    """Return whether a database is corrupt or not a database, by the error or by SQLite's own check."""
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


def lacking(error: Exception) -> Failure | None:
    """Return the failure for an error caused by missing features of SQLite; None for any other error."""
    if isinstance(error, sqlite3.OperationalError):
        try:
            named.require_sqlite()
        except Failure as failure:
            return failure
    return None


def decayed() -> bool:
    """Return whether the cached database is damaged although its stamps match; if so, ignore stamps from now on."""
    try:
        path, _ = cache.pointed(cache.cache_folder())
    except (OSError, ValueError):
        return False
    if cache.is_intact(path):
        return False
    cache.distrust()
    return True


def anew(path: str) -> str:
    """Return the hint to rebuild a database, from the seeds that it records, if any."""
    seeds = named.seeds_of(path)
    if not seeds:
        where = typed("--db", path)
        return f"Rebuild it from its seed: cthbkb load SEED {where}; for the packaged records, move it away first"
    return f"Rebuild it: {typed('cthbkb', 'load', *(s for s in seeds if s != cache.PACKAGED), '--db', path)}"
