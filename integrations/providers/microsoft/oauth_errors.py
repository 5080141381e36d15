"""What the sign-in service's refusals mean.

The ``error`` field decides; the AADSTS numbers may change, so they only pick the words (Microsoft identity platform,
"authentication and authorization error codes"). Graph's own errors are left to ``errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.errors import (
    IntegrationError,
    MisconfiguredApp,
    PermanentFailure,
    RateLimited,
    ReconnectRequired,
    TemporaryFailure,
)

LOOP, LOOP_WAIT = 50196, 3600.0

_RECONNECT = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_APP = frozenset({"invalid_client", "unauthorized_client"})
_LATER = frozenset({"temporarily_unavailable", "server_error"})

BECAUSE = {
    16000: "This account is not known to the organisation that the app is registered for.",
    50020: "This account is not known to the organisation that the app is registered for.",
    50057: "This Microsoft account is disabled.",
    50072: "Microsoft wants to check that it is you: multi-factor authentication must be set up.",
    50074: "Microsoft wants to check that it is you, by multi-factor authentication.",
    50076: "Microsoft wants to check that it is you, by multi-factor authentication.",
    50078: "Microsoft wants to check that it is you again, by multi-factor authentication.",
    50079: "Microsoft wants to check that it is you: multi-factor authentication must be set up.",
    50105: "The organisation's administrator has not assigned this app to this account.",
    50158: "The organisation asks for a further check at sign-in.",
    50173: "Access was revoked, perhaps because the password was reset.",
    50194: "The app is registered for one organisation only: its tenant must be set.",
    53000: "The organisation allows sign-in from managed devices only.",
    53003: "The organisation's access rules blocked the sign-in.",
    65001: "The app no longer has your consent.",
    65004: "Consent was declined.",
    70008: "Access expired, because it was not used for a long time.",
    70043: "Access expired, because the organisation asks for a new sign-in regularly.",
    700082: "Access expired, because it was not used for a long time.",
    700016: "The app is not registered in this organisation.",
    7000215: "The app's client secret is wrong.",
    7000222: "The app's client secret has expired.",
}


def failure(answer: Mapping[str, Any]) -> IntegrationError:
    """The one error that a token endpoint's refusal means."""
    error = str(answer.get("error") or "")
    numbers = [int(n) for n in answer.get("error_codes") or () if str(n).isdigit()]
    code = ", ".join([error, *(f"AADSTS{n}" for n in numbers)])
    because = next((BECAUSE[n] for n in numbers if n in BECAUSE), "")
    if LOOP in numbers:
        return RateLimited("Microsoft was asked for access too often.", retry_after=LOOP_WAIT, code=code)
    if error in _RECONNECT:
        return ReconnectRequired(because or "Microsoft no longer accepts the stored permission.", code=code)
    if error in _APP:
        return MisconfiguredApp(because or "Microsoft does not accept the app's registration or its secret.", code=code)
    if error in _LATER:
        return TemporaryFailure("Microsoft's sign-in service has a problem at the moment.", code=code)
    return PermanentFailure(because or "Microsoft refused to renew the access.", code=code)
