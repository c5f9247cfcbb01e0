"""The order of the modules: each imports only modules listed before it, even within functions and for types."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import sys
import tomllib
from pathlib import Path

from conftest import each

from cthbkb.errors import Failure
from cthbkb.extras import EXTRAS, missing

ROOT = Path(__file__).resolve().parents[1] / "src" / "cthbkb"
ORDER = (
    "errors", "messages", "problems", "extras", "failures", "files", "text", "quantities", "collation", "scales",
    "page", "pager", "paper", "columns", "plot", "registry", "spelled", "query", "narrow", "archive", "cache", "named",
    "terms", "lexicon", "meaning", "leads", "model", "schema", "seed", "checks", "index", "derive", "reach", "fill",
    "build", "store", "catalog", "usage", "repeat", "origin", "dump", "views", "sql", "compare", "compare.asks",
    "compare.outside", "compare.overview", "compare.theme", "compare.between", "compare.axis", "compare.planned",
    "cite", "rank", "excerpt", "search", "formats", "formats.plain", "formats.markdown", "formats.page",
    "formats.table", "formats.book", "formats.package", "formats.bibliography", "formats.calendar", "formats.linked",
    "formats.parquet", "formats.prose", "formats.word", "formats.figure", "formats.drawing", "copies.words",
    "copies.pdf", "copies.read", "copies.sections", "copies.prints", "copies.resolve", "copies.shelf", "copies",
    "copies.locate", "copies.readings", "copies.verify", "copies.wordings", "advice", "record", "brief", "chart",
    "frames", "manual", "library", "assistant", "account", "complete", "web", "web.questions", "web.describe",
    "web.guard", "web.links", "web.blocks", "web.lists", "web.app", "web.server", "commands", "cli", "front",
    "__main__",
)  # fmt: skip
"""The modules, the lowest first; `commands` stands for all commands, none of which imports another."""

HOMES = {
    "yaml": "seed", "sqlite_utils": "fill", "rich": "formats.table", "typer": "cli", "xlsxwriter": "formats.book",
    "docx": "formats.word", "matplotlib": "formats.figure",
    "pyarrow": "formats.parquet", "pandas": "frames", "polars": "frames",
    "pypdf": "copies.pdf",
    "mcp": "assistant", "mcp_types": "assistant", "pydantic": "assistant",
    "datasette": "web.app", "uvicorn": "web.server",
}  # fmt: skip
MODULES = sorted(p for p in ROOT.rglob("*.py") if p.name != "__init__.py" or p.parent != ROOT)


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the full names that a module imports, including imports that are only for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def ours(path: Path) -> set[str]:
    """Return the modules of this package that a module imports."""
    names = {name(p) for p in MODULES}
    return {i.removeprefix("cthbkb.") for i in imported(path)} & names


@each("path", MODULES)
def test_imports_point_one_way(path: Path) -> None:
    own = name(path)
    level = ORDER.index("commands" if own.startswith("commands.") else own)
    allowed = {*ORDER[:level], *({"commands"} if own.startswith("commands.") else set())}
    assert ours(path) - {own} <= allowed


def test_no_subpackage_affects_a_database() -> None:
    """The cache watches only the top-level modules: all that `build` imports, directly or indirectly, must be there."""
    reached, paths = {"build"}, {name(path): path for path in MODULES}
    while True:
        more = reached | {module for own in reached for module in ours(paths[own])}
        if more == reached:
            break
        reached = more
    assert {module for module in reached if "." in module} == set()
    assert {"fill", "registry", "model", "schema", "text"} <= reached


@each("library", HOMES)
def test_a_library_has_one_home(library: str) -> None:
    users = {name(p) for p in MODULES if any(i == library or i.startswith(f"{library}.") for i in imported(p))}
    assert users == {HOMES[library]}


def test_a_library_is_a_core_dependency_or_comes_with_an_extra() -> None:
    used = {i.partition(".")[0] for path in MODULES for i in imported(path)} - sys.stdlib_module_names - {"cthbkb"}
    project = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name: needed for name, needed in project["optional-dependencies"].items() if name != "all"}
    assert used - set(HOMES) == {"jinja2", "markupsafe"}  # installed with Datasette, like uvicorn
    assert set(HOMES) - set(EXTRAS) == {"yaml", "sqlite_utils", "rich", "typer", "uvicorn"}
    assert {extra for _, extra in EXTRAS.values()} == set(extras)
    for name, extra in EXTRAS.values():
        assert re.match(rf"{name}\b", " ".join(extras[extra]), re.I)
    assert project["optional-dependencies"]["all"] == [f"cthbkb[{','.join(extras)}]"]


def test_exported_names_are_sorted_and_exist() -> None:
    for path in MODULES:
        if name(path) != "__main__":
            module = importlib.import_module(f"cthbkb.{name(path)}")
            assert module.__all__ == sorted(module.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
            assert [n for n in module.__all__ if not hasattr(module, n)] == []


def test_a_missing_library_is_named_with_its_extra_and_any_other_module_is_a_defect() -> None:
    for name, library, extra in (
        ("docx.shared", "python-docx", "docx"), ("xlsxwriter", "XlsxWriter", "xlsx"), ("mcp_types", "mcp", "mcp"),
        ("pydantic.main", "mcp", "mcp"), ("datasette.app", "Datasette", "web"), ("pypdf", "pypdf", "sources"),
        ("matplotlib.figure", "matplotlib", "charts"), ("pyarrow.parquet", "pyarrow", "parquet"),
    ):  # fmt: skip
        said = missing(ModuleNotFoundError(name=name))
        assert isinstance(said, Failure)
        assert (said.message, said.hint) == (
            f"this needs {library}, which is not installed", f"pip install 'cthbkb[{extra}]'"
        )  # fmt: skip
    for error in (
        ModuleNotFoundError(name="docxx"),
        ModuleNotFoundError("no name"),
        ModuleNotFoundError(name="a.docx"),
    ):
        assert missing(error) is error
