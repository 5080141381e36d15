"""Control calls about OAuth apps: what an operator does in the vendors' consoles."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import clients, quotas
from sandbox.clients import Client
from sandbox.control.answers import BadCall, read
from sandbox.google.prices import BUCKETS
from sandbox.store import Store

_FIELDS = {
    "provider",
    "client_id",
    "client_secret",
    "redirect_uris",
    "name",
    "kind",
    "testing",
    "audience",
    "quota",
    "limits",
}


def _told(store: Store, client: Client) -> dict[str, Any]:
    told = asdict(client) | {"quota": quotas.table(store, client.client_id)}
    told["limits"] = quotas.limits(store, client.client_id)
    told["client_secret"] = told.pop("secret")
    del told["secret_expired"]  # a mistake on demand, and no part of a registration
    told["redirect_uris"] = sorted(client.redirect_uris)
    return told


def _client(store: Store, call: dict[str, Any]) -> Client:
    if stray := call.keys() - _FIELDS:
        raise BadCall(f"An app has no {', '.join(sorted(stray))}.")
    provider, client_id, uris = call.get("provider"), call.get("client_id"), call.get("redirect_uris", [])
    if provider not in {"google", "microsoft"} or not isinstance(client_id, str) or not client_id:
        raise BadCall("An app needs a provider (google or microsoft) and a client_id.")
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise BadCall("redirect_uris is a list of addresses.")
    if call.get("kind", "web") not in {"web", "desktop"}:
        raise BadCall("kind is web or desktop.")
    if call.get("quota", "off") not in quotas.TABLES:
        raise BadCall("quota is off, old or new.")
    _check_limits(call.get("limits", {}))
    known = clients.registered(store, provider, client_id) or Client(provider, client_id, "", client_id)
    return Client(
        provider,
        client_id,
        str(call.get("client_secret", known.secret)),
        str(call.get("name", known.name)),
        call.get("kind", known.kind),
        bool(call.get("testing", known.testing)),
        str(call.get("audience", known.audience)),
        frozenset(uris),
    )


def _check_limits(limits: Any) -> None:
    names = BUCKETS["new"]
    if not isinstance(limits, dict) or not all(name in names and type(most) is int for name, most in limits.items()):
        raise BadCall(f"limits has a number for some of {', '.join(names)}.")


async def clients_list(request: Request) -> JSONResponse:
    """GET all apps."""
    store: Store = request.app.state.store
    return JSONResponse([_told(store, client) for client in clients.all_of(store)])


async def register(request: Request) -> JSONResponse:
    """POST an app, or a change to one: what is not named stays, redirect addresses are added."""
    store: Store = request.app.state.store
    try:
        call = await read(request)
        client = clients.register(store, _client(store, call))
    except BadCall as error:
        return error.response()
    if "quota" in call:
        quotas.choose(store, call["quota"], client.client_id)
    if "limits" in call:
        quotas.limit(store, client.client_id, call["limits"])
    return JSONResponse(_told(store, client))
