"""The mailbox's counter of changes, the list of what left a container, and instants as Graph writes them.

Rules of the delta rounds that read these are left to ``delta``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.accounts import Account
from sandbox.microsoft import ids
from sandbox.store import Store


def instant(moment: datetime) -> str:
    """An aware datetime as stored and shown: UTC, whole seconds, Z."""
    moment = moment.astimezone(UTC)
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}Z"


def now(store: Store) -> str:
    return instant(store.now())


def tick(store: Store, account: Account) -> int:
    """The number of the next change in this mailbox."""
    with store.write() as db:
        db.execute("INSERT INTO graph_mailbox (account) VALUES (?) ON CONFLICT DO NOTHING", (account.id,))
        db.execute("UPDATE graph_mailbox SET seq = seq + 1 WHERE account = ?", (account.id,))
    return mark(store, account)


def mark(store: Store, account: Account) -> int:
    """The number of the last change."""
    return int(store.value("SELECT seq FROM graph_mailbox WHERE account = ?", account.id) or 0)


def epoch(store: Store, account: Account) -> int:
    return int(store.value("SELECT epoch FROM graph_mailbox WHERE account = ?", account.id) or 0)


def expire(store: Store, account: Account | None) -> None:
    """Make every delta token given out so far unknown, for one account or for all."""
    with store.write() as db:
        if account is None:
            db.execute("UPDATE graph_mailbox SET epoch = epoch + 1")
        else:
            db.execute("UPDATE graph_mailbox SET epoch = epoch + 1 WHERE account = ?", (account.id,))


def gone(
    store: Store, account: Account, kind: str, container: int, number: int, extra: int = 0, *, moved: bool = False
) -> None:
    """Note that an item left a container: deleted, or ``moved`` elsewhere."""
    with store.write() as db:
        db.execute(
            "INSERT INTO graph_gone (account, kind, container, rest_id, immutable_id, reason, seq) VALUES (?, ?,"
            " ?, ?, ?, ?, ?)",
            (
                account.id,
                kind,
                container,
                ids.make(account, kind, number, extra),
                ids.make(account, kind, number, 0 if kind == "message" else extra, immutable=True),
                "changed" if moved else "deleted",
                tick(store, account),
            ),
        )
