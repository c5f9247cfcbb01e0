"""Pages laid out for the width of the terminal. No library is needed: a page is plain lines, partly bold.

A line is a list of `(text, style)`. Data are never interpreted as markup, and control characters are made visible.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO

from cthbkb.formats import Answer
from cthbkb.messages import visible
from cthbkb.page import Blank, Columns, Fitted, Grid, Heading, Names, Para

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.page import Block, Cell

__all__ = ["lines", "page", "width"]

Line = list[tuple[str, str]]

CODES = {"bold": "\x1b[1m", "dim": "\x1b[2m"}

GAP = 2
"""Number of blank characters between two columns."""

NARROWEST = 24
"""Minimum width of a column, in characters; narrower columns are stacked instead of printed side by side."""

SPACES = str.maketrans("\xa0\t\n", "   ")

PLAIN = str.maketrans({"●": "*", "○": "o", "·": "-", "→": ">", "─": "-", "…": "...", "–": "-", "’": "'"})
"""Replacements for a terminal whose encoding lacks these marks."""


def width() -> int:
    """Return the width of the terminal, or 40 columns if it is narrower."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def page(answer: Answer, out: TextIO) -> None:
    """Print the page of an answer."""
    forced = os.environ.get("FORCE_COLOR", "0") not in {"0", ""}
    styled = (out.isatty() or forced) and not os.environ.get("NO_COLOR")
    try:
        "●○·→─…".encode(out.encoding or "utf-8")
        table: dict[int, str] = {}
    except UnicodeEncodeError:
        table = PLAIN
    for line in lines(answer.page or [], width()):
        text = "".join(f"{CODES[style]}{part}\x1b[0m" if styled and style else part for part, style in line)
        out.write(text.rstrip().translate(table) + "\n")


def lines(blocks: Iterable[Block], wide: int) -> Iterator[Line]:
    """Lay out the blocks of a page in lines of at most `wide` characters."""
    for block in blocks:
        yield from SETTERS[type(block)](block, wide)


def _blank(blank: Blank, wide: int) -> Iterator[Line]:
    yield []


def _size(text: str) -> int:
    """Return the number of columns that a text takes up on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(c) in {"Mn", "Me", "Cf"} else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def _visible(text: str) -> str:
    """Replace control characters by their escapes, and other kinds of spaces by ordinary ones."""
    return visible(text.translate(SPACES))


def _wrap(text: str, wide: int, hang: int = 0) -> list[str]:
    """Break a text into lines; glued words stay together if they fit, and a word is broken only if it is too long."""
    found: list[str] = []
    line, room = "", wide
    words = [w for part in text.split(" ") for w in (part.split("\xa0") if _size(part) > wide - hang else [part])]
    for word in filter(None, words):
        while _size(word) > room and (not line or _size(word) > wide - hang):
            if line:
                found.append(line)
                line, room = "", wide - hang
            if _size(word) > room:
                found.append(word[:room])
                word, room = word[room:], wide - hang
        joined = f"{line} {word}" if line else word
        if _size(joined) > room:
            found.append(line)
            line, room = word, wide - hang
        else:
            line = joined
    return [_visible(text) for text in ([*found, line] if line or not found else found)]


def _para(para: Para, wide: int) -> Iterator[Line]:
    before = " " * para.indent
    made = _wrap(" ".join(filter(None, (para.lead, para.text, para.tail))), wide - para.indent, para.hang)
    text = para.text
    while para.most and len(made) > para.most and text:
        text = text.rpartition(" ")[0]
        cut = f"{text.rstrip(',;:.')}\xa0…"
        made = _wrap(" ".join(filter(None, (para.lead, cut, para.tail))), wide - para.indent, para.hang)
    for n, line in enumerate(made):
        start = before + " " * (para.hang if n else 0)
        lead = _visible(para.lead)
        if n == 0 and lead and line.startswith(lead):
            yield [(start, ""), (lead, "bold"), (line[len(lead) :], para.style)]
        else:
            yield [(start, ""), (line, para.style)]


def _cut(line: str, wide: int) -> str:
    """End a line with an ellipsis, shortening it if necessary."""
    while _size(line) > wide - 2 and " " in line:
        line = line.rpartition(" ")[0]
    return line[: max(wide - 2, 1)].rstrip(",;:. …") + " …"


def _heading(heading: Heading, wide: int) -> Iterator[Line]:
    text, right = _visible(heading.text), _visible(heading.right)
    if not right:
        yield from _para(Para(heading.text, style="bold"), wide)
    elif _size(text) + _size(right) + GAP <= wide:
        yield [(text, "bold"), (" " * (wide - _size(text) - _size(right)), ""), (right, "")]
    else:
        yield from _para(Para(heading.text, style="bold"), wide)
        yield from _para(Para(heading.right, indent=3), wide)


def _names(names: Names, wide: int) -> Iterator[Line]:
    """Lay out names in running lines after their heading, as many as the block allows."""
    kept = list(names.names)
    made = list(_para(Para(_joined(kept), names.head, hang=3), wide))
    while names.most and len(made) > names.most and kept:
        kept.pop()
        left = f"and\xa0{len(names.names) - len(kept)}\xa0more"
        made = list(_para(Para(_joined([*kept, left]), names.head, hang=3), wide))
    yield from made


def _fitted(fitted: Fitted, wide: int) -> Iterator[Line]:
    """Lay out groups of names; as long as there are too many lines, the longest group is cut by one line."""
    made = [list(_names(names, wide)) for names in fitted.groups]
    room = max(fitted.lines * 100 // wide, len(made))
    while sum(map(len, made)) > room:
        at = max(range(len(made)), key=lambda n: len(made[n]))
        names = fitted.groups[at]
        made[at] = list(_names(Names(names.head, names.names, len(made[at]) - 1), wide))
    for group in made:
        yield from group


def _joined(names: Sequence[str]) -> str:
    """Join names with dots that stay with the preceding name."""
    return "\xa0· ".join(names)


def _is_empty(cell: Cell, empty: str) -> bool:
    return bool(empty) and [p.text for p in cell] == [empty]


def _shares(columns: Columns, wide: int, labelled: bool) -> list[int]:
    """Return the widths of the columns, preceded by that of the labels if they have one; empty if too narrow."""
    count = len(columns.names) + labelled
    room = wide - GAP * (count - 1)
    first = [room * 3 // 10] if labelled else []
    filled = [row.cells for row in columns.rows if row.cells]
    bare = [all(_is_empty(cells[n], columns.empty) for cells in filled) for n in range(len(columns.names))]
    least = min(NARROWEST + 1, (room - sum(first)) // len(columns.names))
    if all(bare):
        bare = [False] * len(bare)
    share = (room - sum(first) - least * bare.count(True)) // bare.count(False)
    widths = first + [least if b else share for b in bare]
    return widths if min(widths) >= NARROWEST else []


def _columns(columns: Columns, wide: int) -> Iterator[Line]:
    labelled = bool(columns.beside)
    widths = _shares(columns, wide, labelled)
    if not widths and labelled:
        yield from _heading(Heading(columns.beside), wide)
        labelled, widths = False, _shares(columns, wide, False)
    if not widths:
        yield from _stacked(columns, wide)
        return
    heads: list[Cell] = [[Para(columns.beside, style="bold")]] if labelled else []
    yield from _side_by_side([*heads, *columns.heads], widths)
    yield [("  ".join("─" * w for w in widths), "dim")]
    for n, row in enumerate(columns.rows):
        if n and columns.spaced:
            yield []
        if row.label and not (labelled and row.cells):
            yield from _heading(Heading(row.label, row.right), wide)
        yield from lines(row.above, wide)
        if row.cells and labelled:
            words = [Para(row.right, style="dim", indent=1)] if row.right else []
            yield from _side_by_side([[Para(row.label), *words], *row.cells], widths)
        elif row.cells:
            yield from _side_by_side(row.cells, widths)
        yield from lines(row.below, wide)


def _side_by_side(cells: Sequence[Cell], widths: Sequence[int]) -> Iterator[Line]:
    made = [[line for para in cell for line in _para(para, w)] for cell, w in zip(cells, widths, strict=True)]
    for n in range(max(map(len, made))):
        line: Line = []
        for column, w in zip(made, widths, strict=True):
            parts = column[n] if n < len(column) else []
            line += [*parts, (" " * (w + GAP - sum(_size(t) for t, _ in parts)), "")]
        yield line[:-1]


def _stacked(columns: Columns, wide: int) -> Iterator[Line]:
    """Stack the columns of each row, each after its name; empty columns share one line."""
    deep = max(map(_size, columns.names)) + GAP
    for name, head in zip(columns.names, columns.heads, strict=True):
        rest = [p.text.removeprefix(name).strip() for p in head]
        yield from _after(name, [Para(", ".join(filter(None, rest)))], deep, wide)
    yield [("─" * wide, "dim")]
    for at, row in enumerate(columns.rows):
        if at and columns.spaced:
            yield []
        if row.label:
            yield from _heading(Heading(row.label, row.right), wide)
        yield from lines(row.above, wide)
        bare = [
            n for n, cell in zip(columns.names, row.cells, strict=bool(row.cells)) if _is_empty(cell, columns.empty)
        ]
        for name, cell in zip(columns.names, row.cells, strict=bool(row.cells)):
            if name not in bare:
                yield from _after(name, cell, deep, wide)
        if bare:
            yield from _para(Para(f"{', '.join(bare)}: {columns.empty}", style="dim", indent=2), wide)
        yield from lines(row.below, wide)


def _after(name: str, cell: Cell, deep: int, wide: int) -> Iterator[Line]:
    made = [line for para in cell for line in _para(para, wide - deep - 2)]
    for n, line in enumerate(made):
        yield [("  " + (name if n == 0 else "").ljust(deep), "bold"), *line]


def _grid(grid: Grid, wide: int) -> Iterator[Line]:
    widths = _measured(grid, wide)
    first = grid.align.index("w") if "w" in grid.align else 0
    if grid.split and widths[first] < _least(grid, first):
        yield from _split(grid, wide)
        return
    broken = grid.align[first] == "w" and any(grid.heads) and widths[first] < _longest_word(grid, first)
    if broken or sum(widths) + GAP * (len(widths) - 1) > wide:
        yield from _in_words(grid, wide)
        return
    if any(grid.heads):
        yield from _cells(grid.heads, widths, grid.align.replace("c", "w"), "bold")
        yield [("  ".join("─" * w for w in widths), "dim")]
    for row in grid.rows:
        yield from _cells(row, widths, grid.align, "")


def _in_words(grid: Grid, wide: int) -> Iterator[Line]:
    """Write each row as its label, and its cells with their headings below, on a terminal too narrow for columns."""
    for row in grid.rows:
        cells = [", ".join(filter(None, map(str.strip, cell.replace("\xa0", " ").split("  ")))) for cell in row[1:]]
        told = [": ".join(filter(None, pair)) for pair in zip(grid.heads[1:], cells, strict=True)]
        yield from _para(Para("", row[0]), wide)
        yield from _para(Para("; ".join(told), indent=3), wide)


def _measured(grid: Grid, wide: int) -> list[int]:
    """Return the widths of the columns: each gets the width it needs, and wrapping texts share the remaining width."""
    heads = [
        max(map(_size, h.split(" "))) if a == "r" else _size(h) for h, a in zip(grid.heads, grid.align, strict=True)
    ]
    needs = [max([head, *(_size(row[n]) for row in grid.rows)]) for n, head in enumerate(heads)]
    texts = [n for n, how in enumerate(grid.align) if how in "wc"]
    room = wide - GAP * (len(needs) - 1) - sum(need for n, need in enumerate(needs) if n not in texts)
    for place, n in enumerate(texts):
        left = len(texts) - place
        share = room if left == 1 else max(room // left, room - sum(needs[m] for m in texts[place + 1 :]))
        needs[n] = min(needs[n], max(min(share, room * 2 // 5) if left > 1 else share, 8))
        room -= needs[n]
    return needs


def _least(grid: Grid, column: int) -> int:
    """Return the minimum width of a text beside numbers."""
    return min(NARROWEST, max(_size(row[column]) for row in grid.rows)) if grid.rows else 0


def _longest_word(grid: Grid, column: int) -> int:
    """Return the width of the longest word of a column, up to a limit."""
    return min(NARROWEST, max([_size(word) for row in grid.rows for word in row[column].split()], default=0))


def _split(grid: Grid, wide: int) -> Iterator[Line]:
    """Lay out the columns from `split` on in a separate grid below."""
    parts = (range(1, grid.split), range(grid.split, len(grid.heads)))
    for title, part in zip(grid.titles, parts, strict=True):
        picked = [0, *part]
        heads = [title, *(grid.heads[n].removeprefix(title).strip() for n in part)]
        rows = [[row[n] for n in picked] for row in grid.rows]
        if part is parts[1]:
            yield []
        yield from _grid(Grid(heads, rows, "".join(grid.align[n] for n in picked)), wide)


def _cells(texts: Sequence[str], widths: Sequence[int], align: str, style: str) -> Iterator[Line]:
    made = [_wrap(text, w) for text, w in zip(texts, widths, strict=True)]
    made = [
        [_cut(_visible(text), w)] if how == "c" and len(lines) > 1 else lines
        for text, lines, how, w in zip(texts, made, align, widths, strict=True)
    ]
    for n in range(max(map(len, made))):
        parts = [column[n] if n < len(column) else "" for column in made]
        padded = [
            " " * (w - _size(t)) + t if how == "r" else t + " " * (w - _size(t))
            for t, w, how in zip(parts, widths, align, strict=True)
        ]
        yield [("  ".join(padded), style)]


SETTERS: dict[type, Callable[[Any, int], Iterator[Line]]] = {
    Blank: _blank,
    Heading: _heading,
    Para: _para,
    Names: _names,
    Fitted: _fitted,
    Columns: _columns,
    Grid: _grid,
}
"""Maps a block of a page to the function that lays it out."""
