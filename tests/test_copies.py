"""The fingerprints in the packaged data, and how well they find passages in copies of the documents.

The documents are not in the repository: `CTHBKB_SOURCES` names a folder with their texts, one `ID.txt` each.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import each, script
from variants import VARIANTS

from cthbkb import named
from cthbkb.copies import resolve
from cthbkb.copies.locate import SAID
from cthbkb.copies.prints import RUN, Index
from cthbkb.copies.readings import READINGS
from cthbkb.copies.verify import Source, verify
from cthbkb.copies.words import Copy

FOLDER = Path(os.environ.get("CTHBKB_SOURCES", "/nowhere"))
TEXTS = sorted(FOLDER.glob("20*.txt"))
needs_texts = pytest.mark.skipif(not TEXTS, reason="CTHBKB_SOURCES names no folder with the texts of the documents")


bench = script("bench/copies.py")
copy, passages = bench.copy, bench.passages


@pytest.fixture(scope="module")
def base(packaged: Path) -> Iterator[sqlite3.Connection]:
    with closing(named.connect(str(packaged))) as db:
        yield db


def test_every_item_figure_statement_and_appearance_has_a_fingerprint(base: sqlite3.Connection) -> None:
    have = {one.record for prints in resolve.fingerprints(base).values() for one in prints}
    for table in SAID:
        assert {id_ for (id_,) in base.execute(f"select id from {table}")} - have == set()


@needs_texts
def test_every_passage_is_found_word_for_word_in_the_texts(base: sqlite3.Connection) -> None:
    found = [p for path in TEXTS for p in passages(base, path).values()]
    assert [p.record for p in found if p.state != resolve.FOUND] == []
    assert len(found) == sum(map(len, resolve.fingerprints(base).values()))


@needs_texts
@each("number, variant", enumerate(VARIANTS))
def test_passages_are_found_in_other_copies_and_none_wrongly(
    base: sqlite3.Connection, tmp_path: Path, number: int, variant: str
) -> None:
    """Each variant is tried with one text, the hardest with the longest; `bench/copies.py` tries all with all."""
    longest = max(TEXTS, key=lambda path: path.stat().st_size)
    texts = [longest if "hyphenated in pages" in variant else TEXTS[number % len(TEXTS)]]
    states: Counter[str] = Counter()
    for counts, wrong in bench.tried(base, texts, bench.variant(variant, texts, tmp_path)):
        assert wrong == []
        states += counts
    assert states[resolve.FOUND] >= states.total() - 1 > 0, states


@needs_texts
def test_every_packaged_record_is_verified(base: sqlite3.Connection) -> None:
    sources = [Source(base, path.stem, copy(path), passages(base, path)) for path in TEXTS]
    verdicts = verify(base, sources)
    assert [(v.record, v.failed) for v in verdicts if v.state != "verified"] == []
    assert {v.record: v.open for v in verdicts if v.open} == {
        "2016-closing": ["title: 'Closing' is not printed"],
        "2020-opening": ["held_date: no day is printed beside it"],
    }
    for table in READINGS:
        (number,) = base.execute(f"select count(*) from {table}").fetchone()
        assert sum(v.table == table for v in verdicts) == number


@needs_texts
def test_adding_a_long_document_takes_a_few_seconds(base: sqlite3.Connection) -> None:
    """The five texts together have the words of a hundred pages."""
    lines = [(0, line) for path in TEXTS for line in path.read_text(encoding="utf-8").split("\n")]
    began = time.perf_counter()
    found = Copy(lines)
    prints = resolve.fingerprints(base)["2020-highlights"]
    resolve.passages(found, "2020-highlights", prints, resolve.sections(base, "2020-highlights"))
    assert time.perf_counter() - began < 5


@needs_texts
def test_no_sentence_of_another_document_has_the_hash_of_a_passage(base: sqlite3.Connection) -> None:
    """The same hash means the same words: over all runs and all sentences of the five texts there is no collision."""
    everything = Copy([line for path in TEXTS for line in copy(path).lines])
    for document, prints in resolve.fingerprints(base).items():
        index, words = Index(everything, document), everything.words
        own = Index(copy(FOLDER / f"{document}.txt"), document).places
        for hash in {hash for one in prints for _, hash in one.runs}:
            assert hash in own
            assert len({tuple(words[at : at + RUN]) for at in index.places[hash]}) == 1


@needs_texts
def test_a_text_of_one_document_is_not_taken_for_another(base: sqlite3.Connection) -> None:
    known = resolve.fingerprints(base)
    for path in TEXTS:
        others = {document: prints for document, prints in known.items() if document != path.stem}
        with pytest.raises(Exception, match="not a known document"):
            resolve.recognised(copy(path), others)


def test_the_data_contain_no_passage(base: sqlite3.Connection) -> None:
    """A fingerprint consists of the id of its record, numbers and hashes."""
    for prints in resolve.fingerprints(base).values():
        for one in prints:
            assert set(str(one).removeprefix(one.record)) <= set("abcdefghijklmnopqrstuvwxyz234567 0189:+-=")
            assert len(one.runs) * RUN <= max(one.length, 2 * RUN) + 4 * RUN
