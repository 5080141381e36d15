"""Every code and token that was ever given out: who holds it, for what, until when, and whether it still counts.

Rows are never deleted, so that a search for leaked values can ask for all of them, even after a reset. Which token is
given out when, and what ends it, is each vendor's rule and is left to ``sandbox.oauth.google`` and ``.microsoft``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sandbox.accounts import Account
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY,
    value TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,             -- 'access', 'refresh', 'id' or 'code'
    provider TEXT NOT NULL,
    account_id INTEGER NOT NULL,    -- no reference: the row outlives the account
    email TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS token_holder ON token (account_id, client_id, kind);
"""

Kind = Literal["access", "refresh", "id", "code"]


@dataclass(frozen=True, slots=True)
class Token:
    """One value that was given out. Times are aware, in UTC, by the sandbox's clock."""

    value: str
    kind: Kind
    provider: str
    account_id: int
    email: str
    client_id: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    revoked: bool

    def is_alive(self, now: datetime) -> bool:
        """Whether it still counts at this moment."""
        return not self.revoked and now < self.expires_at


AccessToken = Token


def _token(row: sqlite3.Row) -> Token:
    return Token(
        row["value"],
        row["kind"],
        row["provider"],
        row["account_id"],
        row["email"],
        row["client_id"],
        frozenset(row["scopes"].split()),
        datetime.fromtimestamp(row["issued_at"], UTC),
        datetime.fromtimestamp(row["expires_at"], UTC),
        bool(row["revoked"]),
    )


def issue(
    store: Store,
    kind: Kind,
    value: str,
    account: Account,
    client_id: str,
    scopes: frozenset[str],
    lifetime: timedelta,
) -> Token:
    """Record a value that is about to be given out."""
    now = store.now()
    with store.write() as db:
        db.execute(
            "INSERT INTO token (value, kind, provider, account_id, email, client_id, scopes, issued_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                value,
                kind,
                account.provider,
                account.id,
                account.email,
                client_id,
                " ".join(sorted(scopes)),
                now.timestamp(),
                (now + lifetime).timestamp(),
            ),
        )
    token = find(store, kind, value)
    assert token is not None
    return token


def find(store: Store, kind: Kind, value: str) -> Token | None:
    """The token of this kind with this value, dead ones too; None if it was never given out."""
    row = store.row("SELECT * FROM token WHERE value = ? AND kind = ?", value, kind)
    return None if row is None else _token(row)


def access_token(store: Store, value: str) -> AccessToken | None:
    """The access token with this value, dead ones too; None if it was never given out."""
    return find(store, "access", value)


def alive(store: Store, account_id: int) -> list[Token]:
    """Every access and refresh token and code of an account that still counts."""
    found = store.rows(
        "SELECT * FROM token WHERE account_id = ? AND kind <> 'id' AND NOT revoked AND expires_at > ? ORDER BY id",
        account_id,
        store.now().timestamp(),
    )
    return [_token(row) for row in found]


def live_refresh_tokens(store: Store, account_id: int, client_id: str) -> list[Token]:
    """An app's refresh tokens for an account that still count, oldest first."""
    found = store.rows(
        "SELECT * FROM token WHERE account_id = ? AND client_id = ? AND kind = 'refresh' AND NOT revoked"
        " AND expires_at > ? ORDER BY id",
        account_id,
        client_id,
        store.now().timestamp(),
    )
    return [_token(row) for row in found]


def extend(store: Store, value: str, lifetime: timedelta) -> None:
    """Let a token live this long from now."""
    with store.write() as db:
        db.execute("UPDATE token SET expires_at = ? WHERE value = ?", ((store.now() + lifetime).timestamp(), value))


def narrow(store: Store, value: str, scopes: frozenset[str]) -> None:
    """Let a token carry these scopes alone."""
    with store.write() as db:
        db.execute("UPDATE token SET scopes = ? WHERE value = ?", (" ".join(sorted(scopes)), value))


def revoke(store: Store, value: str) -> None:
    """End one token."""
    with store.write() as db:
        db.execute("UPDATE token SET revoked = 1 WHERE value = ?", (value,))


def revoke_all(store: Store, account_id: int | None = None, client_id: str | None = None) -> None:
    """End all tokens and codes of an account, of an account at one app, or of everybody."""
    with store.write() as db:
        db.execute(
            "UPDATE token SET revoked = 1 WHERE kind <> 'id' AND (:account IS NULL OR account_id = :account)"
            " AND (:client IS NULL OR client_id = :client)",
            {"account": account_id, "client": client_id},
        )


def expire_access_tokens(store: Store, account_id: int | None = None) -> int:
    """Let access tokens run out now, as if an hour had passed. Answers how many were alive."""
    now = store.now().timestamp()
    with store.write() as db:
        return db.execute(
            "UPDATE token SET expires_at = :now WHERE kind = 'access' AND expires_at > :now AND NOT revoked"
            " AND (:account IS NULL OR account_id = :account)",
            {"account": account_id, "now": now},
        ).rowcount


def put_back(store: Store, rows: list[tuple[Any, ...]]) -> None:
    """List rows that were given out while a world was made anew; they count no more, as all that came before it."""
    with store.write() as db:
        for row in rows:
            db.execute(f"INSERT OR IGNORE INTO token VALUES ({', '.join('?' * len(row))})", row)
            db.execute("UPDATE token SET revoked = 1 WHERE id = ? AND kind <> 'id'", (row[0],))


def every(store: Store) -> list[dict[str, Any]]:
    """All values ever given out, in the order of their issue, as the control API lists them."""
    return [
        {
            "value": row["value"],
            "kind": row["kind"],
            "account": row["email"],
            "provider": row["provider"],
            "revoked": bool(row["revoked"]),
        }
        for row in store.rows("SELECT * FROM token ORDER BY id")
    ]
