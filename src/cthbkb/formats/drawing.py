"""Charts in a terminal: bars of block characters, or a matrix of marks, fitted to the width."""

from __future__ import annotations

import textwrap

from cthbkb.formats import page
from cthbkb.formats.table import styled, width
from cthbkb.plot import Bar, Mark
from cthbkb.scales import MARKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from cthbkb.formats import Answer
    from cthbkb.plot import Chart

    Line = Sequence[tuple[str, str]]

__all__ = ["drawing"]

EIGHTHS = "█▏▎▍▌▋▊▉"
NARROWEST = 17
"""Minimum width of a column, in characters; if columns would be narrower, the years of a row are stacked."""

GAP = 2
PLAIN = page.PLAIN | {ord(char): "." for char in EIGHTHS} | {ord(EIGHTHS[0]): "#"}
"""Replacements for a terminal whose encoding lacks these characters."""


def drawing(answer: Answer, out: TextIO) -> None:
    """Draw the chart of an answer, with totals in the headings and the caveat below."""
    chart = answer.chart
    assert chart is not None
    styled(out, _plain(out, _lines(chart, width())))


def _plain(out: TextIO, lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines in characters that the stream can write."""
    try:
        "█▏●○·─…".encode(out.encoding or "utf-8")
    except (LookupError, UnicodeEncodeError):
        yield from ([(text.translate(PLAIN), style) for text, style in line] for line in lines)
        return
    yield from lines


def _lines(chart: Chart, total: int) -> Iterator[Line]:
    yield from ([(line, "bold")] for line in textwrap.wrap(chart.title, total))
    yield []
    longest = max([len(label) for label, _ in chart.rows] or [0])
    label = min(longest, max(18, total // 3))
    each = (total - label - GAP * len(chart.heads)) // max(1, len(chart.heads))
    if each < NARROWEST:
        yield from _stacked(chart, total)
    else:
        yield from _side_by_side(chart, label, each)
    yield []
    yield from ([(line, "dim")] for line in textwrap.wrap(chart.note, total))


def _side_by_side(chart: Chart, label: int, each: int) -> Iterator[Line]:
    heads = [[line for part in head.split("\n") for line in textwrap.wrap(part, each)] for head in chart.heads]
    for n in range(max(map(len, heads), default=0)):
        yield [(" " * label, ""), *((" " * GAP + _fit(h[n] if n < len(h) else "", each), "bold") for h in heads)]
    yield [("─" * (label + (GAP + each) * len(heads)), "dim")]
    longest = _longest(chart)
    for n, (name, cells) in enumerate(chart.rows):
        if n in chart.groups:
            yield [(chart.groups[n], "bold")]
        wrapped = textwrap.wrap(name, label) or [""]
        for i, line in enumerate(wrapped):
            told = [" " * GAP + _fit(_cell(c, each, longest) if i == 0 else "", each) for c in cells]
            yield [(_fit(line, label), ""), *((text, "blue" if i == 0 else "") for text in told)]


def _stacked(chart: Chart, total: int) -> Iterator[Line]:
    years = [head.split()[0] for head in chart.heads]
    for head in chart.heads:
        yield from ([(line, "bold")] for line in textwrap.wrap(head.replace("\n", ", "), total))
    longest = _longest(chart)
    for n, (name, cells) in enumerate(chart.rows):
        yield []
        if n in chart.groups:
            yield [(chart.groups[n], "bold")]
        yield from ([(line, "")] for line in textwrap.wrap(name, total))
        for year, cell in zip(years, cells, strict=True):
            yield [(f"  {year}  ", "dim"), (_cell(cell, total - len(year) - 4, longest), "blue")]


def _longest(chart: Chart) -> tuple[float, int]:
    """Return the length of the longest bar, and of the longest text at the end of a bar."""
    bars = [cell for _, cells in chart.rows for cell in cells if isinstance(cell, Bar)]
    return max([bar.length for bar in bars] or [1]) or 1, max([len(bar.text) for bar in bars] or [0])


def _cell(cell: Bar | Mark, each: int, longest: tuple[float, int]) -> str:
    """Format a bar with its number, or a mark with its words."""
    if isinstance(cell, Mark):
        return _fit(f"{MARKS[cell.state]} {cell.text}".rstrip(), each)
    most, text = longest
    eighths = round(8 * max(1, each - text - 1) * cell.length / most)
    bar = EIGHTHS[0] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
    return f"{bar} {cell.text}" if bar else cell.text


def _fit(text: str, wide: int) -> str:
    return text.ljust(wide) if len(text) <= wide else text[: wide - 1] + "…"
