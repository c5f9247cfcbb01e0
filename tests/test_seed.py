"""The loader reads what was typed, or rejects it with line and column; it reads back what the dump writes."""

from __future__ import annotations

import dataclasses
import random
import re
import string
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import each
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cthbkb import seed as seeds
from cthbkb.errors import Failure
from cthbkb.model import (
    TABLES,
    Instrument,
    Person,
    Publication,
    Recommendation,
    Record,
    Statistic,
    Theme,
    Thread,
    columns_of,
)
from cthbkb.problems import SeedError
from cthbkb.seed import FORBIDDEN, dump, load, parse

HEAD = b"themes:\n  - id: fog\n    scope_note: Horns.\n    label: "
COLUMNS = f"; write one of: {', '.join(c.name for c in columns_of(Theme))}"
TOP = "expected a mapping of tables, such as `themes:`"


def problems(data: bytes) -> list[str]:
    """Return the problems that the loader reports for a seed."""
    try:
        parse(data, "seed.yaml")
    except SeedError as error:
        return [str(problem) for problem in error.problems]
    return []


def label(value: bytes) -> str:
    """Return the text that the loader reads from a value."""
    (theme,) = parse(HEAD + value + b"\n", "seed.yaml").records["themes"]
    assert isinstance(theme, Theme)
    return theme.label


# Values that YAML would interpret


@each(
    "typed",
    ["2020-13-45", "2020-02-30", "no", "on", "12:30", "010", "1_000", "1e3", "true", ".inf", "0x1F", "=", "<<"],
)
def test_a_plain_value_of_a_text_column_is_the_text_that_was_typed(typed: str) -> None:
    assert label(typed.encode()) == typed


def test_a_number_of_five_thousand_digits_stays_text() -> None:
    assert label(b"9" * 5000) == "9" * 5000


@pytest.mark.parametrize("typed", ["null", "~", "Null", "NULL", "", "''", "' '"])
def test_an_empty_value_is_refused(typed: str) -> None:
    assert problems(HEAD + typed.encode() + b"\n") == [
        f"seed.yaml:4:{12 if typed else 11}: themes fog: label: is empty; omit an unknown value"
    ]


@pytest.mark.parametrize("typed", ["null", "~"])
def test_a_quoted_null_is_a_text(typed: str) -> None:
    assert label(f"'{typed}'".encode()) == typed


def test_spaces_around_a_value_are_refused() -> None:
    assert problems(HEAD + b"' fog '\n") == ["seed.yaml:4:12: themes fog: label: begins or ends with a space"]


@pytest.mark.parametrize("tag", ["int", "bool", "timestamp", "str", "python/object:os.system"])
def test_a_tag_is_refused(tag: str) -> None:
    assert problems(HEAD + f"!!{tag} foo\n".encode()) == [f"seed.yaml:4:12: tag tag:yaml.org,2002:{tag} is not allowed"]


@each("typed", ["12.5", "12,5", "twelve", "1_000", "0x1F", "1e3", "+3", "٣", "9" * 16])
def test_a_number_is_whole_and_plain(typed: str) -> None:
    data = f"conferences:\n  - id: c\n    number: {typed}\n".encode()
    assert f"seed.yaml:3:13: conferences c: number: expected a whole number, not {typed!r}" in problems(data)


@pytest.mark.parametrize("typed", ["12,5", "1e3", ".5", "nan", ".inf", "--1"])
def test_a_figure_is_a_plain_number(typed: str) -> None:
    data = f"statistics:\n  - id: s\n    number: {typed}\n".encode()
    assert f"seed.yaml:3:13: statistics s: number: expected a plain number, not {typed!r}" in problems(data)


@pytest.mark.parametrize("typed", ["yes", "True", "1", "on"])
def test_a_flag_is_true_or_false(typed: str) -> None:
    data = f"people:\n  - id: p\n    pseudonym: {typed}\n".encode()
    assert f"seed.yaml:3:16: people p: pseudonym: expected true or false, not {typed!r}" in problems(data)


# Keys


def test_a_repeated_key_is_a_problem_with_both_lines() -> None:
    data = HEAD + b"a\n    label: b\n"
    assert problems(data) == ["seed.yaml:5:5: key 'label' is repeated; first on line 4"]


def test_a_repeated_table_is_a_problem_with_both_lines() -> None:
    data = HEAD + b"a\nthemes:\n  - id: b\n    label: b\n    scope_note: b\n"
    assert problems(data) == ["seed.yaml:5:1: key 'themes' is repeated; first on line 1"]


def test_repeated_keys_that_look_like_numbers_or_flags_are_problems() -> None:
    data = HEAD + b"a\n    1: x\n    1: y\n    true: x\n    true: y\n"
    assert problems(data) == [
        "seed.yaml:5:5: themes fog: unknown column '1'" + COLUMNS,
        "seed.yaml:6:5: key '1' is repeated; first on line 5",
        "seed.yaml:7:5: themes fog: unknown column 'true'" + COLUMNS,
        "seed.yaml:8:5: key 'true' is repeated; first on line 7",
    ]


def test_an_unknown_column_is_a_problem_with_a_suggestion() -> None:
    assert problems(HEAD + b"a\n    broder: x\n") == [
        "seed.yaml:5:5: themes fog: unknown column 'broder'; did you mean broader?"
    ]


def test_an_unknown_table_is_a_problem_with_a_suggestion() -> None:
    assert problems(b"themez: []\n") == ["seed.yaml:1:1: unknown table 'themez'; did you mean themes?"]


@pytest.mark.parametrize("key", ["[a]", "{a: b}"])
def test_a_key_is_a_word(key: str) -> None:
    assert problems(f"? {key}\n: b\n".encode()) == ["seed.yaml:1:3: a key must be a word"]


def test_a_missing_column_is_a_problem_of_the_record() -> None:
    assert problems(b"themes:\n  - id: fog\n    label: Fog\n") == ["seed.yaml:2:5: themes fog: scope_note is missing"]


def test_a_value_outside_a_vocabulary_is_a_problem_with_a_suggestion() -> None:
    data = b"sessions:\n  - id: s\n    conference: '2031'\n    year: 2031\n    type: pannel\n    title: T\n"
    data += b"    document: d\n    section: S\n"
    assert problems(data) == [
        "seed.yaml:5:11: sessions s: type: 'pannel' is not one of the allowed values; did you mean panel?"
    ]


def test_a_value_of_the_wrong_form_is_a_problem() -> None:
    data = HEAD.replace(b"id: fog", b"id: Fog Horn") + b"a\n"
    assert problems(data) == [
        "seed.yaml:2:9: themes Fog Horn: id: 'Fog Horn' is not an id: lower-case letters, digits and hyphens, "
        "such as 2023-p1-r3"
    ]


def test_a_list_is_a_list_of_different_texts() -> None:
    data = HEAD + b"a\n    alternative_labels: [mist, haze, mist]\n"
    assert problems(data) == ["seed.yaml:5:25: themes fog: alternative_labels: 'mist' occurs twice"]
    data = HEAD + b"a\n    alternative_labels: mist\n"
    assert problems(data) == ["seed.yaml:5:25: themes fog: alternative_labels: expected a list"]
    data = HEAD + b"a\n    alternative_labels: [[mist]]\n"
    assert problems(data) == ["seed.yaml:5:26: themes fog: alternative_labels: expected a single value"]


def test_a_long_list_takes_linear_time() -> None:
    started = time.process_time()
    problems(HEAD + b"a\n    alternative_labels: [" + b", ".join(b"t%d" % n for n in range(50_000)) + b"]\n")
    assert time.process_time() - started < 5


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    data = b"""\
themez: []
themes:
  - id: A
    lable: x
    broader: [y]
  - id: b
    label: ''
    scope_note: s
    alternative_labels: x
documents:
  - id: d
    kind: highlihts
    year: 20x
    url: nowhere
"""
    assert problems(data) == [
        "seed.yaml:1:1: unknown table 'themez'; did you mean themes?",
        "seed.yaml:3:5: themes A: label is missing",
        "seed.yaml:3:5: themes A: scope_note is missing",
        "seed.yaml:3:9: themes A: id: 'A' is not an id: lower-case letters, digits and hyphens, such as 2023-p1-r3",
        "seed.yaml:4:5: themes A: unknown column 'lable'; did you mean label?",
        "seed.yaml:5:14: themes A: broader: expected a single value",
        "seed.yaml:7:12: themes b: label: is empty; omit an unknown value",
        "seed.yaml:9:25: themes b: alternative_labels: expected a list",
        "seed.yaml:11:5: documents d: citation is missing",
        "seed.yaml:11:5: documents d: publisher is missing",
        "seed.yaml:11:5: documents d: title is missing",
        "seed.yaml:12:11: documents d: kind: 'highlihts' is not one of the allowed values; did you mean highlights?",
        "seed.yaml:13:11: documents d: year: expected a whole number, not '20x'",
        "seed.yaml:14:10: documents d: url: 'nowhere' is not an address, such as https://www.example.org/page",
    ]


def test_the_error_ends_with_the_number_of_problems() -> None:
    with pytest.raises(SeedError) as caught:
        parse(b"themez: []\nthreds: []\n", "seed.yaml")
    assert caught.value.message.splitlines()[-1] == "2 problems in the seed"
    with pytest.raises(SeedError) as caught:
        parse(b"themez: []\n", "seed.yaml")
    assert caught.value.message.splitlines()[-1] == "1 problem in the seed"


def test_a_problem_is_always_one_line() -> None:
    told = problems(b'themes:\n  - id: "a\\nseed.yaml:1:1: b"\n    colour: x\n    label: "c\\n\\rd "\n')
    assert told
    assert all(len(line.splitlines()) == 1 for line in told)


# Structure


@pytest.mark.parametrize(
    "nested",
    [HEAD + b"[" * 2_000, HEAD + b"[" * 100_000, b"themes:\n" + b"- " * 2_000, HEAD + b"{a: " * 2_000],
    ids=["lists", "a stack of lists", "items", "mappings"],
)
def test_deep_nesting_is_refused_where_it_becomes_deep(nested: bytes) -> None:
    (problem,) = problems(nested)
    assert re.fullmatch(r"seed\.yaml:\d:\d+: nested more than 8 levels deep", problem)


def test_anchors_and_aliases_are_refused_before_they_grow() -> None:
    laughs = b"a: &a [x, x]\n" + b"".join(b"b%d: &b%d [*a, *a]\n" % (n, n) for n in range(20))
    refused = "anchors and aliases are not allowed; write the value out"
    assert problems(laughs) == ["seed.yaml:1:1: unknown table 'a'", f"seed.yaml:1:4: {refused}"]
    assert problems(b"themes: &a []\n") == [f"seed.yaml:1:9: {refused}"]
    assert problems(b"themes: *a\n") == [f"seed.yaml:1:9: {refused}"]
    assert problems(b"&a themes: []\n") == [f"seed.yaml:1:1: {refused}"]
    assert problems(b"&a\nthemes: []\n") == [f"seed.yaml:1:1: {refused}"]
    assert problems(HEAD + b"&a x\n") == [f"seed.yaml:4:12: {refused}"]
    assert problems(b"themes:\n  - *a\n") == [f"seed.yaml:2:5: {refused}"]


def test_a_bomb_of_merge_keys_is_refused() -> None:
    bomb = b"m0: &m0 {k: v}\n" + b"".join(b"m%d: &m%d {<<: [*m%d]}\n" % (n, n, n - 1) for n in range(1, 20))
    assert problems(bomb)[-1] == "seed.yaml:1:5: anchors and aliases are not allowed; write the value out"


def test_a_merge_key_is_a_column_like_any_other_and_unknown() -> None:
    assert problems(HEAD + b"a\n    <<: {b: c}\n") == ["seed.yaml:5:5: themes fog: unknown column '<<'" + COLUMNS]


@pytest.mark.parametrize("data", [b"hello", b"- a", b"null", b"2020"])
def test_a_file_that_is_not_a_mapping_of_tables_is_refused(data: bytes) -> None:
    assert problems(data) == [f"seed.yaml:1:1: {TOP}"]


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n"])
def test_an_empty_file_is_reported_as_empty(data: bytes) -> None:
    assert problems(data) == ["seed.yaml:1:1: the file is empty; write a table, such as `themes:`"]


def test_a_second_document_is_refused() -> None:
    assert problems(b"themes: []\n---\nthemes: []\n") == [
        "seed.yaml:2:1: a second YAML document begins here; a seed has only one"
    ]


@pytest.mark.parametrize("value", [b"x", b"{a: b}", b"''"])
def test_a_table_is_a_list(value: bytes) -> None:
    assert problems(b"themes: " + value + b"\n") == ["seed.yaml:1:9: themes: expected a list of records"]


@pytest.mark.parametrize("value", [b"x", b"[x]"])
def test_a_record_is_a_mapping(value: bytes) -> None:
    assert problems(b"themes:\n  - " + value + b"\n") == [
        "seed.yaml:2:5: themes: expected a record: a mapping of columns"
    ]


def test_a_seed_without_records_is_a_seed() -> None:
    assert all(not records for records in parse(b"{}\n", "seed.yaml").records.values())


@pytest.mark.parametrize("quote", ["'", '"'])
def test_an_unclosed_quote_is_reported_where_it_starts(quote: str) -> None:
    (problem,) = problems(HEAD + f"{quote}never closed\n    broader: x\n".encode())
    assert problem.startswith("seed.yaml:4:12: ")


def test_a_colon_in_a_plain_value_is_reported_at_its_place() -> None:
    assert problems(HEAD + b"Fog: horns\n") == [
        "seed.yaml:4:15: a text contains a colon and a space; quote the text, or write it below `>-`"
    ]


# Characters


@each(
    "raw, point",
    [
        ("\0", "U+0000"), ("\x1b", "U+001B"), ("\x7f", "U+007F"), ("\x85", "U+0085"), ("\x9b", "U+009B"),
        ("\u2028", "U+2028"), ("\u202e", "U+202E"), ("\u2066", "U+2066"), ("\ufeff", "U+FEFF"), ("\uffff", "U+FFFF"),
    ],
)  # fmt: skip
def test_a_control_character_is_refused_by_name(raw: str, point: str) -> None:
    assert problems(HEAD + f"Fo{raw}g\n".encode()) == [f"seed.yaml:4:14: character {point} is not allowed in a text"]


@pytest.mark.parametrize(
    ("escape", "point"),
    [(r"\0", "U+0000"), (r"\e", "U+001B"), (r"\x9b", "U+009B"), (r"\r", "U+000D"), (r"\u202e", "U+202E")],
)
def test_an_escaped_control_character_is_refused_by_name(escape: str, point: str) -> None:
    (problem,) = problems(HEAD + f'"Fo{escape}g"\n'.encode())
    assert problem.startswith("seed.yaml:4:12: ")
    assert point in problem


def test_an_escaped_half_of_a_surrogate_pair_is_refused() -> None:
    (problem,) = problems(HEAD + rb'"\ud800"' + b"\n")
    assert problem.startswith("seed.yaml:4:1")


@pytest.mark.parametrize(("start", "name"), [(b"", "none"), (b"\xef\xbb\xbf", "a byte-order mark")])
def test_bytes_of_another_encoding_are_refused_with_their_place(start: bytes, name: str) -> None:
    assert problems(start + HEAD + b"\x93Fog\x94\n") == [
        "seed.yaml:4:12: not UTF-8 (byte 0x93); save the file as UTF-8"
    ], name


def test_the_place_of_bytes_of_another_encoding_is_counted_in_characters() -> None:
    assert problems(HEAD + "Łódź ".encode() + b"\xb3\n")[0].startswith("seed.yaml:4:17: not UTF-8")
    assert problems((HEAD + b"\xb3\n").replace(b"\n", b"\r"))[0].startswith("seed.yaml:4:12: not UTF-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_refused(encoding: str) -> None:
    (problem,) = problems((HEAD + b"a\n").decode().encode(encoding))
    assert problem.startswith("seed.yaml:1:1: ")


@pytest.mark.parametrize("newline", [b"\r\n", b"\r", b"\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_the_newlines_of_other_systems_are_read(start: bytes, newline: bytes) -> None:
    data = start + (HEAD + b"Fog\n").replace(b"\n", newline)
    assert problems(data) == []
    assert parse(data, "seed.yaml").records["themes"] == [Theme(id="fog", label="Fog", scope_note="Horns.")]


def test_a_seed_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "MAX_BYTES", 2_000_000)
    assert problems(b"# " * 1_000_001) == ["seed.yaml:1:1: larger than 2 MB"]
    (tmp_path / "seed.yaml").write_bytes(b"# " * 1_000_001)
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "seed.yaml")
    assert [str(problem) for problem in caught.value.problems] == [f"{tmp_path}/seed.yaml:1:1: larger than 2 MB"]


# Files


def test_a_seed_is_named_by_its_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"themez: []\n")
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "mine.yaml")
    assert str(caught.value.problems[0]).startswith(f"{tmp_path}/mine.yaml:1:1: ")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "mine.yaml")
    assert str(caught.value.problems[0]).startswith("mine.yaml:1:1: ")


@pytest.mark.parametrize(("name", "why"), [("none.yaml", "No such file or directory"), (".", "Is a directory")])
def test_a_seed_that_cannot_be_read_is_named(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(Failure) as caught:
        load(tmp_path / name)
    assert caught.value.message == f"cannot read {tmp_path / name}: {why}"
    assert caught.value.hint == "Name a YAML file such as data/seed.yaml."


def test_the_version_changes_with_the_content() -> None:
    versions = {parse(HEAD + text + b"\n", "seed.yaml").version for text in (b"a", b"b", b"a")}
    assert len(versions) == 2
    assert all(re.fullmatch("[0-9a-f]{10}", version) for version in versions)


def test_a_problem_knows_the_place_of_a_column_and_of_its_record(seed: seeds.Seed, seed_path: Path) -> None:
    lines = seed_path.read_text(encoding="utf-8").splitlines()
    index = [record.id for record in seed.records["statements"]].index("2033-tweet1")
    problem = seed.problem("statements", index, "date", "wrong")
    assert lines[problem.line - 1][: problem.col - 1] == "    date: "
    problem = seed.problem("statements", index, "speaker", "missing")
    assert lines[problem.line - 1] == "  - id: 2033-tweet1"
    assert str(problem) == f"{seed.path}:{problem.line}:5: statements 2033-tweet1: missing"


# The canonical form


def test_the_fabricated_seed_is_in_canonical_form(seed: seeds.Seed, seed_path: Path) -> None:
    assert dump(seed.records) == seed_path.read_text(encoding="utf-8")


def test_the_canonical_form_orders_tables_and_columns_and_quotes_ambiguous_values() -> None:
    data = b"""\
threads: [{summary: yes, id: a, label: 'no', themes: [fog, mist]}]
themes:
- {label: Fog, scope_note: "12:30", id: fog, alternative_labels: [Fog horns, "# 1", "Y"]}
- id: mist
  scope_note: 'It''s "wet": cold'
  label: '2031'
"""
    assert (
        dump(parse(data, "seed.yaml").records)
        == """\
themes:
  - id: fog
    label: Fog
    alternative_labels:
      - Fog horns
      - '# 1'
      - 'Y'
    scope_note: '12:30'

  - id: mist
    label: '2031'
    scope_note: 'It''s "wet": cold'

threads:
  - id: a
    label: 'no'
    themes: [fog, mist]
    summary: 'yes'
"""
    )


def test_the_canonical_form_keeps_an_optional_value_that_the_id_seems_to_imply() -> None:
    records = {
        "publications": [Publication(id="2031-p", title="T", kind="paper", year=2031, document="d", section="s")],
        "instruments": [Instrument(id="2031-i", name="N", kind="treaty", year=2031, document="d", section="s")],
        "statistics": [Statistic(id="2031-s", year=2031, value="v", what="w", document="d", section="s")],
    }
    assert dump(records).count("year: 2031") == 2  # a required value follows from the id, an optional one does not
    assert _again(records) == {name: records.get(name, []) for name in TABLES}


@each(
    "text",
    ["a, b", "a,b", "a: b", "a:", ":", "{a", "a}", "[a", "a]", "?a", "- a", "# a", "a #b", "'a", "no", "010", "a\nb"],
)
def test_a_reference_of_any_form_is_read_back_from_a_list(text: str) -> None:
    # a reference to nothing is a problem, but `check --fix` must not lose it
    records = {"threads": [Thread(id="t", label="T", themes=(text, "fog", "a, c"), summary="S.")]}
    assert _again(records)["threads"] == records["threads"]


def test_an_empty_seed_has_an_empty_canonical_form() -> None:
    assert dump({}) == ""


LONG = "https://www.tides.example/papers/2032/a-survey-of-night-work-in-harbours"


def test_a_long_address_is_split_into_site_and_path_and_joined_again() -> None:
    records = {"publications": [_publication(url=LONG)]}
    text = dump(records)
    site, _, path = LONG.partition("/papers")
    assert f"    url:\n      site: {site}\n      path: /papers{path}\n" in text
    assert _again(records)["publications"] == records["publications"]


def test_a_short_address_is_not_split() -> None:
    assert "    url: https://tides.example/s\n" in dump({"publications": [_publication(url="https://tides.example/s")]})


@pytest.mark.parametrize(
    "url",
    [
        "tides.example/a-b-c-d-e-f-g-h-i",
        "a.io/b-c-d-e-f-g-h-i",
        "tides.example?a-b-c-d-e-f-g-h-i",
        "https://a-b-c-d-e-f-g-h-i.example",
        "http://t.io/a-b-c-d-e-f-g-h-i",
    ],
)
def test_a_long_address_of_any_form_is_written_and_read_back(url: str) -> None:
    records = {"publications": [_publication(url=url)]}
    assert _again(records)["publications"] == records["publications"]


@pytest.mark.parametrize(
    "value", ["{site: https://a.example}", "{site: a.io, path: /b, more: c}", "{site: [a.io], path: /b}"]
)
def test_an_address_in_parts_is_a_site_and_a_path(value: str) -> None:
    data = f"publications:\n  - id: p\n    title: T\n    kind: paper\n    url: {value}\n".encode()
    data += b"    document: d\n    section: S\n"
    assert problems(data) == ["seed.yaml:5:10: publications p: url: expected a text, or its site and path"]


def test_an_address_in_parts_is_not_a_list_of_addresses() -> None:
    data = b"publications:\n  - id: p\n    title: T\n    kind: paper\n    other_urls: {site: https://a.io, path: /b}\n"
    data += b"    document: d\n    section: S\n"
    assert problems(data) == ["seed.yaml:5:17: publications p: other_urls: expected a list"]


@pytest.mark.parametrize("number", [0.00001, 0.000001, -0.00001, 123456789012345.0, 0.5, 0.0])
def test_a_number_is_read_back_as_written(number: float) -> None:
    records = {
        "statistics": [Statistic(id="s", year=2031, value="v", number=number, what="w", document="d", section="s")]
    }
    assert _again(records)["statistics"] == records["statistics"]


# Properties


def joined(pieces: Sequence[str], least: int, most: int, by: str = "") -> st.SearchStrategy[str]:
    """Join pieces that follow from one number, since Hypothesis needs long to draw each of them."""

    def made(number: int) -> str:
        draw = random.Random(number)
        return by.join(draw.choices(pieces, k=draw.randint(least, most)))

    return st.integers(0, 2**32).map(made)


MARKS = [
    ":", ": ", "#", " #", "- ", "-", "? ", "'", '"', "[sic]", "[/b]", "{", "}", ",", "|", ">", "%", "@", "&a", "*a",
    "!", "=", "\\", "~", "null", "no", "on", "12:30", "010", "1e3", "2031-06-10", "0x1F", "Łódź", "é", "e\u0301", "—",
    "🙂", "العربية", "word", " ", "two words", "...", "---", "\t", "<<",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=60),
    joined(MARKS, 1, 12),
    joined([": ", ":", " #", "'", '"', ",", ".", " b"], 1, 8).map("a{}".format),
    joined(["a", "bc", " ", "  ", ". ", ".", "! A", "? (", "“D", "#"], 40, 120),
).filter(lambda text: text == text.strip() != "" and not FORBIDDEN.search(text))
SLUGS = joined(["no", "y", "null", "010", "1e3", "0x1f", "2031", "06", "10", "fog", "b7", "lamplight"], 1, 4, by="-")
URLS = st.builds(
    lambda site, path: f"https://{site}.example/{path}", SLUGS, joined("Aa0z9._%?=&+~-/" + string.ascii_letters, 0, 72)
)
PLACES: dict[str, Any] = {"document": SLUGS, "section": TEXTS, "item": st.none() | TEXTS}


def several(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, unique=True, max_size=4).map(tuple)


RECORDS: dict[str, st.SearchStrategy[Record]] = {
    "people": st.builds(
        Person, id=SLUGS, name=TEXTS, sort_name=TEXTS, spellings=several(TEXTS),
        pseudonym=st.none() | st.booleans(), note=st.none() | TEXTS, **PLACES,
    ),
    "themes": st.builds(
        Theme, id=SLUGS, label=TEXTS, alternative_labels=several(TEXTS), scope_note=TEXTS, broader=st.none() | SLUGS
    ),
    "recommendations": st.builds(
        Recommendation, id=SLUGS, session=SLUGS, year=st.integers(-9999, 9999),
        kind=st.sampled_from(["recommendation", "goal"]), number=st.from_regex(r"[0-9]{1,3}[a-z]?", fullmatch=True),
        heading=st.none() | TEXTS, summary=TEXTS, themes=several(SLUGS), addressees=several(SLUGS),
        affected=several(SLUGS), modality=st.sampled_from(["must", "statement"]), keywords=several(TEXTS), **PLACES,
    ),
    "statistics": st.builds(
        Statistic, id=SLUGS, year=st.integers(0, 9999), value=TEXTS,
        number=st.none() | st.integers(-(10**12), 10**12).map(lambda n: n / 1000), what=TEXTS, **PLACES,
    ),
    "publications": st.builds(
        Publication, id=SLUGS, title=TEXTS, kind=st.sampled_from(["paper", "video"]), url=st.none() | URLS,
        other_urls=several(URLS), **PLACES,
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", RECORDS)
@settings(max_examples=30)
@given(st.data())
def test_dump_after_load_is_identity(table: str, data: st.DataObject) -> None:
    records = {table: data.draw(st.lists(RECORDS[table], min_size=1, max_size=2))}
    assert _again(records) == {name: records.get(name, []) for name in TABLES}


@settings(max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=4).map("\n".join))
def test_a_text_of_several_lines_is_read_back(text: str) -> None:
    records = {"themes": [Theme(id="fog", label=text, scope_note="s")]}
    assert "\n" not in text or len(dump(records).splitlines()) == 4
    assert _again(records)["themes"] == records["themes"]


@given(st.binary(max_size=200))
@example(b"{")
@example(b"a: @")
def test_any_bytes_are_read_or_refused_with_line_and_column(data: bytes) -> None:
    for problem in problems(data):
        assert re.match(r"seed\.yaml:\d+:\d+: .", problem)


@given(st.data())
def test_a_damaged_seed_is_read_or_refused_with_line_and_column(data: st.DataObject) -> None:
    whole = HEAD + b"Fog\n    alternative_labels: [mist, 'sea fog']\n    broader: null\n"
    at = data.draw(st.integers(0, len(whole)))
    until = data.draw(st.integers(at, min(len(whole), at + 6)))
    inserted = data.draw(
        st.sampled_from([b"", b"\n", b"'", b'"', b"[", b"{", b"- ", b": ", b"\t", b"\0", b"\xff", b"&a ", b"!!"])
    )
    for problem in problems(whole[:at] + inserted + whole[until:]):
        assert re.match(r"seed\.yaml:\d+:\d+: .", problem)


def _publication(url: str) -> Publication:
    return Publication(id="p", title="T", kind="paper", url=url, document="d", section="s")


def _again(records: Mapping[str, Sequence[Record]]) -> Mapping[str, Sequence[Record]]:
    text = dump(records)
    return parse((text or "{}").encode("utf-8"), "seed.yaml").records


# Limits, and thresholds of the canonical form


def test_a_seed_has_size_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (seeds.MAX_TEXT, seeds.MAX_VALUES) == (20_000, 10_000)
    monkeypatch.setattr(seeds, "MAX_VALUES", 1_000)
    assert problems(HEAD + b"x" * seeds.MAX_TEXT) == []
    assert problems(HEAD + b"x" * (seeds.MAX_TEXT + 1)) == [
        "seed.yaml:4:12: themes fog: label: longer than 20,000 characters"
    ]
    most = [f"t{n}" for n in range(seeds.MAX_VALUES + 1)]
    assert problems(HEAD + f"a\n    alternative_labels: [{', '.join(most[:-1])}]\n".encode()) == []
    (said,) = problems(HEAD + f"a\n    alternative_labels: [{', '.join(most)}]\n".encode())
    assert said.endswith(": more than 1,000 values in one list")
    (said,) = problems(HEAD + "".join(["a\n", *(f"    {name}: x\n" for name in most)]).encode())[-1:]
    assert said.endswith(": more than 1,000 keys in one mapping")


def test_a_document_missing_in_few_records_is_reported_for_each() -> None:
    record = "  - id: 2041-p1-s{}\n    summary: a\n    modality: must\n    section: b\n"
    found = {
        n: problems(("recommendations:\n" + "".join(map(record.format, range(1, n + 1)))).encode()) for n in (3, 4)
    }
    assert [said.partition(": document")[0] for said in found[3]] == [
        f"seed.yaml:{line}:5: recommendations 2041-p1-s{n}" for n, line in ((1, 2), (2, 6), (3, 10))
    ]
    assert found[4] == [
        "seed.yaml:1:1: document is missing in 4 records; add one line at the top of the file: `document: ID`"
    ]


FIRST_LINES = {
    b"document: A B\n": ["seed.yaml:1:11: document: 'A B' is not an id: lower-case letters, digits and hyphens, "
                         "such as 2023-p1-r3"],
    b"extends: x\n": ["seed.yaml:1:10: extends: only 'cthbkb', the packaged records, can be extended"],
    b"include: a\n": ["seed.yaml:1:10: include: expected a list"],
    b"include: [a, a]\n": ["seed.yaml:1:10: include: 'a' occurs twice"],
    b"documnt: a\n": ["seed.yaml:1:1: unknown table 'documnt'; did you mean document or documents?"],
    b"# vim: set\n": [],
    b"# -*- coding: utf-8 -*-\n": [],
    b"# vim: set\n# more\n": [
        'seed.yaml:2:1: a comment ("# more"); a seed cannot keep comments: put it into a `note`'
    ],
    b"themes: [] # 0123456789012345678901234567890123456\n": [
        'seed.yaml:1:12: a comment ("# 0123456789012345678901234567890123456"); a seed cannot keep comments: '
        "quote the text if this is part of it, otherwise put it into a `note`"
    ],
    b"themes: [] # 01234567890123456789012345678901234567\n": [
        'seed.yaml:1:12: a comment ("# 01234567890123456789012345678901234567"); a seed cannot keep comments: '
        "quote the text if this is part of it, otherwise put it into a `note`"
    ],
    b"themes: [] # 012345678901234567890123456789012345678\n": [
        'seed.yaml:1:12: a comment ("# 0123456789012345678901234567890123456\u2026"); a seed cannot keep comments: '
        "quote the text if this is part of it, otherwise put it into a `note`"
    ],
}  # fmt: skip


def test_problems_in_the_head_of_a_seed_are_reported() -> None:
    for head, said in FIRST_LINES.items():
        assert problems(head if b"themes" in head else head + b"themes: []\n") == said, head


def test_the_canonical_form_splits_long_addresses_and_headings() -> None:
    def lines(**values: Any) -> list[str]:
        made = _publication("https://t.io")
        return dump({"publications": [dataclasses.replace(made, **values)]}).rstrip("\n").split("\n")[4:]

    place = ["    document: d", "    section: s"]
    assert lines(url="https://a.b/1-2-3-4-5") == ["    url: https://a.b/1-2-3-4-5", *place]
    assert lines(url="https://a.b/1-2-3-4-5-6") == [
        "    url:", "      site: https://a.b", "      path: /1-2-3-4-5-6", *place,
    ]  # fmt: skip
    assert lines(url="https://t.io", section="A B C D E F G H")[-1] == "    section: A B C D E F G H"
    assert lines(section="A B C D E F G H I")[-3:] == ["    section:", "      start: A B C D", "      end: E F G H I"]
    assert lines(section="A b C D E F G H I")[-1] == "    section: A b C D E F G H I"
    for text, written in (
        ("One. " + "x" * 75, ["    summary: One. " + "x" * 75]),
        ("One. " + "x" * 76, ["    summary: >-", "      One.", "      " + "x" * 76]),
        ("x" * 99, ["    summary: " + "x" * 99]),
        (
            f"{'x' * 80}. Mr. X said. No. 5 is U.S. Not so… \u201cYes\u201d (no). 5 more",
            ["    summary: >-", f"      {'x' * 80}.", "      Mr. X said.", "      No. 5 is U.S. Not so…",
             "      \u201cYes\u201d (no).", "      5 more"],
        ),
    ):  # fmt: skip
        assert lines(summary=text)[1 : -len(place)] == written


def test_items_of_several_files_are_in_the_order_of_the_programme(tmp_path: Path) -> None:
    """Abbreviations are in the order of their ids; a number is read as a number; other records keep their order."""
    place = "document: d, section: s}"
    (tmp_path / "a.yaml").write_text(
        "sessions:\n  - {id: 2041-p1, type: panel, title: A, " + place + "\n  - {id: 2041-p2, type: panel, title: B, "
        + place + "\nabbreviations:\n  - {id: b, short: B, long: b, " + place + "\nrecommendations:\n"
        "  - {id: 2041-p2-r1, summary: a, modality: must, themes: [t], " + place
        + "\n  - {id: 2041-p1-r2, summary: a, modality: must, themes: [t], " + place
        + "\n  - {id: 2041-p1-r10, summary: a, modality: must, themes: [t], " + place
        + "\nthemes:\n  - {id: z, label: Z, scope_note: Z.}\n", encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "b.yaml").write_text(
        "recommendations:\n  - {id: 2041-p1-o1, summary: a, modality: must, themes: [t], " + place
        + "\n  - {id: 2041-p1-r2a, summary: a, modality: must, themes: [t], " + place
        + "\n  - {id: 2041-p1-r1, summary: a, modality: must, themes: [t], " + place
        + "\nabbreviations:\n  - {id: a, short: A, long: a, " + place
        + "\nthemes:\n  - {id: a, label: A, scope_note: A.}\n", encoding="utf-8",
    )  # fmt: skip
    found = load(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert [r.id for r in found.records["recommendations"]] == [
        "2041-p1-r1", "2041-p1-r2", "2041-p1-r2a", "2041-p1-r10", "2041-p1-o1", "2041-p2-r1",
    ]  # fmt: skip
    assert [r.id for r in found.records["abbreviations"]] == ["a", "b"]
    assert [r.id for r in found.records["themes"]] == ["z", "a"]
    assert [found.place("abbreviations", n)[0] for n in (0, 1)] == [str(tmp_path / f"{n}.yaml") for n in "ba"]


@pytest.mark.parametrize(
    ("bound", "most", "said"),
    [
        ("MAX_RECORDS", 4, "b.yaml:2:5: more than 4 records in the seed"),
        ("MAX_PARTS", 48, "c.yaml:4:17: more than 48 keys and values in the seed"),
    ],
)
def test_the_records_and_values_of_a_seed_and_its_files_are_counted(
    bound: str, most: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        rows = "".join(f"  - id: {name}{n}\n    label: {name}{n}\n    scope_note: A.\n\n" for n in range(2))
        (tmp_path / f"{name}.yaml").write_text(f"themes:\n{rows}", encoding="utf-8")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, b.yaml]\n", encoding="utf-8")
    monkeypatch.setattr(seeds, "MAX_RECORDS", 4)
    assert len(load(tmp_path / "seed.yaml").records.themes) == 4
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, c.yaml, b.yaml, none.yaml]\n", encoding="utf-8")
    monkeypatch.setattr(seeds, "MAX_RECORDS", 100)
    monkeypatch.setattr(seeds, bound, most)
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "seed.yaml")
    assert [str(problem) for problem in caught.value.problems] == [f"{tmp_path}/{said}"]


def test_a_seed_includes_so_many_files_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text("themes: []\n", encoding="utf-8")
    monkeypatch.setattr(seeds, "MAX_FILES", 2)
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, b.yaml]\n", encoding="utf-8")
    load(tmp_path / "seed.yaml")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, b.yaml, c.yaml]\n", encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "seed.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        f"{tmp_path}/seed.yaml:1:1: include: more than 2 files"
    ]


def test_included_files_count_towards_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeds, "MAX_BYTES", 1_000_000)
    (tmp_path / "a.yaml").write_text("themes: []\n" + " " * 600_000 + "\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("themes: []\n" + " " * 600_000 + "\n", encoding="utf-8")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml]\n", encoding="utf-8")
    load(tmp_path / "seed.yaml")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml]\n" + "#" * 600_000 + "\n", encoding="utf-8")
    with pytest.raises(SeedError):
        load(tmp_path / "seed.yaml")
    (tmp_path / "seed.yaml").write_text("include: [a.yaml, b.yaml]\n", encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        load(tmp_path / "seed.yaml")
    assert (
        str(caught.value.problems[-1]) == f"{tmp_path}/seed.yaml:1:1: larger than 1 MB with the files that it includes"
    )
