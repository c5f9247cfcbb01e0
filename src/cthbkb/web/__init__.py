"""The knowledge base in a browser: Datasette on the same database file, with descriptions in plain words.

`questions` contains the queries, `describe` the metadata for Datasette, and `app` is the only module that uses
Datasette. All pages work without scripts and without a network.
"""

from __future__ import annotations

__all__: list[str] = []
