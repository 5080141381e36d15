"""Sends a letter through Graph, once: as a draft that is made, filled and only then sent.

A draft keeps its immutable id when it is sent, and its Message-ID follows from the edit, so that a repeated attempt
finds what the first one left: nothing, a draft, or a letter that is on its way (Microsoft Graph, "message:
createReply", "message: createForward", "message: send", "Get immutable identifiers for Outlook resources").
"""

from __future__ import annotations

from typing import Any

from integrations.errors import NotFound
from integrations.providers import letters
from integrations.providers.microsoft.graph import Graph, Json, path
from integrations.records import ChangeRecord

_KINDS = {"to": "toRecipients", "cc": "ccRecipients", "bcc": "bccRecipients"}


def send(graph: Graph, change: ChangeRecord, sender: str) -> str:
    """Send the letter of a change, unless an earlier attempt did. Answers the message's id."""
    letters.written(change, sender)  # refuses what could not be sent before anything is made
    draft = (_left_before(graph, change) if change.repeated else None) or _drafted(graph, change)
    if draft.get("isDraft", True):
        graph.post(path("me", "messages", draft["id"], "send"), {})
    return str(draft["id"])


def _left_before(graph: Graph, change: ChangeRecord) -> Json | None:
    sought = {"$filter": f"internetMessageId eq '{letters.message_id(change)}'", "$select": "id,isDraft"}
    found: list[Json] = graph.get(path("me", "messages"), sought).get("value", [])
    # A copy to oneself has the same Message-ID: what was sent at all was sent.
    return min(found, key=lambda item: bool(item.get("isDraft")), default=None)


def _drafted(graph: Graph, change: ChangeRecord) -> Json:
    text = str(change.payload.get("text") or "")
    filled: dict[str, Any] = {
        "subject": " ".join(str(change.payload.get("subject") or "").split()),
        "internetMessageId": letters.message_id(change),
        **{theirs: [_recipient(*one) for one in letters.people(change, ours)] for ours, theirs in _KINDS.items()},
    }
    if forwarded := letters.forwarded(change):
        # Graph writes the body: what is said, above what is forwarded, with its files.
        draft = graph.post(path("me", "messages", forwarded, "createForward"), {"comment": text})
        return graph.patch(path("me", "messages", draft["id"]), filled)
    filled["body"] = {"contentType": "text", "content": text}
    if answered := str(change.payload.get("reply_to") or ""):
        try:
            draft = graph.post(path("me", "messages", answered, "createReply"), {})
        except NotFound:
            # What it answers is gone meanwhile; the letter need not be.
            return graph.post(path("me", "messages"), filled)
        return graph.patch(path("me", "messages", draft["id"]), filled)
    return graph.post(path("me", "messages"), filled)


def _recipient(email: str, name: str) -> Json:
    return {"emailAddress": {"address": email, "name": name or email}}
