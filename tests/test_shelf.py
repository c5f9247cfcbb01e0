"""Stored copies: their content, when their passages are found again, and the messages of the commands."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run
from variants import VARIANTS

from cthbkb import cache, copies
from cthbkb.copies import shelf
from cthbkb.copies.resolve import Passage
from cthbkb.errors import Failure

TEXT = Path(__file__).with_name("harbour-2031.txt")


@pytest.fixture
def stored(db: sqlite3.Connection) -> Path:
    """The stored copy of the first forum's highlights."""
    document, _ = shelf.add(db, str(TEXT))
    return Path(cache.sources_folder(), f"{document}.db")


def change(path: Path, sql: str) -> None:
    """Change a stored copy, and update its checksum."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(sql)
    path.write_bytes(shelf._sealed(path.read_bytes()))


def test_passages_are_found_again_only_if_the_data_or_the_format_changed(db: sqlite3.Connection, stored: Path) -> None:
    def word() -> str:
        with shelf.Shelf(db) as found:
            return found["2031-highlights"].passages(["2031-p1-r4"])["2031-p1-r4"].text

    told = "Of any ship that is expected, the keeper should have word."
    assert word() == told
    change(stored, "update passages set text = 'mine' where record = '2031-p1-r4'")
    assert word() == "mine"
    change(stored, "update about set value = '0' where key = 'form'")
    assert word() == told
    change(stored, "update about set value = '[]' where key = 'fingerprints'; delete from passages")
    assert word() == told
    with closing(sqlite3.connect(stored)) as found:
        about = dict(found.execute("select key, value from about where key <> 'fingerprints'"))
        lines = found.execute("select n, page, text from lines order by n").fetchall()
    assert about == {"form": str(shelf.FORM), "name": "harbour-2031.txt", "kind": "text", "pages": "0"}
    assert lines == [(n, 0, line) for n, line in enumerate(TEXT.read_text(encoding="utf-8").splitlines())]


def test_a_copy_that_cannot_be_updated_is_searched_again_each_time(
    db: sqlite3.Connection, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(stored, "update about set value = '[]' where key = 'fingerprints'; delete from passages")
    stored.chmod(0o400)
    before = stored.read_bytes()
    for _ in range(2):
        with shelf.Shelf(db) as at_hand:
            found = at_hand["2031-highlights"]
            (passage,) = found.passages(["2031-p1-r4"]).values()
            assert [p.record for p in found.holding(["ship", "keeper"])] == ["2031-p1-r4"]
        assert passage.text == "Of any ship that is expected, the keeper should have word."
        assert capsys.readouterr().err == (
            "note: the stored copy of 2031-highlights is out of date and cannot be updated:"
            f" cannot write {stored}: it is write-protected\n"
        )
    assert stored.read_bytes() == before


def test_a_copy_of_a_removed_document_is_left_unchanged(db: sqlite3.Connection, stored: Path) -> None:
    os.rename(stored, stored.with_name("older.db"))
    change(stored.with_name("older.db"), "update about set value = '0' where key = 'form'")
    with shelf.Shelf(db) as found:
        assert list(found.paths) == ["older"]
        assert len(found["older"].passages()) == 14
        assert found.of([("recommendations", "2031-p1-r4")]) == {}


def test_passages_are_read_by_record_and_by_their_words(db: sqlite3.Connection, stored: Path) -> None:
    change(
        stored,
        """
        update passages set state = 'twice' where record = '2031-p1-r2';
        update passages set state = 'unsure' where record = '2031-p1-r3';
    """,
    )
    with shelf.Shelf(db) as at_hand:
        copy = at_hand["2031-highlights"]
        assert list(copy.passages(["2031-p1-r4", "none", "2031-p1-r1"])) == ["2031-p1-r4", "2031-p1-r1"]
        assert copy.passages([]) == {}
        one = copy.passages(["2031-p1-o1"])["2031-p1-o1"]
        assert (one.lines, one.pages, one.state) == ((22, 26), (0, 0), "found")

        def holding(*words: str) -> list[str]:
            return [passage.record for passage in copy.holding(words)]

        assert holding("keeper", "have") == ["2031-p1-r4"]
        assert holding("have") == ["2031-p1-r3", "2031-p1-r4"]
        assert holding("should have word") == ["2031-p1-r4"]
        assert holding("the long watch") == ["2031-p1-q1", "2031-p1-o1"]  # in print order
        assert holding("word should") == []
        assert holding("keepe") == []
        assert holding("price") == []


def test_only_databases_in_the_folder_are_copies(db: sqlite3.Connection, stored: Path) -> None:
    for name in ("b.db", "a.db", "notes.txt", "x.db.part"):
        stored.with_name(name).touch()
    stored.with_name("folder.db").mkdir()
    assert list(shelf.Shelf(db).paths) == ["2031-highlights", "a", "b"]
    with pytest.raises(Failure) as raised:
        shelf.Shelf(db)["b"]
    assert raised.value.message == f"the copy of b is damaged: {stored.with_name('b.db')}"
    assert raised.value.hint == "Remove it and add the document again: cthbkb sources remove b"


def test_the_document_of_a_record_is_found(db: sqlite3.Connection) -> None:
    cases = {
        ("recommendations", "2031-p1-r4"): "2031-highlights", ("appearances", "2031-p1-tom-reed"): "2031-highlights",
        ("themes", "lighthouses"): "", ("recommendations", "none"): "",
    }  # fmt: skip
    assert {case: shelf.document_of(db, *case) for case in cases} == cases


def test_a_file_that_cannot_be_added_is_named_with_its_path(db: sqlite3.Connection, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear friend", encoding="utf-8")
    with pytest.raises(Failure) as raised:
        shelf.add(db, str(letter))
    assert raised.value.message == f"{letter}: not a known document"
    assert raised.value.hint == "To list the documents: cthbkb documents --columns id,title"
    Path(cache.sources_folder()).parent.mkdir(parents=True)
    Path(cache.sources_folder()).touch()
    with pytest.raises(Failure, match=r"^cannot write .*: File exists$"):
        shelf.add(db, str(TEXT))


def test_doubtful_quotations_have_a_warning(db: sqlite3.Connection, stored: Path) -> None:
    change(
        stored,
        """
        update passages set state = 'unsure' where record = '2031-p1-r1';
        update passages set state = 'twice' where record = '2031-p1-r2';
        update passages set state = 'missing', text = '' where record = '2031-p1-r3';
    """,
    )
    asked = [("recommendations", f"2031-p1-r{n}") for n in (4, 3, 2, 1)] + [("themes", "lighthouses")]
    found, notes = copies.quotes(db, asked)
    assert list(found) == ["2031-p1-r4", "2031-p1-r1"]
    assert notes == [
        "2031-p1-r3: the copy does not contain its passage",
        "2031-p1-r2: not quoted, because two places in the copy match",
        "2031-p1-r1: the quotation may begin or end a word too early or too late; check line 30",
    ]
    states = {state: copies.sure(Passage("x", state)) for state in ("found", "unsure", "twice", "missing")}
    assert states == {"found": True, "unsure": True, "twice": False, "missing": False}


def test_missing_copies_are_named_in_one_line(tmp_path: Path, memory: sqlite3.Connection) -> None:
    db = memory
    db.executescript("""
        create table fingerprints (seq integer, id text, passages text);
        insert into fingerprints values
            (2, 'b', '["x 6 0:aa","z 6 0:bb","wz 6 0:cc"]'), (1, 'c', '["y 6 0:aa"]'), (3, 'd', '["w 6 0:a"]');
    """)

    def told(*ids: str) -> list[str]:
        return copies.how(db, [("recommendations", id_) for id_ in ids])

    assert told("z", "y") == ["for the exact words, add your own copy of c, b: cthbkb sources add FILE"]
    assert told("w") == ["for the exact words, add your own copy of d: cthbkb sources add FILE"]
    assert told("v") == told() == []
    folder = Path(cache.sources_folder())
    folder.mkdir(parents=True)
    (folder / "c.db").touch()
    asked = [("recommendations", id_) for id_ in ("y", "z")]
    assert copies.how(db, asked, shelf.Shelf(db)) == [
        "for the exact words, add your own copy of b: cthbkb sources add FILE"
    ]
    db.close()


def test_a_search_reads_the_original_words_of_every_kind_of_record(db: sqlite3.Connection, stored: Path) -> None:
    def rows(*words: str, years: set[int] | None = None, themes: set[str] | None = None,
             types: set[str] | None = None) -> list[list[object]]:  # fmt: skip
        return [list(row) for row in copies.search(db, words, years or set(), themes or set(), types or set())]

    def ids(*words: str, **filters: set[str]) -> list[object]:
        return [row[1] for row in rows(*words, **filters)]  # type: ignore[arg-type]  # years are numbers

    (item,) = rows("any", "expected", "keeper")
    summary = db.execute("select summary from recommendations where id = '2031-p1-r4'").fetchone()[0]
    words = "Of any ship that is expected, the keeper should have word."
    kind = "recommendation"
    assert item == ["recommendation", "2031-p1-r4", 2031, summary, words, None, kind, "original words, line 34"]
    (person,) = rows("Deputy Minister")
    assert person[:4] == ["person", "2031-p1-sean-obrien", 2031, "Seán O'Brien"]
    assert person[6:] == ["panellist", "original words, line 20"]
    assert ids("1,250") == ["2031-p1-n1"]
    (said,) = rows("promise", "dark")
    assert (said[0], said[6]) == ("statement", "remark")
    assert ids("keeper should") == ["2031-p1-r4"]
    assert ids("should keeper") == []
    assert ids("should", "keeper") == ["2031-p1-r4"]
    assert ids('"keeper should"', "word") == ["2031-p1-r4"]
    assert ids("expected", "OR", "x") == ids("expected", "AND", "x") == ids("NOT", "x") == []
    assert ids("-x", "expected") == ids("expected*") == ids("expected", "keep*") == []
    assert [len(rows("expected", years={year})) for year in (2031, 2033)] == [1, 0]
    assert [len(rows("expected", types={of})) for of in ("recommendation", "person")] == [1, 0]
    assert [len(rows("expected", themes={theme})) for theme in ("lighthouses", "fair-pay")] == [1, 0]
    assert ids("expected", themes={"lighthouses", "fair-pay"}) == ["2031-p1-r4"]
    assert ids("Deputy Minister", themes={"lighthouses"}) == []
    (long,) = rows('"the margin"')
    assert str(long[4]).startswith("…")
    assert str(long[4]).endswith(" in the margin.")


def test_a_snippet_is_the_text_around_the_first_word() -> None:
    def snippet(text: str, *words: str) -> str:
        return copies._snippet(text, words)

    assert snippet("One two", "TWO") == "One two"
    assert snippet(f"the {'a' * 70} the end", "the", "end") == f"…{'a' * 70} the end"
    assert snippet("One two", "three") == "One two"
    before, after = "ab " * 30, " cd" * 60
    assert snippet(f"{before}Word{after}", "word") == f"…{'ab ' * 20}Word{' cd' * 39}…"
    assert snippet(f"{'a' * 59} word", "word") == f"{'a' * 59} word"
    assert snippet(f"ab cd {'a' * 57} word", "word") == f"…cd {'a' * 57} word"


# Messages


def test_an_action_checks_its_arguments(run: Run) -> None:
    cases = {
        ("list", "x"): "sources list takes no argument\nhint: Type: cthbkb sources list\n",
        ("add",): "sources add takes FILE...\nhint: Type: cthbkb sources add FILE...\n",
        ("remove",): "sources remove takes DOCUMENT...\nhint: Type: cthbkb sources remove DOCUMENT...\n",
        ("locate",): "sources locate takes RECORD\nhint: Type: cthbkb sources locate RECORD\n",
    }
    assert {argv: run("sources", *argv).err for argv in cases} == {a: f"error: {said}" for a, said in cases.items()}


def test_adding_reports_passages_not_found_word_for_word(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    text = TEXT.read_text(encoding="utf-8")
    gone = "Of any ship that is expected, the keeper should have word."
    text = text.replace("whatever", "x").replace("Those who own ships", "Owners").replace(gone, "")
    other.write_text(VARIANTS["in pages"](text), encoding="utf-8")
    done = run("sources", "add", other)
    assert (done.code, done.err) == (
        0, "added 2031-highlights: 13 of 14 passages found, 2 not word for word\n"
        "to read the original words: cthbkb show ID; to undo: cthbkb sources remove DOCUMENT\n",
    )  # fmt: skip
    (row,) = json.loads(run("sources", "--format", "json").out)
    assert row == {
        "document": "2031-highlights", "passages": 14, "found": 13, "to_the_word": 11, "kind": "text", "pages": 2,
        "file": "other.txt",
    }  # fmt: skip
    done = run("sources", "add", tmp_path / "none.txt")
    assert (done.code, done.err) == (
        1, f"error: cannot read {tmp_path}/none.txt: No such file or directory; nothing was stored\n"
        "hint: Name a PDF, HTML or text file.\n",
    )  # fmt: skip


def test_a_home_folder_is_written_with_a_tilde(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "copy.txt").write_bytes(TEXT.read_bytes())
    assert run("sources", "locate", "2031-p1-r4", "--copy", "~/copy.txt").code == 0
    assert run("sources", "add", "~/copy.txt").code == 0


def test_removing_reports_unknown_copies_before_it_removes_any(run: Run) -> None:
    run("sources", "add", TEXT)
    done = run("sources", "remove", "2031-highlights", "2031-highlight")
    assert (done.code, len(list(Path(cache.sources_folder()).iterdir()))) == (2, 1)
    assert done.err.startswith("error: unknown copy '2031-highlight'\nhint: Did you mean 2031-highlights?")
    assert run("sources", "remove", "2031-highlights").err == (
        "removed the copy of 2031-highlights; the original file is unchanged\n"
    )


def test_a_proposal_is_shown_with_its_doubts(run: Run, tmp_path: Path) -> None:
    def located(*words: str, copy: Path = TEXT) -> tuple[list[dict[str, str]], list[str]]:
        done = run("sources", "locate", *words, "--copy", copy, "--format", "json")
        assert done.code == 0
        return json.loads(done.out), done.err.splitlines()

    read = (
        "before adding a fingerprint to the seed, compare the passage with the record;"
        ' to choose another passage: cthbkb sources locate RECORD "first words ... last words"'
    )
    rows, notes = located("2031-p1-tom-reed")
    assert (rows, notes) == ([{
        "record": "2031-p1-tom-reed", "says": "Tom Reed, Secretary", "passage": "Tom Reed, Secretary.",
        "place": "line 20", "second": None, "fingerprint": "2031-p1-tom-reed 3 -3:jtcobmjy 0:qcjtdv3n",
    }], [read])  # fmt: skip
    other = tmp_path / "other.txt"
    other.write_text("Panel 1\n\nOf the boats and of their long and narrow quays\n", encoding="utf-8")
    rows, notes = located("2031-p1-tom-reed", copy=other)
    assert (rows, notes) == ([], ["2031-p1-tom-reed: no similar passage", read])
    rows, notes = located("2031-p1-n1", copy=other)
    assert notes == ["2031-p1-n1: another passage, at line 3, matches nearly as well", read]
    assert (rows[0]["passage"], rows[0]["second"]) == ("Panel 1", "Of the boats and of their long and narrow quays")
    other.write_text("Of the boats and of their long and narrow quays\n", encoding="utf-8")
    rows, notes = located("2031-p1-n1", copy=other)
    assert notes == ["2031-p1-n1: the passage has little in common with the record", read]
    other.write_text(f"{TEXT.read_text(encoding='utf-8')}\n\nLamps of the keeper\n", encoding="utf-8")
    rows, notes = located("2031-p1-r4", "the keeper", copy=other)
    assert notes == ["2031-p1-r4: another passage, at line 44, matches nearly as well", read]
    assert (rows[0]["passage"], rows[0]["place"], rows[0]["second"]) == ("the keeper", "line 34", "the keeper")
    rows, notes = located("2031-p1-r4", "of", "any", "ship", "...", "word")
    assert [rows[0]["passage"], rows[0]["second"], notes] == [
        "Of any ship that is expected, the keeper should have word.", None, [read]
    ]  # fmt: skip


def test_verifying_lists_failures_and_counts_the_rest(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    text = TEXT.read_text(encoding="utf-8")
    other.write_text(text.replace("Of any ship that is expected", "Of ships"), encoding="utf-8")
    run("sources", "add", other)
    done = run("sources", "verify", "--format", "json")
    com = {
        "document": "2031-highlights", "table": "commitments", "record": "2031-com1", "state": "verified",
        "checked": "section", "failed": None, "not_checked": "by_when: 'by the next forum' is not printed",
    }  # fmt: skip
    lost = com | {
        "table": "recommendations", "record": "2031-p1-r4", "state": "failed", "failed": "passage: missing",
        "not_checked": None,
    }  # fmt: skip
    assert (done.code, json.loads(done.out)) == (1, [lost, com])
    notes = done.err.splitlines()
    assert notes[:3] == [
        "recommendations: 7 verified, 1 failed; checked: section, heading, item",
        "statistics: 1 verified; checked: section, value, period, footnote, item",
        "statements: 1 verified; checked: section",
    ]
    assert notes[-1] == "29 records, 1 failed"
    named = run("sources", "verify", "2031-highlights", "--all", "--format", "json")
    assert (named.code, len(json.loads(named.out)), named.err.splitlines()) == (1, 29, notes)


def test_verifying_names_the_documents_without_a_copy_and_checks_those_that_are_named(
    run: Run, database: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(other)) as db, db:
        sql = "insert into fingerprints (seq, id, passages) select 9, '2033-highlights', passages from fingerprints"
        db.execute(sql)
    run("sources", "add", TEXT, db=other)
    note = "not checked, because there is no copy: 2033-highlights"
    assert note in run("sources", "verify", db=other).err.splitlines()
    assert note not in run("sources", "verify", "2031-highlights", db=other).err
    done = run("sources", "verify", "2033-highlights", db=other)
    assert (done.code, done.err.splitlines()[0]) == (2, "error: unknown copy '2033-highlights'")
