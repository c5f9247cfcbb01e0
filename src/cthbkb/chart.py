"""Charts: themes, force and speakers by year, and the years in which each ask occurs.

Each view returns its counts as a `plot.Chart`, which is then written to the terminal, as a figure or in a data format.
"""

from __future__ import annotations

from cthbkb.columns import COLUMNS
from cthbkb.compare import bases, caveat, listed
from cthbkb.compare.asks import asks, by_pattern
from cthbkb.compare.axis import Axis
from cthbkb.compare.theme import Theme
from cthbkb.errors import UsageError, unknown
from cthbkb.messages import agreed, counted
from cthbkb.plot import Bar, Chart, Mark, stated
from cthbkb.query import LISTINGS, resolve
from cthbkb.registry import LISTED
from cthbkb.scales import FORCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Base
    from cthbkb.compare.asks import Ask

__all__ = ["BY", "VIEWS", "make"]

SHOWN = 20
"""Default number of bars; values beyond it are only counted."""

NAMES = {
    "osce": "OSCE", "un": "United Nations", "council-of-europe": "Council of Europe", "eu": "European Union",
    "intergovernmental": "other intergovernmental", "state": "state institution", "court": "court", "ngo": "NGO",
    "academia": "academia", "private": "private sector", "network": "network", "media": "media", "other": "other",
    "side-event": "side event", "": "none named",
}  # fmt: skip
"""Labels of the kinds of organizations."""


class Wish:
    """The request for a chart: filters, the axis, the number of bars."""

    __slots__ = ("by", "limit", "themes", "years")

    def __init__(
        self, themes: Sequence[str] = (), years: Sequence[str] = (), by: str = "", limit: int | None = None
    ) -> None:
        self.themes = themes
        self.years = years
        self.by = by
        self.limit = limit


def _years(db: sqlite3.Connection, wish: Wish) -> list[int]:
    return [int(y) for y in resolve(db, LISTINGS["recs"], "year", wish.years)]


def _head(base: Base, whole: int, unit: str) -> str:
    return f"{base.year} {base.subject}\n{counted(whole, unit)}"


def _axis(db: sqlite3.Connection, wish: Wish, name: str, title: str, labels: Callable[[str, str], str]) -> Chart:
    """Chart an axis of items: the listed items of each year, as a share of all listed items."""
    axis = Axis(db, name, _years(db, wish), {})
    found = [v for v in axis.ordered("", False) if any(v.listed.get(y) for y in axis.years)]
    if name == "theme":
        found.sort(key=lambda v: -sum(v.listed.values()))
    shown = found[: wish.limit if wish.limit is not None else SHOWN]
    rows = [
        (
            labels(v.name, v.label),
            [
                Bar(axis.share(v, y) or 0, f"{v.listed.get(y, 0)} ({round(axis.share(v, y) or 0)} %)")
                for y in axis.years
            ],
        )
        for v in shown
    ]
    found_bases = bases(db, axis.years)
    data = [
        (v.name, v.label, y, v.listed.get(y, 0), axis.whole[y], axis.share(v, y)) for v in found for y in axis.years
    ]
    more = f" {len(found) - len(shown)} more are not shown." if len(found) > len(shown) else ""
    note = (
        "Bars are shares of the year's listed items; an item may have several values."
        if name != "modality"
        else "Bars are shares of the year's listed items, by the printed verb; illustrations of an item are omitted."
    )
    heads = [_head(base, axis.whole[base.year], "listed items") for base in found_bases]
    return Chart(title, heads, rows, f"{note}{more} {caveat(found_bases)}", COLUMNS["chart-bars"], data)


def of_themes(db: sqlite3.Connection, wish: Wish) -> Chart:
    """Chart how often each theme occurs, by year."""
    return _axis(db, wish, "theme", "What the conferences spoke about: themes by year", lambda _, label: label)


def of_modality(db: sqlite3.Connection, wish: Wish) -> Chart:
    """Chart the force of the items, by year."""
    short = {name: words.split(" (")[0] for name, words in FORCES.items()}
    return _axis(
        db, wish, "modality", "How binding the items are: force by year",
        lambda name, label: f"{name} ({short[name]})" if name in short else label or name,
    )  # fmt: skip


BY = {
    "role": ("role", "a.role"),
    "country": ("country printed with the name", "coalesce(a.country, '')"),
    "organization-kind": ("kind of organization", "coalesce(o.kind, '')"),
}
"""Axes of the chart of speakers: the label and the SQL expression of each."""


def of_speakers(db: sqlite3.Connection, wish: Wish) -> Chart:
    """Chart the appearances of people, by year."""
    by = wish.by or "role"
    if by not in BY:
        raise unknown("axis", by, BY, f"Axes of speakers: {', '.join(BY)}.")
    words, expression = BY[by]
    found_bases = bases(db, _years(db, wish))
    counts: dict[str, dict[int, int]] = {}
    whole = {base.year: 0 for base in found_bases}
    sql = (
        f"select {expression}, s.year, count(*) from appearances a join sessions s on s.id = a.session"
        f" left join organizations o on o.id = a.organization group by 1, 2"
    )
    for value, year, number in db.execute(sql):
        if year in whole:
            counts.setdefault(value, {})[year] = number
            whole[year] += number
    order = sorted(counts, key=lambda v: (v == "", -sum(counts[v].values()), v))
    shown = order[: wish.limit if wish.limit is not None else SHOWN]
    nothing = "no country printed" if by == "country" else "no organization named"
    names = {value: NAMES.get(value, value) if value else nothing for value in order}
    rows = [(names[v], [Bar(counts[v].get(y, 0), str(counts[v].get(y, 0))) for y in whole]) for v in shown]
    data = [
        (v or None, names[v], y, counts[v].get(y, 0), n, round(100 * counts[v].get(y, 0) / n, 1) if n else None)
        for v in order
        for y, n in whole.items()
    ]
    more = f" {len(order) - len(shown)} more are not shown." if len(order) > len(shown) else ""
    note = f"Bars count appearances: one person in one session in one role.{more} {NOT_ALL}"
    heads = [_head(base, whole[base.year], "appearances") for base in found_bases]
    return Chart(f"Who was on stage, by {words}", heads, rows, note, COLUMNS["chart-bars"], data)


NOT_ALL = "Only people named in a document are counted; a country is recorded only where it is printed."


def _matrix(
    title: str,
    found_bases: Sequence[Base],
    groups: dict[str, list[Ask]],
    heads: Sequence[str],
    note: str,
) -> Chart:
    """Chart asks by year, in groups."""
    years = [base.year for base in found_bases]
    rows: list[tuple[str, list[Bar | Mark]]] = []
    data: list[Row] = []
    starts: dict[int, str] = {}
    for words, group in groups.items():
        starts[len(rows)] = f"{words} ({len(group)})"
        for ask in group:
            marks: list[Bar | Mark] = []
            for year in years:
                number = len(ask.members.get(year, ()))
                state = ask.state(year)
                move = ask.move(year, years)
                changes = move[1].changes if move else []
                marks.append(Mark(state, f"{number}" + (f", {changes[0]}" if changes else "") if number else ""))
                data.append((ask.id, ask.label, year, stated(state), number, listed(changes), words))
            rows.append((ask.label, marks))
    return Chart(title, heads, rows, note, COLUMNS["chart-matrix"], data, starts)


LEGEND = (
    "Filled: somebody is asked to act; open: the point is only noted; dot: not in {}. The number is the"
    " number of items; the word says what changed since the ask last occurred."
)
WHOLE, ON_THEME = LEGEND.format("the document"), LEGEND.format("an item of the document on the theme")


def of_threads(db: sqlite3.Connection, wish: Wish) -> Chart:
    """Chart the asks that occur in two or more conferences, by year."""
    found_bases = bases(db, _years(db, wish))
    years = [base.year for base in found_bases]
    criteria = {"theme": wish.themes} if wish.themes else {}
    found = [ask for ask in asks(db, criteria) if len(ask.years(years)) > (0 if wish.themes else 1)]
    if not found:
        missing = "has an item on the theme" if wish.themes else "occurs in two or more of them"
        raise UsageError(f"of the asks of these conferences, none {missing}", "Name more years, or omit --year.")
    groups = by_pattern(found, years)
    heads = [f"{base.year}\n{base.subject}" for base in found_bases]
    alone = len([a for a in asks(db, criteria) if len(a.years(years)) == 1]) if not wish.themes else 0
    rest = f" {counted(alone, 'asks')} of one conference {agreed(alone, 'is', 'are')} not shown." if alone else ""
    legend = ON_THEME if wish.themes else WHOLE
    return _matrix("Asks over the years", found_bases, groups, heads, f"{legend}{rest} {caveat(found_bases)}")


def of_theme(db: sqlite3.Connection, wish: Wish) -> Chart:
    """Chart the asks about a theme by year, with the share of listed items about it."""
    if not wish.themes:
        raise UsageError("chart compare needs a theme", "Write, for example: cthbkb chart compare --theme jits")
    theme = Theme(db, _years(db, wish), {"theme": wish.themes})
    main = theme.main()
    others = list({ask.id: ask for ask, _ in theme.others()}.values())
    groups = {"about it": main, "inside other asks": others}
    heads = []
    for base in theme.bases:
        inside = theme.count(base.year, LISTED)
        heads.append(f"{base.year} {base.subject}\n{inside} of {counted(base.listed, 'listed items')}")
    if not main and not others:
        raise UsageError(f"no ask is about {' or '.join(theme.labels)}", "To list themes: cthbkb themes")
    title = f"{' or '.join(theme.labels)}: what was asked, by year"
    groups = {words: group for words, group in groups.items() if group}
    return _matrix(title, theme.bases, groups, heads, f"{ON_THEME} {caveat(theme.bases)}")


VIEWS: dict[str, Callable[[sqlite3.Connection, Wish], Chart]] = {
    "themes": of_themes,
    "threads": of_threads,
    "compare": of_theme,
    "speakers": of_speakers,
    "modality": of_modality,
}
"""Maps the name of a chart to the function that makes it."""


def make(
    db: sqlite3.Connection,
    view: str,
    themes: Sequence[str] = (),
    years: Sequence[str] = (),
    by: str = "",
    limit: int | None = None,
) -> Chart:
    """Return the requested chart.

    Raises:
        UsageError: for an unknown chart, or an option that the chart does not take.
    """
    if view not in VIEWS:
        raise unknown("chart", view, VIEWS, f"Charts: {', '.join(VIEWS)}.")
    if by and view != "speakers":
        raise UsageError(f"chart {view} does not take --by", "Use it with: cthbkb chart speakers --by country")
    if themes and view not in {"threads", "compare"}:
        raise UsageError(f"chart {view} does not take --theme", "Use it with: cthbkb chart compare --theme jits")
    return VIEWS[view](db, Wish(themes, years, by, limit))
