"""The reader's own query: it reads, within limits, and its errors are reported."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import time
import zipfile
from pathlib import Path

import pytest
from conftest import Run, each

from cthbkb import named, sql, views
from cthbkb.errors import Failure, UsageError
from cthbkb.model import TABLES
from cthbkb.registry import LISTINGS


def answer(run: Run, query: str, *options: str) -> object:
    done = run("sql", query, "--format", "json", *options)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


@each("listing", sorted(LISTINGS))
def test_a_view_has_the_rows_of_its_listing_in_print_order(run: Run, listing: str) -> None:
    listed = json.loads(run(listing, "--format", "json", "--columns", LISTINGS[listing].key).out)
    found = answer(run, f"select {LISTINGS[listing].key} from list_{listing} order by seq")
    assert found == listed


def test_lists_numbers_and_null_keep_their_types(run: Run) -> None:
    assert answer(run, "select themes, year, change from recs where id = '2033-p2-r1'") == [
        dict(zip(("themes", "year", "change"), row.values(), strict=True))
        for row in json.loads(run("recs", "--format", "json", "--columns", "themes,year,change", "--session", "2033-p2",
                                  "--kind", "recommendation", "--limit", "1").out)
    ]  # fmt: skip
    assert answer(run, "select years from list_people where id = 'anna-kowalska'") == [{"years": [2031, 2033]}]
    assert answer(run, """select '["a","b"]' as texts, '[1,2]' as numbers, '[1,"b"]' as mixed, '[1, 2]' as spaced,
                          1.5 as real, null as unknown, x'00ff' as bytes, 9e999 as endless""") == [
        {
            "texts": ["a", "b"], "numbers": [1, 2], "mixed": '[1,"b"]', "spaced": "[1, 2]", "real": 1.5,
            "unknown": None, "bytes": "00ff", "endless": "inf",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("taker", ["json_each", "json_tree"])
def test_a_list_can_be_expanded(run: Run, taker: str) -> None:
    query = f"select r.id, value as theme from recs r, {taker}(themes) j where j.type = 'text' order by seq, key"
    rows = json.loads(run("recs", "--columns", "id,themes", "--format", "json").out)
    assert answer(run, query) == [{"id": row["id"], "theme": theme} for row in rows for theme in row["themes"]]


def test_columns_with_the_same_name_are_numbered(run: Run) -> None:
    assert answer(run, "select 1 as a, 2 as a, 3 as a_2, 4 as ''") == [{"a": 1, "a_2": 2, "a_2_2": 3, "column_4": 4}]
    assert answer(run, "select 1 as a, 2 as a, 3 as a, 4 as a") == [{"a": 1, "a_2": 2, "a_3": 3, "a_4": 4}]


@pytest.mark.parametrize("format", ["tsv", "csv", "json", "jsonl", "markdown", "yaml", "table"])
def test_every_format_writes_the_rows(run: Run, format: str) -> None:
    done = run("sql", "select id, kind from recs where id = '2033-p2-r1'", "--format", format)
    assert (done.code, done.err) == (0, "")
    assert "2033-p2-r1" in done.out
    assert "recommendation" in done.out


def typed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Use some bytes as standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"select '\xff'", "error: the query on standard input is not text"),
        (b"select '" + b"x" * 1_000_000, "error: the query is longer than 1 MB"),
        (b"select '\0'", "error: the query is invalid: "),
        (b"", "error: the query is empty"),
    ],
)
def test_an_invalid_query_on_standard_input_is_wrong_usage(
    run: Run, monkeypatch: pytest.MonkeyPatch, data: bytes, error: str
) -> None:
    typed(monkeypatch, data)
    done = run("sql", "-")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(error)


def test_a_query_comes_from_standard_input_and_from_several_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, b"\xef\xbb\xbf-- how many\nselect count(*) as n\nfrom themes;\n")
    assert run("sql", "-").out == "n\n9\n"
    assert run("sql", "select", "count(*)", "as", "n", "from", "themes").out == "n\n9\n"


@each(
    "query, code, error",
    [
        ("delete from themes", 1, "error: the query is not read-only"),
        ("insert into themes (id) values ('x')", 1, "error: the query is not read-only"),
        ("create temp table x (a)", 1, "error: the query is not read-only"),
        ("drop view recs", 1, "error: the query is not read-only"),
        ("attach 'other.db' as other", 1, "error: the query is not read-only"),
        ("vacuum into 'other.db'", 1, "error: the query is not read-only"),
        ("pragma journal_mode = off", 1, "error: the query is not read-only"),
        ("select * from pragma_table_info('recs')", 1, "error: the query is not read-only"),
        ("select load_extension('x')", 1, "error: the query is not read-only"),
        ("begin", 1, "error: the query is not read-only"),
        ("select zeroblob(30000000)", 1, "error: a value is larger than 20 MB"),
        ("select 1; select 2", 2, "error: more than one statement"),
        (" ;", 2, "error: the query is empty"),
        ("/* nothing */", 2, "error: the query returns no rows"),
        ("select ?", 2, "error: the query has a parameter without a value"),
        ("select :id", 2, "error: the query has a parameter without a value"),
        ("selec 1", 2, 'error: the query is invalid: near "selec": syntax error'),
        ("select * from search", 2, "error: 'search' is part of the full-text index"),
        ("select yaer from recs", 2, "error: there is no column 'yaer'\nhint: Did you mean year"),
        (
            "select years from people",
            2,
            "error: there is no column 'years' here\nhint: Views with this column: list_people, list_threads. ",
        ),
        ("select * from reks", 2, "error: there is no view or table 'reks'\nhint: Did you mean recs"),
        ("select cuont(*) from recs", 2, "error: there is no function 'cuont'\nhint: Did you mean count"),
        ("select '\udcff'", 2, "error: the query is invalid: "),
    ],
)
def test_an_invalid_query_is_refused_with_the_reason(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, code: int, error: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = run("sql", "select count(*) from themes").out
    done = run("sql", query)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(error)
    assert "\nhint: " in done.err
    assert list(tmp_path.glob("*.db")) == []
    assert run("sql", "select count(*) from themes").out == before


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select {} from n"


def test_a_query_that_takes_too_long_is_stopped(run: Run) -> None:
    started = time.monotonic()
    done = run("sql", ENDLESS.format("count(*)"), "--timeout", "0.05")
    assert time.monotonic() - started < 5
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: the query took longer than 0.05 seconds\nhint: Select fewer rows, or allow more time: --timeout 60\n"
    )


@pytest.mark.parametrize("timeout", ["0", "-1", "x", "4000", "1e3"])
def test_a_timeout_is_a_number_of_seconds(run: Run, timeout: str) -> None:
    done = run("sql", "select 1", f"--timeout={timeout}")
    assert (done.code, done.err.split("\n")[0]) == (
        2, f"error: timeout {timeout!r} is not a number of seconds up to 3600",
    )  # fmt: skip


def test_rows_beyond_the_limit_are_omitted_with_a_note(run: Run) -> None:
    done = run("sql", ENDLESS.format("x"), "--no-header")
    assert done.out.split() == [str(n) for n in range(1, sql.ROWS + 1)]
    assert done.err == "only the first 10000 rows; for more: --limit 100000\n"
    done = run("sql", ENDLESS.format("x"), "--limit", "2", "--no-header")
    assert (done.out, done.err) == ("1\n2\n", "only the first 2 rows; for more: --limit 20\n")
    done = run("sql", "select 1 as a union select 2", "--limit", "2")
    assert (done.out, done.err) == ("a\n1\n2\n", "")


def test_a_result_that_would_fill_the_memory_is_refused(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sql.MOST <= 100_000_000
    monkeypatch.setattr(sql, "MOST", 10_000_000)
    with pytest.raises(Failure, match="the result is larger than 10 MB"):
        sql.run(db, ENDLESS.format("zeroblob(1000000)"))


def test_the_connection_is_unchanged_after_a_query(db: sqlite3.Connection) -> None:
    for query in ("select 1", "delete from themes"):
        try:
            sql.run(db, query)
        except Failure:
            pass
        assert db.execute("select count(*) from pragma_table_info('themes')").fetchone()[0] > 5


def test_a_damaged_database_is_reported_as_damaged(run: Run, database: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    content = bytearray(database.read_bytes())
    db = named.connect(str(database))
    (size,) = db.execute("pragma page_size").fetchone()
    (page,) = db.execute("select rootpage from sqlite_schema where name = 'themes'").fetchone()
    db.close()
    content[(page - 1) * size : page * size] = b"\xff" * size
    damaged.write_bytes(content)
    done = run("sql", "select * from themes", db=damaged)
    assert done.code == 1
    assert done.err.startswith(f"error: {damaged} is damaged: ")


def test_the_schema_describes_each_column_of_each_view(run: Run, database: Path) -> None:
    rows = json.loads(run("sql", "--schema", "--format", "json").out)
    db = named.connect(str(database))
    for listing in LISTINGS:
        columns = [d[0] for d in db.execute(f"select * from list_{listing} limit 0").description]
        told = [row for row in rows if row["view"] == f"list_{listing}"]
        assert {row["column"] for row in told} == set(columns) - {"seq"}
        assert all(row["meaning"].endswith((".", "below.")) for row in told), [r for r in told if not r["meaning"]]
        assert {row["refers_to"] for row in told} <= {None, *TABLES}
    db.close()
    assert {row["view"] for row in rows} == {f"list_{listing}" for listing in LISTINGS}


@each("listing", sorted(LISTINGS))
def test_a_column_contains_what_the_schema_says(db: sqlite3.Connection, listing: str) -> None:
    for field in views.fields(db, LISTINGS[listing]):
        every = [cell for (cell,) in db.execute(f'select "{field.name}" from list_{listing}')]
        cells = [cell for cell in every if cell is not None]
        if field.type == "list":
            assert all(isinstance(json.loads(cell), list) for cell in cells)
            assert cells == every, f"{field.name}: an empty list is not null"
        elif field.type in {"int", "float"}:
            assert all(isinstance(cell, int | float) for cell in cells), field.name
        elif field.type == "bool":
            assert set(cells) <= {0, 1}
        else:
            assert all(isinstance(cell, str) for cell in cells), field.name
        if field.ref:
            ids = {row[0] for row in db.execute(f"select id from {field.ref}")}
            found = {i for cell in cells for i in (json.loads(cell) if field.type == "list" else [cell])}
            assert found <= ids, field.name


def test_the_schema_of_a_view_or_table_is_printed_by_its_name(run: Run) -> None:
    assert {row.split("\t")[0] for row in run("sql", "--schema", "recs", "themes").out.splitlines()[1:]} == {
        "recs", "themes",
    }  # fmt: skip
    done = run("sql", "--schema", "reks")
    assert done.code == 2
    assert done.err.startswith("error: unknown view or table 'reks'\nhint: Did you mean recs")


def test_the_line_to_reproduce_names_the_query(run: Run) -> None:
    done = run("sql", "select id from themes", "--cite-query")
    assert done.err.startswith("query: cthbkb sql 'select id from themes'; data ")
    assert "; 9 records " in done.err


def test_columns_are_chosen_and_rows_sorted_before_the_limit(run: Run) -> None:
    query = "select id, year, kind from recs"
    done = run("sql", query, "--columns", "kind,id", "--sort", "-id", "--limit", "2")
    rows = json.loads(run("recs", "--format", "json", "--sort", "-id", "--limit", "2").out)
    assert done.out == "kind\tid\n" + "".join(f"{row['kind']}\t{row['id']}\n" for row in rows)
    assert done.err == "only the first 2 rows; for more: --limit 20\n"
    assert run("sql", query, "--columns", "help").out == "id\nyear\nkind\n"
    assert run("sql", query, "--count").out == "21\n"
    assert run("sql", f"{query} where 0", "--count", "--fail-empty").code == 3
    done = run("sql", query, "--sort", "yaer")
    assert (done.code, done.err.split("\n")[0]) == (2, "error: unknown column 'yaer'")


def test_a_column_has_the_type_of_its_cells(db: sqlite3.Connection) -> None:
    def held(*cells: str) -> tuple[str, type]:
        (column,) = sql.run(db, " union all ".join(f"select {cell} as a" for cell in cells)).columns
        return column.holds, column.of

    cases: dict[tuple[str, ...], str] = {
        ("1", "2.5", "null"): "number", ("1", "'a'"): "text", ("null",): "text", (f"'{'a' * 41}'", "1"): "prose",
        (f"'{'a' * 40}'",): "text", ("""'["a"]'""",): "list", ("""'["a"]'""", "null"): "text", ("'[]'",): "list",
        ("'[1]'", "'[]'"): "list", ("'[1.5]'",): "text", ("'[true]'",): "text", ("""'["a", "b"]'""",): "text",
        ("""'["ä"]'""",): "list", ("'[1'",): "text", ("'{}'",): "text", ("x'5b5d'",): "text",
    }  # fmt: skip
    assert {case: held(*case)[0] for case in cases} == cases
    assert (held("'[1]'")[1], held("""'["a"]'""")[1]) == (int, str)
    found = sql.run(db, "select 1 as a, 2 as b where 0")
    assert ([(c.name, c.holds) for c in found.columns], found.rows, found.cut) == (
        [("a", "text"), ("b", "text")],
        [],
        False,
    )


def test_a_query_is_cut_after_the_limit_and_not_at_it(db: sqlite3.Connection) -> None:
    three = "select 1 as a union select 2 union select 3"
    found = {limit: sql.run(db, three, limit) for limit in (0, 1, 2, 3, 4)}
    assert {limit: ([row[0] for row in of.rows], of.cut) for limit, of in found.items()} == {
        0: ([], True), 1: ([1], True), 2: ([1, 2], True), 3: ([1, 2, 3], False), 4: ([1, 2, 3], False),
    }  # fmt: skip


def test_a_higher_limit_is_suggested_and_the_time_is_limited(run: Run) -> None:
    assert run("sql", ENDLESS.format("x"), "--limit", "0").err == "only the first 0 rows; for more: --limit 10\n"
    assert run("sql", "select 1 as a", "--timeout", "3600").out == "a\n1\n"
    assert run("sql", "select 1 as a", "--timeout", "3600.5").code == 2
    assert run("sql", "select 1 as a", "--timeout", ".5").code == 0
    assert run("sql").err.startswith("error: sql needs a query\nhint: Write, for example: cthbkb sql ")
    done = run("sql", "select id, year from recs", "--count", "--limit", "3")
    assert (done.out, done.err) == ("3\n", "only the first 3 rows; for more: --limit 30\n")
    assert run("sql", "select id from themes where 0", "--count").code == 0
    sorted_ = run("sql", "select id from recs order by id desc", "--sort", "id", "--limit", "2", "--no-header").out
    assert sorted_.split() == sorted(run("recs", "--columns", "id").out.split()[1:])[:2]


def test_an_unknown_name_is_reported_with_the_views_that_have_it(db: sqlite3.Connection) -> None:
    def told(query: str) -> tuple[str, str]:
        with pytest.raises(UsageError) as raised:
            sql.run(db, query)
        return raised.value.message, raised.value.hint

    look = "Views and columns: cthbkb sql --schema"
    cases = {
        "select yaer from list_recs": ("there is no column 'yaer'", f"Did you mean year? {look}"),
        "select r.pattern from recs r": (
            "there is no column 'r.pattern' here",
            f"Views with this column: list_threads. {look}",
        ),
        "select qqqqq from recs": ("there is no column 'qqqqq'", look),
        "select 1 from main.list_rec": ("there is no view or table 'main.list_rec'", f"Did you mean list_recs? {look}"),
        "select 1 from theems": ("there is no view or table 'theems'", f"Did you mean themes? {look}"),
    }  # fmt: skip
    assert {query: told(query) for query in cases} == cases


def test_an_interruption_other_than_a_timeout_is_ctrl_c(db: sqlite3.Connection) -> None:
    error = sqlite3.OperationalError("interrupted")
    error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
    assert isinstance(sql._translated(db, error, 0), KeyboardInterrupt)
    told = sql._translated(db, error, 1.5)
    assert isinstance(told, Failure)
    assert told.message == "the query took longer than 1.5 seconds"
    broken = sqlite3.DatabaseError("malformed")
    broken.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    assert sql._translated(db, broken, 0) is broken


def test_a_column_of_a_view_has_a_meaning_and_a_reference(db: sqlite3.Connection) -> None:
    fields = {
        (name, f.name): (f.type, f.ref, f.doc)
        for name in ("recs", "speakers", "threads", "themes") for f in views.fields(db, LISTINGS[name])
    }  # fmt: skip
    cases = {
        ("recs", "id"): ("str", "", "Readable and stable id, chosen by hand."),
        ("recs", "year"): ("int", "", "Year of the conference."),
        ("recs", "conference"): ("str", "conferences", "The conference to which its session belongs."),
        ("recs", "session_title"): ("str", "", "Title of the session."),
        ("recs", "illustrates"): ("str", "recommendations", fields["recs", "illustrates"][2]),
        ("recs", "pack"): ("str", "", "The pack that added the record; null for the packaged records."),
        ("speakers", "person"): ("str", "people", "The person."),
        ("speakers", "year"): ("float", "", "Year of the session."),
        ("speakers", "organization_id"): ("str", "organizations", "Id of that body."),
        ("threads", "2033"): ("str", "", "Whether it is asked or noted in that year, or neither (-)."),
        ("threads", "items"): ("float", "", "Number of items in it."),
        ("threads", "themes"): ("list", "themes", "What it is about."),
        ("themes", "slug"): ("str", "themes", "The id of the theme."),
        ("themes", "broader"): ("str", "themes", "The theme above it."),
    }
    assert {case: fields[case] for case in cases} == cases


def test_views_and_tables_have_a_description_of_a_row(db: sqlite3.Connection) -> None:
    found = views.named(db, ["list_recs", "recs", "themes"])
    assert [(name, about) for name, about, _ in found] == [
        ("list_recs", found[1][1]), ("recs", found[0][1]), ("themes", "One row is a subject."),
    ]  # fmt: skip
    assert found[0][1].startswith("One row is one printed item")
    assert [f.name for f in found[2][2]][:2] == ["id", "label"]
    assert [name for name, _, _ in views.named(db, [])] == [f"list_{name}" for name in LISTINGS]
    with pytest.raises(UsageError) as raised:
        views.named(db, ["list_rec"])
    assert raised.value.message == "unknown view or table 'list_rec'"
    assert raised.value.hint.startswith("Did you mean list_recs")


def test_a_value_is_quoted_for_the_delimiter_in_use(run: Run) -> None:
    text = "select 'a,b' as x, 'c;d' as y"
    assert run("sql", text, "-f", "csv", "--delimiter", ";").out == 'x;y\r\na,b;"c;d"\r\n'
    assert run("sql", text, "-f", "csv").out == 'x,y\r\n"a,b",c;d\r\n'


def test_a_query_that_sets_nothing_has_its_usual_limits(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (sql.ROWS, sql.SECONDS, sql.LATEST, sql.LONGEST_QUERY) == (10_000, 10, 3600, 1_000_000)
    now = [100.0]
    monkeypatch.setattr(sql.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sql, "_read", lambda cursor, limit: now.append(limit) or [[1]])
    with monkeypatch.context() as patch:
        patch.setattr(sql, "_guarded", lambda db, until: now.append(until) or contextlib.nullcontext())
        sql.run(db, "select 1")
    assert now == [100, 110, 10_000]


def test_a_query_leaves_texts_lengths_and_interruptions_as_they_were(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    monkeypatch.setattr(named, "_listen", lambda: heard.append(1))
    named.listening(db)
    assert sql.run(db, "select cast(x'ff41' as text) as a").rows == [["\ufffdA"]]
    with pytest.raises(Failure, match="a value is larger than 20 MB"):
        sql.run(db, "select zeroblob(20000001)")
    assert sql.run(db, "select length(zeroblob(20000000)) as n").rows == [[20_000_000]]
    assert db.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == named.LARGEST
    with pytest.raises(sqlite3.OperationalError, match="Could not decode"):
        db.execute("select cast(x'ff41' as text)").fetchone()
    heard.clear()
    db.execute(
        "with recursive n(x) as (select 1 union all select x + 1 from n limit 200000) select count(*) from n"
    ).fetchone()
    assert heard, "Ctrl-C is not heard after a query of the reader's own"


def test_the_schema_is_written_like_any_other_answer(run: Run, tmp_path: Path) -> None:
    done = run("sql", "--schema", "themes", "--columns", "column,view", "--sort", "-column", "--limit", "2")
    assert (done.code, done.out) == (0, "column\tview\nsince\tthemes\nscope_note\tthemes\n")
    assert run("sql", "--schema", "--columns", "?").out == "view\ncolumn\nholds\nrefers_to\nmeaning\n"
    fields = json.loads(run("sql", "--schema", "list_people", "-f", "json").out)
    assert {f["column"]: f["holds"] for f in fields if f["column"] in {"id", "years", "survivor", "appearances"}} == {
        "id": "text", "years": "JSON array", "survivor": "1 or null", "appearances": "number",
    }  # fmt: skip
    done = run("sql", "select id from themes", "-o", tmp_path / "a.xlsx")
    assert (done.code, done.err) == (0, f"wrote 9 rows to {tmp_path}/a.xlsx\n")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        texts = "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))
    assert "cthbkb sql &apos;select id from themes&apos;" in texts or "cthbkb sql 'select id from themes'" in texts
