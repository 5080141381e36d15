"""Microsoft Graph's event in Google Calendar's form. The way there is in ``events``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.convert import times
from integrations.convert.events import ANSWERS, SENSITIVITY
from integrations.convert.report import Converted, Json, Source
from integrations.providers.microsoft import recurrence

# What Graph itself says of its copy, and what follows from the rest.
OWN = frozenset(
    {
        *("id", "iCalUId", "uid", "changeKey", "webLink", "createdDateTime", "lastModifiedDateTime", "transactionId"),
        *("bodyPreview", "organizer", "isOrganizer", "responseStatus", "hasAttachments", "type", "seriesMasterId"),
        *(
            "originalStart",
            "originalEndTimeZone",
            "isDraft",
            "isOnlineMeeting",
            "onlineMeetingProvider",
            "occurrenceId",
        ),
        *("locations", "isCancelled", "calendar"),
    }
)
_ANSWERS = {said: ours for ours, said in ANSWERS.items()}
_SENSITIVITY = {said: ours for ours, said in SENSITIVITY.items()}
_USUAL = {"responseRequested": True, "allowNewTimeProposals": True, "importance": "normal"}
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>|&(?:[a-zA-Z]+|#\d+);")


def event_to_google(event: Mapping[str, Any]) -> Converted:
    """An event as Graph writes it, as one to give to Google. Raises ``PermanentFailure`` without times."""
    source = Source(event, OWN)
    made: Json = {}
    if subject := source.take("subject"):
        made["summary"] = subject
    _description(source, made)
    location = source.take("location", {})
    source.lose_rest("location", location, ("displayName", "locationType", "uniqueIdType", "uniqueId"))
    if location.get("displayName"):
        made["location"] = location["displayName"]
    _span(source, made)
    _recurrence(source, made)
    _attendees(source, made)
    showing = source.take("showAs", "busy")
    if showing == "free":
        made["transparency"] = "transparent"
    elif showing == "tentative":
        made["status"] = "tentative"
    elif showing != "busy":
        source.lose("showAs")
    sensitivity = source.take("sensitivity", "normal")
    if sensitivity != "normal":
        made["visibility"] = _SENSITIVITY.get(sensitivity, "private")
    if sensitivity not in _SENSITIVITY:
        source.lose("sensitivity")
    _reminders(source, made)
    if source.take("hideAttendees", False):
        made["guestsCanSeeOtherGuests"] = False
    for name, usual in _USUAL.items():
        if source.take(name, usual) != usual:
            source.lose(name)
    return source.converted(made)


def _description(source: Source, made: Json) -> None:
    body = source.take("body", {})
    content = body.get("content") or ""
    if not content.strip():
        return
    made["description"] = content
    html = str(body.get("contentType", "text")).casefold() == "html"
    # Google has one kind of description and tells HTML by its tags.
    if html != bool(_TAG.search(content)):
        source.lose("body.contentType")


def _span(source: Source, made: Json) -> None:
    all_day, shown = bool(source.take("isAllDay", False)), str(source.take("originalStartTimeZone") or "")
    for name in ("start", "end"):
        moment = source.take(name)
        if moment is None:
            raise times.unreadable()
        if all_day:
            made[name] = {"date": times.day(moment).isoformat()}
            continue
        made[name], known = times.to_google(moment, shown)
        if not known:
            source.lose(f"{name}.timeZone")


def _recurrence(source: Source, made: Json) -> None:
    given = source.take("recurrence")
    if not given:
        return
    all_day = "date" in made["start"]
    line = recurrence.rule(given, made["start"].get("timeZone", "UTC"), all_day=all_day)
    if line:
        made["recurrence"] = [line]
    else:
        source.lose("recurrence")


def _attendees(source: Source, made: Json) -> None:
    people = []
    for guest in source.take("attendees", []):
        source.lose_rest("attendees", guest, ("emailAddress", "type", "status"))
        mailbox, kind = guest.get("emailAddress") or {}, guest.get("type", "required")
        answer = str((guest.get("status") or {}).get("response", "none"))
        one: Json = {"email": mailbox.get("address", ""), "responseStatus": _ANSWERS.get(answer, "needsAction")}
        if mailbox.get("name"):
            one["displayName"] = mailbox["name"]
        if kind in ("optional", "resource"):
            one[kind] = True
        people.append(one)
    if people:
        made["attendees"] = people


def _reminders(source: Source, made: Json) -> None:
    minutes, on = source.take("reminderMinutesBeforeStart"), source.take("isReminderOn")
    if on is None:
        return
    wanted = [{"method": "popup", "minutes": int(minutes)}] if on and minutes is not None else []
    made["reminders"] = {"useDefault": False, "overrides": wanted}
