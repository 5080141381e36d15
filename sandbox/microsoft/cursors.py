"""The opaque tokens inside @odata.nextLink and @odata.deltaLink of change tracking.

A token holds everything about its round: whose it is, what it tracks, the query options of the first call and the
position. "Use delta query to track changes": options are encoded in the token, tokens expire, links are followed as
they are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from sandbox import faults
from sandbox.microsoft import clock, odata
from sandbox.microsoft.calls import Call
from sandbox.microsoft.errors import GraphError, sync_state_lost

_KEY = b"sandbox change tracking"


@dataclass(slots=True)
class Cursor:
    """Where a round is.

    While ``mark`` is set it walks what is there (``last`` is where it got to) and will go on with the changes
    after ``mark``; afterwards it has told all changes up to ``after``, and ``offset`` items of the next one.
    """

    kind: str
    container: int
    options: dict[str, str] = field(default_factory=dict)
    mark: int | None = None
    last: list[Any] = field(default_factory=list)
    told: int = 0
    after: int = 0
    offset: int = 0


def begin(call: Call, kind: str, container: int, *options: str) -> Cursor:
    """A first round with the query options that it is to keep."""
    kept = {name: call.query[name] for name in options if name in call.query}
    return Cursor(kind, container, kept, mark=clock.mark(call.store, call.account))


def resume(call: Call, kind: str, container: int, path: str) -> Cursor | None:
    """The round that the call continues; None for a first call. 410 for an expired token, 400 for a spoilt one."""
    text = call.query.get("$skiptoken") or call.query.get("$deltatoken")
    if not text:
        return None
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        signature, plain = packed[:12], zlib.decompress(packed[12:])
        if not hmac.compare_digest(signature, _sign(call, plain)):
            raise ValueError
        epoch, *values = json.loads(plain)
    except (ValueError, zlib.error):
        raise GraphError(400, "SyncStateInvalid", "The sync state in the token is not valid.") from None
    cursor = Cursor(*values)
    if (cursor.kind, cursor.container) != (kind, container):
        raise GraphError(400, "SyncStateInvalid", "The token belongs to another collection.")
    if epoch != clock.epoch(call.store, call.account):
        if status := faults.amount(call.store, "graph", "sync-state"):
            raise GraphError(status, "syncStateNotFound", "The sync state generation is not found.")
        location = odata.link(call, path, {**cursor.options, "$deltatoken": ""})
        raise sync_state_lost(location)
    return cursor


def next_link(call: Call, path: str, cursor: Cursor) -> str:
    return odata.link(call, path, {"$skiptoken": _write(call, cursor)})


def delta_link(call: Call, path: str, cursor: Cursor) -> str:
    return odata.link(call, path, {"$deltatoken": _write(call, cursor)})


def _write(call: Call, cursor: Cursor) -> str:
    c = cursor
    values = [
        clock.epoch(call.store, call.account),
        c.kind,
        c.container,
        c.options,
        c.mark,
        c.last,
        c.told,
        c.after,
        c.offset,
    ]
    plain = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(call, plain) + zlib.compress(plain)).decode().rstrip("=")


def _sign(call: Call, plain: bytes) -> bytes:
    return hmac.digest(_KEY, f"{call.account.id}|{call.account.email}|".encode() + plain, hashlib.sha256)[:12]
