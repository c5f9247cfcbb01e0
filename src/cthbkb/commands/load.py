"""`load`: build the database, replacing it whole or not at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cthbkb import build, cache, checks, seed, store
from cthbkb.catalog import Request
from cthbkb.errors import Failure, UsageError
from cthbkb.talk import say

__all__ = ["run"]


def run(request: Request) -> int:
    """Build from the packaged seed or the one named, into the cache folder or the file named."""
    path = Path(request.arguments[0] if request.arguments else cache.seed_path())
    target = request.value("db")
    if request.arguments and not target:
        raise UsageError(
            "a seed of your own needs a database of its own", f"Add --db FILE: cthbkb load {path} --db my.db"
        )
    found = seed.load(path)
    checks.require(found)
    if target:
        try:
            build.build(found, Path(target))
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise Failure(f"cannot write {target}: {reason}", "Name a file in a folder that can be written.") from None
    else:
        cache.discard()
        store.open_database().close()
    records = sum(map(len, found.records.values()))
    say(f"loaded {records} records from {path} into {target or cache.cache_folder()}")
    return 0
