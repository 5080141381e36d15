"""Settings: what a person chooses holds at once, and what only administrators may do."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Invitation, User
from tests.pages.conftest import PASSWORD

CHOICES = {
    "name": "Eve",
    "time_zone": "Europe/Oslo",
    "hour12": "True",
    "week_start": "0",
    "theme": "dark",
    "density": "compact",
}


def test_choices_hold_at_once(browser: Client, eve: User) -> None:
    answer = browser.post("/settings/", CHOICES, follow=True)
    html = answer.content.decode()
    assert 'data-theme="dark" data-density="compact"' in html and "Saved." in html
    eve.refresh_from_db()
    assert (eve.time_zone, eve.time_zone_chosen, eve.hour12, eve.week_start) == ("Europe/Oslo", True, True, 0)
    assert '<option value="True" selected>' in html


def test_a_refused_choice_changes_nothing(browser: Client, eve: User) -> None:
    answer = browser.post("/settings/", CHOICES | {"time_zone": "Middle/Earth"})
    assert answer.status_code == 400 and b"Select a valid choice" in answer.content
    assert b'data-theme="dark"' not in answer.content
    eve.refresh_from_db()
    assert eve.theme == "system"


def test_the_browsers_zone_is_taken_until_one_is_chosen(browser: Client, eve: User) -> None:
    browser.post("/settings/time-zone/", {"time_zone": "Asia/Tokyo"})
    eve.refresh_from_db()
    assert eve.time_zone == "Asia/Tokyo"
    pages = ("/", "/integrations/")
    assert all(b'data-time-zone-to="/settings/time-zone/"' in browser.get(path).content for path in pages)
    browser.post("/settings/", CHOICES)
    assert not any(b"data-time-zone-to" in browser.get(path).content for path in pages)
    browser.post("/settings/time-zone/", {"time_zone": "Asia/Tokyo"})
    eve.refresh_from_db()
    assert eve.time_zone == "Europe/Oslo"


def test_other_browsers_are_signed_out(eve: User) -> None:
    here = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"})
    there = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"})
    for browser in (here, there):
        assert browser.post("/accounts/login/", {"login": eve.email, "password": PASSWORD}).status_code == 302
        browser.get("/")
    html = here.get("/settings/").content.decode()
    assert "Firefox on Linux" in html and "Safari on iPhone" in html and html.count("This browser") == 1
    here.post("/accounts/sessions/")
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302


def test_an_administrator_invites(browser: Client, eve: User) -> None:
    User.objects.filter(pk=eve.pk).update(is_superuser=True, is_staff=True)
    answer = browser.post("/settings/invitations/", {"email": "bo@osmen.example"})
    link = re.search(r'value="http://[^"]*(/invitation/[^"]+)"', answer.content.decode())
    assert link is not None and answer["Cache-Control"].count("no-store")
    assert "bo@osmen.example" in browser.get("/settings/").content.decode()
    guest = Client()
    assert guest.get(link.group(1)).status_code == 302
    browser.post(f"/settings/invitations/{Invitation.objects.get().pk}/withdraw/")
    assert guest.get(link.group(1)).status_code == 410


@pytest.mark.parametrize("path", ["/settings/invitations/", "/settings/invitations/1/withdraw/"])
def test_nobody_else_invites(browser: Client, path: str) -> None:
    answer = browser.post(path)
    assert answer.status_code == 403 and b"This page is not for you" in answer.content
    assert b"/settings/invitations/" not in browser.get("/settings/").content
