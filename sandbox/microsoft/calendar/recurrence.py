"""RRULE as Graph's recurrence, where Graph can say the same, and back; and recurrences of requests, checked.

Outlook has no RDATE, no EXRULE, nothing below a day, and positions only from first to last. A rule is taken when
both forms give the same days, so that what a client sees is what the rule meant; otherwise ``Inexpressible`` says
why not.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr

from sandbox.microsoft import zones
from sandbox.microsoft.calendar.expand import DAYS, INDEXES, days

_CODES = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), DAYS, strict=True))
_POSITIONS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_REFUSED = ("BYHOUR", "BYMINUTE", "BYSECOND", "BYWEEKNO", "BYYEARDAY", "BYEASTER")
_COMPARED = 200
_HORIZON = timedelta(days=366 * 60)


class Inexpressible(ValueError):
    """Graph has no words for this series; the message says what is in the way."""


def from_rule(rule: str, start: datetime, zone: str) -> str:
    """The stored recurrence of an RRULE value (without ``RRULE:``) for a series that starts at a wall clock."""
    parts = {
        k.strip().upper(): v.strip().upper() for k, _, v in (p.partition("=") for p in rule.split(";")) if k.strip()
    }
    if refused := [name for name in _REFUSED if name in parts]:
        raise Inexpressible(f"Outlook has no {refused[0]}")
    try:
        pattern = _pattern(parts, start.date())
        span = _range(parts, start, zone)
    except (ValueError, KeyError, OverflowError) as error:
        if isinstance(error, Inexpressible):
            raise
        raise Inexpressible(f"the rule cannot be read: {rule[:80]}") from None
    stored = json.dumps({"pattern": pattern, "range": span}, sort_keys=True)
    _compare(parts, start, stored)
    return stored


def rule_of(stored: str, start: datetime, zone: str, *, all_day: bool) -> str:
    """A stored recurrence as an RRULE line."""
    content = json.loads(stored)
    pattern, span, kind = content["pattern"], content["range"], content["pattern"]["type"]
    frequency = {"daily": "DAILY", "weekly": "WEEKLY"}.get(kind, "YEARLY" if kind.endswith("Yearly") else "MONTHLY")
    parts = {"FREQ": frequency, "INTERVAL": str(pattern["interval"])}
    if frequency == "YEARLY":
        parts["BYMONTH"] = str(pattern["month"])
    if kind.startswith("absolute"):
        parts["BYMONTHDAY"] = "-1" if pattern["dayOfMonth"] == 31 else str(pattern["dayOfMonth"])
    elif kind != "daily":
        parts["BYDAY"] = ",".join(code for code, name in _CODES.items() if name in pattern["daysOfWeek"])
    if kind.startswith("relative"):
        parts["BYSETPOS"] = str(next(number for number, name in _POSITIONS.items() if name == pattern["index"]))
    if kind == "weekly":
        parts["WKST"] = next(code for code, name in _CODES.items() if name == pattern["firstDayOfWeek"])
    if span["type"] == "numbered":
        parts["COUNT"] = str(span["numberOfOccurrences"])
    elif span["type"] == "endDate":
        last = datetime.combine(date.fromisoformat(span["endDate"]), start.time())
        parts["UNTIL"] = f"{last:%Y%m%d}" if all_day else f"{zones.utc(last, zone):%Y%m%dT%H%M%SZ}"
    return "RRULE:" + ";".join(f"{name}={value}" for name, value in parts.items())


def _pattern(parts: dict[str, str], start: date) -> dict[str, Any]:
    frequency = parts.get("FREQ", "")
    interval = int(parts.get("INTERVAL", "1"))
    if not 1 <= interval <= 999:
        raise Inexpressible("Outlook has no such interval")
    made: dict[str, Any] = {
        "type": "",
        "interval": interval,
        "month": 0,
        "dayOfMonth": 0,
        "firstDayOfWeek": _CODES[parts.get("WKST", "MO")],
        "index": "first",
    }
    listed = [code for code in parts.get("BYDAY", "").split(",") if code]
    if frequency == "DAILY" and not listed:
        return made | {"type": "daily"}
    if frequency == "WEEKLY" or (frequency == "DAILY" and interval == 1):
        names = [_CODES[code] for code in listed] or [DAYS[start.weekday()]]
        return made | {"type": "weekly", "daysOfWeek": sorted(set(names), key=DAYS.index)}
    if frequency not in ("MONTHLY", "YEARLY"):
        raise Inexpressible(f"Outlook has no {frequency.lower() or 'such'} series with these days")
    kind = frequency.capitalize()
    if frequency == "YEARLY":
        if listed and "BYMONTH" not in parts:
            raise Inexpressible("Outlook has no days counted within a year")
        made["month"] = int(parts.get("BYMONTH", start.month))
    elif "BYMONTH" in parts:
        raise Inexpressible("Outlook has no monthly series limited to some months")
    if listed:
        return made | {"type": f"relative{kind}", **_position(listed, parts.get("BYSETPOS", ""))}
    day = int(parts.get("BYMONTHDAY", start.day))
    if day < -1 or day == 0 or "BYSETPOS" in parts:
        raise Inexpressible("Outlook counts days of a month from its start")
    return made | {"type": f"absolute{kind}", "dayOfMonth": 31 if day == -1 else day}


def _position(listed: list[str], setpos: str) -> dict[str, Any]:
    """Which weekday of a month: ``2TU``, or a set of days with BYSETPOS."""
    plain = [_CODES[code[-2:]] for code in listed]
    ordinals = {code[:-2] for code in listed}
    text = setpos if ordinals == {""} else next(iter(ordinals)) if len(listed) == 1 and not setpos else ""
    if not text or int(text) not in _POSITIONS:
        raise Inexpressible("Outlook's positions in a month are first to fourth and last, one at a time")
    return {"daysOfWeek": sorted(set(plain), key=DAYS.index), "index": _POSITIONS[int(text)]}


def _range(parts: dict[str, str], start: datetime, zone: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "noEnd",
        "startDate": start.date().isoformat(),
        "endDate": "0001-01-01",
        "recurrenceTimeZone": zone,
        "numberOfOccurrences": 0,
    }
    if "COUNT" in parts:
        number = int(parts["COUNT"])
        if not 1 <= number <= 9999:
            raise Inexpressible("Outlook has no series of so many occurrences")
        return made | {"type": "numbered", "numberOfOccurrences": number}
    if "UNTIL" in parts:
        until = wall(parts["UNTIL"], zone, start)
        final = until.date() if until.time() >= start.time() else until.date() - timedelta(days=1)
        if final < start.date():
            raise Inexpressible("the series ends before it starts")
        return made | {"type": "endDate", "endDate": final.isoformat()}
    return made


def wall(text: str, zone: str, start: datetime) -> datetime:
    """An iCalendar date or date-time as a wall clock of the series' zone; a date means the series' time on that day."""
    if len(text) == 8:
        return datetime.combine(datetime.strptime(text, "%Y%m%d").date(), start.time())  # noqa: DTZ007 (a date)
    moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 (a wall clock)
    if text.endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(zones.zone(zone)).replace(tzinfo=None)
    return moment


def _compare(parts: dict[str, str], start: datetime, stored: str) -> None:
    """Hold the two forms' days against each other."""
    if _is_anniversary(parts, start):
        return
    rest = {k: v for k, v in parts.items() if k != "UNTIL"}
    span = json.loads(stored)["range"]
    if span["type"] == "endDate":
        rest["UNTIL"] = span["endDate"].replace("-", "") + start.strftime("T%H%M%S")
    high = min(start + _HORIZON, datetime(zones.LATEST.year, 1, 1))  # noqa: DTZ001 (a wall clock)
    try:
        meant = []
        for moment in islice(rrulestr(";".join(f"{k}={v}" for k, v in rest.items()), dtstart=start), _COMPARED):
            if moment > high:
                break
            meant.append(moment.date())
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        raise Inexpressible("the rule cannot be read") from None
    said = list(islice(days(stored, start.date(), high.date()), _COMPARED))
    if not meant or meant[0] != start.date():
        raise Inexpressible("the series' start is not one of its occurrences, as Outlook requires")
    if said != meant:
        raise Inexpressible("Outlook's series would have other days")


def _is_anniversary(parts: dict[str, str], start: datetime) -> bool:
    """Whether a rule says no more than "every so many years on this day", which both forms mean alike.

    Most series of a real address book are birthdays, and unrolling years is what takes long.
    """
    plain = parts.keys() <= {"FREQ", "INTERVAL", "COUNT", "WKST", "BYMONTH", "BYMONTHDAY"}
    day = parts.get("BYMONTH", str(start.month)), parts.get("BYMONTHDAY", str(start.day))
    return plain and parts["FREQ"] == "YEARLY" and day == (str(start.month), str(start.day)) and start.day <= 28


def given(value: Any, start: datetime, zone: str) -> str:
    """The stored form of a request's patternedRecurrence. Raises ``Inexpressible`` for one that makes no sense."""
    try:
        pattern, span = value["pattern"], value["range"]
        kind = next(k for k in _TYPES if k.lower() == str(pattern["type"]).lower())
        names = [next(d for d in DAYS if d == str(day).lower()) for day in pattern.get("daysOfWeek") or []]
        made = {
            "type": kind,
            "interval": int(pattern.get("interval") or 1),
            "month": int(pattern.get("month") or 0),
            "dayOfMonth": int(pattern.get("dayOfMonth") or 0),
            "firstDayOfWeek": str(pattern.get("firstDayOfWeek") or "sunday").lower(),
            "index": str(pattern.get("index") or "first").lower(),
        }
        if names:
            made["daysOfWeek"] = names
        ending = next(k for k in ("endDate", "noEnd", "numbered") if k.lower() == str(span["type"]).lower())
        first = date.fromisoformat(span["startDate"])
        limits = {
            "type": ending,
            "startDate": first.isoformat(),
            "endDate": date.fromisoformat(span["endDate"]).isoformat() if ending == "endDate" else "0001-01-01",
            "recurrenceTimeZone": zones.outlook_name(span.get("recurrenceTimeZone") or zone),
            "numberOfOccurrences": int(span["numberOfOccurrences"]) if ending == "numbered" else 0,
        }
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        raise Inexpressible("the recurrence is not complete") from None
    _sensible(made, limits)
    if first != start.date():
        raise Inexpressible("the recurrence's startDate differs from the event's start date")
    stored = json.dumps({"pattern": made, "range": limits}, sort_keys=True)
    if next(days(stored, first, first + timedelta(days=366 * 12)), None) is None:
        raise Inexpressible("the recurrence has no occurrence")
    return stored


_TYPES = ("daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly")


def _sensible(pattern: dict[str, Any], span: dict[str, Any]) -> None:
    kind = pattern["type"]
    wrong = (
        not 1 <= pattern["interval"] <= 999
        or pattern["firstDayOfWeek"] not in DAYS
        or pattern["index"] not in INDEXES
        or ((kind == "weekly" or kind.startswith("relative")) and not pattern.get("daysOfWeek"))
        or (kind.startswith("absolute") and not 1 <= pattern["dayOfMonth"] <= 31)
        or (kind.endswith("Yearly") and not 1 <= pattern["month"] <= 12)
        or (span["type"] == "numbered" and not 1 <= span["numberOfOccurrences"] <= 9999)
        or (span["type"] == "endDate" and span["endDate"] < span["startDate"])
    )
    if wrong:
        raise Inexpressible("the recurrence's pattern or range is not valid")
