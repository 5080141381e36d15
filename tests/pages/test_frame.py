"""The frame around every page: where you are, what needs you, how you like to see it, at a fixed price."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from integrations.models import Connection, OAuthApp
from integrations.models.connection import State


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@osmen.example", "correct horse battery", name="Ada Moreau")


@pytest.fixture
def connect(ada: User) -> Callable[..., Connection]:
    def make(email: str, **facts: object) -> Connection:
        app, _ = OAuthApp.objects.get_or_create(provider="google", defaults={"client_id": "client"})
        return Connection.objects.create(user=ada, provider="google", app=app, subject=email, email=email, **facts)

    return make


def _page(user: User | AnonymousUser, path: str = "/inbox/") -> str:
    request = RequestFactory().get(path)
    request.user = user
    return render_to_string("frame/page.html", request=request)


@pytest.mark.parametrize(("path", "place"), [("/", "Today"), ("/inbox/7/", "Inbox"), ("/settings/", "Settings")])
def test_the_rail_marks_where_you_are(ada: User, path: str, place: str) -> None:
    html = _page(ada, path)
    assert html.count('aria-current="page"') == 1
    assert place in html.split('aria-current="page"')[1].split("</a>")[0]


@pytest.mark.parametrize(("path", "to"), [("/inbox/", "list"), ("/calendar/", "cal"), ("/people/", "main")])
def test_skipping_leads_past_the_side_pane(ada: User, client: Client, path: str, to: str) -> None:
    client.force_login(ada)
    html = client.get(path).content.decode()
    assert f'<a class="skip" href="#{to}">' in html
    assert re.search(rf'<\w+ [^>]*id="{to}" tabindex="-1"', html)


def test_nothing_is_said_when_nothing_needs_you(ada: User, connect: Callable[..., Connection]) -> None:
    connect("ada@gmail.example")
    assert "Needs you" not in _page(ada)


def test_the_worst_is_said_first_with_what_mends_it(ada: User, connect: Callable[..., Connection]) -> None:
    connect("slow@gmail.example", wait_until=timezone.now() + timedelta(minutes=5))
    dead = connect("dead@gmail.example", state=State.RECONNECT)
    html = _page(ada)
    assert "Google stopped accepting our access to dead@gmail.example." in html
    assert f'href="/integrations/#c-{dead.pk}">Reconnect</a>' in html
    assert "1 more" in html and "1 needs you" in html


def test_another_users_trouble_is_not_mine(ada: User, connect: Callable[..., Connection]) -> None:
    connect("dead@gmail.example", state=State.RECONNECT)
    assert "Needs you" not in _page(User.objects.create_user("bo@osmen.example", "correct horse battery"))


def test_theme_and_density_are_on_the_document(ada: User) -> None:
    assert "data-theme" not in _page(ada)
    ada.theme, ada.density = "dark", "compact"
    assert '<html lang="en" data-theme="dark" data-density="compact">' in _page(ada)


def test_the_frame_costs_one_query(
    ada: User, connect: Callable[..., Connection], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(5):
        connect(f"{n}@gmail.example", state=State.RECONNECT)
    _page(ada)
    with django_assert_num_queries(1):
        _page(ada)


def test_a_page_without_a_user_has_no_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert "rail" not in render_to_string("frame/plain.html", request=request)
