"""`cite`: how to cite records, in running text and for a reference manager."""

from __future__ import annotations

from cthbkb import cite, record
from cthbkb.columns import COLUMNS, Col
from cthbkb.commands import database, told
from cthbkb.formats import RECORD, Answer, Output, Shown, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]

HEADS = {"un": "United Nations", "chicago": "Chicago"}


def run(request: Request) -> int:
    """Cite the records that the arguments name."""
    output = Output(request)
    columns = COLUMNS["cite"]
    if output.lists(columns):
        return 0
    db = database(request)
    found = cite.cited(db, record.find_all(db, request.arguments))
    rows = cite.rows(found)
    if output.format == "table":
        records = [
            Shown("", [(Col(HEADS.get(col.name, col.name)), cell) for col, cell in zip(columns, row, strict=True)], {})
            for row in rows
        ]
        answer = Answer("citations", RECORD, records=records)
    else:
        chosen, shaped = output.shape(columns, rows)
        answer = Answer("citations", chosen, shaped)
    answer.origin = told(db, request, f"citations of {', '.join(c.id for c in found)}")
    answer.works = lambda: cite.works(found)
    return emit(answer, output)
