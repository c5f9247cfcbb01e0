"""Fingerprints: what finds a passage again in any copy of its document, and gives none of its words away.

A fingerprint is one text, `ID LENGTH OFFSET:HASH ... =HASH`: the id of a record, the number of words of its passage,
for some runs of `RUN` words how many words after its beginning they start with a keyed hash of 40 bits, and such a hash
of the whole. The runs are spread over the passage and do not overlap where it is long enough, so that one hash says
nothing about the next. A length of `12+85+20` is a passage in two parts, 12 and 20 words long, with 85 others between.

The runs find a place, whatever is printed inside it: a footnote, a caption, the head of a page. The hash of the whole,
which does not depend on how words are broken over lines, then says to the word where the passage begins and ends and
what in between is not of it. A place that it does not confirm is never taken for certain.

What is printed beside a passage helps where its own words do not do: the runs of a passage that is shorter than a run
reach into it (such a passage has no hash of its own), and a passage that is printed twice has a run before it (its
offset is below 0) and one after it, which tell the two apart.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise, product

from cthbkb.copies.words import Copy

__all__ = ["RUN", "Found", "Index", "Print", "hashed", "make"]

RUN = 6
"""Words in a run that is hashed."""

BITS = 40
"""Bits of a hash: enough to tell the runs of all documents apart, too few to prove a guess at the words."""

BREAK = 400
"""Words that may stand inside a passage and are not of it."""

MOST = 5
"""Runs of a fingerprint at most."""

AROUND = 60
"""Words before and after a passage among which a run is sought that tells it from another of the same words."""

TRIES = 20_000
"""Ways to cut a passage out of a place that are tried at most."""


def hashed(document: str, words: Sequence[str], between: str = " ") -> str:
    """Return the hash of some words of a document, 8 characters."""
    digest = hashlib.blake2b(between.join(words).encode(), digest_size=BITS // 8, key=document.encode()[:64]).digest()
    return base64.b32encode(digest).decode().lower()


class Print:
    """A fingerprint: the record, the parts of its passage, its runs as `(offset, hash)`, and the hash of the whole.

    `parts` counts words by turns: some of the passage, others that are printed in between, some of the passage again.
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
        """Read a fingerprint from its text, which has the form of `model.FINGERPRINT`."""
        record, parts, *hashes = text.split()
        whole = hashes.pop().removeprefix("=") if hashes[-1][0] == "=" else ""
        pairs = [run.split(":") for run in hashes]
        return cls(record, [int(part) for part in parts.split("+")], [(int(at), hash) for at, hash in pairs], whole)

    def __str__(self) -> str:
        runs = (f"{offset}:{hash}" for offset, hash in self.runs)
        end = [f"={self.whole}"] if self.whole else []
        return " ".join([self.record, "+".join(map(str, self.parts)), *runs, *end])


class Found:
    """A place in a copy that a fingerprint matches: the spans of its words, and how many runs of how many agree.

    `certain` is whether the hash of the whole confirms the spans.
    """

    __slots__ = ("agree", "certain", "of", "spans")

    def __init__(self, spans: Sequence[tuple[int, int]], agree: int, of: int, certain: bool) -> None:
        self.spans = list(spans)
        self.agree = agree
        self.of = of
        self.certain = certain


Chain = list[tuple[int, int]]
"""Runs found in print order: the word at which each begins in the copy, and its offset in the passage."""


class Index:
    """The runs of a copy by their hash, as one document would have them."""

    def __init__(self, copy: Copy, document: str) -> None:
        self.copy = copy
        self.document = document
        self.places: dict[str, list[int]] = {}
        words = copy.words
        for at in range(len(words) - RUN + 1):
            self.places.setdefault(hashed(document, words[at : at + RUN]), []).append(at)

    def find(self, sought: Print) -> list[Found]:
        """Return the places that a fingerprint matches, the best first.

        A place needs half of the runs, and two of them where there are more than two.
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
        """Return whether a fingerprint matches anywhere; cheaper than to find out where."""
        return sum(hash in self.places for _, hash in sought.runs) * 2 >= len(sought.runs)

    def _place(self, sought: Print, chain: Chain) -> Found:
        """Return the words of a passage of which some runs are known."""
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
        """Yield the spans that a passage may have, the likeliest first.

        First all that stands there, since a word more may be one in two parts. Then, between two runs, as many words
        are cut out as are too many. Before the first and after the last run that was
        found there may be a word more or less, or others that are not of the passage.
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
        """Yield the spans between two words, without what is cut out; none where they are outside the copy."""
        if 0 <= begin <= end < len(self.copy.words):
            cuts = tuple(cuts)
            stops, starts = [stop for stop, _ in cuts], [start for _, start in cuts]
            spans = list(zip([begin, *starts], [*stops, end], strict=True))
            if all(start <= stop for start, stop in spans):
                yield spans

    def _cuts(self, sought: Print, at: int, offset: int, next_offset: int, extra: int) -> list[int]:
        """Return the words after which `extra` others may be printed, between one run and the next.

        First the place that the fingerprint names, then where whole lines are others.
        """
        room = range(at + RUN - 1, at + max(RUN, next_offset - offset))
        done, named = 0, []
        for own, other in zip(sought.parts[::2], sought.parts[1::2], strict=False):
            done += own
            if other == extra and offset < done <= next_offset:
                named.append(at + done - offset - 1)
        return list(dict.fromkeys([*named, *(n for n in room if self._between_lines(n, extra))]))

    def _between_lines(self, word: int, size: int) -> bool:
        """Return whether the words after one, as many as `size`, are whole lines."""
        line = self.copy.line
        inside = word >= 0 and word + size + 1 < len(self.copy.words)
        return inside and line(word) != line(word + 1) and line(word + size) != line(word + size + 1)


def _chain(hit: tuple[int, int], hits: Sequence[tuple[int, int]]) -> Chain:
    """Return the runs that follow one in print order, each with room for what may be printed in between."""
    chain = [hit]
    for at, offset in hits:
        last_at, last_offset = chain[-1]
        if offset > last_offset and 0 <= (at - last_at) - (offset - last_offset) <= BREAK:
            chain.append((at, offset))
    return chain


def make(record: str, index: Index, spans: Sequence[tuple[int, int]]) -> Print:
    """Make the fingerprint of a passage: one span `(first, last)` of words, or several with something else between.

    Its runs are spread over the passage; none reaches over a break, and those that the copy has once come first.
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
    """Return the offset of the run nearest to a wished one: inside a passage rather one that the copy has once."""

    def cost(offset: int, run: Sequence[str]) -> int:
        often = not edge and len(index.places[hashed(index.document, run)]) > 1
        return abs(offset - wished) + 4 * often

    return min(possible, key=lambda p: cost(*p))[0]
