"""Tables as Parquet, for pandas, R and DuckDB; the only module that uses pyarrow."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import IO

import pyarrow as pa
from pyarrow import parquet

from cthbkb import files
from cthbkb.columns import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from cthbkb.dump import Bundle, Dump

__all__ = ["folder"]

TYPES = {
    "str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "list": pa.list_(pa.string()),
}  # fmt: skip

BATCH = 10_000
"""Number of rows held in memory at a time."""


def folder(bundle: Bundle, path: str, options: Mapping[str, str | bool]) -> None:
    """Write one Parquet file per table into a folder; lists stay lists, and each column has its description.

    Raises:
        Refused: if a file exists, unless the option `force` is set; nothing is written then.
    """
    parts = [(f"{table.name}.parquet", partial(_write, bundle, table), None) for table in bundle.tables]
    files.replace_folder(path, parts, bool(options.get("force")))


def _write(bundle: Bundle, table: Dump, out: IO[bytes]) -> None:
    """Write a table batch by batch."""
    fields = [pa.field(f.name, TYPES[f.type], metadata={"description": f.doc}) for f in table.fields]
    schema = pa.schema(fields, metadata={"description": table.about, "data": bundle.origin.data})
    columns, rows = table.columns, iter(bundle.rows(table))
    with parquet.ParquetWriter(out, schema) as writer:
        while batch := [decode(columns, row) for row in islice(rows, BATCH)]:
            cells = [pa.array(column, f.type) for column, f in zip(zip(*batch, strict=True), fields, strict=True)]
            writer.write_table(pa.table(cells, schema=schema))
