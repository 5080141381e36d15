"""Asking about several resting collections at once: a round of an idle connection costs one request a service.

Which changed is the provider's answer (``providers.abilities.Polls``); syncing those is the loop's business. A client
that cannot ask so has all of them synced.
"""

from __future__ import annotations

from collections.abc import Sequence

from integrations.errors import CursorExpired
from integrations.models import Collection
from integrations.providers.abilities import Polls
from integrations.records import Service
from integrations.sync import leases, loop, outcome, pace, sessions
from integrations.vault.tokens import Purpose


def run(collection_ids: Sequence[int]) -> bool:
    """Ask about collections of one service of one connection, and sync those that changed. True when some did."""
    collections = leases.claim_together(collection_ids)
    if not collections:
        return False
    with leases.kept_together(collections):
        changed = _changed(collections)
        for collection in changed:
            loop.run_claimed(collection)
    return bool(changed)


def _changed(collections: list[Collection]) -> list[Collection]:
    """Those to be synced; the others are done."""
    connection, service = collections[0].connection, Service(collections[0].service)
    try:
        client = connection.provider_spec.client(service, sessions.session(connection, Purpose.SYNC, service))
        if not isinstance(client, Polls):
            return collections
        ids = client.poll({c.provider_id: c.cursor for c in collections})
    except CursorExpired:
        # One of them cannot be asked about; which one, and what then, each learns by itself.
        return collections
    except Exception as error:
        for collection in collections:
            with outcome.recorded(collection):
                raise error
        return []
    resting = [c for c in collections if c.provider_id not in ids]
    if resting:
        # Together, so that they stay in step and are asked about together again.
        outcome.unchanged(resting, pace.soonest(resting))
    return [c for c in collections if c.provider_id in ids]
