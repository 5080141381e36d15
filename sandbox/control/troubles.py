"""Drills about services: cursors expire, answers are refused, late, broken or strange, time passes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

from starlette.applications import Starlette

from sandbox import faults, misregistered, quotas
from sandbox.control.answers import BadCall, concerned, number
from sandbox.faults import Kind
from sandbox.store import Store
from sandbox.vendors import VENDORS

Call = dict[str, Any]


def _plan(app: Starlette, call: Call, kind: Kind, *, amount: float = 0, seconds: float | None = None) -> Call:
    service = call["service"]
    if service not in faults.SERVICES:
        raise BadCall(f"service is one of {', '.join(faults.SERVICES)}.")
    account = str(call.get("email", ""))
    faults.plan(app.state.store, service, kind, amount=int(amount), seconds=seconds, account=account)
    return {}


def expire_cursors(app: Starlette, call: Call) -> Call:
    """Makes every sync cursor given out so far too old; Graph says so with 410 and a place to begin, or without."""
    store: Store = app.state.store
    status = str(call.get("graph_status", "410"))
    if status not in ("410", "404", "400"):
        raise BadCall("graph_status is 410, 404 or 400.")
    faults.plan(store, "graph", "sync-state", amount=0 if status == "410" else int(status))
    found = concerned(store, call)
    for account in found:
        VENDORS[account.provider].expire_cursors(store, account)
    return {"accounts": len(found)}


def rate_limit(app: Starlette, call: Call) -> Call:
    """Refuses all calls to a service for some seconds as too many; 0 ends it."""
    return _plan(app, call, "rate-limit", seconds=number(call, "seconds"))


def server_errors(app: Starlette, call: Call) -> Call:
    """Answers the next calls to a service with a server error; 0 ends it."""
    return _plan(app, call, "server-errors", amount=number(call, "count"))


def latency(app: Starlette, call: Call) -> Call:
    """Makes every answer of a service late by some milliseconds, and by up to ``jitter`` more; 0 ends it."""
    _plan(app, call, "jitter", amount=number(call, "jitter", 0))
    return _plan(app, call, "latency", amount=number(call, "ms"))


def drop_connections(app: Starlette, call: Call) -> Call:
    """Breaks off the answers to the next calls to a service; 0 ends it."""
    return _plan(app, call, "drop-connections", amount=number(call, "count"))


def truncate_answers(app: Starlette, call: Call) -> Call:
    """Cuts the next answers of a service in half, so that their JSON ends in the middle; 0 ends it."""
    return _plan(app, call, "truncate", amount=number(call, "count"))


def slow_drip(app: Starlette, call: Call) -> Call:
    """Lets every answer of a service come drop by drop over some milliseconds; 0 ends it."""
    return _plan(app, call, "drip", amount=number(call, "ms"))


def vanish_messages(app: Starlette, call: Call) -> Call:
    """Deletes the next Gmail messages that are asked for just before they are answered; 0 ends it."""
    faults.plan(app.state.store, "gmail", "vanish", amount=int(number(call, "count")))
    return {}


def batch_refusals(app: Starlette, call: Call) -> Call:
    """Refuses the next calls inside Gmail's batches as too many, the others being answered; 0 ends it."""
    faults.plan(app.state.store, "gmail", "batch-refusals", amount=int(number(call, "count")))
    return {}


def replay(app: Starlette, call: Call) -> Call:
    """Tells everything twice in the next lists that Graph answers, as change tracking may; 0 ends it."""
    faults.plan(app.state.store, "graph", "replay", amount=int(number(call, "count")))
    return {}


def unknown_properties(app: Starlette, call: Call) -> Call:
    """Puts properties that nobody documented into Graph's answers for some seconds; 0 ends it."""
    faults.plan(app.state.store, "graph", "extra-properties", seconds=number(call, "seconds"))
    return {}


def pascal_case(app: Starlette, call: Call) -> Call:
    """Writes Graph's enumeration values with a capital letter for some seconds; 0 ends it."""
    faults.plan(app.state.store, "graph", "pascal-case", seconds=number(call, "seconds"))
    return {}


def quota_table(app: Starlette, call: Call) -> Call:
    """Counts calls against the vendors' quotas: of projects before or since May 2026, or not at all."""
    table = call["table"]
    if table not in get_args(quotas.Table):
        raise BadCall(f"table is one of {', '.join(quotas.TABLES)}.")
    quotas.choose(app.state.store, table, str(call.get("client_id", "")))
    return {}


def advance_clock(app: Starlette, call: Call) -> Call:
    """Moves the sandbox's clock forward, to age tokens, codes and cursors."""
    store: Store = app.state.store
    store.advance(timedelta(seconds=number(call, "seconds")))
    return {"now": store.now().isoformat()}


def end_faults(app: Starlette, call: Call) -> Call:
    """Ends every fault that is still planned; what has happened stays."""
    store: Store = app.state.store
    faults.clear(store)
    misregistered.clear(store)
    quotas.choose(store, "off")
    return {}
