"""How to get the same answer again: the canonical command, the data's version, and a hash of the ids it rests on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cthbkb.catalog import Request

__all__ = ["canonical", "digest", "notes"]

NOT_PART = {"output", "format", "db", "cite-query", "excel", "columns", "force"}
"""Options that change how an answer looks and not what it says."""


def canonical(request: Request) -> str:
    """Return the command with its options in the order of the catalog, their values sorted, and its arguments last."""
    import shlex

    words = ["cthbkb", request.command.name]
    for option in request.command.options:
        if option.name not in NOT_PART and option.name in request.options:
            for value in sorted(request.options[option.name]):
                words += [f"--{option.name}", *([value] if option.noun else [])]
    if any(argument.startswith("-") for argument in request.arguments):
        words.append("--")
    return shlex.join([*words, *request.arguments])


def digest(ids: Sequence[str]) -> str:
    """Return eight hex digits that stand for a set of ids, whatever their order."""
    import hashlib

    return hashlib.sha256("\n".join(sorted(set(ids))).encode()).hexdigest()[:8]


def notes(db: sqlite3.Connection, request: Request, ids: Sequence[str]) -> list[str]:
    """Return the line that a footnote needs to repeat an answer."""
    (version,) = db.execute("select value from meta where key = 'data'").fetchone()
    return [f"query: {canonical(request)}; data {version}; {len(set(ids))} records {digest(ids)}"]
