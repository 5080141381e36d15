"""Says the time on every answer by the sandbox's clock, as the vendors' servers do by theirs."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.store import Store


class Dated:
    """The middleware; the server's own header is switched off."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and date its answer."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self.store.now(), usegmt=True)
                message = {**message, "headers": [*message.get("headers", ()), (b"date", now.encode())]}
            await send(message)

        await self.app(scope, receive, dated if scope["type"] == "http" else send)
