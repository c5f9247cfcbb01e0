"""Files are byte-identical every time, regardless of hash seed, time zone, language and time of day."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

from cthbkb import cache
from cthbkb.registry import ENDINGS

APART = {".ics", ".svg", ".png", ".pdf"}
"""Extensions of formats that not every listing has."""

LINES = [
    *(f"recs --limit 9 -o recs{ending} --force" for ending in ENDINGS if ending not in APART),
    *(f"compare -o compare{ending}" for ending in (".csv", ".json", ".md", ".xlsx")),
    *(f"brief --theme jht -o brief{ending}" for ending in (".md", ".html", ".docx")),
    *(f"chart speakers -o chart{ending}" for ending in (".svg", ".png", ".pdf")),
    *(f"export all{ending}" for ending in (".xlsx", ".json", ".jsonld", ".db")),
    "sessions -o sessions.ics",
    "export folder/",
    "export parquet/ --format parquet",
    "load SEED --db mine.db",
    "schema -o schema.json",
    "packs template -o template.yaml",
]
OTHER = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
"""Another environment than that of the tests, which have another hash seed every time."""

CODE = """
import os, sys
from cthbkb import cache, front
os.fsync = os.fstat
cache.seed_path = lambda: sys.argv[1]
sys.exit(max(front.main(line.split()) for line in sys.argv[2:]))
"""


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of the files in a folder by name, without the pointer, which contains times."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("at-")]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_files_and_a_first_build_have_the_same_bytes_in_every_environment(
    run: Run, seed_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("xlsxwriter", "docx", "matplotlib", "pyarrow"):
        pytest.importorskip(library)
    lines = [line.replace("SEED", str(seed_path)) for line in LINES]
    monkeypatch.setattr(cache, "seed_path", lambda: str(seed_path))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    found = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))
        if name == "here":
            assert {run(*line.split(), db=None).code for line in lines} == {0}
        else:
            command = [sys.executable, "-c", CODE, str(seed_path), *lines]
            subprocess.run(command, env=os.environ | OTHER, check=True, capture_output=True)
        found.append(digests(tmp_path / name))
    here, there = found
    assert {name for name in here | there if here.get(name) != there.get(name)} == set()
    assert len(here) > 60
    (kept,) = (name for name in here if name.startswith("cthbkb/"))
    assert kept.endswith(f"-{here[kept][:32]}.db")
