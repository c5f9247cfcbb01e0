"""The query language: how a text is split into units, operators and exclusions, and what a question asks for."""

from __future__ import annotations

import pytest
from conftest import each

from cthbkb.terms import LONGEST, Query, Unit, day_in_words, label, parse

PLAIN = {"word": "{}", "acronym": "{}!", "phrase": '"{}"', "prefix": "{}*", "quantity": "<{}>", "date": "[{}]"}


def told(query: Query) -> str:
    """Return a query in one line: alternatives with `|` between them, stop words in (), quantities in <>, dates in []
    and acronyms with `!`, then exclusions with `-`, and `&` if all groups are required.
    """

    def one(unit: Unit) -> str:
        assert unit.exact == (unit.mark == "phrase")
        assert unit.prefix == (unit.mark == "prefix")
        shown = PLAIN[unit.mark].format(unit.text)
        return f"({shown})" if unit.stop else shown

    groups = ["|".join(map(one, group)) for group in query.groups]
    return " ".join([*groups, *(f"-{one(unit)}" for unit in query.excluded), *(["&"] if query.strict else [])])


@each(
    "text, units",
    [
        ("keep the lamps", "keep (the) lamps"),
        ("lamps  lit,  café", "lamps lit cafe"),
        ("non-daylight work", "non daylight work"),
        ('"the lamps" lit', '"the lamps" lit'),
        ("„lamps lit“ »crews«", '"lamps lit" "crews"'),
        ('"lamps" "crews" "', '"lamps" "crews"'),
        ('"lamps lit', "lamps lit"),
        ('lamps "" "."', "lamps"),
        ("lamp* lit", "lamp* lit"),
        ("lamp*s", "lamp s"),
        ("-lamps crews", "crews -lamps"),
        ("crews -lamp*", "crews -lamp*"),
        ('crews -"lamps lit" ports', 'crews ports -"lamps lit"'),
        ('-"" crews "lamps lit"', 'crews "lamps lit"'),
        ('non-"lamps lit"', 'non "lamps lit"'),
        ('- crews "lamps"', 'crews "lamps"'),
        ("crews — lamps", "crews lamps"),
        ("crews –lamps", "crews -lamps"),
        ("NOT lamps crews", "crews -lamps"),
        ("crews AND lamps", "crews lamps &"),
        ("crews AND NOT lamps ports", "crews ports -lamps &"),
        ("crews NOT AND lamps ports", "crews ports -lamps &"),
        ("crews NOT OR lamps", "crews|lamps"),
        ("crews OR lamps ports", "crews|lamps ports"),
        ("crews OR lamps OR ports", "crews|lamps|ports"),
        ("OR crews lamps", "crews lamps"),
        ("crews OR -lamps ports", "crews ports -lamps"),
        ("crews or lamps and not ports", "crews (or) lamps (and) (not) ports"),
        ("WHO keeps lamps", "who! keeps lamps"),
        ("WHO many", "who! many"),
        ("who keeps lamps", "(who) keeps lamps"),
        ("WHO", "who!"),
        ("IT crews", "it! crews"),
        ("a A I crews", "(a) (a) (i) crews"),
        ("WHO KEEPS LAMPS", "(who) keeps lamps"),
        ("ICAO WHO", "icao (who)"),
        ('"WHO"', '"who"'),
        ("WHO*", "who*"),
    ],
)
def test_a_query_is_split_into_units(text: str, units: str) -> None:
    assert told(parse(text)) == units


@each(
    "text, units",
    [
        ("21 July 2020", "[21 july 2020]"),
        ("July 21, 2020 in port", "[21 july 2020] (in) port"),
        ("in jul 2020", "(in) [july 2020]"),
        ("July 32", "july 32"),
        ("21 july", "[21 july]"),
        ("july 21", "[21 july]"),
        ("july 31 lamps", "[31 july] lamps"),
        ("2020-07-21", "[21 july 2020]"),
        ("1000-12-31", "[31 december 1000]"),
        ("21.07.2020", "[21 july 2020]"),
        ("1.12.2020", "[1 december 2020]"),
        ("01/01/1000", "[1 january 1000]"),
        ("31.12.999", "31 12 999"),
        ("32.12.2020", "32 12 2020"),
        ("21.13.2020", "21 13 2020"),
        ("21.0.2020", "21 0 2020"),
        ("21 7 2020", "21 7 2020"),
        ("1-july-2020", "[1 july 2020]"),
        ("july-2020", "[july 2020]"),
        ("july lamps", "july lamps"),
        ("july", "july"),
        ("0 july", "0 july"),
        ("32 july", "32 july"),
        ("july 999", "july <999>"),
        ("july 1000", "[july 1000]"),
        ("july 20200", "july <20200>"),
        ("lamps july 2020", "lamps [july 2020]"),
        ("may 2020", "[may 2020]"),
        ("sept 2020", "sept 2020"),
        ("sep 2020", "[september 2020]"),
        ("ju 2020", "ju 2020"),
        ("julys 2020", "julys 2020"),
        ('july "2020"', 'july "2020"'),
        ("-july 2020", "2020 -july"),
        ("july OR 2020", "july|2020"),
        ("٢١ july", "٢١ july"),
    ],
)
def test_a_date_is_one_unit_in_any_notation(text: str, units: str) -> None:
    assert told(parse(text)) == units


@each(
    "text, units",
    [
        ("2 million", "<2 million>"),
        ("lamps: 2 million ports", "lamps <2 million> ports"),
        ("12.5% of lamps", "<12 5 percent> (of) lamps"),
        ("half of all the lamps", "<half of> (all) (the) lamps"),
        ("a third of the lamps", "<a third of> (the) lamps"),
        ("one in every five thousand", "<one in every five thousand>"),
        ("one in every five hundred thousand", "<one in every five hundred thousand>"),
        ("1 in 4 of 300", "<1 in 4> (of) <300>"),
        ("two 300", "two <300>"),
        ("2 OR 300", "2|<300>"),
        ("2 OR million", "2|million"),
        ("-2 million", "million -2"),
        ('2 "million"', '2 "million"'),
        ("2 MILLION", "<2 million>"),
        ("lamps-300-ports", "lamps 300 ports"),
        ("300-lamps", "300 lamps"),
        ("one out of every five million", "one (out) (of) every <five million>"),
        ("40 per cent lamps", "<40 per cent> lamps"),
    ],
)
def test_a_quantity_is_one_unit(text: str, units: str) -> None:
    assert told(parse(text)) == units


@each(
    "text, asked, units",
    [
        ("who keeps lamps", "who: organization person", "(who) keeps lamps"),
        ("whom to ask", "whom: organization person", "(whom) (to) ask"),
        ("whose lamps", "whose: organization person", "(whose) lamps"),
        ("whoever keeps", "", "whoever keeps"),
        ("who should keep lamps", "", "(who) (should) keep lamps"),
        ("who needs lamps", "", "(who) needs lamps"),
        ("when the lamps", "when: activity conference session", "(when) (the) lamps"),
        ("where are lamps", "where: activity conference session", "(where) (are) lamps"),
        ("how many lamps", "how many: statistic", "(how) (many) lamps"),
        ("how much pay", "how much: statistic", "(how) (much) pay"),
        ("how lamps", "", "(how) lamps"),
        ("what share of lamps", "what share: statistic", "(what) (share) (of) lamps"),
        ("what proportion pays", "what proportion: statistic", "(what) (proportion) pays"),
        ("what percentage pays", "what percentage: statistic", "(what) (percentage) pays"),
        ("what number pays", "what number: statistic", "(what) (number) pays"),
        ("number of lamps", "number of: statistic", "(number) (of) lamps"),
        ("share of lamps", "share of: statistic", "(share) (of) lamps"),
        ("percentage of lamps", "percentage of: statistic", "(percentage) (of) lamps"),
        ("proportion of lamps", "proportion of: statistic", "(proportion) (of) lamps"),
        ("what does jht stand for", "what ... stand for: abbreviation theme", "(what) (does) jht (stand) (for)"),
        ("what jht means", "what ... means: abbreviation theme", "(what) jht (means)"),
        ("what they demean", "", "(what) (they) demean"),
        ("jht stand for", "", "jht stand (for)"),
        ("which treaty lamps", "which treaty: instrument", "(which) treaty lamps"),
        ("what maritime treaties name lamps", "what treaties: instrument", "(what) maritime treaties name lamps"),
        ("which old maritime treaties", "", "(which) old maritime treaties"),
        ("which experts", "which experts: person", "(which) experts"),
        ("what are the treaties", "", "(what) (are) (the) treaties"),
        ("what is expert lamps", "", "(what) (is) expert lamps"),
        ("which ngos", "which ngos: organization", "(which) ngos"),
        ("what studies", "what studies: publication", "(what) studies"),
        ("which panels", "which panels: session", "(which) panels"),
        ("which figures", "which figures: statistic", "(which) figures"),
        ("treaty", "", "treaty"),
        ("who", "who: organization person", "(who)"),
        ("which", "", "(which)"),
        ("WHO lamps", "", "who! lamps"),
        ("", "", ""),
    ],
)
def test_a_question_asks_for_types_and_its_words_are_stop_words(text: str, asked: str, units: str) -> None:
    query = parse(text)
    assert (f"{query.question}: {' '.join(sorted(query.asked))}" if query.question else "") == asked
    assert told(query) == units


def test_a_query_is_cut_after_its_longest_length() -> None:
    words = [f"w{n}" for n in range(LONGEST + 1)]
    whole, cut = parse(" ".join(words[:LONGEST])), parse(" ".join(words))
    assert (len(whole.groups), whole.cut, len(cut.groups), cut.cut) == (LONGEST, False, LONGEST, True)
    phrase, long = parse(f'"{" ".join(words[:LONGEST])}"'), parse(f'"{" ".join(words)}"')
    assert (phrase.groups[0][0].text, phrase.cut) == (" ".join(words[:LONGEST]), False)
    assert (long.groups[0][0].text, long.cut) == (" ".join(words[:LONGEST]), True)
    operators = parse(" OR ".join(words[:LONGEST]))
    assert (len(operators.groups[0]), operators.cut) == (LONGEST, False)


def test_only_a_query_of_plain_words_can_be_the_name_of_a_record() -> None:
    texts = ["Łebsk  Tables", "JHT", "two million", '"lamps"', "lamp*", "-lamp", "lamps OR ports", "a " * 49]
    assert [parse(text).typed for text in texts] == ["lebsk tables", "jht", "two million", *[""] * 5]
    assert parse("a " * 48).typed == " ".join("a" * 48)
    assert [parse(text).foreign for text in ("café", "маяк", "打", "→", "2")] == [False, True, True, False, False]


def test_the_heaviest_weight_of_a_variant_is_kept_and_senses_are_apart() -> None:
    unit = Unit("boats")
    unit.add("boat", 0.5)
    unit.add("boat", 0.9)
    unit.add("boats", 0.1)
    unit.add("cadet", 0.4)
    unit.senses["cadet"] = ["cadet"]
    assert unit.variants == {"boats": 1.0, "boat": 0.9, "cadet": 0.4}
    assert unit.by_sense() == {"": {"boats": 1.0, "boat": 0.9}, "cadet": {"cadet": 0.4}}
    assert list(unit.by_sense()) == ["", "cadet"]
    assert unit.match() == '"boats" OR "boat" OR "cadet"'
    assert Unit("boat", prefix=True).match() == '"boat"*'


@pytest.mark.parametrize("text", ["2020-07-2", "2020-7", "2020-00", "2020-13-01", "20-07-21", "2020-07-21-01", "2020"])
def test_another_text_is_not_a_day(text: str) -> None:
    assert day_in_words(text) == ""


def test_days_and_labels_in_the_index() -> None:
    assert [day_in_words(text) for text in ("2020-12-01", "2020-01-31", "2020-12")] == [
        "1 December 2020", "31 January 2020", "December 2020",
    ]  # fmt: skip
    assert label("night-work") == "\ue001nightwork"
