"""The two simple ways to upload: the content alone (``uploadType=media``), or with its metadata as multipart/related.

Google API docs, "Upload media". Resumable sessions are left out: Gmail's own client uses them only above 5 MB.
"""

from __future__ import annotations

import email
import json
import re
from collections.abc import Mapping
from email.message import Message
from typing import Any

from sandbox.google.errors import GoogleError, invalid

_BREAK = re.compile(rb"\r?\n\r?\n")


def split(kind: str, headers: Mapping[str, str], content: bytes) -> tuple[bytes, Any]:
    """The media and the decoded JSON metadata of an upload request."""
    if kind == "media":
        return content, {}
    if kind != "multipart":
        raise invalid(
            f"Invalid value '{kind}'. The sandbox takes uploadType media or multipart.",
            "uploadType",
            "invalidParameter",
        )
    whole = b"Content-Type: " + headers.get("content-type", "").encode("latin-1") + b"\r\n\r\n" + content
    parsed = email.message_from_bytes(whole)
    parts, boundary = parsed.get_payload(), parsed.get_boundary("")
    if not isinstance(parts, list) or len(parts) != 2 or not isinstance(parts[0], Message):
        raise GoogleError(400, "badContent", "Multipart upload must have exactly two parts.")
    # The media as it was sent: the parser would normalise it.
    part = content.split(b"--" + boundary.encode("latin-1"))[2]
    media = _BREAK.split(part.lstrip(b"\r\n"), maxsplit=1)[-1]
    metadata = str(parts[0].get_payload())
    try:
        return media.removesuffix(b"\n").removesuffix(b"\r"), json.loads(metadata) if metadata.strip() else {}
    except ValueError:
        raise GoogleError(400, "parseError", "Parse Error") from None
