"""The pager: used only on a terminal, and only for output longer than the screen."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from conftest import on_a_terminal

from cthbkb import pager


def screen(*argv: str, **env: str) -> str:
    """Run the program on a terminal of 80 columns and 24 lines and return what it shows."""
    return on_a_terminal(*argv, env={"TERM": "xterm", "COLUMNS": "80", "LINES": "24", **env}, quiet=True)[1].decode()


@pytest.fixture(autouse=True)
def fabricated(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make processes use the database of the fabricated seed."""
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
def test_output_that_fits_or_must_not_be_paged_is_printed(argv: tuple[str, ...], env: dict[str, str]) -> None:
    assert "paged:" not in screen(*argv, **{"PAGER": "sed s/^/paged:/", **env})


def test_quitting_the_pager_is_not_an_error() -> None:
    shown = screen("recs", PAGER="head -n 2")
    assert "Traceback" not in shown
    assert len(shown.splitlines()) == 2


def test_output_that_leaves_one_line_free_is_not_paged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of the screen is for the prompt."""
    monkeypatch.setenv("LINES", "5")
    monkeypatch.setenv("PAGER", f"cat > '{tmp_path / 'paged'}'; echo \"$LESS\" >> '{tmp_path / 'paged'}'")
    monkeypatch.delenv("LESS", raising=False)
    for lines in (4, 5):
        out = io.StringIO()
        paged = pager.Paged(out)
        assert paged.isatty()
        for n in range(lines):
            assert paged.write(f"{n}\n") == 2
        paged.flush()
        paged.close()
        told = "".join(f"{n}\n" for n in range(lines))
        assert out.getvalue() == (told if lines == 4 else "")
        assert (tmp_path / "paged").exists() == (lines == 5)
    assert (tmp_path / "paged").read_text(encoding="utf-8") == f"{told}FRX\n"


def test_a_pager_is_used_only_on_a_suitable_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    for is_one, term, command, found, wanted in (
        (True, "xterm", "more", None, True), (False, "xterm", "more", None, False), (True, "dumb", "more", None, False),
        (True, "xterm", "cat", "/bin/less", False), (True, "xterm", " ", "/bin/less", False),
        (True, "xterm", None, "/bin/less", True), (True, "xterm", None, None, False),
    ):  # fmt: skip
        monkeypatch.setattr(terminal, "isatty", lambda is_one=is_one: is_one)
        monkeypatch.setattr(pager.sys, "stdout", terminal)
        monkeypatch.setattr(pager.shutil, "which", lambda _, found=found: found)
        monkeypatch.setenv("TERM", term)
        monkeypatch.setenv("PAGER", command) if command is not None else monkeypatch.delenv("PAGER", raising=False)
        assert pager.wanted() == wanted, (is_one, term, command, found)


def test_the_users_options_for_less_are_kept() -> None:
    assert screen("recs", PAGER="sed s/^/$LESS:/", LESS="mine").startswith("mine:")
    assert screen("recs", PAGER="sed s/^/$LESS:/").startswith("FRX:")
