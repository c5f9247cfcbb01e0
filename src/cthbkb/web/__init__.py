"""The knowledge base in a browser: Datasette on the same database file, with descriptions in plain words.

`questions` contains the queries, `describe` the metadata for Datasette, and `app` is the only module that uses
Datasette. All pages work without scripts and without a network.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

__all__: list[str] = []

# Datasette reads the definitions of all physical units when it is imported, which takes half of the time of a start. It
# uses them only for columns with a unit in its metadata, of which there are none.
sys.modules.setdefault("datasette.vendored.pint", SimpleNamespace(UnitRegistry=object))  # type: ignore[arg-type]

# The client of HTTP that Datasette imports has a command line of its own, with Rich and Pygments.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
