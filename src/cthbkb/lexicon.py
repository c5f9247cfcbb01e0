"""Lookups for single words: how many records contain a word, its stem, its sound, and corrections of its spelling.

The vocabulary of the database contains every word of the texts, the expansion table and the search terms; the most
common English words are in a file beside the seed.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

__all__ = [
    "OTHERS",
    "as_json",
    "common",
    "corrected",
    "heard",
    "of_stem",
    "records",
    "split",
    "stemmed",
    "stems_of",
]

OTHERS = "\n# others\n"
"""Separator between the most common words and the others in the list of common English words."""

SOUNDS = str.maketrans("eiouycqzwj", "aaaaakksva")

LONGEST_WORD = 64
"""Maximum length of a word that may be two words written together, or misspelt."""


def records(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    """Return the number of records that contain each word; words outside the vocabulary are omitted."""
    sql = "select word, records from vocabulary where word in (select value from json_each(?))"
    return dict(db.execute(sql, (as_json(words),)))


def as_json(words: Iterable[str]) -> str:
    """Encode any number of folded words, which contain no quotation marks, as a single parameter."""
    return '["' + '","'.join(words) + '"]'


def stems_of(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, str]:
    """Return the stem of each word."""
    asked = [*words]
    sql = "select word, stem from vocabulary where word in (select value from json_each(?))"
    found = dict(db.execute(sql, (as_json(asked),)))
    others = [word for word in asked if word not in found]
    return found | dict(zip(others, stemmed(others), strict=True)) if others else found


def stemmed(words: Sequence[str]) -> list[str]:
    """Return the stem of each word, which consists of letters and digits, by SQLite's stemmer."""
    import sqlite3

    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("create virtual table stems using fts5(words, tokenize = 'porter ascii', content = '')")
        memory.execute("create virtual table stem_words using fts5vocab(stems, instance)")
        memory.execute("insert into stems (rowid, words) values (1, ?)", (" ".join(words),))
        return [str(stem) for (stem,) in memory.execute("select term from stem_words order by offset")]
    finally:
        memory.close()


def of_stem(db: sqlite3.Connection, stem: str) -> list[str]:
    """Return the words in records that have a stem, the most frequent first."""
    sql = "select word from vocabulary where stem = ? and records > 0 order by records desc limit 8"
    return [word for (word,) in db.execute(sql, (stem,))]


def common(word: str, most: bool = False, forms: bool = True) -> bool:
    """Return whether a word, or with `forms` a word that it inflects, is a common (or `most` common) English word."""
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


def heard(db: sqlite3.Connection, word: str) -> str:
    """Return a word of a recorded name that sounds like `word`, or an empty string: `Richey` for `Richie`."""
    if len(word) < 5 or not word.isalpha():
        return ""
    sql = "select name from names where field in ('people', 'organizations') and (name glob ? or name glob ?)"
    begin = word[0]
    rows = db.execute(sql, (f"{begin}*", f"* {begin}*"))
    names = {part for (name,) in rows for part in name.split() if part[0] == begin}
    found = sorted(part for part in names if _sound(part) == _sound(word) and abs(len(part) - len(word)) < 3)
    return next((part for part in found if records(db, [part]).get(part)), "")


def _sound(word: str) -> str:
    """Return the sound of a word: one letter for all vowels, for double letters, and for letters that sound alike."""
    made = ""
    for letter in word.replace("ph", "f").replace("sch", "sh").translate(SOUNDS):
        made += letter * (letter != made[-1:])
    return made


def split(db: sqlite3.Connection, word: str) -> str:
    """Split a word into two words that occur side by side in a record; empty if there are none."""
    for n in range(2, len(word) - 1) if 4 < len(word) <= LONGEST_WORD else ():
        one, other = word[:n], word[n:]
        if min(len(one), len(other)) < 3 and not word.isdigit():
            continue
        known = records(db, [one, other])
        if known.get(one) and known.get(other):
            phrase = f"{one} {other}"
            if db.execute("select 1 from search where search match ? limit 1", (f'"{phrase}"',)).fetchone():
                return phrase
    return ""


def corrected(db: sqlite3.Connection, word: str, stemmed: Sequence[str]) -> str:
    """Return the known word with the same first letter within one edit, or two edits from eight letters on.

    If the word has a known stem, only its ending may be wrong: `prosecuters`.
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
    """Return the number of edits (insert, delete, change, swap) between two words; above `most`, any larger number."""
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
