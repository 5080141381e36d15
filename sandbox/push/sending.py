"""Makes the requests: from a thread, with a time limit, to addresses of this machine and nowhere else."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.loopback import is_loopback

PATIENCE = 10.0  # seconds; Pub/Sub's default deadline and Graph's for the handshake
MOST = 65_536  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes


def is_near(url: str) -> bool:
    """Whether an address leads to this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and is_loopback(parts.hostname or "") and parts.port != 0
    except ValueError:
        return False


def _post(url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read(MOST))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


async def post(url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer | None:
    """POST to an address of this machine; None if it is elsewhere or nothing answers in time."""
    if not is_near(url):
        return None
    return await asyncio.to_thread(_post, url, headers, body)
