"""All calendars of a user as one, live: each call goes to the provider at once and answers what it has then.

A write goes to the account that was named, or to the only one, or to the primary one. It never goes anywhere else by
itself: an event that appears in another account than the one that was meant is worse than an error.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, TypedDict

from integrations.errors import IntegrationError, PermanentFailure
from integrations.layers.accounts import Accounts, ChoiceNeeded, alive
from integrations.layers.event_fields import event_fields
from integrations.models import Connection
from integrations.providers.base import registry
from integrations.providers.moments import Moment, instant
from integrations.records import CalendarRecord, ChangeRecord, EventRecord, Operation, Service

YEAR = timedelta(days=365)


class BatchedEvent(TypedDict, total=False):
    """What became of one event of a batch."""

    title: str
    status: str
    id: str
    error: str


class BatchResult(TypedDict):
    """What became of a batch."""

    total: int
    successful: int
    failed: int
    events: list[BatchedEvent]


class CalendarManager:
    """Made by ``IntegrationLayer.get_calendar_manager``. Every method raises ``integrations.errors``."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._defaults: dict[str, str] = {}

    def set_primary_provider(self, provider: str) -> None:
        """Write to this account where none is named: a provider's id, if it has one account, or an address.

        It is kept, and holds for every script and command until another is chosen.
        """
        self._accounts.prefer(self._pick(provider, None))

    def create_event(
        self,
        event_data: Mapping[str, Any],
        provider: str | None = None,
        *,
        account: str | None = None,
        calendar_id: str = "",
        notify: bool = False,
    ) -> EventRecord:
        """Make an event; ``notify``: its guests are told.

        >>> manager.create_event({"title": "Tea", "start": "2026-06-15T15:00+02:00", "end": "2026-06-15T16:00+02:00"},
        ...                      account="ada@example.org")  # doctest: +SKIP
        """
        connection = self._pick(provider, account)
        payload = {"fields": event_fields(event_data), "notify": notify}
        calendar = calendar_id or self._default(connection)
        records = self._apply(connection, Operation.EVENT_CREATE, uuid.uuid4().hex, payload, calendar)
        return records[0]

    def create_events_batch(
        self,
        events: Iterable[Mapping[str, Any]],
        provider: str | None = None,
        *,
        account: str | None = None,
        calendar_id: str = "",
    ) -> BatchResult:
        """Make several events of one account. One that is refused does not stop the others, and is named with why."""
        connection = self._pick(provider, account)
        results: list[BatchedEvent] = []
        for data in events:
            title = str(data.get("title") or data.get("summary") or data.get("subject") or "")
            try:
                made = self.create_event(data, account=str(connection.pk), calendar_id=calendar_id)
            except PermanentFailure as error:
                results.append({"title": title, "status": "failed", "error": error.explanation})
            else:
                results.append({"title": title, "status": "success", "id": made.id})
        good = sum(one["status"] == "success" for one in results)
        return {"total": len(results), "successful": good, "failed": len(results) - good, "events": results}

    def list_events(
        self,
        max_results: int | None = 10,
        provider: str | None = None,
        *,
        account: str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        calendar_id: str = "",
    ) -> list[EventRecord]:
        """What takes place from ``start`` (now) until ``end`` (a year later) in the default calendars, in order.

        Of all accounts, unless one is named. If one cannot be read the error says which; nothing is left out silently.
        """
        since = instant(start) if start is not None else datetime.now(UTC)
        until = instant(end) if end is not None else since + YEAR
        if provider or account:
            chosen = [self._pick(provider, account)]
        else:
            chosen = [alive(c) for c in self._accounts.all(Service.CALENDAR)]
        walks = []
        for connection in chosen:
            live = connection.provider_spec.live_calendar(self._accounts.session(connection, Service.CALENDAR))
            walks.append(live.between(since, until, calendar_id))
        return list(islice(merge(*walks, key=_begins), max_results))

    def update_event(
        self,
        event_id: str,
        event_data: Mapping[str, Any],
        provider: str | None = None,
        *,
        account: str | None = None,
        calendar_id: str = "",
        notify: bool = False,
    ) -> EventRecord:
        """Change what ``event_data`` names. Raises ``NotFound`` for an event that the account does not have."""
        connection = self._pick(provider, account)
        payload = {"fields": event_fields(event_data), "was": {}, "notify": notify}
        calendar = calendar_id or self._default(connection)
        return self._apply(connection, Operation.EVENT_UPDATE, event_id, payload, calendar)[0]

    def delete_event(
        self,
        event_id: str,
        provider: str | None = None,
        *,
        account: str | None = None,
        calendar_id: str = "",
        notify: bool = False,
    ) -> None:
        """Delete an event. Raises ``NotFound`` for one that the account does not have."""
        connection = self._pick(provider, account)
        calendar = calendar_id or self._default(connection)
        self._apply(connection, Operation.EVENT_DELETE, event_id, {"notify": notify}, calendar)

    def list_calendars(self, provider: str | None = None, *, account: str | None = None) -> list[CalendarRecord]:
        """The calendars of an account."""
        connection = self._pick(provider, account)
        session = self._accounts.session(connection, Service.CALENDAR)
        found = connection.provider_spec.calendar(session).discover().containers
        return [one for one in found if isinstance(one, CalendarRecord)]

    def get_status(self) -> dict[str, Any]:
        """Which accounts have calendars, which of them is primary, and which providers could be connected."""
        able = self._accounts.all(Service.CALENDAR)
        chosen = self._accounts.primary(Service.CALENDAR)
        primary = next((c for c in able if c == chosen), able[0] if len(able) == 1 else None)
        return {
            "configured_providers": list(dict.fromkeys(c.provider for c in able)),
            "accounts": [{"account": c.email, "provider": c.provider, "state": str(c.state)} for c in able],
            "primary_provider": primary.provider if primary else None,
            "primary_account": primary.email if primary else None,
        }

    def _pick(self, provider: str | None, account: str | None) -> Connection:
        """The account to write to. ``provider`` may be an address as well."""
        if provider is not None and provider not in registry:
            provider, account = None, account or provider
        try:
            return self._accounts.for_writing(Service.CALENDAR, provider, account)
        except ChoiceNeeded as error:
            said = f"Several accounts have calendars: {', '.join(error.choices)}. Say which with account=…"
            raise ChoiceNeeded(f"{said} or set_primary_provider(…).", error.choices) from None

    def _default(self, connection: Connection) -> str:
        """The id of an account's default calendar, asked for once."""
        key = str(connection.pk)
        if key not in self._defaults:
            calendars = self.list_calendars(account=key)
            self._defaults[key] = next((c.id for c in calendars if c.primary), "")
        return self._defaults[key]

    def _apply(
        self, connection: Connection, operation: Operation, target: str, payload: dict[str, object], calendar: str
    ) -> tuple[EventRecord, ...]:
        change = ChangeRecord(str(uuid.uuid4()), operation, target, payload, calendar)
        session = self._accounts.session(connection, Service.CALENDAR)
        try:
            return connection.provider_spec.calendar(session).apply(change)
        except IntegrationError as error:
            error.add_note(f"In the calendar of {connection.email}.")
            raise


def _begins(event: EventRecord) -> datetime:
    start = event.start
    return start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=UTC)
