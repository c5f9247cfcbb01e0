"""The derived tables, compared with independent definitions on random records."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import scattered

from cthbkb.model import Records
from cthbkb.registry import LISTED

Base = tuple[Records, sqlite3.Connection]


@pytest.fixture(scope="module", params=range(3))
def base(request: pytest.FixtureRequest) -> Iterator[Base]:
    with scattered.base(request.param) as made:
        yield made


def test_items_are_counted_by_theme_year_and_kind_with_those_outside_threads(base: Base) -> None:
    r, db = base
    keys = [((theme, x.year, x.kind), x) for x in r.recommendations for theme in x.themes]
    whole = Counter(key for key, _ in keys)
    outside = Counter(key for key, x in keys if x.id not in scattered.threads_of(r))
    found = db.execute("select * from theme_kinds").fetchall()
    assert {tuple(key): (items, out) for *key, items, out in found} == {k: (whole[k], outside[k]) for k in whole}


def test_each_value_of_an_axis_is_counted_by_year(base: Base) -> None:
    r, db = base
    years = {s.id: s.year for s in r.sessions}
    nobody = ("",)
    values: dict[str, list[tuple[int, str, bool]]] = {
        axis: [(x.year, value, x.kind in LISTED) for x in r.recommendations for value in of(x)]
        for axis, of in {
            "theme": lambda x: x.themes,
            "addressee": lambda x: x.addressees or nobody,
            "affected": lambda x: x.affected or nobody,
            "modality": lambda x: () if x.illustrates else (x.modality,),
            "kind": lambda x: (x.kind,),
        }.items()
    }
    values["role"] = [(years[a.session], a.role, True) for a in r.appearances]
    values["country"] = [(years[a.session], a.country or "", True) for a in r.appearances]
    wanted = set()
    for axis, rows in values.items():
        whole, listed = Counter(row[:2] for row in rows), Counter(row[:2] for row in rows if row[2])
        wanted |= {(axis, *key, number, listed[key]) for key, number in whole.items()}
    assert set(db.execute("select * from axis_counts")) == wanted


def test_a_year_has_its_conferences_subjects_documents_and_items(base: Base) -> None:
    r, db = base
    kinds = {d.id: d.kind.replace("-", " ").capitalize() for d in r.documents}
    wanted = []
    for year in sorted({c.year for c in r.conferences}):
        held = [c for c in r.conferences if c.year == year]
        subjects = dict.fromkeys(c.subject or c.title for c in held)
        listed = [x for x in r.recommendations if x.year == year and x.kind in LISTED]
        documents = dict.fromkeys(kinds[id_] for id_ in sorted({x.document for x in listed}))
        prose = sum(x.year == year for x in r.recommendations) - len(listed)
        wanted.append((year, held[0].id, " and ".join(subjects), " and ".join(documents), len(listed), prose))
    assert db.execute("select * from year_bases order by year").fetchall() == wanted


def test_the_records_of_a_thread_are_stored_by_year_and_by_theme(base: Base) -> None:
    r, db = base
    types = {"recommendations": "recommendation", "statements": "statement", "activities": "activity"}
    record = {x.id: (types.get(table, "commitment"), x) for table in scattered.SPEAKING for x in r[table]}
    rows: list[tuple[Any, ...]] = []
    themes = set()
    for place, entry in enumerate(r.thread_items, 1):
        type_, x = record[entry.item]
        rows.append((entry.thread, x.get("year"), place, type_, x.id, entry.asks, entry.part))
        themes |= {(theme, entry.thread, x.get("year"), place) for theme in x.get("themes")}
    assert sorted(db.execute("select * from members")) == sorted(rows)
    assert set(db.execute("select * from theme_members")) == themes


def test_threads_moves_and_items_are_linked_to_their_years_threads_and_words(base: Base) -> None:
    r, db = base
    threads, years, into = scattered.threads_of(r), scattered.asked(r), scattered.changes(r)

    def linked(table: str, rows: Any, of: Any, with_year: bool = False) -> None:
        seqs = [(value, x.year if with_year else 0, n, x.id) for n, x in enumerate(rows, 1) for value in of(x)]
        assert sorted(db.execute(f"select * from {table}")) == sorted(seqs), table

    linked("threads_years", r.threads, lambda t: years[t.id])
    linked("threads_changes", r.threads, lambda t: {word for m in r.moves if m.thread == t.id for word in m.changes})
    linked("moves_changes", r.moves, lambda m: m.changes)
    linked("recommendations_threads", r.recommendations, lambda x: threads.get(x.id, ()), with_year=True)
    linked(
        "recommendations_change",
        r.recommendations,
        lambda x: into.get((threads[x.id][0], x.year), ()) if x.id in threads else (),
        with_year=True,
    )
