"""A series of five conferences made at random, always the same, and a scan of its records.

There are asks of one to five years, with gaps, in items and other records of any kind, theme and force: combinations
that a few records written by hand do not have. A test compares an answer with what `Series` finds by a scan.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from cthbkb import seed as seeds
from cthbkb.registry import KINDS

__all__ = ["LISTED", "SUBJECTS", "THEMES", "YEARS", "Record", "Series"]

SUBJECTS = {2041: "locks", 2042: "ropes", 2044: "sails", 2047: "winds", 2048: "ice"}
"""Maps a year to the subject of its conference; that of 2044 has no printed list."""

YEARS = tuple(SUBJECTS)
THEMES = ("bells", "crews", "docks", "ebb", "fish", "gulls")
"""No record is about the last of the themes."""

FORCES = ("must", "imperative", "should", "encourage", "can", "statement")
CHANGES = ("sharpened", "softened", "broadened", "narrowed", "refocused", "repeated", "noted")
LETTERS = {kind.name: kind.letter for kind in KINDS.values()}
LISTED = ("recommendation", "observation", "takeaway", "framework", "call")
SESSIONS = ("opening", "p1", "p2")

Record = dict[str, Any]


class Series:
    """The records of the series: entries of threads have a place, and items and other records a year and a kind."""

    def __init__(self) -> None:
        rng = random.Random(5)
        tables = "documents conferences sessions organizations themes threads recommendations statements activities"
        self.tables: dict[str, list[Record]] = {name: [] for name in f"{tables} commitments thread_items moves".split()}
        put = {name: rows.append for name, rows in self.tables.items()}
        put["organizations"]({"id": "guild", "name": "Guild", "kind": "ngo"})
        for theme in THEMES:
            put["themes"]({"id": theme, "label": theme.capitalize(), "scope_note": "Note."})
        for number, year in enumerate(YEARS, 1):
            document = {"document": f"{year}-doc", "section": "S"}
            put["documents"](
                {
                    "id": f"{year}-doc", "title": f"Papers of {year}", "conference": str(year), "publisher": "Guild",
                    "kind": "conclusions" if number % 2 else "highlights", "citation": f"Papers of {year}",
                }
            )  # fmt: skip
            put["conferences"](
                {
                    "id": str(year), "number": number, "title": f"Conference {number}", "subject": SUBJECTS[year],
                    "held_start": f"{year}-06-01", "held_end": f"{year}-06-02", "city": "Wien", **document,
                }
            )  # fmt: skip
            for session in SESSIONS:
                type_, n = ("panel", {"number": int(session[1])}) if session != "opening" else (session, {})
                put["sessions"]({"id": f"{year}-{session}", "type": type_, "title": f"On {session}", **n, **document})
            for session in SESSIONS:
                for kind in rng.choices([k for k in LETTERS if year != 2044 or k not in LISTED], k=8):
                    at = sum(
                        r["id"].startswith(f"{year}-{session}-{LETTERS[kind]}") for r in self.tables["recommendations"]
                    )
                    id_ = f"{year}-{session}-{LETTERS[kind]}{at + 1}"
                    force = "statement" if kind == "observation" else rng.choice(FORCES)
                    about = {"themes": self._themes(rng), "modality": force}
                    put["recommendations"]({"id": id_, "summary": f"What {id_} says.", **about, **document})
            for n in (1, 2):
                gist = {
                    "session": f"{year}-p{n}",
                    "medium": "remark",
                    "gist": f"Remark {n}.",
                    "speaker_as_printed": "X",
                }
                put["statements"]({"id": f"{year}-p{n}-q1", **gist, "themes": self._themes(rng), **document})
            act = {"type": "visit", "what": "A visit.", "status": "done", "themes": self._themes(rng)}
            put["activities"]({"id": f"{year}-act1", **act, **document})
            com = {"who": "guild", "what": "A promise.", "themes": self._themes(rng)}
            put["commitments"]({"id": f"{year}-com1", **com, **document})
        self.records: dict[str, Record] = {}
        kinds = {letter: kind for kind, letter in LETTERS.items()}
        for name, kind in (("recommendations", ""), ("statements", "statement"), ("activities", "activity"),
                           ("commitments", "commitment")):  # fmt: skip
            for r in self.tables[name]:
                kind_ = kind or kinds[r["id"].rpartition("-")[2][0]]
                text = r.get("summary") or r.get("gist") or r.get("what")
                found = {"year": int(r["id"][:4]), "kind": kind_, "is_item": not kind, "text": text}
                self.records[r["id"]] = {**r, **found}
        self._threads(rng)

    @staticmethod
    def _themes(rng: random.Random) -> list[str]:
        return rng.sample(THEMES[:-1], rng.choice((1, 1, 2)))

    def _threads(self, rng: random.Random) -> None:
        used: set[tuple[str, str]] = set()
        for n in range(16):
            id_ = f"ask-{n}"
            after = {"followed_by": [f"ask-{n + 1}", "ask-0"]} if n % 4 == 1 else {}
            told = {"label": f"Ask number {n}", "themes": self._themes(rng), "summary": f"Summary {n}."}
            self.tables["threads"].append({"id": id_, **told, **after})
            years = sorted(rng.sample(YEARS, rng.choice((1, 2, 3, 4, 5, 5))))
            for year in years:
                known = [i for i, r in self.records.items() if r["year"] == year]
                for item in rng.sample(known, rng.choice((1, 1, 2, 3))):
                    if (id_, item) not in used:
                        used.add((id_, item))
                        asks = self.records[item].get("modality") != "statement" and rng.random() < 0.7
                        part = {"part": f"part {len(used)}"} if rng.random() < 0.3 else {}
                        self.tables["thread_items"].append({"thread": id_, "item": item, "asks": asks, **part})
            for a in years:
                for b in years:
                    if a < b and rng.random() < 0.9:
                        more = {
                            name: f"{name} of {n} from {a} to {b}."
                            for name in ("note", "gained", "lost")
                            if rng.random() < 0.6
                        }
                        changes = rng.sample(CHANGES, rng.choice((1, 1, 2)))
                        self.tables["moves"].append(
                            {"thread": id_, "from": str(a), "to": str(b), "changes": changes, **more}
                        )

    def seed(self) -> seeds.Seed:
        """Return the records as a seed."""
        return seeds.parse(json.dumps(self.tables).encode(), "series.yaml")

    def items(self, themes: Sequence[str] = (), kinds: Sequence[str] = (), years: Sequence[int] = ()) -> list[Record]:
        """Return the items about any of the themes, of any of the kinds and years; nothing means all."""
        return [r for r in self.records.values() if r["is_item"] and self._is(r, themes, kinds, years)]

    @staticmethod
    def _is(r: Record, themes: Sequence[str], kinds: Sequence[str], years: Sequence[int]) -> bool:
        about = not themes or any(theme in r["themes"] for theme in themes)
        return about and (not kinds or r["kind"] in kinds) and (not years or r["year"] in years)

    def entries(
        self, thread: str, themes: Sequence[str] = (), kinds: Sequence[str] = (), years: Sequence[int] = ()
    ) -> dict[int, list[Record]]:
        """Return the entries of a thread by year, as their records with `asks` and `part`."""
        own = [entry for entry in self.tables["thread_items"] if entry["thread"] == thread]
        every = [{"part": None, **self.records[entry["item"]], **entry} for entry in own]
        chosen = [entry for entry in every if self._is(entry, themes, kinds, years)]
        found = {year: [entry for entry in chosen if entry["year"] == year] for year in YEARS}
        return {year: entries for year, entries in found.items() if entries}

    def move(self, thread: str, first: int, last: int) -> Record | None:
        """Return the move of a thread between two years."""
        wanted = (thread, str(first), str(last))
        return next((m for m in self.tables["moves"] if (m["thread"], m["from"], m["to"]) == wanted), None)

    def alone(self, items: Iterable[Record]) -> list[Record]:
        """Return the items that belong to no thread."""
        inside = {entry["item"] for entry in self.tables["thread_items"]}
        return [r for r in items if r["id"] not in inside]
