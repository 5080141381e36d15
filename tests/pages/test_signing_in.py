"""Signing in and the pages around it: allauth's, in our words and layout, and the pages of what went wrong."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import invitations
from accounts.models import Invitation, User
from tests.pages.conftest import PASSWORD


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/x-y/",
        "/accounts/confirm-email/nothing/",
        "/accounts/inactive/",
        "/accounts/3rdparty/login/cancelled/",
        "/accounts/3rdparty/login/error/",
    ],
)
def test_pages_of_the_signed_out_are_ours(client: Client, db: None, path: str) -> None:
    html = client.get(path).content.decode()
    assert '<p class="wordmark">' in html and html.count("<h1>") == 1 and "<main" in html


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/3rdparty/",
        "/accounts/sessions/",
    ],
)
def test_pages_of_the_signed_in_have_the_frame(browser: Client, path: str) -> None:
    html = browser.get(path).content.decode()
    assert 'aria-label="Main"' in html and html.count("<h1>") == 1


def test_signing_in_and_out(client: Client, eve: User) -> None:
    wrong = client.post("/accounts/login/", {"login": eve.email, "password": "not this one"})
    assert b'class="errorlist' in wrong.content
    assert client.post("/accounts/login/", {"login": eve.email, "password": PASSWORD})["Location"] == "/"
    assert b"Sign out?" in client.get("/accounts/logout/").content
    client.post("/accounts/logout/")
    assert client.get("/settings/").status_code == 302


def test_vendors_offer_signing_in_where_set_up(client: Client, apps: None) -> None:
    answer = client.get("/accounts/login/")
    assert b"Continue with Google" in answer.content and b"Sign in with Microsoft" in answer.content
    assert "https://accounts.google.com" in answer["Content-Security-Policy"]


def test_an_invitation_opens_for_its_address_alone(client: Client, eve: User, settings: Settings) -> None:
    settings.OSMEN_SIGNUP = "closed"
    assert b"Sign-up is closed" in client.get("/accounts/signup/").content
    opened = client.get(f"/invitation/{invitations.create(email='bo@osmen.example')}/", follow=True)
    assert b'value="bo@osmen.example"' in opened.content
    refused = client.post("/accounts/signup/", {"email": "cy@osmen.example", "password1": PASSWORD})
    assert b"The invitation is for another address." in refused.content
    assert client.post("/accounts/signup/", {"email": "bo@osmen.example", "password1": PASSWORD}).status_code == 302


def test_a_forgotten_password_is_answered_by_a_plain_message(client: Client, eve: User) -> None:
    client.post("/accounts/password/reset/", {"email": eve.email})
    (message,) = mail.outbox
    assert "Choose a new password" in message.subject
    assert "nothing needs doing" in message.body and "Hello from" not in message.body
    link = next(line for line in str(message.body).splitlines() if "/password/reset/key/" in line)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    assert b"Choose a new password" in page.content


def test_too_many_tries_get_a_plain_page(client: Client, eve: User, settings: Settings) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    client.post("/accounts/password/reset/", {"email": eve.email})
    answer = client.post("/accounts/password/reset/", {"email": eve.email})
    assert answer.status_code == 429 and b"Too many tries" in answer.content


def test_what_is_not_there_and_what_is_not_meant(client: Client, db: None) -> None:
    nothing = client.get("/nowhere/")
    assert nothing.status_code == 404 and b"There is nothing here" in nothing.content
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/accounts/login/")
    assert refused.status_code == 403 and b"This form was open too long" in refused.content


def test_a_failure_shows_a_page_that_needs_nothing(client: Client, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("django.shortcuts.loader.render_to_string", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500 and b"OsMEN failed to show this page" in answer.content


def test_an_invitation_used_meanwhile_lets_nobody_else_in(
    db: None, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked at the open invitation; one has claimed it since."""
    invitations.create(makes_admin=True)
    seen = Invitation.objects.get()
    Invitation.objects.update(used_at=timezone.now())
    monkeypatch.setattr(invitations, "of", lambda _: seen)
    with pytest.raises(PermissionDenied):
        invitations.make_first_admin(rf.get("/"), User(email="late@example.org"))
