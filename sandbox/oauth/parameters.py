"""Parameters of OAuth requests: each at most once, and the app's credentials from the body or the Basic header."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request


class Repeated(Exception):
    """A parameter was sent twice (RFC 6749, 3.1). ``name`` tells which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def single(values: QueryParams | FormData) -> dict[str, str]:
    """The parameters as a dictionary, without empty ones (RFC 6749, 3.1). Raises ``Repeated``."""
    found: dict[str, str] = {}
    for name, value in values.multi_items():
        if name in found:
            raise Repeated(name)
        if isinstance(value, str) and value:
            found[name] = value
    return found


async def form(request: Request) -> dict[str, str]:
    """The parameters of a form that was posted, with the credentials of a Basic header (RFC 6749, 2.3.1) among them."""
    found = single(await request.form())
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return found
        found.update(client_id=unquote_plus(name), client_secret=unquote_plus(secret))
    return found
