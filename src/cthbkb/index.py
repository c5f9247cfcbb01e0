"""The full-text index: the searchable text of each record, the vocabulary, and the expansion table.

All text is folded before it is indexed (`text.fold`), so that index, queries and filters use the same words. Every
column of a record is indexed: as title, body, keywords or names if the registry says so, otherwise as `about`.
`search_rows.fields` keeps the original texts, each under the name of its column, to show where a word was found.
"""

from __future__ import annotations

import functools
import json
import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

from cthbkb import cache, registry
from cthbkb.leads import CONCEPT, rarity
from cthbkb.lexicon import OTHERS, stemmed
from cthbkb.meaning import entry, inflection
from cthbkb.model import TABLES, Column, Record, Records, columns_of
from cthbkb.quantities import PERCENT, plain
from cthbkb.terms import ACRONYM, LABEL, STOP, day_in_words, label
from cthbkb.text import fold

__all__ = ["encode", "fill", "spellings", "texts"]

PART = 1000
"""Number of index rows inserted at a time."""

UNREAD = frozenset({"document", "document_a", "document_b", "follows", "labels", "order", "seq", "since", "year"})
"""Columns that are not indexed: the place of a record, and names in other languages, which search maps to a theme."""

HYPHENS = "\u2010\u2011"

PLACES = ("title", "body", "keywords", "names", "about")
"""The columns of the index."""


def encode(texts: Sequence[str]) -> str:
    """Encode a list column as a JSON array."""
    if not texts:
        return "[]"
    joined = "".join(texts)
    if joined.isprintable() and '"' not in joined and "\\" not in joined:
        return '["' + '","'.join(texts) + '"]'
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def texts(record: Record, column: str) -> Sequence[str]:
    """Return the value of a column as texts; none if the record's type has no such column."""
    value = record.get(column)
    if not value:
        return ()
    return value if isinstance(value, tuple) else (str(value),)


def spellings(record: Record, column: str) -> Sequence[str]:
    """Return the names in a column of a record, without the language codes of foreign ones."""
    found = texts(record, column)
    return [name.partition(": ")[2] for name in found] if column == "labels" else found


def fill(connection: sqlite3.Connection, records: Records) -> None:
    """Fill the index, the vocabulary and the expansion table from records in print order."""
    rows: dict[tuple[str, str, int], None] = {}
    for record in records.expansions:
        for found, finds in ((record.words, 1), (record.only_from, 0)):
            rows |= {(fold(text), record.id, finds): None for text in found}
    compounds: dict[str, str] = {}
    _index(connection, records, compounds)
    for record in records.expansions:
        _note_hyphens(" ".join([*record.words, *record.only_from]), compounds)
    phrases = {(r.id, text): fold(text) for r in records.search_terms for text in r.terms}
    listed = {part for word, *_ in rows for part in word.split()}
    spoken = {word for text in phrases.values() for word in text.split()}
    stems = _vocabulary(connection, listed | spoken, compounds, _subjects(records))
    connection.executemany(
        "insert into expansion_words values (?, ?, ?, ?)",
        ((word, entry(word, stems), id_, finds) for word, id_, finds in rows),
    )
    if phrases:
        of = {e.id: e.kind for e in records.expansions}
        entries: dict[str, set[str]] = {}
        for word, id_, _ in rows:
            if of[id_] != "translation":
                entries.setdefault(entry(word, stems), set()).add(id_)
        _terms(connection, phrases, stems, entries)


def _terms(
    connection: sqlite3.Connection,
    phrases: Mapping[tuple[str, str], str],
    stems: Mapping[str, str],
    entries: Mapping[str, Collection[str]],
) -> None:
    """Fill the index of search terms: `phrases` maps the id of a record and a term to the folded term.

    The keys of a term are the stems of its words, except stop words, and the entries of the expansion table that its
    words and phrases belong to. Its norm is the length of its word vector, weighted by rarity among all terms.
    """
    own = {table.singular for table in registry.TABLES.values() if table.own_ids}
    found = connection.execute("select id, rowid, type from search_rows").fetchall()
    rows = {id_: n for id_, n, type_ in sorted(found, key=lambda row: row[2] not in own)}
    words = {key: [w for w in text.split() if w not in STOP] or text.split() for key, text in phrases.items()}
    often = Counter(stem for of in words.values() for stem in {stems[w] for w in of})
    squared = {stem: rarity(len(phrases), number) ** 2 for stem, number in often.items()}
    listed = _listed({word for of in words.values() for word in of}, stems, entries)
    phrased: dict[tuple[str, str], list[tuple[list[str], set[str]]]] = {}  # by the first two words
    for run, concepts in ((key.split(), {CONCEPT + c for c in of}) for key, of in entries.items() if " " in key):
        phrased.setdefault((run[0], run[1]), []).append((run, concepts))
    terms = []
    keyed: dict[str, list[int]] = {}
    for n, (((id_, text), folded), spoken) in enumerate(zip(phrases.items(), words.values(), strict=True), 1):
        keys = {stems[word] for word in spoken}
        terms.append((n, rows[id_], text, math.sqrt(math.fsum([squared[stem] for stem in keys]))))
        keys.update(*[listed[word] for word in spoken])
        run = [stems[word] for word in folded.split()]
        for start, pair in enumerate(pairwise(run)):
            for phrase, concepts in phrased.get(pair, ()):
                if run[start : start + len(phrase)] == phrase:
                    keys |= concepts
        for key in keys:
            keyed.setdefault(key, []).append(n)
    connection.executemany("insert into term_rows values (?, ?, ?, ?)", terms)
    connection.executemany(  # in the order of the primary key
        "insert into term_words select ?, value from json_each(?)", ((key, str(keyed[key])) for key in sorted(keyed))
    )


def _listed(
    words: Collection[str], stems: Mapping[str, str], entries: Mapping[str, Collection[str]]
) -> dict[str, set[str]]:
    """Return the keys of the entries of the expansion table of which each word is an inflection."""
    inflected: dict[str, list[str]] = {}
    for other in entries:
        if " " not in other:
            inflected.setdefault(stems.get(other, other), []).append(other)
    alike = {w: [o for o in inflected.get(stems[w], ()) if o == w or inflection(w, o)] for w in words}
    return {word: {CONCEPT + concept for o in others for concept in entries[o]} for word, others in alike.items()}


def _index(connection: sqlite3.Connection, records: Records, compounds: dict[str, str]) -> None:
    """Fill the full-text index, in the order of the tables, and collect hyphenated words."""
    rows = ((n, *row) for n, row in enumerate(_searched(records, compounds), 1))
    while part := list(islice(rows, PART)):
        connection.executemany(
            "insert into search_rows (rowid, type, id, year, kind, title, fields, themes)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            ((n, *shown) for n, shown, _ in part),
        )
        connection.executemany(
            "insert into search (rowid, title, body, keywords, names, about) values (?, ?, ?, ?, ?, ?)",
            ((n, *indexed) for n, _, indexed in part),
        )
    connection.execute("insert into search (search) values ('optimize')")


def _subjects(records: Records) -> set[str]:
    """Return the words that name a subject: words of labels, and single words among keywords and expansions."""
    labels = [t for theme in records.themes for t in (theme.label, *theme.alternative_labels)]
    labels += [group.label for group in records.affected_groups]
    labels += [addressee.label for addressee in records.addressees]
    words = [word for item in records.recommendations for word in item.keywords]
    words += [word for e in records.expansions for word in e.only_from]
    words += [word for e in records.expansions if e.kind != "inflection" for word in e.words]
    alone = [word for word in map(fold, words) if " " not in word]
    return {*alone, *(word for text in labels for word in fold(text).split())}


def _vocabulary(
    connection: sqlite3.Connection, listed: Collection[str], compounds: Mapping[str, str], subjects: Collection[str]
) -> dict[str, str]:
    """Store every word of the index and the expansion table, with its stem and hyphenated form; return the stems.

    A word is plain if it is one of the most common English words and names no subject.
    """
    common = set(Path(cache.words_path()).read_text(encoding="ascii").partition(OTHERS)[0].split())
    marks = (ACRONYM, LABEL)
    terms = connection.execute("select term, doc from search_words")
    found = {term: number for term, number in terms if not term.startswith(marks)}
    words = sorted({*found, *listed, *compounds})
    stems = dict(zip(words, stemmed(words), strict=True))
    connection.executemany(
        "insert into vocabulary values (?, ?, ?, ?, ?)",
        (
            (word, found.get(word, 0), stems[word], word in common and word not in subjects, compounds.get(word))
            for word in words
        ),
    )
    return stems


class _Names:
    """Names by id: a reference is indexed by the name or label of the record that it refers to, and by its id."""

    def __init__(self, records: Records) -> None:
        self.of: dict[str, Mapping[str, str]] = {
            "themes": {t.id: t.label for t in records.themes},
            "organizations": {o.id: f"{o.name} {o.acronym or ''}".strip() for o in records.organizations},
            "people": {p.id: p.name for p in records.people},
            "sessions": {s.id: s.title for s in records.sessions},
            "addressees": {a.id: a.label for a in records.addressees},
            "affected_groups": {a.id: a.label for a in records.affected_groups},
        }
        self.any = {**self.of["organizations"], **self.of["people"]}

    def reader(self, column: Column) -> Callable[[Any], Iterable[str]]:
        """Return a function that returns the texts of a column of a record, in the forms that users would type."""
        value_of = attrgetter(column.attribute)
        if column.type == "float":
            return lambda record: _number(record, value_of(record))
        called = self.of.get(column.ref, {} if column.ref else self.any if column.name == "who" else {})
        forms: Callable[[str], Sequence[str]] = functools.partial(_forms, called, column.ref in {"themes", "sessions"})
        if column.ref or column.options:  # few values, which many records have
            forms = functools.cache(forms)
        if column.type == "list":
            return lambda record: [text for value in value_of(record) for text in forms(value)]
        return lambda record: forms(str(value)) if (value := value_of(record)) else ()


def _forms(called: Mapping[str, str], by_id: bool, value: str) -> list[str]:
    """Return the label of a value, and with `by_id` the value too; dates also in words."""
    label = called.get(value)
    same = by_id and label is not None and label.lower().replace(" ", "-") == value
    known = [value] if label is None or same else [label, value] if by_id else [label]
    found = []
    for text in known:
        bare = text.partition("://")[2].removeprefix("www.") if "://" in text else text
        found.append(bare)
        if words := day_in_words(bare):
            found.append(words)
    return found


def _number(record: Record, number: float | None) -> Sequence[str]:
    """Return a number of a record in plain notation."""
    if number is None:
        return ()
    return [f"{plain(number)} {PERCENT}" if record.get("unit") == "%" else plain(number)]


def _searched(records: Records, compounds: dict[str, str]) -> Iterator[tuple[tuple[Any, ...], tuple[str, ...]]]:
    """Yield the columns of `search_rows` and of the index for each record."""
    names = _Names(records)
    besides = _besides(records, names)
    for table in registry.TABLES.values():
        indexed = table.indexed
        if not indexed:
            continue
        columns = [c for c in columns_of(TABLES[table.name]) if c.name not in UNREAD and c.type != "bool"]
        kind_of = next((c.name for c in columns if c.name in {"kind", "type", "medium"}), "")
        places = {indexed.title: "title"}
        places |= dict.fromkeys(indexed.body, "body")
        places |= dict.fromkeys(indexed.keywords, "keywords") | dict.fromkeys(indexed.names, "names")
        placed: dict[str, list[tuple[str, Callable[[Any], Iterable[str]]]]] = {place: [] for place in PLACES}
        for c in columns:
            placed[places.get(c.name, "keywords" if c.name == "id" else "about")].append((c.name, names.reader(c)))
        for r in records[table.name]:
            more = besides.get((table.name, r.id), ())
            read = {}
            told: list[str] = []
            for place, readers in placed.items():
                found = [(name, text) for name, texts_of in readers for text in texts_of(r)]
                found += [(name, text) for at, name, text in more if at == place]
                read[place] = " ".join([text for _, text in found])
                told += [f"{name}\x1f{text}" for name, text in found]
            themes = texts(r, "themes")
            shown = (" ".join(texts(r, indexed.title)) if indexed.title else "") or read["body"]
            marked = [label(t) for t in (*themes, *([r.id] if table.name == "themes" else ()))]
            folded = {place: fold(text) for place, text in read.items()}
            folded["about"] = " ".join([folded["about"], *marked, *_acronyms(" ".join(read.values()))])
            for place in ("title", "body", "keywords"):
                _note_hyphens(read[place], compounds)
            yield (
                (table.singular, r.id, r.get("year"), r.get(kind_of), shown, "\x1e".join(told), encode(themes)),
                tuple(folded.values()),
            )


def _besides(records: Records, names: _Names) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """Return texts that other records add to people, sessions, conferences and threads: `(place, column, text)`."""
    made: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    bodies, people, sessions = names.of["organizations"], names.of["people"], names.of["sessions"]
    years = {s.id: s.year for s in records.sessions}
    for a in records.appearances:
        of_person = made.setdefault(("people", a.person), [])
        said = [
            ("names", "position", a.position), ("names", "organization", bodies.get(a.organization or "")),
            ("names", "country", a.country), ("about", "role", a.role), ("about", "honorific", a.honorific),
            ("names", "name_as_printed", a.name_as_printed), ("about", "session", sessions.get(a.session)),
            ("about", "session", a.session), ("about", "year", str(years.get(a.session, ""))),
            *(("names", "also_printed", text) for text in a.also_printed),
        ]  # fmt: skip
        of_person += [(place, name, text) for place, name, text in said if text]
        of_session = made.setdefault(("sessions", a.session), [])
        of_session += [("names", "speakers", text) for text in (people.get(a.person), a.country) if text]
    for c in records.conferences:
        days = _days(c.held_start, c.held_end)
        made[("conferences", c.id)] = [("keywords", "held", day_in_words(day)) for day in days]
    for m in records.moves:
        of_thread = made.setdefault(("threads", m.thread), [])
        of_thread += [("about", name, text) for name in ("note", "gained", "lost") for text in texts(m, name)]
    return made


def _days(first: str, last: str) -> list[str]:
    """Return all days between two dates in the same month; otherwise the two dates, which may be less precise."""
    if len(first) < 10 or len(last) < 10 or first[:7] != last[:7]:
        return [first, last]
    return [f"{first[:8]}{day:02}" for day in range(int(first[8:]), int(last[8:]) + 1)]


def _acronyms(text: str) -> Iterator[str]:
    """Yield acronyms that are stop words in lower case (WHO, IT), with the prefix that distinguishes them."""
    for word in [word for word in text.split() if word.isupper()]:
        if len(folded := fold(word)) > 1 and folded in STOP:
            yield ACRONYM + folded


def _note_hyphens(text: str, compounds: dict[str, str]) -> None:
    """Collect the hyphenated words of a text, by their spelling without hyphens."""
    for hyphen in HYPHENS:
        text = text.replace(hyphen, "-")
    for word in text.split() if "-" in text else ():
        if "-" in word:
            parts = fold(word)
            if " " in parts and parts.replace(" ", "").isalpha() and len(parts) < 40:
                compounds.setdefault(parts.replace(" ", ""), parts)
