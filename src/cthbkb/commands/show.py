"""`show`: one or more records with their related records."""

from __future__ import annotations

from cthbkb import record
from cthbkb.commands import cited, database, told
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
    answer.origin = told(db, request, f"record {' '.join(id_ for _, id_ in named)}")
    answer.works = cited(db, lambda: named)
    return emit(answer, Output(request))
