"""calendarList and calendars: which calendars an account has, how it shows them, and what they are."""

from __future__ import annotations

from typing import Any

from sandbox.google import opaque
from sandbox.google.calendar import colours
from sandbox.google.calendar.book import Book, Calendar
from sandbox.google.calendar.listing import gone
from sandbox.google.calls import Call, Row
from sandbox.google.errors import GoogleError

_RANKS = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
LARGEST_PAGE, PAGE = 250, 100
_OF_ENTRY = (
    "description",
    "location",
    "summaryOverride",
    "hidden",
    "selected",
    "defaultReminders",
    "notificationSettings",
    "conferenceProperties",
    "dataOwner",
    "autoAcceptInvitations",
)
_OF_CALENDAR = ("description", "location", "conferenceProperties", "dataOwner", "autoAcceptInvitations")


def entry(calendar: Calendar) -> dict[str, Any]:
    """A calendarListEntry."""
    out: dict[str, Any] = {
        "kind": "calendar#calendarListEntry",
        "etag": f'"{calendar.list_version:016d}"',
        "id": calendar.id,
    }
    if calendar.deleted:
        return out | {"deleted": True}
    out |= {"summary": calendar.summary, "timeZone": calendar.time_zone, "accessRole": calendar.role}
    number = int(calendar.entry.get("colorId", 15))
    out |= {
        "colorId": str(number),
        "backgroundColor": calendar.entry.get("backgroundColor", colours.CALENDAR[number - 1]),
        "foregroundColor": calendar.entry.get("foregroundColor", colours.FOREGROUND),
    }
    out |= {name: calendar.entry[name] for name in _OF_ENTRY if name in calendar.entry}
    out.setdefault("defaultReminders", [])
    if calendar.primary:
        out["primary"] = True
    return out


def resource(calendar: Calendar) -> dict[str, Any]:
    """A calendar."""
    out: dict[str, Any] = {
        "kind": "calendar#calendar",
        "etag": f'"{calendar.list_version:016d}"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
    }
    return out | {name: calendar.entry[name] for name in _OF_CALENDAR if name in calendar.entry}


def _filters(call: Call) -> list[Any]:
    return [call.query.get("minAccessRole"), bool(call.query.get("showHidden"))]


def list_(call: Call) -> dict[str, Any]:
    book = Book(call.store, call.account)
    since, version, after = 0, book.list_version(), -1
    size = min(call.query.get("maxResults", PAGE), LARGEST_PAGE)
    if "syncToken" in call.query:
        if "minAccessRole" in call.query:
            raise GoogleError(400, "invalid", "Sync token cannot be combined with minAccessRole.")
        since = _since(call, book)
    if "pageToken" in call.query:
        since, version, after = _page(call)
    found = book.calendars(deleted=bool(since or call.query.get("showDeleted")))
    lowest = _RANKS.index(call.query.get("minAccessRole", "freeBusyReader"))
    wanted = [
        (i, c)
        for i, c in enumerate(found)
        if i > after
        and c.list_version > since
        and _RANKS.index(c.role) >= lowest
        and (since or call.query.get("showHidden") or not c.entry.get("hidden"))
    ]
    out: dict[str, Any] = {
        "kind": "calendar#calendarList",
        "etag": f'"p{version:08d}"',
        "items": [entry(c) for _, c in wanted[:size]],
    }
    if len(wanted) > size:
        place = [call.account.id, since, version, wanted[size - 1][0], _filters(call)]
        out["nextPageToken"] = opaque.seal("calendarList.page", place)
    else:
        out["nextSyncToken"] = opaque.seal(
            "calendarList.sync", [call.account.id, book.list_generation(), version, _filters(call)]
        )
    return out


def _since(call: Call, book: Book) -> int:
    try:
        account, generation, version, _ = opaque.unseal("calendarList.sync", call.query["syncToken"])
    except ValueError:
        account, generation, version = 0, 0, 0
    if account != call.account.id:
        raise GoogleError(400, "invalid", "Invalid sync token value.", place=("parameter", "syncToken"))
    if generation != book.list_generation():
        raise gone()
    return int(version)


def _page(call: Call) -> tuple[int, int, int]:
    try:
        account, since, version, after, filters = opaque.unseal("calendarList.page", call.query["pageToken"])
    except ValueError:
        account, since, version, after, filters = 0, 0, 0, 0, None
    if account != call.account.id or filters != _filters(call):
        raise GoogleError(400, "invalid", "Invalid page token value.", place=("parameter", "pageToken"))
    return since, version, after


def get(call: Call) -> dict[str, Any]:
    return entry(Book(call.store, call.account).calendar(call.path["calendarId"]))


def get_calendar(call: Call) -> dict[str, Any]:
    return resource(Book(call.store, call.account).calendar(call.path["calendarId"]))


TABLE = {
    "calendar.calendarList.list": Row(list_),
    "calendar.calendarList.get": Row(get),
    "calendar.calendars.get": Row(get_calendar),
}
