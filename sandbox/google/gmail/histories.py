"""users.history: what happened since a history id. One that is too old is a 404, and the client starts over."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import invalid_argument, not_found
from sandbox.google.gmail.labels import check_known
from sandbox.google.gmail.selection import next_page, page_size, position
from sandbox.google.gmail.users import mailbox_of

_KEYS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def list_(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    if "startHistoryId" not in call.query:
        raise invalid_argument("Missing or invalid startHistoryId")
    start, newest = int(call.query["startHistoryId"]), mailbox.history_id()
    oldest = call.store.value("SELECT oldest_history FROM gmail_mailbox WHERE account_id = ?", call.account.id)
    if start < oldest or start > newest:
        raise not_found()
    size, after = page_size(call), position(call, "history")
    wanted = call.query.get("historyTypes") or list(_KEYS)
    values: list[Any] = [call.account.id, after[0] if after else start, *wanted]
    where = f"account_id = ? AND id > ? AND kind IN ({','.join('?' * len(wanted))})"
    if call.query.get("labelId"):
        check_known(call, [call.query["labelId"]], changing=False)
        where += " AND (EXISTS (SELECT 1 FROM json_each(after) WHERE value = ?)"
        where += " OR EXISTS (SELECT 1 FROM json_each(labels) WHERE value = ?))"
        values += [call.query["labelId"]] * 2
    rows = call.store.rows(f"SELECT * FROM gmail_history WHERE {where} ORDER BY id LIMIT ?", *values, size + 1)
    out: dict[str, Any] = {}
    if rows:
        out["history"] = [_shown(r) for r in rows[:size]]
    if len(rows) > size:
        out["nextPageToken"] = next_page(call, "history", [rows[size - 1]["id"]])
    out["historyId"] = str(newest)
    return out


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    ids = {"id": row["message_id"], "threadId": row["thread_id"]}
    message = ids | {"labelIds": json.loads(row["after"])}
    entry: dict[str, Any] = {"message": message}
    if row["kind"].startswith("label"):
        entry["labelIds"] = json.loads(row["labels"])
    return {"id": str(row["id"]), "messages": [ids], _KEYS[row["kind"]]: [entry]}


TABLE = {"gmail.users.history.list": Row(list_, 2, 2)}
