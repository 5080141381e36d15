"""Requests on behalf of an account: adds its access token, and asks for another when the API refuses it.

Where tokens come from is the session's business, what the answer means the provider's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from integrations.providers.base import Session
from integrations.providers.http.door import send
from integrations.providers.http.messages import Request, Response


def is_unauthorized(response: Response) -> bool:
    """Whether an answer is a 401, which proves that nothing was done."""
    return response.status == 401


def send_as(session: Session, request: Request, refused: Callable[[Response], bool] = is_unauthorized) -> Response:
    """Send with the session's token; where the answer says that it was refused, once more with a fresh one.

    A second refusal is handed back as it came. Raises what ``send`` and ``session.access_token`` raise.
    """
    token = session.access_token()
    response = send(_with_token(request, token))
    if not refused(response):
        return response
    return send(_with_token(request, session.access_token(refused=token)))


def _with_token(request: Request, token: str) -> Request:
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
