"""Leases: at most one process syncs a collection at a time, and a dead one's lease is taken over.

Everything is a conditional UPDATE, so that it holds on SQLite and PostgreSQL, over processes and machines. Its
conditions on the row itself stand outside of any subquery: PostgreSQL checks only those again when it had to wait.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager

from django.db.models import Q
from django.utils import timezone

from integrations import keeper
from integrations.keeper import LEASE
from integrations.models import Collection, Connection
from integrations.models.connection import State

# Graph allows four calls at once per mailbox; one is left for edits.
PARALLEL_PER_CONNECTION = 3
# What it takes of a connection to ask whether something changed; what else a change needs is read when it comes.
_ASKED = (
    "user",
    "provider",
    "email",
    "granted_scopes",
    "mail_since",
    "state",
    "created_at",
    "active_at",
    "wait_until",
    "app__provider",
    "app__tenant",
    "app__endpoints",
)


class LeaseLost(Exception):
    """Another process has taken the collection over: save nothing more."""


def claim(collection_id: int) -> Collection | None:
    """The collection, leased to the caller; None when it is taken, paused or its turn has not come."""
    now = timezone.now()
    free = Q(lease=None) | Q(lease_until__lt=now)
    ready = Connection.objects.filter(Q(wait_until=None) | Q(wait_until__lte=now), state=State.ACTIVE)
    lease = uuid.uuid4()
    mine = Collection.objects.filter(free, pk=collection_id, enabled=True, connection__in=ready)
    taken = mine.update(lease=lease, lease_until=now + LEASE, started_at=now)
    if not taken:
        return None
    collection = Collection.objects.select_related("connection__app", "channel").get(pk=collection_id)
    leased = Collection.objects.filter(
        connection_id=collection.connection_id, lease__isnull=False, lease_until__gte=now
    )
    busy = leased.order_by().values("lease").distinct().count()
    if busy > PARALLEL_PER_CONNECTION:
        # Due still: whoever finishes first hands it over.
        release(collection, due_at=now)
        return None
    return collection


def claim_together(collection_ids: Sequence[int]) -> list[Collection]:
    """Those of one connection's collections that are free, under one lease."""
    now, lease = timezone.now(), uuid.uuid4()
    # One object for all of them, and read once.
    found = Connection.objects.select_related("app").only(*_ASKED).filter(collections=collection_ids[0])
    connection = next(iter(found.order_by()), None)
    if connection is None or connection.state != State.ACTIVE or (connection.wait_until or now) > now:
        return []
    free = Collection.objects.filter(Q(lease=None) | Q(lease_until__lt=now), pk__in=collection_ids, enabled=True)
    if not free.filter(connection=connection).update_together(lease=lease, lease_until=now + LEASE, started_at=now):
        return []
    collections = list(Collection.objects.select_related("channel").filter(lease=lease).order_by())
    for collection in collections:
        collection.connection = connection
    return collections


def kept_together(collections: Sequence[Collection]) -> AbstractContextManager[None]:
    """Keep the lease that these share alive."""
    mine = Collection.objects.filter(lease=collections[0].lease)
    return keeper.kept(lambda: mine.update_together(lease_until=timezone.now() + LEASE))


def kept(collection: Collection) -> AbstractContextManager[None]:
    """Keep the lease alive while pages are on their way; one that was lost stays lost."""
    mine = Collection.objects.filter(pk=collection.pk, lease=collection.lease)
    return keeper.kept(lambda: mine.update(lease_until=timezone.now() + LEASE))


def release(collection: Collection, **columns: object) -> None:
    """Give the lease back and write the outcome; does nothing when it is not ours any more."""
    Collection.objects.filter(pk=collection.pk, lease=collection.lease).update(lease=None, lease_until=None, **columns)


def renew(collection: Collection, **columns: object) -> None:
    """Keep the lease while writing ``columns``. Raises ``LeaseLost``; call it inside the page's transaction."""
    kept = Collection.objects.filter(pk=collection.pk, lease=collection.lease).update(
        lease_until=timezone.now() + LEASE, **columns
    )
    if not kept:
        raise LeaseLost
