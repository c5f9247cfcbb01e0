"""Complete answers of every listing, record type, comparison and search, as reviewed.

If a test fails because an answer was changed on purpose, run `make expected`, read the diff, and commit it with the
change.
"""

from __future__ import annotations

from pathlib import Path

import expected
import pytest
from conftest import each
from expected import read

from cthbkb.record import LISTS
from cthbkb.registry import SHOWN, TABLES

CASES = {f"{case.group}/{case.name}": case for case in expected.cases()}


@each("name", CASES)
def test_the_answer_is_as_it_was_read_in_review(name: str, database: Path) -> None:
    case = CASES[name]
    for file, text in expected.texts(case, database).items():
        assert text == read(f"{case.group}/{file}"), f"{file}: make expected, and read the difference"


@pytest.mark.parametrize("name", expected.WHOLE)
def test_the_file_is_as_it_was_read_in_review(name: str, database: Path) -> None:
    assert expected.WHOLE[name](database) == read(name)


def test_there_is_no_unused_expected_answer() -> None:
    wanted = {f"{case.group}/{file}" for case in CASES.values() for file in case.files} | {
        *expected.WHOLE,
        *expected.ELSEWHERE,
    }
    assert {str(path.relative_to(expected.FOLDER)) for path in expected.FOLDER.rglob("*") if path.is_file()} == wanted


@each("table", SHOWN)
def test_every_part_that_is_linked_occurs_in_an_expected_record(table: str) -> None:
    """If a part is missing, add it to the fabricated seed, and its record to `expected.SHOWN`."""
    listing = TABLES[table].listing
    name = listing.name if listing else table
    parts = {line.partition(",")[0] for line in read(f"show/{name}.csv").splitlines()} - {"part", "record"}
    assert parts == {*TABLES[table].related, *(() if listing else (LISTS,))}
