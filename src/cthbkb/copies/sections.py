"""The headings of a copy: finding which of the headings named in the records is above a line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from cthbkb.copies.words import BULLET, Copy
from cthbkb.text import fold

__all__ = ["Sections"]

HOURS = re.compile(r"^\s*\d{1,2}[:.]\d{2}(\s*[-–—]\s*\d{1,2}[:.]\d{2})?\s+")
"""Matches the time before a heading in a programme."""

BROKEN = 5
"""Maximum number of lines of a heading."""


class Sections:
    """The places in a copy where the headings of a document's records are printed.

    `printed` maps each heading to the lines at which it begins; other text must not share these lines.
    """

    def __init__(self, copy: Copy, names: Iterable[str]) -> None:
        self.printed: dict[str, list[int]] = {name: [] for name in names}
        by_words = {fold(name).replace(" ", ""): name for name in self.printed}
        longest = max(map(len, by_words), default=0)
        lines = [(n, text) for n, (_, text) in enumerate(copy.lines) if text.strip()]
        for at, (n, first) in enumerate(lines):
            first = HOURS.sub("", first)
            begun = BULLET.sub("", first)
            if not begun[:1].isupper() and not begun[:1].isdigit():
                continue
            said = ""
            for text in [first, *(text for _, text in lines[at + 1 : at + BROKEN])]:
                said += fold(text).replace(" ", "")
                if said in by_words and text.rstrip()[-1:] not in ".,;":
                    self.printed[by_words[said]].append(n)
                if len(said) >= longest:
                    break
        self._at = sorted((n, name) for name, places in self.printed.items() for n in places)

    def over(self, line: int) -> str:
        """Return the heading above a line; empty before the first heading."""
        place = bisect_right(self._at, (line, "\uffff"))
        return self._at[place - 1][1] if place else ""
