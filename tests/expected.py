"""Writes the whole output of commands on the fabricated base, which `tests/test_compare.py` holds the program to.

    python tests/expected.py            write what differs, and name it: read it before it is committed
    python tests/expected.py --check    say which file differs, and exit 1

A file of `tests/expected/compare/` is named after the view and the width of the terminal, or after the format. What is
said on stderr stands below the output, each line after `! `.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cthbkb import build, front, seed

HERE = Path(__file__).parent
FOLDER = HERE / "expected" / "compare"

VIEWS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "theme": ("--theme", "lighthouses"),
    "theme-in-other-asks": ("--theme", "joint harbour teams"),
    "theme-without-it-in-a-year": ("--theme", "cooperation"),
    "themes": ("--theme", "jht", "--theme", "night-work"),
    "theme-without-an-ask": ("--theme", "harbour-safety"),
    "theme-of-one-kind": ("--theme", "jht", "--kind", "recommendation"),
    "two-years": ("2031", "2035"),
    "two-years-next-to-each-other": ("2033", "2031"),
    "two-years-at-the-end": ("2033", "2035"),
    "three-years": ("2035", "2031", "2033"),
    "by-modality": ("--by", "modality"),
    "by-addressee": ("--by", "addressee"),
    "by-theme": ("--by", "theme"),
    "by-theme-of-two-years-by-shift": ("--by", "theme", "2031", "2035", "--sort", "shift"),
    "by-kind-of-a-theme": ("--by", "kind", "--theme", "lighthouses"),
    "by-country": ("--by", "country"),
    "gaps": ("--by", "theme", "--gaps"),
    "gaps-of-addressees": ("--by", "addressee", "--gaps", "2031", "2033"),
    "planned": ("--planned", "2033"),
    "outside": ("--outside",),
    "outside-of-a-year": ("--outside", "2035"),
}
"""Name of a view to its command line."""

SHOWN = {
    "show-a-thread": "keepers-heard",
    "show-a-thread-that-another-follows": "spare-lamps",
    "show-an-item-of-two-threads": "2031-p1-r1",
    "show-a-session-with-items-of-a-common-list": "2035-keynote",
}
"""Name of a file to the record that `show` shows: what a comparison leads to."""

WIDTHS = (60, 80, 100, 140)
FORMATS = ("tsv", "json")


def cases() -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield name of file, arguments and width of terminal of each case."""
    for name, argv in VIEWS.items():
        for width in WIDTHS:
            yield f"{name}-{width}.txt", ("compare", *argv, "--format", "table"), width
        for format in FORMATS:
            yield f"{name}.{format}", ("compare", *argv, "--format", format), 80
    for name, record in SHOWN.items():
        yield f"{name}.txt", ("show", record, "--format", "table"), 80


def output(argv: tuple[str, ...], width: int, database: Path) -> str:
    """Return what a command prints on a terminal of a width, without trailing spaces, and below it what it says."""
    out, err = io.StringIO(), io.StringIO()
    os.environ.update(COLUMNS=str(width), NO_COLOR="1", CTHBKB_DB=str(database))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = front.main([*argv])
    lines = [line.rstrip(" ") for line in out.getvalue().splitlines()]
    said = [f"! {line}" for line in err.getvalue().splitlines()]
    return "\n".join([*lines, *said, *([f"! exit {code}"] if code else [])]) + "\n"


def main() -> int:
    """Write the files, or say which differ."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "fabricated.db")
        build.build(seed.load(HERE / "seed.yaml"), database)
        made = {name: output(argv, width, database) for name, argv, width in cases()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = [p for p in sorted(FOLDER.iterdir()) if p.name not in made]
    differs = [n for n, text in made.items() if not (FOLDER / n).exists() or (FOLDER / n).read_text("utf-8") != text]
    if "--check" not in sys.argv:
        for path in stale:
            path.unlink()
        for name in differs:
            (FOLDER / name).write_text(made[name], encoding="utf-8")
    for name in (*differs, *(p.name for p in stale)):
        print(name)
    return 1 if "--check" in sys.argv and (differs or stale) else 0


if __name__ == "__main__":
    raise SystemExit(main())
