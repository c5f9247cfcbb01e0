"""The user's own copies of the documents, which contain the exact words that the knowledge base does not.

A copy is read as lines (`read`, `pdf`) and reduced to words (`words`). Fingerprints identify its document and the
passages of the records (`prints`, `resolve`), and the copy is stored with these passages in the user's data folder
(`shelf`). `verify` compares the records with the copy; `locate` proposes a passage for a record without a fingerprint.

This module is for commands that quote: it returns the exact words, and says how to add a missing copy.
"""

from __future__ import annotations

from cthbkb.columns import items
from cthbkb.copies.shelf import Shelf
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cthbkb.columns import Cell
    from cthbkb.copies.resolve import Passage

__all__ = ["doubt", "how", "quotes", "search", "sure"]


def quotes(db: sqlite3.Connection, named: Iterable[tuple[str, str]]) -> tuple[dict[str, Passage], list[str]]:
    """Return the available passages of records `(table, id)`, by record, and notes on the others.

    A passage that was found in two places, or in none, is omitted.
    """
    asked = list(named)
    with Shelf(db) as shelf:
        found = shelf.of(asked)
        notes = how(db, asked, shelf)
    notes += [doubt(passage) for passage in found.values() if doubt(passage)]
    return {record: passage for record, passage in found.items() if passage.text and sure(passage)}, notes


def sure(passage: Passage) -> bool:
    """Return whether a passage was found in one place, even if not word for word."""
    return passage.state in {"found", "unsure"}


def doubt(passage: Passage) -> str:
    """Return a warning for readers who quote a passage; empty if there is none."""
    if passage.state == "unsure":
        return f"{passage.record}: the quotation may begin or end a word too early or too late; check {passage.place}"
    if passage.state == "twice":
        return f"{passage.record}: not quoted, because two places in the copy match"
    return f"{passage.record}: the copy does not contain its passage" if passage.state == "missing" else ""


def how(db: sqlite3.Connection, named: Sequence[tuple[str, str]], shelf: Shelf | None = None) -> list[str]:
    """Return a line that says which copies to add in order to quote some records; empty if none is missing."""
    at_hand = set(shelf.paths) if shelf else set()
    known = db.execute("select id, passages from fingerprints order by seq").fetchall()
    ids = {id_ for _, id_ in named}
    lacking = [
        document
        for document, passages in known
        if document not in at_hand and not ids.isdisjoint(text.partition(" ")[0] for text in items(passages))
    ]
    if not lacking:
        return []
    return [f"for the exact words, add your own copy of {', '.join(lacking)}: cthbkb sources add FILE"]


SEARCHED = {
    "recommendations": ("recommendation", "select r.year, r.summary, r.kind, r.themes from recommendations r"),
    "statistics": ("statistic", "select r.year, r.what, null, r.themes from statistics r"),
    "statements": ("statement", "select r.year, r.gist, r.medium, r.themes from statements r"),
    "appearances": (
        "person",
        "select s.year, p.name, r.role, null from appearances r join people p on p.id = r.person"
        " join sessions s on s.id = r.session",
    ),
}
"""Maps a table whose records have passages to the type in search results, and the query of `(year, title, kind,
themes)`.
"""

AROUND = 60
"""Number of characters of a passage before and after a match, in a snippet."""


def search(
    db: sqlite3.Connection, arguments: Sequence[str], years: set[int], themes: set[str], types: set[str]
) -> list[list[Cell]]:
    """Return a row of search columns for each record whose original words contain all words of the query.

    There are none for a query with operators.
    """
    words = " ".join(arguments).replace('"', " ").split()
    if {"OR", "AND", "NOT"} & set(words) or any(word[0] == "-" or word[-1] == "*" for word in words):
        return []
    phrases = [fold(arguments[0])] if len(arguments) == 1 else [fold(word) for word in words]
    holding = [phrase for phrase in phrases if phrase]
    with Shelf(db) as shelf:
        passages = [passage for document in shelf.paths for passage in shelf[document].holding(holding)]
    found = []
    for passage in passages:
        for type_, sql in SEARCHED.values():
            row = db.execute(f"{sql} where r.id = ?", (passage.record,)).fetchone()
            if row and _wanted(type_, row, years, themes, types):
                year, title, kind, _ = row
                found.append([type_, passage.record, year, title, _snippet(passage.text, words), None, kind,
                              f"original words, {passage.place}"])  # fmt: skip
    return found


def _wanted(type_: str, row: Sequence[Cell], years: set[int], themes: set[str], types: set[str]) -> bool:
    """Return whether a record passes the filters of a search."""
    about = set(items(row[3]))
    return (
        (not years or row[0] in years)
        and (not themes or not themes.isdisjoint(about))
        and (not types or type_ in types)
    )


def _snippet(text: str, words: Sequence[str]) -> str:
    """Return the part of a passage around a phrase or, if it does not contain the phrase, around its first word."""
    found = [text.casefold().find(sought.casefold()) for sought in (" ".join(words), words[0])]
    at = next((place for place in found if place >= 0), 0)
    start = text.rfind(" ", 0, max(1, at - AROUND)) + 1 if at > AROUND else 0
    end = text.find(" ", at + AROUND * 2)
    cut = text[start : end if end > 0 else len(text)]
    return f"{'…' if start else ''}{cut}{'…' if end > 0 else ''}"
