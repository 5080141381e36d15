"""Edits on their way: shown at once, sent in order, kept while the provider is away, refused in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Change, Connection, OAuthApp
from integrations.outbox import push, queue
from integrations.records import Operation, Service
from mail.actions import perform, undo
from mail.models import Message, Thread
from mail.plans import Action
from tests.journey import engine
from tests.journey.person import Person
from tests.sync.comparing import differences
from tests.sync.history.history import OWNERS

GOOGLE, MICROSOFT = "ada.moreau@gmail.example", "ada@nordlys.example"
BOTH = pytest.mark.parametrize(("provider", "account"), [("google", GOOGLE), ("microsoft", MICROSOFT)])


class Killed(BaseException):
    """What a killed process looks like from inside: nothing after it runs."""


def killed(*_: object) -> None:
    raise Killed


def inbox(person: Person, connection: Connection) -> Thread:
    return Thread.objects.filter(user=person.user, connection=connection, in_inbox=True, starred=False).latest(
        "last_at"
    )


def in_inbox_there(person: Person, connection: Connection, thread: Thread) -> bool:
    ids = set(thread.messages.values_list("provider_id", flat=True))
    found = [m for m in person.sandbox.messages(connection.provider, connection.email) if m["id"] in ids]
    assert len(found) == len(ids)
    return any("INBOX" in m.get("labels", ()) or str(m.get("folder", "")).lower() == "inbox" for m in found)


@BOTH
def test_an_archived_conversation_leaves_the_inbox_here_at_once_and_there_soon(
    ada: Person, provider: str, account: str
) -> None:
    connection = ada.connected(provider, account)
    thread = inbox(ada, connection)
    done = perform(ada.user, Action.ARCHIVE, [thread.pk])
    thread.refresh_from_db()
    assert not thread.in_inbox and in_inbox_there(ada, connection, thread)
    engine.push_all()
    assert not in_inbox_there(ada, connection, thread)
    engine.sync_everything()
    thread.refresh_from_db()
    assert not thread.in_inbox and differences(ada.sandbox, connection) == []
    undo(ada.user, done.changes)
    engine.push_all()
    assert in_inbox_there(ada, connection, thread)


@BOTH
def test_a_sync_before_the_push_does_not_undo_what_the_person_did(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    thread = inbox(ada, connection)
    perform(ada.user, Action.STAR, [thread.pk])
    ada.sandbox.drill("expire-cursors", provider=provider, email=account)
    engine.sync_everything()
    thread.refresh_from_db()
    assert thread.starred
    engine.push_all()
    engine.sync_everything()
    thread.refresh_from_db()
    assert thread.starred and differences(ada.sandbox, connection) == []


@BOTH
def test_edits_wait_while_the_provider_is_away_and_go_out_in_order(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    thread = inbox(ada, connection)
    app = OAuthApp.objects.get(provider=provider)
    right = dict(app.endpoints)
    away = dict.fromkeys(("gmail", "graph"), "http://127.0.0.1:9/")
    OAuthApp.objects.filter(pk=app.pk).update(endpoints={**right, **away})
    perform(ada.user, Action.READ, [thread.pk])
    perform(ada.user, Action.UNREAD, [thread.pk])
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"waiting"}
    assert "cannot be reached" in Change.objects.order_by("number")[0].error
    OAuthApp.objects.filter(pk=app.pk).update(endpoints=right)
    Change.objects.update(due_at=timezone.now())
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    engine.sync_everything()
    thread.refresh_from_db()
    assert thread.unread_count and differences(ada.sandbox, connection) == []


@BOTH
def test_an_edit_whose_process_died_while_sending_is_sent_by_the_next(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    thread = inbox(ada, connection)
    perform(ada.user, Action.ARCHIVE, [thread.pk])
    Change.objects.update(state="sending", attempts=1)
    Connection.objects.update(push_lease_until=timezone.now() - timedelta(seconds=1))
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    assert not in_inbox_there(ada, connection, thread)


@BOTH
def test_a_letter_whose_process_died_after_sending_is_sent_once(
    ada: Person, provider: str, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = ada.connected(provider, account)
    letter = {"to": [["friend@elsewhere.example", ""]], "subject": "Only once, please", "text": "Thank you."}
    queue.enqueue(connection, Service.MAIL, Operation.MAIL_SEND, "", dict(letter))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(push, "_confirm", killed)
        push.push(str(connection.pk))
    Connection.objects.update(push_lease_until=timezone.now() - timedelta(seconds=1))
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"sending"}, "it was not given time to settle"
    Change.objects.update(due_at=timezone.now())
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    engine.sync_everything()
    assert Message.objects.filter(connection=connection, subject="Only once, please").count() == 1


@BOTH
def test_an_edit_of_what_is_gone_is_done_and_takes_it_away(ada: Person, provider: str, account: str) -> None:
    connection = ada.connected(provider, account)
    thread = inbox(ada, connection)
    message = thread.messages.latest("date")
    queue.enqueue(connection, Service.MAIL, Operation.MAIL_MODIFY, message.provider_id, {"unread": True})
    owner = OWNERS[provider](ada.sandbox, account)
    where = "/gmail/v1/users/me/messages" if provider == "google" else "/v1.0/me/messages"
    owner.call("DELETE", f"{where}/{message.provider_id}") if provider == "google" else owner.call(
        "POST", f"{where}/{message.provider_id}/permanentDelete"
    )
    engine.push_all()
    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    assert not Message.objects.filter(provider_id=message.provider_id, detached_at=None).exists()


def test_a_refused_edit_says_why_and_can_be_given_up(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    thread = inbox(ada, connection)
    perform(ada.user, Action.STAR, [thread.pk])
    Change.objects.update(payload={"add": ["SENT"], "remove": [], "starred": True})
    engine.push_all()
    change = Change.objects.filter(state="refused").first()
    assert change is not None and change.error
    status = ada.browser.get("/api/status/").json()["connections"][0]
    assert status["changes"]["refused"] == Change.objects.filter(state="refused").count()
    for refused in Change.objects.filter(state="refused"):
        queue.discard(refused)
    thread.refresh_from_db()
    assert not thread.starred and not Change.objects.filter(state="refused").exists()


def test_nothing_is_sent_for_a_paused_connection(ada: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    ada.browser.post(f"/integrations/{connection.pk}/pause/")
    perform(ada.user, Action.STAR, [inbox(ada, connection).pk])
    push.push(str(connection.pk))
    assert set(Change.objects.values_list("state", flat=True)) == {"waiting"}


def test_a_change_of_another_person_cannot_be_settled(ada: Person, ben: Person) -> None:
    connection = ada.connected("google", GOOGLE)
    perform(ada.user, Action.STAR, [inbox(ada, connection).pk])
    Change.objects.update(state="refused")
    change = Change.objects.first()
    assert change is not None
    for decision in ("retry", "discard"):
        assert ben.browser.post(f"/integrations/changes/{change.id}/{decision}/").status_code == 404
