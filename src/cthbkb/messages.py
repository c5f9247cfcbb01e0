"""Messages on stderr, wrapped to the width of the terminal; counts with nouns; escapes for control characters."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO

__all__ = ["CONTROLS", "Visible", "agreed", "counted", "line", "say", "visible", "wrapped"]

CONTROLS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Regular-expression character class of unwanted characters: control characters, marks that change the direction of
text, and invisible characters, which make texts differ that look the same. A seed that contains one is rejected, and
output shows it as an escape.

It does not include tabs, line breaks, and characters that some scripts need: joiners and non-joiners, the soft hyphen,
no-break spaces, variation selectors, and letters written from right to left.
"""


def visible(text: str) -> str:
    """Return a text in which each of these characters is replaced by its escape, such as `\\x1b`."""
    if text.isprintable():
        return text
    import re

    return re.sub(f"[{CONTROLS}]", lambda found: found[0].encode("unicode_escape", "backslashreplace").decode(), text)


def line(text: str) -> str:
    """Return a text on one line, with tabs and line breaks escaped: no name can begin another line or column."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


class Visible:
    """A terminal stream that shows control characters as escapes, so that no text can control the terminal.

    Tables and pages contain colour codes: they escape their content themselves, and write to the stream `under` it.
    """

    __slots__ = ("under",)

    def __init__(self, under: TextIO) -> None:
        self.under = under

    def write(self, text: str) -> int:
        """Write a text."""
        return self.under.write(visible(text.replace("\r\n", "\n")))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.under, name)


def counted(count: int, many: str) -> str:
    """Return a count with its noun, given in the plural: `1 item`, `2 items`, `1 person`."""
    one = {"people": "person"}.get(many, many[:-3] + "y" if many.endswith("ies") else many.removesuffix("s"))
    return f"{count} {agreed(count, one, many)}"


def agreed(count: int, one: str, many: str) -> str:
    """Return the form of a word that agrees with a count."""
    return one if count == 1 else many


MOST = 2000
"""Maximum length of a line of a message; a longer one is shortened."""


def say(text: str) -> None:
    """Print a message on stderr, on one line; do nothing if stderr is closed, full or broken."""
    shown = line(text)
    if len(shown) > MOST:
        shown = f"{shown[: MOST // 2]} … {shown[-MOST // 4 :]}"
    try:
        print(wrapped(shown, sys.stderr), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the life of the process


def wrapped(text: str, stream: TextIO) -> str:
    """Wrap each line of a text to the width of the terminal; return it unchanged if the stream is not a terminal."""
    if not stream.isatty():
        return text
    import shutil
    import textwrap

    wide = max(40, shutil.get_terminal_size((80, 24)).columns)
    return "\n".join(
        textwrap.fill(line, wide, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
