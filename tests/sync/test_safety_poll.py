"""The safety poll: a channel that stands open and never knocks hides nothing, only makes it come later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from calendars.models import Event
from contacts.models import Contact
from integrations.models import Channel, Connection
from mail.models import Message
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.history import here
from tests.sync.history.history import OWNERS

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def brought(connection: Connection) -> list[bool]:
    """Whether what the owner made in each service is here."""
    return [
        Message.objects.filter(connection=connection, subject__startswith="Letter 777").exists(),
        Event.objects.filter(calendar__connection=connection, title="Event 6").exists(),
        Contact.objects.filter(connection=connection, given_name="Person 4").exists(),
    ]


@BOTH
def test_a_safety_poll_brings_what_an_open_channel_never_tells(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    tomorrow = timezone.now() + timedelta(days=1)
    followed = connection.collections.exclude(provider_id="")
    for collection in followed:
        Channel.objects.create(collection=collection, provider_id="silent", expires_at=tomorrow, renew_at=tomorrow)
    engine.sync_everything()
    wait = timedelta(seconds=settings.OSMEN_PUSH_POLL_SECONDS)
    now = timezone.now()
    assert all(channel.open for channel in Channel.objects.all())
    # Counted from when each was synced, a moment ago, and spread a little.
    assert all(now + wait / 2 < due_at < now + wait * 1.5 for due_at in followed.values_list("due_at", flat=True))

    owner = OWNERS[provider](ada.sandbox, account)
    owner.mail_arrives(777)
    owner.event_is_made(6)
    owner.person_is_added(4)
    assert engine.run_due() == 0 and brought(connection) == [False] * 3
    followed.update(due_at=F("due_at") - wait * 1.5)
    assert engine.run_due() >= 3
    assert brought(connection) == [True] * 3
    assert here.differences(connection, owner) == []
    assert not Channel.objects.exclude(heard_at=None).exists()
