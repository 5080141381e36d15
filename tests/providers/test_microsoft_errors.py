"""What Graph's and the sign-in service's refusals mean."""

from __future__ import annotations

import json

import pytest

from integrations.errors import (
    Conflict,
    CursorExpired,
    IntegrationError,
    MisconfiguredApp,
    NotFound,
    PermanentFailure,
    RateLimited,
    ReconnectRequired,
    ScopeMissing,
    TemporaryFailure,
    Unauthorized,
)
from integrations.providers.http import Response
from integrations.providers.microsoft import errors, oauth_errors


def answer(status: int, code: str = "", inner: str = "", **headers: str) -> Response:
    error: dict[str, object] = {"code": code, "message": "Why."}
    if inner:
        error["innerError"] = {"code": inner, "request-id": "r"}
    body = json.dumps({"error": error}).encode() if code else b"<html>"
    return Response(status, headers, body)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(401, "InvalidAuthenticationToken"), Unauthorized),
        (answer(403, "ErrorAccessDenied"), ScopeMissing),
        (answer(403, "accessDenied"), ScopeMissing),
        (answer(403), ScopeMissing),
        (answer(403, "ErrorSendAsDenied"), PermanentFailure),
        (answer(404, "ErrorItemNotFound"), NotFound),
        (answer(404, "itemNotFound"), NotFound),
        (answer(404), NotFound),
        (answer(404, "MailboxNotEnabledForRESTAPI"), PermanentFailure),
        (answer(400, "SyncStateNotFound"), CursorExpired),
        (answer(404, "syncStateNotFound"), CursorExpired),
        (answer(400, "badRequest", inner="resyncRequired"), CursorExpired),
        (answer(410), CursorExpired),
        (answer(409, "ErrorIrresolvableConflict"), Conflict),
        (answer(412, "ErrorIrresolvableConflict"), Conflict),
        (answer(429, "TooManyRequests"), RateLimited),
        (answer(503, "ServiceUnavailable", **{"retry-after": "3"}), RateLimited),
        (answer(503), TemporaryFailure),
        (answer(504, "UnknownError"), TemporaryFailure),
        (answer(500), TemporaryFailure),
        (answer(424, "FailedDependency"), TemporaryFailure),
        (answer(507, "ErrorQuotaExceeded"), PermanentFailure),
        (answer(400, "ErrorInvalidRequest"), PermanentFailure),
        (answer(302), PermanentFailure),
    ],
)
def test_graph(response: Response, kind: type[IntegrationError]) -> None:
    assert type(errors.failure(response)) is kind


def test_waiting_times_may_be_fractions_or_missing() -> None:
    said = errors.failure(answer(429, "TooManyRequests", **{"retry-after": "2.128"}))
    unsaid = errors.failure(answer(429, "TooManyRequests"))
    assert isinstance(said, RateLimited)
    assert isinstance(unsaid, RateLimited)
    assert (said.retry_after, unsaid.retry_after) == (2.128, errors.DEFAULT_WAIT)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"error": "text"}', b'{"error": {"code": 7, "innerError": []}}', b'{"error": null}']
)
def test_any_body_is_answered(body: bytes) -> None:
    assert type(errors.failure(Response(400, {}, body))) is PermanentFailure


@pytest.mark.parametrize(
    ("error", "numbers", "kind"),
    [
        ("invalid_grant", [700082], ReconnectRequired),
        ("invalid_grant", [], ReconnectRequired),
        ("interaction_required", [50076], ReconnectRequired),
        ("consent_required", [65001], ReconnectRequired),
        ("invalid_client", [7000222], MisconfiguredApp),
        ("unauthorized_client", [700016], MisconfiguredApp),
        ("invalid_scope", [70011], PermanentFailure),
        ("invalid_request", [90014], PermanentFailure),
        ("temporarily_unavailable", [90006], TemporaryFailure),
        ("server_error", [], TemporaryFailure),
        ("invalid_grant", [50196], RateLimited),
        ("something_new", [1], PermanentFailure),
    ],
)
def test_the_sign_in_service(error: str, numbers: list[int], kind: type[IntegrationError]) -> None:
    """The error decides; a number alone never does, but for the one that says that we loop."""
    found = oauth_errors.failure({"error": error, "error_description": "AADSTS0: secret text", "error_codes": numbers})
    assert type(found) is kind
    assert "secret text" not in str(found)
    assert found.explanation
