"""Drills about setting an app up: what an operator gets wrong in a vendor's console, and has to find out."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from sandbox import faults, misregistered
from sandbox.control.answers import BadCall, named_account, provider_of
from sandbox.oauth import grants, tokens
from sandbox.store import Store

Call = dict[str, Any]
APIS = ("gmail", "calendar", "people")
_SCOPES = {"mail": ("gmail", "mail."), "calendar": ("calendar",), "contacts": ("contacts",)}
SERVICES = tuple(_SCOPES)


def misregister_app(app: Starlette, call: Call) -> Call:
    """Gets something wrong in the registration of a vendor's apps, until all faults are ended."""
    provider, what = provider_of(call), str(call["what"])
    if what not in misregistered.MISTAKES[provider]:
        known = ", ".join(misregistered.MISTAKES[provider])
        raise BadCall(f"At {provider}, what is one of {known}.")
    misregistered.make(app.state.store, provider, what)
    return {}


def disable_api(app: Starlette, call: Call) -> Call:
    """Switches one of Google's APIs off in the project of every app, until all faults are ended."""
    if call["api"] not in APIS:
        raise BadCall(f"api is one of {', '.join(APIS)}.")
    faults.plan(app.state.store, call["api"], "api-disabled", amount=1)
    return {}


def take_permission(app: Starlette, call: Call) -> Call:
    """Takes the permissions for one service out of an account's grants; the grants and their tokens live on."""
    store: Store = app.state.store
    account, service = named_account(store, call), str(call["service"])
    if service not in _SCOPES:
        raise BadCall(f"service is one of {', '.join(_SCOPES)}.")
    words = _SCOPES[service]

    def kept(scopes: frozenset[str]) -> frozenset[str]:
        return frozenset(s for s in scopes if not any(word in s.casefold() for word in words))

    taken = 0
    for grant in grants.of_account(store, account):
        taken += len(grant.scopes) - len(kept(grant.scopes))
        grants.narrow(store, grant, kept(grant.scopes))
    for token in tokens.alive(store, account.id):
        tokens.narrow(store, token.value, kept(token.scopes))
    return {"taken": taken}
