"""Samples compared with the provider: nothing differs after a sync, and what was made to differ is found and mended."""

from __future__ import annotations

import pytest

from calendars.models import Event
from integrations.models import Collection
from integrations.sync import drift
from mail.models import Message
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.history.history import OWNERS

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


@BOTH
def test_nothing_has_drifted_after_a_sync_and_what_has_is_repaired(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    collections = connection.collections.exclude(provider_id="").filter(service__in=("mail", "calendar"))
    results = {c.pk: drift.compare(c.pk) for c in collections}
    assert {differed for result in results.values() if result for _, differed in [result]} == {0}
    assert sum(compared for result in results.values() if result for compared, _ in [result]) > 100

    place = "mailbox" if provider == "google" else connection.collections.get(service="mail", priority=0).provider_id
    inbox = connection.collections.get(provider_id=place)
    sampled = Message.objects.filter(connection=connection)
    if provider == "microsoft":
        sampled = sampled.filter(message_folders__folder__provider_id=place)
    first = sampled.latest("date")
    Message.objects.filter(pk=first.pk).update(subject="Not what it said", unread=not first.unread)
    assert drift.compare(inbox.pk, 1000) == (sampled.count(), 1)
    first.refresh_from_db()
    assert first.subject != "Not what it said" and differences(ada.sandbox, connection) == []

    event = Event.objects.filter(calendar__connection=connection, kind="single")[0]
    Event.objects.filter(pk=event.pk).update(title="Elsewhere")
    calendar = connection.collections.get(provider_id=event.calendar.provider_id)
    result = drift.compare(calendar.pk, 1000)
    assert result is not None and result[1] == 1
    event.refresh_from_db()
    calendar.refresh_from_db()
    assert event.title != "Elsewhere" and calendar.differed == 1 and calendar.compared_at is not None
    assert not Collection.objects.filter(lease__isnull=False).exists()


@BOTH
def test_what_changed_since_the_last_sync_has_not_drifted(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    message = Message.objects.filter(connection=connection, thread__in_inbox=True, starred=False).latest("date")
    owner = OWNERS[provider](ada.sandbox, account)
    if provider == "google":
        owner.call("POST", f"/gmail/v1/users/me/messages/{message.provider_id}/modify", {"addLabelIds": ["STARRED"]})
    else:
        flag = {"flag": {"flagStatus": "flagged"}}
        owner.call("PATCH", f"/v1.0/me/messages/{message.provider_id}", flag)
    mail = connection.collections.filter(service="mail").exclude(provider_id="").order_by("priority")[0]
    result = drift.compare(mail.pk, 1000)
    assert result is not None and result[0] and not result[1]
    message.refresh_from_db()
    assert message.starred
