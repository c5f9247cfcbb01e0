"""Explanations of search results: the matching columns and words, and an excerpt with the matches in [brackets]."""

from __future__ import annotations

from cthbkb.registry import TABLES
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from cthbkb.columns import Row
    from cthbkb.rank import Found
    from cthbkb.terms import Unit

__all__ = ["rows"]

TOLD = 3
"""Maximum number of columns given as the reason for a hit."""

REPEATED = frozenset({"id", "number", "sort_name", "themes"})
"""Columns that mostly repeat others; they are named only if no other column matches."""

SNIPPET = 40
"""Maximum number of words shown around a match."""


def rows(db: sqlite3.Connection, found: Found, limit: int | None) -> list[Row]:
    """Return `type id year title snippet score kind matched` for the best rows of a search."""
    ranked = found.rows[:limit]
    marks = ", ".join("?" * len(ranked))
    sql = f"select rowid, type, id, year, kind, title, fields, themes from search_rows where rowid in ({marks})"
    shown = {rowid: columns for rowid, *columns in db.execute(sql, [rowid for rowid, _ in ranked])}
    seek = _Seek(found.units)
    made: list[Row] = []
    for rowid, score in ranked:
        type_, id_, year, kind, title, fields, themes = shown[rowid]
        snippet, why = seek.explain(type_, fields)
        if rowid in found.leads:
            why.append(f'search term "{found.leads[rowid].text}"')
        elif rowid in found.under:
            of, head, lead = found.under[rowid]
            why.append(f'{of} {head} by its search term "{lead.text}"')
        if rowid in found.speaks:
            why.append(f"appears in session {found.speaks[rowid]}")
        why += [f'theme {theme} by its name "{name}"' for theme, name in found.labels.items() if f'"{theme}"' in themes]
        if lacks := found.lacks.get(rowid, ()):
            why.append(f"lacks {', '.join(lacks)}")
        made.append((type_, id_, year, title, snippet or title, round(score, 3), kind, "; ".join(why)))
    return made


class _Folded(dict[str, list[str]]):
    """Cache that maps a piece of text between spaces to its folded words."""

    def __missing__(self, piece: str) -> list[str]:
        self[piece] = words = fold(piece).split()
        return words


def _reduced(text: str) -> str:
    """Return a text in lower case and without apostrophes."""
    return text.lower().replace("'", "").replace("’", "")


def _plain(text: str, small: str) -> bool:
    """Return whether the reduced text, `small`, contains the same words as the folded text."""
    return small.isascii() and "`" not in small and " '" not in text and not ("," in small and _numbered(small))


def _numbered(text: str) -> bool:
    """Return whether a comma in a text is followed by a digit."""
    parts = text.split(",")
    return any(part[:1].isdigit() for part in parts[1:])


def _places(text: str, word: str) -> Iterator[int]:
    """Yield the positions of the words in a text, split at spaces, that contain `word`."""
    at = text.find(word)
    while at >= 0:
        before = text[:at]
        yield len(before.split()) - bool(before and not before[-1].isspace())
        at = text.find(word, at + len(word))


class _Seek:
    """Finds the units of a query in the stored texts."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.wanted: dict[str, list[tuple[list[str], bool, bool]]] = {}
        self.prefixes: list[tuple[str, list[str]]] = []
        for unit in units:
            for variant in unit.variants:
                words = variant.lstrip("\ue000").split()
                typed = unit.prefix or variant.lstrip("\ue000") == unit.text  # other spellings of a prefix
                if unit.prefix and len(words) == 1:
                    self.prefixes.append((words[0], words))
                else:
                    self.wanted.setdefault(words[0], []).append((words, typed, unit.prefix))
        self.indexed = {table.singular: table.indexed for table in TABLES.values() if table.indexed}
        self.folded = _Folded()
        self.firsts = [*self.wanted, *(word for word, _ in self.prefixes)]
        self.starts = [f" {word} " for word in self.wanted] + [f" {word}" for word, _ in self.prefixes]

    def find(self, text: str, small: str, present: Sequence[str]) -> list[tuple[int, int, bool]]:
        """Return the matches in a text as `(first word, last word, as typed)`.

        `small` is the reduced text; `present` are the first words of query variants that occur in it. They allow a
        plain text to be searched without folding it.
        """
        if _plain(text, small):
            if not present:
                return []
            pieces = text.split()
            places = sorted({n for word in present for n in _places(small, word)})
        else:
            whole = f" {fold(text)} "
            if not any(start in whole for start in self.starts):
                return []
            pieces = text.split()
            places = list(range(len(pieces)))
        found: list[tuple[int, int, bool]] = []
        for n in places:
            if found and n <= found[-1][1]:
                continue
            for at, word in enumerate(self.folded[pieces[n]]):
                match = self._match(pieces, n, at, word)
                if match:
                    found.append(match)
                    break
        return found

    def _match(self, pieces: Sequence[str], n: int, at: int, word: str) -> tuple[int, int, bool] | None:
        """Return the match that begins with a word of the piece at `n`, if there is one."""
        for words, typed, prefix in self.wanted.get(word, ()):
            run = self.folded[pieces[n]][at:]
            end = n
            while len(run) < len(words) and end + 1 < len(pieces):
                end += 1
                run = run + self.folded[pieces[end]]
            run = run[: len(words)]
            if run == words or (prefix and run[:-1] == words[:-1] and run[-1].startswith(words[-1])):
                return n, end, typed
        if any(word.startswith(start) for start, _ in self.prefixes):
            return n, n, True
        return None

    def explain(self, type_: str, fields: str) -> tuple[str, list[str]]:
        """Return the text of a record with matches in [brackets], and the columns and words that match."""
        indexed = self.indexed[type_]
        texts = (*indexed.body, indexed.title)
        why: dict[str, dict[str, bool]] = {}
        snippet = other = ""
        reduced = _reduced(fields)
        plain = _plain(fields, reduced)
        present = [word for word in self.firsts if word in reduced]
        for field, small in zip(fields.split("\x1e"), reduced.split("\x1e"), strict=True):
            here = [word for word in present if word in small]
            if plain and not here:
                continue
            if snippet and len(why) > TOLD:
                break
            name, _, text = field.partition("\x1f")
            found = self.find(text, small[len(name) + 1 :], here)
            if not found:
                continue
            pieces = text.split()
            words = why.setdefault(name, {})
            for first, last, typed in found:
                word = " ".join([_core(piece)[1] for piece in pieces[first : last + 1]]).casefold()
                words[word] = words.get(word, False) or typed
            if name in texts and (not snippet or name in indexed.body[:1]):
                snippet = _marked(pieces, found)
            elif name not in texts and not other:
                other = f"{name}: {_marked(pieces, found, 12)}"
        told = [name for name in why if name not in REPEATED] or list(why)
        parts = []
        for name in told[:TOLD]:
            words = why[name]
            shown = ", ".join(list(words)[:3])
            parts.append(f"{name}: {shown}{'' if any(words.values()) else ' (expanded)'}")
        if not snippet and other:
            named = (field.partition("\x1f") for field in fields.split("\x1e"))
            body = next((text for name, _, text in named if name in texts), "")
            snippet = f"{_marked(body.split(), [], SNIPPET - 12)} ({other})" if body else other
        return snippet, parts


def _core(piece: str) -> tuple[str, str, str]:
    """Split a word of a text into leading punctuation, the word, and trailing punctuation."""
    if piece.isalnum():
        return "", piece, ""
    left = 0
    right = len(piece)
    while left < right and not piece[left].isalnum():
        left += 1
    while right > left and not piece[right - 1].isalnum():
        right -= 1
    return piece[:left], piece[left:right], piece[right:]


def _marked(pieces: Sequence[str], found: Sequence[tuple[int, int, bool]], most: int = SNIPPET) -> str:
    """Return the words around the first match in a text, with matches in [brackets]."""
    first = 0
    if len(pieces) > most and found:
        first = max(0, min(found[0][0] - 8, len(pieces) - most))
    shown = list(pieces[first : first + most])
    for start, end, _ in found:
        if first <= start and end < first + most:
            before, word, after = _core(shown[start - first])
            shown[start - first] = f"{before}[{word}" + (after if end > start else f"]{after}")
            if end > start:
                before, word, after = _core(shown[end - first])
                shown[end - first] = f"{before}{word}]{after}"
    return ("…" if first else "") + " ".join(shown) + ("…" if first + most < len(pieces) else "")
