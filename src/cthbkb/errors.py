"""The exceptions, with the messages that users read.

    CthbkbError             any of the below; `exit_code` is the exit code of the command line
    ├── UsageError          2: an option, value or name that does not exist
    └── Failure             1: a valid request that could not be carried out
        ├── Refused         1: it would overwrite or lose a file
        └── SeedError       1: a seed with problems, all reported at once (in `problems`)

Each has a message that names the offending value, and usually a hint with the next step. `front.main` is the one place
that turns them into text and an exit code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LONGEST", "CthbkbError", "Failure", "Refused", "UsageError", "closest", "unknown"]

LONGEST = 100
"""Characters of a name; comparing longer ones takes time that grows with their square."""


class CthbkbError(Exception):
    """The base class of all errors that a user can cause."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CthbkbError):
    """A command line or call that names something that does not exist."""

    exit_code = 2


class Failure(CthbkbError):
    """A valid request that could not be carried out."""


class Refused(Failure):
    """A request refused because it would overwrite or lose a file."""


def closest(value: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return at most `most` known names that resemble `value`, the closest first; none for a text that is too long."""
    if len(value) > LONGEST:
        return []
    import difflib

    by_fold = {name.casefold(): name for name in known}
    word = value.casefold()
    found = difflib.get_close_matches(word, by_fold, n=most, cutoff=0.6)
    found += [name for name in by_fold if word and len(word) > 2 and word in name and name not in found]
    return [by_fold[name] for name in found[:most]]


def unknown(what: str, value: str, known: Iterable[str], look: str) -> UsageError:
    """Make the error for an unknown name: the value, similar names, and where all names are listed."""
    near = closest(value, known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"unknown {what} {value!r}", f"{guess}{look}")
