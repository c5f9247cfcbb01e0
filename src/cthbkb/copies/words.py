"""The words of a copy, reduced to what all copies of a document have in common, with the position of each word.

Two copies of a document may differ in line breaks, hyphenation, quotation marks and dashes, ligatures, footnote marks,
running heads and page numbers. None of these affects the words: a word consists of lower-case letters and digits
without diacritics, hyphens or apostrophes. Numbers of one or two digits and single letters are omitted, since they may
be page numbers, footnote marks or list labels.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from cthbkb.text import fold

__all__ = ["BULLET", "MARK", "Copy", "Line"]

Line = tuple[int, str]
"""A line of a copy: its page, 0 if the file has no pages, and its text."""

HYPHENS = "-\u2010\u2011\u00ad"
SUPERSCRIPTS = "\u00b9\u00b2\u00b3\u2070\u2074-\u2079"
MARK = re.compile(rf"<sup>\s*\d+\s*</sup>|[{SUPERSCRIPTS}]+|(?<=[^\W\d_][.,;:!?\"'”’)])\d{{1,2}}(?=\s|$)")
"""Matches a footnote mark: in superscript, or a number that follows a punctuation mark without a space."""

MARKUP = (
    (re.compile(r"<sup>(?!\s*\d)(.*?)</sup>"), r"\1"),
    (re.compile(r"</?(sub|b|i|em|strong)>"), ""),
    (re.compile(r"\[([^\]\n]*)\]\(#?[^)\s]*\)"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|^#{1,6}\s+"), ""),
)
"""Light markup, with its replacement; footnote marks are not included."""

PAGE_NUMBER = re.compile(r"\s*(page|p\.|seite)?\s*[-–—|]?\s*\d{1,3}\s*([-–—|]|(of|/)\s*\d{1,3})?\s*", re.IGNORECASE)
WORD = re.compile(
    rf"[^\W_]+(?:(?:['’ʼ`´](?=[^\W_])|(?<=[^\W\d_])[{HYPHENS}]\s*(?!(?:and|or|to|nor|und)\b(?![{HYPHENS}]))(?=[a-zß-öø-ÿ\ufb00-\ufb060-9])"
    rf"|(?<=[^\W\d_])[{HYPHENS}](?=[^\W_])|\u00ad\s*|(?<=\d)[.,](?=\d))[^\W_]+)*"
)
"""Matches a word with apostrophes, hyphens (within a line or at its end), and the decimal points of a number."""

BULLET = re.compile(r"^\s*([-*•◦▪●○✓✔➔→►▶←\u2022\u25aa\uf0b7]\s*)+")
OPENING, CLOSING = "\"'“‘«([@#$€£", ".,;:!?\"'”’»)]%…"
"""Punctuation that belongs to the following word, and to the preceding word."""

LABEL = re.compile(r"^\s*(\d{1,2}[.)]?|[a-z][.)]|[ivx]+[.)]|[\u2460-\u2473])\s+(?=[\"'“‘(]?[A-Z]|$)")
"""Matches the number or letter of a list item."""

STOPS = re.compile(r"(?<![\s.][A-Z])[.!?:;…][\"'”’»)\]]*(?=\s|$)|\n")
"""Matches the end of a sentence or a line, but not the full stop after an initial."""

LIGATURES = str.maketrans({c: unicodedata.normalize("NFKC", c) for c in "ﬀﬁﬂﬃﬄﬅﬆ"} | {"\u00ad": ""})
"""Ligatures and the soft hyphen, with their replacements in a quotation."""

EDGE = 3
"""Number of lines at the top and at the bottom of a page that may be its header and footer."""

OFTEN = 3
"""Minimum number of pages on which a header or footer occurs."""

COUNTED = 6
"""Minimum number of lines with increasing numbers that count as page numbers rather than headings of panels."""


class Copy:
    """The user's copy of a document: its lines, its words, and the position of each word.

    `words[n]` is a word, `body[starts[n]:ends[n]]` its printed form, and `line(n)` the index of its line in `lines`.
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = [(page, _plain(text)) for page, text in lines]
        raw = self.lines
        left_out = _furniture(raw)
        self.order = [n for n in range(len(raw)) if n not in left_out]
        parts: list[str] = []
        self._begins: list[int] = []
        at = 0
        for n in self.order:
            self._begins.append(at)
            text = MARK.sub(lambda m: " " * len(m[0]), raw[n][1])
            parts.append(text + "\n")
            at += len(text) + 1
        self.body = "".join(parts)
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        reduced: dict[str, str] = {}
        for match in WORD.finditer(self.body):
            printed = match[0]
            word = reduced[printed] if printed in reduced else reduced.setdefault(printed, _reduced(printed))
            if len(word) > 1 and not (word.isdecimal() and len(word) < 3):
                self.words.append(word)
                self.starts.append(match.start())
                self.ends.append(match.end())

    @cached_property
    def last(self) -> set[int]:
        """The words that are the last to begin on their line, without the last word of the copy."""
        find, starts = self.body.find, self.starts
        return {n for n, (start, after) in enumerate(pairwise(starts)) if find("\n", start, after) >= 0}

    def line(self, word: int) -> int:
        """Return the index in `lines` of the line on which a word begins."""
        return self.order[bisect_right(self._begins, self.starts[word]) - 1]

    def page(self, word: int) -> int:
        """Return the page of a word, 0 if the copy has no pages."""
        return self.lines[self.line(word)][0]

    def printed(self, first: int, last: int) -> str:
        """Return the text from one word to another as printed, with lines joined, without footnote and list marks.

        Small numbers and single letters at either end, which do not count as words, are included up to the end of the
        sentence.
        """
        before = self.body[self.ends[first - 1] if first else 0 : self.starts[first]]
        after = self.body[self.ends[last] : self.starts[last + 1] if last + 1 < len(self.starts) else len(self.body)]
        cut = max((m.end() for m in STOPS.finditer(before)), default=0)
        inside = before[cut:] if any(c.isalnum() for c in before[cut:]) else before[len(before.rstrip(OPENING)) :]
        if cut:
            inside = BULLET.sub("", inside)
            begins = before[cut - 1] == "\n" and not self.body[self.starts[first]].islower()
            inside = LABEL.sub("", inside) if begins or not inside.strip().isdecimal() else inside
        stop = STOPS.search(after)
        ending = after[: stop.end()] if stop else after
        kept = len(ending) if stop else max((n + 1 for n, c in enumerate(ending) if c.isalnum()), default=0)
        kept += len(ending[kept:]) - len(ending[kept:].lstrip(CLOSING))
        text = inside.lstrip() + self.body[self.starts[first] : self.ends[last]] + ending[:kept].rstrip()
        lines = [LABEL.sub("", BULLET.sub("", line)) if n else line for n, line in enumerate(text.split("\n"))]
        text = "\n".join(line.strip() for line in lines if line.strip())
        text = re.sub(rf"([^\W\d_]+)[{HYPHENS}][ \t]*\n+([a-zß-öø-ÿ]\w*)", self._rejoined, text)
        text = " ".join(unicodedata.normalize("NFC", text).translate(LIGATURES).split())
        return re.sub(r" (?=[.,;:!?](\s|$))", "", text)

    def _rejoined(self, match: re.Match[str]) -> str:
        """Join a word that is divided between two lines; it keeps its hyphen if the copy prints it within a line too.

        A hyphen before `and` ends a separate word: `long- and short-term`.
        """
        hyphened = f"{match[1]}-{match[2]}"
        if hyphened in self.body:
            return hyphened
        if match[2] not in {"and", "or", "to", "nor", "und"}:
            return match[1] + match[2]
        return hyphened if match.string[match.end() :].startswith(tuple(HYPHENS)) else f"{match[1]}- {match[2]}"


def _plain(text: str) -> str:
    """Return a line without light markup, but with footnote marks."""
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ").rstrip()
    for pattern, instead in MARKUP if any(c in text for c in "*<[#") else ():
        text = pattern.sub(instead, text)
    return text


def _reduced(printed: str) -> str:
    """Reduce a printed word to letters and digits, without a footnote number at its end."""
    word = fold("".join(c for c in printed if c not in HYPHENS and not c.isspace())).replace(" ", "")
    bare = word.rstrip("0123456789")
    return bare if len(bare) > 1 else word


def _furniture(lines: Sequence[Line]) -> set[int]:
    """Return the lines that are not part of the text: page numbers, page headers and page footers."""
    found = {n for n, (_, text) in enumerate(lines) if not text.strip() or set(text.strip()) <= set("-–—_=*·. ")}
    masked = {n: re.sub(r"\d+", "#", " ".join(text.split())) for n, (_, text) in enumerate(lines) if n not in found}
    pages: dict[int, list[int]] = {}
    for n, _ in masked.items():
        pages.setdefault(lines[n][0], []).append(n)
    numbers = {n for n in masked if PAGE_NUMBER.fullmatch(lines[n][1])}
    if len(pages) > 1:
        edges = {page: {*of[:EDGE], *of[-EDGE:]} for page, of in pages.items()}
        seen = Counter(mask for page, of in edges.items() for mask in {masked[n] for n in of})
        heads = {n for of in edges.values() for n in of if seen[masked[n]] >= OFTEN}
        return found | heads | {n for n in numbers if any(n in of for of in edges.values())}
    of = list(masked)
    place = {n: at for at, n in enumerate(of)}
    numbered: dict[str, list[int]] = {}
    for n, mask in masked.items():
        if "#" in mask and len(mask) < 100:
            numbered.setdefault(mask, []).append(n)
    for ns in numbered.values():
        values = [tuple(map(int, re.findall(r"\d+", lines[n][1]))) for n in ns]
        if len(ns) >= COUNTED and len(set(values)) == len(values) and values == sorted(values):
            numbers.update(ns)
    beside: Counter[str] = Counter()
    for n in numbers:
        beside.update({masked[m] for m in of[max(0, place[n] - 2) : place[n] + 3]})
    heads = {n for n in masked if beside[masked[n]] > OFTEN and len(masked[n]) < 100 and _near(n, numbers, of, place)}
    return found | numbers | heads


def _near(n: int, numbers: set[int], of: Sequence[int], place: dict[int, int]) -> bool:
    return any(m in numbers for m in of[max(0, place[n] - 2) : place[n] + 3])
