"""Files that the user names: written whole or not at all."""

from __future__ import annotations

import os

from cthbkb.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

__all__ = ["replace"]


def replace(path: str, write: Callable[[TextIO], object], encoding: str = "utf-8") -> None:
    """Write a file beside its place and rename it, so that a failure leaves what was there.

    A link stays a link, a file keeps its permissions, and a pipe or device is written to. `write` gets the open file.

    Raises:
        Failure: when the file cannot be written.
    """
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise Failure(f"{path} is a folder", "Name a file, such as recs.csv.")
    special = os.path.exists(target) and not os.path.isfile(target)
    beside = target if special else f"{target}.{os.getpid()}.part"
    try:
        with open(beside, "w" if special else "x", encoding=encoding, newline="") as file:
            write(file)
        if not special:
            if os.path.exists(target):
                os.chmod(beside, os.stat(target).st_mode & 0o7777)
            os.replace(beside, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Name a file in a folder that can be written."
        raise Failure(f"cannot write {path}: {error.strerror}", hint) from None
    finally:
        if not special and os.path.exists(beside):
            os.unlink(beside)
