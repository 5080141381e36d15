"""Walks the tree of parts that Gmail makes of a message: which are its bodies, which its attachments.

Fetching a body that Gmail left out of the tree is the caller's, through ``read``.
"""

from __future__ import annotations

import base64
import binascii
import email.message
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.providers.mime import clean, decode_text, decode_words
from integrations.records import AttachmentRecord

Part = Mapping[str, Any]
Read = Callable[[str], bytes]  # an attachmentId's content

# A message that is one part only has no part number; children count from 0.
WHOLE = "0"
_PLAIN_CHARSET = re.compile(r"""[\w.+-]+/[\w.+-]+\s*;\s*charset=(?:"([\w.:-]+)"|([\w.:-]+))\s*$""", re.ASCII)
_INVITATIONS = frozenset({"text/calendar", "application/ics"})


@dataclass(frozen=True, slots=True)
class Bodies:
    """The readable text of a message, and its HTML."""

    text: str
    html: str


def headers(part: Part) -> dict[str, str]:
    """A part's headers by lower-case name; of a repeated one the first, as mail programs show it."""
    return {e.get("name", "").lower(): e.get("value", "") for e in reversed(part.get("headers") or ())}


def _header(part: Part, name: str) -> str:
    """One header by its lower-case name; empty where it is not there."""
    for entry in part.get("headers") or ():
        if str(entry.get("name", "")).lower() == name:
            return str(entry.get("value", ""))
    return ""


def decode_base64url(data: str) -> bytes:
    """Gmail's base64url, padded or not. Raises ``ValueError`` for anything else."""
    bare = data.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def leaves(part: Part) -> Iterator[Part]:
    """All parts with content of their own. An attached message is one, whatever it is made of."""
    children = part.get("parts") or ()
    kind = _kind(part)
    if kind.startswith("multipart/") or (children and kind != "message/rfc822"):
        for child in children:
            yield from leaves(child)
    else:
        yield part


def bodies(root: Part, read: Read) -> Bodies:
    """The message's text and HTML: of alternatives the last that is readable, of a mixture all, one after another."""
    found = _bodies(root, read)
    return Bodies(
        "\n".join(t for k, t in found if k == "text/plain"), "\n".join(t for k, t in found if k == "text/html")
    )


def _bodies(part: Part, read: Read) -> list[tuple[str, str]]:
    kind = _kind(part)
    if kind.startswith("multipart/"):
        inner = [_bodies(child, read) for child in part.get("parts") or ()]
        if kind != "multipart/alternative":
            return [body for bodies_of_child in inner for body in bodies_of_child]
        last: dict[str, list[tuple[str, str]]] = {}
        for bodies_of_child in inner:
            for wanted in ("text/plain", "text/html"):
                of_kind = [body for body in bodies_of_child if body[0] == wanted]
                if of_kind:
                    last[wanted] = of_kind
        return [body for of_kind in last.values() for body in of_kind]
    if kind not in ("text/plain", "text/html") or _attached(part):
        return []
    return [(kind, decode_text(content(part, read), _charset(part)))]


def content(part: Part, read: Read) -> bytes:
    """A part's decoded content; empty where Gmail sent something unreadable."""
    body = part.get("body") or {}
    if body.get("attachmentId") and not body.get("data"):
        return read(str(body["attachmentId"]))
    try:
        return decode_base64url(str(body.get("data", "")))
    except ValueError:
        return b""


def attachments(parts: Iterable[Part]) -> tuple[AttachmentRecord, ...]:
    """What is attached or embedded: of a message's leaves every one with content that is not a body."""
    return tuple(_attachment(part) for part in parts if not _readable(part) or _attached(part))


def has_invitation(parts: Iterable[Part]) -> bool:
    """Whether one of a message's leaves is."""
    return any(_kind(part) in _INVITATIONS for part in parts)


def find(root: Part, part_id: str) -> Part | None:
    """The part that an ``AttachmentRecord.part_id`` names."""
    return next((part for part in leaves(root) if _id(part) == part_id), None)


def _attachment(part: Part) -> AttachmentRecord:
    content_id = clean(_header(part, "content-id")).strip().strip("<>")
    disposition = _header(part, "content-disposition").lower()
    return AttachmentRecord(
        part_id=_id(part),
        filename=decode_words(str(part.get("filename", ""))) or _unnamed(part),
        content_type=_kind(part) or "application/octet-stream",
        size=int((part.get("body") or {}).get("size", 0)),
        content_id=content_id,
        inline=disposition.startswith("inline") or bool(content_id and not disposition),
    )


def _unnamed(part: Part) -> str:
    kind = _kind(part)
    if kind in _INVITATIONS:
        return "invite.ics"
    return "message.eml" if kind == "message/rfc822" else ""


def _id(part: Part) -> str:
    return str(part.get("partId", "")) or WHOLE


def _kind(part: Part) -> str:
    return str(part.get("mimeType", "")).lower()


def _readable(part: Part) -> bool:
    """Whether a leaf is a body, or nothing at all."""
    body = part.get("body") or {}
    return _kind(part) in ("text/plain", "text/html") or not (body.get("size") or body.get("attachmentId"))


def _attached(part: Part) -> bool:
    if part.get("filename"):
        return True
    return _header(part, "content-disposition").lower().startswith("attachment")


def _charset(part: Part) -> str:
    declared = " ".join((_header(part, "content-type") or "text/plain").split())
    if plain := _PLAIN_CHARSET.match(declared.lower()):
        return plain[1] or plain[2]
    typed = email.message.Message()
    typed["Content-Type"] = declared
    return str(typed.get_content_charset() or "")
