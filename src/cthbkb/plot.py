"""A chart: bars by year, or a matrix of asks and years, with totals, a caveat and a description in words.

It has no size and no colours: `formats.drawing` draws it in a terminal, `formats.figure` in a file.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from cthbkb.columns import Col, Row

    Cells: TypeAlias = "Sequence[Bar | Mark]"

__all__ = ["Bar", "Chart", "Mark", "stated"]


class Bar:
    """A bar: its length, and the text at its end."""

    __slots__ = ("length", "text")

    def __init__(self, length: float, text: str) -> None:
        self.length = length
        self.text = text


class Mark:
    """A cell of a matrix: asked, noted or `-`, and a few words beside the mark."""

    __slots__ = ("state", "text")

    def __init__(self, state: str, text: str = "") -> None:
        self.state = state
        self.text = text


class Chart:
    """A chart: headings of the columns (years with their totals), and rows of a label with one bar or mark per column.

    `groups` maps the first row of a group to its name. `alternative` describes the picture in words.
    """

    __slots__ = ("alternative", "columns", "data", "groups", "heads", "note", "rows", "title")

    def __init__(
        self,
        title: str,
        heads: Sequence[str],
        rows: Sequence[tuple[str, Cells]],
        note: str,
        columns: Sequence[Col],
        data: Iterable[Row],
        groups: dict[int, str] | None = None,
    ) -> None:
        self.title = title
        self.heads = heads
        self.rows = rows
        self.note = note
        self.columns = columns
        self.data = list(data)
        self.groups = groups or {}
        self.alternative = f"{title}. " + " ".join(_in_words(heads, label, cells) for label, cells in rows)

    @property
    def is_matrix(self) -> bool:
        """Whether its cells are marks rather than bars."""
        return any(isinstance(cell, Mark) for _, cells in self.rows for cell in cells)


def _in_words(heads: Sequence[str], label: str, cells: Cells) -> str:
    said = []
    for head, cell in zip(heads, cells, strict=True):
        year = head.split("\n")[0].split()[0]
        words = cell.text if isinstance(cell, Bar) else " ".join(filter(None, (stated(cell.state), cell.text)))
        said.append(f"{year} {words or '0'}")
    return f"{label}: {', '.join(said)}."


def stated(state: str) -> str:
    """Return the word for a state: asked, noted or absent."""
    return "absent" if state == "-" else state
