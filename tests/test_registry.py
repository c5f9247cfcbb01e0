"""The registry: each row is complete, and missing entries are reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import each

from cthbkb import derive, named, registry
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.model import TABLES, columns_of
from cthbkb.query import Selection
from cthbkb.reach import DIRECT, THROUGH
from cthbkb.registry import AXES, FILTERS, KINDS, LISTINGS, REACH, Table
from cthbkb.schema import link_tables
from cthbkb.spelled import PARTS

LISTED = [table for table in registry.TABLES.values() if table.listing]
YEARS = "*"
RENAMED = {"conferences": {"held_start": "start", "held_end": "end"}, "themes": {"id": "slug"}}
"""Fields that a view shows under another name."""


def columns(table: Table) -> dict[str, str]:
    """Return the columns of a table's record type with their types."""
    return {c.name: c.type for c in columns_of(TABLES[table.name])}


def test_every_record_type_has_a_row_and_every_row_a_record_type() -> None:
    assert sorted(registry.TABLES) == sorted(TABLES)


def test_no_two_tables_have_the_same_singular_name() -> None:
    assert len({table.singular for table in registry.TABLES.values()}) == len(registry.TABLES)


def test_every_listing_has_a_view_and_every_view_a_listing(db: sqlite3.Connection) -> None:
    views = {name for (name,) in db.execute("select name from sqlite_schema where type = 'view'")}
    assert {f"list_{name}" for name in LISTINGS} | (set(LISTINGS) - set(TABLES)) == views


@each("table", LISTED)
def test_every_field_of_a_record_is_shown_by_its_listing(db: sqlite3.Connection, table: Table) -> None:
    assert table.listing
    view = {d[0] for d in db.execute(f"select * from list_{table.listing.name} limit 0").description}
    renamed = RENAMED.get(table.name, {})
    assert {renamed.get(name, name) for name in columns(table)} - view == set()


@each("table", LISTED)
def test_the_columns_of_a_listing_are_those_of_its_view(db: sqlite3.Connection, table: Table) -> None:
    assert table.listing
    view = [d[0] for d in db.execute(f"select * from list_{table.listing.name} limit 0").description]
    listed = [c.name for c in table.listing.columns if c.name != YEARS]
    assert set(listed) <= set(view)
    assert {n for n in view if not n.isdigit()} - set(listed) == {"seq"}
    assert table.listing.key in view


@each("table", LISTED)
def test_a_column_has_the_type_of_its_field(table: Table) -> None:
    """Lists, numbers and flags are JSON in the database, and are written according to the column type."""
    assert table.listing
    kinds = {"list": "list", "bool": "flag", "int": "number", "float": "number"}
    fields = columns(table)
    said = {c.name: c.holds if c.holds in kinds.values() else "text" for c in table.listing.columns if c.name in fields}
    assert said == {name: kinds.get(type_, "text") for name, type_ in fields.items() if name in said}


@each("table", LISTED)
def test_a_listing_has_a_description(table: Table) -> None:
    assert table.listing
    assert table.listing.help.endswith(".")
    assert table.listing.what
    assert table.listing.table is table


@each("table", registry.TABLES.values())
def test_the_registry_names_only_existing_columns(table: Table) -> None:
    own = columns(table)
    assert set(table.spelled) <= set(own)
    if table.indexed:
        assert {table.indexed.title, *table.indexed.body, *table.indexed.keywords, *table.indexed.names} - {""} <= set(
            own
        )
        assert table.indexed.title or table.indexed.body


def test_every_listing_is_searched_or_listed_as_an_exception() -> None:
    assert [table.name for table in LISTED if not table.indexed] == ["appearances", "moves", "distinctions"]


def test_link_tables_are_those_of_the_record_types() -> None:
    assert sorted((t.name, link) for t in registry.TABLES.values() for link in t.links) == sorted(
        (table, column.name) for table, column in link_tables()
    )


@each("table", LISTED)
def test_every_filter_reads_a_column_or_a_link_table(table: Table) -> None:
    assert table.listing
    names = {c.name for c in table.listing.columns}
    reached = {*DIRECT, *((listing, name) for listing, found, _ in THROUGH for name in found)}
    assert set(table.listing.filters) <= set(FILTERS)
    for name, column in table.listing.filters.items():
        assert bool(column) != bool(FILTERS[name].condition) or column == REACH
        assert column in {"", REACH} or column in names
        assert (column == REACH) == ((table.listing.name, name) in reached)
    assert set(table.listing.examples) <= set(table.listing.filters)


def test_every_filter_belongs_to_a_listing() -> None:
    assert set(FILTERS) == {name for listing in LISTINGS.values() for name in listing.filters}


@pytest.fixture(scope="module")
def shipped(packaged: Path) -> Iterator[sqlite3.Connection]:
    """The packaged data, which the examples use."""
    with closing(named.connect(str(packaged))) as db:
        yield db


@each("listing, name", [(x.name, n) for x in LISTINGS.values() for n in x.filters if FILTERS[n].noun])
def test_the_example_in_the_help_of_a_filter_finds_something(
    shipped: sqlite3.Connection, listing: str, name: str
) -> None:
    example = LISTINGS[listing].examples.get(name) or FILTERS[name].example
    option = next(o for o in COMMANDS[listing].options if o.name == name)
    assert option.help.endswith(f", such as {example}.")
    for value in example.split(" or "):
        assert Selection(shipped, LISTINGS[listing], {name: [value]}).count(shipped) > 0


def test_a_table_is_found_by_its_name_singular_and_aliases() -> None:
    for table in LISTED:
        assert table.listing
        for name in (table.name, table.singular, *table.listing.aliases):
            assert ALIASES.get(name, name) == table.listing.name


def test_every_kind_has_a_letter_that_means_nothing_else_in_an_id() -> None:
    letters = [kind.letter for kind in KINDS.values()]
    assert [x for x in letters if len(x) != 1 or not x.islower()] == []
    assert len(set(letters)) == len(letters)
    assert set(letters) & set(PARTS.values()) == set()


def test_no_word_means_two_kinds() -> None:
    words = [word for kind in KINDS.values() for word in (kind.name, *kind.words)]
    assert len(set(words)) == len(words)


def test_every_axis_is_counted_when_a_database_is_made() -> None:
    assert list(derive.AXES) == list(AXES)


def test_every_axis_is_a_column_of_a_listing_and_has_a_filter() -> None:
    for axis in AXES.values():
        assert axis.column in {c.name for c in LISTINGS[axis.listing].columns}
        assert LISTINGS[axis.listing].filters[axis.name] == axis.column
        assert not axis.table or "label" in registry.TABLES[axis.table].spelled
