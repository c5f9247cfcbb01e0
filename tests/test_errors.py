"""Errors: a message with the value, the place and the next step, an exit code, and never a traceback."""

from __future__ import annotations

import fcntl
import io
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from conftest import Done, Run, each
from hypothesis import given
from hypothesis import strategies as st

from cthbkb import __main__, failures, front, store
from cthbkb.catalog import Request
from cthbkb.commands import listing
from cthbkb.errors import CthbkbError, Failure, Refused, UsageError, arguments, closest, shown, typed, unknown
from cthbkb.failures import BUG
from cthbkb.messages import Visible, counted, say
from cthbkb.problems import Problem, SeedError


def test_the_exit_code_is_1_for_failures_and_2_for_wrong_usage() -> None:
    assert [e.exit_code for e in (CthbkbError, Failure, Refused, SeedError, UsageError)] == [1, 1, 1, 1, 2]
    assert issubclass(Refused, Failure)
    assert issubclass(SeedError, Failure)
    assert issubclass(Failure, CthbkbError)
    assert issubclass(UsageError, CthbkbError)


def test_an_error_is_its_message() -> None:
    error = UsageError("unknown theme 'x'", "See: cthbkb themes")
    assert (str(error), error.message, error.hint) == ("unknown theme 'x'", "unknown theme 'x'", "See: cthbkb themes")


def test_a_seed_error_has_all_problems_and_their_number() -> None:
    problems = [Problem("a.yaml", n, 1, "themes", f"t{n}", "is wrong") for n in (1, 2)]
    assert str(SeedError(problems)).splitlines() == [
        *map(str, problems),
        "2 problems in the seed",
    ]
    assert str(SeedError(problems[:1])).splitlines()[-1] == "1 problem in the seed"
    assert SeedError(problems).problems == tuple(problems)


@each(
    "value, found",
    [
        ("jist", ["jits"]),
        ("COMPENSATON", ["compensation"]),
        ("punish", ["non-punishment"]),
        ("punishmnet", ["non-punishment"]),
        ("police", []),
        ("jitz", ["jits"]),
        ("bits", []),
        ("--osc", ["osce"]),
        ("2020-p2-r44", []),
        ("2020-p2-r4a", ["2020-p2-r4"]),
        ("zzzz", []),
        ("", []),
        ("s", []),
    ],
)
def test_suggestions_are_spelled_alike_or_have_the_same_word_and_numbers(value: str, found: list[str]) -> None:
    known = ["jits", "compensation", "non-punishment", "children", "osce", "2020-p2-r4", "2020-p4-r4"]
    assert closest(value, known) == found


def test_a_name_typed_in_upper_case_precedes_one_with_the_same_letters() -> None:
    assert closest("JITS", ["jist", "jits"]) == ["jits", "jist"]


def test_only_arguments_that_look_like_options_are_marked() -> None:
    assert [arguments(words) for words in (["-"], ["a b", "-"], ["a", "-x"], ["--"])] == [
        "-", "'a b' -", "-- a -x", "-- --",
    ]  # fmt: skip


@given(value=st.text(max_size=12), known=st.lists(st.text(max_size=12), max_size=8))
def test_suggestions_are_known_and_few_and_not_repeated(value: str, known: list[str]) -> None:
    near = closest(value, known)
    assert len(near) <= 3
    assert len(set(near)) == len(near)
    assert set(near) <= set(known)
    error = unknown("thing", value, known, "Look there.")
    assert error.message == f"unknown thing {value!r}"
    assert error.hint.endswith("Look there.")


def test_a_missing_database_is_reported_with_the_command_that_builds_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    done = run("recs", "--db", path)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: no database at {path}\nhint: Build one with: cthbkb load --db {path}\n"
    assert run("recs", db=path) == done


@pytest.mark.parametrize("content", [b"", b"id,kind\r\n", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_of_another_program_is_named_and_kept(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recs.csv"
    path.write_bytes(content)
    done = run("recs", "--db", path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {path} is not a cthbkb database: ")
    assert path.read_bytes() == content


def test_a_folder_is_not_a_database(run: Run, tmp_path: Path) -> None:
    done = run("recs", "--db", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert str(tmp_path) in done.err.splitlines()[0]


def test_control_characters_are_made_visible_in_a_message(run: Run) -> None:
    done = run("recs", "--theme", "\x1b[31mred\x07\u202e")
    assert done.code == 2
    assert done.err.startswith("error: unknown theme '\\x1b[31mred\\x07\\u202e'\n")
    assert "\x1b" not in run("show", "\x1b[2J").err
    assert "\x1b" not in run("recs", "-o", "/nowhere/\x1b[2J.csv").err


@each(
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
)
def test_wrong_usage_ends_with_2_and_a_message_without_a_traceback(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_messages_are_shortened_wrapped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {(1, "people"): "1 person", (2, "people"): "2 people", (1, "entries"): "1 entry", (0, "items"): "0 items",
              (1, "items"): "1 item", (21, "items"): "21 items"}  # fmt: skip
    assert {given: counted(*given) for given in counts} == counts
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    for length in (2000, 2001):
        say("a" * (length - 500) + "b" * 500)
    assert sys.stderr.getvalue() == f"{'a' * 1500}{'b' * 500}\n{'a' * 1000} … {'b' * 500}\n"
    monkeypatch.setattr(sys, "stderr", Terminal())
    say("hint: these are some words, and then 2033-an-id-of-many-parts")
    assert sys.stderr.getvalue() == "hint: these are some words, and then\n  2033-an-id-of-many-parts\n"


def test_a_terminal_shows_controls_as_escapes() -> None:
    out = Visible(Terminal())
    out.write("a\r\nb\x1b[2J\tc\rd\n")
    out.writelines(["é\n", "\u202e"])
    assert out.getvalue() == "a\nb\\x1b[2J\tc\\rd\né\n\\u202e"
    assert out.isatty()


# Exceptions


DEFECT = f"hint: {BUG} Run it again with CTHBKB_DEBUG=1, and report the output.\n"
LESS = "hint: Reduce the output with filters or --limit.\n"
LOAD = "hint: Reinstall cthbkb, or raise the memory limit if there is one.\n"
AGAIN = "hint: Try again; with CTHBKB_DEBUG=1, the program shows where it failed.\n"
DISK = "hint: Try again; if it fails again, check the disk for errors.\n"
ROOM = "hint: Free some space, or write to another disk: --output FILE\n"


def unreadable() -> sqlite3.Error:
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect("file:/nowhere/a.db?mode=ro", uri=True)
    return caught.value


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Request) -> int:
        raise error

    monkeypatch.setattr(front, "execute", fails)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TypeError("no such thing"), f"error: the command failed: no such thing\n{DEFECT}"),
        (AssertionError(), f"error: the command failed: AssertionError\n{DEFECT}"),
        (RecursionError("too deep\nby far"), f"error: the command failed: too deep\\nby far\n{DEFECT}"),
        (ImportError("\n\nIMPORTANT\nread this"), f"error: a library cannot be loaded: IMPORTANT\n{LOAD}"),
        (MemoryError(), f"error: not enough memory\n{LESS}"),
        (PermissionError(13, "Permission denied", "a\nb"), f"error: a\\nb: Permission denied\n{AGAIN}"),
        (OSError(28, "No space left on device"), f"error: the command failed: No space left on device\n{ROOM}"),
        (unreadable(), f"error: a database cannot be read or written: unable to open database file\n{DISK}"),
        (
            Failure("it failed\nerror: not this", "Try\nthis."),
            "error: it failed\\nerror: not this\nhint: Try\\nthis.\n",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_exception_ends_as_a_message_and_1(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    raising(error, monkeypatch)
    done = run("recs")
    assert (done.code, done.out, done.err) == (1, "", said)


def test_a_traceback_is_printed_on_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(TypeError("no such thing"), monkeypatch)
    monkeypatch.setenv("CTHBKB_DEBUG", "1")
    done = run("recs")
    assert done.err.startswith("Traceback (most recent call last):\n")
    assert done.err.endswith(f"TypeError: no such thing\nerror: the command failed: no such thing\n{DEFECT}")


def interrupted_query() -> sqlite3.Error:
    db = sqlite3.connect(":memory:")
    db.set_progress_handler(lambda: 1, 1)
    with pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("with recursive a(i) as (select 1 union all select i from a) select count(*) from a")
    db.close()
    return caught.value


def inside_a_class_body() -> RuntimeError:
    error = RuntimeError("Error calling __set_name__")
    error.__cause__ = KeyboardInterrupt()
    return error


def test_a_bug_is_reported_as_a_bug_wherever_it_is_raised(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Request) -> int:
        raise KeyError("theme")

    monkeypatch.setattr(listing, "run", fails)
    named_one = run("recs")
    assert (named_one.code, named_one.out) == (1, "")
    assert "error: the command failed on " in named_one.err
    assert "; if it fails again, CTHBKB_DEBUG=1 shows where.\n" in named_one.err
    monkeypatch.setattr(store, "open_database", lambda path: None)
    done = run("recs", db=None)
    assert (done.code, done.out, done.err) == (1, "", f"error: the command failed: 'theme'\n{DEFECT}")


def test_an_error_that_is_its_own_cause_is_handled() -> None:
    error = KeyError("x")
    error.__cause__ = error
    assert not failures.is_interrupt(error)


@pytest.mark.parametrize("made", [KeyboardInterrupt, interrupted_query, inside_a_class_body])
def test_an_interruption_is_130_and_silent_in_whatever_form_it_comes(
    run: Run, monkeypatch: pytest.MonkeyPatch, made: type[BaseException]
) -> None:
    raising(made(), monkeypatch)
    done = run("recs")
    assert (done.code, done.out, done.err) == (130, "", "")


@pytest.mark.parametrize("made", [KeyboardInterrupt, inside_a_class_body])
def test_an_interruption_of_the_imports_is_130_and_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], made: type[BaseException]
) -> None:
    def interrupted() -> int:
        raise made()

    monkeypatch.setattr(front, "main", interrupted)
    for name in ("disable", "freeze"):  # the garbage collector of the test process
        monkeypatch.setattr(__main__.gc, name, lambda: None)
    assert __main__.main() == failures.INTERRUPTED == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals as Unix has them")
def test_ctrl_c_during_a_command_is_130_and_silent(database: Path) -> None:
    code = "import time; from cthbkb import front, __main__; front.execute = lambda request: time.sleep(20);"
    code += "print('ready', flush=True); import sys; sys.exit(__main__.main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "recs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "")


# Arguments


@pytest.mark.parametrize("word", [b"\xff", "Łódź".encode("iso8859-2")])
def test_an_argument_that_is_not_text_is_wrong_usage(run: Run, word: bytes) -> None:
    typed_so = os.fsdecode(word)
    done = run("show", typed_so)
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"error: {typed_so!r} is not valid text\nhint: It contains bytes that are not UTF-8; type it again.\n"
    )
    for argv in (("recs", "--theme", typed_so), ("recs", typed_so), ("recs", f"--{typed_so}"), (typed_so,)):
        done = run(*argv)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: ")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="needs a file system that takes any bytes")
def test_a_path_may_contain_any_bytes(run: Run, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    assert run("recs", "-o", path).code == 0
    assert Path(path).read_bytes().startswith(b"id,")


@each("word", ["x" * 100_000, "a\nerror: fake", "a\r\x1b[2Jb", "$(reboot)", "it's `so` \\ \u202e", "--x\ny"])
@each("command", ["recs", "show", "search --type", "recs --theme", "recs --year", "compare --by", "recs --db"])
def test_a_value_neither_floods_nor_forges_a_message(run: Run, command: str, word: str) -> None:
    done = run(*command.split(), word)
    assert (done.code in {1, 2}, done.out) == (True, "")
    lines = done.err.splitlines()
    assert 1 <= len(lines) <= 3
    assert max(map(len, lines)) < 2100
    assert lines[0].startswith("error: ")
    assert all(line.startswith("hint: ") for line in lines[1:])
    assert all(c.isprintable() for line in lines for c in line)


@each("word", ["jits", "a b", "$(rm x)", "it's", "a\nb", "\x1b[2J", "é\u202e", "\\ 'x' \\'", "\udcff", ""])
def test_a_hint_can_be_typed_as_printed(word: str) -> None:
    line = typed("printf", "%s", word)
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert done.stdout == word.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("word", ["--sort", "-n5", "--output=x.csv", "--"])
@pytest.mark.parametrize("command", ["recs", "show", "about"])
def test_a_hint_protects_a_word_that_looks_like_an_option(run: Run, command: str, word: str) -> None:
    said = run(command, "--", word).err.rstrip().rpartition("cthbkb ")[2]
    assert shlex.split(said) == ["search", "--", word]
    assert run(*shlex.split(said)).code == 0


def test_a_hint_quotes_what_was_typed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for argv in (
        ("recs", "$(rm x)"),
        ("show", "$(rm x)"),
        ("about", "$(rm x)"),
        ("load", "$(rm x)"),
        ("recs", "--db", "$(rm x)"),
    ):
        said = run(*argv).err.splitlines()[-1]
        assert "$(rm x)" in shlex.split(said.replace(";", " ")) or {"$(rm", "x)"} <= set(shlex.split(said))


def test_a_value_is_shown_on_one_line_and_shortened_if_it_is_long() -> None:
    assert shown("a\nb'\u202e") == '"a\\nb\'\\u202e"'
    assert shown("x" * 200) == repr("x" * 200)
    assert shown("a" * 500 + "z" * 500) == f"'{'a' * 150}…{'z' * 49}'"


# Streams


def started(argv: str, database: Path, shell: str) -> tuple[int, str, str]:
    """Run the program in a shell with redirected streams; return exit code, standard output and standard error."""
    line = f"{typed(sys.executable)} -m cthbkb {argv} {shell}"
    env = os.environ | {"CTHBKB_DB": str(database)}
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("argv", ["recs --theme jix", "search lamp", "--help"])
def test_a_full_or_closed_stderr_changes_neither_answer_nor_exit_code(run: Run, argv: str, database: Path) -> None:
    whole = run(*argv.split())
    assert whole.code == (2 if "jix" in argv else 0)
    for shell in ("2> /dev/full", "2>&-"):
        assert started(argv, database, shell) == (whole.code, whole.out, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@each("argv", ["recs", "recs -f xlsx", "brief --theme lights -f docx", "chart themes -f svg", "-h"])
def test_output_that_cannot_be_written_is_reported_in_every_format(
    run: Run, monkeypatch: pytest.MonkeyPatch, argv: str
) -> None:
    def written(file: int | None) -> Done:
        with monkeypatch.context() as patch, nullcontext() if file is None else os.fdopen(file, "w") as out:
            patch.setattr(sys, "stdout", out)
            return run(*argv.split())

    done = written(os.open("/dev/full", os.O_WRONLY))
    assert (done.code, "No space left on device" in done.err, BUG in done.err) == (1, True, False)
    assert done.err.count("\n") == 2
    told = "error: standard output is closed\nhint: Name a file: --output recs.csv\n"
    assert written(None) == Done(1, "", told)
    reader, here = os.pipe()
    os.close(reader)
    assert written(here) == Done(0, "", "")


@pytest.mark.parametrize("lacking", ["catalog.py", "failures.py"])
def test_a_program_that_cannot_be_loaded_says_so(lacking: str, tmp_path: Path) -> None:
    package = Path(__main__.__file__).parent
    for module in package.glob("*.py"):
        cut = "raise EOFError('marshal data too short')\n" if module.name == lacking else module.read_text("utf-8")
        path = tmp_path / "cthbkb" / module.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(cut + "x = =\n" * (lacking == "failures.py" == module.name), encoding="utf-8")
    if lacking == "failures.py":
        (tmp_path / "cthbkb" / "catalog.py").unlink()
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    line = [sys.executable, "-m", "cthbkb", "recs"]
    done = subprocess.run(line, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: cthbkb cannot start: ")
    assert done.stderr.count("\n") == 2


def test_closed_standard_input_is_treated_as_empty(run: Run, monkeypatch: pytest.MonkeyPatch, database: Path) -> None:
    assert started("mcp", database, "<&-") == (0, "", "")
    for argv, code, said in (
        ("sql -", 2, "error: the query is empty\n"),
        ("check -", 1, "standard input:1:1: the file is empty"),
    ):
        monkeypatch.setattr(sys, "stdin", None)
        done = run(*argv.split())
        sys.stdin.close()
        assert (done.code, done.out, done.err[: len(said)]) == (code, "", said)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes that do not wait")
def test_a_non_blocking_pipe_loses_nothing(run: Run) -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    with subprocess.Popen([sys.executable, "-m", "cthbkb", "schema"], stdout=here) as process:
        os.close(here)
        limit = time.monotonic() + 60
        while not_read(there) < 2**16 and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.01)  # until the pipe is full
        time.sleep(0.05)
        with open(there, encoding="utf-8") as pipe:
            assert pipe.read() == run("schema").out
    assert process.returncode == 0


def not_read(pipe: int) -> int:
    """Return the number of bytes waiting in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)
