"""The entry point: the same answers as Typer with a fraction of the imports, and proper behaviour in pipes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import Run, each, on_a_terminal
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st

from cthbkb import cache, front
from cthbkb.catalog import ALIASES, COMMANDS, Request

PYTHON = [sys.executable, "-m", "cthbkb"]


def started(
    *argv: str, stdout: int = subprocess.PIPE, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a separate process."""
    return subprocess.run(
        [*PYTHON, *argv],
        env=os.environ | (env or {}),
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )


@pytest.fixture
def fabricated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make processes use the database of the fabricated seed."""
    monkeypatch.setenv("CTHBKB_DB", str(database))


# The same answers


VALUES = st.sampled_from(
    [
        *"2031 2033-2035 1999 2033 jht lights harbour takeaway all moderator Ruritania must".split(),
        *"recommendation keepers".split(),
        *"json csv tsv table yaml xml id id,year kind,id ? zz year -year -id label score 0 2 1000 x".split(),
        *"theme kind role type cadets noted".split(),
        *("", "Seán O'Brien", "side event", "日本"),
    ]
)
RIGHT = {
    "year": ["2031", "2033-2035"],
    "theme": ["jht", "lights", "night work"],
    "kind": ["takeaway", "recommendations", "all"],
    "format": ["json", "csv", "tsv", "table", "markdown", "yaml", "jsonl"],
    "columns": ["?", "year", "id", "document,id", "label"],
    "sort": ["year", "-year", "id", "-id"],
    "limit": ["0", "1", "7"],
    "by": ["theme", "kind", "role"],
    "planned": ["2033"],
    "role": ["moderator"],
    "person": ["kowalska"],
    "document": ["2033-highlights"],
    "type": ["panel", "recommendation"],
}
"""Values that are mostly valid for an option."""

WORDS = st.sampled_from(
    [
        "lamp",
        "keeper",
        "-lamp",
        "2031",
        "2035",
        "jht",
        "anna",
        "kowalska",
        "2033",
        "panel",
        '"joint team"',
        "tide*",
        "zz",
    ]
)
ASKED = sorted({c.name for c in COMMANDS.values() if c.ends} - {"export", "load", "check", "schema", "man", "open"})


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Draw a command line that is occasionally wrong."""
    command = COMMANDS[draw(st.sampled_from(ASKED))]
    options = [o for o in command.options if o.name not in {"db", "output"}]
    parts: list[list[str]] = []
    for option in draw(st.lists(st.sampled_from(options), max_size=4, unique_by=id)):
        right = RIGHT.get(option.name)
        value = draw(st.sampled_from(right) if right and draw(st.integers(0, 9)) else VALUES)
        if not option.noun:
            parts.append([f"--{option.name}"])
        else:
            forms = [[f"--{option.name}", value], [f"--{option.name}={value}"]]
            forms += [[f"-{option.short}", value], [f"-{option.short}{value}"]] if option.short else []
            parts.append(draw(st.sampled_from(forms)))
    if command.arguments:
        parts += [[word] for word in draw(st.lists(WORDS, min_size=int(command.required), max_size=3))]
    return [command.name, *(word for part in draw(st.permutations(parts)) for word in part)]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(argv=lines())
@example(argv=["search", "tide", "--sort", "-score"])
@example(argv=["search", "--limit", "1", "-lamp", "keeper", "-c", "id"])
@example(argv=["search", ""])
@example(argv=["search", "keeper", "-n5", "-lamp", "-cid", "-children"])
@example(argv=["search", "keeper", "--", "-lamp"])
@example(argv=["recs", "-n1", "-fjson", "-cid,year", "-s-year"])
@example(argv=["recs", "--sort", "-year", "--columns="])
@example(argv=["compare", "2031", "2035", "--format=table"])
@example(argv=["themes", "--theme="])
@example(argv=["recs", "--theme", "jht", "--theme=lights", "--year", "2031", "--year=2035", "--sort", "-id"])
def test_both_parsers_give_the_same_answer(run: Run, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    assume(front.read(argv) is not None)
    plain = run(*argv)
    event(f"exit {plain.code}")
    with monkeypatch.context() as patched:
        patched.setattr(front, "read", lambda _: None)
        framed = run(*argv)
    assert framed == plain


@each(
    "argv",
    [
        ["recs", "--theme"],
        ["recs", "--theme", "--year", "2031"],
        ["recs", "--them", "jht"],
        ["recs", "--count=1"],
        ["recs", "--limit", "1", "--limit", "2"],
        ["recs", "--help"],
        ["show"],
        ["export", "a", "b"],
        ["rex"],
        ["--help"],
    ],
)
def test_other_command_lines_are_left_to_typer(argv: list[str]) -> None:
    assert front.read(argv) is None


def test_a_plain_command_line_becomes_a_request() -> None:
    read = front.read(["recs", "--theme", "a", "--theme=b", "-n", "3", "--count", "--sort", "-year"])
    assert isinstance(read, Request)
    assert (read.command.name, read.arguments) == ("recs", [])
    assert read.options == {"theme": ["a", "b"], "limit": ["3"], "count": [""], "sort": ["-year"]}
    assert (read.value("theme"), read.value("year"), read.switch("count"), read.switch("excel")) == (
        "b",
        "",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("argv", "options", "arguments"),
    [
        ("recs -n5 -fjson -oout.csv", {"limit": ["5"], "format": ["json"], "output": ["out.csv"]}, []),
        ("recs -cid,year -s-year", {"columns": ["id,year"], "sort": ["-year"]}, []),
        ("recs -o - -n 5", {"output": ["-"], "limit": ["5"]}, []),
        ("search lamp -n5 -national -ooil -oout.csv", {"limit": ["5"], "output": ["out.csv"]}, "lamp -national -ooil"),
        ("search -cid -children -sailors -fog", {"columns": ["id"]}, "-children -sailors -fog"),
        ("search lamp --limit 5 -- -n5 --count", {"limit": ["5"]}, "lamp -n5 --count"),
        ("search lamp --theme=-x -s -score", {"theme": ["-x"], "sort": ["-score"]}, "lamp"),
    ],
)
def test_text_attached_to_a_short_option_is_its_value_if_it_fits(
    argv: str, options: dict[str, list[str]], arguments: str | list[str]
) -> None:
    read = front.read(argv.split())
    assert read is not None
    assert (read.options, read.arguments) == (options, arguments.split() if arguments else [])  # type: ignore[union-attr]


def test_no_arguments_and_version_request_the_overview() -> None:
    for argv in ([], ["--version"]):
        read = front.read(argv)
        assert read is not None
        assert (read.command.name, read.switch("version")) == ("overview", bool(argv))


@each("alias", sorted(ALIASES))
def test_an_alias_runs_its_command(run: Run, alias: str) -> None:
    assert alias not in COMMANDS
    argv = {"search": ["lamp"]}.get(ALIASES[alias], [])
    assert run(alias, *argv) == run(ALIASES[alias], *argv)


# Pipes, terminals and locales


@pytest.mark.parametrize(
    "argv",
    [
        ("recs",),
        ("recs", "--format", "table"),
        ("recs", "--format", "json"),
        ("recs", "--count"),
        (),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("fabricated")
def test_a_closed_pipe_ends_the_program_silently(argv: tuple[str, ...]) -> None:
    reader, written = os.pipe()
    os.close(reader)
    try:
        done = started(*argv, stdout=written)
    finally:
        os.close(written)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.usefixtures("fabricated")
def test_head_takes_the_first_line() -> None:
    line = f"'{sys.executable}' -m cthbkb recs --format csv | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"id,year,kind,")
    assert done.stdout.count(b"\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("argv", [("recs",), ("recs", "--format", "table"), ("recs", "--count")], ids=" ".join)
@pytest.mark.usefixtures("fabricated")
def test_a_full_device_is_reported_without_a_traceback(argv: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = started(*argv, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr == (
        b"error: the command failed: No space left on device\n"
        b"hint: Free some space, or write to another disk: --output FILE\n"
    )


@pytest.mark.parametrize(
    ("format", "env"),
    [
        ("table", {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}),
        ("csv", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("json", {"PYTHONIOENCODING": "latin-1:strict", "LC_ALL": "POSIX"}),
    ],
    ids=str,
)
@pytest.mark.usefixtures("fabricated")
def test_output_is_utf_8_in_any_locale(format: str, env: dict[str, str]) -> None:
    done = started("people", "--format", format, env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Anna Łucja Kowalska" in done.stdout.decode()


@pytest.mark.usefixtures("fabricated")
def test_messages_name_the_typed_value_in_any_locale() -> None:
    done = started("recs", "--theme", "Łódź", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 2
    assert done.stderr.decode().startswith("error: unknown theme 'Łódź'\n")


@pytest.mark.usefixtures("fabricated")
def test_each_format_has_its_own_line_ends() -> None:
    assert b"\r" not in started("people").stdout
    assert b"\r\r" not in started("people", "--format", "csv").stdout


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour_follows_the_environment_variables(
    run: Run, monkeypatch: pytest.MonkeyPatch, env: dict[str, str], coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in run("themes", "--format", "table").out) == coloured
    assert "\x1b" not in run("themes", "--format", "json").out


@pytest.mark.usefixtures("fabricated")
def test_environment_variables_for_colour_do_not_change_the_format() -> None:
    env = {"FORCE_COLOR": "1"}
    assert started("themes", env=env).stdout == started("themes").stdout


def test_a_closed_standard_output_is_an_error_unless_a_file_is_named(database: Path, tmp_path: Path) -> None:
    line = f"'{sys.executable}' -m cthbkb recs --db '{database}'"
    done = subprocess.run(["sh", "-c", f"{line} >&-"], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (
        1,
        b"error: standard output is closed\nhint: Name a file: --output recs.csv\n",
    )
    path = tmp_path / "recs.csv"
    done = subprocess.run(["sh", "-c", f"{line} -o '{path}' >&-"], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert path.exists()
    done = subprocess.run(["sh", "-c", f"{line} --count 2>&-"], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, b"21\n")


def shown(*argv: str, env: Mapping[str, str]) -> str:
    """Return the output of the program if stdout and stderr are a terminal."""
    code, text = on_a_terminal(*argv, env=env)
    assert code == 0
    return text.decode().replace("\r\n", "\n")


@pytest.mark.usefixtures("fabricated")
def test_on_a_terminal_the_answer_is_a_table_and_messages_are_wrapped() -> None:
    text = shown("recs", "--year", "2031", env={"COLUMNS": "60", "TERM": "xterm"})
    assert "2031-p1-r1  2031  recommendation" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 60
    assert text.startswith(
        "8 items: 5 recommendations, 2 observations, 1 conclusion;\n"
        "  kinds are not directly comparable, see: cthbkb about\n"
    )


@pytest.mark.usefixtures("fabricated")
def test_on_a_narrow_terminal_help_and_the_introduction_fit() -> None:
    text = shown("compare", "--help", env={"COLUMNS": "40", "TERM": "xterm"})
    assert max(map(len, text.splitlines())) <= 40
    assert shown(env={"COLUMNS": "50", "TERM": "xterm"}).startswith(
        "cthbkb: what the OSCE Alliance against Trafficking\n"
        "  in Persons conferences said, who took part,\n"
        "  where it is written, and how it changed.\n"
    )


@pytest.mark.usefixtures("fabricated")
def test_on_a_terminal_there_is_colour_unless_it_is_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[36m" in shown("themes", env={"TERM": "xterm-256color"})
    assert "\x1b" not in shown("themes", env={"TERM": "xterm-256color", "NO_COLOR": "1"})


def test_an_interruption_is_quiet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Request) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(front, "execute", interrupted)
    done = run("recs")
    assert (done.code, done.out, done.err) == (130, "", "")


# The cold path


COLD = (
    ("recs",),
    ("speakers", "--format", "csv"),
    ("search", "keeper", "--format", "json"),
    ("show", "2033-p1-r1"),
    ("compare", "--format", "csv"),
)
HEAVY = frozenset("pydantic rich yaml sqlite_utils click typer importlib.metadata json re".split())


@pytest.fixture(scope="module")
def warm(seed_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the fabricated data are the packaged ones, and are built, and the modules compiled."""
    base = tmp_path_factory.mktemp("checkout")
    for folder in ("src", "data", "home"):
        (base / folder).mkdir()
    (base / "src" / "cthbkb").symlink_to(Path(front.__file__).parent)
    (base / "data" / "english.txt").symlink_to(cache.words_path())
    shutil.copy(seed_path, base / "data" / "seed.yaml")
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "CTHBKB_DB"}}
    env |= {"XDG_CACHE_HOME": str(base / "cache"), "HOME": str(base / "home"), "PYTHONPATH": str(base / "src")}
    for argv in (*COLD, ("recs", "--help")):
        done = subprocess.run([*PYTHON, *argv], env=env, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0
    return env


def imports(env: dict[str, str], *argv: str, of: tuple[str, ...] = ("-m", "cthbkb")) -> list[str]:
    """Return the names of the modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *of, *argv],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]


@pytest.mark.parametrize("argv", COLD, ids=" ".join)
def test_a_simple_answer_needs_few_imports_and_no_large_library(warm: dict[str, str], argv: tuple[str, ...]) -> None:
    most = 74 if "compare" in argv else 75 if "search" in argv else 70  # some of their modules are separate
    found = imports(warm, *argv)
    assert "cthbkb.front" in found
    assert len(found) <= most
    assert HEAVY & set(found) == set()


def test_a_short_process_never_collects_garbage(warm: dict[str, str]) -> None:
    code = "import gc; from cthbkb.__main__ import main; main(); print(gc.isenabled(), gc.get_freeze_count() > 0)"
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"], env=warm, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "False True"


def test_typer_imports_only_what_it_needs(warm: dict[str, str]) -> None:
    """Versions of Python and Typer import different numbers of modules; ours are those above that."""
    assert len(imports(warm, "recs", "--help")) <= len(imports(warm, of=("-c", "import typer"))) + 23


def test_the_packaged_database_answers_like_one_built_by_hand(warm: dict[str, str], run: Run) -> None:
    done = subprocess.run([*PYTHON, "recs", "--format", "json"], env=warm, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == run("recs", "--format", "json").out


# The order of words


ORDERED = {
    "--format json recs": "recs --format json",
    "-f json -n2 --db x recs --count": "recs -f json -n2 --db x --count",
    "--count recs -n 1": "recs --count -n 1",
    "--format=json recommendations": "recommendations --format=json",
    "--nonsense recs": "recs --nonsense",
    # without a command, the overview is printed, unless help or completion is requested
    "--format json": "overview --format json",
    "--db recs": "overview --db recs",
    "--nonsense": "overview --nonsense",
    "--version": "--version",
    "--help recs": "--help recs",
    "-h": "-h",
    "-- recs": "-- recs",
    "--format json nothing": "--format json nothing",
    "--install-completion": "--install-completion",
}

SPLIT = {
    # the words of a command become options with separate values, followed by the arguments
    "recs -n5 a -fjson --theme x b -- -c --d": "-n 5 -f json --theme x -- a b -c --d",
    "recs --theme -x a": "--theme -x a",
    "recs -n": "-n",
    "serve -p80 -px": "-p 80 -p x",
    "show -fjson a -r": "-f json -r a",
    # in a search, a word with a dash is an exclusion, unless it is an option whose value fits
    "search -n5 -n -5 lamp": "-n 5 -n -5 lamp",
    "search -national -5 -h --limit 2 - --": "-h --limit 2 -- -national -5 -",
    "search -fjson -fx -s-id -sid,x -o- -o.csv -oil": "-f json -s -id -o - -o .csv -- -fx -sid,x -oil",
    "search -year --theme -x y": "--theme -x -- -year y",
}


def test_options_may_be_anywhere() -> None:
    assert {line: " ".join(front._ordered(line.split())) for line in ORDERED} == ORDERED
    for line, wanted in SPLIT.items():
        name, *words = line.split()
        assert " ".join(COMMANDS[name].split(words)) == wanted, line


def test_a_value_may_begin_with_a_dash_if_it_fits() -> None:
    values = ["-2020", "2016", "-x", "2016-", "-year", "-year,id", "-", "a.csv", "5", ""]
    fitting = {"year": "-2020 2016", "limit": "2016 5", "sort": "-year -year,id", "output": "- a.csv", "theme": "",
               "delimiter": "- 5", "columns": "-year -year,id"}  # fmt: skip
    options = {option.name: option for option in COMMANDS["recs"].options}
    assert {name: " ".join(v for v in values if options[name].fits(v)) for name in fitting} == fitting


def test_a_request_gives_the_last_value_and_all_columns(tmp_path: Path) -> None:
    request = Request(COMMANDS["recs"], ["x"], {"columns": ["a", "b"], "limit": ["1", "2"], "db": ["~/x"], "theme": []})
    found = [request.value(name) for name in ("columns", "limit", "db", "theme", "year")]
    assert found == ["a,b", "2", str(tmp_path / "home" / "x"), "", ""]
    assert (request.switch("limit"), request.switch("theme")) == (True, False)
    narrowed = request.narrowed({"theme": ["j"], "limit": ["3"]})
    assert (narrowed.options["theme"], narrowed.options["limit"], narrowed.arguments) == (["j"], ["1", "2", "3"], [])
    assert request.options["limit"] == ["1", "2"]
