"""An event's properties as a request gives them, checked and put into the stored fields."""

from __future__ import annotations

from typing import Any

from sandbox.accounts import Account
from sandbox.microsoft.calendar.render import EVENT
from sandbox.microsoft.calendar.seeded import location, person
from sandbox.microsoft.errors import bad_request, invalid_property, read_only
from sandbox.microsoft.mail.parse import Parsed, preview
from sandbox.microsoft.mail.values import choice, extended, people, record, records, strings, text

MOST_MINUTES = 2**31 - 1
NO_TIME = "0001-01-01T00:00:00Z"
_SHOW_AS = ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown")
_SENSITIVITY = ("normal", "personal", "private", "confidential")
_PROVIDERS = ("unknown", "skypeForBusiness", "skypeForConsumer", "teamsForBusiness")
_FLAGS = ("isReminderOn", "responseRequested", "allowNewTimeProposals", "hideAttendees", "isDraft")
_IGNORED = ("originalStartTimeZone", "originalEndTimeZone", "extensions", "multiValueExtendedProperties", "attachments")


def defaults(account: Account) -> dict[str, Any]:
    """The fields of a new event of the account's own."""
    return {
        "body": {"contentType": "html", "content": ""},
        "bodyPreview": "",
        "location": location(""),
        "locations": [],
        "attendees": [],
        "organizer": person(account.name, account.email),
        "isOrganizer": True,
        "responseStatus": {"response": "organizer", "time": NO_TIME},
        "showAs": "busy",
        "sensitivity": "normal",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 15,
        "categories": [],
    }


def merged(fields: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The fields with those of the request put in."""
    made = dict(fields)
    for name, value in given.items():
        if name == "body":
            made |= _body(value)
        elif name == "location":
            made |= _places(name, [value] if value else [])
        elif name == "locations":
            made |= _places(name, value)
        elif name == "attendees":
            made["attendees"] = _attendees(value, fields["attendees"])
        elif name == "categories":
            made["categories"] = strings(name, value)
        elif name == "importance":
            made[name] = _named(name, value, ("low", "normal", "high"))
        elif name == "showAs":
            made[name] = _named(name, value, _SHOW_AS)
        elif name == "sensitivity":
            made[name] = _named(name, value, _SENSITIVITY)
        elif name in _FLAGS:
            made[name] = choice(name, value, (True, False))
        elif name == "reminderMinutesBeforeStart":
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MOST_MINUTES:
                raise bad_request("reminderMinutesBeforeStart must be a whole number.", "ErrorInvalidRequest")
            made |= {name: value, "isReminderOn": given.get("isReminderOn", True)}
        elif name == "isOnlineMeeting":
            made |= _online(fields, value is True)
        elif name == "onlineMeetingProvider":
            named = _named(name, value or "unknown", _PROVIDERS)
            if "onlineMeeting" not in made:
                made[name] = named
        elif name == "singleValueExtendedProperties":
            made["extended"] = extended(value)
        elif name not in _IGNORED:
            raise read_only(name) if name in EVENT.properties else invalid_property(name, "event")
    return made


def _named(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """An enum value in any case."""
    found = next((one for one in allowed if one.lower() == str(value).lower()), None)
    if found is None:
        raise bad_request(f"The value '{value}' of '{name}' is not valid.", "ErrorInvalidRequest")
    return found


def _body(value: Any) -> dict[str, Any]:
    given = record("body", value)
    content = text("content", given.get("content"))
    kind = _named("contentType", given.get("contentType") or "text", ("text", "html"))
    shown = preview(Parsed(html=content) if kind == "html" else Parsed(text=content))
    return {"body": {"contentType": kind, "content": content}, "bodyPreview": shown}


def _places(name: str, value: Any) -> dict[str, Any]:
    places = [location(text("displayName", one.get("displayName"))) for one in records(name, value)]
    return {"location": places[0] if places else location(""), "locations": [p for p in places if p["displayName"]]}


def _attendees(value: Any, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Guests; those who were there keep their answers."""
    answers = {one["emailAddress"]["address"].lower(): one["status"] for one in known}
    made = []
    for one, checked in zip(value or [], people("attendees", value or []), strict=True):
        kind = _named("type", one.get("type") or "required", ("required", "optional", "resource"))
        unanswered = {"response": "none", "time": NO_TIME}
        made.append(
            {"type": kind, "status": answers.get(checked["emailAddress"]["address"].lower(), unanswered), **checked}
        )
    return made


def _online(fields: dict[str, Any], wanted: bool) -> dict[str, Any]:
    """A join link, once; it cannot be taken back ("event resource type")."""
    if not wanted or "onlineMeeting" in fields:
        return {}
    link = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_sandbox%40thread.v2/0"
    return {"onlineMeeting": {"joinUrl": link}, "onlineMeetingProvider": "teamsForBusiness"}
