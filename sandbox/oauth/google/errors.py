"""Google's answers to OAuth requests it refuses: pages for people, JSON for apps."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import HTMLResponse, JSONResponse

from sandbox import pages


class PageError(Exception):
    """A request that Google refuses on a page of its own and never answers to the app."""

    def __init__(self, error: str, explanation: str, status: int = 400, **details: str) -> None:
        super().__init__(error)
        self.error = error
        self.explanation = explanation
        self.status = status
        self.details: Mapping[str, str] = details

    def response(self) -> HTMLResponse:
        """The page."""
        return pages.refusal(f"Error {self.status}: {self.error}", self.explanation, self.details, status=self.status)


class TokenError(Exception):
    """A request to the token or revocation endpoint that is refused."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def response(self) -> JSONResponse:
        """The JSON body with its status."""
        body = {"error": self.error, "error_description": self.description}
        return JSONResponse(body, self.status, {"Cache-Control": "no-store"})
