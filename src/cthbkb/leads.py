"""Search terms: the records that a query finds by phrases that curators wrote for this purpose.

A term is compared with the whole query, by the cosine similarity of their words weighted by rarity among all terms.
Further matching terms of the same record increase its similarity. Words match by stem, or by an entry of the expansion
table. A single word in common counts little unless it is the whole query. Search terms are not part of the text of a
record.
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
"""Maximum number of terms compared in full: those that have most in common with the query."""

ALIKE = 0.9
"""Weight above which a variant counts as an inflection of the word."""

CONCEPT = "\ue002"
"""Prefix, in the index of terms, for the id of an entry of the expansion table."""

RAREST = 0.5
"""Upper limit for the rarity of a word, as a share of the maximum; with few terms, a word may be rare by chance."""

LEAST = 0.3
"""Minimum similarity of a term that has several words in common with the query."""

ALONE = 0.5
"""Minimum similarity of a term that has one word in common with a longer query."""

KNOWN = 0.6
"""Minimum similarity if the query is short and a record contains all of it, word for word."""

FEW = 1
"""Maximum number of words or phrases in a short query."""

BEHIND = 0.5
"""Factor for the similarity of a term to such a query, so that records that contain its words come first."""


FURTHER = 0.3
"""Factor for the similarity of further terms, which is added in proportion to the remaining distance from 1."""

SEVERAL = 3
"""Maximum number of further terms of a record that count."""


def rarity(size: int, number: int) -> float:
    """Return the weight of a word that `number` of `size` terms contain."""
    most = RAREST * math.log(1 + size)
    return min(most, math.log(1 + (size - min(number, size) + 0.5) / (number + 0.5)))


class Lead:
    """How search terms found a record: the most similar term, the similarity of the record's terms to the query (0 to
    1), and the groups that they match.
    """

    __slots__ = ("groups", "like", "text")

    def __init__(self, text: str, like: float, groups: dict[int, float]) -> None:
        self.text = text
        self.like = like
        self.groups = groups


def leads(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> dict[int, Lead]:
    """Return the rows of `search_rows` that search terms find for a query."""
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
    """Combine the matching terms of a record, given with the most similar first."""
    like, text, groups = terms[0]
    groups = dict(groups)
    for _, _, of in terms[1:]:
        for group, worth in of.items():
            groups[group] = max(worth, groups.get(group, 0.0))
    for further, _, _ in terms[1 : 1 + SEVERAL]:
        like += FURTHER * (1 - like) * further
    return Lead(text, like, groups)


def _known(db: sqlite3.Connection, groups: Sequence[Sequence[Unit]]) -> bool:
    """Return whether a record contains the whole query, as typed or in another inflection."""
    typed = [[f'"{v}"' for unit in group for v, worth in unit.variants.items() if worth > ALIKE] for group in groups]
    match = " AND ".join([f"({' OR '.join(variants)})" for variants in typed])
    sql = "select 1 from search where search match ? limit 1"
    return all(typed) and db.execute(sql, (match,)).fetchone() is not None


def _held(db: sqlite3.Connection, group: Sequence[Unit], stems: dict[str, str]) -> dict[int, float]:
    """Return the terms that contain a unit of a group, each with the weight of the match."""
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
