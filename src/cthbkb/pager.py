"""A pager for what is longer than a screen: `PAGER`, or `less` where there is one; no pager with `PAGER=cat`."""

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
    """Return whether the terminal can be paged: it is one, and a pager is there and not turned off."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and bool(_command())


def _command() -> str:
    command = os.environ.get("PAGER", "less" if shutil.which("less") else "").strip()
    return "" if command in {"", "cat"} else command


class Paged:
    """A stream to the terminal that becomes one to a pager as soon as it holds more lines than the terminal."""

    encoding = "utf-8"

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.left = shutil.get_terminal_size((80, 24)).lines - 1
        self.held: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self.quit = False

    def isatty(self) -> bool:
        """Return True: what is written ends on a terminal."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self.out.fileno()

    def write(self, text: str) -> int:
        """Hold a text back while it fits the screen, else give it to the pager."""
        self.held.append(text)
        self.left -= text.count("\n")
        if self.left < 0:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Give what is held to the pager where one is needed; ends with BrokenPipeError when it was left."""
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
        """Write what is still held to the terminal, or wait until the pager is left."""
        if self.process is None:
            self.out.write("".join(self.held))
            self.out.flush()
            return
        import contextlib

        with contextlib.suppress(BrokenPipeError):
            self.process.communicate()
