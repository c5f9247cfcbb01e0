"""The Python interface, which gives notebooks and scripts the same answers: `from cthbkb import KnowledgeBase`.

>>> kb = KnowledgeBase()
>>> kb.rows("recs", theme="jits", year=2020)[0]["id"]
'2020-p2-o5'

Rows are dictionaries with the columns of the listing as keys; lists are lists, and unknown values are None. `frame`
returns the rows as a data frame of pandas or polars. All errors are those of `cthbkb.errors`. An object may be used
from several threads, which are served one at a time.
"""

from __future__ import annotations

import io
import operator
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Any, SupportsFloat, SupportsIndex, TypeVar, cast

from cthbkb import brief, cite, compare, excerpt, formats, origin, query, record, search, sql, store, terms
from cthbkb.catalog import COMMANDS, Request
from cthbkb.columns import COLUMNS, Col, decode
from cthbkb.errors import CthbkbError, Failure, UsageError, unknown
from cthbkb.registry import FILTERS, LISTINGS, Listing

__all__ = ["Hits", "KnowledgeBase", "Row", "Value"]

Value = str | int | float | bool | list[str] | list[int] | None
Row = dict[str, Value]
One = str | SupportsIndex | SupportsFloat
Wanted = One | Iterable[One] | None

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


CONTENT = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, AssertionError)
"""Errors that values of a wrong type or form cause."""


class Hits(list[Row]):
    """Rows with their `columns`; `total` is their number without a limit, `notes` say what was omitted or assumed."""

    total = 0
    notes: Sequence[str] = ()
    columns: Sequence[Col] = ()

    @property
    def cut(self) -> bool:
        """Whether there are more rows than these."""
        return self.total > len(self)


def _answering(method: F) -> F:
    """Decorate a method to serve one thread at a time, and to turn SQLite errors into errors of this package.

    On a database that the user names, other errors are caused by its content, and are turned into such errors too.
    """

    @wraps(method)
    def asked(self: KnowledgeBase, /, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            if not self._finalizer.alive:
                raise Failure("the knowledge base is closed", "Open it again: KnowledgeBase()")
            try:
                return method(self, *args, **kwargs)
            except UnicodeEncodeError as error:
                raise UsageError(
                    f"{error.object!r} is not a text that can be stored", "Remove the surrogates."
                ) from error
            except CthbkbError:
                raise
            except sqlite3.Error as error:
                failure = Failure(f"the database cannot be read: {error}", "Open it again: KnowledgeBase()")
                own = method.__name__ == "ask"  # it may be wrong itself
                raise ((not own and self.path and store.blamed(error, self.path)) or failure) from error
            except CONTENT as error:
                within = error.__traceback__ and error.__traceback__.tb_next  # else the call itself is wrong
                if not self.path or not within or method.__name__ == "ask":
                    raise
                raise store.explained(error, self.path) from error

    return cast(F, asked)


class KnowledgeBase:
    """The knowledge base, read-only: the packaged one, or the database at `path`.

    Raises:
        Failure: if there is no database of this version of the program at `path`.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        if not isinstance(path, str | os.PathLike | None):
            raise UsageError(f"path {path!r} is not a path", "Pass a file, or None for the packaged database.")
        self.path = store.chosen(None if path is None else os.fspath(path))
        self._lock = threading.RLock()
        self.connection: sqlite3.Connection = store.open_database(self.path)
        self._finalizer = weakref.finalize(self, self.connection.close)

    def __enter__(self) -> KnowledgeBase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; any further call raises `Failure`."""
        with self._lock:
            self._finalizer()

    @_answering
    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Call a function with the read-only connection, and return its result; threads are served one at a time."""
        return question(self.connection)

    @property
    def version(self) -> str:
        """The version of the data, as `cthbkb --version` prints it."""
        return str(self.ask(lambda db: db.execute("select value from meta where key = 'data'").fetchone()[0]))

    @property
    def listings(self) -> list[str]:
        """The names that `rows` accepts."""
        return list(LISTINGS)

    @_answering
    def rows(self, listing: str, *, sort: str = "", limit: SupportsIndex | None = None, **filters: Wanted) -> Hits:
        """Return the rows of a listing that match all filters; of several values of one filter, any one is enough.

        `not_theme="jits"` excludes a value, `all=True` requires all values, and the value `none` matches rows without a
        value. A filter that is None is ignored. With a `limit`, `total` is the number of rows without it.

        `kb.rows("speakers", year=2020, role=["moderator", "keynote"])` corresponds to
        `cthbkb speakers --year 2020 --role moderator --role keynote`.

        Raises:
            UsageError: for an unknown listing, filter, value or column.
        """
        noun = _listing(listing)
        criteria = _criteria(noun, filters)
        columns = query.columns(self.connection, noun)
        names = [col.name for col in columns]
        if not isinstance(sort, str) or (sort and sort not in names and sort.removeprefix("-") not in names):
            raise unknown("column", str(sort), names, f"Columns: {', '.join(names)}.")
        most = _limit(limit)
        selection = query.Selection(self.connection, noun, criteria)
        made = Hits(_row(columns, row) for row in self.connection.execute(*selection.rows(names, sort, most)))
        made.columns = columns
        made.total = len(made) if most is None or len(made) < most else selection.count(self.connection)
        if made.cut:
            made.notes = [f"{len(made)} of {made.total} {noun.what} shown"]
        return made

    def recs(self, **filters: Wanted) -> Hits:
        """Return recommendations and the other kinds of items: `rows("recs", ...)`."""
        return self.rows("recs", **filters)  # type: ignore[arg-type]  # sort and limit are named by the caller

    def speakers(self, **filters: Wanted) -> Hits:
        """Return appearances: `rows("speakers", ...)`."""
        return self.rows("speakers", **filters)  # type: ignore[arg-type]  # sort and limit are named by the caller

    def frame(self, rows: str | Hits, *, library: str = "pandas", **asked: Any) -> Any:
        """Return rows as a pandas data frame, or a polars one with `library="polars"`.

        `rows` is the name of a listing, with the filters, `sort` and `limit` of `rows`, or rows returned by another
        method: `kb.frame("recs", theme="jits")`, `kb.frame(kb.search("compensation"))`. Whole numbers are integers,
        unknown values are null, lists are lists.

        Raises:
            UsageError: as for `rows`, and for an unknown library.
            Failure: if the library is not installed.
        """
        from cthbkb import frames

        if isinstance(rows, Hits) and asked:
            raise UsageError("filters need the name of a listing, not rows", "Remove them.")
        found = rows if isinstance(rows, Hits) else self.rows(rows, **asked)
        return frames.frame(found.columns, ([*row.values()] for row in found), library)

    @_answering
    def facets(self, listing: str, name: str, **filters: Wanted) -> dict[str | int, int]:
        """Return the values of a filter with the number of matching rows that have each, the most frequent first.

        Raises:
            UsageError: for an unknown listing or filter, or a filter without values.
        """
        noun = _listing(listing)
        name = str(name).replace("_", "-")
        able = [f for f in noun.filters if FILTERS[f].noun]
        if name not in able:
            raise unknown("filter", name, able, f"Filters of {noun.name} with values: {', '.join(able)}.")
        return dict(query.Selection(self.connection, noun, _criteria(noun, filters)).facet(name))

    @_answering
    def show(self, name: str) -> dict[str, object]:
        """Return one record: its columns, and under `linked` lists of related records, each as `{id, title}`.

        Raises:
            UsageError: for a name that is unknown or ambiguous.
        """
        return record.show(self.connection, *record.find(self.connection, _text(name, "name"))).value()

    @_answering
    def search(
        self, words: str, limit: SupportsIndex = 20, *, type: Wanted = None, year: Wanted = None, theme: Wanted = None
    ) -> Hits:
        """Return the results of `cthbkb search`, best first: `type id year title snippet score kind matched`.

        `total` is the number of all results; `notes` say how the words were interpreted, and which ones no record has.

        Raises:
            UsageError: for an unknown type, year or theme.
        """
        most = _limit(limit)
        if most is None:
            raise UsageError("limit None is not a number of rows", "Write a whole number, such as 20.")
        recs = LISTINGS["recs"]
        types = [search.type_of(value) for value in _values("type", type)]
        years = [int(y) for y in query.resolve(self.connection, recs, "year", _values("year", year))]
        themes = [str(t) for t in query.resolve(self.connection, recs, "theme", _values("theme", theme))]
        parsed = terms.parse(_text(words, "words"))
        found = search.search(self.connection, parsed, types, years, themes, most)
        made = Hits(_row(COLUMNS["search"], row) for row in excerpt.rows(self.connection, found, most))
        made.columns = COLUMNS["search"]
        made.total, made.notes = found.total(self.connection), list(found.notes)
        if made.cut:
            made.notes.append(f"{len(made)} of {made.total} shown; limit={made.total} gives all")
        return made

    @_answering
    def compare(
        self,
        theme: Wanted = None,
        kind: Wanted = None,
        years: Wanted = None,
        by: str | None = None,
        *,
        gaps: bool = False,
        planned: One | None = None,
        outside: bool = False,
    ) -> Hits:
        """Return the rows of `cthbkb compare`; `notes` contains the caveat that applies to them.

        Without arguments, there is one row per ask and year; with a theme, one per ask and item about it; with `years`
        alone, one per ask and chosen year; with `by`, one per value of that axis and year; with `planned`, one
        per planned topic, unplanned item and session of that year; with `outside`, one per item that is in no thread.

        Raises:
            UsageError: for an unknown value, or arguments that cannot be combined.
        """
        criteria = {name: _values(name, value) for name, value in (("theme", theme), ("kind", kind))}
        made = compare.make(
            self.connection,
            compare.asked(
                self.connection,
                {name: values for name, values in criteria.items() if values},
                _values("years", years),
                planned=None if planned is None else _one("planned", planned),
                by=str(by) if by else None,
                outside=bool(outside),
                gaps=bool(gaps),
            ),
        )
        found = Hits(_row(made.columns, row) for row in made.rows)
        found.columns, found.total, found.notes = made.columns, len(found), [made.caveat]
        return found

    @_answering
    def cite(self, *names: str) -> Hits:
        """Return the citations of records, one row each: `id key un chicago acknowledgement url`.

        Raises:
            UsageError: for a record that is unknown, or not part of a document.
        """
        records = [record.find(self.connection, _text(name, "name")) for name in names]
        rows = cite.rows(cite.cited(self.connection, records))
        found = Hits(_row(COLUMNS["cite"], row) for row in rows)
        found.columns, found.total = COLUMNS["cite"], len(found)
        return found

    @_answering
    def brief(self, *records: str, format: str = "markdown", year: Wanted = None, **subject: Wanted) -> str:
        """Return a briefing as text, in Markdown or HTML: `kb.brief(theme="compensation")`, `kb.brief("2020-p2-r4")`.

        Raises:
            UsageError: for an unknown subject or format, or if there is not exactly one subject.
        """
        writers = {name: f"cthbkb.formats.prose:{name}" for name in ("markdown", "html")}
        if _text(format, "format") not in writers:
            raise unknown("format", format, writers, f"Formats: {', '.join(writers)}; Word: cthbkb brief -o FILE.docx")
        for name in subject:
            if name not in brief.SUBJECTS:
                raise unknown("subject", name, brief.SUBJECTS, f"Subjects: {', '.join(brief.SUBJECTS)}.")
        asked = {name: _values(name, value) for name, value in subject.items() if value is not None}
        if len(asked) + bool(records) != 1:
            raise UsageError(
                "a briefing needs exactly one subject",
                f"Use one of {', '.join(brief.SUBJECTS)}, or give the ids of records.",
            )
        years = _values("year", year)
        named = [_text(name, "name") for name in records]
        if asked:
            ((name, values),) = asked.items()
            about = brief.SUBJECTS[name](self.connection, values, years)
        else:
            about = brief.of_records(self.connection, named, years)
        request = Request(COMMANDS["brief"], named, {**asked, "year": years})
        told = origin.Origin(self.connection, request, origin.worded(self.connection, request, "briefing"))
        out = io.StringIO()
        formats.imported(writers[format])(brief.make(about, told), out, "a4")
        return out.getvalue()

    @_answering
    def sql(self, statement: str, *, limit: SupportsIndex = sql.ROWS, seconds: float = sql.SECONDS) -> Hits:
        """Run your own read-only SQL query; return at most `limit` rows, or fail after `seconds`.

        `cthbkb sql --schema` lists the views with their columns.

        Raises:
            UsageError: for a text that is not a query, or uses unknown names.
            Failure: for a query that does more than read, takes too long, or has too large a result.
        """
        most = _limit(limit)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= sql.LATEST:
            raise UsageError(
                f"seconds {seconds!r} is not a number up to {sql.LATEST}", "Write, for example: seconds=60"
            )
        made = sql.run(self.connection, _text(statement, "query"), sql.ROWS if most is None else most, seconds)
        found = Hits(_row(made.columns, row) for row in made.rows)
        found.columns, found.total = made.columns, len(found) + made.cut
        found.notes = [f"only the first {len(found)} rows; there are more"] if made.cut else []
        return found


def _listing(name: str) -> Listing:
    """Return the listing with this name, table name or alias.

    Raises:
        UsageError: if there is none.
    """
    known = next((x for x in LISTINGS.values() if name in (x.name, x.table.name, *x.aliases)), None)
    if known is None:
        raise unknown("listing", str(name), LISTINGS, f"Listings: {', '.join(LISTINGS)}.")
    return known


def _criteria(listing: Listing, filters: Mapping[str, Wanted]) -> dict[str, list[str]]:
    """Return filters as on the command line: `not_theme` becomes `not-theme`, and a false switch is omitted.

    Raises:
        UsageError: for a filter that the listing does not have, or a value of the wrong type.
    """
    found = {}
    for spelled, value in filters.items():
        name = spelled.replace("_", "-")
        plain = name if name in listing.filters else name.removeprefix("not-")
        if name != "all" and plain not in listing.filters:
            raise unknown("filter", name, listing.filters, f"Filters of {listing.name}: {', '.join(listing.filters)}.")
        if name == "all" or not FILTERS[plain].noun:
            values = [""] if _switch(spelled, value) else []
        else:
            values = _values(name, value)
        if values:
            found[name] = values
    return found


def _switch(name: str, value: Wanted) -> bool:
    """Return whether a switch is on.

    Raises:
        UsageError: for a value that is neither true nor false, such as "no", which is true in Python.
    """
    if value is None:
        return False
    if isinstance(value, str | Iterable) or value not in (True, False):
        raise UsageError(f"{name} {value!r} is neither true nor false", f"Write: {name}=True")
    return bool(value)


def _values(name: str, value: Wanted) -> list[str]:
    """Return the values of a filter as texts; none for None.

    Raises:
        UsageError: for an empty list, which is ambiguous: it could mean all or nothing.
    """
    if value is None:
        return []
    if isinstance(value, str | bytes | bool) or not isinstance(value, Iterable):
        return [_one(name, value)]
    values = [_one(name, one) for one in value]
    if not values:
        raise UsageError(f"{name} is an empty list", "Omit it, or pass None, to match everything.")
    return values


def _one(name: str, value: object) -> str:
    """Return one value as text: a text or a whole number, including numpy and pandas numbers and floats such as 2020.0.

    Raises:
        UsageError: for any other value.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, bool):
        try:
            return str(operator.index(value))  # type: ignore[arg-type]  # a value without an index raises
        except TypeError:
            pass
        try:
            number = float(value)  # type: ignore[arg-type]  # a value that is not a number raises
            if number.is_integer():
                return str(int(number))
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(
        f"{name} {value!r} is neither a text nor a whole number", "Pass a text such as 'jits', or a year such as 2020."
    )


def _limit(limit: SupportsIndex | None) -> int | None:
    """Return the maximum number of rows; None for no limit.

    Raises:
        UsageError: for a value that is not a number of rows.
    """
    if limit is None:
        return None
    try:
        most = -1 if isinstance(limit, bool) else operator.index(limit)
    except TypeError:
        most = -1
    if not 0 <= most < 10**9:
        raise UsageError(f"limit {limit!r} is not a number of rows", "Write a whole number, such as 20.")
    return most


def _text(value: object, what: str) -> str:
    """Return a value if it is a text.

    Raises:
        UsageError: for a value of another type.
    """
    if isinstance(value, str):
        return value
    raise UsageError(f"{what} {value!r} is not a text", "Pass a text, such as '2020-p2-r4'.")


def _row(columns: Sequence[Col], row: Sequence[str | int | float | None]) -> Row:
    return dict(zip([col.name for col in columns], decode(columns, row), strict=True))
