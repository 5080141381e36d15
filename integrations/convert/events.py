"""Google Calendar's event in Microsoft Graph's form. The way back is in ``events_back``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.convert import recurring, times
from integrations.convert.report import Converted, Json, Source

# What Google itself says of its copy, and what follows from the rest.
OWN = frozenset(
    {
        *("id", "etag", "kind", "htmlLink", "created", "updated", "iCalUID", "sequence", "creator", "organizer"),
        *("recurringEventId", "originalStartTime", "endTimeUnspecified", "locked", "privateCopy"),
    }
)
ANSWERS = {
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentativelyAccepted",
    "needsAction": "notResponded",
}
SENSITIVITY = {"private": "private", "confidential": "confidential", "default": "normal"}
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-zA-Z]+|#\d+);")
_DEFAULTS = {"guestsCanInviteOthers": True, "guestsCanModify": False, "anyoneCanAddSelf": False}


def event_to_microsoft(event: Mapping[str, Any]) -> Converted:
    """An event as Google writes it, as one to give to Graph. Raises ``PermanentFailure`` without times."""
    source = Source(event, OWN)
    made: Json = {}
    if summary := source.take("summary"):
        made["subject"] = summary
    if description := source.take("description"):
        kind = "html" if _TAG.search(description) else "text"
        made["body"] = {"contentType": kind, "content": description}
    if location := source.take("location"):
        made["location"] = {"displayName": location}
    _span(source, made)
    _recurrence(source, made)
    _attendees(source, made)
    _showing(source, made)
    visibility = source.take("visibility", "default")
    made["sensitivity"] = SENSITIVITY.get(visibility, "normal")
    if visibility not in SENSITIVITY:
        source.lose("visibility")
    _reminders(source, made)
    if source.take("guestsCanSeeOtherGuests", True) is False:
        made["hideAttendees"] = True
    for name, usual in _DEFAULTS.items():
        if source.take(name, usual) != usual:
            source.lose(name)
    return source.converted(made)


def _span(source: Source, made: Json) -> None:
    for name in ("start", "end"):
        moment = source.take(name)
        if moment is None:
            raise times.unreadable()
        made[name], kept = times.to_microsoft(moment)
        if not kept:
            source.lose(f"{name}.timeZone")
        if name == "start":
            made["isAllDay"] = "date" in moment


def _recurrence(source: Source, made: Json) -> None:
    """One rule is all that Graph takes; dates left out of a series are changes to the series there."""
    lines = source.take("recurrence", [])
    found = [line for line in lines if line.upper().startswith("RRULE")]
    if len(lines) > len(found):
        source.lose("recurrence.EXDATE" if all("EXDATE" in x for x in lines if x not in found) else "recurrence.RDATE")
    if not found:
        return
    zone, first = made["start"]["timeZone"], times.first_day(source.take("start"))
    repeats = recurring.to_microsoft(found[0], first, zone, all_day=made["isAllDay"]) if len(found) == 1 else None
    if repeats is None:
        source.lose("recurrence")
    else:
        made["recurrence"] = repeats


def _attendees(source: Source, made: Json) -> None:
    people = []
    for guest in source.take("attendees", []):
        source.lose_rest(
            "attendees",
            guest,
            ("email", "displayName", "optional", "resource", "responseStatus", "self", "organizer", "id"),
        )
        mailbox = {"address": guest.get("email", "")}
        if guest.get("displayName"):
            mailbox["name"] = guest["displayName"]
        kind = "resource" if guest.get("resource") else "optional" if guest.get("optional") else "required"
        if guest.get("resource") and guest.get("optional"):
            source.lose("attendees.optional")
        answer = ANSWERS.get(guest.get("responseStatus", "needsAction"), "notResponded")
        people.append({"emailAddress": mailbox, "type": kind, "status": {"response": answer}})
    if people:
        made["attendees"] = people


def _showing(source: Source, made: Json) -> None:
    free, status = source.take("transparency") == "transparent", source.take("status", "confirmed")
    kind = source.take("eventType", "default")
    special = {"outOfOffice": "oof", "workingLocation": "workingElsewhere"}.get(kind)
    made["showAs"] = special or ("free" if free else "tentative" if status == "tentative" else "busy")
    if kind != "default":  # how it shows is carried over, and that it is no usual event is not
        source.lose("eventType")
    if status == "cancelled" or (status == "tentative" and made["showAs"] != "tentative"):
        source.lose("status")
    if free and special:
        source.lose("transparency")


def _reminders(source: Source, made: Json) -> None:
    """Outlook reminds once, on the screen. Its own default stands where Google's does."""
    reminders = source.take("reminders", {"useDefault": True})
    if reminders.get("useDefault"):
        return
    wanted = reminders.get("overrides") or []
    shown = sorted(int(r["minutes"]) for r in wanted if r.get("method") == "popup")
    made["isReminderOn"] = bool(shown)
    if shown:
        made["reminderMinutesBeforeStart"] = shown[0]
    if len(wanted) > len(shown[:1]):
        source.lose("reminders.overrides")
