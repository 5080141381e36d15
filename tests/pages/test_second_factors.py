"""Second factors in a browser: an authenticator app, a passkey, and what is stored of them."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from integrations.vault import keyring, keysource, second_factors, secrets
from integrations.vault.keyset import KeyringError, Keyset
from tests.browsing import AXE, VIOLATIONS, chromium
from tests.pages.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"
ACTION = "/admin/integrations/grant/act/refresh/?ids=0b3f2c52-7f0e-4b61-9a52-0a4b4d6a3f10"


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    """Its loop makes Django take the test's thread for an asynchronous one."""
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


@pytest.fixture
def root(transactional_db: None) -> User:
    cache.clear()
    return User.objects.create_superuser("root@osmen.example", PASSWORD)


@pytest.fixture
def page(started: Browser, live_server: LiveServer, root: User) -> Iterator[Page]:
    """Root's browser, signed in by password. Whatever a page complains of fails the test."""
    complaints: list[str] = []
    context: BrowserContext = started.new_context(base_url=live_server.url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/accounts/login/")
    sign_in(page)
    page.get_by_role("link", name="Settings").first.wait_for()
    yield page
    context.close()
    assert not complaints


def sign_in(page: Page) -> None:
    page.get_by_label("Email").fill("root@osmen.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def says_who_it_is(page: Page) -> None:
    page.wait_for_url("**/reauthenticate/**")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/accounts/login/")


def no_violations(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS) == []


def an_hour_passes() -> None:
    """Since everybody said who they are."""
    for row in Session.objects.all():
        store = SessionStore(row.session_key)
        for said in store.get("account_authentication_methods", []):
            said["at"] -= 3600
        store.modified = True
        store.save()


def code(secret: str) -> str:
    """What an authenticator app shows now; never in the last moment of its half minute."""
    while time.time() % 30 > 27:
        time.sleep(0.2)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_an_authenticator_app_is_asked_for_and_its_secret_is_stored_encrypted(page: Page, root: User) -> None:
    page.goto("/accounts/2fa/totp/activate/")
    says_who_it_is(page)
    key = page.get_by_label("Key, if the app cannot scan")
    page.get_by_label("Code", exact=True).fill("000000")
    secret = key.input_value()
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_text("Incorrect code").wait_for()
    assert key.input_value() == secret
    # Until a code proves it, it waits in the session, encrypted.
    waiting = [SessionStore(row.session_key).get("mfa.totp.secret", "") for row in Session.objects.all()]
    assert any(waiting) and secret not in waiting
    page.get_by_label("Code", exact=True).fill(code(secret))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_label("Unused codes").wait_for()
    recovery = page.get_by_label("Unused codes").input_value().split()
    stored = json.dumps([factor.data for factor in Authenticator.objects.all()])
    assert len(recovery) == 10 and secret not in stored
    sign_out(page)
    sign_in(page)
    asked = page.get_by_label("Code from your authenticator app, or a recovery code")
    asked.fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("Incorrect code").wait_for()
    assert page.request.get("/admin/", max_redirects=0).status == 302
    asked.fill(code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Settings").first.wait_for()
    page.goto("/admin/")
    page.get_by_role("heading", name="What is here").wait_for()
    sign_out(page)
    sign_in(page)
    asked.fill(recovery[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Settings").first.wait_for()


def test_a_passkey_signs_in_and_confirms_what_is_sensitive(page: Page, root: User) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )["authenticatorId"]
    page.goto("/accounts/2fa/webauthn/add/")
    says_who_it_is(page)
    page.get_by_role("button", name="Add").wait_for()
    no_violations(page)
    page.get_by_label("Name").fill("This laptop")
    page.get_by_label("Passkey: sign in with it alone").check()
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Unused codes").wait_for()
    assert len(devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1
    sign_out(page)
    no_violations(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("link", name="Settings").first.wait_for()
    # A while after signing in, what is sensitive is asked for again: the same key answers.
    an_hour_passes()
    page.goto(ACTION)
    page.wait_for_url("**/reauthenticate/**")
    page.goto(page.url.replace("/accounts/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/"))
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.get_by_role("heading", name="Renew access now").wait_for()
    # One that is refused says so.
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").get_by_text("cancelled, or took too long").wait_for(timeout=20_000)


@pytest.fixture
def ring(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """A home's key ring of its own for this test."""
    settings.OSMEN_KEYSET, settings.OSMEN_KEYSET_FILE, settings.OSMEN_KEYSET_PATH = "", "", tmp_path / "keyset.json"
    keyring.create(settings.OSMEN_KEYSET_PATH)
    keyring.reload()
    yield
    keyring.reload()


def factor(user: User, kind: str = "totp", **data: object) -> Authenticator:
    """A second factor as it is loaded again."""
    return Authenticator.objects.get(pk=Authenticator.objects.create(user=user, type=kind, data=data).pk)


def test_a_rotation_of_keys_leaves_second_factors_readable(ring: None, db: None, eve: User) -> None:
    totp = factor(eve, secret=second_factors.seal(SECRET))
    old = keyring.primary_key_id()
    for words in (("add",), ("rotate",), ("retire", str(old))):
        call_command("keys", *words)
    assert second_factors.open_sealed(totp.data["secret"]) == SECRET
    assert second_factors.seal(SECRET) != second_factors.seal(SECRET)


def test_a_secret_that_is_copied_to_another_account_or_field_is_refused(db: None, eve: User) -> None:
    """Whoever can write the table cannot give one account the second factor of another."""
    mallory = User.objects.create_user("mallory@osmen.example", PASSWORD)
    mine, theirs = (
        factor(eve, secret=second_factors.seal(SECRET)),
        factor(mallory, secret=second_factors.seal("A" * 16)),
    )
    seed = factor(eve, "recovery_codes", seed=second_factors.seal("ab" * 40), used_mask=0)
    copied = mine.data["secret"]
    for row, data in ((theirs, {"secret": copied}), (seed, {"seed": copied, "used_mask": 0})):
        Authenticator.objects.filter(pk=row.pk).update(data=data)
        row.refresh_from_db()
        with pytest.raises(KeyringError):
            second_factors.open_sealed(next(iter(row.data.values())))
    # What was never in a row is good for none.
    Authenticator.objects.filter(pk=theirs.pk).update(data={"secret": second_factors.seal(SECRET)})
    theirs.refresh_from_db()
    with pytest.raises(KeyringError):
        second_factors.open_sealed(theirs.data["secret"])
    mine.record_usage()
    mine.save()
    assert second_factors.open_sealed(Authenticator.objects.get(pk=mine.pk).data["secret"]) == SECRET


def test_what_earlier_versions_stored_is_bound_to_its_row(db: None, eve: User) -> None:
    key = secrets.present(secrets.SECOND_FACTOR)
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key.key).encrypt(nonce, SECRET.encode(), f"osmen:second-factor:{key.id}".encode())
    totp = factor(eve, secret=f"osmen1:{key.id}:{base64.b64encode(sealed).decode()}")
    codes = factor(eve, "recovery_codes", seed="ab" * 40, used_mask=5)
    import_module("integrations.migrations.0009_second_factors_bound").bind(apps, None)
    totp.refresh_from_db()
    codes.refresh_from_db()
    assert second_factors.open_sealed(totp.data["secret"]) == SECRET
    assert second_factors.open_sealed(codes.data["seed"]) == "ab" * 40 and codes.data["used_mask"] == 5
    assert "ab" * 40 not in codes.data["seed"]


def test_without_its_key_a_second_factor_lets_nobody_in_and_says_so(ring: None, eve: User, client: Client) -> None:
    factor(eve, secret=second_factors.seal(SECRET))
    mine = keyring.keyset()
    keysource.write(Keyset.new())
    client.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code(SECRET)})
    assert answer.status_code == 503 and "Codes cannot be checked now" in answer.content.decode()
    assert client.get("/settings/").status_code == 302
    keysource.write(mine)
    assert client.post("/accounts/2fa/authenticate/", {"code": code(SECRET)}).status_code == 302
    assert client.get("/settings/").status_code == 200


def test_without_its_key_no_second_factor_is_set_up_and_the_page_says_so(ring: None, eve: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    begun = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    keysource.write(Keyset.new())
    # Begun under a key that is lost: its code counts no more, and another secret is shown.
    again = client.post("/accounts/2fa/totp/activate/", {"code": code(begun)})
    assert again.status_code == 200 and again.context["form"].secret != begun
    keysource.path().unlink()
    keyring.reload()
    for answer in (client.get("/accounts/2fa/totp/activate/"), client.post("/accounts/2fa/totp/activate/")):
        assert answer.status_code == 503 and "Codes cannot be checked now" in answer.content.decode()


def test_a_secret_that_is_being_set_up_is_good_for_its_person_alone(db: None, eve: User) -> None:
    kept = second_factors.seal_pending(SECRET, eve.pk)
    assert SECRET not in kept and second_factors.open_pending(str(kept), eve.pk) == SECRET
    for stored, user in ((str(kept), "another"), (SECRET, eve.pk), (str(second_factors.seal(SECRET)), eve.pk)):
        with pytest.raises(KeyringError):
            second_factors.open_pending(stored, user)
    with pytest.raises(KeyringError):
        second_factors.open_sealed(factor(eve, secret=str(kept)).data["secret"])


@pytest.mark.parametrize("stored", ["JBSWY3DPEHPK3PXP", "osmen2:x:y", "osmen2::", ""])
def test_a_secret_that_the_vault_did_not_encrypt_is_refused(db: None, stored: str) -> None:
    """Whoever can write the table cannot put a secret of their own there."""
    with pytest.raises(KeyringError):
        second_factors.open_sealed(stored)
