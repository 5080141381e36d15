"""Writing calendars: create, rename, recolour, delete."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.microsoft import clock, ids
from sandbox.microsoft.calendar import events, render, store
from sandbox.microsoft.calendar.seeding import COLOURS, calendar
from sandbox.microsoft.calls import Answer, Call
from sandbox.microsoft.errors import GraphError, bad_request, invalid_property, unknown_item


def _shown(call: Call, number: int, status: int) -> Answer:
    row = call.store.row("SELECT * FROM graph_calendar WHERE id = ?", number)
    assert row is not None
    return Answer(status, {"@odata.context": call.context("calendars", one=True), **render.calendar(call.account, row)})


def _given(call: Call, *allowed: str) -> dict[str, Any]:
    body = {k: v for k, v in call.json().items() if "@" not in k}
    for name in body:
        if name not in allowed:
            raise invalid_property(name, "calendar")
    if "color" in body and body["color"] not in ("auto", *COLOURS):
        raise bad_request("The color is not one of Outlook's.", "ErrorInvalidRequest")
    return body


def _free(call: Call, name: str) -> None:
    sql = "SELECT 1 FROM graph_calendar WHERE account = ? AND name = ? COLLATE NOCASE"
    if call.store.value(sql, call.account.id, name):
        raise GraphError(409, "ErrorFolderExists", "A calendar with the specified name already exists.")


def create(call: Call) -> Answer:
    """POST /me/calendars."""
    body = _given(call, "name", "color", "hexColor")
    if not body.get("name"):
        raise bad_request("A calendar needs a name.", "ErrorInvalidRequest")
    _free(call, str(body["name"]))
    number = calendar(call.store, call.account, str(body["name"]), hex_colour=str(body.get("hexColor") or ""))
    if "color" in body:
        with call.store.write() as db:
            db.execute("UPDATE graph_calendar SET color = ? WHERE id = ?", (body["color"], number))
    return _shown(call, number, 201)


def update(call: Call, text: str | None = None) -> Answer:
    """PATCH a calendar."""
    row = store.calendar(call, text)
    body = _given(call, "name", "color", "hexColor", "isDefaultCalendar")
    if "name" in body and body["name"] != row["name"]:
        _free(call, str(body["name"]))
    with call.store.write() as db:
        db.execute(
            "UPDATE graph_calendar SET name = ?, color = ?, hex_color = ?, version = version + 1 WHERE id = ?",
            (
                body.get("name", row["name"]),
                body.get("color", row["color"]),
                body.get("hexColor", row["hex_color"]),
                row["id"],
            ),
        )
    return _shown(call, row["id"], 200)


def remove(call: Call, text: str) -> Answer:
    """DELETE a calendar with all that is in it; the default one stays."""
    row: sqlite3.Row = store.calendar(call, text)
    if row["is_default"]:
        raise bad_request("The default calendar cannot be deleted.", "ErrorCannotDeleteDefaultFolder")
    with call.store.write() as db:
        db.execute("DELETE FROM graph_calendar WHERE id = ?", (row["id"],))
        clock.tick(call.store, call.account)
    return Answer(204)


def groups(call: Call) -> Answer:
    """GET /me/calendarGroups: all calendars are in one."""
    name = ids.make(call.account, "calendarGroup", call.account.id)
    key = ids.change_key("calendarGroup", call.account.id, 1)
    one = {"id": name, "name": "My Calendars", "classId": "0006f0b7-0000-0000-c000-000000000046", "changeKey": key}
    return Answer(body={"@odata.context": call.context("calendarGroups"), "value": [one]})


def of_group(call: Call, group: str) -> Answer:
    """GET /me/calendarGroups/{id}/calendars."""
    ref = ids.read(call.account, group)
    if ref is None or ref.kind != "calendarGroup":
        raise unknown_item()
    return events.calendars(call)
