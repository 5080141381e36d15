"""Channels: opened where changes reach us, renewed ahead of their end, remade when they die.

Changes reach us where the provider can reach us, or keeps them for us (``pulls``). A channel is never trusted alone:
its collection is asked about as well, only less often (``sync.pace``).
"""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from random import uniform

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from integrations import errors
from integrations.models import Channel, Collection, Connection
from integrations.models.collection import Phase
from integrations.models.connection import State
from integrations.providers.abilities import Pushes
from integrations.push import pulls
from integrations.push.doors import address, secret_hash
from integrations.records import ChannelRecord, Service
from integrations.sync import outcome, sessions
from integrations.vault.tokens import Purpose

logger = logging.getLogger(__name__)

# Of a long list of folders those that come first; the others are asked about.
MOST_PER_SERVICE = 20
AT_ONCE = 20
TAKEN = timedelta(minutes=2)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(days=1)
# What a channel should have told and did not: it is remade.
DEAF_AFTER = timedelta(hours=2)


def keep() -> int:
    """Open what is missing and renew what is due, some at a time. Answers how many channels were opened or renewed."""
    told = Q() if settings.OSMEN_PUSH_URL else pulls.reachable()
    if told is None:
        return 0
    _add_missing(told)
    _remake_deaf()
    done = 0
    for channel in _due(told)[:AT_ONCE]:
        # Conditional, so that two workers do not both open it.
        if Channel.objects.filter(pk=channel.pk, renew_at=channel.renew_at).update(renew_at=timezone.now() + TAKEN):
            done += _open(channel)
    return done


def renew_soon(connection: Connection) -> None:
    """A channel goes by the grant that it was opened with: under a new one each is renewed, or made anew."""
    Channel.objects.filter(collection__connection=connection).update(renew_at=timezone.now(), attempts=0)


def _add_missing(told: Q) -> None:
    wanting = Collection.objects.filter(
        told, enabled=True, phase=Phase.CURRENT, channel=None, connection__state=State.ACTIVE
    ).exclude(provider_id="")
    rows = []
    for collection in wanting.order_by("priority")[:AT_ONCE]:
        siblings = Channel.objects.filter(
            collection__connection_id=collection.connection_id, collection__service=collection.service
        )
        if siblings.count() < MOST_PER_SERVICE:
            rows.append(Channel(collection=collection, secret_hash=secret_hash(secrets.token_hex(16))))
    Channel.objects.bulk_create(rows, ignore_conflicts=True)


def _remake_deaf() -> None:
    """A safety poll found a change that an open channel should have told of long ago."""
    now = timezone.now()
    changed = Q(collection__changed_at__gt=now - DEAF_AFTER, collection__changed_at__lt=now - TAKEN)
    silent = Q(heard_at=None) | Q(heard_at__lt=now - DEAF_AFTER)
    deaf = Channel.objects.filter(changed & silent, opened_at__lt=now - DEAF_AFTER).exclude(provider_id="")
    deaf.update(provider_id="", renew_at=now)


def _due(told: Q) -> list[Channel]:
    return list(
        Channel.objects.select_related("collection__connection__app")
        .filter(collection__in=Collection.objects.filter(told))
        .filter(renew_at__lte=timezone.now(), collection__enabled=True, collection__connection__state=State.ACTIVE)
        .order_by("renew_at")
    )


def _open(channel: Channel) -> bool:
    connection, service = channel.collection.connection, Service(channel.collection.service)
    # A renewal keeps the secret where the vendor renews, and a new channel gets a new one.
    secret = secrets.token_hex(32)
    try:
        client = connection.provider_spec.client(service, sessions.session(connection, Purpose.SYNC, service))
        if not isinstance(client, Pushes):
            raise errors.PermanentFailure("This service has no channels.", code="none")
        before = channel.record()
        # Its provider may knock before it has answered us.
        renewing = bool(before.provider_id)
        if not renewing:
            Channel.objects.filter(pk=channel.pk).update(secret_hash=secret_hash(secret))
        opened = client.watch(channel.collection.provider_id, before, secret, address(connection.provider))
    except errors.IntegrationError as error:
        _failed(channel, error)
        return False
    if renewing and opened.provider_id != before.provider_id:
        Channel.objects.filter(pk=channel.pk).update(secret_hash=secret_hash(secret))
        with suppress(errors.IntegrationError):  # it ends by itself as well
            client.unwatch(before)
    _opened(channel, opened)
    return True


def _opened(channel: Channel, record: ChannelRecord) -> None:
    now = timezone.now()
    new = record.provider_id != channel.provider_id
    Channel.objects.filter(pk=channel.pk).update(
        provider_id=record.provider_id,
        resource_id=record.resource_id,
        expires_at=record.expires_at,
        renew_at=_ahead(now, record.expires_at),
        attempts=0,
        last_error="",
        **({"opened_at": now} if new else {}),
    )
    if new:
        # What changed until the channel was open comes now.
        Collection.objects.filter(pk=channel.collection_id).update(due_at=now)


def _ahead(now: datetime, expires_at: datetime | None) -> datetime:
    """When to renew: a day at the latest, with a quarter of its life left at the earliest, not all at once."""
    life = (expires_at - now) if expires_at else timedelta(days=1)
    return now + min(life * uniform(0.6, 0.75), timedelta(days=1))


def _failed(channel: Channel, error: errors.IntegrationError) -> None:
    logger.info("Channel of collection %s: %s (%s)", channel.collection_id, type(error).__name__, error.code)
    if isinstance(error, errors.ReconnectRequired | errors.Unauthorized):
        outcome.end_grant(channel.collection.connection, error)
    lasting = isinstance(error, errors.PermanentFailure | errors.NotFound | errors.ScopeMissing)
    wait = LONGEST_RETRY if lasting else min(FIRST_RETRY * 2**channel.attempts, LONGEST_RETRY)
    Channel.objects.filter(pk=channel.pk).update(
        renew_at=timezone.now() + wait * uniform(1.0, 1.25),
        attempts=channel.attempts + 1,
        last_error=error.explanation[:300],
    )
