"""Search over all kinds of records: finding the records that match a query.

Records are found through the index and through the search terms of curators; `rank.py` ranks them, and `excerpt.py`
explains why each matched. Records must match all groups of a query; if too few do, most of the groups are enough.
"""

from __future__ import annotations

from cthbkb.columns import items
from cthbkb.errors import shown, unknown
from cthbkb.lexicon import LONGEST_WORD, common
from cthbkb.meaning import meant, theme_called
from cthbkb.rank import ITEM, Found, count, ranked, under
from cthbkb.registry import KINDS, TABLES
from cthbkb.terms import ABOUT, LONGEST, label, parse
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    from cthbkb.leads import Lead
    from cthbkb.rank import Within
    from cthbkb.terms import Query, Unit

__all__ = ["nearest", "search", "type_of"]

ENOUGH = 30
"""Minimum number of complete matches; below it, a query is relaxed."""

PLENTY = 12
"""Minimum number of records with the only word of a query for which search terms are ignored."""


def search(
    db: sqlite3.Connection,
    query: Query,
    types: Sequence[str] = (),
    years: Sequence[int] = (),
    themes: Sequence[str] = (),
    most: int = 0,
) -> Found:
    """Return the rows of `search_rows` that match a query, best first, within the given types, years and themes.

    All matches are returned up to `POOL` or `most`; beyond that, only the best `BEST` or `most`.
    """
    found = Found(_within(types, years, themes))
    if query.cut:
        found.notes.append(f"only the first {LONGEST} words of the query were used")
    if query.question:
        higher = [table.name for table in TABLES.values() if table.singular in query.asked]
        found.notes.append(f"records that answer {query.question!r} rank higher: {', '.join(higher)}")
    named = _named(db, query.typed)
    if not named and len(query.groups) == 1:
        query.groups[0][0].unnamed = query.groups[0][0].text == query.typed
    query = _translated(db, query, named, found.notes)
    groups, favoured = _years_apart(db, meant(db, query, found.notes))
    if not groups:
        if favoured and not query.excluded:
            (clause, asked), (of_years, wanted) = (
                _within(types or [ITEM], years, themes),
                _within((), sorted(favoured), ()),
            )
            found.within = (clause + of_years, [*asked, *wanted])
            found.rows = [(rowid, 1.0) for (rowid,) in db.execute(*found.matches("r.rowid"))]
        return found
    groups = _aside(db, groups, found)
    found.leads = _leads(db, groups, found.within) if query.typed and not _plenty(groups) else {}
    had = [group for group in groups if not all(unit.missing for unit in group)]
    found.missing = [unit.text for group in groups if group not in had for unit in group]
    found.strange = any(not common(text) for text in found.missing)
    led = {groups[n][0].text for lead in found.leads.values() for n in lead.groups}
    for text in found.missing:
        only = f"only search terms contain {_quoted(text)}" if text in led else f"no record contains {_quoted(text)}"
        found.notes.append(only)
    found.units = [unit for group in had for unit in group if not unit.missing]
    found.labels = {id_: name for field, id_, name in named if field == "themes"}
    if (not had and not found.leads) or (query.strict and found.missing):
        return found
    found.match = _match(" AND ", had, query.excluded, found.labels) if had else ""
    whole = count(db, found.match, found.within, ENOUGH) if len(had) > 1 else 0
    if len(had) > 1 and whole < ENOUGH and not query.strict and not found.labels:
        found.match = _match(" OR ", had, query.excluded, found.labels)
        found.relaxed = True
    if found.leads:
        found.under = under(db, found.leads, found.within)
    found.rows = ranked(db, found, groups, favoured, named, query, most)
    if found.lacks and found.rows:
        whole = len(found.rows) - len(found.lacks)
        if whole:
            have = "1 record matches" if whole == 1 else f"{whole} records match"
            found.notes.append(f"{have} all of the query; the others say which words they lack")
        else:
            found.notes.append("no record matches all of the query; each result says which words it lacks")
    return found


def _plenty(groups: Sequence[Sequence[Unit]]) -> bool:
    """Return whether a query is one word that enough records contain, so that search terms would only cost time."""
    return len(groups) == 1 and any(unit.records.get("", 0) >= PLENTY for unit in groups[0])


def _leads(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]], within: Within) -> dict[int, Lead]:
    """Return the rows that search terms find, within the filters."""
    from cthbkb.leads import leads

    led = leads(db, groups)
    if led and within[0]:
        sql = f"select r.rowid from search_rows r where r.rowid in (select value from json_each(?)){within[0]}"
        rows = db.execute(sql, [str([*led]), *within[1]]).fetchall()
        led = {row: led[row] for (row,) in rows}
    return led


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _match(joint: str, groups: Sequence[Sequence[Unit]], excluded: Sequence[Unit], labels: Collection[str] = ()) -> str:
    """Return the FTS5 query for groups of units, with excluded units, and themes as alternatives."""
    wanted = joint.join(f"({_either(group)})" for group in groups)
    for theme in labels:
        wanted = f'({wanted}) OR "{label(theme)}"'
    return f"({wanted}) NOT ({_either(excluded)})" if excluded else wanted


def _either(group: Sequence[Unit]) -> str:
    return " OR ".join(unit.match() for unit in group)


def _years_apart(db: sqlite3.Connection, groups: list[list[Unit]]) -> tuple[list[list[Unit]], set[int]]:
    """Separate conference years from the other words of a query; they boost a year instead of matching text."""
    known = {str(year) for (year,) in db.execute("select year from conferences")}
    rest = [g for g in groups if len(g) > 1 or g[0].exact or g[0].text not in known]
    return rest, {int(g[0].text) for g in groups if g not in rest}


def _aside(db: sqlite3.Connection, groups: list[list[Unit]], found: Found) -> list[list[Unit]]:
    """Drop words such as `recommended` that no record contains together with the other words, and add a note."""
    rest = [g for g in groups if len(g) > 1 or g[0].mark != "word" or g[0].text not in ABOUT]
    if not rest or len(rest) == len(groups):
        return groups
    if all(not u.missing for g in groups for u in g) and count(db, _match(" AND ", groups, ()), found.within, 1):
        return groups
    words = [g[0].text for g in groups if g not in rest]
    found.notes.append(f"not searched for: {', '.join(words)}")
    return rest


def _within(types: Sequence[str], years: Sequence[int], themes: Sequence[str]) -> Within:
    """Return the conditions on `search_rows r` and their parameters; a type may also be a kind of item."""
    clauses = []
    parameters: list[str | int] = []
    if types:
        kinds = [name for name in types if name in KINDS and name != ITEM]
        clause = f"r.type in ({', '.join('?' * len(types))})"
        if kinds:
            of_kind = f"select id from recommendations where kind in ({', '.join('?' * len(kinds))})"
            clause = f"({clause} or r.type = '{ITEM}' and r.id in ({of_kind}))"
        clauses.append(clause)
        parameters += [*types, *kinds]
    if years:
        clauses.append(f"r.year in ({', '.join('?' * len(years))})")
        parameters += years
    if themes:
        either = " or ".join("instr(r.themes, ?)" for _ in themes)
        clauses.append(f"({either})")
        parameters += [f'"{theme}"' for theme in themes]
    return ("".join(f" and {c}" for c in clauses), parameters)


def _named(db: sqlite3.Connection, typed: str) -> list[tuple[str, str, str]]:
    """Return `(table, id, name)` of the records whose name equals the query, or of a theme by its foreign name."""
    fields = [name for name, table in TABLES.items() if table.spelled and table.indexed]
    forms = [typed]
    for text in dict.fromkeys((typed, typed.replace(" ", ""))) if len(typed) > 3 else ():
        forms += [text, text.removesuffix("s"), text + "s"]
    marks = ", ".join("?" * len(forms)), ", ".join("?" * len(fields))
    sql = f"select field, id, name from names where name in ({marks[0]}) and field in ({marks[1]})"
    rows = db.execute(sql, (*forms, *fields)).fetchall() if typed else []
    for form in forms:
        called = [row for row in rows if row[2] == form]
        if called:
            return called
    theme = theme_called(db, typed)
    return [("themes", *theme)] if theme else []


def _translated(db: sqlite3.Connection, query: Query, named: Sequence[tuple[str, str, str]], notes: list[str]) -> Query:
    """Return the query in English if it is the name of a theme in another language."""
    for field, id_, name in named:
        if field == "themes":
            sql = "select label, alternative_labels, labels from themes where id = ?"
            label_, others, labels = db.execute(sql, (id_,)).fetchone()
            english = name in {fold(text) for text in (id_, label_, *items(others))}
            if not english and any(fold(text.partition(": ")[2]) == name for text in items(labels)):
                made = parse(label_)
                if any(group[0].text not in made.typed for group in query.groups):
                    notes.append(f"{query.typed!r} is interpreted as {made.typed!r}")
                    return made
    return query


def nearest(db: sqlite3.Connection, query: Query) -> list[str]:
    """Suggest words, themes, people and bodies similar to a query that found nothing."""
    import difflib

    found = []
    for group in query.groups[:4]:
        word = group[0].text
        if max(map(len, word.split()), default=0) > LONGEST_WORD:
            continue
        names = db.execute("select name, id from names where field in ('themes', 'people', 'organizations')").fetchall()
        near = difflib.get_close_matches(word, [name for name, _ in names], n=3, cutoff=0.6)
        near += difflib.get_close_matches(
            word, [t for (t,) in db.execute("select word from vocabulary where records > 0")], n=3, cutoff=0.7
        )
        if near:
            found.append(f"similar to {shown(word)}: {', '.join(dict.fromkeys(near))}")
    return found


def type_of(value: str) -> str:
    """Return the type of record, or the kind of item, for a singular, plural or alias.

    Raises:
        UsageError: if the word is not known.
    """
    known = {
        word: table.singular
        for table in TABLES.values()
        if table.indexed and table.listing
        for word in (table.singular, table.name, table.listing.name, *table.listing.aliases)
    } | {"speaker": "person", "speakers": "person"}
    known = {word: kind.name for kind in KINDS.values() for word in (kind.name, kind.plural, *kind.words)} | known
    word = value.casefold()
    if word in known:
        return known[word]
    types = sorted(set(known.values()))
    raise unknown("type", value, types, f"Types: {', '.join(types)}.")
