"""Fail unless an audit checked every locked version, and found nothing.

    python .ci/audited.py LOCKED.txt AUDIT.json

An audit that could not check anything, or was given nothing to check, finds nothing either.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["said"]


def said(locked: str, audit: str) -> str:
    """Return what is wrong with an audit of locked versions, or an empty string; both arguments are paths of files."""
    lines = Path(locked).read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    wanted = {(canonicalize_name(r.name), str(r.specifier)[2:]) for r in asked if not r.marker or r.marker.evaluate()}
    found = json.loads(Path(audit).read_text(encoding="utf-8"))["dependencies"]
    audited = {(canonicalize_name(each["name"]), each.get("version", "")) for each in found if "vulns" in each}
    if not wanted:
        return "nothing is locked"
    if left := sorted(name for name, version in wanted - audited):
        return f"not audited: {', '.join(left)}"
    return "\n".join(f"{e['name']} {e['version']}: {v['id']}" for e in found for v in e["vulns"])


if __name__ == "__main__":
    wrong = said(*sys.argv[1:])
    print(wrong or "every locked version was audited, and nothing is known against any", file=sys.stderr)
    sys.exit(bool(wrong))
