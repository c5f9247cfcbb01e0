"""`check`: report every problem of a seed at once, including deviations from its canonical form."""

from __future__ import annotations

import difflib
import sys
from itertools import zip_longest
from operator import methodcaller
from pathlib import Path

from cthbkb import build, cache, checks, files, seed
from cthbkb.catalog import Request
from cthbkb.errors import UsageError, shown, unknown
from cthbkb.messages import counted, line, say
from cthbkb.problems import SHOWN, Problem, SeedError

__all__ = ["run"]


def run(request: Request) -> int:
    """Check seeds (the packaged one by default), or carry out `--fix`, `--diff` or `--where`.

    A seed that extends the packaged records is checked together with them; only its own problems are reported.
    """
    paths = [Path(name) for name in request.arguments or [cache.seed_path()]]
    if request.switch("fix"):
        _fix(paths)
    found, own = _read(paths)
    if request.value("where"):
        return _where(found, request.value("where"))
    if request.switch("diff"):
        return _diff(own)
    problems = _problems(found, own)
    if any(not problem.warning for problem in problems):
        raise SeedError(problems, _hint(found, problems))
    for problem in problems[:SHOWN]:
        say(str(problem))
    if len(problems) > SHOWN:
        say(f"and {len(problems) - SHOWN:,} more")
    records = sum(len(rows) for layer in own for rows in layer.records.values())
    warned = f", {counted(len(problems), 'warnings')}" if problems else ""
    say(f"{', '.join(map(str, paths))}: {counted(records, 'records')}, {len(checks.CHECKS)} rules, no problems{warned}")
    for layer in own:
        left = build.placeholders(layer) if layer.head.extends else []
        if left:
            say(f"note: {layer.path} still contains text from the template, such as {shown(left[0])}")
    return 0


def _read(paths: list[Path]) -> tuple[seed.Seed, list[seed.Layer]]:
    """Read seeds, together with the packaged records and other packs if they extend them; also return their layers."""
    found = seed.load(*paths)
    own = list(found.layers)
    if any(layer.head.extends for layer in own):
        names = {layer.pack for layer in own}
        others = [pack for pack in build.pack_files() if pack.stem not in names]
        beside = seed.load(Path(cache.seed_path()), *build.usable(others))
        found = seed.merge([*beside.layers, *own])
    return found, own


def _problems(found: seed.Seed, own: list[seed.Layer]) -> list[seed.Problem]:
    """Return the problems of some layers: broken rules, and deviations from the canonical form.

    A pack is stored as its author wrote it, so its form is not checked.
    """
    names = {layer.path for layer in own}
    problems = [problem for problem in checks.run(found) if problem.path in names]
    return problems + [problem for layer in own if not layer.pack for problem in _form(layer)]


def _hint(found: seed.Seed, problems: list[seed.Problem]) -> str:
    """Return a hint if a seed seems to refer to packaged records but does not extend them."""
    if any(layer.head.extends for layer in found.layers) or not any(": no '" in p.message for p in problems):
        return ""
    return f"If the file builds on the packaged records, begin it with this line: extends: {seed.EXTENDS}"


def _form(layer: seed.Layer) -> list[seed.Problem]:
    """Return a problem for the first line that differs from the canonical form."""
    pairs = zip_longest(layer.text.split("\n"), seed.canonical(layer).split("\n"))
    for number, (written, wanted) in enumerate(pairs, 1):
        if written != wanted:
            message = (
                "not in canonical form from here on; to see the difference: check --diff; to correct it: check --fix"
            )
            return [Problem(layer.path, number, 1, "", "", message)]
    return []


def _diff(layers: list[seed.Layer]) -> int:
    """Print the changes that the canonical form would make."""
    for layer in layers:
        written, wanted = (text.splitlines(keepends=True) for text in (layer.text, seed.canonical(layer)))
        name = line(layer.path)
        sys.stdout.writelines(difflib.unified_diff(written, wanted, name, f"{name} (canonical)"))
    return 0


def _where(found: seed.Seed, id_: str) -> int:
    """Print file, line and column of each record with an id."""
    known = [(table, n, record.id) for table, rows in found.records.items() for n, record in enumerate(rows)]
    places = [(*found.place(table, n), table) for table, n, own in known if own == id_]
    if not places:
        raise unknown("id", id_, [own for _, _, own in known], "Ids are in the first column of every list.")
    for path, row, col, table in places:
        print(f"{line(path)}:{row}:{col}: {table}")
    return 0


def _fix(paths: list[Path]) -> None:
    """Write files in canonical form, all of them or none."""
    for path in paths:
        if str(path) == "-" or (path.exists() and not path.is_file()):
            raise UsageError(f"--fix cannot rewrite {seed.shown(path)}", "Name a file, or use --diff.")
    wanted = {layer.file: (layer.text, seed.canonical(layer)) for layer in seed.load(*paths).layers}
    files.replace_all(
        [(str(file), methodcaller("write", new), "utf-8") for file, (old, new) in wanted.items() if new != old]
    )
