"""Full-text search over all tables: the matching records, their ranking, and the reason for each match.

Records must match all units of the query (see `terms`), or, if too few do, any of them. The index ranks the matches by
bm25, weighted by column. The best `POOL` are then scored: bm25, the share of units matched (rare units weigh more), and
boosts for type, name and year. There is no Porter stemming: `organ` would find `organization`, and `minors`
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
    from collections.abc import Iterable, Sequence

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
"""Boost for items taken from running text, relative to those of a printed list."""

FAVOURED = 2.0
"""Boost for records from a year named in the query."""

TYPED = 1.05
"""Boost for records that hold the word as typed and not only what it was expanded to."""

BASE = 0.6
"""Share of the score given for any match; the rest scales with bm25 relative to the best match."""

ALL = 2.5
"""Exponent of the share of units that a record matches; a higher one favours records that match all."""

ENOUGH = 10
"""If at least this many records match all units, the query is not relaxed."""

POOL = 1_000
"""Number of matches that are scored, the best by bm25; nearly all queries of the packaged data have fewer."""

ITEM = TABLES["recommendations"].singular

BY_MATCH = "select rowid from search where search match ?"

COLUMNS = ("text", "text", "theme", "name", "keyword")


class Found:
    """The result of a search: the best rows with their scores, the units of the query, and notes for the user.

    `match` is the FTS5 query, empty for a query of years alone; `within` holds the filters.
    """

    __slots__ = ("match", "notes", "relaxed", "rows", "units", "within")

    def __init__(self, within: Within) -> None:
        self.rows: list[Ranked] = []
        self.notes: list[str] = []
        self.units: list[Unit] = []
        self.relaxed = False
        self.match = ""
        self.within = within

    def matches(self, what: str) -> tuple[str, list[str | int]]:
        """Return the SQL that selects `what`, columns of `search_rows r`, for all matches."""
        if not self.match:
            return f"select {what} from search_rows r where true{self.within[0]}", self.within[1]
        sql = f"select {what} from search join search_rows r on r.rowid = search.rowid where search match ?"
        return sql + self.within[0], [self.match, *self.within[1]]

    def total(self, db: sqlite3.Connection) -> int:
        """Return how many records match."""
        return int(db.execute(*self.matches("count(*)")).fetchone()[0]) if self.rows else 0


def search(
    db: sqlite3.Connection,
    query: Query,
    types: Sequence[str] = (),
    years: Sequence[int] = (),
    themes: Sequence[str] = (),
    most: int = 0,
) -> Found:
    """Return the best matches of a query within the types, years and themes given, best first.

    Up to `POOL` matches are returned, or up to `most` if that is more.
    """
    found = Found(_within(types, years, themes))
    if query.cut:
        found.notes.append(f"only the first {LONGEST} words of the query were used")
    groups, favoured = _years_apart(db, meant(db, query.groups, found.notes))
    found.units = [unit for group in groups for unit in group]
    if groups:
        found.match = _match(" AND ", groups, query.excluded)
        if len(groups) > 1 and _count(db, found.match, found.within, ENOUGH) < ENOUGH:
            found.match = _match(" OR ", groups, query.excluded)
            found.relaxed = True
        found.rows = _ranked(db, found, groups, favoured, max(most, POOL))
    elif favoured:
        (clause, asked), (of_years, wanted) = _within(types or [ITEM], years, themes), _within((), sorted(favoured), ())
        found.within = (clause + of_years, [*asked, *wanted])
        found.rows = [(rowid, 1.0) for (rowid,) in db.execute(*found.matches("r.rowid"))]
    return found


def _match(joint: str, groups: Sequence[Sequence[Unit]], excluded: Sequence[Unit]) -> str:
    """Return the FTS5 query for groups of units and excluded units."""
    wanted = joint.join(f"({_either(group)})" for group in groups)
    return f"({wanted}) NOT ({_either(excluded)})" if excluded else wanted


def _years_apart(db: sqlite3.Connection, groups: list[list[Unit]]) -> tuple[list[list[Unit]], set[int]]:
    """Separate the years of conferences from a query: no text contains them, but records of that year are boosted."""
    known = {str(year) for (year,) in db.execute("select year from conferences")}
    rest = [g for g in groups if len(g) > 1 or g[0].exact or g[0].text not in known]
    return rest, {int(g[0].text) for g in groups if g not in rest}


def _either(group: Sequence[Unit]) -> str:
    return " OR ".join(unit.match() for unit in group)


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


def _from(within: Within) -> str:
    """Return the `from` and `where` clauses of the matches; filters need a join with `search_rows`."""
    joined = " join search_rows r on r.rowid = search.rowid" if within[0] else ""
    return f" from search{joined} where search match ?{within[0]}"


def _count(db: sqlite3.Connection, match: str, within: Within, most: int = -1) -> int:
    """Return the number of matches, counting up to `most`."""
    sql = f"select count(*) from (select 1{_from(within)} limit ?)"
    return int(db.execute(sql, [match, *within[1], most]).fetchone()[0])


def _ranked(
    db: sqlite3.Connection, found: Found, groups: Sequence[Sequence[Unit]], favoured: set[int], most: int
) -> list[Ranked]:
    """Score the best matches by bm25, the share of units they match, and the boosts."""
    weights = ", ".join(map(str, WEIGHTS))
    pool = f"select search.rowid, -bm25(search, {weights}) as score{_from(found.within)} order by score desc limit ?"
    sql = f"select r.rowid, r.type, r.kind, r.year, p.score from ({pool}) p join search_rows r on r.rowid = p.rowid"
    rows = db.execute(sql, [found.match, *found.within[1], most]).fetchall()
    best = max((row[-1] for row in rows), default=1.0) or 1.0
    held = _held(db, groups, [row[0] for row in rows], found.relaxed)
    boosts = {table.singular: table.indexed.boost for table in TABLES.values() if table.indexed}
    in_prose = {kind.name for kind in KINDS.values() if not kind.listed}
    named = _named(db, groups)
    ranked = []
    for rowid, type_, kind, year, score in rows:
        boost = boosts[type_] * held[rowid] * (BASE + (1 - BASE) * score / best)
        boost *= PROSE if type_ == ITEM and kind in in_prose else 1.0
        boost *= FAVOURED if year in favoured else 1.0
        boost *= NAMED if rowid in named else 1.0
        ranked.append((rowid, boost))
    return sorted(ranked, key=lambda r: (-r[1], r[0]))


def _held(
    db: sqlite3.Connection, groups: Sequence[Sequence[Unit]], rowids: Sequence[int], relaxed: bool
) -> dict[int, float]:
    """Return for each record the share of the units that it matches, as a factor up to 1; rare units weigh more.

    Unless the query is `relaxed`, every record matches all units.
    """
    (size,) = db.execute("select max(rowid) from search_rows").fetchone()
    among = set(rowids)
    held = dict.fromkeys(rowids, 0.0)
    whole = 0.0
    for group in groups:
        match, typed = _either(group), _typed(group)
        number = _count(db, match, ("", [])) if relaxed else 0
        rarity = math.log(1 + (size - number + 0.5) / (number + 0.5))
        whole += rarity * TYPED
        have = _among(db, match, among) if relaxed else among
        exact = _among(db, typed, among) if typed != match else have
        for rowid in have:
            held[rowid] += rarity * (TYPED if rowid in exact else 1.0)
    return {rowid: (share / whole) ** ALL for rowid, share in held.items()}


def _among(db: sqlite3.Connection, match: str, rowids: set[int]) -> set[int]:
    """Return the records among `rowids` that match."""
    return {rowid for (rowid,) in db.execute(BY_MATCH, (match,)) if rowid in rowids}


def _named(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> set[int]:
    """Return the people, organizations and instruments whose name contains the words of the query as a phrase."""
    name = " ".join(group[0].text for group in groups)
    rows = db.execute(BY_MATCH, (f'title : "{name}"',)).fetchall()
    named = [table.singular for table in TABLES.values() if table.indexed and table.indexed.named]
    sql = f"select rowid from search_rows where type in {tuple(named)} and rowid in (select value from json_each(?))"
    return {rowid for (rowid,) in db.execute(sql, (str([r for (r,) in rows]),))} if rows else set()


def _typed(group: Iterable[Unit]) -> str:
    return " OR ".join(f'"{unit.text}"{"*" if unit.prefix else ""}' for unit in group)


def rows(db: sqlite3.Connection, found: Found, limit: int) -> list[Row]:
    """Return `type id year title snippet score kind matched` for the best rows of a result."""
    ranked = found.rows[:limit]
    rowids = [rowid for rowid, _ in ranked]
    reasons = explain(db, rowids, found.units) if found.units else {}
    sql = f"select rowid, type, id, year, kind, title from search_rows where rowid in ({', '.join('?' * len(rowids))})"
    shown = {rowid: columns for rowid, *columns in db.execute(sql, rowids)}
    made: list[Row] = []
    for rowid, score in ranked:
        type_, id_, year, kind, title = shown[rowid]
        snippet, why = reasons.get(rowid, ("", ""))
        made.append((type_, id_, year, title, snippet or title, round(score, 3), kind, why))
    return made


def explain(db: sqlite3.Connection, rowids: Sequence[int], units: Sequence[Unit]) -> dict[int, tuple[str, str]]:
    """Return for each record its text with the matches in [brackets], and the matched words of each column."""
    match = " OR ".join(unit.match() for unit in units)
    marks = ", ".join(f"highlight(search, {n}, char(2), char(3))" for n in range(len(COLUMNS)))
    snippets = "snippet(search, 1, '[', ']', '…', 40), snippet(search, 0, '[', ']', '…', 40)"
    places = ", ".join("?" * len(rowids))
    rows = db.execute(
        f"select rowid, {marks}, {snippets} from search where search match ? and rowid in ({places})",
        [match, *rowids],
    )
    typed = {unit.text for unit in units}
    prefixes = tuple(unit.text for unit in units if unit.prefix)
    return {rowid: (_marked(*texts), _why(texts[:5], typed, prefixes)) for rowid, *texts in rows}


def _marked(title: str, body: str, subjects: str, names: str, keywords: str, in_body: str, in_title: str) -> str:
    return in_body if "\x02" in (body or "") or not in_title else in_title


def _why(texts: Sequence[str], typed: set[str], prefixes: tuple[str, ...]) -> str:
    """Return the matched words by column, marked where only an expansion matched."""
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
    """Return messages with words, themes and people similar to the words of a query that found nothing."""
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
