"""The results of each filter of each listing, compared with a scan of all records by independent definitions."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import chain, count, cycle
from pathlib import Path
from typing import Any

import pytest
import scattered
from conftest import Run, each

from cthbkb import build, named, registry
from cthbkb import seed as seeds
from cthbkb.model import Records
from cthbkb.query import Selection
from cthbkb.registry import FILTERS, LISTINGS, names_field
from cthbkb.text import fold

Facts = Mapping[tuple[str, str], Mapping[str, set[str]]]
"""Maps a listing and filter to the values of each record by id."""

TABLES_OF_IDS = set(registry.TABLES)

GENERAL = ("year", "theme", "session", "country", "organization", "person", "document")
"""Filters that every listing either has or gives a reason for not having."""

TABLES = {name: listing.table.name for name, listing in LISTINGS.items()}


def facts(records: Records) -> Facts:
    """Return the values of each record, by the definitions of the filters."""
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def put(listing: str, name: str, value: Callable[[Any], Any]) -> None:
        for r in records[TABLES[listing]]:
            got = value(r)
            got = got if isinstance(got, list | tuple | set | frozenset) else (got,)
            found[listing, name][r.id] |= {str(v) for v in got if v is not None}

    def union(of: str, ids: Any, *names: str) -> set[str]:
        return {v for id_ in ids for name in names for v in found[of, name].get(id_, ())}

    def through(listing: str, names: str, of: Mapping[str, Callable[[Any], Any]]) -> None:
        for name in names.split():
            for other, ids in of.items():
                if (other, name) in found:
                    put(listing, name, lambda r, other=other, ids=ids, name=name: union(other, ids(r), name))

    def own(listing: str, **columns: str) -> None:
        for name, column in columns.items():
            put(listing, name, lambda r, column=column: r.get(column))

    sessions = {s.id: s for s in records.sessions}
    bodies = {o.id: o for o in records.organizations}
    conferences = {c.id: c for c in records.conferences}
    documents = {d.id: d for d in records.documents}
    survivors = {a.person for a in records.appearances if a.survivor}
    known = {fold(called): c.name for c in records.countries for called in (c.name, *c.aliases)}
    own("conferences", year="year")
    own("documents", year="year", kind="kind", document="id")
    own("abbreviations", document="document")
    own("statistics", year="year", theme="themes", session="session", source="source", area="area", document="document")
    own("activities", year="year", type="type", theme="themes", organization="partners", status="status")
    own("activities", document="document")
    put("activities", "country", lambda a: [known.get(fold(w)) for w in a.where])
    put("activities", "fulfilled", lambda a: a.fulfilled_by and "1")
    own("commitments", year="year", theme="themes", organization="who", person="who", document="document")
    put("commitments", "fulfilled", lambda a: a.fulfilled_by and "1")
    own("recs", year="year", theme="themes", kind="kind", addressee="addressees", affected="affected")
    own("recs", modality="modality", person="attributed_to", document="document")
    put("recs", "session", lambda r: [r.session, *r.other_sessions])
    put("recs", "survivor", lambda r: "1" if r.attributed_to in survivors else None)
    own("statements", year="year", theme="themes", medium="medium", session="session", document="document")
    put("statements", "person", lambda t: [t.speaker, *t.speakers])

    def as_speaker(t: Any) -> list[Any]:
        return [
            a
            for a in records.appearances
            if a.person in {t.speaker, *t.speakers} and sessions[a.session].year == t.year
        ]

    put("statements", "country", lambda t: [a.country for a in as_speaker(t)])
    put("statements", "organization", lambda t: [a.organization for a in as_speaker(t)])
    put("statements", "survivor", lambda t: "1" if survivors & {t.speaker, *t.speakers} else None)
    for one, name in (("instrument", "instruments"), ("publication", "publications")):
        own(name, year="year", kind="kind")
        cited = defaultdict(list)
        for c in records.citations:
            cited[c.get(one)].append(c)
        put(name, "document", lambda i, cited=cited: [i.document, *(c.document for c in cited[i.id])])
        put(name, "session", lambda i, cited=cited: [i.get("session"), *(c.session for c in cited[i.id])])
    own("publications", theme="themes")
    own("sessions", year="year", type="type", session="id")
    put("sessions", "document", lambda s: [s.document, s.planned_document])
    appear = defaultdict(list)
    for a in records.appearances:
        appear[a.session].append(a)
    put("sessions", "person", lambda s: [a.person for a in appear[s.id]])
    put("sessions", "country", lambda s: [a.country for a in appear[s.id]])
    put("sessions", "organization", lambda s: [*s.organisers, *(a.organization for a in appear[s.id])])
    put(
        "sessions",
        "theme",
        lambda s: {
            theme
            for table in ("recommendations", "statistics", "statements", "publications")
            for r in records[table]
            if s.id == r.get("session") or s.id in (r.get("other_sessions") or ())
            for theme in r.get("themes")
        },
    )

    def status(s: Any) -> str:
        if s.type == "part":
            return "part of a report"
        return "planned only" if s.type in {"break", "social"} and s.held_date is None else "held"

    put("sessions", "status", status)
    own("speakers", role="role", session="session", country="country", organization="organization", person="person")
    own("speakers", document="document")
    put("speakers", "survivor", lambda a: "1" if a.survivor else None)
    put("speakers", "year", lambda a: sessions[a.session].year)
    put("speakers", "type", lambda a: sessions[a.session].type)
    put("speakers", "kind", lambda a: a.organization and bodies[a.organization].kind)
    through("speakers", "theme", {"sessions": lambda a: [a.session]})
    put("people", "person", lambda p: p.id)
    put("people", "document", lambda p: p.document)
    put("people", "survivor", lambda p: "1" if p.id in survivors else None)
    of_person = {
        "speakers": lambda p: [a.id for a in records.appearances if a.person == p.id],
        "statements": lambda p: [t.id for t in records.statements if p.id in {t.speaker, *t.speakers}],
        "recs": lambda p: [r.id for r in records.recommendations if r.attributed_to == p.id],
    }
    through("people", "year theme role session country organization kind document", of_person)
    conference_years = {p.id: union("speakers", of_person["speakers"](p), "year") for p in records.people}
    put("people", "recurring", lambda p: "1" if len(conference_years[p.id]) > 1 else None)
    own("organizations", kind="kind", country="country", organization="id")
    through(
        "organizations",
        "year theme session person document",
        {
            "speakers": lambda o: [a.id for a in records.appearances if a.organization == o.id],
            "sessions": lambda o: [s.id for s in records.sessions if o.id in s.organisers],
            "activities": lambda o: [a.id for a in records.activities if o.id in a.partners],
            "commitments": lambda o: [c.id for c in records.commitments if c.who == o.id],
        },
    )
    put("conferences", "session", lambda c: [s.id for s in records.sessions if s.conference == c.id])
    put(
        "conferences",
        "document",
        lambda c: [c.document, *(d.id for d in records.documents if d.conference == c.id)],
    )
    of_conference = {"sessions": lambda c: [s.id for s in records.sessions if s.conference == c.id]}
    through("conferences", "theme country organization person", of_conference)
    put("themes", "theme", lambda t: t.id)
    of_theme = {"recs": lambda t: [r.id for r in records.recommendations if t.id in r.themes]}
    through("themes", "year session document", of_theme)
    threads, entries = defaultdict(list), defaultdict(list)
    for entry in records.thread_items:
        threads[entry.item].append(entry.thread)
        entries[entry.thread].append(entry.item)
    put("recs", "thread", lambda r: threads[r.id])
    into: dict[tuple[str, int], Any] = {}
    for m in sorted(records.moves, key=lambda m: conferences[m.from_].year):
        into[m.thread, conferences[m.to].year] = m.changes
    put("recs", "change", lambda r: into.get((threads[r.id][0], r.year), ()) if threads[r.id] else ())
    own("threads", theme="themes", thread="id")
    put("threads", "change", lambda t: {c for m in records.moves if m.thread == t.id for c in m.changes})
    of_thread = {name: lambda t: entries[t.id] for name in ("recs", "statements", "activities", "commitments")}
    through("threads", "year session person document", of_thread)
    found["threads", "in"] = found["threads", "not-in"] = found["threads", "year"]
    own("moves", thread="thread", change="changes")
    put("moves", "year", lambda m: [conferences[m.from_].year, conferences[m.to].year])
    through("moves", "theme", {"threads": lambda m: [m.thread]})
    through("distinctions", "year theme session thread document", {"recs": lambda d: d.items})
    own("topics", session="session", document="document")
    put("topics", "year", lambda t: sessions[t.session].year)
    put(
        "topics",
        "status",
        lambda t: "answered" if t.answered_by else "in prose or figures only" if t.elsewhere else "silent",
    )
    through("topics", "theme", {"recs": lambda t: t.answered_by})
    put("discrepancies", "document", lambda d: [d.document_a, d.document_b])
    put("discrepancies", "year", lambda d: [documents[d.document_a].year, documents[d.document_b].year])
    about = "recs statistics statements activities commitments publications"
    for name, concerned in {
        "theme": about,
        "year": f"{about} conferences sessions speakers topics",
        "session": "sessions speakers recs statistics statements topics",
        "person": "people speakers recs statements",
        "organization": "organizations speakers activities",
        "country": "organizations speakers",
    }.items():
        through("discrepancies", name, {other: lambda d: d.records for other in concerned.split()})
    return found


def inside(records: Records, facts: Facts) -> dict[str, dict[str, set[str]]]:
    """Return, by field and value, the value itself and all values inside it."""
    parts: dict[str, dict[str, set[str]]] = {"organizations": {}, "affected_groups": {}, "country": {}}
    for o in records.organizations:
        whole = o
        while whole is not None:
            parts["organizations"].setdefault(whole.id, set()).add(o.id)
            whole = next((w for w in records.organizations if w.id == whole.part_of), None)
    groups = {g.id: g for g in records.affected_groups}
    for g in records.affected_groups:
        above = [g.id]
        while above:
            id_ = above.pop()
            parts["affected_groups"].setdefault(id_, set()).add(g.id)
            above += groups[id_].broader
    names = {fold(called): c.name for c in records.countries for called in (c.name, *c.aliases)}
    printed = {v for (_, name), of in facts.items() if name == "country" for values in of.values() for v in values}
    for value in sorted(printed):
        parts["country"].setdefault(names.setdefault(fold(value), value), set()).add(value)
    return parts


def moved(found: seeds.Seed) -> seeds.Seed:
    """Return a seed in which everybody comes from another country, or another name of one, and body to each session."""
    bodies = cycle(body.id for body in found.records.organizations)
    countries = chain(
        (name for c in found.records.countries for name in (c.name, *c.aliases)), map("Land {}".format, count())
    )
    appearances = [
        replace(a, country=country, organization=next(bodies))
        for a, country in zip(found.records.appearances, countries, strict=False)
    ]
    return replace(found, records=Records({**found.records, "appearances": appearances}))


@pytest.fixture(scope="module", params=["packaged", "fabricated", "moved", "scattered"])
def base(
    request: pytest.FixtureRequest, seed: seeds.Seed, database: Path, packaged_seed: seeds.Seed, packaged: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Records, sqlite3.Connection]]:  # fmt: skip
    path, found = (packaged, packaged_seed) if request.param == "packaged" else (database, seed)
    if request.param in {"moved", "scattered"}:
        found = moved(seed) if request.param == "moved" else scattered.seed(3)
        path = tmp_path_factory.mktemp(request.param) / "kb.db"
        build.build(found, path)
    with closing(named.connect(str(path))) as db:
        yield found.records, db


def test_a_filter_finds_what_a_scan_of_all_records_finds(base: tuple[Records, sqlite3.Connection]) -> None:
    records, db = base
    having = facts(records)
    within = inside(records, having)
    checked = 0
    for listing in LISTINGS.values():
        seqs = {seq: id_ for id_, seq in db.execute(f"select id, seq from {listing.table.name}")}

        def found(criteria: Mapping[str, list[str]], listing=listing, seqs=seqs) -> set[str]:  # type: ignore[no-untyped-def]
            return {seqs[seq] for (seq,) in db.execute(*Selection(db, listing, criteria).rows(["seq"]))}

        everything = set(seqs.values())
        for name in listing.filters:
            filter = FILTERS[name]
            has = having[listing.name, name]
            wide = within.get(names_field(listing, name), {})
            if not filter.noun:
                assert found({name: [""]}) == {i for i in has if has[i]}, (listing.name, name)
                continue
            sql = "select distinct id from names where field = ?"
            values = {str(i) for (i,) in db.execute(sql, (names_field(listing, name),))}
            if filter.of not in TABLES_OF_IDS:
                assert values >= {v for of in has.values() for v in of} - set().union(*wide.values())
            for value in values:
                wanted = {i for i, of in has.items() if of & wide.get(value, {value})}
                if filter.needs == "no":
                    assert found({name: [value]}) == everything - wanted, (listing.name, name, value)
                    continue
                assert found({name: [value]}) == wanted, (listing.name, name, value)
                assert found({f"not-{name}": [value]}) == everything - wanted, (listing.name, name, value)
                checked += 1
            if filter.needs == "any":
                assert found({name: ["none"]}) == {i for i in everything if not has.get(i)}, (listing.name, name)
                assert found({f"not-{name}": ["none"]}) == {i for i in everything if has.get(i)}
    assert checked > 200


@each("listing", sorted(LISTINGS))
def test_a_listing_has_the_common_filters_or_a_reason_for_lacking_them(listing: str) -> None:
    has = LISTINGS[listing]
    assert {*has.filters, *has.lacks} >= set(GENERAL)
    assert set(has.filters) & set(has.lacks) == set()
    for name in {c.name for c in has.columns} & set(FILTERS) - set(GENERAL):
        assert name in has.filters


@pytest.mark.parametrize(
    ("argv", "fewest"),
    [
        ("instruments --document 2022-conclusions", 2),
        ("discrepancies --document 2020-highlights", 49),
        ("discrepancies --document 2022-conclusions", 16),
        ("publications --document 2022-conclusions", 16),
        ("statements --person schmid", 4),
        ("statements --person shahinian", 1),
    ],
)
def test_answers_that_once_omitted_records_are_complete(run: Run, packaged: Path, argv: str, fewest: int) -> None:
    assert int(run(*argv.split(), "--count", db=packaged).out) >= fewest


def test_a_body_includes_its_parts_and_a_group_its_subgroups(run: Run, packaged: Path) -> None:
    council = run("speakers", "--organization", "Council of Europe", "-c", "person", db=packaged).out
    assert "petya-nestorova" in council
    children = run("recs", "--affected", "children", "-c", "id", db=packaged).out.split()
    assert {"2022-p3-t1", "2022-p3-t2"} <= set(children)


@each(
    "argv",
    [
        ("speakers", "--country", "UK", "United Kingdom"),
        ("speakers", "--country", "USA", "United States"),
        ("speakers", "--country", "Republic of Moldova", "Moldova"),
        ("speakers", "--country", "Russia", "Russian Federation"),
        ("speakers", "--country", "Turkey", "Türkiye"),
        ("speakers", "--country", "Turkiye", "Türkiye"),
        ("speakers", "--organization", "CoE", "coe"),
        ("speakers", "--person", "Ms. Suzanne Hoff", "suzanne-hoff"),
        ("speakers", "--person", "K. Hyland", "kevin-hyland"),
        ("recs", "--session", "2022 panel 3", "2022-p3"),
        ("recs", "--year", "2016..2020", "2016-2020"),
        ("recs", "--year", "2016 - 2020", "2016-2020"),
        ("recs", "--year", "2020-", "2020-2999"),
        ("recs", "--year", "-2020", "2016-2020"),
    ],
)
def test_values_may_be_written_as_people_write_them(run: Run, packaged: Path, argv: tuple[str, str, str, str]) -> None:
    listing, option, spelled, meant = argv
    done = run(listing, option, spelled, db=packaged)
    assert (done.code, done.err) == (0, "")
    assert done.out == run(listing, option, meant, db=packaged).out
    assert len(done.out.splitlines()) > 1


def test_two_conferences_in_one_year_are_kept_separate(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "two.db"
    build.build(seeds.load(Path(__file__).with_name("two-in-a-year.yaml")), path)
    assert run("conferences", "-c", "id,recommendations", db=path).out == "id\trecommendations\n2031\t1\n2031b\t1\n"
    assert run("recs", "--year", "2031", "--count", db=path).out == "2\n"
    assert run("recs", "--session", "2031b-p1", "-c", "id", db=path).out == "id\n2031b-p1-r1\n"
    assert run("themes", "-f", "tsv", db=path).out.splitlines()[0].split("\t").count("2031") == 1


def test_a_state_without_speakers_is_reported(run: Run, packaged: Path) -> None:
    done = run("speakers", "--country", "Ukraine", "-f", "jsonl", db=packaged)
    assert (done.code, done.out) == (0, "")
    assert done.err == "no appearances for country Ukraine\n"
