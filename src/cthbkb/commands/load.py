"""`load`: build a database, which is replaced completely or not at all."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from cthbkb import build, cache, checks, named, seed, store
from cthbkb.catalog import Request
from cthbkb.errors import Failure, Refused, UsageError, arguments, typed
from cthbkb.messages import counted, say
from cthbkb.problems import SeedError

__all__ = ["run"]


def run(request: Request) -> int:
    """Build from the given seeds, from those of the given database, or from the packaged one and the packs."""
    target = os.path.expanduser(request.value("db"))
    if request.arguments and not target:
        own = arguments(request.arguments)
        hint = f"Add --db FILE: cthbkb load --db my.db {own}; or keep it as a pack: cthbkb packs add {own}"
        raise UsageError("a seed of your own needs a database of its own", hint)
    try:
        found, seeds, left_out = _read(request.arguments, target)
    except SeedError as error:
        kept = f"{target} was not changed." if target and Path(target).exists() else ""
        raise SeedError(error.problems, kept) from None
    if target:
        try:
            build.build(found, Path(target), seeds, left_out)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise Failure(f"cannot write {target}: {reason}", "Name a file in a writable folder.") from None
    else:
        with closing(store.packaged(afresh=True)) as db:
            kept = db.execute("pragma database_list").fetchone()[2]
    records = sum(map(len, found.records.values()))
    sources = ", ".join(cache.seed_path() if name == cache.PACKAGED else name for name in seeds)
    loaded = f"{counted(records, 'records')} from {sources}"
    if target:
        say(f"loaded {loaded} into {target}")
        say(f"to use it: add --db {typed(target)} to a command, or set CTHBKB_DB={typed(str(Path(target).resolve()))}")
    elif kept:
        say(f"loaded {loaded} into {kept}")
        if os.environ.get("CTHBKB_DB"):
            say(f"note: commands use another database while CTHBKB_DB is set: {os.environ['CTHBKB_DB']}")
    else:
        folder = cache.cache_folder()
        why = f"{folder} is not writable, or is writable by others" if folder else "there is no home folder"
        say(f"warning: the database of {loaded} cannot be stored: {why}")
        say(
            "hint: Set XDG_CACHE_HOME to a folder of your own; until then, every command builds the database in memory."
        )
    return 0


def _read(named: list[str], target: str) -> tuple[seed.Seed, list[str], list[str]]:
    """Return the records to build from, their seeds, and the packs left out."""
    base = Path(cache.seed_path())
    seeds = named or _seeds_before(target)
    if not seeds:
        return build.merged(base, build.pack_files())
    found = seed.load(*map(Path, seeds), base=base)
    checks.require(found)
    extends = any(layer.head.extends for layer in found.layers)
    absolute = [name if name == "-" else str(Path(name).resolve()) for name in seeds]
    return found, [cache.PACKAGED] * extends + absolute, []


def _seeds_before(target: str) -> list[str]:
    """Return the user's own seeds that a database was built from, to rebuild it from them.

    Raises:
        Refused: if it does not name them, or one of them is missing; the packaged seed must not replace them.
    """
    if not target or not named.made_by_us(target):
        return []
    known = named.seeds_of(target)
    if not known:
        raise Refused(
            f"{target} does not record which seeds it was built from",
            f"Name them: cthbkb load SEED --db {typed(target)}",
        )
    own = [name for name in known if name != cache.PACKAGED]
    gone = [name for name in own if not Path(name).exists()]
    if gone:
        message = f"{target} was built from {', '.join(gone)}, which cannot be found"
        raise Refused(message, f"Give the new path: cthbkb load SEED --db {typed(target)}")
    return own
