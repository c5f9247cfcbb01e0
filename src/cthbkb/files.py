"""Reading files that the user names, and writing files completely or not at all.

A file is written beside its target under an unpredictable name, flushed to disk and renamed. If anything prevents this,
including a signal, the old file remains. Files left behind by a killed process are removed by a later one that writes
to the same folder.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
import time
from contextlib import contextmanager, suppress

from cthbkb.errors import Failure, Refused
from cthbkb.messages import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import IO, Any

    Write = Callable[[IO[Any]], object]
    Part = tuple[str, Write, str | None]
    """Path, function that writes to the open file, and encoding; None for a binary file."""

__all__ = ["BEGINNINGS", "content", "place", "replace", "replace_all", "replace_folder"]

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
"""Maps a kind of output to its first bytes; any text is accepted for a kind that is not listed."""

PREFIX = ".cthbkb-"
"""Prefix of the name of an unfinished file; 16 random hexadecimal digits follow."""

FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

STALE = 600
"""Age, in seconds, at which an unfinished file counts as left behind by a killed process."""

SIGNALS = ("SIGTERM", "SIGHUP")
"""Signals that end a process without an exception, unless they are handled."""


def content(path: str, most: int, kind: str) -> bytes:
    """Return up to `most` + 1 bytes from the start of a file; `kind` describes the expected file in the hint.

    Pipes and devices are not opened, because reading could block, except for the pipe that a shell makes of
    `<(command)`.

    Raises:
        Failure: if it cannot be read, or is not a file.
    """
    try:
        mode = os.stat(path).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or (stat.S_ISFIFO(mode) and _is_open(path))):
            what = "pipe" if stat.S_ISFIFO(mode) else "device"
            raise Failure(f"cannot read {path}: it is a {what}, not a file", f"Name {kind}.")
        with open(path, "rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # a path may contain a null
        reason = error.strerror if isinstance(error, OSError) else error
        raise Failure(f"cannot read {path}: {reason}", f"Name {kind}.") from None


def _is_open(path: str) -> bool:
    """Return whether a path names a file that this process has already opened, such as `/dev/fd/63`."""
    folder = os.path.dirname(os.path.realpath(path))
    return folder == "/dev/fd" or (folder.startswith("/proc/") and folder.endswith("/fd"))


def replace(path: str, write: Write, encoding: str | None = "utf-8", kind: str = "", force: bool = True) -> None:
    """Write a file so that a failure leaves the old one unchanged; a pipe or device is written directly.

    A link remains a link, and a file keeps its permissions and owner; what cannot be kept is reported on stderr.
    `write` receives the open file, which takes bytes if there is no `encoding`.

    Raises:
        Refused: if the file exists and is clearly not of this `kind`, unless `force`.
        Failure: if the file cannot be written.
    """
    if os.path.isdir(path):
        raise Failure(f"{path} is a folder", "Name a file, such as recs.csv.")
    if os.path.exists(path) and not os.path.isfile(path):
        with _explained(path), open(path, "w" if encoding else "wb", **_as_text(encoding)) as file:
            write(file)
        return
    if not (force or _alike(path, kind)):
        raise Refused(f"{path} exists and is not a {kind} file", "Name another file, or add --force to replace it.")
    replace_all([(path, write, encoding)])


def replace_all(parts: Iterable[Part]) -> None:
    """Write several files as a unit: all are written, then all are renamed; a failure leaves the old files unchanged.

    Raises:
        Failure: if one of them cannot be written.
    """
    with _Unfinished() as unfinished:
        path = ""
        for path, write, encoding in parts:
            with _explained(path):
                unfinished.add(path, write, encoding)
        with _explained(path):
            unfinished.finish()


def replace_folder(path: str, parts: Sequence[Part], force: bool) -> None:
    """Write files into a folder as a unit; the folder is created if it is missing.

    Raises:
        Refused: if one of the files exists, unless `force`.
        Failure: if the folder or one of the files cannot be written.
    """
    if os.path.exists(path) and not os.path.isdir(path):
        raise Failure(f"{path} is a file", "Name a folder.")
    there = [name for name, _, _ in parts if os.path.lexists(os.path.join(path, name))]
    if there and not force:
        raise Refused(
            f"{path} already contains {there[0]}", "Name another folder, or add --force to replace the files."
        )
    new = not os.path.exists(path)
    with _explained(path):
        os.makedirs(path, exist_ok=True)
    try:
        replace_all((os.path.join(path, name), write, encoding) for name, write, encoding in parts)
    except BaseException:
        if new:
            with suppress(OSError):  # another process has written to it
                os.rmdir(path)
        raise


def place(path: str, write: Write) -> None:
    """Write a binary file as `replace` does; the caller reports errors.

    Raises:
        OSError: if the file cannot be written.
    """
    with _Unfinished() as unfinished:
        unfinished.add(path, write, None)
        unfinished.finish()


class _Ended(BaseException):
    """A signal that ends the process, raised as an exception so that unfinished files are removed."""


class _Unfinished:
    """Files beside their targets: renamed together by `finish`, or removed if the block ends without it."""

    def __init__(self) -> None:
        self.files: list[tuple[str, str]] = []
        self.swept: set[str] = set()
        self.handlers: dict[int, Any] = {}
        self.signal = 0
        self.deaf = False

    def __enter__(self) -> _Unfinished:
        for number in (getattr(signal, name) for name in SIGNALS if hasattr(signal, name)):
            with suppress(ValueError):  # only the main thread receives signals
                if signal.getsignal(number) is signal.SIG_DFL:
                    self.handlers[number] = signal.signal(number, self._end)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.deaf = True
        for name, _ in self.files:
            _remove(name)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        if self.signal:
            os.kill(os.getpid(), self.signal)

    def _end(self, number: int, frame: object) -> None:
        """Handle a signal: let it end the process as soon as no unfinished files are left."""
        self.signal = number
        if not self.deaf:
            raise _Ended

    def add(self, path: str, write: Write, encoding: str | None) -> None:
        """Write one file beside its target, and flush it to disk."""
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        there = os.path.exists(target)
        if there and not os.stat(target).st_mode & 0o222:
            raise PermissionError(errno.EACCES, "it is write-protected")
        folder = os.path.dirname(target)
        if folder not in self.swept:
            _sweep(folder)
            self.swept.add(folder)
        name = _beside(target)
        self.files.append((name, target))

        def opener(file: str, _: int) -> int:
            return os.open(file, FLAGS, 0o600 if there else 0o666)

        with open(name, "w" if encoding else "wb", opener=opener, **_as_text(encoding)) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Rename every file to its target, and report what could not be kept of the files replaced.

        If one cannot be renamed, those before it are restored.

        Raises:
            OSError: if one cannot be renamed.
            Failure: if those before it cannot be restored either.
        """
        self.deaf = True
        lost = [text for name, target in self.files for text in _keep(name, target)]
        before = [(target, _second(target)) for _, target in self.files[:-1]]
        renamed = 0
        try:
            for name, target in self.files:
                os.replace(name, target)
                renamed += 1
        except BaseException as error:
            stuck = [target for target, old in before[:renamed] if not _restored(target, old)]
            if stuck and isinstance(error, OSError):
                raise Failure(
                    f"cannot write {error.filename2}: {error.strerror}; {stuck[0]} cannot be restored either",
                    "Some files are new and some are old: run the command again when the disk works.",
                ) from error
            raise
        finally:
            for _, old in before:
                _remove(old)
        self.files.clear()
        for folder in self.swept:
            _flush(folder)
        for text in lost:
            say(f"note: {text}")


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn a system error into a message about a file."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "Name a file in a writable folder."
        raise Failure(f"cannot write {error.filename2 or path}: {error.strerror or error}", hint) from None


def _as_text(encoding: str | None) -> dict[str, Any]:
    return {"encoding": encoding, "newline": ""} if encoding else {}


def _beside(target: str) -> str:
    """Return an unpredictable path in the folder of a file."""
    return os.path.join(os.path.dirname(target), f"{PREFIX}{os.urandom(8).hex()}")


def _second(target: str) -> str:
    """Give a file a second name, from which it can be restored; return it, or an empty string if there is no file."""
    if not os.path.exists(target):
        return ""
    name = _beside(target)
    try:
        os.link(target, name)
    except OSError:  # a disk without hard links
        import shutil

        shutil.copy2(target, name)
    return name


def _restored(target: str, old: str) -> bool:
    """Rename an old file back, or remove a new one if there was none; return whether that succeeded."""
    try:
        os.replace(old, target) if old else os.unlink(target)
    except OSError:
        return False
    return True


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)


def _flush(folder: str) -> None:
    """Flush a folder to disk, so that a renamed file survives a power failure; not every system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: str) -> None:
    """Remove the files that killed processes of this user left in a folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            digits = entry.name.removeprefix(PREFIX)
            if len(digits) == 16 and digits != entry.name and not digits.strip("0123456789abcdef"):
                found = entry.stat(follow_symlinks=False)
                own = stat.S_ISREG(found.st_mode) and (not hasattr(os, "geteuid") or found.st_uid == os.geteuid())
                if own and time.time() - found.st_mtime > STALE:
                    _remove(entry.path)


def _keep(name: str, target: str) -> Iterator[str]:
    """Give a new file the permissions, owner and attributes of the one it replaces; yield what could not be kept.

    Nobody who could not read the old file may read the new one: if the group is lost, its permissions are removed too.
    """
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return
    new, mode = os.stat(name), stat.S_IMODE(old.st_mode)
    if old.st_gid != new.st_gid:
        try:
            os.chown(name, -1, old.st_gid)
        except OSError:
            mode &= 0o707
            yield f"{target} could not keep its group, which can no longer read it"
    if old.st_uid != new.st_uid:
        try:
            os.chown(name, old.st_uid, -1)
        except OSError:
            mode &= 0o777
            yield f"{target} belonged to another user and now belongs to you"
    for attribute in os.listxattr(target) if hasattr(os, "listxattr") else ():
        with suppress(OSError):  # some are the system's own
            os.setxattr(name, attribute, os.getxattr(target, attribute))
    os.chmod(name, mode)
    if old.st_nlink > 1:
        yield f"{target} had other names (hard links), which keep the old content"


def _alike(path: str, kind: str) -> bool:
    """Return whether no file of another kind would be lost: it is missing or empty, or has the right first bytes."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return True
    begins = BEGINNINGS.get(kind)
    if not head:
        return True
    return head.removeprefix(b"\xef\xbb\xbf").startswith(begins) if begins else b"\0" not in head
