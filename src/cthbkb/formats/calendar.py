"""A programme as a calendar (RFC 5545): sessions as they were held and, separately, as they were planned.

Times are the local times in Vienna, as printed in the documents. A session without a day is omitted.
"""

from __future__ import annotations

from datetime import date, timedelta

from cthbkb.columns import decode
from cthbkb.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from cthbkb.formats import Answer

__all__ = ["ics"]

NEEDED = frozenset({"id", "type", "title", "planned_date", "planned_start", "planned_end", "held_date"})

ZONE = "Europe/Vienna"

HEAD = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//cthbkb//programme//EN
CALSCALE:GREGORIAN
BEGIN:VTIMEZONE
TZID:{ZONE}
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE"""


def ics(answer: Answer, out: IO[str]) -> None:
    """Write one event per session as it was held, and another as it was planned if that differs.

    Raises:
        UsageError: for an answer that is not a list of sessions.
    """
    names = [col.name for col in answer.columns]
    if not set(names) >= NEEDED:
        raise UsageError(
            f"{answer.title} cannot be written as a calendar", "Write sessions: cthbkb sessions -o programme.ics"
        )
    origin = answer.origin() if answer.origin else None
    stamp = f"{origin.date if origin else date(2000, 1, 1):%Y%m%d}T000000Z"
    lines = HEAD.split("\n")
    for row in answer.rows:
        session = dict(zip(names, decode(answer.columns, row), strict=True))
        held, planned = (tuple(session.get(f"{way}_{part}") for part in PARTS) for way in ("held", "planned"))
        for way, when in (("held", held), ("planned", planned)):
            if _whole(when[0]) and (way == "held" or when != held):
                lines += _event(session, way, when, stamp)
    lines.append("END:VCALENDAR")
    out.write("".join(_folded(line) for line in lines))


PARTS = ("date", "start", "end")


def _whole(day: object) -> bool:
    return isinstance(day, str) and len(day) == 10


def _event(session: Mapping[str, object], way: str, when: tuple[object, ...], stamp: str) -> Iterator[str]:
    """Yield the lines of an event; if its hours are unknown, it takes the whole day."""
    day, start, end = when
    compact = str(day).replace("-", "")
    yield "BEGIN:VEVENT"
    yield f"UID:{session['id']}-{way}@cthbkb"
    yield f"DTSTAMP:{stamp}"
    if start:
        yield f"DTSTART;TZID={ZONE}:{compact}T{str(start).replace(':', '')}00"
        if end:
            yield f"DTEND;TZID={ZONE}:{compact}T{str(end).replace(':', '')}00"
    else:
        yield f"DTSTART;VALUE=DATE:{compact}"
        yield f"DTEND;VALUE=DATE:{date.fromisoformat(str(day)) + timedelta(days=1):%Y%m%d}"
    title = str(session["title"])
    yield f"SUMMARY:{_escaped(title if way == 'held' else f'Planned: {title}')}"
    told = [str(session[name]) for name in ("summary", "note") if session.get(name)]
    yield "DESCRIPTION:" + _escaped("\n".join([*told, f"Record: {session['id']}"]))
    yield f"CATEGORIES:{_escaped(str(session['type']))}"
    yield f"STATUS:{'CONFIRMED' if way == 'held' else 'TENTATIVE'}"
    if session.get("video"):
        yield f"URL:{session['video']}"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for char in ("\\", ";", ","):
        text = text.replace(char, "\\" + char)
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a line after at most 75 octets, between characters, as the standard requires; end it with CR LF."""
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > 75:
            parts.append(" ")
            size = 1
        parts[-1] += char
        size += octets
    return "\r\n".join(parts) + "\r\n"
