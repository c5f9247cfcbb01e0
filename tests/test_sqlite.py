"""Other builds of SQLite: `bench/sqlite.py` compares them; here, it runs only with the SQLite of this Python."""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path

import pytest
from conftest import script

ROOT = Path(__file__).resolve().parents[1]


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="exchanges libraries as Linux loads them")

bench = script("bench/sqlite.py")

ASKED = ("--version", "load SEED --db mine.db", "export all.db --db mine.db", "search lamps --db mine.db")
SHARED = ("--version",)


@pytest.fixture
def library() -> Path:
    """The library from which this Python loads SQLite."""
    maps = Path("/proc/self/maps")
    found = re.findall(r"/\S*/libsqlite3\.so\S*", maps.read_text(encoding="utf-8")) if maps.exists() else []
    if not found:
        pytest.skip("this Python does not load SQLite from a library")
    return Path(found[0])


def test_a_build_of_sqlite_agrees_with_itself(library: Path, tmp_path: Path, seed_path: Path) -> None:
    compared = bench.Comparison(tmp_path, ASKED, SHARED, str(seed_path))
    assert compared.of(library) == ("", [])
    assert {*ASKED, "mine.db", "all.db"} <= set(compared.truth)
    assert b"cthbkb 0." in compared.truth["--version"]


def test_differences_of_a_build_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(
        folder: Path, library: Path | None, asked: list[str], cache: Path | None = None, seed: str = ""
    ) -> dict[str, bytes]:
        kept = (cache or folder / "cache") / "cthbkb" / "kb-1.db"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(b"" if library else b"built")
        return dict.fromkeys(asked, b"other" if library else b"own") | ({"a.csv": b""} if library else {})

    monkeypatch.setattr(bench, "answers", answers)
    assert bench.Comparison(tmp_path, ["recs", "about"], ["recs"]).of(Path("lib.so")) == (
        "",
        [
            "a.csv",
            "about",
            "recs",
            "a.csv, in a cache of the own SQLite",
            "recs, in a cache of the own SQLite",
            "kb-1.db is gone, in a cache of the own SQLite",
            "kb-1.db is gone, in a cache of the other SQLite",
        ],
    )


def test_a_library_that_is_not_loaded_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "none.so").touch()
    with pytest.raises(SystemExit, match=r"none\.so: "):
        bench.answers(tmp_path / "a", tmp_path / "none.so", ["--version"])


def test_a_database_is_compared_by_its_content(tmp_path: Path) -> None:
    def made(name: str, page: int, row: str) -> bytes:
        db = sqlite3.connect(tmp_path / name)
        db.execute(f"pragma page_size = {page}")
        db.execute("create table a (b)")
        db.execute("insert into a values (?)", (row,))
        db.commit()
        db.close()
        return bytes(bench._content(tmp_path / name))

    assert made("a.db", 1024, "x") == made("b.db", 4096, "x") != made("c.db", 1024, "y")


def test_a_build_is_rejected_with_one_message() -> None:
    told = b"\n! 1\nerror: Python 3.11.0 has SQLite 3.7, but cthbkb needs FTS5 support\nhint: Install\n"
    message = "Python 3.11.0 has SQLite 3.7, but cthbkb needs FTS5 support"
    assert bench.refused({"--version": told, "recs": told, "man": b"cthbkb\n! 0\n"}) == message
    assert bench.refused({"--version": told, "recs": told.replace(b"3.7", b"3.8")}) == ""
    assert bench.refused({"--version": b"\n! 0\n", "recs": told}) == ""


def test_every_command_that_ends_is_run() -> None:
    first = {line.split()[0] for line in bench.lines() if line}
    assert {"recs", "brief", "export", "sources", "packs", "load", "check", "sql"} <= first
    assert first & bench.WAITING == set()
