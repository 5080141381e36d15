"""allauth's provider, adapter and client classes for one of our providers.

Scopes, authorize parameters, PKCE and nonce come from the provider's descriptor and never from the address bar. The
code is
exchanged through the providers' own door. What is done with the answer is left to ``capture``.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from integrations.connect import request as asked
from integrations.connect.apps import active_app
from integrations.errors import IntegrationError
from integrations.providers import http
from integrations.providers.base import registry
from integrations.records import Service, TokenSet

# Providers must say how long a token lives; one that does not is taken to mean the shortest common life.
DEFAULT_LIFE_SECONDS = 300


class ExchangeFailed(OAuth2Error):
    """The provider did not accept the code. ``code`` is the vendor's own, for the explanation."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CodeClient(OAuth2Client):
    """Exchanges the code through the providers' door; its errors carry the vendor's code and nothing of the answer."""

    def get_access_token(
        self, code: str, pkce_code_verifier: str | None = None, extra_data: Any = None
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback_url,
            "client_id": self.consumer_key,
            "client_secret": self.consumer_secret,
            "code_verifier": pkce_code_verifier or "",
        }
        response = http.send(
            http.Request.with_form("POST", self.access_token_url, form, {"Accept": "application/json"})
        )
        answer = response.error_json()
        if not response.ok or not answer.get("access_token") or not answer.get("id_token"):
            raise ExchangeFailed(str(answer.get("error") or response.status)[:100])
        return dict(answer)


def token_set(answer: dict[str, Any], asked_for: frozenset[str]) -> TokenSet:
    """A token endpoint's answer as a value; scopes it does not state are those asked for (RFC 6749, 5.1)."""
    now = timezone.now()
    life = int(answer.get("expires_in") or DEFAULT_LIFE_SECONDS)
    refresh_life = answer.get("refresh_token_expires_in")
    scope = answer.get("scope")
    return TokenSet(
        access_token=answer["access_token"],
        expires_at=now + timedelta(seconds=life),
        scopes=frozenset(scope.split()) if scope else asked_for,
        refresh_token=answer.get("refresh_token") or "",
        refresh_expires_at=now + timedelta(seconds=int(refresh_life)) if refresh_life else None,
    )


class AccountOfProvider(ProviderAccount):
    """How allauth's pages name the account."""

    def to_str(self) -> str:
        return str(self.account.extra_data.get("email") or self.account.uid)


@cache
def build(provider_id: str) -> tuple[type[OAuth2Provider], type[OAuth2Adapter]]:
    """allauth's classes for a provider of ours."""
    spec = registry[provider_id]

    class SpecAdapter(OAuth2Adapter):
        provider_id = spec.id
        client_class = CodeClient

        def asked_for(self, state: dict[str, Any]) -> frozenset[str]:
            """The scopes that this attempt asked for."""
            services = frozenset(map(Service, state.get("services", ())))
            return frozenset(spec.scopes_for(services))

        def __init__(self, request: HttpRequest) -> None:
            super().__init__(request)
            app = active_app(spec.id)
            endpoints = app.resolved_endpoints()
            self.oauth_app = app
            self.authorize_url = endpoints["authorize"]
            self.access_token_url = endpoints["token"]

        def get_callback_url(self, request: HttpRequest, app: Any) -> str:
            """As registered at the provider, whatever address the request came in by."""
            return settings.OSMEN_PUBLIC_URL + reverse(f"{spec.id}_callback")

        def get_access_token_data(
            self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
        ) -> Any:
            client.consumer_secret = self.oauth_app.credentials().client_secret
            return client.get_access_token(request.GET["code"], pkce_code_verifier)

        def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
            answer = kwargs["response"]
            state = kwargs["state"]
            wish = asked.from_state(state, request.user.pk, spec.id)
            try:
                identity = spec.oauth.identify(
                    self.oauth_app.credentials(),
                    answer["id_token"],
                    nonce=wish.nonce,
                    access_token=answer["access_token"],
                )
            except IntegrationError as error:
                raise OAuth2Error(error.explanation) from None
            claims = {"sub": identity.subject, "email": identity.email, "name": identity.name}
            login: SocialLogin = self.get_provider().sociallogin_from_response(request, claims)
            return login

    class SpecProvider(OAuth2Provider):
        id = spec.id
        name = spec.name
        account_class = AccountOfProvider
        oauth2_adapter_class = SpecAdapter
        pkce_enabled_default = True
        package = "integrations.connect"

        def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
            wish = asked.from_form(request, spec.id, active_app(spec.id).offered_services)
            kwargs: dict[str, Any] = {"process": "connect" if wish.connects else "login", **wish.as_state()}
            email = wish.reconnect.email if wish.reconnect else None
            params = spec.oauth.authorize_params(reconnect_email=email, offline=wish.connects)
            kwargs["scope"] = spec.scopes_for(wish.services) if wish.connects else spec.identity_scopes
            kwargs["auth_params"] = {**params, "nonce": wish.nonce}
            return kwargs

        def extract_uid(self, data: dict[str, str]) -> str:
            return data["sub"]

        def extract_common_fields(self, data: dict[str, str]) -> dict[str, Any]:
            return {"email": data["email"], "name": data["name"]}

        def extract_extra_data(self, data: dict[str, str]) -> dict[str, str]:
            return {"email": data["email"], "name": data["name"]}

    return SpecProvider, SpecAdapter
