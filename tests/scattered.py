"""Records with random values, which only a database needs to accept: for independent definitions of what is computed.

Columns take few different values, so that most cases occur: two conferences in a year, the same person twice in a
session, values that are missing, equal, or in another order than their ids. References lead to existing records, and
the year of a record is that of its session.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from cthbkb import fill
from cthbkb.model import DATE, TABLES, TIME, Column, Record, Records, columns_of
from cthbkb.seed import Seed

YEARS = {"c2031": 2031, "b2031": 2031, "c2033": 2033, "c2034": 2034, "c2036": 2036}
"""Maps the conferences to their years; the order of their ids is not that of their years."""

NUMBERS = {"sessions": 14, "organizations": 5, "themes": 6, "threads": 6, "recommendations": 40, "appearances": 40,
           "thread_items": 0, "moves": 0, "topics": 16, "statements": 20, "citations": 60,
           "discrepancies": 90}  # fmt: skip
"""Number of records of a table, if it is not `USUAL`."""

USUAL = 8

LEFT_OUT = ("countries", "expansions", "search_terms", "expected_counts", "fingerprints")
"""Tables without records."""

CONCERNED = ("conferences", "sessions", "people", "organizations", "appearances", "topics", "recommendations",
             "statistics", "statements", "activities", "commitments", "publications")  # fmt: skip
"""Tables whose records a discrepancy concerns, one record at a time, so that its values come from this record alone."""

SPEAKING = ("recommendations", "statements", "activities", "commitments")
"""Tables whose records can be in a thread."""


def seed(number: int) -> Seed:
    """Return a seed with random records, the same ones for the same number."""
    draw = random.Random(number)
    numbers = {table: NUMBERS.get(table, USUAL) for table in TABLES if table not in LEFT_OUT}
    ids = {table: [f"{table[:4]}-{n}" for n in draw.sample(range(100), k)] for table, k in numbers.items()}
    ids["conferences"] = [*YEARS]
    tables: dict[str, list[Record]] = {table: [] for table in TABLES}
    years: dict[str, int] = {}
    for table in ids:
        for n, id_ in enumerate(ids[table]):
            before = ids | {table: ids[table][:n]}  # no record is inside itself
            values = {c.attribute: _value(c, before, draw) for c in columns_of(TABLES[table])} | {"id": id_}
            if table == "conferences":
                values["year"] = YEARS[id_]
            elif table == "sessions":
                values["year"] = years[id_] = YEARS[values["conference"]]
            elif "year" in values and values.get("session"):
                values["year"] = years[values["session"]]
            if table == "discrepancies":
                values["records"] = (draw.choice(ids[draw.choice(CONCERNED)]),)
            tables[table].append(TABLES[table](**values))
    entries = [
        (t, item.id) for t in ids["threads"][1:] for name in SPEAKING for item in draw.sample(tables[name], USUAL)
    ]
    for thread, item in draw.sample(entries, len(entries)):
        values = {"thread": thread, "item": item, "asks": draw.random() < 0.05, "part": draw.choice((None, "a part"))}
        tables["thread_items"].append(TABLES["thread_items"](id=f"{thread}-{item}", **values))
    held = list({year: id_ for id_, year in YEARS.items()}.values())
    pairs = [
        (t, a, b) for t in ids["threads"][:-1] for n, b in enumerate(held) for a in held[:n] if draw.random() < 0.7
    ]
    (words,) = (c.options for c in columns_of(TABLES["moves"]) if c.name == "changes")
    for thread, a, b in draw.sample(pairs, len(pairs)):
        values = {"thread": thread, "from_": a, "to": b, "changes": tuple(draw.sample(words, draw.randint(1, 2)))}
        tables["moves"].append(TABLES["moves"](id=f"{thread}-{a}-{b}", **values))
    return Seed("scattered", Records(tables))


@contextmanager
def base(number: int) -> Iterator[tuple[Records, sqlite3.Connection]]:
    """Yield random records in print order, and a database of them."""
    found = seed(number)
    with closing(sqlite3.connect(":memory:")) as db:
        fill.write(found, db)
        by_id = {name: {r.id: r for r in rows} for name, rows in found.records.items()}
        ids = {name: db.execute(f"select id from {name} order by seq").fetchall() for name in found.records}
        yield Records({name: [by_id[name][id_] for (id_,) in rows] for name, rows in ids.items()}), db


def threads_of(r: Records) -> dict[str, list[str]]:
    """Return the threads of each record in a thread, the main one first."""
    return {entry.item: [e.thread for e in r.thread_items if e.item == entry.item] for entry in r.thread_items}


def asked(r: Records) -> dict[str, dict[int, bool]]:
    """Return the years of each thread, and whether it is asked in them."""
    year = {x.id: x.get("year") for table in SPEAKING for x in r[table]}
    made: dict[str, dict[int, bool]] = {thread.id: {} for thread in r.threads}
    for entry in r.thread_items:
        of = made[entry.thread]
        of[year[entry.item]] = of.get(year[entry.item], False) or entry.asks
    return made


def changes(r: Records) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Return how each thread changed into a year, compared with the latest earlier year that has a move."""
    moves = sorted(r.moves, key=lambda m: YEARS[m.from_])
    return {(m.thread, YEARS[m.to]): m.changes for m in moves}


def _value(column: Column, ids: dict[str, list[str]], draw: random.Random) -> Any:
    """Return a value of a column; an optional one is missing in two of five cases."""
    if column.type == "list":
        values = ids[column.ref] if column.ref else column.options or [f"{column.name} {n}" for n in range(4)]
        return tuple(draw.sample(values, min(len(values), draw.choice((0, 0, 1, 2, 3)))))
    if not column.required and (draw.random() < 0.4 or (column.ref and not ids[column.ref])):
        return None
    if column.ref:
        return draw.choice(ids[column.ref])
    if column.options:
        return draw.choice(column.options)
    if column.type == "str":
        patterns = {DATE: "2031-0{}-11", TIME: "0{}:30"}
        return patterns.get(column.pattern, f"{column.name} {{}}").format(draw.randint(1, 4))
    return draw.choice(
        [*YEARS.values()] if column.name == "year" else (False, True) if column.type == "bool" else (1, 2, 3)
    )
