"""Excerpts of search results: where the words of a query are, and which part of a long text is shown."""

from __future__ import annotations

from collections.abc import Sequence

from conftest import each

from cthbkb import excerpt
from cthbkb.terms import Unit, parse


def seek(*units: str | Unit) -> excerpt._Seek:
    return excerpt._Seek([Unit(unit) if isinstance(unit, str) else unit for unit in units])


def explained(
    units: Sequence[str | Unit], *fields: tuple[str, str], type_: str = "recommendation"
) -> tuple[str, list[str]]:
    return seek(*units).explain(type_, "\x1e".join(f"{name}\x1f{text}" for name, text in fields))


def of(query: str) -> list[Unit]:
    return [unit for group in parse(query).groups for unit in group]


@each(
    "query, text, shown",
    [
        ("lamp", "A lamp, a (lamp) and lamps.", "A [lamp], a ([lamp]) and lamps."),
        ("lamp*", "A lamp and lamplight by clamps.", "A [lamp] and [lamplight] by clamps."),
        ('"joint team"', "A joint team; joint teams; joint-team.", "A [joint team]; joint teams; [joint-team]."),
        ('"joint team"', "joint. “Team” joint", "[joint. “Team]” joint"),
        ('"joint joint team"', "joint joint joint team", "joint [joint joint team]"),
        ("team joint", "The joint team of joint", "The [joint] [team] of [joint]"),
        ("cafe", "A café or Café’s cafés", "A [café] or [Café’s] cafés"),
        ("obrien", "O'Brien, O’Brien’s and O`Brien", "[O'Brien], [O’Brien’s] and [O`Brien]"),
        ("trafficker", "a trafficker's car", "a [trafficker's] car"),
        ("keepers", "the keepers' lamp", "the [keepers]' lamp"),
        ("s", "it 's s", "it 's [s]"),
        ("25000", "In 2020, 25,000 lamps", "In 2020, [25,000] lamps"),
        ("lamp", "ships, lamp 2,500", "ships, [lamp] 2,500"),
        ("log", "Every log-book", "Every [log-book]"),
        ("book", "Every log-book", "Every [log-book]"),
        ('"book of"', "Every log-book of ships", "Every [log-book of] ships"),
        ("log book", "log-book log", "[log-book] [log]"),
        ("LAMP", "Lamp LAMP", "[Lamp] [LAMP]"),
        ("...", "none", ""),
        ("人", "打人 lamp", "[打人] lamp"),
        ("lamp", "no such word", ""),
        ("lamp", "clamp\tlamp", "clamp [lamp]"),
        ("amp", "lamp amp", "lamp [amp]"),
    ],
)  # fmt: skip
def test_matches_are_marked(query: str, text: str, shown: str) -> None:
    assert explained(of(query), ("summary", text))[0] == shown


@each(
    "before, after, first, last",
    [
        (0, 39, "lamp", "w39"), (0, 40, "lamp", "w39…"), (8, 31, "w0", "w39"), (8, 32, "w0", "w39…"),
        (9, 40, "…w1", "w40…"), (20, 60, "…w12", "w51…"), (20, 31, "…w12", "w51"), (30, 10, "…w1", "w40"),
        (60, 0, "…w21", "lamp"),
    ],
)  # fmt: skip
def test_forty_words_around_the_first_match_are_shown(before: int, after: int, first: str, last: str) -> None:
    words = [f"w{n}" for n in range(before + after + 1)]
    words[before] = "lamp"
    shown = explained(["lamp"], ("summary", " ".join(words)))[0].split()
    bare = [word.replace("[", "").replace("]", "") for word in shown]
    assert (bare[0], bare[-1]) == (first, last)
    assert len(shown) == min(40, len(words))
    assert sum("[" in word for word in shown) == 1


def test_a_match_across_the_end_of_an_excerpt_is_not_marked() -> None:
    words = [f"w{n}" for n in range(60)]
    words[0], words[38:40], words[40:42] = "lamp", ["log", "book"], ["log", "book"]
    units = ["lamp", Unit("log book", exact=True)]
    assert explained(units, ("summary", " ".join(words)))[0].endswith(" w37 [log book]…")
    words[38], words[39], words[40], words[41] = "w38", "log", "book", "w41"
    assert explained(units, ("summary", " ".join(words)))[0].endswith(" w38 log…")


def test_the_columns_and_words_of_the_matches_are_named() -> None:
    lamps = Unit("lamp")
    lamps.add("lamps", 0.9)
    fields = [("summary", "Lamps, lamps and a “lamp”."), ("keywords", "lamps"), ("id", "lamp"), ("heading", "A lamp")]
    assert explained([lamps], *fields) == (
        "[Lamps], [lamps] and a “[lamp]”.",
        ["summary: lamps, lamp", "keywords: lamps (expanded)", "heading: lamp"],
    )
    assert explained([lamps], ("summary", "No."), ("id", "lamp"))[1] == ["id: lamp"]
    four = [("summary", "a b c d"), ("modality", "a"), ("item", "a"), ("heading", "a"), ("section", "a")]
    made = explained(["a", "b", "c", "d"], *four)
    assert made == ("[a] [b] [c] [d]", ["summary: a, b, c", "modality: a", "item: a"])
    assert explained([], *four) == ("", [])


def test_a_word_that_was_typed_once_is_not_called_expanded() -> None:
    lamps = Unit("lamps")
    lamps.add("lamp", 0.9)
    for text in ("lamp lamps", "lamps lamp"):
        (why,) = explained([lamps], ("summary", text))[1]
        assert "expanded" not in why
    assert explained([lamps], ("summary", "lamp"))[1] == ["summary: lamp (expanded)"]
    assert explained([Unit("lam", prefix=True)], ("summary", "lamps"))[1] == ["summary: lamps"]
    acronym = Unit("who")
    acronym.variants = {"\ue000who": 1.0}
    assert explained([acronym], ("summary", "A WHO paper")) == ("A [WHO] paper", ["summary: who"])


def test_a_match_in_a_column_without_text_is_shown_behind_the_text() -> None:
    text = " ".join(f"w{n}" for n in range(30))
    some = " ".join(f"x{n}" for n in range(20))
    assert explained(["port"], ("summary", "No."), ("session", "The port"), ("section", "A port")) == (
        "No. (session: The [port])", ["session: port", "section: port"],
    )  # fmt: skip
    shown, _ = explained(["port"], ("summary", text), ("session", f"{some} port"))
    assert shown == (
        " ".join(f"w{n}" for n in range(28)) + "… (session: …" + " ".join(f"x{n}" for n in range(9, 20)) + " [port])"
    )
    assert explained(["port"], ("session", "The port"))[0] == "session: The [port]"
    fields = [("title", "A lamp"), ("summary", "A lamp, lit"), ("speakers", "lamp")]
    assert explained(["lamp"], *fields, type_="session") == (
        "A [lamp], lit", ["title: lamp", "summary: lamp", "speakers: lamp"],
    )  # fmt: skip
    assert explained(["lamp"], ("title", "A lamp"), ("summary", "Unlit"), type_="session")[0] == "A [lamp]"


@each("piece, parts", [("(a-b).", ("(", "a-b", ").")), ("—", ("—", "", "")), ("é", ("", "é", ""))])
def test_punctuation_is_separated_from_a_word(piece: str, parts: tuple[str, str, str]) -> None:
    assert excerpt._core(piece) == parts
