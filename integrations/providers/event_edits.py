"""How an edit of an event meets what the provider has by now: nothing is overwritten that its author did not see.

Both vendors' clients ask it the same questions, and read an edit's times through it. It does no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from integrations.errors import Conflict, PermanentFailure
from integrations.records import Answer, ChangeRecord, EventRecord, Showing

EDITABLE = (
    *("title", "description", "location", "start", "end", "time_zone", "recurrence", "attendees", "reminders"),
    *("showing", "private"),
)
CODE = "conflict"
Fields = Mapping[str, Any]


def fields_of(record: EventRecord) -> dict[str, Any]:
    """What an edit may change, as an outbox's payload holds it."""
    return {name: _plain(getattr(record, name)) for name in EDITABLE}


def given(change: ChangeRecord, name: str = "fields") -> Fields:
    """The fields of an edit. Raises ``PermanentFailure`` for one that events do not have."""
    found = change.payload.get(name)
    fields: Fields = found if isinstance(found, Mapping) else {}
    if unknown := fields.keys() - set(EDITABLE):
        raise PermanentFailure(f"Events have no {', '.join(sorted(unknown))}.", code="field")
    return fields


def check(change: ChangeRecord, now: EventRecord) -> None:
    """Raises ``Conflict`` where a field that the edit changes was changed to something else at the provider.

    What others did to other fields is no conflict, and neither is an edit that has arrived already.
    """
    wanted, was, there = given(change), given(change, "was"), fields_of(now)
    for name in was:
        if _same(name, there[name]) not in (_same(name, was[name]), _same(name, wanted.get(name))):
            raise Conflict("This event was changed there in the meantime.", code=CODE)


def moment(text: object) -> datetime | date:
    """A time of an edit: a date, or an instant in UTC. Raises ``PermanentFailure`` for what is neither."""
    try:
        if isinstance(text, str):
            found = datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
            return found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo else found
    except ValueError:
        pass
    raise PermanentFailure("This event has no readable time.", code="field")


def answer_of(change: ChangeRecord) -> Answer:
    """The answer that an edit gives. Raises ``PermanentFailure`` for what guests cannot answer."""
    said = str(change.payload.get("answer"))
    if said not in (Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE):
        raise PermanentFailure("An invitation is accepted, declined or tentatively accepted.", code="field")
    return Answer(said)


def _plain(value: object) -> object:
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    if isinstance(value, Showing):
        return value.value
    return [getattr(one, "email", one) for one in value] if isinstance(value, tuple) else value


def _same(name: str, value: Any) -> Any:
    """A value for comparing: vendors trim, change line ends, and order as they like."""
    if name in ("start", "end") and value:
        return moment(value)
    if isinstance(value, list | tuple):
        return sorted(str(one).strip().casefold() for one in value)
    if isinstance(value, bool):
        return value
    return "\n".join(line.rstrip() for line in str(value or "").strip().splitlines())
