"""Renewing ahead of need: tokens that end soon are renewed before anybody asks, and no grant dies of disuse.

Batch by batch: a batch of leases is claimed in one short transaction that skips rows which another worker holds, then
the provider is asked for several at once, and answers are written down as they come. Memory is bounded by two batches.
"""

from __future__ import annotations

import time
import uuid
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.errors import MisconfiguredApp
from integrations.models import Grant, OAuthApp
from integrations.models.connection import State
from integrations.records import TokenSet
from integrations.sync import schedule
from integrations.vault import apps, bulk, lifecycle, refresh
from integrations.vault.fields import open_sealed
from integrations.vault.keyset import KeyringError

BATCH = 50
IN_FLIGHT = 25
# A round ends after this time; beat begins the next one.
ROUND_SECONDS = 50.0
# What renewing needs to know of a grant and its connection.
_ASKED = (
    "refresh_token",
    "version",
    "failures",
    "burst",
    "burst_since",
    *(f"connection__{name}" for name in ("provider", "app", "email", "granted_scopes")),
)


def refresh_due(seconds: float = ROUND_SECONDS) -> int:
    """Renew what is due, soonest end first, until nothing is or the time is up. Answers how many were renewed."""
    _recover()
    ends_at = time.monotonic() + seconds
    renewed = 0
    asked: dict[Future[refresh.Outcome], tuple[Grant, uuid.UUID]] = {}
    more = True
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        while True:
            # The next batch is there before this one ends, so that no slow answer holds the others up.
            if more and len(asked) < IN_FLIGHT:
                batch = claim_batch() if time.monotonic() < ends_at else []
                asked |= {pool.submit(refresh.ask, grant): (grant, lease) for grant, lease in batch}
                more = bool(batch)
            if not asked:
                return renewed
            answered, _ = wait(asked, return_when=FIRST_COMPLETED)
            ended = [(*asked.pop(answer), answer.result()) for answer in answered]
            refresh.settle_all(ended)
            renewed += sum(isinstance(outcome, TokenSet) for _, _, outcome in ended)


def due() -> QuerySet[Grant]:
    """The grants whose turn it is, and that nobody is renewing. ``renew_at`` takes account of the state."""
    now = timezone.now()
    return Grant.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=now),
        Q(lease=None) | Q(lease_until__lt=now),
        renew_at__lte=now,
    )


def claim_batch() -> list[tuple[Grant, uuid.UUID]]:
    """The next grants, leased to the caller. Those of an app in trouble are left alone, but for one that tries it."""
    lease = uuid.uuid4()
    # Many have their app in common: it is read once.
    known = OAuthApp.objects.in_bulk()
    blocked = [app for app in known.values() if not _usable(app)]
    with transaction.atomic():
        rows = (
            due().exclude(connection__app__in=blocked).order_by("renew_at").select_related("connection").only(*_ASKED)
        )
        grants = list(rows.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        until = timezone.now() + refresh.LEASE
        bulk.update(Grant, [{"connection_id": one.pk, "lease": lease, "lease_until": until} for one in grants])
    for grant in grants:
        if grant.connection.app_id in known:  # or it was made a moment ago
            grant.connection.app = known[grant.connection.app_id]
    return [(grant, lease) for grant in grants]


def _usable(app: OAuthApp) -> bool:
    """Whether its provider accepts it, or its turn to be tried again has come."""
    try:
        apps.check(app)
    except MisconfiguredApp:
        return False
    return True


def _recover() -> None:
    """Connections whose key is back in the ring go on by themselves."""
    for grant in Grant.objects.filter(connection__state=State.UNREADABLE).select_related("connection")[:BATCH]:
        try:
            open_sealed(grant, "refresh_token")
        except KeyringError:
            continue
        lifecycle.readable(grant.connection)
        schedule.sync_now(grant.connection)
