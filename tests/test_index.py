"""The index: the texts of each record in the right column, the vocabulary, expansions and search terms."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import each

from cthbkb import index, named
from cthbkb import seed as seeds
from cthbkb.build import build
from cthbkb.leads import CONCEPT
from cthbkb.terms import ACRONYM, LABEL

SEED = """
documents:
- {id: 2031-doc, title: Highlights, kind: highlights, conference: '2031', year: 2031, publisher: P, citation: C}
conferences:
- {id: '2031', number: 1, year: 2031, title: Of lamps, planned_start: '2031-05-01', held_start: '2031-06-09',
   held_end: '2031-06-11', city: Wien, document: 2031-doc, section: S}
- {id: '2033', number: 2, year: 2033, title: Of fog, held_start: '2033-06-09', held_end: '2033-06-09', city: Wien,
   document: 2031-doc, section: S}
sessions:
- {id: 2031-p1, conference: '2031', year: 2031, type: panel, number: 1, title: Boats and people, organisers: [who],
   summary: 'On co-op work, by non\u2011daylight.', document: 2031-doc, section: S}
people:
- {id: ann-o, name: Ann O, sort_name: 'O, Ann', spellings: [Anne O], document: 2031-doc, section: S}
- {id: bo, name: Bo Ek, sort_name: 'Ek, Bo', document: 2031-doc, section: S}
organizations:
- {id: who, name: World Harbour Organization, acronym: WHO, kind: un}
- {id: port-office, name: Port Office, kind: state}
appearances:
- {id: 2031-p1-ann-o, person: ann-o, session: 2031-p1, role: panellist, honorific: Dr., position: Mate,
   organization: port-office, country: Utopia, name_as_printed: A. Oh, also_printed: [Chief Mate, Bosun],
   document: 2031-doc, section: S}
- {id: 2031-p1-bo, person: bo, session: 2031-p1, role: moderator, document: 2031-doc, section: S}
themes:
- {id: boats, label: Boats, alternative_labels: [craft, water], labels: ['de: Schiffe'], scope_note: Boats.}
- {id: pay-day, label: Fair pay, scope_note: Pay., broader: boats}
- {id: deep-sea, label: Deep sea, scope_note: Far out.}
addressees:
- {id: port-states, label: Coastal states}
affected_groups:
- {id: mates, label: The mates}
- {id: night, label: Night boats}
threads:
- {id: more-boats, label: More boats, themes: [boats, deep-sea], summary: An ask.}
thread_items:
- {thread: more-boats, item: 2031-p1-r1, asks: true}
moves:
- {thread: more-boats, from: '2031', to: '2033', changes: [narrowed], note: Fewer, gained: Rafts, lost: Canoes}
recommendations:
- {id: 2031-p1-r1, session: 2031-p1, year: 2031, kind: recommendation, number: '1', themes: [boats, pay-day],
   addressees: [port-states], affected: [mates, night], modality: should, keywords: [oar, life-belt], heading: Head,
   summary: 'IT is the WHO: AB log-books I A.', attributed_to: ann-o, document: 2031-doc, section: S}
statistics:
- {id: 2031-n1, year: 2031, value: '40 %', number: 40, unit: '%', what: nets, document: 2031-doc, section: S}
- {id: 2031-n2, year: 2031, value: 20 billion, number: 20000000000, unit: nets, what: nets, document: 2031-doc,
   section: S}
- {id: 2031-n3, year: 2031, value: '1.5', number: 1.5, what: nets, document: 2031-doc, section: S}
publications:
- {id: paper, title: Paper, kind: report, url: 'https://www.example.org/nets', document: 2031-doc, section: S}
abbreviations:
- {id: boats, short: BT, document: 2031-doc, section: S}
commitments:
- {id: 2031-com1, year: 2031, who: who, what: Nets., document: 2031-doc, section: S}
expansions:
- {id: net, kind: inflection, words: [net, nets, work]}
- {id: vessel, kind: synonym, words: [boats, log book], only_from: [trawling nets, semi-dry, money]}
- {id: schiff, kind: translation, words: [boats], only_from: [kahn]}
search_terms:
- {id: boats, terms: [boating in a log book, the oar]}
- {id: 2031-p1-r1, terms: [oars and nets, what is it]}
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    target = tmp_path_factory.mktemp("index") / "kb.db"
    build(seeds.parse(SEED.encode(), "seed.yaml"), target)
    with closing(named.connect(str(target))) as db:
        yield db


def row(db: sqlite3.Connection, id_: str) -> dict[str, str]:
    """Return the folded columns of a record other than an abbreviation, which may have the id of another record."""
    sql = (
        "select s.title, s.body, s.keywords, s.names, s.about from search s join search_rows r on r.rowid = s.rowid"
        " where r.id = ? and r.type <> 'abbreviation'"
    )
    (found,) = db.execute(sql, (id_,)).fetchall()
    return dict(zip(("title", "body", "keywords", "names", "about"), found, strict=True))


@each(
    "id_, columns",
    [
        ("2031", {
            "title": "of lamps", "names": "wien",
            "keywords": "2031 9 june 2031 10 june 2031 11 june 2031",
            "about": "1 2031 05 01 1 may 2031 2031 06 09 9 june 2031 2031 06 11 11 june 2031 s",
        }),
        ("2031-p1", {
            "title": "boats and people", "body": "on co op work by non daylight",
            "names": "world harbour organization who ann o utopia bo ek",
        }),
        ("ann-o", {
            "title": "ann o", "keywords": "ann o",
            "names": "o ann anne o mate port office utopia a oh chief mate bosun",
            "about": "s panellist dr boats and people 2031 p1 2031",
        }),
        ("who", {"title": "world harbour organization", "keywords": "who who"}),
        ("boats", {"title": "boats", "body": "boats", "names": "craft water", "about": f" {LABEL}boats"}),
        ("pay-day", {"title": "fair pay", "about": f"boats {LABEL}payday"}),
        ("2031-p1-r1", {
            "title": "", "body": "it is the who ab log books i a", "names": "ann o",
            "keywords": "2031 p1 r1 head oar life belt",
        }),
        ("2031-n1", {"body": "40 nets"}),
        ("2031-com1", {"body": "nets", "names": "world harbour organization who"}),
        ("paper", {"title": "paper"}),
    ],
)  # fmt: skip
def test_every_text_is_in_its_column(id_: str, columns: dict[str, str], base: sqlite3.Connection) -> None:
    found = row(base, id_)
    assert {place: found[place] for place in columns} == columns


@each(
    "id_, words",
    [
        ("2031-p1-r1", f"{LABEL}boats {LABEL}payday {ACRONYM}it {ACRONYM}who"),
        ("2031-p1-r1", "boats fair pay pay day coastal states the mates night boats should"),
        ("2031-n1", "40 percent"), ("2031-n2", "20000000000"), ("2031-n3", "1 5"), ("paper", "example org nets"),
        ("more-boats", f"boats deep sea fewer rafts canoes {LABEL}boats"),
    ],
)  # fmt: skip
def test_a_word_about_a_record_is_in_the_last_column(id_: str, words: str, base: sqlite3.Connection) -> None:
    assert f" {words} " in f" {row(base, id_)['about']} "


def test_other_text_is_not_indexed(base: sqlite3.Connection) -> None:
    about = " ".join(text for found in base.execute("select * from search") for text in found)
    assert not {"https", "www", "schiffe", "2031doc"} & set(about.split())
    acronyms = {word for word in about.split() if word.startswith(ACRONYM)}
    assert acronyms == {f"{ACRONYM}it", f"{ACRONYM}who"}


def test_the_original_texts_are_kept_under_the_names_of_their_columns(base: sqlite3.Connection) -> None:
    rows = {
        id_: rest
        for id_, *rest in base.execute(
            "select id, type, year, kind, title, themes, fields from search_rows where type <> 'abbreviation'"
        )
    }
    *shown, fields = rows["2031-p1-r1"]
    assert shown == [
        "recommendation", 2031, "recommendation", "IT is the WHO: AB log-books I A.", '["boats","pay-day"]',
    ]  # fmt: skip
    assert fields.split("\x1e")[:4] == [
        "summary\x1fIT is the WHO: AB log-books I A.", "id\x1f2031-p1-r1", "heading\x1fHead", "keywords\x1foar",
    ]  # fmt: skip
    assert [rows[id_][:3] for id_ in ("2031-p1", "2031-n1", "boats")] == [
        ["session", 2031, "panel"], ["statistic", 2031, None], ["theme", None, None],
    ]  # fmt: skip
    assert rows["2031-n1"][3] == "40 % nets"
    assert rows["boats"][4] == "[]"


@each(
    "first, last, days",
    [
        ("2031-06-09", "2031-06-11", ["2031-06-09", "2031-06-10", "2031-06-11"]),
        ("2031-06-09", "2031-06-09", ["2031-06-09"]), ("2031-06-30", "2031-07-01", ["2031-06-30", "2031-07-01"]),
        ("2031-06", "2031-06-11", ["2031-06", "2031-06-11"]), ("2031-06-09", "2031-06", ["2031-06-09", "2031-06"]),
        ("2031-06-09", "2032-06-10", ["2031-06-09", "2032-06-10"]),
    ],
)  # fmt: skip
def test_the_days_of_a_conference_are_those_from_the_first_to_the_last(first: str, last: str, days: list[str]) -> None:
    assert index._days(first, last) == days


def test_the_vocabulary_counts_the_records_of_a_word(base: sqlite3.Connection) -> None:
    known = {word: rest for word, *rest in base.execute("select word, records, stem, plain, parts from vocabulary")}
    hyphenated = ("coop", "nondaylight", "logbooks", "lifebelt", "semidry")
    assert {word: known[word] for word in ("oar", "oars", "kahn", "trawling", *hyphenated)} == {
        "oar": [1, "oar", 0, None], "oars": [0, "oar", 0, None], "kahn": [0, "kahn", 0, None],
        "trawling": [0, "trawl", 0, None], "coop": [0, "coop", 0, "co op"],
        "nondaylight": [0, "nondaylight", 0, "non daylight"], "logbooks": [0, "logbook", 0, "log books"],
        "lifebelt": [0, "lifebelt", 0, "life belt"], "semidry": [0, "semidri", 0, "semi dry"],
    }  # fmt: skip
    subjects = ("states", "pay", "fair", "water", "night", "money")  # words of labels and expansions
    plain = {word: known[word][2] for word in ("more", "people", "office", "work", *subjects)}
    assert plain == {"more": 1, "people": 1, "office": 1, "work": 1} | dict.fromkeys(subjects, 0)
    assert [word for word in known if word.startswith((ACRONYM, LABEL))] == []


def test_the_expansion_table_has_the_stems_of_phrases(base: sqlite3.Connection) -> None:
    assert base.execute("select word, entry, expansion, finds from expansion_words").fetchall() == [
        ("net", "net", "net", 1), ("nets", "nets", "net", 1), ("work", "work", "net", 1),
        ("boats", "boats", "vessel", 1), ("log book", "log book", "vessel", 1),
        ("trawling nets", "trawl net", "vessel", 0), ("semi dry", "semi dry", "vessel", 0),
        ("money", "money", "vessel", 0),
        ("boats", "boats", "schiff", 1), ("kahn", "kahn", "schiff", 0),
    ]  # fmt: skip


def test_a_search_term_has_the_stems_and_entries_of_its_words(base: sqlite3.Connection) -> None:
    keys: dict[int, list[str]] = {}
    for key, term in base.execute("select key, term from term_words order by key"):
        keys.setdefault(term, []).append(key.replace(CONCEPT, "="))
    assert keys == {
        1: ["boat", "book", "log", "=vessel"], 2: ["oar"], 3: ["net", "oar", "=net"], 4: ["is", "it", "what"],
    }  # fmt: skip
    rows = base.execute(
        "select t.term, r.type, r.id, t.text, t.norm from term_rows t join search_rows r on r.rowid = t.row"
    )
    made = {term: (type_, id_, text, norm) for term, type_, id_, text, norm in rows}
    most = 0.5 * math.log(5)
    once, twice = min(most, math.log(1 + 3.5 / 1.5)), min(most, math.log(1 + 2.5 / 2.5))
    assert made == {
        1: ("theme", "boats", "boating in a log book", pytest.approx(math.sqrt(3 * once**2))),
        2: ("theme", "boats", "the oar", pytest.approx(twice)),
        3: ("recommendation", "2031-p1-r1", "oars and nets", pytest.approx(math.hypot(once, twice))),
        4: ("recommendation", "2031-p1-r1", "what is it", pytest.approx(math.sqrt(3 * once**2))),
    }


@each(
    "texts, encoded",
    [
        ([], "[]"), (["a", "b c"], '["a","b c"]'), (['a"b'], '["a\\"b"]'), (["a\\b"], '["a\\\\b"]'),
        (["é\n"], '["é\\n"]'),
    ],
)  # fmt: skip
def test_a_list_is_encoded_as_json(texts: list[str], encoded: str) -> None:
    assert index.encode(texts) == encoded


def test_rows_are_inserted_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: sqlite3.Connection) -> None:
    monkeypatch.setattr(index, "PART", 4)
    build(seeds.parse(SEED.encode(), "seed.yaml"), tmp_path / "kb.db")
    with closing(named.connect(str(tmp_path / "kb.db"))) as db:
        for sql in ("select * from search_rows", "select * from search"):
            assert db.execute(sql).fetchall() == base.execute(sql).fetchall()
