"""What an operator got wrong in a vendor's console, on demand: every app of that vendor behaves as if it were so.

The registrations themselves stay as they are, so that ending it brings them back. What a vendor answers to such an app
is left to ``sandbox.oauth``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS misregistered (
    provider TEXT NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (provider, what)
);
"""
ELSEWHERE = frozenset({"https://osmen.example.org/accounts/login/callback/"})
LOOPBACK = frozenset({"http://127.0.0.1"})
ANOTHER_TENANT = "3f6b2c4e-7d10-4a51-9c3d-5e0f8a7b6c1d"

# By vendor and mistake, what is different about the app.
MISTAKES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "google": {
        "redirect-mismatch": {"redirect_uris": ELSEWHERE},
        "wrong-client-type": {"kind": "desktop", "redirect_uris": LOOPBACK},
        "testing-mode": {"testing": True},
        "expired-secret": {"secret_expired": True},
    },
    "microsoft": {
        "redirect-mismatch": {"redirect_uris": ELSEWHERE},
        "wrong-client-type": {"kind": "public"},
        "wrong-audience": {"audience": ANOTHER_TENANT},
        "expired-secret": {"secret_expired": True},
    },
}
WHAT = tuple(dict.fromkeys(what for mistakes in MISTAKES.values() for what in mistakes))


def make(store: Store, provider: str, what: str) -> None:
    """Let a vendor's apps have this mistake from now on. Raises ``KeyError`` for one that the vendor does not know."""
    MISTAKES[provider][what]
    with store.write() as db:
        db.execute("INSERT OR IGNORE INTO misregistered (provider, what) VALUES (?, ?)", (provider, what))


def clear(store: Store) -> None:
    """Put everything right again."""
    with store.write() as db:
        db.execute("DELETE FROM misregistered")


def present(store: Store) -> list[tuple[str, str]]:
    """The mistakes that count now."""
    return [(row["provider"], row["what"]) for row in store.rows("SELECT * FROM misregistered ORDER BY 1, 2")]


def changes(store: Store, provider: str) -> dict[str, Any]:
    """What is different about a vendor's apps."""
    changed: dict[str, Any] = {}
    for row in store.rows("SELECT what FROM misregistered WHERE provider = ?", provider):
        changed |= MISTAKES[provider][row["what"]]
    return changed
