"""Push channels: watch and stop. The rows say who wants to be told; telling them is left to whoever reads the rows.

Calendar API, "Push notifications": a channel has an id of the client's choice, an https address and at most a week.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.google.calendar.book import Book
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid, not_found

WEEK = 604_800  # seconds
_ID = re.compile(r"[A-Za-z0-9\-_+/=]{1,64}")


def _watch(call: Call, resource_uri: str) -> dict[str, Any]:
    body = call.body
    if not _ID.fullmatch(body.get("id") or ""):
        raise invalid("Invalid or missing channel id.", "id")
    if body.get("type") not in ("web_hook", "webhook"):
        raise invalid("Unknown channel type.", "type")
    address = urlsplit(body.get("address") or "")
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
        raise GoogleError(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS")
    now = call.store.now().timestamp()
    if call.store.value(
        "SELECT 1 FROM calendar_channel WHERE account_id = ? AND id = ? AND expires > ?",
        call.account.id,
        body["id"],
        now * 1000,
    ):
        raise GoogleError(400, "channelIdNotUnique", f"Channel id {body['id']} not unique")
    seconds = int((body.get("params") or {}).get("ttl") or WEEK)
    expires = int(body.get("expiration") or (now + seconds) * 1000)
    resource_id = hashlib.sha256(f"{call.account.id} {resource_uri}".encode()).hexdigest()[:27]
    with call.store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO calendar_channel VALUES (?, ?, ?, ?, ?, ?, ?)",
            (call.account.id, body["id"], resource_id, resource_uri, body["address"], body.get("token") or "", expires),
        )
    out = {"kind": "api#channel", "id": body["id"], "resourceId": resource_id, "resourceUri": resource_uri}
    return out | {"expiration": str(expires)} | ({"token": body["token"]} if body.get("token") else {})


def watch_events(call: Call) -> dict[str, Any]:
    calendar = Book(call.store, call.account).calendar(call.path["calendarId"])
    return _watch(call, f"{call.base}/calendar/v3/calendars/{calendar.id}/events?alt=json")


def watch_list(call: Call) -> dict[str, Any]:
    return _watch(call, f"{call.base}/calendar/v3/users/me/calendarList?alt=json")


def stop(call: Call) -> None:
    with call.store.write() as db:
        ended = db.execute(
            "DELETE FROM calendar_channel WHERE account_id = ? AND id = ? AND resource_id = ?",
            (call.account.id, call.body.get("id") or "", call.body.get("resourceId") or ""),
        )
    if not ended.rowcount:
        raise not_found("Channel not found for project")


TABLE = {
    "calendar.events.watch": Row(watch_events),
    "calendar.calendarList.watch": Row(watch_list),
    "calendar.channels.stop": Row(stop),
}
