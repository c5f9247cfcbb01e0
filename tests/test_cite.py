"""Citations: one key per work, the place of each record in it, and bibliographies that common programs can read."""

from __future__ import annotations

import io
import json
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from conftest import Run, each
from hypothesis import given
from hypothesis import strategies as st

from cthbkb import cite
from cthbkb.cite import Cited, Work, chicago, cited, days, figure, standing, united_nations, works
from cthbkb.formats import Answer, bibliography
from cthbkb.registry import TABLES

NASTY = 'Þórr & Søn: 50 % of "all" {cases} #1_a $5 ~x^2 \\ end, «déjà vu» “quoted”'


def answer(*works: Work) -> Answer:
    made = Answer("works", ())
    made.works = lambda: list(works)
    return made


def work(title: str = NASTY, author: str = "Forum, Office of the Keeper, and Friends") -> Work:
    made = Work("2031-highlights", title, "highlights")
    made.author = made.publisher = author
    made.city, made.year = "Harbour", 2031
    made.url = "https://example.org/a_b?c=%20&d#e"
    return made


def bibtex(*works: Work) -> bibtexparser.Library:
    out = io.StringIO()
    bibliography.bibtex(answer(*works), out)
    library = bibtexparser.parse_string(out.getvalue())
    assert library.failed_blocks == []
    return library


def untex(text: str) -> str:
    """Undo the escapes of BibTeX, independently of the program."""
    for said, meant in (
        (r"\textbackslash{}", "\0"), (r"{\textbraceleft}", "\1"), (r"{\textbraceright}", "\2"),
        (r"\textasciitilde{}", "~"), (r"\textasciicircum{}", "^"),
        *((f"\\{c}", c) for c in "%&#_$"), ("\0", "\\"), ("\1", "{"), ("\2", "}"),
    ):  # fmt: skip
        text = text.replace(said, meant)
    return text


def test_bibtex_is_read_back_with_titles_and_corporate_authors() -> None:
    (entry,) = bibtex(work()).entries
    fields = {field.key: field.value for field in entry.fields}
    assert (entry.entry_type, entry.key) == ("techreport", "2031-highlights")
    assert fields["author"] == "{Forum, Office of the Keeper, and Friends}"
    assert fields["title"][0] == "{"
    assert untex(fields["title"][1:-1]) == NASTY
    assert (fields["year"], fields["address"]) == ("2031", "Harbour")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(lambda t: " ".join(t.split()) or "x"))
def test_any_title_survives_bibtex_and_ris(title: str) -> None:
    (entry,) = bibtex(work(title)).entries
    assert untex({field.key: field.value for field in entry.fields}["title"][1:-1]) == title
    out = io.StringIO()
    bibliography.ris(answer(work(title)), out)
    (read,) = rispy.loads(out.getvalue())
    assert read["title"] == title


def test_ris_is_read_back_and_no_body_becomes_a_person() -> None:
    out = io.StringIO()
    bibliography.ris(answer(work(), work("Another\r\nTY  - GEN")), out)
    first, second = rispy.loads(out.getvalue())
    assert first["authors"] == ["Forum. Office of the Keeper. and Friends"]
    assert (first["type_of_reference"], first["id"], first["year"]) == ("RPRT", "2031-highlights", "2031")
    assert first["urls"] == ["https://example.org/a_b?c=%20&d#e"]
    assert second["title"] == "Another TY - GEN"


def test_csl_is_read_and_formatted_by_a_citation_processor() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of citeproc's own
        from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
        from citeproc.source.json import CiteProcJSON

        out = io.StringIO()
        bibliography.csl(answer(work("Lamps & “Locks”")), out)
        source = CiteProcJSON(json.loads(out.getvalue()))
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        made = CitationStylesBibliography(style, source, formatter.plain)
        made.register(Citation([CitationItem("2031-highlights")]))
        (text,) = [str(item) for item in made.bibliography()]
    assert text.startswith("Forum, Office of the Keeper, and Friends (2031) Lamps & “Locks”")


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2020-07-20", "2020-07-22", "20–22 July 2020"),
        ("2020-03-30", "2020-04-01", "30 March–1 April 2020"),
        ("2019-12-31", "2020-01-01", "31 December 2019–1 January 2020"),
        ("2020-07-20", None, "20 July 2020"),
        ("2020-07-20", "2020-07-20", "20 July 2020"),
        ("2020-12-02", "2020-12-12", "2–12 December 2020"),
        ("2020-01-02", "2021-01-02", "2 January 2020–2 January 2021"),
        ("2020-07-20", "2020-08", "20 July 2020–August 2020"),
        ("2020-07", "2020-08", "July 2020–August 2020"),
        ("2020-07", "2020-07", "July 2020"),
        ("2020", "2021", "2020–2021"),
        ("2020-07", None, "July 2020"),
        ("2020", None, "2020"),
        (None, None, ""),
    ],
)
def test_days_are_formatted_for_a_footnote(start: str | None, end: str | None, said: str) -> None:
    assert days(start, end) == said


def test_an_item_is_cited_by_its_document_and_its_place_there(run: Run, packaged: Path) -> None:
    done = run("cite", "2020-p4-r7", "--format", "json", db=packaged)
    (found,) = json.loads(done.out)
    office = "Office of the Special Representative and Co-ordinator for Combating Trafficking in Human Beings"
    highlights = "Highlights of the 20th Conference of the Alliance against Trafficking in Persons"
    assert found["key"] == "2020-highlights"
    assert found["un"] == (
        f"OSCE {office}, {highlights}: Ending Impunity – Delivering Justice through Prosecuting Trafficking in Human "
        "Beings, Vienna and via teleconference, 20-22 July 2020, Panel 4, recommendation 7."
    )
    assert found["chicago"] == (
        f"Organization for Security and Co-operation in Europe, {office}, {highlights} "
        "(conference in Vienna, 20–22 July 2020; n.d.), Panel 4, recommendation 7."
    )


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("2016", "panel", "2", "rec", "1"), "Panel 2, bullet 1."),
        (("2022-p1-t10",), "(Vienna, 2022), Panel 1, takeaway 10."),
        (("2020-intro-stat16",), "Introduction, footnote 3."),
        (("2020-preface-f1",), "Preface, arrow 1."),
        (("unodc-glotip-2016",), "Global Report on Trafficking in Persons 2016 (New York, 2016)."),
        (("2020-report-update",), "2020 Report Update (Vienna)."),
        (("2020-report-s12",), "“3. Partnerships and Country Visits”, paragraph 1."),
    ],
)
def test_the_place_is_the_session_or_the_heading_with_the_item(
    run: Run, packaged: Path, words: tuple[str, ...], end: str
) -> None:
    (found,) = json.loads(run("cite", *words, "--format", "json", db=packaged).out)
    assert found["un"].endswith(end)


def test_figures_and_remarks_name_their_source_or_speaker(run: Run, packaged: Path) -> None:
    stat, said = json.loads(run("cite", "2020-intro-stat16", "2020-opening-q2", "--format", "json", db=packaged).out)
    assert stat["un"].startswith(
        "63,251 victims (UNODC, Global Report on Trafficking in Persons 2016, New York, 2016), cited in: OSCE Office"
    )
    assert said["un"].startswith("Sandër Lleshaj, tweet, in: OSCE Office")


def test_the_acknowledgement_is_what_the_publisher_asks_for(run: Run, packaged: Path) -> None:
    (found,) = json.loads(run("cite", "2022-conclusions", "--format", "json", db=packaged).out)
    assert found["acknowledgement"].startswith("Source: OSCE Office of the Special Representative")
    assert "non-commercial" in found["acknowledgement"]


def everything(run: Run) -> Iterator[tuple[str, str]]:
    for table in TABLES.values():
        if table.listing and table.name != "abbreviations":  # some of its ids are also ids of bodies, which come first
            names = run(table.listing.name, "--columns", "?").out.split()
            if {"document", "section"} <= set(names) or table.name == "documents":
                yield table.listing.name, table.listing.key


def test_every_record_of_a_document_can_be_cited(run: Run, packaged: Path) -> None:
    for listing, key in everything(run):
        rows = json.loads(run(listing, "--format", "json", db=packaged).out)
        ids = [row.get("id") or row[key] for row in rows][::7]
        done = run("cite", *ids, "--format", "json", db=packaged)
        assert done.code == 0, (listing, done.err)
        found = json.loads(done.out)
        assert [c["id"] for c in found] == list(dict.fromkeys(ids)), listing
        assert all(c["un"].endswith(".") and "None" not in c["un"] + c["chicago"] for c in found), listing


def test_a_selection_has_one_entry_per_document_with_its_items(run: Run, packaged: Path, tmp_path: Path) -> None:
    done = run("recs", "--theme", "compensation", "-o", tmp_path / "refs.bib", db=packaged)
    listed = json.loads(run("recs", "--theme", "compensation", "--format", "json", db=packaged).out)
    documents = list(dict.fromkeys(row["document"] for row in listed))
    assert (done.code, done.err) == (0, f"wrote {len(documents)} references to {tmp_path}/refs.bib\n")
    library = bibtexparser.parse_file(str(tmp_path / "refs.bib"))
    assert [entry.key for entry in library.entries] == documents
    notes = " ".join(field.value for entry in library.entries for field in entry.fields if field.key == "note")
    assert [row["id"] for row in listed if row["id"] not in notes] == []
    for ending in (".ris", ".csl.json"):
        assert run("recs", "--theme", "compensation", "-o", tmp_path / f"refs{ending}", db=packaged).code == 0
    assert [entry["id"] for entry in rispy.loads((tmp_path / "refs.ris").read_text(encoding="utf-8"))] == documents
    items = json.loads((tmp_path / "refs.csl.json").read_text(encoding="utf-8"))
    assert [item["id"] for item in items] == documents


@each("number", [1, 2, 3])
def test_rows_that_a_limit_leaves_out_are_not_cited(run: Run, packaged: Path, number: int) -> None:
    argv = ("recs", "--theme", "compensation", "--sort", "-year", "--limit", str(number))
    listed = json.loads(run(*argv, "--format", "json", db=packaged).out)
    items = json.loads(run(*argv, "--format", "csl-json", db=packaged).out)
    assert [item["id"] for item in items] == list(dict.fromkeys(row["document"] for row in listed))


def test_a_bibliography_of_many_items_counts_the_items_it_does_not_name(run: Run, packaged: Path) -> None:
    text = run("recs", "--year", "2020", "--format", "csl-json", db=packaged).out
    number = int(run("recs", "--year", "2020", "--document", "2020-highlights", "--count", db=packaged).out)
    note = next(item["note"] for item in json.loads(text) if item["id"] == "2020-highlights")
    assert note.endswith(f"; and {number - bibliography.SHOWN} more.")


def test_results_and_records_have_references_too(run: Run) -> None:
    assert json.loads(run("search", "lamp", "--format", "csl-json").out)
    shown = json.loads(run("show", "2033-p2-r1", "2031-p1-n1", "--format", "csl-json").out)
    assert [entry["id"] for entry in shown] == ["2033-highlights", "2031-highlights"]
    assert rispy.loads(run("publications", "--format", "ris").out)


def test_a_record_that_is_not_in_a_document_is_refused_by_name(run: Run) -> None:
    done = run("cite", "joint-teams")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "error: joint-teams is not part of a document\nhint: Records that can be cited: documents, "
    )
    done = run("compare", "--format", "bibtex")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == "hint: Cite records of documents, for example: cthbkb recs -o refs.bib"


def test_cite_prints_both_styles_on_a_terminal(run: Run) -> None:
    done = run("cite", "2033-p2-r1", "--format", "table")
    heads = [line.split("  ")[0] for line in done.out.splitlines() if line[:1].strip()]
    assert heads == ["id", "key", "United Nations", "Chicago", "acknowledgement"]


def test_a_record_is_cited_by_speaker_work_and_place(db: sqlite3.Connection) -> None:
    places = {
        ("recommendations", "2031-p1-r2a"): ("", "2031-highlights", "Panel 1, bullet 2, first dash"),
        ("recommendations", "2031-side1-s1"): ("", "2031-highlights", "“Side event”"),
        ("recommendations", "2033-opening-g1"): ("", "2033-concept-note", "“Goals”, 1"),
        ("recommendations", "2033-p2-c1"): ("", "2033-highlights", "Panel 2"),
        ("recommendations", "2035-p1-t1"): ("", "2035-conclusions", "Panel 1, tick 1"),
        ("sessions", "2031-side1"): ("", "2031-highlights", "“Side event”"),
        ("sessions", "2031-intro"): ("", "2031-highlights", "Introduction"),
        ("sessions", "2033-p1"): ("", "2033-highlights", "Panel 1, pages 4-5"),
        ("sessions", "2033-break1"): ("", "2033-concept-note", "“Day 1”"),
        ("documents", "2033-report"): ("", "2033-report", ""),
        ("instruments", "lamp-treaty"): ("", "2031-highlights", "“Panel 1”, footnote 1"),
        ("publications", "keepers-film"): ("", "keepers-film", ""),
        ("statements", "2031-p1-q1"): ("Anna Łucja Kowalska, remark, in: ", "2031-highlights", "Panel 1"),
        ("statements", "2033-opening-q1"): ("Li Wei, pull quote, in: ", "2033-highlights", "Opening"),
        ("statements", "2033-tweet1"): (
            "@LighthouseKeepers, tweet of 12 September 2033, in: ", "2033-highlights", "“Social media”"
        ),
        ("statements", "2035-p1-q2"): ("A cadet from Łebsk, pull quote, in: ", "2035-conclusions", "Panel 1"),
        ("statistics", "2031-p1-n1"): (
            "1,250 lights (Lighthouse Keepers' Union), cited in: ", "2031-highlights",
            "Panel 1, paragraph 2, footnote 3",
        ),
        ("statistics", "2033-concept-note-n1"): (
            "40 ports (Institute of Tides), cited in: ", "2033-concept-note", "“Page 1”, paragraph 3"
        ),
        ("statistics", "2033-p2-n1"): ("+12.5 %, cited in: ", "2033-highlights", "Panel 2"),
    }  # fmt: skip
    found = cited(db, places)
    assert {case: (c.lead, c.work.key, c.locator) for case, c in zip(places, found, strict=True)} == places
    assert [c.id for c in found] == [id_ for _, id_ in places]
    assert [work.key for work in works(found)] == list(dict.fromkeys(key for _, key, _ in places.values()))
    (highlights,) = [work for work in works(found) if work.key == "2031-highlights"]
    assert highlights.places == [
        (id_, place) for (table, id_), (_, key, place) in places.items() if key == "2031-highlights"
    ]  # fmt: skip
    themes = [("themes", "lighthouses"), ("documents", "2033-report"), ("people", "tom-reed"), ("none", "x")]
    assert standing(db, themes) == [("documents", "2033-report"), ("people", "tom-reed")]


def test_a_work_has_only_printed_dates_and_places(db: sqlite3.Connection) -> None:
    names = ["2031-highlights", "2033-concept-note", "2033-highlights", "2033-report", "2035-conclusions"]
    found = {c.work.key: c.work for c in cited(db, [("documents", name) for name in names])}
    assert {w.key: (w.year, w.dated, w.city, w.held) for w in found.values()} == {
        "2031-highlights": (2031, True, "Port Lull", "Port Lull, 10–11 June 2031"),
        "2033-concept-note": (2033, False, "Port Lull", "Port Lull, 2–3 May 2033"),
        "2033-highlights": (2033, False, "Port Lull", "Port Lull, 12–13 September 2033"),
        "2033-report": (2033, False, "", ""),
        "2035-conclusions": (2035, True, "Łebsk", "Łebsk, 4 April 2035"),
    }
    basis = "No date of publication is printed; the year is that of"
    assert {w.key: w.note for w in found.values()} == {
        "2031-highlights": "", "2033-concept-note": f"{basis} the conference.",
        "2033-highlights": f"{basis} the conference.", "2033-report": f"{basis} the reporting period.",
        "2035-conclusions": "",
    }  # fmt: skip
    first = found["2031-highlights"]
    assert (first.author, first.publisher, first.url, first.kind) == (
        "Harbour Forum Secretariat", "Harbour Forum Secretariat", "https://harbour-forum.example/2031", "highlights"
    )  # fmt: skip
    assert first.acknowledgement == (
        "Source: Harbour Forum Secretariat, Highlights of the 1st Harbour Forum (Port Lull, 2031). "
        "Free to copy if the secretariat is named."
    )
    assert found["2033-report"].acknowledgement.endswith("(Port Lull). The document prints no terms of reuse.")
    survey, film = [
        c.work for c in cited(db, [("publications", "night-work-survey"), ("publications", "keepers-film")])
    ]
    assert (survey.author, survey.publisher, survey.city, survey.year, survey.dated, survey.kind) == (
        "Petra Nováková", "Institute of Tides", "Łebsk", 2032, True, "survey"
    )  # fmt: skip
    assert survey.note == (
        "Named in: Harbour Forum Secretariat, Highlights of the 2nd Harbour Forum (Port Lull, 2033), Panel 1, "
        "footnote 2."
    )
    assert survey.printed == "Petra Nováková, A Survey of Night Work: Pay, Rest & Risk (Łebsk, 2032)"
    assert survey.acknowledgement == f"Source: {survey.printed}."
    assert (film.author, film.year, film.dated, film.printed) == ("", None, False, "The Long Watch")
    assert film.note.endswith("(Port Lull, 2031), Panel 1.")


def test_a_session_is_cited_by_its_heading_and_an_item_by_its_session() -> None:
    names = {"s": ("Panel 1", False)}
    place = {"id": "s", "session": "s", "section": "Day 1", "item": "pages 4-5"}
    assert cite._locator(place, names, "sessions") == "“Day 1”, pages 4-5"
    assert cite._locator(place, names, "statements") == "Panel 1, pages 4-5"


def test_works_are_told_apart_by_key_and_one_that_is_cited_as_a_whole_has_no_places(db: sqlite3.Connection) -> None:
    one, other = Work("k1", "Same title", "video"), Work("k2", "Same title", "video")
    assert works([Cited("a", one), Cited("b", other), Cited("c", one)]) == [one, other]
    whole, part = cited(db, [("documents", "2031-highlights"), ("recommendations", "2031-p1-r1")])
    assert whole.work is part.work
    assert [id_ for id_, _ in whole.work.places] == ["2031-p1-r1"]


def test_a_note_omits_what_a_work_does_not_have() -> None:
    def note(lead: str = "", locator: str = "", **of: object) -> tuple[str, str]:
        work = Work("k", "Title", "report")
        work.printed = "Printed"
        for name, value in of.items():
            setattr(work, name, value)
        found = Cited("k-1", work, locator, lead)
        return united_nations(found), chicago(found)

    assert note() == ("Printed.", "Title (n.d.).")
    assert note("A, in: ", "page 1") == ("A, in: Printed, page 1.", "A, in: Title (n.d.), page 1.")
    cases: list[tuple[dict[str, object], str]] = [
        ({"year": 2031}, "Title (2031)."), ({"year": 2031, "dated": False}, "Title (n.d.)."),
        ({"year": 2031, "city": "Lull"}, "Title (Lull, 2031)."),
        ({"year": 2031, "city": "Lull", "publisher": "P"}, "Title (Lull: P, 2031)."),
        ({"year": 2031, "publisher": "P"}, "Title (2031)."),
        ({"year": 2031, "city": "Lull", "held": "Lull, 1 May 2031", "publisher": "P"}, "Title (Lull, 2031)."),
        ({"dated": False, "held": "Lull, 1 May 2031"}, "Title (conference in Lull, 1 May 2031; n.d.)."),
        ({"author": "A", "url": "u"}, "A, Title (n.d.), u."),
    ]  # fmt: skip
    assert [note(**of)[1] for of, _ in cases] == [said for _, said in cases]


def test_a_name_in_capitals_is_written_as_in_running_text(db: sqlite3.Connection) -> None:
    cases = {
        "HF OFFICE OF THE CO-ORDINATOR FOR AND IN ON TO": "HF Office of the Co-ordinator for and in on to",
        "THE NORTH-LIGHT UNION": "The North-Light Union",
        "Office OF": "Office OF",
        "CO-OPERATION": "Co-operation",
    }
    assert {name: cite._plain_case(db, name) for name in cases} == cases


def test_a_figure_is_written_with_its_unit_if_it_is_a_number() -> None:
    cases = {("12", "ships"): "12 ships", ("12", "%"): "12%", ("12", None): "12", ("12", ""): "12",
             ("tripled", "ships"): "tripled", ("12 %", "per cent"): "12 %", ("", "ships"): ""}  # fmt: skip
    assert {case: figure(*case) for case in cases} == cases


KINDS = {
    "website": ("misc", "ELEC", "webpage"), "press-release": ("misc", "PRESS", "article-newspaper"),
    "tweet": ("misc", "ELEC", "post"), "video": ("misc", "VIDEO", "motion_picture"),
    "data": ("misc", "DATA", "dataset"), "statement": ("misc", "GEN", "document"),
    "handbook": ("book", "BOOK", "book"), "compendium": ("book", "BOOK", "book"),
    "report": ("techreport", "RPRT", "report"), "concept-note": ("techreport", "RPRT", "report"),
}  # fmt: skip


def written(write: Callable[[Answer, Any], None], *works: Work) -> str:
    out = io.StringIO()
    write(answer(*works), out)
    return out.getvalue()


def test_a_kind_of_work_has_its_type_in_each_bibliography() -> None:
    for kind, (tex, ris, csl) in KINDS.items():
        one = work("T")
        one.kind = kind
        entry = written(bibliography.bibtex, one)
        assert entry.startswith(f"@{tex}{{2031-highlights,\n")
        assert ("  institution = {" in entry, "  publisher = {" in entry) == (tex == "techreport", tex != "techreport")
        assert ("  type = {Report}" in entry) == (tex == "techreport")
        assert written(bibliography.ris, one).startswith(f"TY  - {ris}\r\nID  - 2031-highlights\r\n")
        assert json.loads(written(bibliography.csl, one))[0]["type"] == csl


def test_a_bibliography_has_what_a_work_has_in_order_and_no_more() -> None:
    bare = Work("k", "A\n  title", "report")
    assert written(bibliography.bibtex, bare, bare) == (
        "@techreport{k,\n  title = {{A title}},\n  type = {Report}\n}\n"
        "\n@techreport{k,\n  title = {{A title}},\n  type = {Report}\n}\n"
    )
    assert written(bibliography.ris, bare) == "TY  - RPRT\r\nID  - k\r\nTI  - A title\r\nER  - \r\n\r\n"
    assert written(bibliography.csl, bare) == '[\n  {"id": "k", "type": "report", "title": "A\\n  title"}\n]\n'
    assert [written(write) for write in (bibliography.bibtex, bibliography.ris, bibliography.csl)] == ["", "", "[]\n"]
    assert "  url = {https://example.org/a_b?c=\\%20&d#e}" in written(bibliography.bibtex, work())
    full = work("T", "A, B")
    full.held, full.note, full.places = "Lull, 1 May 2031", "No date.", [("r1", "Panel 1"), ("r2", "Panel 2")]
    notes = ["On the conference in Lull, 1 May 2031.", "No date.", "Cited: r1 (Panel 1); r2 (Panel 2)."]
    assert written(bibliography.ris, full).endswith(
        "AU  - A. B\r\nTI  - T\r\nPB  - A, B\r\nCY  - Harbour\r\nPY  - 2031\r\n"
        f"UR  - {full.url}\r\n{''.join(f'N1  - {note}' + chr(13) + chr(10) for note in notes)}ER  - \r\n\r\n"
    )
    (item,) = json.loads(written(bibliography.csl, full))
    assert item == {
        "id": "2031-highlights", "type": "report", "title": "T", "author": [{"literal": "A, B"}], "publisher": "A, B",
        "publisher-place": "Harbour", "issued": {"date-parts": [[2031]]}, "URL": full.url, "note": " ".join(notes),
    }  # fmt: skip
    assert "  author = {{A \\& B\\_1}},\n" in written(bibliography.bibtex, work("T", "A & B_1"))
    made = answer(full, bare)
    bibliography.ris(made, io.StringIO())
    assert made.written == 2


def test_a_note_names_as_many_places_as_it_shows() -> None:
    one = work("T")
    one.places = [(f"r{n}", "p") for n in range(60)]
    assert bibliography._places(one).endswith("; r58 (p); r59 (p).")
    one.places.append(("r60", "p"))
    assert bibliography._places(one).endswith("; r58 (p); r59 (p); and 1 more.")


def test_a_publication_is_named_with_what_is_known_of_it(database: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        with closing(sqlite3.connect(database)) as source:
            source.backup(db)

        def printed(**values: object) -> tuple[str, str, str]:
            known = {"author": None, "publisher": None, "place": None, "year": None, "item": None, **values}
            for name, value in known.items():
                db.execute(f'update publications set "{name}" = ? where id = ?', (value, "keepers-film"))
            (made,) = cited(db, [("publications", "keepers-film")])
            return made.work.printed, made.work.author, chicago(made)

        url = "https://films.example/watch."
        assert printed() == ("The Long Watch", "", f"The Long Watch (n.d.), {url}")
        assert printed(publisher="P", year=2031) == (
            "P, The Long Watch (2031)",
            "P",
            f"P, The Long Watch (2031), {url}",
        )
        assert printed(author="A", publisher="P", place="Lull") == (
            "A, The Long Watch (Lull)", "A", f"A, The Long Watch (Lull: P, n.d.), {url}"
        )  # fmt: skip
        assert printed(author="A", place="Lull", year=2031) == (
            "A, The Long Watch (Lull, 2031)",
            "A",
            f"A, The Long Watch (Lull, 2031), {url}",
        )
        db.execute("update documents set published = '2030-02-01', publisher = 'HF' where id = '2031-highlights'")
        (made,) = cited(db, [("documents", "2031-highlights")])
        assert (made.work.year, made.work.author) == (2030, "HF")
        db.execute("update documents set published = 'Spring 2030', publisher = 'HF' where id = '2031-highlights'")
        assert cited(db, [("documents", "2031-highlights")])[0].work.year == 2031
