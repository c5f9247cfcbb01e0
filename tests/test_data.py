"""The packaged data: form and counts, and the printed values, compared with copies of the documents."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cthbkb import checks, model, seed
from cthbkb.formats.plain import safe

SEED = Path(__file__).resolve().parents[1] / "data" / "seed.yaml"
SOURCES = os.environ.get("CTHBKB_SOURCES", "")
needs_sources = pytest.mark.skipif(not SOURCES, reason="CTHBKB_SOURCES names no folder with the documents' text")


@pytest.fixture(scope="module")
def data() -> seed.Seed:
    return seed.load(SEED)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {p.stem: _plain(p.read_text(encoding="utf-8")) for p in Path(SOURCES).glob("*.txt") if p.stem[:4].isdigit()}


def _plain(text: str) -> str:
    """Reduce a text to its letters and digits, to ignore line breaks, hyphenation and layout marks."""
    return re.sub(r"[\W_]+", "", re.sub(r"</?sup>", "", text)).casefold()


def records(data: seed.Seed, table: str) -> list[Any]:
    return list(data.records[table])


def test_the_seed_passes_every_rule(data: seed.Seed) -> None:
    assert [str(p) for p in checks.run(data)] == []


def test_the_seed_is_in_canonical_form(data: seed.Seed) -> None:
    assert [layer.path for layer in data.layers if layer.text != seed.canonical(layer)] == []


def test_the_printed_lists_are_complete(data: seed.Seed) -> None:
    found = Counter(
        (r.session, r.kind) for r in records(data, "recommendations") if r.kind not in {"conclusion", "goal"}
    )
    assert found == {
        ("2016-keynote", "recommendation"): 2,
        ("2016-keynote", "observation"): 3,
        ("2016-p1", "recommendation"): 7,
        ("2016-p2", "recommendation"): 6,
        ("2016-p3", "recommendation"): 12,
        ("2016-side1", "recommendation"): 4,
        ("2016-side2", "recommendation"): 3,
        ("2016-side3", "recommendation"): 3,
        ("2020-preface", "framework"): 6,
        ("2020-p2", "observation"): 7,
        ("2020-p2", "recommendation"): 6,
        ("2020-p3", "observation"): 10,
        ("2020-p3", "recommendation"): 5,
        ("2020-p4", "observation"): 11,
        ("2020-p4", "recommendation"): 10,
        ("2020-closing", "call"): 1,
        ("2022-p1", "takeaway"): 16,
        ("2022-p2", "takeaway"): 11,
        ("2022-p3", "takeaway"): 5,
        ("2022-p4", "takeaway"): 13,
    }


COUNTED = ("appearances", "statistics", "statements", "commitments", "citations")
"""Tables, besides items by kind, for which each document states its number of records."""


def test_every_document_has_expected_counts(data: seed.Seed) -> None:
    expected = {(e.document, e.table, e.kind) for e in data.records.expected_counts}
    items = {(r.document, "recommendations", r.kind) for r in data.records.recommendations}
    others = {(r.get("document"), table, None) for table in COUNTED for r in data.records[table]}
    assert (items | others) - expected == set()


def test_every_session_of_the_programmes_has_its_speakers(data: seed.Seed) -> None:
    found = Counter(a.session for a in records(data, "appearances"))
    assert found == {
        "2016-welcome": 4, "2016-keynote": 1, "2016-p1": 5, "2016-p2": 6, "2016-p3": 4, "2016-p4": 5,
        "2016-closing": 1,
        "2020-welcome": 1, "2020-opening": 5, "2020-keynote": 2, "2020-p1": 7, "2020-p2": 6, "2020-p3": 6,
        "2020-p4": 6, "2020-closing": 3, "2020-side1": 2, "2020-side2": 7,
        "2022-welcome": 2, "2022-opening": 2, "2022-keynote": 3, "2022-p1": 5, "2022-p2": 5, "2022-p3": 5,
        "2022-p4": 6, "2022-closing": 1,
    }  # fmt: skip


def test_only_people_called_survivors_in_a_document_are_marked(data: seed.Seed) -> None:
    marked = {a.person for a in records(data, "appearances") if a.survivor}
    assert marked == {"coco-berthmann", "sean-wheeler", "karly-church", "kyra-doubek", "shandra-woworuntu"}
    assert {p.id for p in records(data, "people") if p.pseudonym} == {"ivan", "mikhail"}


@pytest.mark.parametrize(
    ("theme", "carry", "do_not"),
    [
        ("jits", {"2016-p2-r4", "2020-p2-o5", "2020-p2-r4", "2020-p4-o3", "2020-p4-r4"}, {"2020-p4-o4", "2022-p4-t10"}),
        ("non-punishment", {"2016-keynote-r2", "2016-p1-r7", "2016-p3-r2", "2022-p1-t4"}, {"2020-p4-o7"}),
        ("financial-investigations", {"2020-p2-o1", "2020-p2-r1", "2020-p3-o6d", "2020-p4-r5"}, {"2020-p2-o3"}),
        ("child-protection", {"2016-p1-r2", "2016-p3-r5", "2022-p1-t12", "2022-p3-t3"}, {"2020-p3-r3"}),
    ],
)
def test_items_have_the_themes_that_they_are_about(
    data: seed.Seed, theme: str, carry: set[str], do_not: set[str]
) -> None:
    about = {r.id for r in records(data, "recommendations") if theme in r.themes}
    assert carry <= about
    assert not do_not & about


def test_every_item_is_about_something(data: seed.Seed) -> None:
    assert [r.id for r in records(data, "recommendations") if not r.themes] == []


def test_summaries_are_short_and_end_like_sentences(data: seed.Seed) -> None:
    for r in records(data, "recommendations"):
        assert r.summary[-1] in ".)", r.id
        assert len(r.summary.split()) <= 120, r.id


def test_only_account_handles_need_an_apostrophe_in_spreadsheets(data: seed.Seed) -> None:
    disarmed = set()
    for table, type_ in model.TABLES.items():
        for record in data.records[table]:
            for column in model.columns_of(type_):
                value = getattr(record, column.attribute)
                if isinstance(value, str) and safe(value) != value:
                    disarmed.add((column.name, value[0]))
    assert {first for _, first in disarmed} == {"@"}


@needs_sources
def test_names_and_titles_are_printed_in_the_documents(data: seed.Seed, texts: dict[str, str]) -> None:
    missing = [
        (a.id, name)
        for a in records(data, "appearances")
        for name in [a.name_as_printed]
        if name and _plain(name) not in texts[a.document]
    ]
    assert missing == []


@needs_sources
def test_figures_are_printed_in_the_documents(data: seed.Seed, texts: dict[str, str]) -> None:
    missing = []
    for s in records(data, "statistics"):
        digits = re.findall(r"\d[\d,.]*\d|\d", s.value)
        missing += [(s.id, d) for d in digits if _plain(d) not in texts[s.document]]
    assert missing == []


@needs_sources
def test_addresses_are_printed_in_the_documents(data: seed.Seed, texts: dict[str, str]) -> None:
    whole = "".join(texts.values())
    missing = [
        (p.id, url)
        for p in records(data, "publications")
        for url in [p.url, *p.other_urls]
        if url and _plain(url) not in whole
    ]
    assert missing == []


@needs_sources
def test_every_address_printed_in_a_document_is_in_a_record(data: seed.Seed) -> None:
    known = {_plain(u) for p in records(data, "publications") for u in [p.url, *p.other_urls] if u}
    known |= {_plain(s.video) for s in records(data, "sessions") if s.video}
    known |= {_plain(x.url) for t in ("conferences", "documents") for x in records(data, t) if x.url}
    printed = set()
    for path in Path(SOURCES).glob("20*.txt"):
        printed |= {u.rstrip(".,;)>") for u in re.findall(r"https?://[^\s<>)]+", path.read_text(encoding="utf-8"))}
    assert [u for u in sorted(printed) if _plain(u) not in known] == []


@needs_sources
def test_no_sentence_of_a_document_is_in_the_data(data: seed.Seed) -> None:
    """No summary has fourteen words in a row in common with a document, which is longer than the longest name."""
    grams = set()
    for path in Path(SOURCES).glob("20*.txt"):
        words = re.findall(r"[^\W_]+", path.read_text(encoding="utf-8").casefold())
        grams |= {tuple(words[i : i + 14]) for i in range(len(words) - 13)}
    for table, column in (("recommendations", "summary"), ("statements", "gist"), ("statistics", "what")):
        for record in records(data, table):
            words = re.findall(r"[^\W_]+", getattr(record, column).casefold())
            assert not {tuple(words[i : i + 14]) for i in range(len(words) - 13)} & grams, record.id
