"""The parts of the site, without a server: links and cells, lists, questions, metadata for Datasette, access."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from conftest import Run

from cthbkb.registry import LISTINGS

pytest.importorskip("datasette", reason="the extra `web` is not installed")

from cthbkb.web import app, describe
from cthbkb.web.blocks import Blocks
from cthbkb.web.guard import Guard
from cthbkb.web.links import Links
from cthbkb.web.lists import Lists
from cthbkb.web.questions import CHOICES, QUESTIONS


@pytest.fixture
def links(db: sqlite3.Connection) -> Links:
    return Links(db, describe.references(db))


@pytest.fixture
def lists(db: sqlite3.Connection, links: Links) -> Lists:
    return Lists(db, links, describe.metadata(db)["databases"]["kb"]["tables"])


# Links

ITEM = '<a href="/kb/recommendations/2031-p1-r1">{}</a>'
PANEL = '<a href="/kb/sessions/2031-p1">Lights at night: who keeps them?</a> <span class="id">2031-p1</span>'

CELLS: dict[tuple[str, str, Any], str | None] = {
    ("list_recs", "id", "2031-p1-r1"): ITEM.format("2031-p1-r1"),
    ("list_recs", "session", "2031-p1"): PANEL,
    ("recommendations", "session", "2031-p1"): PANEL,
    ("recommendations", "id", "2031-p1-r1"): None,
    ("list_recs", "session", "2099-p1"): '<a href="/kb/sessions/2099-p1">2099-p1</a>',
    ("list_recs", "themes", '["lighthouses","tide-data"]'): (
        '<a href="/kb/themes/lighthouses">Lighthouses</a>, <a href="/kb/themes/tide-data">Tide data</a>'
    ),
    ("list_themes", "slug", "lighthouses"): '<a href="/kb/themes/lighthouses" title="Lighthouses">lighthouses</a>',
    ("list_recs", "document", "2033-report"): (
        '<a href="/kb/documents/2033-report" title="Report of the year 2033">2033-report</a>'
    ),
    # of a query, whose columns no table explains
    ("", "person", "tom-reed"): '<a href="/kb/people/tom-reed">Tom Reed</a>',
    ("", "items", '["2031-p1-r1","2033-act1","none"]'): (
        ITEM.format("2031-p1-r1") + ', <a href="/kb/activities/2033-act1">2033-act1</a>, none'
    ),
    ("", "country", "Ruritania"): None,
    # addresses, lists of no ids, texts, nothing
    ("list_recs", "url", "https://a.b/?c=1&d"): (
        '<a href="https://a.b/?c=1&amp;d" rel="noreferrer">https://a.b/?c=1&amp;d</a>'
    ),
    ("list_recs", "url", "http://a.b"): '<a href="http://a.b" rel="noreferrer">http://a.b</a>',
    ("list_people", "years", "[2031,2033]"): "2031; 2033",
    ("list_people", "spellings", '["A & B","C"]'): "A &amp; B; C",
    ("list_recs", "themes", "[]"): "&nbsp;",
    ("list_recs", "summary", "[sic] text"): None,
    ("list_recs", "summary", "[a, b]"): None,
    ("list_recs", "summary", ""): "",
    ("list_recs", "summary", None): "",
}


def test_a_cell_links_to_the_records_of_its_ids(links: Links) -> None:
    found = {given: links.cell(*given) for given in CELLS}
    assert {given: None if made is None else str(made) for given, made in found.items()} == CELLS
    assert str(links.cell("list_recs", "session", {"value": "2031-p1", "label": "x"})) == PANEL
    assert str(links.cell("", "text", "[a,1]", many=True)) == "a; 1"


TEXTS = {
    # commands
    ("cthbkb show 2031-p1-r1 and", ""): "cthbkb show 2031-p1-r1 and",
    ("cthbkb show 2031-p1-r1, and", ""): ITEM.format("2031-p1-r1") + ", and",
    ("cthbkb show joint-teams", ""): '<a href="/kb/threads/joint-teams">Joint teams of several ports</a>',
    ("cthbkb show none-such", ""): "cthbkb show none-such",
    ("(cthbkb recs --theme jht --year 2031)", ""): (
        '(<a href="/kb/list_recs?_theme=jht&amp;_year=2031">the list</a>)'
    ),
    ("cthbkb threads --in 2031", ""): '<a href="/kb/list_threads?_in=2031">the list</a>',
    ("cthbkb threads lights", ""): "cthbkb threads lights",
    ("cthbkb compare --theme lighthouses", ""): '<a href="/compare?theme=lighthouses">the comparison</a>',
    ("cthbkb compare 2031 2035", ""): '<a href="/compare?year=2031&amp;year=2035">the comparison</a>',
    ("cthbkb compare --gaps --by theme", ""): '<a href="/compare?gaps=1&amp;by=theme">the comparison</a>',
    ("cthbkb compare --outside 2031", ""): '<a href="/compare?outside=1&amp;year=2031">the comparison</a>',
    ("cthbkb compare lights", ""): "cthbkb compare lights",
    ("cthbkb compare --theme THEME", ""): "cthbkb compare --theme THEME",
    # ids of items; their year may precede them or be the heading of their column
    ("p1-r1", ""): "p1-r1",
    ("p1-r1", "2031"): ITEM.format("p1-r1"),
    ("2031\xa0p1-r1", ""): ITEM.format("2031 p1-r1"),
    ("2031-p1-r1", "2033"): ITEM.format("2031-p1-r1"),
    ("p9-r9", "2031"): "p9-r9",
    ("2033-act3; com2", "2033"): (
        '<a href="/kb/activities/2033-act3">2033-act3</a>; <a href="/kb/commitments/2033-com2">com2</a>'
    ),
    ("in 2033 act9", ""): "in 2033 act9",
    ("<b> & p1-r1; intro-n1", "2033"): (
        '&lt;b&gt; &amp; <a href="/kb/recommendations/2033-p1-r1">p1-r1</a>; '
        '<a href="/kb/statistics/2033-intro-n1">intro-n1</a>'
    ),
}  # fmt: skip


def test_commands_and_ids_in_a_text_are_links(links: Links) -> None:
    blocks = Blocks(links)
    assert {given: str(blocks.text(*given)) for given in TEXTS} == TEXTS


def test_matches_are_marked_only_if_all_brackets_mark_matches() -> None:
    marked = {"a [b] <c>": "a <mark>b</mark> &lt;c&gt;", "a [b": "a [b", "a ] [b]": "a ] [b]", "[[a]]": "[[a]]"}
    assert {text: str(app._marked(text)) for text in marked} == marked


def test_a_record_is_quoted_if_there_are_copies(
    db: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoted: list[Any] = []
    monkeypatch.setattr("cthbkb.record.quote", lambda db, named, records: quoted.append(named))
    for folder in (tmp_path, tmp_path / "none"):
        monkeypatch.setattr("cthbkb.cache.sources_folder", lambda folder=folder: str(folder))
        assert app._shown(db, "recommendations", "2031-p1-r1").table == "recommendations"
    assert quoted == [[("recommendations", "2031-p1-r1")]]


# Lists


def test_a_list_has_a_title_a_description_and_facets(db: sqlite3.Connection) -> None:
    tables = describe.metadata(db)["databases"]["kb"]["tables"]
    assert {name: tables[name]["title"] for name in ("list_recs", "recs", "list_speakers", "affected_groups")} == {
        "list_recs": "Recommendations", "recs": "Recommendations", "list_speakers": "Speakers",
        "affected_groups": "Affected groups",
    }  # fmt: skip
    assert tables["list_sessions"]["description"] == (
        "The parts of the programmes. One row is a part of a programme, or a part of a report (type part)."
    )
    assert tables["list_themes"]["sortable_columns"][:3] == ["seq", "slug", "label"]
    assert {name: tables[f"list_{name}"]["facets"] for name in ("recs", "sessions", "people", "moves", "themes")} == {
        "recs": ["year", "kind", "modality", "change", {"array": "themes"}, {"array": "addressees"}],
        "sessions": ["year", "type", "status"],
        "people": [{"array": "years"}, {"array": "roles"}],
        "moves": [{"array": "changes"}],
        "themes": [],
    }
    assert tables["recommendations_themes"] == {
        "title": "Recommendations themes", "description": "One row per value in themes of a record in recommendations.",
        "columns": {
            "value": "All themes that it is about, and no others.",
            "year": "Year of the record; 0 if it has none.", "id": "The record, an id of recommendations.",
            "seq": "Position in print order.",
        },
        "hidden": True,
    }  # fmt: skip
    shown = {name for name, table in tables.items() if not table.get("hidden")}
    assert shown == {f"list_{name}" for name in LISTINGS} | {"recs", "speakers"}


def test_a_list_shows_the_columns_of_a_wide_terminal_and_the_reference(db: sqlite3.Connection, lists: Lists) -> None:
    def columns(name: str, every: bool = False) -> str:
        names = [row[0] for row in db.execute(f"select * from {name} limit 0").description]
        return " ".join(lists.columns(name, names, every))

    assert columns("list_recs") == "id year kind summary themes modality document section item"
    assert columns("list_speakers") == "person role session year position organization country document section item"
    assert columns("list_organizations").startswith("id name ")  # only beside a link with the same text is it left out
    assert columns("list_themes").startswith("slug label ")
    assert columns("list_abbreviations", every=True) == "id short long document section item pack"
    assert lists.columns("of_mine", ["seq", "id"], every=False) == ["seq", "id"]
    assert lists.head("list_speakers", "session_title") == "session title"


def test_a_list_offers_its_filters_with_the_values_that_occur(lists: Lists) -> None:
    found = {entry["name"]: entry for entry in lists.narrow("list_topics", {"status": ["silent"]})}
    assert list(found) == list(LISTINGS["topics"].filters)
    assert {name: entry["value"] for name, entry in found.items() if entry["value"]} == {"status": "silent"}
    assert found["year"]["help"] == "Year or range of years, such as 2020 or 2016-2020."
    assert {name: entry["choices"] for name, entry in found.items() if name != "document"} == {
        "year": [("2031", "2031"), ("2033", "2033")],
        "theme": [
            ("cooperation", "Co-operation between ports"), ("harbour-safety", "Harbour safety"),
            ("joint-harbour-teams", "Joint harbour teams"), ("lighthouses", "Lighthouses"), ("tide-data", "Tide data"),
        ],
        "session": [
            ("2033-p1", "Joint harbour teams"), ("2031-p1", "Lights at night: who keeps them?"),
            ("2033-p2", 'Tides, tables and "the rest"'),
        ],
        "status": [(s, s) for s in ("answered", "in prose or figures only", "silent")],
    }  # fmt: skip
    of_people = {entry["name"]: entry.get("choices") for entry in lists.narrow("list_people", {})}
    assert of_people["recurring"] == [("1", "yes")]
    of_figures = {entry["name"]: entry.get("choices") for entry in lists.narrow("list_statistics", {})}
    assert (of_figures["source"], of_figures["year"] is None) == (None, False)  # a part of a name is enough
    assert lists.narrow("themes", {}) == []


def test_a_filter_with_many_values_is_a_text_field(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cthbkb.web.lists.SHORT", 3)
    found = {entry["name"]: len(entry.get("choices", ())) for entry in lists.narrow("list_topics", {})}
    assert (found["theme"], found["session"], found["status"]) == (0, 3, 3)


def test_columns_facets_and_values_are_readable(lists: Lists) -> None:
    assert {name: lists.form(name) for name in ("summary", "title", "slug", "start", "kind")} == {
        "summary": "body", "title": "prose", "slug": "key", "start": "key", "kind": "",
    }  # fmt: skip
    found = {name: {"name": name} for name in ("kind", "mine", "year")}
    assert [facet["name"] for facet in lists.facets(found)] == ["year", "kind", "mine"]
    assert lists.value("list_recs", "themes", "lighthouses") == "Lighthouses"
    assert lists.value("list_recs", "year", 2031) == "2031"
    assert lists.about_list("list_recs") == "Recommendations, observations, takeaways and other items."
    assert lists.tables()[0] == ("conferences", "Conferences", "One row is a conference.")


# Questions

ASKED: list[tuple[str, dict[str, str | int], str]] = [
    ("recommendations-on-a-theme", {"theme": "lighthouses", "year": 2033}, "2033-p1-r2"),
    ("who-is-asked-to-act", {"addressee": "forum-states", "theme": "lighthouses"}, "2031-p1-r2 2031-p1-r2a 2033-p1-r2"),
    ("for-whom", {"affected": "young-sailors"}, "2035-p1-t2 2035-p1-t4"),
    ("for-whom", {"affected": "young-sailors", "year": 2033}, ""),
    ("how-binding", {"modality": "must", "year": 2035}, "2035-p1-t1"),
    ("how-binding", {"modality": "should", "theme": "fair-pay"}, "2035-p1-t2"),
    ("changes-between-two-conferences", {"from": "2031", "to": "2035"}, "joint-teams night-pay keepers-heard"),
    ("changes-between-two-conferences", {"from": "2031", "theme": "lighthouses"},
     "lights-lit keepers-heard keepers-heard"),
    ("changes-between-two-conferences", {"to": "2035", "theme": "tide-data"}, "tide-tables"),
    ("asks-over-the-years", {"theme": "lighthouses"}, "lights-lit keepers-heard spare-lamps"),
    ("asked-then-not-mentioned", {"year": 2031, "not_year": 2035}, "lights-lit open-log-books spare-lamps"),
    ("who-spoke-for-a-country", {"country": "Ruritania", "year": 2033}, "anna-kowalska"),
    ("who-spoke-where-a-theme-came-up", {"theme": "tide-data", "year": 2033},
     "li-wei petra-novakova anna-kowalska"),
    ("people-who-came-back", {}, "anna-kowalska sean-obrien tom-reed"),
    ("figures-and-their-sources", {"theme": "lighthouses"}, "2031-p1-n1"),
    ("figures-and-their-sources", {"year": 2035}, "2035-p1-n1"),
    ("where-the-documents-disagree", {"document": "2031-highlights"}, "spelling-kowalska teams-and-pay"),
    ("what-was-promised", {}, "2031-com1 2033-com1 2033-com2 2031-act1 2033-act2"),
    ("what-was-promised", {"year": 2031}, "2031-com1 2031-act1"),
    ("programme-of-a-conference", {"conference": "2033"},
     "2033-opening 2033-p1 2033-p2 2033-break1 2033-side1 2033-social1"),
    ("announced-and-answered", {"status": "silent"}, "2033-p1-topic2"),
]  # fmt: skip


def test_a_question_finds_what_it_asks_for(db: sqlite3.Connection) -> None:
    assert {name for name, *_ in ASKED} == set(QUESTIONS)
    for name, given, wanted in ASKED:
        sql = QUESTIONS[name].sql
        empty = dict.fromkeys(re.findall(r":(\w+)", sql), "")
        found = [row[0] for row in db.execute(sql, empty | given)]
        assert found == wanted.split(), (name, given)


def test_a_parameter_of_a_question_is_chosen_from_its_labels(db: sqlite3.Connection, lists: Lists) -> None:
    assert set(CHOICES) == {name for q in QUESTIONS.values() for name in re.findall(r":(\w+)", q.sql)}
    templates = "".join(path.read_text(encoding="utf-8") for path in (app.HERE / "templates").iterdir())
    assert set(re.findall(r'choices\("(\w+)"\)', templates)) <= set(CHOICES)
    assert lists.choices("conference") == [
        ("2031", "2031: lights"), ("2033", "2033: tides"), ("2035", "2035: Fair Winds for Night Crews"),
    ]  # fmt: skip
    assert lists.choices("addressee")[0] == ("forum-states", "Forum States")
    assert lists.choices("words") == []
    for name in CHOICES:
        labels = [label for _, label in lists.choices(name)]
        assert labels == sorted(labels) or name == "document", name


# Access

ELSEWHERE = (403, "This host name is not served. Use the address that cthbkb serve printed.")
WRITING = (405, "This site is read-only.")
INSIDE = (404, "This page is not served.")
UNKNOWN = (404, "This page has no such format. Formats: csv, json.")
UNASKED = (404, "This format is only for queries: /kb.csv?sql=QUERY")

REFUSED = {
    ("localhost ::1", "localhost", "GET", "/"): None,
    ("localhost ::1", "localhost:8001", "HEAD", "/kb"): None,
    ("localhost ::1", "[::1]:8001", "GET", "/"): None,
    ("localhost ::1", "[::1]", "GET", "/"): None,
    ("localhost ::1", "evil.example", "GET", "/"): ELSEWHERE,
    ("localhost ::1", "localhost.evil.example", "GET", "/"): ELSEWHERE,
    ("localhost ::1", "", "GET", "/"): ELSEWHERE,
    ("", "evil.example", "GET", "/"): None,
    ("", "a", "POST", "/"): WRITING,
    ("", "a", "OPTIONS", "/"): WRITING,
    ("", "a", "GET", "/-/settings"): INSIDE,
    ("", "a", "GET", "/-/metadata.json"): None,
    ("", "a", "GET", "/-/versions.json"): None,
    ("", "a", "GET", "/-/static/app.css"): None,
    ("", "a", "GET", "/static/site.css"): None,
    ("", "a", "GET", "/kb/themes/lighthouses.json"): None,
    ("", "a", "GET", "/kb/themes/lighthouses.xyz"): UNKNOWN,
    ("", "a", "GET", "/kb/themes/lighthouses.json.xyz"): UNKNOWN,
    ("", "a", "GET", "/kb/list_recs.xlsx"): UNKNOWN,
    ("", "a", "GET", "/kb/list_recs.jsono"): UNKNOWN,
    ("", "a", "GET", "/kb/list_recs.csv"): None,
    ("", "a", "GET", "/kb.pdf?sql=select 1"): UNKNOWN,
    ("", "a", "GET", "/kb.csv?sql=select 1"): None,
    ("", "a", "GET", "/kb.csv"): UNASKED,
    ("", "a", "GET", "/kb.db"): None,
    ("", "a", "GET", "/kb/themes/lighthouses.db"): UNKNOWN,
    ("", "a", "GET", "/.jsono"): UNKNOWN,
}


def test_only_known_hosts_and_formats_are_answered_and_nothing_can_be_written() -> None:
    def refused(hosts: str, host: str, method: str, path: str) -> tuple[int, str] | None:
        headers = [(b"accept", b"*/*"), *([(b"host", host.encode())] if host else [])]
        guard = Guard(frozenset(hosts.split()), None)
        path, _, query = path.partition("?")
        return guard._refused({"headers": headers, "method": method, "path": path, "query_string": query.encode()})

    assert {given: refused(*given) for given in REFUSED} == REFUSED


def test_a_site_for_this_machine_accepts_only_its_names(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = pytest.importorskip("cthbkb.web.server")
    made = MagicMock()
    made._bound.return_value.getsockname.return_value = ("", 8001)
    for name in ("_bound", "_frozen", "Site", "uvicorn"):
        monkeypatch.setattr(server, name, getattr(made, name))
    here = {"127.0.0.1", "localhost", "::1"}
    hosts = {"localhost": here, "::1": here, "127.0.0.2": {*here, "127.0.0.2"}, "192.0.2.1": set(), "::": set()}
    found, open_to_others = {}, {}
    for host in hosts:
        assert server.serve(db, host, 8001, show=False) == 0
        found[host] = set(made.Site.call_args.args[1])
        open_to_others[host] = "open to other machines" in capsys.readouterr().err
    assert found == hosts
    assert open_to_others == {host: not names for host, names in hosts.items()}


# The command


def test_serve_takes_its_port_and_host_or_their_defaults(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[int, object]] = []

    def serve(db: sqlite3.Connection, *given: object) -> int:
        served.append((db.execute("select count(*) from recommendations").fetchone()[0], given))
        return 7

    monkeypatch.setattr("cthbkb.commands.serve.imported", lambda name: {"cthbkb.web.server:serve": serve}[name])
    for argv in ((), ("--port", "65535", "--host", "::1"), ("-p", "0", "--open")):
        assert run("serve", *argv).code == 7
    assert served == [
        (21, ("127.0.0.1", 8001, False, str(database))), (21, ("::1", 65535, False, str(database))),
            (21, ("127.0.0.1", 0, True, str(database))),
    ]  # fmt: skip
    for port in ("65536", "1000000000", "x", "\u0663", "1.5"):
        done = run("serve", f"--port={port}")
        assert (done.code, done.err) == (
            2, f"error: port {port!r} is not a number from 0 to 65535\n"
            "hint: Use a port such as 8001, or 0 for any free one.\n",
        )  # fmt: skip
    assert len(served) == 3


def test_datasette_is_told_the_titles_of_base_and_questions(db: sqlite3.Connection) -> None:
    made = describe.metadata(db)
    base = made["databases"]["kb"]
    assert (made["title"], base["title"]) == (
        "Alliance against Trafficking in Persons: knowledge base", "All lists, questions and tables",
    )  # fmt: skip
    assert set(base["queries"]) == set(QUESTIONS)
    for name, question in QUESTIONS.items():
        assert base["queries"][name] == {
            "sql": question.sql, "title": question.title, "description": question.about, "hide_sql": True,
        }  # fmt: skip
    tables = base["tables"]
    assert tables["meta"] == {
        "hidden": True, "description": "For internal use by the program.", "columns": {},
    }  # fmt: skip
    assert tables["themes"]["description"] == "One row is a subject."
    assert tables["list_recs"]["columns"]["seq"] == tables["themes"]["columns"]["seq"] == "Position in print order."
    texts = [text for table in tables.values() for text in (table["description"], *table["columns"].values())]
    assert [text for text in texts if "`" in text] == []


def test_a_column_refers_to_the_table_of_its_ids(db: sqlite3.Connection) -> None:
    found = describe.references(db)
    cases = {
        ("list_recs", "id"): "recommendations", ("list_recs", "conference"): "conferences",
        ("list_themes", "slug"): "themes", ("list_themes", "broader"): "themes", ("list_recs", "records"): "*",
        ("list_topics", "fulfilled_by"): "*", ("recommendations", "themes"): "themes",
        ("recommendations", "document"): "documents", ("recommendations", "id"): None, ("list_recs", "year"): None,
        ("", "themes"): "themes", ("", "id"): "*", ("", "item"): "*",
        ("", "items"): "*", ("", "answered_by"): "*", ("", "who"): "*", ("", "person"): "people", ("", "country"): "",
        ("", "session"): "sessions", ("list_speakers", "country"): None,
    }  # fmt: skip
    assert {case: found.get(case) for case in cases} == cases
