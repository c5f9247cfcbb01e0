"""What a user is told of an error: a message, a hint that works, and the exit code. Imported only when there is one.

Whatever is raised ends here. With `CTHBKB_DEBUG` set, the trace is printed before the message.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys

from cthbkb.errors import CthbkbError, Failure, UsageError, one_line, shown
from cthbkb.messages import say
from cthbkb.problems import SeedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["INTERRUPTED", "is_interrupt", "told"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, that of a shell."""


HINTS = {
    errno.ENOSPC: "Make room, or name a file on another disk: --output FILE",
    errno.EFBIG: "Allow larger files, or ask for less: add filters, or --limit.",
    errno.EMFILE: "Allow more open files: ulimit -n 256",
}
"""Number of an error of the system to the way out."""


def told(error: Exception, argv: Sequence[str]) -> int:
    """Say on stderr what went wrong with a command line, and return the exit code."""
    if not isinstance(error, CthbkbError) and is_interrupt(error):  # a query may be ended for its time, too
        return INTERRUPTED
    if os.environ.get("CTHBKB_DEBUG"):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    known = error if isinstance(error, CthbkbError) else _known(error, argv)
    if isinstance(known, SeedError):
        say(known.message)
    else:
        say(f"error: {one_line(known.message)}")
    if known.hint:
        say(f"hint: {one_line(known.hint)}")
    return known.exit_code


def is_interrupt(error: BaseException | None) -> bool:
    """Return whether an error is Ctrl-C, or came of it: Python turns one inside a class body into another error."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt) or _is_interrupted_query(error):
            return True
        seen.add(id(error))  # an error may be its own cause
        error = error.__cause__ or error.__context__
    return False


def _is_interrupted_query(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT


def _known(error: Exception, argv: Sequence[str]) -> CthbkbError:
    """Return the error of the program that says what another one means."""
    if isinstance(error, UnicodeEncodeError) and (strange := [word for word in argv if not _is_text(word)]):
        return UsageError(f"{shown(strange[0])} is no text", "Type it again; it holds bytes that are no UTF-8.")
    if isinstance(error, ImportError):  # one that is missing is named before: see `extras`
        why = str(error).strip().partition("\n")[0]
        return Failure(
            f"a library cannot be loaded: {why}", "Install cthbkb again; or allow more memory, if it is short."
        )
    if isinstance(error, MemoryError):
        return Failure("there is not enough memory for this", "Ask for less: add filters, or --limit.")
    if isinstance(error, OSError):
        what = f"{error.filename or 'the command failed'}: {error.strerror or error}"
        return Failure(what, HINTS.get(error.errno or 0, "Try it again; with CTHBKB_DEBUG=1 it says where it failed."))
    what = str(error) or type(error).__name__
    hint = "This is a defect of the program. To see where, run it again with CTHBKB_DEBUG=1, and report what it prints."
    return Failure(f"the command failed: {what}", hint)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
