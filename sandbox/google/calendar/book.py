"""One account's calendars and their events: finding, writing and expanding them.

Every change goes through ``put`` and ``touch``, so that versions (and with them sync tokens and etags) always move.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.accounts import Account
from sandbox.google.calendar import recurrence, times
from sandbox.google.errors import not_found
from sandbox.store import Store

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A row of calendar_calendar, read."""

    account_id: int
    id: str
    summary: str
    time_zone: str
    role: str
    primary: bool
    entry: dict[str, Any]
    list_version: int
    version: int
    generation: int
    deleted: bool

    @property
    def zone(self) -> ZoneInfo:
        return times.zone(self.time_zone)

    @property
    def writable(self) -> bool:
        return self.role in ("writer", "owner")


def _calendar(row: sqlite3.Row) -> Calendar:
    return Calendar(
        row["account_id"],
        row["id"],
        row["summary"],
        row["time_zone"],
        row["role"],
        bool(row["is_primary"]),
        json.loads(row["entry"]),
        row["list_version"],
        row["version"],
        row["generation"],
        bool(row["deleted"]),
    )


class Book:
    """The calendars of one account. Call its writing methods inside ``store.write()``."""

    def __init__(self, store: Store, account: Account) -> None:
        self.store = store
        self.account = account

    # Calendars --------------------------------------------------------------------------------------------------

    def calendars(self, *, deleted: bool = False) -> list[Calendar]:
        """All calendars in the order in which they were made; the deleted ones too if asked."""
        found = self.store.rows(
            "SELECT * FROM calendar_calendar WHERE account_id = ? ORDER BY position", self.account.id
        )
        return [c for c in map(_calendar, found) if deleted or not c.deleted]

    def calendar(self, calendar_id: str) -> Calendar:
        """A calendar by its id or as ``primary``. Raises Google's 404."""
        wanted = self.account.email if calendar_id == "primary" else calendar_id
        row = self.store.row(
            "SELECT * FROM calendar_calendar WHERE account_id = ? AND lower(id) = lower(?)", self.account.id, wanted
        )
        if row is None or row["deleted"]:
            raise not_found("Not Found")
        return _calendar(row)

    def list_version(self) -> int:
        return int(
            self.store.value("SELECT list_version FROM calendar_account WHERE account_id = ?", self.account.id) or 0
        )

    def list_generation(self) -> int:
        return int(
            self.store.value("SELECT generation FROM calendar_account WHERE account_id = ?", self.account.id) or 0
        )

    def next_list_version(self) -> int:
        self.store.db.execute(
            "INSERT INTO calendar_account (account_id, list_version) VALUES (?, 1)"
            " ON CONFLICT (account_id) DO UPDATE SET list_version = list_version + 1",
            (self.account.id,),
        )
        return self.list_version()

    def add_calendar(
        self,
        calendar_id: str,
        summary: str,
        time_zone: str,
        *,
        role: str = "owner",
        primary: bool = False,
        **entry: Any,
    ) -> Calendar:
        """A new calendar. ``entry`` holds the other properties of its list entry."""
        position = self.store.value("SELECT count(*) FROM calendar_calendar WHERE account_id = ?", self.account.id)
        self.store.db.execute(
            "INSERT INTO calendar_calendar"
            " (account_id, id, position, summary, time_zone, role, is_primary, entry, list_version)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.account.id,
                calendar_id,
                position,
                summary,
                time_zone,
                role,
                primary,
                json.dumps(entry),
                self.next_list_version(),
            ),
        )
        return self.calendar(calendar_id)

    # Events -----------------------------------------------------------------------------------------------------

    def row(self, calendar: Calendar, event_id: str) -> sqlite3.Row | None:
        return self.store.row(
            "SELECT * FROM calendar_event WHERE account_id = ? AND calendar_id = ? AND id = ?",
            self.account.id,
            calendar.id,
            event_id,
        )

    def rows(self, calendar: Calendar, where: str = "1", *values: Any) -> list[sqlite3.Row]:
        """Events of a calendar in the order in which they were made."""
        return self.store.rows(
            f"SELECT * FROM calendar_event WHERE account_id = ? AND calendar_id = ? AND {where}",
            self.account.id,
            calendar.id,
            *values,
        )

    def each(self, calendar: Calendar, where: str, *values: Any) -> Iterator[sqlite3.Row]:
        """As ``rows``, read one by one for those who stop early."""
        return self.store.db.execute(
            f"SELECT * FROM calendar_event WHERE account_id = ? AND calendar_id = ? AND {where}",
            (self.account.id, calendar.id, *values),
        )

    def put(self, calendar: Calendar, event: Event, *, touched: bool = True) -> sqlite3.Row:
        """Write an event as it is given, with a new version and, where it was ``touched``, a new time of change."""
        db = self.store.db
        db.execute(
            "UPDATE calendar_calendar SET version = version + 1 WHERE account_id = ? AND id = ?",
            (self.account.id, calendar.id),
        )
        version = self.store.value(
            "SELECT version FROM calendar_calendar WHERE account_id = ? AND id = ?", self.account.id, calendar.id
        )
        updated = int((self.store.now() if touched else datetime.fromisoformat(event["updated"])).timestamp() * 1000)
        event = event | {"updated": times.stamp(updated), "etag": f'"{3_000_000_000_000_000 + version * 2000}"'}
        first, last = self._extent(calendar, event)
        original = times.tail(event["originalStartTime"]) if event.get("originalStartTime") else ""
        db.execute(
            "INSERT INTO calendar_event (account_id, calendar_id, id, uid, series_id, original_start, cancelled,"
            " starts, ends, version, updated, resource) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account_id, calendar_id, id) DO UPDATE SET uid = excluded.uid,"
            " cancelled = excluded.cancelled, starts = excluded.starts, ends = excluded.ends,"
            " version = excluded.version, updated = excluded.updated, resource = excluded.resource,"
            " series_id = excluded.series_id, original_start = excluded.original_start",
            (
                self.account.id,
                calendar.id,
                event["id"],
                event.get("iCalUID", ""),
                event.get("recurringEventId", ""),
                original,
                event["status"] == "cancelled",
                first,
                last,
                version,
                updated,
                json.dumps(event, ensure_ascii=False).encode("utf-8", "replace").decode(),
            ),
        )
        written = self.row(calendar, event["id"])
        assert written is not None
        return written

    def _extent(self, calendar: Calendar, event: Event) -> tuple[float, float]:
        start = times.instant(event["start"], calendar.zone)
        end = times.instant(event["end"], calendar.zone)
        if not event.get("recurrence"):
            return start.timestamp(), end.timestamp()
        last = recurrence.last_end(event["recurrence"], self._rules(calendar, event), times.length(event))
        if last is None:
            return start.timestamp(), math.inf
        if last == recurrence.NEVER:
            return start.timestamp(), start.timestamp()
        return start.timestamp(), last.replace(tzinfo=self._own(calendar, event)).timestamp()

    @staticmethod
    def _own(calendar: Calendar, event: Event) -> ZoneInfo:
        name = event["start"].get("timeZone")
        return times.zone(name) if name else calendar.zone

    def _rules(self, calendar: Calendar, event: Event) -> Any:
        own, all_day = self._own(calendar, event), times.is_all_day(event["start"])
        return recurrence.rules(event["recurrence"], times.wall(event["start"], own), own, all_day=all_day)

    # Series -----------------------------------------------------------------------------------------------------

    def instances(
        self, calendar: Calendar, master: Event, after: datetime | None, before: datetime | None
    ) -> Iterator[Event]:
        """The instances that a master's rules make and that overlap the window, exceptions not applied."""
        own, length = self._own(calendar, master), times.length(master)
        day = timedelta(days=1)
        low, high = times.naive(after, own, -length - day), times.naive(before, own, day)
        for wall in recurrence.starts(self._rules(calendar, master), low, high):
            made = self.instance(calendar, master, wall)
            if before and times.instant(made["start"], calendar.zone) >= before:
                continue
            if after and times.instant(made["end"], calendar.zone) <= after:
                continue
            yield made

    def instance(self, calendar: Calendar, master: Event, wall: datetime) -> Event:
        """The instance of a master at a wall-clock time."""
        own = self._own(calendar, master)
        start = times.at_wall(wall, master["start"], own)
        if times.is_all_day(start):
            end: dict[str, Any] = times.at_wall(wall + times.length(master), master["end"], own)
        else:
            finish = times.instant(start, UTC) + times.length(master)
            end = master["end"] | {"dateTime": times.rfc3339(finish.astimezone(own))}
        made = {k: v for k, v in master.items() if k != "recurrence"}
        return made | {
            "id": f"{master['id']}_{times.tail(start)}",
            "recurringEventId": master["id"],
            "originalStartTime": start,
            "start": start,
            "end": end,
        }

    def find(self, calendar: Calendar, event_id: str) -> Event | None:
        """An event, an exception, or the instance that an id of the form master_start names."""
        row = self.row(calendar, event_id)
        if row is not None:
            found: Event = json.loads(row["resource"])
            return found
        master_id, _, when = event_id.rpartition("_")
        master = self.row(calendar, master_id) if master_id else None
        if master is None or master["cancelled"]:
            return None
        event = json.loads(master["resource"])
        if not event.get("recurrence"):
            return None
        try:
            day = datetime.strptime(when[:8], "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            return None
        window = day - timedelta(days=2), day + timedelta(days=3)
        return next((i for i in self.instances(calendar, event, *window) if i["id"] == event_id), None)
