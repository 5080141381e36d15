"""Connecting accounts: the way there and back, what is stored, and every way to end without a connection."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken

from integrations.models import Connection, Grant, LedgerEntry
from tests.journey import engine
from tests.journey.person import Person

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
OTHER_GOOGLE = "tomasz.zielinski@gmail.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@BOTH
def test_a_connected_account_syncs_mail_and_calendar(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    at_provider = next(a for a in ada.sandbox.state() if a["email"] == account)
    here = ada.browser.get("/api/status/").json()["connections"][0]
    assert connection.state == "active"
    assert (here["messages"], here["events"]) == (at_provider["messages"], at_provider["events"])
    assert not [s for s in here["services"] if s["error"]], here


@BOTH
def test_the_way_there_carries_pkce_state_nonce_and_our_scopes_alone(ada: Person, provider: str, account: str) -> None:
    url = ada.browser.post(
        f"/accounts/{provider}/login/?process=connect&scope=evil.scope&auth_params=prompt%3Dnone", {"service": ["mail"]}
    )["Location"]
    sent = query(url)
    assert sent["code_challenge_method"] == "S256" and len(sent["code_challenge"]) == 43
    assert len(sent["state"]) >= 16 and len(sent["nonce"]) >= 16
    assert "evil" not in sent["scope"] and "alendar" not in sent["scope"] and "ail" in sent["scope"]
    if provider == "google":
        assert sent["access_type"] == "offline" and "consent" in sent["prompt"]
    else:
        assert "offline_access" in sent["scope"] and sent["prompt"] == "select_account"


@BOTH
def test_tokens_are_encrypted_and_nowhere_else(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    assert SocialToken.objects.count() == 0
    issued = [t["value"] for t in ada.sandbox.tokens()]
    assert len(issued) >= 3
    grant = Grant.objects.get(connection=connection)
    stored = grant.access_token.ciphertext + grant.refresh_token.ciphertext
    said = str(list(LedgerEntry.objects.values())) + str(dict(ada.browser.session)) + str(grant.__dict__)
    assert not [value for value in issued if value.encode() in stored or value in said]


def test_several_accounts_of_one_provider_have_colours_of_their_own(ada: Person) -> None:
    first, second = ada.connected("google", GOOGLE), ada.connected("google", OTHER_GOOGLE)
    assert first.colour != second.colour
    assert Connection.objects.filter(user=ada.user).count() == 2


@BOTH
def test_an_account_that_another_person_connected_is_refused_with_a_reason(
    ada: Person, ben: Person, provider: str, account: str
) -> None:
    ada.connected(provider, account)
    answer = ben.connects(provider, account)
    assert answer.status_code == 400
    assert "already" in answer.content.decode() and account in answer.content.decode()
    assert Connection.objects.get(email=account).user == ada.user
    assert not Connection.objects.filter(user=ben.user).exists()


@BOTH
def test_reconnecting_replaces_the_grant_and_keeps_the_data(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    before = Grant.objects.get(connection=connection)
    dead = {t["value"] for t in ada.sandbox.tokens() if t["revoked"]}
    again = ada.connected(provider, account, reconnect=str(connection.pk))
    after = Grant.objects.get(connection=connection)
    assert again.pk == connection.pk
    assert after.refresh_fingerprint != before.refresh_fingerprint and after.version > before.version
    assert not [t for t in ada.sandbox.tokens() if t["kind"] == "refresh" and t["revoked"] and t["value"] not in dead]


def test_reconnecting_with_another_account_is_refused_in_words(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    version = Grant.objects.get(connection=connection).version
    there = ada.leaves_for("google", reconnect=str(connection.pk))
    assert query(there)["login_hint"] == GOOGLE
    answer = ada.comes_back(ada.sandbox.walk(re.sub("&login_hint=[^&]*", "", there), OTHER_GOOGLE))
    text = answer.content.decode()
    assert answer.status_code == 400 and GOOGLE in text and OTHER_GOOGLE in text
    assert Grant.objects.get(connection=connection).version == version
    assert not Connection.objects.filter(email=OTHER_GOOGLE).exists()


def test_a_permission_that_was_not_granted_switches_off_what_needs_it(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE, without=("https://www.googleapis.com/auth/calendar.events",))
    services = {s["service"]: s for s in ada.browser.get("/api/status/").json()["connections"][0]["services"]}
    assert services["mail"]["state"] == "current" and services["mail"]["count"] > 0
    assert services["calendar"]["state"] == "missing"
    assert services["calendar"]["missing_permissions"] == ["https://www.googleapis.com/auth/calendar.events"]
    assert connection.collections.filter(service="calendar").count() == 0


@BOTH
def test_cancelling_at_the_provider_is_a_plain_page_and_stores_nothing(
    ada: Person, provider: str, account: str
) -> None:
    sent = query(ada.leaves_for(provider))
    answer = ada.comes_back(f"{sent['redirect_uri']}?error=access_denied&state={sent['state']}")
    assert answer.status_code == 400 and "cancelled" in answer.content.decode()
    assert not Connection.objects.exists() and not SocialAccount.objects.exists()


@BOTH
def test_an_error_answer_is_a_plain_page_and_stores_nothing(ada: Person, provider: str, account: str) -> None:
    sent = query(ada.leaves_for(provider))
    answer = ada.comes_back(f"{sent['redirect_uri']}?error=server_error&state={sent['state']}")
    assert answer.status_code == 400 and "Nothing was stored" in answer.content.decode()
    assert not Connection.objects.exists()


@BOTH
def test_a_replayed_callback_is_refused(ada: Person, provider: str, account: str) -> None:
    landed = ada.sandbox.walk(ada.leaves_for(provider), account)
    assert ada.comes_back(landed).status_code == 302
    version = Grant.objects.get().version
    replayed = ada.comes_back(landed)
    assert replayed.status_code == 400 and "Nothing was stored" in replayed.content.decode()
    assert Grant.objects.get().version == version


@BOTH
def test_a_callback_forged_into_another_browser_is_refused(
    ada: Person, ben: Person, provider: str, account: str
) -> None:
    landed = ada.sandbox.walk(ada.leaves_for(provider), account)
    forged = ben.comes_back(landed)
    assert forged.status_code == 400
    assert not Connection.objects.exists()


def test_a_callback_with_a_made_up_state_is_refused(ada: Person) -> None:
    answer = ada.comes_back("http://localhost:8000/accounts/google/login/callback/?code=abc&state=made-up")
    assert answer.status_code == 400 and "does not belong to this browser" in answer.content.decode()


def test_a_provider_out_of_reach_is_said_and_nothing_is_stored(ada: Person, settings: object) -> None:
    landed = ada.sandbox.walk(ada.leaves_for("google"), GOOGLE)
    from integrations.models import OAuthApp

    app = OAuthApp.objects.get(provider="google")
    app.endpoints = {**app.endpoints, "token": "http://127.0.0.1:9/token"}
    app.save()
    answer = ada.comes_back(landed)
    assert answer.status_code == 400 and "Nothing was stored" in answer.content.decode()
    assert not Connection.objects.exists()


def test_nobody_sees_another_persons_connection(ada: Person, ben: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    assert ben.browser.get("/api/status/").json()["connections"] == []
    for action in ("sync", "pause", "resume", "disconnect", "look"):
        assert ben.browser.post(f"/integrations/{connection.pk}/{action}/").status_code == 404
    connection.refresh_from_db()
    assert connection.state == "active"


def test_disconnecting_google_revokes_the_grant_and_removes_the_data(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    assert ada.browser.post(f"/integrations/{connection.pk}/disconnect/").status_code == 302
    engine.finish_disconnects()
    assert not Connection.objects.exists() and not Grant.objects.exists()
    assert next(a for a in ada.sandbox.state() if a["email"] == GOOGLE)["grants"] == 0
    refresh = [t for t in ada.sandbox.tokens() if t["kind"] == "refresh" and t["account"] == GOOGLE]
    assert refresh and all(t["revoked"] for t in refresh if t["value"])
    assert set(LedgerEntry.objects.values_list("what", flat=True)) >= {"connected", "revoked", "disconnected"}
    assert ada.browser.get("/api/status/").json()["connections"] == []


def test_disconnecting_microsoft_deletes_our_tokens_and_the_data(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    ada.browser.post(f"/integrations/{connection.pk}/disconnect/")
    engine.finish_disconnects()
    assert not Connection.objects.exists() and not Grant.objects.exists()
    assert not SocialAccount.objects.filter(user=ada.user).exists()


def test_signing_in_with_google_stores_no_token(ada: Person) -> None:
    from django.test import Client

    browser = Client(SERVER_NAME="localhost", SERVER_PORT="8000")
    url = browser.post("/accounts/google/login/")["Location"]
    assert set(query(url)["scope"].split()) == {"openid", "email", "profile"}
    landed = ada.sandbox.walk(url, OTHER_GOOGLE)
    parts = urlsplit(landed)
    answer = browser.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 302, answer.content.decode()
    assert browser.get("/api/status/").status_code == 200
    assert not Connection.objects.exists() and not Grant.objects.exists() and not SocialToken.objects.exists()
    said = str(dict(browser.session))
    assert not [t for t in ada.sandbox.tokens() if t["value"] in said]
