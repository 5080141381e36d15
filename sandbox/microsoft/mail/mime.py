"""A message as MIME: the bytes that came, or, for a draft written through the API, what would be sent."""

from __future__ import annotations

import email.utils
import json
import sqlite3
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.mail import messages
from sandbox.store import Store


def value(call: Call, message: str) -> Answer:
    """GET /me/messages/{id}/$value."""
    return Answer(body=raw(call.store, messages.find(call, message)), content_type="text/plain")


def raw(store: Store, row: sqlite3.Row) -> bytes:
    """The bytes of a message."""
    content = store.row("SELECT raw, body_type, body, headers FROM graph_content WHERE message = ?", row["id"])
    assert content is not None
    kept: bytes | None = content["raw"]
    return kept if kept is not None else compose(store, row, content, hide_bcc=False)


def compose(store: Store, row: sqlite3.Row, content: sqlite3.Row, *, hide_bcc: bool) -> bytes:
    """MIME made of a draft's properties."""
    fields = json.loads(row["fields"])
    mail = EmailMessage(policy=SMTP.clone(max_line_length=900))
    mail["From"] = _mailbox(row["sender_name"], row["sender_address"])
    for name, key in (
        ("To", "toRecipients"),
        ("Cc", "ccRecipients"),
        ("Bcc", "bccRecipients"),
        ("Reply-To", "replyTo"),
    ):
        if fields[key] and not (hide_bcc and name == "Bcc"):
            mail[name] = ", ".join(_one(person) for person in fields[key])
    mail["Subject"] = " ".join(str(row["subject"]).split())
    mail["Date"] = email.utils.format_datetime(datetime.fromisoformat(row["sent"]))
    mail["Message-ID"] = row["internet_message_id"]
    if row["importance"] != "normal":
        mail["Importance"] = row["importance"]
    for name, text in json.loads(content["headers"]):
        if name.lower() in ("in-reply-to", "references") or name.lower().startswith("x-"):
            mail[name] = " ".join(str(text).split())
    mail.set_content(content["body"], subtype="html" if content["body_type"] == "html" else "plain", cte="base64")
    parts = store.rows("SELECT * FROM graph_attachment WHERE message = ? ORDER BY inline DESC, id", row["id"])
    for part in (p for p in parts if p["inline"]):
        mail.add_related(
            part["content"], *_kind(part["content_type"]), cid=f"<{part['content_id']}>", filename=part["name"]
        )
    for part in (p for p in parts if not p["inline"]):
        mail.add_attachment(part["content"], *_kind(part["content_type"]), filename=part["name"])
    return mail.as_bytes()


def _kind(content_type: str) -> tuple[str, str]:
    main, _, sub = content_type.partition(";")[0].strip().partition("/")
    if main in ("text", "message", "multipart") or not sub:
        return "application", "octet-stream" if main != "text" else "x-" + (sub or "plain")
    return main, sub


def _one(person: dict[str, Any]) -> str:
    inner = person["emailAddress"]
    return _mailbox(inner["name"], inner["address"])


def _mailbox(name: str, address: str) -> str:
    return email.utils.formataddr((name if name != address else "", address))
