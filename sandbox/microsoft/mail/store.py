"""Puts messages into a mailbox's tables, parsed once as they come. Reading is left to ``render`` and ``messages``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft import clock
from sandbox.microsoft.mail import threads
from sandbox.microsoft.mail.meetings import meeting
from sandbox.microsoft.mail.parse import Parsed, Part, parse, preview
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class State:
    """Where a message lies and what its owner did with it."""

    folder: int
    received: datetime
    read: bool = True
    flagged: bool = False
    important: bool = False
    draft: bool = False


def recipients(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Pairs of name and address as Graph's recipients; without a name the address stands for it."""
    return [{"emailAddress": {"name": name or address, "address": address}} for name, address in pairs]


def insert(store: Store, account: Account, raw: bytes, state: State) -> int:
    """Keep a message; returns its row."""
    found = parse(raw)
    odata_type, extra = meeting(found.calendar, found.method) if found.calendar else ("", {})
    related = [*found.references, *([found.in_reply_to] if found.in_reply_to not in found.references else [])]
    related = [one for one in related if one]
    with store.write() as db:
        conversation = threads.conversation(store, account, found.message_id, related, found.subject)
        number = clock.tick(store, account)
        received = clock.instant(state.received)
        sent = found.sent or state.received
        name, address = next(iter(found.people("from")), ("", ""))
        files = [part for part in found.parts if not part.inline]
        cursor = db.execute(
            "INSERT INTO graph_message (account, folder, entered, changed, odata_type, subject, topic, sender_name,"
            " sender_address, received, sent, created, modified, is_read, is_draft, flag, importance, has_attachments,"
            " internet_message_id, conversation, conversation_index, size, preview, fields)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                account.id,
                state.folder,
                number,
                number,
                odata_type,
                found.subject,
                threads.topic(found.subject),
                name or address,
                address,
                received,
                clock.instant(sent),
                received,
                received,
                state.read,
                state.draft,
                "flagged" if state.flagged else "notFlagged",
                "high" if state.important else found.importance,
                bool(files),
                found.message_id,
                conversation,
                threads.index(conversation, len(found.references), sent),
                len(raw),
                preview(found),
                json.dumps(_fields(found, extra), ensure_ascii=False),
            ),
        )
        row = cursor.lastrowid
        assert row is not None
        db.execute(
            "INSERT INTO graph_content (message, raw, body_type, body, headers) VALUES (?, ?, ?, ?, ?)",
            (
                row,
                raw,
                "html" if found.html else "text",
                found.html or found.text,
                json.dumps(found.headers, ensure_ascii=False),
            ),
        )
        for part in found.parts:
            attach(store, part, received, message=row)
    return row


def _fields(found: Parsed, extra: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "toRecipients": recipients(found.people("to")),
        "ccRecipients": recipients(found.people("cc")),
        "bccRecipients": recipients(found.people("bcc")),
        "replyTo": recipients(found.people("reply-to")),
        "categories": found.categories,
    }
    if found.people("sender"):
        fields["sender"] = recipients(found.people("sender"))[0]
    if extra:
        fields["meeting"] = extra
    return fields


def attach(store: Store, part: Part, modified: str, *, message: int | None = None, event: int | None = None) -> int:
    """Keep an attachment of a message or an event; returns its row."""
    with store.write() as db:
        made = db.execute(
            "INSERT INTO graph_attachment (message, event, kind, name, content_type, content_id, inline, size,"
            " modified, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message,
                event,
                "item" if part.item else "file",
                part.name,
                part.content_type,
                part.content_id,
                part.inline,
                len(part.content),
                modified,
                part.content,
            ),
        ).lastrowid
    assert made is not None
    return made
