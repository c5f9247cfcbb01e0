"""The pages of lists: their columns, headings, filters and facets."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from cthbkb import dump, query, views
from cthbkb.columns import REFERENCE
from cthbkb.registry import FILTERS, LISTINGS, TABLES
from cthbkb.web import describe
from cthbkb.web.links import Links
from cthbkb.web.questions import CHOICES

__all__ = ["Lists"]

REPEATS = {"name": "person", "label": "thread", "session_title": "session"}
"""Columns that repeat the label of the link in another column."""

BODIES = frozenset(name for table in TABLES.values() if table.indexed for name in table.indexed.body)
"""Columns with the longest texts."""

SHORT = 60
"""Maximum number of values of a filter that offers a list of choices instead of a text field."""


class Lists:
    """The lists by view, for the templates."""

    def __init__(self, db: sqlite3.Connection, links: Links, described: Mapping[str, Any]) -> None:
        self.db = db
        self.links = links
        self.described = described
        self.of = {views.prefixed(listing): listing for listing in LISTINGS.values()}

    def columns(self, table: str, names: list[str], every: bool) -> list[str]:
        """Return the columns to show in a list: all if `every`, else those of a wide terminal and the reference."""
        listing = self.of.get(table)
        if listing is None or every:
            return [name for name in names if name != "seq" or listing is None]
        known = {col.name: col for col in query.columns(self.db, listing)}
        return [n for n in names if n in known and (known[n].since or n in REFERENCE) and REPEATS.get(n) not in known]

    def head(self, table: str, name: str) -> str:
        """Return the heading of a column in words."""
        listing = self.of.get(table)
        known = {col.name: col.head for col in listing.columns} if listing else {}
        return known.get(name, name.replace("_", " "))

    def narrow(self, table: str, given: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Return the filters of a list for its form: name, label, help, value, and the values to choose from."""
        listing = self.of.get(table)
        found = []
        for name in listing.filters if listing else ():
            filter = FILTERS[name]
            value = (given.get(name) or [""])[0]
            entry: dict[str, Any] = {
                "name": name,
                "value": value,
                "help": filter.help(listing.examples.get(name, "") if listing else ""),
            }
            if listing and filter.noun and not filter.loose:
                values = self.db.execute(
                    f"select distinct value from ({query.values(listing, name)}) where value is not null"
                    f" order by value limit {SHORT + 1}"
                ).fetchall()
                if len(values) <= SHORT:
                    named = [
                        (str(v), self.links.label(filter.of, str(v)) if filter.of in TABLES else str(v))
                        for (v,) in values
                    ]
                    entry["choices"] = named if filter.of not in TABLES else sorted(named, key=lambda pair: pair[1])
            elif not filter.noun:
                entry["choices"] = [("1", "yes")]
            found.append(entry)
        return found

    def form(self, name: str) -> str:
        """Return the CSS class of a column: the body of a record is widest, then other prose; ids are not wrapped."""
        known = {"body": BODIES, "prose": dump.PROSE, "key": {"id", "slug", "date", "start", "end"}}
        return next((form for form, names in known.items() if name in names), "")

    def choices(self, parameter: str) -> list[tuple[str, str]]:
        """Return the values of a parameter of a question, with their labels; none if the user has to type it."""
        sql = CHOICES.get(parameter)
        return [(str(value), str(label)) for value, label in self.db.execute(sql)] if sql else []

    def facets(self, found: dict[str, Any]) -> list[Any]:
        """Return the facets of a list in the order of `describe.FACETS`; facets added by the user come last."""
        order = {name: n for n, name in enumerate(describe.FACETS)}
        return sorted(found.values(), key=lambda facet: order.get(facet["name"], len(order)))

    def value(self, table: str, column: str, text: object) -> str:
        """Return a value of a facet in readable form: an id is replaced by its label."""
        ref = self.links.references.get((table, column), "")
        return self.links.label(ref, str(text)) if ref in TABLES else str(text)

    def about_list(self, view: str) -> str:
        """Describe the content of a list."""
        return describe.sentence(self.of[view])

    def tables(self) -> list[tuple[str, str, str]]:
        """Return the tables behind the lists: name, title and description of a row."""
        known = self.described
        return [(name, known[name]["title"], known[name]["description"]) for name in dump.tables()]
