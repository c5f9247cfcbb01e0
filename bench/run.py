"""Measure the program as users run it: whole processes, compared with another program that gives the same answer.

    python bench/run.py [--runs N] [--only TEXT] [--full] [--keep DIR] [--other PYTHON] [--json]

A figure is a ratio, because machines differ and a busy one slows both processes. Command and peer run alternately; each
pair gives a ratio of CPU seconds (user and system), and the median of the ratios is shown. Nothing is timed inside a
process. Memory is the ratio of the peaks. The first run of each is not counted; it checks that both print the same
number of rows. The peer F, the floor, is a dozen lines of Python and SQL: no Python program can answer faster.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import yaml
from synthetic import vocabulary

from cthbkb import cache, seed
from cthbkb.dump import tables
from cthbkb.registry import LISTINGS, TABLES

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
SIZES = (300, 3_000, 30_000)
FULL = (*SIZES, 300_000)
LONG = 1.0
"""CPU seconds of a pair above which a quarter of the pairs is enough."""

FLOOR = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute(sys.argv[2])
sys.stdout.write("".join("\\t".join(["" if v is None else str(v) for v in row]) + "\\n" for row in rows))
"""
"""F: `python floor.py FILE SQL`."""

LAUNCHER = """
import os, sys
streams = [(os.POSIX_SPAWN_OPEN, n, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
           for n, path in enumerate(sys.argv[1:3], 1)]
child = os.posix_spawn(sys.argv[3], sys.argv[3:], os.environ, file_actions=streams)
_, status, usage = os.wait4(child, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""Starts a process and prints its cost. This is done by a bare interpreter, because a child starts with the memory of
its parent: no peak below that of this process could be measured.
"""

TYPER = """
import sys
from cthbkb import front
assert callable(front.read)
front.read = lambda words: None
sys.exit(front.main())
"""
"""The program without its own parser, so that every command line goes to Typer."""

PARSE = """
import gc, sys
gc.disable()
from cthbkb import seed
seed.parse(open(sys.argv[1], "rb").read(), "seed")
"""

FIRST = """
import sys, sqlite_utils, yaml
db = sqlite_utils.Database(sys.argv[2], recreate=True)
for name, rows in yaml.safe_load(open(sys.argv[1], encoding="utf-8")).items():
    db[name].insert_all(rows, pk="id", alter=True)
    texts = [c.name for c in db[name].columns if c.type == "TEXT"]
    db[name].enable_fts(texts, create_triggers=False)
"""
"""The peer of a first run: the same records, loaded, inserted and indexed in the usual way."""


@dataclass(frozen=True)
class Command:
    """A process to measure: its arguments, additions to its environment, and a folder that must not exist."""

    argv: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    absent: Path | None = None


@dataclass(frozen=True)
class Case:
    """A line of the table. `header` is the number of lines printed besides rows; None if rows are not compared."""

    group: str
    name: str
    size: str
    peer_name: str
    command: Command
    peer: Command
    bar: float | None = None
    memory_bar: float | None = None
    header: int | None = None


@dataclass(frozen=True)
class Cost:
    """The cost of a process: CPU seconds, and its peak in kilobytes (or bytes, depending on the system)."""

    cpu: float
    memory: int


@dataclass(frozen=True)
class Result:
    """A case with its ratios."""

    case: Case
    pairs: int
    ratio: float
    memory: float

    @property
    def missed(self) -> bool:
        """Return whether the target is missed."""
        bars = ((self.ratio, self.case.bar), (self.memory, self.case.memory_bar))
        return any(bar is not None and found > bar for found, bar in bars)

    def row(self) -> tuple[str, ...]:
        """Return the line of the table."""
        limits = (("", self.case.bar), ("memory ", self.case.memory_bar))
        bar = ", ".join(f"{what}{limit:g}" for what, limit in limits if limit is not None)
        found = (f"{self.ratio:.3g}", self.case.peer_name, bar + (" MISSED" if self.missed else ""))
        return (self.case.name, self.case.size, *found, f"{self.memory:.2f}")

    def fields(self) -> dict[str, object]:
        """Return the result for `--json`."""
        case = self.case
        return {
            "group": case.group, "command": case.name, "size": case.size, "peer": case.peer_name, "pairs": self.pairs,
            "ratio": round(self.ratio, 4), "bar": case.bar, "memory": round(self.memory, 3),
            "memory_bar": case.memory_bar, "missed": self.missed,
        }  # fmt: skip


class Bench:
    """Data shared by the cases: the working folder, its databases, and the way to start a process.

    `bases` maps the path of a synthetic database to its size; it is created when a command first reads it.
    """

    def __init__(self, work: Path, keep: Path, other: str) -> None:
        self.work = work
        self.keep = keep
        self.other = other
        self.bases: dict[str, int] = {}
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CTHBKB"))}
        self.environment |= {"XDG_CACHE_HOME": str(work / "cache"), "COLUMNS": "120", "FORCE_COLOR": "0"}
        (work / "floor.py").write_text(FLOOR)

    @cached_property
    def packaged(self) -> str:
        """Return the path of the packaged database, built by the program itself."""
        self.check(Command((str(BIN / "cthbkb"), "themes")))
        return str(next((self.work / "cache" / "cthbkb").glob("kb-*.db")))

    def synthetic(self, size: int, ending: str = ".db") -> str:
        """Return the path of a synthetic database."""
        path = str(self.keep / f"{size}{ending}")
        self.bases[path] = size
        return path

    def provide(self, path: str) -> None:
        """Create a synthetic database if it is missing or outdated."""
        shaping = [HERE / "synthetic.py", *(p for p in Path(cache.HERE).rglob("*") if p.suffix in {".py", ".sql"})]
        if not os.path.exists(path) or os.path.getmtime(path) < max(os.path.getmtime(p) for p in shaping):
            say(f"making {os.path.basename(path)}")
            self.run(Command((sys.executable, str(HERE / "synthetic.py"), str(self.bases[path]), path)))

    def ours(self, *words: str, base: str = "") -> Command:
        """Return the installed program, with the packaged database or another."""
        return Command((str(BIN / "cthbkb"), *words, *(("--db", base) if base else ())))

    def typer(self, *words: str, python: str = sys.executable) -> Command:
        """Return the program forced through Typer."""
        return Command((python, "-c", TYPER, *words))

    def floor(self, sql: str) -> Command:
        """Return F for a query on the packaged database."""
        return Command((sys.executable, str(self.work / "floor.py"), self.packaged, sql))

    def sqlite_utils(self, sql: str, base: str = "") -> Command:
        """Return the peer that SQL users would choose."""
        return Command((str(BIN / "sqlite-utils"), "query", base or self.packaged, sql))

    def run(self, command: Command, out: str = os.devnull) -> Cost:
        """Run a command to its end, discarding its output (or writing it to a file), and return its cost."""
        if command.absent:
            shutil.rmtree(command.absent, ignore_errors=True)
        errors = self.work / "errors"
        start = (sys.executable, "-I", "-S", "-c", LAUNCHER, out, str(errors), *command.argv)
        environment = self.environment | command.environment
        said = subprocess.run(start, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        if said[2] != "0":
            raise SystemExit(f"{' '.join(command.argv)}\nended with {said[2]}:\n{errors.read_text()}")
        return Cost(float(said[0]), int(said[1]))

    def check(self, command: Command) -> int:
        """Run a command and return the number of lines that it prints."""
        out = self.work / "out"
        self.run(command, str(out))
        return out.read_bytes().count(b"\n")

    def measure(self, case: Case, runs: int) -> Result:
        """Run command and peer in turn, and return the medians of their ratios."""
        for path in self.bases.keys() & {*case.command.argv, *case.peer.argv}:
            self.provide(path)
        lines = self.check(case.command), self.check(case.peer)
        if case.header is not None and lines[0] - case.header != lines[1]:
            raise SystemExit(f"{case.name} prints {lines[0]} lines, but {case.peer_name} {lines[1]} rows")
        found = [(self.run(case.command), self.run(case.peer))]
        pairs = runs if sum(cost.cpu for cost in found[0]) < LONG else max(3, runs // 4)
        found += [(self.run(case.command), self.run(case.peer)) for _ in range(pairs - 1)]
        ratio = median([ours.cpu / theirs.cpu for ours, theirs in found])
        return Result(case, pairs, ratio, median([ours.memory / theirs.memory for ours, theirs in found]))


def say(text: str) -> None:
    """Report progress on a terminal."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr)


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two middle ones."""
    ordered, half = sorted(values), len(values) // 2
    return (ordered[half] + ordered[~half]) / 2


def record_sql(id_: str) -> str:
    """Return the query of `show`: one row per field of the record, then one per linked record."""
    columns = ", ".join(f"'{c.name}', v.\"{c.name}\"" for c in LISTINGS["recs"].columns)
    record = f"select j.key, j.value from list_recs v, json_each(json_object({columns})) j where v.id = '{id_}'"
    parts = [sql.replace(":id", f"'{id_}'") for sql in TABLES["recommendations"].related.values()]
    return " union all ".join([record, *(f"select * from ({part})" for part in parts)])


def listing_sql(name: str, where: str, limit: int = -1) -> str:
    """Return the query of a listing: the columns of its view, in print order."""
    columns = ", ".join(f'v."{c.name}"' for c in LISTINGS[name].columns)
    return f"select {columns} from list_{name} v where {where} order by v.seq limit {limit}"


JITS = "v.seq in (select seq from recommendations_themes where value = 'jits')"
SQL = {
    "recs": listing_sql("recs", JITS),
    "speakers": listing_sql("speakers", "v.year = 2020"),
    "search": "select r.type, r.id, r.year, r.title, snippet(search, 1, '[', ']', '…', 40), bm25(search), r.kind"
    " from search join search_rows r on r.rowid = search.rowid where search match 'compensation'"
    " order by bm25(search) limit 20",
    "show": record_sql("2020-p2-r4"),
    "compare": "select t.id, t.label, m.year, m.asks, m.item, r.kind, r.modality, r.summary, m.part, v.changes, v.note,"
    " v.gained, v.lost, r.document, r.section, r.item from theme_members k"
    " join members m using (thread, year, place) join threads t on t.id = k.thread"
    " left join recommendations r on r.id = m.item left join moves v on v.thread = k.thread and v.[to] = k.year"
    " and v.[from] = (select max(b.year) from theme_members b where b.theme = k.theme and b.thread = k.thread"
    " and b.year < k.year) where k.theme = 'jits' union all"
    " select null, null, v.year, v.modality <> 'statement', v.id, v.kind, v.modality, v.summary, null, null, null,"
    f" null, null, v.document, v.section, v.item from list_recs v where {JITS} and v.thread is null",
    "values": "select distinct id from names where field = 'themes' and substr(id, 1, 2) = 'ji' order by id",
    "table": listing_sql("recs", "1", 20),
}
"""The query that gives the answer of a command, on the real schema."""

COLD = {
    "recs": (("recs", "--theme", "jits"), 1),
    "speakers": (("speakers", "--year", "2020", "--format", "csv"), 1),
    "search": (("search", "compensation", "--format", "json"), 2),
    "show": (("show", "2020-p2-r4"), 2),
    "compare": (("compare", "--theme", "jits", "--format", "csv"), 1),
}
"""Maps a query to the command measured against it, and the lines that the command prints besides rows."""

BAR_FLOOR = {"front": 1.25, "Typer": 4.6}
BAR_READING = 1.4
"""The target for commands that parse a query language or compare."""

BAR_SQLITE_UTILS = {"front": 0.18, "Typer": 0.56}


def cold(bench: Bench) -> Iterator[Case]:
    """Yield commands on the packaged database in a pipe: as installed, and forced through Typer."""
    for way, made in (("front", bench.ours), ("Typer", bench.typer)):
        for query, (words, header) in COLD.items():
            name = f"{way}: {' '.join(words)}"
            reading = way == "front" and query in {"search", "compare"}
            for peer_name, peer, bars in (
                ("F", bench.floor(SQL[query]), BAR_FLOOR),
                ("sqlite-utils query", bench.sqlite_utils(SQL[query]), BAR_SQLITE_UTILS),
            ):
                bar = BAR_READING if reading and bars is BAR_FLOOR else bars[way]
                yield Case("cold", name, "packaged", peer_name, made(*words), peer, bar, header=header)


def terminal(bench: Bench) -> Iterator[Case]:
    """Yield commands that people run at a terminal: completion of a value, a table, help."""
    typed = {"_CTHBKB_COMPLETE": "complete_bash", "COMP_WORDS": "cthbkb recs --theme ji", "COMP_CWORD": "3"}
    asked = Command((str(BIN / "cthbkb"),), typed)
    name, floor = "completion of --theme ji", bench.floor(SQL["values"])
    yield Case("terminal", name, "packaged", "F", asked, floor, 1.5, header=0)
    yield Case("terminal", name, "packaged", "sqlite-utils query", asked, bench.sqlite_utils(SQL["values"]), 0.18)
    words = ("recs", "--limit", "20", "--format", "table")
    yield Case("terminal", " ".join(words), "packaged", "F", bench.ours(*words), bench.floor(SQL["table"]), 7.8)
    for line in ("--help", "recs --help"):
        yield Case("terminal", line, "packaged", "F", bench.ours(*line.split()), bench.floor(SQL["recs"]), 5.0)


def first(bench: Bench) -> Iterator[Case]:
    """Yield the first command after an installation, which builds the database."""
    folder = bench.work / "empty"
    ours = Command((str(BIN / "cthbkb"), *COLD["recs"][0]), {"XDG_CACHE_HOME": str(folder)}, folder)
    whole = bench.work / "whole.yaml"
    found = seed.load(Path(cache.seed_path()))
    written = {
        table: [
            {k: list(v) if isinstance(v, tuple) else v for k, v in record.values().items() if v not in (None, ())}
            for record in rows
        ]
        for table, rows in found.records.items()
        if rows
    }
    whole.write_text(yaml.safe_dump(written, sort_keys=False, allow_unicode=True), encoding="utf-8")
    peer = Command((sys.executable, "-c", FIRST, str(whole), str(bench.work / "first.db")))
    yield Case("first", "first run: recs --theme jits", "packaged", "safe_load + insert_all + FTS", ours, peer, 0.2)


GROWTH: dict[str, tuple[tuple[str, ...], float]] = {
    "recs": (("recs", "--theme", "jits", "--year", "2020", "--limit", "50"), 1.1),
    "search": (("search", *(vocabulary()[rank - 1] for rank in (13, 15))), 3.0),
    "compare": (("compare", "--theme", "jits"), 1.7),
    "overview": (("compare",), 1.7),
}
"""Maps a command to the target of its ratio to the smallest database. 4 in 100 records contain both words."""


def growth(bench: Bench, sizes: Sequence[int]) -> Iterator[Case]:
    """Yield the same commands on a larger database."""
    base = bench.synthetic(sizes[0])
    for size in sizes[1:]:
        for words, bar in GROWTH.values():
            ours = bench.ours(*words, base=bench.synthetic(size))
            yield Case("growth", " ".join(words), f"{size:,}", "same, 300", ours, bench.ours(*words, base=base), bar)


def whole(bench: Bench, sizes: Sequence[int]) -> Iterator[Case]:
    """Yield all rows of a theme, compared with the peer of the same size."""
    for size in sizes:
        path = bench.synthetic(size)
        ours, peer = bench.ours("recs", "--theme", "jits", base=path), bench.sqlite_utils(SQL["recs"], path)
        yield Case("whole", "recs --theme jits", f"{size:,}", "sqlite-utils query", ours, peer, 0.5, header=1)


def export(bench: Bench, sizes: Sequence[int]) -> Iterator[Case]:
    """Yield a complete export as CSV, compared with the SQLite shell; memory is compared with the smallest database."""
    shell = shutil.which("sqlite3")
    if shell is None:
        print("export beside sqlite3 -csv is left out: there is no sqlite3 here", file=sys.stderr)
    script = "".join(f"select * from {table};\n" for table in tables())
    smallest = exporting(bench, bench.synthetic(sizes[0]))
    for size in sizes:
        path = bench.synthetic(size)
        ours = exporting(bench, path)
        if shell is not None:
            start = (shell, "-header", "-csv", "-cmd", f".output {bench.work / 'shell.csv'}", path, script)
            bar = 5.5 if size >= SIZES[-1] else None  # at smaller sizes, starting Python takes most of the time
            yield Case("export", "export", f"{size:,}", "sqlite3 -csv", ours, Command(start), bar)
        if size != sizes[0]:
            yield Case("export", "export", f"{size:,}", "same, 300", ours, smallest, memory_bar=1.3)


def exporting(bench: Bench, path: str) -> Command:
    """Return the export of a database into a folder that does not exist."""
    folder = bench.work / "exported"
    return Command((str(BIN / "cthbkb"), "export", str(folder), "--db", path), absent=folder)


def load(bench: Bench, sizes: Sequence[int]) -> Iterator[Case]:
    """Yield the reading of YAML, compared with a tenth of the records."""
    read = {size: Command((sys.executable, "-c", PARSE, bench.synthetic(size, ".yaml"))) for size in sizes[:3]}
    for size, command in list(read.items())[1:]:
        yield Case("load", "seed.parse", f"{size:,}", f"same, {size // 10:,}", command, read[size // 10], 11.0)


def other(bench: Bench) -> Iterator[Case]:
    """Yield the commands in another environment, given by `--other`, compared with this one, both through Typer."""
    for words, _ in COLD.values() if bench.other else ():
        theirs = bench.typer(*words, python=bench.other)
        name = f"Typer of --other: {' '.join(words)}"
        yield Case("other", name, "packaged", "same, here", theirs, bench.typer(*words))


FIXED: tuple[Callable[[Bench], Iterator[Case]], ...] = (cold, terminal, first, other)
GROWING: tuple[Callable[[Bench, Sequence[int]], Iterator[Case]], ...] = (growth, whole, export, load)

HEADINGS = ("command", "size", "ratio", "peer", "bar", "memory")


def cases(bench: Bench, sizes: Sequence[int], only: str) -> Iterator[Case]:
    """Yield the cases whose group or command contains `only`."""
    for make in FIXED:
        yield from (case for case in make(bench) if only in f"{case.group} {case.name}")
    for grow in GROWING:
        yield from (case for case in grow(bench, sizes) if only in f"{case.group} {case.name}")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows under their headings as a Markdown table."""
    lines = [HEADINGS, *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADINGS))]
    texts = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |" for line in lines]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]])


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21, metavar="N", help="pairs a line; a quarter for slow ones")
    parser.add_argument("--only", default="", metavar="TEXT", help="only groups or commands that hold this text")
    parser.add_argument("--full", action="store_true", help="add 300,000 records")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the synthetic bases here for the next time")
    parser.add_argument("--other", default="", metavar="PYTHON", help="compare Typer with that of another environment")
    parser.add_argument("--json", action="store_true", help="print JSON and no table")
    return parser.parse_args()


def main() -> None:
    """Measure and print the requested cases; a missed target is marked but is not an error."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="cthbkb-bench-") as folder:
        keep = (asked.keep or Path(folder)).resolve()
        keep.mkdir(parents=True, exist_ok=True)
        bench = Bench(Path(folder), keep, asked.other)
        results = []
        for case in cases(bench, FULL if asked.full else SIZES, asked.only):
            say(f"{case.name}, {case.size}, beside {case.peer_name}")
            results.append(bench.measure(case, asked.runs))
    shown = [result.fields() for result in results]
    print(json.dumps(shown, indent=2) if asked.json else table([result.row() for result in results]))


if __name__ == "__main__":
    main()
