"""Changing messages: PATCH, move, copy, delete. What only a draft allows is marked as such ("Update message")."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox.microsoft import clock
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.conditions import unchanged_since
from sandbox.microsoft.errors import GraphError, bad_request, invalid_property, read_only
from sandbox.microsoft.mail import messages, moves, render, tree
from sandbox.microsoft.mail.parse import Parsed, preview
from sandbox.microsoft.mail.values import choice, extended, flag, people, strings, text
from sandbox.microsoft.odata import check

ALWAYS = {
    "isRead",
    "flag",
    "categories",
    "importance",
    "inferenceClassification",
    "isReadReceiptRequested",
    "isDeliveryReceiptRequested",
    "singleValueExtendedProperties",
    "multiValueExtendedProperties",
    "extensions",
}
DRAFT = {
    "subject",
    "body",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "from",
    "sender",
    "internetMessageId",
}


def update(call: Call, message: str) -> Answer:
    """PATCH /me/messages/{id}."""
    row = messages.find(call, message)
    unchanged_since(call, "message", row)
    body = {k: v for k, v in call.json().items() if "@" not in k}
    for name in body:
        if name not in ALWAYS | DRAFT:
            raise read_only(name) if name in render.MESSAGE.properties else invalid_property(name, "message")
        if name in DRAFT and not row["is_draft"]:
            raise GraphError(400, "ErrorInvalidPropertySet", f"The property '{name}' can be set on a draft only.")
    apply(call, row, body)
    call.query = {}
    return messages.by_row(call, row["id"], 200)


def apply(call: Call, row: sqlite3.Row, body: dict[str, Any]) -> None:
    """Write checked properties to a message and count it as changed."""
    fields = json.loads(row["fields"])
    columns: dict[str, Any] = {}
    for name, value in body.items():
        if name == "isRead":
            columns["is_read"] = choice(name, value, (True, False))
        elif name == "flag":
            columns["flag"] = flag(value)
        elif name == "categories":
            fields["categories"] = strings(name, value)
        elif name == "importance":
            columns["importance"] = choice(name, str(value).lower(), ("low", "normal", "high"))
        elif name == "inferenceClassification":
            columns["inference"] = choice(name, str(value).lower(), ("focused", "other"))
        elif name == "subject":
            columns["subject"] = text(name, value)
        elif name in ("toRecipients", "ccRecipients", "bccRecipients", "replyTo"):
            fields[name] = people(name, value)
        elif name in ("from", "sender") and value:
            sender = people(name, [value])[0]["emailAddress"]
            columns |= {"sender_name": sender["name"], "sender_address": sender["address"]}
        elif name == "internetMessageId" and value:
            columns["internet_message_id"] = text(name, value)
        elif name == "body":
            columns["preview"] = _body(call, row["id"], value)
        elif name == "singleValueExtendedProperties":
            fields["extended"] = _extended(fields.get("extended", []), value)
    columns |= {"fields": json.dumps(fields, ensure_ascii=False), "modified": clock.now(call.store)}
    with call.store.write() as db:
        columns["changed"] = clock.tick(call.store, call.account)
        names = ", ".join(f"{name} = ?" for name in columns)
        db.execute(
            f"UPDATE graph_message SET {names}, version = version + 1 WHERE id = ?", (*columns.values(), row["id"])
        )


def _extended(stored: list[dict[str, str]], value: Any) -> list[dict[str, str]]:
    """Extended properties with those of the request put in by id."""
    merged = {one["id"].lower(): one for one in stored}
    return list((merged | {one["id"].lower(): one for one in extended(value)}).values())


def _body(call: Call, number: int, value: Any) -> str:
    """Set a draft's body; returns its preview."""
    if not isinstance(value, dict):
        raise bad_request("The property 'body' must be an itemBody.", "ErrorInvalidRequest")
    kind = choice("contentType", str(value.get("contentType") or "text").lower(), ("text", "html"))
    content = text("content", value.get("content") or "")
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_content SET body_type = ?, body = ?, raw = NULL WHERE message = ?", (kind, content, number)
        )
    return preview(Parsed(html=content) if kind == "html" else Parsed(text=content))


def move(call: Call, message: str) -> Answer:
    """POST …/move: 201 with the message as it is now, under its new id unless immutable ids are asked for."""
    check(call)
    row, target = messages.find(call, message), tree.destination(call)
    moves.move(call.store, call.account, row, target["id"])
    return messages.by_row(call, row["id"], 201)


def copy(call: Call, message: str) -> Answer:
    """POST …/copy: 201 with the copy."""
    check(call)
    row, target = messages.find(call, message), tree.destination(call)
    return messages.by_row(call, moves.copy(call.store, call.account, row, target["id"]), 201)


def remove(call: Call, message: str) -> Answer:
    """DELETE: to Deleted Items, and from there out of sight."""
    row = messages.find(call, message)
    unchanged_since(call, "message", row)
    moves.discard(call.store, call.account, row)
    return Answer(204)


def destroy(call: Call, message: str) -> Answer:
    """POST …/permanentDelete."""
    moves.destroy(call.store, call.account, messages.find(call, message))
    return Answer(204)
