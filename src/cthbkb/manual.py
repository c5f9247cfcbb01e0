"""The manual page, in the man macros of roff, made from the same table of commands as the help."""

from __future__ import annotations

from cthbkb import __version__
from cthbkb.catalog import ABOUT, ALIASES, COMMANDS, output
from cthbkb.failures import INTERRUPTED
from cthbkb.formats import EMPTY
from cthbkb.registry import LISTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cthbkb.catalog import Command, Option

__all__ = ["ENVIRONMENT", "EXITS", "page"]

ENVIRONMENT = {
    "CTHBKB_DB": "The database to use if --db is not given.",
    "XDG_CACHE_HOME": "The folder for caches (default: ~/.cache); its subfolder cthbkb contains the packaged database.",
    "XDG_DATA_HOME": "The folder for data (default: ~/.local/share); its subfolder cthbkb contains your packs.",
    "PAGER": "The pager for output longer than the terminal; cat turns paging off.",
    "BROWSER": "The browser used by the commands open and serve.",
    "NO_COLOR": "If set, output has no colours; FORCE_COLOR forces colours.",
    "SOURCE_DATE_EPOCH": "The date given in written files, in seconds since 1970.",
}
"""Environment variables with their effects."""

EXITS = {
    0: "Success, even if nothing was found.",
    1: "The command failed or was refused.",
    2: "The command line is wrong, or names something that does not exist.",
    EMPTY: "Nothing was found, and --fail-empty was given.",
    INTERRUPTED: "Interrupted by Ctrl-C.",
}
"""Exit codes with their meanings."""


def page() -> str:
    """Return the manual page."""
    every = output(LISTINGS["recs"].columns)
    lines = [
        f'.TH CTHBKB 1 "" "cthbkb {__version__}" "User commands"',
        ".SH NAME",
        r"cthbkb \- what the OSCE Alliance against Trafficking in Persons conferences said",
        ".SH SYNOPSIS",
        r".B cthbkb",
        r"[\fICOMMAND\fR] [\fIOPTION\fR]... [\fIWORD\fR]...",
        ".SH DESCRIPTION",
    ]
    for paragraph in ABOUT.split("\n\n"):
        lines += [".PP", _escaped(paragraph)]
    lines += [".SH OPTIONS OF ALL COMMANDS THAT PRINT ROWS", *_options(every), ".SH COMMANDS"]
    for command in COMMANDS.values():
        lines += _command(command, [o for o in command.options if o not in every and o.name not in {"columns", "sort"}])
    lines.append(".SH ENVIRONMENT")
    for name, about in ENVIRONMENT.items():
        lines += [".TP", f".B {name}", _escaped(about)]
    lines.append(".SH EXIT STATUS")
    for code, about in EXITS.items():
        lines += [".TP", f".B {code}", _escaped(about)]
    lines += [".SH SEE ALSO", r"\fBcthbkb \fICOMMAND\fB \-\-help\fR, \fBcthbkb about\fR"]
    return "\n".join(lines) + "\n"


def _command(command: Command, options: Iterable[Option]) -> Iterator[str]:
    """Yield the section on a command: its help, aliases, own options and an example."""
    yield f".SS {_escaped(command.name)} {_escaped(command.arguments)}".rstrip()
    yield _escaped(command.help)
    names = [alias for alias, name in ALIASES.items() if name == command.name]
    if names:
        yield _escaped(f"Aliases: {', '.join(names)}.")
    yield from _options(options)
    yield from (".PP", "Example:", ".PP", ".in +4n", ".nf", _escaped(command.example), ".fi", ".in")


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        if not option.hidden:
            short = f", -{option.short}" if option.short else ""
            noun = rf" \fI{_escaped(option.noun)}\fR" if option.noun else ""
            yield from (".TP", rf"\fB{_escaped(f'--{option.name}{short}')}\fR{noun}", _escaped(option.help))


def _escaped(text: str) -> str:
    """Escape a text for roff: backslashes, hyphens and quotes, and a dot at the beginning."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("\n", " ")
    return rf"\&{shown}" if shown[:1] == "." else shown
