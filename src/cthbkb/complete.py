"""Values of an option for the shell's completion.

Only slugs are offered, which no shell can take for anything else: a name with spaces or accents is offered folded, as
`united-kingdom`, which filters understand. The protocol is Typer's; bash and zsh asking for a value are answered here
without it, and everything else (commands, option names, other shells, quoted words) goes to Typer.
"""

from __future__ import annotations

from cthbkb import formats, store
from cthbkb.errors import CthbkbError
from cthbkb.registry import LISTINGS, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from cthbkb.catalog import Command, Option

__all__ = ["answered", "values"]


def values(command: Command, option: Option, incomplete: str) -> list[str]:
    """Return the values that begin with what has been typed; none where the database cannot be had."""
    if option.name == "format":
        return [name for name in formats.FORMATS if name.startswith(incomplete)]
    listing = LISTINGS.get(command.name, LISTINGS["recs"])
    field = names_field(listing, option.name)
    try:
        db = store.open_database()
    except CthbkbError:
        return []
    sql = (
        "select distinct id from names where field = ? and (substr(name, 1, ?) = ? or substr(id, 1, ?) = ?) order by id"
    )
    key = fold(incomplete)
    found = db.execute(sql, (field, len(key), key, len(incomplete), incomplete))
    return [value if _is_slug(value) else fold(value).replace(" ", "-") for (value,) in found]


def _is_slug(value: str) -> bool:
    return all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in value)


def answered(commands: Mapping[str, Command], environ: Mapping[str, str]) -> str | None:
    """Return what to print for a shell that asks for the value of an option; None for whatever else it asks."""
    shell = environ.get("_CTHBKB_COMPLETE", "")
    line = environ.get("COMP_WORDS" if shell == "complete_bash" else "_TYPER_COMPLETE_ARGS", "")
    if shell not in {"complete_bash", "complete_zsh"} or any(c in line for c in "'\"\\$`"):
        return None
    words = line.split()
    if shell == "complete_bash":
        at = environ.get("COMP_CWORD", "")
        words = words[: int(at) + 1] + [""] * (int(at) + 1 - len(words)) if at.isdigit() else []
    elif line.endswith(" "):
        words.append("")
    command = commands.get(words[1]) if len(words) > 3 else None
    option = next((o for o in command.options if f"--{o.name}" == words[-2]), None) if command else None
    if command is None or option is None or not option.completes():
        return None
    found = values(command, option, words[-1])
    if shell == "complete_bash":
        return "\n".join(found)
    return "_arguments '*: :((" + "\n".join(f'"{value}"' for value in found) + "))'" if found else "_files"
