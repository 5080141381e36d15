"""Batched calls: multipart/mixed of ``application/http`` parts, each answered with a status of its own.

Gmail API, "Batching requests": at most 100 calls, answered as ``response-<Content-ID>``. The caller's Authorization is
that of the outer request, unless a part brings one itself.
"""

from __future__ import annotations

import email
import json
import secrets
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sandbox import faults, heard
from sandbox.google.endpoints import Service
from sandbox.google.errors import GoogleError

MOST = {"gmail": 100, "calendar": 50, "people": 1000}


class Batch:
    """The batch endpoint of one or several services; every part goes to the service that knows its path."""

    def __init__(self, *services: Service) -> None:
        self.services = services

    async def serve(self, request: Request) -> Response:
        """The endpoint of a Starlette route."""
        content = await request.body()
        declared = request.headers.get("content-type", "").encode("latin-1")
        parsed = email.message_from_bytes(b"Content-Type: " + declared + b"\r\n\r\n" + content)
        parts = parsed.get_payload()
        if parsed.get_content_maintype() != "multipart" or not isinstance(parts, list):
            return _refused("badRequest", "Missing or malformed multipart/mixed batch body.")
        most = max(MOST[s.api.name] for s in self.services)
        if len(parts) > most:
            return _refused(
                "invalidArgument", f"The batch request could not be processed: it has more than {most} calls."
            )
        boundary = "batch_" + secrets.token_urlsafe(24)
        lines = [self._part(request, part, boundary) for part in parts if isinstance(part, Message)]
        body = b"".join(lines) + f"--{boundary}--\r\n".encode()
        return Response(body, 200, {"Vary": "Origin, X-Origin, Referer"}, f"multipart/mixed; boundary={boundary}")

    def _part(self, request: Request, part: Message, boundary: str) -> bytes:
        inner = part.get_payload(decode=True)
        head, _, content = (
            (inner if isinstance(inner, bytes) else b"").replace(b"\r\n", b"\n").lstrip().partition(b"\n\n")
        )
        first, _, rest = head.decode("latin-1").partition("\n")
        answer = self._answer(request, first.split(" "), rest, content)
        heard.also(request.scope, *_asked(first), answer.status_code)
        out = f"--{boundary}\r\nContent-Type: application/http\r\n"
        if part["Content-ID"]:
            out += f"Content-ID: <response-{str(part['Content-ID']).strip().removeprefix('<').removesuffix('>')}>\r\n"
        out += f"\r\nHTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}\r\n"
        out += "".join(f"{name.title()}: {value}\r\n" for name, value in answer.headers.items())
        return out.encode("latin-1") + b"\r\n" + bytes(answer.body) + b"\r\n"

    def _answer(self, request: Request, line: list[str], rest: str, content: bytes) -> Response:
        if len(line) < 2:
            return _refused("badRequest", "Failed to parse the batched call's request line.")
        verb, target = line[0].upper(), urlsplit(line[1])
        headers: Mapping[str, str] = {k.lower(): str(v) for k, v in email.message_from_string(rest + "\n").items()}
        carrier = request
        if "authorization" in headers:
            own = [(k, v) for k, v in request.scope["headers"] if k != b"authorization"]
            own.append((b"authorization", headers["authorization"].encode("latin-1")))
            carrier = Request({**request.scope, "headers": own})
        service = faults.service_of(target.path)
        if service and faults.service_of(request.url.path) is None:
            refused = faults.refusal(self.services[0].store, service, carrier.scope)
            if refused is not None:
                return refused
        if service == "gmail" and faults.take(self.services[0].store, "gmail", "batch-refusals"):
            error = GoogleError(429, "rateLimitExceeded", "Too many concurrent requests for user.")
            return Response(json.dumps(error.body, indent=2), 429, media_type="application/json; charset=UTF-8")
        knows = next((s for s in self.services if s.api.find(verb, target.path)), self.services[0])
        return knows.respond(carrier, verb, target.path, target.query, headers, content)


def _asked(line: str) -> tuple[str, str]:
    """The verb and the path of a part's request line, as far as it has them."""
    verb, _, rest = line.partition(" ")
    return verb.upper(), urlsplit(rest.partition(" ")[0]).path


def _refused(reason: str, message: str) -> Response:
    error = GoogleError(400, reason, message)
    return Response(json.dumps(error.body, indent=2), 400, media_type="application/json; charset=UTF-8")
