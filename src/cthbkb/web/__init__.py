"""The base in a browser: Datasette over the same file, with pages in plain words.

`questions` contains the queries, `describe` the metadata for Datasette, and `app` is the only user of Datasette. Every
page works without scripts and without a network.
"""

from __future__ import annotations

__all__: list[str] = []
