"""Finds the operation behind a method and a path, in slash or key form, holds its scope, turns refusals into answers.

The operations themselves are listed by ``operations``. Used by ``endpoint`` for single calls and by ``batch`` for
those inside one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.microsoft import errors, scopes
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError

Handler = Callable[..., Answer]
_KEY = re.compile(r"^([A-Za-z]+)\((?:TimeZoneStandard=microsoft\.graph\.timeZoneStandard)?'(.+)'\)$")


@dataclass(frozen=True, slots=True)
class Operation:
    """A handler with the least scope that may call it; ``pattern`` has ``{}`` where an id stands."""

    method: str
    pattern: str
    scope: str
    handler: Handler

    @property
    def parts(self) -> list[str]:
        return self.pattern.split("/")


def segments(path: str) -> list[str]:
    """A raw path's parts, decoded after splitting; ``name('key')`` counts as two, ``delta()`` is ``delta``."""
    found: list[str] = []
    for part in path.strip("/").split("/"):
        text = unquote(part).removesuffix("()")
        key = _KEY.match(text)
        found.extend((key[1], key[2].replace("''", "'")) if key else (text,))
    return found


class Router:
    """The table of operations."""

    def __init__(self, operations: list[Operation]) -> None:
        self.by_length: dict[int, list[Operation]] = {}
        for operation in operations:
            self.by_length.setdefault(len(operation.parts), []).append(operation)
        for same in self.by_length.values():  # fixed words before ids
            same.sort(key=lambda one: one.parts.count("{}"))

    def find(self, call: Call) -> tuple[Operation, list[str]]:
        """The operation and the ids in the path. Refuses unknown paths and methods."""
        parts = segments(call.path)
        if len(parts) > 1 and parts[0].lower() == "users":
            parts = self._own(call, parts)
        others = False
        for operation in self.by_length.get(len(parts), ()):
            pattern = operation.parts
            if all(
                want in ("{}", have) or want.lower() == have.lower() for want, have in zip(pattern, parts, strict=True)
            ):
                if operation.method == call.method:
                    return operation, [have for want, have in zip(pattern, parts, strict=True) if want == "{}"]
                others = True
        if others:
            raise GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        raise errors.bad_request(f"Resource not found for the segment '{parts[-1]}'.")

    @staticmethod
    def _own(call: Call, parts: list[str]) -> list[str]:
        """``/users/{id}/…`` of the caller is ``/me/…``; others' mailboxes are not shared here."""
        if parts[1].lower() not in (call.account.subject.lower(), call.account.email.lower()):
            raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return ["me", *parts[2:]]

    def answer(self, call: Call) -> Answer:
        """What the call gets, refusals included."""
        request_id = str(uuid.uuid4())
        try:
            operation, names = self.find(call)
            if not scopes.covers(call.scopes, operation.scope):
                raise GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
            with call.store.write():
                given = operation.handler(call, *names)
        except GraphError as error:
            body = errors.body(error, call.store.now(), call.headers.get("client-request-id", ""))
            given = Answer(error.status, body, headers=error.headers)
            request_id = body["error"]["innerError"]["request-id"]
        given.headers.setdefault("request-id", request_id)
        if "client-request-id" in call.headers:
            given.headers.setdefault("client-request-id", call.headers["client-request-id"])
        if call.applied and given.status < 400:
            given.headers["Preference-Applied"] = ", ".join(call.applied)
        return given
