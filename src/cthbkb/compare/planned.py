"""`compare --planned`: the plan of a conference compared with what was held: topics, unplanned items, sessions."""

from __future__ import annotations

from cthbkb import page
from cthbkb.columns import items
from cthbkb.compare import Comparison, listed
from cthbkb.compare.asks import places
from cthbkb.errors import UsageError
from cthbkb.messages import agreed, counted
from cthbkb.terms import day_in_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Asked

__all__ = ["compare"]

VERDICTS = {
    "silent": "NOT TAKEN UP",
    "in prose or figures only": "TOUCHED ON IN PROSE OR FIGURES ONLY",
    "answered": "ANSWERED BY AN ITEM",
}
"""Maps the status of a topic to the heading of its list, in the order of the page."""

TOLD = {
    "answered": "answered by an item",
    "in prose or figures only": "touched on in prose or figures only",
    "silent": "not taken up",
}
"""Maps the status of a topic to its words in the totals, in display order."""

BREAKS = ("break", "social")

CAVEAT = (
    "The plan names no people, so planned and actual speakers cannot be compared. A topic counts as answered if an"
    " item addresses it."
)


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Compare a plan with what was held: one flat row for the conference, and for each topic, item and session.

    Raises:
        UsageError: for a year without a plan among the documents.
    """
    (year,) = asked.years
    conference = db.execute(
        "select id, title, planned_start, planned_end, held_start, held_end from conferences where year = ?", (year,)
    ).fetchone()
    if conference is None or not conference[2]:
        known = [y for (y,) in db.execute("select year from conferences where planned_start is not null")]
        raise UsageError(
            f"the documents contain no plan of {year}", f"Years with a plan: {', '.join(map(str, known))}."
        )
    id_, title, *days = conference
    verdict = "as planned" if days[:2] == days[2:] else "moved"
    detail = f"planned {_days(days[0], days[1])}, held {_days(days[2], days[3])}"
    topics, unplanned, sessions = _topics(db, id_), _unplanned(db, id_), _sessions(db, id_)
    rows = [("conference", id_, title, verdict, detail, "[]"), *topics, *unplanned, *sessions]
    return Comparison(
        "compare-planned",
        rows,
        CAVEAT,
        lambda: list(_page(places(db), year, rows[0], topics, unplanned, sessions)),
        lambda: [str(row[1]) for row in rows],
    )


MONTHS = "January February March April May June July August September October November December".split()


def _day(day: str) -> str:
    """Format a day for readers: `20 July`."""
    _, month, number = day.split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]}"


def _days(first: str, last: str) -> str:
    """Format a range of days for readers: `20-22 July 2020`."""
    if len(first) < 10 or len(last) < 10:
        return " to ".join(dict.fromkeys(day_in_words(day) or day for day in (first, last)))
    end = f"{_day(last)} {last[:4]}"
    if first == last:
        return end
    return f"{_day(first).split()[0]}-{end}" if first[:7] == last[:7] else f"{_day(first)} to {end}"


def _topics(db: sqlite3.Connection, conference: str) -> list[Row]:
    """Return each planned topic with the items that answer it; unanswered ones first."""
    rows = db.execute(
        "select t.id, t.session || ': ' || t.topic, t.status, coalesce(t.elsewhere, t.note), t.answered_by"
        " from list_topics t join sessions s on s.id = t.session"
        " where s.conference = ? and t.document = s.planned_document order by t.seq",
        (conference,),
    ).fetchall()
    order = list(VERDICTS)
    return [("topic", *row) for row in sorted(rows, key=lambda row: order.index(row[2]))]


def _unplanned(db: sqlite3.Connection, conference: str) -> list[Row]:
    """Return the items of panels that no planned topic covers."""
    rows = db.execute(
        "select r.id, r.summary, r.kind from recommendations r join sessions s on s.id = r.session"
        " where s.conference = ? and s.type = 'panel' and r.id not in (select j.value from topics t"
        " join sessions p on p.id = t.session, json_each(t.answered_by) j"
        " where p.conference = s.conference and t.document = p.planned_document) order by r.seq",
        (conference,),
    )
    return [("item", id_, summary, "raised unplanned", kind, listed([id_])) for id_, summary, kind in rows]


def _sessions(db: sqlite3.Connection, conference: str) -> list[Row]:
    """Return, for each session, whether it was held as planned, on another day or in another order; breaks last."""
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
    for session, type_, title, day, start, end, held in sorted(rows, key=lambda row: row[1] in BREAKS):
        plan = f"planned {day} {start or ''}-{end or ''}".strip(" -") if day else "not planned"
        if not day:
            verdict = "not named in the plan"
        elif not held:
            verdict = "planned, not in the highlights"
        else:
            verdict = "as planned" if day == held else "moved"
            verdict += "" if planned.index(session) == still.index(session) else ", in another order"
        aspect = "break" if type_ in BREAKS else "session"
        found.append((aspect, session, title, verdict, f"{plan}, {f'held {held}' if held else 'not named'}", "[]"))
    return found


def _page(
    names: Mapping[str, str],
    year: int,
    conference: Row,
    topics: Sequence[Row],
    unplanned: Sequence[Row],
    sessions: Sequence[Row],
) -> Iterator[page.Block]:
    yield page.Heading(f"{year}: PLANNED AND HELD", str(conference[4]))
    yield page.Blank()
    yield page.Para(_totals(topics, unplanned, sessions))
    yield page.Blank()
    for status, title in VERDICTS.items():
        yield from _group(title, [row for row in topics if row[3] == status], names, year)
    rows = [[str(row[1]).removeprefix(f"{year}-"), str(row[2])] for row in unplanned]
    yield from _listed("RAISED WITHOUT BEING PLANNED", rows, "lc")
    for title, aspect in (("SESSIONS", "session"), ("BREAKS", "break")):
        rows = [[names[str(r[1])], str(r[2]), str(r[3]), _when(r)] for r in sessions if r[0] == aspect]
        yield from _listed(title, rows, "lcww")
    yield page.Para(CAVEAT)


def _when(row: Row) -> str:
    """Return the planned and the actual day of a session: `30 March → 20 July`."""
    days = [_day(word.strip(",")) for word in str(row[4]).split() if word[:4].isdigit() and word.count("-") == 2]
    return " → ".join(map(page.glued, days))


def _totals(topics: Sequence[Row], unplanned: Sequence[Row], sessions: Sequence[Row]) -> str:
    """Summarise the comparison."""
    told = _status_totals([str(row[3]) for row in topics])
    own = [row for row in sessions if row[0] == "session"]
    moved = [row for row in own if str(row[3]).startswith("moved")]
    reordered = len([row for row in moved if "order" in str(row[3])])
    raised = counted(len(unplanned), "items") if unplanned else "No item"
    return (
        f"{told} {raised} of the panels {agreed(max(1, len(unplanned)), 'was', 'were')} raised without being planned."
        f" Of {counted(len(own), 'sessions')}, {len(moved) or 'none'} moved"
        f"{f', {reordered} of them into another order' if reordered else ''}."
    )


def _status_totals(statuses: Sequence[str]) -> str:
    """Summarise the announced topics by status, omitting any status that does not occur."""
    if not statuses:
        return "The plan announces no topics."
    found = [(statuses.count(status), TOLD[status]) for status in TOLD if status in statuses]
    (count, what), *rest = found
    words = ", ".join([f"{count} {agreed(count, 'is', 'are')} {what}", *(f"{n} {other}" for n, other in rest)])
    return f"Of {counted(len(statuses), 'announced topics')}, {words}."


def _group(title: str, rows: Sequence[Row], names: Mapping[str, str], year: int) -> Iterator[page.Block]:
    """List topics with their session, and the items that answer them or where else they are addressed."""
    made = []
    for _, _, what, _, detail, answers in rows:
        session, _, topic = str(what).partition(": ")
        short = ", ".join(i.removeprefix(f"{year}-") for i in items(answers))
        made.append([names[session], topic, short or str(detail or "")])
    yield from _listed(title, made, "lww")


def _listed(title: str, rows: Sequence[Sequence[str]], align: str) -> Iterator[page.Block]:
    if rows:
        yield page.Para(f"{title} ({len(rows)})", style="bold")
        yield page.Grid([""] * len(align), rows, align)
        yield page.Blank()
