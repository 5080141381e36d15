"""Photos of Google's contacts, from the addresses that people's entries give.

Whoever knows such an address sees the picture (People API, "Person: Photo"), so no token goes there; and since it is
taken from an answer, it may lead to Google's hosts of pictures only.
"""

from __future__ import annotations

from integrations.errors import PermanentFailure
from integrations.providers.google.errors import api_error
from integrations.providers.http import Request, same_origin, send
from integrations.providers.http.addresses import origin

_PICTURES = ".googleusercontent.com"


def fetch(address: str, root: str, max_bytes: int) -> bytes:
    """What is at the address, on a host of Google's or beside the API at ``root``. Raises ``integrations.errors``."""
    if not (_is_googles(address) or same_origin(address, root)):
        raise PermanentFailure(
            "Google's answer links to a foreign address, which is not followed.", code="foreign_link"
        )
    response = send(Request("GET", address, headers={"Accept": "image/*"}, max_bytes=max_bytes))
    if not response.ok:
        raise api_error(response)
    return response.body


def _is_googles(address: str) -> bool:
    found = origin(address)
    return found is not None and found[0] == "https" and found[1].endswith(_PICTURES) and found[2] == 443
