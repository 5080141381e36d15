"""settings: the account's own preferences, which the sandbox only reads."""

from __future__ import annotations

from typing import Any

from sandbox.google.calendar.book import Book
from sandbox.google.calls import Call, Row
from sandbox.google.errors import not_found


def _settings(call: Call) -> dict[str, str]:
    primary = Book(call.store, call.account).calendar("primary")
    return {
        "autoAddHangouts": "false",
        "dateFieldOrder": "DMY",
        "defaultEventLength": "60",
        "format24HourTime": "true",
        "hideInvitations": "false",
        "hideWeekends": "false",
        "locale": "en_GB",
        "remindOnRespondedEventsOnly": "false",
        "showDeclinedEvents": "true",
        "timezone": primary.time_zone,
        "useKeyboardShortcuts": "true",
        "weekStart": "1",
    }


def _shown(name: str, value: str) -> dict[str, Any]:
    return {"kind": "calendar#setting", "etag": f'"{name}-{value}"', "id": name, "value": value}


def list_(call: Call) -> dict[str, Any]:
    items = [_shown(name, value) for name, value in _settings(call).items()]
    return {"kind": "calendar#settings", "etag": '"settings"', "items": items}


def get(call: Call) -> dict[str, Any]:
    settings = _settings(call)
    if call.path["setting"] not in settings:
        raise not_found("Not Found")
    return _shown(call.path["setting"], settings[call.path["setting"]])


TABLE = {"calendar.settings.list": Row(list_), "calendar.settings.get": Row(get)}
