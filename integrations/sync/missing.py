"""Asks about items that left one collection and came in no other: moved, or gone.

By pages alone that is not certain: one that was read before a move may be stored after it, and then says last what has
been over for long.
"""

from __future__ import annotations

from django.db import transaction

from integrations.models import Collection
from integrations.providers.abilities import Reads
from integrations.records import Service
from integrations.sync import leases
from integrations.sync.stores import Misses, store_for

MOST = 200


def find(collection: Collection, client: object) -> None:
    """Look where the items that a collection's connection misses are now, some at a time."""
    store = store_for(Service(collection.service))
    if not isinstance(store, Misses) or not isinstance(client, Reads):
        return
    ids = store.missing(collection, MOST)
    if not ids:
        return
    found, gone = client.read(collection.provider_id, ids)
    with transaction.atomic():
        leases.renew(collection)
        store.settle(collection.connection, found, gone)
