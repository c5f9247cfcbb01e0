"""Run the program with other builds of SQLite, and compare everything that it prints and writes.

    python bench/sqlite.py LIBRARY...

A library is a `libsqlite3.so` of another version, or with different parts and defaults. Each line of `LINES`, and
`tests/expected.py`, is run with it in an empty home folder. Exit codes, output and files must be byte-identical to
those of this Python's own SQLite; of databases, the content is compared. Then each of the two answers from the cache
that the other has built, and must leave it unchanged. A library that lacks what the program needs must be rejected with
one message, for any request. The exit code is 1 if anything differs.

It needs Linux, and a Python that loads SQLite from a shared library, such as those of distributions and of pyenv.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

__all__ = ["Comparison", "answers", "differences", "lines", "refused"]

ROOT = Path(__file__).resolve().parents[1]
NAME = "libsqlite3.so.0"
"""The name under which Python loads SQLite."""

PACK = """\
extends: cthbkb
document: my-notes

documents:
  - id: my-notes
    title: Notes
    kind: report
    publisher: The Secretariat
    citation: Notes
    year: 2031

activities:
  - id: my-training
    year: 2031
    type: training
    status: done
    what: Keepers learned to read tide tables.
    section: A
"""

LINES = (
    "--version",
    "about",
    *(f"{noun} -f {format}" for noun, format in zip(
        "conferences sessions speakers people organizations themes recs threads moves distinctions topics statistics "
        "instruments publications statements activities commitments discrepancies abbreviations documents".split(),
        "csv json jsonl yaml markdown tsv csv json jsonl yaml markdown tsv csv json jsonl yaml markdown tsv csv json"
        .split(), strict=True,
    )),
    "recs --theme jits --all --theme information-sharing --year 2016-2020 --not-theme child-protection -f csv",
    "recs --thread none --sort -modality --limit 9 -f json --cite-query",
    "speakers Romania", "organizations CoE", "recs jits 2020 --count", "recs --theme jots",
    "people --recurring --sort sort_name", "recs --theme jits --by-no-such-option",
    "search compensation -f json", 'search "dirty money" OR laundering -f csv', "search traffik* -survivors -f csv",
    "search who should pay victims --year 2020 -f json", "search zxqvy", "search --type people hyland -f json",
    "show 2020-p2-r4 richey jits -f json", "show ask-compensation -f table", "show no-such-record",
    "compare -f csv", "compare --theme compensation -f table", "compare 2016 2022 --outside -f csv",
    *(f"compare --by {axis} -f csv" for axis in "theme addressee affected modality kind role country".split()),
    "compare --by theme --gaps -f json", "compare --planned 2020 -f csv", "compare --by theme --sort shift",
    "brief --theme jits", "brief --thread ask-compensation -o thread.html", "cite 2020-p2-r4 2022-p4-t7 -f bibtex",
    *(f"recs --theme jits -o recs{ending}" for ending in ".xlsx .bib .ris .csl.json .txt .md".split()),
    *(f"chart {chart} -o {chart}.svg" for chart in "themes threads modality speakers".split()), "chart compare jits",
    "export folder/", "export selected/ --theme jits --year 2020 --excel", "export parquet/ -f parquet",
    *(f"export all.{ending}" for ending in "json jsonld db xlsx".split()),
    "sql --schema", "sql 'select year, kind, count(*) as items from recs group by 1, 2'",
    "sql 'select id, value from recs, json_each(themes) where year = 2016 order by seq, 2'",
    "sql 'select nothing from nowhere'", "sql 'delete from recs'",
    "check SEED", "packs check my-notes.yaml", "packs add my-notes.yaml", "packs list", "activities --year 2031 -f csv",
    "search tide tables -f csv", "packs remove my-notes", "load SEED --db mine.db",
    *(f"{line} --db mine.db" for line in (
        "recs -f csv", "search lamps", "sql 'select * from threads'", "show 2031-p1-r1 -f json", "sources add COPY",
        "sources list", "sources verify", "sources verify --all -f csv", "recs --verbatim -f csv", "brief --theme jht",
        "search lamps -f csv", "show 2031-p1-r1", "brief --theme jht --verbatim",
        "sources locate 2031-p1-r1 --copy COPY",
    )),
)  # fmt: skip
"""Command lines run in an empty home folder, in addition to the examples; `mine.db` has the fabricated seed."""

SHARED = (
    "--version", "recs -f csv", "search dirty money -f json", "compare -f csv", "show jits -f json", "export shared/",
    "load", "search lamps -f json",
)  # fmt: skip
"""Command lines run with a cache that another SQLite has built."""

WAITING = {"mcp", "open", "serve"}
"""Commands that wait for another program."""


def lines() -> list[str]:
    """Return all command lines to run in an empty home folder."""
    from cthbkb.catalog import COMMANDS

    examples = [c.example.removeprefix("cthbkb").strip() for name, c in COMMANDS.items() if name not in WAITING]
    return list(dict.fromkeys([*examples, *LINES]))


def answers(
    folder: Path, library: Path | None, asked: Sequence[str], cache: Path | None = None, seed: str = ""
) -> dict[str, bytes]:
    """Run command lines with a library, or this Python's own SQLite, in a new folder; return the results.

    The result maps each command line to its answer, and the path of each written file to its content. `seed` is read
    instead of the packaged one.

    Raises:
        SystemExit: if the process did not load the library, or ended without all answers.
    """
    work = folder / "work"
    work.mkdir(parents=True)
    cache = cache or folder / "cache"
    env = _env(folder, library) | {"XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, __file__, "--answer", str(library or ""), seed, *asked]
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{library or 'its own SQLite'}: {done.stderr.strip() or done.stdout.strip()}")
    found = {}
    for line, text in zip(asked, done.stdout.split("\0"), strict=True):
        text = text.replace(str(cache), "CACHE").replace(str(folder), "FOLDER")
        found[line] = re.sub(r"kb-[0-9a-f]+-[0-9a-f]+\.db", "kb.db", text).encode()
    for path in sorted(work.rglob("*")):
        if path.is_file():
            found[str(path.relative_to(work))] = _content(path)
    return found


def _env(folder: Path, library: Path | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CTHBKB_", "LD_"))}
    if library:
        where = folder / "library"
        where.mkdir(parents=True, exist_ok=True)
        (where / NAME).symlink_to(library.resolve())
        kept["LD_LIBRARY_PATH"] = str(where)
    return kept | {
        "HOME": str(folder / "home"), "COLUMNS": "80", "NO_COLOR": "1", "PAGER": "cat",
        "SOURCE_DATE_EPOCH": "1700000000",
    }  # fmt: skip


def _content(path: Path) -> bytes:
    """Return the content of a file; for a database, its objects and rows, since each SQLite stores them differently."""
    if not path.read_bytes().startswith(b"SQLite format 3\0"):
        return path.read_bytes()
    with contextlib.closing(sqlite3.connect(path)) as db:
        made = db.execute("select type, name, sql from sqlite_master where name not like 'sqlite_%' order by 1, 2")
        objects = made.fetchall()
        full_text = tuple(f"{name}_" for kind, name, sql in objects if kind == "table" and "using fts5" in sql.lower())
        read = [n for kind, n, _ in objects if kind == "table" and (n == "search_rows" or not n.startswith(full_text))]
        return repr([objects, *(db.execute(f'select * from "{name}"').fetchall() for name in read)]).encode()


def _answer(library: str, seed: str, asked: Sequence[str]) -> None:
    """Print the answers of command lines, one after another, in the process that has loaded the library."""
    from cthbkb import cache, front

    if seed:
        cache.seed_path = lambda: seed
    if library and os.path.realpath(library) not in Path("/proc/self/maps").read_text(encoding="utf-8"):
        raise SystemExit(f"this Python has SQLite {sqlite3.sqlite_version} and does not load another")
    Path("my-notes.yaml").write_text(PACK, encoding="utf-8")
    words = {"SEED": str(ROOT / "tests" / "seed.yaml"), "COPY": str(ROOT / "tests" / "harbour-2031.txt")}
    told = []
    for line in asked:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = front.main([words.get(word, word) for word in shlex.split(line)] or ["overview"])
        told.append(f"{out.getvalue()}\n! {code}\n{err.getvalue()}")
    sys.stdout.write("\0".join(told))


def differences(there: Mapping[str, bytes], here: Mapping[str, bytes]) -> list[str]:
    """Return the lines whose answers differ, and the files that differ or are missing."""
    return sorted(name for name in there.keys() | here.keys() if there.get(name) != here.get(name))


def refused(found: Mapping[str, bytes]) -> str:
    """Return the message that says what SQLite lacks; empty if there is none, or more than one.

    Every command line that needs records must get the same message; others, such as help, may answer.
    """
    said = {line for text in found.values() for line in text.split(b"\n") if LACKING in line}
    return said.pop().decode().removeprefix("error: ") if len(said) == 1 and LACKING in found["--version"] else ""


def _kept(cache: Path) -> dict[str, bytes]:
    """Return the databases in a cache, by name."""
    return {path.name: path.read_bytes() for path in (cache / "cthbkb").glob("kb-*.db")}


def _as_expected(folder: Path, library: Path | None) -> list[str]:
    """Return the files of `tests/expected/` that the program writes differently with a library."""
    command = [sys.executable, "tests/expected.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, env=_env(folder, library), capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


class Comparison:
    """The answers of this Python's own SQLite, for comparison with others; `folder` is for files.

    `seed` is read instead of the packaged one.
    """

    def __init__(self, folder: Path, asked: Sequence[str], shared: Sequence[str] = SHARED, seed: str = "") -> None:
        self.folder, self.asked, self.shared, self.seed = folder, asked, shared, seed
        self.truth = answers(folder / "own", None, asked, seed=seed)
        self.truth_shared = answers(folder / "shared", None, shared, folder / "own" / "cache", seed)

    def of(self, library: Path) -> tuple[str, list[str]]:
        """Return the message with which a library is rejected, or else the differences."""
        place = self.folder / re.sub(r"\W+", "-", str(library))
        found = answers(place, library, self.asked, seed=self.seed)
        message = refused(found)
        wrong = [] if message else differences(self.truth, found)
        for maker, built, user in (("own", self.folder / "own", library), ("other", place, None)):
            differing = self._sharing(place / maker, built / "cache", user)
            wrong += [f"{what}, in a cache of the {maker} SQLite" for what in differing]
        return message, wrong

    def _sharing(self, place: Path, cache: Path, user: Path | None) -> Iterator[str]:
        """Yield wrong answers of one SQLite from the cache of another, and the files that it removes there."""
        before = _kept(cache)
        found = answers(place, user, self.shared, cache, self.seed)
        if any(LACKING in text for text in found.values()):  # it may reject some lines, but must not answer wrongly
            found = {line: text for line, text in found.items() if line in self.shared and LACKING not in text}
            yield from (line for line in found if found[line] != self.truth_shared[line])
        else:
            yield from differences(self.truth_shared, found)
        after = _kept(cache)
        yield from (f"{name} is gone" for name in before if before[name] != after.get(name))


LACKING = b"but cthbkb needs "
"""Part of the message with which a SQLite is rejected."""


def main() -> int:
    """Compare, print one line per library and one per difference, and return 1 if there are any."""
    parser = argparse.ArgumentParser(description="Compare the program with other builds of SQLite.")
    parser.add_argument("libraries", nargs="+", type=Path, metavar="LIBRARY", help="a libsqlite3.so")
    libraries, failed = parser.parse_args().libraries, False
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(Path(folder), lines())
        for number, library in enumerate(libraries):
            message, wrong = comparison.of(library)
            if not message:
                wrong += [f"tests/expected/{name}" for name in _as_expected(Path(folder, str(number)), library)]
            told = f"refused: {message}" if message else f"{len(comparison.asked)} lines"
            print(f"{library}: {told}, {len(wrong)} differ", *wrong, sep="\n  ", flush=True)
            failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--answer"]:
        _answer(sys.argv[2], sys.argv[3], sys.argv[4:])
    else:
        sys.exit(main())
