"""`show`: one or more records with their related records."""

from __future__ import annotations

import os

from cthbkb import cache, record
from cthbkb.columns import Col
from cthbkb.commands import cited, database, told
from cthbkb.formats import RECORD, Answer, Output, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Show the record that all arguments name together, or one record per argument."""
    db = database(request)
    named = record.find_all(db, request.arguments)
    answer = Answer("records", RECORD, records=[record.show(db, table, id_) for table, id_ in named])
    output = Output(request)
    if os.path.isdir(cache.sources_folder()):
        _quote(db, named, answer)
    elif output.format == "table":
        from cthbkb import copies

        answer.notes += copies.how(db, named)
    answer.origin = told(db, request, f"record {' '.join(id_ for _, id_ in named)}")
    answer.works = cited(db, lambda: named)
    return emit(answer, output)


def _quote(db: sqlite3.Connection, named: list[tuple[str, str]], answer: Answer) -> None:
    """Add the original words to the records whose passage is in a copy at hand."""
    from cthbkb import copies

    found, answer.notes = copies.quotes(db, named)
    for (_, id_), shown in zip(named, answer.records, strict=True):
        if id_ in found:
            cells = [(Col("original_words", 1, "prose"), found[id_].text), (Col("original_place", 1), found[id_].place)]
            shown.fields = [*shown.fields, *cells]
