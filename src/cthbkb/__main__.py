"""The entry point: `cthbkb`, and `python -m cthbkb`."""

from __future__ import annotations

import gc
import sys

__all__ = ["ends", "main"]


def main() -> int:
    """Run the program; the garbage collector is off, since a short process creates few reference cycles.

    At its end the interpreter looks for cycles once more, but not among frozen objects, which saves a twelfth.
    """
    gc.disable()  # before the imports, during which it would take a fortieth of an answer
    try:
        from cthbkb import front

        code = front.main()
    except BaseException as error:
        code = _failed(error)
    gc.freeze()
    return code


def _failed(error: BaseException) -> int:
    """Say why the program could not begin: `front.main` itself ends every error, but its modules may not be readable.

    A disk that was full when Python stored them leaves some cut off, and a process may lack memory or open files.
    """
    try:
        from cthbkb import failures

        if failures.is_interrupt(error):
            return failures.INTERRUPTED
    except Exception as same:
        error = same
    if not isinstance(error, Exception):
        raise error
    if sys.stderr:
        sys.stderr.write(f"error: cthbkb cannot begin: {error or type(error).__name__}\n")
        sys.stderr.write("hint: Allow it more memory and open files, or install it again.\n")
    return 1


def ends() -> None:
    """Run the program and end with its exit code, which a zipapp does not do by itself."""
    sys.exit(main())


if __name__ == "__main__":
    ends()
