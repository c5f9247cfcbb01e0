"""The table of commands: what each is called, takes and does. The front door and the Typer program are both made of it.

Every value reaches a command as the text that was typed; what it means is decided in one place, by the command.
"""

from __future__ import annotations

from cthbkb.formats import FORMATS
from cthbkb.registry import AXES, FILTERS, LISTINGS
from cthbkb.scales import CHANGES, FORCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["ALIASES", "COMMANDS", "OUTPUT", "Command", "Option", "Request"]


class Option:
    """An option: `noun` names its value (empty for a switch), `many` lets it repeat."""

    __slots__ = ("help", "many", "name", "noun", "short")

    def __init__(self, name: str, noun: str, help: str, short: str = "", many: bool = False) -> None:
        self.name = name
        self.noun = noun
        self.help = help
        self.short = short
        self.many = many

    def completes(self) -> bool:
        """Return whether the values of the option are known."""
        return self.name == "format" or bool(self.noun and self.name in FILTERS)


def _either(names: Iterable[str]) -> str:
    """Write alternatives: `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


FORMAT = Option("format", "FORMAT", f"Format: {_either(FORMATS)}.", "f")
FILE = Option("output", "FILE", "Write to a file; its ending chooses the format, such as recs.csv.", "o")
DB = Option("db", "FILE", "Use this database and not the packaged one; also CTHBKB_DB.")
FORCE = Option("force", "", "Replace what is there.")
CITE = Option("cite-query", "", "End with the command, the data's version and a hash that repeat the answer.")

OUTPUT = (
    FORMAT,
    FILE,
    Option("columns", "NAMES", "Columns, separated by commas, such as id,summary; ? lists them.", "c"),
    Option("sort", "COLUMN", "Sort by a column, such as year; -year for descending.", "s"),
    Option("limit", "N", "Show at most so many rows, such as 20.", "n"),
    Option("count", "", "Print the number of rows and nothing else."),
    Option("excel", "", "Begin CSV with the byte-order mark that Excel needs for accents."),
    CITE,
    DB,
)
"""The options of every command that answers with rows."""


class Command:
    """A command: its help, its arguments (`NOUN...`, or none), its options, and the function that runs it.

    `words` is a scale that its help explains word by word, with its title.
    """

    __slots__ = ("arguments", "dashes", "example", "help", "name", "options", "required", "run", "words")

    def __init__(
        self,
        name: str,
        help: str,
        run: str,
        options: tuple[Option, ...] = OUTPUT,
        arguments: str = "",
        required: bool = False,
        example: str = "",
        dashes: bool = False,
        words: tuple[str, Mapping[str, str]] = ("", {}),
    ) -> None:
        self.words = words
        self.name = name
        self.help = help
        self.run = run
        self.options = options
        self.arguments = arguments
        self.required = required
        self.example = example
        self.dashes = dashes

    def excludes(self, word: str) -> bool:
        """Return whether a word that begins with one dash is an argument: `-children` of a search, but not `-n5`."""
        if not self.dashes or len(word) < 2 or word[0] != "-" or word[1] == "-" or word == "-h":
            return False
        taken = {"-" + o.short: o.name for o in self.options if o.short}
        rest = word[2:]
        attached = (taken.get(word[:2]) == "limit" and rest.isdigit()) or (
            taken.get(word[:2]) == "format" and rest in FORMATS
        )
        return word not in taken and not attached


class Request:
    """What a user asks: the command, its arguments, and for each option the values given."""

    __slots__ = ("arguments", "command", "options")

    def __init__(self, command: Command, arguments: Sequence[str], options: Mapping[str, Sequence[str]]) -> None:
        self.command = command
        self.arguments = list(arguments)
        self.options = {name: list(values) for name, values in options.items() if values}

    def value(self, name: str) -> str:
        """Return the last value given for an option, or the empty text."""
        values = self.options.get(name, ())
        return values[-1] if values else ""

    def switch(self, name: str) -> bool:
        """Return whether a switch is on."""
        return name in self.options


def _filters(names: Iterable[str], examples: Mapping[str, str] | None = None) -> tuple[Option, ...]:
    """Return the options of filters, with the examples of a listing where it has its own."""
    own = examples or {}
    return tuple(
        Option(f.name, f.noun, f.help(own.get(f.name, "")), many=bool(f.noun)) for f in map(FILTERS.__getitem__, names)
    )


CHANGE = ("What the words of a change mean:", CHANGES)
WORDS = {"recs": ("What the words of force (modality) stand for:", FORCES), "moves": CHANGE}
"""Listing to the scale that its help explains."""

ALIASES: dict[str, str] = {
    alias: listing.name
    for listing in LISTINGS.values()
    for alias in (listing.table.name, listing.table.singular, *listing.aliases)
    if alias != listing.name
} | {"find": "search", "diff": "compare"}
"""What people type for a command."""

COMMANDS: dict[str, Command] = {
    c.name: c
    for c in (
        *(
            Command(
                x.name,
                x.help,
                "cthbkb.commands.listing:run",
                _filters(x.filters, x.examples) + OUTPUT,
                example=x.example,
                words=WORDS.get(x.name, ("", {})),
            )
            for x in LISTINGS.values()
        ),
        Command(
            "overview",
            "Say what this is, with counts and commands to try.",
            "cthbkb.commands.overview:run",
            (FORMAT, DB),
            example="cthbkb",
        ),
        Command(
            "show",
            "Show one record with everything linked to it.",
            "cthbkb.commands.show:run",
            (FORMAT, FILE, DB),
            "ID...",
            True,
            "cthbkb show 2020-p2-r4",
        ),
        Command(
            "search",
            "Search every kind of record, best first, and say why each was found.",
            "cthbkb.commands.search:run",
            (
                Option("type", "TYPE", "Type of record, such as recommendation or person.", many=True),
                *_filters(("year", "theme")),
                *OUTPUT,
            ),
            "WORDS...",
            True,
            "cthbkb search compensation",
            dashes=True,
        ),
        Command(
            "compare",
            "Compare what was asked across the years: all, a theme, two or more years, or counts.",
            "cthbkb.commands.compare:run",
            (
                *_filters(("theme", "kind")),
                Option("by", "AXIS", f"Count by {_either(AXES)}."),
                Option("gaps", "", "With --by: only what no item of a year has."),
                Option("outside", "", "List the items that stand in no ask."),
                Option("planned", "YEAR", "Hold the plan of a conference against what was held, such as 2020."),
                *OUTPUT,
            ),
            "YEAR...",
            example="cthbkb compare --theme non-punishment",
            words=CHANGE,
        ),
        Command(
            "export",
            "Write every table as a CSV file into a folder.",
            "cthbkb.commands.export:run",
            (
                Option("table", "TABLE", "Only this table, such as recommendations.", many=True),
                Option("excel", "", "Begin each file with the byte-order mark that Excel needs for accents."),
                FORCE,
                DB,
            ),
            "FOLDER",
            True,
            "cthbkb export OUT/",
        ),
        Command(
            "about",
            "Say what the data rests on: sources, counts, method and limits.",
            "cthbkb.commands.about:run",
            (FORMAT, FILE, DB),
            example="cthbkb about",
        ),
        Command(
            "packs",
            "List records of your own that are kept beside the packaged ones; template, add, check or remove a pack.",
            "cthbkb.commands.packs:run",
            (FORMAT, FILE, FORCE),
            "[ACTION] [PACK]...",
            example="cthbkb packs template",
        ),
        Command(
            "load",
            "Build a database from the packaged records, or from seeds of your own.",
            "cthbkb.commands.load:run",
            (DB,),
            "SEED...",
            example="cthbkb load data/seed.yaml --db my.db",
        ),
        Command(
            "check",
            "Say what is wrong with a seed, all at once.",
            "cthbkb.commands.check:run",
            (
                Option("fix", "", "Write the files back in their canonical form."),
                Option("diff", "", "Print what the canonical form would change."),
                Option("where", "ID", "Print file and line of a record, such as 2020-p2-r4."),
            ),
            "SEED...",
            example="cthbkb check data/seed.yaml",
        ),
        Command(
            "schema",
            "Print the JSON Schema of the seed, for editors.",
            "cthbkb.commands.schema:run",
            (FILE,),
            example="cthbkb schema -o seed.schema.json",
        ),
    )
}
