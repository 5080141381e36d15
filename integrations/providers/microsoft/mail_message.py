"""Graph's message as a mail record.

Fetching, and which messages are read, is left to ``mail``. Properties: Microsoft Graph, resource type message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.providers.microsoft.times import instant
from integrations.records import Address, AttachmentRecord, MailDelta, MailRecord

Json = Mapping[str, Any]

SELECT = (
    "id,conversationId,receivedDateTime,sentDateTime,subject,from,sender,toRecipients,ccRecipients,bccRecipients,replyTo,"
    "internetMessageId,internetMessageHeaders,bodyPreview,body,isRead,isDraft,flag,hasAttachments,parentFolderId"
)
ATTACHMENT_SELECT = "id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId"

_WHOLE = ("subject", "body", "receivedDateTime", "isRead", "conversationId")
_FLAGS = frozenset({"id", "isRead", "flag", "categories", "parentFolderId", "changeKey", "lastModifiedDateTime"})
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def is_whole(item: Json) -> bool:
    """Whether a delta's item says everything; those of changed messages may name the changed properties only."""
    return all(name in item for name in _WHOLE)


def is_before(item: Json, since: datetime | None) -> bool:
    """Whether an item says that it was received earlier."""
    received = instant(item.get("receivedDateTime")) if since else None
    return received is not None and since is not None and received < since.replace(microsecond=0)


def is_flags_only(item: Json) -> bool:
    """Whether a delta's item says no more than a ``MailDelta`` can."""
    return all(name in _FLAGS or "@" in name for name in item)


def needs_attachments(item: Json) -> bool:
    """``hasAttachments`` is false where all of them are inline (Microsoft Graph, resource type message)."""
    return bool(item.get("hasAttachments")) or "cid:" in ((item.get("body") or {}).get("content") or "")


def flags(item: Json, folder: str) -> MailDelta:
    """The change that a thin item of a folder's delta means."""
    return MailDelta(
        id=item["id"],
        added=frozenset({folder}),
        unread=unread(item),
        starred=starred(item),
    )


def unread(item: Json) -> bool | None:
    """None where the item does not say."""
    read = item.get("isRead")
    return None if read is None else not read


def starred(item: Json) -> bool | None:
    """None where the item does not say."""
    return str((item["flag"] or {}).get("flagStatus", "")).casefold() == "flagged" if "flag" in item else None


def message(item: Json, folder: str, attachments: Iterable[Json] = ()) -> MailRecord:
    """A whole message. ``folder`` is the one that it was read from: at Microsoft a message is in exactly one."""
    headers = _headers(item)
    body = item.get("body") or {}
    content, html = body.get("content") or "", str(body.get("contentType", "")).casefold() == "html"
    return MailRecord(
        id=item["id"],
        thread_id=item.get("conversationId") or item["id"],
        date=_date(item),
        folder_ids=frozenset({folder}),
        subject=item.get("subject") or "",
        sender=_address(item.get("from") or item.get("sender")),
        to=_addresses(item.get("toRecipients")),
        cc=_addresses(item.get("ccRecipients")),
        bcc=_addresses(item.get("bccRecipients")),
        reply_to=_addresses(item.get("replyTo")),
        message_id=item.get("internetMessageId") or "",
        in_reply_to=_first_id(headers.get("in-reply-to", "")),
        references=tuple(_MESSAGE_ID.findall(headers.get("references", ""))),
        snippet=" ".join((item.get("bodyPreview") or "").split()),
        text="" if html else content,
        html=content if html else "",
        unread=bool(unread(item)),
        starred=bool(starred(item)),
        draft=bool(item.get("isDraft")),
        has_invitation="eventmessage" in str(item.get("@odata.type", "")).casefold(),
        attachments=tuple(_attachment(a) for a in attachments),
        etag=item.get("@odata.etag") or "",
        list_unsubscribe=headers.get("list-unsubscribe", ""),
    )


def _date(item: Json) -> datetime:
    for name in ("receivedDateTime", "sentDateTime", "createdDateTime"):
        if found := instant(item.get(name)):
            return found
    return _FIRST


def _headers(item: Json) -> dict[str, str]:
    """The first of each header, by its name in lower case."""
    found: dict[str, str] = {}
    for header in item.get("internetMessageHeaders") or ():
        found.setdefault(str(header.get("name", "")).casefold(), str(header.get("value") or "").strip())
    return found


def _first_id(value: str) -> str:
    found = _MESSAGE_ID.search(value)
    return found.group() if found else ""


def _address(recipient: Json | None) -> Address:
    mailbox = (recipient or {}).get("emailAddress") or {}
    email, name = mailbox.get("address") or "", mailbox.get("name") or ""
    return Address(email, "" if name == email else name)


def _addresses(recipients: Iterable[Json] | None) -> tuple[Address, ...]:
    return tuple(_address(r) for r in recipients or ())


def _attachment(item: Json) -> AttachmentRecord:
    attached_item = str(item.get("@odata.type", "")).casefold().endswith("itemattachment")
    # Senders write anything into these; a page and a header must be able to hold them.
    name, typed = " ".join((item.get("name") or "").split()), _TYPE.match(item.get("contentType") or "")
    kind = typed.group().lower() if typed else ""
    if attached_item and kind in ("", "message/rfc822"):
        name, kind = f"{name or 'message'}.eml", "message/rfc822"
    return AttachmentRecord(
        part_id=item["id"],
        filename=name,
        content_type=kind or "application/octet-stream",
        size=item.get("size") or 0,
        content_id=(item.get("contentId") or "").strip("<>"),
        inline=bool(item.get("isInline")),
    )
