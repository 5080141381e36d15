"""users.drafts: a draft is a message with the label DRAFT; changing it makes a new message, sending it another."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.google.calls import Call, Row
from sandbox.google.errors import invalid_argument, not_found
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.google.gmail.messages import brief, shown
from sandbox.google.gmail.selection import conditions, next_page, page_size, position
from sandbox.google.gmail.sending import LARGEST_SENT, content, send_raw, thread_of
from sandbox.google.gmail.users import mailbox_of


def draft_id(message: sqlite3.Row) -> str:
    """The id of the draft that a message begins."""
    return f"r{int(message['id'], 16)}"


def keep(mailbox: Mailbox, message: sqlite3.Row, name: str = "") -> str:
    """Make a message a draft, under a new id or a known one."""
    name = name or draft_id(message)
    mailbox.store.db.execute("INSERT INTO gmail_draft VALUES (?, ?, ?)", (mailbox.account_id, name, message["number"]))
    return name


def _find(mailbox: Mailbox, name: str) -> sqlite3.Row:
    row = mailbox.store.row(
        "SELECT m.* FROM gmail_draft d JOIN gmail_message m ON m.number = d.number WHERE d.account_id = ? AND d.id = ?",
        mailbox.account_id,
        name,
    )
    if row is None:
        raise not_found()
    return row


def _answer(name: str, message: sqlite3.Row) -> dict[str, Any]:
    return {"id": name, "message": brief(message, ["DRAFT"])}


def list_(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    size, after = page_size(call), position(call, "drafts")
    source, values = conditions(call)
    source = source.replace("gmail_message m", "gmail_draft d JOIN gmail_message m ON m.number = d.number", 1)
    total = call.store.value(f"SELECT count(*) FROM {source}", *values)
    if after:
        source, values = f"{source} AND (m.received, m.number) < (?, ?)", [*values, *after]
    rows = call.store.rows(
        f"SELECT d.id AS draft, m.* FROM {source} ORDER BY m.received DESC, m.number DESC LIMIT ?", *values, size + 1
    )
    out: dict[str, Any] = {}
    if rows:
        out["drafts"] = [
            {"id": r["draft"], "message": {"id": r["id"], "threadId": r["thread_id"]}} for r in rows[:size]
        ]
    if len(rows) > size:
        out["nextPageToken"] = next_page(call, "drafts", [rows[size - 1]["received"], rows[size - 1]["number"]])
    out["resultSizeEstimate"] = total
    return out


def get(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    return {"id": call.path["id"], "message": shown(call, mailbox, _find(mailbox, call.path["id"]))}


def create(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    message = call.body.get("message") or {}
    raw, thread = content(call, message, LARGEST_SENT), thread_of(mailbox, message)
    with call.store.write():
        added = mailbox.add(raw, call.store.now(), ["DRAFT"], thread_id=thread)
        return _answer(keep(mailbox, added), added)


def update(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    before = _find(mailbox, call.path["id"])
    message = call.body.get("message") or {}
    raw, thread = content(call, message, LARGEST_SENT), thread_of(mailbox, message) or before["thread_id"]
    with call.store.write():
        added = mailbox.add(raw, call.store.now(), ["DRAFT"], thread_id=thread)
        mailbox.remove(before)
        return _answer(keep(mailbox, added, call.path["id"]), added)


def send(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    name = call.body.get("id")
    if not name:
        raise invalid_argument("Invalid draft")
    before = _find(mailbox, name)
    message = call.body.get("message") or {}
    replaced = call.media is not None or message.get("raw")
    raw = content(call, message, LARGEST_SENT) if replaced else mailbox.raw(before["number"])
    with call.store.write():
        sent = send_raw(call, mailbox, raw, before["thread_id"])
        mailbox.remove(before)
        return sent


def delete(call: Call) -> None:
    mailbox = mailbox_of(call)
    message = _find(mailbox, call.path["id"])
    with call.store.write():
        mailbox.remove(message)


TABLE = {
    "gmail.users.drafts.list": Row(list_, 5, 5),
    "gmail.users.drafts.get": Row(get, 5, 20),
    "gmail.users.drafts.create": Row(create, 10, 10),
    "gmail.users.drafts.update": Row(update, 15, 15),
    "gmail.users.drafts.send": Row(send, 100, 100),
    "gmail.users.drafts.delete": Row(delete, 10, 10),
}
