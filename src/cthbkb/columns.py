"""Columns and cells: the attributes of a column, the types of cells, and the columns of search and comparisons.

The columns of listings are in `registry`.

Each column has a name in the view (which is also its CSV header and JSON key), a type, the minimum width of a terminal
in which tables show it, and a heading if the name is too long for one. A width of 0 restricts a column to the data
formats and `--columns`. The names and order of the first columns of `recs`, `speakers`, `sessions`, `themes`, `search`
and `compare` are a contract: new columns are only added after them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Cell = str | int | float | None
    Row = Sequence[Cell]
    Value = str | int | float | bool | list[str] | list[int] | None

__all__ = [
    "ALWAYS",
    "COLUMNS",
    "PACK",
    "REFERENCE",
    "SEPARATOR",
    "SOURCE",
    "WIDE",
    "WIDER",
    "YEARS",
    "Col",
    "Counted",
    "decode",
    "items",
]

SEPARATOR = "; "
"""Separator of the values of a list in one cell."""

ALWAYS = 1
WIDE = 100
WIDER = 130


class Col:
    """A column. `holds` is its type: text, id (never wrapped, to allow copying), prose, number, flag, list or state.

    `of` is the type of the elements of a list, and float for numbers that may have a fraction.
    """

    __slots__ = ("_head", "holds", "name", "of", "since")

    def __init__(self, name: str, since: int = 0, holds: str = "text", head: str = "", of: type = str) -> None:
        self.of = of
        self.name = name
        self._head = head
        self.since = since
        self.holds = holds

    @property
    def head(self) -> str:
        """The heading: the name in words, unless another is set."""
        return self._head or self.name.replace("_", " ")

    def __repr__(self) -> str:
        return f"Col({self.name!r}, {self.since}, {self.holds!r})"


YEARS = Col("*", ALWAYS, "number")
"""Placeholder for one column per conference year, in order; in `threads` these columns hold states."""

SOURCE = (Col("document", 0, "id"), Col("section"), Col("item"))

REFERENCE = frozenset(col.name for col in SOURCE)
"""Columns that give the place of a record in a document."""

PACK = Col("pack")
"""The pack that added a record; empty for packaged records."""

COLUMNS: dict[str, tuple[Col, ...]] = {
    "compare": (
        Col("thread", 1, "id"), Col("label", 1, "prose"), Col("themes", 0, "list"), Col("pattern", 1),
        Col("year", 1, "number"), Col("state", 1), Col("items", 1, "list"), Col("since", 1, "number"),
        Col("change", 1, "list"), Col("note", 1, "prose"), Col("gained", 0, "prose"), Col("lost", 0, "prose"),
    ),
    "compare-theme": (
        Col("thread", 1, "id"), Col("label", 1, "prose"), Col("main", 0, "flag"), Col("year", 1, "number"),
        Col("state", 1), Col("item", 1, "id"), Col("kind", 1), Col("modality", 1), Col("summary", 1, "prose"),
        Col("part", 0, "prose"), Col("since", 0, "number"), Col("change", 1, "list"), Col("note", 0, "prose"),
        Col("gained", 0, "prose"), Col("lost", 0, "prose"), Col("document", 0, "id"),
        Col("section"), Col("place"),
    ),
    "compare-verbatim": (
        Col("thread", 1, "id"), Col("label", 1, "prose"), Col("year", 1, "number"), Col("item", 1, "id"),
        Col("original_words", 1, "prose"), Col("original_place", 1), Col("against", 1, "id"),
        Col("changed", 1, "prose"),
    ),
    "compare-years": (
        Col("standing", 1), Col("trend", 1), Col("thread", 1, "id"), Col("label", 1, "prose"), Col("pattern", 0),
        Col("year", 1, "number"), Col("state", 1), Col("items", 1, "list"), Col("since", 1, "number"),
        Col("change", 1, "list"), Col("note", 1, "prose"), Col("gained", 0, "prose"), Col("lost", 0, "prose"),
        Col("net", 0, "list"),
    ),
    "compare-outside": (
        Col("id", 1, "id"), Col("year", 1, "number"), Col("kind", 1), Col("modality", 100), Col("summary", 1, "prose"),
        Col("themes", 130, "list"),
    ),
    "compare-by": (
        Col("axis"), Col("value", 1), Col("label", 1, "prose"), Col("year", 1, "number"), Col("items", 1, "number"),
        Col("listed", 1, "number"), Col("share", 1, "number"), Col("prose", 1, "number"), Col("shift", 1, "number"),
    ),
    "compare-planned": (
        Col("aspect", 1), Col("id", 1, "id"), Col("what", 1, "prose"), Col("verdict", 1), Col("detail", 1, "prose"),
        Col("items", 1, "list"),
    ),
    "cite": (
        Col("id", 1, "id"), Col("key", 1), Col("un", 1, "prose"), Col("chicago", 1, "prose"),
        Col("acknowledgement", 1, "prose"), Col("url", 1),
    ),
    "search": (
        Col("type", ALWAYS), Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("title", 0, "prose"),
        Col("snippet", ALWAYS, "prose"), Col("score", 0, "number"), Col("kind"), Col("matched", ALWAYS, "prose"),
    ),
    "chart-bars": (
        Col("value", 1), Col("label", 1, "prose"), Col("year", 1, "number"), Col("items", 1, "number"),
        Col("base", 1, "number"), Col("share", 1, "number"),
    ),
    "chart-matrix": (
        Col("thread", 1, "id"), Col("label", 1, "prose"), Col("year", 1, "number"), Col("state", 1),
        Col("items", 1, "number"), Col("changes", 1, "list"), Col("pattern", 1),
    ),
}  # fmt: skip
"""Maps a comparison, search or citation to its columns; those of listings are in `registry.TABLES`."""


def items(text: Cell) -> list[str]:
    """Decode a list cell, a JSON array of texts or integers, as texts."""
    if not text:
        return []
    if not isinstance(text, str):
        return [str(text)]
    if "\\" in text:
        import json

        return [str(value) for value in json.loads(text)]
    if text[1:2] != '"':
        return text[1:-1].split(",") if len(text) > 2 else []
    return text[2:-2].split('","')


def decode(columns: Sequence[Col], row: Row) -> list[Value]:
    """Convert a row of cells to values: lists of texts or integers, flags as booleans, whole floats as integers."""
    found: list[Value] = []
    for col, cell in zip(columns, row, strict=True):
        if col.holds == "list":
            texts = items(cell)
            found.append(texts if not texts or str(cell)[1:2] == '"' else [int(text) for text in texts])
        elif col.holds == "flag":
            found.append(None if cell is None else bool(cell))
        else:
            found.append(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    return found


class Counted:
    """Rows that are counted while they are written."""

    __slots__ = ("number", "rows")

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row
