"""A single record with its related records, and the names by which users refer to one.

The related records of a table are defined in its row of `registry.TABLES`.
"""

from __future__ import annotations

from cthbkb.errors import UsageError, closest
from cthbkb.formats import Shown
from cthbkb.query import columns
from cthbkb.registry import KINDS, TABLES
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["find", "find_all", "show"]

PARTS = {
    "panel": "p", "side": "side", "preface": "preface", "keynote": "keynote", "opening": "opening",
    "closing": "closing", "intro": "intro", "introduction": "intro", "foreword": "foreword", "welcome": "welcome",
    "report": "report",
}  # fmt: skip
"""Maps words for a part of a programme or report to their form in an id."""

NUMBERED = frozenset({"p", "side", *(kind.letter for kind in KINDS.values())})
"""Parts of an id that are followed by a number."""

WORDS = PARTS | {word: kind.letter for kind in KINDS.values() for word in (kind.name, *kind.words)}


def find(db: sqlite3.Connection, text: str) -> tuple[str, str]:
    """Return the table and id of a record named by its id, by the words of its id, or by name.

    Raises:
        UsageError: if the name is unknown or ambiguous.
    """
    listed = [table.name for table in TABLES.values() if table.listing]
    for candidate in (text.strip(), text.strip().lower(), _spelled(db, text)):
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
    if len(named) == 1:
        table, id_ = named[0]
        return table, id_
    if named:
        raise UsageError(f"{text!r} could be {', '.join(i for _, i in named[:6])}", "Use one of these ids.")
    known = [i for table in listed for (i,) in db.execute(f"select id from {table}")]
    near = closest(_spelled(db, text), known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(
        f"no record {text!r}", f"{guess}Ids are in the first column of every list; or try: cthbkb search {text}"
    )


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


def _spelled(db: sqlite3.Connection, text: str) -> str:
    """Turn the words of an id into the id: `2020 panel 2 rec 4` into 2020-p2-r4, `20th conference` into 2020."""
    numbers = {str(number): id_ for number, id_ in db.execute("select number, id from conferences")}
    parts: list[str] = []
    joined = False
    for spelled in fold(text).replace("side event", "side").split():
        word = spelled[:-2] if spelled[:-2].isdigit() and spelled[-2:] in {"st", "nd", "rd", "th"} else spelled
        if word in {"conference", "the", "of", "no", "number", "item", "session"}:
            continue
        short = WORDS.get(word, WORDS.get(word.removesuffix("s"), ""))
        if short:
            parts.append(short)
            joined = short in NUMBERED
        elif joined and word[:1].isdigit():
            parts[-1] += word
            joined = False
        else:
            parts.append(numbers.get(word, word) if not parts else word)
    return "-".join(parts)


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
