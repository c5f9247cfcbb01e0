"""Running from a zip archive such as a zipapp: the package is unpacked once, because data and SQL are read as files."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import zipfile

__all__ = ["unpacked"]


def unpacked(here: str, folder: str) -> str:
    """Return the folder with the unpacked files of the package at `here`, a path inside an archive.

    They are kept in the cache folder `folder`, under a name that changes with the archive. If the folder is not
    writable, or is writable by others, they are unpacked for this run only.
    """
    archive = here
    while not os.path.isfile(archive):
        archive = os.path.dirname(archive)
    inside = os.path.relpath(here, archive).replace(os.sep, "/")
    found = os.stat(archive)
    stamp = f"{os.path.realpath(archive)}\n{found.st_size}\n{found.st_mtime_ns}\n{found.st_ino}"
    name = f"unpacked-{hashlib.sha256(os.fsencode(stamp)).hexdigest()[:16]}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.name != "nt" and (os.stat(folder).st_uid != os.geteuid() or os.stat(folder).st_mode & 0o022):
            raise PermissionError(folder)
        target = os.path.join(folder, name)
        if not os.path.isdir(target):
            _unpack(archive, inside, folder, target)
    except OSError:
        target = tempfile.mkdtemp(prefix="cthbkb-")
        atexit.register(shutil.rmtree, target, ignore_errors=True)
        _extract(archive, inside, target)
    return os.path.join(target, *inside.split("/"))


def _unpack(archive: str, inside: str, folder: str, target: str) -> None:
    """Unpack beside the target and rename, so that no process finds an incomplete folder."""
    beside = tempfile.mkdtemp(prefix=".unpacking-", dir=folder)
    try:
        _extract(archive, inside, beside)
        os.rename(beside, target)
    except OSError:
        if not os.path.isdir(target):  # else another process was faster
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _extract(archive: str, inside: str, target: str) -> None:
    with zipfile.ZipFile(archive) as file:
        file.extractall(target, [name for name in file.namelist() if name.startswith(f"{inside}/")])
