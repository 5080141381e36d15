"""How often a collection is asked for changes: sooner where somebody is or something happens, later where nothing does.

Where the provider tells us of changes itself, asking is only the safety net under that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from integrations.models import Channel, Collection

LIST_SECONDS = 600.0
# How long nothing happened, and by what the usual interval is multiplied until then.
PACES = ((timedelta(minutes=10), 0.5), (timedelta(hours=1), 1.0), (timedelta(hours=6), 2.0))
SLOWEST = 5.0


def interval(collection: Collection) -> float:
    """Seconds to the next run of a collection that is up to date."""
    return LIST_SECONDS if collection.is_list else soonest([collection])


def soonest(collections: Sequence[Collection]) -> float:
    """Seconds to the next run of collections that are asked about together."""
    seconds = float(settings.OSMEN_PUSH_POLL_SECONDS)
    return min(seconds if _is_told(c) else quiet_interval(c) for c in collections)


def _is_told(collection: Collection) -> bool:
    channel: Channel | None = getattr(collection, "channel", None)
    return channel is not None and channel.open


def quiet_interval(collection: Collection) -> float:
    """The same where no channel is open."""
    connection = collection.connection
    seen = [at for at in (collection.changed_at, connection.active_at, connection.created_at) if at is not None]
    quiet = timezone.now() - max(seen)
    factor = next((factor for until, factor in PACES if quiet < until), SLOWEST)
    return max(float(settings.OSMEN_POLL_SECONDS) * factor, 5.0)


def stale_after() -> timedelta:
    """How long after its last success a collection has silently stopped."""
    slowest = max(float(settings.OSMEN_POLL_SECONDS) * SLOWEST, float(settings.OSMEN_PUSH_POLL_SECONDS))
    return timedelta(seconds=2 * slowest)
