"""Search: every text is a query; words, phrases, prefixes, exclusions and OR have their documented meaning."""

from __future__ import annotations

import json
import shlex
import sqlite3
from typing import Any

import pytest
from conftest import Run, each
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cthbkb import lexicon, meaning, rank, search
from cthbkb.terms import STOP, parse

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WORDS = ["lamp", "lamps", "keeper", "port", "ports", "tide", "tables", "night", "crews", "teams", "harbour", "pay"]


def hits(run: Run, *argv: str) -> list[dict[str, Any]]:
    done = run("search", "--limit", "1000", "--format", "json", *argv)
    assert done.code == 0
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def ids(run: Run, *argv: str) -> set[tuple[str, str]]:
    return {(hit["type"], hit["id"]) for hit in hits(run, *argv)}


def items(run: Run, *argv: str) -> set[str]:
    """Return the ids of the items found."""
    return {id_ for type_, id_ in ids(run, *argv) if type_ == "recommendation"}


def mentions(text: str, *words: str) -> bool:
    return any(word in text.casefold() for word in words)


@quick
@given(text=st.text(max_size=40))
@example(text='"')
@example(text='""')
@example(text='"a')
@example(text='a" b" "')
@example(text="*")
@example(text="a*b*")
@example(text="-")
@example(text="--")
@example(text="-*")
@example(text='-"')
@example(text='-"joint team')
@example(text="OR OR OR")
@example(text="AND NOT NEAR(a b)")
@example(text="lamp AND")
@example(text="title:lamp")
@example(text="{title body}: lamp")
@example(text="lamp^2 + (keeper)")
@example(text="HF.DOC/7/31")
@example(text="o'brien’s")
@example(text="non-daylight")
@example(text="\x00\ud800")
@example(text="“lamp”")
@example(text="'; drop table search; --")
@example(text="日本 Łebsk ß ﬃ")
@example(text="a " * 5000)
@example(text="x" * 30_000)
def test_no_text_causes_an_exception(run: Run, db: sqlite3.Connection, text: str) -> None:
    done = run("search", "--", text)
    assert (done.code, done.out[:4]) == (0, "type")
    assert search.search(db, parse(text)).total(db) >= done.out.count("\n") - 1


@quick
@given(text=st.text(st.sampled_from("ab -\"*OR()^:{}+.,'’“”"), max_size=30))
def test_no_mixture_of_marks_causes_an_exception(run: Run, text: str) -> None:
    assert run("search", "--", text).code == 0


@quick
@given(words=st.lists(st.text(max_size=8).filter(lambda word: not word.startswith("--db")), min_size=1, max_size=4))
def test_arguments_of_a_shell_are_accepted_unchanged(run: Run, words: list[str]) -> None:
    done = run("search", *words)
    assert done.code in {0, 2}
    assert "Traceback" not in done.err


def test_a_word_is_found_and_marked(run: Run) -> None:
    found = {hit["id"]: hit for hit in hits(run, "gauges")}
    assert set(found) == {"2033-p2-c1", "2033-com1"}
    assert found["2033-p2-c1"]["snippet"] == "Triple the number of [gauges] by 2040."
    assert found["2033-p2-c1"]["matched"] == "summary: gauges"
    assert (found["2033-p2-c1"]["type"], found["2033-p2-c1"]["kind"]) == ("recommendation", "call")
    assert found["2033-com1"]["snippet"] == "To pay for ten [gauges]."


def test_the_best_results_come_first(run: Run) -> None:
    scores = [hit["score"] for hit in hits(run, "harbour")]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_complete_matches_come_before_partial_ones(run: Run) -> None:
    first = hits(run, "tide tables port")[:3]
    assert {hit["id"] for hit in first} == {"tide-tables", "2033-p2-r1", "2035-p1-t3"}


def test_partial_matches_are_reported(run: Run) -> None:
    done = run("search", "gauges", "lamps")
    assert done.err == "no record matches all of the query; each result says which words it lacks\n"
    assert {hit["id"]: hit["matched"] for hit in hits(run, "gauges lamps") if hit["type"] == "recommendation"} == {
        "2033-p2-c1": "summary: gauges; lacks lamps",
        "2031-p1-r2a": "summary: lamps; lacks gauges",
        "2035-keynote-s1": "summary: lamp (expanded); lacks gauges",
        "2031-p1-r2": "keywords: lamp (expanded); lacks gauges",
        "2031-p1-r3": "summary: lamp (expanded); lacks gauges",
    }


def test_quotes_mean_a_phrase(run: Run) -> None:
    assert items(run, '"joint team"') == {"2033-p1-r1", "2035-p1-t1"}
    assert items(run, "“joint team”") == {"2033-p1-r1", "2035-p1-t1"}
    assert items(run, '"team joint"') == set()
    assert items(run, '"keeper\'s post"') == {"2031-p1-r2"}
    assert items(run, '"keeper’s post"') == {"2031-p1-r2"}


def test_a_star_means_a_prefix(run: Run) -> None:
    assert items(run, "publ*") == {"2033-p2-r1", "2035-p1-t3"}
    assert items(run, "encourag*") == {"2035-p1-t3"}
    matched = {hit["matched"] for hit in hits(run, "encourag*")}
    assert matched == {"summary: encouraged; modality: encourage"}


def test_a_prefix_finds_hyphenated_words_however_it_is_spelt(run: Run) -> None:
    found = items(run, "log-b*")
    assert found == {"2031-p1-r1", "2031-p1-o1", "2033-p1-o1"}
    assert items(run, "logb*") == found
    assert items(run, "log*") >= found
    assert items(run, "log-books*") == items(run, "logbooks*") <= found
    assert items(run, "cooperation*") == items(run, "co-operation*") != set()
    assert items(run, "coop*") == items(run, "co-op*") >= items(run, "co-operation*")
    assert {hit["matched"] for hit in hits(run, "logb*")} == {hit["matched"] for hit in hits(run, "log-b*")}


@pytest.mark.parametrize(
    "argv", [("keeper -lamp",), ("keeper", "-lamp"), ("-lamp", "keeper"), ("--", "keeper", "-lamp")]
)
def test_a_minus_excludes_however_it_is_quoted(run: Run, argv: tuple[str, ...]) -> None:
    done = run("search", *argv)
    assert (done.code, done.out) == (0, run("search", "keeper -lamp").out)
    assert "2031-p1-r2\t" not in done.out
    assert "2031-p1-r2a\t" in done.out


PAIRS = [(word, WORDS[(n + step) % len(WORDS)]) for step in (0, 1, 5) for n, word in enumerate(WORDS)]


def test_exclusion_removes_exactly_the_excluded_records(run: Run) -> None:
    found = {word: ids(run, f'"{word}"') for word in WORDS}  # quoted: nothing beside the word itself
    for n, (word, excluded) in enumerate(PAIRS):
        query = f'"{word}" -' + (f'"{excluded}"' if n % 2 else excluded)
        assert ids(run, "--", query) == found[word] - found[excluded], query


def test_or_finds_what_either_finds(run: Run) -> None:
    found = {word: ids(run, word) for word in WORDS}
    for n, (one, other) in enumerate(PAIRS):
        query = f"{one} OR {other}"
        either = found[one] | found[other]
        assert ids(run, query) == either, query
        assert n % 3 or run("search", query, "--count").out == f"{len(either)}\n", query


def test_an_exclusion_applies_to_every_alternative(run: Run) -> None:
    assert items(run, "gauges OR lamp -winter -spare") == items(run, "gauges OR lamp") - {"2031-p1-r2a"}
    assert items(run, '"lights" -winter -keeper -keepers') == items(run, '"lights"') - items(run, "winter OR keepers")
    for query in ("gauges lamps", "lamps gauges"):
        assert ids(run, f"{query} -spare") == ids(run, query) - ids(run, '"spare"') != ids(run, query)


@pytest.mark.parametrize("acronym", ["JHT", "jht", "JHTs"])
def test_an_acronym_finds_what_it_stands_for(run: Run, acronym: str) -> None:
    assert {"2031-p1-r1", "2033-p1-o1", "2033-p1-r1", "2035-p1-t1"} <= items(run, acronym)


def test_what_a_word_also_finds_is_reported_on_stderr(run: Run) -> None:
    done = run("search", "wages", "--format", "json")
    assert done.err == "wages also finds: pay, paid, wage\n"
    assert {"2031-side1-s1", "2035-p1-t2"} <= items(run, "wages")
    by_id = {hit["id"]: hit["matched"] for hit in hits(run, "wages")}
    assert by_id["2033-com1"] == "what: pay (expanded)"


def test_an_inflection_is_found_without_a_message(run: Run) -> None:
    done = run("search", "keeper", "--format", "json")
    assert done.err == ""
    assert "2031-p1-o1" in items(run, "keeper")


def test_an_only_from_word_is_not_found_by_the_others(run: Run) -> None:
    assert items(run, "lampkeeper") >= items(run, "keepers")
    assert "lampkeeper" not in run("search", "keeper").err


def test_the_inflection_of_an_entry_is_expanded_like_the_entry(run: Run) -> None:
    assert items(run, "lampkeepers") == items(run, "lampkeeper")
    assert run("search", "lampkeepers").err == "no record contains lampkeepers; searched for keeper, keepers\n"


def test_an_entry_may_consist_of_stop_words(run: Run) -> None:
    assert items(run, "on their own") == items(run, "lampkeeper")


def test_a_sense_counts_less_if_records_contain_the_word_itself(db: sqlite3.Connection) -> None:
    ((beside,),) = meaning.meant(db, parse("boats"), [])
    ((instead,),) = meaning.meant(db, parse("lampkeeper"), [])
    assert beside.variants["boats"] == 1.0
    assert "lampkeeper" not in instead.variants
    assert instead.variants["keeper"] > beside.variants["cadets"] > 0


def test_a_sense_ranks_below_records_that_contain_the_word(run: Run) -> None:
    found = ["boats" in hit["matched"].split("; lacks")[0] for hit in hits(run, "boats")]
    assert found == sorted(found, reverse=True)
    assert set(found) == {True, False}
    assert ("thread", "cadet-mentors") in ids(run, "boats")


def test_quotes_turn_expansion_off(run: Run) -> None:
    done = run("search", '"wage"', "--format", "json")
    assert (done.code, json.loads(done.out)) == (0, [])
    assert "also finds" not in done.err
    assert ids(run, '"keeper"') < ids(run, "keeper")


def test_a_phrase_of_the_table_is_found_without_quotes(run: Run) -> None:
    assert run("search", "young sailors", "-f", "json").err == "young sailors also finds: cadet, cadets, young sailor\n"
    assert "2035-p1-t4" in items(run, "young sailors")


def test_a_misspelt_word_is_corrected_and_reported(run: Run) -> None:
    done = run("search", "gaugse", "--format", "json")
    assert done.err.splitlines()[0] == "no record contains gaugse; searched for gauges"
    assert json.loads(done.out) == json.loads(run("search", "gauges", "--format", "json").out)


def test_nothing_is_corrected_inside_quotes(run: Run) -> None:
    assert hits(run, '"gaugse"') == []


def test_accents_do_not_matter_and_are_not_corrected(run: Run) -> None:
    assert "2033-p2-r2" in items(run, "cafe")
    assert run("search", "Novakova", "-f", "json").out == run("search", "Nováková", "-f", "json").out
    assert run("search", "Łebsk", "-f", "json") == run("search", "lebsk", "-f", "json")
    assert run("search", "Łebsk").err == ""
    assert "2033-p2-r2" in items(run, "Lebsk")


@pytest.mark.parametrize("typed", ["o'brien", "O’Brien", "Seán O'Brien", "obrien", '"O\'Brien"'])
def test_a_name_with_an_apostrophe_is_found(run: Run, typed: str) -> None:
    assert ("person", "sean-obrien") in ids(run, typed)


@pytest.mark.parametrize("typed", ["HF.DOC/7/31", "hf.doc/7/31", '"HF.DOC/7/31"'])
def test_a_symbol_is_found(run: Run, typed: str) -> None:
    assert hits(run, typed)[0]["id"] == "lamp-treaty"


def test_the_words_of_a_question_do_not_restrict_results(run: Run) -> None:
    assert "the" in STOP
    plain = [hit["id"] for hit in hits(run, "gauges")]
    assert [hit["id"] for hit in hits(run, "How many of the gauges should there be?")][: len(plain)] == plain


@pytest.mark.parametrize(
    ("asked", "types", "said"),
    [
        ("How many lights are there?", {"statistic"}, "records that answer 'how many' rank higher: statistics\n"),
        (
            "Who is at the Institute of Tides?",
            {"organization", "person"},
            "records that answer 'who' rank higher: people, organizations\n",
        ),
        (
            "Where did the harbour forum meet?",
            {"session", "activity", "conference"},
            "records that answer 'where' rank higher: ",
        ),
        (
            "What does JHT stand for?",
            {"abbreviation"},
            "records that answer 'what ... stand for' rank higher: themes, abbreviations\n",
        ),
        (
            "What does fair pay mean",
            {"theme"},
            "records that answer 'what ... mean' rank higher: themes, abbreviations\n",
        ),
        ("which speakers keep the lights", {"person"}, "records that answer 'which speakers' rank higher: people\n"),
        (
            "what maritime treaties name lamps",
            {"instrument"},
            "records that answer 'what treaties' rank higher: instruments\n",
        ),
    ],
)
def test_a_question_prefers_records_of_the_types_that_answer_it(
    run: Run, asked: str, types: set[str], said: str
) -> None:
    assert hits(run, asked)[0]["type"] in types
    assert run("search", asked).err.startswith(said)


def test_who_finds_the_speakers_of_a_matching_session(run: Run) -> None:
    asked = {hit["id"]: hit for hit in hits(run, "who was there on measuring what the sea does")}
    assert {asked[id_]["matched"] for id_ in ("petra-novakova", "anna-kowalska")} == {"appears in session 2033-p2"}
    assert asked["petra-novakova"]["score"] == pytest.approx(0.8 * asked["2033-p2"]["score"], abs=0.002)
    assert "petra-novakova" not in {hit["id"] for hit in hits(run, "measuring what the sea does")}
    assert {hit["type"] for hit in hits(run, "who measures what the sea does", "--type", "session")} == {"session"}


def test_a_question_for_a_number_or_share_prefers_figures(run: Run) -> None:
    asked, plain = (
        {hit["id"]: hit["score"] for hit in hits(run, text)} for text in ("share of lighthouses", "lighthouses")
    )
    assert asked["2031-p1-n1"] / asked["2033-act1"] > 1.2 * plain["2031-p1-n1"] / plain["2033-act1"]


def test_very_common_words_hardly_count(run: Run) -> None:
    alone, beside = (hits(run, text)[0] for text in ("gauges", "people want gauges"))
    assert beside["id"] == alone["id"]
    assert beside["score"] > 0.7 * alone["score"]
    assert hits(run, "people") != []


def test_who_should_is_not_a_question_for_a_person(run: Run) -> None:
    assert "ranks" not in run("search", "Who should pay the keepers?").err


def test_a_phrase_of_the_table_is_found_in_any_inflection(run: Run) -> None:
    assert "cadets" in run("search", "the youngest of young sailors'").err
    assert items(run, "joint harbours teams") == items(run, "joint harbour team")


def test_of_two_phrases_the_one_with_more_content_words_is_used(run: Run) -> None:
    assert run("search", "on their own").err == 'no record contains "on their own"; searched for keeper, keepers\n'
    found = run("search", "on their own wallets").err
    assert found == 'no record contains "their own wallets"; searched for pay, paid, wage, wages\n'


@pytest.mark.parametrize("typed", ["Novakowa", "Nowakova", "Nowackowa"])
def test_a_name_is_found_by_its_sound(run: Run, typed: str) -> None:
    assert hits(run, typed)[0]["id"] == "petra-novakova"
    assert run("search", typed).err.startswith(f"no record contains {typed.lower()}; searched for novakova\n")


def test_a_person_is_found_by_place_and_position(run: Run) -> None:
    assert [h["id"] for h in hits(run, "institute tides")][:2] == ["institute-of-tides", "petra-novakova"]


def test_a_record_of_the_kind_that_the_query_names_comes_first(run: Run) -> None:
    assert hits(run, "treaty lamps winter")[0]["id"] == "lamp-treaty"


def test_an_empty_search_suggests_similar_words_and_what_to_try(run: Run) -> None:
    done = run("search", '"kowalskowa"', "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")
    said = done.err.splitlines()
    assert said[:2] == ["no record contains kowalskowa", "nothing found"]
    assert said[2].startswith("similar to 'kowalskowa': ")
    assert "kowalska" in said[2]
    assert said[-1] == "Use fewer words, a prefix such as prosecut*, or OR; to list themes: cthbkb themes"


@pytest.mark.parametrize("text", ["", " ", '"', "...", "-lamp"])
def test_a_query_without_words_finds_nothing_and_says_so(run: Run, text: str) -> None:
    done = run("search", text, "--format", "json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err.splitlines()[0] == "nothing found"


def test_a_table_counts_all_that_was_found_by_type_year_and_theme(run: Run) -> None:
    done = run("search", "gauges", "--format", "table", "--limit", "1")
    assert done.err == (
        "1 of 2 shown; to show all: --limit 2\nnote: type: call 1, commitment 1\n"
        "note: year: 2033 2\nnote: theme: tide-data 2\n"
    )
    assert run("search", "gauges", "--format", "csv").err == ""


def test_all_matches_are_counted_and_the_requested_number_is_found(
    run: Run, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rank, "POOL", 1)
    monkeypatch.setattr(rank, "BEST", 1)
    assert len(search.search(db, parse("gauges")).rows) == 1
    assert search.search(db, parse("gauges")).total(db) == 2
    assert len(search.search(db, parse("gauges"), most=5).rows) == 2
    assert run("search", "gauges", "--count").out == "2\n"
    assert run("search", "gauges", "--format", "table", "--limit", "1").err.splitlines() == [
        "1 of 2 shown; to show all: --limit 2",
        "note: type: call 1, commitment 1",
        "note: year: 2033 2",
        "note: theme: tide-data 2",
    ]


@pytest.mark.parametrize("words", ["harbour", "lamp keeper", "gauges winter", '"joint team"'])
def test_the_first_rows_do_not_depend_on_the_limit(run: Run, words: str) -> None:
    first = run("search", words, "--limit", "3").out
    assert run("search", words, "--limit", "1000").out.startswith(first)


def test_a_record_with_more_of_the_words_comes_first(run: Run) -> None:
    found = [hit["matched"] for hit in hits(run, "tide tables port")]
    lacking = ["lacks" in matched for matched in found]
    assert lacking == sorted(lacking)
    assert set(lacking) == {True, False}


def test_a_query_of_years_is_answered_with_their_items_within_the_filters(run: Run) -> None:
    assert items(run, "2031 2035") == {hit["id"] for y in ("2031", "2035") for hit in hits(run, y)}
    assert {hit["year"] for hit in hits(run, "2031")} == {2031}
    assert len(hits(run, "2031 2035")) == 13
    assert len(hits(run, "2031 2035", "--year", "2035")) == 5
    assert hits(run, "2031", "--year", "2035") == []
    assert {h["id"] for h in hits(run, "2035", "--theme", "lights")} == {"2035-keynote-s1"}


def test_a_table_names_an_item_by_its_kind(run: Run) -> None:
    words = ("search", "gauges")
    results = [(r["type"], r["kind"], r["id"]) for r in json.loads(run(*words, "--format", "json").out)]
    assert ("recommendation", "call", "2033-p2-c1") in results
    shown = [line.split()[:2] for line in run(*words, "--format", "table").out.splitlines()]
    for type_, kind, id_ in results:
        assert [kind if type_ == "recommendation" else type_, id_] in shown


@quick
@given(
    word=st.sampled_from(WORDS),
    types=st.lists(st.sampled_from(["recommendation", "people", "session", "statistics", "recs"]), max_size=2),
    years=st.lists(st.sampled_from(["2031", "2033", "2035", "2031-2033"]), max_size=2),
    themes=st.lists(st.sampled_from(["jht", "lights", "night work", "tide-data"]), max_size=2),
)
def test_filters_only_remove_results(
    run: Run, word: str, types: list[str], years: list[str], themes: list[str]
) -> None:
    filters = [
        w for name, vs in (("type", types), ("year", years), ("theme", themes)) for v in vs for w in (f"--{name}", v)
    ]
    found = hits(run, word, *filters)
    assert {(h["type"], h["id"]) for h in found} <= ids(run, word)
    singular = {"people": "person", "statistics": "statistic", "recs": "recommendation"}
    if types:
        assert {h["type"] for h in found} <= {singular.get(t, t) for t in types}
    if years:
        assert {h["year"] for h in found} <= {2031, 2032, 2033, 2035}
        assert all(any(y[:4] <= str(h["year"]) <= y[-4:] for y in years) for h in found)
    assert int(run("search", word, *filters, "--count").out) == len(found)


def test_a_kind_of_item_filters_a_search_like_a_type(run: Run) -> None:
    everything = json.loads(run("search", "keeper", "--limit", "500", "--format", "json").out)
    wanted = [r["id"] for r in everything if r["kind"] == "observation" or r["type"] == "person"]
    found = json.loads(run("search", "keeper", "--type", "observations", "--type", "person", "--format", "json").out)
    assert [r["id"] for r in found] == wanted
    assert {r["kind"] for r in found if r["type"] == "recommendation"} == {"observation"}


def test_an_unknown_type_lists_the_types(run: Run) -> None:
    done = run("search", "lamp", "--type", "persn")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        "error: unknown type 'persn'\nhint: Did you mean person? Types: abbreviation, activity, "
    )


def test_twenty_results_are_shown_by_default(run: Run) -> None:
    number = int(run("search", "harbour", "--count").out)
    assert number > 20
    assert len(run("search", "harbour").out.splitlines()) == 21
    assert len(run("search", "harbour", "--limit", "3").out.splitlines()) == 4
    assert len(run("search", "harbour", "--limit", "500").out.splitlines()) == number + 1


def test_results_are_sorted_by_score_numerically(run: Run) -> None:
    scores = [
        json.loads(line)["score"] for line in run("search", "tide", "--sort", "score", "-f", "jsonl").out.splitlines()
    ]
    assert scores == sorted(scores)
    assert run("search", "tide", "--sort=-score", "-c", "id").out == run("search", "tide", "-c", "id").out


@pytest.mark.parametrize("text", ["lamp", "keeper -lamp", "-lamp keeper", '"joint team" OR tide'])
def test_the_line_to_reproduce_works(run: Run, text: str) -> None:
    first = run("search", "--cite-query", "--limit", "5", "--", text)
    command = shlex.split(first.err.splitlines()[-1].removeprefix("query: ").partition("; data ")[0])
    assert command[:2] == ["cthbkb", "search"]
    assert run("search", "--cite-query", *command[2:]) == first


def test_a_word_about_all_data_leads_to_a_comparison_unless_it_is_quoted(run: Run) -> None:
    note = "see also: cthbkb compare --theme THEME, or cthbkb compare 2016 2022\n"
    assert [note in run("search", word).err for word in ("changed", '"changed"', "unchanged")] == [True, False, False]


def test_a_very_long_query_is_cut_with_a_note(run: Run) -> None:
    done = run("search", "lamp " * 100)
    assert "only the first 48 words of the query were used" in done.err.splitlines()


@pytest.mark.parametrize("query", ["a-" * 10_000, "a*" * 10_000, '"' + "lamp " * 3000 + '"'])
def test_joined_words_are_cut_like_others(run: Run, query: str) -> None:
    assert "only the first 48 words of the query were used" in run("search", query).err.splitlines()


@pytest.mark.parametrize("word", ["lighthouse" * 2000, "7" * 20_000])
def test_a_long_word_does_not_take_one_query_per_letter(db: sqlite3.Connection, word: str) -> None:
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    search.search(db, parse(word))
    db.set_trace_callback(None)
    assert len(asked) < 100


@pytest.mark.parametrize("argv", [("-h",), ("--help",), ("lamp", "-h")])
def test_help_is_not_an_excluded_word(run: Run, argv: tuple[str, ...]) -> None:
    done = run("search", *argv)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: cthbkb search [OPTIONS] ")


def test_a_short_option_with_its_value_attached_is_an_option(run: Run) -> None:
    assert run("search", "lamp", "-n1") == run("search", "lamp", "-n", "1")
    assert run("search", "lamp", "-fjson") == run("search", "lamp", "-f", "json")


@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_query_is_units_whose_text_is_folded_words(text: str) -> None:
    query = parse(text)
    for unit in [*query.excluded, *(unit for group in query.groups for unit in group)]:
        assert unit.text.strip() == unit.text != ""
        assert unit.match().count('"') == 2
    assert all(query.groups)


def test_a_theme_is_not_confused_with_one_whose_id_begins_alike(db: sqlite3.Connection) -> None:
    assert search.search(db, parse("keepers"), themes=["night-work"]).rows
    assert search.search(db, parse("keepers"), themes=["night"]).rows == []


@each("word", ["x" * 100_000, "lamps" * 20_000, "Fog" * 40])
def test_a_word_longer_than_any_is_compared_with_none(word: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("compared")

    monkeypatch.setattr("difflib.get_close_matches", refused)
    monkeypatch.setattr(lexicon, "_sound", refused)
    done = run("search", word)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert "nothing found\n" in done.err


NONE_MATCHES = "no record matches all of the query; each result says which words it lacks"


@each(
    "query, number, first, notes",
    [
        ("2031", 8, "2031-p1-r1", []), ("2031 2035", 13, "2031-p1-r1", []), ("2031 -lamp", 0, "", []),
        ('"2031"', 30, "2031-p1-n1", []), ("2031 OR lamp", 33, "2031-p1-r3", []), ("2031 lamp", 7, "2031-p1-r3", []),
        ("lamp OR zzqq", 7, "2031-p1-r3", []), ("lamp zzqq", 0, "", ["no record contains zzqq"]),
        ("lamp wonderful", 7, "2031-p1-r3", ["no record contains wonderful", NONE_MATCHES]),
        ("lamp AND wonderful", 0, "", ["no record contains wonderful"]), ("lamp AND keeper", 2, "2031-p1-r2a", []),
        ('"zz qq" lamp', 0, "", ['no record contains "zz qq"']),
        ("conference", 0, "", ["no record contains conference"]),
        ("conference lamp", 7, "2031-p1-r3", ["not searched for: conference"]),
        ('"conference" lamp', 7, "2031-p1-r3", ["no record contains conference", NONE_MATCHES]),
        ("conference OR planned lamp planned", 10, "2031-p1-r3", ["not searched for: planned", NONE_MATCHES]),
        ("fog signal", 1, "fog-signals", ["no record contains signal; searched for signals"]),
        ("fog signals", 1, "fog-signals", []),
        ("phare cotier", 21, "lighthouses", ["'phare cotier' is interpreted as 'lighthouses'"]),
        ("lights", 28, "lighthouses", []), ("beacons", 17, "lighthouses", []),
        ("visits years", 3, "keepers-heard", [
            "1 record matches all of the query; the others say which words they lack",
        ]),
        ("lamp keeper", 20, "2031-p1-r2a", [
            "2 records match all of the query; the others say which words they lack",
        ]),
    ],
)  # fmt: skip
def test_a_query_has_its_results_and_notes(
    query: str, number: int, first: str, notes: list[str], db: sqlite3.Connection
) -> None:
    found = search.search(db, parse(query))
    rows = [id_ for rowid, _ in found.rows[:1] for (id_,) in db.execute(BY_ROW, (rowid,))]
    assert (len(found.rows), rows[:1], found.notes) == (number, [first] if first else [], notes)


BY_ROW = "select id from search_rows where rowid = ?"


@each(
    "query, strange, labels",
    [
        ("wonderful", False, {}), ("wonderful zzqq", True, {}), ("lamp", False, {}),
        ("fog signal", False, {"fog-signals": "fog signals"}), ("jht", False, {"joint-harbour-teams": "jht"}),
        ("night shifts", False, {"night-work": "night shifts"}),
        ("night shift", False, {"night-work": "night shifts"}), ("fair pays", False, {"fair-pay": "fair pay"}),
        ("night shiftsss", False, {}), ("keepers", False, {}),
        ("Leuchtturm", False, {"lighthouses": "leuchtturm"}), ("Anna Kowalska", False, {}),
    ],
)  # fmt: skip
def test_unknown_words_and_names_of_themes_are_recognised(
    query: str, strange: bool, labels: dict[str, str], db: sqlite3.Connection
) -> None:
    found = search.search(db, parse(query))
    assert (found.strange, found.labels) == (strange, labels)


@each(
    "query, near",
    [
        ("keeper", ["keeper, keepers, keep"]), ("harbor", ["harbour safety, harbour, harbours"]), ("zzqq", []),
        ("kowalskaa", ["anna kowalska, kowalska anna lucja, anna kovalska, kowalska, kovalska"]),
        ("lamp zzqq gauge", ["lamp, lamps", "gauges"]),
        ("zzqq zzqq zzqq zzqq gauge", []), ("zzqq zzqq zzqq gauge", ["gauges"]),
        ("x" * 65 + " gauge", ["gauges"]),
    ],
)  # fmt: skip
def test_similar_words_names_and_labels_are_suggested(query: str, near: list[str], db: sqlite3.Connection) -> None:
    assert [text.partition(": ")[2] for text in search.nearest(db, parse(query))] == near


@each(
    "word, type_",
    [
        ("person", "person"), ("people", "person"), ("speaker", "person"), ("Speakers", "person"),
        ("recs", "recommendation"),
        ("recommendations", "recommendation"), ("obs", "observation"), ("observations", "observation"),
        ("framework items", "framework"), ("figures", "statistic"), ("theme", "theme"), ("calls", "call"),
    ],
)  # fmt: skip
def test_a_type_has_several_names(word: str, type_: str) -> None:
    assert search.type_of(word) == type_


def test_a_search_is_within_any_of_the_types_years_and_themes() -> None:
    assert search._within((), (), ()) == ("", [])
    clause, values = search._within(["person", "goal", "recommendation"], [2031, 2033], ["jht", "night"])
    assert values == ["person", "goal", "recommendation", "goal", 2031, 2033, '"jht"', '"night"']
    assert clause == (
        " and (r.type in (?, ?, ?) or r.type = 'recommendation' and r.id in"
        " (select id from recommendations where kind in (?)))"
        " and r.year in (?, ?) and (instr(r.themes, ?) or instr(r.themes, ?))"
    )


def test_an_unknown_word_is_compared_with_the_foreign_names_of_themes_once(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    original = meaning.theme_called

    def called(db: sqlite3.Connection, text: str) -> tuple[str, str] | None:
        asked.append(text)
        return original(db, text)

    monkeypatch.setattr(search, "theme_called", called)
    monkeypatch.setattr(meaning, "theme_called", called)
    for words in ("zzqqxx", "zzqqxx lamp"):
        search.search(db, parse(words))
    assert asked == ["zzqqxx", "zzqqxx lamp", "zzqqxx"]
