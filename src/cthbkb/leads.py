"""Search terms: the records to which a query leads by the phrases that curators wrote for finding them.

A term is compared with the query as a whole: by the cosine of their words, each weighted by its rarity among all terms.
What further terms of the same record hold adds to that.
Words meet by their stem, or by a concept of the expansion table. One word in common counts for little unless it is all
that was asked. What the terms say is no text of the base.
"""

from __future__ import annotations

import math

from cthbkb.lexicon import stems_of
from cthbkb.terms import STOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cthbkb.terms import Unit

__all__ = ["CONCEPT", "Lead", "leads", "rarity"]

MOST = 400
"""Terms that are looked at, those that hold most of the query."""

ALIKE = 0.9
"""A variant is an inflection of the word where it is worth more than this beside it."""

CONCEPT = "\ue002"
"""Stands in the index of terms before the id of an entry of the expansion table."""

RAREST = 0.5
"""Share of the greatest rarity that a word can count for: among so few terms, a word is rare by chance."""

LEAST = 0.3
"""The least likeness of a term and a query that have several words in common."""

ALONE = 0.5
"""The least likeness where they have one word in common, and more was asked."""

KNOWN = 0.6
"""The least likeness where so little was asked that records have all of it, word for word."""

FEW = 1
"""Words or phrases up to which a query is as short as that."""

BEHIND = 0.5
"""What the likeness of a term to such a query is worth: records that have its words come first."""


FURTHER = 0.3
"""Share of the likeness of each further term that is added to a record's best, of what this lacks."""

SEVERAL = 3
"""Further terms of a record that count."""


def rarity(size: int, number: int) -> float:
    """Return how much a word says of a term that `number` of all have."""
    most = RAREST * math.log(1 + size)
    return min(most, math.log(1 + (size - min(number, size) + 0.5) / (number + 0.5)))


class Lead:
    """How a query leads to a record: the text of the term most like it, how like it the record's terms are (0 to 1),
    and the groups that they hold.
    """

    __slots__ = ("groups", "like", "text")

    def __init__(self, text: str, like: float, groups: dict[int, float]) -> None:
        self.text = text
        self.like = like
        self.groups = groups


def leads(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> dict[int, Lead]:
    """Return the rows of `search_rows` to which the search terms lead from a query."""
    if not groups:
        return {}
    (size,) = db.execute("select coalesce(max(term), 0) from term_rows").fetchone()
    if not size:
        return {}
    stems = stems_of(db, {word for group in groups for unit in group for word in unit.text.split()})
    held = [_held(db, group, stems) for group in groups]
    weights = [rarity(size, len(terms)) for terms in held]
    asked = math.sqrt(sum(weight**2 for weight in weights))
    dots: dict[int, float] = {}
    for weight, terms in zip(weights, held, strict=True):
        for term, worth in terms.items():
            dots[term] = dots.get(term, 0.0) + worth * weight**2
    known = len(groups) <= FEW and _known(db, groups)
    least = KNOWN if known else LEAST
    likes: dict[int, list[tuple[float, str, dict[int, float]]]] = {}
    best = sorted(dots.items(), key=lambda d: (-d[1], d[0]))[:MOST]
    sql = "select term, row, text, norm from term_rows where term in (select value from json_each(?))"
    for term, row, text, norm in db.execute(sql, (f"[{', '.join([str(term) for term, _ in best])}]",)):
        like = min(1.0, dots[term] / (asked * norm)) if asked and norm else 0.0
        of = {n: terms[term] for n, terms in enumerate(held) if term in terms}
        enough = like >= (least if len(of) == len(groups) or len(of) > 1 else ALONE)
        if enough:
            likes.setdefault(row, []).append((like, text, of))
    found = {row: _lead(sorted(of_row, key=lambda one: (-one[0], one[1]))) for row, of_row in likes.items()}
    for lead in found.values() if known else ():
        lead.like *= BEHIND
    return found


def _lead(terms: Sequence[tuple[float, str, dict[int, float]]]) -> Lead:
    """Return what the terms of a record say together, the most like first."""
    like, text, groups = terms[0]
    groups = dict(groups)
    for _, _, of in terms[1:]:
        for group, worth in of.items():
            groups[group] = max(worth, groups.get(group, 0.0))
    for further, _, _ in terms[1 : 1 + SEVERAL]:
        like += FURTHER * (1 - like) * further
    return Lead(text, like, groups)


def _known(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> bool:
    """Return whether a record has all that was asked as it was typed, or in another inflection."""
    typed = [[f'"{v}"' for unit in group for v, worth in unit.variants.items() if worth > ALIKE] for group in groups]
    match = " AND ".join([f"({' OR '.join(variants)})" for variants in typed])
    sql = "select 1 from search where search match ? limit 1"
    return all(typed) and db.execute(sql, (match,)).fetchone() is not None


def _held(db: sqlite3.Connection, group: Sequence[Unit], stems: dict[str, str]) -> dict[int, float]:
    """Return the terms that hold one of the units of a group, each with what that is worth."""
    found: dict[int, float] = {}
    sql = "select term from term_words where key = ?"
    for unit in group:
        keys = [(CONCEPT + concept, worth) for concept, worth in unit.concepts.items()]
        words = [word for word in unit.text.split() if word not in STOP]
        if len(words) == 1:
            keys.append((stems.get(words[0], words[0]), 1.0))
        elif words:
            every = [{term for (term,) in db.execute(sql, (stems.get(word, word),))} for word in words]
            found |= dict.fromkeys(set.intersection(*every), 1.0)
        for key, worth in keys:
            for (term,) in db.execute(sql, (key,)):
                found[term] = max(worth, found.get(term, 0.0))
    return found
