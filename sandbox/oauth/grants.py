"""What people have allowed apps to do: one grant per account and app, with all scopes that were ever allowed in it.

A token carries some of a grant's scopes; when the grant ends, its tokens end. When consent must be asked again is each
vendor's rule, and left to them.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sandbox.accounts import Account
from sandbox.oauth import tokens
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS oauth_grant (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    offline INTEGER NOT NULL DEFAULT 0, -- whether a refresh token was given out under it
    PRIMARY KEY (account_id, client_id)
);
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """One account's consent to one app."""

    account_id: int
    client_id: str
    scopes: frozenset[str]
    offline: bool


def _grant(row: sqlite3.Row) -> Grant:
    return Grant(row["account_id"], row["client_id"], frozenset(row["scopes"].split()), bool(row["offline"]))


def find(store: Store, account: Account, client_id: str) -> Grant | None:
    """The consent an account gave to an app, or None."""
    row = store.row("SELECT * FROM oauth_grant WHERE account_id = ? AND client_id = ?", account.id, client_id)
    return None if row is None else _grant(row)


def of_account(store: Store, account: Account) -> list[Grant]:
    """Every app that an account has allowed something."""
    found = store.rows("SELECT * FROM oauth_grant WHERE account_id = ? ORDER BY client_id", account.id)
    return [_grant(row) for row in found]


def allow(store: Store, account: Account, client_id: str, scopes: frozenset[str]) -> Grant:
    """Record consent; what was allowed earlier stays allowed."""
    known = find(store, account, client_id)
    together = scopes | (known.scopes if known else frozenset())
    with store.write() as db:
        db.execute(
            "INSERT INTO oauth_grant (account_id, client_id, scopes) VALUES (?, ?, ?)"
            " ON CONFLICT (account_id, client_id) DO UPDATE SET scopes = excluded.scopes",
            (account.id, client_id, " ".join(sorted(together))),
        )
    return Grant(account.id, client_id, together, known.offline if known else False)


def mark_offline(store: Store, grant: Grant) -> None:
    """Remember that a refresh token was given out under a grant."""
    with store.write() as db:
        db.execute(
            "UPDATE oauth_grant SET offline = 1 WHERE account_id = ? AND client_id = ?",
            (grant.account_id, grant.client_id),
        )


def narrow(store: Store, grant: Grant, scopes: frozenset[str]) -> None:
    """Let a grant have these scopes alone."""
    with store.write() as db:
        db.execute(
            "UPDATE oauth_grant SET scopes = ? WHERE account_id = ? AND client_id = ?",
            (" ".join(sorted(scopes)), grant.account_id, grant.client_id),
        )


def revoke(store: Store, account_id: int, client_id: str | None = None) -> int:
    """End an account's consent to one app, or to all, with every token under it. Answers how many ended."""
    with store.write() as db:
        tokens.revoke_all(store, account_id, client_id)
        return db.execute(
            "DELETE FROM oauth_grant WHERE account_id = :account AND (:client IS NULL OR client_id = :client)",
            {"account": account_id, "client": client_id},
        ).rowcount
