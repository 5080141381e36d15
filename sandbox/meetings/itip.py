"""An event as an iTIP object (RFC 5546), to invite, change, call off or answer. The mail around it is ``letters``'."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from sandbox.seeds import SeedAttendee, SeedEvent

_STATES = {
    "none": "NEEDS-ACTION",
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "organizer": "ACCEPTED",
}
_RULES = ("RRULE", "EXRULE", "RDATE", "EXDATE")


@lru_cache(maxsize=64)
def _zone(name: str) -> Timezone:
    return Timezone.from_tzid(name, first_date=date(2015, 1, 1), last_date=date(2035, 1, 1))


def itip(event: SeedEvent, method: str, now: datetime, *, sequence: int | None = None, comment: str = "") -> bytes:
    """The event as a VCALENDAR with that method (REQUEST, CANCEL, REPLY or COUNTER) and the zone it needs.

    Of a REPLY or a COUNTER, ``event.attendees`` is the one who answers.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Nordlys//Calendar 4.2//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if isinstance(event.start, datetime) and event.time_zone != "UTC":
        calendar.add_component(_zone(event.time_zone))
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    entry.add("dtstart", _moment(event.start, event.time_zone))
    entry.add("dtend", _moment(event.end, event.time_zone))
    if event.original_start is not None:
        entry.add("recurrence-id", _moment(event.original_start, event.time_zone))
    entry.add("summary", event.title)
    texts = (
        ("description", event.description),
        ("location", event.location),
        ("url", event.meeting_url),
        ("comment", comment),
    )
    for name, value in texts:
        if value:
            entry.add(name, value)
    rules = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *event.recurrence, "END:VEVENT"]))
    for name in _RULES:
        if name in rules:
            entry[name] = rules[name]
    if event.private:
        entry.add("class", "PRIVATE")
    entry.add("sequence", int(method == "CANCEL") if sequence is None else sequence)
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    if event.organizer:
        entry.add("organizer", _person(event.organizer, {}), encode=False)
    for guest in event.attendees:
        asked = {} if method in ("REPLY", "COUNTER") else {"RSVP": "TRUE"}
        role = {"ROLE": "OPT-PARTICIPANT" if guest.optional else "REQ-PARTICIPANT"}
        entry.add("attendee", _person(guest, role | {"PARTSTAT": _STATES[guest.reply]} | asked), encode=False)
    calendar.add_component(entry)
    data: bytes = calendar.to_ical()
    return data


def _moment(value: datetime | date, zone: str) -> datetime | date:
    return value.replace(tzinfo=ZoneInfo(zone)) if isinstance(value, datetime) else value


def _person(person: SeedAttendee, parameters: dict[str, str]) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    if person.name:
        address.params["CN"] = vText(person.name)
    if person.resource:
        address.params["CUTYPE"] = vText("RESOURCE")
    for name, value in parameters.items():
        address.params[name] = vText(value)
    return address
