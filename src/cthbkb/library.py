"""The same answers for a notebook or a script: `from cthbkb import KnowledgeBase`.

>>> kb = KnowledgeBase()
>>> kb.rows("recs", theme="jits", year=2020)[0]["id"]
'2020-p2-o5'

Rows are dictionaries with the columns of the listing as keys; lists are lists, and unknown values are None. Errors are
those of `cthbkb.errors`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from types import TracebackType

from cthbkb import compare, query, record, search, store, terms
from cthbkb.columns import COLUMNS, Col, decode
from cthbkb.errors import unknown
from cthbkb.registry import LISTINGS

__all__ = ["Hits", "KnowledgeBase", "Row", "Value"]

Value = str | int | float | bool | list[str] | None
Row = dict[str, Value]
Wanted = str | int | bool | Iterable[str | int]


class Hits(list[Row]):
    """Rows of a listing or search; `total` is how many there are without a limit, `notes` how words were read."""

    total = 0
    notes: Sequence[str] = ()


class KnowledgeBase:
    """The knowledge base, read-only: the packaged one, or the database at `path`."""

    def __init__(self, path: str | None = None) -> None:
        self.connection: sqlite3.Connection = store.open_database(path)

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    @property
    def version(self) -> str:
        """The version of the data, as `cthbkb --version` prints it."""
        return str(self.connection.execute("select value from meta where key = 'data'").fetchone()[0])

    @property
    def listings(self) -> list[str]:
        """The names that `rows` takes."""
        return list(LISTINGS)

    def rows(self, listing: str, *, sort: str = "", limit: int | None = None, **filters: Wanted) -> Hits:
        """Return the rows of a listing that match all filters; of several values of a filter, any one.

        `not_theme="jits"` excludes, `all=True` requires every value, and the value `none` stands for no value. With a
        `limit`, `total` of the answer is the number of rows without it.

        `kb.rows("speakers", year=2020, role=["moderator", "keynote"])` corresponds to
        `cthbkb speakers --year 2020 --role moderator --role keynote`.

        Raises:
            UsageError: for a listing, filter, value or column that does not exist.
        """
        listing = next((x.name for x in LISTINGS.values() if listing in {x.table.name, *x.aliases}), listing)
        if listing not in LISTINGS:
            raise unknown("listing", listing, LISTINGS, f"Listings: {', '.join(LISTINGS)}.")
        noun = LISTINGS[listing]
        filters = {name.replace("_", "-"): value for name, value in filters.items()}
        for name in filters:
            if name != "all" and name not in noun.filters and name.removeprefix("not-") not in noun.filters:
                raise unknown("filter", name, noun.filters, f"Filters of {listing}: {', '.join(noun.filters)}.")
        criteria = {name: _texts(value) for name, value in filters.items() if value is not None and value is not False}
        columns = query.columns(self.connection, noun)
        names = [col.name for col in columns]
        if sort and sort.lstrip("-") not in names:
            raise unknown("column", sort, names, f"Columns: {', '.join(names)}.")
        selection = query.Selection(self.connection, noun, criteria)
        made = Hits(_row(columns, row) for row in self.connection.execute(*selection.rows(names, sort, limit)))
        made.total = len(made) if limit is None or len(made) < limit else selection.count(self.connection)
        return made

    def recs(self, **filters: Wanted) -> list[Row]:
        """Return recommendations and the other kinds of items: `rows("recs", ...)`."""
        return self.rows("recs", **filters)  # type: ignore[arg-type]  # sort and limit are named by the caller

    def speakers(self, **filters: Wanted) -> list[Row]:
        """Return appearances: `rows("speakers", ...)`."""
        return self.rows("speakers", **filters)  # type: ignore[arg-type]  # sort and limit are named by the caller

    def show(self, name: str) -> dict[str, object]:
        """Return one record: its columns, and under `linked` lists of related records, each as `{id, title}`."""
        return record.show(self.connection, *record.find(self.connection, name)).value()

    def search(self, words: str, limit: int = 20) -> Hits:
        """Return what `cthbkb search` finds, best first: `type id year title snippet score kind matched`.

        The list says how many there are in all (`total`), and how the words were read and what nothing has (`notes`).
        """
        found = search.search(self.connection, terms.parse(words), most=limit)
        made = Hits(_row(COLUMNS["search"], row) for row in search.rows(self.connection, found, limit))
        made.total, made.notes = found.total(self.connection), found.notes
        return made

    def compare(
        self,
        theme: str | Sequence[str] = (),
        kind: str | Sequence[str] = (),
        years: Sequence[int] = (),
        by: str = "",
    ) -> list[Row]:
        """Return what `cthbkb compare` tells in data formats.

        Without a theme one row an ask and year; with one, a row an ask and item about it; with `years` alone, a row an
        ask and year of these; with `by`, a row a value of that axis and year.
        """
        criteria = {name: _texts(value) for name, value in (("theme", theme), ("kind", kind)) if value}
        view = "by" if by else "theme" if theme else "years" if years else "overview"
        made = compare.make(self.connection, compare.Asked(view, criteria, years, by))
        return [_row(made.columns, row) for row in made.rows]


def _texts(value: Wanted) -> list[str]:
    if isinstance(value, str | int):
        return [str(value)]
    return [str(v) for v in value]


def _row(columns: Sequence[Col], row: Sequence[str | int | float | None]) -> Row:
    return dict(zip([col.name for col in columns], decode(columns, row), strict=True))
