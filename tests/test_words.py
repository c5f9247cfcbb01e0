"""Reading copies: from files to lines, from lines to words, from words to quotations as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cthbkb.copies import read as reading
from cthbkb.copies.read import read
from cthbkb.copies.sections import Sections
from cthbkb.copies.words import Copy
from cthbkb.errors import Failure

Lines = list[tuple[int, str]]


def differing(cases: dict[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """Return the cases in which the result differs from the expected result."""
    return {name: (made, meant) for name, (made, meant) in cases.items() if made != meant}


def of(text: str) -> Copy:
    return Copy([(0, line) for line in text.split("\n")])


def made(tmp_path: Path, name: str, data: bytes) -> tuple[str, int, Lines]:
    path = tmp_path / name
    path.write_bytes(data)
    found = read(str(path))
    return found.kind, found.pages, found.lines


def test_a_text_is_read_in_its_encoding_with_its_pages(tmp_path: Path) -> None:
    files: dict[str, tuple[bytes, int, Lines]] = {
        "plain": (b"a b\n\n  c\n", 0, [(0, "a b"), (0, ""), (0, "  c")]),
        "with a mark": (b"\xef\xbb\xbfa", 0, [(0, "a")]),
        "of two bytes": (b"\xff\xfeb\0", 0, [(0, "b")]),
        "of two bytes, the high one first": (b"\xfe\xff\0b\0", 0, [(0, "b\ufffd")]),
        "of Windows": (b"\x93B\xe4r\x94 \x96 x", 0, [(0, "“Bär” – x")]),
        "of Windows, with a gap": (b"\x93a\x81", 0, [(0, "“a\ufffd")]),
        "in pages": (b"a\nb\fc\f\n", 2, [(1, "a"), (1, "b"), (1, ""), (2, "c"), (2, "")]),
        "with an empty page": (b"a\f\fc", 3, [(1, "a"), (1, ""), (2, ""), (3, "c"), (3, "")]),
    }
    assert differing({n: (made(tmp_path, "x.txt", d), ("text", p, ls)) for n, (d, p, ls) in files.items()}) == {}


def test_an_html_page_is_recognised_by_its_beginning_or_its_name(tmp_path: Path) -> None:
    body = b"<p>One</p>"
    files = {
        "a.HTM": (body, "html"),
        "a.xhtml": (body, "html"),
        "a.html": (body, "html"),
        "a.txt": (body, "text"),
        "b": (b" <!-- x\n --> <!-- y --><!DOCTYPE  html>" + body, "html"),
        "c": (b"\n<HTML>" + body, "html"),
        "d": (b'<?xml version="1.0"?>\n<!doctype html>' + body, "html"),
        "e": (b'<?xml version="1.0"?><html>' + body, "html"),
        "f": (b"<?xml version='1.0'?><svg/>", "text"),
        "g": (b"see <html>", "text"),
    }
    assert differing({name: (made(tmp_path, name, data)[0], kind) for name, (data, kind) in files.items()}) == {}


BLOCKS = (
    "address article aside blockquote body br caption dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table td th title tr ul"
).split()


def test_an_html_page_is_read_as_it_is_displayed(tmp_path: Path) -> None:
    pages = {
        "a <b>bold</b>\n  <span>w</span>ord&nbsp;&amp; more": "a bold word & more",
        "One<br>two<p>three</p>four": "One\ntwo\n\nthree\n\nfour",
        "x<script>if (a < b) {}</script>y<style>p {}</style>z": "xyz",
        "x<template>a<style>b</style>c</template>z<noscript>d</noscript>": "xz",
        "x & y": "x & y",
        "x</template>y": "xy",
        "word<sup>3</sup> 16<sup>th</sup>": "word<sup>3</sup> 16<sup>th</sup>",
        **{f"a<{tag}>b": "a\nb" if tag == "br" else "a\n\nb" for tag in BLOCKS},
        **{f"a</{tag}>b": "a\n\nb" for tag in BLOCKS},
    }

    def seen(body: str) -> str:
        kind, number, lines = made(tmp_path, "x.html", body.encode())
        assert (kind, number, {page for page, _ in lines}) == ("html", 0, {0})
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line for _, line in lines))

    assert differing({body: (seen(body), meant) for body, meant in pages.items()}) == {}


def test_an_unreadable_file_is_refused_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST", 2_000_000)
    assert made(tmp_path, "large.txt", b"a" * 2_000_000)[0] == "text"
    files = {
        "larger.txt": (b"a" * 2_000_001, "PATH is too large: more than 2 MB", "Name the document alone."),
        "x.docx": (b"PK\x03\x04a", "PATH is a Word file or an archive", "Save it as PDF, HTML or text"),
        "x.bin": (b"a\0", "PATH is neither PDF nor HTML nor text", "Use the document in one of these formats."),
        "x.txt": (b" \n\f", "PATH is empty", "Name the PDF, HTML or text"),
        "none/x.txt": (None, "cannot read PATH: No such file or directory", "Name a PDF, HTML or text file."),
    }
    for name, (data, message, hint) in files.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(Failure) as raised:
            read(str(path))
        assert raised.value.message == message.replace("PATH", str(path))
        assert raised.value.hint.startswith(hint)


def test_a_pdf_is_read_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[Lines] = [[(1, "a"), (1, ""), (2, "b")], [(1, " "), (2, "")]]
    monkeypatch.setattr(
        reading, "imported", lambda name: {"cthbkb.copies.pdf:lines": lambda path, data: pages.pop(0)}[name]
    )
    assert made(tmp_path, "copy", b"\n%PDF-1.7") == ("pdf", 2, [(1, "a"), (1, ""), (2, "b")])
    with pytest.raises(Failure, match="is a scan without text"):
        made(tmp_path, "scan", b"%PDF-1.7")


def test_a_word_is_the_same_in_every_copy() -> None:
    texts = {
        "A b of to 7 12 123 a1 1a": "of to 123 a1 1a",
        "1,250.75 and 1.250": "125075 and 1250",
        "the State's O’Brien co-op": "the state obrien coop",
        "victims2 b12 2031 covid19": "victims b12 2031 covid",
        "the end.4 The end.123 It is 3.45 now.": "the end the end 123 it is 345 now",
        "end,4 end;4 end:4 end!4 end?4 end)4 end”4": "end end end end end end end",
        "xx.5y end.12": "xx 5y end",
        "one<sup> 12 </sup> two¹² three⁴x": "one two three",
        "16<sup>th</sup> H<sub>2</sub>O <b>bold</b> <em>it</em> <i>ab</i>": "16th h2o bold it ab",
        "<strong>st</strong> <http://y.example>": "st http example",
        "[text here](https://x.example) [a](#b) <https://y.example> [not] (one)": "text here https example not one",
        "# Head *one* **two** ***three*** 2 * 3 #tag": "head one two three tag",
        "cross-\nborder cross-border": "crossborder crossborder",
        "cross-\n\nborder Cross-\nBorder": "crossborder cross border",
        "long- and short-\nterm, two-\nto-three, day-\nto-day, well-\nund so, this-\nor that": (
            "long and shortterm twotothree daytoday well und so this or that"
        ),
        "1990-\nthis 5-year": "1990 this year",
        "co\u00adop co\u00ad\nop non\u2010x non\u2011\ny": "coop coop nonx nony",
    }
    assert differing({text: (" ".join(of(text).words), meant) for text, meant in texts.items()}) == {}


def quoted(text: str, first: str, last: str) -> str:
    copy = of(text)
    end = len(copy.words) - 1 - copy.words[::-1].index(last)
    return copy.printed(copy.words.index(first), end)


def test_a_quotation_has_only_the_printed_words() -> None:
    cases = {
        ("One two. Three (four) five! Six.", "three", "five"): "Three (four) five!",
        ("He said “stop it” twice.", "stop", "it"): "“stop it”",
        ("He said (“stop the ship”), twice.", "stop", "ship"): "(“stop the ship”),",
        ("It fell. 12 of a kind are 7 b. Then", "of", "are"): "12 of a kind are 7 b.",
        ("It fell! A lamp burns", "lamp", "burns"): "A lamp burns",
        ("seen by J. Smith and M. Then", "smith", "and"): "J. Smith and M.",
        ("in U.S. Ships and", "ships", "ships"): "U.S. Ships",
        ("it has 12 a; and more", "it", "has"): "it has 12 a;",
        ("it has 12 a and more", "it", "has"): "it has 12 a",
        ("it has 12 a, and more", "it", "has"): "it has 12 a,",
        ("it has 12 a (and more", "it", "has"): "it has 12 a",
        ("It fell. 7 ships met.", "it", "fell"): "It fell.",
        ("who: 1. Ships sail;\n2. Lamps burn.", "lamps", "burn"): "Lamps burn.",
        ("who:\n- ✓ 3) Lamps burn;”\n", "lamps", "burn"): "Lamps burn;”",
        ("who:\niv. “Lamps” burn", "lamps", "burn"): "“Lamps” burn",
        ("who:\nb) lamps burn", "lamps", "burn"): "lamps burn",
        ("who:\n4 Lamps burn", "lamps", "burn"): "Lamps burn",
        ("who:\n4 lamps burn", "lamps", "burn"): "4 lamps burn",
        ("It fell. 57 States met.", "states", "met"): "57 States met.",
        ("The rules:\n- one lamp;\n• Two\n3. Boats;\n\n4 lamps.", "the", "lamps"): (
            "The rules: one lamp; Two Boats; 4 lamps."
        ),
        ("- The rules are", "the", "are"): "The rules are",
        ("The trans-\nport of cross-\nborder goods; cross-border aid", "the", "goods"): (
            "The transport of cross-border goods;"
        ),
        ("Of gender-\nand age-\n or time-\nto time", "of", "time"): "Of gender- and age- or time- to time",
        ("A day-\nto-day rule, black-\nand-white, a trans-\nport-related rule", "daytoday", "rule"): (
            "A day-to-day rule, black-and-white, a transport-related rule"
        ),
        ("Pre-\nWar times 5-\nyear", "pre", "year"): "Pre- War times 5- year",
        ("the eﬃcient, ﬁnal co\u00adop of Sea\u0301n", "the", "sean"): "the efficient, final coop of Seán",
        ("the rules¹ . They² , too !", "the", "too"): "the rules. They, too!",
        ("the .NET rule , it", "the", "it"): "the .NET rule, it",
        ("H<sub>2</sub>O is <b>wet</b>", "h2o", "wet"): "H2O is wet",
    }
    assert differing({str(case): (quoted(*case), meant) for case, meant in cases.items()}) == {}


def paged(*pages: str) -> str:
    return " ".join(Copy([(n, line) for n, page in enumerate(pages, 1) for line in page.split("/")]).words)


def test_headers_and_footers_are_at_the_edge_of_at_least_three_pages() -> None:
    cases = {
        "on three pages": (paged("Top 1/ab", "Top 2/cd", "Top 3/ef"), "ab cd ef"),
        "on two pages": (paged("Top 1/ab", "Top 2/cd", "ef"), "top ab top cd ef"),
        "twice on a page": (paged("Top/ab/Top", "Top/cd", "ef"), "top ab top top cd ef"),
        "in the third line": (paged(*[f"a{n}x/b{n}y/Top/d{n}x/e{n}y/f{n}z/g{n}z" for n in "pqr"]).count("top"), 0),
        "in the fourth line": (paged(*[f"a{n}x/b{n}y/c{n}z/Top/d{n}x/e{n}y/f{n}z" for n in "pqr"]).count("top"), 3),
        "in the last line but two": (
            paged(*[f"a{n}x/b{n}y/c{n}z/d{n}q/Top/d{n}x/e{n}y" for n in "pqr"]).count("top"),
            0,
        ),
        "in the last line but three": (
            paged(*[f"a{n}x/b{n}y/c{n}z/Top/d{n}q/d{n}x/e{n}y" for n in "pqr"]).count("top"),
            3,
        ),
        "under rules": (paged(*[f"---/* * */ . ./Top/a{n}x/b{n}x/c{n}x/d{n}x" for n in "pqr"]).count("top"), 0),
        "numbers at the edge": (paged("ab/cd/ef/gh/ij/123", "Page 124/kl", "mn/125 of 130"), "ab cd ef gh ij kl mn"),
        "a number inside": (paged("ab/cd/ef/250/gh/ij/kl", "mn"), "ab cd ef 250 gh ij kl mn"),
    }
    assert differing(cases) == {}


def flowing(*lines: str) -> str:
    return " ".join(of("\n".join(lines)).words)


def test_without_pages_headers_and_footers_are_recognised_by_page_numbers() -> None:
    body = [f"{a}{b}{a}" for a in "bcdfghklmn" for b in "aeiou"]
    numbers = ["Page 12", "p. 13", "Seite 114", "- 15 -", "116 | ", "17 of 90", "18/90", "– 119 –", "120"]

    def between(number: str, head: str, times: int, away: int = 1) -> str:
        lines = []
        for n in range(times):
            some = body[n * 5 : n * 5 + 5]
            lines += [*some, head, *some[: away - 1], number.format(101 + n)]
        return flowing(*lines, *body[40:], "Top")

    cases = {
        "numbers": (flowing("ab", *numbers, "cd"), "ab cd"),
        "no numbers": (flowing("ab", "Page 1234", "chapter 12", "17 of"), "ab page 1234 chapter of"),
        "four heads beside numbers, one elsewhere": (between("{}", "Top", 4).count("top"), 1),
        "three heads beside numbers": (between("{}", "Top", 3).count("top"), 4),
        "heads in the second line above": (between("{}", "Top", 4, 2).count("top"), 1),
        "heads in the third line above": (between("{}", "Top", 4, 3).count("top"), 5),
        "a long line": (between("{}", "Top" + " of" * 33, 4).count("top"), 5),
        "a shorter one": (between("{}", "Top" + " of" * 32, 4).count("top"), 1),
        "six lines that count": (flowing("ab", *(f"Papers {n}" for n in range(1, 7)), "cd"), "ab cd"),
        "five lines that count": (flowing(*(f"Papers {n}" for n in range(1, 6))), "papers " * 4 + "papers"),
        "lines that do not rise": (flowing(*(f"Papers {n}" for n in (1, 2, 3, 4, 6, 5))), "papers " * 5 + "papers"),
        "a number twice": (flowing(*(f"Papers {n}" for n in (1, 2, 3, 4, 5, 5))), "papers " * 5 + "papers"),
        "of as many digits": (flowing(*(f"Papers {n}" for n in (8, 9, 10, 11, 12, 100)), "cd"), "cd"),
    }  # fmt: skip
    assert differing(cases) == {}


def test_a_word_knows_its_line_and_its_page() -> None:
    copy = Copy([(1, "Top"), (1, ""), (1, "one two"), (1, ""), (2, "Top"), (2, "three"), (3, "Top"), (3, "a 4 four")])
    assert [(word, copy.line(n), copy.page(n)) for n, word in enumerate(copy.words)] == [
        ("one", 2, 1), ("two", 2, 1), ("three", 5, 2), ("four", 7, 3),
    ]  # fmt: skip
    assert [copy.body[a:b] for a, b in zip(copy.starts, copy.ends, strict=True)] == copy.words


def test_headings_are_found_alone_on_their_lines() -> None:
    names = ["Working together", "Panel 1", "10 steps", "A very long heading of many words", "Nowhere"]
    lines = [
        "before", "WORKING  together", "", "working together", "Working together.", "Working together,",
        "Working together;", "- ✓ Working together", "We are Working together", "10:00-11:30 Panel 1", "9.15 Panel 1",
        "10 steps", "Working", "", "together", "A very", "long heading", "of", " \t", "many", "words", "A", "very",
        "long", "heading of", "many", "words", "after",
    ]  # fmt: skip
    found = Sections(of("\n".join(lines)), names)
    assert found.printed == {
        "Working together": [1, 7, 12], "Panel 1": [9, 10], "10 steps": [11],
        "A very long heading of many words": [15], "Nowhere": [],
    }  # fmt: skip
    assert [found.over(n) for n in (0, 1, 6, 8, 9, 11, 14, 99)] == [
        "", *["Working together"] * 3, "Panel 1", "10 steps", "Working together", "A very long heading of many words"
    ]  # fmt: skip
    assert Sections(of("Text"), []).over(0) == ""
