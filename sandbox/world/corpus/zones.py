"""Finds the IANA zone that a calendar file means: by name, by Windows' name, by what its VTIMEZONE says, or by offset.

An invented zone becomes a well-known one with the same offsets and the same half of the world, or a fixed offset; the
wall clock of its events is kept.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from tzlocal.windows_tz import win_tz

from sandbox.world.corpus.ical import Component

_NAMES = {name.lower(): name for name in available_timezones() if "/" in name or name in ("UTC", "GMT", "Japan", "EST")}
_WINDOWS = {name.lower(): zone for name, zone in win_tz.items()}
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-])\s*(\d{1,2}):?(\d\d)?", re.IGNORECASE)
_ABBREVIATIONS = {
    "eastern": "America/New_York",
    "us-eastern": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "cst": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "beijing": "Asia/Shanghai",
    "z": "UTC",
}
# Zones to choose among when only offsets are known, the most usual first.
_USUAL = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Brisbane",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Darwin",
    "Pacific/Auckland",
    "Pacific/Noumea",
    "Asia/Tehran",
    "Asia/Kabul",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Bogota",
    "America/Caracas",
    "America/Santiago",
    "Atlantic/Azores",
    "Asia/Yekaterinburg",
    "Pacific/Fiji",
    "Africa/Johannesburg",
)


class Zones:
    """The zones of one file: its VTIMEZONEs by their TZID."""

    def __init__(self, root: Component) -> None:
        self._defined: dict[str, Component] = {}
        for component in root.walk():
            if component.name == "VTIMEZONE":
                self._defined.setdefault(component.text("TZID"), component)
        self._found: dict[str, str] = {}

    def name(self, tzid: str) -> str:
        """The IANA name for a TZID, or nothing when nobody can know (then it is the reader's own zone)."""
        if tzid not in self._found:
            found = by_name(tzid)
            component = self._defined.get(tzid.replace("\\,", ","))
            if not found and component:
                found = by_name(component.text("X-LIC-LOCATION")) or _by_offsets(component)
            self._found[tzid] = found or _by_label(tzid)
        return self._found[tzid]


@lru_cache(maxsize=1024)
def by_name(tzid: str) -> str:
    """The zone that a TZID names outright: IANA, with a vendor's prefix in front, or Windows."""
    clean = tzid.strip().strip("/").lower()
    parts = clean.split("/")
    for start in range(len(parts)):
        if zone := _NAMES.get("/".join(parts[start:])):
            return zone
    return _WINDOWS.get(clean) or _ABBREVIATIONS.get(clean) or _NAMES.get(clean.replace("-", "/", 1), "")


def _by_label(tzid: str) -> str:
    """What is left in names like ``(UTC+01:00) Amsterdam, Berlin`` or ``GMT +0100 (Standard)``."""
    if match := _OFFSET.search(tzid):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return fixed(minutes if match[1] == "+" else -minutes)
    return ""


def fixed(minutes: int) -> str:
    """A zone that is always so many minutes ahead of UTC: Etc/GMT±N for whole hours, else one that has that offset."""
    if minutes % 60 == 0 and -12 <= minutes // 60 <= 14:
        return f"Etc/GMT{-minutes // 60:+d}" if minutes else "UTC"
    return next((zone for zone in _USUAL if _offsets(zone) == (minutes, minutes)), "")


@lru_cache(maxsize=128)
def _offsets(zone: str) -> tuple[int, int]:
    """Minutes ahead of UTC in January and in July of an ordinary year."""
    january, july = (datetime(2024, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta() for month in (1, 7))
    return int(january.total_seconds() // 60), int(july.total_seconds() // 60)


def _by_offsets(component: Component) -> str:
    """A usual zone with the offsets of the last STANDARD and DAYLIGHT rules, summer in the same half of the world."""
    last: dict[str, Component] = {}
    for child in component.children:
        known = last.get(child.name)
        if known is None or child.text("DTSTART") >= known.text("DTSTART"):
            last[child.name] = child
    standard = _minutes(last.get("STANDARD"))
    daylight = _minutes(last.get("DAYLIGHT"))
    if standard is None:
        return fixed(daylight) if daylight is not None else ""
    if daylight is None or daylight == standard:
        return fixed(standard)
    month = re.search(r"BYMONTH=(\d+)", last["DAYLIGHT"].text("RRULE")) or re.match(
        r"\d{4}(\d\d)", last["DAYLIGHT"].text("DTSTART")
    )
    south = month is not None and int(month[1]) > 7
    wanted = (daylight, standard) if south else (standard, daylight)
    return next((zone for zone in _USUAL if _offsets(zone) == wanted), "") or fixed(standard)


def _minutes(component: Component | None) -> int | None:
    match = re.match(r"([+-])(\d\d)(\d\d)", component.text("TZOFFSETTO")) if component else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return minutes if match[1] == "+" else -minutes
