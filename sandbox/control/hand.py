"""The hand of an account's owner: calls the sandbox's own APIs as if the owner used another app.

So a drill that changes something at the provider leaves the traces that a person's change leaves there. The calls pass
by faults and quotas, which are meant for others.
"""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.types import Message

from sandbox import quotas
from sandbox.accounts import Account
from sandbox.control.answers import BadCall
from sandbox.oauth import tokens
from sandbox.store import Store

_CLIENT = "sandbox-drills"
_SCOPES = {
    "google": ("https://mail.google.com/", "https://www.googleapis.com/auth/calendar"),
    "microsoft": ("Mail.ReadWrite", "Calendars.ReadWrite", "Contacts.ReadWrite"),
}
_CONTACTS = "https://www.googleapis.com/auth/contacts"


class Hand:
    """``async with Hand(app, account) as hand: await hand.call("GET", path)``. Its token ends with it."""

    def __init__(self, app: Starlette, account: Account) -> None:
        self.app = app
        self.store: Store = app.state.store
        self.account = account
        self.token = f"drill.{secrets.token_urlsafe(24)}"

    async def __aenter__(self) -> Hand:
        scopes = frozenset(_SCOPES[self.account.provider]) | {_CONTACTS}
        tokens.issue(self.store, "access", self.token, self.account, _CLIENT, scopes, timedelta(minutes=5))
        if quotas.own(self.store, _CLIENT) is None:
            quotas.choose(self.store, "off", _CLIENT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tokens.revoke(self.store, self.token)

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """One call; the JSON of its answer. Raises ``BadCall`` where the API refuses."""
        content = b"" if body is None else json.dumps(body).encode()
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 0),
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"authorization", f"Bearer {self.token}".encode()),
                (b"content-type", b"application/json"),
            ],
            "app": self.app,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app.router(scope, receive, send)
        text = b"".join(message.get("body", b"") for message in sent)
        if sent[0]["status"] >= 400:
            raise BadCall(f"{method} {path} was refused: {text.decode()[:300]}")
        return json.loads(text) if text else None
