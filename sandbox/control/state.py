"""Control calls that only look: counts, messages, every token ever given out, what could not be loaded."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import accounts, seeding
from sandbox.control.answers import BadCall, named_account
from sandbox.oauth import grants, tokens
from sandbox.store import Store
from sandbox.vendors import VENDORS


async def state(request: Request) -> JSONResponse:
    """GET what every account holds and how many apps it has allowed something."""
    store: Store = request.app.state.store
    found = [
        {
            "provider": account.provider,
            "email": account.email,
            **VENDORS[account.provider].counts(store, account),
            "grants": len(grants.of_account(store, account)),
        }
        for account in accounts.all_of(store)
    ]
    return JSONResponse({"accounts": found})


async def messages(request: Request) -> JSONResponse:
    """GET the messages of one account."""
    store: Store = request.app.state.store
    query = request.query_params
    try:
        account = named_account(store, {"provider": query.get("provider"), "email": query.get("account")})
    except BadCall as error:
        return error.response()
    return JSONResponse(VENDORS[account.provider].messages(store, account))


async def issued(request: Request) -> JSONResponse:
    """GET every code and token ever given out."""
    return JSONResponse(tokens.every(request.app.state.store))


async def left_out(request: Request) -> JSONResponse:
    """GET what could not be loaded, and why."""
    return JSONResponse(seeding.left_out(request.app.state.store))


async def violations(request: Request) -> JSONResponse:
    """GET the requests that broke the vendors' contracts, null if the sandbox is not strict; DELETE forgets them."""
    book: list[dict[str, Any]] | None = request.app.state.violations
    answer = JSONResponse(book)
    if request.method == "DELETE" and book is not None:
        book.clear()
    return answer
