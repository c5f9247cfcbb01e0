"""The views of the listings: their columns with type and meaning, for SQL, the browser and assistants.

The meaning of a column is that of the record type, unless the row of the listing in `registry.py` overrides it.
"""

from __future__ import annotations

from cthbkb import query
from cthbkb.dump import Dump, Field, tables
from cthbkb.errors import unknown
from cthbkb.model import TABLES, columns_of
from cthbkb.registry import FILTERS, LISTINGS
from cthbkb.registry import TABLES as ROWS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.registry import Listing

__all__ = ["PACK", "about", "fields", "named", "prefixed"]

PACK = "The pack that added the record; null for the packaged records."

TYPES = {"text": "str", "id": "str", "prose": "str", "number": "float", "flag": "bool", "list": "list", "state": "str"}
"""Maps the type of a column of a listing to the type of a field."""


def prefixed(listing: Listing) -> str:
    """Return the name of the view of a listing."""
    return f"list_{listing.name}"


def about(listing: Listing) -> str:
    """Describe one row of the view in a sentence."""
    return f"One row is {TABLES[listing.table.name].about}."


def fields(db: sqlite3.Connection, listing: Listing) -> list[Field]:
    """Return the columns of the view of a listing, in its order."""
    own = {column.name: column for column in columns_of(TABLES[listing.table.name])}
    refs = {target: FILTERS[name].of for name, target in listing.filters.items() if FILTERS[name].of in TABLES}
    singular = {table.singular: table.name for table in ROWS.values() if table.listing}
    found = []
    for col in query.columns(db, listing):
        column = own.get(col.name)
        doc = listing.docs.get("*" if col.name.isdigit() else col.name, "")
        other = refs.get(col.name, singular.get(col.name, "") if col.holds == "id" else "")
        ref = column.ref if column and not doc else other
        doc = doc or (column.doc if column else PACK if col.name == "pack" else "")
        found.append(Field(col.name, column.type if column else TYPES[col.holds], doc, ref))
    return found


def named(db: sqlite3.Connection, names: list[str]) -> list[tuple[str, str, list[Field]]]:
    """Return `(name, description of a row, fields)` for views and tables, or for all views if no names are given.

    Raises:
        UsageError: for an unknown view or table.
    """
    views = {prefixed(listing): listing for listing in LISTINGS.values()}
    known = {**views, **{name: listing for name, listing in LISTINGS.items() if name not in TABLES}}
    found = []
    for name in names or views:
        if name in known:
            found.append((name, about(known[name]), fields(db, known[name])))
        elif name in tables():
            dump = Dump(db, name, {})
            found.append((name, dump.about, dump.fields))
        else:
            raise unknown("view or table", name, [*known, *tables()], f"Views: {', '.join(views)}.")
    return found
