"""`about`: the sources, counts, method and limits of the data, and the disclaimers of the publisher."""

from __future__ import annotations

from cthbkb.account import account
from cthbkb.commands import database, origin_of
from cthbkb.formats import RECORD, Answer, Output, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Print the description of the data."""
    db = database(request)
    answer = Answer("records", RECORD, records=[account(db)])
    answer.origin = origin_of(db, request, "sources, method and limits of the data")
    return emit(answer, Output(request))
