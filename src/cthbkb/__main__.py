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
        from cthbkb import failures

        if not failures.is_interrupt(error):
            raise
        code = failures.INTERRUPTED
    gc.freeze()
    return code


def ends() -> None:
    """Run the program and end with its exit code, which a zipapp does not do by itself."""
    sys.exit(main())


if __name__ == "__main__":
    ends()
