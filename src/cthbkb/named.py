"""Databases that the user names: whose they are, which version made them, and how they are opened; and by what.

A database is a build product, which is replaced and never changed in place. It is therefore opened as an unchanging
file: SQLite asks for no lock, which a network home may lack, and writes nothing beside it.

One may come from somebody else. Its tables and views must be those that this version makes, so that nothing runs but
what the program has written; what remains are values, whose length is limited. Ctrl-C is heard while SQLite works.
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

__all__ = ["by_year", "connect", "made_by_us", "opened", "require_sqlite", "schema_of", "seeds_of"]

OLDEST = (3, 31, 0)
"""The oldest SQLite whose SQL is enough; nothing of the program may need a newer one."""

PARTS = {"FTS5": "create virtual table a using fts5(b)", "JSON": "select value from json_each('[1]')"}
"""Parts of SQLite that may be left out of it, with a statement that needs each."""

LARGEST = 2**25
"""Bytes of the longest value that is read, as many as a seed may have."""

STEPS = 1_000_000
"""Steps of SQLite after which Python may hear a signal: some hundredths of a second."""

SCHEMA = r"""
select type, name, sql from (
    select type, name, sql from sqlite_master
    where sql is not null and name not like 'sqlite\_%' escape '\' and name not glob 'search_[cdi]*'
    order by rowid limit :objects
) order by type, name
"""
"""What a build makes, without what SQLite makes of it: its own tables and those of the full text."""

QUOTES = dict.fromkeys(map(ord, '"[]'), "")

NOT_OURS = "is not a database of cthbkb"
CHANGED = "has other tables or views than cthbkb load gave it"

MAGIC = b"SQLite format 3\0"


def connect(path: str) -> sqlite3.Connection:
    """Open a file read-only and make sure that this version of the program made it.

    Raises:
        ValueError: when it did not; the text follows the path in a message.
        OSError: when it cannot be read.
        sqlite3.Error: when it is damaged.
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
        db.execute("pragma trusted_schema = 1")  # views are those of the program, and use json_group_array
    except BaseException:
        db.close()
        raise
    return db


def _guarded(path: str) -> sqlite3.Connection:
    """Open a database of which nothing is known yet."""
    db = opened(path, _settled(path))
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
    db.execute("pragma trusted_schema = 0")
    db.execute("pragma cell_size_check = 1")
    return db


def _listen() -> None:
    """Let Python hear signals, which it does between two of its own steps."""


def schema_of(db: sqlite3.Connection) -> int:
    """Return a digest of 28 bits of the tables, views and indexes that a build makes; what is added later is left out.

    Raises:
        ValueError: when they cannot be those of a build.
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
    """Return what stands for each mark in `views.sql`: a column for each year of a conference."""
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
    """Open a database read-only; an `unchanging` one without locks. Ctrl-C is heard while SQLite works."""
    quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{quoted}?mode=ro{'&immutable=1' if unchanging else ''}"
    db = sqlite3.connect(address, uri=True, check_same_thread=False)  # `KnowledgeBase` answers one thread at a time
    db.set_progress_handler(_listen, STEPS)
    return db


def _marks(path: str) -> tuple[int, int]:
    """Return the two numbers by which a database says whose it is and which version made it.

    Raises:
        ValueError: when the file is no database.
        OSError: when it cannot be read.
    """
    if not os.path.isfile(path):
        raise ValueError(f"{NOT_OURS}: it is a {'folder' if os.path.isdir(path) else 'device'}")
    with open(path, "rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise ValueError(f"{NOT_OURS}: it does not begin as a database does")
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
        db = _guarded(path)
        try:
            is_table = db.execute("select 1 from sqlite_master where name = 'meta' and type = 'table'").fetchone()
            found = is_table and db.execute("select value from meta where key = 'seeds'").fetchone()
        finally:
            db.close()
    except sqlite3.Error:
        return []
    return str(found[0]).split("\n") if found else []


def require_sqlite() -> None:
    """Make sure that the SQLite of this Python can do what is asked of it.

    Raises:
        Failure: when it cannot.
    """
    needs = [f"at least {'.'.join(map(str, OLDEST[:2]))}"] if sqlite3.sqlite_version_info < OLDEST else []
    needs += [f"one with {part}" for part, statement in PARTS.items() if not _takes(statement)]
    if needs:
        python = ".".join(map(str, sys.version_info[:3]))
        raise Failure(
            f"this Python {python} has SQLite {sqlite3.sqlite_version}, and cthbkb needs {', '.join(needs)}",
            "Install cthbkb with another Python; that of python.org, of conda or of `uv python install` has one.",
        )


def _takes(statement: str) -> bool:
    """Return whether an empty database takes a statement."""
    db = sqlite3.connect(":memory:")
    try:
        db.execute(statement)
    except sqlite3.Error:
        return False
    finally:
        db.close()
    return True
