"""The tables as files for other programs: a data package (CSV with a description), JSON, and a plain SQLite file."""

from __future__ import annotations

from functools import partial
from operator import methodcaller

from cthbkb import files
from cthbkb.columns import decode
from cthbkb.formats import Answer
from cthbkb.formats.plain import csv, encoded
from cthbkb.registry import TABLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from typing import IO

    from cthbkb.dump import Bundle, Dump, Field

__all__ = ["database", "folder", "json"]

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "string"}
SQL = {"str": "text", "int": "integer", "float": "real", "bool": "integer", "list": "text"}
LISTED = ' Several values are separated by "; ".'


def folder(bundle: Bundle, path: str, options: Mapping[str, str | bool]) -> None:
    """Write one CSV file per table into a folder, and `datapackage.json`, which describes them.

    Raises:
        Refused: if a file exists, unless the option `force` is set; nothing is written then.
    """
    delimiter, header = str(options.get("delimiter") or ","), not options.get("no-header")
    encoding = "utf-8-sig" if options.get("excel") else "utf-8"
    answers = {f"{table.name}.csv": Answer(table.name, table.columns, bundle.rows(table)) for table in bundle.tables}
    for answer in answers.values():
        answer.delimiter, answer.header, answer.raw = delimiter, header, bool(options.get("raw"))
    parts: list[files.Part] = [(name, partial(csv, answer), encoding) for name, answer in answers.items()]
    described = _pretty(_package(bundle, delimiter, header)) + "\n"
    parts.append(("datapackage.json", methodcaller("write", described), "utf-8"))
    files.replace_folder(path, parts, bool(options.get("force")))
    written = Answer("cells", [])
    written.guarded = sum(answer.guarded for answer in answers.values())
    bundle.notes += written.altered()


def _package(bundle: Bundle, delimiter: str, header: bool) -> dict[str, object]:
    """Describe the files as a Data Package (specs.frictionlessdata.io, version 1)."""
    origin = bundle.origin
    return {
        "profile": "tabular-data-package",
        "name": "cthbkb",
        "title": origin.question,
        "description": "\n".join(f"{head}: {text}" for head, text in origin.lines()[1:]),
        "version": origin.data.split(",")[0].removeprefix("data "),
        "created": f"{origin.date.isoformat()}T00:00:00Z",
        "licenses": [{"name": "MIT", "title": "MIT License", "path": "https://opensource.org/license/mit"}],
        "sources": [
            {"title": source.citation, **({"path": source.url} if str(source.url).startswith("http") else {})}
            for source in origin.sources
        ],
        "resources": [_resource(bundle, table, delimiter, header) for table in bundle.tables],
    }


def _resource(bundle: Bundle, table: Dump, delimiter: str, header: bool) -> dict[str, object]:
    link = bool(table.owner)
    keys = [
        {"fields": f.name, "reference": {"resource": "" if f.ref == table.name else f.ref, "fields": "id"}}
        for f in bundle.foreign(table)
    ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": delimiter, "lineTerminator": "\r\n", "doubleQuote": True, "header": header},
        "schema": {
            "fields": [_field(f) for f in table.fields],
            "primaryKey": [f.name for f in table.fields] if link else "id",
            **({"foreignKeys": keys} if keys else {}),
            "missingValues": [""],
        },
    }


def _field(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "type": TYPES[field.type],
        "description": field.doc + LISTED * (field.type == "list"),
        **({"trueValues": ["true"], "falseValues": ["false"]} if field.type == "bool" else {}),
        **({"constraints": {"required": True}} if field.required and field.type != "list" else {}),
    }


def _pretty(value: object, depth: int = 0) -> str:
    """Format JSON, with one line per member if any member is itself an object or array."""
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        inner = ",\n".join(f"{pad}{encoded(k)}: {_pretty(v, depth + 1)}" for k, v in value.items())
        return f"{{\n{inner}\n{end}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(pad + _pretty(v, depth + 1) for v in value) + f"\n{end}]"
    return encoded(value)


def json(bundle: Bundle, out: IO[str]) -> None:
    """Write one object: its origin and, under `tables`, each table as an array with one record per line."""
    origin = bundle.origin
    head = {
        "question": origin.question,
        "command": origin.command,
        "data": origin.data,
        "date": origin.date.isoformat(),
    }
    out.write("{\n" + "".join(f"  {encoded(k)}: {encoded(v)},\n" for k, v in head.items()) + '  "tables": {')
    for n, table in enumerate(bundle.tables):
        columns = table.columns
        names = [col.name for col in columns]
        out.write(f"{',' if n else ''}\n    {encoded(table.name)}: [")
        for i, row in enumerate(bundle.rows(table)):
            record = dict(zip(names, decode(columns, row), strict=True))
            out.write(f"{',' if i else ''}\n      {encoded(record)}")
        out.write("\n    ]")
    out.write("\n  }\n}\n")


def database(bundle: Bundle, out: IO[bytes]) -> None:
    """Write plain tables with row ids and with keys that other programs can follow, for SQLite 3.31 or newer.

    The key of a record is its id, which all references use. Lists are JSON arrays; a list of ids also has a link table.
    The full-text index of a table is `TABLE_fts`, a name under which Datasette and sqlite-utils find it. The table
    `about` contains the origin of the file.
    """
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(out.name)) as db:
        db.execute("pragma foreign_keys = off")  # some builds check each row, and rows refer to later tables
        db.execute("pragma journal_mode = off")
        for table in bundle.tables:
            foreign = {f.name for f in bundle.foreign(table)}
            columns = [
                f'"{f.name}" {SQL[f.type]}'
                + " primary key" * (f.name == "id")
                + " not null" * (f.required or f.name == "id")
                + (f' references "{f.ref}"(id)' if f.name in foreign else "")
                for f in table.fields
            ]
            key = ", ".join(f'"{f.name}"' for f in table.fields)
            columns += [f"primary key ({key})"] * bool(table.owner)
            db.execute(f'create table "{table.name}" ({", ".join(columns)})')
            marks = ", ".join("?" * len(table.fields))
            names = ", ".join(f'"{f.name}"' for f in table.fields)
            db.executemany(f'insert into "{table.name}" ({names}) values ({marks})', bundle.rows(table))
            for field in table.fields:
                if field.name in foreign:
                    index = f"idx_{table.name}_{field.name}"
                    db.execute(f'create index "{index}" on "{table.name}" ("{field.name}")')
            _full_text(db, table)
        db.execute("create table about (row integer primary key, heading text not null, text text not null)")
        lines = [*bundle.origin.lines(), *(("Acknowledgement", s.acknowledgement) for s in bundle.origin.sources)]
        db.executemany("insert into about (heading, text) values (?, ?)", lines)
        db.commit()


def _full_text(db: sqlite3.Connection, table: Dump) -> None:
    """Create the full-text index of a table, if its records are searched."""
    if table.owner or not TABLES[table.name].indexed:
        return
    names = ", ".join(f'"{f.name}"' for f in table.fields if f.type in {"str", "list"})
    db.execute(
        f'create virtual table "{table.name}_fts" using fts5({names}, content="{table.name}",'
        " tokenize='unicode61 remove_diacritics 2')"
    )
    db.execute(f'insert into "{table.name}_fts" ("{table.name}_fts") values (\'rebuild\')')
