"""Gmail's message in Microsoft Graph's form, and back. Both are read as the providers read them for syncing.

What goes to Google is a message as ``messages.import`` takes it: the text of the mail as ``raw``, with its labels.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime, formataddr
from typing import Any

from integrations.convert.report import Converted, Json
from integrations.providers.compose import Attached, message
from integrations.providers.google.gmail_message import mail_record
from integrations.providers.microsoft import mail_message
from integrations.records import Address, MailRecord

_OWN = ("id", "threadId", "historyId", "sizeEstimate", "snippet")
_OWN_OF_GRAPH = ("id", "conversationId", "conversationIndex", "changeKey", "parentFolderId", "webLink", "bodyPreview")
_CARRIED = frozenset({"UNREAD", "STARRED", "DRAFT", "INBOX", "SENT"})


def message_to_microsoft(mail: Mapping[str, Any]) -> Converted:
    """A message as ``messages.get`` gives it (``format=full``), in Graph's form, without its attachments' content."""
    record = mail_record(mail, lambda _: b"")
    made: Json = {
        "subject": record.subject,
        "body": {"contentType": "html" if record.html else "text", "content": record.html or record.text},
        "toRecipients": [_recipient(a) for a in record.to],
        "ccRecipients": [_recipient(a) for a in record.cc],
        "bccRecipients": [_recipient(a) for a in record.bcc],
        "replyTo": [_recipient(a) for a in record.reply_to],
        "isRead": not record.unread,
        "isDraft": record.draft,
        "flag": {"flagStatus": "flagged" if record.starred else "notFlagged"},
        "receivedDateTime": record.date.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "internetMessageId": record.message_id,
    }
    if record.sender.email:
        made["from"] = _recipient(record.sender)
    lost = _lost(record)
    if record.html and record.text:
        lost.append("text")
    if record.folder_ids - _CARRIED:
        lost.append("labelIds")
    return Converted(made, tuple(sorted(lost)), tuple(n for n in _OWN if n in mail))


def message_to_google(mail: Mapping[str, Any]) -> Converted:
    """A message as Graph gives it, for ``messages.import``. Attachments go along where they hold their content."""
    record = mail_message.message({"id": "", **mail}, "")
    given = mail.get("attachments") or ()
    files = [_file(one) for one in given if one.get("contentBytes")]
    kept = (
        ("From", _written(record.sender)),
        ("Reply-To", ", ".join(map(_written, record.reply_to))),
        ("Date", format_datetime(record.date)),
        ("Message-ID", record.message_id),
        ("In-Reply-To", record.in_reply_to),
        ("References", " ".join(record.references)),
    )
    raw = message(
        [_written(a) for a in record.to],
        record.subject,
        record.text,
        record.html,
        cc=[_written(a) for a in record.cc],
        bcc=[_written(a) for a in record.bcc],
        headers=kept,
        attachments=files,
    )
    flags = (("UNREAD", record.unread), ("STARRED", record.starred), ("DRAFT", record.draft))
    made = {"raw": base64.urlsafe_b64encode(raw).decode(), "labelIds": [label for label, on in flags if on]}
    lost = [name for name in ("categories", "inferenceClassification") if mail.get(name) not in (None, [], "focused")]
    lost += ["importance"] if mail.get("importance", "normal") != "normal" else []
    if len(given) > len(files) or (mail.get("hasAttachments") and not given):
        lost.append("attachments")
    return Converted(made, tuple(sorted(lost)), tuple(n for n in _OWN_OF_GRAPH if n in mail))


def _lost(record: MailRecord) -> list[str]:
    """What Graph does not let anybody write into a message."""
    found = {
        "attachments": record.attachments,
        "references": record.references,
        "inReplyTo": record.in_reply_to,
        "listUnsubscribe": record.list_unsubscribe,
    }
    return [name for name, value in found.items() if value]


def _recipient(address: Address) -> Json:
    named = {"name": address.name} if address.name else {}
    return {"emailAddress": {"address": address.email, **named}}


def _written(address: Address) -> str:
    """As a header has it; nothing for nobody."""
    return formataddr((address.name, address.email)) if address.email else ""


def _file(given: Mapping[str, Any]) -> Attached:
    content = base64.b64decode(given["contentBytes"])
    return Attached(str(given.get("name") or "file"), content, str(given.get("contentType") or ""))
