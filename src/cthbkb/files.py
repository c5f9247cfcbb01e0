"""Files that the user names: written whole or not at all, and never over what is plainly something else."""

from __future__ import annotations

import os

from cthbkb.errors import Failure, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

__all__ = ["BEGINNINGS", "replace"]

BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "json": (b"[", b"{"),
    "jsonl": (b"{",),
    "yaml": (b"- ", b"[]"),
    "markdown": (b"| ", b"# "),
    "bibtex": (b"@",),
    "ris": (b"TY  - ",),
    "csl-json": (b"[",),
    "ics": (b"BEGIN:VCALENDAR",),
    "svg": (b"<?xml", b"<svg"),
    "png": (b"\x89PNG",),
    "pdf": (b"%PDF",),
    "html": (b"<!doctype html>",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "database": (b"SQLite format 3",),
}
"""Kind of output to how one begins; of a kind that is not here any text may be one."""


def replace(
    path: str, write: Callable[[IO[Any]], object], encoding: str | None = "utf-8", kind: str = "", force: bool = True
) -> None:
    """Write a file beside its place and rename it, so that a failure leaves what was there.

    A link stays a link, a file keeps its permissions, and a pipe or device is written to. `write` gets the open file,
    which takes bytes where there is no `encoding`.

    Raises:
        Refused: when the file is there and is plainly not of this `kind`, unless `force`.
        Failure: when the file cannot be written.
    """
    target = os.path.realpath(path)
    if os.path.isdir(target):
        raise Failure(f"{path} is a folder", "Name a file, such as recs.csv.")
    special = os.path.exists(target) and not os.path.isfile(target)
    if not (special or force or _alike(target, kind)):
        raise Refused(f"{path} is there and is no {kind} file", "Name another file, or add --force to replace it.")
    beside = target if special else f"{target}.{os.getpid()}.part"
    text: dict[str, Any] = {"encoding": encoding, "newline": ""} if encoding else {}
    try:
        with open(beside, ("w" if special else "x") + ("" if encoding else "b"), **text) as file:
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


def _alike(path: str, kind: str) -> bool:
    """Return whether nothing of another kind would be lost: there is no file, an empty one, or one that begins so."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return True
    begins = BEGINNINGS.get(kind)
    if not head:
        return True
    return head.removeprefix(b"\xef\xbb\xbf").startswith(begins) if begins else b"\0" not in head
