"""The origin of an answer: the question in words, the data, the date, and the document of a record."""

from __future__ import annotations

import datetime
import sqlite3

import pytest

from cthbkb import __version__, origin
from cthbkb.catalog import COMMANDS, Request
from cthbkb.errors import UsageError
from cthbkb.origin import Origin, Source, label, worded


def request(name: str = "recs", **options: list[str]) -> Request:
    return Request(COMMANDS[name], [], {option.replace("_", "-"): values for option, values in options.items()})


def test_a_question_is_described_with_the_labels_of_its_values(db: sqlite3.Connection) -> None:
    def said(what: str = "items", listing: str = "recs", **options: list[str]) -> str:
        return worded(db, request(**options), what, listing)

    assert said() == "Items: all"
    assert said(sort=["id"], limit=["3"]) == "Items: all"
    assert said(theme=["jht", "lights"]) == "Items: theme Joint harbour teams or Lighthouses"
    assert said(theme=["jht"], year=["2031", "2033"], kind=["call"]) == (
        "Items: theme Joint harbour teams; year 2031 or 2033; kind call"
    )
    assert said(kind=["all"]) == "Items: kind all"
    assert said("what ships ask", year=["2033-"]) == "What ships ask: year 2033 or 2034 or 2035"
    assert said(person=["kowalska"], what="speakers", listing="speakers") == "Speakers: person Anna Łucja Kowalska"
    assert said("people", "people", recurring=[""], country=["RU"]) == (
        "People: only people who appear at more than one conference; country Ruritania"
    )
    assert said("themes", "themes", kind=["call"]) == "Themes: kind call"
    assert worded(db, request("show"), "record 2033") == "Record 2033"


def test_the_label_of_a_record_is_its_label_name_or_title(db: sqlite3.Connection) -> None:
    cases = {
        ("themes", "lighthouses"): "Lighthouses", ("people", "tom-reed"): "Tom Reed",
        ("documents", "2033-report"): "Report of the year 2033", ("recommendations", "2031-p1-r4"): "2031-p1-r4",
        ("themes", "none"): "none", ("years", 2031): "2031", ("instruments", "lamp-treaty"): "Treaty on Lamps",
    }  # fmt: skip
    assert {case: label(db, *case) for case in cases} == cases


def test_the_document_of_a_record_is_looked_for_in_its_own_table_first(db: sqlite3.Connection) -> None:
    found = Origin(db, request(), "Items: all", "recommendations")
    cases = {
        "2031-p1-r4": "2031-highlights", "2033-act1": "2033-report", "2033-report": "2033-report",
        "lighthouses": None, "none": None, "tom-reed": "2031-highlights",
    }  # fmt: skip
    assert {id_: found.place(id_) for id_ in cases} == cases
    assert found._tables[0] == "recommendations"
    assert len(found._tables) == len(set(found._tables))
    assert sorted(Origin(db, request(), "")._tables) == sorted(found._tables)
    (version,) = db.execute("select value from meta where key = 'data'").fetchone()
    assert found.data == f"data {version}, cthbkb {__version__}"
    assert [(source.id, source.title) for source in found.sources] == db.execute(
        "select id, title from documents order by seq"
    ).fetchall()


def test_the_origin_of_an_answer_includes_its_caveats(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    found = Origin(db, request(theme=["jht"]), "Items: theme")
    assert found.lines(["first words", "", "Second"]) == [
        ("Question", "Items: theme"), ("Command", "cthbkb recs --theme jht"), ("Data", found.data),
        ("Written on", "2023-11-14"), ("Note", "First words"), ("Note", ""), ("Note", "Second"),
        ("Wording", origin.OWN_WORDS), ("Absence", origin.ABSENCE),
    ]  # fmt: skip
    for seconds, day in (("0", "1970-01-01"), ("86399", "1970-01-01"), ("253402300799", "9999-12-31")):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
        assert origin.today().isoformat() == day
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "253402300800")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH is not a valid time: '253402300800'"):
        origin.today()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert abs(origin.today() - datetime.datetime.now(datetime.UTC).date()) <= datetime.timedelta(1)


def test_an_acknowledgement_has_one_full_stop_and_says_if_no_terms_are_printed() -> None:
    def said(citation: str, licence: str | None) -> str:
        return Source("x", "X", citation, None, licence, None).acknowledgement

    assert said("A, B", "Free.") == said("A, B.", "Free.") == "Source: A, B. Free."
    assert said("A, B", None) == "Source: A, B. The document prints no terms of reuse."
