"""`cite`: how to cite records, in running text and for a reference manager."""

from __future__ import annotations

from cthbkb import cite, record, store
from cthbkb.columns import Col
from cthbkb.commands import told
from cthbkb.formats import RECORD, Answer, Output, Shown, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["COLUMNS", "run"]

COLUMNS = (
    Col("id", 1), Col("key", 1), Col("un", 1, "prose"), Col("chicago", 1, "prose"), Col("acknowledgement", 1, "prose"),
    Col("url", 1),
)  # fmt: skip

HEADS = {"un": "United Nations", "chicago": "Chicago"}


def run(request: Request) -> int:
    """Cite the records that the arguments name."""
    output = Output(request)
    if output.lists(COLUMNS):
        return 0
    db = store.open_database(request.value("db"))
    found = cite.cited(db, record.find_all(db, request.arguments))
    rows = [
        [c.id, c.work.key, cite.united_nations(c), cite.chicago(c), c.work.acknowledgement, c.work.url or None]
        for c in found
    ]
    if output.format == "table":
        records = [
            Shown("", [(Col(HEADS.get(col.name, col.name)), cell) for col, cell in zip(COLUMNS, row, strict=True)], {})
            for row in rows
        ]
        answer = Answer("citations", RECORD, records=records)
    else:
        chosen, shaped = output.shape(COLUMNS, rows)
        answer = Answer("citations", chosen, shaped)
    answer.origin = told(db, request, f"citations of {', '.join(c.id for c in found)}")
    answer.works = lambda: cite.works(found)
    return emit(answer, output)
