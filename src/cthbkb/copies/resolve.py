"""Recognising the document of a copy, and finding the passage of each record in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from cthbkb.columns import items
from cthbkb.copies.prints import Found, Index, Print
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure
from cthbkb.registry import TABLES

__all__ = [
    "FOUND",
    "MISSING",
    "TWICE",
    "UNSURE",
    "Passage",
    "describe",
    "fingerprints",
    "passages",
    "recognised",
    "sections",
]

FOUND, UNSURE, TWICE, MISSING = "found", "unsure", "twice", "missing"
"""States of a passage: found; found, but not word for word; found in two places; not found."""

ENOUGH = 0.6
"""Minimum share of a document's passages for a copy to be recognised."""


class Passage:
    """The passage of a record in a copy: its text as printed, and where it begins and ends.

    `lines` and `pages` are pairs of the first and the last, counted from 1; pages are 0 if the copy has none.
    """

    __slots__ = ("lines", "pages", "record", "state", "text")

    def __init__(
        self, record: str, state: str, text: str = "", lines: tuple[int, int] = (0, 0), pages: tuple[int, int] = (0, 0)
    ) -> None:
        self.record = record
        self.state = state
        self.text = text
        self.lines = lines
        self.pages = pages

    @property
    def place(self) -> str:
        """The place for a citation: `page 12`, `pages 12-13`, or `line 480` in a copy without pages."""
        name, (first, last) = ("page", self.pages) if self.pages[0] else ("line", self.lines)
        return f"{name} {first}" if first == last else f"{name}s {first}-{last}"


def fingerprints(db: sqlite3.Connection) -> dict[str, list[Print]]:
    """Return the fingerprints by document."""
    return {
        document: [Print.read(text) for text in items(passages)]
        for document, passages in db.execute("select id, passages from fingerprints order by seq")
    }


def sections(db: sqlite3.Connection, document: str) -> dict[str, str]:
    """Return the headings of the records of a document, by record."""
    found: dict[str, str] = {}
    for table in TABLES:
        have = {name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))}
        if {"document", "section"} <= have:
            found.update(db.execute(f"select id, section from {table} where document = ?", (document,)))
    return found


def recognised(copy: Copy, known: dict[str, list[Print]]) -> str:
    """Return the document of which a text is a copy.

    Raises:
        Failure: if it is not a document with fingerprints.
    """
    shares = []
    for document, prints in known.items():
        index = Index(copy, document)
        found = sum(index.holds(sought) for sought in prints)
        shares.append((found / max(1, len(prints)), found, len(prints), document))
    if not shares:
        raise Failure(
            "the database has no fingerprints, so no copy can be recognised", "See: cthbkb sources locate RECORD"
        )
    share, found, of, document = max(shares)
    if share >= ENOUGH:
        return document
    near = f"; it has {found} of the {of} passages of {document}" if found else ""
    raise Failure(f"not a known document{near}", "To list the documents: cthbkb documents --columns id,title")


def passages(copy: Copy, document: str, prints: Iterable[Print], section: dict[str, str]) -> list[Passage]:
    """Return the passage of every fingerprint in a copy; `section` gives the heading of each record."""
    index = Index(copy, document)
    headings = Sections(copy, dict.fromkeys(section.values()))
    return [_passage(copy, index, headings, sought, section.get(sought.record, "")) for sought in prints]


def _passage(copy: Copy, index: Index, headings: Sections, sought: Print, section: str) -> Passage:
    places = index.find(sought)
    if not places:
        return Passage(sought.record, MISSING)
    best = [place for place in places if place.agree == places[0].agree]
    apart = [place for place in best[1:] if place.spans[0][0] > best[0].spans[-1][1] or _before(place, best[0])]
    under = [place for place in [best[0], *apart] if headings.over(copy.line(place.spans[0][0])) == section]
    chosen = under[0] if under else best[0]
    state = TWICE if apart and len(under) != 1 else FOUND if chosen.certain else UNSURE
    return describe(copy, sought.record, chosen.spans, state)


def _before(place: Found, other: Found) -> bool:
    return place.spans[-1][1] < other.spans[0][0]


def describe(copy: Copy, record: str, spans: Sequence[tuple[int, int]], state: str = FOUND) -> Passage:
    """Return a passage, given the words of its parts; [...] stands for sentences omitted between two parts."""
    text = ""
    for first, last in spans:
        part = copy.printed(first, last)
        if text[-1:] == "-" and part[:1].islower():
            text = text[:-1] + part
        elif text:
            text += (" [...] " if text.rstrip("\"'”’)")[-1:] in ".!?;:" else " ") + part
        else:
            text = part
    first, last = spans[0][0], spans[-1][1]
    lines = (copy.line(first) + 1, copy.line(last) + 1)
    return Passage(record, state, text, lines, (copy.page(first), copy.page(last)))
