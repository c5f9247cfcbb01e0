"""The built wheel, alone in an empty environment, answers as the checkout does."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from cthbkb import seed as seeds

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    install = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return scripts


def answer(scripts: Path, *argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    command = [str(scripts / "cthbkb"), *argv]
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False)


def test_the_wheel_carries_the_seed_the_views_and_the_mark_of_its_types(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    files = {f"cthbkb/data/{path.relative_to(DATA).as_posix()}" for path in DATA.rglob("*.yaml")}
    assert {"cthbkb/data/seed.yaml", "cthbkb/views.sql", "cthbkb/py.typed", *files} <= set(names)


def test_the_wheel_answers_alone(installed: Path, tmp_path: Path) -> None:
    done = answer(installed, "recs", "--theme", "jits", "--kind", "recommendation", "--columns", "id", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    data = seeds.load(DATA / "seed.yaml")
    kept = [r.id for r in data.records["recommendations"] if "jits" in r.themes and r.kind == "recommendation"]
    assert done.stdout.split() == ["id", *kept]


def test_the_wheel_checks_its_own_seed_and_has_help(installed: Path, tmp_path: Path) -> None:
    assert answer(installed, "check", home=tmp_path).returncode == 0
    assert answer(installed, "--help", home=tmp_path).returncode == 0


def test_the_wheel_has_the_library(installed: Path, tmp_path: Path) -> None:
    code = "from cthbkb import KnowledgeBase; print(len(KnowledgeBase().rows('speakers', year=2020)))"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run([str(installed / "python"), "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "45\n"
