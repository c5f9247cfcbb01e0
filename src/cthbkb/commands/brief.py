"""`brief`: a briefing on a theme, an ask, a person, a session or a shortlist, to read, print and forward."""

from __future__ import annotations

import os
import sys

from cthbkb import brief, files
from cthbkb.commands import database, origin_of
from cthbkb.errors import UsageError, shown, unknown
from cthbkb.formats import imported
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["ENDINGS", "PAPERS", "SIZES", "run"]

PAPERS = {
    "markdown": ("cthbkb.formats.prose:markdown", "utf-8"),
    "html": ("cthbkb.formats.prose:html", "utf-8"),
    "docx": ("cthbkb.formats.word:word", None),
}
"""Maps a format to the function that writes a paper, and the encoding if it is text."""

ENDINGS = {".md": "markdown", ".html": "html", ".htm": "html", ".docx": "docx"}
SIZES = ("a4", "letter")


def run(request: Request) -> int:
    """Make the requested briefing, and write it."""
    path = request.value("output")
    format = _format(path, request.value("format"))
    size = (request.value("paper") or "a4").lower()
    if size not in SIZES:
        raise unknown("paper size", size, SIZES, f"Sizes: {', '.join(SIZES)}.")
    asked = [name for name in brief.SUBJECTS if name in request.options]
    if len(asked) + bool(request.arguments) != 1:
        names = ", ".join(f"--{name}" for name in brief.SUBJECTS)
        raise UsageError("a briefing needs exactly one subject", f"Use one of {names}, or give the ids of records.")
    write, encoding = PAPERS[format]
    writer = imported(write)
    db = database(request)
    years = request.options.get("year", [])
    if asked:
        subject = brief.SUBJECTS[asked[0]](db, request.options[asked[0]], years)
    else:
        subject = brief.of_records(db, request.arguments, years)
    if request.switch("verbatim"):
        from cthbkb import copies

        named = [("recommendations", m.id) for m in subject.items] + [("statements", i) for i in subject.remarks]
        subject.quotes, notes = copies.quotes(db, named)
        for note in notes:
            say(note)
    paper = brief.make(subject, origin_of(db, request, "briefing")())
    if path and path != "-":
        files.replace(path, lambda out: writer(paper, out, size), encoding, format, request.switch("force"))
        say(f"wrote a briefing on {paper.title} to {path}")
    elif encoding is None:
        if sys.stdout.isatty():
            raise UsageError(f"{format} cannot be printed", f"Write it to a file: -o brief.{format}")
        writer(paper, sys.stdout.buffer, size)
    else:
        writer(paper, sys.stdout, size)
    return 0


def _format(path: str, asked: str) -> str:
    """Return the requested format, or that of the file's extension; Markdown if there is neither."""
    if asked:
        if asked not in PAPERS:
            raise unknown("format", asked, PAPERS, f"Formats: {', '.join(PAPERS)}.")
        return asked
    if not path or path == "-":
        return "markdown"
    ending = os.path.splitext(path)[1].lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"unknown format of the briefing {shown(path)}", f"Extensions: {' '.join(ENDINGS)}; or add --format."
        )
    return ENDINGS[ending]
