"""The text of a PDF, page by page; the only module that uses pypdf."""

from __future__ import annotations

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from cthbkb.errors import Failure

__all__ = ["lines"]

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its messages about damaged files do not help users


def lines(path: str, data: bytes) -> list[tuple[int, str]]:
    """Return the lines of a PDF, given by path and content, with their pages, counted from 1; none if it has no text.

    Raises:
        Failure: if it cannot be read, is encrypted, or has no pages.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Failure(f"{path} is encrypted", "Save it without a password, and add that file.")
        pages = [page.extract_text() for page in reader.pages]
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror or error}", "Name a readable file.") from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        # a damaged file may cause any of these
        raise Failure(f"{path} is damaged or not a PDF: {error}", "Download it again.") from None
    except ModuleNotFoundError:
        raise Failure(f"{path} is encrypted", "Save it without a password, and add that file.") from None
    if not pages:
        raise Failure(f"{path} has no pages", "Name the PDF of the document.")
    return [(number, line) for number, text in enumerate(pages, 1) for line in [*text.split("\n"), ""]]
