"""The full text index: what a search reads of each kind of record, and the expansion table word by word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from cthbkb.model import TABLES, columns_of
from cthbkb.query import fold, words

__all__ = ["SEARCHED", "encode", "fill", "listed", "lists"]

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

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


def listed(value: str | None) -> list[str]:
    """Read a list column."""
    return [str(text) for text in json.loads(value)] if value else []


def lists(table: str) -> set[str]:
    """Return the names of the list columns of a table."""
    return {c.name for c in columns_of(TABLES[table]) if c.type == "list"}


def fill(connection: sqlite3.Connection) -> None:
    """Fill the index and the expansion table of a database whose tables are filled."""
    _index(connection)
    _expansions(connection)


def _index(connection: sqlite3.Connection) -> None:
    """Fill the full text index, in the order of the tables."""
    rows = ((n, *row) for n, row in enumerate(_searched(connection), 1))
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


def _expansions(connection: sqlite3.Connection) -> None:
    """Write the expansion table word by word, folded as queries are."""
    for id_, finding, only_from in connection.execute(
        "select id, words, only_from from expansions order by seq"
    ).fetchall():
        rows = [(words(w), id_, 1) for w in listed(finding)] + [(words(w), id_, 0) for w in listed(only_from)]
        connection.executemany("insert into expansion_words values (?, ?, ?)", dict.fromkeys(rows))


def _plain(texts: Sequence[str]) -> list[str]:
    """Spell without it what has a letter of which the index does not take the mark off."""
    found = (text for text in texts if text and not UNFOLDED.isdisjoint(text))
    return [fold(word) for text in found for word in text.split() if not UNFOLDED.isdisjoint(word)]


def _searched(connection: sqlite3.Connection) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    subjects = {
        id_: " | ".join([label, *listed(more)])
        for id_, label, more in connection.execute("select id, label, alternative_labels from themes")
    }
    people = dict(connection.execute("select id, name from people"))
    bodies = {
        id_: f"{name} {acronym or ''}".strip()
        for id_, name, acronym in connection.execute("select id, name, acronym from organizations")
    }
    appears = dict(
        connection.execute(
            "select a.person, group_concat(coalesce(a.position, '') || ' ' || coalesce(o.name, '') || ' '"
            " || coalesce(o.acronym, '') || ' ' || coalesce(a.country, '') || ' ' || a.role, ' | ')"
            " from appearances a left join organizations o on o.id = a.organization group by a.person"
        )
    )
    at = dict(connection.execute("select id, title from sessions"))
    for table, (type_, title, body, names) in SEARCHED.items():
        columns = [c.name for c in columns_of(TABLES[table])]
        own = lists(table)
        select = ", ".join(f'"{name}"' for name in columns)
        for values in connection.execute(f"select {select} from {table} order by seq"):
            record = dict(zip(columns, values, strict=True))

            def texts(name: str, record: dict[str, Any] = record, own: set[str] = own) -> list[str]:
                value = record.get(name)
                return listed(value) if name in own else [str(value)] if value else []

            text = " ".join(t for name in body for t in texts(name))
            themes = texts("themes")
            called = [people.get(t, bodies.get(t, t)) for name in names for t in texts(name)]
            called.append(appears.get(record["id"], ""))
            called.append(at.get(record.get("session") or "", ""))
            head = record[title] if title else ""
            kind = record.get("kind") or record.get("type") or record.get("medium")
            indexed = (
                head or "",
                text,
                " | ".join(subjects[t] for t in themes),
                " | ".join(filter(None, called)),
                " ".join([record["id"], *texts("keywords"), *_plain([head, text, *called])]),
            )
            yield (
                (
                    type_,
                    record["id"],
                    record.get("year"),
                    kind,
                    head or text,
                    text,
                    encode(themes),
                ),
                indexed,
            )
