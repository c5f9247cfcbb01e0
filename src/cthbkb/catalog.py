"""The table of commands, options and arguments, from which both the parser in `front` and the Typer program are built.

Values reach a command as the text that was typed; only the command interprets them.
"""

from __future__ import annotations

from itertools import islice

from cthbkb.columns import COLUMNS, YEARS
from cthbkb.registry import AXES, ENDINGS, FILTERS, FORMATS, KINDS, LISTINGS, TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cthbkb.columns import Col
    from cthbkb.registry import Listing

__all__ = ["ABOUT", "ALIASES", "COMMANDS", "NARROWING", "Command", "Option", "Request", "output"]

ABOUT = """Search, filter and compare what the OSCE Alliance against Trafficking in Persons conferences recommended.

Works offline, and gives the source of every record. Repeat an option to mean OR; different options mean AND."""
"""The opening text of the help and the manual page."""

NARROWING = ("theme", "year", "kind", "session", "document")
"""Filters that `export` accepts."""


FILTERING, OUTPUTTING, OTHER = "Filters", "Output", "Other"
"""Groups of options, in the order of the help."""


class Option:
    """An option: `noun` names its value (empty for a switch), and `many` allows it to be repeated.

    `values` are the possible values, if they are known without a database. `fits` tells whether a text can be a value
    attached to the short form, as in `-n5`; by default, all its comma-separated parts must be among the values.
    `group` is the section of the help that lists the option; `hidden` options are not listed.
    """

    __slots__ = ("fits", "group", "help", "hidden", "many", "name", "noun", "short", "values")

    def __init__(
        self,
        name: str,
        noun: str,
        help: str,
        short: str = "",
        many: bool = False,
        values: Iterable[str] = (),
        fits: Callable[[str], bool] | None = None,
        group: str = OTHER,
        hidden: bool = False,
    ) -> None:
        self.group = group
        self.hidden = hidden
        self.name = name
        self.noun = noun
        self.help = help
        self.short = short
        self.many = many
        self.values = tuple(values)
        self.fits = fits or (lambda text: all(part.removeprefix("-") in self.values for part in text.split(",")))


def _either(names: Iterable[str]) -> str:
    """Join alternatives: `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last


FORMAT = Option("format", "FORMAT", f"Format: {_either(FORMATS)}.", "f", values=FORMATS, group=OUTPUTTING)
FILE = Option(
    "output",
    "FILE",
    "Write to a file, such as recs.csv; its extension sets the format.",
    "o",
    fits=lambda text: text == "-" or text.endswith(tuple(ENDINGS)),
    group=OUTPUTTING,
)
TEXT_FILE = Option("output", "FILE", "Write to a file.", "o", group=OUTPUTTING)
DB = Option("db", "FILE", "Use this database instead of the packaged one; CTHBKB_DB sets it too.")
FORCE = Option("force", "", "Overwrite existing files.")
DELIMITER = Option(
    "delimiter", "CHAR", 'Separate the fields of CSV by this character, such as ";".',
    fits=lambda text: len(text) == 1, group=OUTPUTTING,
)  # fmt: skip
HEADLESS = Option("no-header", "", "Omit the header line of CSV and TSV.", group=OUTPUTTING)
RAW = Option("raw", "", "Leave cells of CSV and TSV unchanged, even if a spreadsheet would run them.", group=OUTPUTTING)
VERBATIM = Option("verbatim", "", "Quote the original words from your own copies; see: cthbkb sources.")
QUOTED = frozenset({"recs", "statistics", "statements", "speakers"})
"""Listings of records that have passages in the documents."""

SHARED = (
    Option("limit", "N", "Show at most this many rows, such as 20.", "n", fits=str.isdigit, group=OUTPUTTING),
    Option("count", "", "Print only the number of rows.", group=OUTPUTTING),
    Option("excel", "", "Start CSV with the byte-order mark that Excel needs for accents.", group=OUTPUTTING),
    DELIMITER,
    HEADLESS,
    RAW,
    Option(
        "cite-query", "", "Add a note with the command, data version and hash to reproduce the answer.",
        group=OUTPUTTING,
    ),
    Option("no-pager", "", "Do not use a pager; PAGER=cat has the same effect.", group=OUTPUTTING),
    Option("fail-empty", "", "Exit with code 3 if nothing is found."),
    FORCE,
    DB,
)  # fmt: skip


def output(columns: Sequence[Col]) -> tuple[Option, ...]:
    """Return the options of a command that prints rows, with examples taken from its columns."""
    names = [col.name for col in columns if col.name != YEARS.name]
    first, *others = [col.name for col in columns if col.since and col.name in names]
    by = "year" if "year" in names else first
    chosen = f"{first},{others[-1]}"
    return (
        FORMAT,
        FILE,
        Option(
            "columns",
            "NAMES",
            f"Columns, separated by commas, such as {chosen}, or help to list them.",
            "c",
            True,
            names,
            group=OUTPUTTING,
        ),
        Option(
            "sort",
            "COLUMN",
            f"Sort by a column, such as {by}; -{by} for descending.",
            "s",
            values=names,
            group=OUTPUTTING,
        ),
        *SHARED,
    )


class Command:
    """A command: its help, arguments (`NOUN...`, or none), options, and the function that runs it.

    `scale` is the key in `scales.EXPLAINED` of the words that the help explains. `words` are the possible values of
    the first argument, if they are fixed. `ends` is false for a command that runs until it is stopped.
    """

    __slots__ = (
        "_options",
        "arguments",
        "dashes",
        "ends",
        "example",
        "help",
        "name",
        "required",
        "run",
        "scale",
        "words",
    )

    def __init__(
        self,
        name: str,
        help: str,
        run: str,
        options: Callable[[], tuple[Option, ...]],
        arguments: str = "",
        required: bool = False,
        example: str = "",
        dashes: bool = False,
        scale: str = "",
        words: Sequence[str] = (),
        ends: bool = True,
    ) -> None:
        self.ends = ends
        self.scale = scale
        self.words = words
        self.name = name
        self.help = help
        self.run = run
        self._options: Callable[[], tuple[Option, ...]] | tuple[Option, ...] = options
        self.arguments = arguments
        self.required = required
        self.example = example
        self.dashes = dashes

    @property
    def options(self) -> tuple[Option, ...]:
        """The options, created on first access, since only one command is run."""
        if not isinstance(self._options, tuple):
            self._options = self._options()
        return self._options

    def split(self, words: Iterable[str]) -> list[str]:
        """Normalise the words of a command line: options first, attached short values separated, then the arguments.

        `-n5` becomes `-n 5`. In a search, a word with one leading dash is an exclusion, unless it is an option, with or
        without an attached value that fits: `-n5` is the limit, `-national` an argument. If an argument begins with a
        dash, `--` precedes the arguments.
        """
        shorts = {"-" + o.short: o for o in self.options if o.short}
        valued = {f"--{o.name}" for o in self.options if o.noun} | {short for short, o in shorts.items() if o.noun}
        options: list[str] = []
        arguments: list[str] = []
        rest = iter(words)
        for word in rest:
            short, attached = word[:2], word[2:]
            option = shorts.get(short)
            if word == "--":
                arguments += rest
            elif word[:1] != "-" or word == "-":
                arguments.append(word)
            elif option and attached and option.noun and (not self.dashes or option.fits(attached)):
                options += [short, attached]
            elif self.dashes and short not in {"--", "-h"} and (attached or option is None):
                arguments.append(word)
            else:
                options += [word, *islice(rest, int(word in valued))]
        return [*options, *(["--"] if any(a[:1] == "-" for a in arguments) else []), *arguments]


class Request:
    """A parsed command line: the command, its arguments, and the values of each option."""

    __slots__ = ("arguments", "command", "options")

    def __init__(self, command: Command, arguments: Sequence[str], options: Mapping[str, Sequence[str]]) -> None:
        self.command = command
        self.arguments = list(arguments)
        self.options = {name: list(values) for name, values in options.items() if values}

    def value(self, name: str) -> str:
        """Return the last value of an option, or an empty string; the values of `columns` are joined."""
        values = self.options.get(name, ())
        value = ",".join(values) if name == "columns" else values[-1] if values else ""
        if value[:1] == "~" and name in {"db", "output"}:
            from os.path import expanduser

            return expanduser(value)  # a shell does not expand --db=~/my.db
        return value

    def narrowed(self, found: Mapping[str, Sequence[str]]) -> Request:
        """Return a copy of the request with additional filters and without arguments."""
        options = {**self.options, **{name: [*self.options.get(name, ()), *values] for name, values in found.items()}}
        return Request(self.command, [], options)

    def switch(self, name: str) -> bool:
        """Return whether a switch was given."""
        return name in self.options


def _filters(names: Iterable[str], examples: Mapping[str, str] | None = None) -> tuple[Option, ...]:
    """Return the options for some filters; the examples of a listing replace the usual ones."""
    own = examples or {}
    return tuple(
        Option(
            f.name, f.noun, f.help(own.get(f.name, "")), many=bool(f.noun), group=FILTERING,
            fits=_is_year if f.of == "year" else None,
        )
        for f in map(FILTERS.__getitem__, names)
    )  # fmt: skip


def _is_year(text: str) -> bool:
    return text[1:].isdigit()


def _wider(names: Iterable[str]) -> tuple[Option, ...]:
    """Return the options that change how filters combine: `--all` and one `--not-FILTER` per filter."""
    filters = [FILTERS[name] for name in names if name not in {"in", "not-in"}]
    if not filters:
        return ()
    first = next(f for f in filters if f.noun)
    others = ", ".join(f.name for f in filters if f is not first)
    help = "Exclude records with this value." + (f" Other --not- options: {others}." if others else "")
    shown = Option(f"not-{first.name}", first.noun, help, many=True, group=FILTERING)
    return (
        Option(
            "all",
            "",
            "Match all values of a repeated filter instead of any; the value none matches records without a value.",
            group=FILTERING,
        ),
        shown,
        *(
            Option(f"not-{f.name}", f.noun, "Exclude records with the value.", many=bool(f.noun), hidden=True)
            for f in filters
            if f is not first
        ),
    )


def _of_listing(listing: Listing) -> Callable[[], tuple[Option, ...]]:
    """Return a function that creates the options of a listing."""
    quoted = (VERBATIM,) if listing.name in QUOTED else ()
    return lambda: (
        *_filters(listing.filters, listing.examples), *_wider(listing.filters), *quoted, *output(listing.columns)
    )  # fmt: skip


ALIASES: dict[str, str] = {
    alias: listing.name
    for listing in LISTINGS.values()
    for alias in (listing.table.name, listing.table.singular, *listing.aliases)
    if alias != listing.name
} | {"find": "search", "diff": "compare"}
"""Maps an alias to the name of its command."""

COMMANDS: dict[str, Command] = {
    c.name: c
    for c in (
        *(
            Command(
                x.name,
                x.help,
                "cthbkb.commands.listing:run",
                _of_listing(x),
                "WORD..." if x.filters else "",
                example=x.example,
                scale=x.scale,
            )
            for x in LISTINGS.values()
        ),
        Command(
            "overview",
            "Introduce the knowledge base, with counts and commands to try.",
            "cthbkb.commands.overview:run",
            lambda: (FORMAT, DB),
            example="cthbkb",
        ),
        Command(
            "show",
            "Show one record with everything linked to it.",
            "cthbkb.commands.show:run",
            lambda: (FORMAT, FILE, RAW, FORCE, DB),
            "ID...",
            True,
            "cthbkb show 2020-p2-r4",
        ),
        Command(
            "open",
            "Open the web page of a record, or of its document, in the browser.",
            "cthbkb.commands.open:run",
            lambda: (Option("print", "", "Print the address instead of opening it."), DB),
            "ID...",
            True,
            "cthbkb open 2020-p2-r4 --print",
        ),
        Command(
            "search",
            "Search all kinds of records; list the best matches first, with the reason.",
            "cthbkb.commands.search:run",
            lambda: (
                Option(
                    "type",
                    "TYPE",
                    "Type of record or kind of item, such as person or takeaway.",
                    many=True,
                    values=dict.fromkeys([*(table.singular for table in TABLES.values() if table.indexed), *KINDS]),
                ),
                *_filters(("year", "theme")),
                *output(COLUMNS["search"]),
            ),
            "WORDS...",
            True,
            "cthbkb search compensation",
            dashes=True,
        ),
        Command(
            "compare",
            "Compare what was asked across the years: all asks, one theme, chosen years, or counts.",
            "cthbkb.commands.compare:run",
            lambda: (
                *_filters(("theme", "kind")),
                Option("by", "AXIS", f"Count by {_either(AXES)}.", values=AXES),
                Option("gaps", "", "With --by: only values that are missing in some year."),
                Option("outside", "", "List the items that belong to no thread."),
                VERBATIM,
                Option("planned", "YEAR", "Compare the plan of a conference, such as 2020, with what was held."),
                *output(COLUMNS["compare"]),
            ),
            "YEAR...",
            example="cthbkb compare --theme non-punishment",
            scale="change",
        ),
        Command(
            "cite",
            "Cite records as footnotes, BibTeX, RIS or CSL-JSON, with session, list and item.",
            "cthbkb.commands.cite:run",
            lambda: (FORMAT, FILE, RAW, FORCE, DB),
            "ID...",
            True,
            "cthbkb cite 2020-p2-r4",
        ),
        Command(
            "brief",
            "Write a briefing on a theme, an ask, a person, a session or chosen records.",
            "cthbkb.commands.brief:run",
            lambda: (
                *_filters(("theme", "thread", "person", "session", "year")),
                Option("format", "FORMAT", "Format: markdown, html or docx.", "f", values=("markdown", "html", "docx")),
                Option("output", "FILE", "Write to a file: .md, .html or .docx.", "o", fits=lambda text: "." in text),
                VERBATIM,
                Option("paper", "SIZE", "Size of the page: a4 or letter.", values=("a4", "letter")),
                FORCE,
                DB,
            ),
            "ID...",
            example="cthbkb brief --theme compensation -o compensation.docx",
        ),
        Command(
            "chart",
            "Draw a chart: themes, threads, compare (a theme), speakers or modality, in the terminal or as a file.",
            "cthbkb.commands.chart:run",
            lambda: (
                *_filters(("theme", "year")),
                Option(
                    "by",
                    "AXIS",
                    "Count speakers by role, country or organization-kind.",
                    values=("role", "country", "organization-kind"),
                ),
                *output(COLUMNS["chart-bars"]),
            ),
            "CHART",
            True,
            "cthbkb chart themes -o themes.svg",
            words=("themes", "threads", "compare", "speakers", "modality"),
        ),
        Command(
            "export",
            "Write the tables to a folder of CSV files with a description, or to a .xlsx, .json, .jsonld or .db file.",
            "cthbkb.commands.export:run",
            lambda: (
                Option("table", "TABLE", "Write only this table, such as recommendations.", many=True),
                *_filters(NARROWING),
                Option(
                    "format",
                    "FORMAT",
                    "Format of the files in a folder: csv or parquet.",
                    "f",
                    values=("csv", "parquet"),
                ),
                Option("excel", "", "Start each file with the byte-order mark that Excel needs for accents."),
                DELIMITER,
                HEADLESS,
                RAW,
                FORCE,
                DB,
            ),
            "TARGET",
            True,
            "cthbkb export base.xlsx",
        ),
        Command(
            "sql",
            "Run your own SQL query on the views of the listings; --schema describes them.",
            "cthbkb.commands.sql:run",
            lambda: (
                Option("schema", "", "Describe all views, or those named, with their columns."),
                Option("timeout", "SECONDS", "Stop the query after this time (default: 10)."),
                FORMAT,
                FILE,
                Option("columns", "NAMES", "Columns of the query, separated by commas.", "c", True, group=OUTPUTTING),
                Option("sort", "COLUMN", "Sort by a column; -COLUMN for descending.", "s", group=OUTPUTTING),
                *SHARED,
            ),
            "QUERY...",
            example="cthbkb sql 'select kind, count(*) from recs group by kind'",
        ),
        Command(
            "mcp",
            "Serve an assistant over standard input and output (Model Context Protocol), read-only.",
            "cthbkb.commands.mcp:run",
            lambda: (DB,),
            example="cthbkb mcp",
            ends=False,
        ),
        Command(
            "serve",
            "Serve the knowledge base to a browser with Datasette: lists, questions, search and records.",
            "cthbkb.commands.serve:run",
            lambda: (
                Option("open", "", "Open the start page in the browser."),
                Option("port", "PORT", "Port (default: 8001); 0 picks any free one.", "p", fits=str.isdigit),
                Option("host", "ADDRESS", "Address to listen on (default: 127.0.0.1, this machine only)."),
                DB,
            ),
            example="cthbkb serve --open",
            ends=False,
        ),
        Command(
            "about",
            "Describe the data: sources, counts, method and limits.",
            "cthbkb.commands.about:run",
            lambda: (FORMAT, FILE, RAW, FORCE, DB),
            example="cthbkb about",
        ),
        Command(
            "packs",
            "Manage packs of your own records: list, template, add, check or remove.",
            "cthbkb.commands.packs:run",
            lambda: (FORMAT, FILE, RAW, FORCE),
            "[ACTION] [PACK]...",
            example="cthbkb packs template",
            words=("list", "template", "add", "check", "remove"),
        ),
        Command(
            "sources",
            "Manage your own copies of the documents, for exact quotations: list, add, remove, locate or verify.",
            "cthbkb.commands.sources:run",
            lambda: (
                Option("copy", "FILE", "With locate: read this file instead of the stored copy."),
                Option("all", "", "With verify: list all records, and what was checked in each."),
                FORMAT,
                FILE,
                FORCE,
                DB,
            ),
            "[ACTION] [WORD]...",
            example="cthbkb sources list",
            words=("list", "add", "remove", "locate", "verify"),
        ),
        Command(
            "load",
            "Build a database from the packaged records, or from your own seeds.",
            "cthbkb.commands.load:run",
            lambda: (DB,),
            "SEED...",
            example="cthbkb load data/seed.yaml --db my.db",
        ),
        Command(
            "check",
            "Report all problems of a seed at once.",
            "cthbkb.commands.check:run",
            lambda: (
                Option("fix", "", "Write the files back in their canonical form."),
                Option("diff", "", "Print the changes that the canonical form would make."),
                Option("where", "ID", "Print file and line of a record, such as 2020-p2-r4."),
            ),
            "SEED...",
            example="cthbkb check data/seed.yaml",
        ),
        Command(
            "man",
            "Print the manual page in man format.",
            "cthbkb.commands.man:run",
            lambda: (TEXT_FILE,),
            example="cthbkb man -o cthbkb.1",
        ),
        Command(
            "schema",
            "Print the JSON Schema of the seed, for editors.",
            "cthbkb.commands.schema:run",
            lambda: (TEXT_FILE,),
            example="cthbkb schema -o seed.schema.json",
        ),
    )
}
