"""Tells Gmail's watches: publishes to their topics that a mailbox has changed.

Gmail API, "Push notifications": a notification names the address and the newest historyId; at most one a second for a
user, the surplus is dropped; labels may be included or excluded.
"""

from __future__ import annotations

import json
import sqlite3

from sandbox import accounts
from sandbox.pubsub import topics
from sandbox.push import queue
from sandbox.store import Store

APART = 1.0  # seconds


def scan(store: Store) -> None:
    """Tell every live watch whose mailbox has changed."""
    now = store.now().timestamp()
    for watch in store.rows("SELECT * FROM gmail_watch WHERE expires > ?", now * 1000):
        name = f"gmail/{watch['account_id']}/{watch['client_id']}/{watch['expires']}"  # a renewal begins anew
        newest = store.value("SELECT history_id FROM gmail_mailbox WHERE account_id = ?", watch["account_id"]) or 0
        known = queue.mark(store, name)
        if known is None:
            queue.move(store, name, newest)
        elif newest > known.mark:
            wanted = _wanted(store, watch, known.mark) and now - known.told >= APART
            queue.move(store, name, newest, number=known.number + wanted, told=wanted)
            if wanted:
                tell(store, watch, newest)


def _wanted(store: Store, watch: sqlite3.Row, mark: int) -> bool:
    """Whether any change since ``mark`` concerns the labels of a watch."""
    labels = set(json.loads(watch["labels"]))
    if not labels:
        return True
    sql = "SELECT labels, after FROM gmail_history WHERE account_id = ? AND id > ?"
    touched = [
        set(json.loads(row["labels"])) | set(json.loads(row["after"]))
        for row in store.rows(sql, watch["account_id"], mark)
    ]
    return any(bool(one & labels) != (watch["behaviour"] == "exclude") for one in touched)


def tell(store: Store, watch: sqlite3.Row, history_id: int) -> None:
    """Publish one notification."""
    email = accounts.by_id(store, watch["account_id"]).email
    topics.publish(store, watch["topic"], json.dumps({"emailAddress": email, "historyId": history_id}).encode())
