"""The rules for a valid seed: a registry with one function per rule, each applied to all records.

A check yields a problem for every record that breaks its rule, and repairs nothing; a warning does not prevent a build.
To add a rule, write a function and decorate it with `check`.
"""

from __future__ import annotations

import datetime
import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from cthbkb import registry
from cthbkb.columns import SEPARATOR
from cthbkb.model import (
    DATE,
    TABLES,
    TIME,
    Column,
    Person,
    Recommendation,
    Record,
    Statement,
    Statistic,
    ThreadItem,
    columns_of,
    implied_id,
)
from cthbkb.problems import MOST, Guesses, Problem, SeedError
from cthbkb.seed import Seed
from cthbkb.text import fold

__all__ = ["CHECKS", "require", "run"]

Check = Callable[[Seed], Iterator[Problem]]
CHECKS: dict[str, Check] = {}

R = TypeVar("R", bound=Record)


def check(function: Check) -> Check:
    """Register a rule."""
    CHECKS[function.__name__] = function
    return function


def run(seed: Seed) -> list[Problem]:
    """Return the problems that the rules find, at most `MOST` per rule, in the order of the file."""
    return sorted(problem for rule in CHECKS.values() for problem in itertools.islice(rule(seed), MOST))


def require(seed: Seed) -> None:
    """Raise `SeedError` with all problems, unless all of them are warnings."""
    problems = [problem for problem in run(seed) if not problem.warning]
    if problems:
        raise SeedError(problems)


def _each(seed: Seed) -> Iterator[tuple[str, int, Record]]:
    for table, records in seed.records.items():
        yield from _numbered(table, records)


def _numbered(table: str, records: Sequence[R]) -> Iterator[tuple[str, int, R]]:
    """Yield the records of a table with the arguments that `Seed.problem` needs: the table and the record's index."""
    for index, record in enumerate(records):
        yield table, index, record


def _columns(seed: Seed, wanted: Callable[[Column], bool]) -> Iterator[tuple[str, int, Record, Column, Any]]:
    """Yield the values of the wanted columns, except empty ones, as `(table, index, record, column, value)`."""
    for table, type_ in TABLES.items():
        columns = [(c, c.attribute) for c in columns_of(type_) if wanted(c)]
        for index, record in enumerate(seed.records[table] if columns else ()):
            for column, attribute in columns:
                value = getattr(record, attribute)
                if value:
                    yield table, index, record, column, value


def _all_ids(seed: Seed) -> dict[str, None]:
    return {record.id: None for _, _, record in _each(seed)}


@check
def ids_are_unique(seed: Seed) -> Iterator[Problem]:
    """An id is unique in its table and, because `show ID` accepts any id, across all tables."""
    first: dict[str, tuple[str, int]] = {}
    for table, index, record in _each(seed):
        key = f"{table}/{record.id}" if registry.TABLES[table].own_ids else record.id
        if key in first:
            path, line, _ = seed.place(*first[key])
            message = f"the id is used a second time; first in {first[key][0]}, {path}:{line}"
            yield seed.problem(table, index, "id", message)
        first.setdefault(key, (table, index))


@check
def references_resolve(seed: Seed) -> Iterator[Problem]:
    """Every id that a record names exists in the table it points to."""
    known = {table: {r.id: None for r in records} for table, records in seed.records.items()}
    for table, index, _, column, value in _columns(seed, lambda c: bool(c.ref)):
        for id_ in value if column.type == "list" else [value]:
            if id_ not in known[column.ref]:
                guess = seed.guesses(id_, known[column.ref])
                yield seed.problem(table, index, column.name, f"{column.name}: no {id_!r} in {column.ref}{guess}")


@check
def loose_references_resolve(seed: Seed) -> Iterator[Problem]:
    """`fulfilled_by` and `records` name a record of any table."""
    known = _all_ids(seed)
    for table, index, _, column, value in _columns(seed, lambda c: c.name in {"fulfilled_by", "records"}):
        for id_ in value if column.type == "list" else [value]:
            if id_ not in known:
                message = f"{column.name}: no record {id_!r}{seed.guesses(id_, known)}"
                yield seed.problem(table, index, column.name, message)


@check
def dates_exist(seed: Seed) -> Iterator[Problem]:
    """A date exists in the calendar, a time is a time of day, and nothing ends before it starts."""
    for table, index, record, column, value in _columns(seed, lambda c: c.pattern in {DATE, TIME}):
        if column.pattern == DATE:
            try:
                datetime.date.fromisoformat(value + "-01-01"[len(value) - 10 :] if len(value) < 10 else value)
            except ValueError:
                yield seed.problem(table, index, column.name, f"{column.name}: {value} is not in the calendar")
        elif not (value[:2] < "24" and value[3:] < "60"):
            yield seed.problem(table, index, column.name, f"{column.name}: {value} is not a time of day")
        first = record.get(column.name.replace("_end", "_start"))
        if first and first[: len(value)] > value[: len(first)]:
            yield seed.problem(table, index, column.name, f"{column.name}: {value} is before {first}")


@check
def items_follow_their_session(seed: Seed) -> Iterator[Problem]:
    """The id of an item is its session, the letter of its kind and its number; its year is that of its session."""
    sessions = {s.id: s for s in seed.records.sessions}
    for table, index, record in _numbered("recommendations", seed.records.recommendations):
        expected = f"{record.session}-{registry.KINDS[record.kind].letter}{record.number}"
        if record.id != expected:
            yield seed.problem(table, index, "id", f"the id for this session, kind and number is {expected}")
        session = sessions.get(record.session)
        if session is not None and session.year != record.year:
            message = f"year: {record.year}, but the year of its session is {session.year}"
            yield seed.problem(table, index, "year", message)


@check
def sessions_follow_their_conference(seed: Seed) -> Iterator[Problem]:
    """The year of a session is that of its conference."""
    years = {c.id: c.year for c in seed.records.conferences}
    for table, index, record in _numbered("sessions", seed.records.sessions):
        year = years.get(record.conference, record.year)
        if year != record.year:
            yield seed.problem(table, index, "year", f"year: {record.year}, but the year of its conference is {year}")


@check
def numbers_have_no_gaps(seed: Seed) -> Iterator[Problem]:
    """The items of one kind in one session are numbered from 1 in print order, and sub-items are lettered from a."""
    last: dict[tuple[str, str], tuple[int, str]] = defaultdict(lambda: (0, ""))
    for table, index, record in _numbered("recommendations", seed.records.recommendations):
        key = (record.session, record.kind)
        number, letter = last[key]
        parts = re.fullmatch(r"([0-9]+)([a-z]?)", record.number)
        if parts is None:
            continue
        found = (int(parts[1]), parts[2])
        following = chr(ord(letter) + 1) if letter else "a"
        if found not in {(number + 1, ""), (number, following)}:
            yield seed.problem(table, index, "number", f"number: {record.number} does not follow {number}{letter}")
        last[key] = found


@check
def themes_share_no_name(seed: Seed) -> Iterator[Problem]:
    """No two themes share an id, a label, an alternative label or a name in another language."""
    owner: dict[str, str] = {}
    for table, index, record in _numbered("themes", seed.records.themes):
        columns = {fold(label.partition(": ")[2]): "labels" for label in record.labels}
        columns |= {fold(name): "alternative_labels" for name in (record.id, record.label, *record.alternative_labels)}
        for name, column in sorted(columns.items()):
            if owner.setdefault(name, record.id) != record.id:
                yield seed.problem(table, index, column, f"{name!r} is also a name of {owner[name]}")


@check
def people_share_no_name(seed: Seed) -> Iterator[Problem]:
    """Two people share a name, in any word order, only if one is marked as distinct from the other."""
    owners: dict[str, list[Person]] = defaultdict(list)
    distinct = _distinct(seed)
    for table, index, record in _numbered("people", seed.records.people):
        keys = {" ".join(sorted(fold(name).split())) for name in (record.id, record.name, *record.spellings)}
        for key in sorted(keys):
            for other in owners[key]:
                if other.id != record.id and (record.id, other.id) not in distinct:
                    cure = f"if they are different people, write distinct_from: [{other.id}]"
                    yield seed.problem(table, index, "name", f"{key!r} is also a name of {other.id}; {cure}")
            owners[key].append(record)


PAIRS = 100_000
"""Maximum number of pairs of names compared for typing errors: enough for a pack of 200 people beside 400 others."""


@check
def people_are_not_alike(seed: Seed) -> Iterator[Problem]:
    """A person in a pack whose name is similar to another's may be the same person: a warning."""
    sure: dict[str, Person] = {}
    by_ends: dict[tuple[str, str], list[str]] = defaultdict(list)
    typing = Guesses(PAIRS)
    distinct = _distinct(seed)
    for table, index, record in _numbered("people", seed.records.people):
        name = fold(record.name)
        words = name.split() or [""]
        ends = (words[-1], words[0][:2])
        if seed.pack(table, index):  # the same last word and a similar first one, or a typing error
            close = dict.fromkeys(sorted([*by_ends[ends], *typing.near(name, sure, 0.88)]))
            for other in (sure[key] for key in close if key != name):
                if other.id != record.id and (record.id, other.id) not in distinct:
                    cure = f"if so, use that id; if not, write distinct_from: [{other.id}]"
                    message = f"{record.name!r} may be the same person as {other.name!r} ({other.id}): {cure}"
                    yield seed.problem(table, index, "name", message, warning=True)
        if name not in sure:
            by_ends[ends].append(name)
        sure[name] = record


def _distinct(seed: Seed) -> set[tuple[str, str]]:
    """Return the pairs of people marked as distinct, in both orders."""
    pairs = {(person.id, other) for person in seed.records.people for other in person.distinct_from}
    return pairs | {(b, a) for a, b in pairs}


@check
def spellings_are_of_one_person(seed: Seed) -> Iterator[Problem]:
    """A spelling of a name has a word in common with the name, unless it is in another script: a warning."""
    for table, index, record in _numbered("people", seed.records.people):
        words = set(fold(record.name).split())
        for spelling in record.spellings:
            own = fold(spelling).split()
            near = not words.isdisjoint(own) or any(seed.guesses.near(word, words) for word in own)
            if not near and seed.guesses.left >= len(words) and _script(spelling) == _script(record.name):
                message = f"{spelling!r} shares no word with {record.name!r}"
                yield seed.problem(table, index, "spellings", message, warning=True)


def _script(text: str) -> str:
    """Return the script of the first letter of a text, from its Unicode name: LATIN, CYRILLIC ..."""
    letter = next((c for c in text if c.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


@check
def conferences_have_their_own_number_and_year(seed: Seed) -> Iterator[Problem]:
    """No two conferences have the same number, and the dates of a conference are in its year."""
    numbers: dict[int, str] = {}
    for table, index, record in _numbered("conferences", seed.records.conferences):
        if numbers.setdefault(record.number, record.id) != record.id:
            message = f"number: {record.number} is also the number of {numbers[record.number]}"
            yield seed.problem(table, index, "number", message)
        for column in ("held_start", "held_end"):
            date = record.get(column)
            if date[:4] != str(record.year):
                yield seed.problem(table, index, column, f"{column}: {date} is not in {record.year}")


@check
def sessions_are_numbered_as_their_ids(seed: Seed) -> Iterator[Problem]:
    """The number of a panel or side event is the number at the end of its id."""
    for table, index, record in _numbered("sessions", seed.records.sessions):
        found = re.fullmatch(r".+-(?:p|side)([0-9]{1,9})", record.id)
        if found and record.number is not None and record.number != int(found[1]):
            yield seed.problem(table, index, "number", f"number: {record.number}, but the id says {found[1]}")


@check
def sessions_are_held_during_their_conference(seed: Seed) -> Iterator[Problem]:
    """The day of a session is one of the days of its conference, as far as both are known."""
    conferences = {c.id: c for c in seed.records.conferences}
    for table, index, record in _numbered("sessions", seed.records.sessions):
        conference, day = conferences.get(record.conference), record.held_date
        if conference and day:
            first, last = conference.held_start, conference.held_end
            if first <= last and (day[: len(first)] < first[: len(day)] or day[: len(last)] > last[: len(day)]):
                message = f"held_date: {day} is not between {first} and {last}, when the conference was held"
                yield seed.problem(table, index, "held_date", message)


@check
def records_belong_to_the_session_of_their_id(seed: Seed) -> Iterator[Problem]:
    """A figure or statement belongs to the session that its id begins with, unless that is a part of a report."""
    sessions = {s.id: s.type for s in seed.records.sessions}
    records: list[tuple[str, int, Statistic | Statement]]
    records = [*_numbered("statistics", seed.records.statistics), *_numbered("statements", seed.records.statements)]
    for table, index, record in records:
        told = record.id.rpartition("-")[0]
        if told in sessions and record.session != told and sessions[told] != "part":
            yield seed.problem(
                table, index, "session", f"session: {record.session or 'missing'}, but the id says {told}"
            )


@check
def bodies_share_no_name(seed: Seed) -> Iterator[Problem]:
    """No two organizations have the same name."""
    owner: dict[str, str] = {}
    for table, index, record in _numbered("organizations", seed.records.organizations):
        first = owner.setdefault(fold(record.name), record.id)
        if first != record.id:
            yield seed.problem(table, index, "name", f"{record.name!r} is also the name of {first}; are they the same?")


@check
def publications_are_recorded_once(seed: Seed) -> Iterator[Problem]:
    """Two publications with the same title and address may be one: a warning."""
    owner: dict[tuple[str, str | None], str] = {}
    for table, index, record in _numbered("publications", seed.records.publications):
        first = owner.setdefault((fold(record.title), record.url), record.id)
        if first != record.id:
            message = f"{record.title!r} is also the title of {first}; are they the same?"
            yield seed.problem(table, index, "title", message, warning=True)


@check
def numbers_are_those_of_the_value(seed: Seed) -> Iterator[Problem]:
    """The number of a figure equals the number in its value, unless a word such as million multiplies it: a warning."""
    for table, index, record in _numbered("statistics", seed.records.statistics):
        found = re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", record.value)
        plain = not re.search(r"million|billion|thousand|[0-9]-|/", record.value)
        if record.number is not None and len(found) == 1 and plain:
            told = float(found[0].replace(",", ""))
            if abs(record.number) != told:
                message = f"number: {record.number:g}, but the value has {found[0]}"
                yield seed.problem(table, index, "number", message, warning=True)


@check
def years_follow_sessions(seed: Seed) -> Iterator[Problem]:
    """The year of a figure or statement is that of its session."""
    years = {s.id: s.year for s in seed.records.sessions}
    figures = _numbered("statistics", seed.records.statistics)
    statements = _numbered("statements", seed.records.statements)
    of_sessions: list[tuple[str, int, Statistic | Statement]] = [*figures, *statements]
    for table, index, record in of_sessions:
        year = years.get(record.session or "", record.year)
        if year != record.year:
            yield seed.problem(table, index, "year", f"year: {record.year}, but the year of its session is {year}")


@check
def people_appear_once_in_a_role(seed: Seed) -> Iterator[Problem]:
    """A person has each role only once in a session."""
    seen: dict[tuple[str, str, str], str] = {}
    for table, index, record in _numbered("appearances", seed.records.appearances):
        first = seen.setdefault((record.person, record.session, record.role), record.id)
        if first != record.id:
            yield seed.problem(table, index, "role", f"the same person, session and role as {first}")


@check
def items_have_themes(seed: Seed) -> Iterator[Problem]:
    """An item has at least one theme; otherwise no list by theme would include it."""
    for table, index, record in _numbered("recommendations", seed.records.recommendations):
        if not record.themes:
            yield seed.problem(table, index, "id", "themes is missing")


@check
def promises_are_made_by_a_body_or_person(seed: Seed) -> Iterator[Problem]:
    """`who` of a commitment is the id of a body or of a person."""
    known = {r.id: None for r in (*seed.records.organizations, *seed.records.people)}
    for table, index, record in _numbered("commitments", seed.records.commitments):
        if record.who not in known:
            message = f"who: no {record.who!r} in organizations or people{seed.guesses(record.who, known)}"
            yield seed.problem(table, index, "who", message)


@check
def lists_can_be_written_in_one_cell(seed: Seed) -> Iterator[Problem]:
    """A value of a list does not contain the separator of values in a cell."""
    for table, index, _, column, values in _columns(seed, lambda c: c.type == "list"):
        for value in values:
            if SEPARATOR in value:
                message = f"{column.name}: {value!r} contains {SEPARATOR!r}, which separates values; write two values"
                yield seed.problem(table, index, column.name, message)


SPEAKING = ("recommendations", "statements", "activities", "commitments")
"""Tables whose records can belong to a thread."""


class _Threads:
    """Data for the rules on threads: the records that can belong to one, and the entries by item and by year.

    `years` maps a thread to its years, and each year to its entries in `thread_items`, except entries whose record is
    missing.
    """

    def __init__(self, seed: Seed) -> None:
        self.records = {record.id: record for table in SPEAKING for record in seed.records[table]}
        self.of_item: dict[str, list[ThreadItem]] = defaultdict(list)
        self.years: dict[str, dict[int, list[ThreadItem]]] = defaultdict(lambda: defaultdict(list))
        for entry in seed.records.thread_items:
            self.of_item[entry.item].append(entry)
            if entry.item in self.records:
                self.years[entry.thread][self.year(entry)].append(entry)

    def year(self, entry: ThreadItem) -> int:
        """Return the year of the record of an entry."""
        return int(self.records[entry.item].get("year"))

    def can_ask(self, entry: ThreadItem) -> bool:
        """Return whether an entry can ask for something: an item with a verb that asks, or a quoted statement."""
        record = self.records.get(entry.item)
        return isinstance(record, Statement) or (isinstance(record, Recommendation) and record.modality != "statement")


@check
def written_ids_equal_the_implied_ids(seed: Seed) -> Iterator[Problem]:
    """An id that other columns imply, if it is written out, equals the implied id."""
    for table, index, record in _each(seed):
        expected = implied_id(type(record), record.values()) if record.identity else record.id
        if record.id != expected:
            yield seed.problem(table, index, "id", f"the id that its other columns imply is {expected}")


@check
def threads_have_items(seed: Seed) -> Iterator[Problem]:
    """A thread has at least one item and does not follow itself."""
    used = {entry.thread for entry in seed.records.thread_items}
    for table, index, thread in _numbered("threads", seed.records.threads):
        if thread.id not in used:
            yield seed.problem(table, index, "id", "no item belongs to this thread")
        if thread.id in thread.followed_by:
            yield seed.problem(table, index, "followed_by", "followed_by: names the thread itself")


@check
def items_of_threads_exist(seed: Seed) -> Iterator[Problem]:
    """An entry of a thread is an item, statement, activity or commitment of a year with a conference."""
    threads = _Threads(seed)
    held = {conference.year for conference in seed.records.conferences}
    for table, index, entry in _numbered("thread_items", seed.records.thread_items):
        if entry.item not in threads.records:
            guess = seed.guesses(entry.item, threads.records)
            yield seed.problem(table, index, "item", f"item: no {entry.item!r} in {', '.join(SPEAKING)}{guess}")
        elif threads.year(entry) not in held:
            message = f"item: {threads.year(entry)} is a year without a conference"
            yield seed.problem(table, index, "item", message)


@check
def parts_are_named(seed: Seed) -> Iterator[Problem]:
    """An item that belongs to several threads names, for each, the part that belongs there."""
    threads = _Threads(seed)
    for table, index, entry in _numbered("thread_items", seed.records.thread_items):
        number = len(threads.of_item[entry.item])
        if number > 1 and not entry.part:
            yield seed.problem(table, index, "id", f"part: missing; {entry.item} belongs to {number} threads")


@check
def entries_that_ask_can_ask(seed: Seed) -> Iterator[Problem]:
    """A year in which a thread asks has an entry that can ask; findings, activities and commitments cannot."""
    threads = _Threads(seed)
    can = {(e.thread, threads.year(e)) for e in seed.records.thread_items if e.asks and threads.can_ask(e)}
    for table, index, entry in _numbered("thread_items", seed.records.thread_items):
        if entry.asks and entry.item in threads.records:
            year = threads.year(entry)
            if (entry.thread, year) not in can:
                message = f"asks: {entry.thread} has no entry in {year} that can ask, so it can only be noted there"
                yield seed.problem(table, index, "asks", message)


@check
def moves_join_the_years_of_a_thread(seed: Seed) -> Iterator[Problem]:
    """Each pair of years in which a thread has items has a move, and no other pair has one."""
    speaking = {thread: set(years) for thread, years in _Threads(seed).years.items()}
    year_of = {conference.id: conference.year for conference in seed.records.conferences}
    found = set()
    for table, index, move in _numbered("moves", seed.records.moves):
        a, b = year_of.get(move.from_, 0), year_of.get(move.to, 0)
        found.add((move.thread, a, b))
        if a and b and not a < b:
            yield seed.problem(table, index, "to", f"to: {move.to} is not after {move.from_}")
        for column, year in (("from", a), ("to", b)):
            if year and year not in speaking.get(move.thread, ()):
                yield seed.problem(table, index, column, f"{column}: {move.thread} has no item of {year}")
    for table, index, thread in _numbered("threads", seed.records.threads):
        years = sorted(speaking.get(thread.id, ()))
        for a, b in itertools.combinations(years, 2):
            if (thread.id, a, b) not in found:
                yield seed.problem(table, index, "id", f"moves: no move from {a} to {b}")


@check
def moves_say_what_changed(seed: Seed) -> Iterator[Problem]:
    """A move has one or two words; `noted` is one of them exactly if the thread turns from asked to only noted."""
    years = _Threads(seed).years
    year_of = {conference.id: conference.year for conference in seed.records.conferences}
    for table, index, move in _numbered("moves", seed.records.moves):
        if not 1 <= len(move.changes) <= 2:
            yield seed.problem(table, index, "changes", f"changes: {len(move.changes)} words; one or two are expected")
        a, b = (years[move.thread].get(year_of.get(id_, 0), []) for id_ in (move.from_, move.to))
        came_down = any(e.asks for e in a) and not any(e.asks for e in b)
        if a and b and came_down != ("noted" in move.changes):
            verdict = "needs noted, because" if came_down else "cannot be noted, unless"
            message = f"changes: {verdict} the thread is asked in {move.from_} and only noted in {move.to}"
            yield seed.problem(table, index, "changes", message)


@check
def illustrations_agree_with_their_item(seed: Seed) -> Iterator[Problem]:
    """An item that only illustrates another has the same force and the same session."""
    items = {item.id: item for item in seed.records.recommendations}
    for table, index, item in _numbered("recommendations", seed.records.recommendations):
        other = items.get(item.illustrates or "")
        if other is None:
            continue
        if other.session != item.session or other.illustrates:
            message = f"illustrates: {other.id} is in another session, or is itself an illustration"
            yield seed.problem(table, index, "illustrates", message)
        elif other.modality != item.modality:
            message = f"modality: {item.modality}, but {other.id}, which it illustrates, is {other.modality}"
            yield seed.problem(table, index, "modality", message)


@check
def themes_are_a_tree(seed: Seed) -> Iterator[Problem]:
    """The themes above a theme, followed through `broader`, end at a theme without one."""
    broader = {t.id: t.broader for t in seed.records.themes}
    ends: dict[str, str | None] = {}
    for table, index, record in _numbered("themes", seed.records.themes):
        path: dict[str, None] = {}
        at: str | None = record.id
        while at and at not in path and at not in ends:
            path[at] = None
            at = broader.get(at)
        loop = at if at in path else ends.get(at or "")
        ends |= dict.fromkeys(path, loop)
        if at in path:  # each theme of the loop leads to itself
            own = list(path)
            ends |= {theme: theme for theme in own[own.index(at) :]}
        if ends[record.id]:
            yield seed.problem(table, index, "broader", f"broader: {ends[record.id]} is broader than itself")


@check
def citations_have_one_target(seed: Seed) -> Iterator[Problem]:
    """A citation refers to either an instrument or a publication."""
    for table, index, record in _numbered("citations", seed.records.citations):
        if (record.instrument is None) == (record.publication is None):
            yield seed.problem(table, index, "id", "must cite either an instrument or a publication")


@check
def counts_are_as_expected(seed: Seed) -> Iterator[Problem]:
    """A document has the expected number of records per table and kind; records of packs are counted separately."""
    found: Counter[tuple[str, str, str, str | None]] = Counter()
    for table, index, record in _each(seed):
        document = record.get("document")
        if document and table != "expected_counts":
            pack = seed.pack(table, index)
            found[pack, document, table, record.get("kind")] += 1
            if record.get("kind"):
                found[pack, document, table, None] += 1
    for table, index, record in _numbered("expected_counts", seed.records.expected_counts):
        if record.table not in TABLES:
            message = f"table: no {record.table!r}{seed.guesses(record.table, TABLES)}"
            yield seed.problem(table, index, "table", message)
            continue
        number = found[seed.pack(table, index), record.document, record.table, record.kind]
        if number != record.count:
            what = f"{record.table}{' of kind ' + record.kind if record.kind else ''}"
            yield seed.problem(
                table, index, "count", f"count: {record.document} has {number} {what}, not {record.count}"
            )


LONGEST_TERM = 12
"""Maximum length of a search term, in words."""


@check
def search_terms_find_records(seed: Seed) -> Iterator[Problem]:
    """Search terms belong to a searchable record; each has at least one word, and none is repeated."""
    searched = [name for name, table in registry.TABLES.items() if table.indexed]
    known = {record.id: None for table in searched for record in seed.records[table]}
    for table, index, record in _numbered("search_terms", seed.records.search_terms):
        if record.id not in known:
            yield seed.problem(table, index, "id", f"no searchable record has this id{seed.guesses(record.id, known)}")
        if not record.terms:
            yield seed.problem(table, index, "id", "terms is missing")
        seen: set[str] = set()
        for term in record.terms:
            folded = fold(term)
            words = len(folded.split())
            if not 1 <= words <= LONGEST_TERM:
                message = f"terms: {term!r} has {words} words; 1 to {LONGEST_TERM} are expected"
                yield seed.problem(table, index, "terms", message)
            elif folded in seen:
                yield seed.problem(table, index, "terms", f"terms: {term!r} occurs twice")
            seen.add(folded)


@check
def fingerprints_are_of_records(seed: Seed) -> Iterator[Problem]:
    """A fingerprint belongs to a record of its document, and a record has only one fingerprint."""
    document = {record.id: str(record.get("document")) for _, _, record in _each(seed) if record.get("document")}
    seen: set[str] = set()
    for table, index, record in _numbered("fingerprints", seed.records.fingerprints):
        for text in record.passages:
            id_ = text.partition(" ")[0]
            if document.get(id_) != record.id:
                guess = seed.guesses(id_, [known for known, of in document.items() if of == record.id])
                yield seed.problem(table, index, "passages", f"passages: no {id_!r} in {record.id}{guess}")
            elif id_ in seen:
                yield seed.problem(table, index, "passages", f"passages: {id_} has a second fingerprint")
            seen.add(id_)
