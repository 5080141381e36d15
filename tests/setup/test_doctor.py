"""The doctor: what can be wrong with a setup is made so by a drill, found and explained with the page that mends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from integrations import doctor, tasks
from integrations.models import Grant, OAuthApp
from integrations.providers.guides import Check, Finding, Verdict
from tests.journey.person import Person
from tests.providers.sandbox_process import SandboxProcess
from tests.setup.conftest import ACCOUNTS, BOTH, IDS, store


def found(app: OAuthApp, check: Check) -> Finding:
    """What the doctor says of one check now."""
    app.refresh_from_db()
    said = doctor.examine(app)
    return next(one for one in said if one.check is check)


def wrong(app: OAuthApp) -> set[Check]:
    app.refresh_from_db()
    return {one.check for one in doctor.examine(app) if one.verdict is Verdict.WRONG}


@BOTH
def test_nothing_is_wrong_with_a_good_setup(ada: Person, provider: str) -> None:
    app = store(ada.sandbox, provider)
    before = doctor.examine(app)
    assert not [one for one in before if one.verdict is Verdict.WRONG]
    assert {Check.API} <= {one.check for one in before if one.verdict is Verdict.UNSURE}
    ada.connects(provider, ACCOUNTS[provider])
    after = doctor.examine(app)
    assert {one.verdict for one in after} <= {Verdict.OK, Verdict.NOTE}
    assert {Check.REDIRECT, Check.SECRET, Check.CLOCK, Check.API} <= {o.check for o in after if o.verdict is Verdict.OK}


@pytest.mark.parametrize(
    ("provider", "what", "check", "page", "click"),
    [
        ("google", "redirect-mismatch", Check.REDIRECT, "/auth/clients/123456789012-abc", "Paste http://localhost"),
        (
            "microsoft",
            "redirect-mismatch",
            Check.REDIRECT,
            "/~/Authentication/appId/11111111",
            "Paste http://localhost",
        ),
        ("google", "wrong-client-type", Check.CLIENT_TYPE, "/auth/clients/create", "Web application"),
        ("microsoft", "wrong-client-type", Check.CLIENT_TYPE, "/~/Authentication/", "Add a platform: Web"),
        ("google", "expired-secret", Check.SECRET, "/auth/clients/123456789012-abc", "Add secret"),
        ("microsoft", "expired-secret", Check.SECRET, "/~/Credentials/", "New client secret"),
        ("microsoft", "wrong-audience", Check.AUDIENCE, "/~/Authentication/", "Supported account types"),
    ],
)
def test_a_wrong_registration_is_found_with_its_page(
    sandbox: SandboxProcess, provider: str, what: str, check: Check, page: str, click: str
) -> None:
    app = store(sandbox, provider)
    sandbox.drill("misregister-app", provider=provider, what=what)
    assert wrong(app) == {check}
    finding = found(app, check)
    assert page in finding.mend.page and finding.mend.page_name
    assert any(click in one for one in finding.mend.clicks), finding
    sandbox.drill("end-faults")
    assert wrong(app) == set()


def test_a_wrong_secret_and_a_wrong_tenant_are_told_apart(sandbox: SandboxProcess) -> None:
    assert wrong(store(sandbox, "google", secret="another~secret~altogether")) == {Check.SECRET}
    assert wrong(store(sandbox, "microsoft", secret="another~secret~altogether")) == {Check.SECRET}
    nowhere = store(sandbox, "microsoft", tenant="22222222-2222-3333-4444-555555555555")
    assert "no tenant 22222222" in found(nowhere, Check.TENANT).text and wrong(nowhere) == {Check.TENANT}


@pytest.mark.parametrize(("api", "host"), [("gmail", "gmail"), ("calendar", "calendar-json"), ("people", "people")])
def test_an_api_that_is_off_is_named_with_the_page_that_enables_it(ada: Person, api: str, host: str) -> None:
    app = store(ada.sandbox, "google")
    ada.connects("google", ACCOUNTS["google"])
    ada.sandbox.drill("disable-api", api=api)
    finding = found(app, Check.API)
    assert wrong(app) == {Check.API}
    assert finding.mend.page.endswith(f"/apis/library/{host}.googleapis.com?project=123456789012")
    assert finding.mend.clicks[0] == "Enable" and finding.code in ("SERVICE_DISABLED", "accessNotConfigured")


@BOTH
def test_a_permission_that_is_missing_is_named_with_its_account(ada: Person, provider: str) -> None:
    app = store(ada.sandbox, provider)
    ada.connects(provider, ACCOUNTS[provider])
    ada.sandbox.drill("take-permission", provider=provider, email=ACCOUNTS[provider], service="calendar")
    finding = found(app, Check.SCOPE)
    assert wrong(app) == {Check.SCOPE} and finding.account == ACCOUNTS[provider]
    assert f"Reconnect {ACCOUNTS[provider]}" in finding.mend.clicks[-1]


def test_testing_mode_shows_when_the_first_account_is_connected(ada: Person) -> None:
    app = store(ada.sandbox, "google")
    ada.sandbox.drill("misregister-app", provider="google", what="testing-mode")
    assert found(app, Check.TESTING).verdict is Verdict.UNSURE
    ada.connects("google", ACCOUNTS["google"])
    finding = found(app, Check.TESTING)
    assert wrong(app) == {Check.TESTING} and ACCOUNTS["google"] in finding.text
    assert finding.mend.page.endswith("/auth/audience?project=123456789012") and "Publish app" in finding.mend.clicks
    Grant.objects.update(refresh_expires_at=timezone.now() + timedelta(days=180))
    assert wrong(app) == set()


@BOTH
def test_a_clock_that_is_wrong_is_found(sandbox: SandboxProcess, provider: str) -> None:
    app = store(sandbox, provider)
    sandbox.drill("advance-clock", seconds=7 * 60)
    finding = found(app, Check.CLOCK)
    assert finding.verdict is Verdict.WRONG and "7 minutes behind" in finding.text
    assert any("timedatectl" in one for one in finding.mend.clicks)
    sandbox.reset()


@pytest.mark.parametrize(
    ("address", "verdict", "words"),
    [
        ("", Verdict.NOTE, "no public address"),
        ("http://osmen.example.org", Verdict.WRONG, "not https"),
        ("https://osmen.local", Verdict.WRONG, "of this machine or its network"),
        ("https://192.168.1.4", Verdict.WRONG, "of this machine or its network"),
        ("https://osmen.example.org", Verdict.NOTE, "Pub/Sub topic"),
    ],
)
def test_an_address_that_nobody_can_reach_is_said(
    sandbox: SandboxProcess, settings: LazySettings, address: str, verdict: Verdict, words: str
) -> None:
    app = store(sandbox, "google")
    settings.OSMEN_PUSH_URL = address
    finding = found(app, Check.PUSH)
    assert finding.verdict is verdict and words in finding.text


def test_pushes_that_nobody_signs_are_found(sandbox: SandboxProcess, settings: LazySettings) -> None:
    app = store(sandbox, "google")
    settings.OSMEN_PUSH_URL = "https://osmen.example.org"
    app.endpoints |= {"pubsub_topic": "projects/x/topics/osmen"}
    app.save()
    assert wrong(app) == {Check.PUSH} and "service account" in found(app, Check.PUSH).text
    configured = {"pubsub_topic": "projects/y/topics/other", "pubsub_account": "push@x.iam.gserviceaccount.com"}
    settings.OSMEN_PUSH_NAMES = {"google": configured}
    assert wrong(app) == set() and app.resolved_endpoints()["pubsub_topic"] == "projects/x/topics/osmen"


def test_a_subscription_that_is_fetched_needs_neither_address_nor_signature(
    sandbox: SandboxProcess, settings: LazySettings
) -> None:
    app = store(sandbox, "google")
    kept = {"pubsub_topic": "projects/x/topics/osmen", "pubsub_subscription": "projects/x/subscriptions/osmen"}
    settings.OSMEN_PUSH_NAMES = {"google": kept}
    for address in ("", "https://osmen.example.org"):
        settings.OSMEN_PUSH_URL = address
        assert Check.PUSH not in {finding.check for finding in doctor.examine(app)}


def test_a_provider_that_cannot_be_asked_is_no_fault_of_the_setup(sandbox: SandboxProcess) -> None:
    app = store(sandbox, "google")
    app.endpoints |= {"authorize": "http://127.0.0.1:9/auth"}
    app.save()
    assert wrong(app) == set() and found(app, Check.REACHABLE).verdict is Verdict.UNSURE


def test_a_refused_app_that_is_accepted_again_goes_on_at_once(ada: Person) -> None:
    app = store(ada.sandbox, "microsoft")
    OAuthApp.objects.filter(pk=app.pk).update(
        trouble="The app's client secret has expired.", trouble_since=timezone.now()
    )
    assert wrong(app) == set()
    app.refresh_from_db()
    assert app.trouble == ""


def test_a_check_is_carried_out_once_and_kept(sandbox: SandboxProcess) -> None:
    app = store(sandbox, "google")
    assert not doctor.run(app.pk)
    doctor.ask(app)
    app.refresh_from_db()
    assert app.being_checked and doctor.waiting() == []
    OAuthApp.objects.filter(pk=app.pk).update(check_asked_at=timezone.now() - timedelta(seconds=6))
    assert doctor.waiting() == [str(app.pk)]
    tasks.check_setup(str(app.pk))
    app.refresh_from_db()
    assert not app.being_checked and not doctor.run(app.pk)
    assert any(one["check"] == "redirect" and one["verdict"] == "ok" for one in app.findings)
    assert IDS["google"] == app.client_id
