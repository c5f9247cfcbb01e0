"""Filters that read more than one column: the queries of `(value, seq)` from which the build fills `filter_values`.

A record has a value if any of its places, citations, speakers, years or bodies has it. `DIRECT` reads the tables.
`THROUGH` takes values from related records: for each listing of these, a query returns `(seq, other seq)`, the row and
the row from which it takes values. The order matters: a listing must be filled before others take values from it. The
table `inside` records which values contain others, such as a body and its parts.
"""

from __future__ import annotations

from cthbkb.query import values
from cthbkb.registry import LISTINGS, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
__all__ = ["DIRECT", "THROUGH", "fill"]

SPOKE = """
select t.seq, t.year, t.speaker as person from statements t where t.speaker is not null
union select t.seq, t.year, l.value from statements_speakers l join statements t on t.seq = l.seq
"""
"""Statements with their speakers: `(seq, year, person)`."""

CITED = "select c.{of}, i.seq from citations c join {table} i on i.id = c.{one}"

DIRECT: Mapping[tuple[str, str], str] = {
    ("sessions", "document"): "select document, seq from sessions union select planned_document, seq from sessions",
    ("sessions", "person"): "select a.person, s.seq from appearances a join sessions s on s.id = a.session",
    ("sessions", "country"): "select a.country, s.seq from appearances a join sessions s on s.id = a.session",
    ("sessions", "organization"): "select a.organization, s.seq from appearances a join sessions s on s.id = a.session"
    " union select value, seq from sessions_organisers",
    ("recs", "session"): "select session, seq from recommendations"
    " union select value, seq from recommendations_other_sessions",
    ("recs", "survivor"): "select '1', r.seq from recommendations r join appearances a on a.person = r.attributed_to"
    " where a.survivor = 1",
    ("statements", "person"): f"select person, seq from ({SPOKE})",
    ("statements", "survivor"): f"select '1', t.seq from ({SPOKE}) t join appearances a on a.person = t.person"
    " where a.survivor = 1",
    ("statements", "country"): f"select a.country, t.seq from ({SPOKE}) t join appearances a on a.person = t.person"
    " join sessions s on s.id = a.session and s.year = t.year",
    ("statements", "organization"): f"select a.organization, t.seq from ({SPOKE}) t"
    " join appearances a on a.person = t.person join sessions s on s.id = a.session and s.year = t.year",
    ("speakers", "type"): "select s.type, a.seq from appearances a join sessions s on s.id = a.session",
    ("speakers", "kind"): "select o.kind, a.seq from appearances a join organizations o on o.id = a.organization",
    ("people", "document"): "select document, seq from people",
    ("conferences", "session"): "select s.id, c.seq from sessions s join conferences c on c.id = s.conference",
    ("conferences", "document"): "select document, seq from conferences"
    " union select d.id, c.seq from documents d join conferences c on c.id = d.conference",
    ("instruments", "document"): f"select document, seq from instruments"
    f" union {CITED.format(of='document', table='instruments', one='instrument')}",
    ("instruments", "session"): CITED.format(of="session", table="instruments", one="instrument"),
    ("publications", "document"): f"select document, seq from publications"
    f" union {CITED.format(of='document', table='publications', one='publication')}",
    ("publications", "session"): f"select session, seq from publications"
    f" union {CITED.format(of='session', table='publications', one='publication')}",
    ("activities", "country"): 'select n.country, a.seq from activities a, json_each(a."where") j'
    " join country_names n on n.name = fold(j.value)",
    ("moves", "year"): 'select c.year, m.seq from moves m join conferences c on c.id in (m."from", m."to")',
    ("discrepancies", "document"): "select document_a, seq from discrepancies"
    " union select document_b, seq from discrepancies",
    ("discrepancies", "year"): "select d.year, x.seq from discrepancies x"
    " join documents d on d.id in (x.document_a, x.document_b)",
}
"""Maps listing and filter to the query of `(value, seq)` that reads the tables."""

CONCERNED = "select d.seq, o.seq from discrepancies d, json_each(d.records) j join {} o on o.id = j.value"
MEMBERS = "select t.seq, o.seq from members m join threads t on t.id = m.thread join {} o on o.id = m.item"
OF_PEOPLE = {
    "speakers": "select p.seq, a.seq from people p join appearances a on a.person = p.id",
    "statements": f"select p.seq, s.seq from ({SPOKE}) s join people p on p.id = s.person",
    "recs": "select p.seq, r.seq from recommendations r join people p on p.id = r.attributed_to",
}
OF_BODIES = {
    "speakers": "select o.seq, a.seq from organizations o join appearances a on a.organization = o.id",
    "sessions": "select o.seq, l.seq from sessions_organisers l join organizations o on o.id = l.value",
    "activities": "select o.seq, l.seq from activities_partners l join organizations o on o.id = l.value",
    "commitments": "select o.seq, c.seq from commitments c join organizations o on o.id = c.who",
}

ABOUT = ("recs", "statistics", "statements", "activities", "commitments", "publications")
"""Listings whose own records have themes."""

THROUGH: Sequence[tuple[str, Sequence[str], Mapping[str, str]]] = (
    (
        "sessions",
        ("theme",),
        {
            "recs": "select s.seq, r.seq from recommendations r join sessions s on s.id = r.session union"
            " select s.seq, l.seq from recommendations_other_sessions l join sessions s on s.id = l.value",
            "statistics": "select s.seq, x.seq from statistics x join sessions s on s.id = x.session",
            "statements": "select s.seq, t.seq from statements t join sessions s on s.id = t.session",
            "publications": "select s.seq, p.seq from publications p join sessions s on s.id = p.session",
        },
    ),
    (
        "speakers",
        ("theme",),
        {"sessions": "select a.seq, s.seq from appearances a join sessions s on s.id = a.session"},
    ),
    ("people", ("year", "theme", "role", "session", "country", "organization", "kind", "document"), OF_PEOPLE),
    ("organizations", ("year", "theme", "session", "person", "document"), OF_BODIES),
    (
        "conferences",
        ("theme", "country", "organization", "person"),
        {"sessions": "select c.seq, s.seq from sessions s join conferences c on c.id = s.conference"},
    ),
    (
        "themes",
        ("year", "session", "document"),
        {"recs": "select t.seq, l.seq from recommendations_themes l join themes t on t.id = l.value"},
    ),
    (
        "threads",
        ("session", "person", "document"),
        {
            "recs": MEMBERS.format("recommendations"),
            "statements": MEMBERS.format("statements"),
            "activities": MEMBERS.format("activities"),
            "commitments": MEMBERS.format("commitments"),
        },
    ),
    ("moves", ("theme",), {"threads": "select m.seq, t.seq from moves m join threads t on t.id = m.thread"}),
    (
        "distinctions",
        ("year", "theme", "session", "thread", "document"),
        {"recs": "select l.seq, r.seq from distinctions_items l join recommendations r on r.id = l.value"},
    ),
    (
        "topics",
        ("theme",),
        {"recs": "select l.seq, r.seq from topics_answered_by l join recommendations r on r.id = l.value"},
    ),
    *(
        ("discrepancies", (filter,), {other: CONCERNED.format(LISTINGS[other].table.name) for other in others})
        for filter, others in {
            "theme": ABOUT,
            "year": (*ABOUT, "conferences", "sessions", "speakers", "topics"),
            "session": ("sessions", "speakers", "recs", "statistics", "statements", "topics"),
            "person": ("people", "speakers", "recs", "statements"),
            "organization": ("organizations", "speakers", "activities"),
            "country": ("organizations", "speakers"),
        }.items()
    ),
)
"""A listing, the filters whose values it takes from other listings, and these listings with a query of `(seq, id)`."""


def fill(db: sqlite3.Connection, countries: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Fill `filter_values` and `inside` after all records are inserted; `countries` are names with their aliases."""
    db.create_function("fold", 1, fold, deterministic=True)
    db.execute("create temp table country_names (name text primary key, country text not null)")
    known = [(fold(called), name) for name, aliases in countries for called in (name, *aliases)]
    db.executemany("insert or ignore into country_names values (?, ?)", known)
    for (listing, filter), query in DIRECT.items():
        db.execute(
            f"with found(value, seq) as ({query}) insert or ignore into filter_values"
            " select ?, ?, cast(value as text), seq from found where value is not null",
            (listing, filter),
        )
    for listing, filters, ways in THROUGH:
        for other, way in ways.items():
            takers: dict[int, list[int]] = {}
            for seq, its_seq in db.execute(way):
                takers.setdefault(its_seq, []).append(seq)
            for filter in filters:
                query = values(LISTINGS[other], filter) if takers else ""
                if not query:
                    continue
                held = db.execute(f"select cast(value as text), seq from ({query}) where value is not null")
                found = {(value, seq) for value, its_seq in held for seq in takers.get(its_seq, ())}
                db.executemany(
                    "insert or ignore into filter_values values (?, ?, ?, ?)",
                    [(listing, filter, value, seq) for value, seq in sorted(found)],
                )
    _inside(db)
    db.execute("drop table country_names")


def _inside(db: sqlite3.Connection) -> None:
    """Store which values contain others, at any depth: parts of bodies, subgroups, spellings of countries."""
    pairs = {
        "organizations": db.execute("select part_of, id from organizations where part_of is not null").fetchall(),
        "affected_groups": db.execute(
            "select l.value, g.id from affected_groups_broader l join affected_groups g on g.seq = l.seq"
        ).fetchall(),
        "country": list(_spellings(db)),
    }
    for field, found in pairs.items():
        parts: dict[str, set[str]] = {}
        for whole, part in found:
            parts.setdefault(whole, set()).add(part)
        for whole in parts:
            within: set[str] = set()
            waiting = [whole]
            while waiting:
                new = parts.get(waiting.pop(), set()) - within
                within |= new
                waiting += new
            rows = [(field, whole, part) for part in sorted(within - {whole})]
            db.executemany("insert into inside values (?, ?, ?)", rows)


def _spellings(db: sqlite3.Connection) -> Iterable[tuple[str, str]]:
    """Yield each country with a different spelling of it in a record."""
    known = dict(db.execute("select name, country from country_names"))
    for printed in _printed(db):
        name = known.setdefault(fold(printed), printed)
        if name != printed:
            yield name, printed


def _printed(db: sqlite3.Connection) -> list[str]:
    """Return the countries in records, in the order of listings and rows."""
    found: dict[str, None] = {}
    for listing in LISTINGS.values():
        query = next((values(listing, n) for n in listing.filters if names_field(listing, n) == "country"), "")
        if query:
            rows = db.execute(f"select value from ({query}) where value is not null order by seq")
            found |= {value: None for (value,) in rows}
    return list(found)
