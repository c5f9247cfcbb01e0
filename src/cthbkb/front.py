"""The entry to all commands: parses plain command lines without a framework, and passes all others to Typer.

Importing Typer takes several times as long as answering a query. Plain command lines are therefore parsed here, from
the same table of commands that the Typer program is built from; help and wrong options go to Typer, and `complete`
answers completion requests. Both paths end in `commands.execute`. `main` handles every error: see `failures`.
"""

from __future__ import annotations

import io
import os
import sys

from cthbkb.catalog import ALIASES, COMMANDS, Request
from cthbkb.commands import execute
from cthbkb.errors import Failure, UsageError, arguments, unknown
from cthbkb.messages import Visible, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO, TextIO

__all__ = ["main", "read"]


def read(argv: Sequence[str]) -> Request | None:
    """Parse a plain command line; return None if any part of it must be left to Typer."""
    if not argv or list(argv) == ["--version"]:
        return Request(COMMANDS["overview"], [], {"version": [""]} if argv else {})
    if argv[0] not in COMMANDS:
        return None
    command = COMMANDS[argv[0]]
    options = {"--" + o.name: o for o in command.options} | {"-" + o.short: o for o in command.options if o.short}
    given: dict[str, list[str]] = {}
    arguments: list[str] = []
    words = iter(command.split(argv[1:]))
    for word in words:
        if word == "--":
            arguments += words
        elif word[:1] != "-" or word == "-":
            arguments.append(word)
        else:
            name, equals, value = word.partition("=")
            option = options.get(name)
            if option is None or (equals and (not option.noun or word[:2] != "--")):
                return None
            if option.noun and not equals:
                following = next(words, None)
                if following is None or (following[:1] == "-" and not option.fits(following)):
                    return None
                value = following
            if option.name in given and not option.many:
                return None
            given.setdefault(option.name, []).append(value)
    if arguments and not command.arguments:
        return None
    if (command.required and not arguments) or (len(arguments) > 1 and not command.arguments.endswith("...")):
        return None
    return Request(command, arguments, given)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program on `argv` (the process's own arguments by default) and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    if words[:1] and words[0][:1] == "-":
        words = _ordered(words)
    words[:1] = [ALIASES.get(word, word) for word in words[:1]]
    sys.stdout, sys.stderr = sys.stdout or Closed(), sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the life of the process
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115  # the same
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        _wait(stream)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    if sys.stdout.isatty() and not isinstance(sys.stdout, Visible):
        sys.stdout = Visible(sys.stdout)
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _forget_output()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from cthbkb import failures

        code = failures.report(error, words)
        if isinstance(error, OSError):
            _forget_output()
        return code


class Closed(io.StringIO):
    """Standard output that was closed before the program started, as by `>&-`."""

    def write(self, text: str) -> int:
        raise Failure("standard output is closed", "Name a file: --output recs.csv")

    @property
    def buffer(self) -> BinaryIO:
        """The binary stream, which is closed too."""
        self.write("")
        raise AssertionError


def _wait(stream: TextIO) -> None:
    """Make a stream blocking, even if the calling process made it non-blocking, so that no output is lost."""
    try:
        os.set_blocking(stream.fileno(), True)
    except (OSError, ValueError, AttributeError):  # not a file, or not supported by the system
        pass


def _forget_output() -> None:
    """Discard pending output, so that the interpreter does not fail on it again at exit."""
    import contextlib

    with contextlib.suppress(OSError, ValueError):  # a stream that is not a file has no pending output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    """Answer a request for completion, run a plain command line, or pass the words to Typer."""
    if "_CTHBKB_COMPLETE" in os.environ:
        from cthbkb import complete

        if os.environ["_CTHBKB_COMPLETE"].startswith("complete_"):
            text, code = complete.answered(os.environ)
            print(text)
            return code
    else:
        request = read(words)
        if request is not None:
            return execute(request)
        if words[0][:1] != "-" and words[0] not in COMMANDS:
            return _named(words)
        if words[0] in COMMANDS:
            from cthbkb import usage

            words = [words[0], *COMMANDS[words[0]].split(words[1:])]
            usage.check(COMMANDS[words[0]], words[1:])
    from cthbkb import cli

    return cli.run(words)


def _named(words: list[str]) -> int:
    """Show the record that words without a command name, as in `cthbkb jits`."""
    from cthbkb import record, store

    error = unknown("command", words[0], [*COMMANDS, *ALIASES], "To list all commands: cthbkb --help")
    request = read(["show", *words])
    if request is None or ("Did you mean" in error.hint and len(request.arguments) == 1 and _misspelled(words[0])):
        raise error
    try:
        db = store.open_database(request.value("db"))
        try:
            record.find(db, " ".join(request.arguments))
        finally:
            db.close()
    except UsageError as found:
        if "could be" in found.message:
            raise
        hint = f"To search for it: cthbkb search {arguments(request.arguments)}. {error.hint}"
        raise UsageError(error.message, hint) from None
    say(f"understood: cthbkb show {arguments(request.arguments)}")
    return execute(request)


def _misspelled(word: str) -> bool:
    """Return whether a word is similar to the name of a command."""
    import difflib

    return bool(difflib.get_close_matches(word.casefold(), [*COMMANDS, *ALIASES], n=1, cutoff=0.8))


def _ordered(words: list[str]) -> list[str]:
    """Move a command before the options that precede it: `--format json recs` is `recs --format json`."""
    at = 0
    valued = {name for c in COMMANDS.values() for o in c.options if o.noun for name in (f"--{o.name}", f"-{o.short}")}
    while at < len(words) and words[at][:1] == "-" and words[at] not in {"-h", "--help", "--version", "--"}:
        at += 2 if words[at] in valued else 1
    if at and at < len(words) and (words[at] in COMMANDS or words[at] in ALIASES):
        return [words[at], *words[:at], *words[at + 1 :]]
    if at >= len(words) and not any("completion" in word for word in words):
        return ["overview", *words]
    return words
