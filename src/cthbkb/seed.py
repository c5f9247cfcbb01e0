"""Reading YAML into records, and writing it back; the only module that uses yaml.

The loader reads YAML events rather than Python objects. A plain scalar therefore keeps the text that was typed (`no`,
`2020-07-20`, `010`), and anchors, tags, comments, second documents, repeated keys and deep nesting are reported with
line and column. All problems are reported at once.

A seed consists of one file or of several *layers*. The entry file may `include` others, each of which may name the
`document` of all its records; a file that `extends` the packaged records is merged on top of them. `dump` writes the
canonical form of a layer, which omits values implied by an id or by the layer's document.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import chain, compress, islice, repeat
from operator import length_hint
from pathlib import Path
from typing import Any

import yaml
from yaml import ScalarEvent

from cthbkb.errors import Failure, closest
from cthbkb.files import content
from cthbkb.messages import CONTROLS
from cthbkb.model import FORMS, LETTERS, SLUG, TABLES, URL, Column, Record, Records, columns_of, implied_id
from cthbkb.problems import MOST, Guesses, Problem, SeedError

__all__ = [
    "EXTENDS",
    "HEADING",
    "Head",
    "Layer",
    "Problem",
    "Seed",
    "canonical",
    "dump",
    "files",
    "load",
    "merge",
    "parse",
    "shown",
]

MAX_BYTES = 32_000_000
MAX_DEPTH = 8
MAX_VALUES = 10_000
"""Maximum number of values in a list and of keys in a mapping; all of them are held in memory."""

MAX_TEXT = 20_000
"""Maximum length of a text, in characters."""

MAX_RECORDS = 20_000
"""Maximum number of records in a seed and the files it includes: nearly five times as many as in the packaged seed."""

MAX_PARTS = 300_000
"""Maximum number of parts in a seed and the files it includes (keys, values, starts and ends of lists and records):
nearly four times as many as in the packaged seed.
"""

MAX_FILES = 500
"""Maximum number of files that a seed includes."""

FORBIDDEN = re.compile(f"[{CONTROLS}\u00ad]")
"""Characters that are not allowed in a text; a soft hyphen is a leftover of page layout."""

ORDINARY = bytes((10, *range(32, 127)))
"""The most common bytes, removed first so that the scan for forbidden characters is fast."""

MODELINE = re.compile(r"# (?:yaml-language-server:|vim?:|-\*-)[^\n]*\n")
"""An editor setting in the first line: the only comment allowed in a seed."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

EXTENDS = "cthbkb"
"""The value of the key `extends`: the packaged records."""

LONG = 8
"""Maximum number of words in an address or in a heading in capitals; the canonical form splits a longer address into
site and path, and a longer heading into start and end, since the search for copied sentences reports nine words in a
row.
"""

HEADING = "section"
"""The column that holds a heading as printed."""


Place = tuple[int, int]

Note = Callable[..., None]
"""Takes a place, a message and, if known, the table and id of the record concerned."""

Start = tuple[int, int, int]
"""The start of a record: the index in the text, and line and column, counted from 0."""

Reader = Callable[[Any], Any]
"""Converts a node of the tree to the value of a column, or raises `_Stop` if it is not valid."""


class _Items:
    """A list in the tree: its nodes, and the mark of its start. Scalars in the tree are the parser's events."""

    __slots__ = ("nodes", "start_mark")

    def __init__(self, start_mark: Any) -> None:
        self.nodes: list[Any] = []
        self.start_mark = start_mark


class _Pairs:
    """A mapping in the tree: the nodes by key, and the event of each key, which records its place."""

    __slots__ = ("keys", "nodes", "start_mark")

    def __init__(self, start_mark: Any) -> None:
        self.nodes: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.start_mark = start_mark


@dataclass(frozen=True)
class Head:
    """The part of a file before its tables.

    `extends` is "cthbkb" for a file that is merged on top of the packaged records; `document` is the document of every
    record that does not name another; `include` lists the paths of further layers, relative to the file.
    """

    extends: str = ""
    document: str = ""
    include: tuple[str, ...] = ()
    modeline: str = ""


NO_HEAD = Head()


@dataclass(frozen=True)
class Layer:
    """One file: its name in messages, its head, its records by table in file order, its text and its path.

    `pack` is the name of its pack; it is empty for the packaged records and for a seed that does not extend them.
    """

    path: str
    head: Head
    records: Records
    text: str = ""
    pack: str = ""
    digest: str = ""
    starts: Mapping[str, Sequence[Start]] = field(default_factory=dict)
    file: Path = Path()

    def place(self, table: str, index: int, column: str) -> Place:
        """Return line and column of a value in the record at `index` of a table, or of the record itself.

        The record is parsed again for this: only problems need the places of values.
        """
        if not self.starts:
            return 1, 1
        start, line, indent = self.starts[table][index]
        if self._last.get("start") != start:
            text = " " * indent + self.text[start : self._cuts[bisect_right(self._cuts, start)]]
            events = _events(text)
            top = next(event for event in events if isinstance(event, yaml.NodeEvent))
            self._last.update(start=start, node=_node(top, events, lambda *_: None, 3))
        node = self._last["node"]
        row, column_ = _at(node.nodes.get(column, node))
        return line + row, column_

    @cached_property
    def _cuts(self) -> list[int]:
        """The latest possible end of each record: the start of the next one, or the end of the text."""
        return [*sorted(start for rows in self.starts.values() for start, _, _ in rows), len(self.text)]

    @cached_property
    def _last(self) -> dict[str, Any]:
        """The record last parsed for its places; kept because problems of one record tend to occur together."""
        return {}


Origin = tuple[int, int]
"""The origin of a record: the index of its layer, and its index in the layer's table."""


@dataclass(frozen=True)
class Seed:
    """Records by table, merged from one or more layers; the version is a digest of the text of all layers."""

    path: str
    records: Records
    version: str = ""
    layers: Sequence[Layer] = ()
    origins: Mapping[str, Sequence[Origin]] = field(default_factory=dict)
    guesses: Guesses = field(default_factory=Guesses, compare=False)

    def problem(self, table: str, index: int, column: str, message: str, warning: bool = False) -> Problem:
        """Return a problem in a column of the record at `index` of `table`; `id` stands for the whole record."""
        id_ = self.records[table][index].id
        path, line, col = self.place(table, index, column)
        return Problem(path, line, col, table, id_, message, warning)

    def place(self, table: str, index: int, column: str = "id") -> tuple[str, int, int]:
        """Return file, line and column of a value of the record at `index` of `table`."""
        if not self.origins:
            return self.path, 1, 1
        layer, within = self.origins[table][index]
        return (self.layers[layer].path, *self.layers[layer].place(table, within, column))

    def pack(self, table: str, index: int) -> str:
        """Return the name of the pack that the record at `index` of `table` belongs to; empty for no pack."""
        return self.layers[self.origins[table][index][0]].pack if self.origins else ""


class _Room:
    """The number of parts and records that all files of a seed may still have; unlimited by default."""

    __slots__ = ("parts", "records")

    def __init__(self, parts: int | None = None, records: int | None = None) -> None:
        self.parts: Iterator[bool] = repeat(True) if parts is None else repeat(True, parts)
        self.records: Iterator[bool] = repeat(True) if records is None else repeat(True, records)

    @property
    def full(self) -> bool:
        """Whether one of the limits is reached."""
        return not (length_hint(self.parts, 1) and length_hint(self.records, 1))

    def within(self, text: str) -> Iterator[Any]:
        """Yield the YAML events of a text; raise `_Stop` at the first event beyond the limit."""
        events = _events(text)
        return chain(compress(events, self.parts), _refused(events))


def _refused(events: Iterator[Any]) -> Iterator[Any]:
    """Raise `_Stop` if there is another event."""
    for event in events:
        raise _Stop(_at(event), f"more than {MAX_PARTS:,} keys and values in the seed")
    yield from ()


def _events(text: str) -> Iterator[Any]:
    """Return the YAML events of a text, a tenth faster than `yaml.parse`, which makes two calls per event."""
    return iter(LOADER(text).get_event, None)


class _Stop(Exception):
    """Raised with a place and a message when the text cannot be read any further."""


class _Enough(Exception):
    """Raised when a file reaches the maximum number of problems."""


def load(*paths: Path, base: Path | None = None) -> Seed:
    """Read one or more seeds and the files that they include; `-` is standard input.

    `base` is the packaged seed, which is read first if one of the seeds extends it.

    Raises:
        SeedError: with every problem of form, type or vocabulary in all files.
        Failure: if a file cannot be read.
    """
    problems: list[Problem] = []
    layers = [layer for path in paths for layer in _layers(path, problems)]
    if base is not None and any(layer.head.extends for layer in layers):
        layers = [*_layers(base, problems), *layers]
    if problems:
        raise SeedError(sorted(problems))
    return merge(layers)


def _layers(path: Path, problems: list[Problem]) -> list[Layer]:
    """Read a file and the files that it includes; the name of a pack is the stem of its file."""
    data = _bytes(path)
    room = _Room(MAX_PARTS, MAX_RECORDS)
    entry = _layer(data, shown(path), problems, room)
    pack = path.stem if entry.head.extends else ""
    found = [replace(entry, file=path)]
    known = {os.path.realpath(path)}
    sizes = [len(data)]
    if len(entry.head.include) > MAX_FILES:
        problems.append(Problem(entry.path, 1, 1, "", "", f"include: more than {MAX_FILES} files"))
    for name in entry.head.include[:MAX_FILES]:
        included = path.parent / name
        if len(problems) >= MOST or sum(sizes) > MAX_BYTES or (problems and room.full):
            break
        if Path(name).is_absolute() or ".." in Path(name).parts:
            problems.append(
                Problem(entry.path, 1, 1, "", "", f"include: {name!r} is not inside the folder of the file")
            )
        elif not os.path.isfile(included):
            problems.append(Problem(entry.path, 1, 1, "", "", f"include: no file {included}"))
        elif os.path.realpath(included) in known:
            problems.append(Problem(entry.path, 1, 1, "", "", f"include: {name!r} is already included"))
        else:
            known.add(os.path.realpath(included))
            data = _bytes(included)
            sizes.append(len(data))
            layer = _layer(data, shown(included), problems, room)
            if layer.head.include or layer.head.extends:
                problems.append(Problem(layer.path, 1, 1, "", "", "an included file must not include or extend others"))
            found.append(replace(layer, file=included))
    if sum(sizes) > MAX_BYTES >= max(sizes):
        problems.append(
            Problem(
                entry.path, 1, 1, "", "", f"larger than {MAX_BYTES // 1_000_000} MB with the files that it includes"
            )
        )
    return [replace(layer, pack=pack) for layer in found]


def files(path: Path) -> list[Path]:
    """Return the paths of a seed and of the files it includes, without reading the tables."""
    try:
        for key, node in _parts(_text(_bytes(path)), lambda *_: None, _Room()):
            if key == "include":
                return [path, *(path.parent / name for name in _headed(key, node, lambda *_: None))]
            if key not in HEAD:
                break
    except (_Stop, Failure):
        pass
    return [path]


def _bytes(path: Path) -> bytes:
    if str(path) != "-":
        return content(str(path), MAX_BYTES, "a YAML file such as data/seed.yaml")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise Failure(
            f"cannot read standard input: {error.strerror}", "Name a YAML file such as data/seed.yaml."
        ) from None


def shown(path: Path) -> str:
    """Return the name of a file in messages: a relative path inside the current folder, otherwise the full path."""
    if str(path) == "-":
        return "standard input"
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def parse(data: bytes, path: str) -> Seed:
    """Parse the bytes of one file; `path` is its name in messages. Files that it includes are not read.

    Raises:
        SeedError: with every problem of the file.
    """
    problems: list[Problem] = []
    layer = _layer(data, path, problems, _Room())
    if problems:
        raise SeedError(sorted(problems))
    return merge([layer])


def merge(layers: Sequence[Layer]) -> Seed:
    """Merge the records of several layers, table by table, in print order."""
    if len(layers) == 1:
        (only,) = layers
        origins = {table: [(0, n) for n in range(len(rows))] for table, rows in only.records.items()}
        return Seed(only.path, only.records, only.digest[:10], layers, origins)
    entries = {
        table: [
            (record, (number, index))
            for number, layer in enumerate(layers)
            for index, record in enumerate(layer.records[table])
        ]
        for table in TABLES
    }
    programme = {session.id: n for n, (session, _) in enumerate(entries["sessions"])}
    for table, rows in entries.items():
        key = _print_order(table, programme, rows)
        if key is not None:
            rows.sort(key=key)
    digest = hashlib.sha256("".join(layer.digest for layer in layers).encode("ascii"))
    return Seed(
        layers[0].path,
        Records({table: [record for record, _ in rows] for table, rows in entries.items()}),
        digest.hexdigest()[:10],
        layers,
        {table: [origin for _, origin in rows] for table, rows in entries.items()},
    )


def _print_order(
    table: str, programme: Mapping[str, int], rows: Sequence[tuple[Any, Origin]]
) -> Callable[[tuple[Any, Origin]], Any] | None:
    """Return the sort key of merged records: programme, kind and number, or the id; None to keep the order."""
    if table == "abbreviations":
        return lambda row: row[0].id
    if table not in {"appearances", "recommendations", "topics"}:
        return None
    kinds: dict[tuple[str, str | None], int] = {}
    for record, _ in rows:
        kinds.setdefault((record.session, record.get("kind")), len(kinds))

    def key(row: tuple[Any, Origin]) -> tuple[int, int, int, str]:
        record = row[0]
        digits = re.match(r"\d*", record.get("number") or "")
        kind = kinds[record.session, record.get("kind")]
        number = int(digits[0]) if digits and digits[0] else 0
        return programme.get(record.session, len(programme)), kind, number, record.get("number") or ""

    return key


@cache
def _readers(table: str) -> tuple[Mapping[str, tuple[str, Reader]], Mapping[str, str]]:
    """Return the columns of a table, each with its attribute and the function that reads its values, and those that are
    required, each with its attribute.
    """
    columns = columns_of(TABLES[table])
    return {c.name: (c.attribute, _reader(c)) for c in columns}, {c.name: c.attribute for c in columns if c.required}


def _layer(data: bytes, path: str, problems: list[Problem], room: _Room) -> Layer:
    """Read one file, and add its problems to `problems`, up to the maximum."""
    most = len(problems) + MOST

    def note(at: Place, message: str, table: str = "", id_: str = "") -> None:
        problems.append(Problem(path, at[0], at[1], table, id_, message))
        if len(problems) >= most:
            raise _Enough

    records: dict[str, list[Record]] = {name: [] for name in TABLES}
    starts: dict[str, list[Start]] = {name: [] for name in TABLES}
    head: dict[str, Any] = {}
    text = ""
    try:
        text = _text(data)
        modeline = MODELINE.match(text)
        head["modeline"] = modeline[0] if modeline else ""
        for table, node in _parts(text, note, room):
            if table in HEAD:
                head[table] = _headed(table, node, note)
                continue
            if not next(room.records, False):
                raise _Stop(_at(node), f"more than {MAX_RECORDS:,} records in the seed")
            record = _record(table, node, head.get("document", ""), note)
            if record is not None:
                records[table].append(record)
                mark = node.start_mark
                starts[table].append((mark.index, mark.line, mark.column))
    except _Stop as stop:
        (line, col), message = stop.args
        problems.append(Problem(path, line, col, "", "", message))
        _forget_half_read(problems, path, stop.args[0])
    except _Enough:
        pass
    _tell_once(problems, path)
    return Layer(path, Head(**head), Records(records), text, "", hashlib.sha256(data).hexdigest(), starts)


def _forget_half_read(problems: list[Problem], path: str, stop: Place) -> None:
    """Drop reports of missing columns for the record at which the file became unreadable."""
    starts = [p.line for p in problems if p.path == path and p.message.endswith(" is missing")]
    last = max(starts, default=0)
    if stop[0] - last < HALF_READ:
        problems[:] = [
            p for p in problems if not (p.path == path and p.line == last and p.message.endswith(" is missing"))
        ]


def _tell_once(problems: list[Problem], path: str) -> None:
    """Replace the reports of a missing document in single records by one problem at the top of the file."""
    missing = [p for p in problems if p.path == path and p.message == "document is missing"]
    if len(missing) > FEW:
        message = f"document is missing in {len(missing)} records; add one line at the top of the file: `document: ID`"
        problems[:] = [p for p in problems if p not in missing] + [Problem(path, 1, 1, "", "", message)]


HALF_READ = 40
"""Maximum number of lines from the start of such a record to the place where reading stopped."""

FEW = 3
"""Maximum number of problems with one cause that are reported one by one."""


def _headed(key: str, node: Any, note: Note) -> Any:
    """Read the value of a key in the head."""
    try:
        if key == "include":
            return _list(_text_of, node)
        value = _text_of(node)
        if key == "extends" and value != EXTENDS:
            raise _Stop(_at(node), f"only {EXTENDS!r}, the packaged records, can be extended")
        if key == "document" and not re.fullmatch(SLUG, value):
            raise _Stop(_at(node), f"{value!r} is not {FORMS[SLUG]}")
        return value
    except _Stop as stop:
        note(stop.args[0], f"{key}: {stop.args[1]}")
        return () if key == "include" else ""


def _guess(near: list[str]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise _Stop((1, 1), f"larger than {MAX_BYTES // 1_000_000} MB")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
        hint = "save the file as UTF-8"
        raise _Stop(_place(before, len(before)), f"not UTF-8 (byte 0x{data[error.start]:02x}); {hint}") from None
    if FORBIDDEN.search(data.translate(None, ORDINARY).decode()):
        found = FORBIDDEN.search(text)
        if found:  # a carriage return that ends a line is not part of the text
            raise _Stop(_place(text, found.start()), f"character U+{ord(found.group()):04X} is not allowed in a text")
    return text


def _place(text: str, at: int) -> Place:
    """Return line and column, from 1, of an index in a text."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


BEFORE_COMMENT = frozenset(" \t\n\"'[]{},")
"""Characters after which `#` may begin a comment: the parser requires no space after a bracket or quote."""


def _hash(text: str, start: int) -> int:
    """Return the next index at which a comment may begin; -1 if there is none."""
    at = text.find("#", start)
    while at > 0 and text[at - 1] not in BEFORE_COMMENT:
        at = text.find("#", at + 1)
    return at


class _Commented:
    """Iterates over the YAML events of a text, and reports every comment."""

    __slots__ = ("_events", "_hash", "_note", "_text")

    def __init__(self, text: str, first: int, note: Note, room: _Room) -> None:
        self._events = room.within(text)
        self._text = text
        self._hash = first
        self._note = note

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        event: Any = next(self._events, None)
        if event is None:
            while self._hash >= 0:
                self._comment()
            raise StopIteration
        if self._hash >= 0 and type(event) is ScalarEvent:
            self._pass(event)
        return event

    def _pass(self, scalar: Any) -> None:
        """Report the comments before a scalar, and in the first line of a block; skip those inside the scalar."""
        end = scalar.end_mark.index
        if self._hash >= end:
            return
        start, first = scalar.start_mark.index, scalar.start_mark.index
        if scalar.style in ("|", ">"):
            end = _block_end(self._text, start, end)
            first = self._text.find("\n", start)
        while 0 <= self._hash < end:
            if self._hash < first:
                self._comment()
            else:
                self._hash = _hash(self._text, self._hash + 1)

    def _comment(self) -> None:
        """Report the comment that begins here, and continue after its line."""
        at, text = self._hash, self._text
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        shown = text[at:end] if end - at <= 40 else text[at : at + 39] + "…"
        after = text[max(text.rfind("\n", 0, at) + 1, at - MAX_TEXT) : at].strip()
        cure = (
            "quote the text if this is part of it, otherwise put it into a `note`" if after else "put it into a `note`"
        )
        self._note(_place(text, at), f'a comment ("{shown}"); a seed cannot keep comments: {cure}')
        self._hash = _hash(text, end)


def _block_end(text: str, start: int, end: int) -> int:
    """Return the end of the lines of a block scalar; its end mark may follow comments that are indented less."""
    lines = text[start:end].split("\n")
    indent = next((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()), 0)
    length = len(lines[0])
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        length += 1 + len(line)
    return start + length


HEAD = ("extends", "document", "include")
"""Keys that come before the tables."""


def _parts(text: str, note: Note, room: _Room) -> Iterator[tuple[str, Any]]:
    """Yield key and node of each line of the head, then table and node of each record, one at a time to save memory."""
    modeline = MODELINE.match(text)
    at = _hash(text, modeline.end() if modeline else 0)
    events = _Commented(text, at, note, room) if at >= 0 else room.within(text)
    try:
        top = next((e for e in events if isinstance(e, yaml.NodeEvent)), None)
        if not isinstance(top, yaml.MappingStartEvent):
            message = "expected a mapping of tables, such as `themes:`"
            raise _Stop(
                _at(top) if top else (1, 1), message if top else "the file is empty; write a table, such as `themes:`"
            )
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
            elif key.value in HEAD:
                if not TABLES.keys().isdisjoint(first):
                    note(_at(key), f"{key.value} belongs before the tables")
            elif key.value not in TABLES:
                note(_at(key), f"unknown table {key.value!r}{_guess(closest(key.value, [*TABLES, *HEAD]))}")
            node = _node(event, events, note, 2)
            if key.value in TABLES and not again:
                note(_at(event), "expected a list of records", key.value)
            elif key.value in HEAD and not again:
                yield key.value, node
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _Stop(_at(event), "a second YAML document begins here; a seed has only one")
    except yaml.MarkedYAMLError as error:
        raise _Stop(*_explained(error, text)) from None
    except yaml.YAMLError as error:
        raise _Stop((1, 1), f"not YAML: {error}") from None


def _explained(error: Any, text: str) -> tuple[Place, str]:
    """Return the place of a parser error and a message that helps the curator."""
    opened = error.context is not None and "quoted scalar" in error.context
    mark = error.context_mark if opened else error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = " ".join(filter(None, (error.context, error.problem)))
    if "nesting depth" in said:
        return at, f"nested more than {MAX_DEPTH} levels deep"
    lines = text.split("\n")
    moved = _moved(lines, at[0]) or _moved(lines, at[0] - 1)
    if "mapping values are not allowed" in said:
        return at, moved or "a text contains a colon and a space; quote the text, or write it below `>-`"
    if "tab character" in said:
        return at, "a tab is used for indentation; use spaces"
    if "cannot start any token" in said:
        char = lines[at[0] - 1][at[1] - 1 : at[1]]
        return (
            at,
            "a tab is used for indentation; use spaces" if char == "\t" else f"quote a text that begins with {char!r}",
        )
    if opened:
        return at, "a quotation mark is never closed"
    spanning = _spanning(text)
    if spanning is not None:
        return _at(spanning), f"the text quoted here ends on line {_last_line(spanning)}; is that intended?"
    if "could not find expected ':'" in said:
        return at, "a key is not followed by a colon and a space, here or in the line above"
    after = re.match(r"\s*(?:- )?[\w-]+: ([\"'\[{])", lines[min(at[0], len(lines)) - 1])
    if after:
        return at, f"a text that begins with {after[1]} ends before the end of the line; write the text below `>-`"
    return (
        at,
        moved or f"not readable from here on; look for a line that is indented too far or not far enough ({said})",
    )


def _moved(lines: Sequence[str], number: int) -> str:
    """Describe the misalignment, by up to three spaces, of a line (numbered from 1) with the key above it."""
    if not 1 < number <= len(lines):
        return ""
    own, above = (_depth(line) for line in (lines[number - 1], lines[number - 2]))
    if own is None or above is None or own == above or abs(own - above) > 3:
        return ""
    further = "more" if own > above else "less"
    spaces = f"{abs(own - above)} space{'s' if abs(own - above) > 1 else ''}"
    return f"this line is indented {spaces} {further} than the key above; align it with that key"


def _depth(line: str) -> int | None:
    """Return the column in which the key of a line begins; None if it has none."""
    found = re.match(r"( *(?:- )?)[\w-]+:(?: |$)", line)
    return len(found[1]) if found else None


def _spanning(text: str) -> Any:
    """Return the last quoted value before a parser error that spans several lines; it may lack its closing quote."""
    found = None
    try:
        for event in islice(_events(text), MAX_PARTS):
            if type(event) is ScalarEvent and event.style in ("'", '"') and _last_line(event) > _at(event)[0]:
                found = event
    except yaml.YAMLError:
        pass
    return found


def _node(event: Any, events: Iterator[Any], note: Note, depth: int) -> Any:
    """Return the node that begins with an event: the event itself for a scalar, otherwise the whole collection."""
    if event.anchor is not None or event.tag is not None or (type(event) is ScalarEvent and event.style == '"'):
        _scrutinise(event, note)
    if type(event) is ScalarEvent:
        return event
    if depth > MAX_DEPTH:
        raise _Stop(_at(event), f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(event, yaml.SequenceStartEvent):
        items = _Items(event.start_mark)
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            simple = type(item) is ScalarEvent and item.style != '"' and item.tag is None and item.anchor is None
            items.nodes.append(item if simple else _node(item, events, note, depth + 1))
            if len(items.nodes) > MAX_VALUES:
                raise _Stop(_at(item), f"more than {MAX_VALUES:,} values in one list")
        return items
    pairs = _Pairs(event.start_mark)
    while (key := _word(events, note)) is not None:
        value = _node(next(events), events, note, depth + 1)
        if pairs.keys.setdefault(key.value, key) is key:
            pairs.nodes[key.value] = value
        else:
            _twice(pairs.keys[key.value], key, note)
        if len(pairs.keys) > MAX_VALUES:
            raise _Stop(_at(key), f"more than {MAX_VALUES:,} keys in one mapping")
    return pairs


def _word(events: Iterator[Any], note: Note) -> Any:
    """Return the next key of a mapping; None at its end."""
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
    note(_at(key), f"key {key.value!r} is repeated; first on line {first.start_mark.line + 1}")


def _at(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _last_line(scalar: Any) -> int:
    return int(scalar.end_mark.line) + 1


def _scrutinise(event: Any, note: Note) -> None:
    """Reject features of YAML that a seed does not use."""
    if event.anchor is not None:
        raise _Stop(_at(event), "anchors and aliases are not allowed; write the value out")
    if getattr(event, "tag", None) and event.implicit in (False, (False, False)):
        raise _Stop(_at(event), f"tag {event.tag} is not allowed")
    escaped = FORBIDDEN.search(event.value) if type(event) is ScalarEvent else None
    if escaped:
        note(_at(event), f"character U+{ord(escaped.group()):04X} is not allowed in a text, even as an escape")


def _record(table: str, node: Any, document: str, note: Note) -> Record | None:
    """Convert a mapping to a record, or report everything that prevents it."""
    if not isinstance(node, _Pairs):
        note(_at(node), "expected a record: a mapping of columns", table)
        return None
    columns, required = _readers(table)
    named = node.nodes.get("id")
    id_ = named.value if isinstance(named, ScalarEvent) else ""
    values: dict[str, Any] = {}
    sound = True
    for name, value in node.nodes.items():
        if name not in columns:
            near = closest(name, columns)
            guess = _guess(["id"] if name == "slug" else near) or f"; write one of: {', '.join(columns)}"
            note(_at(node.keys[name]), f"unknown column {name!r}{guess}", table, id_)
            sound = False
            continue
        attribute, read = columns[name]
        try:
            values[attribute] = read(value)
        except _Stop as stop:
            note(stop.args[0], f"{name}: {stop.args[1]}", table, id_)
            sound = False
    made = implied_id(TABLES[table], values)
    if made:
        id_ = values.setdefault("id", made)
    missing = [n for n, attribute in required.items() if attribute not in values and n not in node.nodes]
    implied = _implied(TABLES[table], id_, document) if missing else {}
    if table == "recommendations" and "kind" in missing and "kind" not in implied and id_:
        letters = ", ".join(f"{letter} ({kind})" for letter, kind in LETTERS.items())
        note(
            _at(node),
            f"the id does not end with the letter of a kind and a number, as in 2023-p1-r3: {letters}",
            table,
            id_,
        )
        return None
    for name in missing:
        if name in implied:
            values[name] = implied[name]
        else:
            note(_at(node), f"{name} is missing", table, id_)
            sound = False
    return TABLES[table](**values) if sound else None


def _implied(type_: type[Record], id_: str, document: str) -> dict[str, Any]:
    """Return the values of a record that a layer can omit: those implied by its id, and the layer's document."""
    return {**type_.implied(id_), **({"document": document} if document else {})}


def _text_of(node: Any) -> str:
    if type(node) is not ScalarEvent:
        raise _Stop(_at(node), "expected a single value")
    text: str = node.value
    if len(text) > MAX_TEXT:
        raise _Stop(_at(node), f"longer than {MAX_TEXT:,} characters")
    bare = text.strip()
    if not bare or (not node.style and text in {"null", "~", "Null", "NULL"}):
        raise _Stop(_at(node), "is empty; omit an unknown value")
    if bare != text:
        if node.style in ("|", ">") and text.rstrip("\n") == bare:
            raise _Stop(_at(node), f"ends with a line break; write {node.style}- instead of {node.style}")
        raise _Stop(_at(node), "begins or ends with a space")
    return text


def _option(options: Sequence[str], node: Any) -> str:
    text = _text_of(node)
    if text not in options:
        near = closest(text, options)
        meant = f"did you mean {' or '.join(near)}?" if near else f"write one of: {', '.join(options)}"
        raise _Stop(_at(node), f"{text!r} is not one of the allowed values; {meant}")
    return text


def _formed(form: re.Pattern[str], node: Any) -> str:
    """Read a text with a fixed form, such as a date; an address may be split into site and path."""
    text = _text_of(_joined(node) if isinstance(node, _Pairs) and form.pattern == URL else node)
    if not form.fullmatch(text):
        raise _Stop(_at(node), f"{text!r} is not {FORMS[form.pattern]}")
    return text


def _heading(node: Any) -> str:
    """Read a heading, which may be split into start and end."""
    return _text_of(_joined(node, ("start", "end"), " ") if isinstance(node, _Pairs) else node)


def _joined(node: _Pairs, keys: tuple[str, str] = ("site", "path"), between: str = "") -> Any:
    """Join a text that is split in two: an address into site and path, a heading into start and end."""
    parts = [node.nodes.get(key) for key in keys]
    if set(node.nodes) != set(keys) or not all(isinstance(p, ScalarEvent) for p in parts):
        raise _Stop(_at(node), f"expected a text, or its {keys[0]} and {keys[1]}")
    text = between.join(p.value for p in parts if p)
    return ScalarEvent(None, None, (True, False), text, node.start_mark, node.start_mark)


def _list(read: Reader, node: Any) -> tuple[str, ...]:
    if not isinstance(node, _Items):
        raise _Stop(_at(node), "expected a list")
    texts = tuple([read(item) for item in node.nodes])
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise _Stop(_at(node), f"{text!r} occurs twice")
        seen.add(text)
    return texts


def _bool(node: Any) -> bool:
    text = _text_of(node)
    if text not in {"true", "false"}:
        raise _Stop(_at(node), f"expected true or false, not {text!r}")
    return text == "true"


def _int(node: Any) -> int:
    text = _text_of(node)
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise _Stop(_at(node), f"expected a whole number, not {text!r}")
    return int(text)


def _float(node: Any) -> float:
    text = _text_of(node)
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
        raise _Stop(_at(node), f"expected a plain number, not {text!r}")
    return float(text)


READERS: Mapping[str, Reader] = {"bool": _bool, "int": _int, "float": _float}
"""Maps the type of a column to the function that reads its values; other types are texts and lists of texts."""


def _reader(column: Column) -> Reader:
    """Return the function that reads the values of a column."""
    if column.name == HEADING:
        return _heading
    read: Reader = READERS.get(column.type, _text_of)
    if column.options:
        read = partial(_option, column.options)
    elif column.pattern:
        read = partial(_formed, re.compile(column.pattern))
    return partial(_list, read) if column.type == "list" else read


SENTENCE = re.compile(r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Ms|Dr|No|St)\.)(?<!\bMrs\.) (?=[\w\"'“‘(])")
"""Matches a space at which the canonical form starts a new line of prose."""

SHORT = 80
"""Maximum length of a text of several sentences that is kept on one line."""

PLAIN = re.compile(r"[A-Za-z][\w ,.()/+’“”–-]*(?<![ .])\.?")
"""Matches a text that is certainly a plain scalar on one line; PyYAML decides on all others."""

LINE = re.compile(r"[^\W_][ -~\xa0-\u1fff\u2010-\u2027\u2030-\ud7ff\U00010000-\U0010ffff]*(?<!\s)")
"""Matches a text on one line that begins with a letter or digit and needs no escapes."""

QUOTED = re.compile(r":(?: |$)| #")
"""Matches the end of a plain scalar."""

FLOW = re.compile(r"[,?\[\]{}:]")
"""Matches the end of a plain scalar in a list on one line."""

READ_AS = yaml.SafeDumper.yaml_implicit_resolvers
"""Maps the first character of a text to patterns that YAML would read as numbers, dates and the like."""

NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML 1.1 does not read as text."""


def _path(url: str) -> int:
    """Return the index at which the path of an address begins; 0 if it has none."""
    after = url.find("://") + 3 if "://" in url else 0
    found = re.compile(r"[/?#]").search(url, after)
    return found.start() if found else 0


def canonical(layer: Layer) -> str:
    """Return the canonical form of a layer."""
    return dump(layer.records, layer.head)


def dump(records: Mapping[str, Sequence[Record]], head: Head = NO_HEAD) -> str:
    """Write a head and records in canonical form.

    Tables and columns have the order of the model. Absent values and implied values are omitted. Prose of several
    sentences has one line per sentence.
    """
    parts = []
    for name, type_ in TABLES.items():
        if records.get(name):
            columns = [(column, column.attribute) for column in columns_of(type_)]
            blocks = ["\n".join(_block(record, columns, head.document)) for record in records[name]]
            parts.append(f"{name}:\n" + "\n\n".join(blocks) + "\n")
    return head.modeline + "\n".join([*_head_lines(head), *parts])


def _head_lines(head: Head) -> list[str]:
    """Write the keys of a head as one block of lines; none for an empty head."""
    lines = [f"{key}: {_scalar(getattr(head, key))}\n" for key in ("extends", "document") if getattr(head, key)]
    if head.include:
        lines += ["include:\n", *(f"  - {_scalar(name)}\n" for name in head.include)]
    return ["".join(lines)] if lines else []


def _block(record: Record, columns: Sequence[tuple[Column, str]], document: str) -> Iterator[str]:
    """Yield the lines of a record; each column comes with its attribute."""
    mark = "  - "
    implied = _implied(type(record), record.id, document)
    if record.identity:
        implied["id"] = implied_id(type(record), record.values())
    for column, attribute in columns:
        value = getattr(record, attribute)
        for line in _lines(column, value, implied) if value is not None else ():
            yield mark + line
            mark = "    "


def _lines(column: Column, value: Any, implied: Mapping[str, Any]) -> list[str]:
    """Return the lines of a value with its key; none if the value is absent or implied."""
    name = column.name
    if value is None or value == () or (column.required and name in implied and implied[name] == value):
        return []
    if column.type == "list":
        if column.ref or column.options:
            return [f"{name}: [{', '.join(_scalar(v, flow=True) for v in value)}]"]
        return [f"{name}:", *(f"  - {_scalar(v)}" for v in value)]
    if column.pattern == URL and len(re.findall(r"[^\W_]+", value)) > LONG and _path(value):
        return [f"{name}:", f"  site: {_scalar(value[: _path(value)])}", f"  path: {_scalar(value[_path(value) :])}"]
    if name == HEADING and value.isupper() and len(re.findall(r"[^\W_]+", value)) > LONG:
        words = value.split(" ")
        start, end = " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])
        return [f"{name}:", f"  start: {_scalar(start)}", f"  end: {_scalar(end)}"]
    if column.type == "float":
        return [f"{name}: {_digits(value)}"]
    if column.type in {"int", "bool"}:
        return [f"{name}: {str(value).lower()}"]
    sentences = SENTENCE.split(value)
    if len(value) > SHORT and len(sentences) > 1 and "\n" not in value:
        return [f"{name}: >-", *(f"  {sentence}" for sentence in sentences)]
    return [f"{name}: {_scalar(value)}"]


def _digits(value: float) -> str:
    """Format a number without an exponent and without trailing zeros."""
    return str(int(value)) if float(value).is_integer() else f"{value:.6f}".rstrip("0").rstrip(".")


def _scalar(text: str, flow: bool = False) -> str:
    """Write a text on one line, quoted if YAML would read it differently."""
    is_text = text.casefold() not in NOT_TEXT
    if is_text and PLAIN.fullmatch(text) and not (flow and "," in text):
        return text
    if LINE.fullmatch(text):
        bare = is_text and not (QUOTED.search(text) or (flow and FLOW.search(text)))
        if bare and not any(form.match(text) for _, form in READ_AS.get(text[0], ())):
            return text
        return "'" + text.replace("'", "''") + "'"
    data = [text] if flow else text
    written: str = yaml.dump(
        data, Dumper=yaml.SafeDumper, allow_unicode=True, width=sys.maxsize, default_flow_style=True
    )
    written = written.removesuffix("...\n").rstrip("\n")
    if flow:
        return written[1:-1]
    return written if "\n" not in written else yaml.dump(text, default_style='"', width=sys.maxsize).rstrip("\n")
