"""`compare YEAR YEAR...`: two or more conferences side by side, grouped by the move from the first to the last."""

from __future__ import annotations

from cthbkb import page
from cthbkb.compare import Comparison, again, bases, caveat, ids, listed, number
from cthbkb.compare.asks import asks, by_pattern
from cthbkb.compare.outside import number as outside
from cthbkb.errors import UsageError, shown
from cthbkb.messages import agreed, counted
from cthbkb.scales import TRENDS, runs, trend

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Asked, Base, Criteria
    from cthbkb.compare.asks import Ask
    from cthbkb.page import Cell

__all__ = ["compare"]

LINES = 2
"""Maximum number of lines of a cell."""


class Years:
    """The years that are compared, and the asks that occur in any of them."""

    __slots__ = ("all_years", "bases", "found", "years")

    def __init__(self, db: sqlite3.Connection, years: Sequence[int], criteria: Criteria) -> None:
        self.all_years = [base.year for base in bases(db)]
        self.bases = bases(db, years)
        self.years = [base.year for base in self.bases]
        self.found = [ask for ask in asks(db, criteria) if ask.years(self.years)]

    def throughout(self) -> list[Ask]:
        """Return the asks that occur in all of the years."""
        return [ask for ask in self.found if ask.years(self.years) == self.years]

    def elsewhere(self) -> list[Ask]:
        """Return the asks that do not occur in all of the years."""
        return [ask for ask in self.found if ask.years(self.years) != self.years]

    def net(self, ask: Ask) -> list[str]:
        """Return the words of the move from the first to the last of the years in which an ask occurs."""
        spoken = ask.years(self.years)
        move = ask.moves.get((spoken[0], spoken[-1]))
        return move.changes if move else []

    def standing(self, ask: Ask) -> str:
        """Describe in words the years in which an ask occurs: `2016 and 2022`, `2016, not 2022`."""
        spoken = ask.years(self.years)
        rest = [y for y in self.years if y not in spoken]
        words = runs(self.years, spoken, "and")
        return f"{words}, not {runs(self.years, rest, 'or')}" if rest else words


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Compare two or more years: one flat row per ask and year; asks that occur in all years come first.

    Raises:
        UsageError: for fewer than two years.
    """
    if len(asked.years) < 2:
        said = " ".join(map(str, asked.years))
        raise UsageError(
            f"{shown(said)} does not name two or more years", "Write, for example: cthbkb compare 2016 2022"
        )
    made = Years(db, asked.years, asked.criteria)
    return Comparison(
        "compare-years",
        _rows(made),
        caveat(made.bases),
        lambda: list(_page(made, asked.criteria, *outside(db, asked.years, asked.criteria))),
        lambda: ids(db, asked.criteria, asked.years),
    )


def _rows(made: Years) -> Iterator[Row]:
    ordered = sorted(made.throughout(), key=lambda ask: TRENDS.index(trend(made.net(ask)))) + made.elsewhere()
    for ask in ordered:
        net = made.net(ask)
        start = (made.standing(ask), trend(net) if net else None, ask.id, ask.label, ask.pattern(made.all_years))
        for year in made.years:
            members = listed(m.id for m in ask.members.get(year, ()))
            yield (*start, year, ask.state(year), members, *ask.flat(year, made.years), listed(net))


def _page(made: Years, criteria: Criteria, alone: int, total: int) -> Iterator[page.Block]:
    same = again(criteria, "kind")
    yield page.Heading(" → ".join(str(year) for year in made.years), " → ".join(base.subject for base in made.bases))
    yield page.Para(" · ".join(page.glued(_base(base)) for base in made.bases))
    yield page.Blank()
    for text in _totals(made):
        yield page.Para(text)
    yield page.Para(caveat(made.bases))
    yield page.Blank()
    yield from _through(made, same)
    for head, group in _rest(made):
        yield page.Names(head, [ask.label for ask in group])
    yield page.Blank()
    command = page.glued(f"cthbkb compare {' '.join(map(str, made.years))}{same} --outside")
    are = agreed(alone, "is", "are")
    left = f"{alone} of {counted(total, 'items')} of these years {are} in no ask ({command}). "
    one = page.glued(f"cthbkb show {made.found[0].id}") if made.found else "cthbkb threads"
    yield page.Para(f"{left if alone else ''}One ask in full: {one}")


def _base(base: Base) -> str:
    return f"{base.year}: {base.documents or 'no printed list'}, {counted(base.listed, 'listed items')}"


def _totals(made: Years) -> Iterator[str]:
    """Summarise how many asks occur in all of the years, how these changed, and how many occur in some."""
    followed = [ask for ask in made.found if len(ask.members) > 1]
    groups: dict[str, int] = {}
    for ask in sorted(followed, key=lambda a: (-len(a.years(made.years)), a.years(made.years))):
        groups[made.standing(ask)] = groups.get(made.standing(ask), 0) + 1
    both = "both" if len(made.years) == 2 else "all"
    through, throughout = made.throughout(), runs(made.years, made.years, "and")
    parts = [f"{len(through)} in {both} years"] if through else []
    parts += [f"{count} in {words}" for words, count in groups.items() if words != throughout]
    yield f"{counted(len(followed), 'asks')} of two or more conferences: {'; '.join(parts) or 'none'}."
    trends = [trend(made.net(ask)) for ask in through]
    moved = [(trends.count(t), t) for t in TRENDS if t in trends]
    if moved:
        first, *rest = (f"{number(count)} {agreed(count, 'is', 'are')} {what}" for count, what in moved)
        yield f"Of the {len(through)}, {', '.join([f'{first} in {made.years[-1]}', *rest])}."
    single = [(y, len([a for a in made.found if list(a.members) == [y]])) for y in made.years]
    alone = ", ".join(f"{count} of {year}" for year, count in single if count)
    if alone:
        yield f"Apart from these, asks of one conference: {alone}."


def _through(made: Years, same: str) -> Iterator[page.Block]:
    """Lay out the asks that occur in all of the years, grouped by their move from the first to the last.

    `same` are the options that repeat the requested kinds in a suggested command.
    """
    through = made.throughout()
    if not through:
        return
    rows = []
    for kind in TRENDS:
        group = [ask for ask in through if trend(made.net(ask)) == kind]
        if group:
            rows.append(page.Row([], f"{kind} ({len(group)})"))
            rows += [_row(made, ask) for ask in group]
    head = f"IN {'BOTH' if len(made.years) == 2 else 'ALL ' + number(len(made.years)).upper()} YEARS ({len(through)})"
    heads = [[page.Para(base.name(), style="bold")] for base in made.bases]
    yield page.Columns([str(y) for y in made.years], heads, rows, beside=head)
    for year in made.all_years:
        if made.years[0] < year < made.years[-1] and year not in made.years:
            number_there = len([ask for ask in through if year in ask.members])
            command = page.glued(f"cthbkb compare {' '.join(map(str, sorted([*made.years, year])))}{same}")
            yield page.Para(f"In between, {year} has {number_there} of these {len(through)}: {command}")
    yield page.Blank()


def _row(made: Years, ask: Ask) -> page.Row:
    """Lay out an ask: its name with the words of the net move, one cell per year, and what changed below them."""
    move = ask.moves.get((made.years[0], made.years[-1]))
    below = [page.Para(move.note, "→", indent=3, hang=2)] if move and move.note else []
    return page.Row([_cell(ask, year) for year in made.years], ask.label, ", ".join(made.net(ask)), below)


def _cell(ask: Ask, year: int) -> Cell:
    """Lay out the most important item of a year: its part or summary, its place, and how many more there are."""
    first, *rest = ask.ranked(year)
    force = f"{first.force()}: " if first.part and first.force() else ""
    text = force + (first.part or first.summary)
    tail = f"[{first.short()}{f' +{len(rest)}' if rest else ''}]"
    return [page.Para(text, "" if first.asks else "noted:", most=LINES, tail=page.glued(tail))]


def _rest(made: Years) -> Iterator[tuple[str, Iterable[Ask]]]:
    """Group the asks missing from some of the years by the years in which they occur."""
    for words, group in by_pattern(made.elsewhere(), made.all_years).items():
        one = len(group[0].members) == 1
        yield words[:1].upper() + words[1:] + (":" if one else f" ({len(group)}):"), group
