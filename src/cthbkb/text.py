"""Text folding: different spellings of a name become one. Names, queries and the index use the same rules."""

from __future__ import annotations

__all__ = ["fold", "words"]


class _Separators(dict[int, int | None]):
    """Translation table, filled lazily: apostrophes are removed, other separators become spaces."""

    def __missing__(self, code: int) -> int | None:
        self[code] = made = None if code in (0x27, 0x2019) else code if chr(code).isalnum() else 32
        return made


SEPARATORS = _Separators()


def fold(text: str) -> str:
    """Reduce a name to lower-case words without diacritics: `Łebsk-Port` becomes `lebsk port`, `O'Brien` `obrien`."""
    text = text.casefold()
    if text.isascii() and text.isalnum():
        return text
    if not text.isascii():
        import unicodedata

        text = "".join([c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c)])
        text = text.replace("đ", "d").replace("ł", "l").replace("ø", "o")
    return " ".join(text.translate(SEPARATORS).split())


def words(text: str) -> str:
    """Reduce a text to words as the full-text index has them: like `fold`, but an apostrophe separates two words."""
    return fold(text.replace("'", " ").replace("’", " ") if not text.isalpha() else text)
