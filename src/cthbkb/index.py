"""Filling the full-text index and the table of expansions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from cthbkb import registry
from cthbkb.model import TABLES, Record, Records, columns_of
from cthbkb.text import fold, words

__all__ = ["encode", "fill", "texts"]

PART = 1000
"""Rows of the index inserted at a time."""

UNFOLDED = frozenset("łŁđĐøØ")
"""Letters that Unicode does not decompose, so that FTS5 keeps their stroke."""


def encode(texts: Sequence[str]) -> str:
    """Write a list column as a JSON array."""
    joined = "".join(texts)
    if joined.isprintable() and '"' not in joined and "\\" not in joined:
        return '["' + '","'.join(texts) + '"]' if texts else "[]"
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def texts(record: Record, column: str) -> Sequence[str]:
    """Return the value of a column as a sequence of texts; empty if unknown, or if the type has no such column."""
    value = record.get(column)
    if not value:
        return ()
    return value if isinstance(value, tuple) else (str(value),)


def fill(connection: sqlite3.Connection, records: Records) -> None:
    """Fill the index and the table of expansions; the records are in print order."""
    _index(connection, records)
    rows: dict[tuple[str, str, int], None] = {}
    for record in records.expansions:
        for found, finds in ((record.words, 1), (record.only_from, 0)):
            rows |= {(words(text), record.id, finds): None for text in found}
    connection.executemany("insert into expansion_words values (?, ?, ?)", rows)


def _index(connection: sqlite3.Connection, records: Records) -> None:
    """Fill the full-text index in the order of the tables."""
    rows = ((n, *row) for n, row in enumerate(_searched(records), 1))
    while part := list(islice(rows, PART)):
        connection.executemany(
            "insert into search_rows (rowid, type, id, year, kind, title, body, themes)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            ((n, *shown) for n, shown, _ in part),
        )
        connection.executemany(
            "insert into search (rowid, title, body, subjects, names, keywords) values (?, ?, ?, ?, ?, ?)",
            ((n, *indexed) for n, _, indexed in part),
        )
    connection.execute("insert into search (search) values ('optimize')")


def _plain(found: Sequence[str]) -> list[str]:
    """Return ASCII spellings of the words with a letter that FTS5 does not fold."""
    words = (word for text in found if not text.isascii() for word in text.split())
    return [fold(word) for word in words if not UNFOLDED.isdisjoint(word)]


def _searched(records: Records) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    """Yield for each record its row of `search_rows` and its row of the index."""
    subjects = {t.id: " | ".join([t.label, *t.alternative_labels]) for t in records.themes}
    bodies = {o.id: f"{o.name} {o.acronym or ''}".strip() for o in records.organizations}
    names = bodies | {p.id: p.name for p in records.people}
    at = {s.id: s.title for s in records.sessions}
    appears: dict[str, list[str]] = {}
    for a in records.appearances:
        said = (a.position, bodies.get(a.organization or ""), a.country, a.role)
        appears.setdefault(a.person, []).append(" ".join(filter(None, said)))
    for table in registry.TABLES.values():
        indexed = table.indexed
        if not indexed:
            continue
        kind_of = next((c.name for c in columns_of(TABLES[table.name]) if c.name in {"kind", "type", "medium"}), "")
        for r in records[table.name]:
            head = " ".join(texts(r, indexed.title)) if indexed.title else ""
            text = " ".join([t for column in indexed.body for t in texts(r, column)])
            themes = texts(r, "themes")
            called = [names.get(t, t) for column in indexed.names for t in texts(r, column)]
            called += [*appears.get(r.id, ()), *(at[s] for s in texts(r, "session"))]
            yield (
                (
                    table.singular,
                    r.id,
                    r.get("year"),
                    r.get(kind_of),
                    head or text,
                    text,
                    encode(themes),
                ),
                (
                    head,
                    text,
                    " | ".join([subjects[t] for t in themes]),
                    " | ".join(called),
                    " ".join([r.id, *texts(r, "keywords"), *_plain([head, text, *called])]),
                ),
            )
