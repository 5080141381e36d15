"""users.threads: conversations. What is done to a thread is done to each of its messages."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import invalid_argument, not_found
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.google.gmail.messages import brief, label_change, shown
from sandbox.google.gmail.selection import conditions, next_page, page_size, position
from sandbox.google.gmail.users import mailbox_of


def _messages(call: Call, mailbox: Mailbox) -> list[sqlite3.Row]:
    if not call.path["id"].isalnum():
        raise invalid_argument("Invalid id value")
    found = mailbox.thread(call.path["id"])
    if not found:
        raise not_found()
    return found


def list_(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    size, after = page_size(call), position(call, "threads")
    source, values = conditions(call)
    total = call.store.value(f"SELECT count(DISTINCT m.thread_id) FROM {source}", *values)
    having = " HAVING (max(m.received), m.thread_id) < (?, ?)" if after else ""
    rows = call.store.rows(
        f"SELECT m.thread_id, max(m.received) AS newest FROM {source} GROUP BY m.thread_id{having}"
        " ORDER BY newest DESC, m.thread_id DESC LIMIT ?",
        *values,
        *(after or ()),
        size + 1,
    )
    out: dict[str, Any] = {}
    if rows:
        out["threads"] = [_summary(mailbox.thread(r["thread_id"])) for r in rows[:size]]
    if len(rows) > size:
        out["nextPageToken"] = next_page(call, "threads", [rows[size - 1]["newest"], rows[size - 1]["thread_id"]])
    out["resultSizeEstimate"] = total
    return out


def _summary(messages: list[sqlite3.Row]) -> dict[str, Any]:
    newest = messages[-1]
    return {
        "id": newest["thread_id"],
        "snippet": newest["snippet"],
        "historyId": str(max(m["history_id"] for m in messages)),
    }


def get(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    messages = _messages(call, mailbox)
    summary = _summary(messages)
    return {
        "id": summary["id"],
        "historyId": summary["historyId"],
        "messages": [shown(call, mailbox, m) for m in messages],
    }


def _changed(call: Call, add: list[str], remove: list[str]) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    messages = _messages(call, mailbox)
    with call.store.write():
        for message in messages:
            mailbox.change(message, add, remove)
    return {"id": call.path["id"], "messages": [brief(m, mailbox.labels_of(m["number"])) for m in messages]}


def modify(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    return _changed(call, *label_change(call))


def trash(call: Call) -> dict[str, Any]:
    return _changed(call, ["TRASH"], [])


def untrash(call: Call) -> dict[str, Any]:
    return _changed(call, [], ["TRASH"])


def delete(call: Call) -> None:
    mailbox = mailbox_of(call)
    messages = _messages(call, mailbox)
    with call.store.write():
        for message in messages:
            mailbox.remove(message)


TABLE = {
    "gmail.users.threads.list": Row(list_, 10, 10),
    "gmail.users.threads.get": Row(get, 10, 40),
    "gmail.users.threads.modify": Row(modify, 10, 10),
    "gmail.users.threads.trash": Row(trash, 10, 10),
    "gmail.users.threads.untrash": Row(untrash, 10, 10),
    "gmail.users.threads.delete": Row(delete, 20, 20),
}
