"""From records to one SQLite file; the home of sqlite-utils.

A database is a build product: made whole beside its place, checked, flushed and renamed into it, never changed
afterwards. Two builds of one seed are the same bytes. Schema work is sqlite-utils; the rows go in by `executemany`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

from cthbkb import checks, seed, store
from cthbkb.errors import Failure, Refused
from cthbkb.model import TABLES, Column, Record, Session, columns_of
from cthbkb.query import FILTERS, LISTINGS, fold, names_field, words
from cthbkb.schema import DERIVED, FULL_TEXT, SQL_TYPES, foreign_keys, link_table_sql, link_tables

ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

__all__ = ["build", "packaged", "write"]

KEPT = 4
"""How many databases stay in the cache folder, newest first: other versions and checkouts keep theirs."""

STALE = 600
"""Seconds after which a temporary file is taken for the leftover of a build that was killed."""

PART = 1000
"""Rows of the index that are held at a time."""

UNFOLDED = frozenset("łŁđĐøØ")
"""Letters whose mark belongs to them, so that folding by Unicode leaves it on."""

BY_YEAR = {
    "documents", "conferences", "sessions", "recommendations", "statistics", "statements", "activities", "commitments",
}  # fmt: skip
"""Tables in whose print order the year comes first; appearances follow the year of their session."""

SEARCHED: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "recommendations": ("recommendation", "", ("summary",), ("heading", "attributed_to")),
    "people": ("person", "name", ("note",), ("spellings",)),
    "sessions": ("session", "title", ("summary",), ()),
    "topics": ("topic", "topic", ("note",), ()),
    "themes": ("theme", "label", ("scope_note",), ("id", "alternative_labels")),
    "threads": ("thread", "label", ("summary",), ()),
    "organizations": ("organization", "name", (), ("acronym", "country")),
    "conferences": ("conference", "title", ("participation",), ("hashtag", "city", "venue")),
    "statistics": ("statistic", "", ("value", "what", "caveat"), ("unit", "source", "area", "period")),
    "instruments": ("instrument", "name", (), ("symbol", "adopted_by")),
    "publications": ("publication", "title", ("summary",), ("author", "publisher", "url")),
    "statements": ("statement", "", ("gist",), ("speaker", "speaker_as_printed", "account")),
    "activities": ("activity", "", ("what",), ("where", "partners")),
    "commitments": ("commitment", "", ("what", "fulfilled_note"), ("who",)),
    "discrepancies": ("discrepancy", "topic", ("value_a", "value_b", "reason"), ()),
    "documents": ("document", "title", ("note",), ("id", "kind")),
    "abbreviations": ("abbreviation", "short", ("long",), ()),
}
"""What a search reads: table to type, title, text and names; themes and keywords are added to each."""


def packaged(folder: str) -> sqlite3.Connection:
    """Build the packaged seed into the cache folder, or find it built there, and open it; in memory if need be."""
    stamp = store.stamp()
    path = Path(store.seed_path())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", "Install the program again.") from None
    shape = b"".join(Path(store.HERE, name).read_bytes() for name in store.SHAPING)
    target = Path(folder) / f"kb-{hashlib.sha256(data + shape).hexdigest()[:16]}.db"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            db = store.connect(str(target))
        except (ValueError, sqlite3.Error):
            target.unlink(missing_ok=True)
            build(_checked(data, path), target)
            db = store.connect(str(target))
        _place(Path(store.pointer(folder)), f"{stamp}\n{target.name} {store.state_of(str(target))}".encode("ascii"))
        _sweep(Path(folder), target)
        return db
    except (OSError, sqlite3.Error):
        db = sqlite3.connect(":memory:")
        write(_checked(data, path), db)
        db.execute("pragma query_only = 1")
        return db


def _checked(data: bytes, path: Path) -> seed.Seed:
    found = seed.parse(data, str(path))
    checks.require(found)
    return found


def build(found: seed.Seed, target: Path) -> None:
    """Write the records of a seed that passes the checks to `target`, replacing a database of ours and nothing else.

    Raises:
        Refused: when `target` is there and is not a database of this program.
        OSError: when it cannot be written; then nothing has changed.
    """
    if target.exists():
        try:
            store.connect(str(target)).close()
        except (ValueError, sqlite3.Error):
            raise Refused(f"{target} is not a database of cthbkb", "Name another file, or move it away.") from None
    handle, name = tempfile.mkstemp(prefix=".building-", suffix=".db", dir=target.parent)
    os.close(handle)
    try:
        db = sqlite3.connect(name)
        try:
            write(found, db)
        finally:
            db.close()
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    """Return what the user takes off the rights of new files, which `mkstemp` does not heed."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _place(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".building-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except OSError:
        os.unlink(name)
        raise


def _sweep(folder: Path, keep: Path) -> None:
    """Remove what killed builds left and all but the newest databases."""
    databases = sorted((p for p in folder.glob("kb-*.db") if p != keep), key=lambda p: p.stat().st_mtime, reverse=True)
    left = [p for p in folder.glob(".building-*") if time.time() - p.stat().st_mtime > STALE]
    for path in [*databases[KEPT - 1 :], *left]:
        with contextlib.suppress(OSError):
            path.unlink()


def write(found: seed.Seed, connection: sqlite3.Connection) -> None:
    """Fill an empty database with tables, rows, link tables, derived counts, views and the search index."""
    import sqlite_utils

    connection.execute("pragma journal_mode = off")
    connection.execute("pragma synchronous = off")
    connection.execute(f"pragma application_id = {store.APPLICATION_ID}")
    connection.execute(f"pragma user_version = {store.SCHEMA_VERSION}")
    db = sqlite_utils.Database(connection)
    records = found.records
    with db.atomic():
        _create(db)
        years = _years(records)
        for table, rows in records.items():
            _insert(connection, table, rows, years)
        _derive(connection)
        _views(connection)
        _names(connection)
        _index(connection)
        _expansions(connection)
        _meta(connection, found.version)
    broken = connection.execute("pragma foreign_key_check").fetchall()
    if broken:
        raise AssertionError(f"references that the checks should have caught: {broken[:5]}")
    connection.execute("pragma optimize")
    connection.commit()


def _create(db: Any) -> None:
    """Create the tables, strict, with keys and references; a reference to a later table is added at the end."""
    later = []
    for table, type_ in TABLES.items():
        columns = columns_of(type_)
        known = [(name, ref, "id") for name, ref in foreign_keys(table) if db.table(ref).exists() or ref == table]
        later += [(table, name, ref) for name, ref in foreign_keys(table) if (name, ref, "id") not in known]
        db.table(table).create(
            {c.name: SQL_TYPES[c.type] for c in columns} | {"seq": int},
            pk="id",
            foreign_keys=known,
            not_null={c.name for c in columns if c.required or c.type == "list"} | {"seq"},
            strict=True,
        )
    for table, name, ref in later:
        db.table(table).add_foreign_key(name, ref, "id")
    for table, type_ in TABLES.items():
        db.table(table).create_index(["seq"], unique=True)
        for name, _ in foreign_keys(table):
            db.table(table).create_index([name, "seq"])
        if table in BY_YEAR and "year" in {c.name for c in columns_of(type_)}:
            db.table(table).create_index(["year", "seq"])
    for table, column in link_tables():
        db.execute(link_table_sql(table, column))
    for statement in (DERIVED + FULL_TEXT).split(";\n"):
        db.execute(statement)


def _years(records: Mapping[str, Sequence[Record]]) -> dict[str, int]:
    return {s.id: s.year for s in cast("Sequence[Session]", records["sessions"])}


def _year(table: str, record: Any, sessions: Mapping[str, int]) -> int:
    """Return the year that orders a record, 0 where its table has no such order."""
    if table in BY_YEAR:
        return int(record.year)
    if table == "appearances":
        return sessions[record.session]
    return 0


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Record], sessions: Mapping[str, int]) -> None:
    columns = columns_of(TABLES[table])
    ordered = sorted(rows, key=lambda r: _year(table, r, sessions))
    marks = ", ".join("?" * (len(columns) + 1))
    names = ", ".join(f'"{c.name}"' for c in columns)
    connection.executemany(
        f"insert into {table} ({names}, seq) values ({marks})",
        ((*(_cell(c, getattr(r, c.name)) for c in columns), seq) for seq, r in enumerate(ordered, 1)),
    )
    for column in columns:
        if column.ref and column.type == "list":
            connection.executemany(
                f"insert into {table}_{column.name} values (?, ?, ?)",
                (
                    (value, _year(table, r, sessions), seq)
                    for seq, r in enumerate(ordered, 1)
                    for value in getattr(r, column.name)
                ),
            )


def _cell(column: Column, value: Any) -> Any:
    if column.type == "list":
        return ENCODE(value) if value else "[]"
    return int(value) if column.type == "bool" and value is not None else value


def _views(connection: sqlite3.Connection) -> None:
    years = [year for (year,) in connection.execute("select year from conferences order by year")]
    pivot = ",\n    ".join(
        "(select coalesce(sum(k.items), 0) from theme_kinds k"
        f' where k.theme = t.id and k.year = {int(year)}) as "{year}"'
        for year in years
    )
    text = Path(store.HERE, "views.sql").read_text(encoding="utf-8")
    for statement in text.replace("{years}", pivot or "0 as years").split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _derive(connection: sqlite3.Connection) -> None:
    """Store the counts and the cells that comparisons read."""
    connection.execute(
        "insert into theme_kinds select l.value, r.year, r.kind, count(*), sum(r.thread is null)"
        " from recommendations_themes l join recommendations r on r.seq = l.seq group by l.value, r.year, r.kind"
    )
    axes: dict[str, str] = {
        "theme": "select year, value from recommendations_themes",
        "addressee": "select year, value from recommendations_addressees",
        "affected": "select year, value from recommendations_affected",
        "modality": "select year, modality as value from recommendations",
        "kind": "select year, kind as value from recommendations",
        "role": "select s.year, a.role as value from appearances a join sessions s on s.id = a.session",
        "country": "select s.year, a.country as value from appearances a join sessions s on s.id = a.session"
        " where a.country is not null",
    }
    for axis, counted in axes.items():
        connection.execute(
            f"insert into axis_counts select ?, year, value, count(*) from ({counted}) group by year, value", (axis,)
        )
    years = [y for (y,) in connection.execute("select year from conferences order by year")]
    sources = {y: f"{y} documents" for y in years} | _sources(connection)
    present: dict[str, list[int]] = {t: [] for (t,) in connection.execute("select id from threads order by seq")}
    spoken = "select distinct thread, year from recommendations where thread is not null order by year"
    for thread, year in connection.execute(spoken):
        present[thread].append(year)
    connection.executemany(
        "insert into thread_status values (?, ?, ?)", ((t, *_status(p, years, sources)) for t, p in present.items())
    )
    connection.executemany("insert into meta values (?, ?)", ((f"sources.{y}", name) for y, name in sources.items()))


def _status(present: Sequence[int], years: Sequence[int], sources: Mapping[int, str]) -> tuple[str, str]:
    """Return the status of a thread and the years behind it, in words that claim absence from documents and no more."""
    if not present:
        return "empty", "no item"
    last = years[-1]
    silent = [y for y in years if y > present[-1]]
    if silent:
        return "dropped", f"no counterpart in the {' or the '.join(sources[y] for y in silent)}"
    if len(present) == 1:
        return "new", f"new in the {sources[last]}"
    if present[-2] == years[-2]:
        return "continued", f"from the {sources[present[0]]} to the {sources[last]}"
    return "revived", f"back in the {sources[last]}, with no counterpart in the {sources[years[-2]]}"


def _sources(connection: sqlite3.Connection) -> dict[int, str]:
    """Name the documents of each conference: `2022 conclusions` where there is one, else `2020 documents`."""
    found: dict[int, list[str]] = {}
    for year, kind in connection.execute(
        "select c.year, d.kind from conferences c join documents d on d.conference = c.id"
    ):
        found.setdefault(year, []).append(kind)
    return {year: f"{year} {kinds[0] if len(kinds) == 1 else 'documents'}" for year, kinds in found.items()}


def _names(connection: sqlite3.Connection) -> None:
    """Fill `names` with every name that a filter takes."""
    rows: set[tuple[str, str, str]] = set()
    spelled = {
        "themes": ("id", "label", "alternative_labels"),
        "people": ("id", "name", "sort_name", "spellings"),
        "organizations": ("id", "name", "acronym"),
        "sessions": ("id", "title"),
        "documents": ("id", "title"),
        "addressees": ("id", "label", "alternative_labels"),
        "affected_groups": ("id", "label", "alternative_labels"),
        "threads": ("id", "label"),
    }
    for table, columns in spelled.items():
        lists = _lists(table)
        for id_, *values in connection.execute(f"select id, {', '.join(columns)} from {table}"):
            for column, value in zip(columns, values, strict=True):
                named = _listed(value) if column in lists else [value] if value else []
                rows |= {(table, fold(name), id_) for name in named}
    rows |= {("year", str(y), str(y)) for (y,) in connection.execute("select year from conferences")}
    for listing in LISTINGS.values():
        for name, target in listing.filters.items():
            field = names_field(listing, FILTERS[name])
            if target and field.startswith(f"{listing.name}."):
                found = connection.execute(
                    f"select distinct {target} from list_{listing.name} where {target} is not null"
                )
                rows |= {(field, n, v) for (v,) in found for n in (fold(v), fold(v) + "s")}
    connection.executemany("insert into names values (?, ?, ?)", sorted(rows))


def _listed(value: str | None) -> list[str]:
    """Read a list column."""
    return [str(text) for text in json.loads(value)] if value else []


def _lists(table: str) -> set[str]:
    """Return the names of the list columns of a table."""
    return {c.name for c in columns_of(TABLES[table]) if c.type == "list"}


def _meta(connection: sqlite3.Connection, version: str) -> None:
    """Say in the database itself which data it holds and which columns are lists."""
    rows = [("data", version)]
    for table, type_ in TABLES.items():
        lists = " ".join(c.name for c in columns_of(type_) if c.type == "list")
        rows += [(f"lists.{table}", lists)] if lists else []
    connection.executemany("insert into meta values (?, ?)", rows)


def _index(connection: sqlite3.Connection) -> None:
    """Fill the full text index, in the order of the tables."""
    rows = ((n, *row) for n, row in enumerate(_searched(connection), 1))
    while part := list(islice(rows, PART)):
        connection.executemany(
            "insert into search_rows (rowid, type, id, year, kind, title, body, themes)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            ((n, *shown) for n, shown, _ in part),
        )
        connection.executemany(
            "insert into search (rowid, title, body, subjects, names, keywords) values (?, ?, ?, ?, ?, ?)",
            ((n, *indexed) for n, _, indexed in part),
        )
    connection.execute("insert into search (search) values ('optimize')")


def _expansions(connection: sqlite3.Connection) -> None:
    """Write the expansion table word by word, folded as queries are."""
    for id_, finding, only_from in connection.execute(
        "select id, words, only_from from expansions order by seq"
    ).fetchall():
        rows = [(words(w), id_, 1) for w in _listed(finding)] + [(words(w), id_, 0) for w in _listed(only_from)]
        connection.executemany("insert into expansion_words values (?, ?, ?)", dict.fromkeys(rows))


def _plain(texts: Sequence[str]) -> list[str]:
    """Spell without it what has a letter of which the index does not take the mark off."""
    found = (text for text in texts if text and not UNFOLDED.isdisjoint(text))
    return [fold(word) for text in found for word in text.split() if not UNFOLDED.isdisjoint(word)]


def _searched(connection: sqlite3.Connection) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    subjects = {
        id_: " | ".join([label, *_listed(more)])
        for id_, label, more in connection.execute("select id, label, alternative_labels from themes")
    }
    people = dict(connection.execute("select id, name from people"))
    bodies = {
        id_: f"{name} {acronym or ''}".strip()
        for id_, name, acronym in connection.execute("select id, name, acronym from organizations")
    }
    appears = dict(
        connection.execute(
            "select a.person, group_concat(coalesce(a.position, '') || ' ' || coalesce(o.name, '') || ' '"
            " || coalesce(o.acronym, '') || ' ' || coalesce(a.country, '') || ' ' || a.role, ' | ')"
            " from appearances a left join organizations o on o.id = a.organization group by a.person"
        )
    )
    at = dict(connection.execute("select id, title from sessions"))
    for table, (type_, title, body, names) in SEARCHED.items():
        columns = [c.name for c in columns_of(TABLES[table])]
        lists = _lists(table)
        select = ", ".join(f'"{name}"' for name in columns)
        for values in connection.execute(f"select {select} from {table} order by seq"):
            record = dict(zip(columns, values, strict=True))

            def texts(name: str, record: dict[str, Any] = record, lists: set[str] = lists) -> list[str]:
                value = record.get(name)
                return _listed(value) if name in lists else [str(value)] if value else []

            text = " ".join(t for name in body for t in texts(name))
            themes = texts("themes")
            called = [people.get(t, bodies.get(t, t)) for name in names for t in texts(name)]
            called.append(appears.get(record["id"], ""))
            called.append(at.get(record.get("session") or "", ""))
            head = record[title] if title else ""
            kind = record.get("kind") or record.get("type") or record.get("medium")
            indexed = (
                head or "",
                text,
                " | ".join(subjects[t] for t in themes),
                " | ".join(filter(None, called)),
                " ".join([record["id"], *texts("keywords"), *_plain([head, text, *called])]),
            )
            yield (
                (
                    type_,
                    record["id"],
                    record.get("year"),
                    kind,
                    head or text,
                    text,
                    ENCODE(themes),
                ),
                indexed,
            )
