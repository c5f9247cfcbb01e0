"""Comparisons across years: what was asked in which year, how it changed, what a document does not mention.

A comparison says only that a document does not mention an ask, never that its authors gave it up: each conference had
its own subject, as a caveat in every comparison states. A view is a module of this package with a function
`compare(db, asked)`. It returns a `Comparison`: flat rows for data formats, a page for a terminal, and the ids of the
records that it is based on, which `--count` and `--cite-query` count. Nothing here prints.
"""

from __future__ import annotations

import sys

from cthbkb.columns import COLUMNS, Col
from cthbkb.errors import UsageError, shown
from cthbkb.query import LISTINGS, Selection, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cthbkb.columns import Row
    from cthbkb.page import Page

    Criteria = Mapping[str, Sequence[str]]

__all__ = [
    "VIEWS",
    "Asked",
    "Base",
    "Comparison",
    "again",
    "asked",
    "bases",
    "caveat",
    "ids",
    "listed",
    "make",
    "number",
    "numbers",
    "sentence",
]

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


VIEWS = {
    "overview": "cthbkb.compare.overview",
    "theme": "cthbkb.compare.theme",
    "years": "cthbkb.compare.between",
    "by": "cthbkb.compare.axis",
    "planned": "cthbkb.compare.planned",
    "outside": "cthbkb.compare.outside",
}
"""Maps a view to its module; only the module of the requested view is loaded."""


class Asked:
    """The request for a comparison: the view, the criteria for items, the years, and the arguments of single views.

    `axis`, `gaps` and `sort` (empty, `shift` or `-shift`) apply to the view `by`; the view `planned` has one year.
    """

    __slots__ = ("axis", "criteria", "gaps", "sort", "view", "years")

    def __init__(
        self,
        view: str,
        criteria: Criteria,
        years: Iterable[int] = (),
        axis: str = "",
        gaps: bool = False,
        sort: str = "",
    ) -> None:
        self.view = view
        self.criteria = criteria
        self.years = sorted(set(years))
        self.axis = axis
        self.gaps = gaps
        self.sort = sort


def asked(
    db: sqlite3.Connection,
    criteria: Criteria,
    years: Sequence[str] = (),
    *,
    planned: str | None = None,
    by: str | None = None,
    outside: bool = False,
    gaps: bool = False,
    sort: str = "",
) -> Asked:
    """Choose the view for the arguments; arguments that cannot be combined are rejected rather than ignored.

    Raises:
        UsageError: for arguments that cannot be combined, and for a year in which no conference was held.
    """
    modes = [
        name for name, on in (("planned", planned is not None), ("by", by is not None), ("outside", outside)) if on
    ]
    if len(modes) > 1:
        raise UsageError(f"--{modes[0]} and --{modes[1]} cannot be combined", "Use only one of them.")
    view = modes[0] if modes else "theme" if "theme" in criteria else "years" if years else "overview"
    if gaps and view != "by":
        raise UsageError("--gaps requires --by", "Write, for example: cthbkb compare --by theme --gaps")
    if view == "planned":
        for name in criteria:
            raise UsageError(f"--planned does not take --{name}", "Remove it.")
        if years:
            raise UsageError(f"--planned does not take another year {shown(years[0])}", "Remove it.")
    return Asked(view, criteria, _held(db, [planned] if planned is not None else years), by or "", gaps, sort)


def _held(db: sqlite3.Connection, texts: Sequence[str]) -> list[int]:
    """Return the named years.

    Raises:
        UsageError: for a year without a conference, such as that of a report.
    """
    found = [int(y) for text in texts for y in resolve(db, LISTINGS["recs"], "year", [text])]
    held = [base.year for base in bases(db)]
    for year in found:
        if year not in held:
            raise UsageError(f"no conference was held in {year}", f"Years: {', '.join(map(str, held))}.")
    return found


def make(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Return the requested comparison.

    Raises:
        UsageError: for arguments that the view does not take.
    """
    __import__(VIEWS[asked.view])
    compare: Callable[[sqlite3.Connection, Asked], Comparison] = sys.modules[VIEWS[asked.view]].compare
    return compare(db, asked)


class Comparison:
    """Flat rows with the columns of a view, the caveat, and functions that return the page and the ids."""

    __slots__ = ("caveat", "columns", "ids", "page", "rows")

    def __init__(
        self,
        name: str,
        rows: Iterable[Row],
        caveat: str,
        page: Callable[[], Page] | None,
        ids: Callable[[], Sequence[str]],
    ) -> None:
        self.columns: Sequence[Col] = COLUMNS[name]
        self.rows = list(rows)
        self.caveat = caveat
        self.page = page
        self.ids = ids


class Base:
    """A conference in a comparison: its subject, the documents with its printed lists, and its numbers of items."""

    __slots__ = ("documents", "listed", "prose", "subject", "year")

    def __init__(self, year: int, subject: str, documents: str, listed: int, prose: int) -> None:
        self.year = year
        self.subject = subject
        self.documents = documents
        self.listed = listed
        self.prose = prose

    def name(self) -> str:
        """Return the year and the subject: `2020 prosecution`."""
        return f"{self.year} {self.subject}"


def bases(db: sqlite3.Connection, among: Sequence[int] = ()) -> list[Base]:
    """Return the conferences in order, restricted to some years if these are given."""
    rows = db.execute("select year, subject, documents, listed, prose from year_bases order by year")
    return [Base(*row) for row in rows if not among or row[0] in among]


def caveat(found: Sequence[Base]) -> str:
    """Return the caveat of a comparison of these conferences."""
    subjects = ", ".join(base.name() for base in found)
    return (
        f"Each conference had its own subject ({subjects}):"
        " an ask missing from a document was not necessarily withdrawn."
    )


def ids(db: sqlite3.Connection, criteria: Criteria, among: Sequence[int] = ()) -> list[str]:
    """Return the ids of the items that match the criteria, in print order, as in `recs`."""
    asked = {**criteria, "year": [str(y) for y in among]} if among else criteria
    return [i for (i,) in db.execute(*Selection(db, LISTINGS["recs"], asked).rows(["id"]))]


def listed(values: Iterable[object]) -> str:
    """Encode texts without quotes or backslashes (ids, words of a scale) as a list cell."""
    texts = '","'.join(map(str, values))
    return f'["{texts}"]' if texts else "[]"


def number(count: int) -> str:
    """Return a small number as a word."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def numbers(parts: Iterable[tuple[int, str]], nothing: str = "none") -> str:
    """Join `(count, what)` pairs, omitting counts of zero: `8 of 2020, 2 of 2022`."""
    return ", ".join(f"{count} {what}" for count, what in parts if count) or nothing


def again(criteria: Criteria, *names: str) -> str:
    """Return criteria as options for another command, with a space before each."""
    from shlex import quote

    return "".join(f" --{name} {quote(value)}" for name in names for value in criteria.get(name, ()))


def sentence(text: str) -> str:
    """End a text with a full stop, unless it has another mark at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
