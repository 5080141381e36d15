"""Access tokens: made on the settings' page, shown once, kept as a hash, good for ``/api/status/`` until revoked."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import AccessToken, User
from tests.pages.conftest import PASSWORD, Connect


def signed_in(eve: User) -> Client:
    """A browser in which Eve has just said who she is."""
    browser = Client()
    browser.force_login(eve)
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return browser


def made(browser: Client, name: str = "Backup script") -> str:
    answer = browser.post("/settings/tokens/", {"name": name})
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    found = re.search(r'id="token" readonly value="(osmen_[\w-]{40,})"', answer.content.decode())
    assert found is not None
    return found[1]


def asked(token: str, scheme: str = "Bearer") -> tuple[int, dict[str, object]]:
    """What a script is answered, which has no session."""
    answer = Client().get("/api/status/", headers={"Authorization": f"{scheme} {token}"})
    return answer.status_code, answer.json()


def test_a_token_is_shown_once_and_reads_ones_own_status(eve: User, connect: Connect) -> None:
    connect("eve@gmail.example")
    browser = signed_in(eve)
    text = made(browser)
    status, told = asked(text)
    assert status == 200 and told == browser.get("/api/status/").json()
    assert [one["account"] for one in told["connections"]] == ["eve@gmail.example"]  # type: ignore[attr-defined]
    kept = AccessToken.objects.get()
    assert text not in str(kept.__dict__) and kept.last_used_at is not None
    page = browser.get("/settings/tokens/").content.decode()
    assert "Backup script" in page and "last used" in page and text not in page
    assert "1 for your scripts" in browser.get("/settings/").content.decode()


def test_a_revoked_token_is_refused_and_nobody_else_can_revoke_it(eve: User) -> None:
    browser = signed_in(eve)
    text = made(browser)
    kept = AccessToken.objects.get()
    stranger = Client()
    stranger.force_login(User.objects.create_user("mal@osmen.example", PASSWORD))
    assert stranger.post(f"/settings/tokens/{kept.pk}/revoke/").status_code == 404
    assert asked(text)[0] == 200
    assert browser.post(f"/settings/tokens/{kept.pk}/revoke/").status_code == 302
    assert asked(text)[0] == 401


def test_nobody_and_nonsense_get_401_in_json(eve: User) -> None:
    nobody = Client().get("/api/status/")
    assert nobody.status_code == 401 and nobody["WWW-Authenticate"].startswith("Bearer") and "error" in nobody.json()
    text = tokens.create(eve, "script")
    assert asked("osmen_wrong")[0] == asked("")[0] == asked(text, "Basic")[0] == 401
    browser = Client(headers={"Authorization": "Bearer osmen_wrong"})
    browser.force_login(eve)
    assert browser.get("/api/status/").status_code == 401  # what a script says counts, not a cookie beside it
    User.objects.update(is_active=False)
    assert asked(text)[0] == 401


def test_a_token_opens_nothing_else(eve: User) -> None:
    script = Client(headers={"Authorization": f"Bearer {tokens.create(eve, 'script')}"})
    assert script.get("/settings/").status_code == 302
    assert script.get("/inbox/").status_code == 302
    assert script.post("/api/status/").status_code == 405


def test_who_asks_too_often_waits(eve: User, settings: object) -> None:
    text = tokens.create(eve, "script")
    settings.ACCOUNT_RATE_LIMITS = {"api": "2/m/user", "access_token": "2/m/ip"}  # type: ignore[attr-defined]
    assert [asked(text)[0] for _ in range(3)] == [200, 200, 429]
    assert [asked("osmen_guess")[0] for _ in range(3)] == [401, 401, 429]
    late = Client().get("/api/status/", headers={"Authorization": f"Bearer {text}"})
    assert late.status_code == 429 and late["Retry-After"] == "60" and "error" in late.json()


def test_last_use_is_noted_to_the_minute(eve: User) -> None:
    text = tokens.create(eve, "script")
    asked(text)
    noted = AccessToken.objects.get().last_used_at
    asked(text)
    assert AccessToken.objects.get().last_used_at == noted
    AccessToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    asked(text)
    again = AccessToken.objects.get().last_used_at
    assert noted and again and again > noted


def test_making_one_asks_once_more_who_one_is_and_there_is_an_end(eve: User, browser: Client) -> None:
    assert browser.get("/settings/tokens/").status_code == 302  # who she is was not said lately
    here = signed_in(eve)
    assert here.post("/settings/tokens/", {"name": ""}).status_code == 400
    for number in range(tokens.MOST):
        tokens.create(eve, str(number))
    refused = here.post("/settings/tokens/", {"name": "one more"})
    assert refused.status_code == 400 and b"Revoke one" in refused.content
