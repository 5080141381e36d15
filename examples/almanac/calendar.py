"""Almanac's one calendar, as the contract wants calendars: pages of records after a cursor, and edits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from integrations.errors import (
    CursorExpired,
    IntegrationError,
    PermanentFailure,
    RateLimited,
    TemporaryFailure,
    Unauthorized,
)
from integrations.providers import event_edits
from integrations.providers.base import Session
from integrations.providers.http import Request, Response, send_as
from integrations.records import (
    CalendarRecord,
    ChangeRecord,
    CollectionRecord,
    Discovery,
    EventKind,
    EventRecord,
    Operation,
    Page,
    Service,
)

ONLY = "almanac"


class AlmanacCalendar:
    """A ``CalendarClient``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def discover(self) -> Discovery:
        """An account has one calendar, and that is one collection with one cursor."""
        calendar = CalendarRecord(ONLY, "Almanac", primary=True, writable=True)
        return Discovery((calendar,), (CollectionRecord(Service.CALENDAR, ONLY, "Almanac"),))

    def sync(self, collection: CollectionRecord, cursor: str | None) -> Iterator[Page[EventRecord]]:
        """Almanac numbers its changes: the number of the last one is the cursor. Raises ``CursorExpired``."""
        after = cursor or "0"
        while True:
            listed = self._call(Request("GET", self._url("changes"), params={"after": after}))
            after = str(listed["last"])
            changed = tuple(_record(event) for event in listed["events"])
            yield Page(after, changed, tuple(listed["removed"]), complete=not listed["more"], full=cursor is None)
            if not listed["more"]:
                return

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        """Carry out an edit; what Almanac answered goes through the store like anything else."""
        if change.operation is not Operation.EVENT_CREATE:
            raise PermanentFailure(f"Almanac cannot do {change.operation.value}.", code="operation")
        given = event_edits.given(change)
        body = {
            "key": change.key,  # the same on every attempt: Almanac makes it once
            "title": given.get("title", ""),
            "start": event_edits.moment(given.get("start")).isoformat(),
            "end": event_edits.moment(given.get("end")).isoformat(),
        }
        made = _record(self._call(Request.with_json("POST", self._url("events"), body)), change.target_id)
        return (made,)

    def _url(self, path: str) -> str:
        return f"{self._session.endpoints['api'].rstrip('/')}/{path}"

    def _call(self, request: Request) -> Any:
        self._session.spend(f"almanac.{request.method.lower()}", 1)
        answer = send_as(self._session, request)
        if not answer.ok:
            raise _error(answer)
        return answer.json()


def _record(event: dict[str, Any], former: str = "") -> EventRecord:
    """One of Almanac's events as a record; ``former`` is the id that the edit had here which made it."""
    return EventRecord(
        id=str(event["id"]),
        kind=EventKind.SINGLE,
        start=datetime.fromisoformat(event["start"]),
        end=datetime.fromisoformat(event["end"]),
        title=str(event["title"]),
        ical_uid=f"{event['id']}@almanac.example",
        former_ids=frozenset({former} - {""}),
    )


def _error(answer: Response) -> IntegrationError:
    """What every refusal means: exactly one of the errors that carry policy."""
    if answer.status == 401:
        return Unauthorized("Almanac did not accept the access token.", code="401")
    if answer.status == 410:
        return CursorExpired("Almanac no longer knows where the last sync ended.", code="410")
    if answer.status == 429:
        return RateLimited("Almanac asks to wait.", retry_after=answer.retry_after() or 60.0, code="429")
    if answer.status >= 500:
        return TemporaryFailure("Almanac has a problem.", code=str(answer.status))
    return PermanentFailure("Almanac refused this.", code=str(answer.status))
