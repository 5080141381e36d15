"""events.list: pages over a calendar, and the sync tokens that continue after them.

Calendar API, "Synchronize resources efficiently". A token carries the filters it was made with: another call's filters
are a 400, an old generation is the 410 that sends the client back to the beginning.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sandbox.google import opaque
from sandbox.google.calendar import times
from sandbox.google.calendar.book import Book, Calendar, Event
from sandbox.google.calendar.filters import changed, wanted
from sandbox.google.calendar.shaping import listed, shown_zone
from sandbox.google.calls import Answer, Call
from sandbox.google.errors import GoogleError
from sandbox.google.parameters import moment

LARGEST_PAGE = 2500
HORIZON = timedelta(days=2 * 365)  # how far instances without timeMax go, from now
NOT_WITH_SYNC = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
_FILTERS = (
    *NOT_WITH_SYNC,
    "eventTypes",
    "showDeleted",
    "showHiddenInvitations",
    "singleEvents",
    "alwaysIncludeEmail",
    "maxAttendees",
)


def gone(reason: str = "fullSyncRequired") -> GoogleError:
    """410: the token is of no use any more."""
    message = "Sync token is no longer valid, a full sync is required."
    return GoogleError(410, reason, message, domain="calendar", place=("parameter", "syncToken"))


def list_(call: Call) -> dict[str, Any] | Answer:
    book = Book(call.store, call.account)
    calendar = book.calendar(call.path["calendarId"])
    etag = f'"{calendar.generation}p{calendar.version:08d}"'
    if call.headers.get("if-none-match") == etag:
        return Answer(None, 304, {"ETag": etag})
    round_ = Round(call, book, calendar)
    events, more = round_.page()
    out: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": etag,
        "summary": calendar.summary,
        "description": calendar.entry.get("description", ""),
        "updated": times.stamp(
            max((changed(e) for e in events), default=0) or int(call.store.now().timestamp() * 1000)
        ),
        "timeZone": shown_zone(call, calendar).key,
        "accessRole": calendar.role,
        "defaultReminders": calendar.entry.get("defaultReminders", []),
        "items": [listed(call, calendar, event) for event in events],
    }
    if more is not None:
        out["nextPageToken"] = more
    elif "orderBy" not in call.query:
        out["nextSyncToken"] = round_.sync_token()
    return out


Keyed = tuple[list[Any], Event]


class Round:
    """One walk over a calendar, full or since a sync token, of which a call gives one page."""

    def __init__(self, call: Call, book: Book, calendar: Calendar) -> None:
        self.call, self.book, self.calendar, self.query = call, book, calendar, call.query
        self.since: int | None = None  # the version from which on changes are told
        self.upto = calendar.version  # the version at which this walk began
        self.after: Any = None
        self._check()
        if "syncToken" in self.query:
            self._continue_from_sync(self.query["syncToken"])
        if "pageToken" in self.query:
            self._continue_page(self.query["pageToken"])

    def _check(self) -> None:
        if "syncToken" in self.query:
            for name in NOT_WITH_SYNC:
                if name in self.query:
                    message = f"Sync token cannot be combined with {name}."
                    raise GoogleError(400, "invalid", message, place=("parameter", name))
            if self.query.get("showDeleted") is False:
                raise GoogleError(400, "invalid", "Sync token cannot be combined with showDeleted=false.")
        if self.query.get("orderBy") == "startTime" and not self.query.get("singleEvents"):
            raise GoogleError(400, "badRequest", "The requested ordering is not available for the particular query.")
        low, high = self._bound("timeMin"), self._bound("timeMax")
        if low and high and low >= high:
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.", domain="calendar")

    def _bound(self, name: str) -> datetime | None:
        return moment(self.query[name]) if name in self.query else None

    def _filters(self) -> list[Any]:
        return [self.query.get(name) or None for name in _FILTERS]

    def _owner(self) -> list[Any]:
        return [self.calendar.account_id, self.calendar.id]

    def _continue_from_sync(self, token: str) -> None:
        try:
            owner, generation, version, filters = opaque.unseal("calendar.sync", token)
        except ValueError:
            raise GoogleError(400, "invalid", "Invalid sync token value.", place=("parameter", "syncToken")) from None
        compared = [i for i, name in enumerate(_FILTERS) if name != "showDeleted" and name not in NOT_WITH_SYNC]
        made, given = [filters[i] for i in compared], [self._filters()[i] for i in compared]
        if owner != self._owner() or made != given:
            raise GoogleError(
                400, "invalid", "The sync token was made with other parameters.", place=("parameter", "syncToken")
            )
        if generation != self.calendar.generation:
            raise gone()
        self.since, self.made_with = version, filters

    def _continue_page(self, token: str) -> None:
        try:
            owner, generation, since, upto, after, filters = opaque.unseal("calendar.page", token)
        except ValueError:
            raise GoogleError(400, "invalid", "Invalid page token value.", place=("parameter", "pageToken")) from None
        if owner != self._owner() or filters != self._filters() or (since is None) != ("syncToken" not in self.query):
            raise GoogleError(
                400, "invalid", "The page token was made with other parameters.", place=("parameter", "pageToken")
            )
        if generation != self.calendar.generation:
            raise gone()
        self.since, self.upto, self.after = since, upto, after

    def sync_token(self) -> str:
        """What continues after this walk."""
        filters = self.made_with if "syncToken" in self.query else self._filters()
        return opaque.seal("calendar.sync", [self._owner(), self.calendar.generation, self.upto, filters])

    def _page_token(self, after: Any) -> str:
        place = [self._owner(), self.calendar.generation, self.since, self.upto, after, self._filters()]
        return opaque.seal("calendar.page", place)

    # The events -------------------------------------------------------------------------------------------------

    def page(self) -> tuple[list[Event], str | None]:
        """This page's events, and the token of the next page if there is one."""
        size = min(self.query["maxResults"], LARGEST_PAGE)
        keyed = list(islice(self._walk(), size + 1))
        more = self._page_token(keyed[size - 1][0]) if len(keyed) > size else None
        return [event for _, event in keyed[:size]], more

    def _walk(self) -> Iterator[Keyed]:
        """The wanted events after the last page, with keys that other changes do not move."""
        every = (pair for row in self._rows() for pair in self._of(row))
        keyed: Iterator[Keyed] = (pair for pair in every if wanted(self.query, self.since, pair[1]))
        order = self.query.get("orderBy")
        if order:
            keyed = iter(sorted(((self._place(order, event), event) for _, event in keyed), key=lambda pair: pair[0]))
        return (pair for pair in keyed if self.after is None or pair[0] > self.after)

    def _place(self, order: str, event: Event) -> list[Any]:
        if order == "updated":
            return [changed(event), event["id"]]
        return [times.instant(event["start"], self.calendar.zone).timestamp(), event["id"]]

    def _rows(self) -> Iterator[sqlite3.Row]:
        passed = self.after[0] if self.after and not self.query.get("orderBy") else 0
        if self.since is not None:
            return self.book.each(self.calendar, "version >= ? ORDER BY version", max(self.since + 1, passed))
        where = "number >= ?"
        values: list[Any] = [passed]
        low, high = self._bound("timeMin"), self._bound("timeMax")
        if low:
            where, values = where + " AND ends > ?", [*values, low.timestamp()]
        if high:
            where, values = where + " AND starts < ?", [*values, high.timestamp()]
        return self.book.each(self.calendar, f"{where} ORDER BY number", *values)

    def _of(self, row: sqlite3.Row) -> Iterator[Keyed]:
        """What a row stands for: itself, or with singleEvents a master's instances that no exception stands for."""
        event: Event = json.loads(row["resource"])
        number = row["number"] if self.since is None else row["version"]
        if not self.query.get("singleEvents") or not event.get("recurrence"):
            yield [number, ""], event
        elif event["status"] != "cancelled":
            low, high = self._bound("timeMin"), self._bound("timeMax") or call_horizon(self.call)
            apart = {r["id"] for r in self.book.rows(self.calendar, "series_id = ?", event["id"])}
            for instance in self.book.instances(self.calendar, event, low, high):
                if instance["id"] not in apart:
                    yield [number, instance["id"]], instance


def call_horizon(call: Call) -> datetime:
    """Where instances of an endless series stop when nobody says."""
    return call.store.now().astimezone(UTC) + HORIZON
