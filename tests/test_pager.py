"""The pager: only on a terminal, only for what is longer than the screen, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import on_a_terminal


def screen(*argv: str, **env: str) -> str:
    """Run the program on a terminal of 80 columns and 24 lines and return what it shows."""
    return on_a_terminal(*argv, env={"TERM": "xterm", "COLUMNS": "80", "LINES": "24", **env}, quiet=True)[1].decode()


@pytest.fixture(autouse=True)
def fabricated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes read the fabricated base."""
    monkeypatch.setenv("CTHBKB_DB", str(database))


def test_a_long_table_goes_to_the_pager_with_its_heading_on_each_screen() -> None:
    shown = screen("recs", PAGER="sed s/^/paged:/")
    lines = shown.splitlines()
    assert all(line.startswith("paged:") for line in lines)
    assert len([line for line in lines if line.startswith("paged:id ")]) > 1


@pytest.mark.parametrize(
    ("argv", "env"),
    [
        (("themes", "-n", "2"), {}),
        (("recs", "--no-pager"), {}),
        (("recs",), {"PAGER": "cat"}),
        (("recs",), {"TERM": "dumb"}),
        (("recs", "-f", "json"), {}),
    ],
)
def test_what_fits_or_is_not_to_be_paged_is_printed(argv: tuple[str, ...], env: dict[str, str]) -> None:
    assert "paged:" not in screen(*argv, **{"PAGER": "sed s/^/paged:/", **env})


def test_leaving_the_pager_early_is_no_error() -> None:
    shown = screen("recs", PAGER="head -n 2")
    assert "Traceback" not in shown
    assert len(shown.splitlines()) == 2
