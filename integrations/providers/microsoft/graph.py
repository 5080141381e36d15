"""A small client of Microsoft Graph: paths to answers, for one account.

It adds what every call needs (token, immutable ids, a request id) and turns failures into ``integrations.errors``.
What the answers hold is left to the service clients. Links that Graph hands out are followed whole, on Graph's own
host only, and never read (Microsoft Graph, "paging" and "delta query overview").
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from integrations.errors import IntegrationError, NotFound, PermanentFailure
from integrations.providers.base import Session
from integrations.providers.http import Request, Response, same_origin, send_as
from integrations.providers.http.messages import DEFAULT_MAX_BYTES
from integrations.providers.microsoft.errors import failure

log = logging.getLogger(__name__)

Json = dict[str, Any]
BATCH = 20

# Without it a message's id changes with every move (Microsoft Graph, "Get immutable identifiers for Outlook
# resources").
IMMUTABLE = 'IdType="ImmutableId"'
NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"


class Graph:
    """Graph as one account sees it. ``prefer`` are the preferences that a service wants with every call."""

    def __init__(self, session: Session, *prefer: str) -> None:
        self._session = session
        self._base = session.endpoints["graph"].rstrip("/")
        self._prefer = (IMMUTABLE, *prefer)

    def get(self, path: str, params: Mapping[str, str] | None = None, *, prefer: Sequence[str] = ()) -> Json:
        """GET a path below the root, or a link from an earlier answer. Raises ``integrations.errors``."""
        return self._json(Request("GET", self._url(path), params=params or {}), prefer)

    def get_bytes(self, path: str, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
        """GET content that is no JSON."""
        return self._send(Request("GET", self._url(path), max_bytes=max_bytes), ()).body

    def post(self, path: str, payload: Mapping[str, object]) -> Json:
        """POST JSON; an empty answer is an empty object."""
        return self._json(Request.with_json("POST", self._url(path), payload), ())

    def patch(self, path: str, payload: Mapping[str, object], *, etag: str = "") -> Json:
        """PATCH JSON. With ``etag``, raises ``Conflict`` for an item that has another by now."""
        request = Request.with_json("PATCH", self._url(path), payload)
        if etag:
            request = replace(request, headers={**request.headers, "If-Match": etag})
        return self._json(request, ())

    def delete(self, path: str) -> None:
        """DELETE an item."""
        self._send(Request("DELETE", self._url(path)), ())

    def pages(
        self, path: str, params: Mapping[str, str] | None = None, *, prefer: Sequence[str] = ()
    ) -> Iterator[list[Json]]:
        """The items of a listing, page by page."""
        page = self.get(path, params, prefer=prefer)
        yield page.get("value", [])
        while link := page.get(NEXT):
            page = self.get(link, prefer=prefer)
            yield page.get("value", [])

    def get_many(self, paths: Sequence[str]) -> list[Json | IntegrationError]:
        """GET several paths by JSON batching, in their order.

        One that is gone or that Graph refuses comes as its error, so that a single broken item does not stop a mailbox.
        Raises any other failure, the longest wait first (Microsoft Graph, "JSON batching").
        """
        answers: list[Json | IntegrationError] = []
        for start in range(0, len(paths), BATCH):
            answers += self._batch(paths[start : start + BATCH])
        return answers

    def unchanged(self, links: Mapping[str, str], *, prefer: Sequence[str] = ()) -> set[str]:
        """The keys of those delta links that say that nothing has happened, asked for by JSON batching."""
        relative = [(key, self._url(link).removeprefix(self._base)) for key, link in links.items()]
        found: set[str] = set()
        for start in range(0, len(relative), BATCH):
            some = relative[start : start + BATCH]
            answers = self._parts([link for _, link in some], prefer)
            found |= {key for (key, _), answer in zip(some, answers, strict=True) if _says_nothing(answer)}
        return found

    def _batch(self, paths: Sequence[str]) -> list[Json | IntegrationError]:
        answers = self._parts(paths, ())
        grave = [a for a in answers if isinstance(a, Exception) and not isinstance(a, NotFound | PermanentFailure)]
        if grave:
            # All parts were throttled for the same mailbox: the longest wait is the one to keep.
            raise max(grave, key=lambda error: getattr(error, "retry_after", -1.0))
        for refused in (a for a in answers if isinstance(a, PermanentFailure)):
            log.warning("graph refused a part of a batch: %s", refused.code)
        return answers

    def _parts(self, paths: Sequence[str], prefer: Sequence[str]) -> list[Json | IntegrationError]:
        headers = {"Prefer": ", ".join((*self._prefer, *prefer))}
        requests = [{"id": str(n), "method": "GET", "url": p, "headers": headers} for n, p in enumerate(paths)]
        batch = Request.with_json("POST", self._url("/$batch"), {"requests": requests})
        reply = self._json(batch, (), calls=len(requests))
        parts = {str(part.get("id")): _part(part) for part in reply.get("responses", ())}
        missing = Response(504, {}, b"")
        ordered = [parts.get(str(n), missing) for n in range(len(paths))]
        return [part.json() if part.ok else failure(part) for part in ordered]

    def _url(self, path: str) -> str:
        if path.startswith("/"):
            return self._base + path
        if not same_origin(path, self._base):
            raise PermanentFailure(
                "Microsoft's answer links to a foreign address, which is not followed.", code="foreign_link"
            )
        return path

    def _json(self, request: Request, prefer: Sequence[str], calls: int = 1) -> Json:
        response = self._send(request, prefer, calls)
        if not response.body:
            return {}
        answer = response.json()
        return answer if isinstance(answer, dict) else {}

    def _send(self, request: Request, prefer: Sequence[str], calls: int = 1) -> Response:
        headers = {
            **request.headers,
            "Prefer": ", ".join((*self._prefer, *prefer)),
            "client-request-id": str(uuid.uuid4()),
        }
        self._session.spend("graph", calls)
        response = send_as(self._session, replace(request, headers=headers))
        if response.ok:
            return response
        error = failure(response)
        log.warning(
            "graph answered %d %s, request-id %s",
            response.status,
            error.code,
            response.headers.get("request-id", "none"),
        )
        raise error


def _part(part: Json) -> Response:
    """A batch's part as an answer of its own."""
    headers = {str(name).lower(): str(value) for name, value in (part.get("headers") or {}).items()}
    return Response(int(part.get("status", 504)), headers, orjson.dumps(part.get("body")))


def _says_nothing(answer: Json | IntegrationError) -> bool:
    return isinstance(answer, dict) and not answer.get("value") and DELTA in answer


def path(*segments: str) -> str:
    """A path below Graph's root; ids are case-sensitive and may hold characters that need quoting."""
    return "".join("/" + quote(segment, safe="$") for segment in segments)


def with_query(of: str, params: Mapping[str, str]) -> str:
    """A path with its query, as JSON batching wants it."""
    return f"{of}?{urlencode(params)}"
