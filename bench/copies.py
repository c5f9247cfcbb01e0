"""Find the passages of all records in copies of the documents, as other programs, page sizes or printers make them.

    python bench/copies.py FOLDER     a folder with the texts of the documents, one `ID.txt` each

Prints one line per variant of a copy (`tests/variants.py`): for each document, how many passages were found, and how
many records it has. A passage is wrong if it differs from the passage in the text; the exit code is then 1.
`tests/test_copies.py` and `tests/test_office.py` try each variant with one of the documents.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from cthbkb import store
from cthbkb.copies import resolve
from cthbkb.copies.read import read
from cthbkb.copies.words import Copy

__all__ = ["copy", "passages", "tried", "variant", "web"]

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from variants import VARIANTS, pages, pdf, printed


@lru_cache
def copy(path: Path) -> Copy:
    """Return a file as a copy."""
    return Copy(read(str(path)).lines)


@lru_cache
def passages(base: sqlite3.Connection, path: Path) -> dict[str, resolve.Passage]:
    """Return the passages of all records in a file, by record."""
    of, known = copy(path), resolve.fingerprints(base)
    document = resolve.recognised(of, known)
    return {p.record: p for p in resolve.passages(of, document, known[document], resolve.sections(base, document))}


@lru_cache
def letters(text: str) -> str:
    """Return the letters of a passage."""
    return "".join(Copy([(0, text)]).words)


def variant(name: str, texts: Sequence[Path], folder: Path) -> list[Path]:
    """Write a variant of each text into a folder."""
    made = [folder / f"{path.stem}.{'html' if 'HTML' in name else 'txt'}" for path in texts]
    for path, target in zip(texts, made, strict=True):
        target.write_text(VARIANTS[name](path.read_text(encoding="utf-8")), encoding="utf-8")
    return made


def web(texts: Sequence[Path], folder: Path) -> list[Path]:
    """Write each text as a page with printed letters, from which a PDF is made."""
    return pages({path.stem: printed(path.read_text(encoding="utf-8")) for path in texts}, folder)


def tried(
    base: sqlite3.Connection, texts: Sequence[Path], made: Sequence[Path]
) -> Iterator[tuple[Counter[str], list[str]]]:
    """Find the passages of each text in another copy of it; yield how many have which state, and the wrong ones."""
    for path, other in zip(texts, made, strict=True):
        right, found = passages(base, path), passages(base, other)
        quoted = [p for p in found.values() if p.state == resolve.FOUND]
        wrong = [p.record for p in quoted if letters(p.text) != letters(right[p.record].text)]
        yield Counter(p.state for p in found.values()), wrong


def main() -> int:
    """Try all variants with all documents."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with the texts of the documents, one ID.txt each")
    texts = sorted(parser.parse_args().folder.glob("20*.txt"))
    failed = False
    with closing(store.open_database()) as base:
        for name in (*VARIANTS, "PDF"):
            with tempfile.TemporaryDirectory() as folder:
                made = (
                    pdf(web(texts, Path(folder)), Path(folder)) if name == "PDF" else variant(name, texts, Path(folder))
                )
                told = list(tried(base, texts, made))
            counts = ", ".join(f"{states[resolve.FOUND]} of {states.total()}" for states, _ in told)
            wrong = [record for _, records in told for record in records]
            print(f"{name}: {counts}", *(f"WRONG {record}" for record in wrong), sep="\n  ", flush=True)
            failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
