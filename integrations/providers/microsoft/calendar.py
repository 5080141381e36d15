"""Outlook calendars of one account through Microsoft Graph: a collection is a calendar.

Graph tells changes of a window of time only (Microsoft Graph, "event: delta"). So a full round reads a window around
today first, then the list of all events, for the complete history. A window comes in no order that is promised, so
this week is asked for apart and told with the first page of a long one. After the round each run follows the
window's delta link, and once an hour asks for events that changed since, for those outside the window. What was
deleted outside the window is noticed by the next full round; one is due every week, and moves the window on.

Masters are always fetched one by one: only so Graph names their exceptions and cancelled instances ("Get event"). A
cancelled instance is an EXDATE of its master, and may never be named as removed: whoever keeps occurrences or
exceptions drops those that the EXDATEs name. Occurrences of the window come as records; outside it the master's RRULE
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from integrations.errors import NotFound, PermanentFailure, ScopeMissing
from integrations.providers import this_week
from integrations.providers.base import Session
from integrations.providers.microsoft import calendar_event as mapping
from integrations.providers.microsoft import push, zones
from integrations.providers.microsoft.calendar_edit import EventEditor
from integrations.providers.microsoft.calendar_pages import Reader
from integrations.providers.microsoft.calendar_position import Position, Stage, window
from integrations.providers.microsoft.graph import DELTA, NEXT, Graph, Json, path, with_query
from integrations.records import (
    CalendarRecord,
    ChangeRecord,
    ChannelRecord,
    CollectionRecord,
    Discovery,
    EventRecord,
    Page,
    Service,
)

PAGE_SIZE = 50
WEEK_SIZE = 250
_PAGING = f"odata.maxpagesize={PAGE_SIZE}"
_CALENDARS = {"$top": "100", "$select": "id,name,color,hexColor,isDefaultCalendar,canEdit"}
_COLOURS = {
    "lightblue": "#a6d1f5",
    "lightgreen": "#87d28e",
    "lightorange": "#fcab73",
    "lightgray": "#c0c0c0",
    "lightyellow": "#f5dd59",
    "lightteal": "#6bd6d2",
    "lightpink": "#f08cc0",
    "lightbrown": "#cba287",
    "lightred": "#f88c9b",
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class OutlookCalendar:
    """``CalendarClient`` for Microsoft."""

    def __init__(self, session: Session, now: Callable[[], datetime] = _utc_now) -> None:
        self._graph = Graph(session, 'outlook.timezone="UTC"')
        self._me = session.account_email
        self._now = now

    def discover(self) -> Discovery:
        """All calendars of the account, each a collection; the primary one comes first."""
        zone = self._time_zone()
        items = [item for page in self._graph.pages(path("me", "calendars"), _CALENDARS) for item in page]
        calendars = tuple(_calendar(item, zone) for item in items)
        ordered = sorted(calendars, key=lambda c: not c.primary)
        collections = (CollectionRecord(Service.CALENDAR, c.id, c.name, 0 if c.primary else 10) for c in ordered)
        return Discovery(calendars, tuple(collections))

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[EventRecord]]:
        """Pages of a full round or of a run after one.

        Raises ``CursorExpired``, and ``NotFound`` for a calendar that is gone.
        """
        now = self._now()
        position = Position.read(cursor) if cursor is not None else Position.beginning(now)
        if position.round_due(now):
            position = Position.beginning(now)
        elif position.stage is Stage.CHANGED:
            # What changed since the run was cut off is in a new listing only.
            position = replace(position, link="")
        reader = Reader(self._graph, self._me)
        complete = False
        while not complete:
            full = position.stage in (Stage.WINDOW, Stage.EVERYTHING)
            answer = self._fetch(collection.id, position)
            items = answer.get("value", [])
            if position.stage is Stage.WINDOW and not position.link and answer.get(NEXT):
                items = [*items, *self._this_week(collection.id, now)]
            changed, removed = reader.read(items)
            position, complete = _advance(position, answer, now)
            yield Page(position.write(), changed, removed, complete=complete, full=full)

    def poll(self, cursors_of: Mapping[str, str]) -> frozenset[str]:
        """See ``Polls``; what is due for more than its delta link counts as changed."""
        now = self._now()
        positions = {i: Position.read(cursor) for i, cursor in cursors_of.items()}
        resting = {
            i: p.link
            for i, p in positions.items()
            if p.stage is Stage.DELTA and not p.round_due(now) and not p.check_due(now)
        }
        return frozenset(cursors_of.keys() - self._graph.unchanged(resting, prefer=(_PAGING,)))

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[EventRecord, ...], tuple[str, ...]]:
        """See ``Reads``. What belongs to a sampled series comes along."""
        asked = [with_query(path("me", "events", i), {"$select": mapping.SELECT}) for i in ids]
        items = [item for item in self._graph.get_many(asked) if isinstance(item, dict)]
        changed, _ = Reader(self._graph, self._me).read(items)
        return changed, tuple({*ids} - {item["id"] for item in items})

    def watch(self, collection_id: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
        """See ``push.watch``."""
        return push.watch(self._graph, f"me/calendars/{collection_id}/events", channel, secret, address)

    def unwatch(self, channel: ChannelRecord) -> None:
        """See ``Pushes``."""
        push.unwatch(self._graph, channel)

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        """See ``EventEditor``."""
        return EventEditor(self._graph, self._me).apply(change)

    def _fetch(self, calendar: str, position: Position) -> Json:
        prefer = (_PAGING,) if position.stage in (Stage.WINDOW, Stage.DELTA) else ()
        if position.link:
            return self._graph.get(position.link, prefer=prefer)
        if position.stage is Stage.WINDOW:
            return self._graph.get(
                path("me", "calendars", calendar, "calendarView", "delta"), window(position.started), prefer=prefer
            )
        params = {"$top": str(PAGE_SIZE), "$select": mapping.SELECT}
        if position.stage is Stage.CHANGED:
            params["$filter"] = f"lastModifiedDateTime ge {position.since()}"
        return self._graph.get(path("me", "calendars", calendar, "events"), params)

    def _this_week(self, calendar: str, now: datetime) -> list[Json]:
        """The events around today, as many as one answer holds."""
        first, last = this_week.bounds(now)
        asked = {"startDateTime": first, "endDateTime": last, "$top": str(WEEK_SIZE), "$select": mapping.SELECT}
        answer = self._graph.get(path("me", "calendars", calendar, "calendarView"), asked)
        near: list[Json] = answer.get("value", [])
        return near

    def _time_zone(self) -> str:
        """The owner's zone: calendars at Microsoft have none. UTC where the settings may not or cannot be read."""
        try:
            answer = self._graph.get(path("me", "mailboxSettings"))
        except (NotFound, PermanentFailure, ScopeMissing):
            return "UTC"
        return zones.iana(answer.get("timeZone") or "") or "UTC"


def _advance(position: Position, answer: Json, now: datetime) -> tuple[Position, bool]:
    """Where to go on after an answer, and whether that ends the run."""
    if link := answer.get(NEXT):
        return replace(position, link=link), False
    if position.stage in (Stage.WINDOW, Stage.DELTA):
        delta = answer.get(DELTA)
        if not delta:
            raise PermanentFailure("Microsoft's answer does not say how to continue.", code="no_link")
        if position.stage is Stage.WINDOW:
            return replace(position, stage=Stage.EVERYTHING, link="", delta=delta), False
        if position.check_due(now):
            return replace(position, stage=Stage.CHANGED, link="", delta=delta), False
        return replace(position, link=delta), True
    # Changes made during the walk may have been passed over, so only its beginning counts as checked.
    checked = position.started if position.stage is Stage.EVERYTHING else now.isoformat()
    return replace(position, stage=Stage.DELTA, link=position.delta, delta="", checked=checked), True


def _calendar(item: Json, zone: str) -> CalendarRecord:
    return CalendarRecord(
        id=item["id"],
        name=item.get("name") or "",
        time_zone=zone,
        colour=(item.get("hexColor") or _COLOURS.get(str(item.get("color", "")).casefold(), "")).lower(),
        primary=bool(item.get("isDefaultCalendar")),
        writable=bool(item.get("canEdit")),
    )
