"""Measures how long changes take to come here, and notices services that have silently stopped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.models import Collection, Connection, Freshness
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.records import EventRecord, MailRecord, Page, Record, Service
from integrations.sync import pace

logger = logging.getLogger(__name__)

KEPT = timedelta(days=1)
# The median, the 95th percentile, and whether they are exact.
Percentiles = tuple[float, float, bool]
ROUNDED = timedelta(seconds=1)  # some vendors' times are whole seconds


def measure(collection: Collection, page: Page[Record]) -> None:
    """Note how old the oldest change of an incremental page is. Inside the page's transaction."""
    before = collection.succeeded_at
    if page.full or before is None or not (page.changed or page.removed):
        return
    now = timezone.now()
    # What is older than the last success was brought by something else, such as a change of labels.
    made = [at for record in page.changed if (at := _made_at(record)) and before - ROUNDED < at <= now]
    since = min(made) if made else before
    Freshness.objects.create(
        connection_id=collection.connection_id,
        service=collection.service,
        seconds=(now - since).total_seconds(),
        exact=bool(made),
    )


def _made_at(record: Record) -> datetime | None:
    if isinstance(record, MailRecord):
        return record.date
    return record.updated if isinstance(record, EventRecord) else None


def percentiles(connection: Connection, service: Service) -> Percentiles | None:
    """The median and the 95th percentile of a day in seconds, and whether they are exact; None without a sample."""
    rows = list(
        Freshness.objects.filter(connection=connection, service=service, at__gt=timezone.now() - KEPT).values_list(
            "seconds", "exact"
        )
    )
    return summed_up(rows) if rows else None


def summed_up(rows: list[tuple[float, bool]]) -> Percentiles:
    """Of at least one measurement; where some are exact, only those count."""
    exact = [seconds for seconds, is_exact in rows if is_exact]
    sample = sorted(exact or [seconds for seconds, _ in rows])
    return sample[len(sample) // 2], sample[min(len(sample) - 1, int(len(sample) * 0.95))], bool(exact)


def forget_old() -> None:
    """Drop measurements of earlier days."""
    Freshness.objects.filter(at__lt=timezone.now() - KEPT).delete()


def stopped() -> list[Collection]:
    """Collections that should have been synced long ago, were not, and do not say why."""
    now = timezone.now()
    rows = Collection.objects.select_related("connection").filter(
        enabled=True, connection__state=State.ACTIVE, last_error=""
    )
    asked = (row for row in rows.exclude(provider_id="") if row.phase != Phase.FIRST)
    waiting = (row for row in asked if not (row.connection.wait_until and row.connection.wait_until > now))
    return [row for row in waiting if is_silent(row, now)]


def is_silent(collection: Collection, now: datetime) -> bool:
    """Whether it was not read for longer than there can be a reason.

    One that still brings something, as on a long way back after an outage, has not stopped.
    """
    moments = [at for at in (collection.succeeded_at, collection.changed_at) if at is not None]
    return not moments or max(moments) < now - pace.stale_after()


def probe() -> int:
    """Sound the alarm for what has silently stopped, and make it due. Answers how many there are."""
    found = stopped()
    for collection in found:
        logger.error("Collection %s has not been synced since %s", collection.pk, collection.succeeded_at)
        Collection.objects.filter(pk=collection.pk).update(due_at=timezone.now(), lease=None, lease_until=None)
    return len(found)
