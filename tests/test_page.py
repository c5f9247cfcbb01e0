"""The layout of the blocks of a page: their position, their line breaks, and where they are cut."""

from __future__ import annotations

from cthbkb.formats.page import lines
from cthbkb.page import Blank, Columns, Fitted, Grid, Heading, Names, Para, Row, glued, shortened

SHORTENED = {
    ("exactly ten", 11): "exactly ten",
    ("exactly ten!", 11): "exactly\xa0…",
    ("abcdefghijklm. nop qrst", 20): "abcdefghijklm\xa0…",  # a clause of two thirds
    ("abcdefghijklm; nop qrst", 20): "abcdefghijklm\xa0…",
    ("abcdefghijklm: nop qrst", 20): "abcdefghijklm\xa0…",
    ("abcdefghijkl. nop, qrst", 20): "abcdefghijkl. nop\xa0…",  # one of less
    ("abcdefghijklm, nop qrst", 20): "abcdefghijklm, nop\xa0…",  # not a clause
    ("a: b, c; d. e f g h", 16): "a: b, c; d\xa0…",
}

FIVE = ["alpha", "beta", "gamma", "delta", "epsilon"]
FITTED = Fitted([Names("A:", FIVE), Names("B:", ["one", "two"])], 2)
ROWS = [
    Row([[Para("a cell of words")], [Para("nothing")]], "Label", "right", [Para("below", indent=3)], [Para("above")]),
    Row([], "Group"),
    Row([[Para("nothing")], [Para("nothing")]], "Second"),
]
HEADS = [[Para("2031", style="bold"), Para("lights")], [Para("2033")]]
COLUMNS = Columns(["2031", "2033"], HEADS, ROWS, empty="nothing")
BESIDE = Columns(["2031", "2033"], HEADS, ROWS, empty="nothing", beside="ASK", spaced=True)
NUMBERS = Grid(
    ["axis", "2031 of 6", "2033", "text"],
    [["must", "1", "0", "a text that may wrap over lines"], ["should", "12", "3", "cut"]],
    "lrrw",
)  # fmt: skip
SHARES = Grid(["listed", "2031", "2033"], [["Harbour authorities", "5\xa0\xa09 %", "12\xa0\xa020 %"]], "wrr")
SPLIT = Grid(
    ["axis", "listed 2031", "listed 2033", "prose 2031"],
    [["a label of some words", "1", "0", "7"]],
    "wrrr", 3, ("listed", "prose"),
)  # fmt: skip

SET = [
    (Heading("Exactly ten", "right.."), 20, ["Exactly ten  right.."]),
    (Heading("Exactly ten!", "right.."), 20, ["Exactly ten!", "   right.."]),
    (Heading("A long title of words"), 20, ["A long title of", "words"]),
    (Blank(), 20, [""]),
    (
        Para("one two three four five six", "Lead", indent=2, hang=4, tail="(tail)"), 24,
        ["  Lead one two three", "      four five six", "      (tail)"],
    ),
    (Para("one two three four five six seven eight nine", "Lead", most=2, tail="(x)"), 24,
     ["Lead one two three four", "five six seven … (x)"]),
    (Para("one, two; three.", most=1), 11, ["one, two …"]),
    (Para("a very-long-word-that-is-too-long end"), 20, ["a", "very-long-word-that-", "is-too-long end"]),
    (Para(f"some words {glued('that stay')} together"), 15, ["some words", "that stay", "together"]),
    (Para("日本日本 日本"), 10, ["日本日本", "日本"]),
    (Names("Head:", FIVE), 24, ["Head: alpha · beta ·", "   gamma · delta ·", "   epsilon"]),
    (Names("Head:", FIVE, most=2), 20, ["Head: alpha · beta ·", "   and 3 more"]),
    (FITTED, 40, ["A: alpha · beta · gamma · delta ·", "   epsilon", "B: one · two"]),
    (FITTED, 100, ["A: alpha · beta · gamma · delta · epsilon", "B: one · two"]),
    (Fitted(FITTED.groups, 1), 40, ["A: alpha · beta · gamma · and 2 more", "B: one · two"]),
    # side by side; a column that is empty in all rows is as narrow as possible
    (COLUMNS, 60, [
        "2031                               2033",
        "lights",
        "─────────────────────────────────  ─────────────────────────",
        "Label                                                  right",
        "above",
        "a cell of words                    nothing",
        "   below",
        "Group",
        "Second",
        "nothing                            nothing",
    ]),
    # stacked
    (COLUMNS, 40, [
        "  2031  lights",
        "  2033",
        "────────────────────────────────────────",
        "Label                              right",
        "above",
        "  2031  a cell of words",
        "  2033: nothing",
        "   below",
        "Group",
        "Second",
        "  2031, 2033: nothing",
    ]),
    # with labels in a separate column, and with rows separated
    (BESIDE, 100, [
        "ASK                           2031                                         2033",
        "                              lights",
        "────────────────────────────  ───────────────────────────────────────────  ─────────────────────────",
        "above",
        "Label                         a cell of words                              nothing",
        " right",
        "   below",
        "",
        "Group",
        "",
        "Second                        nothing                                      nothing",
    ]),
    (NUMBERS, 40, [
        "axis    2031  2033  text",
        "        of 6",
        "──────  ────  ────  ────────────────────",
        "must       1     0  a text that may wrap",
        "                    over lines",
        "should    12     3  cut",
    ]),
    (NUMBERS, 27, [
        "must",
        "   2031 of 6: 1; 2033: 0;",
        "   text: a text that may",
        "   wrap over lines",
        "should",
        "   2031 of 6: 12; 2033: 3;",
        "   text: cut",
    ]),
    (SHARES, 40, [
        "listed                 2031      2033",
        "───────────────────  ──────  ────────",
        "Harbour authorities  5  9 %  12  20 %",
    ]),
    (SHARES, 30, [
        "listed          2031      2033",
        "────────────  ──────  ────────",
        "Harbour       5  9 %  12  20 %",
        "authorities",
    ]),
    (SHARES, 28, ["Harbour authorities", "   2031: 5, 9 %; 2033: 12,", "   20 %"]),
    (SPLIT, 60, [
        "axis                   listed  listed  prose",
        "                         2031    2033   2031",
        "─────────────────────  ──────  ──────  ─────",
        "a label of some words       1       0      7",
    ]),
    (SPLIT, 36, [
        "listed                 2031  2033",
        "─────────────────────  ────  ────",
        "a label of some words     1     0",
        "",
        "prose                  2031",
        "─────────────────────  ────",
        "a label of some words     7",
    ]),
    (Grid(["", ""], [["a text that is cut to one line here", "1"], ["a", "22"]], "cr"), 24,
     ["a text that is cut …   1", "a                     22"]),
    (Grid(["one", "two"], [], "ww"), 24, ["one  two", "───  ───"]),
]  # fmt: skip


def test_a_text_is_cut_at_a_clause_if_that_leaves_enough() -> None:
    assert {given: shortened(*given) for given in SHORTENED} == SHORTENED


def test_a_block_is_laid_out_for_the_width_of_the_terminal() -> None:
    for block, wide, wanted in SET:
        found = ["".join(text for text, _ in line).rstrip() for line in lines([block], wide)]
        assert found == wanted, (type(block).__name__, wide)


def test_leads_headings_and_side_texts_have_their_styles() -> None:
    found = [line for line in lines([Para("a text", "Lead", "dim"), Heading("Title", "right"), BESIDE], 100) if line]
    styled = [(text.strip(), style) for line in found for text, style in line if style and "─" not in text]
    assert styled == [
        ("Lead", "bold"), ("a text", "dim"), ("Title", "bold"), ("ASK", "bold"), ("2031", "bold"), ("right", "dim"),
        ("Group", "bold"),
    ]  # fmt: skip
