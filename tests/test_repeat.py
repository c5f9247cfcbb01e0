"""The line that reproduces an answer: the canonical command, and a hash of the result."""

from __future__ import annotations

import shlex
import sqlite3

from cthbkb import front, repeat
from cthbkb.catalog import Request

CANONICAL = {
    "recs": "cthbkb recs",
    "recs --sort -id --theme b --theme a --year 2031": "cthbkb recs --theme a --theme b --year 2031 --sort -id",
    "recs --count --limit 2 --all": "cthbkb recs --all --limit 2 --count",
    "recs -f csv -o a.csv --force --db my.db --excel -c id --cite-query": "cthbkb recs",
    "recs --theme 'two words'": "cthbkb recs --theme 'two words'",
    "search lamp keeper --year 2031": "cthbkb search --year 2031 lamp keeper",
    "search keeper -lamp": "cthbkb search -- keeper -lamp",
    "search '\"long watch\"'": "cthbkb search '\"long watch\"'",
    "compare 2031 2035 --by theme --gaps": "cthbkb compare --by theme --gaps 2031 2035",
}


def test_the_canonical_command_has_only_options_that_change_the_answer() -> None:
    for line, wanted in CANONICAL.items():
        request = front.read(shlex.split(line))
        assert isinstance(request, Request)
        assert repeat.canonical(request) == wanted
        again = front.read(shlex.split(wanted)[1:])
        assert isinstance(again, Request)
        assert repeat.canonical(again) == wanted


def test_records_are_counted_once(db: sqlite3.Connection) -> None:
    request = front.read(["recs"])
    assert isinstance(request, Request)
    found = [repeat.notes(db, request, ids)[0].rpartition("; ")[2] for ids in (["a", "b", "a"], ["a"], [])]
    assert [text.rpartition(" ")[0] for text in found] == ["2 records", "1 record", "0 records"]


def test_the_hash_is_of_a_set_of_ids() -> None:
    assert repeat.digest(["b", "a", "b"]) == repeat.digest(["a", "b"]) == "7e18f737"
    assert repeat.digest(["a"]) != repeat.digest(["a", "b"]) != repeat.digest(["ab"])
