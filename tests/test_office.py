"""Workbooks and Word documents, opened by LibreOffice, which takes long to start and is therefore started only once."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Run
from variants import office

OFFICE, INFO = office(), shutil.which("pdfinfo")
SIZES = {"a4": "595", "letter": "612"}
BRIEFINGS = {"compensation": "letter", "jits": "a4"}


@pytest.mark.skipif(OFFICE is None, reason="needs libreoffice-calc-nogui and libreoffice-writer-nogui")
@pytest.mark.skipif(INFO is None, reason="needs poppler-utils")
def test_libreoffice_opens_a_workbook_and_prints_a_briefing_on_an_ordinary_theme_on_two_pages(
    run: Run, packaged: Path, tmp_path: Path
) -> None:
    briefings = {tmp_path / f"{theme}.docx": SIZES[size] for theme, size in BRIEFINGS.items()}
    for path in briefings:
        argv = ("brief", "--theme", path.stem, "--paper", BRIEFINGS[path.stem], "-o", path)
        assert run(*argv, db=packaged).code == 0
    assert run("recs", "-o", tmp_path / "recs.xlsx").code == 0
    command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf"]
    command += ["--outdir", str(tmp_path), str(tmp_path / "recs.xlsx"), *map(str, briefings)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)

    for path, width in briefings.items():
        told = printed(str(INFO), path.with_suffix(".pdf"))
        assert re.search(r"Pages: +2\n", told), path.name
        assert re.search(rf"Page size: +{width}", told), path.name

    sheet = printed("pdftotext", "-layout", tmp_path / "recs.pdf", "-").partition("\f")[2]
    head, *lines = (line.split() for line in sheet.partition("\f")[0].splitlines())
    assert head[:5] == ["id", "year", "conference", "session", "kind"]
    listed = {row["id"]: row["kind"] for row in json.loads(run("recs", "--format", "json").out)}
    assert {words[0]: words[4] for words in lines if words and words[0] in listed} == listed


def printed(*argv: str | Path) -> str:
    """Return the output of a program."""
    return subprocess.run([*map(str, argv)], check=True, capture_output=True, text=True).stdout
