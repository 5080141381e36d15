"""getSchedule: when accounts of the sandbox are free ("calendar: getSchedule"). Private events hide their details.

For work and school accounts only.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.microsoft import tenants, zones
from sandbox.microsoft.calendar import store, view
from sandbox.microsoft.calendar.view import Entry, Window
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request

DIGITS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4", "unknown": "2"}
_WEIGHT = "04123"  # which digit wins within an interval, weakest first
MOST = 20
LONGEST = timedelta(days=62)


def get_schedule(call: Call, calendar: str | None = None) -> Answer:
    """POST /me/calendar/getSchedule."""
    tenants.refuse_personal(call)
    store.calendar(call, calendar)
    body = call.json()
    names, interval = call.argument(body, "schedules"), call.argument(body, "availabilityViewInterval") or 30
    if not isinstance(names, list) or not 1 <= len(names) <= MOST:
        raise bad_request(f"Between one and {MOST} schedules can be asked for.", "ErrorInvalidRequest")
    if not isinstance(interval, int) or not 5 <= interval <= 1440:
        raise bad_request("availabilityViewInterval is between 5 and 1440 minutes.", "ErrorInvalidRequest")
    start, end = (zones.utc(*zones.given(call.argument(body, name), name)) for name in ("startTime", "endTime"))
    if not start < end <= start + LONGEST or end - start < timedelta(minutes=interval):
        raise GraphError(400, "5006", "The requested time window is not valid.")
    window, zone = Window(start, end), zones.preferred(call)
    found = [_information(call, str(name), window, timedelta(minutes=interval), zone) for name in names]
    kind = f"{call.root}/$metadata#Collection(microsoft.graph.scheduleInformation)"
    return Answer(body={"@odata.context": kind, "value": found})


def _information(call: Call, name: str, window: Window, interval: timedelta, zone: str) -> dict[str, Any]:
    account = accounts.by_email(call.store, "microsoft", name)
    if account is None:
        message = "Unable to resolve e-mail address to an Active Directory object."
        return {"scheduleId": name, "error": {"message": message, "responseCode": "ErrorMailRecipientNotFound"}}
    sql = "SELECT id FROM graph_calendar WHERE account = ? AND is_default"
    entries = view.entries(call.store, call.store.value(sql, account.id), window)
    busy = [(one, json.loads(one.row["fields"])) for one in entries]
    return {
        "scheduleId": name,
        "availabilityView": _digits(busy, window, interval),
        "scheduleItems": [_item(one, fields, zone) for one, fields in busy],
        "workingHours": _hours(call, account),
    }


def _digits(busy: list[tuple[Entry, dict[str, Any]]], window: Window, interval: timedelta) -> str:
    """A digit for each interval: that of the event that binds most."""
    spans = [(*view.utc_times(one.row, one.day), DIGITS[fields["showAs"]]) for one, fields in busy]
    digits, slot = "", window.low
    while slot < window.high:
        told = [digit for start, end, digit in spans if start < slot + interval and end > slot]
        digits += max(told, key=_WEIGHT.index, default="0")
        slot += interval
    return digits


def _item(one: Entry, fields: dict[str, Any], zone: str) -> dict[str, Any]:
    start, end = view.times(one.row, one.day)
    private, all_day = fields["sensitivity"] == "private", bool(one.row["all_day"])
    item: dict[str, Any] = {
        "isPrivate": private,
        "status": fields["showAs"],
        "start": zones.shown(start, one.row["zone"], zone, all_day=all_day),
        "end": zones.shown(end, one.row["zone"], zone, all_day=all_day),
    }
    if not private:
        item |= {"subject": one.row["subject"], "location": fields["location"]["displayName"]}
    return item


def zone_of(call: Call, account: Account) -> str:
    """The time zone of a mailbox."""
    text = call.store.value("SELECT settings FROM graph_mailbox WHERE account = ?", account.id) or "{}"
    return str(json.loads(text).get("timeZone", "UTC"))


def _hours(call: Call, account: Account) -> dict[str, Any]:
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    day = {"startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}
    return {"daysOfWeek": weekdays, **day, "timeZone": {"name": zone_of(call, account)}}
