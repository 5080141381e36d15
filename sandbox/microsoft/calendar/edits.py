"""Writing events: create, change and delete single events, series, and occurrences of a series.

"Create event", "Update event", "Delete event". A changed occurrence becomes an exception; it may not pass its
neighbours. Guests are told by mail (``notices``).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sandbox.microsoft import clock, ids, zones
from sandbox.microsoft.calendar import keeping, notices, recurrence, render, store, view
from sandbox.microsoft.calendar.given import defaults, merged
from sandbox.microsoft.calendar.recurrence import Inexpressible
from sandbox.microsoft.calendar.render import EVENT
from sandbox.microsoft.calendar.store import Draft, Found
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.conditions import unchanged_since
from sandbox.microsoft.errors import GraphError, bad_request
from sandbox.microsoft.odata import Shape, check
from sandbox.microsoft.zones import EARLIEST


def shown(call: Call, found: Found, status: int) -> Answer:
    """An event after a write."""
    item = render.event(call, found.row, Shape(EVENT), found.day)
    return Answer(status, {"@odata.context": call.context("events", one=True), **item})


def create(call: Call, calendar: str | None = None) -> Answer:
    """POST …/events. The same transactionId again gives the event that is there."""
    check(call)
    home = store.calendar(call, calendar)
    if not home["can_edit"]:
        raise GraphError(403, "ErrorAccessDenied", "The calendar cannot be written to.")
    body = call.json()
    transaction = body.pop("transactionId", None)
    if transaction:
        sql = "SELECT * FROM graph_event WHERE account = ? AND transaction_id = ?"
        if (row := call.store.row(sql, call.account.id, str(transaction))) is not None:
            return shown(call, Found(row), 201)
    for name in ("start", "end"):
        if name not in body:
            raise bad_request(f"The property '{name}' is required.", "ErrorPropertyValidationFailure")
    draft = Draft("single", home["id"], EARLIEST, EARLIEST, "UTC", _uid(call), "", fields=defaults(call.account))
    _fill(call, draft, body)
    draft.transaction = str(transaction) if transaction else None
    number = store.insert(call.store, call.account, draft)
    notices.changed(call.store, call.account, None, number)
    return shown(call, Found(keeping.row_of(call.store, number)), 201)


def _uid(call: Call) -> str:
    """A new event's UID, of the form that Outlook gives (a global object id)."""
    key = ids.change_key("uid", call.account.id, clock.mark(call.store, call.account))
    return "040000008200E00074C5B7101A82E008" + key.encode().hex().upper()[:64]


def _fill(call: Call, draft: Draft, body: dict[str, Any]) -> None:
    """Put a request's properties into a draft."""
    rest = {k: v for k, v in body.items() if "@" not in k}
    if "start" in rest:
        draft.start, draft.zone = zones.given(rest.pop("start"), "start")
    if "end" in rest:
        end, zone = zones.given(rest.pop("end"), "end")
        draft.end = end if zone == draft.zone else zones.rezoned(end, zone, draft.zone)
    if "isAllDay" in rest:
        draft.all_day = rest.pop("isAllDay") is True
    if draft.end < draft.start:
        raise bad_request("The event ends before it starts.", "ErrorPropertyValidationFailure")
    if not zones.storable(draft.start, draft.end):
        raise bad_request("The times of the event are out of range.", "ErrorPropertyValidationFailure")
    midnight = draft.start.time() == draft.end.time() == datetime.min.time()
    if draft.all_day and (not midnight or draft.end == draft.start):
        raise bad_request(
            "The Event.Start and Event.End of an all-day event must be midnight and at least a day apart.",
            "ErrorPropertyValidationFailure",
        )
    if "recurrence" in rest:
        _repeat(draft, rest.pop("recurrence"))
    if "subject" in rest:
        draft.subject = str(rest.pop("subject") or "")
    draft.fields = merged(draft.fields, rest)


def _repeat(draft: Draft, value: Any) -> None:
    if draft.master is not None:
        raise bad_request("An occurrence has no recurrence of its own.", "ErrorInvalidRequest")
    if value is None:
        draft.kind, draft.recurrence = "single", ""
        return
    try:
        draft.kind, draft.recurrence = "master", recurrence.given(value, draft.start, draft.zone)
    except (Inexpressible, zones.UnknownZone) as reason:
        raise bad_request(f"The recurrence is not valid: {reason}.", "ErrorInvalidRecurrence") from None


def update(call: Call, event: str, calendar: str | None = None) -> Answer:
    """PATCH an event, a series, an exception, or an occurrence, which becomes an exception."""
    check(call)
    found = store.find(call, event, calendar)
    unchanged_since(call, "event", found.row)
    body = call.json()
    before = notices.as_meeting(call.store, call.account, found.row, found.day)
    row = keeping.own_row(call.store, call.account, found)
    draft = keeping.draft_of(row)
    was = keeping.pattern_of(draft)
    _fill(call, draft, body)
    if draft.master is not None and ("start" in body or "end" in body):
        _between(call, draft)
    if keeping.pattern_of(draft) != was:
        notices.ask_again(draft)
    keeping.save(call.store, call.account, row["id"], draft)
    notices.changed(call.store, call.account, before, row["id"])
    return shown(call, Found(keeping.row_of(call.store, row["id"])), 200)


def _between(call: Call, draft: Draft) -> None:
    """Refuse an exception on or past the day of a neighbour ("Update event")."""
    series = call.store.row("SELECT * FROM graph_event WHERE id = ?", draft.master)
    assert series is not None and draft.day is not None
    day, new = date.fromordinal(draft.day), draft.start.date()
    known = store.children(call.store, series["id"])
    for number, other in store.near(series, day):
        child = known.get(number)
        if child is not None and child["kind"] == "cancelled":
            continue
        there = view.times(child)[0].date() if child is not None else other
        if (other < day and new <= there) or (other > day and new >= there):
            raise bad_request(
                "Modified occurrence is crossing or overlapping adjacent occurrence.", "ErrorOccurrenceCrossingBoundary"
            )


def change_fields(call: Call, found: Found, **changes: Any) -> None:
    """Set some of an event's fields; of an unchanged occurrence they make an exception."""
    row = keeping.own_row(call.store, call.account, found)
    draft = keeping.draft_of(row)
    draft.fields |= changes
    keeping.save(call.store, call.account, row["id"], draft)


def remove(call: Call, event: str, calendar: str | None = None) -> Answer:
    """DELETE: an event or a whole series is gone; an occurrence is cancelled in its series. Guests are told."""
    found = store.find(call, event, calendar)
    unchanged_since(call, "event", found.row)
    call_off(call, found)
    return Answer(204)


def call_off(call: Call, found: Found, comment: str = "") -> None:
    """Take an event out of its calendar, and tell those whom its organizer has invited."""
    notices.called_off(call.store, call.account, found, comment)
    keeping.remove(call.store, call.account, found)
