"""Search over every kind of record: which records a query means, in which order, and why.

A record's score is the sum over the query's units (see `terms`) of how well it holds the unit (bm25, weighted by
column) times how rare the unit is, raised by the share of units it holds. All units are wanted, relaxed to any where
too little has them all. Porter stemming is left out: it makes `organ` find `organization` and `minors` find
`minorities`.
"""

from __future__ import annotations

import math

from cthbkb.registry import KINDS, TABLES
from cthbkb.terms import LONGEST, meant
from cthbkb.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from cthbkb.formats import Row
    from cthbkb.terms import Query, Unit

    Within = tuple[str, list[str | int]]
    Ranked = tuple[int, float]

__all__ = ["Found", "explain", "nearest", "rows", "search"]

WEIGHTS = (5.0, 4.0, 2.5, 1.5, 2.0)
"""Weights of the columns title, body, subjects, names, keywords."""

NAMED = 1.7
"""Boost for records whose name equals the query, for the types that have names."""

PROSE = 0.7
"""Weight of an item read from running text against one of a printed list."""

FAVOURED = 2.0
"""Boost for records from a year named in the query."""

TYPED = 1.05
"""Boost for records that hold the word as typed and not only what it was expanded to."""

BASE = 0.6
"""Share of a unit's score given for any match; the rest scales with bm25, against the best match."""

ALL = 1.5
"""Exponent of the share of units that a record holds: the higher, the more having all of them counts."""

ENOUGH = 10
"""Matches from which on a query is not relaxed."""

MANY = 1200
"""Records that match, about the whole of the shipped base, up to which each is read and scored."""

RANKED = 100
"""Records that are ranked where too many match to score each: in a base of 300,000 items a query of two common words
has 13,000, and to read them all costs as much as a whole search of a small base."""

BY_MATCH = "select rowid from search where search match ?"

COLUMNS = ("text", "text", "theme", "name", "keyword")


class Found:
    """What a search found: rows best first, all of them unless `many` match; the talk about it; what it asked for."""

    __slots__ = ("many", "match", "notes", "relaxed", "rows", "units", "within")

    def __init__(self) -> None:
        self.rows: list[tuple[int, float]] = []
        self.notes: list[str] = []
        self.units: list[Unit] = []
        self.relaxed = False
        self.many = False
        self.match = ""
        self.within: Within = ("", [])

    def total(self, db: sqlite3.Connection) -> int:
        """Return how many records match."""
        return _count(db, self.match, self.within) if self.many else len(self.rows)


def search(
    db: sqlite3.Connection,
    query: Query,
    types: Sequence[str] = (),
    years: Sequence[int] = (),
    themes: Sequence[str] = (),
    most: int = 0,
) -> Found:
    """Return the rows of `search_rows` that answer a query, best first, within the types, years and themes given.

    Where more than `MANY` match, the best are returned: `RANKED` of them, or `most` if that is more.
    """
    found = Found()
    if query.cut:
        found.notes.append(f"only the first {LONGEST} words were searched for")
    groups, favoured = _years_apart(db, meant(db, query.groups, found.notes))
    found.units = [unit for group in groups for unit in group]
    if not groups and favoured:
        _of_years(db, found, favoured)
    if not groups:
        return found
    excluded = " OR ".join(unit.match() for unit in query.excluded)
    found.within = within = _within(types, years, themes)
    matches = [_either(group) for group in groups]
    found.match = _not(" AND ".join(f"({m})" for m in matches), excluded)
    number = _count(db, found.match, within, MANY + 1)
    if number < ENOUGH and len(groups) > 1:
        found.match = _not(" OR ".join(f"({m})" for m in matches), excluded)
        found.relaxed = True
        number = _count(db, found.match, within, MANY + 1)
    found.many = number > MANY
    if found.many:
        most = max(most, RANKED)
        found.rows = [] if excluded else _by_strength(db, groups, found, most)
        if len(found.rows) < most:
            found.rows = _by_database(db, found, most)
    else:
        found.rows = _by_units(db, groups, matches, _candidates(db, found.match, within, favoured))
    return found


def _years_apart(db: sqlite3.Connection, groups: list[list[Unit]]) -> tuple[list[list[Unit]], set[int]]:
    """Take the years of conferences out of a query that has other words: they favour a year, and no text has them."""
    known = {str(year) for (year,) in db.execute("select year from conferences")}
    rest = [g for g in groups if len(g) > 1 or g[0].exact or g[0].text not in known]
    return rest, {int(g[0].text) for g in groups if g not in rest}


def _of_years(db: sqlite3.Connection, found: Found, wanted: set[int]) -> None:
    """Answer a query of nothing but years with the items of those years, in print order."""
    sql = f"select rowid from search_rows where type = 'recommendation' and year in ({', '.join('?' * len(wanted))})"
    found.rows = [(rowid, 1.0) for (rowid,) in db.execute(sql, sorted(wanted))]


def _either(group: Sequence[Unit]) -> str:
    return " OR ".join(unit.match() for unit in group)


def _not(match: str, excluded: str) -> str:
    return f"({match}) NOT ({excluded})" if excluded else match


def _within(types: Sequence[str], years: Sequence[int], themes: Sequence[str]) -> Within:
    """Return the conditions on `search_rows r` and their parameters."""
    clauses = []
    parameters: list[str | int] = []
    if types:
        clauses.append(f"r.type in ({', '.join('?' * len(types))})")
        parameters += types
    if years:
        clauses.append(f"r.year in ({', '.join('?' * len(years))})")
        parameters += years
    if themes:
        either = " or ".join("instr(r.themes, ?)" for _ in themes)
        clauses.append(f"({either})")
        parameters += [f'"{theme}"' for theme in themes]
    return ("".join(f" and {c}" for c in clauses), parameters)


def _joined(within: Within, index: str = "search") -> str:
    return f" from {index} join search_rows r on r.rowid = {index}.rowid where {index} match ?{within[0]}"


def _from(within: Within, index: str = "search") -> str:
    return _joined(within, index) if within[0] else f" from {index} where {index} match ?"


def _candidates(db: sqlite3.Connection, match: str, within: Within, favoured: set[int]) -> dict[int, float]:
    """Return the records that match, each with how much its kind and year count."""
    sql = f"select r.rowid, r.type, r.kind, r.year{_joined(within)}"
    boosts = {table.singular: table.indexed.boost for table in TABLES.values() if table.indexed}
    in_prose = {kind.name for kind in KINDS.values() if not kind.listed}
    return {
        rowid: boosts[type_]
        * (PROSE if kind in in_prose and type_ == "recommendation" else 1.0)
        * (FAVOURED if year in favoured else 1.0)
        for rowid, type_, kind, year in db.execute(sql, [match, *within[1]])
    }


def _count(db: sqlite3.Connection, match: str, within: Within, most: int = -1) -> int:
    """Return how many records match, or `most` where that is fewer."""
    sql = f"select count(*) from (select 1{_from(within)} limit ?)"
    return int(db.execute(sql, [match, *within[1], most]).fetchone()[0])


def _by_strength(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]], found: Found, most: int) -> list[Ranked]:
    """Rank the records in which what is asked for stands out: in the title, or more than once in the text.

    They are a hundredth of what matches, and a table of their own (the first tier of a tiered index: Manning, Raghavan
    and Schütze, Introduction to Information Retrieval, 7.2.1). It knows no order of words, so phrases are left to the
    database.
    """
    units = [unit for group in groups for unit in group]
    if any(" " in variant for unit in units for variant in unit.variants):
        return []
    joint = " OR " if found.relaxed else " AND "
    match = joint.join(f"({_either(group)})" for group in groups)
    return _ranked(db, "search_strong", match, found.within, most)


def _by_database(db: sqlite3.Connection, found: Found, most: int) -> list[Ranked]:
    """Rank all that match by bm25, whatever column it stands in."""
    return _ranked(db, "search", found.match, found.within, most)


def _ranked(db: sqlite3.Connection, index: str, match: str, within: Within, most: int) -> list[Ranked]:
    rows = db.execute(
        f"select {index}.rowid, rank{_from(within, index)} order by rank limit ?", [match, *within[1], most]
    )
    return [(rowid, -rank) for rowid, rank in rows]


def _by_units(
    db: sqlite3.Connection, groups: Sequence[Sequence[Unit]], matches: Sequence[str], candidates: Mapping[int, float]
) -> list[tuple[int, float]]:
    """Score the candidates: for each group how well they hold it and how rare it is, then the share of groups held."""
    (size,) = db.execute("select max(rowid) from search_rows").fetchone()
    weights = ", ".join(map(str, WEIGHTS))
    scores: dict[int, float] = dict.fromkeys(candidates, 0.0)
    held: dict[int, float] = dict.fromkeys(candidates, 0.0)
    whole = 0.0
    for group, one in zip(groups, matches, strict=True):
        rows = db.execute(f"select rowid, -bm25(search, {weights}) from search where search match ?", (one,)).fetchall()
        rarity = math.log(1 + (size - len(rows) + 0.5) / (len(rows) + 0.5))
        best = max((s for _, s in rows), default=1.0) or 1.0
        as_typed = _typed(group)
        typed = {r for (r,) in db.execute(BY_MATCH, (as_typed,))} if as_typed != one else {r for r, _ in rows}
        whole += rarity
        for rowid, score in rows:
            if rowid in scores:
                scores[rowid] += rarity * (BASE + (1 - BASE) * score / best) * (TYPED if rowid in typed else 1.0)
                held[rowid] += rarity
    named = _named(db, groups)
    ranked = [
        (rowid, s * candidates[rowid] * (held[rowid] / whole) ** ALL * (NAMED if rowid in named else 1.0))
        for rowid, s in scores.items()
    ]
    return sorted(ranked, key=lambda r: (-r[1], r[0]))


def _named(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> set[int]:
    """Return the people, bodies, instruments and the like whose name has the query's words one after the other."""
    name = " ".join(group[0].text for group in groups)
    rows = db.execute(BY_MATCH, (f'title : "{name}"',)).fetchall()
    named = [table.singular for table in TABLES.values() if table.indexed and table.indexed.named]
    sql = f"select rowid from search_rows where type in {tuple(named)} and rowid in (select value from json_each(?))"
    return {rowid for (rowid,) in db.execute(sql, (str([r for (r,) in rows]),))} if rows else set()


def _typed(group: Iterable[Unit]) -> str:
    return " OR ".join(f'"{unit.text}"{"*" if unit.prefix else ""}' for unit in group)


def rows(db: sqlite3.Connection, found: Found, limit: int) -> list[Row]:
    """Return `type id year title snippet score kind matched` of the best rows of what was found."""
    ranked = found.rows[:limit]
    rowids = [rowid for rowid, _ in ranked]
    reasons = explain(db, rowids, found.units, not found.many) if found.units else {}
    sql = f"select rowid, type, id, year, kind, title from search_rows where rowid in ({', '.join('?' * len(rowids))})"
    shown = {rowid: columns for rowid, *columns in db.execute(sql, rowids)}
    made: list[Row] = []
    for rowid, score in ranked:
        type_, id_, year, kind, title = shown[rowid]
        snippet, why = reasons.get(rowid, ("", ""))
        made.append((type_, id_, year, title, snippet or title, round(score, 3), kind, why))
    return made


def explain(
    db: sqlite3.Connection, rowids: Sequence[int], units: Sequence[Unit], few: bool
) -> dict[int, tuple[str, str]]:
    """Return for each record its text with the matches in [brackets], and where each match stands.

    With `few` matches in the base, reading all of them once beats looking the words up again for each record.
    """
    match = " OR ".join(unit.match() for unit in units)
    marks = ", ".join(f"highlight(search, {n}, char(2), char(3))" for n in range(len(COLUMNS)))
    snippets = "snippet(search, 1, '[', ']', '…', 40), snippet(search, 0, '[', ']', '…', 40)"
    places = ", ".join("?" * len(rowids))
    rows = db.execute(
        f"select rowid, {marks}, {snippets} from search where search match ? and {'+' * few}rowid in ({places})",
        [match, *rowids],
    )
    typed = {unit.text for unit in units}
    prefixes = tuple(unit.text for unit in units if unit.prefix)
    return {rowid: (_marked(*texts), _why(texts[:5], typed, prefixes)) for rowid, *texts in rows}


def _marked(title: str, body: str, subjects: str, names: str, keywords: str, in_body: str, in_title: str) -> str:
    return in_body if "\x02" in (body or "") or not in_title else in_title


def _why(texts: Sequence[str], typed: set[str], prefixes: tuple[str, ...]) -> str:
    """Say which words matched in which column, and where only what the query was expanded to."""
    why: dict[str, list[str]] = {}
    for name, text in zip(COLUMNS, texts, strict=True):
        for piece in (text or "").split("\x02")[1:]:
            word = piece.partition("\x03")[0].casefold()
            if word not in why.setdefault(name, []):
                why[name].append(word)
    parts = []
    for name, matched in why.items():
        shown = ", ".join(matched[: 1 if name == "theme" else 3])
        as_typed = any(words(w) in typed or (prefixes and words(w).startswith(prefixes)) for w in matched)
        parts.append(f"{name}: {shown}{'' if as_typed else ' (expanded)'}")
    return "; ".join(parts)


def nearest(db: sqlite3.Connection, query: Query) -> list[str]:
    """Name the terms, themes and people that look like a query for which nothing was found."""
    import difflib

    found = []
    for group in query.groups[:4]:
        word = group[0].text
        names = db.execute("select name, id from names where field in ('themes', 'people', 'organizations')").fetchall()
        near = difflib.get_close_matches(word, [name for name, _ in names], n=3, cutoff=0.55)
        near += difflib.get_close_matches(
            word, [t for (t,) in db.execute("select term from search_words")], n=3, cutoff=0.6
        )
        if near:
            found.append(f"close to {word!r}: {', '.join(dict.fromkeys(near))}")
    return found
