"""Answers to invitations, and an organizer's cancellation ("event: accept" and its kin)."""

from __future__ import annotations

import json
from typing import Any

from sandbox.microsoft import clock, zones
from sandbox.microsoft.calendar import edits, keeping, notices, store
from sandbox.microsoft.calendar.store import Found
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.mail.values import people


def accept(call: Call, event: str) -> Answer:
    """POST …/accept."""
    return _answer(call, event, "accepted")


def tentatively_accept(call: Call, event: str) -> Answer:
    """POST …/tentativelyAccept."""
    return _answer(call, event, "tentativelyAccepted")


def decline(call: Call, event: str) -> Answer:
    """POST …/decline: the event leaves the calendar."""
    return _answer(call, event, "declined")


def _answer(call: Call, event: str, response: str) -> Answer:
    found, given = store.find(call, event), call.json()
    fields = json.loads(found.row["fields"])
    if fields["isOrganizer"]:
        raise bad_request(
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
            "ErrorInvalidRequest",
        )
    told = call.argument(given, "sendResponse")
    if call.argument(given, "proposedNewTime") is not None:
        if response == "accepted":
            raise bad_request(
                "A new time can be proposed on declining or tentatively accepting.", "ErrorInvalidRequest"
            )
        if told is False or not fields.get("allowNewTimeProposals", True):
            raise bad_request("A new time cannot be proposed for this meeting.", "ErrorInvalidRequest")
    if told is not False:
        comment, slot = str(call.argument(given, "comment") or ""), call.argument(given, "proposedNewTime")
        notices.answered(call.store, call.account, found, response, comment, _slot(slot))
    _say(call, found, fields, response)
    return Answer(202)


def _slot(value: Any) -> notices.Slot | None:
    """A proposed time as wall clocks in one zone."""
    if not isinstance(value, dict):
        return None
    (start, zone), (end, other) = (zones.given(value.get(name), name) for name in ("start", "end"))
    return start, zones.rezoned(end, other, zone), zone


def _say(call: Call, found: Found, fields: dict[str, Any], response: str) -> None:
    if response == "declined":
        keeping.remove(call.store, call.account, found)
        return
    status = {"response": response, "time": clock.now(call.store)}
    mine = call.account.email.lower()
    guests = [
        one | {"status": status} if one["emailAddress"]["address"].lower() == mine else one
        for one in fields["attendees"]
    ]
    shows = "tentative" if response == "tentativelyAccepted" else "busy"
    edits.change_fields(call, found, responseStatus=status, attendees=guests, showAs=shows)


def cancel(call: Call, event: str) -> Answer:
    """POST …/cancel: the organizer's; the event leaves the calendar."""
    found = store.find(call, event)
    if not json.loads(found.row["fields"])["isOrganizer"]:
        raise bad_request(
            "Your request can't be completed. You need to be an organizer to cancel a meeting.", "ErrorInvalidRequest"
        )
    edits.call_off(call, found, str(call.argument(call.json(), "comment") or ""))
    return Answer(202)


def forward(call: Call, event: str) -> Answer:
    """POST …/forward: the invitation goes on to others."""
    found, given = store.find(call, event), call.json()
    wanted = call.argument(given, "toRecipients")
    if not wanted:
        raise bad_request("The parameter toRecipients is missing.", "ErrorInvalidRequest")
    comment = str(call.argument(given, "comment") or "")
    notices.forwarded(call.store, call.account, found, people("toRecipients", wanted), comment)
    return Answer(202)


def dismiss_reminder(call: Call, event: str) -> Answer:
    """POST …/dismissReminder."""
    edits.change_fields(call, store.find(call, event), isReminderOn=False)
    return Answer(200)


def snooze_reminder(call: Call, event: str) -> Answer:
    """POST …/snoozeReminder: the reminder stays on, for later."""
    found = store.find(call, event)
    zones.given(call.argument(call.json(), "newReminderTime"), "newReminderTime")
    edits.change_fields(call, found, isReminderOn=True)
    return Answer(200)
