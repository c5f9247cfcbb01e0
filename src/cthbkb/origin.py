"""The origin of an answer, which is written into files: the question, the command, the data, and who wrote the texts.

Workbooks and briefings are passed on to people who did not run the command, and therefore contain this information.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from cthbkb import __version__, query, repeat
from cthbkb.errors import UsageError, shown
from cthbkb.registry import FILTERS, LISTINGS, TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cthbkb.catalog import Request

__all__ = ["OWN_WORDS", "Origin", "Source", "label", "today", "worded"]

OWN_WORDS = (
    "Items, remarks and figures are summarised in our own words, with the force and the subject of the source; "
    "to quote, use the document. The publisher has neither written nor endorsed the summaries."
)
LATEST = 253_402_300_799
"""The last second of the year 9999, since 1970."""

ABSENCE = "What is missing here is missing only from these documents: each conference had its own subject."


class Source:
    """A document with its acknowledgement."""

    __slots__ = ("citation", "disclaimer", "id", "licence", "title", "url")

    def __init__(
        self, id: str, title: str, citation: str, url: str | None, licence: str | None, disclaimer: str | None
    ) -> None:
        self.id = id
        self.title = title
        self.citation = citation
        self.url = url
        self.licence = licence
        self.disclaimer = disclaimer

    @property
    def acknowledgement(self) -> str:
        """The line that acknowledges the source, with its printed terms of reuse."""
        ended = self.citation if self.citation.endswith(".") else f"{self.citation}."
        return f"Source: {ended} {self.licence or 'The document prints no terms of reuse.'}"


class Origin:
    """The origin of an answer. `table` is the table of its rows, if they come from one."""

    __slots__ = ("_db", "_tables", "command", "data", "date", "question", "sources")

    def __init__(self, db: sqlite3.Connection, request: Request, question: str, table: str = "") -> None:
        self._db = db
        self.question = question
        self.command = repeat.canonical(request)
        (version,) = db.execute("select value from meta where key = 'data'").fetchone()
        self.data = f"data {version}, cthbkb {__version__}"
        self.date = today()
        rows = db.execute("select id, title, citation, url, licence, disclaimer from documents order by seq")
        self.sources = [Source(*row) for row in rows]
        named = [table, *(name for name in TABLES if name != table)] if table else list(TABLES)
        self._tables = [name for name in named if _has(db, name, "document")]

    def place(self, id_: str) -> str | None:
        """Return the id of the document that contains a record; None if there is none."""
        for table in self._tables:
            found = self._db.execute(f"select document from {table} where id = ?", (id_,)).fetchone()
            if found:
                return str(found[0]) if found[0] else None
        return id_ if any(id_ == source.id for source in self.sources) else None

    def lines(self, caveats: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Return the origin as pairs of a heading and a text."""
        return [
            ("Question", self.question),
            ("Command", self.command),
            ("Data", self.data),
            ("Written on", self.date.isoformat()),
            *(("Note", caveat[:1].upper() + caveat[1:]) for caveat in caveats),
            ("Wording", OWN_WORDS),
            ("Absence", ABSENCE),
        ]


def _has(db: sqlite3.Connection, table: str, column: str) -> bool:
    return db.execute("select 1 from pragma_table_info(?) where name = ?", (table, column)).fetchone() is not None


def today() -> date:
    """Return the date of an answer; SOURCE_DATE_EPOCH fixes it, so that files are reproducible.

    Raises:
        UsageError: if its value is not a number of seconds up to the year 9999.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not fixed:
        return datetime.now(UTC).date()
    if not (fixed.isascii() and fixed.isdigit() and len(fixed) < 13 and int(fixed) <= LATEST):
        hint = "Set it to seconds since 1970, such as 1700000000, or unset it."
        raise UsageError(f"SOURCE_DATE_EPOCH is not a valid time: {shown(fixed)}", hint)
    return datetime.fromtimestamp(int(fixed), UTC).date()


def label(db: sqlite3.Connection, table: str, id_: str | int) -> str:
    """Return the label, name or title of a record, or its id if it has none."""
    names = [name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))]
    for column in ("label", "name", "title"):
        if column in names:
            found = db.execute(f"select {column} from {table} where id = ?", (id_,)).fetchone()
            return str(found[0]) if found else str(id_)
    return str(id_)


def worded(db: sqlite3.Connection, request: Request, what: str, listing: str = "recs") -> str:
    """Describe the request for a list in words, such as `Items: theme Joint investigation teams; year 2016 or 2020`."""
    parts = []
    for name in request.options:
        if name not in FILTERS:
            continue
        values = request.options[name]
        if FILTERS[name].condition:
            parts.append(FILTERS[name].what[:1].lower() + FILTERS[name].what[1:])
            continue
        of = FILTERS[name].of
        known = LISTINGS[listing] if name in LISTINGS[listing].filters else LISTINGS["recs"]
        ids = query.resolve(db, known, name, values)
        named = [label(db, of, i) if of in TABLES else str(i) for i in ids] or values
        parts.append(f"{name} {' or '.join(named)}")
    narrows = any(option.name in FILTERS for option in request.command.options)
    asked = "; ".join(parts) or "all" * narrows
    return f"{what[:1].upper()}{what[1:]}{': ' * bool(asked)}{asked}"
