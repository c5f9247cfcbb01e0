"""Derived tables, stored so that the time of a comparison does not depend on the number of records.

`fill` calls `derive` once all records are inserted. Whether a thread is asked, noted or absent in a year follows from
its entries in `thread_items`; its pattern in words follows from the years.
"""

from __future__ import annotations

from cthbkb.registry import LISTED
from cthbkb.scales import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

__all__ = ["AXES", "derive"]

AXES: dict[str, str] = {
    "theme": "select l.year, l.value, r.kind from recommendations_themes l join recommendations r on r.seq = l.seq",
    "addressee": "select l.year, l.value, r.kind from recommendations_addressees l join recommendations r"
    " on r.seq = l.seq union all select year, '', kind from recommendations where addressees = '[]'",
    "affected": "select l.year, l.value, r.kind from recommendations_affected l join recommendations r"
    " on r.seq = l.seq union all select year, '', kind from recommendations where affected = '[]'",
    "modality": "select year, modality as value, kind from recommendations where illustrates is null",
    "kind": "select year, kind as value, kind from recommendations",
    "role": "select s.year, a.role as value, '' as kind from appearances a join sessions s on s.id = a.session",
    "country": "select s.year, coalesce(a.country, '') as value, '' as kind from appearances a"
    " join sessions s on s.id = a.session",
}
"""Maps an axis of a comparison to a query of `(year, value, kind)`: one row per value of an item, '' for no value."""


def derive(db: sqlite3.Connection) -> None:
    """Fill the derived tables of a database that contains all records."""
    _bases(db)
    _members(db)
    _threads(db)
    _items(db)
    _counts(db)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _cell(values: Iterable[int | str]) -> str:
    """Encode years, which are numbers, or ids, which need no escapes, as a list cell."""
    texts = [str(value) if isinstance(value, int) else f'"{value}"' for value in values]
    return f"[{','.join(texts)}]"


def _bases(db: sqlite3.Connection) -> None:
    """Store the subject of each conference, the documents with its lists, and the number of its listed items."""
    kinds: dict[int, dict[str, None]] = {}
    sql = f"select distinct document, year from recommendations where kind in ({_marks(LISTED)})"
    of = dict(db.execute("select id, kind from documents"))
    for document, year in sorted(db.execute(sql, LISTED)):
        kinds.setdefault(year, {})[str(of[document]).replace("-", " ").capitalize()] = None
    counted = f"select year, sum(kind in ({_marks(LISTED)})), count(*) from recommendations group by year"
    counts = {year: (listed, total - listed) for year, listed, total in db.execute(counted, LISTED)}
    held: dict[int, list[tuple[str, str]]] = {}
    for year, id_, subject in db.execute("select year, id, coalesce(subject, title) from conferences order by seq"):
        held.setdefault(year, []).append((id_, subject))
    for year, found in held.items():  # two conferences in a year share its row
        subject = " and ".join(dict.fromkeys(subject for _, subject in found))
        row = (year, found[0][0], subject, " and ".join(kinds.get(year, ())), *counts.get(year, (0, 0)))
        db.execute(f"insert into year_bases values ({_marks(row)})", row)


def _members(db: sqlite3.Connection) -> None:
    """Store the entries of each thread by year, and by the themes of each entry."""
    for table, type_ in (
        ("recommendations", "recommendation"), ("statements", "statement"), ("activities", "activity"),
        ("commitments", "commitment"),
    ):  # fmt: skip
        db.execute(
            "insert into members select i.thread, r.year, i.seq, ?, i.item, i.asks, i.part"
            f" from thread_items i join {table} r on r.id = i.item",
            (type_,),
        )
        db.execute(
            "insert into theme_members select j.value, i.thread, r.year, i.seq"
            f" from thread_items i join {table} r on r.id = i.item, json_each(r.themes) j"
        )


def _threads(db: sqlite3.Connection) -> None:
    """Store the years in which each thread is asked or noted, their pattern in words, and its moves by word."""
    years = [year for (year,) in db.execute("select distinct year from conferences order by year")]
    states: dict[str, dict[int, bool]] = {}
    for thread, year, asked in db.execute("select thread, year, max(asks) from members group by thread, year"):
        states.setdefault(thread, {})[year] = bool(asked)
    items = dict(db.execute("select thread, count(*) from members where type = 'recommendation' group by thread"))
    words = dict(
        db.execute("select thread, json_group_array(distinct j.value) from moves, json_each(changes) j group by 1")
    )
    for id_, seq in db.execute("select id, seq from threads").fetchall():
        state = states.get(id_, {})
        asked, noted = ([y for y in years if state.get(y) is wanted] for wanted in (True, False))
        cells = (_cell(asked), _cell(noted), _cell(sorted(state)), words.get(id_, "[]"))
        row = (id_, *cells, pattern(years, state), items.get(id_, 0))
        db.execute(f"insert into thread_years values ({_marks(row)})", row)
        db.executemany("insert into threads_years values (?, 0, ?, ?)", [(year, seq, id_) for year in state])
    changes = "from moves m, json_each(m.changes) j"
    db.execute(f"insert into moves_changes select j.value, 0, m.seq, m.id {changes}")
    db.execute(
        f"insert into threads_changes select distinct j.value, 0, t.seq, t.id {changes}"
        " join threads t on t.id = m.thread"
    )


def _items(db: sqlite3.Connection) -> None:
    """Store the threads of each item, its main thread, and how that thread changed into the year of the item."""
    into: dict[tuple[str, int], str] = {}
    sql = (
        "select m.thread, b.year, m.changes from moves m"
        ' join conferences a on a.id = m."from" join conferences b on b.id = m."to" order by a.year'
    )
    for thread, year, changes in db.execute(sql):
        into[thread, year] = changes  # of several moves into a year, the one from the latest year remains
    threads: dict[int, tuple[str, int, list[str]]] = {}
    sql = (
        "select r.seq, r.id, r.year, i.thread from thread_items i join recommendations r on r.id = i.item"
        " order by i.seq"
    )
    for seq, id_, year, thread in db.execute(sql):
        threads.setdefault(seq, (id_, year, []))[2].append(thread)
    for seq, (id_, year, named) in sorted(threads.items()):
        words = [w for w in into.get((named[0], year), "[]")[2:-2].split('","') if w]
        row = (seq, id_, named[0], _cell(named), ", ".join(words) or None)
        db.execute("insert into item_threads values (?, ?, ?, ?, ?)", row)
        for table, values in (("threads", named), ("change", words)):
            links = [(value, year, seq, id_) for value in values]
            db.executemany(f"insert into recommendations_{table} values (?, ?, ?, ?)", links)


def _counts(db: sqlite3.Connection) -> None:
    """Store the number of items by theme, year and kind, and by value and year for each axis."""
    db.execute(
        "insert into theme_kinds select l.value, r.year, r.kind, count(*), sum(m.seq is null)"
        " from recommendations_themes l join recommendations r on r.seq = l.seq"
        " left join item_threads m on m.seq = l.seq group by l.value, r.year, r.kind"
    )
    listed = f"sum(kind in ('', {_marks(LISTED)}))"  # an appearance has no kind
    for axis, counted in AXES.items():
        sql = f"select ?, year, value, count(*), {listed} from ({counted}) group by year, value"
        db.execute(f"insert into axis_counts {sql}", (axis, *LISTED))
