"""Markdown: a table or a document of bullets, and the escaping of texts.

The output is CommonMark with the tables, strikethrough and footnotes of GitHub and Pandoc.
"""

from __future__ import annotations

import re

from cthbkb.columns import REFERENCE, SEPARATOR
from cthbkb.formats.plain import texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

    from cthbkb.formats import Answer

__all__ = ["begun", "escaped", "headed", "markdown"]

BARE = ("kind", "role", "type", "medium", "id", "slug")
"""Columns whose values need no label in a document."""

MARKUP = re.compile(r"[\\|<*`\[~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
"""Matches markup within a line, but not an underscore within a word or an ampersand that does not begin an entity."""

ENTITY = re.compile(r"\||&#?\w+;")

BEGINNING = re.compile(r"(?:[-+](?=\s|-*$)|#{1,6}(?=\s|$)|>|[0-9]{1,9}(?=[.)](?:\s|$)))")
"""Matches markup at the beginning of a block."""

CLOSING = re.compile(r"(?:^|(?<=\s))#(?=#*\s*$)")
"""Matches number signs at the end of a heading, which Markdown would remove."""

ADDRESS = re.compile(r"(?:(?:https?|ftp)://|\bwww\.)[^\s<>]*[^\s<>.,;:!?'\")\]]")


def escaped(text: str) -> str:
    """Return a text on one line with markup escaped; addresses keep working, whatever they contain."""
    if "\n" in text or "\r" in text or "\t" in text:
        text = " ".join(text.split())
    found, end = [], 0
    for address in ADDRESS.finditer(text) if "://" in text or "www." in text else ():
        found += [MARKUP.sub(r"\\\g<0>", text[end : address.start()]), _address(address[0])]
        end = address.end()
    return "".join(found) + MARKUP.sub(r"\\\g<0>", text[end:])


def _address(text: str) -> str:
    """Escape an address that contains markup by putting it between angle brackets.

    Within angle brackets, some programs still replace entities and end table cells, and an address needs a scheme. An
    address for which this matters is written as text and does not become a link.
    """
    if not MARKUP.search(text):
        return text
    if text.startswith("www.") or ENTITY.search(text):
        return re.sub("[:.]", r"\\\g<0>", MARKUP.sub(r"\\\g<0>", text), count=1)
    return f"<{text}>"


def begun(text: str) -> str:
    """Return an escaped text such that it can begin a block."""
    found = BEGINNING.match(text)
    if not found:
        return text
    digits = found.end() if text[0].isdigit() else 0
    return f"{text[:digits]}\\{text[digits:]}"


def headed(text: str) -> str:
    """Return an escaped text such that it can be a heading."""
    return CLOSING.sub(r"\\#", text)


def markdown(answer: Answer, out: IO[str]) -> None:
    """Write a document of bullets under a heading per year; a table if the columns were chosen."""
    if answer.document:
        _document(answer, out)
    else:
        _pipes(answer, out)


def _document(answer: Answer, out: IO[str]) -> None:
    """Write a bullet per row: its text or name, followed by its other values and the reference in parentheses."""
    names = [col.name for col in answer.columns]
    prose = [col.name for col in answer.columns if col.holds == "prose"]
    lead = next((n for n in names if n == "name"), prose[0] if prose else names[0])
    bare = [n for n in BARE if n in names and n != lead]
    lists = {col.name for col in answer.columns if col.holds == "list"}
    other = [n for n in names if n not in {lead, "year", *bare, *REFERENCE}]
    out.write(f"# {headed(escaped(answer.title.capitalize()))}\n")
    heading = None
    for row in texts_of(answer):
        cells = {name: escaped(text) for name, text in zip(names, row, strict=True) if text}
        if heading is None or cells.get("year", "") != heading:
            heading = cells.get("year", "")
            out.write(f"\n## {heading}\n\n" if heading else "\n")
        parts = [", ".join(cells[n] for n in bare if n in cells)]
        for n in lists & set(cells):
            cells[n] = cells[n].replace(SEPARATOR, ", ")
        parts += [f"{n.replace('_', ' ')}: {cells[n]}" for n in other if n in cells]
        parts += [", ".join(cells[n] for n in ("document", "section", "item") if n in cells)]
        out.write(f"- {begun(cells.get(lead, '-'))} ({'; '.join(part for part in parts if part)})\n")


def _pipes(answer: Answer, out: IO[str]) -> None:
    """Write a pipe table of the chosen columns."""
    out.write("| " + " | ".join(escaped(col.name) for col in answer.columns) + " |\n")
    out.write("|" + " --- |" * len(answer.columns) + "\n")
    for row in texts_of(answer):
        out.write("| " + " | ".join(escaped(text) for text in row) + " |\n")
