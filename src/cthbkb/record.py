"""A single record with its related records, and finding a record by its id or name.

The related records of a table are defined in its row of `registry.TABLES`. A record without a listing, such as an
addressee, is only a value of filters; it is shown with the columns of its table and the lists that it filters.
"""

from __future__ import annotations

from cthbkb.columns import ALWAYS, PACK, Col
from cthbkb.errors import UsageError, arguments, closest, shown, typed
from cthbkb.formats import Shown
from cthbkb.messages import counted
from cthbkb.query import Selection, columns
from cthbkb.registry import FILTERS, LISTINGS, SHOWN, TABLES
from cthbkb.spelled import as_id
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from cthbkb.registry import Listing

__all__ = ["LISTED", "LISTS", "find", "find_all", "lists", "quote", "show"]

LISTED = tuple(listing.table.name for listing in LISTINGS.values())
"""Tables that have a listing."""

LISTS = "lists"
"""Heading of the lists that a record filters."""

FEW = 6
"""Maximum number of ids in a message."""


def find(db: sqlite3.Connection, text: str, among: Sequence[str] = SHOWN) -> tuple[str, str]:
    """Return the table and id of a record in one of several tables, given its id, its id in words, or its name.

    Raises:
        UsageError: if the name is unknown or ambiguous.
    """
    spelled = as_id(db, text)
    for candidate in (text.strip().lower(), spelled):
        for table in among:
            if db.execute(f"select 1 from {table} where id = ?", (candidate,)).fetchone():
                return table, candidate
    key = fold(text)
    names = db.execute("select distinct field, id from names where name = ?", (key,))
    named = [(field, id_) for field, id_ in names if field in among]
    named = [(field, id_) for field, id_ in named if field in LISTED] or named
    if not named and key:
        words = key.split()
        names = db.execute("select distinct field, id, name from names")
        loose = [(f, i, n) for f, i, n in names if f in among and TABLES[f].by_part]
        named = list(dict.fromkeys((f, i) for f, i, n in loose if set(words) <= set(n.split())))
    if not named and spelled != text.strip().lower():
        named = _ending(db, among, spelled)
    if len(named) == 1:
        table, id_ = named[0]
        return table, id_
    if named:
        more = f", or {len(named) - FEW} more" if len(named) > FEW else ""
        raise UsageError(
            f"{shown(text)} could be {', '.join(i for _, i in named[:FEW])}{more}", "Use one of these ids."
        )
    raise UsageError(f"no record {shown(text)}", _look(db, among, text))


def _ending(db: sqlite3.Connection, among: Sequence[str], spelled: str) -> list[tuple[str, str]]:
    """Return the records whose id, in any year, ends with an id in words: each programme has a `panel 3`."""
    sql = "select id from {} where substr(id, -?) = ?"
    ending = f"-{spelled}"
    return [(t, id_) for t in among for (id_,) in db.execute(sql.format(t), (len(ending), ending))] if spelled else []


def _look(db: sqlite3.Connection, among: Sequence[str], text: str) -> str:
    """Return the hint for an unknown name: a list of such ids, or similar ids."""
    spelled = as_id(db, text)
    session, _, item = spelled.rpartition("-")
    if (
        item[:1].isalpha()
        and item[-1:].isdigit()
        and db.execute("select 1 from sessions where id = ?", (session,)).fetchone()
    ):
        return f"Items of {session}: cthbkb recs --session {session}"
    near = closest(spelled, [i for table in among for (i,) in db.execute(f"select id from {table}")])
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    search = f"; or try: cthbkb search {arguments(words)}" if (words := text.split()) else "."
    return f"{guess}Ids are in the first column of every list{search}"


def find_all(db: sqlite3.Connection, arguments: Sequence[str], among: Sequence[str] = SHOWN) -> list[tuple[str, str]]:
    """Find the one record that all arguments together name, or else one record per argument."""
    together = " ".join(arguments)
    try:
        return [find(db, together, among)]
    except UsageError as error:
        found = error
    try:
        return list(dict.fromkeys(find(db, argument, among) for argument in arguments))
    except UsageError as error:
        raise (error if any("-" in a for a in arguments) else found) from None


def show(db: sqlite3.Connection, table: str, id_: str) -> Shown:
    """Return a record with the columns of its listing, or of its table, and its related records.

    If the id belongs to a table without a listing, the lists that it filters follow, each as a command with its number
    of rows. Another table may have the same id, as for a body that is also an addressee.
    """
    listing = TABLES[table].listing
    fields = columns(db, listing) if listing else _own(table)
    view, key = (f"list_{listing.name}", listing.key) if listing else (table, "id")
    names = ", ".join(f'"{col.name}"' for col in fields)
    cells = db.execute(f"select {names} from {view} where {key} = ?", (id_,)).fetchone()
    linked = {part: db.execute(sql, {"id": id_}).fetchall() for part, sql in TABLES[table].related.items()}
    linked[LISTS] = [
        (typed("cthbkb", other.name, f"--{name}", id_), counted(number, other.what))
        for value in SHOWN
        if not TABLES[value].listing and db.execute(f"select 1 from {value} where id = ?", (id_,)).fetchone()
        for other, name, number in lists(db, value, id_)
    ]
    links = {part: found for part, found in linked.items() if found}
    return Shown(table, list(zip(fields, cells, strict=True)), links)


def _own(table: str) -> list[Col]:
    """Return the columns of a table that has no listing."""
    from cthbkb.model import TABLES as TYPES
    from cthbkb.model import columns_of

    return [*(Col(c.name, ALWAYS, "list" if c.type == "list" else "text") for c in columns_of(TYPES[table])), PACK]


def lists(db: sqlite3.Connection, table: str, id_: str) -> Iterator[tuple[Listing, str, int]]:
    """Yield the lists of other tables that a record filters, each with the filter and the number of rows."""
    for listing in LISTINGS.values():
        for name in listing.filters if listing.table.name != table else ():
            if FILTERS[name].of == table and (number := Selection(db, listing, {name: [id_]}).count(db)):
                yield listing, name, number


def quote(db: sqlite3.Connection, named: Sequence[tuple[str, str]], records: Sequence[Shown]) -> list[str]:
    """Add the original words to the records whose passage is in a copy; return notes on missing copies."""
    from cthbkb import copies

    found, notes = copies.quotes(db, named)
    for (_, id_), record in zip(named, records, strict=True):
        if id_ in found:
            cells = [(Col("original_words", 1, "prose"), found[id_].text), (Col("original_place", 1), found[id_].place)]
            record.fields = [*record.fields, *cells]
    return notes
