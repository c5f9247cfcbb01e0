"""The site: pages, downloads and limits, the server, and its use in a real browser."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from html.parser import HTMLParser
from http.client import IncompleteRead
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urljoin
from urllib.request import Request, urlopen

import expected
import pytest
from conftest import Run, each

from cthbkb.dump import tables
from cthbkb.failures import BUG
from cthbkb.query import columns
from cthbkb.record import LISTS
from cthbkb.registry import LISTINGS, SHOWN, TABLES

pytest.importorskip("datasette", reason="the extra `web` is not installed")

from cthbkb.web.app import SETTINGS
from cthbkb.web.questions import CHOICES, QUESTIONS

pytestmark = pytest.mark.filterwarnings("ignore:unclosed database")  # Datasette leaves some open

STATIC = Path(__file__).resolve().parents[1] / "src" / "cthbkb" / "web" / "static"


class Page(NamedTuple):
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    text: str


Get = Callable[[str], Page]


class Scripts(HTMLParser):
    """Counts the scripts of a page."""

    number = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.number += tag == "script" or any(name.startswith("on") for name, _ in attrs)


def has_ipv6() -> bool:
    """Return whether this machine has IPv6."""
    with suppress(OSError), closing(socket.socket(socket.AF_INET6)) as free:
        free.bind(("::1", 0))
        return True
    return False


@contextmanager
def serving(database: Path, how: signal.Signals, code: int, *argv: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """Run the server on a free port; yield the address that it prints, and its output so far.

    In the end, it is sent a signal, which must stop it silently with its exit code.
    """
    command = [sys.executable, "-m", "cthbkb", "serve", "--db", str(database), "--port", "0", *argv]
    with tempfile.TemporaryFile() as out:
        server = subprocess.Popen(command, stdout=out, stderr=out)

        def said() -> str:
            out.seek(0)
            return out.read().decode()

        try:
            for _ in range(1500):
                if server.poll() is not None or (found := re.search(r"http://\S+/(?=\n)", said())):
                    break
                time.sleep(0.02)
            assert found, said()
            yield found[0], said
            before = said()
            server.send_signal(how)
            assert (server.wait(timeout=20), said()) == (code, before)
        finally:
            if server.poll() is None:
                server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """A server over the fabricated base: its address, and its output so far."""
    with serving(database, signal.SIGTERM, 143) as (url, said):
        yield url, said
        assert said().startswith(f"serving the knowledge base at {url}\nhint: Press Ctrl-C to stop.\n")
        assert "Traceback" not in said()


@pytest.fixture(scope="module")
def site(server: tuple[str, Callable[[], str]]) -> str:
    """The address of this server."""
    return server[0]


def asked(url: str, method: str = "GET", **headers: str) -> Page:
    """Request a page; error responses are returned too."""
    request = Request(url, method=method, headers=headers)  # the server of this test
    try:
        with urlopen(request, timeout=30) as answer:  # the same
            return Page(
                answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode(errors="replace")
            )
    except HTTPError as error:
        with error:
            return Page(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode())


@pytest.fixture(scope="module")
def get(database: Path) -> Iterator[Get]:
    """Request a path from the application."""
    with expected.serving(database) as get:

        def requested(path: str) -> Page:
            answer = get(path)
            return Page(answer.status_code, dict(answer.headers), answer.text)

        yield requested


def links(page: Page) -> list[str]:
    """Return the links of a page, and the resources that it loads."""
    return [html.unescape(link) for _, link in re.findall(r"""\s(?:href|src|action)=(["'])(.+?)\1""", page.text)]


def rows(page: Page) -> list[dict[str, Any]]:
    """Return the rows of an answer in JSON."""
    assert page.status == 200, page.text
    found: list[dict[str, Any]] = json.loads(page.text)
    return found


def test_the_pages_are_as_they_were_read_in_review(get: Get, database: Path) -> None:
    assert expected.pages(get, database) == expected.read("site/pages.html")


def test_the_start_page_leads_to_every_question_and_list(get: Get) -> None:
    home = get("/")
    found = links(home)
    assert [q.name for q in QUESTIONS.values() if f"/kb/{q.name}" not in found] == []
    assert [name for name in LISTINGS if f"/kb/list_{name}" not in found] == []
    assert len(re.findall(r"[.!?](?= |</p>)", home.text.split('<p class="lead">')[1].split("</p>")[0] + "</p>")) == 3


def kinds(path: str) -> set[str]:
    """Return the kinds of a link: its page, which is the same for all records of a table, and its parameters.

    A parameter is of the same kind in all lists, in all other tables and questions, and in their downloads.
    """
    page, _, query = path.partition("?")
    page = re.sub(r"^(/kb/\w+)/[^.]+", r"\1/ID", page)
    alike = re.sub(r"^/kb/(list_|(?=\w))[\w-]+", r"/kb/\1NAME", page)
    own = alike if "." in page else page
    return {own, *(f"{alike}?{name}" for name in parse_qs(query, keep_blank_values=True))}


def test_no_link_of_any_kind_is_dead(get: Get) -> None:
    seen, queue, dead = kinds("/"), ["/"], []
    for path in queue:
        page = get(path)
        if page.status != 200:
            dead.append((path, page.status))
        if "text/html" in page.headers["content-type"]:
            for link in links(page):
                to = urljoin(path, link).partition("#")[0]
                if to.startswith("/") and not kinds(to) <= seen:
                    seen |= kinds(to)
                    queue.append(to)
    assert dead == []
    assert {f"/kb/{table}" for table in (*tables(), *(f"list_{name}" for name in LISTINGS))} <= seen
    assert {f"/kb/{table}/ID" for table in SHOWN} <= seen
    assert {"/kb/list_NAME?_sort", "/kb/list_NAME?_theme", "/kb/list_NAME.csv?_stream", "/kb?_narrowed"} <= seen


def test_every_page_has_the_note_on_wording_and_the_sources(get: Get, db: sqlite3.Connection) -> None:
    citations = [citation for (citation,) in db.execute("select citation from documents")]
    for path in (
        "/",
        "/about",
        "/search?q=lamp",
        "/kb",
        "/kb/list_recs",
        "/kb/themes/lighthouses",
        "/kb/none",
        "/kb?sql=x",
    ):
        text = get(path).text
        assert "summarised in our own words" in text
        assert "What is missing here is missing only from these documents" in text
        assert [c for c in citations if c.rstrip(".") not in text.replace("&#39;", "'").replace("&#34;", '"')] == []


def test_pages_have_no_scripts_and_no_external_resources(get: Get) -> None:
    for path in (
        "/",
        "/search?q=lamp",
        "/kb",
        "/kb/list_recs",
        "/kb/recommendations/2031-p1-r1",
        "/kb/people-who-came-back",
    ):
        page = get(path)
        parser = Scripts()
        parser.feed(page.text)
        assert parser.number == 0
        assert re.findall(r"<(?:link|img)[^>]*(?:href|src)=\"(?!/)", page.text) == []
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "script-src" not in policy
        assert "unsafe" not in policy


def test_every_view_and_table_and_column_is_described(get: Get, db: sqlite3.Connection) -> None:
    known = json.loads(get("/-/metadata.json").text)["databases"]["kb"]["tables"]
    shown = [*(f"list_{name}" for name in LISTINGS), *tables()]
    for name in shown:
        columns = [d[0] for d in db.execute(f'select * from "{name}" limit 0').description]
        assert known[name]["title"]
        assert known[name]["description"].endswith(".")
        assert [c for c in columns if not known[name]["columns"].get(c)] == [], name
    stored = [name for (name,) in db.execute("select name from sqlite_schema where type = 'table'")]
    assert [name for name in stored if not known[name]["hidden"]] == []


# Lists, compared with the command line.


@pytest.mark.parametrize(
    "given",
    [
        ("recs", "theme", "lighthouses"),
        ("recs", "session", "2033 panel 2"),
        ("speakers", "country", "Ruritania"),
        ("discrepancies", "document", "2031-highlights"),
        ("statistics", "source", "Institute"),
        ("people", "recurring", "1"),
    ],
)
def test_a_list_accepts_the_filters_of_the_program(
    get: Get, run: Run, database: Path, given: tuple[str, str, str]
) -> None:
    listing, name, value = given
    option = [f"--{name}"] if value == "1" else [f"--{name}", value]
    done = run(listing, *option, "--format", "json", "--db", database)
    page = get(f"/kb/list_{listing}.json?_shape=array&_size=max&_{name}={quote(value)}")
    key = LISTINGS[listing].key
    assert [row[key] for row in rows(page)] == [row[key] for row in json.loads(done.out)]
    assert rows(page)


def test_an_unknown_value_of_a_filter_is_reported(get: Get) -> None:
    page = get("/kb/list_recs?_theme=no-such-theme")
    assert page.status == 400
    assert "unknown theme" in page.text


@pytest.mark.parametrize("words", ["lamp", "-lamp light", '"no such phrase"'])
def test_the_search_of_a_list_is_that_of_the_program(get: Get, run: Run, database: Path, words: str) -> None:
    done = run(
        "search", "--type", "recommendation", "--limit", "500", "--format", "json", "--db", database, "--", words
    )
    page = get(f"/kb/list_recs.json?_shape=array&_size=max&_search={quote(words)}")
    assert {row["id"] for row in rows(page)} == {row["id"] for row in json.loads(done.out)}


def test_a_facet_filters_a_list_to_its_count(get: Get, db: sqlite3.Connection) -> None:
    page = get("/kb/list_recs")
    facets = [link for link in links(page) if "themes__arraycontains=" in link]
    assert facets
    theme = facets[0].partition("themes__arraycontains=")[2].partition("&")[0]
    (number,) = db.execute("select count(*) from recommendations_themes where value = ?", (theme,)).fetchone()
    assert f"{number} {'row' if number == 1 else 'rows'}" in get(facets[0]).text


def test_a_download_has_all_rows_and_all_columns(get: Get, run: Run, database: Path) -> None:
    done = run("recs", "--columns", "all", "--format", "json", "--db", database)
    listed = json.loads(done.out)
    page = get("/kb/list_recs?_size=2")
    (address,) = [link for link in links(page) if ".csv" in link]
    file = get(address)
    assert file.headers["content-type"].startswith("text/plain") or "csv" in file.headers["content-type"]
    assert "attachment" in file.headers["content-disposition"]
    got = list(csv.DictReader(io.StringIO(file.text)))
    assert [row["id"] for row in got] == [row["id"] for row in listed]
    assert set(listed[0]) <= set(got[0])
    assert [row["summary"] for row in got] == [row["summary"] for row in listed]


# Records.


@each("table", SHOWN)
def test_a_record_page_has_the_content_of_show(
    get: Get, run: Run, database: Path, db: sqlite3.Connection, table: str
) -> None:
    listing = TABLES[table].listing
    for (id_,) in db.execute(f"select id from {table} order by seq limit 2").fetchall():
        value = json.loads(get(f"/kb/{table}/{id_}.json").text)
        assert value["table"] == table
        assert value[listing.key if listing else "id"] == id_
        done = run("show", id_, "--format", "json", "--db", database)
        if done.code == 0 and json.loads(done.out)["table"] == table:
            assert value == json.loads(done.out)
        page = get(f"/kb/{table}/{id_}").text
        heads = {part: f"<h2>{part[:1].upper()}{part[1:]} " for part in value["linked"]}
        heads[LISTS] = "<h2>Lists filtered by this record"
        assert [part for part in value["linked"] if heads[part] not in page] == []


def test_a_record_page_links_to_related_records(get: Get) -> None:
    found = links(get("/kb/recommendations/2031-p1-r1"))
    assert "/kb/sessions/2031-p1" in found
    assert "/kb/documents/2031-highlights" in found
    assert any(link.startswith("/kb/themes/") for link in found)
    assert "/kb/affected_groups/keepers" in links(get("/kb/recommendations/2031-p1-r2"))
    assert "/kb/list_recs?_affected=keepers" in links(get("/kb/affected_groups/keepers"))
    assert "/kb/affected_groups/night-crews" in links(get("/kb/affected_groups/keepers"))
    assert get("/kb/affected_groups/keepers").text.count("<h2>Lists") == 1
    assert "<dd>lighthouses</dd>" in get("/kb/themes/lighthouses").text  # a page does not lead to itself
    assert re.search('<li><a href="/kb/sessions/2031-p1"[^>]*>2031-p1</a>', get("/kb/conferences/2031").text)
    assert get("/kb/recommendations/no-such-item").status == 404


@each("id_", ["2031-p1-r1", "2033-p1-r1"])
def test_a_page_of_a_record_has_the_fields_with_a_value(
    get: Get, database: Path, db: sqlite3.Connection, id_: str
) -> None:
    listing = TABLES["recommendations"].listing
    assert listing
    heads = {column.name: column.head for column in columns(db, listing)}
    value = json.loads(get(f"/kb/recommendations/{id_}.json").text)
    own = {name: cell for name, cell in value.items() if name in heads}
    assert [cell for cell in own.values() if cell == []] != []  # a list without a value, which is left out
    shown = re.findall(r"<dt[^>]*>([^<]*)</dt>", get(f"/kb/recommendations/{id_}").text)
    assert sorted(shown) == sorted(heads[name] for name, cell in own.items() if cell not in (None, "", []))


# Questions.


def test_a_question_gives_the_same_answer_as_the_list(get: Get, run: Run, database: Path) -> None:
    def ids(path: str, column: str = "id") -> list[Any]:
        return [row[column] for row in rows(get(f"/kb/{path}&_shape=array"))]

    def listed(*argv: str, column: str = "id") -> list[Any]:
        return [row[column] for row in json.loads(run(*argv, "--format", "json", "--db", database).out)]

    theme = "lighthouses"
    assert ids(f"recommendations-on-a-theme.json?theme={theme}") == listed("recs", "--theme", theme)
    assert ids("how-binding.json?modality=must") == listed("recs", "--modality", "must")
    assert ids("who-spoke-for-a-country.json?country=Ruritania", "person") == listed(
        "speakers", "--country", "Ruritania", column="person"
    )
    assert ids(f"figures-and-their-sources.json?theme={theme}") == listed("statistics", "--theme", theme)
    assert ids(f"asks-over-the-years.json?theme={theme}", "thread") == listed("threads", "--theme", theme)
    assert ids("asked-then-not-mentioned.json?year=2031&not_year=2035", "thread") == listed(
        "threads", "--in", "2031", "--not-in", "2035"
    )
    assert ids("where-the-documents-disagree.json?document=2031-highlights") == listed(
        "discrepancies", "--document", "2031-highlights"
    )
    assert set(ids("people-who-came-back.json?x=", "person")) == set(listed("people", "--recurring"))


@each("name", QUESTIONS)
def test_a_question_without_values_asks_for_all_and_offers_its_values(
    get: Get, db: sqlite3.Connection, name: str
) -> None:
    question = QUESTIONS[name]
    page = get(f"/kb/{name}")
    assert page.status == 200
    assert question.title.replace("'", "&#39;") in page.text
    parameters = set(re.findall(r":(\w+)", question.sql))
    assert parameters <= set(CHOICES)
    for parameter in parameters:
        offered = db.execute(CHOICES[parameter]).fetchall()
        assert offered
        assert '<select id="qp' in page.text
    assert rows(get(f"/kb/{name}.json?_shape=array"))


# Comparisons.

COMPARED = {
    "": [],
    "theme=lighthouses": ["--theme", "lighthouses"],
    "year=2031&year=2035": ["2031", "2035"],
    "by=theme": ["--by", "theme"],
    "planned=2033": ["--planned", "2033"],
}
"""Maps the query string of a page to the arguments of the command."""


@pytest.mark.parametrize("asked", COMPARED)
def test_a_comparison_page_equals_the_output_of_the_command(get: Get, run: Run, asked: str) -> None:
    done = run("compare", *COMPARED[asked], "--format", "json")
    assert json.loads(get(f"/compare.json?{asked}").text) == json.loads(done.out)
    page = get(f"/compare?{asked}")
    words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))
    terminal = run("compare", *COMPARED[asked], "--format", "table").out
    terminal = re.sub(r"cthbkb [\w -]+", "", terminal)  # a link
    long = set(re.findall(r"[^\W\d_]{9,}", terminal)) - {"cthbkb"}
    assert [word for word in sorted(long) if word not in words] == []
    own = [link for link in links(page) if link.startswith(("/kb/", "/compare"))]
    assert [(link, get(link).status) for link in dict.fromkeys(own) if get(link).status != 200] == []


def options(page: Page, name: str) -> dict[str, list[str]]:
    """Return the values offered in each field with a name, by the id of the field; the selected value is marked."""
    fields = re.findall(rf'<select id="(\w+)" name="{name}">(.*?)</select>', page.text, re.DOTALL)
    return {
        id_: [value + "*" * bool(chosen) for value, chosen in re.findall(r'<option value="([^"]*)"( selected)?', inner)]
        for id_, inner in fields
    }


def test_a_comparison_can_be_chosen_and_downloaded(get: Get, run: Run) -> None:
    page = get("/compare?year=2031&year=2033")
    assert options(page, "year") == {"from": ["2031*", "2033", "2035"], "to": ["2031", "2033*", "2035"]}
    assert options(get("/compare"), "year") == {"from": ["2031", "2033", "2035"], "to": ["2031", "2033", "2035*"]}
    assert options(get("/compare?planned=2033"), "planned") == {"planned": ["2031", "2033*", "2035"]}
    assert "lighthouses*" in options(get("/compare?theme=lighthouses"), "theme")["theme"]
    caveat = "an ask missing from a document was not necessarily withdrawn"
    assert [get(f"/compare?{asked}").text.count(caveat) for asked in ("theme=lighthouses", "outside=1")] == [1, 0]
    file = get("/compare.csv?by=kind&gaps=1")
    assert (file.headers["content-type"], file.headers["content-disposition"]) == (
        "text/csv; charset=utf-8", 'attachment; filename="compare.csv"',
    )  # fmt: skip
    done = run("compare", "--by", "kind", "--gaps", "--format", "csv")
    assert (file.text.splitlines(), file.text.count("\r\n")) == (done.out.splitlines(), done.out.count("\n"))
    assert rows(get("/compare.json?outside=1")) == json.loads(run("compare", "--outside", "--format", "json").out)
    assert get("/compare.json?outside=1").headers["content-type"] == "application/json; charset=utf-8"


def test_filters_and_words_can_be_combined(get: Get, run: Run) -> None:
    page = get("/kb/list_recs.json?_shape=array&_theme=lighthouses&_theme=tide-data&_year=2033")
    argv = ("recs", "--theme", "lighthouses", "--theme", "tide-data", "--year", "2033", "--format", "json")
    assert [row["id"] for row in rows(page)] == [row["id"] for row in json.loads(run(*argv).out)]
    both = rows(get("/kb/list_recs.json?_shape=array&_theme=lighthouses&_search=keepers"))
    found = json.loads(run("search", "keepers", "--type", "recommendation", "--theme", "lighthouses",
                           "--limit", "99", "--format", "json").out)  # fmt: skip
    assert {row["id"] for row in both} == {row["id"] for row in found}
    themes = rows(get("/kb/list_themes.json?_shape=array&_search=lighthouses"))  # whose id is in another column
    assert [row["slug"] for row in themes] == ["lighthouses"]
    (unsearched, *_) = (name for name, listing in LISTINGS.items() if listing.table.indexed is None)
    every = f"/kb/list_{unsearched}.json?_shape=array"
    assert rows(get(f"{every}&_search=keepers")) == rows(get(every)) != []
    text = get("/kb/list_recs?_theme=lighthouses&_theme=tide-data&_search=keepers&_year=").text
    assert "theme is lighthouses or tide-data" in text
    blank = get("/kb/list_recs?_theme=&_search=+").text  # as a form sends what was left empty
    assert re.findall('<p class="number">([\\w ]+)', blank) == ["21 rows"]
    assert "the words &#39;keepers&#39; are found" in text


def test_errors_are_reported_in_the_requested_format(get: Get) -> None:
    said = {
        "/kb/none.json": {"ok": False, "error": "Table not found", "status": 404},
        "/kb/recommendations/none.json": {
            "ok": False, "error": "no record 'none' in recommendations", "status": 404,
        },
        "/compare.json?by=zz": {
            "ok": False, "status": 400,
            "error": "unknown axis 'zz'. Axes: theme, addressee, affected, modality, kind, role, country.",
        },
    }  # fmt: skip
    for path, wanted in said.items():
        page = get(path)
        assert (json.loads(page.text), page.status) == (wanted, wanted["status"])
    page = get("/kb/recommendations/none")
    assert (page.status, "no record &#39;none&#39; in recommendations" in page.text) == (404, True)


def test_a_search_shows_kinds_links_and_notes(get: Get, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    page = get("/search?q=lamp&type=instrument")
    assert "<option selected>instrument</option>" in page.text
    hits = [link for link in links(page) if link.startswith("/kb/instruments/")]
    found = json.loads(run("search", "lamp", "--type", "instrument", "--format", "json").out)
    assert list(dict.fromkeys(hits)) == [f"/kb/instruments/{row['id']}" for row in found]
    assert "<mark>" in page.text
    assert "<mark>" not in get("/search?q=").text
    assert get("/search?q=+").text == get("/search?q=").text
    found = json.loads(run("search", "lamp", "--limit", "50", "--format", "json").out)
    shown = [row["kind"] if row["type"] == "recommendation" else row["type"] for row in found]
    assert re.findall(r'<p class="why">([\w-]+)', get("/search?q=lamp").text) == shown
    assert f'<p class="number">{len(found)} records.</p>' in get("/search?q=lamp").text
    monkeypatch.setattr("cthbkb.web.app.HITS", 3)
    assert f"{len(found)} records; the best 3 are shown.</p>" in get("/search?q=lamp").text
    assert "no record contains" in get("/search?q=zzqq").text


def test_an_invalid_comparison_is_reported(get: Get) -> None:
    for asked in ("year=2031", "theme=no-such-theme", "by=nothing", "planned=1999"):
        assert get(f"/compare?{asked}").status == 400


# Limits.


def test_nothing_can_be_written(site: str, database: Path) -> None:
    before = database.read_bytes()
    assert asked(site, method="POST").status == 405
    for sql in ("delete from people", "update people set name = ''", "attach 'x.db' as x", "pragma user_version = 3"):
        assert asked(urljoin(site, f"/kb?sql={quote(sql)}")).status == 400
    assert database.read_bytes() == before


def test_a_query_is_limited_in_time_and_rows(get: Get) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select {} from n"
    assert SETTINGS["sql_time_limit_ms"] <= 2000
    begun = time.monotonic()
    page = get(f"/kb?sql={quote(endless.format('count(*)'))}&_timelimit=50")  # a lower limit, to save time
    assert page.status == 400
    assert "The query took too long. Ask for fewer rows, or add conditions.</p>" in page.text
    assert time.monotonic() - begun < 2
    answer = json.loads(get(f"/kb.json?sql={quote(endless.format('i') + ' limit 5000')}").text)
    assert (len(answer["rows"]), answer["truncated"]) == (2000, True)
    assert get(f"/kb?sql={quote('select zeroblob(900000000)')}").status == 400


def test_an_invalid_query_is_reported_to_the_reader_only(get: Get, capfd: pytest.CaptureFixture[str]) -> None:
    for path, error in {
        "/kb?sql=select zz from themes": "no such column: zz",
        "/kb.json?sql=select 1 from zz": "no such table: zz",
        "/kb.csv?sql=select from": "near &#34;from&#34;: syntax error",
        "/kb/list_recs?_where=zz": "no such column: zz",
        "/kb/list_recs.csv?_where=zz&_stream=1": "no such column: zz",
    }.items():
        page = get(path)
        assert (page.status, error in page.text) == (400, True), path
    assert capfd.readouterr().err == ""


def test_a_file_that_cannot_be_completed_ends_without_its_end(server: tuple[str, Callable[[], str]]) -> None:
    late = "case when word > 'm' then abs(-9223372036854775808) else 1 end"
    url, said = server
    assert asked(urljoin(url, "/kb/list_recs?_facet=nothing")).status == 400
    before = said()
    path = f"/kb/vocabulary.csv?_stream=1&_where={quote(late)}"
    with urlopen(urljoin(url, path), timeout=30) as answer, pytest.raises(IncompleteRead) as failed:
        answer.read()
    assert failed.value.partial.startswith(b"word,records,")
    assert b"overflow" not in failed.value.partial
    assert said().removeprefix(before) == "note: a CSV file could not be completed: integer overflow\n"
    assert before.endswith("hint: Press Ctrl-C to stop.\n")


def test_another_name_of_this_machine_is_refused(site: str) -> None:
    assert asked(site, Host="evil.example").status == 403
    assert asked(site, Host="localhost:80").status == 200


def test_pages_about_the_machine_are_not_served(get: Get) -> None:
    assert [
        path for path in ("databases", "threads", "settings", "plugins", "patterns") if get(f"/-/{path}").status != 404
    ] == []
    assert (get("/_internal").status, get("/_internal/tables.json").status) == (403, 403)


def test_only_this_machine_is_served_by_default(site: str) -> None:
    assert site.startswith("http://127.0.0.1:")


# Beginning and end.


@pytest.mark.parametrize("port", ["65536", "-1", "x", "²", "", " 1", "1" * 5000])
def test_an_invalid_port_is_wrong_usage(run: Run, port: str) -> None:
    done = run("serve", f"--port={port}", "--host", "300.1.1.1")
    assert done.code == (2 if port else 1)
    assert done.err.count("\n") == 2
    assert BUG not in done.err


@pytest.mark.parametrize("host", ["300.1.1.1", "x" * 300, "a..b", "a b", "\udcff", "[::1]", "é" * 70])
def test_an_invalid_host_is_reported_with_a_hint(run: Run, database: Path, host: str) -> None:
    done = run("serve", "--host", host, "--port", "0", "--db", database)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: cannot listen on ")
    assert done.err.endswith("\nhint: Name an address of this machine, such as 127.0.0.1.\n")


def test_a_port_in_use_is_reported_with_a_hint(run: Run, database: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("serve", "--port", port, "--db", database)
    assert (done.code, done.out, done.err) == (
        1, "",
        f"error: port {port} of 127.0.0.1 is in use by another program\n"
        "hint: Use another port, or 0 for any free one: cthbkb serve --port 0\n",
    )  # fmt: skip


@pytest.mark.parametrize("absent", ["datasette", "uvicorn"])
def test_without_datasette_it_says_what_to_install(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    monkeypatch.setitem(sys.modules, absent, None)
    for module in ("app", "server"):
        monkeypatch.delitem(sys.modules, f"cthbkb.web.{module}", raising=False)
    done = run("serve", "--db", database)
    assert (done.code, done.err) == (
        1, "error: this needs Datasette, which is not installed\nhint: pip install 'cthbkb[web]'\n"
    )  # fmt: skip


# In a browser.


class Browser:
    """Chromium, driven over the protocol of its driver."""

    def __init__(self, url: str) -> None:
        self.url, self.width = url, 0
        chromium = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu"], "binary": shutil.which("chromium")}
        wanted = {"browserName": "chrome", "goog:chromeOptions": chromium, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = f"/session/{self.call('POST', '/session', capabilities={'alwaysMatch': wanted})['sessionId']}"

    def call(self, method: str, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urlopen(request, timeout=60) as answer:  # the driver of this test
            return json.loads(answer.read())["value"]

    def do(self, path: str, **body: Any) -> Any:
        return self.call("POST", self.session + path, **body)

    def size(self, width: int) -> None:
        if width != self.width:
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
            self.do("/goog/cdp/execute", cmd="Emulation.setDeviceMetricsOverride", params=size)
            self.width = width

    def go(self, url: str, width: int = 1280) -> None:
        self.size(width)
        self.do("/url", url=url)

    def run(self, script: str) -> Any:
        return self.do("/execute/sync", script=f"return {script}", args=[])

    def element(self, css: str) -> str:
        (found,) = self.do("/element", using="css selector", value=css).values()
        return f"/element/{found}"

    def click(self, css: str) -> None:
        self.do(self.element(css) + "/click")

    def follow(self, css: str) -> None:
        """Click a link to another page, and wait until it is loaded."""
        before = self.run("location.href")
        self.click(css)
        self.arrive(before)

    def arrive(self, before: str) -> None:
        """Wait until another page has been read."""
        for _ in range(100):
            if self.run("location.href") != before and self.run("document.readyState") == "complete":
                return
            time.sleep(0.1)
        raise AssertionError(f"still at {before}")

    def type(self, css: str, text: str) -> None:
        self.do(self.element(css) + "/value", text=text)

    def text(self, css: str = "main") -> str:
        return str(self.run(f"document.querySelector({css!r}).innerText"))

    def said(self) -> list[Any]:
        """Return the errors and warnings of the browser."""
        found: list[Any] = self.do("/se/log", type="browser")
        return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and chromium):
        pytest.skip("chromium and chromium-driver are not installed")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("browser")
    env = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    process = subprocess.Popen(
        [driver, f"--port={port}"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(500):
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/status", timeout=5):  # the driver
                break
            time.sleep(0.02)
        made = Browser(f"http://127.0.0.1:{port}")
        yield made
        made.call("DELETE", made.session)
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_user_goes_from_the_start_page_to_a_question_and_its_answer(browser: Browser, site: str) -> None:
    browser.go(site)
    assert "Questions" in browser.text()
    browser.follow('a[href="/kb/recommendations-on-a-theme"]')
    browser.do(browser.element('select[name="theme"] option[value="lighthouses"]') + "/click")
    browser.follow("form.query button")
    assert "theme=lighthouses" in browser.run("location.href")
    assert browser.run("document.querySelectorAll('tbody tr').length") > 0
    browser.follow("tbody a")
    assert browser.run("location.pathname").startswith("/kb/recommendations/")


def test_a_user_searches_and_opens_a_record(browser: Browser, site: str) -> None:
    browser.go(site)
    browser.type("#find", "lamp\ue007")
    browser.arrive(site)
    assert "/search?q=lamp" in browser.run("location.href")
    assert browser.run("document.querySelectorAll('mark').length") > 0
    browser.follow(".hits a")
    assert browser.run("location.pathname").startswith("/kb/")
    assert browser.text("h1")


def test_a_user_filters_a_list_by_a_facet_and_by_the_form(browser: Browser, site: str) -> None:
    browser.go(urljoin(site, "/kb/list_recs"))
    before = browser.run("parseInt(document.querySelector('.number').innerText)")
    browser.follow(".facets a")
    assert 0 < browser.run("parseInt(document.querySelector('.number').innerText)") < before
    browser.go(urljoin(site, "/kb/list_recs"))
    browser.click("summary")
    browser.do(browser.element('select[name="_year"] option:last-child') + "/click")
    browser.follow(".offered button")
    assert 0 < browser.run("parseInt(document.querySelector('.number').innerText)") < before


PAGES = ("/", "/search?q=lamp", "/kb", "/kb/list_recs", "/kb/list_speakers", "/kb/recommendations/2031-p1-r1", "/about",
         "/kb/where-the-documents-disagree", "/kb/recommendations_themes", "/compare", "/compare?theme=lighthouses",
         "/compare?by=theme", "/compare?year=2031&year=2035", "/compare?planned=2033")  # fmt: skip


SEEN = """{
    width: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    titled: document.title > '',
    heads: document.querySelectorAll('h1').length,
    unnamed: [...document.querySelectorAll('input:not([type=hidden]),select,textarea')]
        .filter(e => !e.labels.length).map(e => e.name),
    empty: [...document.querySelectorAll('a')].filter(e => !e.textContent.trim()).length,
}"""


def test_every_page_fits_the_screen_can_be_read_aloud_and_causes_no_browser_errors(browser: Browser, site: str) -> None:
    widths = [1280, 360]
    for path in PAGES:
        browser.go(urljoin(site, path), widths[0])
        for width in widths:
            browser.size(width)
            seen = browser.run(SEEN)
            assert seen.pop("width") <= width, path
            assert seen == {"language": "en", "titled": True, "heads": 1, "unnamed": [], "empty": 0}, path
        widths.reverse()  # which saves one change per page
    assert browser.said() == []


def test_the_first_key_leads_to_the_link_that_skips_the_head(browser: Browser, site: str) -> None:
    browser.go(site)
    browser.type("body", "\ue004")
    assert browser.run("document.activeElement.className") == "skip"
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_colours_have_contrast() -> None:
    css = (STATIC / "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))

    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for text in ("ink", "soft", "blue"):
        for ground in ("#ffffff", colours["pale"]):
            ratio = (light(ground) + 0.05) / (light(colours[text]) + 0.05)
            assert ratio >= 4.5, (text, ground, ratio)


# A database from somebody else


@pytest.fixture(scope="module")
def damaged(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, Callable[[], str]]]:
    """A server over a base with bytes where texts belong, if possible at an IPv6 address: path, address, output."""
    mine = tmp_path_factory.mktemp("damaged") / "my base.db"
    shutil.copyfile(database, mine)
    with closing(sqlite3.connect(mine)) as db:
        db.execute("update moves set note = x'ff00'")
        db.execute("update themes set label = x'ff00fe' where id = 'lighthouses'")
        db.execute("update recommendations set themes = '[\"a\\q\"]' where id = '2031-p1-r2'")
        db.commit()
    with serving(mine, signal.SIGINT, 130, "--host", "::1" if has_ipv6() else "127.0.0.1") as (url, said):
        yield mine, url, said


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_address_of_ipv6_is_written_with_brackets(damaged: tuple[Path, str, Callable[[], str]]) -> None:
    _, url, said = damaged
    assert re.fullmatch(r"http://\[::1\]:\d+/", url)
    assert asked(url).status == 200
    assert "open to other machines" not in said()


def test_an_error_caused_by_the_content_of_a_named_database_is_blamed_on_it(
    damaged: tuple[Path, str, Callable[[], str]],
) -> None:
    mine, url, said = damaged
    assert asked(urljoin(url, "/about")).status == 200
    whole = asked(urljoin(url, "/kb/list_recs"))
    assert whole.status == 200
    assert "themes__arraycontains=" not in whole.text  # it would fail
    before = said()
    for path in ("/compare?theme=lighthouses", "/kb/themes/lighthouses.json"):
        broken = asked(urljoin(url, path))
        assert broken.status == 500
        blamed, hint = said().removeprefix(before).splitlines()
        assert blamed.startswith(f"error: the command failed on {mine}: ")
        assert hint.startswith(f"hint: Rebuild it from its seed: cthbkb load SEED --db '{mine}'")
        before = said()
    message = json.loads(broken.text)["error"]
    assert message.startswith(f"the command failed on {mine}: ")
    assert f"cthbkb load SEED --db '{mine}'" in message
    page = asked(urljoin(url, "/kb/recommendations/2031-p1-r2"))
    assert page.status in {200, 500}
    hand = asked(urljoin(url, "/kb/list_recs?themes__arraycontains=lighthouses"))
    assert hand.status == 400
    assert "Correct the address; if it is that of a link" in hand.text
    assert BUG not in said() + broken.text + hand.text + page.text
