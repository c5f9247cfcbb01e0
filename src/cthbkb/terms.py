"""The query language: words, "phrases", prefix*, -exclusions, NOT, AND and OR. Every text is a valid query.

A query is parsed into groups of *units*; the units of a group are alternatives (OR). A unit is a word or phrase with
the variants to search for, each with a weight relative to the word as typed. `meaning.py` adds the variants.
"""

from __future__ import annotations

from cthbkb.quantities import PERCENT, quantity
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ABOUT",
    "ACRONYM",
    "LABEL",
    "LIGHT",
    "LONGEST",
    "STOP",
    "Query",
    "Unit",
    "day_in_words",
    "label",
    "parse",
    "question",
]

LONGEST = 48
"""Maximum number of words in a query; a note says that further words were ignored."""

STOP = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom whose this that these those am is are was were be
    been being have has had having do does did doing would should could ought will shall can may might must a an the
    and but if or because as until while of at by for with about against between into through during before after
    above below to from up down in out on off over under again further then once here there when where why how all any
    both each few more most other some such no nor not only own same so than too very us also get gets got let say says
    said upon yet
    """.split()
)
"""Common English stop words, which occur in questions but do not help to answer them."""

ABOUT = frozenset(
    """
    appear appears ask asked asks conference conferences discussed opinion osce planned position recommend
    recommendation recommendations recommended recommends view views wanted year years change changed changes new
    mr mrs ms miss dr prof de du des la le les et aux der die das den dem und von fur im zum zur в и на для от по
    """.split()
)
"""Words about the knowledge base itself, forms of address, and short words of other languages.

They are ignored if no record has them together with the other words.
"""

LIGHT = frozenset(
    """
    become becomes bring brings brought come comes came coming did done end ends ended even ever gave gets getting give
    given gives giving go goes going gone got happen happened happening happens keep keeps kept know knowing known knows
    let lets look looks made make makes making many mean means much need needed needs never often people percent
    person put really see seen still stop stops take taken takes taking tell tells thing things think thought told took
    try trying use used uses using want wanted wants way ways went without work working works
    """.split()
) | {"per cent"}
"""Words of little meaning: light verbs, adverbs of degree and frequency, people and things, per cent."""

MODAL = frozenset("should can could must may might shall will would ought needs".split())

QUESTIONS = (
    ("who", "person organization"),
    ("whom", "person organization"),
    ("whose", "person organization"),
    ("when", "conference session activity"),
    ("where", "conference session activity"),
    ("how many", "statistic"),
    ("how much", "statistic"),
    ("what share", "statistic"),
    ("what proportion", "statistic"),
    ("what percentage", "statistic"),
    ("what number", "statistic"),
    ("number of", "statistic"),
    ("share of", "statistic"),
    ("percentage of", "statistic"),
    ("proportion of", "statistic"),
)
"""Question words with the types of records that answer them; `who should ...` does not ask for a person."""

NOUNS = {
    noun: type_
    for type_, nouns in {
        "person": "ambassador ambassadors expert experts journalist journalists judge judges minister ministers"
        " moderator moderators official officials panellist panellists prosecutor prosecutors speaker speakers survivor"
        " survivors",
        "organization": "agencies agency bodies body charities charity companies company institution institutions"
        " ministries ministry ngo ngos organisation organisations organization organizations",
        "instrument": "agreement agreements convention conventions decision decisions instrument instruments law laws"
        " protocol protocols treaties treaty",
        "publication": "book books guide guideline guidelines guides handbook handbooks paper papers publication"
        " publications report reports studies study",
        "statistic": "figure figures statistic statistics",
        "session": "panel panels session sessions",
    }.items()
    for noun in nouns.split()
}
"""Nouns after `which` and `what`, with the type of records that they ask for."""

MEANING = ("stand for", "stands for", "short for", "mean", "means")
"""Endings of a question, beginning with `what`, for the meaning of an acronym or a term."""

MONTHS = tuple("january february march april may june july august september october november december".split())

ACRONYM = "\ue000"
"""Prefix, in the index, of an acronym that is otherwise a stop word: WHO, IT."""

LABEL = "\ue001"
"""Prefix, in the index, of the id of a theme."""

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"


def label(theme: str) -> str:
    """Return the word that finds the items of a theme in the index."""
    return LABEL + theme.replace("-", "")


def day_in_words(text: str) -> str:
    """Return `2020-07-21` as `21 July 2020` and `2020-07` as `July 2020`; an empty string for any other text."""
    if text[4:5] != "-":
        return ""
    parts = text.split("-")
    digits = [len(part) for part in parts if part.isascii() and part.isdigit()]
    if digits not in ([4, 2], [4, 2, 2]) or len(digits) != len(parts) or not 1 <= int(parts[1]) <= 12:
        return ""
    day = [str(int(parts[2]))] if len(parts) == 3 else []
    return " ".join([*day, MONTHS[int(parts[1]) - 1].capitalize(), parts[0]])


class Unit:
    """A term of a query: the text as typed, and the variants to search for with their weights.

    `senses` maps each concept that the word leads to in only one direction to its variants; all other variants stand
    for the word itself. `records` estimates, by sense, how many records contain it ("" for the word itself); no record
    contains a `missing` unit. A `plain` unit is a common English word that names no subject. An `unnamed` unit is known
    not to name a theme in any language. `concepts` maps the entries of the expansion table that contain the word, or
    that it leads to, to their weights.
    """

    __slots__ = (
        "concepts", "corrected", "exact", "expanded", "mark", "missing", "plain", "prefix", "records", "senses", "stop",
        "text", "unnamed", "variants",
    )  # fmt: skip

    def __init__(
        self, text: str, exact: bool = False, prefix: bool = False, stop: bool = False, mark: str = ""
    ) -> None:
        self.text = text
        self.exact = exact
        self.prefix = prefix
        self.stop = stop
        self.mark = mark
        self.variants = {text: 1.0}
        self.senses: dict[str, list[str]] = {}
        self.concepts: dict[str, float] = {}
        self.expanded = False
        self.corrected = ""
        self.missing = False
        self.plain = False
        self.unnamed = False
        self.records: dict[str, int] = {}

    def add(self, text: str, worth: float) -> None:
        """Add a variant, or raise its weight."""
        self.variants[text] = max(worth, self.variants.get(text, 0.0))

    def by_sense(self) -> dict[str, dict[str, float]]:
        """Return the variants with their weights, by sense; the word itself comes first, under an empty name."""
        led = {word for words in self.senses.values() for word in words}
        found = {"": {word: worth for word, worth in self.variants.items() if word not in led}}
        return found | {sense: {word: self.variants[word] for word in words} for sense, words in self.senses.items()}

    def match(self) -> str:
        """Return the unit as an FTS5 expression, with every variant quoted."""
        return " OR ".join(f'"{v}"{"*" if self.prefix else ""}' for v in self.variants)


class Query:
    """A parsed query: groups of units (OR within a group), excluded units, and the text as typed, folded.

    `strict` is set if AND was typed: every group is then required. `cut` is set if words were ignored. A question has
    its question words in `question`, and the types of records that answer it in `asked`.
    """

    __slots__ = ("asked", "cut", "excluded", "foreign", "groups", "question", "strict", "typed")

    def __init__(self, typed: str = "") -> None:
        self.groups: list[list[Unit]] = []
        self.excluded: list[Unit] = []
        self.typed = typed
        self.strict = False
        self.foreign = False
        self.cut = False
        self.question = ""
        self.asked: frozenset[str] = frozenset()


def parse(text: str) -> Query:
    """Parse a query; no text is invalid."""
    text = text[:20_000]
    tokens = _tokens(text)
    plain = all(mark in {"word", "acronym"} for mark, _ in tokens)
    query = Query(fold(text) if plain and len(tokens) <= LONGEST else "")
    query.foreign = any(c.isalpha() and c > "\u036f" for c in text)
    words = sum(1 for mark, _ in tokens if mark not in OPERATORS)
    if words > LONGEST:
        tokens, query.cut = tokens[:LONGEST], True
    either = excluded = False
    for mark, word in _measured(_dated(tokens)):
        if mark in OPERATORS:
            either = mark == "or" and bool(query.groups)
            excluded = mark == "not" or (excluded and mark == "and")
            query.strict = query.strict or mark == "and"
            continue
        if word.count(" ") >= LONGEST:
            word, query.cut = " ".join(word.split(" ")[:LONGEST]), True
        unit = Unit(word, mark.endswith("phrase"), mark.endswith("prefix"), mark == "word" and word in STOP)
        unit.mark = mark.lstrip("-")
        if mark.startswith("-") or excluded:
            query.excluded.append(unit)
        elif either:
            query.groups[-1].append(unit)
        else:
            query.groups.append([unit])
        either = excluded = False
    named = bool(query.groups) and query.groups[0][0].mark == "acronym"  # WHO, which is not the word `who`
    query.question, query.asked, (begin, end) = question("" if named else query.typed)
    for group in query.groups[:begin] + query.groups[len(query.groups) - end :]:
        group[0].stop = True
    return query


OPERATORS = ("or", "and", "not")


def question(typed: str) -> tuple[str, frozenset[str], tuple[int, int]]:
    """Return the question words of a query, the types of records that answer it, and the number of such words at its
    start and end; all of them are empty for a query that asks for no type.
    """
    for words, types in QUESTIONS:
        if f"{typed} ".startswith(f"{words} ") and typed.removeprefix(words).split()[:1] not in ([m] for m in MODAL):
            return words, frozenset(types.split()), (words.count(" ") + 1, 0)
    first, *rest = typed.split()[:3] or [""]
    if first == "what":
        for words in MEANING:
            if typed.endswith(f" {words}"):
                return f"what ... {words}", frozenset({"abbreviation", "theme"}), (1, words.count(" ") + 1)
    if first in {"which", "what"} and rest:
        noun = rest[-1] if rest[0] not in NOUNS and rest[0] not in STOP else rest[0]
        if noun in NOUNS:
            return f"{first} {noun}", frozenset({NOUNS[noun]}), (1, 0)
    return "", frozenset(), (0, 0)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Split a query into `(mark, folded words)` pairs.

    The mark is word, acronym, phrase, prefix, one of these with a leading `-`, or an operator. A word in capitals is an
    acronym; in lower case it may be a stop word.
    """
    for quote in "“”„«»‟＂":
        text = text.replace(quote, '"')
    found = []
    parts = text.split('"')
    minus = ""
    shouted = text.isupper() and len(text.split()) > 1
    for n, part in enumerate(parts):
        if n % 2 and n < len(parts) - 1:
            if fold(part):
                found.append((minus + "phrase", fold(part)))
            continue
        minus = ""
        for raw in part.replace("%", f" {PERCENT} ").split():
            if raw in {"OR", "AND", "NOT"}:
                found.append((raw.lower(), ""))
                continue
            without = "-" if raw[0] in DASHES else ""
            word = fold(raw)
            if word:
                acronym = raw.isupper() and len(word) > 1 and not shouted
                found.append((without + ("prefix" if raw.endswith("*") else "acronym" if acronym else "word"), word))
        if part[-1:] and part[-1] in DASHES and not part[-2:-1].strip():
            minus = "-"
    return found


def _dated(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge the words of a date into one unit, as the index does: `July 21, 2020`, `21.07.2020`, `2020-07-21`."""
    made: list[tuple[str, str]] = []
    n = 0
    while n < len(tokens):
        day, length = _date(tokens, n)
        made.append(("date", day) if day else tokens[n])
        n += length
    return made


def _measured(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merge the words of a quantity into one unit: `2 million`, `40 percent`, `one in a hundred`."""
    made: list[tuple[str, str]] = []
    n = 0
    while n < len(tokens):
        words: list[str] = []
        ends = []
        for mark, word in tokens[n : n + 6]:
            if mark != "word":
                break
            words += word.split()
            ends.append(len(words))
        asked, length = quantity(words) if words else (None, 0)
        if asked and length in ends:
            made.append(("quantity", " ".join(words[:length])))
            n += ends.index(length) + 1
        else:
            made.append(tokens[n])
            n += 1
    return made


def _date(tokens: Sequence[tuple[str, str]], n: int) -> tuple[str, int]:
    """Return the date that begins at a token, in words, and its number of tokens; an empty string if there is none."""
    for length in (3, 2, 1):
        run = tokens[n : n + length]
        parts = " ".join(word for _, word in run).split()
        if len(run) < length or any(mark != "word" for mark, _ in run):
            continue
        numbers = [int(p) if p.isascii() and p.isdigit() and len(p) < 5 else 0 for p in parts]
        months = [_month(p) for p in parts]
        if len(parts) == 3 and not any(months) and length == 1:
            if numbers[0] > 999:
                numbers.reverse()
            day, month, year = numbers
        elif len(parts) == 3 and (months[0] or months[1]):
            day, month, year = numbers[0] or numbers[1], months[0] or months[1], numbers[2]
        elif len(parts) == 2 and months[0]:
            day, month, year = (0, months[0], numbers[1]) if numbers[1] > 31 else (numbers[1], months[0], 0)
        elif len(parts) == 2 and months[1]:
            day, month, year = numbers[0], months[1], 0
        else:
            continue
        complete = 1 + bool(day) + bool(year) == len(parts)
        if complete and (not year or year >= 1000) and day <= 31 and 1 <= month <= 12:
            return " ".join([*([str(day)] * bool(day)), MONTHS[month - 1], *([str(year)] * bool(year))]), length
    return "", 1


def _month(word: str) -> int:
    """Return the number of the month with this name or three-letter abbreviation; 0 for any other word."""
    return next((n for n, name in enumerate(MONTHS, 1) if name == word or (len(word) == 3 and name[:3] == word)), 0)
