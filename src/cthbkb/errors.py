"""The exceptions, with the messages that users read.

    CthbkbError             any of the below; `exit_code` is the exit code of the command line
    ├── UsageError          2: an option, value or name that does not exist
    └── Failure             1: a valid request that could not be carried out
        ├── Refused         1: it would overwrite or lose a file
        └── SeedError       1: a seed with problems, all reported at once (in `problems`)

Each has a message that names the offending value, and usually a hint with the next step. `failures.report` is the only
place that turns these, and all other exceptions, into text and an exit code: 0 for success, even if there are no rows
or the reader closes the pipe; 1 for a failure or refusal; 2 for wrong usage; 3 for an empty answer with
`--fail-empty`; 130 after Ctrl-C.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from difflib import SequenceMatcher

__all__ = [
    "LONGEST",
    "CthbkbError",
    "Failure",
    "Refused",
    "UsageError",
    "arguments",
    "closest",
    "shown",
    "typed",
    "unknown",
]

LONGEST = 100
"""Maximum length of a name to compare; the time grows with the square of the length."""


class CthbkbError(Exception):
    """The base class of all errors that a user can cause."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CthbkbError):
    """An invalid command line or call, such as one that names something that does not exist."""

    exit_code = 2


class Failure(CthbkbError):
    """A valid request that could not be carried out."""


class Refused(Failure):
    """A request refused because it would overwrite or lose a file."""


ALIKE = 0.8
"""Minimum similarity of a suggestion: the share of letters, in order, that it has in common with the value."""

SAME_START = 0.05
"""Reduction of this minimum if the first letters match."""

LONG = 200
"""Maximum length of a value in a message; a longer one is shortened."""

LONGEST_PATH = 4096
"""Maximum length of a word in a suggested command line."""


def closest(value: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return at most `most` known names that resemble `value`, the closest first; none for a text that is too long.

    A name matches if it is spelled like the value or contains it; if no name is spelled like it, a name with one such
    word matches too. Digits must be identical, because a different number is not a misspelling.
    """
    if len(value) > LONGEST:
        return []
    from difflib import SequenceMatcher

    word = value.casefold().strip(" -")
    matcher = SequenceMatcher(b=word)
    names = {name: name.casefold() for name in known}
    names = {name: folded for name, folded in names.items() if _digits(folded) == _digits(word)}
    whole = {name: _alike(matcher, word, folded) for name, folded in names.items()}
    if max(whole.values(), default=0) < ALIKE and word.isalpha():
        whole = {n: max(_alike(matcher, word, w) for w in f.replace("-", " ").split() or [f]) for n, f in names.items()}
    found = sorted((name for name in whole if whole[name] >= ALIKE), key=lambda name: -whole[name])
    found += [n for n, folded in names.items() if len(word) > 2 and word in folded and n not in found]
    return found[:most]


def _alike(matcher: SequenceMatcher[str], word: str, name: str) -> float:
    """Return the share of letters that two words have in common; the same letters in another order count as close."""
    if sorted(word) == sorted(name) and len(word) > 2:
        return 1 if word == name else 0.9
    matcher.set_seq1(name)
    start = SAME_START if name[:1] == word[:1] else 0
    return matcher.ratio() + start if matcher.quick_ratio() + start >= ALIKE else 0


def _digits(text: str) -> list[str]:
    return [c for c in text if c.isdigit()]


def shown(value: str) -> str:
    """Return a value as quoted in a message: on one line, and shortened if it is long."""
    return repr(value if len(value) <= LONG else f"{value[: LONG - 50]}…{value[-49:]}")


def typed(*words: str) -> str:
    """Quote words for a shell, so that they are taken literally."""
    import shlex

    short = [word if len(word) <= LONGEST_PATH else word[:LONG] for word in words]
    return " ".join(shlex.quote(word) if word.isprintable() else f"$'{_escaped(word)}'" for word in short)


def arguments(words: Sequence[str]) -> str:
    """Quote the arguments of a command for a shell, after `--` if one of them would be taken for an option."""
    marked = any(word[:1] == "-" and word != "-" for word in words)
    return typed(*["--"] * marked, *words)


def _escaped(word: str) -> str:
    """Escape a word for a shell, between `$'` and `'`: unprintable characters become hexadecimal bytes."""
    known = {"'": "\\'", "\\": "\\\\"}
    return "".join(
        known.get(c) or (c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode("utf-8", "surrogateescape")))
        for c in word
    )


def unknown(what: str, value: str, known: Iterable[str], look: str) -> UsageError:
    """Return the error for an unknown name: the value, similar names, and where to find all names."""
    near = closest(value, known)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"unknown {what} {shown(value)}", f"{guess}{look}")
