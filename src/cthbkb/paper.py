"""A paper: the content of a briefing, as blocks with footnotes, independent of any file format.

`brief` makes a paper; a function in `commands.brief.PAPERS` writes it. Text is a sequence of plain text, strong text
and footnotes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    Inline: TypeAlias = "str | Note | Strong"
    Block: TypeAlias = "Bullets | Grid | Heading | Text"

__all__ = ["Bullets", "Grid", "Heading", "Note", "Paper", "Strong", "Text"]


class Note:
    """A footnote, numbered by its position in the paper."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Strong:
    """Emphasised words."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Text:
    """A paragraph; a `small` one is set in smaller type."""

    __slots__ = ("parts", "small")

    def __init__(self, *parts: Inline, small: bool = False) -> None:
        self.parts = parts
        self.small = small


class Heading:
    """A heading of level 1 or 2."""

    __slots__ = ("level", "text")

    def __init__(self, text: str, level: int = 1) -> None:
        self.text = text
        self.level = level


class Bullets:
    """A list of paragraphs."""

    __slots__ = ("items",)

    def __init__(self, items: Sequence[Text]) -> None:
        self.items = items


class Grid:
    """A table: headings, rows of cells, and the width of each column in per cent. `centred` columns contain marks."""

    __slots__ = ("centred", "heads", "rows", "shares")

    def __init__(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[Text]],
        shares: Sequence[int],
        centred: Sequence[int] = (),
    ) -> None:
        self.heads = heads
        self.rows = rows
        self.shares = shares
        self.centred = centred


class Paper:
    """A paper with title and subtitle, and the date and version for its header and properties."""

    __slots__ = ("blocks", "date", "subtitle", "title", "version")

    def __init__(self, title: str, subtitle: str, date: str, version: str, blocks: Sequence[Block]) -> None:
        self.title = title
        self.subtitle = subtitle
        self.date = date
        self.version = version
        self.blocks = blocks
