"""Listings as SQL: filter values are resolved to ids, and one query selects the rows.

A filter on a column reads `v.COLUMN in (...)`; a filter on a list reads its link table, together with the years where
both are given, so that a theme and a year need one range scan. Values are looked up in `names`, which has every
spelling; user input never becomes SQL.
"""

from __future__ import annotations

from cthbkb.columns import Col
from cthbkb.errors import UsageError, closest
from cthbkb.registry import AXES, FILTERS, LISTINGS, TABLES, link_table, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from cthbkb.registry import Filter, Listing

    Criteria = Mapping[str, Sequence[str]]

__all__ = ["LISTINGS", "Selection", "columns", "nearby", "resolve"]


def resolve(db: sqlite3.Connection, listing: Listing, name: str, values: Sequence[str]) -> list[str | int]:
    """Return the ids for the values of a filter, in order and without duplicates.

    Raises:
        UsageError: for an unknown or ambiguous value.
    """
    filter = FILTERS[name]
    field = names_field(listing, name)
    found: list[str | int] = []
    for value in values:
        if name == "kind" and fold(value) == "all":
            return []
        ids = _years(db, value) if filter.of == "year" else _ids(db, field, value, filter)
        found += [i for i in ids if i not in found]
    return found


def _ids(db: sqlite3.Connection, field: str, value: str, filter: Filter) -> list[str]:
    key = fold(value)
    ids: list[str] = []
    for name in (key, key.removesuffix("s"), key + "s"):
        ids = ids or [i for (i,) in db.execute("select id from names where field = ? and name = ?", (field, name))]
    if len(ids) == 1:
        return ids
    all_names = db.execute("select name, id from names where field = ?", (field,)).fetchall()
    words = key.split()
    ids = ids or sorted({i for name, i in all_names if words and set(words) <= set(name.split())})
    if len(ids) == 1:
        return ids
    if len(ids) > 1:
        raise UsageError(f"{filter.name} {value!r} could be {', '.join(ids[:6])}", "Use one of these ids.")
    known = sorted({i for _, i in all_names})
    look = f"Values: {', '.join(known)}." if len(known) <= 12 else _look(field)
    means = dict(all_names)
    near = dict.fromkeys(means[name] for name in closest(key, means, 6))
    guess = f"Did you mean {' or '.join(list(near)[:3])}? " if near else ""
    if "," in value:
        guess = f"Repeat the option to mean OR: {_repeated(filter, value)}. "
    raise UsageError(f"unknown {filter.name} {value!r}", guess + look)


def _repeated(filter: Filter, value: str) -> str:
    return " ".join(f"--{filter.name} {part.strip()}" for part in value.split(",") if part.strip())


def _look(field: str) -> str:
    """Return a hint naming the command that lists the values of a field."""
    table = TABLES.get(field)
    if table and table.listing:
        return f"See: cthbkb {table.listing.name}"
    listing, _, column = field.partition(".")
    for axis in AXES.values():
        if (axis.table == field) if table else (axis.listing == listing == "speakers" and axis.column == column):
            return f"See: cthbkb compare --by {axis.name}"
    read = {FILTERS[name].of: target for name, target in LISTINGS[listing].filters.items()}
    return f"See: cthbkb {listing} --columns {read[column]}"


def _years(db: sqlite3.Connection, value: str) -> list[int]:
    known = [int(y) for (y,) in db.execute("select id from names where field = 'year' order by id")]
    first, dash, last = value.replace("–", "-").partition("-")
    if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
        hint = "Write a year or a range, such as 2020 or 2016-2020."
        if "," in value:
            hint = f"Repeat the option to mean OR: {_repeated(FILTERS['year'], value)}."
        raise UsageError(f"year {value!r} is not a year", hint)
    low, high = int(first[:9]), int((last or first)[:9])
    if low > high:
        raise UsageError(f"the range {value!r} is reversed", f"Did you mean {last}-{first}?")
    found = [y for y in known if low <= y <= high]
    if not found:
        raise UsageError(f"unknown year {value!r}", f"Years: {', '.join(map(str, known))}.")
    return found


def columns(db: sqlite3.Connection, listing: Listing) -> list[Col]:
    """Return the columns of a listing; a column `*` becomes one column per conference year."""
    found: list[Col] = []
    for col in listing.columns:
        if col.name == "*":
            years = db.execute("select year from conferences order by year")
            found += [Col(str(year), col.since, col.holds) for (year,) in years]
        else:
            found.append(col)
    return found


class Selection:
    """The rows of a listing that match some criteria: SQL from `from` on, its parameters, the criteria in words."""

    __slots__ = ("listing", "parameters", "sql", "words")

    def __init__(self, db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> None:
        self.listing = listing
        self.parameters: list[str | int] = []
        self.words: list[str] = []
        where: list[str] = []
        dated = listing.filters.get("year") == "year" and criteria.get("year")
        years = resolve(db, listing, "year", dated) if dated else []
        for name, values in criteria.items():
            if FILTERS[name].condition:
                where.append(FILTERS[name].condition)
                self.words.append(name)
                continue
            ids = (name == "year" and years) or resolve(db, listing, name, values)
            if ids:
                needs = FILTERS[name].needs
                parts = [[i] for i in ids] if needs == "every" else [ids]
                clauses = [self._clause(listing.filters[name], part, years) for part in parts]
                where += [f"not {clause}" if needs == "no" else clause for clause in clauses]
                self.words.append(f"{name} {' or '.join(map(str, ids))}")
        self.sql = f" from list_{listing.name} v" + (f" where {' and '.join(where)}" if where else "")

    def _clause(self, target: str, ids: Sequence[str | int], years: Sequence[str | int]) -> str:
        self.parameters += ids
        table = self.listing.table
        if not table.is_linked(target):
            return f"v.{target} in ({_marks(ids)})"
        clause = f"v.seq in (select seq from {link_table(table.name, target)} where value in ({_marks(ids)})"
        if years:
            clause += f" and year in ({_marks(years)})"
            self.parameters += years
        return clause + ")"

    def rows(self, names: Sequence[str], sort: str = "", limit: int | None = None) -> tuple[str, list[str | int]]:
        """Return the query for some columns, in print order or sorted by one (`-` before it for descending)."""
        sql = "select " + ", ".join(f'v."{name}"' for name in names) + self.sql
        by = sort.removeprefix("-")
        sql += (
            f' order by v."{by}" collate nocase {"desc" if sort[0] == "-" else "asc"}, v.seq'
            if sort
            else " order by v.seq"
        )
        return (sql + " limit ?", [*self.parameters, limit]) if limit is not None else (sql, self.parameters)

    def count(self, db: sqlite3.Connection) -> int:
        """Return the number of rows."""
        return int(db.execute("select count(*)" + self.sql, self.parameters).fetchone()[0])

    def packs(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        """Return each pack with its number of rows."""
        selection = f"select v.pack, count(*) from (select v.*{self.sql}) v where v.pack is not null"
        return db.execute(f"{selection} group by v.pack order by v.pack", self.parameters).fetchall()

    def kinds(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        """Return each kind with its number of rows, the most frequent first."""
        sql = "select v.kind, count(*)" + self.sql + " group by v.kind order by count(*) desc, v.kind"
        return db.execute(sql, self.parameters).fetchall()


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def nearby(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> list[str]:
    """For an empty answer, return how many rows there would be without each of the criteria."""
    found = []
    for name in criteria if len(criteria) > 1 else ():
        number = Selection(db, listing, {k: v for k, v in criteria.items() if k != name}).count(db)
        if number:
            found.append(f"without --{name}: {number} {listing.what}")
    return found
