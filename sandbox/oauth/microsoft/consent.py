"""What a person sees and decides at Microsoft: the account, then the permissions; then the answer to the app.

A request that got here was found good by ``authorize``. Unlike Microsoft, which asks for all or nothing, the sandbox
lets single Graph permissions be unticked, so that what an app does with a part of them can be tried.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox import accounts, clients, pages
from sandbox.accounts import Account
from sandbox.clients import Client
from sandbox.oauth import codes, grants, pending
from sandbox.oauth.microsoft import scopes, tenants
from sandbox.oauth.microsoft.errors import Refusal
from sandbox.store import Store

CHOOSER = "/microsoft/signin/accounts"
CONSENT = "/microsoft/signin/consent"


def is_settled(asked: dict[str, str], grant: grants.Grant | None) -> bool:
    """Whether everything asked for was allowed earlier, so that no consent page is shown."""
    if grant is None or asked.get("prompt") == "consent":
        return False
    return grant.scopes.issuperset(set(scopes.parse(asked["scope"])[0]) - {scopes.DEFAULT})


def send(asked: dict[str, str], answer: dict[str, str]) -> Response:
    """The answer to the app, with its state, in the mode it asked for (query, fragment, or a form that is posted)."""
    if "state" in asked:
        answer = answer | {"state": asked["state"]}
    address, mode = asked["redirect_uri"], asked.get("response_mode", "query")
    if mode == "form_post":
        return pages.hand_over(address, answer)
    parts = urlsplit(address)
    if mode == "fragment":
        return RedirectResponse(urlunsplit(parts._replace(fragment=urlencode(answer))), 302)
    query = "&".join(filter(None, (parts.query, urlencode(answer))))
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 302)


def client_info(account: Account) -> str:
    """What msal reads to tell accounts apart, if it asked by ``client_info=1``."""
    text = json.dumps({"uid": account.subject, "utid": tenants.of_account(account)})
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def allow(
    store: Store, account: Account, client: Client, asked: dict[str, str], granted: frozenset[str]
) -> dict[str, str]:
    """Record what was allowed and give out a code for it. Answers the parameters of the redirect."""
    with store.write():
        grant = grants.allow(store, account, client.client_id, granted - {scopes.DEFAULT})
        order = codes.Order(
            redirect_uri=asked["redirect_uri"],
            challenge=asked.get("code_challenge", ""),
            method=asked.get("code_challenge_method", "plain"),
            nonce=asked.get("nonce", ""),
            scopes=grant.scopes if scopes.DEFAULT in granted else granted,
            refreshable="offline_access" in granted,
        )
        front = "M.C545_SN1.2.U." if tenants.is_personal(account) else "1.AX0A"
        code = codes.issue(store, f"{front}{secrets.token_urlsafe(300)}", account, client, order)
    answer = {"code": code, "session_state": str(uuid.uuid4())}
    return answer | ({"client_info": client_info(account)} if asked.get("client_info") == "1" else {})


def _recall(store: Store, name: str) -> tuple[dict[str, str], Client]:
    asked = pending.recall(store, "microsoft", name)
    client = clients.find(store, "microsoft", asked["client_id"]) if asked else None
    if asked is None or client is None:
        raise Refusal("invalid_request", 50089, "Flow token expired. Go back to the app and begin again.")
    return asked, client


def _account(store: Store, email: str, asked: dict[str, str], client: Client) -> Account:
    account = accounts.by_email(store, "microsoft", email)
    if account is None:
        raise Refusal("invalid_request", 50034, f"The user account {email} does not exist in the directory.")
    tenants.check_account(asked["tenant"], client, account)
    return account


async def choose(request: Request) -> Response:
    """GET the account chooser."""
    store: Store = request.app.state.store
    name = request.query_params.get("request", "")
    try:
        asked, client = _recall(store, name)
    except Refusal as refusal:
        return refusal.page(request, store.now())
    emails = [account.email for account in accounts.all_of(store, "microsoft")]
    return pages.chooser("Microsoft", client.name, CONSENT, {"request": name}, emails, asked["redirect_uri"])


async def ask(request: Request) -> Response:
    """GET the consent page, or the answer at once if nothing new is asked for."""
    store: Store = request.app.state.store
    name = request.query_params.get("request", "")
    try:
        asked, client = _recall(store, name)
        account = _account(store, request.query_params.get("account", ""), asked, client)
    except Refusal as refusal:
        return refusal.page(request, store.now())
    wanted = scopes.parse(asked["scope"])[0]
    if is_settled(asked, grants.find(store, account, client.client_id)):
        return send(asked, allow(store, account, client, asked, frozenset(wanted)))
    listed = [one for one in wanted if one != scopes.DEFAULT]
    permissions = [pages.Permission(one, scopes.CATALOGUE[one], one in scopes.OPENID) for one in listed]
    fields = {"request": name, "account": account.email}
    another = f"{CHOOSER}?{urlencode({'request': name})}"
    return pages.consent(client.name, account.email, CONSENT, fields, permissions, another, asked["redirect_uri"])


async def decide(request: Request) -> Response:
    """POST the person's decision."""
    store: Store = request.app.state.store
    form = await request.form()
    try:
        asked, client = _recall(store, str(form.get("request", "")))
        account = _account(store, str(form.get("account", "")), asked, client)
    except Refusal as refusal:
        return refusal.page(request, store.now())
    if form.get("decision") != "allow":
        declined = Refusal("access_denied", 65004, "User declined to consent to access the app.")
        return send(asked, declined.answer(request, store.now()))
    ticked = {str(scope) for scope in form.getlist("scope")}
    fixed = scopes.OPENID.keys() | {scopes.DEFAULT}
    granted = frozenset(one for one in scopes.parse(asked["scope"])[0] if one in ticked or one in fixed)
    return send(asked, allow(store, account, client, asked, granted))
