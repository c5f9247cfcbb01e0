"""One record with everything linked to it, and what people type to name one.

`RELATED` is the table of links: for each table, the parts shown below a record, each a query of `(id, text)` that
reads the record's id as `:id`.
"""

from __future__ import annotations

from cthbkb.errors import UsageError, closest
from cthbkb.query import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from cthbkb.formats import Cell

__all__ = ["RELATED", "find", "rows"]

VIEWS = {
    "conferences": "conferences", "documents": "documents", "sessions": "sessions", "people": "people",
    "organizations": "organizations", "themes": "themes", "threads": "threads", "recommendations": "recs",
    "appearances": "speakers", "statistics": "statistics", "instruments": "instruments",
    "publications": "publications", "statements": "statements", "activities": "activities",
    "commitments": "commitments", "discrepancies": "discrepancies", "abbreviations": "abbreviations",
    "topics": "topics", "distinctions": "distinctions",
}  # fmt: skip
"""Table to the view that shows one of its records; in the order in which an id is looked for."""

APPEARANCES = """
select session, year || ' ' || role || coalesce(', ' || position, '') || coalesce(' (' || country || ')', '')
from list_speakers where person = :id order by seq
"""
STATEMENTS = "select id, year || ' ' || medium || ': ' || gist from list_statements where speaker = :id order by seq"
DISCREPANCIES = """
select d.id, d.topic || ': ' || d.value_a || ' / ' || d.value_b
from discrepancies d where exists (select 1 from json_each(d.records) where value = :id) order by d.seq
"""
PERSONAL_DISCREPANCIES = """
select distinct d.id, d.topic || ': ' || d.value_a || ' / ' || d.value_b
from discrepancies d, json_each(d.records) j
where j.value = :id or j.value in (select id from appearances where person = :id) order by d.seq
"""
ITEMS = "select id, kind || ', ' || modality || ': ' || summary from recommendations where {} order by seq"
CITED = """
select document || ': ' || section, coalesce(note, '') from citations where {} = :id order by seq
"""
FULFILS = """
select id, what from activities where fulfilled_by = :id
union all select id, what from commitments where fulfilled_by = :id
"""

RELATED: dict[str, dict[str, str]] = {
    "conferences": {
        "sessions": "select id, type || ': ' || title from sessions where conference = :id order by seq",
        "figures": "select x.id, x.value || coalesce(' ' || x.unit, '') || ': ' || x.what from statistics x"
        " join sessions s on s.id = x.session where s.conference = :id and s.id = :id || '-intro' order by x.seq",
        "discrepancies": DISCREPANCIES,
    },
    "sessions": {
        "topics": "select id, topic from topics where session = :id order by seq",
        "speakers": "select person, role || ': ' || name || coalesce(', ' || position, '')"
        " || coalesce(' (' || country || ')', '') from list_speakers where session = :id order by seq",
        "items": ITEMS.format("session = :id"),
        "statistics": "select id, value || ': ' || what from statistics where session = :id order by seq",
        "statements": "select id, name || ': ' || gist from list_statements where session = :id order by seq",
        "publications": "select id, title from publications where session = :id order by seq",
        "discrepancies": DISCREPANCIES,
    },
    "people": {
        "appearances": APPEARANCES,
        "statements": STATEMENTS,
        "attributed items": ITEMS.format("attributed_to = :id"),
        "discrepancies": PERSONAL_DISCREPANCIES,
    },
    "organizations": {
        "appearances": "select person, year || ' ' || role || ', ' || session || ': ' || name from list_speakers"
        " where organization_id = :id order by seq",
        "sessions organised": "select s.id, s.title from sessions_organisers l join sessions s on s.seq = l.seq"
        " where l.value = :id order by s.seq",
        "activities": "select a.id, a.what from activities_partners l join activities a on a.seq = l.seq"
        " where l.value = :id order by a.seq",
    },
    "themes": {
        "narrower": "select id, label from themes where broader = :id order by seq",
        "threads": "select t.id, t.label from threads_themes l join threads t on t.seq = l.seq where l.value = :id"
        " order by t.seq",
        "items": "select r.id, r.kind || ', ' || r.modality || ': ' || r.summary from recommendations_themes l"
        " join recommendations r on r.seq = l.seq where l.value = :id order by r.seq",
    },
    "threads": {
        "timeline": "select r.id, r.year || ' ' || r.kind || ', ' || r.modality"
        " || coalesce(' [' || r.change || ']', '') || ': ' || r.summary || coalesce(' (' || r.change_note || ')', '')"
        " from recommendations r where r.thread = :id order by r.seq",
        "kept apart": "select d.id, d.reason from distinctions d where exists (select 1 from json_each(d.items) i"
        " join recommendations r on r.id = i.value where r.thread = :id) order by d.seq",
    },
    "recommendations": {
        "thread": "select t.id, t.label || ' (' || s.status || '): ' || t.summary from recommendations r"
        " join threads t on t.id = r.thread join thread_status s on s.thread = t.id where r.id = :id",
        "same thread": "select o.id, o.kind || ', ' || o.modality || coalesce(' [' || o.change || ']', '') || ': '"
        " || o.summary from recommendations r join recommendations o on o.thread = r.thread and o.id <> r.id"
        " where r.id = :id order by o.seq",
        "kept apart": "select d.id, d.reason from distinctions d"
        " where exists (select 1 from json_each(d.items) where value = :id) order by d.seq",
        "speakers of the session": "select a.person, a.role || ': ' || a.name from list_speakers a"
        " join recommendations r on r.session = a.session where r.id = :id order by a.seq",
        "discrepancies": DISCREPANCIES,
    },
    "instruments": {"cited in": CITED.format("instrument")},
    "publications": {"cited in": CITED.format("publication"), "fulfils": FULFILS, "discrepancies": DISCREPANCIES},
    "documents": {
        "items": "select kind, count(*) from recommendations where document = :id group by kind order by count(*) desc",
        "discrepancies": "select id, topic || ': ' || value_a || ' / ' || value_b from discrepancies"
        " where document_a = :id or document_b = :id order by seq",
    },
    "appearances": {"discrepancies": DISCREPANCIES},
    "statistics": {"discrepancies": DISCREPANCIES},
}

WORDS = {
    "panel": "p", "side event": "side", "side": "side", "recommendation": "r", "rec": "r", "observation": "o",
    "obs": "o", "takeaway": "t", "framework": "f", "arrow": "f", "goal": "g", "call": "c", "conclusion": "s",
    "preface": "preface", "keynote": "keynote", "opening": "opening", "closing": "closing", "intro": "intro",
    "introduction": "intro", "foreword": "foreword", "welcome": "welcome", "report": "report",
}  # fmt: skip


def find(db: sqlite3.Connection, text: str) -> tuple[str, str]:
    """Return the table and id of the record that a user names: by id, by the words of an id, or by name.

    Raises:
        UsageError: when nothing, or more than one thing, has that name.
    """
    for candidate in (text.strip(), text.strip().lower(), _spelled(db, text)):
        for table in VIEWS:
            if db.execute(f"select 1 from {table} where id = ?", (candidate,)).fetchone():
                return table, candidate
    key = fold(text)
    named = db.execute(
        "select distinct field, id from names where name = ? and field in (select value from json_each(?))",
        (key, '["people","themes","organizations","threads","documents","sessions"]'),
    ).fetchall()
    if not named and key:
        words = key.split()
        people = db.execute(
            "select distinct field, id, name from names where field in ('people', 'organizations', 'threads')"
        )
        named = list(dict.fromkeys((f, i) for f, i, n in people if set(words) <= set(n.split())))
    if len(named) == 1:
        table, id_ = named[0]
        return table, id_
    if named:
        raise UsageError(f"{text!r} could be {', '.join(i for _, i in named[:6])}", "Use one of these ids.")
    known = [i for table in VIEWS for (i,) in db.execute(f"select id from {table}")]
    near = closest(_spelled(db, text), known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(
        f"no record {text!r}", f"{guess}Ids are in the first column of every list; or try: cthbkb search {text}"
    )


def _spelled(db: sqlite3.Connection, text: str) -> str:
    """Spell the words of an id as the id: `2020 panel 2 rec 4` is 2020-p2-r4, `20th conference` 2020."""
    numbers = {str(number): id_ for number, id_ in db.execute("select number, id from conferences")}
    parts: list[str] = []
    joined = False
    for spelled in fold(text).replace("side event", "side").split():
        word = spelled[:-2] if spelled[:-2].isdigit() and spelled[-2:] in {"st", "nd", "rd", "th"} else spelled
        if word in {"conference", "the", "of", "no", "number", "item", "session"}:
            continue
        short = WORDS.get(word, WORDS.get(word.removesuffix("s"), ""))
        if short:
            parts.append(short)
            joined = short not in {"preface", "keynote", "opening", "closing", "intro", "foreword", "welcome", "report"}
        elif joined and word[:1].isdigit():
            parts[-1] += word
            joined = False
        else:
            parts.append(numbers.get(word, word) if not parts else word)
    return "-".join(parts)


def rows(db: sqlite3.Connection, table: str, id_: str) -> Iterator[tuple[Cell, Cell, Cell]]:
    """Yield `(part, field, value)`: the record's own columns as part `record`, then what is linked, part by part."""
    key = "slug" if table == "themes" else "id"
    yield "record", "table", table
    cursor = db.execute(f"select * from list_{VIEWS[table]} where {key} = ?", (id_,))
    names = [d[0] for d in cursor.description]
    for name, value in zip(names, cursor.fetchone(), strict=True):
        if name != "seq":
            yield "record", name, value
    for part, sql in RELATED.get(table, {}).items():
        for name, text in db.execute(sql, {"id": id_}):
            yield part, name, text
