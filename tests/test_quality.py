"""The search answers what people ask: two judgement sets, each with a floor that a change must not fall below."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from cthbkb import seed, store
from cthbkb.build import build

ROOT = Path(__file__).resolve().parents[1]
FLOOR = {"curator": 0.88, "users": 0.87}
"""nDCG@10 over list items; `python bench/quality.py` prints what it is, and the worst queries."""


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("quality", ROOT / "bench" / "quality.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("shipped") / "kb.db"
    build(seed.load(ROOT / "data" / "seed.yaml"), path)
    return str(path)


@pytest.mark.parametrize("which", ["curator", "users"])
def test_the_search_keeps_its_quality(which: str, quality: ModuleType, shipped: str) -> None:
    db = store.open_database(shipped)
    scores = quality.measure(quality.ours(db), which)
    assert quality.mean(scores, 0) >= FLOOR[which]
    assert quality.mean(scores, 0) >= 4 * quality.mean(quality.measure(quality.plain(db), which), 0)


def test_there_are_queries_of_every_sort_and_their_answers_exist(quality: ModuleType, shipped: str) -> None:
    db = store.open_database(shipped)
    known = {i for (i,) in db.execute("select id from recommendations")}
    queries = [q for which in ("curator", "users") for q in quality.judgements(which)]
    assert len(queries) >= 40
    assert {i for _, relevant in queries for i in relevant} <= known
