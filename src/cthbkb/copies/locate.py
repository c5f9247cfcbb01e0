"""Finding the passage of a record that has no fingerprint yet, as a proposal for a curator."""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence

from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure
from cthbkb.lexicon import stemmed
from cthbkb.registry import LISTED
from cthbkb.terms import STOP
from cthbkb.text import fold

__all__ = ["SAID", "Candidate", "Locator", "Proposal", "proposal"]

Spans = list[tuple[int, int]]
"""The first and last word of each part of a passage; it has several parts if other text is printed inside it."""

SAID = {
    "recommendations": "select summary, null, null, null, section, kind from recommendations where id = ?",
    "statistics": "select what || ' ' || value || coalesce(' ' || unit, '') || coalesce(' ' || period, '')"
    " || coalesce(' ' || area, ''), value, null, null, section, null from statistics where id = ?",
    "statements": "select gist || coalesce(' ' || speaker_as_printed, ''), null, null, null, section, null"
    " from statements where id = ?",
    "appearances": "select coalesce(a.name_as_printed, p.name) || coalesce(', ' || a.position, ''),"
    " coalesce(a.name_as_printed, p.name), a.position, a.honorific, a.section, null"
    " from appearances a join people p on p.id = a.person where a.id = ?",
}
"""Maps a table whose records have passages to the query of `(what it says, text as printed, position, honorific,
section, kind)`.
"""

POSITION = 0.6
"""Minimum score of a place where a name is printed with its position."""

DOUBTFUL, NEARLY = 0.3, 0.75
"""Score below which a passage is doubtful, and the share of the best score above which the second best is close."""

SENTENCES = 4
"""Maximum number of sentences in a proposed passage."""

BEYOND = 0.5
"""Penalty for words of a passage that are not in the record."""

ELSEWHERE = 0.6
"""Factor for a passage under another heading."""

OPEN = re.compile(r"[\w,-]$")
"""Matches the end of a block that continues in a later one."""

END = re.compile(r"(?<![\s.][A-Z])[.!?…][\"'”’)]*\s+(?=[\"'“‘(]?[A-Z0-9])")
NUMBERED = re.compile(r"\s*(\d{1,2}[.)]?|[a-z][.)]|[\u2460-\u2473]|-|[^\w\s\"“'(\[<@#])\s+\S")
"""Matches the beginning of a line of a list."""


class Candidate:
    """A possible passage of a record, with a score from 0 to 1."""

    __slots__ = ("score", "spans")

    def __init__(self, score: float, spans: Spans) -> None:
        self.score = score
        self.spans = spans


class Locator:
    """The sentences and list items of a copy, for comparison with records."""

    def __init__(self, copy: Copy, sections: Sections) -> None:
        self.copy = copy
        self.sections = sections
        self.units: list[tuple[int, Spans]] = []
        for number, block in enumerate(self._blocks()):
            self.units += [(number, spans) for spans in self._sentences(block)]
        self.headings = [sections.over(copy.line(spans[0][0])) for _, spans in self.units]
        printed = sorted(set(copy.words))
        self.stems = dict(zip(printed, stemmed(printed), strict=True))
        self.held = [self._stems(word for a, b in spans for word in copy.words[a : b + 1]) for _, spans in self.units]
        seen = Counter(stem for held in self.held for stem in held)
        self.weight = {stem: math.log(1 + len(self.held) / n) for stem, n in seen.items()}

    def _stems(self, words: Iterable[str]) -> set[str]:
        return {self.stems.get(word, word) for word in words if word not in STOP}

    def propose(self, text: str, section: str, exact: Sequence[str] = (), whole: bool = False) -> list[Candidate]:
        """Return possible passages for the text of a record, the best first.

        A passage contains each text of `exact` as printed, in as few sentences as possible. `whole` uses whole
        paragraphs and list items instead of sentences.
        """
        words = [word for word in fold(text.replace("-", "")).split() if word not in STOP]
        known = {word: self.stems.get(word) or stem for word, stem in zip(words, stemmed(words), strict=True)}
        asked = set(known.values())
        total = sum(self.weight.get(stem, 3.0) for stem in asked) or 1.0
        found = []
        for at, (block, _) in enumerate(self.units):
            if whole and at and self.units[at - 1][0] == block:
                continue
            held: set[str] = set()
            spans: Spans = []
            for n in range(at, len(self.units)):
                if self.units[n][0] != block or (n - at >= SENTENCES and not whole):
                    break
                spans = [*spans, *self.units[n][1]]
                held = held | self.held[n]
                if whole and n + 1 < len(self.units) and self.units[n + 1][0] == block:
                    continue
                if exact and not self._holds(spans, exact):
                    continue
                shared = sum(self.weight.get(s, 0) for s in held & asked)
                beyond = sum(self.weight.get(s, 0) for s in held - asked)
                here = 1.0 if self.headings[at] == section else ELSEWHERE
                found.append(Candidate(here * shared / (total + BEYOND * beyond), _joined(spans)))
                if exact:
                    break
        return sorted(found, key=lambda c: -c.score)

    def _holds(self, spans: Spans, exact: Sequence[str]) -> bool:
        text = fold(" ".join(self.copy.printed(a, b) for a, b in spans))
        return all(f" {fold(part)} " in f" {text} " for part in exact)

    def person(self, name: str, position: str, honorific: str, section: str) -> list[Candidate]:
        """Return the places where a person is printed: the honorific, the name, and the position if it follows."""
        words = self.copy.words
        called, office = Copy([(0, name)]).words, Copy([(0, position)]).words
        title = Copy([(0, honorific)]).words
        found = []
        for at in range(len(words) - len(called) + 1):
            if not called or words[at : at + len(called)] != called:
                continue
            first = at - len(title) if title and words[max(0, at - len(title)) : at] == title else at
            last = at + len(called) - 1
            score = 0.2 if first == at else 0.3
            for begin in range(last + 1, last + 4):
                if office and words[begin : begin + len(office)] == office:
                    last, score = begin + len(office) - 1, score + 0.4
                    break
            score += 0.4 * (self.sections.over(self.copy.line(at)) == section)
            found.append(Candidate(score, [(first, last)]))
        return sorted(found, key=lambda c: -c.score)

    def named(self, text: str) -> list[Spans]:
        """Return the passages that match `first words ... last words`; ` | ` separates two parts."""
        begin, _, end = text.partition(" | ")[0].partition(" ... ")
        found = [[part] for part in self._part(begin, end or begin)]
        for more in text.split(" | ")[1:]:
            begin, _, end = more.partition(" ... ")
            parts = self._part(begin, end or begin)
            following = [(spans, next((p for p in parts if p[0] > spans[-1][1]), None)) for spans in found]
            found = [[*spans, part] for spans, part in following if part]
        return [_joined(spans) for spans in found]

    def _part(self, begin: str, end: str) -> Spans:
        """Return all places that begin and end with the given words."""
        first, last = Copy([(0, begin)]).words, Copy([(0, end)]).words
        words = self.copy.words
        found: Spans = []
        for at in range(len(words) - len(first) + 1):
            if first and words[at : at + len(first)] == first:
                for to in range(at, min(len(words), at + 400) - len(last) + 1):
                    if words[to : to + len(last)] == last and to + len(last) >= at + len(first):
                        found.append((at, to + len(last) - 1))
                        break
        return found

    def _blocks(self) -> list[Spans]:
        """Return the paragraphs and list items as spans of words; blocks that a page break divides are joined."""
        copy = self.copy
        by_line: dict[int, list[int]] = {}
        for word in range(len(copy.words)):
            by_line.setdefault(copy.line(word), []).append(word)
        blocks: list[tuple[int, int]] = []
        before = -2
        for n in copy.order:
            if n in by_line:
                words = by_line[n]
                new = n != before + 1 or NUMBERED.match(copy.lines[n][1])
                if new or not blocks:
                    blocks.append((words[0], words[-1]))
                else:
                    blocks[-1] = (blocks[-1][0], words[-1])
                before = n
        joined: list[Spans] = []
        taken: set[int] = set()
        for at, block in enumerate(blocks):
            if at in taken:
                continue
            spans = [block]
            while OPEN.search(copy.printed(*spans[-1])):
                following = next(
                    (k for k in range(at + 1, min(len(blocks), at + 8))
                     if k not in taken and blocks[k][0] > spans[-1][1] and self._goes_on(blocks[k])), None,
                )  # fmt: skip
                if following is None:
                    break
                taken.add(following)
                spans.append(blocks[following])
            joined.append(spans)
        return joined

    def _goes_on(self, block: tuple[int, int]) -> bool:
        line = self.copy.lines[self.copy.line(block[0])][1]
        return line.lstrip()[:1].islower() and not NUMBERED.match(line)

    def _sentences(self, block: Spans) -> list[Spans]:
        """Return the sentences of a block, each as spans."""
        copy = self.copy
        found: list[Spans] = []
        current: Spans = []
        for first, last in block:
            begin = first
            for word in range(first, last):
                between = copy.body[copy.ends[word] : copy.starts[word + 1]]
                end = END.search(between + copy.body[copy.starts[word + 1]])
                if end and copy.words[word] not in {"mr", "ms", "mrs", "dr", "amb"}:
                    found.append([*current, (begin, word)])
                    current, begin = [], word + 1
            current.append((begin, last))
        if current:
            found.append(current)
        return found


def _joined(spans: Spans) -> Spans:
    """Join parts that are directly adjacent."""
    found = spans[:1]
    for first, last in spans[1:]:
        if first == found[-1][1] + 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


class Proposal:
    """A proposal for a curator: the text of a record, the best passage for it, and the second best."""

    __slots__ = ("best", "record", "says", "second")

    def __init__(self, record: str, says: str, best: Candidate | None, second: Candidate | None) -> None:
        self.record = record
        self.says = says
        self.best = best
        self.second = second

    @property
    def doubtful(self) -> bool:
        """Whether no passage has a good score, or the second best is nearly as good as the best."""
        if self.best is None or self.best.score < DOUBTFUL:
            return True
        return self.second is not None and self.second.score >= NEARLY * self.best.score


def require(table: str, id_: str) -> None:
    """Check that a table has passages.

    Raises:
        Failure: if it has none; the message names the record.
    """
    if table not in SAID:
        raise Failure(f"{id_} has no passage of its own", f"Tables with passages: {', '.join(SAID)}.")


def proposal(base: sqlite3.Connection, locator: Locator, table: str, id_: str) -> Proposal:
    """Return the proposal for a record.

    Raises:
        Failure: for a record of a table without passages.
    """
    require(table, id_)
    says, exact, position, honorific, section, kind = base.execute(SAID[table], (id_,)).fetchone()
    if table == "appearances":
        found = locator.person(exact, position or "", honorific or "", section)
        if not found or (found[0].score < POSITION and position):
            found = locator.propose(says, section, [exact])
    else:
        found = locator.propose(says, section, [exact] if exact else [], kind in LISTED)
        found = found or locator.propose(says, section)
    best = found[0] if found else None
    second = next((c for c in found if best and _apart(c, best)), None)
    return Proposal(id_, says, best, second)


def _apart(one: Candidate, other: Candidate) -> bool:
    return one.spans[0][0] > other.spans[-1][1] or one.spans[-1][1] < other.spans[0][0]
