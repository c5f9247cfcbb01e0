"""Search that finds what people mean: a query language that never fails, expansion by a curated table, and a ranking.

A query is words (all wanted, relaxed to any where too little has them all), "phrases", prefix*, -exclusions and OR.
Each word becomes a *unit*: the word with everything that the expansion table treats alike, or, where the base does
not know it, the word it was most likely meant to be. A record's score is the sum over units of how well it holds the
unit (bm25, weighted by column) times how rare the unit is, raised by the share of units it holds. Porter stemming is
left out: it makes `organ` find `organization` and `minors` find `minorities`.
"""

from __future__ import annotations

import math

from cthbkb.query import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Found", "Query", "Unit", "parse", "search"]

WEIGHTS = (5.0, 4.0, 2.5, 1.5, 2.0)
"""Weights of the columns title, body, subjects, names, keywords."""

PRIORS = {
    "recommendation": 1.0, "person": 0.9, "thread": 0.75, "theme": 0.75, "session": 0.7, "organization": 0.7,
    "instrument": 0.7, "publication": 0.7, "statistic": 0.65, "statement": 0.6,
}  # fmt: skip
"""How much a type of record counts; any other 0.55. What was asked for comes before what was said around it."""

HAVE_NAMES = ("person", "organization", "instrument")

NAMED = 1.7
"""How much more a record of these types counts whose name is what was typed."""

PROSE = 0.7
"""How much a conclusion or goal, which stands in running prose, counts against a printed item."""

IN_PROSE = frozenset({"conclusion", "goal"})

TYPED = 1.05
"""How much more a record counts that holds the word as typed and not only what it was expanded to."""

BASE = 0.6
"""What a record gets for holding a unit at all; the rest is by how well it holds it, against the best."""

ALL = 1.5
"""The power to which the share of units held is raised: how much having all of them counts."""

ENOUGH = 10
"""Records that hold every unit above which the query is not relaxed."""

MANY = 1200
"""Candidates, about the whole of the shipped base, above which the database's own ranking is used as it is: scoring
word by word reads every hit of every word, and costs ten times as much in a base of 30,000 items."""

LONGEST = 48
"""Words of a query that are read; the rest is noise, and said to be left out."""

BY_MATCH = "select rowid from search where search match ?"

COLUMNS = ("text", "text", "theme", "name", "keyword")

STOP = frozenset(
    """
    a about actually after all also always am an and any anybody anyone anything are as at be because become becomes
    been before being between but by can could did do does done during ever everyone face faces for from get gets
    getting give given gives go goes had happen happened happens has have he her here him his how i if in into is it
    its just let like make makes many may me might more most much must my need needs never no of off on once one
    ones only onto or other ought our out over own per person play plays really role roles said say says shall she
    should since so some somebody someone something still stop such take takes than that the their them then there
    these they thing things this those through to too under until up upon us very want wants was way ways we were
    what when where whether which while who whom whose why will with within without would yet you your
    """.split()
)
"""Words that a question is made of and an answer is not found by."""


class Unit:
    """One thing asked for: the text as typed, what is searched for it, and why that is more than the text."""

    __slots__ = ("corrected", "exact", "expanded", "prefix", "stop", "text", "variants")

    def __init__(self, text: str, exact: bool = False, prefix: bool = False, stop: bool = False) -> None:
        self.text = text
        self.exact = exact
        self.prefix = prefix
        self.stop = stop
        self.variants = [text]
        self.expanded = False
        self.corrected = ""

    def match(self) -> str:
        """Return the unit in the query language of FTS5, every token quoted."""
        return " OR ".join(f'"{v}"{"*" if self.prefix else ""}' for v in self.variants)


class Query:
    """A parsed query: groups of units (a group is an OR), units that must not occur, whether words were left out."""

    __slots__ = ("cut", "excluded", "groups")

    def __init__(self) -> None:
        self.groups: list[list[Unit]] = []
        self.excluded: list[Unit] = []
        self.cut = False


class Found:
    """What a search found: rows best first, the talk about it, and the counts of all that matched."""

    __slots__ = ("notes", "relaxed", "rows", "total", "units")

    def __init__(self) -> None:
        self.rows: list[tuple[int, float]] = []
        self.notes: list[str] = []
        self.units: list[Unit] = []
        self.total = 0
        self.relaxed = False


def parse(text: str) -> Query:
    """Read a query; whatever it is, something sensible comes out."""
    query = Query()
    tokens = _tokens(text)
    if len(tokens) > LONGEST:
        tokens, query.cut = tokens[:LONGEST], True
    either = False
    for mark, word in tokens:
        if mark == "or":
            either = bool(query.groups)
            continue
        unit = Unit(word, mark.endswith("phrase"), mark.endswith("prefix"), mark == "word" and word in STOP)
        if mark.startswith("-"):
            query.excluded.append(unit)
        elif either:
            query.groups[-1].append(unit)
        else:
            query.groups.append([unit])
        either = False
    return query


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a query into `(mark, folded words)`; mark is word, acronym, phrase, prefix, the same with `-`, or `or`."""
    for quote in "“”„«»":
        text = text.replace(quote, '"')
    found = []
    parts = text[:20_000].split('"')
    minus = ""
    for n, part in enumerate(parts):
        if n % 2 and n < len(parts) - 1:
            if words(part):
                found.append((minus + "phrase", words(part)))
            minus = ""
            continue
        minus = ""
        for raw in part.split():
            if raw == "OR":
                found.append(("or", ""))
                continue
            without = "-" if raw.startswith("-") and len(raw) > 1 else ""
            word = words(raw)
            if word and raw not in {"AND", "NOT"}:
                acronym = raw.isupper() and len(word) > 1
                found.append((without + ("prefix" if raw.endswith("*") else "acronym" if acronym else "word"), word))
        if part.endswith("-") and not part[-2:-1].strip():
            minus = "-"
    return found


def search(
    db: sqlite3.Connection,
    query: Query,
    types: Sequence[str] = (),
    years: Sequence[int] = (),
    themes: Sequence[str] = (),
) -> Found:
    """Return the rows of `search_rows` that answer a query, best first, within the types, years and themes given."""
    found = Found()
    if query.cut:
        found.notes.append(f"only the first {LONGEST} words were searched for")
    groups = _grouped(db, query.groups, found.notes)
    found.units = [unit for group in groups for unit in group]
    if not groups:
        return found
    excluded = " OR ".join(unit.match() for unit in query.excluded)
    within = _within(types, years, themes)
    matches = [" OR ".join(unit.match() for unit in group) for group in groups]
    every = _not(" AND ".join(f"({m})" for m in matches), excluded)
    match = every
    found.total = _count(db, every, within)
    if found.total < ENOUGH and len(groups) > 1:
        match = _not(" OR ".join(f"({m})" for m in matches), excluded)
        found.relaxed = True
        found.total = _count(db, match, within)
    if found.total > MANY:
        found.rows = _by_database(db, match, within)
    else:
        found.rows = _by_units(db, groups, matches, _candidates(db, match, within))
    return found


def _not(match: str, excluded: str) -> str:
    return f"({match}) NOT ({excluded})" if excluded else match


def _within(types: Sequence[str], years: Sequence[int], themes: Sequence[str]) -> tuple[str, list[str | int]]:
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


def _from(within: tuple[str, list[str | int]]) -> str:
    return f" from search join search_rows r on r.rowid = search.rowid where search match ?{within[0]}"


def _candidates(db: sqlite3.Connection, match: str, within: tuple[str, list[str | int]]) -> dict[int, float]:
    """Return the records that match, each with how much its kind counts."""
    sql = f"select r.rowid, r.type, r.kind{_from(within)}"
    return {
        rowid: PRIORS.get(type_, 0.55) * (PROSE if type_ == "recommendation" and kind in IN_PROSE else 1.0)
        for rowid, type_, kind in db.execute(sql, [match, *within[1]])
    }


def _count(db: sqlite3.Connection, match: str, within: tuple[str, list[str | int]]) -> int:
    sql = "select count(*)" + (_from(within) if within[0] else " from search where search match ?")
    return int(db.execute(sql, [match, *within[1]]).fetchone()[0])


def _by_database(db: sqlite3.Connection, match: str, within: tuple[str, list[str | int]]) -> list[tuple[int, float]]:
    sql = "select search.rowid, -rank" + (_from(within) if within[0] else " from search where search match ?")
    return db.execute(sql + " order by rank limit 200", [match, *within[1]]).fetchall()


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
    name = " ".join(group[0].corrected or group[0].text for group in groups)
    rows = db.execute(BY_MATCH, (f'title : "{name}"',)).fetchall()
    sql = f"select rowid from search_rows where type in {HAVE_NAMES} and rowid in (select value from json_each(?))"
    return {rowid for (rowid,) in db.execute(sql, (str([r for (r,) in rows]),))} if rows else set()


def _typed(group: Iterable[Unit]) -> str:
    return " OR ".join(f'"{unit.corrected or unit.text}"{"*" if unit.prefix else ""}' for unit in group)


def _grouped(db: sqlite3.Connection, groups: Sequence[list[Unit]], notes: list[str]) -> list[list[Unit]]:
    """Join neighbouring words that the table knows as a phrase, drop stop words, expand and correct the rest."""
    made: list[list[Unit]] = []
    n = 0
    while n < len(groups):
        joined, length = _phrase(db, groups[n : n + 5], notes)
        if joined:
            made.append([joined])
        elif not groups[n][0].stop or len(groups[n]) > 1:
            for unit in groups[n]:
                if not unit.exact and not unit.prefix and not _expand(db, unit, notes):
                    _correct(db, unit, notes)
            made.append(list(groups[n]))
        n += length
    return made


def _phrase(db: sqlite3.Connection, run: Sequence[list[Unit]], notes: list[str]) -> tuple[Unit | None, int]:
    """Return the longest phrase of the table with which a run of words begins, and how many words it takes."""
    for length in range(len(run), 1, -1):
        plain = [group[0] for group in run[:length] if len(group) == 1 and not group[0].exact and not group[0].prefix]
        if len(plain) == length and not (plain[0].stop and plain[-1].stop):
            joined = Unit(" ".join(unit.text for unit in plain))
            if _expand(db, joined, notes):
                return joined, length
    return None, 1


def _expand(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> bool:
    """Give a unit everything that the table treats alike; return whether the table knows it."""
    rows = db.execute(
        "select distinct f.word, e.kind from expansion_words k"
        " join expansion_words f on f.expansion = k.expansion and f.finds = 1"
        " join expansions e on e.id = k.expansion where k.word = ? order by f.rowid",
        (unit.corrected or unit.text,),
    ).fetchall()
    others = [word for word, _ in rows if word != unit.text]
    if rows:
        unit.variants = list(dict.fromkeys([unit.corrected or unit.text, *others]))
        unit.expanded = True
        beyond = [word for word, kind in rows if kind != "inflection" and word != unit.text]
        if beyond:
            notes.append(f"{unit.corrected or unit.text} also finds: {', '.join(beyond[:8])}")
    return bool(rows)


def _correct(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> None:
    """Take a word that the base does not have for the word it was most likely meant to be."""
    word = unit.text
    if len(word) < 4 or " " in word or not word.isalpha() or _known(db, word):
        return
    import difflib

    rows = db.execute(
        "select term, doc from search_words where length(term) between ? and ? union"
        " select word, 1 from expansion_words where length(word) between ? and ?",
        (len(word) - 2, len(word) + 2) * 2,
    )
    vocabulary = {term: doc for term, doc in rows if term.isalpha() and (term[0] == word[0] or term[1:3] == word[1:3])}
    near = difflib.get_close_matches(word, vocabulary, n=5, cutoff=0.8)
    if near:
        ratio = {term: difflib.SequenceMatcher(None, word, term).ratio() for term in near}
        best = max(near, key=lambda term: (round(ratio[term], 2), vocabulary[term]))
        notes.append(f"nothing has {word}; searched for {best}")
        unit.corrected = best
        unit.variants = [best]
        _expand(db, unit, notes)


def _known(db: sqlite3.Connection, word: str) -> bool:
    return db.execute("select 1 from search_words where term = ?", (word,)).fetchone() is not None


def explain(db: sqlite3.Connection, rowids: Sequence[int], units: Sequence[Unit]) -> dict[int, tuple[str, str]]:
    """Return for each record its text with the matches in [brackets], and where each match stands."""
    match = " OR ".join(unit.match() for unit in units)
    marks = ", ".join(f"highlight(search, {n}, char(2), char(3))" for n in range(len(COLUMNS)))
    snippets = "snippet(search, 1, '[', ']', '…', 40), snippet(search, 0, '[', ']', '…', 40)"
    places = ", ".join("?" * len(rowids))
    rows = db.execute(
        f"select rowid, {marks}, {snippets} from search where search match ? and rowid in ({places})", [match, *rowids]
    )
    typed = {w for unit in units for w in (unit.text, unit.corrected) if w}
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
