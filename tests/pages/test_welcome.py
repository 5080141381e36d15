"""The first page of whoever is not signed in or has nothing connected."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts import invitations
from accounts.models import User
from integrations.models import OAuthApp
from tests.journey.person import Person


def text(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_signs_up_on_the_first_page(client: Client, db: None) -> None:
    html = text(client)
    assert html.count('type="password"') == 1 and html.count('type="email"') == 1
    assert ">Sign up</button>" in html and "Connect Google" not in html
    answer = client.post(
        "/accounts/signup/",
        {"email": "New@osmen.example", "password1": "correct horse battery", "time_zone": "Asia/Tokyo"},
    )
    assert answer.status_code == 302
    assert User.objects.get().time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("policy", ["invitation", "closed"])
def test_without_an_invitation_there_is_no_sign_up(client: Client, db: None, settings: Settings, policy: str) -> None:
    settings.OSMEN_SIGNUP = policy
    assert ">Sign up</button>" not in text(client)
    client.get(f"/invitation/{invitations.create()}/")
    assert ">Sign up</button>" in text(client)


def test_the_buttons_are_there_once_and_may_lead_to_the_providers(browser: Client, apps: None) -> None:
    answer = browser.get("/")
    html = answer.content.decode()
    for name in ("Connect Google", "Connect Microsoft"):
        assert html.count(f"<span>{name}</span></button>") == 1
    policy = answer["Content-Security-Policy"]
    assert "form-action 'self' https://accounts.google.com https://login.microsoftonline.com" in policy
    assert "accounts.google.com" not in browser.get("/settings/")["Content-Security-Policy"]


def test_a_provider_without_an_app_is_explained(browser: Client, eve: User) -> None:
    html = text(browser)
    assert "Connecting Google accounts is not set up on this OsMEN yet." in html
    assert "Ask whoever runs it" in html and "Connect Google</span>" not in html
    eve.is_staff = eve.is_superuser = True
    eve.save()
    assert "/setup/google/" in text(browser)


def test_sample_accounts_are_named_as_such(browser: Client, apps: None) -> None:
    assert "Sample accounts" not in text(browser)
    OAuthApp.objects.filter(provider="google").update(sandbox=True)
    assert "Sample accounts" in text(browser)


def test_what_arrives_is_shown_while_it_does(ada: Person) -> None:
    ada.connects("google", "ada.moreau@gmail.example")
    html = text(ada.browser)
    assert "Watch it arrive" in html and "ada.moreau@gmail.example</strong> is connected" in html
    part = text(ada.browser, "/arriving/")
    assert "every 2s" in part
    mark = part.split("mark=")[1].split('"')[0]
    assert ada.browser.get(f"/arriving/?mark={mark}").status_code == 204


def test_the_page_costs_a_fixed_number_of_queries(
    browser: Client, apps: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        text(browser)
