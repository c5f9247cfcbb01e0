"""`show`: one or more records, each with its related records."""

from __future__ import annotations

import os

from cthbkb import cache, record
from cthbkb.commands import cited, database, origin_of
from cthbkb.formats import RECORD, Answer, Output, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Show the record that all arguments name together, or one record per argument."""
    db = database(request)
    named = record.find_all(db, request.arguments)
    answer = Answer("records", RECORD, records=[record.show(db, table, id_) for table, id_ in named])
    output = Output(request)
    if os.path.isdir(cache.sources_folder()):
        answer.notes = record.quote(db, named, answer.records)
    elif output.format == "table":
        from cthbkb import copies

        answer.notes += copies.how(db, named)
    answer.origin = origin_of(db, request, f"record {' '.join(id_ for _, id_ in named)}")
    answer.works = cited(db, lambda: named)
    return emit(answer, output)
