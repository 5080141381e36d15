"""The layer's own side: choosing accounts, the manager, what is stored, writes through the outbox, status, checks."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from integrations import get_integration_layer, get_integration_status
from integrations.errors import MisconfiguredApp, PermanentFailure, ReconnectRequired, ScopeMissing
from integrations.layer import IntegrationLayer
from integrations.layers.accounts import ChoiceNeeded
from integrations.models import Change, Connection, OAuthApp
from integrations.models.connection import State
from tests.journey import engine
from tests.journey.person import Person
from tests.layer.conftest import GOOGLE, MICROSOFT, OTHER_GOOGLE
from tests.providers.sandbox_process import ROOT

START = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=4)
TEA = {"title": "Tea", "start": START, "end": START + timedelta(hours=1), "location": "Kitchen"}


@pytest.fixture
def layer(ada: Person) -> IntegrationLayer:
    """Ada with an account at each provider."""
    ada.connected("google", GOOGLE)
    ada.connected("microsoft", MICROSOFT)
    return get_integration_layer(ada.user)


def test_it_is_light_to_import() -> None:
    code = "import sys, time; t = time.perf_counter(); import integrations; s = time.perf_counter() - t;"
    code += "assert s < 0.5, s; assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_vendors_clients_are_loaded_when_they_are_used() -> None:
    code = "import sys, time, django; django.setup(); t = time.perf_counter();"
    code += "from integrations import get_integration_layer; s = time.perf_counter() - t; assert s < 0.5, s;"
    code += "heavy = [n for n in ('googleapiclient', 'google.auth', 'httplib2', 'msal') if n in sys.modules];"
    code += "assert not heavy, heavy"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "osmen_web.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=ROOT)


def test_a_user_is_found_by_address_id_and_as_the_only_one(ada: Person) -> None:
    for given in (ada.user, ada.user.pk, "ADA@example.org", None):
        assert get_integration_layer(given).user == ada.user
    with pytest.raises(PermanentFailure, match=r"nobody@example\.org"):
        get_integration_layer("nobody@example.org")
    User.objects.create_user("ben@example.org")
    with pytest.raises(PermanentFailure, match="several people"):
        get_integration_layer()


def test_every_getter_gives_a_working_client(layer: IntegrationLayer) -> None:
    assert layer.get_google_gmail().get_profile()["emailAddress"] == GOOGLE
    assert layer.get_google_calendar().list_calendars()
    assert layer.get_google_contacts().list_contacts()
    assert layer.get_outlook_mail().get_profile()["mail"] == MICROSOFT
    assert layer.get_outlook_calendar().list_calendars()
    assert layer.get_microsoft_contacts().list_contacts()


def test_errors_name_the_choices_and_the_way_out(ada: Person) -> None:
    layer = get_integration_layer(ada.user)
    with pytest.raises(PermanentFailure, match="No Google account is connected"):
        layer.get_google_calendar()
    ada.connected("google", GOOGLE)
    ada.connected("google", OTHER_GOOGLE, without=("https://www.googleapis.com/auth/calendar.events",))
    assert layer.get_google_calendar().list_calendars()
    with pytest.raises(ChoiceNeeded, match=OTHER_GOOGLE) as raised:
        layer.get_google_gmail()
    assert raised.value.choices == (GOOGLE, OTHER_GOOGLE)
    assert layer.get_google_gmail(account=OTHER_GOOGLE).get_profile()["emailAddress"] == OTHER_GOOGLE
    with pytest.raises(PermanentFailure, match="no Google account nobody"):
        layer.get_google_gmail(account="nobody")
    with pytest.raises(ScopeMissing, match=r"calendar\.events"):
        layer.get_google_calendar(account=OTHER_GOOGLE)
    OAuthApp.objects.filter(provider="microsoft").update(active=False)
    with pytest.raises(MisconfiguredApp, match="Microsoft"):
        layer.get_outlook_mail()
    Connection.objects.update(state=State.RECONNECT, state_reason="It was ended.")
    with pytest.raises(ReconnectRequired, match="It was ended"):
        layer.get_google_calendar(account=GOOGLE)


def test_the_manager_writes_where_it_is_told_and_nowhere_else(layer: IntegrationLayer) -> None:
    manager = layer.get_calendar_manager()
    with pytest.raises(ChoiceNeeded, match="set_primary_provider"):
        manager.create_event(TEA)
    for provider in ("google", "microsoft"):
        manager.set_primary_provider(provider)
        made = manager.create_event({**TEA, "attendees": ["ben@example.org"], "time_zone": "Europe/Berlin"})
        assert (made.title, made.location, made.start) == ("Tea", "Kitchen", START)
        assert [a.email for a in made.attendees if not a.organizer] == ["ben@example.org"]
        changed = manager.update_event(made.id, {"title": "Coffee"})
        assert (changed.title, changed.location) == ("Coffee", "Kitchen")
        window = {"start": START - timedelta(minutes=1), "end": START + timedelta(minutes=1)}
        assert made.id in [e.id for e in manager.list_events(None, **window)]  # type: ignore[arg-type]
        manager.delete_event(made.id)
        assert made.id not in [e.id for e in manager.list_events(None, **window)]  # type: ignore[arg-type]
    assert manager.get_status()["primary_account"] == MICROSOFT
    another = get_integration_layer(layer.user)
    assert another.get_calendar_manager().create_event(TEA).title == "Tea"
    assert another.create_event(TEA).account == MICROSOFT
    told = {one["account"]: one["primary"] for one in another.get_integration_status()["connections"]}
    assert told == {account: account == MICROSOFT for account in told}
    Connection.objects.filter(email=MICROSOFT).update(state=State.RECONNECT, state_reason="It was ended.")
    with pytest.raises(ReconnectRequired, match="It was ended"):  # and nothing is written anywhere else
        another.get_calendar_manager().create_event(TEA)


def test_a_batch_says_what_became_of_each(layer: IntegrationLayer) -> None:
    day = {"title": "Off", "start": START.date(), "end": START.date() + timedelta(days=1)}
    result = layer.get_calendar_manager().create_events_batch([TEA, day, {"title": "When?", "start": "soon"}], "google")
    assert (result["total"], result["successful"], result["failed"]) == (3, 2, 1)
    assert "soon" in result["events"][2]["error"]
    events = layer.get_calendar_manager().list_events(
        None, "google", start=START.date(), end=START + timedelta(hours=2)
    )
    assert any(e.title == "Off" and e.start == START.date() for e in events)


def test_all_accounts_are_read_as_one(layer: IntegrationLayer) -> None:
    inbox = layer.inbox(limit=200)
    assert {m.account for m in inbox} == {GOOGLE, MICROSOFT}
    assert [m.date for m in inbox] == sorted((m.date for m in inbox), reverse=True)
    assert all(m.unread for m in layer.inbox(unread=True)) and layer.inbox(unread=True, account=GOOGLE)
    assert layer.read(inbox[0])
    week = layer.events(datetime.now(UTC), datetime.now(UTC) + timedelta(days=14))
    assert {e.account for e in week} == {GOOGLE, MICROSOFT}
    assert all(isinstance(e.start, date) for e in week)
    found = layer.search(week[0].title.split()[0])
    assert found.events and len(found)


def test_people_of_all_address_books(layer: IntegrationLayer) -> None:
    assert {p.account for p in layer.people(limit=500)} == {GOOGLE, MICROSOFT}
    someone = next(p for p in layer.people(limit=500) if p.emails)
    assert someone in layer.people(someone.name)


@pytest.mark.parametrize("account", [GOOGLE, MICROSOFT])
def test_a_message_goes_out_once_and_says_so(layer: IntegrationLayer, account: str) -> None:
    sent = layer.send("Ben <ben@example.org>", "Grüße", "Hello\nBen", account=account, wait=20)
    assert sent.done and layer.pending(sent).done
    if account == GOOGLE:
        assert len(layer.get_google_gmail().list_messages("subject:Grüße in:sent")) == 1
    else:
        newest = layer.get_outlook_mail().list_messages("sentitems", 1)[0]
        assert newest["subject"] == "Grüße" and newest["toRecipients"][0]["emailAddress"]["name"] == "Ben"
    with pytest.raises(PermanentFailure, match="somebody"):
        layer.send("", "Nobody", "", account=account)


@pytest.mark.parametrize("account", [GOOGLE, MICROSOFT])
def test_an_event_goes_through_the_outbox(layer: IntegrationLayer, account: str) -> None:
    waiting = layer.create_event(TEA, account=account)
    assert not waiting.done and Change.objects.get(id=waiting.change_id).state == "waiting"
    engine.push_all()
    assert layer.pending(waiting).done
    engine.sync_everything()
    mine = layer.events(START - timedelta(hours=1), START + timedelta(hours=2), account=account)
    assert [e.location for e in mine if e.title == "Tea"] == ["Kitchen"]


def test_status_is_what_the_api_says(layer: IntegrationLayer, ada: Person) -> None:
    status = layer.get_integration_status()
    assert status == get_integration_status(ada.user)
    answered = ada.browser.get("/api/status/").json()
    assert [c["account"] for c in answered["connections"]] == [c["account"] for c in status["connections"]]
    assert answered["providers"] == status["providers"]
    assert status["providers"]["google"] == {
        "configured": True,
        "sandbox": True,
        "trouble": None,
        "connected": 1,
        "accounts": [GOOGLE],
    }
    google = layer.check_google_integration()
    assert google["mail_available"] and google["calendar_available"] and not google["problems"]
    layer.accounts.all()[1].grant.delete()
    microsoft = layer.check_microsoft_integration()
    assert not microsoft["mail_available"] and MICROSOFT in microsoft["problems"][0]


def test_an_administrator_sets_an_app_up_and_nobody_else(ada: Person, sandbox: object) -> None:
    layer = get_integration_layer(ada.user)
    app = layer.setup_google_oauth("123-abc.apps.googleusercontent.com", "GOCSPX-not-a-real-one")
    assert app.active and app.credentials().client_secret == "GOCSPX-not-a-real-one"
    assert not OAuthApp.objects.get(provider="google", sandbox=True).active
    with pytest.raises(PermanentFailure, match=r"apps\.googleusercontent\.com"):
        layer.setup_google_oauth("mine", "GOCSPX-not-a-real-one")
    with pytest.raises(PermanentFailure, match="secret's id"):
        layer.setup_microsoft_oauth("11111111-2222-3333-4444-555555555555", "11111111-2222-3333-4444-555555555555")
    ben = get_integration_layer(User.objects.create_user("ben@example.org"))
    with pytest.raises(PermanentFailure, match="no administrator"):
        ben.setup_google_oauth("123-abc.apps.googleusercontent.com", "GOCSPX-not-a-real-one")
