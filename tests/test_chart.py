"""Charts: what is drawn is what is counted, in a terminal of any width and in files that stand alone."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import Run, each

from cthbkb.formats import Answer
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


def test_speakers_are_counted_by_appearance(run: Run, packaged: Path) -> None:
    speakers = json.loads(run("speakers", "--format", "json", db=packaged).out)
    for by in ("role", "country"):
        for row in rows(run, packaged, "speakers", "--by", by):
            mine = [s for s in speakers if s["year"] == int(row["year"])]
            assert (int(row["items"]), int(row["base"])) == (
                sum((s[by] or "") == row["value"] for s in mine), len(mine)
            )  # fmt: skip
    kinds = rows(run, packaged, "speakers", "--by", "organization-kind")
    assert sum(int(row["items"]) for row in kinds) == len(speakers)


@each("width", [40, 64, 100, 200])
@each("argv", CHARTS)
def test_a_terminal_chart_fits_and_says_base_and_caveat(
    run: Run, monkeypatch: pytest.MonkeyPatch, width: int, argv: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = run("chart", *argv, "--format", "table")
    assert (done.code, done.err) == (0, "")
    assert max(len(line.rstrip()) for line in done.out.splitlines()) <= max(width, 40)
    assert re.search(r"listed items?|appearances?|forced|20\d\d", done.out)
    flat = " ".join(done.out.split())
    assert "Each conference had its own subject" in flat or "Only people whom a document names" in flat or argv[2:]


def test_a_small_chart_is_drawn_so(run: Run, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    lines = run("chart", "compare", "--theme", "compensation", "--format", "table", db=packaged).out.splitlines()
    (row,) = [line for line in lines if line.startswith("Compensation for victims")]
    assert re.fullmatch(r"Compensation for victims +· +● \d+ +● \d+, sharpened.*", row)


@each("argv", CHARTS)
def test_a_picture_has_words_for_whoever_cannot_see_it(run: Run, tmp_path: Path, argv: tuple[str, ...]) -> None:
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


def test_pictures_come_as_png_and_pdf_and_the_same_twice(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for ending, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        made = []
        for n in (1, 2):
            path = tmp_path / f"{n}.{ending}"
            assert run("chart", "modality", "-o", path).code == 0
            made.append(path.read_bytes())
        assert made[0] == made[1]
        assert made[0].startswith(start)
    wide, high = struct.unpack(">II", (tmp_path / "1.png").read_bytes()[16:24])
    assert wide == 1800
    assert high < wide


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
def test_what_cannot_be_charted_is_named(run: Run, argv: tuple[str, ...], message: str) -> None:
    done = run("chart", *argv)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == message


@pytest.mark.parametrize("label", ["a $\\frac{$ b", "$$", "cost $5 or $6", "\\alpha", "é" * 3000, "葛 שלום", ""])
@pytest.mark.parametrize("cell", [Bar(1.0, "$x$"), Mark("asked", "$\\bad$")])
def test_a_label_is_a_text_and_no_formula(label: str, cell: Bar | Mark) -> None:
    figure = pytest.importorskip("cthbkb.formats.figure")
    answer = Answer("values", [])
    answer.chart = Chart(label, ["2031"], [(label, [cell])], label, [], [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for write in (figure.svg, figure.png, figure.pdf):
            write(answer, out := io.BytesIO())
            assert out.getvalue()
    for note in answer.notes:
        assert note.startswith("note: no installed font has these characters of the chart: ")


def test_a_list_is_no_chart(run: Run, tmp_path: Path) -> None:
    done = run("recs", "-o", tmp_path / "recs.png")
    assert (done.code, done.err.splitlines()[0]) == (2, "error: items cannot be drawn as a chart")
    assert list(tmp_path.glob("recs*")) == []


def test_a_missing_library_is_one_message(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "cthbkb.formats.figure", raising=False)
    done = run("chart", "themes", "-o", tmp_path / "a.svg")
    assert (done.code, done.err) == (
        1, "error: this needs matplotlib, which is not installed\nhint: pip install 'cthbkb[charts]'\n"
    )  # fmt: skip
    assert run("chart", "themes", "--format", "table").code == 0
