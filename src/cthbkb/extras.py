"""Libraries that the core does without: each comes with an extra, and has one module of ours that imports it."""

from __future__ import annotations

from cthbkb.errors import Failure

__all__ = ["EXTRAS", "missing"]

EXTRAS = {
    "xlsxwriter": ("XlsxWriter", "xlsx"),
    "docx": ("python-docx", "docx"),
    "matplotlib": ("matplotlib", "charts"),
    "pyarrow": ("pyarrow", "parquet"),
    "mcp": ("mcp", "mcp"),
    "mcp_types": ("mcp", "mcp"),
    "pydantic": ("mcp", "mcp"),
    "pandas": ("pandas", "pandas"),
    "polars": ("polars", "polars"),
    "pypdf": ("pypdf", "sources"),
    "datasette": ("Datasette", "web"),
}
"""Library to its name on the package index and the extra that installs it."""


def missing(error: ModuleNotFoundError) -> Exception:
    """Return what to raise for a module that is not there: the line that installs its extra, or the error itself."""
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return error
    name, extra = EXTRAS[library]
    return Failure(f"this needs {name}, which is not installed", f"pip install 'cthbkb[{extra}]'")
