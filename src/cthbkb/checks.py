"""What a sound seed is: one function a rule, each over the records, in a registry.

A check yields a problem for every record that breaks its rule and mends nothing. To add one, write the function and
decorate it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from cthbkb.errors import SeedError, closest
from cthbkb.model import DATE, LETTERS, TABLES, TIME, Column, columns_of
from cthbkb.query import fold
from cthbkb.seed import Problem, Seed

__all__ = ["CHECKS", "require", "run"]

Check = Callable[[Seed], Iterator[Problem]]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Enter a rule in the registry."""
    CHECKS[function.__name__] = function
    return function


def run(seed: Seed) -> list[Problem]:
    """Return every problem that a rule finds, in the order of the file."""
    return sorted(problem for rule in CHECKS.values() for problem in rule(seed))


def require(seed: Seed) -> None:
    """Raise `SeedError` with all problems, if there is one."""
    problems = run(seed)
    if problems:
        raise SeedError(problems)


def _each(seed: Seed, *tables: str) -> Iterator[tuple[str, int, Any]]:
    for table in tables or TABLES:
        for index, record in enumerate(seed.records.get(table, ())):
            yield table, index, record


def _columns(seed: Seed, wanted: Callable[[Column], bool]) -> Iterator[tuple[str, int, Any, Column, Any]]:
    """Yield the values of the columns that are wanted, each with its table, the record's index, the record, the column.

    What is unknown is left out.
    """
    for table, type_ in TABLES.items():
        columns = [c for c in columns_of(type_) if wanted(c)]
        for index, record in enumerate(seed.records.get(table, ()) if columns else ()):
            for column in columns:
                value = getattr(record, column.name)
                if value:
                    yield table, index, record, column, value


def _all_ids(seed: Seed) -> set[str]:
    return {record.id for _, _, record in _each(seed)}


@check
def ids_are_unique(seed: Seed) -> Iterator[Problem]:
    """An id stands once in its table, and `show ID` must know what it means in all the others too."""
    first: dict[str, str] = {}
    for table, index, record in _each(seed):
        if table in {"addressees", "affected_groups", "expansions", "expected_counts", "abbreviations"}:
            key = f"{table}/{record.id}"
        else:
            key = record.id
        if key in first:
            yield seed.problem(table, index, "id", f"the id stands a second time; first in {first[key]}")
        first.setdefault(key, table)


@check
def references_resolve(seed: Seed) -> Iterator[Problem]:
    """Every id that a record names exists in the table it points to."""
    known = {table: {r.id for r in seed.records.get(table, ())} for table in TABLES}
    for table, index, _, column, value in _columns(seed, lambda c: bool(c.ref)):
        for id_ in value if column.type == "list" else [value]:
            if id_ not in known[column.ref]:
                near = closest(id_, known[column.ref])
                guess = f"; did you mean {' or '.join(near)}?" if near else ""
                yield seed.problem(table, index, column.name, f"{column.name}: no {id_!r} in {column.ref}{guess}")


@check
def loose_references_resolve(seed: Seed) -> Iterator[Problem]:
    """`fulfilled_by` and `records` name a record of any table."""
    known = _all_ids(seed)
    for table, index, record in _each(seed, "activities", "commitments", "discrepancies"):
        for column in ("fulfilled_by", "records"):
            value = getattr(record, column, None) or ()
            for id_ in [value] if isinstance(value, str) else value:
                if id_ not in known:
                    near = closest(id_, known)
                    guess = f"; did you mean {' or '.join(near)}?" if near else ""
                    yield seed.problem(table, index, column, f"{column}: no record {id_!r}{guess}")


@check
def dates_exist(seed: Seed) -> Iterator[Problem]:
    """A date is a day of the calendar, a time one of the day, and nothing ends before it starts."""
    for table, index, record, column, value in _columns(seed, lambda c: c.pattern in {DATE, TIME}):
        if column.pattern == DATE:
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                yield seed.problem(table, index, column.name, f"{column.name}: {value} is no day of the calendar")
        elif not (value[:2] < "24" and value[3:] < "60"):
            yield seed.problem(table, index, column.name, f"{column.name}: {value} is no time of the day")
        first = getattr(record, column.name.replace("_end", "_start"))
        if first and first > value:
            yield seed.problem(table, index, column.name, f"{column.name}: {value} is before {first}")


@check
def items_follow_their_session(seed: Seed) -> Iterator[Problem]:
    """A recommendation's id is its session, the letter of its kind and its number; its year is its session's."""
    sessions = {s.id: s for s in seed.records.get("sessions", ())}
    for table, index, record in _each(seed, "recommendations"):
        letter = next((k for k, kind in LETTERS.items() if kind == record.kind), "")
        expected = f"{record.session}-{letter}{record.number}"
        if record.id != expected:
            yield seed.problem(table, index, "id", f"the id of this session, kind and number is {expected}")
        session: Any = sessions.get(record.session)
        if session is not None and session.year != record.year:
            yield seed.problem(table, index, "year", f"year: {record.year}, but its session is of {session.year}")


@check
def sessions_follow_their_conference(seed: Seed) -> Iterator[Problem]:
    """A session's year is that of its conference."""
    years = {c.id: getattr(c, "year", None) for c in seed.records.get("conferences", ())}
    for table, index, record in _each(seed, "sessions"):
        year = years.get(record.conference, record.year)
        if year != record.year:
            yield seed.problem(table, index, "year", f"year: {record.year}, but its conference is of {year}")


@check
def numbers_have_no_gaps(seed: Seed) -> Iterator[Problem]:
    """The numbers of one kind in one session run from 1 in print order; letters follow their number from a."""
    last: dict[tuple[str, str], tuple[int, str]] = defaultdict(lambda: (0, ""))
    for table, index, record in _each(seed, "recommendations"):
        key = (record.session, record.kind)
        number, letter = last[key]
        parts = re.fullmatch(r"(\d+)([a-z]?)", record.number)
        if parts is None:
            continue
        found = (int(parts[1]), parts[2])
        following = chr(ord(letter) + 1) if letter else "a"
        if found not in {(number + 1, ""), (number, following)}:
            yield seed.problem(table, index, "number", f"number: {record.number} does not follow {number}{letter}")
        last[key] = found


@check
def names_mean_one_thing(seed: Seed) -> Iterator[Problem]:
    """No two themes share a name, nor two people a spelling, nor two people all the words of their names."""
    for table, columns in (("themes", ("label", "alternative_labels")), ("people", ("name", "spellings"))):
        owner: dict[str, str] = {}
        for _, index, record in _each(seed, table):
            own = {fold(record.id)}
            for column in columns:
                value = getattr(record, column)
                own |= {fold(v) for v in ([value] if isinstance(value, str) else value)}
            for name in sorted(own):
                key = " ".join(sorted(name.split())) if table == "people" else name
                if owner.setdefault(key, record.id) != record.id:
                    yield seed.problem(table, index, columns[-1], f"{name!r} is a name of {owner[key]} too")


@check
def spellings_are_of_one_person(seed: Seed) -> Iterator[Problem]:
    """Every spelling of a person shares a word with the name."""
    for table, index, record in _each(seed, "people"):
        words = set(fold(record.name).split())
        for spelling in record.spellings:
            own = fold(spelling).split()
            near = not words.isdisjoint(own) or any(closest(word, words, 1) for word in own)
            if not near:
                yield seed.problem(table, index, "spellings", f"{spelling!r} shares no word with {record.name!r}")


@check
def threads_are_followed(seed: Seed) -> Iterator[Problem]:
    """A thread has items; each of a later year than the thread's first says how it stands to the conference before."""
    items: dict[str, list[Any]] = defaultdict(list)
    for _, _, record in _each(seed, "recommendations"):
        if record.thread:
            items[record.thread].append(record)
    for table, index, record in _each(seed, "threads"):
        if not items[record.id]:
            yield seed.problem(table, index, "id", "no item belongs to this thread")
    for table, index, record in _each(seed, "recommendations"):
        if record.thread is None:
            if record.change:
                yield seed.problem(table, index, "change", "change: without a thread there is nothing to compare with")
            continue
        first = min(r.year for r in items[record.thread])
        if record.year == first and record.change not in {None, "new"}:
            yield seed.problem(
                table, index, "change", f"change: {record.change}, but {first} is the thread's first year"
            )
        if record.year > first and not record.change:
            yield seed.problem(table, index, "thread", "change: missing on an item of a later year")
        if record.change not in {None, "new"} and not record.change_note:
            yield seed.problem(table, index, "change", "change_note: missing; say in a line what changed")


@check
def themes_are_a_tree(seed: Seed) -> Iterator[Problem]:
    """Following `broader` ends at a theme that has none."""
    broader = {t.id: t.broader for t in seed.records.get("themes", ()) if hasattr(t, "broader")}
    for table, index, record in _each(seed, "themes"):
        seen = {record.id}
        above = record.broader
        while above:
            if above in seen:
                yield seed.problem(table, index, "broader", f"broader: {above} is above itself")
                break
            seen.add(above)
            above = broader.get(above)


@check
def citations_cite(seed: Seed) -> Iterator[Problem]:
    """A citation is of an instrument or of a publication."""
    for table, index, record in _each(seed, "citations"):
        if (record.instrument is None) == (record.publication is None):
            yield seed.problem(table, index, "id", "cites either an instrument or a publication")


@check
def counts_are_as_expected(seed: Seed) -> Iterator[Problem]:
    """Every document yields as many records of each table and kind as were counted when it was read."""
    found: Counter[tuple[str, str, str | None]] = Counter()
    for table, _, record in _each(seed):
        document = getattr(record, "document", None)
        if document and table != "expected_counts":
            found[document, table, getattr(record, "kind", None)] += 1
            if hasattr(record, "kind"):
                found[document, table, None] += 1
    for table, index, record in _each(seed, "expected_counts"):
        if record.table not in TABLES:
            near = closest(record.table, TABLES)
            guess = f"; did you mean {' or '.join(near)}?" if near else ""
            yield seed.problem(table, index, "table", f"table: no {record.table!r}{guess}")
            continue
        number = found[record.document, record.table, record.kind]
        if number != record.count:
            what = f"{record.table}{' of kind ' + record.kind if record.kind else ''}"
            yield seed.problem(
                table, index, "count", f"count: {record.document} has {number} {what}, not {record.count}"
            )
