"""The reader's own copies of the documents, which hold the exact words that the base does not.

A copy is read to lines (`read`, `pdf`), reduced to words (`words`), recognised and searched by the fingerprints of the
base (`prints`, `resolve`), and stored with the passage of every record in the user's data folder (`shelf`). `verify`
holds the records against it; `locate` proposes the passage of a record that has no fingerprint yet.

This module has what the commands that quote need: the exact words, and how to add a copy where none is at hand.
"""

from __future__ import annotations

from cthbkb.columns import items
from cthbkb.copies.shelf import Shelf

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cthbkb.copies.resolve import Passage

__all__ = ["doubt", "how", "quotes", "sure"]


def quotes(db: sqlite3.Connection, named: Iterable[tuple[str, str]]) -> tuple[dict[str, Passage], list[str]]:
    """Return the passages at hand of records `(table, id)`, by record, and what to say of those that are not.

    A passage that two places may be, or none, is not among them.
    """
    asked = list(named)
    shelf = Shelf(db)
    found = shelf.of(asked)
    notes = how(db, asked, shelf)
    notes += [doubt(passage) for passage in found.values() if doubt(passage)]
    return {record: passage for record, passage in found.items() if passage.text and sure(passage)}, notes


def sure(passage: Passage) -> bool:
    """Return whether a passage is that of its record, even if not to the word."""
    return passage.state in {"found", "unsure"}


def doubt(passage: Passage) -> str:
    """Return what a reader must know before quoting a passage; empty where all is well."""
    if passage.state == "unsure":
        return f"{passage.record}: the quotation may have a word too few or too many; look at {passage.place}"
    if passage.state == "twice":
        return f"{passage.record}: two places of the copy are alike, so neither is quoted"
    return f"{passage.record}: the copy does not hold its passage" if passage.state == "missing" else ""


def how(db: sqlite3.Connection, named: Sequence[tuple[str, str]], shelf: Shelf | None = None) -> list[str]:
    """Return in one line how to add the copies that the exact words of some records need; empty where none is."""
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
