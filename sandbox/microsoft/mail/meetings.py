"""The meeting inside an invitation: its iCalendar part as the extra properties of an eventMessage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import icalendar

from sandbox.microsoft import zones
from sandbox.microsoft.mail.words import clean

KINDS = {
    "REQUEST": ("#microsoft.graph.eventMessageRequest", "meetingRequest"),
    "CANCEL": ("#microsoft.graph.eventMessage", "meetingCancelled"),
    "REPLY": ("#microsoft.graph.eventMessageResponse", "meetingAccepted"),
    "COUNTER": ("#microsoft.graph.eventMessageResponse", "meetingTenativelyAccepted"),
}
_ANSWERS = {
    "ACCEPTED": ("meetingAccepted", "accepted"),
    "TENTATIVE": ("meetingTenativelyAccepted", "tentativelyAccepted"),
    "DECLINED": ("meetingDeclined", "declined"),
}


def meeting(calendar: bytes, method: str) -> tuple[str, dict[str, Any]]:
    """The message's @odata.type and extra properties; ("", {}) where the part cannot be read or is no meeting."""
    try:
        found = icalendar.Calendar.from_ical(calendar)
        method = method or str(found.get("METHOD", "")).upper()
        event = next(iter(found.walk("VEVENT")), None)
        if method not in KINDS or event is None:
            return "", {}
        start, end = _moments(event)
        attendee = event.get("ATTENDEE")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return "", {}
    odata_type, message_type = KINDS[method]
    answer = str(getattr(attendee, "params", {}).get("PARTSTAT", "ACCEPTED")).upper()
    message_type, response = (
        _ANSWERS.get(answer, _ANSWERS["ACCEPTED"]) if odata_type.endswith("Response") else (message_type, "")
    )
    fields: dict[str, Any] = {
        "meetingMessageType": message_type,
        "type": "seriesMaster" if "RRULE" in event else "singleInstance",
        "isOutOfDate": False,
        "isAllDay": isinstance(start, date) and not isinstance(start, datetime),
        "isDelegated": False,
        "startDateTime": _shown(start),
        "endDateTime": _shown(end),
        "location": {"displayName": clean(str(event.get("LOCATION", ""))), "locationType": "default"},
        "recurrence": None,
    }
    if method == "REQUEST":
        fields |= {
            "meetingRequestType": "newMeetingRequest",
            "responseRequested": True,
            "allowNewTimeProposals": True,
            "previousLocation": None,
            "previousStartDateTime": None,
            "previousEndDateTime": None,
        }
    if response:
        fields |= {"responseType": response, "proposedNewTime": None}
    if method == "COUNTER":
        fields["proposedNewTime"] = {"start": fields["startDateTime"], "end": fields["endDateTime"]}
    fields["uid"] = clean(str(event.get("UID", "")))
    return odata_type, fields


def _moments(event: Any) -> tuple[date, date]:
    start = event.decoded("DTSTART")
    if "DTEND" in event:
        return start, event.decoded("DTEND")
    if "DURATION" in event:
        return start, start + event.decoded("DURATION")
    return start, start


def _shown(moment: date) -> dict[str, str] | None:
    if not isinstance(moment, datetime):
        moment = zones.midnight(moment)
    try:
        wall = zones.aware_to_utc(moment)
    except OverflowError:
        return None
    return zones.shown(wall, "UTC", "UTC", all_day=False)
