"""The transport that google-auth is given, so that its requests go through the one door as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from google.auth.transport import Request as Transport
from google.auth.transport import Response as TransportResponse

from integrations.providers.http.door import send
from integrations.providers.http.messages import Request, Response


class GoogleAuthResponse(TransportResponse):
    """An answer in the shape google-auth reads."""

    def __init__(self, response: Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    @property
    def data(self) -> bytes:
        return self._response.body


class GoogleAuthTransport(Transport):
    """A ``google.auth.transport.Request``. ``check`` sees each answer first and may raise.

    google-auth repeats failed requests by itself, sleeping in between, which is the engine's business here: a
    ``check`` that raises for every failure prevents that.
    """

    def __init__(self, check: Callable[[Response], None]) -> None:
        self._check = check

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> GoogleAuthResponse:
        """Raises what ``send`` and ``check`` raise. ``timeout`` is ignored: the door has its own limits."""
        response = send(Request(method, url, headers=headers or {}, body=body or b""))
        self._check(response)
        return GoogleAuthResponse(response)
