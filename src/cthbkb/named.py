"""Databases that the user names: checking their version, opening them, and finding the seeds they were built from.

A database is a build product that is replaced, never changed in place. It is therefore opened as immutable: SQLite
takes no locks, which a network file system may not support, and writes nothing beside it.

A database may come from somebody else. Its tables and views must be exactly those that this version creates, so that
only the program's own SQL runs; values remain untrusted, and their length is limited. Ctrl-C works while SQLite is
busy.
"""

from __future__ import annotations

import os
import sqlite3
import sys

from cthbkb import cache
from cthbkb.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["by_year", "connect", "listening", "made_by_us", "opened", "require_sqlite", "schema_of", "seeds_of"]

OLDEST = (3, 31, 0)
"""The oldest SQLite that is supported; nothing in the program may need a newer one."""

PARTS = {"FTS5": "create virtual table a using fts5(b)", "JSON": "select value from json_each('[1]')"}
"""Optional parts of SQLite, each with a statement that needs it."""

LARGEST = 2**25
"""Maximum size of a value, in bytes: the maximum size of a seed."""

STEPS = 1_000_000
"""Number of SQLite steps after which Python can handle a signal: a few hundredths of a second."""

SCHEMA = r"""
select type, name, sql from (
    select type, name, sql from sqlite_master
    where sql is not null and name not like 'sqlite\_%' escape '\' and name not glob 'search_[cdi]*'
    order by rowid limit :objects
) order by type, name
"""
"""Selects the objects that a build creates, except SQLite's own and the shadow tables of the full-text index."""

META = "select count(distinct key) from meta where key in ('data', 'packs') and typeof(value) = 'text'"
"""Counts the entries of `meta` that commands rely on."""

QUOTES = dict.fromkeys(map(ord, '"[]'))

NOT_OURS = "is not a cthbkb database"
NO_VERSION = "does not record which data it was built from"
CHANGED = "does not have the tables and views that cthbkb load creates"

MAGIC = b"SQLite format 3\0"


def connect(path: str) -> sqlite3.Connection:
    """Open a file read-only, after checking that this version of the program made it.

    Raises:
        ValueError: if it did not; the message is the text to follow the path.
        OSError: if it cannot be read.
        sqlite3.Error: if it is damaged.
    """
    application, version = _marks(path)
    if application != cache.APPLICATION_ID:
        raise ValueError(f"{NOT_OURS}: it was made by another program")
    if version != cache.SCHEMA_VERSION:
        raise ValueError("was built by another version of cthbkb")
    db = _guarded(path)
    try:
        if schema_of(db) != version:
            raise ValueError(CHANGED)
        if db.execute(META).fetchone() != (2,):
            raise ValueError(NO_VERSION)
        db.execute("pragma trusted_schema = 1")  # the views are the program's own, and use json_group_array
    except BaseException:
        db.close()
        raise
    return db


def _guarded(path: str) -> sqlite3.Connection:
    """Open a database that is not yet trusted."""
    db = opened(path, _settled(path))
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    db.execute("pragma trusted_schema = 0")
    db.execute("pragma cell_size_check = 1")
    return db


def _listen() -> None:
    """Do nothing; Python handles signals between two of its own steps."""


def schema_of(db: sqlite3.Connection) -> int:
    """Return a 28-bit digest of the tables, views and indexes that a build creates, without those added later.

    Raises:
        ValueError: if they cannot be those of a build.
    """
    import hashlib

    made = db.execute(SCHEMA, {"objects": cache.OBJECTS}).fetchall()
    if ("table", "conferences") not in {(kind, name) for kind, name, _ in made}:
        raise ValueError(CHANGED)
    years = [year for (year,) in db.execute("select distinct year from conferences order by year limit 1000")]
    if not all(isinstance(year, int) for year in years):
        raise ValueError(CHANGED)
    text = "\n".join(sql for *_, sql in made)
    for mark, sql in by_year(years).items():
        text = text.replace(sql, mark)
    text = " ".join(text.translate(QUOTES).split())  # sqlite-utils and SQLite quote names as they like
    return int(hashlib.sha256(text.encode("utf-8")).hexdigest()[:7], 16)


def by_year(years: Sequence[int]) -> dict[str, str]:
    """Return what replaces each placeholder in `views.sql`: one column per conference year."""
    pivot = ",\n    ".join(
        "(select coalesce(sum(k.items), 0) from theme_kinds k"
        f' where k.theme = t.id and k.year = {int(year)}) as "{year}"'
        for year in years
    )
    states = ",\n    ".join(
        f"case when instr(y.asked, '{int(year)}') then 'asked' when instr(y.noted, '{int(year)}') then 'noted'"
        f" else '-' end as \"{int(year)}\""
        for year in years
    )
    return {"{years}": pivot or "0 as years", "{states}": states or "'-' as state"}


def opened(path: str, unchanging: bool = True) -> sqlite3.Connection:
    """Open a database read-only, without locks if it is `unchanging`. Ctrl-C works while SQLite is busy."""
    quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{quoted}?mode=ro{'&immutable=1' if unchanging else ''}"
    db = sqlite3.connect(address, uri=True, check_same_thread=False)  # `KnowledgeBase` answers one thread at a time
    listening(db)
    return db


def listening(db: sqlite3.Connection) -> None:
    """Let Ctrl-C work while SQLite is busy; this replaces any other progress handler."""
    db.set_progress_handler(_listen, STEPS)


def _marks(path: str) -> tuple[int, int]:
    """Return the two numbers in a database header that identify the program and version that made it.

    Raises:
        ValueError: if the file is not a database.
        OSError: if it cannot be read.
    """
    if not os.path.isfile(path):
        raise ValueError(f"{NOT_OURS}: it is a {'folder' if os.path.isdir(path) else 'device'}")
    with open(path, "rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise ValueError(f"{NOT_OURS}: it does not begin with the SQLite header")
    return int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")


def _settled(path: str) -> bool:
    """Return whether a database is complete in its file, with nothing left in a write-ahead log."""
    return not any(os.path.exists(path + end) and os.path.getsize(path + end) for end in ("-wal", "-journal"))


def made_by_us(path: str) -> bool:
    """Return whether a file is a database of any version of this program."""
    try:
        return _marks(path)[0] == cache.APPLICATION_ID
    except (OSError, ValueError):
        return False


def seeds_of(path: str) -> list[str]:
    """Return the seeds that a database records: paths, or `PACKAGED`; none if it records none."""
    import json

    if not made_by_us(path):
        return []
    try:
        db = _guarded(path)
        try:
            is_table = db.execute("select 1 from sqlite_master where name = 'meta' and type = 'table'").fetchone()
            found = is_table and db.execute("select value from meta where key = 'seeds'").fetchone()
        finally:
            db.close()
        seeds = json.loads(found[0]) if found else []
    except (sqlite3.Error, ValueError, TypeError, RecursionError):  # it may come from somebody else
        return []
    return seeds if isinstance(seeds, list) and all(isinstance(name, str) for name in seeds) else []


def require_sqlite() -> None:
    """Check that the SQLite of this Python has the version and parts that the program needs.

    Raises:
        Failure: if it does not.
    """
    needs = [f"version {'.'.join(map(str, OLDEST[:2]))} or newer"] if sqlite3.sqlite_version_info < OLDEST else []
    needs += [f"{part} support" for part, statement in PARTS.items() if not _takes(statement)]
    if needs:
        python = ".".join(map(str, sys.version_info[:3]))
        raise Failure(
            f"Python {python} has SQLite {sqlite3.sqlite_version}, but cthbkb needs {' and '.join(needs)}",
            "Install cthbkb with another Python, such as one from python.org, conda or `uv python install`.",
        )


def _takes(statement: str) -> bool:
    """Return whether SQLite can run a statement on an empty database."""
    db = sqlite3.connect(":memory:")
    try:
        db.execute(statement)
    except sqlite3.Error:
        return False
    finally:
        db.close()
    return True
