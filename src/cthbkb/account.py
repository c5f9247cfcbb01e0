"""The description of the data: sources, counts, method and limits, and the publisher's disclaimers."""

from __future__ import annotations

from cthbkb import __version__
from cthbkb.columns import Col
from cthbkb.formats import Shown
from cthbkb.registry import TABLES
from cthbkb.scales import CHANGES, FORCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from cthbkb.columns import Cell

__all__ = ["account", "scope"]

METHOD = {
    "reading": "One reader went through each document from beginning to end and wrote the records by hand; another "
    "then compared each record with the text, and listed what had been omitted, added or altered. Counts, "
    "numbers, dates and references are checked automatically each time the data are loaded.",
    "own words": "Items, remarks and figures are summarised in our own words. A summary keeps the force, the subject, "
    "the attribution and the technical terms of the source, but copies no sentence; it is not a quotation. Names, "
    "titles, positions, dates, figures, symbols and addresses are as printed. For the exact words, see the document.",
    "place": "Every record names its document, the heading above it, and its number or place there.",
    "kinds": "Documents differ in form: 2016 has recommendations and findings as bullets; 2020 has numbered "
    "observations, followed by recommendations for participating States; 2022 has takeaways. Conclusions are taken "
    "from running prose.",
    "asks": "A thread follows one ask over the years. It contains the items, or parts of items, that ask for it or "
    "only note it. What changed between two conferences is never computed: a reader of both documents wrote it down.",
    "speakers": "An item belongs to a session and a document, not to a person, unless the document attributes it.",
    "people": "A person is marked as a survivor only where the document says so, and a name as a pseudonym only where "
    "it says that the name was changed; a country is given only where it is printed with the name or position.",
    "disagreement": "Where documents disagree, both values are given, each with its place; see: cthbkb discrepancies",
    "limits": "The knowledge base covers {scope}; the series of conferences is longer. What is missing here is missing "
    "from these documents only. What was done about an item is recorded only where one of the documents shows it.",
}


def account(db: sqlite3.Connection) -> Shown:
    """Return the description as a record, with sources and counts as its related records."""
    linked: dict[str, list[tuple[Cell, Cell]]] = {}
    for part, name, text in _parts(db):
        linked.setdefault(part, []).append((name, text))
    return Shown("", [(Col(name), text) for name, text in _fields(db)], linked)


def _named(table: str, number: int) -> str:
    return TABLES[table].singular if number == 1 else table.replace("_", " ")


def scope(db: sqlite3.Connection) -> str:
    """Describe the scope, as in `5 documents, on the conferences of 2016, 2020 and 2022 and on the year 2020`."""
    (documents,) = db.execute("select count(*) from documents").fetchone()
    held = [str(year) for (year,) in db.execute("select distinct year from conferences order by year")]
    others = [
        str(year)
        for (year,) in db.execute("select distinct year from documents where conference is null order by year")
    ]
    parts = [f"the conference{'s' if len(held) > 1 else ''} of {joined(held)}"] if held else []
    parts += [f"the year{'s' if len(others) > 1 else ''} {joined(others)}"] if others else []
    told = f", on {' and on '.join(parts)}" if parts else ""
    return f"{documents} document{'s' if documents != 1 else ''}{told}"


def joined(words: Sequence[str]) -> str:
    """Join words with commas and a final `and`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _fields(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    (version,) = db.execute("select value from meta where key = 'data'").fetchone()
    yield "program", f"cthbkb {__version__}"
    yield "data", version
    yield (
        "file",
        db.execute("pragma database_list").fetchone()[2] or "none: no folder is writable, so it is in memory",
    )
    for name, text in METHOD.items():
        yield name, text.replace("{scope}", scope(db))


def _parts(db: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Yield the records linked to the description, as `(part, name, text)`."""
    yield from (("force of an item", name, text) for name, text in FORCES.items())
    yield from (("change of an ask between two conferences", name, text) for name, text in CHANGES.items())
    (packs,) = db.execute("select value from meta where key = 'packs'").fetchone()
    for pack in packs.split():
        counted = [
            (table, db.execute(f"select count(*) from {table} where pack = ?", (pack,)).fetchone()[0])
            for table in TABLES
        ]
        yield "your packs", pack, ", ".join(f"{number} {_named(table, number)}" for table, number in counted if number)
    for id_, citation, licence, disclaimer in db.execute(
        "select id, citation, licence, disclaimer from documents order by seq"
    ):
        yield "sources", id_, citation
        if licence:
            yield "reuse, by the publisher", id_, licence
        if disclaimer:
            yield "disclaimer, by the publisher", id_, disclaimer
    counts = """
    select document, pack, 'recommendations: ' || kind, count(*) from recommendations group by document, pack, kind
    union all select document, pack, 'appearances', count(*) from appearances group by document, pack
    union all select document, pack, 'statistics', count(*) from statistics group by document, pack
    union all select document, pack, 'instruments and publications cited', count(*) from citations
        group by document, pack
    union all select document, pack, 'statements', count(*) from statements group by document, pack
    union all select document, pack, 'activities', count(*) from activities group by document, pack
    union all select document, pack, 'commitments', count(*) from commitments group by document, pack
    order by 1, 2, 3
    """
    for document, pack, what, number in db.execute(counts):
        yield "counts", document, f"{what}: {number}{f' (of your pack {pack})' if pack else ''}"
