"""`show`: one record with everything linked to it."""

from __future__ import annotations

from cthbkb import record, store
from cthbkb.commands import told
from cthbkb.errors import UsageError
from cthbkb.formats import RECORD, Answer, Output, emit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Show the records that the arguments name, or the one that they name together."""
    db = store.open_database(request.value("db"))
    named = _named(db, request.arguments)
    answer = Answer("records", RECORD, records=[record.show(db, table, id_) for table, id_ in named])
    answer.origin = told(db, request, f"record {' '.join(id_ for _, id_ in named)}")
    return emit(answer, Output(request))


def _named(db: sqlite3.Connection, arguments: list[str]) -> list[tuple[str, str]]:
    """Take all arguments as the words of one name where they are one, else each as a name of its own."""
    together = " ".join(arguments)
    try:
        return [record.find(db, together)]
    except UsageError as error:
        found = error
    try:
        return list(dict.fromkeys(record.find(db, argument) for argument in arguments))
    except UsageError as error:
        raise (error if any("-" in a for a in arguments) else found) from None
