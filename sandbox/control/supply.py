"""Control calls that change the world as a whole: new accounts, messages, events and contacts; back to the beginning.

The JSON mirrors ``sandbox.seeds``: every item names its account by ``provider`` and ``email`` and has the fields of its
class there. Dates are ISO 8601; a message is ``raw`` (text or, with ``"base64": true``, base64) or is written from
``subject``, ``from``, ``to`` and ``text``.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import accounts, seeding
from sandbox.accounts import Account
from sandbox.control import parcels
from sandbox.control.answers import BadCall, named_account, read
from sandbox.oauth import tokens
from sandbox.seeds import SeedAccount
from sandbox.store import Store

_KINDS = ("messages", "events", "contacts")


def _known(account: Account, extra: dict[str, Any]) -> SeedAccount:
    return SeedAccount(
        account.provider, account.email, account.name, account.subject, account.tenant, account.time_zone, **extra
    )


def _items(call: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    items = call.get(kind, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadCall(f"{kind} is a list of objects.")
    return items


def _seed(store: Store, call: dict[str, Any]) -> list[tuple[str, str]]:
    """Load what a call names, account by account. Raises ``BadCall``."""
    if stray := call.keys() - {"accounts", *_KINDS}:
        raise BadCall(f"There is nothing called {', '.join(sorted(stray))} to seed.")
    left = seeding.fill(store, [parcels.account(item) for item in _items(call, "accounts")]).entries
    gathered: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for kind in _KINDS:
        for item in _items(call, kind):
            account = named_account(store, item)
            made = parcels.MAKERS[kind](item, store.now(), account)
            gathered.setdefault((account.provider, account.email), {}).setdefault(kind, []).append(made)
    for (provider, email), parts in gathered.items():
        known = accounts.by_email(store, provider, email)
        assert known is not None
        left += seeding.fill(store, [_known(known, {kind: tuple(made) for kind, made in parts.items()})]).entries
    return left


async def seed(request: Request) -> JSONResponse:
    """POST things to be added to the world; all of them or, if one makes no sense, none."""
    store: Store = request.app.state.store
    try:
        call = await read(request)
        with store.write():
            left = _seed(store, call)
    except BadCall as error:
        return error.response()
    return JSONResponse({"left_out": [{"what": what, "why": why} for what, why in left]})


async def reset(request: Request) -> JSONResponse:
    """POST to bring the world back to its beginning.

    The new world is made in a copy beside the old one, because a large one takes long and others are to be answered.
    """
    store: Store = request.app.state.store
    newest = store.value("SELECT max(id) FROM token") or 0
    made = await asyncio.to_thread(_anew, store.twin(), store.schemas)
    since = [tuple(row) for row in store.rows("SELECT * FROM token WHERE id > ?", newest)]
    store.replace(made)
    tokens.put_back(store, since)
    return JSONResponse({})


def _anew(data: bytes, schemas: tuple[str, ...]) -> sqlite3.Connection:
    copy, store = sqlite3.connect(":memory:"), Store(None)
    copy.deserialize(data)
    store.replace(copy)
    for schema in schemas:
        store.ensure(schema)
    seeding.reset(store)
    return store.db
