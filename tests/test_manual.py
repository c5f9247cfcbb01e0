"""The manual page: generated from the table of commands, and readable by man and similar programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import __version__
from cthbkb.catalog import COMMANDS
from cthbkb.manual import ENVIRONMENT, EXITS, page


def shown(page: str) -> str:
    """Return the printed page, 80 columns wide; warnings are errors."""
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-P-c", "-P-b", "-P-u"], input=page, capture_output=True, text=True,
        check=False, env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)


def words(text: str) -> str:
    """Return a text with single spaces, and without hyphens at the ends of lines."""
    return " ".join(re.sub(r"(?<=\w)[\u2010\u00ad]\n\s*", "", text).split())


def test_the_page_has_the_text_of_the_help(run: Run) -> None:
    text = words(shown(run("man").out))
    for command in COMMANDS.values():
        assert words(f"{command.name} {command.arguments}") in text
        assert words(command.help) in text
        assert words(command.example) in text
        for option in command.options:
            if not option.hidden and option.name not in {"columns", "sort"}:
                assert f"--{option.name}" in text
                assert words(option.help) in text


def test_the_page_names_variables_and_exit_codes(run: Run) -> None:
    text = words(shown(run("man").out))
    assert [name for name in ENVIRONMENT if name not in text] == []
    assert [about for about in EXITS.values() if words(about) not in text] == []


NOT_FOR_USERS = {
    "_CTHBKB_COMPLETE", "_TYPER_COMPLETE_ARGS", "_TYPER_COMPLETE_FISH_ACTION", "COMP_WORDS", "COMP_CWORD",  # the shell
    "TERM", "HOME", "LOCALAPPDATA",  # the system
    "TERMINAL_WIDTH",  # removed for a library
    "CTHBKB_DEBUG",  # for developers
}  # fmt: skip
"""Environment variables that the program reads and the manual page does not explain, with the reason."""


def test_the_page_lists_the_variables_that_the_program_reads() -> None:
    source = Path(__file__).parents[1] / "src" / "cthbkb"
    code = "".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py") if path.name != "manual.py")
    read = {*re.findall(r'environ(?:\.get\(|\.pop\(|\[)"(\w+)"', code), *re.findall(r'"(\w+)" in os\.environ', code)}
    read |= set(re.findall(r'"(XDG_\w+)"', code))  # read by one function, which takes the name
    explained = {*ENVIRONMENT, *re.findall(r"\b[A-Z]+_[A-Z_]+\b", " ".join(ENVIRONMENT.values()))}
    assert read - NOT_FOR_USERS == explained - {"BROWSER"}  # which Python reads
    assert read >= NOT_FOR_USERS


def test_a_line_that_begins_with_a_dot_or_has_a_backslash_is_text() -> None:
    from cthbkb.manual import _escaped

    assert _escaped(".bib and C:\\x -n") == r"\&.bib and C:\ex \-n"


def test_man_shows_the_page_from_a_file(run: Run, tmp_path: Path) -> None:
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    done = run("man", "-o", tmp_path / "cthbkb.1")
    assert (done.code, done.out, done.err) == (0, "", f"wrote the manual page to {tmp_path / 'cthbkb.1'}\n")
    environ = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MANPAGER": "cat"}
    read = subprocess.run(
        ["man", "--local-file", str(tmp_path / "cthbkb.1")], env=environ, capture_output=True, text=True, check=False
    )
    if "minimized" in read.stdout + read.stderr:
        pytest.skip("man is the stub of a minimized system")
    assert read.returncode == 0
    assert "CTHBKB(1)" in read.stdout


def test_a_command_has_a_section_in_valid_roff() -> None:
    made = page()
    assert made.startswith(
        f'.TH CTHBKB 1 "" "cthbkb {__version__}" "User commands"\n.SH NAME\ncthbkb \\- what the OSCE Alliance against '
        "Trafficking in Persons conferences said\n.SH SYNOPSIS\n.B cthbkb\n"
        "[\\fICOMMAND\\fR] [\\fIOPTION\\fR]... [\\fIWORD\\fR]...\n.SH DESCRIPTION\n.PP\n"
    )
    assert re.findall(r"^\.SH (.*)$", made, re.MULTILINE)[3:] == [
        "OPTIONS OF ALL COMMANDS THAT PRINT ROWS", "COMMANDS", "ENVIRONMENT", "EXIT STATUS", "SEE ALSO",
    ]  # fmt: skip
    assert re.findall(r"^\.SS (\S*)", made, re.MULTILINE) == list(COMMANDS)
    part = made[made.index(".SS open") : made.index(".SS search")]
    assert part == (
        ".SS open ID...\nOpen the web page of a record, or of its document, in the browser.\n"
        ".TP\n\\fB\\-\\-print\\fR\nPrint the address instead of opening it.\n.PP\nExample:\n.PP\n.in +4n\n.nf\n"
        "cthbkb open 2020\\-p2\\-r4 \\-\\-print\n.fi\n.in\n"
    )
    assert ".SS overview\n" in made
    assert "Aliases: recommendations, recommendation, rec, items.\n" in made
    assert "\\fB\\-\\-port, \\-p\\fR \\fIPORT\\fR\n" in made
    assert made[made.index(".SH EXIT STATUS") :] == (
        ".SH EXIT STATUS\n.TP\n.B 0\nSuccess, even if nothing was found.\n"
        ".TP\n.B 1\nThe command failed or was refused.\n.TP\n.B 2\n"
        "The command line is wrong, or names something that does not exist.\n.TP\n.B 3\n"
        "Nothing was found, and \\-\\-fail\\-empty was given.\n.TP\n.B 130\nInterrupted by Ctrl\\-C.\n"
        ".SH SEE ALSO\n\\fBcthbkb \\fICOMMAND\\fB \\-\\-help\\fR, \\fBcthbkb about\\fR\n"
    )
    listed = made[made.index(".SS recs") : made.index(".SS threads")]
    assert "\\-\\-not\\-theme\\fR" in listed
    assert "\\-\\-not\\-year\\fR" not in listed  # hidden


def test_a_dash_is_stdout_for_the_page_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("man", "-o", "-").out == run("man").out == page()
    assert list(tmp_path.glob("-")) == []
