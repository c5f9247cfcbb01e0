"""Words after a noun, read as values of its filters: `recs jits 2020` is `recs --theme jits --year 2020`."""

from __future__ import annotations

from cthbkb.errors import UsageError, arguments, closest, shown, typed
from cthbkb.query import Selection, fitting, meaning
from cthbkb.registry import FILTERS, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cthbkb.registry import Listing

__all__ = ["criteria", "said"]

LONGEST = 8
"""Maximum number of words that are taken as one value."""

FILLERS = frozenset("a about an and at by concerning for from in into of on regarding the to with".split())
"""Words between values that change nothing about the values."""

PART = 4
"""A part of a name must have at least one in this many of its words, so that a word of a long title is not a title."""

MOST = 6
"""Maximum number of values that an error offers."""


def criteria(
    db: sqlite3.Connection, listing: Listing, words: Sequence[str], among: Iterable[str] = (), command: str = ""
) -> dict[str, list[str]]:
    """Return the filters and values that the words stand for, among the filters in `among` or all of the listing.

    `command` is the command that the words follow, if it is not the listing's own.

    The longest run of words that forms a name is taken as one value; a full name takes precedence over part of a name.
    A name that several records have, and part of a name, stand for the record that has rows in the given years. Words
    such as `for`, and words for what most records are about, are skipped between values.

    Raises:
        UsageError: if several filters fit a word, or none does.
    """
    names = [n for n in among or listing.filters if FILTERS[n].noun and n not in {"in", "not-in"}]
    meant = _Words(db, listing, names, [w for w in words if "year" in names and _is_year(db, listing, "year", w)])
    found: dict[str, list[str]] = {}
    at = 0
    while at < len(words):
        text, fits, length = meant.longest(words[at:])
        if len(fits) > 1:
            options = [f"--{name} {typed(value)}" for name, value in fits]
            raise UsageError(
                f"{shown(text)} could be {' or '.join(options[:MOST])}{', or others' * (len(options) > MOST)}",
                f"Write: cthbkb {command or listing.name} {options[0]}",
            )
        for name, value in fits:
            found.setdefault(name, []).append(value)
        at += length
        if not length or (not found and at == len(words)):
            raise _unknown(db, listing, names, words, at if at < len(words) else 0, command or listing.name)
    return found


def said(command: str, found: dict[str, list[str]]) -> str:
    """Return the command line that expresses the words as options."""
    return " ".join([f"cthbkb {command}", *(f"--{n} {typed(v)}" for n, values in found.items() for v in values)])


class _Words:
    """What runs of words stand for in the filters `names` of a listing, if the rows are of the given years."""

    def __init__(self, db: sqlite3.Connection, listing: Listing, names: Sequence[str], years: Sequence[str]) -> None:
        self.db = db
        self.listing = listing
        self.names = names
        self.dated: dict[str, Sequence[str]] = {"year": years} if years and self._count({"year": years}) else {}
        self.known: set[str] | None = None

    @property
    def subject(self) -> set[str]:
        """The words and phrases for what most records are about: a word that they contain, and its synonyms."""
        if self.known is None:  # few requests need them
            sql = (
                "select distinct s.word from expansion_words k"
                " join vocabulary v on v.word = k.word and v.records * 2 > (select max(rowid) from search_rows)"
                " join expansion_words s on s.expansion = k.expansion and s.finds = 1 where k.finds = 1"
            )
            self.known = {word for (word,) in self.db.execute(sql)}
        return self.known

    def longest(self, words: Sequence[str]) -> tuple[str, list[tuple[str, str]], int]:
        """Return the longest run of words that is a value, the filters that it fits with their values, and its length.

        A run that is skipped fits no filter; the length is 0 if the first word is unknown.
        """
        runs = [" ".join(words[:length]) for length in range(min(len(words), LONGEST), 0, -1)]
        for n, text in enumerate(runs):
            fits = self._fits(text, loosely=False)
            if fits:
                return text, fits, len(runs) - n
        for n, text in enumerate(runs):
            if fold(text) in FILLERS or fold(text) in self.subject:
                return text, [], len(runs) - n
            fits = self._fits(text, loosely=True)
            if fits:
                kept = [(name, value) for name, value in fits if FILTERS[name].loose or self._agrees(name, value)]
                return text, kept, len(runs) - n if kept else 0
        return words[0], [], 0

    def _fits(self, text: str, loosely: bool) -> list[tuple[str, str]]:
        """Return the filters with the values that a text may stand for."""
        return [(name, value) for name in self.names for value in self._values(name, text, loosely)]

    def _values(self, name: str, text: str, loosely: bool) -> list[str]:
        """Return the values of a filter that a text may stand for, several if it is ambiguous."""
        filter = FILTERS[name]
        if filter.of == "year":
            year = _year_of(self.db, text)
            return [year] if _is_year(self.db, self.listing, name, year) else []
        if (filter.loose and not loosely) or (loosely and not self._selective(text)):
            return []
        ids = fitting(self.db, self.listing, name, text, loosely)
        if filter.loose:
            return ids if len(ids) == 1 else [text] * bool(ids)
        if loosely:
            return [i for i in ids if self._covers(names_field(self.listing, name), i, text)]
        return [i for i in ids if len(ids) == 1 or self._agrees(name, i)]

    def _agrees(self, name: str, id_: str) -> bool:
        """Return whether a value has rows, in the given years if any row is of these years."""
        return bool(self._count({**self.dated, name: [id_]}))

    def _count(self, criteria: dict[str, Sequence[str]]) -> int:
        return Selection(self.db, self.listing, criteria).count(self.db)

    def _content(self, text: str) -> set[str]:
        """Return the words of a folded text that say which of many similar records is meant."""
        from cthbkb.terms import STOP

        return {w for w in text.split() if w not in STOP and w not in self.subject and not w.isdigit()}

    def _selective(self, text: str) -> bool:
        """Return whether a text may be part of a name: it begins and ends with words of content."""
        words = fold(text).split()
        return bool(words) and self._content(f"{words[0]} {words[-1]}") >= {words[0], words[-1]}

    def _covers(self, field: str, id_: str, text: str) -> bool:
        """Return whether a text has enough words of a name of a record."""
        asked = self._content(fold(text))
        rows = self.db.execute("select name from names where field = ? and id = ?", (field, id_))
        names = [self._content(name) for (name,) in rows]
        return any(len(asked & name) * PART >= len(name) for name in names if asked <= name or field == "people")


def _year_of(db: sqlite3.Connection, text: str) -> str:
    """Return a text, or the year of a conference that it numbers: 2020 for `20th conference`."""
    if not fold(text).endswith(" conference"):
        return text
    from cthbkb.spelled import as_id

    return as_id(db, text)


def _is_year(db: sqlite3.Connection, listing: Listing, name: str, text: str) -> bool:
    try:
        return text[:1].isdigit() and bool(meaning(db, listing, name, text))
    except UsageError:
        return False


def _unknown(
    db: sqlite3.Connection, listing: Listing, names: Sequence[str], words: Sequence[str], at: int, command: str
) -> UsageError:
    """Return the error for one of the words, with similar names, or the known years for a year."""
    word = words[at]
    if "year" in names and len(word) == 4 and word.isdigit():
        try:
            meaning(db, listing, "year", word)
        except UsageError as error:
            return error
    fields = {names_field(listing, name): name for name in names}
    marks = ", ".join("?" * len(fields))
    known: dict[str, tuple[str, str]] = {}
    for called, field, id_ in db.execute(f"select name, field, id from names where field in ({marks})", [*fields]):
        known.setdefault(called, (fields[field], id_))
    near = dict.fromkeys(known[called] for called in closest(word.casefold(), known))
    guess = f"Did you mean {' or '.join(f'--{name} {typed(id_)}' for name, id_ in near)}? Or try" if near else "Try"
    return UsageError(f"{command} has no filter for {shown(word)}", f"{guess}: cthbkb search {arguments(words)}")
