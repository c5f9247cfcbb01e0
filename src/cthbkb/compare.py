"""Comparing across years: what stayed, what changed, what has no counterpart, what nobody mentioned.

Absence is claimed of documents, never of the people behind them: each conference had a subject of its own. Every
comparison therefore comes with its caveats: kinds that differ in nature, subjects that differ, items outside any
thread. The functions return rows; nothing here prints.
"""

from __future__ import annotations

from cthbkb.errors import UsageError, unknown
from cthbkb.query import LISTINGS, Selection, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from cthbkb.formats import Cell

__all__ = ["AXES", "Cells", "absence", "by_axis", "caveats", "cells", "changes", "planned", "years"]

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


class Cells:
    """What a thread holds in a year: ids, kinds, modalities, the change against the year before and its note."""

    __slots__ = ("change", "items", "kinds", "modality", "note")

    def __init__(
        self, items: str = "[]", kinds: str = "[]", modality: str = "[]", change: str = "", note: str = ""
    ) -> None:
        self.items = items
        self.kinds = kinds
        self.modality = modality
        self.change = change
        self.note = note


def years(db: sqlite3.Connection) -> list[int]:
    """Return the years of the conferences in order."""
    return [y for (y,) in db.execute("select year from conferences order by year")]


def absence(db: sqlite3.Connection, year: int) -> str:
    """Word the absence of an ask from the documents of a year."""
    (name,) = db.execute("select value from meta where key = ?", (f"sources.{year}",)).fetchone()
    return f"no counterpart in the {name}"


def cells(db: sqlite3.Connection, threads: Sequence[str]) -> dict[str, dict[int, Cells]]:
    """Return for each thread the years in which it has items, and what it holds there."""
    found: dict[str, dict[int, Cells]] = {thread: {} for thread in threads}
    for thread in threads:
        rows = db.execute(
            "select year, items, kinds, modality, change, note from thread_years where thread = ? order by year",
            (thread,),
        )
        for year, *cell in rows:
            found[thread][year] = Cells(*cell)
    return found


def threads_about(db: sqlite3.Connection, themes: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Return `(id, label, themes, status)` of the threads about any of the themes (all without themes), in order."""
    ids = resolve(db, LISTINGS["recs"], "theme", themes) if themes else []
    sql = "select t.id, t.label, t.themes, s.status from threads t join thread_status s on s.thread = t.id"
    if ids:
        sql += f" where t.seq in (select seq from threads_themes where value in ({', '.join('?' * len(ids))}))"
    return db.execute(sql + " order by t.seq", ids).fetchall()


def changes(found: Mapping[int, Cells], after: int, until: int) -> str:
    """Say how a thread moved after one year and until another: `sharpened`, or each step where there are several."""
    steps = [(year, cell.change) for year, cell in sorted(found.items()) if after < year <= until and cell.change]
    return "; ".join(change if len(steps) == 1 else f"{year}: {change}" for year, change in steps)


def by_axis(
    db: sqlite3.Connection, axis: str, criteria: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, dict[int, int]]]:
    """Count items (or appearances) by year along an axis: `(value, label, {year: number})`, zeros included.

    Raises:
        UsageError: for an axis that does not exist, or criteria on an axis of appearances.
    """
    if axis not in AXES:
        raise unknown("axis", axis, AXES, f"Axes: {', '.join(AXES)}.")
    if axis in ON_STAGE and criteria:
        raise UsageError(
            f"--by {axis} counts appearances, which have no {' or '.join(criteria)}", "Leave the filter out."
        )
    if criteria:
        counted = _counted(db, axis, criteria)
    else:
        counted = db.execute("select value, year, items from axis_counts where axis = ?", (axis,)).fetchall()
    numbers: dict[str, dict[int, int]] = {}
    for value, year, number in counted:
        numbers.setdefault(value, {})[year] = number
    labels = dict(db.execute(f"select id, label from {AXES[axis]} order by seq")) if AXES[axis] else {}
    values = list(labels) or sorted(
        v for (v,) in db.execute("select distinct value from axis_counts where axis = ?", (axis,))
    )
    all_years = years(db)
    return [(v, labels.get(v, v), {y: numbers.get(v, {}).get(y, 0) for y in all_years}) for v in values]


def _counted(db: sqlite3.Connection, axis: str, criteria: Mapping[str, Sequence[str]]) -> list[tuple[str, int, int]]:
    """Count the items that meet some criteria along an axis."""
    selection = Selection(db, LISTINGS["recs"], criteria)
    column = {"theme": "themes", "addressee": "addressees", "affected": "affected"}.get(axis)
    if column:
        listed = f"select v.year, v.{column} as list{selection.sql}"
        sql = f"select j.value, x.year, count(*) from ({listed}) x, json_each(x.list) j"
        return db.execute(sql + " group by j.value, x.year", selection.parameters).fetchall()
    sql = f"select v.{axis}, v.year, count(*){selection.sql} group by v.{axis}, v.year"
    return db.execute(sql, selection.parameters).fetchall()


def totals(db: sqlite3.Connection, axis: str, criteria: Mapping[str, Sequence[str]]) -> dict[int, int]:
    """Return how many items (or appearances) each year has: what shares are shares of."""
    found = dict.fromkeys(years(db), 0)
    if axis in ON_STAGE:
        found |= dict(db.execute("select year, sum(items) from axis_counts where axis = 'role' group by year"))
    elif criteria:
        selection = Selection(db, LISTINGS["recs"], criteria)
        found |= dict(db.execute(f"select v.year, count(*){selection.sql} group by v.year", selection.parameters))
    else:
        found |= dict(db.execute("select year, sum(items) from axis_counts where axis = 'kind' group by year"))
    return found


def planned(db: sqlite3.Connection, year: int) -> list[tuple[str, str, str, str, str, Cell]]:
    """Hold the plan of a conference against what was held.

    Returns rows `(aspect, id, what, verdict, detail, items)`: dates and sessions that moved, were dropped or added,
    topics answered or silent, and items that no announced topic covers.
    """
    rows: list[tuple[str, str, str, str, str, Cell]] = []
    conference = db.execute(
        "select id, title, planned_start, planned_end, held_start, held_end from conferences where year = ?", (year,)
    ).fetchone()
    if conference is None or not conference[2]:
        known = [y for (y,) in db.execute("select year from conferences where planned_start is not null")]
        raise UsageError(
            f"no plan of {year} is among the documents", f"Years with a plan: {', '.join(map(str, known))}."
        )
    id_, title, *days = conference
    rows.append(
        ("conference", id_, title, _moved(days[:2], days[2:]), f"{days[0]} to {days[1]} / {days[2]} to {days[3]}", "[]")
    )
    sessions = db.execute(
        "select id, type, title, planned_date, planned_start, planned_end, held_date from sessions"
        " where conference = ? and type <> 'part' order by coalesce(planned_date, '9'), planned_start, seq",
        (id_,),
    ).fetchall()
    order = [
        s
        for s, *_ in db.execute(
            "select id from sessions where conference = ? and held_date is not null order by held_date, seq", (id_,)
        )
    ]
    before = [s[0] for s in sessions if s[3] and s[0] in order]
    for session, type_, name, day, start, end, held in sessions:
        plan = f"{day} {start or ''}-{end or ''}".strip(" -") if day else "not planned"
        verdict = (
            "not planned" if not day else ("planned, not in the highlights" if not held else _moved([day], [held]))
        )
        if (
            day
            and held
            and [s for s in before if order.index(s) < order.index(session)] != before[: before.index(session)]
        ):
            verdict += ", in another order"
        rows.append(("session", session, f"{type_}: {name}", verdict, f"{plan} / {held or 'not named'}", "[]"))
    topics = db.execute(
        "select t.id, t.session, t.topic, t.answered_by, t.note from topics t join sessions s on s.id = t.session"
        " where s.conference = ? and t.document = s.planned_document order by t.seq",
        (id_,),
    ).fetchall()
    for topic, session, text, answers, note in topics:
        verdict = "answered" if answers != "[]" else "silent"
        rows.append(("topic", topic, f"{session}: {text}", verdict, note or "", answers))
    covered = "select j.value from topics t, json_each(t.answered_by) j"
    unplanned = db.execute(
        "select r.id, r.kind, r.summary from recommendations r join sessions s on s.id = r.session"
        f" where s.conference = ? and s.type = 'panel' and r.id not in ({covered}) order by r.seq",
        (id_,),
    )
    rows += [("item", item, summary, "raised unplanned", kind, f'["{item}"]') for item, kind, summary in unplanned]
    return rows


def _moved(plan: Iterable[str], held: Iterable[str]) -> str:
    return "as planned" if list(plan) == list(held) else "moved"


def caveats(
    db: sqlite3.Connection, among: Sequence[int], criteria: Mapping[str, Sequence[str]], axis: str = ""
) -> dict[str, str]:
    """Name what keeps a comparison of these years from being one of like with like: a code and a sentence each."""
    if axis in ON_STAGE:
        return {"appearances": "Counts appearances: one person in one session in one role."}
    found = {}
    selection = Selection(db, LISTINGS["recs"], {**criteria, "year": [str(y) for y in among]})
    kinds: dict[int, list[str]] = {}
    for year, kind in db.execute(
        f"select distinct v.year, v.kind{selection.sql} order by v.year, v.kind", selection.parameters
    ):
        kinds.setdefault(year, []).append(kind)
    if len({k for of_year in kinds.values() for k in of_year}) > 1:
        listed = "; ".join(f"{y} {', '.join(k)}" for y, k in kinds.items())
        found["kinds-differ"] = f"Kinds differ in nature: {listed}."
    subjects = db.execute("select year, title from conferences order by year")
    listed = "; ".join(f"{y} {title}" for y, title in subjects if y in among)
    found["subjects-differ"] = f"Each conference had its own subject: {listed}."
    total, outside = db.execute(
        f"select count(*), coalesce(sum(v.thread is null), 0){selection.sql}", selection.parameters
    ).fetchone()
    if not axis:
        found[f"{outside}-of-{total}-items-outside-threads"] = f"Of {total} items, {outside} belong to no thread."
    return found
