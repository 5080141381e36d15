"""Whoever looks at a page has their accounts asked for news, and no page waits for that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from integrations import presence, tasks
from integrations.models import Connection
from integrations.sync import pace
from tests.journey.person import Person


def test_a_page_says_that_somebody_is_here_once_in_a_while(
    ada: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(tasks.seen, "apply_async", lambda args, **_: told.extend(args))
    client.get("/accounts/login/")
    assert told == []
    client.force_login(ada.user)
    client.get("/inbox/")
    client.get("/inbox/")
    assert told == [str(ada.user.pk)]


def test_a_broker_that_is_away_costs_no_page(ada: Person, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.seen, "apply_async", away)
    client.force_login(ada.user)
    assert client.get("/inbox/").status_code == 200


def test_who_comes_back_finds_what_rested_due_and_polled_more_often(ada: Person) -> None:
    connection = ada.connected("google", "ada.moreau@gmail.example")
    long_ago, soon = timezone.now() - timedelta(days=2), timezone.now() + timedelta(minutes=4)
    Connection.objects.update(active_at=long_ago, created_at=long_ago)
    connection.collections.update(changed_at=long_ago, due_at=soon)
    resting = connection.collections.select_related("connection").get(provider_id="mailbox")
    slow = pace.quiet_interval(resting)
    assert presence.seen(str(ada.user.pk)) == connection.collections.exclude(provider_id="").count()
    assert pace.quiet_interval(connection.collections.select_related("connection").get(pk=resting.pk)) < slow / 5
    connection.collections.update(due_at=soon)
    assert presence.seen(str(ada.user.pk)) == 0
