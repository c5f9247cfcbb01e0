"""The site: Datasette on one file, with its own pages for the start, the search, comparisons, records and the method.

A site serves a snapshot of the database, taken when the program started. It answers only GET requests, sends no
scripts, loads nothing from other sites, and on a loopback address accepts only the host names of that address, so that
no other site can read it through the user's browser.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.filters import FilterArguments
from datasette.plugins import pm
from datasette.utils.asgi import Base400, NotFound, Request, Response
from datasette.views.base import DatasetteError
from jinja2 import Environment
from markupsafe import Markup, escape

from cthbkb import (
    __version__,
    cache,
    compare,
    excerpt,
    failures,
    named,
    origin,
    query,
    record,
    search,
    store,
    terms,
    views,
)
from cthbkb.account import account, scope
from cthbkb.columns import COLUMNS
from cthbkb.errors import CthbkbError
from cthbkb.formats import Answer, Shown
from cthbkb.formats.plain import csv
from cthbkb.formats.plain import json as json_rows
from cthbkb.registry import AXES, SHOWN, TABLES
from cthbkb.web import describe
from cthbkb.web.blocks import Blocks
from cthbkb.web.guard import SENDING, Broken, Guard
from cthbkb.web.links import Links
from cthbkb.web.lists import Lists
from cthbkb.web.questions import CHANGE, QUESTIONS

__all__ = ["Site"]

T = TypeVar("T")
HERE = Path(__file__).parent

SECONDS = 5.0
"""Time limit of the program's own queries, in seconds; `SETTINGS` has the limit of Datasette's queries."""

LONGEST = 10_000_000
"""Maximum size of a value, in bytes, including values in a user's own query."""

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 2000,
    "facet_time_limit_ms": 1000,
    "default_facet_size": 8,
    "suggest_facets": False,
    "default_cache_ttl": 0,
    "max_csv_mb": 100,
    "truncate_cells_html": 0,
}

HITS = 50
"""Number of results that a search shows."""

BALANCED = re.compile(r"[^\[\]]*(\[[^\[\]]*\][^\[\]]*)*").fullmatch
"""Matches a snippet in which all brackets are likely to be marks of matches."""


class Site:
    """A plugin of Datasette for the file at `path`; `hosts` are the accepted host names, or empty for all.

    `given` is the path of the database if the user named it; errors are then blamed on its content.
    """

    __name__ = "cthbkb"

    def __init__(self, path: str, hosts: frozenset[str] = frozenset(), given: str | None = None) -> None:
        self.path = path
        self.given = given
        self.hosts = hosts
        self.db = named.opened(path)
        self.metadata = describe.metadata(self.db)
        self.described: dict[str, Any] = self.metadata["databases"]["kb"]["tables"]
        self.links = Links(self.db, describe.references(self.db))
        self.blocks = Blocks(self.links)
        self.lists = Lists(self.db, self.links, self.described)
        rows = self.db.execute("select id, title, citation, url, licence, disclaimer from documents order by seq")
        self.sources = [origin.Source(*row) for row in rows]
        (self.version,) = self.db.execute("select value from meta where key = 'data'").fetchone()

    def application(self) -> Any:
        """Return the ASGI application, which replaces that of an earlier site of this process."""
        for name in (
            "cthbkb",
            "datasette.handle_exception",  # it prints all local variables for every unknown address
            "datasette.default_permissions",  # it copies the metadata for every table of every page
        ):
            if pm.has_plugin(name):
                pm.unregister(name=name)
        pm.register(self, "cthbkb")
        self.datasette = Datasette(
            immutables=[self.path],
            metadata=self.metadata,
            settings=SETTINGS,
            template_dir=str(HERE / "templates"),
            static_mounts=[("static", str(HERE / "static"))],
        )
        base = self.datasette.get_database("kb")
        base.execute = partial(_execute, base.execute)
        return self.datasette.app()

    # Hooks of Datasette.

    @hookimpl
    def prepare_connection(self, conn: sqlite3.Connection) -> None:
        """Limit the size of a value."""
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)

    @hookimpl
    def permission_allowed(self, resource: str | tuple[str, str] | None) -> bool | None:
        """Allow everybody to read the whole database, and nobody to read the tables that Datasette itself uses."""
        return None if resource is None else (resource if isinstance(resource, str) else resource[0]) == "kb"

    @hookimpl
    def render_cell(self, value: object, column: str, table: str | None) -> Markup | None:
        """Show ids as links with their labels, lists as their values, addresses as links."""
        return self.links.cell(table or "", column, value)

    @hookimpl
    def filters_from_request(self, request: Request, table: str) -> Awaitable[FilterArguments] | None:
        """Filter a list by the filters of the program (`_theme=jits`) and by its search (`_search=words`)."""
        listing = self.lists.of.get(table)
        if listing is None:
            return None
        given = {name: [v for v in request.args.getlist(f"_{name}") if v] for name in listing.filters}
        given = {name: values for name, values in given.items() if values}
        words = (request.args.get("_search") or "").strip()
        searchable = listing.table.indexed is not None

        def narrow(db: sqlite3.Connection) -> FilterArguments:
            clauses, parameters, said = [], {}, []
            if given:
                selection = query.Selection(db, listing, given)
                found = [seq for (seq,) in db.execute(f"select v.seq{selection.sql}", selection.parameters)]
                clauses.append("seq in (select value from json_each(:_narrowed))")
                parameters["_narrowed"] = json.dumps(found)
                said += [f"{name} is {' or '.join(values)}" for name, values in given.items()]
            if words and searchable:
                hits = search.search(db, terms.parse(words), [listing.table.singular])
                clauses.append(f"{listing.key} in (select value from json_each(:_found))")
                parameters["_found"] = json.dumps([id_ for (id_,) in hits.each(db, "r.id")])
                said.append(f"the words {words!r} are found")
            context = {"search": words, "narrowing": given, "searchable": searchable}
            return FilterArguments(clauses, parameters, said, context)

        return self.ask(narrow)

    @hookimpl
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """Give all templates the origin of the data, and the functions that they call."""
        env.globals |= {
            "lists": self.lists,
            "questions": QUESTIONS,
            "site_title": describe.TITLE,
            "own_words": origin.OWN_WORDS,
            "absence": origin.ABSENCE,
            "sources": self.sources,
            "data_version": f"data {self.version}, cthbkb {__version__}",
        }

    @hookimpl
    def register_routes(self) -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
        """Register the start page, the search, the comparisons, the description of the data, and the record pages."""
        tables = "|".join(SHOWN)
        return [
            (r"^/$", self.start),
            (r"^/search$", self.searched),
            (r"^/about$", self.about),
            (r"^/compare(?:\.(?P<format>csv|json))?$", self.compared),
            (rf"^/kb/(?P<table>{tables})/(?P<id>[^/.]+)(?:\.(?P<format>json))?$", self.shown),
        ]

    @hookimpl
    def asgi_wrapper(self) -> Callable[[Any], Any]:
        """Reject requests for other hosts and requests that write, and add the security headers."""
        return partial(Guard, self.hosts)

    @hookimpl
    async def handle_exception(self, datasette: Datasette, request: Request, exception: Exception) -> Response:
        """Describe the error in a page or in JSON; also report on stderr one that no address explains.

        An address with a query may be written by hand and wrong; without one, the database is the cause if the user
        named it.
        """
        within = exception.__context__ if isinstance(exception, DatasetteError) else exception
        of_values = isinstance(within, ValueError | sqlite3.Error) and not failures.is_interrupt(within)
        if isinstance(exception, CthbkbError):
            status, message = 400, f"{exception.message}. {exception.hint}"
        elif of_values and (request.query_string or not self.given):
            status, message = 400, getattr(exception, "message", str(exception))
            if self.given:
                message += f". Correct the address; if it is that of a link, {self.given} is damaged"
                message += f". {store.anew(self.given)}"
        elif isinstance(exception, DatasetteError | Base400) and not of_values:
            status = 400 if exception.status == 500 else exception.status
            message = getattr(exception, "message", str(exception))
            if getattr(exception, "message_is_html", False):  # the one of a query that took too long
                message = "The query took too long. Ask for fewer rows, or add conditions."
        else:
            failure = store.explained(within or exception, self.given)
            failure.__cause__ = exception  # to print with `CTHBKB_DEBUG`
            failures.report(failure, ())
            status, message = 500, f"{failure.message}. {failure.hint}"
        if request.path.endswith(".json"):
            return Response.json({"ok": False, "error": message, "status": status}, status=status)
        context = {"status": status, "error": message, "urls": datasette.urls}
        text = await datasette.jinja_env.get_template("error.html").render_async(context)
        return Response.html(text, status=status)

    # Pages.

    async def ask(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on a separate connection, in another thread, for a limited time.

        Raises:
            DatasetteError: if it takes longer.
        """

        def run() -> T:
            with closing(named.opened(self.path)) as db:
                end = time.monotonic() + SECONDS
                db.set_progress_handler(lambda: time.monotonic() > end, 10_000)
                return function(db)

        try:
            return await asyncio.to_thread(run)
        except sqlite3.OperationalError as error:
            if not failures.is_interrupt(error):
                raise
            raise DatasetteError(f"This took too long ({error}). Add filters to the request.", status=503) from None

    async def start(self, datasette: Datasette, request: Request) -> Response:
        """Return the start page: an introduction, and the questions that can be asked."""
        counts = dict(await self.ask(self._counts))
        every = [
            (f"/kb/{view}", describe.headline(listing), describe.sentence(listing), counts[view])
            for view, listing in self.lists.of.items()
        ]
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for q in QUESTIONS.values():
            groups.setdefault(q.group, []).append((f"/kb/{q.name}", q.title, q.about))
        context = {"groups": groups, "change": CHANGE, "every": every, "scope": await self.ask(scope)}
        return Response.html(await datasette.render_template("start.html", context, request=request))

    def _counts(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        return [
            (view, db.execute(f"select count(*) from {listing.table.name}").fetchone()[0])
            for view, listing in self.lists.of.items()
        ]

    async def searched(self, datasette: Datasette, request: Request) -> Response:
        """Return the results of the program's search over all records, best first."""
        words = (request.args.get("q") or "").strip()
        type_ = request.args.get("type") or ""

        def find(db: sqlite3.Connection) -> tuple[list[dict[str, Any]], int, list[str], list[str]]:
            parsed = terms.parse(words)
            found = search.search(db, parsed, [type_] if type_ else [], most=HITS)
            names = [col.name for col in COLUMNS["search"]]
            rows = [dict(zip(names, row, strict=True)) for row in excerpt.rows(db, found, HITS)]
            return rows, found.total(db), list(found.notes), [] if rows else search.nearest(db, parsed)

        rows, total, notes, near = await self.ask(find) if words else ([], 0, [], [])
        tables = {table.singular: table.name for table in TABLES.values()}
        for row in rows:
            row["link"] = f"/kb/{tables[row['type']]}/{row['id']}"
            row["kind"] = row["kind"] if row["type"] == "recommendation" else row["type"]
            row["marked"] = _marked(str(row["snippet"]))
            row["same"] = row["marked"].striptags() == " ".join(str(row["title"]).split())
        context = {
            "words": words, "rows": rows, "total": total, "notes": notes, "near": near, "type": type_,
            "types": [table.singular for table in TABLES.values() if table.indexed],
        }  # fmt: skip
        return Response.html(await datasette.render_template("search.html", context, request=request))

    async def compared(self, datasette: Datasette, request: Request) -> Response:
        """Return a comparison, as `cthbkb compare` prints it on a terminal, or its rows."""
        args = request.args
        years, themes = args.getlist("year"), args.getlist("theme")

        def make(db: sqlite3.Connection) -> tuple[compare.Comparison, list[Any]]:
            asked = compare.asked(
                db,
                {"theme": themes} if themes else {},
                years,
                planned=args.get("planned"),
                by=args.get("by"),
                outside="outside" in args,
                gaps="gaps" in args,
            )
            made = compare.make(db, asked)
            return made, list(made.page()) if made.page and made.rows else []

        made, blocks = await self.ask(make)
        form = request.url_vars["format"]
        if form:
            out = io.StringIO(newline="")
            write: Callable[[Answer, IO[str]], None] = csv if form == "csv" else json_rows
            write(Answer("rows", made.columns, made.rows), out)
            kind = {"csv": "text/csv", "json": "application/json"}[form]
            headers = {"content-disposition": f'attachment; filename="compare.{form}"'}
            return Response(out.getvalue(), headers=headers, content_type=f"{kind}; charset=utf-8")
        shown = self.blocks.set(blocks)
        context = {
            "made": shown,
            "caveat": "" if made.caveat in shown.striptags() else made.caveat,
            "years": years or [""],
            "axes": list(AXES),
        }
        return Response.html(await datasette.render_template("compare.html", context, request=request))

    async def about(self, datasette: Datasette, request: Request) -> Response:
        """Return the description of the data that `cthbkb about` prints."""
        value = await self.ask(account)
        context = {"heading": "About the data", "fields": self._fields("", value), "linked": self._linked(value)}
        return Response.html(await datasette.render_template("record.html", context, request=request))

    async def shown(self, datasette: Datasette, request: Request) -> Response:
        """Return a record, as `cthbkb show` prints it, as a page or as JSON."""
        table, id_ = request.url_vars["table"], request.url_vars["id"]
        if not self.links.has(table, id_):
            raise NotFound(f"no record {id_!r} in {table}")
        value = await self.ask(lambda db: _shown(db, table, id_))
        if request.url_vars["format"]:
            return Response.json(value.value())
        listing = TABLES[table].listing
        context = {
            "heading": self.links.label(table, id_),
            "singular": TABLES[table].singular,
            "id": id_,
            "list": (f"/kb/{views.prefixed(listing)}", describe.headline(listing)) if listing else None,
            "json": f"/kb/{table}/{id_}.json",
            "fields": self._fields(table, value),
            "linked": self._linked(value),
            "within": await self.ask(partial(self._within, table, id_)),
        }
        return Response.html(await datasette.render_template("record.html", context, request=request))

    def _fields(self, table: str, value: Shown) -> list[tuple[str, str, Markup]]:
        """Return the heading, meaning and cell of each field that has a value."""
        listing = TABLES[table].listing if table else None
        view = views.prefixed(listing) if listing else table
        docs = self.described.get(view, {}).get("columns", {})
        found = []
        for col, cell in value.fields:
            if cell in ("", None, "[]"):
                continue
            linked = self.links.cell(view or "about", col.name, cell, col.holds == "list")
            if col.holds == "flag":
                linked = escape("yes" if cell else "no")
            elif linked is None or (table and col.name == (listing.key if listing else "id")):
                linked = escape(cell)
            found.append((col.head, docs.get(col.name, ""), linked))
        return found

    def _linked(self, value: Shown) -> list[tuple[str, list[tuple[Markup, str]]]]:
        """Return the lists of related records: for each, its heading, and pairs of a link and a text."""
        found = []
        for heading, links in value.linked.items():
            if heading == record.LISTS:  # see `_within`
                continue
            rows = []
            for id_, text in links:
                name, colon, rest = str(id_).partition(": ")
                shown = self.links.link(name, named=False) + (colon + rest)
                rows.append((shown, str(text)))
            found.append((heading, rows))
        return found

    def _within(self, table: str, id_: str, db: sqlite3.Connection) -> list[tuple[str, str, int]]:
        """Return the lists that this record filters: address, title and number of rows."""
        return [
            (f"/kb/{views.prefixed(listing)}?{urlencode({f'_{name}': id_})}", describe.headline(listing), number)
            for listing, name, number in record.lists(db, table, id_)
        ]


async def _execute(execute: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T:
    """Run a query of Datasette, which would print an error of it, and write it into a CSV file.

    Raises:
        DatasetteError: for a CSV file that has not begun.
        Broken: for a CSV file that has.
    """
    try:
        return await execute(*args, **(options | {"log_sql_errors": False}))
    except (sqlite3.Error, QueryInterrupted) as error:
        sending = SENDING.get()
        if sending.file and sending.begun:
            raise Broken(str(getattr(error, "e", error))) from error
        if sending.file and isinstance(error, sqlite3.Error):
            raise DatasetteError(str(error), status=400) from error
        raise


def _shown(db: sqlite3.Connection, table: str, id_: str) -> Shown:
    """Return a record, with its original words if there is a copy of the document."""
    value = record.show(db, table, id_)
    if os.path.isdir(cache.sources_folder()):
        record.quote(db, [(table, id_)], [value])
    return value


def _marked(text: str) -> Markup:
    """Return a snippet with its matches, which are in brackets, as marks."""
    return Markup(str(escape(text)).replace("[", "<mark>").replace("]", "</mark>")) if BALANCED(text) else escape(text)
