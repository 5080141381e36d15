"""A cursor as text: JSON with a version, so that a later OsMEN can tell what an earlier one stored.

Nobody outside this provider reads one.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from integrations.errors import CursorExpired

VERSION = 1


def dump(**position: str) -> str:
    """A cursor for a position; empty values are left out."""
    return orjson.dumps({"v": VERSION, **{name: value for name, value in position.items() if value}}).decode()


def load(cursor: str) -> Mapping[str, str]:
    """The position that a cursor holds. Raises ``CursorExpired`` for one of another version or of no version at all."""
    try:
        position = orjson.loads(cursor)
    except orjson.JSONDecodeError:
        position = None
    if not isinstance(position, dict) or position.pop("v", None) != VERSION:
        raise CursorExpired("The place where the last sync ended cannot be read.", code="version")
    return {str(name): str(value) for name, value in position.items()}
