"""A body in the form a caller prefers: Prefer: outlook.body-content-type."""

from __future__ import annotations

import html
import re

from sandbox.microsoft.calls import Call

_DROP = re.compile(r"<!--.*?-->|<(style|script|head|title)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def plain(markup: str) -> str:
    """HTML as plain text with CRLF line ends."""
    text = _TAG.sub("", _BREAK.sub("\n", _DROP.sub(" ", markup)))
    lines = [" ".join(line.split()) for line in html.unescape(text).splitlines()]
    return re.sub(r"(\r\n){3,}", "\r\n\r\n", "\r\n".join(lines)).strip()


def as_preferred(call: Call, kind: str, content: str) -> dict[str, str]:
    """An itemBody. The store keeps what came; a text body is shown as text unless HTML is asked for."""
    wanted = call.prefer("outlook.body-content-type").lower()
    if wanted == "text" and kind == "html":
        return {"contentType": "text", "content": plain(content)}
    if wanted == "html" and kind == "text":
        body = html.escape(content, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
        return {"contentType": "html", "content": f"<html><body>{body}</body></html>"}
    return {"contentType": kind, "content": content}
