"""Attachments of messages and events: lists, single ones, their bytes, adding and removing."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from typing import Any

from sandbox.microsoft import clock, ids
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request, malformed_id, unknown_item
from sandbox.microsoft.mail import items
from sandbox.microsoft.mail.parse import Part
from sandbox.microsoft.mail.store import attach
from sandbox.microsoft.odata import Entity, Expansion, Shape, check, listing, shape

ATTACHMENT = Entity(
    "attachment",
    frozenset(
        [
            "id",
            "lastModifiedDateTime",
            "name",
            "contentType",
            "size",
            "isInline",
            "contentId",
            "contentLocation",
            "contentBytes",
        ]
    ),
    links=frozenset({"item"}),
)
LIMIT = 3 * 1024 * 1024


def render(call: Call, row: sqlite3.Row, select: list[str] | None, *, item: bool = False) -> dict[str, Any]:
    """One attachment. ``contentBytes`` is read only where wanted; a message's ``item`` comes only when expanded."""
    kind = "fileAttachment" if row["kind"] == "file" else "itemAttachment"
    shown: dict[str, Any] = {
        "@odata.type": f"#microsoft.graph.{kind}",
        "@odata.mediaContentType": row["content_type"],
        "id": ids.make(call.account, "attachment", row["id"], immutable=call.immutable),
        "lastModifiedDateTime": row["modified"],
        "name": row["name"],
        "contentType": row["content_type"] if row["kind"] == "file" else None,
        "size": row["size"],
        "isInline": bool(row["inline"]),
    }
    if row["kind"] == "file":
        shown |= {"contentId": row["content_id"] or None, "contentLocation": None}
        if select is None or "contentBytes" in select:
            content = call.store.value("SELECT content FROM graph_attachment WHERE id = ?", row["id"])
            shown["contentBytes"] = base64.b64encode(content).decode()
    elif item:
        content = call.store.value("SELECT content FROM graph_attachment WHERE id = ?", row["id"])
        shown["item"] = items.item(content)
    if select is None:
        return shown
    keep = {"id", "item", *select}
    return {k: v for k, v in shown.items() if k in keep or "@" in k}


_COLUMNS = "id, kind, name, content_type, content_id, inline, size, modified"


def _rows(call: Call, message: int | None, event: int | None) -> list[sqlite3.Row]:
    owner, number = ("message", message) if message is not None else ("event", event)
    return call.store.rows(f"SELECT {_COLUMNS} FROM graph_attachment WHERE {owner} = ? ORDER BY id", number)


def expanded(
    call: Call, expansion: Expansion, *, message: int | None = None, event: int | None = None
) -> list[dict[str, Any]]:
    """The attachments of an expanded item."""
    return [render(call, row, expansion.select) for row in _rows(call, message, event)]


def find(call: Call, text: str, *, message: int | None = None, event: int | None = None) -> sqlite3.Row:
    """The attachment that a request names."""
    ref = ids.read(call.account, text)
    if ref is None:
        raise malformed_id()
    for row in _rows(call, message, event):
        if ref.kind == "attachment" and row["id"] == ref.number:
            return row
    raise unknown_item()


def index(call: Call, context: str, *, message: int | None = None, event: int | None = None) -> Answer:
    """GET …/attachments."""
    check(call, "$select", "$expand", "$top", "$skip", "$count")
    made: Shape = shape(call, ATTACHMENT)
    found = [render(call, row, made.select, item="item" in made.expand) for row in _rows(call, message, event)]
    return listing(call, context, found, default=1000)


def one(call: Call, row: sqlite3.Row) -> Answer:
    """GET …/attachments/{id}."""
    check(call, "$select", "$expand")
    made = shape(call, ATTACHMENT)
    return Answer(body=render(call, row, made.select, item="item" in made.expand))


def content(call: Call, row: sqlite3.Row) -> Answer:
    """GET …/attachments/{id}/$value: the bytes."""
    found: bytes = call.store.value("SELECT content FROM graph_attachment WHERE id = ?", row["id"])
    return Answer(body=found, content_type=_header(row["content_type"]) if row["kind"] == "file" else "message/rfc822")


def _header(content_type: str) -> str:
    """A stored type as it may stand in a header: some messages state one that is torn over lines, or no text at all."""
    line = " ".join(content_type.split())
    return line if line and line.isascii() and line.isprintable() else "application/octet-stream"


def given(body: dict[str, Any]) -> Part:
    """A fileAttachment of a request. Larger ones go through an upload session."""
    if str(body.get("@odata.type", "")).lstrip("#").lower() != "microsoft.graph.fileattachment":
        raise bad_request(
            "The attachment's @odata.type must be #microsoft.graph.fileAttachment.", "ErrorInvalidRequest"
        )
    try:
        data = base64.b64decode(str(body.get("contentBytes") or ""), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("contentBytes is not valid base64.", "ErrorInvalidRequest") from None
    if not body.get("name"):
        raise bad_request("The attachment has no name.", "ErrorInvalidRequest")
    if len(data) > LIMIT:
        raise GraphError(413, "RequestEntityTooLarge", "The request body is larger than 3 MB; use an upload session.")
    return Part(
        str(body["name"]),
        str(body.get("contentType") or "application/octet-stream"),
        data,
        str(body.get("contentId") or ""),
        bool(body.get("isInline", False)),
    )


def add(call: Call, part: Part, *, message: int | None = None, event: int | None = None) -> sqlite3.Row:
    """Keep a new attachment; returns its row."""
    number = attach(call.store, part, clock.now(call.store), message=message, event=event)
    row = call.store.row(f"SELECT {_COLUMNS} FROM graph_attachment WHERE id = ?", number)
    assert row is not None
    return row
