"""Measure the search on judged queries: nDCG@10 by sort of query, compared with FTS5 and Porter, and the worst queries.

    python bench/quality.py [--worst N] [--set FILE]

A judgement is `{query, sort, relevant: {id: grade}}`. The grade is 2 for a record that answers the query, and 1 for a
record close to an answer; its gain is 2^grade - 1. A query without relevant records must find no rows, or get a note on
what is missing. `types` are the types of records that were judged (all by default), and `covers` the documents with the
kinds of items that were judged; all other records are removed from a ranking before it is scored. `floors` are the
minimum scores by sort.
"""

from __future__ import annotations

import argparse
import math
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml

from cthbkb import search, store, terms
from cthbkb.rank import Found
from cthbkb.registry import TABLES

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
JUDGEMENTS = Path(__file__).resolve().parents[1] / "tests" / "judgements.yaml"
FLOOR = 0.65
"""Minimum score of a sort of query for which the set does not give one."""

Search = Callable[[str], list[str]]
Scores = dict[str, dict[str, float]]


class Judgements:
    """A set of judged queries."""

    def __init__(self, path: Path = JUDGEMENTS) -> None:
        found: dict[str, Any] = yaml.load(path.read_bytes(), LOADER)
        self.queries: list[dict[str, Any]] = found["queries"]
        self.types: list[str] = found.get("types", [])
        self.covers: dict[str, list[str]] = found.get("covers", {})
        self.floors: dict[str, float] = found.get("floors", {})

    def floor(self, sort: str) -> float:
        """Return the minimum score of a sort of query."""
        return self.floors.get(sort, FLOOR)

    def judged(self, db: sqlite3.Connection) -> dict[int, str]:
        """Return the rows of the index that were judged, with the ids of their records."""
        covered = dict(db.execute("select id, document || ' ' || kind from recommendations"))
        known = {f"{document} {kind}" for document, kinds in self.covers.items() for kind in kinds}
        rows = db.execute("select rowid, id, type from search_rows")
        judged = {rowid: (id_, type_) for rowid, id_, type_ in rows if not self.types or type_ in self.types}
        if not known:
            return {rowid: id_ for rowid, (id_, _) in judged.items()}
        others = _of_other_documents(db, self.covers)
        return {
            rowid: id_
            for rowid, (id_, type_) in judged.items()
            if (covered[id_] in known if type_ == "recommendation" else (type_, id_) not in others)
        }


def _of_other_documents(db: sqlite3.Connection, documents: Collection[str]) -> set[tuple[str, str]]:
    """Return the type and id of the records that do not belong to any of the given documents."""
    found = set()
    for table in TABLES.values():
        columns = [name for _, name, *_ in db.execute(f"pragma table_info({table.name})")]
        if table.indexed and "document" in columns:
            rows = db.execute(f"select id, document from {table.name}")
            found |= {(table.singular, id_) for id_, document in rows if document and document not in documents}
    return found


def ours(db: sqlite3.Connection, judged: Mapping[int, str]) -> Search:
    """Search as the program does."""
    return lambda query: _first(judged[rowid] for rowid, _ in _found(db, query).rows if rowid in judged)


def _found(db: sqlite3.Connection, query: str) -> Found:
    return search.search(db, terms.parse(query))


def is_missing(db: sqlite3.Connection, query: str) -> bool:
    """Return whether the program says that a query has no answer."""
    found = _found(db, query)
    return not found.rows or any(
        "no record contains" in note or "only search terms contain" in note for note in found.notes
    )


@contextmanager
def porter(db: sqlite3.Connection, judged: Mapping[int, str]) -> Iterator[Search]:
    """Provide a search only with FTS5 and its Porter stemmer: all words, or any word if no record has all; by bm25."""
    index = sqlite3.connect(":memory:")
    index.execute("create virtual table plain using fts5(text, tokenize = 'porter unicode61')")
    for rowid, fields in db.execute("select rowid, fields from search_rows"):
        text = " ".join(field.partition("\x1f")[2] for field in fields.split("\x1e"))
        index.execute("insert into plain (rowid, text) values (?, ?)", (rowid, text))

    def found(query: str) -> list[str]:
        words = "".join(c if c.isalnum() else " " for c in query).split()
        for joint in (" AND ", " OR "):
            match = joint.join(f'"{word}"' for word in words)
            rows = index.execute("select rowid from plain where plain match ? order by rank", (match,)).fetchall()
            if rows:
                return _first(judged[rowid] for (rowid,) in rows if rowid in judged)
        return []

    yield found
    index.close()


def _first(ids: Iterator[str], most: int = 10) -> list[str]:
    """Return the first ids, without duplicates."""
    return list(dict.fromkeys(ids))[:most]


def ndcg(found: Sequence[str], relevant: Mapping[str, int]) -> float:
    """Return the normalised discounted cumulative gain at ten."""
    best = sorted(relevant.values(), reverse=True)
    return _gain([relevant.get(i, 0) for i in found]) / _gain(best)


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(n + 2) for n, grade in enumerate(grades[:10]))


def measure(how: Search, judgements: Judgements) -> Scores:
    """Return nDCG@10 of each query that has an answer, by sort."""
    scores: Scores = {}
    for q in judgements.queries:
        if q["relevant"]:
            scores.setdefault(q["sort"], {})[q["query"]] = ndcg(how(q["query"]), q["relevant"])
    return scores


def mean(scores: Mapping[str, float]) -> float:
    """Return the mean score of some queries."""
    return sum(scores.values()) / len(scores)


def overall(scores: Scores) -> float:
    """Return the mean over all queries."""
    return mean({query: score for of_sort in scores.values() for query, score in of_sort.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worst", type=int, default=10, help="how many of the worst queries to list")
    parser.add_argument("--set", type=Path, default=JUDGEMENTS, help="the judgements to measure with")
    args = parser.parse_args()
    judgements = Judgements(args.set)
    with closing(store.open_database()) as db:
        judged = judgements.judged(db)
        how = ours(db, judged)
        scores = measure(how, judgements)
        with porter(db, judged) as peer:
            plain = measure(peer, judgements)
        print(f"{'sort':14} queries  cthbkb  Porter  floor")
        for sort, found in sorted(scores.items()):
            floor = judgements.floor(sort)
            missed = " MISSED" if mean(found) < floor or mean(found) < mean(plain[sort]) else ""
            print(f"{sort:14} {len(found):7} {mean(found):7.3f} {mean(plain[sort]):7.3f} {floor:6.2f}{missed}")
        print(f"{'all':14} {len(judgements.queries):7} {overall(scores):7.3f} {overall(plain):7.3f}")
        for q in judgements.queries:
            if not q["relevant"]:
                print(
                    f"{q['query']}: {'said to be missing' if is_missing(db, q['query']) else 'NOT said to be missing'}"
                )
        relevant = {q["query"]: q["relevant"] for q in judgements.queries}
        worst = sorted((score, query) for of_sort in scores.values() for query, score in of_sort.items())
        for score, query in worst[: args.worst]:
            ids = how(query)
            print(f"{score:.2f}  {query}")
            print(f"      missing: {', '.join(sorted(set(relevant[query]) - set(ids)))}")
            print(f"      instead: {', '.join(i for i in ids if i not in relevant[query])}")


if __name__ == "__main__":
    main()
