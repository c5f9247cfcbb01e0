"""Messages: printed on stderr, wrapped to the terminal; counts in words; and which characters no terminal is given."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO

__all__ = ["CONTROLS", "Visible", "agreed", "counted", "say", "visible", "wrapped"]

CONTROLS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""What stands between the brackets of a regular expression that finds a character which no text needs: controls, marks
that turn the direction of what follows, invisible characters by which two texts that look the same differ. A seed that
has one is refused, and wherever a text is shown it is made visible.

Tabs, line breaks and the marks that scripts need are none of these: joiners and non-joiners, the soft hyphen, no-break
spaces, selectors of variants, letters written from the right.
"""


def visible(text: str) -> str:
    """Return a text with each of the characters as its escape, such as `\\x1b`."""
    if text.isprintable():
        return text
    import re

    return re.sub(f"[{CONTROLS}]", lambda found: found[0].encode("unicode_escape", "backslashreplace").decode(), text)


class Visible:
    """A terminal that is sent nothing which it would obey, whoever prints: the characters are made visible.

    Tables and pages, which are coloured, do that to what they hold, and take the stream `under` it.
    """

    __slots__ = ("under",)

    def __init__(self, under: TextIO) -> None:
        self.under = under

    def write(self, text: str) -> int:
        """Write a text."""
        return self.under.write(visible(text.replace("\r\n", "\n")))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.under, name)


def counted(count: int, many: str) -> str:
    """Write a count with its noun, which is given in the plural: `1 item`, `2 items`, `1 person`."""
    one = {"people": "person"}.get(many, many[:-3] + "y" if many.endswith("ies") else many.removesuffix("s"))
    return f"{count} {agreed(count, one, many)}"


def agreed(count: int, one: str, many: str) -> str:
    """Return the form of a word that agrees with a count."""
    return one if count == 1 else many


MOST = 2000
"""Characters of the longest line that is said in full."""


def say(text: str) -> None:
    """Print a message on stderr; where that is closed, full or broken the message is lost, and nothing else."""
    shown = visible(text)
    if len(shown) > MOST:
        shown = "\n".join(
            line if len(line) <= MOST else f"{line[: MOST // 2]} … {line[-MOST // 4 :]}" for line in shown.split("\n")
        )
    try:
        print(wrapped(shown, sys.stderr), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the life of the process


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
