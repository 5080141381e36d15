"""A message row as Graph shows it, and the types of mail with their properties."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from sandbox.microsoft import ids
from sandbox.microsoft.calendar import render as events
from sandbox.microsoft.calls import Call
from sandbox.microsoft.mail import attachments, extended
from sandbox.microsoft.odata import Entity, Shape
from sandbox.microsoft.text import as_preferred

MEETING = frozenset(
    [
        "meetingMessageType",
        "meetingRequestType",
        "startDateTime",
        "endDateTime",
        "location",
        "isAllDay",
        "isDelegated",
        "isOutOfDate",
        "recurrence",
        "type",
        "allowNewTimeProposals",
        "previousEndDateTime",
        "previousLocation",
        "previousStartDateTime",
        "responseRequested",
        "responseType",
        "proposedNewTime",
    ]
)
MESSAGE = Entity(
    "message",
    frozenset(
        [
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "changeKey",
            "categories",
            "receivedDateTime",
            "sentDateTime",
            "hasAttachments",
            "internetMessageId",
            "subject",
            "bodyPreview",
            "importance",
            "parentFolderId",
            "conversationId",
            "conversationIndex",
            "isDeliveryReceiptRequested",
            "isReadReceiptRequested",
            "isRead",
            "isDraft",
            "webLink",
            "inferenceClassification",
            "body",
            "sender",
            "from",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
            "replyTo",
            "flag",
        ]
    )
    | MEETING,
    asked=frozenset({"internetMessageHeaders", "uniqueBody"}),
    links=frozenset(
        {"attachments", "extensions", "singleValueExtendedProperties", "multiValueExtendedProperties", "event", "item"}
    ),
)
OWA = "https://outlook.office365.com/owa/?ItemID={}&exvsurl=1&viewmodel=ReadMessageItem"
BASIC_HIDES = frozenset(
    {"body", "bodyPreview", "uniqueBody", "attachments", "extensions", "singleValueExtendedProperties"}
)


def identifier(call: Call, row: sqlite3.Row) -> str:
    """The message's id of the kind that the caller prefers."""
    if call.immutable:
        return ids.make(call.account, "message", row["id"], immutable=True)
    return ids.make(call.account, "message", row["id"], row["generation"])


def message(call: Call, row: sqlite3.Row, shape: Shape) -> dict[str, Any]:
    """One message, cut to what is wanted."""
    return messages(call, [row], shape)[0]


def messages(call: Call, rows: Iterable[sqlite3.Row], shape: Shape) -> list[dict[str, Any]]:
    """Messages of a page. Bodies and headers are read only where wanted."""
    rows = list(rows)
    content: dict[int, sqlite3.Row] = {}
    if any(shape.wants(name) for name in ("body", "uniqueBody", "internetMessageHeaders")):
        marks = ", ".join("?" * len(rows))
        sql = f"SELECT message, body_type, body, headers FROM graph_content WHERE message IN ({marks})"
        content = {found["message"]: found for found in call.store.rows(sql, *[row["id"] for row in rows])}
    return [shape.cut(_whole(call, row, content.get(row["id"]), shape)) for row in rows]


def _whole(call: Call, row: sqlite3.Row, content: sqlite3.Row | None, shape: Shape) -> dict[str, Any]:
    key = ids.change_key("message", row["id"], row["version"])
    fields = json.loads(row["fields"])
    sender = {"emailAddress": {"name": row["sender_name"], "address": row["sender_address"]}}
    known = bool(row["sender_address"] or row["sender_name"])
    item: dict[str, Any] = {"@odata.etag": ids.etag(key)}
    if row["odata_type"]:
        item["@odata.type"] = row["odata_type"]
    name = identifier(call, row)
    item |= {
        "id": name,
        "createdDateTime": row["created"],
        "lastModifiedDateTime": row["modified"],
        "changeKey": key,
        "categories": fields["categories"],
        "receivedDateTime": row["received"],
        "sentDateTime": row["sent"],
        "hasAttachments": bool(row["has_attachments"]),
        "internetMessageId": row["internet_message_id"],
        "subject": row["subject"],
        "bodyPreview": row["preview"],
        "importance": row["importance"],
        "parentFolderId": ids.make(call.account, "folder", row["folder"]),
        "conversationId": row["conversation"],
        "conversationIndex": row["conversation_index"],
        "isDeliveryReceiptRequested": None if row["is_draft"] else False,
        "isReadReceiptRequested": False,
        "isRead": bool(row["is_read"]),
        "isDraft": bool(row["is_draft"]),
        "webLink": OWA.format(name.replace("=", "%3D")),
        "inferenceClassification": row["inference"],
        "sender": fields.get("sender", sender) if known else None,
        "from": sender if known else None,
        "toRecipients": fields["toRecipients"],
        "ccRecipients": fields["ccRecipients"],
        "bccRecipients": fields["bccRecipients"],
        "replyTo": fields["replyTo"],
        "flag": {"flagStatus": row["flag"]},
    }
    if content is not None:
        body = as_preferred(call, content["body_type"], content["body"])
        item |= {"body": body, "uniqueBody": body}
        item["internetMessageHeaders"] = [{"name": n, "value": v} for n, v in json.loads(content["headers"])]
    item |= {k: v for k, v in fields.get("meeting", {}).items() if k in MEETING}
    _expand(call, row, fields, shape, item)
    if "mail.read" not in call.scopes and "mail.readwrite" not in call.scopes:
        for hidden in BASIC_HIDES:
            item.pop(hidden, None)
    return item


def _event(call: Call, fields: dict[str, Any]) -> dict[str, Any] | None:
    """The event in the calendar that an invitation is about."""
    sql = "SELECT * FROM graph_event WHERE account = ? AND uid = ? AND kind IN ('single', 'master')"
    row = call.store.row(sql, call.account.id, fields.get("meeting", {}).get("uid"))
    return None if row is None else events.event(call, row, Shape(events.EVENT))


def _expand(call: Call, row: sqlite3.Row, fields: dict[str, Any], shape: Shape, item: dict[str, Any]) -> None:
    for name, expansion in shape.expand.items():
        if name == "attachments":
            item[name] = attachments.expanded(call, expansion, message=row["id"])
        elif name == "singleValueExtendedProperties":
            found = extended.single_values(call, row, fields, expansion.filter)
            if found:
                item[name] = found
        elif name == "event":
            item[name] = _event(call, fields)
        else:
            item[name] = []
