"""Bibliographies: BibTeX, RIS and CSL-JSON, with one entry per work and a note on the places cited in it."""

from __future__ import annotations

from cthbkb.errors import UsageError
from cthbkb.formats.plain import encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

    from cthbkb.cite import Work
    from cthbkb.formats import Answer

__all__ = ["bibtex", "csl", "ris"]

KINDS: dict[str, tuple[str, str, str]] = {
    "website": ("misc", "ELEC", "webpage"),
    "press-release": ("misc", "PRESS", "article-newspaper"),
    "tweet": ("misc", "ELEC", "post"),
    "video": ("misc", "VIDEO", "motion_picture"),
    "data": ("misc", "DATA", "dataset"),
    "statement": ("misc", "GEN", "document"),
    "handbook": ("book", "BOOK", "book"),
    "compendium": ("book", "BOOK", "book"),
}
"""Maps a kind of work to its types in BibTeX, RIS and CSL; any other kind is a report."""

REPORT = ("techreport", "RPRT", "report")

SHOWN = 60
"""Maximum number of places in a note; the rest are only counted."""

ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "%": r"\%", "&": r"\&", "#": r"\#",
    "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def _works(answer: Answer) -> Sequence[Work]:
    """Return the works of an answer.

    Raises:
        UsageError: if its rows are not records of documents.
    """
    if answer.works is None:
        raise UsageError(
            f"{answer.title} cannot be cited", "Cite records of documents, for example: cthbkb recs -o refs.bib"
        )
    works = answer.works()
    answer.written = len(works)
    return works


def _places(work: Work) -> str:
    """Return a note on the places cited in a work."""
    told = [f"{id_} ({where})" for id_, where in work.places[:SHOWN]]
    more = [f"and {len(work.places) - SHOWN} more"] if len(work.places) > SHOWN else []
    return f"Cited: {'; '.join([*told, *more])}." if told else ""


def _notes(work: Work) -> list[str]:
    held = f"On the conference in {work.held}." if work.held else ""
    return [note for note in (held, work.note, _places(work)) if note]


def bibtex(answer: Answer, out: IO[str]) -> None:
    """Write one entry per work; a corporate author is in braces, so that programs do not take it for a person."""
    for n, work in enumerate(_works(answer)):
        kind = KINDS.get(work.kind, REPORT)[0]
        fields = {
            "author": f"{{{_tex(work.author)}}}" if work.author else "",
            "title": f"{{{_tex(work.title)}}}",
            "institution" if kind == "techreport" else "publisher": _tex(work.publisher),
            "type": "Report" if kind == "techreport" else "",
            "address": _tex(work.city),
            "year": str(work.year or ""),
            "url": work.url.replace("%", r"\%"),
            "note": _tex(" ".join(_notes(work))),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        out.write("\n" * bool(n) + f"@{kind}{{{work.key},\n" + ",\n".join(lines) + "\n}\n")


def _tex(text: str) -> str:
    return "".join(ESCAPES.get(char, char) for char in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())


def ris(answer: Answer, out: IO[str]) -> None:
    """Write one reference per work. RIS separates the names of a person by a comma; in the name of a body, a period
    replaces it.
    """
    for work in _works(answer):
        tags = [
            ("TY", KINDS.get(work.kind, REPORT)[1]),
            ("ID", work.key),
            ("AU", work.author.replace(", ", ". ")),
            ("TI", work.title),
            ("PB", work.publisher),
            ("CY", work.city),
            ("PY", str(work.year or "")),
            ("UR", work.url),
            *(("N1", note) for note in _notes(work)),
        ]
        out.write("".join(f"{tag}  - {_line(value)}\r\n" for tag, value in tags if value) + "ER  - \r\n\r\n")


def csl(answer: Answer, out: IO[str]) -> None:
    """Write an array of CSL-JSON items, for Zotero and Pandoc."""
    items = []
    for work in _works(answer):
        item: dict[str, object] = {
            "id": work.key,
            "type": KINDS.get(work.kind, REPORT)[2],
            "title": work.title,
            "author": [{"literal": work.author}] if work.author else None,
            "publisher": work.publisher,
            "publisher-place": work.city,
            "issued": {"date-parts": [[work.year]]} if work.year else None,
            "URL": work.url,
            "note": " ".join(_notes(work)),
        }
        items.append("  " + encoded({name: value for name, value in item.items() if value}))
    out.write("[\n" + ",\n".join(items) + "\n]\n" if items else "[]\n")
