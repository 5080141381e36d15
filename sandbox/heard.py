"""What was asked of the vendors lately and the status of each answer, also of the calls inside batches.

For whoever watches an app: nothing in the sandbox goes by it, and a restart forgets it. Addresses are kept without
their query, which may hold a code. Who a token belongs to is looked up by whoever reads this.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from time import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 5000
_INSIDE = "sandbox.inside"  # of a request's scope: what a batch holds


@dataclass(frozen=True, slots=True)
class Heard:
    """One call. ``at`` is when it was answered, by the machine's clock; ``status`` 0 was no answer at all.

    ``inside``: it came in the batch before it.
    """

    number: int
    at: float
    token: str
    verb: str
    path: str
    status: int
    inside: bool


class Memory:
    """The last calls, numbered from 1."""

    def __init__(self) -> None:
        self.calls: deque[Heard] = deque(maxlen=MOST)
        self._number = 0

    def add(self, token: str, verb: str, path: str, status: int, *, inside: bool = False) -> None:
        """Remember a call."""
        self._number += 1
        self.calls.append(Heard(self._number, time(), token, verb, path, status, inside))


class Hearing:
    """The middleware; the sandbox's own pages are left out."""

    def __init__(self, app: ASGIApp, memory: Memory) -> None:
        self.app = app
        self.memory = memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and remember it, and then what was inside of it."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        inside: list[tuple[str, str, int]] = []
        scope[_INSIDE] = inside
        status = 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note)
        finally:
            value = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            token = value.decode("latin-1").partition(" ")[2]
            self.memory.add(token, scope["method"], scope["path"], status)
            for verb, path, answered in inside:
                self.memory.add(token, verb, path, answered, inside=True)


def also(scope: Scope, verb: str, path: str, status: int) -> None:
    """Tell of one call inside a batch, which ``scope`` is of."""
    if (calls := scope.get(_INSIDE)) is not None:
        calls.append((verb, path, status))
