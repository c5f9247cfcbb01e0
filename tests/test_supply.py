"""The supply chain: modules run only what they need to run, and all versions are locked and audited."""

from __future__ import annotations

import ast
import itertools
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import each, script, tree

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "cthbkb"

LIBRARIES = {
    "evaluates": {"code", "codeop", "ctypes", "importlib", "runpy"},
    "unpickles": {"dill", "joblib", "marshal", "pickle", "shelve"},
    "spawns": {"concurrent", "multiprocessing", "pty", "subprocess"},
    "connects": {
        "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket",
        "socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc",
    },
}  # fmt: skip

CALLS = {
    "evaluates": {"eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load", "yaml.full_load"},
    "unpickles": {"pandas.read_pickle"},
    "spawns": {"os.system", "os.popen", "os.fork", "os.forkpty", "os.startfile"},
    "connects": set[str](),
}

ALLOWED = {
    ("formats", "evaluates"): "imports what the tables of formats and commands name, which are constants",
    ("compare", "evaluates"): "imports the view that is asked for, from a table of constants",
    ("pager", "spawns"): "runs the pager that the user has set",
    ("commands.open", "connects"): "opens the address of a record in the reader's browser",
    ("web", "connects"): "serves the base to a browser on this machine",
}
"""Maps a module and what it does to the reason; modules in a subpackage are listed as the subpackage."""


def name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def done(module: ast.AST) -> set[str]:
    """Return what a module can do, judging by its imports and calls."""
    found = set()
    for node in ast.walk(module):
        names: set[str] = set()
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        for full in names:
            above = set(itertools.accumulate(full.split("."), "{}.{}".format))
            found |= {what for what, libraries in LIBRARIES.items() if above & libraries}
        match node:
            case ast.Call(func=ast.Name(id=called)):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id=library), attr=function)):
                called = f"{library}.{function}"
            case _:
                called = ""
        if called:
            found |= {what for what, calls in CALLS.items() if called in calls}
            if re.match(r"os\.(exec|spawn|posix_spawn)", called):
                found.add("spawns")
    return found


def test_modules_run_code_or_connect_only_with_a_recorded_reason() -> None:
    paths = sorted(SOURCE.rglob("*.py"))
    does = {(name(path), what) for path in paths for what in done(tree(path))}
    unknown = {
        (module, what) for module, what in does
        if (module, what) not in ALLOWED and (module.removeprefix("commands.").split(".")[0], what) not in ALLOWED
    }  # fmt: skip
    assert unknown == set()


@each(
    "line, what",
    [
        ("eval('1')", "evaluates"), ("import pickle", "unpickles"), ("from urllib import request", "connects"),
        ("import subprocess as s", "spawns"), ("os.execv('a', [])", "spawns"), ("yaml.load(a, Loader=b)", "evaluates"),
        ("from importlib import import_module", "evaluates"), ("import http.client", "connects"),
    ],
)  # fmt: skip
def test_what_a_line_can_do_is_detected(line: str, what: str) -> None:
    assert done(ast.parse(line)) == {what}


@pytest.mark.parametrize("line", ["re.compile('a')", "import urllib.parse", "yaml.parse(a)", "os.replace(a, b)"])
def test_harmless_lines_are_not_reported(line: str) -> None:
    assert done(ast.parse(line)) == set()


# The lock


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_locked_file_has_a_hash_and_is_public(lock: dict[str, Any]) -> None:
    for package in lock["package"]:
        if package["source"] == {"editable": "."}:
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in files)
        assert all(file["url"].startswith("https://files.pythonhosted.org/") for file in files)


def test_declared_dependencies_are_locked(lock: dict[str, Any], project: dict[str, Any]) -> None:
    requirements = pytest.importorskip("packaging.requirements")
    (own,) = [package for package in lock["package"] if package["source"] == {"editable": "."}]
    versions: dict[str, list[str]] = {}
    for package in lock["package"]:
        versions.setdefault(package["name"], []).append(package.get("version", ""))
    extras, groups = project["project"]["optional-dependencies"].values(), project["dependency-groups"].values()
    declared = [project["project"]["dependencies"], *extras, *groups]
    listed = [own["metadata"]["requires-dist"], *own["metadata"]["requires-dev"].values()]
    known = {each["name"] for each in itertools.chain.from_iterable(listed)}
    for text in itertools.chain.from_iterable(declared):
        wanted = requirements.Requirement(text)
        if wanted.name == "cthbkb":
            continue
        key = re.sub(r"[-_.]+", "-", wanted.name).lower()
        assert key in known, f"{text}: make lock"
        assert any(wanted.specifier.contains(v, prereleases=True) for v in versions[key]), f"{text}: make lock"
    assert lock["requires-python"] == project["project"]["requires-python"]


# The audit


FOUND = [{"name": "typer", "version": "0.28.0", "vulns": []}, {"name": "rich", "version": "15.0.0", "vulns": []}]
LOCKED = (
    "typer==0.28.0 \\\n    --hash=sha256:0\nrich==15.0.0 ; python_version >= '3' \\\nold==1 ; python_version < '3' \\\n"
)


@pytest.mark.parametrize(
    ("locked", "found", "wrong"),
    [
        (LOCKED, FOUND, ""),
        (LOCKED, [], "not audited: rich, typer"),
        ("", FOUND, "nothing is locked"),
        (LOCKED, [FOUND[0], {"name": "rich", "skip_reason": "not found"}], "not audited: rich"),
        (LOCKED, [FOUND[0], {**FOUND[1], "vulns": [{"id": "PYSEC-1"}]}], "rich 15.0.0: PYSEC-1"),
    ],
)
def test_an_audit_that_checked_nothing_fails(
    locked: str, found: list[dict[str, Any]], wrong: str, tmp_path: Path
) -> None:
    pytest.importorskip("packaging.requirements")
    (tmp_path / "locked.txt").write_text(locked, encoding="utf-8")
    (tmp_path / "audit.json").write_text(json.dumps({"dependencies": found}), encoding="utf-8")
    assert script(".ci/audited.py").said(str(tmp_path / "locked.txt"), str(tmp_path / "audit.json")) == wrong
