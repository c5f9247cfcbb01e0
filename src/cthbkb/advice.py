"""Notes after an empty listing: which criterion excludes everything, and a command that finds related records."""

from __future__ import annotations

from cthbkb import query, search, terms
from cthbkb.registry import FILTERS, TABLES, names_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from cthbkb.query import Criteria
    from cthbkb.registry import Listing

__all__ = ["advice"]

LABELS = ("label", "name")
"""Columns that contain the name of a record; a session title such as `Opening` does not identify it in a text."""


def advice(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> Iterator[str]:
    """Yield the notes for criteria that match no rows of a listing."""
    yield from query.nearby(db, listing, criteria)
    if "year" in criteria and not _number(db, listing, {"year": criteria["year"]}):
        years = query.years_of(db, listing)
        if years:
            yield f"years with {listing.what}: {', '.join(map(str, years[-12:]))}"
    yield from _kinds(db, listing, criteria)
    for name, values in criteria.items():
        if name in FILTERS and FILTERS[name].of in TABLES and not _number(db, listing, {name: values}):
            yield from _mentions(db, listing, name, values)


def _number(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> int:
    return query.Selection(db, listing, criteria).count(db)


def _kinds(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> Iterator[str]:
    """Yield the kinds of items that match all criteria except the kind."""
    if "kind" in criteria and len(criteria) > 1 and listing.filters["kind"] == "kind":
        others = {name: values for name, values in criteria.items() if name != "kind"}
        kinds = query.Selection(db, listing, others).kinds(db)[:3]
        if kinds:
            yield f"other kinds: {', '.join(f'--kind {kind} ({number})' for kind, number in kinds)}"


def _mentions(db: sqlite3.Connection, listing: Listing, name: str, values: Sequence[str]) -> Iterator[str]:
    """Suggest a search if no record has the value but the text of some mentions its name."""
    table = listing.table
    if not table.indexed:
        return
    for id_ in query.resolve(db, listing, name, [value for value in values if value.casefold() != "none"]):
        words = _label(db, names_field(listing, name), str(id_)).lower()
        found = search.search(db, terms.parse(words), [table.singular]) if words else None
        total = 0 if found is None or found.relaxed or found.missing else found.total(db)
        if total:
            yield f"cthbkb search {words} --type {table.singular} finds {total} that mention it"


def _label(db: sqlite3.Connection, table: str, id_: str) -> str:
    """Return the name of a record, or an empty string."""
    columns = {row[1] for row in db.execute(f"pragma table_info({table})")}
    column = next((c for c in LABELS if c in columns), "")
    row = db.execute(f"select {column} from {table} where id = ?", (id_,)).fetchone() if column else None
    return str(row[0]) if row else ""
