"""The queue of what is to be told, and the marks up to which everybody has been told.

Deliveries that fail are tried again, later and later, until the vendor would give up. What a delivery says is left to
``gmail``, ``calendar`` and ``graph``; sending it, to ``sending``.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from sandbox import faults
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS push (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,               -- 'gmail', 'calendar' or 'graph'
    url TEXT NOT NULL,
    headers TEXT NOT NULL,            -- JSON
    body TEXT NOT NULL,
    claims TEXT NOT NULL DEFAULT '',  -- JSON: of the token that a Pub/Sub push is signed with when it leaves
    due REAL NOT NULL,                -- by the sandbox's clock
    given_up REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS push_due ON push (due);
CREATE TABLE IF NOT EXISTS push_mark (
    name TEXT PRIMARY KEY,            -- whose: a watch, a channel, a subscription
    mark INTEGER NOT NULL,            -- the change up to which it has been told
    number INTEGER NOT NULL DEFAULT 0,-- how often it was told
    told REAL NOT NULL DEFAULT 0      -- when, by the sandbox's clock
);
"""
# Cloud Pub/Sub keeps messages for a week, Graph retries for four hours ("Receive change notifications through
# webhooks"); for Calendar's channels no span is stated.
PATIENCE = {"gmail": timedelta(days=7), "calendar": timedelta(hours=4), "graph": timedelta(hours=4)}
HELD = 15.0  # seconds that a delivery under way is not due again
FIRST_RETRY, LAST_RETRY = 0.1, 60.0  # seconds; Pub/Sub, "Push backoff"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that is to be made."""

    kind: str
    url: str
    headers: dict[str, str]
    body: str = ""
    claims: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has been told."""

    mark: int
    number: int
    told: float


def put(store: Store, delivery: Delivery) -> None:
    """Queue a delivery; the drills decide whether it is lost, late or doubled."""
    if faults.take(store, "push", "drop"):
        return
    now = store.now()
    due = (now + timedelta(milliseconds=faults.amount(store, "push", "delay"))).timestamp()
    given_up = (now + PATIENCE[delivery.kind]).timestamp()
    row = (delivery.kind, delivery.url, json.dumps(delivery.headers), delivery.body, delivery.claims, due, given_up)
    with store.write() as db:
        for _ in range(2 if faults.take(store, "push", "duplicate") else 1):
            db.execute(
                "INSERT INTO push (kind, url, headers, body, claims, due, given_up) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )


def claim(store: Store, limit: int) -> list[sqlite3.Row]:
    """What is to leave now, oldest first; nobody else gets it until it had its time. After a kill it is due again."""
    now = store.now().timestamp()
    rows = store.rows("SELECT * FROM push WHERE due <= ? ORDER BY id LIMIT ?", now, limit)
    with store.write() as db:
        db.executemany("UPDATE push SET due = ? WHERE id = ?", [(now + HELD, row["id"]) for row in rows])
    return rows


def settle(store: Store, row: sqlite3.Row, *, delivered: bool) -> bool:
    """Take a delivery off the queue, or put it off if it failed. Answers whether the vendor gives it up."""
    now, attempts = store.now().timestamp(), row["attempts"] + 1
    wait = min(FIRST_RETRY * 2 ** min(attempts, 20), LAST_RETRY)
    lost = not delivered and now + wait > row["given_up"]
    with store.write() as db:
        if delivered or lost:
            db.execute("DELETE FROM push WHERE id = ?", (row["id"],))
        else:
            db.execute("UPDATE push SET due = ?, attempts = ? WHERE id = ?", (now + wait, attempts, row["id"]))
    return lost


def mark(store: Store, name: str) -> Mark | None:
    """How far this one has been told; None if it is new."""
    row = store.row("SELECT mark, number, told FROM push_mark WHERE name = ?", name)
    return None if row is None else Mark(row["mark"], row["number"], row["told"])


def move(store: Store, name: str, mark: int, *, number: int = 0, told: bool = False) -> None:
    """Remember how far somebody has been told; ``told`` also notes the time."""
    with store.write() as db:
        db.execute(
            "INSERT INTO push_mark (name, mark, number, told) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " mark = excluded.mark, number = excluded.number,"
            " told = CASE WHEN excluded.told THEN excluded.told ELSE told END",
            (name, mark, number, store.now().timestamp() if told else 0),
        )


def clear(store: Store) -> None:
    """Forget what was to be told, and to whom."""
    with store.write() as db:
        db.execute("DELETE FROM push")
        db.execute("DELETE FROM push_mark")
