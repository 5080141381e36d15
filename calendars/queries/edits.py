"""The edits of events that are not settled: what is on its way, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from calendars.models import Calendar, Event
from integrations.models import Change
from integrations.models.change import ChangeState
from integrations.records import Service

Key = tuple[UUID, str, str]


def unsettled(calendars: Iterable[Calendar]) -> dict[Key, str]:
    """The state of every event with such an edit, by connection, calendar and id; refused counts more. One query.

    An instance of a series is there by ``instance_key`` as well: after a refusal it is an ordinary one again.
    """
    connections = {c.connection_id for c in calendars}
    rows = Change.objects.filter(connection__in=connections, service=Service.CALENDAR).exclude(state=ChangeState.DONE)
    found: dict[Key, str] = {}
    for change in rows.only("connection", "collection_id", "target_id", "state", "payload"):
        names = [change.target_id]
        if "instance" in change.payload:
            names.append(instance_key(str(change.payload["series"]), str(change.payload["instance"])))
        for name in names:
            key = (change.connection_id, change.collection_id, name)
            if found.get(key) != ChangeState.REFUSED:
                found[key] = change.state
    return found


def instance_key(series_id: str, start: str) -> str:
    """What an instance that has no row of its own is known by here; ``start`` as an edit names it."""
    return f"{series_id} {start}"


def of_event(event: Event) -> list[Change]:
    """An event's own, and refused ones of instances of its series, oldest first. One query.

    One that waits behind another edit of the account that cannot be sent says why that cannot.
    """
    own = Q(target_id=event.provider_id) | Q(payload__series=event.provider_id, state=ChangeState.REFUSED)
    own &= Q(service=Service.CALENDAR, collection_id=event.calendar.provider_id)
    stuck = Q(state=ChangeState.WAITING) & ~Q(error="")
    rows = Change.objects.filter(own | stuck, connection=event.calendar.connection_id).exclude(state=ChangeState.DONE)
    changes = list(rows.select_related("connection").order_by("number"))
    before = next((c.error for c in changes if c.error and c.state == ChangeState.WAITING), "")
    found = [c for c in changes if event.provider_id in (c.target_id, c.payload.get("series"))]
    for change in found:
        change.error = change.error or (before if change.state == ChangeState.WAITING else "")
    return found


def named(changes: Sequence[Change]) -> dict[int, tuple[str, str]]:
    """The title and the address of each edit's event, by the edit's number. One query."""
    wanted = {i for c in changes for i in (c.target_id, str(c.payload.get("series") or "")) if i}
    rows = Event.objects.filter(
        calendar__connection__in={c.connection_id for c in changes}, provider_id__in=wanted
    ).select_related("calendar")
    at = {(e.calendar.connection_id, e.calendar.provider_id, e.provider_id): e for e in rows}
    found: dict[int, tuple[str, str]] = {}
    for change in changes:
        where = change.connection_id, change.collection_id
        event = at.get((*where, change.target_id)) or at.get((*where, str(change.payload.get("series") or "")))
        shown = event is not None and not (event.leaving or event.cancelled)
        title = event.title if event else ""
        found[change.number] = (title or "An event", f"/calendar/event/{event.pk}/" if event and shown else "")
    return found
