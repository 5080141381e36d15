"""Connecting without a session of ours: for servers without a screen, from the command line.

The same scopes, PKCE, state, nonce, verification and checks as in the browser; only who carries the answer here
differs. An attempt is kept in a file of the home until it is completed, for at most ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings

from accounts.models import User
from integrations.connect import capture
from integrations.connect.flow import CodeClient, token_set
from integrations.connect.request import ConnectRequest, owned
from integrations.errors import MisconfiguredApp, PermanentFailure
from integrations.models import Connection, OAuthApp
from integrations.providers.base import registry
from integrations.records import Service

LIFE_SECONDS = 600
# What an answer that was copied wrongly is refused with; the attempt goes on, and another answer may be right.
WRONG_ANSWERS = ("state", "code", "invalid_grant")
_WORDS = {
    "invalid_client": "The provider does not accept this app's secret.",
    "invalid_grant": "This answer is not whole, was used already, or is too old. Copy it again, or begin again.",
    "redirect_uri_mismatch": "The redirect address is not registered for this app.",
    "access_denied": "It was cancelled at the provider. Nothing was stored.",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to connect an account of ``user_id``. The verifier and the nonce bind the answer to it."""

    provider: str
    app_id: str
    user_id: str
    services: tuple[str, ...]
    redirect_uri: str
    scopes: tuple[str, ...]
    reconnect: str = ""
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    begun: float = field(default_factory=time.time)

    def address(self) -> str:
        """Where the person goes to consent."""
        spec, app = registry[self.provider], OAuthApp.objects.get(pk=self.app_id)
        pinned = Connection.objects.filter(pk=self.reconnect).first() if self.reconnect else None
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "client_id": app.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.scopes),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **spec.oauth.authorize_params(reconnect_email=pinned.email if pinned else None, offline=True),
        }
        return f"{app.resolved_endpoints()['authorize']}?{urlencode(asked)}"


def begin(
    user: User,
    app: OAuthApp,
    services: frozenset[Service],
    redirect_uri: str,
    *,
    reconnect: Connection | None = None,
    extra_scopes: tuple[str, ...] = (),
) -> Attempt:
    """A new attempt, kept until it is completed; an earlier one of the same user and provider is void."""
    scopes = (*registry[app.provider].scopes_for(services), *extra_scopes)
    pinned = str(reconnect.pk) if reconnect else ""
    named = tuple(sorted(services))
    attempt = Attempt(app.provider, str(app.pk), str(user.pk), named, redirect_uri, scopes, pinned)
    path = _path(user, app.provider)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(attempt)), "utf-8")
    return attempt


def pending(user: User, provider_id: str) -> Attempt:
    """The attempt that waits for its answer. Raises ``PermanentFailure`` where none does."""
    path = _path(user, provider_id)
    try:
        given: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        given = {}
    if not given or time.time() - float(given["begun"]) > LIFE_SECONDS:
        path.unlink(missing_ok=True)
        raise PermanentFailure("No attempt waits for an answer: begin without --code, then finish within ten minutes.")
    return Attempt(**{**given, "services": tuple(given["services"]), "scopes": tuple(given["scopes"])})


def complete(user: User, attempt: Attempt, answer: str) -> Connection:
    """Finish an attempt with the whole address that the browser was sent to, or with the code in it alone.

    A state in it must be the attempt's; a bare code is bound to it by PKCE and the nonce. Raises ``capture.Refused``
    and ``integrations.errors``, with nothing stored.
    """
    code = _code(attempt, answer.strip())
    _path(user, attempt.provider).unlink(missing_ok=True)  # a code works once
    spec, app = registry[attempt.provider], OAuthApp.objects.get(pk=attempt.app_id)
    credentials = app.credentials()
    client = CodeClient(
        None,
        credentials.client_id,
        credentials.client_secret,
        "POST",
        credentials.address("token"),
        attempt.redirect_uri,
    )
    try:
        tokens = client.get_access_token(code, attempt.verifier)
    except OAuth2Error as error:
        raise _refusal(str(error)) from None
    identity = spec.oauth.identify(
        credentials, tokens["id_token"], nonce=attempt.nonce, access_token=tokens["access_token"]
    )
    services = frozenset(map(Service, attempt.services))
    pinned = owned(user.pk, spec.id, attempt.reconnect) if attempt.reconnect else None
    wish = ConnectRequest(True, services, attempt.nonce, pinned)
    granted = token_set(tokens, frozenset(attempt.scopes))
    return capture.keep_grant(user, capture.Capture(spec, app, wish, identity, granted))


def _code(attempt: Attempt, answer: str) -> str:
    query = parse_qs(urlsplit(answer).query) if "://" in answer else {"code": [answer], "state": [attempt.state]}
    if not query:
        raise _no_code()
    state = query.get("state", [""])[0]
    if not hmac.compare_digest(state.encode(), attempt.state.encode()):
        raise PermanentFailure("This answer belongs to another attempt. Nothing was stored.", code="state")
    if "error" in query:
        raise _refusal(query["error"][0])
    if not query.get("code", [""])[0]:
        raise _no_code()
    return query["code"][0]


def _no_code() -> PermanentFailure:
    return PermanentFailure("There is no code in this address. Paste it whole.", code="code")


def _refusal(code: str) -> PermanentFailure | MisconfiguredApp:
    said = _WORDS.get(code, f"The provider did not accept it ({code[:100]}). Nothing was stored.")
    kind = MisconfiguredApp if code in ("invalid_client", "redirect_uri_mismatch") else PermanentFailure
    return kind(said, code=code)


def _path(user: User, provider_id: str) -> Path:
    return Path(settings.HOME) / "tmp" / f"connect-{provider_id}-{user.pk}.json"
