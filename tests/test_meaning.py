"""The interpretation of a query: the variants of its words with their weights, and the notes on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from conftest import each

from cthbkb import meaning, named
from cthbkb import seed as seeds
from cthbkb.build import build
from cthbkb.meaning import inflection, meant, theme_called
from cthbkb.terms import Unit, parse

TEXTS = (
    "keeper keeps lamps in order", "a lighthouse", "light house of the e-mail and log-book", "joint team of ports",
    "63,251 nets",
    "pay of crews", "paid crews", "sailing sailed sails", "sailor", "young sailors", "happy gauges", "boats of cadets",
    "The WHO pays", "of 40 percent", "harbour harbours harbouring", "captain captains", "run running",
    "a big stop sign",
    "fishing-net", "universe", "universal", "one two three four five", "anna kowalska", "pilot", "piloted pilotage",
)  # fmt: skip

SEED = """
documents:
- {id: doc, title: Highlights, kind: highlights, conference: '2031', year: 2031, publisher: P, citation: C}
conferences:
- {id: '2031', number: 1, year: 2031, title: First, held_start: '2031-06-10', held_end: '2031-06-12', city: Wien,
   document: doc, section: S}
people:
- {id: anna-kowalska, name: Anna Kowalska, sort_name: Kowalska, document: doc, section: S}
themes:
- {id: lights, label: Lights, scope_note: X.,
   labels: ['de: Leuchttürme', 'fr: phares côtiers', 'es: faro de la costa', 'de: Seezeichen']}
- {id: night, label: Night work, labels: ['de: Nachtarbeit', 'fr: travail de nuit'], scope_note: X.}
expansions:
- {id: keeper, kind: inflection, words: [keeper, keepers], only_from: [warden]}
- {id: pay, kind: synonym, words: [pay, paid, wages], only_from: [purse, their own purse]}
- {id: jht, kind: acronym, words: [jht, joint harbour team]}
- {id: cadet, kind: term, words: [cadet, cadets, young sailors], only_from: [boats]}
- {id: five, kind: term, words: [one two three four five, numbers]}
- {id: lampe, kind: translation, words: [lamps], only_from: [lampe, lampada]}
- {id: mail, kind: synonym, words: [email, letter]}
commitments:
""" + "".join(
    f"- {{id: c{n}, year: 2031, who: nobody, what: '{text}', document: doc, section: S}}\n"
    for n, text in enumerate(TEXTS)
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    target = tmp_path_factory.mktemp("meaning") / "kb.db"
    build(seeds.parse(SEED.encode(), "seed.yaml"), target)
    with closing(named.connect(str(target))) as db:
        yield db


def interpreted(db: sqlite3.Connection, query: str) -> tuple[list[list[Unit]], list[str]]:
    notes: list[str] = []
    return meant(db, parse(query), notes), notes


def told(unit: Unit) -> str:
    """Return a unit in one line: its text, and its variants with their weights in percent."""
    variants = " + ".join(f"{text} {worth * 100:.0f}" for text, worth in unit.variants.items())
    senses = "".join(f" [{id_}: {', '.join(words)}]" for id_, words in unit.senses.items())
    return f"{unit.text}{'?' if unit.missing else ''} = {variants}{senses}"


@each(
    "query, units, note",
    [
        ("keeper", "keeper = keeper 100 + keepers 95", ""),
        ("warden", "warden = keeper 90 + keepers 90 [keeper: keeper, keepers]",
         "no record contains warden; searched for keeper, keepers"),
        ("wardens", "wardens = keeper 90 + keepers 90 [keeper: keeper, keepers]",
         "no record contains wardens; searched for keeper, keepers"),
        ("keeping", "keeping = keeping 100 + keeps 90", "no record contains keeping; searched for keeps"),
        ("lamps", "lamps = lamps 100", ""),
        ("paid crews", "paid = paid 100 + pay 80 + wages 80 | crews = crews 100", "paid also finds: pay, wages"),
        ("wage", "wage = wage 100 + pay 80 + paid 80 + wages 95", "wage also finds: pay, paid, wages"),
        ("purse", "purse = pay 90 + paid 90 + wages 90 [pay: pay, paid, wages]",
         "no record contains purse; searched for pay, paid, wages"),
        ("on their own purse", "their own purse = pay 90 + paid 90 + wages 90 [pay: pay, paid, wages]",
         'no record contains "their own purse"; searched for pay, paid, wages'),
        ("joint harbours teams", "joint harbours teams = joint harbours teams 100 + jht 80 + joint harbour team 95",
         "joint harbours teams also finds: jht, joint harbour team"),
        ("joint harbour", "joint = joint 100 | harbour = harbour 100 + harbouring 95 + harbours 95", ""),
        ("JHT", "jht = jht 100 + joint harbour team 80", "jht also finds: joint harbour team"),
        ("boats", "boats = boats 100 + cadet 50 + cadets 50 + young sailors 50 [cadet: cadet, cadets, young sailors]",
         "boats also finds: cadet, cadets, young sailors"),
        ("boat", "boat = cadet 90 + cadets 90 + young sailors 90 [cadet: cadet, cadets, young sailors]",
         "no record contains boat; searched for cadet, cadets, young sailors"),
        ("one two three four five", "one two three four five = one two three four five 100 + numbers 80",
         "one two three four five also finds: numbers"),
        ("zero one two three four five",
         "zero? = zero 100 | one two three four five = one two three four five 100 + numbers 80",
         "one two three four five also finds: numbers"),
        ("joint OR harbour team",
         "joint = joint 100 OR harbour = harbour 100 + harbouring 95 + harbours 95 | team = team 100", ""),
        ("WHO paid", "who = \ue000who 100 | paid = paid 100 + pay 80 + wages 80", "paid also finds: pay, wages"),
        ('young "stop" sailors', "young = young 100 | stop = stop 100 | sailors = sailors 100 + sailor 95", ""),
        ('young "sailors"', "young = young 100 | sailors = sailors 100", ""),
        ('"lamps" keeper', "lamps = lamps 100 | keeper = keeper 100 + keepers 95", ""),
        ("young stop OR pilot sailors",
         "young = young 100 | stop = stop 100 OR pilot = pilot 100 + piloted 95"
         " | sailors = sailors 100 + sailor 95", ""),
        ("joint harbour OR pilot team",
         "joint = joint 100 | harbour = harbour 100 + harbouring 95 + harbours 95 OR pilot = pilot 100 + piloted 95"
         " | team = team 100", ""),
        ("the harbour", "harbour = harbour 100 + harbouring 95 + harbours 95", ""),
        ("the OR harbour", "harbour = harbour 100 + harbouring 95 + harbours 95", ""),
        ("the of", "the = the 100", ""),
        ("the", "the = the 100", ""),
        ('"keepers"', "keepers? = keepers 100", ""),
        ("keep*", "keep = keep 100", ""),
        ("zepp*", "zepp? = zepp 100", ""),
        ("email", "email = email 100 + e mail 95 + letter 80", "email also finds: letter"),
        ("emails", "emails = emails 100 + email 95 + e mail 95 + letter 80", "emails also finds: letter"),
        ("e mail", "e mail = e mail 100 + email 95 + letter 80", "e mail also finds: letter"),
        ("e-mail", "e mail = e mail 100 + email 95 + letter 80", "e mail also finds: letter"),
        ("e-mails", "email = email 100 + e mail 95 + letter 80", "email also finds: letter"),
        ("logbook", "logbook = logbook 100 + log book 95", ""),
        ("log book", "log = log 100 | book = book 100", ""),
        ("63 251", "63 251 = 63251 100", ""),
        ("fishingnet", "fishingnet = fishingnet 100 + fishing net 95", ""),
        ("jointteam", "joint team = jointteam 100 + joint team 95", ""),
        ("gaugse", "gauges = gauges 100", "no record contains gaugse; searched for gauges"),
        ("captan", "captain = captain 100 + captains 95", "no record contains captan; searched for captain"),
        ("gauge", "gauge = gauge 100 + gauges 90", "no record contains gauge; searched for gauges"),
        ("pilots", "pilot = pilot 100 + piloted 95", "no record contains pilots; searched for pilot"),
        ("piloting", "piloting = piloting 100 + pilot 90 + piloted 90",
         "no record contains piloting; searched for pilot, piloted"),
        ("stopped", "stopped = stopped 100 + stop 90", "no record contains stopped; searched for stop"),
        ("kowalzka", "kowalska = kowalska 100", "no record contains kowalzka; searched for kowalska"),
        ("addition", "addition? = addition 100", ""),
        ("zeppelin", "zeppelin? = zeppelin 100", ""),
        ("lampe", "lampe = lamps 95", "no record contains lampe; searched for lamps"),
        ("lampadas", "lampadas = lamps 95", "no record contains lampadas; searched for lamps"),
        ("lampen", "lampada = lamps 95", "no record contains lampada; searched for lamps"),
        ("Leuchtturm", "lights = lights 100", "'leuchtturm' is interpreted as 'lights'"),
        ("Leuchttuerme", "lights = lights 100", "'leuchttuerme' is interpreted as 'lights'"),
        ("nachtarbeiten", "night work = night work 100", "'nachtarbeiten' is interpreted as 'night work'"),
        ("phares cotiers", "phares? = phares 100 | cotiers? = cotiers 100", ""),
        ("40%", "40 percent = 40 percent 100 + 40 per cent 100 + 40 80", ""),
    ],
)  # fmt: skip
def test_the_words_of_a_query_get_their_variants(query: str, units: str, note: str, base: sqlite3.Connection) -> None:
    groups, notes = interpreted(base, query)
    assert " | ".join(" OR ".join(told(unit) for unit in group) for group in groups) == units
    assert "; ".join(notes) == note


@each(
    "query, records, plain",
    [
        ("harbour", {"": 3}, False), ("paid", {"": 2}, False), ("boats", {"": 1, "cadet": 2}, False),
        ("warden", {"": 0, "keeper": 1}, False), ("young sailors", {"": 2}, False), ("keep*", {"": 2}, False),
        ("sail*", {"": 5}, False), ("WHO", {"": 1}, True), ("zeppelin", {"": 0}, False), ("stop", {"": 1}, True),
        ("possible", {"": 0}, True), ('"joint team of ports"', {"": 1}, False), ("of", {"": 5}, True),
    ],
)  # fmt: skip
def test_the_records_of_a_word_are_estimated(
    query: str, records: dict[str, int], plain: bool, base: sqlite3.Connection
) -> None:
    ((unit,),) = interpreted(base, query)[0]
    assert (unit.records, unit.plain, unit.missing) == (records, plain, not any(records.values()))


@each(
    "query, concepts",
    [
        ("keeper", {"keeper": 0.95}), ("wages", {"pay": 0.8}), ("purse", {"pay": 0.9}), ("boats", {"cadet": 0.9}),
        ("lampe", {}), ("harbour", {}), ("sailors", {}),
    ],
)  # fmt: skip
def test_a_word_belongs_to_its_entries(query: str, concepts: dict[str, float], base: sqlite3.Connection) -> None:
    ((unit,),) = interpreted(base, query)[0]
    assert unit.concepts == concepts


@each(
    "one, other, same",
    [
        ("sail", "sails", True), ("sail", "sailed", True), ("sail", "sailing", True), ("sail", "sailor", False),
        ("run", "running", True), ("run", "runned", True), ("quick", "quickly", True), ("box", "boxes", True),
        ("make", "making", True), ("happy", "happily", True), ("universe", "universal", True), ("bake", "baker", False),
        ("live", "lived", True), ("universal", "university", False), ("run", "runing", True),
        ("plan", "planxing", False),
        ("sail", "sail", False),
    ],
)  # fmt: skip
def test_an_inflection_adds_a_regular_ending(one: str, other: str, same: bool) -> None:
    assert inflection(one, other) == inflection(other, one) == same


@each(
    "text, called",
    [
        ("leuchtturme", ("lights", "leuchtturme")), ("leuchtturm", ("lights", "leuchtturme")),
        ("leuchttuerme", ("lights", "leuchtturme")), ("leuchtturmes", ("lights", "leuchtturme")),
        ("leuchtturmesten", None), ("leuchte", None), ("den leuchtturme", ("lights", "leuchtturme")),
        ("phares cotiers", ("lights", "phares cotiers")), ("les phares de cotiere", ("lights", "phares cotiers")),
        ("phares", None), ("cotiers phares", None), ("faros costas", ("lights", "faro de la costa")),
        ("fero costa", None),
        ("travail nuit", ("night", "travail de nuit")), ("nachtarbeit", ("night", "nachtarbeit")),
        ("nacht", None), ("zeichen", None), ("seezeichen", ("lights", "seezeichen")), ("harbour", None),
        ("of the", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_theme_is_known_by_its_name_in_another_language(
    text: str, called: tuple[str, str] | None, base: sqlite3.Connection
) -> None:
    assert theme_called(base, text) == called


def test_words_with_the_same_beginning_are_alike() -> None:
    pairs = [
        ("lamp", "lamps"),
        ("lam", "lams"),
        ("sailing", "sailed"),
        ("sailings", "sailorman"),
        ("lamp", "lampshade"),
    ]
    assert [meaning._alike(*pair) for pair in pairs] == [True, False, True, False, False]
    assert [meaning._shared(*pair) for pair in pairs] == [4, 3, 4, 4, 4]
    others = ("nachtarb", "nachtarbeit", "nachtarbeite", "nacht")
    assert [meaning._ends_apart("nachtarb", other, 4) for other in others] == [
        True, True, False, True,
    ]  # fmt: skip
    assert not meaning._ends_apart("nac", "nact", 4)
    assert not meaning._ends_apart("nacht", "nachtabc", 6)
    assert not meaning._ends_apart("abcd", "abc", 4)
    assert not meaning._ends_apart("nacxyz", "nacuvw", 3)
