"""The pager for output longer than the screen: `PAGER`, or `less` if it is installed; `PAGER=cat` turns it off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["Paged", "wanted"]


def wanted() -> bool:
    """Return whether output can be paged: it goes to a terminal, and a pager is available and not turned off."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and bool(_command())


def _command() -> str:
    command = os.environ.get("PAGER", "less" if shutil.which("less") else "").strip()
    return "" if command in {"", "cat"} else command


class Paged:
    """A stream to the terminal that starts a pager as soon as there are more lines than the terminal has."""

    encoding = "utf-8"

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.left = shutil.get_terminal_size((80, 24)).lines - 1
        self.held: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self.quit = False

    def isatty(self) -> bool:
        """Return True, since the output ends up on a terminal."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self.out.fileno()

    def write(self, text: str) -> int:
        """Buffer the text as long as it fits on the screen; otherwise send it to the pager."""
        self.held.append(text)
        self.left -= text.count("\n")
        if self.left < 0:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send buffered text to the pager if one is needed; raise BrokenPipeError if the user has quit it."""
        if self.left >= 0:
            return
        if self.process is None:
            environ = {"LESS": "FRX", **os.environ}
            self.process = subprocess.Popen(
                _command(), shell=True, stdin=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
                env=environ,
            )  # fmt: skip  # PAGER is a command line, as for git and man
        assert self.process.stdin is not None
        try:
            self.process.stdin.write("".join(self.held))
            self.process.stdin.flush()
        except BrokenPipeError:
            self.quit = True
            raise
        finally:
            self.held.clear()

    def close(self) -> None:
        """Write buffered text to the terminal, or wait until the user quits the pager."""
        if self.process is None:
            self.out.write("".join(self.held))
            self.out.flush()
            return
        import contextlib

        with contextlib.suppress(BrokenPipeError):
            self.process.communicate()
