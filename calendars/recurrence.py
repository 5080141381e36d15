"""When a series takes place (RFC 5545): expands recurrence lines between two instants.

Rules run on the wall clock of the series' own zone, so that nine o'clock stays nine o'clock over a change of summer
time. A line that cannot be understood is passed over: the rest of the series is still worth showing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset

from calendars.rules import longest, months_of, rule, times_of, until_of

MOST_OCCURRENCES = 2_000
# A series has one rule, by the standard; some programs write one more or two.
MOST_RULES = 4
_PROPERTY = re.compile(r"^(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(.*)$", re.IGNORECASE | re.DOTALL)
_CLOCK = re.compile(r"\d{8}T\d{6}$", re.ASCII)
_ZONE = re.compile(r"TZID=\"?([^;:\"]+)", re.IGNORECASE)
# Wider than the clocks ever go back or forward; what is too much is dropped by the exact instants.
_MARGIN = timedelta(days=2)


def expand(
    lines: Sequence[str], start: datetime, end: datetime, *, zone: str, all_day: bool, since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """The (start, end) pairs, UTC, that touch ``since`` to ``until``; of an all-day series midnights in UTC.

    ``start`` and ``end`` are the first occurrence's. At most ``MOST_OCCURRENCES`` are given, earliest first.
    """
    tz: tzinfo = UTC if all_day else known_zone(zone)
    length = end - start
    first = start.astimezone(tz).replace(tzinfo=None)
    try:
        low = (since - length).astimezone(tz).replace(tzinfo=None) - _MARGIN
    except OverflowError:
        low = first
    high = until.astimezone(tz).replace(tzinfo=None) + _MARGIN
    if not _can_come(lines, first, low, high):
        return []
    rules = _rules(lines, first, tz, low, high)
    pairs = []
    for wall in islice(_between(rules, low, high), MOST_OCCURRENCES):
        begins = wall.replace(tzinfo=tz).astimezone(UTC)
        if begins < until and (begins + length > since or begins >= since):
            pairs.append((begins, begins + length))
    return pairs


def over_at(lines: Sequence[str], start: datetime, end: datetime) -> datetime | None:
    """An instant by which a series has surely ended, told from UNTIL or COUNT; None where they do not tell."""
    last = start
    for name, _, value in _properties(lines):
        if name == "RDATE":
            return None
        if name == "RRULE":
            lasts = longest(value)
            until = until_of(value)
            if until is not None:
                last = max(last, until.replace(tzinfo=UTC))
            elif lasts is not None:
                last = max(last, start + lasts)
            else:
                return None
    try:
        return last + (end - start) + _MARGIN
    except OverflowError:
        return None


def known_zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def instant(value: datetime | date) -> datetime:
    """A record's time as it is stored: a date is midnight UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time(), UTC)


def at_least(start: datetime, end: datetime) -> datetime:
    """An end that is not before its start, whatever a provider said."""
    return max(end, start)


def excluded(lines: Sequence[str], start: datetime, *, zone: str, all_day: bool) -> set[datetime]:
    """The instants, UTC, that the EXDATEs of a series name."""
    tz: tzinfo = UTC if all_day else known_zone(zone)
    first = start.astimezone(tz).replace(tzinfo=None)
    found: set[datetime] = set()
    for name, parameters, value in _properties(lines):
        if name == "EXDATE":
            try:
                found |= {m.replace(tzinfo=tz).astimezone(UTC) for m in _moments(value, parameters, first, tz)}
            except (ValueError, OverflowError):
                continue
    return found


def _can_come(lines: Sequence[str], first: datetime, low: datetime, high: datetime) -> bool:
    """False where the months of a yearly rule, the only line, are not those between; told without expanding it."""
    span = (high.year - low.year) * 12 + high.month - low.month
    if span > 10 or low <= first or len(lines) != 1 or not lines[0].upper().startswith("RRULE:"):
        return True
    looked_at = {(low.month - 1 + n) % 12 + 1 for n in range(span + 1)}
    return bool(looked_at & months_of(lines[0][6:], first))


def _between(rules: rruleset, low: datetime, high: datetime) -> Iterator[datetime]:
    for wall in rules:
        if wall >= high:
            return
        if wall > low:
            yield wall


def _properties(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        match = _PROPERTY.match(line.strip())
        if match is not None:
            yield match.group(1).upper(), match.group(2), match.group(3)


def _rules(lines: Sequence[str], first: datetime, tz: tzinfo, low: datetime, high: datetime) -> rruleset:
    rules = rruleset()
    repeats, left = False, MOST_RULES
    for name, parameters, value in _properties(lines):
        try:
            if name in ("RDATE", "EXDATE"):
                add = rules.rdate if name == "RDATE" else rules.exdate
                near = ",".join(_near(value, low, high))
                for moment in _moments(near, parameters, first, tz) if near else ():
                    add(moment)
            elif left:
                left -= 1
                # A set asks nothing of its rules but their times.
                times = cast(rrule, times_of(rule(value, first, tz), first, low, high))
                if name == "RRULE":
                    rules.rrule(times)
                    repeats = True
                else:
                    rules.exrule(times)
        except (ValueError, TypeError, OverflowError, AttributeError):
            continue
    if not repeats:
        rules.rdate(first)
    return rules


def _near(value: str, low: datetime, high: datetime) -> Iterator[str]:
    """Of a list of moments those around these times, told by their dates; lists may be very long."""
    earliest, latest = (moment.isoformat()[:10].replace("-", "") for moment in (low, high))
    return (item for item in value.split(",") if earliest <= item.strip()[:8] <= latest)


def _moments(value: str, parameters: str, first: datetime, tz: tzinfo) -> Iterator[datetime]:
    """The moments of an RDATE or EXDATE on the wall clock; a date means that day at the series' time."""
    named = _ZONE.search(parameters)
    own: tzinfo = known_zone(named.group(1)) if named else tz
    for item in value.split(","):
        text = item.split("/")[0].strip()
        if len(text) == 8 or "VALUE=DATE;" in f"{parameters.upper()};":
            yield datetime.combine(_naive(f"{text[:8]}T000000").date(), first.time())
        elif text.endswith("Z"):
            yield _naive(text[:-1]).replace(tzinfo=UTC).astimezone(tz).replace(tzinfo=None)
        else:
            yield _naive(text).replace(tzinfo=own).astimezone(tz).replace(tzinfo=None)


def _naive(text: str) -> datetime:
    """``YYYYMMDDTHHMMSS`` as a wall clock time. Raises ``ValueError``."""
    if not _CLOCK.match(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)
