"""The listings: the rows of a table that match the filters."""

from __future__ import annotations

import sys
from itertools import chain

from cthbkb import query
from cthbkb.columns import Col
from cthbkb.commands import cited, database, origin_of
from cthbkb.formats import EMPTY, Answer, Output, emit
from cthbkb.messages import say
from cthbkb.registry import LISTED, LISTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from cthbkb.catalog import Request
    from cthbkb.columns import Row
    from cthbkb.registry import Listing

__all__ = ["run"]

PRINTED = f"v.kind not in ({', '.join(map(repr, LISTED))}), "
"""Sort key on a terminal: items of printed lists precede items taken from running text."""


def run(request: Request) -> int:
    """List the rows of the table that the command names."""
    listing = LISTINGS[request.command.name]
    output = Output(request)
    db = database(request)
    if request.arguments:
        from cthbkb import narrow

        meant = narrow.criteria(db, listing, request.arguments)
        say(f"understood: {narrow.said(listing.name, meant)}")
        request = request.narrowed(meant)
    names = ["all", *(name for filter in listing.filters for name in (filter, f"not-{filter}"))]
    criteria = {name: request.options[name] for name in names if name in request.options}
    known = query.columns(db, listing)
    if output.lists(known):
        return 0
    if "recurring" in criteria:
        known = [Col(c.name, 1, c.holds) if c.name == "positions" else c for c in known]
    columns = output.choose(known, lean=True)
    selection = query.Selection(db, listing, criteria)
    if output.count:
        number = selection.count(db)
        print(number)
        return EMPTY if output.fails and not number else 0
    if output.format == "table" and listing.name == "recs":
        selection.first = PRINTED
    rows = db.execute(*selection.rows([col.name for col in columns], output.sort, output.limit))
    first = rows.fetchone()
    found: Iterable[Row] = rows if first is None else chain([first], rows)
    quoted: list[str] = []
    if request.switch("verbatim"):
        columns, found, quoted = _quoted(db, selection, listing, output, columns, found)
    answer = Answer(listing.what, columns, found, notes=quoted)
    answer.document = not output.columns
    answer.origin = origin_of(db, request, listing.what, listing.name, listing.table.name)
    named = selection.rows([listing.key], output.sort, output.limit)
    answer.works = cited(db, lambda: [(listing.table.name, i) for (i,) in db.execute(*named)])
    if first is None and output.limit != 0:
        answer.notes += [f"no {listing.what} for {', '.join(selection.words) or 'this'}"]
        from cthbkb import advice

        answer.notes += advice.advice(db, listing, criteria)
    elif first and listing.name == "recs" and output.caveats:
        on_screen = output.format == "table" and sys.stdout.isatty()
        said = answer.lead if on_screen and not output.path else answer.caveats
        said += query.mixed(selection.kinds(db))
    if output.limit is not None and first:
        total = selection.count(db)
        if total > output.limit:
            answer.notes.append(f"{output.limit} of {total} {listing.what} shown")
    if output.format == "table":
        answer.caveats += of_packs(db, selection)
    if request.switch("cite-query"):
        from cthbkb import repeat

        ids = db.execute(*selection.rows([listing.key], output.sort, output.limit))
        answer.notes += repeat.notes(db, request, [i for (i,) in ids])
    return emit(answer, output)


def _quoted(
    db: sqlite3.Connection, selection: query.Selection, listing: Listing, output: Output, columns: list[Col],
    rows: Iterable[Row],
) -> tuple[list[Col], Iterable[Row], list[str]]:  # fmt: skip
    """Add the original words and their place to the rows of a listing; return notes on missing copies too."""
    from cthbkb import copies

    ids = [str(i) for (i,) in db.execute(*selection.rows([listing.key], output.sort, output.limit))]
    found, notes = copies.quotes(db, [(listing.table.name, id_) for id_ in ids])
    words = [(found[id_].text, found[id_].place) if id_ in found else (None, None) for id_ in ids]
    more = [Col("original_words", 1, "prose"), Col("original_place", 1)]
    return [*columns, *more], ([*row, *said] for row, said in zip(rows, words, strict=True)), notes


def of_packs(db: sqlite3.Connection, selection: query.Selection) -> list[str]:
    """Return notes on how many rows come from the user's packs, if there are any."""
    (packs,) = db.execute("select value from meta where key = 'packs'").fetchone()
    found = selection.packs(db) if packs else []
    return [f"from your pack {pack}: {number}" for pack, number in found]
