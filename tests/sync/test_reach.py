"""How far back mail is kept is the person's choice, at the start and later, at both providers."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from integrations.models import Connection
from integrations.models.connection import Reach
from integrations.providers.microsoft import mail as outlook
from integrations.sync import reach
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.test_engine import BOTH


def dates(connection: Connection) -> list[datetime]:
    return sorted(Message.objects.filter(connection=connection, detached_at=None).values_list("date", flat=True))


@BOTH
@pytest.mark.parametrize("filtered", [True, False])
def test_less_is_kept_and_then_everything_again(
    ada: Person, provider: str, account: str, filtered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = ada.connected(provider, account)
    everything = dates(connection)
    middle = everything[len(everything) // 2].replace(microsecond=0)
    monkeypatch.setattr(reach, "_since", {Reach.YEAR: middle, Reach.ALL: None}.get)
    monkeypatch.setattr(outlook, "MOST_FILTERED", 4_000 if filtered else 0)

    assert reach.choose(connection, Reach.YEAR) and not reach.choose(connection, Reach.YEAR)
    engine.sync_everything()
    assert dates(connection) == [at for at in everything if at >= middle]
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="Fresh bread at four")
    engine.sync_everything()
    assert Message.objects.filter(connection=connection, subject="Fresh bread at four").count() == 1

    assert reach.choose(connection, Reach.ALL)
    engine.sync_everything()
    assert len(dates(connection)) == len(everything) + 1
    assert differences(ada.sandbox, connection) == []


def test_the_choice_is_made_on_the_page(ada: Person, client: Client) -> None:
    connection = ada.connected("google", "ada.moreau@gmail.example")
    client.force_login(connection.user)
    answer = client.post(f"/integrations/{connection.pk}/mail-reach/", {"reach": "3m"})
    connection.refresh_from_db()
    assert (answer.status_code, connection.mail_reach, connection.mail_since is None) == (302, "3m", False)
    assert client.post(f"/integrations/{connection.pk}/mail-reach/", {"reach": "9y"}).status_code == 404
