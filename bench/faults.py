"""Faults: a damaged cache, a killed process, system calls that fail, and random command lines.

    python bench/faults.py [--damaged N] [--copies N] [--kills N] [--strace N] [--argv N] [--seed N]

Prints one line per kind of fault, with the number of attempts and their outcome, and exits with 1 if anything was
wrong:

- **damaged**: the cached database, or the file that points to it, is flipped, blanked, cut, exchanged, locked or
  rewritten, with or without its old times. Every answer must equal the answer from the intact cache, without a message.
- **copies**: the stored copy of a document is damaged in the same ways. It must quote the words of the document, or be
  reported as damaged.
- **kills**: a process that builds, loads, exports, writes or repairs is killed, often while it writes. Existing files
  must be complete (old or new), leftover files must have names by which they are cleaned up, and the next command must
  answer.
- **strace**: a system call of a command fails, one or all from then on: the disk is full, a file cannot be read, opened
  or renamed. The command must answer as without the fault, or exit with a message and leave all files as they were.
  The next command must answer. Needs `strace`.
- **argv**: random command lines for all commands, with words that are not text, too long, or special to a shell. Each
  must exit with 0 to 3, with a short message if the code is not 0, and must not be reported as a bug.

`tests/test_faults.py` runs a few of each. The data are the fabricated seed of the tests.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar
from unittest import mock

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")
SLOWEST = 20.0
"""Maximum CPU time of a command line, in seconds, including the import of a library for charts."""


class Ended(NamedTuple):
    """The exit code and output of a command."""

    code: int
    out: bytes
    err: bytes


class Program:
    """The program with the fabricated seed in a separate home folder, and its answers when everything is intact."""

    ASKED = (
        ("recs", "-f", "json"), ("show", "2031-p1-r1"), ("search", "lamp", "-f", "json"), ("compare", "-f", "csv"),
        ("people", "-f", "yaml"), ("speakers", "--year", "2031"), ("themes", "-f", "markdown"), ("about",),
        ("--version",),
    )  # fmt: skip
    SEED = ROOT / "tests" / "seed.yaml"

    def __init__(self, folder: Path) -> None:
        import sqlite_utils

        from cthbkb import build, cli, commands, front

        self.loaded = (build, cli, commands, front, sqlite_utils)  # once, and not in each forked process
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CTHBKB_"))}
        self.env = kept | {"HOME": str(self.home), "COLUMNS": "80"}
        self.cache = self.home / ".cache" / "cthbkb"
        self.truth = {asked: self.run(*asked) for asked in self.ASKED}
        assert {told.code for told in self.truth.values()} == {0}, [told.err for told in self.truth.values()]
        self.whole = folder / "whole"
        self.reset(self.cache, self.whole)

    def run(self, *argv: str) -> Ended:
        """Run a command in a fork of this process, which has already imported all modules."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            sys.stdout.flush()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # if other threads are running, as under pytest
                pid = os.fork()
            if pid == 0:
                code = 1
                signal.alarm(PATIENCE)
                try:
                    os.dup2(out.fileno(), 1)
                    os.dup2(err.fileno(), 2)
                    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8")
                    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8")
                    code = self._main(argv)
                    sys.stdout.flush()
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(code)
            _, status = os.waitpid(pid, 0)
            out.seek(0)
            err.seek(0)
            return Ended(os.waitstatus_to_exitcode(status), out.read(), err.read())

    def _main(self, argv: Sequence[str]) -> int:
        from cthbkb import __main__, cache

        os.environ.clear()
        os.environ.update(self.env)
        os.chdir(self.folder)
        sys.argv = ["cthbkb", *argv]
        cache.seed_path = lambda: str(self.SEED)
        return __main__.main()

    def start(self, *argv: str, under: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """Start a command in a separate process, as a shell does, or `under` another program."""
        code = "import sys\nfrom cthbkb import __main__, cache\n"
        code += f"cache.seed_path = lambda: {str(self.SEED)!r}; cache.stamp({BEGINS!r}); sys.exit(__main__.main())"
        return subprocess.Popen(
            [*under, sys.executable, "-B", "-c", code, *argv], env=self.env, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    @staticmethod
    def reset(source: Path, target: Path) -> None:
        """Make one folder a copy of another, including links, permissions and times."""
        if target.exists():
            target.chmod(0o700)
            shutil.rmtree(target)
        shutil.copytree(source, target, symlinks=True)


# Damage


def _database(cache: Path) -> Path:
    return next(cache.glob("kb-*.db"))


def _pointer(cache: Path) -> Path:
    return next(cache.glob("at-*"))


def _flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 1, 8, 200])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _letters(data: bytearray, rng: random.Random) -> None:
    """Replace letters by other letters, which SQLite cannot detect."""
    found = [
        n
        for n in rng.sample(range(len(data)), min(20_000, len(data)))
        if 97 <= data[n] < 122 and 97 <= data[n - 1] <= 122
    ]
    for n in found[: rng.choice([1, 5, 100])]:
        data[n] += 1


def _word(data: bytearray, rng: random.Random) -> None:
    """Replace a word of the records everywhere, which SQLite cannot detect either."""
    word = rng.choice((b"lamp", b"light", b"harbour", b"keeper"))
    data[:] = data.replace(word, word[:1] + b"y" + word[2:])


def _blank(data: bytearray, rng: random.Random) -> None:
    page = rng.randrange(len(data) // 4096)
    data[page * 4096 : (page + 1) * 4096] = bytes(4096) if rng.random() < 0.5 else rng.randbytes(4096)


def _exchange(data: bytearray, rng: random.Random) -> None:
    one, other = rng.sample(range(1, len(data) // 4096), 2)
    a, b = slice(one * 4096, (one + 1) * 4096), slice(other * 4096, (other + 1) * 4096)
    data[a], data[b] = data[b], data[a]


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.choice([0, rng.randrange(100), rng.randrange(len(data)), len(data) // 8192 * 4096]) :]


def _longer(data: bytearray, rng: random.Random) -> None:
    data += rng.randbytes(rng.choice([1, 4096]))


def _head(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(100)] = rng.randrange(256)


Change = Callable[[bytearray, random.Random], None]

BYTES: list[Change] = [_flip, _letters, _word, _blank, _exchange, _cut, _longer, _head]

WAYS: list[tuple[str, Change]] = [
    *(("bytes", change) for change in BYTES),
    *(("decay", change) for change in (_word, _blank)),
    *(("pointer", change) for change in (_flip, _cut)),
    *[("place", _flip)] * 2, ("closed", _word), ("other", _word),
]  # fmt: skip
"""Ways to damage a cache, with the change of bytes for those that change some."""

PATIENCE = 60
"""Seconds after which a command counts as hung: it is then ended by SIGALRM, which no command may end with."""


def _vouch(pointer: Path, database: Path) -> None:
    """Write the current stamps of a database into a pointer."""
    from cthbkb import cache

    lines = pointer.read_bytes().split(b"\n")[:-1]
    lines[1] = cache.stamp(str(database)).encode()
    pointer.write_bytes(b"%s\n%d" % (b"\n".join(lines), cache.checksum(b"\n".join(lines))))


def dealt(values: Sequence[T], rng: random.Random) -> Iterator[T]:
    """Yield values without end, in random order, but each as often as the others."""
    while True:
        yield from rng.sample(values, len(values))


def damage(cache: Path, way: str, change: Change, rng: random.Random) -> str:
    """Damage a cache in a way, by a change of bytes if that is the way; return a description."""
    database, pointer = _database(cache), _pointer(cache)
    if way in {"bytes", "decay", "closed"}:
        kept, data = database.stat(), bytearray(database.read_bytes())
        change(data, rng)
        if rng.random() < 0.5:
            with open(database, "r+b") as file:
                file.write(data)
                file.truncate()
        else:
            database.unlink()
            database.write_bytes(data)
        if rng.random() < 0.5:
            os.utime(database, ns=(kept.st_atime_ns, kept.st_mtime_ns))
        if way == "decay":  # the stamps do not show it, and the content was last checked the day before yesterday
            _vouch(pointer, database)
            os.utime(pointer, (time.time() - 2 * 86400,) * 2)
        if way == "closed":
            cache.chmod(rng.choice([0o500, 0o777, 0o755, 0o000]))
        return f"{way}: {change.__name__}"
    if way == "pointer":
        data = bytearray(pointer.read_bytes())
        change(data, rng)
        pointer.write_bytes(data)
        return f"{way}: {change.__name__}"
    if way == "place":
        target = rng.choice([database, pointer])
        target.unlink()
        what = rng.choice(["gone", "folder", "link", "pipe"])
        if what == "folder":
            target.mkdir()
        elif what == "pipe":
            os.mkfifo(target)
        elif what == "link":
            target.symlink_to(rng.choice([target.name, "nowhere", str(cache)]))
        return f"{way}: {target.name[:2]} {what}"
    other = bytearray(database.read_bytes())
    change(other, rng)
    (cache / "kb-other.db").write_bytes(other)
    os.replace(cache / "kb-other.db", database)
    return way


def damaged(program: Program, number: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Damage the cache repeatedly; yield what was done, and what was wrong (empty if nothing was)."""
    asking = dealt(program.ASKED, rng)
    for way, change in islice(dealt(WAYS, rng), number):
        program.reset(program.whole, program.cache)
        done = damage(program.cache, way, change, rng)
        wrong = []
        for asked in islice(asking, 2):
            found = program.run(*asked)
            told = program.truth[asked]
            if asked == ("about",):  # prints the path of the database, which may be in memory
                found, told = _without_file(found), _without_file(told)
            if found != told:
                wrong.append(f"{' '.join(asked)}: {found.code} {found.err[-300:]!r}")
        program.cache.chmod(0o700)
        yield done, "; ".join(wrong)


def _without_file(ended: Ended) -> Ended:
    return ended._replace(out=b"\n".join(line for line in ended.out.split(b"\n") if b"file" not in line[:40]))


def copies(program: Program, number: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Damage the stored copy of a document repeatedly; yield what was done, and what was wrong."""
    asked = (("show", "2031-p1-r1"), ("cite", "2031-p1-r1"), ("search", "lamp"), ("sources",), ("sources", "verify"))
    program.reset(program.whole, program.cache)
    assert program.run("sources", "add", str(program.SEED.with_name("harbour-2031.txt"))).code == 0
    (copy,) = program.home.rglob("2031-highlights.db")
    whole = copy.read_bytes()
    truth = {words: program.run(*words) for words in asked}
    for change, words in islice(zip(dealt(BYTES, rng), dealt(asked, rng), strict=True), number):
        data = bytearray(whole)
        change(data, rng)
        copy.write_bytes(data)
        found = program.run(*words)
        known = found == truth[words] or (found.code == 1 and b"the copy of 2031-highlights is damaged" in found.err)
        yield change.__name__, "" if known else f"{' '.join(words)}: {found.code} {found.err[-300:]!r}"
    copy.unlink()


# Kills

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def kills(program: Program, number: int, rng: random.Random, longest: float = 1.5) -> Iterator[tuple[str, str]]:
    """Kill processes while they write, or after a random time of up to `longest` seconds; yield what they did, and what
    was wrong.
    """
    place = program.folder / "place"
    seed = program.SEED
    place.mkdir()
    loose = _loose(seed)
    works: dict[str, tuple[str, ...]] = {
        "load --db": ("load", str(seed), "--db", str(place / "a.db")),
        "export": ("export", f"{place / 'out'}/", "--force"),
        "-o": ("recs", "-o", str(place / "a.csv"), "--force"),
        "check --fix": ("check", str(place / "a.yaml"), "--fix"),
        "first build": ("recs", "--count"),
    }
    program.reset(program.whole, program.cache)
    for name in ("load --db", "export", "-o"):
        assert program.run(*works[name]).code == 0, name
    (place / "a.yaml").write_bytes(loose)
    before = _files(place)
    fixed = _after(program, works["check --fix"], place / "a.yaml")
    assert fixed != loose
    new = {"a.db": None, "a.yaml": fixed}
    cases = zip(dealt(list(works), rng), dealt(SIGNALS, rng), dealt((True, False), rng), strict=True)
    for work, ended, writing in islice(cases, number):
        (place / "a.yaml").write_bytes(loose)
        if work == "first build":
            shutil.rmtree(program.cache, ignore_errors=True)
        process = program.start(*works[work])
        if writing:
            _until_writing(process, place, program.cache)
        time.sleep(rng.random() ** 2 * (0.01 if writing else longest))
        process.send_signal(ended)
        _, err = process.communicate(timeout=60)
        wrong = []
        if b"Traceback" in err and b"<frozen" not in err and b"site" not in err:
            wrong.append(f"{ended.name}: {err[-400:]!r}")
        found = _files(place)
        for name, data in before.items():
            if found.get(name) != data and (found.get(name) is None or found[name] != new.get(name)):
                wrong.append(f"{name} is neither old nor new")
        strange = [name for name in found if name not in before and not Path(name).name.startswith(".cthbkb-")]
        if ended != signal.SIGKILL and process.returncode not in {0, 130} and any(".cthbkb-" in n for n in found):
            strange += [name for name in found if ".cthbkb-" in name]
        if strange:
            wrong.append(f"left over: {strange}")
        for name in found:
            if name not in before:
                (place / name).unlink()
        again = program.run("recs", "-f", "json")
        if again != program.truth["recs", "-f", "json"]:
            wrong.append(f"then: {again.code} {again.err[-300:]!r}")
        yield work, "; ".join(wrong)


def _until_writing(process: subprocess.Popen[bytes], *folders: Path) -> None:
    """Wait until a process has begun to write a file in one of the folders, or has ended."""
    while process.poll() is None and not any(any(folder.rglob(".cthbkb-*")) for folder in folders):
        time.sleep(0.001)


def _loose(seed: Path) -> bytes:
    """Return a valid seed that is not in canonical form."""
    return b"# yaml-language-server: $schema=x\n" + seed.read_bytes().replace(b" kind: ", b" kind:   ", 1)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _after(program: Program, argv: Sequence[str], path: Path) -> bytes:
    """Return the content of a file after a command, and restore the old content."""
    before = path.read_bytes()
    program.run(*argv)
    after, _ = path.read_bytes(), path.write_bytes(before)
    return after


# System calls that fail


FAILING = {
    "openat": "EACCES EIO EMFILE", "read": "EIO", "pread64": "EIO", "write": "ENOSPC EIO", "pwrite64": "ENOSPC EIO",
    "close": "EIO", "fsync": "EIO ENOSPC", "fdatasync": "EIO", "rename": "EACCES EIO", "link": "EPERM EMLINK",
    "unlink": "EACCES", "mkdir": "EACCES ENOSPC", "newfstatat": "EACCES EIO", "fstat": "EIO", "chmod": "EPERM",
    "fchmod": "EPERM", "chown": "EPERM", "utimensat": "EPERM", "ftruncate": "EIO", "fcntl": "ENOLCK", "flock": "ENOLCK",
    "getdents64": "EIO", "readlink": "EIO", "getcwd": "ENOENT",
}  # fmt: skip
"""System calls, and the errors with which they fail."""

BEGINS = "/cthbkb-begins"
"""The path that a process looks for when Python has started; calls before that are not those of the program."""

STRACE = ("strace", "-f", "--seccomp-bpf", "-qqq", "-o")


class Work(NamedTuple):
    """A command, and what it does without a fault."""

    argv: tuple[str, ...]
    before: dict[str, bytes]
    ended: Ended
    after: dict[str, bytes]
    calls: dict[str, range]
    """The calls of each kind that the program makes, numbered as `strace` counts them."""


def can_trace() -> bool:
    """Return whether there is a `strace` that may trace processes."""
    return bool(shutil.which("strace")) and not subprocess.run([*STRACE, "/dev/null", "true"], check=False).returncode


def strace(program: Program, number: int, rng: random.Random, only: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Let system calls of all, or `only` some, commands fail; yield command and kind of call, and what was wrong."""
    program.reset(program.whole, program.cache)
    clean, intact, place = program.folder / "clean", program.folder / "intact", program.home / "place"
    program.reset(program.home, clean)
    works = _works(program, place)
    program.reset(program.home, intact)
    known: dict[str, Work] = {}
    for name in islice(dealt(only or list(works), rng), number):
        if name not in known:
            known[name] = _fault_free(program, place, works[name], intact)
        work = known[name]
        call = rng.choice([call for call in FAILING if work.calls.get(call)])
        error, when = rng.choice(FAILING[call].split()), rng.choice(work.calls[call])
        lasting = rng.choice(["", "+"])
        inject = ("-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}{lasting}")
        ended, found = _ended(program, place, work.argv, intact, [*STRACE, "/dev/null", *inject])
        left = {name for name in _files(program.home) if Path(name).name.startswith(".cthbkb-")}
        if call == "unlink":  # a later command will remove them
            found = {name: data for name, data in found.items() if name not in left}
            left = set()
        wrong = list(_spoiled(work, ended, found, silent=call == "write" and bool(lasting)))
        wrong += [f"left over: {name}" for name in left]
        program.reset(intact / "place", place)
        if "packs" not in work.argv:
            again = program.run("recs", "-f", "json")
            if again != program.truth["recs", "-f", "json"]:
                wrong.append(f"then: {again.code} {again.err[-300:]!r}")
        yield f"{name}: {call}", f"{error} {when}{lasting}: " + "; ".join(wrong) if wrong else ""
    program.reset(clean, program.home)


def _works(program: Program, place: Path) -> dict[str, tuple[str, ...]]:
    """Write the files that the commands need or replace; return the commands."""
    place.mkdir()
    text = program.SEED.read_bytes()
    (place / "new.yaml").write_bytes(text)
    (place / "old.yaml").write_bytes(text.replace(b"lamp", b"lantern"))
    assert program.run("load", str(place / "old.yaml"), "--db", str(place / "a.db")).code == 0
    (place / "a.yaml").write_bytes(_loose(program.SEED))
    (place / "pack.yaml").write_bytes(PACK)
    export = ("export", f"{place / 'out'}/", "--force")
    assert program.run(*export).code == 0
    for path in [*(place / "out").iterdir(), *(place / f"a.{end}" for end in ("csv", "html", "md", "xlsx"))]:
        path.write_bytes(b"old\n")
    return {
        "answer": ("search", "lamp", "-f", "json"),
        "first build": ("recs", "-f", "json"),
        "load": ("load",),
        "load --db": ("load", str(place / "new.yaml"), "--db", str(place / "a.db")),
        "answer --db": ("recs", "-f", "csv", "--db", str(place / "a.db")),
        "export": export,
        "export .db": ("export", str(place / "all.db"), "--force"),
        "brief": ("brief", "--theme", "lighthouses", "-o", str(place / "a.html"), "--force"),
        **{f"-o {end}": ("recs", "-o", str(place / f"a.{end}"), "--force") for end in ("csv", "xlsx", "md")},
        "check --fix": ("check", str(place / "a.yaml"), "--fix"),
        "packs add": ("packs", "add", str(place / "pack.yaml")),
        "sources add": ("sources", "add", str(program.SEED.with_name("harbour-2031.txt"))),
    }


PACK = b"""\
extends: cthbkb
document: my-notes
documents:
  - {id: my-notes, title: Notes, kind: report, publisher: The Secretariat, citation: Notes, year: 2031}
activities:
  - {id: my-training, year: 2031, type: training, status: done, what: Keepers learned to read tables., section: A}
"""


def _fault_free(program: Program, place: Path, argv: tuple[str, ...], intact: Path) -> Work:
    """Run a command under `strace` without a fault, and count its calls."""
    trace = program.folder / "trace"
    program.reset(intact, program.home)
    before = _state(program)
    kinds = ",".join(f"?{call}" for call in FAILING)
    ended, after = _ended(program, place, argv, intact, [*STRACE, str(trace), "-e", f"trace={kinds}"])
    assert ended.code == 0, ended.err
    start, _, rest = trace.read_text(encoding="utf-8", errors="replace").partition(BEGINS)
    first, own = _counted(start), _counted(rest)
    calls = {call: range(first[call] + 1, first[call] + own[call] + 1) for call in own}
    return Work(argv, before, ended, after, calls)


def _counted(trace: str) -> Counter[str]:
    return Counter(line.partition(" ")[2].strip().partition("(")[0] for line in trace.splitlines())


def _ended(
    program: Program, place: Path, argv: Sequence[str], intact: Path, under: Sequence[str]
) -> tuple[Ended, dict[str, bytes]]:
    """Run a command with intact files, or without a cache if it builds it; return its outcome, and the files."""
    program.reset(intact, program.home)
    if argv == ("recs", "-f", "json"):
        shutil.rmtree(program.cache)
    process = program.start(*argv, under=under)
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Ended(process.returncode, out, err), _state(program)


def _state(program: Program) -> dict[str, bytes]:
    return {name: data for name, data in _files(program.home).items() if not name.startswith(".cache")}


def _spoiled(work: Work, ended: Ended, found: dict[str, bytes], silent: bool) -> Iterator[str]:
    """Yield what a command did wrong when a call failed; `silent` if it cannot have written a message."""
    from cthbkb.failures import BUG

    said = ended.err.decode("utf-8", "replace")
    if ended.code not in {0, 1}:
        yield f"ended with {ended.code}: {said[-600:]}"
    if "Traceback" in said or BUG in said:
        yield said[-1200:]
    if ended.code == 0 and ended.out != work.ended.out:
        yield f"another answer: {ended.out[:200]!r}"
    if ended.code and not silent and not ("error: " in said and "hint: " in said):
        yield f"no message: {said[-300:]!r}"
    if found not in ([work.after] if ended.code == 0 else [work.before, work.after]):
        changed = [n for n in {**work.before, **found} if found.get(n) not in {work.before.get(n), work.after.get(n)}]
        if changed or "cannot be restored either" not in said:
            yield f"ended with {ended.code}, and the files are neither old nor new, or mixed: {changed} {said[-300:]!r}"


# Command lines


WORDS = [
    *"jht 2031 2031-p1-r1 2031-2035 -2033 2033- all none moderator lamp Łódź 日本 json csv table markdown xlsx".split(),
    *"svg id,year -year 0 1 -1 99999999999999999999 1e9 ? help - -- --- = , ' % * ( %s {x} [red] ~ x.csv x.db".split(),
    *"x.yaml $(reboot) `id` a;b a|b a&b ../x /dev/null /dev/full nowhere/x.csv out/ x.xlsx x.json x.md add".split(),
    *"remove list template themes AND NOT OR a* -lamp title:x --help --version -h --db --format -f -o -n".split(),
    *(
        "",
        " ",
        '"',
        "\\",
        "side event",
        "NEAR(a b)",
        "select 1",
        "select * from recs",
        "drop table x",
        "a\nb",
        "\r",
        "\t",
    ),
    *(
        "\x1b[2J",
        "\x7f",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ud800",
        "\udcff",
        "\U000e0041",
        "😀",
        "é",
        "e\u0301",
        "ß",
        "İ",
    ),
    *("x" * 300, "a" * 100_000, "9" * 5000, "-" * 3000),
]
NEVER = frozenset({"serve", "mcp"})
"""Commands that run until they are stopped."""


def command_line(rng: random.Random) -> list[str]:
    """Return a random command line: often a command with some of its options, sometimes anything."""
    from cthbkb.catalog import ALIASES, COMMANDS

    names = [name for name in (*COMMANDS, *ALIASES) if ALIASES.get(name, name) not in NEVER]
    name = rng.choice(names)
    command = COMMANDS[ALIASES.get(name, name)]
    words = [rng.choice(WORDS)] if rng.random() < 0.05 else [name]
    for _ in range(rng.randrange(4)):
        option = rng.choice(command.options)
        value = rng.choice([*option.values, *WORDS] if option.values else WORDS)
        spelled = rng.choice([f"--{option.name}", f"-{option.short}" if option.short else f"--{option.name[:4]}"])
        if not option.noun:
            words.append(spelled + (f"={value}" if rng.random() < 0.05 else ""))
        else:
            words += rng.choice([[spelled, value], [f"{spelled}={value}"], [spelled + value]])
    words += [rng.choice(WORDS) for _ in range(rng.choice([0, 0, 1, 1, 2, 5]))]
    if rng.random() < 0.2:
        rng.shuffle(words)
    return [word for word in words if "\0" not in word]


def argv(folder: Path, number: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Run random command lines in this process, in a separate folder; yield the command, and what was wrong."""
    from cthbkb import cache, front

    home = {name: str(folder / "home") for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    settings, packaged = home | {"PAGER": "cat", "BROWSER": "true", "COLUMNS": "80"}, str(Program.SEED)
    with _environment(settings), _inside(folder / "here"), mock.patch.object(cache, "seed_path", return_value=packaged):
        Path("x.yaml").write_bytes(Program.SEED.read_bytes())
        for _ in range(number):
            words = command_line(rng)
            out, err = _stream(), _stream()
            began = time.process_time()
            try:
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _stdin():
                    code: object = front.main(words)
            except BaseException as error:
                code = f"{type(error).__name__}: {error}"
            took = time.process_time() - began
            wrong = "; ".join(_wrong(code, _read(out), _read(err), took))
            yield words[0][:20] if words else "", f"{[w[:60] for w in words]}: {wrong}" if wrong else ""


def _wrong(code: object, out: bytes, err: bytes, took: float) -> Iterator[str]:
    """Yield the errors in the outcome of a command line."""
    from cthbkb.failures import BUG

    if code not in {0, 1, 2, 3}:
        yield f"ended with {code}"
    said = err.decode("utf-8", "backslashreplace")
    if "Traceback" in said or BUG in said:
        yield said[:500]
    if code in {1, 2} and not said:
        yield "no message"
    if code == 2 and len(said.splitlines()) > 5:
        yield f"{len(said.splitlines())} lines of message"
    if any(len(line) > 2100 for line in said.splitlines()):
        yield "a line of message without end"
    if any(not (c.isprintable() or c == "\n") for c in said):
        yield "a message that a terminal would obey"
    try:
        out.decode("utf-8")
    except UnicodeDecodeError:
        if not out.startswith((b"PK", b"\x89PNG", b"%PDF")):
            yield "output that is no UTF-8"
    if took > SLOWEST:
        yield f"took {took:.0f} s"


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _read(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@contextlib.contextmanager
def _environment(changed: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changed)
    for name in ("CTHBKB_DB", "FORCE_COLOR"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _stdin() -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(b""))
    try:
        yield
    finally:
        sys.stdin = before


def tried(name: str, found: Iterator[tuple[str, str]]) -> int:
    """Print the outcome of a fault, and each error; return the number of errors."""
    ways: Counter[str] = Counter()
    wrong: list[str] = []
    for way, what in found:
        ways[way] += 1
        if what:
            wrong.append(f"{way}: {what}")
            print(f"  WRONG {wrong[-1]}", flush=True)
    most = ", ".join(f"{way} {n}" for way, n in ways.most_common(12))
    print(f"{name}: {sum(ways.values())} tried, {len(wrong)} wrong ({most})", flush=True)
    return len(wrong)


RUNS: dict[str, Callable[[Path, int, random.Random], Iterator[tuple[str, str]]]] = {
    "damaged": lambda folder, number, rng: damaged(Program(folder), number, rng),
    "copies": lambda folder, number, rng: copies(Program(folder), number, rng),
    "kills": lambda folder, number, rng: kills(Program(folder), number, rng),
    "strace": lambda folder, number, rng: strace(Program(folder), number, rng),
    "argv": argv,
}
"""Maps an option to the fault that it tests in a separate folder."""


def main() -> int:
    """Run the requested faults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in RUNS:
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=f"how often {name} is tried")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
    asked = parser.parse_args()
    wrong = 0
    for name in RUNS:
        number = getattr(asked, name)
        if number:
            with tempfile.TemporaryDirectory() as folder:
                rng = random.Random(asked.seed)
                wrong += tried(name, RUNS[name](Path(folder), number, rng))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
