"""Opening the database, read-only: the one that is named, or that of the packaged seed, built only when there is none.

A cache folder that cannot be written costs a build in memory and nothing else.
"""

from __future__ import annotations

import os
import sqlite3

from cthbkb import cache
from cthbkb.errors import Failure

__all__ = ["open_database"]


def open_database(path: str | None = None) -> sqlite3.Connection:
    """Open a database read-only: the one at `path`, else the one `CTHBKB_DB` names, else that of the packaged seed.

    Raises:
        Failure: when the named file is missing or is not a database of this program.
    """
    path = path or os.environ.get("CTHBKB_DB")
    if path:
        return _named(path)
    folder = cache.cache_folder()
    try:
        return cache.connect(cache.pointed(folder))
    except (OSError, ValueError, sqlite3.Error):
        from cthbkb import build

        return build.packaged(folder)


def _named(path: str) -> sqlite3.Connection:
    if not os.path.exists(path):
        raise Failure(f"no database at {path}", f"Build one with: cthbkb load --db {path}")
    try:
        return cache.connect(path)
    except (sqlite3.Error, ValueError) as error:
        raise Failure(
            f"{path} is not a database of cthbkb: {error}", "Name a database that cthbkb load has made."
        ) from None
