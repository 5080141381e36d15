"""Writes events at Microsoft: new ones with a transaction id, so that a repeated attempt makes no second event.

Microsoft Graph, resource type event (``transactionId``), "Update event", "event: accept". Reading is left to
``calendar``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from integrations.errors import Conflict, NotFound, PermanentFailure
from integrations.providers import event_edits
from integrations.providers.microsoft import calendar_event as mapping
from integrations.providers.microsoft import recurrence_edit
from integrations.providers.microsoft.graph import Graph, Json, path
from integrations.records import Answer, ChangeRecord, EventRecord, Operation

TRIES = 3
_ANSWERS = {Answer.ACCEPTED: "accept", Answer.DECLINED: "decline", Answer.TENTATIVE: "tentativelyAccept"}
_SHOWING = {"out_of_office": "oof", "elsewhere": "workingElsewhere"}


class EventEditor:
    """Carries edits of one account's events out. ``me`` is its address."""

    def __init__(self, graph: Graph, me: str) -> None:
        self._graph = graph
        self._me = me

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        """What Outlook has after a change. Raises ``Conflict`` where somebody else changed the same field."""
        if change.operation is Operation.EVENT_CREATE:
            return (self._create(change),)
        if change.operation is Operation.EVENT_UPDATE:
            return (self._update(change),)
        if change.operation is Operation.EVENT_ANSWER:
            return self._answer(change)
        if change.operation is Operation.EVENT_DELETE:
            self._graph.delete(_event(change))
            return ()
        raise PermanentFailure(f"Microsoft calendars cannot do {change.operation.value}.", code="operation")

    def _create(self, change: ChangeRecord) -> EventRecord:
        new = {"transactionId": change.key, **body(event_edits.given(change), {})}
        where = path("me", "calendars", change.collection_id, "events")
        made = self._record(self._graph.post(where if change.collection_id else path("me", "events"), new))
        return replace(made, former_ids=frozenset({change.target_id}))

    def _update(self, change: ChangeRecord) -> EventRecord:
        for _ in range(TRIES - 1):
            try:
                return self._lay_in(change)
            except Conflict as error:
                if error.code == event_edits.CODE:
                    raise
                # It changed between our reading and our writing: look again what it says now.
        return self._lay_in(change)

    def _lay_in(self, change: ChangeRecord) -> EventRecord:
        there = self._graph.get(_event(change), {"$select": mapping.SELECT})
        event_edits.check(change, self._record(there))
        changed = body(event_edits.given(change), there)
        return self._record(self._graph.patch(_event(change), changed, etag=str(there.get("@odata.etag") or "")))

    def _answer(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        answer = event_edits.answer_of(change)
        there = self._record(self._graph.get(_event(change), {"$select": mapping.SELECT}))
        if there.my_answer is Answer.ORGANIZER:
            raise PermanentFailure("You are not invited to this event.", code="attendee")
        if not (change.repeated and there.my_answer is answer):
            said: dict[str, object] = {"sendResponse": bool(change.payload.get("notify", True))}
            if comment := change.payload.get("comment"):
                said["comment"] = str(comment)
            self._graph.post(f"{_event(change)}/{_ANSWERS[answer]}", said)
        try:
            return (self._record(self._graph.get(_event(change), {"$select": mapping.SELECT})),)
        except NotFound:
            return ()  # what was declined leaves the calendar

    def _record(self, item: Json) -> EventRecord:
        return mapping.event(item, self._me)


def body(fields: Mapping[str, Any], there: Json) -> dict[str, Any]:
    """An edit's fields as Graph writes them. ``there`` is the event as it is; its guests keep what they answered."""
    found: dict[str, Any] = {}
    if "title" in fields:
        found["subject"] = fields["title"]
    if "description" in fields:
        found["body"] = {"contentType": "text", "content": fields["description"]}
    if "location" in fields:
        found["location"] = {"displayName": fields["location"]}
    zone = str(fields.get("time_zone") or mapping.zone_of(there))
    for name in ("start", "end"):
        if name in fields:
            found |= _time(name, fields[name], zone)
    if "recurrence" in fields:
        first = _first_day(fields, there, zone)
        found["recurrence"] = recurrence_edit.pattern(fields["recurrence"], first, zone)
    if "attendees" in fields:
        known = {_address(a): a for a in there.get("attendees") or ()}
        found["attendees"] = [known.get(str(e).casefold(), _guest(str(e))) for e in fields["attendees"]]
    if "reminders" in fields:
        minutes = list(fields["reminders"])
        found["isReminderOn"] = bool(minutes)
        if minutes:
            found["reminderMinutesBeforeStart"] = int(min(minutes))
    if "showing" in fields:
        found["showAs"] = _SHOWING.get(str(fields["showing"]), str(fields["showing"]))
    if "private" in fields:
        found["sensitivity"] = "private" if fields["private"] else "normal"
    return found


def _time(name: str, value: object, zone: str) -> dict[str, Any]:
    moment = event_edits.moment(value)
    if not isinstance(moment, datetime):
        return {"isAllDay": True, name: {"dateTime": f"{moment.isoformat()}T00:00:00", "timeZone": zone}}
    local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    return {"isAllDay": False, name: {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}", "timeZone": zone}}


def _first_day(fields: Mapping[str, Any], there: Json, zone: str) -> Any:
    if "start" in fields:
        moment = event_edits.moment(fields["start"])
    else:
        moment = datetime.fromisoformat(there["start"]["dateTime"][:19]).replace(tzinfo=UTC)
    return moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment


def _address(attendee: Json) -> str:
    return str((attendee.get("emailAddress") or {}).get("address", "")).casefold()


def _guest(email: str) -> Json:
    return {"emailAddress": {"address": email}, "type": "required"}


def _event(change: ChangeRecord) -> str:
    return path("me", "events", change.target_id)
