"""`compare --outside`: the items that belong to no thread, and are therefore not in any comparison of asks."""

from __future__ import annotations

from cthbkb.columns import COLUMNS
from cthbkb.compare import Comparison, bases
from cthbkb.messages import agreed, counted
from cthbkb.query import LISTINGS, Selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cthbkb.compare import Asked, Criteria

__all__ = ["compare", "number"]


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """List the items of some years (all, if none is given) that match the criteria and belong to no thread."""
    years = {"year": [str(y) for y in asked.years]} if asked.years else {}
    selection = Selection(db, LISTINGS["recs"], {**asked.criteria, **years})
    columns = COLUMNS["compare-outside"]
    sql, parameters = selection.rows([c.name for c in columns])
    rows = db.execute(f"select * from ({sql}) where id not in (select item from thread_items)", parameters).fetchall()
    total = selection.count(db)
    said = (
        f"{len(rows)} of {counted(total, 'items')} {agreed(len(rows), 'belongs', 'belong')} to no thread;"
        " such items are in no comparison of asks."
    )
    return Comparison("compare-outside", rows, said, None, lambda: [row[0] for row in rows])


def number(db: sqlite3.Connection, years: Sequence[int], criteria: Criteria) -> tuple[int, int]:
    """Return the number of items of some years that match the criteria and belong to no thread, and the total number.

    Without criteria, stored counts are used, so that the time does not depend on the number of items.
    """
    if criteria:
        selection = Selection(db, LISTINGS["recs"], {**criteria, "year": [str(y) for y in years]})
        sql = f"select coalesce(sum(v.thread is null), 0), count(*){selection.sql}"
        alone, total = db.execute(sql, selection.parameters).fetchone()
        return alone, total
    total = sum(base.listed + base.prose for base in bases(db, years))
    sql = "select r.year, count(*) from item_threads m join recommendations r on r.seq = m.seq group by r.year"
    inside = sum(count for year, count in db.execute(sql) if not years or year in years)
    return total - inside, total
