"""Shell completion of option values.

Only slugs are offered, which are safe in every shell: a name with spaces or accents is offered folded, such as
`united-kingdom`, which filters accept. The protocol is Typer's. Requests of bash and zsh for a value are answered here;
everything else (commands, option names, other shells, quoted words) goes to Typer.
"""

from __future__ import annotations

from itertools import pairwise

from cthbkb import store
from cthbkb.catalog import ALIASES, COMMANDS
from cthbkb.errors import CthbkbError
from cthbkb.registry import LISTINGS, names_field
from cthbkb.text import fold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from cthbkb.catalog import Command, Option

__all__ = ["answered", "by_name", "values"]


def values(command: Command, option: Option, incomplete: str, path: str = "") -> list[str]:
    """Return the values that begin with the incomplete text; none if the database cannot be opened."""
    if option.values:
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + value for value in option.values if value.startswith(last)]
    listing = LISTINGS.get(command.name, LISTINGS["recs"])
    name = option.name if option.name in listing.filters else option.name.removeprefix("not-")
    if name not in listing.filters:
        return []
    field = names_field(listing, name)
    try:
        db = store.open_database(path)
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


def by_name(environ: MutableMapping[str, str]) -> None:
    """Replace the alias of a command by its name in the line to complete."""
    for variable in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS"):
        words = environ.get(variable, "").split(" ")
        if len(words) > 2 and words[1] in ALIASES:
            environ[variable] = " ".join([words[0], ALIASES[words[1]], *words[2:]])


def answered(environ: Mapping[str, str]) -> str | None:
    """Return the reply to a shell that asks for the value of an option; None for any other request."""
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
    command = COMMANDS.get(words[1]) if len(words) > 3 else None
    options = {name: o for o in command.options for name in (f"--{o.name}", f"-{o.short}")} if command else {}
    option = options.get(words[-2])
    if command is None or option is None or not option.completes():
        return None
    named = [following for word, following in pairwise(words) if word == "--db"]
    found = values(command, option, words[-1], named[-1] if named else "")
    if shell == "complete_bash":
        return "\n".join(found)
    return "_arguments '*: :((" + "\n".join(f'"{value}"' for value in found) + "))'" if found else "_files"
