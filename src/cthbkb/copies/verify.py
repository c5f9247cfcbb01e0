"""Verifying records against copies: names, figures, symbols, dates and items must be printed where the record says.

A record is verified if its passage is under its heading, each claim of its columns (`readings`) is found in the text
within the allowed distance, and its item has the recorded number and place in its list.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from cthbkb.columns import items
from cthbkb.copies.readings import BASE, BESIDE, DOCUMENT, MONTHS, READINGS, SECTION, Claim, named
from cthbkb.copies.resolve import FOUND, UNSURE, Passage
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import MARK, Copy
from cthbkb.text import fold

__all__ = ["Source", "Verdict", "verify"]

START, END = ("title page", "imprint"), ("back cover",)
"""Places without a printed heading: before the first heading of a document, and after the last."""

LONG = 7
"""Minimum number of letters of a text that is searched for without regard to word separators."""

LINE = 40
"""Number of letters at the end of a title that identify it in a line; its beginning may be printed differently."""

BEFORE, AFTER, NEXT = 8, 12, 2
"""Numbers of non-empty lines above and below a passage, and below a title, that may belong to it."""

FAR = 60
"""Maximum number of lines between a heading and a pull quote, caption or footnote under it."""

NAMED = "select coalesce(a.name_as_printed, p.name) from appearances a join people p on p.id = a.person where a.id = ?"

LISTED = re.compile(
    r"(?:Panel (\d+), )?(bullet|takeaway|recommendation|observation|arrow|goal|tweet|footnote|paragraph)s?"
    r" (\d+|[ivx]+)([a-z]?)"
)
"""Matches the place of an item in words: the name of a list, and a number or letter."""

MARKED = re.compile(r"\s*(?:-\s*)?(?:(\d{1,2}|[\u2460-\u2473])[.)]?|([a-z])[.)])\s+(?=\S)")
"""Matches the number or letter before a printed item."""

COUNTED = frozenset({"bullet", "takeaway", "recommendation", "observation", "arrow", "goal"})
"""Lists in which every item is a record, so that no number may be missing or repeated."""

ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}


class Verdict:
    """The result for a record: what was confirmed, what failed, and what could not be checked."""

    __slots__ = ("checked", "document", "failed", "open", "record", "table")

    def __init__(self, table: str, record: str, document: str) -> None:
        self.table = table
        self.record = record
        self.document = document
        self.checked: list[str] = []
        self.failed: list[str] = []
        self.open: list[str] = []

    @property
    def state(self) -> str:
        """The state of the record: `failed`, `verified`, or `open` if nothing could be checked."""
        return "failed" if self.failed else "verified" if self.checked else "open"


class Text:
    """A part of a copy in which claims are looked up."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    @cached_property
    def words(self) -> str:
        """All words, folded."""
        clean = [MARK.sub(" ", line) for line in self.lines]
        bare = [line for line in (GLUED.sub("", line) for line in clean) if line not in clean]
        return f" {fold(chr(10).join([*clean, *bare]))} "

    @cached_property
    def letters(self) -> str:
        """The words without spaces."""
        return self.words.replace(" ", "")

    @cached_property
    def ends(self) -> set[int]:
        """The positions in `letters` at which words begin and end."""
        return {0, *accumulate(map(len, self.words.split()))}

    @cached_property
    def apart(self) -> str:
        """The lines, each folded."""
        return "\n".join(f" {fold(line)} " for line in self.lines)

    @cached_property
    def notes(self) -> set[str]:
        """The numbers of footnotes."""
        return {n.translate(RAISED) for line in self.lines for found in NOTES.findall(line) for n in found if n}

    def bears(self, claim: Claim) -> bool:
        """Return whether the text confirms a claim."""
        if any(self.has(form) for form in claim.forms):
            return True
        return bool(claim.names) and all(self.near(name) for name in claim.names)

    def has(self, form: str) -> bool:
        """Return whether the text contains a form: as words, or as letters if it is long."""
        if form[0] == "\n":
            return form[1:] in self.notes
        if form[0] == "^":
            return re.search(rf"(?<!\d) {form[1:]} ", self.apart) is not None
        words = fold(form)
        if f" {words} " in self.words:
            return True
        letters = words.replace(" ", "")
        at = self.letters.find(letters) if len(letters) >= LONG else -1
        while at >= 0 and not (at in self.ends and at + len(letters) in self.ends):
            at = self.letters.find(letters, at + 1)
        return at >= 0

    def near(self, name: str) -> bool:
        """Return whether a word of the text begins like a name; the endings may differ."""
        word = fold(name)
        return f" {word[: max(4, len(word) - 2)]}" in self.words if word.isalpha() else f" {word}" in self.words


SHORT = "|".join(month[:3] for month in MONTHS)
DAY = re.compile(rf"\b\d{{1,2}}\.? (?:{SHORT})|\b(?:{SHORT})[a-z]*\.? \d{{1,2}}\b", re.IGNORECASE)
"""Matches a day in a line."""

WEEKDAY = re.compile(r"(mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
"""Matches a weekday, which marks a line with a day as a heading for the text after it."""

ONE_DAY = re.compile(rf"(?<!\d) \d{{1,2}} (?:{'|'.join(MONTHS)})")

HOURS = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
"""Matches an hour in a line."""

NOTES = re.compile(r"^\s*(?:<sup>)?(\d{1,2})\b|([¹²³⁴-⁹⁰]+)|<sup>\s*(\d+)|[^\W\d_][.,;:)]?(\d{1,2})\b")
"""Matches the number of a footnote: at the beginning of a line, in superscript, or after a word."""

GLUED = re.compile(r"(?<=[^\W\d_]{3})\d{1,2}\b")
"""Matches a footnote number that a copy prints as part of a word."""

RAISED = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890")

FLOATS = re.compile(r"footnote|pull quote|caption")
"""Matches items printed beside the running text; their heading need not be the last heading above them."""


class Source:
    """A copy with the passages of its records, and the text under each of its headings."""

    def __init__(self, db: sqlite3.Connection, document: str, copy: Copy, passages: Mapping[str, Passage]) -> None:
        self.document = document
        self.passages = passages
        self.rows: list[tuple[str, dict[str, object]]] = []
        for table in READINGS:
            cursor = db.execute(f"select * from {table} where document = ? order by seq", (document,))
            names = [column[0] for column in cursor.description]
            self.rows += [(table, dict(zip(names, row, strict=True))) for row in cursor]
        self.sections = Sections(copy, dict.fromkeys(str(row["section"]) for _, row in self.rows))
        self.lines = [text for _, text in copy.lines]
        self.starts = sorted(n for places in self.sections.printed.values() for n in places)
        self.full = [n for n, line in enumerate(self.lines) if line.strip()]
        self.letters = {n: fold(self.lines[n]).replace(" ", "") for n in self.full}
        self.days = {n for n in self.full if DAY.search(self.lines[n])}
        self.whole = Text(self.lines)
        self._under: dict[str, Text | None] = {}

    def under(self, heading: str) -> Text | None:
        """Return a heading with the text under it, from all places where it is printed; None if there are none."""
        if heading not in self._under:
            spans = self.spans(heading)
            self._under[heading] = Text([line for a, b in spans for line in self.lines[a:b]]) if spans else None
        return self._under[heading]

    def beside(self, row: Mapping[str, object], passage: Passage | None) -> Text:
        """Return the lines that belong to a passage or, for a session, the lines with its day and its hours.

        A tweet has its account above it and its day below. A session has its hours in its title or above it, and its
        day in the lines below or, in programmes, in the last line above it that names one.
        """
        if passage and passage.text:
            first, last = (bisect_left(self.full, line - 1) for line in passage.lines)
            above, below = self.full[max(0, first - BEFORE) : first], self.full[first : last + AFTER]
            above = above[max((n + 1 for n, line in enumerate(above) if line in self.days), default=0) :]
            days = [n + 1 for n, line in enumerate(below) if n > last - first and line in self.days]
            return Text([self.lines[line] for line in [*above, *below[: days[0] if days else None]]])
        title = fold(str(row.get("title") or "")).replace(" ", "")[-LINE:]
        places = [n for n in self.full if title and title in self.letters[n]]
        kept: list[str] = []
        for place in places or [at for at, _ in self.spans(str(row["section"]))]:
            at = bisect_left(self.full, place)
            above, below = self.full[: at + 1][::-1], self.full[at : at + NEXT]
            own = [self.lines[n] for n in below if n in self.days and not WEEKDAY.search(self.lines[n])]
            kept += own[:1] or [self.lines[n] for n in above if n in self.days][:1]
            kept += [self.lines[n] for n in [*below, *above[:BEFORE]] if HOURS.search(self.lines[n])][:1]
        return Text(kept)

    def spans(self, heading: str) -> list[tuple[int, int]]:
        """Return the lines under a heading: from each place where it is printed to the next heading."""
        ends = [*self.starts, len(self.lines)]
        if heading.casefold() in START:
            return [(0, ends[0])]
        if heading.casefold() in END:
            return [(ends[-2] if self.starts else 0, ends[-1])]
        return [(at, ends[bisect_left(self.starts, at + 1)]) for at in self.sections.printed.get(heading, ())]


def verify(db: sqlite3.Connection, sources: Sequence[Source], lacking: Collection[str] = ()) -> list[Verdict]:
    """Return the verdict on every record whose document is one of the copies; `lacking` documents have no copy."""
    found = []
    for source in sources:
        order = _order(source)
        for table, row in source.rows:
            verdict = Verdict(table, str(row["id"]), source.document)
            _place(verdict, row, source)
            _claims(db, verdict, row, source, sources, lacking)
            said = order.get(verdict.record)
            if said is not None:
                (verdict.failed if said else verdict.checked).append(said or "item")
            verdict.checked = list(dict.fromkeys(verdict.checked))
            found.append(verdict)
    return found


def _place(verdict: Verdict, row: Mapping[str, object], source: Source) -> None:
    """Check that the passage was found, and that it is under its heading."""
    heading, passage = str(row["section"]), source.passages.get(verdict.record)
    if passage and passage.state not in {FOUND, UNSURE}:
        verdict.failed.append(f"passage: {passage.state}")
    spans = source.spans(heading)
    if not spans:
        if source.whole.has(heading):
            verdict.checked.append("section")
        else:
            verdict.open.append(f"section: {heading!r} is not printed")
    elif passage and passage.state in {FOUND, UNSURE}:
        line = passage.lines[0] - 1
        over = source.sections.over(line)
        floats = FLOATS.search(str(row["item"])) and any(a <= line < a + FAR for a, _ in spans)
        if floats or any(a <= line < b for a, b in spans):
            verdict.checked.append("section")
        else:
            verdict.failed.append(f"section: the passage is under {over!r}, not {heading!r}")
    else:
        verdict.checked.append("section")


def _claims(
    db: sqlite3.Connection,
    verdict: Verdict,
    row: Mapping[str, object],
    source: Source,
    sources: Sequence[Source],
    lacking: Collection[str],
) -> None:
    """Check the values that the columns of a record claim to be printed."""
    passage = source.passages.get(verdict.record)
    near = [Text([passage.text])] if passage and passage.text else []
    beside = source.beside(row, passage)
    under = source.under(str(row["section"]))
    values = dict(row)
    floats = FLOATS.search(str(row["item"]))
    if verdict.table == "appearances":
        (values["name"],) = db.execute(NAMED, (verdict.record,)).fetchone()
    for column, (reading, scope) in READINGS[verdict.table].items():
        if values.get(column) in {None, ""}:
            continue
        if (column == "name" and values.get("attribution")) or (column == "speaker_as_printed" and floats):
            scope = DOCUMENT  # the curator may explain a role; the speaker of a pull quote may be anywhere
        texts = list(near)
        if scope >= BESIDE:
            texts.append(beside)
        if scope >= SECTION or (scope < BESIDE and not near):
            texts += [under] if under else [source.whole]
        if scope >= DOCUMENT:
            texts.append(source.whole)
        if scope >= BASE:
            texts += [other.whole for other in sources if other is not source]
        for claim in reading(str(values[column])):
            if verdict.table == "people":
                claim = Claim(claim.value, [claim.value, *items(str(row["spellings"] or ""))])
            if any(text.bears(claim) for text in texts):
                verdict.checked.append(column)
            elif reading is named and not claim.names:
                verdict.open.append(f"{column}: {claim.value!r} is not printed")
            elif column == "held_date" and not ONE_DAY.search(beside.apart):
                verdict.open.append(f"{column}: no day is printed beside it")
            elif scope >= BASE and lacking:
                verdict.open.append(f"{column}: {claim.value!r} may be printed in a document without a copy")
            else:
                verdict.failed.append(f"{column}: {claim.value!r}")


class _Item:
    """An item of a list: its recorded number and letter, and the line at which its passage begins."""

    __slots__ = ("letter", "line", "number", "record")

    def __init__(self, record: str, number: int, letter: str, line: int) -> None:
        self.record = record
        self.number = number
        self.letter = letter
        self.line = line


def _order(source: Source) -> dict[str, str]:
    """Return, for each record with an item number, the error in it; empty if it is correct."""
    lists: dict[tuple[str, str, str], list[_Item]] = defaultdict(list)
    complete = {str(row["id"]) for table, row in source.rows if table == "recommendations"}
    for table, row in source.rows:
        passage = source.passages.get(str(row["id"]))
        item = LISTED.match(str(row["item"] or ""))
        if passage and item and passage.state in {FOUND, UNSURE}:
            panel, noun, number, letter = item.groups()
            value = ROMAN.get(number) or int(number)
            of = (str(row["section"]), panel or "", noun)
            if table == "recommendations":
                letter = letter or str(row["number"]).lstrip("0123456789")
            lists[of].append(_Item(str(row["id"]), value, letter, passage.lines[0]))
    found = {}
    for (_, _, noun), entries in lists.items():
        entries.sort(key=lambda e: (e.line, e.number, e.letter))
        kept = _rising([(e.number, e.letter) for e in entries])
        numbers = {e.number for e in entries if e.record in complete}
        for n, e in enumerate(entries):
            wrong = "" if n in kept else f"is out of order, at line {e.line}"
            if noun in COUNTED:
                wrong = _counted(e, entries, numbers, source.lines[e.line - 1]) or wrong
            found[e.record] = f"item: {noun} {e.number}{e.letter} {wrong}" if wrong else ""
    return found


def _counted(item: _Item, entries: Sequence[_Item], numbers: set[int], line: str) -> str:
    """Return the error in the number of an item, in a list in which every item is a record."""
    mark = MARKED.match(line)
    if mark and (mark[2] != item.letter if mark[2] else _number(mark[1]) != item.number and not item.letter):
        return f"is printed as {mark[0].strip()!r}"
    if any((e.number, e.letter) == (item.number, item.letter) and e.line != item.line for e in entries):
        return "is the number of two passages"
    if item.number in numbers and item.number > 1 and item.number - 1 not in numbers:
        return "has no number before it"
    return ""


def _number(mark: str) -> int:
    """Return the number printed before an item: `3`, or one in a circle."""
    return int(unicodedata.normalize("NFKC", mark))


def _rising(values: Sequence[tuple[int, str]]) -> set[int]:
    """Return the positions of the longest subsequence of values that never decreases."""
    best: list[tuple[int, int]] = []
    for n, value in enumerate(values):
        length, before = max(((best[m][0], m) for m in range(n) if values[m] <= value), default=(0, -1))
        best.append((length + 1, before))
    at = max(range(len(best)), key=lambda n: best[n][0], default=-1)
    kept = set()
    while at >= 0:
        kept.add(at)
        at = best[at][1]
    return kept
