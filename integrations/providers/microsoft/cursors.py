"""Writes and reads a sync's cursor: versioned JSON, opaque to everyone outside this folder."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from integrations.errors import CursorExpired

_VERSION = 1


def pack(fields: Mapping[str, str]) -> str:
    """A cursor's text."""
    return orjson.dumps({"v": _VERSION, **fields}).decode()


def unpack(cursor: str, *required: str) -> dict[str, str]:
    """A cursor's fields. One that an older version wrote, or that is damaged, is as good as expired."""
    try:
        value = orjson.loads(cursor)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or value.pop("v", None) != _VERSION or any(not value.get(name) for name in required):
        raise CursorExpired(
            "The stored position can no longer be read, so everything is read again.", code="cursor_format"
        )
    return {str(name): str(field) for name, field in value.items()}
