"""The content of a record is found: every word of it, in any spelling, and no match is claimed without one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from cthbkb import excerpt, named, search
from cthbkb import seed as seeds
from cthbkb.build import build
from cthbkb.meaning import meant
from cthbkb.terms import day_in_words, parse
from cthbkb.text import fold

SEED = """
documents:
- {id: 2031-doc, title: Highlights, kind: highlights, conference: '2031', year: 2031, publisher: P, citation: C}
conferences:
- {id: '2031', number: 1, year: 2031, title: First, held_start: '2031-06-10', held_end: '2031-06-12', city: Wien,
   document: 2031-doc, section: S}
sessions:
- {id: 2031-p1, conference: '2031', year: 2031, type: panel, number: 1, title: Panel one, held_date: '2031-06-11',
   organisers: [who], document: 2031-doc, section: S}
people:
- {id: yildiz, name: Ayşe Yıldız, sort_name: Yıldız Ayşe, document: 2031-doc, section: S}
- {id: strauss, name: Jörg Strauß, sort_name: Strauß Jörg, document: 2031-doc, section: S}
- {id: obrien, name: Seán O’Brien, sort_name: O’Brien Seán, document: 2031-doc, section: S}
- {id: nan, name: Nan D'Angelo, sort_name: "D'Angelo Nan", document: 2031-doc, section: S}
- {id: lukianenko, name: Лук’яненко, sort_name: Лук’яненко, document: 2031-doc, section: S}
organizations:
- {id: who, name: World Harbour Organization, acronym: WHO, kind: un}
appearances:
- {id: 2031-p1-yildiz, person: yildiz, session: 2031-p1, role: panellist, honorific: Ambassador,
   position: Harbourmaster, country: Utopia, document: 2031-doc, section: S}
themes:
- {id: work, label: Work, alternative_labels: [toil and trouble], labels: ['de: Arbeit', 'fr: travail de nuit'],
   scope_note: What keepers do.}
recommendations:
- {id: 2031-p1-r1, session: 2031-p1, year: 2031, kind: recommendation, number: '1', themes: [work], modality: should,
   summary: 'Pay 25,000 euro to each keeper who lost a lamp.', document: 2031-doc, section: S}
- {id: 2031-p1-r2, session: 2031-p1, year: 2031, kind: recommendation, number: '2', themes: [work], modality: should,
   summary: Study the log-book and send it by e-mail; keepers who sleep need help., document: 2031-doc, section: S}
- {id: 2031-p1-r3, session: 2031-p1, year: 2031, kind: recommendation, number: '3', themes: [work], modality: should,
   summary: 'Йод, Їжак и Ёж: 打击人身贩运 в каждой supply chain.', document: 2031-doc, section: S}
- {id: 2031-p1-r4, session: 2031-p1, year: 2031, kind: recommendation, number: '4', themes: [work], modality: should,
   summary: The keepers' lamp must burn; the trafficker's must not., document: 2031-doc, section: S}
statistics:
- {id: 2031-n1, year: 2031, value: '63 251', number: 63251, what: lamps that burn, document: 2031-doc, section: S}
- {id: 2031-n2, year: 2031, value: 2.5 million, number: 2500000, what: nets, document: 2031-doc, section: S}
- {id: 2031-n3, year: 2031, value: '3,000,000', number: 3000000, what: nets, document: 2031-doc, section: S}
activities:
- {id: 2031-a1, year: 2031, type: visit, what: A visit., when: 21 July 2031, status: done, document: 2031-doc,
   section: S}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("finds") / "kb.db"
    build(seeds.parse(SEED.encode(), "seed.yaml"), target)
    return target


@pytest.fixture
def found(path: Path) -> Iterator[Callable[[str], list[str]]]:
    with closing(named.connect(str(path))) as db:
        yield lambda text: _ids(db, text)


def _ids(db: sqlite3.Connection, text: str) -> list[str]:
    ids = dict(db.execute("select rowid, id from search_rows"))
    return [ids[rowid] for rowid, _ in search.search(db, parse(text)).rows]


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("Йод", "2031-p1-r3"), ("Їжак", "2031-p1-r3"), ("Ёж", "2031-p1-r3"), ("еж", "2031-p1-r3"),
        ("人身", "2031-p1-r3"), ("打击人身贩运", "2031-p1-r3"),
        ("Strauß", "strauss"), ("STRAUSS", "strauss"), ("Yildiz", "yildiz"), ("Yıldız", "yildiz"),
        ("OBrien", "obrien"), ("O'Brien", "obrien"), ("dangelo", "nan"), ("Лукʼяненко", "lukianenko"),
        ("trafficker", "2031-p1-r4"), ("trafficker's", "2031-p1-r4"), ("keepers’", "2031-p1-r4"),
        ("25000", "2031-p1-r1"), ("25,000", "2031-p1-r1"), ("25 000", "2031-p1-r1"),
        ("63251", "2031-n1"), ("63,251", "2031-n1"), ("63 251", "2031-n1"),
        ("2.5 million", "2031-n2"), ("2,500,000", "2031-n2"), ("three million", "2031-n3"), ("3 million", "2031-n3"),
        ("email", "2031-p1-r2"), ("e mail", "2031-p1-r2"), ("logbook", "2031-p1-r2"), ("supplychain", "2031-p1-r3"),
        ("21 July 2031", "2031-a1"), ("July 21, 2031", "2031-a1"), ('"21 July 2031"', "2031-a1"),
        ("2031-06-11", "2031-p1"), ("11 June 2031", "2031-p1"), ("11.06.2031", "2031-p1"), ("11 June 2031", "2031"),
        ("Ambassador", "yildiz"), ("Harbourmaster", "yildiz"), ("Utopia", "yildiz"), ("Yildiz", "2031-p1"),
        ("World Harbour Organization", "2031-p1"), ("Arbeit", "work"), ("travail de nuit", "work"),
    ],
)  # fmt: skip
def test_the_content_of_a_record_is_found(typed: str, id_: str, found: Callable[[str], list[str]]) -> None:
    assert id_ in found(typed)


def test_an_acronym_in_capitals_is_not_the_common_word(found: Callable[[str], list[str]]) -> None:
    assert found("WHO")[0] == "who"
    assert "2031-p1-r2" not in found("WHO")


@pytest.mark.parametrize("text", ["keepers NOT lamp", "keepers –lamp", "keepers −lamp", "keepers AND NOT lamp"])
def test_every_form_of_not_excludes(text: str, found: Callable[[str], list[str]]) -> None:
    assert found(text) == found("keepers -lamp") != []
    assert "2031-p1-r4" not in found(text)


def test_and_means_and(found: Callable[[str], list[str]]) -> None:
    assert found("lamp AND iodine") == []
    assert found("keepers AND lamp") == ["2031-p1-r4", "2031-p1-r1"]


def test_a_label_finds_its_theme_but_its_words_do_not_find_the_items(found: Callable[[str], list[str]]) -> None:
    assert found("toil and trouble")[0] == "work"
    assert set(found("toil and trouble")) == {"work", "2031-p1-r1", "2031-p1-r2", "2031-p1-r3", "2031-p1-r4"}
    assert found("trouble") == ["work"]
    assert found('"toil and trouble"') == ["work"]


def test_a_label_in_another_language_finds_what_the_english_one_finds(found: Callable[[str], list[str]]) -> None:
    assert found("Arbeit") == found("work")


@pytest.mark.parametrize(
    "text",
    ["Leuchttürme", "Leuchttuerme", "des Leuchtturms", "phare côtier", "les phares cotiers", "маяки", "на маяках"],
)
def test_a_label_in_another_language_is_found_in_any_form(text: str, run: Run) -> None:
    assert run("search", text, "-c", "id").out == run("search", "lighthouses", "-c", "id").out != ""


@pytest.mark.parametrize("text", ["Leuchtturmwärterin", "Leuchte", "маятник"])
def test_a_word_that_only_begins_like_a_label_is_not_the_label(text: str, run: Run) -> None:
    assert "nothing found" in run("search", text, "-f", "json").err


def test_every_word_of_every_text_finds_its_record_and_is_shown_there(db: sqlite3.Connection, path: Path) -> None:
    with closing(named.connect(str(path))) as own:
        for base in (db, own):
            records: dict[str, set[int]] = {}
            for rowid, fields in base.execute("select rowid, fields from search_rows"):
                for word in (word for field in fields.split("\x1e") for word in field.partition("\x1f")[2].split()):
                    if fold(word) and '"' not in word:
                        records.setdefault(word, set()).add(rowid)
            for word, rowids in records.items():
                made = search.search(base, parse(f'"{word}"'), most=100_000)
                made.rows = [(rowid, score) for rowid, score in made.rows if rowid in rowids]
                shown = [*excerpt.rows(base, made, None)]
                assert len(shown) == len(rowids), word
                for *_, snippet, _, _, matched in shown:
                    assert "[" in snippet, word
                    assert fold(word) in fold(matched), word


def test_a_phrase_may_have_more_words_than_a_statement_has_parameters(db: sqlite3.Connection) -> None:
    db.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)  # as SQLite before 3.32
    assert search.search(db, parse('"' + " ".join(f"w{n}" for n in range(2_000)) + '"')).rows == []


def test_an_unknown_word_is_reported_and_not_corrected_wrongly(run: Run) -> None:
    done = run("search", "addition", "-f", "json")
    assert done.err.splitlines()[:2] == ["no record contains addition", "nothing found"]
    done = run("search", "gauges zeppelin", "-f", "json")
    assert done.err.splitlines()[0] == "no record contains zeppelin"


def test_a_foreign_word_that_finds_nothing_gets_a_note_on_the_language(run: Run) -> None:
    done = run("search", "словарь", "-f", "json")
    assert "The records are in English" in done.err
    assert json.loads(run("search", "Leuchtturm", "-f", "json").out)[0]["id"] == "lighthouses"
    assert run("search", "маяк", "-c", "id").out == run("search", "lighthouses", "-c", "id").out


def test_an_empty_database_is_searched(run: Run, tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text("{}\n", encoding="utf-8")
    target = str(tmp_path / "e.db")
    assert run("load", str(tmp_path / "e.yaml"), "--db", target).code == 0
    for text in ("x", "x y", "WHO", "21 July 2020", '"x"', "x*", "дом"):
        done = run("search", text, "--db", target, "-f", "json")
        assert (done.code, done.out) == (0, "[]\n")


def test_a_limit_is_reported_and_applied_after_sorting(run: Run, tmp_path: Path) -> None:
    number = int(run("search", "harbour", "--count").out)
    assert f"20 of {number} shown; to show all: --limit {number}" in run("search", "harbour").err
    assert f"of {number} shown" in run("search", "harbour", "-o", str(tmp_path / "hits.csv")).err
    whole: list[dict[str, Any]] = json.loads(
        run("search", "harbour", "--sort=-year", "--limit", "1000", "-f", "json").out
    )
    assert json.loads(run("search", "harbour", "--sort=-year", "--limit", "3", "-f", "json").out) == whole[:3]


@pytest.mark.parametrize(
    ("text", "words"), [("2020-07-21", "21 July 2020"), ("2020-07", "July 2020"), ("2020-13-01", ""), ("2020-p2", "")]
)
def test_a_day_is_written_in_words(text: str, words: str) -> None:
    assert day_in_words(text) == words


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Leuchtturm", "'leuchtturm' is interpreted as 'lighthouses'"),
        ("phares cotiers", "'phares cotiers' is interpreted as 'lighthouses'"),
        ("keeper the conference", "not searched for: conference"),
    ],
)
def test_the_interpretation_of_a_query_is_reported(run: Run, typed: str, said: str) -> None:
    assert said in run("search", typed, "-f", "json").err.splitlines()


def test_words_about_the_data_are_searched_if_a_record_has_them_with_the_others(run: Run) -> None:
    done = run("search", "visits loneliness years", "-f", "json")
    assert "not searched for" not in done.err
    assert json.loads(done.out)[0]["id"] == "keepers-heard"


@pytest.mark.parametrize(
    ("typed", "best"),
    [("keaper", "keeper"), ("gaugse", "gauges"), ("lighthuoses", "lighthouses")],
)
def test_a_typing_error_of_one_letter_is_corrected(db: sqlite3.Connection, typed: str, best: str) -> None:
    notes = search.search(db, parse(typed)).notes
    assert any(note.startswith(f"no record contains {typed}; searched for {best}") for note in notes)


def test_a_corrected_word_does_not_count_as_rare(db: sqlite3.Connection) -> None:
    units = [unit for group in meant(db, parse("gaugse winter"), []) for unit in group]
    assert [unit.corrected for unit in units] == ["gauges", ""]
    assert search.search(db, parse("gaugse winter")).rows


def test_a_result_found_by_a_label_names_it(run: Run) -> None:
    hits = json.loads(run("search", "beacons", "-f", "json").out)
    assert hits[0]["id"] == "lighthouses"
    assert any(hit["matched"].endswith('theme lighthouses by its name "beacons"') for hit in hits[1:])


SPELLINGS = (
    ("email", "e-mail", "emails", "e-mails", "E-Mail", "e mail"),
    ("online", "on-line"),
    ("cooperation", "co-operation"),
    ("coordinator", "co-ordinator", "coordinators", "co-ordinators"),
    ("coordination", "co-ordination"),
    ("reintegration", "re-integration"),
    ("multiagency", "multi-agency", "multi-agencies", "multiagencies"),
    ("nonpunishment", "non-punishment"),
    ("retrafficking", "re-trafficking", "retrafficked"),
    ("decisionmaker", "decision-maker", "decisionmakers", "decision-makers"),
    ("policymaker", "policy-maker", "policymakers", "policy-makers"),
    ("crossborder", "cross-border"),
    ("hotline", "hot-line", "hotlines", "hot-lines"),
    ("checklist", "check-list", "checklists"),
    ("guidelines", "guide-lines", "guide-line"),
    ("eevidence", "e-evidence"),
)


def test_a_word_with_and_without_hyphen_and_its_plural_find_the_same(packaged: Path) -> None:
    with closing(named.connect(str(packaged))) as own:
        for words in SPELLINGS:
            found = [{row for row, _ in search.search(own, parse(word)).rows} for word in words]
            assert found[0], words
            assert found == [found[0]] * len(words), words
        (first, *_) = search.search(own, parse("emails")).rows
        (id_,) = own.execute("select id from search_rows where rowid = ?", first[:1]).fetchone()
        assert id_ in {i for (i,) in own.execute("select id from recommendations where summary like '%e-mail%'")}
