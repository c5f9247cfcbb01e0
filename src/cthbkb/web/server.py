"""Serving the site: the address, the snapshot of the database, start and stop; the only module that uses uvicorn."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import warnings
import webbrowser
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from cthbkb.errors import Failure, shown
from cthbkb.messages import say
from cthbkb.web.app import Site

__all__ = ["serve"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@contextmanager
def _frozen(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the path of a copy of a database, which nothing replaces or removes while it is served."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the default handler would leave the file behind
    with tempfile.TemporaryDirectory(prefix="cthbkb-") as folder:
        path = os.path.join(folder, "kb.db")
        with closing(sqlite3.connect(path)) as copy:
            db.backup(copy)
        yield path


def _bound(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        Failure: if the address is in use, unknown, or not available.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:  # a name may also be too long, or not text
        why = getattr(error, "strerror", None) or "it is not a host name"
        raise Failure(
            f"cannot listen on {shown(host)}: {why}", "Name an address of this machine, such as 127.0.0.1."
        ) from None
    found = socket.socket(family, kind, protocol)
    if os.name == "posix":  # on other systems, this would share the port with another program
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(address)
        found.listen(128)
    except OSError as error:
        found.close()
        taken = (
            "is in use by another program" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        )
        raise Failure(
            f"port {port} of {host} {taken}", "Use another port, or 0 for any free one: cthbkb serve --port 0"
        ) from None
    return found


def _is_news(message: logging.LogRecord) -> bool:
    """Return whether a message of uvicorn is not about an answer that `guard.py` has cut off and reported."""
    return "without completing response" not in message.getMessage()


def serve(db: sqlite3.Connection, host: str, port: int, show: bool, given: str | None = None) -> int:
    """Serve a database until the user stops the program, and return the exit code; `show` opens the start page.

    `given` is the path of the database if the user named it.
    """
    with closing(_bound(host, port)) as listening, _frozen(db) as path:
        port = listening.getsockname()[1]
        named = f"[{host}]" if ":" in host else host
        url = f"http://{named}:{port}/"
        local = host in LOOPBACK or host.startswith("127.")
        site = Site(path, frozenset({*LOOPBACK, host}) if local else frozenset(), given)
        config = uvicorn.Config(site.application(), log_level="warning", access_log=False, lifespan="on")
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        warnings.filterwarnings("ignore", "coroutine .* was never awaited")  # of Datasette, after an invalid query
        say(f"serving the knowledge base at {url}")
        if not local:
            say(f"warning: {host} is open to other machines: anybody who can reach it can read the knowledge base")
        say("hint: Press Ctrl-C to stop.")
        if show and not webbrowser.open(url):
            say("note: no browser was found; open the address yourself")
        uvicorn.Server(config).run(sockets=[listening])
    return 0
