"""`schema`: the JSON Schema of the seed, generated from the model, for completion and validation in editors."""

from __future__ import annotations

import json
import sys
from operator import methodcaller
from typing import Any

from cthbkb import files
from cthbkb.catalog import Request
from cthbkb.messages import say
from cthbkb.model import TABLES, URL, Column, Record, columns_of
from cthbkb.seed import EXTENDS, HEADING

__all__ = ["json_schema", "run"]

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def run(request: Request) -> int:
    """Print the schema, or write it to a file."""
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    path = request.value("output")
    if path and path != "-":
        files.replace(path, methodcaller("write", text))
        say(f"wrote the schema to {path}")
    else:
        sys.stdout.write(text)
    return 0


def json_schema() -> dict[str, Any]:
    """Return the schema as an object (JSON Schema draft 7): one array per table, and no keys beyond the model's."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "cthbkb seed",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "extends": {"enum": [EXTENDS], "description": "Merge the file on top of the packaged records."},
            "document": {"type": "string", "description": "The document of every record that does not name another."},
            "include": {"type": "array", "items": {"type": "string"}, "description": "Other files to read."},
            **{
                name: {
                    "type": "array",
                    "description": f"One row is {type_.about}.",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": _required(type_),
                        "properties": {c.name: _property(c) for c in columns_of(type_)},
                    },
                }
                for name, type_ in TABLES.items()
            },
        },
    }


def _required(type_: type[Record]) -> list[str]:
    """Return the columns that every record must have; values that follow from its id or file may be omitted."""
    follows = {"document", *type_.implied("2023-p1-r1"), *(["id"] if type_.identity else [])}
    return [c.name for c in columns_of(type_) if c.required and c.name not in follows]


def _property(column: Column) -> dict[str, Any]:
    doc = column.doc + (f" An id of {column.ref}." if column.ref else "")
    if column.type == "list":
        one: dict[str, Any] = {"type": "string", "enum": list(column.options)} if column.options else {"type": "string"}
        return {"type": "array", "uniqueItems": True, "items": one, "description": doc}
    found: dict[str, Any] = {"type": TYPES[column.type], "description": doc}
    if column.options:
        found["enum"] = list(column.options)
    if column.pattern:
        found["pattern"] = f"^{column.pattern}$"
    if column.name == HEADING:
        return {
            "anyOf": [found, _parts("start", "end")],
            "description": f"{doc} A long one may be split into start and end.",
        }
    if column.pattern == URL:
        return {
            "anyOf": [found, _parts("site", "path")],
            "description": f"{doc} A long address is split into site and path.",
        }
    return found


def _parts(*names: str) -> dict[str, Any]:
    """Return the schema of a text that is split into parts."""
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "required": list(names), "additionalProperties": False, "properties": properties}
