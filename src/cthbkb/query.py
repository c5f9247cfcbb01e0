"""Filters: a row each with the option, its help, and how a listing applies it; and the one query that lists.

A filter on a column reads `v.COLUMN in (...)`; a filter on a list (written `TABLE_COLUMN`, the name of its link
table) reads the link table, together with the years where both are asked, so that a theme and a year stay one range
scan. Values are looked up in `names`, which knows every spelling; nothing that a user types becomes SQL.
"""

from __future__ import annotations

from cthbkb.columns import COLUMNS, PART, SEPARATOR, Col
from cthbkb.errors import UsageError, closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    Criteria = Mapping[str, Sequence[str]]

__all__ = [
    "FILTERS",
    "LARGE",
    "LISTINGS",
    "Filter",
    "Listing",
    "Selection",
    "columns",
    "fold",
    "names_field",
    "nearby",
    "packed",
    "resolve",
]


LARGE = 5_000
"""Records above which a base, four times the shipped one, holds beside its index which words stand out in which."""


class Filter:
    """An option that narrows a listing. `of` is the table or column whose names it takes; empty for a switch."""

    __slots__ = ("help", "name", "noun", "of")

    def __init__(self, name: str, noun: str, of: str, help: str) -> None:
        self.name = name
        self.noun = noun
        self.of = of
        self.help = help


FILTERS: dict[str, Filter] = {
    f.name: f
    for f in (
        Filter("year", "YEAR", "year", "Year or range of years, such as 2020 or 2016-2020."),
        Filter("session", "SESSION", "sessions", "Session by id, such as 2020-p2."),
        Filter("theme", "THEME", "themes", "Theme by slug, label or acronym, such as jits."),
        Filter("kind", "KIND", "kind", "Kind, such as recommendation or takeaway; all for every kind."),
        Filter("type", "TYPE", "type", "Type, such as panel or side-event."),
        Filter("role", "ROLE", "role", "Role, such as moderator or panellist."),
        Filter("country", "COUNTRY", "country", "Country as printed, such as Ireland."),
        Filter("organization", "ORG", "organizations", "Organization by id, name or acronym, such as unodc."),
        Filter("person", "PERSON", "people", "Person by id or name, such as kevin-hyland."),
        Filter("addressee", "WHO", "addressees", "Who is asked to act, such as prosecutors."),
        Filter("affected", "GROUP", "affected_groups", "Whom it is about, such as children."),
        Filter("modality", "VERB", "modality", "Force by the printed verb, such as must or consider."),
        Filter("change", "CHANGE", "change", "Change against the conference before, such as sharpened."),
        Filter("thread", "THREAD", "threads", "Thread by id or label."),
        Filter("document", "DOC", "documents", "Document by id, such as 2020-highlights."),
        Filter("medium", "MEDIUM", "medium", "Medium, such as tweet or pull-quote."),
        Filter("status", "STATUS", "status", "Status, such as continued or planned."),
        Filter("survivor", "", "", "Only those whom the document calls survivors."),
        Filter("recurring", "", "", "Only those who appear at more than one conference."),
        Filter("fulfilled", "", "", "Only those whose result another record shows."),
    )
}

SWITCHES = {
    "survivor": "v.survivor = 1",
    "recurring": "json_array_length(v.years) > 1",
    "fulfilled": "v.fulfilled_by is not null",
}


class Listing:
    """A noun: its view `list_NAME`, the filters that make sense and the column (or link table) each reads."""

    __slots__ = ("columns", "filters", "help", "key", "name", "table", "what")

    def __init__(self, name: str, table: str, what: str, help: str, **filters: str) -> None:
        self.name = name
        self.table = table
        self.what = what
        self.help = help
        self.filters = filters
        self.columns = COLUMNS[name]
        self.key = "slug" if name == "themes" else "id"


LISTINGS: dict[str, Listing] = {
    x.name: x
    for x in (
        Listing("conferences", "conferences", "conferences", "List the conferences, planned and held.", year="year"),
        Listing(
            "sessions", "sessions", "sessions", "List the parts of the programmes.",
            year="year", type="type", organization="sessions_organisers", document="document", status="status",
        ),
        Listing(
            "speakers", "appearances", "appearances", "List who appeared where and in which role.",
            year="year", role="role", session="session", country="country", organization="organization_id",
            person="person", document="document", survivor="",
        ),
        Listing(
            "people", "people", "people", "List the people, each once, with their years and roles.",
            person="id", survivor="", recurring="",
        ),
        Listing(
            "organizations", "organizations", "organizations", "List the bodies.",
            kind="kind", country="country", organization="id",
        ),
        Listing("themes", "themes", "themes", "List the themes with the number of items a year.", theme="slug"),
        Listing(
            "recs", "recommendations", "items", "List recommendations, observations, takeaways and other items.",
            theme="recommendations_themes", year="year", kind="kind", session="session",
            addressee="recommendations_addressees", affected="recommendations_affected", modality="modality",
            thread="thread", change="change", document="document",
        ),
        Listing(
            "threads", "threads", "threads", "List the asks that are followed over the years.",
            theme="threads_themes", status="status",
        ),
        Listing(
            "distinctions", "distinctions", "distinctions", "List items that look alike and are not the same ask.",
        ),
        Listing(
            "topics", "topics", "topics", "List the topics that were announced, and what answers them.",
            year="year", session="session", status="status", document="document",
        ),
        Listing(
            "statistics", "statistics", "figures", "List the figures that the documents cite.",
            year="year", theme="statistics_themes", session="session", document="document",
        ),
        Listing(
            "instruments", "instruments", "instruments", "List treaties, decisions and plans, and where cited.",
            kind="kind", document="document",
        ),
        Listing(
            "publications", "publications", "publications", "List papers, videos and pages, with their addresses.",
            kind="kind", theme="publications_themes", session="session", document="document",
        ),
        Listing(
            "statements", "statements", "statements", "List tweets, pull quotes and reported remarks.",
            year="year", theme="statements_themes", person="speaker", medium="medium", session="session",
            document="document",
        ),
        Listing(
            "activities", "activities", "activities", "List what the office did or planned.",
            year="year", type="type", theme="activities_themes", organization="activities_partners", status="status",
            document="document", fulfilled="",
        ),
        Listing(
            "commitments", "commitments", "commitments", "List who promised what by when.",
            year="year", theme="commitments_themes", organization="who", document="document", fulfilled="",
        ),
        Listing(
            "discrepancies", "discrepancies", "discrepancies", "List where the documents disagree.",
            document="document_a",
        ),
        Listing("abbreviations", "abbreviations", "abbreviations", "List the acronyms.", document="document"),
        Listing("documents", "documents", "documents", "List the sources.", year="year", kind="kind", document="id"),
    )
}  # fmt: skip


class _Parting(dict[int, int | None]):
    """What parts words becomes a space, an apostrophe nothing: a table for `str.translate` that grows by need."""

    def __missing__(self, code: int) -> int | None:
        self[code] = made = None if code in (0x27, 0x2019) else code if chr(code).isalnum() else 32
        return made


PARTING = _Parting()


def fold(text: str) -> str:
    """Reduce a name to lower-case words without diacritics: what two spellings of one name have in common."""
    text = text.casefold()
    if text.isascii() and text.isalnum():
        return text
    if not text.isascii():
        import unicodedata

        text = "".join([c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c)])
        text = text.replace("đ", "d").replace("ł", "l").replace("ø", "o")
    return " ".join(text.translate(PARTING).split())


def words(text: str) -> str:
    """Reduce a text to the words that the full text index has: as `fold`, but an apostrophe parts two words."""
    return fold(text.replace("'", " ").replace("’", " ") if not text.isalpha() else text)


def names_field(listing: Listing, filter: Filter) -> str:
    """Return the field of `names` in which a filter's values are found: a table's, or a column's of this listing."""
    tables = {x.table for x in LISTINGS.values()} | {"addressees", "affected_groups"}
    return filter.of if filter.of in tables or filter.of == "year" else f"{listing.name}.{filter.of}"


def resolve(db: sqlite3.Connection, listing: Listing, name: str, values: Sequence[str]) -> list[str | int]:
    """Return the ids that the values of a filter mean, in order, each once.

    Raises:
        UsageError: for a value that names nothing, or more than one thing.
    """
    filter = FILTERS[name]
    field = names_field(listing, filter)
    found: list[str | int] = []
    for value in values:
        if name == "kind" and fold(value) == "all":
            return []
        ids = _years(db, value) if name == "year" else _ids(db, field, value, filter)
        found += [i for i in ids if i not in found]
    return found


def _ids(db: sqlite3.Connection, field: str, value: str, filter: Filter) -> list[str]:
    key = fold(value)
    ids: list[str] = []
    for name in (key, key.removesuffix("s"), key + "s"):
        ids = ids or [i for (i,) in db.execute("select id from names where field = ? and name = ?", (field, name))]
    if len(ids) == 1:
        return ids
    all_names = db.execute("select name, id from names where field = ?", (field,)).fetchall()
    words = key.split()
    ids = ids or sorted({i for name, i in all_names if words and set(words) <= set(name.split())})
    if len(ids) == 1 and field in {"people", "organizations", f"speakers.{filter.of}", "sessions"}:
        return ids
    if len(ids) > 1:
        raise UsageError(f"{filter.name} {value!r} could be {', '.join(ids[:6])}", "Use one of these ids.")
    known = sorted({i for _, i in all_names})
    look = f"Values: {', '.join(known)}." if len(known) <= 12 else _look(field)
    means = dict(all_names)
    near = dict.fromkeys(means[name] for name in closest(key, means, 6))
    guess = f"Did you mean {' or '.join(list(near)[:3])}? " if near else ""
    if "," in value:
        guess = f"Repeat the option to mean OR: {_repeated(filter, value)}. "
    raise UsageError(f"unknown {filter.name} {value!r}", guess + look)


def _repeated(filter: Filter, value: str) -> str:
    return " ".join(f"--{filter.name} {part.strip()}" for part in value.split(",") if part.strip())


def _look(field: str) -> str:
    """Say where the values of a field are listed."""
    if field in LISTINGS:
        return f"See: cthbkb {field}"
    listing, _, column = field.partition(".")
    if column in {"country", "role"}:
        return f"See: cthbkb compare --by {column}"
    if listing in LISTINGS:
        return f"See: cthbkb {listing} --columns {column}"
    return "See: cthbkb compare --by " + {"addressees": "addressee", "affected_groups": "affected"}[field]


def _years(db: sqlite3.Connection, value: str) -> list[int]:
    known = [int(y) for (y,) in db.execute("select id from names where field = 'year' order by id")]
    first, dash, last = value.replace("–", "-").partition("-")
    if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
        hint = "Write a year or a range, such as 2020 or 2016-2020."
        if "," in value:
            hint = f"Repeat the option to mean OR: {_repeated(FILTERS['year'], value)}."
        raise UsageError(f"year {value!r} is not a year", hint)
    low, high = int(first[:9]), int((last or first)[:9])
    if low > high:
        raise UsageError(f"year {value!r} runs backwards", f"Did you mean {last}-{first}?")
    found = [y for y in known if low <= y <= high]
    if not found:
        raise UsageError(f"unknown year {value!r}", f"Years: {', '.join(map(str, known))}.")
    return found


def columns(db: sqlite3.Connection, listing: Listing) -> list[Col]:
    """Return the columns of a listing, with one for each conference year where it has them."""
    found: list[Col] = []
    for col in listing.columns:
        if col.name == "*":
            years = db.execute("select year from conferences order by year")
            found += [Col(str(year), col.since, col.holds) for (year,) in years]
        else:
            found.append(col)
    return found


class Selection:
    """The rows of a listing that meet some criteria: SQL from `from` on, its parameters, and the criteria in words."""

    __slots__ = ("listing", "parameters", "sql", "words")

    def __init__(self, db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> None:
        self.listing = listing
        self.parameters: list[str | int] = []
        self.words: list[str] = []
        where: list[str] = []
        years = resolve(db, listing, "year", criteria["year"]) if criteria.get("year") else []
        for name, values in criteria.items():
            if name in SWITCHES:
                where.append(SWITCHES[name])
                self.words.append(name)
                continue
            ids = years if name == "year" else resolve(db, listing, name, values)
            if ids:
                where.append(self._clause(listing.filters[name], ids, years))
                self.words.append(f"{name} {' or '.join(map(str, ids))}")
        self.sql = f" from list_{listing.name} v" + (f" where {' and '.join(where)}" if where else "")

    def _clause(self, target: str, ids: Sequence[str | int], years: Sequence[str | int]) -> str:
        self.parameters += ids
        if not target.startswith(self.listing.table + "_"):
            return f"v.{target} in ({_marks(ids)})"
        clause = f"v.seq in (select seq from {target} where value in ({_marks(ids)})"
        if years:
            clause += f" and year in ({_marks(years)})"
            self.parameters += years
        return clause + ")"

    def rows(self, names: Sequence[str], sort: str = "", limit: int | None = None) -> tuple[str, list[str | int]]:
        """Return the query of the columns `names`, in print order or by the column `sort` (`-` before it: down)."""
        return self.select(", ".join(f'v."{name}"' for name in names), sort, limit)

    def select(self, what: str, sort: str = "", limit: int | None = None) -> tuple[str, list[str | int]]:
        """Return the query of an expression on the view `v`, ordered as `rows` is."""
        sql = "select " + what + self.sql
        by = sort.removeprefix("-")
        sql += (
            f' order by v."{by}" collate nocase {"desc" if sort[0] == "-" else "asc"}, v.seq'
            if sort
            else " order by v.seq"
        )
        return (sql + " limit ?", [*self.parameters, limit]) if limit is not None else (sql, self.parameters)

    def count(self, db: sqlite3.Connection) -> int:
        """Return how many rows there are."""
        return int(db.execute("select count(*)" + self.sql, self.parameters).fetchone()[0])

    def kinds(self, db: sqlite3.Connection) -> list[tuple[str, int]]:
        """Return the kinds among the rows and how many there are of each, the most frequent first."""
        sql = "select v.kind, count(*)" + self.sql + " group by v.kind order by count(*) desc, v.kind"
        return db.execute(sql, self.parameters).fetchall()


CELLS = {
    "flag": "iif({0}, 'true', '')",
    "number": "iif(typeof({0}) = 'real', rtrim(rtrim(printf('%!.6f', {0}), '0'), '.'), {0})",
    "list": "case when {0} = '[]' then '' when instr({0}, '\\') then (select group_concat(value, '" + SEPARATOR + "')"
    " from json_each({0})) else replace(substr({0}, 3, length({0}) - 4), '\",\"', '" + SEPARATOR + "') end",
}
"""What a column holds to the SQL of its text; any other is its own text. `formats.plain` does the same in Python."""


def packed(columns: Sequence[Col]) -> str:
    """Write the SQL of a row of `v` as one text, its cells parted by `PART`: a long list costs half as much so."""
    cells = [CELLS.get(col.holds, "{0}").format(f'v."{col.name}"') for col in columns]
    return f"printf('{PART.join(['%s'] * len(cells))}', {', '.join(cells)})"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def nearby(db: sqlite3.Connection, listing: Listing, criteria: Criteria) -> list[str]:
    """Say what each criterion costs, for an answer without rows: how many rows there are without it."""
    found = []
    for name in criteria if len(criteria) > 1 else ():
        number = Selection(db, listing, {k: v for k, v in criteria.items() if k != name}).count(db)
        if number:
            found.append(f"without --{name}: {number} {listing.what}")
    return found
