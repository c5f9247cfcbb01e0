"""The pages of comparisons as HTML: the same blocks as in a terminal, with ids and commands as links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from cthbkb.page import Blank, Columns, Fitted, Grid, Heading, Names, Para
from cthbkb.registry import LISTINGS
from cthbkb.web.links import Links

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.page import Block

__all__ = ["Blocks"]

COMMAND = re.compile(r"cthbkb (show|compare|recs|threads)((?: (?:--)?[\w-]+)*)")
"""Matches a command on a page, with its options and arguments."""

PLACE = re.compile(r"\b(?:(\d{4}) )?((?:\d{4}-)?(?:[a-z]+\d*-[a-z]\d+[a-z]?|[a-z]+\d+))\b")
"""Matches the id of an item, session or activity; its year may be omitted if it precedes the id or heads its column."""

JOINT = Markup(" · ")

SWITCHES = frozenset({"--outside", "--gaps"})
"""Options of commands that take no value."""


class Blocks:
    """Renders the blocks of a page; `links` finds the records."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.setters: dict[type, Callable[[Any], Markup]] = {
            Blank: lambda _: Markup(""),
            Heading: self._heading,
            Para: self._para,
            Names: self._names,
            Fitted: lambda fitted: self.set(fitted.groups),
            Columns: self._columns,
            Grid: self._grid,
        }

    def set(self, blocks: Iterable[Block]) -> Markup:
        """Return blocks as HTML."""
        return Markup("\n").join(self.setters[type(block)](block) for block in blocks)

    def text(self, text: str, year: str = "") -> Markup:
        """Return a text with its commands and ids as links; ids without a year belong to `year`."""
        text = text.replace("\xa0", " ")
        found, at = Markup(""), 0
        for match in COMMAND.finditer(text):
            found += self._places(text[at : match.start()], year) + self._command(match)
            at = match.end()
        return found + self._places(text[at:], year)

    def _places(self, text: str, year: str) -> Markup:
        found, at = Markup(""), 0
        for match in PLACE.finditer(text):
            said, id_ = match[1] or year, match[2]
            id_ = id_ if id_[:4].isdigit() or not said else f"{said}-{id_}"
            table = self.links.home(id_)
            if table:
                link = Markup('<a href="/kb/{}/{}">{}</a>').format(table, id_, match[0])
                found += escape(text[at : match.start()]) + link
                at = match.end()
        return found + escape(text[at:])

    def _command(self, match: re.Match[str]) -> Markup:
        """Return a link to the page that answers a command, or the command itself if there is none."""
        verb, words = match[1], match[2].split()
        if any(word.isupper() for word in words):  # THEME is a placeholder
            return escape(match[0])
        options: dict[str, str] = {}
        plain: list[str] = []
        rest = iter(words)
        for word in rest:
            if word[:2] == "--":
                options[word[2:]] = "1" if word in SWITCHES else next(rest, "")
            else:
                plain.append(word)
        if verb == "show" and len(plain) == 1 and (table := self.links.home(plain[0])):
            return Markup('<a href="/kb/{}/{}">{}</a>').format(table, plain[0], self.links.label(table, plain[0]))
        if verb in LISTINGS and not plain:
            asked = urlencode({f"_{name}": value for name, value in options.items()})
            return Markup('<a href="/kb/list_{}?{}">{}</a>').format(verb, asked, "the list")
        if verb == "compare" and all(word.isdigit() for word in plain):
            asked = urlencode([*options.items(), *(("year", year) for year in plain)])
            return Markup('<a href="/compare?{}">{}</a>').format(asked, "the comparison")
        return escape(match[0])

    def _heading(self, heading: Heading) -> Markup:
        right = Markup(' <span class="right">{}</span>').format(self.text(heading.right)) if heading.right else ""
        return Markup("<h2>{}{}</h2>").format(self.text(heading.text), right)

    def _para(self, para: Para, year: str = "") -> Markup:
        lead = Markup("<strong>{}</strong> ").format(para.lead) if para.lead else ""
        words = " ".join(filter(None, (para.text, para.tail)))
        kinds = " ".join(filter(None, (para.style, "in" if para.indent else "")))
        kind = Markup(' class="{}"').format(kinds) if kinds else ""
        return Markup("<p{}>{}{}</p>").format(kind, lead, self.text(words, year))

    def _names(self, names: Names) -> Markup:
        return Markup("<p><strong>{}</strong> {}</p>").format(
            names.head, JOINT.join(self.text(name) for name in names.names)
        )

    def _cell(self, cell: Sequence[Para], name: str = "") -> Markup:
        return Markup("").join(self._para(para, name if name.isdigit() else "") for para in cell)

    def _columns(self, columns: Columns) -> Markup:
        wide = len(columns.names) + bool(columns.beside)
        first = Markup('<th scope="col">{}</th>').format(columns.beside) if columns.beside else Markup("")
        heads = Markup("").join(Markup('<th scope="col">{}</th>').format(self._cell(head)) for head in columns.heads)
        rows = Markup("")
        for row in columns.rows:
            label = self.text(row.label)
            right = Markup(' <span class="right">{}</span>').format(self.text(row.right)) if row.right else ""
            if not row.cells or (row.label and not columns.beside):
                rows += Markup('<tr><th scope="rowgroup" colspan="{}">{}{}</th></tr>\n').format(wide, label, right)
            rows += self._across(row.above, wide)
            if row.cells:
                side = Markup('<th scope="row">{}{}</th>').format(label, right) if columns.beside else Markup("")
                cells = Markup("").join(
                    Markup('<td data-head="{}">{}</td>').format(name, self._cell(cell, name))
                    for name, cell in zip(columns.names, row.cells, strict=True)
                )
                rows += Markup("<tr>{}{}</tr>\n").format(side, cells)
            rows += self._across(row.below, wide)
        return _table(first + heads, rows, "columns")

    def _across(self, blocks: Sequence[Block], wide: int) -> Markup:
        if not blocks:
            return Markup("")
        return Markup('<tr class="across"><td colspan="{}">{}</td></tr>\n').format(wide, self.set(blocks))

    def _grid(self, grid: Grid) -> Markup:
        kinds = [Markup(' class="int"') if how == "r" else Markup("") for how in grid.align]
        heads = Markup("").join(
            Markup('<th scope="col"{}>{}</th>').format(kind, head) for head, kind in zip(grid.heads, kinds, strict=True)
        )
        rows = Markup("")
        for row in grid.rows:
            cells = zip(grid.heads, row, kinds, strict=True)
            rows += Markup("<tr>{}</tr>\n").format(
                Markup("").join(
                    Markup('<td data-head="{}"{}>{}</td>').format(head, kind, self.text(text))
                    for head, text, kind in cells
                )
            )
        return _table(heads if any(grid.heads) else Markup(""), rows, "grid")


def _table(heads: Markup, rows: Markup, kind: str) -> Markup:
    head = Markup("<thead><tr>{}</tr></thead>\n").format(heads) if heads else Markup("")
    return Markup(
        '<div class="wide" tabindex="0" role="region" aria-label="Comparison">\n'
        '<table class="{}">\n{}<tbody>\n{}</tbody>\n</table>\n</div>'
    ).format(kind, head, rows)
