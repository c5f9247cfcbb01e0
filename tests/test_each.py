"""Many cases in one test: all are tried, each in its own folder, and every failing case is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import each


def test_every_case_that_fails_is_named_with_its_reason() -> None:
    tried = []

    @each("number, word", [(1, "a"), (2, "b"), (3, "c")])
    def checked(number: int, word: str) -> None:
        tried.append(number)
        assert number == 2, word
        pytest.fail("in another way")

    with pytest.raises(ExceptionGroup, match="3 of 3 cases") as caught:
        checked()
    assert tried == [1, 2, 3]
    assert [error.__notes__ for error in caught.value.exceptions] == [
        ["with number = 1, word = 'a'"],
        ["with number = 2, word = 'b'"],
        ["with number = 3, word = 'c'"],
    ]
    assert "in another way" in str(caught.value.exceptions[1])


def test_passing_cases_are_silent_and_no_cases_are_an_error() -> None:
    each("number", [1, 2])(lambda number: None)()
    with pytest.raises(AssertionError, match="no number to try"):
        each("number", [])


@each("letter", "ab")
@each("number", [1, 2])
def test_each_case_has_an_empty_folder_and_an_unchanged_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, letter: str, number: int
) -> None:
    assert os.listdir(tmp_path) == []
    assert "LETTER" not in os.environ
    monkeypatch.setenv("LETTER", f"{letter}{number}")
    (tmp_path / letter).touch()
