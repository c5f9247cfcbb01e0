"""Curated knowledge base of the OSCE Alliance against Trafficking in Persons conferences.

>>> from cthbkb import KnowledgeBase
>>> kb = KnowledgeBase()
>>> rows = kb.rows("recs", theme="jits")

The package imports nothing until a name is used, since every command line is a cold start.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cthbkb.errors import CthbkbError, Failure, Refused, UsageError
    from cthbkb.library import KnowledgeBase
    from cthbkb.problems import SeedError

__version__ = "0.1.0"

__all__ = ["CthbkbError", "Failure", "KnowledgeBase", "Refused", "SeedError", "UsageError", "__version__"]


def __getattr__(name: str) -> object:
    """Import the public names on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "KnowledgeBase":
        from cthbkb import library

        return library.KnowledgeBase
    from cthbkb import errors, problems

    return getattr(problems if name == "SeedError" else errors, name)
