"""The HTTP client that msal is given, so that its requests go through the one door as well.

msal accepts https authorities only. Where the configured login address is another one (a sandbox, a national cloud's
proxy), requests to the vendor's own address are sent there instead. What answers mean is left to msal and the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from integrations.errors import TemporaryFailure
from integrations.providers.http.door import send
from integrations.providers.http.messages import Request, Response


class MsalResponse:
    """An answer in the shape msal reads."""

    def __init__(self, response: Response) -> None:
        self.status_code = response.status
        self.headers = dict(response.headers)
        self.text = response.text

    def raise_for_status(self) -> None:
        """Raises ``TemporaryFailure`` for an error status; msal asks only where it expects none."""
        if self.status_code >= 400:
            raise TemporaryFailure("The provider's sign-in service has a problem.", code=str(self.status_code))


class MsalHttpClient:
    """What msal takes as ``http_client``. ``moved`` maps the beginning of an address to what replaces it."""

    def __init__(self, moved: Mapping[str, str]) -> None:
        self._moved = moved

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> MsalResponse:
        """As ``requests.get`` as far as msal uses it. Raises what ``send`` raises."""
        return MsalResponse(send(Request("GET", self._place(url), headers=headers or {}, params=params or {})))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> MsalResponse:
        """As ``requests.post`` as far as msal uses it. Raises what ``send`` raises."""
        body = urlencode(data, doseq=True) if isinstance(data, Mapping) else data or b""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        encoded = body.encode() if isinstance(body, str) else body
        return MsalResponse(send(Request("POST", self._place(url), headers=typed, params=params or {}, body=encoded)))

    def close(self) -> None:
        """Connections belong to the process's pool and stay open."""

    def _place(self, url: str) -> str:
        for old, new in self._moved.items():
            if url.startswith(old):
                return new + url.removeprefix(old)
        return url
