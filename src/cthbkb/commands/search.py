"""`search`: full-text search over all tables, with marked matches and their reason."""

from __future__ import annotations

import os
from collections import Counter

from cthbkb import cache, excerpt, search, terms
from cthbkb.columns import COLUMNS, items
from cthbkb.commands import cited, database, origin_of
from cthbkb.formats import Answer, Output, emit
from cthbkb.registry import LISTINGS, TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cthbkb.catalog import Request
    from cthbkb.columns import Cell
    from cthbkb.rank import Found

__all__ = ["run"]

ELSEWHERE = {
    "change changed changes drop drops": "cthbkb compare --theme THEME, or cthbkb compare 2016 2022",
    "new": "cthbkb compare 2020 2022",
    "back came": "cthbkb threads --in 2016 --not-in 2020",
    "appear appears twice recurring": "cthbkb people --recurring",
    "planned discussed": "cthbkb compare --planned 2020",
    "missing": "cthbkb compare --by theme --gaps",
}
"""Maps words of a question about the data as a whole to the command that answers it better than a search."""

SHOWN = 20
"""The default of `--limit`."""

LANGUAGE = "The records are in English; only themes also have names in German, French and Russian."
"""Note after an empty search for words in another language or script."""


def run(request: Request) -> int:
    """Search for the words of the request."""
    output = Output(request, SHOWN)
    db = database(request)
    parsed = terms.parse(" ".join(request.arguments))
    types = [search.type_of(t) for t in request.options.get("type", ())]
    years = [int(year) for year in _resolved(db, request, "year")]
    themes = [str(theme) for theme in _resolved(db, request, "theme")]
    found = search.search(db, parsed, types, years, themes, output.limit or 0)
    columns = COLUMNS["search"]
    if output.lists(columns):
        return 0
    total = found.total(db)
    if output.count:
        print(total)
        return 0
    if output.limit is None:
        output.limit = SHOWN
    ranked = excerpt.rows(db, found, None if output.sort else output.limit)
    quoted = _quoted(db, request, ranked, years, themes, types) if os.path.isdir(cache.sources_folder()) else []
    ranked = [*ranked, *quoted]
    chosen, rows = output.shape(columns, ranked)
    if output.format == "table" and not output.columns:
        kind = [c.name for c in columns].index("kind")
        rows = [[row[kind] if row[0] == "recommendation" else row[0], *row[1:]] for row in rows]
    answer = Answer("results", chosen, rows, notes=found.notes)
    answer.origin = origin_of(db, request, f"results for {' '.join(request.arguments)}")
    answer.works = cited(db, lambda: _sourced(db, ranked))
    asked = {unit.text for group in parsed.groups for unit in group if not unit.exact}
    answer.notes += [f"see also: {command}" for said, command in ELSEWHERE.items() if asked & set(said.split())]
    if quoted:
        answer.notes.append(f"{len(quoted)} more found by the original words in your own copies")
    if not found.rows and not quoted:
        answer.notes += ["nothing found", *search.nearest(db, parsed)]
        if parsed.foreign or found.strange:
            answer.notes.append(LANGUAGE)
        answer.notes.append("Use fewer words, a prefix such as prosecut*, or OR; to list themes: cthbkb themes")
    elif len(rows) - len(quoted) < total:
        answer.notes.append(f"{len(rows) - len(quoted)} of {total} shown; to show all: --limit {total}")
    if found.rows and output.caveats:
        answer.caveats += _facets(db, found)
    if request.switch("cite-query"):
        from cthbkb import repeat

        answer.notes += repeat.notes(db, request, [str(row[1]) for row in ranked[: output.limit]])
    return emit(answer, output)


def _resolved(db: sqlite3.Connection, request: Request, name: str) -> list[str | int]:
    """Return the ids for the values of a filter of the request."""
    values = request.options.get(name)
    if not values:
        return []
    from cthbkb import query

    return query.resolve(db, LISTINGS["recs"], name, values)


def _quoted(
    db: sqlite3.Connection, request: Request, ranked: Sequence[Sequence[Cell]], years: Sequence[int],
    themes: Sequence[str], types: Sequence[str],
) -> list[list[Cell]]:  # fmt: skip
    """Return rows for the records whose original words match the query, other than those already among the results."""
    from cthbkb import copies

    known = {str(row[1]) for row in ranked}
    asked = (set(years), set(themes), set(types))
    return [row for row in copies.search(db, request.arguments, *asked) if str(row[1]) not in known]


def _sourced(db: sqlite3.Connection, ranked: Iterable[Sequence[Cell]]) -> list[tuple[str, str]]:
    """Return the table and id of the results that come from a document."""
    from cthbkb import cite

    tables = {table.singular: table.name for table in TABLES.values()}
    return cite.standing(db, [(tables[str(row[0])], str(row[1])) for row in ranked])


def _facets(db: sqlite3.Connection, found: Found) -> list[str]:
    """Count the results by type (as shown in the rows), by year and by theme."""
    types: Counter[str] = Counter()
    years: Counter[str] = Counter()
    themes: Counter[str] = Counter()
    for type_, kind, year, about in found.each(db, "r.type, r.kind, r.year, r.themes"):
        types[str(kind if type_ == "recommendation" else type_)] += 1
        years[str(year)] += year is not None
        themes.update(items(about))
    parts = []
    for name, counted in (("type", types), ("year", years), ("theme", themes)):
        parts.append(f"{name}: " + ", ".join(f"{value} {n}" for value, n in counted.most_common(6) if n))
    return parts
