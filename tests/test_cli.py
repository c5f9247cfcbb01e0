"""The commands: each has help, an example that runs, and messages for wrong calls."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from conftest import Run, each

from cthbkb import __version__, cache, commands
from cthbkb import seed as seeds
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.registry import BYTES, CITING, FORMATS, LISTINGS


@each("name", sorted(COMMANDS))
def test_every_command_has_help_that_fits_the_terminal(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: cthbkb {name} [OPTIONS]")
    assert " ".join(COMMANDS[name].help.split()) in " ".join(done.out.split())
    assert f"Example: {COMMANDS[name].example}\n" in done.out
    for one in COMMANDS[name].options:
        assert (f"--{one.name}" in done.out) == (not one.hidden)
    assert max(map(len, done.out.splitlines())) <= 80


@each("name", sorted(LISTINGS))
def test_the_help_of_a_listing_names_every_filter_that_can_exclude(run: Run, name: str) -> None:
    filters = set(LISTINGS[name].filters) - {"in", "not-in"}
    text = " ".join(run(name, "--help").out.split("Output:")[0].split())
    first, *others = [one for one in re.findall(r"--not-(\w*)", text) if one != "in"] or [""]
    named = {first, *(text.rpartition("--not- options: ")[2].rstrip(". ").split(", ") if others else ())}
    assert named - {""} == filters
    for one in filters:
        assert any(o.name == f"not-{one}" for o in COMMANDS[name].options)


@each("name", sorted(name for name, command in COMMANDS.items() if command.ends))
def test_the_example_of_every_command_runs_and_answers(
    run: Run,
    database: Path,
    packaged: Path,
    seed_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(seed_path, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    program, *argv = shlex.split(COMMANDS[name].example)
    assert program == "cthbkb"
    assert argv[:1] == [name] or name == "overview"
    done = run(*argv, db=database if name == "export" else packaged)
    assert done.code == 0
    assert len(done.out.splitlines()) > (name != "open") or done.err or any(tmp_path.glob("*.json"))
    assert "no " not in done.err.split("\n")[0][:3]


@each("name", sorted(COMMANDS))
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


def test_every_module_in_commands_belongs_to_a_command() -> None:
    modules = {f"cthbkb.commands.{path.stem}" for path in Path(commands.__file__).parent.glob("[!_]*.py")}
    assert modules == {command.run.partition(":")[0] for command in COMMANDS.values()}


def test_help_can_be_requested_with_a_long_or_short_option(run: Run) -> None:
    assert run("help", "recs") == run("recs", "-h") == run("recs", "--help")


def test_without_a_command_the_program_prints_an_overview(run: Run) -> None:
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


def test_the_commands_suggested_by_the_overview_run(run: Run, packaged: Path) -> None:
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


def test_the_versions_of_program_and_data_are_printed(run: Run, packaged: Path, seed: seeds.Seed) -> None:
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
            "error: unknown command 'recz'\nhint: Did you mean rec or recs? To list all commands: cthbkb --help\n",
        ),
        (
            "recs --thme jht",
            "error: recs has no option --thme\nhint: Did you mean --theme? All options: cthbkb recs --help\n",
        ),
    ],
)
def test_wrong_usage_is_reported_with_a_pointer_to_help(run: Run, argv: str, message: str) -> None:
    done = run(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", message)


def test_an_unknown_word_after_a_noun_gets_suggestions(run: Run) -> None:
    done = run("recs", "jits")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: recs has no filter for 'jits'\n"
        "hint: Did you mean --theme joint-harbour-teams? Or try: cthbkb search jits\n"
    )


def test_words_after_a_noun_narrow_it(run: Run) -> None:
    for words, options in (
        ("recs jht 2031", "recs --theme joint-harbour-teams --year 2031"),
        ("recs 2033 panel 1", "recs --session 2033-p1"),
        ("speakers Ruritania panellists", "speakers --country Ruritania --role panellist"),
        ("people kowalska", "people --person anna-kowalska"),
        ("recs takeaways --count", "recs --kind takeaway --count"),
    ):
        done = run(*words.split())
        wanted = run(*options.split())
        assert (done.code, done.out) == (0, wanted.out)
        assert done.err == f"understood: cthbkb {options.removesuffix(' --count')}\n"


def test_a_word_that_fits_two_filters_is_an_error_that_names_both(run: Run, packaged: Path) -> None:
    done = run("recs", "children", db=packaged)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: 'children' could be --theme child-protection or --affected children\n"
        "hint: Write: cthbkb recs --theme child-protection\n"
    )


@each(
    "line, id",
    [
        ("kowalska", "anna-kowalska"),
        ("report of the year 2033", "2033-report"),  # `report` alone is taken for `export`
        ("public", "tide-tables"),  # less like `publication`
    ],
)
def test_a_name_without_a_command_shows_the_record(run: Run, database: Path, line: str, id: str) -> None:
    done = run(*line.split(), "--db", database, db="/nowhere/at/all.db")
    assert (done.code, done.out) == (0, run("show", id).out)
    assert done.err == f"understood: cthbkb show {line}\n"


def test_a_name_of_several_records_or_a_misspelled_command_shows_none(run: Run) -> None:
    for options in ((), ("--format", "json")):
        assert run("teams", *options).err == (
            "error: unknown command 'teams'\nhint: Did you mean items? To list all commands: cthbkb --help\n"
        )
    assert run("panel", "1").err == run("show", "panel", "1").err


def test_words_that_name_neither_a_command_nor_a_record_can_be_searched_for(run: Run) -> None:
    done = run("lamps", "at", "sea", "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: unknown command 'lamps'\n"
        "hint: To search for it: cthbkb search lamps at sea. To list all commands: cthbkb --help\n"
    )


def test_options_may_precede_the_command(run: Run, database: Path) -> None:
    wanted = run("recs", "--format", "json", "-n", "2", "--db", str(database))
    assert run("--format", "json", "-n2", "--db", str(database), "recs") == wanted
    assert run("--format", "json", "--db", str(database)) == run("overview", "--format", "json")
    assert run("--nonsense").err.startswith("error: overview has no option --nonsense\nhint: ")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("recs -n 1 -n 2", "error: --limit is given twice\nhint: Use it only once.\n"),
        ("recs --sort id --sort=year", "error: --sort is given twice\nhint: Use it only once.\n"),
        ("recs --count=1", "error: --count does not take a value\nhint: Write: --count\n"),
        (
            "speakers --medium tweet",
            "error: speakers has no option --medium\n"
            "hint: Available in: statements. All options: cthbkb speakers --help\n",
        ),
        (
            "instruments --theme jht",
            "error: instruments has no option --theme\nhint: An instrument has no theme. "
            "All options: cthbkb instruments --help\n",
        ),
        (
            "export a b",
            "error: export takes only one TARGET; unexpected argument 'b'\nhint: Example: cthbkb export base.xlsx\n",
        ),
    ],
)
def test_errors_of_options_have_the_form_of_all_others(run: Run, argv: str, message: str) -> None:
    done = run(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", message)


def test_repeated_columns_options_add_up(run: Run) -> None:
    assert run("recs", "-c", "id", "-c", "year") == run("recs", "-c", "id,year")


def test_an_empty_answer_can_have_its_own_exit_code(run: Run) -> None:
    assert run("recs", "--theme", "fog-signals").code == 0
    assert run("recs", "--theme", "fog-signals", "--fail-empty").code == 3
    assert run("recs", "--theme", "fog-signals", "--fail-empty", "--count").code == 3
    assert run("recs", "--fail-empty").code == 0


def test_an_empty_answer_says_what_is_available(run: Run, packaged: Path) -> None:
    for argv, note in (
        ("recs --kind recommendation --year 2022", "other kinds: --kind takeaway ("),
        ("recs --year 2019", "years with items: 2016, 2020, 2022"),
        ("recs --addressee labour-inspectorates", "cthbkb search labour inspectorates --type recommendation finds "),
    ):
        done = run(*argv.split(), "-f", "jsonl", db=packaged)
        assert (done.code, done.out) == (0, "")
        assert done.err.startswith("no items for ")
        assert note in done.err


def test_words_of_a_comparison_other_than_years_are_themes_or_kinds(run: Run) -> None:
    done = run("compare", "jht", "2031")
    assert (done.code, done.out) == (0, run("compare", "--theme", "joint-harbour-teams", "2031").out)
    assert done.err.startswith("understood: cthbkb compare --theme joint-harbour-teams 2031\n")


def test_a_home_folder_is_expanded_if_the_shell_does_not(run: Run, database: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    shutil.copy(database, tmp_path / "home" / "my.db")
    assert run("recs", "--count", "--db=~/my.db").out == "21\n"
    assert run("recs", "--count", db="~/my.db").out == "21\n"
    assert run("recs", "--output=~/recs.csv").code == 0
    assert (tmp_path / "home" / "recs.csv").exists()


def test_about_and_load_print_the_file_of_the_data(run: Run, seed_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "seed_path", lambda: str(seed_path))
    found = json.loads(run("about", "-f", "json", db=None).out)
    assert found["file"].endswith(".db")
    assert found["file"] in run("load", db=None).err


def test_a_limit_is_reported_in_every_format(run: Run) -> None:
    for format in set(FORMATS) - BYTES - CITING - {"ics"}:
        assert "2 of 21 items shown\n" in run("recs", "-n", "2", "-f", format).err
    assert "shown" not in run("recs", "-n", "21").err
    assert "shown" not in run("recs", "-n", "200").err


@pytest.mark.parametrize("argv", [("recs", "jits"), ("recs", "--columns", "id,", "jits"), ("about", "jits")])
def test_a_superfluous_argument_is_named(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert "jits" in done.err


def test_an_option_without_its_value_is_reported(run: Run) -> None:
    done = run("recs", "--theme", "jht", "--format")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --format needs a value\nhint: ")


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.required])
def test_a_missing_argument_is_reported(run: Run, name: str) -> None:
    done = run(name)
    assert (done.code, done.out) == (2, "")
    noun = COMMANDS[name].arguments.removesuffix("...")
    assert done.err == f"error: {name} needs {noun}\nhint: Write, for example: {COMMANDS[name].example}\n"


def test_aliases_are_of_commands_that_exist() -> None:
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)


def test_an_invalid_terminal_width_is_ignored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMINAL_WIDTH", "wide")
    assert run("recs", "--help").code == 0
