"""What the vendors' own pages say about an app, in the forms in which they say it outside of the sandbox."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from integrations.errors import MisconfiguredApp, ScopeMissing, TemporaryFailure
from integrations.providers.base import AppCredentials
from integrations.providers.google.guide import GoogleGuide, _page_error
from integrations.providers.guides import Check, Place, Verdict, clock
from integrations.providers.http import Response
from integrations.providers.microsoft.guide import MicrosoftGuide, _number
from integrations.records import Service

PLACE = Place("https://osmen.example.org/accounts/google/login/callback/", "", ("openid",), frozenset(Service))
GOOGLE = AppCredentials("123456789012-abc.apps.googleusercontent.com", "secret", {})
MICROSOFT = AppCredentials("11111111-2222-3333-4444-555555555555", "secret", {}, "organizations")


def page(status: int, body: str = "", **headers: str) -> Response:
    return Response(status, headers, body.encode())


def told(error: str) -> str:
    """The address of Google's error page, which has the error packed in its query."""
    packed = (
        base64.urlsafe_b64encode(b"\n\x15" + error.encode() + b"\x12\xb0\x01You can't sign in").rstrip(b"=").decode()
    )
    return f"https://accounts.google.com/signin/oauth/error?authError={packed}&client_id=x"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (page(302, location=told("redirect_uri_mismatch")), "redirect_uri_mismatch"),
        (page(302, location=told("org_internal")), "org_internal"),
        (page(302, location=told("something_new")), "authError"),
        (page(302, location="https://accounts.google.com/v3/signin/identifier?continue=x"), ""),
        (page(302, location="https://osmen.example.org/callback/?error=interaction_required"), ""),
        (page(400, "<title>Error 400: invalid_request</title>"), "invalid_request"),
        (page(502, "<title>Bad gateway</title>"), "502"),
        (page(200, "<title>Sign in</title>"), ""),
    ],
)
def test_googles_page_is_read_in_each_of_its_forms(answer: Response, error: str) -> None:
    assert _page_error(answer) == error


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (page(200, '$Config={"sErrorCode":"50011","strServiceExceptionMessage":"…"}'), 50011),
        (page(200, "AADSTS700016: Application with identifier …"), 700016),
        (page(400, '{"error":"invalid_client","error_codes":[7000222]}'), 7000222),
        (page(302, location="https://osmen.example.org/?error=x&error_description=AADSTS50194%3A"), 50194),
        (page(200, "<title>Sign in to your account</title>"), 0),
    ],
)
def test_microsofts_number_is_found_in_each_of_its_forms(answer: Response, number: int) -> None:
    assert _number(answer) == number


def test_errors_of_calls_say_which_part_of_the_setup_is_meant() -> None:
    google, microsoft = GoogleGuide(), MicrosoftGuide()
    assert google.check_of(MisconfiguredApp("", code="SERVICE_DISABLED")) is Check.API
    assert google.check_of(MisconfiguredApp("", code="invalid_client")) is Check.SECRET
    assert microsoft.check_of(MisconfiguredApp("", code="unauthorized_client, AADSTS700016")) is Check.AUDIENCE
    assert microsoft.check_of(MisconfiguredApp("", code="invalid_client, AADSTS999999")) is Check.SECRET
    for guide in (google, microsoft):
        assert guide.check_of(ScopeMissing("")) is Check.SCOPE
        assert guide.check_of(TemporaryFailure("")) is None


@pytest.mark.parametrize("check", list(Check))
def test_every_check_has_a_page_of_this_very_app(check: Check) -> None:
    for guide, app in ((GoogleGuide(), GOOGLE), (MicrosoftGuide(), MICROSOFT)):
        mend = guide.mend(check, app, PLACE, Service.MAIL)
        assert mend.page.startswith("https://") and mend.page_name
        assert "123456789012" in mend.page or MICROSOFT.client_id in mend.page


@pytest.mark.parametrize(
    ("minute", "verdict", "words"),
    [(0, Verdict.OK, "agrees"), (2, Verdict.WRONG, "ahead"), (-600, Verdict.WRONG, "10 hours behind")],
)
def test_a_clock_is_compared_with_the_vendors(minute: int, verdict: Verdict, words: str) -> None:
    now = datetime.fromtimestamp(1_764_000_000 + minute * 60, UTC)
    answer = page(200, date="Mon, 24 Nov 2025 16:00:00 GMT")
    found = clock(answer, "Google", now)
    assert found is not None and found.verdict is verdict and words in found.text
    assert clock(page(200), "Google") is None and clock(page(200, date="now"), "Google") is None
