"""A client for the sandbox's Google in the same process: a world of one or two accounts, and requests with a token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette

from sandbox import accounts, google, post
from sandbox.oauth import schema, tokens
from sandbox.seeds import SeedAccount
from sandbox.store import Store
from tests.sandbox.discovery_schema import check_answer, check_error

SCOPES = "https://www.googleapis.com/auth/"
ALL = frozenset(
    {"https://mail.google.com/", SCOPES + "calendar", SCOPES + "contacts", SCOPES + "contacts.other.readonly"}
)


@dataclass(frozen=True)
class Reply:
    """One answer. ``json`` is what it says."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def reason(self) -> str:
        """Google's reason for a refusal."""
        return str(self.json["error"]["errors"][0]["reason"])


@dataclass
class World:
    """A sandbox with accounts, and a token for the first of them. Every good answer is held against the contract."""

    store: Store
    seeds: list[SeedAccount]
    scopes: frozenset[str] = ALL
    app: Starlette = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        schema.prepare(self.store)
        post.serve("google", google.deliver)
        self.app = Starlette(routes=google.routes(self.store))
        for seed in self.seeds:
            left_out = google.load(self.store, seed)
            assert left_out.entries == []
        self.token = self.grant(self.seeds[0].email, self.scopes)

    def account(self, email: str = "") -> accounts.Account:
        found = accounts.by_email(self.store, "google", email or self.seeds[0].email)
        assert found is not None
        return found

    def grant(self, email: str, scopes: Iterable[str], lifetime: timedelta = timedelta(hours=1)) -> str:
        """An access token for an account with these scopes."""
        value = f"token-{self.store.value('SELECT count(*) FROM token')}"
        tokens.issue(self.store, "access", value, self.account(email), "app", frozenset(scopes), lifetime)
        return value

    def call(
        self,
        verb: str,
        path: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request; ``body`` is JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pairs = urlencode(query or {}, doseq=True)
        given = {
            "authorization": f"Bearer {token or self.token}",
            "content-type": "application/json",
            "host": "sandbox",
        }
        reply = asyncio.run(self._send(verb, path, pairs, content, given | (headers or {})))
        if reply.status == 200 and reply.headers.get("content-type", "").startswith("application/json"):
            check_answer(verb, path, reply.json, partial="fields" in (query or {}))
        elif reply.status >= 400 and reply.headers.get("content-type", "").startswith("application/json"):
            check_error(reply.status, reply.json)
        return reply

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET that must succeed."""
        reply = self.call("GET", path, query)
        assert reply.status == 200, reply.content
        return reply.json

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of a POST that must succeed, or None where it says nothing."""
        reply = self.call("POST", path, query, body)
        assert reply.status in (200, 204), reply.content
        return reply.json if reply.content else None

    async def _send(self, verb: str, path: str, query: str, content: bytes, headers: dict[str, str]) -> Reply:
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": verb,
            "scheme": "http",
            "server": ("sandbox", 80),
            "path": path.partition("?")[0],
            "raw_path": quote(path, safe="/%:@!$&'()*+,;=~-._").encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        raw = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
        return Reply(sent[0]["status"], raw, b"".join(m.get("body", b"") for m in sent[1:]))
