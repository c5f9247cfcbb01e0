"""Fingerprints: which runs of a passage are kept, where they find it again, and the resulting passages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import product

import pytest

from cthbkb.copies import prints, resolve
from cthbkb.copies.prints import Found, Index, Print, hashed, make
from cthbkb.copies.resolve import describe, passages, recognised
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure

WORDS = [f"{a}{b}{c}o" for a, b, c in product("bdfgklmn", "aeiou", "prstv")]
"""Two hundred distinct words."""


def copy(*lines: str) -> Copy:
    return Copy([(0, line) for line in lines])


def index(*lines: str) -> Index:
    return Index(copy(*lines), "doc")


def line(first: int, last: int) -> str:
    return " ".join(WORDS[first : last + 1])


def offsets(text: str, *spans: tuple[int, int]) -> list[int]:
    return [offset for offset, _ in make("one", index(*text.split("/")), spans).runs]


def test_runs_are_spread_over_a_passage() -> None:
    text = line(0, 99)
    lengths = {6: [0], 7: [0, 1], 17: [0, 11], 18: [0, 6, 12], 27: [0, 7, 14, 21], 36: [0, 8, 15, 22, 30],
               50: [0, 11, 22, 33, 44], 90: [0, 21, 42, 63, 84]}  # fmt: skip
    assert {n: offsets(text, (10, 9 + n)) for n in lengths} == lengths
    assert {n: offsets(text, (10, 9 + n)) for n in (2, 5)} == {2: [-4, 0], 5: [-1, 0]}
    assert (offsets(text, (0, 3)), offsets(text, (96, 99)), offsets(text, (1, 4))) == ([0], [-2], [0])
    assert (offsets(text, (2, 5)), offsets(text, (94, 97))) == ([-2, 0], [-2, 0])
    assert offsets(text, (10, 19), (25, 34)) == [0, 4, 14]
    assert offsets(text, (10, 16), (18, 30), (40, 41)) == [0, 8, 14]


def test_runs_that_are_unique_in_the_copy_are_preferred() -> None:
    assert offsets(f"{line(0, 29)}/{line(17, 22)}", (10, 29)) == [0, 6, 14]
    assert offsets(f"{line(0, 29)}/{line(14, 25)}", (10, 29)) == [0, 3, 14]
    assert offsets(f"{line(0, 29)}/{line(12, 28)}", (10, 29)) == [0, 7, 14]
    assert offsets(f"{line(0, 29)}/{line(10, 15)}", (10, 29)) == [0, 7, 14]
    assert offsets(f"{line(0, 29)}/{line(24, 29)}", (10, 29)) == [0, 7, 14]


def test_a_passage_printed_twice_is_distinguished_by_the_text_beside_it() -> None:
    again = line(100, 107)
    assert offsets(f"{line(0, 9)} {again} {line(10, 19)} {again} {line(20, 29)}", (10, 17)) == [-6, 0, 2, 8]
    assert offsets(f"{again} {line(10, 19)} {again}", (0, 7)) == [0, 2, 8]
    assert offsets(f"{again} {line(10, 19)} {again}", (18, 25)) == [-6, 0, 2]
    near = f"{line(30, 39)} {again} {line(40, 49)}"
    assert offsets(f"{line(0, 9)} {near} {line(10, 19)} {near} {line(20, 29)}", (20, 27)) == [-11, 0, 2, 13]
    beside = [f"{line(30, 29 + n)} {again} {line(110, 109 + n)}" for n in (58, 59)]
    texts = [f"{line(0, 9)} {of} {line(10, 19)} {of} {line(20, 29)}" for of in beside]
    at = [(10 + 2 * 58 + 8 + 10 + 58, 2), (10 + 2 * 59 + 8 + 10 + 59, 2)]
    assert [offsets(text, (n, n + 7)) for text, (n, _) in zip(texts, at, strict=True)] == [[-59, 0, 2, 61], [0, 2]]
    far = f"{line(30, 90)} {again}"
    assert offsets(f"{line(0, 9)} {far} {line(10, 19)} {far}", (71, 78)) == [0, 2, 8]


def test_a_fingerprint_has_the_hashes_of_its_words() -> None:
    made = make("one", index(line(0, 99)), [(10, 19), (25, 34)])
    words = [*WORDS[10:20], *WORDS[25:35]]
    runs = " ".join(f"{n}:{hashed('doc', words[n : n + 6])}" for n in (0, 4, 14))
    assert str(made) == f"one 10+5+10 {runs} ={hashed('doc', words, '')}"
    assert made.length == 20
    assert str(make("one", index(line(0, 99)), [(10, 13)])).count("=") == 0
    assert str(make("one", index(line(0, 99)), [(10, 15)])).count("=") == 1
    read = Print.read("one 3+2+1 -3:aa 0:bb =cc")
    assert (read.record, read.parts, read.runs, read.whole) == ("one", [3, 2, 1], [(-3, "aa"), (0, "bb")], "cc")
    assert Print.read("one 3 0:bb").whole == ""


def test_a_hash_depends_on_the_document_and_on_the_separator() -> None:
    assert len({hashed("a", ["x", "y"]), hashed("b", ["x", "y"]), hashed("a", ["xy"])}) == 3
    assert hashed("a", ["x", "y"], "") == hashed("a", ["xy"], "")
    assert [len(hashed(name, ["x"])) for name in ("", "a" * 200)] == [8, 8]


Place = tuple[list[tuple[int, int]], int, int, bool]


def places(sought: Print, *lines: str) -> list[Place]:
    return [(found.spans, found.agree, found.of, found.certain) for found in index(*lines).find(sought)]


PASSAGE = make("one", index(line(0, 99)), [(10, 29)])
"""Twenty words, with runs at 0, 7 and 14."""


INSIDE: list[tuple[str, list[str], list[Place]]] = [
    ("alone", [line(10, 29)], [([(0, 19)], 3, 3, True)]),
    ("after others", [line(0, 40)], [([(10, 29)], 3, 3, True)]),
    ("not at all", [line(40, 80)], []),
    ("with a footnote", [line(10, 22), line(90, 97), line(23, 29)], [([(0, 12), (21, 27)], 3, 3, True)]),
    ("with a footnote in a line", [f"{line(10, 22)} {line(90, 97)} {line(23, 29)}"], [([(0, 27)], 3, 3, False)]),
    ("with two", [line(10, 15), line(90, 91), line(16, 23), line(80, 84), line(24, 29)],
     [([(0, 5), (8, 15), (21, 26)], 3, 3, True)]),
    ("with one in the last run", [line(10, 25), line(90, 92), line(26, 29)], [([(0, 15), (19, 22)], 2, 3, True)]),
    ("with one in the first run", [line(0, 12), line(90, 92), line(13, 29)], [([(10, 12), (16, 32)], 2, 3, True)]),
    ("with a word changed at its end", [f"{line(10, 28)} xxx {line(30, 34)}"], [([(0, 19)], 2, 3, False)]),
    ("with a word changed in the middle", [f"{line(10, 19)} xxx {line(21, 34)}"], [([(0, 19)], 2, 3, False)]),
    ("without its end", [line(10, 27)], [([(0, 17)], 2, 3, False)]),
    ("without its last third", [line(10, 22)], [([(0, 5)], 2, 3, False)]),
    ("without most of it", [line(10, 16)], []),
    ("twice", [line(10, 29), line(0, 5), line(10, 29)],
     [([(0, 19)], 3, 3, True), ([(26, 45)], 3, 3, True)]),
    ("once in full", [line(10, 28), "xxx", line(0, 5), line(10, 29)],
     [([(26, 45)], 3, 3, True)]),
    ("once beyond doubt", [f"{line(10, 22)} {line(90, 97)} {line(23, 29)}", line(0, 5), line(10, 29)],
     [([(34, 53)], 3, 3, True), ([(0, 27)], 3, 3, False)]),
]  # fmt: skip
"""Text printed inside or instead of the passage, the lines of the copy, and the places that are found."""


def test_a_passage_is_found_with_other_text_inside_it() -> None:
    found = {name: places(PASSAGE, *lines) for name, lines, _ in INSIDE}
    assert found == {name: meant for name, _, meant in INSIDE}


def test_words_in_two_parts_are_the_same_passage() -> None:
    """The hash of the whole does not depend on how words are split; an extra word outside all runs moves an end."""
    parts = {
        "inside": ([line(10, 18), f"{WORDS[19][:2]} {WORDS[19][2:]} {line(20, 29)}"], [(0, 20)]),
        "in the first run": ([line(5, 9), f"{WORDS[10][:2]} {WORDS[10][2:]} {line(11, 35)}"], [(5, 25)]),
        "in the last run": ([f"{line(5, 28)} {WORDS[29][:2]} {WORDS[29][2:]} {line(30, 35)}"], [(5, 25)]),
        "three in one": ([line(5, 9), WORDS[10] + WORDS[11] + WORDS[12] + WORDS[13], line(14, 35)], [(5, 21)]),
    }
    found = {name: [place[0] for place in places(PASSAGE, *lines) if place[3]] for name, (lines, _) in parts.items()}
    assert found == {name: [spans] for name, (_, spans) in parts.items()}


def test_a_place_needs_half_of_the_runs_and_two_of_more_than_two() -> None:
    def hits(number: int, agreeing: int) -> list[int]:
        words = index(line(0, 99)).copy.words
        runs = [(7 * n, hashed("doc", words[7 * n : 7 * n + 6]) if n < agreeing else "x") for n in range(number)]
        return [place[1] for place in places(Print("one", [7 * number], runs), line(0, 99))]

    found = {number: next(n for n in range(number + 1) if hits(number, n)) for number in (1, 2, 3, 4, 5)}
    assert found == {1: 1, 2: 1, 3: 2, 4: 2, 5: 3}
    held = {number: [index(line(0, 99)).holds(Print("one", [9], [(n, hashed("doc", WORDS[n : n + 6]) if n < some else
            "x") for n in range(number)])) for some in range(number + 1)] for number in (1, 2, 3)}  # fmt: skip
    assert held == {1: [False, True], 2: [False, True, True], 3: [False, False, True, True]}


def test_up_to_a_maximum_number_of_words_may_be_between_two_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prints, "BREAK", 10)
    assert places(PASSAGE, line(10, 22), line(90, 99), line(23, 29))[0][1:] == (3, 3, True)
    assert places(PASSAGE, line(10, 22), line(90, 100), line(23, 29))[0][1:3] == (2, 3)
    assert places(PASSAGE, line(24, 29), line(10, 15)) == []


def test_a_short_passage_is_confirmed_by_the_text_beside_it() -> None:
    short = make("one", index(line(0, 99)), [(10, 12)])
    assert places(short, line(4, 20)) == [([(6, 8)], 2, 2, True)]
    assert places(short, line(10, 20)) == [([(0, 2)], 1, 2, True)]
    assert places(short, line(0, 12)) == [([(10, 12)], 1, 2, True)]
    beyond = Print("one", [3], [(-8, hashed("doc", WORDS[2:8]))])
    assert places(beyond, line(0, 20)) == [([(10, 12)], 1, 1, False)]
    assert places(Print("one", [8], [(0, hashed("doc", WORDS[10:16]))]), line(0, 30))[0][3] is False
    assert places(Print("one", [6], [(0, hashed("doc", WORDS[10:16]))]), line(0, 30))[0][3] is True
    assert places(Print("one", [6], [(0, hashed("doc", WORDS[10:16]))], "x"), line(0, 30))[0][3] is False


def test_a_break_recorded_in_the_fingerprint_need_not_be_whole_lines() -> None:
    text = line(0, 60)
    for spans in ([(10, 18), (24, 34)], [(10, 11), (20, 40)], [(10, 30), (33, 34)]):
        sought = make("one", index(text), spans)
        assert places(sought, text) == [(spans, len(sought.runs), len(sought.runs), True)], spans


# The passage of a record


AGAIN = "No ship may leave before the lamp on the pier is lit again."


def resolved(text: str, section: str, *, whole: bool = True) -> tuple[str, str, tuple[int, int]]:
    of = copy(*text.split("/"))
    start = next(n for n in range(len(of.words)) if of.words[n] == "no")
    end = start + len(copy(AGAIN).words) - 1
    sought = Print("one", [end - start + 1], [(0, hashed("doc", of.words[start : start + 6]))])
    sought.whole = hashed("doc", of.words[start : end + 1], "") if whole else "x"
    (found,) = passages(of, "doc", [sought], {"one": section, "two": "Second"})
    return found.state, found.text, found.lines


def test_of_two_places_the_one_under_the_heading_is_chosen() -> None:
    text = f"First//{AGAIN}//Second//{AGAIN}"
    cases = {
        ("First", text): ("found", AGAIN, (3, 3)),
        ("Second", text): ("found", AGAIN, (7, 7)),
        ("Third", text): ("twice", AGAIN, (3, 3)),
        ("First", f"First//{AGAIN}//x/{AGAIN}//Second"): ("twice", AGAIN, (3, 3)),
        ("First", f"First//{AGAIN}//Second"): ("found", AGAIN, (3, 3)),
        ("Second", f"First//{AGAIN}//Second"): ("found", AGAIN, (3, 3)),
    }
    assert {case: resolved(case[1], case[0]) for case in cases} == cases
    assert resolved(f"First//{AGAIN}", "First", whole=False)[0] == "unsure"
    (missing,) = passages(copy("nothing"), "doc", [PASSAGE], {})
    assert (missing.record, missing.state, missing.text, missing.lines) == ("one", "missing", "", (0, 0))


def test_places_are_different_if_they_have_no_word_in_common() -> None:
    """The confirmed place comes first, wherever it is; a place with fewer matching runs does not count."""
    one = [(10, 12), (20, 22)]
    others = {
        ((2, 5),): "twice", ((9, 9),): "twice", ((9, 10),): "found", ((22, 25),): "found", ((23, 25),): "twice",
        ((15, 16),): "found", ((2, 3), (8, 9)): "twice", ((2, 3), (11, 12)): "found", ((24, 25), (28, 29)): "twice",
    }  # fmt: skip

    class Places(Index):
        found: list[Found]

        def find(self, sought: Print) -> list[Found]:
            return self.found

    of = copy(line(0, 40))
    index, headings = Places(of, "doc"), Sections(of, [])
    states = {}
    for other in others:
        index.found = [Found(one, 3, 3, True), Found(other, 3, 3, False)]
        states[other] = resolve._passage(of, index, headings, PASSAGE, "Nowhere").state
    assert states == others
    index.found = [Found(one, 3, 3, True), Found([(30, 31)], 2, 3, False)]
    assert resolve._passage(of, index, headings, PASSAGE, "Nowhere").state == "found"


def described(text: str, *spans: tuple[int, int], pages: bool = False) -> tuple[str, str]:
    lines = [(n if pages else 0, line) for n, part in enumerate(text.split("|"), 1) for line in part.split("/")]
    found = describe(Copy(lines), "one", spans)
    assert (found.record, found.state) == ("one", "found")
    return found.text, found.place


def test_parts_of_a_passage_are_joined_in_reading_order() -> None:
    cases: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
        "in one": (described("One two three/four five.", (0, 4)), ("One two three four five.", "lines 1-2")),
        "in a line": (described("ab//One two three.", (1, 3)), ("One two three.", "line 3")),
        "in two": (described("One two/xx yy/three four.", (0, 1), (4, 5)), ("One two three four.", "lines 1-3")),
        "sentences": (described("One two. Xx yy. Three.", (0, 1), (4, 4)), ("One two. [...] Three.", "line 1")),
        "quoted": (described("“One two.” Xx yy. Three.", (0, 1), (4, 4)), ("“One two.” [...] Three.", "line 1")),
        "a broken word": (described("One tw-/Xx yy/ofold.", (0, 1), (4, 4)), ("One twofold.", "lines 1-3")),
        **{
            f"after {mark}": (described(f"One two{mark} Xx yy. Three.", (0, 1), (4, 4)), (said, "line 1"))
            for mark, said in {
                "!": "One two! [...] Three.", "?": "One two? [...] Three.", ";": "One two; [...] Three.",
                ":": "One two: [...] Three.", ",": "One two, Three.", ".\"": "One two.\" [...] Three.",
                ".)": "One two.) [...] Three.", ".'": "One two.' [...] Three.",
            }.items()
        },
        "a dash": (described("One tw-/Xx yy/Three.", (0, 1), (4, 4)), ("One tw- Three.", "lines 1-3")),
        "on a page": (described("xx|One/two", (1, 2), pages=True), ("One two", "page 2")),
        "on two pages": (described("xx|One|two", (1, 2), pages=True), ("One two", "pages 2-3")),
    }  # fmt: skip
    assert {name: made for name, (made, _) in cases.items()} == {name: meant for name, (_, meant) in cases.items()}


def some(document: str, found: int, of: int) -> list[Print]:
    """Return `of` fingerprints, `found` of which are in the text of all words."""
    return [Print(str(n), [6], [(0, hashed(document, WORDS[n : n + 6]) if n < found else "x")]) for n in range(of)]


def test_a_copy_is_recognised_by_three_of_five_passages() -> None:
    text = copy(line(0, 99))
    assert recognised(text, {"a": some("a", 3, 5)}) == "a"
    assert recognised(text, {"a": some("a", 4, 5), "b": some("b", 5, 5), "c": some("c", 40, 60)}) == "b"
    with pytest.raises(Failure, match="it has 11 of the 20 passages of a"):
        recognised(text, {"a": some("a", 11, 20)})
    known: dict[str, Sequence[Print]] = {"a": some("a", 2, 5), "b": some("b", 1, 5), "c": []}
    with pytest.raises(Failure, match=r"^not a known document; it has 2 of the 5 passages of a$"):
        recognised(text, {name: list(prints) for name, prints in known.items()})
    with pytest.raises(Failure, match=r"^not a known document$"):
        recognised(text, {"a": some("a", 0, 5)})
    with pytest.raises(Failure, match="the database has no fingerprints"):
        recognised(text, {})


def test_fingerprints_and_headings_are_read_from_the_database(memory: sqlite3.Connection) -> None:
    db = memory
    db.executescript("""
        create table fingerprints (seq integer, id text, passages text);
        insert into fingerprints values (2, 'b', '["x 6 0:aa =bb"]'), (1, 'c', '["y 6 0:aa","z 6 0:bb"]');
        create table recommendations (id text, document text, section text);
        insert into recommendations values ('r1', 'b', 'One'), ('r2', 'c', 'Two');
        create table statements (id text, document text, section text);
        insert into statements values ('s1', 'b', 'Three');
        create table sessions (id text, document text);
        insert into sessions values ('p1', 'b');
    """)
    found = resolve.fingerprints(db)
    assert [(document, [one.record for one in of]) for document, of in found.items()] == [
        ("c", ["y", "z"]),
        ("b", ["x"]),
    ]
    assert resolve.sections(db, "b") == {"r1": "One", "s1": "Three"}
    db.close()
