"""Answers that come, but not as they should: cut off, drop by drop, or with more in them than anybody documented.

Microsoft Graph, "Best practices": clients ignore properties that they do not know, and values that an enumeration
gained. Which answers are spoilt is left to ``faults``.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Send

PIECES = 20  # that a dripping answer comes in
# What Graph's answers hold beyond its documentation, seen in recordings, and something nobody has seen.
EXTRA: dict[str, Any] = {"occurrenceId": None, "groupClassId": "0006f0b7-0000-0000-c000-000000000046", "x7qNovelty": {}}
_ENUMERATIONS = (
    "importance",
    "sensitivity",
    "showAs",
    "contentType",
    "flagStatus",
    "response",
    "inferenceClassification",
)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What is done to an answer. ``drip`` is the seconds that it takes."""

    cut: bool = False
    drip: float = 0.0
    extra: bool = False
    pascal: bool = False
    replay: bool = False


INTACT = Spoilt()


def through(send: Send, spoilt: Spoilt) -> Send:
    """A ``send`` that spoils an answer on its way."""
    if spoilt == INTACT:
        return send
    start: Message = {}
    body = b""

    async def spoil(message: Message) -> None:
        nonlocal start, body
        if message["type"] == "http.response.start":
            start = message
            return
        body += message.get("body", b"")
        if message.get("more_body"):
            return
        content = _changed(body, spoilt)
        headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
        await send({**start, "headers": [*headers, (b"content-length", str(len(content)).encode())]})
        await _drip(send, content, spoilt.drip)

    return spoil


def _changed(body: bytes, spoilt: Spoilt) -> bytes:
    if (spoilt.extra or spoilt.pascal or spoilt.replay) and body.startswith(b"{"):
        read = json.loads(body)
        if spoilt.replay and isinstance(read.get("value"), list):
            read["value"] += read["value"]  # "Use delta query": replays happen
        body = json.dumps(_grown(read, spoilt), ensure_ascii=False).encode()
    return body[: len(body) // 2] if spoilt.cut else body


def _grown(value: Any, spoilt: Spoilt) -> Any:
    if isinstance(value, list):
        return [_grown(one, spoilt) for one in value]
    if not isinstance(value, dict):
        return value
    grown = {name: _grown(one, spoilt) for name, one in value.items()}
    if spoilt.extra and "id" in grown:
        grown = EXTRA | grown
    if spoilt.pascal:
        for name in _ENUMERATIONS:
            if isinstance(grown.get(name), str):
                grown[name] = grown[name][:1].upper() + grown[name][1:]
    return grown


async def _drip(send: Send, content: bytes, seconds: float) -> None:
    if not seconds:
        await send({"type": "http.response.body", "body": content})
        return
    step = max(1, -(-len(content) // PIECES))
    for at in range(0, len(content), step):
        await asyncio.sleep(seconds / PIECES)
        await send({"type": "http.response.body", "body": content[at : at + step], "more_body": True})
    await send({"type": "http.response.body", "body": b""})
