"""Page and sync tokens of lists of people and groups.

People API, people.connections.list: a sync token lasts seven days from the full sync that began it, and every parameter
must be as in the first call. One that is too old is a 400 whose details say ``EXPIRED_SYNC_TOKEN``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.google import opaque
from sandbox.google.calls import Call
from sandbox.google.errors import GoogleError, invalid_argument
from sandbox.google.people.directory import Directory

LIFETIME = 7 * 86_400_000  # milliseconds
_FREE = {"pageToken", "syncToken", "pageSize", "requestSyncToken"}


def _expired() -> GoogleError:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "EXPIRED_SYNC_TOKEN",
        "domain": "people.googleapis.com",
    }
    message = "Sync token is expired. Clear local cache and retry call without the sync token."
    return GoogleError(400, "failedPrecondition", message, status="FAILED_PRECONDITION", details=[info])


@dataclass(slots=True)
class Walk:
    """One walk over a list: since which version, up to which, and how many items it has given."""

    since: int | None
    upto: int
    skip: int
    began: int  # milliseconds, the full sync

    def fields(self) -> list[Any]:
        return [self.since, self.upto, self.skip, self.began]


def _owner(call: Call) -> list[Any]:
    filters = sorted((k, str(v)) for k, v in call.query.items() if k in call.method.parameters and k not in _FREE)
    return [call.account.id, call.method.id, filters]


def _open(call: Call, kind: str, token: str) -> tuple[int, list[Any]]:
    try:
        owner, generation, value = opaque.unseal(kind, token)
    except ValueError:
        raise invalid_argument("Invalid token.") from None
    if [*owner[:2], [tuple(p) for p in owner[2]]] != _owner(call):
        raise invalid_argument("All other parameters must be those of the first call.")
    return generation, value


def begin(call: Call, directory: Directory) -> Walk:
    """The walk that a call continues or begins. Raises Google's 400 for a token that is wrong or too old."""
    now = int(call.store.now().timestamp() * 1000)
    walk = Walk(None, directory.seen_version(), 0, now)
    if call.query.get("syncToken"):
        generation, (since, began) = _open(call, "people.sync", call.query["syncToken"])
        if generation != directory.generation() or now - began > LIFETIME:
            raise _expired()
        walk.since, walk.began = since, began
    if call.query.get("pageToken"):
        generation, value = _open(call, "people.page", call.query["pageToken"])
        if generation != directory.generation():
            raise _expired()
        walk = Walk(*value)
    return walk


def page(
    call: Call, directory: Directory, walk: Walk, items: list[Any], most: int, *, sync: bool
) -> tuple[list[Any], dict[str, str]]:
    """This page of ``items``, and the token that comes with it."""
    size = call.query.get("pageSize") or 100
    if not 1 <= size <= most:
        raise invalid_argument(f"Page size must be between 1 and {most}.")
    chosen = items[walk.skip : walk.skip + size]
    owner, generation = _owner(call), directory.generation()
    if len(items) > walk.skip + size:
        following = Walk(walk.since, walk.upto, walk.skip + size, walk.began)
        return chosen, {"nextPageToken": opaque.seal("people.page", [owner, generation, following.fields()])}
    if sync:
        return chosen, {"nextSyncToken": opaque.seal("people.sync", [owner, generation, [walk.upto, walk.began]])}
    return chosen, {}
