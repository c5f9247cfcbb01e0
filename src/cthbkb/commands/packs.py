"""`packs`: records of the reader's own, kept as files in the user's data folder and merged with the packaged ones."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from cthbkb import build, cache, checks, seed, store
from cthbkb.catalog import Request
from cthbkb.columns import Col
from cthbkb.errors import CthbkbError, Failure, Refused, SeedError, UsageError, unknown
from cthbkb.formats import Answer, Output, emit
from cthbkb.model import SLUG
from cthbkb.talk import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.formats import Cell

__all__ = ["run"]

COLUMNS = (Col("pack", 1), Col("records", 1, "number"), Col("state", 1, "prose"), Col("file", 1, "prose"))


def run(request: Request) -> int:
    """Do what the first word says: list the packs (the default), or template, add, check or remove one."""
    action, *rest = request.arguments or ["list"]
    if action not in ACTIONS:
        raise unknown("action of packs", action, ACTIONS, f"Actions: {', '.join(ACTIONS)}.")
    function, noun = ACTIONS[action]
    if len(rest) != bool(noun):
        raise UsageError(f"packs {action} takes {noun or 'no word'}", f"Type: cthbkb packs {action} {noun}".rstrip())
    return function(request, *rest)


def _list(request: Request) -> int:
    """List the packs, each with its records and whether it is part of the base."""
    rows = list(_rows())
    answer = Answer("packs", COLUMNS, rows)
    if not rows:
        answer.notes += ["no packs", "make one with: cthbkb packs template > mine.yaml"]
    return emit(answer, Output(request))


def _rows() -> Iterator[tuple[Cell, ...]]:
    known: list[Path] = []
    for path in build.pack_files():
        try:
            found = _beside(path, known)
            known.append(path)
            number: int | None = sum(
                len(rows) for layer in found.layers if layer.pack == path.stem for rows in layer.records.values()
            )
            state = "in use"
        except CthbkbError as error:
            count = len(error.problems) if isinstance(error, SeedError) else 1
            number = None
            state = f"left out: {count} problem{'s' if count > 1 else ''}; see: cthbkb packs check {path.stem}"
        yield path.stem, number, state, str(path)


def _beside(path: Path, others: list[Path]) -> seed.Seed:
    """Read a pack beside the packaged records and other packs, and require that it passes the checks.

    Raises:
        SeedError: with the problems of this pack.
    """
    found = seed.load(Path(cache.seed_path()), *others, path)
    checks.require(found)
    return found


def _template(request: Request) -> int:
    """Print a small, complete pack whose values say what belongs in their place."""
    sys.stdout.write(Path(cache.seed_path()).with_name("template.yaml").read_text(encoding="utf-8"))
    return 0


def _add(request: Request, name: str) -> int:
    """Check a file, copy it into the folder of packs, and build the database with it."""
    path = Path(name)
    stem = path.stem
    if not re.fullmatch(SLUG, stem):
        raise UsageError(
            f"{stem!r} cannot name a pack", "Name the file with small letters, digits and hyphens: mine.yaml"
        )
    layer = seed.load(path).layers[0]
    if not layer.head.extends:
        hint = f"Begin the file with this line: extends: {seed.EXTENDS}"
        raise Refused(f"{path} does not say that it extends the packaged records", hint)
    if layer.head.include:
        raise Refused(f"{path} includes other files; a pack is one file", "Put their tables into it.")
    target = Path(cache.packs_folder()) / f"{stem}.yaml"
    if target.exists() and not request.switch("force"):
        raise Refused(f"there is a pack {stem} already", f"Replace it with: cthbkb packs add {name} --force")
    found = _beside(path, [other for other in build.pack_files() if other.stem != stem])
    for problem in checks.run(found):
        say(str(problem))
    _write(target, path.read_bytes())
    with_pack = sum(map(len, layer.records.values()))
    store.open_database().close()
    say(f"added {stem}: {with_pack} records, part of every answer from now on; undo with: cthbkb packs remove {stem}")
    return 0


def _write(target: Path, data: bytes) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        os.replace(beside, target)
    except OSError as error:
        raise Failure(f"cannot write {target}: {error.strerror}", "Make the folder writable.") from None
    finally:
        beside.unlink(missing_ok=True)


def _check(request: Request, name: str) -> int:
    """Tell every problem of a pack beside this version's records and the other packs."""
    path = _named(name)
    _beside(path, [other for other in build.pack_files() if other != path])
    say(f"{path}: no problem")
    return 0


def _remove(request: Request, name: str) -> int:
    """Take a pack out of the base; its file is kept beside the packs, under `removed`."""
    path = _named(name)
    kept = path.parent / "removed" / path.name
    try:
        kept.parent.mkdir(exist_ok=True)
        os.replace(path, kept)
    except OSError as error:
        raise Failure(f"cannot move {path}: {error.strerror}", "Make the folder writable.") from None
    say(f"removed {name}; its file is kept as {kept}")
    return 0


def _named(name: str) -> Path:
    known = {path.stem: path for path in build.pack_files()}
    if name not in known:
        raise unknown("pack", name, known, "Packs are listed by: cthbkb packs")
    return known[name]


ACTIONS: dict[str, tuple[Callable[..., int], str]] = {
    "list": (_list, ""),
    "template": (_template, ""),
    "add": (_add, "FILE"),
    "check": (_check, "NAME"),
    "remove": (_remove, "NAME"),
}
"""Action to what does it and the noun of its argument."""
