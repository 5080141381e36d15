"""users.watch and users.stop: who wants to be told of changes. The rows say so; telling is left to who reads them.

Gmail API, "Push notifications": a watch lasts a week, a new one replaces the old, stop ends it for the whole user.
Gmail publishes a first message at once, so the topic must be there and let it (wording of the refusals from memory).
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.gmail.labels import check_known
from sandbox.google.gmail.users import mailbox_of
from sandbox.pubsub import topics

WEEK = timedelta(days=7)
_TOPIC = re.compile(r"projects/[a-z][a-z0-9:.-]*/topics/[A-Za-z][A-Za-z0-9._~%+-]{2,254}")


def watch(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    topic = call.body.get("topicName") or ""
    if not _TOPIC.fullmatch(topic):
        raise invalid_argument("Invalid topicName does not match projects/<project-id>/topics/<topic-id>")
    tried = f"Error sending test message to Cloud PubSub {topic} :"
    if not topics.exists(call.store, topic):
        raise not_found(f"{tried} Resource not found (resource={topic.rpartition('/')[2]}).")
    if not topics.may_publish(call.store, topic):
        raise GoogleError(403, "forbidden", f"{tried} User not authorized to perform this action.")
    labels = call.body.get("labelIds") or []
    check_known(call, labels, changing=False)
    behaviour = call.body.get("labelFilterBehavior") or call.body.get("labelFilterAction") or "include"
    expires = int((call.store.now() + WEEK).timestamp() * 1000)
    with call.store.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO gmail_watch VALUES (?, ?, ?, ?, ?, ?)",
            (call.account.id, call.caller.client_id, topic, json.dumps(labels), behaviour, expires),
        )
    return {"historyId": str(mailbox.history_id()), "expiration": str(expires)}


def stop(call: Call) -> None:
    mailbox_of(call)
    with call.store.write() as db:
        db.execute(
            "DELETE FROM gmail_watch WHERE account_id = ? AND client_id = ?", (call.account.id, call.caller.client_id)
        )


TABLE = {"gmail.users.watch": Row(watch, 100, 100), "gmail.users.stop": Row(stop, 50, 50)}
