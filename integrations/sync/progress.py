"""How far a walk is and how long it will take, how fresh a service is, and through what its provider tells us.

Read for all connections of a user in a fixed number of queries.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from integrations.models import Budget, Channel, Collection, Connection, Freshness
from integrations.models.collection import Phase
from integrations.records import Service
from integrations.sync import budget, freshness

# A rate is worth telling after so many seconds and items.
ENOUGH_SECONDS, ENOUGH_ITEMS = 3.0, 20
# Of a walk that has just begun the quota's estimate alone is told where it is longer than this.
LONG_SECONDS = 60.0
# An account that used this much of its quota within its window is held back by it.
HELD_BACK = 0.9


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an account's quota leaves to a walk: ``free`` units now, ``limit`` of them in so many seconds."""

    free: float
    limit: float
    seconds: float
    item: int

    def seconds_for(self, items: int) -> float:
        """The least that reading so many takes."""
        return max(items * self.item - self.free, 0.0) * self.seconds / self.limit


@dataclass
class Situation:
    """What is known of a user's connections beside their collections' rows."""

    freshness: dict[tuple[UUID, str], freshness.Percentiles] = field(default_factory=dict)
    channels: dict[tuple[UUID, str], int] = field(default_factory=lambda: defaultdict(int))
    told: dict[int, datetime] = field(default_factory=dict)
    use: dict[UUID, float] = field(default_factory=dict)
    allowances: dict[tuple[UUID, Service], Allowance] = field(default_factory=dict)


def situation(connections: Iterable[Connection]) -> Situation:
    """For some connections at once."""
    known = {c.pk: c for c in connections}
    found = Situation()
    samples: dict[tuple[UUID, str], list[tuple[float, bool]]] = defaultdict(list)
    rows = Freshness.objects.filter(connection__in=known, at__gt=timezone.now() - freshness.KEPT)
    for connection_id, service, seconds, exact in rows.values_list("connection_id", "service", "seconds", "exact"):
        samples[connection_id, service].append((seconds, exact))
    for key, sample in samples.items():
        found.freshness[key] = freshness.summed_up(sample)
    told = Channel.objects.filter(collection__connection__in=known, expires_at__gt=timezone.now())
    channels = told.exclude(provider_id="")
    for connection_id, service, collection_id, until in channels.values_list(
        "collection__connection_id", "collection__service", "collection_id", "expires_at"
    ):
        found.channels[connection_id, service] += 1
        if until is not None:
            found.told[collection_id] = until
    keys = {f"{pk}:{api}": (c, api) for pk, c in known.items() for api in c.provider_spec.tariffs}
    tight = {b.key for b in Budget.objects.filter(key__startswith="app:", tight=True)}
    now = time.time()
    windows = dict(Budget.objects.filter(key__in=keys).values_list("key", "spent"))
    for name, (connection, api) in keys.items():
        tariffs = connection.provider_spec.tariffs[api]
        tariff = budget.chosen(tariffs, tight=budget.app_key(connection, api) in tight)
        spent = sum(units for _, units in budget.recent(windows.get(name, []), tariff.seconds, now))
        found.use[connection.pk] = max(found.use.get(connection.pk, 0.0), spent / tariff.account)
        limit = tariff.account * budget.BACKGROUND
        for service, item in tariff.items.items():
            found.allowances[connection.pk, service] = Allowance(limit - spent, limit, tariff.seconds, item)
    return found


def seconds_left(rows: Iterable[Collection], allowance: Allowance | None = None) -> float | None:
    """How long the walks of a service will take, by their rate so far and at least as long as the quota makes them.

    None where that is not known yet. A quota that has room at first lets a walk begin faster than it will go on.
    """
    walking = [row for row in rows if row.phase != Phase.CURRENT and not row.is_list]
    started = [row for row in walking if row.walk_began_at is not None and row.walked]
    if not started or any(row.total is None for row in started):
        return None
    begun = min(row.walk_began_at for row in started if row.walk_began_at is not None)
    elapsed = (timezone.now() - begun).total_seconds()
    walked = sum(row.walked for row in started)
    ahead = sum(max((row.total or 0) - row.walked, 0) for row in walking)
    least = allowance.seconds_for(ahead) if allowance else 0.0
    if elapsed < ENOUGH_SECONDS or walked < ENOUGH_ITEMS:
        return least if least > LONG_SECONDS else None
    return max(ahead / (walked / elapsed), least)


def held_back(found: Situation, connection: Connection) -> bool:
    """Whether it is the provider's quota that a connection waits for."""
    waiting = connection.wait_until is not None and connection.wait_until > timezone.now()
    return waiting or found.use.get(connection.pk, 0.0) > HELD_BACK
