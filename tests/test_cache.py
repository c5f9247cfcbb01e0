"""The folders of the program, the stamps that validate the cache, and the package in an archive."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from cthbkb import archive, build, cache

root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files to another user")

FOLDERS = [
    ("linux", {}, "HOME/.cache", "HOME/.local/share"),
    ("darwin", {}, "HOME/Library/Caches", "HOME/Library/Application Support"),
    ("win32", {"LOCALAPPDATA": "/local"}, "/local", "/local"),
    ("linux", {"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "/d"}, "/c", "/d"),
    ("darwin", {"XDG_CACHE_HOME": "/c", "XDG_DATA_HOME": "d"}, "/c", "HOME/Library/Application Support"),
    ("linux", {"XDG_CACHE_HOME": "c", "XDG_DATA_HOME": ""}, "HOME/.cache", "HOME/.local/share"),
]
"""Maps system and variables to the base folders of the cache and of the data."""


def test_folders_follow_the_conventions_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = str(tmp_path / "home")
    for system, variables, kept, data in FOLDERS:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", system)
            for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            found = cache.cache_folder(), cache.packs_folder(), cache.sources_folder()
            base = data.replace("HOME", home)
            wanted = f"{kept.replace('HOME', home)}/cthbkb", f"{base}/cthbkb/packs", f"{base}/cthbkb/sources"
            assert found == wanted, (system, variables)
            if system != "win32":
                patch.setenv("HOME", "")
                alone = [bool(folder) for folder in (cache.cache_folder(), cache.packs_folder())]
                assert alone == [os.path.isabs(variables.get(n, "")) for n in ("XDG_CACHE_HOME", "XDG_DATA_HOME")]


def test_a_folder_is_private_if_nobody_else_can_write_to_it(tmp_path: Path) -> None:
    modes = {0o700: True, 0o755: True, 0o720: False, 0o702: False, 0o777: False}
    found = {}
    for mode in modes:
        tmp_path.chmod(mode)
        found[mode] = cache.private(str(tmp_path))
    tmp_path.chmod(0o700)
    assert found == modes


def test_a_stamp_changes_with_any_property_of_a_file(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    stamps = [cache.stamp(str(path))]

    def changed() -> None:
        stamps.append(cache.stamp(str(path)))

    path.write_text("one", encoding="utf-8")
    changed()
    path.write_text("three", encoding="utf-8")
    changed()
    os.utime(path, ns=(1, 1))
    changed()
    os.utime(path, ns=(1, 1))  # changes the ctime, which cannot be set
    changed()
    other.write_text("three", encoding="utf-8")
    os.utime(other, ns=(1, 1))
    other.replace(path)
    changed()
    assert stamps[0] == "-"
    assert len(set(stamps)) == len(stamps)


@pytest.fixture
def pointed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A cache folder with a database and a pointer to it; the lines of the pointer, which a test may change."""
    monkeypatch.setattr(cache, "distrusted", False)
    tmp_path.chmod(0o700)
    with open(tmp_path / "new", "w+b") as file:
        file.write(b"a base")
        file.seek(0)
        name = cache.name_of("1234", cache.digest(file))
    (tmp_path / "new").rename(tmp_path / name)
    (tmp_path / "seed").touch()
    watched = [f"{cache.stamp(path)} {path}" for path in map(str, (tmp_path / "seed", tmp_path / "none such"))]
    return [name, cache.stamp(str(tmp_path / name)), "mine more", cache.packs_folder(), *watched]


def look(folder: Path, lines: list[str]) -> tuple[str, str]:
    build._point(str(folder), lines)
    return cache.pointed(str(folder))


def test_a_pointer_is_followed_if_all_its_stamps_match(tmp_path: Path, pointed: list[str]) -> None:
    name, state, left_out, packs, *watched = pointed
    found = (str(tmp_path / name), "mine more")
    assert look(tmp_path, pointed) == found
    assert look(tmp_path, [f"../elsewhere/{name}", *pointed[1:]]) == found  # a path outside the folder is ignored
    for wrong in (
        [name, "-", left_out, packs, *watched],
        [name, state, left_out, "/other/packs", *watched],
        [name, state, left_out, packs],
        [name, state, left_out, packs, *watched, f"- {tmp_path}"],
    ):
        with pytest.raises(ValueError, match="changed"):
            look(tmp_path, wrong)
    (tmp_path / "none such").touch()
    with pytest.raises(ValueError, match="none such has changed"):
        look(tmp_path, pointed)


@root
def test_files_of_another_user_are_not_trusted(tmp_path: Path, pointed: list[str]) -> None:
    path = tmp_path / pointed[0]
    assert cache.is_intact(str(path))
    look(tmp_path, pointed)
    os.chown(cache.pointer(str(tmp_path)), 12345, -1)
    with pytest.raises(ValueError, match="changed"):
        cache.pointed(str(tmp_path))
    os.chown(path, 12345, -1)
    assert not cache.is_intact(str(path))


def test_a_path_that_is_not_a_file_or_was_renamed_is_not_intact(tmp_path: Path, pointed: list[str]) -> None:
    path = tmp_path / pointed[0]
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "kb-1234-0.db").write_bytes(path.read_bytes())
    found = [cache.is_intact(str(tmp_path / name)) for name in (path.name, "kb-1234-0.db", "pipe", "none.db", "")]
    assert found == [True, False, False, False, False]


def test_a_database_on_a_read_only_disk_is_checked_at_each_start(
    tmp_path: Path, pointed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError

    look(tmp_path, pointed)
    os.utime(cache.pointer(str(tmp_path)), (1, 1))
    monkeypatch.setattr(os, "utime", refuses)
    assert cache.pointed(str(tmp_path))[1] == "mine more"


# The package in an archive


@pytest.fixture
def zipped(tmp_path: Path) -> Path:
    """The path of a package inside an archive that also contains another file."""
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as file:
        for name in ("lib/cthbkb/a.py", "lib/cthbkb/data/seed.yaml", "lib/cthbkbs/b.py", "c.py"):
            file.writestr(name, name)
    return tmp_path / "app.pyz" / "lib" / "cthbkb"


def files(folder: str | Path) -> dict[str, str]:
    found = Path(folder)
    return {str(p.relative_to(found)): p.read_text(encoding="utf-8") for p in found.rglob("*") if p.is_file()}


def test_a_package_is_unpacked_once_into_the_cache(tmp_path: Path, zipped: Path) -> None:
    folder = tmp_path / "cache"
    here = archive.unpacked(str(zipped), str(folder))
    assert files(here) == {"a.py": "lib/cthbkb/a.py", "data/seed.yaml": "lib/cthbkb/data/seed.yaml"}
    (kept,) = folder.iterdir()
    assert Path(here) == kept / "lib" / "cthbkb"
    assert set(files(kept)) == {"lib/cthbkb/a.py", "lib/cthbkb/data/seed.yaml"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    Path(here, "a.py").write_text("kept", encoding="utf-8")
    assert archive.unpacked(str(zipped), str(folder)) == here
    assert files(here)["a.py"] == "kept"
    with zipfile.ZipFile(tmp_path / "app.pyz", "a") as file:
        file.writestr("d.py", "")
    again = archive.unpacked(str(zipped), str(folder))
    assert again != here
    assert files(again)["a.py"] == "lib/cthbkb/a.py"
    assert len(list(folder.iterdir())) == 2


def test_without_a_usable_folder_the_package_is_unpacked_for_one_run(
    tmp_path: Path, zipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ends: list[tuple[object, ...]] = []
    monkeypatch.setattr(archive.atexit, "register", lambda *what, **_: ends.append(what))
    for folder, mode in (("open", 0o777), ("group", 0o770), ("file", 0o600)):
        (tmp_path / folder).touch() if folder == "file" else (tmp_path / folder).mkdir()
        (tmp_path / folder).chmod(mode)
        here = archive.unpacked(str(zipped), str(tmp_path / folder))
        assert files(here)["a.py"] == "lib/cthbkb/a.py"
        assert Path(here).parents[1].parent == tmp_path
        assert Path(here).parents[1].name.startswith("cthbkb-")
        assert ends.pop()[1] == str(Path(here).parents[1])
    assert list((tmp_path / "open").iterdir()) == []
    (tmp_path / "own").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    archive.unpacked(str(zipped), str(tmp_path / "own"))
    assert list((tmp_path / "own").iterdir()) == []


def test_the_folder_of_a_faster_process_is_used_and_nothing_incomplete_is_left(
    tmp_path: Path, zipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, rename = tmp_path / "cache", os.rename

    def faster(source: str, target: str) -> None:
        rename(source, target)
        Path(target, "first").touch()
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(archive.os, "rename", faster)
    here = archive.unpacked(str(zipped), str(folder))
    (kept,) = folder.iterdir()
    assert (kept / "first").exists()
    assert Path(here).is_relative_to(kept)
