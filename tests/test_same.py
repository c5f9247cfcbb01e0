"""Files are byte-identical every time, regardless of hash seed, time zone, language and time of day."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cthbkb.registry import ENDINGS

APART = {".ics", ".svg", ".png", ".pdf"}
"""Extensions of formats that not every listing has."""

LINES = [
    *(f"recs --limit 9 -o recs{ending} --force" for ending in ENDINGS if ending not in APART),
    *(f"compare -o compare{ending}" for ending in (".csv", ".json", ".md", ".xlsx")),
    *(f"brief --theme jht -o brief{ending}" for ending in (".md", ".html", ".docx")),
    *(f"chart themes -o chart{ending}" for ending in (".svg", ".png", ".pdf")),
    *(f"export all{ending}" for ending in (".xlsx", ".json", ".jsonld", ".db")),
    "sessions -o sessions.ics",
    "export folder/",
    "export parquet/ --format parquet",
    "load SEED --db mine.db",
    "schema -o schema.json",
    "packs template -o template.yaml",
]
ENVIRONMENTS = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
]
CODE = "import sys; from cthbkb import front; sys.exit(max(front.main(line.split()) for line in sys.argv[1:]))"


def written(folder: Path, env: Mapping[str, str], seed: Path) -> dict[str, str]:
    """Return the digests of the files that the commands write in an environment, by name."""
    folder.mkdir()
    lines = [line.replace("SEED", str(seed)) for line in LINES]
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **env}
    subprocess.run([sys.executable, "-c", CODE, *lines], cwd=folder, env=env, check=True, capture_output=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_files_have_the_same_bytes_in_every_environment(
    database: Path, seed_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("xlsxwriter", "docx", "matplotlib", "pyarrow"):
        pytest.importorskip(library)
    monkeypatch.setenv("CTHBKB_DB", str(database))
    first, *others = (written(tmp_path / str(n), env, seed_path) for n, env in enumerate(ENVIRONMENTS))
    assert len(first) > 60
    for other in others:
        assert {name for name in first | other if first.get(name) != other.get(name)} == set()


def test_two_first_runs_keep_the_same_database(tmp_path: Path) -> None:
    kept = set()
    for n, env in enumerate(ENVIRONMENTS):
        home = {"XDG_CACHE_HOME": str(tmp_path / str(n))}
        command = [sys.executable, "-m", "cthbkb", "--version"]
        subprocess.run(command, env={**os.environ, **env, **home}, check=True, capture_output=True)
        (path,) = (tmp_path / str(n) / "cthbkb").glob("kb-*.db")
        kept.add((path.name, hashlib.sha256(path.read_bytes()).hexdigest()[:32]))
    ((name, digest),) = kept
    assert name.endswith(f"-{digest}.db")
