"""Topics and subscriptions as rows, and publishing: a copy for each subscription, queued for a push or kept for a pull.

Cloud Pub/Sub: at least once, acknowledged within a deadline, kept for a week.
"""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from datetime import timedelta
from typing import Any

from sandbox.push import queue
from sandbox.push.queue import Delivery
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS pubsub_topic (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS pubsub_closed (name TEXT PRIMARY KEY);  -- topics to which Gmail may not publish
CREATE TABLE IF NOT EXISTS pubsub_subscription (
    name TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    endpoint TEXT NOT NULL DEFAULT '',  -- empty: pulled
    audience TEXT NOT NULL DEFAULT '',  -- empty: the endpoint
    email TEXT NOT NULL DEFAULT '',     -- the service account that pushes are signed for; empty: not signed
    deadline INTEGER NOT NULL DEFAULT 10
);
CREATE TABLE IF NOT EXISTS pubsub_message (
    id INTEGER PRIMARY KEY,
    subscription TEXT NOT NULL,
    message TEXT NOT NULL,              -- JSON: a PubsubMessage
    ack_id TEXT NOT NULL DEFAULT '',
    hidden_until REAL NOT NULL DEFAULT 0,
    kept_until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS pubsub_message_waiting ON pubsub_message (subscription, hidden_until);
"""
RETENTION = timedelta(days=7)


def subscription(store: Store, name: str) -> sqlite3.Row | None:
    return store.row("SELECT * FROM pubsub_subscription WHERE name = ?", name)


def subscribe(store: Store, name: str, topic: str, push: dict[str, Any], deadline: int = 10) -> sqlite3.Row:
    """Make a subscription or give it another push configuration (``pushEndpoint``, ``oidcToken``)."""
    token = push.get("oidcToken") or {}
    values = (name, topic, push.get("pushEndpoint") or "", token.get("audience") or "")
    with store.write() as db:
        db.execute("INSERT OR IGNORE INTO pubsub_topic VALUES (?)", (topic,))
        db.execute(
            "INSERT OR REPLACE INTO pubsub_subscription VALUES (?, ?, ?, ?, ?, ?)",
            (*values, token.get("serviceAccountEmail") or "", deadline),
        )
    made = subscription(store, name)
    assert made is not None
    return made


def exists(store: Store, topic: str) -> bool:
    return store.value("SELECT 1 FROM pubsub_topic WHERE name = ?", topic) is not None


def let_publish(store: Store, topic: str, *, allowed: bool) -> None:
    """Give Gmail the role of a publisher on a topic, or take it away."""
    with store.write() as db:
        db.execute("DELETE FROM pubsub_closed WHERE name = ?", (topic,))
        if not allowed:
            db.execute("INSERT INTO pubsub_closed VALUES (?)", (topic,))


def may_publish(store: Store, topic: str) -> bool:
    """Whether gmail-api-push@system.gserviceaccount.com is among a topic's publishers."""
    return store.value("SELECT 1 FROM pubsub_closed WHERE name = ?", topic) is None


def publish(store: Store, topic: str, data: bytes) -> str:
    """Publish a message to every subscription of a topic. Answers its id."""
    made = message(store, data)
    for row in store.rows("SELECT * FROM pubsub_subscription WHERE topic = ?", topic):
        if row["endpoint"]:
            queue.put(store, push(row, made))
        else:
            _keep(store, row["name"], made)
    return made["messageId"]


def message(store: Store, data: bytes) -> dict[str, str]:
    """A PubsubMessage with a new id."""
    published = f"{store.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    number = str(10**15 + secrets.randbelow(10**15))
    return {"data": base64.urlsafe_b64encode(data).decode(), "messageId": number, "publishTime": published}


def push(row: sqlite3.Row, message: dict[str, Any], **forged: Any) -> Delivery:
    """The request to a push endpoint; ``forged`` claims replace the right ones."""
    body = {
        "message": message | {"message_id": message["messageId"], "publish_time": message["publishTime"]},
        "subscription": row["name"],
    }
    claims: dict[str, Any] = {}
    if row["email"] or forged:
        email = row["email"]
        claims = {
            "iss": "https://accounts.google.com",
            "aud": row["audience"] or row["endpoint"],
            "azp": "113774264463038321964",
            "sub": "113774264463038321964",
            "email": email,
            "email_verified": True,
        } | forged
    headers = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google"}
    return Delivery("gmail", row["endpoint"], headers, json.dumps(body), json.dumps(claims) if claims else "")


def _keep(store: Store, name: str, message: dict[str, Any]) -> None:
    until = (store.now() + RETENTION).timestamp()
    with store.write() as db:
        db.execute(
            "INSERT INTO pubsub_message (subscription, message, kept_until) VALUES (?, ?, ?)",
            (name, json.dumps(message), until),
        )


def pull(store: Store, row: sqlite3.Row, most: int) -> list[dict[str, Any]]:
    """Up to ``most`` messages, hidden from others until the deadline."""
    now = store.now().timestamp()
    waiting = "subscription = ? AND hidden_until <= ? AND kept_until > ?"
    sql = f"SELECT * FROM pubsub_message WHERE {waiting} ORDER BY id LIMIT ?"
    received = []
    with store.write() as db:
        for kept in store.rows(sql, row["name"], now, now, most):
            ack_id = secrets.token_urlsafe(60)
            db.execute(
                "UPDATE pubsub_message SET ack_id = ?, hidden_until = ? WHERE id = ?",
                (ack_id, now + row["deadline"], kept["id"]),
            )
            received.append({"ackId": ack_id, "message": json.loads(kept["message"])})
    return received


def acknowledge(store: Store, name: str, ack_ids: list[str]) -> None:
    """Take messages off a subscription; what came back in the meantime stays."""
    with store.write() as db:
        for ack_id in ack_ids:
            db.execute("DELETE FROM pubsub_message WHERE subscription = ? AND ack_id = ?", (name, ack_id))


def extend(store: Store, name: str, ack_ids: list[str], seconds: int) -> None:
    """Hide messages for so long from now; 0 gives them back."""
    until = store.now().timestamp() + seconds
    with store.write() as db:
        for ack_id in ack_ids:
            db.execute(
                "UPDATE pubsub_message SET hidden_until = ? WHERE subscription = ? AND ack_id = ?",
                (until, name, ack_id),
            )
