"""Messages and events as Graph writes them."""

from __future__ import annotations

from typing import Any


def message(identifier: str, **changes: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.message",
        "@odata.etag": 'W/"CQ"',
        "id": identifier,
        "conversationId": "C1",
        "receivedDateTime": "2026-06-15T08:30:00Z",
        "sentDateTime": "2026-06-15T08:29:00Z",
        "subject": "Lunch",
        "from": {"emailAddress": {"name": "Grace Hopper", "address": "grace@example.com"}},
        "sender": {"emailAddress": {"name": "Grace Hopper", "address": "grace@example.com"}},
        "toRecipients": [{"emailAddress": {"name": "ada@example.com", "address": "ada@example.com"}}],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "internetMessageId": "<m1@example.com>",
        "internetMessageHeaders": [
            {"name": "In-Reply-To", "value": "<m0@example.com>"},
            {"name": "References", "value": "<r1@example.com>\r\n <m0@example.com>"},
            {"name": "List-Unsubscribe", "value": "<https://example.com/u>"},
        ],
        "bodyPreview": "At  noon?\r\n",
        "body": {"contentType": "html", "content": "<p>At noon?</p>"},
        "isRead": False,
        "isDraft": False,
        "flag": {"flagStatus": "flagged"},
        "hasAttachments": False,
        "parentFolderId": "IN=",
        **changes,
    }


def at(text: str) -> dict[str, str]:
    return {"dateTime": f"{text}.0000000", "timeZone": "UTC"}


def event(identifier: str, **changes: Any) -> dict[str, Any]:
    return {
        "@odata.etag": 'W/"E"',
        "id": identifier,
        "type": "singleInstance",
        "seriesMasterId": None,
        "subject": "Review",
        "body": {"contentType": "html", "content": "<p>Bring the plan</p>"},
        "bodyPreview": "Bring the plan",
        "start": at("2026-06-16T08:00:00"),
        "end": at("2026-06-16T09:00:00"),
        "isAllDay": False,
        "originalStartTimeZone": "W. Europe Standard Time",
        "recurrence": None,
        "location": {"displayName": "Room 1"},
        "onlineMeeting": {"joinUrl": "https://meet.example.com/1"},
        "organizer": {"emailAddress": {"name": "Grace", "address": "grace@example.com"}},
        "attendees": [
            {"type": "required", "status": {"response": "accepted"}, "emailAddress": {"address": "Ada@example.com"}},
            {"type": "optional", "status": {"response": "none"}, "emailAddress": {"address": "bob@example.com"}},
        ],
        "responseStatus": {"response": "accepted", "time": "0001-01-01T00:00:00Z"},
        "showAs": "oof",
        "sensitivity": "private",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 15,
        "iCalUId": "uid-1",
        "webLink": "https://outlook.example.com/1",
        "lastModifiedDateTime": "2026-06-01T00:00:00Z",
        **changes,
    }


def weekly(identifier: str, **changes: Any) -> dict[str, Any]:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}
    extent = {"type": "noEnd", "startDate": "2026-06-16", "recurrenceTimeZone": "W. Europe Standard Time"}
    return event(identifier, type="seriesMaster", recurrence={"pattern": pattern, "range": extent}, **changes)


def occurrence(identifier: str, master: str, day: str, **changes: Any) -> dict[str, Any]:
    """As thin as Graph gives them."""
    start, end = at(f"{day}T08:00:00"), at(f"{day}T09:00:00")
    return {"id": identifier, "type": "occurrence", "seriesMasterId": master, "start": start, "end": end, **changes}
