"""A client for the sandbox's Graph in the same process: a world of Microsoft accounts, and requests with a token.

Every answer is held against the contract, where that is beside the checkout.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.applications import Starlette

from sandbox import accounts, microsoft, post
from sandbox.app import prepare
from sandbox.oauth import tokens
from sandbox.seeds import LeftOut, SeedAccount
from sandbox.store import Store
from tests.sandbox import graph_schema

ALL = frozenset(
    [
        "User.Read",
        "Mail.ReadWrite",
        "Mail.Send",
        "Calendars.ReadWrite",
        "Contacts.ReadWrite",
        "MailboxSettings.ReadWrite",
    ]
)
ROOT = "http://sandbox/v1.0/"


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
    def code(self) -> str:
        return str(self.json["error"]["code"])


@dataclass
class Graph:
    """A sandbox with accounts, and a token for the first of them."""

    seeds: list[SeedAccount]
    scopes: frozenset[str] = ALL
    store: Store = field(default_factory=lambda: Store(None))
    app: Starlette = field(init=False)
    token: str = field(init=False)
    left_out: LeftOut = field(init=False)

    def __post_init__(self) -> None:
        prepare(self.store)
        post.serve("microsoft", microsoft.deliver)
        self.app = Starlette(routes=microsoft.routes(self.store))
        self.left_out = LeftOut()
        for seed in self.seeds:
            self.left_out.entries += microsoft.load(self.store, seed).entries
        self.token = self.grant(self.seeds[0].email, self.scopes)

    def account(self, email: str = "") -> accounts.Account:
        found = accounts.by_email(self.store, "microsoft", email or self.seeds[0].email)
        assert found is not None
        return found

    def grant(self, email: str, scopes: Iterable[str], lifetime: timedelta = timedelta(hours=1)) -> str:
        """An access token for an account with these scopes."""
        value = f"token-{self.store.value('SELECT count(*) FROM token')}"
        tokens.issue(self.store, "access", value, self.account(email), "app", frozenset(scopes), lifetime)
        return value

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        *,
        prefer: str = "",
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """One request below /v1.0, or by an absolute link; ``body`` is JSON, or bytes as they are."""
        link = urlsplit(path)
        if link.netloc:
            assert path.startswith(ROOT), path
            path, query = link.path.removeprefix("/v1.0/"), dict(parse_qsl(link.query, keep_blank_values=True))
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {
            "authorization": f"Bearer {token or self.token}",
            "content-type": "application/json",
            "host": "sandbox",
        }
        if prefer:
            given["prefer"] = prefer
        sent = self._send(method, path, urlencode(query or {}), content, given | (headers or {}))
        reply = asyncio.run(sent)
        is_json = reply.headers.get("content-type", "").startswith("application/json")
        if is_json and not (path.endswith("$value") and reply.status == 200) and graph_schema.CONTRACT.exists():
            graph_schema.check(method, path, reply.status, reply.json)
        return reply

    def get(self, path: str, prefer: str = "", **query: Any) -> Any:
        """The JSON of a GET that must succeed; options are named without their ``$``."""
        own = ("startDateTime", "endDateTime", "changeType", "includeHiddenFolders")
        options = {name if name in own else f"${name}": value for name, value in query.items()}
        reply = self.call("GET", path, options, prefer=prefer)
        assert reply.status == 200, reply.content
        return reply.json

    def post(self, path: str, body: Any = None, *, status: int = 201, prefer: str = "") -> Any:
        """The JSON of a POST that must succeed, or None where it says nothing."""
        reply = self.call("POST", path, body=body, prefer=prefer)
        assert reply.status == status, reply.content
        return reply.json if reply.content else None

    def patch(self, path: str, body: Any, prefer: str = "") -> Any:
        reply = self.call("PATCH", path, body=body, prefer=prefer)
        assert reply.status == 200, reply.content
        return reply.json

    def pages(self, path: str, prefer: str = "", **query: Any) -> Iterator[Any]:
        """Every page of a list or of a round of change tracking."""
        page = self.get(path, prefer, **query)
        yield page
        while "@odata.nextLink" in page:
            page = self.get(page["@odata.nextLink"], prefer)
            yield page

    def round(self, path: str, prefer: str = "", **query: Any) -> tuple[list[Any], str]:
        """A whole round: its items and the deltaLink."""
        pages = list(self.pages(path, prefer, **query))
        return [item for page in pages for item in page["value"]], pages[-1]["@odata.deltaLink"]

    async def _send(self, method: str, path: str, query: str, content: bytes, headers: dict[str, str]) -> Reply:
        raw = "/v1.0/" + quote(path, safe="/%:@!$&'()*+,;=~-._")
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "server": ("sandbox", 80),
            "path": "/v1.0/" + path,
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        found = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
        return Reply(sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]))
