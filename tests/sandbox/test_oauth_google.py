"""Google's authorisation server as apps meet it: consent, codes, tokens, refresh, revocation."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.sandbox.conftest import CALLBACK, Sandbox
from tests.sandbox.forms import buttons

ADA = "ada@gmail.example"
BEN = "ben@gmail.example"
CALENDAR = "https://www.googleapis.com/auth/calendar"
GMAIL = "https://www.googleapis.com/auth/gmail.modify"
CONTACTS = "https://www.googleapis.com/auth/contacts"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
OFFLINE = {"access_type": "offline", "prompt": "consent"}
DAY = 86400


@pytest.fixture
def google(sandbox: Sandbox) -> Sandbox:
    sandbox.seed(accounts=[{"provider": "google", "email": email, "name": "Ada Byron"} for email in (ADA, BEN)])
    return sandbox


def test_a_connection_gets_everything_it_asked_for(google: Sandbox) -> None:
    arrived = google.decide("google", ADA, state="a b&c", **OFFLINE)
    assert arrived["state"] == "a b&c"
    body = google.exchange("google", arrived["code"]).json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3599)
    assert set(body["scope"].split()) >= {GMAIL, CALENDAR, "https://www.googleapis.com/auth/userinfo.email"}
    assert "refresh_token_expires_in" not in body
    refreshed = google.refresh("google", body["refresh_token"]).json()
    assert "refresh_token" not in refreshed
    assert refreshed["access_token"] != body["access_token"]
    assert google.state(ADA)["grants"] == 1


def test_the_chooser_has_one_button_per_account(google: Sandbox) -> None:
    page = google.ask("google")
    assert buttons(page.text) == [("account", ADA), ("account", BEN)]
    assert "form-action 'self' http://localhost:8000" in page.headers["content-security-policy"]
    assert "Choose an account" in google.ask("google", login_hint=ADA, prompt="select_account").text
    assert "wants access" in google.ask("google", login_hint=ADA).text


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"redirect_uri": CALLBACK.format("google").rstrip("/")}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": CALLBACK.format("google") + "?x=1"}, 400, "redirect_uri_mismatch"),
        ({"response_type": ""}, 400, "invalid_request"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"scope": "openid https://www.googleapis.com/auth/nothing"}, 400, "invalid_scope"),
        ({"access_type": "always"}, 400, "invalid_request"),
        ({"prompt": "none consent"}, 400, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, 400, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, 400, "invalid_request"),
        ({"code_challenge_method": "S256"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_is_an_error_page(google: Sandbox, changes: dict[str, str], status: int, error: str) -> None:
    page = google.ask("google", **changes)
    assert page.status_code == status
    assert f"Error {status}: {error}" in page.text


def test_a_parameter_sent_twice_is_refused(google: Sandbox) -> None:
    page = google.get("/google/o/oauth2/v2/auth?client_id=a&client_id=b")
    assert page.status_code == 400
    assert "can only have a single value: client_id" in page.text


def test_cancel_tells_the_app(google: Sandbox) -> None:
    assert google.decide("google", ADA, "cancel") == {"state": "s-1", "error": "access_denied"}
    assert google.state(ADA)["grants"] == 0


def test_unticked_scopes_are_not_granted_and_identity_cannot_be_unticked(google: Sandbox) -> None:
    page = google.ask("google", login_hint=ADA)
    assert page.text.count("checked disabled") == 3
    arrived = google.decide("google", ADA, untick=(CALENDAR, CONTACTS), **OFFLINE)
    body = google.exchange("google", arrived["code"]).json()
    assert GMAIL in body["scope"].split()
    assert CALENDAR not in body["scope"].split()
    nothing = google.decide("google", BEN, untick=(CALENDAR,), scope=CALENDAR)
    assert nothing["error"] == "access_denied"


def test_a_refresh_token_comes_with_the_first_offline_consent_and_later_only_on_demand(google: Sandbox) -> None:
    def connect(**parameters: str) -> dict[str, str]:
        code = google.decide("google", ADA, **parameters)["code"]
        body: dict[str, str] = google.exchange("google", code).json()
        return body

    assert "refresh_token" not in connect()
    assert "refresh_token" in connect(access_type="offline")
    assert "refresh_token" not in connect(access_type="offline")
    assert "refresh_token" in connect(access_type="offline", prompt="consent")


def test_consent_is_not_asked_twice_for_the_same(google: Sandbox) -> None:
    google.decide("google", ADA)
    assert google.ask("google", login_hint=ADA).is_redirect
    assert "wants access" in google.ask("google", login_hint=ADA, prompt="consent").text
    assert "code=" in google.ask("google", login_hint=ADA, prompt="none").headers["location"]
    assert "error=interaction_required" in google.ask("google", login_hint=BEN, prompt="none").headers["location"]


def test_include_granted_scopes_adds_what_was_allowed_before(google: Sandbox) -> None:
    google.connect("google", ADA, f"openid {GMAIL}")
    alone = google.connect("google", ADA, f"openid {CALENDAR}")
    assert GMAIL not in alone["scope"].split()
    together = google.connect("google", ADA, f"openid {CALENDAR}", include_granted_scopes="true")
    assert set(together["scope"].split()) == {"openid", GMAIL, CALENDAR}


def test_a_code_is_good_once_for_ten_minutes_for_whom_it_was_given(google: Sandbox) -> None:
    def fresh() -> str:
        return google.decide("google", ADA, **OFFLINE)["code"]

    code = fresh()
    elsewhere = google.exchange("google", code, redirect_uri="http://localhost:8000/other/")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "redirect_uri_mismatch")
    assert google.exchange("google", code).status_code == 200
    again = google.exchange("google", code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert google.exchange("google", "4/0Anothing").json()["error_description"] == "Malformed auth code."
    google.post("/_sandbox/clients", json={"provider": "google", "client_id": "other", "client_secret": "x"})
    foreign = google.exchange("google", fresh(), client_id="other", client_secret="x")
    assert foreign.json()["error"] == "invalid_grant"
    old = fresh()
    google.drill("advance-clock", seconds=601)
    assert google.exchange("google", old).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("challenge", "method", "verifier", "good"),
    [
        (CHALLENGE, "S256", VERIFIER, True),
        (CHALLENGE, "S256", "w" * 64, False),
        (CHALLENGE, "S256", "", False),
        (VERIFIER, "plain", VERIFIER, True),
        (VERIFIER, "", VERIFIER, True),
        ("", "", VERIFIER, False),
    ],
)
def test_the_verifier_must_fit_the_challenge(
    google: Sandbox, challenge: str, method: str, verifier: str, good: bool
) -> None:
    asked = {"code_challenge": challenge, "code_challenge_method": method}
    code = google.decide("google", ADA, "allow", (), **asked)["code"]
    answer = google.exchange("google", code, code_verifier=verifier)
    assert answer.status_code == (200 if good else 400)
    assert good or answer.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 400, "invalid_request"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"refresh_token": "1//0nothing"}, 400, "invalid_grant"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, 400, "invalid_scope"),
    ],
)
def test_a_wrong_token_request_is_refused(google: Sandbox, changes: dict[str, str], status: int, error: str) -> None:
    body = google.connect("google", ADA)
    answer = google.refresh("google", **{"refresh_token": body["refresh_token"]} | changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_credentials_may_come_in_the_basic_header(google: Sandbox) -> None:
    body = google.connect("google", ADA)
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    credentials = ("sandbox-google", "sandbox-google-secret")
    assert google.post("/google/token", data=form, auth=credentials).status_code == 200


def test_revoking_one_token_ends_the_whole_grant(google: Sandbox) -> None:
    first, second = google.connect("google", ADA), google.connect("google", ADA)
    other = google.connect("google", BEN)
    assert google.post("/google/revoke", data={"token": first["access_token"]}).status_code == 200
    for body in (first, second):
        dead = google.refresh("google", body["refresh_token"])
        assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
        assert google.userinfo(body["access_token"]).status_code == 401
    assert google.refresh("google", other["refresh_token"]).status_code == 200
    again = google.post("/google/revoke", data={"token": first["access_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")
    assert google.state(ADA)["grants"] == 0


def test_the_101st_refresh_token_ends_the_first(google: Sandbox) -> None:
    issued = [google.connect("google", ADA, "openid " + GMAIL)["refresh_token"] for _ in range(100)]
    assert google.refresh("google", issued[0]).status_code == 200
    google.connect("google", ADA)
    assert google.refresh("google", issued[0]).json()["error"] == "invalid_grant"
    assert google.refresh("google", issued[1]).status_code == 200


def test_testing_mode_ends_refresh_tokens_after_seven_days(google: Sandbox) -> None:
    google.post("/_sandbox/clients", json={"provider": "google", "client_id": "sandbox-google", "testing": True})
    limited = google.connect("google", ADA)
    assert limited["refresh_token_expires_in"] == 7 * DAY - 1
    identity = google.connect("google", BEN, "openid email")
    assert "refresh_token_expires_in" not in identity
    google.drill("advance-clock", seconds=7 * DAY)
    assert google.refresh("google", limited["refresh_token"]).json()["error"] == "invalid_grant"
    assert google.refresh("google", identity["refresh_token"]).status_code == 200


def test_six_months_without_use_end_a_refresh_token(google: Sandbox) -> None:
    used, unused = google.connect("google", ADA), google.connect("google", BEN)
    for _ in range(2):
        google.drill("advance-clock", seconds=100 * DAY)
        assert google.refresh("google", used["refresh_token"]).status_code == 200
    assert google.refresh("google", unused["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_new_password_ends_tokens_that_carry_mail_scopes(google: Sandbox) -> None:
    mail, calendar = google.connect("google", ADA, f"openid {GMAIL}"), google.connect("google", ADA, CALENDAR)
    google.drill("change-password", provider="google", email=ADA)
    assert google.refresh("google", mail["refresh_token"]).json()["error"] == "invalid_grant"
    assert google.refresh("google", calendar["refresh_token"]).status_code == 200


def test_access_tokens_last_an_hour(google: Sandbox) -> None:
    token = google.connect("google", ADA)["access_token"]
    assert google.userinfo(token).json()["email"] == ADA
    google.drill("advance-clock", seconds=3600)
    assert google.userinfo(token).status_code == 401


def test_people_see_and_end_grants_on_the_vendors_page(google: Sandbox) -> None:
    body = google.connect("google", ADA)
    assert f"Remove access of OsMEN to {ADA}" in google.get("/google/permissions").text
    google.post("/google/permissions", data={"account": ADA, "client_id": "sandbox-google"})
    assert "Remove access" not in google.get("/google/permissions").text
    assert google.refresh("google", body["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_desktop_app_may_listen_on_any_loopback_port(google: Sandbox) -> None:
    client = {"provider": "google", "client_id": "desk", "client_secret": "s", "kind": "desktop"}
    google.post("/_sandbox/clients", json=client | {"redirect_uris": ["http://127.0.0.1/"]})
    page = google.ask("google", client_id="desk", redirect_uri="http://127.0.0.1:51234/")
    assert "Choose an account" in page.text
    assert google.ask("google", client_id="desk", redirect_uri="http://10.0.0.1:51234/").status_code == 400
