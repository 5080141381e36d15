"""The book of violations and the middleware that writes it. Reading and emptying it is the control API's.

It is a file of its own beside the sandbox's memory: a reset, which brings back an old memory, leaves it alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.strict import google, oauth, uploads
from sandbox.strict.asked import Asked
from sandbox.strict.graph import Graph

Judge = Callable[[Asked], list[str]]
MOST = 1000


class Book:
    """What broke a contract, one JSON object a line. An entry is in the file before its request is answered."""

    def __init__(self, path: Path | None) -> None:
        """Go on with what a sandbox that was killed had written. ``None`` keeps the book in memory."""
        self.path = path
        # What comes after the last line's end was being written when the sandbox was killed.
        whole, _, cut = (path.read_text("utf-8") if path and path.exists() else "").rpartition("\n")
        self.entries: list[dict[str, Any]] = [json.loads(line) for line in whole.split("\n") if line]
        if path and cut:
            path.write_text(f"{whole}\n" if whole else "", "utf-8")

    def write(self, entry: dict[str, Any]) -> None:
        """Add an entry, unless the book is full."""
        if len(self.entries) < MOST:
            self.entries.append(entry)
            if self.path:
                with open(self.path, "a", encoding="utf-8") as file:
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def clear(self) -> None:
        """Forget all entries."""
        self.entries.clear()
        if self.path:
            self.path.unlink(missing_ok=True)


def judges(contract: Path | None) -> list[Judge]:
    """Who judges: Google's APIs, OAuth and uploads always, Graph where its contract is."""
    found: list[Judge] = [google.judge, oauth.judge, uploads.judge]
    return [*found, Graph(contract).judge] if contract is not None else found


class Strict:
    """The middleware. What it finds is written into ``app.state.violations``; requests are answered as always."""

    def __init__(self, app: ASGIApp, judges: list[Judge]) -> None:
        self.app = app
        self.judges = judges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge a request once the status of its answer is known, and before it is answered."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        replayed = judged = False

        async def hear() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: Message) -> None:
            nonlocal judged
            if message["type"] == "http.response.start":
                judged = True
                told = (value for name, value in message["headers"] if name.lower() == b"location")
                # An authorisation endpoint tells the app by a redirect.
                refused = message["status"] >= 400 or any(b"error=" in where for where in told)
                self._judge(scope, body, message["status"], refused=refused)
            await send(message)

        try:
            await self.app(scope, hear, note)
        finally:
            if not judged:
                self._judge(scope, body, 0, refused=False)

    def _judge(self, scope: Scope, body: bytes, status: int, *, refused: bool) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["raw_path"].partition(b"?")[0].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        asked = Asked(scope["method"], path, query, headers.get("content-type", ""), body, headers)
        problems = [problem for judge in self.judges for problem in judge(asked)]
        if problems:
            book: Book = scope["app"].state.violations
            asked_for = f"{asked.verb} {path}" + (f"?{asked.query}" if asked.query else "")
            book.write({"request": asked_for, "status": status, "refused": refused, "problems": problems})
