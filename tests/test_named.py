"""A database named by the user: recognised, opened without locks, and used or rejected depending on its content."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, each, on_a_terminal

from cthbkb import cache, front, named

PYTHON = [sys.executable, "-m", "cthbkb"]


@pytest.fixture
def mine(database: Path, tmp_path: Path) -> Path:
    """A copy of the database, which a test may change."""
    path = tmp_path / "mine.db"
    shutil.copyfile(database, path)
    return path


def change(path: Path, *statements: str) -> None:
    while statements:
        now, statements = statements, ()
        if REOPENED in now:
            at = now.index(REOPENED)
            now, statements = now[:at], now[at + 1 :]
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma journal_mode = off")
            for statement in now:
                db.execute(statement)
            db.commit()


# Opening


def test_the_lock_of_another_program_does_not_block(run: Run, mine: Path) -> None:
    with closing(sqlite3.connect(mine, isolation_level=None)) as other:
        other.execute("begin exclusive")
        began = time.monotonic()
        assert run("recs", "--count", db=mine).out == "21\n"
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("left", ["", "-wal"])
def test_changes_in_the_journal_of_another_program_are_read(run: Run, mine: Path, left: str) -> None:
    with closing(sqlite3.connect(mine)) as other:
        other.execute("pragma journal_mode = wal")
        other.execute("update recommendations set summary = 'Seen.' where id = '2031-p1-r1'")
        other.commit()
        if left:
            assert run("recs", "-c", "summary", "--limit", "1", db=mine).out == "summary\nSeen.\n"
    assert run("recs", "-c", "summary", "--limit", "1", db=mine).out == "summary\nSeen.\n"
    if not left:
        assert os.listdir(mine.parent) == ["mine.db"]


# Databases of other programs


CHANGES = {
    "a view that never ends": (
        "drop view list_recs",
        "create view list_recs as with recursive a(id) as (select 1 union all select id + 1 from a) select id from a",
    ),
    "a view in place of a table": (
        "drop table meta",
        "create view meta as with recursive a(key) as (select 'x' union all select key from a) select key from a",
    ),
    "a table that computes": (
        "drop table meta",
        "create table meta (key text primary key, value text generated always as (hex(zeroblob(500000000))))",
    ),
    "a view by another name": ("drop view list_themes", "create view of_themes as select 1"),
    "a view of other years": ("insert into conferences select * from conferences where 0", "drop view list_threads"),
    "no view": ("drop view list_people",),
    "a table less": ("drop table filter_values",),
    "a year that is a word": ("update conferences set year = 'x'",),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_database_with_other_tables_or_views_is_refused_at_once(run: Run, mine: Path, changed: str) -> None:
    change(mine, "pragma foreign_keys = off", *CHANGES[changed])
    before = mine.read_bytes()
    began = time.monotonic()
    done = run("recs", db=mine)
    assert (done.code, done.out) == (1, "")
    lines = done.err.splitlines()
    assert lines[0] == f"error: {mine} does not have the tables and views that cthbkb load creates"
    assert lines[1].startswith("hint: Rebuild it from its seed: cthbkb load SEED --db ")
    assert time.monotonic() - began < 2
    assert (mine.read_bytes(), os.listdir(mine.parent)) == (before, [mine.name])


@pytest.mark.parametrize("left_out", ["true", "key = 'data'", "key = 'packs'"])
def test_a_database_without_the_version_of_its_data_is_refused(run: Run, mine: Path, left_out: str) -> None:
    change(mine, f"delete from meta where {left_out}")
    for command in ("recs", "about", "export x.json"):
        done = run(*command.split(), db=mine)
        assert (done.code, done.out) == (1, "")
        lines = done.err.splitlines()
        assert lines[0] == f"error: {mine} does not record which data it was built from"
        assert lines[1].startswith("hint: Rebuild it")


def test_additions_to_a_database_are_accepted(run: Run, mine: Path, database: Path) -> None:
    change(
        mine,
        "create table notes (item text, note text)",
        "create view mine as select * from list_recs join notes on item = id",
        "create index by_summary on recommendations (summary)",
        "analyze",
    )
    assert run("recs", db=mine) == run("recs", db=database)


def test_a_database_may_be_vacuumed(run: Run, mine: Path, database: Path) -> None:
    change(mine, "vacuum")
    assert run("recs", db=mine) == run("recs", db=database)


def test_pipes_and_devices_are_not_opened(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, what in ((tmp_path / "pipe", "device"), (Path("/dev/zero"), "device"), (tmp_path, "folder")):
        done = run("recs", "--db", path)
        assert (done.code, done.out) == (1, "")
        assert done.err.splitlines()[0] == f"error: {path} is not a cthbkb database: it is a {what}"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_an_unreadable_file_is_reported(run: Run, mine: Path) -> None:
    mine.chmod(0)
    assert run("recs", db=mine).err == f"error: cannot read {mine}: Permission denied\n"


def test_the_advice_for_a_damaged_database_can_be_followed(run: Run, seed_path: Path, tmp_path: Path) -> None:
    mine = tmp_path / "my base.db"
    assert run("load", seed_path, "--db", mine).code == 0
    data = mine.read_bytes()
    mine.write_bytes(data[:8192] + b"\xff" * 8192 + data[16384:])
    done = run("recs", db=mine)
    assert done.code == 1
    assert done.err.startswith(f"error: {mine} is damaged: ")
    assert done.err.endswith(f"cthbkb load {seed_path} --db '{mine}'\n")
    assert run("load", seed_path, "--db", mine).code == 0
    assert mine.read_bytes() == data


# The content


REOPENED = "reopened"
"""Placeholder between statements that reopens the database with its schema at that point."""

VALUES = {
    "no value": (
        "pragma writable_schema = on",
        "update sqlite_master set sql = replace(sql, ' NOT NULL', ' /*NN*/') where name = 'recommendations'",
        REOPENED,
        "update recommendations set kind = null, modality = null, document = null, summary = null, seq = null",
        "pragma writable_schema = on",
        "update sqlite_master set sql = replace(sql, ' /*NN*/', ' NOT NULL') where name = 'recommendations'",
    ),
    "bytes": ("update recommendations set summary = x'ff00fe'", "update people set name = zeroblob(9)"),
    "no text": ("update recommendations set summary = cast(x'fffe41' as text)",),
    "a broken list": ("update recommendations set themes = '[\"a\\q'", "update people set spellings = '{'"),
    "numbers": ("update recommendations set themes = 7, summary = 1e300, id = seq",),
    "other years": ("update recommendations set year = 1 where seq = 1", "update sessions set year = -5"),
    "nothing known": ("delete from meta",),
    "nothing to search": ("delete from search_rows", "delete from vocabulary", "delete from names"),
    "nothing": tuple(
        f"delete from {table}" for table in ("recommendations", "conferences", "themes", "people", "meta")
    ),
    "a long text": ("update recommendations set summary = hex(zeroblob(4500000)) where seq = 1",),
    "long names": ("insert into names values ('themes', hex(zeroblob(3000000)), hex(zeroblob(3000000)))",),
}
ASKED = [
    "recs -f json", "recs -f table", "recs --theme jht -f markdown", "recs -f yaml", "recs -f csv",
    "show 2031-p1-r1", "show 2031-p1-r1 -f json",
    "search lamp", "search lamp -f json", "compare", "compare --theme jht", "compare --by theme", "compare 2031 2033",
    "compare --planned 2033", "themes", "people", "threads", "about", "--version", "overview -f table",
    "speakers --person kowalska", "cite 2031-p1-r1", "brief --theme jht", "chart themes", "recs jht", "jht",
]  # fmt: skip


@pytest.mark.parametrize("values", VALUES)
def test_any_content_of_a_database_gives_an_answer_or_a_message(
    run: Run, mine: Path, values: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "LARGEST", 2**23)  # a quarter, which is enough for the long names, but not for the text
    change(mine, "pragma foreign_keys = off", "pragma ignore_check_constraints = on", *VALUES[values])
    for asked in ASKED:
        began = time.monotonic()
        done = run(*asked.split(), db=mine)
        assert done.code in {0, 1, 2}, asked
        assert "Traceback" not in done.err, asked
        if done.code:
            assert "error: " in done.err, asked
            assert len(done.err) < 5000, asked
        assert time.monotonic() - began < 5, asked


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals as Unix has them")
def test_ctrl_c_works_while_sqlite_is_busy(database: Path) -> None:
    endless = "with recursive a(i) as (select ready() union all select i + 1 from a) select count(*) from a"
    code = f"""
import sys
from cthbkb import __main__, named
from cthbkb.commands import listing

def run(request):
    db = named.connect(request.value("db"))
    db.create_function("ready", 0, lambda: print("ready", flush=True) or 1)
    db.execute({endless!r})

listing.run = run
sys.exit(__main__.main())
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "recs", "--db", database],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "")


# Output to a terminal


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202edesrever\u2066\r\x08 é ok"
"""Sequences that control a terminal, including a C1 character and marks that change the direction of text."""


@pytest.fixture
def evil(mine: Path) -> Path:
    """A database with such sequences in all kinds of text, which `evil-names.db` beside it also has in its names."""
    with closing(sqlite3.connect(mine)) as db:
        for table, column in (("recommendations", "summary"), ("themes", "label"), ("documents", "citation"),
                              ("conferences", "title"), ("threads", "label"), ("search_rows", "fields")):  # fmt: skip
            db.execute(f"update {table} set {column} = {column} || ?", (EVIL,))
        db.execute("update meta set value = value || ? where key in ('data', 'packs')", (f" {EVIL}",))
        db.commit()
    shutil.copyfile(mine, mine.with_name("evil-names.db"))
    with closing(sqlite3.connect(mine.with_name("evil-names.db"))) as db:
        db.execute("update names set id = id || ?", (EVIL,))
        db.commit()
    return mine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def harmless(text: str) -> bool:
    """Return whether a text contains EVIL, but nothing that a terminal would obey."""
    assert "Traceback" not in text
    assert [c for c in text.replace("\r\n", "\n") if not (c.isprintable() or c in "\n\t\xa0")] == []
    return "owned" in text


@each(
    "argv",
    [
        *(f"recs --limit 2 -f {f}" for f in ("table", "tsv", "csv", "json", "jsonl", "markdown", "yaml")),
        *(
            "show 2031-p1-r1",
            "--version",
            "about",
            "search lamp",
            "themes -f tsv",
            "compare",
            "brief --theme jht",
            "cite 2031-p1-r1",
        ),
        *("recs --columns help", "recs --limit 2 -f bibtex", "chart themes", "recs --theme none-such", "overview"),
    ],
)
def test_no_content_of_a_database_controls_a_terminal(evil: Path, monkeypatch: pytest.MonkeyPatch, argv: str) -> None:
    monkeypatch.setenv("CTHBKB_DB", str(evil.with_name("evil-names.db") if "none-such" in argv else evil))
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert front.main(argv.split()) in {0, 2}
    plain = argv in {"recs --columns help", "chart themes", "recs --limit 2 -f bibtex", "search lamp"}
    assert harmless(terminal.getvalue()) or plain


def test_content_of_a_database_is_harmless_on_a_terminal_of_the_system(evil: Path) -> None:
    for argv in ("recs --limit 2 -f tsv", "recs --theme none-such"):
        base = evil.with_name("evil-names.db") if "none-such" in argv else evil
        assert harmless(on_a_terminal(*argv.split(), env={"CTHBKB_DB": str(base), "TERM": "xterm"})[1].decode())


def test_the_schema_has_the_expected_digest(db: sqlite3.Connection) -> None:
    assert named.schema_of(db) == cache.SCHEMA_VERSION


# What a file says of itself


def test_a_file_is_settled_unless_a_journal_beside_it_has_something_in_it(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    found = {}
    for end in ("", "-wal", "-journal", "-shm"):
        for content in (b"", b"x"):
            beside = Path(path + end)
            beside.write_bytes(content)
            found[end, content] = named._settled(path)
            beside.unlink()
    assert found == {case: case not in {("-wal", b"x"), ("-journal", b"x")} for case in found}


def test_the_marks_of_a_file_are_numbers_in_its_head(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    head = named.MAGIC + bytes(44) + (258).to_bytes(4, "big") + bytes(4) + cache.APPLICATION_ID.to_bytes(4, "big")
    path.write_bytes(head + bytes(28))
    assert named._marks(str(path)) == (cache.APPLICATION_ID, 258)
    assert named.made_by_us(str(path))
    for content in ((head + bytes(27)), b"x" + head[1:] + bytes(28), b""):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is not a cthbkb database: it does not begin with the SQLite header"):
            named._marks(str(path))
        assert not named.made_by_us(str(path))
    path.write_bytes(head[:68] + bytes(32))
    assert not named.made_by_us(str(path))
    assert not named.made_by_us(str(tmp_path / "none.db"))


def test_the_seeds_of_a_file_are_read_only_where_they_can_be(mine: Path, tmp_path: Path) -> None:
    assert named.seeds_of(str(mine)) == []
    change(mine, "insert into meta values ('seeds', '[\"/a\\n.yaml\", \"/b c.yaml\"]')")
    assert named.seeds_of(str(mine)) == ["/a\n.yaml", "/b c.yaml"]
    for other in ("'/a.yaml'", "'{}'", "'[1]'", "'[\"a\"'", "x'ff'", "7", f"'{'[' * 100_000}'"):
        change(mine, f"update meta set value = {other} where key = 'seeds'")
        assert named.seeds_of(str(mine)) == []
    change(mine, "alter table meta rename to other", "create view meta as select * from other")
    assert named.seeds_of(str(mine)) == []
    mine.write_bytes(mine.read_bytes()[:100])
    assert named.seeds_of(str(mine)) == []
    assert named.seeds_of(str(tmp_path / "none.db")) == []


def test_a_column_of_a_year_is_made_for_every_year_of_a_conference() -> None:
    made = named.by_year([2031, 2033])
    assert made["{years}"].count("sum(k.items)") == made["{states}"].count("then 'asked'") == 2
    assert [part.strip() for part in made["{states}"].split(",\n")] == [
        f"case when instr(y.asked, '{year}') then 'asked' when instr(y.noted, '{year}') then 'noted' else '-' end"
        f' as "{year}"' for year in (2031, 2033)
    ]  # fmt: skip
    assert named.by_year([]) == {"{years}": "0 as years", "{states}": "'-' as state"}


def test_a_named_database_is_opened_with_its_limits(mine: Path) -> None:
    with closing(named.connect(str(mine))) as db:
        assert db.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == 32 * 2**20
        assert [db.execute(f"pragma {name}").fetchone() for name in ("trusted_schema", "cell_size_check")] == [(1,)] * 2
    with closing(named._guarded(str(mine))) as db:
        assert db.execute("pragma trusted_schema").fetchone() == (0,)
    with closing(sqlite3.connect(mine)) as db:
        db.execute(f"pragma application_id = {cache.APPLICATION_ID + 1}")
    with pytest.raises(ValueError, match="is not a cthbkb database: it was made by another program"):
        named.connect(str(mine))


@pytest.mark.skipif(sys.platform == "win32", reason="needs names of files as Unix has them")
def test_a_seed_is_found_again_whatever_its_name(run: Run, seed_path: Path, tmp_path: Path) -> None:
    seed, mine = tmp_path / "a\nb 'c'.yaml", tmp_path / "mine.db"
    shutil.copyfile(seed_path, seed)
    assert run("load", seed, "--db", mine).code == 0
    assert named.seeds_of(str(mine)) == [str(seed)]
    assert run("load", "--db", mine).code == 0
    with closing(sqlite3.connect(mine)) as db:
        assert db.execute("select count(*) from recommendations").fetchone() == (21,)
