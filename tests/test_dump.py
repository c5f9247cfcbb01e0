"""Exported tables: filtered like a listing, in print order, with references that resolve."""

from __future__ import annotations

import json
import sqlite3

import pytest

from cthbkb import dump
from cthbkb.columns import items
from cthbkb.dump import Bundle, Dump, Field, tables
from cthbkb.errors import UsageError

NO_ORIGIN = None


def bundle(db: sqlite3.Connection, *names: str, links: bool = True, **criteria: list[str]) -> Bundle:
    return Bundle(db, NO_ORIGIN, names, criteria, links)  # type: ignore[arg-type]  # not used here


def test_filters_apply_to_a_table_and_its_links_but_not_to_tables_without_them(db: sqlite3.Connection) -> None:
    wanted = [
        (id_, themes, addressees)
        for id_, year, themes, addressees in db.execute(
            "select id, year, themes, addressees from recommendations order by seq"
        )
        if year == 2031 and "lighthouses" in items(themes)
    ]
    assert len(wanted) > 3
    made = bundle(
        db, "recommendations", "recommendations_themes", "recommendations_addressees", "addressees",
        year=["2031"], theme=["lighthouses"],
    )  # fmt: skip
    found = {table.name: table for table in made.tables}
    assert [row[0] for row in found["recommendations"].rows()] == [id_ for id_, *_ in wanted]
    for at, name in ((1, "themes"), (2, "addressees")):
        table = found[f"recommendations_{name}"]
        pairs = [(row[0], value) for row in wanted for value in items(row[at])]
        assert sorted(map(tuple, table.rows())) == sorted(pairs)
        assert table.count() == len(pairs)
        assert (table.owner, table.about) == (
            "recommendations", f"One row per value in {name} of a record in recommendations."
        )  # fmt: skip
        assert [f.name for f in table.fields] == ["recommendations", name]
        assert all(f.required for f in table.fields)
        assert [f.ref for f in table.fields] == ["recommendations", name]
    assert [found[name].narrowed for name in found] == [True, True, True, False]
    assert found["addressees"].count() == db.execute("select count(*) from addressees").fetchone()[0]


def test_a_reference_resolves_if_its_table_is_exported_completely(db: sqlite3.Connection) -> None:
    def sure(made: Bundle) -> dict[str, list[str]]:
        return {table.name: [field.name for field in made.foreign(table)] for table in made.tables}

    names = ("recommendations", "recommendations_themes", "sessions", "themes")
    assert sure(bundle(db, *names)) == {
        "recommendations": ["session", "illustrates"], "recommendations_themes": ["recommendations", "themes"],
        "sessions": [], "themes": ["broader"],
    }  # fmt: skip
    assert sure(bundle(db, *names, year=["2031"])) == {
        "recommendations": [], "recommendations_themes": ["recommendations"], "sessions": [], "themes": [],
    }  # fmt: skip


def test_the_tables_are_those_of_records_and_their_links(db: sqlite3.Connection) -> None:
    assert [table.name for table in bundle(db).tables] == tables()
    assert [table.name for table in bundle(db, links=False).tables] == [
        t for t in tables() if not Dump(db, t, {}).owner
    ]
    assert [table.name for table in bundle(db, "themes", "recommendations_themes", links=False).tables] == [
        "themes", "recommendations_themes",
    ]  # fmt: skip
    with pytest.raises(UsageError) as raised:
        bundle(db, "theme")
    assert raised.value.message == "unknown table 'theme'"


def test_progress_is_reported_every_few_rows(db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "SOME", 4)
    made = bundle(db, "themes", "recommendations")
    heard: list[int] = []
    assert made.written == 0
    themes, recommendations = made.tables
    list(made.rows(themes))
    made.tick = heard.append
    rows = list(made.rows(recommendations))
    assert heard == [4] * (len(rows) // 4)
    assert made.written == len(rows) + db.execute("select count(*) from themes").fetchone()[0]


def test_a_field_distinguishes_prose_from_other_texts() -> None:
    def holds(name: str, type: str) -> str:
        return Field(name, type, "").col.holds

    assert {(n, t): holds(n, t) for n, t in (("summary", "str"), ("id", "str"), ("summary", "list"), ("x", "int"),
            ("x", "float"), ("x", "bool"))} == {
        ("summary", "str"): "prose", ("id", "str"): "text", ("summary", "list"): "list", ("x", "int"): "number",
        ("x", "float"): "number", ("x", "bool"): "flag",
    }  # fmt: skip
    assert json.dumps(sorted({"summary", "gist", "scope_note"} & dump.PROSE)) == '["gist", "scope_note", "summary"]'
