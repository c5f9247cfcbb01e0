"""The metadata for Datasette: titles, descriptions, facets and queries, from the registry and the model."""

from __future__ import annotations

from cthbkb import dump, views
from cthbkb.dump import Dump
from cthbkb.registry import LISTINGS, TABLES
from cthbkb.web.questions import QUESTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from typing import Any

    from cthbkb.dump import Field
    from cthbkb.registry import Listing

__all__ = ["FACETS", "TITLE", "headline", "metadata", "references"]

TITLE = "Alliance against Trafficking in Persons: knowledge base"

FACETS = (
    "year", "kind", "type", "role", "modality", "change", "status", "medium", "country", "themes", "addressees",
    "affected", "years", "roles", "changes",
)  # fmt: skip
"""Columns offered as facets, in this order, if the list has them."""

FEWEST, MOST = 2, 6
"""Minimum number of values of a facet, and maximum number of facets of a list."""

IN_ORDER = "Position in print order."

ANY = "*"
"""Stands for the table of a column that may contain the id of any record."""

NAMED = {
    "id": ANY, "item": ANY, "items": ANY, "records": ANY, "fulfilled_by": ANY, "answered_by": ANY, "who": ANY,
    "person": "people", "country": "",
}  # fmt: skip
"""Tables of the id columns of queries, which no record type describes."""


def headline(listing: Listing) -> str:
    """Return the title of a list: `Speakers`, `Affected groups`."""
    name = listing.table.name if listing.name == "recs" else listing.name
    return name.replace("_", " ").capitalize()


def sentence(listing: Listing) -> str:
    """Describe the content of a list: the help of its command without the verb."""
    text = listing.help.removeprefix("List ")
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Return a description without Markdown markup."""
    return text.replace("`", "")


def references(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Map a view or table (empty for queries) and a column to the table that the column's ids refer to.

    A column that may contain the id of any record has the table `ANY`.
    """
    found: dict[tuple[str, str], str] = {}
    for listing in LISTINGS.values():
        name = views.prefixed(listing)
        for field in views.fields(db, listing):
            ref = listing.table.name if field.name == listing.key else field.ref
            if ref in TABLES:
                found[name, field.name] = ref
                found.setdefault(("", field.name), ref)
        for column in ("records", "fulfilled_by"):
            found.setdefault((name, column), ANY)
    for name in dump.tables():
        found |= {(name, field.name): field.ref for field in Dump(db, name, {}).fields if field.ref in TABLES}
    found |= {("", column): table for column, table in NAMED.items()}
    return found


def metadata(db: sqlite3.Connection) -> dict[str, Any]:
    """Return the metadata of the database `kb` in the form that Datasette expects."""
    tables: dict[str, Any] = {}
    for listing in LISTINGS.values():
        fields = views.fields(db, listing)
        described = {
            "title": headline(listing),
            "description": f"{sentence(listing)} {views.about(listing)}",
            "columns": {"seq": IN_ORDER} | {field.name: field.doc for field in fields},
            "facets": list(_facets(db, listing, fields)),
            "sortable_columns": ["seq", *(field.name for field in fields)],
        }
        tables[views.prefixed(listing)] = described
        if listing.name not in TABLES:
            tables[listing.name] = described
    for name in dump.tables():
        table = Dump(db, name, {})
        columns = {field.name: field.doc for field in table.fields}
        if table.owner:
            record, value = columns.values()
            columns = {"value": value, "year": "Year of the record; 0 if it has none.", "id": record}
        tables[name] = {
            "title": name.replace("_", " ").capitalize(),
            "description": table.about,
            "columns": columns | {"seq": IN_ORDER},
            "hidden": True,
        }
    stored = db.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (name,) in stored:
        tables.setdefault(name, {"hidden": True, "description": "For internal use by the program."})
    queries = {
        q.name: {"sql": q.sql, "title": q.title, "description": q.about, "hide_sql": True} for q in QUESTIONS.values()
    }
    for described in tables.values():
        described["description"] = plain(described["description"])
        described["columns"] = {name: plain(text) for name, text in described.get("columns", {}).items()}
    title = {"title": "All lists, questions and tables"}
    return {"title": TITLE, "databases": {"kb": {**title, "tables": tables, "queries": queries}}}


def _facets(db: sqlite3.Connection, listing: Listing, fields: list[Field]) -> Iterator[str | dict[str, str]]:
    """Yield the facets of a list that have enough different values to be useful, and can be read."""
    types = {field.name: field.type for field in fields}
    found = 0
    for name in FACETS:
        if name not in types or found == MOST:
            continue
        many = types[name] == "list"
        source = f'json_each(v."{name}") j' if many else ""
        column = "j.value" if many else f'v."{name}"'
        some = (
            f"select distinct {column} from {views.prefixed(listing)} v{', ' * many}{source}"
            f" where {column} is not null limit {FEWEST}"
        )
        damaged = f'select 1 from {views.prefixed(listing)} where not json_valid("{name}") limit 1'
        if many and db.execute(damaged).fetchone():  # by somebody else; a facet would fail with its page
            continue
        if len(db.execute(some).fetchall()) == FEWEST:
            found += 1
            yield {"array": name} if many else name
