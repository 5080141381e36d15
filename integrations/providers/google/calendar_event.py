"""Turns Google's calendars and events into records. Fetching them is left to ``calendar``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from integrations.providers.google.calendar_times import instant, moment, zone_name
from integrations.providers.mime import clean
from integrations.records import Address, Answer, AttendeeRecord, CalendarRecord, EventKind, EventRecord, Showing

_ANSWERS = {"accepted": Answer.ACCEPTED, "declined": Answer.DECLINED, "tentative": Answer.TENTATIVE}
_WRITERS = frozenset({"owner", "writer", "writerWithoutPrivateAccess"})
# Calendar API, colors.get: what an event's colorId stands for.
_COLOURS = {
    "1": "#a4bdfc",
    "2": "#7ae7bf",
    "3": "#dbadff",
    "4": "#ff887c",
    "5": "#fbd75b",
    "6": "#ffb878",
    "7": "#46d6db",
    "8": "#e1e1e1",
    "9": "#5484ed",
    "10": "#51b749",
    "11": "#dc2127",
}
_TAG = re.compile(r"</?(?:a|b|br|div|em|h[1-6]|html-blob|i|li|ol|p|span|strong|table|u|ul)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CalendarDefaults:
    """What a calendar says once for all of its events."""

    time_zone: str = "UTC"
    reminders: tuple[int, ...] = ()

    @classmethod
    def of(cls, listing: Mapping[str, Any]) -> CalendarDefaults:
        """Those of an answer of ``events.list``."""
        return cls(zone_name(listing.get("timeZone"), "UTC"), _minutes(listing.get("defaultReminders")))


def calendar_record(entry: Mapping[str, Any]) -> CalendarRecord:
    """An entry of the user's calendar list."""
    return CalendarRecord(
        id=entry["id"],
        name=clean(entry.get("summaryOverride") or entry.get("summary") or entry["id"]),
        time_zone=zone_name(entry.get("timeZone"), "UTC"),
        colour=entry.get("backgroundColor", ""),
        primary=bool(entry.get("primary")),
        writable=entry.get("accessRole") in _WRITERS,
        selected=bool(entry.get("selected")),
        description=clean(entry.get("description", "")),
    )


def is_removal(event: Mapping[str, Any]) -> bool:
    """Whether an event is gone. A cancelled instance of a series is not: it stays as the gap that it makes."""
    return event.get("status") == "cancelled" and not event.get("recurringEventId")


def event_record(event: Mapping[str, Any], defaults: CalendarDefaults) -> EventRecord:
    """An event that is no removal. Raises ``KeyError``, ``ValueError`` or ``OverflowError`` without a readable time.

    Of a cancelled instance Google promises only its id, its series and its original start (Calendar API, Events).
    """
    original = moment(event["originalStartTime"], defaults.time_zone) if event.get("originalStartTime") else None
    start, end = _span(event, defaults, original)
    said = (event.get("start") or event.get("originalStartTime") or {}).get("timeZone") or ""
    organizer = event.get("organizer") or {}
    attendees = tuple(_attendee(a) for a in event.get("attendees") or ())
    description = clean(event.get("description", ""))
    recurrence = tuple(clean(line) for line in event.get("recurrence") or ())
    return EventRecord(
        id=event["id"],
        kind=_kind(event),
        start=start,
        end=end,
        title=clean(event.get("summary", "")),
        time_zone=zone_name(said, defaults.time_zone),
        raw_time_zone=said,
        series_id=event.get("recurringEventId", ""),
        original_start=original,
        cancelled=event.get("status") == "cancelled",
        recurrence=recurrence,
        raw_recurrence="\n".join(recurrence),
        ical_uid=clean(event.get("iCalUID", "")),
        description=description,
        description_is_html=bool(_TAG.search(description)),
        location=clean(event.get("location", "")),
        meeting_url=_meeting(event),
        web_url=event.get("htmlLink", ""),
        organizer=Address(organizer.get("email", ""), clean(organizer.get("displayName", ""))),
        attendees=attendees,
        my_answer=_my_answer(organizer, attendees),
        showing=_showing(event),
        private=event.get("visibility") in ("private", "confidential"),
        colour=_COLOURS.get(event.get("colorId", ""), ""),
        reminders=_reminders(event.get("reminders") or {}, defaults),
        updated=instant(event["updated"]) if event.get("updated") else None,
        etag=event.get("etag", ""),
    )


def _span(
    event: Mapping[str, Any], defaults: CalendarDefaults, original: datetime | date | None
) -> tuple[datetime | date, datetime | date]:
    """Start and end. A cancelled instance may have neither: it stands where it was, for as short as can be said."""
    if not event.get("start") and original is not None:
        return original, original if isinstance(original, datetime) else original + timedelta(days=1)
    start = moment(event["start"], defaults.time_zone)
    if event.get("endTimeUnspecified") or not event.get("end"):
        return start, start if isinstance(start, datetime) else start + timedelta(days=1)
    return start, moment(event["end"], defaults.time_zone)


def _kind(event: Mapping[str, Any]) -> EventKind:
    if event.get("recurringEventId"):
        return EventKind.EXCEPTION
    return EventKind.MASTER if event.get("recurrence") else EventKind.SINGLE


def _attendee(attendee: Mapping[str, Any]) -> AttendeeRecord:
    return AttendeeRecord(
        email=attendee.get("email", ""),
        name=clean(attendee.get("displayName", "")),
        answer=_ANSWERS.get(attendee.get("responseStatus", ""), Answer.NONE),
        optional=bool(attendee.get("optional")),
        resource=bool(attendee.get("resource")),
        organizer=bool(attendee.get("organizer")),
        me=bool(attendee.get("self")),
    )


def _my_answer(organizer: Mapping[str, Any], attendees: tuple[AttendeeRecord, ...]) -> Answer:
    if organizer.get("self"):
        return Answer.ORGANIZER
    return next((a.answer for a in attendees if a.me), Answer.NONE)


def _showing(event: Mapping[str, Any]) -> Showing:
    kind = event.get("eventType")
    if kind == "outOfOffice":
        return Showing.OUT_OF_OFFICE
    if kind == "workingLocation":
        return Showing.ELSEWHERE
    if event.get("transparency") == "transparent":
        return Showing.FREE
    return Showing.TENTATIVE if event.get("status") == "tentative" else Showing.BUSY


def _meeting(event: Mapping[str, Any]) -> str:
    """The address of the video meeting; the older ``hangoutLink`` where no conference is stated."""
    for entry in (event.get("conferenceData") or {}).get("entryPoints") or ():
        if entry.get("entryPointType") == "video" and entry.get("uri"):
            return str(entry["uri"])
    return str(event.get("hangoutLink", ""))


def _reminders(reminders: Mapping[str, Any], defaults: CalendarDefaults) -> tuple[int, ...]:
    return defaults.reminders if reminders.get("useDefault") else _minutes(reminders.get("overrides"))


def _minutes(reminders: Any) -> tuple[int, ...]:
    return tuple(sorted({int(entry["minutes"]) for entry in reminders or () if "minutes" in entry}))
