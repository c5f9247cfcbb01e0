"""The data formats, one function each: an answer and a stream in, text out, row by row."""

from __future__ import annotations

from cthbkb.formats import decode, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from cthbkb.formats import Answer, Cell

__all__ = ["csv", "json", "jsonl", "markdown", "safe", "tsv", "yaml"]

SEPARATOR = "; "
"""What stands between the values of a list in one cell."""

FORMULA = ("=", "+", "@", "\t", "\r")


def safe(text: str) -> str:
    """Disarm a cell that a spreadsheet would run as a formula with a leading apostrophe (OWASP, ASVS 1.2.10)."""
    if text.startswith(FORMULA) or (text.startswith("-") and not text[1:2].isdigit()):
        return "'" + text
    return text


def _texts(answer: Answer) -> Iterator[list[str]]:
    """Turn rows into texts: lists joined, flags as true, unknown as nothing."""
    holds = [col.holds for col in answer.columns]
    for row in answer.rows:
        yield [_text(cell, how) for cell, how in zip(row, holds, strict=True)]


def _text(cell: Cell, holds: str) -> str:
    if cell is None:
        return ""
    if holds == "list":
        return SEPARATOR.join(items(cell))
    if holds == "flag":
        return "true" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def tsv(answer: Answer, out: TextIO) -> None:
    """One line a row with a header; tabs and line breaks inside a cell become spaces."""
    out.write("\t".join(col.name for col in answer.columns) + "\n")
    for row in _texts(answer):
        out.write("\t".join(safe(" ".join(t.split()) if "\t" in t or "\n" in t or "\r" in t else t) for t in row) + "\n")


def csv(answer: Answer, out: TextIO) -> None:
    """RFC 4180: commas, quotes doubled, lines ended by CR LF."""
    import csv as library

    lines = library.writer(out, lineterminator="\r\n")
    lines.writerow([col.name for col in answer.columns])
    lines.writerows([safe(t) for t in row] for row in _texts(answer))


def _objects(answer: Answer) -> Iterator[dict[str, object]]:
    """Turn rows into objects; the rows `part, field, value` of one record into one object with arrays of what is linked."""
    if answer.shape != "record":
        names = [col.name for col in answer.columns]
        for row in answer.rows:
            yield dict(zip(names, decode(answer.columns, row), strict=True))
        return
    record: dict[str, object] = {}
    linked: dict[str, list[dict[str, Cell]]] = {}
    for part, name, value in answer.rows:
        if part == "record":
            record[str(name)] = items(value) if isinstance(value, str) and value[:2] in {'["', "[]"} else value
        else:
            linked.setdefault(str(part), []).append({"id": name, "title": value})
    yield record | linked


def json(answer: Answer, out: TextIO) -> None:
    """An array with one flat object a line; a single record as one object."""
    import json as library

    if answer.shape == "record":
        for found in _objects(answer):
            out.write(library.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    between = "[\n"
    for found in _objects(answer):
        out.write(between + library.dumps(found, ensure_ascii=False))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def jsonl(answer: Answer, out: TextIO) -> None:
    """One object a line."""
    import json as library

    for found in _objects(answer):
        out.write(library.dumps(found, ensure_ascii=False) + "\n")


def markdown(answer: Answer, out: TextIO) -> None:
    """A pipe table with every column; name the ones to paste with `--columns`."""
    out.write("| " + " | ".join(col.name for col in answer.columns) + " |\n")
    out.write("|" + " --- |" * len(answer.columns) + "\n")
    for row in _texts(answer):
        out.write("| " + " | ".join(_escaped(text) for text in row) + " |\n")


def _escaped(text: str) -> str:
    for char in ("\\", "|", "<", "*", "`", "["):
        text = text.replace(char, "\\" + char)
    return " ".join(text.split())


def yaml(answer: Answer, out: TextIO) -> None:
    """A list of mappings; each value is written as JSON, which YAML reads."""
    import json as library

    empty = True
    for found in _objects(answer):
        for n, (name, value) in enumerate(found.items()):
            key = name if name.isidentifier() else library.dumps(name)
            out.write(f"{'  ' if n else '- '}{key}: {library.dumps(value, ensure_ascii=False)}\n")
        empty = False
    if empty:
        out.write("[]\n")
