"""Which of Graph's subscriptions have to be reauthorised by now, and whether they are told anything until they are.

"Reduce missing subscriptions and change notifications": an app is challenged before the access token that it subscribed
with or the subscription expires, and where its permission was taken back; the flow goes on for a while and then pauses.
The quarter of an hour is that of the page's example. Sending the challenge is left to ``graph``.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from sandbox.microsoft import clock, scopes
from sandbox.oauth import tokens
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS graph_access (
    subscription TEXT PRIMARY KEY REFERENCES graph_subscription (id) ON DELETE CASCADE,
    token TEXT NOT NULL,                -- the access token that it was authorised with last
    least TEXT NOT NULL,                -- the least permission that its resource needs
    challenged REAL NOT NULL DEFAULT 0  -- when, by the sandbox's clock
);
"""
AHEAD = EVERY = WHILE = timedelta(minutes=15)


def authorize(store: Store, subscription: str, token: str, least: str) -> None:
    """From now on a subscription goes by this token."""
    with store.write() as db:
        db.execute(
            "INSERT INTO graph_access (subscription, token, least) VALUES (?, ?, ?)"
            " ON CONFLICT (subscription) DO UPDATE SET token = excluded.token",
            (subscription, token, least),
        )


def take(store: Store) -> list[sqlite3.Row]:
    """The subscriptions that are to be challenged now, which is noted."""
    now = store.now()
    sql = (
        "SELECT s.*, a.token, a.least FROM graph_access a JOIN graph_subscription s ON s.id = a.subscription"
        " WHERE s.expires > ? AND a.challenged <= ?"
    )
    rows = store.rows(sql, clock.instant(now), (now - EVERY).timestamp())
    found = [row for row in rows if min(_ends(store, row), datetime.fromisoformat(row["expires"])) <= now + AHEAD]
    with store.write() as db:
        change = "UPDATE graph_access SET challenged = ? WHERE subscription = ?"
        db.executemany(change, [(now.timestamp(), row["id"]) for row in found])
    return found


def pauses(store: Store, subscription: str) -> bool:
    """Whether nothing is told to a subscription until it is reauthorised; what happens meanwhile is lost to it."""
    row = store.row("SELECT token, least FROM graph_access WHERE subscription = ?", subscription)
    return row is not None and _ends(store, row) + WHILE <= store.now()


def _ends(store: Store, row: sqlite3.Row) -> datetime:
    """Until when the token gives access; long ago where access was taken back."""
    token = tokens.access_token(store, row["token"])
    if token is None or token.revoked or not scopes.covers(scopes.normal(token.scopes), row["least"]):
        return store.now() - WHILE
    return token.expires_at
