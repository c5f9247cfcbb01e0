"""Make a database of any size with a realistic distribution, to measure how the program scales.

    python bench/synthetic.py SIZE FILE.db|FILE.yaml

A size always gives the same bytes, because all random numbers come from one seeded generator. Words and themes follow
Zipf's law; a theme called `jits` is the eighth most frequent of forty. The numbers of years, sessions and threads do
not grow with the size, so that a query by theme and year, a search and a comparison do the same work as on real data.
"""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Callable, Iterator
from itertools import accumulate, combinations, product
from pathlib import Path

from cthbkb import build, model
from cthbkb.seed import Seed

__all__ = ["seed", "vocabulary", "yaml"]

WORDS = 4_000
LENGTH = 30
"""Number of words in a summary."""

THEMES = 40
YEARS = range(2003, 2023)
PANELS = 5
THREADS = 6
RANK = 8
"""Rank of `jits` among the themes by frequency: about 6 in 100 records are about it."""


def vocabulary() -> list[str]:
    """Return the invented words, the most frequent first."""
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    return ["".join(parts) for parts in random.Random(1).sample(list(product(syllables, repeat=3)), WORDS)]


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


def seed(size: int) -> Seed:
    """Return a seed with `size` recommendations and the records that they refer to."""
    themes = ["jits" if rank == RANK else f"theme-{rank}" for rank in range(1, THEMES + 1)]
    records: dict[str, list[model.Record]] = {table: [] for table in model.TABLES}
    records["themes"] = [model.Theme(id=t, label=t, scope_note=f"What {t} covers.") for t in themes]
    records["threads"] = [
        model.Thread(id=f"ask-{n}", label=f"Ask {n}", themes=("jits", themes[n]), summary="How it moved.")
        for n in range(THREADS)
    ]
    for number, year in enumerate(YEARS, 1):
        records["documents"].append(_document(year))
        records["conferences"].append(_conference(number, year))
        records["sessions"] += [_session(year, panel) for panel in range(1, PANELS + 1)]
    records["recommendations"] = list(_recommendations(size, themes))
    records["thread_items"] = list(_thread_items(records["recommendations"]))
    records["moves"] = list(_moves(records["thread_items"]))
    return Seed("synthetic", model.Records(records), str(size))


def _document(year: int) -> model.Document:
    return model.Document(
        id=f"{year}-highlights", title=f"Highlights of {year}", kind="highlights", conference=str(year), year=year,
        publisher="Nobody", citation=f"Highlights of {year}", url=f"https://example.org/{year}",
    )  # fmt: skip


def _conference(number: int, year: int) -> model.Conference:
    return model.Conference(
        id=str(year), number=number, year=year, title=f"Subject of {year}", held_start=f"{year}-07-20",
        held_end=f"{year}-07-22", city="Vienna", document=f"{year}-highlights", section="Title",
    )  # fmt: skip


def _session(year: int, panel: int) -> model.Session:
    return model.Session(
        id=f"{year}-p{panel}", conference=str(year), year=year, type="panel", number=panel, title=f"Panel {panel}",
        document=f"{year}-highlights", section=f"Panel {panel}",
    )  # fmt: skip


def _recommendations(size: int, themes: list[str]) -> Iterator[model.Recommendation]:
    """Yield the records, distributed over years and panels in turn; the first of each year belong to the threads."""
    draw = random.Random(2)
    words, by_word, by_theme = vocabulary(), _zipf(WORDS), _zipf(THEMES)
    modalities = [str(m) for m in model.Modality]
    for n in range(size):
        turn, place = divmod(n, len(YEARS))
        number, panel = divmod(turn, PANELS)
        year = YEARS[place]
        about = draw.choices(themes, cum_weights=by_theme, k=draw.randint(1, 3))
        yield model.Recommendation(
            id=f"{year}-p{panel + 1}-r{number + 1}", session=f"{year}-p{panel + 1}", year=year,
            kind="recommendation", number=str(number + 1), document=f"{year}-highlights",
            section=f"Panel {panel + 1}", modality=modalities[n % len(modalities)], themes=tuple(dict.fromkeys(about)),
            summary=" ".join(draw.choices(words, cum_weights=by_word, k=LENGTH)),
        )  # fmt: skip


def _thread_items(items: list[model.Record]) -> Iterator[model.ThreadItem]:
    """Yield the entries of the threads: the first items of each year, one per thread."""
    for n, item in enumerate(items[: THREADS * len(YEARS)]):
        thread = f"ask-{n // len(YEARS)}"
        asks = n % 4 > 0 and item.modality != model.Modality.STATEMENT
        yield model.ThreadItem(id=f"{thread}-{item.id}", thread=thread, item=item.id, asks=asks)


def _moves(entries: list[model.Record]) -> Iterator[model.Move]:
    """Yield a move between any two years of every thread, which has one entry per year."""
    changes = [str(c) for c in model.Change if c != model.Change.NOTED]
    pairs = [pair for n in range(THREADS) for pair in combinations(entries[n * len(YEARS) : (n + 1) * len(YEARS)], 2)]
    for n, (one, other) in enumerate(pairs):
        a, b = one.item[:4], other.item[:4]
        change = "noted" if one.asks and not other.asks else changes[n % len(changes)]
        yield model.Move(
            id=f"{one.thread}-{a}-{b}", thread=one.thread, from_=a, to=b, changes=(change,), note="What changed."
        )


def yaml(found: Seed) -> str:
    """Write a seed as YAML, though not in canonical form; no value of a synthetic record needs quotes."""
    lines = []
    for table, rows in found.records.items():
        lines += [f"{table}:"] if rows else []
        columns = model.columns_of(model.TABLES[table])
        for row in rows:
            values = [(c.name, getattr(row, c.attribute)) for c in columns]
            given = [f"{name}: {_node(value)}" for name, value in values if value not in (None, ())]
            lines.append("  - " + "\n    ".join(given))
    return "\n".join(lines) + "\n"


def _node(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else str(value)


def _write_yaml(found: Seed, path: Path) -> None:
    path.write_text(yaml(found), encoding="utf-8")


WRITERS: dict[str, Callable[[Seed, Path], None]] = {".db": build.build, ".yaml": _write_yaml}
"""Maps the extension of a file to the function that writes it."""


def main() -> None:
    """Write a database of the given size to the given file, completely or not at all."""
    gc.disable()  # records create no cycles
    size, target = int(sys.argv[1]), Path(sys.argv[2])
    beside = target.with_stem(target.stem + ".part")
    WRITERS[target.suffix](seed(size), beside)
    os.replace(beside, target)


if __name__ == "__main__":
    main()
