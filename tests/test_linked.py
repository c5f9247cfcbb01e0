"""Calendars and linked data, read back by independent libraries."""

from __future__ import annotations

import datetime
import json
import warnings
from pathlib import Path

import icalendar
import pytest
import rdflib
from conftest import Run

SCHEMA = rdflib.Namespace("https://schema.org/")


def events(path: Path) -> dict[str, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


@pytest.fixture
def programme(run: Run, packaged: Path, tmp_path: Path) -> dict[str, icalendar.Event]:
    """The programme of all conferences in the packaged data."""
    done = run("sessions", "-o", tmp_path / "programme.ics", db=packaged)
    assert (done.code, done.out) == (0, "")
    assert max(len(line) for line in (tmp_path / "programme.ics").read_bytes().split(b"\r\n")) <= 75
    return events(tmp_path / "programme.ics")


def test_a_calendar_has_separate_events_for_held_and_planned_sessions(
    programme: dict[str, icalendar.Event], run: Run, packaged: Path
) -> None:
    listed = json.loads(run("sessions", "--format", "json", db=packaged).out)
    held = {f"{s['id']}-held@cthbkb" for s in listed if s["held_date"]}
    planned = {
        f"{s['id']}-planned@cthbkb"
        for s in listed
        if s["planned_date"]
        and [s[f"planned_{p}"] for p in ("date", "start", "end")] != [s[f"held_{p}"] for p in ("date", "start", "end")]
    }
    assert set(programme) == held | planned
    panel = programme["2020-p2-planned@cthbkb"]
    assert str(panel["SUMMARY"]).startswith("Planned: ")
    assert str(panel["STATUS"]) == "TENTATIVE"
    start = panel["DTSTART"].dt
    assert start.date() == datetime.date(2020, 3, 31)
    assert start.utcoffset() == datetime.timedelta(hours=2)
    assert panel["DTEND"].dt > start


def test_an_event_without_hours_takes_the_whole_day(programme: dict[str, icalendar.Event]) -> None:
    panel = programme["2020-p2-held@cthbkb"]
    assert (panel["DTSTART"].dt, panel["DTEND"].dt) == (datetime.date(2020, 7, 21), datetime.date(2020, 7, 22))
    assert str(panel["STATUS"]) == "CONFIRMED"


def test_titles_are_unchanged_in_a_calendar(run: Run, tmp_path: Path) -> None:
    assert run("sessions", "-o", tmp_path / "p.ics").code == 0
    titles = {row["title"] for row in json.loads(run("sessions", "--format", "json").out)}
    for event in events(tmp_path / "p.ics").values():
        assert str(event["SUMMARY"]).removeprefix("Planned: ") in titles


def test_only_sessions_make_a_calendar(run: Run, tmp_path: Path) -> None:
    needed = ["id", "type", "title", "planned_date", "planned_start", "planned_end", "held_date"]
    lacking = [",".join(other for other in needed if other != name) for name in needed]
    for argv in (("recs",), ("sessions", "--columns", "id"), *(("sessions", "--columns", names) for names in lacking)):
        done = run(*argv, "-o", tmp_path / "p.ics")
        assert done.code == 2
        assert done.err.endswith("hint: Write sessions: cthbkb sessions -o programme.ics\n")
    assert run("sessions", "--columns", ",".join(needed), "-o", tmp_path / "p.ics").code == 0


def test_linked_data_are_events_people_and_concepts(run: Run, packaged: Path, tmp_path: Path) -> None:
    done = run("export", tmp_path / "base.jsonld", db=packaged)
    assert (done.code, done.out) == (0, "")
    read = ("conferences", "documents", "organizations", "people", "sessions", "speakers", "themes")
    rows = sum(int(run(listing, "--count", db=packaged).out) for listing in read)
    assert done.err == f"wrote {len(read)} tables, {rows} rows, to {tmp_path}/base.jsonld\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings of rdflib itself
        graph = rdflib.Graph().parse(tmp_path / "base.jsonld", format="json-ld")
    skos = rdflib.SKOS
    themes = json.loads(run("themes", "--format", "json", db=packaged).out)
    found = {str(label) for label in graph.objects(None, skos.prefLabel)}
    assert found == {theme["label"] for theme in themes}
    broader = {(str(s).rpartition(":")[2], str(o).rpartition(":")[2]) for s, o in graph.subject_objects(skos.broader)}
    assert broader == {(theme["slug"], theme["broader"]) for theme in themes if theme["broader"]}
    people = json.loads(run("people", "--format", "json", db=packaged).out)
    assert {str(s) for s in graph.subjects(rdflib.RDF.type, SCHEMA.Person)} == {
        f"urn:cthbkb:people:{person['id']}" for person in people
    }
    panel = rdflib.URIRef("urn:cthbkb:sessions:2020-p2")
    assert graph.value(panel, SCHEMA.superEvent) == rdflib.URIRef("urn:cthbkb:conferences:2020")
    stage = {
        row["person"]
        for row in json.loads(run("speakers", "--session", "2020-p2", "--format", "json", db=packaged).out)
    }
    assert {str(o).rpartition(":")[2] for o in graph.objects(panel, SCHEMA.performer)} == stage
    subjects = set(graph.subjects())
    for predicate in (SCHEMA.superEvent, SCHEMA.performer, SCHEMA.organizer, SCHEMA.subjectOf, skos.broader):
        assert set(graph.objects(None, predicate)) <= subjects
