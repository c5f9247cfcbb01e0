"""Errors in a command line, reported like any other error: one message, one hint, the command to type."""

from __future__ import annotations

from cthbkb.errors import UsageError, arguments, closest, shown
from cthbkb.registry import LISTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from cthbkb.catalog import Command, Option

__all__ = ["check"]

HELP = frozenset({"--help", "-h"})


def check(command: Command, words: Sequence[str]) -> None:
    """Report the first error in the words after a command; do nothing if they ask for help or may be valid.

    Raises:
        UsageError: for an option that is unknown, repeated, lacks its value or has a superfluous one, and for a
            missing or superfluous argument.
    """
    options = {"--" + o.name: o for o in command.options} | {"-" + o.short: o for o in command.options if o.short}
    given: set[str] = set()
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in HELP:
            return
        if word == "--":
            found += rest
            break
        if word[:1] != "-" or word == "-":
            found.append(word)
            continue
        name, equals, _ = word.partition("=")
        option = options.get(name)
        if option is None:
            raise _no_option(command, name, options)
        if equals and not option.noun:
            raise UsageError(f"{name} does not take a value", f"Write: {name}")
        if option.noun and not equals:
            following = next(rest, None)
            if following is None or following.partition("=")[0] in options:
                raise UsageError(f"{name} needs a value", f"{option.help} See: cthbkb {command.name} --help")
        if option.name in given and not option.many:
            raise UsageError(f"--{option.name} is given twice", "Use it only once.")
        given.add(option.name)
    _arguments(command, found)


def _arguments(command: Command, words: Sequence[str]) -> None:
    noun = command.arguments.removesuffix("...")
    if command.required and not words:
        raise UsageError(f"{command.name} needs {noun}", f"Write, for example: {command.example}")
    if words and not command.arguments:
        raise UsageError(
            f"{command.name} does not take the argument {shown(words[0])}", f"Try: cthbkb search {arguments(words[:1])}"
        )
    if len(words) > 1 and not command.arguments.endswith("..."):
        raise UsageError(
            f"{command.name} takes only one {noun}; unexpected argument {shown(words[1])}",
            f"Example: {command.example}",
        )


def _no_option(command: Command, name: str, options: dict[str, Option]) -> UsageError:
    bare = name.lstrip("-")
    listing = LISTINGS.get(command.name)
    why = listing.lacks.get(bare, "") if listing else ""
    others = [other.name for other in LISTINGS.values() if bare in other.filters]
    near = [f"--{found}" for found in closest(bare, _names(bare, options))]
    if why:
        guess = f"{why[0].upper()}{why[1:]}. "
    elif others:
        guess = f"Available in: {', '.join(others)}. "
    else:
        guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(
        f"{command.name} has no option {shown(name)[1:-1]}", f"{guess}All options: cthbkb {command.name} --help"
    )


def _names(bare: str, options: dict[str, Option]) -> list[str]:
    """Return the names of options that may be meant; `--not-` options only if the name begins with `not`."""
    return [o.name for o in options.values() if o.name.startswith("not-") == bare.startswith("not")]
