"""YAML to records and back; the one home of yaml.

The loader walks YAML events and not Python objects: a plain scalar stays the text that was typed (`no`, `2020-07-20`,
`010`), and anchors, tags, second documents, repeated keys and deep nesting are problems with a line and a column
instead of surprises. Every problem of a file is reported at once. `dump` writes the one canonical form.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml import ScalarEvent

from cthbkb.errors import Failure, SeedError, closest
from cthbkb.model import TABLES, URL, Column, Record, columns_of

__all__ = ["Problem", "Seed", "dump", "load", "parse"]

MAX_BYTES = 32_000_000
MAX_DEPTH = 8
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
ORDINARY = bytes((10, *range(32, 127)))
"""What is taken out of a seed before it is looked through for what is forbidden, since nearly all of it is this."""

WIDTH = 100
LONG = 8
"""Words of an address above which the canonical form breaks it into site and path, as a line of text would be."""


class Problem(NamedTuple):
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

Note = Callable[..., None]
"""Takes a place, a message and where known table and id of what is wrong there."""

Reader = Callable[[Column, Any], Any]
"""Turns a node of the tree into the value of a column."""


class _Items:
    """A list of the tree: its nodes, and the mark of its beginning. A scalar of the tree is the event as it came."""

    __slots__ = ("nodes", "start_mark")

    def __init__(self, start_mark: Any) -> None:
        self.nodes: list[Any] = []
        self.start_mark = start_mark


class _Pairs:
    """A mapping of the tree: key to node, and key to the event of the key, which knows where it stands."""

    __slots__ = ("keys", "nodes", "start_mark")

    def __init__(self, start_mark: Any) -> None:
        self.nodes: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.start_mark = start_mark


@dataclass(frozen=True)
class Seed:
    """The records of a seed by table, in the order of the file; the version, a digest; and the text they stand in."""

    path: str
    records: Mapping[str, Sequence[Record]]
    version: str = ""
    text: str = ""

    def problem(self, table: str, index: int, column: str, message: str) -> Problem:
        """Make a problem for a column (or the whole, by `id`) of the record at `index` of `table`."""
        node = self._nodes[table][index] if self.text else None
        line, col = _at(node.nodes.get(column, node)) if node else (1, 1)
        return Problem(self.path, line, col, table, self.records[table][index].id, message)

    @cached_property
    def _nodes(self) -> Mapping[str, Sequence[Any]]:
        """The node of each record: read a second time, since a sound seed never needs to know where a value stands."""
        found: dict[str, list[Any]] = {}
        for table, node in _items(self.text, lambda *_: None):
            found.setdefault(table, []).append(node)
        return found


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

    records: dict[str, list[Record]] = {name: [] for name in TABLES}
    columns = {name: {c.name: (c, _reader(c)) for c in columns_of(type_)} for name, type_ in TABLES.items()}
    text = ""
    try:
        text = _text(data)
        for table, node in _items(text, note):
            record = _record(table, columns[table], node, note)
            if record is not None:
                records[table].append(record)
    except _Stop as stop:
        note(*stop.args)
    if problems:
        raise SeedError(sorted(problems))
    return Seed(path, records, hashlib.sha256(data).hexdigest()[:10], text)


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
    if FORBIDDEN.search(data.translate(None, ORDINARY).decode()):
        found = FORBIDDEN.search(text)
        if found:  # a carriage return that ends a line is none of the text's
            raise _Stop(_place(text, found.start()), f"character U+{ord(found.group()):04X} does not belong in a text")
    return text


def _place(text: str, at: int) -> Place:
    """Return line and column, from 1, of an index of a text."""
    before = text[:at]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _items(text: str, note: Note) -> Iterator[tuple[str, Any]]:
    """Yield table and node of each record of the one document in `text`, and let go of it: a seed may be long."""
    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        top = next((e for e in events if isinstance(e, yaml.NodeEvent)), None)
        if not isinstance(top, yaml.MappingStartEvent):
            raise _Stop(_at(top) if top else (1, 1), "expected a mapping of tables, such as `themes:`")
        _scrutinise(top, note)
        first: dict[str, Any] = {}
        for key in iter(partial(_word, events, note), None):
            event = next(events)
            again = first.setdefault(key.value, key) is not key
            if key.value in TABLES and not again and isinstance(event, yaml.SequenceStartEvent):
                _scrutinise(event, note)
                while not isinstance(item := next(events), yaml.SequenceEndEvent):
                    yield key.value, _node(item, events, note, 3)
                continue
            if again:
                _twice(first[key.value], key, note)
            elif key.value not in TABLES:
                note(_at(key), f"unknown table {key.value!r}{_guess(closest(key.value, TABLES))}")
            _node(event, events, note, 2)
            if key.value in TABLES and not again:
                note(_at(event), "expected a list of records", key.value)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _Stop(_at(event), "a second document; a seed is one")
    except yaml.MarkedYAMLError as error:
        opened = error.context is not None and "quoted scalar" in error.context
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        message = " ".join(filter(None, (error.context, error.problem)))
        raise _Stop(at, f"nested deeper than {MAX_DEPTH}" if "nesting depth" in message else message) from None
    except yaml.YAMLError as error:
        raise _Stop((1, 1), f"not YAML: {error}") from None


def _node(event: Any, events: Iterator[Any], note: Note, depth: int) -> Any:
    """Return the node that begins with an event: a scalar is its event, a collection is read to its end."""
    if event.anchor is not None or event.tag is not None or (type(event) is ScalarEvent and event.style == '"'):
        _scrutinise(event, note)
    if type(event) is ScalarEvent:
        return event
    if depth > MAX_DEPTH:
        raise _Stop(_at(event), f"nested deeper than {MAX_DEPTH}")
    if isinstance(event, yaml.SequenceStartEvent):
        items = _Items(event.start_mark)
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.nodes.append(_node(item, events, note, depth + 1))
        return items
    pairs = _Pairs(event.start_mark)
    while (key := _word(events, note)) is not None:
        value = _node(next(events), events, note, depth + 1)
        if pairs.keys.setdefault(key.value, key) is key:
            pairs.nodes[key.value] = value
        else:
            _twice(pairs.keys[key.value], key, note)
    return pairs


def _word(events: Iterator[Any], note: Note) -> Any:
    """Return the next key of a mapping, None at its end."""
    event = next(events)
    if type(event) is not ScalarEvent:
        if isinstance(event, yaml.MappingEndEvent):
            return None
        _scrutinise(event, note)
        raise _Stop(_at(event), "a key must be a word")
    if event.anchor is not None or event.tag is not None or event.style == '"':
        _scrutinise(event, note)
    return event


def _twice(first: Any, key: Any, note: Note) -> None:
    note(_at(key), f"key {key.value!r} a second time; first on line {first.start_mark.line + 1}")


def _at(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scrutinise(event: Any, note: Note) -> None:
    """Refuse what a seed does not use."""
    if event.anchor is not None:
        raise _Stop(_at(event), "anchors and aliases are not used here; write the value out")
    if getattr(event, "tag", None) and event.implicit in (False, (False, False)):
        raise _Stop(_at(event), f"tag {event.tag} is not used here")
    escaped = FORBIDDEN.search(event.value) if type(event) is ScalarEvent else None
    if escaped:
        note(_at(event), f"character U+{ord(escaped.group()):04X} does not belong in a text, nor its escape")


def _record(table: str, columns: Mapping[str, tuple[Column, Reader]], node: Any, note: Note) -> Record | None:
    """Make one record of a mapping, or note everything that keeps it from being one."""
    if not isinstance(node, _Pairs):
        note(_at(node), "expected a record: a mapping of columns", table)
        return None
    named = node.nodes.get("id")
    id_ = named.value if isinstance(named, ScalarEvent) else ""
    values: dict[str, Any] = {}
    sound = True
    for name, value in node.nodes.items():
        if name not in columns:
            note(_at(node.keys[name]), f"unknown column {name!r}{_guess(closest(name, columns))}", table, id_)
            sound = False
            continue
        column, read = columns[name]
        try:
            values[name] = read(column, value)
        except _Stop as stop:
            note(stop.args[0], f"{name}: {stop.args[1]}", table, id_)
            sound = False
    for name, (column, _) in columns.items():
        if column.required and name not in node.nodes:
            note(_at(node), f"{name} is missing", table, id_)
            sound = False
    return TABLES[table](**values) if sound else None


def _text_of(column: Column, node: Any) -> str:
    """Read a text; like all that read a value of a column, raise `_Stop` where the node is none."""
    if type(node) is not ScalarEvent:
        raise _Stop(_at(node), "expected one value")
    text: str = node.value
    bare = text.strip()
    if not bare or (not node.style and text in {"null", "~", "Null", "NULL"}):
        raise _Stop(_at(node), "is empty; leave an unknown value out")
    if bare != text:
        raise _Stop(_at(node), "has spaces around it")
    return text


def _option(column: Column, node: Any) -> str:
    text = _text_of(column, node)
    if text not in column.options:
        near = closest(text, column.options) or list(column.options)
        raise _Stop(_at(node), f"{text!r} is not one of its values; did you mean {' or '.join(near)}?")
    return text


def _formed(column: Column, node: Any) -> str:
    """Read a text of a form, such as a date; an address may be written as site and path."""
    text = _text_of(column, _joined(node) if column.pattern == URL and isinstance(node, _Pairs) else node)
    if not re.fullmatch(column.pattern, text):
        raise _Stop(_at(node), f"{text!r} does not have its form {column.pattern}")
    return text


def _joined(node: _Pairs) -> Any:
    """Join an address that is written as site and path."""
    parts = [node.nodes.get("site"), node.nodes.get("path")]
    if set(node.nodes) != {"site", "path"} or not all(isinstance(p, ScalarEvent) for p in parts):
        raise _Stop(_at(node), "expected an address, or its site and path")
    text = "".join(p.value for p in parts if p)
    return ScalarEvent(None, None, (True, False), text, node.start_mark, node.start_mark)


def _list(column: Column, node: Any) -> tuple[str, ...]:
    if not isinstance(node, _Items):
        raise _Stop(_at(node), "expected a list")
    read = _formed if column.pattern else _text_of
    texts = tuple([read(column, item) for item in node.nodes])
    if len(set(texts)) < len(texts):
        twice = next(text for n, text in enumerate(texts) if text in texts[:n])
        raise _Stop(_at(node), f"{twice!r} stands twice")
    return texts


def _bool(column: Column, node: Any) -> bool:
    text = _text_of(column, node)
    if text not in {"true", "false"}:
        raise _Stop(_at(node), f"expected true or false, not {text!r}")
    return text == "true"


def _int(column: Column, node: Any) -> int:
    text = _text_of(column, node)
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise _Stop(_at(node), f"expected a whole number, not {text!r}")
    return int(text)


def _float(column: Column, node: Any) -> float:
    text = _text_of(column, node)
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
        raise _Stop(_at(node), f"expected a plain number, not {text!r}")
    return float(text)


READERS: dict[str, Reader] = {"list": _list, "bool": _bool, "int": _int, "float": _float}
"""Type of a column to what reads its values; the rest are texts."""


def _reader(column: Column) -> Reader:
    """Return what reads the values of a column."""
    return READERS.get(column.type) or (_option if column.options else _formed if column.pattern else _text_of)


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
