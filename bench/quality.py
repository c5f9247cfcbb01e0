"""Measure the search against the judgement set: nDCG@10 and recall@10 over list items, and the worst queries.

    python bench/quality.py [--worst N]

An item is relevant or not; a query's score is 1 where all relevant items that fit into ten come first. Items that
nobody judged are left out of a ranking before it is scored. Plain full text search with all words required is measured
beside it, on the same records.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from cthbkb import search, store, terms

JUDGEMENTS = Path(__file__).resolve().parents[1] / "tests" / "judgements.yaml"

Search = Callable[[str], list[str]]


def judgements(which: str) -> list[tuple[str, list[str]]]:
    """Return `(query, relevant ids)` of the set `curator` or `users`."""
    found = yaml.safe_load(JUDGEMENTS.read_text(encoding="utf-8"))[which]
    return [(q["query"], q["relevant"]) for q in found]


def judged(db: sqlite3.Connection) -> set[str]:
    """Return the ids of the items that the judgements cover."""
    covers = yaml.safe_load(JUDGEMENTS.read_text(encoding="utf-8"))["covers"]
    rows = db.execute("select id, document, kind from recommendations")
    return {id_ for id_, document, kind in rows if kind in covers.get(document, ())}


def ours(db: sqlite3.Connection) -> Search:
    """Search as the program does, over judged items."""
    known = judged(db)

    def found(words: str) -> list[str]:
        rows = search.search(db, terms.parse(words), types=["recommendation"]).rows
        ids = dict(db.execute("select rowid, id from search_rows where type = 'recommendation'"))
        return [ids[rowid] for rowid, _ in rows if ids[rowid] in known][:10]

    return found


def plain(db: sqlite3.Connection) -> Search:
    """Search by FTS5 alone: every word quoted and required, the default ranking, summaries of judged items only."""
    known = judged(db)

    def found(words: str) -> list[str]:
        tokens = [w for w in "".join(c if c.isalnum() else " " for c in words).split() if w]
        match = "body : (" + " AND ".join(f'"{w}"' for w in tokens) + ")"
        sql = (
            "select r.id from search join search_rows r on r.rowid = search.rowid"
            " where search match ? and r.type = 'recommendation' order by rank"
        )
        return [i for (i,) in db.execute(sql, (match,)) if i in known][:10] if tokens else []

    return found


def ndcg(found: Sequence[str], relevant: Sequence[str]) -> float:
    """Return the normalised discounted cumulative gain at ten."""
    gain = sum(1 / math.log2(n + 2) for n, i in enumerate(found[:10]) if i in relevant)
    return gain / sum(1 / math.log2(n + 2) for n in range(min(10, len(relevant))))


def recall(found: Sequence[str], relevant: Sequence[str]) -> float:
    """Return the share of the relevant items, as far as they fit into ten, that are found."""
    return len(set(found[:10]) & set(relevant)) / min(10, len(relevant))


Scores = dict[str, tuple[float, float]]


def measure(how: Search, which: str) -> Scores:
    """Return nDCG@10 and recall@10 of each query of a set."""
    found = {q: (how(q), relevant) for q, relevant in judgements(which)}
    return {q: (ndcg(rows, relevant), recall(rows, relevant)) for q, (rows, relevant) in found.items()}


def mean(scores: Scores, which: int) -> float:
    """Return the mean of nDCG@10 (0) or recall@10 (1)."""
    return sum(s[which] for s in scores.values()) / len(scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worst", type=int, default=5, help="how many of the worst queries of each set to list")
    args = parser.parse_args()
    db = store.open_database()
    for which in ("curator", "users"):
        scores = measure(ours(db), which)
        print(f"{which}: {len(scores)} queries".ljust(28) + "nDCG@10  recall@10")
        for name, found in (("cthbkb", scores), ("plain FTS5", measure(plain(db), which))):
            print(f"  {name:25} {mean(found, 0):7.3f} {mean(found, 1):10.3f}")
        for query, (score, _) in sorted(scores.items(), key=lambda s: s[1])[: args.worst]:
            relevant = dict(judgements(which))[query]
            found_ids = ours(db)(query)
            print(f"    {score:.2f}  {query}")
            print(f"          missing: {', '.join(sorted(set(relevant) - set(found_ids)))}")
            print(f"          instead: {', '.join(i for i in found_ids if i not in relevant)}")


if __name__ == "__main__":
    main()
