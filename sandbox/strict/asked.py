"""A request as the judges see it, and the requests inside a batch."""

from __future__ import annotations

import email
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Asked:
    """``path`` is as it came, percent-encoded; ``kind`` the content type; names in ``headers`` are in lower case."""

    verb: str
    path: str
    query: str
    kind: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def json(self) -> Any:
        """The body's JSON. Raises ``ValueError``."""
        return json.loads(self.body)


def google_parts(asked: Asked) -> Iterator[Asked]:
    """The calls in a multipart/mixed batch."""
    head = b"Content-Type: " + asked.kind.encode("latin-1") + b"\r\n\r\n"
    for part in email.message_from_bytes(head + asked.body).get_payload():
        inner = part.get_payload(decode=True) if isinstance(part, Message) else None
        if not isinstance(inner, bytes):
            continue
        top, _, body = inner.replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")
        first, _, rest = top.decode("latin-1").partition("\n")
        line = first.split(" ")
        if len(line) > 1:
            path, _, query = line[1].partition("?")
            headers = email.message_from_string(rest + "\n")
            yield Asked(line[0].upper(), path, query, str(headers.get("Content-Type", "")), body)


def graph_parts(asked: Asked) -> Iterator[Asked]:
    """The requests in a JSON batch."""
    for one in asked.json().get("requests", []):
        path, _, query = one["url"].partition("?")
        kind = {k.lower(): v for k, v in (one.get("headers") or {}).items()}.get("content-type", "")
        body = one.get("body")
        content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        yield Asked(one["method"].upper(), "/v1.0/" + path.lstrip("/"), query, kind, content)
