"""`open`: the address of a record's source, in a browser, or printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that records what it was asked to open."""
    program, visited = tmp_path / "browser", tmp_path / "visited"
    program.write_text(f'#!/bin/sh\necho "$1" >> "{visited}"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    return visited


def test_each_record_opens_its_own_address_or_the_address_of_its_document(run: Run) -> None:
    documents = {row["id"]: row for row in json.loads(run("documents", "--format", "json").out)}
    led = 0
    for listing in ("documents", "conferences", "publications", "statements", "statistics", "recs"):
        for row in json.loads(run(listing, "--format", "json").out):
            wanted = row.get("url") or documents.get(row.get("document"), {}).get("url")
            done = run("open", row["id"], "--print")
            assert done.out.strip().removeprefix("https://") == (wanted or "").removeprefix("https://")
            assert done.code == (0 if wanted else 1)
            assert done.out.startswith("http") == bool(wanted)
            led += bool(wanted)
    assert led > 5


def address(run: Run) -> tuple[str, str]:
    """Return a record with its address."""
    row = next(row for row in json.loads(run("publications", "--format", "json").out) if row["url"])
    return row["id"], run("open", row["id"], "--print").out.strip()


def test_the_address_is_opened_in_the_browser(run: Run, browser: Path) -> None:
    id_, url = address(run)
    done = run("open", id_)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert browser.read_text(encoding="utf-8").split() == [url]


def test_without_a_browser_the_address_is_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    id_, url = address(run)
    monkeypatch.setenv("BROWSER", "/nowhere/at/all %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setenv("PATH", "")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run("open", id_)
    assert (done.code, done.out) == (0, f"{url}\n")


def test_a_missing_address_is_reported_with_a_next_step(run: Run) -> None:
    done = run("open", "lighthouses")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: lighthouses has no address\nhint: ")
    assert run("open", "nothing-of-the-kind").code == 2


def test_several_addresses_are_printed_in_the_order_of_their_records(run: Run) -> None:
    done = run("open", "keepers-film", "2031-p1-r1", "2033", "--print")
    assert (done.code, done.out.split()) == (
        0, ["https://films.example/watch", "https://harbour-forum.example/2031", "https://harbour-forum.example/2033"],
    )  # fmt: skip
    done = run("open", "2035-p1-t1", "--print")
    assert done.err.startswith("error: the document of 2035-p1-t1, 2035-conclusions, has no address\n")
