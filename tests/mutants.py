"""Put the plausible bugs in `mutants.txt` into a copy of the program, one at a time, and run the tests on each.

A mutant is killed if a test fails. Tools that generate mutants (mutmut, cosmic-ray) do not cover SQL, which makes up
half of the program; these mutants were written by hand, like mistakes of a tired author. The tests run in forks of a
process that has imported the libraries but not the program.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COPIED = (
    "src", "tests", "data", "docs", "bench", "pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
    "ARCHITECTURE.md", "LICENSE", "Makefile",
)  # fmt: skip
LIBRARIES = "hypothesis yaml sqlite_utils rich.table typer jsonschema".split()
WORKERS = int(os.environ.get("WORKERS", "2"))

OPTIONS = "-x -q --no-header -p no:cacheprovider -W ignore::pytest.PytestAssertRewriteWarning".split()

FIRST = "expected"
THEN = "query record compare search checks"
REST = "listing formats columns registry table library sql reach cite chart brief export cli build schema docs"
"""Tests that run for every mutant, a group at a time until one detects it."""

LEFT_OUT = "faults foreign same sqlite supply wheel".split()
"""Tests of whole processes, files on disk and packages, which are too slow to run on every surviving mutant."""

ALSO = {
    "about": "packs data",
    "account": "packs data serve",
    "advice": "listing query",
    "archive": "cache",
    "bibliography": "cite",
    "book": "excel export office",
    "brief": "office",
    "build": "store packs",
    "cache": "store build",
    "catalog": "front cli complete",
    "checks": "packs layers hostile",
    "copies": "locate prints shelf sources verify wordings words",
    "derive": "views compare data",
    "drawing": "chart",
    "dump": "export",
    "extras": "excel export",
    "figure": "chart",
    "fill": "schema query",
    "frames": "library",
    "index": "search search_finds",
    "leads": "search_leads search",
    "man": "manual",
    "mcp": "assistant",
    "messages": "errors",
    "named": "store build",
    "narrow": "front cli query",
    "origin": "excel brief",
    "package": "export",
    "packs": "layers",
    "page": "compare table",
    "paper": "brief",
    "parquet": "export",
    "plain": "listing",
    "plot": "chart",
    "problems": "errors failures",
    "prose": "brief",
    "reach": "query",
    "registry": "query reach",
    "repeat": "cli",
    "scales": "compare",
    "search": "search_finds quality",
    "seed": "layers packs hostile",
    "sources": "copies",
    "spelled": "record query",
    "terms": "search search_finds quality",
    "usage": "errors cli",
    "views": "sql query",
    "web": "serve",
    "word": "brief office",
}
"""Maps a module or folder to further tests of it, besides the tests with its name; they run before the others."""

SCHEMA = ("views.sql", "schema.py")
"""Files that determine the version of the schema."""

VERSION = """
import sqlite3
from cthbkb import fill, named, seed
db = sqlite3.connect(":memory:")
fill.write(seed.parse(b"themes: []\\n", "empty.yaml"), db)
print(hex(named.schema_of(db)))
"""
"""Prints the version of the schema."""


@dataclass(frozen=True)
class Mutant:
    """One bug: a text in a file, and its replacement."""

    batch: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.file}: {self.old.splitlines()[0].strip()[:70]}  →  {self.new.splitlines()[0].strip()[:70]}"

    def applied(self) -> str | None:
        """Return the text of the file with the bug; None if the text to replace does not occur exactly once."""
        text = (ROOT / "src" / "cthbkb" / self.file).read_text(encoding="utf-8")
        return text.replace(self.old, self.new) if text.count(self.old) == 1 else None


def mutants() -> Iterator[Mutant]:
    """Yield the mutants of the table."""
    batch = file = ""
    text = Path(__file__).with_name("mutants.txt").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        for line in lines:
            batch = line[3:] if line.startswith("## ") else batch
            file = line[2:] if line.startswith("@ ") else file
        old, new = ("\n".join(line[2:] for line in lines if line.startswith(mark)) for mark in ("- ", "+ "))
        if old:
            yield Mutant(batch, file, old, new)


def run(mutant: Mutant, folder: Path) -> str:
    """Return `stale`, `survived`, or the first test that fails with a mutant."""
    text = mutant.applied()
    if text is None:
        return "stale"
    program = folder / "src" / "cthbkb"
    target, cache = program / mutant.file, program / "cache.py"
    sound = {path: path.read_text(encoding="utf-8") for path in (target, cache)}
    target.write_text(text, encoding="utf-8")
    try:
        if mutant.file in SCHEMA:
            cache.write_text(versioned(sound[cache], folder), encoding="utf-8")
        return next((found for names in groups(mutant.file) if (found := failing(names, folder))), "survived")
    finally:
        for path, before in sound.items():
            path.write_text(before, encoding="utf-8")


def versioned(text: str, folder: Path) -> str:
    """Return the text of `cache.py` with the version of a mutant's schema; unchanged if nothing can be built from it.

    The author of a change to the schema updates its version; a test that compares the two does not detect a bug.
    """
    command = [sys.executable, "-B", "-c", VERSION]
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": "src"}, capture_output=True, text=True, check=False)
    return re.sub("(?<=\nSCHEMA_VERSION = )\\w+", done.stdout.strip(), text) if done.returncode == 0 else text


def groups(file: str) -> Iterator[list[str]]:
    """Yield the groups of tests to run for a mutant of a file, without duplicates; the tests of the file come first."""
    parts = Path(file).with_suffix("").parts
    mirroring = " ".join(name for part in parts for name in (part, ALSO.get(part, "")))
    done: set[str] = set()
    others = " ".join(sorted(path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")))
    for group in (mirroring, FIRST, THEN, REST, others):
        new = [
            name
            for name in dict.fromkeys(group.split())
            if name not in {*done, *LEFT_OUT} and _path(ROOT, name).exists()
        ]
        done.update(new)
        if new:
            yield new


def _path(folder: Path, name: str) -> Path:
    return folder / "tests" / f"test_{name}.py"


def failing(names: Iterable[str], folder: Path) -> str:
    """Return the first of some tests that fails; empty if all pass."""
    paths = [str(_path(folder, name)) for name in names]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        child = os.fork()
        if not child:
            code = 99
            try:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
                os.chdir(folder)
                sys.path[:0] = [str(folder / "src"), str(folder / "tests")]
                os.environ["PYTHONPATH"] = str(folder / "src")
                code = pytest.main([*OPTIONS, *paths])
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)  # a child must not remove the files of its parent
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        log.seek(0)
        text = log.read()
    failed = [line for line in text.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "" if status == 0 else failed[0].split(" - ")[0] if failed else text[-300:] or f"status {status}"


def copy(folder: Path) -> None:
    """Copy what the tests need, with the bytecode of the program."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy2(source, folder / name)
    compileall.compile_dir(folder / "src", quiet=1)
    compileall.compile_dir(folder / "tests", quiet=1)


def work(chosen: list[Mutant], folder: Path, results: Path) -> None:
    """Run some mutants, and write the number and outcome of each."""
    for library in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(library)
    sys.dont_write_bytecode = True
    copy(folder)
    if noticed := failing([FIRST], folder):
        raise SystemExit(f"the tests fail without a bug: {noticed}")
    for number, mutant in enumerate(chosen):
        if number % WORKERS == int(folder.name):
            outcome = run(mutant, folder)
            with results.open("a", encoding="utf-8") as file:
                file.write(f"{number}\t{' '.join(outcome.split())}\n")
            print(f"{mutant}\n    {outcome}", flush=True)


def main() -> int:
    """Run the named mutants, and print the score."""
    parser = argparse.ArgumentParser(description="Run the tests on each mutant; print the scores and the survivors.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a batch or a file in mutants.txt; all if omitted")
    parser.add_argument("--list", action="store_true", help="only print whether each mutant still applies")
    options = parser.parse_args()
    chosen = [m for m in mutants() if not options.names or {m.batch, m.file} & {*options.names}]
    if lacking := {*options.names} - {name for m in chosen for name in (m.batch, m.file)}:
        parser.error(f"no mutants in {', '.join(sorted(lacking))}")
    if options.list:
        for mutant in chosen:
            print(f"{'stale' if mutant.applied() is None else 'ok':8} {mutant}")
        return 0
    with tempfile.TemporaryDirectory() as base:
        children = []
        for number in range(WORKERS):
            child = os.fork()
            if not child:
                try:
                    work(chosen, Path(base, str(number)), Path(base, "results"))
                except BaseException:
                    traceback.print_exc()
                finally:
                    sys.stdout.flush()
                    os._exit(0)  # the parent removes the files
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        lines = Path(base, "results").read_text(encoding="utf-8").splitlines()
    results = {chosen[int(number)]: outcome for number, outcome in (line.split("\t") for line in lines)}
    print()
    for batch in [*dict.fromkeys(m.batch for m in chosen), "all"]:
        outcomes = [o for m, o in results.items() if batch in (m.batch, "all") and o != "stale"]
        killed = len(outcomes) - outcomes.count("survived")
        print(f"{batch}: {killed} of {len(outcomes)} killed, {round(100 * killed / max(1, len(outcomes)))} %")
    for word in ("survived", "stale"):
        for mutant in chosen:
            if results[mutant] == word:
                print(f"{word}: {mutant}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
