"""Building a database file from a seed, completely or not at all.

A database is a build product: it is written under a temporary name, renamed, and never changed afterwards. `fill`
writes the content and `files` the file; this module decides where the file goes, and what happens if it cannot be
written.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from operator import methodcaller
from pathlib import Path
from typing import IO

from cthbkb import cache, checks, files, fill, named, seed
from cthbkb.errors import CthbkbError, Refused
from cthbkb.model import columns_of

__all__ = ["build", "merged", "pack_files", "packaged", "placeholders", "usable"]

KEPT = 4
"""Maximum number of databases in the cache folder, including those of other versions and checkouts; the newest stay."""

PLACEHOLDERS = 25
"""Minimum length of a text that, if it is also in the template, counts as left in by mistake."""


def packaged(folder: str, afresh: bool = False) -> tuple[sqlite3.Connection, str]:
    """Open the database of the packaged seed and the user's packs; return it and the names of the packs left out.

    It is taken from the cache folder, or built and stored there; `afresh` forces a new build. If the folder is not
    writable, or does not belong to the user alone, the database is built in memory, and everything else works as usual.
    """
    base, packs = Path(cache.seed_path()), pack_files()
    watched = _watched(base, packs)
    stamps = [f"{cache.stamp(str(path))} {path}" for path in watched]
    key = _digest(base, watched)
    trusted = _made_private(folder)
    target = _kept(folder, key) if trusted and not afresh else None
    db = None
    if target is None:
        found, seeds, missing = merged(base, packs)
        db = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            fill.write(found, db, seeds, missing)
        except BaseException:
            db.close()
            raise
        target = _keep(folder, key, db) if trusted else None
    if target is not None:
        try:
            state = cache.stamp(str(target))
            kept = named.opened(str(target))
            left_out = _left_out(kept)
        except sqlite3.Error:  # removed by another process
            if db is None:
                return packaged(folder, afresh=True)
        else:
            if db is not None:
                db.close()
            _point(folder, [target.name, state, left_out, cache.packs_folder(), *stamps])
            _sweep(Path(folder), target)
            return kept, left_out
    assert db is not None
    db.execute("pragma query_only = 1")
    return db, _left_out(db)


def _made_private(folder: str) -> bool:
    """Create the cache folder, accessible only to the user; return whether it can be used."""
    try:
        if folder:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            if not cache.private(folder):
                os.chmod(folder, 0o700)
        return bool(folder) and cache.private(folder)
    except OSError:
        return False


def _kept(folder: str, key: str) -> Path | None:
    """Return the cached database with this key, if its content matches its name; otherwise remove it."""
    for path in sorted(Path(folder).glob(cache.name_of(key, "*"))):
        if cache.is_intact(str(path)):
            return path
        with contextlib.suppress(OSError):
            path.unlink()
    return None


def _keep(folder: str, key: str, db: sqlite3.Connection) -> Path | None:
    """Write a database into the cache folder, named after its content; return None if that fails."""
    try:
        image = _image(db)
        target = Path(folder) / cache.name_of(key, cache.digest(io.BytesIO(image)))
        files.place(str(target), methodcaller("write", image))
    except OSError:
        return None
    return target


def _image(db: sqlite3.Connection) -> bytes:
    """Return a database as the bytes of a file."""
    if hasattr(db, "serialize"):
        return db.serialize()
    with tempfile.TemporaryDirectory() as folder:  # SQLite built without serialize
        path = Path(folder, "image.db")
        with contextlib.closing(sqlite3.connect(path)) as copy:
            db.backup(copy)
        return path.read_bytes()


def _point(folder: str, lines: Sequence[str]) -> None:
    """Record where the database is, with the stamps of its inputs; without this file, finding it takes longer."""
    with contextlib.suppress(OSError):
        pointer = "\n".join(lines).encode("utf-8", "surrogateescape")
        files.place(cache.pointer(folder), methodcaller("write", b"%s\n%d" % (pointer, cache.checksum(pointer))))


def pack_files() -> list[Path]:
    """Return the files of the user's packs, by name; pipes and devices, on which commands would block, are ignored."""
    folder = cache.packs_folder()
    return sorted(path for path in Path(folder).glob("*.yaml") if not _is_device(path)) if folder else []


def _is_device(path: Path) -> bool:
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def merged(base: Path, packs: Sequence[Path]) -> tuple[seed.Seed, list[str], list[str]]:
    """Read the packaged seed, and merge the packs that pass the checks together with it.

    Return the records, the seeds that they come from, and the names of the packs left out.

    Raises:
        Failure: if the packaged seed cannot be read.
        SeedError: if it has problems of its own.
    """
    found, kept = _joined(base, packs)
    if not kept:
        checks.require(found)
    left_out = [pack.stem for pack in packs if pack not in kept]
    return found, [cache.PACKAGED, *map(str, kept)], left_out


def usable(packs: Sequence[Path]) -> list[Path]:
    """Return the packs that pass the checks together with the packaged seed and the packs before them."""
    if packs:
        with contextlib.suppress(CthbkbError):
            return _joined(Path(cache.seed_path()), packs)[1]
    return []


def _joined(base: Path, packs: Sequence[Path]) -> tuple[seed.Seed, list[Path]]:
    """Read the packaged seed, and merge the packs that pass the checks; return the records and these packs.

    The records are not checked if there are none of these packs.
    """
    found = seed.load(base)
    kept: list[Path] = []
    for pack in packs:
        with contextlib.suppress(CthbkbError):
            more = seed.merge([*found.layers, *seed.load(pack).layers])
            checks.require(more)
            found = more
            kept.append(pack)
    return found, kept


def _left_out(db: sqlite3.Connection) -> str:
    (names,) = db.execute("select value from meta where key = 'left out'").fetchone()
    return str(names)


def _watched(base: Path, packs: Sequence[Path]) -> list[Path]:
    """Return every file that the database depends on, and the folder of packs, since a pack may be added.

    Subpackages import the build and not the reverse, so they cannot affect a database.
    """
    modules = [path for path in sorted(Path(cache.HERE).iterdir()) if path.suffix in {".py", ".sql"}]
    data = [*seed.files(base), Path(cache.words_path())]
    folder = [Path(cache.packs_folder())] if cache.packs_folder() else []
    return [*modules, *data, *folder, *(f for pack in packs for f in seed.files(pack))]


def _digest(base: Path, watched: Sequence[Path]) -> str:
    """Return a digest of the content of files."""
    digest = hashlib.sha256()
    for path in watched:
        if path.is_file():
            digest.update(f"{path.name}\n".encode("utf-8", "surrogateescape"))
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def build(found: seed.Seed, target: Path, seeds: Sequence[str] = (), left_out: Sequence[str] = ()) -> None:
    """Write the records of a valid seed to `target`, replacing a database of this program but no other file.

    `seeds` and `left_out` are stored in the database: see `fill.write`.

    Raises:
        Refused: if `target` exists and is not a database of this program.
        OSError: if it cannot be written; nothing is changed then.
    """
    target = Path(os.path.realpath(target))
    if target.exists() and not named.made_by_us(str(target)):
        raise Refused(f"{target} is not a cthbkb database", "Name another file, or move this one away.")

    def write(out: IO[bytes]) -> None:
        with contextlib.closing(sqlite3.connect(out.name)) as db:
            fill.write(found, db, seeds, left_out)

    files.place(str(target), write)


def _sweep(folder: Path, keep: Path) -> None:
    """Remove all but the newest databases, and pointers to missing databases."""
    try:
        databases = sorted((p for p in folder.glob("kb-*.db") if p != keep), key=lambda p: p.stat().st_mtime)
        gone = [*databases[: 1 - KEPT], *(p for p in folder.glob("at-*") if not _points(p))]
    except OSError:  # another process is cleaning up too
        return
    for path in gone:
        with contextlib.suppress(OSError):
            path.unlink()


def _points(pointer: Path) -> bool:
    """Return whether the database that a pointer names exists."""
    name = os.path.basename(pointer.read_bytes().partition(b"\n")[0]) if pointer.is_file() else b""
    return bool(name) and os.path.exists(os.path.join(os.fsencode(pointer.parent), name))


def placeholders(layer: seed.Layer) -> list[str]:
    """Return the texts of a pack that were left unchanged from the template."""
    texts = set(_prose(seed.load(Path(cache.template_path())).layers[0]))
    return [text for text in _prose(layer) if text in texts and len(text) >= PLACEHOLDERS]


def _prose(layer: seed.Layer) -> Iterator[str]:
    """Yield the texts of a layer that are neither ids nor words of a vocabulary."""
    for rows in layer.records.values():
        for record in rows:
            for column in columns_of(type(record)):
                value = record.get(column.name)
                if isinstance(value, str) and not (column.ref or column.pattern or column.options):
                    yield value
