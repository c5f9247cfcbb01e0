"""`compare --theme`: the items about a theme, and no others, by ask and year.

The asks about the theme come first, with the years side by side; then the items about it whose ask is about something
else; then the items in no ask. Every item about the theme is on the page, as a text or as a reference.
"""

from __future__ import annotations

from cthbkb import page
from cthbkb.compare import Comparison, again, bases, caveat, ids, listed, numbers, sentence
from cthbkb.compare.asks import Member, asks, by_pattern, places
from cthbkb.messages import agreed, counted
from cthbkb.query import LISTINGS, Selection, resolve
from cthbkb.registry import LISTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Asked, Base, Criteria
    from cthbkb.compare.asks import Ask
    from cthbkb.page import Cell

__all__ = ["cell", "compare"]

NAMED = 300
"""Maximum number of items in no ask that are listed individually; above it, they are only counted."""

SHOWN = 12
"""Maximum number of items in no ask that get a line of the page each."""

TEXT = 200
"""Maximum length of a summary in a cell."""

EMPTY = "nothing"


class Theme:
    """Data shared by the views of a theme: the asks with the members about it, and the items in no ask."""

    __slots__ = (
        "all_years",
        "asks",
        "bases",
        "criteria",
        "db",
        "found",
        "kinds",
        "labels",
        "outside",
        "themes",
        "years",
    )

    def __init__(self, db: sqlite3.Connection, years: Sequence[int], criteria: Criteria) -> None:
        self.db = db
        self.criteria = criteria
        self.themes = [str(t) for t in resolve(db, LISTINGS["recs"], "theme", criteria["theme"])]
        self.bases = bases(db, years)
        self.years = [base.year for base in self.bases]
        self.all_years = [base.year for base in bases(db)]
        self.found = [ask for ask in asks(db, criteria) if ask.years(self.years)]
        self.asks = dict(db.execute("select id, label from threads"))
        self.kinds = _kinds(db, self.themes, criteria)
        self.outside = _outside(db, self.years, criteria, sum(row[3] for row in self.kinds))
        labels = dict(db.execute("select id, label from themes where id in (select value from json_each(?))",
                                 (listed(self.themes),)))  # fmt: skip
        self.labels = [str(labels[theme]) for theme in self.themes]

    def main(self) -> list[Ask]:
        """Return the asks that are about the theme, those with the most years first."""
        about = [ask for ask in self.found if not set(self.themes).isdisjoint(ask.themes)]
        return [ask for group in by_pattern(about, self.all_years).values() for ask in group]

    def others(self) -> list[tuple[Ask, Member]]:
        """Return the members about the theme that belong only to asks about something else, without duplicates."""
        shown = {m.id for ask in self.main() for y in self.years for m in ask.members.get(y, ())}
        found: dict[str, tuple[Ask, Member]] = {}
        for ask in self.found:
            for year in ask.years(self.years):
                for member in ask.ranked(year):
                    if member.id not in shown:
                        found.setdefault(member.id, (ask, member))
        order = [ask.id for ask in self.found]
        return sorted(found.values(), key=lambda pair: (order.index(pair[0].id), pair[1].year))

    def count(self, year: int, among: Iterable[str] = ()) -> int:
        """Return the number of items of a year about the theme, only of some kinds if these are given."""
        kinds = tuple(among)
        return sum(items for y, kind, items, _ in self.kinds if y == year and (not kinds or kind in kinds))

    def state(self, year: int) -> str:
        """Return the state of the theme in a year: whether an item asks, items only note it, or there is none."""
        if any(ask.state(year) == "asked" for ask in self.found) or self._asks_alone(year):
            return "asked"
        if any(year in ask.members for ask in self.found) or self.count(year):
            return "noted"
        return "by no such item" if self.criteria.get("kind") else "not raised"

    def _asks_alone(self, year: int) -> bool:
        """Return whether an item of a year in no ask asks, even if there are too many such items to name them."""
        if self.outside or not self.alone():
            return any(m.asks for m in self.outside.get(year, ()))
        selection = Selection(self.db, LISTINGS["recs"], {**self.criteria, "year": [str(year)]})
        found = f"select v.thread, v.modality{selection.sql}"
        sql = f"select 1 from ({found}) where thread is null and modality <> 'statement' limit 1"
        return self.db.execute(sql, selection.parameters).fetchone() is not None

    def alone(self) -> int:
        """Return the number of items about the theme that belong to no ask."""
        return sum(outside for year, _, _, outside in self.kinds if year in self.years)


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Compare the items about a theme: one flat row per ask and item, with those in no ask last."""
    theme = Theme(db, asked.years, asked.criteria)
    return Comparison(
        "compare-theme",
        _rows(theme),
        caveat(theme.bases),
        lambda: list(_page(theme)),
        lambda: ids(db, asked.criteria, asked.years),
    )


def _kinds(db: sqlite3.Connection, themes: Sequence[str], criteria: Criteria) -> list[tuple[int, str, int, int]]:
    """Return `(year, kind, items, items in no thread)` for items about the theme; stored counts for a single theme."""
    if len(themes) == 1 and not criteria.get("kind"):
        sql = "select year, kind, items, outside from theme_kinds where theme = ? order by year, kind"
        return db.execute(sql, themes).fetchall()
    selection = Selection(db, LISTINGS["recs"], criteria)
    sql = f"select v.year, v.kind, count(*), sum(v.thread is null){selection.sql} group by v.year, v.kind order by 1, 2"
    return db.execute(sql, selection.parameters).fetchall()


def _outside(db: sqlite3.Connection, years: Sequence[int], criteria: Criteria, count: int) -> dict[int, list[Member]]:
    """Return the items about the theme that belong to no thread, by year; none if there are too many."""
    found: dict[int, list[Member]] = {}
    if not 0 < count <= NAMED:
        return found
    selection = Selection(db, LISTINGS["recs"], {**criteria, "year": [str(y) for y in years]})
    names = "year id thread kind modality session number summary document section item".split()
    for year, id_, thread, *of_item in db.execute(*selection.rows(names)):
        if thread is None:
            asks = of_item[1] != "statement"
            found.setdefault(year, []).append(Member(year, id_, "recommendation", asks, None, *of_item))
    return found


def _rows(theme: Theme) -> Iterator[Row]:
    main = {ask.id for ask in theme.main()}
    for ask in sorted(theme.found, key=lambda a: a.id not in main):
        for year in ask.years(theme.years):
            for member in ask.members[year]:
                move = ask.flat(year, theme.years)
                yield _row(member, (ask.id, ask.label, int(ask.id in main) or None), move)
    for year in theme.years:
        for member in theme.outside.get(year, ()):
            yield _row(member, (None, None, None), (None, "[]", None, None, None))


def _row(member: Member, ask: Sequence[str | int | None], move: Sequence[str | int | None]) -> Row:
    return (
        *ask, member.year, "asked" if member.asks else "noted", member.id, member.kind, member.modality,
        member.summary, member.part, *move, member.document, member.section, member.place,
    )  # fmt: skip


def _page(theme: Theme) -> Iterator[page.Block]:
    main, others, names = theme.main(), theme.others(), places(theme.db)
    states = " · ".join(page.glued(f"{year} {theme.state(year)}") for year in theme.years)
    yield page.Heading(" or ".join(theme.labels).upper(), states)
    yield page.Blank()
    if len(main) == 1:
        yield page.Para(main[0].summary)
        yield page.Blank()
    elif main:
        groups = by_pattern(main, theme.all_years).items()
        listing = "; ".join(f"{words}{page.glued(f' ({len(group)})')}" for words, group in groups)
        yield page.Para(f"{len(main)} asks are about it: {listing}.")
        yield page.Blank()
    heads = [_head(theme, base) for base in theme.bases]
    rows = [_ask(theme, ask, names, len(main) > 1) for ask in main]
    yield page.Columns([str(y) for y in theme.years], heads, rows, EMPTY, spaced=True)
    if others or theme.alone():
        yield page.Blank()
    yield from _others(theme, others)
    yield from _alone(theme)
    yield page.Blank()
    yield page.Para(f"{_total(theme)} {caveat(theme.bases)}")
    yield page.Para(_next(theme, main))


def _head(theme: Theme, base: Base) -> Cell:
    """Return the heading of a conference, with the number of its items about the theme."""
    inside = theme.count(base.year, LISTED)
    prose = theme.count(base.year) - inside
    share = f" ({round(100 * inside / base.listed)}\xa0%)" if inside else ""
    return [
        page.Para(base.name(), style="bold"),
        page.Para(base.documents or "no printed list"),
        page.Para(f"{inside} of {counted(base.listed, 'listed items')}{share}"),
        *([page.Para(f"{prose} of {base.prose} in prose")] if prose else []),
    ]


def _ask(theme: Theme, ask: Ask, names: Mapping[str, str], summed: bool) -> page.Row:
    """Lay out an ask: its name with the moves, one cell per year, and what each move added and dropped."""
    steps = [(found[0], year, found[1]) for year in theme.years if (found := ask.move(year, theme.years))]
    right = " · ".join(page.glued(f"{a} → {b}: {', '.join(move.changes).upper()}") for a, b, move in steps)
    below = []
    for a, b, move in steps:
        parts = [move.note or ""]
        parts += [f"New: {sentence(move.gained)}"] if move.gained else []
        parts += [f"Not repeated: {sentence(move.lost)}"] if move.lost else []
        if any(parts):
            below.append(page.Para(" ".join(filter(None, parts)), f"{a} → {b}:", indent=3, hang=3))
    spoken = ask.years(theme.years)
    net = ask.moves.get((spoken[0], spoken[-1])) if len(steps) > 1 else None
    if net:
        text = f"{', '.join(net.changes)}{'. ' + net.note if net.note else ''}"
        below.append(page.Para(text, f"{spoken[0]} → {spoken[-1]}, overall:", indent=3, hang=3))
    if ask.followed_by:
        followers = ", ".join(f"{theme.asks[id_]} ({page.glued(id_)})" for id_ in ask.followed_by)
        below.append(page.Para(followers, "Replaced by:", indent=3, hang=3))
    above = [page.Para(ask.summary, indent=3)] if summed else []
    return page.Row([cell(theme.criteria, ask, year, names) for year in theme.years], ask.label, right, below, above)


def cell(criteria: Criteria, ask: Ask, year: int, names: Mapping[str, str]) -> Cell:
    """Lay out an ask in a year: the text of two items that ask or of one that notes, and references to the others."""
    ranked = ask.ranked(year)
    if not ranked:
        rest = "by no such item" if criteria.get("kind") else "but not on this theme"
        return [page.Para(f"{ask.states[year]}, {rest}" if year in ask.states else EMPTY)]
    reasons = [m for m in ranked if any(_is_reason(m, other) for other in ranked)]
    asking = [m for m in ranked if m.asks and m not in reasons]
    noting = [m for m in ranked if not m.asks and m not in reasons]
    told = asking[:2] + noting[: 1 if len(asking) < 2 else 0]
    found = [para for member in told for para in _member(member, names)]
    if reasons:
        places = ", ".join(m.reference(names) for m in reasons)
        found.append(page.Para(f"(reason: {places})", style="dim"))
    for word, left in (("also asked", asking[2:]), ("also noted", [m for m in noting if m not in told])):
        if left:
            found.append(page.Para(f"{word}: {', '.join(m.short() for m in left)}", style="dim"))
    return found


def _is_reason(member: Member, other: Member) -> bool:
    """Return whether an item gives the reason for another: an observation for a recommendation of the same session."""
    kinds = (member.kind, other.kind) == ("observation", "recommendation")
    return kinds and other.asks and member.session == other.session


def _member(member: Member, names: Mapping[str, str]) -> Iterator[page.Para]:
    """Yield the text of a member, or the part that belongs to the ask with its force, and its place."""
    force = f" ({member.force()})" if member.part and member.force() else ""
    lead = f"ASKED{force}" if member.asks else "NOTED"
    yield page.Para(page.shortened(member.part or member.summary, TEXT), lead)
    yield page.Para(member.reference(names), style="dim")


def _others(theme: Theme, others: Sequence[tuple[Ask, Member]]) -> Iterator[page.Block]:
    """List the items whose ask is about something else, one per line."""
    if not others:
        return
    inside = len([member for _, member in others if member.is_item])
    rest = len(others) - inside
    said = counted(inside, "items") + (f", {counted(rest, 'other records')}" if rest else "")
    yield page.Para(f"Within other asks ({said})", style="bold")
    rows, last = [], ""
    for ask, member in others:
        rows.append([ask.label if ask.id != last else "", member.part or member.summary, page.glued(_place(member))])
        last = ask.id
    yield page.Grid(["", "", ""], rows, "ccl")


def _place(member: Member) -> str:
    return f"{member.year} {member.short()}"


def _alone(theme: Theme) -> Iterator[page.Block]:
    """List the items in no ask, one per line if there are few."""
    total = theme.alone()
    if not total:
        return
    yield page.Para(f"In no ask ({counted(total, 'items')})", style="bold")
    members = [m for year in theme.years for m in theme.outside.get(year, ())][:SHOWN]
    yield page.Grid(["", ""], [[m.part or m.summary, page.glued(_place(m))] for m in members], "cl")
    if len(members) < total:
        yield page.Para(f"and {total - len(members)} more")


def _total(theme: Theme) -> str:
    by_year = [(theme.count(year), f"of {year}") for year in theme.years]
    total = sum(count for count, _ in by_year)
    return f"{counted(total, 'items')} {agreed(total, 'has', 'have')} the theme: {numbers(by_year)}."


def _next(theme: Theme, main: Sequence[Ask]) -> str:
    commands = [f"cthbkb show {ask.id}" for ask in main[:1]]
    years = "" if theme.years == theme.all_years else f" --year {','.join(map(str, theme.years))}"
    about = " ".join(f"--theme {id_}" for id_ in theme.themes)
    commands.append(f"cthbkb recs {about}{again(theme.criteria, 'kind')}{years}")
    return f"In full: {' · '.join(map(page.glued, commands))}"
