"""Gmail's changes where nobody can reach us: Google keeps them in a Pub/Sub subscription, and we fetch them.

Cloud Pub/Sub, projects.subscriptions.pull. A service account reads it, by a key file that the operator names: people's
own grants do not reach Pub/Sub.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.errors import PermanentFailure, RateLimited, TemporaryFailure, Unauthorized
from integrations.providers.abilities import Taken
from integrations.providers.google import push
from integrations.providers.google.errors import api_error, token_error
from integrations.providers.http import Request, Response, send
from integrations.records import Notice, Service

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/pubsub"
AT_ONCE = 100
_NAME = re.compile(r"projects/[^/\s]+/subscriptions/[^/\s:?#]+")


class PubsubSubscription:
    """A ``KeepsForUs``."""

    services = frozenset({Service.MAIL})

    def configured(self, endpoints: Mapping[str, str]) -> bool:
        return bool(endpoints.get("pubsub_topic") and endpoints.get("pubsub_subscription"))

    def take(self, endpoints: Mapping[str, str]) -> Taken:
        """What waits, without waiting for more. What is not ours is acknowledged as well, or would come for ever."""
        # A pull without it holds its worker until something happens; the next one is never far.
        asked = {"maxMessages": AT_ONCE, "returnImmediately": True}
        received = _call(endpoints, "pull", asked).get("receivedMessages") or ()
        notices: dict[Notice, None] = {}
        for one in received:
            notice = push.notice(one.get("message"))
            if notice is not None:
                notices[notice] = None
        return Taken(tuple(notices), tuple(str(one["ackId"]) for one in received))

    def acknowledge(self, endpoints: Mapping[str, str], receipts: Sequence[str]) -> None:
        _call(endpoints, "acknowledge", {"ackIds": list(receipts)})


def _call(endpoints: Mapping[str, str], method: str, asked: object) -> Mapping[str, Any]:
    name, key_file = endpoints["pubsub_subscription"], endpoints.get("pubsub_key_file", "")
    if not _NAME.fullmatch(name):
        raise PermanentFailure("The Pub/Sub subscription's name is not one.", code="subscription")
    headers = {"Authorization": f"Bearer {_token(key_file)}", "Accept": "application/json"}
    response = send(Request.with_json("POST", f"{endpoints['pubsub']}v1/{name}:{method}", asked, headers))
    if response.ok:
        found: Mapping[str, Any] = response.json()
        return found
    error = api_error(response)
    if isinstance(error, Unauthorized):
        _credentials.cache_clear()
    raise error


def _token(key_file: str) -> str:
    try:
        credentials = _credentials(key_file, Path(key_file).stat().st_mtime_ns)
    except (OSError, ValueError):
        text = "The key file of the service account that reads the Pub/Sub subscription cannot be used."
        raise PermanentFailure(text, code="key_file") from None
    if not credentials.valid:
        from integrations.providers.http.for_google_auth import GoogleAuthTransport

        credentials.refresh(GoogleAuthTransport(_check))  # type: ignore[no-untyped-call]
    return str(credentials.token)


@functools.lru_cache(maxsize=4)
def _credentials(key_file: str, changed: int) -> Credentials:
    """A key's credentials, read again when the file has ``changed``. Raises ``OSError`` or ``ValueError``."""
    from google.oauth2.service_account import Credentials  # heavy, and needed by few

    key = json.loads(Path(key_file).read_text("utf-8"))
    made: Credentials = Credentials.from_service_account_info(key, scopes=[SCOPE])  # type: ignore[no-untyped-call]
    return made


def _check(response: Response) -> None:
    if response.ok:
        return
    error = token_error(response)
    if isinstance(error, TemporaryFailure | RateLimited):
        raise error
    text = "Google refuses the key of the service account that reads the Pub/Sub subscription."
    raise PermanentFailure(text, code=error.code)
