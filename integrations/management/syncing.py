"""Syncs in this process what is due, with progress for people. Leases keep it apart from running workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from integrations.management.terminal import progress
from integrations.models import Collection, Connection
from integrations.models.connection import State
from integrations.sync import loop

MOST_RUNS = 10_000


def sync_here(connections: Sequence[Connection], stream: Any) -> int:
    """Read everything once, the most important first. Answers how many collections were read."""
    mine = Collection.objects.filter(connection__in=list(connections), enabled=True, connection__state=State.ACTIVE)
    mine.update(due_at=timezone.now())
    read: set[int] = set()
    with progress(stream, "Syncing") as shown:
        for _ in range(MOST_RUNS):
            due = mine.filter(due_at__lte=timezone.now(), lease=None).exclude(pk__in=read)
            collection = due.order_by("priority", "due_at").first()
            if collection is None:
                break
            loop.run(collection.pk)
            read.add(collection.pk)
            items = mine.aggregate(items=Sum("walked"))["items"] or 0
            shown.show(len(read), mine.count(), f"collections, {items:,} items")
    return len(read)
