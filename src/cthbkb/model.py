"""The record types: one frozen type per table, from which validation, tables and JSON Schema are derived.

Records do not depend on YAML or SQL. Each field has a description and a type: text, number, boolean or a list of
texts; `ref` names the table that its ids refer to. Fields are in the order of the keys in the seed.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from cthbkb.registry import KINDS

__all__ = [
    "TABLES",
    "Change",
    "Column",
    "Modality",
    "Record",
    "Records",
    "Role",
    "SessionType",
    "columns_of",
    "implied_id",
]


class SessionType(StrEnum):
    """The type of a part of a programme."""

    WELCOME = "welcome"
    OPENING = "opening"
    KEYNOTE = "keynote"
    PANEL = "panel"
    SIDE_EVENT = "side-event"
    CLOSING = "closing"
    BREAK = "break"
    SOCIAL = "social"
    PART = "part"


class Role(StrEnum):
    """The role of a person in a session."""

    WELCOME = "welcome"
    OPENING = "opening"
    KEYNOTE = "keynote"
    MODERATOR = "moderator"
    PANELLIST = "panellist"
    RAPPORTEUR = "rapporteur"
    TESTIMONY = "testimony"
    VIDEO = "video"
    SPEAKER = "speaker"
    CLOSING = "closing"


LETTERS = {kind.letter: kind.name for kind in KINDS.values()}
"""Maps the letter in the id of an item to its kind."""


class Modality(StrEnum):
    """The force of an item by its printed verb, the strongest first; `scales.FORCES` explains the words."""

    MUST = "must"
    IMPERATIVE = "imperative"
    SHOULD = "should"
    NEED = "need"
    ENCOURAGE = "encourage"
    INVITE = "invite"
    CONSIDER = "consider"
    ESSENTIAL = "essential"
    CAN = "can"
    STATEMENT = "statement"


class Change(StrEnum):
    """How a thread changes between two conferences; `scales.CHANGES` explains the words."""

    SHARPENED = "sharpened"
    SOFTENED = "softened"
    BROADENED = "broadened"
    NARROWED = "narrowed"
    REFOCUSED = "refocused"
    REPEATED = "repeated"
    NOTED = "noted"


T = TypeVar("T")

SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
DATE = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
TIME = r"[0-9]{2}:[0-9]{2}"
URL = r"(https?://)?[^\s/.]+\.\S+"
NUMBER = r"[0-9]{1,4}[a-z]?"
LABEL = r"[a-z]{2,3}: \S.*"
FINGERPRINT = r"[a-z0-9-]+ [0-9]{1,4}(\+[0-9]{1,3}\+[0-9]{1,4}){0,9}( -?[0-9]{1,4}:[a-z2-7]{8}){1,9}( =[a-z2-7]{8})?"

FORMS = {
    SLUG: "an id: lower-case letters, digits and hyphens, such as 2023-p1-r3",
    DATE: "a date, as precise as known: 2023-04-18, 2023-04 or 2023",
    TIME: "a time of day, such as 09:30",
    URL: "an address, such as https://www.example.org/page",
    LABEL: "a name preceded by the code of its language, such as de: Vormundschaft",
    FINGERPRINT: "a fingerprint as `cthbkb sources locate` prints it",
    NUMBER: "a number of up to four digits, with a letter for a sub-item: 3 or 3a",
}
"""Maps the pattern of a column to a description of its form, for messages."""


def column(
    doc: str, *, ref: str = "", options: tuple[str, ...] | type[StrEnum] = (), pattern: str = "", required: bool = False
) -> Any:
    """Describe a field: its meaning, the table that its ids refer to, and its values or form. Default: optional."""
    metadata = {"doc": doc, "ref": ref, "options": tuple(str(o) for o in options), "pattern": pattern}
    if required:
        return field(metadata=metadata)
    return field(default=None, metadata=metadata)


def many(doc: str, *, ref: str = "", options: tuple[str, ...] | type[StrEnum] = (), pattern: str = "") -> Any:
    """Describe a field that contains a list of texts; `options` are the values allowed in it."""
    metadata = {"doc": doc, "ref": ref, "options": tuple(str(o) for o in options), "pattern": pattern}
    return field(default=(), metadata=metadata)


@cache
def _attribute(name: str) -> str:
    """Return the attribute for a column of the seed and the table: `from_`, since Python reserves `from`."""
    return f"{name}_" if keyword.iskeyword(name) else name


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record type, as other modules use it. `type` is one of str, int, float, bool, list."""

    name: str
    type: str
    doc: str
    ref: str
    options: tuple[str, ...]
    pattern: str
    required: bool

    @property
    def attribute(self) -> str:
        """The name of the attribute of a record."""
        return _attribute(self.name)


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def record(cls: type[T]) -> type[T]:
    """Make a class a record type: frozen, with slots and keyword arguments, and the equality that `Record` defines."""
    return dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)(cls)


def _year(id_: str) -> dict[str, Any]:
    """Return the year at the start of an id, as `{"year": 2020}`; empty if there is none."""
    found = re.match(r"([0-9]{4})(?![0-9])", id_)
    return {"year": int(found[1])} if found else {}


@record
class Record:
    """The base of all records. Records are equal if they have the same type and values."""

    about: ClassVar[str] = ""
    identity: ClassVar[tuple[str, ...]] = ()
    """Columns whose values, joined by hyphens, form the id, which the seed then omits."""

    id: str = column("Readable and stable id, chosen by hand.", pattern=SLUG, required=True)

    @classmethod
    def implied(cls, id_: str) -> Mapping[str, Any]:
        """Return values of required columns that follow from an id, so that a seed can omit them."""
        return _year(id_)

    def get(self, column: str) -> Any:
        """Return the value of a column; None if it is unknown, or if the type has no such column."""
        return getattr(self, _attribute(column), None)

    def values(self) -> dict[str, Any]:
        """Return the values by column."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Record) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.values().items())})"


@record
class Document(Record):
    about: ClassVar[str] = "a source"
    title: str = column("Title as printed.", required=True)
    kind: str = column(
        "Type of document.", options=("highlights", "concept-note", "report", "conclusions"), required=True
    )
    conference: str | None = column("The conference that it reports on or announces.", ref="conferences")
    year: int = column("Year of the conference or reporting period.", required=True)
    publisher: str = column("Publisher.", required=True)
    published: str | None = column("Date or year of publication, where printed.")
    url: str | None = column("Address of the document, as printed in it.", pattern=URL)
    citation: str = column("How to cite it.", required=True)
    licence: str | None = column("Its terms of reuse, in our words.")
    disclaimer: str | None = column("The publisher's disclaimer, in our words.")
    note: str | None = column("Remarks for the reader.")


@record
class Sourced(Record):
    """A record taken from a place in a document."""

    document: str = column("The document it is taken from.", ref="documents", required=True)
    section: str = column(
        "The heading above it, as printed; the heading of its list, if the list has one.",
        required=True,
    )
    item: str | None = column("Its number or place under the heading, such as `takeaway 10` or `paragraph 3`.")


@record
class Conference(Sourced):
    about: ClassVar[str] = "a conference"
    number: int = column("Number in the series of conferences of the Alliance.", required=True)
    year: int = column("Year in which it was held.", required=True)
    title: str = column("Title, as printed.", required=True)
    subject: str | None = column("Its subject in a word or two, for headings and caveats.")
    planned_start: str | None = column("Planned first day.", pattern=DATE)
    planned_end: str | None = column("Planned last day.", pattern=DATE)
    held_start: str = column("Actual first day.", pattern=DATE, required=True)
    held_end: str = column("Actual last day.", pattern=DATE, required=True)
    city: str = column("City.", required=True)
    venue: str | None = column("Venue.")
    format: str | None = column("In person, or in person and online.", options=("in-person", "blended"))
    languages: tuple[str, ...] = many("Languages of the broadcast, where printed.")
    hashtag: str | None = column("Hashtag on social media.")
    url: str | None = column("Address printed for the conference.", pattern=URL)
    participation: str | None = column("Who took part, with figures.")


@record
class Session(Sourced):
    about: ClassVar[str] = "a part of a programme, or a part of a report (type `part`)"
    conference: str = column("The conference it belongs to.", ref="conferences", required=True)
    year: int = column("Year of the conference.", required=True)
    type: str = column("Type of session.", options=SessionType, required=True)
    number: int | None = column("Number of the panel or side event.")
    title: str = column("Title as printed, without its number.", required=True)
    planned_date: str | None = column("Planned day.", pattern=DATE)
    planned_start: str | None = column("Planned start, local time.", pattern=TIME)
    planned_end: str | None = column("Planned end, local time.", pattern=TIME)
    held_date: str | None = column("Actual day.", pattern=DATE)
    held_start: str | None = column("Actual start, local time.", pattern=TIME)
    held_end: str | None = column("Actual end, local time.", pattern=TIME)
    organisers: tuple[str, ...] = many("Organisers, where printed.", ref="organizations")
    summary: str | None = column("Summary of its content, in our own words.")
    video: str | None = column("Address of its recording.", pattern=URL)
    planned_document: str | None = column("The document that announces it.", ref="documents")
    planned_section: str | None = column("Heading under which it is announced.")
    note: str | None = column("Remarks for the reader.")

    @classmethod
    def implied(cls, id_: str) -> Mapping[str, Any]:
        return {"conference": id_.partition("-")[0], **_year(id_)}


@record
class Person(Sourced):
    about: ClassVar[str] = "a person named in a document"
    name: str = column("Fullest form of the name, without honorific.", required=True)
    sort_name: str = column("Family name first.", required=True)
    spellings: tuple[str, ...] = many("Other forms in which the documents print the name.")
    pseudonym: bool | None = column("True where the document says that the name was changed.")
    distinct_from: tuple[str, ...] = many("Other people with the same or a similar name.", ref="people")
    note: str | None = column("Remarks for the reader.")


@record
class Organization(Record):
    about: ClassVar[str] = "a body"
    name: str = column("Name.", required=True)
    acronym: str | None = column("Acronym.")
    kind: str = column(
        "Kind of body.",
        options=(
            "osce", "un", "council-of-europe", "eu", "intergovernmental", "state", "court", "ngo", "academia",
            "private", "network", "media", "other",
        ),
        required=True,
    )  # fmt: skip
    country: str | None = column("Its country, where a document prints it.")
    part_of: str | None = column("The body that it is part of.", ref="organizations")
    aliases: tuple[str, ...] = many("Other names that people type for it.")


@record
class Country(Record):
    about: ClassVar[str] = "a country with its names"
    name: str = column("Name, as the documents print it.", required=True)
    aliases: tuple[str, ...] = many("Other names that people type for it, and spellings that documents print.")
    participating: bool | None = column("True for a participating State of the OSCE.")


@record
class Appearance(Sourced):
    about: ClassVar[str] = "one person in one session in one role"
    person: str = column("The person.", ref="people", required=True)
    session: str = column("The session.", ref="sessions", required=True)
    role: str = column("Role of the person in the session.", options=Role, required=True)
    honorific: str | None = column("Honorific as printed.")
    position: str | None = column("Position as printed.")
    organization: str | None = column(
        "The body that the person represents, according to the printed position; former offices do not count.",
        ref="organizations",
    )
    country: str | None = column("Country, only where it is printed with the name or position.")
    survivor: bool | None = column("True only where the document says so; never inferred from what a person tells.")
    name_as_printed: str | None = column("The name as printed here, if it differs.")
    also_printed: tuple[str, ...] = many("Other forms of name or position for the same appearance.")
    order: int | None = column("Place in the session's printed list.")
    attribution: str | None = column("The evidence for the role, if it is not obvious.")

    @classmethod
    def implied(cls, id_: str) -> Mapping[str, Any]:
        found = re.fullmatch(r"([^-]+-[^-]+)-(.+)", id_)
        return {"session": found[1], "person": found[2]} if found else {}


@record
class Theme(Record):
    about: ClassVar[str] = "a subject"
    label: str = column("Preferred label.", required=True)
    alternative_labels: tuple[str, ...] = many("Abbreviations, plurals, other spellings and names.")
    labels: tuple[str, ...] = many("Names in other languages, each after its language.", pattern=LABEL)
    scope_note: str = column("What it covers, and what other themes cover instead.", required=True)
    broader: str | None = column("The theme above it.", ref="themes")
    since: int | None = column("Earliest year in which it could have been raised.")


@record
class Addressee(Record):
    about: ClassVar[str] = "somebody who is asked to act"
    label: str = column("Label.", required=True)
    alternative_labels: tuple[str, ...] = many("Other names.")


@record
class AffectedGroup(Record):
    about: ClassVar[str] = "a group of people whom items concern"
    label: str = column("Label.", required=True)
    alternative_labels: tuple[str, ...] = many("Other names.")
    scope_note: str | None = column("Why it belongs to other groups, or is separate from them.")
    broader: tuple[str, ...] = many("The groups that it is part of.", ref="affected_groups")


@record
class Thread(Record):
    about: ClassVar[str] = "one ask, followed over the years"
    label: str = column("The ask, in a few words.", required=True)
    themes: tuple[str, ...] = many("What it is about.", ref="themes")
    summary: str = column("How it changed from conference to conference.", required=True)
    followed_by: tuple[str, ...] = many("Threads that replace it in later years.", ref="threads")


@record
class Recommendation(Sourced):
    about: ClassVar[str] = "one printed item: a recommendation, observation, takeaway, goal, conclusion or the like"
    session: str = column("The session, or part of a document, to which it belongs.", ref="sessions", required=True)
    year: int = column("Year of the conference.", required=True)
    kind: str = column(
        "How the document presents it, regardless of what it asks: an item of a printed list has the kind "
        "of its list; one taken from prose is a `conclusion`.",
        options=tuple(KINDS),
        required=True,
    )
    number: str = column("Number in printed order, with a letter for a sub-item.", pattern=NUMBER, required=True)
    heading: str | None = column("The sub-heading or lead-in over the item, as printed.")
    summary: str = column(
        "What it says, in our own words and in one to three self-contained sentences, with the force, the subject "
        "and the attribution of the source.",
        required=True,
    )
    themes: tuple[str, ...] = many("All themes that it is about, and no others.", ref="themes")
    addressees: tuple[str, ...] = many(
        "Who is asked to act: the subject of the ask or, if it names none, the addressee in the "
        "heading of its list. Recipients of training, guidance, money or help are not addressees. A "
        "finding, or a passive without an agent, has no addressee.",
        ref="addressees",
    )
    affected: tuple[str, ...] = many(
        "The groups of people that the item names or clearly describes.", ref="affected_groups"
    )
    modality: str = column(
        "Its force, by the printed verb of the ask, or the strongest of several verbs. Findings, "
        "likelihoods and the goals of a conference are `statement`.",
        options=Modality,
        required=True,
    )
    attributed_to: str | None = column(
        "The person to whom the document attributes it; absent if the document or a panel speaks.", ref="people"
    )
    illustrates: str | None = column(
        "The item that it only illustrates, with the same force; it is then not counted as a separate ask.",
        ref="recommendations",
    )
    other_sessions: tuple[str, ...] = many(
        "Other sessions that its list also covers, according to the heading of the list.", ref="sessions"
    )
    keywords: tuple[str, ...] = many(
        "Search words that the summary does not use; they name no group, place, person or body that the document "
        "does not name there."
    )

    @classmethod
    def implied(cls, id_: str) -> Mapping[str, Any]:
        found = re.fullmatch(r"(.+)-([a-z])([0-9]+[a-z]?)", id_)
        if found is None or found[2] not in LETTERS:
            return _year(id_)
        return {"session": found[1], "kind": LETTERS[found[2]], "number": found[3], **_year(id_)}


@record
class ThreadItem(Record):
    about: ClassVar[str] = "an item in a thread (the first thread of an item is its main one)"
    identity: ClassVar[tuple[str, ...]] = ("thread", "item")
    thread: str = column("The thread.", ref="threads", required=True)
    item: str = column("A recommendation, statement, activity or commitment.", pattern=SLUG, required=True)
    part: str | None = column("The part of the item that belongs to this thread; absent if the whole item does.")
    asks: bool = column("True if somebody is asked to act, false if the point is only noted.", required=True)


@record
class Move(Record):
    about: ClassVar[str] = "what changed in a thread between two conferences"
    identity: ClassVar[tuple[str, ...]] = ("thread", "from", "to")
    thread: str = column("The thread.", ref="threads", required=True)
    from_: str = column("The earlier conference.", ref="conferences", required=True)
    to: str = column("The later conference.", ref="conferences", required=True)
    changes: tuple[str, ...] = many("One or two words for the change.", options=Change)
    note: str | None = column("What changed, in one line.")
    gained: str | None = column("What only the later conference asks or notes.")
    lost: str | None = column("What only the earlier conference asked or noted.")


@record
class Topic(Sourced):
    about: ClassVar[str] = "a topic announced for a session, and the items that answer it"
    session: str = column("The session for which it is announced.", ref="sessions", required=True)
    topic: str = column("The topic, in a few words close to the printed ones.", required=True)
    answered_by: tuple[str, ...] = many("Items that address it.", ref="recommendations")
    elsewhere: str | None = column("Where prose or figures address it, if no item does.")
    note: str | None = column("Where else it is addressed, or other remarks for the reader.")

    @classmethod
    def implied(cls, id_: str) -> Mapping[str, Any]:
        session, hyphen, _ = id_.rpartition("-")
        return {"session": session} if hyphen else {}


@record
class Distinction(Record):
    about: ClassVar[str] = "items that look alike but are not the same ask"
    items: tuple[str, ...] = many("The items to keep apart.", ref="recommendations")
    reason: str = column("Why they do not belong to the same thread.", required=True)


@record
class Statistic(Sourced):
    about: ClassVar[str] = "one cited figure"
    session: str | None = column("The session or part in which it is cited.", ref="sessions")
    year: int = column("Year of the conference or report that cites it.", required=True)
    value: str = column("The value, as printed.", required=True)
    number: float | None = column("The value as a plain number, for sorting.")
    unit: str | None = column("What is counted, or the unit.")
    what: str = column(
        "What the figure says, in our own words, with the qualifiers of the document: at least, about, up to.",
        required=True,
    )
    period: str | None = column("Period as printed.")
    area: str | None = column("Area as printed.")
    source: str | None = column("The original source that the document names for it, as printed.")
    footnote: str | None = column("Number of the footnote that contains or supports it.")
    caveat: str | None = column(
        "Caveats about its use: a lower bound, an estimate, a different base, a doubtful printing."
    )
    themes: tuple[str, ...] = many("What it is about.", ref="themes")


@record
class Instrument(Sourced):
    about: ClassVar[str] = "a treaty, decision, action plan or the like"
    name: str = column("Name as printed.", required=True)
    symbol: str | None = column("Official symbol.")
    kind: str = column(
        "Kind of instrument.",
        options=(
            "treaty", "decision", "action-plan", "declaration", "general-comment", "guidelines", "handbook",
            "commitments",
        ),
        required=True,
    )  # fmt: skip
    year: int | None = column("Year of adoption, where printed.")
    adopted_by: str | None = column("The body that adopted it, where printed.")


@record
class Publication(Sourced):
    about: ClassVar[str] = "a paper, video, page or other publication that a document names"
    title: str = column("Title as printed.", required=True)
    kind: str = column(
        "Kind of publication.",
        options=(
            "report", "paper", "guide", "compendium", "survey", "video", "website", "press-release", "data", "study",
            "tweet", "handbook", "statement",
        ),
        required=True,
    )  # fmt: skip
    author: str | None = column("Author, where printed.")
    publisher: str | None = column("Publisher, where printed.")
    year: int | None = column("Year, where printed.")
    place: str | None = column("Place, where printed.")
    url: str | None = column("Address as printed.", pattern=URL)
    other_urls: tuple[str, ...] = many("Other addresses printed for it.", pattern=URL)
    summary: str | None = column("What it is about, in our own words.")
    themes: tuple[str, ...] = many("What it is about.", ref="themes")
    session: str | None = column("The session or part that names it.", ref="sessions")


@record
class Citation(Sourced):
    about: ClassVar[str] = "one place where an instrument or publication is cited"
    instrument: str | None = column("The instrument.", ref="instruments")
    publication: str | None = column("The publication.", ref="publications")
    session: str | None = column("The session or part that cites it.", ref="sessions")
    note: str | None = column("Why it is cited.")


@record
class Statement(Sourced):
    about: ClassVar[str] = "a tweet, pull quote or reported remark"
    session: str | None = column("The session or part to which it belongs.", ref="sessions")
    year: int = column("Year of the conference or report.", required=True)
    speaker: str | None = column("Who said it.", ref="people")
    speakers: tuple[str, ...] = many("Who said it together.", ref="people")
    speaker_as_printed: str | None = column(
        "The speaker as printed there. `[...]` marks omitted words, `(no speaker named)` a passive, and `(on NAME)` "
        "the person that the account writes about."
    )
    medium: str = column(
        "The form in which it is quoted.", options=("tweet", "pull-quote", "remark", "statement"), required=True
    )
    account: str | None = column("The account that posted it.")
    date: str | None = column("Day, where printed.", pattern=DATE)
    time: str | None = column("Time of day, where printed.", pattern=TIME)
    gist: str = column("What was said, in our own words, with the force of the original.", required=True)
    themes: tuple[str, ...] = many("What it is about.", ref="themes")


@record
class Activity(Sourced):
    about: ClassVar[str] = "something that the office did or planned"
    year: int = column("Year of the report or conference that mentions it.", required=True)
    type: str = column(
        "Type of activity.",
        options=(
            "visit", "report", "publication", "training", "meeting", "partnership", "research", "support",
            "statement", "campaign", "plan",
        ),
        required=True,
    )  # fmt: skip
    what: str = column("What the office did or planned, in our own words.", required=True)
    when: str | None = column("Date or period, as printed.")
    where: tuple[str, ...] = many("Places.")
    partners: tuple[str, ...] = many("Partners.", ref="organizations")
    status: str = column(
        "Whether the document reports it as done or as planned.", options=("done", "planned"), required=True
    )
    fulfilled_by: str | None = column("The record that shows the result, if one of the documents shows it.")
    themes: tuple[str, ...] = many("What it is about.", ref="themes")


@record
class Commitment(Sourced):
    about: ClassVar[str] = "a promise: who promised what, and by when"
    year: int = column("Year of the report or conference.", required=True)
    who: str = column("The body or person that promised.", required=True)
    what: str = column("What was promised, in our own words, with any condition.", required=True)
    by_when: str | None = column("Deadline, as printed.")
    fulfilled_by: str | None = column("The record that shows the result, if one of the documents shows it.")
    fulfilled_note: str | None = column("What that record shows.")
    themes: tuple[str, ...] = many("What it is about.", ref="themes")


@record
class Discrepancy(Record):
    about: ClassVar[str] = "a disagreement between two documents, or two places in one"
    topic: str = column(
        "What the places disagree about; a difference in wording counts if it affects the force or a name.",
        required=True,
    )
    value_a: str = column("The value in the first place.", required=True)
    document_a: str = column("The document of the first place.", ref="documents", required=True)
    section_a: str = column("The heading of the first place.", required=True)
    value_b: str = column("The value in the second place.", required=True)
    document_b: str = column("The document of the second place.", ref="documents", required=True)
    section_b: str = column("The heading of the second place.", required=True)
    follows: str = column("Which value the other records use.", options=("a", "b", "both", "neither"), required=True)
    reason: str | None = column("The reason for the disagreement, or how the records deal with it.")
    records: tuple[str, ...] = many("Records concerned.")


@record
class Abbreviation(Sourced):
    about: ClassVar[str] = "an acronym"
    short: str = column("The acronym, as printed.", required=True)
    long: str | None = column("Its expansion, where a document prints one.")


@record
class Expansion(Record):
    about: ClassVar[str] = "words that a search treats alike"
    kind: str = column(
        "The reason for listing them together.",
        options=("inflection", "acronym", "synonym", "term", "translation"),
        required=True,
    )
    words: tuple[str, ...] = many("Words or phrases; a search for one of them finds all.")
    only_from: tuple[str, ...] = many("Words that also find the others, but are not found by them.")


@record
class SearchTerms(Record):
    about: ClassVar[str] = (
        "the search phrases of a record: words that people outside the field may type, written by curators and not "
        "taken from a document"
    )
    terms: tuple[str, ...] = many("Phrases of up to twelve words that find the record with this id.")


@record
class ExpectedCount(Record):
    about: ClassVar[str] = "the number of records that a document has, so that a missing record is noticed"
    document: str = column("The document.", ref="documents", required=True)
    table: str = column("The table.", required=True)
    kind: str | None = column("The kind, where the table has kinds.")
    count: int = column("The number of records.", required=True)


@record
class Fingerprint(Record):
    about: ClassVar[str] = "the fingerprints of a document, used to find its passages in a reader's own copy"
    passages: tuple[str, ...] = many(
        "One per record: its id, the number of words in its passage, hashes of some six-word runs, and a hash of the "
        "whole passage.",
        pattern=FINGERPRINT,
    )


class Records(Mapping[str, Sequence[Record]]):
    """The records of a seed, one collection per table: `records.people`, or `records["people"]` by name."""

    documents: Sequence[Document]
    conferences: Sequence[Conference]
    sessions: Sequence[Session]
    people: Sequence[Person]
    organizations: Sequence[Organization]
    countries: Sequence[Country]
    appearances: Sequence[Appearance]
    themes: Sequence[Theme]
    addressees: Sequence[Addressee]
    affected_groups: Sequence[AffectedGroup]
    threads: Sequence[Thread]
    recommendations: Sequence[Recommendation]
    thread_items: Sequence[ThreadItem]
    moves: Sequence[Move]
    topics: Sequence[Topic]
    distinctions: Sequence[Distinction]
    statistics: Sequence[Statistic]
    instruments: Sequence[Instrument]
    publications: Sequence[Publication]
    citations: Sequence[Citation]
    statements: Sequence[Statement]
    activities: Sequence[Activity]
    commitments: Sequence[Commitment]
    discrepancies: Sequence[Discrepancy]
    abbreviations: Sequence[Abbreviation]
    expansions: Sequence[Expansion]
    search_terms: Sequence[SearchTerms]
    expected_counts: Sequence[ExpectedCount]
    fingerprints: Sequence[Fingerprint]

    def __init__(self, tables: Mapping[str, Sequence[Record]]) -> None:
        for name in TABLES:
            setattr(self, name, tables.get(name, ()))

    def __getitem__(self, table: str) -> Sequence[Record]:
        if table not in TABLES:
            raise KeyError(table)
        found: Sequence[Record] = getattr(self, table)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


TABLES: dict[str, type[Record]] = {name: get_args(hint)[0] for name, hint in get_type_hints(Records).items()}
"""Maps each table to its record type, in the order of the seed."""

_COLUMNS: dict[type[Record], tuple[Column, ...]] = {}


def columns_of(record: type[Record]) -> tuple[Column, ...]:
    """Return the columns of a record type in the order of the seed: its own columns, then the place in the source."""
    if record not in _COLUMNS:
        hints = get_type_hints(record)
        made = [_column(f, hints[f.name]) for f in fields(record)]
        place = [c for c in made if c.name in {"document", "section", "item"} and issubclass(record, Sourced)]
        own = [c for c in made if c not in place]
        _COLUMNS[record] = (*own, *place)
    return _COLUMNS[record]


def _column(field: Field[Any], hint: Any) -> Column:
    """Return the column for a field and its annotation: a type, an optional type, or a tuple of texts."""
    kinds = [t for t in get_args(hint) if t is not NoneType] if isinstance(hint, UnionType) else [hint]
    kind = "list" if get_origin(kinds[0]) is tuple else str(kinds[0].__name__)
    return Column(field.name.removesuffix("_"), kind, required=field.default is MISSING, **field.metadata)


def implied_id(record: type[Record], values: Mapping[str, Any]) -> str:
    """Return the id that follows from the values of a record (by attribute), or an empty string."""
    parts = [values.get(_attribute(name)) for name in record.identity]
    return "-".join(map(str, parts)) if parts and all(parts) else ""
