"""Subscriptions to change notifications as rows: create, list, renew, reauthorize, delete.

"Set up notifications": lifetimes by resource, one subscription for a resource and change type. Sending notifications
is left to whoever watches the rows, and what goes by the token of a subscription to ``push.challenges``.
"""

from __future__ import annotations

import re
import sqlite3
import uuid
from datetime import datetime, timedelta
from typing import Any

from sandbox.microsoft import clock, scopes
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.clock import instant
from sandbox.microsoft.errors import GraphError, bad_request
from sandbox.push import challenges

MOST = 1000  # for a mailbox, over all apps ("Outlook change notifications overview")
LONGEST = timedelta(minutes=10_080)
SHORTEST = timedelta(minutes=45)
_RESOURCES = {"messages": "Mail.ReadBasic", "events": "Calendars.ReadBasic", "contacts": "Contacts.Read"}
_RESOURCE = re.compile(r"^/?(?:me|users/[^/]+)/(?:.*/)?(messages|events|contacts)(?:\?.*)?$", re.IGNORECASE)
_CHANGES = re.compile(r"^(created|updated|deleted)(,(created|updated|deleted)){0,2}$")


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "resource": row["resource"],
        "applicationId": row["client_id"],
        "changeType": row["change_type"],
        "clientState": row["client_state"],
        "notificationUrl": row["url"],
        "lifecycleNotificationUrl": row["lifecycle_url"],
        "expirationDateTime": row["expires"],
        "creatorId": None,
        "includeResourceData": False,
        "latestSupportedTlsVersion": "v1_2",
    }


def _one(call: Call, row: sqlite3.Row, status: int = 200) -> Answer:
    return Answer(status, {"@odata.context": f"{call.root}/$metadata#subscriptions/$entity", **_shown(row)})


def _live(call: Call) -> list[sqlite3.Row]:
    sql = "SELECT * FROM graph_subscription WHERE account = ? AND client_id = ? AND expires > ? ORDER BY expires, id"
    return call.store.rows(sql, call.account.id, call.client_id, clock.now(call.store))


def _find(call: Call, number: str) -> sqlite3.Row:
    found = next((row for row in _live(call) if row["id"] == number), None)
    if found is None:
        raise GraphError(404, "ResourceNotFound", "The object was not found.")
    return found


def _expiry(call: Call, text: Any) -> str:
    """A wanted end: at least 45 minutes ahead, at most just under seven days."""
    try:
        wanted = datetime.fromisoformat(str(text))
    except ValueError:
        raise bad_request("expirationDateTime is not a date with time.", "InvalidRequest") from None
    now = call.store.now()
    if wanted.tzinfo is None or wanted <= now:
        raise bad_request("Subscription expiration must be in the future.", "InvalidRequest")
    if wanted > now + LONGEST:
        raise bad_request("Subscription expiration can only be 10080 minutes in the future.", "InvalidRequest")
    return instant(max(wanted, now + SHORTEST))


def _least(resource: str) -> str:
    """The least permission that a resource needs."""
    match = _RESOURCE.match(resource)
    assert match is not None
    return _RESOURCES[match[1].lower()]


def _may_read(call: Call, resource: str) -> None:
    if not scopes.covers(call.scopes, _least(resource)):
        raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def _authorize(call: Call, number: str, resource: str) -> None:
    challenges.authorize(call.store, number, call.token, _least(resource))


def index(call: Call) -> Answer:
    """GET /subscriptions of this app and user."""
    kind = f"{call.root}/$metadata#subscriptions"
    return Answer(body={"@odata.context": kind, "value": [_shown(row) for row in _live(call)]})


def get(call: Call, number: str) -> Answer:
    return _one(call, _find(call, number))


def create(call: Call) -> Answer:
    """POST /subscriptions."""
    body = call.json()
    missing = [n for n in ("changeType", "notificationUrl", "resource", "expirationDateTime") if not body.get(n)]
    if missing:
        raise bad_request(f"The property '{missing[0]}' is required.", "InvalidRequest")
    if body.get("includeResourceData") or body.get("encryptionCertificate"):
        raise bad_request("The sandbox sends no notifications with resource data.", "InvalidRequest")
    resource, changes = str(body["resource"]), str(body["changeType"]).replace(" ", "")
    if not _RESOURCE.match(resource) or not _CHANGES.match(changes):
        raise bad_request("The resource or the changeType of the subscription is not supported.", "InvalidRequest")
    _may_read(call, resource)
    if len(str(body.get("clientState") or "")) > 128:
        raise bad_request("clientState is longer than 128 characters.", "InvalidRequest")
    expires = _expiry(call, body["expirationDateTime"])
    if any(row["resource"] == resource and row["change_type"] == changes for row in _live(call)):
        raise GraphError(409, "ExtensionError", "A subscription for this resource and changeType exists already.")
    sql = "SELECT count(*) FROM graph_subscription WHERE account = ? AND expires > ?"
    if call.store.value(sql, call.account.id, clock.now(call.store)) >= MOST:
        message = f"The mailbox has reached its limit of {MOST} active subscriptions."
        raise GraphError(403, "ExtensionError", message)
    number = str(uuid.uuid4())
    with call.store.write() as db:
        db.execute(
            "INSERT INTO graph_subscription (id, account, client_id, resource, change_type, url, lifecycle_url,"
            " client_state,"
            " expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                call.account.id,
                call.client_id,
                resource,
                changes,
                str(body["notificationUrl"]),
                body.get("lifecycleNotificationUrl"),
                body.get("clientState"),
                expires,
            ),
        )
    _authorize(call, number, resource)
    return _one(call, _find(call, number), 201)


def renew(call: Call, number: str) -> Answer:
    """PATCH: another end, another address."""
    row, body = _find(call, number), call.json()
    if stray := set(body) - {"expirationDateTime", "notificationUrl"}:
        raise bad_request(f"The property '{sorted(stray)[0]}' cannot be changed.", "InvalidRequest")
    _may_read(call, row["resource"])
    expires = _expiry(call, body["expirationDateTime"]) if "expirationDateTime" in body else row["expires"]
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_subscription SET expires = ?, url = ? WHERE id = ?",
            (expires, body.get("notificationUrl", row["url"]), number),
        )
    _authorize(call, number, row["resource"])
    return _one(call, _find(call, number))


def reauthorize(call: Call, number: str) -> Answer:
    """POST …/reauthorize."""
    resource = _find(call, number)["resource"]
    _may_read(call, resource)
    _authorize(call, number, resource)
    return Answer(204)


def remove(call: Call, number: str) -> Answer:
    """DELETE."""
    _find(call, number)
    with call.store.write() as db:
        db.execute("DELETE FROM graph_subscription WHERE id = ?", (number,))
    return Answer(204)
