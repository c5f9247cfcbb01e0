"""The tables of the database and the JSON Schema of the seed follow from the model."""

from __future__ import annotations

import ast
import copy
import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import Run, each, tree

from cthbkb import build, cache, named
from cthbkb.commands.schema import json_schema
from cthbkb.model import TABLES, columns_of
from cthbkb.schema import foreign_keys, link_table_sql, link_tables
from cthbkb.seed import Seed, parse

VALIDATOR = jsonschema.Draft7Validator(json_schema())


def records_as_objects(seed: Seed) -> dict[str, list[dict[str, Any]]]:
    """Return the records as JSON objects: lists as arrays, unknown values omitted."""
    return {
        table: [
            {
                column.name: list(value) if column.type == "list" else value
                for column in columns_of(TABLES[table])
                if (value := getattr(record, column.attribute)) not in (None, ())
            }
            for record in records
        ]
        for table, records in seed.records.items()
    }


def says(value: Mapping[str, Any]) -> list[str]:
    """Return the errors that the schema reports for a seed."""
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors(value)]


# The database


def test_a_single_reference_is_a_foreign_key() -> None:
    assert foreign_keys("appearances") == [
        ("person", "people"),
        ("session", "sessions"),
        ("organization", "organizations"),
        ("document", "documents"),
    ]


def test_a_list_of_references_has_a_link_table() -> None:
    assert [f"{table}_{column.name}" for table, column in link_tables()] == [
        "sessions_organisers",
        "people_distinct_from",
        "affected_groups_broader",
        "threads_themes",
        "threads_followed_by",
        "recommendations_themes",
        "recommendations_addressees",
        "recommendations_affected",
        "recommendations_other_sessions",
        "topics_answered_by",
        "distinctions_items",
        "statistics_themes",
        "publications_themes",
        "statements_speakers",
        "statements_themes",
        "activities_partners",
        "activities_themes",
        "commitments_themes",
    ]


def test_every_reference_is_to_the_key_of_its_table(db: sqlite3.Connection) -> None:
    for (name,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
        for _, _, other, _, to, *_ in db.execute(f'pragma foreign_key_list("{name}")').fetchall():
            keys = [row[1] for row in db.execute(f'pragma table_info("{other}")') if row[5]]
            assert keys == [to], f"{name} to {other}"


def test_a_link_table_is_ordered_by_value_year_and_print_order() -> None:
    (table, column) = next(link for link in link_tables() if link[1].name == "affected")
    assert (
        link_table_sql(table, column)
        == """create table recommendations_affected (
    value text not null references affected_groups(id),
    year integer not null,
    seq integer not null,
    id text not null references recommendations(id),
    primary key (value, year, seq)
) without rowid"""
    )


@each("table", TABLES)
def test_a_table_has_the_columns_of_its_record_and_its_place_in_print_order(table: str, db: sqlite3.Connection) -> None:
    sql = {"str": "TEXT", "list": "TEXT", "int": "INTEGER", "bool": "INTEGER", "float": "REAL"}
    columns = columns_of(TABLES[table])
    assert db.execute("select name, type, pk from pragma_table_info(?)", (table,)).fetchall() == [
        *((column.name, sql[column.type], int(column.name == "id")) for column in columns),
        ("pack", "TEXT", 0),
        ("seq", "INTEGER", 0),
    ]
    required = {name for (name,) in db.execute('select name from pragma_table_info(?) where "notnull"', (table,))}
    assert required - {"id"} == {c.name for c in columns if (c.required or c.type == "list") and c.name != "id"} | {
        "seq"
    }


@each("table", TABLES)
def test_the_database_knows_every_foreign_key(table: str, db: sqlite3.Connection) -> None:
    found = db.execute('select "from", "table", "to" from pragma_foreign_key_list(?)', (table,)).fetchall()
    assert sorted(found) == sorted((name, ref, "id") for name, ref in foreign_keys(table))


def test_the_schema_version_is_the_digest_of_an_empty_database(tmp_path: Path) -> None:
    """A database with another schema must be recognised: if this fails, write the printed number into the code."""
    build.build(parse(b"themes: []\n", "empty.yaml"), tmp_path / "empty.db")
    with closing(sqlite3.connect(tmp_path / "empty.db")) as db:
        made = db.execute(named.SCHEMA, {"objects": -1}).fetchall()
        assert len(made) == cache.OBJECTS, f"write OBJECTS = {len(made)} into cache.py"
        digest = named.schema_of(db)
    assert hex(cache.SCHEMA_VERSION) == hex(digest), f"write SCHEMA_VERSION = {hex(digest)} into cache.py"


def test_the_schema_of_a_database_does_not_depend_on_its_years(db: sqlite3.Connection) -> None:
    assert len(db.execute("select distinct year from conferences").fetchall()) > 2
    assert named.schema_of(db) == cache.SCHEMA_VERSION


NEWER = re.compile(
    r"\bstrict\s*[;,\"]|\biif\(|->>|\breturning\b|string_agg\(|group_concat\([^)]* order by"
    r"|pragma_table_list|sqlite_schema"
    r"|(right|full) (outer )?join|is (not )?distinct from|\bunixepoch\(|\bas (not )?materialized|octet_length\("
    r"|concat_ws\(|\b(format|floor|ceil|sqrt|pow|log|ln|sign)\(|json_error_position|jsonb|drop column",
)
"""Features of SQL that `named.OLDEST` does not support."""


def test_no_statement_needs_a_newer_sqlite(db: sqlite3.Connection) -> None:
    package = Path(cache.HERE)
    texts = [
        node.value
        for path in package.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    texts += [sql for (sql,) in db.execute("select sql from sqlite_master where sql is not null")]
    said = re.compile(
        r"\b(select|create|insert|join|where|order by)\b.*\b(from|table|view|into|on|and|by|case|over)\b", re.S
    )
    found = {text for text in texts if said.search(text) and NEWER.search(text)}
    assert found == set()


# The JSON Schema


def test_the_json_schema_is_valid() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema())


def test_the_json_schema_accepts_the_records_of_the_fabricated_seed(seed: Seed) -> None:
    assert says(records_as_objects(seed)) == []


def test_the_json_schema_accepts_the_fabricated_seed_as_an_editor_reads_it(seed_path: Path) -> None:
    assert says(yaml.safe_load(seed_path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        (
            "themes",
            "lable",
            "x",
            "themes/0: Additional properties are not allowed ('lable' was unexpected)",
        ),
        ("themes", "label", 7, "themes/0/label: 7 is not of type 'string'"),
        ("themes", "id", "Fog Horn", "themes/0/id: 'Fog Horn' does not match '^[a-z0-9]+(-[a-z0-9]+)*$'"),
        ("people", "pseudonym", "yes", "people/0/pseudonym: 'yes' is not of type 'boolean'"),
        ("sessions", "year", "2031", "sessions/0/year: '2031' is not of type 'integer'"),
        ("recommendations", "themes", ["a", "a"], "recommendations/0/themes: ['a', 'a'] has non-unique elements"),
        (
            "documents",
            "kind",
            "leaflet",
            "documents/0/kind: 'leaflet' is not one of ['highlights', 'concept-note', 'report', 'conclusions']",
        ),
    ],
)
def test_the_json_schema_rejects_what_the_loader_rejects(
    table: str, column: str, value: Any, message: str, seed: Seed
) -> None:
    objects = copy.deepcopy(records_as_objects(seed))
    objects[table][0][column] = value
    assert says(objects) == [message]


def test_the_json_schema_refuses_an_unknown_table() -> None:
    assert says({"themez": []}) == [": Additional properties are not allowed ('themez' was unexpected)"]


def test_the_json_schema_requires_the_required_columns() -> None:
    assert says({"themes": [{"id": "fog", "label": "Fog"}]}) == ["themes/0: 'scope_note' is a required property"]


def test_the_json_schema_describes_every_table_and_column() -> None:
    tables = json_schema()["properties"]
    assert list(tables) == ["extends", "document", "include", *TABLES]
    tables = {name: tables[name] for name in TABLES}
    assert tables["appearances"]["description"] == "One row is one person in one session in one role."
    assert tables["appearances"]["items"]["properties"]["person"]["description"] == "The person. An id of people."
    assert all(c["description"] for t in tables.values() for c in t["items"]["properties"].values())


def test_the_command_prints_the_json_schema(run: Run) -> None:
    done = run("schema")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == json_schema()


def test_the_command_writes_the_json_schema_to_a_file(run: Run, tmp_path: Path) -> None:
    done = run("schema", "-o", tmp_path / "seed.schema.json")
    assert (done.code, done.out) == (0, "")
    assert json.loads((tmp_path / "seed.schema.json").read_text(encoding="utf-8")) == json_schema()


def test_a_long_heading_or_address_may_be_written_in_parts() -> None:
    def parts(*names: str) -> dict[str, Any]:
        texts = {name: {"type": "string"} for name in names}
        return {"type": "object", "required": list(names), "additionalProperties": False, "properties": texts}

    columns = json_schema()["properties"]["publications"]["items"]["properties"]
    assert columns["section"]["anyOf"][0]["type"] == "string"
    assert columns["section"]["anyOf"][1] == parts("start", "end")
    assert columns["section"]["description"].endswith(" A long one may be split into start and end.")
    assert columns["url"]["anyOf"][1] == parts("site", "path")
    assert columns["url"]["anyOf"][0]["pattern"] == r"^(https?://)?[^\s/.]+\.\S+$"
    assert columns["url"]["description"].endswith(" A long address is split into site and path.")
    for value, fits in (
        ("Panel 1", True), ({"start": "A", "end": "B"}, True), ({"start": "A"}, False), (["A"], False),
        ({"start": "A", "end": "B", "c": "C"}, False),
    ):  # fmt: skip
        assert jsonschema.Draft7Validator(columns["section"]).is_valid(value) == fits, value
    for value, fits in (
        ("https://a.example/b", True), ("nothing", False), ({"site": "https://a.example", "path": "/b"}, True),
        ({"path": "/b"}, False),
    ):  # fmt: skip
        assert jsonschema.Draft7Validator(columns["url"]).is_valid(value) == fits, value


def test_the_json_schema_lets_out_what_follows_from_an_id_or_a_file() -> None:
    tables = json_schema()["properties"]
    assert json_schema()["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert (tables["extends"]["enum"], tables["document"]["type"], tables["include"]["items"]) == (
        ["cthbkb"], "string", {"type": "string"}
    )  # fmt: skip
    assert {name: tables[name]["items"]["required"] for name in ("recommendations", "themes", "thread_items")} == {
        "recommendations": ["id", "summary", "modality", "section"],
        "themes": ["id", "label", "scope_note"],
        "thread_items": ["thread", "item", "asks"],
    }
    themes = tables["recommendations"]["items"]["properties"]["themes"]
    assert {key: themes[key] for key in ("type", "uniqueItems", "items")} == {
        "type": "array", "uniqueItems": True, "items": {"type": "string"},
    }  # fmt: skip
    assert themes["description"].endswith(" An id of themes.")
    listed = [c for t in TABLES for c in tables[t]["items"]["properties"].values() if c.get("type") == "array"]
    assert any("enum" in c["items"] for c in listed)


def test_a_dash_is_stdout_for_the_schema_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("schema", "-o", "-").out == run("schema").out
    assert list(tmp_path.glob("-")) == []
    assert run("schema").out.startswith('{\n  "$schema": "http')
    assert run("schema").out.endswith("}\n")
    done = run("schema", "-o", "s.json")
    assert done.err == "wrote the schema to s.json\n"
