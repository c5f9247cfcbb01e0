"""`sources`: the user's own copies, with the text of an invented forum."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, each
from variants import VARIANTS

from cthbkb import cache
from cthbkb.copies import resolve
from cthbkb.copies.prints import RUN, Index, Print, hashed, make
from cthbkb.copies.read import read
from cthbkb.copies.wordings import marked
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure

TEXT = Path(__file__).with_name("harbour-2031.txt")
MET = "The panel was moderated by Tom Reed, Secretary."


@pytest.fixture
def added(run: Run) -> Run:
    """The program with a copy of the first forum's highlights."""
    assert run("sources", "add", TEXT).code == 0
    return run


def words(text: str) -> list[str]:
    return Copy([(0, line) for line in text.split("\n")]).words


@each(
    "one, other",
    [
        ("The co-operation of States", "the cooperation\nof states"),
        ("cross-border co-operation", "cross-\nborder co-op\u00aderation"),
        ("gender- and age-specific", "gender-\nand age-spe-\ncific"),
        ("“The State’s own” – efforts…", '"The State\'s own" - efforts...'),
        ("the efficient, final traffic", "the eﬃcient, ﬁnal traﬃc"),
        ("victims², of whom many³", "victims2, of whom many3"),
        ("the measures. They hold", "the measures.4 They hold"),
        ("63,251 victims", "63251 victims"),
        ("- ✓ States should act", "1. States should act"),
        ("Seán O'Brien and Łebsk", "Sea\u0301n O’Brien and Lebsk"),
        ("**Bold** and *slanted* [#tag](#) <https://x.example/a>", "Bold and slanted #tag https://x.example/a"),
        ("16<sup>th</sup> forum<sup>3</sup>", "16th forum"),
        ("a light went out", "a light\n\n12\n\nwent out"),
    ],
)
def test_differences_between_copies_do_not_affect_the_words(one: str, other: str) -> None:
    assert words(one) == words(other) != []


def test_headers_and_footers_of_pages_are_not_words() -> None:
    pages = [f"Harbour Papers {n}\n\nline {'abcde'[n]}\n\n{n}" for n in range(5)]
    lines = [(n, line) for n, page in enumerate(pages) for line in page.split("\n")]
    assert Copy(lines).words == ["line"] * 5


def test_the_headings_of_panels_are_not_page_numbers() -> None:
    assert words("\n\n".join(f"Panel {n}\n\nwords of it" for n in range(1, 5))) == ["panel", "words", "of", "it"] * 4


@each("variant", VARIANTS)
def test_every_passage_is_found_word_for_word_in_every_kind_of_copy(
    variant: str, db: sqlite3.Connection, tmp_path: Path
) -> None:
    text = TEXT.read_text(encoding="utf-8")
    path = tmp_path / ("copy.html" if "HTML" in variant else "copy.txt")
    path.write_text(VARIANTS[variant](text), encoding="utf-8")
    found = _passages(db, path)
    expected = _passages(db, TEXT)
    assert {p.state for p in found.values()} == {resolve.FOUND}
    assert {r: _letters(p.text) for r, p in found.items()} == {r: _letters(p.text) for r, p in expected.items()}


def _passages(db: sqlite3.Connection, path: Path) -> dict[str, resolve.Passage]:
    copy = Copy(read(str(path)).lines)
    known = resolve.fingerprints(db)
    document = resolve.recognised(copy, known)
    found = resolve.passages(copy, document, known[document], resolve.sections(db, document))
    return {passage.record: passage for passage in found}


def _letters(text: str) -> str:
    return "".join(words(text))


def test_a_quotation_is_as_printed_without_interruptions(db: sqlite3.Connection) -> None:
    found = _passages(db, TEXT)
    assert found["2031-p1-o1"].text == (
        'Keepers call their turn "the long watch"; how they write it down differs from one harbour to the next,'
        " with marks [/b] or strokes | in the margin."
    )
    assert found["2031-p1-o1"].place == "lines 22-26"
    assert found["2031-p1-r2a"].text == "a lamp to spare and a boat for each keeper;"
    assert found["2031-p1-q1"].text.endswith("shows what she meant.")


def test_a_changed_word_is_never_quoted_as_certain(db: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text(
        TEXT.read_text(encoding="utf-8").replace("whatever", "x").replace("be in repair", "be quite in repair")
    )
    found = _passages(db, path)
    assert found["2031-p1-r3"].state == resolve.UNSURE
    assert found["2031-p1-r1"].state == resolve.FOUND


def test_a_passage_printed_twice_is_found_in_its_place() -> None:
    again = "No ship may leave the harbour before the lamp on the pier is lit again."
    text = f"First part\n\nOne page says this of old ships.\n\n{again}\n\nSecond part\n\nAnother says that.\n\n{again}"
    copy = Copy([(0, line) for line in text.split("\n")])
    index = Index(copy, "x")
    length = len(words(again))
    starts = [n for n in range(len(copy.words)) if copy.words[n : n + length] == words(again)]
    for start in starts:
        sought = make("one", index, [(start, start + length - 1)])
        first, *others = index.find(sought)
        assert first.spans == [(start, start + length - 1)]
        assert all(other.agree < first.agree for other in others)
    assert len(starts) == 2


def test_a_passage_printed_twice_without_a_difference_is_not_quoted(db: sqlite3.Connection) -> None:
    again = "No ship may leave the harbour before the lamp on the pier is lit again."
    copy = Copy([(0, line) for line in [again, "", "x", "", again]])
    sought = Print("one", [14], [(0, hashed("x", copy.words[:RUN]))])
    (found,) = resolve.passages(copy, "x", [sought], {"one": "Elsewhere"})
    assert found.state == resolve.TWICE


def test_a_fingerprint_reads_back_as_it_is_written(db: sqlite3.Connection) -> None:
    for prints in resolve.fingerprints(db).values():
        assert [str(Print.read(str(one))) for one in prints] == [str(one) for one in prints]


def test_add_recognises_the_document_and_says_what_it_found(run: Run) -> None:
    done = run("sources", "add", TEXT)
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "added 2031-highlights: 14 of 14 passages found\n"
        "to read the original words: cthbkb show ID; to undo: cthbkb sources remove DOCUMENT\n"
    )
    folder = Path(cache.sources_folder())
    assert [path.name for path in folder.iterdir()] == ["2031-highlights.db"]
    assert folder.stat().st_mode & 0o777 == 0o700


def test_list_shows_the_available_copies(added: Run) -> None:
    assert added("sources").out == (
        "document\tpassages\tfound\tto_the_word\tkind\tpages\tfile\n"
        "2031-highlights\t14\t14\t14\ttext\t\tharbour-2031.txt\n"
    )


def test_remove_removes_only_the_copy(added: Run) -> None:
    done = added("sources", "remove", "2031-highlights")
    assert (done.code, list(Path(cache.sources_folder()).iterdir()), TEXT.exists()) == (0, [], True)
    assert added("sources", "remove", "2031-highlights").code == 2
    assert added("sources").err == "there are no copies; to add one: cthbkb sources add FILE\n"


def test_show_gives_the_original_words_with_their_place(added: Run) -> None:
    shown = json.loads(added("show", "2031-p1-r4", "--format", "json").out)
    assert shown["original_words"] == "Of any ship that is expected, the keeper should have word."
    assert shown["original_place"] == "line 34"


def test_show_says_in_one_line_how_to_add_a_copy(run: Run) -> None:
    hint = "for the exact words, add your own copy of 2031-highlights: cthbkb sources add FILE\n"
    assert run("show", "2031-p1-r4", "--format", "table").err == hint
    assert run("show", "2035-p1-t1", "--format", "table").err == ""
    assert run("show", "2031-p1-r4").err == ""


def test_a_page_is_given_if_the_copy_has_pages(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "paged.txt"
    path.write_text(VARIANTS["in pages"](TEXT.read_text(encoding="utf-8")), encoding="utf-8")
    run("sources", "add", path)
    shown = json.loads(run("show", "2031-p1-r4", "--format", "json").out)
    assert shown["original_place"] == "page 2"


def test_a_copy_is_updated_if_the_data_changed(added: Run, database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copy(database, other)
    with closing(sqlite3.connect(other)) as db, db:
        db.execute("update fingerprints set passages = replace(passages, '2031-p1-r4 ', '2031-p1-r3x ')")
    assert "original_words" not in added("show", "2031-p1-r4", db=other).out
    assert "original_words" in added("show", "2031-p1-r4").out


def test_locate_proposes_a_passage_with_its_fingerprint(added: Run, db: sqlite3.Connection) -> None:
    known = {one.record: str(one) for one in resolve.fingerprints(db)["2031-highlights"]}
    asked = ("sources", "locate", "2031-p1-r4", "Of any ship ... should have word", "--format", "json")
    (row,) = json.loads(added(*asked).out)
    assert row["fingerprint"] == known["2031-p1-r4"]
    assert (row["passage"], row["place"]) == ("Of any ship that is expected, the keeper should have word.", "line 34")
    rows = json.loads(added("sources", "locate", "2031-highlights", "--format", "json").out)
    assert [row["record"] for row in rows] == list(known)


def test_locate_warns_if_another_passage_matches_nearly_as_well(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "twice.txt"
    path.write_text(TEXT.read_text(encoding="utf-8").replace("Side event\n\nPay", f"{MET}\n\nSide event\n\nPay"))
    asked = ("sources", "locate", "2031-p1-r4", "The panel was ... Secretary", "--copy", path)
    assert "2031-p1-r4: another passage, at line 36, matches nearly as well\n" in run(*asked).err
    asked = ("sources", "locate", "2031-p1-r4", "words that ... are nowhere", "--copy", path)
    assert run(*asked).err.startswith("error: no passage matches 'words that ... are nowhere'")


def test_locate_looks_for_no_copy_of_what_has_no_passage(run: Run) -> None:
    done = run("sources", "locate", "fog-signals")
    assert done.code == 1
    assert done.err == (
        "error: fog-signals has no passage of its own\n"
        "hint: Tables with passages: recommendations, statistics, statements, appearances.\n"
    )


def test_locate_needs_a_copy(run: Run) -> None:
    assert run("sources", "locate", "2031-p1-r4").err == (
        "error: there is no copy of 2031-highlights\nhint: Add one, or name a file: --copy FILE\n"
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("letter.txt", b"Dear friend, nothing of the kind.\n", "not a known document"),
        ("empty.txt", b" \n", "is empty"),
        ("letter.docx", b"PK\x03\x04rest", "is a Word file or an archive"),
        ("image.bin", b"\x89PNG\x00\x01\x02", "is neither PDF nor HTML nor text"),
        ("broken.pdf", b"%PDF-1.7\nno more", "is damaged or not a PDF"),
        ("folder", None, "Is a directory"),
        ("nothing.txt", b"", "is empty"),
    ],
)
def test_an_invalid_copy_is_refused_in_one_line_and_not_stored(
    run: Run, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if data is None:
        path.mkdir()
    else:
        path.write_bytes(data)
    done = run("sources", "add", path)
    error, _hint = done.err.rstrip("\n").split("\n")
    assert done.code == 1
    assert said in error
    assert error.endswith("; nothing was stored")
    assert not Path(cache.sources_folder()).exists()


@pytest.mark.parametrize(
    ("made", "said"), [("locked", "is encrypted"), ("blank", "is a scan without text"), ("none", "no pages")]
)
def test_a_pdf_without_text_to_read_is_refused(run: Run, tmp_path: Path, made: str, said: str) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer, path = pypdf.PdfWriter(), tmp_path / "copy.pdf"
    if made != "none":
        writer.add_blank_page(200, 200)
    if made == "locked":
        writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)
    done = run("sources", "add", path)
    assert (done.code, said in done.err, done.err.count("\n")) == (1, True, 2)
    assert not Path(cache.sources_folder()).exists()


def test_one_bad_file_does_not_affect_the_others(run: Run, tmp_path: Path) -> None:
    done = run("sources", "add", tmp_path / "none.txt", TEXT)
    assert done.code == 1
    assert done.err == (
        f"error: cannot read {tmp_path}/none.txt: No such file or directory; nothing was stored\n"
        "hint: Name a PDF, HTML or text file.\n"
        "added 2031-highlights: 14 of 14 passages found\n"
        "to read the original words: cthbkb show ID; to undo: cthbkb sources remove DOCUMENT\n"
    )


def _noise(path: Path) -> None:
    path.write_bytes(b"no database, whatever its name says" * 40)


def _a_word(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"light", b"night"))
    assert path.read_bytes() != whole


def _a_bit(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-2000] + bytes([whole[-2000] ^ 4]) + whole[-1999:])


def _the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _rows(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("delete from about")
    db.commit()
    db.close()


@pytest.mark.parametrize("damage", [_noise, _a_word, _a_bit, _the_end, _emptied, _rows])
def test_a_damaged_copy_is_named_with_the_next_step(damage: Callable[[Path], None], added: Run) -> None:
    (path,) = Path(cache.sources_folder()).iterdir()
    damage(path)
    done = added("show", "2031-p1-r4")
    assert done.code == 1
    assert done.err.endswith("hint: Remove it and add the document again: cthbkb sources remove 2031-highlights\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_a_copy_and_does_not_block(added: Run) -> None:
    (path,) = Path(cache.sources_folder()).iterdir()
    path.unlink()
    os.mkfifo(path)
    path.with_name("other.db").mkdir()
    done = added("show", "2031-p1-r4")
    assert (done.code, "add your own copy of 2031-highlights" in done.err + done.out) == (0, True)


def test_an_unknown_action_is_reported(run: Run) -> None:
    assert run("sources", "ad").err.startswith("error: unknown sources action 'ad'\nhint: Did you mean add?")
    assert run("sources", "add").err.startswith("error: sources add takes FILE...\n")


def test_showing_without_copies_imports_nothing_of_them(database: Path) -> None:
    code = (
        "import sys; from cthbkb import front; front.main(['show', '2031-p1-r4']);"
        "print([m for m in sys.modules if m.startswith('cthbkb.copies') or m in {'json', 're', 'pathlib'}],"
        " file=sys.stderr)"
    )
    env = {**os.environ, "CTHBKB_DB": str(database)}
    done = subprocess.run([sys.executable, "-I", "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    monkeypatch.delitem(sys.modules, "cthbkb.copies.pdf", raising=False)
    path = tmp_path / "copy.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(Failure) as raised:
        read(str(path))
    assert raised.value.hint == "pip install 'cthbkb[sources]'"


def test_verify_verifies_each_record_and_reports_what_it_checked(added: Run) -> None:
    done = added("sources", "verify")
    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "2031-highlights\tcommitments\t2031-com1\tverified\tsection\t\tby_when: 'by the next forum' is not printed"
    ]
    assert done.err.splitlines()[0] == "recommendations: 8 verified; checked: section, heading, item"
    assert done.err.splitlines()[-1] == "29 records, 0 failed"
    assert len(added("sources", "verify", "--all").out.splitlines()) == 30


@each(
    "change, record, said",
    [
        ("update statistics set value = '1,251'", "2031-p1-n1", "value: '1,251'"),
        ("update statistics set footnote = '4'", "2031-p1-n1", "footnote: '4'"),
        (
            "update recommendations set item = 'bullet 4' where number = '3'",
            "2031-p1-r3",
            "bullet 4 is the",
        ),
        (
            "update recommendations set item = 'bullet 5' where number = '4'",
            "2031-p1-r4",
            "has no number before it",
        ),
        (
            "update recommendations set item = 'bullet 1' where number = '2'",
            "2031-p1-r2",
            "is the number of two passages",
        ),
        (
            "update recommendations set section = 'Side event' where number = '4'",
            "2031-p1-r4",
            "passage is under 'Panel 1'",
        ),
        ("update recommendations set summary = 'On 17 lamps.' where number = '4'", "2031-p1-r4", "summary: '17'"),
        ("update appearances set name_as_printed = 'Ann Kovalska'", "2031-p1-anna-kowalska", "name: 'Ann Kovalska'"),
        ("update appearances set position = 'Head Keeper'", "2031-p1-tom-reed", "position: 'Head Keeper'"),
        ("update appearances set country = 'Lusovia'", "2031-p1-sean-obrien", "country: 'Lusovia'"),
        ("update sessions set held_date = '2031-06-12'", "2031-side1", "held_date: '2031-06-12'"),
        ("update sessions set held_start = '10:30'", "2031-p1", "held_start: '10:30'"),
        ("update conferences set held_end = '2031-06-12'", "2031", "held_end: '2031-06-12'"),
        ("update instruments set symbol = 'HF.DOC/7/32'", "lamp-treaty", "symbol: 'HF.DOC/7/32'"),
        ("update publications set url = 'https://films.example/w'", "keepers-film", "url: 'https://films.example/w'"),
        ("update people set name = 'Tim Reed', spellings = '[]'", "tom-reed", "name: 'Tim Reed'"),
        ("update abbreviations set short = 'HG'", "hf", "short: 'HG'"),
        ("update sessions set title = 'A Talk of Zebras'", "2031-p1", "title: 'A Talk of Zebras'"),
    ],
)
def test_verify_finds_values_that_are_not_printed(
    run: Run, database: Path, tmp_path: Path, change: str, record: str, said: str
) -> None:
    other = tmp_path / "other.db"
    shutil.copy(database, other)
    with closing(sqlite3.connect(other)) as db, db:
        db.execute(f"{change} {'and' if 'where' in change else 'where'} document = '2031-highlights'")
    run("sources", "add", TEXT, db=other)
    done = run("sources", "verify", "--format", "json", db=other)
    failed = {row["record"]: row["failed"] for row in json.loads(done.out)}
    assert said in failed[record]
    assert done.code == 1


def test_verify_needs_a_copy_and_names_missing_ones(run: Run) -> None:
    assert run("sources", "verify").err == "error: there is no copy\nhint: To add one: cthbkb sources add FILE\n"
    run("sources", "add", TEXT)
    assert run("sources", "verify", "2033-highlights").code == 2


def test_verify_can_be_limited_to_some_documents(added: Run) -> None:
    folder = Path(cache.sources_folder())

    def verified(*documents: str) -> tuple[int, set[str], bool]:
        done = added("sources", "verify", "--all", "--format", "json", *documents)
        lacks = "not checked, because there is no copy: 2031-highlights\n" in done.err
        return done.code, {row["document"] for row in json.loads(done.out)}, lacks

    shutil.copy(folder / "2031-highlights.db", folder / "2033-highlights.db")
    assert verified() == (1, {"2031-highlights", "2033-highlights"}, False)
    assert verified("2031-highlights") == (0, {"2031-highlights"}, False)
    assert verified("2033-highlights") == (1, {"2033-highlights"}, False)
    assert added("sources", "remove", "2033-highlights", "none").code == 2
    assert added("sources", "remove", "2031-highlights").code == 0
    assert verified() == (1, {"2033-highlights"}, True)
    assert verified("2033-highlights") == (1, {"2033-highlights"}, False)


def test_a_listing_quotes_the_original_words(added: Run) -> None:
    done = added("recs", "--year", "2031", "--verbatim", "--columns", "id")
    rows = dict(line.split("\t")[:2] for line in done.out.splitlines()[1:])
    assert rows["2031-p1-r4"] == "Of any ship that is expected, the keeper should have word."
    assert len(rows) == 8
    down = added("recs", "--year", "2031", "--verbatim", "--columns", "id", "--sort", "-id", "--limit", "3")
    assert [line.split("\t")[:2] for line in down.out.splitlines()[1:]] == sorted(map(list, rows.items()))[:-4:-1]
    assert added("speakers", "2031", "--verbatim", "--columns", "id").out.splitlines()[1].endswith("\tline 20")


def test_a_comparison_quotes_the_original_words(added: Run) -> None:
    done = added("compare", "--verbatim", "--format", "json")
    rows = {row["item"]: row for row in json.loads(done.out)}
    assert rows["2031-p1-r1"]["original_words"].startswith("It is for ports to form teams")
    assert {row["year"] for row in rows.values()} == {2031}
    page = added("compare", "--theme", "joint-harbour-teams", "--verbatim", "--format", "table")
    assert "It is for ports" in page.out
    assert added("compare", "--by", "theme", "--verbatim").code == 2


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "Ports might set up teams.",
            "Ports should set up joint teams;",
            "Ports [-might-] {+should+} set up {+joint+} teams;",
        ),
        ("All lamps, always", "all lamps", "all lamps [-always-]"),
        ("The same words.", "The same words;", "The same words;"),
    ],
)
def test_what_changed_between_two_wordings_is_marked(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_a_search_also_searches_the_original_words(added: Run) -> None:
    done = added("search", "neighbours")
    (row,) = done.out.splitlines()[1:]
    assert row.split("\t")[:3] == ["recommendation", "2031-p1-r1", "2031"]
    assert row.endswith("\toriginal words, line 30")
    assert "1 more found by the original words in your own copies\n" in done.err
    assert "neighbours" not in added("search", "neighbours", "--year", "2033").out
    assert "neighbours" not in added("search", "neighbours", "--type", "person").out


def test_a_citation_quotes_with_its_place(added: Run) -> None:
    (row,) = json.loads(added("cite", "2031-p1-r4", "--format", "json").out)
    assert row["quotation"] == "“Of any ship that is expected, the keeper should have word.”"
    assert row["place"] == "line 34"


def test_a_briefing_quotes_the_original_words(added: Run) -> None:
    told = added("brief", "2031-p1-r4", "--verbatim").out
    assert "Original words: “Of any ship that is expected, the keeper should have word.” (line 34)" in told
    assert "Original words" not in added("brief", "2031-p1-r4").out


@pytest.mark.parametrize(
    "asked",
    [
        ("recs", "--year", "2031", "--verbatim"),
        ("compare", "--verbatim"),
        ("brief", "2031-p1-r4", "--verbatim"),
        ("cite", "2031-p1-r4", "--format", "table"),
    ],
)
def test_without_a_copy_each_command_says_how_to_add_one(run: Run, asked: tuple[str, ...]) -> None:
    hint = "for the exact words, add your own copy of 2031-highlights: cthbkb sources add FILE\n"
    done = run(*asked)
    assert (done.code, done.err.count(hint)) == (0, 1)
