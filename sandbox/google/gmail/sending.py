"""messages.send, import and insert: messages that come from the client."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sandbox import post
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError, invalid_argument, not_found
from sandbox.google.gmail import mime, outgoing
from sandbox.google.gmail.aliases import allowed_senders, display_name
from sandbox.google.gmail.labels import check_known
from sandbox.google.gmail.mailbox import Mailbox
from sandbox.google.gmail.messages import brief
from sandbox.google.gmail.users import mailbox_of
from sandbox.google.people.loading import remember

LARGEST_SENT = 36_700_160  # bytes
LARGEST_IMPORTED = 157_286_400  # bytes


def content(call: Call, message: dict[str, Any], largest: int) -> bytes:
    """The message that was uploaded or came as ``raw``. Raises Gmail's 400 or 413."""
    raw = call.media
    if raw is None and message.get("raw"):
        try:
            text = message["raw"].replace("+", "-").replace("/", "_")
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise invalid_argument("Invalid value for ByteString: raw") from None
    if not raw or not raw.strip():
        message_text = "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        raise invalid_argument(message_text)
    if len(raw) > largest:
        raise GoogleError(413, "uploadTooLarge", "Request Entity Too Large")
    return raw


def thread_of(mailbox: Mailbox, message: dict[str, Any]) -> str:
    """The thread that the client wants a message in, or empty; one that is not there is a 404."""
    wanted = message.get("threadId") or ""
    if wanted and not mailbox.thread(wanted):
        raise not_found()
    return wanted


def send_raw(call: Call, mailbox: Mailbox, raw: bytes, thread: str) -> dict[str, Any]:
    """Send a message: the sender's copy, and one for every recipient here. Call it inside ``store.write()``."""
    account, now = call.account, call.store.now()
    everybody = outgoing.recipients(raw)
    name = display_name(call.store, account)
    raw = outgoing.completed(raw, account.email, name, allowed_senders(call.store, account), now)
    own = account.email.lower()
    labels = ["SENT", "INBOX", "UNREAD"] if own in everybody else ["SENT"]
    sent = mailbox.add(raw, now, labels, thread_id=thread)
    remember(call.store, account.id, [a for a in everybody if a != own])
    post.post(call.store, account, outgoing.without(raw, "Bcc"), [a for a in everybody if a != own])
    return brief(sent, labels)


def send(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    raw = content(call, call.body, LARGEST_SENT)
    thread = thread_of(mailbox, call.body)
    with call.store.write():
        return send_raw(call, mailbox, raw, thread)


def _placed(call: Call) -> dict[str, Any]:
    mailbox = mailbox_of(call)
    raw = content(call, call.body, LARGEST_IMPORTED)
    thread = thread_of(mailbox, call.body)
    labels = call.body.get("labelIds") or []
    check_known(call, labels, changing=False)
    if "DRAFT" in labels:
        raise invalid_argument("Invalid label: DRAFT")
    when = call.store.now()
    if call.query["internalDateSource"] == "dateHeader":
        when = _date(raw) or when
    with call.store.write():
        return brief(mailbox.add(raw, when, labels, thread_id=thread), labels)


def _date(raw: bytes) -> datetime | None:
    try:
        found = parsedate_to_datetime(mime.first(mime.parse_headers(raw), "date"))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def import_(call: Call) -> dict[str, Any]:
    """As if it came by mail; the sandbox takes nothing that is imported for spam."""
    return _placed(call)


def insert(call: Call) -> dict[str, Any]:
    """As by IMAP APPEND."""
    return _placed(call)


TABLE = {
    "gmail.users.messages.send": Row(send, 100, 100),
    "gmail.users.messages.import": Row(import_, 25, 25),
    "gmail.users.messages.insert": Row(insert, 25, 25),
}
