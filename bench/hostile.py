"""Run the program on seeds designed to exhaust or break it, and print the cost of each.

    python bench/hostile.py [--size MB] [--only TEXT]     each kind of seed, filled up to a size (5 MB)
    python bench/hostile.py --fuzz N                      N damaged copies of the seed of the tests

A seed may take 2 s, 300 MB and 100 kB of messages; a damaged seed must be either read, or rejected with a line and a
column. Failures are marked, and the exit code is then 1. `tests/test_hostile.py` runs small versions of both.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

__all__ = ["SHAPES", "damaged", "ending", "refused_or_read"]

ROOT = Path(__file__).resolve().parents[1]

SECONDS, MEMORY, MESSAGES = 2.0, 300, 100_000
"""Limits for a seed of 5 MB: CPU seconds, MB, and bytes on stderr."""

GIVE_UP = 60
"""CPU seconds after which a run is stopped."""

THEME = "  - id: {0}\n    label: Label {0}\n    scope_note: What it covers.\n"

PLACE = "    document: notes\n    section: A\n"

CONFERENCE = (
    "  - id: '{0}'\n    number: {0}\n    title: Lamps\n    held_start: '{0}'\n    held_end: '{0}'\n"
    "    city: Port Lull\n" + PLACE
)

ACTIVITY = "  - id: a{0}\n    year: {1}\n    type: training\n    status: done\n    what: Lamps.\n" + PLACE

DOCUMENT = (
    "documents:\n  - id: notes\n    title: Notes\n    kind: report\n    publisher: The Secretariat\n"
    "    citation: Notes\n    year: 2031\n\n"
)


def _filled(head: str, part: Callable[[int], str], size: int, tail: str = "") -> str:
    """Return a head, as many numbered parts as fit into a size, and a tail."""
    parts, left = [head], size - len(head) - len(tail)
    for n in itertools.count():
        text = part(n)
        left -= len(text)
        if left < 0:
            return "".join([*parts, tail])
        parts.append(text)
    raise AssertionError


def _theme(n: int, more: str = "") -> str:
    return THEME.format(f"t{n}") + more + "\n"


def _people(name: Callable[[int], str]) -> Callable[[int], str]:
    def part(n: int) -> str:
        return f"  - id: person-{n}\n    name: {name(n)}\n    sort_name: Reed\n{PLACE}"

    return part


def _word(n: int) -> str:
    """Return a word of letters for a number; words for different numbers are as different as possible."""
    return "".join(random.Random(n).choices("abcdefghijklmnopqrstuvwxyz", k=9)).capitalize()


def _threads(entry: Callable[[int], str]) -> Callable[[int], str]:
    """Return a function that makes a thread with many entries, all of them activities of one year, which cannot ask."""

    def made(size: int) -> str:
        number = size // 330
        activities = "".join(ACTIVITY.format(n, 2031) for n in range(number))
        entries = "".join(entry(n) for n in range(number))
        return (
            f"{DOCUMENT}conferences:\n{CONFERENCE.format(2031)}\nthreads:\n  - id: ask\n    label: Ask\n"
            f"    summary: It moved.\n\nthread_items:\n{entries}\nactivities:\n{activities}"
        )

    return made


SMALL = {
    "themes": ("themes:\n", "- {{id: t{n}, label: t{n}, scope_note: a}}\n"),
    "people": (f"document: notes\n{DOCUMENT}people:\n", "- {{id: p{n}, name: p{n}, sort_name: a, section: a}}\n"),
    "bodies": ("organizations:\n", "- {{id: o{n}, name: o{n}, kind: un}}\n"),
    "groups in a chain": ("affected_groups:\n", "- {{id: g{n}, label: g{n}, broader: [g{m}]}}\n"),
    "search terms": ("search_terms:\n", "- {{id: t{n}, terms: [t{n}]}}\n"),
    "expansions": ("expansions:\n", "- {{id: e{n}, kind: term, words: [w{n}, w{m}]}}\n"),
    "abbreviations": (f"document: notes\n{DOCUMENT}abbreviations:\n", "- {{id: a{n}, short: A{n}, section: a}}\n"),
    "topics": (f"document: notes\n{DOCUMENT}topics:\n", "- {{id: 2031-p1-t{n}, topic: a, section: a}}\n"),
    "statements": (
        f"document: notes\n{DOCUMENT}statements:\n",
        "- {{id: 2031-s{n}, medium: tweet, speaker_as_printed: a, gist: a, section: a}}\n",
    ),
    "records without values": ("themes:\n", "- {{id: }}\n"),
    "records of one column": ("themes:\n", "- id: t{n}\n"),
    "records that are empty": ("themes:\n", "-\n"),
}
"""Maps a kind of small records to the start of the seed and the form of a record, in which `n` is its number."""


NEWLINES = ("", "\n")


def _names(n: int, number: int) -> str:
    return ", ".join(f"{n}x{m}" for m in range(number))


def _labels(n: int) -> str:
    """Return five labels, such that 5 MB of themes are just below the maximum number of records."""
    return "".join(f"      - t{n}x{'y' * 24}{m}\n" for m in range(5))


def _years(size: int) -> range:
    """Return as many years as fill two thirds of a small seed; all of them are needed for a large one."""
    return range(1000, 1000 + min(2000, size // 500))


def _many(head: str, record: str, size: int) -> str:
    return _filled(head, lambda n: record.format(n=n, m=n + 1), size)


SHAPES: dict[str, Callable[[int], str]] = {
    "a list with the repeated value at its end": lambda size: _filled(
        _theme(0).rstrip("\n").replace("  - id", "themes:\n  - id") + "\n    alternative_labels:\n",
        lambda n: f"      - v{n}\n", size, "      - v0\n",
    ),
    "one list of one letter": lambda size: f"themes:\n{_theme(0)[:-1]}    alternative_labels: [{'a,' * (size // 2)}]\n",
    "a list in one line": lambda size: _filled(
        f"themes:\n{_theme(0)[:-1]}    alternative_labels: [x", lambda n: f", v{n}", size, "]\n"
    ),
    "references to nothing": lambda size: _filled("themes:\n", lambda n: _theme(n, f"    broader: {_word(n)}\n"), size),
    "references to nothing, alike": lambda size: _filled(
        "themes:\n", lambda n: _theme(n, f"    broader: tt{n}\n"), size
    ),
    "a chain of themes": lambda size: _filled("themes:\n", lambda n: _theme(n, f"    broader: t{n + 1}\n"), size),
    "a ring of themes": lambda size: _filled(
        "themes:\n", lambda n: _theme(n, f"    broader: t{n + 1}\n"), size, THEME.format("end") + "    broader: t0\n"
    ).replace("label: Label end", "label: The end"),
    "small sound themes": lambda size: _filled("themes:\n", _theme, size),
    **{
        f"small {name}": partial(_many, head, record)
        for name, (head, record) in SMALL.items()
    },
    "small records, twenty to a line": lambda size: _filled(
        "themes: [\n", lambda n: f"{{id: t{n}, label: t{n}, scope_note: a}},{NEWLINES[n % 20 == 19]}", size, "]\n"
    ),
    "lists as long as they may be": lambda size: _filled(
        "themes:\n", lambda n: f"{_theme(n)[:-1]}    alternative_labels: [{_names(n, 9_999)}]\n", max(size, 80_000)
    ),
    "as many themes as may be": lambda size: _filled(
        "themes:\n", lambda n: f"{THEME.format(f't{n}')}    alternative_labels:\n{_labels(n)}\n", size
    ),
    "lists in the lists of one record": lambda size: _filled(
        "themes:\n- id: [a", lambda n: f", [{'a,' * 250}]", size, "]\n"
    ),
    "themes of one name": lambda size: _filled("themes:\n", lambda n: THEME.format("t"), size),
    "unknown tables": lambda size: _filled("", lambda n: f"{_word(n).lower()}: []\n", size),
    "unknown columns": lambda size: _filled("themes:\n  - id: a\n", lambda n: f"    {_word(n).lower()}: x\n", size),
    "unknown columns, long": lambda size: _filled(
        "themes:\n  - id: a\n", lambda n: f"    {'scope' * 2000}{n}: x\n", size
    ),
    "columns twice": lambda size: _filled("themes:\n  - id: a\n", lambda n: "    label: x\n", size),
    "records without columns": lambda size: _filled("themes:\n", lambda n: "- {}\n", size),
    "records that are words": lambda size: _filled("themes:\n", lambda n: "- a\n", size),
    "deep lists": lambda size: "themes: " + "[" * size,
    "deep mappings": lambda size: "{a: " * (size // 4),
    "deep blocks": lambda size: _filled("", lambda n: " " * n + "a:\n", size),
    "one word": lambda size: "a" * size,
    "one key": lambda size: "a" * size + ": x\n",
    "one text": lambda size: f"themes:\n{THEME.format('a')}    label: {'a' * size}\n",
    "one text of many words": lambda size: (
        f"themes:\n  - id: a\n    label: A\n    scope_note: {'So it is. ' * (size // 10)}x\n"
    ),
    "one quoted text": lambda size: f"themes:\n  - id: a\n    label: A\n    scope_note: \"{'a ' * (size // 2)}\n",
    "one wrong value": lambda size: (
        f"citations:\n  - id: a\n    instrument: '{'a' * (size // 2)}'\n    count: {'1' * (size // 2)}\n"
    ),
    "a number of many digits": lambda size: (
        f"recommendations:\n  - id: 2031-p1-r1\n    number: '{'1' * size}'\n    summary: A.\n    section: A\n"
    ),
    "comments": lambda size: _filled("", lambda n: "#\n", size),
    "comments behind texts": lambda size: _filled("themes:\n", lambda n: "  - id: a # b\n", size),
    "number signs in texts": lambda size: f"themes:\n{THEME.format('a')}    broader: {'x #' * (size // 3)}\n",
    "empty lines": lambda size: "\n" * size,
    "spaces": lambda size: " " * size,
    "tabs": lambda size: "\t" * size,
    "block texts": lambda size: _filled("themes:\n  - id: a\n", lambda n: f"    k{n}: |\n      a # b\n", size),
    "anchors": lambda size: _filled("themes:\n", lambda n: f"  - &a{n} x\n", size),
    "documents": lambda size: "---\n" * (size // 4),
    "escapes": lambda size: 'themes:\n  - id: "' + "\\u0007" * (size // 6) + '"\n',
    "files to include": lambda size: _filled("include:\n", lambda n: f"  - f{n}.yaml\n", size),
    "one file to include under many names": lambda size: _filled(
        "include:\n", lambda n: f"  - {'./' * (n % 500)}a{n // 500}.yaml\n", size
    ),
    "people of one name": lambda size: _filled(f"{DOCUMENT}people:\n", _people(lambda n: "Tomas Reed"), size),
    "people of a pack": lambda size: _filled(
        f"extends: cthbkb\n{DOCUMENT}people:\n", _people(lambda n: f"{_word(n)} Reed"), size
    ),
    "a name of many words": lambda size: _filled(
        f"{DOCUMENT}people:\n  - id: a\n    name: {' '.join(_word(n) for n in range(size // 40))}\n"
        f"    sort_name: A\n{PLACE}    spellings:\n", lambda n: f"      - {_word(-n)} {_word(-n - 9)}\n", size,
    ),
    "bodies of one name": lambda size: _filled(
        f"{DOCUMENT}organizations:\n", lambda n: f"  - id: b{n}\n    name: Body\n    kind: ngo\n", size
    ),
    "a thread whose entries cannot ask": _threads(
        lambda n: f"  - id: e{n}\n    thread: ask\n    item: a{n}\n    asks: true\n"
    ),
    "a thread of many years": lambda size: _filled(
        f"{DOCUMENT}threads:\n  - id: ask\n    label: Ask\n    summary: It moved.\n\nconferences:\n"
        + "".join(CONFERENCE.format(year) for year in _years(size))
        + "\nactivities:\n"
        + "".join(ACTIVITY.format(year, year) for year in _years(size))
        + "\nthread_items:\n",
        lambda n: (
            f"  - thread: ask\n    item: a{_years(size)[n % len(_years(size))]}\n    asks: false\n    part: P{n}.\n"
        ),
        size,
    ),
    "promises of nobody": lambda size: _filled(
        f"{DOCUMENT}commitments:\n",
        lambda n: f"  - id: c{n}\n    who: {_word(n)}\n    what: Lamps.\n    year: 2031\n{PLACE}",
        size,
    ),
    "counts of tables that are not": lambda size: _filled(
        f"{DOCUMENT}expected_counts:\n",
        lambda n: f"  - id: c{n}\n    document: notes\n    table: {_word(n)}\n    count: 1\n", size,
    ),
    "figures of many digits": lambda size: (
        f"{DOCUMENT}statistics:\n  - id: a\n    value: {'1' * (size // 2)}\n    number: 1\n    what: A.\n"
        f"    year: 2031\n{PLACE}    period: {'1' * (size // 2)}\n"
    ),
    "bytes that are no text": lambda size: "themes: \x00" * (size // 9),
}  # fmt: skip
"""Maps a description of a seed to the function that makes one of a given size in bytes."""


def ending(path: Path) -> tuple[float, float, int, bytes]:
    """Check a seed in a separate process; return CPU seconds, MB, exit code (negative for a signal) and stderr."""
    command = [sys.executable, "-m", "cthbkb", "check", str(path)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, preexec_fn=_limited)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        scale = 1 if sys.platform == "darwin" else 1024
        return used.ru_utime + used.ru_stime, used.ru_maxrss * scale / 1e6, process.returncode, said.read()


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (GIVE_UP, GIVE_UP + 1))


def _shapes(size: float, only: str) -> int:
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.yaml"
        for name, make in SHAPES.items():
            if only not in name:
                continue
            path.write_text(make(int(size * 1e6)), encoding="utf-8")
            seconds, memory, code, said = ending(path)
            sound = seconds <= SECONDS and memory <= MEMORY and len(said) <= MESSAGES and code in {0, 1}
            sound = sound and b"Traceback" not in said
            missed += not sound
            mark = "" if sound else "  MISSED"
            print(f"{name:40} {seconds:6.2f} s {memory:6.0f} MB {len(said):8} bytes  exit {code}{mark}", flush=True)
    print(f"{missed} missed")
    return min(missed, 1)


# Damaged seeds

WORDS = (
    "'", '"', "[", "]", "{", "}", ": ", "- ", "# x", "#x", "&a ", "*a", "!!python/object:os.system ", "%YAML 2\n",
    "---\n", "...\n", "|", ">-", "\t", "\r", "\n", "\n\n", "  ", "~", "null", "no", "1" * 5000, "\u0663", "1e999", "-0",
    "0x10", "2031-02-30", "\x00", "\x1b[31m", "\u202e", "\ufeff", "\ud800", "é", "\U0001d518", "a" * 300, "<<: ", "? ",
    "@", "`", ",", "document: x\n", "extends: cthbkb\n", "include: [a.yaml]\n",
)  # fmt: skip


def _flip(text: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + bytes([draw.randrange(256)]) + text[at + 1 :]


def _cut(text: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + text[at + draw.choice((1, 2, 10, 200)) :]


def _put(text: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(text))
    return text[:at] + draw.choice(WORDS).encode("utf-8", "surrogatepass") + text[at:]


def _lines(text: bytes, draw: random.Random) -> bytes:
    lines = text.split(b"\n")
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _twice(text: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(text))
    part = text[at : at + draw.choice((1, 20, 400))]
    return text[:at] + part + text[at:]


def _value(text: bytes, draw: random.Random) -> bytes:
    """Give a key a different value."""
    lines = text.split(b"\n")
    at = draw.choice([n for n, line in enumerate(lines) if b": " in line] or [0])
    key = lines[at].partition(b": ")[0]
    lines[at] = key + b": " + draw.choice(WORDS).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _indent(text: bytes, draw: random.Random) -> bytes:
    lines = text.split(b"\n")
    at = draw.randrange(len(lines))
    lines[at] = lines[at][1:] if draw.random() < 0.5 else b" " + lines[at]
    return b"\n".join(lines)


DAMAGES = (_flip, _cut, _put, _lines, _twice, _value, _indent)


def damaged(text: bytes, number: int) -> bytes:
    """Return the damaged copy with a given number: some records of the seed, damaged in one to four ways."""
    draw = random.Random(number)
    tables = re.split(rb"(?m)^(?=\w+:\n)", text)
    parts = []
    for table in tables:
        head, *records = table.split(b"\n\n")
        parts.append(b"\n\n".join([head, *draw.sample(records, min(len(records), 3))]))
    made = b"\n".join(parts)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        made = draw.choice(DAMAGES)(made, draw) or b"a"
    return made


def refused_or_read(data: bytes) -> str:
    """Read and check a seed; return what was wrong with the outcome, or an empty string."""
    from cthbkb import checks, seed
    from cthbkb.problems import SeedError

    try:
        found = seed.parse(data, "s.yaml")
        problems = checks.run(found)
        again = seed.parse(seed.canonical(found.layers[0]).encode(), "s.yaml")
        if again.records != found.records:
            return "another after it was written"
    except SeedError as error:
        problems = list(error.problems)
        if not problems:
            return "refused without a problem"
    except Exception as error:  # the purpose is to find unexpected exceptions
        return f"{type(error).__name__}: {error}"
    wrong = [str(p)[:200] for p in problems if not re.match(r"s\.yaml:[1-9]\d*:[1-9]\d*: ", str(p))]
    return f"no place: {wrong[0]}" if wrong else ""


def _refused(numbers: range) -> list[str]:
    text = (ROOT / "tests" / "seed.yaml").read_bytes()
    found = []
    for number in numbers:
        begun = time.process_time()
        wrong = refused_or_read(damaged(text, number))
        if not wrong and time.process_time() - begun > SECONDS:
            wrong = f"took {time.process_time() - begun:.1f} s"
        if wrong:
            found.append(f"{number}: {wrong}")
    return found


def _fuzz(number: int) -> int:
    parts = [range(n, min(n + 500, number)) for n in range(0, number, 500)]
    found: list[str] = []
    with multiprocessing.Pool() as pool:
        for more in pool.imap_unordered(_refused, parts):
            found += more
            for line in more:
                print(line, flush=True)
    print(f"{number} damaged seeds, {len(found)} neither read nor refused with a place")
    return min(len(found), 1)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=float, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--fuzz", type=int, default=0)
    asked = parser.parse_args()
    return _fuzz(asked.fuzz) if asked.fuzz else _shapes(asked.size, asked.only)


if __name__ == "__main__":
    sys.exit(main())
