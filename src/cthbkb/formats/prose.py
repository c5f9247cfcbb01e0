"""Papers as Markdown, and as a single HTML page for screen and print, without scripts or external resources."""

from __future__ import annotations

from html import escape

from cthbkb.formats.markdown import begun, escaped, headed
from cthbkb.paper import Bullets, Grid, Heading, Note, Strong, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

    from cthbkb.paper import Paper

__all__ = ["html", "markdown"]


class Notes:
    """The footnotes of a paper, numbered in order of appearance."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, note: Note) -> int:
        self.texts.append(note.text)
        return len(self.texts)


def markdown(paper: Paper, out: IO[str], _: str = "") -> None:
    """Write a paper as Markdown with footnotes, for Pandoc and GitHub."""
    notes = Notes()
    out.write(
        f"# {headed(_plain(paper.title))}\n\n{_plain(paper.subtitle)}  \n{paper.date} · {_plain(paper.version)}\n"
    )
    for block in paper.blocks:
        out.write("\n")
        if isinstance(block, Heading):
            out.write(f"{'#' * (block.level + 1)} {headed(_plain(block.text))}\n")
        elif isinstance(block, Text):
            out.write(begun(_marked(block, notes)) + "\n")
        elif isinstance(block, Bullets):
            out.write("".join(f"- {begun(_marked(text, notes))}\n" for text in block.items))
        else:
            out.write("| " + " | ".join(_plain(head) for head in block.heads) + " |\n")
            marks = [":-:" if n in block.centred else "---" for n in range(len(block.heads))]
            out.write("| " + " | ".join(marks) + " |\n")
            for row in block.rows:
                out.write("| " + " | ".join(_marked(cell, notes) for cell in row) + " |\n")
    if notes.texts:
        out.write("\n" + "".join(f"[^{n}]: {begun(_plain(text))}\n" for n, text in enumerate(notes.texts, 1)))


def _marked(text: Text, notes: Notes) -> str:
    """Write the parts of a text, with markup escaped."""
    found = []
    for part in text.parts:
        if isinstance(part, Note):
            found.append(f"[^{notes.number(part)}]")
        elif isinstance(part, Strong):
            bare = part.text.strip()
            lead, tail = part.text[: len(part.text) - len(part.text.lstrip())], part.text[len(part.text.rstrip()) :]
            found.append(f"{lead}**{_plain(bare)}**{tail}")
        else:
            found.append(_plain(part))
    return "".join(found).strip()


def _plain(text: str) -> str:
    """Escape Markdown markup; spaces at either end are kept."""
    lead = " " if text[:1].isspace() else ""
    return lead + escaped(text.strip()) + (" " if text[-1:].isspace() and text.strip() else "")


STYLE = """
:root { color-scheme: light; }
body { font: 11pt/1.45 Calibri, Carlito, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #111; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
header { border-bottom: 2px solid #0b4f9c; margin-bottom: 1.2rem; padding-bottom: .4rem; }
h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 .2rem; }
h2 { font-size: 13pt; color: #0b4f9c; margin: 1.3rem 0 .4rem; break-after: avoid; }
h3 { font-size: 11pt; margin: .9rem 0 .3rem; break-after: avoid; }
p { margin: .35rem 0; }
.meta, small, .small { font-size: 9pt; color: #444; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
li { margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: 9.5pt; }
th, td { border: 1px solid #bbb; padding: .25rem .4rem; text-align: left; vertical-align: top; }
th { background: #dce6f0; }
.mark { text-align: center; white-space: nowrap; }
tr { break-inside: avoid; }
sup a { text-decoration: none; }
ol.notes { font-size: 9pt; border-top: 1px solid #bbb; padding-top: .5rem; }
a { color: #0b4f9c; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 9.5pt; line-height: 1.3; }
  h1 { font-size: 16pt; } h2 { font-size: 11.5pt; margin-top: .8rem; } h3 { font-size: 10pt; margin-top: .5rem; }
  table, .meta, small, .small, ol.notes { font-size: 8.5pt; } a { color: inherit; }
}
@page { margin: 18mm; }
"""


def html(paper: Paper, out: IO[str], paper_size: str = "a4") -> None:
    """Write a paper as one page; the security policy in its head forbids any access to the network."""
    notes = Notes()
    title = escape(paper.title)
    out.write(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}@page {{ size: {escape(paper_size)}; }}\n</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{title}</h1>\n<p>{escape(paper.subtitle)}</p>\n"
        f'<p class="meta">{escape(paper.date)} · {escape(paper.version)}</p>\n</header>\n<main>\n'
    )
    for block in paper.blocks:
        if isinstance(block, Heading):
            out.write(f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>\n")
        elif isinstance(block, Text):
            kind = ' class="small"' if block.small else ""
            out.write(f"<p{kind}>{_tagged(block, notes)}</p>\n")
        elif isinstance(block, Bullets):
            out.write("<ul>\n" + "".join(f"<li>{_tagged(text, notes)}</li>\n" for text in block.items) + "</ul>\n")
        else:
            out.write(_table(block, notes))
    out.write("</main>\n")
    if notes.texts:
        out.write('<ol class="notes">\n')
        for n, text in enumerate(notes.texts, 1):
            out.write(f'<li id="n{n}">{escape(text)} <a href="#r{n}" aria-label="back to the text">↩</a></li>\n')
        out.write("</ol>\n")
    out.write("</body>\n</html>\n")


def _table(block: Grid, notes: Notes) -> str:
    whole = sum(block.shares)
    columns = "".join(f'<col style="width: {100 * share // whole}%">' for share in block.shares)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in block.heads)
    rows = "".join(f"<tr>{_cells(block, row, notes)}</tr>\n" for row in block.rows)
    return (
        f"<table>\n<colgroup>{columns}</colgroup>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _cells(block: Grid, row: Sequence[Text], notes: Notes) -> str:
    classes = [' class="mark"' if n in block.centred else "" for n in range(len(row))]
    return "".join(f"<td{c}>{_tagged(cell, notes)}</td>" for c, cell in zip(classes, row, strict=True))


def _tagged(text: Text, notes: Notes) -> str:
    found = []
    for part in text.parts:
        if isinstance(part, Note):
            n = notes.number(part)
            found.append(f'<sup id="r{n}"><a href="#n{n}">{n}</a></sup>')
        elif isinstance(part, Strong):
            found.append(f"<strong>{escape(part.text)}</strong>")
        else:
            found.append(escape(part))
    return "".join(found)
