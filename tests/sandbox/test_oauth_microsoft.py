"""Microsoft's authorisation server as apps meet it: tenants, consent, codes, rotating tokens, AADSTS answers."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.conftest import CALLBACK, FULL, Sandbox
from tests.sandbox.forms import buttons

ADA = "ada@outlook.example"
WORK = "ada@contoso.example"
TENANT = "3f0c4a5e-5f57-4c3a-9d7e-0f6f1c2b7a11"
OTHER = "77777777-5f57-4c3a-9d7e-0f6f1c2b7a11"
DAY = 86400
GRAPH = "https://graph.microsoft.com/"


@pytest.fixture
def microsoft(sandbox: Sandbox) -> Sandbox:
    sandbox.seed(
        accounts=[
            {"provider": "microsoft", "email": ADA, "name": "Ada Byron"},
            {"provider": "microsoft", "email": WORK, "name": "Ada Byron", "tenant": TENANT},
        ]
    )
    return sandbox


def refused(answer: requests.Response, error: str, number: int, status: int = 400) -> None:
    """The whole shape of a refusal by the token endpoint."""
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert f"Trace ID: {body['trace_id']} Correlation ID: {body['correlation_id']}" in body["error_description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", body["timestamp"])


def test_a_connection_gets_everything_it_asked_for(microsoft: Sandbox) -> None:
    arrived = microsoft.decide("microsoft", ADA, state="a b&c")
    assert arrived["state"] == "a b&c"
    assert arrived["session_state"]
    body = microsoft.exchange("microsoft", arrived["code"]).json()
    assert (body["token_type"], body["expires_in"], body["ext_expires_in"]) == ("Bearer", 3599, 3599)
    assert set(body["scope"].split()) == set(FULL["microsoft"].split()) - {"offline_access"}
    assert microsoft.state(ADA)["grants"] == 1


def test_scopes_may_carry_the_resource_and_do_so_in_answers_to_work_accounts(microsoft: Sandbox) -> None:
    body = microsoft.connect("microsoft", WORK, f"openid {GRAPH}mail.read User.Read")
    assert body["scope"] == f"openid {GRAPH}Mail.Read {GRAPH}User.Read"
    assert "refresh_token" not in body
    personal = microsoft.connect("microsoft", ADA, f"offline_access {GRAPH}Mail.Read")
    assert personal["scope"] == "Mail.Read"
    assert "id_token" not in personal


def test_the_chooser_has_one_button_per_account(microsoft: Sandbox) -> None:
    assert buttons(microsoft.ask("microsoft").text) == [("account", ADA), ("account", WORK)]
    assert "wants access" in microsoft.ask("microsoft", login_hint=ADA).text
    assert "Choose an account" in microsoft.ask("microsoft", login_hint=ADA, prompt="select_account").text


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"client_id": "nobody"}, 700016),
        ({"client_id": ""}, 900144),
        ({"redirect_uri": ""}, 900144),
        ({"redirect_uri": CALLBACK.format("microsoft") + "x"}, 50011),
    ],
)
def test_an_unknown_app_or_address_is_an_error_page(microsoft: Sandbox, changes: dict[str, str], number: int) -> None:
    page = microsoft.ask("microsoft", **changes)
    assert page.status_code == 400
    assert f"AADSTS{number}" in page.text


@pytest.mark.parametrize(
    ("changes", "error", "number"),
    [
        ({"response_type": ""}, "invalid_request", 900144),
        ({"response_type": "token"}, "unsupported_response_type", 700051),
        ({"scope": ""}, "invalid_request", 900144),
        ({"scope": "Mail.Everything"}, "invalid_client", 650053),
        ({"scope": "https://outlook.office.com/Mail.Read"}, "invalid_resource", 500011),
        ({"prompt": "maybe"}, "invalid_request", 90023),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request", 50147),
        ({"prompt": "none"}, "interaction_required", 16000),
        ({"prompt": "none", "login_hint": ADA}, "consent_required", 65001),
    ],
)
def test_other_mistakes_are_told_to_the_app(
    microsoft: Sandbox, changes: dict[str, str], error: str, number: int
) -> None:
    answer = microsoft.ask("microsoft", **changes)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert told["error"] == [error]
    assert told["error_description"][0].startswith(f"AADSTS{number}: ")
    assert told["state"] == ["s-1"]


def test_cancel_tells_the_app(microsoft: Sandbox) -> None:
    told = microsoft.decide("microsoft", ADA, "cancel")
    assert told["error"] == "access_denied"
    assert told["error_description"].startswith("AADSTS65004: User declined to consent")


def test_answers_come_in_the_mode_that_was_asked_for(microsoft: Sandbox) -> None:
    microsoft.decide("microsoft", ADA)
    fragment = microsoft.ask("microsoft", login_hint=ADA, response_mode="fragment")
    assert "#code=" in fragment.headers["location"]
    form = microsoft.ask("microsoft", login_hint=ADA, response_mode="form_post")
    assert f'action="{CALLBACK.format("microsoft")}"' in form.text
    assert 'name="code"' in form.text


def test_unticked_scopes_are_not_granted(microsoft: Sandbox) -> None:
    code = microsoft.decide("microsoft", ADA, untick=("Calendars.ReadWrite",))["code"]
    body = microsoft.exchange("microsoft", code, scope=FULL["microsoft"]).json()
    assert "Calendars.ReadWrite" not in body["scope"].split()
    refused(microsoft.refresh("microsoft", body["refresh_token"], scope="Calendars.ReadWrite"), "invalid_grant", 65001)


def test_each_refresh_brings_a_new_refresh_token_and_the_old_one_lives_on(microsoft: Sandbox) -> None:
    first = microsoft.connect("microsoft", ADA)
    second = microsoft.refresh("microsoft", first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = microsoft.refresh("microsoft", first["refresh_token"])
    assert again.status_code == 200
    microsoft.drill("advance-clock", seconds=89 * DAY)
    third = microsoft.refresh("microsoft", second["refresh_token"]).json()
    microsoft.drill("advance-clock", seconds=2 * DAY)
    refused(microsoft.refresh("microsoft", first["refresh_token"]), "invalid_grant", 700082)
    assert microsoft.refresh("microsoft", third["refresh_token"]).status_code == 200


def test_a_refresh_may_ask_for_less_or_for_everything(microsoft: Sandbox) -> None:
    body = microsoft.connect("microsoft", ADA)
    less = microsoft.refresh("microsoft", body["refresh_token"], scope=f"{GRAPH}Mail.ReadWrite").json()
    assert less["scope"] == "Mail.ReadWrite"
    assert "refresh_token" in less
    assert "id_token" not in less
    everything = microsoft.refresh("microsoft", less["refresh_token"], scope=f"openid {GRAPH}.default").json()
    assert set(everything["scope"].split()) == set(FULL["microsoft"].split()) - {"offline_access"}


def test_a_code_is_good_once_for_ten_minutes(microsoft: Sandbox) -> None:
    code = microsoft.decide("microsoft", ADA)["code"]
    refused(
        microsoft.exchange("microsoft", code, redirect_uri="http://localhost:8000/other/"),
        "invalid_client",
        500112,
        401,
    )
    assert microsoft.exchange("microsoft", code).status_code == 200
    refused(microsoft.exchange("microsoft", code), "invalid_grant", 54005)
    refused(microsoft.exchange("microsoft", "nothing"), "invalid_grant", 70000)
    old = microsoft.decide("microsoft", ADA)["code"]
    microsoft.drill("advance-clock", seconds=601)
    refused(microsoft.exchange("microsoft", old), "invalid_grant", 70008)


def test_the_verifier_must_fit_the_challenge(microsoft: Sandbox) -> None:
    verifier = "v" * 64
    code = microsoft.decide("microsoft", ADA, "allow", (), code_challenge=verifier, code_challenge_method="plain")[
        "code"
    ]
    refused(microsoft.exchange("microsoft", code, code_verifier="w" * 64), "invalid_grant", 501481)
    refused(microsoft.exchange("microsoft", code), "invalid_grant", 50148)
    assert microsoft.exchange("microsoft", code, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "number", "status"),
    [
        ({"client_secret": "wrong"}, "invalid_client", 7000215, 401),
        ({"client_secret": ""}, "invalid_client", 7000218, 401),
        ({"client_id": "nobody"}, "unauthorized_client", 700016, 400),
        ({"grant_type": ""}, "invalid_request", 900144, 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 70003, 400),
        ({"refresh_token": ""}, "invalid_request", 900144, 400),
        ({"refresh_token": "nothing"}, "invalid_grant", 9002313, 400),
        ({"scope": "Mail.Everything"}, "invalid_scope", 70011, 400),
        ({"scope": "People.Read"}, "invalid_grant", 65001, 400),
    ],
)
def test_a_wrong_token_request_is_refused(
    microsoft: Sandbox, changes: dict[str, str], error: str, number: int, status: int
) -> None:
    body = microsoft.connect("microsoft", ADA)
    answer = microsoft.refresh("microsoft", **{"refresh_token": body["refresh_token"]} | changes)
    refused(answer, error, number, status)


def test_the_callers_own_request_id_comes_back(microsoft: Sandbox) -> None:
    name = "0b7ccd2e-8a55-4cbe-8a2e-6b0a1f0f0f0f"
    answer = microsoft.post("/microsoft/common/oauth2/v2.0/token", headers={"client-request-id": name})
    assert answer.json()["correlation_id"] == name


def test_removed_consent_and_reset_passwords_end_refresh_tokens(microsoft: Sandbox) -> None:
    body = microsoft.connect("microsoft", ADA)
    microsoft.drill("change-password", provider="microsoft", email=ADA)
    assert microsoft.refresh("microsoft", body["refresh_token"]).status_code == 200
    microsoft.drill("change-password", provider="microsoft", email=ADA, by="admin")
    refused(microsoft.refresh("microsoft", body["refresh_token"]), "invalid_grant", 50173)
    body = microsoft.connect("microsoft", ADA)
    microsoft.drill("revoke-grant", provider="microsoft", email=ADA)
    refused(microsoft.refresh("microsoft", body["refresh_token"]), "invalid_grant", 65001)
    assert microsoft.state(ADA)["grants"] == 0


@pytest.mark.parametrize(
    ("tenant", "email", "number"),
    [
        ("common", ADA, 0),
        ("common", WORK, 0),
        ("consumers", ADA, 0),
        ("consumers", WORK, 50020),
        ("organizations", WORK, 0),
        ("organizations", ADA, 500200),
        (TENANT, WORK, 0),
        (TENANT, ADA, 50020),
        (OTHER, ADA, 90002),
    ],
)
def test_a_tenant_takes_its_own_accounts(microsoft: Sandbox, tenant: str, email: str, number: int) -> None:
    page = microsoft.follow(
        microsoft.get(
            f"/microsoft/{tenant}/oauth2/v2.0/authorize",
            params={
                "client_id": "sandbox-microsoft",
                "redirect_uri": CALLBACK.format("microsoft"),
                "response_type": "code",
                "scope": "openid",
                "login_hint": email,
            },
            allow_redirects=False,
        )
    )
    assert ("wants access" in page.text) is (number == 0)
    assert number == 0 or f"AADSTS{number}" in page.text


@pytest.mark.parametrize(("audience", "number"), [(TENANT, 50194), ("consumers", 9002331), ("organizations", 0)])
def test_an_app_is_open_to_whom_it_is_registered_for(microsoft: Sandbox, audience: str, number: int) -> None:
    microsoft.post(
        "/_sandbox/clients",
        json={"provider": "microsoft", "client_id": "sandbox-microsoft", "audience": audience},
    )
    page = microsoft.ask("microsoft", login_hint=WORK)
    assert ("wants access" in page.text) is (number == 0)
    assert number == 0 or f"AADSTS{number}" in page.text


def test_people_see_and_end_grants_on_the_vendors_page(microsoft: Sandbox) -> None:
    body = microsoft.connect("microsoft", ADA)
    assert f"Remove access of OsMEN to {ADA}" in microsoft.get("/microsoft/consent").text
    microsoft.post("/microsoft/consent", data={"account": ADA, "client_id": "sandbox-microsoft"})
    refused(microsoft.refresh("microsoft", body["refresh_token"]), "invalid_grant", 65001)
