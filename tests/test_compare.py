"""Comparisons: every number equals a count in the lists; complete pages are in `test_expected.py`."""

from __future__ import annotations

import io
import json
import random
import re
import shlex
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import expected
import pytest
from conftest import Run, each
from series import SUBJECTS, Record, Series
from series import THEMES as THEMES_OF_SERIES
from series import YEARS as YEARS_OF_SERIES

from cthbkb import build, compare, named, scales
from cthbkb import seed as seeds
from cthbkb.columns import decode
from cthbkb.compare import axis, planned
from cthbkb.compare import theme as theme_view
from cthbkb.compare.asks import Ask, Member, Move, by_pattern, places
from cthbkb.formats import Answer
from cthbkb.formats.page import lines, page
from cthbkb.messages import counted
from cthbkb.page import Blank, Columns, Grid, Heading, Names, Para, Row, glued, shortened
from cthbkb.registry import LISTED as LISTED_KINDS

YEARS = (2031, 2033, 2035)
NAMES_OF_THEMES = ["jht", "lights", "tide-data", "night work", "fog-signals"]
AXES = ("theme", "addressee", "affected", "modality", "kind", "role", "country")
ITEM_AXES = AXES[:5]
KINDS = ("call", "conclusion", "framework", "goal", "observation", "recommendation", "takeaway")
THEMES = (
    "harbour-safety lighthouses cooperation joint-harbour-teams fair-pay night-work young-sailors tide-data fog-signals"
).split()


def rows(run: Run, *argv: str) -> list[dict[str, Any]]:
    done = run(*argv, "--format", "json")
    assert done.code == 0
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def count(run: Run, *argv: str) -> int:
    done = run(*argv, "--count")
    return int(done.out) if done.code == 0 else 0  # the filter rejects a value that no record has


def listed(kinds: tuple[str, ...]) -> list[str]:
    return [word for kind in kinds for word in ("--kind", kind)]


LISTED = listed(LISTED_KINDS)
PROSE = listed(tuple(kind for kind in KINDS if kind not in LISTED_KINDS))


@each("view", expected.VIEWS)
def test_no_line_of_a_page_is_wider_than_the_terminal(view: str, database: Path) -> None:
    pages = {width: expected.FOLDER / "compare" / f"{view}-{width}.txt" for width in expected.WIDTHS}
    shown = {width: path.read_text(encoding="utf-8") for width, path in pages.items()}
    shown[40] = expected.output(("compare", *expected.VIEWS[view], "--format", "table"), 40, database)
    for width, out in shown.items():
        assert [line for line in out.splitlines() if len(line) > width and not line.startswith("! ")] == []


# Items and counts


@each("theme", THEMES)
def test_every_item_of_a_theme_is_on_the_page_by_its_place(run: Run, theme: str, database: Path) -> None:
    page = expected.output(("compare", "--theme", theme, "--format", "table"), 140, database)
    if "nothing to compare" in page:
        page = ""
    words = {"p": "Panel", "side": "Side event", "opening": "Opening", "keynote": "Keynote"}
    for row in rows(run, "recs", "--theme", theme):
        session, number = row["id"].removeprefix(f"{row['year']}-").rpartition("-")[::2]
        place = re.sub(r"^([a-z]+)(\d*)$", lambda m: f"{words[m[1]]} {m[2]}".strip(), session)
        assert f"{place}, {row['kind']} {number[1:]}" in page or f"{session}-{number}" in page, row["id"]


@each("theme", THEMES)
def test_the_counts_of_a_theme_equal_the_counts_of_the_lists(run: Run, theme: str, database: Path) -> None:
    items = rows(run, "recs")
    total = sum(theme in item["themes"] for item in items)
    assert count(run, "compare", "--theme", theme) == count(run, "recs", "--theme", theme) == total
    page = expected.output(("compare", "--theme", theme, "--format", "table"), 40, database)
    if total:
        assert re.search(rf"^{total} items? ha(s|ve) the theme: ", page, re.MULTILINE)
    for year in YEARS:
        block = " ".join(page.partition(f"\n  {year}  ")[2].partition("\n  20")[0].partition("─")[0].split())
        for inside, pattern in ((True, r"(\d+) of (\d+) listed items?"), (False, r"(\d+) of (\d+) in prose")):
            found = re.search(pattern, block)
            of_year = [i for i in items if i["year"] == year and (i["kind"] in LISTED_KINDS) == inside]
            numbers = (sum(theme in item["themes"] for item in of_year), len(of_year))
            if found:
                assert (int(found[1]), int(found[2])) == numbers
            else:
                assert numbers[0] == 0


def test_the_overview_counts_items_and_asks_as_the_lists_do(run: Run, database: Path) -> None:
    page = expected.output(("compare", "--format", "table"), 100, database)
    for year in YEARS:
        inside, outside = (count(run, "recs", "--year", str(year), *kinds) for kinds in (LISTED, PROSE))
        assert re.search(rf"^{year} .* {inside} +{outside}$", page, re.MULTILINE)
    several = [row for row in rows(run, "threads") if len(row["years"]) > 1]
    assert f"{len(several)} asks can be followed through two or more conferences. " in page
    flat = " ".join(page.split())
    for row in rows(run, "threads"):
        assert row["label"] in flat
        same = [r for r in rows(run, "threads") if r["pattern"] == row["pattern"]]
        head = row["pattern"][:1].upper() + row["pattern"][1:]
        assert (f"{head} ({len(same)}): " if len(row["years"]) > 1 else f"{head}: ") in flat


@pytest.mark.parametrize("years", [("2031", "2033"), ("2033", "2035"), ("2031", "2035"), ("2031", "2033", "2035")])
def test_two_or_more_years_have_the_same_counts_as_the_lists(run: Run, years: tuple[str, ...], database: Path) -> None:
    page = " ".join(expected.output(("compare", *years, "--format", "table"), 100, database).split())
    wanted = {int(year) for year in years}
    followed = [row for row in rows(run, "threads") if len(row["years"]) > 1 and wanted & set(row["years"])]
    throughout = [row for row in followed if wanted <= set(row["years"])]
    both = "both" if len(years) == 2 else "all"
    assert f"{len(followed)} asks of two or more conferences: {len(throughout)} in {both} years" in page
    words = {word for move in throughout for word in _net(run, move["id"], years[0], years[-1])}
    assert words <= set(scales.CHANGES)
    outside = count(run, "compare", *years, "--outside")
    total = sum(count(run, "recs", "--year", year) for year in years)
    are = "is" if outside == 1 else "are"
    assert f"{outside} of {total} items of these years {are} in no ask" in page
    assert count(run, "compare", *years) == total


@each("kind", KINDS)
@each("argv", [(), ("2031", "2035"), ("2031", "2033", "2035"), ("--theme", "lighthouses")])
def test_a_page_counts_the_requested_kind_and_its_suggested_commands_keep_it(
    run: Run, database: Path, argv: tuple[str, ...], kind: str
) -> None:
    if not rows(run, "compare", *argv, "--kind", kind):
        return
    page = " ".join(expected.output(("compare", *argv, "--kind", kind, "--format", "table"), 100, database).split())
    outside = count(run, "compare", *argv, "--outside", "--kind", kind) if argv[:1] != ("--theme",) else 0
    told = re.search(r"(\d+) of (\d+) items? of these years (is|are) in no ask", page)
    assert (int(told[1]) if told else 0) == (outside if len(argv) > 1 and outside else 0)
    if told:
        assert int(told[2]) == count(run, "recs", "--year", ",".join(argv), "--kind", kind)
        assert (told[3] == "is") == (told[1] == "1")
    for command in re.findall(r"cthbkb (?:compare|recs)[^·:()]*", page):
        assert f"--kind {kind}" in command


@pytest.mark.parametrize("one", ["asks", "items", "activities", "people", "framework items"])
def test_a_count_agrees_with_its_noun(one: str) -> None:
    singular = {"asks": "ask", "items": "item", "activities": "activity", "people": "person"}.get(one, "framework item")
    assert [counted(n, one) for n in (0, 1, 2)] == [f"0 {one}", f"1 {singular}", f"2 {one}"]


def _net(run: Run, thread: str, first: str, last: str) -> list[str]:
    moves = {(m["from"], m["to"]): m["changes"] for m in rows(run, "moves", "--thread", thread)}
    found: list[str] = moves[first, last]
    return found


def _has(cell: str | list[str], value: str | None) -> bool:
    return (cell == [] if value is None else value in cell) if isinstance(cell, list) else cell == value


@pytest.mark.parametrize("axis", ["role", "country"])
def test_counts_of_appearances_equal_the_counts_of_the_list(run: Run, axis: str) -> None:
    for row in rows(run, "compare", "--by", axis):
        of_year = rows(run, "speakers", "--year", str(row["year"]))
        assert row["items"] == len([r for r in of_year if r[axis] == row["value"]])
        assert row["share"] == round(100 * row["items"] / len(of_year), 1)


FILTERED = random.Random(4)
COUNTED = [
    (
        axis,
        *(FILTERED.sample(of, FILTERED.choice((0, 1, 2))) for of in (NAMES_OF_THEMES, KINDS, ["2031", "2033", "2035"])),
    )
    for axis in ITEM_AXES * 4
]
COUNTED += [(axis, [], [], years) for axis in ITEM_AXES for years in ([], ["2033", "2035"])]
"""Axes, themes, kinds and years of a count."""


@each("axis, themes, kinds, years", COUNTED)
def test_counts_agree_with_the_list_whatever_is_filtered(
    run: Run, axis: str, themes: list[str], kinds: list[str], years: list[str]
) -> None:
    filters = [word for theme in themes for word in ("--theme", theme)] + listed(tuple(kinds))
    every = rows(run, "recs", *filters)
    items = [r for r in every if axis != "modality" or not r["illustrates"]]
    column = {"theme": "themes", "addressee": "addressees"}.get(axis, axis)
    done = run("compare", "--by", axis, *filters, *years, "--format", "json")
    found = json.loads(done.out)
    assert {row["year"] for row in found} == ({int(y) for y in years} or set(YEARS))
    told = re.search(r"(\d+) items? that only illustrates? another (is|are) not counted", done.err)
    apart = [r for r in every if r["illustrates"] and r["year"] in {row["year"] for row in found}]
    assert (int(told[1]) if told else 0) == (len(apart) if axis == "modality" else 0)
    years_of = sorted({row["year"] for row in found})
    assert (f"points, from {years_of[0]} to {years_of[-1]}." in done.err) == (len(years_of) > 1)
    assert ("An item may have several values" in done.err) == (axis in ("theme", "addressee", "affected"))
    shares: dict[tuple[str | None, int], float | None] = {}
    for row in found:
        of_year = [i for i in items if i["year"] == row["year"]]
        have = [i for i in of_year if _has(i[column], row["value"])]
        base = [i for i in of_year if _is_listed(i)]
        inside = len([i for i in have if _is_listed(i)])
        assert (row["items"], row["listed"], row["prose"]) == (len(have), inside, len(have) - inside)
        assert row["share"] == (round(100 * inside / len(base), 1) if base else None)
        shares[row["value"], row["year"]] = row["share"]
    first, last = min(row["year"] for row in found), max(row["year"] for row in found)
    for row in found:
        a, b = shares[row["value"], first], shares[row["value"], last]
        assert row["shift"] == (None if a is None or b is None or first == last else round(b - a, 1))
    since = {row["slug"]: row["since"] or 0 for row in rows(run, "themes")} if axis == "theme" else {}
    empty = [row for row in found if not row["items"]]
    done = run("compare", "--by", axis, *filters, *years, "--gaps", "--format", "json")
    gaps = [row for row in empty if row["year"] >= since.get(row["value"], 0)]
    assert sorted(map(str, json.loads(done.out))) == sorted(map(str, gaps))
    occur = {row["value"] for row in found if row["items"]}
    late = {
        f"{row['label']} before {since[row['value']]}": 0 for row in empty if row not in gaps and row["value"] in occur
    }
    told = re.search(r"Not counted as a gap: (.*?)\.", done.err)
    assert (told[1].split("; ") if told else []) == [*late]
    counted = [i for i in items if i["year"] in {row["year"] for row in found}]
    assert count(run, "compare", "--by", axis, *filters, *years) == len(counted)


def _is_listed(item: dict[str, Any]) -> bool:
    return item["kind"] in LISTED_KINDS


def test_a_shift_is_from_the_first_year_to_the_last_and_sorts_both_ways(run: Run) -> None:
    argv = ("compare", "--by", "theme", "2031", "2035", "--sort")
    up = rows(run, *argv, "shift")
    assert [row["shift"] for row in up] == sorted([row["shift"] for row in up], reverse=True)
    down = rows(run, *argv, "-shift")
    assert [row["shift"] for row in down] == sorted(row["shift"] for row in up)
    share = {(row["value"], row["year"]): row["share"] for row in up}
    for row in up:
        assert row["shift"] == round(share[row["value"], 2035] - share[row["value"], 2031], 1)
    assert {row["shift"] for row in rows(run, "compare", "--by", "theme", "2031")} == {None}


def member(id: str, kind: str, asks: bool, modality: str = "should") -> Member:
    session, _, number = id.rpartition("-")
    of_item = (kind, modality, session, number[1:], f"What {id} says.", "2033-highlights", "Panel", None)
    return Member(2033, id, "recommendation", asks, None, *of_item)


def test_a_cell_shows_two_asks_and_a_reason_and_refers_to_the_rest() -> None:
    ask = Ask("ask", "Ask", '["lights"]', "Summary.", "[]", '["2033"]', "[]")
    ask.members[2033] = [
        member("2033-p1-o1", "observation", True),
        member("2033-p1-r1", "recommendation", True, "must"),
        member("2033-p2-r1", "recommendation", True),
        member("2033-p3-r1", "recommendation", True, "can"),
        member("2033-p3-s1", "conclusion", False, "statement"),
        member("2033-p4-o1", "observation", True, "need"),
        member("2033-p5-o1", "observation", False, "statement"),
        member("2033-p5-r1", "recommendation", False),
    ]
    asked = compare.Asked("theme", {"theme": ["lights"]})
    cell = theme_view.cell(asked.criteria, ask, 2033, {"2033-p1": "Panel 1", "2033-p2": "Panel 2"})
    assert [" ".join(filter(None, (p.lead, p.text))) for p in cell] == [
        "ASKED What 2033-p1-r1 says.",
        "Panel 1, recommendation 1",
        "ASKED What 2033-p2-r1 says.",
        "Panel 2, recommendation 1",
        "(reason: Panel 1, observation 1)",
        "also asked: p4-o1, p3-r1",
        "also noted: p5-r1, p5-o1, p3-s1",
    ]


@pytest.mark.parametrize(("theme", "state"), [("lights", "2035 noted"), ("tide-data", "2033 asked")])
def test_items_in_no_ask_are_only_counted_if_there_are_too_many(
    database: Path, monkeypatch: pytest.MonkeyPatch, theme: str, state: str
) -> None:
    monkeypatch.setattr(theme_view, "NAMED", 0)
    page = expected.output(("compare", "--theme", theme, "--format", "table"), 100, database)
    assert state in page.splitlines()[0]
    assert "In no ask (1 item)\nand 1 more\n" in page


# Flat rows


def test_states_and_moves_equal_those_in_the_lists(run: Run) -> None:
    threads = {row["id"]: row for row in rows(run, "threads")}
    moves = {(m["thread"], int(m["from"]), int(m["to"])): m for m in rows(run, "moves")}
    found = rows(run, "compare")
    assert len(found) == len(threads) * len(YEARS)
    for row in found:
        thread = threads[row["thread"]]
        assert (row["state"], row["pattern"]) == (thread[str(row["year"])], thread["pattern"])
        if row["since"]:
            move = moves[row["thread"], row["since"], row["year"]]
            assert [row[name] for name in ("change", "note", "gained", "lost")] == [
                move[name] for name in ("changes", "note", "gained", "lost")
            ]
        else:
            assert row["change"] == []


def test_a_part_is_the_part_of_an_item_that_belongs_to_a_thread(run: Run) -> None:
    found = rows(run, "compare", "--theme", "jht")
    parts = {row["thread"]: row["part"] for row in found if row["item"] == "2031-p1-r1"}
    assert parts == {"joint-teams": "the teams", "open-log-books": "one log-book for the team"}


def test_the_years_of_a_theme_may_be_chosen(run: Run) -> None:
    assert {row["year"] for row in rows(run, "compare", "2031", "2035", "--theme", "lights")} == {2031, 2035}
    moves = {(row["thread"], row["since"]) for row in rows(run, "compare", "2035", "2031", "--theme", "lights")}
    assert ("keepers-heard", 2031) in moves


def test_threads_can_be_selected_by_their_years(run: Run) -> None:
    def found(*argv: str) -> list[str]:
        return [row["id"] for row in rows(run, "threads", *argv)]

    assert found("--in", "2031", "--not-in", "2035") == ["lights-lit", "open-log-books", "spare-lamps"]
    assert found("--in", "2031", "--in", "2035") == ["joint-teams", "night-pay", "keepers-heard"]
    assert found("--in", "2031-2035") == ["joint-teams", "keepers-heard"]
    assert found("--not-in", "2031", "--not-in", "2035") == ["measure-more"]
    assert found("--year", "2035", "--change", "noted") == ["keepers-heard"]
    assert found("--change", "refocused", "--change", "broadened") == ["night-pay", "keepers-heard"]


def test_the_caveat_is_printed_once_and_is_in_no_row(run: Run) -> None:
    for view in expected.VIEWS.values():
        done = run("compare", *view, "--format", "csv")
        assert len([line for line in done.err.splitlines() if line.startswith("note: ")]) <= 1
        assert "withdrawn" not in done.out


@each("view", expected.VIEWS)
def test_the_line_to_reproduce_is_the_same_for_a_page_and_its_rows_and_works(run: Run, view: str) -> None:
    argv = ("compare", *expected.VIEWS[view])
    answers = {f: run(*argv, "--cite-query", "-f", f) for f in ("table", "csv")}
    said = {next(line for line in a.err.splitlines() if line.startswith("query: ")) for a in answers.values()}
    assert len(said) == 1
    (line,) = said
    records = re.search(r"; (\d+) records? ", line)
    assert records
    assert int(records[1]) == count(run, *argv)
    command = shlex.split(line.removeprefix("query: ").partition("; data ")[0])
    again = run(*command[1:], "--cite-query", "--format", "csv")
    assert again.err.splitlines()[-1] == line
    assert again.out == answers["csv"].out


@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_a_comparison_is_sorted_and_limited_like_a_list(run: Run, format: str) -> None:
    done = run("compare", "--sort", "-label", "--limit", "3", "--columns", "label,year", "--format", format)
    assert done.code == 0
    assert done.out.count("Spare lamps and boats") == 3
    assert run("compare", "--sort", "label", "--format", format).code == 0


# Errors


@each(
    "argv, error, hint",
    [
        ("compare 2031", "'2031' does not name two or more years", "Write, for example: cthbkb compare 2016 2022"),
        ("compare 2031 2031", "'2031' does not name two or more years", "Write, for example: cthbkb compare 2016 2022"),
        ("compare 2031 2034", "no conference was held in 2034", "Years: 2031, 2033, 2035."),
        ("compare --planned 2035", "the documents contain no plan of 2035", "Years with a plan: 2031, 2033."),
        ("compare --by themes", "unknown axis 'themes'", f"Did you mean theme? Axes: {', '.join(AXES)}."),
        ("compare --gaps", "--gaps requires --by", "Write, for example: cthbkb compare --by theme --gaps"),
        (
            "compare 2031 2035 --gaps",
            "--gaps requires --by",
            "Write, for example: cthbkb compare --by theme --gaps",
        ),
        ("compare --planned 2033 --theme jht", "--planned does not take --theme", "Remove it."),
        ("compare --planned 2033 --kind call", "--planned does not take --kind", "Remove it."),
        (
            "compare --planned 2033 --by kind",
            "--planned and --by cannot be combined",
            "Use only one of them.",
        ),
        ("compare --outside --by kind", "--by and --outside cannot be combined", "Use only one of them."),
        ("compare 2031 --planned 2033", "--planned does not take another year '2031'", "Remove it."),
        ("compare --by role --theme jht", "--by role counts appearances, which have no theme", "Remove it."),
        ("compare --by country --kind call", "--by country counts appearances, which have no kind", "Remove it."),
    ],
)
def test_options_that_cannot_be_combined_are_refused_and_not_ignored(
    run: Run, argv: str, error: str, hint: str
) -> None:
    done = run(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", f"error: {error}\nhint: {hint}\n")


def test_an_empty_comparison_suggests_the_threads(run: Run) -> None:
    done = run("compare", "--theme", "fog-signals", "--format", "json")
    assert (done.code, done.out, done.err) == (0, "[]\n", "nothing to compare here; see: cthbkb threads\n")


# Words


@each(
    "years, speaking, words",
    [
        ([2016, 2020, 2022], [2016, 2020, 2022], "in all three years"),
        ([2016, 2020, 2022], [2016, 2020], "2016 and 2020, not 2022"),
        ([2016, 2020, 2022], [2016, 2022], "2016 and 2022, not 2020"),
        ([2016, 2020, 2022], [2020, 2022], "since 2020"),
        ([2016, 2020, 2022], [2016], "2016 only"),
        ([2016, 2020, 2022], [2020], "2020 only"),
        ([2016, 2020, 2022], [2022], "first in 2022"),
        ([2016, 2020], [2016, 2020], "in both years"),
        ([2016, 2020], [2020], "first in 2020"),
        ([2016], [2016], "2016"),
        ([2016], [], "in no year"),
        ([2016, 2020, 2022, 2024], [2016, 2020], "2016 and 2020, not 2022 or 2024"),
        ([2016, 2020, 2022, 2024], [2020, 2022], "2020 and 2022, not 2016 or 2024"),
        ([2016, 2020, 2022, 2024], [2020, 2022, 2024], "since 2020"),
        ([2016, 2020, 2022, 2024], [2016, 2020, 2024], "2016, 2020 and 2024, not 2022"),
        (list(range(2001, 2013)), [2001, 2002, 2003, 2007], "2001 to 2003 and 2007, not 2004 to 2006 or 2008 to 2012"),
        (list(range(2001, 2013)), range(2001, 2013), "in all 12 years"),
    ],
)
def test_the_years_of_a_thread_are_put_in_words_for_any_number_of_conferences(
    years: list[int], speaking: list[int], words: str
) -> None:
    assert scales.pattern(years, speaking) == words


@each(
    "changes, place",
    [
        (["sharpened"], 0), (["broadened", "sharpened"], 0), (["softened"], 1), (["narrowed", "noted"], 1),
        (["sharpened", "narrowed"], 2), (["refocused"], 3), (["repeated"], 4), (["refocused", "narrowed"], 1),
    ],
)  # fmt: skip
def test_a_move_belongs_to_one_group(changes: list[str], place: int) -> None:
    assert scales.trend(changes) == scales.TRENDS[place]


def test_forces_are_ordered_from_the_strongest() -> None:
    assert sorted(["can", "must", "whatever", "essential"], key=scales.strength) == [
        "must",
        "essential",
        "can",
        "whatever",
    ]


# The page


def set_in(wide: int, *blocks: Any) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines(blocks, wide)]


def test_a_heading_has_its_right_part_at_the_margin_or_below() -> None:
    assert set_in(20, Heading("LEFT", "right")) == ["LEFT           right"]
    assert set_in(40, Heading("A HEADING THAT IS LONG", "and much to its right")) == [
        "A HEADING THAT IS LONG",
        "   and much to its right",
    ]


def test_a_paragraph_is_cut_after_its_lines_and_keeps_its_tail() -> None:
    text = "one two three four five six seven"
    assert set_in(12, Para(text, most=2, tail="[a-1]")) == ["one two …", "[a-1]"]
    assert set_in(14, Para(text, most=2, tail="[a-1]")) == ["one two three", "four … [a-1]"]
    assert set_in(40, Para(text, most=1, tail="[a-1]")) == ["one two three four five six seven [a-1]"]
    assert set_in(14, Para("short", "LEAD", indent=2, hang=2)) == ["  LEAD short"]


def test_names_are_cut_to_their_lines_and_the_rest_is_counted() -> None:
    names = [f"name {n}" for n in range(9)]
    assert set_in(30, Names("Head:", names, 2)) == ["Head: name 0 · name 1 · name", "   2 · name 3 · and 5 more"]
    assert len(set_in(30, Names("Head:", names))) > 2


def test_only_a_word_wider_than_its_column_is_broken() -> None:
    assert set_in(8, Para("abcdefghijkl mn")) == ["abcdefgh", "ijkl mn"]
    assert set_in(8, Para("日本日本日本")) != []
    assert max(len(line.encode("utf-16-le")) for line in set_in(8, Para("日本日本日本"))) <= 12


def test_control_characters_are_made_visible() -> None:
    assert set_in(40, Para("a\x1b[31mb\u202ec")) == ["a\\x1b[31mb\\u202ec"]


def test_columns_are_side_by_side_or_stacked() -> None:
    columns = Columns(
        ["2031", "2033"],
        [[Para("2031 lights")], [Para("2033 tides")]],
        [Row([[Para("something")], [Para("nothing")]], "Label", "right", [Para("below")], [Para("above")])],
        "nothing",
    )
    assert set_in(60, columns) == [
        "2031 lights                        2033 tides",
        "─────────────────────────────────  ─────────────────────────",
        "Label                                                  right",
        "above",
        "something                          nothing",
        "below",
    ]
    assert set_in(40, columns) == [
        "  2031  lights",
        "  2033  tides",
        "─" * 40,
        "Label                              right",
        "above",
        "  2031  something",
        "  2033: nothing",
        "below",
    ]


def test_a_grid_cuts_wraps_and_splits_where_it_must() -> None:
    grid = Grid(["what", "listed 1", "prose 1"], [["a thing of some length", "1", "22"]], "wrr", 2, ("listed", "prose"))
    assert set_in(60, grid) == [
        "what                    listed  prose",
        "                             1      1",
        "──────────────────────  ──────  ─────",
        "a thing of some length       1     22",
    ]
    assert set_in(30, grid) == [
        "listed                  1",
        "──────────────────────  ─",
        "a thing of some length  1",
        "",
        "prose                    1",
        "──────────────────────  ──",
        "a thing of some length  22",
    ]
    assert set_in(20, Grid(["", ""], [["cut me to one line please", "x"]], "cl")) == ["cut me to one …    x"]


def test_glued_words_stay_together_and_a_text_is_shortened_at_a_clause() -> None:
    assert set_in(10, Para(f"one {glued('two three')}")) == ["one", "two three"]
    assert shortened("One thing. Another thing that is long", 14) == "One thing\xa0…"
    assert shortened("short", 14) == "short"


def test_a_terminal_that_lacks_the_marks_gets_replacements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1", errors="replace", newline="")
    answer = Answer("rows", [], [])
    answer.page = [Heading("2031 → 2033"), Blank(), Names("Head:", ["a", "b"])]
    page(answer, out)
    out.flush()
    assert raw.getvalue().decode("latin-1") == "2031 > 2033\n\nHead: a - b\n"


def test_bold_is_used_only_on_terminals_with_colours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("compare", "--format", "table").out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1mWHAT WAS ASKED, CONFERENCE BY CONFERENCE\x1b[0m" in run("compare", "--format", "table").out


# The packaged data


def test_the_default_comparison_of_the_packaged_data_fits_a_screen(packaged: Path) -> None:
    assert len(expected.output(("compare", "--format", "table"), 100, packaged).splitlines()) <= 40
    made = expected.output(("compare", "--theme", "compensation", "--format", "table"), 100, packaged)
    assert len(made.splitlines()) <= 50


def test_comparing_on_a_theme_never_reads_every_item(packaged: Path) -> None:
    db = named.connect(str(packaged))
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    assert compare.make(db, compare.Asked("theme", {"theme": ["jits"]})).rows
    db.set_trace_callback(None)
    selects = [sql for sql in asked if "recommendations" in sql]
    steps = [row[3] for sql in selects for row in db.execute(f"explain query plan {sql}")]
    db.close()
    assert steps
    assert [step for step in steps if step.startswith(("SCAN r", "SCAN v", "SCAN l"))] == []


# Parts of comparisons


def test_counts_are_joined_without_zeros() -> None:
    assert compare.numbers([(8, "of 2031"), (0, "of 2033"), (2, "of 2035")]) == "8 of 2031, 2 of 2035"
    assert compare.numbers([(0, "of 2031")]) == "none"
    assert [compare.number(n) for n in (0, 1, 12, 13)] == ["no", "one", "twelve", "13"]
    sentences = [compare.sentence(text) for text in ("A date", "A date.", "Which date?", "None!")]
    assert sentences == ["A date.", "A date.", "Which date?", "None!"]
    assert [compare.listed(texts) for texts in ([], ["a"], ["a", "b"])] == ["[]", '["a"]', '["a","b"]']
    criteria = {"kind": ["goal", "side event"], "theme": ["jht"]}
    assert compare.again(criteria, "kind", "theme") == " --kind goal --kind 'side event' --theme jht"
    assert compare.again(criteria, "year") == ""


def placed(kind: str, modality: str | None, asks: bool = True, part: str | None = None) -> Member:
    of_item = (kind, modality, "2033-p1", "2", "Summary.", "2033-highlights", "Panel 1", None)
    return Member(2033, "2033-p1-x2", "recommendation", asks, part, *of_item)


def test_members_are_ranked_by_asking_then_by_list_then_by_force() -> None:
    best = [
        placed("recommendation", "must"),
        placed("takeaway", "should"),
        placed("conclusion", "must"),
        placed("conclusion", "can"),
        placed("observation", "must", asks=False),
        placed("conclusion", "must", asks=False),
    ]
    mixed = best[::-1]
    assert sorted(mixed, key=Member.rank) == best


def test_a_member_names_its_force_and_place() -> None:
    forces = [placed("goal", force).force() for force in ("must", "imperative", "statement", None)]
    assert forces == ["must", "", "", ""]
    assert placed("goal", "must", asks=False).force() == ""
    assert placed("goal", "must").reference({"2033-p1": "Panel 1"}) == "Panel 1, goal 2"
    assert placed("goal", "must").reference({}) == "2033-p1, goal 2"
    visit = Member(2033, "2033-act1", "activity", 0, None, *[None] * 8)
    assert (visit.kind, visit.is_item, visit.reference({}), visit.short()) == (
        "activity", False, "activity 2033-act1", "act1",
    )  # fmt: skip
    assert visit.summary == ""


def test_a_session_has_a_name_in_references(db: sqlite3.Connection) -> None:
    assert places(db) == {
        "2031-intro": "Introduction", "2031-p1": "Panel 1", "2031-side1": "Side event 1",
        "2033-intro": "Introduction", "2033-opening": "Opening", "2033-p1": "Panel 1", "2033-p2": "Panel 2",
        "2033-break1": "Break", "2033-side1": "Side event 1", "2033-social1": "Social", "2035-keynote": "Keynote",
        "2035-p1": "Panel 1",
    }  # fmt: skip


def test_an_ask_knows_its_years_states_and_moves() -> None:
    ask = Ask("a", "A", "[]", "S.", "[]", "[2031,2035]", "[2033]")
    assert [ask.states.get(year) for year in (2031, 2033, 2035, 2037)] == ["asked", "noted", "asked", None]
    assert ask.pattern([2031, 2033, 2035, 2037]) == "2031 to 2035, not 2037"
    ask.members = {2031: [placed("goal", "must")], 2035: [placed("goal", "must", asks=False)]}
    narrowed, noted = Move('["narrowed"]', "Less.", "g", "l"), Move('["noted","refocused"]', None, None, None)
    ask.moves = {(2031, 2033): narrowed, (2031, 2035): noted, (2033, 2035): narrowed}
    assert [ask.state(year) for year in YEARS] == ["asked", "-", "noted"]
    assert ask.years([2035, 2033, 2031]) == [2035, 2031]
    assert ask.move(2035, YEARS) == (2031, noted)  # from the last year with a selected member
    assert [ask.move(year, YEARS) for year in (2031, 2033)] == [None, None]
    assert ask.move(2035, [2033, 2035]) is None
    assert ask.flat(2035, YEARS) == (2031, '["noted","refocused"]', None, None, None)
    assert ask.flat(2031, YEARS) == (None, "[]", None, None, None)
    del ask.moves[2031, 2035]
    assert ask.move(2035, YEARS) is None


def test_the_days_of_a_plan_are_put_in_words() -> None:
    cases = {
        ("2033-09-12", "2033-09-12"): "12 September 2033",
        ("2033-09-02", "2033-09-03"): "2-3 September 2033",
        ("2033-01-31", "2033-02-01"): "31 January to 1 February 2033",
        ("2033-12-30", "2034-01-02"): "30 December to 2 January 2034",
        ("2033-09-02", "2034-09-03"): "2 September to 3 September 2034",
        ("2033-09", "2033-10"): "September 2033 to October 2033",
        ("2033-09", "2033-09"): "September 2033",
        ("2033-12-30", "2033"): "30 December 2033 to 2033",
    }
    assert {days: planned._days(*days) for days in cases} == cases


def test_sessions_are_compared_by_day_and_by_the_order_in_which_the_document_has_them(
    memory: sqlite3.Connection,
) -> None:
    memory.execute("create table sessions (id, conference, type, title, planned_date, planned_start, planned_end,"
                   " held_date, held_start, seq integer primary key)")  # fmt: skip
    memory.executemany(
        "insert into sessions values (?, coalesce(?, 'c'), coalesce(?, 'panel'), 'T', ?, ?, ?, ?, ?, null)",
        [
            ("other", "d", None, "2033-05-02", "08:00", None, "2033-05-02", None),
            ("part", None, "part", "2033-05-02", "08:00", None, "2033-05-02", None),
            ("first", None, None, "2033-05-02", "09:00", "10:00", "2033-05-02", "15:00"),
            ("third", None, None, "2033-05-02", "11:00", None, "2033-05-02", "09:00"),
            ("second", None, None, "2033-05-02", "10:00", None, "2033-05-02", None),
            ("later", None, None, "2033-05-03", None, None, "2033-05-04", None),
            ("added", None, "opening", None, None, None, "2033-05-01", None),
            ("dropped", None, None, "2033-05-01", None, None, None, None),
            ("coffee", None, "break", "2033-05-01", "08:00", "08:30", "2033-05-01", None),
        ],
    )
    found = planned._sessions(memory, "c")
    assert [(row[1], row[3]) for row in found] == [
        ("dropped", "planned, not in the highlights"), ("first", "as planned"),
        ("second", "as planned, in another order"), ("third", "as planned, in another order"), ("later", "moved"),
        ("added", "not named in the plan"), ("coffee", "as planned"),
    ]  # fmt: skip
    assert [row[4] for row in found][:2] == [
        "planned 2033-05-01, not named",
        "planned 2033-05-02 09:00-10:00, held 2033-05-02",
    ]
    assert [row[0] for row in found] == ["session"] * 6 + ["break"]


def test_topics_are_counted_by_status() -> None:
    prose = "in prose or figures only"
    assert planned._status_totals([]) == "The plan announces no topics."
    assert planned._status_totals(["silent"]) == "Of 1 announced topic, 1 is not taken up."
    assert planned._status_totals(["silent", prose, "answered", prose]) == (
        "Of 4 announced topics, 1 is answered by an item, 2 touched on in prose or figures only, 1 not taken up."
    )


def test_a_value_has_a_share_a_shift_and_gaps(db: sqlite3.Connection) -> None:
    made = axis.Axis(db, "theme", (), {})
    value = axis.Value("x", "X", 2033)
    value.listed, value.prose = {2031: 1, 2035: 2}, {2033: 0, 2035: 1}
    made.whole = {2031: 3, 2033: 0, 2035: 4}
    assert [made.share(value, year) for year in YEARS] == [33.3, None, 50.0]
    assert made.shift(value) == 16.7
    assert (value.total(), [value.items(year) for year in YEARS]) == (4, [1, 0, 3])
    assert made.empty(value) == [2033]
    value.since = 2034
    assert made.empty(value) == []
    made.whole[2035] = 0
    assert made.shift(value) is None
    made.years = [2031]
    assert made.shift(value) is None


def test_values_are_in_the_order_of_their_axis(db: sqlite3.Connection) -> None:
    def names(name: str, sort: str = "", gaps: bool = False) -> list[str]:
        return [value.name for value in axis.Axis(db, name, (), {}).ordered(sort, gaps)]

    assert names("modality") == sorted(names("modality"), key=scales.strength)
    listed_first = [kind in LISTED_KINDS for kind in names("kind")]
    assert listed_first == sorted(listed_first, reverse=True)
    assert names("addressee")[-1] == names("country")[-1] == ""  # nobody named
    totals = [value.total() for value in axis.Axis(db, "theme", (), {}).ordered("", False)]
    assert totals == sorted(totals, reverse=True)
    assert set(names("theme", gaps=True)) < set(names("theme"))


def test_conferences_of_one_year_share_a_subject_if_it_is_the_same(tmp_path: Path) -> None:
    text = Path(__file__).with_name("two-in-a-year.yaml").read_text(encoding="utf-8")
    found = []
    for n, title in enumerate(("Second", "First")):
        build.build(seeds.parse(text.replace("title: Second", f"title: {title}").encode(), "two"), tmp_path / f"{n}.db")
        with closing(named.connect(str(tmp_path / f"{n}.db"))) as own:
            found += [(base.name(), base.documents, base.listed, base.prose) for base in compare.bases(own)]
            assert compare.bases(own, [2033]) == []
    assert found == [("2031 First and Second", "Highlights", 2, 0), ("2031 First", "Highlights", 2, 0)]


def test_asks_are_grouped_by_their_years_with_the_most_years_first() -> None:
    def ask(id: str, *years: int) -> Ask:
        made = Ask(id, id, "[]", "S.", "[]", f"[{','.join(map(str, years))}]", "[]")
        made.members = {year: [placed("goal", "must")] for year in years}
        return made

    found = [ask("a", 2035), ask("b", 2033), ask("c", 2033, 2035), ask("d", 2031), ask("e", 2033), ask("f", 2031, 2033)]
    assert {words: [ask.id for ask in group] for words, group in by_pattern(found, YEARS).items()} == {
        "2031 and 2033, not 2035": ["f"],
        "since 2033": ["c"],
        "2031 only": ["d"],
        "2033 only": ["b", "e"],
        "first in 2035": ["a"],
    }
    assert [words.split()[0] for words in by_pattern(found, YEARS)] == ["2031", "since", "2031", "2033", "first"]


# A series of five conferences, compared with a scan of its records

PICK = random.Random(3)
ASKED = [
    (
        PICK.sample(THEMES_OF_SERIES, PICK.choice((0, 1, 1, 2))),
        PICK.sample(KINDS, PICK.choice((0, 0, 1, 3))),
        sorted(PICK.sample(YEARS_OF_SERIES, PICK.choice((0, 2, 3, 4)))),
    )
    for _ in range(50)
]
"""Themes, kinds and years of a comparison."""


def made_of(
    db: sqlite3.Connection, themes: Sequence[str], kinds: Sequence[str], years: Sequence[int], **view: Any
) -> tuple[compare.Comparison, list[Record]]:
    """Return a comparison with its rows."""
    criteria = {name: values for name, values in (("theme", themes), ("kind", kinds)) if values}
    made = compare.make(db, compare.asked(db, criteria, [*map(str, years)], **view))
    return made, [
        {c.name: v for c, v in zip(made.columns, decode(made.columns, row), strict=True)} for row in made.rows
    ]


def state(entries: Iterable[Record]) -> str:
    found = [entry["asks"] for entry in entries]
    return "asked" if any(found) else "noted" if found else "-"


def moved(of: Series, thread: str, year: int, there: Iterable[int]) -> Record:
    """Return the columns of the move of a thread into a year, from the last of the earlier years in which it occurs."""
    since = max((y for y in there if y < year), default=0)
    move = of.move(thread, since, year) if year in there else None
    return {"since": since if move else None, "change": move["changes"] if move else []} | {
        name: move.get(name) if move else None for name in ("note", "gained", "lost")
    }


def scanned(of: Series, themes: list[str], kinds: list[str], years: list[int]) -> Iterator[Record]:
    """Yield the rows that a comparison must have, in any order."""
    for thread in of.tables["threads"]:
        entries = of.entries(thread["id"], themes, kinds, years)
        every = scales.pattern(YEARS_OF_SERIES, of.entries(thread["id"]))
        spoken = [*entries]
        last = of.move(thread["id"], spoken[0], spoken[-1]) if entries else None
        net = last["changes"] if last else []
        for year in (years or YEARS_OF_SERIES) if entries else ():
            there = entries.get(year, [])
            row = {"thread": thread["id"], "label": thread["label"], "year": year}
            row |= moved(of, thread["id"], year, entries)
            if themes:
                main = bool({*themes} & {*thread["themes"]}) or None
                for e in there:
                    said = {"state": state([e]), "item": e["id"], "part": e["part"], "summary": e["text"]}
                    yield {**row, **said, "main": main, "kind": e["kind"], "modality": e.get("modality")}
            else:
                row |= {"state": state(there), "items": [e["id"] for e in there], "pattern": every}
                if years:
                    row |= {"net": net, "trend": scales.trend(net) if net else None}
                yield row
    if themes:
        nothing = {"thread": None, "label": None, "main": None, "part": None} | moved(of, "", 0, ())
        for r in of.alone(of.items(themes, kinds, years)):
            noted = "noted" if r["modality"] == "statement" else "asked"
            yield nothing | {
                "year": r["year"], "item": r["id"], "state": noted, "kind": r["kind"], "modality": r["modality"],
                "summary": r["text"],
            }  # fmt: skip


@each("themes, kinds, years", ASKED)
def test_the_rows_of_a_comparison_are_those_of_a_scan_of_the_records(
    series: Series, of_series: sqlite3.Connection, themes: list[str], kinds: list[str], years: list[int]
) -> None:
    wanted = [*scanned(series, themes, kinds, years)]
    made, found = made_of(of_series, themes, kinds, years)
    keys = {*wanted[0]} if wanted else {"thread", "year"}
    assert sorted(map(json.dumps, ({key: row[key] for key in row if key in keys} for row in found))) == sorted(
        json.dumps({key: row[key] for key in found[0] if key in keys}) for row in wanted
    )
    items = series.items(themes, kinds, years)
    assert made.ids() == [r["id"] for r in items]
    # asks about the theme, or of all the years, come first, then the others, and items in no ask last
    order = [thread["id"] for thread in series.tables["threads"]]
    ranks = []
    for row in found:
        place = order.index(row["thread"]) if row["thread"] else len(order)
        every = years and all(of["state"] != "-" for of in found if of["thread"] == row["thread"])
        group = scales.TRENDS.index(row["trend"] or scales.TRENDS[-1]) if every and not themes else len(scales.TRENDS)
        first = not row["main"] and row["thread"] is not None if themes else group
        ranks.append((row["thread"] is None, first, place, row["year"]))
    assert ranks == sorted(ranks)
    outside, _ = made_of(of_series, themes, kinds, years, outside=True)
    assert outside.ids() == [r["id"] for r in series.alone(items)]


def most_important(entries: Iterable[Record]) -> list[Record]:
    """Return the entries of a year in their order: those that ask, then those of printed lists, then by force."""
    forces = [*scales.FORCES, None]
    return sorted(
        entries, key=lambda e: (not e["asks"], e["kind"] not in LISTED_KINDS, forces.index(e.get("modality")))
    )


def share_of(of: Series, year: int, about: list[Record]) -> tuple[str, str]:
    """Return the numbers of listed items and of items in prose of a year, as in the head of a page."""
    every = [[r for r in items if r["year"] == year] for items in (about, of.items())]
    (inside, base), (prose, in_prose) = (
        [len([r for r in items if (r["kind"] in LISTED_KINDS) == is_listed]) for items in every]
        for is_listed in (True, False)
    )
    share = f" ({100 * inside / base:.0f} %)" if inside else ""
    return f"{inside} of {base} listed items{share}", f"{prose} of {in_prose} in prose" if prose else ""


@each("themes, kinds, years", [case for case in ASKED if case[0]])
def test_a_page_on_a_theme_counts_and_orders_what_a_scan_of_the_records_finds(
    series: Series,
    of_series: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    themes: list[str],
    kinds: list[str],
    years: list[int],
) -> None:
    made, _ = made_of(of_series, themes, kinds, years)
    assert made.page
    first, *rest = set_in(400, *made.page())
    rows = [*scanned(series, themes, kinds, years)]
    items, among = series.items(themes, kinds, years), years or [*YEARS_OF_SERIES]
    states = {y: {row["state"] for row in rows if row["year"] == y} for y in among}
    nothing = "by no such item" if kinds else "not raised"
    said = " · ".join(f"{y} {'asked' if 'asked' in s else 'noted' if s else nothing}" for y, s in states.items())
    assert re.split("  +", first) == [" or ".join(themes).upper(), said]
    heads = [share_of(series, year, items) for year in among]
    assert [re.split("  +", line) for line in rest if " listed items" in line] == [[head for head, _ in heads]]
    prose = [re.split("  +", line.strip()) for line in rest if re.search(r"\d in prose", line)]
    assert prose == ([[head for _, head in heads if head]] if any(head for _, head in heads) else [])
    # asks about the theme by the number of years, then by the years; those in the same years in any item are together
    every = {row["thread"]: [*series.entries(row["thread"], themes, kinds)] for row in rows if row["thread"]}
    main = sorted({row["thread"]: 0 for row in rows if row["main"]}, key=lambda t: (-len(every[t]), every[t]))
    groups: dict[str, list[str]] = {}
    for thread in main:
        groups.setdefault(scales.pattern(YEARS_OF_SERIES, series.entries(thread)), []).append(thread)
    labels = {thread["id"]: thread["label"] for thread in series.tables["threads"]}
    below = next((n for n, line in enumerate(rest) if line.startswith("Within other asks")), len(rest))
    moves = {t: {r["year"]: r for r in rows if r["thread"] == t and r["since"]}.values() for t in main}
    steps = {t: [f"{r['since']} → {r['year']}: {', '.join(r['change']).upper()}" for r in moves[t]] for t in main}
    wanted = [[labels[t], *filter(None, [" · ".join(steps[t])])] for group in groups.values() for t in group]
    assert [re.split("  +", line) for line in rest[:below] if line.startswith("Ask number")] == wanted
    for thread in main:
        for r in moves[thread]:
            parts = [r["note"], r["gained"] and f"New: {r['gained']}", r["lost"] and f"Not repeated: {r['lost']}"]
            said = f"   {r['since']} → {r['year']}: {' '.join(filter(None, parts))}"
            assert (said in rest) == any(parts)
        years_of = [y for y in every[thread] if y in among]
        net = series.move(thread, years_of[0], years_of[-1]) if len(steps[thread]) > 1 else None
        if net:
            words = f"{', '.join(net['changes'])}. {net.get('note', '')}".removesuffix(". ")
            assert f"   {years_of[0]} → {years_of[-1]}, overall: {words}" in rest
    told = "; ".join(f"{words} ({len(group)})" for words, group in groups.items())
    assert (f"{len(main)} asks are about it: {told}." in rest) == (len(main) > 1)
    after = {t["id"]: [f"{labels[f]} ({f})" for f in t.get("followed_by", ())] for t in series.tables["threads"]}
    replaced = [f"   Replaced by: {', '.join(after[t])}" for group in groups.values() for t in group if after[t]]
    assert [line for line in rest if line.startswith("   Replaced by")] == replaced
    # what belongs only to other asks, and to none
    shown = {row["item"] for row in rows if row["main"]}
    others = {r["item"]: r for r in reversed(rows) if r["thread"] and not r["main"] and r["item"] not in shown}
    inside = len([i for i in others if series.records[i]["is_item"]])
    more = f", {counted(len(others) - inside, 'other records')}" if len(others) > inside else ""
    within = [line for line in rest if line.startswith("Within other asks")]
    assert within == ([f"Within other asks ({counted(inside, 'items')}{more})"] if others else [])
    there = [re.split("  +", line)[-3:] for line in rest[below + 1 :][: len(others)]]
    order = [*labels]
    by_ask = sorted(others.values(), key=lambda r: (order.index(r["thread"]), r["year"]))
    assert [cells[-1][:4] for cells in there] == [str(r["year"]) for r in by_ask]
    said = {cells[-1].replace(" ", "-"): cells[-2] for cells in there}
    assert said == {item: r["part"] or r["summary"] for item, r in others.items()}
    names = [labels[r["thread"]] for r in by_ask]
    assert [cells[0] for cells in there] == [name if name != before else "" for before, name in pairwise(["", *names])]
    alone = [line for line in rest if line.startswith("In no ask")]
    none = len(series.alone(items))
    assert alone == ([f"In no ask ({counted(none, 'items')})"] if none else [])
    assert (f"and {none - 12} more" in rest) == (none > 12)
    of_years = [f"{n} of {y}" for y in among if (n := len([r for r in items if r["year"] == y]))]
    have = "has" if len(items) == 1 else "have"
    total = f"{counted(len(items), 'items')} {have} the theme: {', '.join(of_years) or 'none'}. Each"
    assert [line for line in rest if line.startswith(total)]
    first_ask = f"cthbkb show {next(iter(groups.values()))[0]} · " if groups else ""
    words = [f"--theme {theme}" for theme in themes] + [f"--kind {kind}" for kind in kinds]
    some = f" --year {','.join(map(str, years))}" if years else ""
    assert rest[-1] == f"In full: {first_ask}cthbkb recs {' '.join(words)}{some}"
    monkeypatch.setattr(theme_view, "NAMED", 0)  # if there are too many items to name, the states are the same
    made, _ = made_of(of_series, themes, kinds, years)
    assert made.page
    assert set_in(400, *made.page())[0] == first


def grouped(of: Series, there: dict[str, dict[int, list[Record]]], noted: bool = False) -> list[str]:
    """Return the lines that name asks by the years in which they occur in any item, those with the most years first."""
    groups: dict[str, list[str]] = {}
    for thread in sorted(there, key=lambda t: (-len(there[t]), [*there[t]])):
        groups.setdefault(scales.pattern(YEARS_OF_SERIES, of.entries(thread)), []).append(thread)
    lines = []
    for words, threads in groups.items():
        count = "" if len(there[threads[0]]) == 1 else f" ({len(threads)})"
        names = []
        for thread in threads:
            only = ", ".join(str(y) for y, entries in there[thread].items() if noted and state(entries) == "noted")
            names.append(f"Ask number {thread[4:]}{f' (noted {only})' if only else ''}")
        lines.append(f"{words[0].upper()}{words[1:]}{count}: {' · '.join(names)}")
    return lines


@each("kinds", [[], ["goal"], ["recommendation", "takeaway"], ["framework"]])
def test_the_page_of_all_conferences_counts_and_orders_what_a_scan_of_the_records_finds(
    series: Series, of_series: sqlite3.Connection, kinds: list[str]
) -> None:
    made, _ = made_of(of_series, [], kinds, [])
    assert made.page
    lines = [" ".join(line.split()) for line in set_in(4000, *made.page())]
    there = {t["id"]: found for t in series.tables["threads"] if (found := series.entries(t["id"], (), kinds))}
    assert [line for line in lines if re.search("[0-9a-z)]: Ask number", line)] == grouped(series, there, noted=True)
    several = [thread for thread, found in there.items() if len(found) > 1]
    single = len(there) - len(several)
    rest = f" {counted(single, 'asks')} of one conference {'is' if single == 1 else 'are'} listed separately."
    followed = f"{counted(len(several), 'asks')} can be followed through two or more conferences."
    assert followed + (rest if single else "") in lines
    assert f"cthbkb show {(several or [*there])[0]}" in lines[-1]


@each("kinds, years", [case[1:] for case in ASKED if case[2]])
def test_a_page_on_some_years_counts_and_orders_what_a_scan_of_the_records_finds(
    series: Series, of_series: sqlite3.Connection, kinds: list[str], years: list[int]
) -> None:
    made, _ = made_of(of_series, [], kinds, years)
    assert made.page
    page = set_in(400, *made.page())
    rows = [*scanned(series, [], kinds, years)]
    there = {row["thread"]: series.entries(row["thread"], (), kinds) for row in rows}
    among = {thread: [y for y in years if y in found] for thread, found in there.items()}
    through = [thread for thread, found in among.items() if found == years]
    one = {y: len([t for t in there if [*there[t]] == [y]]) for y in years}
    several = [among[t] for t in there if len(there[t]) > 1]
    standing = []
    for some in sorted({*map(tuple, several)}, key=lambda some: (-len(some), some)):
        absent = scales.runs(years, [y for y in years if y not in some], "or") if [*some] != years else ""
        words = (
            f"{scales.runs(years, some, 'and')}, not {absent}"
            if absent
            else f"{'both' if len(years) == 2 else 'all'} years"
        )
        standing.append(f"{several.count([*some])} in {words}")
    total = f"{counted(len(several), 'asks')} of two or more conferences: {'; '.join(standing) or 'none'}."
    lines = [" ".join(line.split()) for line in page]
    assert lines[0] == f"{' → '.join(map(str, years))} {' → '.join(SUBJECTS[y] for y in years)}"
    assert lines[3] == total
    apart = ", ".join(f"{n} of {y}" for y, n in one.items() if n)
    assert (f"Apart from these, asks of one conference: {apart}." in lines) == bool(apart)
    # asks of all the years, by what changed, with the most important entry of each year and the number of the others
    wanted = []
    for group in scales.TRENDS:
        moves = {t: series.move(t, years[0], years[-1]) or {"changes": []} for t in through}
        these = [t for t in through if scales.trend(moves[t]["changes"]) == group]
        wanted += [f"{group} ({len(these)})"] if these else []
        for thread in these:
            cells = [most_important(there[thread][y]) for y in years]
            places = [f"[{f[0]['id'][5:]}{f' +{len(f) - 1}' if f[1:] else ''}]" for f in cells]
            wanted.append(" ".join([f"Ask number {thread[4:]}", *places]))
            wanted += [", ".join(moves[thread]["changes"])] if moves[thread]["changes"] else []
            wanted += [f"→ {moves[thread]['note']}"] if "note" in moves[thread] else []
    body = page[1 + next((n for n, line in enumerate(page) if line.startswith("──")), 0) :]
    kept = [line for line in body if line and not line.startswith("In between")][: len(wanted)] if through else []
    assert [re.sub(r"  .*?(?=\[)", " ", line) if "[" in line else line.strip() for line in kept] == wanted
    between = [y for y in YEARS_OF_SERIES if years[0] < y < years[-1] and y not in years]
    has = [
        f"In between, {y} has {len([t for t in through if y in there[t]])} of these {len(through)}:" for y in between
    ]
    assert [line.partition(" cthbkb")[0] for line in lines if line.startswith("In between")] == (has if through else [])
    heads = grouped(series, {thread: found for thread, found in there.items() if thread not in through})
    assert [line for line in lines if re.search("[0-9a-z)]: Ask number", line)] == heads
    items = series.items((), kinds, years)
    n = len(series.alone(items))
    told = f"{n} of {counted(len(items), 'items')} of these years {'is' if n == 1 else 'are'} in no ask ("
    assert lines[-1].startswith(told if n else "One ask in full: ")
