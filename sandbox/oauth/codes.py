"""Authorisation codes: what each was given for, and that it is redeemed once, in ten minutes, by the one who asked.

Which answer a refused code gets is each vendor's; ``redeem`` only says what is wrong with it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import tokens
from sandbox.store import Store

LIFETIME = timedelta(minutes=10)
SCHEMA = """
CREATE TABLE IF NOT EXISTS code (
    value TEXT PRIMARY KEY REFERENCES token (value),
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    method TEXT NOT NULL,
    nonce TEXT NOT NULL,
    refreshable INTEGER NOT NULL,
    redeemed INTEGER NOT NULL DEFAULT 0
);
"""

Fault = Literal[
    "unknown", "expired", "redeemed", "revoked", "client", "redirect_uri", "verifier", "no_verifier", "stray_verifier"
]
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Refused(Exception):
    """A code that cannot be redeemed, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Order:
    """What an app asked for and a person allowed. ``refreshable``: a refresh token comes with the access token."""

    redirect_uri: str
    challenge: str
    method: str
    nonce: str
    scopes: frozenset[str]
    refreshable: bool


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A code that was good, turned in."""

    account_id: int
    scopes: frozenset[str]
    nonce: str
    refreshable: bool


def issue(store: Store, value: str, account: Account, client: Client, order: Order) -> str:
    """Give out a code for an order and return it."""
    with store.write() as db:
        tokens.issue(store, "code", value, account, client.client_id, order.scopes, LIFETIME)
        db.execute(
            "INSERT INTO code (value, redirect_uri, challenge, method, nonce, refreshable) VALUES (?, ?, ?, ?, ?, ?)",
            (value, order.redirect_uri, order.challenge, order.method, order.nonce, order.refreshable),
        )
    return value


def redeem(store: Store, value: str, client: Client, redirect_uri: str, verifier: str) -> Redeemed:
    """Turn in a code. Raises ``Refused``; a refused attempt does not use the code up."""
    token = tokens.find(store, "code", value)
    row = store.row("SELECT * FROM code WHERE value = ?", value)
    if token is None or row is None or token.provider != client.provider:
        raise Refused("unknown")
    if token.client_id != client.client_id:
        raise Refused("client")
    if row["redeemed"]:
        raise Refused("redeemed")
    if token.revoked:
        raise Refused("revoked")
    if token.expires_at <= store.now():
        raise Refused("expired")
    if row["redirect_uri"] != redirect_uri:
        raise Refused("redirect_uri")
    if fault := _verifier_fault(row["challenge"], row["method"], verifier):
        raise Refused(fault)
    with store.write() as db:
        db.execute("UPDATE code SET redeemed = 1 WHERE value = ?", (value,))
        tokens.revoke(store, value)
    return Redeemed(token.account_id, token.scopes, row["nonce"], bool(row["refreshable"]))


def is_challenge(value: str) -> bool:
    """Whether a PKCE challenge or verifier has the size and the letters it must have (RFC 7636, 4.1 and 4.2)."""
    return _CHALLENGE.fullmatch(value) is not None


def _verifier_fault(challenge: str, method: str, verifier: str) -> Fault | None:
    if not challenge:
        return "stray_verifier" if verifier else None
    if not verifier:
        return "no_verifier"
    if method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return None if secrets.compare_digest(verifier.encode(), challenge.encode()) else "verifier"
