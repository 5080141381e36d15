"""Writes events at Google: new ones under ids that we choose, so that a repeated attempt makes no second event.

Calendar API, events.insert ("id"), events.patch, "Get specific versions of resources" (If-Match). Reading is left to
``calendar``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from integrations.errors import Conflict, NotFound, PermanentFailure
from integrations.providers import event_edits
from integrations.providers.base import Session
from integrations.providers.google.api import calendar_api, call
from integrations.providers.google.calendar_event import CalendarDefaults, event_record
from integrations.records import ChangeRecord, EventRecord, Operation

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3 import Event
    from googleapiclient.http import HttpRequest

TRIES = 3
_SHOWING = {"busy": "opaque", "tentative": "opaque", "free": "transparent"}
_PLAIN = {"title": "summary", "description": "description", "location": "location"}


class EventEditor:
    """Carries edits of one account's events out."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = calendar_api(session.endpoints["calendar"])

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        """What Google has after a change. Raises ``Conflict`` where somebody else changed the same field."""
        if change.operation is Operation.EVENT_CREATE:
            return (self._record(self._create(change)),)
        if change.operation is Operation.EVENT_UPDATE:
            return (self._record(self._patched(change, self._edited)),)
        if change.operation is Operation.EVENT_ANSWER:
            return (self._record(self._patched(change, self._answered)),)
        if change.operation is Operation.EVENT_DELETE:
            self._call(self._api.events().delete(**self._where(change)))
            return ()
        raise PermanentFailure("Google Calendar cannot do this to an event.", code=str(change.operation))

    def _create(self, change: ChangeRecord) -> Mapping[str, Any]:
        fields = event_edits.given(change)
        new = {"id": change.target_id, **body(fields, {})}
        where = {k: v for k, v in self._where(change).items() if k != "eventId"}
        try:
            return self._call(self._api.events().insert(body=cast("Event", new), **where))
        except Conflict:
            # The id is taken: by this very edit, whose answer was lost.
            return self._get(change)

    def _patched(self, change: ChangeRecord, made: Any) -> Mapping[str, Any]:
        """Lay a change into the event as it is now; again when it changed between our reading and our writing."""
        for attempt in range(TRIES):
            there = self._get(change)
            if there.get("status") == "cancelled":
                raise NotFound("This event is gone at Google.", code="cancelled")
            built = self._api.events().patch(body=made(change, there), **self._where(change))
            built.headers = {"If-Match": str(there.get("etag", "*"))}
            try:
                return self._call(built)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _edited(self, change: ChangeRecord, there: Mapping[str, Any]) -> dict[str, Any]:
        event_edits.check(change, self._record(there))
        return body(event_edits.given(change), there)

    def _answered(self, change: ChangeRecord, there: Mapping[str, Any]) -> dict[str, Any]:
        answer = event_edits.answer_of(change)
        if not any(a.get("self") for a in there.get("attendees") or ()):
            raise PermanentFailure("You are not invited to this event.", code="attendee")
        said = {"responseStatus": answer.value}
        if comment := change.payload.get("comment"):
            said["comment"] = str(comment)
        return {"attendees": [{**a, **said} if a.get("self") else a for a in there["attendees"]]}

    def _get(self, change: ChangeRecord) -> Mapping[str, Any]:
        where = {k: v for k, v in self._where(change).items() if k != "sendUpdates"}
        return self._call(self._api.events().get(**where))

    def _where(self, change: ChangeRecord) -> dict[str, Any]:
        told = "all" if change.payload.get("notify", True) else "none"
        return {"calendarId": change.collection_id or "primary", "eventId": change.target_id, "sendUpdates": told}

    def _call(self, built: HttpRequest) -> Mapping[str, Any]:
        return call(self._session, built)

    def _record(self, event: Mapping[str, Any]) -> EventRecord:
        return event_record(event, CalendarDefaults())


def body(fields: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """An edit's fields as Google writes them. ``there`` is the event as it is; its guests keep what they answered."""
    found: dict[str, Any] = {theirs: fields[ours] for ours, theirs in _PLAIN.items() if ours in fields}
    zone = str(fields.get("time_zone") or (there.get("start") or {}).get("timeZone") or "UTC")
    for name in ("start", "end"):
        if name in fields:
            found[name] = _time(fields[name], zone)
    if "recurrence" in fields:
        found["recurrence"] = list(fields["recurrence"])
    if "attendees" in fields:
        known = {str(a.get("email", "")).casefold(): a for a in there.get("attendees") or ()}
        found["attendees"] = [known.get(str(e).casefold(), {"email": e}) for e in fields["attendees"]]
    if "reminders" in fields:
        minutes = [{"method": "popup", "minutes": int(m)} for m in fields["reminders"]]
        found["reminders"] = {"useDefault": False, "overrides": minutes}
    if "showing" in fields:
        found["transparency"] = _SHOWING.get(str(fields["showing"]), "opaque")
    if "private" in fields:
        found["visibility"] = "private" if fields["private"] else "default"
    return found


def _time(value: object, zone: str) -> dict[str, Any]:
    """An ``EventDateTime``; null takes away what a change between timed and all-day leaves behind."""
    moment = event_edits.moment(value)
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat(), "dateTime": None, "timeZone": None}
    local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    return {"dateTime": local.isoformat(), "timeZone": zone, "date": None}
