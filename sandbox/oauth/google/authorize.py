"""Google's authorisation endpoint: checks a request and brings the person to the account chooser or the consent page.

Whatever is wrong with a request is shown on a page; only the person's own answer goes back to the app. What happens on
the pages is left to ``consent``. Source: developers.google.com/identity/protocols/oauth2/web-server.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import accounts, clients
from sandbox.accounts import Account
from sandbox.oauth import codes, grants, parameters, pending
from sandbox.oauth.google import scopes
from sandbox.oauth.google.consent import CHOOSER, CONSENT, allow, is_settled, send
from sandbox.oauth.google.errors import PageError
from sandbox.store import Store

_PROMPTS = {"none", "consent", "select_account"}


def check(store: Store, asked: dict[str, str]) -> clients.Client:
    """The app that asks. Raises ``PageError`` for everything that Google does not accept."""
    for name in ("client_id", "redirect_uri"):
        if name not in asked:
            raise PageError("invalid_request", f"Missing required parameter: {name}")
    client = clients.find(store, "google", asked["client_id"])
    if client is None:
        raise PageError("invalid_client", "The OAuth client was not found.", 401)
    if not client.knows(asked["redirect_uri"]):
        raise PageError(
            "redirect_uri_mismatch",
            "The address that the app wants the answer sent to is not registered for it.",
            redirect_uri=asked["redirect_uri"],
        )
    if "response_type" not in asked:
        raise PageError("invalid_request", "Required parameter is missing: response_type")
    if asked["response_type"] != "code":
        raise PageError("unsupported_response_type", "Only the authorisation code flow is offered here.")
    _check_scope(asked.get("scope", ""))
    _check_options(asked)
    return client


def _check_scope(text: str) -> None:
    known, unknown = scopes.parse(text)
    if not text.strip():
        raise PageError("invalid_request", "Missing required parameter: scope")
    if unknown:
        raise PageError(
            "invalid_scope",
            f"Some requested scopes were invalid. {{valid=[{', '.join(known)}], invalid=[{', '.join(unknown)}]}}",
        )


def _check_options(asked: dict[str, str]) -> None:
    for name, allowed in (("access_type", {"online", "offline"}), ("include_granted_scopes", {"true", "false"})):
        if asked.get(name, "") not in allowed | {""}:
            raise PageError("invalid_request", f"Invalid parameter value for {name}: '{asked[name]}'")
    prompts = set(asked.get("prompt", "").split())
    if prompts - _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise PageError("invalid_request", f"Invalid parameter value for prompt: '{asked['prompt']}'")
    if "code_challenge" not in asked:
        if "code_challenge_method" in asked:
            raise PageError("invalid_request", "Parameter not allowed for this message type: code_challenge_method")
    elif asked.get("code_challenge_method", "plain") not in {"S256", "plain"}:
        raise PageError("invalid_request", "Invalid parameter value for code_challenge_method")
    elif not codes.is_challenge(asked["code_challenge"]):
        raise PageError("invalid_request", "Invalid parameter value for code_challenge")


def _hinted(store: Store, hint: str) -> Account | None:
    """The account that ``login_hint`` names, by address or by subject."""
    found = accounts.by_email(store, "google", hint)
    return found or next((one for one in accounts.all_of(store, "google") if one.subject == hint), None)


async def authorize(request: Request) -> Response:
    """GET or POST /o/oauth2/v2/auth."""
    store: Store = request.app.state.store
    try:
        given = await request.form() if request.method == "POST" else request.query_params
        asked = parameters.single(given)
        client = check(store, asked)
    except parameters.Repeated as repeated:
        error = PageError("invalid_request", f"OAuth 2 parameters can only have a single value: {repeated.name}")
        return error.response()
    except PageError as error:
        return error.response()
    prompts = set(asked.get("prompt", "").split())
    account = _hinted(store, asked.get("login_hint", ""))
    if "none" in prompts:
        if account is None or not is_settled(asked, grants.find(store, account, client.client_id)):
            return send(asked, {"error": "interaction_required"})
        return send(asked, allow(store, account, client, asked, frozenset(scopes.parse(asked["scope"])[0])))
    name = pending.remember(store, "google", asked)
    if account is None or "select_account" in prompts:
        return RedirectResponse(f"{CHOOSER}?{urlencode({'request': name})}", 302)
    return RedirectResponse(f"{CONSENT}?{urlencode({'request': name, 'account': account.email})}", 302)
