"""Measure the search against the judgement set: nDCG@10 and recall@10 over list items, and the worst queries.

    python bench/quality.py [--worst N] [--all]

An item is relevant or not; a query's score is 1 where all relevant items that fit into ten stand first. Plain full text
search with all words required is measured beside it, on the same records.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from cthbkb import search, store

JUDGEMENTS = Path(__file__).resolve().parents[1] / "tests" / "judgements.yaml"

Search = Callable[[str], list[str]]


def judgements() -> list[tuple[str, str, list[str]]]:
    """Return `(query, sort, relevant ids)`."""
    found = yaml.safe_load(JUDGEMENTS.read_text(encoding="utf-8"))["queries"]
    return [(q["query"], q["sort"], q["relevant"]) for q in found]


def ours(db: sqlite3.Connection) -> Search:
    """Search as the program does, over list items."""

    def found(words: str) -> list[str]:
        rows = search.search(db, search.parse(words), types=["recommendation"]).rows[:10]
        return [db.execute("select id from search_rows where rowid = ?", (r,)).fetchone()[0] for r, _ in rows]

    return found


def plain(db: sqlite3.Connection) -> Search:
    """Search by FTS5 alone: every word quoted and required, the default ranking, summaries only."""

    def found(words: str) -> list[str]:
        tokens = [w for w in "".join(c if c.isalnum() else " " for c in words).split() if w]
        match = "body : (" + " AND ".join(f'"{w}"' for w in tokens) + ")"
        sql = (
            "select r.id from search join search_rows r on r.rowid = search.rowid"
            " where search match ? and r.type = 'recommendation' order by rank limit 10"
        )
        return [i for (i,) in db.execute(sql, (match,))] if tokens else []

    return found


def ndcg(found: Sequence[str], relevant: Sequence[str]) -> float:
    """Return the normalised discounted cumulative gain at ten."""
    gain = sum(1 / math.log2(n + 2) for n, i in enumerate(found[:10]) if i in relevant)
    return gain / sum(1 / math.log2(n + 2) for n in range(min(10, len(relevant))))


def recall(found: Sequence[str], relevant: Sequence[str]) -> float:
    """Return the share of the relevant items, as far as they fit into ten, that are found."""
    return len(set(found[:10]) & set(relevant)) / min(10, len(relevant))


def measure(how: Search) -> dict[str, tuple[float, float]]:
    """Return nDCG@10 and recall@10 of each query."""
    return {q: (ndcg(f, relevant), recall(f, relevant)) for q, _, relevant in judgements() for f in [how(q)]}


def mean(scores: dict[str, tuple[float, float]], which: int) -> float:
    return sum(s[which] for s in scores.values()) / len(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst queries to list")
    args = parser.parse_args()
    db = store.open_database()
    scores = measure(ours(db))
    print(f"{len(scores)} queries     nDCG@10  recall@10")
    for name, found in (("cthbkb", scores), ("plain FTS5", measure(plain(db)))):
        print(f"{name:15} {mean(found, 0):8.3f} {mean(found, 1):10.3f}")
    print("\nthe worst:")
    for query, (score, _) in sorted(scores.items(), key=lambda s: s[1])[: args.worst]:
        relevant = next(r for q, _, r in judgements() if q == query)
        found = ours(db)(query)
        print(f"  {score:.2f}  {query}\n        missing: {', '.join(sorted(set(relevant) - set(found)))}")
        print(f"        instead: {', '.join(i for i in found if i not in relevant)}")


if __name__ == "__main__":
    main()
