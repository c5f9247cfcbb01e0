"""Where the database of the packaged seed lies, and how to find it there by a cheap stamp.

The database in the cache folder is named by the content it was built from (`kb-HASH.db`), so that it can be neither
stale nor half-written. To find it without reading the seed, a small file that knows the size and times of the seed
and of the modules that shape the database (`at-INSTALLATION`) holds that name and their stamp. Whatever changes a
file changes the stamp, and then the content is looked at."""

from __future__ import annotations

import os
import sqlite3
import sys

__all__ = [
    "APPLICATION_ID",
    "SCHEMA_VERSION",
    "cache_folder",
    "connect",
    "discard",
    "pointed",
    "pointer",
    "seed_path",
    "stamp",
    "state_of",
]

APPLICATION_ID = 0x43544842  # "CTHB"
SCHEMA_VERSION = 1
HERE = os.path.dirname(os.path.abspath(__file__))
SHAPING = ("__init__.py", "fill.py", "index.py", "model.py", "query.py", "schema.py", "terms.py", "views.sql")
"""The files of the package on which the content of a database depends, beside the seed."""


def seed_path() -> str:
    """Return the path of the packaged seed: beside the modules in a wheel, in `data/` in a checkout."""
    packaged = os.path.join(HERE, "data", "seed.yaml")
    return (
        packaged if os.path.exists(packaged) else os.path.normpath(os.path.join(HERE, "..", "..", "data", "seed.yaml"))
    )


def cache_folder() -> str:
    """Return the user's cache folder for the program, which need not exist."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        if sys.platform == "win32":
            base = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
        elif sys.platform == "darwin":
            base = os.path.expanduser("~/Library/Caches")
        else:
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "cthbkb")


def connect(path: str) -> sqlite3.Connection:
    """Open a file read-only and make sure that it is one of ours."""
    if not os.path.isfile(path):
        raise ValueError("no such file")
    quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True)
    found = db.execute("select (select * from pragma_application_id), (select * from pragma_user_version)").fetchone()
    if found != (APPLICATION_ID, SCHEMA_VERSION):
        db.close()
        maker = "another version of it" if found[0] == APPLICATION_ID else "another program"
        raise ValueError(f"it was made by {maker}")
    return db


def stamp() -> str:
    """Describe the seed and the modules as they are on disk: whatever changes one of them changes the text."""
    parts = []
    for path in (seed_path(), *(os.path.join(HERE, name) for name in SHAPING)):
        s = os.stat(path)
        parts.append(f"{s.st_ino:x}.{s.st_size:x}.{s.st_mtime_ns:x}.{s.st_ctime_ns:x}")
    return "-".join(parts)


def state_of(path: str) -> str:
    """Describe a database as it is on disk, so that one that was cut short or written to is not taken for whole."""
    s = os.stat(path)
    return f"{s.st_size:x}.{s.st_mtime_ns:x}"


def pointer(folder: str) -> str:
    """Return the path of the file that holds this installation's stamp and the name of its database."""
    return os.path.join(folder, "at-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in HERE)[-100:])


def pointed(folder: str) -> str:
    """Return the path of the database that belongs to this installation; ValueError where there is no whole one."""
    with open(pointer(folder), encoding="ascii") as file:
        known, _, rest = file.read().partition("\n")
    name, _, state = rest.partition(" ")
    path = os.path.join(folder, os.path.basename(name))
    if known != stamp() or state_of(path) != state:
        raise ValueError("built from something else, or cut short")
    return path


def discard() -> None:
    """Remove the packaged seed's database, which turned out to be damaged, so that the next opening builds it anew."""
    try:
        path = pointed(cache_folder())
        os.unlink(pointer(cache_folder()))
        os.unlink(path)
    except (OSError, ValueError):
        pass
