"""Reports of errors, the debug page and mail to administrators, hold no token and no code of the sandbox's."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import pytest
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.log import AdminEmailHandler
from pytest_django import Settings

from integrations.connect import capture
from integrations.models import Connection, Grant
from integrations.vault import refresh, tokens, usage
from osmen_web.urls import urlpatterns as ours
from tests.journey.person import Person

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = {"google": "ada.moreau@gmail.example", "microsoft": "ada@nordlys.example"}


def asks(request: HttpRequest, account: str) -> HttpResponse:
    """A view that holds what it must not show: it asks the vault, in whose frames tokens are."""
    tokens.access_token(Connection.objects.get(email=account), purpose=tokens.Purpose.ASK)
    return HttpResponse()


def broken(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("something is wrong here")


urlpatterns = [path("asks/<str:account>/", asks), path("invitation/<str:secret>/fails/", broken), *ours]


@pytest.fixture
def mailed(settings: Settings) -> Iterator[None]:
    """Administrators are told of errors, with the page."""
    settings.ADMINS = [("Root", "root@osmen.example")]
    handler = AdminEmailHandler(include_html=True)
    log = logging.getLogger("django.request")
    log.addHandler(handler)
    yield
    log.removeHandler(handler)


@pytest.fixture(params=[True, False], ids=["debug page", "mail"])
def reports(request: pytest.FixtureRequest, ada: Person, settings: Settings, mailed: None) -> Person:
    settings.DEBUG = request.param
    ada.browser.raise_request_exception = False
    return ada


def said(answer: Any) -> str:
    """The debug page, or what was mailed, in every part, as it stands and decoded."""
    texts = [answer.content.decode(), *(message.message().as_string() for message in mail.outbox)]
    for message in mail.outbox:
        assert isinstance(message, mail.EmailMultiAlternatives)
        texts += [str(message.body), *(str(content) for content, _ in message.alternatives)]
    text = "\n".join(texts)
    return f"{text}\n{unescape(text)}\n{unquote(text)}"


def shown(ada: Person, text: str) -> list[str]:
    """The kinds of what the sandbox gave out and the report tells, whole or in part."""
    return [t["kind"] for t in ada.sandbox.tokens() if t["value"][:24] in text or t["value"][-24:] in text]


@pytest.mark.parametrize("provider", ACCOUNTS)
@pytest.mark.parametrize(("module", "name"), [(usage, "count"), (refresh, "settle")])
def test_frames_of_the_vault_are_reported_without_what_they_hold(
    reports: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch, provider: str, module: object, name: str
) -> None:
    reports.connects(provider, ACCOUNTS[provider])
    connection = Connection.objects.get()
    if module is refresh:
        Grant.objects.update(access_expires_at=None)
    mail.outbox.clear()
    monkeypatch.setattr(module, name, broken)
    settings.ROOT_URLCONF = __name__
    answer = reports.browser.get(f"/asks/{connection.email}/")
    text = said(answer)
    assert answer.status_code == 500 and "something is wrong here" in text and "access_token" in text
    assert shown(reports, text) == []
    assert f"Connection {connection.pk}" in text  # which one it is about is told


@pytest.mark.parametrize("provider", ACCOUNTS)
def test_a_callback_that_fails_is_reported_without_its_code_and_tokens(
    reports: Person, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setattr(capture, "keep_grant", broken)
    answer = reports.connects(provider, ACCOUNTS[provider])
    text = said(answer)
    assert answer.status_code == 500 and "something is wrong here" in text and "keep_grant" in text
    assert {"access", "code"} <= {t["kind"] for t in reports.sandbox.tokens()}
    assert shown(reports, text) == []


def test_an_error_that_names_a_token_is_reported_without_it(
    reports: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports.connects("google", ACCOUNTS["google"])
    connection = Connection.objects.get()
    mail.outbox.clear()
    # Of our own making: this one does go into the log, which the suite searches for the sandbox's.
    token, short = f"1//0{secrets.token_urlsafe(70)}", secrets.token_urlsafe(8)

    def tells(*_: object, **__: object) -> None:
        try:
            raise KeyError(token)
        except KeyError as error:
            raise RuntimeError(f"not known: {error}") from error

    monkeypatch.setattr(usage, "count", tells)
    settings.ROOT_URLCONF = __name__
    sent = {"Authorization": f"Bearer {short}"}
    text = said(reports.browser.get(f"/asks/{connection.email}/?token={short}", headers=sent))
    report = text[text.index("RuntimeError at") :]
    assert "not known" in report and token[-24:] not in report and short not in report


def test_mail_about_an_error_names_no_one_time_link(ada: Person, settings: Settings, mailed: None) -> None:
    settings.ROOT_URLCONF, ada.browser.raise_request_exception = __name__, False
    assert ada.browser.get("/invitation/the-secret-of-an-invitation/fails/").status_code == 500
    subjects = [str(message.subject) for message in mail.outbox]
    assert subjects and all(subject.endswith("/invitation/***") for subject in subjects)
    assert "the-secret" not in said(HttpResponse())


# A process as an operator sets it up: somebody opens a page that fails, monitoring hears that OsMEN is not well, and
# somebody knocks under a made-up name.
FAILING = """
import sys, types
import django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import path

def fails(request):
    raise RuntimeError("something is wrong here")

def sorry(request, exception=None):
    return HttpResponse(status=500)

addresses = types.ModuleType("addresses")
addresses.urlpatterns = [path("fails/", fails), path("unwell/", lambda request: HttpResponse(status=503))]
addresses.handler400 = addresses.handler500 = sorry
sys.modules["addresses"] = addresses
settings.ROOT_URLCONF, settings.MIDDLEWARE = "addresses", ["django.middleware.common.CommonMiddleware"]
for page, host in (("/fails/", "localhost"), ("/unwell/", "localhost"), ("/fails/", "evil.example")):
    Client(raise_request_exception=False).get(page, SERVER_NAME=host)
"""


def test_who_is_to_be_told_of_failing_pages_is_told_by_mail(tmp_path: Path) -> None:
    own = {"OSMEN_HOME": str(tmp_path), "DATABASE_URL": "", "OSMEN_ADMINS": "root@osmen.example, ops@osmen.example"}
    environment = (
        os.environ | own | {"DJANGO_SETTINGS_MODULE": "osmen_web.settings", "OSMEN_FROM_EMAIL": "o@osmen.example"}
    )
    done = subprocess.run([sys.executable, "-c", FAILING], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (letter,) = (tmp_path / "mail").iterdir()
    told = letter.read_text()
    assert "Subject: [OsMEN] ERROR" in told and "something is wrong here" in told and "evil.example" not in told
    assert "To: root@osmen.example, ops@osmen.example" in told and "From: o@osmen.example" in told
    assert "evil.example" in done.stderr
