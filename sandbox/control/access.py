"""Drills about grants: access is taken back, tokens run out, keys rotate, an administrator says no."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.applications import Starlette

from sandbox import faults
from sandbox.control.answers import BadCall, concerned, named_account, number, provider_of
from sandbox.oauth import grants, keys, tokens
from sandbox.oauth.google import scopes as google_scopes
from sandbox.push import graph
from sandbox.store import Store

Call = dict[str, Any]


def revoke_grant(app: Starlette, call: Call) -> Call:
    """Takes an app's access (or every app's) to an account back, as its owner does on the vendor's page."""
    store: Store = app.state.store
    return {"ended": grants.revoke(store, named_account(store, call).id, call.get("client_id"))}


def change_password(app: Starlette, call: Call) -> Call:
    """Changes an account's password: ends Google's tokens that carry mail scopes, and Microsoft's if an admin does it.

    Sources: developers.google.com/identity/protocols/oauth2 ("Refresh token expiration"); Microsoft identity platform,
    "Refresh tokens" (revocation table, confidential clients); "Subscription lifetime changes for Outlook resources"
    (Graph's subscriptions that a user's token made end with the password).
    """
    store: Store = app.state.store
    account = named_account(store, call)
    by = call.get("by", "user")
    if by not in {"user", "admin"}:
        raise BadCall('by is "user" or "admin".')
    ended = 0
    for token in tokens.alive(store, account.id):
        if google_scopes.touches_mail(token.scopes) if account.provider == "google" else by == "admin":
            tokens.revoke(store, token.value)
            ended += 1
    for row in store.rows("SELECT * FROM graph_subscription WHERE account = ?", account.id):
        graph.lifecycle(store, row, "subscriptionRemoved")
    return {"ended": ended}


def expire_access_tokens(app: Starlette, call: Call) -> Call:
    """Lets access tokens run out now, as if their hour had passed."""
    store: Store = app.state.store
    return {"ended": sum(tokens.expire_access_tokens(store, account.id) for account in concerned(store, call))}


def expire_testing_grant(app: Starlette, call: Call) -> Call:
    """Ends a Google account's refresh tokens as after seven days of an app in publishing status "Testing"."""
    store: Store = app.state.store
    account = named_account(store, call)
    if account.provider != "google":
        raise BadCall("Only Google has a publishing status.")
    aged = [t for t in tokens.alive(store, account.id) if not t.scopes <= google_scopes.IDENTITY.keys()]
    for token in aged:
        tokens.extend(store, token.value, timedelta())
    return {"ended": len(aged)}


def refuse_consent(app: Starlette, call: Call) -> Call:
    """Lets Google's next consents end with an administrator's no: the app is restricted, or for one organisation."""
    reason = call.get("reason", "admin_policy_enforced")
    kinds: dict[str, faults.Kind] = {"admin_policy_enforced": "admin-policy", "org_internal": "org-internal"}
    if reason not in kinds:
        raise BadCall(f"reason is one of {', '.join(kinds)}.")
    faults.plan(app.state.store, "google-oauth", kinds[reason], amount=int(number(call, "count", 1)))
    return {}


def rotate_signing_keys(app: Starlette, call: Call) -> Call:
    """Signs ID tokens with a new key; the one in use until now stays published, the one before it does not."""
    store: Store = app.state.store
    provider = provider_of(call)
    keys.rotate(store, provider)
    return {"keys": [key["kid"] for key in keys.key_set(store, provider)["keys"]]}
