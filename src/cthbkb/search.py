"""Search over every kind of record: which records a query means, in which order, and why.

The index finds the records; the best of them are scored here. A record's score is the sum over the groups of the query
of how well it holds one (BM25 over weighted columns, a synonym being worth less than the word as typed) times how rare
it is, and falls with the share of the groups that it lacks. What the query asks for decides what comes first: the
record whose name it is, figures for digits. All groups are wanted, relaxed to most of them where too little has all.
"""

from __future__ import annotations

import math

from cthbkb.columns import items
from cthbkb.errors import shown, unknown
from cthbkb.leads import leads
from cthbkb.registry import KINDS, TABLES
from cthbkb.terms import ABOUT, LONGEST, STOP, common, label, meant, parse, question
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from cthbkb.columns import Row
    from cthbkb.leads import Lead
    from cthbkb.terms import Query, Unit

    Within = tuple[str, list[str | int]]
    Ranked = tuple[int, float]
    Sense = tuple[list[tuple[str, float]], float]

__all__ = ["Found", "nearest", "rows", "search", "type_of"]

WEIGHTS = (3.0, 2.0, 1.2, 0.9, 0.4)
"""Weights of the columns title, body, keywords, names, about."""

LENGTHS = (6.0, 28.0, 10.0, 14.0, 24.0)
"""Usual lengths of these columns, in words: in a longer text a word counts for less."""

SHORT = 0.3
"""How much the length of a text counts, from 0 to 1."""

FULL = 0.8
"""The weighted number of occurrences that is half of enough."""

NAMED = 3.0
"""Boost for the record whose name or label is the query."""

CALLED = 1.6
"""Boost for people, bodies and instruments in whose name all the words stand."""

PLACED = 1.2
"""Boost for people in whose name, position, body and country all the words stand."""

TOGETHER = 1.3
"""Boost for records in which several words stand as they were typed."""

LIFTED = 1.25
"""Boost for the records of a theme of which the query is a label."""

THEMED = 0.30
"""Score of a record of such a theme that has none of the words, as a share of the best."""

FIGURES = 1.8
"""Boost for figures where the query has digits."""

ASKED = 1.8
"""Boost for records of a type that the query asks for."""

OF_KIND = 1.5
"""Boost for records of a type or kind that the query names."""

HEADED = 0.5
"""Likeness of a search term of a theme or thread and a query from which on its items are lifted."""

LIFT = 0.6
"""How much the items of such a theme or thread gain where the term is all of the query."""

UNDER = 0.35
"""The least score of such an item, as a share of the best."""

PROSE = 0.92
"""Weight of an item read from running text against one of a printed list."""

HEADS = 0.87
"""Weight of themes and threads, which lead to items."""

BESIDE = 0.78
"""Weight of the other records where nothing else speaks for them."""

OF_SOURCES = 0.75
"""Weight of records that tell of the documents and not of what these tell of."""

FAVOURED = 1.6
"""Boost for records from a year named in the query."""

PLAIN = 0.3
"""What a common English word that names no subject counts for."""

AMONG = 0.6
"""How much a record gains of whose themes are those of the best matches."""

FIRST = 12
"""Matches whose themes are looked at."""

RAREST = 0.5
"""Share of the greatest rarity that a word can count for."""

LONG = 0.5
"""What each further word of a term adds to its weight."""

CORRECTED = 2.0
"""The most that a corrected word counts for."""

UNKNOWN = 4.0
"""What a word that nothing has counts for: as much as a rare one."""

TERM = 1.0
"""What a word of a search term counts for that is all of the query."""

WHOLE = 0.7
"""Likeness of a search term and a query from which on its record lacks nothing."""

LACKING = 1.6
"""Exponent of the share of the query that a record holds: the higher, the more having all of it counts."""

LEAST = 0.25
"""Share of the query's weight that a record must hold to be shown."""

MISSED = 0.6
"""Share of the query's weight in words that nothing has, from which on nothing is shown."""

ENOUGH = 30
"""Matches from which on a query is not relaxed."""

POOL = 1_000
"""Matches up to which all are scored: more than the shipped base has for nearly any query."""

BEST = 300
"""Matches that are scored where there are more, the best by the index's own ranking."""

ITEM = TABLES["recommendations"].singular

TOLD = 3
"""Columns that are named as the reason of a hit."""

REPEATED = frozenset({"id", "number", "sort_name", "themes"})
"""Columns that mostly repeat others, and are named where no other has the word."""

SNIPPET = 40
"""Words of a text that are shown around a match."""


class Found:
    """What a search found: the best rows with their scores, what the query was taken to mean, and notes about it.

    `match` is the query of FTS5, empty for a query of nothing but years; `within` narrows either. `missing` are the
    words that nothing has, `lacks` says for a row what of the query it lacks, `labels` are the themes of which the
    query is a name, `leads` the rows to which search terms lead, and `under` those below the themes and threads among
    them. There are `many` matches where not all were scored, and `besides` are rows of these two that are none.
    It is `strange` where a word that nothing has is no common English one either.
    """

    __slots__ = (
        "besides",
        "labels",
        "lacks",
        "leads",
        "many",
        "match",
        "missing",
        "notes",
        "relaxed",
        "rows",
        "strange",
        "under",
        "units",
        "within",
    )

    def __init__(self, within: Within) -> None:
        self.rows: list[Ranked] = []
        self.notes: list[str] = []
        self.units: list[Unit] = []
        self.missing: list[str] = []
        self.lacks: dict[int, list[str]] = {}
        self.labels: dict[str, str] = {}
        self.leads: dict[int, Lead] = {}
        self.under: dict[int, tuple[str, str, Lead]] = {}
        self.besides: set[int] = set()
        self.many = False
        self.relaxed = False
        self.strange = False
        self.match = ""
        self.within = within

    def matches(self, what: str) -> tuple[str, list[str | int]]:
        """Return the query of `what`, columns of `search_rows r`, of all that match."""
        if not self.match:
            return f"select {what} from search_rows r where true{self.within[0]}", self.within[1]
        sql = f"select {what} from search join search_rows r on r.rowid = search.rowid where search match ?"
        return sql + self.within[0], [self.match, *self.within[1]]

    def each(self, db: sqlite3.Connection, what: str) -> Iterator[Row]:
        """Yield `what`, columns of `search_rows r`, of each record that answers the query."""
        if self.many:
            yield from db.execute(*self.matches(what))
        sql = f"select {what} from search_rows r where r.rowid = ?"
        for rowid in sorted(self.besides) if self.many else [rowid for rowid, _ in self.rows]:
            yield from db.execute(sql, (rowid,))

    def total(self, db: sqlite3.Connection) -> int:
        """Return how many records answer the query."""
        if not self.many:
            return len(self.rows)
        return int(db.execute(*self.matches("count(*)")).fetchone()[0]) + len(self.besides)


def search(
    db: sqlite3.Connection,
    query: Query,
    types: Sequence[str] = (),
    years: Sequence[int] = (),
    themes: Sequence[str] = (),
    most: int = 0,
) -> Found:
    """Return the rows of `search_rows` that answer a query, best first, within the types, years and themes given.

    All matches are returned up to `POOL` or `most`; of more than that, the best `BEST` or `most`.
    """
    found = Found(_within(types, years, themes))
    if query.cut:
        found.notes.append(f"only the first {LONGEST} words of the query were used")
    words, answering = question(query.typed)
    if words:
        higher = [table.name for table in TABLES.values() if table.singular in answering]
        found.notes.append(f"{words}: ranks {', '.join(higher)} higher")
    named = _named(db, query.typed)
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
    found.leads = _leads(db, groups, found.within) if query.typed else {}
    had = [group for group in groups if not all(unit.missing for unit in group)]
    found.missing = [unit.text for group in groups if group not in had for unit in group]
    found.strange = any(not common(text) for text in found.missing)
    found.under = _under(db, found.leads, found.within) if found.leads else {}
    led = {groups[n][0].text for lead in found.leads.values() for n in lead.groups}
    for text in found.missing:
        only = f"no record has {_quoted(text)}, only search terms" if text in led else f"nothing has {_quoted(text)}"
        found.notes.append(only)
    found.units = [unit for group in had for unit in group if not unit.missing]
    found.labels = {id_: name for field, id_, name in named if field == "themes"}
    if (not had and not found.leads) or (query.strict and found.missing):
        return found
    found.match = _match(" AND ", had, query.excluded, found.labels) if had else ""
    whole = _count(db, found.match, found.within, ENOUGH) if len(had) > 1 else 0
    if len(had) > 1 and whole < ENOUGH and not query.strict and not found.labels:
        found.match = _match(" OR ", had, query.excluded, found.labels)
        found.relaxed = True
    found.rows = _ranked(db, found, groups, favoured, named, query.typed, most)
    if found.lacks and found.rows:
        whole = len(found.rows) - len(found.lacks)
        if whole:
            have = "1 record has" if whole == 1 else f"{whole} records have"
            found.notes.append(f"{have} all the words; those after lack some, and say which")
        else:
            found.notes.append("no record has all the words; each says which it lacks")
    return found


def _leads(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]], within: Within) -> dict[int, Lead]:
    """Return the rows within the filters to which search terms lead."""
    led = leads(db, groups)
    if led and within[0]:
        sql = f"select r.rowid from search_rows r where r.rowid in (select value from json_each(?)){within[0]}"
        rows = db.execute(sql, [str([*led]), *within[1]]).fetchall()
        led = {row: led[row] for (row,) in rows}
    return led


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _match(joint: str, groups: Sequence[Sequence[Unit]], excluded: Sequence[Unit], labels: Collection[str] = ()) -> str:
    """Write the query of FTS5 for groups of units, the units that must not occur, and themes that do as well."""
    wanted = joint.join(f"({_either(group)})" for group in groups)
    for theme in labels:
        wanted = f'({wanted}) OR "{label(theme)}"'
    return f"({wanted}) NOT ({_either(excluded)})" if excluded else wanted


def _either(group: Sequence[Unit]) -> str:
    return " OR ".join(unit.match() for unit in group)


def _years_apart(db: sqlite3.Connection, groups: list[list[Unit]]) -> tuple[list[list[Unit]], set[int]]:
    """Take the years of conferences out of a query that has other words: they favour a year, and no text has them."""
    known = {str(year) for (year,) in db.execute("select year from conferences")}
    rest = [g for g in groups if len(g) > 1 or g[0].exact or g[0].text not in known]
    return rest, {int(g[0].text) for g in groups if g not in rest}


def _aside(db: sqlite3.Connection, groups: list[list[Unit]], found: Found) -> list[list[Unit]]:
    """Put the words about the base itself aside where no record has them beside the others, and say so."""
    rest = [g for g in groups if len(g) > 1 or g[0].mark != "word" or g[0].text not in ABOUT]
    if not rest or len(rest) == len(groups):
        return groups
    if all(not u.missing for g in groups for u in g) and _count(db, _match(" AND ", groups, ()), found.within, 1):
        return groups
    words = [g[0].text for g in groups if g not in rest]
    found.notes.append(f"not searched for: {', '.join(words)}")
    return rest


def _within(types: Sequence[str], years: Sequence[int], themes: Sequence[str]) -> Within:
    """Return the conditions on `search_rows r` and their parameters; a type may be a kind of item."""
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


def _from(within: Within) -> str:
    """Return the source of the matches; what narrows them is in `search_rows`."""
    joined = " join search_rows r on r.rowid = search.rowid" if within[0] else ""
    return f" from search{joined} where search match ?{within[0]}"


def _count(db: sqlite3.Connection, match: str, within: Within, most: int = -1) -> int:
    """Return how many records match, or `most` where that is fewer."""
    sql = f"select count(*) from (select 1{_from(within)} limit ?)"
    return int(db.execute(sql, [match, *within[1], most]).fetchone()[0])


def _named(db: sqlite3.Connection, typed: str) -> list[tuple[str, str, str]]:
    """Return the table, id and name of what a query is the name of."""
    fields = [name for name, table in TABLES.items() if table.spelled and table.indexed]
    spelled = (typed, typed.removesuffix("s"), typed + "s") if len(typed) > 3 else (typed,)
    sql = f"select field, id, name from names where name = ? and field in ({', '.join('?' * len(fields))})"
    for name in spelled if typed else ():
        rows = db.execute(sql, (name, *fields)).fetchall()
        if rows:
            return rows
    return []


def _translated(db: sqlite3.Connection, query: Query, named: Sequence[tuple[str, str, str]], notes: list[str]) -> Query:
    """Return the query in English where it is the name of a theme in another language."""
    for field, id_, name in named:
        if field == "themes":
            sql = "select label, alternative_labels, labels from themes where id = ?"
            label_, others, labels = db.execute(sql, (id_,)).fetchone()
            english = name in {fold(text) for text in (id_, label_, *items(others))}
            if not english and any(fold(text.partition(": ")[2]) == name for text in items(labels)):
                made = parse(label_)
                if any(group[0].text not in made.typed for group in query.groups):
                    notes.append(f"{name} is read as {made.typed}")
                    return made
    return query


def _ranked(
    db: sqlite3.Connection,
    found: Found,
    groups: Sequence[Sequence[Unit]],
    favoured: set[int],
    named: Sequence[tuple[str, str, str]],
    typed: str,
    most: int,
) -> list[Ranked]:
    """Score the best matches of the index's own ranking: how well, and how much of the query, each of them holds."""
    rows = _pool(db, found, most)
    (size,) = db.execute("select max(rowid) from search_rows").fetchone()
    wanted = [[sense for unit in group for sense in _senses(unit, size or 0)] for group in groups]
    weights = [
        max((worth for _, worth in senses), default=UNKNOWN * (PLAIN if all(unit.plain for unit in group) else 1))
        for group, senses in zip(groups, wanted, strict=True)
    ]
    asked = sum(weights)
    led = {n for lead in found.leads.values() for n in lead.groups}
    if sum(w for n, (w, senses) in enumerate(zip(weights, wanted, strict=True)) if not senses and n not in led) > (
        MISSED * asked
    ):
        return []
    boosts = _Boosts(found, groups, favoured, named, typed)
    scored = []
    for rowid, type_, id_, kind, year, about, *columns in rows:
        texts = [f" {text} " for text in columns]
        whole = "".join(texts)
        score = held = 0.0
        lacks = []
        lead = found.leads.get(rowid)
        for n, (group, weight, senses) in enumerate(zip(groups, weights, wanted, strict=True)):
            best = 0.0
            if lead and n in lead.groups:
                best = TERM * lead.like * lead.groups[n] * weight
            for variants, worth in senses:
                present = [(text, share) for text, share in variants if text in whole]
                if present:
                    often = _holds(texts, present)
                    best = max(best, worth * often / (often + FULL))
            if best:
                held += weight
                score += best
            else:
                lacks.append(group[0].text)
        themed = any(f" {label(theme)} " in texts[4] for theme in found.labels)
        if held < LEAST * asked and not themed and rowid not in found.under:
            continue
        score = score / asked * (held / asked) ** LACKING
        of = items(about) if type_ != "theme" else [id_]
        scored.append((score, themed, rowid, lacks, boosts.of(type_, id_, kind, year, texts), of))
    best = max((score for score, *_ in scored), default=1.0) or 1.0
    ranked = []
    common_ = _common_themes(scored) if len(groups) > 1 and not boosts.phrase else {}
    for score, themed, rowid, lacks, boost, of in scored:
        boost *= 1 + AMONG * max((common_.get(theme, 0.0) for theme in of), default=0.0)
        if rowid in found.under:
            *_, lead = found.under[rowid]
            score = max(score * (1 + LIFT * lead.like), UNDER * lead.like * best)
        if themed:
            score = max(score * LIFTED, THEMED * best) if lacks else score * LIFTED
        elif lacks and not (rowid in found.leads and found.leads[rowid].like >= WHOLE):
            found.lacks[rowid] = lacks
        ranked.append((rowid, score * boost))
    return sorted(ranked, key=lambda r: (r[0] in found.lacks, -r[1], r[0]))


def _pool(db: sqlite3.Connection, found: Found, most: int) -> list[tuple[Any, ...]]:
    """Return what is scored: all that match, or the best of them by the index's own ranking where they are many."""
    what = "r.rowid, r.type, r.id, r.kind, r.year, r.themes, s.title, s.body, s.keywords, s.names, s.about"
    led = {*found.leads, *found.under}
    if not found.match:
        return _rows(db, what, led)
    matched = [found.match, *found.within[1]]
    found.many = _count(db, found.match, found.within, max(most, POOL) + 1) > max(most, POOL)
    if not found.many:
        joined = " from search s join search_rows r on r.rowid = s.rowid where search match ?" + found.within[0]
        rows = db.execute(f"select {what}{joined}", matched).fetchall()
        return rows + _rows(db, what, led - {row[0] for row in rows})
    best = (
        f"select search.rowid as id{_from(found.within)} order by bm25(search, {', '.join(map(str, WEIGHTS))}) limit ?"
    )
    joined = f" from ({best}) p join search s on s.rowid = p.id join search_rows r on r.rowid = p.id"
    rows = db.execute(f"select {what}{joined}", [*matched, max(most, BEST)]).fetchall()
    more = led - {row[0] for row in rows}
    if more:
        found.besides = more - {row for (row,) in db.execute(*found.matches("r.rowid"))}
    return rows + _rows(db, what, more)


def _under(db: sqlite3.Connection, leads: Mapping[int, Lead], within: Within) -> dict[int, tuple[str, str, Lead]]:
    """Return the rows under the themes and threads to which search terms lead, each with type, id and lead of its head.

    A row of several has the head whose term is most like the query.
    """
    made: dict[int, tuple[str, str, Lead]] = {}
    near = [row for row, lead in leads.items() if lead.like >= HEADED]
    sql = "select rowid, type, id from search_rows r where type in ('theme', 'thread') and rowid in ({})"
    for head, type_, id_ in db.execute(sql.format(", ".join("?" * len(near))), near).fetchall():
        source, of = "search join search_rows r on r.rowid = search.rowid where search match ?", f'"{label(id_)}"'
        if type_ == "thread":
            source, of = "members m join search_rows r on r.id = m.item and r.type = m.type where m.thread = ?", id_
        for (row,) in db.execute(f"select r.rowid from {source}{within[0]}", (of, *within[1])):
            if row != head and (row not in made or leads[head].like > made[row][2].like):
                made[row] = (type_, id_, leads[head])
    return made


def _rows(db: sqlite3.Connection, what: str, rows: Collection[int]) -> list[tuple[Any, ...]]:
    """Return `what` of some rows of the index."""
    sql = f"select {what} from search s join search_rows r on r.rowid = s.rowid where s.rowid = ?"
    return [row for rowid in sorted(rows) for row in db.execute(sql, (rowid,))]


def _common_themes(scored: Sequence[tuple[float, bool, int, list[str], float, list[str]]]) -> dict[str, float]:
    """Return the themes of the best matches, each with its share of them: what a question is probably about."""
    best = sorted(scored, key=lambda s: -s[0] * s[4])[:FIRST]
    whole = sum(s[0] * s[4] for s in best) or 1.0
    share: dict[str, float] = {}
    for score, _, _, _, boost, of in best:
        for theme in of:
            share[theme] = share.get(theme, 0.0) + score * boost / whole
    return share


def _senses(unit: Unit, size: int) -> Iterator[Sense]:
    """Yield what a unit may mean: how much it counts by its rarity, and the variants with what each is worth.

    The variants have the spaces that stand around them in a folded text. A word is no rarer than `RAREST` of what the
    size of the base allows, since in a small base a word stands once by chance. A term of several words counts for more
    than one. A corrected word does not count for its rarity.
    """
    end = "" if unit.prefix else " "
    words = sum(1 for word in unit.text.split() if word not in STOP)
    long = (1 + LONG * max(0, words - 1)) * (PLAIN if unit.plain else 1)
    most = math.log(1 + size)
    for sense, variants in unit.by_sense().items():
        records = unit.records[sense]
        if records:
            rare = _rarity(size, records) * (max(variants.values()) if sense else 1)
            if not sense:
                rare = min(rare, RAREST * most)
            worth = min(rare, CORRECTED) if unit.corrected else rare
            yield [(f" {v}{end}", 1.0 if sense else share) for v, share in variants.items()], worth * long


def _rarity(size: int, records: int) -> float:
    """Return how much it says of a record that it has what so many records have."""
    records = min(records, size)
    return math.log(1 + (size - records + 0.5) / (records + 0.5))


def _holds(texts: Sequence[str], variants: Sequence[tuple[str, float]]) -> float:
    """Return how often a record has a unit, weighted by column and variant."""
    total = 0.0
    for text, weight, usual in zip(texts, WEIGHTS, LENGTHS, strict=True):
        often = 0.0
        for variant, worth in variants:
            often += worth * text.count(variant)
        if often:
            total += weight * often / (1 - SHORT + SHORT * text.count(" ") / usual)
    return total


class _Boosts:
    """What speaks for a record beside the words it holds, by what the query asks for."""

    def __init__(
        self,
        found: Found,
        groups: Sequence[Sequence[Unit]],
        favoured: set[int],
        named: Sequence[tuple[str, str, str]],
        typed: str,
    ) -> None:
        self.named = {(TABLES[field].singular, id_) for field, id_, _ in named}
        self.favoured = favoured
        self.typed = f" {typed} " if " " in typed else ""
        self.years = [f" {year} " for year in favoured]
        self.words = [[f" {v} " for unit in group for v in unit.variants] for group in groups]
        self.phrase = all(unit.exact for group in groups for unit in group)
        self.asked = question(typed)[1]
        self.kinds = {
            v.replace(" ", "-") for group in groups if len(groups) > 1 for unit in group for v in unit.variants
        }
        self.digits = any(unit.text.replace(" ", "").isdigit() for unit in found.units)
        self.title = " " + " ".join(group[0].text for group in groups) + " "
        self.called = {table.singular for table in TABLES.values() if table.indexed and table.indexed.named}
        self.of_sources = {TABLES[name].singular for name in ("abbreviations", "discrepancies", "documents")}
        self.heads = {TABLES[name].singular for name in ("themes", "threads")}
        self.prose = {kind.name for kind in KINDS.values() if not kind.listed}

    def _calls(self, type_: str, title: str) -> bool:
        """Return whether the words of the query name a record: part of a person's name, most of another."""
        called = all(any(word in title for word in words) for words in self.words)
        return called and (type_ == "person" or 2 * len(self.words) >= title.count(" ") - 1)

    def of(self, type_: str, id_: str, kind: str, year: int | None, texts: Sequence[str]) -> float:
        """Return the boost of a record."""
        boost = 1.0
        if not self.phrase:
            boost = HEADS if type_ in self.heads else BESIDE
            if type_ == ITEM:
                boost = PROSE if kind in self.prose else 1.0
        if (type_, id_) in self.named or texts[0] == self.title:
            boost = NAMED
        elif type_ in self.called and self._calls(type_, texts[0]):
            boost = CALLED
        elif type_ == "person" and len(self.words) > 1 and self._calls(type_, texts[0] + texts[3]):
            boost = PLACED
        if self.typed and any(self.typed in text for text in texts):
            boost *= TOGETHER
        if type_ in self.of_sources:
            boost *= OF_SOURCES
        if self.digits and type_ == "statistic":
            boost *= FIGURES
        if type_ in self.asked:
            boost *= ASKED
        elif type_ != "organization" and (type_ in self.kinds or kind in self.kinds):
            boost *= OF_KIND
        if self.favoured and (year in self.favoured or any(y in texts[4] for y in self.years)):
            boost *= FAVOURED
        return boost


def rows(db: sqlite3.Connection, found: Found, limit: int | None) -> list[Row]:
    """Return `type id year title snippet score kind matched` of the best rows of what was found."""
    ranked = found.rows[:limit]
    marks = ", ".join("?" * len(ranked))
    sql = f"select rowid, type, id, year, kind, title, fields, themes from search_rows where rowid in ({marks})"
    shown = {rowid: columns for rowid, *columns in db.execute(sql, [rowid for rowid, _ in ranked])}
    seek = _Seek(found.units)
    made: list[Row] = []
    for rowid, score in ranked:
        type_, id_, year, kind, title, fields, themes = shown[rowid]
        snippet, why = seek.explain(type_, fields)
        if rowid in found.leads:
            why.append(f'search term "{found.leads[rowid].text}"')
        elif rowid in found.under:
            of, head, lead = found.under[rowid]
            why.append(f'{of} {head} by its search term "{lead.text}"')
        why += [f'theme {theme} by its name "{name}"' for theme, name in found.labels.items() if f'"{theme}"' in themes]
        if lacks := found.lacks.get(rowid, ()):
            why.append(f"lacks {', '.join(lacks)}")
        made.append((type_, id_, year, title, snippet or title, round(score, 3), kind, "; ".join(why)))
    return made


class _Folded(dict[str, list[str]]):
    """The words that a piece of text between spaces has, folded once."""

    def __missing__(self, piece: str) -> list[str]:
        self[piece] = words = fold(piece).split()
        return words


def _reduced(text: str) -> str:
    """Return a text in small letters and without apostrophes."""
    return text.lower().replace("'", "").replace("’", "")


def _plain(text: str, small: str) -> bool:
    """Return whether every folded word of a text stands in it as it is when reduced to `small`."""
    return small.isascii() and "`" not in small and " '" not in text and not ("," in small and _numbered(small))


def _numbered(text: str) -> bool:
    """Return whether a comma of a text stands between digits."""
    parts = text.split(",")
    return any(part[:1].isdigit() for part in parts[1:])


def _places(text: str, word: str) -> Iterator[int]:
    """Yield which words of a text, as spaces part them, have another word in them."""
    at = text.find(word)
    while at >= 0:
        before = text[:at]
        yield len(before.split()) - bool(before and not before[-1].isspace())
        at = text.find(word, at + len(word))


class _Seek:
    """Finds the units of a query in texts as they are stored."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.wanted: dict[str, list[tuple[list[str], bool, bool]]] = {}
        self.prefixes: list[tuple[str, list[str]]] = []
        for unit in units:
            for variant in unit.variants:
                words = variant.lstrip("\ue000").split()
                typed = variant.lstrip("\ue000") == unit.text
                if unit.prefix and len(words) == 1:
                    self.prefixes.append((words[0], words))
                else:
                    self.wanted.setdefault(words[0], []).append((words, typed, unit.prefix))
        self.indexed = {table.singular: table.indexed for table in TABLES.values() if table.indexed}
        self.folded = _Folded()
        self.firsts = [*self.wanted, *(word for word, _ in self.prefixes)]
        self.starts = [f" {word} " for word in self.wanted] + [f" {word}" for word, _ in self.prefixes]

    def find(self, text: str, small: str, present: Sequence[str]) -> list[tuple[int, int, bool]]:
        """Return where matches begin and end, counted in the words of the text, and whether they are as typed.

        `small` is the text reduced, `present` are the first words of what is sought that stand in it: a plain text is
        looked through without being folded.
        """
        if _plain(text, small):
            if not present:
                return []
            pieces = text.split()
            places = sorted({n for word in present for n in _places(small, word)})
        else:
            whole = f" {fold(text)} "
            if not any(start in whole for start in self.starts):
                return []
            pieces = text.split()
            places = list(range(len(pieces)))
        found: list[tuple[int, int, bool]] = []
        for n in places:
            if found and n <= found[-1][1]:
                continue
            for at, word in enumerate(self.folded[pieces[n]]):
                match = self._match(pieces, n, at, word)
                if match:
                    found.append(match)
                    break
        return found

    def _match(self, pieces: Sequence[str], n: int, at: int, word: str) -> tuple[int, int, bool] | None:
        """Return the match that begins with a word of the piece at `n`, if one does."""
        for words, typed, prefix in self.wanted.get(word, ()):
            run = self.folded[pieces[n]][at:]
            end = n
            while len(run) < len(words) and end + 1 < len(pieces):
                end += 1
                run = run + self.folded[pieces[end]]
            run = run[: len(words)]
            if run == words or (prefix and run[:-1] == words[:-1] and run[-1].startswith(words[-1])):
                return n, end, typed
        if any(word.startswith(start) for start, _ in self.prefixes):
            return n, n, True
        return None

    def explain(self, type_: str, fields: str) -> tuple[str, list[str]]:
        """Return the text of a record with the matches in [brackets], and the columns and words of the matches."""
        indexed = self.indexed[type_]
        texts = (*indexed.body, indexed.title)
        why: dict[str, dict[str, bool]] = {}
        snippet = other = ""
        reduced = _reduced(fields)
        plain = _plain(fields, reduced)
        present = [word for word in self.firsts if word in reduced]
        for field, small in zip(fields.split("\x1e"), reduced.split("\x1e"), strict=True):
            here = [word for word in present if word in small]
            if plain and not here:
                continue
            if snippet and len(why) > TOLD:
                break
            name, _, text = field.partition("\x1f")
            found = self.find(text, small[len(name) + 1 :], here)
            if not found:
                continue
            pieces = text.split()
            words = why.setdefault(name, {})
            for first, last, typed in found:
                word = " ".join([_core(piece)[1] for piece in pieces[first : last + 1]]).casefold()
                words[word] = words.get(word, False) or typed
            if name in texts and (not snippet or name in indexed.body[:1]):
                snippet = _marked(pieces, found)
            elif name not in texts and not other:
                other = f"{name}: {_marked(pieces, found, 12)}"
        told = [name for name in why if name not in REPEATED] or list(why)
        parts = []
        for name in told[:TOLD]:
            words = why[name]
            shown = ", ".join(list(words)[:3])
            parts.append(f"{name}: {shown}{'' if any(words.values()) else ' (expanded)'}")
        if not snippet and other:
            named = (field.partition("\x1f") for field in fields.split("\x1e"))
            body = next((text for name, _, text in named if name in texts), "")
            snippet = f"{_marked(body.split(), [], SNIPPET - 12)} ({other})" if body else other
        return snippet, parts


def _core(piece: str) -> tuple[str, str, str]:
    """Cut a word of a text into what stands before it, the word, and what stands after it."""
    if piece.isalnum():
        return "", piece, ""
    left = 0
    right = len(piece)
    while left < right and not piece[left].isalnum():
        left += 1
    while right > left and not piece[right - 1].isalnum():
        right -= 1
    return piece[:left], piece[left:right], piece[right:]


def _marked(pieces: Sequence[str], found: Sequence[tuple[int, int, bool]], most: int = SNIPPET) -> str:
    """Return the words of a text around its first match, with the matches in [brackets]."""
    first = 0
    if len(pieces) > most and found:
        first = max(0, min(found[0][0] - 8, len(pieces) - most))
    shown = list(pieces[first : first + most])
    for start, end, _ in found:
        if first <= start and end < first + most:
            before, word, after = _core(shown[start - first])
            shown[start - first] = f"{before}[{word}" + ("" if end > start else f"]{after}")
            if end > start:
                before, word, after = _core(shown[end - first])
                shown[end - first] = f"{before}{word}]{after}"
    return ("…" if first else "") + " ".join(shown) + ("…" if first + most < len(pieces) else "")


def nearest(db: sqlite3.Connection, query: Query) -> list[str]:
    """Name the terms, themes and people that look like a query for which nothing was found."""
    import difflib

    found = []
    for group in query.groups[:4]:
        word = group[0].text
        names = db.execute("select name, id from names where field in ('themes', 'people', 'organizations')").fetchall()
        near = difflib.get_close_matches(word, [name for name, _ in names], n=3, cutoff=0.6)
        near += difflib.get_close_matches(
            word, [t for (t,) in db.execute("select word from vocabulary where records > 0")], n=3, cutoff=0.7
        )
        if near:
            found.append(f"close to {shown(word)}: {', '.join(dict.fromkeys(near))}")
    return found


def type_of(value: str) -> str:
    """Return the type of record, or the kind of item, for a singular, plural or alias.

    Raises:
        UsageError: for another word.
    """
    known = {
        word: table.singular
        for table in TABLES.values()
        if table.indexed and table.listing
        for word in (table.singular, table.name, table.listing.name, *table.listing.aliases)
    } | {"speaker": "person"}
    known = {word: kind.name for kind in KINDS.values() for word in (kind.name, kind.plural, *kind.words)} | known
    word = value.casefold()
    if word in known:
        return known[word]
    types = sorted(set(known.values()))
    raise unknown("type", value, types, f"Types: {', '.join(types)}.")
