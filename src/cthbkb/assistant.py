"""The MCP server for assistants: read-only tools and resources over one knowledge base.

Each tool is a method of `KnowledgeBase`. Every answer includes what an assistant needs to quote correctly: ids, the
place of each record, the documents to cite, the caveats, and the reminder that a summary is not a quotation. This is
the only module that uses mcp and pydantic, which the extra `mcp` installs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, wraps
from io import StringIO
from typing import Annotated, Any, Literal, TypeVar, cast
from urllib.parse import quote

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from cthbkb import __version__, cite, failures, formats, origin, query, store
from cthbkb.columns import REFERENCE
from cthbkb.errors import Failure, UsageError, shown
from cthbkb.library import Hits, KnowledgeBase, Value
from cthbkb.messages import counted, line, visible
from cthbkb.origin import OWN_WORDS
from cthbkb.query import mixed
from cthbkb.registry import AXES, FILTERS, LISTINGS, TABLES

__all__ = ["MOST", "Cited", "Facet", "Facets", "Record", "Rows", "server"]

MOST = 500
"""Maximum number of rows per call."""

LONGEST = 2_000_000
"""Maximum length of an answer, in characters."""

MESSAGE = 2000
"""Maximum length of a message; a longer one is shortened."""

SHOWN = 10
"""Maximum number of invalid arguments in a message."""

INSTRUCTIONS = f"""\
What was published about the conferences of the OSCE Alliance against Trafficking in Persons: recommendations and other
items, speakers, figures, statements, commitments, and what changed from conference to conference.

Give the id and place of every record that you use. {OWN_WORDS} Never present a summary as a quotation. Items are of
different kinds (recommendation, observation, takeaway, conclusion and others): always name the kind. The absence of an
ask from a document says nothing about the participants; repeat the notes of a comparison. Begin with `search`, or
with `facets` to see what is available.
"""

One = str | int
Many = One | list[One]


def _filters() -> type[BaseModel]:
    """Return the model of the filters of all listings, built from the registry."""
    fields: dict[str, Any] = {}
    for name, filter in FILTERS.items():
        having = ", ".join(listing.name for listing in LISTINGS.values() if name in listing.filters)
        about = Field(None, alias=name, description=f"{filter.help()} For: {having}.")
        fields[f"{name.replace('-', '_')}_"] = (Many | None if filter.noun else bool | None, about)
    config = ConfigDict(extra="forbid", title="Filters")
    return cast("type[BaseModel]", create_model("Filters", __config__=config, **fields))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Filters: TypeAlias = BaseModel
    Listing: TypeAlias = str
    Axis: TypeAlias = str
else:
    Filters = _filters()
    Listing = Literal[tuple(LISTINGS)]
    Axis = Literal[tuple(AXES)]


class Answer(BaseModel):
    """The fields of every answer."""

    notes: list[str] = Field(description="Caveats, assumptions and omissions. Repeat them to the user.")
    sources: dict[str, str] = Field(
        description="The documents that the answer draws on, each with its acknowledgement."
    )
    summaries: str = Field(OWN_WORDS, description="Whose words the texts are in.")
    data: str = Field(description="The version of the data.")


class Rows(Answer):
    """Rows of a listing, a search or a comparison."""

    rows: list[dict[str, Value]] = Field(description="One object per row, with the columns as keys.")
    references: dict[str, str] = Field(description="Maps the id of a record to its document and place.")
    total: int = Field(description="The number of matches; `rows` may contain only the first of them.")


class Record(Answer):
    """One record with everything linked to it."""

    record: dict[str, Any] = Field(description="Its columns, and lists of related records under `linked`.")
    reference: str | None = Field(description="Its document and place.")


class Facet(BaseModel):
    """A value of a filter, with the number of records that have it."""

    value: str | int
    label: str
    records: int


class Facets(Answer):
    """The values of a filter, the most frequent first."""

    values: list[Facet]


class Citation(BaseModel):
    """How to cite a record."""

    id: str
    key: str = Field(description="The document or publication that contains it.")
    un: str = Field(description="A footnote in the style of the United Nations.")
    chicago: str = Field(description="A note in Chicago style.")
    acknowledgement: str
    url: str | None


class Cited(Answer):
    """How to cite records."""

    citations: list[Citation]


F = TypeVar("F", bound=Callable[..., Any])


class Server(MCPServer[Any]):
    """A server whose messages about names and arguments, which the client chooses, are bounded."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            text = _invalid(cause) if isinstance(cause, ValidationError) else str(error)
            raise type(error)(_bounded(text)) from cause

    async def read_resource(self, uri: Any, context: Any = None) -> Any:
        """Read a resource."""
        try:
            return await super().read_resource(uri, context)
        except ResourceError as error:
            raise type(error)(_bounded(str(error))) from error.__cause__

    async def get_prompt(self, name: str, *_: Any, **__: Any) -> Any:
        """Refuse a prompt: there is none."""
        raise MCPError(INVALID_PARAMS, _bounded(f"unknown prompt {shown(name)}. This server has tools and resources."))


def _reporting(error: type[Exception], kb: KnowledgeBase, call: F) -> F:
    """Wrap a call so that its errors contain message and hint, as on the command line, and its answer is bounded.

    An error that neither the arguments nor a limit explains is also reported on stderr.
    """

    @wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            made = call(*args, **kwargs)
            size = len(made if isinstance(made, str) else made.model_dump_json())
            if size > LONGEST:
                raise Failure(
                    f"the answer has {size} characters, more than {LONGEST}", "Ask for fewer rows or columns."
                )
            return made
        except Exception as raised:
            cause = raised.__cause__
            failure = store.explained(cause if kb.path and isinstance(cause, sqlite3.Error) else raised, kb.path)
            if not isinstance(raised, UsageError) and (failure is not raised or raised.__cause__):
                failure.__cause__ = failure.__cause__ or raised  # to print with `CTHBKB_DEBUG`
                failures.report(failure, ())
            raise error(_bounded(f"{failure.message}. {failure.hint}".strip())) from raised

    return cast(F, wrapper)


def _invalid(error: ValidationError) -> str:
    """Describe invalid arguments: each with its place, and what is wrong with it."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    first = [f"{shown('.'.join(map(str, w['loc'])))}: {w['msg']}" for w in wrong[:SHOWN]]
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    said = f"{counted(len(wrong), 'invalid arguments')}: {'; '.join(first)}{more}"
    return f"{said}. The schema of the tool describes them."


def _bounded(text: str) -> str:
    """Return a message of limited length without control characters."""
    return line(text if len(text) <= MESSAGE else f"{text[: MESSAGE // 2]} … {text[-MESSAGE // 4 :]}")


def server(kb: KnowledgeBase) -> MCPServer[Any]:
    """Return the server for a knowledge base, with its tools and resources."""
    made = Server(
        "cthbkb", title="OSCE Alliance against Trafficking in Persons", instructions=INSTRUCTIONS,
        version=__version__, log_level="WARNING",
    )  # fmt: skip
    tools = Tools(kb)
    reading = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in (tools.search, tools.list_records, tools.get_record, tools.compare, tools.facets, tools.cite):
        made.tool(annotations=reading)(_reporting(ToolError, kb, tool))
    for row in kb.rows("documents"):
        _resource(made, kb, "documents", str(row["id"]), str(row["title"]), tools.document)
    for row in kb.rows("themes"):
        _resource(made, kb, "themes", str(row["slug"]), str(row["label"]), tools.theme)
    return made


def _resource(
    made: MCPServer[Any], kb: KnowledgeBase, kind: str, id_: str, title: str, read: Callable[[str], str]
) -> None:
    """Register the text of a record as a resource, created when it is read."""

    def text() -> str:
        return _reporting(ResourceError, kb, partial(read, id_))()

    name = f"{kind}/{quote(id_, safe='')}"
    made.resource(f"cthbkb://{name}", name=name, title=visible(title), mime_type="text/markdown")(text)


def _listings() -> str:
    """Describe all listings in one line."""
    return "; ".join(f"{x.name}: {x.help.removeprefix('List ').rstrip('.')}" for x in LISTINGS.values())


Limit = Annotated[int, Field(ge=0, le=MOST, description="Maximum number of rows to return.")]


class Tools:
    """The tools and texts of a server."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.tables = {x.name: x.table.name for x in LISTINGS.values()}
        self.types = {table.singular: table.name for table in TABLES.values()}

    def search(
        self,
        words: Annotated[
            str, Field(description='Words; "..." is a phrase, -word excludes, OR means or, prosecut* a prefix.')
        ],
        type: Annotated[list[str] | None, Field(description=f"Types: {', '.join(sorted(LISTINGS))}.")] = None,
        year: Annotated[Many | None, Field(description="A year or range, such as 2020 or 2016-2020.")] = None,
        theme: Annotated[Many | None, Field(description="A theme by slug, label or acronym, such as jits.")] = None,
        limit: Limit = 20,
    ) -> Rows:
        """Search the full text of all records, best matches first; each row says why it matched (`matched`)."""
        found = self.kb.search(words, limit, type=type, year=year, theme=theme)
        return self._rows(found, [(self.types[str(row["type"])], str(row["id"])) for row in found])

    def list_records(
        self,
        listing: Annotated[Listing, Field(description=_listings())],
        filters: Annotated[
            Filters | None, Field(description="Values that rows must have; of several, any one.")
        ] = None,
        exclude: Annotated[Filters | None, Field(description="Values that rows must not have.")] = None,
        columns: Annotated[
            list[str] | None, Field(description='Columns; ["all"] for all. Default: the main columns.')
        ] = None,
        sort: Annotated[str, Field(description="A column, or -column for descending. Default: print order.")] = "",
        limit: Limit = 50,
    ) -> Rows:
        """List records of one kind that match the filters, in print order; `total` is their number."""
        found = self.kb.rows(listing, sort=sort, limit=limit, **_criteria(filters, exclude))
        key = LISTINGS[listing].key
        ids = [(self.tables[listing], str(row[key])) for row in found]
        main = [col.name for col in found.columns if col.since or col.name in REFERENCE]
        made = self._rows(found, ids, self._chosen(found, columns or main, key))
        if listing == "recs":
            made.notes += mixed([*self.kb.facets("recs", "kind", **_criteria(filters, exclude)).items()])
        return made

    def get_record(
        self, name: Annotated[str, Field(description='An id, a name, or words such as "2020 panel 2 rec 4".')]
    ) -> Record:
        """Show one record with everything linked to it: its themes, asks, session, speakers, disagreements."""
        record = self.kb.show(name)
        table = str(record["table"])
        references, sources = self._references([(table, str(record.get("id", record.get("slug"))))])
        return Record(
            record=record, reference=next(iter(references.values()), None), sources=sources, notes=[],
            summaries=OWN_WORDS, data=self.kb.version,
        )  # fmt: skip

    def compare(
        self,
        theme: Annotated[Many | None, Field(description="Compare the items about a theme, ask by ask.")] = None,
        years: Annotated[list[int] | None, Field(description="Compare two or more conferences.")] = None,
        kind: Annotated[Many | None, Field(description="Only items of this kind, such as recommendation.")] = None,
        by: Annotated[Axis | None, Field(description="Count by year along an axis.")] = None,
        gaps: Annotated[bool, Field(description="With `by`: only values that are missing in some year.")] = False,
        planned: Annotated[
            int | None, Field(description="Compare the plan of a conference with what was held.")
        ] = None,
        outside: Annotated[bool, Field(description="List the items that belong to no thread.")] = False,
    ) -> Rows:
        """Compare what was asked across the years; always repeat `notes`: the comparison misleads without them."""
        found = self.kb.compare(theme, kind, years, by, gaps=gaps, planned=planned, outside=outside)
        ids = dict.fromkeys(i for row in found for i in _named(row))
        return self._rows(found, self._places(ids))

    def facets(
        self,
        listing: Annotated[Listing, Field(description="The kind of records to count.")],
        name: Annotated[str, Field(description="The filter whose values are counted, such as theme, kind or country.")],
        filters: Annotated[
            Filters | None, Field(description="Count only the records that match these filters.")
        ] = None,
    ) -> Facets:
        """Count records by the value of a filter, to see what is available before listing it."""
        found = self.kb.facets(listing, name, **_criteria(filters, None))
        of = FILTERS[name].of
        labels = self.kb.ask(lambda db: [origin.label(db, of, i) if of in TABLES else str(i) for i in found])
        values = [
            Facet(value=value, label=label, records=number)
            for (value, number), label in zip(found.items(), labels, strict=True)
        ]
        return Facets(values=values, notes=[], sources={}, summaries=OWN_WORDS, data=self.kb.version)

    def cite(
        self, ids: Annotated[list[str], Field(min_length=1, max_length=MOST, description="Ids of records.")]
    ) -> Cited:
        """Cite records: footnotes in the styles of the United Nations and of Chicago, with session, list and item."""
        rows = self.kb.cite(*ids)
        citations = [Citation.model_validate(row) for row in rows]
        sources = {c.key: c.acknowledgement for c in citations}
        return Cited(citations=citations, notes=[], sources=sources, summaries=OWN_WORDS, data=self.kb.version)

    def document(self, id: str) -> str:
        """Return a document as text: its acknowledgement, then its items in print order."""
        record = self.kb.show(id)
        _, sources = self._references([("documents", id)])
        out = StringIO()
        columns = [col for col in LISTINGS["recs"].columns if col.since or col.name in REFERENCE]
        rows = self.kb.ask(
            lambda db: db.execute(
                *query.Selection(db, LISTINGS["recs"], {"document": [id]}).rows([col.name for col in columns])
            ).fetchall()
        )
        answer = formats.Answer("items", columns, rows)
        answer.document = True
        formats.writer("markdown")(answer, out)
        about = [str(record[name]) for name in ("citation", "disclaimer", "note", "url") if record[name]]
        return "\n\n".join([f"# {record['title']}", *about, *sources.values(), OWN_WORDS, f"#{out.getvalue()}"])

    def theme(self, slug: str) -> str:
        """Return the briefing on a theme."""
        return self.kb.brief(theme=slug)

    def _chosen(self, found: Hits, names: Sequence[str], key: str) -> list[str]:
        """Return the chosen columns, always including the one that identifies a row."""
        known = [col.name for col in found.columns]
        if list(names) == ["all"]:
            return known
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UsageError(f"unknown column {shown(unknown[0])}", f"Columns: {', '.join(known)}.")
        return [name for name in known if name in {*names, key}]

    def _rows(self, found: Hits, records: Sequence[tuple[str, str]], names: Sequence[str] | None = None) -> Rows:
        references, sources = self._references(records)
        rows = [{name: row[name] for name in names or row} for row in found]
        return Rows(
            rows=rows, references=references, total=found.total, notes=list(found.notes), sources=sources,
            summaries=OWN_WORDS, data=self.kb.version,
        )  # fmt: skip

    def _references(self, records: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the place of each record `(table, id)` that comes from a document, and these documents as sources."""
        found = self.kb.ask(lambda db: cite.cited(db, cite.standing(db, records)))
        references = {c.id: ", ".join(part for part in (c.work.key, c.locator) if part) for c in found}
        return references, {work.key: work.acknowledgement for work in cite.works(found)}

    def _places(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return the table and id of each id that belongs to a record."""

        def found(db: sqlite3.Connection) -> list[tuple[str, str]]:
            sql = " union all ".join(f"select '{name}', id from {name} where id = :id" for name in self.tables.values())
            return [row for id_ in ids for row in db.execute(sql, {"id": id_})]

        return self.kb.ask(found)


def _named(row: Mapping[str, Value]) -> list[str]:
    """Return the ids of the items that a row of a comparison names."""
    found = [row.get("item"), row.get("id")]
    items = row.get("items")
    return [str(i) for i in [*found, *(items if isinstance(items, list) else ())] if i]


def _criteria(filters: Any, exclude: Any) -> dict[str, Any]:
    """Return the filters as keyword arguments of `KnowledgeBase.rows`."""
    wanted = filters.model_dump(by_alias=True, exclude_none=True) if filters else {}
    unwanted = exclude.model_dump(by_alias=True, exclude_none=True) if exclude else {}
    return {**wanted, **{f"not-{name}": value for name, value in unwanted.items()}}
