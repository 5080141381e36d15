"""Graph's event as event records.

Asked for ``outlook.timezone="UTC"``, so that every time is UTC; the zone in which an event was made, and in which a
series repeats, is ``originalStartTimeZone``. A meeting that its organiser cancelled stays in Outlook's calendar,
renamed and free, until its guest removes it; so it stays here. Fetching is left to ``calendar``. Properties:
Microsoft Graph, resource type event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from integrations.providers.microsoft import recurrence, uids, zones
from integrations.providers.microsoft.times import day, instant, zoned
from integrations.records import Address, Answer, AttendeeRecord, EventKind, EventRecord, Showing

Json = Mapping[str, Any]

SELECT = (
    "id,type,seriesMasterId,subject,body,bodyPreview,start,end,isAllDay,originalStart,originalStartTimeZone,"
    "recurrence,location,onlineMeeting,onlineMeetingUrl,organizer,attendees,responseStatus,showAs,sensitivity,isReminderOn,"
    "reminderMinutesBeforeStart,iCalUId,webLink,lastModifiedDateTime"
)
MASTER_SELECT = f"{SELECT},cancelledOccurrences"

_WHOLE = ("subject", "body", "start", "end", "isAllDay", "type")
_INSTANCE = ("start", "end", "type")
_KINDS = {
    "singleinstance": EventKind.SINGLE,
    "seriesmaster": EventKind.MASTER,
    "exception": EventKind.EXCEPTION,
    "occurrence": EventKind.OCCURRENCE,
}
_ANSWERS = {
    "organizer": Answer.ORGANIZER,
    "accepted": Answer.ACCEPTED,
    "declined": Answer.DECLINED,
    "tentativelyaccepted": Answer.TENTATIVE,
}
_SHOWING = {
    "free": Showing.FREE,
    "tentative": Showing.TENTATIVE,
    "oof": Showing.OUT_OF_OFFICE,
    "workingelsewhere": Showing.ELSEWHERE,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def kind(item: Json) -> EventKind:
    """What an item is; one of an occurrence may lack its type."""
    named = _KINDS.get(str(item.get("type", "")).casefold())
    return named or (EventKind.OCCURRENCE if item.get("seriesMasterId") else EventKind.SINGLE)


def is_enough(item: Json) -> bool:
    """Whether a delta's item can be told as it is: changed events may come with their changed properties only.

    Instances always come thin, masters are fetched in any case.
    """
    needed = {EventKind.MASTER: (), EventKind.OCCURRENCE: _INSTANCE}.get(kind(item), _WHOLE)
    return all(name in item for name in needed)


def series(item: Json, me: str) -> list[EventRecord]:
    """A master, fetched whole with its exceptions, as records: the master first."""
    belonging = {"type": "exception", "seriesMasterId": item["id"]}
    return [event(item, me), *(event({**e, **belonging}, me) for e in item.get("exceptionOccurrences") or ())]


def occurrence(item: Json, master: Json) -> EventRecord:
    """An unchanged instance: it has times of its own, and all else from its master."""
    all_day = bool(item.get("isAllDay", master.get("isAllDay")))
    raw, zone = _zone(master)
    start, end = _ends(item, zone, all_day=all_day)
    return EventRecord(
        id=item["id"],
        kind=EventKind.OCCURRENCE,
        start=start,
        end=end,
        time_zone=zone,
        raw_time_zone=raw,
        series_id=item.get("seriesMasterId") or master["id"],
        original_start=start,
    )


def event(item: Json, me: str) -> EventRecord:
    """A whole event. ``me`` is the account's address, to tell its own line among the attendees."""
    raw_zone, zone = _zone(item)
    all_day = bool(item.get("isAllDay"))
    start, end = _ends(item, zone, all_day=all_day)
    what = kind(item)
    organizer = _address(item.get("organizer"))
    reminder = item.get("reminderMinutesBeforeStart")
    return EventRecord(
        id=item["id"],
        kind=what,
        start=start,
        end=end,
        title=item.get("subject") or "",
        time_zone=zone,
        raw_time_zone=raw_zone,
        series_id=item.get("seriesMasterId") or "",
        original_start=_original(item, zone, all_day=all_day) if what is EventKind.EXCEPTION else None,
        recurrence=_recurrence(item, start, zone, all_day=all_day) if what is EventKind.MASTER else (),
        raw_recurrence=orjson.dumps(item["recurrence"]).decode() if item.get("recurrence") else "",
        lists_occurrences=what is EventKind.MASTER,
        ical_uid=uids.plain(item.get("uid") or item.get("iCalUId") or ""),
        location=(item.get("location") or {}).get("displayName") or "",
        meeting_url=(item.get("onlineMeeting") or {}).get("joinUrl") or item.get("onlineMeetingUrl") or "",
        web_url=item.get("webLink") or "",
        organizer=organizer,
        attendees=tuple(_attendee(a, organizer.email, me) for a in item.get("attendees") or ()),
        my_answer=_answer(item.get("responseStatus")),
        showing=_SHOWING.get(str(item.get("showAs", "")).casefold(), Showing.BUSY),
        private=str(item.get("sensitivity", "")).casefold() in ("private", "confidential"),
        reminders=(reminder,) if item.get("isReminderOn") and isinstance(reminder, int) else (),
        updated=instant(item.get("lastModifiedDateTime")),
        etag=item.get("@odata.etag") or "",
        **_description(item),
    )


def zone_of(item: Json) -> str:
    """The IANA zone in which an event was made."""
    return _zone(item)[1]


def _zone(item: Json) -> tuple[str, str]:
    """The zone as Outlook names it, and as IANA does. Custom zones have no name; a series may name another."""
    raw = item.get("originalStartTimeZone") or ""
    extent = (item.get("recurrence") or {}).get("range") or {}
    return raw, zones.iana(raw) or zones.iana(extent.get("recurrenceTimeZone") or "") or "UTC"


def _ends(item: Json, zone: str, *, all_day: bool) -> tuple[datetime | date, datetime | date]:
    start = zoned(item.get("start")) or _EPOCH
    end = max(zoned(item.get("end")) or start, start)
    if not all_day:
        return start, end
    first = day(start, zone)
    return first, max(day(end, zone), first + timedelta(days=1))


def _original(item: Json, zone: str, *, all_day: bool) -> datetime | date | None:
    found = instant(item.get("originalStart"))
    return day(found, zone) if found and all_day else found


def _recurrence(item: Json, start: datetime | date, zone: str, *, all_day: bool) -> tuple[str, ...]:
    """The lines of a series, which keeps to its zone through daylight saving."""
    pattern = item.get("recurrence") or {}
    line = recurrence.rule(pattern, zone, all_day=all_day)
    excluded = recurrence.exclusions(item.get("cancelledOccurrences") or (), start, zone)
    return ((line,) if line else ()) + excluded


def _description(item: Json) -> dict[str, Any]:
    """The body; Outlook wraps even an empty one in a page of HTML."""
    body = item.get("body") or {}
    content, html = body.get("content") or "", str(body.get("contentType", "")).casefold() == "html"
    if html and not (item.get("bodyPreview") or "").strip() and "<img" not in content.casefold():
        content = ""
    return {"description": content, "description_is_html": html and bool(content)}


def _address(recipient: Json | None) -> Address:
    mailbox = (recipient or {}).get("emailAddress") or {}
    email, name = mailbox.get("address") or "", mailbox.get("name") or ""
    return Address(email, "" if name == email else name)


def _answer(status: Json | None) -> Answer:
    return _ANSWERS.get(str((status or {}).get("response", "")).casefold(), Answer.NONE)


def _attendee(item: Json, organizer: str, me: str) -> AttendeeRecord:
    address, role = _address(item), str(item.get("type", "")).casefold()
    hosting = bool(address.email) and address.email.casefold() == organizer.casefold()
    return AttendeeRecord(
        email=address.email,
        name=address.name,
        answer=Answer.ORGANIZER if hosting else _answer(item.get("status")),
        optional=role == "optional",
        resource=role == "resource",
        organizer=hosting,
        me=bool(me) and address.email.casefold() == me.casefold(),
    )
