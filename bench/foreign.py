"""Serve databases with a changed content, as somebody else could make them, and ask for every page and every tool.

    python bench/foreign.py [NUMBER]     NUMBER changed copies (200) of the database of the tests

Each copy has one to four changes: cells of another type or with hostile texts, damaged lists, missing rows and columns.
A copy must be either refused, or answered: no page and no tool may take long, blame the program, print a traceback, or
show a text as markup, and all messages must be free of control characters. Failures are printed, and the exit code is
then 1. `tests/test_foreign.py` tries a few copies.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

__all__ = ["change", "run", "wrong"]

ROOT = Path(__file__).resolve().parents[1]

SECONDS = 8.0
"""Maximum CPU time for a page or a call."""

MARKUP = "<script>alert(1)</script><b onclick='x'>"

CELLS = (
    b"\xff\x00\xfe", b"", b"[1]", 7, -1, 2**62, 1e300, float("inf"), "", "x", "none", "0", "[", "{}", '["a\\q"]', "[7,",
    "[[[[]]]]",
    '{"a": [1]}', "null", '["a", null]', "[]", MARKUP, f'["{MARKUP}"]', "\x1b]0;owned\x07\x9b2J\u202e", "a\nb\rc\td",
    "../../x", "a/b?c=1&d#e", "%2e%2e%2f", "{id}", "javascript:alert(1)", "https://x/\"onclick='x'", "\udcff",
    "a" * 50_000, None, None, None,
)  # fmt: skip
"""Values of cells; a surrogate stands for a text of one byte that is not UTF-8."""

PLAIN = ("/", "/about", "/search?q=lamp", "/search?q=harbour+teams&type=recommendation", "/compare", "/compare.csv",
         "/compare.json", "/compare?theme=lighthouses", "/compare?year=2031&year=2033", "/compare?by=theme",
         "/compare?by=theme&gaps=1", "/compare?planned=2033", "/compare?outside=1", "/kb", "/kb.json",
         "/kb/list_recs?_theme=lighthouses", "/kb/list_recs?_search=lamp", "/kb/list_recs?_sort=id",
         "/kb/list_recs?themes__arraycontains=lighthouses", "/kb/list_recs?_facet_array=addressees",
         "/kb?sql=select+*+from+recommendations", "/-/metadata.json")  # fmt: skip
"""Pages other than those of lists, questions and records."""


def change(path: Path, draw: random.Random) -> None:
    """Change the content of a database in one to four ways."""
    with closing(sqlite3.connect(path)) as db:
        tables = [
            name for (name,) in db.execute(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
                " and name not glob 'search_[cdi]*' and name <> 'search' order by name"
            )
        ]  # fmt: skip
        ways = [
            (draw.choice(tables), draw.choice((*["cells"] * 8, "rows", "column"))) for _ in range(draw.randint(1, 4))
        ]
        _allow_null(db, {table for table, _ in ways})
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode = off")
        db.execute("pragma foreign_keys = off")
        db.execute("pragma ignore_check_constraints = on")
        for table, way in ways:
            columns = [name for _, name, *_ in db.execute(f"pragma table_info({table})")]
            column = draw.choice(columns)
            some = draw.choice(("1", "1", "rowid % 2", f"rowid = (select max(rowid) from {table})"))
            value: Any = draw.choice(CELLS)
            cell = "cast(x'ff' as text)" if value == "\udcff" else "?"
            given = () if value == "\udcff" else (value,)
            try:
                if way == "cells":
                    db.execute(f'update or ignore {table} set "{column}" = {cell} where {some}', given)
                elif way == "rows":
                    db.execute(f"delete from {table} where {some}")
                elif draw.random() < 0.2:
                    db.execute(f'alter table {table} drop column "{column}"')
            except sqlite3.Error:  # another constraint, which SQLite itself keeps
                pass
        db.commit()
        _restore(db)


def _allow_null(db: sqlite3.Connection, tables: set[str]) -> None:
    db.execute("pragma writable_schema = on")
    for table in tables:
        db.execute(
            "update sqlite_master set sql = replace(sql, ' NOT NULL', ' /*NN*/') where name = ? and type = 'table'",
            (table,),
        )
    db.commit()


def _restore(db: sqlite3.Connection) -> None:
    db.execute("pragma writable_schema = on")
    db.execute("update sqlite_master set sql = replace(sql, ' /*NN*/', ' NOT NULL') where type = 'table'")
    db.commit()


def _pages(path: Path) -> list[str]:
    """Return the address of every page: of each list, question and table, and of some records of each table."""
    from cthbkb.dump import tables
    from cthbkb.registry import LISTINGS, SHOWN
    from cthbkb.web.questions import QUESTIONS

    found = [*PLAIN]
    for name in [*(f"list_{name}" for name in LISTINGS), *tables()]:
        found += [f"/kb/{name}", f"/kb/{name}.json", f"/kb/{name}.csv?_stream=1"]
    for q in QUESTIONS.values():
        found.append(f"/kb/{q.name}?" + "&".join(f"{name}={value}" for name, value in q.example.items()))
        found.append(f"/kb/{q.name}")
    with closing(sqlite3.connect(path)) as db:
        for table in SHOWN:
            for (id_,) in db.execute(f"select id from {table} order by seq limit 2"):
                found += [f"/kb/{table}/{id_}", f"/kb/{table}/{id_}.json"]
    return found


def _calls(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return calls of every tool, and as the tool `read` the resources."""
    from cthbkb.registry import LISTINGS, SHOWN

    calls: list[tuple[str, dict[str, Any]]] = [
        ("search", {"words": "lamp"}), ("search", {"words": "harbour", "year": 2031, "theme": "lighthouses"}),
        ("compare", {}), ("compare", {"theme": "lighthouses"}), ("compare", {"years": [2031, 2033]}),
        ("compare", {"by": "theme"}), ("compare", {"planned": 2033}), ("compare", {"outside": True}),
        ("list_records", {"listing": "recs", "filters": {"theme": "lighthouses"}, "exclude": {"kind": "call"}}),
        ("cite", {"ids": ["2031-p1-r1", "2031-highlights"]}),
    ]  # fmt: skip
    for name, listing in LISTINGS.items():
        calls.append(("list_records", {"listing": name, "columns": ["all"], "limit": 500}))
        calls.append(("list_records", {"listing": name, "sort": listing.key}))
        calls += [("facets", {"listing": name, "name": f}) for f in ("theme", "kind", "year") if f in listing.filters]
    with closing(sqlite3.connect(path)) as db:
        for table in SHOWN:
            for (id_,) in db.execute(f"select id from {table} order by seq limit 1"):
                calls.append(("get_record", {"name": id_}))
    return calls


def _asked(path: Path, pages: list[str], whole: bool) -> Iterator[str]:
    """Yield what is wrong with the pages of a site; of a `whole` database, all must be shown."""
    import httpx

    from cthbkb import failures, store
    from cthbkb.web.app import Site

    try:
        app = Site(str(path), frozenset(), str(path)).application()
    except Exception as error:  # any may be raised, and `execute` reports it so
        failure = store.explained(error, str(path))
        yield f"serve: {error!r} blames the program" if failures.BUG in failure.hint or whole else ""
        return

    async def ask() -> list[str]:
        found = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            for page in pages:
                begun = time.process_time()
                answer = await client.get(page)
                if time.process_time() - begun > SECONDS:
                    found.append(f"{page}: took {time.process_time() - begun:.1f} s")
                if answer.status_code != 200 and whole:
                    found.append(f"{page}: {answer.status_code}")
                if failures.BUG in answer.text:
                    found.append(f"{page}: {answer.status_code} blames the program")
                if answer.status_code == 500 and str(path) not in answer.text.replace("&#39;", "'"):
                    found.append(f"{page}: {answer.status_code} does not name the database: {answer.text[-300:]}")
                if "html" in answer.headers.get("content-type", "") and (
                    "<script" in answer.text or "<b onclick" in answer.text or 'href="javascript' in answer.text
                ):
                    found.append(f"{page}: shows a text as markup")
        return found

    yield from asyncio.run(ask())


def _called(path: Path, calls: list[tuple[str, dict[str, Any]]], whole: bool) -> Iterator[str]:
    """Yield what is wrong with the answers of a server for assistants; of a `whole` database, all must be good."""
    from mcp import Client

    from cthbkb import KnowledgeBase, assistant, failures, store

    try:
        kb = KnowledgeBase(path)
        server = assistant.server(kb)
    except Exception as error:  # any may be raised, and `execute` reports it so
        failure = store.explained(error, str(path))
        yield f"mcp: {error!r} blames the program" if failures.BUG in failure.hint or whole else ""
        return

    async def ask() -> list[str]:
        found = []
        async with Client(server) as client:
            for name, given in calls:
                begun = time.process_time()
                answer = await client.call_tool(name, given)
                said = answer.content[0].text
                if time.process_time() - begun > SECONDS:
                    found.append(f"{name} {given}: took {time.process_time() - begun:.1f} s")
                if answer.is_error and (
                    whole or failures.BUG in said or len(said) > 5000 or "executing tool" not in said
                ):
                    found.append(f"{name} {given}: {said[:300]}")
            for resource in (await client.list_resources()).resources:
                try:
                    await client.read_resource(resource.uri)
                except Exception as error:  # of the protocol
                    if whole or failures.BUG in str(error) or ". " not in str(error):
                        found.append(f"{resource.uri}: {str(error)[:300]}")
        return found

    yield from asyncio.run(ask())


def wrong(base: str, number: int, share: float = 1) -> list[str]:
    """Return what is wrong with the answers from the changed copy of a database with a number; call it in a process.

    The copy with the number -1 is unchanged: all of it must be answered. `share` is that of the pages and calls to try.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        path = Path(folder) / "kb.db"
        shutil.copyfile(base, path)
        if number >= 0:
            change(path, random.Random(number))
        kept = os.dup(2)
        os.dup2(said.fileno(), 2)
        try:
            draw, pages, calls = random.Random(number), _pages(Path(base)), _calls(Path(base))
            found = [*_asked(path, draw.sample(pages, int(len(pages) * share)), number < 0)]
            found += _called(path, draw.sample(calls, int(len(calls) * share)), number < 0)
        except BaseException as error:  # to find any
            import traceback

            found = ["".join(traceback.format_exception(error))[-2000:]]
        finally:
            os.dup2(kept, 2)
        if number < 0 and os.fstat(said.fileno()).st_size:
            found.append("messages")
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
        found += [f"stderr: {text[-1500:]}"] if "Traceback" in text or "bug in the program" in text else []
        found += ["stderr: control characters"] if any(not (c.isprintable() or c == "\n") for c in text) else []
        return [f"{number}: {line}" for line in found if line]


def run(base: str, numbers: range, share: float = 1) -> Iterator[list[str]]:
    """Yield what is wrong with each changed copy; each has a process, since a site is registered once per process."""
    for module in ("cthbkb.library", "cthbkb.assistant", "cthbkb.web.app", "httpx", "jsonschema", "mcp"):
        __import__(module)  # once, and not in each process
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        for result in [pool.apply_async(wrong, (base, number, share)) for number in numbers]:
            yield result.get(timeout=600)


def main() -> int:
    number = int(sys.argv[1]) if sys.argv[1:] else 200
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, "base.db")
        from cthbkb import build, seed

        build.build(seed.load(ROOT / "tests" / "seed.yaml"), Path(base))
        for lines in run(base, range(-1, number)):
            failed += bool(lines)
            for line in lines:
                print(line, flush=True)
    print(f"{number} changed databases, {failed} with a wrong answer")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
