"""Writing grants: a new one from a connect, the result of a refresh, the end of one.

Giving tokens out is left to ``tokens``, asking the provider for new ones to ``refresh``.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from integrations.models import Connection, Grant
from integrations.models.connection import State
from integrations.records import TokenSet
from integrations.vault import bulk, keyring, secrets

ACCESS = Grant._meta.get_field("access_token")
REFRESH = Grant._meta.get_field("refresh_token")
# Tokens are renewed this long before their end, each at a moment of its own, so that many made at once spread out.
AHEAD_SECONDS = (360.0, 900.0)
BURST_WINDOW = timedelta(minutes=10)
# Google ends grants that are unused for six months, Microsoft after 90 days; a paused connection is renewed weekly.
KEEP_ALIVE = timedelta(days=7)


def fingerprint(token: str, key: bytes | None = None) -> str:
    """A keyed short hash that tells tokens apart and says nothing else about them; empty for none."""
    if not token:
        return ""
    key = key or secrets.present(secrets.FINGERPRINT).key
    return hmac.digest(key, token.encode(), "sha256").hex()[:16]


def reschedule(connection: Connection) -> None:
    """The connection's state has changed, and with it when its grant is renewed ahead of need."""
    soon = F("access_expires_at") - timedelta(seconds=AHEAD_SECONDS[0])
    turns = {State.ACTIVE: soon, State.PAUSED: timezone.now() + KEEP_ALIVE}
    Grant.objects.filter(connection=connection).update(renew_at=turns.get(State(connection.state)))


def _turn(state: str, ends: datetime, now: datetime) -> datetime | None:
    """When a grant that was renewed now is renewed next."""
    if state == State.ACTIVE:
        return ends - min(timedelta(seconds=uniform(*AHEAD_SECONDS)), (ends - now) * 0.5)
    return now + KEEP_ALIVE if state == State.PAUSED else None


def _columns(
    connection_id: UUID, tokens: TokenSet, now: datetime, key: bytes, ring: keyring.Ring, state: str
) -> dict[str, Any]:
    """The columns that a token set fills. Without a new refresh token the old one stays (Google does not rotate)."""
    columns = {
        **ACCESS.assignments(connection_id, tokens.access_token, ring),
        "access_fingerprint": fingerprint(tokens.access_token, key),
        "access_expires_at": tokens.expires_at,
        "renew_at": _turn(state, tokens.expires_at, now),
        "failures": 0,
        "last_error": "",
        "retry_at": None,
        "lease": None,
        "lease_until": None,
    }
    if tokens.refresh_token:
        columns |= REFRESH.assignments(connection_id, tokens.refresh_token, ring)
        columns["refresh_fingerprint"] = fingerprint(tokens.refresh_token, key)
    if tokens.refresh_token or tokens.refresh_expires_at:
        columns["refresh_expires_at"] = tokens.refresh_expires_at
    return columns


def replace(connection: Connection, tokens: TokenSet) -> None:
    """Store a new grant. The old tokens are dropped, not revoked: revoking would end the new grant as well.

    A refresh under way with the old grant loses its lease and with it the right to save.
    """
    now = timezone.now()
    key = secrets.present(secrets.FINGERPRINT).key
    columns = _columns(connection.pk, tokens, now, key, keyring.present(), State.ACTIVE)
    Grant.objects.get_or_create(connection=connection)
    Grant.objects.filter(connection=connection).update(
        **columns, issued_at=now, refreshed_at=None, burst=0, burst_since=None, version=F("version") + 1
    )


def save_refreshed(
    renewed: Sequence[tuple[Grant, UUID, TokenSet]], states: Mapping[UUID, str], key: bytes
) -> dict[UUID, str]:
    """Store what refreshes brought, each only while its lease is ours. Answers the new fingerprints of those written.

    The caller holds the locks of their connections, in a transaction, and says their states: what is read here is what
    is written over. ``key`` is that of fingerprints.
    """
    now = timezone.now()
    columns_read = ("connection_id", "lease", "version", "burst", "burst_since")
    rows = bulk.locked(Grant, [grant.pk for grant, _, _ in renewed], columns_read)
    present = {key: said for key, *said in rows}
    # Asked for under these locks: a rotation that comes to a row later finds what is written here.
    ring = keyring.present()
    # One statement for all that fill the same columns: those without a new refresh token leave the old one alone.
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    written = {}
    for grant, lease, tokens in renewed:
        connection_id = grant.connection_id
        held, version, burst, since = present.get(connection_id, (None, 0, 0, None))
        if held != lease:
            continue
        goes_on = since is not None and since > now - BURST_WINDOW
        filled = _columns(connection_id, tokens, now, key, ring, states[connection_id])
        columns = {"connection_id": connection_id, **filled}
        columns |= {"version": version + 1, "refreshed_at": now}
        columns |= {"burst": burst + 1 if goes_on else 1, "burst_since": since if goes_on else now}
        alike[tuple(columns)].append(columns)
        written[connection_id] = filled["access_fingerprint"]
    for rows_alike in alike.values():
        bulk.update(Grant, rows_alike)
    return written


def forget(grant: Grant) -> None:
    """Empty the row of the tokens that were read with ``grant``; those of a newer grant stay."""
    Grant.objects.filter(pk=grant.pk, version=grant.version).update(
        **ACCESS.assignments(grant.pk, ""),
        **REFRESH.assignments(grant.pk, ""),
        access_fingerprint="",
        access_expires_at=None,
        refresh_fingerprint="",
        refresh_expires_at=None,
        renew_at=None,
        lease=None,
        lease_until=None,
        version=F("version") + 1,
    )


def destroy(connection: Connection) -> None:
    """Delete the tokens of a connection."""
    Grant.objects.filter(connection=connection).delete()
