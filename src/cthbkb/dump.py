"""The tables of an export: columns with their meaning, and rows in print order.

An exported link table contains the ids of records instead of their positions. Filters apply to each table whose
listing has them, and to its link tables; all other tables are exported completely, so that references resolve.
"""

from __future__ import annotations

from cthbkb.columns import Col, Counted
from cthbkb.errors import unknown
from cthbkb.model import TABLES, columns_of
from cthbkb.query import Selection
from cthbkb.registry import TABLES as ROWS
from cthbkb.registry import link_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cthbkb.columns import Row
    from cthbkb.origin import Origin

__all__ = ["PROSE", "Bundle", "Dump", "Field", "tables"]

SOME = 500
"""Number of rows after which progress is reported."""

HOLDS = {"str": "text", "int": "number", "float": "number", "bool": "flag", "list": "list"}


class Field:
    """The description of a column in an export: its type, its meaning, and the table that its ids refer to."""

    __slots__ = ("doc", "name", "ref", "required", "type")

    def __init__(self, name: str, type: str, doc: str, ref: str = "", required: bool = False) -> None:
        self.name = name
        self.type = type
        self.doc = doc
        self.ref = ref
        self.required = required

    @property
    def col(self) -> Col:
        """The column for a format, with prose distinguished from other text."""
        prose = self.type == "str" and self.name in PROSE
        return Col(self.name, 1, "prose" if prose else HOLDS[self.type])


PROSE = frozenset(
    col.name for table in ROWS.values() if table.listing for col in table.listing.columns if col.holds == "prose"
)
"""Columns that contain prose in any listing."""


class Dump:
    """A table to export: its fields, the query of its rows, and, for a link table, the table of its records."""

    __slots__ = ("_db", "_from", "_parameters", "about", "fields", "name", "narrowed", "owner")

    def __init__(self, db: sqlite3.Connection, name: str, criteria: Mapping[str, Sequence[str]]) -> None:
        self._db = db
        self.name = name
        self.owner = ""
        self._parameters: list[str | int] = []
        if name in TABLES:
            self.about = f"One row is {TABLES[name].about}."
            columns = columns_of(TABLES[name])
            self.fields = [Field(c.name, c.type, c.doc, c.ref, c.required) for c in columns]
            have = {row[0] for row in db.execute("select name from pragma_table_info(?)", (name,))}
            self.fields += [Field("pack", "str", "The pack that added the record.")]
            self.fields = list({field.name: field for field in self.fields if field.name in have}.values())
            source, seq = name, "v.seq"
        else:
            self.owner = next(table for table in TABLES if name.startswith(table + "_"))
            column = name.removeprefix(self.owner + "_")
            (listed,) = [c for c in columns_of(TABLES[self.owner]) if c.name == column]
            self.about = f"One row per value in {column} of a record in {self.owner}."
            self.fields = [
                Field(self.owner, "str", f"The record, an id of {self.owner}.", self.owner, True),
                Field(column, "str", listed.doc, listed.ref, True),
            ]
            source = (
                f'(select o.id as "{self.owner}", j.value as "{column}", o.seq as seq'
                f' from {self.owner} o, json_each(o."{column}") j)'
            )
            seq = "v.seq"
        self._from = f" from {source} v"
        listing = ROWS[self.owner or name].listing
        narrow = {k: list(v) for k, v in criteria.items() if listing and k in listing.filters}
        self.narrowed = bool(narrow)
        if listing and narrow:
            selection = Selection(db, listing, narrow)
            self._from += f" where {seq} in (select v.seq{selection.sql})"
            self._parameters = selection.parameters

    @property
    def columns(self) -> list[Col]:
        """The columns in the order of the rows."""
        return [field.col for field in self.fields]

    def rows(self) -> Iterator[Row]:
        """Yield the rows in print order."""
        cells = ", ".join(f'v."{field.name}"' for field in self.fields)
        found = self._db.execute(f"select {cells}{self._from} order by v.seq", self._parameters)
        yield from map(tuple, found)  # if writing failed, a cursor would be closed after its database

    def count(self) -> int:
        """Return the number of rows."""
        return int(self._db.execute(f"select count(*){self._from}", self._parameters).fetchone()[0])


class Bundle:
    """The tables of an export, with their origin; `written` is the number of rows written.

    `notes` describes how written values differ from stored ones.
    """

    __slots__ = ("counted", "notes", "origin", "tables", "tick")

    def __init__(
        self,
        db: sqlite3.Connection,
        origin: Origin,
        names: Sequence[str] = (),
        criteria: Mapping[str, Sequence[str]] | None = None,
        links: bool = True,
    ) -> None:
        """Choose the tables `names`, or all tables; without `links`, only tables of records.

        Raises:
            UsageError: for an unknown table.
        """
        known = tables()
        for name in names:
            if name not in known:
                raise unknown("table", name, known, f"Tables: {', '.join(known)}.")
        chosen = names or [name for name in known if links or name in TABLES]
        self.tables = [Dump(db, name, criteria or {}) for name in chosen]
        self.origin = origin
        self.counted: dict[str, Counted] = {}
        self.tick: Callable[[int], None] | None = None
        self.notes: list[str] = []

    def rows(self, table: Dump) -> Counted:
        """Return the rows of a table, counted as they are written; `tick`, if set, is called every `SOME` rows."""
        rows = self._ticking(table.rows(), self.tick) if self.tick else table.rows()
        return self.counted.setdefault(table.name, Counted(rows))

    @staticmethod
    def _ticking(rows: Iterator[Row], tick: Callable[[int], None]) -> Iterator[Row]:
        for number, row in enumerate(rows, 1):
            if number % SOME == 0:
                tick(SOME)
            yield row

    @property
    def written(self) -> int:
        """The number of rows written so far."""
        return sum(counted.number for counted in self.counted.values())

    def foreign(self, table: Dump) -> list[Field]:
        """Return the foreign keys of a table that always resolve, because they refer to completely exported tables."""
        whole = {dump.name for dump in self.tables if not dump.narrowed}
        return [f for f in table.fields if f.type != "list" and (f.ref in whole or (f.ref and f.ref == table.owner))]


def tables() -> list[str]:
    """Return the tables of records and their link tables."""
    linked = [link_table(table.name, column) for table in ROWS.values() for column in table.links]
    return [*ROWS, *linked]
