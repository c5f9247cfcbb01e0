"""Building a database file from a seed, completely or not at all.

A database is a build product: written to a temporary file, flushed, renamed, and never changed afterwards. `fill`
writes its content; this module decides where the file goes, and what happens if it cannot be written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from cthbkb import cache, checks, fill, seed
from cthbkb.errors import CthbkbError, Refused

__all__ = ["build", "merged", "pack_files", "packaged", "usable"]

KEPT = 4
"""Number of databases kept in the cache folder, the newest first, for other versions and checkouts."""

STALE = 600
"""Seconds after which a temporary file is considered a leftover of a killed build."""


def packaged(folder: str) -> tuple[sqlite3.Connection, str]:
    """Open the database of the packaged seed and the user's packs; return it and the names of the packs left out.

    It is found in the cache folder or built there, or built in memory where that folder cannot be written.
    """
    base, packs = Path(cache.seed_path()), pack_files()
    watched = _watched(base, packs)
    stamps = [f"{cache.stamp(str(path))} {path}" for path in watched]
    target = Path(folder) / f"kb-{_digest(base, watched)}.db"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            db = cache.connect(str(target))
        except (ValueError, sqlite3.Error):
            target.unlink(missing_ok=True)
            found, seeds, missing = merged(base, packs)
            build(found, target, seeds, missing)
            db = cache.connect(str(target))
        left_out = _left_out(db)
        known = [target.name, cache.state_of(str(target)), left_out, cache.packs_folder(), *stamps]
        _place(Path(cache.pointer(folder)), "\n".join(known).encode("utf-8", "surrogateescape"))
        _sweep(Path(folder), target)
        return db, left_out
    except (OSError, sqlite3.Error):
        db = sqlite3.connect(":memory:")
        found, seeds, missing = merged(base, packs)
        fill.write(found, db, seeds, missing)
        db.execute("pragma query_only = 1")
        return db, _left_out(db)


def pack_files() -> list[Path]:
    """Return the files of the user's packs, by name."""
    return sorted(Path(cache.packs_folder()).glob("*.yaml"))


def merged(base: Path, packs: Sequence[Path]) -> tuple[seed.Seed, list[str], list[str]]:
    """Read the packaged seed and merge the packs that pass the checks beside it.

    Returns the records, the seeds that they are from, and the names of the packs that had to be left out.

    Raises:
        Failure: when the packaged seed cannot be read.
        SeedError: when it has problems of its own.
    """
    kept = usable(packs, base)
    left_out = [pack.stem for pack in packs if pack not in kept]
    return _checked(base, kept), [cache.PACKAGED, *map(str, kept)], left_out


def usable(packs: Sequence[Path], base: Path | None = None) -> list[Path]:
    """Return those of some packs that pass the checks beside the packaged seed and the packs before them."""
    kept: list[Path] = []
    for pack in packs:
        with contextlib.suppress(CthbkbError):
            _checked(base or Path(cache.seed_path()), [*kept, pack])
            kept.append(pack)
    return kept


def _checked(base: Path, packs: Sequence[Path]) -> seed.Seed:
    found = seed.load(base, *packs)
    checks.require(found)
    return found


def _left_out(db: sqlite3.Connection) -> str:
    (names,) = db.execute("select value from meta where key = 'left out'").fetchone()
    return str(names)


def _watched(base: Path, packs: Sequence[Path]) -> list[Path]:
    """Return every file on which the database depends, and the folder of packs, to which one may be added.

    The subpackages of the program are above the build in the order of imports, and so do not shape a database.
    """
    modules = [path for path in sorted(Path(cache.HERE).iterdir()) if path.suffix in {".py", ".sql"}]
    data = [*seed.files(base), Path(cache.words_path())]
    return [*modules, *data, Path(cache.packs_folder()), *(f for pack in packs for f in seed.files(pack))]


def _digest(base: Path, watched: Sequence[Path]) -> str:
    """Return a digest of the content of files."""
    digest = hashlib.sha256()
    for path in watched:
        if path.is_file():
            digest.update(f"{path.name}\n".encode("utf-8", "surrogateescape"))
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def build(found: seed.Seed, target: Path, seeds: Sequence[str] = (), left_out: Sequence[str] = ()) -> None:
    """Write the records of a seed that passes the checks to `target`, replacing a database of ours and nothing else.

    `seeds` and `left_out` are what the database says of its making: see `fill.write`.

    Raises:
        Refused: when `target` is there and is not a database of this program.
        OSError: when it cannot be written; then nothing has changed.
    """
    target = Path(os.path.realpath(target))
    if target.exists() and not cache.made_by_us(str(target)):
        raise Refused(f"{target} is not a database of cthbkb", "Name another file, or move it away.")
    handle, name = tempfile.mkstemp(prefix=".building-", suffix=".db", dir=target.parent)
    os.close(handle)
    try:
        db = sqlite3.connect(name)
        try:
            fill.write(found, db, seeds, left_out)
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
    """Return the umask, which `mkstemp` ignores."""
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
    """Remove leftovers of killed builds, and all but the newest databases."""
    databases = sorted((p for p in folder.glob("kb-*.db") if p != keep), key=lambda p: p.stat().st_mtime, reverse=True)
    left = [p for p in folder.glob(".building-*") if time.time() - p.stat().st_mtime > STALE]
    for path in [*databases[KEPT - 1 :], *left]:
        with contextlib.suppress(OSError):
            path.unlink()
