"""allauth's social account adapter: apps from our encrypted rows, tokens never serialised, errors as plain pages."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import invitations
from accounts.models import User
from integrations.connect import capture
from integrations.connect.request import from_state
from integrations.models import OAuthApp
from integrations.providers.base import registry
from integrations.records import Identity


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Where allauth asks, we answer from the registry and the vault."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Unsaved apps made from our rows, so that no secret is in allauth's tables."""
        rows = OAuthApp.objects.filter(active=True)
        if provider:
            rows = rows.filter(provider=provider)
        if client_id:
            rows = rows.filter(client_id=client_id)
        return [
            SocialApp(
                provider=row.provider,
                name=str(row),
                client_id=row.client_id,
                secret="",  # read where the code is exchanged, and nowhere else
                settings={},
            )
            for row in rows
        ]

    def serialize_instance(self, instance: Model) -> dict[str, Any]:
        """allauth keeps a pending sign-up in the session; a token must not go with it."""
        if isinstance(instance, SocialToken):
            return {}
        serialized: dict[str, Any] = super().serialize_instance(instance)
        return serialized

    def deserialize_instance(self, model: type[Model], data: dict[str, Any]) -> Model | None:
        if model is SocialToken:
            return None
        instance: Model = super().deserialize_instance(model, data)
        return instance

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        invited = invitations.admits(request, sociallogin.user.email)
        return invited and bool(account_adapter(request).is_open_for_signup(request))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("integrations")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A connect attempt ends here, with the grant kept or a plain refusal; a sign-in goes on without its tokens."""
        tokens, sociallogin.granted = getattr(sociallogin, "granted", None), None
        sociallogin.token = None
        if sociallogin.state.get("process") != "connect":
            return
        spec = registry[sociallogin.account.provider]
        extra = sociallogin.account.extra_data
        user = request.user
        try:
            if not isinstance(user, User) or tokens is None:
                raise capture.Refused("You were signed out meanwhile. Sign in and connect again.")
            if sociallogin.account.pk and sociallogin.account.user_id != user.pk:
                raise capture.Refused(
                    f"{extra['email']} is already connected by another person here, or used to sign in. "
                    "Nothing was changed."
                )
            identity = Identity(sociallogin.account.uid, extra["email"], extra["name"])
            wish = from_state(sociallogin.state, user.pk, spec.id)
            got = capture.Capture(spec, sociallogin.oauth_app, wish, identity, tokens)
            connection = capture.keep(request, user, sociallogin, got)
        except capture.Refused as refusal:
            raise ImmediateHttpResponse(refused(request, str(refusal))) from None
        messages.success(request, f"{connection.email} is connected. Its mail and calendar are on their way.")
        raise ImmediateHttpResponse(redirect("integrations"))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Whatever went wrong on the way, a plain page with the one next step, and nothing stored."""
        if str(error) == "cancelled":
            text = f"You cancelled at {provider.name}. Nothing was connected and nothing was stored."
        elif exception is None and "state" not in (extra_context or {}):
            text = "This answer was already used, has expired, or does not belong to this browser. Nothing was stored."
        elif exception is not None and hasattr(exception, "code"):
            text = f"{provider.name} did not accept the sign-in ({exception.code}). Nothing was stored. Try again."
        else:
            text = f"{provider.name} reported a problem. Nothing was stored. Try again."
        raise ImmediateHttpResponse(refused(request, text))


def refused(request: HttpRequest, text: str) -> Any:
    """The plain page for an attempt that ended without a connection."""
    return render(request, "integrations/not_connected.html", {"explanation": text}, status=400)
