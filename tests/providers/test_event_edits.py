"""Edits of events and letters at the sandbox: carried out, once, and never over what somebody else wrote."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.errors import Conflict, NotFound, PermanentFailure
from integrations.providers import event_edits
from integrations.records import ChangeRecord, EventRecord, Operation
from tests.providers.sandbox_process import Connected, SandboxProcess
from tests.sync.history.google import GoogleOwner
from tests.sync.history.microsoft import MicrosoftOwner

OWNERS: dict[str, type[GoogleOwner] | type[MicrosoftOwner]] = {"google": GoogleOwner, "microsoft": MicrosoftOwner}
START = datetime(2031, 3, 3, 9, tzinfo=UTC)
FIELDS = {
    "title": "Choir practice",
    "location": "Parish hall",
    "description": "Bring the Bruckner.",
    "start": START.isoformat(),
    "end": (START + timedelta(hours=2)).isoformat(),
    "time_zone": "Europe/Berlin",
    "reminders": [15],
}


class Account:
    """A new account, connected, with its owner beside."""

    def __init__(self, sandbox: SandboxProcess, provider: str) -> None:
        email = f"{uuid.uuid4().hex[:10]}@edits.example"
        sandbox.control("seed", accounts=[{"provider": provider, "email": email}])
        self.connected: Connected = sandbox.connect(provider, email)
        self.owner = OWNERS[provider](sandbox, email)
        self.calendar = self.owner.calendars()[0]
        self.email, self.provider = email, provider

    def change(self, operation: Operation, target: str, **payload: object) -> ChangeRecord:
        return ChangeRecord(str(uuid.uuid4()), operation, target, payload, self.calendar)

    def apply(self, change: ChangeRecord) -> tuple[EventRecord, ...]:
        return self.connected.provider.calendar(self.connected.session).apply(change)

    def created(self, **fields: object) -> EventRecord:
        change = self.change(Operation.EVENT_CREATE, uuid.uuid4().hex, fields={**FIELDS, **fields})
        (record,) = self.apply(change)
        return record

    def events(self) -> list[dict[str, Any]]:
        return self.owner.events(self.calendar)


@pytest.fixture(params=["google", "microsoft"])
def account(request: pytest.FixtureRequest, sandbox: SandboxProcess) -> Account:
    return Account(sandbox, request.param)


def test_an_event_is_made_once_however_often_it_is_sent(account: Account) -> None:
    change = account.change(Operation.EVENT_CREATE, uuid.uuid4().hex, fields=FIELDS)
    (first,) = account.apply(change)
    (second,) = account.apply(replace(change, repeated=True))
    assert first.id == second.id
    assert change.target_id in {first.id, *first.former_ids}
    assert (first.title, first.location, first.start) == ("Choir practice", "Parish hall", START)
    assert first.time_zone == "Europe/Berlin" and first.reminders == (15,)
    assert len(account.events()) == 1


def test_a_series_of_whole_days_is_made(account: Account) -> None:
    record = account.created(
        start="2031-03-03", end="2031-03-04", recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"], time_zone="UTC"
    )
    assert record.all_day and record.recurrence[0].startswith("RRULE:FREQ=WEEKLY") and "COUNT=3" in record.recurrence[0]


def test_an_edit_is_laid_into_what_somebody_else_changed_meanwhile(account: Account) -> None:
    made = account.created()
    account.owner.event_is_edited(0)  # another title and description
    before = event_edits.fields_of(made)
    fields = {"location": "The green room"}
    change = account.change(Operation.EVENT_UPDATE, made.id, fields=fields, was={"location": before["location"]})
    (record,) = account.apply(change)
    assert record.location == "The green room" and record.title == "Edited 0"
    (again,) = account.apply(replace(change, repeated=True))
    assert again.location == "The green room"


def test_an_edit_of_what_somebody_else_edited_is_a_conflict(account: Account) -> None:
    made = account.created()
    account.owner.event_is_edited(0)
    change = account.change(Operation.EVENT_UPDATE, made.id, fields={"title": "Mine"}, was={"title": "Choir practice"})
    with pytest.raises(Conflict):
        account.apply(change)


def test_an_event_moves_and_becomes_one_of_whole_days(account: Account) -> None:
    made = account.created()
    moved = {"start": "2031-03-05", "end": "2031-03-06", "time_zone": "UTC"}
    was = {name: event_edits.fields_of(made)[name] for name in ("start", "end")}
    (record,) = account.apply(account.change(Operation.EVENT_UPDATE, made.id, fields=moved, was=was))
    assert record.all_day and str(record.start) == "2031-03-05" and str(record.end) == "2031-03-06"


def test_a_deleted_event_is_gone_and_cannot_be_edited(account: Account) -> None:
    made = account.created()
    assert account.apply(account.change(Operation.EVENT_DELETE, made.id)) == ()
    assert account.events() == []
    with pytest.raises(NotFound):
        account.apply(account.change(Operation.EVENT_UPDATE, made.id, fields={"title": "Late"}, was={}))


def test_an_invitation_is_answered(sandbox: SandboxProcess, account: Account) -> None:
    event = {
        "uid": f"{uuid.uuid4()}@x",
        "title": "Dinner",
        "start": "2031-03-03T18:00:00",
        "end": "2031-03-03T20:00:00",
    }
    guests = {"attendees": [{"email": account.email}], "organizer": {"email": "host@else.example", "name": "Host"}}
    sandbox.control("seed", events=[{"provider": account.provider, "email": account.email, **event, **guests}])
    (there,) = account.events()
    (record,) = account.apply(account.change(Operation.EVENT_ANSWER, there["id"], answer="accepted"))
    assert record.my_answer == "accepted"
    assert next(a for a in record.attendees if a.me).answer == "accepted"


def test_what_makes_no_sense_is_refused_in_words(account: Account) -> None:
    made = account.created()
    for operation, payload in (
        (Operation.EVENT_ANSWER, {"answer": "perhaps"}),
        (Operation.EVENT_ANSWER, {"answer": "accepted"}),
        (Operation.EVENT_UPDATE, {"fields": {"colour": "red"}}),
        (Operation.EVENT_UPDATE, {"fields": {"start": "soon"}}),
    ):
        with pytest.raises(PermanentFailure):
            account.apply(account.change(operation, made.id, **payload))
