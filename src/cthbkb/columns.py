"""What each listing shows, in which order, and from which terminal width on.

One row a column: its name in the view (which is its CSV header and its JSON key), what it holds, the narrowest terminal
on which a table shows it, and a heading where the name is long for one. 0 keeps a column to the data formats and
`--columns`. Names and order of the first columns of `recs`, `speakers`, `sessions`, `themes`, `search` and `compare`
are a contract: they are only ever added to.
"""

from __future__ import annotations

__all__ = ["COLUMNS", "PART", "SEPARATOR", "Col"]

SEPARATOR = "; "
"""What stands between the values of a list in one cell."""

PART = "\x1f"
"""What stands between the cells of a row that the database has written as one text; no seed may hold it."""

ALWAYS = 1
WIDE = 100
WIDER = 130


class Col:
    """A column of a listing. `holds`: text, prose (wraps), number, flag (true or nothing), list or field (any)."""

    __slots__ = ("head", "holds", "name", "since")

    def __init__(self, name: str, since: int = 0, holds: str = "text", head: str = "") -> None:
        self.name = name
        self.head = head or name.replace("_", " ")
        self.since = since
        self.holds = holds

    def __repr__(self) -> str:
        return f"Col({self.name!r}, {self.since}, {self.holds!r})"


YEARS = Col("*", ALWAYS, "number")
"""Stands for one column a conference year, in the order of the years; the database knows them."""

SOURCE = (Col("document"), Col("section"), Col("item"))

COLUMNS: dict[str, tuple[Col, ...]] = {
    "conferences": (
        Col("id", ALWAYS), Col("number", ALWAYS, "number"), Col("year", ALWAYS, "number"),
        Col("title", ALWAYS, "prose"), Col("start", ALWAYS), Col("end", ALWAYS), Col("planned_start"),
        Col("planned_end"), Col("city", WIDE), Col("venue"), Col("format", WIDE), Col("languages", 0, "list"),
        Col("hashtag"), Col("url"), Col("participation", 0, "prose"), Col("sessions", WIDE, "number"),
        Col("people", WIDE, "number"), Col("recommendations", WIDE, "number", "items"), *SOURCE, Col("pack"),
    ),
    "sessions": (
        Col("id", ALWAYS), Col("conference"), Col("year", ALWAYS, "number"), Col("type", ALWAYS),
        Col("number", 0, "number"), Col("title", ALWAYS, "prose"), Col("date", ALWAYS), Col("start", WIDE),
        Col("end", WIDE), Col("organisers", WIDER, "list"), Col("document"), Col("section"), Col("item"),
        Col("status"), Col("planned_date"), Col("planned_start"), Col("planned_end"), Col("held_date"),
        Col("held_start"), Col("held_end"), Col("topics", 0, "list"), Col("summary", 0, "prose"), Col("video"),
        Col("people", WIDE, "number"), Col("recommendations", WIDE, "number", "items"), Col("planned_document"),
        Col("planned_section"), Col("note", 0, "prose"), Col("pack"),
    ),
    "speakers": (
        Col("person", ALWAYS), Col("name", WIDE), Col("role", ALWAYS), Col("session", ALWAYS),
        Col("session_title", 0, "prose"), Col("year", ALWAYS, "number"), Col("position", ALWAYS, "prose"),
        Col("organization", WIDER, "prose"), Col("country", WIDE), Col("survivor", 0, "flag"), Col("document"),
        Col("section"), Col("item"), Col("id"), Col("organization_id"), Col("honorific"), Col("name_as_printed"),
        Col("also_printed", 0, "list"), Col("order", 0, "number"), Col("attribution", 0, "prose"), Col("pack"),
    ),
    "people": (
        Col("id", ALWAYS), Col("name", ALWAYS), Col("years", ALWAYS, "list"), Col("roles", ALWAYS, "list"),
        Col("countries", WIDE, "list"), Col("positions", WIDE, "list"), Col("appearances", WIDE, "number"),
        Col("statements", WIDER, "number"), Col("sort_name"), Col("spellings", 0, "list"),
        Col("survivor", 0, "flag"), Col("pseudonym", 0, "flag"), Col("note", 0, "prose"), *SOURCE, Col("pack"),
    ),
    "organizations": (
        Col("id", ALWAYS), Col("name", ALWAYS, "prose"), Col("acronym", ALWAYS), Col("kind", ALWAYS),
        Col("country", WIDE), Col("appearances", ALWAYS, "number"), Col("sessions", WIDE, "number"), Col("pack"),
    ),
    "themes": (
        Col("slug", ALWAYS), Col("label", ALWAYS, "prose"), Col("broader", WIDE),
        Col("recommendations", ALWAYS, "number", "items"), YEARS, Col("alternative_labels", 0, "list"),
        Col("scope_note", WIDER, "prose"), Col("pack"),
    ),
    "recs": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("conference"), Col("session"), Col("kind", ALWAYS),
        Col("number"), Col("summary", ALWAYS, "prose"), Col("themes", WIDE, "list"), Col("addressees", 0, "list"),
        Col("affected", 0, "list"), Col("modality", WIDER), Col("thread"), Col("document"), Col("section"),
        Col("item"), Col("url"), Col("heading"), Col("change"), Col("change_note", 0, "prose"),
        Col("attributed_to"), Col("session_title", 0, "prose"), Col("keywords", 0, "list"), Col("pack"),
    ),
    "threads": (
        Col("id", ALWAYS), Col("label", ALWAYS, "prose"), Col("status", ALWAYS), Col("years", ALWAYS, "list"),
        Col("items", ALWAYS, "number"), Col("themes", WIDE, "list"), Col("summary", WIDE, "prose"),
        Col("status_note", 0, "prose"), Col("pack"),
    ),
    "topics": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("session"), Col("topic", ALWAYS, "prose"),
        Col("status", ALWAYS), Col("answered_by", WIDE, "list"), Col("elsewhere", 0, "prose"),
        Col("note", WIDER, "prose"), *SOURCE, Col("pack"),
    ),
    "distinctions": (Col("id", ALWAYS), Col("items", ALWAYS, "list"), Col("reason", ALWAYS, "prose"), Col("pack")),
    "statistics": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("value", ALWAYS), Col("what", ALWAYS, "prose"),
        Col("period", ALWAYS), Col("area", ALWAYS), Col("source", WIDE, "prose"), Col("number", 0, "number"),
        Col("unit"), Col("footnote"), Col("caveat", 0, "prose"), Col("session"), Col("themes", 0, "list"), *SOURCE,
        Col("pack"),
    ),
    "instruments": (
        Col("id", ALWAYS), Col("name", ALWAYS, "prose"), Col("symbol", WIDE), Col("kind", ALWAYS),
        Col("year", ALWAYS, "number"), Col("adopted_by", WIDER, "prose"), Col("cited", ALWAYS, "number"),
        Col("cited_in", WIDE, "list"), *SOURCE, Col("pack"),
    ),
    "publications": (
        Col("id", ALWAYS), Col("title", ALWAYS, "prose"), Col("kind", ALWAYS), Col("year", ALWAYS, "number"),
        Col("author"), Col("publisher", WIDER, "prose"), Col("place"), Col("url", WIDE),
        Col("other_urls", 0, "list"), Col("summary", 0, "prose"), Col("themes", 0, "list"),
        Col("cited", 0, "number"), Col("cited_in", 0, "list"), Col("session"), *SOURCE, Col("pack"),
    ),
    "statements": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("name", ALWAYS), Col("medium", ALWAYS),
        Col("gist", ALWAYS, "prose"), Col("speaker"), Col("speaker_as_printed", 0, "prose"), Col("account", WIDER),
        Col("date", WIDE), Col("time"), Col("session", WIDE), Col("themes", 0, "list"), *SOURCE, Col("pack"),
    ),
    "activities": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("type", ALWAYS), Col("what", ALWAYS, "prose"),
        Col("when", WIDE), Col("where", 0, "list"), Col("partners", WIDER, "list"), Col("status", ALWAYS),
        Col("fulfilled_by", WIDE), Col("themes", 0, "list"), *SOURCE, Col("pack"),
    ),
    "commitments": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("who", ALWAYS), Col("what", ALWAYS, "prose"),
        Col("by_when", ALWAYS), Col("fulfilled_by", WIDE), Col("fulfilled_note", WIDER, "prose"),
        Col("themes", 0, "list"), *SOURCE, Col("pack"),
    ),
    "discrepancies": (
        Col("id", ALWAYS), Col("topic", ALWAYS, "prose"), Col("value_a", ALWAYS, "prose"),
        Col("document_a", WIDER), Col("section_a"), Col("value_b", ALWAYS, "prose"), Col("document_b", WIDER),
        Col("section_b"), Col("follows", WIDE), Col("reason", 0, "prose"), Col("records", 0, "list"), Col("pack"),
    ),
    "abbreviations": (
        Col("id", ALWAYS), Col("short", ALWAYS), Col("long", ALWAYS, "prose"), *SOURCE, Col("pack"),
    ),
    "documents": (
        Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("kind", ALWAYS), Col("title", ALWAYS, "prose"),
        Col("conference"), Col("publisher"), Col("published", WIDE), Col("url", WIDER), Col("citation", 0, "prose"),
        Col("licence", 0, "prose"), Col("disclaimer", 0, "prose"), Col("recommendations", WIDE, "number", "items"),
        Col("appearances", WIDE, "number"), Col("statistics", WIDE, "number"), Col("note", 0, "prose"), Col("pack"),
    ),
    "compare": (
        Col("thread", 1), Col("label", 1, "prose"), Col("theme", 1, "list"), Col("year", 1, "number"),
        Col("items", 1, "list"), Col("kinds", 1, "list"), Col("modality", 1, "list"), Col("change", 1),
        Col("note", 1, "prose"), Col("status", 1), Col("caveats", 0, "list"), Col("changes", 0, "list"),
    ),
    "compare-years": (
        Col("standing", 1), Col("thread", 130), Col("label", 1, "prose"), Col("items_a", 1, "list"),
        Col("items_b", 1, "list"), Col("change", 1, "prose"), Col("note", 1, "prose"), Col("caveats", 0, "list"),
    ),
    "compare-by": (
        Col("axis"), Col("value", 1), Col("label", 1, "prose"), Col("year", 1, "number"), Col("items", 1, "number"),
        Col("share", 1, "number"), Col("caveats", 0, "list"),
    ),
    "compare-planned": (
        Col("aspect", 1), Col("id", 1), Col("what", 1, "prose"), Col("verdict", 1), Col("detail", 1, "prose"),
        Col("items", 1, "list"), Col("caveats", 0, "list"),
    ),
    "search": (
        Col("type", ALWAYS), Col("id", ALWAYS), Col("year", ALWAYS, "number"), Col("title", 0, "prose"),
        Col("snippet", ALWAYS, "prose"), Col("score", 0, "number"), Col("kind"), Col("matched", ALWAYS, "prose"),
    ),
}  # fmt: skip
"""Listing, comparison or search to its columns."""
