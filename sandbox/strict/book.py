"""The book of violations and the middleware that writes it. Reading and emptying it is the control API's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.strict import google
from sandbox.strict.asked import Asked
from sandbox.strict.graph import Graph

Judge = Callable[[Asked], list[str]]
Book = list[dict[str, Any]]
MOST = 1000


def judges(contract: Path | None) -> list[Judge]:
    """Who judges: Google always, Graph where its contract is."""
    found: list[Judge] = [google.judge]
    return [*found, Graph(contract).judge] if contract is not None else found


class Strict:
    """The middleware. What it finds is kept in ``app.state.violations``; requests are answered as always."""

    def __init__(self, app: ASGIApp, judges: list[Judge]) -> None:
        self.app = app
        self.judges = judges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge a request beside its answer, whose status is written down too."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        statuses: list[int] = []
        replayed = False

        async def hear() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            await self.app(scope, hear, note)
        finally:
            self._judge(scope, body, statuses[0] if statuses else 0)

    def _judge(self, scope: Scope, body: bytes, status: int) -> None:
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"").decode("latin-1")
        path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
        asked = Asked(scope["method"], path, scope["query_string"].decode("latin-1"), kind, body)
        problems = [problem for judge in self.judges for problem in judge(asked)]
        book: Book = scope["app"].state.violations
        if problems and len(book) < MOST:
            asked_for = f"{asked.verb} {path}" + (f"?{asked.query}" if asked.query else "")
            book.append({"request": asked_for, "status": status, "problems": problems})
