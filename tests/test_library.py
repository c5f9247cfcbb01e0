"""The library: the same rows as the command line, the same errors, and accurate signatures."""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy
import pandas
import polars
import pytest
from conftest import Run, each

import cthbkb
from cthbkb import KnowledgeBase, UsageError, store
from cthbkb.registry import LISTINGS


@pytest.fixture
def kb(database: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(str(database)) as opened:
        yield opened


@each("listing", sorted(LISTINGS))
def test_rows_are_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase, listing: str) -> None:
    assert kb.rows(listing) == json.loads(run(listing, "--format", "json").out)
    assert kb.rows(listing, limit=2).total == len(kb.rows(listing))
    assert kb.rows(listing, limit=2) == json.loads(run(listing, "--format", "json", "--limit", "2").out)


def test_filters_are_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    argv = ("recs", "--theme", "jht", "--theme", "lights", "--year", "2031", "--sort", "-id", "--format", "json")
    assert kb.recs(theme=["jht", "lights"], year=2031, sort="-id") == json.loads(run(*argv).out)
    assert kb.speakers(role="moderator", year="2031-2033") == json.loads(
        run("speakers", "--role", "moderator", "--year", "2031-2033", "--format", "json").out
    )
    assert kb.rows("people", recurring=True) == json.loads(run("people", "--recurring", "--format", "json").out)
    assert kb.rows("people", recurring=False) == kb.rows("people")
    threads = run("threads", "--not-in", "2033", "--format", "json").out
    assert kb.rows("threads", not_in=2033) == json.loads(threads)
    assert kb.rows("figures") == kb.rows("statistics")
    assert kb.rows("recs", year=(2031, 2035), kind="all") == kb.rows("recs", year=[2031, 2035])


@each("listing", sorted(LISTINGS))
def test_a_record_is_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase, listing: str) -> None:
    ids = [str(row.get("id", row.get("slug"))) for row in kb.rows(listing)]
    lines = run("show", *ids, "--format", "jsonl").out.splitlines()
    assert [kb.show(id_) for id_ in ids] == [json.loads(line) for line in lines]


def test_a_record_is_found_by_what_people_type(kb: KnowledgeBase) -> None:
    assert kb.show("2033 panel 2 rec 1")["id"] == "2033-p2-r1"


@pytest.mark.parametrize("words", ["lamp", '"joint team"', "keeper -lamp", "wages", "zzzzqqqq", ""])
def test_a_search_is_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase, words: str) -> None:
    assert kb.search(words) == json.loads(run("search", words, "--format", "json").out)
    assert kb.search(words, limit=1) == json.loads(run("search", words, "--limit", "1", "--format", "json").out)


def test_a_comparison_is_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    assert kb.compare() == json.loads(run("compare", "--format", "json").out)
    assert kb.compare(theme="jht") == json.loads(run("compare", "--theme", "jht", "--format", "json").out)
    assert kb.compare(theme=["jht", "lights"]) == json.loads(
        run("compare", "--theme", "jht", "--theme", "lights", "--format", "json").out
    )


def test_the_version_is_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    assert run("--version").out == f"cthbkb {cthbkb.__version__}, data {kb.version}\n"


def test_the_listings_are_the_same_as_on_the_command_line(kb: KnowledgeBase) -> None:
    assert kb.listings == list(LISTINGS)


@pytest.mark.parametrize(
    ("listing", "wanted", "message"),
    [
        ("recz", {}, "unknown listing 'recz'"),
        ("recs", {"themes": "jht"}, "unknown filter 'themes'"),
        ("recs", {"theme": "jhtx"}, "unknown theme 'jhtx'"),
        ("recs", {"year": 1999}, "unknown year '1999'"),
        ("recs", {"sort": "yaer"}, "unknown column 'yaer'"),
    ],
)
def test_an_unknown_name_is_a_usage_error_with_a_hint(
    kb: KnowledgeBase, listing: str, wanted: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as error:
        kb.rows(listing, **wanted)  # type: ignore[arg-type]  # as a user might call it
    assert error.value.message == message
    assert error.value.hint
    assert str(error.value).startswith(message)


def test_a_record_that_does_not_exist_is_a_usage_error(kb: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match="no record 'zzzz'"):
        kb.show("zzzz")


def test_the_database_is_found_as_the_command_line_finds_it(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTHBKB_DB", str(database))
    with KnowledgeBase() as kb:
        assert len(kb.rows("themes")) == 9


def test_a_missing_database_raises_a_failure(tmp_path: Path) -> None:
    with pytest.raises(cthbkb.Failure, match="no database at "):
        KnowledgeBase(str(tmp_path / "none.db"))


def test_nothing_can_be_written(kb: KnowledgeBase) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        kb.connection.execute("delete from themes")


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Knowledgebase'"):
        cthbkb.Knowledgebase  # noqa: B018  # the access itself is tested


def test_filters_of_a_notebook_exclude_require_every_value_and_find_what_has_none(kb: KnowledgeBase) -> None:
    every = {row["id"] for row in kb.rows("recs")}
    jht = {row["id"] for row in kb.rows("recs", theme="jht")}
    assert {row["id"] for row in kb.rows("recommendations", not_theme="jht")} == every - jht
    both = {row["id"] for row in kb.rows("recs", theme=["jht", "cooperation"], all=True)}
    assert both == jht & {row["id"] for row in kb.rows("recs", theme="cooperation")}
    assert {row["id"] for row in kb.rows("recs", thread="none")} == {
        row["id"] for row in kb.rows("recs") if not row["threads"]
    }


# Data frames


LIBRARIES = ("pandas", "polars")


@each("library", LIBRARIES)
@each("listing", sorted(LISTINGS))
def test_a_frame_has_the_rows_of_its_listing(kb: KnowledgeBase, listing: str, library: str) -> None:
    rows = kb.rows(listing)
    frame = kb.frame(listing, library=library)
    assert list(frame.columns) == [col.name for col in rows.columns]
    for name in frame.columns:
        cells = [None if cell is pandas.NA else cell for cell in frame[name].to_list()]
        assert cells == [row[name] for row in rows]


@each("listing", sorted(LISTINGS))
def test_a_frame_without_rows_has_the_types_of_one_with_rows(kb: KnowledgeBase, listing: str) -> None:
    assert kb.frame(listing, limit=0).dtypes.equals(kb.frame(listing).dtypes)
    empty, full = (kb.frame(listing, library="polars", limit=n) for n in (0, None))
    assert empty.schema == full.schema


def test_a_year_is_a_number_everywhere(kb: KnowledgeBase) -> None:
    assert [*kb.frame("recs", sort="-id").id] == sorted((row["id"] for row in kb.rows("recs")), reverse=True)
    people = kb.frame("people").explode("years")
    assert set(people.id[people.years == 2031]) == {row["id"] for row in kb.rows("people", year=2031)}
    assert people.merge(kb.frame("recs"), left_on="years", right_on="year").shape[0] > 0
    threads = kb.frame("threads", library="polars").explode("years")
    assert set(threads.filter(polars.col("years") == 2031)["id"]) == {
        row["id"] for row in kb.rows("threads", year=2031)
    }
    assert [row["years"] for row in kb.sql("select years from list_people order by seq")] == [
        r["years"] for r in kb.rows("people")
    ]


def test_every_answer_in_rows_makes_a_frame(kb: KnowledgeBase) -> None:
    for rows in (
        kb.search("lamp"), kb.compare(), kb.compare(theme="jht"), kb.compare(by="theme"), kb.cite("2033-p2-r1"),
        kb.sql("select kind, count(*) as items from recs group by kind"),
    ):  # fmt: skip
        assert kb.frame(rows).shape == kb.frame(rows, library="polars").shape == (len(rows), len(rows.columns))


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(cthbkb.Failure) as error:
        kb.frame("recs", library="polars")
    assert (error.value.message, error.value.hint) == (
        "this needs polars, which is not installed", "pip install 'cthbkb[polars]'",
    )  # fmt: skip


# Arguments


def test_numbers_of_numpy_and_pandas_are_numbers(kb: KnowledgeBase) -> None:
    rows = kb.rows("recs", year=2031)
    assert rows == kb.rows("recs", year=numpy.int64(2031)) == kb.rows("recs", year=2031.0)
    assert rows == kb.rows("recs", year=numpy.array([2031])) == kb.rows("recs", year=pandas.Series([2031, 2031]))
    assert kb.rows("recs", limit=numpy.int32(2)) == kb.rows("recs", limit=2)
    assert kb.rows("people", survivor=numpy.True_) == kb.rows("people", survivor=True)
    for year in kb.frame("recs").year.unique():
        assert {row["year"] for row in kb.rows("recs", year=year)} == {int(year)}


def test_a_path_may_be_a_path_object_and_begin_with_a_tilde(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(database.parent))
    for path in (database, str(database), f"~/{database.name}", Path("~") / database.name):
        with KnowledgeBase(path) as kb:
            assert len(kb.rows("themes")) == 9


@each(
    "ask",
    [
        lambda kb: kb.rows("recs", sort="--year"),
        lambda kb: kb.rows("recs", sort=3),
        lambda kb: kb.rows("recs", limit="x"),
        lambda kb: kb.rows("recs", limit=-1),
        lambda kb: kb.rows("recs", limit=2**70),
        lambda kb: kb.rows("recs", limit=True),
        lambda kb: kb.rows("recs", year=2031.5),
        lambda kb: kb.rows("recs", year=float("nan")),
        lambda kb: kb.rows("recs", year=[None]),
        lambda kb: kb.rows("recs", theme=[]),
        lambda kb: kb.rows("recs", theme=b"jht"),
        lambda kb: kb.rows("recs", theme="\ud800"),
        lambda kb: kb.rows("people", survivor="no"),
        lambda kb: kb.rows("people", survivor=[True]),
        lambda kb: kb.rows("recs", theme="jht", all="yes"),
        lambda kb: kb.rows(["recs"]),
        lambda kb: kb.rows(None),
        lambda kb: kb.show(None),
        lambda kb: kb.show("\ud800"),
        lambda kb: kb.search(None),
        lambda kb: kb.search("lamp", limit=None),
        lambda kb: kb.search("lamp", type="lamp"),
        lambda kb: kb.compare(by="lamp"),
        lambda kb: kb.compare(years=1999),
        lambda kb: kb.compare(by="theme", outside=True),
        lambda kb: kb.compare(gaps=True),
        lambda kb: kb.cite("joint-harbour-teams"),
        lambda kb: kb.cite("nothing-of-the-kind"),
        lambda kb: kb.brief(),
        lambda kb: kb.brief("2033-p2-r1", theme="jht"),
        lambda kb: kb.brief(theme="jht", format="docx"),
        lambda kb: kb.brief(themes="jht"),
        lambda kb: kb.frame("recs", library="numpy"),
        lambda kb: kb.frame(kb.rows("recs"), theme="jht"),
        lambda kb: kb.facets("recs", "survivor"),
        lambda kb: kb.sql("select"),
        lambda kb: kb.sql(None),
        lambda kb: kb.sql("select 1", seconds="x"),
        lambda kb: kb.sql("select 1", seconds=0),
        lambda _: KnowledgeBase(3),  # type: ignore[arg-type]  # as a user might call it
    ],
)
def test_an_invalid_argument_is_a_usage_error_with_a_hint(
    kb: KnowledgeBase, ask: Callable[[KnowledgeBase], object]
) -> None:
    with pytest.raises(UsageError) as error:
        ask(kb)
    assert error.value.hint


def test_a_filter_that_is_none_is_not_applied(kb: KnowledgeBase) -> None:
    assert kb.rows("recs", theme=None, survivor=None) == kb.rows("recs")


def test_a_query_that_is_not_read_only_is_a_failure(kb: KnowledgeBase) -> None:
    with pytest.raises(cthbkb.Failure, match="the query is not read-only"):
        kb.sql("delete from themes")


# Notes


def test_a_limited_answer_says_so(kb: KnowledgeBase) -> None:
    cut = kb.rows("recs", limit=2)
    assert (cut.cut, cut.total, cut.notes) == (True, 21, ["2 of 21 items shown"])
    whole = kb.rows("recs")
    assert (whole.cut, whole.notes) == (False, ())
    found = kb.search("lamp", limit=1)
    assert found.cut
    assert found.notes[-1] == f"1 of {found.total} shown; limit={found.total} gives all"
    assert not kb.search("lamp", limit=found.total).cut
    queried = kb.sql("select id from recs", limit=3)
    assert (queried.cut, queried.notes) == (True, ["only the first 3 rows; there are more"])


def test_a_comparison_comes_with_its_caveat(run: Run, kb: KnowledgeBase) -> None:
    (caveat,) = kb.compare(theme="jht").notes
    assert f"note: {caveat}\n" in run("compare", "--theme", "jht").err


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        (("2031", "2035"), {"years": [2031, 2035]}),
        (("--by", "theme"), {"by": "theme"}),
        (("--by", "kind", "2031", "--theme", "jht"), {"by": "kind", "years": 2031, "theme": "jht"}),
        (("--by", "theme", "--gaps"), {"by": "theme", "gaps": True}),
        (("--planned", "2033"), {"planned": 2033}),
        (("--outside", "--kind", "takeaway"), {"outside": True, "kind": "takeaway"}),
    ],
)
def test_every_comparison_is_the_same_as_on_the_command_line(
    run: Run, kb: KnowledgeBase, argv: tuple[str, ...], asked: dict[str, Any]
) -> None:
    assert kb.compare(**asked) == json.loads(run("compare", *argv, "--format", "json").out)


def test_citations_are_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    named = ("2033-p2-r1", "2033 panel 1 rec 1", "2031-highlights")
    found = kb.cite(*named)
    assert (found, found.total) == (json.loads(run("cite", *named, "--format", "json").out), 3)


@pytest.mark.parametrize("format", ["markdown", "html"])
def test_a_briefing_is_the_same_as_on_the_command_line(
    run: Run, kb: KnowledgeBase, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert kb.brief(theme="jht", format=format) == run("brief", "--theme", "jht", "--format", format).out
    assert kb.brief("2033-p2-r1", format=format) == run("brief", "2033-p2-r1", "--format", format).out


@pytest.mark.parametrize(
    ("listing", "name"), [("recs", "theme"), ("recs", "year"), ("speakers", "country"), ("people", "role")]
)
def test_facets_equal_the_counts_of_the_lists(run: Run, kb: KnowledgeBase, listing: str, name: str) -> None:
    found = kb.facets(listing, name, year="2031-2033")
    assert list(found.values()) == sorted(found.values(), reverse=True)
    for value, number in found.items():
        words = () if name == "year" else ("--year", "2031-2033")
        assert run(listing, f"--{name}", str(value), *words, "--count").out == f"{number}\n"


# Threads and closing


def test_several_threads_can_use_one_knowledge_base(kb: KnowledgeBase) -> None:
    wanted = kb.rows("recs", sort="-id")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(kb.rows, "recs", sort="-id") for _ in range(40)]
        found = [pool.submit(kb.search, "lamp") for _ in range(40)]
        queries = [pool.submit(kb.sql, "select count(*) as n from recs") for _ in range(40)]
    assert all(one.result() == wanted for one in asked)
    assert len({len(one.result()) for one in found}) == 1
    assert all(one.result() == [{"n": 21}] for one in queries)


def test_a_call_after_closing_is_a_failure(database: Path) -> None:
    with KnowledgeBase(database) as kb:
        kb.rows("themes")
    kb.close()
    for ask in (lambda: kb.rows("themes"), lambda: kb.version, lambda: kb.show("jht"), lambda: kb.sql("select 1")):
        with pytest.raises(cthbkb.Failure, match="the knowledge base is closed"):
            ask()


def test_a_knowledge_base_that_is_garbage_collected_closes_its_database(database: Path) -> None:
    kb = KnowledgeBase(database)
    connection = kb.connection
    del kb
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("select 1")


@pytest.mark.parametrize("argv", [("recs",), ("show", "2033-p2-r1"), ("search", "lamp"), ("compare",), ("cite", "zz")])
def test_a_command_closes_what_it_has_opened(run: Run, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]) -> None:
    opened: list[sqlite3.Connection] = []
    open_database = store.open_database

    def recorded(path: str | None = None) -> sqlite3.Connection:
        opened.append(open_database(path))
        return opened[-1]

    monkeypatch.setattr(store, "open_database", recorded)
    run(*argv)
    assert opened
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("select 1")


# Defaults


def test_a_search_takes_type_year_and_theme_and_gives_twenty_rows(run: Run, kb: KnowledgeBase) -> None:
    for asked, argv in (
        ({}, ""),
        ({"theme": "night-work"}, "--theme night-work"),
        ({"theme": ["lights", "jht"], "year": 2031}, "--theme lights --theme jht --year 2031"),
        ({"year": "2033-2035", "type": "threads"}, "--year 2033-2035 --type threads"),
        ({"type": ["recs", "statistic"]}, "--type recs --type statistic"),
    ):
        found = kb.search("harbour keepers", **asked)  # type: ignore[arg-type]  # arguments of different types
        done = run("search", "harbour", "keepers", *argv.split(), "--format", "json")
        assert (found, found.total) == (json.loads(done.out), int(run("search", "harbour", "keepers", *argv.split(),
                                                                      "--count").out)), asked  # fmt: skip
    many = kb.search("harbour")
    assert (len(many), many.total > 20) == (20, True)


def test_a_comparison_and_a_briefing_take_the_kind_and_the_years(run: Run, kb: KnowledgeBase) -> None:
    argv = ("compare", "--theme", "lights", "--kind", "observation", "2031", "2033", "--format", "json")
    made = kb.compare(theme="lights", kind="observation", years=[2031, 2033])
    assert (made, made.total) == (json.loads(run(*argv).out), len(made))
    assert made != kb.compare(theme="lights")
    assert kb.brief(theme="lights", year=2033) == run("brief", "--theme", "lights", "--year", "2033").out
    assert kb.brief(session="2033-p2") == run("brief", "--session", "2033-p2").out
    both = run("brief", "--theme", "lights", "--theme", "jht").out
    assert kb.brief(theme=["lights", "jht"]) == both != run("brief", "--theme", "lights").out


def test_columns_of_a_frame_have_the_type_of_what_they_hold(kb: KnowledgeBase) -> None:
    columns = {"name": "text", "years": "years", "roles": "list", "appearances": "int", "survivor": "flag"}
    pandas_types = {"text": "string", "years": "object", "list": "object", "int": "Int64", "flag": "boolean"}
    found = kb.frame("people").dtypes.astype(str)
    assert {name: found[name] for name in columns} == {name: pandas_types[kind] for name, kind in columns.items()}
    polars_types = {
        "text": polars.String(), "years": polars.List(polars.Int64()), "list": polars.List(polars.String()),
        "int": polars.Int64(), "flag": polars.Boolean(),
    }  # fmt: skip
    schema = kb.frame("people", library="polars").schema
    assert {name: schema[name] for name in columns} == {name: polars_types[kind] for name, kind in columns.items()}
    assert str(kb.frame("statistics").number.dtype) == "Float64"
    own = kb.frame(kb.sql("select 1 as a, 1.5 as b, null as c union all select 2, 3, null")).dtypes.astype(str)
    assert dict(own) == {"a": "Int64", "b": "Float64", "c": "string"}


def test_a_query_has_its_limits(kb: KnowledgeBase) -> None:
    cut = kb.sql("select id from recs order by id", limit=3)
    assert (cut.total, [col.name for col in cut.columns]) == (4, ["id"])
    whole = kb.sql("select id from recs", limit=None, seconds=3600)
    assert (whole.total, whole.cut, whole.notes) == (21, False, [])
    assert kb.sql("select id from recs", limit=21).notes == []
    none = kb.sql("select id from recs", limit=0)
    assert (none, none.cut) == ([], True)
    for seconds in (3601, -1, True):
        with pytest.raises(UsageError, match="is not a number up to 3600"):
            kb.sql("select 1", seconds=seconds)


def test_a_database_error_is_reported(kb: KnowledgeBase) -> None:
    with pytest.raises(cthbkb.Failure) as error:
        kb.ask(lambda db: db.execute("select * from nothing_such"))
    assert (error.value.message, error.value.hint) == (
        "the database cannot be read: no such table: nothing_such", "Open it again: KnowledgeBase()",
    )  # fmt: skip
