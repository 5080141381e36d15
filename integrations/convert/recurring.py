"""RFC 5545 rules in Graph's form, where Graph can say the very same; the provider's own reader is the proof."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.errors import PermanentFailure
from integrations.providers.microsoft import recurrence, recurrence_edit

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORTEST_MONTH = 28


def to_microsoft(line: str, first: date, zone: str, *, all_day: bool) -> dict[str, Any] | None:
    """The recurrence of a series that begins on ``first`` in ``zone``; None for one that Graph cannot say exactly."""
    parts = _parts(line)
    try:
        made = recurrence_edit.pattern([_line(_for_outlook(parts))], first, zone)
    except (PermanentFailure, ValueError):
        return None
    if made is None:
        return None
    back = _parts(recurrence.rule(made, zone, all_day=all_day))
    return made if _whole(back, first, zone) == _whole(parts, first, zone) else None


def _parts(line: str) -> dict[str, str]:
    rule = line.partition(":")[2].upper()
    return dict(part.partition("=")[::2] for part in rule.split(";") if part)


def _line(parts: dict[str, str]) -> str:
    return "RRULE:" + ";".join(f"{name}={value}" for name, value in parts.items())


def _for_outlook(parts: dict[str, str]) -> dict[str, str]:
    """Outlook itself takes the last day of a month that is too short; RFC 5545 must spell that out."""
    days = parts.get("BYMONTHDAY", "")
    if days == "-1" and "BYSETPOS" not in parts:
        return {**parts, "BYMONTHDAY": "31"}
    last = days.rpartition(",")[2]
    if parts.get("BYSETPOS") == "-1" and last.isdecimal() and days == _ending(int(last)):
        return {name: value for name, value in parts.items() if name != "BYSETPOS"} | {"BYMONTHDAY": last}
    return parts


def _ending(day: int) -> str:
    """The days that may be the last one, up to ``day``."""
    return ",".join(str(n) for n in range(_SHORTEST_MONTH, day + 1))


def _whole(parts: dict[str, str], first: date, zone: str) -> dict[str, str]:
    """A rule with everything said that goes without saying, so that two rules can be compared."""
    said = {"INTERVAL": "1", "WKST": "MO", **parts}
    frequency = said.get("FREQ")
    if frequency == "WEEKLY":
        said.setdefault("BYDAY", _DAYS[first.weekday()])
    if frequency == "YEARLY":
        said.setdefault("BYMONTH", str(first.month))
    if frequency in ("MONTHLY", "YEARLY") and "BYDAY" not in said:
        said.setdefault("BYMONTHDAY", str(first.day))
    if said.get("BYMONTHDAY") == "-1" and "BYSETPOS" not in said:
        said |= {"BYMONTHDAY": _ending(31), "BYSETPOS": "-1"}
    if frequency != "WEEKLY" or said["INTERVAL"] == "1":
        del said["WKST"]  # it tells weeks apart only where some are left out
    days = sorted(said.get("BYDAY", "").split(","))
    if said.get("BYSETPOS") and len(days) == 1 and days[0] in _DAYS:
        days = [said.pop("BYSETPOS") + days[0]]
    said["BYDAY"] = ",".join(days)
    if "UNTIL" in said:
        said["UNTIL"] = _last_day(said["UNTIL"], zone)
    return said


def _last_day(until: str, zone: str) -> str:
    if "T" not in until:
        return until
    at = datetime.strptime(until.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d}"
