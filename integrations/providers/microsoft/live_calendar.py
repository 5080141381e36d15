"""Outlook's calendars for scripts: each method is one thing that Microsoft Graph does, in Graph's own shapes.

Times in answers are in UTC. Nothing here is stored; the next sync brings what was changed. Syncing itself is in
``calendar``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from integrations.errors import PermanentFailure
from integrations.providers.base import Session
from integrations.providers.microsoft import calendar_event
from integrations.providers.microsoft.graph import Graph, Json, path
from integrations.providers.moments import Moment, instant, rfc3339
from integrations.records import EventRecord

YEAR = timedelta(days=365)
_ANSWERS = {"accepted": "accept", "declined": "decline", "tentative": "tentativelyAccept"}


class OutlookCalendarApi:
    """One account's calendars. An empty ``calendar_id`` is the default calendar.

    Every method raises ``integrations.errors``. Outlook invites the guests of an event by itself.
    """

    def __init__(self, session: Session) -> None:
        self._graph = Graph(session, 'outlook.timezone="UTC"')
        self._me = session.account_email

    def list_calendars(self) -> list[Json]:
        """All calendars of the account."""
        return list(chain.from_iterable(self._graph.pages("/me/calendars", {"$top": "100"})))

    def get_calendar(self, calendar_id: str | None = None) -> Json:
        """One calendar: the default one, or another. Raises ``NotFound``."""
        return self._graph.get(path("me", "calendars", calendar_id) if calendar_id else "/me/calendar")

    def iter_events(
        self, calendar_id: str | None = None, start_time: Moment | None = None, end_time: Moment | None = None
    ) -> Iterator[Json]:
        """Every event from ``start_time`` (now) until ``end_time`` (a year later), instances of series one by one."""
        since = instant(start_time if start_time is not None else datetime.now().astimezone())
        until = instant(end_time) if end_time is not None else since + YEAR
        params = {
            "startDateTime": rfc3339(since),
            "endDateTime": rfc3339(until),
            "$orderby": "start/dateTime",
            "$top": "100",
        }
        return chain.from_iterable(self._graph.pages(f"{_calendar(calendar_id)}/calendarView", params))

    def list_events(
        self,
        calendar_id: str | None = None,
        start_time: Moment | None = None,
        end_time: Moment | None = None,
        max_results: int | None = 100,
    ) -> list[Json]:
        """The first ``max_results`` of ``iter_events``; all of them for ``None``."""
        return list(islice(self.iter_events(calendar_id, start_time, end_time), max_results))

    def between(self, start: datetime, end: datetime, calendar_id: str = "") -> Iterator[EventRecord]:
        """The same as ``iter_events``, as records."""
        return (calendar_event.event(item, self._me) for item in self.iter_events(calendar_id, start, end))

    def get_event(self, event_id: str) -> Json:
        """One event. Raises ``NotFound``."""
        return self._graph.get(path("me", "events", event_id))

    def list_instances(self, event_id: str, start_time: Moment, end_time: Moment) -> list[Json]:
        """The instances of a series between two instants."""
        params = {"startDateTime": rfc3339(start_time), "endDateTime": rfc3339(end_time)}
        return list(chain.from_iterable(self._graph.pages(path("me", "events", event_id, "instances"), params)))

    def create_event(
        self, calendar_id: str | None = None, event_data: Mapping[str, Any] | None = None, **fields: Any
    ) -> Json:
        """Make an event, in the default calendar unless another is named.

        >>> calendar.create_event(event_data={
        ...     "subject": "Tea",
        ...     "start": {"dateTime": "2026-06-15T15:00:00", "timeZone": "Europe/Berlin"},
        ...     "end": {"dateTime": "2026-06-15T16:00:00", "timeZone": "Europe/Berlin"},
        ... })  # doctest: +SKIP
        """
        return self._graph.post(f"{_calendar(calendar_id)}/events", {**(event_data or {}), **fields})

    def update_event(self, event_id: str, event_data: Mapping[str, Any]) -> Json:
        """Change what ``event_data`` names and leave the rest as it is."""
        return self._graph.patch(path("me", "events", event_id), event_data)

    def delete_event(self, event_id: str) -> None:
        """Delete an event; of a series all instances. Guests of one's own meeting are told."""
        self._graph.delete(path("me", "events", event_id))

    def respond(self, event_id: str, answer: str, comment: str = "", tell: bool = True) -> None:
        """Answer an invitation: ``"accepted"``, ``"declined"`` or ``"tentative"``. ``tell``: its organiser hears of it.

        Raises ``PermanentFailure`` for another answer and where there is no invitation.
        """
        if answer not in _ANSWERS:
            raise PermanentFailure(f"An answer is one of {', '.join(_ANSWERS)}.", code="answer")
        self._graph.post(path("me", "events", event_id, _ANSWERS[answer]), {"comment": comment, "sendResponse": tell})

    def cancel_event(self, event_id: str, comment: str = "") -> None:
        """Cancel a meeting that this account organises, telling its guests why."""
        self._graph.post(path("me", "events", event_id, "cancel"), {"comment": comment})

    def free_busy(self, start: Moment, end: Moment, addresses: Sequence[str] = ()) -> dict[str, list[Json]]:
        """The busy times of people, by address (Microsoft Graph, "calendar: getSchedule"); one's own by default."""
        asked = {
            "schedules": list(addresses) or [self._me],
            "startTime": {"dateTime": rfc3339(start).removesuffix("Z"), "timeZone": "UTC"},
            "endTime": {"dateTime": rfc3339(end).removesuffix("Z"), "timeZone": "UTC"},
        }
        answer = self._graph.post("/me/calendar/getSchedule", asked)
        return {str(one["scheduleId"]): list(one.get("scheduleItems") or ()) for one in answer.get("value", ())}

    def create_calendar(self, name: str) -> Json:
        """Make a calendar of the account's own."""
        return self._graph.post("/me/calendars", {"name": name})

    def update_calendar(self, calendar_id: str, calendar_data: Mapping[str, Any]) -> Json:
        """Change a calendar's name or colour."""
        return self._graph.patch(path("me", "calendars", calendar_id), calendar_data)

    def delete_calendar(self, calendar_id: str) -> None:
        """Delete a calendar with all of its events."""
        self._graph.delete(path("me", "calendars", calendar_id))

    def convert_from_google_format(self, event: Mapping[str, Any]) -> Json:
        """A Google Calendar event as one for ``create_event``. What that loses: ``integrations.convert``."""
        from integrations.convert import event_to_microsoft

        return event_to_microsoft(event).value


def _calendar(calendar_id: str | None) -> str:
    """Where a calendar is; scripts that come from elsewhere call the default one ``primary``."""
    return path("me", "calendars", calendar_id) if calendar_id and calendar_id != "primary" else "/me/calendar"
