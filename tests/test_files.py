"""Files: what cannot be written leaves what was there, and what is replaced keeps its permissions."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TextIO

import pytest
from conftest import Run

from cthbkb.errors import Failure
from cthbkb.files import replace


def full(file: TextIO) -> None:
    file.write("half")
    raise OSError(28, "No space left on device")


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    replace(str(path), lambda file: file.write("é\n"))
    assert path.read_bytes() == "é\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_finished_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(Failure, match=f"cannot write {path}: No space left on device"):
        replace(str(path), full)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.touch()
    path.chmod(0o600)
    replace(str(path), lambda file: file.write("new"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_schema_goes_to_a_file_like_anything_else(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "seed.schema.json"
    done = run("schema", "-o", path)
    assert (done.code, done.out, done.err) == (0, "", f"wrote the schema to {path}\n")
    assert path.read_text(encoding="utf-8") == run("schema").out
    assert run("schema", "-o", tmp_path).code == 1
    assert list(tmp_path.glob("*.part")) == []
