"""Puts the plausible bugs of `mutants.txt` into a copy of the program, one at a time, and runs the tests on each.

    python tests/mutants.py             all of them: the score of each batch, and who survived
    python tests/mutants.py audit       one batch
    python tests/mutants.py --list      whether each of them still applies, without a run

A mutant is killed when a test fails. Tools that make mutants of themselves (mutmut, cosmic-ray) leave SQL alone, of
which half of the program is made; these are written by hand, as a tired author would have erred.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "data", "docs", "bench", "pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
          "ARCHITECTURE.md", "LICENSE", "Makefile")  # fmt: skip
WORKERS = int(os.environ.get("WORKERS", "2"))
TIMEOUT = 600

CORE = "expected query record compare search listing formats columns registry table library cli docs quality".split()
"""Tests that run for every mutant, the most telling first."""

ALSO = {
    "checks.py": "checks data layers packs seed",
    "seed.py": "seed layers packs data checks build",
    "cache.py": "store build packs complete",
    "build.py": "build store packs layers",
    "fill.py": "build schema packs complete",
    "complete.py": "complete",
    "repeat.py": "front",
    "commands/packs.py": "packs layers",
    "commands/about.py": "packs data",
    "commands/export.py": "export build packs",
}
"""Mutated file to the tests that come before those."""


@dataclass(frozen=True)
class Mutant:
    """One bug: the text of a file that is replaced."""

    batch: str
    file: str
    old: str
    new: str

    def name(self) -> str:
        """Return the file and the first line of what replaces."""
        return f"{self.file}: {self.old.splitlines()[0].strip()[:60]}  →  {self.new.splitlines()[0].strip()[:60]}"

    def applied(self) -> str | None:
        """Return the text of the file with the bug; None where what it replaces does not occur once."""
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


def tests(file: str, folder: Path) -> list[str]:
    """Return the test files to run for a mutant, those most likely to notice first."""
    names = dict.fromkeys([*ALSO.get(file, "").split(), *CORE])
    paths = [f"tests/test_{name}.py" for name in names]
    return [path for path in paths if (folder / path).exists()]


def run(mutant: Mutant, folder: Path) -> str:
    """Return `stale`, `survived`, or the first test that fails with a mutant."""
    text = mutant.applied()
    if text is None:
        return "stale"
    target = folder / "src" / "cthbkb" / mutant.file
    sound = target.read_text(encoding="utf-8")
    target.write_text(text, encoding="utf-8")
    try:
        argv = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider"]
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        argv += tests(mutant.file, folder)
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return "a timeout"
    finally:
        target.write_text(sound, encoding="utf-8")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode:
        return failed[0].split(" - ")[0] if failed else done.stdout[-200:] + done.stderr[-200:]
    return "survived"


def main() -> int:
    """Run the mutants that are named, and print the score."""
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [m for m in mutants() if not named or any(word in (m.batch, m.file) for word in named)]
    if "--list" in sys.argv:
        for mutant in chosen:
            print(f"{'stale' if mutant.applied() is None else 'ok':8} {mutant.name()}")
        return 0
    results: dict[Mutant, str] = {}
    with tempfile.TemporaryDirectory() as base:
        folders: Queue[Path] = Queue()
        for number in range(WORKERS):
            folder = Path(base, str(number))
            for name in COPIED:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, folder / name)
            folders.put(folder)

        def one(mutant: Mutant) -> None:
            folder = folders.get()
            try:
                results[mutant] = run(mutant, folder)
            finally:
                folders.put(folder)
            print(f"{mutant.batch}: {mutant.name()}\n    {results[mutant]}", flush=True)

        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(one, chosen))
    print()
    for batch in dict.fromkeys(m.batch for m in chosen):
        of_batch = [results[m] for m in chosen if m.batch == batch and results[m] != "stale"]
        killed = len(of_batch) - of_batch.count("survived")
        print(f"{batch}: {killed} of {len(of_batch)} killed")
    counted = [result for result in results.values() if result != "stale"]
    killed = len(counted) - counted.count("survived")
    print(f"all: {killed} of {len(counted)} killed ({round(100 * killed / max(1, len(counted)))} %)")
    for word in ("survived", "stale"):
        for mutant in chosen:
            if results[mutant] == word:
                print(f"{word}: {mutant.name()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
