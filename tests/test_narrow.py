"""Words after a noun: the longest name wins, full names precede parts of names, and ambiguity is reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cthbkb import named, narrow
from cthbkb.errors import UsageError
from cthbkb.registry import LISTINGS

MEANT = {
    "recs jht 2031": "cthbkb recs --theme joint-harbour-teams --year 2031",
    "recs 2031 jht 2033": "cthbkb recs --year 2031 --year 2033 --theme joint-harbour-teams",
    "recs harbour safety takeaway": "cthbkb recs --theme harbour-safety --kind takeaway",
    "recs 2033 panel 1": "cthbkb recs --session 2033-p1",
    "speakers moderators 2031-2033": "cthbkb speakers --role moderator --year 2031-2033",
    "speakers anna kowalska Ruritania": "cthbkb speakers --person anna-kowalska --country Ruritania",
    "speakers Ms A. Kowalska": "cthbkb speakers --person anna-kowalska",
    "speakers ministry": "cthbkb speakers --organization ministry",
    "speakers ministry quays": "cthbkb speakers --organization ministry --organization ministry-of-quays",
    "threads 2031": "cthbkb threads --year 2031",  # and not --in
    "statements 2033": "cthbkb statements --year 2033",
    "recs about the lights in 2031": "cthbkb recs --theme lighthouses --year 2031",
    "recs from panel 1 of 2033": "cthbkb recs --session 2033-p1 --year 2033",
    "recs of the 2nd conference": "cthbkb recs --year 2033",
    "recs Fog and how to hear in it": "cthbkb recs --session 2033-side1",
    "commitments institute 2035": "cthbkb commitments --organization institute-of-tides --year 2035",
    "statistics northern coast 2031": "cthbkb statistics --area 'the northern coast' --year 2031",
}

OF_THE_SUBJECT = {
    "recs trafficking for labour exploitation 2020": "cthbkb recs --theme labour-exploitation --year 2020",
    "recs trafficking for sexual exploitation 2018": "cthbkb recs --theme sexual-exploitation --year 2018",
    "recs human trafficking 2020": "cthbkb recs --year 2020",
    "recs Trafficking For Labour Exploitation": "cthbkb recs --theme labour-exploitation",
    "recs trafficking in children 2016": "cthbkb recs --theme child-protection --year 2016",
    "recs for survivors 2020": "cthbkb recs --affected survivors --year 2020",
    "threads trafficking for labour exploitation": "cthbkb threads --theme labour-exploitation",
    "statements by Germany": "cthbkb statements --country Germany",
    "sessions panel 1 2020": "cthbkb sessions --session 2020-p1 --year 2020",
    "speakers from the United Kingdom": "cthbkb speakers --country 'United Kingdom'",
}
"""Phrases with words for what most records are about, and with fillers that long titles contain too."""

REFUSED = {
    "recs joint harbour teams takeaway": (
        "'joint harbour teams' could be --theme joint-harbour-teams or --session 2033-p1",
        "Write: cthbkb recs --theme joint-harbour-teams",
    ),
    "recs harbour": (
        "'harbour' could be --theme harbour-safety or --theme joint-harbour-teams or --session 2033-p1"
        " or --addressee harbour-masters or --document 2033-highlights or --document 2035-conclusions",
        "Write: cthbkb recs --theme harbour-safety",
    ),
    "recs lights zz": ("recs has no filter for 'zz'", "Try: cthbkb search lights zz"),
    "recs Lihgts": (
        "recs has no filter for 'Lihgts'",
        "Did you mean --theme lighthouses? Or try: cthbkb search Lihgts",
    ),
    "recs panel 1": (
        "'panel 1' could be --session 2031-p1 or --session 2033-p1 or --session 2035-p1",
        "Write: cthbkb recs --session 2031-p1",
    ),
    "recs panel 1 2031 2033": (
        "'panel 1' could be --session 2031-p1 or --session 2033-p1",
        "Write: cthbkb recs --session 2031-p1",
    ),
    "recs lights 20": ("recs has no filter for '20'", "Try: cthbkb search lights 20"),
    "recs not 2031": (
        "recs has no filter for 'not'",
        "Did you mean --change noted or --session 2035-keynote? Or try: cthbkb search not 2031",
    ),
    "recs lights 2037": ("unknown year '2037'", "Years: 2031, 2033, 2035."),
    "recs tides and teams 2031": (
        "recs has no filter for 'tides'",
        "Did you mean --session 2033-p2 or --theme tide-data? Or try: cthbkb search tides and teams 2031",
    ),
    "recs about the": ("recs has no filter for 'about'", "Try: cthbkb search about the"),
    "speakers closng": (
        "speakers has no filter for 'closng'",
        "Did you mean --role closing? Or try: cthbkb search closng",
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
    for filler in "a about an and at by concerning for from in into of on regarding the to with".split():
        assert meant(f"recs {filler} lights") == "cthbkb recs --theme lighthouses", filler
    of_a_comparison = ("theme", "kind"), "compare"
    assert refused("recs harbour", *of_a_comparison) == (
        "'harbour' could be --theme harbour-safety or --theme joint-harbour-teams",
        "Write: cthbkb compare --theme harbour-safety",
    )
    assert meant("recs harbour safety", *of_a_comparison) == "cthbkb compare --theme harbour-safety"
    assert refused("recs 2033-p1", *of_a_comparison) == (
        "compare has no filter for '2033-p1'", "Try: cthbkb search 2033-p1",
    )  # fmt: skip


def test_words_for_the_subject_of_all_records_and_words_of_long_titles_are_no_values(packaged: Path) -> None:
    with closing(named.connect(str(packaged))) as own:
        for line, command in OF_THE_SUBJECT.items():
            name, *words = line.split()
            assert narrow.said(name, narrow.criteria(own, LISTINGS[name], words)) == command
        for line in ("recs combating trafficking 2020", "recs ending impunity 2016", "commitments trafficking"):
            name, *words = line.split()
            with pytest.raises(UsageError, match=f"{name} has no filter for '{words[0]}'"):
                narrow.criteria(own, LISTINGS[name], words)


def test_a_name_precedes_the_same_words_of_an_area(db: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    def meant() -> dict[str, list[str]]:
        return narrow.criteria(memory, LISTINGS["statistics"], ["fog", "signals"])

    db.backup(memory)
    memory.executemany("insert into names values ('statistics.area', 'fog signals', ?)", [("A",), ("B",)])
    assert meant() == {"theme": ["fog-signals"]}
    memory.execute("delete from names where field = 'themes' and id = 'fog-signals'")
    assert meant() == {"area": ["fog signals"]}


def test_of_more_than_six_values_the_others_are_not_named(db: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    db.backup(memory)
    memory.execute("insert into names values ('themes', 'harbour lamps', 'lighthouses')")
    with pytest.raises(
        UsageError, match=r"'harbour' could be (--[a-z]+ [a-z0-9-]+ or ){5}--[a-z]+ [a-z0-9-]+, or others$"
    ):
        narrow.criteria(memory, LISTINGS["recs"], ["harbour"])


def test_the_interpreted_command_can_be_typed() -> None:
    assert narrow.said("recs", {"source": ["a b", "c"], "year": ["2031"]}) == (
        "cthbkb recs --source 'a b' --source c --year 2031"
    )
