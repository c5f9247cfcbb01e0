"""The columns of the views, compared with independent definitions on random records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import scattered

from cthbkb.model import TABLES, Records, columns_of
from cthbkb.registry import LISTINGS
from cthbkb.scales import pattern

Definitions = Mapping[str, Mapping[str, Callable[[Any], Any]]]


@pytest.fixture(scope="module", params=range(3))
def base(request: pytest.FixtureRequest) -> Iterator[tuple[Records, sqlite3.Connection]]:
    with scattered.base(request.param) as made:
        yield made


def definitions(r: Records) -> Definitions:
    """Return, by listing and column, a function that returns the value for a record."""
    sessions, documents, bodies, people, conferences, labels = (
        {x.id: x for x in r[table]}
        for table in ("sessions", "documents", "organizations", "people", "conferences", "threads")
    )
    of_item, asked, into = scattered.threads_of(r), scattered.asked(r), scattered.changes(r)
    years = sorted(set(scattered.YEARS.values()))

    def unique(values: Any) -> list[Any]:
        return list(dict.fromkeys(v for v in values if v is not None))

    def of(person: Any) -> list[Any]:
        return [a for a in r.appearances if a.person == person.id]

    def at(conference: Any, table: str) -> list[Any]:
        return [x for x in r[table] if sessions[x.get("session")].conference == conference.id]

    def places(column: str) -> Callable[[Any], list[str]]:
        return lambda x: [f"{c.document}: {c.section}" for c in r.citations if c.get(column) == x.id]

    def status(s: Any) -> str:
        if s.type == "part":
            return "part of a report"
        return "planned only" if s.type in {"break", "social"} and not s.held_date else "held"

    def name(t: Any) -> str | None:
        together = ", ".join(people[i].name for i in t.speakers)
        return (people[t.speaker].name if t.speaker else together) or t.speaker_as_printed or t.account or None

    def url(x: Any) -> str | None:
        conference = conferences[sessions[x.session].conference]
        return documents[x.document].url or (conference.url if conference.document == x.document else None)

    def main(x: Any) -> str | None:
        return of_item.get(x.id, [None])[0]

    def change(x: Any) -> str | None:
        return ", ".join(into.get((main(x) or "", x.year), ())) or None

    def state(t: Any, year: int) -> str:
        return {True: "asked", False: "noted"}.get(asked[t.id].get(year), "-")  # type: ignore[arg-type]

    def about(t: Any, *years: int) -> int:
        return sum(t.id in x.themes and (not years or x.year in years) for x in r.recommendations)

    def items(t: Any) -> int:
        return sum(e.thread == t.id and any(x.id == e.item for x in r.recommendations) for e in r.thread_items)

    def words(t: Any) -> list[str]:
        return sorted({word for m in r.moves if m.thread == t.id for word in m.changes})

    return {
        "conferences": {
            "start": lambda c: c.held_start,
            "end": lambda c: c.held_end,
            "sessions": lambda c: sum(
                s.conference == c.id and s.type not in {"part", "break", "social"} for s in r.sessions
            ),
            "people": lambda c: len({a.person for a in at(c, "appearances")}),
            "recommendations": lambda c: len(at(c, "recommendations")),
        },
        "sessions": {
            "date": lambda s: s.held_date or s.planned_date,
            "start": lambda s: s.held_start if s.held_date else s.planned_start,
            "end": lambda s: s.held_end if s.held_date else s.planned_end,
            "status": status,
            "topics": lambda s: [t.topic for t in r.topics if t.session == s.id],
            "people": lambda s: len({a.person for a in r.appearances if a.session == s.id}),
            "recommendations": lambda s: sum(x.session == s.id for x in r.recommendations),
        },
        "speakers": {
            "name": lambda a: people[a.person].name,
            "session_title": lambda a: sessions[a.session].title,
            "year": lambda a: sessions[a.session].year,
            "organization": lambda a: a.organization and bodies[a.organization].name,
            "organization_id": lambda a: a.organization,
        },
        "people": {
            "years": lambda p: sorted({sessions[a.session].year for a in of(p)}),
            "roles": lambda p: unique(a.role for a in of(p)),
            "countries": lambda p: unique(a.country for a in of(p)),
            "positions": lambda p: unique(
                f"{sessions[a.session].year}: {a.position}" if a.position else None for a in of(p)
            ),
            "appearances": lambda p: len(of(p)),
            "statements": lambda p: sum((p.id == t.speaker) + (p.id in t.speakers) for t in r.statements),
            "survivor": lambda p: max((int(a.survivor) for a in of(p) if a.survivor is not None), default=None),
        },
        "organizations": {
            "appearances": lambda o: sum(a.organization == o.id for a in r.appearances),
            "sessions": lambda o: sum(o.id in s.organisers for s in r.sessions),
        },
        "themes": {
            "slug": lambda t: t.id,
            "recommendations": about,
            **{str(year): lambda t, year=year: about(t, year) for year in years},
        },
        "recs": {
            "conference": lambda x: sessions[x.session].conference,
            "session_title": lambda x: sessions[x.session].title,
            "thread": main,
            "threads": lambda x: of_item.get(x.id, []),
            "change": change,
            "url": url,
        },
        "threads": {
            "pattern": lambda t: pattern(years, asked[t.id]),
            "items": items,
            "asked": lambda t: [year for year in years if asked[t.id].get(year) is True],
            "noted": lambda t: [year for year in years if asked[t.id].get(year) is False],
            "years": lambda t: sorted(asked[t.id]),
            "changes": words,
            **{str(year): lambda t, year=year: state(t, year) for year in years},
        },
        "moves": {"label": lambda m: labels[m.thread].label},
        "instruments": {
            "cited": lambda i: len(places("instrument")(i)),
            "cited_in": places("instrument"),
        },
        "publications": {
            "cited": lambda p: len(places("publication")(p)),
            "cited_in": places("publication"),
        },
        "statements": {"name": name},
        "topics": {
            "year": lambda t: sessions[t.session].year,
            "status": lambda t: (
                "answered" if t.answered_by else "in prose or figures only" if t.elsewhere else "silent"
            ),
        },
        "documents": {
            table: lambda d, table=table: sum(x.get("document") == d.id for x in r[table])
            for table in ("recommendations", "appearances", "statistics")
        },
    }


def test_a_column_of_a_view_has_the_value_of_its_definition(base: tuple[Records, sqlite3.Connection]) -> None:
    records, db = base
    computed = definitions(records)
    for listing in LISTINGS.values():
        own = {c.name: (lambda x, c=c: x.get(c.name)) for c in columns_of(TABLES[listing.table.name])}
        defined = own | dict(computed.get(listing.name, {}))
        cursor = db.execute(f"select * from list_{listing.name} order by seq")
        names = [d[0] for d in cursor.description]
        assert set(names) - {"seq", "pack"} <= set(defined), f"define the columns of {listing.name} here"
        rows = records[listing.table.name]
        found = cursor.fetchall()
        assert [row[0] for row in found] == [*range(1, len(rows) + 1)], listing.name
        for n, column in enumerate(names):
            if column not in {"seq", "pack"}:
                cells = [_read(row[n]) for row in found]
                cells = [sorted(cell) for cell in cells] if column == "changes" and listing.name == "threads" else cells
                assert cells == [_plain(defined[column](x)) for x in rows], (listing.name, column)


def _read(cell: Any) -> Any:
    """Return the value of a cell, with a list as a list."""
    return json.loads(cell) if isinstance(cell, str) and cell.startswith("[") else cell


def _plain(value: Any) -> Any:
    """Return a value of a record as a cell has it."""
    return list(value) if isinstance(value, tuple) else int(value) if isinstance(value, bool) else value
