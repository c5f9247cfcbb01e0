"""Listings as SQL: filter values are resolved to ids, and one query selects the rows.

A filter on a column becomes `v.COLUMN in (...)`; a filter on a list reads its link table. If years are given too, the
link table is filtered by year as well, so that a theme and a year need one range scan. Values are looked up in
`names`, which has every spelling; user input never becomes SQL.
"""

from __future__ import annotations

from cthbkb.columns import Col
from cthbkb.errors import UsageError, closest, shown
from cthbkb.messages import counted
from cthbkb.registry import AXES, FILTERS, KINDS, LISTINGS, REACH, TABLES, link_table, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from cthbkb.registry import Filter, Listing

    Criteria = Mapping[str, Sequence[str]]

__all__ = ["LISTINGS", "Selection", "columns", "fitting", "meaning", "mixed", "nearby", "resolve", "values", "years_of"]

INSIDE = frozenset({"organizations", "affected_groups", "country"})
"""Fields whose values contain other values, as listed in the table `inside`."""


def resolve(db: sqlite3.Connection, listing: Listing, name: str, values: Sequence[str]) -> list[str | int]:
    """Return the ids for the values of a filter, in order and without duplicates; commas may separate values.

    Raises:
        UsageError: for an unknown or ambiguous value.
    """
    found: list[str | int] = []
    for value in values:
        if name == "kind" and fold(value) == "all":
            return []
        try:
            ids = meaning(db, listing, name, value)
        except UsageError:
            parts = [part.strip() for part in value.split(",") if part.strip()]
            if len(parts) < 2:
                raise
            ids = [i for part in parts for i in meaning(db, listing, name, part)]
        found += ids
    return list(dict.fromkeys(found))


def meaning(
    db: sqlite3.Connection, listing: Listing, name: str, value: str, loosely: bool = True
) -> Sequence[str | int]:
    """Return the ids that one value of a filter stands for; `loosely` also matches some words of a name.

    Raises:
        UsageError: for a value that names nothing, or more than one thing.
    """
    if FILTERS[name].of == "year":
        return _years(db, listing, name, value)
    ids = fitting(db, listing, name, value, loosely)
    if len(ids) == 1 or (FILTERS[name].loose and ids):
        return ids
    if ids:
        raise UsageError(f"{name} {shown(value)} could be {', '.join(ids[:6])}", "Use one of these ids.")
    raise _unknown(db, names_field(listing, name), value, FILTERS[name])


def fitting(db: sqlite3.Connection, listing: Listing, name: str, value: str, loosely: bool) -> list[str]:
    """Return the ids that a value may stand for, several if it is ambiguous; `name` is a filter without years."""
    field = names_field(listing, name)
    return _called(db, field, value) or (_nearly(db, field, value) if loosely else [])


def _called(db: sqlite3.Connection, field: str, value: str) -> list[str]:
    """Return the ids with this name: by exact text, else by folded text, singular or plural, or an id in words."""
    key = fold(value)
    for name in (key, key.removesuffix("s"), key + "s"):
        ids = [i for (i,) in db.execute("select id from names where field = ? and name = ?", (field, name))]
        if ids:
            return [i for i in ids if i == value] or ids
    if field == "sessions" and key:
        from cthbkb.spelled import as_id

        spoken = as_id(db, value)
        sql = "select id from sessions where id = :id or substr(id, -length(:id) - 1) = '-' || :id"
        ids = [i for (i,) in db.execute(sql, {"id": spoken})]
    return ids


def _nearly(db: sqlite3.Connection, field: str, value: str) -> list[str]:
    """Return the ids with a name that contains all words of the value."""
    words = fold(value).split()
    sql = "select name, id from names where field = ? and instr(name, ?)"
    rows = db.execute(sql, (field, max(words, key=len))) if words else ()
    found = sorted({i for name, i in rows if set(words) <= set(name.split())})
    if found or field != "people":
        return found
    from cthbkb.spelled import people

    return people(value, db.execute("select name, id from names where field = ?", (field,)).fetchall())


def _unknown(db: sqlite3.Connection, field: str, value: str, filter: Filter) -> UsageError:
    """Return the error for an unknown value: similar names, and where to find the values."""
    all_names = db.execute("select name, id from names where field = ?", (field,)).fetchall()
    known = sorted({i for _, i in all_names})
    look = f"Values: {', '.join(known)}." if len(known) <= 12 else _look(field)
    means = dict(all_names)
    near = dict.fromkeys(means[name] for name in closest(fold(value), means, 6))
    guess = f"Did you mean {' or '.join(list(near)[:3])}? " if near else ""
    return UsageError(f"unknown {filter.name} {shown(value)}", guess + look)


def _look(field: str) -> str:
    """Return a hint naming the command that lists the values of a field."""
    table = TABLES.get(field)
    if table and table.listing:
        return f"See: cthbkb {table.listing.name}"
    listing, _, column = field.partition(".")
    for axis in AXES.values():
        if (
            axis.table == field
            or axis.name == field
            or (not table and axis.listing == listing == "speakers" and axis.column == column)
        ):
            return f"See: cthbkb compare --by {axis.name}"
    read = {FILTERS[name].of: target for name, target in LISTINGS[listing].filters.items()}
    of = {"kind": "organizations --columns kind", "type": "sessions --columns type", "role": "speakers --columns role"}
    return f"See: cthbkb {of[column] if read[column] == REACH else f'{listing} --columns {read[column]}'}"


def _years(db: sqlite3.Connection, listing: Listing, name: str, value: str) -> list[int]:
    """Return the known years in a year or range: `2020`, `2016-2020`, `2016..2020`, `2016-`, `-2020`."""
    known = sorted(int(y) for (y,) in db.execute("select id from names where field = 'year'"))
    plain = "".join(value.replace("–", "-").replace("—", "-").replace("..", "-").split())
    first, dash, last = plain.partition("-")
    if not ((first or last) and all(not y or (y.isascii() and y.isdigit()) for y in (first, last))):
        hint = "Write a year or a range, such as 2020, 2016-2020, 2016- or -2020."
        raise UsageError(f"year {shown(value)} is not a year", hint)
    if dash and FILTERS[name].needs != "any":
        known = years_of(db, listing, name)  # a range covers only years that the listing has
    low, high = int(first[:9] or 0), int((last or ("9999" if dash else first))[:9])
    if low > high:
        raise UsageError(f"the range {shown(value)} is reversed", f"Did you mean {last}-{first}?")
    found = [y for y in known if low <= y <= high]
    if not found:
        own = years_of(db, listing, name) or known
        raise UsageError(f"unknown year {shown(value)}", f"Years: {', '.join(map(str, own))}.")
    return found


def years_of(db: sqlite3.Connection, listing: Listing, name: str = "year") -> list[int]:
    """Return the years in the rows of a listing."""
    found = db.execute(f"select distinct value from ({values(listing, name)}) where value is not null")
    return sorted(int(year) for (year,) in found)


def values(listing: Listing, name: str) -> str:
    """Return the query of `(value, seq)` for a filter of a listing; empty if the listing has no such values."""
    target = listing.filters.get(name, "")
    if not target:
        return ""
    if target == REACH:
        return f"select value, seq from filter_values where listing = '{listing.name}' and filter = '{name}'"
    if listing.table.is_linked(target):
        return f"select value, seq from {link_table(listing.table.name, target)}"
    return f"select {target} as value, seq from list_{listing.name}"


def columns(db: sqlite3.Connection, listing: Listing) -> list[Col]:
    """Return the columns of a listing; a column `*` becomes one column per conference year."""
    found: list[Col] = []
    for col in listing.columns:
        if col.name == "*":
            years = db.execute("select distinct year from conferences order by year")
            found += [Col(str(year), col.since, col.holds) for (year,) in years]
        else:
            found.append(col)
    return found


class Selection:
    """The rows of a listing that match some criteria: the SQL after `select`, its parameters, the criteria in words.

    `first` is a sort expression that takes precedence over the print order. `reads` are the columns of `v` used in
    `where`, other than the position.
    """

    __slots__ = ("db", "first", "listing", "parameters", "reads", "sorts", "sql", "where", "words")

    def __init__(self, db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> None:
        """Compile criteria: values per filter; `not-FILTER` excludes, `all` requires every value of a filter."""
        self.db = db
        self.listing = listing
        self.first = ""
        self.sorts = False
        self.parameters: list[str | int] = []
        self.words: list[str] = []
        self.reads: set[str] = set()
        where: list[str] = []
        dated = criteria.get("year", ()) if listing.filters.get("year") == "year" else ()
        years = resolve(db, listing, "year", dated) if dated and not _absent(dated) else []
        for name, values in criteria.items():
            if name != "all":
                where += self._conditions(db, name, values, years, "all" in criteria)
        self.where = f" where {' and '.join(where)}" if where else ""
        self.sql = f" from list_{listing.name} v{self.where}"

    def _conditions(
        self, db: sqlite3.Connection, name: str, values: Sequence[str], years: Sequence[str | int], every: bool
    ) -> list[str]:
        """Return the SQL conditions for a filter with its values."""
        of = name if name in FILTERS else name.removeprefix("not-")
        filter, target = FILTERS[of], self.listing.filters[of]
        needs = "no" if of != name else "every" if every and filter.needs == "any" else filter.needs
        if not filter.noun:
            self.words.append(name)
            self.reads |= {filter.condition} if target != REACH else set()
            on = f"v.seq in (select seq from {self._filed(of)})" if target == REACH else f"({filter.condition})"
            return [f"{on} is not true" if needs == "no" else on]
        ids = resolve(db, self.listing, of, [value for value in values if not _absent([value])])
        absent = _absent(values)
        if not ids and not absent:
            return []
        parts = [[i] for i in ids] if needs == "every" else [ids] if ids else []
        clauses = [self._clause(of, target, self._with_parts(db, of, part), years) for part in parts]
        if absent:
            nothing = self._nothing(of, target)
            clauses = [f"({' or '.join([*clauses, nothing])})"] if needs != "every" else [*clauses, nothing]
        joint = " and " if needs == "every" else " or "
        said = ["none"] * absent + (
            [f"{ids[0]}-{ids[-1]}"] if filter.of == "year" and len(ids) > 4 else [*map(str, ids)]
        )
        self.words.append(f"{'not ' * (of != name)}{of} {joint.join(said)}")
        return [f"({clause}) is not true" if needs == "no" else clause for clause in clauses]

    def _with_parts(self, db: sqlite3.Connection, name: str, ids: Sequence[str | int]) -> list[str | int]:
        """Return ids together with the ids they contain: the parts of a body, the subgroups of a group."""
        field = names_field(self.listing, name)
        if field not in INSIDE:
            return list(ids)
        sql = f"select part from inside where field = ? and whole in ({_marks(ids)})"
        return list(dict.fromkeys([*ids, *(part for (part,) in db.execute(sql, (field, *ids)))]))

    def _filed(self, name: str) -> str:
        return f"filter_values where listing = '{self.listing.name}' and filter = '{name}'"

    def _nothing(self, name: str, target: str) -> str:
        """Return the condition that a row has no value."""
        table = self.listing.table
        if target == REACH:
            return f"v.seq not in (select seq from {self._filed(name)})"
        if table.is_linked(target):
            return f"v.seq not in (select seq from {link_table(table.name, target)})"
        self.reads.add(target)
        return f"v.{target} is null"

    def _clause(self, name: str, target: str, ids: Sequence[str | int], years: Sequence[str | int]) -> str:
        self.parameters += ids
        table = self.listing.table
        if target == REACH:
            return f"v.seq in (select seq from {self._filed(name)} and value in ({_marks(ids)}))"
        if not table.is_linked(target):
            self.reads.add(target)
            return f"v.{target} in ({_marks(ids)})"
        clause = f"v.seq in (select seq from {link_table(table.name, target)} where value in ({_marks(ids)})"
        if years:
            clause += f" and year in ({_marks(years)})"
            self.parameters += years
        return clause + ")"

    def rows(self, names: Sequence[str], sort: str = "", limit: int | None = None) -> tuple[str, list[str | int]]:
        """Return the query for some columns, in print order or sorted by one (prefixed with `-` for descending)."""
        sql = "select " + ", ".join(f'v."{name}"' for name in names) + self.sql
        by, down = sort.removeprefix("-"), "desc" if sort[:1] == "-" else "asc"
        if sort:
            if not self.sorts:  # a function cannot be created while rows are read
                self.db.create_function("sort_key", 1, _sort_key, deterministic=True)
                self.sorts = True
            sql += f' order by sort_key(v."{by}") {down}, v.seq'
        else:
            sql += f" order by {self.first}v.seq"
        return (sql + " limit ?", [*self.parameters, limit]) if limit is not None else (sql, self.parameters)

    def count(self, db: sqlite3.Connection) -> int:
        """Return the number of rows, counted in the table rather than the view if no joins are needed."""
        table = self.listing.table.name
        own = {name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))}
        sql = f" from {table} v{self.where}" if self.reads <= own else self.sql
        return int(db.execute(f"select count(*){sql}", self.parameters).fetchone()[0])

    def facet(self, name: str) -> list[tuple[str | int, int]]:
        """Return each value of a filter with the number of rows that have it, the most frequent first."""
        sql = f"select value, count(distinct seq) from ({values(self.listing, name)}) where value is not null"
        sql += f" and seq in (select v.seq{self.sql}) group by value order by 2 desc, 1"
        return self.db.execute(sql, self.parameters).fetchall()

    def packs(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        """Return each pack with its number of rows."""
        selection = f"select v.pack, count(*) from (select v.*{self.sql}) v where v.pack is not null"
        return db.execute(f"{selection} group by v.pack order by v.pack", self.parameters).fetchall()

    def kinds(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        """Return each kind with its number of rows, the most frequent first."""
        sql = "select v.kind, count(*)" + self.sql + " group by v.kind order by count(*) desc, v.kind"
        return db.execute(sql, self.parameters).fetchall()


def _sort_key(cell: str | float | None) -> str | float | None:
    """Return the key by which SQLite sorts a cell: a number itself, or a text's key in the program's collation."""
    from cthbkb.collation import sort_key

    return sort_key(cell) if isinstance(cell, str) else cell


def _absent(values: Sequence[str]) -> bool:
    """Return whether the values include `none`, which matches records without a value."""
    return any(fold(value) == "none" for value in values)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def mixed(kinds: Sequence[tuple[str | int, int]]) -> list[str]:
    """Return the number of items of each kind, with a caveat if kinds are mixed."""
    parts = ", ".join(counted(n, KINDS[str(kind)].plural) for kind, n in kinds)
    mixed = "; kinds are not directly comparable, see: cthbkb about" if len(kinds) > 1 else ""
    total = sum(n for _, n in kinds)
    return [f"{counted(total, 'items')}: {parts}{mixed}"]


def nearby(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> list[str]:
    """Return the number of rows that dropping each criterion of an empty answer would give."""
    found = []
    for name in criteria if len(criteria) > 1 else ():
        number = Selection(db, listing, {k: v for k, v in criteria.items() if k != name}).count(db)
        if number:
            found.append(f"without --{name}: {counted(number, listing.what)}")
    return found
