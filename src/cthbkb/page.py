"""A page: what a comparison has to say to a reader at a terminal, in blocks that know no width.

A view makes a page of these blocks; `formats.page` sets it in the width of the terminal. In the texts a no-break space
holds two words together, and is printed as a space.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    Block: TypeAlias = "Blank | Columns | Fitted | Grid | Heading | Names | Para"
    Page: TypeAlias = "list[Block]"
    Cell: TypeAlias = "Sequence[Para]"

__all__ = ["Blank", "Columns", "Fitted", "Grid", "Heading", "Names", "Para", "Row", "glued", "shortened"]


class Blank:
    """An empty line."""

    __slots__ = ()


class Heading:
    """A title; `right` stands at the right margin where it fits, else below."""

    __slots__ = ("right", "text")

    def __init__(self, text: str, right: str = "") -> None:
        self.text = text
        self.right = right


class Para:
    """A paragraph. `lead` is a bold word before it, `indent` moves it in, `hang` all its lines but the first.

    `most` is the number of lines after which its text is cut, 0 for none; `tail` follows the text, cut or not. `style`
    is empty, `bold` or `dim`.
    """

    __slots__ = ("hang", "indent", "lead", "most", "style", "tail", "text")

    def __init__(
        self,
        text: str,
        lead: str = "",
        style: str = "",
        indent: int = 0,
        hang: int = 0,
        most: int = 0,
        tail: str = "",
    ) -> None:
        self.tail = tail
        self.text = text
        self.lead = lead
        self.style = style
        self.indent = indent
        self.hang = hang
        self.most = most


class Names:
    """A head and the names after it, in running lines. `most` cuts them to so many lines and counts the rest."""

    __slots__ = ("head", "most", "names")

    def __init__(self, head: str, names: Sequence[str], most: int = 0) -> None:
        self.head = head
        self.names = names
        self.most = most


class Fitted:
    """Groups of names that together take at most `lines` lines of 100 columns: the longest groups are cut first."""

    __slots__ = ("groups", "lines")

    def __init__(self, groups: Sequence[Names], lines: int) -> None:
        self.groups = groups
        self.lines = lines


class Row:
    """A row of columns: a label over or beside the cells, text at its right, blocks above and below the cells."""

    __slots__ = ("above", "below", "cells", "label", "right")

    def __init__(
        self,
        cells: Sequence[Cell],
        label: str = "",
        right: str = "",
        below: Iterable[Block] = (),
        above: Iterable[Block] = (),
    ) -> None:
        self.above = list(above)
        self.cells = cells
        self.label = label
        self.right = right
        self.below = list(below)


class Columns:
    """Cells side by side under heads; below each other, each after its name, where they would be too narrow.

    `beside` puts the label of a row into a column of its own, if there is room. A column whose cells are all `empty`
    is no wider than it must be; stacked, empty cells of several columns are named in one line. `spaced` rows are parted
    by an empty line.
    """

    __slots__ = ("beside", "empty", "heads", "names", "rows", "spaced")

    def __init__(
        self,
        names: Sequence[str],
        heads: Sequence[Cell],
        rows: Sequence[Row],
        empty: str = "",
        beside: str = "",
        spaced: bool = False,
    ) -> None:
        self.spaced = spaced
        self.names = names
        self.heads = heads
        self.rows = rows
        self.empty = empty
        self.beside = beside


class Grid:
    """Short texts and numbers under heads.

    `align` has a letter a column: l, r, w for a text that may wrap, c for one that is cut to a line. Where not all
    columns fit, those from `split` on move to a grid of their own below, beside the first cell of each row again.
    """

    __slots__ = ("align", "heads", "rows", "split", "titles")

    def __init__(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        align: str,
        split: int = 0,
        titles: tuple[str, str] = ("", ""),
    ) -> None:
        self.heads = heads
        self.rows = rows
        self.align = align
        self.split = split
        self.titles = titles


def glued(text: str) -> str:
    """Hold the words of a text together on one line."""
    return text.replace(" ", "\xa0")


def shortened(text: str, most: int) -> str:
    """Cut a text to at most so many characters, at the end of a clause where that leaves two thirds of it."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    for mark in (". ", "; ", ": "):
        at = cut.rfind(mark)
        if at >= most * 2 // 3:
            return cut[:at] + "\xa0…"
    return cut[: cut.rfind(" ")].rstrip(",;:") + "\xa0…"
