"""Microsoft's refusals: an OAuth error with an AADSTS number, told as JSON, on a page, or in the redirect to the app.

Source: Microsoft identity platform, "Error codes" and "Authorization code flow" (error responses).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

from sandbox import pages


class Refusal(Exception):
    """A request that is refused. ``error`` is what apps react to, ``number`` and ``text`` explain it to people."""

    def __init__(self, error: str, number: int, text: str, *, status: int = 400, suberror: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.number = number
        self.text = text
        self.status = status
        self.suberror = suberror

    def _ids(self, request: Request, now: datetime) -> tuple[str, str, str]:
        """Trace id, correlation id (the caller's own, if it sent one), time."""
        sent = request.headers.get("client-request-id") or request.query_params.get("client-request-id")
        return str(uuid.uuid4()), sent or str(uuid.uuid4()), f"{now:%Y-%m-%d %H:%M:%SZ}"

    def _description(self, trace: str, correlation: str, when: str) -> str:
        return f"AADSTS{self.number}: {self.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {when}"

    def body(self, request: Request, now: datetime) -> dict[str, Any]:
        """The JSON of the token endpoint."""
        trace, correlation, when = self._ids(request, now)
        body: dict[str, Any] = {
            "error": self.error,
            "error_description": self._description(trace, correlation, when),
            "error_codes": [self.number],
            "timestamp": when,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
        return body | ({"suberror": self.suberror} if self.suberror else {})

    def json(self, request: Request, now: datetime) -> JSONResponse:
        """The answer of the token endpoint."""
        return JSONResponse(self.body(request, now), self.status, {"Cache-Control": "no-store"})

    def page(self, request: Request, now: datetime) -> HTMLResponse:
        """The page for what is never told to the app."""
        trace, correlation, when = self._ids(request, now)
        details = {"Request Id": trace, "Correlation Id": correlation, "Timestamp": when}
        return pages.refusal(f"AADSTS{self.number}", self.text, details, status=self.status)

    def answer(self, request: Request, now: datetime) -> dict[str, str]:
        """The parameters of the redirect to the app."""
        return {"error": self.error, "error_description": self._description(*self._ids(request, now))}


def missing(name: str) -> Refusal:
    """A parameter that has to be there is not."""
    return Refusal("invalid_request", 900144, f"The request body must contain the following parameter: '{name}'.")
