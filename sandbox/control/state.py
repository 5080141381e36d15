"""Control calls that only look: counts, messages, tokens and calls, what could not be loaded, what broke a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import accounts, seeding
from sandbox.control.answers import BadCall, named_account
from sandbox.heard import Memory
from sandbox.oauth import grants, tokens
from sandbox.store import Store
from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from sandbox.strict.book import Book


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


async def calls(request: Request) -> JSONResponse:
    """GET what was asked of the vendors after the call number ``since``, as far as it is remembered."""
    store: Store = request.app.state.store
    memory: Memory = request.app.state.memory
    try:
        since = int(request.query_params.get("since", "0"))
    except ValueError:
        return BadCall("since is the number of a call.").response()
    found = []
    for one in [one for one in memory.calls if one.number > since]:
        token = tokens.access_token(store, one.token) if one.token else None
        told = {name: getattr(one, name) for name in ("number", "at", "verb", "path", "status", "inside")}
        found.append(told | {"account": token.email if token else ""})
    return JSONResponse(found)


async def left_out(request: Request) -> JSONResponse:
    """GET what could not be loaded, and why."""
    return JSONResponse(seeding.left_out(request.app.state.store))


async def violations(request: Request) -> JSONResponse:
    """GET the requests that broke the vendors' contracts, null if the sandbox is not strict; DELETE forgets them."""
    book: Book | None = request.app.state.violations
    answer = JSONResponse(None if book is None else book.entries)
    if request.method == "DELETE" and book is not None:
        book.clear()
    return answer
