"""``access_token``: the only door to a token. A valid one is decrypted; otherwise exactly one caller renews it.

Those who wait poll the row. The text of a token is in no log and no error. How a renewal goes is left to ``refresh``,
renewing ahead of need to ``ahead``.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from integrations.errors import MisconfiguredApp, RateLimited, ReconnectRequired, TemporaryFailure
from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.providers.base import Session
from integrations.records import Service, TokenSet
from integrations.vault import apps, lifecycle, refresh, usage
from integrations.vault.fields import open_sealed
from integrations.vault.keyset import KeyringError

BUFFER = timedelta(minutes=5)
# While renewing does not work, or another is at it, a token is good until shortly before its end.
LAST_RESORT = timedelta(seconds=30)
FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.05, 0.5
# What it takes to give out a token that is good.
_GIVEN = (
    "access_token",
    "access_expires_at",
    "refreshed_at",
    "issued_at",
    "version",
    "connection__state",
)


class _EncryptedAnew(TemporaryFailure):
    """A rotation retired the key of a grant that was loaded before; what is stored now can be read."""

    def __init__(self) -> None:
        super().__init__("The key ring changed a moment ago.", code="encrypted_anew", sent=False)


class Purpose(StrEnum):
    """What a token is wanted for, as the ledger says it: "used to … mail"."""

    SYNC = "read"
    SEND = "change"
    FETCH = "fetch from"
    ASK = "work with"
    LEAVE = "take leave of"


def access_token(
    connection: Connection, *, purpose: Purpose, service: Service | None = None, refused: str | None = None
) -> str:
    """A token valid for some minutes. ``refused`` is one that an API answered 401 to: it is not given again.

    Raises ``ReconnectRequired``, ``MisconfiguredApp``, ``RateLimited`` or ``TemporaryFailure``.
    """
    deadline = time.monotonic() + refresh.LEASE.total_seconds()
    pause = FIRST_POLL_SECONDS
    # Mostly the token is good, and then little of its row is needed.
    columns: tuple[str, ...] = _GIVEN
    while True:
        grant = _load(connection, purpose, columns)
        try:
            token = give(grant, connection, purpose, service, refused)
        except _EncryptedAnew:
            continue
        if token:
            return token
        if columns:
            columns = ()
            continue
        lease = None if _waiting(grant) else refresh.claim(grant)
        if lease is not None:
            try:
                _renew(grant, lease)
            except _EncryptedAnew:
                continue
            except (RateLimited, TemporaryFailure, MisconfiguredApp):
                if token := give(grant, connection, purpose, service, refused, lasting=LAST_RESORT):
                    return token
                raise
            continue
        token = give(grant, connection, purpose, service, refused, lasting=LAST_RESORT)
        if token:
            return token
        if _waiting(grant) and grant.retry_at:
            wait = (grant.retry_at - timezone.now()).total_seconds()
            raise RateLimited("Waiting before renewing access.", retry_after=max(wait, 1.0))
        if time.monotonic() > deadline:
            raise TemporaryFailure("Another process is renewing access and has not finished.", sent=False)
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_POLL_SECONDS)


def give(
    grant: Grant,
    connection: Connection,
    purpose: Purpose,
    service: Service | None,
    refused: str | None = None,
    *,
    lasting: timedelta = BUFFER,
) -> str:
    """The token of a loaded grant if it lasts and is not the refused one, else an empty text. Counts the use."""
    now = timezone.now()
    ends = grant.access_expires_at
    if ends is None or ends - min(lasting, _life(grant, ends) / 4) <= now:
        return ""
    token = _read(grant)
    if refused is not None and hmac.compare_digest(token.encode(), refused.encode()):
        return ""
    connection.version_given = grant.version
    usage.count(connection, purpose, service or "", now)
    return token


def session(connection: Connection, purpose: Purpose, service: Service | None = None) -> Session:
    """What a provider's client needs to act for a connection."""

    def token(refused: str | None = None) -> str:
        return access_token(connection, purpose=purpose, service=service, refused=refused)

    return Session(token, connection.app.resolved_endpoints(), connection.email, frozenset(connection.granted_scopes))


def renew(connection: Connection) -> None:
    """Renew now, whatever the token's age. Raises as ``access_token`` does, ``TemporaryFailure`` when one is at it."""
    grant = _load(connection, Purpose.ASK)
    lease = refresh.claim(grant)
    if lease is None:
        raise TemporaryFailure("Access is being renewed already.", sent=False)
    _renew(grant, lease)


def _load(connection: Connection, purpose: Purpose, columns: Sequence[str] = ()) -> Grant:
    """The grant as it is stored now, all of it with its app unless some columns are enough."""
    grants = Grant.objects.filter(pk=connection.pk)
    found = grants.select_related("connection").only(*columns) if columns else grants.select_related("connection__app")
    grant = next(iter(found), None)
    state = grant.connection.state if grant else None
    if grant is None or state == State.RECONNECT or (state == State.DISCONNECTING and purpose is not Purpose.LEAVE):
        raise ReconnectRequired("This account is not connected any more.", code="no_grant")
    return grant


def _life(grant: Grant, ends: datetime) -> timedelta:
    """How long the present token was given for."""
    return ends - (grant.refreshed_at or grant.issued_at)


def _waiting(grant: Grant) -> bool:
    return grant.retry_at is not None and grant.retry_at > timezone.now()


def _read(grant: Grant) -> str:
    try:
        token = open_sealed(grant, "access_token")
    except KeyringError as error:
        raise _lost(grant, error) from None
    if grant.connection.state == State.UNREADABLE:
        lifecycle.readable(grant.connection)
    return token


def _lost(grant: Grant, error: KeyringError) -> Exception:
    """What to raise where a loaded grant cannot be read."""
    if lifecycle.unreadable(grant.connection):
        return ReconnectRequired(str(error), code="key_unavailable")
    return _EncryptedAnew()


def _renew(grant: Grant, lease: UUID) -> None:
    """Renew under a lease and raise what went wrong."""
    try:
        apps.check(grant.connection.app)
        outcome = refresh.ask(grant)
    except BaseException:
        refresh.release(grant, lease)
        raise
    refresh.settle(grant, lease, outcome)
    if isinstance(outcome, KeyringError):
        raise _lost(grant, outcome) from None
    unread_secret = isinstance(outcome, MisconfiguredApp) and outcome.code == "key_unavailable"
    if unread_secret and apps.readable(grant.connection.app):
        raise _EncryptedAnew
    if not isinstance(outcome, TokenSet):
        raise outcome
