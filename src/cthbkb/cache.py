"""The cache folder, and how the cached database is found without reading the files that it was built from.

The name of a cached database contains a hash of its inputs and a digest of its content (`kb-HASH-DIGEST.db`), which
show whether it is stale, incomplete or damaged. To avoid reading inputs and content at each start, a small file
(`at-INSTALLATION`) contains the name, and the inode, size and times of every file that the database depends on: the
database itself, the modules of the package, the seed with its includes, the user's packs. If one of them has changed,
all of them are read again.

Corruption on disk changes neither size nor times. Checking the content at each start would detect it, but would add 8
percent to the time of an answer with CRC-32 and 16 with SHA-256 (a piped listing, 60 runs of each in turn, 5.8 MB);
the content is therefore compared with its digest once a day, and whenever SQLite or the program fails on it.

The folder must belong to the user and be writable by nobody else, since anybody who can write to it can forge answers.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

__all__ = [
    "APPLICATION_ID",
    "DAY",
    "OBJECTS",
    "PACKAGED",
    "SCHEMA_VERSION",
    "cache_folder",
    "checksum",
    "digest",
    "distrust",
    "is_intact",
    "name_of",
    "own",
    "packs_folder",
    "pointed",
    "pointer",
    "private",
    "seed_path",
    "sources_folder",
    "stamp",
    "template_path",
    "words_path",
]

APPLICATION_ID = 0x43544842  # "CTHB"
SCHEMA_VERSION = 0x9C309DD
"""Digest of the statements that create an empty database; if they change, a test prints the new value."""

OBJECTS = 173
"""Number of tables, views and indexes in an empty database; the same test prints the new value."""

DAY = 24 * 60 * 60
"""Interval, in seconds, at which the content of the cached database is compared with its digest."""

PACKAGED = "cthbkb"
"""Name of the packaged seed in the list of seeds of a database."""

HERE = os.path.dirname(os.path.abspath(__file__))

distrusted = False
"""Whether a damaged database with valid stamps was found in this process."""


def seed_path() -> str:
    """Return the path of the packaged seed: beside the modules in a wheel, in `data/` in a checkout."""
    return _data("seed.yaml")


def template_path() -> str:
    """Return the path of the template of a pack, beside the packaged seed."""
    return _data("template.yaml")


def words_path() -> str:
    """Return the path of the list of common English words, beside the packaged seed."""
    return _data("english.txt")


def _data(name: str) -> str:
    packaged = os.path.join(HERE, "data", name)
    return packaged if os.path.exists(packaged) else os.path.normpath(os.path.join(HERE, "..", "..", "data", name))


def cache_folder() -> str:
    """Return the user's cache folder for the program, which may not exist; empty for a user without a home folder."""
    base = _base("XDG_CACHE_HOME", "~/.cache", "~/Library/Caches")
    return base and os.path.join(base, "cthbkb")


def packs_folder() -> str:
    """Return the folder of the user's packs, which may not exist; empty for a user without a home folder."""
    base = _base("XDG_DATA_HOME", "~/.local/share", "~/Library/Application Support")
    return base and os.path.join(base, "cthbkb", "packs")


def sources_folder() -> str:
    """Return the folder of the user's copies of the documents, which may not exist; empty without a home folder."""
    return packs_folder() and os.path.join(os.path.dirname(packs_folder()), "sources")


def _base(variable: str, linux: str, mac: str) -> str:
    """Return a base folder of the user by the conventions of the platform; empty if the path is not absolute."""
    base = os.environ.get(variable, "")
    if os.path.isabs(base):
        return base
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    else:
        base = os.path.expanduser(mac if sys.platform == "darwin" else linux)
    return base if os.path.isabs(base) and os.environ.get("HOME") != "" else ""


def stamp(path: str) -> str:
    """Return a text that changes with the inode, size or times of a file or folder; `-` if it cannot be read."""
    try:
        s = os.stat(path)
    except OSError:
        return "-"
    return f"{s.st_ino:x}.{s.st_size:x}.{s.st_mtime_ns:x}.{s.st_ctime_ns:x}"


def private(folder: str) -> bool:
    """Return whether a folder belongs to this user and is writable by nobody else."""
    found = os.stat(folder)
    return sys.platform == "win32" or (found.st_uid == os.geteuid() and not found.st_mode & 0o022)


def own(found: os.stat_result) -> bool:
    """Return whether a file belongs to this user."""
    return sys.platform == "win32" or found.st_uid == os.geteuid()


def name_of(key: str, content: str) -> str:
    """Return the name of a database in the cache: a hash of its inputs, and the digest of its content."""
    return f"kb-{key}-{content}.db"


def digest(file: IO[bytes]) -> str:
    """Return the digest of the content of a file."""
    import hashlib

    return hashlib.file_digest(file, "sha256").hexdigest()[:32]  # type: ignore[arg-type]  # any file of bytes is one


def checksum(data: bytes) -> int:
    """Return a checksum of data, below 2**30, that detects corruption and needs no import."""
    return int.from_bytes(data, "big") % 1_000_000_007


def is_intact(path: str) -> bool:
    """Return whether a cached database belongs to the user and its content matches its name."""
    try:
        if not os.path.isfile(path):  # opening a pipe would block
            return False
        with open(path, "rb") as file:
            return own(os.fstat(file.fileno())) and path.endswith(f"-{digest(file)}.db")
    except OSError:
        return False


def pointer(folder: str) -> str:
    """Return the path of the file with the name of this installation's database and the stamps of its inputs."""
    return os.path.join(folder, "at-" + "".join(c if c.isascii() and c.isalnum() else "-" for c in HERE)[-100:])


def pointed(folder: str) -> tuple[str, str]:
    """Return the path of this installation's database, and the names of the packs left out of it.

    Raises:
        ValueError: if it is not known to be intact, or one of its inputs has changed.
        OSError: if there is no such database.
    """
    if distrusted or not private(folder) or not os.path.isfile(pointer(folder)):  # opening a pipe would block
        raise ValueError("not to be trusted")
    with open(pointer(folder), "rb") as file:
        lines, _, check = file.read().rpartition(b"\n")
        about = os.fstat(file.fileno())
    if check != b"%d" % checksum(lines):
        raise ValueError("damaged")
    name, state, left_out, packs, *stamps = lines.decode("utf-8", "surrogateescape").split("\n")
    path = os.path.join(folder, os.path.basename(name))
    if packs != packs_folder() or not own(about) or stamp(path) != state or not stamps:
        raise ValueError("built from something else, or changed")
    for line in stamps:
        known, _, watched = line.partition(" ")
        if stamp(watched) != known:
            raise ValueError(f"{watched} has changed")
    if abs(time.time() - about.st_mtime) > DAY:
        if not is_intact(path):
            raise ValueError("damaged")
        try:
            os.utime(pointer(folder))
        except OSError:  # a read-only disk: checked again at the next start
            pass
    return path, left_out


def distrust() -> None:
    """Stop trusting stamps in this process: always compare the content of the cached database with its digest."""
    global distrusted
    distrusted = True


if not os.path.isdir(HERE):
    from cthbkb import archive

    HERE = archive.unpacked(HERE, cache_folder())
