"""The base in a browser: Datasette over the same file, with pages in plain words.

`questions` holds the queries, `describe` what Datasette is told about tables and columns, `app` is the only user of
Datasette. Every page works without scripts and without a network.
"""

from __future__ import annotations

__all__: list[str] = []
