"""Interpretation of a query: which variants to search for each word, with weights relative to the word as typed.

Neighbouring words that the expansion table lists as a phrase form one unit. Words that an entry leads to in only one
direction form a separate sense. A word that is neither in a record nor in the table is split as a compound, then
stemmed, then corrected by one edit (two in a long word). If no record contains any of these, the word is reported as
missing.
"""

from __future__ import annotations

from cthbkb.columns import items
from cthbkb.lexicon import LONGEST_WORD, as_json, common, corrected, heard, of_stem, records, split, stemmed, stems_of
from cthbkb.quantities import quantity, variants
from cthbkb.terms import ACRONYM, STOP, Unit
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from cthbkb.terms import Query

__all__ = [
    "LONGEST_PHRASE",
    "entry",
    "inflection",
    "meant",
    "theme_called",
]

LONGEST_PHRASE = 5
"""Maximum length, in words, of a phrase looked up in the expansion table."""

INFLECTED, LIKE = 0.95, 0.8
"""Weights of a variant relative to the word as typed: an inflection, a synonym."""

LED, LED_BESIDE = 0.9, 0.5
"""Weights of a sense that a word leads to in one direction: if no record contains the word itself, and if some do."""

CORRECTED = 0.9
"""Weight of a word that replaces a misspelt one."""

LAST = "\U0010ffff"
"""The last character, which ends the range of words with the same beginning."""

ENDINGS = ("s", "es", "ed", "d", "ing", "ly")


def meant(db: sqlite3.Connection, query: Query, notes: list[str]) -> list[list[Unit]]:
    """Interpret the units of a query, and return the groups to search for.

    Unknown words are explained or marked as missing, phrases in the table are merged into units, stop words are
    dropped, and all other words are expanded. Explanations are added to `notes`.
    """
    groups = query.groups
    if len(groups) > 1 or any(len(group) > 1 for group in groups):
        groups = [[u for u in group if not u.stop] or group for group in groups]
    else:
        for unit in (unit for group in groups for unit in group):
            unit.stop = False
    words = {word for group in groups for unit in group for word in unit.text.split()}
    known = records(db, words)
    stems = stems_of(db, words) if len(words) > 1 else {}
    listed = _listed(db, groups, stems) if len(groups) > 1 else {}
    made: list[list[Unit]] = []
    n = 0
    while n < len(groups):
        length, key = listed.get(n, (1, ""))
        run = groups[n : n + max(length, 2)]
        joined = _joined(db, run, key, notes) if key else _closed(db, run, known, notes)
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


def entry(text: str, stems: Mapping[str, str]) -> str:
    """Return the key of a text in the table: a word itself, or the stems of the words of a phrase."""
    words = text.split()
    return text if len(words) == 1 else " ".join([stems.get(word, word) for word in words])


def _listed(
    db: sqlite3.Connection, groups: Sequence[list[Unit]], stems: Mapping[str, str]
) -> dict[int, tuple[int, str]]:
    """Return the phrases of a query that the table lists, in any inflection, as `{start: (length, key)}`.

    Of two overlapping phrases, the one with more words other than stop words is chosen.
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
    known = {key for (key,) in db.execute(sql, (as_json(key for *_, key in found),))}
    taken: set[int] = set()
    made = {}
    for _, length, n, key in sorted(found):
        if key in known and taken.isdisjoint(range(n, n - length)):
            taken.update(range(n, n - length))
            made[n] = (-length, key)
    return made


def _joined(db: sqlite3.Connection, run: Sequence[list[Unit]], key: str, notes: list[str]) -> Unit:
    """Merge the words of a listed phrase into one unit."""
    unit = Unit(" ".join([group[0].text for group in run]), mark="word")
    _expand(db, unit, notes, key)
    _count(db, unit)
    return unit


def _closed(
    db: sqlite3.Connection, run: Sequence[list[Unit]], known: Mapping[str, int], notes: list[str]
) -> Unit | None:
    """Merge two words that are one word in the records: `e mail` for e-mail, `63 251` for 63,251."""
    plain = [g[0] for g in run if len(g) == 1 and g[0].mark in {"word", "acronym"}]
    closed = "".join([unit.text for unit in plain]).replace(" ", "")
    if len(plain) == 2 and len(closed) > 3 and closed in records(db, [closed]):
        joined = Unit(" ".join([unit.text for unit in plain]), mark="word")
        joined.add(closed, INFLECTED)
        digits = joined.text[0].isdigit()
        if digits or any(len(unit.text) < 2 or unit.text not in known for unit in plain):
            if not digits:
                _as_written(db, joined, {}, notes)
            _count(db, joined)
            return joined
    return None


def _mean(db: sqlite3.Connection, unit: Unit, known: dict[str, int], stems: dict[str, str], notes: list[str]) -> None:
    """Add all variants to a unit, and estimate how many records contain it."""
    if unit.prefix:
        _open_prefix(db, unit)
    elif unit.mark == "quantity":
        asked, _ = quantity(unit.text.split())
        unit.variants = variants(db, asked) if asked else unit.variants
    elif unit.mark == "acronym" and unit.text in STOP:
        unit.variants = {ACRONYM + unit.text: 1.0}
        unit.stop = False
        _expand(db, unit, notes)
    elif unit.mark in {"word", "acronym"} and not _as_written(db, unit, stems, notes) and " " not in unit.text:
        if known.get(unit.text):
            _inflect(db, unit)
        if not _as_listed(db, unit, notes, unit.text) and not known.get(unit.text):
            _explain(db, unit, notes)
    _count(db, unit)


def _as_written(db: sqlite3.Connection, unit: Unit, stems: Mapping[str, str], notes: list[str]) -> bool:
    """Add the spellings of a word with and without hyphens, and what the table lists for any of them, or for its plural
    or singular; return whether the table lists any.
    """
    typed = unit.text
    closed = typed.replace(" ", "")
    forms = [closed, *_numbers(closed)] if len(closed) > 3 and closed.isalpha() else [typed]
    sql = "select word, records, parts from vocabulary where word in (select value from json_each(?))"
    found = db.execute(sql, (as_json(forms),)).fetchall()
    if closed != typed and found and not _has(db, typed):
        unit.text = next((word for word, number, _ in found if number), found[0][0])
        unit.variants = {unit.text: 1.0}
    opened = [parts for _, _, parts in found if parts]
    hyphenated = bool(opened) or closed != typed
    for word, _, parts in found if hyphenated else ():
        if word != unit.text:
            unit.add(word, INFLECTED)
        if parts and parts != unit.text:
            unit.add(parts, INFLECTED)
    if found and _expand(db, unit, notes, *[word for word, _, _ in found]):
        return True
    if not hyphenated:
        return False
    known = {**stems, **stems_of(db, {word for parts in opened for word in parts.split()})}
    if _expand(db, unit, notes, *{entry(text, known): None for text in (typed, *opened)}):
        return True
    return closed != typed and _as_listed(db, unit, notes, closed)


def _numbers(word: str) -> list[str]:
    """Return the regular plurals of a word, and the singulars of which it may be the plural."""
    made = [word + "s"] + ([word[:-1] + "ies"] if word[-1] == "y" else [])
    return made + [word.removesuffix(end) + instead for end, instead in (("s", ""), ("ies", "y")) if word.endswith(end)]


def _count(db: sqlite3.Connection, unit: Unit) -> None:
    """Estimate how many records contain each sense of a unit: the sum of its variants (a phrase by its rarest word)."""
    if unit.prefix:
        unit.records = {"": sum(_beginning(db, variant.split()[-1]) for variant in unit.variants)}
    else:
        row = db.execute("select plain from vocabulary where word = ?", (unit.text,)).fetchone()
        unit.plain = bool(row[0]) if row else common(unit.text, most=True)
        known = records(db, {word for variant in unit.variants for word in variant.split()})
        unit.records = {sense: sum(_often(known, v) for v in variants) for sense, variants in unit.by_sense().items()}
    unit.missing = not any(unit.records.values())


def _often(known: dict[str, int], text: str) -> int:
    words = text.split()
    least = min(known.get(word, 0) for word in words)
    return (least if len(words) == 1 else (least + 2) // 3) + (text[:1] == ACRONYM)


def _expand(db: sqlite3.Connection, unit: Unit, notes: list[str], *listed: str) -> bool:
    """Add the variants that the table lists for a unit, or for `listed` entries; return whether there are any.

    A word that finds the unit's word in turn is a variant of it. A word found in only one direction is a separate
    sense, which counts less if records contain the unit's word; if none do, only the senses are searched.
    """
    listed = listed or (entry(unit.text, stems_of(db, unit.text.split()) if " " in unit.text else {}),)
    rows = db.execute(
        "select distinct f.word, e.kind, e.id, k.finds from expansion_words k"
        " join expansion_words f on f.expansion = k.expansion and f.finds = 1"
        " join expansions e on e.id = k.expansion and (e.kind <> 'translation' or k.finds = 0)"
        " where k.entry in (select value from json_each(?)) order by f.rowid",
        (as_json(listed),),
    ).fetchall()
    if not rows:
        return False
    unit.expanded = True
    same = {id_ for _, _, id_, finds in rows if finds}
    known = any(_has(db, text) for text in unit.variants)
    if not same and not known:
        unit.variants = {}
    spelled = {unit.text, *unit.variants}
    for word, kind, id_, _ in rows:
        if kind != "translation":
            unit.concepts[id_] = (INFLECTED if kind == "inflection" else LIKE) if id_ in same else LED
        if id_ in same or _alike(word, unit.text):
            unit.add(word, INFLECTED if _alike(word, unit.text) else LIKE)
        else:
            unit.add(word, LED_BESIDE if known else LED)
            words = unit.senses.setdefault(id_, [])
            words += [word] * (word not in words)
    beyond = [word for word, kind, id_, _ in rows if (id_ not in same or kind != "inflection") and word not in spelled]
    if beyond:
        led = ", ".join(list(dict.fromkeys(beyond))[:8])
        own = f'"{unit.text}"' if " " in unit.text else unit.text
        has = unit.text in unit.variants
        notes.append(f"{unit.text} also finds: {led}" if has else f"no record contains {own}; searched for {led}")
    return True


def _has(db: sqlite3.Connection, text: str) -> bool:
    """Return whether any record contains a word or phrase."""
    if " " not in text:
        return bool(records(db, [text]).get(text))
    return db.execute("select 1 from search where search match ? limit 1", (f'"{text}"',)).fetchone() is not None


def _alike(one: str, other: str) -> bool:
    """Return whether two words have the same beginning, as inflections of one word do."""
    shared = _shared(one, other)
    return shared >= 4 and shared * 2 >= max(len(one), len(other))


def _shared(one: str, other: str) -> int:
    """Return the number of letters at the beginning that two words have in common."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _as_listed(db: sqlite3.Connection, unit: Unit, notes: list[str], word: str) -> bool:
    """Expand an unlisted word like a listed word of which it is an inflection; return whether there is one."""
    if len(word) < 4 or not word.isalpha():
        return False
    row = db.execute("select stem from vocabulary where word = ?", (word,)).fetchone()
    stem = row[0] if row else stemmed([word])[0]
    sql = "select distinct v.word from vocabulary v join expansion_words k on k.entry = v.word where v.stem = ?"
    listed = next((other for (other,) in db.execute(sql, (stem,)) if inflection(word, other)), "")
    return bool(listed) and _expand(db, unit, notes, listed)


def inflection(one: str, other: str) -> bool:
    """Return whether two words with the same stem differ only by a regular ending."""
    short, long = sorted((one, other), key=len)
    ending = long.removeprefix(short)
    if long != ending:
        return ending in ENDINGS or (ending[:1] == short[-1] and ending[1:] in ENDINGS)
    return short[-1] in "ye" and long.startswith(short[:-1])


def _inflect(db: sqlite3.Connection, unit: Unit) -> None:
    """Add the regular inflections of a word that the table does not list: words that add an ending to its stem."""
    word = unit.text
    if len(word) < 4 or not word.isalpha():
        return
    sql = (
        "select o.word from vocabulary v join vocabulary o on o.stem = v.stem and o.word <> v.word and o.records > 0"
        " where v.word = ?"
    )
    for (other,) in db.execute(sql, (word,)):
        if inflection(word, other):
            unit.add(other, INFLECTED)


def _open_prefix(db: sqlite3.Connection, unit: Unit) -> None:
    """Add the other spellings of a prefix in hyphenated words: `co-operat*` for cooperat*, and the reverse."""
    closed = unit.text.replace(" ", "")
    if closed != unit.text and _beginning(db, closed):
        unit.add(closed, INFLECTED)
    sql = "select parts from vocabulary where word >= ? and word < ? and parts is not null"
    for (parts,) in db.execute(sql, (closed, closed + LAST)):
        length = next(n for n in range(len(closed), len(parts) + 1) if n - parts[:n].count(" ") == len(closed))
        unit.add(parts[:length], INFLECTED)


def _beginning(db: sqlite3.Connection, text: str) -> int:
    """Return how many records contain words that begin with a text; a record counts once for each of its words."""
    sql = "select coalesce(sum(records), 0) from vocabulary where word >= ? and word < ?"
    return int(db.execute(sql, (text, text + LAST)).fetchone()[0])


def _explain(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> None:
    """Explain a word that no record contains: as two words, another form of a known word, or a typing error."""
    word = unit.text
    if len(unit.variants) > 1 or len(word) > LONGEST_WORD:
        return
    sounds = "" if common(word) else heard(db, word)
    if sounds:
        unit.text = unit.corrected = sounds
        unit.variants = {sounds: 1.0}
        notes.append(f"no record contains {word}; searched for {sounds}")
        return
    if _translated(db, unit, notes):
        return
    parts = split(db, word)
    if parts:
        unit.text = parts
        unit.add(parts, INFLECTED)
        _expand(db, unit, notes)
        return
    found = of_stem(db, *stemmed([word])) if word.isalpha() and len(word) > 3 else []
    for other in found:
        unit.add(other, LED)
    slip = len(word) > 4 and word.isalpha() and not records(db, [word])
    best = corrected(db, word, found) if slip and not common(word, forms=not found) else ""
    if best:
        unit.text = unit.corrected = best
        unit.variants = {best: 1.0}
        if not _expand(db, unit, notes):
            _inflect(db, unit)
    if best or found:
        notes.append(f"no record contains {word}; searched for {best or ', '.join(found[:4])}")


def _translated(db: sqlite3.Connection, unit: Unit, notes: list[str]) -> bool:
    """Interpret a foreign word as the theme that it names, or as an inflection of a word in the table."""
    word = unit.text
    sql = "select t.label from names n join themes t on t.id = n.id where n.field = 'themes' and n.name = ?"
    rows = db.execute(sql, (word,)).fetchall()
    called = theme_called(db, word) if not rows and not unit.unnamed else None
    if called:
        rows = db.execute("select label from themes where id = ?", called[:1]).fetchall()
    if rows:
        label = fold(rows[0][0])
        notes.append(f"{word!r} is interpreted as {label!r}")
        unit.text = label
        unit.variants = {label: 1.0}
        _expand(db, unit, notes)
        return True
    sql = (
        "select distinct k.word from expansion_words k join expansions e on e.id = k.expansion"
        " where e.kind = 'translation' and k.finds = 0 and k.entry >= ? and k.entry < ? and length(k.word) <= ?"
    )
    found: list[tuple[str]] = []
    for form in dict.fromkeys((word, _without_umlauts(word))):
        begin = form[: max(4, len(form) - 3)]
        found = found or db.execute(sql, (begin, begin + LAST, len(form) + 2)).fetchall()
    if not found or len(word) < 4 or common(word):
        return False
    unit.text = min((abs(len(other) - len(word)), other) for (other,) in found)[1]
    unit.variants = {unit.text: 1.0}
    return _expand(db, unit, notes)


def theme_called(db: sqlite3.Connection, text: str) -> tuple[str, str] | None:
    """Return the theme that a folded text names in another language, and the matching name, also folded.

    Each word may have a different ending of up to three letters, umlauts may be written as `ae`, `oe` and `ue`, and
    words of up to three letters, which are mostly articles and prepositions, may differ. Return None if every longer
    word is common in English or occurs in a record.
    """
    asked = _content(text)
    words = [word for word in text.split() if len(word) > 3]
    known = records(db, words)
    if all(known.get(word) or common(word) for word in words):
        return None
    least = 3 if len(asked) > 1 else 4
    best: tuple[int, str, str] | None = None
    for id_, labels in db.execute("select id, labels from themes where labels is not null"):
        for label in items(labels):
            name = fold(label.partition(": ")[2])
            made = _content(name)
            if len(made) == len(asked) and all(_ends_apart(a, b, least) for a, b in zip(asked, made, strict=True)):
                apart = sum(len(a) + len(b) - 2 * _shared(a, b) for a, b in zip(asked, made, strict=True))
                best = min(best or (apart, id_, name), (apart, id_, name))
    return best[1:] if best else None


def _content(text: str) -> list[str]:
    """Return the words of a folded text that are longer than three letters, in the spelling without umlauts."""
    return [_without_umlauts(word) for word in text.split() if len(word) > 3]


def _without_umlauts(text: str) -> str:
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _ends_apart(one: str, other: str, least: int) -> bool:
    """Return whether two words differ only in their last three letters or fewer, after at least `least` equal ones."""
    shared, longest = _shared(one, other), max(len(one), len(other))
    return shared >= least and longest - shared <= 3 and shared * 5 >= longest * 3
