"""Writes the parts of the documentation that follow from the program: real output and tables of what there is.

    python docs/make.py            write them
    python docs/make.py --check    say which file differs, and exit 1

A block of README.md that begins with ```` ```console ```` and `$ cthbkb ...` holds what that command prints on a
terminal 80 columns wide; what is between the marks `scope` says what the base holds. `docs/commands.md`,
`docs/data.md` and `docs/views.md` are written whole, from the table of commands, the model and the registry. The cells
of `docs/notebook.ipynb` are run, and its outputs are written.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
import textwrap
from pathlib import Path

import nbclient
import nbformat
from traitlets.config import Config

from cthbkb import account, front, seed, store, views
from cthbkb.catalog import COMMANDS, Option
from cthbkb.catalog import output as shared
from cthbkb.commands.sql import WORDS
from cthbkb.model import TABLES, Column, columns_of
from cthbkb.registry import LISTINGS
from cthbkb.scales import CHANGES, FORCES

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = 90
"""Characters that an example may have."""

SCOPE = re.compile(r"(<!-- scope -->).*?(<!-- /scope -->)", re.DOTALL)
BLOCK = re.compile(r"```console\n\$ (cthbkb[^\n]*)\n.*?```", re.DOTALL)


def output(command: str) -> str:
    """Return what a command prints on a terminal 80 columns wide, without the talk on stderr."""
    argv = shlex.split(command)[1:] or ["overview"]
    if "--format" not in argv and "-f" not in argv and "--count" not in argv and argv[0] in COMMANDS:
        argv += ["--format", "table"]
    out, err = io.StringIO(), io.StringIO()
    os.environ.update(COLUMNS="80", NO_COLOR="1")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = front.main(argv)
    if code:
        raise SystemExit(f"{command}: exit {code}\n{err.getvalue()}")
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


NOUNS = re.compile(r"Nouns list: .*?everywhere\.", re.DOTALL)


def _nouns() -> str:
    """Return the sentence of the README that names every command."""
    verbs = [name for name in COMMANDS if name not in LISTINGS and name != "overview"]
    nouns, others = (" ".join(f"`{name}`" for name in names) for names in (LISTINGS, verbs))
    text = f"Nouns list: {nouns}. Verbs do: {others}. An option means the same everywhere."
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def readme() -> str:
    """Return README.md with the output of its commands as it is now."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    text = NOUNS.sub(lambda _: _nouns(), text)
    text = SCOPE.sub(lambda m: f"{m[1]}\nThe base holds {_scope()}.\n{m[2]}", text)
    return BLOCK.sub(lambda m: f"```console\n$ {m[1]}\n{output(m[1])}\n```", text)


def _scope() -> str:
    """Return what the packaged base holds, in words."""
    with contextlib.closing(store.open_database()) as db:
        return account.scope(db)


def commands() -> str:
    """Return docs/commands.md."""
    lines = ["# Commands", "", "Made by `python docs/make.py` from `catalog.py`.", ""]
    every = shared(LISTINGS["recs"].columns)
    lines += ["Options of every command that answers with rows:", "", *_options(every), ""]
    for command in COMMANDS.values():
        own = [o for o in command.options if o not in every and o.name not in {"columns", "sort"} and not o.hidden]
        lines += [f"## {command.name}", "", command.help, "", f"    {command.example}", ""]
        lines += [*_options(own), ""] if own else []
    return "\n".join(lines).rstrip() + "\n"


def _options(options: list[Option] | tuple[Option, ...]) -> list[str]:
    rows = ["| option | what it does |", "| --- | --- |"]
    for o in options:
        short = f", `-{o.short}`" if o.short else ""
        rows.append(f"| `--{o.name}{' ' + o.noun if o.noun else ''}`{short} | {o.help} |")
    return rows


def data() -> str:
    """Return docs/data.md."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `python docs/make.py` from `model.py`. One section a table of `data/seed.yaml`, which is a table of",
        "the database too. A column that may be absent is null there; a list is a JSON array in the row, and a list of",
        "references has a link table `TABLE_COLUMN(value, year, seq, id)` beside it: `id` is that of the record,",
        "`seq` its place in print order.",
        "",
        "What to know beyond the tables:",
        "",
        "- `thread` of an item, a column of `recs`, is the first of its threads in `thread_items`; `change` is that of",
        "  this thread into the year of the item, from the last conference before it that speaks.",
        "- The rows of `compare` have the `state` of an ask in a year (asked, noted or -) and the `change` from the",
        "  year `since`, the last of those compared in which the ask stands; `net` is the change over all of them.",
        "- `url` of an item is the address that its document prints for itself, or for its conference; else null.",
        "- An address of more than eight words is written as `site` and `path` in the seed and joined when it is read:",
        "  the search for copied sentences takes words in a row for a copy, wherever they stand.",
        "- A heading in capitals of more than eight words is written as `start` and `end`, for the same reason.",
        "- A sentence of prose is an item of kind `conclusion` where it says what somebody must, should, needs to or",
        "  is encouraged to do, or what is essential for the aim; or where it draws a conclusion about the response to",
        "  trafficking: a gap, an obstacle or a lesson that the document, or a panel as a body, states. Proceedings,",
        "  thanks, figures, remarks of named speakers and sentences that repeat a listed item are none. Sentences",
        "  in a row on one point are one item.",
        "- Summaries use the terms of the field (durable solutions, non-punishment principle) and copy no sentence:",
        "  `should consider` is not `must`, `in particular` not `above all`, `may` not `can`.",
        "- `speaker_as_printed` may leave out words within a printed line, marked by [...].",
        "- In CSV and TSV a cell that a spreadsheet would run as a formula begins with an apostrophe; in this data",
        "  those are the handles of accounts, such as '@osce_cthb. JSON, and CSV and TSV with `--raw`, have them as",
        "  they are. In TSV a cell that begins with a quotation mark is quoted as in CSV; a line break is a space.",
        "",
    ]
    found = seed.load(ROOT / "data" / "seed.yaml")
    for name, scale in (("modality", FORCES), ("change", CHANGES)):
        lines += [f"The words of `{name}`:", "", "| word | means |", "| --- | --- |"]
        lines += [*(f"| {word} | {means} |" for word, means in scale.items()), ""]
    for name, type_ in TABLES.items():
        lines += [f"## {name}", "", f"One row is {type_.about}.", ""]
        lines += ["| column | type | what it holds, and by which rule | example |", "| --- | --- | --- | --- |"]
        lines += [f"| `{c.name}` | {_type(c)} | {_doc(c)} | {_example(found, name, c)} |" for c in columns_of(type_)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _example(found: seed.Seed, table: str, column: Column) -> str:
    """Return a value of a column from the packaged records: the first of a length that suits a table."""
    for record in found.records[table]:
        value = record.get(column.name)
        text = "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        if text and len(text) <= EXAMPLE:
            return f"`{text}`" if "`" not in text and "|" not in text else ""
    return ""


def _type(column: Column) -> str:
    names = {"str": "text", "int": "integer", "float": "number", "bool": "true", "list": "list"}
    return names[column.type] + ("" if column.required else ", may be absent" if column.type != "list" else "")


def _doc(column: Column) -> str:
    ref = f" An id of `{column.ref}`." if column.ref else ""
    options = f" One of {', '.join(f'`{o}`' for o in column.options)}." if column.options else ""
    return f"{column.doc}{ref}{options}"


def of_views() -> str:
    """Return docs/views.md."""
    lines = [
        "# Views",
        "",
        "Made by `python docs/make.py`. One section a view of the database, for `cthbkb sql`, Datasette, R and any",
        "other program that reads SQLite. `seq`, which every view has, is the place in print order. A command whose",
        "name is not that of a table, such as `recs`, names its view too. The tables are in [data.md](data.md).",
        "",
    ]
    with contextlib.closing(store.open_database()) as db:
        for name, about, fields in views.named(db, []):
            lines += [f"## {name}", "", about, "", "| column | holds | refers to | what it means |"]
            lines += ["| --- | --- | --- | --- |"]
            lines += [f"| `{f.name}` | {WORDS[f.type]} | {f.ref} | {f.doc} |" for f in fields]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def notebook() -> str:
    """Return docs/notebook.ipynb with the outputs of its cells as they are now.

    Raises:
        nbclient.exceptions.CellExecutionError: when a cell fails.
    """
    found = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    kept = dict(found.metadata)
    settings = Config({"KernelManager": {"transport": "ipc"}})
    with tempfile.TemporaryDirectory() as folder:
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        nbclient.NotebookClient(
            found, timeout=120, kernel_name="python3", record_timing=False, coalesce_streams=True, config=settings
        ).execute()
    found.metadata = kept  # the version of this Python is of no interest
    return nbformat.writes(found) + "\n"


PAGES = {
    "README.md": readme,
    "docs/commands.md": commands,
    "docs/data.md": data,
    "docs/notebook.ipynb": notebook,
    "docs/views.md": of_views,
}


def main() -> int:
    """Write the pages, or say which differ."""
    stale = []
    os.environ["XDG_DATA_HOME"] = os.devnull  # no packs of whoever runs it
    for name, make in PAGES.items():
        path, text = ROOT / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale:
        print(("differs: " if "--check" in sys.argv else "wrote ") + ", ".join(stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
