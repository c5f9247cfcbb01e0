"""`compare`: threads over the years, two years against each other, counts along an axis, plan against outcome."""

from __future__ import annotations

from cthbkb import compare, query, repeat, store
from cthbkb.errors import UsageError
from cthbkb.formats import Answer, Output, emit, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Choose the comparison by what is asked, and write it with its caveats."""
    output = Output(request)
    _refuse(request)
    db = store.open_database(request.value("db"))
    made = _made(db, request)
    if output.lists(made.columns):
        return 0
    if output.count:
        print(len(made.rows))
        return 0
    wide = output.format == "table" and not output.columns and not output.sort
    columns = made.wide_columns if wide else made.columns
    shown, rows = output.shape(columns, made.wide if wide else made.rows)
    answer = Answer("rows", shown, rows, caveats=made.caveats.values())
    answer.lead = made.lead if output.format == "table" else []
    if not made.rows:
        answer.notes.insert(0, "nothing to compare here; see: cthbkb threads")
    if request.switch("cite-query"):
        answer.notes += repeat.notes(db, request, _ids(made) if made.ids is None else made.ids)
    return emit(answer, output)


def _refuse(request: Request) -> None:
    """Refuse options that do not go together, rather than leave one of them out unsaid."""
    modes = [m for m in ("planned", "by") if request.value(m)] + (["YEAR"] if request.arguments else [])
    if len(modes) > 1:
        names = [m if m == "YEAR" else f"--{m}" for m in modes]
        raise UsageError(f"{' and '.join(names)} do not go together", "Ask one comparison at a time.")
    if request.switch("gaps") and not request.value("by"):
        raise UsageError("--gaps goes with --by", "Write, for example: cthbkb compare --by theme --gaps")
    for name in ("theme", "kind"):
        if request.value("planned") and name in request.options:
            raise UsageError(f"--planned takes no --{name}", "Leave it out.")


def _made(db: sqlite3.Connection, request: Request) -> compare.Comparison:
    names = [name for name in ("theme", "kind") if name in request.options]
    criteria: dict[str, list[str]] = {name: request.options[name] for name in names}
    if request.value("planned"):
        return compare.of_plan(db, _years(db, [request.value("planned")])[0])
    if request.value("by"):
        return compare.along(db, request.value("by"), criteria, request.switch("gaps"))
    if not request.arguments:
        return compare.of_threads(db, criteria)
    two = _years(db, request.arguments)
    if len(two) != 2 or two[0] >= two[1]:
        raise UsageError(
            f"{' '.join(request.arguments)!r} is not two years, the earlier first",
            "Write, for example: cthbkb compare 2016 2022",
        )
    return compare.of_years(db, two[0], two[1], criteria)


def _years(db: sqlite3.Connection, texts: list[str]) -> list[int]:
    return [int(y) for text in texts for y in query.resolve(db, query.LISTINGS["recs"], "year", [text])]


def _ids(made: compare.Comparison) -> list[str]:
    """Return the ids of the items that an answer rests on."""
    at = [n for n, c in enumerate(made.columns) if c.name.startswith("items")]
    return [i for row in made.rows for n in at for i in items(row[n])]
