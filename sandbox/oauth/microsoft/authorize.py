"""Microsoft's authorisation endpoint: checks a request and brings the person to the chooser or the consent page.

An unknown app, redirect address or tenant is refused on a page; everything else is told to the app. What happens on the
pages is left to ``consent``. Source: Microsoft identity platform, "Authorization code flow".
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import accounts, clients
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import codes, grants, parameters, pending
from sandbox.oauth.microsoft import scopes, tenants
from sandbox.oauth.microsoft.consent import CHOOSER, CONSENT, allow, is_settled, send
from sandbox.oauth.microsoft.errors import Refusal, missing
from sandbox.store import Store

_PROMPTS = {"login", "none", "consent", "select_account"}
_MODES = {"query", "fragment", "form_post"}


def _check_app(store: Store, tenant: str, asked: dict[str, str]) -> Client:
    """The app that asks. Raises ``Refusal`` for what is shown on a page."""
    for name in ("client_id", "redirect_uri"):
        if name not in asked:
            raise missing(name)
    client = clients.find(store, "microsoft", asked["client_id"])
    if client is None:
        text = f"Application with identifier '{asked['client_id']}' was not found in the directory '{tenant}'."
        raise Refusal("unauthorized_client", 700016, text)
    if not client.knows(asked["redirect_uri"]):
        raise Refusal(
            "invalid_request",
            50011,
            f"The redirect URI '{asked['redirect_uri']}' specified in the request does not match the redirect URIs"
            f" configured for the application '{client.client_id}'.",
        )
    tenants.check_app(tenant, client)
    return client


def _check_rest(asked: dict[str, str]) -> None:
    """Raises ``Refusal`` for what the app is told."""
    for name in ("response_type", "scope"):
        if name not in asked:
            raise missing(name)
    if asked["response_type"] != "code":
        kind = asked["response_type"]
        raise Refusal(
            "unsupported_response_type", 700051, f"response_type '{kind}' is not enabled for the application."
        )
    if asked.get("response_mode", "query") not in _MODES:
        raise Refusal("invalid_request", 90023, f"Unsupported 'response_mode' value: '{asked['response_mode']}'.")
    if asked.get("prompt", "none") not in _PROMPTS:
        raise Refusal("invalid_request", 90023, f"Unsupported 'prompt' value: '{asked['prompt']}'.")
    _, unknown = scopes.parse(asked["scope"])
    for scope in unknown:
        resource, _, name = scope.rpartition("/")
        if resource and f"{resource}/" != scopes.RESOURCE:
            text = f"The resource principal named {resource} was not found in the tenant."
            raise Refusal("invalid_resource", 500011, text)
        raise Refusal(
            "invalid_client",
            650053,
            f"The application '{asked['client_id']}' asked for scope '{name}' that doesn't exist on the resource"
            " '00000003-0000-0000-c000-000000000000'. Contact the app vendor.",
        )
    if "code_challenge" in asked:
        if asked.get("code_challenge_method", "plain") not in {"S256", "plain"}:
            raise Refusal("invalid_request", 90023, "Unsupported 'code_challenge_method' value.")
        if not codes.is_challenge(asked["code_challenge"]):
            raise Refusal("invalid_request", 50147, "The size of the code challenge parameter isn't valid.")


def _silently(
    store: Store, account: Account | None, client: Client, asked: dict[str, str], tenant: str
) -> dict[str, str]:
    """The answer to ``prompt=none``. Raises ``Refusal`` if the person would have to do something."""
    if account is None:
        raise Refusal("interaction_required", 16000, "Either multiple user identities are available or none was named.")
    tenants.check_account(tenant, client, account)
    if not is_settled(asked, grants.find(store, account, client.client_id)):
        text = f"The user has not consented to use the application with ID '{client.client_id}' named '{client.name}'."
        raise Refusal("consent_required", 65001, text)
    return allow(store, account, client, asked, frozenset(scopes.parse(asked["scope"])[0]))


async def authorize(request: Request) -> Response:
    """GET or POST /{tenant}/oauth2/v2.0/authorize."""
    store: Store = request.app.state.store
    now = store.now()
    try:
        asked = parameters.single(await request.form() if request.method == "POST" else request.query_params)
        tenant = tenants.find(store, request.path_params["tenant"])
        client = _check_app(store, tenant, asked)
    except parameters.Repeated as repeated:
        text = f"The request has more than one value for the parameter '{repeated.name}'."
        return Refusal("invalid_request", 9000411, text).page(request, now)
    except Refusal as refusal:
        return refusal.page(request, now)
    account = accounts.by_email(store, "microsoft", asked.get("login_hint", ""))
    try:
        _check_rest(asked)
        if asked.get("prompt") == "none":
            return send(asked, _silently(store, account, client, asked, tenant))
    except Refusal as refusal:
        return send(asked, refusal.answer(request, now))
    name = pending.remember(store, "microsoft", asked | {"tenant": tenant})
    if account is None or asked.get("prompt") == "select_account":
        return RedirectResponse(f"{CHOOSER}?{urlencode({'request': name})}", 302)
    return RedirectResponse(f"{CONSENT}?{urlencode({'request': name, 'account': account.email})}", 302)
