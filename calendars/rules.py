"""One recurrence rule on the wall clock: read, checked, and moved near to the time that somebody looks at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, SECONDLY, WEEKLY, YEARLY, rrule, rrulestr

from calendars.checks import check, parts_of

_UNTIL = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z?))?", re.IGNORECASE | re.ASCII)
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
# After so many days the calendar repeats itself, weekdays and all.
_CYCLE_YEARS, _CYCLE = 400, timedelta(days=146_097)
# Steps of a rule until it is given up: one that counts is counted from its start.
_STEPS_OF_DAYS, _STEPS_OF_MINUTES = 40_000, 5_000
# The parts whose absence means "as at the start" in yearly and monthly rules.
_DAY_PARTS = ("byweekno", "byyearday", "bymonthday", "byweekday")


def rule(value: str, first: datetime, tz: tzinfo) -> rrule:
    """A rule on the wall clock; UNTIL, which is UTC by the standard, is brought onto it.

    Raises ``ValueError`` for what is no rule, and for one that could never come to an end or to a day.
    """

    def local(match: re.Match[str]) -> str:
        return f"UNTIL={_until(match, tz):%Y%m%dT%H%M%S}"

    check(value)
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
    parts = parts_of(value)
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
    parts = parts_of(value)
    named = parts.get("BYMONTH")
    if parts.get("FREQ") != "YEARLY" or (named is None and any(p.startswith("BY") for p in parts)):
        return set(range(1, 13))
    try:
        return {int(text) for text in named.split(",")} if named else {first.month}
    except ValueError:
        return set(range(1, 13))


def times_of(of: rrule, first: datetime, low: datetime, high: datetime) -> Iterator[datetime]:
    """The times of a rule in order, from its start or shortly before ``low``; it ends by itself, soon after ``high``.

    A rule that never comes again is looked for until the year 9999, which takes dateutil seconds. So the rule is
    expanded as many whole cycles of the calendar later as there are until then.
    """
    cycles = (MAXYEAR - high.year - 1) // _CYCLE_YEARS
    shift = _CYCLE * max(cycles, 0)
    try:
        skipped = skipped_to(of, first, low)
        # What dateutil keeps of a rule; it has no public way to ask.
        facts: Mapping[str, Any] = vars(skipped)
        until = facts["_until"]
        later = skipped.replace(dtstart=facts["_dtstart"] + shift, until=until and min(until, high) + shift)
        for time in islice(later, _STEPS_OF_MINUTES if facts["_freq"] >= MINUTELY else _STEPS_OF_DAYS):
            if time - shift > high:
                return
            yield time - shift
    except (ValueError, TypeError, IndexError, OverflowError):
        # What is no rule after all shows itself only now.
        return


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
