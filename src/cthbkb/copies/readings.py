"""The columns of each table whose values must be printed in a copy, and the forms in which they may be printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from cthbkb.columns import items
from cthbkb.text import fold

__all__ = ["BASE", "BESIDE", "DOCUMENT", "MONTHS", "PASSAGE", "READINGS", "SECTION", "Claim", "Reading", "named"]

PASSAGE, BESIDE, SECTION, DOCUMENT, BASE = range(5)
"""Where a value may be printed: in the passage, in the lines beside it, under its heading, anywhere in the document, or
in any document.
"""

MONTHS = "january february march april may june july august september october november december".split()

SHORT = frozenset({"OSCE", "NGO"})
"""Acronyms that a summary may use if the document contains the full words."""


class Claim:
    """A claim that a value is printed: in one of several forms, or by all of its names.

    `names` are for a value that is not printed as a whole, such as a title that the curator had to supply.
    """

    __slots__ = ("forms", "names", "value")

    def __init__(self, value: str, forms: Sequence[str] = (), names: Sequence[str] = ()) -> None:
        self.value = value
        self.forms = forms or (value,)
        self.names = names


Reading = Callable[[str], Iterable[Claim]]
"""Turns a value into the claims that it makes."""


def printed(value: str) -> Iterator[Claim]:
    """Claim a value as printed, with [...] for omitted words; ignore a remark in parentheses at the end."""
    said = re.sub(r"\s*\((no speaker named|on [^)]*)\)$", "", value)
    for part in re.split(r"\s*\[\.\.\.\]\s*", said):
        if fold(part):
            yield Claim(part)


def named(value: str) -> Iterator[Claim]:
    """Claim a value as printed or, if the curator had to word it, the names and figures in it."""
    words = re.findall(r"[^\W_]+", value)
    yield Claim(
        value, names=[w for n, w in enumerate(words) if w[0].isdigit() or w[:2].isupper() or (n and w.istitle())]
    )


def each(value: str) -> Iterator[Claim]:
    """Claim each value of a list as printed."""
    return (claim for text in items(value) for claim in named(text))


def figures(value: str) -> Iterator[Claim]:
    """Claim the figures, acronyms and names in a summary."""
    for figure in re.findall(r"(?<![\w.,/])\d[\d.,]*(?<=\d)(?![\w/])", value):
        yield Claim(figure, [figure + end for end in ("", "th", "st", "nd", "rd")])
    for acronym in dict.fromkeys(re.findall(r"(?<![\w./])[A-Z]{3,}(?:/[A-Z\d]+)*(?![\w])", value)):
        if acronym not in SHORT:
            yield Claim(acronym, (acronym, acronym + "s"))

    for name in dict.fromkeys(re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+(?:[ -][A-Z][a-z]+)+", value)):
        yield Claim(name, names=re.findall(r"\w+", name))


def acronym(value: str) -> Iterator[Claim]:
    """Claim an acronym, in the singular or plural."""
    yield Claim(value, (value, value + "s"))


def country(value: str) -> Iterator[Claim]:
    """Claim a country by its name or by an adjective: `Sweden` may be printed as `Swedish`."""
    yield Claim(value, (value, *(value[:-n] + end for n in (0, 1, 2) for end in ("ish", "n", "ian", "ese", "an"))))


def year(value: str) -> Iterator[Claim]:
    """Claim a year; the symbol of a decision may print only its last two digits."""
    yield Claim(value, (value, f"/{value[2:]}"))


def note(value: str) -> Iterator[Claim]:
    """Claim the number of a footnote, at the footnote itself or at a reference to it."""
    yield Claim(value, (f"\n{value}",))


def day(value: str) -> Iterator[Claim]:
    """Claim a day that is printed by itself, not as the end of a range: `20 July`, `Apr 6`."""
    in_year, _, rest = value.partition("-")
    month, _, number = rest.partition("-")
    if number:
        yield Claim(value, [f"^{form}" for n in _month(month) for form in (f"{int(number)} {n}", f"{n} {int(number)}")])
    else:
        yield Claim(value, [f"{name} {in_year}" for name in _month(month)] if month else [in_year])


def first(value: str) -> Iterator[Claim]:
    """Claim the first day of a range, as in `20-22 July`, or a single day."""
    yield from _some(value, range(1, 5))


def last(value: str) -> Iterator[Claim]:
    """Claim the last day of a range, or a single day."""
    yield from _some(value, range(-4, 0))


def _some(value: str, others: range) -> Iterator[Claim]:
    (alone,) = day(value)
    _, month, number = (value + "--").split("-")[:3]
    pairs = [sorted((int(number), int(number) + other)) for other in others] if number else []
    yield Claim(value, [*alone.forms, *(f"^{a} {b} {name}" for a, b in pairs for name in _month(month))])


def _month(number: str) -> tuple[str, str]:
    name = MONTHS[int(number) - 1]
    return name, name[:3]


def hour(value: str) -> Iterator[Claim]:
    """Claim a time of day on the 24-hour or 12-hour clock."""
    hours, _, minutes = value.partition(":")
    yield Claim(value, (f"{int(hours)} {minutes}", f"{(int(hours) - 1) % 12 + 1} {minutes}"))


READINGS: dict[str, dict[str, tuple[Reading, int]]] = {
    "recommendations": {"heading": (printed, SECTION), "summary": (figures, DOCUMENT)},
    "statistics": {
        "value": (printed, PASSAGE), "period": (named, DOCUMENT), "footnote": (note, DOCUMENT),
        "what": (figures, DOCUMENT),
    },
    "statements": {
        "speaker_as_printed": (printed, SECTION), "account": (printed, BESIDE), "date": (day, BESIDE),
        "time": (hour, BESIDE), "gist": (figures, DOCUMENT),
    },
    "appearances": {
        "name": (printed, PASSAGE), "honorific": (printed, SECTION), "position": (printed, PASSAGE),
        "country": (country, SECTION),
    },
    "sessions": {
        "title": (named, DOCUMENT), "held_date": (day, BESIDE), "held_start": (hour, BESIDE),
        "held_end": (hour, BESIDE), "video": (printed, SECTION),
    },
    "conferences": {
        "title": (named, DOCUMENT), "held_start": (first, DOCUMENT), "held_end": (last, DOCUMENT),
        "city": (printed, DOCUMENT), "hashtag": (printed, DOCUMENT), "venue": (named, BASE),
        "participation": (figures, DOCUMENT),
    },
    "people": {"name": (printed, BASE)},
    "topics": {},
    "instruments": {"name": (named, BASE), "symbol": (printed, BASE), "year": (year, BASE)},
    "publications": {
        "title": (named, BASE), "url": (printed, BASE), "year": (printed, BASE), "place": (printed, BASE)
    },
    "citations": {},
    "activities": {"when": (named, DOCUMENT), "where": (each, DOCUMENT), "what": (figures, DOCUMENT)},
    "commitments": {"by_when": (named, DOCUMENT), "what": (figures, DOCUMENT)},
    "abbreviations": {"short": (acronym, DOCUMENT), "long": (named, BASE)},
}  # fmt: skip
"""Maps a table to the columns that must be printed, each with the function for its claims and its allowed distance."""
