"""Renewing one grant: claim it, ask the provider, write down how that ended. Who asks for it is left to the callers.

The claim is a conditional UPDATE and commits before the provider is asked; what comes back is saved only while the
lease is still ours. A process that dies in between loses nothing: Google keeps the old refresh token, and Microsoft
accepts it beside the new one. Every error is classified here, once.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from random import uniform

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.errors import IntegrationError, MisconfiguredApp, RateLimited, ReconnectRequired, TemporaryFailure
from integrations.models import Grant
from integrations.models.ledger import Happening
from integrations.records import TokenSet
from integrations.vault import apps, grants, ledger, lifecycle, secrets
from integrations.vault.fields import open_sealed
from integrations.vault.keyset import KeyringError

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 5.0, 3600.0
# More renewals than this within ``grants.BURST_WINDOW`` are a loop of ours, whatever makes us ask.
MOST_IN_A_BURST = 10

Outcome = TokenSet | Exception


def claim(grant: Grant) -> uuid.UUID | None:
    """Take the lease of a grant that has not changed since it was read; None when another has it."""
    now = timezone.now()
    lease = uuid.uuid4()
    taken = (
        Grant.objects.filter(connection_id=grant.connection_id, version=grant.version)
        .filter(Q(lease=None) | Q(lease_until__lt=now))
        .update(lease=lease, lease_until=now + LEASE)
    )
    return lease if taken else None


def ask(grant: Grant) -> Outcome:
    """What the provider says to the grant's refresh token. Touches no database: ``grant`` brings connection and app."""
    loop = _loop(grant)
    if loop is not None:
        return loop
    connection = grant.connection
    try:
        refresh_token = open_sealed(grant, "refresh_token")
        if not refresh_token:
            return ReconnectRequired("There is no lasting access to this account.", code="no_refresh_token")
        scopes = frozenset(connection.granted_scopes)
        return connection.provider_spec.oauth.refresh(connection.app.credentials(), refresh_token, scopes)
    except Exception as error:
        return error


def settle(grant: Grant, lease: uuid.UUID, outcome: Outcome) -> None:
    """Write down what came of it, and give the lease back. Does nothing to a grant that was replaced meanwhile."""
    settle_all([(grant, lease, outcome)])


def settle_all(ended: Sequence[tuple[Grant, uuid.UUID, Outcome]]) -> None:
    """``settle`` for several at once: those that succeeded in one transaction, the others one by one."""
    renewed = [(grant, lease, outcome) for grant, lease, outcome in ended if isinstance(outcome, TokenSet)]
    if renewed:
        _succeeded(renewed)
    for grant, lease, outcome in ended:
        if not isinstance(outcome, TokenSet):
            _failed(grant, lease, outcome)


def _failed(grant: Grant, lease: uuid.UUID, outcome: Exception) -> None:
    connection = grant.connection
    if isinstance(outcome, ReconnectRequired):
        lifecycle.grant_died(connection, outcome, version=grant.version)
    elif isinstance(outcome, MisconfiguredApp):
        apps.refused(connection.app, outcome)
    elif isinstance(outcome, KeyringError):
        lifecycle.unreadable(connection)
    elif isinstance(outcome, RateLimited):
        _postpone(grant, lease, outcome, outcome.retry_after)
    else:
        if not isinstance(outcome, IntegrationError):
            logger.error("Renewing the access of %s failed", connection.pk, exc_info=outcome)
            outcome = TemporaryFailure("OsMEN could not renew the access.", code="internal")
        wait = FIRST_BACKOFF_SECONDS * 2.0 ** min(grant.failures, 20)
        _postpone(grant, lease, outcome, min(wait, LONGEST_BACKOFF_SECONDS))
    release(grant, lease)


def release(grant: Grant, lease: uuid.UUID) -> None:
    """Give the lease back, if it is still ours."""
    Grant.objects.filter(connection_id=grant.connection_id, lease=lease).update(lease=None, lease_until=None)


@transaction.atomic
def _succeeded(renewed: Sequence[tuple[Grant, uuid.UUID, TokenSet]]) -> None:
    states = lifecycle.lock_all([grant.connection for grant, _, _ in renewed])
    fingerprinting, sealing = secrets.all_present(secrets.FINGERPRINT, secrets.LEDGER)
    # What is not written was replaced or removed meanwhile: what was fetched belongs to the old grant.
    fingerprints = grants.save_refreshed(renewed, states, fingerprinting.key)
    drafts = []
    for grant, _, tokens in renewed:
        fingerprint = fingerprints.get(grant.connection_id)
        if fingerprint is not None:
            lifecycle.granted(grant.connection, tokens)
            apps.works(grant.connection.app)
            drafts.append(ledger.Draft.about(grant.connection, Happening.REFRESHED, fingerprint=fingerprint))
    ledger.append(drafts, secret=sealing)


def _loop(grant: Grant) -> RateLimited | None:
    since = grant.burst_since
    if since is None or grant.burst < MOST_IN_A_BURST or since + grants.BURST_WINDOW < timezone.now():
        return None
    wait = (since + grants.BURST_WINDOW - timezone.now()).total_seconds()
    return RateLimited("Access was renewed too often within minutes.", retry_after=wait, code="renewal_loop")


@transaction.atomic
def _postpone(grant: Grant, lease: uuid.UUID, error: IntegrationError, seconds: float) -> None:
    """Remember a failure and when to try again; the first of a run goes into the ledger."""
    mine = Grant.objects.filter(connection_id=grant.connection_id, lease=lease).update(
        failures=grant.failures + 1,
        last_error=error.explanation[:300],
        retry_at=timezone.now() + timedelta(seconds=seconds * uniform(1.0, 1.25)),
    )
    if mine and grant.failures == 0:
        ledger.record(grant.connection, Happening.REFRESH_FAILED, detail=error.explanation, code=error.code)
