"""Errors that carry policy: what the caller must do, not what went wrong on the wire.

Every answer of a provider maps to exactly one of these, in one place per provider (``errors.py`` in its folder). The
texts are for people and never contain a token. Retrying is the engine's business, not the raiser's.
"""

from __future__ import annotations


class IntegrationError(Exception):
    """The base.

    ``explanation`` is a plain sentence for the user; ``code`` is the vendor's own, for those who want it.
    """

    def __init__(self, explanation: str, *, code: str = "") -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.code = code


class ReconnectRequired(IntegrationError):
    """The grant is dead: stop this connection's schedule and ask its owner to reconnect."""


class MisconfiguredApp(IntegrationError):
    """The operator's OAuth app is wrong (secret expired, disabled): one alert for the app, not one per user."""


class ScopeMissing(IntegrationError):
    """The grant lives but does not cover this: switch the feature off and say which permission is missing."""


class Unauthorized(IntegrationError):
    """An API refused the access token (401): refresh once and try again, then ``ReconnectRequired``."""


class CursorExpired(IntegrationError):
    """The cursor is too old: walk this collection in full, then remove what was not seen."""


class RateLimited(IntegrationError):
    """Wait ``retry_after`` seconds before the next call for this connection."""

    def __init__(self, explanation: str, *, retry_after: float, code: str = "") -> None:
        super().__init__(explanation, code=code)
        self.retry_after = retry_after


class QuotaUsedUp(RateLimited):
    """One service has nothing left to ask for until its quota comes back, in hours: the others go on."""


class TemporaryFailure(IntegrationError):
    """Try again later with backoff and jitter.

    ``sent`` is False only when the request surely did not reach the provider.
    """

    def __init__(self, explanation: str, *, code: str = "", sent: bool = True) -> None:
        super().__init__(explanation, code=code)
        self.sent = sent


class Conflict(IntegrationError):
    """The item changed at the provider meanwhile: fetch it again and decide."""


class NotFound(IntegrationError):
    """The item is gone at the provider."""


class PermanentFailure(IntegrationError):
    """Trying again will not help; the explanation says why."""
