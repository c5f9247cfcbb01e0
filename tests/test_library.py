"""The library: the same rows as the command line, the same errors, and names that are what they say."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Run

import cthbkb
from cthbkb import KnowledgeBase, UsageError
from cthbkb.registry import LISTINGS


@pytest.fixture
def kb(database: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(str(database)) as opened:
        yield opened


@pytest.mark.parametrize("listing", sorted(LISTINGS))
def test_rows_are_those_of_the_command_line(run: Run, kb: KnowledgeBase, listing: str) -> None:
    assert kb.rows(listing) == json.loads(run(listing, "--format", "json").out)
    assert kb.rows(listing, limit=2).total == len(kb.rows(listing))
    assert kb.rows(listing, limit=2) == json.loads(run(listing, "--format", "json", "--limit", "2").out)


def test_filters_are_those_of_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    argv = ("recs", "--theme", "jht", "--theme", "lights", "--year", "2031", "--sort", "-id", "--format", "json")
    assert kb.recs(theme=["jht", "lights"], year=2031, sort="-id") == json.loads(run(*argv).out)
    assert kb.speakers(role="moderator", year="2031-2033") == json.loads(
        run("speakers", "--role", "moderator", "--year", "2031-2033", "--format", "json").out
    )
    assert kb.rows("people", recurring=True) == json.loads(run("people", "--recurring", "--format", "json").out)
    assert kb.rows("people", recurring=False) == kb.rows("people")
    assert kb.rows("recs", year=(2031, 2035), kind="all") == kb.rows("recs", year=[2031, 2035])


@pytest.mark.parametrize("listing", sorted(LISTINGS))
def test_a_record_is_that_of_the_command_line(run: Run, kb: KnowledgeBase, listing: str) -> None:
    for row in kb.rows(listing):
        id_ = str(row.get("id", row.get("slug")))
        assert kb.show(id_) == json.loads(run("show", id_, "--format", "json").out)


def test_a_record_goes_by_what_people_type(kb: KnowledgeBase) -> None:
    assert kb.show("2033 panel 2 rec 1")["id"] == "2033-p2-r1"


@pytest.mark.parametrize("words", ["lamp", '"joint team"', "keeper -lamp", "wages", "zzzzqqqq", ""])
def test_a_search_is_that_of_the_command_line(run: Run, kb: KnowledgeBase, words: str) -> None:
    assert kb.search(words) == json.loads(run("search", words, "--format", "json").out)
    assert kb.search(words, limit=1) == json.loads(run("search", words, "--limit", "1", "--format", "json").out)


def test_a_comparison_is_that_of_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    assert kb.compare() == json.loads(run("compare", "--format", "json").out)
    assert kb.compare(theme="jht") == json.loads(run("compare", "--theme", "jht", "--format", "json").out)
    assert kb.compare(theme=["jht", "lights"]) == json.loads(
        run("compare", "--theme", "jht", "--theme", "lights", "--format", "json").out
    )


def test_the_version_is_that_of_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    assert run("--version").out == f"cthbkb {cthbkb.__version__}, data {kb.version}\n"


def test_the_listings_are_those_of_the_command_line(kb: KnowledgeBase) -> None:
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
def test_what_does_not_exist_is_a_usage_error_with_a_hint(
    kb: KnowledgeBase, listing: str, wanted: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError) as error:
        kb.rows(listing, **wanted)  # type: ignore[arg-type]  # what a user might pass
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


def test_a_database_that_is_missing_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(cthbkb.Failure, match="no database at "):
        KnowledgeBase(str(tmp_path / "none.db"))


def test_nothing_can_be_written(kb: KnowledgeBase) -> None:
    import sqlite3

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        kb.connection.execute("delete from themes")


def modules() -> list[str]:
    found = [m.name for m in pkgutil.walk_packages(cthbkb.__path__, "cthbkb.") if not m.name.endswith("__main__")]
    return ["cthbkb", *found]


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name in modules() if len((importlib.import_module(name).__doc__ or "").strip()) <= 20] == []


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Knowledgebase'"):
        cthbkb.Knowledgebase  # noqa: B018  # the access is what is tested


def test_filters_of_a_notebook_exclude_require_every_value_and_find_what_has_none(kb: KnowledgeBase) -> None:
    every = {row["id"] for row in kb.rows("recs")}
    jht = {row["id"] for row in kb.rows("recs", theme="jht")}
    assert {row["id"] for row in kb.rows("recommendations", not_theme="jht")} == every - jht
    both = {row["id"] for row in kb.rows("recs", theme=["jht", "cooperation"], all=True)}
    assert both == jht & {row["id"] for row in kb.rows("recs", theme="cooperation")}
    assert {row["id"] for row in kb.rows("recs", thread="none")} == {
        row["id"] for row in kb.rows("recs") if not row["threads"]
    }
