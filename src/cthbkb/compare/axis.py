"""`compare --by`: items (or appearances) counted along an axis, by year, with printed lists and prose separate.

A share is relative to the listed items of the year, whose number is in the column heading. On the axis modality, items
that only illustrate another are omitted, since they would count its force a second time.
"""

from __future__ import annotations

from cthbkb import page
from cthbkb.compare import Comparison, bases, caveat, ids
from cthbkb.errors import UsageError, unknown
from cthbkb.messages import agreed, counted
from cthbkb.query import LISTINGS, Selection
from cthbkb.registry import AXES, KINDS, LISTED
from cthbkb.scales import FORCES, strength

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Asked, Criteria

__all__ = ["ON_STAGE", "compare"]

LISTS = {name: axis.column for name, axis in AXES.items() if axis.table}
"""Maps an axis to the list column with its values."""

ON_STAGE = tuple(name for name, axis in AXES.items() if axis.listing != "recs")
"""Axes that count appearances; the others count items."""

NOBODY = {"addressee": "nobody named", "affected": "nobody named", "country": "no country printed"}
"""Maps an axis to the label of the row for records without a value."""


class Value:
    """A value of an axis, with the numbers of listed items and of items in prose that have it, by year."""

    __slots__ = ("label", "listed", "name", "prose", "since")

    def __init__(self, name: str, label: str, since: int = 0) -> None:
        self.name = name
        self.label = label
        self.since = since
        self.listed: dict[int, int] = {}
        self.prose: dict[int, int] = {}

    def items(self, year: int) -> int:
        """Return the number of items of a year that have the value."""
        return self.listed.get(year, 0) + self.prose.get(year, 0)

    def total(self) -> int:
        """Return the number of items of all years that have the value."""
        return sum(self.listed.values()) + sum(self.prose.values())


class Axis:
    """The values of an axis with their counts in some years, and the totals on which their shares are based."""

    __slots__ = ("left_out", "name", "values", "whole", "whole_prose", "years")

    def __init__(self, db: sqlite3.Connection, name: str, years: Sequence[int], criteria: Criteria) -> None:
        self.name = name
        self.years = [base.year for base in bases(db, years)]
        self.values = {value.name: value for value in _values(db, name)}
        for key, year, items, inside in _counts(db, name, criteria):
            if year in self.years:
                value = self.values.setdefault(key, Value(key, key or NOBODY.get(name, "")))
                value.listed[year], value.prose[year] = inside, items - inside
        self.whole, self.whole_prose = _whole(db, name, self.years, criteria)
        self.left_out = _illustrations(db, self.years, criteria) if name == "modality" else 0

    def share(self, value: Value, year: int) -> float | None:
        """Return the percentage of the listed items of a year that have a value."""
        whole = self.whole[year]
        return round(100 * value.listed.get(year, 0) / whole, 1) if whole else None

    def shift(self, value: Value) -> float | None:
        """Return the change in the share from the first year to the last, in percentage points."""
        first, last = (self.share(value, y) for y in (self.years[0], self.years[-1]))
        return None if first is None or last is None or len(self.years) < 2 else round(last - first, 1)

    def ordered(self, sort: str, gaps: bool) -> list[Value]:
        """Return the values in order: by shift if requested, otherwise by force, by kind, or by frequency."""
        found = [v for v in self.values.values() if not gaps or self.empty(v)]
        if sort:
            return sorted(found, key=lambda v: -(self.shift(v) or 0), reverse=sort.startswith("-"))
        if self.name == "modality":
            return sorted(found, key=lambda v: strength(v.name))
        if self.name == "kind":
            order = sorted(KINDS, key=lambda kind: not KINDS[kind].listed)
            return sorted(found, key=lambda v: order.index(v.name))
        return sorted(found, key=lambda v: (not v.name, -v.total()))

    def empty(self, value: Value) -> list[int]:
        """Return the years in which no item has a value, except years before the value could occur."""
        return [y for y in self.years if not value.items(y) and y >= value.since]


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Count along an axis: one flat row per value and year, including zeros; with `gaps`, only zeros.

    Raises:
        UsageError: for an unknown axis, or criteria on an axis of appearances.
    """
    name, criteria = asked.axis, asked.criteria
    if name not in AXES:
        raise unknown("axis", name, AXES, f"Axes: {', '.join(AXES)}.")
    if name in ON_STAGE and criteria:
        raise UsageError(f"--by {name} counts appearances, which have no {' or '.join(criteria)}", "Remove it.")
    axis = Axis(db, name, asked.years, criteria)
    values = axis.ordered(asked.sort, asked.gaps)
    said = _left_out(db, axis) if asked.gaps else _caveat(db, axis)
    return Comparison(
        "compare-by",
        _rows(axis, values, asked.gaps),
        said,
        lambda: list(_gaps(axis, values, said) if asked.gaps else _page(axis, values, said)),
        lambda: _ids(db, axis, criteria),
    )


def _values(db: sqlite3.Connection, name: str) -> Iterator[Value]:
    """Yield the values of an axis in the order of their table; without a table, the values that occur."""
    table = AXES[name].table
    if table:
        since = "since" if name == "theme" else "null"
        rows = db.execute(f"select id, label, {since} from {table} order by seq")
        yield from (Value(id_, label, since or 0) for id_, label, since in rows)
    else:
        rows = db.execute(
            "select distinct value from axis_counts where axis = ? and value > '' order by value", (name,)
        )
        yield from (Value(value, value) for (value,) in rows)


def _counts(db: sqlite3.Connection, name: str, criteria: Criteria) -> Iterable[tuple[str, int, int, int]]:
    """Return `(value, year, items, listed items)`; stored counts if there are no criteria."""
    if not criteria:
        return db.execute("select value, year, items, listed from axis_counts where axis = ?", (name,)).fetchall()
    selection = Selection(db, LISTINGS["recs"], criteria)
    listed = f"sum(x.kind in ({', '.join('?' * len(LISTED))}))"
    if name in LISTS:
        found = f"select v.year, v.kind, v.{LISTS[name]} as list{selection.sql}"
        sql = (
            f"select coalesce(j.value, ''), x.year, count(*), {listed} from ({found}) x"
            " left join json_each(x.list) j group by 1, 2"
        )
    else:
        found = f"select v.year, v.kind, v.{name} as value, v.illustrates{selection.sql}"
        apart = " where x.illustrates is null" if name == "modality" else ""
        sql = f"select x.value, x.year, count(*), {listed} from ({found}) x{apart} group by 1, 2"
    return db.execute(sql, [*LISTED, *selection.parameters]).fetchall()


def _whole(
    db: sqlite3.Connection, name: str, years: Sequence[int], criteria: Criteria
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the numbers of listed items (or appearances) and of items in prose, by year."""
    one = "role" if name in ON_STAGE else "modality" if name == "modality" else "kind"
    listed, prose = dict.fromkeys(years, 0), dict.fromkeys(years, 0)
    for _, year, items, inside in _counts(db, one, criteria):
        if year in listed:
            listed[year] += inside
            prose[year] += items - inside
    return listed, prose


def _illustrations(db: sqlite3.Connection, years: Sequence[int], criteria: Criteria) -> int:
    """Return the number of items that only illustrate another."""
    selection = Selection(db, LISTINGS["recs"], {**criteria, "year": [str(y) for y in years]})
    sql = f"select count(*) from (select v.illustrates as of{selection.sql}) where of is not null"
    return int(db.execute(sql, selection.parameters).fetchone()[0])


def _ids(db: sqlite3.Connection, axis: Axis, criteria: Criteria) -> list[str]:
    """Return the ids of the items or appearances that were counted."""
    if axis.name in ON_STAGE:
        asked = {"year": [str(y) for y in axis.years]}
        return [i for (i,) in db.execute(*Selection(db, LISTINGS["speakers"], asked).rows(["id"]))]
    found = ids(db, criteria, axis.years)
    if axis.name == "modality":
        apart = {i for (i,) in db.execute("select id from recommendations where illustrates is not null")}
        found = [i for i in found if i not in apart]
    return found


def _rows(axis: Axis, values: Iterable[Value], gaps: bool) -> Iterator[Row]:
    for value in values:
        for year in axis.empty(value) if gaps else axis.years:
            counts = (value.items(year), value.listed.get(year, 0), axis.share(value, year), value.prose.get(year, 0))
            yield (axis.name, value.name or None, value.label, year, *counts, axis.shift(value))


def _caveat(db: sqlite3.Connection, axis: Axis) -> str:
    if axis.name in ON_STAGE:
        return "Counts are of appearances: one person in one session in one role."
    several = " An item may have several values, so shares can add up to more than 100 %." * (axis.name in LISTS)
    left = axis.left_out
    apart = (
        f" {counted(left, 'items')} that only {agreed(left, 'illustrates', 'illustrate')} another"
        f" {agreed(left, 'is', 'are')} not counted."
    )
    shift = (
        f" The shift is in percentage points, from {axis.years[0]} to {axis.years[-1]}." if len(axis.years) > 1 else ""
    )
    return (
        f"Shares are percentages of the listed items of a year.{shift}{several}{apart if axis.left_out else ''}"
        f" {caveat(bases(db, axis.years))}"
    )


def _left_out(db: sqlite3.Connection, axis: Axis) -> str:
    """Return the caveat on gaps: the values that are not counted as missing in years before they could occur."""
    late = [v for v in axis.values.values() if v.total() and any(y < v.since and not v.items(y) for y in axis.years)]
    left = "; ".join(f"{v.label} before {v.since}" for v in late)
    said = "" if axis.name in ON_STAGE else f" {caveat(bases(db, axis.years))}"
    return f"{f'Not counted as a gap: {left}.' if left else ''}{said}".strip()


def _end(values: Sequence[Value], said: str) -> Iterator[page.Block]:
    """Yield the end of a page: the values that occur in no year, and the caveats."""
    rest = [v.label for v in values if not v.total()]
    if rest:
        yield page.Names("In none of these years:", rest)
        yield page.Blank()
    yield page.Para(said)


def _page(axis: Axis, values: Sequence[Value], said: str) -> Iterator[page.Block]:
    what = "APPEARANCES" if axis.name in ON_STAGE else "ITEMS"
    yield page.Heading(f"{what} BY {axis.name.upper()}")
    yield page.Blank()
    yield _grid(axis, [v for v in values if v.total()])
    yield page.Blank()
    yield from _end(values, said)


def _grid(axis: Axis, values: Sequence[Value]) -> page.Grid:
    """Lay out one row per value: its label, listed items with shares by year, the shift, items in prose by year."""
    stage = axis.name in ON_STAGE
    listed, prose = ("" if stage else "listed "), "prose "
    heads = [axis.name, *(f"{listed}{y} {page.glued(f'of {axis.whole[y]}')}" for y in axis.years)]
    heads += ["shift"] * (len(axis.years) > 1)
    split = 0 if stage else len(heads)
    heads += [f"{prose}{y} {page.glued(f'of {axis.whole_prose[y]}')}" for y in axis.years if not stage]
    rows = [_cells(axis, value, stage) for value in values]
    return page.Grid(heads, rows, "w" + "r" * (len(heads) - 1), split, ("listed", "prose"))


def _cells(axis: Axis, value: Value, stage: bool) -> list[str]:
    cells = [
        f"{value.label}: {FORCES[value.name]}" if axis.name == "modality" and value.name in FORCES else value.label
    ]
    cells += [_cell(value.listed.get(year, 0), axis.share(value, year)) for year in axis.years]
    if len(axis.years) > 1:
        shift = axis.shift(value)
        cells.append("" if shift is None else f"{shift:+.0f}".replace("-0", "0").replace("+0", "0"))
    return cells + [str(value.prose.get(year, 0)) for year in axis.years if not stage]


def _cell(number: int, share: float | None) -> str:
    """Format a count with its share, so that the counts of a column are aligned."""
    beside = f" {share:3.0f} %" if number and share is not None else " " * 6
    return page.glued(f"{number}{beside}")


def _gaps(axis: Axis, values: Sequence[Value], said: str) -> Iterator[page.Block]:
    """List the years without items for each value, and the number of items in the others."""
    what = "appearance" if axis.name in ON_STAGE else "item"
    yield page.Heading(f"NO {what.upper()}, BY {axis.name.upper()} AND YEAR")
    yield page.Blank()
    rows = []
    for value in values:
        if value.total():
            there = ", ".join(page.glued(f"{value.items(y)} in {y}") for y in axis.years if value.items(y))
            rows.append([value.label, ", ".join(map(str, axis.empty(value))), there])
    yield page.Grid([axis.name, f"no {what} in", "but"], rows, "wlw")
    yield page.Blank()
    yield from _end(values, said)
