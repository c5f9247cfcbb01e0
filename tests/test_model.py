"""The model is the only definition: its tables, its columns, and their descriptions."""

from __future__ import annotations

import dataclasses
import re

import pytest
from conftest import each

from cthbkb import scales
from cthbkb.model import (
    DATE,
    FINGERPRINT,
    FORMS,
    LABEL,
    NUMBER,
    SLUG,
    TABLES,
    TIME,
    URL,
    Addressee,
    AffectedGroup,
    Appearance,
    Modality,
    Move,
    Person,
    Recommendation,
    Record,
    Records,
    Session,
    Statistic,
    Theme,
    Topic,
    columns_of,
    implied_id,
)

COLUMNS = [(table, column) for table, type_ in TABLES.items() for column in columns_of(type_)]


def test_the_tables_are_in_the_order_of_the_seed() -> None:
    assert " ".join(TABLES) == (
        "documents conferences sessions people organizations countries appearances themes addressees affected_groups "
        "threads recommendations thread_items moves topics distinctions statistics instruments publications citations "
        "statements activities commitments discrepancies abbreviations expansions search_terms "
        "expected_counts fingerprints"
    )


def test_the_columns_of_the_place_come_last() -> None:
    assert [column.name for column in columns_of(Person)] == [
        "id", "name", "sort_name", "spellings", "pseudonym", "distinct_from", "note", "document", "section", "item",
    ]  # fmt: skip


def test_a_record_without_a_place_has_only_its_own_columns() -> None:
    assert [column.name for column in columns_of(Theme)] == [
        "id", "label", "alternative_labels", "labels", "scope_note", "broader", "since",
    ]  # fmt: skip


@each("table", TABLES)
def test_every_table_begins_with_the_id(table: str) -> None:
    first = columns_of(TABLES[table])[0]
    assert (first.name, first.type, first.required) == ("id", "str", True)


def test_every_reference_names_a_table() -> None:
    assert {column.ref for _, column in COLUMNS if column.ref} <= set(TABLES)


def test_every_column_has_a_type_that_the_tables_support() -> None:
    assert {column.type for _, column in COLUMNS} == {"str", "int", "float", "bool", "list"}


@pytest.mark.parametrize(
    ("name", "type"),
    [("order", "int"), ("survivor", "bool"), ("also_printed", "list"), ("position", "str"), ("person", "str")],
)
def test_the_type_of_a_column_is_the_type_of_its_field(name: str, type: str) -> None:
    (column,) = [column for column in columns_of(Appearance) if column.name == name]
    assert column.type == type


def test_a_list_is_never_required() -> None:
    assert [(t, c.name) for t, c in COLUMNS if c.type == "list" and c.required] == []


def test_a_reserved_column_name_differs_only_in_the_record() -> None:
    (column,) = [column for column in columns_of(Move) if column.name == "from"]
    assert column.attribute == "from_"
    assert [c.name for _, c in COLUMNS if c.attribute != c.name] == ["from"]


def test_an_id_follows_from_the_columns_that_make_it() -> None:
    assert implied_id(Move, {"thread": "fog", "from_": "2031", "to": "2033"}) == "fog-2031-2033"
    assert implied_id(Move, {"thread": "fog", "from_": "2031"}) == ""
    assert implied_id(Theme, {"label": "Fog"}) == ""


def test_every_table_and_column_has_a_description() -> None:
    assert [name for name, type_ in TABLES.items() if not type_.about] == []
    assert [(table, column.name) for table, column in COLUMNS if not column.doc.endswith(".")] == []


def test_every_form_is_a_pattern() -> None:
    for _, column in COLUMNS:
        re.compile(column.pattern)


def test_the_vocabulary_of_a_column_is_in_the_order_of_the_model() -> None:
    columns = {column.name: column.options for column in columns_of(Recommendation)}
    assert columns["modality"] == (
        "must", "imperative", "should", "need", "encourage", "invite", "consider", "essential", "can", "statement",
    )  # fmt: skip


def test_every_word_of_a_scale_is_explained_in_its_order() -> None:
    changes = next(column.options for column in columns_of(Move) if column.name == "changes")
    assert (tuple(scales.FORCES), tuple(scales.CHANGES)) == (tuple(Modality), changes)


def test_a_record_cannot_be_changed() -> None:
    theme = Theme(id="fog", label="Fog", scope_note="Horns.")
    with pytest.raises(dataclasses.FrozenInstanceError):
        theme.label = "Mist"  # type: ignore[misc]  # this is what is tested


def test_an_unknown_value_is_none_or_an_empty_list() -> None:
    theme = Theme(id="fog", label="Fog", scope_note="Horns.")
    assert (theme.broader, theme.alternative_labels) == (None, ())


def test_a_record_requires_its_required_columns() -> None:
    with pytest.raises(TypeError, match="label"):
        Theme(id="fog", scope_note="Horns.")  # type: ignore[call-arg]  # this is what is tested


def test_a_collection_of_records_is_a_table_by_name() -> None:
    theme = Theme(id="fog", label="Fog", scope_note="Horns.")
    records = Records({"themes": [theme]})
    assert records.themes == records["themes"] == [theme]
    assert (records.people, list(records), len(records)) == ((), list(TABLES), len(TABLES))
    with pytest.raises(KeyError, match="ships"):
        records["ships"]


def test_a_column_that_a_record_does_not_have_is_unknown() -> None:
    theme = Theme(id="fog", label="Fog", scope_note="Horns.")
    assert (theme.get("label"), theme.get("broader"), theme.get("kind")) == ("Fog", None, None)


def test_a_column_is_required_if_its_field_has_no_default() -> None:
    columns = {c.name: (c.type, c.required) for c in columns_of(Statistic)}
    assert columns["year"] == ("int", True)
    assert columns["number"] == ("float", False)
    assert columns["themes"] == ("list", False)
    assert columns["unit"] == ("str", False)
    assert {c.name: c.type for c in columns_of(Person)}["pseudonym"] == "bool"


FORMED = {
    TIME: ("sessions.planned_start sessions.planned_end sessions.held_start sessions.held_end statements.time"),
    DATE: (
        "conferences.planned_start conferences.planned_end conferences.held_start conferences.held_end "
        "sessions.planned_date sessions.held_date statements.date"
    ),
    URL: "documents.url conferences.url sessions.video publications.url publications.other_urls",
    LABEL: "themes.labels",
    NUMBER: "recommendations.number",
    FINGERPRINT: "fingerprints.passages",
}
"""Maps each form but that of an id to the columns that have it."""


def test_dates_times_and_addresses_have_a_form() -> None:
    found: dict[str, str] = {}
    for table, column in COLUMNS:
        if column.pattern and column.pattern != SLUG:
            found[column.pattern] = f"{found.get(column.pattern, '')} {table}.{column.name}".strip()
    assert found == FORMED
    of_ids = [f"{table}.{c.name}" for table, c in COLUMNS if c.pattern == SLUG and c.name != "id"]
    assert of_ids == ["thread_items.item"]
    assert {column.pattern for _, column in COLUMNS} == {"", *FORMS}


@each(
    "pattern, valid, invalid",
    [
        (SLUG, "a 9 2031-p1-r2a a-1", "A a_b -a a- a--b é"),
        (DATE, "2031 2031-06 2031-06-10", "31 203 20310 2031-6 2031-06-1 2031-06-10-1 06-10 2031-06-10T10:00"),
        (TIME, "09:30 24:75", "9:30 09:3 0930 09.30 09:30:00"),
        (URL, "https://a.io http://a.io/b a.io/b www.a.io", "https:// a /a.io .io a. ftp:/a.io"),
        (NUMBER, "1 1234 3a 1234z", "12345 3ab a 3A 0x1"),
        (LABEL, "de:_Amt_und_Würde abc:_x", "de:Amt de_Amt d:_Amt abcd:_Amt DE:_Amt de:__Amt"),
        (
            FINGERPRINT,
            "a-1_26_0:vownrnkp a_19+10+8_-3:ymajg2ep_7:wdky6kk6_=zqukaw5e a_1234_0:vownrnkp",
            "a_26 a_26_0:vownrnk a_26_0:vownrnk1 a_26_0:vownrnkp_zqukaw5e a_19+10_0:vownrnkp a_12345_0:vownrnkp",
        ),
    ],
)
def test_a_form_accepts_valid_texts_and_no_others(pattern: str, valid: str, invalid: str) -> None:
    texts = {text.replace("_", " ") for text in (valid + " " + invalid).split()} - {"a b"} | {"", "a b.io c"}
    accepted = {text for text in texts if re.fullmatch(pattern, text)}
    assert accepted == {text.replace("_", " ") for text in valid.split()}


@each(
    "type_, id, implied",
    [
        (Theme, "2031-fog", {"year": 2031}),
        (Theme, "20311-fog", {}),
        (Theme, "fog-2031", {}),
        (Session, "2031-p1", {"conference": "2031", "year": 2031}),
        (Session, "2031b-p1", {"conference": "2031b", "year": 2031}),
        (Appearance, "2031-p1-tom-reed", {"session": "2031-p1", "person": "tom-reed"}),
        (Appearance, "2031-p1", {}),
        (Topic, "2031-p1-topic1", {"session": "2031-p1"}),
        (Topic, "topic1", {}),
        (
            Recommendation, "2031-p1-r12a",
            {"session": "2031-p1", "kind": "recommendation", "number": "12a", "year": 2031},
        ),
        (Recommendation, "2031-p1-z1", {"year": 2031}),
        (Recommendation, "2031-p1-r", {"year": 2031}),
        (Recommendation, "intro-o2", {"session": "intro", "kind": "observation", "number": "2"}),
    ],
)  # fmt: skip
def test_an_id_implies_values(type_: type[Record], id: str, implied: dict[str, object]) -> None:
    assert dict(type_.implied(id)) == implied


def test_records_are_equal_if_type_and_values_are() -> None:
    made = {"id": "fog", "label": "Fog"}
    assert Theme(**made, scope_note="Horns.") == Theme(**made, scope_note="Horns.")
    assert Theme(**made, scope_note="Horns.") != Theme(**made, scope_note="Bells.")
    assert Addressee(**made) != AffectedGroup(**made)
    assert repr(Addressee(**made)) == "Addressee(id='fog', label='Fog', alternative_labels=())"
