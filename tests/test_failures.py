"""How problems of a seed are printed, and the messages for all other exceptions."""

from __future__ import annotations

import sqlite3

import pytest
from conftest import Run
from test_errors import interrupted_query, raising

from cthbkb import failures, problems
from cthbkb.problems import Problem, SeedError


def test_an_interruption_is_found_among_the_causes_of_an_error() -> None:
    def chained(**links: BaseException) -> Exception:
        error = RuntimeError()
        for name, value in links.items():
            setattr(error, name, value)
        return error

    assert failures.is_interrupt(chained(__context__=chained(__cause__=KeyboardInterrupt())))
    assert failures.is_interrupt(chained(__cause__=chained(__context__=interrupted_query())))
    assert not failures.is_interrupt(chained(__cause__=ValueError(), __context__=OSError()))
    assert not failures.is_interrupt(None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(5, "Input/output error"), "error: the command failed: Input/output error\n"),
        (OSError("odd"), "error: the command failed: odd\n"),
        (OSError(27, "File too large", "a"), "error: a: File too large\nhint: Raise the limit on file sizes, or "),
        (OSError(24, "Too many open files"), "error: the command failed: Too many open files\nhint: Raise the limit "),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "error: the command failed: 'utf-8'"),
        (SeedError([Problem("a.yaml", 1, 2, "themes", "a", "x")], "Mend it."),
         "a.yaml:1:2: themes a: x\n1 problem in the seed\nhint: Mend it.\n"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_errors_without_a_file_and_seed_errors_have_messages(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    raising(error, monkeypatch)
    done = run("recs")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(said)


def test_an_error_of_the_disk_is_no_bug_of_the_program() -> None:
    def hint(code: int) -> str:
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode = code
        return failures.known(error).hint

    disk = {
        5,
        8,
        10,
        11,
        13,
        14,
        15,
        22,
        26,
    }  # busy, read-only, I/O, corrupt, full, not opened, locking, size, no database
    told = {code: hint(code | extended) for code in range(1, 27) for extended in (0, 1 << 8, 7 << 8)}
    assert {code for code, said in told.items() if "check the disk" in said} == disk
    assert {code for code, said in told.items() if said.startswith(failures.BUG)} == {*range(1, 27)} - disk


def test_a_problem_names_its_table_and_id() -> None:
    assert [str(Problem("a.yaml", 1, 2, *subject, "x", warning)) for subject, warning in (
        (("themes", "fog"), False), (("themes", ""), True), (("", ""), False),
    )] == ["a.yaml:1:2: themes fog: x", "a.yaml:1:2: warning: themes: x", "a.yaml:1:2: x"]  # fmt: skip
    whole = "x" * (problems.LONG - len("themes: "))
    assert str(Problem("a", 1, 1, "themes", "", whole)).endswith(f"themes: {whole}")
    assert str(Problem("a", 1, 1, "themes", "", whole + "y")) == f"a:1:1: themes: {'x' * 292} ... {'x' * 89}y"
    many = [Problem("a", n, 1, "", "", "x") for n in range(problems.SHOWN)]
    assert str(SeedError(many)).splitlines()[-1] == "100 problems in the seed"
    assert problems.Guesses(3).near("ab", ["ab", "abx", "b"], 0.7) == ["ab", "abx"]
    assert problems.Guesses(2).near("ab", ["ab", "abx", "b"], 0.7) == []
