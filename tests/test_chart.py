"""Charts: what is drawn equals what is counted, in a terminal of any width and in self-contained files."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import struct
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from conftest import Run, each
from series import LISTED, YEARS, Series

from cthbkb import chart, scales
from cthbkb.compare import listed
from cthbkb.formats import Answer, drawing
from cthbkb.plot import Bar, Chart, Mark

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = [
    ("themes",), ("threads",), ("threads", "--theme", "lights"), ("compare", "--theme", "lights"), ("modality",),
    ("speakers",), ("speakers", "--by", "country"), ("speakers", "--by", "organization-kind"),
    ("themes", "--year", "2033"), ("themes", "--limit", "2"),
]  # fmt: skip


def rows(run: Run, db: Path, *argv: str) -> list[dict[str, str]]:
    done = run("chart", *argv, "--format", "csv", db=db)
    assert done.code == 0, done.err
    return list(csv.DictReader(io.StringIO(done.out)))


def test_bars_of_themes_are_the_listed_items_of_each_year(run: Run, packaged: Path) -> None:
    found = rows(run, packaged, "themes")
    listed = json.loads(run("recs", "--format", "json", db=packaged).out)
    kinds = {"recommendation", "observation", "takeaway", "framework", "call"}
    for row in found[::11]:
        mine = [r for r in listed if r["year"] == int(row["year"]) and r["kind"] in kinds]
        assert int(row["base"]) == len(mine)
        assert int(row["items"]) == sum(row["value"] in r["themes"] for r in mine)
        assert row["label"] != row["value"]


def test_the_matrix_has_the_asks_of_two_or_more_conferences(run: Run, packaged: Path) -> None:
    found = rows(run, packaged, "threads")
    threads = json.loads(run("threads", "--format", "json", db=packaged).out)
    several = {t["id"]: t for t in threads if len(t["years"]) > 1}
    assert {row["thread"] for row in found} == set(several)
    for row in found:
        assert row["state"] == several[row["thread"]][row["year"]].replace("-", "absent")


@each(
    "themes, years",
    [
        ([], []), ([], [2041, 2042]), ([], [2042, 2044, 2048]), (["bells"], []), (["ebb"], [2041, 2047]),
        (["fish", "docks"], [2048]),
    ],
)  # fmt: skip
def test_a_matrix_has_what_a_scan_of_the_records_finds(
    series: Series, of_series: sqlite3.Connection, themes: list[str], years: list[int]
) -> None:
    """That of all asks has those of two or more of the years; that of a theme, all that have an item on it."""
    among = years or YEARS
    cells, labels = {}, {}
    for thread in series.tables["threads"]:
        entries = series.entries(thread["id"], themes)
        spoken = [y for y in among if y in entries]
        if len(spoken) < (1 if themes else 2):
            continue
        for year in among:
            there = entries.get(year, [])
            state = "asked" if any(e["asks"] for e in there) else "noted" if there else "absent"
            since = max((y for y in spoken if y < year), default=0)
            move = series.move(thread["id"], since, year) if there else None
            cells[thread["id"], year] = (state, len(there), listed(move["changes"] if move else []))
        labels[thread["id"]] = scales.pattern(among, series.entries(thread["id"]))
    named = [*map(str, years)]
    made = chart.make(of_series, "threads", themes, named)
    assert {(row[0], row[2]): row[3:6] for row in made.data} == cells
    assert {row[0]: row[6] for row in made.data} == labels
    words = [*labels.values()]
    assert [*made.groups.values()] == [f"{w} ({words.count(w)})" for w in dict.fromkeys(row[6] for row in made.data)]
    alone = sum(sum(y in series.entries(t["id"]) for y in among) == 1 for t in series.tables["threads"])
    told = re.search(r"(\d+) asks? of one conference (is|are) not shown", made.note)
    assert (int(told[1]) if told else 0) == (0 if themes else alone)
    assert ("dot: not in an item of the document on the theme" in made.note) == bool(themes)
    if themes:
        about = chart.make(of_series, "compare", themes, named)
        main = {t["id"]: "about it" for t in series.tables["threads"] if {*t["themes"]} & {*themes}}
        group = {row[0]: row[6] for row in about.data}
        assert group == {t: main.get(t, "inside other asks") for t in group}
        assert {t for t in labels if t in main} == {t for t in group if t in main}
        assert {(row[0], row[2]): row[3:6] for row in about.data}.items() <= cells.items()
        shown, every = (
            {e["id"] for t in some for there in series.entries(t, themes, (), years).values() for e in there}
            for some in (group, labels)
        )
        assert shown == every


@each("years", [[], [2042], [2041, 2044]])
@each("view, column", [("themes", "themes"), ("modality", "modality")])
def test_bars_are_the_shares_of_listed_items_that_a_scan_of_the_records_finds(
    series: Series, of_series: sqlite3.Connection, view: str, column: str, years: list[int]
) -> None:
    items = [r for r in series.items((), (), years) if r["kind"] in LISTED]
    made = chart.make(of_series, view, (), [*map(str, years)])
    found = {(value, year): rest for value, _, year, *rest in made.data}
    for (value, year), (number, base, share) in found.items():
        of_year = [r for r in items if r["year"] == year]
        assert (number, base) == (sum(value == r[column] or value in r[column] for r in of_year), len(of_year))
        assert share == (round(100 * number / base, 1) if base else None)
    values = {v for r in items for v in (r[column] if view == "themes" else [r[column]])}
    assert {*found} == {(value, year) for value in values for year in years or YEARS}
    totals = {value: sum(n for (v, _), (n, *_) in found.items() if v == value) for value in values}
    order = [*dict.fromkeys(value for value, _ in found)]
    assert order == sorted(order, key=lambda v: -totals[v] if view == "themes" else scales.strength(v))
    shown = [[found[value, year] for year in years or YEARS] for value in order]
    assert [[(bar.length, bar.text) for bar in bars if isinstance(bar, Bar)] for _, bars in made.rows] == [
        [(share or 0, f"{number} ({share or 0:.0f} %)") for number, _, share in row] for row in shown
    ]


@each("view, by", [("themes", ""), ("modality", ""), ("speakers", "role"), ("speakers", "country")])
def test_a_limit_leaves_out_bars_and_counts_them_but_leaves_out_no_data(
    db: sqlite3.Connection, view: str, by: str
) -> None:
    whole = chart.make(db, view, by=by)
    for limit in (0, 2, len(whole.rows) - 1, len(whole.rows)):
        made = chart.make(db, view, by=by, limit=limit)
        assert [label for label, _ in made.rows] == [label for label, _ in whole.rows[:limit]]
        assert made.data == whole.data
        told = re.search(r"(\d+) more are not shown\.", made.note)
        assert (told[1] if told else "") == str(len(whole.rows) - limit or "")


def test_speakers_are_counted_by_appearance(run: Run, packaged: Path) -> None:
    speakers = json.loads(run("speakers", "--format", "json", db=packaged).out)
    for by, years in (
        ("role", ()),
        ("country", ()),
        ("role", ("--year", "2020")),
        ("country", ("--year", "2016,2022")),
    ):
        found = rows(run, packaged, "speakers", "--by", by, *years)
        assert {row["year"] for row in found} == {*(years[1].split(",") if years else ("2016", "2020", "2022"))}
        for row in found:
            mine = [s for s in speakers if s["year"] == int(row["year"])]
            number = sum((s[by] or "") == row["value"] for s in mine)
            assert (int(row["items"]), int(row["base"])) == (number, len(mine))
            assert float(row["share"]) == round(100 * number / len(mine), 1)
    kinds = rows(run, packaged, "speakers", "--by", "organization-kind")
    assert sum(int(row["items"]) for row in kinds) == len(speakers)


@each("width", [40, 64, 100, 200])
@each("argv", CHARTS)
def test_a_terminal_chart_fits_and_has_totals_and_caveat(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, argv: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = run("chart", *argv, "--format", "table")
    assert (done.code, done.err) == (0, "")
    assert max(len(line.rstrip()) for line in done.out.splitlines()) <= max(width, 40)
    assert re.search(r"listed items?|appearances?|forced|20\d\d", done.out)
    flat = " ".join(done.out.split())
    assert "Each conference had its own subject" in flat or "Only people named in a document" in flat or argv[2:]


def test_a_small_chart_is_drawn_as_expected(run: Run, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    lines = run("chart", "compare", "--theme", "compensation", "--format", "table", db=packaged).out.splitlines()
    (row,) = [line for line in lines if line.startswith("Compensation for victims")]
    assert re.fullmatch(r"Compensation for victims +· +● \d+ +● \d+, sharpened.*", row)


@each("argv", {argv[0]: argv for argv in reversed(CHARTS)}.values())
def test_a_picture_has_a_description_for_readers_who_cannot_see_it(
    run: Run, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    path = tmp_path / "chart.svg"
    done = run("chart", *argv, "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"wrote a chart to {path}\n")
    root = ElementTree.fromstring(path.read_bytes())
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert words is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    told = run("chart", *argv, "--format", "table").out.splitlines()[0].strip()
    assert str(title.text).startswith(told[:20])
    assert str(words.text).startswith(str(title.text))
    text = path.read_text(encoding="utf-8")
    assert "<image" not in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("pie",), "error: unknown chart 'pie'"),
        (("compare",), "error: chart compare needs a theme"),
        (("themes", "--by", "role"), "error: chart themes does not take --by"),
        (("modality", "--theme", "lights"), "error: chart modality does not take --theme"),
        (("speakers", "--by", "age"), "error: unknown axis 'age'"),
        (("themes", "--year", "1999"), "error: unknown year '1999'"),
    ],
)
def test_an_impossible_chart_is_reported(run: Run, argv: tuple[str, ...], message: str) -> None:
    done = run("chart", *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == message


ODD = ["a $\\frac{$ b", "$$", "cost $5 or $6", "\\alpha", "é" * 300, "葛 שלום", ""]


@each(
    "format, title, labels, cell",
    [("svg", " ".join(ODD), ODD, Bar(1.0, "$x$")), ("png", " ".join(ODD), ODD, Mark("asked", "$\\bad$")),
     ("pdf", " ".join(ODD[:5]), ODD[:5], Bar(1.0, "$\\bad$")), ("png", "é" * 1700, [""], Bar(1.0, "1"))],
)  # fmt: skip
def test_a_label_is_a_text_and_not_a_formula(format: str, title: str, labels: list[str], cell: Bar | Mark) -> None:
    figure = pytest.importorskip("cthbkb.formats.figure")
    answer = Answer("values", [])
    answer.chart = Chart(title, ["2031"], [(label, [cell]) for label in labels], title[:200], [], [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(figure, format)(answer, out := io.BytesIO())
    assert out.getvalue()
    said = ["note: no installed font has these characters in the chart: 葛"] if labels is ODD else []
    assert [note[: len(said[0])] for note in answer.notes] == said


def test_a_list_cannot_be_drawn_as_a_chart(run: Run, tmp_path: Path) -> None:
    done = run("recs", "-o", tmp_path / "recs.png")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: items cannot be drawn as a chart")
    assert list(tmp_path.glob("recs*")) == []


def test_a_missing_library_is_reported_in_one_message(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "cthbkb.formats.figure", raising=False)
    done = run("chart", "themes", "-o", tmp_path / "a.svg")
    assert (done.code, done.err) == (
        1, "error: this needs matplotlib, which is not installed\nhint: pip install 'cthbkb[charts]'\n"
    )  # fmt: skip
    assert run("chart", "themes", "--format", "table").code == 0


# On paper and in a terminal, from a chart made by hand

BARS = Chart(
    "Ships by year", ["2031 lights\n7 items", "2033 tides\n8 items"],
    [("One", [Bar(50.0, "4 (50 %)"), Bar(0.0, "0")]), ("Another", [Bar(25.0, "2"), Bar(100.0, "8")])],
    "A caveat.", [], [],
)  # fmt: skip
MARKS = Chart(
    "Asks", ["2031", "2033"],
    [("Lamps", [Mark("asked", "2"), Mark("-")]), ("Boats", [Mark("noted", "1, softened"), Mark("asked", "1")])],
    "A caveat.", [], [], {1: "since 2033"},
)  # fmt: skip


def drawn(chart: Chart, width: int, encoding: str = "utf-8") -> list[str]:
    """Return the lines of a chart on a terminal of a width."""
    answer = Answer("values", [])
    answer.chart = chart
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        drawing.drawing(answer, out)
    out.flush()
    return [line.rstrip() for line in out.buffer.getvalue().decode(encoding).splitlines()]  # type: ignore[attr-defined]


def test_bars_are_as_long_as_their_values_and_stand_in_columns_while_these_are_wide_enough() -> None:
    assert drawn(BARS, 45) == [
        "Ships by year", "",
        "         2031 lights        2033 tides",
        "         7 items            8 items",
        "─" * 45,
        "One      ████ 4 (50 %)      0",
        "Another  ██ 2               ████████ 8",
        "", "A caveat.",
    ]  # fmt: skip
    stacked = drawn(BARS, 44)
    assert stacked == [
        "Ships by year", "", "2031 lights, 7 items", "2033 tides, 8 items", "",
        "One", "  2031  █████████████▌ 4 (50 %)", "  2033  0", "",
        "Another", "  2031  ██████▊ 2", "  2033  ███████████████████████████ 8", "", "A caveat.",
    ]  # fmt: skip


def test_marks_have_their_words_and_groups_their_names() -> None:
    assert drawn(MARKS, 60) == [
        "Asks", "",
        "       2031                       2033",
        "─" * 59,
        "Lamps  ● 2                        ·",
        "since 2033",
        "Boats  ○ 1, softened              ● 1",
        "", "A caveat.",
    ]  # fmt: skip
    assert drawn(MARKS, 60, "latin-1")[3:7] == [
        "-" * 59, "Lamps  * 2                        -", "since 2033", "Boats  o 1, softened              * 1",
    ]  # fmt: skip
    assert drawn(BARS, 50, "ascii")[5:7] == [
        "One      ##### 4 (50 %)       0", "Another  ##. 2                ########## 8",
    ]  # fmt: skip
    long = Chart("T", ["2031"], [("a label of some length here", [Mark("asked", "w" * 60)])], "", [], [])
    assert drawn(long, 40)[3:] == ["─" * 40, "a label of some     ● " + "w" * 17 + "…", "length here", ""]


def test_an_empty_chart_and_one_without_length_are_drawn() -> None:
    assert drawn(Chart("T", ["2031"], [], "n", [], []), 40)[3:] == ["─" * 40, "", "n"]
    assert drawn(Chart("T", ["2031"], [("a", [Bar(0, "")])], "n", [], []), 40)[4] == "a"


class Figure(NamedTuple):
    """The parts of a figure: its texts, and the bars and marks of each panel."""

    size: tuple[float, float]
    texts: list[str]
    panels: list[dict[str, Any]]


def figure(chart: Chart) -> Figure:
    """Return what a chart has on paper."""
    module = pytest.importorskip("cthbkb.formats.figure")
    answer = Answer("values", [])
    answer.chart = chart
    answer.origin = lambda: SimpleNamespace(data="data 7")  # type: ignore[assignment,return-value]
    made = module._draw(answer)
    panels = [
        {
            "title": panel.get_title("left") or panel.get_title("center"),
            "bars": [round(float(bar.get_width()), 3) for bar in panel.patches],
            "marks": [(m.get_marker(), m.get_markerfacecolor()) for m in panel.lines if len(m.get_xdata()) < 2],
            "texts": [text.get_text() for text in panel.texts],
            "downwards": panel.get_ylim()[0] > panel.get_ylim()[1],
            "heights": [round(float(bar.get_y() + bar.get_height() / 2), 2) for bar in panel.patches],
            "axis": panel.spines["left"].get_visible(),
        }
        for panel in made.axes
    ]  # fmt: skip
    return Figure(tuple(made.get_size_inches()), [text.get_text() for text in made.texts], panels)


SOURCE = "Source: documents of the OSCE Alliance against Trafficking in Persons; data 7."


def test_a_figure_has_a_bar_for_each_value_and_its_note_and_source() -> None:
    made = figure(BARS)
    assert made.texts == ["Ships by year", "A caveat.", SOURCE]
    assert [panel["title"] for panel in made.panels] == BARS.heads
    assert [panel["bars"] for panel in made.panels] == [[0.34, 0.17], [0, 0.68]]
    assert [panel["texts"] for panel in made.panels] == [["4 (50 %)", "2", "One", "Another"], ["0", "8"]]
    assert [panel["heights"] for panel in made.panels] == [[0.55, 1.8]] * 2
    assert [panel["downwards"] for panel in made.panels] == [True] * 2  # the first row is the top one
    assert [panel["axis"] for panel in made.panels] == [True, True]
    assert made.size == (9.0, pytest.approx(1.62 + 0.2 * 2.6))


def test_a_figure_of_asks_has_filled_and_open_marks_and_names_of_groups() -> None:
    made = figure(MARKS)
    blue, grey = "#0B4F9C", "#555555"
    assert [panel["marks"] for panel in made.panels] == [
        [("o", blue), ("o", "white")], [(".", grey), ("o", blue)]
    ]  # fmt: skip
    assert [panel["texts"] for panel in made.panels] == [
        ["2", "1, softened", "Lamps", "Boats", "since 2033"], ["1"]
    ]  # fmt: skip
    assert [panel["bars"] for panel in made.panels] == [[], []]
    assert [panel["axis"] for panel in made.panels] == [False, False]
    assert made.size[1] == pytest.approx(1.62 + 0.2 * (2.6 + 1.4))


def test_a_picture_carries_its_title_and_its_words_and_has_the_same_bytes_twice() -> None:
    module = pytest.importorskip("cthbkb.formats.figure")
    answer = Answer("values", [])
    answer.chart = Chart("Ships & <boats>", ["2031"], [("One", [Bar(1, "1")])], "", [], [])
    made = {}
    for name in ("svg", "png", "pdf"):
        getattr(module, name)(answer, out := io.BytesIO())
        getattr(module, name)(answer, again := io.BytesIO())
        made[name] = out.getvalue()
        assert made[name] == again.getvalue()
    assert made["svg"].startswith(b"<?xml")
    assert made["pdf"].startswith(b"%PDF")
    assert made["png"].startswith(b"\x89PNG")
    wide, high = struct.unpack(">II", made["png"][16:24])
    assert wide == 1800
    assert high < wide
    assert b'<title id="chart-title">Ships &amp; &lt;boats&gt;</title>' in made["svg"]
    assert b'<desc id="chart-description">Ships &amp; &lt;boats&gt;. One: 2031 1.</desc>' in made["svg"]
    assert b"<dc:date>" not in made["svg"]
    for text in (b"Title\0Ships & <boats>", b"Description\0Ships & <boats>. One: 2031 1.", b"Software\0cthbkb"):
        assert text in made["png"]
    assert b"/Title (Ships & <boats>)" in made["pdf"]
    assert b"/CreationDate" not in made["pdf"]


def test_a_long_label_and_a_long_note_take_the_lines_that_they_need() -> None:
    chart = Chart("T", ["2031"], [("a" * 30 + " " + "b" * 30, [Bar(1, "1")])], " ".join(["c" * 80] * 3), [], [])
    made = figure(chart)
    assert made.texts == ["T", "c" * 80 + " " + "c" * 80, "c" * 80, SOURCE]
    assert made.panels[0]["texts"] == ["1", "a" * 30 + "\n" + "b" * 30]
    assert made.size[1] == pytest.approx(1.0 + 0.3 + 0.16 * 3 + 0.2 * (0.9 * 2 + 0.35 + 0.1))
    fits = Chart("T", ["2031"], [("a" * 20 + " " + "b" * 21, [Bar(1, "1")])], "", [], [])
    assert figure(fits).panels[0]["texts"] == ["1", "a" * 20 + " " + "b" * 21]
