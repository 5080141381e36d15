"""Turns one VEVENT into an event, as far as it stands alone. What ties those of one series is left to ``series``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sandbox.seeds import Reply, SeedAttendee, SeedEvent
from sandbox.world.corpus.ical import Component, Property
from sandbox.world.corpus.moments import Moment, duration, moment
from sandbox.world.corpus.rules import recurrence
from sandbox.world.corpus.zones import Zones

_REPLIES: dict[str, Reply] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
_URLS = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE", "URL")
_LONGEST_REMINDER = 40320  # four weeks in minutes: Calendar API, events.reminders.overrides[].minutes
_MOST_REMINDERS = 5


@dataclass(slots=True)
class Entry:
    """An event with what ties it to others: its instance of a series, and whether it changes all that follow."""

    event: SeedEvent
    instance: Moment | None = None
    onwards: bool = False


def entry(component: Component, zones: Zones, calendar: str, home: str, notes: list[str]) -> Entry:
    """Read a VEVENT; ``home`` is the zone of floating times. What of it could not be kept is told in ``notes``.

    Raises ValueError or OverflowError if there is no event in it.
    """
    start_line = component.first("DTSTART")
    if start_line is None:
        raise ValueError("no DTSTART")
    start = moment(start_line.value, start_line.parameters.get("TZID", ""), zones, home)
    try:
        end = _end(component, start, zones, home)
    except (ValueError, OverflowError) as error:
        notes.append(f"its end is left out: {error}")
        end = start.value + timedelta(days=1) if start.whole_day else start.value
    ident = component.first("RECURRENCE-ID")
    event = SeedEvent(
        uid=component.text("UID"),
        title=component.text("SUMMARY"),
        start=start.value,
        end=end,
        time_zone=start.zone or home,
        calendar=calendar,
        recurrence=() if ident else recurrence(component, start, zones, home, notes),
        cancelled=ident is not None and component.text("STATUS").upper() == "CANCELLED",
        description=component.text("DESCRIPTION"),
        location=component.text("LOCATION"),
        organizer=_person(component.first("ORGANIZER"), "organizer"),
        attendees=_attendees(component),
        meeting_url=next((url for name in _URLS if (url := component.text(name)).startswith("https://")), ""),
        showing=_showing(component),
        private=component.text("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"),
        reminders=_reminders(component),
    )
    if ident is None:
        return Entry(event)
    instance = moment(ident.value, ident.parameters.get("TZID", ""), zones, home)
    return Entry(event, instance, ident.parameters.get("RANGE", "").upper() == "THISANDFUTURE")


def _end(component: Component, start: Moment, zones: Zones, home: str) -> datetime | date:
    """The end on the start's clock: DTEND, DURATION, a day for a date, nothing for a time; never before the start."""
    if line := component.first("DTEND"):
        end = moment(line.value, line.parameters.get("TZID", ""), zones, home)
        value = end.on(start.zone) if start.zone and end.zone else end.value
    elif line := component.first("DURATION"):
        length = duration(line.value)
        value = start.value + (length if not start.whole_day else timedelta(days=max(1, length.days)))
    else:
        value = start.value
    if start.whole_day:
        day = value.date() if isinstance(value, datetime) else value
        return max(day, start.value + timedelta(days=1))
    assert isinstance(start.value, datetime)
    time = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    return max(time, start.value)


def _showing(component: Component) -> Literal["busy", "free", "tentative", "out_of_office", "elsewhere"]:
    status = component.text("X-MICROSOFT-CDO-BUSYSTATUS").upper()
    if status in ("OOF", "WORKINGELSEWHERE"):
        return "out_of_office" if status == "OOF" else "elsewhere"
    if component.text("TRANSP").upper() == "TRANSPARENT" or status == "FREE":
        return "free"
    return "tentative" if component.text("STATUS").upper() == "TENTATIVE" else "busy"


def _attendees(component: Component) -> tuple[SeedAttendee, ...]:
    people: dict[str, SeedAttendee] = {}
    for line in component.all("ATTENDEE"):
        state = line.parameters.get("PARTSTAT", "").upper()
        if person := _person(line, _REPLIES.get(state, "none")):
            people.setdefault(person.email.lower(), person)
    return tuple(people.values())


def _person(line: Property | None, reply: Reply) -> SeedAttendee | None:
    """Who a calendar address is; nothing where it is no mail address, since neither vendor has room for one."""
    if line is None:
        return None
    match = re.match(r"(?:mailto:)?\s*<?([^\s<>@:]+@[^\s<>@:]+)>?\s*$", line.value.strip(), re.IGNORECASE)
    if match is None:
        return None
    parameters = line.parameters
    return SeedAttendee(
        match[1],
        parameters.get("CN", "").strip("'"),
        reply,
        optional=parameters.get("ROLE", "").upper() in ("OPT-PARTICIPANT", "NON-PARTICIPANT"),
        resource=parameters.get("CUTYPE", "").upper() in ("ROOM", "RESOURCE"),
    )


def _reminders(component: Component) -> tuple[int, ...]:
    """Minutes before the start, of those alarms that are before the start."""
    found: set[int] = set()
    for child in component.children:
        trigger = child.first("TRIGGER") if child.name == "VALARM" else None
        if trigger is None or trigger.parameters.get("RELATED", "").upper() == "END":
            continue
        try:
            minutes = -int(duration(trigger.value).total_seconds() // 60)
        except (ValueError, OverflowError):
            continue
        if 0 <= minutes <= _LONGEST_REMINDER:
            found.add(minutes)
    return tuple(sorted(found)[:_MOST_REMINDERS])
