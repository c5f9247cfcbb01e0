"""Faults, a few of each; `bench/faults.py` tries thousands."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import script

from cthbkb import cache

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs forks and signals as Unix has them")


faults = script("bench/faults.py")


def wrong(found: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(way, what) for way, what in found if what]


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_cache_never_answers(seed: int, tmp_path: Path) -> None:
    assert wrong(faults.damaged(faults.Program(tmp_path), 12, random.Random(seed))) == []


def test_a_damaged_copy_never_answers(tmp_path: Path) -> None:
    assert wrong(faults.copies(faults.Program(tmp_path), 30, random.Random(1))) == []


def test_a_process_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    assert wrong(faults.kills(faults.Program(tmp_path), 8, random.Random(1))) == []


@pytest.mark.parametrize("seed", range(2))
def test_any_command_line_ends_with_an_answer_or_a_message(seed: int, tmp_path: Path) -> None:
    assert wrong(faults.argv(tmp_path, 60, random.Random(seed))) == []


def test_the_trial_detects_a_cache_that_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "stamp", lambda path: "any")
    monkeypatch.setattr(cache, "is_intact", lambda path: True)
    monkeypatch.setattr(faults, "WAYS", ["bytes"])
    monkeypatch.setattr(faults, "BYTES", [faults._letters])
    found = wrong(faults.damaged(faults.Program(tmp_path), 20, random.Random(1)))
    assert len(found) > 2
