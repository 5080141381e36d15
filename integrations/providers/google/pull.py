"""Gmail's changes where nobody can reach us: Google keeps them in a Pub/Sub subscription, and we fetch them.

Cloud Pub/Sub, projects.subscriptions.pull. A service account reads it, by a key that the operator gives, or a file with
one: people's own grants do not reach Pub/Sub.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.errors import PermanentFailure, RateLimited, TemporaryFailure, Unauthorized
from integrations.providers.abilities import Subscription, Taken
from integrations.providers.google import push
from integrations.providers.google.errors import api_error, token_error
from integrations.providers.http import Request, Response, send
from integrations.records import Notice, Service

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials

SCOPE = "https://www.googleapis.com/auth/pubsub"
AT_ONCE = 100
NAME = re.compile(r"projects/[^/\s]+/subscriptions/[^/\s:?#]+")


class PubsubSubscription:
    """A ``KeepsForUs``."""

    services = frozenset({Service.MAIL})

    def configured(self, endpoints: Mapping[str, str]) -> bool:
        return bool(endpoints.get("pubsub_topic") and endpoints.get("pubsub_subscription"))

    def take(self, subscription: Subscription) -> Taken:
        """What waits, without waiting for more. What is not ours is acknowledged as well, or would come for ever."""
        # A pull without it holds its worker until something happens; the next one is never far.
        asked = {"maxMessages": AT_ONCE, "returnImmediately": True}
        received = _call(subscription, "pull", asked).get("receivedMessages") or ()
        notices: dict[Notice, None] = {}
        for one in received:
            notice = push.notice(one.get("message"))
            if notice is not None:
                notices[notice] = None
        return Taken(tuple(notices), tuple(str(one["ackId"]) for one in received))

    def acknowledge(self, subscription: Subscription, receipts: Sequence[str]) -> None:
        _call(subscription, "acknowledge", {"ackIds": list(receipts)})


def read_key(text: str) -> str:
    """A service account's key as the console gives it. Raises ``PermanentFailure`` for anything else."""
    try:
        _credentials(text)
    except (ValueError, TypeError, AttributeError):
        raise PermanentFailure("This is not the JSON key of a service account.", code="key_file") from None
    return text


def _call(subscription: Subscription, method: str, asked: object) -> Mapping[str, Any]:
    endpoints = subscription.endpoints
    name = endpoints["pubsub_subscription"]
    if not NAME.fullmatch(name):
        raise PermanentFailure("The Pub/Sub subscription's name is not one.", code="subscription")
    headers = {"Authorization": f"Bearer {_token(subscription)}", "Accept": "application/json"}
    response = send(Request.with_json("POST", f"{endpoints['pubsub']}v1/{name}:{method}", asked, headers))
    if response.ok:
        found: Mapping[str, Any] = response.json()
        return found
    error = api_error(response)
    if isinstance(error, Unauthorized):
        _credentials.cache_clear()
    raise error


def _token(subscription: Subscription) -> str:
    try:
        key_file = subscription.endpoints.get("pubsub_key_file", "")
        credentials = _credentials(subscription.key or Path(key_file).read_text("utf-8"))
    except (OSError, ValueError, TypeError, AttributeError):
        text = "The key of the service account that reads the Pub/Sub subscription cannot be used."
        raise PermanentFailure(text, code="key_file") from None
    if not credentials.valid:
        from integrations.providers.http.for_google_auth import GoogleAuthTransport

        credentials.refresh(GoogleAuthTransport(_check))  # type: ignore[no-untyped-call]
    return str(credentials.token)


@functools.lru_cache(maxsize=4)
def _credentials(key: str) -> Credentials:
    """A key's credentials, with their token. Raises ``ValueError`` and its like for what is no key."""
    from google.oauth2.service_account import Credentials  # heavy, and needed by few

    made: Credentials = Credentials.from_service_account_info(json.loads(key), scopes=[SCOPE])  # type: ignore[no-untyped-call]
    return made


def _check(response: Response) -> None:
    if response.ok:
        return
    error = token_error(response)
    if isinstance(error, TemporaryFailure | RateLimited):
        raise error
    text = "Google refuses the key of the service account that reads the Pub/Sub subscription."
    raise PermanentFailure(text, code=error.code)
