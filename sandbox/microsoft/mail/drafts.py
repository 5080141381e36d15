"""Drafts: new ones, replies and forwards ("message: createReply" and its kin). Sending them is left to ``sending``.

Reply drafts get their In-Reply-To, References and conversation from the server; custom headers must begin with ``x-``.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import sqlite3
import uuid
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import clock, ids
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request, invalid_property, read_only
from sandbox.microsoft.mail import attachments, edits, messages, render, threads, tree
from sandbox.microsoft.mail.store import State, insert
from sandbox.microsoft.mail.values import people, record, records, text
from sandbox.microsoft.odata import check
from sandbox.store import Store

_EMPTY: dict[str, list[Any]] = {
    "toRecipients": [],
    "ccRecipients": [],
    "bccRecipients": [],
    "replyTo": [],
    "categories": [],
}


def blank(
    call: Call, folder: int, *, origin: sqlite3.Row | None = None, prefix: str = "", headers: Any = ()
) -> sqlite3.Row:
    """An empty draft of the account, in the conversation of ``origin`` where there is one."""
    store, account, now = call.store, call.account, clock.now(call.store)
    serial = clock.tick(store, account)
    unique = uuid.uuid5(uuid.NAMESPACE_OID, f"{account.id}|{account.email}|{serial}").hex.upper()
    message_id = f"<{unique}@sandbox.outlook.example>"
    subject = f"{prefix}{origin['topic']}" if origin else ""
    conversation = origin["conversation"] if origin else ids.conversation(account, message_id)
    depth = sum(1 for name, _ in headers if name == "In-Reply-To")
    with store.write() as db:
        number = db.execute(
            "INSERT INTO graph_message (account, folder, entered, changed, subject, topic, sender_name,"
            " sender_address, received,"
            " sent, created, modified, is_read, is_draft, internet_message_id, conversation, conversation_index,"
            " preview, fields)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?, '', ?)",
            (
                account.id,
                folder,
                serial,
                serial,
                subject,
                threads.topic(subject),
                account.name,
                account.email,
                now,
                now,
                now,
                now,
                message_id,
                conversation,
                threads.index(conversation, depth, store.now()),
                json.dumps(_EMPTY),
            ),
        ).lastrowid
        db.execute(
            "INSERT INTO graph_content (message, raw, body_type, body, headers) VALUES (?, NULL, 'text', '', ?)",
            (number, json.dumps(list(headers))),
        )
        db.execute(
            "INSERT INTO graph_thread (account, message_id, conversation) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (account.id, message_id, conversation),
        )
    return row_of(call, number)


def row_of(call: Call, number: int | None) -> sqlite3.Row:
    """A message's row as it is now."""
    row = call.store.row("SELECT * FROM graph_message WHERE id = ?", number)
    assert row is not None
    return row


def fill(call: Call, row: sqlite3.Row, body: dict[str, Any]) -> None:
    """Write a request's message into a draft: properties, attachments, custom headers."""
    known = {k: v for k, v in body.items() if "@" not in k}
    for part in records("attachments", known.pop("attachments", None)):
        attachments.add(call, attachments.given(part), message=row["id"])
    _headers(call, row, records("internetMessageHeaders", known.pop("internetMessageHeaders", None)))
    for name in known:
        if name not in edits.ALWAYS | edits.DRAFT:
            raise read_only(name) if name in render.MESSAGE.properties else invalid_property(name, "message")
    edits.apply(call, row, known)
    refresh_attachments(call.store, call.account, row["id"])


def refresh_attachments(store: Store, account: Account, number: int) -> None:
    """Let hasAttachments say whether any is not inline."""
    sql = "SELECT EXISTS (SELECT 1 FROM graph_attachment WHERE message = ? AND NOT inline)"
    with store.write() as db:
        db.execute(
            "UPDATE graph_message SET has_attachments = ?, changed = ?, version = version + 1 WHERE id = ?",
            (store.value(sql, number), clock.tick(store, account), number),
        )


def _headers(call: Call, row: sqlite3.Row, given: list[dict[str, Any]]) -> None:
    kept = json.loads(call.store.value("SELECT headers FROM graph_content WHERE message = ?", row["id"]))
    for one in given:
        name, value = str(one.get("name", "")), str(one.get("value", ""))
        if not name.lower().startswith("x-"):
            raise bad_request(
                f"The internet message header name '{name}' should start with 'x-' or 'X-'.",
                "InvalidInternetMessageHeader",
            )
        kept.append([name, value])
    with call.store.write() as db:
        db.execute("UPDATE graph_content SET headers = ? WHERE message = ?", (json.dumps(kept), row["id"]))


def create(call: Call) -> Answer:
    """POST /me/messages: a draft in Drafts, from JSON or, as text/plain, from base64 MIME."""
    return _create(call, tree.well_known(call.store, call.account, "drafts"))


def create_in(call: Call, folder: str) -> Answer:
    return _create(call, tree.find(call, folder)["id"])


def _create(call: Call, folder: int) -> Answer:
    check(call)
    if is_mime(call):
        number = insert(call.store, call.account, mime_of(call), State(folder, call.store.now(), draft=True))
        return messages.by_row(call, number, 201)
    body = call.json()
    row = blank(call, folder)
    fill(call, row, body)
    return messages.by_row(call, row["id"], 201)


def is_mime(call: Call) -> bool:
    return call.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/plain"


def mime_of(call: Call) -> bytes:
    """The MIME of a text/plain request."""
    try:
        return base64.b64decode(b"".join(call.content.split()), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("The MIME content is not valid base64.", "ErrorMimeContentInvalidBase64String") from None


def answer(call: Call, message: str, kind: str) -> sqlite3.Row:
    """The draft of a reply ("reply", "replyAll") or "forward" to a message, filled with what the request says."""
    origin, given = messages.find(call, message), call.json()
    inner = record("message", call.argument(given, "message"))
    comment = call.argument(given, "comment")
    if comment is not None and "body" in inner:
        raise bad_request("Specify either the comment or the body of the message, not both.", "ErrorInvalidRequest")
    references = _references(call, origin)
    headers = [] if kind == "forward" else [["In-Reply-To", origin["internet_message_id"]], ["References", references]]
    folder = tree.well_known(call.store, call.account, "drafts")
    row = blank(call, folder, origin=origin, prefix="FW: " if kind == "forward" else "RE: ", headers=headers)
    wanted: dict[str, Any] = {
        "body": {"contentType": "html", "content": _quote(call, origin, text("comment", comment))}
    }
    wanted |= _recipients(call, origin, kind)
    if kind == "forward" and (to := call.argument(given, "toRecipients")):
        wanted["toRecipients"] = people("toRecipients", to)
    fill(call, row, wanted | inner)
    if kind == "forward":
        _carry(call, origin, row)
    return row_of(call, row["id"])


def _references(call: Call, origin: sqlite3.Row) -> str:
    headers = json.loads(call.store.value("SELECT headers FROM graph_content WHERE message = ?", origin["id"]))
    earlier = next((value for name, value in headers if name.lower() == "references"), "")
    return f"{earlier} {origin['internet_message_id']}".strip()


def _recipients(call: Call, origin: sqlite3.Row, kind: str) -> dict[str, Any]:
    if kind == "forward":
        return {}
    fields = json.loads(origin["fields"])
    sender = {"emailAddress": {"name": origin["sender_name"], "address": origin["sender_address"]}}
    mine = call.account.email.lower()
    own = origin["sender_address"].lower() == mine
    to = fields["toRecipients"] if own else fields["replyTo"] or ([sender] if origin["sender_address"] else [])
    if kind == "reply":
        return {"toRecipients": to}
    addressed = {mine} | {one["emailAddress"]["address"].lower() for one in to}
    others = [] if own else [r for r in fields["toRecipients"] if r["emailAddress"]["address"].lower() not in addressed]
    copied = [r for r in fields["ccRecipients"] if r["emailAddress"]["address"].lower() not in addressed]
    return {"toRecipients": to + others, "ccRecipients": copied}


def _quote(call: Call, origin: sqlite3.Row, comment: str) -> str:
    """The comment over the quoted original, as Outlook writes it."""
    content = call.store.row("SELECT body_type, body FROM graph_content WHERE message = ?", origin["id"])
    assert content is not None
    old = content["body"] if content["body_type"] == "html" else f"<pre>{html.escape(content['body'])}</pre>"
    head = f"<b>From:</b> {html.escape(origin['sender_name'])} &lt;{html.escape(origin['sender_address'])}&gt;<br>"
    head += f"<b>Sent:</b> {origin['sent']}<br><b>Subject:</b> {html.escape(origin['subject'])}"
    said = html.escape(comment).replace("\n", "<br>")
    return f'<html><body>{said}<hr><div id="divRplyFwdMsg">{head}</div><br>{old}</body></html>'


def _carry(call: Call, origin: sqlite3.Row, row: sqlite3.Row) -> None:
    with call.store.write() as db:
        db.execute(
            "INSERT INTO graph_attachment (message, kind, name, content_type, content_id, inline, size,"
            " modified, content)"
            " SELECT ?, kind, name, content_type, content_id, inline, size, modified, content FROM graph_attachment"
            " WHERE message = ?",
            (row["id"], origin["id"]),
        )
    refresh_attachments(call.store, call.account, row["id"])


def reply(call: Call, message: str) -> Answer:
    """POST …/createReply."""
    return _drafted(call, message, "reply")


def reply_all(call: Call, message: str) -> Answer:
    """POST …/createReplyAll."""
    return _drafted(call, message, "replyAll")


def forward(call: Call, message: str) -> Answer:
    """POST …/createForward."""
    return _drafted(call, message, "forward")


def _drafted(call: Call, message: str, kind: str) -> Answer:
    check(call)
    return messages.by_row(call, answer(call, message, kind)["id"], 201)


def attach(call: Call, message: str) -> Answer:
    """POST …/attachments."""
    row = messages.find(call, message)
    made = attachments.add(call, attachments.given(call.json()), message=row["id"])
    refresh_attachments(call.store, call.account, row["id"])
    context = call.context(f"messages('{message}')/attachments", one=True)
    return Answer(201, {"@odata.context": context, **attachments.render(call, made, None)})


def detach(call: Call, message: str, attachment: str) -> Answer:
    """DELETE …/attachments/{id}."""
    row = messages.find(call, message)
    found = attachments.find(call, attachment, message=row["id"])
    with call.store.write() as db:
        db.execute("DELETE FROM graph_attachment WHERE id = ?", (found["id"],))
    refresh_attachments(call.store, call.account, row["id"])
    return Answer(204)
