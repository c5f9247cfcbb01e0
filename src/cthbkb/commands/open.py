"""`open`: the web page of a record's source, in the browser."""

from __future__ import annotations

from cthbkb import record
from cthbkb.commands import database
from cthbkb.errors import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

    from cthbkb.catalog import Request

__all__ = ["run"]


def run(request: Request) -> int:
    """Open the address of each record, or print it if requested or if there is no browser."""
    db = database(request)
    for table, id_ in record.find_all(db, request.arguments):
        address = _address(db, table, id_)
        if request.switch("print") or not _opened(address):
            print(address)
    return 0


def _address(db: sqlite3.Connection, table: str, id_: str) -> str:
    """Return the address of a record or, if it has none, of its document.

    Raises:
        Failure: if neither has one.
    """
    found = record.show(db, table, id_).value()
    document = found.get("document")
    if not found.get("url") and document:
        found = record.show(db, "documents", str(document)).value()
    if not found.get("url"):
        if document:
            raise Failure(f"the document of {id_}, {document}, has no address", f"Cite it: cthbkb cite {id_}")
        raise Failure(f"{id_} has no address", "Only documents, publications and records of documents have addresses.")
    address = str(found["url"])
    return address if address.startswith(("http://", "https://")) else f"https://{address}"


def _opened(address: str) -> bool:
    """Return whether a browser accepted the address."""
    import webbrowser

    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
