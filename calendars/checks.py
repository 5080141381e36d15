"""Whether a recurrence rule is one that a calendar can hold. Anybody can send an invitation, and so a rule.

What no number of a rule can mean is refused here before anything is expanded, and so is what could keep a worker busy
for nothing: places in a set that is never that large, or a time of day for every second.
"""

from __future__ import annotations

from collections.abc import Mapping

# Of each part the largest number, and the smallest; those that may be counted from the end may be negative.
_RANGES = {
    "BYSECOND": (0, 59),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
_FROM_ONE = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}
_OF_YEARS = {"BYYEARDAY", "BYWEEKNO"}
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
# How many days one period has at most.
_DAYS = {"YEARLY": 366, "MONTHLY": 31, "WEEKLY": 7}
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Every quarter of an hour of a day, and then some.
MOST_TIMES = 300
MOST_DIGITS = {"INTERVAL": 6, "COUNT": 12}


def parts_of(value: str) -> dict[str, str]:
    """A rule's parts by name, all in capitals."""
    return dict(part.strip().upper().split("=", 1) for part in value.strip().split(";") if "=" in part)


def check(value: str) -> None:
    """Raises ``ValueError`` for a rule that nothing can be meant by, or that takes too much to find out."""
    parts = parts_of(value)
    frequency = parts.get("FREQ", "")
    # Every minute but only of some hours: dateutil steps through all the others.
    filtered = frequency in ("MINUTELY", "SECONDLY") and any(name.startswith("BY") for name in parts)
    of_years = frequency != "YEARLY" and not _OF_YEARS.isdisjoint(parts)
    if frequency not in _FREQUENCIES or "BYEASTER" in parts or filtered or of_years:
        raise ValueError(value)
    for name, digits in MOST_DIGITS.items():
        if name in parts and (len(parts[name]) > digits or int(parts[name]) < 1):
            raise ValueError(value)
    numbers = {name: _numbers(name, parts[name]) for name in _RANGES if name in parts}
    _check_weekdays(parts, frequency)
    _check_days(numbers)
    times = _times(numbers, frequency)
    most = times * _DAYS.get(frequency, 1)
    if times > MOST_TIMES or any(abs(place) > most for place in numbers.get("BYSETPOS", ())):
        raise ValueError(value)


def _numbers(name: str, text: str) -> set[int]:
    low, high = _RANGES[name]
    found = {int(item) for item in text.split(",")}
    if not all(low <= number <= high for number in found) or (name in _FROM_ONE and 0 in found):
        raise ValueError(text)
    return found


def _check_weekdays(parts: Mapping[str, str], frequency: str) -> None:
    """The first to fifth of a month, the first to fifty-third of a year."""
    within_month = frequency == "MONTHLY" or "BYMONTH" in parts
    for item in parts.get("BYDAY", "").split(","):
        place = item.strip()[:-2].strip("+")
        if place and not 1 <= abs(int(place)) <= (5 if within_month else 53):
            raise ValueError(item)


def _check_days(numbers: Mapping[str, set[int]]) -> None:
    months, days = numbers.get("BYMONTH"), numbers.get("BYMONTHDAY")
    if months and days and not any(abs(d) <= _LONGEST[m - 1] for m in months for d in days):
        raise ValueError("no such day")


def _times(numbers: Mapping[str, set[int]], frequency: str) -> int:
    """How many times of day a rule names within one of its periods."""
    product = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        if name in numbers and not (name == "BYHOUR" and frequency == "HOURLY"):
            product *= len(numbers[name])
    return product
