"""Counting how often tokens are given out: in memory, then in one row per hour, which is sealed into the ledger.

A process that is killed loses the counts of its last minute, never more than it counted since the last flush.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from integrations.models import Connection, Grant, UsageHour
from integrations.models.ledger import Happening
from integrations.vault import bulk, ledger

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 30.0
# Counts of an hour may arrive a little late from other processes.
GRACE = timedelta(minutes=2)
BATCH = 200

_COLUMNS = ("connection_id", "hour", "purpose", "service", "count")
_Key = tuple[UUID, datetime, str, str]
_counts: Counter[_Key] = Counter()
_lock = threading.Lock()
_flushed_at = time.monotonic()


def count(connection: Connection, purpose: str, service: str, now: datetime) -> None:
    """One use. Costs a dictionary entry; whoever counts after half a minute writes down what has come together."""
    with _lock:
        _counts[connection.pk, now.replace(minute=0, second=0, microsecond=0), purpose, service] += 1
    flush_when_due()


def flush_when_due() -> None:
    """Write the counts down if that has not been done for a while. A database in trouble only delays that."""
    if _counts and time.monotonic() - _flushed_at > FLUSH_SECONDS:
        try:
            flush()
        except DatabaseError as error:
            logger.warning("Counts of uses wait to be written down: %s", type(error).__name__)


def flush() -> None:
    """Write down what this process has counted. Counts of a connection that is gone meanwhile go with it."""
    global _flushed_at
    with _lock:
        taken = dict(_counts)
        _counts.clear()
        _flushed_at = time.monotonic()
    try:
        _write(taken)
    except DatabaseError:
        with _lock:
            _counts.update(taken)
        raise


@transaction.atomic
def _write(taken: dict[_Key, int]) -> None:
    alive = set(Connection.objects.filter(pk__in={key[0] for key in taken}).values_list("pk", flat=True))
    rows = [(*key, number) for key, number in sorted(taken.items()) if key[0] in alive]
    # In one order, as everybody who takes several.
    bulk.add_up(UsageHour, [dict(zip(_COLUMNS, row, strict=True)) for row in rows], number="count", same=_COLUMNS[:-1])
    grants = Grant.objects.filter(connection_id__in=alive)
    list(grants.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    grants.update(used_at=timezone.now())


def seal_hours(connection: Connection | None = None) -> int:
    """Move the counts of hours that have ended into the ledger; all of a connection's, if one is given."""
    flush()
    sealed = 0
    while done := _seal_batch(connection):
        sealed += done
    return sealed


@transaction.atomic
def _seal_batch(connection: Connection | None) -> int:
    rows = UsageHour.objects.select_for_update(of=("self",)).select_related("connection").order_by("hour", "pk")
    if connection is not None:
        rows = rows.filter(connection=connection)
    else:
        rows = rows.filter(hour__lte=timezone.now() - timedelta(hours=1) - GRACE)
    batch = list(rows[:BATCH])
    ledger.append([_draft(row) for row in batch])
    UsageHour.objects.filter(pk__in=[row.pk for row in batch]).delete()
    return len(batch)


def _draft(row: UsageHour) -> ledger.Draft:
    times = "once" if row.count == 1 else f"{row.count:,} times"
    what = f"{row.purpose} {row.service}".strip()
    return ledger.Draft(
        row.connection_id,
        ledger.account_of(row.connection),
        Happening.USED,
        detail=f"{times} within an hour, to {what}.",
        purpose=row.purpose,
        service=row.service,
        count=row.count,
        hour=row.hour,
    )


@atexit.register
def _leave() -> None:
    """The process ends: write down what is left, if the database can still be reached."""
    try:
        if _counts:
            flush()
    except Exception:
        # Nothing may keep a process from ending, and nobody reads its log any more.
        _counts.clear()
