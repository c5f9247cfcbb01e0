"""Workbooks, Word documents and copies, printed by LibreOffice, which takes long to start and is started only once."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, script
from variants import office, pdf

from cthbkb import front, named
from cthbkb.copies.resolve import FOUND

INFO = shutil.which("pdfinfo")
SIZES = {"a4": "595", "letter": "612"}
BRIEFINGS = {"compensation": "letter", "jits": "a4"}
TEXTS = sorted(Path(os.environ.get("CTHBKB_SOURCES", "/nowhere")).glob("20*.txt"))[:1]

copies = script("bench/copies.py")

needs_info = pytest.mark.skipif(INFO is None, reason="needs poppler-utils")
pytestmark = pytest.mark.skipif(not office(), reason="needs libreoffice-calc-nogui and libreoffice-writer-nogui")


@pytest.fixture(scope="module")
def folder(database: Path, packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a PDF of each document."""
    folder = tmp_path_factory.mktemp("office")
    briefings = [folder / f"{theme}.docx" for theme in BRIEFINGS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        for path in briefings:
            argv = ["brief", "--theme", path.stem, "--paper", BRIEFINGS[path.stem], "-o", str(path)]
            assert front.main([*argv, "--db", str(packaged)]) == 0
        assert front.main(["recs", "-o", str(folder / "recs.xlsx"), "--db", str(database)]) == 0
        pdf([folder / "recs.xlsx", *briefings, *copies.web(TEXTS, folder)], folder)
    return folder


@needs_info
@pytest.mark.parametrize("theme", BRIEFINGS)
def test_a_briefing_on_an_ordinary_theme_has_two_pages_of_the_given_size(folder: Path, theme: str) -> None:
    told = printed(str(INFO), folder / f"{theme}.pdf")
    assert re.search(r"Pages: +2\n", told)
    assert re.search(rf"Page size: +{SIZES[BRIEFINGS[theme]]}", told)


@needs_info
def test_a_workbook_is_printed_with_its_rows(folder: Path, run: Run) -> None:
    sheet = printed("pdftotext", "-layout", folder / "recs.pdf", "-").partition("\f")[2]
    head, *lines = (line.split() for line in sheet.partition("\f")[0].splitlines())
    assert head[:5] == ["id", "year", "conference", "session", "kind"]
    listed = {row["id"]: row["kind"] for row in json.loads(run("recs", "--format", "json").out)}
    assert {words[0]: words[4] for words in lines if words and words[0] in listed} == listed


@pytest.mark.skipif(not TEXTS, reason="CTHBKB_SOURCES names no folder with the texts of the documents")
def test_passages_are_found_in_a_copy_in_pdf_and_none_wrongly(folder: Path, packaged: Path) -> None:
    pytest.importorskip("pypdf")
    with closing(named.connect(str(packaged))) as base:
        ((states, wrong),) = copies.tried(base, TEXTS, [folder / f"{path.stem}.pdf" for path in TEXTS])
    assert wrong == []
    assert states[FOUND] >= states.total() - 1 > 0, states


def printed(*argv: str | Path) -> str:
    """Return the output of a program."""
    return subprocess.run([*map(str, argv)], check=True, capture_output=True, text=True).stdout
