"""Values of an option for the shell's completion: ids only, which no shell can take for anything else."""

from __future__ import annotations

from cthbkb import formats, query, store
from cthbkb.errors import CthbkbError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.catalog import Command, Option

__all__ = ["completes", "values"]


def completes(command: Command, option: Option) -> bool:
    """Return whether the values of an option are known."""
    return option.name == "format" or bool(option.noun and option.name in query.FILTERS)


def values(command: Command, option: Option, incomplete: str) -> list[str]:
    """Return the values that begin with what has been typed; none where the database cannot be had."""
    if option.name == "format":
        return [name for name in formats.FORMATS if name.startswith(incomplete)]
    listing = query.LISTINGS.get(command.name, query.LISTINGS["recs"])
    field = query.names_field(listing, query.FILTERS[option.name])
    try:
        db = store.open_database()
    except CthbkbError:
        return []
    sql = (
        "select distinct id from names where field = ? and (substr(name, 1, ?) = ? or substr(id, 1, ?) = ?) order by id"
    )
    key = query.fold(incomplete)
    found = db.execute(sql, (field, len(key), key, len(incomplete), incomplete))
    return [value for (value,) in found]
