"""The sandbox is for this machine only: what counts as this machine, and the guard in front of the control API."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Handler = Callable[[Request], Awaitable[Response]]


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_local(request: Request) -> bool:
    """The caller, the name it called and the page that made it call are all on this machine.

    The name is checked because a foreign name may be made to lead here, the page because any site may post a form here.
    """
    caller = request.client.host if request.client else ""
    called = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    origin = request.headers.get("origin")
    page = urlsplit(origin).hostname or "" if origin is not None else "localhost"
    return all(map(is_loopback, (caller, called, page)))


def guarded(handler: Handler) -> Handler:
    """The handler, refusing with 403 whatever does not come from this machine."""

    async def guard(request: Request) -> Response:
        if not _is_local(request):
            return JSONResponse({"error": "The sandbox is controlled from this machine only."}, 403)
        return await handler(request)

    return guard
