"""The search answers people's queries: judged queries, with a minimum score for each sort of query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import script

from cthbkb import store
from cthbkb.text import fold

ROOT = Path(__file__).resolve().parents[1]
SETS = ["judgements.yaml", "judgements_all.yaml", "judgements_lay.yaml", "judgements_questions.yaml"]


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    return script("bench/quality.py")


@pytest.fixture(scope="module")
def db(packaged: Path) -> Iterator[sqlite3.Connection]:
    """The database of the packaged data, opened in the same way as by the program."""
    with closing(store.open_database(str(packaged))) as connection:
        yield connection


@pytest.fixture(scope="module", params=SETS)
def judgements(request: pytest.FixtureRequest, quality: ModuleType) -> Any:
    """Each set of judged queries."""
    return quality.Judgements(ROOT / "tests" / request.param)


@pytest.fixture(scope="module")
def measured(quality: ModuleType, judgements: Any, db: sqlite3.Connection) -> dict[str, tuple[float, float]]:
    """Maps a sort of query to nDCG@10 of the search and of FTS5 with Porter; `python bench/quality.py` prints them."""
    judged = judgements.judged(db)
    found = quality.measure(quality.ours(db, judged), judgements)
    with quality.porter(db, judged) as peer:
        plain = quality.measure(peer, judgements)
    by_sort = {sort: (quality.mean(scores), quality.mean(plain[sort])) for sort, scores in found.items()}
    return by_sort | {"all": (quality.overall(found), quality.overall(plain))}


def test_every_sort_of_query_has_its_minimum_score(judgements: Any, measured: dict[str, tuple[float, float]]) -> None:
    fallen = {sort: s for sort, (s, _) in measured.items() if sort != "all" and s < judgements.floor(sort)}
    assert fallen == {}


def test_every_sort_of_query_is_ahead_of_porter(measured: dict[str, tuple[float, float]]) -> None:
    assert {sort: scores for sort, scores in measured.items() if scores[0] < scores[1]} == {}


def test_the_search_keeps_its_quality(judgements: Any, measured: dict[str, tuple[float, float]]) -> None:
    assert measured["all"][0] >= judgements.floors.get("all", 0.8)


def test_a_query_without_an_answer_gets_a_note(quality: ModuleType, judgements: Any, db: sqlite3.Connection) -> None:
    without = [q["query"] for q in judgements.queries if not q["relevant"]]
    assert without
    assert [query for query in without if not quality.is_missing(db, query)] == []


def test_no_phrase_of_the_table_is_copied_from_a_judged_query(quality: ModuleType, db: sqlite3.Connection) -> None:
    """A phrase that records contain is a term of the field; no other phrase may have been copied from a query."""
    queries = [f" {fold(q['query'])} " for q in quality.Judgements().queries]
    sql = "select distinct word from expansion_words where finds = 0 and word like '% % %'"
    phrases = [word for (word,) in db.execute(sql) if any(f" {word} " in query for query in queries)]
    known = "select 1 from search where search match ? limit 1"
    assert [p for p in phrases if not db.execute(known, (f'"{p}"',)).fetchone()] == []


def test_the_answers_exist_and_are_graded(judgements: Any, db: sqlite3.Connection) -> None:
    known = set(judgements.judged(db).values())
    relevant: dict[str, Any] = {q["query"]: q["relevant"] for q in judgements.queries}
    assert len(relevant) == len(judgements.queries) >= 40
    assert {str(i) for ids in relevant.values() for i in ids} <= known
    assert {grade for ids in relevant.values() for grade in ids.values()} <= {1, 2}
