"""What is due, and handing it to workers. The rows are the schedule: a lost broker message costs one tick at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.models import Collection, Connection
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.sync.stores import registered

# A collection handed to the broker is not handed over again before this time, and what no worker took up until then is
# void: so a message that is lost with its worker costs no more, and there are never two of a collection.
HANDED_OVER = timedelta(seconds=20)
BATCH = 50
# Beat comes by every five seconds: what is due until then is handed over now, to begin at its moment.
AHEAD = timedelta(seconds=5)


def start_soon(connection: Connection) -> None:
    """Make sure that every usable service of a connection is being synced, beginning when this transaction commits."""
    now = timezone.now()
    for service in connection.services & registered():
        Collection.objects.get_or_create(
            connection=connection,
            service=service,
            provider_id="",
            defaults={"name": f"List of {service}", "priority": -1},
        )
    with transaction.atomic():
        mine = connection.collections.all()
        mine.hold()
        mine.filter(service__in=connection.services).update(enabled=True, due_at=now, attempts=0)
        mine.exclude(service__in=connection.services).update(enabled=False)
    transaction.on_commit(lambda: hand_over(connection))


def sync_now(connection: Connection) -> None:
    """Everything of a connection is due now; what waits after an error does not wait longer."""
    connection.collections.filter(enabled=True).update_together(due_at=timezone.now())
    transaction.on_commit(lambda: hand_over(connection))


def hand_over(connection: Connection | None = None) -> int:
    """Give what is due (of one connection, or of all) to the workers, in order of priority. Answers how many.

    What is due within seconds is among it.
    """
    from integrations.tasks import poll_collections, sync_collection

    now = timezone.now()
    due = Collection.objects.filter(
        Q(lease=None) | Q(lease_until__lt=now),
        Q(connection__wait_until=None) | Q(connection__wait_until__lte=now),
        enabled=True,
        due_at__lte=now + AHEAD,
        connection__state=State.ACTIVE,
    )
    if connection is not None:
        due = due.filter(connection=connection)
    handed = 0
    for group in _grouped(due.order_by("priority", "due_at")[:BATCH]):
        ids = [collection.pk for collection in group]
        # Conditional, so that two schedulers do not both hand it over.
        mine = Collection.objects.filter(pk__in=ids, due_at__lte=now + AHEAD)
        if not mine.update_together(due_at=now + HANDED_OVER):
            continue
        together = poll_collections.s(ids) if len(ids) > 1 else sync_collection.s(ids[0])
        together.set(expires=HANDED_OVER.total_seconds())
        begin = min(collection.due_at for collection in group)
        (together.set(eta=begin) if begin > now else together).apply_async()
        handed += len(ids)
    return handed


def _grouped(due: Iterable[Collection]) -> list[list[Collection]]:
    """What can be asked about together: collections of one service of a connection that only wait for changes."""
    groups: dict[object, list[Collection]] = {}
    for collection in due:
        resting = collection.phase == Phase.CURRENT and bool(collection.cursor) and not collection.is_list
        key = (collection.connection_id, collection.service) if resting else collection.pk
        groups.setdefault(key, []).append(collection)
    return list(groups.values())
