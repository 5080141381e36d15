"""Google's error bodies, and the errors that handlers raise to get them.

Gmail API, "Resolve errors", and Calendar API, "Handle API errors": clients go by ``errors[].reason``, not the status.
"""

from __future__ import annotations

from typing import Any

_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    410: "FAILED_PRECONDITION",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class GoogleError(Exception):
    """A refusal. ``place`` is (locationType, location) where Google says what was wrong with the request."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        summary: str = "",
        status: str = "",
        domain: str = "global",
        place: tuple[str, str] | None = None,
        details: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers or {}
        entry: dict[str, Any] = {"message": summary or message, "domain": domain, "reason": reason}
        if place:
            entry["locationType"], entry["location"] = place
        error: dict[str, Any] = {"code": code, "message": message, "errors": [entry], "status": status or _NAMES[code]}
        if details:
            error["details"] = details
        self.body: dict[str, Any] = {"error": error}


def invalid(message: str, name: str = "", reason: str = "invalid") -> GoogleError:
    """400 for a bad value; ``name`` is the parameter."""
    return GoogleError(400, reason, message, place=("parameter", name) if name else None)


def invalid_argument(message: str) -> GoogleError:
    """400 the way Gmail says it."""
    return GoogleError(400, "invalidArgument", message)


def not_found(message: str = "Requested entity was not found.") -> GoogleError:
    return GoogleError(404, "notFound", message)


def unauthenticated(reason: str) -> GoogleError:
    """401: no token, or one that is unknown, expired or revoked."""
    if reason == "missing":
        text = (
            "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or "
            "other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
        )
        challenge = 'Bearer realm="https://accounts.google.com/"'
        return GoogleError(
            401,
            "required",
            text,
            summary="Login Required.",
            place=("header", "Authorization"),
            headers={"WWW-Authenticate": challenge},
        )
    text = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    challenge = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return GoogleError(
        401,
        "authError",
        text,
        summary="Invalid Credentials",
        place=("header", "Authorization"),
        headers={"WWW-Authenticate": challenge},
    )


def insufficient_scope(service: str, method: str, scopes: frozenset[str]) -> GoogleError:
    """403: the token is good, but the user did not grant what this method needs."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"method": method, "service": f"{service}.googleapis.com"},
    }
    challenge = (
        f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{" ".join(sorted(scopes))}"'
    )
    return GoogleError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        summary="Insufficient Permission",
        details=[info],
        headers={"WWW-Authenticate": challenge},
    )
