"""The server for assistants, called through the client of the official SDK."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

import expected
import pytest
from anyio.from_thread import start_blocking_portal
from conftest import Run, each
from mcp import Client, MCPError

from cthbkb import KnowledgeBase, __version__, assistant
from cthbkb.errors import Failure
from cthbkb.failures import BUG
from cthbkb.origin import OWN_WORDS
from cthbkb.registry import AXES, FILTERS, LISTINGS

README = Path(__file__).parents[1] / "README.md"
T = TypeVar("T")


Talk = Callable[[Callable[[Client], Awaitable[Any]]], Any]
TALKS: dict[KnowledgeBase, Talk] = {}


@contextmanager
def talking(kb: KnowledgeBase) -> Iterator[Talk]:
    """Connect a client to a server in this process; yield what puts a question to it."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(assistant.server(kb))) as client,
    ):
        yield lambda question: portal.call(question, client)


@pytest.fixture(scope="module")
def kb(database: Path) -> Iterator[KnowledgeBase]:
    """The knowledge base of the fabricated data, with one conversation for all questions."""
    with KnowledgeBase(database) as opened, talking(opened) as talk:
        TALKS[opened] = talk
        yield opened
        del TALKS[opened]


def asked(kb: KnowledgeBase, question: Callable[[Client], Awaitable[T]]) -> T:
    """Return the result of a client's question."""
    with nullcontext(TALKS[kb]) if kb in TALKS else talking(kb) as talk:
        return cast(T, talk(question))


def called(kb: KnowledgeBase, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured answer of a tool, which equals its text and, as the client checks, matches its schema."""

    async def question(client: Client) -> dict[str, Any]:
        answer = await client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        assert answer.structured_content is not None
        assert json.loads(answer.content[0].text) == answer.structured_content
        return answer.structured_content

    found = asked(kb, question)
    assert found["summaries"] == OWN_WORDS
    assert found["data"] == kb.version
    return found


def refused(kb: KnowledgeBase, tool: str, **arguments: Any) -> str:
    answer = asked(kb, lambda client: client.call_tool(tool, arguments))
    assert answer.is_error
    return str(answer.content[0].text).removeprefix(f"Error executing tool {tool}: ")


def test_every_tool_is_read_only_and_describes_its_input_and_output(kb: KnowledgeBase) -> None:
    tools = asked(kb, lambda client: client.list_tools()).tools
    assert [t.name for t in tools] == ["search", "list_records", "get_record", "compare", "facets", "cite"]
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.description
        assert tool.output_schema is not None
        undescribed = [n for n, p in tool.input_schema["properties"].items() if not p.get("description")]
        assert undescribed == []
    filters = tools[1].input_schema["$defs"]["Filters"]
    assert set(filters["properties"]) == set(FILTERS)
    assert tools[1].input_schema["properties"]["listing"]["enum"] == list(LISTINGS)


def test_the_answers_of_the_tools_are_as_they_were_read_in_review(database: Path) -> None:
    assert expected.tools(database) == expected.read("answers/tools.txt")


def test_the_server_identifies_itself_and_explains_how_to_use_its_answers(kb: KnowledgeBase) -> None:
    async def question(client: Client) -> str:
        assert client.server_info is not None
        assert client.server_info.name == "cthbkb"
        return client.instructions or ""

    said = asked(kb, question)
    assert OWN_WORDS in said
    assert "Never present a summary as a quotation" in said


def test_search_finds_the_same_as_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    found = called(kb, "search", words="lamp", limit=3)
    assert found["rows"] == json.loads(run("search", "lamp", "--limit", "3", "--format", "json").out)
    assert found["total"] == int(run("search", "lamp", "--count").out)
    assert f"3 of {found['total']} shown; limit={found['total']} gives all" in found["notes"]
    narrowed = called(kb, "search", words="lamp", type=["recs"], year=2031, theme="lights")
    assert {row["type"] for row in narrowed["rows"]} == {"recommendation"}
    assert {row["year"] for row in narrowed["rows"]} == {2031}


@each("listing", sorted(LISTINGS))
def test_a_list_has_the_rows_of_the_command_line_and_their_places(run: Run, kb: KnowledgeBase, listing: str) -> None:
    found = called(kb, "list_records", listing=listing, columns=["all"], limit=500)
    rows = json.loads(run(listing, "--format", "json").out)
    assert found["rows"] == rows
    assert found["total"] == len(rows)
    key = LISTINGS[listing].key
    standing = {row[key] for row in rows if row.get("document")} | (
        {row["id"] for row in rows} if listing == "documents" else set()
    )
    assert set(found["references"]) == standing
    assert {place.split(",")[0] for place in found["references"].values()} <= set(found["sources"])


def test_filters_select_and_exclude(run: Run, kb: KnowledgeBase) -> None:
    found = called(
        kb, "list_records", listing="recs", filters={"theme": ["jht", "lights"], "year": 2031},
        exclude={"kind": "observation"}, columns=["summary"], sort="-id",
    )  # fmt: skip
    argv = (
        "recs",
        "--theme",
        "jht",
        "--theme",
        "lights",
        "--year",
        "2031",
        "--not-kind",
        "observation",
        "--sort",
        "-id",
    )
    assert found["rows"] == json.loads(run(*argv, "--columns", "id,summary", "--format", "json").out)
    threads = called(kb, "list_records", listing="threads", filters={"in": 2031, "not-in": [2035]})
    assert [row["id"] for row in threads["rows"]] == [
        row["id"] for row in json.loads(run("threads", "--in", "2031", "--not-in", "2035", "--format", "json").out)
    ]
    people = called(kb, "list_records", listing="people", filters={"recurring": True})
    assert people["total"] == int(run("people", "--recurring", "--count").out)


def test_a_list_of_items_warns_that_kinds_differ(kb: KnowledgeBase) -> None:
    found = called(kb, "list_records", listing="recs", filters={"year": 2031}, limit=1)
    assert found["notes"] == [
        "1 of 8 items shown",
        "8 items: 5 recommendations, 2 observations, 1 conclusion; kinds are not directly comparable, "
        "see: cthbkb about",
    ]


def test_a_record_equals_the_output_of_show(run: Run, kb: KnowledgeBase) -> None:
    found = called(kb, "get_record", name="2033 panel 2 rec 1")
    assert found["record"] == json.loads(run("show", "2033-p2-r1", "--format", "json").out)
    assert found["reference"].startswith(found["record"]["document"])
    assert called(kb, "get_record", name="lighthouses")["reference"] is None


@pytest.mark.parametrize(
    ("arguments", "argv"),
    [
        ({}, ()),
        ({"theme": "jht"}, ("--theme", "jht")),
        ({"years": [2031, 2035]}, ("2031", "2035")),
        ({"by": "theme", "gaps": True}, ("--by", "theme", "--gaps")),
        ({"planned": 2033}, ("--planned", "2033")),
        ({"outside": True, "kind": "takeaway"}, ("--outside", "--kind", "takeaway")),
    ],
)
def test_a_comparison_has_its_caveat_and_the_places_of_its_items(
    run: Run, kb: KnowledgeBase, arguments: dict[str, Any], argv: tuple[str, ...]
) -> None:
    found = called(kb, "compare", **arguments)
    told = run("compare", *argv, "--format", "json")
    assert found["rows"] == json.loads(told.out)
    assert told.err.endswith(f"{found['notes'][0]}\n")
    named = {
        i
        for row in found["rows"]
        for i in [row.get("item"), *(row["items"] if isinstance(row.get("items"), list) else [])]
        if i
    }
    assert named <= set(found["references"])


def test_facets_count_the_records(run: Run, kb: KnowledgeBase) -> None:
    found = called(kb, "facets", listing="recs", name="theme", filters={"year": "2031-2033"})
    for facet in found["values"]:
        assert run("recs", "--theme", facet["value"], "--year", "2031-2033", "--count").out == f"{facet['records']}\n"
    labels = {row["slug"]: row["label"] for row in json.loads(run("themes", "--format", "json").out)}
    assert all(labels[facet["value"]] == facet["label"] for facet in found["values"])


def test_citations_are_the_same_as_on_the_command_line(run: Run, kb: KnowledgeBase) -> None:
    found = called(kb, "cite", ids=["2033-p2-r1", "2031-highlights"])
    assert found["citations"] == json.loads(run("cite", "2033-p2-r1", "2031-highlights", "--format", "json").out)
    assert found["sources"] == {c["key"]: c["acknowledgement"] for c in found["citations"]}


@each(
    "tool, arguments, said",
    [
        ("list_records", {"listing": "recs", "filters": {"theme": "lihgts"}}, "unknown theme 'lihgts'. Did you mean"),
        ("list_records", {"listing": "recs", "filters": {"country": "Lusovia"}}, "unknown filter 'country'. Filters"),
        ("list_records", {"listing": "recs", "filters": {"themes": "jht"}}, "1 invalid argument: "),
        ("list_records", {"listing": "recs", "columns": ["yaer"]}, "unknown column 'yaer'. Columns: id, year"),
        ("list_records", {"listing": "recs", "sort": "yaer"}, "unknown column 'yaer'. Did you mean year?"),
        ("list_records", {"listing": "reks"}, "1 invalid argument: "),
        ("list_records", {"listing": "recs", "limit": 100_000}, "1 invalid argument: "),
        ("search", {}, "1 invalid argument: "),
        ("search", {"words": "lamp", "type": ["lamp"]}, "unknown type 'lamp'. Types:"),
        ("get_record", {"name": "nothing-of-the-kind"}, "no record 'nothing-of-the-kind'."),
        ("compare", {"by": "theme", "outside": True}, "--by and --outside cannot be combined."),
        ("compare", {"years": [1999]}, "unknown year '1999'."),
        ("facets", {"listing": "recs", "name": "survivor"}, "unknown filter 'survivor'."),
        ("cite", {"ids": ["joint-harbour-teams"]}, "joint-harbour-teams is not part of a document."),
        ("cite", {"ids": []}, "1 invalid argument: "),
    ],
)
def test_errors_are_reported_to_the_assistant(
    kb: KnowledgeBase, tool: str, arguments: dict[str, Any], said: str
) -> None:
    assert refused(kb, tool, **arguments).startswith(said)


def test_documents_and_themes_are_resources(kb: KnowledgeBase) -> None:
    async def question(client: Client) -> dict[str, str]:
        listed = (await client.list_resources()).resources
        return {str(r.uri): (await client.read_resource(r.uri)).contents[0].text for r in listed}

    texts = asked(kb, question)
    wanted = {f"cthbkb://documents/{row['id']}" for row in kb.rows("documents")}
    wanted |= {f"cthbkb://themes/{row['slug']}" for row in kb.rows("themes")}
    assert set(texts) == wanted
    for row in kb.rows("documents"):
        text = texts[f"cthbkb://documents/{row['id']}"]
        assert text.startswith(f"# {row['title']}\n")
        assert OWN_WORDS in text
        assert all(str(item["id"]) in text for item in kb.rows("recs", document=row["id"]))
    assert texts["cthbkb://themes/lighthouses"] == kb.brief(theme="lighthouses")


def test_without_the_library_the_command_that_installs_it_is_suggested(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == "cthbkb.assistant" or name.split(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("cthbkb.assistant")
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = run("mcp")
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: this needs mcp, which is not installed\nhint: pip install 'cthbkb[mcp]'\n"


def test_a_missing_database_is_reported_before_serving(run: Run, tmp_path: Path) -> None:
    done = run("mcp", "--db", tmp_path / "none.db")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: no database at ")


def test_omitted_arguments_have_defaults(kb: KnowledgeBase) -> None:
    listed = called(kb, "list_records", listing="recs", filters={"session": "2033-p2"}, exclude={"kind": "call"})
    assert listed["rows"][0] == {
        "id": "2033-p2-r1", "year": 2033, "kind": "recommendation", "themes": ["tide-data"], "modality": "imperative",
        "summary": "Publish the tide tables of every port, free of charge.", "document": "2033-highlights",
        "section": "Panel 2", "item": "1",
    }  # fmt: skip
    assert (len(listed["rows"]), listed["total"], listed["notes"]) == (2, 2, ["2 items: 2 recommendations"])
    assert listed["references"] == {
        "2033-p2-r1": "2033-highlights, Panel 2, 1", "2033-p2-r2": "2033-highlights, Panel 2, 2",
    }  # fmt: skip
    assert listed["sources"] == {
        "2033-highlights": "Source: Harbour Forum Secretariat, Highlights of the 2nd Harbour Forum (Port Lull, 2033)."
        " The document prints no terms of reuse."
    }
    assert called(kb, "get_record", name="2033-p2-r1")["reference"] == "2033-highlights, Panel 2, 1"
    found = called(kb, "search", words="harbour")
    assert (len(found["rows"]), found["total"] > 20) == (20, True)
    assert found["rows"] == json.loads(json.dumps(kb.search("harbour")))
    narrowed = called(kb, "search", words="harbour", theme="night-work")
    assert narrowed["rows"] == json.loads(json.dumps(kb.search("harbour", theme="night-work")))
    assert 0 < narrowed["total"] < found["total"]
    every = called(kb, "list_records", listing="recs")
    assert every["notes"] == [
        "21 items: 9 recommendations, 4 takeaways, 3 observations, 2 conclusions, 1 call, 1 framework item, 1 goal; "
        "kinds are not directly comparable, see: cthbkb about",
    ]
    compared = called(kb, "compare", theme="lights", kind="observation", years=[2031, 2033])
    assert compared["rows"] == kb.compare("lights", "observation", [2031, 2033])
    for limit in (-1, 501):
        assert refused(kb, "search", words="harbour", limit=limit).startswith("1 invalid argument: ")


def test_facets_of_a_vocabulary_have_its_words_as_labels(kb: KnowledgeBase) -> None:
    found = called(kb, "facets", listing="recs", name="kind", filters={"theme": "lights"})
    assert found["values"] == [
        {"value": "recommendation", "label": "recommendation", "records": 5},
        {"value": "observation", "label": "observation", "records": 2},
        {"value": "conclusion", "label": "conclusion", "records": 1},
    ]


def test_a_document_is_acknowledged_and_its_items_are_in_print_order(kb: KnowledgeBase) -> None:
    async def question(client: Client) -> tuple[list[Any], str]:
        listed = (await client.list_resources()).resources
        read = (await client.read_resource("cthbkb://documents/2033-concept-note")).contents[0]
        return listed, str(read.text)

    listed, text = asked(kb, question)
    (note,) = [r for r in listed if str(r.uri) == "cthbkb://documents/2033-concept-note"]
    assert (note.name, note.title, note.mime_type) == (
        "documents/2033-concept-note", "2nd Harbour Forum. Tides and Teams. CONCEPT NOTE", "text/markdown",
    )  # fmt: skip
    assert {r.title for r in listed if str(r.uri) == "cthbkb://themes/lighthouses"} == {"Lighthouses"}
    cited = "Harbour Forum Secretariat, 2nd Harbour Forum. Concept note (for 2-3 May 2033)"
    assert text == "\n\n".join(
        [
            "# 2nd Harbour Forum. Tides and Teams. CONCEPT NOTE", cited,
            "The programme as planned before the great fog.",
            f"Source: {cited}. The document prints no terms of reuse.", OWN_WORDS, "## Items", "## 2033",
            "- To bring together those who measure tides and those who live by them. (goal, 2033-opening-g1; "
            "themes: tide-data, cooperation; modality: statement; 2033-concept-note, Goals, 1)\n",
        ]
    )  # fmt: skip


def test_the_server_says_its_version_and_that_it_reads_one_closed_base(kb: KnowledgeBase) -> None:
    async def question(client: Client) -> tuple[Any, Any]:
        return client.server_info, (await client.list_tools()).tools

    info, tools = asked(kb, question)
    assert (info.title, info.version) == ("OSCE Alliance against Trafficking in Persons", __version__)
    hints = {
        (t.annotations.read_only_hint, t.annotations.idempotent_hint, t.annotations.open_world_hint) for t in tools
    }
    assert hints == {(True, True, False)}
    assert [tools[n].input_schema["properties"]["limit"]["default"] for n in (0, 1)] == [20, 50]
    filters = tools[1].input_schema["$defs"]["Filters"]["properties"]
    assert filters["role"]["description"].endswith(" For: speakers, people.")
    assert "not-in" in filters
    assert [option["type"] for option in filters["recurring"]["anyOf"]] == ["boolean", "null"]
    assert (
        tools[1]
        .input_schema["properties"]["listing"]["description"]
        .startswith("conferences: the conferences, planned and held; sessions: the parts of the programmes; ")
    )
    assert tools[3].input_schema["properties"]["by"]["anyOf"][0]["enum"] == list(AXES)


def test_a_comparison_names_the_place_of_each_item(kb: KnowledgeBase) -> None:
    found = called(kb, "compare", planned=2033)
    assert {i for row in found["rows"] for i in row["items"]} <= set(found["references"])
    found = called(kb, "compare", theme="lights", years=[2031])
    assert found["references"]["2031-p1-r2a"] == "2031-highlights, Panel 1, bullet 2, first dash"
    assert list(found["sources"]) == ["2031-highlights"]
    assert assistant._named({"item": "a", "id": None, "items": ["b", "c"]}) == ["a", "b", "c"]
    assert assistant._named({"item": None, "id": "a", "items": 3}) == ["a"]


def test_columns_are_given_in_their_order_with_the_one_that_names_the_row(kb: KnowledgeBase) -> None:
    found = called(kb, "list_records", listing="themes", columns=["label"], limit=0)
    assert (found["rows"], found["total"]) == ([], 9)
    found = called(kb, "list_records", listing="themes", columns=["scope_note", "label"], sort="-slug", limit=1)
    assert [list(row) for row in found["rows"]] == [["slug", "label", "scope_note"]]
    assert found["rows"][0]["slug"] == "young-sailors"
    assert len(called(kb, "list_records", listing="statistics", exclude={"year": 2031})["rows"]) == len(
        kb.rows("statistics", not_year=2031)
    )


def test_the_command_serves_the_named_base_until_its_input_ends(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[object, ...]] = []

    class Server:
        def __init__(self, kb: KnowledgeBase) -> None:
            self.kb = kb

        def run(self, how: str) -> None:
            served.append((how, gc.isenabled(), len(self.kb.rows("themes"))))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(assistant, "server", Server)
    gc.disable()
    try:
        done = run("mcp", "--db", database, db="/nowhere/at/all.db")
        assert (done.code, done.out, done.err) == (0, "", "")
        monkeypatch.setattr(sys, "stdin", Terminal())
        assert run("mcp").err == (
            "waiting for an assistant on standard input; README.md says how to set one up; stop with Ctrl-C\n"
        )
    finally:
        gc.enable()
    assert served == [("stdio", True, 9)] * 2


def test_a_document_is_described_as_far_as_it_is_printed(kb: KnowledgeBase) -> None:
    def head(id_: str) -> list[str]:
        text = assistant.Tools(kb).document(id_)
        return text[: text.index("\n\n## Items")].split("\n\n")

    secretariat = "Harbour Forum Secretariat, Highlights of the"
    assert head("2031-highlights") == [
        '# Highlights of the 1st Harbour Forum: "Lights, Locks and Labour"',
        f"{secretariat} 1st Harbour Forum (Port Lull, 2031)", "https://harbour-forum.example/2031",
        f"Source: {secretariat} 1st Harbour Forum (Port Lull, 2031). Free to copy if the secretariat is named.",
        OWN_WORDS,
    ]  # fmt: skip
    assert head("2033-highlights")[1:3] == [
        f"{secretariat} 2nd Harbour Forum (Port Lull, 2033)",
        "The views are those of the panels and need not be those of the secretariat.",
    ]


# A database from somebody else, and hostile requests


def changed(database: Path, folder: Path, *statements: str) -> KnowledgeBase:
    path = folder / "my base.db"
    shutil.copyfile(database, path)
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    return KnowledgeBase(path)


def test_an_error_caused_by_the_content_of_a_named_database_is_blamed_on_it(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with changed(database, tmp_path, "update recommendations set summary = x'ff', themes = '[\"a\\q'") as kb:
        for tool, given in (("list_records", {"listing": "recs"}), ("get_record", {"name": "2031-p1-r1"})):
            said = refused(kb, tool, **given)
            assert said.startswith(f"the command failed on {kb.path}: ")
            assert "Rebuild it from its seed: cthbkb load SEED --db '" in said
            err = capsys.readouterr().err
            assert err.startswith(f"error: the command failed on {kb.path}: ")
            assert "Traceback" not in err
        with pytest.raises(Failure, match=r"the command failed on .*my base"):
            kb.show("2031-p1-r1")
        with pytest.raises(TypeError):
            kb.rows()  # type: ignore[call-arg]  # the call is wrong, not the database
        with pytest.raises(KeyError):
            kb.ask(lambda db: {}["x"])


def test_the_id_of_a_record_is_escaped_in_the_address_of_a_resource(database: Path, tmp_path: Path) -> None:
    strange = "../{a}/b?c#d%2e\n\x1b"
    with changed(
        database, tmp_path, f"update themes set id = '{strange}', label = 'a\x9bb' where id = 'young-sailors'"
    ) as kb:

        async def question(client: Client) -> dict[str, str | None]:
            return {str(r.uri): r.title for r in (await client.list_resources()).resources}

        titles = asked(kb, question)
        assert titles[f"cthbkb://themes/{quote(strange, safe='')}"] == r"a\x9bb"
        assert len(titles) == 9 + len(kb.rows("documents"))


HOSTILE: list[Any] = [
    "a" * 100_000, "\x00", "\x1b[31m\u202e\x9b", "a\nb", "../..", "%2e%2f", "(" * 5000, -1, 2**70, 1e308, None, [],
    {}, ["x"] * 5000, {"a": {"b": [[[[]]]]}}, "", ["a" * 50] * 2000,
]  # fmt: skip


def test_hostile_arguments_get_a_short_message(kb: KnowledgeBase) -> None:
    def made(value: Any) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("search", {"words": value}), ("search", {"words": "lamp", "year": value}), ("get_record", {"name": value}),
            ("list_records", {"listing": "recs", "filters": {"theme": value}}), ("cite", {"ids": value}),
            ("list_records", {"listing": "recs", "columns": value}), ("compare", {"years": value}),
            (value if isinstance(value, str) else "x", {}),
        ]  # fmt: skip

    async def question(client: Client) -> None:
        for value in HOSTILE:
            for tool, given in made(value):
                answer = await client.call_tool(tool, given)
                text = answer.content[0].text
                assert len(text) < 100_000
                if answer.is_error:
                    assert len(text) < 2 * assistant.MESSAGE
                    assert text.isprintable()
                    assert BUG not in text
        for uri in ("x" * 100_000, "cthbkb://themes/../../x", "\x1b[31m"):
            with pytest.raises(MCPError) as caught:
                await client.read_resource(uri)
            assert len(str(caught.value)) < 2 * assistant.MESSAGE
            assert str(caught.value).isprintable()

    asked(kb, question)


def test_an_answer_is_bounded(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assistant, "LONGEST", 1000)
    said = refused(kb, "list_records", listing="recs")
    assert re.fullmatch(r"the answer has \d+ characters, more than 1000\. Ask for fewer rows or columns\.", said)
    assert capsys.readouterr().err == ""


def test_a_long_message_keeps_its_beginning_and_end(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, rest in ((10, ""), (11, "; and 1 more")):
        said = refused(kb, "list_records", listing="recs", columns=[0] * number)
        assert said.startswith(f"{number} invalid arguments: 'columns.0': ")
        assert said.endswith(f"{rest}. The schema of the tool describes them.")
        assert ("more" in said, "columns.9" in said, "columns.10" in said) == (bool(rest), True, False)
    monkeypatch.setattr(assistant, "MESSAGE", 8)
    assert [assistant._bounded(text) for text in ("12345678", "123456789")] == ["12345678", "1234 … 89"]


def request(id_: int, method: str, params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def conversation(*lines: str) -> bytes:
    """Return what a client writes: the usual first lines, those given, and a last call, which has the id 9."""
    start = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    ready = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
    last = request(9, "tools/call", {"name": "list_records", "arguments": {"listing": "themes"}})
    return "\n".join([request(1, "initialize", start), ready, *lines, last, ""]).encode("utf-8", "surrogateescape")


def test_the_lines_of_the_readme_start_a_server_that_survives_lines_that_are_no_requests(database: Path) -> None:
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", README.read_text(encoding="utf-8"), re.S)]
    lines = [block[key]["cthbkb"] for block in blocks for key in ("mcpServers", "servers") if key in block]
    assert len(lines) == 2
    assert {line["command"] for line in lines} == {"cthbkb"}
    assert lines[0]["args"] == lines[1]["args"]
    said = conversation(
        "hello", "[]", "null", "\udcff\udcfe\x00", "[" * 100_000, '{"x":"' + "a" * 3_000_000 + '"}',
        request(2, "nothing/such", {}), request(3, "tools/call", {"name": 5}), request(4, "prompts/get", {"name": "x"}),
    )  # fmt: skip
    command = [sys.executable, "-m", "cthbkb", *lines[0]["args"]]
    env = {**os.environ, "CTHBKB_DB": str(database)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(said)
        process.stdin.flush()
        answers = []
        for line in process.stdout:
            answers.append(json.loads(line))
            if answers[-1].get("id") == 9:
                break
        process.stdin.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (0, b"")
    assert {a["id"]: a["error"]["code"] for a in answers if "error" in a} == {2: -32601, 3: -32602, 4: -32602}
    assert len(answers[-1]["result"]["structuredContent"]["rows"]) == 9


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_not_blamed_on_the_database(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "wb", buffering=0) as full:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(conversation())))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(full))
        done = run("mcp")
    assert done.code == 1
    assert done.err.startswith("error: the command failed: No space left on device\n")
