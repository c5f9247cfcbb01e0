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
from functools import cache
from pathlib import Path

import pytest
from variants import VARIANTS, office, pdf, printed

from cthbkb import build, named
from cthbkb import cache as caches
from cthbkb import seed as seeds
from cthbkb.copies import resolve
from cthbkb.copies.locate import SAID
from cthbkb.copies.prints import RUN, hashed
from cthbkb.copies.read import read
from cthbkb.copies.readings import READINGS
from cthbkb.copies.verify import Source, verify
from cthbkb.copies.words import Copy

FOLDER = Path(os.environ.get("CTHBKB_SOURCES", "/nowhere"))
TEXTS = sorted(FOLDER.glob("20*.txt"))
needs_texts = pytest.mark.skipif(not TEXTS, reason="CTHBKB_SOURCES names no folder with the texts of the documents")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("packaged") / "packaged.db"
    build.build(seeds.load(Path(caches.seed_path())), path)
    with closing(named.connect(str(path))) as db:
        yield db


@cache
def copy(path: Path) -> Copy:
    return Copy(read(str(path)).lines)


def passages(base: sqlite3.Connection, of: Copy) -> dict[str, resolve.Passage]:
    known = resolve.fingerprints(base)
    document = resolve.recognised(of, known)
    return {p.record: p for p in resolve.passages(of, document, known[document], resolve.sections(base, document))}


def letters(text: str) -> str:
    return "".join(Copy([(0, text)]).words)


def test_every_item_figure_statement_and_appearance_has_a_fingerprint(base: sqlite3.Connection) -> None:
    have = {one.record for prints in resolve.fingerprints(base).values() for one in prints}
    for table in SAID:
        assert {id_ for (id_,) in base.execute(f"select id from {table}")} - have == set()


@needs_texts
def test_every_passage_is_found_word_for_word_in_the_texts(base: sqlite3.Connection) -> None:
    found = [p for path in TEXTS for p in passages(base, copy(path)).values()]
    assert [p.record for p in found if p.state != resolve.FOUND] == []
    assert len(found) == sum(map(len, resolve.fingerprints(base).values()))


@needs_texts
@pytest.mark.parametrize("variant", VARIANTS)
def test_passages_are_found_in_other_copies_and_none_wrongly(
    base: sqlite3.Connection, tmp_path: Path, variant: str
) -> None:
    made = []
    for path in TEXTS:
        made.append(tmp_path / f"{path.stem}.{'html' if 'HTML' in variant else 'txt'}")
        made[-1].write_text(VARIANTS[variant](path.read_text(encoding="utf-8")), encoding="utf-8")
    hold(base, made)


@needs_texts
@pytest.mark.skipif(not office(), reason="LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
def test_passages_are_found_in_pdf_and_none_wrongly(base: sqlite3.Connection, tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    hold(base, [pdf(printed(path.read_text(encoding="utf-8")), tmp_path, path.stem) for path in TEXTS])


def hold(base: sqlite3.Connection, made: list[Path]) -> None:
    """Require that 97 % of the passages are found in other copies of the texts, and that all of them are right."""
    states: Counter[str] = Counter()
    for path, other in zip(TEXTS, made, strict=True):
        right = passages(base, copy(path))
        for record, passage in passages(base, copy(other)).items():
            states[passage.state] += 1
            if passage.state == resolve.FOUND:
                assert letters(passage.text) == letters(right[record].text), record
    assert states[resolve.FOUND] >= 0.97 * states.total(), states


@needs_texts
def test_every_packaged_record_is_verified(base: sqlite3.Connection) -> None:
    sources = [Source(base, path.stem, copy(path), passages(base, copy(path))) for path in TEXTS]
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
    runs = {path.stem: {tuple(w[n : n + RUN]) for w in [copy(path).words] for n in range(len(w))} for path in TEXTS}
    everything = set().union(*runs.values())
    for document, prints in resolve.fingerprints(base).items():
        mine = {hashed(document, run): run for run in runs[document]}
        sought = {hash for one in prints for _, hash in one.runs}
        assert sought <= set(mine)
        for run in everything:
            hash = hashed(document, run)
            assert hash not in sought or mine[hash] == run


@needs_texts
def test_a_text_of_one_document_is_not_taken_for_another(base: sqlite3.Connection) -> None:
    known = resolve.fingerprints(base)
    for path in TEXTS:
        assert resolve.recognised(copy(path), known) == path.stem
        others = {document: prints for document, prints in known.items() if document != path.stem}
        with pytest.raises(Exception, match="not a known document"):
            resolve.recognised(copy(path), others)


def test_the_data_contain_no_passage(base: sqlite3.Connection) -> None:
    """A fingerprint consists of the id of its record, numbers and hashes."""
    for prints in resolve.fingerprints(base).values():
        for one in prints:
            assert set(str(one).removeprefix(one.record)) <= set("abcdefghijklmnopqrstuvwxyz234567 0189:+-=")
            assert len(one.runs) * RUN <= max(one.length, 2 * RUN) + 4 * RUN
