"""The problems of a seed: a single problem, and the error that reports them all."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from cthbkb.errors import LONGEST, Failure, closest
from cthbkb.messages import line

__all__ = ["MOST", "SHOWN", "Guesses", "Problem", "SeedError"]

MOST = 1_000
"""Maximum number of problems kept per file or rule; further ones are reported once these are corrected."""

SHOWN = 100
"""Maximum number of problems printed."""

LONG = 400
"""Maximum length of a message when printed."""

COMPARISONS = 20_000
"""Maximum number of comparisons, in one run, between unknown and known names."""


class Problem(NamedTuple):
    """A problem at a place in a seed, printed as `FILE:LINE:COL: table id: message`. Warnings do not stop a build."""

    path: str
    line: int
    col: int
    table: str
    id: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        subject = " ".join(part for part in (self.table, self.id) if part)
        kind = "warning: " if self.warning else ""
        said = f"{subject + ': ' if subject else ''}{self.message}"
        said = said if len(said) <= LONG else f"{said[: LONG - 100]} ... {said[-90:]}"
        return line(f"{self.path}:{self.line}:{self.col}: {kind}{said}")


class SeedError(Failure):
    """A seed that cannot be used; `problems` lists every reason in file order, up to `MOST` per file or rule."""

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        first = problems if len(problems) <= SHOWN else sorted(problems, key=lambda problem: problem.warning)
        lines = [str(problem) for problem in first[:SHOWN]]
        number = f"{len(problems):,} problem{'s' if len(problems) != 1 else ''} in the seed"
        number += f"; the first {SHOWN} are listed" if len(problems) > SHOWN else ""
        super().__init__("\n".join([*lines, number]), hint)
        self.problems = tuple(problems)


class Guesses:
    """Suggestions for unknown names; limited in number, since each compares a name with all known ones."""

    def __init__(self, left: int = COMPARISONS) -> None:
        self.left = left

    def __call__(self, value: str, known: Collection[str]) -> str:
        """Return the ending of a message that suggests similar names; empty if there are none."""
        near = self.near(value, known)
        return f"; did you mean {' or '.join(near)}?" if near else ""

    def near(self, value: str, known: Collection[str], cutoff: float = 0) -> list[str]:
        """Return the known names similar to a value, the closest first; none after too many comparisons.

        With a `cutoff` between 0 and 1, return only names with at least this similarity.
        """
        if len(known) > self.left:
            return []
        self.left -= len(known)
        if not cutoff:
            return closest(value, known)
        return difflib.get_close_matches(value, known, cutoff=cutoff) if len(value) <= LONGEST else []
