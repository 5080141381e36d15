"""How an edit of a contact meets what the provider has by now: nothing is overwritten that its author did not see.

No vendor's rules and no I/O are here; both vendors' clients ask it the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from integrations.errors import Conflict
from integrations.records import ContactRecord, Labelled

EDITABLE = (
    *("given_name", "family_name", "nickname", "emails", "phones", "organization", "job_title", "birthday", "notes"),
)
CODE = "conflict"
TRIES = 3
Fields = Mapping[str, Any]


def fields_of(record: ContactRecord) -> dict[str, Any]:
    """What an edit may change, as an outbox's payload holds it."""
    return {name: _plain(getattr(record, name)) for name in EDITABLE}


def check(change: Mapping[str, object], now: ContactRecord) -> None:
    """Raises ``Conflict`` where a field that the edit changes was changed to something else at the provider.

    What others did to other fields is no conflict, and neither is an edit that has arrived already.
    """
    wanted, was, there = _fields(change, "fields"), _fields(change, "was"), fields_of(now)
    for name in wanted:
        if name in there and _same(there[name]) not in (_same(was.get(name)), _same(wanted[name])):
            raise Conflict("This was changed there in the meantime.", code=CODE)


def says(record: ContactRecord, fields: Fields) -> bool:
    """Whether a contact says just what these fields say."""
    there = fields_of(record)
    return all(_same(there[name]) == _same(fields.get(name, type(there[name])())) for name in EDITABLE)


def first_saying(records: Iterable[ContactRecord], fields: Fields) -> ContactRecord | None:
    """The first of some contacts that says just what these fields say: what an earlier attempt may have created."""
    return next((record for record in records if says(record, fields)), None)


def until_written(attempt: Callable[[], ContactRecord]) -> ContactRecord:
    """Repeat reading and writing where the contact changed in between; what ``attempt`` returned in the end.

    Raises ``Conflict`` at once where the same field was changed there, and when it keeps changing.
    """
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except Conflict as error:
            if error.code == CODE:
                raise
    return attempt()


def _fields(change: Mapping[str, object], name: str) -> Fields:
    found = change.get(name)
    return found if isinstance(found, Mapping) else {}


def _plain(value: object) -> object:
    return [[v.value, v.label] for v in value if isinstance(v, Labelled)] if isinstance(value, tuple) else value


def _same(value: Any) -> Any:
    """A value for comparing: vendors trim, change line ends, and label what came without a label."""
    if isinstance(value, list | tuple):
        return sorted(str(entry[0]).strip().casefold() for entry in value)
    return "\n".join(line.rstrip() for line in str(value or "").strip().splitlines())
