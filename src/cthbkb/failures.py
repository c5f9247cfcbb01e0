"""Error reporting: the message, a hint that works, and the exit code. Imported only if there is an error.

Every exception ends here. With `CTHBKB_DEBUG` set, the traceback is printed before the message.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys

from cthbkb.errors import CthbkbError, Failure, UsageError, shown
from cthbkb.messages import say
from cthbkb.problems import SeedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BUG", "INTERRUPTED", "is_interrupt", "known", "report"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in a shell."""

BUG = "This is a bug in the program."
"""Start of the hint for an unexpected error; the trials in `bench` look for it."""

HINTS = {
    errno.ENOSPC: "Free some space, or write to another disk: --output FILE",
    errno.EFBIG: "Raise the limit on file sizes, or reduce the output with filters or --limit.",
    errno.EMFILE: "Raise the limit on open files: ulimit -n 256",
}
"""Maps a system error number (`errno`) to a hint."""

STORAGE = frozenset({
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS,
})  # fmt: skip
"""Primary result codes of SQLite for errors of the disk or the file system."""


def report(error: Exception, argv: Sequence[str]) -> int:
    """Report on stderr what went wrong with a command line, and return the exit code."""
    if not isinstance(error, CthbkbError) and is_interrupt(error):  # a time limit interrupts a query too
        return INTERRUPTED
    if os.environ.get("CTHBKB_DEBUG"):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    failure = known(error, argv)
    if isinstance(failure, SeedError):
        for line in failure.message.split("\n"):
            say(line)
    else:
        say(f"error: {failure.message}")
    if failure.hint:
        say(f"hint: {failure.hint}")
    return failure.exit_code


def is_interrupt(error: BaseException | None) -> bool:
    """Return whether an error is Ctrl-C or was caused by it: inside a class body, Python raises another error."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt) or _is_interrupted_query(error):
            return True
        seen.add(id(error))  # an error may be its own cause
        error = error.__cause__ or error.__context__
    return False


def _is_interrupted_query(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT


def known(error: Exception, argv: Sequence[str] = ()) -> CthbkbError:
    """Return the error of this program that describes an exception of a command line; one of its own is unchanged."""
    if isinstance(error, CthbkbError):
        return error
    if isinstance(error, UnicodeEncodeError) and (strange := [word for word in argv if not _is_text(word)]):
        return UsageError(
            f"{shown(strange[0])} is not valid text", "It contains bytes that are not UTF-8; type it again."
        )
    if isinstance(error, ImportError):  # `extras` has already reported missing libraries
        why = str(error).strip().partition("\n")[0]
        return Failure(
            f"a library cannot be loaded: {why}", "Reinstall cthbkb, or raise the memory limit if there is one."
        )
    if isinstance(error, MemoryError):
        return Failure("not enough memory", "Reduce the output with filters or --limit.")
    if isinstance(error, OSError):
        what = f"{error.filename or 'the command failed'}: {error.strerror or error}"
        return Failure(
            what, HINTS.get(error.errno or 0, "Try again; with CTHBKB_DEBUG=1, the program shows where it failed.")
        )
    what = str(error) or type(error).__name__
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in STORAGE:
        return Failure(
            f"a database cannot be read or written: {what}", "Try again; if it fails again, check the disk for errors."
        )
    hint = f"{BUG} Run it again with CTHBKB_DEBUG=1, and report the output."
    return Failure(f"the command failed: {what}", hint)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
