"""Reads of the integration layer for pages, the status API and commands: connections, services, freshness.

Always through the owner. Pages precompute their words from these values; nothing here touches the network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from integrations.errors import QuotaUsedUp
from integrations.models import Change, Collection, Connection, LedgerEntry
from integrations.models.change import ChangeState
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.models.ledger import Happening
from integrations.providers.base import Permission
from integrations.records import Service
from integrations.sync import freshness, progress
from integrations.sync.freshness import Percentiles
from integrations.sync.stores import registered, store_for

STORY_LENGTH = 20
REMEDIES = {
    "missing": "Reconnect the account and leave the permission ticked.",
    "off": "Reconnect the account and choose this service.",
    "stale": "See that the worker and beat run: osmen.py doctor.",
    "failing": "It is tried again by itself.",
}
# What happens by itself every hour would bury what a person wants to know.
ROUTINE = (Happening.USED, Happening.REFRESHED)


@dataclass(frozen=True, slots=True)
class CollectionStatus:
    """One collection: its row, whether it is being synced now, and how many items are here.

    ``told_until``: the provider tells us of its changes by itself until then. ``seconds_left``: how long its walk will
    take.
    """

    row: Collection
    running: bool
    count: int
    told_until: datetime | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service; ``state`` is one of off, missing, waiting, first, syncing, current, stale, failing.

    ``seconds_left`` estimates the rest of a walk, held back by the provider's quota if ``at_limit``. ``freshness`` is
    the day's median and 95th percentile in seconds, and whether they are exact or at most so much. ``channels`` is how
    many collections the provider tells us of by itself. ``asked``: its connection works and is not paused; otherwise
    nothing is tried again, and what was wrong before is told by the connection's own state.
    """

    service: Service
    state: str
    collections: tuple[CollectionStatus, ...]
    missing: tuple[Permission, ...]
    fresh_at: datetime | None
    walked: int
    total: int | None
    seconds_left: float | None = None
    at_limit: bool = False
    freshness: Percentiles | None = None
    channels: int = 0

    rows: tuple[Collection, ...] = ()
    asked: bool = True

    @property
    def read_again(self) -> bool:
        """Whether all of it is being read again, as after an expired cursor. What is here stays readable."""
        return self.asked and any(row.phase == Phase.RECOVERING for row in self.rows)

    @property
    def troubled(self) -> tuple[Collection, ...]:
        """The rows of it that cannot be synced now."""
        return tuple(row for row in self.rows if row.last_error) if self.asked else ()

    @property
    def error(self) -> str:
        return next((row.last_error for row in self.troubled), "")

    @property
    def count(self) -> int:
        return sum(c.count for c in self.collections)

    @property
    def succeeded_at(self) -> datetime | None:
        """When any part of it was last read."""
        return max((row.succeeded_at for row in self.rows if row.succeeded_at), default=None)

    @property
    def error_class(self) -> str:
        """What kind of error holds it up, by the name in ``integrations.errors``; empty for none."""
        return next((row.last_error_class for row in self.troubled), "")

    @property
    def put_off_until(self) -> datetime | None:
        """When its quota comes back, where that is used up."""
        waiting = (row for row in self.troubled if row.last_error_class == QuotaUsedUp.__name__)
        return min((row.due_at for row in waiting), default=None)

    @property
    def remedy(self) -> str:
        """What a person can do about its state; empty where there is nothing to do."""
        return REMEDIES.get(self.state, "") if self.asked or self.state in ("missing", "off") else ""


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """One connection with its services, unsettled edits and story."""

    connection: Connection
    services: tuple[ServiceStatus, ...]
    waiting_changes: int
    refused_changes: int
    story: tuple[LedgerEntry, ...]

    @property
    def busy(self) -> bool:
        """Whether the page should look again soon."""
        return self.connection.state == State.DISCONNECTING or any(
            s.state in ("waiting", "first", "syncing") for s in self.services
        )


def own_connection(user_id: UUID, connection_id: str) -> Connection:
    """The user's connection of that id. Raises ``Http404`` for anybody else's and for one that is not there."""
    try:
        return Connection.objects.select_related("app", "grant").get(pk=connection_id, user_id=user_id)
    except (Connection.DoesNotExist, ValueError):
        raise Http404 from None


def status_of_user(user_id: UUID, *, whole: bool = True, exact: bool = True) -> list[ConnectionStatus]:
    """Every connection of a user, in the order of connecting. A fixed number of queries, however many there are.

    Counting a large mailbox takes time: without ``exact``, counts are those of the last sync. What needs states alone
    asks for ``whole=False``, without counts and stories.
    """
    connections = list(Connection.objects.filter(user_id=user_id).select_related("app", "grant"))
    collections: dict[UUID, list[Collection]] = defaultdict(list)
    for row in Collection.objects.filter(connection__user_id=user_id):
        collections[row.connection_id].append(row)
    changes: dict[tuple[UUID, str], int] = defaultdict(int)
    unsettled = Change.objects.filter(connection__user_id=user_id).exclude(state=ChangeState.DONE)
    for connection_id, state in unsettled.values_list("connection_id", "state"):
        changes[connection_id, state] += 1
    stories: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    told = LedgerEntry.objects.filter(connection__user_id=user_id).exclude(what__in=ROUTINE)
    for entry in told[: STORY_LENGTH * max(1, len(connections))] if whole else ():
        stories[entry.connection_key].append(entry)
    around = progress.situation(connections)
    counts = {s: store_for(s).counts_of_user(user_id) for s in registered()} if whole and exact else None
    return [
        ConnectionStatus(
            connection,
            tuple(
                _service(connection, service, collections[connection.pk], counts, around)
                for service in _shown(connection)
            ),
            changes[connection.pk, ChangeState.WAITING] + changes[connection.pk, ChangeState.SENDING],
            changes[connection.pk, ChangeState.REFUSED],
            tuple(stories[connection.pk][:STORY_LENGTH]),
        )
        for connection in connections
    ]


def refused_of_user(user_id: UUID) -> list[Change]:
    """The edits that a provider refused and their owner has not settled, oldest first, with their connections."""
    refused = Change.objects.filter(connection__user_id=user_id, state=ChangeState.REFUSED)
    return list(refused.select_related("connection"))


def unsettled_of_user(user_id: UUID, most: int) -> list[Change]:
    """The edits that are not settled, in the order in which they go out, with their connections."""
    rows = Change.objects.filter(connection__user_id=user_id).exclude(state=ChangeState.DONE)
    return list(rows.select_related("connection").order_by("number")[:most])


def needs_person(user_id: UUID) -> list[Connection]:
    """The connections that only their owner can mend."""
    return list(Connection.objects.filter(user_id=user_id, state__in=(State.RECONNECT, State.UNREADABLE)))


def _shown(connection: Connection) -> list[Service]:
    return [s for s in connection.provider_spec.services if s in registered()]


def _service(
    connection: Connection,
    service: Service,
    rows: list[Collection],
    counts: Mapping[Service, Mapping[tuple[UUID, str], int]] | None,
    around: progress.Situation,
) -> ServiceStatus:
    now = timezone.now()
    mine = [row for row in rows if row.service == service]
    allowance = around.allowances.get((connection.pk, service))
    items = tuple(
        CollectionStatus(
            row,
            bool(row.lease_until and row.lease_until >= now),
            counts[service].get((connection.pk, row.provider_id), 0) if counts else _last_counted(row),
            around.told.get(row.pk),
            progress.seconds_left([row], allowance),
        )
        for row in mine
        if not row.is_list
    )
    missing = connection.provider_spec.missing(service, frozenset(connection.granted_scopes))
    fresh = [row.succeeded_at for row in mine if row.succeeded_at and not row.is_list]
    walking = [row for row in mine if row.phase != Phase.CURRENT and not row.is_list]
    return ServiceStatus(
        service,
        _state(connection, service, mine, now),
        items,
        missing,
        min(fresh) if fresh and len(fresh) == len(items) else None,
        sum(row.walked for row in walking),
        sum(row.total or 0 for row in walking) or None,
        progress.seconds_left(mine, allowance),
        bool(walking) and progress.held_back(around, connection),
        around.freshness.get((connection.pk, service.value)),
        around.channels.get((connection.pk, service.value), 0),
        tuple(mine),
        connection.state == State.ACTIVE,
    )


def _last_counted(row: Collection) -> int:
    """During a walk it counts for more what that has brought."""
    return max(row.kept, row.walked if row.phase == Phase.FIRST else 0)


def _leased(row: Collection, now: datetime) -> bool:
    return row.lease_until is not None and row.lease_until >= now


def _state(connection: Connection, service: Service, rows: list[Collection], now: datetime) -> str:
    if service not in map(Service, connection.chosen_services):
        return "off"
    if service not in connection.services:
        return "missing"
    items = [row for row in rows if not row.is_list]
    if connection.state == State.ACTIVE and any(row.last_error for row in rows):
        return "failing"
    if not items:
        return "waiting"
    if any(row.phase == Phase.FIRST for row in items):
        return "first"
    if any(_leased(row, now) for row in items):
        return "syncing"
    if any(freshness.is_silent(row, now) for row in items):
        return "stale"
    # Between two slices of a walk nobody holds it, and it is under way all the same.
    return "syncing" if any(row.phase == Phase.RECOVERING for row in items) else "current"
