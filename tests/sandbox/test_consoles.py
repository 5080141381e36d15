"""Drills about setting an app up: what the vendors answer to an app that an operator got wrong, and that it ends."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest

from tests.sandbox.conftest import TOKEN, Sandbox

EMAIL = {"google": "ada@gmail.example", "microsoft": "bo@outlook.example"}
PATHS = {"mail": "/gmail/v1/users/me/profile", "calendar": "/calendar/v3/users/me/calendarList"}


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    sandbox.seed(accounts=[{"provider": p, "email": e, "name": "Ada Byron"} for p, e in EMAIL.items()])
    return sandbox


@pytest.mark.parametrize(
    ("provider", "what", "said"),
    [
        ("google", "redirect-mismatch", "redirect_uri_mismatch"),
        ("google", "wrong-client-type", "redirect_uri_mismatch"),
        ("microsoft", "redirect-mismatch", "AADSTS50011"),
        ("microsoft", "wrong-audience", "AADSTS50194"),
    ],
)
def test_a_wrong_registration_is_refused_on_the_page(world: Sandbox, provider: str, what: str, said: str) -> None:
    world.drill("misregister-app", provider=provider, what=what)
    page = world.ask(provider, login_hint=EMAIL[provider])
    assert page.status_code == 400 and said in page.text
    assert what.replace("-", " ") in world.get("/_sandbox/").text
    world.drill("end-faults")
    assert world.connect(provider, EMAIL[provider])["access_token"]


@pytest.mark.parametrize(
    ("provider", "what", "number"),
    [
        ("google", "expired-secret", None),
        ("microsoft", "expired-secret", 7000222),
        ("microsoft", "wrong-client-type", 700025),
    ],
)
def test_a_secret_that_counts_no_more_is_invalid_client(
    world: Sandbox, provider: str, what: str, number: int | None
) -> None:
    world.drill("misregister-app", provider=provider, what=what)
    client = {"client_id": f"sandbox-{provider}", "client_secret": f"sandbox-{provider}-secret"}
    form = {"grant_type": "refresh_token", "refresh_token": "none", **client}
    answer = world.post(TOKEN[provider], data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json().get("error_codes") == ([number] if number else None)
    listed = {one["client_id"]: one for one in world.get("/_sandbox/clients").json()}
    assert listed[f"sandbox-{provider}"]["kind"] == "web"


def test_a_mistake_that_a_vendor_does_not_know_is_refused(world: Sandbox) -> None:
    fields = {"provider": "google", "what": "wrong-audience"}
    assert world.post("/_sandbox/drills/misregister-app", json=fields).status_code == 400


@pytest.mark.parametrize(("api", "service"), [("gmail", "mail"), ("calendar", "calendar")])
def test_an_api_that_is_off_says_where_it_is_enabled(world: Sandbox, api: str, service: str) -> None:
    session = world.authorized("google", EMAIL["google"])
    world.drill("disable-api", api=api)
    error = session.get(world.base + PATHS[service]).json()["error"]
    assert error["code"] == 403 and error["errors"][0]["reason"] == "accessNotConfigured"
    assert error["details"][0]["metadata"]["activationUrl"] in error["message"]
    world.drill("end-faults")
    assert session.get(world.base + PATHS[service]).ok


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_permission_is_taken_and_the_others_stay(world: Sandbox, provider: str) -> None:
    session = world.authorized(provider, EMAIL[provider])
    mail, calendar = PATHS.values() if provider == "google" else ("/v1.0/me/messages", "/v1.0/me/calendars")
    assert world.drill("take-permission", provider=provider, email=EMAIL[provider], service="mail")["taken"] >= 1
    assert session.get(world.base + mail).status_code == 403
    assert session.get(world.base + calendar).ok


def test_answers_carry_the_sandboxs_time(world: Sandbox) -> None:
    world.drill("advance-clock", seconds=3600)
    answer = world.get("/google/oauth2/v3/certs")
    assert parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time() == pytest.approx(3600, abs=30)
