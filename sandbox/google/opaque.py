"""Tokens that mean something to the sandbox and nothing to its clients: page, sync and attachment tokens.

A token says what it is for and carries a check, so that one that was edited, cut or used elsewhere is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

_KEY = b"tokens of the sandbox's Google"


def seal(kind: str, value: Any, *, at_least: int = 0) -> str:
    """A token for ``value`` (JSON), padded to some ``at_least`` characters."""
    body = json.dumps([kind, value], separators=(",", ":")).encode()
    body = body.ljust(at_least * 3 // 4 - 12)
    check = hmac.new(_KEY, body, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(check + body).decode().rstrip("=")


def unseal(kind: str, token: str) -> Any:
    """What was sealed. Raises ``ValueError`` for a token of another kind or one that is not ours."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("not a token") from None
    check, body = data[:12], data[12:]
    if not hmac.compare_digest(check, hmac.new(_KEY, body, hashlib.sha256).digest()[:12]):
        raise ValueError("not a token")
    found, value = json.loads(body)
    if found != kind:
        raise ValueError("a token of another kind")
    return value
