"""What happens at the provider or here between two steps of the engine is neither lost nor undone by the later step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from calendars import actions as event_actions
from calendars.models import Event
from contacts import actions
from contacts.models import Contact
from integrations.errors import TemporaryFailure
from integrations.models import Change, Collection, Connection
from integrations.models.change import ChangeState
from integrations.outbox import push
from integrations.records import ChangeRecord, Service
from integrations.sync import freshness, loop, poll
from mail.actions import perform
from mail.models import Message
from mail.plans import Action
from mail.store import MailStore
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.history import here
from tests.sync.history.history import OWNERS

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


def first_before(monkeypatch: pytest.MonkeyPatch, where: object, name: str, what: Callable[[], object]) -> None:
    """Let ``what`` happen once, right before the next call of a function."""
    real, left = getattr(where, name), [what]

    def called(*given: Any, **named: Any) -> Any:
        while left:
            left.pop()()
        return real(*given, **named)

    monkeypatch.setattr(where, name, called)


def mail_of(connection: Connection) -> Collection:
    return connection.collections.filter(service="mail").exclude(provider_id="").order_by("priority")[0]


def test_a_message_that_moves_while_its_old_folder_is_being_read_is_not_lost(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    ada.sandbox.drill("add-mail", provider="microsoft", email=MICROSOFT, subject="Wanderer")
    owner = OWNERS["microsoft"](ada.sandbox, MICROSOFT)
    archive = connection.folders.get(role="archive")

    def moves_and_is_found_there() -> None:
        listed = owner.call("GET", "/v1.0/me/messages", **{"$filter": "subject eq 'Wanderer'"})["value"]
        owner.call("POST", f"/v1.0/me/messages/{listed[0]['id']}/move", {"destinationId": archive.provider_id})
        assert loop.run(connection.collections.get(provider_id=archive.provider_id).pk)

    first_before(monkeypatch, loop, "save", moves_and_is_found_there)
    assert loop.run(mail_of(connection).pk)
    engine.sync_everything()
    assert Message.objects.filter(subject="Wanderer", detached_at=None).count() == 1
    assert differences(ada.sandbox, connection) == []


def test_a_message_deleted_twice_is_gone_although_it_can_still_be_read(ada: Person) -> None:
    connection = ada.connected("microsoft", MICROSOFT)
    message = Message.objects.filter(connection=connection, thread__in_inbox=True).latest("date")
    owner = OWNERS["microsoft"](ada.sandbox, MICROSOFT)
    path = f"/v1.0/me/messages/{message.provider_id}"
    for _ in range(2):
        owner.call("DELETE", path)
    assert owner.call("GET", path), "it is in no folder that is shown"
    for _ in range(2):
        engine.sync_everything()
        assert not Message.objects.filter(pk=message.pk, detached_at=None).exists()


@BOTH
def test_what_the_owner_does_between_an_edit_and_its_confirmation_stays(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    message = Message.objects.filter(connection=connection, thread__in_inbox=True, starred=False).latest("date")
    owner = OWNERS[provider](ada.sandbox, account)

    def the_owner_takes_the_star_off() -> None:
        if provider == "google":
            path = f"/gmail/v1/users/me/messages/{message.provider_id}/modify"
            owner.call("POST", path, {"removeLabelIds": ["STARRED"]})
        else:
            path = f"/v1.0/me/messages/{message.provider_id}"
            owner.call("PATCH", path, {"flag": {"flagStatus": "notFlagged"}})
        engine.sync_everything()

    first_before(monkeypatch, MailStore, "confirm", the_owner_takes_the_star_off)
    perform(ada.user, Action.STAR, [message.thread_id])
    engine.push_all()
    for _ in range(2):
        engine.sync_everything()
    message.refresh_from_db()
    assert not message.starred
    assert differences(ada.sandbox, connection) == []


@BOTH
def test_what_the_owner_says_of_a_person_between_an_edit_and_its_confirmation_stays(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    owner = OWNERS[provider](ada.sandbox, account)
    owner.person_is_added(4)
    engine.sync_everything()
    contact = Contact.objects.get(connection=connection, given_name="Person 4")

    def the_owner_edits_again() -> None:
        everybody = owner._people()
        with monkeypatch.context() as patched:
            patched.setattr(owner, "_people", lambda: [p for p in everybody if "Later" in str(p)])
            owner.person_is_edited(9)
        engine.sync_everything()

    first_before(monkeypatch, push, "_confirm", the_owner_edits_again)
    assert actions.update(contact, {"notes": "Later"}, {"notes": contact.notes})
    engine.push_all()
    for _ in range(2):
        engine.sync_everything()
    contact.refresh_from_db()
    assert contact.given_name == "Person 9"
    assert differences(ada.sandbox, connection) == []


@BOTH
def test_who_is_added_here_is_never_shown_twice_though_a_sync_brings_them_before_the_answer(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    shown: list[int] = []

    def a_sync_comes() -> None:
        engine.sync_everything()
        shown.append(Contact.objects.filter(connection=connection, given_name="Newest").count())

    first_before(monkeypatch, push, "_confirm", a_sync_comes)
    made = actions.create(connection, {"given_name": "Newest", "emails": [["new@far.example", "work"]]})
    later = actions.create(connection, {"given_name": "Next"})
    assert actions.update(made, {"notes": "Later"}, {"notes": ""})
    engine.push_all()
    assert shown == [1]
    engine.sync_everything()
    assert list(Contact.objects.filter(connection=connection, given_name="Newest")) == [made]
    made.refresh_from_db()
    later.refresh_from_db()
    assert made.notes == "Later" and not (made.is_new or later.is_new)
    assert here.people(connection) == OWNERS[provider](ada.sandbox, account).people_now()


@BOTH
def test_what_the_owner_does_to_somebody_who_was_just_added_here_stays(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    owner = OWNERS[provider](ada.sandbox, account)

    def before_the_answer_is_taken_over(what: Callable[[int], object]) -> Contact:
        """The owner does something to the new one alone, and a sync brings it."""

        def doing() -> None:
            everybody = owner._people()
            with monkeypatch.context() as patched:
                patched.setattr(owner, "_people", lambda: [p for p in everybody if "Newest" in str(p)])
                what(9)
            engine.sync_everything()

        made = actions.create(connection, {"given_name": "Newest", "notes": "Mine"})
        first_before(monkeypatch, push, "_confirm", doing)
        engine.push_all()
        engine.sync_everything()
        assert here.people(connection) == owner.people_now()
        return made

    edited = before_the_answer_is_taken_over(owner.person_is_edited)
    assert Contact.objects.filter(connection=connection, given_name="Person 9").count() == 1
    gone = before_the_answer_is_taken_over(owner.person_goes)
    assert not Contact.objects.filter(pk=gone.pk).exists() and not Contact.objects.filter(given_name="Newest").exists()
    assert Change.objects.exclude(state="done").count() == 0 and edited.pk != gone.pk


@BOTH
def test_a_creation_whose_answer_was_lost_is_known_by_the_next_sync(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    client = connection.provider_spec.clients[Service.CONTACTS]
    create = client._create  # type: ignore[attr-defined]

    def creates_and_is_not_heard(self: object, change: ChangeRecord) -> object:
        create(self, change)
        raise TemporaryFailure("The answer was lost.", sent=True)

    with monkeypatch.context() as patched:
        patched.setattr(client, "_create", creates_and_is_not_heard)
        made = actions.create(connection, {"given_name": "Newest", "family_name": "Of all"})
        engine.push_all()
    assert Change.objects.get().state == ChangeState.WAITING
    engine.sync_everything()
    assert Change.objects.get().state == ChangeState.DONE
    assert list(Contact.objects.filter(connection=connection, given_name="Newest")) == [made]
    made.refresh_from_db()
    assert not made.is_new and here.people(connection) == OWNERS[provider](ada.sandbox, account).people_now()


@BOTH
def test_an_edit_of_what_was_read_before_a_sync_wrote_it_undoes_nothing(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    owner = OWNERS[provider](ada.sandbox, account)
    owner.person_is_added(4)
    owner.event_is_made(6)
    engine.sync_everything()
    someone = Contact.objects.get(connection=connection, given_name="Person 4")
    event = Event.objects.filter(calendar__connection=connection, kind="single", title="Event 6").latest("pk")
    new = actions.create(connection, {"given_name": "Newest"})
    opened = Contact.objects.get(pk=new.pk)
    Contact.objects.filter(pk=someone.pk).update(said={**someone.said, "notes": "Theirs"}, notes="Theirs")
    Event.objects.filter(pk=event.pk).update(location="Theirs")
    engine.push_all()

    assert actions.update(someone, {"nickname": "Mine"}, {"nickname": ""})
    assert event_actions.update(event, {"title": "Mine"}, {"title": event.title}, instance=None, notify=False)
    assert actions.update(opened, {"nickname": "Mine"}, {"nickname": ""})
    for row in (someone, event):
        row.refresh_from_db()
    assert (someone.notes, someone.nickname) == ("Theirs", "Mine")
    assert (event.location, event.title) == ("Theirs", "Mine")
    engine.push_all()
    opened.refresh_from_db()
    assert opened.nickname == "Mine" and not Change.objects.exclude(state="done").exists()
    assert {p["given_name"] for p in owner.people_now().values()} >= {"Newest", "Person 4"}
    gone = Contact.objects.get(pk=opened.pk)
    Contact.objects.filter(pk=gone.pk).delete()
    with pytest.raises(Http404):
        actions.update(gone, {"nickname": "Other"}, {"nickname": "Mine"})


@BOTH
def test_who_asks_for_a_sync_while_one_is_running_gets_another(
    ada: Person, monkeypatch: pytest.MonkeyPatch, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    mail = mail_of(connection)
    ada.sandbox.drill("add-mail", provider=provider, email=account, subject="The first")
    ask = Collection.objects.filter(pk=mail.pk).update
    first_before(monkeypatch, loop, "save", lambda: ask(due_at=timezone.now()))
    assert loop.run(mail.pk)
    mail.refresh_from_db()
    assert mail.due_at <= timezone.now()
    assert loop.run(mail.pk)
    mail.refresh_from_db()
    assert mail.due_at > timezone.now()


@BOTH
@pytest.mark.parametrize("cursor", ["", '{"v":0}'])
def test_a_poll_that_meets_a_cursor_which_cannot_be_used_reads_everything(
    ada: Person, provider: str, account: str, cursor: str
) -> None:
    connection = ada.connected(provider, account)
    service = "calendar" if provider == "google" else "mail"
    ours = connection.collections.filter(service=service).exclude(provider_id="")
    ids = list(ours.values_list("pk", flat=True))
    ours.filter(pk=ids[0]).update(cursor=cursor)
    assert poll.run(ids)
    engine.run_due()
    assert set(ours.values_list("last_error", flat=True)) == {""}
    assert not ours.filter(cursor__in=("", cursor)).exists()


def test_a_long_way_back_is_not_taken_for_a_service_that_stopped(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    now = timezone.now()
    soon, long_ago = now + timedelta(minutes=1), now - timedelta(days=1)
    mailbox = connection.collections.filter(provider_id="mailbox")
    mailbox.update(
        succeeded_at=long_ago, changed_at=now, lease="11111111-1111-1111-1111-111111111111", lease_until=soon
    )
    assert freshness.probe() == 0
    assert mailbox.get().lease is not None
