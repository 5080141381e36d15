"""Turns the JSON of a seed call into the values of ``sandbox.seeds``; says which field makes no sense."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from sandbox import letters
from sandbox.accounts import Account
from sandbox.control.answers import BadCall
from sandbox.seeds import SeedAccount, SeedAttendee, SeedCalendar, SeedContact, SeedEvent, SeedMessage

_NAMES = uuid.UUID("8f3f3c52-2a0e-4b64-9d0c-7f2a5b6f4f11")  # the name space of subjects made from addresses
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"  # of all personal accounts at Microsoft


def _make(cls: type[Any], item: dict[str, Any]) -> Any:
    """An instance from an object's fields: lists become tuples, unknown and missing fields are refused."""
    if stray := item.keys() - {field.name for field in fields(cls)}:
        raise BadCall(f"{cls.__name__} has no {', '.join(sorted(stray))}.")
    try:
        return cls(**{name: _frozen(value) for name, value in item.items()})
    except TypeError as error:
        raise BadCall(f"{cls.__name__}: {error}") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def _when(text: Any) -> datetime | date:
    try:
        if isinstance(text, str):
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise BadCall(f"{text!r} is not an ISO 8601 date or time.") from error
    raise BadCall(f"{text!r} is not an ISO 8601 date or time.")


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise BadCall("What is marked as base64 is not.") from error


def _own(item: dict[str, Any], *taken: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"provider", "email", *taken}}


def account(item: dict[str, Any]) -> SeedAccount:
    """An account, empty but for its labels and calendars. Subject and tenant are made from the address if not given."""
    provider, email = item.get("provider"), item.get("email")
    if provider not in {"google", "microsoft"} or not isinstance(email, str) or "@" not in email:
        raise BadCall("An account needs a provider (google or microsoft) and an email.")
    made = uuid.uuid5(_NAMES, f"{provider}:{email.lower()}")
    defaults = {
        "name": email.partition("@")[0].replace(".", " ").title(),
        "subject": str(made) if provider == "microsoft" else str(10**20 + made.int % 10**20),
        "tenant": PERSONAL_TENANT if provider == "microsoft" else "",
    }
    calendars = [_make(SeedCalendar, calendar) for calendar in item.get("calendars", [])]
    seed: SeedAccount = _make(SeedAccount, defaults | item | {"calendars": calendars})
    return seed


def message(item: dict[str, Any], now: datetime, owner: Account) -> SeedMessage:
    """A message, received now unless it says otherwise."""
    written = ("raw", "base64", "subject", "from", "to", "text")
    if "raw" in item:
        raw = _bytes(item["raw"]) if item.get("base64") else str(item["raw"]).encode()
    else:
        raw = letters.write(
            str(item.get("subject", "Hello")),
            str(item.get("from", letters.STRANGER)),
            str(item.get("to", owner.email)),
            str(item.get("text", "")),
            now,
        )
    received = _when(item["received"]) if "received" in item else now
    if not isinstance(received, datetime):
        raise BadCall("received is a time, not a date.")
    aware = received if received.tzinfo else received.replace(tzinfo=UTC)
    made: SeedMessage = _make(SeedMessage, _own(item, *written) | {"raw": raw, "received": aware.astimezone(UTC)})
    return made


def event(item: dict[str, Any], now: datetime, owner: Account) -> SeedEvent:
    """An event; without a uid it gets one."""
    times = {name: _when(item[name]) for name in ("start", "end", "original_start") if item.get(name) is not None}
    people: dict[str, Any] = {"attendees": [_make(SeedAttendee, one) for one in item.get("attendees", [])]}
    if item.get("organizer"):
        people["organizer"] = _make(SeedAttendee, item["organizer"])
    made: SeedEvent = _make(SeedEvent, {"uid": f"{uuid.uuid4()}@sandbox.example"} | _own(item) | times | people)
    return made


def contact(item: dict[str, Any], now: datetime, owner: Account) -> SeedContact:
    """A person; the photo is base64."""
    photo = {"photo": _bytes(item["photo"])} if item.get("photo") else {}
    made: SeedContact = _make(SeedContact, _own(item) | photo)
    return made


MAKERS: dict[str, Callable[[dict[str, Any], datetime, Account], Any]] = {
    "messages": message,
    "events": event,
    "contacts": contact,
}
