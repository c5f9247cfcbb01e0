"""Excel workbooks; the only module that uses XlsxWriter.

The first sheet of a workbook describes it. Cells are numbers, dates, booleans or texts; a text never becomes a formula,
whatever it begins with. A long sheet is streamed: its columns are fitted to its first rows, and the other rows are not
kept in memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cthbkb.columns import SEPARATOR, Col, decode
from cthbkb.formats import Answer
from cthbkb.formats.plain import parts
from cthbkb.messages import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.columns import Row
    from cthbkb.dump import Bundle
    from cthbkb.origin import Origin

__all__ = ["Book", "Link", "workbook", "xlsx"]

SAMPLE = 2000
"""Number of rows to which column widths are fitted; a longer sheet is streamed."""

MOST_ROWS = 1_048_576
"""Maximum number of rows of a sheet, including its header."""

MOST_LINKS = 60_000
"""Maximum number of links in a sheet: Excel accepts 65,530, and repairs a file with more."""

MOST_TEXT = 32_767
"""Maximum length of a cell."""

FOOT = 100
"""Maximum length of the description in a page footer: Excel accepts 255 characters, and `&` is written as two."""

EXACT = 10**15
"""Largest whole number that a sheet can store exactly; a larger one is written as text."""

CUT = " [cut: too long for a cell]"

WIDTHS = {"prose": 68, "list": 38}
"""Maps the type of a column to its maximum width, in characters; for other types it is `WIDEST`."""

WIDEST = 46

PRINTED = 200
"""Number of characters across a page; a wider sheet is printed on several pages, each with the first column."""

LINE = 15
"""Height of a line, in points."""

HIGHEST = 409
"""Maximum height of a row, in points."""

WRAPPED = frozenset({"prose", "list"})
HEADED = "#DCE6F0"
LINKED = "#0B4F9C"

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SHEET = re.compile(r"[\[\]:*?/\\']")
ADDRESS = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)

Link = Callable[[str, str, Mapping[str, object]], str | None]
"""Maps column, text and whole row to the link of a cell: a URL, or a sheet and row as returned by `Book.row`."""

Line = tuple[str, str, str | None]
"""Heading, text and link of a line of the first sheet."""


class Book:
    """A workbook under construction: sheets are added in order and written one after another."""

    def __init__(self, out: BinaryIO, made: date, about: str, streamed: bool = False) -> None:
        # Two of the options are a safeguard: no text is taken for a formula or an address.
        options = {"constant_memory": streamed, "strings_to_formulas": False, "strings_to_urls": False}
        self.out = _Stream(out)
        self.book = Workbook(self.out, options)
        self.book.set_properties({"title": about, "created": datetime(made.year, made.month, made.day)})
        self.about = about
        self.streamed = streamed
        base = {"valign": "top", "font_name": "Calibri", "font_size": 11}
        self.plain = self.book.add_format(base)
        self.number = self.book.add_format({**base, "align": "right", "indent": 1})
        self.wrapped = self.book.add_format({**base, "text_wrap": True})
        self.day = self.book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"})
        self.link = self.book.add_format({**base, "font_color": LINKED, "underline": 1})
        self.wrapped_link = self.book.add_format({**base, "font_color": LINKED, "underline": 1, "text_wrap": True})
        self.head = self.book.add_format({**base, "bold": True, "bg_color": HEADED, "bottom": 1, "text_wrap": True})
        self.bold = self.book.add_format({**base, "bold": True, "text_wrap": True})
        self.title = self.book.add_format({**base, "bold": True, "font_size": 16})

    def sheet(self, name: str) -> Worksheet:
        """Add a sheet; its name is cut to the permitted length, and characters that are not permitted are replaced."""
        sheet = self.book.add_worksheet(SHEET.sub(" ", name)[:31])
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L&8{self.about[:FOOT].replace('&', '&&')}&R&8&A, page &P of &N")
        return sheet

    @staticmethod
    def row(sheet: str, number: int) -> str:
        """Return the link to a row of a sheet; 1 is the first row below the header."""
        return f"internal:'{sheet}'!A{number + 1}"

    def account(self, sheet: Worksheet, title: str, lines: Iterable[Line]) -> None:
        """Write a sheet of `(heading, text, link)`; a repeated heading is written only once."""
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 96)
        sheet.fit_to_pages(1, 0)
        self._text(sheet, 0, 0, title, self.title)
        said = ""
        for n, (heading, text, link) in enumerate(lines, 2):
            if heading != said:
                self._text(sheet, n, 0, heading, self.bold)
            said = heading
            sheet.set_row(n, _height([text], [96], [True]))
            if link:
                sheet.write_url(n, 1, link, self.wrapped_link, text[:MOST_TEXT])
            else:
                self._text(sheet, n, 1, text, self.wrapped)

    def table(self, sheet: Worksheet, columns: Sequence[Col], rows: Iterable[Row], link: Link | None = None) -> int:
        """Write a header and rows, to several sheets if necessary; return the number of rows."""
        rows = iter(rows)
        name, part, written = sheet.get_name(), 1, 0
        while True:
            number = self._part(sheet, columns, islice(rows, MOST_ROWS - 1), link)
            written += number
            following = next(rows, None) if number == MOST_ROWS - 1 else None
            if following is None:
                return written
            rows = chain([following], rows)
            part += 1
            sheet = self.sheet(f"{name[:28]} {part}")

    def _part(self, sheet: Worksheet, columns: Sequence[Col], rows: Iterator[Row], link: Link | None) -> int:
        sample = list(islice(rows, SAMPLE))
        widths = _widths(columns, sample)
        filled = [any(row[n] is not None and row[n] != "[]" for row in sample) for n in range(len(columns))]
        for n, (col, wide) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(n, n, wide, None, {"hidden": not filled[n] and len(sample) < SAMPLE})
            self._text(sheet, 0, n, col.head, self.head)
        names = [col.name for col in columns]
        wrapped = [col.holds in WRAPPED for col in columns]
        most = SAMPLE if self.streamed else MOST_LINKS
        number = links = 0
        for number, row in enumerate(chain(sample, rows), 1):
            cells = decode(columns, row)
            if number <= SAMPLE:  # heights and links are kept in memory, so a long sheet has none
                sheet.set_row(number, _height(row, widths, wrapped))
            whole = dict(zip(names, cells, strict=True))
            for n, (col, cell) in enumerate(zip(columns, cells, strict=True)):
                leads = link(col.name, cell, whole) if link and isinstance(cell, str) and links < most else None
                links += leads is not None
                self._cell(sheet, number, n, col, cell, leads)
        sheet.freeze_panes(1, 1 if len(columns) > 1 else 0)
        if columns:
            sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        if sum(wide for wide, any_ in zip(widths, filled, strict=True) if any_) <= PRINTED:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.repeat_columns(0)
            sheet.set_print_scale(60)
        return number

    def _cell(self, sheet: Worksheet, at: int, n: int, col: Col, cell: object, leads: str | None) -> None:
        """Write one cell by its type; a cell for an unknown value stays empty."""
        wrapped = col.holds in WRAPPED
        if isinstance(cell, list):
            cell = SEPARATOR.join(map(str, cell))
        if cell is None or cell == "":
            return
        if isinstance(cell, bool):
            sheet.write_boolean(at, n, cell, self.plain)
        elif isinstance(cell, int) and abs(cell) > EXACT:
            self._text(sheet, at, n, str(cell), self.number)
        elif isinstance(cell, int | float):
            sheet.write_number(at, n, cell, self.number)
        elif leads:
            sheet.write_url(at, n, leads, self.wrapped_link if wrapped else self.link, _short(str(cell)))
        elif day := _day(str(cell)):
            sheet.write_datetime(at, n, day, self.day)
        else:
            self._text(sheet, at, n, str(cell), self.wrapped if wrapped else self.plain)

    @staticmethod
    def _text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
        sheet.write_string(row, column, _short(text), look)

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: if the stream cannot be written.
        """
        try:
            self.book.close()
        except FileCreateError as error:
            self.out.abandon()
            raise error.args[0] from None
        except BaseException:
            self.out.abandon()
            raise


class _Stream:
    """A stream that can be abandoned; otherwise an unfinished archive would write its end when garbage-collected."""

    def __init__(self, out: BinaryIO) -> None:
        self.file = out

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def abandon(self) -> None:
        """Discard everything written from now on."""
        self.file = io.BytesIO()


def _short(text: str) -> str:
    """Return a text that fits a cell, with a remark if it was cut; unpaired surrogates are replaced."""
    text = text.encode("utf-16", "replace").decode("utf-16") if not text.isascii() else text
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - len(CUT)] + CUT


def _day(text: str) -> datetime | None:
    """Return a text as a date; None if it is not a date, or not one that a sheet can store."""
    if not DAY.fullmatch(text):
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def _widths(columns: Sequence[Col], rows: Sequence[Row]) -> list[int]:
    """Fit each column to its longest text, up to a width suitable for prose; headings may break between words."""
    found = []
    for n, col in enumerate(columns):
        texts = (str(row[n]) for row in rows if row[n] is not None)
        longest = max([len(line) for text in texts for line in text.split("\n")] or [0])
        word = max(len(w) for w in col.head.split()) if col.head.split() else 1
        found.append(max(word + 4, min(longest + 2, WIDTHS.get(col.holds, WIDEST))))
    return found


def _height(row: Row, widths: Sequence[int], wrapped: Sequence[bool]) -> float:
    """Return the height that the texts of a row need; some programs do not adjust it when they open a file."""
    lines = 1
    for cell, wide, wraps in zip(row, widths, wrapped, strict=True):
        if wraps and isinstance(cell, str):
            lines = max(lines, sum(-(-len(part) * 96 // (100 * wide)) or 1 for part in cell.split("\n")))
    return min(lines * LINE, HIGHEST)


def address(text: object) -> str | None:
    """Return a text as a web address; None if it is not a web address, or not one that Excel accepts."""
    if not isinstance(text, str) or not ADDRESS.fullmatch(text) or len(text) > 2000:
        return None
    return text if text.lower().startswith("http") else f"https://{text}"


def xlsx(answer: Answer, out: BinaryIO) -> None:
    """Write an answer as a workbook: its origin, its rows, and its sources with their terms of reuse."""
    origin = answer.origin() if answer.origin else None
    rows = chain((part for record in answer.records for part in parts(record)), answer.rows)
    columns = [Col(col.name, 1, "prose") for col in answer.columns] if answer.records else answer.columns
    sample = list(islice(rows, SAMPLE + 1))
    made = origin.date if origin else date(2000, 1, 1)
    book = Book(out, made, f"cthbkb: {answer.title}, {origin.data}" if origin else answer.title, len(sample) > SAMPLE)
    first = book.sheet("About") if origin else None
    sheet = book.sheet(answer.title[:1].upper() + answer.title[1:])
    sources = {source.id: n for n, source in enumerate(origin.sources, 1)} if origin else {}
    urls = {source.id: address(source.url) for source in origin.sources} if origin else {}

    def leads(column: str, text: str, row: Mapping[str, object]) -> str | None:
        if column in {"id", "slug", "thread"} and origin:
            place = row.get("document") or origin.place(text)
            own = address(row.get("url")) or urls.get(str(place))
            return own or (Book.row("Sources", sources[str(place)]) if place in sources else None)
        if column.startswith("document") and text in sources:
            return Book.row("Sources", sources[text])
        return address(text)

    number = book.table(sheet, columns, chain(sample, rows), leads)
    if origin and first:
        number = len(answer.records) or number
        rows_there = ("Rows", counted(number, answer.title), Book.row(sheet.get_name(), 0))
        book.account(first, origin.question, _account(origin, [rows_there], answer.caveats))
        described = [
            Col("id"), Col("title", 1, "prose"), Col("citation", 1, "prose"), Col("url"), Col("licence", 1, "prose"),
            Col("disclaimer", 1, "prose"),
        ]  # fmt: skip
        told = [[s.id, s.title, s.citation, s.url, s.licence, s.disclaimer] for s in origin.sources]
        book.table(book.sheet("Sources"), described, told, lambda _, text, __: address(text))
    book.close()


def workbook(bundle: Bundle, out: BinaryIO) -> None:
    """Write one sheet per table, with each id linked to its row, and a first sheet that describes the others."""
    origin = bundle.origin
    counts = {table.name: table.count() for table in bundle.tables}
    book = Book(out, origin.date, f"cthbkb: {origin.question}, {origin.data}", max(counts.values(), default=0) > SAMPLE)
    first = book.sheet("About")
    sheets = {table.name: book.sheet(table.name) for table in bundle.tables}
    at: dict[str, dict[str, int]] = {}
    for table in bundle.tables:
        if not table.owner and counts[table.name] <= MOST_LINKS:
            place = [field.name for field in table.fields].index("id")
            at[table.name] = {str(row[place]): n for n, row in enumerate(table.rows(), 1)}
    for table in bundle.tables:
        refs = {field.name: field.ref for field in table.fields if field.ref}

        def leads(column: str, text: str, _: Mapping[str, object], refs: Mapping[str, str] = refs) -> str | None:
            found = at.get(refs.get(column, ""), {}).get(text)
            return Book.row(sheets[refs[column]].get_name(), found) if found else address(text)

        book.table(sheets[table.name], table.columns, bundle.rows(table), leads)
    held: list[Line] = []
    for table in bundle.tables:
        told = f"{table.name}: {counted(counts[table.name], 'rows')}. {table.about}"
        held.append(("Sheets", told, Book.row(sheets[table.name].get_name(), 0)))
    book.account(first, origin.question, _account(origin, held))
    book.close()


def _account(origin: Origin, held: Sequence[Line], caveats: Sequence[str] = ()) -> Iterator[Line]:
    """Yield the lines of the first sheet below the question: the content of the workbook, and its origin."""
    yield from held
    for heading, text in origin.lines(caveats)[1:]:
        yield heading, text, None
    for source in origin.sources:
        yield "Acknowledgement", source.acknowledgement, None
