"""Google Calendar for scripts: each method is one thing that the Calendar API does, in Google's own shapes.

Nothing here is stored; the next sync brings what was changed. Syncing itself is in ``calendar``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from integrations.errors import PermanentFailure
from integrations.providers.base import Session
from integrations.providers.google import busy
from integrations.providers.google.api import calendar_api, call
from integrations.providers.google.calendar_event import CalendarDefaults, event_record
from integrations.providers.google.live_pages import Json, first, walk
from integrations.providers.moments import Moment, rfc3339
from integrations.records import EventRecord

MOST_OF_A_PAGE = 250


class GoogleCalendarApi:
    """One account's calendars. ``calendar_id`` is ``"primary"`` or an id of ``list_calendars``.

    Every method raises ``integrations.errors``. Google sends nobody mail about a change unless ``send_updates`` is
    ``"all"`` or ``"externalOnly"``.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = calendar_api(session.endpoints["calendar"])

    def list_calendars(self) -> list[Json]:
        """All calendars in the account's list (Calendar API, calendarList.list)."""
        lists = self._api.calendarList()
        return list(walk(self._session, lambda page: lists.list(maxResults=MOST_OF_A_PAGE, **cast(Any, page)), "items"))

    def get_calendar(self, calendar_id: str = "primary") -> Json:
        """One calendar as the account's list has it: the default one, or another. Raises ``NotFound``."""
        return dict(call(self._session, self._api.calendarList().get(calendarId=calendar_id)))

    def iter_events(
        self,
        calendar_id: str = "primary",
        start_date: Moment | None = None,
        end_date: Moment | None = None,
        query: str = "",
    ) -> Iterator[Json]:
        """Every event from ``start_date`` (now, if not given) until ``end_date``, instances of series one by one."""
        options: dict[str, Any] = {
            "calendarId": calendar_id,
            "singleEvents": True,
            "orderBy": "startTime",
            "maxResults": MOST_OF_A_PAGE,
            "timeMin": rfc3339(start_date if start_date is not None else datetime.now().astimezone()),
        }
        if end_date is not None:
            options["timeMax"] = rfc3339(end_date)
        if query:
            options["q"] = query
        return walk(self._session, lambda page: self._api.events().list(**options, **cast(Any, page)), "items")

    def list_events(
        self,
        calendar_id: str = "primary",
        start_date: Moment | None = None,
        end_date: Moment | None = None,
        max_results: int | None = 100,
        query: str = "",
    ) -> list[Json]:
        """The first ``max_results`` of ``iter_events``; all of them for ``None``."""
        return first(self.iter_events(calendar_id, start_date, end_date, query), max_results)

    def between(self, start: datetime, end: datetime, calendar_id: str = "") -> Iterator[EventRecord]:
        """The same as ``iter_events``, as records."""
        found = self.iter_events(calendar_id or "primary", start, end)
        return (event_record(event, CalendarDefaults()) for event in found)

    def get_event(self, calendar_id: str, event_id: str) -> Json:
        """One event. Raises ``NotFound``."""
        return dict(call(self._session, self._api.events().get(calendarId=calendar_id, eventId=event_id)))

    def list_instances(self, calendar_id: str, event_id: str, max_results: int | None = 250) -> list[Json]:
        """The first instances of a series; all of them for ``None``, as far as Google goes for one without an end."""
        options: Any = {"calendarId": calendar_id, "eventId": event_id, "maxResults": MOST_OF_A_PAGE}
        found = walk(self._session, lambda page: self._api.events().instances(**options, **cast(Any, page)), "items")
        return first(found, max_results)

    def create_event(self, calendar_id: str, event_data: Mapping[str, Any], send_updates: str = "none") -> Json:
        """Make an event; series by ``"recurrence": ["RRULE:…"]``.

        >>> calendar.create_event("primary", {
        ...     "summary": "Tea",
        ...     "start": {"dateTime": "2026-06-15T15:00:00+02:00"},
        ...     "end": {"dateTime": "2026-06-15T16:00:00+02:00"},
        ... })  # doctest: +SKIP
        """
        options: Any = {"calendarId": calendar_id, "body": dict(event_data), "sendUpdates": send_updates}
        if "conferenceData" in event_data:
            options["conferenceDataVersion"] = 1
        return dict(call(self._session, self._api.events().insert(**options)))

    def update_event(
        self, calendar_id: str, event_id: str, event_data: Mapping[str, Any], send_updates: str = "none"
    ) -> Json:
        """Change what ``event_data`` names and leave the rest as it is (Calendar API, events.patch)."""
        body: Any = dict(event_data)
        built = self._api.events().patch(
            calendarId=calendar_id, eventId=event_id, body=body, sendUpdates=cast(Any, send_updates)
        )
        return dict(call(self._session, built))

    def delete_event(self, calendar_id: str, event_id: str, send_updates: str = "none") -> None:
        """Delete an event; of a series all instances. Raises ``NotFound`` for one that is gone."""
        call(
            self._session,
            self._api.events().delete(calendarId=calendar_id, eventId=event_id, sendUpdates=cast(Any, send_updates)),
        )

    def move_event(self, calendar_id: str, event_id: str, to_calendar_id: str) -> Json:
        """Move an event to another calendar of the account."""
        built = self._api.events().move(calendarId=calendar_id, eventId=event_id, destination=to_calendar_id)
        return dict(call(self._session, built))

    def respond(self, calendar_id: str, event_id: str, answer: str, comment: str = "") -> Json:
        """Answer an invitation: ``"accepted"``, ``"declined"`` or ``"tentative"``. Its organiser is told.

        Raises ``PermanentFailure`` where the account is not among the guests.
        """
        attendees = self.get_event(calendar_id, event_id).get("attendees") or []
        mine = next((a for a in attendees if a.get("self")), None)
        if mine is None:
            raise PermanentFailure(f"{self._session.account_email} is not invited to this event.", code="no_guest")
        mine |= {"responseStatus": answer, **({"comment": comment} if comment else {})}
        return self.update_event(calendar_id, event_id, {"attendees": attendees}, send_updates="all")

    def free_busy(
        self, start: Moment, end: Moment, calendar_ids: Sequence[str] = ("primary",)
    ) -> dict[str, list[Json]]:
        """The busy times of each calendar, in order, as ``{"start", "end"}`` in UTC; what overlaps is one.

        They are made of the events themselves, which OsMEN may see anyway, so that no further permission is needed.
        """
        return {name: busy.times(self.iter_events(name, start, end)) for name in calendar_ids}

    def create_calendar(self, name: str, time_zone: str = "") -> Json:
        """Make a calendar of the account's own. Needs the permission ``calendar``."""
        body: Any = {"summary": name, **({"timeZone": time_zone} if time_zone else {})}
        return dict(call(self._session, self._api.calendars().insert(body=body)))

    def update_calendar(self, calendar_id: str, calendar_data: Mapping[str, Any]) -> Json:
        """Change a calendar's name, description or zone. Needs the permission ``calendar``."""
        body: Any = dict(calendar_data)
        return dict(call(self._session, self._api.calendars().patch(calendarId=calendar_id, body=body)))

    def delete_calendar(self, calendar_id: str) -> None:
        """Delete a calendar with all of its events. Needs the permission ``calendar``."""
        call(self._session, self._api.calendars().delete(calendarId=calendar_id))
