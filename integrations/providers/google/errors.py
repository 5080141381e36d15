"""What each of Google's answers means for us: the one place where they become ``integrations.errors``.

Google puts several meanings on one status (403 is a limit, a missing scope or a policy), so the reason in the body
decides, and the status only where no reason is known (Gmail API, "Resolve errors"; Calendar API, "Handle API errors").
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integrations.errors import (
    Conflict,
    CursorExpired,
    IntegrationError,
    MisconfiguredApp,
    NotFound,
    PermanentFailure,
    QuotaUsedUp,
    RateLimited,
    ReconnectRequired,
    ScopeMissing,
    TemporaryFailure,
    Unauthorized,
)
from integrations.providers.http import Response

PAUSE_SECONDS = 30.0
# How long Calendar's own limits last is not published; they are said to end within a few hours.
LONG_PAUSE_SECONDS = 3600.0
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_SCOPES = frozenset({"insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
DISABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_APP = DISABLED | {"projectNotLinked", "CONSUMER_INVALID", "API_KEY_INVALID"}
_CURSORS = frozenset({"fullSyncRequired", "updatedMinTooLongAgo", "EXPIRED_SYNC_TOKEN"})
_ADMIN = frozenset({"domainPolicy", "admin_policy_enforced", "org_internal"})


def api_error(response: Response, cursor_statuses: frozenset[int] = frozenset()) -> IntegrationError:
    """The error that an API's refusal is. By ``cursor_statuses`` this call says that its cursor is too old."""
    error = _error(response.error_json())
    reason = _reason(error)
    code = reason or str(response.status)
    if reason in _CURSORS or response.status in cursor_statuses:
        return CursorExpired("Google no longer knows where the last sync ended.", code=code)
    if response.status == 401:
        return Unauthorized("Google did not accept the access token.", code=code)
    if reason in _SCOPES:
        return ScopeMissing("Google says that a permission for this is missing.", code=code)
    if reason in _APP:
        return MisconfiguredApp("An API that OsMEN needs is not switched on in the Google Cloud project.", code=code)
    if reason in _ADMIN:
        return PermanentFailure("The administrator of this Google account does not allow it.", code=code)
    if reason == "dailyLimitExceeded" or _is_of_a_day(error):
        return QuotaUsedUp(
            "Google's limit for today is used up.", retry_after=until_midnight(datetime.now(UTC)), code=code
        )
    if reason == "quotaExceeded":
        return QuotaUsedUp("Google's limit for this account is used up.", retry_after=LONG_PAUSE_SECONDS, code=code)
    if reason in _LIMITS or response.status == 429 or error.get("status") == "RESOURCE_EXHAUSTED":
        return RateLimited("Google asks us to slow down.", retry_after=_pause(response), code=code)
    return _by_status(response, code, str(error.get("message", "")))


def token_error(response: Response) -> IntegrationError:
    """The error that a refusal of the token or revocation endpoint is (RFC 6749, 5.2, with Google's own codes)."""
    body = response.error_json()
    code = str(body.get("error", ""))
    if response.status == 429:
        return RateLimited("Google asks us to slow down.", retry_after=_pause(response), code=code)
    if code in _ADMIN:
        return ReconnectRequired("The administrator of this Google account has withdrawn OsMEN's access.", code=code)
    if code in ("invalid_grant", "access_denied"):
        return ReconnectRequired("Google has ended OsMEN's access to this account.", code=code)
    if code in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client"):
        return MisconfiguredApp("Google does not accept this installation's OAuth app.", code=code)
    if code in ("invalid_request", "invalid_scope", "unsupported_grant_type"):
        return PermanentFailure("Google does not understand our request for a token.", code=code)
    # What is left are failures of Google's and of whatever stands between us, such as a hotel's sign-in page.
    return TemporaryFailure("Google's sign-in service has a problem.", code=code or str(response.status))


def _error(body: Mapping[str, Any]) -> Mapping[str, Any]:
    error = body.get("error")
    return error if isinstance(error, dict) else {}


def _reason(error: Mapping[str, Any]) -> str:
    """The newer ErrorInfo's reason, else the first of the older list."""
    for key in ("details", "errors"):
        for entry in error.get(key) or ():
            if isinstance(entry, dict) and entry.get("reason"):
                return str(entry["reason"])
    return ""


def _is_of_a_day(error: Mapping[str, Any]) -> bool:
    """Whether an ErrorInfo names a quota of the day, whose reason is that of a rate limit as well."""
    infos = (entry.get("metadata") for entry in error.get("details") or () if isinstance(entry, dict))
    return any(isinstance(info, dict) and str(info.get("quota_unit", "")).startswith("1/d/") for info in infos)


def _by_status(response: Response, code: str, message: str) -> IntegrationError:
    status = response.status
    if status in (404, 410):
        return NotFound("This is gone at Google.", code=code)
    if status in (409, 412):
        return Conflict("This has changed at Google meanwhile.", code=code)
    if status == 408 or status >= 500:
        return TemporaryFailure("Google has a problem.", code=code)
    if "etag" in message and "FAILED_PRECONDITION" in (_error(response.error_json()).get("status"), code):
        # People API, people.updateContact: no 412, but this, for a contact that changed since it was read.
        return Conflict("This has changed at Google meanwhile.", code="etag")
    if code == "failedPrecondition":
        return PermanentFailure("Google says that this service is not enabled for the account.", code=code)
    said = message.strip().rstrip(".")[:200]
    return PermanentFailure(f"Google refused this: {said}." if said else f"Google refused this ({status}).", code=code)


def _pause(response: Response) -> float:
    waiting = response.retry_after()
    return PAUSE_SECONDS if waiting is None else max(waiting, 1.0)


def until_midnight(now: datetime) -> float:
    """Seconds to the next midnight in California, when Google's daily limits start anew."""
    zone = ZoneInfo("America/Los_Angeles")
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).date()
    return (datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone) - now).total_seconds()
