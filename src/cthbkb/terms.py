"""The query language: words, "phrases", prefix*, -exclusions and OR; expansion and correction of words.

A query becomes groups of *units*. A unit is a word or phrase with its synonyms and inflections from the expansion
table, or, for a word that the database does not contain, its most likely correction. Any text is a valid query.
"""

from __future__ import annotations

from cthbkb.text import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["ASIDE", "LONGEST", "STOP", "Query", "Unit", "meant", "parse"]

LIKE = 0.85
"""Similarity from which a known word corrects an unknown one: `gaurdian` is corrected, `brides` is not."""

LONGEST = 48
"""Maximum number of words in a query; further words are ignored, with a message."""

STOP = frozenset(
    """
    a about actually after all also always am an and any anybody anyone anything are as at be because become becomes
    been before being between but by can could did do does done during ever everyone face faces for from get gets
    getting give given gives go goes had happen happened happens has have he her here him his how i if in into is it
    its just let like make makes many may me might more most much must my need needs never no nor not of off on once
    one ones only onto or other ought our out over own per person play plays really role roles said say says shall
    she should since so some somebody someone something still stop such take takes than that the their them then
    there these they thing things this those through to too under until up upon us very want wants was way ways we
    were what when where whether which while who whom whose why will with within without would yet you your
    """.split()
)
"""Stop words, including those of a typical question."""


ASIDE = frozenset(
    """
    appear appears ask asked asks back came change changed changes come comes conference conferences discussed drop
    drops missing new opinion osce planned position recommend recommendation recommendations recommended
    recommends recurring twice view views wanted year years
    """.split()
)
"""Words about the database itself, ignored if the query has any other word."""


class Unit:
    """A word or phrase of a query: the text as typed, the variants searched for, and how they were obtained."""

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
    """A parsed query: groups of units (OR within a group), excluded units, and whether words were ignored."""

    __slots__ = ("cut", "excluded", "groups")

    def __init__(self) -> None:
        self.groups: list[list[Unit]] = []
        self.excluded: list[Unit] = []
        self.cut = False


def parse(text: str) -> Query:
    """Parse a query; there are no invalid ones."""
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
    """Split a query into `(mark, folded words)`; marks are word, acronym, phrase, prefix (`-`: excluded) and `or`."""
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


def meant(db: sqlite3.Connection, groups: Sequence[list[Unit]], notes: list[str]) -> list[list[Unit]]:
    """Correct unknown words, join adjacent words that form a known phrase, drop stop words and expand the rest."""
    for unit in (unit for group in groups for unit in group if not (unit.exact or unit.prefix or unit.stop)):
        _correct(db, unit, notes)
    made: list[list[Unit]] = []
    n = 0
    while n < len(groups):
        joined, length = _phrase(db, groups[n : n + 5], notes)
        if joined:
            made.append([joined])
        elif not groups[n][0].stop or len(groups[n]) > 1:
            for unit in groups[n]:
                if not unit.exact and not unit.prefix:
                    _expand(db, unit, notes)
            made.append(list(groups[n]))
        n += length
    kept = [g for g in made if len(g) > 1 or g[0].exact or g[0].text not in ASIDE]
    return kept or (made if len(made) == 1 else [])


def _phrase(db: sqlite3.Connection, run: Sequence[list[Unit]], notes: list[str]) -> tuple[Unit | None, int]:
    """Return the longest phrase of the expansion table at the start of some words, and its number of words."""
    for length in range(len(run), 1, -1):
        plain = [group[0] for group in run[:length] if len(group) == 1 and not group[0].exact and not group[0].prefix]
        if len(plain) == length and not (plain[0].stop and plain[-1].stop):
            joined = Unit(" ".join(unit.text for unit in plain))
            if _expand(db, joined, notes):
                return joined, length
    return None, 1


def _expand(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> bool:
    """Add the variants of the expansion table to a unit; return whether the table has it."""
    rows = db.execute(
        "select distinct f.word, e.kind from expansion_words k"
        " join expansion_words f on f.expansion = k.expansion and f.finds = 1"
        " join expansions e on e.id = k.expansion where k.word = ? order by f.rowid",
        (unit.text,),
    ).fetchall()
    if rows:
        found = [word for word, _ in rows]
        unit.variants = list(dict.fromkeys([unit.text, *found]))
        unit.expanded = True
        led = unit.text not in found  # a word that only leads to others is never an inflection of them
        beyond = [word for word, kind in rows if (led or kind != "inflection") and word != unit.text]
        if beyond:
            notes.append(f"{unit.text} also finds: {', '.join(beyond[:8])}")
    return bool(rows)


def _correct(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> None:
    """Replace a word that neither the database nor the expansion table has by its most likely correction."""
    word = unit.text
    if len(word) < 5 or not word.isalpha() or word in ASIDE or _known(db, word):
        return
    import difflib

    rows = db.execute(
        "select term, doc from search_words where length(term) between ? and ? union"
        " select word, 1 from expansion_words where length(word) between ? and ?",
        (len(word) - 2, len(word) + 2) * 2,
    )
    vocabulary = {term: doc for term, doc in rows if term.isalpha() and (term[0] == word[0] or term[1:3] == word[1:3])}
    swapped = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)}
    near = sorted(swapped & set(vocabulary)) or difflib.get_close_matches(word, vocabulary, n=5, cutoff=LIKE)
    if near:
        ratio = {term: difflib.SequenceMatcher(None, word, term).ratio() for term in near}
        best = max(near, key=lambda term: (round(ratio[term], 2), vocabulary[term]))
        notes.append(f"nothing has {word}; searched for {best}")
        unit.text = unit.corrected = best
        unit.variants = [best]


def _known(db: sqlite3.Connection, word: str) -> bool:
    """Return whether a word is in the database or in the expansion table, alone or in a phrase."""
    if db.execute("select 1 from search_words where term = ?", (word,)).fetchone():
        return True
    sql = "select 1 from expansion_words where instr(' ' || word || ' ', ?) limit 1"
    return db.execute(sql, (f" {word} ",)).fetchone() is not None
