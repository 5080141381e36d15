"""Google Calendar for one account, as the contract wants calendars.

Series come as their masters and exceptions and are never expanded here (Calendar API, "Synchronize resources
efficiently"): a sync token belongs to the very parameters of the first call, so every call of a walk states the same.
A walk comes in no order, so this week is asked for apart and told with a long walk's first page. The walk tells it
again, and its sync token, which is from after the first page was asked for, what became of it meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from integrations.providers import this_week
from integrations.providers.base import Session
from integrations.providers.google import batch, cursors, push
from integrations.providers.google.api import calendar_api, calendar_events, call, request_of
from integrations.providers.google.calendar_edit import EventEditor
from integrations.providers.google.calendar_event import CalendarDefaults, calendar_record, event_record, is_removal
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

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

log = logging.getLogger(__name__)

FIRST_PAGE = 100
NEXT_PAGE = 250
BATCH_PATH = "batch/calendar/v3"


class GoogleCalendarClient:
    """A ``CalendarClient``: every calendar in the user's list has a cursor of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = calendar_api(session.endpoints["calendar"])

    def discover(self) -> Discovery:
        """The calendars in the user's list; those that the user hid are left out, as in Google's own pages."""
        calendars: list[CalendarRecord] = []
        page_token, more = "", True
        while more:
            lists = self._api.calendarList()
            built = (
                lists.list(maxResults=NEXT_PAGE, pageToken=page_token)
                if page_token
                else lists.list(maxResults=NEXT_PAGE)
            )
            listed = call(self._session, built)
            calendars += [calendar_record(entry) for entry in listed.get("items") or () if not entry.get("deleted")]
            page_token = str(listed.get("nextPageToken", ""))
            more = bool(page_token)
        collections = (CollectionRecord(Service.CALENDAR, c.id, c.name, _priority(c)) for c in calendars)
        return Discovery(tuple(calendars), tuple(collections))

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[EventRecord]]:
        """Pages after ``cursor``: all events, or those that changed. Raises ``integrations.errors``."""
        position = cursors.load(cursor) if cursor else {}
        sync_token, page_token, more = position.get("sync", ""), position.get("page", ""), True
        while more:
            listed = self._listed(collection.id, sync_token, page_token)
            begins = not (sync_token or page_token)
            page_token = str(listed.get("nextPageToken", ""))
            more = bool(page_token)
            if begins and more:
                listed = self._with_this_week(collection.id, listed)
            after = cursors.dump(sync=sync_token if more else str(listed["nextSyncToken"]), page=page_token)
            changed, removed = _split(listed)
            yield Page(after, changed, removed, complete=not more, full=not sync_token)

    def poll(self, cursors_of: Mapping[str, str]) -> frozenset[str]:
        """See ``Polls``. Calendar API, "Sending batch requests"."""
        asked = {}
        for calendar_id, cursor in cursors_of.items():
            position = cursors.load(cursor)
            if position.get("sync") and not position.get("page"):
                asked[calendar_id] = request_of(self._listing(calendar_id, position["sync"], ""))
        address = f"{urljoin(self._session.endpoints['calendar'], '/')}{BATCH_PATH}"
        answers = batch.ask(self._session, address, asked, "calendar.events.list")
        unchanged = {i for i, answer in answers.items() if answer.ok and _says_nothing(answer.json())}
        return frozenset(cursors_of.keys() - unchanged)

    def read(self, collection_id: str, ids: Sequence[str]) -> tuple[tuple[EventRecord, ...], tuple[str, ...]]:
        """See ``Reads``."""
        events = calendar_events(self._session.endpoints["calendar"])
        asked = {i: request_of(events.get(calendarId=collection_id, eventId=i)) for i in ids}
        address = f"{urljoin(self._session.endpoints['calendar'], '/')}{BATCH_PATH}"
        answers = batch.fetch(self._session, address, asked, "calendar.events.get")
        # The calendar's own defaults are in listings only.
        listed = call(self._session, events.list(calendarId=collection_id, maxResults=1))
        found = {**listed, "items": [answer.json() for answer in answers.values() if answer.ok]}
        changed, removed = _split(found)
        return changed, (*removed, *(i for i, answer in answers.items() if answer.status == 404))

    def watch(self, collection_id: str, channel: ChannelRecord, secret: str, address: str) -> ChannelRecord:
        """See ``push.watch_calendar``."""
        return push.watch_calendar(self._session, collection_id, channel, secret, address)

    def unwatch(self, channel: ChannelRecord) -> None:
        """See ``Pushes``."""
        push.unwatch_calendar(self._session, channel)

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        """See ``EventEditor``."""
        return EventEditor(self._session).apply(change)

    def _listed(self, calendar_id: str, sync_token: str, page_token: str) -> Mapping[str, Any]:
        # 410 is a sync token that is too old, 400 a page token.
        expired = frozenset({400, 410}) if page_token else frozenset({410})
        return call(self._session, self._listing(calendar_id, sync_token, page_token), cursor_statuses=expired)

    def _with_this_week(self, calendar_id: str, listed: Mapping[str, Any]) -> Mapping[str, Any]:
        """A listing that also tells the events around today, as many as one answer holds."""
        first, last = this_week.bounds(datetime.now(UTC))
        events = calendar_events(self._session.endpoints["calendar"])
        near = events.list(
            calendarId=calendar_id, singleEvents=False, timeMin=first, timeMax=last, maxResults=NEXT_PAGE
        )
        told = [*(listed.get("items") or ()), *(call(self._session, near).get("items") or ())]
        return {**listed, "items": list({event["id"]: event for event in told}.values())}

    def _listing(self, calendar_id: str, sync_token: str, page_token: str) -> HttpRequest:
        options: dict[str, Any] = {"calendarId": calendar_id, "singleEvents": False}
        options["maxResults"] = NEXT_PAGE if sync_token or page_token else FIRST_PAGE
        if sync_token:
            options["syncToken"] = sync_token
        if page_token:
            options["pageToken"] = page_token
        return calendar_events(self._session.endpoints["calendar"]).list(**options)


def _says_nothing(listed: Mapping[str, Any]) -> bool:
    return not listed.get("items") and not listed.get("nextPageToken")


def _split(listed: Mapping[str, Any]) -> tuple[tuple[EventRecord, ...], tuple[str, ...]]:
    """A listing's events as records, and the ids of those that are gone."""
    defaults = CalendarDefaults.of(listed)
    changed: list[EventRecord] = []
    removed: list[str] = []
    for event in listed.get("items") or ():
        if is_removal(event):
            removed.append(event["id"])
            continue
        try:
            changed.append(event_record(event, defaults))
        except (KeyError, ValueError, OverflowError) as error:
            # One event that cannot be read must not keep the whole calendar from being synced.
            log.warning("event %s of a Google calendar is left out: %s", event.get("id"), type(error).__name__)
    return tuple(changed), tuple(removed)


def _priority(calendar: CalendarRecord) -> int:
    if calendar.primary:
        return 10
    return 50 if calendar.selected else 100
