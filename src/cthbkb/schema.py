"""The schema of the database: keys, indexes, link tables and full text; the joins are in `views.sql`.

Every table has the columns of its record type and `seq`, the position in print order (by year, then as curated). A list
of references is stored twice: as a JSON array in the row, for reading, and in a link table `TABLE_COLUMN(value, year,
seq, id)`, whose key makes a filter by theme and year a single range scan in print order. References contain only ids,
so that other programs can follow them. `names` maps every name that a user may type, folded, to an id.
"""

from __future__ import annotations

from cthbkb.model import TABLES, Column, columns_of
from cthbkb.registry import link_table

__all__ = [
    "BY_YEAR",
    "DERIVED",
    "FULL_TEXT",
    "SQL_TYPES",
    "foreign_keys",
    "index_sql",
    "link_table_sql",
    "link_tables",
]

BY_YEAR = frozenset(
    name for name, type_ in TABLES.items() if any(c.name == "year" and c.required for c in columns_of(type_))
)
"""Tables sorted by year first; appearances are sorted by the year of their session."""

SQL_TYPES: dict[str, str] = {"str": "text", "int": "integer", "float": "real", "bool": "integer", "list": "text"}

FULL_TEXT = """
create virtual table search using fts5(
    title, body, keywords, names, about,
    tokenize = "ascii"
);
create table search_rows (
    rowid integer primary key,
    type text not null,
    id text not null,
    year integer,
    kind text,
    title text,
    fields text,
    themes text
);
create virtual table search_words using fts5vocab(search, 'row');
create table vocabulary (
    word text primary key,
    records integer not null,
    stem text not null,
    plain integer not null,
    parts text
) without rowid;
create table term_rows (
    term integer primary key,
    row integer not null,
    text text not null,
    norm real not null
);
create table term_words (
    key text not null,
    term integer not null,
    primary key (key, term)
) without rowid;
"""

DERIVED = """
create table meta (
    key text primary key,
    value text not null
) without rowid;
create table names (
    field text not null,
    name text not null,
    id text not null,
    primary key (field, name, id)
) without rowid;
create table filter_values (
    listing text not null,
    filter text not null,
    value text not null,
    seq integer not null,
    primary key (listing, filter, value, seq)
) without rowid;
create table inside (
    field text not null,
    whole text not null,
    part text not null,
    primary key (field, whole, part)
) without rowid;
create table expansion_words (
    word text not null,
    entry text not null,
    expansion text not null references expansions(id),
    finds integer not null
);
create table theme_kinds (
    theme text not null references themes(id),
    year integer not null,
    kind text not null,
    items integer not null,
    outside integer not null,
    primary key (theme, year, kind)
) without rowid;
create table year_bases (
    year integer primary key,
    conference text not null references conferences(id),
    subject text not null,
    documents text not null,
    listed integer not null,
    prose integer not null
);
create table members (
    thread text not null references threads(id),
    year integer not null,
    place integer not null,
    type text not null,
    item text not null,
    asks integer not null,
    part text,
    primary key (thread, year, place)
) without rowid;
create table theme_members (
    theme text not null references themes(id),
    thread text not null references threads(id),
    year integer not null,
    place integer not null,
    primary key (theme, thread, year, place)
) without rowid;
create table thread_years (
    thread text primary key references threads(id),
    asked text not null,
    noted text not null,
    years text not null,
    changes text not null,
    pattern text not null,
    items integer not null
) without rowid;
create table item_threads (
    seq integer primary key,
    item text not null references recommendations(id),
    thread text not null references threads(id),
    threads text not null,
    change text
);
create table recommendations_threads (
    value text not null references threads(id),
    year integer not null,
    seq integer not null,
    id text not null references recommendations(id),
    primary key (value, year, seq)
) without rowid;
create table recommendations_change (
    value text not null,
    year integer not null,
    seq integer not null,
    id text not null references recommendations(id),
    primary key (value, year, seq)
) without rowid;
create table threads_years (
    value integer not null,
    year integer not null,
    seq integer not null,
    id text not null references threads(id),
    primary key (value, year, seq)
) without rowid;
create table threads_changes (
    value text not null,
    year integer not null,
    seq integer not null,
    id text not null references threads(id),
    primary key (value, year, seq)
) without rowid;
create table moves_changes (
    value text not null,
    year integer not null,
    seq integer not null,
    id text not null references moves(id),
    primary key (value, year, seq)
) without rowid;
create table axis_counts (
    axis text not null,
    year integer not null,
    value text not null,
    items integer not null,
    listed integer not null,
    primary key (axis, year, value)
) without rowid;
"""


def foreign_keys(table: str) -> list[tuple[str, str]]:
    """Return `(column, other table)` for each reference of a table that is not a list."""
    return [(c.name, c.ref) for c in columns_of(TABLES[table]) if c.ref and c.type != "list"]


def link_tables() -> list[tuple[str, Column]]:
    """Return `(table, column)` for each list of references; see `registry.link_table`."""
    return [(name, c) for name, type_ in TABLES.items() for c in columns_of(type_) if c.ref and c.type == "list"]


def link_table_sql(table: str, column: Column) -> str:
    """Return the statement that creates a link table, ordered by value, year and print order."""
    return f"""create table {link_table(table, column.name)} (
    value text not null references {column.ref}(id),
    year integer not null,
    seq integer not null,
    id text not null references {table}(id),
    primary key (value, year, seq)
) without rowid"""


def index_sql() -> list[str]:
    """Return the statements that create the indexes; it is faster to run them after the rows are inserted."""
    made = []
    for table in TABLES:
        made.append(f"create unique index idx_{table}_seq on {table} (seq)")
        keys = [name for name, _ in foreign_keys(table)] + ["year"] * (table in BY_YEAR)
        made += [f'create index idx_{table}_{key}_seq on {table} ("{key}", seq)' for key in keys]
    made.append("create index idx_thread_items_item_seq on thread_items (item, seq)")
    made.append("create index idx_vocabulary_stem on vocabulary (stem)")
    made.append("create index idx_expansion_words_entry on expansion_words (entry, expansion)")
    made.append("create index idx_expansion_words_expansion on expansion_words (expansion, finds)")
    return made
