"""What the vendors' front doors answer when they are overloaded or broken, before any API sees the request.

Shapes: Gmail API "Resolve errors", Calendar API "Handle API errors", Microsoft Graph "Throttling guidance" and
"Error responses".
"""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Send

PROMISED = 4096  # bytes that a dropped answer announced


def _google(status: int, reason: str, message: str, code: str, domain: str) -> dict[str, Any]:
    entry = {"message": message, "domain": domain, "reason": reason}
    return {"error": {"code": status, "message": message, "errors": [entry], "status": code}}


def _graph(code: str, message: str, now: datetime) -> dict[str, Any]:
    name = str(uuid.uuid4())
    inner = {"date": f"{now:%Y-%m-%dT%H:%M:%S}", "request-id": name, "client-request-id": name}
    return {"error": {"code": code, "message": message, "innerError": inner}}


def too_many(service: str, now: datetime, seconds: float) -> Response:
    """The answer of a service that wants to be left alone for ``seconds``."""
    wait = {"Retry-After": str(math.ceil(seconds))}
    if service == "graph":
        wait = {"Retry-After": f"{seconds:.3f}"}  # Outlook gives fractions of a second
        body = _graph("TooManyRequests", "Too many requests for this mailbox. Wait before calling again.", now)
        return JSONResponse(body, 429, wait)
    if service == "gmail":
        again = f"{now + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.000Z}"
        message = f"User-rate limit exceeded.  Retry after {again}"
        return JSONResponse(_google(429, "rateLimitExceeded", message, "RESOURCE_EXHAUSTED", "usageLimits"), 429)
    if service == "calendar":
        return JSONResponse(
            _google(403, "rateLimitExceeded", "Rate Limit Exceeded", "RESOURCE_EXHAUSTED", "usageLimits"), 403
        )
    if service == "people":
        message = "Quota exceeded for quota metric 'Critical read requests' and limit 'per minute per user'."
        return JSONResponse(_google(429, "rateLimitExceeded", message, "RESOURCE_EXHAUSTED", "global"), 429)
    body = {"error": "temporarily_unavailable", "error_description": "Too many requests. Wait before calling again."}
    return JSONResponse(body, 429, wait)


def unavailable(service: str, now: datetime) -> Response:
    """The answer of a service that is broken for the moment."""
    if service == "graph":
        return JSONResponse(_graph("ServiceUnavailable", "The service is temporarily unavailable.", now), 503)
    if service.endswith("-oauth"):
        return JSONResponse(
            {"error": "temporarily_unavailable", "error_description": "The service is unavailable."}, 503
        )
    return JSONResponse(_google(503, "backendError", "Backend Error", "UNAVAILABLE", "global"), 503)


_APIS = {
    "gmail": ("Gmail API", "gmail.googleapis.com"),
    "calendar": ("Google Calendar API", "calendar-json.googleapis.com"),
    "people": ("People API", "people.googleapis.com"),
}
PROJECT = "123456789012"


def disabled(service: str) -> Response:
    """The answer of a Google API that is not switched on in the app's project, with the page where it can be."""
    name, host = _APIS[service]
    page = f"https://console.developers.google.com/apis/api/{host}/overview?project={PROJECT}"
    message = (
        f"{name} has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {page} then"
        " retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and"
        " retry."
    )
    body = _google(403, "accessNotConfigured", message, "PERMISSION_DENIED", "usageLimits")
    body["error"]["errors"][0]["extendedHelp"] = "https://console.developers.google.com"
    body["error"]["details"] = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "SERVICE_DISABLED",
            "domain": "googleapis.com",
            "metadata": {"consumer": f"projects/{PROJECT}", "service": host, "activationUrl": page},
        }
    ]
    return JSONResponse(body, 403)


async def drop(send: Send) -> None:
    """Begin an answer and break off: the server closes a connection that got less than was announced."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(PROMISED).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
