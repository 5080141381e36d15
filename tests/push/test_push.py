"""Channels at the sandbox: opened, believed only with proof, renewed, remade, and never the only way."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import Channel, Collection
from integrations.push import channels
from integrations.sync import pace
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.history.history import OWNERS

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def comes(what: Callable[[], bool], seconds: float = 8) -> bool:
    """Whether something becomes so within some seconds."""
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.1)
    return what()


def heard(channel: Channel, since: datetime) -> bool:
    """Whether the provider knocks for a channel within some seconds."""
    return comes(Channel.objects.filter(pk=channel.pk, heard_at__gt=since).exists)


def first_words_heard(channel: Channel) -> None:
    """Wait for what Google says once about every new channel: that it works."""
    if channel.collection.connection.provider == "google":
        assert comes(Channel.objects.filter(pk=channel.pk).exclude(heard_at=None).exists)


@BOTH
def test_a_change_in_a_calendar_is_told_and_brought(door: str, ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    assert channels.keep() > 0
    engine.sync_everything()
    primary = connection.collections.filter(service="calendar").exclude(provider_id="").order_by("priority")[0]
    channel = Channel.objects.get(collection=primary)
    assert channel.open and channel.renew_at > timezone.now()
    first_words_heard(channel)
    Collection.objects.filter(pk=primary.pk).update(due_at=timezone.now() + timedelta(hours=1))
    before, owner = timezone.now(), OWNERS[provider](ada.sandbox, account)
    day = f"{before + timedelta(days=3):%Y-%m-%d}"
    hours = {"start": "10:00:00Z", "end": "11:00:00Z"}
    body = {name: {"dateTime": f"{day}T{hour}", "timeZone": "UTC"} for name, hour in hours.items()}
    where = "/calendar/v3/calendars/primary/events" if provider == "google" else "/v1.0/me/events"
    owner.call("POST", where, {**body, "summary" if provider == "google" else "subject": "Told at once"})
    assert heard(channel, before)
    there = connection.calendars.filter(events__title="Told at once")

    assert made_due(primary, seconds=0)
    assert comes(lambda: bool(engine.sync_everything()) and there.exists())


def test_mail_at_microsoft_is_told(door: str, ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    channels.keep()
    inbox = Channel.objects.get(collection=connection.collections.filter(service="mail", priority=0)[0])
    before = timezone.now()
    ada.sandbox.drill("add-mail", provider="microsoft", email=MICROSOFT, subject="Knock, knock")
    assert heard(inbox, before)


@BOTH
def test_who_does_not_know_the_secret_is_not_believed(door: str, ada: Person, provider: str, account: str) -> None:
    ada.connected(provider, account)
    channels.keep()
    channel = Channel.objects.exclude(provider_id="").filter(collection__service="calendar")[0]
    Channel.objects.update(heard_at=None)
    token = f"{channel.pk}.{'0' * 64}"
    if provider == "google":
        answer = Client().post("/push/google/", headers={"X-Goog-Channel-ID": "x", "X-Goog-Channel-Token": token})
    else:
        knock = {"value": [{"clientState": token, "subscriptionId": channel.provider_id}]}
        answer = Client().post("/push/microsoft/", knock, content_type="application/json")
    assert answer.status_code in (202, 204)
    channel.refresh_from_db()
    assert channel.heard_at is None


def test_an_unsigned_push_of_gmail_is_refused(door: str, ada: Person) -> None:
    knock = {"message": {"data": "eyJlbWFpbEFkZHJlc3MiOiAiYUBiIn0="}}
    assert Client().post("/push/google/", knock, content_type="application/json").status_code == 401


def test_a_signed_push_of_gmail_makes_its_mailbox_due(door: str, ada: Person, settings: Any) -> None:
    pusher, topic, at = "pusher@osmen.iam.example", "projects/osmen/topics/gmail", f"{door}/push/google/"
    call = {"topic": topic, "subscription": "projects/osmen/subscriptions/osmen", "push_endpoint": at}
    ada.sandbox.control("pubsub", **call, service_account=pusher, audience=at)
    names = {"pubsub_topic": topic, "pubsub_account": "somebody@else.iam.example"}
    settings.OSMEN_PUSH_NAMES = {"google": names}
    connection = ada.connected("google", GOOGLE)
    channels.keep()
    mailbox = connection.collections.get(provider_id="mailbox")
    assert mailbox.channel.open
    Collection.objects.filter(pk=mailbox.pk).update(due_at=timezone.now() + timedelta(hours=1))
    ada.sandbox.drill("add-mail", provider="google", email=GOOGLE, subject="Signed and sealed")
    assert not made_due(mailbox, seconds=3)
    settings.OSMEN_PUSH_NAMES = {"google": names | {"pubsub_account": pusher}}  # Pub/Sub says again what was refused
    assert made_due(mailbox, seconds=20)
    there = connection.messages.filter(subject="Signed and sealed")
    assert comes(lambda: bool(engine.sync_everything()) and there.count() == 1)


def made_due(collection: Collection, seconds: float) -> bool:
    soon = timezone.now() + timedelta(minutes=1)
    return comes(Collection.objects.filter(pk=collection.pk, due_at__lt=soon).exists, seconds)


def test_a_handshake_is_answered_in_plain_text(door: str, db: None) -> None:
    answer = Client().post("/push/microsoft/?validationToken=Hello%20%3Cb%3E")
    assert (answer.status_code, answer.content, answer["Content-Type"].split(";")[0]) == (
        200,
        b"Hello <b>",
        "text/plain",
    )


@pytest.mark.parametrize("body", [b"", b"[]", b'{"value": 3}', b'{"value": [3]}', b"\xff"])
def test_nonsense_is_refused_quietly(door: str, db: None, body: bytes) -> None:
    assert Client().post("/push/microsoft/", body, content_type="application/json").status_code == 400
    assert Client().post("/push/nobody/", body, content_type="application/json").status_code == 404


def test_without_a_public_address_there_are_no_channels(ada: Person) -> None:
    ada.connected("google", GOOGLE)
    assert channels.keep() == 0 and not Channel.objects.exists()
    assert Client().post("/push/google/").status_code == 404


@BOTH
def test_a_channel_is_renewed_ahead_and_remade_when_it_died(
    door: str, ada: Person, provider: str, account: str
) -> None:
    ada.connected(provider, account)
    channels.keep()
    channel = Channel.objects.exclude(provider_id="").filter(collection__service="calendar")[0]
    first = channel.expires_at
    Channel.objects.filter(pk=channel.pk).update(renew_at=timezone.now(), expires_at=timezone.now())
    assert channels.keep() >= 1
    channel.refresh_from_db()
    assert channel.expires_at is not None and first is not None and channel.expires_at >= first
    Channel.objects.filter(pk=channel.pk).update(provider_id="", renew_at=timezone.now())
    assert channels.keep() >= 1
    channel.refresh_from_db()
    assert channel.open


def test_under_a_new_grant_channels_are_opened_anew(door: str, ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    channels.keep()
    inbox = Channel.objects.get(collection=connection.collections.filter(service="mail", priority=0)[0])
    before = timezone.now()
    ada.sandbox.drill("take-permission", provider="microsoft", email=MICROSOFT, service="mail")
    assert heard(inbox, before)  # it is challenged, cannot answer, and is told nothing more
    channels.keep()
    inbox.refresh_from_db()
    assert inbox.last_error and inbox.renew_at > timezone.now() + timedelta(hours=1)
    ada.connected("microsoft", MICROSOFT)
    channels.keep()
    before = timezone.now()
    ada.sandbox.drill("add-mail", provider="microsoft", email=MICROSOFT, subject="To the new grant")
    assert heard(inbox, before)


def test_a_collection_with_a_channel_is_asked_about_less_often(door: str, ada: Person, settings: Any) -> None:
    ada.connected("microsoft", MICROSOFT)
    channels.keep()
    with_one = (
        Collection.objects.select_related("connection").exclude(channel=None).filter(channel__provider_id__gt="")[0]
    )
    assert pace.interval(with_one) == settings.OSMEN_PUSH_POLL_SECONDS > pace.quiet_interval(with_one)
