"""The description of a chart in words, for readers who cannot see it."""

from __future__ import annotations

from cthbkb.plot import Bar, Chart, Mark, stated


def test_the_description_of_a_chart_covers_every_cell() -> None:
    heads = ["2031 lights\n7 items", "2033\ntides"]
    bars = Chart(
        "Title", heads, [("One", [Bar(1, "3 (12 %)"), Bar(0, "")]), ("Two", [Bar(0, "0"), Bar(2, "4")])], "", (), ()
    )
    assert bars.alternative == "Title. One: 2031 3 (12 %), 2033 0. Two: 2031 0, 2033 4."
    assert (bars.is_matrix, bars.groups, bars.data) == (False, {}, [])
    marks = Chart("T", heads, [("One", [Mark("asked", "2, sharpened"), Mark("-")])], "", (), iter([(1,)]), {0: "g"})
    assert marks.alternative == "T. One: 2031 asked 2, sharpened, 2033 absent."
    assert (marks.is_matrix, marks.groups, marks.data) == (True, {0: "g"}, [(1,)])
    assert [stated(state) for state in ("asked", "noted", "-")] == ["asked", "noted", "absent"]
