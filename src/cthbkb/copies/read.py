"""Reading a file as lines with pages: plain text, HTML and PDF, recognised by their first bytes."""

from __future__ import annotations

import html.parser
import re

from cthbkb.copies.words import Line
from cthbkb.errors import Failure
from cthbkb.files import content
from cthbkb.formats import imported

__all__ = ["KINDS", "Read", "read"]

KINDS = ("pdf", "html", "text")

LARGEST = 100_000_000
"""Maximum size of a file, in bytes; the documents are less than a hundredth of it."""

MARKUP = re.compile(
    rb"^\s*(<!--.*?-->\s*)*(<!doctype\s+html|<html|<\?xml[^>]*>\s*(<!doctype\s+html|<html))", re.I | re.S
)


class Read:
    """The content of a file: its kind, one of `KINDS`, and its lines; `pages` is 0 if it has no pages."""

    def __init__(self, kind: str, lines: list[Line]) -> None:
        self.kind = kind
        self.lines = lines
        self.pages = len({page for page, _ in lines if page})


def read(path: str) -> Read:
    """Read a copy.

    Raises:
        Failure: if the file does not exist or has no readable text; the message says why.
    """
    data = content(path, LARGEST, "a PDF, HTML or text file")
    if len(data) > LARGEST:
        raise Failure(f"{path} is too large: more than {LARGEST // 1_000_000} MB", "Name the document alone.")
    if data.lstrip()[:5] == b"%PDF-":
        made = imported("cthbkb.copies.pdf:lines")(path, data)
        lines: list[Line] = made  # type: ignore[assignment]  # `imported` returns a function of anything
        if not any(text.strip() for _, text in lines):
            raise Failure(f"{path} is a scan without text", "Add the text by OCR, for example with ocrmypdf.")
        return Read("pdf", lines)
    if data[:4] == b"PK\x03\x04":
        raise Failure(f"{path} is a Word file or an archive", "Save it as PDF, HTML or text, and add that file.")
    text = _decoded(data)
    if "\0" in text:
        raise Failure(f"{path} is neither PDF nor HTML nor text", "Use the document in one of these formats.")
    if not text.strip():
        raise Failure(f"{path} is empty", "Name the PDF, HTML or text of the document.")
    if MARKUP.match(data) or path.lower().endswith((".html", ".htm", ".xhtml")):
        parser = _Text()
        parser.feed(text)
        parser.close()
        return Read("html", [(0, line) for line in "".join(parser.parts).split("\n")])
    return Read("text", _paged(text))


def _paged(text: str) -> list[Line]:
    """Return the lines of a text, with pages if form feeds separate them."""
    pages = text.rstrip("\f\n ").split("\f")
    if len(pages) == 1:
        return [(0, line) for line in text.splitlines()]
    return [(number, line) for number, page in enumerate(pages, 1) for line in [*page.splitlines(), ""]]


def _decoded(data: bytes) -> str:
    """Decode a text by its byte-order mark, as UTF-8, or in the Windows-1252 encoding."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


class _Text(html.parser.HTMLParser):
    """The text of an HTML page: one line per block, without scripts and styles; superscript numbers stay marked."""

    BLOCKS = frozenset(
        "address article aside blockquote body br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6"
        " header hr li main nav ol p pre section table td th title tr ul".split()
    )
    SILENT = frozenset({"script", "style", "template", "noscript"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        elif tag in self.BLOCKS:
            self.parts.append("\n" if tag == "br" else "\n\n")
        elif tag == "sup":
            self.parts.append("<sup>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in self.BLOCKS:
            self.parts.append("\n\n")
        elif tag == "sup":
            self.parts.append("</sup>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))
