"""Charts as SVG, PNG and PDF; the only module that uses matplotlib.

Charts are black on white with one dark blue, so that they can be read in print and by readers who cannot distinguish
colours: values differ in length, in filled or open marks, or in words. The totals and the caveat are part of the
figure, because it is often used on its own.
"""

from __future__ import annotations

import io
import logging
import re
import textwrap
import warnings
from html import escape
from typing import IO, Any

from cthbkb.errors import UsageError
from cthbkb.plot import Bar

for _library in ("matplotlib", "fontTools"):  # their messages about caches and fonts do not help users
    logging.getLogger(_library).setLevel(logging.ERROR)

import matplotlib as mpl  # noqa: E402  # it logs messages about its cache on import
from matplotlib.figure import Figure  # noqa: E402  # the same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from cthbkb.formats import Answer
    from cthbkb.plot import Chart

__all__ = ["pdf", "png", "svg"]

BLUE = "#0B4F9C"
GREY = "#555555"
LINE = "#CCCCCC"

WIDTH = 9.0
"""Width, in inches."""

LABEL = 42
"""Maximum length of a line of a label."""

SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Carlito", "Calibri", "Liberation Sans", "Arial", "DejaVu Sans"],
    "font.size": 10,
    "text.parse_math": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "cthbkb",
    "pdf.fonttype": 42,
}


MISSING = re.compile(r"Glyph ([0-9]+) ")
"""Matches matplotlib's warning about a character that it draws as an empty box."""


def _chart(answer: Answer) -> Chart:
    if answer.chart is None:
        raise UsageError(
            f"{answer.title} cannot be drawn as a chart", "Write, for example: cthbkb chart themes -o themes.svg"
        )
    return answer.chart


def _draw(answer: Answer) -> Figure:
    """Draw a chart: the title, one panel per column, and notes below."""
    chart = _chart(answer)
    origin = answer.origin() if answer.origin else None
    labels = [textwrap.wrap(label, LABEL) or [""] for label, _ in chart.rows]
    lines = [len(label) for label in labels]
    tops = _tops(chart, lines)
    source = f"Source: documents of the OSCE Alliance against Trafficking in Persons; {origin.data}." if origin else ""
    foot = textwrap.wrap(chart.note, 165) + textwrap.wrap(source, 165)
    height = tops[-1] * 0.2
    above, below = 1.0, 0.3 + 0.16 * len(foot)
    whole = height + above + below
    figure = Figure(figsize=(WIDTH, whole), facecolor="white")
    figure.text(0.02, 1 - 0.3 / whole, chart.title, fontsize=14, fontweight="bold", va="center")
    left, right = 0.32, 0.985
    wide = (right - left) / max(1, len(chart.heads))
    most = max((c.length for _, cells in chart.rows for c in cells if isinstance(c, Bar)), default=1) or 1
    for n, head in enumerate(chart.heads):
        box = (left + n * wide + 0.008, below / whole, wide - 0.016, height / whole)
        panel = figure.add_axes(box)
        _panel(panel, chart, n, tops, most)
        panel.set_title(head, fontsize=9.5, loc="left" if not chart.is_matrix else "center", pad=5)
        if n == 0:
            _names(panel, chart, labels, tops)
    for n, line in enumerate(foot):
        figure.text(0.02, (below - 0.25 - 0.16 * n) / whole, line, fontsize=7.5, color=GREY, va="center")
    return figure


def _tops(chart: Chart, lines: Sequence[int]) -> list[float]:
    """Return the top of each row and the bottom of the last one, in lines; the name of a group takes a line."""
    at, found = 0.0, []
    for n, number in enumerate(lines):
        at += 1.4 if n in chart.groups else 0
        found.append(at)
        at += 0.9 * number + 0.35
    return [*found, at + 0.1]


def _names(panel: Axes, chart: Chart, labels: Sequence[Sequence[str]], tops: Sequence[float]) -> None:
    """Write the labels to the left of the first panel, and the names of groups above their labels."""
    for n, label in enumerate(labels):
        middle = tops[n] + 0.45 * len(label) + 0.1
        panel.annotate(
            "\n".join(label), (0, middle), (-8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            ha="right", va="center", fontsize=9, annotation_clip=False, linespacing=1.0,
        )  # fmt: skip
        if n in chart.groups:
            panel.annotate(
                chart.groups[n], (0, tops[n] - 0.6), (-8, 0), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha="right", va="center", fontsize=9, fontweight="bold", color=BLUE,
                annotation_clip=False,
            )  # fmt: skip


def _panel(panel: Axes, chart: Chart, column: int, tops: Sequence[float], most: float) -> None:
    """Draw the bars or marks of one column."""
    panel.set_ylim(tops[-1], 0)
    panel.set_xlim(0, 1)
    panel.set_xticks([])
    panel.set_yticks([])
    for side in panel.spines.values():
        side.set_visible(False)
    if not chart.is_matrix:
        panel.spines["left"].set_visible(True)
        panel.spines["left"].set_color(GREY)
    for n, (label, cells) in enumerate(chart.rows):
        cell = cells[column]
        middle = tops[n] + 0.45 * len(textwrap.wrap(label, LABEL) or [""]) + 0.1
        if isinstance(cell, Bar):
            panel.barh(middle, 0.68 * cell.length / most, height=0.75, color=BLUE)
            panel.text(0.68 * cell.length / most + 0.015, middle, cell.text, va="center", fontsize=8.5)
            continue
        panel.axhline(tops[n] - 0.12, color=LINE, linewidth=0.5)
        face = {"asked": BLUE, "noted": "white"}.get(cell.state)
        if face is None:
            panel.plot([0.5], [middle], marker=".", markersize=3, color=GREY)
        else:
            panel.plot([0.5], [middle], marker="o", markersize=9, color=BLUE, markerfacecolor=face, markeredgewidth=1.4)
            panel.text(0.58, middle, cell.text, va="center", fontsize=8.5)


def _saved(answer: Answer, format: str, **options: Any) -> bytes:
    with mpl.rc_context(SETTINGS), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        out = io.BytesIO()
        _draw(answer).savefig(out, format=format, **options)
    lacking = dict.fromkeys(int(found[1]) for text in told if (found := MISSING.match(str(text.message))))
    if lacking:
        chars = "".join(map(chr, lacking))
        where = "; its description contains them" if format == "svg" else ""
        answer.notes.append(f"note: no installed font has these characters in the chart: {chars[:40]}{where}")
    return out.getvalue()


def svg(answer: Answer, out: IO[bytes]) -> None:
    """Write a chart as SVG, with a description in words for readers who cannot see it."""
    chart = _chart(answer)
    text = _saved(answer, "svg", metadata={"Date": None, "Title": chart.title}).decode()
    at = text.index(">", text.index("<svg")) + 1
    start = text[:at].replace("<svg", '<svg role="img" aria-labelledby="chart-title chart-description"', 1)
    words = f'\n <title id="chart-title">{escape(chart.title)}</title>'
    words += f'\n <desc id="chart-description">{escape(chart.alternative)}</desc>'
    out.write((start + words + text[at:]).encode())


def png(answer: Answer, out: IO[bytes]) -> None:
    """Write a chart as PNG, at 200 dots per inch."""
    chart = _chart(answer)
    metadata = {"Title": chart.title, "Description": chart.alternative, "Software": "cthbkb"}
    out.write(_saved(answer, "png", dpi=200, metadata=metadata))


def pdf(answer: Answer, out: IO[bytes]) -> None:
    """Write a chart as PDF."""
    metadata = {"Title": _chart(answer).title, "CreationDate": None}
    out.write(_saved(answer, "pdf", metadata=metadata))
