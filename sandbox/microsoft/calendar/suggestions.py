"""findMeetingTimes: when those who shall meet are free ("user: findMeetingTimes"). Not for personal accounts.

A slot's confidence is the mean of the guests' chances to come: 100 % for those who are free, 49 % for those of whom
nobody knows, 0 % for the busy ("meetingTimeSuggestion resource type"). Slots begin on half hours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sandbox import accounts
from sandbox.microsoft import tenants, zones
from sandbox.microsoft.calendar import schedule, view
from sandbox.microsoft.calendar.view import Window
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.mail.values import people, record, records

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?")
_CHANCES = {"free": 100.0, "workingElsewhere": 100.0, "tentative": 49.0, "unknown": 49.0, "busy": 0.0, "oof": 0.0}
_STEP = timedelta(minutes=30)
_WEEK = timedelta(days=7)
_WORK = time(8), time(17)  # the working hours that ``schedule`` tells
_MOST = 20
_MIDNIGHT = zones.EARLIEST  # any: steps are counted from it


def find_meeting_times(call: Call) -> Answer:
    """POST /me/findMeetingTimes."""
    tenants.refuse_personal(call)
    body = call.json()
    length = _length(call.argument(body, "meetingDuration") or "PT30M")
    least = float(call.argument(body, "minimumAttendeePercentage") or 50)
    given = records("attendees", call.argument(body, "attendees"))
    guests = [
        one | {"type": str(g.get("type") or "required").lower()}
        for one, g in zip(people("attendees", given), given, strict=True)
    ]
    most = min(int(call.argument(body, "maxCandidates") or _MOST), _MOST)
    own = call.argument(body, "isOrganizerOptional") is not True
    reasons, zone = call.argument(body, "returnSuggestionReasons") is True, zones.preferred(call)
    found: list[dict[str, Any]] = []
    for window in _slots(call, record("timeConstraint", call.argument(body, "timeConstraint")), length):
        if len(found) == most:
            break
        mine = _state(call, call.account.email, window)
        states = [_state(call, one["emailAddress"]["address"], window) for one in guests]
        confidence = sum(_CHANCES[state] for state in states) / len(states) if states else 100.0
        if (own and not _CHANCES[mine]) or confidence < least:
            continue
        found.append(
            {
                "confidence": confidence,
                "order": len(found) + 1,
                "organizerAvailability": mine,
                "suggestionReason": "Suggested because it is one of the nearest times when all attendees are available."
                if reasons
                else None,
                "attendeeAvailability": [
                    {"availability": state, "attendee": one} for one, state in zip(guests, states, strict=True)
                ],
                "locations": [],
                "meetingTimeSlot": {
                    name: zones.shown(moment, "UTC", zone, all_day=False)
                    for name, moment in (("start", window.low), ("end", window.high))
                },
            }
        )
    reason = "" if found else "attendeesUnavailableOrUnknown" if guests else "organizerUnavailable"
    kind = f"{call.root}/$metadata#microsoft.graph.meetingTimeSuggestionsResult"
    return Answer(body={"@odata.context": kind, "emptySuggestionsReason": reason, "meetingTimeSuggestions": found})


def _length(text: Any) -> timedelta:
    match = _DURATION.fullmatch(str(text))
    if match is None or not any(match.groups()):
        raise bad_request("meetingDuration is not a duration.", "ErrorInvalidRequest")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _slots(call: Call, constraint: dict[str, Any], length: timedelta) -> Iterator[Window]:
    """The possible times in naive UTC: of work unless other hours are wanted, in the next week by default."""
    now = zones.aware_to_utc(call.store.now())
    bounds = [
        tuple(zones.utc(*zones.given(one.get(name), name)) for name in ("start", "end"))
        for one in records("timeSlots", constraint.get("timeSlots"))
    ]
    domain = str(constraint.get("activityDomain") or "work").lower()
    zone = schedule.zone_of(call, call.account)
    for low, high in bounds or [(now, now + _WEEK)]:
        start = max(low, now)
        start += (_MIDNIGHT - start) % _STEP
        while start + length <= high:
            if domain in ("unrestricted", "personal") or _at_work(start, length, zone):
                yield Window(start, start + length)
            start += _STEP


def _at_work(start: datetime, length: timedelta, zone: str) -> bool:
    begins, ends = (zones.rezoned(moment, "UTC", zone) for moment in (start, start + length))
    same = begins.date() == ends.date()
    return same and begins.weekday() < 5 and _WORK[0] <= begins.time() and ends.time() <= _WORK[1]


def _state(call: Call, address: str, window: Window) -> str:
    """What somebody is in a window; nobody knows of those who are not here."""
    account = accounts.by_email(call.store, "microsoft", address)
    if account is None:
        return "unknown"
    sql = "SELECT id FROM graph_calendar WHERE account = ? AND is_default"
    entries = view.entries(call.store, call.store.value(sql, account.id), window)
    states = [json.loads(one.row["fields"])["showAs"] for one in entries]
    return min(states, key=lambda state: _CHANCES[state], default="free")
