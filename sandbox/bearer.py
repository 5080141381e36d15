"""Who is calling: turns the Authorization header of an API request into the account and scopes its token carries.

Tokens are issued and revoked by ``sandbox.oauth``; the vendors' own error bodies for a refused call are written by
``sandbox.google.errors`` and ``sandbox.microsoft.errors``.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.oauth import tokens
from sandbox.store import Store


class Refused(Exception):
    """No token, an unknown, expired or revoked one, or one of the other vendor. ``reason`` is for the error body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is, which client it was given to, which scopes it has, and its text."""

    account: Account
    client_id: str
    scopes: frozenset[str]
    token: str


def authenticate(store: Store, request: Request, provider: str) -> Caller:
    """The caller behind a request. Raises ``Refused``; checking scopes is the endpoint's business."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise Refused("missing")
    token = tokens.access_token(store, value.strip())
    if token is None or token.provider != provider or not token.account_id:  # a service account has no mailbox
        raise Refused("invalid")
    if token.revoked:
        raise Refused("revoked")
    if token.expires_at <= store.now():
        raise Refused("expired")
    return Caller(accounts.by_id(store, token.account_id), token.client_id, token.scopes, token.value)
