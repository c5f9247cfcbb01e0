"""The full text index: what a search reads of each kind of record, and the expansion table word by word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from cthbkb import query
from cthbkb.model import TABLES, Appearance, Record, columns_of
from cthbkb.query import fold, words
from cthbkb.terms import STOP

__all__ = ["SEARCHED", "encode", "fill", "texts"]

PART = 1000
"""Rows of the index that are held at a time."""

UNFOLDED = frozenset("łŁđĐøØ")
"""Letters whose mark belongs to them, so that folding by Unicode leaves it on."""

SEARCHED: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "recommendations": ("recommendation", "", ("summary",), ("heading", "attributed_to")),
    "people": ("person", "name", ("note",), ("spellings",)),
    "sessions": ("session", "title", ("summary",), ()),
    "topics": ("topic", "topic", ("note",), ()),
    "themes": ("theme", "label", ("scope_note",), ("id", "alternative_labels")),
    "threads": ("thread", "label", ("summary",), ()),
    "organizations": ("organization", "name", (), ("acronym", "country")),
    "conferences": ("conference", "title", ("participation",), ("hashtag", "city", "venue")),
    "statistics": ("statistic", "", ("value", "what", "caveat"), ("unit", "source", "area", "period")),
    "instruments": ("instrument", "name", (), ("symbol", "adopted_by")),
    "publications": ("publication", "title", ("summary",), ("author", "publisher", "url")),
    "statements": ("statement", "", ("gist",), ("speaker", "speaker_as_printed", "account")),
    "activities": ("activity", "", ("what",), ("where", "partners")),
    "commitments": ("commitment", "", ("what", "fulfilled_note"), ("who",)),
    "discrepancies": ("discrepancy", "topic", ("value_a", "value_b", "reason"), ()),
    "documents": ("document", "title", ("note",), ("id", "kind")),
    "abbreviations": ("abbreviation", "short", ("long",), ()),
}
"""What a search reads: table to type, title, text and names; themes and keywords are added to each."""


def encode(texts: Sequence[str]) -> str:
    """Write a list column as a JSON array."""
    joined = "".join(texts)
    if joined.isprintable() and '"' not in joined and "\\" not in joined:
        return '["' + '","'.join(texts) + '"]' if texts else "[]"
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def texts(record: Record, column: str) -> Sequence[str]:
    """Return what a column of a record holds as texts; none where the record's type has no such column."""
    value = getattr(record, column, None)
    if not value:
        return ()
    return value if isinstance(value, tuple) else (str(value),)


def fill(connection: sqlite3.Connection, records: Mapping[str, Sequence[Record]]) -> None:
    """Fill the index and the expansion table with records that are in print order."""
    _index(connection, records)
    rows: dict[tuple[str, str, int], None] = {}
    for record in records["expansions"]:
        for column, finds in (("words", 1), ("only_from", 0)):
            rows |= {(words(text), record.id, finds): None for text in texts(record, column)}
    connection.executemany("insert into expansion_words values (?, ?, ?)", rows)


def _index(connection: sqlite3.Connection, records: Mapping[str, Sequence[Record]]) -> None:
    """Fill the full text index, in the order of the tables."""
    large = sum(len(records[table]) for table in SEARCHED) > query.LARGE
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
        if large:
            strong = ((n, " ".join(_strong(*indexed[:2]))) for n, _, indexed in part)
            connection.executemany("insert into search_strong (rowid, words) values (?, ?)", strong)
    for table in ("search", "search_strong"):
        connection.execute(f"insert into {table} ({table}) values ('optimize')")


def _strong(title: str, body: str) -> Iterator[str]:
    """Yield the words that stand out in a record: those of its title, and those of its text after their first time."""
    seen = set(words(title).split())
    yield from seen
    for word in words(body).split():
        if word in seen and word not in STOP:
            yield word
        seen.add(word)


def _plain(found: Sequence[str]) -> list[str]:
    """Spell without it what has a letter of which the index does not take the mark off."""
    words = (word for text in found if not text.isascii() for word in text.split())
    return [fold(word) for word in words if not UNFOLDED.isdisjoint(word)]


def _searched(records: Mapping[str, Sequence[Record]]) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    """Yield for each record what `search_rows` shows of it, and what the index reads of it."""
    subjects = {t.id: " | ".join([*texts(t, "label"), *texts(t, "alternative_labels")]) for t in records["themes"]}
    bodies = {o.id: " ".join([*texts(o, "name"), *texts(o, "acronym")]) for o in records["organizations"]}
    names = bodies | {p.id: texts(p, "name")[0] for p in records["people"]}
    at = {s.id: texts(s, "title")[0] for s in records["sessions"]}
    appears: dict[str, list[str]] = {}
    for a in cast("Sequence[Appearance]", records["appearances"]):
        said = (a.position, bodies.get(a.organization or ""), a.country, a.role)
        appears.setdefault(a.person, []).append(" ".join(filter(None, said)))
    for table, (type_, title, body, named) in SEARCHED.items():
        kind_of = next((c.name for c in columns_of(TABLES[table]) if c.name in {"kind", "type", "medium"}), "")
        for r in records[table]:
            head = " ".join(texts(r, title)) if title else ""
            text = " ".join([t for column in body for t in texts(r, column)])
            themes = texts(r, "themes")
            called = [names.get(t, t) for column in named for t in texts(r, column)]
            called += [*appears.get(r.id, ()), *(at[s] for s in texts(r, "session"))]
            yield (
                (
                    type_,
                    r.id,
                    getattr(r, "year", None),
                    getattr(r, kind_of, None),
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
