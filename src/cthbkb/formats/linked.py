"""The tables as linked data: JSON-LD with schema.org events, people and reports, and themes as SKOS concepts."""

from __future__ import annotations

from cthbkb.columns import decode
from cthbkb.formats.plain import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from cthbkb.dump import Bundle

    Record = dict[str, object]

__all__ = ["jsonld"]

CONTEXT = {
    "@vocab": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "superEvent": {"@type": "@id"},
    "performer": {"@type": "@id"},
    "organizer": {"@type": "@id"},
    "subjectOf": {"@type": "@id"},
    "skos:broader": {"@type": "@id"},
    "skos:inScheme": {"@type": "@id"},
}
"""The JSON-LD context; it is written into the file, so that no network is needed to read it."""

SCHEME = "urn:cthbkb:themes"


def iri(table: str, id_: object) -> str | None:
    """Return the global name of a record: a URN, since records have no web addresses."""
    return f"urn:cthbkb:{table}:{id_}" if id_ else None


def _all(table: str, ids: object) -> list[str]:
    return [f"urn:cthbkb:{table}:{i}" for i in ids] if isinstance(ids, list) else []


def _document(r: Record, _: dict[object, list[str]]) -> Record:
    return {
        "@id": iri("documents", r["id"]), "@type": "Report", "name": r["title"], "publisher": r["publisher"],
        "datePublished": r["published"], "url": r["url"], "creditText": r["citation"], "usageInfo": r["licence"],
    }  # fmt: skip


def _conference(r: Record, _: dict[object, list[str]]) -> Record:
    return {
        "@id": iri("conferences", r["id"]), "@type": "Event", "name": r["title"], "startDate": r["held_start"],
        "endDate": r["held_end"], "location": r["city"], "subjectOf": iri("documents", r["document"]),
    }  # fmt: skip


def _session(r: Record, on_stage: dict[object, list[str]]) -> Record:
    time = f"T{r['held_start']}" if r["held_date"] and r["held_start"] else ""
    end = f"{r['held_date']}T{r['held_end']}" if r["held_date"] and r["held_end"] else None
    return {
        "@id": iri("sessions", r["id"]), "@type": "Event", "name": r["title"], "additionalType": r["type"],
        "superEvent": iri("conferences", r["conference"]), "description": r["summary"],
        "startDate": f"{r['held_date']}{time}" if r["held_date"] else None, "endDate": end,
        "organizer": _all("organizations", r["organisers"]), "performer": on_stage.get(r["id"], []),
        "subjectOf": iri("documents", r["document"]),
    }  # fmt: skip


def _person(r: Record, _: dict[object, list[str]]) -> Record:
    return {
        "@id": iri("people", r["id"]), "@type": "Person", "name": r["name"], "alternateName": r["spellings"],
        "subjectOf": iri("documents", r["document"]),
    }  # fmt: skip


def _organization(r: Record, _: dict[object, list[str]]) -> Record:
    return {
        "@id": iri("organizations", r["id"]), "@type": "Organization", "name": r["name"],
        "alternateName": r["acronym"],
    }  # fmt: skip


def _theme(r: Record, _: dict[object, list[str]]) -> Record:
    return {
        "@id": iri("themes", r["id"]), "@type": "skos:Concept",
        "skos:prefLabel": {"@value": r["label"], "@language": "en"},
        "skos:altLabel": r["alternative_labels"], "skos:scopeNote": r["scope_note"],
        "skos:broader": iri("themes", r["broader"]), "skos:inScheme": SCHEME,
    }  # fmt: skip


NODES: dict[str, Callable[[Record, dict[object, list[str]]], Record]] = {
    "documents": _document,
    "conferences": _conference,
    "sessions": _session,
    "people": _person,
    "organizations": _organization,
    "themes": _theme,
}
"""Maps a table to the function that makes a node of one of its records."""


def jsonld(bundle: Bundle, out: IO[str]) -> None:
    """Write one graph, with one node per line; unknown values are omitted."""
    tables = {table.name: table for table in bundle.tables}

    def records(name: str) -> Iterator[Record]:
        if name in tables:
            columns = tables[name].columns
            for row in bundle.rows(tables[name]):
                yield dict(zip([col.name for col in columns], decode(columns, row), strict=True))

    on_stage: dict[object, list[str]] = {}
    for appearance in records("appearances"):
        performers = on_stage.setdefault(appearance["session"], [])
        person = f"urn:cthbkb:people:{appearance['person']}"
        if person not in performers:
            performers.append(person)
    out.write(f'{{\n  "@context": {encoded(CONTEXT)},\n  "@graph": [\n    ')
    scheme = {
        "@id": SCHEME,
        "@type": "skos:ConceptScheme",
        "name": bundle.origin.question,
        "version": bundle.origin.data,
    }
    out.write(encoded(scheme))
    for name, make in NODES.items():
        for record in records(name):
            node = {key: value for key, value in make(record, on_stage).items() if value not in (None, [], "")}
            out.write(",\n    " + encoded(node))
    out.write("\n  ]\n}\n")
