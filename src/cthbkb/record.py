"""A single record with its related records, and the names by which users refer to one.

The related records of a table are defined in its row of `registry.TABLES`.
"""

from __future__ import annotations

from cthbkb.columns import Col
from cthbkb.errors import UsageError, closest, shown, typed
from cthbkb.formats import Shown
from cthbkb.query import columns
from cthbkb.registry import TABLES
from cthbkb.spelled import as_id
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["find", "find_all", "quote", "show"]

FEW = 6
"""Ids that a message lists."""


def find(db: sqlite3.Connection, text: str) -> tuple[str, str]:
    """Return the table and id of a record named by its id, by the words of its id, or by name.

    Raises:
        UsageError: if the name is unknown or ambiguous.
    """
    listed = [table.name for table in TABLES.values() if table.listing]
    spelled = as_id(db, text)
    for candidate in (text.strip(), text.strip().lower(), spelled):
        for table in listed:
            if db.execute(f"select 1 from {table} where id = ?", (candidate,)).fetchone():
                return table, candidate
    key = fold(text)
    names = db.execute("select distinct field, id from names where name = ?", (key,))
    named = [(field, id_) for field, id_ in names if field in listed]
    if not named and key:
        words = key.split()
        names = db.execute("select distinct field, id, name from names")
        loose = [(f, i, n) for f, i, n in names if f in listed and TABLES[f].by_part]
        named = list(dict.fromkeys((f, i) for f, i, n in loose if set(words) <= set(n.split())))
    if not named and spelled != text.strip().lower():
        named = _ending(db, listed, spelled)
    if len(named) == 1:
        table, id_ = named[0]
        return table, id_
    if named:
        more = f", or {len(named) - FEW} more" if len(named) > FEW else ""
        raise UsageError(
            f"{shown(text)} could be {', '.join(i for _, i in named[:FEW])}{more}", "Use one of these ids."
        )
    raise UsageError(f"no record {shown(text)}", _look(db, listed, text))


def _ending(db: sqlite3.Connection, listed: Sequence[str], spelled: str) -> list[tuple[str, str]]:
    """Return the records of every year whose id ends in the words of an id: `panel 3` is a part of each programme."""
    sql = "select id from {} where substr(id, -?) = ?"
    ending = f"-{spelled}"
    return [(t, id_) for t in listed for (id_,) in db.execute(sql.format(t), (len(ending), ending))] if spelled else []


def _look(db: sqlite3.Connection, listed: Sequence[str], text: str) -> str:
    """Return the hint for a name that no record has: the list in which such an id stands, or names spelled like it."""
    spelled = as_id(db, text)
    session, _, item = spelled.rpartition("-")
    if (
        item[:1].isalpha()
        and item[-1:].isdigit()
        and db.execute("select 1 from sessions where id = ?", (session,)).fetchone()
    ):
        return f"Items of {session}: cthbkb recs --session {session}"
    near = closest(spelled, [i for table in listed for (i,) in db.execute(f"select id from {table}")])
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{guess}Ids are in the first column of every list; or try: {typed('cthbkb', 'search', *text.split())}"


def find_all(db: sqlite3.Connection, arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Take all arguments as the words of one name where they are one, else each as a name of its own."""
    together = " ".join(arguments)
    try:
        return [find(db, together)]
    except UsageError as error:
        found = error
    try:
        return list(dict.fromkeys(find(db, argument) for argument in arguments))
    except UsageError as error:
        raise (error if any("-" in a for a in arguments) else found) from None


def show(db: sqlite3.Connection, table: str, id_: str) -> Shown:
    """Return a record with the columns of its listing and its related records."""
    listing = TABLES[table].listing
    assert listing is not None  # `find` names no other table
    fields = columns(db, listing)
    names = ", ".join(f'"{col.name}"' for col in fields)
    cells = db.execute(f"select {names} from list_{listing.name} where {listing.key} = ?", (id_,)).fetchone()
    linked = {part: db.execute(sql, {"id": id_}).fetchall() for part, sql in TABLES[table].related.items()}
    links = {part: found for part, found in linked.items() if found}
    return Shown(table, list(zip(fields, cells, strict=True)), links)


def quote(db: sqlite3.Connection, named: Sequence[tuple[str, str]], records: Sequence[Shown]) -> list[str]:
    """Add the original words to the records whose passage is in a copy at hand; return what to say of the others."""
    from cthbkb import copies

    found, notes = copies.quotes(db, named)
    for (_, id_), record in zip(named, records, strict=True):
        if id_ in found:
            cells = [(Col("original_words", 1, "prose"), found[id_].text), (Col("original_place", 1), found[id_].place)]
            record.fields = [*record.fields, *cells]
    return notes
