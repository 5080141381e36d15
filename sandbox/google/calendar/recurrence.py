"""RFC 5545 recurrence lines as wall-clock times, so that a series keeps its hour across a change of summer time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

_LINE = re.compile(r"(?i)(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(.*)")
_UNTIL = re.compile(r"(?i)UNTIL=(\d{8})(T\d{6})?(Z?)")
_ZONE = re.compile(r"(?i);TZID=\"?([^;:\"]+)")
NEVER = datetime(1, 1, 1)  # noqa: DTZ001 - wall clock; the end of a series without an instance
LONGEST = 20_000  # instances looked at in one expansion


def _named(zone_name: str) -> ZoneInfo | None:
    """A TZID's zone; None for a name of the sender's own invention, which means the series' zone."""
    try:
        return ZoneInfo(zone_name) if zone_name else None
    except (KeyError, ValueError, OSError):
        return None


def _time(text: str, zone_name: str, own: ZoneInfo, *, all_day: bool) -> datetime:
    """One value of a date list, as the wall clock of the series sees it."""
    text = text.partition("/")[0].strip()  # a PERIOD's start
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - wall clock
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone follows
    if all_day:
        return moment.replace(hour=0, minute=0, second=0)
    there = ZoneInfo("UTC") if text.endswith("Z") else _named(zone_name) or own
    return moment.replace(tzinfo=there).astimezone(own).replace(tzinfo=None)


def _rule(text: str, start: datetime, own: ZoneInfo, *, all_day: bool) -> rrule:
    def until(match: re.Match[str]) -> str:
        day, clock, utc = match.groups()
        if not clock:
            return f"UNTIL={day}T235959"
        moment = _time(day + clock + utc, "", own, all_day=all_day)
        return moment.strftime("UNTIL=%Y%m%dT%H%M%S")

    rule = rrulestr(_UNTIL.sub(until, text.strip()), dtstart=start)
    if not isinstance(rule, rrule):
        raise ValueError("more than one rule in a line")
    return rule


def rules(lines: list[str], start: datetime, own: ZoneInfo, *, all_day: bool) -> rruleset:
    """The set that the lines describe; ``start`` is naive in ``own``. Raises ``ValueError``."""
    found = rruleset(cache=False)
    ruled = False
    try:
        for line in lines:
            match = _LINE.fullmatch(line.strip())
            if not match:
                raise ValueError(f"not a recurrence line: {line!r}")
            kind, parameters, value = match[1].upper(), match[2], match[3]
            if kind in ("RRULE", "EXRULE"):
                rule = _rule(value, start, own, all_day=all_day)
                found.rrule(rule) if kind == "RRULE" else found.exrule(rule)
                ruled = ruled or kind == "RRULE"
                continue
            zone_name = _ZONE.search(parameters)
            for text in filter(None, value.split(",")):
                moment = _time(text, zone_name[1] if zone_name else "", own, all_day=all_day)
                found.rdate(moment) if kind == "RDATE" else found.exdate(moment)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"cannot be expanded: {error}") from None
    if not ruled:
        found.rdate(start)
    return found


def starts(found: rruleset, after: datetime | None, before: datetime | None) -> Iterator[datetime]:
    """Wall-clock starts within (after, before), each once, in order."""
    last: datetime | None = None
    for count, moment in enumerate(found):
        if (before is not None and moment >= before) or count >= LONGEST:
            return
        if moment != last and (after is None or moment > after):
            yield moment
        last = moment


def last_end(lines: list[str], found: rruleset, length: timedelta) -> datetime | None:
    """The wall-clock end of the last instance, or None for a series without an end."""
    for line in lines:
        if line.upper().startswith("RRULE") and "UNTIL=" not in line.upper() and "COUNT=" not in line.upper():
            return None
    newest: datetime | None = None
    for count, moment in enumerate(found):
        newest = moment
        if count >= LONGEST:
            return None
    return newest + length if newest else NEVER
