"""A parsed message as Gmail's ``payload``: MessagePart objects (Gmail API, users.messages).

Files and everything that is not text come as an ``attachmentId``, which differs on every get; text comes as ``data``.
"""

from __future__ import annotations

import base64
import secrets
from email.message import Message
from typing import Any

from sandbox.google import opaque
from sandbox.google.gmail import mime

LARGEST_INLINE = 1_000_000  # bytes of text above which it comes as an attachment


def encoded(data: bytes) -> str:
    """base64url with its padding, as Gmail writes bytes."""
    return base64.urlsafe_b64encode(data).decode()


def is_attached(part: Message) -> bool:
    """Whether a leaf's content is fetched on its own."""
    return bool(mime.filename(part)) or part.get_content_maintype() not in ("text", "multipart")


def tree(message_id: str, part: Message, number: str = "") -> dict[str, Any]:
    """The MessagePart of a part and, below it, those of its children."""
    inner = mime.children(part) if number.count(".") < mime.DEEPEST else []
    shown: dict[str, Any] = {
        "partId": number,
        "mimeType": mime.content_type(part),
        "filename": mime.filename(part),
        "headers": header_list(part),
        "body": {"size": 0} if inner and not _is_message(part) else _body(message_id, part, number),
    }
    if _is_message(part) and not shown["filename"]:
        shown["filename"] = "noname.eml"
    if inner:
        shown["parts"] = [
            tree(message_id, child, f"{number}.{i}" if number else str(i)) for i, child in enumerate(inner)
        ]
    return shown


def _is_message(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822"


def _body(message_id: str, part: Message, number: str) -> dict[str, Any]:
    data = mime.shown(part)
    if data and (is_attached(part) or len(data) > LARGEST_INLINE):
        token = opaque.seal("attachment", [message_id, number, secrets.token_hex(8)], at_least=240)
        return {"attachmentId": token, "size": len(data)}
    return {"size": len(data), "data": encoded(data)} if data else {"size": 0}


def header_list(part: Message, only: frozenset[str] = frozenset()) -> list[dict[str, str]]:
    """The headers as Gmail lists them; ``only`` holds lower-case names."""
    return [{"name": n, "value": v} for n, v in mime.headers(part) if not only or n.lower() in only]


def metadata(part: Message, only: frozenset[str]) -> dict[str, Any]:
    """The payload of ``format=metadata``: the type and the headers."""
    return {"mimeType": mime.content_type(part), "headers": header_list(part, only)}


def attachment(message_id: str, part: Message, token: str) -> bytes:
    """The bytes behind an attachmentId of this message. Raises ``ValueError`` for one that is not."""
    owner, number, _ = opaque.unseal("attachment", token)
    if owner != message_id:
        raise ValueError("an attachment of another message")
    for found, inner in mime.walk(part):
        if found == number:
            return mime.shown(inner)
    raise ValueError("no such part")
