"""The calendars of the world while they are written: single events, series with their exceptions, meetings with guests.

A meeting lies in the account of everybody who lives here and is invited, under one uid, each copy with the same guests.
What happens when is left to ``events/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.seeds import Reply, SeedAttendee, SeedEvent
from sandbox.world.people import ACCOUNT_KEYS, PARTIES

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


class Agenda:
    """Collects each account's events. Days are counted from today on the wall calendar of Oslo."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = now.astimezone(ZoneInfo("Europe/Oslo")).date()
        self.of: dict[str, list[SeedEvent]] = {key: [] for key in ACCOUNT_KEYS}
        self.named: dict[str, SeedEvent] = {}

    def seen_from(self, zone: str) -> Agenda:
        """The same calendars, their days counted from today in another zone."""
        other = copy(self)
        other.today = self.now.astimezone(ZoneInfo(zone)).date()
        return other

    def day(self, offset: int) -> date:
        """Today plus ``offset`` days."""
        return self.today + timedelta(days=offset)

    def weekday(self, day: int, weeks: int = 0) -> date:
        """That weekday of this week (0 is Monday), or of the week ``weeks`` from now."""
        return self.today + timedelta(days=day - self.today.weekday(), weeks=weeks)

    def nth(self, number: int, day: int, months: int = 0) -> date:
        """That weekday of the month ``months`` from this one, the ``number``th or, for -1, the last."""
        month = self.today.year * 12 + self.today.month - 1 + months + (number < 0)
        first = date(month // 12, month % 12 + 1, 1)
        return first + timedelta(days=(day - first.weekday()) % 7, weeks=number - (number > 0))

    def workday(self, offset: int) -> date:
        """The day ``offset`` days from today, or the Monday after it if it falls on a weekend."""
        day = self.day(offset)
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > FRIDAY else 0)

    def add(self, keys: str, event: SeedEvent) -> SeedEvent:
        """Put an event without guests into each of the accounts (keys, separated by spaces)."""
        self.named.setdefault(event.uid, event)
        for key in keys.split():
            self.of[key].append(event)
        return event

    def meet(self, host: str, guests: Mapping[str, Reply], event: SeedEvent) -> SeedEvent:
        """Put a meeting into the accounts of its host and of those guests who live here."""
        whole = replace(
            event,
            organizer=SeedAttendee(PARTIES[host].email, PARTIES[host].name, "organizer"),
            attendees=tuple(
                SeedAttendee(PARTIES[key].email, PARTIES[key].name, reply) for key, reply in guests.items()
            ),
        )
        self.named.setdefault(whole.uid, whole)
        for key in (host, *guests):
            if key in self.of:
                self.of[key].append(whole)
        return whole

    def change(self, master: SeedEvent, day: date, **changes: Any) -> None:
        """An instance of a series that differs, in every account that has it. ``day`` is the day it belongs on."""
        start: datetime | date = day
        end: datetime | date = day
        if isinstance(master.start, datetime) and isinstance(master.end, datetime):
            start = datetime.combine(day, master.start.time())
            end = start + (master.end - master.start)
        elif not isinstance(master.start, datetime) and not isinstance(master.end, datetime):
            end = day + (master.end - master.start)
        instance = replace(master, **{"start": start, "end": end, "recurrence": (), "original_start": start, **changes})
        for events in self.of.values():
            if any(event.uid == master.uid for event in events):
                events.append(instance)

    def cancel(self, master: SeedEvent, day: date) -> None:
        """Delete one instance of a series."""
        self.change(master, day, cancelled=True)


def timed(
    uid: str, title: str, day: date, clock: str, minutes: int, zone: str = "Europe/Oslo", **rest: Any
) -> SeedEvent:
    """An event at a time of the day on the clock of ``zone``."""
    start = datetime.combine(day, time.fromisoformat(clock))
    return SeedEvent(f"{uid}@events.nordlys.example", title, start, start + timedelta(minutes=minutes), zone, **rest)


def whole(uid: str, title: str, day: date, days: int = 1, zone: str = "Europe/Oslo", **rest: Any) -> SeedEvent:
    """An event of one or more whole days."""
    return SeedEvent(f"{uid}@events.nordlys.example", title, day, day + timedelta(days=days), zone, **rest)


def at(day: date, clock: str, minutes: int) -> dict[str, datetime]:
    """The start and end of a moved instance, for ``Agenda.change``."""
    start = datetime.combine(day, time.fromisoformat(clock))
    return {"start": start, "end": start + timedelta(minutes=minutes)}
