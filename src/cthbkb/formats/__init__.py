"""Output: an answer consists of columns and rows, and a format is a function that writes an answer.

Data go to stdout or a file, messages to stderr. The default format is a table on a terminal and tab-separated text
elsewhere.
"""

from __future__ import annotations

import os
import sys

from cthbkb.columns import REFERENCE, Col, Counted, decode
from cthbkb.errors import CthbkbError, UsageError, shown, unknown
from cthbkb.messages import Visible, counted, say
from cthbkb.registry import BYTES, DRAWN, ENDINGS, FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import IO, Any, TextIO

    from cthbkb.catalog import Request
    from cthbkb.cite import Work
    from cthbkb.columns import Cell, Row
    from cthbkb.origin import Origin
    from cthbkb.page import Page
    from cthbkb.plot import Chart


__all__ = [
    "EMPTY",
    "RECORD",
    "Answer",
    "Interrupted",
    "Output",
    "Shown",
    "delimiter",
    "emit",
    "imported",
    "screen",
    "writer",
]


class Shown:
    """A record: its fields as pairs of column and cell, and lists of related records as `(id, title)` by heading.

    `table` is the table of the record, or empty.
    """

    __slots__ = ("fields", "linked", "table")

    def __init__(
        self, table: str, fields: Sequence[tuple[Col, Cell]], linked: Mapping[str, Sequence[tuple[Cell, Cell]]]
    ) -> None:
        self.table = table
        self.fields = fields
        self.linked = linked

    def value(self) -> dict[str, object]:
        """Return the record as one object: the table, the fields with lists as lists, and the links."""
        columns, cells = [col for col, _ in self.fields], [cell for _, cell in self.fields]
        fields = dict(zip([col.name for col in columns], decode(columns, cells), strict=True))
        linked = {part: [{"id": id_, "title": title} for id_, title in links] for part, links in self.linked.items()}
        return {**({"table": self.table} if self.table else {}), **fields, "linked": linked}


LEAN = frozenset({"csv", "markdown"})
"""Formats that are meant to be read, and therefore have fewer columns by default."""

RECORD = (Col("part", 1), Col("field", 1), Col("value", 1))
"""Columns of a record in a row format: one row per field, with `record` as its part, and one per related record."""


EMPTY = 3
"""Exit code of an empty answer with `--fail-empty`."""


class Interrupted(Exception):
    """Raised for an error after part of the answer may have been written; `error` is the original error."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Answer:
    """Columns and a stream of rows; `lead` is printed on stderr before it, `notes` after it, `caveats` on terminals.

    An answer may have `records` instead of rows. If there is a `page`, the table format prints it instead of the rows.
    `origin` returns the origin of the answer, for formats that include it. `works` returns the works for a
    bibliography, and `written` is the number of works written. `delimiter` and `header` apply to CSV. `document` makes
    Markdown a text with headings and bullets instead of a table. `raw` leaves cells of CSV and TSV unchanged; `guarded`
    and `flattened` count changed cells.
    """

    __slots__ = (
        "caveats", "chart", "columns", "delimiter", "document", "flattened", "guarded", "header", "lead", "notes",
        "origin", "page", "raw", "records", "rows", "title", "works", "written",
    )  # fmt: skip

    def __init__(
        self,
        title: str,
        columns: Sequence[Col],
        rows: Iterable[Row] = (),
        notes: Iterable[str] = (),
        caveats: Iterable[str] = (),
        records: Sequence[Shown] = (),
    ) -> None:
        self.title = title
        self.columns = list(columns)
        self.rows = rows
        self.notes = list(notes)
        self.caveats = list(caveats)
        self.lead: list[str] = []
        self.delimiter = ","
        self.document = False
        self.header = True
        self.raw = False
        self.guarded = self.flattened = 0
        self.records = records
        self.page: Page | None = None
        self.origin: Callable[[], Origin] | None = None
        self.chart: Chart | None = None
        self.works: Callable[[], list[Work]] | None = None
        self.written: int | None = None

    def altered(self) -> Iterator[str]:
        """Yield notes on the cells that were changed in writing."""
        if self.guarded:
            cells = counted(self.guarded, "cells")
            yield f"note: an apostrophe was added to {cells} that a spreadsheet would run; --raw omits it"
        if self.flattened:
            cells = counted(self.flattened, "cells")
            yield f"note: tabs and line breaks in {cells} were replaced by spaces; CSV and JSON keep them"


class Output:
    """Where and how an answer is written: the output options of a request, validated.

    `limit` is the default maximum number of rows; None means all rows.
    """

    __slots__ = (
        "columns",
        "count",
        "delimiter",
        "excel",
        "fails",
        "force",
        "format",
        "header",
        "limit",
        "pages",
        "path",
        "raw",
        "sort",
    )

    def __init__(self, request: Request, limit: int | None = None) -> None:
        self.path = request.value("output")
        self.excel = request.switch("excel")
        self.delimiter = delimiter(request)
        self.format = self._format(request.value("format"))
        self.columns = [c.strip() for c in request.value("columns").split(",") if c.strip()]
        self.sort = request.value("sort")
        asked = self._limit(request.value("limit"))
        self.limit = limit if asked is None else asked
        self.count = request.switch("count")
        self.fails = request.switch("fail-empty")
        self.pages = not request.switch("no-pager")
        self.force = request.switch("force")
        self.header = not request.switch("no-header")
        self.raw = request.switch("raw")
        self._refuse(request)

    def _refuse(self, request: Request) -> None:
        """Reject options that the format does not support, rather than ignore them silently."""
        for name in ("excel", "delimiter"):
            if name in request.options and self.format != "csv":
                raise UsageError(f"--{name} works with CSV, not with {self.format}", "Remove one of them.")
        for name in ("no-header", "raw"):
            if request.switch(name) and self.format not in {"csv", "tsv"}:
                raise UsageError(f"--{name} works with CSV and TSV, not with {self.format}", "Remove one of them.")

    def _format(self, asked: str) -> str:
        if asked and asked not in FORMATS:
            raise unknown("format", asked, FORMATS, f"Formats: {', '.join(FORMATS)}.")
        if asked:
            return asked
        if self.path and self.path != "-":
            named = os.path.basename(self.path).lower()
            ending = max((e for e in ENDINGS if named.endswith(e) and named != e), key=len, default="")
            if not ending:
                raise UsageError(
                    f"unknown format of {shown(self.path)}", f"Extensions: {' '.join(ENDINGS)}; or add --format."
                )
            return ENDINGS[ending]
        if self.excel or self.delimiter != ",":
            return "csv"
        return "table" if sys.stdout.isatty() else "tsv"

    @staticmethod
    def _limit(text: str) -> int | None:
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise UsageError(f"limit {shown(text)} is not a number of rows", "Write a whole number, such as 20.")
        return int(text)

    @property
    def caveats(self) -> bool:
        """Whether caveats are written: on a terminal, and in a file that contains the origin of the answer."""
        return sys.stderr.isatty() or self.format == "table" or self.format in BYTES

    def lists(self, known: Sequence[Col]) -> bool:
        """Print the names of the columns if `--columns help` or `?` was given, and return whether it was."""
        asked = self.columns in (["?"], ["help"])
        if asked:
            print("\n".join(col.name for col in known))
        return asked

    def choose(self, known: Sequence[Col], lean: bool = False) -> list[Col]:
        """Return the requested columns in the requested order; all of them by default and for `all`.

        If `lean`, the default for CSV and Markdown is only the columns of a table and the reference.

        Raises:
            UsageError: for an unknown column, including one in `--sort`.
        """
        by_name = {c.name: c for c in known}
        by = self.sort if self.sort in by_name else self.sort.removeprefix("-")
        every = self.columns == ["all"]
        named = [] if every else self.columns
        for asked, name in [*((c, c) for c in named), *([(self.sort, by)] if self.sort else [])]:
            if name not in by_name:
                raise unknown("column", asked, by_name, f"Columns: {', '.join(by_name)}.")
        if lean and not every and not named and self.format in LEAN:
            return [c for c in known if c.since or c.name in REFERENCE]
        return [Col(c, 1, by_name[c].holds) for c in dict.fromkeys(named)] or list(known)

    def shape(self, known: Sequence[Col], rows: Sequence[Row]) -> tuple[list[Col], list[Row]]:
        """Sort and limit rows that are in memory, and choose their columns; the sort order is that of the queries."""
        chosen = self.choose(known)
        names = [c.name for c in known]
        if self.sort:
            from cthbkb.collation import rank

            at = names.index(self.sort.removeprefix("-"))
            rows = sorted(rows, key=lambda r: rank(r[at]), reverse=self.sort.startswith("-"))
        picked = [names.index(c.name) for c in chosen]
        return chosen, [[row[n] for n in picked] for row in rows[: self.limit]]


def delimiter(request: Request) -> str:
    """Return the character that separates the fields of CSV.

    Raises:
        UsageError: if it is not a single visible character or a tab, or if CSV uses it for something else.
    """
    found = request.value("delimiter") or ","
    if len(found) != 1 or found in '"\r\n' or (not found.isprintable() and found != "\t"):
        hint = 'Use a single visible character or a tab, for example: --delimiter ";"'
        raise UsageError(f"delimiter {shown(found)} cannot separate fields", hint)
    return found


def imported(reference: str) -> Callable[..., object]:
    """Import and return the function named by `module:function`, so that a table of functions imports nothing itself.

    Raises:
        Failure: if it needs the library of an extra that is not installed.
    """
    module, _, function = reference.partition(":")
    try:
        __import__(module)
    except ModuleNotFoundError as error:
        from cthbkb import extras

        raise extras.missing(error) from None
    found: Callable[..., object] = getattr(sys.modules[module], function)
    return found


def writer(name: str) -> Callable[[Answer, IO[Any]], object]:
    """Return the function that writes a format."""
    return imported({**FORMATS, "page": "cthbkb.formats.page:page", "drawing": "cthbkb.formats.drawing:drawing"}[name])


def emit(answer: Answer, output: Output) -> int:
    """Write an answer to stdout or a file, then its notes to stderr; return the exit code.

    The exit code is 0, or `EMPTY` if there are no rows and `--fail-empty` was given.

    Raises:
        Interrupted: if anything other than the stream fails while the answer is written to stdout.
        Failure: if the file cannot be written, or the format needs a library that is not installed.
    """
    binary = output.format in BYTES
    answer.delimiter, answer.header, answer.raw = output.delimiter, output.header, output.raw
    drawn = answer.chart is not None and output.format == "table" and not output.columns
    write = writer("drawing" if drawn else output.format if answer.page is None else "page")
    for text in answer.lead:
        say(text)
    if output.fails:
        answer.rows = Counted(answer.rows)
    if output.path and output.path != "-":
        from cthbkb import files

        answer.rows = rows = Counted(answer.rows)
        encoding = None if binary else "utf-8-sig" if output.excel else "utf-8"
        files.replace(output.path, lambda file: write(answer, file), encoding, output.format, output.force)
        number = len(answer.records) or rows.number
        what = counted(*((number, answer.title) if answer.written is None else (answer.written, "references")))
        say(f"wrote {'a chart' if output.format in DRAWN else what} to {output.path}")
    else:
        if binary and sys.stdout.isatty():
            raise UsageError(
                f"{output.format} cannot be printed", f"Write it to a file: -o {answer.title}.{output.format}"
            )
        if output.excel:
            screen().write("\ufeff")
        try:
            out = screen() if output.raw or output.format == "table" else sys.stdout
            if output.format == "table" and output.pages and out.isatty():
                _paged(answer, write, out)
            else:
                write(answer, out.buffer if binary else out)
        except (CthbkbError, OSError):
            raise
        except Exception as error:
            raise Interrupted(error) from error
    sys.stdout.flush()
    for note in (*answer.notes, *answer.altered()):
        say(note)
    if (sys.stderr.isatty() or output.format == "table") and not binary:
        for caveat in answer.caveats:
            say(f"note: {caveat}")
    return EMPTY if output.fails and not answer.records and not _any(answer.rows) else 0


def _any(rows: Iterable[Row]) -> bool:
    """Return whether there is any row."""
    while isinstance(rows, Counted):
        if rows.number:
            return True
        rows = rows.rows
    return False


def screen() -> TextIO:
    """Return stdout for coloured output, which escapes its content itself."""
    return sys.stdout.under if isinstance(sys.stdout, Visible) else sys.stdout


def _paged(answer: Answer, write: Callable[..., object], out: TextIO) -> None:
    """Write to the terminal, through a pager if the answer is longer than the screen."""
    from cthbkb import pager

    if not pager.wanted():
        write(answer, out)
        return
    paged = pager.Paged(out)
    try:
        write(answer, paged)
    except BrokenPipeError:
        if not paged.quit:
            raise
    finally:
        paged.close()
