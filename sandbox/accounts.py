"""The accounts that exist in the sandbox's world. What each holds is left to its provider's modules."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal

from sandbox.store import Store

Vendor = Literal["google", "microsoft"]


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox with its calendars and contacts at one vendor. ``id`` is the key of all its rows."""

    id: int
    provider: Vendor
    email: str
    name: str
    subject: str
    tenant: str
    time_zone: str


def _account(row: sqlite3.Row) -> Account:
    return Account(
        row["id"], row["provider"], row["email"], row["name"], row["subject"], row["tenant"], row["time_zone"]
    )


def create(
    store: Store, provider: Vendor, email: str, name: str, *, subject: str, tenant: str = "", time_zone: str = "UTC"
) -> Account:
    """Add an account; one that is there already is returned as it is."""
    with store.write() as db:
        db.execute(
            "INSERT INTO account (provider, email, name, subject, tenant, time_zone) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (provider, email) DO NOTHING",
            (provider, email, name, subject, tenant, time_zone),
        )
    found = by_email(store, provider, email)
    assert found is not None
    return found


def by_email(store: Store, provider: str, email: str) -> Account | None:
    row = store.row("SELECT * FROM account WHERE provider = ? AND email = ?", provider, email)
    return None if row is None else _account(row)


def by_id(store: Store, account_id: int) -> Account:
    row = store.row("SELECT * FROM account WHERE id = ?", account_id)
    if row is None:
        raise KeyError(account_id)
    return _account(row)


def all_of(store: Store, provider: str | None = None) -> list[Account]:
    """Every account, or those of one vendor, in the order of their creation."""
    if provider is None:
        return [_account(r) for r in store.rows("SELECT * FROM account ORDER BY id")]
    return [_account(r) for r in store.rows("SELECT * FROM account WHERE provider = ? ORDER BY id", provider)]


def clear(store: Store) -> None:
    """Remove every account. What the vendors keep for them goes first, by their own ``clear``."""
    with store.write() as db:
        db.execute("DELETE FROM account")
