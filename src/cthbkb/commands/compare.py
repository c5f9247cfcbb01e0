"""`compare`: the asks over the years, a theme, two or more years, counts along an axis, plan against outcome."""

from __future__ import annotations

from cthbkb import compare, query, repeat, store
from cthbkb.commands import told
from cthbkb.errors import UsageError
from cthbkb.formats import Answer, Output, emit
from cthbkb.registry import BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]

SHIFT = ("shift", "-shift")
"""What `--sort` may say of `--by` that is no column alone: it orders values and keeps the years of each together."""


def run(request: Request) -> int:
    """Choose the view by what is asked, and write it: a page on a terminal, flat rows elsewhere."""
    output = Output(request)
    db = store.open_database(request.value("db"))
    request = _narrowed(db, request)
    view = _view(request)
    made = compare.make(db, _asked(db, request, view))
    if output.lists(made.columns):
        return 0
    if output.count:
        print(len(set(made.ids())))
        return 0
    by_shift = view == "by" and output.sort in SHIFT
    output.sort = "" if by_shift else output.sort
    shown, rows = output.shape(made.columns, made.rows)
    answer = Answer("rows", shown, rows)
    answer.origin = told(db, request, f"comparison {' '.join(request.arguments)}".strip())
    if output.format == "table" and not (output.columns or output.sort or output.limit is not None) and made.rows:
        answer.page = made.page() if made.page else None
    elif output.format in BYTES:
        answer.caveats.append(made.caveat)
    if not made.rows:
        answer.notes.append(made.caveat if view == "outside" else "nothing to compare here; see: cthbkb threads")
    elif answer.page is None:
        answer.notes.append(f"note: {made.caveat}")
    if request.switch("cite-query"):
        answer.notes += repeat.notes(db, request, list(made.ids()))
    return emit(answer, output)


def _narrowed(db: sqlite3.Connection, request: Request) -> Request:
    """Return the request with the arguments that are no years as filters: `compare jits` is `compare --theme jits`."""
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


def _view(request: Request) -> str:
    """Return the view that is asked for, and refuse options that do not go together rather than leave one out."""
    modes = [name for name in ("planned", "by", "outside") if name in request.options]
    if len(modes) > 1:
        raise UsageError(f"--{modes[0]} and --{modes[1]} do not go together", "Ask one comparison at a time.")
    view = modes[0] if modes else "theme" if "theme" in request.options else "years" if request.arguments else ""
    if request.switch("gaps") and view != "by":
        raise UsageError("--gaps goes with --by", "Write, for example: cthbkb compare --by theme --gaps")
    if view == "planned":
        for name in ("theme", "kind"):
            if name in request.options:
                raise UsageError(f"--planned takes no --{name}", "Leave it out.")
        if request.arguments:
            raise UsageError(f"--planned takes no further year {request.arguments[0]!r}", "Leave it out.")
    return view or "overview"


def _asked(db: sqlite3.Connection, request: Request, view: str) -> compare.Asked:
    """Return what the request asks of the view."""
    criteria: dict[str, list[str]] = {
        name: request.options[name] for name in ("theme", "kind") if name in request.options
    }
    years = _years(db, [request.value("planned")] if view == "planned" else request.arguments)
    sort = request.value("sort") if request.value("sort") in SHIFT else ""
    return compare.Asked(view, criteria, years, request.value("by"), request.switch("gaps"), sort)


def _years(db: sqlite3.Connection, texts: list[str]) -> list[int]:
    """Return the years that are named.

    Raises:
        UsageError: for a year without a conference, such as that of a report.
    """
    found = [int(y) for text in texts for y in query.resolve(db, query.LISTINGS["recs"], "year", [text])]
    held = [base.year for base in compare.bases(db)]
    for year in found:
        if year not in held:
            raise UsageError(f"no conference was held in {year}", f"Years: {', '.join(map(str, held))}.")
    return found
