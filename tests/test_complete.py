"""Completion: only values that the program accepts are offered; tested in real shells."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from conftest import Done, Run, each

from cthbkb import chart, narrow
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.commands import packs, sources
from cthbkb.complete import REPLIES, answered, candidates
from cthbkb.errors import UsageError
from cthbkb.registry import FILTERS, FORMATS, LISTINGS


@pytest.fixture(autouse=True)
def _fabricated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTHBKB_DB", str(database))


def offered(line: str) -> list[str]:
    """Return the candidates for the last word of a line, the text after the last space."""
    *words, last = line.split(" ")
    return [value for value, _ in candidates(words, last)]


@each(
    "line, found",
    [
        # values of options
        ("recs --theme l", "lighthouses tide-data"),
        ("recs --theme jh", "joint-harbour-teams"),
        ("recs --theme JHT", "joint-harbour-teams"),
        ("recs --theme zz", ""),
        ("recs --not-theme jh", "joint-harbour-teams"),
        ("recs --kind ", "call conclusion framework goal observation recommendation takeaway"),
        ("recs --year 203", "2031 2032 2033 2034 2035"),
        ("speakers --role m", "moderator"),
        ("speakers --person kow", "anna-kowalska"),
        ("sessions --type side", "side-event"),
        ("speakers --country ", "atlantis freedonia lusovia ruritania"),
        ("compare --theme fog", "fog-signals"),
        ("recs --format j", "json jsonl"),
        ("recs -f j", "json jsonl"),
        ("brief --format m", "markdown"),
        ("export OUT/ --format p", "parquet"),
        ("recs --columns id,su", "id,summary"),
        ("themes --columns 203", "2031 2033 2035"),
        ("themes --columns sl", "slug"),
        ("recs --sort ye", "year"),
        ("recs --sort -ye", "-year"),
        ("search lamp --type rec", "recommendation"),
        ("search lamp --theme fog", "fog-signals"),
        ("compare --by a", "addressee affected"),
        ("compare --planned 203", "2031 2033 2035"),
        ("export --table themes", "themes"),
        ("check --where 2033-p2-r", "2033-p2-r1 2033-p2-r2"),
        ("recs --theme lights,jo", "lights,joint-harbour-teams"),
        ("recs --format json,js", ""),
        ("recs --columns id,summary,ye", "id,summary,year"),
        ("recs --sort id,ye", ""),
        ("recs --columns -ye", ""),
        ("threads --in 203", "2031 2032 2033 2034 2035"),
        ("recs --limit ", ""),
        ("recs --output ", ""),
        # after an equals sign
        ("recs --theme=jo", "--theme=joint-harbour-teams"),
        ("recs --year 2031 --kind=ta", "--kind=takeaway"),
        ("recs --nothing=jo", ""),
        # after an alias, an option before the command, and help
        ("recommendations --theme jo", "joint-harbour-teams"),
        ("--format json recs --theme jo", "joint-harbour-teams"),
        ("--format j", "json jsonl"),
        ("help rec", "recs"),
        ("--format json re", "recs"),
        # ids
        ("show 2033-p2-r", "2033-p2-r1 2033-p2-r2"),
        ("cite 2033-p2-r1 2031-h", "2031-highlights"),
        ("brief 2031-h", "2031-highlights"),
        ("show joint-h", "joint-harbour-teams"),
        ("show forum-", "forum-states"),
        ("cite forum-", ""),
        # words after a noun
        ("recs joint-", "joint-harbour-teams joint-teams"),
        ("recs joint-harbour-teams take", "takeaway"),
        ("speakers rur", "ruritania"),
        ("recs 2031-h", "2031-highlights"),
        ("compare 2031 203", "2031 2033 2035"),
        ("compare fog", "fog-signals"),
        ("chart th", "themes threads"),
        ("packs t", "template"),
        ("packs template t", ""),
        ("sources ", "list add remove locate verify"),
        ("sql --schema list_rec", "list_recs"),
        ("sql list_rec", ""),
        ("recs jh", "joint-harbour-teams"),
        ("recs --db x joint-harbour-teams --count take", ""),
        ("abbreviations zz", ""),
        # commands and options
        ("rec", "recs"),
        ("sh", "show"),
        ("zz", ""),
        ("zz re", ""),
        ("recs --th", "--theme --thread"),
        ("recs --not-th", "--not-theme --not-thread"),
        ("recs --count --cou", ""),
        ("recs --not-y", "--not-year"),
        ("recs --count=x", ""),
        ("recs --he", "--help"),
        ("--he", "--help"),
        ("--fo", "--format"),
        ("recs --theme jht --them", "--theme"),
        ("--ver", "--version"),
        ("--d", "--db"),
    ],
)
def test_candidates_begin_with_the_typed_text(line: str, found: str) -> None:
    assert offered(line) == found.split()


def test_commands_and_options_are_offered_with_their_help() -> None:
    assert candidates([], "") == [(c.name, c.help) for c in COMMANDS.values()]
    assert ("--theme", FILTERS["theme"].help()) in candidates(["recs"], "--")


FREE = {"output", "delimiter", "limit", "db", "timeout", "copy", "port", "host"}
"""Options with values that are not known."""


@each("command", [name for name in COMMANDS if name not in {*LISTINGS, "sql"}])
def test_every_option_with_known_values_is_completed(command: str) -> None:
    nouns = {o.name for o in COMMANDS[command].options if o.noun}
    assert {name for name in nouns if not offered(f"{command} --{name} ")} == FREE & nouns


@each("command", sorted(LISTINGS))
def test_every_candidate_is_accepted_and_safe_in_a_shell(run: Run, db: sqlite3.Connection, command: str) -> None:
    given = {o.name: offered(f"{command} --{o.name} ") for o in COMMANDS[command].options if o.noun}
    words = offered(f"{command} ")
    assert all(c.isascii() and (c.isalnum() or c in "-._") for v in chain(words, *given.values()) for c in v)
    assert {name for name, values in given.items() if not values} == FREE & set(given)
    assert given.pop("sort") == given["columns"]
    assert given.pop("format") == list(FORMATS)
    done = run(command, *(f"--{name}={value}" for name, values in given.items() for value in values), "--count")
    assert (done.code, done.err) == (0, "")
    assert [word for word in words if "--" not in meant(db, command, word)] == []


def meant(db: sqlite3.Connection, command: str, word: str) -> str:
    """Return the options that a word after a noun stands for or could stand for, or another message."""
    try:
        return narrow.said(command, narrow.criteria(db, LISTINGS[command], [word]))
    except UsageError as error:
        return error.message


def test_the_words_of_a_command_are_accepted_by_it() -> None:
    taken = {"chart": chart.VIEWS, "packs": packs.ACTIONS, "sources": sources.ACTIONS}
    assert {c.name: list(c.words) for c in COMMANDS.values() if c.words} == {n: list(w) for n, w in taken.items()}


@each("alias", sorted(ALIASES))
def test_an_alias_completes_as_its_command(alias: str) -> None:
    assert offered(f"{alias} --") == offered(f"{ALIASES[alias]} --")


def test_every_id_that_is_offered_can_be_shown(run: Run) -> None:
    ids = offered("show ")
    assert len(ids) > 100
    for id_ in ids[::10]:
        assert run("show", id_).code == 0


def test_the_database_of_the_line_is_read_and_a_missing_one_is_ignored(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTHBKB_DB", "/nowhere/at/all.db")
    assert offered("recs --theme jo") == []
    assert offered("show 20") == []
    assert offered("themes --columns sl") == ["slug"]
    for line in (f"recs --db {database}", f"recs --db={database}", f"--db {database} recs"):
        assert offered(f"{line} --theme jo") == ["joint-harbour-teams"]
    monkeypatch.setenv("HOME", str(database.parent))
    assert offered(f"recs --db ~/{database.name} --theme jo") == ["joint-harbour-teams"]


@pytest.fixture
def asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """A function that returns the reply of the program to a shell that completes a line."""

    def asks(shell: str, line: str, **more: str) -> Done:
        words = re.findall(r'"[^"]*"|[^ ]+', line) + [""] * line.endswith(" ")
        environ = {
            "_CTHBKB_COMPLETE": f"complete_{shell}", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1),
            "_TYPER_COMPLETE_ARGS": line,
        }  # fmt: skip
        for name, value in (environ | more).items():
            monkeypatch.setenv(name, value)
        return run()

    return asks


@each(
    "shell, line, reply",
    [
        ("bash", "cthbkb recs --theme jo", "joint-harbour-teams\n"),
        ("bash", "cthbkb recs --theme = jo", "joint-harbour-teams\n"),
        ("bash", "cthbkb statements --medium =", "pull-quote\nremark\nstatement\ntweet\n"),
        ("bash", 'cthbkb search "joint team" --theme jo', "joint-harbour-teams\n"),
        ("bash", 'cthbkb recs --theme "jo', "\n"),
        ("zsh", "cthbkb recs --theme jo", "local -a found; found=('joint-harbour-teams'); _describe '' found\n"),
        (
            "zsh", "cthbkb recs --theme=jo",
            "compset -P '*='; local -a found; found=('joint-harbour-teams'); _describe '' found\n",
        ),
        ("zsh", "cthbkb recs --output ", "_files\n"),
        ("fish", "cthbkb recs --theme jo", "joint-harbour-teams\n"),
        ("fish", "cthbkb recs --theme=jo", "--theme=joint-harbour-teams\n"),
        ("powershell", "cthbkb recs --theme jo", "joint-harbour-teams::: \n"),
    ],
)  # fmt: skip
def test_each_shell_gets_its_own_form(asked: Callable[..., Done], shell: str, line: str, reply: str) -> None:
    assert asked(shell, line) == Done(0, reply, "")


@each("at", ["-1", "²", "x", "", "9" * 9, "9" * 5000])
def test_a_cursor_position_beyond_the_line_means_its_end(asked: Callable[..., Done], at: str) -> None:
    done = asked("bash", "cthbkb recs --theme jo", COMP_CWORD=at)
    assert (done.code, done.err) == (0, "")
    assert len(done.out) < 3000


def test_fish_gets_an_exit_code_that_says_if_there_are_candidates(asked: Callable[..., Done]) -> None:
    assert asked("fish", "cthbkb recs --theme jo", _TYPER_COMPLETE_FISH_ACTION="is-args") == Done(0, "\n", "")
    assert asked("fish", "cthbkb recs --theme zz", _TYPER_COMPLETE_FISH_ACTION="is-args") == Done(1, "\n", "")


# In the real shells


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, to put first in the path."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "cthbkb").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cthbkb "$@"\n', encoding="utf-8")
    (folder / "cthbkb").chmod(0o755)
    return folder


TYPED = (
    ("rec", "recs"),
    ("recs --theme jo", "recs --theme joint-harbour-teams"),
    ("recs --theme=jo", "recs --theme=joint-harbour-teams"),
    ("recs --columns id,summ", "recs --columns id,summary"),
    ("recs --sort -yea", "recs --sort -year"),
    ("speakers rur", "speakers ruritania"),
)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_line_is_completed_at_the_prompt(shell: str, program: Path, database: Path, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    with Prompt(shell, program, tmp_path) as prompt:
        for typed, completed in TYPED:
            assert prompt.completed(f"cthbkb {typed}") == f"cthbkb {completed}"
        prompt.run("export CTHBKB_DB=/nowhere/at/all.db")
        assert prompt.completed(f"cthbkb recs --db {database} --theme jo").endswith(" --theme joint-harbour-teams")
        assert prompt.completed("cthbkb recs --theme jo") == "cthbkb recs --theme jo"


class Prompt:
    """A shell at a terminal, in which completion is installed."""

    def __init__(self, shell: str, program: Path, home: Path) -> None:
        self.shell = shell
        command = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
        path = f"{program}{os.pathsep}{os.environ['PATH']}"
        environ = {**os.environ, "PATH": path, "HOME": str(home), "TERM": "dumb", "PS1": "$ ", "COLUMNS": "500"}
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, cwd=home, start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Prompt:
        start = {
            "bash": 'eval "$(cthbkb --show-completion)"; bind "set bell-style none"',
            "zsh": "unsetopt zle_bracketed_paste 2>/dev/null; autoload -Uz compinit; compinit -u -D;"
            ' setopt no_beep no_list_ambiguous; PROMPT="$ "; eval "$(cthbkb --show-completion)"',
        }
        self.run(start[self.shell])
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def run(self, command: str) -> str:
        """Run a command and return its output."""
        return self._until(f"{command}; echo en''ded\r", "ended")

    def completed(self, line: str) -> str:
        """Return the line at the prompt after pressing the Tab key."""
        shown = self._until(f"{line}\t\x05'; echo en''ded\x01echo 'so:\r", "ended")
        return shown.rpartition("so:")[2].partition("\n")[0].strip()

    def _until(self, text: str, end: str) -> str:
        os.write(self.master, text.encode())
        shown, limit = "", time.monotonic() + 60
        while end not in shown.replace("\r", "").split("\n") and time.monotonic() < limit:
            shown += self._read(0.2)
        assert end in shown, shown
        return shown.replace("\r", "")

    def _read(self, seconds: float) -> str:
        if not select.select([self.master], [], [], seconds)[0]:
            return ""
        with contextlib.suppress(OSError):
            return os.read(self.master, 65536).decode(errors="replace")
        return ""


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes_a_line(program: Path, database: Path, tmp_path: Path) -> None:
    path = f"{program}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    lines = [(f"cthbkb {typed}", completed.split(" ")[-1]) for typed, completed in TYPED]
    lines.append((f"cthbkb recs --db {database} --theme jo", "joint-harbour-teams"))
    script = ["cthbkb --show-completion | source", *(f"echo :; complete -C {line!r}" for line, _ in lines)]
    done = subprocess.run(
        ["fish", "--no-config", "-c", "\n".join(script)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    found = [part.split("\t")[0].strip() for part in done.stdout.split(":\n")[1:]]
    assert found == [completed for _, completed in lines]


# The replies to shells


SHOW = "Show one record with everything linked to it."
DB = COMMANDS["recs"].options[-1].help

TOLD = {
    # a value with its description, in the form of each shell
    ("zsh", "cthbkb sho"): f"local -a found; found=('show:{SHOW}'); _describe '' found",
    ("fish", "cthbkb sho"): f"show\t{SHOW}",
    ("powershell", "cthbkb sho"): f"show:::{SHOW}",
    ("pwsh", "cthbkb sho"): f"show:::{SHOW}",
    ("another", "cthbkb sho"): "show",
    ("zsh", "cthbkb recs --gr"): "_files",
    ("zsh", "cthbkb open --"): (
        "local -a found; found=('--print:Print the address instead of opening it.' "
        f"'--db:{DB}' '--help:Show the help.'); _describe '' found"
    ),
    # the line up to the cursor
    ("fish", "cthbkb search 'a b' --theme jo"): "joint-harbour-teams",
    ("fish", "cthbkb search a\\ b --theme jo"): "joint-harbour-teams",
    ("fish", "cthbkb recs --db $THE_BASE --theme jo"): "joint-harbour-teams",
    ("fish", "cthbkb recs --format "): "\n".join(FORMATS),
    ("fish", 'cthbkb search "unclosed --theme jo'): "",
    ("fish", "cthbkb recs 'jo"): "",
    ("fish", "cthbkb recs $HO"): "",
    ("fish", "cthbkb"): "",
    ("fish", ""): "",
}  # fmt: skip

IN_BASH = {
    ("cthbkb|recs|--theme|jo", "3"): "joint-harbour-teams",
    ("cthbkb recs --theme jo", "3"): "joint-harbour-teams",
    ("cthbkb|recs|--theme|jo", ""): "joint-harbour-teams",
    ("cthbkb|recs|--theme|jo|--count", "3"): "joint-harbour-teams",
    ("cthbkb|recs|--format=jso", "2"): "json\njsonl",
    ("cthbkb|recs|--format|=|jso", "4"): "json\njsonl",
    ("cthbkb|recs|--format|=", "3"): "\n".join(FORMATS),
    ("cthbkb|recs|--format", "3"): "\n".join(FORMATS),  # the empty word after it
    ("cthbkb|recs|--sort|=|-ye", "4"): "-year",
    ("cthbkb|packs|t|=|x", "2"): "template",
}
"""Maps words, split as in bash, and the index of the word at the cursor, to the candidates."""


def test_a_shell_gets_the_candidates_in_its_own_form(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_BASE", str(database))
    monkeypatch.setenv("CTHBKB_DB", "/nowhere/at/all.db")
    given = {"_TYPER_COMPLETE_ARGS": "", "COMP_WORDS": "", "COMP_CWORD": ""}
    for (shell, line), reply in TOLD.items():
        if "--theme" in line and "--db" not in line:
            monkeypatch.setenv("CTHBKB_DB", str(database))
        asked_so = given | {"_CTHBKB_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line}
        assert answered(asked_so) == (reply, 0), (shell, line)
    monkeypatch.setenv("CTHBKB_DB", str(database))
    for (words, at), reply in IN_BASH.items():
        asked_so = {"_CTHBKB_COMPLETE": "complete_bash", "COMP_WORDS": words.replace("|", "\n"), "COMP_CWORD": at}
        assert answered(asked_so) == (reply, 0), (words, at)


def test_code_for_zsh_is_quoted() -> None:
    assert REPLIES["zsh"]([("a", "it's"), ("b", "")], "") == (
        "local -a found; found=('a:it'\\''s' 'b'); _describe '' found"
    )


def test_hidden_options_are_offered_once_part_of_their_name_is_typed() -> None:
    hidden = {f"--{option.name}" for option in COMMANDS["recs"].options if option.hidden}
    assert hidden
    assert hidden & set(offered("recs --")) == set()
    assert hidden & set(offered("recs --not")) == set()
    assert hidden & set(offered("recs --not-")) == {name for name in hidden if name.startswith("--not-")}
