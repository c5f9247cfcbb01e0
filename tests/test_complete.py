"""Completion: values of options for a shell, which are values that the program takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from cthbkb.catalog import COMMANDS, Command, Option
from cthbkb.complete import values


@pytest.fixture(autouse=True)
def _fabricated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTHBKB_DB", str(database))


def option(command: str, name: str) -> tuple[Command, Option]:
    found = COMMANDS[command]
    return found, next(o for o in found.options if o.name == name)


@pytest.mark.parametrize(
    ("command", "name", "typed", "found"),
    [
        ("recs", "theme", "l", ["lighthouses", "tide-data"]),
        ("recs", "theme", "jh", ["joint-harbour-teams"]),
        ("recs", "theme", "zz", []),
        ("recs", "kind", "", "call conclusion framework goal observation recommendation takeaway".split()),
        ("recs", "year", "203", ["2031", "2032", "2033", "2034", "2035"]),
        ("speakers", "role", "m", ["moderator"]),
        ("speakers", "person", "kow", ["anna-kowalska"]),
        ("sessions", "type", "side", ["side-event"]),
        ("speakers", "country", "", ["atlantis", "freedonia", "lusovia", "ruritania"]),
        ("compare", "theme", "fog", ["fog-signals"]),
        ("recs", "format", "j", ["json", "jsonl"]),
        ("recs", "columns", "id,su", ["id,summary"]),
        ("recs", "sort", "ye", ["year"]),
        ("search", "type", "rec", ["recommendation"]),
        ("search", "theme", "fog", ["fog-signals"]),
        ("compare", "by", "a", ["addressee", "affected"]),
    ],
)
def test_values_begin_with_what_was_typed(command: str, name: str, typed: str, found: list[str]) -> None:
    assert values(*option(command, name), typed) == found


def test_every_option_whose_values_are_known_completes_and_no_other() -> None:
    free = {"output", "delimiter", "limit", "db", "planned", "table", "timeout", "where", "copy"}
    for command in COMMANDS.values():
        for one in command.options:
            assert one.completes() == (bool(one.noun) and one.name not in free), (command.name, one.name)


@pytest.mark.parametrize("command", sorted(name for name, c in COMMANDS.items() if c.run.endswith("listing:run")))
def test_every_value_that_is_offered_is_taken_and_safe_in_a_shell(run: Run, command: str) -> None:
    for one in COMMANDS[command].options:
        if one.completes():
            for value in values(COMMANDS[command], one, ""):
                assert all(c.isascii() and (c.isalnum() or c in "-._") for c in value)
                assert run(command, f"--{one.name}", value, "--count").code == 0


def test_without_a_database_nothing_is_offered_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTHBKB_DB", "/nowhere/at/all.db")
    assert values(*option("recs", "theme"), "j") == []


def asked(shell: str, line: str) -> str:
    """Return what the program answers to a shell that completes a line."""
    words = line.split(" ")
    done = subprocess.run(
        [sys.executable, "-m", "cthbkb"],
        env=os.environ
        | {
            "_CTHBKB_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_TYPER_COMPLETE_ARGS": line,
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_bash_gets_the_values_of_an_option() -> None:
    assert asked("bash", "cthbkb recs --theme jo") == "joint-harbour-teams\n"
    assert asked("bash", "cthbkb recs --year 2031 --kind ta") == "takeaway\n"
    assert asked("bash", "cthbkb recs --theme ").split() == values(*option("recs", "theme"), "")


def test_a_command_completes_by_its_alias_from_the_database_that_is_named(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked("bash", "cthbkb recommendations --theme jo") == "joint-harbour-teams\n"
    assert "--theme" in asked("bash", "cthbkb recommendations --th").split()
    assert asked("bash", "cthbkb recs -f j").split() == ["json", "jsonl"]
    monkeypatch.setenv("CTHBKB_DB", "/nowhere/at/all.db")
    assert asked("bash", "cthbkb recs --theme jo") == "\n"
    assert asked("bash", f"cthbkb recs --db {database} --theme jo") == "joint-harbour-teams\n"


def test_bash_gets_the_commands_and_the_options() -> None:
    assert asked("bash", "cthbkb rec").split() == ["recs"]
    assert "--theme" in asked("bash", "cthbkb recs --th").split()


def test_zsh_gets_the_values_of_an_option() -> None:
    assert asked("zsh", "cthbkb recs --theme jo") == "_arguments '*: :((\"joint-harbour-teams\"))'\n"
