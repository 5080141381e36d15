"""Tells Graph's subscriptions what was created, updated and deleted, and of the lifecycle of the subscription itself.

"Receive change notifications through webhooks" and "Reduce missing subscriptions and change notifications". Several
items of one scan travel in one request, as there. Who has to be challenged is left to ``challenges``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any, Literal

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.microsoft import clock, ids
from sandbox.push import challenges, queue
from sandbox.push.queue import Delivery
from sandbox.store import Store

Lifecycle = Literal["reauthorizationRequired", "subscriptionRemoved", "missed"]
_KIND = re.compile(r"(messages|events|contacts)(?:\?.*)?$", re.IGNORECASE)
_FOLDER = re.compile(r"mailFolders(?:/|\(')([^/')]+)", re.IGNORECASE)
# What is new since a change, and what it is: 1 if it was made since.
_CHANGED = {
    "message": "SELECT id, generation AS extra, version, folder AS container,"
    " entered > ?2 AND generation = 0 AS made"
    " FROM graph_message WHERE account = ?1 AND changed > ?2 ORDER BY changed",
    "event": "SELECT COALESCE(master, id) AS id, COALESCE(day, 0) AS extra, version, calendar AS container,"
    " version = 1 AND master IS NULL AS made FROM graph_event"
    " WHERE account = ?1 AND changed > ?2 ORDER BY changed",
    "contact": "SELECT id, 0 AS extra, version, folder AS container, version = 1 AS made FROM graph_contact"
    " WHERE account = ?1 AND changed > ?2 ORDER BY changed",
}


def scan(store: Store) -> None:
    """Tell every live subscription what changed since it was told last, and those that are to be reauthorised so."""
    for subscription in challenges.take(store):
        lifecycle(store, subscription, "reauthorizationRequired")
    for subscription in store.rows("SELECT * FROM graph_subscription WHERE expires > ?", clock.now(store)):
        account = accounts.by_id(store, subscription["account"])
        name, newest = f"graph/{subscription['id']}", clock.mark(store, account)
        known = queue.mark(store, name)
        if known is None:
            queue.move(store, name, newest)
        elif newest > known.mark and challenges.pauses(store, subscription["id"]):
            queue.move(store, name, newest, number=known.number)
        elif newest > known.mark:
            queue.move(store, name, newest, number=known.number + 1, told=True)
            if items := _changes(store, account, subscription, known.mark):
                _send(store, subscription["url"], items)


def _changes(store: Store, account: Account, subscription: sqlite3.Row, mark: int) -> list[dict[str, Any]]:
    found = _KIND.search(subscription["resource"])
    assert found is not None
    kind, wanted = found[1].lower().removesuffix("s"), set(subscription["change_type"].split(","))
    folder = _folder(store, account, subscription["resource"])
    immutable = (queue.mark(store, f"immutable/{subscription['id']}")) is not None
    items = []
    for row in store.rows(_CHANGED[kind], account.id, mark):
        change = "created" if row["made"] else "updated"
        if change in wanted and folder in (None, row["container"]):
            extra = 0 if immutable and kind == "message" else row["extra"]
            name = ids.make(account, kind, row["id"], extra, immutable=immutable)
            items.append(
                _item(account, subscription, change, kind, name, ids.change_key(kind, row["id"], row["version"]))
            )
    sql = "SELECT * FROM graph_gone WHERE account = ? AND kind = ? AND seq > ? AND reason = 'deleted' ORDER BY seq"
    for row in store.rows(sql, account.id, kind, mark) if "deleted" in wanted else []:
        if folder in (None, row["container"]):
            name = row["immutable_id" if immutable else "rest_id"]
            items.append(_item(account, subscription, "deleted", kind, name, ""))
    return items


def _folder(store: Store, account: Account, resource: str) -> int | None:
    """The mail folder that a subscription is limited to, or None."""
    named = _FOLDER.search(resource)
    if named is None:
        return None
    ref = ids.read(account, named[1])
    if ref is not None:
        return ref.number
    sql = "SELECT id FROM graph_folder WHERE account = ? AND well_known = ?"
    return int(store.value(sql, account.id, named[1].lower()) or 0)


def _item(account: Account, subscription: sqlite3.Row, change: str, kind: str, name: str, key: str) -> dict[str, Any]:
    path = f"Users/{account.subject}/{kind.title()}s/{name}"
    data = {"@odata.type": f"#Microsoft.Graph.{kind.title()}", "@odata.id": path, "id": name}
    return _head(account, subscription) | {
        "changeType": change,
        "resource": path,
        "resourceData": data | ({"@odata.etag": ids.etag(key)} if key else {}),
    }


def _head(account: Account, subscription: sqlite3.Row) -> dict[str, Any]:
    return {
        "subscriptionId": subscription["id"],
        "subscriptionExpirationDateTime": subscription["expires"],
        "clientState": subscription["client_state"],
        "tenantId": account.tenant,
    }


def _send(store: Store, url: str, items: list[dict[str, Any]]) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    queue.put(store, Delivery("graph", url, headers, json.dumps({"value": items}, ensure_ascii=False)))


def forge(store: Store, subscription: sqlite3.Row, client_state: str) -> None:
    """A notification of something that did not happen, with a clientState that is not the subscription's."""
    account = accounts.by_id(store, subscription["account"])
    item = _item(account, subscription, "updated", "message", ids.make(account, "message", 1), "")
    _send(store, subscription["url"], [item | {"clientState": client_state}])


def missed(store: Store, body: str) -> None:
    """Tell the subscriptions whose notifications were given up that they missed some."""
    lost = {item["subscriptionId"] for item in json.loads(body)["value"] if "lifecycleEvent" not in item}
    for number in lost:
        if subscription := store.row("SELECT * FROM graph_subscription WHERE id = ?", number):
            lifecycle(store, subscription, "missed")


def lifecycle(store: Store, subscription: sqlite3.Row, event: Lifecycle) -> bool:
    """Tell of a subscription's own fate; False if it has no address for that."""
    if event == "subscriptionRemoved":
        with store.write() as db:
            db.execute("DELETE FROM graph_subscription WHERE id = ?", (subscription["id"],))
    if not subscription["lifecycle_url"]:
        return False
    head = _head(accounts.by_id(store, subscription["account"]), subscription)
    _send(store, subscription["lifecycle_url"], [head | {"lifecycleEvent": event}])
    return True
