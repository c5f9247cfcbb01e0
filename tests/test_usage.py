"""An error in a command line is reported in one message with what to type; a valid line is not reported."""

from __future__ import annotations

from cthbkb import usage
from cthbkb.catalog import COMMANDS
from cthbkb.errors import UsageError

VALUE = ("--theme needs a value", "Theme by slug, label or acronym, such as jits. See: cthbkb recs --help")
AFTER = {name: f"All options: cthbkb {name} --help" for name in COMMANDS}

SAID: dict[str, tuple[str, str] | None] = {
    # a value that is missing, also where an option stands in its place
    "recs --theme": VALUE,
    "recs --theme --year 2031": VALUE,
    "recs --theme --year=2031": VALUE,
    "recs --theme -n": VALUE,
    "recs --theme -x": None,
    "recs --limit=": None,
    "recs --count=1": ("--count does not take a value", "Write: --count"),
    "recs --count=": ("--count does not take a value", "Write: --count"),
    # once, unless it may be repeated
    "recs -n 1 --limit 2": ("--limit is given twice", "Use it only once."),
    "check a b --fix --fix": ("--fix is given twice", "Use it only once."),
    "recs --theme a --theme b": None,
    # an unknown option
    "recs --thme x": ("recs has no option --thme", f"Did you mean --theme? {AFTER['recs']}"),
    "recs --not-thme x": (
        "recs has no option --not-thme", f"Did you mean --not-theme or --not-thread? {AFTER['recs']}"
    ),
    "recs --no-such=x": ("recs has no option --no-such", AFTER["recs"]),
    "recs --x'y": ("recs has no option --x'y", AFTER["recs"]),
    "sql -z": ("sql has no option -z", AFTER["sql"]),
    "speakers --medium x": ("speakers has no option --medium", f"Available in: statements. {AFTER['speakers']}"),
    "search --addressee x": ("search has no option --addressee", f"Available in: recs. {AFTER['search']}"),
    "instruments --theme x": (
        "instruments has no option --theme",
        f"An instrument has no theme. {AFTER['instruments']}",
    ),
    # help is requested; words after it do not matter, words before it do
    "recs -h --nonsense": None,
    "recs --help --theme": None,
    "recs --nonsense --help": ("recs has no option --nonsense", AFTER["recs"]),
    # arguments
    "about a": ("about does not take the argument 'a'", "Try: cthbkb search a"),
    "about -- -a": ("about does not take the argument '-a'", "Try: cthbkb search -- -a"),
    "export": ("export needs TARGET", "Write, for example: cthbkb export base.xlsx"),
    "export a b": ("export takes only one TARGET; unexpected argument 'b'", "Example: cthbkb export base.xlsx"),
    "export a -- b": ("export takes only one TARGET; unexpected argument 'b'", "Example: cthbkb export base.xlsx"),
    "chart -n 2 a b": (
        "chart takes only one CHART; unexpected argument 'b'",
        "Example: cthbkb chart themes -o themes.svg",
    ),
    "show --": ("show needs ID", "Write, for example: cthbkb show 2020-p2-r4"),
    "search -": None,
    "show a b": None,
    "recs a b": None,
    "overview": None,
}  # fmt: skip
"""Maps a command line to message and hint; None for a valid line."""


def said(line: str) -> tuple[str, str] | None:
    name, *words = line.split()
    try:
        usage.check(COMMANDS[name], words)
    except UsageError as error:
        return error.message, error.hint
    return None


def test_an_error_in_a_command_line_is_reported() -> None:
    assert {line: said(line) for line in SAID} == SAID
