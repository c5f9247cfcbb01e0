"""Fingerprints, which identify a passage in any copy of its document without revealing its words.

A fingerprint has the form `ID LENGTH OFFSET:HASH ... =HASH`: the id of a record, the number of words in its passage,
keyed 40-bit hashes of some runs of `RUN` words, each with its offset in words, and a hash of the whole passage. The
runs are spread over the passage and, if it is long enough, do not overlap, so that a hash reveals nothing about the
next. A length of `12+85+20` means a passage in two parts, of 12 and 20 words, with 85 other words between them.

The runs find a place even if a footnote, a caption or a page header is printed inside it. The hash of the whole
passage, which does not depend on line breaks, then confirms exactly where the passage begins and ends, and which words
in between do not belong to it. A place without this confirmation is never considered certain.

If the words of the passage are not enough, neighbouring words are used too. The runs of a passage shorter than a run
extend beyond it; such a passage has no hash of the whole. A passage that is printed twice has a run before it (with a
negative offset) and a run after it, which distinguish the two.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice, pairwise, product

from cthbkb.copies.words import Copy

__all__ = ["RUN", "Found", "Index", "Print", "hashed", "make"]

RUN = 6
"""Number of words in a run."""

BITS = 40
"""Size of a hash, in bits: enough to distinguish the runs of all documents, too few to confirm guessed words."""

BREAK = 400
"""Maximum number of extraneous words inside a passage."""

MOST = 5
"""Maximum number of runs in a fingerprint."""

AROUND = 60
"""Number of words before and after a passage in which to find runs that distinguish it from an identical passage."""

TRIES = 20_000
"""Maximum number of attempts to cut a passage out of a place."""


def hashed(document: str, words: Sequence[str], between: str = " ") -> str:
    """Return the hash of some words of a document, as 8 characters."""
    return _hashes(document, [between.join(words).encode()])[0]


def _hashes(document: str, texts: Iterable[bytes]) -> list[str]:
    """Return the hash of each text of a document."""
    key, size = document.encode()[:64], BITS // 8
    digests = b"".join([hashlib.blake2b(text, digest_size=size, key=key).digest() for text in texts])
    encoded = base64.b32encode(digests).decode().lower()  # of all at once, which is faster; 5 bytes are 8 characters
    return [encoded[at : at + 8] for at in range(0, len(encoded), 8)]


@lru_cache(maxsize=1)  # a copy is compared with one document after another
def _runs(copy: Copy) -> list[bytes]:
    """Return the runs of a copy, by the word at which each begins."""
    words = [word.encode() for word in copy.words]
    text = b" ".join(words)
    begins = [0, *accumulate(len(word) + 1 for word in words)]
    return [text[begin : end - 1] for begin, end in zip(begins, begins[RUN:], strict=False)]


class Print:
    """A fingerprint: the record, the parts of its passage, its runs as `(offset, hash)`, and the hash of the whole.

    `parts` are numbers of words that alternate between the passage and other text inside it.
    """

    __slots__ = ("parts", "record", "runs", "whole")

    def __init__(self, record: str, parts: Sequence[int], runs: Iterable[tuple[int, str]], whole: str = "") -> None:
        self.record = record
        self.parts = list(parts)
        self.runs = list(runs)
        self.whole = whole

    @property
    def length(self) -> int:
        """The number of words of the passage."""
        return sum(self.parts[::2])

    @classmethod
    def read(cls, text: str) -> Print:
        """Parse a fingerprint, which has the form of `model.FINGERPRINT`."""
        record, parts, *hashes = text.split()
        whole = hashes.pop().removeprefix("=") if hashes[-1][0] == "=" else ""
        pairs = [run.split(":") for run in hashes]
        return cls(record, [int(part) for part in parts.split("+")], [(int(at), hash) for at, hash in pairs], whole)

    def __str__(self) -> str:
        runs = (f"{offset}:{hash}" for offset, hash in self.runs)
        end = [f"={self.whole}"] if self.whole else []
        return " ".join([self.record, "+".join(map(str, self.parts)), *runs, *end])


class Found:
    """A place in a copy that matches a fingerprint: the spans of its words, and how many of the runs match.

    `certain` is set if the hash of the whole confirms the spans.
    """

    __slots__ = ("agree", "certain", "of", "spans")

    def __init__(self, spans: Sequence[tuple[int, int]], agree: int, of: int, certain: bool) -> None:
        self.spans = list(spans)
        self.agree = agree
        self.of = of
        self.certain = certain


Chain = list[tuple[int, int]]
"""Runs in print order: the index of the word at which each begins in the copy, and its offset in the passage."""


class Index:
    """The hashes of the runs of a copy, keyed for one document, by the word at which each begins."""

    def __init__(self, copy: Copy, document: str) -> None:
        self.copy = copy
        self.document = document
        self.hashes = _hashes(document, _runs(copy))

    @cached_property
    def held(self) -> frozenset[str]:
        """The hashes, to find out whether there is one."""
        return frozenset(self.hashes)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The words at which the runs with a hash begin."""
        found: dict[str, list[int]] = {}
        for at, hash in enumerate(self.hashes):
            found.setdefault(hash, []).append(at)
        return found

    def find(self, sought: Print) -> list[Found]:
        """Return the places that match a fingerprint, the best first.

        A place must match half of the runs, and at least two of them if there are more than two.
        """
        hits = sorted((at, offset) for offset, hash in sought.runs for at in self.places.get(hash, ()))
        least = max(1, min(2, len(sought.runs) - 1), len(sought.runs) / 2)
        chains = [chain for chain in (_chain(hit, hits) for hit in hits) if len(chain) >= least]
        most: dict[tuple[int, int], Chain] = {}
        for chain in chains:
            key = chain[-1]
            if key not in most or (len(chain), chain[0]) > (len(most[key]), most[key][0]):
                most[key] = chain
        found = [self._place(sought, chain) for chain in most.values()]
        found.sort(key=lambda place: (-place.agree, not place.certain, place.spans[-1][1] - place.spans[0][0]))
        return found

    def holds(self, sought: Print) -> bool:
        """Return whether a fingerprint matches anywhere, which is faster to find out than where."""
        return sum(hash in self.held for _, hash in sought.runs) * 2 >= len(sought.runs)

    def _place(self, sought: Print, chain: Chain) -> Found:
        """Return the place of a passage, given some of its runs."""
        agree, of = len(chain), len(sought.runs)
        inner = [(at, offset) for at, offset in chain if -RUN < offset < sought.length] or chain
        first: list[tuple[int, int]] = []
        for spans in islice(self._ways(sought, inner), TRIES):
            first = first or spans
            if self._confirms(sought, spans):
                return Found(spans, agree, of, True)
        ends = inner[0][1] <= 0 and inner[-1][1] + RUN >= sought.length and len(first) == 1
        return Found(first or [(inner[0][0], inner[0][0] + RUN - 1)], agree, of, not sought.whole and ends)

    def _confirms(self, sought: Print, spans: Sequence[tuple[int, int]]) -> bool:
        words = [word for first, last in spans for word in self.copy.words[first : last + 1]]
        return hashed(self.document, words, "") == sought.whole

    def _ways(self, sought: Print, chain: Chain) -> Iterator[list[tuple[int, int]]]:
        """Yield the possible spans of a passage, the most likely first.

        The first includes all text at the place, since an additional word may be the result of a split word. The next
        ones omit, between two runs, as many words as there are too many. Before the first run found, and after the
        last, there may be a word more or less, or words that do not belong to the passage.
        """
        (first, lead), (last, offset) = chain[0], chain[-1]
        trail = sought.length - offset - RUN
        begin, end = first - lead, last + RUN - 1 + trail
        middles = []
        for (at, here), (next_at, there) in pairwise(chain):
            extra = (next_at - at) - (there - here)
            if extra:
                middles.append([(cut, cut + extra + 1) for cut in self._cuts(sought, at, here, there, extra)])
        yield from self._spans(begin, (), end)
        for cuts in product(*middles) if middles else ():
            yield from self._spans(begin, cuts, end)
        cuts = tuple(ways[0] for ways in middles if ways)
        for moved in (1, -1, 2, -2, 3, -3):
            yield from self._spans(begin + moved, cuts, end)
            yield from self._spans(begin, cuts, end + moved)
        stated = sought.parts[1::2]
        for size in dict.fromkeys([*stated, *range(1, BREAK)]):
            for kept in range(trail):
                cut = last + RUN - 1 + kept
                if size in stated or self._between_lines(cut, size):
                    yield from self._spans(begin, (*cuts, (cut, cut + size + 1)), end + size)
            for kept in range(lead):
                cut = first - kept - size - 1
                if size in stated or self._between_lines(cut, size):
                    yield from self._spans(begin - size, ((cut, cut + size + 1), *cuts), end)

    def _spans(self, begin: int, cuts: Iterable[tuple[int, int]], end: int) -> Iterator[list[tuple[int, int]]]:
        """Yield the spans between two words, without the cuts; nothing if they are outside the copy."""
        if 0 <= begin <= end < len(self.copy.words):
            cuts = tuple(cuts)
            stops, starts = [stop for stop, _ in cuts], [start for _, start in cuts]
            spans = list(zip([begin, *starts], [*stops, end], strict=True))
            if all(start <= stop for start, stop in spans):
                yield spans

    def _cuts(self, sought: Print, at: int, offset: int, next_offset: int, extra: int) -> list[int]:
        """Return the words between two runs after which `extra` other words may be printed.

        The place that the fingerprint gives comes first, followed by places where the other words are whole lines.
        """
        room = range(at + RUN - 1, at + max(RUN, next_offset - offset))
        done, named = 0, []
        for own, other in zip(sought.parts[::2], sought.parts[1::2], strict=False):
            done += own
            if other == extra and offset < done <= next_offset:
                named.append(at + done - offset - 1)
        return list(dict.fromkeys([*named, *(n for n in room if self._between_lines(n, extra))]))

    def _between_lines(self, word: int, size: int) -> bool:
        """Return whether the `size` words after a word are whole lines."""
        return word in self.copy.last and word + size in self.copy.last


def _chain(hit: tuple[int, int], hits: Sequence[tuple[int, int]]) -> Chain:
    """Return the runs that follow a run in print order, allowing for other words in between."""
    chain = [hit]
    for at, offset in hits:
        last_at, last_offset = chain[-1]
        if offset > last_offset and 0 <= (at - last_at) - (offset - last_offset) <= BREAK:
            chain.append((at, offset))
    return chain


def make(record: str, index: Index, spans: Sequence[tuple[int, int]]) -> Print:
    """Make the fingerprint of a passage: one span `(first, last)` of words, or several with other words in between.

    Its runs are spread over the passage; no run crosses a gap, and runs that are unique in the copy are preferred.
    """
    words = index.copy.words
    at = [n for first, last in spans for n in range(first, last + 1)]
    parts = [spans[0][1] - spans[0][0] + 1]
    for before, span in pairwise(spans):
        parts += [span[0] - before[1] - 1, span[1] - span[0] + 1]
    length = len(at)

    def run(start: int) -> list[str]:
        return words[start : start + RUN]

    if length < RUN:
        beside = [n for n in (length - RUN, 0) if 0 <= at[0] + n <= len(words) - RUN]
        pairs = [(n, hashed(index.document, run(at[0] + n))) for n in beside]
    else:
        possible = [n for n in range(length - RUN + 1) if at[n + RUN - 1] - at[n] == RUN - 1]
        number = max(2, min(MOST, 1 + length // 9)) if length > RUN else 1
        wished = [round(n * (length - RUN) / (number - 1)) if number > 1 else 0 for n in range(number)]
        chosen = {_near(index, [(p, run(at[p])) for p in possible], w, w in {wished[0], wished[-1]}) for w in wished}
        pairs = [(n, hashed(index.document, run(at[n]))) for n in sorted(chosen)]
    if all(len(index.places[hash]) > 1 for _, hash in pairs):
        around = [[-n for n in range(RUN, AROUND)], [length + n for n in range(AROUND - RUN)]]
        for offsets in around:
            begins = [(n, at[0] + n if n < 0 else at[-1] + 1 + n - length) for n in offsets]
            runs = [(n, hashed(index.document, run(p))) for n, p in begins if 0 <= p <= len(words) - RUN]
            pairs += [pair for pair in runs if len(index.places[pair[1]]) == 1][:1]
        pairs.sort()
    whole = hashed(index.document, [words[n] for n in at], "") if length >= RUN else ""
    return Print(record, parts, pairs, whole)


def _near(index: Index, possible: Sequence[tuple[int, list[str]]], wished: int, edge: bool) -> int:
    """Return the offset of the run nearest to `wished`; inside a passage, runs unique in the copy are preferred."""

    def cost(offset: int, run: Sequence[str]) -> int:
        often = not edge and len(index.places[hashed(index.document, run)]) > 1
        return abs(offset - wished) + 4 * often

    return min(possible, key=lambda p: cost(*p))[0]
