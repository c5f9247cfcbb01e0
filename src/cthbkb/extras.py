"""Optional libraries: each is installed by an extra and imported by only one module."""

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
    **dict.fromkeys(("datasette", "uvicorn", "jinja2", "markupsafe"), ("Datasette", "web")),
}
"""Maps a library to its name on the package index and the extra that installs it."""


def missing(error: ModuleNotFoundError) -> Exception:
    """Return the error for a missing module: one that says how to install its extra, or the original error."""
    library = (error.name or "").partition(".")[0]
    if library not in EXTRAS:
        return error
    name, extra = EXTRAS[library]
    return Failure(f"this needs {name}, which is not installed", f"pip install 'cthbkb[{extra}]'")
