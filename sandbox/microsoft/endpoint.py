"""The Starlette side of Graph: one route for everything below /v1.0, the bearer token, and the limit of calls at once.

"Microsoft Graph service-specific throttling limits", Outlook: four concurrent requests for an app and a mailbox.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox import heard
from sandbox.bearer import Refused, authenticate
from sandbox.microsoft import errors, handshake, scopes, uploads
from sandbox.microsoft.batch import batch
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError
from sandbox.microsoft.operations import OPERATIONS
from sandbox.microsoft.quotas import Quotas
from sandbox.microsoft.router import Router
from sandbox.store import Store

AT_ONCE = 4
RETRY_AFTER = "1.5"  # seconds; the service gives fractions, too
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_REFUSALS = {
    "missing": "Access token is empty.",
    "expired": "Access token has expired or is not yet valid.",
    "revoked": "Continuous access evaluation resulted in challenge with result: InteractionRequired and code:"
    " TokenIssuedBeforeRevocationTimestamp",
}


class Endpoint:
    """Answers the calls to one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.router = Router(OPERATIONS)
        self.quotas = Quotas(store)
        self.running: Counter[tuple[int, str]] = Counter()

    async def __call__(self, request: Request) -> Response:
        """One HTTP request."""
        try:
            caller = authenticate(self.store, request, "microsoft")
        except Refused as refused:
            await _slowness(request)
            return self.refuse(request, refused.reason)
        key = (caller.account.id, caller.client_id)
        self.running[key] += 1
        try:
            too_many = self.running[key] > AT_ONCE
            content = await request.body()
            if too_many:
                message = "Application is over its MailboxConcurrency limit."
                raise GraphError(429, "ApplicationThrottled", message, {"Retry-After": RETRY_AFTER})
            self.quotas.spend(caller, len(content))
            await _slowness(request)
            path = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0].removeprefix("/v1.0/")
            call = Call(
                self.store,
                caller.account,
                caller.client_id,
                scopes.normal(caller.scopes),
                request.method,
                f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}/v1.0",
                path,
                {},
                request.headers,
                content,
                caller.token,
            )
            if unquote(path).lower() == "$batch" and request.method == "POST":
                shake = request.scope.get(handshake.SCOPE)

                async def single(one: Call) -> Answer:
                    answer = await handshake.answer(self.router, one, shake)
                    heard.also(request.scope, one.method, f"/v1.0/{one.path}", answer.status)
                    return answer

                return _response(await batch(single, call))
            return _response(await self.single(call, request))
        except GraphError as error:
            return _response(Answer(error.status, self.body(request, error), headers=error.headers))
        finally:
            self.running[key] -= 1
            if not self.running[key]:
                del self.running[key]

    async def single(self, call: Call, request: Request) -> Answer:
        """A call that came alone."""
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        call.query = dict(pairs)
        if len(call.query) != len(pairs):
            error = errors.bad_request("Query options must not be repeated.", "ErrorInvalidUrlQuery")
            return Answer(400, self.body(request, error))
        return await handshake.answer(self.router, call, request.scope.get(handshake.SCOPE))

    def body(self, request: Request, error: GraphError) -> dict[str, Any]:
        return errors.body(error, self.store.now(), request.headers.get("client-request-id", ""))

    def refuse(self, request: Request, reason: str) -> Response:
        """401 for a token that does not count."""
        message = _REFUSALS.get(reason, "CompactToken parsing failed with error code: 80049217")
        error = GraphError(401, "InvalidAuthenticationToken", message)
        challenge = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
        if reason == "revoked":
            challenge += ', error="invalid_token"'
        return _response(Answer(401, self.body(request, error), headers={"WWW-Authenticate": challenge}))


async def _slowness(request: Request) -> None:
    """Wait as long as the latency drill says: here, because slow calls count among those that run at once."""
    await asyncio.sleep(request.scope.get("sandbox.delay", 0.0))


def _response(answer: Answer) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=answer.headers)
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, answer.headers, answer.content_type)
    text = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
    kind = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    return Response(text, answer.status, {**answer.headers, "Content-Type": kind})


def routes(store: Store) -> list[BaseRoute]:
    """The address of Graph v1.0, and those of upload sessions."""
    endpoint = Endpoint(store)

    async def serve(request: Request) -> Response:
        return await endpoint(request)

    return [Route("/v1.0/{path:path}", serve, methods=METHODS), *uploads.routes(store, endpoint.quotas)]
