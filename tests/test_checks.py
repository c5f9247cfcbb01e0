"""Each rule finds its violations, reports them in an exact sentence, and finds nothing in the fabricated seed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, each, script

from cthbkb import checks
from cthbkb.model import Person, Records
from cthbkb.problems import SeedError
from cthbkb.seed import Seed, parse

# rule, text in the fabricated seed, its replacement, and all resulting problems
CASES: dict[str, tuple[str, str, str, list[str]]] = {
    "an id that stands in its own table already": (
        "ids_are_unique",
        "  - id: tide-decision\n",
        "  - id: lamp-treaty\n",
        ["instruments lamp-treaty: the id is used a second time; first in instruments, seed.yaml:@lamp-treaty"],
    ),
    "an id that stands in another table": (
        "ids_are_unique",
        "  - id: 2033-tweet1\n",
        "  - id: tide-decision\n    year: 2033\n",
        ["statements tide-decision: the id is used a second time; first in instruments, seed.yaml:@tide-decision"],
    ),
    "a reference to nobody, with a guess": (
        "references_resolve",
        "    speaker: edda-storm\n",
        "    speaker: edda-strom\n",
        ["statements 2035-p1-q1: speaker: no 'edda-strom' in people; did you mean edda-storm?"],
    ),
    "a reference to nobody, without a guess": (
        "references_resolve",
        "    speaker: edda-storm\n",
        "    speaker: xyz\n",
        ["statements 2035-p1-q1: speaker: no 'xyz' in people"],
    ),
    "a reference to a record of another table": (
        "references_resolve",
        "    speaker: edda-storm\n",
        "    speaker: blue-lantern\n",
        ["statements 2035-p1-q1: speaker: no 'blue-lantern' in people"],
    ),
    "a reference in a list": (
        "references_resolve",
        "    organisers: [lighthouse-keepers-union, institute-of-tides]\n",
        "    organisers: [lighthouse-keepers-union, institute-of-tide]\n",
        ["sessions 2031-side1: organisers: no 'institute-of-tide' in organizations; did you mean institute-of-tides?"],
    ),
    "a result that is no record": (
        "loose_references_resolve",
        "    fulfilled_by: night-work-survey\n    fulfilled_note",
        "    fulfilled_by: night-work-surveys\n    fulfilled_note",
        ["commitments 2031-com1: fulfilled_by: no record 'night-work-surveys'; did you mean night-work-survey?"],
    ),
    "a planned activity whose result is no record": (
        "loose_references_resolve",
        "    fulfilled_by: '2035'\n",
        "    fulfilled_by: '2037'\n",
        ["activities 2033-act2: fulfilled_by: no record '2037'"],
    ),
    "a discrepancy about no record": (
        "loose_references_resolve",
        "      - '2033'\n",
        "      - '2034'\n",
        ["discrepancies days-2033: records: no record '2034'"],
    ),
    "a day that is not in the calendar": (
        "dates_exist",
        "    date: '2033-09-12'\n    time:",
        "    date: '2033-02-30'\n    time:",
        ["statements 2033-tweet1: date: 2033-02-30 is not in the calendar"],
    ),
    "a conference that ends before it starts": (
        "dates_exist",
        "    held_end: '2033-09-13'\n",
        "    held_end: '2033-09-11'\n",
        ["conferences 2033: held_end: 2033-09-11 is before 2033-09-12"],
    ),
    "a session that ends before it starts": (
        "dates_exist",
        "    planned_end: 09:30\n",
        "    planned_end: 08:30\n",
        ["sessions 2033-opening: planned_end: 08:30 is before 09:00"],
    ),
    "a time that no day has": (
        "dates_exist",
        "    planned_end: 09:30\n",
        "    planned_end: 09:75\n",
        ["sessions 2033-opening: planned_end: 09:75 is not a time of day"],
    ),
    "a minute that no hour has": (
        "dates_exist",
        "    planned_end: 09:30\n",
        "    planned_end: 09:60\n",
        ["sessions 2033-opening: planned_end: 09:60 is not a time of day"],
    ),
    "an hour that no day has": (
        "dates_exist",
        "    planned_end: 09:30\n",
        "    planned_end: 24:30\n",
        ["sessions 2033-opening: planned_end: 24:30 is not a time of day"],
    ),
    "a session of another year than its conference": (
        "sessions_follow_their_conference",
        "  - id: 2031-intro\n    type: part\n",
        "  - id: 2031-intro\n    year: 2033\n    type: part\n",
        ["sessions 2031-intro: year: 2033, but the year of its conference is 2031"],
    ),
    "a count of a table that there is not": (
        "counts_are_as_expected",
        "    table: recommendations\n    kind: recommendation\n",
        "    table: recomendations\n    kind: recommendation\n",
        ["expected_counts 2031-highlights-recommendation: table: no 'recomendations'; did you mean recommendations?"],
    ),
    "an item whose id has the letter of another kind": (
        "items_follow_their_session",
        "  - id: 2033-p2-c1\n",
        "  - id: 2033-p2-c1\n    kind: goal\n",
        ["recommendations 2033-p2-c1: the id for this session, kind and number is 2033-p2-g1"],
    ),
    "an item of another year than its session": (
        "items_follow_their_session",
        "  - id: 2033-p2-c1\n",
        "  - id: 2033-p2-c1\n    year: 2035\n",
        [
            "threads measure-more: moves: no move from 2033 to 2035",
            "recommendations 2033-p2-c1: year: 2035, but the year of its session is 2033",
        ],
    ),
    "an item of an earlier year than its session": (
        "items_follow_their_session",
        "  - id: 2033-p2-c1\n",
        "  - id: 2033-p2-c1\n    year: 2031\n",
        [
            "threads measure-more: moves: no move from 2031 to 2033",
            "recommendations 2033-p2-c1: year: 2031, but the year of its session is 2033",
        ],
    ),
    "a letter without its number": (
        "numbers_have_no_gaps",
        "  - id: 2033-p2-c1\n",
        "  - id: 2033-p2-c1a\n",
        [
            "recommendations 2033-p2-c1a: number: 1a does not follow 0",
            "thread_items measure-more-2033-p2-c1: item: no '2033-p2-c1' in recommendations, statements, activities, "
            "commitments; did you mean 2033-p2-c1a or 2033-p2-r1?",
        ],
    ),
    "a number that is left out": (
        "numbers_have_no_gaps",
        "  - id: 2035-p1-t4\n",
        "  - id: 2035-p1-t5\n",
        [
            "recommendations 2035-p1-t5: number: 5 does not follow 3",
            "thread_items cadet-mentors-2035-p1-t4: item: no '2035-p1-t4' in recommendations, statements, activities, "
            "commitments",
        ],
    ),
    "a letter that is left out": (
        "numbers_have_no_gaps",
        "  - id: 2031-p1-r2a\n",
        "  - id: 2031-p1-r2b\n",
        [
            "recommendations 2031-p1-r2b: number: 2b does not follow 2",
            "thread_items spare-lamps-2031-p1-r2a: item: no '2031-p1-r2a' in recommendations, statements, activities, "
            "commitments; did you mean 2031-p1-r2 or 2031-p1-r2b or 2031-p1-o2?",
            "distinctions lamps-and-lights: items: no '2031-p1-r2a' in recommendations; "
            "did you mean 2031-p1-r2 or 2031-p1-r2b or 2031-p1-o2?",
            "fingerprints 2031-highlights: passages: no '2031-p1-r2a' in 2031-highlights; "
            "did you mean 2031-p1-r2 or 2031-p1-r2b or 2031-p1-o2?",
        ],
    ),
    "a name of two themes": (
        "themes_share_no_name",
        "      - cadets\n      - youth\n",
        "      - Beacons\n      - youth\n",
        ["themes young-sailors: 'beacons' is also a name of lighthouses"],
    ),
    "a name that is the id of another theme": (
        "themes_share_no_name",
        "      - cadets\n      - youth\n",
        "      - Cooperation\n      - youth\n",
        ["themes young-sailors: 'cooperation' is also a name of cooperation"],
    ),
    "a foreign name of two themes": (
        "themes_share_no_name",
        "      - cadets\n      - youth\n",
        "      - cadets\n      - youth\n    labels:\n      - 'de: leuchtturm'\n",
        ["themes young-sailors: 'leuchtturm' is also a name of lighthouses"],
    ),
    "a name of two people": (
        "people_share_no_name",
        "    name: Li Wei\n",
        "    name: Tom Reed\n",
        [
            "people li-wei: 'reed tom' is also a name of tom-reed; if they are different people, "
            "write distinct_from: [tom-reed]"
        ],
    ),
    "a name that is a spelling of somebody else": (
        "people_share_no_name",
        "    name: Li Wei\n",
        "    name: Kovalska, ANNA\n",
        [
            "people li-wei: 'anna kovalska' is also a name of anna-kowalska; if they are different people, "
            "write distinct_from: [anna-kowalska]"
        ],
    ),
    "a name that is the id of somebody else": (
        "people_share_no_name",
        "    name: Li Wei\n",
        "    name: Storm Edda\n",
        [
            "people edda-storm: 'edda storm' is also a name of li-wei; if they are different people, "
            "write distinct_from: [li-wei]"
        ],
    ),
    "a spelling of somebody else": (
        "spellings_are_of_one_person",
        "      - Anna Kovalska\n",
        "      - Ernest Berg\n",
        ["people anna-kowalska: 'Ernest Berg' shares no word with 'Anna Łucja Kowalska'"],
    ),
    "two conferences of one number": (
        "conferences_have_their_own_number_and_year",
        "    number: 3\n    title: Fair Winds",
        "    number: 1\n    title: Fair Winds",
        ["conferences 2035: number: 1 is also the number of 2031"],
    ),
    "a conference of another year than its dates": (
        "conferences_have_their_own_number_and_year",
        "    held_end: '2033-09-13'\n",
        "    held_end: '2034-09-13'\n",
        ["conferences 2033: held_end: 2034-09-13 is not in 2033"],
    ),
    "a figure of another year than its session": (
        "years_follow_sessions",
        "  - id: 2035-p1-n1\n",
        "  - id: 2035-p1-n1\n    year: 2036\n",
        ["statistics 2035-p1-n1: year: 2036, but the year of its session is 2035"],
    ),
    "a panel of another number than its id": (
        "sessions_are_numbered_as_their_ids",
        "  - id: 2033-p2\n    type: panel\n    number: 2\n",
        "  - id: 2033-p2\n    type: panel\n    number: 5\n",
        ["sessions 2033-p2: number: 5, but the id says 2"],
    ),
    "a session outside its conference": (
        "sessions_are_held_during_their_conference",
        "    held_date: '2033-09-13'\n    held_start: 09:00\n",
        "    held_date: '2033-09-15'\n    held_start: 09:00\n",
        [
            "sessions 2033-p1: held_date: 2033-09-15 is not between 2033-09-12 and 2033-09-13, "
            "when the conference was held"
        ],
    ),
    "a session before its conference": (
        "sessions_are_held_during_their_conference",
        "    held_date: '2033-09-13'\n    held_start: 09:00\n",
        "    held_date: '2033-09-11'\n    held_start: 09:00\n",
        [
            "sessions 2033-p1: held_date: 2033-09-11 is not between 2033-09-12 and 2033-09-13, "
            "when the conference was held"
        ],
    ),
    "a figure that does not name its session": (
        "records_belong_to_the_session_of_their_id",
        "  - id: 2035-p1-n1\n    session: 2035-p1\n",
        "  - id: 2035-p1-n1\n",
        ["statistics 2035-p1-n1: session: missing, but the id says 2035-p1"],
    ),
    "two bodies of one name": (
        "bodies_share_no_name",
        "    name: Institute of Tides\n",
        "    name: Ministry of quays\n",
        [
            "organizations ministry-of-quays: 'Ministry of Quays' is also the name of institute-of-tides; "
            "are they the same?"
        ],
    ),
    "two publications of one title": (
        "publications_are_recorded_once",
        "  - id: keepers-film\n",
        "  - id: keepers-film-again\n    title: The long watch!\n    kind: video\n"
        "    url: https://films.example/watch\n    document: 2033-report\n    section: a\n\n  - id: keepers-film\n",
        ["publications keepers-film: 'The Long Watch' is also the title of keepers-film-again; are they the same?"],
    ),
    "a number that is not in the value": (
        "numbers_are_those_of_the_value",
        "    number: 1250\n",
        "    number: 1520\n",
        ["statistics 2031-p1-n1: number: 1520, but the value has 1,250"],
    ),
    "a person twice in one role": (
        "people_appear_once_in_a_role",
        "  - id: 2033-p1-joao-da-silva\n    role: video\n",
        "  - id: 2033-p1-joao-da-silva\n    person: tom-reed\n    role: moderator\n",
        ["appearances 2033-p1-joao-da-silva: the same person, session and role as 2033-p1-tom-reed"],
    ),
    "an item without a theme": (
        "items_have_themes",
        "    summary: Nobody at sea is alone while one lamp burns.\n    themes: [lighthouses]\n",
        "    summary: Nobody at sea is alone while one lamp burns.\n",
        ["recommendations 2035-keynote-s1: themes is missing"],
    ),
    "a promise of nobody": (
        "promises_are_made_by_a_body_or_person",
        "    who: institute-of-tides\n",
        "    who: institute-of-tide\n",
        [
            "commitments 2031-com1: who: no 'institute-of-tide' in organizations or people; "
            "did you mean institute-of-tides?"
        ],
    ),
    "two values in one": (
        "lists_can_be_written_in_one_cell",
        "      - cadets\n      - youth\n",
        "      - cadets; youth\n",
        [
            "themes young-sailors: alternative_labels: 'cadets; youth' contains '; ', which separates values; "
            "write two values"
        ],
    ),
    "an id that does not follow from its columns": (
        "written_ids_equal_the_implied_ids",
        "  - thread: lights-lit\n    item: 2031-p1-r2\n",
        "  - id: lamps\n    thread: lights-lit\n    item: 2031-p1-r2\n",
        ["thread_items lamps: the id that its other columns imply is lights-lit-2031-p1-r2"],
    ),
    "a thread without items": (
        "threads_have_items",
        "  - thread: spare-lamps\n",
        "  - thread: lights-lit\n",
        ["threads spare-lamps: no item belongs to this thread"],
    ),
    "a thread that follows itself": (
        "threads_have_items",
        "    followed_by: [lights-lit]\n",
        "    followed_by: [spare-lamps]\n",
        ["threads spare-lamps: followed_by: names the thread itself"],
    ),
    "an item of a thread that is none": (
        "items_of_threads_exist",
        "    item: 2033-com1\n",
        "    item: 2033-comm1\n",
        [
            "thread_items measure-more-2033-comm1: item: no '2033-comm1' in recommendations, statements, activities, "
            "commitments; did you mean 2033-com1?"
        ],
    ),
    "an item of a thread in a year without a conference": (
        "items_of_threads_exist",
        "  - id: 2033-com1\n",
        "  - id: 2033-com1\n    year: 2034\n",
        [
            "threads measure-more: moves: no move from 2033 to 2034",
            "thread_items measure-more-2033-com1: item: 2034 is a year without a conference",
        ],
    ),
    "an item of two threads without its part": (
        "parts_are_named",
        "    part: the teams\n",
        "",
        ["thread_items joint-teams-2031-p1-r1: part: missing; 2031-p1-r1 belongs to 2 threads"],
    ),
    "a finding that is said to ask": (
        "entries_that_ask_can_ask",
        "    item: 2033-p1-o1\n    asks: false\n",
        "    item: 2033-p1-o1\n    asks: true\n",
        [
            "thread_items open-log-books-2033-p1-o1: asks: open-log-books has no entry in 2033 that can ask, so it "
            "can only be noted there",
            "moves open-log-books-2031-2033: changes: cannot be noted, unless the thread is asked in 2031 "
            "and only noted in 2033",
        ],
    ),
    "an ask that only a promise makes": (
        "entries_that_ask_can_ask",
        "    item: 2033-p2-c1\n    asks: true\n\n  - thread: measure-more\n    item: 2033-com1\n    asks: false\n",
        "    item: 2033-p2-c1\n    asks: false\n\n  - thread: measure-more\n    item: 2033-com1\n    asks: true\n",
        [
            "thread_items measure-more-2033-com1: asks: measure-more has no entry in 2033 that can ask, so it can "
            "only be noted there"
        ],
    ),
    "the first and last year of a thread without a move": (
        "moves_join_the_years_of_a_thread",
        "  - thread: joint-teams\n    from: '2031'\n    to: '2035'\n    changes: [sharpened, narrowed]\n"
        "    note: From should to must, for the team alone.\n    lost: one log-book for the team\n",
        "",
        ["threads joint-teams: moves: no move from 2031 to 2035"],
    ),
    "two years of a thread without a move": (
        "moves_join_the_years_of_a_thread",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2035'\n",
        "  - thread: tide-tables\n    from: '2031'\n    to: '2035'\n",
        [
            "threads tide-tables: moves: no move from 2033 to 2035",
            "moves tide-tables-2031-2035: from: tide-tables has no item of 2031",
        ],
    ),
    "a move that runs backwards": (
        "moves_join_the_years_of_a_thread",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2035'\n",
        "  - thread: tide-tables\n    from: '2035'\n    to: '2033'\n",
        [
            "threads tide-tables: moves: no move from 2033 to 2035",
            "moves tide-tables-2035-2033: to: 2033 is not after 2035",
        ],
    ),
    "a move within a year": (
        "moves_join_the_years_of_a_thread",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2035'\n",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2033'\n",
        [
            "threads tide-tables: moves: no move from 2033 to 2035",
            "moves tide-tables-2033-2033: to: 2033 is not after 2033",
        ],
    ),
    "a move to a conference that is not recorded": (
        "references_resolve",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2035'\n",
        "  - thread: tide-tables\n    from: '2033'\n    to: '2037'\n",
        [
            "threads tide-tables: moves: no move from 2033 to 2035",
            "moves tide-tables-2033-2037: to: no '2037' in conferences",
        ],
    ),
    "a figure of another session than its id": (
        "records_belong_to_the_session_of_their_id",
        "  - id: 2035-p1-n1\n    session: 2035-p1\n",
        "  - id: 2035-p1-n1\n    session: 2035-keynote\n",
        ["statistics 2035-p1-n1: session: 2035-keynote, but the id says 2035-p1"],
    ),
    "a move of three words": (
        "moves_say_what_changed",
        "    changes: [narrowed]\n",
        "    changes: [sharpened, narrowed, refocused]\n",
        ["moves tide-tables-2033-2035: changes: 3 words; one or two are expected"],
    ),
    "a move that does not say that the point is only noted": (
        "moves_say_what_changed",
        "    changes: [noted]\n    note: No longer",
        "    changes: [softened]\n    note: No longer",
        [
            "moves open-log-books-2031-2033: changes: needs noted, because the thread is asked in 2031 "
            "and only noted in 2033"
        ],
    ),
    "an illustration of what stands elsewhere": (
        "illustrations_agree_with_their_item",
        "    illustrates: 2031-p1-r2\n",
        "    illustrates: 2033-p1-r2\n",
        ["recommendations 2031-p1-r2a: illustrates: 2033-p1-r2 is in another session, or is itself an illustration"],
    ),
    "an illustration of an illustration": (
        "illustrations_agree_with_their_item",
        "    modality: need\n    document: 2031-highlights\n",
        "    modality: must\n    illustrates: 2031-p1-r2a\n    document: 2031-highlights\n",
        ["recommendations 2031-p1-r3: illustrates: 2031-p1-r2a is in another session, or is itself an illustration"],
    ),
    "an illustration of another force": (
        "illustrations_agree_with_their_item",
        "    modality: must\n    illustrates: 2031-p1-r2\n",
        "    modality: need\n    illustrates: 2031-p1-r2\n",
        ["recommendations 2031-p1-r2a: modality: need, but 2031-p1-r2, which it illustrates, is must"],
    ),
    "themes above themselves": (
        "themes_are_a_tree",
        "    scope_note: What work is paid and by whom.\n",
        "    scope_note: What work is paid and by whom.\n    broader: night-work\n",
        [
            "themes fair-pay: broader: fair-pay is broader than itself",
            "themes night-work: broader: night-work is broader than itself",
        ],
    ),
    "a citation of nothing": (
        "citations_have_one_target",
        "    instrument: lamp-treaty\n    session: 2035-p1\n",
        "    session: 2035-p1\n",
        ["citations lamp-treaty-2035: must cite either an instrument or a publication"],
    ),
    "a citation of two things": (
        "citations_have_one_target",
        "    instrument: lamp-treaty\n    session: 2035-p1\n",
        "    instrument: lamp-treaty\n    publication: keepers-film\n    session: 2035-p1\n",
        ["citations lamp-treaty-2035: must cite either an instrument or a publication"],
    ),
    "a lost record": (
        "counts_are_as_expected",
        "    count: 7\n",
        "    count: 8\n",
        ["expected_counts 2033-highlights-items: count: 2033-highlights has 7 recommendations, not 8"],
    ),
    "a lost record of a kind": (
        "counts_are_as_expected",
        "    kind: takeaway\n    count: 4\n",
        "    kind: takeaway\n    count: 5\n",
        [
            "expected_counts 2035-conclusions-takeaway: "
            "count: 2035-conclusions has 4 recommendations of kind takeaway, not 5"
        ],
    ),
    "search terms of nothing": (
        "search_terms_find_records",
        "search_terms:\n  - id: measure-more\n",
        "search_terms:\n  - id: measure-less\n",
        ["search_terms measure-less: no searchable record has this id; did you mean measure-more?"],
    ),
    "search terms of a record that search does not show": (
        "search_terms_find_records",
        "search_terms:\n  - id: measure-more\n",
        "search_terms:\n  - id: spare-lamps-2031-p1-r2a\n",
        ["search_terms spare-lamps-2031-p1-r2a: no searchable record has this id"],
    ),
    "a search term that occurs twice": (
        "search_terms_find_records",
        "      - how high is the water\n",
        "      - Devices that measure the sea!\n",
        ["search_terms measure-more: terms: 'Devices that measure the sea!' occurs twice"],
    ),
    "a search term that occurs twice, first in capitals": (
        "search_terms_find_records",
        "      - how high is the water\n",
        "      - HOW high is the water?\n      - how high is the water\n",
        ["search_terms measure-more: terms: 'how high is the water' occurs twice"],
    ),
    "a search term without a word": (
        "search_terms_find_records",
        "      - how high is the water\n",
        "      - '?'\n",
        ["search_terms measure-more: terms: '?' has 0 words; 1 to 12 are expected"],
    ),
    "a search term that is a sentence": (
        "search_terms_find_records",
        "      - how high is the water\n",
        "      - how high is the water in the port and how high should it be tonight\n",
        [
            "search_terms measure-more: terms: "
            "'how high is the water in the port and how high should it be tonight' has 15 words; 1 to 12 are expected"
        ],
    ),
    "no search terms": (
        "search_terms_find_records",
        "  - id: measure-more\n    terms:\n      - devices that measure the sea\n      - how high is the water\n",
        "  - id: measure-more\n",
        ["search_terms measure-more: terms is missing"],
    ),
    "a fingerprint of nothing": (
        "fingerprints_are_of_records",
        "      - 2031-p1-r4 11 ",
        "      - 2031-p1-r5 11 ",
        ["fingerprints 2031-highlights: passages: no '2031-p1-r5' in 2031-highlights"],
    ),
    "a second fingerprint": (
        "fingerprints_are_of_records",
        "      - 2031-p1-r4 11 ",
        "      - 2031-p1-r3 11 ",
        ["fingerprints 2031-highlights: passages: 2031-p1-r3 has a second fingerprint"],
    ),
}


SOUND = {
    "two people of one name, told apart by the first": (
        "    name: Tom Reed\n    sort_name: Reed, Tom\n",
        "    name: Li Wei\n    sort_name: Li Wei\n    distinct_from: [li-wei]\n",
    ),
    "two people of one name, told apart by the second": (
        "    name: Li Wei\n    sort_name: Li Wei\n",
        "    name: Tom Reed\n    sort_name: Reed, Tom\n    distinct_from: [tom-reed]\n",
    ),
    "a spelling in capitals": ("      - Anna Kovalska\n", "      - KOVALSKA, A.\n"),
    "a spelling in another script": ("      - Anna Kovalska\n", "      - Анна Ковальска\n"),
    "a day that is known to the month": ("    date: '2033-09-12'\n", "    date: '2033-09'\n"),
    "a session of which the month is known": (
        "    held_date: '2033-09-13'\n    held_start: 09:00\n",
        "    held_date: '2033-09'\n    held_start: 09:00\n",
    ),
    "an addressee with the id of a body": (
        "addressees:\n",
        "addressees:\n  - id: lighthouse-keepers-union\n    label: The union\n\n",
    ),
    "a letter after a letter": (
        "  - id: 2031-p1-r3\n    summary: Every lamp needs to be mended before the storms.\n",
        "  - id: 2031-p1-r2b\n    summary: Keepers need oars.\n    themes: [lighthouses]\n    modality: must\n"
        "    document: 2033-report\n    section: a\n\n"
        "  - id: 2031-p1-r3\n    summary: Every lamp needs to be mended before the storms.\n",
    ),
}
"""Allowed changes to the fabricated seed: a text, and its replacement."""


def broken(seed_path: Path, old: str, new: str) -> tuple[Seed, int]:
    """Return the fabricated seed with one change, and the number of the first changed line."""
    text = seed_path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the fabricated seed"
    return parse(text.replace(old, new).encode("utf-8"), "seed.yaml"), text[: text.index(old)].count("\n") + 1


def placed(expected: str, made: Seed) -> str:
    """Replace `@ID` in a message by the line of the record with this id."""

    def line(found: re.Match[str]) -> str:
        return str(made.layers[0].text.partition(f"- id: {found[1]}\n")[0].count("\n") + 1)

    return re.sub(r"@([\w-]+)", line, expected)


def test_the_fabricated_seed_passes(seed: Seed) -> None:
    assert checks.run(seed) == []
    checks.require(seed)


def test_every_rule_is_in_the_registry() -> None:
    made = {name: f for name, f in vars(checks).items() if getattr(f, "__module__", "") == checks.__name__}
    rules = {name for name, f in made.items() if getattr(f, "__annotations__", {}).get("return") == "Iterator[Problem]"}
    assert {name for name in rules if not name.startswith("_")} == set(checks.CHECKS)


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, *_ in CASES.values()} | {"people_are_not_alike"} == set(checks.CHECKS)  # see below


def test_every_rule_has_a_description() -> None:
    assert [name for name, rule in checks.CHECKS.items() if not (rule.__doc__ or "").endswith(".")] == []


@pytest.mark.parametrize("case", SOUND)
def test_no_rule_rejects_an_allowed_seed(case: str, seed_path: Path) -> None:
    made, _ = broken(seed_path, *SOUND[case])
    assert [str(problem) for problem in checks.run(made)] == []


@each("case", CASES)
def test_a_rule_finds_its_violations(case: str, seed_path: Path) -> None:
    rule, old, new, expected = CASES[case]
    made, _ = broken(seed_path, old, new)
    expected = [placed(problem, made) for problem in expected]
    assert [f"{p.table} {p.id}: {p.message}" for p in checks.run(made)] == expected
    found = [f"{p.table} {p.id}: {p.message}" for p in checks.CHECKS[rule](made)]
    assert found
    assert set(found) <= set(expected)


@pytest.mark.parametrize("case", ["a day that is not in the calendar", "a lost record", "a reference in a list"])
def test_a_problem_is_placed_at_the_value_that_causes_it(case: str, seed_path: Path) -> None:
    _, old, new, _ = CASES[case]
    made, line = broken(seed_path, old, new)
    (problem,) = checks.run(made)
    assert (problem.line, problem.col) == (line, new.index(":") + 3)


def test_the_problems_of_all_rules_are_reported_at_once_in_file_order(seed_path: Path) -> None:
    text = seed_path.read_text(encoding="utf-8")
    for case in ("a lost record", "a citation of nothing", "a name of two people", "a day that is not in the calendar"):
        _, old, new, _ = CASES[case]
        text = text.replace(old, new)
    with pytest.raises(SeedError) as caught:
        checks.require(parse(text.encode("utf-8"), "seed.yaml"))
    assert [problem.id for problem in caught.value.problems] == [
        "li-wei",
        "lamp-treaty-2035",
        "2033-tweet1",
        "2033-highlights-items",
    ]


def test_two_people_cannot_have_the_same_name_in_another_word_order(seed_path: Path) -> None:
    made, _ = broken(seed_path, "    name: Li Wei\n", "    name: Reed Tom\n")
    assert [(problem.table, problem.id) for problem in checks.run(made)] == [("people", "li-wei")]


@each(
    "name, other, alike",
    [
        ("Tomas Reed", "Tom Reed", True), ("Thomas Reed", "Thomas Reid", True), ("Ève Reed", "evelyn reed", True),
        ("Tom van der Reed", "Tor Reed", True), ("Tom Reed", "Tom Retz", False), ("Tom Reed", "Tom Berg", False),
        ("Tom Reed", "Ann Reed", False), ("Tom Reed", "tom reed", False),
    ],
)  # fmt: skip
def test_people_of_a_pack_with_similar_names_may_be_the_same(
    name: str, other: str, alike: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Seed, "pack", lambda seed, table, index: "mine" if index else "")
    place = {"sort_name": "A", "document": "d", "section": "s"}
    for marked in ((), ("a",)):
        people = [Person(id="a", name=name, **place), Person(id="b", name=other, distinct_from=marked, **place)]
        problems = [*checks.CHECKS["people_are_not_alike"](Seed("seed.yaml", Records({"people": people})))]
        assert [(problem.id, problem.warning) for problem in problems] == [("b", True)] * (alike and not marked)


# The command


def test_a_valid_seed_is_reported_as_valid(run: Run, seed_path: Path) -> None:
    done = run("check", seed_path)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"{seed_path}: 175 records, {len(checks.CHECKS)} rules, no problems\n"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("documents:\n", "\ndocuments:\n", 1),
        ("    kind: highlights\n", "    kind:  highlights\n", 4),
        ("    count: 4\n", "    'count': 4\n", 0),
        ("", "\n\n", 0),
    ],
)
def test_the_first_line_that_is_not_canonical_is_reported(
    old: str, new: str, line: int, run: Run, seed_path: Path, tmp_path: Path
) -> None:
    text = seed_path.read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    at = text.index(old) if line else text.rindex(old)
    path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    line = line or text[:at].count("\n") + 1 + (not old)
    done = run("check", path)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"{path}:{line}:1: not in canonical form from here on; to see the difference: check --diff; "
        "to correct it: check --fix\n"
        "1 problem in the seed\n"
    )


def test_the_canonical_form_is_written_on_demand(run: Run, seed_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("\n" + seed_path.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("check", path, "--fix").code == 0
    assert path.read_bytes() == seed_path.read_bytes()


def test_the_canonical_form_is_written_even_if_the_current_folder_is_removed(
    run: Run, seed_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("\n" + seed_path.read_text(encoding="utf-8"), encoding="utf-8")
    left = [tmp_path]

    def removed() -> Path:
        if not left:
            raise FileNotFoundError
        return left.pop()

    monkeypatch.setattr(Path, "cwd", removed)
    assert run("check", path, "--fix").err.endswith(" no problems\n")
    assert path.read_bytes() == seed_path.read_bytes()


def test_the_canonical_form_keeps_links_and_permissions(run: Run, seed_path: Path, tmp_path: Path) -> None:
    path, link = tmp_path / "mine.yaml", tmp_path / "link.yaml"
    path.write_text("\n" + seed_path.read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0o600)
    link.symlink_to(path)
    assert run("check", link, "--fix").code == 0
    assert link.is_symlink()
    assert path.read_bytes() == seed_path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_seed_that_cannot_be_read_is_not_written(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"themez: []\n")
    done = run("check", path, "--fix")
    assert (done.code, done.err) == (
        1,
        f"{path}:1:1: unknown table 'themez'; did you mean themes?\n1 problem in the seed\n",
    )
    assert path.read_bytes() == b"themez: []\n"


def test_a_seed_is_not_lost_if_the_disk_is_full(seed_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("\n" + seed_path.read_text(encoding="utf-8"), encoding="utf-8")
    before = path.read_bytes()
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000));"
    code += "from cthbkb.front import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "check", str(path), "--fix"], capture_output=True, timeout=60
    )
    assert done.returncode == 1
    assert path.read_bytes() == before


# The edges of the rules

ALLOWED = {
    # a number multiplied by a word, one of two numbers, or a number beside another sign
    "    value: 1,250\n": "    value: 1.25 thousand\n",
    "    value: '40'\n    number: 40\n": "    value: 40 of 50\n    number: 50\n",
    "    value: +12.5 %\n": "    value: 3/day\n",
    "    value: -5 %\n": "    value: 20-odd\n",
    "    number: 1\n    title: Pay | Night shifts\n": "    title: Pay | Night shifts\n",
    "  - id: 2033-intro-n1\n    session: 2033-intro\n": "  - id: 2033-intro-n1\n    session: 2033-p1\n",
    "  - id: 2033-p1-joao-da-silva\n    role: video\n": (
        "  - id: 2033-p1-joao-da-silva\n    person: tom-reed\n    role: video\n"
    ),
    "    planned_end: 09:30\n": "    planned_end: '23:59'\n",
    "    who: institute-of-tides\n": "    who: tom-reed\n",
    "    instrument: lamp-treaty\n    session: 2035-p1\n": "    publication: keepers-film\n    session: 2035-p1\n",
    "      - cadets\n      - youth\n": "      - cadets;youth\n      - Young sailors\n",
    "  - id: keepers-film\n": (
        "  - id: keepers-film-again\n    title: The long watch!\n    kind: video\n    url: https://films.example/again\n"
        "    document: 2033-report\n    section: a\n\n  - id: keepers-film\n"
    ),
}
"""Maps texts of the fabricated seed to allowed replacements, all applied at once."""

NOT_ALLOWED = {
    "    held_start: '2033-09-12'\n": (
        "    held_start: '2032-09-12'\n",
        "conferences 2033: held_start: 2032-09-12 is not in 2033",
    ),
    "    value: '40'\n": ("    value: '41'\n", "statistics 2033-concept-note-n1: number: 40, but the value has 41"),
    "  - id: 2035-p1-q1\n    session: 2035-p1\n": (
        "  - id: 2035-p1-q1\n    year: 2035\n",
        "statements 2035-p1-q1: session: missing, but the id says 2035-p1",
    ),
    "  - id: 2035-p1-q2\n": (
        "  - id: 2035-p1-q2\n    year: 2033\n",
        "statements 2035-p1-q2: year: 2033, but the year of its session is 2035",
    ),
    "    changes: [narrowed]\n": (
        "    changes: []\n",
        "moves tide-tables-2033-2035: changes: 0 words; one or two are expected",
    ),
    "    changes: [refocused]\n": (
        "    changes: [noted]\n",
        "moves keepers-heard-2033-2035: changes: cannot be noted, unless the thread is asked in 2033 "
        "and only noted in 2035",
    ),
    "      - 2031-p1-r4 11 ": (
        "      - 2033-p1-r1 11 ",
        "fingerprints 2031-highlights: passages: no '2033-p1-r1' in 2031-highlights",
    ),
}  # fmt: skip
"""Maps texts of the fabricated seed to replacements that are not allowed, and the problem, all applied at once."""


def test_the_rules_accept_and_reject_cases_near_their_limits(seed_path: Path) -> None:
    text = seed_path.read_text(encoding="utf-8")
    allowed = not_allowed = text
    for old, new in ALLOWED.items():
        assert text.count(old) == 1, old
        allowed = allowed.replace(old, new)
    assert [str(problem) for problem in checks.run(parse(allowed.encode(), "seed.yaml"))] == []
    for old, (new, _) in NOT_ALLOWED.items():
        assert text.count(old) == 1, old
        not_allowed = not_allowed.replace(old, new)
    found = [f"{p.table} {p.id}: {p.message}" for p in checks.run(parse(not_allowed.encode(), "seed.yaml"))]
    assert sorted(found) == sorted(said for _, said in NOT_ALLOWED.values())


def test_synthetic_seeds_obey_the_rules() -> None:
    synthetic = script("bench/synthetic.py")
    assert [str(problem) for problem in checks.run(parse(synthetic.yaml(synthetic.seed(130)).encode(), "a.yaml"))] == []
