"""What became of edits of an event, in words: on its way, kept until later, refused and why. Reads no table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from accounts.clock import Clock
from calendars.models import Event
from calendars.recurrence import instant
from calendars.store.edits import fields_of
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Operation

_NAMES = {
    "title": "Title",
    "start": "Start",
    "end": "End",
    "location": "Place",
    "description": "Notes",
    "attendees": "Guests",
    "time_zone": "Time zone",
}
_DONE = {
    Operation.EVENT_CREATE.value: "add this event",
    Operation.EVENT_UPDATE.value: "change this event",
    Operation.EVENT_DELETE.value: "delete this event",
    Operation.EVENT_ANSWER.value: "take your answer",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that the provider refused: why, and field by field what was wanted and what is there."""

    id: str
    text: str
    conflict: bool
    fields: tuple[tuple[str, str, str], ...]


def sending(changes: Sequence[Change]) -> str:
    """What is said of edits that have not arrived."""
    waiting = [c for c in changes if c.state != ChangeState.REFUSED]
    if not waiting:
        return ""
    vendor = waiting[0].connection.provider_spec.name
    if error := waiting[0].error:
        return f"Your change is kept and not at {vendor} yet. {error} It is tried again by itself."
    return f"Your change is on its way to {vendor}."


def refused(changes: Sequence[Change], event: Event | None, clock: Clock) -> list[Refused]:
    return [_refused(c, event, clock) for c in changes if c.state == ChangeState.REFUSED]


def in_a_line(change: Change) -> str:
    """Why an edit was refused."""
    vendor = change.connection.provider_spec.name
    if change.error_code == "conflict":
        return f"This was changed at {vendor} while you changed it here."
    return f"{vendor} refused to {_DONE.get(change.operation, 'do this')}. {change.error}".strip()


def _refused(change: Change, event: Event | None, clock: Clock) -> Refused:
    fields = change.payload.get("fields")
    rows: list[tuple[str, str, str]] = []
    if event is not None and isinstance(fields, dict) and change.operation == Operation.EVENT_UPDATE:
        # Of an instance that is an ordinary one again, what is there is what the editor saw.
        there = change.payload.get("was") if "series" in change.payload else fields_of(event)
        theirs = there if isinstance(there, dict) else {}
        rows = [(_NAMES[n], _said(v, clock), _said(theirs.get(n), clock)) for n, v in fields.items() if n in _NAMES]
    return Refused(str(change.id), in_a_line(change), change.error_code == "conflict", tuple(rows))


def _said(value: Any, clock: Clock) -> str:
    """A field in words."""
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    moment = _moment(value)
    if isinstance(moment, datetime):
        wall = clock.wall(moment)
        return f"{clock.day(wall)}, {clock.hour(wall)}"
    return clock.day(instant(moment).astimezone(UTC)) if moment else str(value or "nothing")


def _moment(value: Any) -> datetime | date | None:
    if not isinstance(value, str) or not value[:4].isdecimal() or len(value) < 10:
        return None
    try:
        return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    except ValueError:
        return None
