"""`export`: the tables as files for other programs, in the format that the extension of the target names."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from functools import partial

from cthbkb import dump, files, origin
from cthbkb.catalog import NARROWING
from cthbkb.commands import database
from cthbkb.errors import UsageError, shown, unknown
from cthbkb.formats import delimiter, imported
from cthbkb.messages import counted, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from cthbkb.catalog import Request

__all__ = ["FILES", "FOLDERS", "run"]

FILES = {
    ".xlsx": ("cthbkb.formats.book:workbook", "xlsx", None),
    ".json": ("cthbkb.formats.package:json", "json", "utf-8"),
    ".jsonld": ("cthbkb.formats.linked:jsonld", "json", "utf-8"),
    ".db": ("cthbkb.formats.package:database", "database", None),
    ".sqlite": ("cthbkb.formats.package:database", "database", None),
}
"""Maps the extension of a target to the function that writes a bundle, the kind, and the encoding of a text file."""

FOLDERS = {"csv": "cthbkb.formats.package:folder", "parquet": "cthbkb.formats.parquet:folder"}
"""Maps a format to the function that writes a bundle of tables into a folder."""

UNLINKED = frozenset({".xlsx"})
"""Extensions of files that contain only the tables of records, with lists in cells, unless other tables are named."""

OPTIONS = ("excel", "delimiter", "no-header", "raw", "force")
"""Options passed to the function that writes a folder."""

MANY = 20_000
"""Minimum number of rows for which progress is shown."""


def run(request: Request) -> int:
    """Write the tables to a file, or into a folder, which is created if it is missing."""
    target = request.arguments[0]
    if not target:
        raise UsageError("export needs a file or folder", "Write, for example: cthbkb export OUT/")
    ending = "" if target.endswith(("/", os.sep)) else os.path.splitext(target)[1].lower()
    format = request.value("format")
    delimiter(request)
    if format and format not in FOLDERS:
        raise unknown("format", format, FOLDERS, f"Formats of a folder: {', '.join(FOLDERS)}.")
    if ending and ending not in FILES and not os.path.isdir(target) and not os.path.exists(target):
        raise UsageError(
            f"unknown format of the export {shown(target)}", f"Extensions: {' '.join(FILES)}; for a folder, write OUT/."
        )
    file = ending in FILES and not os.path.isdir(target)
    _refuse(request, ending[1:] if file else format or "csv", file)
    name, kind, encoding = FILES[ending] if file else (FOLDERS[format or "csv"], "", None)
    write = imported(name)
    db = database(request)
    db.execute("pragma cache_size = -1000")  # every page is read only once, so a cache would waste memory
    criteria = {name: request.options[name] for name in NARROWING if name in request.options}
    account = origin.Origin(db, request, origin.worded(db, request, "tables of the knowledge base"))
    names = request.options.get("table", [])
    bundle = dump.Bundle(db, account, names, criteria, links=ending not in UNLINKED)
    with _progress(bundle):
        if file:
            files.replace(target, partial(write, bundle), encoding, kind, request.switch("force"))
        else:
            options = {name: request.value(name) or request.switch(name) for name in OPTIONS}
            write(bundle, target, options)
    say(f"wrote {counted(len(bundle.counted), 'tables')}, {counted(bundle.written, 'rows')}, to {target}")
    for note in bundle.notes:
        say(note)
    narrowed = [table.name for table in bundle.tables if table.narrowed and not table.owner]
    if criteria:
        say(f"filtered tables: {', '.join(narrowed) or 'none'}; the other tables are complete")
    return 0


def _refuse(request: Request, format: str, file: bool) -> None:
    """Reject options that the format does not support, rather than ignore them silently."""
    for name in OPTIONS[:-1]:
        if name in request.options and format != "csv":
            raise UsageError(f"--{name} works with CSV, not with {format}", "Remove one of them.")
    if file and "format" in request.options:
        raise UsageError(f"--format works with a folder, not with {request.arguments[0]}", "Remove one of them.")


@contextmanager
def _progress(bundle: dump.Bundle) -> Iterator[None]:
    """Show the progress of a long export if stderr is a terminal."""
    if not sys.stderr.isatty() or (total := sum(table.count() for table in bundle.tables)) < MANY:
        yield
        return
    from cthbkb.formats import table

    with table.progress(total) as bundle.tick:
        yield
