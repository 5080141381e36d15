"""What is attached, as a page shows it; and the one way to an attachment's or a body's row, through its owner."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404

from accounts.models import User
from mail.models import Attachment, Body

_KINDS = (
    ("image/", "image", "Image"),
    ("video/", "video", "Video"),
    ("text/calendar", "calendar", "Invitation"),
    ("application/pdf", "file-text", "PDF"),
    ("message/", "mail", "Message"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """An attachment; all words are ready."""

    id: int
    name: str
    icon: str
    facts: str
    state: str
    explanation: str


def item(attachment: Attachment) -> Item:
    """As a chip shows it."""
    icon, kind = next(
        ((icon, kind) for prefix, icon, kind in _KINDS if attachment.content_type.startswith(prefix)), ("file-text", "")
    )
    ending = attachment.filename.rpartition(".")[2].upper()
    kind = kind or (ending if 0 < len(ending) <= 5 and "." in attachment.filename else "File")
    size = _size(attachment.size)
    return Item(
        attachment.pk,
        attachment.filename or f"Unnamed {kind.lower()}",
        icon,
        f"{kind}, {size}" if size else kind,
        attachment.state,
        attachment.explanation,
    )


def _size(size: int) -> str:
    if not size:
        return ""
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def own_attachment(user: User, attachment_id: int) -> Attachment:
    """Raises ``Http404``."""
    found = (
        Attachment.objects.select_related("message__connection")
        .filter(pk=attachment_id, message__connection__user=user)
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_body(user: User, message_id: int) -> Body:
    """Raises ``Http404``."""
    found = Body.objects.filter(message=message_id, message__connection__user=user).first()
    if found is None:
        raise Http404
    return found


def embedded(user: User, message_id: int) -> dict[str, Attachment]:
    """A message's parts that its HTML may refer to, by content id."""
    rows = Attachment.objects.filter(message=message_id, message__connection__user=user).exclude(content_id="")
    return {a.content_id: a for a in rows}
