"""The registry: one row for each kind, axis, filter, table and format, with everything the program knows about it.

The row of a table gives the name of one record; how the table is listed, filtered and searched; which columns contain
names; which columns have a link table; and which related records are shown below a record. The record types are in
`model.Records`. `tests/test_registry.py` reports a missing row, record type, view or column. The tables are in the
order of the commands.
"""

from __future__ import annotations

from cthbkb.columns import ALWAYS, PACK, SOURCE, WIDE, WIDER, YEARS, Col

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APART",
    "AXES",
    "BYTES",
    "CITING",
    "DRAWN",
    "ENDINGS",
    "FILTERS",
    "FORMATS",
    "KINDS",
    "LISTED",
    "LISTINGS",
    "REACH",
    "SHOWN",
    "TABLES",
    "Axis",
    "Filter",
    "Indexed",
    "Kind",
    "Listing",
    "Table",
    "link_table",
    "names_field",
]


class Kind:
    """How a document presents an item.

    `letter` stands for the kind in an id; `words` are other names that users type. Items of `listed` kinds are printed
    in a list of outcomes; all others are taken from running text and rank lower.
    """

    __slots__ = ("letter", "listed", "name", "plural", "words")

    def __init__(self, name: str, letter: str, *words: str, listed: bool = False, plural: str = "") -> None:
        self.name = name
        self.letter = letter
        self.words = words
        self.listed = listed
        self.plural = plural or f"{name}s"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("recommendation", "r", "rec", listed=True),
        Kind("observation", "o", "obs", listed=True),
        Kind("takeaway", "t", listed=True),
        Kind("framework", "f", "arrow", listed=True, plural="framework items"),
        Kind("goal", "g"),
        Kind("call", "c", listed=True),
        Kind("conclusion", "s"),
    )
}


LISTED = tuple(kind.name for kind in KINDS.values() if kind.listed)
"""Kinds whose items are printed in a list of outcomes."""


class Axis:
    """A column by which items or appearances can be counted.

    `table` holds the possible values with their labels; it is empty if only the values that occur are counted.
    """

    __slots__ = ("column", "listing", "name", "table")

    def __init__(self, name: str, column: str, table: str = "", listing: str = "recs") -> None:
        self.name = name
        self.column = column
        self.table = table
        self.listing = listing


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis("theme", "themes", "themes"),
        Axis("addressee", "addressees", "addressees"),
        Axis("affected", "affected", "affected_groups"),
        Axis("modality", "modality"),
        Axis("kind", "kind"),
        Axis("role", "role", listing="speakers"),
        Axis("country", "country", listing="speakers"),
    )
}


class Filter:
    """An option that narrows a listing.

    `of` is the table, or the column of the listing, that has its values. A switch takes no value and has a `condition`
    on the view `v` instead. `needs` says whether a row must have `any`, `every` or `no` value of several. A `loose`
    filter matches all values that contain the given words.
    """

    __slots__ = ("condition", "example", "loose", "name", "needs", "noun", "of", "what")

    def __init__(
        self,
        name: str,
        noun: str,
        of: str,
        what: str,
        example: str = "",
        condition: str = "",
        needs: str = "any",
        loose: bool = False,
    ) -> None:
        self.loose = loose
        self.needs = needs
        self.name = name
        self.noun = noun
        self.of = of
        self.what = what
        self.example = example
        self.condition = condition

    def help(self, example: str = "") -> str:
        """Return the help text, with the listing's own example if it has one."""
        shown = example or self.example
        return f"{self.what}, such as {shown}." if shown else f"{self.what}."


FILTERS: dict[str, Filter] = {
    f.name: f
    for f in (
        Filter("year", "YEAR", "year", "Year or range of years", "2020 or 2016-2020"),
        Filter("session", "SESSION", "sessions", "Session by id or in words", "2020-p2 or '2020 panel 2'"),
        Filter("theme", "THEME", "themes", "Theme by slug, label or acronym", "jits"),
        Filter("kind", "KIND", "kind", "Kind", "recommendation"),
        Filter("type", "TYPE", "type", "Type", "panel"),
        Filter("role", "ROLE", "role", "Role", "moderator"),
        Filter("country", "COUNTRY", "country", "Country", "Ireland"),
        Filter("organization", "ORG", "organizations", "Organization or a part of it, by id, name or acronym", "osce"),
        Filter("person", "PERSON", "people", "Person by id or name", "kevin-hyland"),
        Filter("addressee", "WHO", "addressees", "Who is asked to act", "prosecutors"),
        Filter("affected", "GROUP", "affected_groups", "Group of people concerned, or a subgroup of it", "children"),
        Filter("modality", "VERB", "modality", "Force of the item, by its printed verb", "must"),
        Filter("change", "CHANGE", "change", "Change between two conferences", "sharpened"),
        Filter("thread", "THREAD", "threads", "Thread by id or label", "ask-compensation"),
        Filter("document", "DOC", "documents", "Document by id", "2020-highlights"),
        Filter("medium", "MEDIUM", "medium", "Medium", "tweet"),
        Filter("source", "WORDS", "source", "Words of the original source", "UNODC", loose=True),
        Filter("area", "WORDS", "area", "Words of the area as printed", "Europe", loose=True),
        Filter("status", "STATUS", "status", "Status", "planned"),
        Filter("in", "YEAR", "year", "Asked or noted in the year (in all years, if repeated)", "2016", needs="every"),
        Filter("not-in", "YEAR", "year", "Not asked or noted in the year (in any, if repeated)", "2022", needs="no"),
        Filter("survivor", "", "", "Only records of people called survivors in a document", condition="v.survivor = 1"),
        Filter(
            "recurring", "", "", "Only people who appear at more than one conference",
            condition="json_array_length(v.years) > 1",
        ),
        Filter(
            "fulfilled", "", "", "Only records with a result that another record shows",
            condition="v.fulfilled_by is not null",
        ),
    )
}  # fmt: skip


REACH = "*"
"""The target of a filter that reads more than one column: the table `filter_values` (see `reach.py`)."""

APART = frozenset({"year", "country"})
"""Sets of filter values that all listings share, besides tables and columns."""


class Listing:
    """How a table is listed: the view `list_NAME`, its columns, and the column that each filter reads, or `REACH`.

    `lacks` gives, for each common filter that the listing does not have, the reason. `what` names the rows in messages.
    `examples` replaces the usual example of a filter with a value of this listing. `aliases` are other names for the
    command, besides the name and singular of the table. `key` is the column that identifies a row; `scale` names the
    scale whose words the help explains. `docs` describes the columns of the view that the record type does not have,
    or has with another meaning.
    """

    __slots__ = (
        "aliases",
        "columns",
        "docs",
        "example",
        "examples",
        "filters",
        "help",
        "key",
        "lacks",
        "name",
        "scale",
        "table",
        "what",
    )

    table: Table

    def __init__(
        self,
        name: str,
        what: str,
        help: str,
        columns: Sequence[Col],
        filters: Mapping[str, str] | None = None,
        examples: Mapping[str, str] | None = None,
        example: str = "",
        aliases: Sequence[str] = (),
        key: str = "id",
        lacks: Mapping[str, str] | None = None,
        scale: str = "",
        docs: Mapping[str, str] | None = None,
    ) -> None:
        self.docs = docs or {}
        self.lacks = lacks or {}
        self.name = name
        self.what = what
        self.help = help
        self.columns = columns
        self.filters = filters or {}
        self.examples = examples or {}
        self.example = example or f"cthbkb {name} --limit 5"
        self.aliases = aliases
        self.key = key
        self.scale = scale


class Indexed:
    """How the full-text index reads a table: the columns for title, body, keywords and names.

    All other columns are indexed too, with the lowest weight. A `named` record gets a boost if the query is its name.
    """

    __slots__ = ("body", "keywords", "named", "names", "title")

    def __init__(
        self,
        title: str = "",
        body: Sequence[str] = (),
        keywords: Sequence[str] = (),
        names: Sequence[str] = (),
        named: bool = False,
    ) -> None:
        self.title = title
        self.body = body
        self.keywords = keywords
        self.names = names
        self.named = named


class Table:
    """A table of records.

    `spelled` lists the columns whose values name a record; with `by_part`, some words of a name are enough. `links` are
    the list columns that have a link table; `derived` are columns of the listing whose link table `derive.py` computes
    from other records. `related` maps the heading of each list shown below a record to a query that returns
    `(id, text)` and has the record's id as `:id`. With `own_ids`, ids need not differ from those of other tables.
    """

    __slots__ = (
        "by_part",
        "derived",
        "indexed",
        "links",
        "listing",
        "name",
        "own_ids",
        "related",
        "singular",
        "spelled",
    )

    def __init__(
        self,
        name: str,
        singular: str,
        listing: Listing | None = None,
        indexed: Indexed | None = None,
        spelled: Sequence[str] = (),
        by_part: bool = False,
        links: Sequence[str] = (),
        derived: Sequence[str] = (),
        related: Mapping[str, str] | None = None,
        own_ids: bool = False,
    ) -> None:
        self.derived = derived
        self.own_ids = own_ids
        self.name = name
        self.singular = singular
        self.listing = listing
        if listing:
            listing.table = self
        self.indexed = indexed
        self.spelled = spelled
        self.by_part = by_part
        self.links = links
        self.related = related or {}

    def is_linked(self, column: str) -> bool:
        """Return whether a column is read from its link table."""
        return column in self.links or column in self.derived


APPEARANCES = """
select session, year || ' ' || role || coalesce(', ' || position, '') || coalesce(' (' || country || ')', '')
from list_speakers where person = :id order by seq
"""
STATEMENTS = """
select id, year || ' ' || medium || ': ' || gist from list_statements
where speaker = :id or seq in (select seq from statements_speakers where value = :id) order by seq
"""
DISCREPANCIES = """
select d.id, d.topic || ': ' || d.value_a || ' / ' || d.value_b
from discrepancies d where exists (select 1 from json_each(d.records) where value = :id) order by d.seq
"""
PERSONAL_DISCREPANCIES = """
select distinct d.id, d.topic || ': ' || d.value_a || ' / ' || d.value_b
from discrepancies d, json_each(d.records) j
where j.value = :id or j.value in (select id from appearances where person = :id) order by d.seq
"""
ITEMS = "select id, kind || ', ' || modality || ': ' || summary from recommendations where {} order by seq"
CITED = """
select document || ': ' || section, coalesce(note, '') from citations where {} = :id order by seq
"""
MEMBERS = """
select m.item,
    m.year || case when m.asks then ' asked' else ' noted' end || coalesce(' [' || m.part || ']', '') || ', '
    || case when s.type in ('panel', 'side-event') then replace(s.type, '-', ' ') || ' ' || s.number || ': ' else '' end
    || coalesce(s.title || ', ', '') || d.kind || coalesce(', ' || r.kind || ', ' || r.modality, ', ' || m.type)
    || ': ' || coalesce(r.summary, t.gist, a.what, c.what)
from members m
left join recommendations r on r.id = m.item
left join statements t on t.id = m.item
left join activities a on a.id = m.item
left join commitments c on c.id = m.item
left join sessions s on s.id = coalesce(r.session, t.session)
left join documents d on d.id = coalesce(r.document, t.document, a.document, c.document)
where m.thread = :id order by m.year, m.asks desc, m.place
"""
FULFILS = """
select id, what from activities where fulfilled_by = :id
union all select id, what from commitments where fulfilled_by = :id
"""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "conferences", "conference",
            Listing(
                "conferences", "conferences", "List the conferences, planned and held.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("number", ALWAYS, "number"), Col("year", ALWAYS, "number"),
                    Col("title", ALWAYS, "prose"), Col("start", ALWAYS), Col("end", ALWAYS), Col("planned_start"),
                    Col("planned_end"), Col("city", WIDE), Col("venue"), Col("format", WIDE),
                    Col("languages", 0, "list"), Col("hashtag"), Col("url"), Col("participation", 0, "prose"),
                    Col("sessions", WIDE, "number"), Col("people", WIDE, "number"),
                    Col("recommendations", WIDE, "number", "items"), Col("subject"), *SOURCE, PACK,
                ),
                docs={
                    "start": "First day on which it was held.",
                    "end": "Last day on which it was held.",
                    "sessions": "Number of parts of its programme, not counting breaks and social events.",
                    "people": "Number of people who appeared.",
                    "recommendations": "Number of items of all kinds.",
                },
                filters={
                    "year": "year", "session": REACH, "theme": REACH, "country": REACH, "organization": REACH,
                    "person": REACH, "document": REACH,
                },
            ),
            Indexed(title="title", body=("participation",), names=("hashtag", "city", "venue")),
            related={
                "sessions": "select id, type || ': ' || title from sessions where conference = :id order by seq",
                "figures": "select x.id, x.value || coalesce(' ' || x.unit, '') || ': ' || x.what"
                " from statistics x join sessions s on s.id = x.session where s.conference = :id"
                " and s.id = :id || '-intro' order by x.seq",
                "discrepancies": DISCREPANCIES,
            },
        ),
        Table(
            "sessions", "session",
            Listing(
                "sessions", "sessions", "List the parts of the programmes.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("conference", 0, "id"), Col("year", ALWAYS, "number"),
                    Col("type", ALWAYS), Col("number", 0, "number"), Col("title", ALWAYS, "prose"), Col("date", ALWAYS),
                    Col("start", WIDE), Col("end", WIDE), Col("organisers", WIDER, "list"), Col("document", 0, "id"),
                    Col("section"), Col("item"), Col("status"), Col("planned_date"), Col("planned_start"),
                    Col("planned_end"), Col("held_date"), Col("held_start"), Col("held_end"),
                    Col("topics", 0, "list"), Col("summary", 0, "prose"), Col("video"),
                    Col("people", WIDE, "number"), Col("recommendations", WIDE, "number", "items"),
                    Col("planned_document", 0, "id"), Col("planned_section"), Col("note", 0, "prose"), PACK,
                ),
                docs={
                    "date": "Day on which it was held; if it was not held, the planned day.",
                    "start": "Actual start, local time; if it was not held, the planned start.",
                    "end": "Actual end, local time; if it was not held, the planned end.",
                    "status": "One of held, planned only, part of a report.",
                    "topics": "Topics announced for it.",
                    "people": "Number of people who appeared.",
                    "recommendations": "Number of items of all kinds.",
                },
                filters={
                    "year": "year", "theme": REACH, "type": "type", "session": "id", "country": REACH,
                    "organization": REACH, "person": REACH, "document": REACH, "status": "status",
                },
                examples={"status": "held"},
                example="cthbkb sessions --year 2020 --type panel",
            ),
            Indexed(title="title", body=("summary",), names=("organisers",)),
            spelled=("id", "title"),
            links=("organisers",),
            related={
                "topics": "select id, topic from topics where session = :id order by seq",
                "speakers": "select person, role || ': ' || name || coalesce(', ' || position, '')"
                " || coalesce(' (' || country || ')', '') from list_speakers where session = :id order by seq",
                "items": ITEMS.format("session = :id"),
                "items of a common list": ITEMS.format(
                    "seq in (select seq from recommendations_other_sessions where value = :id)"
                ),
                "statistics": "select id, value || ': ' || what from statistics where session = :id order by seq",
                "statements": "select id, name || ': ' || gist from list_statements where session = :id order by seq",
                "publications": "select id, title from publications where session = :id order by seq",
                "discrepancies": DISCREPANCIES,
            },
        ),
        Table(
            "appearances", "appearance",
            Listing(
                "speakers", "appearances", "List who appeared in which session and role.",
                columns=(
                    Col("person", WIDER, "id"), Col("name", ALWAYS), Col("role", ALWAYS), Col("session", ALWAYS, "id"),
                    Col("session_title", 0, "prose"), Col("year", ALWAYS, "number"),
                    Col("position", ALWAYS, "prose"), Col("organization", WIDER, "prose"), Col("country", ALWAYS),
                    Col("survivor", 0, "flag"), Col("document", 0, "id"), Col("section"), Col("item"),
                    Col("id", 0, "id"), Col("organization_id", 0, "id"), Col("honorific"), Col("name_as_printed"),
                    Col("also_printed", 0, "list"), Col("order", 0, "number"), Col("attribution", 0, "prose"),
                    PACK,
                ),
                docs={
                    "name": "Name of the person.",
                    "session_title": "Title of the session.",
                    "year": "Year of the session.",
                    "organization": "Name of the body that the person represents.",
                    "organization_id": "Id of that body.",
                },
                filters={
                    "year": "year", "theme": REACH, "role": "role", "session": "session", "type": REACH,
                    "country": "country", "organization": "organization_id", "kind": REACH, "person": "person",
                    "document": "document", "survivor": "",
                },
                examples={"kind": "ngo or state"},
                example="cthbkb speakers --role moderator --country Ireland",
                aliases=("speaker",),
            ),
            related={"discrepancies": DISCREPANCIES},
        ),
        Table(
            "people", "person",
            Listing(
                "people", "people", "List the people, with their years and roles.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("name", ALWAYS), Col("years", ALWAYS, "list", of=int),
                    Col("roles", ALWAYS, "list"), Col("countries", WIDE, "list"), Col("positions", WIDE, "list"),
                    Col("appearances", WIDE, "number"), Col("statements", WIDER, "number"), Col("sort_name"),
                    Col("spellings", 0, "list"), Col("survivor", 0, "flag"), Col("pseudonym", 0, "flag"),
                    Col("note", 0, "prose"), *SOURCE, PACK,
                    Col("distinct_from", 0, "list"),
                ),
                docs={
                    "years": "Years in which the person appeared, as numbers.",
                    "roles": "Roles in which the person appeared.",
                    "countries": "Countries printed with the name or position.",
                    "positions": "Positions as printed, each after its year.",
                    "appearances": "Number of appearances.",
                    "statements": "Number of tweets, pull quotes and reported remarks.",
                    "survivor": "True where a document calls the person a survivor; never inferred.",
                },
                filters={
                    "year": REACH, "theme": REACH, "role": REACH, "session": REACH, "country": REACH,
                    "organization": REACH, "kind": REACH, "person": "id", "document": REACH, "survivor": "",
                    "recurring": "",
                },
                examples={"kind": "ngo or state"},
                example="cthbkb people --recurring",
            ),
            Indexed(title="name", body=("note",), names=("spellings", "sort_name"), named=True),
            spelled=("id", "name", "sort_name", "spellings"),
            by_part=True,
            links=("distinct_from",),
            related={
                "appearances": APPEARANCES,
                "statements": STATEMENTS,
                "attributed items": ITEMS.format("attributed_to = :id"),
                "discrepancies": PERSONAL_DISCREPANCIES,
            },
        ),
        Table(
            "organizations", "organization",
            Listing(
                "organizations", "organizations", "List the bodies.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("name", ALWAYS, "prose"), Col("acronym", ALWAYS), Col("kind", ALWAYS),
                    Col("country", WIDE), Col("appearances", ALWAYS, "number"), Col("sessions", WIDE, "number"),
                    Col("part_of", 0, "id"), Col("aliases", 0, "list"), PACK,
                ),
                docs={
                    "appearances": "Number of appearances on its behalf.",
                    "sessions": "Number of sessions that it organised.",
                },
                filters={
                    "kind": "kind", "country": "country", "organization": "id", "year": REACH, "theme": REACH,
                    "session": REACH, "person": REACH, "document": REACH,
                },
                examples={"kind": "ngo"},
                aliases=("organisations", "organisation"),
            ),
            Indexed(title="name", keywords=("acronym",), names=("country", "aliases"), named=True),
            spelled=("id", "name", "acronym", "aliases"),
            by_part=True,
            related={
                "appearances": "select person, year || ' ' || role || ', ' || session || ': ' || name"
                " from list_speakers where organization_id = :id order by seq",
                "sessions organised": "select s.id, s.title from sessions_organisers l join sessions s on s.seq = l.seq"
                " where l.value = :id order by s.seq",
                "parts": "select id, name from organizations where part_of = :id order by seq",
                "activities": "select a.id, a.what from activities_partners l join activities a on a.seq = l.seq"
                " where l.value = :id order by a.seq",
            },
        ),
        Table(
            "themes", "theme",
            Listing(
                "themes", "themes", "List the themes with the number of items per year.",
                columns=(
                    Col("slug", ALWAYS, "id"), Col("label", ALWAYS, "prose"), Col("broader", WIDE, "id"),
                    Col("recommendations", ALWAYS, "number", "items"), YEARS,
                    Col("alternative_labels", 0, "list"), Col("labels", 0, "list"),
                    Col("scope_note", WIDER, "prose"), Col("since", 0, "number"),
                    PACK,
                ),
                docs={
                    "slug": "The id of the theme.",
                    "recommendations": "Number of items about it.",
                    "*": "Number of items about it in that year.",
                },
                filters={"theme": "slug", "year": REACH, "session": REACH, "document": REACH},
                lacks={
                    "country": "themes belong to items, and items have no country",
                    "organization": "themes belong to items, and items have no body",
                    "person": "themes belong to items; for the items of a person: cthbkb recs --person",
                },
                example="cthbkb themes --format csv",
                key="slug",
            ),
            Indexed(title="label", body=("scope_note",), names=("alternative_labels",)),
            spelled=("id", "label", "alternative_labels", "labels"),
            related={
                "narrower": "select id, label from themes where broader = :id order by seq",
                "threads": "select t.id, t.label from threads_themes l join threads t on t.seq = l.seq"
                " where l.value = :id order by t.seq",
                "items": "select r.id, r.kind || ', ' || r.modality || ': ' || r.summary from recommendations_themes l"
                " join recommendations r on r.seq = l.seq where l.value = :id order by r.seq",
            },
        ),
        Table(
            "recommendations", "recommendation",
            Listing(
                "recs", "items", "List recommendations, observations, takeaways and other items.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("conference", 0, "id"),
                    Col("session", 0, "id"), Col("kind", ALWAYS), Col("number"), Col("summary", ALWAYS, "prose"),
                    Col("themes", WIDE, "list"), Col("addressees", 0, "list"), Col("affected", 0, "list"),
                    Col("modality", WIDER), Col("thread", 0, "id"), Col("document", 0, "id"), Col("section"),
                    Col("item"),
                    Col("url"), Col("heading"), Col("change"), Col("threads", 0, "list"), Col("attributed_to", 0, "id"),
                    Col("session_title", 0, "prose"), Col("illustrates", 0, "id"), Col("other_sessions", 0, "list"),
                    Col("keywords", 0, "list"), PACK,
                ),
                docs={
                    "conference": "The conference to which its session belongs.",
                    "thread": "The first of its threads.",
                    "url": "The address printed in its document, or for its conference.",
                    "change": "How its first thread changed since the previous conference in which it occurs.",
                    "threads": "The threads in which it is asked or noted.",
                    "session_title": "Title of the session.",
                },
                filters={
                    "theme": "themes", "year": "year", "kind": "kind", "session": REACH, "addressee": "addressees",
                    "affected": "affected", "modality": "modality", "thread": "threads", "change": "change",
                    "person": "attributed_to", "document": "document", "survivor": REACH,
                },
                examples={"person": "valiant-richey"},
                lacks={
                    "country": "an item belongs to a session and a document, not to a speaker",
                    "organization": "an item belongs to a session and a document, not to a speaker",
                },
                example="cthbkb recs --theme jits",
                scale="modality",
                aliases=("rec", "items"),
            ),
            Indexed(body=("summary",), keywords=("keywords", "heading"), names=("attributed_to",)),
            links=("themes", "addressees", "affected", "other_sessions"),
            derived=("threads", "change"),
            related={
                "threads": "select t.id, case when i.asks then 'asked' else 'noted' end"
                " || coalesce(' [' || i.part || ']', '') || ': ' || t.label || ' (' || y.pattern || '): ' || t.summary"
                " from thread_items i"
                " join threads t on t.id = i.thread join thread_years y on y.thread = t.id where i.item = :id"
                " order by i.seq",
                "same thread": "select o.id, o.year || ' ' || o.kind || ', ' || o.modality || ': ' || o.summary"
                " from recommendations r join item_threads m on m.seq = r.seq join recommendations_threads l"
                " on l.value = m.thread join recommendations o on o.seq = l.seq and o.id <> r.id where r.id = :id"
                " order by o.seq",
                "kept apart": "select d.id, d.reason from distinctions d"
                " where exists (select 1 from json_each(d.items) where value = :id) order by d.seq",
                "speakers of the session": "select a.person, a.role || ': ' || a.name from list_speakers a"
                " join recommendations r on r.session = a.session where r.id = :id order by a.seq",
                "discrepancies": DISCREPANCIES,
            },
        ),
        Table(
            "threads", "thread",
            Listing(
                "threads", "threads", "List the asks that are followed over the years.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("label", ALWAYS, "prose"), Col("*", ALWAYS, "state"),
                    Col("pattern", ALWAYS, "prose", "in words"), Col("items", ALWAYS, "number"),
                    Col("themes", WIDE, "list"), Col("summary", WIDER, "prose"), Col("asked", 0, "list", of=int),
                    Col("noted", 0, "list", of=int), Col("years", 0, "list", of=int), Col("changes", 0, "list"),
                    Col("followed_by", 0, "list"), PACK,
                ),
                docs={
                    "*": "Whether it is asked or noted in that year, or neither (-).",
                    "pattern": "The years in which it is asked, noted or absent, in words.",
                    "items": "Number of items in it.",
                    "asked": "Years in which it is asked, as numbers.",
                    "noted": "Years in which it is only noted, as numbers.",
                    "years": "Years in which it is asked or noted, as numbers.",
                    "changes": "The words of all its moves.",
                },
                filters={
                    "year": "years", "theme": "themes", "change": "changes", "in": "years", "not-in": "years",
                    "thread": "id", "session": REACH, "person": REACH, "document": REACH,
                },
                examples={"person": "valiant-richey"},
                lacks={
                    "country": "the entries of a thread have no country",
                    "organization": "the entries of a thread have no body",
                },
                example="cthbkb threads --in 2016 --not-in 2022",
            ),
            Indexed(title="label", body=("summary",)),
            spelled=("id", "label"),
            by_part=True,
            links=("themes", "followed_by"),
            derived=("years", "changes"),
            related={
                "years": "select b.year, b.subject || coalesce(' (' || nullif(b.documents, '') || ')', '') || ': '"
                " || case when instr(y.asked, b.year) then 'asked'"
                " when instr(y.noted, b.year) then 'noted' else 'neither asked nor noted' end"
                " from thread_years y, year_bases b where y.thread = :id order by b.year",
                "moves": "select m.\"from\" || ' to ' || m.\"to\", replace(substr(m.changes, 3, length(m.changes) - 4),"
                " '\",\"', ', ') || coalesce(': ' || m.note, '')"
                " || coalesce(' New: ' || m.gained || '.', '') || coalesce(' Not repeated: ' || m.lost || '.', '')"
                " from moves m where m.thread = :id order by m.seq",
                "items and statements": MEMBERS,
                "replaced by": "select o.id, o.label from threads t join threads_followed_by l"
                " on l.seq = t.seq join threads o on o.id = l.value where t.id = :id order by o.seq",
                "replaces": "select o.id, o.label from threads_followed_by l join threads o on o.seq = l.seq"
                " where l.value = :id order by o.seq",
                "kept apart": "select d.id, d.reason from distinctions d where exists"
                " (select 1 from json_each(d.items) i join members m on m.item = i.value where m.thread = :id)"
                " order by d.seq",
            },
        ),
        Table(
            "moves", "move",
            Listing(
                "moves", "moves", "List what changed in an ask between any two conferences.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("thread", 0, "id"), Col("label", 0, "prose"), Col("from", 0, "id"),
                    Col("to", 0, "id"),
                    Col("changes", ALWAYS, "list"), Col("note", ALWAYS, "prose"), Col("gained", WIDE, "prose"),
                    Col("lost", WIDE, "prose"), PACK,
                ),
                docs={
                    "label": "The ask, in a few words.",
                },
                filters={"thread": "thread", "change": "changes", "year": REACH, "theme": REACH},
                lacks={
                    "session": "a move lies between two conferences", "document": "a move lies between two documents",
                    "country": "a move has no country", "organization": "a move has no body",
                    "person": "a move has no person",
                },
                example="cthbkb moves --change sharpened",
                scale="change",
            ),
            derived=("changes",),
        ),
        Table(
            "distinctions", "distinction",
            Listing(
                "distinctions", "distinctions", "List items that look alike but are not the same ask.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("items", ALWAYS, "list"), Col("reason", ALWAYS, "prose"), PACK,
                ),
                filters={"year": REACH, "theme": REACH, "session": REACH, "thread": REACH, "document": REACH},
                examples={"theme": "compensation"},
                lacks={
                    "country": "items have no country", "organization": "items have no body",
                    "person": "hardly any item is attributed to a person",
                },
            ),
            links=("items",),
        ),
        Table(
            "topics", "topic",
            Listing(
                "topics", "topics", "List the topics that were announced, and the items that answer them.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("session", 0, "id"),
                    Col("topic", ALWAYS, "prose"),
                    Col("status", ALWAYS), Col("answered_by", WIDE, "list"), Col("elsewhere", 0, "prose"),
                    Col("note", WIDER, "prose"), *SOURCE, PACK,
                ),
                docs={
                    "year": "Year of the session.",
                    "status": "One of answered, in prose or figures only, silent.",
                },
                filters={
                    "year": "year", "theme": REACH, "session": "session", "status": "status", "document": "document",
                },
                lacks={
                    "country": "a topic has no country", "organization": "a topic has no body",
                    "person": "a topic is announced before anybody speaks",
                },
                examples={"status": "answered"},
            ),
            Indexed(title="topic", body=("note",)),
            links=("answered_by",),
        ),
        Table(
            "statistics", "statistic",
            Listing(
                "statistics", "figures", "List the figures that the documents cite.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("value", ALWAYS),
                    Col("what", ALWAYS, "prose"), Col("period", WIDE), Col("area", WIDER),
                    Col("source", ALWAYS, "prose"), Col("number", 0, "number", of=float), Col("unit"), Col("footnote"),
                    Col("caveat", 0, "prose"), Col("session", 0, "id"), Col("themes", 0, "list"),
                    Col("document", ALWAYS, "id"), *SOURCE[1:], PACK,
                ),
                filters={
                    "year": "year", "theme": "themes", "session": "session", "source": "source", "area": "area",
                    "document": "document",
                },
                lacks={
                    "country": "a figure has an area, as printed; use --area",
                    "organization": "a figure has a source; use --source",
                    "person": "a figure is cited by a document, not by a person",
                },
                examples={"theme": "prosecution"},
                example="cthbkb statistics --year 2022 --theme child-protection",
                aliases=("stats", "figures"),
            ),
            Indexed(
                body=("value", "what"), keywords=("unit", "area", "period", "caveat"), names=("source",)
            ),
            links=("themes",),
            related={"discrepancies": DISCREPANCIES},
        ),
        Table(
            "instruments", "instrument",
            Listing(
                "instruments", "instruments", "List treaties, decisions and plans, and where they are cited.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("name", ALWAYS, "prose"), Col("symbol", WIDE), Col("kind", ALWAYS),
                    Col("year", ALWAYS, "number"), Col("adopted_by", WIDER, "prose"),
                    Col("cited", ALWAYS, "number"), Col("cited_in", WIDE, "list"), *SOURCE, PACK,
                ),
                docs={
                    "cited": "Number of places that cite it.",
                    "cited_in": "Places that cite it: document and heading.",
                },
                filters={"kind": "kind", "year": "year", "session": REACH, "document": REACH},
                lacks={
                    "theme": "an instrument has no theme", "country": "an instrument has no country",
                    "organization": "the body that adopted it is text as printed; use cthbkb search",
                    "person": "an instrument has no person",
                },
                examples={"kind": "treaty", "year": "2013 or 2000-2013", "session": "2020-p4 or '2020 panel 4'"},
            ),
            Indexed(title="name", keywords=("symbol",), names=("adopted_by",), named=True),
            related={"cited in": CITED.format("instrument")},
        ),
        Table(
            "publications", "publication",
            Listing(
                "publications", "publications", "List papers, videos and pages, with their addresses.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("title", ALWAYS, "prose"), Col("kind", ALWAYS),
                    Col("year", ALWAYS, "number"), Col("author"), Col("publisher", WIDER, "prose"), Col("place"),
                    Col("url", WIDE), Col("other_urls", 0, "list"), Col("summary", 0, "prose"),
                    Col("themes", 0, "list"), Col("cited", 0, "number"), Col("cited_in", 0, "list"),
                    Col("session", 0, "id"), *SOURCE, PACK,
                ),
                docs={
                    "cited": "Number of places that cite it.",
                    "cited_in": "Places that cite it: document and heading.",
                },
                filters={
                    "kind": "kind", "year": "year", "theme": "themes", "session": REACH, "document": REACH,
                },
                lacks={
                    "country": "a publication has no country",
                    "organization": "the publisher is text as printed; use cthbkb search",
                    "person": "the author is text as printed; use cthbkb search",
                },
                examples={"kind": "report", "theme": "prosecution"},
            ),
            Indexed(title="title", body=("summary",), names=("author", "publisher")),
            links=("themes",),
            related={"cited in": CITED.format("publication"), "fulfils": FULFILS, "discrepancies": DISCREPANCIES},
        ),
        Table(
            "statements", "statement",
            Listing(
                "statements", "statements", "List tweets, pull quotes and reported remarks.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("name", ALWAYS), Col("medium", ALWAYS),
                    Col("gist", ALWAYS, "prose"), Col("speaker", 0, "id"), Col("speakers", 0, "list"),
                    Col("speaker_as_printed", 0, "prose"),
                    Col("account", WIDER), Col("date", WIDE), Col("time"), Col("session", WIDE, "id"),
                    Col("themes", 0, "list"), *SOURCE, PACK,
                ),
                docs={
                    "name": "Who said it: the person's name, the speaker as printed, or the account.",
                },
                filters={
                    "year": "year", "theme": "themes", "person": REACH, "medium": "medium", "session": "session",
                    "country": REACH, "organization": REACH, "document": "document", "survivor": REACH,
                },
                examples={"theme": "child-protection", "person": "valiant-richey", "country": "France"},
                example="cthbkb statements --medium tweet --year 2020",
            ),
            Indexed(body=("gist",), names=("speaker", "speakers", "speaker_as_printed", "account")),
            links=("themes", "speakers"),
        ),
        Table(
            "activities", "activity",
            Listing(
                "activities", "activities", "List what the office did or planned.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("type", ALWAYS),
                    Col("what", ALWAYS, "prose"), Col("when", WIDE), Col("where", 0, "list"),
                    Col("partners", WIDER, "list"), Col("status", ALWAYS), Col("fulfilled_by", WIDE, "id"),
                    Col("themes", 0, "list"), *SOURCE, PACK,
                ),
                filters={
                    "year": "year", "type": "type", "theme": "themes", "country": REACH, "organization": "partners",
                    "status": "status", "document": "document", "fulfilled": "",
                },
                lacks={"session": "an activity has no session", "person": "activities are those of the office"},
                examples={"type": "training", "theme": "training", "status": "planned"},
            ),
            Indexed(body=("what",), keywords=("when", "where"), names=("partners",)),
            links=("partners", "themes"),
        ),
        Table(
            "commitments", "commitment",
            Listing(
                "commitments", "commitments", "List who promised what, and by when.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("who", ALWAYS, "id"),
                    Col("what", ALWAYS, "prose"), Col("by_when", ALWAYS), Col("fulfilled_by", WIDE, "id"),
                    Col("fulfilled_note", WIDER, "prose"), Col("themes", 0, "list"), *SOURCE, PACK,
                ),
                filters={
                    "year": "year", "theme": "themes", "organization": "who", "person": "who", "document": "document",
                    "fulfilled": "",
                },
                lacks={"session": "a commitment has no session", "country": "a commitment has no country"},
                examples={"theme": "data-research", "person": "valiant-richey"},
            ),
            Indexed(body=("what", "fulfilled_note"), names=("who",)),
            links=("themes",),
        ),
        Table(
            "discrepancies", "discrepancy",
            Listing(
                "discrepancies", "discrepancies", "List the points on which the documents disagree.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("topic", ALWAYS, "prose"), Col("value_a", ALWAYS, "prose"),
                    Col("document_a", ALWAYS, "id"), Col("section_a"), Col("value_b", ALWAYS, "prose"),
                    Col("document_b", ALWAYS, "id"), Col("section_b"), Col("follows", WIDE),
                    Col("reason", ALWAYS, "prose"),
                    Col("records", 0, "list"), PACK,
                ),
                filters={
                    "document": REACH, "year": REACH, "theme": REACH, "session": REACH, "country": REACH,
                    "organization": REACH, "person": REACH,
                },
                examples={"person": "valiant-richey", "theme": "prosecution", "country": "Israel"},
                example="cthbkb discrepancies --document 2020-highlights",
            ),
            Indexed(title="topic", body=("value_a", "value_b", "reason")),
        ),
        Table(
            "abbreviations", "abbreviation",
            Listing(
                "abbreviations", "abbreviations", "List the acronyms.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("short", ALWAYS), Col("long", ALWAYS, "prose"), *SOURCE, PACK,
                ),
                filters={"document": "document"},
                lacks=dict.fromkeys(
                    ("year", "theme", "session", "country", "organization", "person"),
                    "an acronym has only a document",
                ),
            ),
            Indexed(title="short", body=("long",)),
            own_ids=True,
        ),
        Table(
            "documents", "document",
            Listing(
                "documents", "documents", "List the source documents.",
                columns=(
                    Col("id", ALWAYS, "id"), Col("year", ALWAYS, "number"), Col("kind", ALWAYS),
                    Col("title", ALWAYS, "prose"), Col("conference", 0, "id"), Col("publisher"), Col("published", WIDE),
                    Col("url", WIDER), Col("citation", 0, "prose"), Col("licence", 0, "prose"),
                    Col("disclaimer", 0, "prose"), Col("recommendations", WIDE, "number", "items"),
                    Col("appearances", WIDE, "number"), Col("statistics", WIDE, "number"),
                    Col("note", 0, "prose"), PACK,
                ),
                docs={
                    "recommendations": "Number of items taken from it.",
                    "appearances": "Number of appearances taken from it.",
                    "statistics": "Number of figures taken from it.",
                },
                filters={"year": "year", "kind": "kind", "document": "id"},
                lacks={
                    "theme": "a document has nearly all themes; use cthbkb recs --document",
                    "session": "use cthbkb sessions --document",
                    "country": "use cthbkb speakers --document",
                    "organization": "use cthbkb speakers --document",
                    "person": "use cthbkb speakers --document",
                },
                examples={"kind": "highlights"},
            ),
            Indexed(title="title", body=("note",), keywords=("kind",)),
            spelled=("id", "title"),
            related={
                "items": "select kind, count(*) from recommendations where document = :id group by kind"
                " order by count(*) desc",
                "discrepancies": "select id, topic || ': ' || value_a || ' / ' || value_b from discrepancies"
                " where document_a = :id or document_b = :id order by seq",
            },
        ),
        Table("addressees", "addressee", spelled=("id", "label", "alternative_labels"), own_ids=True),
        Table(
            "affected_groups", "affected group", spelled=("id", "label", "alternative_labels"), links=("broader",),
            related={
                "narrower": "select g.id, g.label from affected_groups_broader l"
                " join affected_groups g on g.seq = l.seq where l.value = :id order by g.seq",
            },
            own_ids=True,
        ),
        Table("countries", "country", spelled=("id", "name", "aliases")),
        Table("thread_items", "item of a thread"),
        Table("citations", "citation"),
        Table("expansions", "expansion", own_ids=True),
        Table("search_terms", "search terms", own_ids=True),
        Table("expected_counts", "expected count", own_ids=True),
        Table("fingerprints", "fingerprint", own_ids=True),
    )
}  # fmt: skip

LISTINGS: dict[str, Listing] = {table.listing.name: table.listing for table in TABLES.values() if table.listing}
"""Maps a command to its listing."""

SHOWN = (
    *(table.name for table in TABLES.values() if table.listing),
    *(t.name for t in TABLES.values() if not t.listing and any(f.of == t.name for f in FILTERS.values())),
)
"""Tables whose ids a user sees: first those with a listing, then those whose records are only values of filters."""


def link_table(table: str, column: str) -> str:
    """Return the name of the link table of a list column."""
    return f"{table}_{column}"


def names_field(listing: Listing, name: str) -> str:
    """Return the field of `names` that has the values of a filter: a table, or a column of the listing."""
    of = FILTERS[name].of
    return of if of in APART or of in TABLES else f"{listing.name}.{of}"


FORMATS = {
    "table": "cthbkb.formats.table:table",
    "tsv": "cthbkb.formats.plain:tsv",
    "csv": "cthbkb.formats.plain:csv",
    "json": "cthbkb.formats.plain:json",
    "jsonl": "cthbkb.formats.plain:jsonl",
    "markdown": "cthbkb.formats.markdown:markdown",
    "yaml": "cthbkb.formats.plain:yaml",
    "xlsx": "cthbkb.formats.book:xlsx",
    "bibtex": "cthbkb.formats.bibliography:bibtex",
    "ris": "cthbkb.formats.bibliography:ris",
    "csl-json": "cthbkb.formats.bibliography:csl",
    "ics": "cthbkb.formats.calendar:ics",
    "svg": "cthbkb.formats.figure:svg",
    "png": "cthbkb.formats.figure:png",
    "pdf": "cthbkb.formats.figure:pdf",
}
"""Maps each format to the function that writes an answer to a stream."""

DRAWN = frozenset({"svg", "png", "pdf"})
"""Formats that draw an answer as a chart."""

BYTES = frozenset({"xlsx", *DRAWN})
"""Formats that write bytes; such files are passed on, and therefore state their origin."""

CITING = frozenset({"bibtex", "ris", "csl-json"})
"""Formats that write citations of the works that the rows of an answer name."""

ENDINGS = {
    ".tsv": "tsv", ".txt": "table", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".md": "markdown",
    ".yaml": "yaml", ".yml": "yaml", ".xlsx": "xlsx",
    ".bib": "bibtex", ".ris": "ris", ".csl.json": "csl-json", ".ics": "ics",
    ".svg": "svg", ".png": "png", ".pdf": "pdf",
}  # fmt: skip
