"""The two addresses per provider: the one that leads there and the one it answers to.

They are allauth's views with our adapter; network trouble on the way back becomes the same plain page as any other
error. allauth has no types, so that what its functions answer is Any: hence the marks.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_not_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from integrations.connect.adapter import refused
from integrations.connect.flow import token_set
from integrations.errors import IntegrationError
from integrations.providers.base import Provider


class Callback(OAuth2CallbackView):
    """allauth's callback, with the tokens kept in memory beside the login and never on it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = self.adapter.get_provider()
        state, response = self._get_state(request, provider)
        if response:
            return response  # type: ignore[no-any-return]
        if "error" in request.GET or "code" not in request.GET:
            cancelled = request.GET.get("error") == self.adapter.login_cancelled_error
            error = AuthError.CANCELLED if cancelled else AuthError.UNKNOWN
            return render_authentication_error(request, provider, error=error, extra_context={"state": state})  # type: ignore[no-any-return]
        client = self.adapter.get_client(request, provider.app)
        try:
            answer = self.adapter.get_access_token_data(request, provider.app, client, state.get("pkce_code_verifier"))
            login = self.adapter.complete_login(request, provider.app, None, response=answer, state=state)
        except OAuth2Error as error:
            return render_authentication_error(request, provider, exception=error, extra_context={"state": state})  # type: ignore[no-any-return]
        login.state = state
        login.oauth_app = self.adapter.oauth_app
        login.granted = token_set(answer, self.adapter.asked_for(state))
        return complete_social_login(request, login)  # type: ignore[no-any-return]


def guarded(view: Any) -> Any:
    """What a provider's errors look like to a person who is signing in."""

    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]
        except ImmediateHttpResponse as answer:
            return answer.response  # type: ignore[no-any-return]
        except IntegrationError as error:
            explanation = f"{error.explanation} Nothing was stored. Try again in a moment."
            return refused(request, explanation)  # type: ignore[no-any-return]

    return never_cache(login_not_required(run))


def patterns(spec: Provider, adapter: type[OAuth2Adapter]) -> list[URLPattern]:
    """A provider's addresses, under the names that allauth looks for."""
    login = guarded(OAuth2LoginView.adapter_view(adapter))
    callback = guarded(require_GET(Callback.adapter_view(adapter)))
    return [
        path(f"{spec.id}/login/", login, name=f"{spec.id}_login"),
        path(f"{spec.id}/login/callback/", callback, name=f"{spec.id}_callback"),
    ]
