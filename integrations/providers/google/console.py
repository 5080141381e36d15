"""The file of an OAuth client that the Google Cloud console offers for download."""

from __future__ import annotations

import json
from typing import Any

from integrations.errors import PermanentFailure
from integrations.providers.base import RegisteredClient

CLIENT_ID_FORM = r"\d+-[0-9a-z]+\.apps\.googleusercontent\.com"
CLIENT_ID_HINT = "it ends in .apps.googleusercontent.com"


def read_client(text: str) -> RegisteredClient:
    """The client in the file's text. Raises ``PermanentFailure`` for a file of another kind, saying what it is."""
    try:
        given: Any = json.loads(text)
    except ValueError:
        raise PermanentFailure("This file is not JSON.", code="file") from None
    if not isinstance(given, dict):
        given = {}
    if given.get("type") == "service_account":
        raise PermanentFailure(
            "This is a service account's key. Download the JSON of an OAuth client ID instead.", code="service_account"
        )
    kind = next((kind for kind in ("web", "installed") if isinstance(given.get(kind), dict)), "")
    inner = given[kind] if kind else {}
    if not inner.get("client_id") or not inner.get("client_secret"):
        raise PermanentFailure(
            "This is not the JSON of an OAuth client: below “web” or “installed” it needs client_id and client_secret.",
            code="file",
        )
    uris = tuple(str(uri) for uri in inner.get("redirect_uris") or ())
    client_id, secret = str(inner["client_id"]), str(inner["client_secret"])
    return RegisteredClient(client_id, secret, desktop=kind == "installed", redirect_uris=uris)
