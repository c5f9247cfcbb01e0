"""`man`: the manual page, made from the table of commands."""

from __future__ import annotations

import sys
from operator import methodcaller

from cthbkb import files, manual
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Print the page, or write it to a file."""
    path = request.value("output")
    if path and path != "-":
        files.replace(path, methodcaller("write", manual.page()))
        say(f"wrote the manual page to {path}")
    else:
        sys.stdout.write(manual.page())
    return 0
