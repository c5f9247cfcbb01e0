"""Faults, a few of each; `bench/faults.py` tries thousands."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import script

from cthbkb import cache

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs forks and signals as Unix has them")


faults = script("bench/faults.py")


def wrong(found: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(way, what) for way, what in found if what]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return faults.Program(tmp_path_factory.mktemp("program"))


def test_a_damaged_cache_never_answers(program: Any) -> None:
    assert wrong(faults.damaged(program, len(faults.WAYS), random.Random(0))) == []


def test_a_damaged_copy_never_answers(program: Any) -> None:
    assert wrong(faults.copies(program, 14, random.Random(1))) == []


def test_a_process_that_is_killed_loses_nothing(program: Any) -> None:
    assert wrong(faults.kills(program, 5, random.Random(1), longest=0.3)) == []


@pytest.mark.skipif(not faults.can_trace(), reason="strace is missing, or may not trace processes")
def test_a_system_call_that_fails_spoils_nothing(program: Any) -> None:
    assert wrong(faults.strace(program, 6, random.Random(1), ("load --db", "first build"))) == []


def test_any_command_line_ends_with_an_answer_or_a_message(tmp_path: Path) -> None:
    assert wrong(faults.argv(tmp_path, 100, random.Random(0))) == []


def test_the_trial_detects_a_cache_that_is_not_checked(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "stamp", lambda path: "any")
    monkeypatch.setattr(cache, "is_intact", lambda path: True)
    monkeypatch.setattr(faults, "WAYS", [("bytes", faults._word)])
    monkeypatch.setattr(program, "ASKED", (("recs", "-f", "json"),), raising=False)
    assert len(wrong(faults.damaged(program, 3, random.Random(1)))) == 3


def test_the_trial_of_system_calls_detects_wrong_answers_and_lost_files() -> None:
    old, new = {"a.csv": b"old"}, {"a.csv": b"new"}
    work = faults.Work((), old, faults.Ended(0, b"answer", b""), new, {})
    told = b"error: full\nhint: Free some space\n"

    def found(code: int, out: bytes, err: bytes, files: dict[str, bytes], silent: bool = False) -> list[str]:
        return [text.partition(":")[0] for text in faults._spoiled(work, faults.Ended(code, out, err), files, silent)]

    assert found(0, b"answer", b"", new) == found(1, b"", told, old) == found(1, b"ans", told, new) == []
    assert found(1, b"", b"", old, silent=True) == []
    assert found(0, b"other", b"", new) == ["another answer"]
    assert found(1, b"", b"error: full\n", old) == ["no message"]
    assert found(-11, b"", told, old) == ["ended with -11"]
    assert found(0, b"answer", b"", old) == ["ended with 0, and the files are neither old nor new, or mixed"]
    assert found(1, b"", told, {}) == ["ended with 1, and the files are neither old nor new, or mixed"]
    assert found(1, b"", told, old | {"b": b""}) == ["ended with 1, and the files are neither old nor new, or mixed"]
    assert found(1, b"", told + b"Traceback (most recent call last)", old) == ["error"]
