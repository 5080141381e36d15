"""Gmail's changes without a public address: kept in a subscription at the sandbox, and fetched."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from integrations.models import Channel, Collection, Connection
from integrations.providers.google.pull import PubsubSubscription
from integrations.push import channels, pulls
from integrations.sync import pace
from tests.journey import engine
from tests.journey.person import Person

ACCOUNT = "ada.moreau@gmail.example"
TOPIC, SUBSCRIPTION = "projects/osmen/topics/kept", "projects/osmen/subscriptions/kept"
READER = "reader@osmen.iam.gserviceaccount.com"


@pytest.fixture
def mailbox(ada: Person, settings: Any, tmp_path: Path) -> Collection:
    """Ada's mailbox, connected; its changes are kept in a subscription, and nobody can reach us."""
    key = tmp_path / "key.json"
    key.write_text(json.dumps(ada.sandbox.control("service-accounts", email=READER)))
    ada.sandbox.control("pubsub", topic=TOPIC, subscription=SUBSCRIPTION)
    names = {"pubsub_topic": TOPIC, "pubsub_subscription": SUBSCRIPTION, "pubsub_key_file": str(key)}
    settings.OSMEN_PUSH_URL, settings.OSMEN_PUSH_NAMES = "", {"google": names}
    connection: Connection = ada.connected("google", ACCOUNT)
    assert channels.keep() == 1
    engine.sync_everything()
    return connection.collections.get(provider_id="mailbox")


def rest(collection: Collection) -> None:
    Collection.objects.filter(pk=collection.pk).update(due_at=timezone.now() + timedelta(hours=1))


def told(seconds: float = 8) -> int:
    """Fetch until something was there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := pulls.pull():
            return found
        time.sleep(0.1)
    return 0


def test_new_mail_is_fetched_once_and_acknowledged(ada: Person, mailbox: Collection) -> None:
    rest(mailbox)
    ada.sandbox.drill("add-mail", provider="google", email=ACCOUNT, subject="Kept for you")
    assert told() == 1
    mailbox.refresh_from_db()
    assert mailbox.due_at < timezone.now() + timedelta(minutes=1)
    assert mailbox.channel.heard_at is not None and mailbox.channel.open
    engine.sync_everything()
    assert mailbox.connection.messages.filter(subject="Kept for you").count() == 1
    ada.sandbox.drill("advance-clock", seconds=60)
    assert pulls.pull() == 0, "what was acknowledged came again"


def test_what_was_not_acknowledged_comes_again(
    ada: Person, mailbox: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(PubsubSubscription, "acknowledge", lambda *_: None)
        ada.sandbox.drill("add-mail", provider="google", email=ACCOUNT, subject="Killed in between")
        assert told() == 1
    rest(mailbox)
    assert pulls.pull() == 0
    ada.sandbox.drill("advance-clock", seconds=60)
    assert told() == 1
    mailbox.refresh_from_db()
    assert mailbox.due_at < timezone.now() + timedelta(minutes=1)


def test_only_mail_has_a_channel_and_is_asked_about_less_often(mailbox: Collection, settings: Any) -> None:
    assert list(Channel.objects.values_list("collection", flat=True)) == [mailbox.pk]
    assert pace.interval(mailbox) == settings.OSMEN_PUSH_POLL_SECONDS


def test_a_key_that_is_refused_means_asking_as_often_as_before(ada: Person, mailbox: Collection, settings: Any) -> None:
    ada.sandbox.control("service-accounts", email=READER)  # a new key: the old one is worth nothing
    key = Path(settings.OSMEN_PUSH_NAMES["google"]["pubsub_key_file"])
    key.write_text(key.read_text() + "\n")
    assert pulls.pull() == 0
    channel = Channel.objects.get(collection=mailbox)
    assert not channel.open and "service account" in channel.last_error
    assert pace.interval(mailbox) < settings.OSMEN_PUSH_POLL_SECONDS
    key.unlink()
    assert pulls.pull() == 0
    channel.refresh_from_db()
    assert "cannot be used" in channel.last_error
