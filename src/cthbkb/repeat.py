"""How to reproduce an answer: the canonical command, the version of the data, and a hash of the ids in the answer."""

from __future__ import annotations

from cthbkb.messages import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cthbkb.catalog import Request

__all__ = ["canonical", "digest", "notes"]

NOT_PART = {"output", "format", "db", "cite-query", "excel", "columns", "force"}
"""Options that affect only the presentation of an answer."""


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
    """Return a hash of eight hexadecimal digits for a set of ids, independent of their order."""
    import hashlib

    return hashlib.sha256("\n".join(sorted(set(ids))).encode()).hexdigest()[:8]


def notes(db: sqlite3.Connection, request: Request, ids: Sequence[str]) -> list[str]:
    """Return the line that lets a reader reproduce an answer, for a footnote."""
    (version,) = db.execute("select value from meta where key = 'data'").fetchone()
    return [f"query: {canonical(request)}; data {version}; {counted(len(set(ids)), 'records')} {digest(ids)}"]
