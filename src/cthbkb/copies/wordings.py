"""The wordings of an ask from year to year, side by side, with the changes between two of them marked."""

from __future__ import annotations

from cthbkb import page
from cthbkb.compare import bases, caveat
from cthbkb.compare.asks import asks
from cthbkb.copies import quotes
from cthbkb.query import LISTINGS, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from cthbkb.columns import Row
    from cthbkb.compare import Asked
    from cthbkb.compare.asks import Ask
    from cthbkb.copies.resolve import Passage

__all__ = ["Wordings", "likeness", "marked"]

GONE, NEW = ("[-", "-]"), ("{+", "+}")
"""Marks around words that only the earlier wording has, and around words that only the later has, as in `wdiff`."""


ALIKE = 0.15
"""Minimum similarity for a wording to be compared with an earlier one."""


class Wordings:
    """The compared asks, with the original words of their items; `notes` says which copies are missing."""

    def __init__(self, db: sqlite3.Connection, asked: Asked) -> None:
        self.bases = bases(db, asked.years)
        self.years = [base.year for base in self.bases]
        self.caveat = caveat(self.bases)
        about = set(map(str, resolve(db, LISTINGS["recs"], "theme", asked.criteria.get("theme", ()))))
        found = [ask for ask in asks(db, asked.criteria) if ask.years(self.years)]
        self.asks = [ask for ask in found if not about or not about.isdisjoint(ask.themes)]
        self.asks.sort(key=lambda ask: -len(ask.years(self.years)))
        items = {m.id: m for ask in self.asks for year in self.years for m in ask.members.get(year, ())}
        tables = {"recommendation": "recommendations", "statement": "statements"}
        named = [(tables.get("recommendation" if m.is_item else m.kind, ""), m.id) for m in items.values()]
        self.found, self.notes = quotes(db, [(table, id_) for table, id_ in named if table])

    def ids(self) -> list[str]:
        """Return the items that are quoted."""
        return [id_ for ask in self.asks for _, id_, _ in self._quoted(ask)]

    def _quoted(self, ask: Ask) -> Iterator[tuple[int, str, Passage]]:
        """Yield the quoted items of an ask by year, the most important ones first."""
        for year in ask.years(self.years):
            yield from ((year, m.id, self.found[m.id]) for m in ask.ranked(year) if m.id in self.found)

    def rows(self) -> Iterator[Row]:
        """Yield one row per item; `changed` marks the changes from the most similar earlier wording, in `against`."""
        for ask in self.asks:
            for year, id_, passage in self._quoted(ask):
                against, changed = self._against(ask, year, passage.text)
                yield ask.id, ask.label, year, id_, passage.text, passage.place, against, changed

    def _against(self, ask: Ask, year: int, text: str) -> tuple[str | None, str | None]:
        """Return the item of an earlier year with the most similar wording, and the wording with its changes marked."""
        earlier = [(likeness(p.text, text), id_, p.text) for y, id_, p in self._quoted(ask) if y < year]
        alike, id_, before = max(earlier, default=(0.0, "", ""), key=lambda e: e[0])
        return (id_, marked(before, text)) if alike >= ALIKE else (None, None)

    def page(self) -> list[page.Block]:
        """Return the page: one row per ask and one column per year, with changes from an earlier year marked."""
        rows = []
        for ask in self.asks:
            quoted = list(self._quoted(ask))
            cells = []
            for year in self.years:
                cell = []
                for y, id_, passage in quoted:
                    if y == year:
                        against, changed = self._against(ask, year, passage.text)
                        tail = (
                            f"[{id_.removeprefix(f'{year}-')}, {passage.place}{f', from {against}' if against else ''}]"
                        )
                        cell.append(page.Para(changed or passage.text, tail=page.glued(tail)))
                cells.append(cell or [page.Para("not quoted" if year in ask.members else "-")])
            if quoted:
                rows.append(page.Row(cells, ask.label))
        heads = [[page.Para(base.name(), style="bold")] for base in self.bases]
        marks = f"{GONE[0]}words{GONE[1]} are only in the earlier wording, {NEW[0]}words{NEW[1]} only in the later one."
        columns = page.Columns([str(year) for year in self.years], heads, rows, empty="-", spaced=True)
        return [columns, page.Blank(), page.Para(marks)]


def likeness(before: str, after: str) -> float:
    """Return the similarity of two wordings, from 0 to 1."""
    import difflib

    return difflib.SequenceMatcher(None, _bare(before), _bare(after), autojunk=False).ratio()


def marked(before: str, after: str) -> str:
    """Return a wording with its changes from an earlier one marked, as in `[-might-] {+should+} be`.

    Differences in case and punctuation are ignored.
    """
    import difflib

    old, new = before.split(), after.split()
    matcher = difflib.SequenceMatcher(None, _bare(before), _bare(after), autojunk=False)
    made: list[str] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            made += new[c:d]
            continue
        made += [GONE[0] + " ".join(old[a:b]) + GONE[1]] * (a < b)
        made += [NEW[0] + " ".join(new[c:d]) + NEW[1]] * (c < d)
    return " ".join(made)


def _bare(text: str) -> list[str]:
    """Return the words of a text, split at spaces, without case and punctuation."""
    return [word.casefold().strip(".,;:!?\"'“”‘’()") for word in text.split()]
