"""Briefings: the order of the parts, a place for every statement, and self-contained files that other programs open."""

from __future__ import annotations

import html.parser
import io
import json
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from conftest import Run, each
from docx.enum.text import WD_ALIGN_PARAGRAPH
from series import LISTED, YEARS, Series
from series import SUBJECTS as NAMED

from cthbkb import brief
from cthbkb.formats import prose, word
from cthbkb.paper import Bullets, Grid, Heading, Note, Paper, Strong, Text

ORDER = [
    "In short", "How the ask", "What the documents say", "Who spoke, and in what capacity", "Figures cited",
    "Where the documents disagree", "What this does not cover", "Sources",
]  # fmt: skip
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ODD = 'a < b & "c" | *d* [e](f) _g_ <script>alert(1)</script> \\ `h` Þórr'
SUBJECTS = [
    ("--theme", "lights"), ("--theme", "jht", "--theme", "fair-pay"), ("--thread", "night-pay"),
    ("--person", "kowalska"), ("--session", "2033-p2"), ("2033-p2-r1", "2031-p1-r1"), ("lights",),
    ("--theme", "lights", "--year", "2033"),
]  # fmt: skip


@pytest.fixture
def paper() -> Paper:
    """A paper with a block of each kind, and with text that each format must escape."""
    blocks = [
        Heading("First"), Text(ODD, Note(ODD), Strong(" strong "), small=True), Heading("Second", 2),
        Bullets([Text("one", Note("n2")), Text("two\x0bthree")]),
        Grid(["a", "b"], [[Text(ODD), Text(Strong("x"), Note("n3"))]], [1, 2], [1]),
    ]  # fmt: skip
    return Paper(ODD, "sub", "1 July 2033", "data 1, cthbkb 0", blocks)


@each("argv", SUBJECTS)
def test_a_briefing_always_has_the_same_order(run: Run, argv: tuple[str, ...]) -> None:
    done = run("brief", *argv)
    assert done.code == 0, done.err
    heads = re.findall(r"^## (.*)$", done.out, re.MULTILINE)
    places = [next(n for n, head in enumerate(ORDER) if found.startswith(head)) for found in heads]
    assert places == sorted(places)
    assert {"In short", "What this does not cover", "Sources"} <= set(heads)


def test_a_briefing_on_a_person_in_some_years_has_their_parts_in_these(run: Run, packaged: Path) -> None:
    speakers = json.loads(run("speakers", "--format", "json", db=packaged).out)
    years = {s["person"]: [t["year"] for t in speakers if t["person"] == s["person"]] for s in speakers}
    person = next(p for p, spoken in years.items() if len(set(spoken)) == 2)
    for year in sorted(set(years[person])):
        number = years[person].count(year)
        parts = "1 part of" if number == 1 else f"{number} parts of"
        text = run("brief", "--person", person, "--year", str(year), db=packaged).out
        assert f"on the conference of {year}, in {parts} the programmes" in text
        named = [row for row in re.findall(r"^\| (20\d\d)", text, re.MULTILINE) if row != str(year)]
        assert named == []


def test_a_briefing_on_a_person_has_the_remarks_and_items_of_its_years(run: Run) -> None:
    for year, records, titles in (
        ("2031", {"2031-p1-o1", "2031-p1-anna-kowalska", "2031-p1-q1"}, ["2031, lights"]),
        ("2033", {"2033-p2-anna-kowalska"}, []),
        ("2035", set(), []),
    ):
        text = run("brief", "--person", "anna-kowalska", "--year", year).out
        notes = " ".join(re.findall(r"^\[\^\d+\]: .*", text, re.MULTILINE))
        assert {*re.findall(r"\\\[(.*?)\]", notes)} == records
        assert f"\nAppearances and remarks, {year}  \n" in text
        assert re.findall("^### (.*)", text, re.MULTILINE) == titles
        assert ("## What the documents say" in text) == bool(titles)


def test_a_note_on_several_documents_names_each_before_its_places(run: Run, db: sqlite3.Connection) -> None:
    maker = brief.Maker(brief.Subject(db, "t", ""))
    ids = ("2031-p1-r1", "2031-p1-r2", "2033-p1-r1", "2031-p1-r1")
    parts = str(maker.note("recommendations", *ids).text).split("; ")
    first, second = (json.loads(run("show", ids[n], "--format", "json").out)["document"] for n in (0, 2))
    names = [maker.documents[first], "", maker.documents[second], maker.documents[first]]
    assert [part.split(", ")[0] if name else "" for part, name in zip(parts, names, strict=True)] == names
    assert maker.documents[first] not in parts[1]


def test_a_briefing_on_some_years_has_the_moves_between_them(run: Run) -> None:
    whole, some = (run("brief", "--thread", "joint-teams", *years).out for years in ((), ("--year", "2031,2033")))
    assert re.findall(r"\d{4}→\d{4}", whole) == ["2031→2033", "2033→2035"]
    assert re.findall(r"\d{4}→\d{4}", some) == ["2031→2033"]
    assert "  " not in "".join(line for line in whole.splitlines() if "→" in line)


@pytest.mark.parametrize(
    "theme", ["compensation", "non-punishment", "jits", "child-protection", "financial-investigations"]
)
def test_every_item_on_a_theme_is_in_its_briefing_with_its_place(run: Run, packaged: Path, theme: str) -> None:
    done = run("brief", "--theme", theme, db=packaged)
    listed = json.loads(run("recs", "--theme", theme, "--format", "json", db=packaged).out)
    notes = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", done.out, re.MULTILINE))
    said = " ".join(notes.values())
    assert [row["id"] for row in listed if f"[{row['id']}]" not in said] == []
    used = re.findall(r"\[\^(\d+)\](?!:)", done.out)
    assert used == [str(n) for n in range(1, len(notes) + 1)]


@pytest.mark.parametrize("theme", ["prosecution", "victim-assistance", "compensation"])
def test_items_within_other_asks_are_shown_if_they_are_few_and_otherwise_named_by_their_asks(
    run: Run, packaged: Path, theme: str
) -> None:
    """In both cases, each item has its place in a footnote, and no speaker is quoted twice before all others."""
    text = run("brief", "--theme", theme, "-f", "markdown", db=packaged).out
    for item in json.loads(run("recs", "--theme", theme, "-f", "json", db=packaged).out):
        assert f"[{item['id']}]" in text.replace("\\", ""), item["id"]
    for line in re.findall(r"^\*\*In passing, within other asks:\*\* .*", text, re.M):
        assert len(re.findall(r"\[\^\d+\]", line)) <= 6
    said = re.findall(r"^- \*\*([^,*]+)[^*]*\*\*, (?:remark|statement|tweet|pull quote): ", text, re.M)
    assert len(set(said)) == len(said) == (0 if theme == "compensation" else 4)


def test_the_answer_comes_first_and_the_table_shows_the_years(run: Run, packaged: Path) -> None:
    done = run("brief", "--theme", "compensation", db=packaged)
    ask = json.loads(run("show", "ask-compensation", "--format", "json", db=packaged).out)
    assert done.out.split("## In short\n\n")[1].startswith(ask["summary"])
    (row,) = [line for line in done.out.splitlines() if line.startswith("| **Compensation for victims**")]
    assert [cell.strip() for cell in row.split("|")[2:5]] == ["· absent", "● asked", "● asked"]


def test_a_theme_in_some_years_does_not_mention_other_years(run: Run, packaged: Path) -> None:
    done = run("brief", "--theme", "compensation", "--year", "2022", db=packaged)
    assert "2022-p4-t7" in done.out
    assert "2020-p4-r7" not in done.out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "a briefing needs exactly one subject"),
        (("--theme", "lights", "--thread", "night-pay"), "a briefing needs exactly one subject"),
        (("--theme", "lights", "--format", "pdf"), "unknown format 'pdf'"),
        (("--theme", "lights", "-o", "x.pdf"), "unknown format of the briefing 'x.pdf'"),
        (("--theme", "lights", "--paper", "a3"), "unknown paper size 'a3'"),
        (("--session", "lights"), "lighthouses is not a session"),
        (("2033-highlights", "2033-p2-r1"), "a shortlist cannot include 2033-highlights"),
        (("lights", "2033-p2-r1"), "a shortlist cannot include lighthouses"),
        (("keepers",), "'keepers' could be lighthouse-keepers-union, keepers-heard"),  # and is a group, for `show`
    ],
)
def test_an_impossible_subject_of_a_briefing_is_reported(run: Run, argv: tuple[str, ...], message: str) -> None:
    done = run("brief", *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"error: {message}"


class Page(html.parser.HTMLParser):
    """The parts of a page: its tags, the resources it would load, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "data", "action"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_needs_no_network_and_no_script(run: Run, tmp_path: Path) -> None:
    assert run("brief", "--theme", "lights", "-o", tmp_path / "lights.html").code == 0
    text = (tmp_path / "lights.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text
    targets = set(re.findall(r'id="([^"]+)"', text))
    assert {link[1:] for link in page.links} <= targets


def test_a_page_escapes_texts(paper: Paper, tmp_path: Path) -> None:
    with open(tmp_path / "x.html", "w", encoding="utf-8") as out:
        prose.html(paper, out, "letter")
    text = (tmp_path / "x.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert page.text.count(ODD) == 5  # title twice, text, note, cell
    assert "size: letter" in text


def test_markdown_escapes_texts(paper: Paper, tmp_path: Path) -> None:
    with open(tmp_path / "x.md", "w", encoding="utf-8") as out:
        prose.markdown(paper, out)
    text = (tmp_path / "x.md").read_text(encoding="utf-8")
    shown = r"""a \< b & "c" \| \*d\* \[e](f) \_g\_ \<script>alert(1)\</script> \\ \`h\` Þórr"""
    assert text.startswith(
        f"# {shown}\n\nsub  \n1 July 2033 · data 1, cthbkb 0\n\n## First\n\n{shown}[^1] **strong**\n"
    )
    assert text.endswith(f"| {shown} | **x**[^3] |\n\n[^1]: {shown}\n[^2]: n2\n[^3]: n3\n")


def test_a_word_document_has_real_headings_lists_tables_and_footnotes(paper: Paper, tmp_path: Path) -> None:
    with open(tmp_path / "x.docx", "wb") as out:
        word.word(paper, out, "letter")
    made = docx.Document(str(tmp_path / "x.docx"))
    styles = [(p.style.name, p.text) for p in made.paragraphs if p.text and p.style]
    assert styles == [
        ("Title", ODD), ("Subtitle", "sub"), ("Heading 1", "First"), ("Small Text", f"{ODD} strong "),
        ("Heading 2", "Second"), ("List Bullet", "one"), ("List Bullet", "twothree"),
    ]  # fmt: skip
    (table,) = made.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["a", "b"], [ODD, "x"]]
    assert made.sections[0].header.paragraphs[0].text == f"{ODD}\t1 July 2033"
    assert made.sections[0].footer.paragraphs[0].text.startswith("cthbkb, data 1, cthbkb 0\tpage ")
    assert round(made.sections[0].page_width.mm) == 216
    assert made.core_properties.title == ODD
    with zipfile.ZipFile(tmp_path / "x.docx") as parts:
        for name in parts.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(parts.read(name))
        notes = ElementTree.fromstring(parts.read("word/footnotes.xml"))
        body = ElementTree.fromstring(parts.read("word/document.xml"))
    told = ["".join(note.itertext()).strip() for note in notes if note.get(f"{W}type") is None]
    assert told == [ODD, "n2", "n3"]
    assert [ref.get(f"{W}id") for ref in body.iter(f"{W}footnoteReference")] == ["1", "2", "3"]


def test_a_long_title_can_be_written_to_a_word_document(paper: Paper, tmp_path: Path) -> None:
    paper.title = "é" * 3000
    with (tmp_path / "long.docx").open("wb") as out:
        word.word(paper, out)
    made = docx.Document(str(tmp_path / "long.docx"))
    assert made.paragraphs[0].text == paper.title
    assert made.core_properties.title == paper.title[:255]


@pytest.mark.parametrize("when", ["soon", "-1", "\u0663", "9" * 30, "1" * 5000])
def test_an_invalid_fixed_time_is_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", when)
    done = run("brief", "--theme", "lights")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: SOURCE_DATE_EPOCH is not a valid time: ")


def test_a_briefing_is_written_to_a_file_and_replaces_only_files_of_its_kind(run: Run, tmp_path: Path) -> None:
    done = run("brief", "--theme", "lights", "-o", tmp_path / "b.docx")
    assert (done.code, done.out, done.err) == (0, "", f"wrote a briefing on Lighthouses to {tmp_path}/b.docx\n")
    assert run("brief", "--thread", "night-pay", "-o", tmp_path / "b.docx").code == 0
    (tmp_path / "b.docx").write_text("mine", encoding="utf-8")
    assert run("brief", "--theme", "lights", "-o", tmp_path / "b.docx").code == 1
    assert run("brief", "--theme", "lights", "-o", tmp_path / "b.docx", "--force").code == 0


def test_a_missing_library_is_reported_in_one_message(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.delitem(sys.modules, "cthbkb.formats.word")
    done = run("brief", "--theme", "lights", "-o", tmp_path / "b.docx")
    assert (done.code, done.err) == (
        1, "error: this needs python-docx, which is not installed\nhint: pip install 'cthbkb[docx]'\n"
    )  # fmt: skip
    assert run("brief", "--theme", "lights", "-o", tmp_path / "b.html").code == 0


# All blocks in all formats


BLOCKS: list[Heading | Text | Bullets | Grid] = [
    Heading("First & last"), Text("a <b>", Note("n & 1"), Strong(" strong "), small=True), Text("1. plain"),
    Heading("Second #", 2), Bullets([Text("one", Note("n2")), Text("- two")]),
    Grid(["a", "b<"], [[Text("x"), Text(Strong("y"), Note("n3"))]], [1, 2], [1]),
]  # fmt: skip


def test_a_paper_is_written_block_by_block() -> None:
    made = Paper("T & t", "sub", "1 July 2033", "data 1", BLOCKS)
    page, text = io.StringIO(), io.StringIO()
    prose.html(made, page, "letter")
    prose.markdown(made, text)
    assert text.getvalue() == (
        "# T & t\n\nsub  \n1 July 2033 · data 1\n\n## First & last\n\na \\<b>[^1] **strong**\n\n"
        "1\\. plain\n\n### Second \\#\n\n"
        "- one[^2]\n- \\- two\n\n| a | b\\< |\n| --- | :-: |\n| x | **y**[^3] |\n\n[^1]: n & 1\n[^2]: n2\n[^3]: n3\n"
    )
    head, _, body = page.getvalue().partition("<style>")
    assert head.endswith("<title>T &amp; t</title>\n")
    assert body[body.index("@page { size") :] == (
        "@page { size: letter; }\n</style>\n</head>\n<body>\n<header>\n<h1>T &amp; t</h1>\n<p>sub</p>\n"
        '<p class="meta">1 July 2033 · data 1</p>\n</header>\n<main>\n<h2>First &amp; last</h2>\n'
        '<p class="small">a &lt;b&gt;<sup id="r1"><a href="#n1">1</a></sup><strong> strong </strong></p>\n'
        "<p>1. plain</p>\n"
        '<h3>Second #</h3>\n<ul>\n<li>one<sup id="r2"><a href="#n2">2</a></sup></li>\n<li>- two</li>\n</ul>\n'
        '<table>\n<colgroup><col style="width: 33%"><col style="width: 66%"></colgroup>\n'
        '<thead><tr><th scope="col">a</th><th scope="col">b&lt;</th></tr></thead>\n<tbody>\n'
        '<tr><td>x</td><td class="mark"><strong>y</strong><sup id="r3"><a href="#n3">3</a></sup></td></tr>\n'
        '</tbody>\n</table>\n</main>\n<ol class="notes">\n'
        '<li id="n1">n &amp; 1 <a href="#r1" aria-label="back to the text">↩</a></li>\n'
        '<li id="n2">n2 <a href="#r2" aria-label="back to the text">↩</a></li>\n'
        '<li id="n3">n3 <a href="#r3" aria-label="back to the text">↩</a></li>\n</ol>\n</body>\n</html>\n'
    )
    bare = io.StringIO()
    prose.html(Paper("T", "s", "1 July 2033", "d", [Text("x")]), bare)
    assert "size: a4;" in bare.getvalue()
    assert bare.getvalue().endswith("<main>\n<p>x</p>\n</main>\n</body>\n</html>\n")


def test_a_word_document_is_laid_out_for_its_paper(tmp_path: Path) -> None:
    with open(tmp_path / "x.docx", "wb") as out:
        word.word(Paper("T", "s", "1 July 2033", "d", BLOCKS), out)
    made = docx.Document(str(tmp_path / "x.docx"))
    section = made.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height, section.left_margin)] == [210, 297, 18]
    (table,) = made.tables
    assert [round(cell.width.mm) for cell in table.rows[1].cells] == [58, 116]  # by their shares of what is left
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [None, WD_ALIGN_PARAGRAPH.CENTER]
    assert [[run.bold for cell in row.cells for run in cell.paragraphs[0].runs if run.text] for row in table.rows] == [
        [True, True], [None, True],
    ]  # fmt: skip
    assert [len(row._tr.findall(f".//{W}tblHeader")) for row in table.rows] == [1, 0]
    assert [len(row._tr.findall(f".//{W}cantSplit")) for row in table.rows] == [1, 1]
    strong = next(p for p in made.paragraphs if p.style and p.style.name == "Small Text")
    assert [run.text for run in strong.runs if run.bold] == [" strong "]
    assert (made.core_properties.author, made.core_properties.comments) == ("cthbkb", "d")
    assert made.core_properties.created.date().isoformat() == "2033-07-01"
    assert section.footer.paragraphs[0].text == "cthbkb, d\tpage  of "
    fields = [f.get(f"{W}instr") for f in section.footer.paragraphs[0]._p.findall(f".//{W}fldSimple")]
    assert fields == ["PAGE", "NUMPAGES"]
    with zipfile.ZipFile(tmp_path / "x.docx") as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


FOUR = tuple(word for theme in ("lights", "tide-data", "night-work", "fair-pay") for word in ("--theme", theme))
LIGHTS, TEAMS = ("--theme", "lights"), ("--theme", "jht")
PLACED = ("--theme", "cooperation")


SHOWN = [
    ("ASKS", 3, LIGHTS, "; Spare lamps and boats (2031 only).\n", "; and 1 more.\n"),
    ("ASKS", 3, LIGHTS, "| **Spare lamps and boats** |", "Also followed: Spare lamps and boats.\n"),
    ("FIGURES", 3, FOUR, "| **-5 %** |", "and 1 more figure.\n"),
    ("REMARKS", 2, FOUR, "**Edda Storm, Jr.,", "and 1 more remark.\n"),
    ("STAGES", 2, FOUR, "**2035, Panel 1**", ""),
    ("TOLD", 14, FOUR, "**(conclusion)**", "Also, 1 conclusion["),
    ("LISTS", 8, LIGHTS, "**(observation)**", "Also, 2 observations["),
    ("PASSING", 1, TEAMS, "**In passing, within other asks:** Teams fail", "asks:** Log-books that are open"),
    ("SHORT", 49, PLACED, "Keepers should be told of every ship that is due[", "that is\u00a0…["),
]  # fmt: skip
"""A limit, its value, the subject, the text if all are shown, and the text if one is not."""


def test_a_briefing_shows_up_to_its_limits_and_counts_the_rest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for limit, number, argv, whole, cut in SHOWN:
        for at in (number, number - 1):
            with monkeypatch.context() as patched:
                patched.setattr(brief, "TOLD", 1)
                patched.setattr(brief, "LISTS", 99)
                patched.setattr(brief, limit, at)
                told = run("brief", *argv).out
            if (whole in told) != (at == number) or (cut and (cut in told) != (at < number)):
                wrong.append((limit, at, told))
    assert wrong == []


def test_a_person_is_named_with_a_role_that_says_something_and_one_country() -> None:
    cases = {
        ("A", "", None, None): "A", ("A", "speaker", "Mayor", "Ruritania"): "A, Mayor, Ruritania",
        ("A", "panellist", "Mayor", None): "A, Mayor", ("", "", "Mayor", ""): "Mayor",
        ("A", "moderator", None, "Ruritania"): "A (moderator), Ruritania",
        ("A", "", "Minister of Ruritania", "Ruritania"): "A, Minister of Ruritania",
    }  # fmt: skip
    assert {case: brief._person(*case) for case in cases} == cases


def test_disagreements_are_about_what_is_shown_or_counted(db: sqlite3.Connection) -> None:
    for name, id_, topic in (
        ("statistics", "2031-p1-n1", "What the first panel of 2033 was about: "),
        ("people", "2031-p1-anna-kowalska", "How a name is spelt: "),
        ("disputed", "2033", "Days of the 2nd forum: "),
    ):
        subject = brief.Subject(db, "t", "")
        assert list(brief.Maker(subject)._disagreements()) == []
        setattr(subject, name, [id_])
        _, bullets = brief.Maker(subject)._disagreements()
        assert isinstance(bullets, Bullets)
        assert [plain(text).startswith(topic) for text in bullets.items] == [True]


def test_remarks_of_named_people_come_first_and_each_person_once_before_any_twice() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create table statements (id text, speaker text)")
        said = {"q1": None, "q2": "anna", "q3": "anna", "q4": "li", "q5": None, "q6": "li"}
        db.executemany("insert into statements values (?, ?)", said.items())
        assert brief._named_first(db, [*said]) == ["q2", "q4", "q3", "q6", "q1", "q5"]


# A series of five conferences, compared with a scan of its records


def by_heading(blocks: Iterable[Bullets | Grid | Heading | Text]) -> Iterator[tuple[str, list[Text | Grid]]]:
    """Yield the paragraphs and tables below each heading; bullets are paragraphs."""
    head, below = "", []
    for block in blocks:
        if isinstance(block, Heading):
            yield head, below
            head, below = block.text, []
        else:
            below += block.items if isinstance(block, Bullets) else [block]
    yield head, below


def cited_in(texts: Iterable[Text | Grid]) -> list[str]:
    """Return the ids in the footnotes of paragraphs."""
    notes = [
        str(part.text) for text in texts if isinstance(text, Text) for part in text.parts if isinstance(part, Note)
    ]
    return re.findall(r"\[([^\[\]]+)\]", " ".join(notes))


def plain(text: Text) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in text.parts if not isinstance(part, Note))


@each(
    "by, names, years",
    [
        ("theme", ["bells"], []), ("theme", ["ebb"], [2041, 2044]), ("theme", ["crews", "fish"], [2048]),
        ("theme", ["docks"], [2042, 2047, 2048]), ("theme", ["gulls"], []), ("thread", ["ask-9"], []),
        ("thread", ["ask-5", "ask-7"], []), ("thread", ["ask-2", "ask-13"], [2041, 2044]),
        ("thread", ["ask-2", "ask-9", "ask-11", "ask-13", "ask-15"], []),
        ("thread", ["ask-11"], [2044]), ("session", ["2042-p1"], []), ("session", ["2048-p2"], []),
        ("records", ["2041-p1-o1", "2044-p2-s1", "2041-p2-q1", "2048-p1-g1"], []),
    ],
)  # fmt: skip
def test_a_briefing_has_what_a_scan_of_the_records_finds(
    series: Series, of_series: sqlite3.Connection, by: str, names: list[str], years: list[int]
) -> None:
    """The items of each year below its heading, the remarks, and the asks with their states and moves."""
    among = years or (YEARS if by in ("theme", "thread") else sorted({int(name[:4]) for name in names}))
    threads = {t["id"]: series.entries(t["id"]) for t in series.tables["threads"]}
    entries = [(thread, entry) for thread, of_year in threads.items() for there in of_year.values() for entry in there]
    labels = {t["id"]: t["label"] for t in series.tables["threads"]}
    every = [*series.records.values()]
    if by == "theme":
        records = [r for r in every if {*r["themes"]} & {*names} and r["year"] in among]
        of_theme = {t["id"] for t in series.tables["threads"] if {*t["themes"]} & {*names}}
        asks = of_theme & {thread for thread, entry in entries if entry["id"] in [r["id"] for r in records]}
    elif by == "thread":
        records = [series.records[e["id"]] for thread, e in entries if thread in names and e["year"] in among]
        asks = {*names}
    elif by == "records":
        records = [series.records[name] for name in names]
        asks = {thread for thread, e in entries if e["id"] in names and e["is_item"]}
    else:
        records = [r for r in every if r["id"].startswith(f"{names[0]}-")]
        asks = {thread for thread, e in entries if e["asks"] and e["id"].startswith(f"{names[0]}-")}
    make = brief.SUBJECTS.get(by, brief.of_records)
    subject = make(of_series, names, [*map(str, years)])
    found = dict(by_heading(brief.Maker(subject).blocks()))
    in_passing = {e["id"] for _, e in entries} - {e["id"] for thread, e in entries if thread in asks}
    for year in among:
        below = found.get(f"{year}, {NAMED[year]}", [])
        items = {r["id"] for r in records if r["year"] == year and r["is_item"]}
        assert sorted(cited_in(below)) == sorted(items), year
        texts = [plain(text) for text in below if isinstance(text, Text)]
        kinds = [
            told[1] for text in texts if (told := re.search(r"\(([a-z]+)(, [a-z]+)?\)$", text))
        ]  # of items in full
        assert bool(kinds) == bool(items - in_passing if by == "theme" else items)
        if asks and len(subject.items) > brief.LISTS and not {*kinds} <= {*LISTED}:  # only for want of others
            of_asks = [(e["id"], e["asks"]) for thread, e in entries if thread in asks and e["kind"] in LISTED]
            assert len(kinds) <= 2
            assert [item for item, asks_ in of_asks if item in items and asks_ and (item, False) not in of_asks] == []
    assert {head[:4] for head in found if head[:2] == "20"} <= {*map(str, among)}
    remarks = {r["id"] for r in records if r["kind"] == "statement"}
    said = cited_in(found.get("Who spoke, and in what capacity", []))
    assert len(said) == min(len(remarks), brief.REMARKS)
    assert {*said} <= remarks
    if by == "theme" and not asks:
        states = ", ".join(f"{year} not raised" for year in among)
        assert plain(subject.answer[0]) == f"No ask followed over the years is about it: {states}."
    grids = [grid for head in found if head.startswith("How the ask") for grid in found[head] if isinstance(grid, Grid)]
    assert bool(grids) == (bool(asks) and len(among) > 1)
    after = [labels[f] for t in series.tables["threads"] if t["id"] in names for f in t.get("followed_by", ())]
    told = [plain(text) for head in found for text in found[head] if isinstance(text, Text)]
    replaced = [text for text in told if text.startswith("Replaced by: ")]
    assert replaced == ([f"Replaced by: {'; '.join(dict.fromkeys(after))}."] if after and grids else [])
    for grid in grids:
        assert grid.heads == ["Ask", *map(str, among), "What changed"]
        shown = {plain(row[0]): [plain(cell) for cell in row[1:]] for row in grid.rows}
        assert len(shown) == min(len(asks), brief.ASKS)
        for thread in asks:
            if labels[thread] in shown:
                spoken = [y for y in among if y in threads[thread]]
                *marks, changed = shown[labels[thread]]
                states = [[e["asks"] for e in threads[thread].get(y, ())] for y in among]
                assert marks == ["● asked" if any(of) else "○ noted" if of else "· absent" for of in states]
                moves = [(a, b, series.move(thread, a, b)) for a, b in pairwise(spoken)]
                assert re.findall(r"(\d{4})→(\d{4}) ([a-z, ]+)\.", changed) == [
                    (str(a), str(b), ", ".join(move["changes"])) for a, b, move in moves if move
                ]
                for word in ("gained", "lost"):
                    assert all(move[word] in changed for _, _, move in moves if move and word in move)
