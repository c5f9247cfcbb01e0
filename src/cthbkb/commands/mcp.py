"""`mcp`: the server for assistants, on standard input and output."""

from __future__ import annotations

import gc
import sys

from cthbkb import extras
from cthbkb.library import KnowledgeBase
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]


def _first(error: BaseException) -> BaseException:
    """Return the first exception in a group, which may contain other groups."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def run(request: Request) -> int:
    """Serve until standard input ends."""
    with KnowledgeBase(request.value("db") or None) as kb:
        try:
            from cthbkb import assistant
        except ModuleNotFoundError as error:
            raise extras.missing(error) from None
        gc.enable()  # a short command runs without it
        if sys.stdin.isatty():
            say("waiting for an assistant on standard input; README.md says how to set one up; stop with Ctrl-C")
        try:
            assistant.server(kb).run("stdio")
        except BaseExceptionGroup as group:  # of the tasks that read and write
            raise _first(group) from None
    return 0
