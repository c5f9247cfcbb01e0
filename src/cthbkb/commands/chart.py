"""`chart`: a picture of the asks, themes, speakers or force by year, in the terminal or as a file."""

from __future__ import annotations

from cthbkb import chart
from cthbkb.commands import database, origin_of
from cthbkb.errors import UsageError
from cthbkb.formats import Answer, Output, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Make the requested chart, and draw it; in a data format, write its data."""
    output = Output(request)
    if len(request.arguments) != 1:
        raise UsageError("chart needs one name", f"Charts: {', '.join(chart.VIEWS)}.")
    db = database(request)
    made = chart.make(
        db, request.arguments[0], request.options.get("theme", []), request.options.get("year", []),
        request.value("by"), output.limit,
    )  # fmt: skip
    answer = Answer("values", made.columns, made.data)
    answer.chart = made
    answer.origin = origin_of(db, request, made.title)
    if output.format not in {"table", "svg", "png", "pdf"}:
        answer.notes.append(f"note: {made.note}")
    return emit(answer, output)
