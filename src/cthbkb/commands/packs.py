"""`packs`: the user's own records, stored as files in the data folder and merged with the packaged records."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from operator import methodcaller
from pathlib import Path

from cthbkb import build, cache, checks, files, seed, store
from cthbkb.catalog import Request
from cthbkb.columns import Col
from cthbkb.errors import CthbkbError, Failure, Refused, UsageError, arguments, shown, unknown
from cthbkb.formats import Answer, Output, emit
from cthbkb.messages import counted, say
from cthbkb.model import SLUG
from cthbkb.problems import Problem, SeedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.columns import Cell

__all__ = ["run"]

COLUMNS = (Col("pack", 1), Col("records", 1, "number"), Col("state", 1, "prose"), Col("file", 1, "prose"))

FEW = 8
"""Maximum number of problems with one cause that are reported one by one."""


def run(request: Request) -> int:
    """Carry out the action in the first argument: list (the default), template, add, check or remove."""
    action, *rest = request.arguments or ["list"]
    if action not in ACTIONS:
        raise unknown("packs action", action, ACTIONS, f"Actions: {', '.join(ACTIONS)}.")
    function, noun = ACTIONS[action]
    if len(rest) != bool(noun):
        raise UsageError(
            f"packs {action} takes {f'one {noun}' if noun else 'no argument'}",
            f"Type: cthbkb packs {action} {noun}".rstrip(),
        )
    return function(request, *rest)


def _list(request: Request) -> int:
    """List the packs, each with its number of records and whether it is in use."""
    rows = list(_rows())
    answer = Answer("packs", COLUMNS, rows)
    if not rows:
        answer.notes += ["there are no packs", "to make one: cthbkb packs template > mine.yaml"]
    return emit(answer, Output(request))


def _rows() -> Iterator[tuple[Cell, ...]]:
    kept = build.usable(build.pack_files())
    for path in build.pack_files():
        number: int | None = None
        try:
            found, _ = _beside(path, [other for other in kept if other != path])
            number = _size(found, path.stem)
            state = "in use"
        except CthbkbError as error:
            count = len(error.problems) if isinstance(error, SeedError) else 1
            state = f"left out: {counted(count, 'problems')}; see: cthbkb packs check {path.stem}"
        yield path.stem, number, state, str(path)


def _size(found: seed.Seed, pack: str) -> int:
    return sum(len(rows) for layer in found.layers if layer.pack == pack for rows in layer.records.values())


def _beside(path: Path, others: list[Path]) -> tuple[seed.Seed, list[Problem]]:
    """Read and check a pack together with the packaged records and other packs; return all, and the warnings on it.

    Raises:
        SeedError: with the problems of this pack, or with a single one if another pack already has its records.
    """
    found = seed.load(Path(cache.seed_path()), *others, path)
    name = found.layers[-1].path
    own = [p for p in checks.run(found) if p.path == name]
    problems = [p for p in own if not p.warning]
    for other in others:
        shown = seed.shown(other)
        taken = [p for p in problems if "a second time" in p.message and f", {shown}:" in p.message]
        if len(taken) > FEW:
            message = f"{len(taken)} of its records are already in the pack {other.stem}"
            hint = f"To replace that pack, name the file {other.name} and add it with --force."
            raise SeedError([Problem(name, 1, 1, "", "", message)], hint)
    if problems:
        raise SeedError(problems)
    return found, own


def _template(request: Request) -> int:
    """Print a small, complete pack whose values say what to replace them with."""
    text = Path(cache.template_path()).read_text(encoding="utf-8")
    target = request.value("output")
    if target and target != "-":
        if Path(target).exists() and not request.switch("force"):
            raise Refused(f"{target} already exists", "Name another file, or replace it with --force.")
        _write(Path(target), text.encode("utf-8"))
        say(f"wrote {target}; replace its values, then: cthbkb check {arguments([target])}")
    else:
        sys.stdout.write(text)
    return 0


def _add(request: Request, name: str) -> int:
    """Check a file, copy it into the folder of packs, and build the database with it."""
    path = Path(name)
    stem = path.stem
    layer = _pack(path)
    if not cache.packs_folder():
        raise Failure("there is no home folder for packs", "Set XDG_DATA_HOME to a writable folder.")
    target = Path(cache.packs_folder()) / f"{stem}.yaml"
    if target.exists() and not request.switch("force"):
        raise Refused(
            f"the pack {stem} already exists", f"Replace it with: cthbkb packs add --force {arguments([name])}"
        )
    found, warnings = _beside(path, build.usable([other for other in build.pack_files() if other.stem != stem]))
    for problem in warnings:
        say(str(problem))
    for line in _remarks(found, layer):
        say(line)
    if target.exists():
        _write(_free(target), target.read_bytes())
    _write(target, path.read_bytes())
    store.packaged().close()
    records = counted(sum(map(len, layer.records.values())), "records")
    say(f"added {stem}: {records}, now part of every answer; to undo: cthbkb packs remove {stem}")
    return 0


def _pack(path: Path) -> seed.Layer:
    """Read a file that is to become a pack.

    Raises:
        UsageError: if its name is not a valid name for a pack.
        Refused: if it does not extend the packaged records, includes others, contains no records, or is the template.
    """
    if not re.fullmatch(SLUG, path.stem):
        hint = "Name the file with lower-case letters, digits and hyphens: mine.yaml"
        raise UsageError(f"{shown(path.stem)} is not a valid name for a pack", hint)
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is not a file", "Name a YAML file; the pack gets its name.")
    layer = seed.load(path).layers[0]
    if not layer.head.extends:
        hint = f"Begin the file with this line: extends: {seed.EXTENDS}"
        raise Refused(f"{path} does not extend the packaged records", hint)
    if layer.head.include:
        raise Refused(f"{path} includes other files; a pack is one file", "Put their tables into it.")
    if not any(layer.records.values()):
        raise Refused(f"{path} contains no records", "To print a small, complete pack: cthbkb packs template")
    left = build.placeholders(layer)
    if left:
        raise Refused(f"{path} still contains text from the template, such as {shown(left[0])}", "Replace it.")
    return layer


def _remarks(found: seed.Seed, layer: seed.Layer) -> Iterator[str]:
    """Yield notes on a pack: records of documents outside it, and items that are not compared."""
    own = {record.id for record in layer.records["documents"]}
    added: dict[str, int] = {}
    for rows in layer.records.values():
        for record in rows:
            document = record.values().get("document")
            if document and document not in own:
                added[document] = added.get(document, 0) + 1
    for document, number in added.items():
        yield f"note: {counted(number, 'records')} of a document that is not in the pack: {document}"
    items = layer.records.recommendations
    followed = {entry.item for entry in found.records.thread_items}
    apart = sum(item.id not in followed for item in items)
    if apart:
        items_of = f"{apart} of {counted(len(items), 'items')}"
        yield f"note: in no thread, and so not compared: {items_of}; to compare them, add thread_items"


def _free(path: Path) -> Path:
    """Return an unused path in the folder `removed` beside a file."""
    number = 1
    kept = path.parent / "removed" / path.name
    while kept.exists():
        number += 1
        kept = kept.with_name(f"{path.stem}.{number}{path.suffix}")
    return kept


def _keep(path: Path) -> Path:
    """Move a file into the folder `removed` beside it; return its new path."""
    kept = _free(path)
    try:
        kept.parent.mkdir(exist_ok=True)
        os.replace(path, kept)
    except OSError as error:
        raise Failure(f"cannot move {path}: {error.strerror}", "Make the folder writable.") from None
    return kept


def _write(target: Path, data: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write {target}: {error.strerror}", "Make the folder writable.") from None
    files.replace(str(target), methodcaller("write", data), encoding=None)


def _check(request: Request, name: str) -> int:
    """Report every problem of a pack, or of a file not yet added, beside the packaged records and the other packs."""
    known = {path.stem: path for path in build.pack_files()}
    path = known.get(name) or Path(name)
    if name not in known and not path.exists():
        raise unknown("pack", name, known, "To list packs: cthbkb packs")
    others = [other for other in build.pack_files() if other.stem != path.stem]
    try:
        found, _ = _beside(path, build.usable(others))
    except SeedError as error:
        hint = f"Correct your own file and add it again: cthbkb packs add {path.name} --force"
        raise SeedError(error.problems, error.hint or (hint if name in known else "")) from None
    say(f"{path}: {counted(_size(found, path.stem), 'records')}, no problems")
    return 0


def _remove(request: Request, name: str) -> int:
    """Remove a pack; its file is moved to the folder `removed` beside the packs."""
    known = {path.stem: path for path in build.pack_files()}
    if name not in known:
        raise unknown("pack", name, known, "To list packs: cthbkb packs")
    before = build.usable(build.pack_files())
    kept = _keep(known[name])
    after = build.usable(build.pack_files())
    say(f"removed {name}; its file is kept as {kept}")
    for path in before:
        if path.stem != name and path not in after:
            say(f"warning: the pack {path.stem} depends on it and is now left out")
    return 0


ACTIONS: dict[str, tuple[Callable[..., int], str]] = {
    "list": (_list, ""),
    "template": (_template, ""),
    "add": (_add, "FILE"),
    "check": (_check, "NAME"),
    "remove": (_remove, "NAME"),
}
"""Maps an action to its function and the noun of its argument."""
