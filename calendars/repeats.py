"""How often a series repeats, in words: "Every 2 weeks on Monday and Thursday, until 3 March 2027"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from accounts.clock import DAYS, MONTHS, Clock, long_date
from calendars.models import Event
from calendars.recurrence import known_zone
from calendars.rules import until_of

_CODES = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), DAYS, strict=True))
_UNITS = {
    "YEARLY": "year",
    "MONTHLY": "month",
    "WEEKLY": "week",
    "DAILY": "day",
    "HOURLY": "hour",
    "MINUTELY": "minute",
    "SECONDLY": "second",
}
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}
_BYDAY = re.compile(r"([+-]?\d+)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_WORKDAYS = ["MO", "TU", "WE", "TH", "FR"]


def in_words(lines: Sequence[str], clock: Clock, series: Event) -> str:
    """The first rule of a series in words; that it repeats, where it cannot be put into words."""
    rule = next((line.split(":", 1)[1] for line in lines if line.upper().startswith("RRULE") and ":" in line), "")
    parts = {k.upper(): v.upper() for k, _, v in (part.partition("=") for part in rule.split(";")) if v}
    unit = _UNITS.get(parts.get("FREQ", ""))
    if unit is None:
        return "Repeats" if lines else ""
    zone = clock.zone if series.all_day else known_zone(series.time_zone)
    start = Clock(zone, clock.now).wall(series.starts_at, all_day=series.all_day)
    try:
        interval = int(parts.get("INTERVAL", "1"))
        words = f"Every {unit}" if interval == 1 else f"Every {interval} {unit}s"
        return words + _days(parts, unit, start) + _end(parts)
    except ValueError:
        return "Repeats"


def _days(parts: dict[str, str], unit: str, start: datetime) -> str:
    days = [(int(place or 0), code) for place, code in _BYDAY.findall(parts.get("BYDAY", ""))]
    set_places = [int(n) for n in parts.get("BYSETPOS", "").split(",") if n]
    dates = [int(n) for n in parts.get("BYMONTHDAY", "").split(",") if n]
    months = [MONTHS[int(n) - 1] for n in parts.get("BYMONTH", "").split(",") if n and 1 <= int(n) <= 12]
    in_months = f" of {_and(months)}" if months else ""
    if unit == "year" and not days and not dates:
        return f" on {start.day} {_and(months) or MONTHS[start.month - 1]}"
    if unit in ("month", "year"):
        if days:
            return (
                f" on the {_and([_place(place or next(iter(set_places), 0), code) for place, code in days])}{in_months}"
            )
        if unit == "year":
            return f" on {_and([str(n) for n in dates])} {_and(months) or MONTHS[start.month - 1]}"
        return f" on the {_and([_date(n) for n in dates or [start.day]])}{in_months}"
    codes = [code for _, code in days]
    if sorted(codes) == sorted(_WORKDAYS):
        return " on weekdays"
    if codes and len(codes) < 7:
        return f" on {_and([_CODES[c] for c in sorted(codes, key=list(_CODES).index)])}"
    return f" on {DAYS[start.weekday()]}" if unit == "week" and not codes else ""


def _place(place: int, code: str) -> str:
    return f"{_PLACES.get(place, _ordinal(place))} {_CODES[code]}" if place else _CODES[code]


def _date(number: int) -> str:
    if number == -1:
        return "last day"
    return _ordinal(number) if number > 0 else f"{_ordinal(-number)} day from the end"


def _ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _end(parts: dict[str, str]) -> str:
    if parts.get("COUNT"):
        times = int(parts["COUNT"])
        return f", {times:,} times" if times > 1 else ", once"
    until = until_of(f"UNTIL={parts['UNTIL']}") if "UNTIL" in parts else None
    return f", until {long_date(until)}" if until else ""


def _and(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
