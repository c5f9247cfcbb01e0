"""The query language: words, "phrases", prefix*, -exclusions, NOT, AND and OR; and what each word is taken to mean.

A query becomes groups of *units* (a group is an OR): a word or phrase with what is searched for it, each variant with
how much it is worth beside the word as typed. A word that neither base nor table knows is read as a compound, then
stemmed, then corrected by one edit (two in a long word); what nothing has is missing, and said to be. No text whatever
is an error.
"""

from __future__ import annotations

from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "ABOUT",
    "ACRONYM",
    "LABEL",
    "LONGEST",
    "LONGEST_PHRASE",
    "OTHERS",
    "STOP",
    "Query",
    "Unit",
    "day_in_words",
    "entry",
    "inflection",
    "label",
    "meant",
    "parse",
    "question",
    "stemmed",
    "stems_of",
]

LONGEST = 48
"""Words of a query that are read; the rest is noise, and said to be left out."""

LONGEST_PHRASE = 5
"""Words of the longest phrase that is looked for in the table."""

INFLECTED, LIKE = 0.95, 0.8
"""What a variant is worth beside the word as typed: an inflection of it, or a synonym."""

LED, LED_BESIDE = 0.9, 0.5
"""What a sense is worth to which a word only leads: where no record has the word itself, and where some have."""

CORRECTED = 0.9
"""What a word is worth that was put for a misspelt one."""

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
"""The usual stop words of English: words that a question is made of and an answer is not found by."""

ABOUT = frozenset(
    """
    appear appears ask asked asks conference conferences discussed opinion osce planned position recommend
    recommendation recommendations recommended recommends view views wanted year years change changed changes new
    mr mrs ms miss dr prof de du des la le les et aux der die das den dem und von fur im zum zur в и на для от по
    """.split()
)
"""Words about the base itself, forms of address and small words of other languages.

They are put aside where no record has them beside the others."""

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
)
"""Questions with the types of records that answer them; what somebody should do is no question of who somebody is."""

MONTHS = tuple("january february march april may june july august september october november december".split())

ACRONYM = "\ue000"
"""Stands in the index before a capital word that is an acronym here and a stop word elsewhere: WHO, IT."""

LABEL = "\ue001"
"""Stands in the index before the id of a theme."""

OTHERS = "\n# others\n"
"""In the list of common English words, what stands between the most common and the others."""

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"


def label(theme: str) -> str:
    """Return the word by which the index finds the items of a theme."""
    return LABEL + theme.replace("-", "")


def day_in_words(text: str) -> str:
    """Return `2020-07-21` as `21 July 2020` and `2020-07` as `July 2020`; nothing for another text."""
    if text[4:5] != "-":
        return ""
    parts = text.split("-")
    digits = [len(part) for part in parts if part.isascii() and part.isdigit()]
    if digits not in ([4, 2], [4, 2, 2]) or len(digits) != len(parts) or not 1 <= int(parts[1]) <= 12:
        return ""
    day = [str(int(parts[2]))] if len(parts) == 3 else []
    return " ".join([*day, MONTHS[int(parts[1]) - 1].capitalize(), parts[0]])


class Unit:
    """One thing asked for: the text as typed, and the variants that are searched for it with what each is worth.

    `senses` are the concepts that the word only leads to, each with its words among the variants; all other variants
    are the word itself. `records` is by sense about how many records have it ("" for the word itself); none have a
    unit that is `missing`. A `plain` one is a common English word that names no subject. `concepts` are the entries of
    the expansion table to which it belongs or leads, with what each is worth.
    """

    __slots__ = (
        "concepts", "corrected", "exact", "expanded", "mark", "missing", "plain", "prefix", "records", "senses", "stop",
        "text", "variants",
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
        self.records: dict[str, int] = {}

    def add(self, text: str, worth: float) -> None:
        """Search for another text too."""
        self.variants[text] = max(worth, self.variants.get(text, 0.0))

    def by_sense(self) -> dict[str, dict[str, float]]:
        """Return the variants with their worth by sense, the word itself first and under no name."""
        led = {word for words in self.senses.values() for word in words}
        found = {"": {word: worth for word, worth in self.variants.items() if word not in led}}
        return found | {sense: {word: self.variants[word] for word in words} for sense, words in self.senses.items()}

    def match(self) -> str:
        """Return the unit in the query language of FTS5, every word quoted."""
        return " OR ".join(f'"{v}"{"*" if self.prefix else ""}' for v in self.variants)


class Query:
    """A parsed query: groups of units (a group is an OR), units that must not occur, and what was typed, folded.

    `strict`: AND was typed, so that no group can be done without. `cut`: words were left out.
    """

    __slots__ = ("cut", "excluded", "foreign", "groups", "strict", "typed")

    def __init__(self, typed: str = "") -> None:
        self.groups: list[list[Unit]] = []
        self.excluded: list[Unit] = []
        self.typed = typed
        self.strict = False
        self.foreign = False
        self.cut = False


def parse(text: str) -> Query:
    """Read a query; whatever it is, something sensible comes out."""
    text = text[:20_000]
    tokens = _tokens(text)
    plain = all(mark in {"word", "acronym"} for mark, _ in tokens)
    query = Query(fold(text) if plain and len(tokens) < LONGEST else "")
    query.foreign = any(c.isalpha() and c > "\u036f" for c in text)
    words = sum(1 for mark, _ in tokens if mark not in OPERATORS)
    if words > LONGEST:
        tokens, query.cut = tokens[:LONGEST], True
    either = excluded = False
    for mark, word in _dated(tokens):
        if mark in OPERATORS:
            either = mark == "or" and bool(query.groups)
            excluded = mark == "not" or (excluded and mark == "and")
            query.strict = query.strict or mark == "and"
            continue
        unit = Unit(word, mark.endswith("phrase"), mark.endswith("prefix"), mark == "word" and word in STOP)
        unit.mark = mark.lstrip("-")
        if mark.startswith("-") or excluded:
            query.excluded.append(unit)
        elif either:
            query.groups[-1].append(unit)
        else:
            query.groups.append([unit])
        either = excluded = False
    for group in query.groups[: len(question(query.typed)[0].split())]:
        group[0].stop = True
    return query


OPERATORS = ("or", "and", "not")


def question(typed: str) -> tuple[str, frozenset[str]]:
    """Return the words with which a query asks for records of some types, and the types; nothing for another query."""
    for words, types in QUESTIONS:
        if f"{typed} ".startswith(f"{words} ") and typed.removeprefix(words).split()[:1] not in ([m] for m in MODAL):
            return words, frozenset(types.split())
    return "", frozenset()


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a query into `(mark, folded words)`.

    The mark is word, acronym, phrase, prefix, the same with `-`, or an operator. A word in capitals is an acronym; it
    may be one that is a stop word in small letters.
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
            minus = ""
            continue
        minus = ""
        for raw in part.split():
            if raw in {"OR", "AND", "NOT"}:
                found.append((raw.lower(), ""))
                continue
            without = "-" if raw[0] in DASHES and len(raw) > 1 else ""
            word = fold(raw)
            if word:
                acronym = raw.isupper() and len(word) > 1 and not shouted
                found.append((without + ("prefix" if raw.endswith("*") else "acronym" if acronym else "word"), word))
        if part[-1:] and part[-1] in DASHES and not part[-2:-1].strip():
            minus = "-"
    return found


def _dated(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Make one unit of the words of a date, as the index has it: `July 21, 2020`, `21.07.2020`, `2020-07-21`."""
    made: list[tuple[str, str]] = []
    n = 0
    while n < len(tokens):
        day, length = _date(tokens, n)
        made.append(("date", day) if day else tokens[n])
        n += length
    return made


def _date(tokens: Sequence[tuple[str, str]], n: int) -> tuple[str, int]:
    """Return the date that begins at a token, in words, and how many tokens it takes; nothing where none begins."""
    for length in (3, 2, 1):
        run = tokens[n : n + length]
        parts = " ".join(word for _, word in run).split()
        if len(run) < length or any(mark != "word" for mark, _ in run) or not 2 <= len(parts) <= 3:
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
        if (not year or year >= 1000) and 0 <= day <= 31 and 1 <= month <= 12 and (year or day):
            return " ".join([*([str(day)] * bool(day)), MONTHS[month - 1], *([str(year)] * bool(year))]), length
    return "", 1


def _month(word: str) -> int:
    """Return the number of a month by its name or its first letters, 0 for another word."""
    if len(word) < 3 or not word.isalpha():
        return 0
    return next((n for n, name in enumerate(MONTHS, 1) if name == word or (len(word) == 3 and name[:3] == word)), 0)


def meant(db: sqlite3.Connection, query: Query, notes: list[str]) -> list[list[Unit]]:
    """Say what the units of a query mean, and return the groups that are searched.

    Words that nobody knows are explained or missing, neighbours that the table knows are joined, stop words dropped,
    the rest expanded.
    """
    groups = query.groups
    if len(groups) > 1 or any(len(group) > 1 for group in groups):
        if any(not unit.stop for group in groups for unit in group):
            groups = [[u for u in group if not u.stop] or group for group in groups]
    else:
        for unit in (unit for group in groups for unit in group):
            unit.stop = False
    words = {word for group in groups for unit in group for word in unit.text.split()}
    known = _records(db, words)
    stems = stems_of(db, words) if len(words) > 1 else {}
    listed = _listed(db, groups, stems) if len(groups) > 1 else {}
    made: list[list[Unit]] = []
    n = 0
    while n < len(groups):
        length, key = listed.get(n, (1, ""))
        joined = _joined(db, groups[n : n + length], key, notes) if key else _closed(db, groups[n : n + 2], known)
        if joined:
            made.append([joined])
            length = max(length, 2)
        elif not all(unit.stop for unit in groups[n]):
            for unit in groups[n]:
                _mean(db, unit, known, stems, notes)
            made.append(list(groups[n]))
        n += length
    if not made and groups:
        for unit in groups[0]:
            _mean(db, unit, known, stems, notes)
        made = [list(groups[0])]
    return made


def _records(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    """Return for each word that base or table knows how many records have it."""
    sql = "select word, records from vocabulary where word in (select value from json_each(?))"
    return dict(db.execute(sql, (_json(words),)))


def _json(words: Iterable[str]) -> str:
    """Write folded words, which have no quotes, as one parameter, however many there are."""
    return '["' + '","'.join(words) + '"]'


def stems_of(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return the stem of each word."""
    asked = [*words]
    sql = "select word, stem from vocabulary where word in (select value from json_each(?))"
    found = dict(db.execute(sql, (_json(asked),)))
    others = [word for word in asked if word not in found]
    return found | dict(zip(others, stemmed(others), strict=True)) if others else found


def entry(text: str, stems: Mapping[str, str]) -> str:
    """Return as what the table lists a word or phrase: a word as it is, a phrase by the stems of its words."""
    words = text.split()
    return text if len(words) == 1 else " ".join([stems.get(word, word) for word in words])


def _listed(
    db: sqlite3.Connection, groups: Sequence[list[Unit]], stems: Mapping[str, str]
) -> dict[int, tuple[int, str]]:
    """Return the phrases of a query that the table lists, whatever the endings of their words: where each begins, its
    length and its entry. Of two that overlap, the one with more words that are no stop words is taken.
    """
    plain = [g[0] if len(g) == 1 and g[0].mark in {"word", "acronym"} else None for g in groups]
    found = []
    for n in range(len(plain)):
        for length in range(2, min(LONGEST_PHRASE, len(plain) - n) + 1):
            run = plain[n : n + length]
            if run[-1] is None or run[0] is None:
                break
            key = entry(" ".join([unit.text for unit in run if unit]), stems)
            found.append((-sum(not unit.stop for unit in run if unit), -length, n, key))
    sql = "select distinct entry from expansion_words where entry in (select value from json_each(?))"
    known = {key for (key,) in db.execute(sql, (_json(key for *_, key in found),))}
    taken: set[int] = set()
    made = {}
    for _, length, n, key in sorted(found):
        if key in known and taken.isdisjoint(range(n, n - length)):
            taken.update(range(n, n - length))
            made[n] = (-length, key)
    return made


def _joined(db: sqlite3.Connection, run: Sequence[list[Unit]], key: str, notes: list[str]) -> Unit:
    """Make one unit of the words of a phrase that the table lists."""
    unit = Unit(" ".join([group[0].text for group in run]), mark="word")
    _expand(db, unit, notes, key)
    _count(db, unit)
    return unit


def _closed(db: sqlite3.Connection, run: Sequence[list[Unit]], known: Mapping[str, int]) -> Unit | None:
    """Make one unit of two words that the base writes as one: `e mail` for e-mail, `63 251` for 63,251."""
    plain = [g[0] for g in run if len(g) == 1 and g[0].mark in {"word", "acronym"}]
    closed = "".join([unit.text for unit in plain]).replace(" ", "")
    if len(plain) == 2 and len(closed) > 3 and closed in _records(db, [closed]):
        joined = Unit(" ".join([unit.text for unit in plain]), mark="word")
        joined.add(closed, INFLECTED)
        digits = joined.text[0].isdigit()
        if digits or any(len(unit.text) < 2 or unit.text not in known for unit in plain):
            _count(db, joined)
            return joined
    return None


def _mean(db: sqlite3.Connection, unit: Unit, known: dict[str, int], stems: dict[str, str], notes: list[str]) -> None:
    """Give a unit everything that is searched for it, and say about how many records have it."""
    if unit.mark == "acronym" and unit.text in STOP:
        unit.variants = {ACRONYM + unit.text: 1.0}
        unit.stop = False
        _expand(db, unit, notes)
    elif unit.mark in {"word", "acronym"}:
        words = unit.text.split()
        if len(words) > 1:
            closed = "".join(words)
            if closed in _records(db, [closed]):
                unit.add(closed, INFLECTED)
        if not _expand(db, unit, notes, entry(unit.text, stems)) and len(words) == 1:
            if known.get(unit.text):
                _inflect(db, unit)
            if not _as_listed(db, unit, notes) and not known.get(unit.text):
                _explain(db, unit, notes)
        elif len(words) == 1:
            _open(db, unit)
    _count(db, unit)


def _count(db: sqlite3.Connection, unit: Unit) -> None:
    """Set about how many records have a unit, by sense: those of its variants, a phrase as rare as its rarest word."""
    if unit.prefix:
        low = unit.text.split()[-1]
        sql = "select coalesce(sum(records), 0) from vocabulary where word >= ? and word < ?"
        unit.records = {"": int(db.execute(sql, (low, low + "\U0010ffff")).fetchone()[0])}
    else:
        row = db.execute("select plain from vocabulary where word = ?", (unit.text,)).fetchone()
        unit.plain = bool(row[0]) if row else common(unit.text, most=True)
        known = _records(db, {word for variant in unit.variants for word in variant.split()})
        unit.records = {sense: sum(_often(known, v) for v in variants) for sense, variants in unit.by_sense().items()}
    unit.missing = not any(unit.records.values())


def _often(known: dict[str, int], text: str) -> int:
    words = text.split()
    least = min(known.get(word, 0) for word in words)
    return (least if len(words) == 1 else (least + 2) // 3) + (text[:1] == ACRONYM)


def _expand(db: sqlite3.Connection, unit: Unit, notes: list[str], listed: str = "") -> bool:
    """Give a unit everything that the table treats alike with it, or with what is listed; return whether anything is.

    What finds the word too is a variant of it. What it only leads to is a sense apart, which counts for less where
    records have the word itself; a word that none has stands for its senses alone.
    """
    listed = listed or entry(unit.text, stems_of(db, unit.text.split()) if " " in unit.text else {})
    rows = db.execute(
        "select distinct f.word, e.kind, e.id, k.finds from expansion_words k"
        " join expansion_words f on f.expansion = k.expansion and f.finds = 1"
        " join expansions e on e.id = k.expansion and (e.kind <> 'translation' or k.finds = 0)"
        " where k.entry = ? order by f.rowid",
        (listed,),
    ).fetchall()
    if not rows:
        return False
    unit.expanded = True
    same = {id_ for _, _, id_, finds in rows if finds}
    known = _has(db, unit.text)
    if not same and not known:
        unit.variants = {}
    for word, kind, id_, _ in rows:
        if kind != "translation":
            unit.concepts[id_] = (INFLECTED if kind == "inflection" else LIKE) if id_ in same else LED
        if id_ in same or _alike(word, unit.text):
            unit.add(word, INFLECTED if _alike(word, unit.text) else LIKE)
        else:
            unit.add(word, LED_BESIDE if known else LED)
            words = unit.senses.setdefault(id_, [])
            words += [word] * (word not in words)
    beyond = [word for word, kind, id_, _ in rows if (id_ not in same or kind != "inflection") and word != unit.text]
    if beyond:
        led = ", ".join(list(dict.fromkeys(beyond))[:8])
        own = f'"{unit.text}"' if " " in unit.text else unit.text
        has = unit.text in unit.variants
        notes.append(f"{unit.text} also finds: {led}" if has else f"nothing has {own}; instead: {led}")
    return True


def _has(db: sqlite3.Connection, text: str) -> bool:
    """Return whether a record has a word or phrase."""
    if " " not in text:
        return bool(_records(db, [text]).get(text))
    return db.execute("select 1 from search where search match ? limit 1", (f'"{text}"',)).fetchone() is not None


def _alike(one: str, other: str) -> bool:
    """Return whether two words begin alike, as the inflections of a word do."""
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= 4 and shared * 2 >= max(len(one), len(other))


ENDINGS = ("s", "es", "ed", "d", "ing", "ly")


def _as_listed(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> bool:
    """Give a word that the table does not know everything of the word there that it is an inflection of."""
    word = unit.text
    if len(word) < 4 or not word.isalpha():
        return False
    row = db.execute("select stem from vocabulary where word = ?", (word,)).fetchone()
    stem = row[0] if row else stemmed([word])[0]
    sql = "select distinct v.word from vocabulary v join expansion_words k on k.entry = v.word where v.stem = ?"
    listed = next((other for (other,) in db.execute(sql, (stem,)) if inflection(word, other)), "")
    return bool(listed) and _expand(db, unit, notes, listed)


def inflection(one: str, other: str) -> bool:
    """Return whether two words of one stem differ by a plain ending alone."""
    short, long = sorted((one, other), key=len)
    ending = long.removeprefix(short)
    if long != ending:
        return ending in ENDINGS or (ending[:1] == short[-1] and ending[1:] in ENDINGS)
    return short[-1] in "ye" and long.startswith(short[:-1])


def _inflect(db: sqlite3.Connection, unit: Unit) -> None:
    """Add the plain inflections of a word that the table does not know: those of its stem that only add an ending."""
    word = unit.text
    _open(db, unit)
    if len(word) < 4 or not word.isalpha():
        return
    sql = (
        "select o.word from vocabulary v join vocabulary o on o.stem = v.stem and o.word <> v.word and o.records > 0"
        " where v.word = ?"
    )
    for (other,) in db.execute(sql, (word,)):
        if inflection(word, other):
            unit.add(other, INFLECTED)


def _open(db: sqlite3.Connection, unit: Unit) -> None:
    """Add how the base writes a word with a hyphen: `e-mail` for email."""
    row = db.execute("select parts from vocabulary where word = ?", (unit.text,)).fetchone()
    if row and row[0]:
        unit.add(row[0], INFLECTED)


def _explain(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> None:
    """Find out what a word may be that no record has: two words, another form of a known one, or a slip of the pen."""
    word = unit.text
    _open(db, unit)
    if len(unit.variants) > 1:
        return
    heard = "" if common(word) else _heard(db, word)
    if heard:
        unit.text = unit.corrected = heard
        unit.variants = {heard: 1.0}
        notes.append(f"nothing has {word}; searched for {heard}")
        return
    if _translated(db, unit, notes):
        return
    parts = _split(db, word)
    if parts:
        unit.text = parts
        unit.add(parts, INFLECTED)
        _expand(db, unit, notes)
        return
    found = _of_stem(db, *stemmed([word])) if word.isalpha() and len(word) > 3 else []
    for other in found:
        unit.add(other, LED)
    slip = len(word) > 4 and word.isalpha() and not _records(db, [word])
    best = _corrected(db, word, found) if slip and not common(word, forms=not found) else ""
    if best:
        unit.text = unit.corrected = best
        unit.variants = {best: 1.0}
        if not _expand(db, unit, notes):
            _inflect(db, unit)
    if best or found:
        notes.append(f"nothing has {word}; searched for {best or ', '.join(found[:4])}")


def _heard(db: sqlite3.Connection, word: str) -> str:
    """Return the word of a name that sounds like another word, where one does: `Richie` is Richey."""
    if len(word) < 5 or not word.isalpha():
        return ""
    sql = "select name from names where field in ('people', 'organizations') and (name glob ? or name glob ?)"
    begin = word[0]
    rows = db.execute(sql, (f"{begin}*", f"* {begin}*"))
    names = {part for (name,) in rows for part in name.split() if part[0] == begin}
    found = sorted(part for part in names if _sound(part) == _sound(word) and abs(len(part) - len(word)) < 3)
    return next((part for part in found if _records(db, [part]).get(part)), "")


def _sound(word: str) -> str:
    """Return a word with one letter for all vowels, for each letter that is doubled, and for those that sound alike."""
    made = ""
    for letter in word.replace("ph", "f").replace("ck", "k").replace("sch", "sh").translate(SOUNDS):
        made += letter * (letter != made[-1:])
    return made


SOUNDS = str.maketrans("eiouycqzwj", "aaaaakksva")


def _translated(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> bool:
    """Read a word of another language as the theme that it names, or as the word of the table that it is a form of."""
    word = unit.text
    sql = "select t.label from names n join themes t on t.id = n.id where n.field = 'themes' and n.name = ?"
    rows = db.execute(sql, (word,)).fetchall()
    if rows:
        label = fold(rows[0][0])
        notes.append(f"{word} is read as {label}")
        unit.text = label
        unit.variants = {label: 1.0}
        _expand(db, unit, notes)
        return True
    begin = word[: max(4, len(word) - 3)]
    sql = (
        "select distinct k.word from expansion_words k join expansions e on e.id = k.expansion"
        " where e.kind = 'translation' and k.finds = 0 and k.entry >= ? and k.entry < ? and length(k.word) <= ?"
    )
    found = db.execute(sql, (begin, begin + "\U0010ffff", len(word) + 2)).fetchall() if len(word) > 3 else []
    if not found or common(word):
        return False
    unit.text = min((abs(len(other) - len(word)), other) for (other,) in found)[1]
    unit.variants = {unit.text: 1.0}
    return _expand(db, unit, notes)


def _split(db: sqlite3.Connection, word: str) -> str:
    """Return the two words of the base that a word joins, where they stand side by side in it."""
    for n in range(2, len(word) - 1) if len(word) > 4 else ():
        one, other = word[:n], word[n:]
        if min(len(one), len(other)) < 3 and not word.isdigit():
            continue
        known = _records(db, [one, other])
        if known.get(one) and known.get(other):
            phrase = f"{one} {other}"
            if db.execute("select 1 from search where search match ? limit 1", (f'"{phrase}"',)).fetchone():
                return phrase
    return ""


def stemmed(words: Sequence[str]) -> list[str]:
    """Return the stem of each word, which is of letters and digits, by the stemmer that SQLite has."""
    import sqlite3

    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("create virtual table stems using fts5(words, tokenize = 'porter ascii', content = '')")
        memory.execute("create virtual table stem_words using fts5vocab(stems, instance)")
        memory.execute("insert into stems (rowid, words) values (1, ?)", (" ".join(words),))
        return [str(stem) for (stem,) in memory.execute("select term from stem_words order by offset")]
    finally:
        memory.close()


def _of_stem(db: sqlite3.Connection, stem: str) -> list[str]:
    """Return the words of the base with a stem."""
    sql = "select word from vocabulary where stem = ? and records > 0 order by records desc limit 8"
    return [word for (word,) in db.execute(sql, (stem,))]


def common(word: str, most: bool = False, forms: bool = True) -> bool:
    """Return whether a word is a common English one, or such a word with an ending (`forms`); or one of the `most`."""
    from cthbkb import cache

    try:
        with open(cache.words_path(), encoding="ascii") as file:
            text = file.read()
    except OSError:
        return False
    if most:
        return f"\n{word}\n" in text.partition(OTHERS)[0]
    made = {word}
    for ending, instead in () if not forms else (
        ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", ""),
        ("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("ness", ""),
    ):  # fmt: skip
        if word.endswith(ending):
            made.add(word.removesuffix(ending) + instead)
    return any(f"\n{form}\n" in text for form in made)


def _corrected(db: sqlite3.Connection, word: str, stemmed: Sequence[str]) -> str:
    """Return the word of base or table that is one edit away, two from eight letters on, and begins alike.

    Of a word that its stem explains only the ending can be wrong: `prosecuters`.
    """
    most = 1 if len(word) < 8 or stemmed else 2
    sql = (
        "select word, records from vocabulary v where word >= ? and word < ? and length(word) between ? and ?"
        " and (records > 0 or exists (select 1 from expansion_words k where k.entry = v.word))"
    )
    first = word[0]
    rows = db.execute(sql, (first, chr(ord(first) + 1), len(word) - most, len(word) + most))
    near = [
        (edits, -records, other)
        for other, records in rows
        if len(other) > 3
        and other.isalpha()
        and (not stemmed or other[:-3] == word[: len(other) - 3])
        and (edits := _edits(word, other, most)) <= most
    ]
    return min(near)[2] if near else ""


def _edits(one: str, other: str, most: int) -> int:
    """Return how many letters to put, drop, change or swap to make one word the other; above `most`, just more."""
    if len(set(one) ^ set(other)) > 2 * most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        last, before, row = before, row, [n]
        for m, b in enumerate(other, 1):
            cost = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (a != b))
            if last and m > 1 and a == other[m - 2] and one[n - 2] == b:
                cost = min(cost, last[m - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
