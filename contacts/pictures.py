"""Which bytes are a picture that a page may show; what a provider calls them does not count."""

from __future__ import annotations

# How much of a picture says what it is.
HEAD = 12
_STARTS = (
    *((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg")),
    *((b"GIF87a", "image/gif"), (b"GIF89a", "image/gif")),
)


def kind(content: bytes) -> str:
    """The media type of a PNG, JPEG, GIF or WebP by its first bytes; empty for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((name for start, name in _STARTS if content.startswith(start)), "")
