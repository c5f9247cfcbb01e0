"""Write the answers of commands on the fabricated data, with which `tests/test_expected.py` compares the program.

    python tests/expected.py            write and name the files that differ: read them before committing
    python tests/expected.py --check    report files that differ, and exit with 1

`expected/` has one folder per group of commands. A file has the name of the case, with the width of the terminal for a
table or page, or the format as its extension. Messages on stderr follow the output, each line preceded by `! `. The
versions of program and data are written as PROGRAM and DATA, and the date is that of `WRITTEN`. Method and limits,
which describe the real data, are omitted.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import shlex
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from cthbkb import __version__, build, compare, front, named, record, registry, seed
from cthbkb.registry import LISTINGS

HERE = Path(__file__).parent
FOLDER = HERE / "expected"

WIDTHS = (60, 80, 140)

WRITTEN = "2000000000"
"""The time at which the answers are written, in seconds since 1970: 18 May 2033."""

VIEWS: dict[str, tuple[str, ...]] = {
    "overview": (),
    "theme": ("--theme", "lighthouses"),
    "theme-in-other-asks": ("--theme", "joint harbour teams"),
    "theme-without-it-in-a-year": ("--theme", "cooperation"),
    "themes": ("--theme", "jht", "--theme", "night-work"),
    "theme-without-an-ask": ("--theme", "harbour-safety"),
    "theme-of-one-kind": ("--theme", "jht", "--kind", "recommendation"),
    "theme-of-two-kinds": ("--theme", "lighthouses", "--kind", "observation", "--kind", "conclusion"),
    "theme-of-two-years": ("2031", "2033", "--theme", "lighthouses"),
    "two-years": ("2031", "2035"),
    "two-years-next-to-each-other": ("2033", "2031"),
    "two-years-at-the-end": ("2033", "2035"),
    "two-years-of-one-kind": ("2031", "2033", "--kind", "recommendation"),
    "three-years": ("2035", "2031", "2033"),
    "by-modality": ("--by", "modality"),
    "by-modality-of-a-theme": ("--by", "modality", "--theme", "lighthouses"),
    "by-addressee": ("--by", "addressee"),
    "by-addressee-of-a-theme": ("--by", "addressee", "--theme", "lighthouses"),
    "by-theme": ("--by", "theme"),
    "by-theme-of-two-years-by-shift": ("--by", "theme", "2031", "2035", "--sort", "shift"),
    "by-kind-of-a-theme": ("--by", "kind", "--theme", "lighthouses"),
    "by-role": ("--by", "role"),
    "by-country": ("--by", "country"),
    "gaps": ("--by", "theme", "--gaps"),
    "gaps-of-addressees": ("--by", "addressee", "--gaps", "2031", "2033"),
    "planned": ("--planned", "2033"),
    "planned-without-topics": ("--planned", "2031"),
    "outside": ("--outside",),
    "outside-of-a-year": ("--outside", "2035"),
}
"""Maps a comparison to its command line."""

SHOWN: dict[str, tuple[str, ...]] = {
    "conferences": ("2033",),
    "sessions": ("2031-p1", "2033-p1", "2035-keynote"),
    "speakers": ("2031-p1-anna-kowalska",),
    "people": ("anna-kowalska",),
    "organizations": ("harbour-forum-secretariat", "institute-of-tides"),
    "themes": ("harbour-safety", "cooperation"),
    "recs": ("2031-p1-r1", "2031-p1-r2a", "2033-p1-r1"),
    "threads": ("lights-lit", "joint-teams", "keepers-heard", "spare-lamps"),
    "moves": ("joint-teams-2031-2033",),
    "distinctions": ("lamps-and-lights",),
    "topics": ("2033-p2-topic2",),
    "statistics": ("2031-p1-n1",),
    "instruments": ("lamp-treaty",),
    "publications": ("night-work-survey",),
    "statements": ("2033-opening-q1",),
    "activities": ("2031-act1",),
    "commitments": ("2033-com2",),
    "discrepancies": ("spelling-kowalska",),
    "abbreviations": ("jht",),
    "documents": ("2033-highlights",),
    "addressees": ("forum-states",),
    "affected_groups": ("night-crews", "keepers"),
}
"""Maps a listing, or a table without a listing, to records that together have every kind of related record."""

QUERIES: dict[str, tuple[str, ...]] = {
    "word": ("keepers",),
    "word-expanded": ("lampkeeper",),
    "acronym": ("JHT",),
    "two-words": ("tide", "tables"),
    "words-that-few-records-have-together": ("lamps", "treaty", "winter"),
    "phrase": ('"long watch"',),
    "prefix": ("light*",),
    "exclusion": ("lights", "-winter"),
    "either": ("tides", "OR", "lamps"),
    "question": ("who", "should", "pay", "for", "the", "teams"),
    "year": ("lights", "2033"),
    "year-alone": ("2035",),
    "correction": ("lihgthouse",),
    "correction-of-two-letters": ("lightouzes",),
    "accents": ("lebsk",),
    "person": ("kowalska",),
    "body": ("institute", "of", "tides"),
    "of-a-theme": ("keepers", "--theme", "night-work"),
    "of-two-themes-and-a-year": ("port", "--theme", "cooperation", "--theme", "tide-data", "--year", "2033"),
    "of-a-type": ("lights", "--type", "items"),
    "of-two-types": ("lights", "--type", "threads", "--type", "statistic"),
    "nothing": ("xylophone",),
    "elsewhere": ("what", "changed", "for", "keepers"),
    "limited": ("lights", "--limit", "3", "--cite-query"),
    "columns-sorted": ("port", "--columns", "id,year,type", "--sort", "-year"),
}
"""Maps a search to its command line."""

SCORED = ("word", "words-that-few-records-have-together", "year", "person", "nothing")
"""Searches printed with all columns. A new record changes all scores, but rarely their order."""

ANSWERS: dict[str, tuple[str, ...]] = {
    "overview": ("overview", "--format", "csv"),
    "items-of-a-theme": ("recs", "--theme", "lights", "--theme", "jht", "--year", "2031", "--format", "table"),
    "item-alone": ("recs", "--kind", "call", "--format", "table"),
    "sorted-by-what-few-have": ("recs", "--sort", "heading", "--columns", "heading,id"),
    "sorted-downwards": ("recs", "--sort", "-modality", "--columns", "modality,id", "--limit", "9"),
    "sorted-without-case": ("statistics", "--sort", "section", "--columns", "section,id"),
    "comparison-sorted": ("compare", "--by", "theme", "--sort", "-share", "--limit", "7"),
    "comparison-sorted-by-what-few-have": ("compare", "--sort", "since", "--columns", "since,thread,year"),
    "no-rows": ("recs", "--limit", "0"),
    "no-rows-of-a-search": ("search", "lights", "--limit", "0"),
    "nothing-for-two-filters": ("recs", "--theme", "fog-signals", "--year", "2031"),
    "nothing-for-two-filters-that-have-rows": ("recs", "--theme", "tide-data", "--year", "2031"),
    "cited": ("recs", "--theme", "lights", "--cite-query", "--columns", "id"),
    "cited-with-a-limit": ("recs", "--year", "2031", "--theme", "jht", "--theme", "lights", "--limit", "2",
                           "--sort", "-id", "--cite-query", "--columns", "id"),
    "cited-comparison": ("compare", "--by", "modality", "--theme", "lights", "--cite-query", "--columns", "value"),
    "cited-appearances": ("compare", "2033", "--by", "role", "--cite-query", "--columns", "value"),
    "count": ("recs", "--theme", "lights", "--count"),
    "count-of-a-comparison": ("compare", "--by", "modality", "--count"),
    "count-of-a-search": ("search", "lights", "--count"),
    "markdown": ("recs", "--session", "2031-p1", "--columns", "id,summary,affected", "--format", "markdown"),
    "yaml": ("people", "--columns", "id,name,years,survivor", "--format", "yaml"),
    "lines": ("statistics", "--columns", "id,number,themes", "--format", "jsonl"),
    "excel": ("abbreviations", "--excel"),
    "briefing-of-an-ask": ("brief", "--thread", "night-pay"),
    "briefing-of-a-person": ("brief", "--person", "kowalska"),
    "briefing-of-a-session": ("brief", "--session", "2033-p1"),
    "briefing-of-records": ("brief", "2031-p1-r1", "2033-opening-q1", "2031-p1-n1", "2031-p1-tom-reed"),
    "chart-of-themes": ("chart", "themes", "--limit", "3", "--format", "table"),
    "chart-of-asks": ("chart", "threads", "--format", "table"),
    "chart-of-a-theme": ("chart", "compare", "--theme", "cooperation", "--format", "csv"),
    "chart-of-force": ("chart", "modality", "--format", "csv"),
    "chart-of-speakers": ("chart", "speakers", "--by", "organization-kind", "--limit", "2", "--format", "csv"),
    "calendar": ("sessions", "--format", "ics"),
    "references-bibtex": ("recs", "--theme", "lights", "--theme", "tide-data", "--format", "bibtex"),
    "references-ris": ("publications", "--format", "ris"),
    "references-csl": ("cite", "2033-p2-r1", "2031-p1-n1", "2033-p2-n1", "keepers-film", "--format", "csl-json"),
    "citations": ("cite", "2033-p2-r1", "2031-p1-n1", "2035-conclusions", "--format", "jsonl"),
    "document": ("recs", "--session", "2033-p2", "--session", "2035-p1", "--format", "markdown"),
    "document-of-people": ("speakers", "--year", "2033", "--format", "markdown"),
    "briefing": ("brief", "--theme", "lighthouses"),
}  # fmt: skip
"""Maps an answer with other options to its command line."""

CHARTS: dict[str, tuple[str, ...]] = {
    "themes": ("themes", "--limit", "4"),
    "threads": ("threads",),
    "compare": ("compare", "--theme", "lighthouses"),
    "speakers": ("speakers", "--by", "country"),
    "modality": ("modality", "--year", "2031", "--year", "2033"),
}
"""Maps a chart to its command line."""

PAGES: dict[str, dict[str, Any]] = {
    "overview": {},
    "theme": {"criteria": {"theme": ["lighthouses"]}},
    "years": {"years": ["2031", "2035"]},
    "by": {"by": "modality"},
    "planned": {"planned": "2033"},
}
"""Maps a comparison to its arguments, as shown on the pages of the site."""

TOLD = """
recs --format json --excel
recs --format tsv --delimiter ;
recs --format json --raw
recs --format markdown --no-header
recs --delimiter ab
recs --delimiter '"'
recs --format xml
recs --output recs.xls
recs --output .csv
recs --limit x
abbreviations --sort shrot
themes --delimiter | --limit 1 --columns slug,label
themes --delimiter '\t' --format csv --limit 1 --columns slug,label
themes --excel --limit 1 --columns slug
themes --no-header --limit 1 --columns slug,label --format csv
statistics --theme tide-data --columns value,year
statistics --theme tide-data --columns value,year --raw
people --recurring --columns id,positions
people --recurring --columns id,survivor --format table
people --recurring --format table --limit 1
people --not-recurring --format table --limit 1
organizations --kind ngo --country Freedonia --format jsonl
recs --theme tide-data --kind observation --format jsonl
publications --theme lights --theme jht --format jsonl
commitments --theme none --format jsonl
search lamp --format table --limit 2
search zzqq --format table
search lamp --columns help
search lamp --limit 1 --columns id,matched
compare --by theme --columns ?
compare --verbatim --by theme
compare --outside --kind takeaway
compare --limit 0 --columns thread,year
compare nothing
compare 2031 2035 --planned 2033
export base.xyz
export out/ --format cvs
export out/ --format parquet --excel
brief
brief 2033-p2-r1 --theme lights
brief --theme lights --format xml
brief --theme lights --paper A3
brief --theme lights --output x.pdf
brief 2033-p2-r1 --format html --limit 2
chart compare
chart pie
packs x
packs add
packs remove a b
packs list x
packs check none
packs remove none
packs add 'My Pack.yaml'
open 2031-p1-r1 --print
open 2033-p2-r1 --print
open lighthouses --print
open blue-lantern --print
load x.yaml
load x.yaml --db base.db
check none.yaml
check tests/seed.yaml --where 2033-p2-r9
check - --fix
serve --port x
serve --port 65536
overview --format xml
overview --format table
overview --format jsonl
cite 2033-p2-r1 2031-p1-n1 --format table
cite 2033-p2-r1 --format tsv
cite joint-teams
cite 2033-p2-r1 none-such
show 2033-p2-r1 jht --format table
show jht hf --format jsonl
show 2033-p1-r9
sql 'select kind, count(*) as items from recs group by kind order by items desc limit 2'
sql --schema list_abbreviations
mcp --db none.db
"""
"""Command lines that print a message."""

BOOKS: dict[str, tuple[str, ...]] = {
    "list": ("sessions", "--year", "2033", "--year", "2035"),
    "records": ("show", "2033-p2-r1", "jht"),
    "comparison": ("compare", "--by", "kind"),
    "tables": ("export", "--table", "documents", "--table", "threads", "--table", "threads_themes"),
}
"""Maps a workbook to the command line that writes it, without its target."""

COPY = HERE / "harbour-2031.txt"

COPIED = """
sources
sources verify --all
sources locate 2031-highlights
sources locate 2031-p1-r4 "Of any ship"
recs --year 2031 --verbatim --columns id,year
speakers --verbatim --columns id,year --limit 3
show 2031-p1-r2a 2031-p1-n1 --format table
cite 2031-p1-r4 2033-p2-r1 --format jsonl
search neighbours
search "the long watch" --columns id,snippet,matched
search lamp --theme fair-pay --columns id,snippet,matched
brief 2031-p1-r4 2031-p1-q1 --verbatim
compare --theme lighthouses --verbatim
compare --theme jht --verbatim --format table
"""
"""Command lines whose answers contain the original words if there is a copy of the first document."""

SERVED = (
    "/", "/search?q=lamp+treaty", "/search?q=lamp+zzqq&type=person", "/kb/people/anna-kowalska", "/kb/people/mara",
    "/kb/sessions/2033-p2",
    "/kb/recommendations/2033-p1-r1", "/kb/affected_groups/keepers", "/kb/discrepancies/teams-and-pay",
    "/kb/list_topics?_status=silent", "/kb/list_abbreviations?_search=HF&_columns=all",
    "/kb/what-was-promised?year=2031", "/kb/themes/none",
)  # fmt: skip
"""Pages of the site."""

EXPORTED = ("people", "statistics", "recommendations", "recommendations_addressees", "sessions_organisers")
PACKED = ("themes", "sessions_organisers", "statistics", "organizations")


class Case(NamedTuple):
    """A command with the files that contain its answers."""

    group: str
    name: str
    files: dict[str, tuple[tuple[str, ...], int]]


def cases() -> Iterator[Case]:
    """Yield every case; `files` maps the name of a file to the arguments and the width of the terminal."""

    def case(group: str, name: str, argv: tuple[str, ...], widths: tuple[int, ...], formats: str) -> Case:
        files = {f"{name}-{width}.txt": ((*argv, "--format", "table"), width) for width in widths}
        files |= {f"{name}.{format}": ((*argv, "--format", format), 80) for format in formats.split()}
        return Case(group, name, files)

    for name, argv in VIEWS.items():
        yield case("compare", name, ("compare", *argv), WIDTHS, "tsv")
    for name in LISTINGS:
        yield case("lists", name, (name,), (80, 140), "json")
    for name, ids in SHOWN.items():
        yield case("show", name, ("show", *ids), (80,), "csv")
    for name, argv in QUERIES.items():
        whole = name in SCORED or "--columns" in argv
        columns = () if whole else ("--columns", "type,id,year,kind,snippet,matched")
        yield case("search", name, ("search", *argv, *columns), (80,) if name in SCORED else (), "tsv")
    for name, argv in CHARTS.items():
        yield case("chart", name, ("chart", *argv), (60, 140), "csv")
    for name, argv in ANSWERS.items():
        yield Case("answers", name, {f"{name}.txt": (argv, 80)})


def texts(case: Case, database: Path) -> dict[str, str]:
    """Return the expected content of each file by name."""
    return {name: output(argv, width, database) for name, (argv, width) in case.files.items()}


def output(argv: tuple[str, ...], width: int, database: Path, home: str = "/nowhere") -> str:
    """Return the output of a command on a terminal of a width, without trailing spaces, followed by its messages.

    `home` is the folder with the packs and the copies of the documents: by default there are none.
    """
    out, err = io.StringIO(), io.StringIO()
    given = {"COLUMNS": str(width), "NO_COLOR": "1", "CTHBKB_DB": str(database), "SOURCE_DATE_EPOCH": WRITTEN}
    given["XDG_DATA_HOME"] = home
    with patch.dict(os.environ, given), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = front.main([*argv])
    lines = [line.rstrip(" ") for line in out.getvalue().splitlines()]
    said = [f"! {line}" for line in err.getvalue().splitlines()]
    return _lasting("\n".join([*lines, *said, *([f"! exit {code}"] if code else [])]) + "\n", database)


def _lasting(text: str, database: Path) -> str:
    """Return a text without the versions of program and data."""
    return text.replace(_version(database), "DATA").replace(f"cthbkb {__version__}", "PROGRAM")


def _version(database: Path) -> str:
    with contextlib.closing(sqlite3.connect(database)) as db:
        return str(db.execute("select value from meta where key = 'data'").fetchone()[0])


def links(database: Path) -> str:
    """Return the related records of all records, by table, id, part and id of the related record."""
    lines = []
    with contextlib.closing(named.connect(str(database))) as db:
        for table in registry.SHOWN:
            ids = [i for (i,) in db.execute(f"select id from {table} order by seq")]
            for id_ in ids:
                for part, found in record.show(db, table, id_).linked.items():
                    lines.append(f"{table}\t{id_}\t{part}\t{', '.join(str(i) for i, _ in found)}\n")
    return "".join(lines)


def exported(database: Path) -> str:
    """Return some of the files that `export` writes, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        tables = [word for name in EXPORTED for word in ("--table", name)]
        output(("export", folder, *tables), 80, database)
        return "".join(f"{name}:\n{Path(folder, name + '.csv').read_text('utf-8')}\n" for name in EXPORTED)


def written(target: str, *tables: str) -> Callable[[Path], str]:
    """Return a function for the text of a file that `export` writes: all tables, or the named ones."""

    def made(database: Path) -> str:
        with tempfile.TemporaryDirectory() as folder:
            words = [word for name in tables for word in ("--table", name)]
            output(("export", f"{folder}/{target}", *words), 80, database)
            name = "datapackage.json" if target.endswith("/") else ""
            text = Path(folder, target, name).read_text("utf-8").replace(folder, "")
            return _lasting(text, database)

    return made


def stored(database: Path) -> str:
    """Return the statements that create an exported database, and its description of itself."""
    with tempfile.TemporaryDirectory() as folder:
        tables = [word for name in (*PACKED, "threads_followed_by", "threads") for word in ("--table", name)]
        output(("export", f"{folder}/base.db", *tables), 80, database)
        with contextlib.closing(sqlite3.connect(f"{folder}/base.db")) as db:
            made = db.execute("select name, sql from sqlite_master where sql > '' order by rowid").fetchall()
            statements = [sql for name, sql in made if "_fts_" not in name]  # created by SQLite itself
            about = [": ".join(row) for row in db.execute("select heading, text from about order by row")]
    return _lasting("\n".join([*statements, "", *about]).replace(folder, "") + "\n", database)


def told(database: Path) -> str:
    """Return the answers to the command lines in `TOLD`, with their messages."""
    lines = TOLD.strip().split("\n")
    return "\n".join(f"$ cthbkb {line}\n{output(tuple(shlex.split(line)), 80, database)}" for line in lines)


def copied(database: Path) -> str:
    """Return the answers to the command lines in `COPIED`, with a copy of the first document."""
    with tempfile.TemporaryDirectory() as home:
        lines = [f"sources add {COPY}", *COPIED.strip().split("\n"), "sources remove 2031-highlights"]
        said = [output(tuple(shlex.split(line)), 80, database, home) for line in lines]
    return "\n".join(f"$ cthbkb {line}\n{text}" for line, text in zip(lines, said, strict=True)).replace(f"{HERE}/", "")


def books(database: Path) -> str:
    """Return the cells of some workbooks: the value of each and, after an arrow, its link."""
    import openpyxl

    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name, argv in BOOKS.items():
            path = f"{folder}/{name}.xlsx"
            target = (argv[0], path, *argv[1:]) if argv[0] == "export" else (*argv, "--output", path)
            lines += [f"$ cthbkb {' '.join(target)}", *output(target, 80, database).splitlines()]
            book = openpyxl.load_workbook(path)
            lines.append(f"{book.properties.title}, {book.properties.created:%Y-%m-%d}")
            for sheet in book:
                wide = [f"{at} {of.width:.0f}" + " hidden" * of.hidden for at, of in sheet.column_dimensions.items()]
                frame = [sheet.freeze_panes, sheet.auto_filter.ref, sheet.oddFooter.left.text]
                lines += ["", f"{sheet.title} ({', '.join(wide)}):", " ".join(filter(None, frame))]
                for row in sheet.iter_rows():
                    links = [cell.hyperlink and (cell.hyperlink.target or cell.hyperlink.location) for cell in row]
                    cells = [f"{c.value!r}" + (f" -> {to}" if to else "") for c, to in zip(row, links, strict=True)]
                    lines.append(" | ".join(cells).replace("None", ""))
            lines.append("")
    return _lasting("\n".join(lines).replace(f"{folder}/", ""), database)


def tools(database: Path) -> str:
    """Return the answers of the tools for assistants."""
    from cthbkb import KnowledgeBase, assistant

    with KnowledgeBase(database) as kb, patch.dict(os.environ, XDG_DATA_HOME="/nowhere"):
        tool = assistant.Tools(kb)
        wanted = assistant.Filters.model_validate({"theme": ["lights", "jht"], "year": "2031-2033"})
        unwanted = assistant.Filters.model_validate({"kind": "observation"})
        found = [
            tool.search("lamps treaty", type=["instruments", "recs"], limit=2),
            tool.list_records("recs", wanted, unwanted, ["id", "summary"], "-id", 3),
            tool.list_records("speakers", assistant.Filters.model_validate({"country": "Ruritania"})),
            tool.get_record("Anna Kowalska"),
            tool.get_record("2031-p1-r2a"),
            tool.compare("lights", [2031, 2033]),
            tool.compare(planned=2033),
            tool.compare(by="theme", gaps=True),
            tool.compare(outside=True),
            tool.facets("recs", "theme", wanted),
            tool.facets("speakers", "country"),
            tool.cite(["2033-p2-r1", "2031-p1-n1", "keepers-film"]),
        ]
        texts = [*(one.model_dump_json(indent=1) for one in found), tool.document("2033-highlights")]
    return _lasting("\n".join(texts), database)


@contextlib.contextmanager
def serving(database: Path) -> Iterator[Callable[[str], Any]]:
    """Yield a function that requests a path of the site, without a server and threads, which cost more than pages."""
    import httpx

    from cthbkb.web.app import SETTINGS, Site, pm

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(SETTINGS, num_sql_threads=0),
        patch("datasette.facets.detect_json1", return_value=True),  # it leaves a connection open for each list
        asyncio.Runner() as runner,
    ):
        path = shutil.copyfile(database, f"{folder}/kb.db")
        made = Site(path, given=str(database))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(made.application()), base_url="http://127.0.0.1")
        yield lambda path: runner.run(client.get(path))
        runner.run(client.aclose())
        pm.unregister(name="cthbkb")
        made.db.close()
        for base in made.datasette.databases.values():
            for connection in filter(None, (base._read_connection, base._write_connection)):
                connection.close()


def pages(get: Callable[[str], Any], database: Path) -> str:
    """Return some pages of the site; all but the first without what surrounds their content."""
    texts = {path: get(path).text for path in SERVED}
    main = {path: re.sub(r".*(<main.*</main>).*", r"\1", text, flags=re.DOTALL) for path, text in texts.items()}
    made = "\n".join(f"<!-- {path} -->\n{text}" for path, text in {**main, "/": texts["/"]}.items())
    return _lasting(re.sub(r"\s*\n\s*", "\n", made) + "\n", database)


def _served(database: Path) -> str:
    with serving(database) as get:
        return pages(get, database)


def compared(asked: dict[str, Any]) -> Callable[[Path], str]:
    """Return a function for a comparison as shown on the site."""

    def made(database: Path) -> str:
        from cthbkb.web import blocks, describe, links

        with contextlib.closing(named.connect(str(database))) as db:
            found = compare.make(db, compare.asked(db, **{"criteria": {}, "years": [], **asked}))
            assert found.page
            return str(blocks.Blocks(links.Links(db, describe.references(db))).set(found.page())) + "\n"

    return made


WHOLE: dict[str, Callable[[Path], str]] = {
    "show/links.tsv": links,
    "answers/export.txt": exported,
    "answers/linked.jsonld": written("base.jsonld"),
    "answers/tables.json": written("base.json", "people", "statistics", "threads_themes"),
    "answers/package.json": written("out/", *PACKED),
    "answers/schema.sql": stored,
    "answers/told.txt": told,
    "answers/copies.txt": copied,
} | {f"site/{name}.html": compared(asked) for name, asked in PAGES.items()}
"""Maps a file to the function that makes it, for files that are not the output of one command."""

ELSEWHERE: dict[str, Callable[[Path], str]] = {
    "answers/workbooks.txt": books,
    "answers/tools.txt": tools,
    "site/pages.html": _served,
}
"""The same for files compared by the tests of a module that needs a large library, which import it anyway."""


def read(name: str) -> str:
    """Return the expected content of a file."""
    return (FOLDER / name).read_text(encoding="utf-8")


def main() -> int:
    """Write the files, or report which differ."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "fabricated.db")
        build.build(seed.load(HERE / "seed.yaml"), database)
        made = {f"{c.group}/{name}": text for c in cases() for name, text in texts(c, database).items()}
        made |= {name: make(database) for name, make in (WHOLE | ELSEWHERE).items()}
    there = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*") if path.is_file()}
    stale = sorted(set(there) - set(made))
    differs = [name for name, text in made.items() if name not in there or there[name].read_text("utf-8") != text]
    if "--check" not in sys.argv:
        for name in stale:
            there[name].unlink()
        for name in differs:
            (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(made[name], encoding="utf-8")
    for name in (*differs, *stale):
        print(name)
    return 1 if "--check" in sys.argv and (differs or stale) else 0


if __name__ == "__main__":
    raise SystemExit(main())
