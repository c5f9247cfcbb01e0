"""Shell completion: candidates for the next word of a command line, from the table of commands and the database.

The protocol is that of the scripts that `cthbkb --install-completion` writes for bash, zsh, fish and PowerShell, but
the answers are computed here, without Typer. Only values that are safe in every shell are offered: a name with spaces
or accents is offered in folded form, such as `united-kingdom`, which filters accept.
"""

from __future__ import annotations

import os

from cthbkb import query, store
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.errors import CthbkbError
from cthbkb.registry import FILTERS, LISTINGS, SHOWN, TABLES, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cthbkb.catalog import Command, Option

    Found = list[tuple[str, str]]

__all__ = ["ARGUMENTS", "answered", "candidates", "values"]

LEADING = {
    "--help": "Show the help.",
    "--version": "Print the versions of the program and the data.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": "Print the completion script for the current shell.",
}
"""Options that need no command."""


class Line:
    """The words of a command line before the one to complete, parsed as far as possible.

    `command` is the command, with its `arguments`; the line is `strange` if the first word is not a command. `option`
    is the option whose value is to be completed; `given` are the options already present, and `db` is the database that
    they name.
    """

    __slots__ = ("arguments", "command", "db", "given", "option", "strange")

    def __init__(self, words: Iterable[str]) -> None:
        self.command: Command | None = None
        self.option: Option | None = None
        self.given: set[str] = set()
        self.arguments: list[str] = []
        self.strange = False
        self.db = ""
        every = {name: o for c in COMMANDS.values() for o in c.options for name in (f"--{o.name}", f"-{o.short}")}
        for word in words:
            if self.option is not None:
                self._note(self.option, word)
                self.option = None
                continue
            name, equals, value = word.partition("=")
            known = self._options() if self.command else every
            if word[:1] == "-" and name in known:
                self.given.add(known[name].name)
                if equals:
                    self._note(known[name], value)
                elif known[name].noun:
                    self.option = known[name]
            elif self.command is None and word[:1] != "-" and word != "help":
                self.command = COMMANDS.get(ALIASES.get(word, word))
                self.strange |= self.command is None
            elif word[:1] != "-" and self.command:
                self.arguments.append(word)

    def _options(self) -> dict[str, Option]:
        assert self.command is not None
        return {name: o for o in self.command.options for name in (f"--{o.name}", f"-{o.short}") if name != "-"}

    def _note(self, option: Option, value: str) -> None:
        if option.name == "db":
            self.db = os.path.expanduser(value)

    def open(self) -> sqlite3.Connection | None:
        """Open the database of the line; return None if that fails."""
        try:
            return store.open_database(self.db)
        except CthbkbError:
            return None


def candidates(words: Sequence[str], incomplete: str) -> Found:
    """Return the candidates for the incomplete word, each with a description or an empty string.

    `words` are the words between the program name and the incomplete word. If that word is `--option=VALUE`, the
    candidates include `--option=`.
    """
    line = Line(words)
    if line.option is not None:
        return [(value, "") for value in values(line, line.option, incomplete)]
    name, equals, value = incomplete.partition("=")
    if line.command is None:
        return [] if line.strange else _starting(_leading() if incomplete[:1] == "-" else _commands(), incomplete)
    if equals and name[:2] == "--":
        option = next((o for o in line.command.options if f"--{o.name}" == name and o.noun), None)
        return [(f"{name}={found}", "") for found in values(line, option, value)] if option else []
    if incomplete[:1] == "-":
        return _starting(_option_names(line, incomplete), incomplete)
    return [(value, "") for value in _arguments(line, incomplete)]


def _starting(found: Iterable[tuple[str, str]], start: str) -> Found:
    return [(value, about) for value, about in found if value.startswith(start)]


def _commands() -> Iterator[tuple[str, str]]:
    yield from ((c.name, c.help) for c in COMMANDS.values())


def _leading() -> Iterator[tuple[str, str]]:
    yield from LEADING.items()
    for option in COMMANDS["recs"].options:
        if option.name in {"db", "format"}:
            yield f"--{option.name}", option.help


def _option_names(line: Line, incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the options that can still be given; hidden options only after part of their name has been typed."""
    assert line.command is not None
    for option in line.command.options:
        if option.name in line.given and not option.many:
            continue
        if not option.hidden or incomplete.startswith("--not-"):
            yield f"--{option.name}", option.help
    yield "--help", LEADING["--help"]


def values(line: Line, option: Option, incomplete: str) -> list[str]:
    """Return the values of an option that begin with the incomplete text; none if the database cannot be opened."""
    before, comma, last = incomplete.rpartition(",") if option.many else ("", "", incomplete)
    minus = "-" if option.name == "sort" and last[:1] == "-" else ""
    found = _values(line, option, last.removeprefix(minus))
    return [f"{before}{comma}{minus}{value}" for value in found]


def _values(line: Line, option: Option, start: str) -> list[str]:
    assert line.command is not None or option.values
    name = option.name.removeprefix("not-")
    listing = LISTINGS.get(line.command.name, LISTINGS["recs"]) if line.command else LISTINGS["recs"]
    fixed = list(option.values)
    if name in {"columns", "sort"}:
        fixed += [col for col in _columns(line) if col not in fixed]
    if fixed:
        return [value for value in fixed if value.startswith(start)]
    if option.name in OTHERS:
        return _of(line, OTHERS[option.name], start)
    filter = option.name if option.name in listing.filters else name
    if filter in listing.filters and FILTERS[filter].noun:
        return _of(line, lambda db, text: _named(db, [names_field(listing, filter)], text), start)
    return []


def _columns(line: Line) -> list[str]:
    """Return the columns of the line's listing, including those that depend on the database."""
    if line.command is None or line.command.name not in LISTINGS:
        return []
    listing = LISTINGS[line.command.name]
    if all(col.name != "*" for col in listing.columns):
        return []
    return _of(line, lambda db, _: [col.name for col in query.columns(db, listing)], "")


def _of(line: Line, read: Callable[[sqlite3.Connection, str], list[str]], start: str) -> list[str]:
    """Return the values that a function reads from the line's database."""
    db = line.open()
    if db is None:
        return []
    try:
        return read(db, start)
    finally:
        db.close()


def _named(db: sqlite3.Connection, fields: Sequence[str], start: str) -> list[str]:
    """Return the values of some fields with an id or name that begins with a text."""
    key = fold(start)
    marks = ", ".join("?" * len(fields))
    sql = f"select distinct id from names where field in ({marks})"
    sql += " and (substr(name, 1, ?) = ? or substr(id, 1, ?) = ?) order by id"
    found = [id_ for (id_,) in db.execute(sql, (*fields, len(key), key, len(start), start))]
    return list(dict.fromkeys(i if _is_slug(i) else fold(i).replace(" ", "-") for i in found))


def _shown(db: sqlite3.Connection, start: str) -> list[str]:
    """Return the ids that begin with a text, among all records that `show` accepts."""
    return _beginning(db, start, SHOWN)


def _ids(db: sqlite3.Connection, start: str) -> list[str]:
    """Return the ids that begin with a text, among all records in listings."""
    return _beginning(db, start, (table for table in SHOWN if TABLES[table].listing))


def _beginning(db: sqlite3.Connection, start: str, tables: Iterable[str]) -> list[str]:
    sql = " union ".join(f"select id from {name} where substr(id, 1, :n) = :start" for name in tables)
    return sorted(id_ for (id_,) in db.execute(sql, {"n": len(start), "start": start}))


def _tables(_: sqlite3.Connection, start: str) -> list[str]:
    from cthbkb import dump

    return [name for name in dump.tables() if name.startswith(start)]


def _years(db: sqlite3.Connection, start: str) -> list[str]:
    """Return the years of the conferences."""
    found = [str(year) for (year,) in db.execute("select distinct year from conferences order by year")]
    return [year for year in found if year.startswith(start)]


OTHERS: dict[str, Callable[[sqlite3.Connection, str], list[str]]] = {
    "planned": _years, "table": _tables, "where": _ids,
}  # fmt: skip
"""Maps an option to the function that finds its values, unless they are fixed or belong to a filter."""


def _compared(db: sqlite3.Connection, start: str) -> list[str]:
    return _years(db, start) + _named(db, ["themes", "recs.kind"], start)


ARGUMENTS: dict[str, Callable[[sqlite3.Connection, str], list[str]]] = {
    "show": _shown, "cite": _ids, "open": _ids, "brief": _ids, "compare": _compared,
}  # fmt: skip
"""Maps a command to the function that finds its arguments; the arguments of a listing are values of its filters."""


def _arguments(line: Line, start: str) -> list[str]:
    """Return the words that may follow a command and its arguments so far."""
    assert line.command is not None
    name = line.command.name
    if line.command.words:
        return [word for word in line.command.words if not line.arguments and word.startswith(start)]
    if name in ARGUMENTS:
        return _of(line, ARGUMENTS[name], start)
    if name == "sql" and "schema" in line.given:
        return [view for x in LISTINGS for view in (f"list_{x}",) if view.startswith(start)]
    if name not in LISTINGS:
        return []
    listing = LISTINGS[name]
    filters = [f for f in listing.filters if FILTERS[f].noun and not FILTERS[f].loose and f not in {"in", "not-in"}]
    fields = list(dict.fromkeys(names_field(listing, f) for f in filters))
    found = _of(line, lambda db, text: _named(db, fields, text), start) if fields else []
    return [value for value in found if value.startswith(start)] or found


def _is_slug(value: str) -> bool:
    return all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in value)


# The protocols of the shells


def answered(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return the reply to a shell, and the exit code."""
    shell = environ.get("_CTHBKB_COMPLETE", "").partition("_")[2]
    try:
        *words, incomplete = _in_bash(environ) if shell == "bash" else _elsewhere(environ)
    except ValueError:  # an unclosed quotation
        words, incomplete = [], ""
    unsafe = not words or any(c in incomplete for c in "\"'\\$`")
    found = [] if unsafe else candidates(words[1:], incomplete)
    if shell == "fish" and environ.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        return "", 0 if found else 1
    return REPLIES.get(shell, _lines)(found, incomplete), 0


def _unquoted(text: str) -> list[str]:
    """Split a text into words, as the shell would."""
    if not any(c in text for c in "\"'\\$"):
        return text.split()
    import shlex

    return [os.path.expandvars(word) for word in shlex.split(text)]


def _elsewhere(environ: Mapping[str, str]) -> list[str]:
    """Return the words up to the cursor; the last one, which is to be completed, is as typed and may be empty."""
    line = environ.get("_TYPER_COMPLETE_ARGS", "")
    if not line or line[-1].isspace():
        return [*_unquoted(line), ""]
    last = line.split()[-1]
    return [*_unquoted(line.removesuffix(last)), last]


def _in_bash(environ: Mapping[str, str]) -> list[str]:
    """Return the words for bash, which also splits a line at each `=`; the parts are joined again here."""
    line = environ.get("COMP_WORDS", "")
    parts = line.split("\n") if "\n" in line else line.split()
    at = environ.get("COMP_CWORD", "")
    end = min(int(at), len(parts)) + 1 if at.isascii() and at.isdigit() and len(at) < 10 else len(parts)
    joined: list[str] = []
    for part in [*parts[:end], *[""] * (end - len(parts))]:
        if joined and (part == "=" or joined[-1][-1:] == "=") and joined[-1][:2] == "--":
            joined[-1] += part
        else:
            joined.append(part)
    return [*(plain for word in joined[:-1] for plain in _unquoted(word)), *joined[-1:]]


def _lines(found: Found, incomplete: str) -> str:
    """Reply to bash: one value per line, without the part before `=`, which bash keeps."""
    cut = incomplete.find("=") + 1 if incomplete[:2] == "--" else 0
    return "\n".join(value[cut:] for value, _ in found)


def _zsh(found: Found, incomplete: str) -> str:
    """Reply to zsh: code to evaluate, with descriptions; completion of file names if there are no candidates."""
    if not found:
        return "_files"
    cut = incomplete.find("=") + 1 if incomplete[:2] == "--" else 0
    quoted = [value[cut:] + (":" + about if about else "") for value, about in found]
    array = " ".join("'" + text.replace("'", "'\\''") + "'" for text in quoted)
    before = "compset -P '*='; " if cut else ""
    return f"{before}local -a found; found=({array}); _describe '' found"


def _fish(found: Found, _: str) -> str:
    return "\n".join(f"{value}\t{about}" if about else value for value, about in found)


def _powershell(found: Found, _: str) -> str:
    return "\n".join(f"{value}:::{about or ' '}" for value, about in found)


REPLIES: dict[str, Callable[[Found, str], str]] = {
    "bash": _lines, "zsh": _zsh, "fish": _fish, "powershell": _powershell, "pwsh": _powershell,
}  # fmt: skip
"""Maps a shell to the function that formats its candidates."""
