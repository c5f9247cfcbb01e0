"""YAML to records and back; the one home of yaml.

The loader walks YAML events and not Python objects: a plain scalar stays the text that was typed (`no`, `2020-07-20`,
`010`), and anchors, tags, second documents, repeated keys and deep nesting are problems with a line and a column
instead of surprises. Every problem of a file is reported at once. `dump` writes the one canonical form.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cthbkb.errors import Failure, SeedError, closest
from cthbkb.model import TABLES, URL, Column, Record, columns_of

__all__ = ["Problem", "Seed", "dump", "load", "parse"]

MAX_BYTES = 32_000_000
MAX_DEPTH = 8
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
WIDTH = 100
LONG = 8
"""Words of an address above which the canonical form breaks it into site and path, as a line of text would be."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong at a place of a seed, printed as `FILE:LINE:COL: kind id: message`."""

    path: str
    line: int
    col: int
    table: str
    id: str
    message: str

    def __str__(self) -> str:
        subject = " ".join(part for part in (self.table, self.id) if part)
        return f"{self.path}:{self.line}:{self.col}: {subject + ': ' if subject else ''}{self.message}"


Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seed:
    """The records of a seed by table, in the order of the file; the version, a digest; and where each stands."""

    path: str
    records: Mapping[str, Sequence[Record]]
    version: str = ""
    places: Mapping[tuple[str, int], Mapping[str, Place]] = field(default_factory=dict)

    def problem(self, table: str, index: int, column: str, message: str) -> Problem:
        """Make a problem for a column (or the whole, by `id`) of the record at `index` of `table`."""
        places = self.places.get((table, index), {})
        line, col = places.get(column) or places.get("") or (1, 1)
        return Problem(self.path, line, col, table, self.records[table][index].id, message)


@dataclass(slots=True)
class _Scalar:
    text: str
    plain: bool
    at: Place


@dataclass(slots=True)
class _Items:
    nodes: list[Any]
    at: Place


@dataclass(slots=True)
class _Pairs:
    nodes: dict[str, Any]
    keys: dict[str, Place]
    at: Place


class _Stop(Exception):
    """The text cannot be read any further; holds the place and the message."""


def load(path: Path) -> Seed:
    """Read the seed at `path`.

    Raises:
        SeedError: with every problem of form, type or vocabulary in the file.
        Failure: when the file cannot be read.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise Failure(f"{path} is not a file", "Name a YAML file such as data/seed.yaml.")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}", "Name a YAML file such as data/seed.yaml.") from None
    return parse(data, _shown(path))


def _shown(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def parse(data: bytes, path: str) -> Seed:
    """Turn the bytes of a seed into records; `path` is what messages call it."""
    problems: list[Problem] = []

    def note(at: Place, message: str, table: str = "", id_: str = "") -> None:
        problems.append(Problem(path, at[0], at[1], table, id_, message))

    top = None
    try:
        top = _compose(_text(data), note)
    except _Stop as stop:
        note(*stop.args)
    records: dict[str, list[Record]] = {name: [] for name in TABLES}
    places: dict[tuple[str, int], dict[str, Place]] = {}
    if isinstance(top, _Pairs):
        for name, node in top.nodes.items():
            if name not in TABLES:
                near = closest(name, TABLES)
                note(top.keys[name], f"unknown table {name!r}{_guess(near)}")
            elif not isinstance(node, _Items):
                note(node.at, "expected a list of records", name)
            else:
                for item in node.nodes:
                    record, where = _record(name, item, note)
                    if record is not None:
                        places[name, len(records[name])] = where
                        records[name].append(record)
    elif top is not None or not problems:
        note(top.at if top is not None else (1, 1), "expected a mapping of tables, such as `themes:`")
    if problems:
        raise SeedError(sorted(problems))
    return Seed(path, records, hashlib.sha256(data).hexdigest()[:10], places)


def _guess(near: list[str]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Stop((1, 1), f"larger than {MAX_BYTES // 1_000_000} MB")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        at = _place(data[: error.start].decode("utf-8", "replace"), error.start)
        hint = "save the file as UTF-8"
        raise _Stop(at, f"not UTF-8 (byte 0x{data[error.start]:02x}); {hint}") from None
    found = FORBIDDEN.search(text)
    if found:
        raise _Stop(_place(text, found.start()), f"character U+{ord(found.group()):04X} does not belong in a text")
    return text


def _place(text: str, at: int) -> Place:
    """Return line and column, from 1, of an index of a text."""
    before = text[:at]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _compose(text: str, note: Any) -> Any:
    """Build the tree of `_Pairs`, `_Items` and `_Scalar` of the one document in `text`."""
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    root: list[Any] = []
    stack: list[tuple[Any, list[Any]]] = []
    try:
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                node = _node(event, note)
                _attach(node, stack, root, note)
                if not isinstance(node, _Scalar):
                    stack.append((node, []))
                    if len(stack) > MAX_DEPTH:
                        raise _Stop(node.at, f"nested deeper than {MAX_DEPTH}")
            elif isinstance(event, yaml.CollectionEndEvent):
                _, parts = stack.pop()
                if parts:
                    note(parts[0].at, "a key without a value")
            elif isinstance(event, yaml.DocumentStartEvent) and root:
                raise _Stop(_at(event.start_mark), "a second document; a seed is one")
    except yaml.MarkedYAMLError as error:
        opened = error.context is not None and "quoted scalar" in error.context
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _Stop(at, " ".join(filter(None, (error.context, error.problem)))) from None
    except yaml.YAMLError as error:
        raise _Stop((1, 1), f"not YAML: {error}") from None
    return root[0] if root else None


def _at(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _node(event: Any, note: Any) -> Any:
    """Turn an event into a node; refuse what a seed does not use."""
    at = _at(event.start_mark)
    if event.anchor is not None or isinstance(event, yaml.AliasEvent):
        raise _Stop(at, "anchors and aliases are not used here; write the value out")
    if event.tag and event.implicit in (False, (False, False)):
        raise _Stop(at, f"tag {event.tag} is not used here")
    if isinstance(event, yaml.ScalarEvent):
        escaped = FORBIDDEN.search(event.value) if event.style == '"' else None
        if escaped:
            note(at, f"character U+{ord(escaped.group()):04X} does not belong in a text, nor its escape")
        return _Scalar(event.value, not event.style, at)
    return _Items([], at) if isinstance(event, yaml.SequenceStartEvent) else _Pairs({}, {}, at)


def _attach(node: Any, stack: list[tuple[Any, list[Any]]], root: list[Any], note: Any) -> None:
    """Put a node where it belongs: the root, a list, or a mapping as key or value."""
    if not stack:
        root.append(node)
        return
    parent, parts = stack[-1]
    if isinstance(parent, _Items):
        parent.nodes.append(node)
    elif not parts:
        if not isinstance(node, _Scalar):
            raise _Stop(node.at, "a key must be a word")
        parts.append(node)
    else:
        key = parts.pop()
        if key.text in parent.nodes:
            note(key.at, f"key {key.text!r} a second time; first on line {parent.keys[key.text][0]}")
            return
        parent.nodes[key.text] = node
        parent.keys[key.text] = key.at


def _record(table: str, node: Any, note: Any) -> tuple[Record | None, dict[str, Place]]:
    """Make one record of a mapping, or note everything that keeps it from being one."""
    if not isinstance(node, _Pairs):
        note(node.at, "expected a record: a mapping of columns", table)
        return None, {}
    known = {c.name: c for c in columns_of(TABLES[table])}
    named = node.nodes.get("id")
    id_ = named.text if isinstance(named, _Scalar) else ""
    values: dict[str, Any] = {}
    sound = True
    for name, value in node.nodes.items():
        if name not in known:
            note(node.keys[name], f"unknown column {name!r}{_guess(closest(name, known))}", table, id_)
            sound = False
            continue
        try:
            values[name] = _value(known[name], value)
        except _Stop as stop:
            note(stop.args[0], f"{name}: {stop.args[1]}", table, id_)
            sound = False
    for column in known.values():
        if column.required and column.name not in node.nodes:
            note(node.at, f"{column.name} is missing", table, id_)
            sound = False
    if not sound:
        return None, {}
    return TABLES[table](**values), {"": node.at, **{n: v.at for n, v in node.nodes.items()}}


def _value(column: Column, node: Any) -> Any:
    """Turn a node into the value of a column; raise `_Stop` where it is not one."""
    if column.pattern == URL and column.type == "str" and isinstance(node, _Pairs):
        return _one(column, _joined(node))
    if column.type == "list":
        if not isinstance(node, _Items):
            raise _Stop(node.at, "expected a list")
        texts = [_one(column, item) for item in node.nodes]
        seen: set[Any] = set()
        for text in texts:
            if text in seen:
                raise _Stop(node.at, f"{text!r} stands twice")
            seen.add(text)
        return tuple(texts)
    return _one(column, node)


def _joined(node: _Pairs) -> _Scalar:
    """Join an address that is written as site and path."""
    parts = [node.nodes.get("site"), node.nodes.get("path")]
    if set(node.nodes) != {"site", "path"} or not all(isinstance(p, _Scalar) for p in parts):
        raise _Stop(node.at, "expected an address, or its site and path")
    return _Scalar("".join(p.text for p in parts if p), True, node.at)


def _one(column: Column, node: Any) -> Any:
    if not isinstance(node, _Scalar):
        raise _Stop(node.at, "expected one value")
    text = node.text
    if not text.strip() or (node.plain and text in {"null", "~", "Null", "NULL"}):
        raise _Stop(node.at, "is empty; leave an unknown value out")
    if text != text.strip():
        raise _Stop(node.at, "has spaces around it")
    if column.type == "bool":
        if text not in {"true", "false"}:
            raise _Stop(node.at, f"expected true or false, not {text!r}")
        return text == "true"
    if column.type == "int":
        if not re.fullmatch(r"-?[0-9]{1,15}", text):
            raise _Stop(node.at, f"expected a whole number, not {text!r}")
        return int(text)
    if column.type == "float":
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
            raise _Stop(node.at, f"expected a plain number, not {text!r}")
        return float(text)
    if column.options and text not in column.options:
        near = closest(text, column.options) or list(column.options)
        raise _Stop(node.at, f"{text!r} is not one of its values; did you mean {' or '.join(near)}?")
    if column.pattern and not re.fullmatch(column.pattern, text):
        raise _Stop(node.at, f"{text!r} does not have its form {column.pattern}")
    return text


class _Dumper(yaml.SafeDumper):
    """Block style, indented lists, one blank line between records."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


class _Flow(list[str]):
    """A short list of slugs, written on one line."""


_Dumper.add_representer(_Flow, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))


class _Number(str):
    """A number as its digits, without an exponent."""


_Dumper.add_representer(_Number, lambda d, v: d.represent_scalar("tag:yaml.org,2002:float", v))


def _path(url: str) -> int:
    """Return where the path of an address begins, 0 where it has none."""
    after = url.find("://") + 3 if "://" in url else 0
    found = re.compile(r"[/?#]").search(url, after)
    return found.start() if found else 0


def dump(records: Mapping[str, Sequence[Record]]) -> str:
    """Write records in the canonical form: tables and columns in the order of the model, what is absent left out."""
    parts = []
    for name, type_ in TABLES.items():
        if not records.get(name):
            continue
        blocks = [_block(record, columns_of(type_)) for record in records[name]]
        parts.append(f"{name}:\n" + "\n".join(blocks))
    return "\n".join(parts)


def _block(record: Record, columns: Sequence[Column]) -> str:
    values = dict(_present(record, columns))
    text: str = yaml.dump({"records": [values]}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text.partition("\n")[2]


def _present(record: Record, columns: Sequence[Column]) -> Iterator[tuple[str, Any]]:
    for column in columns:
        value = getattr(record, column.name)
        if value is None or value == ():
            continue
        if column.type == "list":
            yield column.name, _Flow(value) if column.ref else list(value)
        elif column.pattern == URL and len(re.findall(r"[^\W_]+", value)) > LONG and _path(value):
            yield column.name, {"site": value[: _path(value)], "path": value[_path(value) :]}
        elif column.type == "float" and float(value).is_integer():
            yield column.name, int(value)
        elif column.type == "float":
            yield column.name, _Number(f"{value:.6f}".rstrip("0").rstrip("."))
        else:
            yield column.name, value
