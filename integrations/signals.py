"""What others may listen to: the life of connections and their grants, as Django signals.

Each is sent after the commit that made it true, with ``connection_id`` (UUID), ``account``, ``detail`` and ``code``; a
receiver's error is logged and disturbs nobody. ``leaving`` alone is sent before: with ``connection`` and ``session``,
so that what was set up at the provider can be taken down there while its tokens still work.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal

from integrations.models import LedgerEntry
from integrations.models.ledger import Happening

connected = Signal()
reconnected = Signal()
refreshed = Signal()
refresh_failed = Signal()
scopes_changed = Signal()
grant_died = Signal()
unreadable = Signal()
readable = Signal()
paused = Signal()
resumed = Signal()
revoked = Signal()
disconnected = Signal()
leaving = Signal()

_BY_HAPPENING = {
    Happening.CONNECTED: connected,
    Happening.RECONNECTED: reconnected,
    Happening.REFRESHED: refreshed,
    Happening.REFRESH_FAILED: refresh_failed,
    Happening.SCOPES_CHANGED: scopes_changed,
    Happening.GRANT_DIED: grant_died,
    Happening.UNREADABLE: unreadable,
    Happening.READABLE: readable,
    Happening.PAUSED: paused,
    Happening.RESUMED: resumed,
    Happening.REVOKED: revoked,
    Happening.DISCONNECTED: disconnected,
}


def announce(what: Happening, connection_id: UUID, account: str, detail: str, code: str) -> None:
    """Send the signal of what a ledger row says when its transaction commits, if anybody listens."""
    signal = _BY_HAPPENING.get(what)
    if signal is None or not signal.receivers:
        return
    send = partial(
        signal.send_robust,
        sender=LedgerEntry,
        connection_id=connection_id,
        account=account,
        detail=detail,
        code=code,
    )
    transaction.on_commit(send, robust=True)
