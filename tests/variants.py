"""Variants of a text, as other programs, page sizes or printers would produce them."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["VARIANTS", "office", "pages", "pdf", "printed"]

SHAPES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})
LIGATURES = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("ff", "ﬀ"))


def blocks(text: str) -> list[str]:
    """Return the paragraphs of a text, each on one line; list items are separate paragraphs."""
    made = re.sub(r"\n(?=\s*(- |\d+\. ))", "\n\n", text)
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", made) if block.strip()]


def wrapped(text: str, width: int) -> str:
    """Return a text with different line breaks."""
    return "\n\n".join(textwrap.fill(block, width, break_on_hyphens=False) for block in blocks(text))


def hyphenated(text: str, width: int = 62, soft: str = "-") -> str:
    """Return a text whose lines are filled by hyphenating long words."""
    made = []
    for block in blocks(text):
        line, lines = "", []
        for word in block.split(" "):
            room = width - len(line) - 1
            if len(line) + 1 + len(word) <= width:
                line = f"{line} {word}".strip()
            elif word.isalpha() and word.islower() and len(word) > 7 and room > 4:
                cut = min(room - 1, len(word) - 3)
                lines.append(f"{line} {word[:cut]}{soft}")
                line = word[cut:]
            else:
                lines.append(line)
                line = word
        made.append("\n".join([*lines, line]))
    return "\n\n".join(made)


def paginated(text: str, height: int = 38, end: str = "\f") -> str:
    """Return a text in pages, each with a running header and its number at the foot."""
    lines = text.split("\n")
    pages = [lines[n : n + height] for n in range(0, len(lines), height)]
    made = []
    for number, page in enumerate(pages, 1):
        made.append("\n".join(["Alliance against Trafficking in Persons | Papers", "", *page, "", f"{number}"]))
    return end.join(made)


def printed(text: str) -> str:
    """Return a text with straight quotes and dashes, ligatures, and footnote marks as plain digits."""
    text = re.sub(r"<sup>(\d+)</sup>", r"\1", text).translate(SHAPES)
    text = text.translate(str.maketrans("¹²³⁴⁵⁶⁷⁸⁹⁰", "1234567890"))
    for letters, ligature in LIGATURES:
        text = text.replace(letters, ligature)
    return text.replace("**", "").replace("*", "")


def page(text: str) -> str:
    """Return a text as an HTML page."""
    body = []
    for block in blocks(text):
        plain = html.escape(re.sub(r"\*+", "", re.sub(r"</?sup>", "", block)))
        body.append(f"<p>{plain}</p>")
    head = "<!DOCTYPE html>\n<html><head><title>x</title><style>p {}</style></head><body>"
    return "\n".join([head, *body, "</body></html>"])


def office() -> str | None:
    """Return the program that converts a text to PDF, if it is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def pages(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Write texts, given by name, as HTML pages."""
    made = [folder / f"{name}.html" for name in texts]
    for path, text in zip(made, texts.values(), strict=True):
        path.write_text(page(text), encoding="utf-8")
    return made


def pdf(sources: Sequence[Path], folder: Path) -> list[Path]:
    """Convert files to PDF with one start of LibreOffice."""
    program = office()
    assert program
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, sources)], check=True, capture_output=True, timeout=180)
    return [folder / f"{source.stem}.pdf" for source in sources]


VARIANTS: dict[str, Callable[[str], str]] = {
    "wrapped at 40": lambda text: wrapped(text, 40),
    "wrapped at 100": lambda text: wrapped(text, 100),
    "hyphenated": hyphenated,
    "softly hyphenated": lambda text: hyphenated(text, 50, "\u00ad"),
    "in pages": lambda text: paginated(wrapped(text, 80)),
    "in pages without form feeds": lambda text: paginated(wrapped(text, 80), end="\n\n"),
    "hyphenated in pages": lambda text: paginated(hyphenated(text, 70)),
    "hyphenated in pages without form feeds": lambda text: paginated(hyphenated(text, 70), 45, "\n\n"),
    "printed": printed,
    "printed, hyphenated in pages": lambda text: paginated(hyphenated(printed(text), 66)),
    "as HTML": page,
}
"""Maps the name of a variant to the function that makes it from a text."""
