"""An event as one caller sees it: times in the asked zone, attendees cut to the asked number."""

from __future__ import annotations

import base64
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.google.calendar import times
from sandbox.google.calendar.book import Calendar, Event
from sandbox.google.calls import Call


def shown_zone(call: Call, calendar: Calendar) -> ZoneInfo:
    """The ``timeZone`` parameter, or else the calendar's zone."""
    name = call.query.get("timeZone")
    return times.zone_for(name) if name else calendar.zone


def link(event_id: str, calendar_id: str) -> str:
    """``htmlLink``: Google packs both ids into one."""
    packed = base64.urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")
    return f"https://www.google.com/calendar/event?eid={packed}"


def listed(call: Call, calendar: Calendar, event: Event) -> dict[str, Any]:
    """An event in a list, where of a deleted one only its name is left."""
    if event["status"] == "cancelled" and not event.get("recurringEventId"):
        return {"kind": "calendar#event", "id": event["id"], "etag": event["etag"], "status": "cancelled"}
    return shown(call, calendar, event)


def shown(call: Call, calendar: Calendar, event: Event) -> dict[str, Any]:
    """The answer for one event."""
    if event["status"] == "cancelled" and event.get("recurringEventId"):
        kept = ("id", "etag", "status", "recurringEventId", "originalStartTime")
        event = {k: event[k] for k in kept}
    zone = shown_zone(call, calendar)
    out: dict[str, Any] = {"kind": "calendar#event", **event}
    for name in ("start", "end", "originalStartTime"):
        if name in out:
            out[name] = times.in_zone(out[name], zone)
    if "iCalUID" in out:
        out["htmlLink"] = link(event["id"], calendar.id)
    most = call.query.get("maxAttendees")
    if most and len(out.get("attendees", ())) > most:
        own = [a for a in out["attendees"] if a.get("self")]
        out["attendees"], out["attendeesOmitted"] = own, True
    if calendar.role == "freeBusyReader" or (event.get("visibility") == "private" and calendar.role == "reader"):
        hidden = (
            "kind",
            "id",
            "etag",
            "status",
            "start",
            "end",
            "visibility",
            "recurrence",
            "recurringEventId",
            "originalStartTime",
        )
        out = {k: v for k, v in out.items() if k in hidden} | {"visibility": "private"}
    return out
