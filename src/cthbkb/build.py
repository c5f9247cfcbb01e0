"""From a seed to a database file, whole or not at all.

A database is a build product: made beside its place, flushed and renamed into it, never changed afterwards. What goes
into it is the business of `fill`; here is where it goes, and what happens where it cannot.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import time
from pathlib import Path

from cthbkb import cache, checks, fill, seed
from cthbkb.errors import Failure, Refused

__all__ = ["build", "packaged"]

KEPT = 4
"""How many databases stay in the cache folder, newest first: other versions and checkouts keep theirs."""

STALE = 600
"""Seconds after which a temporary file is taken for the leftover of a build that was killed."""


def packaged(folder: str) -> sqlite3.Connection:
    """Build the packaged seed into the cache folder, or find it built there, and open it; in memory if need be."""
    stamp = cache.stamp()
    path = Path(cache.seed_path())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", "Install the program again.") from None
    shape = b"".join(Path(cache.HERE, name).read_bytes() for name in cache.SHAPING)
    target = Path(folder) / f"kb-{hashlib.sha256(data + shape).hexdigest()[:16]}.db"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            db = cache.connect(str(target))
        except (ValueError, sqlite3.Error):
            target.unlink(missing_ok=True)
            build(_checked(data, path), target)
            db = cache.connect(str(target))
        _place(Path(cache.pointer(folder)), f"{stamp}\n{target.name} {cache.state_of(str(target))}".encode("ascii"))
        _sweep(Path(folder), target)
        return db
    except (OSError, sqlite3.Error):
        db = sqlite3.connect(":memory:")
        fill.write(_checked(data, path), db)
        db.execute("pragma query_only = 1")
        return db


def _checked(data: bytes, path: Path) -> seed.Seed:
    found = seed.parse(data, str(path))
    checks.require(found)
    return found


def build(found: seed.Seed, target: Path) -> None:
    """Write the records of a seed that passes the checks to `target`, replacing a database of ours and nothing else.

    Raises:
        Refused: when `target` is there and is not a database of this program.
        OSError: when it cannot be written; then nothing has changed.
    """
    if target.exists():
        try:
            cache.connect(str(target)).close()
        except (ValueError, sqlite3.Error):
            raise Refused(f"{target} is not a database of cthbkb", "Name another file, or move it away.") from None
    handle, name = tempfile.mkstemp(prefix=".building-", suffix=".db", dir=target.parent)
    os.close(handle)
    try:
        db = sqlite3.connect(name)
        try:
            fill.write(found, db)
        finally:
            db.close()
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    """Return what the user takes off the rights of new files, which `mkstemp` does not heed."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _place(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".building-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _sweep(folder: Path, keep: Path) -> None:
    """Remove what killed builds left and all but the newest databases."""
    databases = sorted((p for p in folder.glob("kb-*.db") if p != keep), key=lambda p: p.stat().st_mtime, reverse=True)
    left = [p for p in folder.glob(".building-*") if time.time() - p.stat().st_mtime > STALE]
    for path in [*databases[KEPT - 1 :], *left]:
        with contextlib.suppress(OSError):
            path.unlink()
