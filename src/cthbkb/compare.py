"""Comparing across years: what stayed, what changed, what has no counterpart, what nobody mentioned.

Absence is claimed of documents, never of the people behind them: each conference had a subject of its own. Every
comparison therefore comes with its caveats: kinds that differ in nature, subjects that differ, items outside any
thread. Each function returns a `Comparison`: flat rows for data, and where a terminal is better served by another
shape, wide ones. Nothing here prints.
"""

from __future__ import annotations

from cthbkb.columns import COLUMNS, Col
from cthbkb.errors import UsageError, unknown
from cthbkb.query import LISTINGS, Selection, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from cthbkb.formats import Row

    Criteria = Mapping[str, Sequence[str]]

__all__ = ["AXES", "ON_STAGE", "Comparison", "along", "of_plan", "of_threads", "of_years", "years"]

AXES = {
    "theme": "themes",
    "addressee": "addressees",
    "affected": "affected_groups",
    "modality": "",
    "kind": "",
    "role": "",
    "country": "",
}
"""Axis to the table whose records are its values; empty where the values are those that occur."""

ON_STAGE = ("role", "country")
"""Axes that count appearances; the others count items."""

STRONGEST_FIRST = ("must", "imperative", "should", "need", "encourage", "consider", "invite", "can", "statement")
"""Modalities by force: of several items of a year, the strongest says how a thread stands to the conference before."""

PRINTED = frozenset({"recommendation", "observation", "takeaway", "call"})
"""Kinds whose items stand in a printed list of a conference's outcome, and weigh more than prose and prefaces."""

OUTSIDE = "(in no thread)"

NAMED = 300
"""Items outside threads up to which they are named; beyond that the caveat counts them."""

LEGEND = (
    "Cells name items without their year: r recommendation, o observation, t takeaway, f framework, g goal, c call, "
    "s conclusion; = is the change against the conference before."
)


class Comparison:
    """Flat rows under columns, wide ones for a terminal (the flat ones where there are none), a lead and caveats."""

    __slots__ = ("caveats", "columns", "ids", "lead", "rows", "wide", "wide_columns")

    def __init__(
        self, name: str, rows: Iterable[Row], caveats: Mapping[str, str], ids: Sequence[str] | None = None
    ) -> None:
        self.columns = COLUMNS[name]
        self.caveats = dict(caveats)
        codes, at = _list(self.caveats), [c.name for c in self.columns].index("caveats")
        self.rows: list[Row] = [(*row[:at], codes, *row[at:]) for row in rows]
        self.ids = ids
        self.lead: list[str] = []
        self.wide_columns: Sequence[Col] = self.columns
        self.wide: list[Row] = self.rows


class Item:
    """An item of a thread, as far as comparisons need it."""

    __slots__ = ("change", "id", "kind", "modality", "note")

    def __init__(self, id: str, kind: str, modality: str, change: str | None, note: str | None) -> None:
        self.id = id
        self.kind = kind
        self.modality = modality
        self.change = change
        self.note = note

    def weight(self) -> tuple[bool, int]:
        """Order items by what they weigh: printed items before prose and prefaces, then by force."""
        return self.kind not in PRINTED, STRONGEST_FIRST.index(self.modality)


class Thread:
    """A thread with its items by year; `spoken` are the years in which it has items of any kind."""

    __slots__ = ("id", "items", "label", "spoken", "status", "themes")

    def __init__(self, id: str, label: str, themes: str, status: str) -> None:
        self.id = id
        self.label = label
        self.themes = themes
        self.status = status
        self.items: dict[int, list[Item]] = {}
        self.spoken: set[int] = set()

    def change(self, year: int) -> str | None:
        """Return how the thread stands in a year to the conference before: as its weightiest changed item does."""
        changed = [i for i in self.items.get(year, ()) if i.change]
        return min(changed, key=Item.weight).change if changed else None

    def changes(self, year: int) -> list[str]:
        """Return the change of each item of a year, `ID CHANGE`."""
        return [f"{i.id} {i.change}" for i in self.items.get(year, ()) if i.change]

    def note(self, year: int) -> str | None:
        """Return what changed in a year, the weightiest item first, each after its id where there are several."""
        noted = sorted((i for i in self.items.get(year, ()) if i.note), key=Item.weight)
        return " ".join(f"{i.id}: {i.note}" if len(noted) > 1 else str(i.note) for i in noted) or None

    def ids(self, year: int) -> str:
        """Return the ids of a year's items as a list cell."""
        return _list(i.id for i in self.items.get(year, ()))


def years(db: sqlite3.Connection) -> list[int]:
    """Return the years of the conferences in order."""
    return [y for (y,) in db.execute("select year from conferences order by year")]


def _absence(db: sqlite3.Connection) -> dict[int, str]:
    """Word the absence of an ask from the documents of each year."""
    rows = db.execute("select c.year, m.value from conferences c join meta m on m.key = 'sources.' || c.year")
    return {year: f"no counterpart in the {name}" for year, name in rows}


def _list(values: Iterable[str]) -> str:
    """Write texts without quotes or backslashes (ids, codes) as a list cell."""
    texts = '","'.join(values)
    return f'["{texts}"]' if texts else "[]"


def _threads(db: sqlite3.Connection, criteria: Criteria) -> list[Thread]:
    """Return the threads about any of the themes asked for, or with an item about one, that have items of the kinds."""
    themes = resolve(db, LISTINGS["recs"], "theme", criteria.get("theme", ()))
    kinds = resolve(db, LISTINGS["recs"], "kind", criteria.get("kind", ()))
    sql = "select t.id, t.label, t.themes, t.status from list_threads t"
    if themes:
        marks = ", ".join("?" * len(themes))
        sql += (
            f" where t.seq in (select seq from threads_themes where value in ({marks})) or t.id in ("
            "select r.thread from recommendations r where r.thread > ''"
            f" and exists (select 1 from recommendations_themes l where l.value in ({marks}) and l.seq = r.seq"
            " and l.year = r.year))"
        )
    found = {row[0]: Thread(*row) for row in db.execute(sql + " order by t.seq", [*themes, *themes])}
    items = db.execute(
        "select r.thread, r.year, r.id, r.kind, r.modality, r.change, r.change_note from recommendations r"
        " where r.thread in (select value from json_each(?)) order by r.thread, r.seq",
        (_list(found),),
    )
    for thread, year, *item in items:
        found[thread].spoken.add(year)
        if not kinds or item[1] in kinds:
            found[thread].items.setdefault(year, []).append(Item(*item))
    return [thread for thread in found.values() if thread.items]


def _outside(db: sqlite3.Connection, among: Sequence[int], criteria: Criteria) -> dict[int, list[Item]]:
    """Return by year the items that meet the criteria and belong to no thread; none where they are too many."""
    if sum(row[3] for row in _kinds(db, among, criteria)) > NAMED:
        return {}
    selection = Selection(db, LISTINGS["recs"], criteria)
    joint = " and" if " where " in selection.sql else " where"
    sql = f"select v.year, v.id, v.kind, v.modality{selection.sql}{joint} v.thread is null order by v.seq"
    found: dict[int, list[Item]] = {}
    for year, id_, kind, modality in db.execute(sql, selection.parameters):
        found.setdefault(year, []).append(Item(id_, kind, modality, None, None))
    return found


def of_threads(db: sqlite3.Connection, criteria: Criteria) -> Comparison:
    """Compare thread by thread: one flat row a thread and year; wide, threads as rows and years as columns."""
    all_years = years(db)
    absent = _absence(db)
    threads = _threads(db, criteria)
    rows: list[Row] = []
    for t in threads:
        for year in all_years:
            gone = year > min(t.spoken) and year not in t.spoken
            rows.append(_flat(t, year, absent[year] if gone else t.note(year)))
    rest = Thread("", OUTSIDE, "[]", "")
    rest.items = _outside(db, all_years, criteria)
    rows += [_flat(rest, year, None) for year in all_years if year in rest.items]
    caveats = _caveats(db, all_years, criteria)
    if criteria.get("kind"):
        caveats["kinds-chosen"] = "Only items of the kinds asked for are shown; the status is that of all kinds."
    made = Comparison("compare", rows, caveats)
    made.wide_columns = [Col("thread", 1, "prose"), *(Col(str(y), 1) for y in all_years), Col("status", 1)]
    shown = [*threads, rest] if criteria and rest.items else threads
    made.wide = [[t.label, *(_cell(t, y) for y in all_years), t.status] for t in shown]
    made.caveats = {"legend": LEGEND, **made.caveats}
    return made


def _flat(thread: Thread, year: int, note: str | None) -> Row:
    """Return a thread in a year as a row of `compare`, what changed item by item last."""
    items = thread.items.get(year, [])
    return (
        thread.id or None, thread.label, thread.themes, year, thread.ids(year),
        _list(dict.fromkeys(i.kind for i in items)), _list(dict.fromkeys(i.modality for i in items)),
        thread.change(year), note, thread.status or None, _list(thread.changes(year)),
    )  # fmt: skip


def _cell(thread: Thread, year: int) -> str:
    lines = [f"{i.id.removeprefix(f'{year}-')} {i.modality}" for i in thread.items.get(year, ())]
    change = thread.change(year)
    return "\n".join([*lines, *([f"= {change}"] if change else [])]) or "-"


def of_years(db: sqlite3.Connection, a: int, b: int, criteria: Criteria) -> Comparison:
    """Compare two years: threads only in the first, in both and how they changed, only in the second."""
    absent = _absence(db)
    parts: dict[str, list[Row]] = {f"only {a}": [], "in both": [], f"only {b}": []}
    for t in _threads(db, criteria):
        first, second = a in t.items, b in t.items
        if not (first or second):
            continue
        standing = "in both" if first and second else f"only {a}" if first else f"only {b}"
        other = b if first else a
        note = _told(t, a, b) if first and second else None if other in t.spoken else absent[other]
        change = _steps(t, a, b) if first and second else None
        parts[standing].append((standing, t.id, t.label, t.ids(a), t.ids(b), change, note))
    rest = _outside(db, [a, b], criteria)
    for year, only in ((a, f"only {a}"), (b, f"only {b}")):
        ids = _list(i.id for i in rest.get(year, ()))
        if ids != "[]":
            first_ids, second_ids = (ids, "[]") if year == a else ("[]", ids)
            parts[only].append((only, None, OUTSIDE, first_ids, second_ids, None, "not compared: in no thread"))
    made = Comparison("compare-years", [row for part in parts.values() for row in part], _caveats(db, [a, b], criteria))
    counted = {name: len([row for row in part if row[1]]) for name, part in parts.items()}
    made.lead = ["; ".join(f"{name}: {number} threads" for name, number in counted.items())]
    return made


def _told(thread: Thread, after: int, until: int) -> str | None:
    """Say what changed after one year and until another, each year named where there is one between them."""
    told = [(year, thread.note(year)) for year in sorted(thread.items) if after < year <= until]
    between = len([year for year in thread.items if after < year < until]) > 0
    return " ".join(f"In {year}: {note}" if between else str(note) for year, note in told if note) or None


def _steps(thread: Thread, after: int, until: int) -> str | None:
    """Say how a thread moved after one year and until another: one word, or each step where there are several."""
    steps = [(year, thread.change(year)) for year in sorted(thread.items) if after < year <= until]
    made = [(year, change) for year, change in steps if change]
    return "; ".join(change if len(made) == 1 else f"{year}: {change}" for year, change in made) or None


def along(db: sqlite3.Connection, axis: str, criteria: Criteria, gaps: bool = False) -> Comparison:
    """Count items (or appearances) by year along an axis, zeros included, with their shares of the year.

    `gaps` keeps the zeros alone.

    Raises:
        UsageError: for an axis that does not exist, or criteria on an axis of appearances.
    """
    if axis not in AXES:
        raise unknown("axis", axis, AXES, f"Axes: {', '.join(AXES)}.")
    if axis in ON_STAGE and criteria:
        raise UsageError(f"--by {axis} counts appearances, which have no {' or '.join(criteria)}", "Leave it out.")
    counted = _counted(db, axis, criteria)
    whole = _whole(db, axis, criteria)
    caveats = _caveats(db, list(whole), criteria, axis)
    unit = "appearances" if axis in ON_STAGE else "items"
    caveats["shares-of-year"] = f"Shares are of the year's {', '.join(f'{n} {unit} in {y}' for y, n in whole.items())}."
    if axis in {"theme", "addressee", "affected"}:
        caveats["several-values"] = f"An item may carry several values of {axis}, so shares do not sum to 100."

    def share(number: int, year: int) -> float | None:
        return round(100 * number / whole[year], 1) if whole[year] else None

    rows = [
        (axis, value, label, year, number, share(number, year))
        for value, label, numbers in counted
        for year, number in numbers.items()
        if not gaps or number == 0
    ]
    made = Comparison("compare-by", rows, caveats, _ids(db, axis, criteria))
    shares = [Col(f"% {y}", 90, "number") for y in whole]
    made.wide_columns = [Col("value", 1), *(Col(str(y), 1, "number") for y in whole), *shares]
    made.wide = [
        [value, *numbers.values(), *(share(n, y) for y, n in numbers.items())]
        for value, _, numbers in counted
        if not gaps or 0 in numbers.values()
    ]
    return made


def _counted(db: sqlite3.Connection, axis: str, criteria: Criteria) -> list[tuple[str, str, dict[int, int]]]:
    """Return `(value, label, {year: number})` for every value of an axis."""
    column = {"theme": "themes", "addressee": "addressees", "affected": "affected"}.get(axis)
    if not criteria:
        rows = db.execute("select value, year, items from axis_counts where axis = ?", (axis,))
    elif column:
        selection = Selection(db, LISTINGS["recs"], criteria)
        listed = f"select v.year, v.{column} as list{selection.sql}"
        sql = f"select j.value, x.year, count(*) from ({listed}) x, json_each(x.list) j group by j.value, x.year"
        rows = db.execute(sql, selection.parameters)
    else:
        selection = Selection(db, LISTINGS["recs"], criteria)
        sql = f"select v.{axis}, v.year, count(*){selection.sql} group by v.{axis}, v.year"
        rows = db.execute(sql, selection.parameters)
    numbers: dict[str, dict[int, int]] = {}
    for value, year, number in rows:
        numbers.setdefault(value, {})[year] = number
    labels = dict(db.execute(f"select id, label from {AXES[axis]} order by seq")) if AXES[axis] else {}
    occurring = db.execute("select distinct value from axis_counts where axis = ? order by value", (axis,))
    values = list(labels) or [value for (value,) in occurring]
    return [(v, labels.get(v, v), {y: numbers.get(v, {}).get(y, 0) for y in years(db)}) for v in values]


def _whole(db: sqlite3.Connection, axis: str, criteria: Criteria) -> dict[int, int]:
    """Return how many items (or appearances) each year has: what shares are shares of."""
    found = dict.fromkeys(years(db), 0)
    if criteria:
        selection = Selection(db, LISTINGS["recs"], criteria)
        found |= dict(db.execute(f"select v.year, count(*){selection.sql} group by v.year", selection.parameters))
    else:
        one = "role" if axis in ON_STAGE else "kind"
        found |= dict(db.execute("select year, sum(items) from axis_counts where axis = ? group by year", (one,)))
    return found


def _ids(db: sqlite3.Connection, axis: str, criteria: Criteria) -> list[str]:
    """Return the ids of the items or appearances that were counted."""
    selection = Selection(db, LISTINGS["speakers" if axis in ON_STAGE else "recs"], criteria)
    return [i for (i,) in db.execute(*selection.rows(["id"]))]


def of_plan(db: sqlite3.Connection, year: int) -> Comparison:
    """Hold the plan of a conference against what was held: what moved, which topics were answered, which silent."""
    conference = db.execute(
        "select id, title, planned_start, planned_end, held_start, held_end from conferences where year = ?", (year,)
    ).fetchone()
    if conference is None or not conference[2]:
        known = [y for (y,) in db.execute("select year from conferences where planned_start is not null")]
        raise UsageError(
            f"no plan of {year} is among the documents", f"Years with a plan: {', '.join(map(str, known))}."
        )
    id_, title, *days = conference
    rows: list[Row] = [
        (
            "conference", id_, title, "as planned" if days[:2] == days[2:] else "moved",
            f"{days[0]} to {days[1]} / {days[2]} to {days[3]}", "[]",
        )
    ]  # fmt: skip
    rows += _sessions(db, id_)
    rows += _topics(db, id_)
    caveats = {
        "no-people-planned": "The concept note names no people, so who was planned and who came cannot be compared.",
        "items-only": "A topic counts as answered where an item takes it up; other prose may touch on it.",
    }
    return Comparison("compare-planned", rows, caveats)


def _sessions(db: sqlite3.Connection, conference: str) -> list[Row]:
    """Say of each part of a programme whether it was held as planned, on another day or in another order."""
    rows = db.execute(
        "select id, type, title, planned_date, planned_start, planned_end, held_date from sessions"
        " where conference = ? and type <> 'part' order by coalesce(planned_date, '9'), planned_start, seq",
        (conference,),
    ).fetchall()
    sql = "select id from sessions where conference = ? and held_date is not null order by held_date, seq"
    held_order = [s for (s,) in db.execute(sql, (conference,))]
    planned = [row[0] for row in rows if row[3] and row[6]]
    still = [s for s in held_order if s in planned]
    found: list[Row] = []
    for session, type_, title, day, start, end, held in rows:
        plan = f"{day} {start or ''}-{end or ''}".strip(" -") if day else "not planned"
        if not day:
            verdict = "not named in the plan"
        elif not held:
            verdict = "planned, not in the highlights"
        else:
            verdict = "as planned" if day == held else "moved"
            verdict += "" if planned.index(session) == still.index(session) else ", in another order"
        found.append(("session", session, f"{type_}: {title}", verdict, f"{plan} / {held or 'not named'}", "[]"))
    return found


def _topics(db: sqlite3.Connection, conference: str) -> list[Row]:
    """Say of each planned topic which items answer it, and which items of panels no planned topic covers."""
    planned = "topics t join sessions s on s.id = t.session where s.conference = ? and t.document = s.planned_document"
    found: list[Row] = [
        ("topic", topic, f"{session}: {text}", verdict, note or "", items)
        for topic, session, text, verdict, items, note in db.execute(
            "select t.id, t.session, t.topic, t.status, t.answered_by, coalesce(t.elsewhere, t.note)"
            f" from list_{planned} order by t.seq",
            (conference,),
        )
    ]
    covered = f"select j.value from {planned.replace(' join', ', json_each(t.answered_by) j join', 1)}"
    unplanned = db.execute(
        "select r.id, r.kind, r.summary from recommendations r join sessions s on s.id = r.session"
        f" where s.conference = ? and s.type = 'panel' and r.id not in ({covered}) order by r.seq",
        (conference, conference),
    )
    found += [("item", i, summary, "raised unplanned", kind, _list([i])) for i, kind, summary in unplanned]
    return found


def _caveats(db: sqlite3.Connection, among: Sequence[int], criteria: Criteria, axis: str = "") -> dict[str, str]:
    """Name what keeps a comparison of these years from being one of like with like: a code and a sentence each."""
    if axis in ON_STAGE:
        return {"appearances": "Counts appearances: one person in one session in one role."}
    rows = _kinds(db, among, criteria)
    found = {}
    if len({kind for _, kind, _, _ in rows}) > 1:
        listed = "; ".join(f"{y} {', '.join(k for year, k, _, _ in rows if year == y)}" for y in _in_order(rows))
        found["kinds-differ"] = f"Kinds differ in nature: {listed}."
    subjects = db.execute("select year, title from conferences order by year")
    listed = "; ".join(f"{y} {title}" for y, title in subjects if y in among)
    found["subjects-differ"] = f"Each conference had its own subject: {listed}."
    if not axis:
        total, outside = sum(row[2] for row in rows), sum(row[3] for row in rows)
        found[f"{outside}-of-{total}-items-outside-threads"] = (
            f"Items compared: {total}, of which in no thread: {outside}."
        )
    return found


def _in_order(rows: Iterable[tuple[int, str, int, int]]) -> list[int]:
    return list(dict.fromkeys(year for year, *_ in rows))


def _kinds(db: sqlite3.Connection, among: Sequence[int], criteria: Criteria) -> list[tuple[int, str, int, int]]:
    """Return `(year, kind, items, items outside threads)` of the items compared; stored for one theme alone."""
    themes = resolve(db, LISTINGS["recs"], "theme", criteria.get("theme", ()))
    if len(themes) == 1 and not criteria.get("kind"):
        sql = "select year, kind, items, outside from theme_kinds where theme = ? order by year, kind"
        return [row for row in db.execute(sql, themes) if row[0] in among]
    selection = Selection(db, LISTINGS["recs"], criteria)
    sql = f"select v.year, v.kind, count(*), sum(v.thread is null){selection.sql} group by v.year, v.kind order by 1, 2"
    return [row for row in db.execute(sql, selection.parameters) if row[0] in among]
