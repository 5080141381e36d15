"""Each of Google's refusals becomes exactly one of our errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

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
from integrations.providers.google.errors import api_error, token_error, until_midnight
from integrations.providers.http import Response


def refusal(status: int, reason: str = "", *, details: str = "", grpc: str = "", message: str = "No.") -> Response:
    error: dict[str, Any] = {"code": status, "message": message, "status": grpc}
    if reason:
        error["errors"] = [{"domain": "global", "reason": reason, "message": message}]
    if details:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": details}]
    return Response(status, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (refusal(401, "authError"), Unauthorized),
        (refusal(403, "rateLimitExceeded"), RateLimited),
        (refusal(403, "userRateLimitExceeded"), RateLimited),
        (refusal(403, "quotaExceeded"), QuotaUsedUp),
        (refusal(403, "dailyLimitExceeded"), QuotaUsedUp),
        (refusal(429), RateLimited),
        (refusal(403, grpc="RESOURCE_EXHAUSTED"), RateLimited),
        (refusal(403, "insufficientPermissions"), ScopeMissing),
        (refusal(403, details="ACCESS_TOKEN_SCOPE_INSUFFICIENT", grpc="PERMISSION_DENIED"), ScopeMissing),
        (refusal(403, "accessNotConfigured"), MisconfiguredApp),
        (refusal(403, "forbidden", details="SERVICE_DISABLED"), MisconfiguredApp),
        (refusal(403, "domainPolicy"), PermanentFailure),
        (refusal(403, "forbidden"), PermanentFailure),
        (refusal(400, "failedPrecondition"), PermanentFailure),
        (refusal(400, "invalidArgument"), PermanentFailure),
        (refusal(404, "notFound"), NotFound),
        (refusal(410, "deleted"), NotFound),
        (refusal(410, "fullSyncRequired"), CursorExpired),
        (refusal(410, "updatedMinTooLongAgo"), CursorExpired),
        (refusal(400, details="EXPIRED_SYNC_TOKEN"), CursorExpired),
        (refusal(409, "duplicate"), Conflict),
        (refusal(412, "conditionNotMet"), Conflict),
        (refusal(500, "backendError"), TemporaryFailure),
        (refusal(503), TemporaryFailure),
        (Response(502, {}, b"<html>Bad gateway</html>"), TemporaryFailure),
        (Response(418, {}, b""), PermanentFailure),
        (Response(403, {}, b'{"error": "text"}'), PermanentFailure),
    ],
)
def test_api_refusals(response: Response, kind: type[IntegrationError]) -> None:
    assert type(api_error(response)) is kind


def test_the_statuses_that_end_a_cursor_are_the_call_s() -> None:
    assert isinstance(api_error(refusal(404, "notFound"), frozenset({404})), CursorExpired)
    assert isinstance(api_error(refusal(403, "rateLimitExceeded"), frozenset({404})), RateLimited)


def test_waits_are_google_s_where_it_says_so() -> None:
    slow = api_error(Response(429, {"retry-after": "17"}, b"{}"))
    assert isinstance(slow, RateLimited) and slow.retry_after == 17
    unsaid = api_error(refusal(429))
    assert isinstance(unsaid, RateLimited) and unsaid.retry_after >= 1


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("1/d/{project}", QuotaUsedUp), ("1/d/{project}/{user}", QuotaUsedUp), ("1/min/{project}", RateLimited)],
)
def test_a_quota_of_the_day_is_known_by_its_unit(unit: str, kind: type[IntegrationError]) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}
    body = {
        "error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [info | {"metadata": {"quota_unit": unit}}]}
    }
    error = api_error(Response(429, {}, json.dumps(body).encode()))
    assert type(error) is kind
    if isinstance(error, QuotaUsedUp):
        assert error.retry_after == pytest.approx(until_midnight(datetime.now(UTC)), abs=5)


def test_daily_limits_end_at_midnight_in_california() -> None:
    assert until_midnight(datetime(2026, 1, 10, 7, 30, tzinfo=UTC)) == 1800
    assert until_midnight(datetime(2026, 7, 10, 7, 0, tzinfo=UTC)) == 24 * 3600


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, ReconnectRequired),
        (400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, ReconnectRequired),
        (400, {"error": "admin_policy_enforced"}, ReconnectRequired),
        (401, {"error": "invalid_client"}, MisconfiguredApp),
        (401, {"error": "deleted_client"}, MisconfiguredApp),
        (401, {"error": "unauthorized_client"}, MisconfiguredApp),
        (400, {"error": "invalid_scope"}, PermanentFailure),
        (429, {"error": "rate_limit_exceeded"}, RateLimited),
        (500, {"error": "internal_failure"}, TemporaryFailure),
        (503, {}, TemporaryFailure),
        (403, "<html>the hotel's sign-in page</html>", TemporaryFailure),
    ],
)
def test_token_refusals(status: int, body: object, kind: type[IntegrationError]) -> None:
    assert type(token_error(Response(status, {}, json.dumps(body).encode()))) is kind
