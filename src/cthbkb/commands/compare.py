"""`compare`: the asks over the years, a theme, two or more years, counts along an axis, plan against outcome."""

from __future__ import annotations

from cthbkb import compare, query, repeat
from cthbkb.commands import database, origin_of
from cthbkb.errors import UsageError
from cthbkb.formats import Answer, Output, emit
from cthbkb.registry import BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]

SHIFT = ("shift", "-shift")
"""Values of `--sort` with `--by` that are not plain columns: they sort the values, but keep the years of each value."""


def run(request: Request) -> int:
    """Make the requested comparison and write it: as a page on a terminal, otherwise as flat rows."""
    output = Output(request)
    db = database(request)
    request = _narrowed(db, request)
    asked = _asked(db, request)
    view = asked.view
    wordings = _wordings(db, asked) if request.switch("verbatim") else None
    made = wordings[0] if wordings else compare.make(db, asked)
    if output.lists(made.columns):
        return 0
    if output.count:
        print(len(set(made.ids())))
        return 0
    by_shift = view == "by" and output.sort in SHIFT
    output.sort = "" if by_shift else output.sort
    shown, rows = output.shape(made.columns, made.rows)
    answer = Answer("rows", shown, rows)
    answer.origin = origin_of(db, request, f"comparison {' '.join(request.arguments)}".strip())
    if output.format == "table" and not (output.columns or output.sort or output.limit is not None) and made.rows:
        answer.page = made.page() if made.page else None
    elif output.format in BYTES:
        answer.caveats.append(made.caveat)
    if wordings:
        answer.notes += wordings[1]
    if not made.rows and not answer.notes:
        answer.notes.append(made.caveat if view == "outside" else "nothing to compare here; see: cthbkb threads")
    elif made.rows and answer.page is None:
        answer.notes.append(f"note: {made.caveat}")
    if request.switch("cite-query"):
        answer.notes += repeat.notes(db, request, list(made.ids()))
    return emit(answer, output)


def _wordings(db: sqlite3.Connection, asked: compare.Asked) -> tuple[compare.Comparison, list[str]]:
    """Return the comparison of the original words, and notes on missing copies."""
    from cthbkb.copies.wordings import Wordings

    if asked.view not in {"theme", "years", "overview"}:
        raise UsageError(f"--verbatim and --{asked.view} cannot be combined", "Use only one of them.")
    found = Wordings(db, asked)
    made = compare.Comparison("compare-verbatim", found.rows(), found.caveat, found.page, found.ids)
    return made, found.notes


def _narrowed(db: sqlite3.Connection, request: Request) -> Request:
    """Return the request with arguments other than years as filters: `compare jits` is `compare --theme jits`."""
    years = [word for word in request.arguments if word[:1].isdigit()]
    words = [word for word in request.arguments if word not in years]
    if not words:
        return request
    from cthbkb import narrow
    from cthbkb.messages import say

    meant = narrow.criteria(db, query.LISTINGS["recs"], words, ("theme", "kind"), "compare")
    say(f"understood: {narrow.said('compare', meant)}{''.join(f' {year}' for year in years)}")
    narrowed = request.narrowed(meant)
    narrowed.arguments = years
    return narrowed


def _asked(db: sqlite3.Connection, request: Request) -> compare.Asked:
    """Return the comparison that the request asks for."""
    return compare.asked(
        db,
        {name: request.options[name] for name in ("theme", "kind") if name in request.options},
        request.arguments,
        planned=request.value("planned") if request.switch("planned") else None,
        by=request.value("by") if request.switch("by") else None,
        outside=request.switch("outside"),
        gaps=request.switch("gaps"),
        sort=request.value("sort") if request.value("sort") in SHIFT else "",
    )
