"""The asks that are followed over the years, with their members, for comparisons."""

from __future__ import annotations

from cthbkb.columns import items
from cthbkb.compare import listed
from cthbkb.query import LISTINGS, resolve
from cthbkb.registry import LISTED
from cthbkb.scales import pattern, strength

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    Criteria = Mapping[str, Sequence[str]]

__all__ = ["Ask", "Member", "Move", "asks", "by_pattern", "places"]

MEMBERS = """
select m.thread, m.year, m.item, m.type, m.asks, m.part, r.kind, r.modality, r.session, r.number,
    coalesce(r.summary, s.gist, a.what, c.what), coalesce(r.document, s.document, a.document, c.document),
    coalesce(r.section, s.section, a.section, c.section), coalesce(r.item, s.item, a.item, c.item)
from members m
left join recommendations r on m.type = 'recommendation' and r.id = m.item
left join statements s on m.type = 'statement' and s.id = m.item
left join activities a on m.type = 'activity' and a.id = m.item
left join commitments c on m.type = 'commitment' and c.id = m.item
"""

ORDER = "order by m.thread, m.year, m.place"

ABOUT = """
where (m.thread, m.year, m.place) in (
    select thread, year, place from theme_members where theme in (select value from json_each(?)))
"""
"""Restricts the members to those about any theme in a list."""

PLACES = {"panel": "Panel", "side-event": "Side event"}
PARTS = {"intro": "Introduction"}


class Member:
    """An item, statement, activity or commitment in a thread; `kind` is the type of a record that is not an item."""

    __slots__ = (
        "asks", "document", "id", "is_item", "kind", "modality", "number", "part", "place", "section", "session",
        "summary", "year",
    )  # fmt: skip

    def __init__(self, year: int, id: str, type: str, asks: int, part: str | None, *of_item: str | None) -> None:
        self.year = year
        self.id = id
        self.is_item = type == "recommendation"
        self.asks = bool(asks)
        self.part = part
        kind, self.modality, self.session, self.number, summary, self.document, self.section, self.place = of_item
        self.kind = kind or type
        self.summary = summary or ""

    def rank(self) -> tuple[bool, bool, int]:
        """Return the sort key by importance: members that ask first, then members of printed lists, then by force."""
        return not self.asks, self.kind not in LISTED, strength(self.modality or "")

    def short(self) -> str:
        """Return the id without the year: `p4-r7`."""
        return self.id.removeprefix(f"{self.year}-")

    def force(self) -> str:
        """Return the modality of a member that asks; an empty string for an imperative, where it would say nothing."""
        return self.modality if self.asks and self.modality not in (None, "imperative", "statement") else ""

    def reference(self, names: Mapping[str, str]) -> str:
        """Return the place in words: `Panel 4, recommendation 7`."""
        if not self.is_item:
            return f"{self.kind} {self.id}"
        return f"{names.get(self.session or '', self.session)}, {self.kind} {self.number}"


class Move:
    """What changed in an ask between two years."""

    __slots__ = ("changes", "gained", "lost", "note")

    def __init__(self, changes: str, note: str | None, gained: str | None, lost: str | None) -> None:
        self.changes = items(changes)
        self.note = note
        self.gained = gained
        self.lost = lost


class Ask:
    """A thread: its members by year, and its moves by the earlier and the later year.

    The members, in the order of the years, may be a selection; `states` maps every year in which the thread occurs to
    asked or noted.
    """

    __slots__ = ("followed_by", "id", "label", "members", "moves", "states", "summary", "themes")

    def __init__(
        self, id: str, label: str, themes: str, summary: str, followed_by: str, asked: str, noted: str
    ) -> None:
        self.id = id
        self.label = label
        self.themes = items(themes)
        self.summary = summary
        self.followed_by = items(followed_by)
        self.states = {int(y): "asked" for y in items(asked)} | {int(y): "noted" for y in items(noted)}
        self.members: dict[int, list[Member]] = {}
        self.moves: dict[tuple[int, int], Move] = {}

    def years(self, among: Iterable[int]) -> list[int]:
        """Return the years, of those given, in which a selected member asks or notes the ask."""
        return [y for y in among if y in self.members]

    def state(self, year: int) -> str:
        """Return the state of the ask in a year: asked, noted or -."""
        members = self.members.get(year, ())
        return "asked" if any(m.asks for m in members) else "noted" if members else "-"

    def pattern(self, all_years: Sequence[int]) -> str:
        """Describe in words the years in which the ask occurs, in any item."""
        return pattern(all_years, self.states)

    def ranked(self, year: int) -> list[Member]:
        """Return the members of a year, the most important first."""
        return sorted(self.members.get(year, ()), key=Member.rank)

    def move(self, year: int, among: Iterable[int]) -> tuple[int, Move] | None:
        """Return the last year before this one in which the ask occurs, and the move from that year."""
        before = [y for y in self.years(among) if y < year]
        if year not in self.members or not before or (before[-1], year) not in self.moves:
            return None
        return before[-1], self.moves[before[-1], year]

    def flat(self, year: int, among: Sequence[int]) -> tuple[int | None, str, str | None, str | None, str | None]:
        """Return the columns of the move into a year: since, change, note, gained, lost."""
        found = self.move(year, among)
        if found is None:
            return None, "[]", None, None, None
        since, move = found
        return since, listed(move.changes), move.note, move.gained, move.lost


def asks(db: sqlite3.Connection, criteria: Criteria) -> list[Ask]:
    """Return the asks with the members that match the criteria (themes, kinds); asks without members are omitted."""
    themes = resolve(db, LISTINGS["recs"], "theme", criteria.get("theme", ()))
    kinds = resolve(db, LISTINGS["recs"], "kind", criteria.get("kind", ()))
    sql = (
        "select t.id, t.label, t.themes, t.summary, t.followed_by, y.asked, y.noted from threads t"
        " join thread_years y on y.thread = t.id order by t.seq"
    )
    found = {row[0]: Ask(*row) for row in db.execute(sql)}
    rows = db.execute(MEMBERS + ABOUT + ORDER, (listed(themes),)) if themes else db.execute(MEMBERS + ORDER)
    for thread, *of_member in rows:
        member = Member(*of_member)
        if not kinds or member.kind in kinds:
            found[thread].members.setdefault(member.year, []).append(member)
    sql = (
        "select m.thread, a.year, b.year, m.changes, m.note, m.gained, m.lost from moves m"
        ' join conferences a on a.id = m."from" join conferences b on b.id = m."to"'
    )
    for thread, a, b, *move in db.execute(sql):
        found[thread].moves[a, b] = Move(*move)
    return [ask for ask in found.values() if ask.members]


def places(db: sqlite3.Connection) -> dict[str, str]:
    """Return the names of sessions in references, by id: `Panel 4`, `Opening`, `Preface`."""
    found = {}
    for id_, type_, number in db.execute("select id, type, number from sessions"):
        word = id_.partition("-")[2] if type_ == "part" else type_
        found[id_] = f"{PLACES[type_]} {number}" if type_ in PLACES and number else PARTS.get(word, word.capitalize())
    return found


def by_pattern(found: Iterable[Ask], all_years: Sequence[int]) -> dict[str, list[Ask]]:
    """Group asks by their years in words, sorted by the number of years and then by the first year."""
    groups: dict[str, list[Ask]] = {}
    for ask in sorted(found, key=lambda a: (-len(a.members), tuple(a.members))):
        groups.setdefault(ask.pattern(all_years), []).append(ask)
    return groups
