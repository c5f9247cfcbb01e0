"""`compare` alone: the conferences with subjects and numbers of items, then the asks by the years they occur in."""

from __future__ import annotations

from cthbkb import page
from cthbkb.compare import Comparison, again, bases, caveat, ids, listed
from cthbkb.compare.asks import asks, by_pattern
from cthbkb.messages import agreed, counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from cthbkb.columns import Row
    from cthbkb.compare import Asked, Base
    from cthbkb.compare.asks import Ask

__all__ = ["compare"]

LINES = 25
"""Number of lines for the names of asks in a terminal of 100 columns, chosen so that the page fits in 40 lines."""

SINGLE = 1
"""Maximum number of lines for a group of asks of one conference."""


def compare(db: sqlite3.Connection, asked: Asked) -> Comparison:
    """Compare all conferences ask by ask: one flat row per ask and year, including years without it."""
    found, conferences = asks(db, asked.criteria), bases(db)
    return Comparison(
        "compare",
        _rows(found, [base.year for base in conferences]),
        caveat(conferences),
        lambda: list(_page(found, conferences, again(asked.criteria, "kind"))),
        lambda: ids(db, asked.criteria),
    )


def _rows(found: Iterable[Ask], years: Sequence[int]) -> Iterator[Row]:
    for ask in found:
        for year in years:
            members = listed(m.id for m in ask.members.get(year, ()))
            start = (ask.id, ask.label, listed(ask.themes), ask.pattern(years), year, ask.state(year), members)
            yield (*start, *ask.flat(year, years))


def _page(found: Sequence[Ask], conferences: Sequence[Base], kind: str) -> Iterator[page.Block]:
    years = [base.year for base in conferences]
    yield page.Heading("WHAT WAS ASKED, CONFERENCE BY CONFERENCE")
    yield page.Blank()
    heads = ["year", "subject", "printed lists in", page.glued("listed items"), page.glued("in prose")]
    rows = [[str(b.year), b.subject, b.documents or "-", str(b.listed), str(b.prose)] for b in conferences]
    yield page.Grid(heads, rows, "lwlrr")
    yield page.Blank()
    several = [ask for ask in found if len(ask.members) > 1]
    single = len(found) - len(several)
    apart = (
        f" {counted(single, 'asks')} of one conference {agreed(single, 'is', 'are')} listed separately."
        if single
        else ""
    )
    yield page.Para(f"{counted(len(several), 'asks')} can be followed through two or more conferences.{apart}")
    yield page.Blank()
    yield page.Fitted([_group(words, group, years) for words, group in by_pattern(found, years).items()], LINES)
    yield page.Blank()
    yield page.Para(caveat(conferences))
    yield page.Para(_next(several or found, years, kind))


def _group(words: str, group: Sequence[Ask], years: Sequence[int]) -> page.Names:
    """Name the asks that occur in the same years, with their number if they occur in several."""
    one = len(group[0].members) == 1
    head = words[:1].upper() + words[1:] + (":" if one else f" ({len(group)}):")
    return page.Names(head, [_name(ask, years) for ask in group], SINGLE if one else 0)


def _name(ask: Ask, years: Sequence[int]) -> str:
    """Return the name of an ask, with the years in which it is only noted."""
    noted = [str(y) for y in years if ask.state(y) == "noted"]
    return f"{ask.label} ({page.glued('noted ' + ', '.join(noted))})" if noted else ask.label


def _next(found: Sequence[Ask], years: Sequence[int], kind: str) -> str:
    commands = [f"cthbkb compare --theme THEME{kind}", f"cthbkb compare {years[0]} {years[-1]}{kind}"]
    commands += [f"cthbkb show {found[0].id}"] if found else []
    return f"More: {' · '.join(map(page.glued, commands))}"
