"""Data frames of pandas and polars, with typed columns even if there are no rows.

This is the only module that uses pandas and polars, which the extras of the same names install.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cthbkb import extras
from cthbkb.columns import Col
from cthbkb.errors import unknown

__all__ = ["MAKERS", "frame"]


def _pandas(columns: Sequence[Col], cells: Sequence[Sequence[Any]]) -> Any:
    """Return a pandas frame: nullable integers, numbers and flags, lists as objects."""
    import pandas

    types = {"int": "Int64", "float": "Float64", "flag": "boolean", "list": "object", "text": "string"}
    series = {
        col.name: pandas.Series(values, dtype=types[_type(col, values)])
        for col, values in zip(columns, cells, strict=True)
    }
    return pandas.DataFrame(series)


def _polars(columns: Sequence[Col], cells: Sequence[Sequence[Any]]) -> Any:
    """Return a polars frame."""
    import polars

    types: dict[str, Any] = {
        "int": polars.Int64(), "float": polars.Float64(), "flag": polars.Boolean(), "text": polars.String(),
    }  # fmt: skip
    series = []
    for col, values in zip(columns, cells, strict=True):
        kind = _type(col, values)
        inner = types["int" if col.of is int else "text"]
        dtype = polars.List(inner) if kind == "list" else types[kind]
        series.append(polars.Series(col.name, values, dtype=dtype))
    return polars.DataFrame(series)


MAKERS = {"pandas": _pandas, "polars": _polars}


def frame(columns: Sequence[Col], rows: Iterable[Sequence[Any]], library: str) -> Any:
    """Return a data frame of `library` for rows of decoded values.

    Raises:
        UsageError: for a library that is not one of `MAKERS`.
        Failure: if it is not installed.
    """
    if not isinstance(library, str) or library not in MAKERS:
        raise unknown("library", str(library), MAKERS, f"Libraries: {', '.join(MAKERS)}.")
    found = list(rows)
    cells = [[row[n] for row in found] for n in range(len(columns))]
    try:
        return MAKERS[library](columns, cells)
    except ModuleNotFoundError as error:
        raise extras.missing(error) from None


def _type(col: Col, values: Sequence[Any]) -> str:
    """Return the type of a column: int, float, flag, list or text."""
    if col.holds == "number":
        return "float" if col.of is float or any(isinstance(value, float) for value in values) else "int"
    return col.holds if col.holds in {"flag", "list"} else "text"
