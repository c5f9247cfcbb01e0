"""The order of the modules: each imports only modules listed before it, even within functions and for types."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from conftest import each, tree

from cthbkb.errors import Failure
from cthbkb.extras import EXTRAS, missing

ROOT = Path(__file__).resolve().parents[1] / "src" / "cthbkb"
ORDER = (
    "errors", "messages", "problems", "extras", "failures", "files", "text", "quantities", "collation", "scales",
    "page", "pager", "paper", "columns", "plot", "registry", "spelled", "query", "archive", "cache", "named", "terms",
    "narrow", "lexicon", "meaning", "leads", "model", "schema", "seed", "checks", "index", "derive", "reach", "fill",
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


NAMES = {name(path) for path in MODULES}


@functools.cache
def imported(path: Path) -> set[str]:
    """Return the full names that a module imports, including imports that are only for types."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def ours(path: Path) -> set[str]:
    """Return the modules of this package that a module imports."""
    return {i.removeprefix("cthbkb.") for i in imported(path)} & NAMES


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
    assert used - set(EXTRAS) == {"yaml", "sqlite_utils", "rich", "typer"}
    assert {extra for _, extra in EXTRAS.values()} == set(extras)
    for name, extra in EXTRAS.values():
        assert re.match(rf"{name}\b", " ".join(extras[extra]), re.I)
    assert project["optional-dependencies"]["all"] == [f"cthbkb[{','.join(extras)}]"]


def defined(body: Sequence[ast.stmt]) -> dict[str, ast.expr | None]:
    """Return the names that statements define, with the assigned value, if any."""
    found: dict[str, ast.expr | None] = {}
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {n.id: node.value for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = None
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name: None for alias in node.names}
        elif isinstance(node, ast.If | ast.Try | ast.With):
            found |= defined(node.body)
    return found


@each("path", MODULES)
def test_exported_names_are_sorted_and_exist(path: Path) -> None:
    names = defined(tree(path).body)
    exported = ast.literal_eval(names["__all__"] or "")
    assert exported == sorted(exported, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert set(exported) <= set(names)


@each("path", [*MODULES, ROOT / "__init__.py"])
def test_every_module_has_a_docstring(path: Path) -> None:
    assert len(ast.get_docstring(tree(path)) or "") > 20


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
