"""Ids as links: the label of a record, the address of its page, and the cells of a list or a record."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache

from markupsafe import Markup, escape

from cthbkb import origin
from cthbkb.columns import SEPARATOR, items
from cthbkb.registry import SHOWN, TABLES
from cthbkb.web.describe import ANY

__all__ = ["Links"]

KNOWN = 50_000
"""Maximum number of labels in the cache."""


class Links:
    """The links between records; `references` maps columns to the tables of their ids (see `describe.references`)."""

    def __init__(self, db: sqlite3.Connection, references: Mapping[tuple[str, str], str]) -> None:
        self.db = db
        self.references = references
        self.label = lru_cache(maxsize=KNOWN)(self._label)
        self.home = lru_cache(maxsize=KNOWN)(self._home)

    def _label(self, table: str, id_: str) -> str:
        """Return the label of a record, or its id if it has no name."""
        return origin.label(self.db, table, id_)

    def _home(self, id_: str) -> str:
        """Return the table of the record that `show` finds for an id; empty if there is none."""
        return next((table for table in SHOWN if self.has(table, id_)), "")

    def has(self, table: str, id_: str) -> bool:
        """Return whether a table has a record."""
        return self.db.execute(f"select 1 from {table} where id = ?", (id_,)).fetchone() is not None

    def link(self, id_: object, table: str = ANY, named: bool = True) -> Markup:
        """Return a link to a record, with its label if `named`; plain text if there is no such record."""
        text = str(id_)
        table = self.home(text) if table == ANY else table
        if table not in TABLES:
            return escape(text)
        label = self.label(table, text)
        if not named or table == "documents" or label == text:
            title = Markup(' title="{}"').format(label) if label != text else ""
            return Markup('<a href="/kb/{}/{}"{}>{}</a>').format(table, text, title, text)
        shown = Markup('<a href="/kb/{}/{}">{}</a>').format(table, text, label)
        return shown + Markup(' <span class="id">{}</span>').format(text) if table == "sessions" else shown

    def cell(self, table: str, column: str, value: object, many: bool = False) -> Markup | None:
        """Return a cell of ids as links, and a list as its values; None for a cell that is shown unchanged.

        `table` is the table or view, empty for a query; `many` is set if the cell is known to be a list.
        """
        if isinstance(value, dict):  # Datasette has added the label to a reference
            value = value["value"]
        if value in ("", None):
            return Markup("")
        text = str(value)
        ref = self.references.get((table, column), "")
        if text.startswith(("http://", "https://")):
            return Markup('<a href="{}" rel="noreferrer">{}</a>').format(text, text)
        if many or (text[:2] in ('["', "[]") or (text[:1] == "[" and text[1:-1].replace(",", "").isdigit())):
            with suppress(ValueError):
                found = items(text)
                shown = Markup(", ").join(self.link(i, ref) for i in found) if ref else escape(SEPARATOR.join(found))
                return shown or Markup("&nbsp;")  # Datasette would show `[]` in an empty cell
        return self.link(text, ref, named=column not in {"id", "slug"}) if ref else None
