"""Mailbox settings as a request gives them, checked ("Update user mailbox settings")."""

from __future__ import annotations

import re
from typing import Any

from sandbox.microsoft import zones
from sandbox.microsoft.calendar.expand import DAYS
from sandbox.microsoft.errors import bad_request, invalid_property
from sandbox.microsoft.mail.values import choice, record, strings, text, wrong

_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,12})?$")
_REPLIES = {
    "status": ("disabled", "alwaysEnabled", "scheduled"),
    "externalAudience": ("none", "contactsOnly", "all"),
}
_DELEGATES = ("sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly")


def checked(given: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The settings to be kept; parts that an object does not name stay as they are ``known``."""
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name == "timeZone":
            made[name] = _zone(value)
        elif name in ("dateFormat", "timeFormat"):
            made[name] = text(name, value)
        elif name == "language":
            made[name] = known[name] | {part: text(part, one) for part, one in record(name, value).items()}
            if set(made[name]) - {"locale", "displayName"}:
                raise wrong(name)
        elif name == "workingHours":
            made[name] = known[name] | _hours(record(name, value))
        elif name == "automaticRepliesSetting":
            made[name] = known[name] | _replies(record(name, value))
        elif name == "delegateMeetingMessageDeliveryOptions":
            made[name] = choice(name, value, _DELEGATES)
        else:
            raise invalid_property(name, "mailboxSettings")
    return made


def _zone(value: Any) -> str:
    try:
        return zones.outlook_name(value if isinstance(value, str) else "")
    except zones.UnknownZone:
        raise bad_request("The time zone is not recognised.", "ErrorInvalidTimeZone") from None


def _hours(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name == "daysOfWeek":
            made[name] = [choice(name, day.lower(), DAYS) for day in strings(name, value)]
        elif name in ("startTime", "endTime") and isinstance(value, str) and _TIME.match(value):
            made[name] = value
        elif name == "timeZone":
            made[name] = {"name": _zone(record(name, value).get("name"))}
        else:
            raise wrong(name)
    return made


def _replies(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name in _REPLIES:
            made[name] = choice(name, value, _REPLIES[name])
        elif name in ("internalReplyMessage", "externalReplyMessage"):
            made[name] = text(name, value)
        elif name in ("scheduledStartDateTime", "scheduledEndDateTime"):
            wall, zone = zones.given(value, name)
            made[name] = zones.shown(wall, zone, zone, all_day=False)
        else:
            raise wrong(name)
    return made
