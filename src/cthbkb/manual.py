"""The manual page, in the man macros of roff, from the table of commands that the help is made of."""

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
    "CTHBKB_DB": "The database to use where no --db is given.",
    "XDG_CACHE_HOME": "The folder in which the packaged database is kept, in a folder cthbkb; ~/.cache by default.",
    "XDG_DATA_HOME": "The folder in which packs are kept, in a folder cthbkb; ~/.local/share by default.",
    "PAGER": "The pager for what is longer than the terminal; cat for none.",
    "BROWSER": "The browser of the command open.",
    "NO_COLOR": "Where it is set, no colours are used; FORCE_COLOR asks for them.",
    "SOURCE_DATE_EPOCH": "The time that files take for their date, in seconds since 1970.",
}
"""Variables to what they do."""

EXITS = {
    0: "Done, also where nothing was found.",
    1: "Refused or failed.",
    2: "The command line is wrong, or names something that there is not.",
    EMPTY: "Nothing was found, with --fail-empty.",
    INTERRUPTED: "Ended by Ctrl-C.",
}
"""Exit codes to what they mean."""


def page() -> str:
    """Return the page."""
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
    lines += [".SH OPTIONS OF EVERY COMMAND THAT ANSWERS WITH ROWS", *_options(every), ".SH COMMANDS"]
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
    """Yield the part on a command: what it does, its other names, its own options, an example."""
    yield f".SS {_escaped(command.name)} {_escaped(command.arguments)}".rstrip()
    yield _escaped(command.help)
    names = [alias for alias, name in ALIASES.items() if name == command.name]
    if names:
        yield _escaped(f"Also: {', '.join(names)}.")
    yield from _options(options)
    yield from (".PP", "Example:", ".PP", ".in +4n", ".nf", _escaped(command.example), ".fi", ".in")


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        if not option.hidden:
            short = f", -{option.short}" if option.short else ""
            noun = rf" \fI{_escaped(option.noun)}\fR" if option.noun else ""
            yield from (".TP", rf"\fB{_escaped(f'--{option.name}{short}')}\fR{noun}", _escaped(option.help))


def _escaped(text: str) -> str:
    """Return a text as roff prints it: backslashes, hyphens and quotes as such, and no line a request."""
    shown = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("\n", " ")
    return rf"\&{shown}" if shown[:1] == "." else shown
