"""The documentation matches the program, which generates the output, tables and examples in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cthbkb.catalog import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_the_generated_pages_are_up_to_date(first_run: Path) -> None:
    env = {**os.environ, "XDG_CACHE_HOME": str(first_run)}
    env.pop("CTHBKB_DB", None)
    done = subprocess.run(
        [sys.executable, "docs/make.py", "--check"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_are_valid(page: str) -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in text and name != "overview"] == []


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = [p.name for p in (ROOT / "src" / "cthbkb").iterdir() if p.suffix in {".py", ".sql"}]
    missing = [m for m in sorted(modules) if f"`{m}`" not in text and m not in {"__init__.py", "__main__.py"}]
    assert missing == []
