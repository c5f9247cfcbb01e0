"""The built wheel, installed in an empty environment, answers like the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipapp
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from importlib import metadata
from pathlib import Path

import pytest
from conftest import Run
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def needed(wheel: Path) -> Iterator[metadata.Distribution]:
    """Yield the installed libraries that a wheel without extras asks for, and those that these ask for."""
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith(".dist-info/METADATA")]
        asked = message_from_bytes(file.read(name)).get_all("Requires-Dist", [])
    found: set[str] = set()
    while asked:
        wanted = Requirement(asked.pop())
        if wanted.name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found.add(wanted.name)
            library = metadata.distribution(wanted.name)
            asked += library.requires or []
            yield library


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with only the wheel and its dependencies; these are linked, which is quicker than a download."""
    folder = tmp_path_factory.mktemp("installed") / "empty"
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--no-compile", "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True
    )
    (packages,) = folder.rglob("site-packages")
    for library in needed(wheel):
        for name in {file.parts[0] for file in library.files or ()} - {"..", "__pycache__"}:
            (packages / name).symlink_to(library.locate_file(name))
    return folder


def answer(scripts: Path, *argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    command = [str(scripts / "cthbkb"), *argv]
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False)


def test_the_wheel_contains_the_seed_the_views_and_py_typed(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    files = {f"cthbkb/data/{path.relative_to(DATA).as_posix()}" for path in DATA.rglob("*.yaml")}
    web = ROOT / "src" / "cthbkb" / "web"
    files |= {f"cthbkb/web/{p.relative_to(web).as_posix()}" for p in web.rglob("*") if p.suffix in {".html", ".css"}}
    assert {"cthbkb/data/seed.yaml", "cthbkb/views.sql", "cthbkb/py.typed", *files} <= set(names)


def test_the_wheel_alone_answers_and_can_be_imported(installed: Path, packaged: Path, run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    scripts = installed / ("Scripts" if os.name == "nt" else "bin")

    argv = ("recs", "--kind", "recommendation")
    done = answer(scripts, *argv, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(*argv, db=packaged).out
    assert done.stdout.count("\n") > 50

    assert answer(scripts, "--help", home=home).returncode == 0

    code = "from cthbkb import KnowledgeBase; print(len(KnowledgeBase().rows('speakers', year=2020)))"
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run([str(scripts / "python"), "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "45\n"


# A zipapp


@pytest.fixture(scope="module")
def zipped(installed: Path, seed_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and its dependencies as a single file, from which compiled modules cannot be imported.

    It has the fabricated seed, since reading the packaged one takes long without compiled modules.
    """
    folder = tmp_path_factory.mktemp("zipapp")
    (packages,) = installed.rglob("site-packages")
    shutil.copytree(packages, folder / "app", ignore=shutil.ignore_patterns("__pycache__", "pip"))
    shutil.copy(seed_path, folder / "app" / "cthbkb" / "data" / "seed.yaml")
    zipapp.create_archive(folder / "app", folder / "cthbkb.pyz", main="cthbkb.__main__:ends")
    return folder / "cthbkb.pyz"


def answered(path: Path, home: Path, *argv: str) -> tuple[int, str, str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    command = [sys.executable, "-I", str(path), *argv]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_zipapp_answers_like_the_checkout(zipped: Path, run: Run, tmp_path: Path) -> None:
    for argv in (["search", "lamp"], ["recs", "--theme", "none-such"]):
        done = run(*argv)
        assert answered(zipped, tmp_path, *argv)[:2] == (done.code, done.out)
    cache = tmp_path / ".cache" / "cthbkb"
    assert len(list(cache.glob("unpacked-*"))) == 1
    assert list(cache.glob(".unpacking-*")) == []


def test_a_zipapp_answers_without_a_cache(zipped: Path, run: Run, seed_path: Path, tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("no folder", encoding="utf-8")
    done = run("check", seed_path)
    code, out, err = answered(zipped, tmp_path, "check")
    folder, _, rest = err.partition("/cthbkb/data/seed.yaml")
    assert (code, out, rest) == (done.code, done.out, done.err.removeprefix(str(seed_path)))
    assert not Path(folder).exists()
