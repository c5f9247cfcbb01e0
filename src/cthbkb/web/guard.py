"""Middleware for all pages: the allowed hosts, methods and formats, the headers of every response, broken files."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from cthbkb.messages import say

__all__ = ["SENDING", "Broken", "Guard", "Sending"]

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}

OPEN = ("/-/static/", "/-/metadata", "/-/versions")
"""Datasette's own pages that are served; the others reveal details of the machine."""

FORMATS = ("csv", "json", "blob")
"""The endings of pages of the database: two formats, and single values of bytes."""


class Broken(BaseException):
    """A file cannot be completed; an `Exception` would be caught by Datasette, which would write it into the file."""


class Sending:
    """What is being sent: whether it is a CSV file, and whether its beginning has been sent."""

    def __init__(self, file: bool) -> None:
        self.file = file
        self.begun = False


SENDING: ContextVar[Sending] = ContextVar("SENDING")
"""The answer to the request that the current task handles."""


class Guard:
    """Middleware that allows only GET and HEAD, only the intended hosts, and no pages about the machine."""

    def __init__(self, hosts: frozenset[str], app: Any) -> None:
        self.hosts = hosts
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        sending = Sending(scope["path"].endswith(".csv"))
        SENDING.set(sending)

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                sending.begun = True
                own = [(name.encode(), text.encode()) for name, text in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *own]}
            await send(message)

        refused = self._refused(scope)
        if refused:
            status, text = refused
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await sent({"type": "http.response.start", "status": status, "headers": headers})
            await sent({"type": "http.response.body", "body": text.encode()})
        else:
            try:
                await self.app(scope, receive, sent)
            except Broken as error:  # the server closes the connection, so that the client reports a failure
                say(f"note: a CSV file could not be completed: {error}")

    def _refused(self, scope: Any) -> tuple[int, str] | None:
        host = next((value.decode("latin1") for name, value in scope["headers"] if name == b"host"), "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if self.hosts and name.strip("[]") not in self.hosts:
            return 403, "This host name is not served. Use the address that cthbkb serve printed."
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, "This site is read-only."
        if scope["path"].startswith("/-/") and not scope["path"].startswith(OPEN):
            return 404, "This page is not served."
        if scope["path"].startswith(("/kb", "/.")):
            _, dot, ending = scope["path"].rpartition("/")[2].partition(".")
            if dot and ending not in FORMATS and scope["path"] != "/kb.db":
                return 404, "This page has no such format. Formats: csv, json."
            if scope["path"] == "/kb.csv" and b"sql=" not in scope["query_string"]:
                return 404, "This format is only for queries: /kb.csv?sql=QUERY"
        return None
