"""The cache folder, and how the cached database is found without reading what it was built from.

The cached database is named after a hash of the content it was built from (`kb-HASH.db`), so that it can be neither
stale nor incomplete. To find it without reading that content, a small file (`at-INSTALLATION`) holds the name, and
the size and times of every file on which it depends: the modules of the package, the seed with what it includes, the
user's packs. If one of them has changed, the content is hashed again.
"""

from __future__ import annotations

import os
import sqlite3
import sys

__all__ = [
    "APPLICATION_ID",
    "PACKAGED",
    "SCHEMA_VERSION",
    "cache_folder",
    "connect",
    "discard",
    "made_by_us",
    "packs_folder",
    "pointed",
    "pointer",
    "seed_path",
    "seeds_of",
    "stamp",
    "state_of",
    "template_path",
    "words_path",
]

APPLICATION_ID = 0x43544842  # "CTHB"
SCHEMA_VERSION = 0x66AF7AD
"""A digest of the statements that make an empty database; a test says what it is when they change."""

PACKAGED = "cthbkb"
"""The name by which a database lists the packaged seed among its seeds."""

HERE = os.path.dirname(os.path.abspath(__file__))


def seed_path() -> str:
    """Return the path of the packaged seed: beside the modules in a wheel, in `data/` in a checkout."""
    return _data("seed.yaml")


def template_path() -> str:
    """Return the path of the template of a pack, which is beside the packaged seed."""
    return _data("template.yaml")


def words_path() -> str:
    """Return the path of the list of common English words, which is beside the packaged seed."""
    return _data("english.txt")


def _data(name: str) -> str:
    packaged = os.path.join(HERE, "data", name)
    return packaged if os.path.exists(packaged) else os.path.normpath(os.path.join(HERE, "..", "..", "data", name))


def cache_folder() -> str:
    """Return the user's cache folder for the program, which need not exist."""
    return os.path.join(_base("XDG_CACHE_HOME", "~/.cache", "~/Library/Caches"), "cthbkb")


def packs_folder() -> str:
    """Return the folder of the user's packs, which need not exist."""
    return os.path.join(_base("XDG_DATA_HOME", "~/.local/share", "~/Library/Application Support"), "cthbkb", "packs")


def _base(variable: str, linux: str, mac: str) -> str:
    """Return a base folder of the user's by the custom of the system."""
    base = os.environ.get(variable, "")
    if os.path.isabs(base):
        return base
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    return os.path.expanduser(mac if sys.platform == "darwin" else linux)


def connect(path: str) -> sqlite3.Connection:
    """Open a file read-only and make sure that this version of the program made it.

    Raises:
        ValueError: when it did not.
    """
    db = _open(path)
    found = db.execute("select (select * from pragma_application_id), (select * from pragma_user_version)").fetchone()
    if found != (APPLICATION_ID, SCHEMA_VERSION):
        db.close()
        maker = "another version of it" if found[0] == APPLICATION_ID else "another program"
        raise ValueError(f"it was made by {maker}")
    return db


def _open(path: str) -> sqlite3.Connection:
    if not os.path.isfile(path):
        raise ValueError("no such file")
    quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(f"file:{quoted}?mode=ro", uri=True)


def made_by_us(path: str) -> bool:
    """Return whether a file is a database of some version of the program."""
    try:
        db = _open(path)
        try:
            return bool(db.execute("pragma application_id").fetchone() == (APPLICATION_ID,))
        finally:
            db.close()
    except (sqlite3.Error, ValueError):
        return False


def seeds_of(path: str) -> list[str]:
    """Return the seeds that a database says it was built from: paths, or `PACKAGED`; none where it does not say."""
    try:
        db = _open(path)
        try:
            found = db.execute("select value from meta where key = 'seeds'").fetchone()
        finally:
            db.close()
    except (sqlite3.Error, ValueError):
        return []
    return str(found[0]).split("\n") if found else []


def stamp(path: str) -> str:
    """Return inode, size and times of a file or folder as a text that changes with any of them."""
    try:
        s = os.stat(path)
    except OSError:
        return "-"
    return f"{s.st_ino:x}.{s.st_size:x}.{s.st_mtime_ns:x}.{s.st_ctime_ns:x}"


def state_of(path: str) -> str:
    """Return size and time of a database, so that a truncated or modified one is noticed."""
    s = os.stat(path)
    return f"{s.st_size:x}.{s.st_mtime_ns:x}"


def pointer(folder: str) -> str:
    """Return the path of the file that holds the name of this installation's database and the stamps behind it."""
    return os.path.join(folder, "at-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in HERE)[-100:])


def pointed(folder: str) -> tuple[str, str]:
    """Return the path of this installation's database, and the names of the packs that it had to leave out.

    Raises:
        ValueError: when there is no whole one, or something that it was built from has changed.
    """
    with open(pointer(folder), encoding="utf-8", errors="surrogateescape") as file:
        name, state, left_out, packs, *stamps = file.read().split("\n")
    path = os.path.join(folder, os.path.basename(name))
    if packs != packs_folder() or state_of(path) != state or not stamps:
        raise ValueError("built from something else, or cut short")
    for line in stamps:
        known, _, watched = line.partition(" ")
        if stamp(watched) != known:
            raise ValueError(f"{watched} has changed")
    return path, left_out


def discard() -> None:
    """Remove the cached database, so that it is rebuilt when it is opened next."""
    try:
        path, _ = pointed(cache_folder())
        os.unlink(pointer(cache_folder()))
        os.unlink(path)
    except (OSError, ValueError):
        pass
