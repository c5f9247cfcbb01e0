"""`cthbkb` without a command: an introduction, the counts per year and three commands to try; and `--version`."""

from __future__ import annotations

import shutil
import sys

from cthbkb import __version__
from cthbkb.columns import Col
from cthbkb.commands import database
from cthbkb.formats import Answer, Output, emit, screen, writer
from cthbkb.messages import wrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Request

__all__ = ["run"]

HEAD = (
    "cthbkb: what the OSCE Alliance against Trafficking in Persons conferences\n"
    "said, who took part, where it is written, and how it changed.\n"
)

TRY = """
Try:  cthbkb recs --theme jits
      cthbkb speakers --year 2020 --role moderator
      cthbkb compare --theme non-punishment
More: cthbkb --help
"""

COUNTS = """
select c.year, c.title, c.sessions, c.people, c.recommendations,
    (select count(*) from statistics x where x.year = c.year)
from list_conferences c
order by c.year
"""


def run(request: Request) -> int:
    """Print the overview, or the versions of program and data."""
    db = database(request)
    if request.switch("version"):
        (version,) = db.execute("select value from meta where key = 'data'").fetchone()
        print(f"cthbkb {__version__}, data {version}")
        return 0
    columns = [
        Col("year", 1, "number"), Col("conference", 1, "prose"), Col("sessions", 1, "number"),
        Col("people", 1, "number"), Col("items", 1, "number"), Col("figures", 1, "number"),
    ]  # fmt: skip
    answer = Answer("conferences", columns, db.execute(COUNTS))
    if request.value("format") not in {"", "table"}:
        return emit(answer, Output(request))
    narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < HEAD.index("\n")
    print(wrapped(HEAD.replace("\n", " ", 1) if narrow else HEAD, sys.stdout))
    writer(Output(request).format)(answer, screen())
    (packs,) = db.execute("select value from meta where key = 'packs'").fetchone()
    if packs:
        print(f"\nWith your packs: {', '.join(packs.split())} (cthbkb packs)")
    print(TRY, end="")
    return 0
