"""Comparing: what stayed, what changed, what has no counterpart; every count agrees with what the lists count."""

from __future__ import annotations

import json
import shlex
import sqlite3
from typing import Any

import pytest
from conftest import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cthbkb import compare

YEARS = (2031, 2033, 2035)
AXES = ("theme", "addressee", "affected", "modality", "kind", "role", "country")
ITEM_AXES = AXES[:5]
KINDS = ("call", "conclusion", "framework", "goal", "observation", "recommendation", "takeaway")

quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows(run: Run, *argv: str) -> list[dict[str, Any]]:
    done = run(*argv, "--format", "json")
    assert done.code == 0
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def table(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_the_flat_columns_are_fixed(run: Run) -> None:
    header = run("compare").out.splitlines()[0]
    assert (
        header.split("\t") == "thread label theme year items kinds modality change note status caveats changes".split()
    )


def test_threads_stand_as_rows_and_years_as_columns(run: Run) -> None:
    done = run("compare", "--format", "table")
    assert done.code == 0
    assert table(done.out) == [
        "thread              2031          2033              2035             status",
        "─" * 78,
        "Joint teams of      p1-r1 should  p1-r1 must        p1-t1 must       continued",
        "several ports       = new         = sharpened       = repeated",
        "Lights that stay    p1-r2 must    p1-r2 invite      -                dropped",
        "lit                               = softened",
        "Pay for night work  side1-s1 can  -                 p1-t2 should     revived",
        "                                                    = broadened",
        "Public tide tables  -             p2-r1 imperative  p1-t3 encourage  continued",
        "                                  = new             = narrowed",
        "Mentors for cadets  -             -                 p1-t4 should     new",
        "                                                    = new",
    ]
    assert done.err == (
        "note: Cells name items without their year: r recommendation, o observation, t takeaway, f framework, g goal, "
        "c call, s conclusion; = is the change against the conference before.\n"
        "note: Kinds differ in nature: 2031 conclusion, observation, recommendation; 2033 call, framework, goal, "
        "observation, recommendation; 2035 conclusion, takeaway.\n"
        "note: Each conference had its own subject: 2031 Lights, Locks and Labour; 2033 Tides and Teams; "
        "2035 Fair Winds for Night Crews.\n"
        "note: Items compared: 18, of which in no thread: 8.\n"
    )


@pytest.mark.parametrize(
    ("thread", "status"),
    [
        ("joint-teams", "continued"),
        ("lights-lit", "dropped"),
        ("night-pay", "revived"),
        ("tide-tables", "continued"),
        ("cadet-mentors", "new"),
    ],
)
def test_a_thread_is_continued_dropped_new_or_revived(run: Run, thread: str, status: str) -> None:
    assert {row["status"] for row in rows(run, "compare") if row["thread"] == thread} == {status}
    assert {row["status"] for row in rows(run, "threads") if row["id"] == thread} == {status}


def test_a_thread_has_a_row_a_year_and_silence_is_worded_as_silence_of_the_documents(run: Run) -> None:
    found = rows(run, "compare", "--theme", "night work")
    assert [row["items"] for row in found if row["thread"] is None] == [["2031-p1-o1"]]
    assert [row for row in found if row["thread"]] == [
        {
            "thread": "night-pay",
            "label": "Pay for night work",
            "theme": ["fair-pay", "night-work"],
            "year": year,
            "items": items,
            "kinds": kinds,
            "modality": modality,
            "change": change,
            "note": note,
            "status": "revived",
            "caveats": ["kinds-differ", "subjects-differ", "1-of-3-items-outside-threads"],
            "changes": [f"{item} {change}" for item in items if change],
        }
        for year, items, kinds, modality, change, note in [
            (2031, ["2031-side1-s1"], ["conclusion"], ["can"], None, None),
            (2033, [], [], [], None, "no counterpart in the 2033 documents"),
            (2035, ["2035-p1-t2"], ["takeaway"], ["should"], "broadened", "For all crews, and asked of states too."),
        ]
    ]


def test_before_a_thread_begins_nothing_is_said_to_be_missing(run: Run) -> None:
    notes = {row["year"]: row["note"] for row in rows(run, "compare", "--theme", "cadets")}
    assert notes == {2031: None, 2033: None, 2035: None}


def test_each_item_of_a_thread_stands_in_one_cell_of_its_year(run: Run) -> None:
    threaded = {row["id"]: (row["thread"], row["year"]) for row in rows(run, "recs") if row["thread"]}
    every = rows(run, "compare")
    cells = {item: (row["thread"], row["year"]) for row in every for item in row["items"] if row["thread"]}
    assert cells == threaded


def test_an_item_in_no_thread_is_named_so_that_every_item_is_there(run: Run) -> None:
    outside = {item for row in rows(run, "compare") if row["thread"] is None for item in row["items"]}
    assert outside == {row["id"] for row in rows(run, "recs") if not row["thread"]}


@pytest.mark.parametrize("theme", ["fog-signals", "lights", "night work", "tide-data", "fair-pay"])
def test_every_item_of_a_theme_is_in_its_comparison(run: Run, theme: str) -> None:
    compared = {item for row in rows(run, "compare", "--theme", theme) for item in row["items"]}
    assert {row["id"] for row in rows(run, "recs", "--theme", theme)} <= compared


def test_themes_are_joined_by_or(run: Run) -> None:
    both = {row["thread"] for row in rows(run, "compare", "--theme", "lights", "--theme", "cadets")}
    assert both - {None} == {"lights-lit", "cadet-mentors"}


@pytest.mark.parametrize("kind", KINDS)
def test_only_items_of_the_kind_asked_for_are_compared_in_every_view(run: Run, kind: str) -> None:
    wanted = {row["id"] for row in rows(run, "recs", "--kind", kind)}
    flat = rows(run, "compare", "--kind", kind)
    assert {item for row in flat for item in row["items"]} == wanted
    assert {k for row in flat for k in row["kinds"]} <= {kind}
    assert {row["thread"] for row in flat} == {row["thread"] for row in flat if row["items"]}
    two = rows(run, "compare", "2031", "2035", "--kind", kind)
    of_two = {item for row in two for item in row["items_a"] + row["items_b"]}
    assert of_two == {item for item in wanted if not item.startswith("2033")}


def test_a_table_of_one_kind_shows_that_kind(run: Run) -> None:
    assert table(run("compare", "--kind", "takeaway", "--theme", "cooperation", "--format", "table").out) == [
        "thread                        2031  2033  2035        status",
        "─" * 63,
        "Joint teams of several ports  -     -     p1-t1 must  continued",
        "                                          = repeated",
    ]


def test_a_cell_that_the_kind_leaves_out_is_not_called_silence(run: Run) -> None:
    for row in rows(run, "compare", "--kind", "takeaway"):
        if row["thread"] in {"joint-teams", "tide-tables"}:
            assert "no counterpart" not in (row["note"] or "")


def test_two_years_are_held_against_each_other(run: Run) -> None:
    done = run("compare", "2031", "2035", "--format", "csv")
    caveats = "kinds-differ; subjects-differ; 3-of-10-items-outside-threads"
    assert done.code == 0
    assert done.out == (
        "standing,thread,label,items_a,items_b,change,note,caveats\r\n"
        "only 2031,lights-lit,Lights that stay lit,2031-p1-r2,,,no counterpart in the 2035 conclusions,"
        f"{caveats}\r\n"
        f"only 2031,,(in no thread),2031-p1-r2a; 2031-p1-o1,,,not compared: in no thread,{caveats}\r\n"
        "in both,joint-teams,Joint teams of several ports,2031-p1-r1,2035-p1-t1,2033: sharpened; 2035: repeated,"
        '"In 2033: From should to must, with a date. In 2035: The same duty; the date has gone.",'
        f"{caveats}\r\n"
        "in both,night-pay,Pay for night work,2031-side1-s1,2035-p1-t2,broadened,"
        f'"For all crews, and asked of states too.",{caveats}\r\n'
        f"only 2035,tide-tables,Public tide tables,,2035-p1-t3,,no counterpart in the 2031 highlights,{caveats}\r\n"
        f"only 2035,cadet-mentors,Mentors for cadets,,2035-p1-t4,,no counterpart in the 2031 highlights,{caveats}\r\n"
        f"only 2035,,(in no thread),,2035-keynote-s1,,not compared: in no thread,{caveats}\r\n"
    )


def test_neighbouring_years_show_one_step(run: Run) -> None:
    changes = {r["thread"]: (r["standing"], r["change"]) for r in rows(run, "compare", "2031", "2033") if r["thread"]}
    assert changes == {
        "joint-teams": ("in both", "sharpened"),
        "lights-lit": ("in both", "softened"),
        "night-pay": ("only 2031", None),
        "tide-tables": ("only 2033", None),
    }


@pytest.mark.parametrize("years", [("2031",), ("2035", "2031"), ("2031", "2031"), ("2031", "2033", "2035")])
def test_two_years_are_two_the_earlier_first(run: Run, years: tuple[str, ...]) -> None:
    done = run("compare", *years)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: {' '.join(years)!r} is not two years, the earlier first\n"
        "hint: Write, for example: cthbkb compare 2016 2022\n"
    )


def test_a_year_that_was_never_is_an_error(run: Run) -> None:
    done = run("compare", "2031", "2034")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: unknown year '2034'\nhint: Years: 2031, 2033, 2035.\n"


@pytest.mark.parametrize("axis", AXES)
def test_every_value_has_a_row_a_year_zeros_too_and_its_share(run: Run, axis: str) -> None:
    found = rows(run, "compare", "--by", axis)
    values = [row["value"] for row in found]
    assert [row["year"] for row in found] == list(YEARS) * (len(found) // 3)
    assert len(set(values)) == len(found) // 3
    totals = {
        year: int(run("speakers" if axis in {"role", "country"} else "recs", "--year", str(year), "--count").out)
        for year in YEARS
    }
    for row in found:
        assert row["share"] == pytest.approx(round(100 * row["items"] / totals[row["year"]], 1))


@pytest.mark.parametrize("axis", ITEM_AXES)
def test_every_count_is_what_the_list_counts(run: Run, axis: str) -> None:
    for row in rows(run, "compare", "--by", axis):
        number = run("recs", f"--{axis}", row["value"], "--year", str(row["year"]), "--count")
        if number.code == 2:  # a value that no item has: nothing to filter by
            assert row["items"] == 0
        else:
            assert int(number.out) == row["items"]


@pytest.mark.parametrize("axis", ["role", "country"])
def test_appearances_are_counted_as_the_list_counts_them(run: Run, axis: str) -> None:
    for row in rows(run, "compare", "--by", axis):
        assert row["items"] == int(
            run("speakers", f"--{axis}", row["value"], "--year", str(row["year"]), "--count").out
        )


@quick
@given(
    axis=st.sampled_from(ITEM_AXES),
    themes=st.lists(st.sampled_from(["jht", "lights", "tide-data", "night work", "fog-signals"]), max_size=2),
    kinds=st.lists(st.sampled_from(KINDS), max_size=2),
)
def test_counts_agree_with_the_list_whatever_is_filtered(
    run: Run, axis: str, themes: list[str], kinds: list[str]
) -> None:
    filters = [word for theme in themes for word in ("--theme", theme)]
    filters += [word for kind in kinds for word in ("--kind", kind)]
    items = rows(run, "recs", *filters)
    column = {"theme": "themes", "addressee": "addressees"}.get(axis, axis)
    for row in rows(run, "compare", "--by", axis, *filters):
        of_year = [i for i in items if i["year"] == row["year"]]
        held = [i for i in of_year if row["value"] in (i[column] if isinstance(i[column], list) else [i[column]])]
        assert row["items"] == len(held)
        assert row["share"] == (pytest.approx(round(100 * len(held) / len(of_year), 1)) if of_year else None)


def test_counts_as_a_table(run: Run) -> None:
    done = run("compare", "--by", "kind", "--format", "table")
    assert table(done.out) == [
        "value           2031  2033  2035",
        "─" * 32,
        "call               0     1     0",
        "conclusion         1     0     1",
        "framework          0     1     0",
        "goal               0     1     0",
        "observation        1     1     0",
        "recommendation     3     4     0",
        "takeaway           0     0     4",
    ]
    assert done.err.splitlines()[-1] == (
        "note: Shares are of the year's 5 items in 2031, 8 items in 2033, 5 items in 2035."
    )


def test_a_wide_table_shows_shares(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    head = run("compare", "--by", "kind", "--format", "table").out.splitlines()[0]
    assert head.split() == ["value", "2031", "2033", "2035", "%", "2031", "%", "2033", "%", "2035"]


def test_gaps_are_the_zeros(run: Run) -> None:
    every = rows(run, "compare", "--by", "theme")
    gaps = rows(run, "compare", "--by", "theme", "--gaps")
    assert gaps == [row for row in every if row["items"] == 0]
    assert ("fog-signals", 2035) in {(row["value"], row["year"]) for row in gaps}


def test_the_plan_is_held_against_what_was_held(run: Run) -> None:
    found = rows(run, "compare", "--planned", "2033")
    assert [(r["aspect"], r["id"], r["verdict"]) for r in found] == [
        ("conference", "2033", "moved"),
        ("session", "2033-opening", "moved"),
        ("session", "2033-p1", "moved, in another order"),
        ("session", "2033-break1", "planned, not in the highlights"),
        ("session", "2033-p2", "moved, in another order"),
        ("topic", "2033-p1-topic1", "answered"),
        ("topic", "2033-p1-topic2", "silent"),
        ("topic", "2033-p2-topic1", "answered"),
        ("item", "2033-p1-r2", "raised unplanned"),
        ("item", "2033-p2-r2", "raised unplanned"),
        ("item", "2033-p2-c1", "raised unplanned"),
    ]
    by_id = {r["id"]: r for r in found}
    assert by_id["2033"]["detail"] == "2033-05-02 to 2033-05-03 / 2033-09-12 to 2033-09-13"
    assert by_id["2033-p1"]["detail"] == "2033-05-02 10:00-11:30 / 2033-09-13"
    assert by_id["2033-break1"]["detail"] == "2033-05-02 11:30-12:00 / not named"
    assert by_id["2033-p1-topic1"]["items"] == ["2033-p1-r1", "2033-p1-o1"]
    assert by_id["2033-p1-topic2"]["detail"] == "Nothing in the highlights takes it up."


def test_a_year_without_a_plan_is_an_error_that_names_those_that_have_one(run: Run) -> None:
    done = run("compare", "--planned", "2031")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: no plan of 2031 is among the documents\nhint: Years with a plan: 2033.\n"


def test_an_unknown_axis_lists_the_axes(run: Run) -> None:
    done = run("compare", "--by", "themes")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: unknown axis 'themes'\nhint: Did you mean theme? Axes: {', '.join(AXES)}.\n"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("compare --gaps", "--gaps"),
        ("compare 2031 2035 --gaps", "--gaps"),
        ("compare --planned 2033 --theme jht", "--theme"),
        ("compare --planned 2033 --kind call", "--kind"),
        ("compare --planned 2033 --by kind", "--by"),
        ("compare 2031 2035 --by kind", "--by"),
        ("compare 2031 --planned 2033", "--planned"),
        ("compare --by role --theme jht", "theme"),
        ("compare --by country --kind call", "kind"),
    ],
)
def test_what_does_not_go_together_is_refused_and_not_left_out(run: Run, argv: str, said: str) -> None:
    done = run(*argv.split())
    assert (done.code, done.out) == (2, "")
    assert said in done.err.splitlines()[0]
    assert done.err.splitlines()[1].startswith("hint: ")


CASES = (
    ("compare",),
    ("compare", "--theme", "jht"),
    ("compare", "2031", "2035"),
    ("compare", "--by", "theme"),
    ("compare", "--by", "role"),
    ("compare", "--planned", "2033"),
)


@pytest.mark.parametrize("argv", CASES, ids=" ".join)
def test_every_comparison_says_what_it_covers_on_stderr_and_in_its_rows(run: Run, argv: tuple[str, ...]) -> None:
    assert "note: " not in run(*argv, "--format", "csv").err
    notes = [line for line in run(*argv, "--format", "table").err.splitlines() if line.startswith("note: ")]
    codes = rows(run, *argv)[0]["caveats"]
    assert codes
    assert len(notes) in {len(codes), len(codes) + 1}  # a legend of the table is a note too


@pytest.mark.parametrize("argv", CASES, ids=" ".join)
def test_the_line_that_repeats_is_the_same_in_every_format_and_repeats(run: Run, argv: tuple[str, ...]) -> None:
    said = {
        next(line for line in run(*argv, "--cite-query", "-f", f).err.splitlines() if line.startswith("query: "))
        for f in ("table", "csv", "json", "markdown")
    }
    assert len(said) == 1
    (line,) = said
    assert "; 0 records " not in line
    command = shlex.split(line.removeprefix("query: ").partition("; data ")[0])
    again = run(*command[1:], "--cite-query", "--format", "csv")
    assert again.err.splitlines()[-1] == line
    assert again.out == run(*argv, "--format", "csv").out


@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_a_comparison_is_sorted_limited_and_counted_like_a_list(run: Run, format: str) -> None:
    done = run("compare", "--sort", "-label", "--limit", "3", "--columns", "label,year", "--format", format)
    assert done.code == 0
    assert done.out.count("Public tide tables") == 3
    assert run("compare", "--sort", "label", "--format", format).code == 0
    assert run("compare", "--count").out == f"{len(rows(run, 'compare'))}\n"
    assert run("compare", "--by", "kind", "--count").out == f"{len(rows(run, 'compare', '--by', 'kind'))}\n"


def test_numbers_are_sorted_as_numbers(run: Run) -> None:
    shares = [row["share"] for row in rows(run, "compare", "--by", "kind", "--sort", "-share")]
    assert shares == sorted(shares, reverse=True)


def test_nothing_to_compare_says_where_the_threads_are(run: Run) -> None:
    done = run("compare", "--theme", "fog-signals", "--format", "json")
    assert (done.code, done.out, done.err) == (0, "[]\n", "nothing to compare here; see: cthbkb threads\n")


def test_comparing_on_a_theme_never_reads_every_item(db: sqlite3.Connection) -> None:
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    assert compare.of_threads(db, {"theme": ["lighthouses"]}).rows
    db.set_trace_callback(None)
    selects = [sql for sql in asked if "recommendations" in sql]
    steps = [row[3] for sql in selects for row in db.execute(f"explain query plan {sql}")]
    assert steps
    assert [step for step in steps if step.startswith(("SCAN r", "SCAN v", "SCAN l"))] == []
