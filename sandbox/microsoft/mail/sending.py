"""Sending: drafts, sendMail, and the replies and forwards that need no draft of the caller's. 202 means accepted.

A sent draft keeps its immutable id in Sent Items. Delivery to the sandbox's other accounts is ``sandbox.post``'s.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from sandbox import post
from sandbox.microsoft import clock
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import bad_request
from sandbox.microsoft.mail import drafts, messages, mime, moves, tree
from sandbox.microsoft.mail.parse import parse
from sandbox.microsoft.mail.store import State, insert

LIMIT = 500


def send(call: Call, message: str) -> Answer:
    """POST /me/messages/{id}/send."""
    row = messages.find(call, message)
    if not row["is_draft"]:
        raise bad_request("Only a draft can be sent.", "ErrorInvalidRequest")
    _send(call, row, keep=True)
    return Answer(202)


def send_mail(call: Call) -> Answer:
    """POST /me/sendMail: JSON, or base64 MIME as text/plain."""
    folder = tree.well_known(call.store, call.account, "drafts")
    if drafts.is_mime(call):
        number = insert(call.store, call.account, drafts.mime_of(call), State(folder, call.store.now(), draft=True))
        _send(call, drafts.row_of(call, number), keep=True)
        return Answer(202)
    given = call.json()
    message, keep = call.argument(given, "message"), call.argument(given, "saveToSentItems")
    if not isinstance(message, dict):
        raise bad_request("The parameter message is missing.", "ErrorInvalidRequest")
    row = drafts.blank(call, folder)
    drafts.fill(call, row, message)
    _send(call, drafts.row_of(call, row["id"]), keep=keep is not False)
    return Answer(202)


def reply(call: Call, message: str) -> Answer:
    """POST …/reply."""
    return _answered(call, message, "reply")


def reply_all(call: Call, message: str) -> Answer:
    """POST …/replyAll."""
    return _answered(call, message, "replyAll")


def forward(call: Call, message: str) -> Answer:
    """POST …/forward."""
    return _answered(call, message, "forward")


def _answered(call: Call, message: str, kind: str) -> Answer:
    _send(call, drafts.answer(call, message, kind), keep=True)
    return Answer(202)


def _send(call: Call, row: sqlite3.Row, *, keep: bool) -> None:
    """Deliver a draft and put it into Sent Items, or away with it."""
    store, account = call.store, call.account
    content = store.row("SELECT raw, body_type, body, headers FROM graph_content WHERE message = ?", row["id"])
    assert content is not None
    recipients = _recipients(json.loads(row["fields"]))
    if not recipients:
        raise bad_request("At least one recipient is not valid, the message can't be sent.", "ErrorInvalidRecipients")
    if len(recipients) > LIMIT:
        raise bad_request("The message has more than 500 recipients.", "ErrorMessageSizeExceeded")
    with store.write() as db:
        now = clock.now(store)
        db.execute(
            "UPDATE graph_message SET is_draft = 0, is_read = 1, sent = ?, received = ? WHERE id = ?",
            (now, now, row["id"]),
        )
        sent = drafts.row_of(call, row["id"])
        kept = content["raw"] or mime.compose(store, sent, content, hide_bcc=False)
        raw = without_bcc(content["raw"]) if content["raw"] else mime.compose(store, sent, content, hide_bcc=True)
        headers = json.dumps(parse(kept).headers, ensure_ascii=False)
        db.execute("UPDATE graph_content SET raw = ?, headers = ? WHERE message = ?", (kept, headers, row["id"]))
        db.execute("UPDATE graph_message SET size = ? WHERE id = ?", (len(kept), row["id"]))
        if keep:
            moves.move(store, account, sent, tree.well_known(store, account, "sentitems"))
        else:
            moves.destroy(store, account, sent)
    post.post(store, account, raw, recipients)


def _recipients(fields: dict[str, Any]) -> list[str]:
    listed = [fields[name] for name in ("toRecipients", "ccRecipients", "bccRecipients")]
    return [person["emailAddress"]["address"] for people in listed for person in people]


def without_bcc(raw: bytes) -> bytes:
    """MIME as its recipients get it: the Bcc header and its continuation lines taken out."""
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    head, gap, rest = raw.partition(end + end)
    kept, inside = [], False
    for line in head.split(end):
        if not line.startswith((b" ", b"\t")):
            inside = line.lower().startswith(b"bcc:")
        if not inside:
            kept.append(line)
    return end.join(kept) + gap + rest
