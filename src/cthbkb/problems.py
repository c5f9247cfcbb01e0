"""What is wrong in a seed: one problem, and the error that reports them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cthbkb.errors import Failure

__all__ = ["Problem", "SeedError"]


class Problem(NamedTuple):
    """Something wrong at a place of a seed, printed as `FILE:LINE:COL: table id: message`. A warning stops nothing."""

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
        return f"{self.path}:{self.line}:{self.col}: {kind}{subject + ': ' if subject else ''}{self.message}"


class SeedError(Failure):
    """A seed that cannot be used; `problems` lists every reason, in file order."""

    def __init__(self, problems: Sequence[Problem], hint: str = "") -> None:
        lines = [str(problem) for problem in problems]
        number = f"{len(lines)} problem{'s' if len(lines) != 1 else ''} in the seed"
        super().__init__("\n".join([*lines, number]), hint)
        self.problems = tuple(problems)
