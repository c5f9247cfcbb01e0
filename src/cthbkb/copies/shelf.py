"""The shelf of copies: one file per document in the user's data folder, with its lines and the passage of every record.

Fingerprints determine the passages. If the fingerprints have changed since, the passages are found again in the stored
lines, so that a copy has to be added only once and never becomes outdated.

Quotations must match the copy. Each file therefore contains a checksum of its bytes, in the header field for SQLite's
user version, and a file that has changed is reported as damaged.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from operator import methodcaller

from cthbkb import cache, files, named
from cthbkb.errors import Failure
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cthbkb.copies.read import Read
    from cthbkb.copies.resolve import Passage
    from cthbkb.copies.words import Copy, Line

__all__ = ["Shelf", "Stored", "add", "document_of"]

FORM = 2
"""Version of the file format; in a file of another version, the passages are found again."""

VERSION = slice(60, 64)
"""Position of the user version (`pragma user_version`) in the header of a database."""

TABLES = """
create table about (key text primary key, value text not null);
create table lines (n integer primary key, page integer not null, text text not null);
create table passages (
    record text primary key, state text not null, text text not null, folded text not null,
    line integer not null, last_line integer not null, page integer not null, last_page integer not null
);
"""


class Stored:
    """The stored copy of a document; `kind` and `pages` are as in `read.Read`, `name` is that of the original file."""

    def __init__(self, path: str, document: str) -> None:
        self.path = path
        self.document = document
        try:
            with open(path, "rb") as file:
                image = file.read()
            if image != _sealed(image):
                raise ValueError("changed")
            self.db = named.opened(path)
            try:
                about = dict(self.db.execute("select key, value from about"))
            except sqlite3.Error:
                self.db.close()
                raise
        except (OSError, ValueError, sqlite3.Error):
            hint = f"Remove it and add the document again: cthbkb sources remove {document}"
            raise Failure(f"the copy of {document} is damaged: {path}", hint) from None
        self.kind, self.name, self.pages = about["kind"], about["name"], int(about["pages"])
        self._known = about["form"] == str(FORM) and about["fingerprints"]

    def lines(self) -> list[Line]:
        """Return the lines with their pages."""
        return self.db.execute("select page, text from lines order by n").fetchall()

    def refreshed(self, base: sqlite3.Connection) -> Stored:
        """Return the copy with passages that match the current fingerprints, in memory if they cannot be stored."""
        prints = base.execute("select passages from fingerprints where id = ?", (self.document,)).fetchone()
        if prints is None or prints[0] == self._known:
            return self
        from cthbkb.copies.read import Read
        from cthbkb.copies.words import Copy

        read = Read(self.kind, self.lines())
        copy = Copy(read.lines)
        self.db.close()
        try:
            _write(self.path, base, self.document, self.name, read, copy)
        except (Failure, OSError) as error:
            say(f"note: the stored copy of {self.document} is out of date and cannot be updated: {error}")
            self.db = sqlite3.connect(":memory:", check_same_thread=False)
            _fill(self.db, base, self.document, self.name, read, copy)
            return self
        return Stored(self.path, self.document)

    def passages(self, records: Sequence[str] | None = None) -> dict[str, Passage]:
        """Return the passages of some records, or of all, by record."""
        from cthbkb.copies.resolve import Passage

        sql = "select record, state, text, line, last_line, page, last_page from passages"
        if records is None:
            rows = self.db.execute(sql).fetchall()
        else:
            rows = [row for r in records for row in self.db.execute(f"{sql} where record = ?", (r,))]
        return {r: Passage(r, state, text, (a, b), (p, q)) for r, state, text, a, b, p, q in rows}

    def holding(self, words: Sequence[str]) -> list[Passage]:
        """Return the passages that contain all of some folded words or phrases."""
        sql = "select record from passages where state in ('found', 'unsure')"
        sql += "".join(" and instr(folded, ?)" for _ in words) + " order by line"
        found = [record for (record,) in self.db.execute(sql, [f" {word} " for word in words])]
        return list(self.passages(found).values())


class Shelf:
    """The available copies by document, with current passages; a copy is opened on first use, and closed on exit."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        folder = cache.sources_folder()
        try:
            paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".db")]
        except OSError:
            paths = []
        self.paths = {os.path.basename(p).removesuffix(".db"): p for p in paths if os.path.isfile(p)}
        self._open: dict[str, Stored] = {}

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        for copy in self._open.values():
            copy.db.close()

    def __getitem__(self, document: str) -> Stored:
        if document not in self._open:
            self._open[document] = Stored(self.paths[document], document).refreshed(self._base)
        return self._open[document]

    def of(self, records: Iterable[tuple[str, str]]) -> dict[str, Passage]:
        """Return the available passages of records `(table, id)`, by record."""
        by_document: dict[str, list[str]] = {}
        for table, id_ in records:
            document = document_of(self._base, table, id_)
            if document in self.paths:
                by_document.setdefault(document, []).append(id_)
        return {record: found for doc, ids in by_document.items() for record, found in self[doc].passages(ids).items()}


def document_of(base: sqlite3.Connection, table: str, id_: str) -> str:
    """Return the document of a record, or an empty string."""
    if base.execute("select 1 from pragma_table_info(?) where name = 'document'", (table,)).fetchone() is None:
        return ""
    found = base.execute(f"select document from {table} where id = ?", (id_,)).fetchone()
    return str(found[0]) if found else ""


def add(base: sqlite3.Connection, path: str) -> tuple[str, list[Passage]]:
    """Recognise a file as a copy of a document and store it; return the document and the passages of its records.

    Raises:
        Failure: if the file cannot be read, is not one of the documents, or cannot be stored.
    """
    from cthbkb.copies.read import read
    from cthbkb.copies.resolve import fingerprints, recognised
    from cthbkb.copies.words import Copy

    found = read(path)
    copy = Copy(found.lines)
    try:
        document = recognised(copy, fingerprints(base))
    except Failure as error:
        raise Failure(f"{path}: {error.message}", error.hint) from None
    folder = cache.sources_folder()
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write {folder}: {error.strerror}", "Make the folder writable.") from None
    stored = os.path.join(folder, f"{document}.db")
    return document, _write(stored, base, document, os.path.basename(path), found, copy)


def _write(path: str, base: sqlite3.Connection, document: str, name: str, read: Read, copy: Copy) -> list[Passage]:
    """Write the file of a copy with the passages of its records, and return these passages."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, "copy.db")
        with closing(sqlite3.connect(made)) as db:
            db.execute("pragma journal_mode = off")  # the finished file is flushed to disk, not this one
            db.execute("pragma synchronous = off")
            found = _fill(db, base, document, name, read, copy)
        with open(made, "rb") as file:
            image = _sealed(file.read())
    files.replace(path, methodcaller("write", image), encoding=None)
    return found


def _fill(
    db: sqlite3.Connection, base: sqlite3.Connection, document: str, name: str, read: Read, copy: Copy
) -> list[Passage]:
    """Fill an empty database with a copy and the passages of its records, and return these passages."""
    from cthbkb.copies.resolve import fingerprints, passages, sections
    from cthbkb.text import fold

    (prints,) = base.execute("select passages from fingerprints where id = ?", (document,)).fetchone()
    found = passages(copy, document, fingerprints(base)[document], sections(base, document))
    db.executescript(TABLES)
    about = {"form": FORM, "name": name, "kind": read.kind, "pages": read.pages, "fingerprints": prints}
    db.executemany("insert into about values (?, ?)", [(key, str(value)) for key, value in about.items()])
    db.executemany("insert into lines values (?, ?, ?)", [(n, *line) for n, line in enumerate(read.lines)])
    db.executemany(
        "insert into passages values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(p.record, p.state, p.text, f" {fold(p.text)} ", *p.lines, *p.pages) for p in found],
    )
    db.commit()
    return found


def _sealed(image: bytes) -> bytes:
    """Return the bytes of a database with their checksum in the field for the user version."""
    before, after = image[: VERSION.start], image[VERSION.stop :]
    return before + cache.checksum(before + after).to_bytes(4, "big") + after
