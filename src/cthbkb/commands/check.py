"""`check`: every problem of a seed at once, its canonical form among them."""

from __future__ import annotations

import difflib
import os
import sys
from itertools import zip_longest
from pathlib import Path

from cthbkb import cache, checks, seed
from cthbkb.catalog import Request
from cthbkb.errors import Failure, SeedError, UsageError, unknown
from cthbkb.talk import say

__all__ = ["run"]


def run(request: Request) -> int:
    """Check seeds, the packaged one by default, as `--fix`, `--diff` or `--where` say.

    A seed that extends the packaged records is checked beside them, and only its own problems are told.
    """
    paths = [Path(name) for name in request.arguments or [cache.seed_path()]]
    if request.switch("fix"):
        _fix(paths)
    found = seed.load(*paths, base=Path(cache.seed_path()))
    own = _own(found, paths)
    if request.value("where"):
        return _where(found, request.value("where"))
    if request.switch("diff"):
        return _diff(own)
    names = {layer.path for layer in own}
    problems = [problem for problem in checks.run(found) if problem.path in names]
    problems += [problem for layer in own for problem in _form(layer)]
    if any(not problem.warning for problem in problems):
        raise SeedError(problems)
    for problem in problems:
        say(str(problem))
    records = sum(len(rows) for layer in own for rows in layer.records.values())
    warned = f", {len(problems)} warning{'s' if len(problems) > 1 else ''}" if problems else ""
    say(f"{', '.join(map(str, paths))}: {records} records, {len(checks.CHECKS)} rules, no problem{warned}")
    return 0


def _own(found: seed.Seed, paths: list[Path]) -> list[seed.Layer]:
    """Return the layers of the seeds that were named, without those of the packaged seed that they extend."""
    if any(layer.head.extends for layer in found.layers):
        return [layer for layer in found.layers if layer.pack]
    return list(found.layers)


def _form(layer: seed.Layer) -> list[seed.Problem]:
    """Return the problem of the first line that differs from the canonical form: in a pack, a warning."""
    pairs = zip_longest(layer.text.split("\n"), seed.canonical(layer).split("\n"))
    for number, (line, wanted) in enumerate(pairs, 1):
        if line != wanted:
            message = "not in canonical form from here on; check --diff shows it, check --fix writes it"
            return [seed.Problem(layer.path, number, 1, "", "", message, warning=bool(layer.pack))]
    return []


def _diff(layers: list[seed.Layer]) -> int:
    """Print what the canonical form would change."""
    for layer in layers:
        written, wanted = (text.splitlines(keepends=True) for text in (layer.text, seed.canonical(layer)))
        sys.stdout.writelines(difflib.unified_diff(written, wanted, layer.path, f"{layer.path} (canonical)"))
    return 0


def _where(found: seed.Seed, id_: str) -> int:
    """Print file, line and column of each record with an id."""
    known = [(table, n, record.id) for table, rows in found.records.items() for n, record in enumerate(rows)]
    places = [(*found.place(table, n), table) for table, n, own in known if own == id_]
    if not places:
        raise unknown("id", id_, [own for _, _, own in known], "Ids are those that the lists print.")
    for path, line, col, table in places:
        print(f"{path}:{line}:{col}: {table}")
    return 0


def _fix(paths: list[Path]) -> None:
    """Write files in canonical form; nothing is written where any of them cannot be read."""
    if Path("-") in paths:
        raise UsageError("standard input cannot be written back", "Name a file, or use --diff.")
    found = seed.load(*paths)
    by_name = {layer.path: layer for layer in found.layers}
    for file in dict.fromkeys(file for path in paths for file in seed.files(path)):
        layer = by_name[seed.shown(file)]
        if layer.text != seed.canonical(layer):
            _replace(file, seed.canonical(layer))


def _replace(path: Path, text: str) -> None:
    """Write beside the file and rename, so that a failure leaves what was there; a link stays a link."""
    path = Path(os.path.realpath(path))
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.chmod(beside, path.stat().st_mode & 0o7777)
        os.replace(beside, path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}", "Make room, or make the folder writable.") from None
    finally:
        beside.unlink(missing_ok=True)
