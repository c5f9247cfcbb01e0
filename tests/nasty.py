"""Records with texts that formats, views and other programs could misinterpret, all of them valid in a seed."""

from __future__ import annotations

import dataclasses
from itertools import cycle
from pathlib import Path
from typing import Any

from cthbkb import build
from cthbkb import seed as seeds
from cthbkb.model import TABLES, Records, columns_of

__all__ = ["TEXTS", "made"]

TEXTS = (
    # lists, objects and other values of JSON and YAML
    '["sic"] He said', "[]", "[] empty", '["a\\q"]', '["a","b"]', "{}", '{"a": 1}', "null", "NULL", "~", "true", "no",
    "off", "NaN", "inf", "1e5", "0x10", "010", "1_000", "12:30", "2031-02-03", "1.50", "?", ": a", "a: b", "- a",
    "# a", "a # b", "!!str a", "&a", "*a", "%a", "@a b", "`a`", "'a", "'a'", '"a', '"a" b', 'a "b" c', '""', "a'b",
    "<<", "=", "...", "---",
    # formulas
    "=1+1", "+1", "-1+1", "@SUM(A1)", "=HYPERLINK(\"https://x.example\",\"y\")", "|' /C calc'!A0", "\uff1d1+1",
    "\uff0b1", "\uff0d1", "\uff20x", "'=1", "-5", "-", "+49 30 1",
    # separators
    "a,b", "a; b", "a;b", "a|b", "|a|", "a\\", "\\", "\\n", "a\\|b", "A\nB", "A\n\nB", "A\tB",
    "A\tB\u00a0c", "a\u00a0b", "a  b",
    # markup
    "_a_", "__b__", "*c*", "**d**", "~~e~~", "a_b_c", "_", "~5 and ~6", "&copy;", "&amp;", "&#65;", "AT&T; R&D",
    "<b>x</b>", "<script>alert(1)</script>", "<!-- a -->", "[a](https://x.example)", "![a](b)", "[^1]", "[a]: b",
    "<https://x.example>", "https://x.example/_a_b_?x=1&copy;=2", "https://x.example/a_(b)_",
    "see https://x.example/~a_*b*, and so on", "www.x.example", "www.x.example/_a_", "(www.x.example/*b*)",
    "ftp://x.example/_a_", "_a_@x.example", "1. one", "1) one", "+ plus", "> quote", "## head",
    "C #", "===", "```", "$x$", "a^b^", "[red]a[/red]", "[/b]", ":anchor:", "%s {0} %(a)s", "_x0041_", "x`y``z",
    "\\*a\\*", "a<b>c & d", "]]>", "{{a}}", "{% a %}",
    # letters
    "é", "e\u0301", "日本語", "עברית", "می\u200cخواهم", "\U0001f469\u200d\U0001f692", "葛\U000e0100", "ﬁ", "İ", "ß",
    "a\u2003b", "long " * 400 + "end",
)  # fmt: skip
"""The texts. All of them are allowed in a seed; none begins or ends with a space."""


def _free(column: Any) -> bool:
    """Return whether a column accepts any text."""
    return column.type == "str" and not (column.ref or column.options or column.pattern) and column.name != "id"


def made(path: Path, folder: Path) -> tuple[Path, Records]:
    """Build a database from a seed in which every free text is one of these; return it with its records."""
    texts = cycle(TEXTS)
    found = seeds.load(path)
    records: dict[str, list[Any]] = {}
    for table, type_ in TABLES.items():
        free = [c.attribute for c in columns_of(type_) if _free(c)]
        keys = {"table", "who", "sort_name", "number", "published", "instrument", "word"}
        records[table] = [
            dataclasses.replace(r, **{a: next(texts) for a in free if a not in keys and getattr(r, a) is not None})
            for r in found.records[table]
        ]
    changed = dataclasses.replace(found, records=Records(records))
    target = folder / "nasty.db"
    build.build(changed, target)
    return target, changed.records
