"""Quantities in a query: the spellings of a number, and recorded figures close to it.

`2 million`, `two million` and `2,000,000` are the same number, as are `40 percent`, `40 per cent` and `40%`, or `1 in
100` and `1%`. People remember rounded figures; a number therefore also finds figures within `NEAR` of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["PERCENT", "Quantity", "plain", "quantity", "variants"]

PERCENT = "percent"

NEAR = 0.05
"""Maximum relative difference between a number and a figure that is close to it."""

EXACT, WRITTEN, ROUNDED = 1.0, 0.8, 0.7
"""Weights of a figure with this number, of the bare digits of a percentage, and of a figure close to the number."""

SMALL = "one two three four five six seven eight nine ten eleven twelve".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS = {word: n for n, word in enumerate(SMALL, 1)} | {word: 10 * n for n, word in enumerate(TENS, 2)} | {"a": 1}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "millions": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}
SHARES = {
    "half of": 50.0, "half the": 50.0, "one third": 100 / 3, "a third of": 100 / 3, "two thirds": 200 / 3,
    "one quarter": 25.0, "a quarter of": 25.0, "three quarters": 75.0, "one fifth": 20.0, "a fifth of": 20.0,
}  # fmt: skip
LARGE = 100
"""Minimum number in digits that is a quantity by itself; a smaller one may be the number of a panel or article."""

YEARS = range(1900, 2101)


class Quantity:
    """A number, which may be a percentage."""

    __slots__ = ("percent", "value")

    def __init__(self, value: float, percent: bool = False) -> None:
        self.value = value
        self.percent = percent


def quantity(words: Sequence[str]) -> tuple[Quantity | None, int]:
    """Return the quantity at the start of folded words, and its length in words; None if there is none."""
    for share, value in SHARES.items():
        parts = share.split()
        if list(words[: len(parts)]) == parts:
            return Quantity(value, True), len(parts)
    value, length = _scaled(words)
    if not length:
        return None, 0
    if words[length : length + 1] == [PERCENT]:
        return Quantity(value, True), length + 1
    if list(words[length : length + 2]) == ["per", "cent"]:
        return Quantity(value, True), length + 2
    for joint in (["in"], ["out", "of"], ["in", "every"]):
        after = length + len(joint)
        if list(words[length:after]) == joint and after < len(words):
            of, more = _scaled(words[after:])
            if of >= max(3, value):
                return Quantity(100 * value / of, True), after + more
    digits = words[0][0].isdigit()
    if length > 1 or (digits and value >= LARGE and value not in YEARS):
        return (Quantity(value), length) if words[0] != "a" else (None, 0)
    return None, 0


def _scaled(words: Sequence[str]) -> tuple[float, int]:
    """Return the number at the start of words, with its scales (`two hundred thousand`), and its length; 0 if none."""
    value, length = _number(words)
    while 0 < length < len(words) and words[length] in SCALES:
        value *= SCALES[words[length]]
        length += 1
    return value, length


def _number(words: Sequence[str]) -> tuple[float, int]:
    """Return the number at the start of words, and its length: `2 154` is one number, and so is `24 9 million`."""
    if words[0] in NUMBERS:
        return NUMBERS[words[0]], 1
    text, length = "", 0
    while (
        length < len(words) and _digits(words[length]) and (not length or (len(text) < 13 and len(words[length]) == 3))
    ):
        text, length = text + words[length], length + 1
        if len(words[0]) > 3:
            break
    after = [*words[length + 1 : length + 3], ""]
    of_unit = after[0] in SCALES or after[0] == PERCENT or after[:2] == ["per", "cent"]
    if length == 1 and of_unit and _digits(words[1]):
        return float(f"{text}.{words[1]}"), 2
    return (float(text), length) if text else (0.0, 0)


def _digits(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 15


def plain(value: float) -> str:
    """Return a number in digits, as the index contains it before it is folded."""
    return f"{value:.10g}" if value % 1 else f"{value:.0f}"


def _written(value: float, percent: bool) -> list[str]:
    """Return the folded spellings of a number in texts."""
    digits = plain(value).replace(".", " ")
    if percent:
        return [f"{digits} {PERCENT}"]
    found = [digits]
    for scale, name in ((1e9, "billion"), (1e6, "million")):
        if value >= scale and len(f"{value / scale:.10g}") < 6:
            short = f"{value / scale:.10g}"
            found.append(f"{short.replace('.', ' ')} {name}")
            if short.isdigit() and int(short) <= len(SMALL):
                found.append(f"{SMALL[int(short) - 1]} {name}")
            break
    return found


def variants(db: sqlite3.Connection, asked: Quantity) -> dict[str, float]:
    """Return the folded variants to search for a quantity, with weights: its spellings, and figures close to it."""
    found = dict.fromkeys(_written(asked.value, asked.percent), EXACT)
    if asked.percent:
        bare = f"{asked.value:.3g}".replace(".", " ")
        found |= {f"{bare} {PERCENT}": EXACT, f"{bare} per cent": EXACT}
        if asked.value >= 10:
            found[bare] = WRITTEN
    low, high = asked.value * (1 - NEAR), asked.value * (1 + NEAR)
    sql = "select distinct number from statistics where number between ? and ? and (unit = '%') = ? order by number"
    for (number,) in db.execute(sql, (low, high, asked.percent)):
        worth = EXACT if abs(number - asked.value) < 0.01 * asked.value else ROUNDED
        for text in _written(number, asked.percent):
            found[text] = worth
    return found
