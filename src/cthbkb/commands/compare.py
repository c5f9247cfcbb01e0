"""`compare`: threads over the years, two years against each other, counts along an axis, plan against outcome."""

from __future__ import annotations

from cthbkb import compare, query, repeat, store
from cthbkb.columns import Col
from cthbkb.errors import UsageError
from cthbkb.formats import Answer, Output, emit, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from cthbkb.catalog import Request
    from cthbkb.formats import Cell, Row

__all__ = ["run"]

FLAT = (
    Col("thread", 1), Col("label", 1, "prose"), Col("theme", 1, "list"), Col("year", 1, "number"),
    Col("items", 1, "list"), Col("kinds", 1, "list"), Col("modality", 1, "list"), Col("change", 1),
    Col("note", 1, "prose"), Col("status", 1), Col("caveats", 0, "list"),
)  # fmt: skip
"""The columns of `compare` in data formats: one row a thread and year."""

DIFF = (
    Col("standing", 1), Col("thread", 130), Col("label", 1, "prose"), Col("items_a", 1, "list"),
    Col("items_b", 1, "list"), Col("change", 1, "prose"), Col("note", 1, "prose"), Col("caveats", 0, "list"),
)  # fmt: skip
COUNTS = (
    Col("axis"), Col("value", 1), Col("label", 1, "prose"), Col("year", 1, "number"), Col("items", 1, "number"),
    Col("share", 1, "number"), Col("caveats", 0, "list"),
)  # fmt: skip
PLAN = (
    Col("aspect", 1), Col("id", 1), Col("what", 1, "prose"), Col("verdict", 1), Col("detail", 1, "prose"),
    Col("items", 1, "list"), Col("caveats", 0, "list"),
)  # fmt: skip

LEGEND = (
    "Cells name items without their year: r recommendation, o observation, t takeaway, f framework, g goal, c call, "
    "s conclusion."
)


def run(request: Request) -> int:
    """Choose the comparison by what is asked, and write it with its caveats."""
    output = Output(request)
    db = store.open_database(request.value("db"))
    criteria: dict[str, list[str]] = {
        name: request.options[name] for name in ("theme", "kind") if name in request.options
    }
    if request.value("planned"):
        answer = _planned(db, request.value("planned"))
    elif request.value("by"):
        answer = _counts(db, request.value("by"), criteria, request.switch("gaps"), output)
    elif request.arguments:
        answer = _diff(db, request.arguments, criteria, output)
    else:
        answer = _threads(db, criteria, output)
    rows = list(answer.rows)
    if output.count:
        print(len(rows))
        return 0
    answer.notes += repeat.notes(db, request, _ids(answer.columns, rows)) if request.switch("cite-query") else []
    if not rows:
        answer.notes.insert(0, "nothing to compare here; see: cthbkb threads")
    answer.rows, answer.columns = _shaped(answer.columns, rows, output)
    return emit(answer, output)


def _shaped(columns: Sequence[Col], rows: list[Row], output: Output) -> tuple[list[Row], list[Col]]:
    """Apply `--sort`, `--limit` and `--columns` to rows that no query made."""
    names = [c.name for c in columns]
    chosen = output.choose(columns)
    if output.sort:
        at = names.index(output.sort.lstrip("-"))
        rows.sort(key=lambda r: (r[at] is not None, isinstance(r[at], str), r[at]), reverse=output.sort.startswith("-"))
    picked = [names.index(c.name) for c in chosen]
    return [[row[n] for n in picked] for row in rows[: output.limit]], chosen


def _ids(columns: Sequence[Col], rows: Sequence[Row]) -> list[str]:
    """Return the ids of the items that an answer rests on."""
    at = [
        n for n, c in enumerate(columns) if c.name in {"items", "items_a", "items_b"} and c.holds in {"list", "items"}
    ]
    return [i for row in rows for n in at for i in items(row[n])]


def _threads(db: sqlite3.Connection, criteria: dict[str, list[str]], output: Output) -> Answer:
    """Threads as rows and years as columns on a terminal; one row a thread and year in data formats."""
    years = compare.years(db)
    about = compare.caveats(db, years, criteria)
    codes = _codes(about)
    kinds = _kinds(db, criteria)
    threads = compare.threads_about(db, criteria.get("theme", ()))
    found = compare.cells(db, [t for t, *_ in threads])
    absent = {y: compare.absence(db, y) for y in years}

    def flat() -> Iterator[Row]:
        for thread, label, themes, status in threads:
            for year in years:
                cell = found[thread].get(year)
                if cell is None:
                    note = absent[year] if year > min(found[thread], default=year) else ""
                    yield thread, label, themes, year, "[]", "[]", "[]", None, note or None, status, codes
                elif not kinds or kinds & set(items(cell.kinds)):
                    yield (
                        thread, label, themes, year, cell.items, cell.kinds, cell.modality, cell.change, cell.note,
                        status, codes,
                    )  # fmt: skip

    if output.format != "table" or output.columns or output.count:
        return Answer("rows", FLAT, flat(), caveats=about.values())
    columns = [Col("thread", 1, "prose"), *(Col(str(y), 1) for y in years), Col("status", 1)]
    rows = [
        [label, *(_cell(db, found[thread].get(y), y) for y in years), status] for thread, label, _, status in threads
    ]
    return Answer("threads", columns, rows, caveats=[LEGEND, *about.values()])


def _kinds(db: sqlite3.Connection, criteria: dict[str, list[str]]) -> set[str]:
    return set(map(str, query.resolve(db, query.LISTINGS["recs"], "kind", criteria.get("kind", ()))))


def _cell(db: sqlite3.Connection, cell: compare.Cells | None, year: int) -> str:
    if cell is None:
        return "-"
    lines = []
    for id_ in items(cell.items):
        (modality,) = db.execute("select modality from recommendations where id = ?", (id_,)).fetchone()
        lines.append(f"{id_.removeprefix(f'{year}-')} {modality}")
    return "\n".join([*lines, *([f"= {cell.change}"] if cell.change else [])])


def _diff(db: sqlite3.Connection, arguments: list[str], criteria: dict[str, list[str]], output: Output) -> Answer:
    """Two years against each other: only in the first, in both and how changed, only in the second."""
    two = [int(y) for a in arguments for y in query.resolve(db, query.LISTINGS["recs"], "year", [a])]
    if len(two) != 2 or two[0] >= two[1]:
        raise UsageError(
            f"{' '.join(arguments)!r} is not two years, the earlier first",
            "Write, for example: cthbkb compare 2016 2022",
        )
    a, b = two
    about = compare.caveats(db, two, criteria)
    codes = _codes(about)
    threads = compare.threads_about(db, criteria.get("theme", ()))
    found = compare.cells(db, [t for t, *_ in threads])
    rows: dict[str, list[Row]] = {"only first": [], "both": [], "only second": []}
    for thread, label, *_ in threads:
        first, second = found[thread].get(a), found[thread].get(b)
        if first is None and second is None:
            continue
        where = "both" if first and second else ("only first" if first else "only second")
        standing = {"both": "in both", "only first": f"only {a}", "only second": f"only {b}"}[where]
        change = compare.changes(found[thread], a, b) if where == "both" else ""
        note = (
            second.note if second and where == "both" else (compare.absence(db, b) if first else compare.absence(db, a))
        )
        rows[where].append(
            (
                standing,
                thread,
                label,
                first.items if first else "[]",
                second.items if second else "[]",
                change or None,
                note,
                codes,
            )
        )
    first_only, both, second_only = map(len, rows.values())
    stat = f"{first_only} threads only in {a}, {both} in both, {second_only} only in {b}"
    order = [row for part in rows.values() for row in part]
    return Answer("threads", DIFF, order, notes=[stat] if output.format == "table" else [], caveats=about.values())


def _counts(db: sqlite3.Connection, axis: str, criteria: dict[str, list[str]], gaps: bool, output: Output) -> Answer:
    """Counts by year along an axis with zeros and shares; `gaps` keeps the zeros."""
    counted = compare.by_axis(db, axis, criteria)
    whole = compare.totals(db, axis, criteria)
    years = list(whole)
    about = compare.caveats(db, years, criteria, axis)
    unit = "appearances" if axis in compare.ON_STAGE else "items"
    about["shares-of-year"] = f"Shares are of the year's {', '.join(f'{n} {unit} in {y}' for y, n in whole.items())}."
    if axis in {"theme", "addressee", "affected"}:
        about["several-values"] = f"An item may carry several values of {axis}, so shares do not sum to 100."
    codes = _codes(about)

    def share(number: int, year: int) -> float | None:
        return round(100 * number / whole[year], 1) if whole[year] else None

    def flat() -> Iterator[Row]:
        for value, label, numbers in counted:
            for year, number in numbers.items():
                if not gaps or number == 0:
                    yield axis, value, label, year, number, share(number, year), codes

    if output.format != "table" or output.columns or output.count:
        return Answer("rows", COUNTS, flat(), caveats=about.values())
    columns = [
        Col("value", 1),
        *(Col(str(y), 1, "number") for y in years),
        *(Col(f"% {y}", 90, "number") for y in years),
    ]
    rows: list[list[Cell]] = [
        [value, *numbers.values(), *(share(n, y) for y, n in numbers.items())]
        for value, _, numbers in counted
        if not gaps or 0 in numbers.values()
    ]
    return Answer("values", columns, rows, caveats=about.values())


def _planned(db: sqlite3.Connection, text: str) -> Answer:
    """The plan of a conference against what was held."""
    (year,) = map(int, query.resolve(db, query.LISTINGS["recs"], "year", [text])[:1])
    rows = compare.planned(db, year)
    about = {
        "no-people-planned": "The concept note names no people, so who was planned and who came cannot be compared.",
        "printed-items-only": "A topic counts as answered where an item takes it up; other prose may touch on it.",
    }
    return Answer("rows", PLAN, [(*row, _codes(about)) for row in rows], caveats=about.values())


def _codes(about: Mapping[str, str]) -> str:
    """Write the codes of caveats as a list cell."""
    return '["' + '","'.join(about) + '"]'
