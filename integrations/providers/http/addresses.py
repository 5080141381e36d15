"""What may be known and shown of an address: its origin, and its path without anyone's ids."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN_SEGMENT = re.compile(r"(v\d+(\.\d+)?|oauth2|[A-Za-z$_.-]{1,24})$")
_KEY = re.compile(r"\('[^']*'\)")


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; ``None`` for what is no plain http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.username or parts.password:
        return None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]


def same_origin(url: str, base: str) -> bool:
    """Whether ``url`` has scheme, host and port of ``base``: check it before following a link that an answer holds."""
    found = origin(url)
    return found is not None and found == origin(base)


def host(url: str) -> str:
    """Host and port, for a log line."""
    return urlsplit(url).netloc


def path_template(url: str) -> str:
    """The path without query, ids as ``*``: an id may be somebody's e-mail address, a query may hold a token."""
    segments = _KEY.sub("(*)", urlsplit(url).path).split("/")
    return "/".join(s if not s or _PLAIN_SEGMENT.match(s.removesuffix("(*)")) else "*" for s in segments)
