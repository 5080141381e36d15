"""The sandbox's front page: who lives here and where things are."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response

from sandbox import accounts, pages
from sandbox.oauth import grants
from sandbox.store import Store
from sandbox.vendors import VENDORS

_LINKS = {
    "/_sandbox/state": "State of all accounts",
    "/_sandbox/": "Drills: let something go wrong",
    "/_sandbox/clients": "Registered apps",
    "/_sandbox/left-out": "What could not be loaded",
    "/google/permissions": "Apps with access to Google accounts",
    "/microsoft/consent": "Apps with access to Microsoft accounts",
}


async def index(request: Request) -> Response:
    """GET the page."""
    store: Store = request.app.state.store
    rows = ""
    for account in accounts.all_of(store):
        held = VENDORS[account.provider].counts(store, account)
        numbers = (held["messages"], held["events"], held["contacts"], len(grants.of_account(store, account)))
        cells = "".join(f"<td>{number:,}</td>" for number in numbers)
        rows += f'<tr><th scope="row">{escape(account.email)}</th><td>{account.provider.title()}</td>{cells}</tr>'
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Account", "At", "Messages", "Events", "Contacts", "Grants")
    )
    table = (
        '<div class="wide" role="region" aria-label="Accounts" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    links = "".join(f'<li><a href="{address}">{words}</a></li>' for address, words in _LINKS.items())
    body = (
        table if rows else "<p>There is no account here yet.</p>"
    ) + f'<nav aria-label="Pages"><ul>{links}</ul></nav>'
    return pages.page("A local Google and Microsoft", body)
