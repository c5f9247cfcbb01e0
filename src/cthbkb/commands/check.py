"""`check`: every problem of a seed at once, its canonical form among them."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path

from cthbkb import cache, checks, seed
from cthbkb.catalog import Request
from cthbkb.errors import Failure, SeedError
from cthbkb.talk import say

__all__ = ["run"]


def run(request: Request) -> int:
    """Check a seed, the packaged one by default; with `--fix`, write it back in canonical form first."""
    path = Path(request.arguments[0] if request.arguments else cache.seed_path())
    found = seed.load(path)
    canonical = seed.dump(found.records)
    if request.switch("fix"):
        _replace(path, canonical)
        found = seed.load(path)
    problems = checks.run(found)
    written = path.read_bytes().decode("utf-8", "replace").split("\n")
    for number, (line, wanted) in enumerate(zip_longest(written, canonical.split("\n")), 1):
        if line != wanted:
            message = "not in canonical form from here on; cthbkb check --fix writes it"
            problems.append(seed.Problem(found.path, number, 1, "", "", message))
            break
    if problems:
        raise SeedError(problems)
    records = sum(map(len, found.records.values()))
    say(f"{path}: {records} records, {len(checks.CHECKS)} rules, no problem")
    return 0


def _replace(path: Path, text: str) -> None:
    """Write beside the file and rename, so that a failure leaves what was there."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", "Make room, or make the folder writable.") from None
    finally:
        beside.unlink(missing_ok=True)
