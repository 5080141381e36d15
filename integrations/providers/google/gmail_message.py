"""Turns Gmail's messages and labels into records. Fetching is left to ``gmail_sync`` and ``gmail``."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.providers.google import gmail_parts
from integrations.providers.mime import addresses, clean, decode_words, message_ids, sender
from integrations.records import FolderRecord, MailDelta, MailRecord, Role

UNREAD, STARRED = "UNREAD", "STARRED"
_SYSTEM = {
    "INBOX": ("Inbox", Role.INBOX),
    "SENT": ("Sent", Role.SENT),
    "DRAFT": ("Drafts", Role.DRAFTS),
    "TRASH": ("Trash", Role.TRASH),
    "SPAM": ("Spam", Role.SPAM),
    "STARRED": ("Starred", Role.STARRED),
    "IMPORTANT": ("Important", Role.IMPORTANT),
    "UNREAD": ("Unread", Role.UNREAD),
    "CATEGORY_PERSONAL": ("Primary", Role.CATEGORY),
    "CATEGORY_SOCIAL": ("Social", Role.CATEGORY),
    "CATEGORY_PROMOTIONS": ("Promotions", Role.CATEGORY),
    "CATEGORY_UPDATES": ("Updates", Role.CATEGORY),
    "CATEGORY_FORUMS": ("Forums", Role.CATEGORY),
}


def mail_record(message: Mapping[str, Any], read: gmail_parts.Read) -> MailRecord:
    """A message of ``format=full`` as a record; ``read`` fetches a body that is not in it."""
    payload = message.get("payload") or {}
    headers = gmail_parts.headers(payload)
    labels = frozenset(message.get("labelIds") or ())
    bodies, leaves = gmail_parts.bodies(payload, read), tuple(gmail_parts.leaves(payload))
    replied = message_ids(headers.get("in-reply-to", ""))
    return MailRecord(
        id=message["id"],
        thread_id=message.get("threadId") or message["id"],
        date=_instant(message.get("internalDate")),
        folder_ids=labels,
        subject=decode_words(headers.get("subject", "")),
        sender=sender(headers.get("from") or headers.get("sender", "")),
        to=addresses(headers.get("to", "")),
        cc=addresses(headers.get("cc", "")),
        bcc=addresses(headers.get("bcc", "")),
        reply_to=addresses(headers.get("reply-to", "")),
        message_id=clean(headers.get("message-id", "")).strip(),
        in_reply_to=replied[0] if replied else "",
        references=message_ids(headers.get("references", "")),
        snippet=clean(html.unescape(message.get("snippet", ""))),
        text=bodies.text,
        html=bodies.html,
        unread=UNREAD in labels,
        starred=STARRED in labels,
        draft="DRAFT" in labels,
        has_invitation=gmail_parts.has_invitation(leaves),
        attachments=gmail_parts.attachments(leaves),
        size=int(message.get("sizeEstimate", 0)),
        etag=str(message.get("historyId", "")),
        list_unsubscribe=clean(" ".join(headers.get("list-unsubscribe", "").split())),
    )


def label_delta(message_id: str, added: frozenset[str], removed: frozenset[str]) -> MailDelta:
    """A change of labels, with what it says about the message being unread or starred."""
    return MailDelta(message_id, added, removed, _flag(UNREAD, added, removed), _flag(STARRED, added, removed))


def _flag(label: str, added: frozenset[str], removed: frozenset[str]) -> bool | None:
    if label in added:
        return True
    return False if label in removed else None


def folder_records(labels: Iterable[Mapping[str, Any]]) -> tuple[FolderRecord, ...]:
    """All labels of a mailbox. Gmail nests by names ("Work/Travel"); a label is a child where its parent exists too."""
    known = list(labels)
    by_name = {str(label.get("name", "")): str(label["id"]) for label in known if label.get("type") != "system"}
    return tuple(_folder(label, by_name) for label in known)


def _folder(label: Mapping[str, Any], by_name: Mapping[str, str]) -> FolderRecord:
    label_id, name = str(label["id"]), clean(str(label.get("name", "")))
    hidden = label.get("labelListVisibility") == "labelHide"
    if label.get("type") == "system":
        shown, role = _SYSTEM.get(label_id, (name.replace("_", " ").capitalize(), Role.SYSTEM))
        return FolderRecord(label_id, shown, role, hidden=hidden)
    above, _, last = name.rpartition("/")
    parent = by_name.get(above, "")
    return FolderRecord(label_id, last if parent else name, parent_id=parent, hidden=hidden)


def _instant(milliseconds: object) -> datetime:
    """Gmail's ``internalDate``; the beginning of time as Unix knows it where that is missing or out of range."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
