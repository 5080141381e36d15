"""What control calls have in common: reading a JSON object, and saying plainly what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import accounts
from sandbox.accounts import Account
from sandbox.store import Store
from sandbox.vendors import VENDORS


class BadCall(Exception):
    """A control call that makes no sense; the message says why."""

    def response(self) -> JSONResponse:
        """The answer with status 400."""
        return JSONResponse({"error": str(self)}, 400)


async def read(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Raises ``BadCall``."""
    text = await request.body()
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise BadCall("The body is not JSON.") from error
    if not isinstance(value, dict):
        raise BadCall("The body is not a JSON object.")
    return value


def named_account(store: Store, call: dict[str, Any]) -> Account:
    """The account that ``provider`` and ``email`` name. Raises ``BadCall``."""
    account = accounts.by_email(store, str(call.get("provider", "")), str(call.get("email", "")))
    if account is None:
        raise BadCall(f"There is no account {call.get('email')!r} at {call.get('provider')!r}.")
    return account


def provider_of(call: dict[str, Any]) -> str:
    """The vendor that a call names. Raises ``BadCall``."""
    if call.get("provider") not in VENDORS:
        raise BadCall("provider is google or microsoft.")
    return str(call["provider"])


def concerned(store: Store, call: dict[str, Any]) -> list[Account]:
    """The account that is named, all of the vendor that is named, or all. Raises ``BadCall``."""
    if "email" in call:
        return [named_account(store, call)]
    return accounts.all_of(store, provider_of(call) if "provider" in call else None)


def number(call: dict[str, Any], name: str, default: float | None = None) -> float:
    """A field that is a number and not negative. Raises ``BadCall``."""
    value = call.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise BadCall(f"{name} is a number and not negative.")
    return value
