"""The vocabulary of comparisons: the force of an item, the change of an ask, its state in a year, its years in words.

These definitions, in display order, are used by the data dictionary, `about`, the help and the comparisons. The model
lists the same words as the allowed values of a seed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["CHANGES", "EXPLAINED", "FORCES", "MARKS", "TRENDS", "pattern", "runs", "strength", "trend"]

FORCES = {
    "must": "must, shall, have to",
    "imperative": "a plain imperative (create, train, use)",
    "should": "should, ought to, is recommended",
    "need": "need to, is needed, is required",
    "encourage": "is encouraged",
    "invite": "is invited",
    "consider": "should consider",
    "essential": "is essential, crucial, key, important",
    "can": "can, could (a possible means)",
    "statement": "a finding or an aim; nobody is asked",
}
"""Maps a modality to the printed words that it stands for, the strongest first."""

CHANGES = {
    "sharpened": "the same ask, but more binding or more specific",
    "softened": "the same ask, but less binding or less specific",
    "broadened": "covers more people, actors, means or situations",
    "narrowed": "covers fewer people, actors, means or situations",
    "refocused": "the same aim, but for other people or by other means",
    "repeated": "the same in substance",
    "noted": "no longer asked for; the point is only stated",
}
"""Maps a change between two conferences to its meaning."""

UP, DOWN = frozenset({"sharpened", "broadened"}), frozenset({"softened", "narrowed", "noted"})

TRENDS = (
    "wider or stronger",
    "narrower or weaker",
    "stronger in one way, weaker in another",
    "refocused on other people or means",
    "the same in substance",
)
"""Groups of moves, in display order; `trend` assigns a move to one of them."""

MARKS = {"asked": "●", "noted": "○", "-": "·"}
"""Maps the state of a thread in a year to its mark on a terminal: asked to act, only noted, or neither."""


NUMBERS = ("", "", "both", "all three", "all four", "all five", "all six", "all seven", "all eight", "all nine")


EXPLAINED = {
    "modality": ("Words of force (modality), and what they stand for:", FORCES),
    "change": ("Words of change, and what they mean:", CHANGES),
}
"""Maps a scale to its title and words in the help of a command."""


def pattern(years: Sequence[int], speaking: Iterable[int]) -> str:
    """Describe in words in which of the conference years, given in order, a thread occurs.

    >>> pattern([2016, 2020, 2022], [2016, 2020])
    '2016 and 2020, not 2022'
    """
    there = [y for y in years if y in set(speaking)]
    absent = [y for y in years if y not in there]
    if not there or len(years) == 1:
        return ", ".join(map(str, there)) or "in no year"
    if not absent:
        return f"in {NUMBERS[len(years)] if len(years) < len(NUMBERS) else f'all {len(years)}'} years"
    if len(there) == 1:
        return f"first in {there[0]}" if there[0] == years[-1] else f"{there[0]} only"
    if there == list(years[-len(there) :]):
        return f"since {there[0]}"
    return f"{runs(years, there, 'and')}, not {runs(years, absent, 'or')}"


def runs(years: Sequence[int], some: Sequence[int], last: str) -> str:
    """Describe years in words, with three or more in a row as a range; `last` is the word before the last part."""
    rows: list[list[int]] = []
    for year in some:
        if rows and years.index(year) == years.index(rows[-1][-1]) + 1:
            rows[-1].append(year)
        else:
            rows.append([year])
    parts = [p for row in rows for p in ([f"{row[0]} to {row[-1]}"] if len(row) > 2 else map(str, row))]
    return f" {last} ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def trend(changes: Sequence[str]) -> str:
    """Return the group in `TRENDS` that the words of a move belong to."""
    up, down = not UP.isdisjoint(changes), not DOWN.isdisjoint(changes)
    if up and down:
        return TRENDS[2]
    if up or down:
        return TRENDS[0] if up else TRENDS[1]
    return TRENDS[3] if "refocused" in changes else TRENDS[4]


def strength(modality: str) -> int:
    """Return the rank of a modality in `FORCES`, 0 for the strongest; an unknown word ranks last."""
    names = list(FORCES)
    return names.index(modality) if modality in names else len(names)
