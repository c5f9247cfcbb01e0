"""The description of the data: its scope in words, and every record counted once under its document."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from cthbkb import account
from cthbkb.registry import KINDS
from cthbkb.scales import CHANGES, FORCES


def test_about_counts_every_record_under_its_document(db: sqlite3.Connection) -> None:
    shown = account.account(db)
    fields = {col.name: str(cell) for col, cell in shown.fields}
    assert list(fields)[:3] == ["program", "data", "file"]
    assert list(fields)[3:] == [
        "reading", "own words", "place", "kinds", "asks", "speakers", "people", "disagreement", "limits",
    ]  # fmt: skip
    assert fields["file"] == db.execute("pragma database_list").fetchone()[2]
    assert fields["limits"].startswith(
        "The knowledge base covers 5 documents, on the conferences of 2031, 2033 and 2035 and on the year 2033; the"
    )
    linked = {part: [(str(name), str(text)) for name, text in found] for part, found in shown.linked.items()}
    assert linked["force of an item"] == list(FORCES.items())
    assert linked["change of an ask between two conferences"] == list(CHANGES.items())
    documents = db.execute("select id, citation, licence, disclaimer from documents order by seq").fetchall()
    assert linked["sources"] == [(id_, citation) for id_, citation, *_ in documents]
    assert linked["reuse, by the publisher"] == [(id_, licence) for id_, _, licence, _ in documents if licence]
    assert linked["disclaimer, by the publisher"] == [(id_, said) for id_, *_, said in documents if said]
    assert "your packs" not in linked
    words = {"citations": "instruments and publications cited"}
    tables = ("appearances", "statistics", "citations", "statements", "activities", "commitments")
    counted = Counter(
        (document, words.get(table, table))
        for table in tables
        for (document,) in db.execute(f"select document from {table}")
    )
    counted.update((d, f"recommendations: {k}") for d, k in db.execute("select document, kind from recommendations"))
    assert linked["counts"] == [(document, f"{what}: {n}") for (document, what), n in sorted(counted.items())]
    assert {kind for _, kind in db.execute("select id, kind from recommendations")} <= set(KINDS)


def test_a_document_may_have_terms_of_reuse_and_a_disclaimer(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        own.execute("update documents set licence = 'free', disclaimer = 'not ours' where id = '2033-highlights'")
        linked = account.account(own).linked
    assert ("2033-highlights", "free") in linked["reuse, by the publisher"]
    assert ("2033-highlights", "not ours") in linked["disclaimer, by the publisher"]


@pytest.fixture
def small() -> Iterator[sqlite3.Connection]:
    """A database with only documents and conferences, which is empty at first."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(
            "create table documents (year integer, conference text); create table conferences (year integer);"
        )
        yield db


def test_the_scope_of_the_data_is_described_in_a_phrase(small: sqlite3.Connection) -> None:
    cases: dict[tuple[tuple[int, ...], tuple[int, ...]], str] = {
        ((), ()): "0 documents",
        ((2031,), ()): "1 document, on the conference of 2031",
        ((2033, 2031, 2031), ()): "3 documents, on the conferences of 2031 and 2033",
        ((), (2032,)): "1 document, on the year 2032",
        ((2035, 2031, 2033), (2034, 2032, 2032)): (
            "6 documents, on the conferences of 2031, 2033 and 2035 and on the years 2032 and 2034"
        ),
    }
    made = {}
    for held, others in cases:
        small.executescript("delete from documents; delete from conferences")
        small.executemany("insert into conferences values (?)", [(year,) for year in held])
        small.executemany("insert into documents values (?, 'x')", [(year,) for year in held])
        small.executemany("insert into documents values (?, null)", [(year,) for year in others])
        made[held, others] = account.scope(small)
    small.close()
    assert made == cases


def test_words_are_joined_by_commas_and_a_final_and() -> None:
    assert [account.joined(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    assert [account._named("people", n) for n in (0, 1, 2)] == ["people", "person", "people"]
    assert account._named("affected_groups", 2) == "affected groups"
