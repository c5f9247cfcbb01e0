"""Words after a noun, read as values of its filters: `recs jits 2020` is `recs --theme jits --year 2020`."""

from __future__ import annotations

from cthbkb.errors import UsageError, arguments, closest, shown, typed
from cthbkb.query import fitting, meaning
from cthbkb.registry import FILTERS, names_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cthbkb.registry import Listing

__all__ = ["criteria", "said"]


def criteria(
    db: sqlite3.Connection, listing: Listing, words: Sequence[str], among: Iterable[str] = (), command: str = ""
) -> dict[str, list[str]]:
    """Return the filters and values that the words stand for, among the filters in `among` or all of the listing.

    `command` is the command that the words follow, if it is not the listing's own.

    The longest run of words that forms a name is taken as one value; a full name takes precedence over part of a name.

    Raises:
        UsageError: if several filters fit a word, or none does.
    """
    names = [n for n in among or listing.filters if FILTERS[n].noun and n not in {"in", "not-in"}]
    found: dict[str, list[str]] = {}
    at = 0
    while at < len(words):
        text, fits, length = _longest(db, listing, names, words[at:])
        if not fits:
            raise _unknown(db, listing, names, words[at], command or listing.name)
        if len(fits) > 1:
            either = " or ".join(f"--{name} {typed(value)}" for name, value in fits.items())
            first, value = next(iter(fits.items()))
            raise UsageError(
                f"{shown(text)} could be {either}", f"Write: cthbkb {command or listing.name} --{first} {typed(value)}"
            )
        for name, value in fits.items():
            found.setdefault(name, []).append(value)
        at += length
    return found


def said(command: str, found: dict[str, list[str]]) -> str:
    """Return the command line that expresses the words as options."""
    return " ".join([f"cthbkb {command}", *(f"--{n} {typed(v)}" for n, values in found.items() for v in values)])


def _longest(
    db: sqlite3.Connection, listing: Listing, names: Sequence[str], words: Sequence[str]
) -> tuple[str, dict[str, str], int]:
    """Return the longest run of words that is a value, the filters that it fits with their values, and its length."""
    for loosely in (False, True):
        for length in range(min(len(words), 8), 0, -1):
            text = " ".join(words[:length])
            fits = {}
            for name in names:
                value = _value(db, listing, name, text, loosely)
                if value:
                    fits[name] = value
            if fits:
                return text, fits, length
    return words[0], {}, 1


def _value(db: sqlite3.Connection, listing: Listing, name: str, text: str, loosely: bool) -> str:
    """Return the value of a filter that a text stands for; empty if there is none."""
    if FILTERS[name].of == "year":
        return text if text[:1].isdigit() and _is_year(db, listing, name, text) else ""
    ids = fitting(db, listing, name, text, loosely) if loosely or not FILTERS[name].loose else []
    return ids[0] if len(ids) == 1 else text if ids and FILTERS[name].loose else ""


def _is_year(db: sqlite3.Connection, listing: Listing, name: str, text: str) -> bool:
    try:
        return bool(meaning(db, listing, name, text))
    except UsageError:
        return False


def _unknown(db: sqlite3.Connection, listing: Listing, names: Sequence[str], word: str, command: str) -> UsageError:
    fields = {names_field(listing, name): name for name in names}
    marks = ", ".join("?" * len(fields))
    known: dict[str, tuple[str, str]] = {}
    for called, field, id_ in db.execute(f"select name, field, id from names where field in ({marks})", [*fields]):
        known.setdefault(called, (fields[field], id_))
    near = dict.fromkeys(known[called] for called in closest(word.casefold(), known))
    guess = f"Did you mean {' or '.join(f'--{name} {typed(id_)}' for name, id_ in near)}? Or try" if near else "Try"
    return UsageError(f"{command} has no filter for {shown(word)}", f"{guess}: cthbkb search {arguments([word])}")
