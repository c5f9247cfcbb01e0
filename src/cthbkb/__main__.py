"""The entry point: `cthbkb`, and `python -m cthbkb`."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> int:
    """Run the program; the garbage collector is off, since a short process creates few reference cycles."""
    gc.disable()  # before the imports, during which it would take a fortieth of an answer
    from cthbkb import front

    return front.main()


if __name__ == "__main__":
    sys.exit(main())
