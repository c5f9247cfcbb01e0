"""Filters: the names of a value, how filters combine, and the messages for unknown names."""

from __future__ import annotations

import functools
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, each
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cthbkb import named, query
from cthbkb.errors import UsageError
from cthbkb.model import TABLES as TYPES
from cthbkb.model import Records, columns_of
from cthbkb.query import Selection, meaning, mixed, nearby, resolve
from cthbkb.registry import FILTERS, LISTINGS, REACH, link_table, names_field
from cthbkb.seed import Seed
from cthbkb.text import fold

SWITCHES = {name for name, filter in FILTERS.items() if filter.condition}

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

THEMES = (
    "cooperation, fair-pay, fog-signals, harbour-safety, joint-harbour-teams, lighthouses, night-work, tide-data, "
    "young-sailors"
)
A_YEAR = "Write a year or a range, such as 2020, 2016-2020, 2016- or -2020."


@functools.cache
def opened(path: Path) -> sqlite3.Connection:
    return named.connect(str(path))


def listed(db: sqlite3.Connection, listing: str, criteria: Mapping[str, Sequence[str]]) -> list[int]:
    """Return the positions of the rows of a listing that match the criteria, in the order of the listing."""
    sql, parameters = Selection(db, LISTINGS[listing], criteria).rows(["seq"])
    return [seq for (seq,) in db.execute(sql, parameters)]


def values(db: sqlite3.Connection, listing: str, name: str) -> list[str]:
    """Return the values of a filter that occur and, for filters that take ids, one id from anywhere in the data."""
    field = names_field(LISTINGS[listing], name)
    return [i for (i,) in db.execute("select distinct id from names where field = ? order by id", (field,))]


@quick
@given(data=st.data())
def test_values_of_a_filter_are_joined_by_or_and_filters_by_and(database: Path, data: st.DataObject) -> None:
    db = opened(database)
    listing = data.draw(st.sampled_from(sorted(name for name, noun in LISTINGS.items() if noun.filters)))
    names = data.draw(st.lists(st.sampled_from(sorted(LISTINGS[listing].filters)), unique=True, min_size=1, max_size=4))
    criteria = {
        name: [""]
        if name in SWITCHES
        else data.draw(st.lists(st.sampled_from(values(db, listing, name)), min_size=1, max_size=3, unique=True))
        for name in names
    }
    found = listed(db, listing, criteria)
    each = []
    for name, wanted in criteria.items():
        join = set.union if name in SWITCHES or FILTERS[name].needs == "any" else set.intersection
        each.append(join(*({*listed(db, listing, {name: [value]})} for value in wanted)))
    assert found == sorted(set.intersection(*each))
    for left_out in criteria:
        assert set(found) <= set(listed(db, listing, {n: v for n, v in criteria.items() if n != left_out}))


@each("listing", sorted(LISTINGS))
def test_without_filters_every_record_is_listed_once_in_print_order(db: sqlite3.Connection, listing: str) -> None:
    (number,) = db.execute(f"select count(*) from {LISTINGS[listing].table.name}").fetchone()
    assert listed(db, listing, {}) == list(range(1, number + 1))
    assert Selection(db, LISTINGS[listing], {}).count(db) == number


def test_a_year_may_be_a_range_with_either_dash(run: Run) -> None:
    assert run("recs", "--year", "2031-2033", "--count").out == "16\n"
    assert run("recs", "--year", "2031–2033", "--count").out == "16\n"
    assert run("recs", "--year", "2000-2034", "--count").out == "16\n"
    assert run("recs", "--year", "2031", "--year", "2035", "--count").out == "13\n"


def test_kind_all_is_every_kind(run: Run) -> None:
    assert run("recs", "--kind", "all").out == run("recs").out
    assert run("recs", "--kind", "ALL", "--kind", "takeaway").out == run("recs").out


@each(
    "spelled",
    [
        "joint-harbour-teams",
        "Joint harbour teams",
        "JOINT HARBOUR TEAMS",
        "joint_harbour_teams",
        "JHT",
        "jhts",
        "joint teams",
        " jht ",
    ],
)
def test_a_theme_is_found_by_slug_label_acronym_and_other_labels(run: Run, spelled: str) -> None:
    assert run("recs", "--theme", spelled, "-c", "id").out.split() == [
        "id",
        "2031-p1-r1",
        "2033-p1-o1",
        "2033-p1-r1",
        "2035-p1-t1",
    ]


@pytest.mark.parametrize(
    ("option", "plural", "singular"),
    [
        ("--theme", "lighthouses", "lighthouse"),
        ("--theme", "beacons", "Beacon"),
        ("--theme", "joint harbour teams", "joint harbour team"),
        ("--addressee", "shipowners", "shipowner"),
        ("--affected", "night crews", "night crew"),
    ],
)
def test_a_name_may_be_singular_or_plural(run: Run, option: str, plural: str, singular: str) -> None:
    assert run("recs", option, singular) == run("recs", option, plural)
    assert run("recs", option, plural).code == 0


@pytest.mark.parametrize(
    "argv", [("--theme", "jht,lights"), ("--theme", "jht, lights"), ("--year", "2031,2035"), ("--kind", "call,goal")]
)
def test_values_separated_by_a_comma_are_several_values(run: Run, argv: tuple[str, str]) -> None:
    first, second = argv[1].split(",")
    done = run("recs", *argv)
    assert done.code == 0
    assert done == run("recs", argv[0], first, argv[0], second.strip())


@pytest.mark.parametrize("spelled", ["Łebsk tables", "lebsk tables", "ŁEBSK TABLES", "tide tables", "tide-data"])
def test_accents_do_not_matter(run: Run, spelled: str) -> None:
    assert run("recs", "--theme", spelled, "--count").out == "4\n"


@each(
    "spelled, number",
    [
        ("anna-kowalska", "2"),
        ("Anna Łucja Kowalska", "2"),
        ("Kowalska, Anna Łucja", "2"),
        ("anna kovalska", "2"),
        ("Kowalska", "2"),
        ("Novakova", "1"),
        ("o'brien", "2"),
        ("O’Brien", "2"),
        ("Seán O'Brien", "2"),
    ],
)
def test_a_person_is_found_by_id_spelling_and_part_of_the_name(run: Run, spelled: str, number: str) -> None:
    assert run("speakers", "--person", spelled, "--count").out == f"{number}\n"


@pytest.mark.parametrize("spelled", ["lighthouse-keepers-union", "LKU", "Lighthouse Keepers' Union", "keepers union"])
def test_an_organization_is_found_by_id_acronym_name_and_part_of_it(run: Run, spelled: str) -> None:
    assert run("speakers", "--organization", spelled, "--count").out == "2\n"


def test_kinds_and_roles_may_be_plural_and_in_capitals(run: Run) -> None:
    assert run("recs", "--kind", "Takeaways", "--count").out == "4\n"
    assert run("speakers", "--role", "moderators", "--count").out == "3\n"
    assert run("sessions", "--type", "side events", "--count").out == "2\n"


def test_switches_narrow(run: Run) -> None:
    assert run("people", "--recurring", "-c", "id").out.split() == ["id", "anna-kowalska", "sean-obrien", "tom-reed"]
    assert run("speakers", "--survivor", "-c", "person").out.split() == ["person", "edda-storm"]


@each(
    "argv, message",
    [
        ("recs --year 1999", "error: unknown year '1999'\nhint: Years: 2031, 2033, 2035.\n"),
        ("recs --year 20x0", f"error: year '20x0' is not a year\nhint: {A_YEAR}\n"),
        (
            "recs --theme lihgthouses",
            f"error: unknown theme 'lihgthouses'\nhint: Did you mean lighthouses? Values: {THEMES}.\n",
        ),
        ("recs --theme zzz", f"error: unknown theme 'zzz'\nhint: Values: {THEMES}.\n"),
        (
            "recs --kind takeway",
            "error: unknown kind 'takeway'\nhint: Did you mean takeaway? "
            "Values: call, conclusion, framework, goal, observation, recommendation, takeaway.\n",
        ),
        (
            "speakers --role panelist",
            "error: unknown role 'panelist'\nhint: Did you mean panellist? "
            "Values: closing, keynote, moderator, opening, panellist, rapporteur, speaker, testimony, video, "
            "welcome.\n",
        ),
        (
            "speakers --person kowalsky",
            "error: unknown person 'kowalsky'\nhint: Did you mean anna-kowalska? "
            "Values: anna-kowalska, edda-storm, joao-da-silva, li-wei, mara, petra-novakova, sean-obrien, tom-reed.\n",
        ),
        (
            "sessions --type panal",
            "error: unknown type 'panal'\nhint: Did you mean panel? "
            "Values: break, closing, keynote, opening, panel, part, side-event, social, welcome.\n",
        ),
        (
            "recs --session 2033-p3",
            "error: unknown session '2033-p3'\nhint: "
            "Values: 2031-intro, 2031-p1, 2031-side1, 2033-break1, 2033-intro, 2033-opening, 2033-p1, "
            "2033-p2, 2033-side1, 2033-social1, 2035-keynote, "
            "2035-p1.\n",
        ),
        (
            "threads --change noticed",
            "error: unknown change 'noticed'\nhint: Did you mean noted? "
            "Values: broadened, narrowed, noted, refocused, repeated, sharpened, softened.\n",
        ),
    ],
)
def test_an_unknown_value_is_an_error_with_suggestions_and_a_place_to_look(run: Run, argv: str, message: str) -> None:
    done = run(*argv.split())
    assert (done.code, done.out, done.err) == (2, "", message)


def test_a_reversed_range_is_corrected_in_the_hint(run: Run) -> None:
    done = run("recs", "--year", "2035-2031")
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "'2035-2031'" in done.err
    assert "2031-2035" in done.err


@pytest.mark.parametrize("value", ["9" * 30, "9" * 5000, "²⁰³¹", "2031-2033-2035", "", "-"])
def test_no_text_as_a_year_causes_an_exception(run: Run, value: str) -> None:
    done = run("recs", f"--year={value}")
    assert (done.code, done.out) == (2, "")
    assert value[:50] in done.err


def test_an_ambiguous_name_is_not_guessed(run: Run) -> None:
    done = run("recs", "--theme", "harbour")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: theme 'harbour' could be harbour-safety, joint-harbour-teams\nhint: Use one of these ids.\n"
    )


def test_the_suggested_command_for_values_runs(run: Run) -> None:
    looks = {
        query._look(names_field(listing, name))
        for listing in LISTINGS.values()
        for name in listing.filters
        if name not in SWITCHES and FILTERS[name].of != "year"
    }
    for look in looks:
        done = run(*look.removeprefix("See: cthbkb ").split())
        assert done.code == 0, look
        assert [line for line in done.err.splitlines() if not line.startswith("note: ")] == []
        assert len(done.out.splitlines()) > 1


def test_an_empty_answer_names_its_filters_and_the_effect_of_each(run: Run) -> None:
    done = run("recs", "--theme", "lights", "--year", "2035", "--kind", "takeaway", "-f", "json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err == (
        "no items for theme lighthouses, year 2035, kind takeaway\nwithout --theme: 4 items\nwithout --kind: 1 item\n"
        "other kinds: --kind conclusion (1)\n"
    )


def test_an_empty_answer_for_one_filter_names_it(run: Run) -> None:
    done = run("recs", "--theme", "fog-signals", "-f", "jsonl")
    assert (done.code, done.out, done.err) == (0, "", "no items for theme fog-signals\n")


@each(
    "argv, said",
    [
        # The three words of the theme are those of a report that has another theme.
        (
            ("publications", "--theme", "joint-harbour-teams"),
            ["cthbkb search joint harbour teams --type publication finds 1 that mention it"],
        ),
        (("recs", "--person", "edda-storm"), []),  # items have some of the words of the name, and none has all
        (("discrepancies", "--session", "2031-intro"), []),  # its title is a word that anything may have
    ],
)
def test_a_value_without_records_is_looked_for_by_all_the_words_of_its_name(
    run: Run, argv: tuple[str, ...], said: list[str]
) -> None:
    done = run(*argv)
    assert [line for line in done.err.splitlines() if "mention" in line] == said
    assert run("search", "joint", "harbour", "teams", "--type", "publication", "--count").out == "1\n"


@quick
@given(value=st.text(max_size=12), name=st.sampled_from(sorted(set(FILTERS) - SWITCHES)))
def test_no_value_of_a_filter_causes_an_exception(run: Run, name: str, value: str) -> None:
    listing = next(x.name for x in LISTINGS.values() if name in x.filters)
    done = run(listing, f"--{name}={value}", "--count")
    assert done.code in {0, 2}
    assert bool(done.out) == (done.code == 0)


Step = tuple[int, int, int, str]


def plan(db: sqlite3.Connection, listing: str, criteria: Mapping[str, Sequence[str]]) -> list[Step]:
    """Return SQLite's query plan for a listing: `(id, parent, unused, what)` per step; parent 0 is the query itself."""
    columns = query.columns(db, LISTINGS[listing])
    selection = Selection(db, LISTINGS[listing], criteria)
    sql, parameters = selection.rows([col.name for col in columns])
    return db.execute(f"explain query plan {sql}", parameters).fetchall()


@pytest.fixture(scope="module")
def shipped(packaged: Path) -> Iterator[sqlite3.Connection]:
    """The packaged data."""
    with closing(named.connect(str(packaged))) as db:
        yield db


@each("years", [[], ["2020"], ["2016-2020"]])
@each(
    "listing", [x.name for x in LISTINGS.values() if "theme" in x.filters and x.name not in {"themes", "conferences"}]
)
def test_a_theme_is_found_without_scanning_a_table(shipped: sqlite3.Connection, listing: str, years: list[str]) -> None:
    criteria = {"theme": ["jits", "non-punishment"]}
    if years and "year" in LISTINGS[listing].filters:
        criteria["year"] = years
    steps = [what for *_, what in plan(shipped, listing, criteria)]
    reading = ("SCAN (subquery", "SCAN json_each VIRTUAL TABLE INDEX 1:")  # a cell, not a table
    assert [what for what in steps if what.startswith("SCAN") and not what.startswith(reading)] == []
    target = LISTINGS[listing].filters["theme"]
    link = link_table(LISTINGS[listing].table.name, target) if target != REACH else "filter_values"
    key = "value=? AND year=?" if LISTINGS[listing].filters.get("year") == "year" and years else "value=?"
    key = "listing=? AND filter=? AND value=?" if target == REACH else key
    assert f"SEARCH {link} USING PRIMARY KEY ({key})" in steps


@each("listing", sorted(LISTINGS))
def test_print_order_is_read_from_an_index_and_never_sorted(shipped: sqlite3.Connection, listing: str) -> None:
    for criteria in ({}, {"year": ["2020"]}, {"theme": ["jits"]}):
        if set(criteria) <= set(LISTINGS[listing].filters):
            steps = [what for _, parent, _, what in plan(shipped, listing, criteria) if parent == 0]
            assert [what for what in steps if "TEMP B-TREE" in what] == []
            assert " USING " in steps[0]


def test_a_count_reads_an_index_if_the_filters_need_no_view(shipped: sqlite3.Connection) -> None:
    statements: list[str] = []
    shipped.set_trace_callback(statements.append)
    Selection(shipped, LISTINGS["recs"], {"theme": ["jits"], "year": ["2020"]}).count(shipped)
    shipped.set_trace_callback(None)
    steps = [what for *_, what in shipped.execute(f"explain query plan {statements[-1]}")]
    assert steps[0].startswith("SEARCH v USING COVERING INDEX")


@each("listing", sorted(LISTINGS))
def test_a_count_is_the_number_of_rows(db: sqlite3.Connection, listing: str) -> None:
    of = LISTINGS[listing]
    for name in of.filters:
        sql = "select distinct id from names where field = ? order by id limit 6"
        known = [[id_] for (id_,) in db.execute(sql, (names_field(of, name),))]
        for asked in [*known, ["none"]] if FILTERS[name].noun else [[""]]:
            for criterion in (name, f"not-{name}"):
                selection = Selection(db, of, {criterion: asked})
                rows = db.execute(*selection.rows([of.key])).fetchall()
                assert selection.count(db) == len(rows), (criterion, asked)


NAMED = ("name", "sort_name", "spellings", "acronym", "aliases", "label", "labels", "alternative_labels", "title")


def stored_names(records: Records, field: str) -> Iterator[tuple[str, str]]:
    """Yield every stored name of a record, with the id of the record."""
    for record in records[field]:
        for column in (c.name for c in columns_of(TYPES[field]) if c.name in NAMED):
            value = record.get(column)
            for text in (value,) if isinstance(value, str) else value or ():
                yield text.partition(": ")[2] if column == "labels" else text, record.id


@each("base", ["fabricated", "packaged"])
@each(
    "field, listing, name",
    [
        ("people", "speakers", "person"),
        ("organizations", "speakers", "organization"),
        ("themes", "recs", "theme"),
        ("sessions", "recs", "session"),
        ("threads", "recs", "thread"),
        ("documents", "recs", "document"),
        ("addressees", "recs", "addressee"),
        ("affected_groups", "recs", "affected"),
    ],
)
def test_a_name_typed_as_it_is_stored_finds_its_record(
    seed: Seed,
    packaged_seed: Seed,
    db: sqlite3.Connection,
    shipped: sqlite3.Connection,
    base: str,
    field: str,
    listing: str,
    name: str,
) -> None:
    """A full name means the records that have it, and no others if it is unique; its words may mean them too."""
    records = (seed if base == "fabricated" else packaged_seed).records
    database = db if base == "fabricated" else shipped
    names = list(stored_names(records, field))
    assert names
    owners: dict[str, set[str]] = {}
    for text, id_ in names:
        owners.setdefault(fold(text), set()).add(id_)
    words = {word for text, _ in names for word in text.split() if fold(word)}
    for word in words:
        found, refused = means(database, listing, name, word)
        assert found or "could be" in refused, (word, refused)
    for text, id_ in names:
        for typed in {text, text.upper()}:
            found, refused = means(database, listing, name, typed)
            assert id_ in found or ("could be" in refused and len(owners[fold(text)]) > 1), (typed, found, refused)


def means(db: sqlite3.Connection, listing: str, name: str, typed: str) -> tuple[Sequence[str | int], str]:
    """Return the ids that a value means, or the reason for its rejection."""
    try:
        return meaning(db, LISTINGS[listing], name, typed), ""
    except UsageError as error:
        return [], error.message


# The parts of a selection


@each(
    "listing, criteria, ids, words",
    [
        ("publications", {"theme": ["none"]}, "keepers-film", "theme none"),
        (
            "publications",
            {"theme": ["NONE", "night-work"]},
            "night-work-survey keepers-film",
            "theme none or night-work",
        ),
        (
            "publications",
            {"theme": ["night-work"], "year": ["2032"]},
            "night-work-survey",
            "theme night-work; year 2032",
        ),
        ("publications", {"theme": ["night-work"], "year": ["2033"]}, "", "theme night-work; year 2033"),
        (
            "publications",
            {"theme": ["night-work"], "year": ["none", "2032"]},
            "night-work-survey",
            "theme night-work; year none or 2032",
        ),
        ("publications", {"theme": ["none"], "year": ["none"]}, "keepers-film", "theme none; year none"),
        ("publications", {"not-theme": ["none"]}, "night-work-survey", "not theme none"),
        ("publications", {"not-year": ["none", "2033"]}, "night-work-survey", "not year none or 2033"),
        ("instruments", {"year": ["2031-", "none"]}, "lamp-treaty decision-3 tide-decision", "year none or 2031-2035"),
        ("instruments", {"not-year": ["2031"]}, "decision-3 tide-decision", "not year 2031"),
        ("recs", {"theme": ["fair-pay", "jht"], "all": [""]}, "", "theme fair-pay and joint-harbour-teams"),
        (
            "recs",
            {"theme": ["fair-pay, night-work"], "all": [""], "year": ["2035"]},
            "2035-p1-t2",
            "theme fair-pay and night-work; year 2035",
        ),
        ("recs", {"theme": ["fair-pay", "none"], "all": [""]}, "", "theme none and fair-pay"),
        (
            "recs",
            {"theme": ["cooperation", "cooperation, jht"], "year": ["2031"]},
            "2031-p1-r1 2031-p1-r4",
            "theme cooperation or joint-harbour-teams; year 2031",
        ),
        (
            "recs",
            {"kind": ["all"], "theme": ["tide-data"], "year": ["2035"]},
            "2035-p1-t3",
            "theme tide-data; year 2035",
        ),
        (
            "recs",
            {"affected": ["night-crews"], "year": ["2031"], "kind": ["recommendation"], "not-theme": ["fair-pay"]},
            "2031-p1-r2 2031-p1-r2a 2031-p1-r4",
            "affected night-crews; year 2031; kind recommendation; not theme fair-pay",
        ),
        (
            "recs",
            {"kind": ["takeaway", "call", "goal", "framework", "conclusion"], "theme": ["tide-data"]},
            "2033-opening-g1 2033-p2-c1 2035-p1-t3",
            "kind takeaway or call or goal or framework or conclusion; theme tide-data",
        ),
        ("threads", {"in": ["2031", "2035"]}, "joint-teams night-pay keepers-heard", "in 2031 and 2035"),
        ("threads", {"not-in": ["2031", "2035"]}, "measure-more", "not-in 2031 or 2035"),
        ("speakers", {"survivor": [""]}, "2035-p1-edda-storm", "survivor"),
        (
            "speakers",
            {"not-survivor": [""], "year": ["2035"]},
            "2035-keynote-sean-obrien 2035-p1-tom-reed",
            "not-survivor; year 2035",
        ),
    ],
)
def test_criteria_select_records_and_are_put_in_words(
    db: sqlite3.Connection, listing: str, criteria: dict[str, list[str]], ids: str, words: str
) -> None:
    selection = Selection(db, LISTINGS[listing], criteria)
    assert [id_ for (id_,) in db.execute(*selection.rows(["id"]))] == ids.split()
    assert selection.count(db) == len(ids.split())
    assert selection.words == words.split("; ")


def test_more_than_four_years_are_put_in_words_as_a_range(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        own.execute("delete from names where field = 'year'")
        own.executemany("insert into names values ('year', ?1, ?1)", [(str(year),) for year in range(2030, 2036)])
        for typed, words in (("2030..2033", "2030 or 2031 or 2032 or 2033"), ("2031—2035", "2031-2035")):
            assert Selection(own, LISTINGS["recs"], {"year": [typed]}).words == [f"year {words}"]


def test_at_most_three_similar_names_are_suggested(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        own.executemany("insert into names values ('themes', ?1, ?1)", [(f"lockmen{letter}",) for letter in "abcd"])
        with pytest.raises(UsageError) as caught:
            resolve(own, LISTINGS["recs"], "theme", ["lockmen"])
        assert str(caught.value.hint).partition("? ")[0].count(" or ") == 2


def test_rows_are_counted_for_each_pack(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        own.execute(
            "update recommendations set pack = case kind when 'call' then 'mine' else 'other' end where year = 2033"
        )
        assert Selection(own, LISTINGS["recs"], {"theme": ["tide-data"]}).packs(own) == [("mine", 1), ("other", 2)]


def test_a_record_without_a_year_is_found_by_its_theme_beside_those_of_a_year(db: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as own:
        db.backup(own)
        own.execute(
            "insert into publications_themes select 'night-work', 0, seq, id from publications where year is null"
        )
        selection = Selection(own, LISTINGS["publications"], {"theme": ["night-work"], "year": ["none", "2032"]})
        assert own.execute(*selection.rows(["id"])).fetchall() == [("night-work-survey",), ("keepers-film",)]


def test_values_are_counted_from_the_most_frequent(db: sqlite3.Connection, seed: Seed) -> None:
    items = [item for item in seed.records.recommendations if item.year != 2033]
    selection = Selection(db, LISTINGS["recs"], {"not-year": ["2033"]})
    themes = Counter(theme for item in items for theme in item.themes)
    assert selection.facet("theme") == sorted(themes.items(), key=lambda pair: (-pair[1], pair[0]))
    kinds = Counter(item.kind for item in items)
    assert selection.kinds(db) == sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    assert len(set(kinds.values())) < len(kinds) > 2
    sessions = Counter(session for item in items for session in {item.session, *item.other_sessions})
    assert dict(selection.facet("session")) == sessions
    assert selection.packs(db) == []


def test_a_mix_of_kinds_has_a_caveat() -> None:
    assert mixed([("recommendation", 2)]) == ["2 items: 2 recommendations"]
    assert mixed([("recommendation", 2), ("goal", 1)]) == [
        "3 items: 2 recommendations, 1 goal; kinds are not directly comparable, see: cthbkb about"
    ]


def test_the_effect_of_a_criterion_is_told_if_there_are_several(db: sqlite3.Connection) -> None:
    asked = {"theme": ["tide-data"], "kind": ["takeaway"], "year": ["2033"], "addressee": ["forum-states"]}
    assert nearby(db, LISTINGS["recs"], asked) == ["without --kind: 1 item"]
    assert nearby(db, LISTINGS["recs"], {"theme": ["fog-signals"]}) == []
    every = {"theme": ["fair-pay", "jht"], "all": [""]}
    assert nearby(db, LISTINGS["recs"], every) == ["without --theme: 21 items", "without --all: 6 items"]


@each(
    "name, typed, said",
    [
        ("document", "zzz", "Values: 2031-highlights, "),
        ("thread", "zzz", "Values: cadet-mentors, joint-teams, "),
        ("session", "zzz", "Values: 2031-intro, "),  # twelve
        ("session", "note", "Did you mean 2035-keynote? "),  # the end of a word of an id is no part of it
        ("addressee", "zzz", "Values: forum-states, harbour-masters, shipowners."),
        ("addressee", "shipowner s", "Did you mean shipowners? Values: forum-states, harbour-masters, shipowners."),
        ("year", "2036", "Years: 2031, 2033, 2035."),
        ("year", "2036-2039", "Years: 2031, 2033, 2035."),
        ("year", "2035-2031", "Did you mean 2031-2035?"),
        ("year", "-", A_YEAR),
        ("year", "20 31 x", A_YEAR),
        ("year", "٢٠٣١", A_YEAR),
    ],
)
def test_an_unknown_value_has_a_hint(db: sqlite3.Connection, name: str, typed: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(db, LISTINGS["recs"], name, [typed])
    assert str(caught.value.hint).startswith(said)


@each(
    "name, typed, ids",
    [
        ("year", "2031", [2031]),
        ("year", " 2031 – 2033 ", [2031, 2032, 2033]),
        ("year", "2033..", [2033, 2034, 2035]),
        ("year", "-2033", [2031, 2032, 2033]),
        ("year", "2033-2033", [2033]),
        ("year", "2031, 2035", [2031, 2035]),
        ("year", "2033, 2032-2034", [2033, 2032, 2034]),
        ("session", "opening", ["2033-opening"]),
        ("session", "2033 panel 2", ["2033-p2"]),
        ("theme", "wages, fair", ["fair-pay"]),  # one name with a comma
        ("theme", "lights, jht", ["lighthouses", "joint-harbour-teams"]),
        ("theme", "beacon", ["lighthouses"]),
        ("person", "o'brien", ["sean-obrien"]),
    ],
)
def test_a_value_stands_for_ids(db: sqlite3.Connection, name: str, typed: str, ids: list[str | int]) -> None:
    assert resolve(db, LISTINGS["recs"], name, [typed]) == ids
