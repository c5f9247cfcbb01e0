"""The commands: each has its help, an example that runs, and words for who calls it wrongly."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import __version__, build, cache
from cthbkb import seed as seeds
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.formats import BYTES, CITING, FORMATS
from cthbkb.registry import LISTINGS


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the packaged data, for the examples that speak of it."""
    path = tmp_path_factory.mktemp("packaged") / "packaged.db"
    build.build(seeds.load(Path(cache.seed_path())), path)
    return path


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_that_fits_the_terminal(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: cthbkb {name} [OPTIONS]")
    assert " ".join(COMMANDS[name].help.split()) in " ".join(done.out.split())
    assert f"Example: {COMMANDS[name].example}\n" in done.out
    for one in COMMANDS[name].options:
        assert f"--{one.name}" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_example_of_every_command_runs_and_answers(
    run: Run, packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shutil.copytree(Path(cache.seed_path()).parent, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    program, *argv = shlex.split(COMMANDS[name].example)
    assert program == "cthbkb"
    assert argv[:1] == [name] or name == "overview"
    done = run(*argv, db=packaged)
    assert done.code == 0
    assert len(done.out.splitlines()) > 1 or done.err or any(tmp_path.glob("*.json"))
    assert "no " not in done.err.split("\n")[0][:3]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_is_a_sentence_and_of_an_option_too(name: str) -> None:
    command = COMMANDS[name]
    assert command.help.endswith(".")
    assert all(one.help.endswith(".") for one in command.options)
    assert all(one.noun == one.noun.upper() for one in command.options)
    assert len({one.name for one in command.options}) == len(command.options)
    shorts = [one.short for one in command.options if one.short]
    assert len(set(shorts)) == len(shorts)


def test_an_option_means_the_same_in_every_command() -> None:
    meant: dict[str, set[tuple[str, str, bool]]] = {}
    for command in COMMANDS.values():
        for one in command.options:
            meant.setdefault(one.name, set()).add((one.noun, one.short, one.many))
    assert {name: found for name, found in meant.items() if len(found) > 1} == {}


def test_the_help_of_the_program_lists_every_command_in_order(run: Run) -> None:
    for argv in (("--help",), ("-h",), ("help",)):
        done = run(*argv)
        assert (done.code, done.err) == (0, "")
        listed = [line.split()[0] for line in done.out.split("Commands:\n")[1].splitlines() if line[:3].strip()]
        assert listed == list(COMMANDS)
        assert max(map(len, done.out.splitlines())) <= 80
    assert set(LISTINGS) <= set(COMMANDS)


def test_help_of_a_command_may_be_asked_for_with_a_word_or_a_letter(run: Run) -> None:
    assert run("help", "recs") == run("recs", "-h") == run("recs", "--help")


def test_the_bare_call_says_what_this_is_what_it_holds_and_what_to_try(run: Run) -> None:
    done = run()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "cthbkb: what the OSCE Alliance against Trafficking in Persons conferences\n"
        "said, who took part, where it is written, and how it changed.\n"
        "\n"
        "year\tconference\tsessions\tpeople\titems\tfigures\n"
        "2031\tLights, Locks and Labour\t2\t4\t8\t1\n"
        "2033\tTides and Teams\t4\t5\t8\t3\n"
        "2035\tFair Winds for Night Crews\t2\t3\t5\t1\n"
        "\n"
        "Try:  cthbkb recs --theme jits\n"
        "      cthbkb speakers --year 2020 --role moderator\n"
        "      cthbkb compare --theme non-punishment\n"
        "More: cthbkb --help\n"
    )


def test_what_the_bare_call_suggests_runs(run: Run, packaged: Path) -> None:
    lines = run(db=packaged).out.split("\nTry:")[1].replace("More:", "").splitlines()
    for line in lines:
        program, *argv = line.split()
        assert program == "cthbkb"
        done = run(*argv, db=packaged)
        assert done.code == 0
        assert [text for text in done.err.splitlines() if not text.startswith("note: ")] == []
        assert len(done.out.splitlines()) > 1


@pytest.mark.parametrize("format", sorted(set(FORMATS) - BYTES - CITING - {"ics"}))
def test_the_overview_answers_in_every_format(run: Run, format: str) -> None:
    done = run("overview", "--format", format)
    assert (done.code, done.err) == (0, "")
    assert "Tides and Teams" in done.out
    if format == "json":
        assert [row["items"] for row in json.loads(done.out)] == [8, 8, 5]
    if format == "csv":
        assert done.out.startswith("year,conference,sessions,people,items,figures\r\n2031,")


def test_the_version_is_that_of_the_program_and_of_the_data(run: Run, packaged: Path, seed: seeds.Seed) -> None:
    done = run("--version")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"cthbkb {__version__}, data {seed.version}\n"
    assert run("--version", db=packaged).out != done.out


def test_about_gives_sources_counts_and_method(run: Run) -> None:
    done = run("about", "--format", "json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert found["program"] == f"cthbkb {__version__}"
    assert {"reading", "own words", "limits"} <= set(found)
    assert [source["id"] for source in found["linked"]["sources"]] == [
        "2031-highlights",
        "2033-concept-note",
        "2033-highlights",
        "2033-report",
        "2035-conclusions",
    ]
    assert {"id": "2035-conclusions", "title": "recommendations: takeaway: 4"} in found["linked"]["counts"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            "recz",
            "error: unknown command 'recz'\nhint: Did you mean rec or recs? All are listed by: cthbkb --help\n",
        ),
        (
            "recs --thme jht",
            "Usage: cthbkb recs [OPTIONS]\nTry 'cthbkb recs -h' for help.\n\n"
            "Error: No such option: --thme (Possible options: --help, --theme, --thread)\n",
        ),
    ],
)
def test_wrong_use_says_what_is_wrong_and_where_help_is(run: Run, argv: str, message: str) -> None:
    done = run(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", message)


def test_a_word_that_a_list_does_not_take_is_turned_into_what_it_may_mean(run: Run) -> None:
    done = run("recs", "jits")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: recs takes no argument 'jits'\nhint: Narrow it by an option, such as --theme, or: cthbkb search jits\n"
    )


@pytest.mark.parametrize("argv", [("recs", "jits"), ("recs", "--columns", "id,", "jits"), ("about", "jits")])
def test_a_word_too_many_is_named(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert "jits" in done.err


def test_an_option_without_its_value_is_named(run: Run) -> None:
    done = run("recs", "--theme", "jht", "--format")
    assert (done.code, done.out) == (2, "")
    assert "--format" in done.err.splitlines()[-1]


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.required])
def test_a_missing_argument_is_named(run: Run, name: str) -> None:
    done = run(name)
    assert (done.code, done.out) == (2, "")
    noun = COMMANDS[name].arguments.removesuffix("...")
    assert done.err.splitlines()[-1].startswith(f"Error: Missing argument '{noun}")


def test_aliases_are_of_commands_that_exist() -> None:
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)


def test_a_terminal_width_that_is_no_number_is_no_obstacle(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMINAL_WIDTH", "wide")
    assert run("recs", "--help").code == 0
