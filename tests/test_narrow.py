"""Words after a noun: the longest name wins, full names precede parts of names, and ambiguity is reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from cthbkb import narrow
from cthbkb.errors import UsageError
from cthbkb.registry import LISTINGS

MEANT = {
    "recs jht 2031": "cthbkb recs --theme joint-harbour-teams --year 2031",
    "recs 2031 jht 2033": "cthbkb recs --year 2031 --year 2033 --theme joint-harbour-teams",
    "recs harbour safety takeaway": "cthbkb recs --theme harbour-safety --kind takeaway",
    "recs 2033 panel 1": "cthbkb recs --session 2033-p1",
    "speakers moderators 2031-2033": "cthbkb speakers --role moderator --year 2031-2033",
    "speakers anna kowalska Ruritania": "cthbkb speakers --person anna-kowalska --country Ruritania",
    "speakers ministry": "cthbkb speakers --organization ministry",
    "threads 2031": "cthbkb threads --year 2031",  # and not --in
    "statements 2033": "cthbkb statements --year 2033",
}

REFUSED = {
    "recs joint harbour teams takeaway": (
        "'joint harbour teams' could be --theme joint-harbour-teams or --session 2033-p1",
        "Write: cthbkb recs --theme joint-harbour-teams",
    ),
    "recs harbour": (
        "'harbour' could be --session 2033-p1 or --addressee harbour-masters",
        "Write: cthbkb recs --session 2033-p1",
    ),
    "recs lights zz": ("recs has no filter for 'zz'", "Try: cthbkb search zz"),
    "recs Lihgts": (
        "recs has no filter for 'Lihgts'",
        "Did you mean --theme lighthouses? Or try: cthbkb search Lihgts",
    ),
    "people survivor": ("people has no filter for 'survivor'", "Try: cthbkb search survivor"),
}


def test_words_become_the_filters_that_they_fit(db: sqlite3.Connection) -> None:
    def meant(line: str, among: Sequence[str] = (), command: str = "") -> str:
        name, *words = line.split()
        return narrow.said(command or name, narrow.criteria(db, LISTINGS[name], words, among, command))

    def refused(line: str, among: Sequence[str] = (), command: str = "") -> tuple[str, str]:
        try:
            raise AssertionError(f"{line} is taken for {meant(line, among, command)}")
        except UsageError as error:
            return error.message, error.hint

    assert {line: meant(line) for line in MEANT} == MEANT
    assert {line: refused(line) for line in REFUSED} == REFUSED
    of_a_comparison = ("theme", "kind"), "compare"
    assert meant("recs harbour safety", *of_a_comparison) == "cthbkb compare --theme harbour-safety"
    assert refused("recs 2033-p1", *of_a_comparison) == (
        "compare has no filter for '2033-p1'", "Try: cthbkb search 2033-p1",
    )  # fmt: skip


def test_the_interpreted_command_can_be_typed() -> None:
    assert narrow.said("recs", {"source": ["a b", "c"], "year": ["2031"]}) == (
        "cthbkb recs --source 'a b' --source c --year 2031"
    )
