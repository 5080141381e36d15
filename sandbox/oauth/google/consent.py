"""What a person sees and decides at Google: the account, then the scopes one by one; then the answer to the app.

A request that got here was found good by ``authorize``. When consent is asked again, and what makes a refresh token
come with the code, follows developers.google.com/identity/protocols/oauth2/web-server ("access_type", "prompt",
"include_granted_scopes", granular permissions).
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import accounts, clients, faults, pages
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import codes, grants, pending
from sandbox.oauth.google import scopes
from sandbox.oauth.google.errors import PageError
from sandbox.store import Store

CHOOSER = "/google/signin/accounts"
CONSENT = "/google/signin/consent"
_EXPIRED = "This page has been open for too long. Go back to the app and begin again."


def is_settled(asked: dict[str, str], grant: grants.Grant | None) -> bool:
    """Whether everything asked for was allowed earlier, so that no consent page is shown."""
    if grant is None or "consent" in asked.get("prompt", "").split():
        return False
    if asked.get("access_type") == "offline" and not grant.offline:
        return False
    return grant.scopes.issuperset(scopes.parse(asked["scope"])[0])


def send(asked: dict[str, str], answer: dict[str, str]) -> RedirectResponse:
    """The answer to the app, with its state, at the address it named."""
    if "state" in asked:
        answer = {"state": asked["state"]} | answer
    parts = urlsplit(asked["redirect_uri"])
    query = "&".join(filter(None, (parts.query, urlencode(answer))))
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 302)


def allow(
    store: Store, account: Account, client: Client, asked: dict[str, str], granted: frozenset[str]
) -> dict[str, str]:
    """Record what was allowed and give out a code for it. Answers the parameters of the redirect.

    A refresh token comes with the first offline consent, and after that only with ``prompt=consent``.
    """
    known = grants.find(store, account, client.client_id)
    with store.write():
        grant = grants.allow(store, account, client.client_id, granted)
        offline = asked.get("access_type") == "offline"
        again = "consent" in asked.get("prompt", "").split()
        order = codes.Order(
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            method=asked.get("code_challenge_method", "plain"),
            nonce=asked.get("nonce", ""),
            scopes=grant.scopes if asked.get("include_granted_scopes") == "true" else granted,
            refreshable=offline and (again or known is None or not known.offline),
        )
        code = codes.issue(store, f"4/0A{secrets.token_urlsafe(52)}", account, client, order)
        if order.refreshable:
            grants.mark_offline(store, grant)
    return {
        "code": code,
        "scope": " ".join(sorted(order.scopes)),
        "authuser": "0",
        "prompt": "consent" if not is_settled(asked, known) else "none",
    }


def _recall(request: Request, name: str) -> tuple[dict[str, str], Client]:
    store: Store = request.app.state.store
    asked = pending.recall(store, "google", name)
    client = clients.find(store, "google", asked["client_id"]) if asked else None
    if asked is None or client is None:
        raise PageError("invalid_request", _EXPIRED)
    return asked, client


def _account(store: Store, email: str) -> Account:
    account = accounts.by_email(store, "google", email)
    if account is None:
        raise PageError("invalid_request", "This account does not exist.")
    return account


def _heed_policy(store: Store, client: Client, account: Account) -> None:
    """Raises what an administrator has decided, where a drill says that one has."""
    if faults.take(store, "google-oauth", "admin-policy"):
        domain = account.email.partition("@")[2]
        text = f"{client.name} has been blocked by the administrator of {domain}: access to a scope is restricted."
        raise PageError("admin_policy_enforced", text)
    if faults.take(store, "google-oauth", "org-internal"):
        text = f"{client.name} is restricted to users within its organization."
        raise PageError("org_internal", text, 403)


async def choose(request: Request) -> Response:
    """GET the account chooser."""
    store: Store = request.app.state.store
    name = request.query_params.get("request", "")
    try:
        asked, client = _recall(request, name)
    except PageError as error:
        return error.response()
    emails = [account.email for account in accounts.all_of(store, "google")]
    return pages.chooser("Google", client.name, CONSENT, {"request": name}, emails, asked["redirect_uri"])


async def ask(request: Request) -> Response:
    """GET the consent page, or the answer at once if nothing new is asked for."""
    store: Store = request.app.state.store
    name = request.query_params.get("request", "")
    try:
        asked, client = _recall(request, name)
        account = _account(store, request.query_params.get("account", ""))
        _heed_policy(store, client, account)
    except PageError as error:
        return error.response()
    wanted = scopes.parse(asked["scope"])[0]
    if is_settled(asked, grants.find(store, account, client.client_id)):
        return send(asked, allow(store, account, client, asked, frozenset(wanted)))
    permissions = [pages.Permission(one, scopes.CATALOGUE[one], one in scopes.IDENTITY) for one in wanted]
    fields = {"request": name, "account": account.email}
    another = f"{CHOOSER}?{urlencode({'request': name})}"
    return pages.consent(client.name, account.email, CONSENT, fields, permissions, another, asked["redirect_uri"])


async def decide(request: Request) -> Response:
    """POST the person's decision."""
    store: Store = request.app.state.store
    form = await request.form()
    try:
        asked, client = _recall(request, str(form.get("request", "")))
        account = _account(store, str(form.get("account", "")))
    except PageError as error:
        return error.response()
    ticked = {str(scope) for scope in form.getlist("scope")}
    wanted = scopes.parse(asked["scope"])[0]
    granted = frozenset(one for one in wanted if one in ticked or one in scopes.IDENTITY)
    if form.get("decision") != "allow" or not granted:
        return send(asked, {"error": "access_denied"})
    return send(asked, allow(store, account, client, asked, granted))
