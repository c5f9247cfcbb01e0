"""Comparing records with a copy: the claims of a column, where they may be printed, and the reports on failures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

import pytest

from cthbkb.copies import readings
from cthbkb.copies.readings import READINGS, Claim
from cthbkb.copies.resolve import Passage
from cthbkb.copies.verify import Source, Text, verify
from cthbkb.copies.words import Copy

OFTEN = ("ish", "n", "ian", "ese", "an")


def test_each_column_claims_what_must_be_printed() -> None:
    cases: dict[tuple[str, str], list[tuple[str, list[str], list[str]]]] = {
        ("printed", "a [...] b  [...]"): [("a", ["a"], []), ("b", ["b"], [])],
        ("printed", "Tom (on film, twice)"): [("Tom", ["Tom"], [])],
        ("printed", "Tom (no speaker named)"): [("Tom", ["Tom"], [])],
        ("printed", "Tom (one) x"): [("Tom (one) x", ["Tom (one) x"], [])],
        ("printed", "..."): [],
        ("named", "Film of the North Light, HF7, 2031 (NGO)"): [
            ("Film of the North Light, HF7, 2031 (NGO)", ["Film of the North Light, HF7, 2031 (NGO)"],
             ["North", "Light", "HF7", "2031", "NGO"])
        ],
        ("each", '["Port Lull","the Quay"]'): [
            ("Port Lull", ["Port Lull"], ["Lull"]), ("the Quay", ["the Quay"], ["Quay"])
        ],
        ("figures", "Of 1,250 ships 2 in 3.5 sank, see A/12 and x7 by 2030/31."): [
            (n, [n + end for end in ("", "th", "st", "nd", "rd")], []) for n in ("1,250", "2", "3.5")
        ],
        ("figures", "The HFO and HFO, of NGO, OSCE, AB, HF/DOC and eHFX"): [
            ("HFO", ["HFO", "HFOs"], []),
        ],
        ("figures", "UNTOC/COP12 said"): [("UNTOC/COP12", ["UNTOC/COP12", "UNTOC/COP12s"], [])],
        ("figures", "by the North Light Union, by Tom Reed; The Long Watch by Tom Reed and Lamp"): [
            ("North Light Union", ["North Light Union"], ["North", "Light", "Union"]),
            ("Tom Reed", ["Tom Reed"], ["Tom", "Reed"]),
            ("The Long Watch", ["The Long Watch"], ["The", "Long", "Watch"]),
        ],
        ("figures", "by the Lighthouse-Keepers Union"): [
            ("Lighthouse-Keepers Union", ["Lighthouse-Keepers Union"], ["Lighthouse", "Keepers", "Union"])
        ],
        ("acronym", "HF"): [("HF", ["HF", "HFs"], [])],
        ("country", "Sweden"): [("Sweden", ["Sweden", *(s + e for s in ("", "Swede", "Swed") for e in OFTEN)], [])],
        ("year", "2031"): [("2031", ["2031", "/31"], [])],
        ("note", "3"): [("3", ["\n3"], [])],
        ("day", "2031-06-01"): [("2031-06-01", ["^1 june", "^june 1", "^1 jun", "^jun 1"], [])],
        ("day", "2031-12"): [("2031-12", ["december 2031", "dec 2031"], [])],
        ("day", "2031"): [("2031", ["2031"], [])],
        ("first", "2031-06-10"): [("2031-06-10", [
            "^10 june", "^june 10", "^10 jun", "^jun 10",
            *(f"^10 {n} {name}" for n in (11, 12, 13, 14) for name in ("june", "jun")),
        ], [])],
        ("last", "2031-06-10"): [("2031-06-10", [
            "^10 june", "^june 10", "^10 jun", "^jun 10",
            *(f"^{n} 10 {name}" for n in (6, 7, 8, 9) for name in ("june", "jun")),
        ], [])],
        ("last", "2031-06"): [("2031-06", ["june 2031", "jun 2031"], [])],
        ("hour", "09:05"): [("09:05", ["9 05", "9 05"], [])],
        ("hour", "13:30"): [("13:30", ["13 30", "1 30"], [])],
        ("hour", "12:00"): [("12:00", ["12 00", "12 00"], [])],
        ("hour", "00:15"): [("00:15", ["0 15", "12 15"], [])],
    }  # fmt: skip
    claims = {
        case: [(c.value, list(c.forms), list(c.names)) for c in getattr(readings, case[0])(case[1])] for case in cases
    }
    for of in (claims, cases):
        of.update({case: [(value, sorted(forms), names) for value, forms, names in made] for case, made in of.items()})
    assert {case: made for case, made in claims.items() if made != cases[case]} == {}


def test_a_text_contains_words_or_long_texts_as_letters() -> None:
    text = Text(
        [
            "The co operation of Port-Lull",
            "9-10 June; 3 July 2031",
            "States3 said¹², ships.4 X<sup> 7 </sup>",
            "  5 Note",
            "Keeper6",
        ]
    )
    cases = {
        "the co": True, "he co": False, "cooperation": True, "operation of port lull": True, "peration": False,
        "thecoop": False, "portlull": True, "ofport": False, "theco operation": True, "10 June": True,
        "^10 june": False,
        "^3 july": True, "^july 2031": False, "^9 june": False, "states": True, "states3": True, "keeper": True,
        "lull 9": True, "said": True, "\n3": True, "\n12": True, "\n4": True, "\n7": True, "\n5": True, "\n6": True,
        "\n9": True, "\n31": False, "\n1": False, "\n8": False,
    }  # fmt: skip
    assert {form: text.has(form) for form in cases} == cases
    again = Text(["xlanterns a lan terns"])
    assert (again.has("lanterns"), again.has("lantern"), again.has("anterns")) == (True, False, False)
    assert Text(["ab cdefg"]).has("abcdefg")
    assert not Text(["ab cdef"]).has("abcdef")


def test_a_name_is_found_in_a_text_with_any_ending() -> None:
    text = Text(["Ruritanian lamps of HF72, Lullo, Reedy Oslo"])
    cases = {"Ruritania": True, "Rurik": True, "Rurek": False, "Lull": True, "Lulla": True, "Lullaby": False,
             "Reed": True, "Ree": True, "Os": True, "Osl": True, "HF7": True, "F72": False, "eed": False}  # fmt: skip
    assert {name: text.near(name) for name in cases} == cases
    claims = {
        (("Lamps",), ()): True, (("Xx", "Lamps"), ()): True, (("Xx",), ("Lull", "Reed")): True,
        (("Xx",), ("Lull", "Xx")): False, (("Xx",), ()): False,
    }  # fmt: skip
    assert {(forms, names): text.bears(Claim("v", forms, names)) for forms, names in claims} == claims


Row = dict[str, object]


@pytest.fixture
def base() -> Iterator[sqlite3.Connection]:
    """An empty database whose tables have the columns that are compared with copies."""
    db = sqlite3.connect(":memory:")
    for table, columns in READINGS.items():
        have = {"id", "seq", "document", "section", "item", "number", "title", *columns}
        have |= {"appearances": {"person", "name_as_printed", "attribution"}, "people": {"spellings"}}.get(table, set())
        have -= {"name"} if table == "appearances" else set()
        named = ", ".join(f'"{name}"' for name in sorted(have))
        db.execute(f"create table {table} ({named})")
    yield db
    db.close()


def held(
    db: sqlite3.Connection,
    text: str,
    rows: Mapping[str, Mapping[str, object]],
    where: Mapping[str, tuple[int, int] | str] | None = None,
    others: tuple[str, ...] = (),
    lacking: tuple[str, ...] = (),
) -> dict[str, tuple[str, ...]]:
    """Return what was checked, failed and left open for rows `table id` whose passages are in lines of a text."""
    for table in READINGS:
        db.execute(f"delete from {table}")
    for seq, (name, row) in enumerate(rows.items()):
        table, id_ = name.split()
        full: Row = {"id": id_, "seq": seq, "document": "doc", "section": "Part", "item": "paragraph 1", **row}
        columns = ", ".join(f'"{column}"' for column in full)
        db.execute(f"insert into {table} ({columns}) values ({', '.join('?' * len(full))})", list(full.values()))
    lines = text.split("/")
    passages = {}
    for id_, at in (where or {}).items():
        if isinstance(at, str):
            passages[id_] = Passage(id_, at)
        else:
            passages[id_] = Passage(id_, "found", " ".join(lines[at[0] - 1 : at[1]]), at)
    sources = [Source(db, "doc", Copy([(0, line) for line in lines]), passages)]
    sources += [Source(db, f"other{n}", Copy([(0, other)]), {}) for n, other in enumerate(others)]
    verdicts = verify(db, sources, lacking)
    assert [f"{v.table} {v.record}" for v in verdicts] == sorted(rows, key=lambda r: list(READINGS).index(r.split()[0]))
    return {
        v.record: (
            v.state,
            ", ".join(v.checked),
            *(f"- {text}" for text in v.failed),
            *(f"? {text}" for text in v.open),
        )
        for v in verdicts
    }


def test_a_passage_must_be_under_its_heading(base: sqlite3.Connection) -> None:
    text = "Aa bb//Part/cc dd//Next/ee ff//Part/gg hh"
    rows = {f"recommendations {id_}": row for id_, row in {
        "in": {}, "again": {}, "beyond": {}, "above": {}, "gone": {}, "twice": {}, "none": {},
        "next": {"section": "Next"},
        "title": {"section": "Title page"}, "late": {"section": "Imprint"}, "back": {"section": "back cover"},
        "said": {"section": "gg hh"}, "unsaid": {"section": "Zz"},
    }.items()}  # fmt: skip
    where: dict[str, tuple[int, int] | str] = {
        "in": (4, 4), "again": (10, 10), "beyond": (7, 7), "above": (1, 1), "gone": "missing", "twice": "twice",
        "next": (6, 6),
        "title": (2, 2), "late": (3, 3), "back": (9, 9), "said": (10, 10), "unsaid": (10, 10),
    }  # fmt: skip
    for row in rows.values():
        row["item"] = "Page 1"
    ok = ("verified", "section")
    assert held(base, text, rows, where) == {
        "in": ok, "again": ok, "none": ok, "next": ok, "title": ok, "back": ok, "said": ok,
        "beyond": ("failed", "", "- section: the passage is under 'Next', not 'Part'"),
        "above": ("failed", "", "- section: the passage is under '', not 'Part'"),
        "gone": ("failed", "section", "- passage: missing"), "twice": ("failed", "section", "- passage: twice"),
        "late": ("failed", "", "- section: the passage is under 'Part', not 'Imprint'"),
        "unsaid": ("open", "", "? section: 'Zz' is not printed"),
    }  # fmt: skip


def test_items_beside_the_text_may_be_under_the_next_heading(base: sqlite3.Connection) -> None:
    text = "/".join(["Part", "aa", "Next", *["bb"] * 80])
    rows = {f"statements {id_}": {"item": item} for id_, item in {
        "near": "pull quote 1", "far": "caption 1", "text": "paragraph 1", "note": "footnote 2",
    }.items()}  # fmt: skip
    rows["statements other"] = {"item": "paragraph 1", "section": "Next"}
    where: dict[str, tuple[int, int] | str] = {"near": (60, 60), "far": (61, 61), "text": (5, 5), "note": (5, 5)}
    wrong = ("failed", "item", "- section: the passage is under 'Next', not 'Part'")
    ok = ("verified", "section")
    assert held(base, text, rows, where) == {
        "near": ok, "far": (*wrong[:1], "", *wrong[2:]), "text": wrong, "note": (*ok[:1], "section, item"), "other": ok,
    }  # fmt: skip


def test_a_value_must_be_within_the_distance_of_its_column(base: sqlite3.Connection) -> None:
    text = f"Top/Part/lamp 12 by Ann/boat 15 of HF{'/aa' * 12}/Next/quay 17 in Lull"
    where: dict[str, tuple[int, int] | str] = {"r": (3, 3)}

    def found(table: str, others: tuple[str, ...] = (), place: bool = True, **row: object) -> tuple[str, ...]:
        rows: dict[str, Row] = {f"{table} r": {"item": "x", **row}, "topics next": {"section": "Next"}}
        return held(base, text, rows, where if place else {}, others)["r"][1:]

    assert found("statistics", value="12") == ("section, value",)
    assert found("statistics", value="15") == ("section", "- value: '15'")
    assert found("statistics", value="15", place=False) == ("section, value",)
    assert found("statistics", value="17", place=False) == ("section", "- value: '17'")
    assert found("statistics", what="17 and 18") == ("section, what", "- what: '18'")
    assert found("statistics", value="", what=None) == ("section",)
    assert found("statistics", period="Lull") == ("section, period",)
    assert found("statistics", period="the Quay of Lull") == ("section, period",)
    assert found("statistics", period="the Pier of Lull") == ("section", "- period: 'the Pier of Lull'")
    assert found("statistics", period="of late") == ("section", "? period: 'of late' is not printed")
    assert found("recommendations", heading="boat 15") == ("section, heading",)
    assert found("recommendations", heading="quay 17") == ("section", "- heading: 'quay 17'")
    assert found("recommendations", heading="quay 17", section="Zz") == ("heading", "? section: 'Zz' is not printed")
    assert found("statements", speaker_as_printed="Lull") == ("section", "- speaker_as_printed: 'Lull'")
    assert found("statements", speaker_as_printed="Lull", item="pull quote 3")[0] == "section, speaker_as_printed"
    assert found("conferences", city="Port") == ("section", "- city: 'Port'")
    assert found("conferences", ("a port",), city="Port") == ("section", "- city: 'Port'")
    assert found("instruments", ("a port",), symbol="Port") == ("section, symbol",)
    assert found("people", name="Tim", spellings='["Ann"]') == ("section, name",)
    assert found("people", name="Tim", spellings=None) == ("section", "- name: 'Tim'")
    rows: dict[str, Row] = {
        "appearances r": {"person": "p", "item": "x", "position": "boat", "country": "Lull", "honorific": "boat"},
        "appearances s": {"person": "p", "item": "x", "name_as_printed": "HF", "attribution": "by the curator"},
        "appearances t": {"person": "p", "item": "x", "name_as_printed": "HF"},
        "people p": {"name": "Ann", "spellings": None, "item": "x"},
        "topics next": {"section": "Next"},
    }
    assert held(base, text, rows, {"r": (3, 3), "s": (3, 3), "t": (3, 3)}) == {
        "r": ("failed", "section, name, honorific", "- position: 'boat'", "- country: 'Lull'"),
        "s": ("verified", "section, name"), "t": ("failed", "section", "- name: 'HF'"),
        "p": ("verified", "section, name"),
        "next": ("verified", "section"),
    }  # fmt: skip


def test_a_value_that_any_document_may_print_does_not_fail_while_a_document_has_no_copy(
    base: sqlite3.Connection,
) -> None:
    row: Row = {"item": "x", "city": "Port", "venue": "the Old Custom House, as planned"}
    failed = "- venue: 'the Old Custom House, as planned'"
    assert held(base, "Part/aa", {"conferences r": row})["r"][2:] == ("- city: 'Port'", failed)
    assert held(base, "Part/aa", {"conferences r": row}, lacking=("plan",))["r"][2:] == (
        "- city: 'Port'", f"? {failed[2:]} may be printed in a document without a copy",
    )  # fmt: skip


def test_the_day_and_hour_of_a_passage_must_be_beside_it(base: sqlite3.Connection) -> None:
    def found(text: str, line: int, **row: object) -> tuple[str, ...]:
        asked: Row = {"item": "tweet 1", "section": "top", **row}
        return held(base, f"Top/{text}", {"statements r": asked}, {"r": (line, line)})["r"][1:]

    item = ("section, date, item",)
    missing = ("section, item", "- date: '2031-06-10'")
    far = "/aa" * 20
    assert found("aa/said/10 June", 3, date="2031-06-10") == item
    assert found("10 June/said", 3, date="2031-06-10") == ("section, item", "- date: '2031-06-10'")
    assert found("aa/said/9 June/10 June", 3, date="2031-06-10") == missing
    assert found("aa/said/9 apples/10 June", 3, date="2031-06-10") == item
    assert found("said 9 June/10 June", 2, date="2031-06-10") == item
    assert found(f"said{'/aa' * 10}/10 June", 2, date="2031-06-10") == item
    assert found(f"said{'/aa' * 11}/10 June", 2, date="2031-06-10") == missing
    assert found(f"said{'//aa' * 10}//10 June{far}", 2, date="2031-06-10") == item
    assert found("ann{}/said".format("/aa" * 7), 10, account="Ann") == ("section, account, item",)
    assert found("ann{}/said".format("/aa" * 8), 11, account="Ann") == ("section, item", "- account: 'Ann'")
    assert found("ann/9 June/said", 4, account="Ann") == ("section, item", "- account: 'Ann'")
    assert found("9 June/ann/said", 4, account="Ann") == ("section, account, item",)
    assert found("said/9.30", 2, time="09:30") == ("section, time, item",)


def test_the_day_and_hours_of_a_session_must_be_beside_its_title(base: sqlite3.Connection) -> None:
    def found(text: str, **row: object) -> tuple[str, ...]:
        asked: Row = {"title": "Lights at night", "item": "x", **row}
        return held(base, text, {"sessions r": asked})["r"]

    day, start = {"held_date": "2031-06-10"}, {"held_start": "10:00", "held_end": "11:30"}
    ok, timed = ("verified", "section, title, held_date"), ("verified", "section, title, held_start, held_end")
    none = ("verified", "section, title", "? held_date: no day is printed beside it")
    wrong = ("failed", "section, title", "- held_date: '2031-06-10'")
    assert found("Part/Lights at night/10 June", **day) == ok
    assert found("Part/Lights at night/aa/10 June", **day) == none
    assert found("10 June/Part/Lights at night/bb", **day) == ok
    assert found("9 June/Part/Lights at night/10 June", **day) == ok
    assert found("10 June/Part/Lights at night/Monday, 11 June", **day) == ok
    assert found("10 June/9 June/Part/Lights at night/aa", **day) == wrong
    assert found("Part/Panel: Lights at  night, 10 June", **day) == ok
    assert found("10 June/Part/aa/other", title="Zz", **day) == (
        "verified",
        "section, held_date",
        "? title: 'Zz' is not printed",
    )
    assert found("Part/Lights at night/10:00-11:30", **start) == timed
    assert found("10:00-11:30/Part/Lights at night", **start) == timed
    assert found("10:00-11:30/Part/9:00/Lights at night", **start) == (
        "failed", "section, title", "- held_start: '10:00'", "- held_end: '11:30'",
    )  # fmt: skip
    assert found("10:00-11:30/{}Part/Lights at night".format("aa/" * 5), **start) == timed
    assert found("10:00-11:30/{}Part/Lights at night".format("aa/" * 6), **start)[0] == "failed"
    assert found("10 June/Part/Of them", title=None, **day) == ("verified", "section, held_date")
    twice = "Part/Lights at night/9 June/aa/aa/Lights at night/10 June"
    assert found(twice, **day) == ok


def order(base: sqlite3.Connection, text: str, *items: tuple[str, int] | tuple[str, int, str]) -> list[str]:
    """Return the reports on the items of a list, each with its line."""
    rows, where = {}, {}
    for n, (item, line, *number) in enumerate(items):
        rows[f"recommendations r{n}"] = {"item": item, "number": number[0] if number else ""}
        where[f"r{n}"] = (line, line)
    found = held(base, f"Part/{text}", rows, where)
    return [
        " ".join(part for part in found[f"r{n}"][1:]).removeprefix("section").strip(", ") for n in range(len(items))
    ]


def test_an_item_must_have_its_number_and_place_in_its_list(base: sqlite3.Connection) -> None:
    lines = "- aa/- bb/- cc/- dd"
    ok = "item"
    one, two, three = ("bullet 1", 2), ("bullet 2", 3), ("bullet 3", 4)
    assert order(base, lines, one, two, three) == [ok] * 3
    assert order(base, lines, ("bullet 1", 2), ("bullet 3", 4)) == [ok, "- item: bullet 3 has no number before it"]
    assert order(base, lines, ("bullet 2", 2)) == ["- item: bullet 2 has no number before it"]
    assert order(base, lines, ("footnote 2", 2)) == [ok]
    assert order(base, lines, ("bullet 1", 3), ("bullet 2", 2)) == [
        "- item: bullet 1 is out of order, at line 3",
        ok,
    ]
    assert order(base, lines, one, ("bullet 1", 3)) == ["- item: bullet 1 is the number of two passages"] * 2
    assert order(base, lines, one, ("bullet 1", 2)) == [ok, ok]
    assert order(base, lines, ("bullet 1", 2, "1a"), ("bullet 1", 3, "1b")) == [ok, ok]
    assert order(base, lines, ("bullet 1a", 2), ("bullet 1b", 3)) == [ok, ok]
    assert order(base, lines, ("Panel 1, bullet 1", 2), ("Panel 2, bullet 1", 3)) == [ok, ok]
    assert order(base, lines, ("bullet i", 2), ("bullet ii", 3), ("bullet vi", 4)) == [
        ok, ok, "- item: bullet 6 has no number before it"
    ]  # fmt: skip
    assert order(base, lines, ("paragraph 3", 2), ("paragraph 1", 3), ("paragraph 2", 4)) == [
        "- item: paragraph 3 is out of order, at line 2", ok, ok
    ]  # fmt: skip
    assert order(base, lines, ("page 3", 2), ("bullets 1-2", 3)) == ["", ok]
    roman = [(f"bullet {n}", 2 + at) for at, n in enumerate(("i", "ii", "iii", "iv", "v", "vi"))]
    assert order(base, "1. aa/2. bb/3. cc/4. dd/5. ee/6. ff", *roman) == [ok] * 6
    for noun in ("takeaway", "recommendation", "observation", "arrow", "goal"):
        assert order(base, lines, (f"{noun} 2", 2)) == [f"- item: {noun} 2 has no number before it"]
    for noun in ("tweet", "footnote", "paragraph"):
        assert order(base, lines, (f"{noun} 2", 2)) == [ok]
    numbered = "1. aa/2) bb/- ③ cc/b) dd"
    assert order(base, numbered, one, two, three) == [ok] * 3
    assert order(base, numbered, ("bullet 1", 2), ("bullet 2", 4)) == [ok, "- item: bullet 2 is printed as '- ③'"]
    assert order(base, numbered, one, two, three, ("bullet 3b", 5)) == [ok] * 4
    assert order(base, numbered, one, two, three, ("bullet 3c", 5))[3] == "- item: bullet 3c is printed as 'b)'"


NEAREST = {
    "recommendations": {"heading": "section", "summary": "document"},
    "statistics": {"value": "passage", "period": "document", "footnote": "document", "what": "document"},
    "statements": {
        "speaker_as_printed": "section", "account": "beside", "date": "beside", "time": "beside", "gist": "document"
    },
    "appearances": {"name": "passage", "honorific": "section", "position": "passage", "country": "section"},
    "sessions": {
        "title": "document", "held_date": "beside", "held_start": "beside", "held_end": "beside", "video": "section"
    },
    "conferences": {
        "title": "document", "held_start": "document", "held_end": "document", "city": "document",
        "hashtag": "document", "venue": "base", "participation": "document",
    },
    "people": {"name": "base"},
    "topics": {},
    "instruments": {"name": "base", "symbol": "base", "year": "base"},
    "publications": {"title": "base", "url": "base", "year": "base", "place": "base"},
    "citations": {},
    "activities": {"when": "document", "where": "document", "what": "document"},
    "commitments": {"by_when": "document", "what": "document"},
    "abbreviations": {"short": "document", "long": "base"},
}  # fmt: skip
"""The farthest place from the passage of a record where a value of each column may be printed."""

SAMPLES = {
    "date": "2031-06-10", "held_date": "2031-06-10", "held_start": "10:00", "held_end": "10:00", "time": "10:00",
    "footnote": "17", "year": "2031", "where": '["Lull"]', "short": "HFX", "summary": "Of 17 ships", "what": "Of 17",
    "gist": "Of 17", "participation": "Some 17", "country": "Lusovia",
}  # fmt: skip
PRINTED = {
    "date": "10 June", "held_date": "10 June", "held_start": "10:00", "held_end": "10:00", "time": "10:00",
    "footnote": "said17", "year": "2031", "where": "Lull", "short": "HFXs", "summary": "17", "what": "17",
    "gist": "17", "participation": "17", "country": "Lusovian",
}  # fmt: skip


def test_every_column_that_is_compared_may_stand_so_far_from_the_passage(base: sqlite3.Connection) -> None:
    """A session has no passage: its hours are beside its title. The day of a tweet is below it."""
    assert {table: list(columns) for table, columns in READINGS.items()} == {
        table: list(columns) for table, columns in NEAREST.items()
    }
    far = "/".join(["zz"] * 14)
    text = f"{far}/Part/{far}/{{beside}}/aa/{{passage}}/{{below}}/{far}/{{section}}/{far}/Next/{far}/{{document}}"
    places = ("passage", "beside", "section", "document", "base")
    found: dict[str, dict[str, str]] = {}
    for table, columns in NEAREST.items():
        found[table] = {}
        for column in columns:
            if table == "conferences" and column.startswith("held_"):
                sample, printed = "2031-06-10", "10 June"
            else:
                sample, printed = SAMPLES.get(column, "Lamps"), PRINTED.get(column, "Lamps")
            row: Row = {"item": "x", column: sample}
            if table == "sessions" and column != "title":
                row["title"] = "aa"
            for place in places[table == "sessions" :]:
                at = "below" if (column, place) == ("date", "beside") else place
                lines = text.format(**{p: printed if p == at else "bb" for p in ("below", *places[:-1])})
                where = {} if table == "sessions" else {"r": (lines.split("/").index("aa") + 2,) * 2}
                rows: dict[str, Row] = {f"{table} r": row, "topics next": {"section": "Next"}}
                if table == "appearances":
                    named = {"name_as_printed": sample} if column == "name" else {"name_as_printed": None}
                    rows[f"{table} r"] = {k: v for k, v in row.items() if k != "name"} | {"person": "p"} | named
                    rows["people p"] = {"name": "Part", "spellings": None, "item": "x"}
                verdict = held(base, lines, rows, where, (printed if place == "base" else "cc",))["r"]  # type: ignore[arg-type]
                if column in verdict[1].split(", "):
                    found[table][column] = place
    assert found == NEAREST


def test_a_passage_that_is_not_word_for_word_is_verified_all_the_same(base: sqlite3.Connection) -> None:
    base.execute(
        "insert into recommendations (id, seq, document, section, item, number)"
        " values ('r', 1, 'doc', 'Part', 'bullet 2', '')"
    )
    copy = Copy([(0, line) for line in ("Top", "Part", "aa")])
    states = {}
    for state in ("found", "unsure", "twice", "missing"):
        (verdict,) = verify(base, [Source(base, "doc", copy, {"r": Passage("r", state, "aa", (3, 3))})])
        states[state] = (verdict.checked, verdict.failed)
    alone = ["item: bullet 2 has no number before it"]
    assert states == {
        "found": (["section"], alone), "unsure": (["section"], alone),
        "twice": (["section"], ["passage: twice"]), "missing": (["section"], ["passage: missing"]),
    }  # fmt: skip


def test_a_session_is_known_by_the_end_of_a_long_title(base: sqlite3.Connection) -> None:
    end = "the keeping of lights and locks at night in all harbours"
    row: Row = {"title": f"On {end}", "item": "x", "held_date": "2031-06-10"}
    assert held(base, f"Part/About {end}/10 June", {"sessions r": row})["r"][1] == "section, held_date"
    short = {**row, "title": "On the keeping of lights and locks here"}
    cut = "Part/Of the keeping of lights and locks here/10 June"
    assert "held_date" not in held(base, cut, {"sessions r": short})["r"][1]
