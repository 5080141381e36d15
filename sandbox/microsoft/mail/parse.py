"""Reads a message's bytes as Exchange shows them: headers, one body, attachments. Never raises, whatever the bytes.

The stdlib's compat32 parser, because it takes every malformed message. What conversation a message belongs to and
where it is kept is left to ``threads`` and ``store``.
"""

from __future__ import annotations

import email
import email.utils
import html
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import Message

from sandbox.microsoft.mail.words import clean, decoded, message_bytes, payload_bytes, text_of

PREVIEW = 255
_TAGS = re.compile(r"<!--.*?-->|<(style|script|head|title)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_ANGLE = re.compile(r"^(.*?)<([^<>]*)>?\s*$")
_IDS = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment: a file, or (``item``) a message of its own."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False
    item: bool = False


@dataclass(slots=True)
class Parsed:
    """What is in a message. Addresses are (name, address) pairs; ``sent`` is None without a usable Date."""

    subject: str = ""
    senders: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    message_id: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    sent: datetime | None = None
    importance: str = "normal"
    categories: list[str] = field(default_factory=list)
    html: str = ""
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    calendar: bytes = b""
    method: str = ""

    def people(self, header: str) -> list[tuple[str, str]]:
        return self.senders.get(header, [])


def parse(raw: bytes) -> Parsed:
    """The message in ``raw``."""
    message = email.message_from_bytes(raw)
    found = Parsed()
    found.headers = [(clean(name), decoded(str(value))) for name, value in message.items()]
    first = {name.lower(): value for name, value in reversed(found.headers)}
    found.subject = " ".join(first.get("subject", "").split())
    for header in ("from", "sender", "to", "cc", "bcc", "reply-to"):
        found.senders[header] = _addresses([str(v) for v in message.get_all(header, [])])
    ids = _IDS.findall(first.get("message-id", ""))
    found.message_id = ids[0] if ids else first.get("message-id", "").strip()
    found.in_reply_to = next(iter(_IDS.findall(first.get("in-reply-to", ""))), "")
    found.references = _IDS.findall(first.get("references", ""))
    found.sent = _date(first.get("date", ""))
    found.importance = _importance(first)
    found.categories = [k.strip() for k in first.get("keywords", "").split(",") if k.strip()]
    _walk(message, found, top=True)
    found.parts = [replace(part, inline=True) if _shown_inside(part, found.html) else part for part in found.parts]
    return found


def _shown_inside(part: Part, markup: str) -> bool:
    """Whether the HTML shows a part, whatever its disposition says."""
    return bool(part.content_id) and f"cid:{part.content_id}" in markup


def preview(found: Parsed) -> str:
    """The first 255 characters of the body as plain text."""
    text = html.unescape(_TAGS.sub(" ", found.html)) if found.html else found.text
    return clean(" ".join(text[: PREVIEW * 40].split())[:PREVIEW])


def _addresses(values: list[str]) -> list[tuple[str, str]]:
    """Names and addresses of a header; what the parser gives up on is split at its commas."""
    lines = [" ".join(value.split()) for value in values]
    try:
        pairs = email.utils.getaddresses(lines)
    except (ValueError, TypeError, IndexError, RecursionError):
        pairs = []
    if not any(address for _, address in pairs):
        pieces = [piece.strip() for line in lines for piece in line.split(",")]
        pairs = [(m[1].strip(' "'), m[2]) if (m := _ANGLE.match(piece)) else ("", piece) for piece in pieces]
    return [(decoded(name), decoded(address)) for name, address in pairs if name or address]


def _date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if 1601 < moment.year < 4500 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _importance(headers: dict[str, str]) -> str:
    stated = headers.get("importance", "").strip().lower()
    if stated in ("high", "low"):
        return stated
    return {"1": "high", "2": "high", "4": "low", "5": "low"}.get(headers.get("x-priority", "").strip()[:1], "normal")


def _walk(part: Message, found: Parsed, *, top: bool = False, alternative: bool = False) -> None:
    """Take a part: a body where none is yet, the meeting, or an attachment."""
    kind = part.get_content_type()
    payload = part.get_payload()
    children = [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else None
    if kind == "message/rfc822" and children:
        inner = children[0]
        name = decoded(str(inner.get("subject") or "")) or "message"
        found.parts.append(Part(name, kind, message_bytes(inner), _content_id(part), item=True))
        return
    if children is not None:
        if part.get_content_maintype() == "multipart":
            for child in children:
                _walk(child, found, alternative=kind == "multipart/alternative")
        else:
            found.parts.append(_file(part, b"\r\n".join(message_bytes(child) for child in children), len(found.parts)))
        return
    attached = part.get_content_disposition() == "attachment"
    named = bool(part.get_filename()) and not top
    if kind == "text/calendar" and not found.calendar:
        found.calendar = payload_bytes(part)
        found.method = str(part.get_param("method") or "").upper()
        if not attached and not named:
            return
    if kind == "text/html" and not found.html and not attached and not named:
        found.html = text_of(part)
    elif (
        kind == "text/plain" and not found.text and not attached and not named and (alternative or not found.html)
    ) or (top and not attached and part.get_content_maintype() == "text"):
        found.text = text_of(part)
    elif content := payload_bytes(part):
        found.parts.append(_file(part, content, len(found.parts)))


def _content_id(part: Message) -> str:
    return clean(str(part.get("content-id") or "")).strip().strip("<>")


def _file(part: Message, content: bytes, position: int) -> Part:
    try:
        name = decoded(part.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        name = ""
    content_id = _content_id(part)
    inline = bool(content_id) and part.get_content_disposition() != "attachment"
    extension = {"text/plain": ".txt", "text/html": ".htm"}.get(part.get_content_type(), ".dat")
    return Part(name or f"ATT{position + 1:05}{extension}", clean(part.get_content_type()), content, content_id, inline)
