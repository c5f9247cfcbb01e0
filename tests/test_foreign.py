"""Databases from somebody else, served: a few of the changed copies that `bench/foreign.py` tries."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import script

pytest.importorskip("datasette", reason="the extra `web` is not installed")
pytest.importorskip("mcp", reason="the extra `mcp` is not installed")

from cthbkb.web import app

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs forks as Unix has them")

bench = script("bench/foreign.py")


def test_a_changed_database_is_refused_or_served(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, bench.__name__, bench)  # its functions are called in other processes
    monkeypatch.setitem(app.SETTINGS, "num_sql_threads", 0)  # threads cost more than most pages
    found = [line for lines in bench.run(str(database), range(-1, 2), 0.15) for line in lines]
    assert found == []
