"""Messages: printed on stderr, wrapped to the terminal, with control characters escaped; and counts in words."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["agreed", "counted", "say", "wrapped"]


def counted(count: int, many: str) -> str:
    """Write a count with its noun, which is given in the plural: `1 item`, `2 items`, `1 person`."""
    one = {"people": "person"}.get(many, many[:-3] + "y" if many.endswith("ies") else many.removesuffix("s"))
    return f"{count} {agreed(count, one, many)}"


def agreed(count: int, one: str, many: str) -> str:
    """Return the form of a word that agrees with a count."""
    return one if count == 1 else many


def say(text: str) -> None:
    """Print a message on stderr."""
    shown = "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)
    print(wrapped(shown, sys.stderr), file=sys.stderr)


def wrapped(text: str, stream: TextIO) -> str:
    """Wrap each line of a text to the width of the terminal; return it unchanged if the stream is no terminal."""
    if not stream.isatty():
        return text
    import shutil
    import textwrap

    wide = max(40, shutil.get_terminal_size((80, 24)).columns)
    return "\n".join(
        textwrap.fill(line, wide, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
