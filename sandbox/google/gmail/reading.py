"""What the index keeps of a message besides its bytes: the words for searching, the snippet, and what threads it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from email.message import Message

from sandbox.google.gmail import mime
from sandbox.google.gmail.payload import is_attached

_HIDDEN = re.compile(r"(?is)<(style|script|head|title)\b.*?</\1\s*>|<!--.*?-->")
_TAG = re.compile(r"(?s)<[^>]*>")
_SPACE = re.compile(r"\s+")
_ID = re.compile(r"<[^<>\s]+>")
_PREFIX = re.compile(r"(?i)^(?:(?:re|fwd?|aw|wg|sv|antw|tr|rv)(?:\[\d+\])?\s*:\s*)+")
SNIPPET = 200
INDEXED = 100_000


@dataclass(frozen=True, slots=True)
class Reading:
    """``references`` holds the message's own id and every id that it refers to, its own first."""

    message_id: str
    references: tuple[str, ...]
    subject: str
    topic: str
    snippet: str
    words: tuple[str, str, str, str, str, str, str]
    attached: bool


def read(raw: bytes) -> Reading:
    """Everything the index wants of a message."""
    message = mime.parse(raw)
    subject = mime.first(message, "subject")
    own = _ID.findall(mime.first(message, "message-id"))[:1]
    referred = _ID.findall(mime.first(message, "references") + " " + mime.first(message, "in-reply-to"))
    text, files = _text(message)
    words = (
        subject,
        mime.first(message, "from"),
        mime.first(message, "to"),
        mime.first(message, "cc") + " " + mime.first(message, "bcc"),
        " ".join(files),
        text[:INDEXED],
        mime.first(message, "list-id"),
    )
    return Reading(
        message_id=own[0] if own else "",
        references=tuple(dict.fromkeys(own + referred)),
        subject=subject,
        topic=_SPACE.sub(" ", _PREFIX.sub("", subject)).strip().lower(),
        snippet=html.escape(text[:SNIPPET].strip()).replace("&#x27;", "&#39;"),
        words=tuple(w.encode("utf-8", "replace").decode() for w in words),  # type: ignore[arg-type]
        attached=bool(files),
    )


def _text(message: Message) -> tuple[str, list[str]]:
    plain, marked, files = "", "", []
    for _, part in mime.walk(message):
        kind = mime.content_type(part)
        if mime.children(part):
            continue
        if is_attached(part):
            files.append(mime.filename(part))
        elif kind == "text/plain" and not plain:
            plain = mime.shown(part).decode("utf-8", "replace")
        elif kind == "text/html" and not marked:
            marked = mime.shown(part).decode("utf-8", "replace")
    text = plain if plain.strip() else html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", marked)))
    return _SPACE.sub(" ", text).strip(), files
