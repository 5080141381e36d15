"""Renews access tokens with msal, through the providers' door and at the app's own addresses.

msal insists on an https authority and on discovering its endpoints: it is shown Microsoft's own authority, and the
discovery is answered here from the app's configuration, so that a sandbox or another cloud works and no request is
spent on it. What refusals mean is left to ``oauth_errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msal
import orjson

from integrations.errors import RateLimited, TemporaryFailure
from integrations.providers.base import AppCredentials
from integrations.providers.http import Response
from integrations.providers.http.for_msal import MsalHttpClient, MsalResponse
from integrations.providers.microsoft.errors import DEFAULT_WAIT

_AUTHORITY = "https://login.microsoftonline.com"


class _Client(MsalHttpClient):
    """msal's way to the network: only the token endpoint is on it."""

    def __init__(self, app: AppCredentials) -> None:
        super().__init__({})
        self._endpoints = {
            "authorization_endpoint": f"{_AUTHORITY}/{app.tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{_AUTHORITY}/{app.tenant}/oauth2/v2.0/token",
        }
        self._token_endpoint = app.address("token")

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> MsalResponse:
        """The discovery document, the only thing msal gets."""
        return MsalResponse(Response(200, {}, orjson.dumps(self._endpoints)))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **rest: object,
    ) -> MsalResponse:
        """Raises ``RateLimited`` and ``TemporaryFailure`` for what says nothing about the grant."""
        response = super().post(self._token_endpoint, params, data, headers, **rest)
        status, wait = response.status_code, Response(0, response.headers, b"").retry_after()
        if status == 429 or (status >= 500 and wait is not None):
            raise RateLimited(
                "Microsoft asks to wait.", retry_after=DEFAULT_WAIT if wait is None else wait, code=str(status)
            )
        if status >= 500:
            raise TemporaryFailure("Microsoft's sign-in service has a problem at the moment.", code=str(status))
        _check_readable(response.text)
        return response


def _check_readable(text: str) -> None:
    """Raise ``TemporaryFailure`` for what is not a JSON object: msal would write it, with its tokens, into the log."""
    try:
        readable = isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        readable = False
    if not readable:
        raise TemporaryFailure("Microsoft's sign-in service sent an unreadable answer.", code="not_json")


class _Forgetful(msal.TokenCache):  # type: ignore[misc]
    """Tokens are kept by the vault and nowhere else."""

    def add(self, event: object, now: object = None) -> None:
        """Keeps nothing."""


def renew(app: AppCredentials, refresh_token: str, scopes: list[str]) -> dict[str, Any]:
    """The token endpoint's answer, or its refusal with an ``error``. Raises what ``http.send`` raises.

    ``scopes`` without those of OpenID, which msal adds.
    """
    client = msal.ConfidentialClientApplication(
        app.client_id,
        client_credential=app.client_secret,
        authority=f"{_AUTHORITY}/{app.tenant}",
        http_client=_Client(app),
        token_cache=_Forgetful(),
        instance_discovery=False,
    )
    answer: dict[str, Any] = client.acquire_token_by_refresh_token(refresh_token, scopes=scopes)
    return answer
