"""Makes services fail on demand: slow answers, refusals for too many calls, server errors, broken connections.

A middleware in front of every API. Faults are rows, so that they outlive a restart; each says how often or how long it
still happens, and may concern one account only. What a refusal looks like is in ``outages``, spoilt answers in
``mangling``; faults inside an API's own logic (a dead cursor, a message that vanishes) are left to the vendors.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import mangling, outages
from sandbox.oauth import tokens
from sandbox.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS service_fault (
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL DEFAULT '',  -- an address; empty: everybody's
    amount INTEGER NOT NULL DEFAULT 0, -- requests still to fail, or milliseconds
    until REAL,                        -- by the sandbox's clock
    PRIMARY KEY (service, kind, account)
);
"""

Kind = Literal[
    "rate-limit",
    "server-errors",
    "latency",
    "jitter",
    "drop-connections",
    "truncate",
    "drip",
    "extra-properties",
    "pascal-case",
    "vanish",
    "batch-refusals",
    "replay",
    "sync-state",
    "admin-policy",
    "org-internal",
    "api-disabled",
    "drop",
    "duplicate",
    "delay",
]
_PREFIXES = {
    "/gmail/": "gmail",
    "/upload/gmail/": "gmail",
    "/batch/gmail/": "gmail",
    "/calendar/": "calendar",
    "/batch/calendar/": "calendar",
    "/v1/": "people",
    "/google/photos/": "people",
    "/v1.0/": "graph",
    "/outlook/": "graph",
    "/google/token": "google-oauth",
    "/google/revoke": "google-oauth",
    "/google/v1/": "google-oauth",
    "/google/oauth2/": "google-oauth",
    "/oauth2/": "google-oauth",
    "/microsoft/": "microsoft-oauth",
}
SERVICES = tuple(dict.fromkeys(_PREFIXES.values()))


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a request, taken from the rows."""

    delay: float = 0.0  # seconds
    refused_for: float = 0.0  # seconds
    broken: bool = False
    dropped: bool = False
    disabled: bool = False
    spoilt: mangling.Spoilt = mangling.INTACT


def service_of(path: str) -> str | None:
    """The service that a path belongs to; None for pages and the control API, which never fail on purpose."""
    return next((service for prefix, service in _PREFIXES.items() if path.startswith(prefix)), None)


def plan(
    store: Store, service: str, kind: Kind, *, amount: int = 0, seconds: float | None = None, account: str = ""
) -> None:
    """Let a service fail this way: ``amount`` times (or milliseconds), or for ``seconds``. Neither ends it."""
    until = None if seconds is None else (store.now() + timedelta(seconds=seconds)).timestamp()
    account = account.lower()
    with store.write() as db:
        db.execute("DELETE FROM service_fault WHERE service = ? AND kind = ? AND account = ?", (service, kind, account))
        if amount > 0 or (seconds or 0) > 0:
            row = (service, kind, account, amount, until)
            db.execute("INSERT INTO service_fault (service, kind, account, amount, until) VALUES (?, ?, ?, ?, ?)", row)


def clear(store: Store) -> None:
    """End all faults."""
    with store.write() as db:
        db.execute("DELETE FROM service_fault")


def _due(store: Store, service: str, account: str) -> dict[Kind, tuple[int, float, str]]:
    """The faults that concern an account: amount, end, and whose the row is. An account's own come first."""
    sql = "SELECT * FROM service_fault WHERE service = ? AND account IN ('', ?) ORDER BY account"
    return {
        r["kind"]: (r["amount"], r["until"] or 0.0, r["account"]) for r in store.rows(sql, service, account.lower())
    }


def amount(store: Store, service: str, kind: Kind, account: str = "") -> int:
    """How much of a fault there is, in its own measure; 0 for none."""
    return _due(store, service, account).get(kind, (0, 0.0, ""))[0]


def take(store: Store, service: str, kind: Kind, account: str = "") -> bool:
    """Whether a counted fault is due, which counts it down."""
    left, _, whose = _due(store, service, account).get(kind, (0, 0.0, ""))
    if left:
        plan(store, service, kind, amount=left - 1, account=whose)
    return left > 0


def _next(store: Store, service: str, account: str) -> Fault:
    """What is due for the next request of a service; counted faults are counted down."""
    due = _due(store, service, account)
    if not due:
        return Fault()
    now, nothing = store.now().timestamp(), (0, 0.0, "")
    jitter = random.random() * due.get("jitter", nothing)[0]  # noise, not a secret
    delay = (due.get("latency", nothing)[0] + jitter) / 1000
    if (wait := due.get("rate-limit", nothing)[1] - now) > 0:
        return Fault(delay=delay, refused_for=wait)
    if "api-disabled" in due:
        return Fault(delay=delay, disabled=True)
    if "drop-connections" in due and take(store, service, "drop-connections", account):
        return Fault(delay=delay, dropped=True)
    if "server-errors" in due and take(store, service, "server-errors", account):
        return Fault(delay=delay, broken=True)
    spoilt = mangling.Spoilt(
        cut="truncate" in due and take(store, service, "truncate", account),
        drip=due.get("drip", nothing)[0] / 1000,
        extra=due.get("extra-properties", nothing)[1] > now,
        replay="replay" in due and take(store, service, "replay", account),
        pascal=due.get("pascal-case", nothing)[1] > now,
    )
    return Fault(delay=delay, spoilt=spoilt)


def refusal(store: Store, service: str, scope: Scope) -> Response | None:
    """What a part of a batch gets that is for several services, where its own service is in trouble."""
    fault = _next(store, service, _caller(store, scope))
    if fault.refused_for:
        return outages.too_many(service, store.now(), fault.refused_for)
    if fault.disabled:
        return outages.disabled(service)
    if fault.broken or fault.dropped or fault.spoilt.cut:
        return outages.unavailable(service, store.now())
    return None


def _caller(store: Store, scope: Scope) -> str:
    """The address of the account whose token a request carries; empty for none."""
    value = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    token = tokens.access_token(store, value.decode("latin-1").partition(" ")[2])
    return token.email if token else ""


class Faults:
    """The middleware."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is its turn to fail."""
        service = service_of(scope["path"]) if scope["type"] == "http" else None
        if service is None or not self.store.value("SELECT 1 FROM service_fault WHERE service = ?", service):
            await self.app(scope, receive, send)
            return
        fault = _next(self.store, service, _caller(self.store, scope))
        send = mangling.through(send, fault.spoilt)
        if service == "graph" and not (fault.dropped or fault.refused_for or fault.broken):
            scope["sandbox.delay"] = fault.delay  # Graph waits itself, where it counts the calls that run at once
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay)
        if fault.dropped:
            await outages.drop(send)
        elif fault.disabled:
            await Request(scope, receive).body()
            await outages.disabled(service)(scope, receive, send)
        elif fault.refused_for:
            await outages.too_many(service, self.store.now(), fault.refused_for)(scope, receive, send)
        elif fault.broken:
            await Request(scope, receive).body()
            await outages.unavailable(service, self.store.now())(scope, receive, send)
        else:
            await self.app(scope, receive, send)
