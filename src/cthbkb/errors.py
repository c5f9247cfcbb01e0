"""What can go wrong, as the user reads it.

    CthbkbError             any of the below; `exit_code` is what the command line ends with
    ├── UsageError          2: an option, value or name that does not exist
    └── Failure             1: something refused or failed
        ├── Refused         1: a target that is in the way, a file that is not ours
        └── SeedError       1: a seed with problems, all of them at once

Each carries a message that names the offending value, and where it helps a hint with the next step. `front.main` is
the one place that turns them into text and an exit code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cthbkb.seed import Problem

__all__ = ["CthbkbError", "Failure", "Refused", "SeedError", "UsageError", "closest", "unknown"]


class CthbkbError(Exception):
    """The root of all errors that a user can cause."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CthbkbError):
    """A command line or call that asks for what does not exist."""

    exit_code = 2


class Failure(CthbkbError):
    """Something failed that was asked for rightly."""


class Refused(Failure):
    """Something that would lose what is there."""


class SeedError(Failure):
    """A seed that cannot be used; `problems` holds every reason, in the order of the file."""

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        lines = [str(problem) for problem in problems]
        number = f"{len(lines)} problem{'s' if len(lines) != 1 else ''} in the seed"
        super().__init__("\n".join([*lines, number]), hint)
        self.problems = tuple(problems)


def closest(value: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known names that look like `value`, likeliest first, at most `most`."""
    import difflib

    by_fold = {name.casefold(): name for name in known}
    word = value.casefold()
    found = difflib.get_close_matches(word, by_fold, n=most, cutoff=0.6)
    found += [name for name in by_fold if word and len(word) > 2 and word in name and name not in found]
    return [by_fold[name] for name in found[:most]]


def unknown(what: str, value: str, known: Iterable[str], look: str) -> UsageError:
    """Make the error for a name that does not exist: the value, what is close, and where to look."""
    near = closest(value, known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"unknown {what} {value!r}", f"{guess}{look}")
