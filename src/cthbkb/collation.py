"""The sort order of the program, in SQL and in Python: that of the Unicode Collation Algorithm, numbers by value."""

from __future__ import annotations

__all__ = ["rank", "sort_key"]

AFTER = {
    "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ŧ": "t", "ß": "ss", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d~", "ə": "e~",
    "ŋ": "n~", "þ": "z~",
}  # fmt: skip
"""Letters that Unicode does not decompose, as the Unicode Collation Algorithm places them: `~` comes after a letter."""


def sort_key(text: str) -> str:
    """Return by what a text is sorted: letters before accents before case, and runs of digits as numbers.

    The order is that of the Unicode Collation Algorithm for the letters of the participating States' languages: by
    base letters first, with spaces and marks before digits before letters.
    """
    import unicodedata

    lower = text.casefold() if text.isascii() else text.lower()
    primary: list[str] = []
    digits = ""
    for c in unicodedata.normalize("NFKD", lower):
        if c.isdigit():
            digits += str(unicodedata.digit(c, 0))
            continue
        if digits:
            primary.append(_number(digits))
            digits = ""
        if unicodedata.combining(c):
            continue
        primary.append(AFTER.get(c, c) if c.isalnum() else " " if primary and primary[-1] != " " else "")
    if digits:
        primary.append(_number(digits))
    return f"{''.join(primary).strip()}\0{lower}\0{text.swapcase()}"


def _number(digits: str) -> str:
    """Write digits so that numbers sort as texts: their length before them."""
    bare = digits.lstrip("0") or "0"
    return f"{len(bare):04}{bare}"


def rank(cell: str | float | None) -> tuple[int, float, str]:
    """Return by what a cell is sorted: nothing, then numbers, then texts by `sort_key`."""
    if cell is None:
        return (0, 0, "")
    return (2, 0, sort_key(cell)) if isinstance(cell, str) else (1, cell, "")
