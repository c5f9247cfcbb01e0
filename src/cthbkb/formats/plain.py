"""The data formats: one function per format, which writes an answer to a stream row by row."""

from __future__ import annotations

from cthbkb.columns import SEPARATOR, decode, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from cthbkb.columns import Cell
    from cthbkb.formats import Answer, Shown

__all__ = ["csv", "encoded", "json", "jsonl", "parts", "safe", "texts_of", "tsv", "yaml"]

WORDS = frozenset({"text", "id", "prose", "number"})
"""Column types whose string cells need no conversion."""

FORMULA = ("=", "+", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Initial characters of a cell that a spreadsheet may run as a formula; the last four are full-width = + - @."""

RISKY = frozenset((*FORMULA, "-", '"'))
"""Initial characters of a cell that has to be checked."""


def safe(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run as a formula (OWASP ASVS 1.2.10)."""
    if text.startswith(FORMULA) or (text.startswith("-") and text != "-" and not _is_number(text[1:])):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    """Return whether a text is a plain number, optionally with a unit after a space: `5`, `1,250.5`, `5 %`."""
    number, _, unit = text.partition(" ")
    digits = number.rstrip("%").replace(",", "").replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and not set(unit) & set("=+-*/@|!(&")


def texts_of(answer: Answer) -> Iterator[list[str]]:
    """Convert rows to texts: lists are joined, flags become words, unknown values become empty texts."""
    for record in answer.records:
        yield from parts(record)
    others = [(n, col.holds) for n, col in enumerate(answer.columns) if col.holds not in WORDS]
    for row in answer.rows:
        texts = ["" if cell is None else cell if isinstance(cell, str) else _text(cell, "text") for cell in row]
        for n, how in others:
            texts[n] = "" if row[n] is None else _text(row[n], how)
        yield texts


def parts(record: Shown) -> Iterator[list[str]]:
    """Convert a record to rows of texts with the columns `RECORD`."""
    if record.table:
        yield ["record", "table", record.table]
    for col, cell in record.fields:
        yield ["record", col.name, "" if cell is None else _text(cell, col.holds)]
    for part, links in record.linked.items():
        for id_, title in links:
            yield [part, _text(id_, "text"), _text(title, "text")]


def _text(cell: Cell, holds: str) -> str:
    """Convert a cell to text."""
    if holds == "list":
        if cell == "[]":  # as most lists are
            return ""
        if isinstance(cell, str) and "\\" not in cell and cell[1:2] == '"':
            return cell[2:-2].replace('","', SEPARATOR)
        return SEPARATOR.join(items(cell))
    if holds == "flag":
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _guarded(answer: Answer, text: str) -> str:
    """Make a cell safe for spreadsheets, unless the answer is raw; count the changed cells."""
    guarded = text if answer.raw else safe(text)
    answer.guarded += guarded is not text
    return guarded


def tsv(answer: Answer, out: IO[str]) -> None:
    """Write a header and one line per row; tabs and line breaks in a cell become spaces.

    A cell that begins with a quotation mark is quoted as in CSV, since programs would take the mark for the start of a
    quoted cell.
    """
    if answer.header:
        out.write("\t".join(col.name for col in answer.columns) + "\n")
    for texts in texts_of(answer):
        guarded = answer.guarded
        line = "\t".join([text if text[:1] not in RISKY else _tabbed(answer, text) for text in texts])
        if line.count("\t") != len(texts) - 1 or "\n" in line or "\r" in line:
            answer.guarded = guarded
            flat = [_flat(text) for text in texts]
            answer.flattened += sum(text != cell for text, cell in zip(texts, flat, strict=True))
            line = "\t".join([text if text[:1] not in RISKY else _tabbed(answer, text) for text in flat])
        out.write(line + "\n")


def _tabbed(answer: Answer, text: str) -> str:
    """Return a cell of TSV such that CSV readers read it correctly."""
    if text[0] == '"' and not answer.raw:
        return '"' + text.replace('"', '""') + '"'
    return _guarded(answer, text)


SPACES = {ord(c): " " for c in "\t\n\r"}


def _flat(text: str) -> str:
    """Replace tabs and line breaks by spaces; no-break spaces are kept."""
    if "\t" not in text and "\n" not in text and "\r" not in text:
        return text
    return " ".join([part for part in text.translate(SPACES).split(" ") if part])


def csv(answer: Answer, out: IO[str]) -> None:
    """Write CSV (RFC 4180): fields with delimiters, quotes or line breaks are quoted; lines end with CR LF."""
    between = answer.delimiter
    if answer.header:
        out.write(between.join(_field(col.name, between) for col in answer.columns) + "\r\n")
    for texts in texts_of(answer):
        cells = [text if text[:1] not in RISKY else _guarded(answer, text) for text in texts]
        line = between.join([_field(text, between) for text in cells])
        out.write((line or '""') + "\r\n")  # CSV readers skip empty lines


def _field(text: str, between: str) -> str:
    if '"' in text or between in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


RAW = (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
"""Code points to escape: JSON requires it, YAML does not allow them, or they are invisible."""

ESCAPES = {n: f"\\u{n:04x}" for n in RAW} | {34: '\\"', 92: "\\\\", 10: "\\n", 9: "\\t"}


def encoded(value: object) -> str:
    """Encode a value as JSON (RFC 8259). Importing the standard encoder would add a quarter to the start-up time."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        if not value.isprintable():  # true for no text with a code point of `RAW`
            return f'"{value.translate(ESCAPES)}"'
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, dict):
        return "{" + ", ".join([f"{encoded(str(k))}: {encoded(v)}" for k, v in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([encoded(v) for v in value]) + "]"
    text = repr(value)
    return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text


def _objects(answer: Answer) -> Iterator[dict[str, object]]:
    """Convert rows and records to objects."""
    for record in answer.records:
        yield record.value()
    names = [col.name for col in answer.columns]
    for row in answer.rows:
        yield dict(zip(names, decode(answer.columns, row), strict=True))


def json(answer: Answer, out: IO[str]) -> None:
    """Write an array with one flat object per line; a single record as one object."""
    objects = _objects(answer)
    if len(answer.records) == 1:
        lines = [f"  {encoded(name)}: {_spread(value)}" for name, value in next(objects).items()]
        out.write("{\n" + ",\n".join(lines) + "\n}\n")
        return
    between = "[\n"
    for found in objects:
        out.write(between + encoded(found))
        between = ",\n"
    out.write("[]\n" if between == "[\n" else "\n]\n")


def _spread(value: object) -> str:
    """Encode the related records, with one heading and one record per line."""
    if not isinstance(value, dict) or not value:
        return encoded(value)
    parts = []
    for name, links in value.items():
        lines = ",\n".join(f"      {encoded(link)}" for link in links)
        parts.append(f"    {encoded(name)}: [\n{lines}\n    ]")
    return "{\n" + ",\n".join(parts) + "\n  }"


def jsonl(answer: Answer, out: IO[str]) -> None:
    """Write one object per line."""
    for found in _objects(answer):
        out.write(encoded(found) + "\n")


def yaml(answer: Answer, out: IO[str]) -> None:
    """Write a list of mappings, with keys and values in JSON, a subset of YAML."""
    empty = True
    for found in _objects(answer):
        for n, (name, value) in enumerate(found.items()):
            out.write(f"{'  ' if n else '- '}{encoded(name)}: {encoded(value)}\n")
        empty = False
    if empty:
        out.write("[]\n")
