"""Where a person looks at what apps may do, and takes it back: the page that each vendor keeps for that."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import accounts, clients, pages
from sandbox.accounts import Vendor
from sandbox.oauth import grants
from sandbox.store import Store


def _app(store: Store, provider: Vendor, path: str, email: str, grant: grants.Grant) -> str:
    client = clients.find(store, provider, grant.client_id)
    name = client.name if client else grant.client_id
    items = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(grant.scopes))
    fields = pages.hidden({"account": email, "client_id": grant.client_id})
    return (
        f'<h3>{escape(name)}</h3><ul class="scopes">{items}</ul><form method="post" action="{path}">{fields}'
        f'<button aria-label="Remove access of {escape(name)} to {escape(email)}">Remove access</button></form>'
    )


def routes(provider: Vendor, path: str) -> list[BaseRoute]:
    """The page of one vendor at ``path``, and the form on it."""

    async def show(request: Request) -> Response:
        store: Store = request.app.state.store
        parts: list[str] = []
        for account in accounts.all_of(store, provider):
            held = grants.of_account(store, account)
            apps = "".join(_app(store, provider, path, account.email, grant) for grant in held)
            parts.append(f"<section><h2>{escape(account.email)}</h2>{apps or '<p>No app has access.</p>'}</section>")
        return pages.page("Apps with access", "".join(parts) or "<p>There is no account here yet.</p>")

    async def remove(request: Request) -> Response:
        store: Store = request.app.state.store
        form = await request.form()
        account = accounts.by_email(store, provider, str(form.get("account", "")))
        if account is not None:
            grants.revoke(store, account.id, str(form.get("client_id", "")))
        return RedirectResponse(path, 303)

    return [Route(path, show, methods=["GET"]), Route(path, remove, methods=["POST"])]
