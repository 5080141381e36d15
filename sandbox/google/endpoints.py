"""The door of Google's APIs: every request goes through the same steps before a handler sees it.

Known method → token → scope → parameters → quota → body → handler → the ``fields`` that were asked for. What the
methods do is in the service folders; faults that a drill ordered happen before, in ``sandbox.faults``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sandbox import bearer
from sandbox.bearer import Caller
from sandbox.google import fields, parameters, payloads, uploads
from sandbox.google.calls import Answer, Call, Table
from sandbox.google.contract import Api, Method, api
from sandbox.google.errors import GoogleError, insufficient_scope, not_found, unauthenticated
from sandbox.google.quotas import Quotas
from sandbox.store import Store


class Service:
    """One API with its route table."""

    def __init__(self, store: Store, name: str, table: Table) -> None:
        self.store = store
        self.api: Api = api(name)
        self.table = table
        self.quotas = Quotas(store, name)
        unknown = set(table) - set(self.api.methods)
        if unknown:
            raise LookupError(f"not in the {name} discovery document: {', '.join(sorted(unknown))}")

    async def serve(self, request: Request) -> Response:
        """The endpoint of a Starlette route."""
        path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1").partition("?")[0]
        content = await request.body()
        return self.respond(request, request.method, path, request.url.query, request.headers, content)

    def respond(
        self, request: Request, verb: str, path: str, query: str, headers: Mapping[str, str], content: bytes
    ) -> Response:
        """The answer to one call; ``request`` is the one that carried it (a batch carries several)."""
        try:
            found = self.api.find(verb, path)
            caller = self._caller(request)
            if found is None:
                raise not_found("Not Found")
            method, places = found
            if not caller.scopes & method.scopes:
                raise insufficient_scope(self.api.name, method.id, method.scopes)
            pairs = parse_qsl(query, keep_blank_values=True)
            answer = self._answer(caller, method, places, pairs, headers, content, _base(request))
        except GoogleError as error:
            return _json(error.body, error.code, error.headers)
        return answer

    def _caller(self, request: Request) -> Caller:
        try:
            return bearer.authenticate(self.store, request, "google")
        except bearer.Refused as refused:
            raise unauthenticated(refused.reason) from None

    def _answer(
        self,
        caller: Caller,
        method: Method,
        places: dict[str, str],
        pairs: list[tuple[str, str]],
        headers: Mapping[str, str],
        content: bytes,
        base: str,
    ) -> Response:
        query = parameters.read(self.api, method, pairs)
        mask = fields.parse(query["fields"]) if query.get("fields") else {}
        if mask and method.response:
            fields.check(self.api, {"$ref": method.response}, mask)
        row = self.table.get(method.id)
        if row is None:
            raise GoogleError(501, "notImplemented", f"The sandbox does not offer {method.id}.")
        self.quotas.spend(caller, method, row, query)
        media, body = self._body(method, query, headers, content)
        call = Call(self.store, caller, method, places, query, body, headers, base, media)
        result = row.handler(call)
        answer = result if isinstance(result, Answer) else Answer(result, 204 if result is None else 200)
        if answer.content is None:
            return Response(status_code=answer.status, headers=answer.headers)
        kept = fields.apply(mask, answer.content) if answer.status < 400 else answer.content
        return _json(kept, answer.status, answer.headers, pretty=query.get("prettyPrint", True))

    def _body(
        self, method: Method, query: dict[str, Any], headers: Mapping[str, str], content: bytes
    ) -> tuple[bytes | None, dict[str, Any]]:
        media: bytes | None = None
        parsed: Any = {}
        if query.get("uploadType"):
            media, parsed = uploads.split(query["uploadType"], headers, content)
        elif content.strip() and method.request:
            try:
                parsed = json.loads(content)
                json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair is no text
            except (ValueError, RecursionError):
                raise GoogleError(400, "parseError", "Parse Error", status="INVALID_ARGUMENT") from None
        return media, payloads.clean(self.api, method.request, parsed) if method.request else {}


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _json(content: dict[str, Any], status: int, headers: dict[str, str], *, pretty: bool = True) -> Response:
    text = json.dumps(
        content, ensure_ascii=False, indent=2 if pretty else None, separators=None if pretty else (",", ":")
    )
    # A lone surrogate cannot leave as UTF-8; Google shows the replacement character.
    data = text.encode("utf-8", "replace")
    return Response(data, status, {"Vary": "Origin, X-Origin, Referer", **headers}, "application/json; charset=UTF-8")
