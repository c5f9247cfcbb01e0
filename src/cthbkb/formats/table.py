"""Tables for a terminal; the only module that uses rich.

A wide terminal shows a table with as many columns as fit; a narrow one shows a block per row. The first rows determine
the widths of the columns, so that a long answer is streamed from the start. Data are never interpreted as markup, and
control characters are made visible.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby, islice
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from cthbkb.columns import SEPARATOR, Col, items
from cthbkb.formats import Answer, Shown
from cthbkb.messages import visible
from cthbkb.scales import MARKS

__all__ = ["console", "progress", "styled", "table", "width"]

NARROW = 64
"""Minimum width of a terminal for a table; narrower ones get blocks."""

PAGE = 60
"""Number of rows that are printed at a time; the first such rows determine the widths."""

PROSE = 24
"""Width that a column of prose gets before the short columns beside it get their full width."""

NARROWEST = 14
"""Minimum width of a column of prose if there are several."""

MOST = 24
"""Length of the longest words for which columns are widened first."""

UNNAMED = frozenset({"id", "slug", "year", "name", "kind", "role", "type", "standing", "verdict", "aspect"})
"""Columns whose values need no label in a block."""


def width() -> int:
    """Return the width of the terminal, or 40 columns if it is narrower."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def _shown(text: str) -> str:
    """Make control characters visible, and replace tabs by spaces."""
    return visible(text.replace("\t", " "))


class Screen(Console):
    """A console that raises an error for a closed pipe, which `front.main` handles."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(out: IO[str]) -> Console:
    """Return a console of fixed width without markup and emoji; NO_COLOR and FORCE_COLOR are respected."""
    forced = os.environ.get("FORCE_COLOR", "0") not in {"0", ""}
    plain = bool(os.environ.get("NO_COLOR")) or not (forced or out.isatty())
    return Screen(
        file=out,
        width=width(),
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=not plain,
        no_color=plain,
        legacy_windows=False,
    )


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show progress towards a total on stderr; yield the function to call after each step."""
    with Progress(console=console(sys.stderr), transient=True) as shown:
        task = shown.add_task("writing rows", total=total)
        yield lambda step: shown.advance(task, step)


def styled(out: IO[str], lines: Iterable[Sequence[tuple[str, str]]]) -> None:
    """Print lines of `(text, style)` pairs without wrapping; the caller has made them fit."""
    screen = console(out)
    for line in lines:
        made = Text()
        for text, style in line:
            made.append(_shown(text), style=style)
        screen.print(made, no_wrap=True, overflow="ignore", crop=False)


def _cell(col: Col, cell: object) -> str:
    if cell is None:
        return ""
    if col.holds == "list":
        return _shown(SEPARATOR.join(items(str(cell))))
    if col.holds == "flag":
        return "yes" if cell else ""
    if col.holds == "state":
        return MARKS.get(str(cell), str(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _shown(str(cell))


def table(answer: Answer, out: IO[str]) -> None:
    """Print an answer as a table, or as blocks if the terminal is too narrow for one."""
    screen = console(out)
    if answer.records:
        _records(screen, answer.records)
        return
    shown = [(n, col) for n, col in enumerate(answer.columns) if 0 < col.since <= screen.width]
    rows = ([_cell(col, row[n]) for n, col in shown] for row in answer.rows)
    columns = [col for _, col in shown]
    page = list(islice(rows, PAGE))
    kept = _fitting(columns, page, screen.width) if screen.width >= NARROW else []
    if not kept:
        _blocks(screen, columns, chain(page, rows))
        return
    _pages(
        screen, [columns[n] for n in kept], ([row[n] for n in kept] for row in chain(page, rows)), _height(out)
    )  # fmt: skip


def _fitting(columns: Sequence[Col], rows: Sequence[Sequence[str]], total: int) -> list[int]:
    """Return the indexes of the columns for a table: as many width classes as fit; none if not even one fits.

    A listing that is a table on one terminal is therefore a table on any wider one.
    """
    for since in sorted({col.since for col in columns}, reverse=True):
        kept = [n for n, col in enumerate(columns) if col.since <= since]
        chosen = [columns[n] for n in kept]
        cells = [[row[n] for n in kept] for row in rows]
        if not _breaks(chosen, cells, _widths(chosen, cells, total)):
            return kept
    return []


def _height(out: IO[str]) -> int:
    """Return the number of lines after which a terminal repeats the heading; 0 for other streams."""
    return max(8, shutil.get_terminal_size((80, 24)).lines - 4) if out.isatty() else 0


def _pages(screen: Console, columns: Sequence[Col], rows: Iterator[list[str]], height: int) -> None:
    """Print the rows in pages; the first page sets the widths, unless an id on a later page needs more.

    The heading is repeated after `height` lines, or never if that is 0.
    """
    page = list(islice(rows, PAGE))
    widths = _widths(columns, page, screen.width)
    lines = 0
    head = True
    while page:
        keys = [n for n, col in enumerate(columns) if col.holds == "id"]
        if any(len(row[n]) > widths[n] for row in page for n in keys):
            widths = _widths(columns, page, screen.width)
        while page:
            number = _rows_of(page, widths, height - lines) if height else len(page)
            if head:
                number = max(1, number)
            if number:
                _part(screen, columns, widths, page[:number], head)
                lines += sum(_lines(row, widths) for row in page[:number])
            page, head = page[number:], False
            if page and height:
                head, lines = True, 0
                screen.print()
        page = list(islice(rows, PAGE))


def _lines(row: Sequence[str], widths: Sequence[int]) -> int:
    """Return the approximate number of lines that a row needs."""
    return max(-(-len(text) // wide) for text, wide in zip(row, widths, strict=True)) or 1


def _rows_of(page: Sequence[Sequence[str]], widths: Sequence[int], left: int) -> int:
    """Return the number of rows that fit into the remaining lines."""
    for number, row in enumerate(page):
        left -= _lines(row, widths)
        if left < 0:
            return number
    return len(page)


def _part(
    screen: Console, columns: Sequence[Col], widths: Sequence[int], rows: Sequence[Sequence[str]], head: bool
) -> None:
    """Print some rows of a table, with or without the heading."""
    padding = (0, 1 if head else 2, 0, 0)
    made = Table(box=SIMPLE_HEAD if head else None, show_header=head, pad_edge=False, padding=padding, show_edge=False)
    for col, wide in zip(columns, widths, strict=True):
        if col.holds == "number":
            made.add_column(_heading(col), width=wide, justify="right", overflow="fold")
        else:
            made.add_column(_heading(col), width=wide, overflow="fold")
    for row in rows:
        made.add_row(*(Text(text, style=_style(col)) for col, text in zip(columns, row, strict=True)))
    screen.print(made)


def _breaks(columns: Sequence[Col], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> bool:
    """Return whether a word would be broken, or a column of prose would be too narrow."""
    prose = [wide for col, wide in zip(columns, widths, strict=True) if col.holds in {"prose", "list"}]
    longest = [max([len(w) for row in rows for w in row[n].split()] or [0]) for n in range(len(columns))]
    broken = any(min(long, MOST) > wide for long, wide in zip(longest, widths, strict=True))
    return broken or (len(prose) > 2 and min(prose) < NARROWEST)


def _heading(col: Col) -> Text:
    return Text(col.head, style="bold")


def _style(col: Col) -> str:
    return {"id": "cyan", "slug": "cyan", "person": "cyan"}.get(col.name, "")


def _widths(columns: Sequence[Col], rows: Sequence[Sequence[str]], total: int) -> list[int]:
    """Distribute the width of the terminal: first to the longest words, then to short texts, then to prose."""
    lines = [[line for row in rows for line in row[n].split("\n")] for n in range(len(columns))]
    natural = [max([len(col.head), *map(len, lines[n])]) for n, col in enumerate(columns)]
    word = [max([len(w) for line in lines[n] for w in line.split()] or [1]) for n in range(len(columns))]
    some = [
        min(wide, PROSE if col.holds in {"prose", "list"} else wide) for col, wide in zip(columns, natural, strict=True)
    ]
    widths = [max(len(w) for w in col.head.split()) for col in columns]
    left = total - 2 * len(columns) - sum(widths)
    keys = [wide if col.holds == "id" else 0 for col, wide in zip(columns, natural, strict=True)]
    for wanted in (keys, [min(w, MOST) for w in word], some, natural):
        left = _pour(widths, wanted, left)
    prose = [n for n, col in enumerate(columns) if col.holds == "prose"]
    if left > 0 and prose and len(rows) == PAGE:
        widths[prose[-1]] += left  # later pages may have longer texts
    return [max(1, wide) for wide in widths]


def _pour(widths: list[int], wanted: Sequence[int], left: int) -> int:
    """Widen columns evenly up to the wanted widths; return the remaining width."""
    while left > 0:
        short = [n for n, wide in enumerate(widths) if wide < wanted[n]]
        if not short:
            break
        share = max(1, min(left // len(short), min(wanted[n] - widths[n] for n in short)))
        for n in short[:left]:
            widths[n] += share
            left -= share
    return left


def _blocks(screen: Console, columns: Sequence[Col], rows: Iterable[list[str]]) -> None:
    """Print a block per row: identifying values on the first line, all other values below it with their labels."""
    first = next((col.name for col in columns if col.holds == "prose"), "")
    for row in rows:
        head = Text()
        below = []
        for col, text in zip(columns, row, strict=True):
            if not text:
                continue
            if "\n" in text or col.holds in {"prose", "list"}:
                below.append((col, text.replace("\n", SEPARATOR)))
            elif col.name in UNNAMED:
                if text != head.plain:  # the id of a conference is its year
                    head.append(("  " if head else "") + text, style=_style(col))
            else:
                below.append((col, text))
        if head:
            screen.print(head)
        for col, text in below:
            line = Text() if col.name == first else Text(f"{col.name.replace('_', ' ')}: ", style="dim")
            screen.print(Padding(line.append(text, style="not dim"), (0, 0, 0, 2)))
        screen.print()


def _records(screen: Console, records: Sequence[Shown]) -> None:
    """Print records: the fields of each, followed by its related records under headings."""
    for n, record in enumerate(records):
        if n:
            screen.print()
        fields = [["table", record.table]] if record.table else []
        fields += [[col.name.replace("_", " "), _cell(col, cell)] for col, cell in record.fields]
        _pairs(screen, [pair for pair in fields if pair[1]], "bold")
        for part, links in record.linked.items():
            screen.print()
            screen.print(Text(f"{part} ({len(links)})", style="bold"))
            _pairs(screen, [[_shown(str(id_)), _shown(str(title))] for id_, title in links], "cyan", 2)


def _pairs(screen: Console, pairs: list[list[str]], style: str, indent: int = 0) -> None:
    """Print names beside their texts, or above them if too little width is left, or a word would be broken."""
    longest = max(len(name) for name, _ in pairs)
    if longest > screen.width - indent - PROSE - 2:
        _stacked(screen, pairs, style, indent)
        return
    left = screen.width - indent
    broken = [longest + 2 + _longest(text) > left >= _longest(text) + 2 for _, text in pairs]
    for above, run in groupby(zip(broken, pairs, strict=True), lambda pair: pair[0]):
        if above:
            _stacked(screen, [pair for _, pair in run], style, indent)
            continue
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, min_width=longest)
        grid.add_column(overflow="fold")
        for _, (name, text) in run:
            grid.add_row(Text(name, style=style), Text(text))
        screen.print(Padding(grid, (0, 0, 0, indent)))


def _longest(text: str) -> int:
    """Return the width of the longest word of a text."""
    return max(map(cell_len, text.split()), default=0)


def _stacked(screen: Console, pairs: Iterable[list[str]], style: str, indent: int) -> None:
    for name, text in pairs:
        screen.print(Padding(Text(name, style=style), (0, 0, 0, indent)))
        screen.print(Padding(Text(text), (0, 0, 0, indent + 2)))
