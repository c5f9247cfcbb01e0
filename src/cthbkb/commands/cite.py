"""`cite`: citations of records, for running text and for a reference manager."""

from __future__ import annotations

import os

from cthbkb import cache, cite, record
from cthbkb.columns import COLUMNS, Col
from cthbkb.commands import database, origin_of
from cthbkb.formats import RECORD, Answer, Output, Shown, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]

QUOTATION = (Col("quotation", 1, "prose"), Col("place", 1))
"""Columns added if there is a copy of the document."""

HEADS = {"un": "United Nations", "chicago": "Chicago"}


def run(request: Request) -> int:
    """Cite the records that the arguments name."""
    output = Output(request)
    columns = COLUMNS["cite"]
    if output.lists(columns):
        return 0
    db = database(request)
    named = record.find_all(db, request.arguments)
    found = cite.cited(db, named)
    rows = cite.rows(found)
    notes: list[str] = []
    if os.path.isdir(cache.sources_folder()):
        from cthbkb import copies

        quoted, notes = copies.quotes(db, named)
        columns = (*columns, *QUOTATION)
        said = [(f"“{quoted[c.id].text}”", quoted[c.id].place) if c.id in quoted else (None, None) for c in found]
        rows = [[*row, *more] for row, more in zip(rows, said, strict=True)]
    elif output.format == "table":
        from cthbkb import copies

        notes = copies.how(db, named)
    if output.format == "table":
        records = [
            Shown("", [(Col(HEADS.get(col.name, col.name)), cell) for col, cell in zip(columns, row, strict=True)], {})
            for row in rows
        ]
        answer = Answer("citations", RECORD, records=records)
    else:
        chosen, shaped = output.shape(columns, rows)
        answer = Answer("citations", chosen, shaped)
    answer.notes += notes
    answer.origin = origin_of(db, request, f"citations of {', '.join(c.id for c in found)}")
    answer.works = lambda: cite.works(found)
    return emit(answer, output)
