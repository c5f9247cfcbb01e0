"""Proposing passages: splitting a copy into sentences, scoring them for a record, and the messages for a curator."""

from __future__ import annotations

import math
import sqlite3

import pytest

from cthbkb.copies import locate
from cthbkb.copies.locate import Candidate, Locator, Proposal, proposal
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure


def locator(text: str, *headings: str) -> Locator:
    copy = Copy([(0, line) for line in text.split("/")])
    return Locator(copy, Sections(copy, headings))


def printed(of: Locator, spans: list[tuple[int, int]]) -> str:
    return " | ".join(of.copy.printed(first, last) for first, last in spans)


def units(text: str) -> list[str]:
    found = locator(text)
    return [f"{block} {printed(found, spans)}" for block, spans in found.units]


def test_a_copy_is_split_into_blocks_and_sentences() -> None:
    cases = {
        "One. Two lamps! “Three?” 4 boats… Five": ["0 One.", "0 Two lamps!", "0 “Three?”", "0 4 boats…", "0 Five"],
        "One lamp. two lamps; Three: Four": ["0 One lamp. two lamps; Three: Four"],
        "One lamp/goes out. Two/lamps": ["0 One lamp goes out.", "0 Two lamps"],
        "One lamp.//Two lamps.": ["0 One lamp.", "1 Two lamps."],
        "Seen by Ms. Reed, J. Smith and Amb. Lee. Then": ["0 Seen by Ms. Reed, J. Smith and Amb. Lee.", "0 Then"],
        "Mr. Reed and Mrs. Lee saw Dr. Who. Me": ["0 Mr. Reed and Mrs. Lee saw Dr. Who.", "0 Me"],
        "The rules:/- one lamp;/2. two boats/b) three/① four/* five/3 six": [
            "0 The rules:", "1 one lamp;", "2 two boats", "3 three", "4 four", "5 five", "6 3 six"
        ],
        "The rules/“lamps” and/(boats)": ["0 The rules “lamps” and (boats)"],
        "A lamp that//Note of it.//goes out. Two": ["0 A lamp that | goes out.", "0 Two", "1 Note of it."],
        "A lamp,//Note//goes-//Other//out": ["0 A lamp, | goes- | out", "1 Note", "2 Other"],
        "A lamp that.//goes out": ["0 A lamp that.", "1 goes out"],
        "A lamp that//- goes out": ["0 A lamp that", "1 goes out"],
        "A lamp//Bb.//Cc.//Dd.//Ee.//Ff.//Gg.//goes": [
            "0 A lamp | goes", "1 Bb.", "2 Cc.", "3 Dd.", "4 Ee.", "5 Ff.", "6 Gg."
        ],
        "A lamp//Bb.//Cc.//Dd.//Ee.//Ff.//Gg.//Hh.//goes": [
            "0 A lamp", "1 Bb.", "2 Cc.", "3 Dd.", "4 Ee.", "5 Ff.", "6 Gg.", "7 Hh.", "8 goes"
        ],
        "One lamp//Two boats//goes out": ["0 One lamp | goes out", "1 Two boats"],
    }  # fmt: skip
    assert {text: units(text) for text in cases} == cases


def proposed(of: Locator, *asked: object) -> dict[str, float]:
    found = of.propose(*asked)  # type: ignore[arg-type]  # as in the signature
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    return {printed(of, c.spans): round(c.score, 4) for c in found}


def test_the_score_of_a_passage_is_the_share_of_words_in_common() -> None:
    """The weight of a word is log(1 + sentences / sentences with the word), or 3 if the copy does not contain it."""
    of = locator("Lamps burn. Ships sail. Lamps sail.")
    once, twice = math.log(1 + 3 / 1), math.log(1 + 3 / 2)
    whole = once * 2 + twice * 2
    ask = once + twice
    assert proposed(of, "The lamp burning", "") == {
        "Lamps burn.": 1.0,
        "Lamps burn. Ships sail.": round(ask / (ask + 0.5 * (once + twice)), 4),
        "Lamps burn. Ships sail. Lamps sail.": round(ask / (ask + 0.5 * (whole - ask)), 4),
        "Ships sail. Lamps sail.": round(twice / (ask + 0.5 * (once + twice)), 4),
        "Lamps sail.": round(twice / (ask + 0.5 * twice), 4),
        "Ships sail.": 0.0,
    }
    assert proposed(of, "lamp-burning comets", "")["Lamps burn."] == 0.0
    assert proposed(of, "lamps burning comets", "")["Lamps burn."] == round(ask / (ask + 3), 4)
    assert proposed(of, "", "")["Lamps burn."] == 0.0


def test_a_passage_under_another_heading_has_a_lower_score() -> None:
    of = locator("First//Lamps burn.//Second//Lamps burn.", "First", "Second")
    found = of.propose("lamps burn", "Second")
    assert [(round(c.score, 4), c.spans) for c in found[:2]] == [(1.0, [(4, 5)]), (0.6, [(1, 2)])]


def test_a_passage_has_at_most_four_sentences_or_is_a_whole_block() -> None:
    of = locator("Aa one. Bb two. Cc three. Dd four. Ee five.//Ff six. Gg seven.")
    assert max(text.count(".") for text in proposed(of, "six", "")) == 4
    assert sorted(proposed(of, "six", "", (), True)) == [
        "Aa one. Bb two. Cc three. Dd four. Ee five.", "Ff six. Gg seven.",
    ]  # fmt: skip
    assert set(proposed(of, "six", "", ("two", "three"))) == {"Aa one. Bb two. Cc three.", "Bb two. Cc three."}
    assert proposed(of, "six", "", ("thre",)) == {}
    assert proposed(of, "six", "", ("seven", "one")) == {}
    assert set(proposed(of, "six", "", ("Six. Gg",))) == {"Ff six. Gg seven."}


def test_a_person_is_found_with_title_and_position_under_the_heading() -> None:
    text = (
        "First//Ann Reed, Keeper of Lamps, spoke. Dr. Ann Reed was Head Keeper.//Second//"
        "Dr. Ann Reed, the Keeper; Ann Reed is not a good Keeper."
    )
    of = locator(text, "First", "Second")

    def found(*asked: str) -> list[tuple[float, str]]:
        return [(round(c.score, 2), printed(of, c.spans)) for c in of.person(*asked)]

    assert found("Ann Reed", "Keeper", "Dr.", "Second") == [
        (1.1, "Dr. Ann Reed, the Keeper;"), (0.7, "Dr. Ann Reed was Head Keeper."), (0.6, "Ann Reed, Keeper"),
        (0.6, "Ann Reed"),
    ]  # fmt: skip
    assert found("Ann Reed", "Keeper of Lamps", "", "First") == [
        (1.0, "Ann Reed, Keeper of Lamps,"), (0.6, "Ann Reed"), (0.2, "Ann Reed,"), (0.2, "Ann Reed"),
    ]  # fmt: skip
    assert found("Ann Reed", "", "", "") == [
        (0.2, "Ann Reed,"),
        (0.2, "Ann Reed"),
        (0.2, "Ann Reed,"),
        (0.2, "Ann Reed"),
    ]
    assert found("", "Keeper", "Dr.", "First") == []
    assert found("Reed Ann", "Keeper", "Dr.", "First") == []
    start = locator("Ann Reed, Keeper")
    assert [(c.score, c.spans) for c in start.person("Ann Reed", "Keeper", "Dr. Keeper", "")] == [(1.0, [(0, 2)])]


def test_a_passage_is_named_by_its_first_and_last_words() -> None:
    of = locator("One lamp burns, and one lamp sinks. Note here. One boat burns.")
    named = {
        "one lamp": ["One lamp", "one lamp"],
        "one lamp ... sinks": ["One lamp burns, and one lamp sinks.", "one lamp sinks."],
        "lamp ... lamp sinks": ["lamp burns, and one lamp sinks.", "lamp sinks."],
        "one lamp | one boat ... burns": ["One lamp | One boat burns.", "one lamp | One boat burns."],
        "one lamp sinks | note here": ["one lamp sinks. Note here."],
        "one boat | one lamp": [],
        "burns ... boats": [],
        "burns": ["burns,", "burns."],
        "": [],
        "one lamp burns ... burns and": ["One lamp burns, and"],
        "lamp burns ... burns": ["lamp burns,"],
    }
    assert {text: [printed(of, spans) for spans in of.named(text)] for text in named} == named
    far = locator(" ".join(["begin", *["word"] * 398, "end", "begin", *["word"] * 399, "end"]))
    assert far.named("begin ... end") == [[(0, 399)]]


BASE = """
create table recommendations (id text, summary text, section text, kind text);
create table statistics (id text, what text, value text, unit text, period text, area text, section text);
create table statements (id text, gist text, speaker_as_printed text, section text);
create table people (id text, name text);
create table appearances (id text, person text, name_as_printed text, position text, honorific text, section text);
insert into recommendations values ('list', 'lamps', 'Part', 'takeaway'), ('run', 'lamps', 'Part', 'conclusion');
insert into statistics values ('n', 'lamps', '12', 'percent', '2030', 'Lull', 'Part'),
    ('m', 'lamps', '99', null, null, null, '');
insert into statements values ('q', 'lamps', 'Ann Reed', 'Part'), ('p', 'boats', null, 'Part');
insert into people values ('ann', 'Ann Reed'), ('tom', 'Tom Lee'), ('nobody', 'No Body'), ('jan', 'Jan Ott');
insert into appearances values ('a', 'ann', null, 'Keeper', 'Dr.', 'Part'), ('b', 'ann', 'Tom Lee', null, null, 'Part'),
    ('c', 'tom', null, 'Secretary', null, 'Part'), ('d', 'nobody', null, null, null, 'Part'),
    ('e', 'jan', null, 'Pilot', null, 'Else'), ('f', 'jan', null, null, null, 'Else');
"""


def test_a_proposal_has_the_text_of_the_record_and_the_two_best_passages(memory: sqlite3.Connection) -> None:
    of = locator(
        "Part//Lamps burn. Boats sail. Ann Reed said so.//- Lamps go out. They do.//Dr. Ann Reed, Keeper.//"
        "Tom Lee spoke. A word. Secretary was also Tom Lee.//In 2030, 12 percent of lamps in Lull.//"
        "The pilot of a ship is Jan Ott.", "Part",
    )  # fmt: skip
    db = memory
    db.executescript(BASE)

    def made(table: str, id_: str) -> tuple[str, str | None, str | None]:
        found = proposal(db, of, table, id_)
        assert found.record == id_
        best, second = [printed(of, c.spans) if c else None for c in (found.best, found.second)]
        return found.says, best, second

    cases: dict[tuple[str, str], tuple[str, str | None, str | None]] = {
        ("recommendations", "list"): ("lamps", "Lamps go out. They do.", "In 2030, 12 percent of lamps in Lull."),
        ("recommendations", "run"): ("lamps", "Lamps burn.", "Lamps go out."),
        ("statistics", "n"): ("lamps 12 percent 2030 Lull", "In 2030, 12 percent of lamps in Lull.", None),
        ("statistics", "m"): ("lamps 99", "Lamps burn.", "Lamps go out."),
        ("statements", "q"): ("lamps Ann Reed", "Ann Reed said so.", "Dr. Ann Reed, Keeper."),
        ("statements", "p"): ("boats", "Boats sail.", "Part"),
        ("appearances", "a"): ("Ann Reed, Keeper", "Dr. Ann Reed, Keeper.", "Ann Reed"),
        ("appearances", "b"): ("Tom Lee", "Tom Lee", "Tom Lee."),
        ("appearances", "c"): ("Tom Lee, Secretary", "Tom Lee spoke. A word. Secretary", "Tom Lee."),
        ("appearances", "d"): ("No Body", None, None),
        ("appearances", "e"): ("Jan Ott, Pilot", "The pilot of a ship is Jan Ott.", None),
        ("appearances", "f"): ("Jan Ott", "Jan Ott.", None),
    }
    assert {case: made(*case) for case in cases} == cases
    with pytest.raises(Failure) as raised:
        proposal(db, of, "themes", "x")
    assert raised.value.message == "x has no passage of its own"
    assert raised.value.hint == "Tables with passages: recommendations, statistics, statements, appearances."
    db.close()


def test_a_proposal_is_doubtful_if_none_is_good_or_two_are_nearly_as_good() -> None:
    def doubtful(best: float | None, second: float | None) -> bool:
        one, other = [None if score is None else Candidate(score, [(0, 1)]) for score in (best, second)]
        return Proposal("x", "", one, other).doubtful

    cases = {(None, None): True, (0.29, None): True, (0.3, None): False, (1.0, 0.75): True, (1.0, 0.74): False}
    assert {case: doubtful(*case) for case in cases} == cases


def test_passages_are_apart_if_they_have_no_word_in_common() -> None:
    one = Candidate(1.0, [(10, 12), (15, 20)])
    apart = {((0, 9),): True, ((21, 30),): True, ((20, 30),): False, ((0, 10),): False, ((13, 14),): False,
             ((0, 5), (30, 40)): False}  # fmt: skip
    assert {spans: locate._apart(Candidate(1.0, list(spans)), one) for spans in apart} == apart
