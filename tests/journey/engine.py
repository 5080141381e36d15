"""The worker of tests: does everything that is due, here and now."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from integrations import disconnect
from integrations.models import Collection, Connection
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.outbox import push
from integrations.sync import loop, poll

MOST_RUNS = 500


def run_due() -> int:
    """Sync whatever is due until nothing is. Answers how many runs it took."""
    for runs in range(MOST_RUNS):
        now = timezone.now()
        due = Collection.objects.filter(
            Q(connection__wait_until=None) | Q(connection__wait_until__lte=now),
            enabled=True,
            lease=None,
            due_at__lte=now,
            connection__state=State.ACTIVE,
        ).order_by("priority", "due_at")
        collection = due.first()
        if collection is None:
            return runs
        loop.run(collection.pk)
    raise AssertionError("the engine never comes to rest")


def sync_everything() -> int:
    """Make everything due, then do it."""
    Collection.objects.update(due_at=timezone.now())
    return run_due()


def poll_everything() -> int:
    """Ask about everything that rests, a service at a time, and sync what changed. Answers how many services did."""
    resting = Collection.objects.filter(enabled=True, lease=None, phase=Phase.CURRENT).exclude(cursor="")
    groups: dict[tuple[object, str], list[int]] = {}
    for pk, connection_id, service in resting.values_list("pk", "connection_id", "service"):
        groups.setdefault((connection_id, service), []).append(pk)
    return sum(poll.run(ids) for ids in groups.values())


def push_all() -> None:
    """Send every edit that waits."""
    for connection_id in push.waiting_connections():
        push.push(connection_id)


def work() -> None:
    """Send and sync whatever there is, over and over, until the process is killed."""
    while True:
        push_all()
        sync_everything()


def finish_disconnects() -> None:
    """Carry out the removals that were asked for."""
    for pk in Connection.objects.filter(state=State.DISCONNECTING).values_list("pk", flat=True):
        disconnect.remove(str(pk))
