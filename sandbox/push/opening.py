"""What happens when an app asks to be told: Graph's addresses get a handshake, and everybody gets a mark.

A middleware around the APIs. "Receive change notifications through webhooks": each address gets a validation token and
has ten seconds to answer with 200 and the token as plain text. What a refused handshake means is left to Graph.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.microsoft import handshake
from sandbox.push import sending
from sandbox.push.loop import deliver, scan
from sandbox.store import Store

_GRAPH = ("/v1.0/subscriptions", "/v1.0/$batch")


class Opening:
    """The middleware."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that opens a watch, a channel or a subscription is looked at when it is answered."""
        path = scope["path"] if scope["type"] == "http" and scope["method"] in ("POST", "PATCH") else ""
        at_graph = path.lower().startswith(_GRAPH)
        if not path.endswith("/watch") and not at_graph:
            await self.app(scope, receive, send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        shaken: list[str] = []

        async def shake_hands(address: str) -> bool:
            shaken.append(address)
            return await shake(address)

        await self.app({**scope, handshake.SCOPE: shake_hands}, receive, keep)
        if shaken or not at_graph:
            scan(self.store)
        if path.startswith("/calendar/"):  # there, "sync" may arrive before the answer to watch: here it does
            with suppress(TimeoutError):
                await asyncio.wait_for(deliver(self.store), 1)
        for message in answer:
            await send(message)


async def shake(address: str) -> bool:
    """Whether an address answers the handshake as it must."""
    token = f"Validation: Testing client application reachability for subscription Request-Id: {secrets.token_hex(16)}"
    mark = "&" if "?" in address else "?"
    url = f"{address}{mark}validationToken={quote(token, safe='')}"
    answer = await sending.post(url, {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "0"})
    if answer is None or answer.status != 200 or not answer.content_type.lower().startswith("text/plain"):
        return False
    return answer.body.decode("utf-8", "replace") == token
