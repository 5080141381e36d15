"""Tells Calendar's channels: an empty request with X-Goog- headers, ``sync`` first.

Calendar API, "Push notifications": message numbers grow, but not by one.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from sandbox.push import queue
from sandbox.push.queue import Delivery
from sandbox.store import Store


def scan(store: Store) -> None:
    """Tell every live channel that is new or whose resource has changed."""
    for channel in store.rows("SELECT * FROM calendar_channel WHERE expires > ?", store.now().timestamp() * 1000):
        name = f"calendar/{channel['account_id']}/{channel['id']}"
        version, known = _version(store, channel), queue.mark(store, name)
        if known is None:
            queue.move(store, name, version, number=1, told=True)
            tell(store, channel, "sync", 1)
        elif version > known.mark:
            number = known.number + 1 + version % 7
            queue.move(store, name, version, number=number, told=True)
            tell(store, channel, "exists", number)


def _version(store: Store, channel: sqlite3.Row) -> int:
    """The count of changes of what a channel watches: one calendar's events, or the list of calendars."""
    parts = urlsplit(channel["resource_uri"]).path.split("/")
    if parts[-1] == "calendarList":
        sql = "SELECT list_version FROM calendar_account WHERE account_id = ?"
        return int(store.value(sql, channel["account_id"]) or 0)
    sql = "SELECT version FROM calendar_calendar WHERE account_id = ? AND id = ?"
    return int(store.value(sql, channel["account_id"], parts[-2]) or 0)


def tell(store: Store, channel: sqlite3.Row, state: str, number: int, token: str | None = None) -> None:
    """One notification; ``token`` instead of the channel's own is a forgery."""
    expires = datetime.fromtimestamp(channel["expires"] / 1000, UTC)
    headers = {
        "X-Goog-Channel-ID": channel["id"],
        "X-Goog-Channel-Expiration": format_datetime(expires, usegmt=True),
        "X-Goog-Resource-ID": channel["resource_id"],
        "X-Goog-Resource-URI": channel["resource_uri"],
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": str(number),
        "Content-Length": "0",
    }
    if said := channel["token"] if token is None else token:
        headers["X-Goog-Channel-Token"] = said
    queue.put(store, Delivery("calendar", channel["address"], headers))
