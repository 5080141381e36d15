"""The layer, the API and the page say the same of every connection, because they ask the same function."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations import get_integration_layer
from integrations.models import Collection, Connection, OAuthApp
from integrations.models.connection import State
from tests.pages.conftest import Connect

GMAIL = "https://www.googleapis.com/auth/gmail.modify"


def collection(row: Connection, service: str, **facts: object) -> None:
    usual = {"name": service, "phase": "current", "succeeded_at": timezone.now(), "due_at": timezone.now()}
    Collection.objects.create(connection=row, service=service, provider_id=service, **(usual | facts))


@pytest.fixture
def three(connect: Connect) -> list[Connection]:
    """A connection that works but for one service, one that lacks permissions, and one whose access has ended."""
    works, lacks = connect("eve@gmail.example"), connect("work@gmail.example", granted_scopes=[GMAIL])
    ended = connect("eve@outlook.example", "microsoft", state=State.RECONNECT, state_reason="It was ended.")
    collection(works, "mail")
    trouble = {"last_error": "Google has a problem.", "last_error_class": "TemporaryFailure", "last_error_code": "503"}
    collection(works, "calendar", **trouble)
    collection(works, "contacts", succeeded_at=timezone.now() - timedelta(days=2))
    collection(lacks, "mail")
    return [works, lacks, ended]


def on_the_page(html: str, told: dict[str, Any]) -> str:
    """The card of a connection."""
    found = re.search(rf'<li class="conn[^"]*" id="c-{told["id"]}">.*?</article></li>', html, re.DOTALL)
    assert found, told
    return found[0]


def test_all_three_say_the_same(browser: Client, eve: User, three: list[Connection]) -> None:
    layer = json.loads(json.dumps(get_integration_layer(eve).get_integration_status()))
    api = browser.get("/api/status/").json()
    assert api == layer and len(api["connections"]) == 3
    html = browser.get("/integrations/").content.decode()
    for one in api["connections"]:
        card = on_the_page(html, one)
        assert one["account"] in card
        shown = dict(re.findall(r'<tr data-service="(\w+)" data-state="(\w+)">', card))
        assert shown == {service["service"]: service["state"] for service in one["services"]}
        for service in one["services"]:
            if service["error"]:
                assert f"{service['error']} {service['remedy']}" in card
            assert ("not granted" in card) == any(s["missing_permissions"] for s in one["services"])


def test_what_has_stopped_is_not_said_to_be_tried_again(browser: Client, three: list[Connection]) -> None:
    """Neither where access has ended, which the card says once, nor where the person paused it."""
    Collection.objects.update(succeeded_at=timezone.now() - timedelta(days=2))
    for state in (State.RECONNECT, State.UNREADABLE, State.PAUSED):
        Connection.objects.update(state=state)
        html = browser.get("/integrations/").content.decode()
        assert "ried again" not in html and "Being tried" not in html and "osmen.py doctor" not in html
        assert html.count("Last looked at ") == 4
        for one in browser.get("/api/status/").json()["connections"]:
            told = {
                (s["state"], s["error"], s["remedy"]) for s in one["services"] if s["state"] not in ("missing", "off")
            }
            assert told and {(error, remedy) for _, error, remedy in told} == {(None, None)}, told
            assert "failing" not in {found for found, _, _ in told}


def test_a_permission_that_is_missing_is_said_once(browser: Client, three: list[Connection]) -> None:
    """With the button, and not beside what the provider answered for want of it."""
    refusal = "Google says that a permission for this is missing."
    collection(three[1], "calendar", last_error=refusal, last_error_class="ScopeMissing", last_error_code="scope")
    card = on_the_page(browser.get("/integrations/").content.decode(), {"id": three[1].pk})
    note = card[: card.index("Services, permissions and history")]
    assert refusal not in note and "Calendar is off" in note and "Reconnect to allow it" in note


def test_every_service_tells_all_of_it(eve: User, three: list[Connection]) -> None:
    told = get_integration_layer(eve).get_integration_status()
    services = {(c["account"], s["service"]): s for c in told["connections"] for s in c["services"]}
    failing = services["eve@gmail.example", "calendar"]
    assert (failing["state"], failing["error_class"]) == ("failing", "TemporaryFailure")
    assert failing["configured"] and failing["connected"] and failing["last_success"] and failing["remedy"]
    assert services["eve@gmail.example", "mail"]["scopes"] == [GMAIL]
    assert services["eve@gmail.example", "contacts"]["state"] == "stale"
    missing = services["work@gmail.example", "calendar"]
    assert (missing["connected"], missing["scopes"], missing["last_success"]) == (False, [], None)
    assert not services["eve@outlook.example", "mail"]["connected"]
    OAuthApp.objects.update(active=False)
    again = get_integration_layer(eve).get_integration_status()
    assert not any(s["configured"] for c in again["connections"] for s in c["services"])
    assert not any(p["configured"] for p in again["providers"].values())
