"""One recurrence rule on the wall clock: read, checked, and moved near to the time that somebody looks at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, SECONDLY, WEEKLY, YEARLY, rrule, rrulestr

_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?", re.IGNORECASE | re.ASCII)
_PARTS = re.compile(r"(BYMONTH|BYMONTHDAY|INTERVAL|COUNT)=([^;]*)", re.IGNORECASE)
_STEPS = {
    WEEKLY: timedelta(weeks=1),
    DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1),
    SECONDLY: timedelta(seconds=1),
}
# Days between two occurrences at the very most: the 31st, a fifth Monday or 29 February is not in every period.
_PERIODS = {"DAILY": 8, "WEEKLY": 14, "MONTHLY": 31 * 8, "YEARLY": 366 * 8 + 1}
_PLAIN = {"FREQ", "COUNT", "INTERVAL", "BYDAY", "WKST"}
_LONGEST_COUNT = timedelta(days=366 * 400)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# The parts whose absence means "as at the start" in yearly and monthly rules.
_DAY_PARTS = ("byweekno", "byyearday", "bymonthday", "byweekday", "byeaster")


def rule(value: str, first: datetime, tz: tzinfo) -> rrule:
    """A rule on the wall clock; UNTIL, which is UTC by the standard, is brought onto it.

    Raises ``ValueError`` for what is no rule, and for one that could never come to an end or to a day.
    """

    def local(match: re.Match[str]) -> str:
        return f"UNTIL={_until(match, tz):%Y%m%dT%H%M%S}"

    _check(value)
    read = rrulestr(_UNTIL.sub(local, value.strip().rstrip(";")), dtstart=first)
    if not isinstance(read, rrule):
        raise ValueError(value)
    return read


def until_of(value: str) -> datetime | None:
    """The rule's UNTIL as it is written, without its zone."""
    match = _UNTIL.search(value)
    try:
        return _until(match, UTC) if match else None
    except (ValueError, OverflowError):
        return None


def longest(value: str) -> timedelta | None:
    """How long a rule that counts can go on at most; None for one that does not, or that passes over many periods."""
    parts = dict(part.upper().split("=", 1) for part in value.strip().split(";") if "=" in part)
    days = _PERIODS.get(parts.get("FREQ", ""))
    if days is None or not parts.keys() <= _PLAIN:
        return None
    try:
        lasts = timedelta(days=days * int(parts["COUNT"]) * int(parts.get("INTERVAL", "1")))
    except (KeyError, ValueError, OverflowError):
        return None
    return lasts if timedelta(0) < lasts < _LONGEST_COUNT else None


def months_of(value: str, first: datetime) -> set[int]:
    """The months in which a rule can come at all. Most series are birthdays and holidays, and are told by this."""
    parts = dict(part.upper().split("=", 1) for part in value.strip().split(";") if "=" in part)
    named = parts.get("BYMONTH")
    if parts.get("FREQ") != "YEARLY" or (named is None and any(p.startswith("BY") for p in parts)):
        return set(range(1, 13))
    try:
        return {int(text) for text in named.split(",")} if named else {first.month}
    except ValueError:
        return set(range(1, 13))


def skipped_to(of: rrule, first: datetime, low: datetime) -> rrule:
    """The same rule without most of what comes before ``low``, so that an old series costs no more than a new one.

    A rule that counts has to be counted from its start. Its steps are kept: every third week stays every third.
    """
    # What dateutil keeps of a rule; it has no public way to ask.
    facts: Mapping[str, Any] = vars(of)
    frequency, interval = facts["_freq"], facts["_interval"]
    if facts["_count"] is not None or low <= first:
        return of
    step = _STEPS.get(frequency)
    if step is not None:
        whole = step * interval
        return of.replace(dtstart=first + max((low - first) // whole - 1, 0) * whole)
    months = interval * (12 if frequency == YEARLY else 1)
    passed = (low.year - first.year) * 12 + low.month - first.month
    steps = passed // months - 1
    if steps < 1:
        return of
    year, month = divmod(first.year * 12 + first.month - 1 + steps * months, 12)
    moved = first.replace(year=year, month=1 if frequency == YEARLY else month + 1, day=1)
    return of.replace(dtstart=moved, **_as_at_start(facts["_original_rule"], frequency, first))


def _as_at_start(said: Mapping[str, Any], frequency: int, first: datetime) -> dict[str, Any]:
    """The days that a yearly or monthly rule takes from its start, which is about to be moved."""
    if any(said.get(part) for part in _DAY_PARTS):
        return {}
    days = {"bymonthday": first.day}
    if frequency == YEARLY and not said.get("bymonth"):
        days["bymonth"] = first.month
    return days


def _until(match: re.Match[str], tz: tzinfo) -> datetime:
    """A date alone means that whole day."""
    day, clock, utc = match.groups()
    moment = datetime.strptime(f"{day}{clock or '235959'}+0000", "%Y%m%d%H%M%S%z")
    return moment.astimezone(tz).replace(tzinfo=None) if utc else moment.replace(tzinfo=None)


def _check(value: str) -> None:
    parts = {name.upper(): text for name, text in _PARTS.findall(value)}
    for name in ("INTERVAL", "COUNT"):
        if name in parts and int(parts[name]) < 1:
            raise ValueError(value)
    if "BYMONTH" in parts and "BYMONTHDAY" in parts:
        months = [int(text) for text in parts["BYMONTH"].split(",")]
        days = [abs(int(text)) for text in parts["BYMONTHDAY"].split(",")]
        if not any(1 <= m <= 12 and 1 <= d <= _LONGEST[m - 1] for m in months for d in days):
            raise ValueError(value)
