"""users.messages: listing, reading, labelling and deleting. Sending is in ``sending``, importing in ``inserting``."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox import faults
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.gmail import mime, payload
from sandbox.google.gmail.labels import check_known
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.google.gmail.selection import conditions, metadata_only, next_page, page_size, position
from sandbox.google.gmail.users import mailbox_of

MOST_IDS = 1000


def find(call: Call, mailbox: Mailbox, name: str = "id") -> sqlite3.Row:
    """The message that the path names, or Gmail's 404; an id that cannot be one is a 400."""
    message_id = call.path[name]
    if not message_id.isalnum():
        raise invalid_argument("Invalid id value")
    message = mailbox.message(message_id)
    if message is None:
        raise not_found()
    return message


def brief(message: sqlite3.Row, labels: list[str]) -> dict[str, Any]:
    """A message as writes answer it: ids and labels."""
    out: dict[str, Any] = {"id": message["id"], "threadId": message["thread_id"]}
    if labels:
        out["labelIds"] = sorted(labels)
    return out


def shown(call: Call, mailbox: Mailbox, message: sqlite3.Row) -> dict[str, Any]:
    """A message in the format that the call asks for."""
    form = call.query.get("format", "full")
    if form in ("full", "raw") and metadata_only(call):
        raise GoogleError(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
    out = brief(message, mailbox.labels_of(message["number"])) | {
        "snippet": message["snippet"],
        "sizeEstimate": message["size"],
        "historyId": str(message["history_id"]),
        "internalDate": str(message["received"]),
    }
    if form == "minimal":
        return out
    raw = mailbox.raw(message["number"])
    if form == "raw":
        out["raw"] = payload.encoded(raw)
    elif form == "metadata":
        only = frozenset(name.lower() for name in call.query.get("metadataHeaders", []))
        out["payload"] = payload.metadata(mime.parse_headers(raw), only)
    else:
        out["payload"] = payload.tree(message["id"], mime.parse(raw))
    return out


def list_(call: Call) -> dict[str, Any]:
    mailbox_of(call)
    size, after = page_size(call), position(call, "messages")
    source, values = conditions(call)
    total = call.store.value(f"SELECT count(*) FROM {source}", *values)
    if after:
        source, values = f"{source} AND (m.received, m.number) < (?, ?)", [*values, *after]
    rows = call.store.rows(
        f"SELECT m.id, m.thread_id, m.received, m.number FROM {source} ORDER BY m.received DESC, m.number DESC LIMIT ?",
        *values,
        size + 1,
    )
    out: dict[str, Any] = {}
    if rows:
        out["messages"] = [{"id": r["id"], "threadId": r["thread_id"]} for r in rows[:size]]
    if len(rows) > size:
        out["nextPageToken"] = next_page(call, "messages", [rows[size - 1]["received"], rows[size - 1]["number"]])
    out["resultSizeEstimate"] = total
    return out


def get(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    message = find(call, mailbox)
    if faults.take(call.store, "gmail", "vanish"):
        with call.store.write():
            mailbox.remove(message)
        raise not_found()
    return shown(call, mailbox, message)


def label_change(call: Call) -> tuple[list[str], list[str]]:
    """What a modify request adds and removes; at least one, known, and none twice."""
    add, remove = call.body.get("addLabelIds") or [], call.body.get("removeLabelIds") or []
    if not add and not remove:
        raise invalid_argument("No label add or removes specified")
    check_known(call, [*add, *remove])
    if set(add) & set(remove):
        raise invalid_argument("Cannot both add and remove the same label")
    return add, remove


def modify(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    message = find(call, mailbox)
    add, remove = label_change(call)
    return _changed(call, mailbox, message, add, remove)


def _changed(call: Call, mailbox: Mailbox, message: sqlite3.Row, add: list[str], remove: list[str]) -> dict[str, Any]:
    with call.store.write():
        mailbox.change(message, add, remove)
    return brief(message, mailbox.labels_of(message["number"]))


def trash(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    return _changed(call, mailbox, find(call, mailbox), ["TRASH"], [])


def untrash(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    return _changed(call, mailbox, find(call, mailbox), [], ["TRASH"])


def _several(call: Call, mailbox: Mailbox) -> list[sqlite3.Row]:
    ids = call.body.get("ids") or []
    if not ids:
        raise invalid_argument("No message ids specified")
    if len(ids) > MOST_IDS:
        raise invalid_argument(f"Too many message ids specified: {len(ids)} (at most {MOST_IDS})")
    found = [mailbox.message(message_id) for message_id in dict.fromkeys(ids)]
    return [message for message in found if message is not None]


def batch_modify(call: Call) -> None:
    """Ids that are not there are passed over, as the API says nothing of them."""
    mailbox = mailbox_of(call)
    messages = _several(call, mailbox)
    add, remove = label_change(call)
    with call.store.write():
        for message in messages:
            mailbox.change(message, add, remove)


def batch_delete(call: Call) -> None:
    mailbox = mailbox_of(call)
    messages = _several(call, mailbox)
    with call.store.write():
        for message in messages:
            mailbox.remove(message)


def delete(call: Call) -> None:
    mailbox = mailbox_of(call)
    message = find(call, mailbox)
    with call.store.write():
        mailbox.remove(message)


def attachment(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    message = find(call, mailbox, "messageId")
    try:
        data = payload.attachment(message["id"], mime.parse(mailbox.raw(message["number"])), call.path["id"])
    except ValueError:
        raise invalid_argument("Invalid attachment token") from None
    return {"size": len(data), "data": payload.encoded(data)}


TABLE = {
    "gmail.users.messages.list": Row(list_, 5, 5),
    "gmail.users.messages.get": Row(get, 5, 20),
    "gmail.users.messages.modify": Row(modify, 5, 5),
    "gmail.users.messages.trash": Row(trash, 5, 20),
    "gmail.users.messages.untrash": Row(untrash, 5, 5),
    "gmail.users.messages.batchModify": Row(batch_modify, 50, 50),
    "gmail.users.messages.batchDelete": Row(batch_delete, 50, 50),
    "gmail.users.messages.delete": Row(delete, 10, 10),
    "gmail.users.messages.attachments.get": Row(attachment, 5, 20),
}
