"""The task that tells apps of changes for as long as the sandbox runs: look, queue, deliver."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette

from sandbox.google.calendar import conferences
from sandbox.oauth import keys
from sandbox.push import calendar, gmail, graph, queue, sending
from sandbox.store import Store

PAUSE = 0.2  # seconds between two looks
AT_ONCE = 8  # deliveries under way
# Pub/Sub, "Receive push messages": what counts as an acknowledgement. The others take any success.
_ACKNOWLEDGED = {102, 200, 201, 202, 204}


def scan(store: Store) -> None:
    """Queue what has to be told now, also of conferences that are made by now."""
    conferences.make(store)
    gmail.scan(store)
    calendar.scan(store)
    graph.scan(store)


async def deliver(store: Store) -> int:
    """Make the requests that are due. Answers how many."""
    rows = queue.claim(store, AT_ONCE)
    await asyncio.gather(*(_one(store, row) for row in rows))
    return len(rows)


async def _one(store: Store, row: sqlite3.Row) -> None:
    headers = json.loads(row["headers"])
    if row["claims"]:
        headers["Authorization"] = f"Bearer {_token(store, json.loads(row['claims']))}"
    answer = await sending.post(row["url"], headers, row["body"].encode())
    if row["kind"] == "gmail":
        delivered = answer is not None and answer.status in _ACKNOWLEDGED
    else:
        delivered = answer is not None and 200 <= answer.status < 300
    if queue.settle(store, row, delivered=delivered) and row["kind"] == "graph":
        graph.missed(store, row["body"])


def _token(store: Store, claims: dict[str, object]) -> str:
    """The signed token of a push; it is made when the push leaves, as it lives an hour."""
    now = int(store.now().timestamp())
    lifetime = -60 if claims.pop("expired", False) else 3600
    provider = "microsoft" if claims.pop("foreign_key", False) else "google"
    return keys.sign(store, provider, {"iat": now - (7200 if lifetime < 0 else 0), "exp": now + lifetime, **claims})


async def _run(store: Store) -> None:
    while True:
        try:
            scan(store)
            delivered = await deliver(store)
        except Exception:  # the next look may succeed; without this one failure would end all telling
            logging.getLogger("sandbox").exception("Telling apps of changes failed.")
            delivered = 0
        if not delivered:
            await asyncio.sleep(PAUSE)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Tell apps of changes while the app runs."""
    task = asyncio.create_task(_run(app.state.store))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
