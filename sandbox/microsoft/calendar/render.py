"""An event row, or a series' occurrence on a day, as Graph shows it; and a calendar."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import ids, zones
from sandbox.microsoft.calendar.store import children
from sandbox.microsoft.calendar.view import times
from sandbox.microsoft.calls import Call
from sandbox.microsoft.mail import attachments
from sandbox.microsoft.odata import Entity, Shape
from sandbox.microsoft.text import as_preferred

EVENT = Entity(
    "event",
    frozenset(
        [
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "changeKey",
            "categories",
            "transactionId",
            "originalStartTimeZone",
            "originalEndTimeZone",
            "iCalUId",
            "uid",
            "reminderMinutesBeforeStart",
            "isReminderOn",
            "hasAttachments",
            "subject",
            "bodyPreview",
            "importance",
            "sensitivity",
            "isAllDay",
            "isCancelled",
            "isOrganizer",
            "responseRequested",
            "seriesMasterId",
            "showAs",
            "type",
            "webLink",
            "onlineMeetingUrl",
            "isOnlineMeeting",
            "onlineMeetingProvider",
            "allowNewTimeProposals",
            "occurrenceId",
            "isDraft",
            "hideAttendees",
            "responseStatus",
            "body",
            "start",
            "end",
            "originalStart",
            "location",
            "locations",
            "recurrence",
            "attendees",
            "organizer",
            "onlineMeeting",
        ]
    ),
    asked=frozenset({"cancelledOccurrences"}),
    links=frozenset(
        [
            "exceptionOccurrences",
            "attachments",
            "calendar",
            "extensions",
            "instances",
            "singleValueExtendedProperties",
            "multiValueExtendedProperties",
        ]
    ),
)
CALENDAR = Entity(
    "calendar",
    frozenset(
        [
            "id",
            "name",
            "color",
            "hexColor",
            "groupClassId",
            "isDefaultCalendar",
            "changeKey",
            "canShare",
            "canViewPrivateItems",
            "canEdit",
            "allowedOnlineMeetingProviders",
            "defaultOnlineMeetingProvider",
            "isTallyingResponses",
            "isRemovable",
            "owner",
        ]
    ),
    links=frozenset({"events", "calendarView", "calendarPermissions", "singleValueExtendedProperties"}),
)
TYPES = {"single": "singleInstance", "master": "seriesMaster", "exception": "exception"}
OWA = "https://outlook.office365.com/owa/?itemid={}&exvsurl=1&path=/calendar/item"


def identifier(call: Call, row: sqlite3.Row, day: date | None = None) -> str:
    """The id of an event; an exception keeps the id that its occurrence had."""
    if row["master"] is not None:
        return ids.make(call.account, "event", row["master"], row["day"], immutable=call.immutable)
    return ids.make(call.account, "event", row["id"], day.toordinal() if day else 0, immutable=call.immutable)


def occurrence_id(call: Call, master: int, day: date) -> str:
    """The occurrenceId ("event resource type"): the series' id and the original date."""
    return f"OID.{ids.make(call.account, 'event', master, immutable=call.immutable)}.{day.isoformat()}"


def thin(call: Call, row: sqlite3.Row, day: date) -> dict[str, Any]:
    """An occurrence as change tracking tells of it: when, and of which series."""
    start, end = times(row, day)
    zone, all_day = zones.preferred(call), bool(row["all_day"])
    return {
        "@odata.type": "#microsoft.graph.event",
        "id": identifier(call, row, day),
        "seriesMasterId": identifier(call, row),
        "type": "occurrence",
        "start": zones.shown(start, row["zone"], zone, all_day=all_day),
        "end": zones.shown(end, row["zone"], zone, all_day=all_day),
    }


def event(call: Call, row: sqlite3.Row, shape: Shape, day: date | None = None) -> dict[str, Any]:
    """An event with the wanted properties."""
    item = _whole(call, row, shape, day)
    if shape.wants("cancelledOccurrences"):
        known = children(call.store, row["id"]) if row["kind"] == "master" and day is None else {}
        gone = [date.fromordinal(n) for n, child in known.items() if child["kind"] == "cancelled"]
        item["cancelledOccurrences"] = [occurrence_id(call, row["id"], one) for one in gone]
    for name, expansion in shape.expand.items():
        if name == "exceptionOccurrences":
            known = children(call.store, row["id"]) if row["kind"] == "master" and day is None else {}
            inner = Shape(EVENT, expansion.select)
            item[name] = [event(call, child, inner) for child in known.values() if child["kind"] == "exception"]
        elif name == "attachments":
            item[name] = attachments.expanded(call, expansion, event=row["id"])
        elif name == "calendar":
            owner = call.store.row("SELECT * FROM graph_calendar WHERE id = ?", row["calendar"])
            assert owner is not None
            item[name] = calendar(call.account, owner)
        elif name == "singleValueExtendedProperties":
            if stored := json.loads(row["fields"]).get("extended"):
                item[name] = [one for one in stored if one["id"].lower() in expansion.filter.lower()]
        else:
            item[name] = []
    if (
        not {"calendars.read", "calendars.readwrite", "calendars.read.shared", "calendars.readwrite.shared"}
        & call.scopes
    ):
        for hidden in ("body", "bodyPreview", "attachments", "extensions", "singleValueExtendedProperties"):
            item.pop(hidden, None)
    return shape.cut(item)


def _whole(call: Call, row: sqlite3.Row, shape: Shape, day: date | None) -> dict[str, Any]:
    key = ids.change_key("event", row["id"], row["version"])
    fields = json.loads(row["fields"])
    start, end = times(row, day)
    zone, all_day = zones.preferred(call), bool(row["all_day"])
    original = day or (date.fromordinal(row["day"]) if row["day"] else None)
    master = row["master"] if row["master"] is not None else row["id"] if day else None
    name = identifier(call, row, day)
    meeting = fields.get("onlineMeeting")
    item: dict[str, Any] = {
        "@odata.etag": ids.etag(key),
        "id": name,
        "createdDateTime": row["created"],
        "lastModifiedDateTime": row["modified"],
        "changeKey": key,
        "categories": fields.get("categories", []),
        "transactionId": row["transaction_id"],
        "originalStartTimeZone": row["zone"],
        "originalEndTimeZone": row["zone"],
        "iCalUId": f"{row['uid']}_{original:%Y%m%d}" if original else row["uid"],
        "uid": row["uid"],
        "reminderMinutesBeforeStart": fields["reminderMinutesBeforeStart"],
        "isReminderOn": fields["isReminderOn"],
        "hasAttachments": fields.get("hasAttachments", False),
        "subject": row["subject"],
        "bodyPreview": fields["bodyPreview"],
        "importance": fields.get("importance", "normal"),
        "sensitivity": fields["sensitivity"],
        "isAllDay": all_day,
        "isCancelled": fields.get("isCancelled", False),
        "isOrganizer": fields["isOrganizer"],
        "responseRequested": fields.get("responseRequested", True),
        "seriesMasterId": None if master is None else ids.make(call.account, "event", master, immutable=call.immutable),
        "showAs": fields["showAs"],
        "type": "occurrence" if day else TYPES[row["kind"]],
        "webLink": OWA.format(name.replace("=", "%3D")),
        "onlineMeetingUrl": None,
        "isOnlineMeeting": meeting is not None,
        "onlineMeetingProvider": fields.get("onlineMeetingProvider", "unknown"),
        "allowNewTimeProposals": fields.get("allowNewTimeProposals", True),
        "occurrenceId": occurrence_id(call, master, original) if master and original else None,
        "isDraft": fields.get("isDraft", False),
        "hideAttendees": fields.get("hideAttendees", False),
        "responseStatus": fields["responseStatus"],
        "start": zones.shown(start, row["zone"], zone, all_day=all_day),
        "end": zones.shown(end, row["zone"], zone, all_day=all_day),
        "location": fields["location"],
        "locations": fields["locations"],
        "recurrence": json.loads(row["recurrence"]) if row["kind"] == "master" and day is None else None,
        "attendees": fields["attendees"],
        "organizer": fields["organizer"],
        "onlineMeeting": meeting,
    }
    if original is not None and master is not None:
        item["originalStart"] = _original(call, row, master, original)
    if shape.wants("body"):
        item["body"] = as_preferred(call, fields["body"]["contentType"], fields["body"]["content"])
    return item


def _original(call: Call, row: sqlite3.Row, master: int, original: date) -> str:
    """When the occurrence would have begun by the series' pattern."""
    series = row if row["id"] == master else call.store.row("SELECT * FROM graph_event WHERE id = ?", master)
    assert series is not None
    return zones.stamp(zones.utc(times(series, original)[0], series["zone"])) + "Z"


def calendar(account: Account, row: sqlite3.Row) -> dict[str, Any]:
    """A calendar of the account's own."""
    return {
        "id": ids.make(account, "calendar", row["id"]),
        "name": row["name"],
        "color": row["color"],
        "hexColor": row["hex_color"],
        "groupClassId": "0006f0b7-0000-0000-c000-000000000046",
        "isDefaultCalendar": bool(row["is_default"]),
        "changeKey": ids.change_key("calendar", row["id"], row["version"]),
        "canShare": bool(row["can_edit"]),
        "canViewPrivateItems": True,
        "canEdit": bool(row["can_edit"]),
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": bool(row["is_default"]),
        "isRemovable": not row["is_default"],
        "owner": {"name": account.name, "address": account.email},
    }
