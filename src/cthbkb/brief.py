"""Briefings: what the conferences asked on a theme, in a thread or session, or what a person said there.

A function per kind of subject collects the material. The paper always has the same order: the answer, how the asks
changed, the items by year, who spoke and in what capacity, figures, disagreements between the documents, limits,
citations. A footnote gives the place of every statement taken from a document. This module knows no file formats.
"""

from __future__ import annotations

from itertools import pairwise

from cthbkb import cite, record
from cthbkb.compare import bases, caveat, listed, number, sentence
from cthbkb.compare.asks import Member, asks, places
from cthbkb.compare.theme import Theme
from cthbkb.errors import UsageError
from cthbkb.messages import counted
from cthbkb.origin import OWN_WORDS, label
from cthbkb.page import shortened
from cthbkb.paper import Bullets, Grid, Heading, Note, Paper, Strong, Text
from cthbkb.query import LISTINGS, resolve
from cthbkb.registry import KINDS, LISTED
from cthbkb.scales import MARKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cthbkb.compare import Base
    from cthbkb.compare.asks import Ask
    from cthbkb.copies.resolve import Passage
    from cthbkb.origin import Origin
    from cthbkb.paper import Block

__all__ = ["SUBJECTS", "Subject", "make", "of_person", "of_records", "of_session", "of_theme", "of_thread"]

TOLD = 8
"""Maximum number of items all shown in full; above it, only the place is given of unlisted items that do not ask."""

LISTS = 12
"""Number of items above which those shown in full must also ask, be in a printed list, and belong to a shown ask."""

ASKS = 6
"""Maximum number of asks of a theme shown with their changes; the others are only named."""

FIGURES = 4
REMARKS = 4
DISPUTES = 6
STAGES = 3
"""Maximum numbers of figures, remarks, disagreements and sessions in a briefing."""

SHORT = 130
"""Maximum length, in characters, of the text of an item that only touches on the subject."""

PASSING = 6
"""Maximum number of such items shown per year; above it, only their asks are named, with all places in one footnote."""


class Subject:
    """The material of a briefing: the answer, asks, items, people, figures, and what is omitted."""

    __slots__ = (
        "answer", "asks", "db", "disputed", "facts", "following", "items", "left", "more", "names", "passing", "people",
        "quotes", "remarks", "sessions", "statistics", "subtitle", "title", "years",
    )  # fmt: skip

    def __init__(self, db: sqlite3.Connection, title: str, subtitle: str) -> None:
        self.db = db
        self.title = title
        self.subtitle = subtitle
        self.years: list[Base] = bases(db)
        self.names = places(db)
        self.answer: list[Text] = []
        self.facts: list[tuple[str, str]] = []
        self.asks: list[Ask] = []
        self.following: list[Ask] = []
        self.items: list[Member] = []
        self.passing: list[tuple[str, Member]] = []
        self.remarks: list[str] = []
        self.sessions: list[str] = []
        self.people: list[str] = []
        self.statistics: list[str] = []
        self.left: list[str] = []
        self.disputed: list[str] = []
        self.more: list[str] = []
        self.quotes: Mapping[str, Passage] = {}


ITEM = """
select r.year, r.id, 'recommendation', r.modality <> 'statement', null, r.kind, r.modality, r.session, r.number,
    r.summary, r.document, r.section, r.item
from recommendations r where r.id in (select value from json_each(?)) order by r.seq
"""


def _members(db: sqlite3.Connection, ids: Iterable[str]) -> list[Member]:
    """Return items as `Member` objects, in print order."""
    return [Member(*row) for row in db.execute(ITEM, (listed(ids),))]


def _column(db: sqlite3.Connection, sql: str, *parameters: object) -> list[str]:
    return [str(value) for (value,) in db.execute(sql, parameters)]


def of_theme(db: sqlite3.Connection, themes: Sequence[str], years: Sequence[str] = ()) -> Subject:
    """Collect the material on a theme: its asks, items, speakers and figures."""
    among = [int(y) for y in resolve(db, LISTINGS["recs"], "year", years)]
    theme = Theme(db, among, {"theme": themes})
    main, others = theme.main(), theme.others()
    subject = Subject(db, " and ".join(theme.labels), "")
    subject.years = theme.bases
    subject.asks = main
    shown = {m.id: m for ask in main for y in theme.years for m in ask.ranked(y)}
    subject.passing = [(ask.label, m) for ask, m in others if m.is_item]
    shown |= {m.id: m for y in theme.years for m in theme.outside.get(y, ())}
    subject.items = [m for m in shown.values() if m.is_item]
    states = ", ".join(f"{base.year} {theme.state(base.year)}" for base in theme.bases)
    if len(main) == 1:
        subject.answer = [Text(main[0].summary)]
    elif main:
        names = "; ".join(f"{ask.label} ({ask.pattern(theme.all_years)})" for ask in main[:ASKS])
        more = f"; and {len(main) - ASKS} more" if len(main) > ASKS else ""
        told_ = f"{number(len(main)).capitalize()} asks are about it: {names}{more}."
        subject.answer = [Text(told_), Text(Strong(f"{main[0].label}: "), main[0].summary)]
    else:
        subject.answer = [Text(f"No ask followed over the years is about it: {states}.")]
    told = json_of(theme.themes)
    years_ = json_of(theme.years)
    subject.remarks = _named_first(db, _column(db, _ABOUT.format("statements"), told, years_))
    subject.statistics = _column(db, _ABOUT.format("statistics"), told, years_)
    subject.sessions = _stages(subject)
    subject.more = [f"cthbkb compare {_options(theme.themes)}", f"cthbkb recs {_options(theme.themes)}"]
    return subject


_ABOUT = (
    "select distinct x.id from {0}_themes l join {0} x on x.seq = l.seq"
    " where l.value in (select value from json_each(?)) and x.year in (select value from json_each(?)) order by x.seq"
)


def _named_first(db: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """Put remarks of named people first, and the first remark of each person before any second."""
    speakers = dict(db.execute("select id, speaker from statements where speaker is not null"))
    turns: dict[str, int] = {}
    order = {}
    for id_ in ids:
        speaker = speakers.get(id_)
        order[id_] = (speaker is None, turns.get(str(speaker), 0))
        turns[str(speaker)] = order[id_][1] + 1
    return sorted(ids, key=order.__getitem__)


def json_of(values: Iterable[str | int]) -> str:
    """Return ids or years as a JSON array of strings or numbers."""
    return "[" + ",".join(str(v) if isinstance(v, int) else f'"{v}"' for v in values) + "]"


def _options(themes: Iterable[str]) -> str:
    return " ".join(f"--theme {theme}" for theme in themes)


def of_thread(db: sqlite3.Connection, threads: Sequence[str], years: Sequence[str] = ()) -> Subject:
    """Collect the material on one ask, or several."""
    ids = [str(t) for t in resolve(db, LISTINGS["recs"], "thread", threads)]
    among = [int(y) for y in resolve(db, LISTINGS["recs"], "year", years)]
    known = {ask.id: ask for ask in asks(db, {})}
    subject = Subject(db, "", "")
    subject.years = bases(db, among)
    subject.asks = [known[i] for i in ids if i in known]
    subject.title = " and ".join(ask.label for ask in subject.asks)
    subject.answer = [Text(ask.summary) for ask in subject.asks]
    spoken = {base.year for base in subject.years}
    members = [m for ask in subject.asks for y in ask.members if y in spoken for m in ask.ranked(y)]
    subject.items = list({m.id: m for m in members if m.is_item}.values())
    subject.remarks = list(dict.fromkeys(m.id for m in members if m.kind == "statement"))
    following = dict.fromkeys(i for ask in subject.asks for i in ask.followed_by)
    subject.following = [known[i] for i in following if i in known]
    subject.sessions = _stages(subject)
    subject.more = [f"cthbkb show {ask.id}" for ask in subject.asks]
    return subject


def of_person(db: sqlite3.Connection, people: Sequence[str], years: Sequence[str] = ()) -> Subject:
    """Collect the appearances of a person with their roles, and the reported remarks of that person."""
    (id_,) = [str(p) for p in resolve(db, LISTINGS["speakers"], "person", people)][:1]
    among = {base.year for base in bases(db, [int(y) for y in resolve(db, LISTINGS["recs"], "year", years)])}
    name = label(db, "people", id_)
    subject = Subject(db, name, "")
    rows = db.execute(
        "select id, year, role, session from list_speakers where person = ? order by seq",
        (id_,),
    ).fetchall()
    rows = [row for row in rows if row[1] in among]
    subject.people = [row[0] for row in rows]
    subject.sessions = list(dict.fromkeys(row[3] for row in rows))
    spoken = sorted({row[1] for row in rows})
    mine = _column(db, "select id from recommendations where attributed_to = ? order by seq", id_)
    subject.items = [m for m in _members(db, mine) if m.year in among]
    subject.years = bases(db, sorted({*spoken, *(m.year for m in subject.items)} or among))
    roles = ", ".join(dict.fromkeys(str(row[2]) for row in rows))
    told = (
        f"{name} appears in the documents on the conference{'s' if len(spoken) > 1 else ''} of "
        f"{' and '.join(map(str, spoken))}, in {counted(len(rows), 'parts')} of the programmes ({roles})."
        if rows
        else f"The documents do not name {name} in any part of the programmes of these years."
    )
    subject.answer = [Text(told)]
    subject.subtitle = f"Appearances and remarks, {_years(subject.years)}"
    said = "select id from statements where speaker = ? and year in (select value from json_each(?)) order by seq"
    subject.remarks = _column(db, said, id_, json_of(among))
    subject.left.append(
        "An item belongs to its session and not to a speaker, unless the document attributes it; the items of the "
        "sessions are therefore not listed here."
    )
    subject.more = [f"cthbkb show {id_}"]
    return subject


def of_session(db: sqlite3.Connection, sessions: Sequence[str], years: Sequence[str] = ()) -> Subject:
    """Collect the subject of a session, its participants and its items."""
    del years  # a session has its own
    found = [record.find(db, text) for text in sessions]
    for table, id_ in found:
        if table != "sessions":
            raise UsageError(f"{id_} is not a session", "To list sessions: cthbkb sessions")
    id_ = found[0][1]
    year, type_, title, summary, date, start, end = db.execute(
        'select year, type, title, summary, date, start, "end" from list_sessions where id = ?', (id_,)
    ).fetchone()
    subject = Subject(db, title, "")
    subject.years = bases(db, [year])
    place = subject.names.get(id_, type_)
    subject.subtitle = f"{place} of the conference of {year}"
    when = ", ".join(p for p in (cite.days(date, None), "–".join(t for t in (start, end) if t)) if p)
    subject.answer = [Text(summary or f"{place} of {year}.")]
    subject.disputed = [id_]
    subject.facts = [("Held", when)] if when else []
    subject.sessions = [id_]
    subject.people = _column(db, "select id from list_speakers where session = ? order by seq", id_)
    subject.items = _members(db, _column(db, "select id from recommendations where session = ?", id_))
    subject.remarks = _column(db, "select id from statements where session = ? order by seq", id_)
    subject.statistics = _column(db, "select id from statistics where session = ? order by seq", id_)
    here = {m.id for m in subject.items}
    subject.following = []
    subject.asks = [a for a in asks(db, {}) if any(m.id in here and m.asks for ms in a.members.values() for m in ms)]
    subject.more = [f"cthbkb show {id_}"]
    return subject


def of_records(db: sqlite3.Connection, names: Sequence[str], years: Sequence[str] = ()) -> Subject:
    """Collect a shortlist: the records that the user has chosen, and their context."""
    del years  # the records are chosen one by one
    found = record.find_all(db, names, record.LISTED)
    if len(found) == 1 and found[0][0] in SINGLE:
        return SINGLE[found[0][0]](db, [found[0][1]])
    ids: dict[str, list[str]] = {}
    for table, id_ in found:
        ids.setdefault(table, []).append(id_)
    subject = Subject(db, f"Shortlist of {counted(len(found), 'records')}", "")
    subject.items = _members(db, ids.pop("recommendations", []))
    subject.remarks = ids.pop("statements", [])
    subject.statistics = ids.pop("statistics", [])
    subject.people = ids.pop("appearances", [])
    if ids:
        rest = [i for some in ids.values() for i in some]
        raise UsageError(
            f"a shortlist cannot include {rest[0]}", "Name items, remarks, figures or appearances; or use --theme."
        )
    here = {m.id for m in subject.items}
    subject.asks = [a for a in asks(db, {}) if any(m.id in here for ms in a.members.values() for m in ms)]
    years_ = {m.year for m in subject.items}
    subject.years = [base for base in bases(db) if not years_ or base.year in years_]
    subject.answer = [Text(f"{counted(len(subject.items), 'items')} of {_years(subject.years)}, chosen by hand.")]
    subject.sessions = _stages(subject)
    subject.left.append("The records were chosen by the reader.")
    return subject


SUBJECTS = {"theme": of_theme, "thread": of_thread, "person": of_person, "session": of_session}
"""Maps an option to the function that collects its subject."""

SINGLE = {"themes": of_theme, "threads": of_thread, "people": of_person, "sessions": of_session}
"""Maps a table to the function that collects the subject of one of its records."""


def _years(found: Sequence[Base]) -> str:
    *first, last = [str(base.year) for base in found] or ["no year"]
    return f"{', '.join(first)} and {last}" if first else last


def _stages(subject: Subject) -> list[str]:
    """Return the sessions whose printed lists contain the items; those with the most items come first."""
    counts: dict[str, int] = {}
    for m in subject.items:
        if m.session and m.kind in LISTED:
            counts[m.session] = counts.get(m.session, 0) + 1
    return sorted(counts, key=lambda s: -counts[s])


class Maker:
    """Writes the paper on a subject, and keeps track of what has been cited."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.db = subject.db
        self.cited: dict[str, cite.Cited] = {}
        kinds = self.db.execute("select id, kind, year from documents")
        self.documents = {id_: f"{kind.replace('-', ' ').capitalize()} {year}" for id_, kind, year in kinds}

    def note(self, table: str, *ids: str) -> Note:
        """Return a footnote with the document, place and id of each record."""
        parts, last = [], ""
        for found in cite.cited(self.db, [(table, i) for i in ids]):
            self.cited[found.id] = found
            document = self.documents.get(found.work.key, found.work.key)
            where = [document if document != last else "", found.locator]
            parts.append(f"{', '.join(p for p in where if p)} [{found.id}]")
            last = document
        return Note(sentence("; ".join(parts)))

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of the paper in order."""
        s = self.subject
        yield Heading("In short")
        yield from s.answer
        for head, fact in s.facts:
            yield Text(Strong(f"{head}: "), fact)
        yield from self._moves()
        yield from self._items()
        yield from self._speakers()
        yield from self._figures()
        yield from self._disagreements()
        yield from self._limits()
        yield from self._sources()

    def _moves(self) -> Iterator[Block]:
        """Yield the table of asks by year, with their changes."""
        s = self.subject
        years = [base.year for base in s.years]
        shown = s.asks[:ASKS]
        if not shown or len(years) < 2:
            return
        yield Heading("How the asks changed" if len(shown) > 1 else "How the ask changed")
        rows = []
        for ask in shown:
            marks = [
                Text(f"{MARKS[_state(ask, y)]} {_state(ask, y) if _state(ask, y) != '-' else 'absent'}") for y in years
            ]
            rows.append([Text(Strong(ask.label)), *marks, Text(*_change(ask, years))])
        share = max(7, 30 // len(years))
        heads = ["Ask", *map(str, years), "What changed"]
        yield Grid(heads, rows, [24, *([share] * len(years)), 46], range(1, len(years) + 1))
        yield Text(
            "● asked: somebody is asked to act; ○ noted: the point is only stated; · absent from the document.",
            small=True,
        )
        if len(s.asks) > ASKS:
            names = "; ".join(ask.label for ask in s.asks[ASKS:])
            yield Text(f"Also followed: {names}.", small=True)
        if s.following:
            yield Text(f"Replaced by: {'; '.join(ask.label for ask in s.following)}.", small=True)

    def _items(self) -> Iterator[Block]:
        """Yield the items by year, the most important first; if there are many, only the places of the others."""
        s = self.subject
        if not (s.items or s.passing):
            return
        yield Heading("What the documents say")
        many = len(s.items) > LISTS
        some = len(s.items) > TOLD
        main = {m.id for ask in s.asks for ms in ask.members.values() for m in ms}
        for base in s.years:
            of_year = sorted((m for m in s.items if m.year == base.year), key=Member.rank)
            passing = [(label, m) for label, m in s.passing if m.year == base.year]
            if not of_year and not passing:
                continue
            yield Heading(f"{base.year}, {base.subject}", 2)
            full = [m for m in of_year if self._in_full(m, some, many and bool(main), main)] or of_year[:2]
            if full:
                yield Bullets([self._item(m) for m in full])
            rest = [m for m in of_year if m not in full]
            if rest:
                yield Text(f"Also, {_kinds(rest)}", self.note("recommendations", *(m.id for m in rest)), ".")
            if passing:
                yield Text(*self._passing(passing))
        without = [
            str(b.year) for b in s.years if not any(m.year == b.year for m in (*s.items, *(m for _, m in s.passing)))
        ]
        if without and s.asks:
            yield Text(
                f"Nothing on the subject in the document{'s' if len(without) > 1 else ''} of {' and '.join(without)}."
            )

    @staticmethod
    def _in_full(m: Member, some: bool, many: bool, main: set[str]) -> bool:
        """Return whether an item is shown in full, above the threshold `TOLD` (`some`) or `LISTS` (`many`)."""
        if many:
            return m.asks and m.kind in LISTED and m.id in main
        return not some or m.asks or m.kind in LISTED

    def _item(self, m: Member) -> Text:
        force = f", {m.modality}" if m.modality and m.modality != "statement" else ""
        quoted = self._quoted(m.id)
        return Text(m.summary, " ", Strong(f"({m.kind}{force})"), quoted, self.note("recommendations", m.id))

    def _quoted(self, id_: str) -> str:
        """Return the original words of a record with their place, if a copy is available."""
        passage = self.subject.quotes.get(id_)
        return f" Original words: “{passage.text}” ({passage.place})" if passage else ""

    def _passing(self, found: Sequence[tuple[str, Member]]) -> Iterator[str | Strong | Note]:
        """Yield items that touch on the subject within other asks; if there are many, only these asks."""
        yield Strong("In passing, within other asks: ")
        if len(found) > PASSING:
            labels = [label for label, _ in found]
            counts = {label: labels.count(label) for label in labels}
            yield "; ".join(label + (f" ({n} items)" if n > 1 else "") for label, n in counts.items())
            yield self.note("recommendations", *(m.id for _, m in found))
            yield "."
            return
        for n, (_, m) in enumerate(found):
            said = shortened(m.part or m.summary, SHORT).rstrip(".")
            yield f"{'; ' if n else ''}{said}"
            yield self.note("recommendations", m.id)
        yield "."

    def _speakers(self) -> Iterator[Block]:
        """Yield the speakers with their positions."""
        s = self.subject
        stages = s.sessions[:STAGES]
        if not (stages or s.remarks or s.people):
            return
        yield Heading("Who spoke, and in what capacity")
        rows = []
        for id_ in stages if not s.people else []:
            people = self.db.execute(
                "select name, role, position, country from list_speakers where session = ? order by seq", (id_,)
            ).fetchall()
            if people:
                year, title = self.db.execute("select year, title from sessions where id = ?", (id_,)).fetchone()
                told = "; ".join(_person(*person) for person in people)
                rows.append([Text(Strong(f"{year}, {s.names.get(id_, id_)}"), f": {title}"), Text(told)])
        if rows:
            yield Grid(["Session", "Speakers, with position as printed"], rows, [28, 72])
            yield Text(
                "The speakers of the sessions whose lists contain the items; who proposed what is not recorded.",
                small=True,
            )
        if s.people:
            cells = []
            for id_ in s.people:
                name, year, role, session, position, country = self.db.execute(
                    "select name, year, role, session, position, country from list_speakers where id = ?", (id_,)
                ).fetchone()
                who = _person("", "", position, country)
                cells.append(
                    [Text(name), Text(f"{year}, {s.names.get(session, session)}"), Text(role),
                     Text(who, self.note("appearances", id_))]
                )  # fmt: skip
            yield Grid(["Name", "Where", "Role", "Capacity"], cells, [22, 18, 12, 48])
        if s.remarks:
            yield Bullets([self._remark(i) for i in s.remarks[:REMARKS]])
            if len(s.remarks) > REMARKS:
                yield Text(f"and {counted(len(s.remarks) - REMARKS, 'more remarks')}.", small=True)

    def _remark(self, id_: str) -> Text:
        name, medium, gist, speaker, session = self.db.execute(
            "select name, medium, gist, speaker, session from list_statements where id = ?", (id_,)
        ).fetchone()
        as_what = self.db.execute(
            "select position, country from list_speakers where person = ? order by session = ? desc, seq limit 1",
            (speaker, session),
        ).fetchone()
        who = _person(name, "", *as_what) if as_what else name
        said = f", {medium.replace('-', ' ')}: {gist}{self._quoted(id_)}"
        return Text(Strong(who), said, self.note("statements", id_))

    def _figures(self) -> Iterator[Block]:
        """Yield the figures with their original source and caveat."""
        found = self.subject.statistics
        if not found:
            return
        yield Heading("Figures cited")
        rows = []
        for id_ in found[:FIGURES]:
            value, unit, what, period, area, source, warning = self.db.execute(
                "select value, unit, what, period, area, source, caveat from list_statistics where id = ?", (id_,)
            ).fetchone()
            shown = cite.figure(value, unit if not what.casefold().startswith(str(unit).casefold()) else None)
            scope = ", ".join(p for p in (period, area) if p)
            told = sentence(what.rstrip(".") + (f" ({scope})" if scope else ""))
            origin_ = source or "No source is printed"
            rows.append(
                [Text(Strong(shown)), Text(told, self.note("statistics", id_)),
                 Text(origin_ + (f". Caveat: {warning}" if warning else ""))]
            )  # fmt: skip
        yield Grid(["Figure", "What it counts", "Original source, caveat"], rows, [18, 44, 38])
        if len(found) > FIGURES:
            yield Text(f"and {counted(len(found) - FIGURES, 'more figures')}.", small=True)

    def _disagreements(self) -> Iterator[Block]:
        """Yield the disagreements between documents about records of this paper."""
        here = [*self.cited, *self.subject.statistics, *self.subject.people, *self.subject.disputed]
        rows = self.db.execute(
            "select topic, value_a, document_a, value_b, document_b, reason from discrepancies d where exists"
            " (select 1 from json_each(d.records) where value in (select value from json_each(?))) order by d.seq",
            (listed(here),),
        ).fetchall()
        if not rows:
            return
        yield Heading("Where the documents disagree")
        found = []
        for topic, a, document_a, b, document_b, _ in rows[:DISPUTES]:
            first, second = self.documents.get(document_a, document_a), self.documents.get(document_b, document_b)
            found.append(Text(Strong(f"{topic}: "), f"{a} ({first}); {b} ({second})."))
        yield Bullets(found)

    def _limits(self) -> Iterator[Block]:
        """Yield the limits of the paper."""
        s = self.subject
        yield Heading("What this does not cover")
        told = [caveat(s.years)] if len(s.years) > 1 else []
        told += s.left
        told.append(
            "The documents differ in form: recommendations, observations and takeaways come from printed lists, "
            "conclusions from running text. What was done about an ask is included only where a document says so."
        )
        told.append(OWN_WORDS)
        yield Text(" ".join(told))

    def _sources(self) -> Iterator[Block]:
        """Yield full citations of the works cited, and the commands that show all details."""
        yield Heading("Sources")
        works = cite.works(self.cited.values())
        yield Bullets(
            [Text(Strong(f"{self.documents.get(work.key, work.key)}. "), work.acknowledgement.removeprefix("Source: "))
             for work in works]
        )  # fmt: skip
        if self.subject.more:
            yield Text(f"In full: {' · '.join(self.subject.more)}", small=True)


def _state(ask: Ask, year: int) -> str:
    return ask.states.get(year, "-")


def _change(ask: Ask, years: Sequence[int]) -> Iterator[str | Strong]:
    """Describe how an ask changed from year to year, and what was added or dropped."""
    spoken = [y for y in years if y in ask.states]
    if len(spoken) < 2:
        yield f"{spoken[0]} only" if spoken else "-"
        return
    for n, (a, b) in enumerate(pairwise(spoken)):
        move = ask.moves.get((a, b))
        if move is None:
            continue
        yield Strong(f"{' ' if n else ''}{a}→{b} {', '.join(move.changes)}.")
        gained = [f" New: {sentence(move.gained)}"] if move.gained else []
        lost = [f" Not repeated: {sentence(move.lost)}"] if move.lost else []
        yield "".join(gained + lost)


def _kinds(found: Sequence[Member]) -> str:
    counts: dict[str, int] = {}
    for m in found:
        counts[m.kind] = counts.get(m.kind, 0) + 1
    return ", ".join(counted(n, KINDS[kind].plural if kind in KINDS else f"{kind}s") for kind, n in counts.items())


def _person(name: str, role: str, position: str | None, country: str | None) -> str:
    """Return a person as printed: name, role if it is informative, position, country."""
    lead = f"{name} ({role})" if role and role not in {"panellist", "speaker"} else name
    return ", ".join(p for p in (lead, position, country if country and country not in (position or "") else "") if p)


def make(subject: Subject, origin: Origin) -> Paper:
    """Return the paper on a subject."""
    conferences = f"conference{'s' if len(subject.years) > 1 else ''} of {_years(subject.years)}"
    subtitle = subject.subtitle or f"What the Alliance against Trafficking in Persons said at its {conferences}"
    return Paper(
        subject.title, subtitle, cite.days(origin.date.isoformat(), None), origin.data, list(Maker(subject).blocks())
    )
