"""Drills about push: notifications are lost, doubled, late or forged, and subscriptions have fates of their own."""

from __future__ import annotations

import json
from typing import Any, get_args

from starlette.applications import Starlette

from sandbox import faults
from sandbox.accounts import Account
from sandbox.control.answers import BadCall, named_account, number
from sandbox.pubsub import topics
from sandbox.push import calendar, graph, queue
from sandbox.store import Store

Call = dict[str, Any]
# What is wrong with a forged Pub/Sub push: claims that replace the right ones, or a mark for the signer.
_FORGERIES: dict[str, dict[str, Any]] = {
    "audience": {"aud": "https://elsewhere.example/push"},
    "email": {"email": "mallory@elsewhere.iam.gserviceaccount.com"},
    "expired": {"expired": True},
    "key": {"foreign_key": True},
}


def push_drop(app: Starlette, call: Call) -> Call:
    """Loses the next notifications; 0 ends it."""
    faults.plan(app.state.store, "push", "drop", amount=int(number(call, "count")))
    return {}


def push_duplicate(app: Starlette, call: Call) -> Call:
    """Delivers the next notifications twice; 0 ends it."""
    faults.plan(app.state.store, "push", "duplicate", amount=int(number(call, "count")))
    return {}


def push_delay(app: Starlette, call: Call) -> Call:
    """Delivers every notification late by some milliseconds; 0 ends it."""
    faults.plan(app.state.store, "push", "delay", amount=int(number(call, "ms")))
    return {}


def forge_push(app: Starlette, call: Call) -> Call:
    """Sends a notification that somebody else wrote: a wrong token, channel token or clientState."""
    store: Store = app.state.store
    account, wrong = named_account(store, call), call.get("wrong", "audience")
    if wrong not in _FORGERIES:
        raise BadCall(f"wrong is one of {', '.join(_FORGERIES)}.")
    sent = _forge_google(store, account, wrong) if account.provider == "google" else 0
    for row in store.rows("SELECT * FROM graph_subscription WHERE account = ?", account.id):
        graph.forge(store, row, "not-the-client-state")
        sent += 1
    return {"sent": sent}


def _forge_google(store: Store, account: Account, wrong: str) -> int:
    sent = 0
    for watch in store.rows("SELECT * FROM gmail_watch WHERE account_id = ?", account.id):
        data = json.dumps({"emailAddress": account.email, "historyId": 2**40}).encode()
        message = topics.message(store, data)
        for row in store.rows("SELECT * FROM pubsub_subscription WHERE topic = ? AND endpoint <> ''", watch["topic"]):
            queue.put(store, topics.push(row, message, **_FORGERIES[wrong]))
            sent += 1
    for channel in store.rows("SELECT * FROM calendar_channel WHERE account_id = ?", account.id):
        calendar.tell(store, channel, "exists", 10**6, token="not-the-token")
        sent += 1
    return sent


def lifecycle_event(app: Starlette, call: Call) -> Call:
    """Tells Graph's subscriptions of an account that they must be reauthorised, were removed, or missed something."""
    store: Store = app.state.store
    account, event = named_account(store, call), call["event"]
    if event not in get_args(graph.Lifecycle):
        raise BadCall(f"event is one of {', '.join(get_args(graph.Lifecycle))}.")
    rows = store.rows("SELECT * FROM graph_subscription WHERE account = ?", account.id)
    return {"told": sum(graph.lifecycle(store, row, event) for row in rows)}
