"""``/setup/``: who may open it, what it shows, what it stores, and that no secret ever comes back out of it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from integrations import doctor
from integrations.connect import sandbox_apps
from integrations.layers.accounts import Accounts
from integrations.layers.probes import probe_all
from integrations.models import Connection, OAuthApp
from integrations.vault import tokens
from tests.journey.person import PASSWORD, Person
from tests.providers.sandbox_process import SandboxProcess
from tests.setup.conftest import ACCOUNTS, BOTH, IDS, SECRET, store

CALLBACK = "http://localhost:8000/accounts/{}/login/callback/"
FILE = json.dumps({"web": {"client_id": IDS["google"], "client_secret": SECRET}})
ALL = {"services": ["mail", "calendar", "contacts"]}
TYPED = {"client_id": IDS["microsoft"], "client_secret": SECRET, "tenant": "common", **ALL}
PATHS = ("/setup/", "/setup/google/", "/setup/microsoft/", "/setup/google/app/", "/setup/google/push/")


@pytest.fixture
def admin(ada: Person) -> Client:
    """The administrator's browser, a moment after they said who they are."""
    again(ada.browser)
    return ada.browser


def again(browser: Client) -> None:
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def html(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("path", (*PATHS, "/setup/google/check/"))
def test_it_is_for_administrators_alone(ada: Person, path: str) -> None:
    assert Client().get(path)["Location"].startswith("/accounts/login/")
    other = Person.signs_up(ada.sandbox, "ben@example.org")
    assert other.browser.get(path).status_code == 403
    assert other.browser.post(path).status_code == 403
    assert "/setup/" not in html(other.browser, "/integrations/")


def test_everybody_who_administers_is_led_there(admin: Client) -> None:
    for path in ("/", "/integrations/", "/settings/", "/admin/"):
        assert 'href="/setup/"' in html(admin, path), path
    OAuthApp.objects.update(active=False)
    assert 'href="/setup/google/"' in html(admin, "/integrations/")


@pytest.mark.parametrize("path", ["/setup/google/app/", "/setup/google/push/"])
def test_storing_asks_who_you_are_and_keeps_nothing_meanwhile(ada: Person, path: str) -> None:
    assert ada.browser.get(path)["Location"].startswith("/accounts/reauthenticate/?next=")
    refused = ada.browser.post(path, {"text": FILE, "pubsub_topic": SECRET})
    assert refused["Location"] == f"/accounts/reauthenticate/?{urlencode({'next': path})}"
    assert SECRET not in json.dumps(dict(ada.browser.session.items()), default=str)
    assert not OAuthApp.objects.filter(sandbox=False).exists()


@BOTH
def test_the_steps_carry_the_exact_addresses_and_permissions(admin: Client, provider: str) -> None:
    page = html(admin, f"/setup/{provider}/")
    assert f">{CALLBACK.format(provider)}</textarea>" in page and 'data-copy="copy-' in page
    scope = {"google": "https://www.googleapis.com/auth/calendar.events", "microsoft": "Calendars.ReadWrite"}
    assert scope[provider] in page
    api = "flows/enableapi?apiid=gmail.googleapis.com,calendar-json.googleapis.com,people.googleapis.com"
    assert (api in page) == (provider == "google")


@pytest.mark.parametrize("how", ["file", "text", "fields"])
def test_googles_client_is_taken_as_a_file_as_text_and_typed(admin: Client, how: str) -> None:
    ways: dict[str, dict[str, Any]] = {
        "file": {"file": SimpleUploadedFile("client_secret.json", FILE.encode())},
        "text": {"text": FILE},
        "fields": {"client_id": IDS["google"], "client_secret": SECRET},
    }
    answer = admin.post("/setup/google/app/", ways[how] | ALL)
    assert answer.status_code == 302 and answer["Location"] == "/setup/google/"
    app = OAuthApp.objects.get(provider="google", active=True)
    assert not app.sandbox and app.credentials().client_secret == SECRET
    assert SECRET.encode() not in app.client_secret.ciphertext
    assert app.being_checked
    page = html(admin, "/setup/google/")
    assert IDS["google"] in page and "its fingerprint" in page and SECRET not in page


@pytest.mark.parametrize(
    ("provider", "given", "words"),
    [
        ("google", {"text": '{"type": "service_account"}'}, "service account"),
        ("google", {"text": json.dumps({"web": {"client_id": "mine", "client_secret": SECRET}})}, "does not look like"),
        (
            "google",
            {"text": json.dumps({"web": json.loads(FILE)["web"] | {"redirect_uris": ["http://x/"]}})},
            CALLBACK.format("google"),
        ),
        ("microsoft", TYPED | {"client_secret": IDS["microsoft"]}, "not its value"),
        ("microsoft", TYPED | {"tenant": ""}, "tenant"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words_and_not_shown_again(
    admin: Client, provider: str, given: dict[str, str], words: str
) -> None:
    answer = admin.post(f"/setup/{provider}/app/", given | ALL)
    page = answer.content.decode()
    assert answer.status_code == 400 and words in page and SECRET not in page
    assert not OAuthApp.objects.filter(sandbox=False).exists()


def test_the_tenant_can_be_changed_and_the_secret_stays(admin: Client) -> None:
    assert admin.post("/setup/microsoft/app/", TYPED).status_code == 302
    own = {"client_id": IDS["microsoft"], "tenant": "", "own_tenant": "nordlys.example", "services": ["mail"]}
    assert admin.post("/setup/microsoft/app/", own).status_code == 302
    app = OAuthApp.objects.get(provider="microsoft", active=True)
    assert (app.tenant, app.credentials().client_secret) == ("nordlys.example", SECRET)
    assert [s.value for s in app.offered_services] == ["mail"]
    steps = html(admin, "/setup/microsoft/")
    assert "Mail.ReadWrite" in steps and "Calendars.ReadWrite" not in steps
    asked = admin.post("/accounts/microsoft/login/?process=connect", {"service": ["mail", "calendar"]})["Location"]
    assert "Mail.ReadWrite" in asked and "Calendars" not in asked


def test_a_check_is_asked_for_and_what_it_finds_is_shown(admin: Client, sandbox: SandboxProcess) -> None:
    store(sandbox, "google")
    sandbox.drill("misregister-app", provider="google", what="redirect-mismatch")
    assert "Not checked yet" in html(admin, "/setup/google/")
    assert admin.post("/setup/google/check/")["Location"] == "/setup/google/#check"
    waiting = html(admin, "/setup/google/")
    assert 'hx-trigger="every 1s"' in waiting and admin.get("/setup/google/check/").status_code == 204
    app = OAuthApp.objects.get(provider="google", active=True)
    doctor.run(app.pk)
    part = html(admin, "/setup/google/check/")
    assert "1 thing to put right" in part and "every 1s" not in part
    assert "Open the client" in part and f"Paste {CALLBACK.format('google')}" in part
    assert "redirect_uri_mismatch" in part
    assert "1 thing to put right" in html(admin, "/setup/")


def test_the_names_for_being_told_of_changes_are_kept_with_the_app(
    admin: Client, sandbox: SandboxProcess, settings: LazySettings
) -> None:
    settings.OSMEN_PUSH_URL = "https://osmen.example.org"
    app = store(sandbox, "google")
    assert ">https://osmen.example.org/push/google/</textarea>" in html(admin, "/setup/google/push/")
    one = {"pubsub_topic": "projects/p/topics/osmen"}
    assert admin.post("/setup/google/push/", one).status_code == 400
    assert admin.post("/setup/google/push/", one | {"pubsub_account": "nobody"}).status_code == 400
    both = one | {"pubsub_account": "push@p.iam.gserviceaccount.com"}
    assert admin.post("/setup/google/push/", both).status_code == 302
    app.refresh_from_db()
    assert both.items() <= app.resolved_endpoints().items() and "authorize" in app.endpoints
    assert admin.post("/setup/google/push/", {"pubsub_topic": "", "pubsub_account": ""}).status_code == 302
    app.refresh_from_db()
    assert "pubsub_topic" not in app.endpoints and "authorize" in app.endpoints
    assert admin.get("/setup/microsoft/push/").status_code == 404


def test_a_subscription_is_fetched_from_with_a_key_that_is_stored_encrypted(
    admin: Client, sandbox: SandboxProcess
) -> None:
    app, path = store(sandbox, "google"), "/setup/google/push/"
    key = json.dumps(sandbox.control("service-accounts", email="reader@p.iam.gserviceaccount.com"))
    names = {"pubsub_topic": "projects/p/topics/osmen", "pubsub_subscription": "projects/p/subscriptions/osmen"}

    def post(text: str = "", **given: str) -> Any:
        file: dict[str, Any] = {"key": SimpleUploadedFile("key.json", text.encode())} if text else {}
        return admin.post(path, given | file)

    assert b"needs the JSON key" in post(**names).content
    assert b"not the JSON key" in post("{}", **names).content and b"not the JSON key" in post("[]", **names).content
    assert b"topic is needed" in post(key, pubsub_subscription=names["pubsub_subscription"]).content
    assert b"for a subscription" in post(key, pubsub_topic=names["pubsub_topic"], pubsub_account="a@b.example").content
    assert post(key, **names).status_code == 302
    app.refresh_from_db()
    private = json.loads(key)["private_key"].splitlines()[1]
    assert private.encode() not in app.pull_key.ciphertext and app.subscription().key == key
    assert private not in repr(app.subscription()) and private not in html(admin, path)
    assert "Empty keeps the one that is stored" in html(admin, path)
    sandbox.control("pubsub", topic=names["pubsub_topic"], subscription=names["pubsub_subscription"])
    assert app.provider_spec.keeps is not None and app.provider_spec.keeps.take(app.subscription()).notices == ()
    assert post(**names).status_code == 302
    app.refresh_from_db()
    assert app.subscription().key == key
    assert post().status_code == 302
    app.refresh_from_db()
    assert app.pull_key is None and "pubsub_subscription" not in app.endpoints


def test_too_many_attempts_are_refused(admin: Client) -> None:
    cache.clear()
    codes = {admin.post("/setup/google/app/", {"text": "no"}).status_code for _ in range(21)}
    assert codes == {400, 429}


@BOTH
def test_the_sandbox_steps_aside_for_one_provider_and_connections_stay(
    ada: Person, admin: Client, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    """A real app is one whose id is not the sandbox's; here its addresses are moved by the environment."""
    other = {"google": "microsoft", "microsoft": "google"}[provider]
    assert ada.connects(provider, ACCOUNTS[provider]).status_code == 302
    before = Connection.objects.get()
    for name, address in OAuthApp.objects.get(provider=provider, active=True).endpoints.items():
        monkeypatch.setenv(f"OSMEN_{provider}_{name}_URL".upper(), address)
    again(admin)
    given = {"client_id": IDS[provider], "client_secret": SECRET, "tenant": "common", **ALL}
    assert admin.post(f"/setup/{provider}/app/", given).status_code == 302
    assert f"client_id={IDS[provider]}" in ada.leaves_for(provider)
    assert f"client_id=sandbox-{other}" in ada.leaves_for(other)

    before.refresh_from_db()
    assert before.app.sandbox
    tokens.renew(before)  # by the app that made it: another's refresh token is refused
    assert all(tried.works for tried in probe_all(Accounts(ada.user)))
    second = {"google": "tomasz.zielinski@gmail.example", "microsoft": "tomasz@nordlys.example"}[provider]
    assert ada.connects(provider, second).status_code == 302
    made = Connection.objects.get(email=second)
    assert made.app.client_id == IDS[provider] and not made.app.sandbox
    assert Connection.objects.get(pk=before.pk).app.sandbox

    assert admin.post(f"/setup/{provider}/use/{before.app_id}/").status_code == 302
    assert f"client_id=sandbox-{provider}" in ada.leaves_for(provider)
    assert Connection.objects.get(pk=made.pk).app.client_id == IDS[provider]


def test_the_sandbox_stays_for_as_long_as_something_leads_to_it(ada: Person) -> None:
    assert not sandbox_apps.idle()
    ada.connects("google", ACCOUNTS["google"])
    store(ada.sandbox, "google")
    assert not sandbox_apps.idle()  # it stands in for Microsoft
    store(ada.sandbox, "microsoft")
    assert not sandbox_apps.idle()  # Ada's account stays with the app that made it
    sandbox_apps.ensure("http://127.0.0.1:9")
    made = Connection.objects.get().app
    assert made.sandbox and not made.active and made.resolved_endpoints()["token"] == "http://127.0.0.1:9/google/token"
    assert OAuthApp.objects.filter(active=True, sandbox=True).count() == 0
    Connection.objects.all().delete()
    assert sandbox_apps.idle()


@pytest.mark.parametrize(("path", "most"), [("/setup/", 8), ("/setup/google/", 8), ("/setup/google/app/", 15)])
def test_it_costs_few_queries_and_asks_nobody(admin: Client, sandbox: SandboxProcess, path: str, most: int) -> None:
    store(sandbox, "google")
    html(admin, path)
    with CaptureQueriesContext(database) as few:
        html(admin, path)
    OAuthApp.objects.bulk_create(
        [
            OAuthApp(provider="google", client_id=f"old-{n}", active=False, endpoints={"authorize": "x"})
            for n in range(5)
        ]
    )
    with CaptureQueriesContext(database) as more:
        html(admin, path)
    assert len(more) == len(few) <= most, [q["sql"][:120] for q in more]


def test_a_helper_without_the_permission_is_refused(ada: Person) -> None:
    User.objects.filter(pk=ada.user.pk).update(is_superuser=False, is_staff=True)
    assert ada.browser.get("/setup/").status_code == 403
    assert 'href="/setup/"' not in html(ada.browser, "/integrations/")
