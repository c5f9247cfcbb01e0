"""One module a command: read the request, make one call, write once. None knows Typer; `catalog` names them."""

from __future__ import annotations

import os
import sqlite3
import sys

from cthbkb import cache, formats, store
from cthbkb.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["execute"]


def execute(request: Request) -> int:
    """Run a command and return its exit code; once more where the cached database turns out to be damaged.

    Raises:
        Failure: when a database that was named is damaged, or the cached one is when part of the answer is out.
        sqlite3.DatabaseError: when a sound database does not answer, which is a defect of the program.
    """
    module, _, function = request.command.run.partition(":")
    __import__(module)
    run = getattr(sys.modules[module], function)
    formats.started = False
    try:
        return int(run(request) or 0)
    except sqlite3.DatabaseError as error:
        named = request.value("db") or os.environ.get("CTHBKB_DB")
        if not store.damaged(error, named):
            raise
        if named:
            raise Failure(f"{named} is damaged: {error}", f"Build it anew: {store.command(named)}") from None
        cache.discard()
        if formats.started:
            raise Failure(f"the cached database is damaged and was removed: {error}", "Run it again.") from None
        return int(run(request) or 0)
