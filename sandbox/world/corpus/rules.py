"""Writes the recurrence of a VEVENT in one fixed form: rules a strict reader accepts, dates on the event's own clock.

UNTIL takes the type of the start (RFC 5545 §3.3.10); a rule that says nothing that any reader understands is left out
and noted, its event stays. Sub-daily rules are left out too: neither vendor's calendar repeats more often than daily.
"""

from __future__ import annotations

import re
from datetime import datetime

from dateutil.rrule import rrulestr

from sandbox.world.corpus.ical import Component
from sandbox.world.corpus.moments import Moment, line, moment, moments, utc
from sandbox.world.corpus.zones import Zones

_PARTS = {
    "FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
}  # fmt: skip
_DAILY = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_ANY = datetime(2024, 1, 1)  # noqa: DTZ001 (a wall-clock time to try a rule on)


def recurrence(component: Component, start: Moment, zones: Zones, home: str, notes: list[str]) -> tuple[str, ...]:
    """The RRULE, EXRULE, RDATE and EXDATE lines of the component."""
    lines: list[str] = []
    for name in ("RRULE", "EXRULE"):
        for prop in component.all(name):
            try:
                lines.append(f"{name}:{rule(prop.value, start, zones, home)}")
            except (ValueError, OverflowError, KeyError, TypeError, IndexError) as error:
                notes.append(f"{name}:{prop.value[:60]} left out: {error}")
    for name in ("RDATE", "EXDATE"):
        for prop in component.all(name):
            try:
                found = [line(name, _at(when, start), start.zone) for when in moments(prop, zones, start.zone or home)]
            except (ValueError, OverflowError) as error:
                notes.append(f"{name}:{prop.value[:60]} left out: {error}")
                continue
            if "PERIOD" in prop.parameters.get("VALUE", "").upper() or "/" in prop.value:
                notes.append(f"{name}: the periods' own lengths are left out")
            lines.extend(one for one in found if one not in lines)
    # An exception to nothing says nothing: a single event with an EXDATE is a single event.
    return tuple(lines) if any(one.startswith(("RRULE", "RDATE")) for one in lines) else ()


def rule(text: str, start: Moment, zones: Zones, home: str) -> str:
    """The rule with known parts only, each once. Raises ValueError where nothing repeats by it."""
    parts: dict[str, str] = {}
    for part in text.replace("\\;", ";").strip().strip(";").split(";"):
        name, _, value = part.partition("=")
        if (name := name.strip().upper()) in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            raise ValueError("neither vendor repeats by the hour")
        if name == "RSCALE" and value.strip().upper() != "GREGORIAN":
            raise ValueError("neither vendor repeats by another calendar")
        if name in _PARTS and value.strip():
            parts[name] = value.strip().upper().replace(" ", "")
    if parts.get("FREQ") not in _DAILY:
        raise ValueError("neither vendor repeats more often than daily, or the rule has no FREQ")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(moment(parts["UNTIL"], "", zones, start.zone or home), start)
        parts.pop("COUNT", None)
    if int(parts.get("COUNT", "1")) < 1 or int(parts.get("INTERVAL", "1")) < 1:
        raise ValueError("a COUNT or INTERVAL below one")
    whole = ";".join(f"{name}={value}" for name, value in parts.items())
    rrulestr(re.sub(r";UNTIL=[^;]*", "", whole), dtstart=_ANY)
    return whole


def _at(when: Moment, start: Moment) -> Moment:
    """A day named for a series of times is that day's instance."""
    if when.whole_day and isinstance(start.value, datetime):
        return Moment(datetime.combine(when.value, start.value.time()), start.zone)
    return when


def _until(until: Moment, start: Moment) -> str:
    if start.whole_day:
        return f"{until.value.year:04d}{until.value:%m%d}"
    if until.whole_day:
        until = Moment(datetime.combine(until.value, datetime.max.time().replace(microsecond=0)), start.zone)
    return f"{utc(until).year:04d}{utc(until):%m%dT%H%M%SZ}"
