"""The blocks of a page, the form in which a terminal shows a comparison; they do not depend on the width.

A view makes a page of these blocks; `formats.page` lays it out for the width of the terminal. A no-break space in a
text keeps two words on one line, and is printed as a space.
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
    """A title; `right` is printed at the right margin if it fits, otherwise below."""

    __slots__ = ("right", "text")

    def __init__(self, text: str, right: str = "") -> None:
        self.text = text
        self.right = right


class Para:
    """A paragraph. `lead` is a bold word before it; `indent` applies to all its lines, `hang` to all but the first.

    `most` is the maximum number of lines of text, 0 for no limit; `tail` follows the text, even if it is cut. `style`
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
    """A heading followed by names, in running lines. `most` limits the lines; names beyond it are only counted."""

    __slots__ = ("head", "most", "names")

    def __init__(self, head: str, names: Sequence[str], most: int = 0) -> None:
        self.head = head
        self.names = names
        self.most = most


class Fitted:
    """Groups of names in at most `lines` lines of 100 columns; the longest groups are cut first."""

    __slots__ = ("groups", "lines")

    def __init__(self, groups: Sequence[Names], lines: int) -> None:
        self.groups = groups
        self.lines = lines


class Row:
    """A row of columns: a label above or beside the cells, a text to its right, blocks above and below the cells."""

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
    """Cells side by side under headings or, if they would be too narrow, stacked, each after its name.

    `beside` puts the label of a row into a separate column, if there is room. A column whose cells are all `empty` is
    only as wide as necessary; in a stack, the empty cells of several columns share one line. `spaced` rows are
    separated by an empty line.
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
    """Short texts and numbers under headings.

    `align` has a letter per column: l (left), r (right), w (text that may wrap), c (text cut to one line). If not all
    columns fit, the columns from `split` on move to a second grid below, which repeats the first cell of each row.
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
    """Keep the words of a text together on one line."""
    return text.replace(" ", "\xa0")


def shortened(text: str, most: int) -> str:
    """Cut a text to at most `most` characters, at the end of a clause if that keeps two thirds of them."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    for mark in (". ", "; ", ": "):
        at = cut.rfind(mark)
        if at >= most * 2 // 3:
            return cut[:at] + "\xa0…"
    return cut[: cut.rfind(" ")].rstrip(",;:") + "\xa0…"
