"""Errors: a message with the value, the place and the next step, an exit code, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from cthbkb.errors import CthbkbError, Failure, Refused, UsageError, closest, unknown
from cthbkb.problems import Problem, SeedError


def test_the_exit_code_is_1_for_what_failed_and_2_for_what_does_not_exist() -> None:
    assert [e.exit_code for e in (CthbkbError, Failure, Refused, SeedError, UsageError)] == [1, 1, 1, 1, 2]
    assert issubclass(Refused, Failure)
    assert issubclass(SeedError, Failure)
    assert issubclass(Failure, CthbkbError)
    assert issubclass(UsageError, CthbkbError)


def test_an_error_is_its_message() -> None:
    error = UsageError("unknown theme 'x'", "See: cthbkb themes")
    assert (str(error), error.message, error.hint) == ("unknown theme 'x'", "unknown theme 'x'", "See: cthbkb themes")


def test_a_seed_error_holds_every_problem_and_their_number() -> None:
    problems = [Problem("a.yaml", n, 1, "themes", f"t{n}", "is wrong") for n in (1, 2)]
    assert str(SeedError(problems)).splitlines() == [
        *map(str, problems),
        "2 problems in the seed",
    ]
    assert str(SeedError(problems[:1])).splitlines()[-1] == "1 problem in the seed"
    assert SeedError(problems).problems == tuple(problems)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("jist", ["jits"]),
        ("COMPENSATON", ["compensation"]),
        ("punish", ["non-punishment"]),
        ("punishmnet", ["non-punishment"]),
        ("police", []),
        ("jitz", ["jits"]),
        ("bits", []),
        ("2020-p2-r44", []),
        ("2020-p2-r4a", ["2020-p2-r4"]),
        ("zzzz", []),
        ("", []),
        ("s", []),
    ],
)
def test_what_is_close_is_spelled_alike_or_has_the_same_word_and_numbers(value: str, found: list[str]) -> None:
    known = ["jits", "compensation", "non-punishment", "children", "osce", "2020-p2-r4", "2020-p4-r4"]
    assert closest(value, known) == found


@given(value=st.text(max_size=12), known=st.lists(st.text(max_size=12), max_size=8))
def test_what_is_close_is_known_and_few_and_said_once(value: str, known: list[str]) -> None:
    near = closest(value, known)
    assert len(near) <= 3
    assert len(set(near)) == len(near)
    assert set(near) <= set(known)
    error = unknown("thing", value, known, "Look there.")
    assert error.message == f"unknown thing {value!r}"
    assert error.hint.endswith("Look there.")


def test_a_database_that_is_missing_says_how_to_make_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    done = run("recs", "--db", path)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: no database at {path}\nhint: Build one with: cthbkb load --db {path}\n"
    assert run("recs", db=path) == done


@pytest.mark.parametrize("content", [b"", b"id,kind\r\n", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_no_database_of_ours_is_named_and_kept(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recs.csv"
    path.write_bytes(content)
    done = run("recs", "--db", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {path} is not a database of cthbkb: ")
    assert path.read_bytes() == content


def test_a_folder_is_no_database(run: Run, tmp_path: Path) -> None:
    done = run("recs", "--db", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert str(tmp_path) in done.err.splitlines()[0]


def test_what_a_terminal_would_obey_is_made_visible_in_a_message(run: Run) -> None:
    done = run("recs", "--theme", "\x1b[31mred\x07\u202e")
    assert done.code == 2
    assert done.err.startswith("error: unknown theme '\\x1b[31mred\\x07\\u202e'\n")
    assert "\x1b" not in run("show", "\x1b[2J").err
    assert "\x1b" not in run("recs", "-o", "/nowhere/\x1b[2J.csv").err


@pytest.mark.parametrize(
    "argv",
    [
        ("recs", "extra"),
        ("show",),
        ("search",),
        ("export",),
        ("export", "a", "b"),
        ("recs", "--format"),
        ("recs", "--limit"),
        ("recs", "--count=yes"),
        ("recs", "-x"),
        ("recs", "--no-such-option"),
        ("no-such-command",),
        ("--no-such-option",),
        ("",),
        ("-",),
        ("recs", "--theme", "jht", "--theme"),
        ("\x1b[2J",),
        ("recs", "\x1b[2J"),
    ],
    ids=repr,
)
def test_wrong_use_ends_with_2_a_message_and_no_traceback(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err
