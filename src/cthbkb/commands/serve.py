"""`serve`: the knowledge base in a browser."""

from __future__ import annotations

from cthbkb import store
from cthbkb.commands import database
from cthbkb.errors import UsageError, shown
from cthbkb.formats import imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]

HOST, PORT = "127.0.0.1", "8001"


def run(request: Request) -> int:
    """Serve the knowledge base until the user stops the program."""
    port = request.value("port") or PORT
    if not (port.isascii() and port.isdigit() and len(port) < 10 and int(port) < 65536):
        raise UsageError(
            f"port {shown(port)} is not a number from 0 to 65535", "Use a port such as 8001, or 0 for any free one."
        )
    serve = imported("cthbkb.web.server:serve")
    db = database(request)
    given = store.chosen(request.value("db"))
    code: object = serve(db, request.value("host") or HOST, int(port), request.switch("open"), given)
    assert isinstance(code, int)
    return code
