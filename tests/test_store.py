"""The database is found by a stamp, built if there is none, opened read-only, and rebuilt if it is damaged."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import SMALL, Run

from cthbkb import build as builds
from cthbkb import cache, named, store
from cthbkb.errors import Failure
from cthbkb.problems import SeedError
from cthbkb.seed import Seed


@pytest.fixture(scope="module")
def built(seed_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cached database of the fabricated seed, as a first start builds it."""
    home = tmp_path_factory.mktemp("built")
    shutil.copyfile(seed_path, home / "packaged.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "seed_path", lambda: str(home / "packaged.yaml"))
        patch.setenv("XDG_DATA_HOME", str(home))
        builds.packaged(str(home / "cthbkb"))[0].close()
    (path,) = (home / "cthbkb").glob("kb-*.db")
    return path


@pytest.fixture
def packaged(tmp_path: Path, seed_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the fabricated seed instead of the packaged one."""
    copy = tmp_path / "packaged.yaml"
    shutil.copyfile(seed_path, copy)
    monkeypatch.setattr(cache, "seed_path", lambda: str(copy))
    return copy


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The cache folder of this test, which does not exist yet."""
    return tmp_path / "cache" / "cthbkb"


@pytest.fixture
def folder(empty: Path, built: Path) -> Path:
    """The cache folder of this test, with the database of the fabricated seed."""
    empty.mkdir(mode=0o700, parents=True)
    shutil.copyfile(built, empty / built.name)
    return empty


def items() -> int:
    """Open the database of the packaged seed and count its items."""
    with closing(store.open_database()) as db:
        return int(db.execute("select count(*) from list_recs").fetchone()[0])


def cached(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("kb-*.db"))


def refuse(*_: object) -> sqlite3.Connection:
    raise AssertionError("built, though there was no need")


# Finding and building


def test_the_first_start_builds_and_the_second_does_not(
    packaged: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert items() == 21
    assert sorted(os.listdir(empty)) == [Path(cache.pointer(str(empty))).name, *cached(empty)]
    assert len(cached(empty)) == 1
    monkeypatch.setattr(builds, "packaged", refuse)
    assert items() == 21


def test_a_database_is_found_without_reading_the_seed(
    packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    opened: list[str] = []
    real = open

    def noting(path: str, *rest: object, **named: object) -> object:
        opened.append(str(path))
        return real(path, *rest, **named)  # type: ignore[call-overload]  # whatever it is asked

    monkeypatch.setattr("builtins.open", noting)
    items()
    assert opened == [cache.pointer(str(folder))]


def test_a_changed_seed_is_rebuilt(packaged: Path, folder: Path) -> None:
    items()
    text = packaged.read_text(encoding="utf-8")
    packaged.write_text(text.replace("name: Tom Reed", "name: Tom Rood"), encoding="utf-8")
    with closing(store.open_database()) as db:
        assert db.execute("select name from people where id = 'tom-reed'").fetchone() == ("Tom Rood",)
    assert len(cached(folder)) == 2


def test_a_seed_that_was_only_touched_is_not_rebuilt(
    packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    os.utime(packaged, ns=(1, 1))
    monkeypatch.setattr(builds, "build", refuse)
    assert items() == 21
    monkeypatch.setattr(builds, "packaged", refuse)
    assert items() == 21


def test_a_changed_module_causes_a_rebuild(
    packaged: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    shutil.copytree(cache.HERE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "data").mkdir()
    shutil.copy(cache.words_path(), package / "data")
    monkeypatch.setattr(cache, "HERE", str(package))
    items()
    (before,) = cached(folder)
    with (package / "views.sql").open("a", encoding="utf-8") as file:
        file.write("\ncreate view of_mine as select 1 as one;\n")
    with closing(store.open_database()) as db:
        assert db.execute("select one from of_mine").fetchone() == (1,)
    assert before in cached(folder)
    assert len(cached(folder)) == 2


def test_every_file_of_the_package_is_watched() -> None:
    """A change in any of them may change the database; modules that only query it are in subpackages."""
    files = {path for path in Path(cache.HERE).iterdir() if path.is_file()}
    watched = set(builds._watched(Path(cache.seed_path()), []))
    assert {path.name for path in files - watched} <= {"py.typed"}
    assert {Path(cache.seed_path()), Path(cache.words_path())} <= watched


def test_a_database_that_was_written_to_is_not_trusted(packaged: Path, folder: Path) -> None:
    items()
    (name,) = cached(folder)
    with closing(sqlite3.connect(folder / name)) as db:
        db.execute("pragma journal_mode = off")
        db.execute("update recommendations set summary = 'Nothing.'")
        db.commit()
    with pytest.raises(ValueError, match="or changed"):
        cache.pointed(str(folder))
    with closing(store.open_database()) as db:
        assert db.execute("select count(*) from recommendations where summary = 'Nothing.'").fetchone() == (0,)
    assert not cache.distrusted


def altered(path: Path, keep_times: bool = False) -> None:
    """Replace a word in the database by another of the same length, like a text editor."""
    before = path.stat()
    data = path.read_bytes()
    assert b"Light" in data
    path.write_bytes(data.replace(b"Light", b"Loght"))
    if keep_times:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def texts(run: Run) -> list[str]:
    done = run("search", "light", "-f", "json", "-n", "99", db=None)
    assert (done.code, done.err) == (0, "")
    return [run(*argv, db=None).out for argv in (("recs", "-f", "json"), ("show", "2031-p1-r1"))] + [done.out]


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_text_that_was_altered_in_the_cache_is_never_printed(
    keep_times: bool, packaged: Path, folder: Path, run: Run
) -> None:
    before = texts(run)
    (name,) = cached(folder)
    whole = (folder / name).read_bytes()
    altered(folder / name, keep_times)
    assert texts(run) == before
    assert [(n, (folder / n).read_bytes()) for n in cached(folder)] == [(name, whole)]


def test_a_file_of_another_program_with_the_same_name_is_not_used(packaged: Path, folder: Path, tmp_path: Path) -> None:
    items()
    (name,) = cached(folder)
    data = (folder / name).read_bytes()
    other = tmp_path / "other.db"
    other.write_bytes(data.replace(b"Light", b"Loght"))
    (folder / name).unlink()
    (folder / name).symlink_to(other)
    assert items() == 21
    assert (folder / name).read_bytes() == data
    assert b"Loght" in other.read_bytes()


def vouched(pointer: Path, database: Path) -> None:
    """Update a pointer with the stamps of the current database."""
    lines = pointer.read_bytes().split(b"\n")[:-1]
    lines[1] = cache.stamp(str(database)).encode()
    pointer.write_bytes(b"\n".join([*lines, b"%d" % cache.checksum(b"\n".join(lines))]))


def test_a_pointer_to_a_damaged_database_is_ignored_after_an_error(
    packaged: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corruption on disk does not change the stamps; if SQLite detects it, the answer is given nevertheless."""
    monkeypatch.setattr(cache, "distrusted", False)
    whole = run("recs", "-o", folder.parent / "a.csv", db=None)
    (name,) = cached(folder)
    _blanked_after_the_head(folder / name)
    pointer = Path(cache.pointer(str(folder)))
    vouched(pointer, folder / name)
    assert run("recs", "-o", folder.parent / "a.csv", db=None) == whole
    assert cache.distrusted
    cache.distrusted = False
    assert cache.is_intact(cache.pointed(str(folder))[0])


def test_the_content_is_compared_with_its_digest_once_a_day(
    packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    (name,) = cached(folder)
    pointer = Path(cache.pointer(str(folder)))
    with monkeypatch.context() as patch:
        patch.setattr(cache, "digest", refuse)
        items()
    altered(folder / name)
    vouched(pointer, folder / name)
    for age in (cache.DAY + 60, -cache.DAY - 60):
        os.utime(pointer, (time.time() - age, time.time() - age))
        with pytest.raises(ValueError, match="damaged"):
            cache.pointed(str(folder))
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"Loght", b"Light"))
    vouched(pointer, folder / name)
    os.utime(pointer, (1, 1))
    assert cache.pointed(str(folder))[0] == str(folder / name)
    assert time.time() - pointer.stat().st_mtime < 60


def test_a_database_whose_pointer_is_lost_is_found_and_not_built(
    packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    Path(cache.pointer(str(folder))).unlink()
    monkeypatch.setattr(builds.fill, "write", refuse)
    monkeypatch.setattr(builds.files, "place", unwritable)
    assert items() == 21
    with closing(store.open_database()) as db:
        assert db.execute("pragma database_list").fetchone()[2] == str(folder / cached(folder)[0])


def unwritable(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_damaged_read_only_cache_is_replaced_by_a_build_in_memory(
    packaged: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = texts(run)
    (name,) = cached(folder)
    altered(folder / name)
    monkeypatch.setattr(builds.files, "place", unwritable)
    monkeypatch.setattr(Path, "unlink", unwritable)
    assert texts(run) == before
    assert b"Loght" in (folder / name).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="needs users as Unix has them")
def test_a_cache_of_another_user_is_not_read(packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items()
    opened: list[str] = []
    monkeypatch.setattr(named, "opened", opened.append)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert items() == 21
    assert opened == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs permissions as Unix has them")
def test_a_cache_folder_writable_by_others_is_made_private_and_checked(packaged: Path, folder: Path, run: Run) -> None:
    before = texts(run)
    (name,) = cached(folder)
    folder.chmod(0o777)
    altered(folder / name)
    assert texts(run) == before
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("home", ["", "relative", "~"])
def test_a_user_without_a_home_folder_gets_answers_without_new_folders(
    home: str, packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", "")
    assert (cache.cache_folder(), cache.packs_folder()) == ("", "")
    assert items() == 21
    assert os.listdir(tmp_path / "here") == []


def test_a_pointer_to_a_missing_database_is_removed(packaged: Path, empty: Path) -> None:
    empty.mkdir(parents=True)
    (empty / "at-removed").write_text("kb-1-2.db\nstate\n", encoding="utf-8")
    (empty / "kb-3-4.db").write_bytes(b"")
    (empty / "at-other").write_text("kb-3-4.db\nstate\n", encoding="utf-8")
    items()
    assert not (empty / "at-removed").exists()
    assert (empty / "at-other").exists()


def test_two_installations_keep_a_pointer_each(packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cache.pointer(str(folder))
    monkeypatch.setattr(cache, "HERE", "/elsewhere/cthbkb")
    assert cache.pointer(str(folder)) != here


def test_a_packaged_seed_with_problems_is_not_built(packaged: Path, empty: Path) -> None:
    packaged.write_bytes(b"themez: []\n")
    with pytest.raises(SeedError) as caught:
        store.open_database()
    assert str(caught.value.problems[0]) == f"{packaged}:1:1: unknown table 'themez'; did you mean themes?"
    assert cached(empty) == []


def test_databases_of_other_versions_are_kept_except_the_oldest(packaged: Path, empty: Path) -> None:
    empty.mkdir(parents=True)
    for age in range(6):
        (empty / f"kb-old{age}.db").write_bytes(b"")
        os.utime(empty / f"kb-old{age}.db", (time.time() - age - 60, time.time() - age - 60))
    items()
    assert [name for name in cached(empty) if "old" in name] == ["kb-old0.db", "kb-old1.db", "kb-old2.db"]


def test_files_of_a_killed_build_are_removed_but_not_those_of_a_running_one(packaged: Path, empty: Path) -> None:
    empty.mkdir(parents=True)
    for name, age in ((f".cthbkb-{0:016x}", 3600), (f".cthbkb-{1:016x}", 5)):
        (empty / name).write_bytes(b"half")
        os.utime(empty / name, (time.time() - age, time.time() - age))
    items()
    assert [path.name for path in empty.glob(".cthbkb-*")] == [f".cthbkb-{1:016x}"]


START = """\
import os
from cthbkb import commands, fill
fill._sqlite_utils()  # all modules are imported
pipe, end = os.pipe()
for name in "1234":
    if not os.fork():
        for stream in (1, 2):
            os.dup2(os.open(f"{name}-{stream}", os.O_WRONLY | os.O_CREAT), stream)
        os.close(end)
        os.read(pipe, 1)
        break
else:
    os.close(end)
    sys.exit(sum(os.wait()[1] != 0 for _ in range(4)))
"""
"""Starts the program four times; these processes begin together when the pipe ends."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes as Unix has them")
def test_simultaneous_first_starts_all_answer(empty: Path, seed_path: Path, tmp_path: Path) -> None:
    code = SMALL.replace("sys.exit", f"{START}sys.exit")
    command = [sys.executable, "-c", code, str(seed_path), "--version"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {(tmp_path / f"{name}-2").read_text("utf-8") for name in "1234"} == {""}
    (answer,) = {(tmp_path / f"{name}-1").read_text("utf-8") for name in "1234"}
    assert answer.startswith("cthbkb ")
    assert len(cached(empty)) == 1


# Where


@pytest.mark.parametrize("value", ["", "relative/cache"])
def test_a_cache_folder_that_is_not_absolute_is_not_used(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert cache.cache_folder() == str(tmp_path / "home" / ".cache" / "cthbkb")


def test_an_unwritable_home_only_causes_a_build_in_memory(
    packaged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(in_the_way))
    assert items() == 21
    with closing(store.open_database()) as db:
        assert db.execute("pragma database_list").fetchone()[2] == ""
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("delete from meta")
    assert in_the_way.read_text(encoding="utf-8") == "not a folder"


def small_disk(seed: Path, *argv: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program with files limited to 20,000 bytes, like a full disk."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n{SMALL}"
    command = [sys.executable, "-B", "-c", code, str(seed), *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_full_disk_causes_a_build_in_memory_and_leaves_nothing(empty: Path, seed_path: Path) -> None:
    done = small_disk(seed_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert os.listdir(empty) == []


def test_a_full_disk_keeps_the_old_database(seed_path: Path, database: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    shutil.copyfile(database, target)
    done = small_disk(seed_path, "load", seed_path, "--db", target)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: cannot write {target}: ")
    assert target.read_bytes() == database.read_bytes()
    assert os.listdir(tmp_path) == ["mine.db"]


# Old and incomplete builds of SQLite


OLD = "Python {} has SQLite {}, but cthbkb needs {}"
WAY_OUT = "Install cthbkb with another Python, such as one from python.org, conda or `uv python install`."


def old_sqlite(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 26, 0))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.26.0")
    return OLD.format(platform.python_version(), "3.26.0", "version 3.31 or newer")


def sqlite_without(part: str) -> Callable[[pytest.MonkeyPatch], str]:
    def lacking(monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setitem(named.PARTS, part, "create virtual table a using no_such_part(b)")
        return OLD.format(platform.python_version(), sqlite3.sqlite_version, f"{part} support")

    return lacking


@pytest.mark.parametrize("lacking", [old_sqlite, sqlite_without("FTS5"), sqlite_without("JSON")])
def test_an_unsuitable_sqlite_is_reported_with_a_remedy(
    lacking: Callable[[pytest.MonkeyPatch], str], packaged: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = lacking(monkeypatch)
    for argv in (("recs",), ("--version",), ("load",), ("load", packaged, "--db", packaged.parent / "x.db")):
        done = run(*argv, db=None)
        assert (done.code, done.out, done.err) == (1, "", f"error: {message}\nhint: {WAY_OUT}\n")
    assert not (packaged.parent / "x.db").exists()


def test_a_cache_that_another_python_built_is_kept_by_one_whose_sqlite_cannot_build(
    packaged: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run("recs", db=None)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    old_sqlite(monkeypatch)
    assert run("recs", db=None) == whole
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# Read-only


@pytest.mark.parametrize("statement", ["insert into meta values ('a', 'b')", "drop table meta", "vacuum"])
def test_an_open_database_cannot_be_written(statement: str, db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute(statement)


def test_reading_leaves_no_file_beside_the_database(run: Run, database: Path) -> None:
    assert run("recs").code == 0
    assert os.listdir(database.parent) == [database.name]


# Databases named by the user


def test_the_variable_names_a_database(run: Run, seed: Seed) -> None:
    assert run("--version").out.split()[-1] == seed.version


def test_the_option_comes_before_the_variable(run: Run, database: Path) -> None:
    named = run("recs", "--count", "--db", database, db="/nowhere.db")
    assert (named.code, named.out, named.err) == (0, "21\n", "")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_missing_database_is_named_with_the_command_that_builds_it(way: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    done = run("recs", "--db", path) if way == "option" else run("recs", db=path)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: no database at {path}\nhint: Build one with: cthbkb load --db {path}\n"
    assert not path.exists()


def test_the_suggested_command_builds_the_database(run: Run, packaged: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert run("load", "--db", path).code == 0
    assert run("recs", "--count", "--db", path).out == "21\n"


def test_a_folder_is_not_a_database(run: Run, tmp_path: Path) -> None:
    done = run("recs", "--db", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {tmp_path} is not a cthbkb database")


def test_a_file_of_another_program_is_reported(foreign: Path, run: Run) -> None:
    before = foreign.read_bytes()
    done = run("recs", "--db", foreign)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {foreign} is not a cthbkb database")
    assert foreign.read_bytes() == before


@pytest.mark.parametrize("name", ["a#b.db", "a?b.db", "a%20b.db", "a b.db", "é'ł.db", "a&mode=rwc.db", ":memory:"])
def test_a_path_may_contain_any_character(name: str, database: Path, tmp_path: Path) -> None:
    shutil.copyfile(database, tmp_path / name)
    with closing(store.open_database(str(tmp_path / name))) as db:
        assert db.execute("select count(*) from recommendations").fetchone() == (21,)
    assert os.listdir(tmp_path) == [name]


def test_a_relative_path_is_relative_to_the_current_folder(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(database.parent)
    store.open_database(database.name).close()


def test_a_missing_database_is_a_failure_of_the_library_too(tmp_path: Path) -> None:
    with pytest.raises(Failure):
        store.open_database(str(tmp_path / "none.db"))


# Damage


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"nonsense", b"a\nb\nc", b"STAMP\n../../etc/passwd", b"STAMP\nkb-none.db", b"STAMP"],
)
def test_a_damaged_pointer_is_rewritten(
    content: bytes, packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    pointer = Path(cache.pointer(str(folder)))
    whole = pointer.read_bytes()
    pointer.write_bytes(content.replace(b"STAMP", whole.partition(b"\n")[0]))
    assert items() == 21
    assert pointer.read_bytes() == whole


def test_a_pointer_that_lost_a_line_or_bit_is_ignored(packaged: Path, folder: Path) -> None:
    items()
    pointer = Path(cache.pointer(str(folder)))
    whole = pointer.read_bytes()
    lines = whole.split(b"\n")
    cut = [b"\n".join(lines[:number]) for number in range(len(lines))]
    moved = [b"\n".join([*lines[:2], line, *lines[3:]]) for line in lines if line]
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 41)]
    for content in [*cut, *moved, *flipped, whole + whole]:
        pointer.write_bytes(content)
        with pytest.raises(ValueError, match="damaged"):
            cache.pointed(str(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_no_command_waits_for_a_pipe_in_the_cache_or_among_the_packs(packaged: Path, folder: Path) -> None:
    items()
    pointer = Path(cache.pointer(str(folder)))
    pointer.unlink()
    packs = Path(cache.packs_folder())
    packs.mkdir(parents=True)
    for pipe in (pointer, folder / "at-other", packs / "mine.yaml"):
        os.mkfifo(pipe)
    assert items() == 21
    assert not (folder / "at-other").exists()


def test_a_folder_in_place_of_the_pointer_causes_a_build_in_memory(packaged: Path, empty: Path) -> None:
    Path(cache.pointer(str(empty))).mkdir(parents=True)
    assert items() == 21


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _overwritten(path: Path) -> None:
    path.write_bytes(b"\xa5" * path.stat().st_size)


def _halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 8192 * 4096])


def _blanked_after_the_head(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + bytes(len(data) - 4096))


def _one_page_blanked(path: Path) -> None:
    """Blank the page on which the table of the items begins; the rest of the file stays intact."""
    with closing(sqlite3.connect(path)) as db:
        (page,) = db.execute("select rootpage from sqlite_schema where name = 'recommendations'").fetchone()
        (size,) = db.execute("pragma page_size").fetchone()
    data = path.read_bytes()
    path.write_bytes(data[: (page - 1) * size] + bytes(size) + data[page * size :])


def _removed(path: Path) -> None:
    path.unlink()


DAMAGES = [_emptied, _overwritten, _halved, _blanked_after_the_head, _one_page_blanked, _removed]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_of_the_cache_is_rebuilt(
    damage: Callable[[Path], None], packaged: Path, folder: Path, run: Run
) -> None:
    whole = run("recs", db=None)
    assert whole.code == 0
    (name,) = cached(folder)
    damage(folder / name)
    assert run("recs", db=None) == whole
    assert run("recs", db=None) == whole


@pytest.mark.parametrize("damage", [_halved, _blanked_after_the_head, _one_page_blanked])
def test_a_damaged_named_database_is_reported_without_a_traceback(
    damage: Callable[[Path], None], database: Path, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "mine.db"
    shutil.copyfile(database, path)
    damage(path)
    done = run("recs", "--db", path)
    assert done.code == 1
    assert done.err.startswith("error: ")
    assert str(path) in done.err


# Errors caused by a database


def failed(code: int, text: str = "as SQLite says") -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(text)
    error.sqlite_errorcode = code
    return error


def test_errors_are_attributed_to_a_database_only_if_it_caused_them(database: Path, seed: Seed, tmp_path: Path) -> None:
    path = str(tmp_path / "my base.db")
    anew = f"Rebuild it from its seed: cthbkb load SEED --db '{path}'; for the packaged records, move it away first"
    assert store.anew(path) == anew
    shutil.copyfile(database, path)
    again = f"{anew}; if it fails again, CTHBKB_DEBUG=1 shows where."
    damaged = (f"{path} is damaged: as SQLite says", anew)
    for error, said in (
        (failed(sqlite3.SQLITE_CORRUPT), damaged),
        (failed(sqlite3.SQLITE_CORRUPT | 1 << 8), damaged),
        (failed(sqlite3.SQLITE_NOTADB), damaged),
        (failed(sqlite3.SQLITE_TOOBIG), (f"{path} contains a value of more than 32 MB", anew)),
        (failed(sqlite3.SQLITE_ERROR), (f"the command failed on {path}: as SQLite says", again)),
        (TypeError(), (f"the command failed on {path}: TypeError", again)),
        (MemoryError(), None),
        (ImportError(), None),
        (failed(sqlite3.SQLITE_INTERRUPT), None),
    ):
        found = store.blamed(error, path)
        assert (found and (found.message, found.hint)) == said
    for seeds, words in (([cache.PACKAGED, "/a b.yaml"], " '/a b.yaml'"), ([cache.PACKAGED], ""), (["-"], " -")):
        builds.build(seed, Path(path), seeds)
        assert store.anew(path) == f"Rebuild it: cthbkb load{words} --db '{path}'"
    _one_page_blanked(Path(path))
    found = store.blamed(TypeError("not a text"), path)  # from a value that SQLite read without an error
    assert found
    assert found.message == f"{path} is damaged: not a text"


def test_a_database_is_stored_and_read_without_serialize(
    packaged: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare:
        """A connection of an SQLite built without `serialize`."""

        def __init__(self, db: sqlite3.Connection) -> None:
            self.backup = db.backup

    image = builds._image
    monkeypatch.setattr(builds, "_image", lambda db: image(Bare(db)))  # type: ignore[arg-type]
    assert items() == 21
    monkeypatch.setattr(builds, "packaged", refuse)
    assert items() == 21


def test_a_database_removed_while_it_is_opened_is_rebuilt(
    packaged: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items()
    Path(cache.pointer(str(folder))).unlink()
    opened, left = named.opened, [1]

    def gone(path: str) -> sqlite3.Connection:
        left[0] -= 1
        if left[0] == 0:
            raise sqlite3.OperationalError("unable to open database file")
        return opened(path)

    monkeypatch.setattr(named, "opened", gone)
    assert items() == 21
    assert left == [-1]
