"""Folding: reducing texts to what different spellings have in common, for queries, filters, names and the index."""

from __future__ import annotations

__all__ = ["SPACELESS", "fold"]

APOSTROPHES = "\u2019\u2018\u201b\u02bc\u02bb\u02bd\u02b9\u02c8\u2032\u2035\u00b4`\uff07\ua78c\u05f3\u055a"
"""Characters typed or printed as an apostrophe, besides the ASCII one."""

LETTERS = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | {"ı": "i", "ə": "a", "æ": "ae", "œ": "oe", "ð": "d", "đ": "d", "þ": "th", "ø": "o", "ł": "l", "ħ": "h"}
    | dict.fromkeys("–—‑‐…“”„«»•·→§°", " ")
    | {"ŋ": "n", "ŧ": "t", "ĸ": "k", "ɓ": "b", "ɗ": "d", "ƙ": "k"}
)
"""Letters without a decomposition in Unicode, with their usual substitutes, and the punctuation of printed English, so
that most texts need no lookup in the Unicode tables.
"""

SPACELESS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF), (0x20000, 0x323AF),
)  # fmt: skip
"""Scripts without spaces between words (Thai, Lao, Burmese, Khmer, Japanese, Chinese); each letter counts as a word."""


class _Marks(dict[int, "int | str | None"]):
    """Translation table, filled lazily: characters other than letters and digits become a space; combining marks and
    invisible characters are dropped; apostrophes are kept.
    """

    def __missing__(self, code: int) -> int | str | None:
        self[code] = made = self._made(code)
        return made

    def _made(self, code: int) -> int | str | None:
        if code in (0x27, 0x60):
            return 0x27
        if chr(code).isalnum():
            return f" {chr(code)} " if any(low <= code <= high for low, high in SPACELESS) else code
        if code < 128:
            return 32
        import unicodedata

        kind = unicodedata.category(chr(code))
        return None if kind[0] == "M" or kind == "Cf" else 32


MARKS = _Marks()


def fold(text: str) -> str:
    """Reduce a text to lower-case words without diacritics, separated by one space.

    `Łebsk-Port` becomes `lebsk port`, `O'Brien` `obrien`, `the keeper’s` `the keeper`, `63,251` `63251`. Folding a text
    gives the same words as folding its words one by one.
    """
    text = text.casefold()
    if text.isascii():
        if text.isalnum():
            return text
    else:
        text = text.translate(LETTERS)
        if not text.isascii():
            import unicodedata

            text = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    if "," in text:
        text = _numbers(text)
    text = text.translate(MARKS)
    if "'" in text:
        text = (text + " ").replace("'s ", " ").replace("'", "")
    return " ".join(text.split())


def _numbers(text: str) -> str:
    """Drop the commas that separate the thousands of a number."""
    parts = text.split(",")
    made = [parts[0]]
    for before, part in zip(parts, parts[1:], strict=False):  # noqa: RUF007 - no itertools on the cold path
        thousands = _digits(part[:3]) == 3 and not part[3:4].isdecimal()
        made += ["" if thousands and 0 < _digits(before[-4:][::-1]) < 4 else ",", part]
    return "".join(made)


def _digits(text: str) -> int:
    """Return the number of digits at the start of a text."""
    return len(text) - len(text.lstrip("0123456789"))
