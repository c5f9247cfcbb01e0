"""Citations: the work that contains a record, and the place of the record in it.

A work is a document, or a publication named in one; its key is its id, whichever part of it is cited. A record is cited
by its work and a locator: session, list and item. A date or place of publication that a document does not print is not
made up; the date and place of the conference that it reports on are given instead.
"""

from __future__ import annotations

from cthbkb.compare.asks import places
from cthbkb.errors import UsageError
from cthbkb.registry import TABLES
from cthbkb.terms import day_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["Cited", "Work", "chicago", "cited", "days", "figure", "rows", "standing", "united_nations", "works"]

MONTHS = ("January February March April May June July August September October November December").split()

NO_TERMS = "The document prints no terms of reuse."


class Work:
    """A document or publication in a bibliography; `places` are the places cited, each with the id of a record.

    `author` is a body, whose name may contain commas. `held` is the place and time of the conference that it reports
    on; `year` is the year of publication if `dated`, otherwise the year of the conference or reporting period.
    """

    __slots__ = (
        "acknowledgement", "author", "city", "dated", "held", "key", "kind", "note", "places", "printed", "publisher",
        "title", "url", "year",
    )  # fmt: skip

    def __init__(self, key: str, title: str, kind: str) -> None:
        self.key = key
        self.title = title
        self.kind = kind
        self.author = ""
        self.publisher = ""
        self.city = ""
        self.year: int | None = None
        self.dated = True
        self.held = ""
        self.url = ""
        self.note = ""
        self.printed = ""
        self.acknowledgement = ""
        self.places: list[tuple[str, str]] = []


class Cited:
    """A record with its work and its place in it; `lead` names the speaker or figure that is cited, if any."""

    __slots__ = ("id", "lead", "locator", "work")

    def __init__(self, id: str, work: Work, locator: str = "", lead: str = "") -> None:
        self.id = id
        self.work = work
        self.locator = locator
        self.lead = lead


def days(start: str | None, end: str | None) -> str:
    """Format a range of days as precisely as known, such as `20–22 July 2020` or `July 2020`; empty if unknown."""
    if not start:
        return ""
    if len(start) < 10 or len(end or start) < 10:
        return "–".join(dict.fromkeys(day_in_words(day) or day for day in (start, end or start)))
    first, last = (_parts(start), _parts(end or start))
    if first == last:
        return _day(first, 3)
    same = 1 if first[:2] == last[:2] else 2 if first[0] == last[0] else 3
    return f"{_day(first, same)}–{_day(last, 3)}"


def _parts(day: str) -> tuple[int, ...]:
    return tuple(int(part) for part in day.split("-"))


def _day(parts: tuple[int, ...], shown: int) -> str:
    words = [str(parts[2])] if len(parts) > 2 else []
    words += [MONTHS[parts[1] - 1]] if len(parts) > 1 and (shown > 1 or len(parts) == 2) else []
    return " ".join([*words, *([str(parts[0])] if shown > 2 else [])])


def _document(db: sqlite3.Connection, id_: str) -> Work:
    """Return a document as a work."""
    title, kind, publisher, published, year, url, citation, licence, conference = db.execute(
        "select title, kind, publisher, published, year, url, citation, licence, conference"
        " from documents where id = ?",
        (id_,),
    ).fetchone()
    work = Work(id_, title, kind)
    work.author = work.publisher = _plain_case(db, publisher)
    work.dated = bool(published)
    work.year = int(published[:4]) if published and published[:4].isdigit() else year
    work.url = url or ""
    work.printed = citation.rstrip(".")
    work.acknowledgement = f"Source: {work.printed}. {licence or NO_TERMS}"
    held = db.execute(
        "select city, held_start, held_end, planned_start, planned_end from conferences where id = ?", (conference,)
    ).fetchone()
    if held:
        planned = kind == "concept-note" and held[3]
        work.city = held[0]
        work.held = f"{held[0]}, {days(*(held[3:5] if planned else held[1:3]))}"
    if not published:
        basis = "the conference" if held else "the reporting period"
        work.note = f"No date of publication is printed; the year is that of {basis}."
    return work


def _plain_case(db: sqlite3.Connection, name: str) -> str:
    """Return a name printed in capitals in normal case, with acronyms kept."""
    if not name.isupper():
        return name
    short = {text.upper(): text for (text,) in db.execute("select short from abbreviations")}
    small = {"OF", "THE", "AND", "FOR", "IN", "ON", "TO"}
    words = [
        short.get(w) or (w.lower() if w in small and n else "-".join(_capital(p, w) for p in w.split("-")))
        for n, w in enumerate(name.split())
    ]
    return " ".join(words)


def _capital(part: str, word: str) -> str:
    return part.lower() if word.startswith("CO-") and part != "CO" else part.capitalize()


def _publication(db: sqlite3.Connection, id_: str) -> Cited:
    """Return a publication as a work, with a note on the document that names it."""
    title, kind, author, publisher, year, place, url, document, section, item = db.execute(
        "select title, kind, author, publisher, year, place, url, document, section, item"
        " from publications where id = ?",
        (id_,),
    ).fetchone()
    work = Work(id_, title, kind)
    work.author = author or publisher or ""
    work.publisher = publisher or ""
    work.city = place or ""
    work.year = year
    work.dated = year is not None
    work.url = url or ""
    named = _document(db, document)
    where = f"{section}, {item}" if item else section
    work.note = f"Named in: {named.printed}, {where}."
    year_ = f" ({', '.join(str(p) for p in (work.city, work.year) if p)})" if work.city or work.year else ""
    work.printed = ", ".join(p for p in (work.author, f"{title}{year_}") if p)
    work.acknowledgement = f"Source: {work.printed}."
    return Cited(id_, work)


def cited(db: sqlite3.Connection, records: Iterable[tuple[str, str]]) -> list[Cited]:
    """Return the citations of records `(table, id)`, in order; records of the same work share one object.

    Raises:
        UsageError: for a record that is not part of a document, such as a theme.
    """
    documents: dict[str, Work] = {}
    parts = {id_ for (id_,) in db.execute("select id from sessions where type = 'part'")}
    names = {id_: (place, id_ in parts) for id_, place in places(db).items()}
    found = []
    for table, id_ in records:
        if table == "publications":
            found.append(_publication(db, id_))
            continue
        row = _row(db, table, id_)
        document = id_ if table == "documents" else str(row.get("document") or "")
        if not document:
            known = ", ".join(t.listing.name for t in TABLES.values() if t.listing and _sourced(db, t.name))
            raise UsageError(f"{id_} is not part of a document", f"Records that can be cited: documents, {known}.")
        work = documents.get(document) or documents.setdefault(document, _document(db, document))
        locator = "" if table == "documents" else _locator(row, names, table)
        found.append(Cited(id_, work, locator, _lead(db, table, row)))
        if locator:
            work.places.append((id_, locator))
    return found


def standing(db: sqlite3.Connection, records: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return only the records `(table, id)` that are part of a document, unlike themes and asks."""
    return [(table, id_) for table, id_ in records if table == "documents" or _row(db, table, id_).get("document")]


def _sourced(db: sqlite3.Connection, table: str) -> bool:
    names = {name for (name,) in db.execute("select name from pragma_table_info(?)", (table,))}
    return {"document", "section"} <= names


def _row(db: sqlite3.Connection, table: str, id_: str) -> dict[str, object]:
    if table not in TABLES:
        return {}
    cursor = db.execute(f"select * from {table} where id = ?", (id_,))
    row = cursor.fetchone()
    return dict(zip([d[0] for d in cursor.description], row, strict=True)) if row else {}


def _locator(row: dict[str, object], names: dict[str, tuple[str, bool]], table: str) -> str:
    """Return the place of a record in its document: the session (in a report, the heading), then the item.

    `names` maps a session to its name and whether it is a part of a report.
    """
    place, part = names.get(str(row.get("id" if table == "sessions" else "session")), ("", True))
    heading = str(row["section"])
    item = str(row.get("item") or "")
    if place and item.startswith(place):
        return item
    if (part or table == "sessions" or not item[:1].islower()) and not (
        place and heading.casefold().startswith(place.casefold())
    ):
        place = f"“{heading}”"
    where = ", ".join(word for word in (place, item) if word)
    note = row.get("footnote")
    return f"{where}, footnote {note}" if note and f"footnote {note}" not in where else where


def _lead(db: sqlite3.Connection, table: str, row: dict[str, object]) -> str:
    """Return the text before the work: who said it, or the figure with its source."""
    if table == "statements":
        speaker = db.execute("select name from people where id = ?", (row["speaker"],)).fetchone()
        who = speaker[0] if speaker else row["speaker_as_printed"] or row["account"]
        day = row["date"]
        return f"{who}, {str(row['medium']).replace('-', ' ')}{f' of {days(str(day), None)}' if day else ''}, in: "
    if table == "statistics":
        source = f" ({row['source']})" if row["source"] else ""
        return f"{figure(str(row['value']), row['unit'])}{source}, cited in: "
    return ""


def figure(value: str, unit: object) -> str:
    """Format a figure with its unit; a value in words, such as `tripled` or `one third`, already includes it."""
    if not unit or not value[-1:].isdigit():
        return value
    return f"{value}{unit}" if unit == "%" else f"{value} {unit}"


def works(found: Iterable[Cited]) -> list[Work]:
    """Return the works without duplicates, in order of first citation."""
    return list({c.work.key: c.work for c in found}.values())


def rows(found: Iterable[Cited]) -> list[list[str | None]]:
    """Return one row per record, with the columns `cite`."""
    return [
        [c.id, c.work.key, united_nations(c), chicago(c), c.work.acknowledgement, c.work.url or None] for c in found
    ]


def united_nations(c: Cited) -> str:
    """Format a footnote in the house style of the United Nations: author, title (place, year), locator."""
    return f"{c.lead}{', '.join(part for part in (c.work.printed, c.locator) if part)}."


def chicago(c: Cited) -> str:
    """Format a note in Chicago style: author, title (place: publisher, year), locator, address."""
    work = c.work
    issued = str(work.year) if work.dated and work.year else "n.d."
    if work.held:
        issued = f"conference in {work.held}; {issued}" if not work.dated else f"{work.city}, {issued}"
    elif work.city:
        issued = f"{work.city}: {work.publisher}, {issued}" if work.publisher else f"{work.city}, {issued}"
    address = f", {work.url}" if work.url else ""
    author = f"{work.author}, " if work.author else ""
    locator = f", {c.locator}" if c.locator else ""
    return f"{c.lead}{author}{work.title} ({issued}){locator}{address}."
