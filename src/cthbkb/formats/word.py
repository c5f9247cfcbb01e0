"""Papers as Word documents; the only module that uses python-docx.

Headings, lists, tables and footnotes are native to Word, so that the navigation pane, office templates and pasting into
another document work. python-docx does not support footnotes; this module creates them.
"""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from cthbkb.paper import Bullets, Grid, Heading, Note, Paper, Strong, Text

__all__ = ["SIZES", "word"]

SIZES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Maps a paper size to its width and height, in millimetres."""

MARGIN = 18.0
FONT = "Calibri"
BLUE = RGBColor(0x0B, 0x4F, 0x9C)
SHADE = "DCE6F0"

LONGEST_TITLE = 255
"""Maximum length of the title in the properties of a document."""

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _clean(text: str) -> str:
    """Remove characters that XML cannot contain."""
    return UNPRINTABLE.sub("", text)


class Document:
    """A document under construction, with the footnotes added so far."""

    def __init__(self, paper: Paper, size: str) -> None:
        self.document = docx.Document()
        self.notes: list[str] = []
        self.width = SIZES[size][0] - 2 * MARGIN
        self._page(size)
        self._styles()
        self._furniture(paper)

    def _page(self, size: str) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = (Mm(x) for x in SIZES[size])
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
        section.header_distance = section.footer_distance = Mm(8)

    def _styles(self) -> None:
        styles = self.document.styles
        for name, points, bold, before, after in (
            ("Normal", 10, None, 0, 4), ("List Bullet", 10, None, 0, 2), ("Title", 20, True, 0, 2),
            ("Subtitle", 11, False, 0, 6), ("Heading 1", 12.5, True, 10, 3), ("Heading 2", 10.5, True, 6, 2),
            ("Header", 8, None, 0, 0), ("Footer", 8, None, 0, 0),
        ):  # fmt: skip
            style: Any = styles[name]
            style.font.name, style.font.size = FONT, Pt(points)
            style.font.italic = False
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{kind}"), None)
            fonts.set(qn("w:hAnsi"), FONT)
            for spaced in style.element.rPr.findall(qn("w:spacing")):
                style.element.rPr.remove(spaced)
            if bold is not None:
                style.font.bold = bold
                style.font.color.rgb = BLUE if name.startswith("Heading 1") else RGBColor(0, 0, 0)
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
            style.paragraph_format.line_spacing = 1.0
        border = styles["Title"].element.find(f".//{qn('w:pBdr')}")
        if border is not None:
            border.getparent().remove(border)
        small: Any = styles.add_style("Small Text", WD_STYLE_TYPE.PARAGRAPH)
        small.base_style, small.font.size = styles["Normal"], Pt(8.5)
        cell: Any = styles.add_style("Table Text", WD_STYLE_TYPE.PARAGRAPH)
        cell.base_style, cell.font.size = styles["Normal"], Pt(8.5)
        cell.paragraph_format.space_after = Pt(0)
        note: Any = styles.add_style("Footnote Text", WD_STYLE_TYPE.PARAGRAPH)
        note.base_style, note.font.size = styles["Normal"], Pt(7.5)
        note.paragraph_format.space_after = Pt(0)
        mark: Any = styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
        mark.font.superscript = True

    def _furniture(self, paper: Paper) -> None:
        """Write title and version into the properties, the header and the footer."""
        properties = self.document.core_properties
        properties.title, properties.author = _clean(paper.title)[:LONGEST_TITLE], "cthbkb"
        properties.comments = paper.version
        stamp = datetime.strptime(paper.date, "%d %B %Y")
        properties.created = properties.modified = stamp
        section = self.document.sections[0]
        tab = Mm(self.width)
        for part, left, right in (
            (section.header, paper.title, paper.date), (section.footer, f"cthbkb, {paper.version}", ""),
        ):  # fmt: skip
            line = part.paragraphs[0]
            line.paragraph_format.tab_stops.clear_all()
            line.paragraph_format.tab_stops.add_tab_stop(tab, WD_TAB_ALIGNMENT.RIGHT)
            line.add_run(f"{_clean(left)}\t{right}")
        foot = section.footer.paragraphs[0]
        foot.add_run("page ")
        _field(foot, "PAGE")
        foot.add_run(" of ")
        _field(foot, "NUMPAGES")
        for part in (section.header, section.footer):
            style: Any = part.paragraphs[0].style
            tabs = style.element.find(f".//{qn('w:tabs')}")
            if tabs is not None:
                tabs.getparent().remove(tabs)

    def add(self, block: Text | Bullets | Grid | Heading) -> None:
        """Add a block."""
        if isinstance(block, Heading):
            self.document.add_heading(_clean(block.text), block.level)
        elif isinstance(block, Text):
            self.fill(self.document.add_paragraph(style="Small Text" if block.small else None), block)
        elif isinstance(block, Bullets):
            for text in block.items:
                self.fill(self.document.add_paragraph(style="List Bullet"), text)
        else:
            self.table(block)

    def fill(self, paragraph: Paragraph, text: Text) -> None:
        """Write the parts of a text into a paragraph."""
        for part in text.parts:
            if isinstance(part, Note):
                self.notes.append(part.text)
                run = paragraph.add_run(style="Footnote Reference")
                mark = OxmlElement("w:footnoteReference")
                mark.set(qn("w:id"), str(len(self.notes)))
                run._r.append(mark)
            elif isinstance(part, Strong):
                paragraph.add_run(_clean(part.text)).bold = True
            else:
                paragraph.add_run(_clean(part))

    def table(self, block: Grid) -> None:
        """Write a table whose heading row is repeated on each page, and whose rows are not broken across pages."""
        table = self.document.add_table(rows=1, cols=len(block.heads), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        whole = sum(block.shares)
        widths = [Mm(self.width * share / whole) for share in block.shares]
        for cell, head in zip(table.rows[0].cells, block.heads, strict=True):
            line = cell.paragraphs[0]
            line.style = "Table Text"
            line.add_run(_clean(head)).bold = True
            cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="{SHADE}"/>'))
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in block.rows:
            cells = table.add_row().cells
            for n, (cell, text) in enumerate(zip(cells, row, strict=True)):
                line = cell.paragraphs[0]
                line.style = "Table Text"
                if n in block.centred:
                    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
                self.fill(line, text)
        for made in table.rows:
            made._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, wide in zip(made.cells, widths, strict=True):
                cell.width = wide
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = wide
        gap = self.document.add_paragraph(style="Table Text")
        gap.paragraph_format.space_after = Pt(2)
        gap.paragraph_format.line_spacing = Pt(4)

    def save(self, out: IO[bytes]) -> None:
        """Write the document with its footnotes."""
        if self.notes:
            self._footnotes()
        whole = BytesIO()
        self.document.save(whole)
        with ZipFile(whole) as made, ZipFile(out, "w", ZIP_DEFLATED) as same:
            for name in made.namelist():  # without timestamps, so that the same paper gives the same bytes
                same.writestr(ZipInfo(name), made.read(name), ZIP_DEFLATED)

    def _footnotes(self) -> None:
        """Add the document part for footnotes: two separators that Word requires, then the texts."""
        package = self.document.part
        xml = [f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:footnotes {nsdecls("w")}>']
        for id_, kind in ((-1, "separator"), (0, "continuationSeparator")):
            xml.append(f'<w:footnote w:type="{kind}" w:id="{id_}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>')
        for n, text in enumerate(self.notes, 1):
            safe = _clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            xml.append(
                f'<w:footnote w:id="{n}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr>'
                '<w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r><w:r>'
                f'<w:t xml:space="preserve"> {safe}</w:t></w:r></w:p></w:footnote>'
            )
        xml.append("</w:footnotes>")
        uri = PackURI("/word/footnotes.xml")
        part = Part(uri, CONTENT_TYPE.WML_FOOTNOTES, "".join(xml).encode(), package.package)
        package.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _field(paragraph: Paragraph, name: str) -> None:
    """Add a field that Word fills in, such as the page number."""
    xml = f'<w:fldSimple {nsdecls("w")} w:instr="{name}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(xml))


def word(paper: Paper, out: IO[bytes], size: str = "a4") -> None:
    """Write a paper as a Word document on A4 or Letter."""
    made = Document(paper, size)
    made.document.add_paragraph(_clean(paper.title), style="Title")
    made.document.add_paragraph(_clean(paper.subtitle), style="Subtitle")
    for block in paper.blocks:
        made.add(block)
    made.save(out)
