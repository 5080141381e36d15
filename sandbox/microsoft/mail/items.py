"""A message that is attached to another, as the ``item`` of an itemAttachment."""

from __future__ import annotations

from typing import Any

from sandbox.microsoft.clock import instant
from sandbox.microsoft.mail.parse import parse, preview
from sandbox.microsoft.mail.store import recipients


def item(raw: bytes) -> dict[str, Any]:
    """The message in ``raw`` with what has a meaning outside a mailbox. Its id is empty, as in Graph."""
    found = parse(raw)
    sender = next(iter(recipients(found.people("from"))), None)
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": "",
        "subject": found.subject,
        "bodyPreview": preview(found),
        "body": {"contentType": "html" if found.html else "text", "content": found.html or found.text},
        "sentDateTime": instant(found.sent) if found.sent else None,
        "receivedDateTime": instant(found.sent) if found.sent else None,
        "internetMessageId": found.message_id,
        "hasAttachments": any(not part.inline for part in found.parts),
        "importance": found.importance,
        "isRead": True,
        "isDraft": False,
        "from": sender,
        "sender": sender,
        "toRecipients": recipients(found.people("to")),
        "ccRecipients": recipients(found.people("cc")),
    }
