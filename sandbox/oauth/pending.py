"""Authorisation requests that wait for a person: kept between the account chooser, the consent page and the answer.

Requests are checked before they come here; what follows from the person's decision is left to the vendors.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from sandbox.store import Store

PATIENCE = timedelta(hours=1)
SCHEMA = """
CREATE TABLE IF NOT EXISTS authorization_request (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    asked_at REAL NOT NULL,
    parameters TEXT NOT NULL
);
"""


def remember(store: Store, provider: str, parameters: dict[str, str]) -> str:
    """Keep a request while the person decides, and return the name to find it by."""
    name = secrets.token_urlsafe(24)
    now = store.now()
    with store.write() as db:
        db.execute("DELETE FROM authorization_request WHERE asked_at < ?", ((now - PATIENCE).timestamp(),))
        db.execute(
            "INSERT INTO authorization_request (id, provider, asked_at, parameters) VALUES (?, ?, ?, ?)",
            (name, provider, now.timestamp(), json.dumps(parameters)),
        )
    return name


def recall(store: Store, provider: str, name: str) -> dict[str, str] | None:
    """The parameters of a request, or None if it is unknown or older than an hour."""
    oldest = (store.now() - PATIENCE).timestamp()
    value = store.value(
        "SELECT parameters FROM authorization_request WHERE id = ? AND provider = ? AND asked_at >= ?",
        name,
        provider,
        oldest,
    )
    parameters: dict[str, str] | None = json.loads(value) if value else None
    return parameters
