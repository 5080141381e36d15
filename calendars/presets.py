"""How often an event repeats, as a form offers it, and as the rule that says so (RFC 5545).

A rule that the form has no word for is ``CUSTOM``: it stays as it is.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from calendars.rules import until_of


class Repeat(enum.StrEnum):
    NEVER = ""
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    CUSTOM = "custom"


_RULES = {
    Repeat.DAILY: "FREQ=DAILY",
    Repeat.WEEKDAYS: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    Repeat.WEEKLY: "FREQ=WEEKLY",
    Repeat.MONTHLY: "FREQ=MONTHLY",
    Repeat.YEARLY: "FREQ=YEARLY",
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def lines(repeat: Repeat, until: date | None, zone: str, *, all_day: bool) -> list[str]:
    """The lines of a rule that is none of its own; the day ``until`` is the last on which it may take place."""
    rule = _RULES.get(repeat)
    if rule is None:
        return []
    if until is None:
        return [f"RRULE:{rule}"]
    if all_day:
        return [f"RRULE:{rule};UNTIL={until:%Y%m%d}"]
    last = datetime.combine(until, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
    return [f"RRULE:{rule};UNTIL={last:%Y%m%dT%H%M%SZ}"]


def read(recurrence: Sequence[str], first: date, zone: str) -> tuple[Repeat, date | None]:
    """What a form shows of a series that begins on ``first``."""
    if not recurrence:
        return Repeat.NEVER, None
    name, _, rule = recurrence[0].upper().partition(":")
    parts = dict(part.partition("=")[::2] for part in rule.split(";") if part)
    until = parts.pop("UNTIL", "")
    # What says no more than the day on which the series begins.
    implied = {"INTERVAL": "1", "BYMONTHDAY": str(first.day), "BYMONTH": str(first.month)}
    if parts.get("FREQ") == "WEEKLY":
        implied["BYDAY"] = _DAYS[first.weekday()]
    kept = {k: v for k, v in parts.items() if k != "WKST" and implied.get(k) != v}
    if "BYDAY" in kept:
        kept["BYDAY"] = ",".join(sorted(kept["BYDAY"].split(","), key=lambda d: _DAYS.index(d) if d in _DAYS else 9))
    said = ";".join(f"{k}={kept[k]}" for k in ("FREQ", *sorted(kept.keys() - {"FREQ"})) if k in kept)
    found = next((repeat for repeat, rule in _RULES.items() if rule == said), Repeat.CUSTOM)
    if len(recurrence) > 1 or name != "RRULE" or found is Repeat.CUSTOM:
        return Repeat.CUSTOM, None
    last = until_of(f"UNTIL={until}") if until else None
    if last and until.endswith("Z"):
        last = last.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    return found, last.date() if last else None
