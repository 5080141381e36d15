"""Samples compared with the provider: nothing differs after a sync, and what was made to differ is found and mended."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest
from django.utils import timezone

from calendars.models import Event
from contacts import actions
from contacts.models import Contact
from contacts.store import ContactStore
from integrations.models import Change, Collection, Connection
from integrations.sync import drift
from mail.actions import perform
from mail.models import Message
from mail.plans import Action
from mail.store import MailStore
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.history import here
from tests.sync.history.history import OWNERS
from tests.sync.test_interleavings import first_before, mail_of

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])
PERSON = {"google": "/v1/{}:deleteContact", "microsoft": "/v1.0/me/contacts/{}"}


def book_of(connection: Connection) -> Collection:
    """The address book proper."""
    return connection.collections.filter(service="contacts").exclude(provider_id="").order_by("priority")[0]


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


@BOTH
def test_a_differing_a_missing_and_a_surplus_person_are_found_mended_and_reported(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    owner = OWNERS[provider](ada.sandbox, account)
    book = book_of(connection)
    people = Contact.objects.filter(connection=connection, collection_id=book.provider_id)
    differing, missing, surplus = people.order_by("pk")[:3]
    owner.call("DELETE", PERSON[provider].format(surplus.provider_id))
    engine.sync_everything()
    count = people.count()
    assert count > 5 and drift.compare(book.pk, 1000) == (count, 0)

    people.filter(pk=differing.pk).update(family_name="Not theirs", said={**differing.said, "family_name": "Nor this"})
    people.filter(pk=missing.pk).delete()
    surplus.save(force_insert=True)
    assert drift.compare(book.pk, 1000) == (count + 1, 3)
    assert here.people(connection) == owner.people_now()
    differing.refresh_from_db()
    assert differing.family_name != "Not theirs"
    html = ada.browser.get("/integrations/").content.decode()
    assert f"3 of {count + 1} differ" in html and f"{count + 1} items compared with" in html
    assert "3 differed, mended" in html
    assert connection.ledger.filter(code="drift", detail__contains=f"3 of {count + 1} sampled").count() == 1
    assert drift.compare(book.pk, 1000) == (count, 0)
    assert f"0 of {count} differ" in ada.browser.get("/integrations/").content.decode()


def test_those_whom_google_knows_from_letters_are_compared_as_well(ada: Person) -> None:
    letter = b64encode(b"To: new@far.example, newer@far.example\r\n\r\nHi").decode()
    OWNERS["google"](ada.sandbox, GOOGLE).call("POST", "/gmail/v1/users/me/messages/send", {"raw": letter})
    connection = ada.connected("google", GOOGLE)
    others = connection.collections.get(provider_id="otherContacts")
    people = Contact.objects.filter(connection=connection, collection_id="otherContacts")
    count, first, last = people.count(), people.earliest("pk"), people.latest("pk")
    assert count > 1 and drift.compare(others.pk, 1000) == (count, 0)
    people.filter(pk=first.pk).update(emails=[])
    last.delete()
    assert drift.compare(others.pk, 1000) == (count, 2)
    first.refresh_from_db()
    assert first.emails and first.read_only and people.count() == count


def test_an_outlook_contact_that_is_here_in_another_folder_than_there_goes_back(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    owner = OWNERS["microsoft"](ada.sandbox, MICROSOFT)
    for number in (5, 10):  # a new folder each
        owner.person_is_added(number)
    engine.sync_everything()
    folders = connection.collections.filter(service="contacts").exclude(provider_id="").order_by("priority", "pk")
    there = owner.people_now()
    people = Contact.objects.filter(connection=connection)
    for wrong, right in [(folders[0], folders[2]), (folders[1], folders[2]), (folders[1], folders[0])]:
        someone = people.filter(collection_id=right.provider_id)[0]
        people.filter(pk=someone.pk).update(collection_id=wrong.provider_id)
        found = [drift.compare(folder.pk, 1000) for folder in (wrong, right)]
        assert [differed for one in found if one for _, differed in [one]] == [1, 1]
        assert here.people(connection) == there


@BOTH
def test_an_edit_made_while_a_sample_is_read_stays_shown(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    someone, mail = Contact.objects.filter(connection=connection, read_only=False)[0], mail_of(connection)
    message = Message.objects.filter(connection=connection, thread__in_inbox=True, starred=False).latest("date")
    first_before(monkeypatch, ContactStore, "apply", lambda: actions.update(someone, {"notes": "Mine"}, {"notes": ""}))
    first_before(monkeypatch, MailStore, "apply", lambda: perform(ada.user, Action.STAR, [message.thread_id]))
    for collection in (book_of(connection), mail):
        result = drift.compare(collection.pk, 1000)
        assert result is not None and result[1] == 0
    someone.refresh_from_db()
    message.refresh_from_db()
    assert someone.notes == "Mine" and message.starred


def test_what_was_edited_here_a_moment_ago_is_not_compared_yet(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = ada.connected("google", GOOGLE)
    Connection.objects.update(created_at=timezone.now() - timedelta(days=1))
    book = book_of(connection)
    monkeypatch.setattr(drift, "AT_ONCE", 100)
    assert book.pk in drift.due()
    someone = Contact.objects.filter(connection=connection, read_only=False)[0]
    assert actions.update(someone, {"notes": "Mine"}, {"notes": someone.notes})
    engine.push_all()
    assert book.pk not in drift.due() and mail_of(connection).pk in drift.due()
    Change.objects.update(finished_at=timezone.now() - drift.SPREADING)
    assert book.pk in drift.due()
