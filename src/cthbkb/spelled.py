"""Ids and names as people type them: `2020 panel 2 rec 4` for `2020-p2-r4`, `Ms. S. Hoff` for `Suzanne Hoff`."""

from __future__ import annotations

from cthbkb.registry import KINDS
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["as_id", "people"]

PARTS = {
    "panel": "p", "side": "side", "preface": "preface", "keynote": "keynote", "opening": "opening",
    "closing": "closing", "intro": "intro", "introduction": "intro", "foreword": "foreword", "welcome": "welcome",
    "report": "report",
}  # fmt: skip
"""Maps a word for a part of a programme or report to its form in an id."""

NUMBERED = frozenset({"p", "side", *(kind.letter for kind in KINDS.values())})
"""Parts of an id that are followed by a number."""

WORDS = PARTS | {word: kind.letter for kind in KINDS.values() for word in (kind.name, *kind.words)}

HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame lord lady madam madame mme m ambassador amb judge justice hon he she"
    " h e his her excellency honourable rev".split()
)
"""Titles and forms of address, which are not part of a name."""


def as_id(db: sqlite3.Connection, text: str) -> str:
    """Convert words to the id they describe: `2020 panel 2 rec 4` to 2020-p2-r4, `20th conference` to 2020."""
    numbers = {str(number): id_ for number, id_ in db.execute("select number, id from conferences")}
    parts: list[str] = []
    joined = False
    for spelled in fold(text).replace("side event", "side").split():
        word = spelled[:-2] if spelled[:-2].isdigit() and spelled[-2:] in {"st", "nd", "rd", "th"} else spelled
        if word in {"conference", "the", "of", "no", "number", "item", "session"}:
            continue
        short = WORDS.get(word, WORDS.get(word.removesuffix("s"), ""))
        if short:
            parts.append(short)
            joined = short in NUMBERED
        elif joined and word[:1].isdigit():
            parts[-1] += word
            joined = False
        else:
            parts.append(numbers.get(word, word) if not parts else word)
    return "-".join(parts)


def people(text: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """Return the ids of the people whose name has every word of a text, without honorifics; initials match too.

    `names` are folded names with ids.
    """
    words = fold(text).split()
    while words and words[0] in HONORIFICS and len(words) > 1:
        words.pop(0)
    if not any(len(word) > 1 for word in words):
        return []
    return sorted({id_ for name, id_ in names if _has(name.split(), words)})


def _has(name: list[str], words: list[str]) -> bool:
    left = list(name)
    for word in sorted(words, key=len, reverse=True):
        found = next((n for n in left if word in (n, n[0])), "")
        if not found:
            return False
        left.remove(found)
    return True
