"""Ranking of search results by how well they match, and by how much of the query they match.

This module scores the best matches of the index. For each group of the query, a record gets a match score (BM25 over
weighted columns; a synonym counts less than the word as typed, a search term by its similarity to the query) times the
rarity of the group. Their sum is reduced by the share of groups that the record lacks. Boosts depend on the query: they
favour the record that it names, or figures if it contains digits.
"""

from __future__ import annotations

import math

from cthbkb.columns import items
from cthbkb.registry import KINDS, TABLES
from cthbkb.terms import LIGHT, STOP, label

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

__all__ = ["ITEM", "Found", "count", "ranked", "under"]

WEIGHTS = (3.0, 2.0, 1.2, 0.9, 0.4)
"""Column weights: title, body, keywords, names, about."""

LENGTHS = (6.0, 28.0, 10.0, 14.0, 24.0)
"""Typical lengths of these columns, in words; in a longer text, a word counts less."""

SHORT = 0.3
"""Strength of the length normalisation, from 0 to 1 (`b` in BM25)."""

FULL = 0.8
"""Weighted number of occurrences that gives half of the maximum score (`k1` in BM25)."""

NAMED = 3.0
"""Boost for the record whose name or label equals the query."""

CALLED = 1.6
"""Boost for people, bodies and instruments whose name contains all words of the query."""

PLACED = 1.2
"""Boost for people whose name, position, body and country together contain all words of the query."""

TOGETHER = 1.3
"""Boost for records that contain a query of several words exactly as typed."""

LIFTED = 1.25
"""Boost for the records of a theme whose label equals the query."""

THEMED = 0.30
"""Minimum score of a record of such a theme, even if it lacks words of the query, as a share of the best score."""

COUNTED = 1.3
"""Boost for figures if the query asks for a number or a share."""

COUNTS = frozenset("number numbers share shares percentage percentages proportion rate rates figure figures".split())
"""Words that ask for a figure; the record of the figure need not contain them."""

FIGURES = 1.8
"""Boost for figures if the query contains digits."""

ASKED = 2.2
"""Boost for records of the types that a question asks for, such as people for `who`."""

OF_KIND = 1.5
"""Boost for records whose type or kind is named in the query."""

SPEAKER = 0.8
"""Score of the people in a matching session, if the query asks who, as a share of the score of the session."""

SESSIONS = 2
"""Maximum number of sessions whose speakers are added."""

NEAR = 0.7
"""Minimum score of such a session, as a share of the best session's score."""

HEADED = 0.6
"""Minimum similarity of the query and a search term of a theme or thread for its items to be boosted too."""

LIFT = 0.6
"""Increase in the score of the items of such a theme or thread, as a share, if the term equals the query."""

UNDER = 0.35
"""Minimum score of such an item, as a share of the best score."""

PROSE = 0.92
"""Weight of items taken from running text, relative to items of a printed list."""

HEADS = 0.87
"""Weight of themes and threads, whose main purpose is to lead to items."""

BESIDE = 0.78
"""Weight of records of other types, unless another boost applies."""

OF_SOURCES = 0.75
"""Weight of records about the documents themselves rather than about their subject."""

FAVOURED = 2.4
"""Boost for records from a year named in the query."""

PLAIN = 0.3
"""Weight of a common English word that names no subject."""

FAINT = 0.2
"""Factor for the weight of light words and words for numbers in a query that has other words."""

AMONG = 0.6
"""Maximum boost for a record that has themes in common with the best matches."""

FIRST = 8
"""Number of best matches whose themes are considered."""

RAREST = 0.7
"""Upper limit for the rarity of a word, as a share of the maximum."""

LONG = 0.5
"""Weight added for each further word of a phrase."""

CORRECTED = 2.0
"""Upper limit for the weight of a corrected word."""

UNKNOWN = 4.0
"""Weight of a word that no record contains, equal to the weight of a rare word."""

TERM = 1.0
"""Score of a match through a search term that equals the query."""

WHOLE = 0.7
"""Minimum similarity of the query and a search term for its record to count as complete."""

LACKING = 1.6
"""Exponent of the share of the query that a record contains; a higher one increases the penalty for missing words."""

LEAST = 0.25
"""Minimum share of the query's weight that a record must contain to be shown."""

MISSED = 0.6
"""Maximum share of the query's weight in words that no record contains; above it, nothing is shown."""

POOL = 1_000
"""Maximum number of matches that are all scored; hardly any query has more in the packaged data."""

BEST = 300
"""Number of matches scored if there are more than `POOL`: the best ones by SQLite's own ranking."""

ITEM = TABLES["recommendations"].singular


class Found:
    """The result of a search: the best rows with their scores, the interpretation of the query, and notes on it.

    `match` is the FTS5 query, which is empty if the query consists only of years; `within` are the filters. `missing`
    lists the words that no record contains, `lacks` maps a row to the words that it lacks, and `labels` are the themes
    that the query names. `leads` maps rows to the search terms that found them, `under` contains the rows below the
    themes and threads found in this way, and `speaks` maps people to the session through which they were found. `many`
    is set if not all matches were scored; `besides` then contains the rows in `leads`, `under` and `speaks` that do not
    match. `strange` is set if a missing word is not a common English word either.
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
        "speaks",
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
        self.speaks: dict[int, str] = {}
        self.besides: set[int] = set()
        self.many = False
        self.relaxed = False
        self.strange = False
        self.match = ""
        self.within = within

    def matches(self, what: str) -> tuple[str, list[str | int]]:
        """Return the SQL query for `what`, columns of `search_rows r`, of all matches."""
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
        """Return the number of records that answer the query."""
        if not self.many:
            return len(self.rows)
        return int(db.execute(*self.matches("count(*)")).fetchone()[0]) + len(self.besides)


def _from(within: Within) -> str:
    """Return the SQL source of the matches; the columns that filters use are in `search_rows`."""
    joined = " join search_rows r on r.rowid = search.rowid" if within[0] else ""
    return f" from search{joined} where search match ?{within[0]}"


def count(db: sqlite3.Connection, match: str, within: Within, most: int = -1) -> int:
    """Return the number of matching records, or `most` if there are more."""
    sql = f"select count(*) from (select 1{_from(within)} limit ?)"
    return int(db.execute(sql, [match, *within[1], most]).fetchone()[0])


def ranked(
    db: sqlite3.Connection,
    found: Found,
    groups: Sequence[Sequence[Unit]],
    favoured: set[int],
    named: Sequence[tuple[str, str, str]],
    query: Query,
    most: int,
) -> list[Ranked]:
    """Score the best matches; return `(rowid, score)` pairs, complete matches first, then by score."""
    rows = _pool(db, found, most)
    (size,) = db.execute("select max(rowid) from search_rows").fetchone()
    wanted = [[sense for unit in group for sense in _senses(unit, size or 0)] for group in groups]
    weights = [
        max((worth for _, worth in senses), default=UNKNOWN * (PLAIN if all(unit.plain for unit in group) else 1))
        for group, senses in zip(groups, wanted, strict=True)
    ]
    light = [all(unit.text in LIGHT | COUNTS and not unit.exact for unit in group) for group in groups]
    if not all(light):
        weights = [weight * (FAINT if of else 1) for weight, of in zip(weights, light, strict=True)]
        wanted = [
            [(variants, worth * (FAINT if of else 1)) for variants, worth in senses]
            for senses, of in zip(wanted, light, strict=True)
        ]
    asked = sum(weights)
    led = {n for lead in found.leads.values() for n in lead.groups}
    if sum(w for n, (w, senses) in enumerate(zip(weights, wanted, strict=True)) if not senses and n not in led) > (
        MISSED * asked
    ):
        return []
    boosts = _Boosts(found, groups, favoured, named, query)
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
    made = []
    common_ = _common_themes(scored) if len(groups) > 1 and not boosts.phrase else {}
    for score, themed, rowid, lacks, boost, of in scored:
        boost *= 1 + AMONG * max((common_.get(theme, 0.0) for theme in of), default=0.0)
        if rowid in found.under:
            *_, lead = found.under[rowid]
            score = max(score * (1 + LIFT * lead.like), UNDER * lead.like * best)
        if themed:
            score = max(score * LIFTED, THEMED * best)
        elif lacks and not (rowid in found.leads and found.leads[rowid].like >= WHOLE):
            found.lacks[rowid] = lacks
        made.append((rowid, score * boost))
    if "person" in boosts.asked:
        made = _with_speakers(db, found, made, {row[0]: row[2] for row in rows if row[1] == "session"})
    return sorted(made, key=lambda r: (r[0] in found.lacks, -r[1], r[0]))


def _with_speakers(
    db: sqlite3.Connection, found: Found, made: Sequence[Ranked], sessions: Mapping[int, str]
) -> list[Ranked]:
    """Add the speakers of the best matching sessions, since a person's own text does not say what they spoke at."""
    scores = dict(made)
    best = sorted((row for row in scores if row in sessions), key=lambda row: -scores[row])[:SESSIONS]
    best = [row for row in best if scores[row] >= NEAR * scores[best[0]]]
    sql = (
        "select distinct r.rowid from appearances a join search_rows r on r.id = a.person and r.type = 'person'"
        f" where a.session = ?{found.within[0]}"
    )
    for session in best:
        score = SPEAKER * scores[session]
        for (row,) in db.execute(sql, (sessions[session], *found.within[1])).fetchall():
            if score > scores.get(row, 0.0):
                scores[row] = score
                found.speaks[row] = sessions[session]
                found.lacks.pop(row, None)
                if session in found.lacks:
                    found.lacks[row] = found.lacks[session]
    if found.many and found.speaks:
        found.besides |= found.speaks.keys() - {row for (row,) in db.execute(*found.matches("r.rowid"))}
    return [*scores.items()]


def _pool(db: sqlite3.Connection, found: Found, most: int) -> list[tuple[Any, ...]]:
    """Return the rows to score: all matches or, if there are too many, the best ones by SQLite's own ranking."""
    what = "r.rowid, r.type, r.id, r.kind, r.year, r.themes, s.title, s.body, s.keywords, s.names, s.about"
    led = {*found.leads, *found.under}
    if not found.match:
        return _rows(db, what, led)
    matched = [found.match, *found.within[1]]
    found.many = count(db, found.match, found.within, max(most, POOL) + 1) > max(most, POOL)
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


def under(db: sqlite3.Connection, leads: Mapping[int, Lead], within: Within) -> dict[int, tuple[str, str, Lead]]:
    """Return the rows below themes and threads found by search terms, with type, id and lead of the theme or thread.

    A row below several of them gets the one whose term is most similar to the query.
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
    """Return `what` of the given rows of the index."""
    sql = f"select {what} from search s join search_rows r on r.rowid = s.rowid where s.rowid = ?"
    return [row for rowid in sorted(rows) for row in db.execute(sql, (rowid,))]


def _common_themes(scored: Sequence[tuple[float, bool, int, list[str], float, list[str]]]) -> dict[str, float]:
    """Return the themes of the best matches, the likely subject of a question, each with its share of their scores."""
    best = sorted(scored, key=lambda s: -s[0] * s[4])[:FIRST]
    whole = sum(s[0] * s[4] for s in best) or 1.0
    share: dict[str, float] = {}
    for score, _, _, _, boost, of in best:
        for theme in of:
            share[theme] = share.get(theme, 0.0) + score * boost / whole
    return share


def _senses(unit: Unit, size: int) -> Iterator[Sense]:
    """Yield the senses of a unit: the variants of each sense with their weights, and its weight by its rarity.

    Variants are padded with spaces, like words in a folded text. The rarity of a word is limited to `RAREST` of the
    maximum for the number of records, since among few records a word may be rare by chance. A phrase weighs more than
    a word. The weight of a corrected word is limited, however rare it is.
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
    """Return the rarity of a unit that `records` of `size` records contain (inverse document frequency)."""
    records = min(records, size)
    return math.log(1 + (size - records + 0.5) / (records + 0.5))


def _holds(texts: Sequence[str], variants: Sequence[tuple[str, float]]) -> float:
    """Return how often a unit occurs in a record, weighted by column and variant."""
    total = 0.0
    for text, weight, usual in zip(texts, WEIGHTS, LENGTHS, strict=True):
        often = 0.0
        for variant, worth in variants:
            often += worth * text.count(variant)
        if often:
            total += weight * often / (1 - SHORT + SHORT * text.count(" ") / usual)
    return total


class _Boosts:
    """The boosts that records get for a query, by name, type, kind, year and phrase."""

    def __init__(
        self,
        found: Found,
        groups: Sequence[Sequence[Unit]],
        favoured: set[int],
        named: Sequence[tuple[str, str, str]],
        query: Query,
    ) -> None:
        typed = query.typed
        self.named = {(TABLES[field].singular, id_) for field, id_, _ in named}
        self.favoured = favoured
        self.typed = f" {typed} " if " " in typed else ""
        self.years = [f" {year} " for year in favoured]
        self.words = [[f" {v} " for unit in group for v in unit.variants] for group in groups]
        self.phrase = all(unit.exact for group in groups for unit in group)
        self.asked = query.asked
        self.kinds = {
            v.replace(" ", "-") for group in groups if len(groups) > 1 for unit in group for v in unit.variants
        }
        self.counts = not COUNTS.isdisjoint(typed.split())
        self.digits = any(unit.mark == "quantity" or unit.text.replace(" ", "").isdigit() for unit in found.units)
        self.title = " " + " ".join(group[0].text for group in groups) + " "
        self.called = {table.singular for table in TABLES.values() if table.indexed and table.indexed.named}
        self.of_sources = {TABLES[name].singular for name in ("abbreviations", "discrepancies", "documents")}
        self.heads = {TABLES[name].singular for name in ("themes", "threads")}
        self.prose = {kind.name for kind in KINDS.values() if not kind.listed}

    def _calls(self, type_: str, title: str) -> bool:
        """Return whether the words of the query name a record: part of a person's name, or most of any other name."""
        called = all(any(word in title for word in words) for words in self.words)
        return called and (type_ == "person" or 2 * len(self.words) >= title.count(" ") - 1)

    def of(self, type_: str, id_: str, kind: str, year: int | None, texts: Sequence[str]) -> float:
        """Return the boost of a record: the product of all boosts that apply."""
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
        elif self.counts and type_ == "statistic" and type_ not in self.asked:
            boost *= COUNTED
        if type_ in self.asked:
            boost *= ASKED
        elif type_ != "organization" and (type_ in self.kinds or kind in self.kinds):
            boost *= OF_KIND
        if self.favoured and (year in self.favoured or any(y in texts[4] for y in self.years)):
            boost *= FAVOURED
        return boost
