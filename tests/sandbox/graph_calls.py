"""One successful call of every operation that the sandbox's Graph serves, as scripts over one world.

What is called and how it is answered is held against the contract by ``Caller``; that nothing of the contract is
forgotten is ``test_graph_operations``' to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from sandbox.microsoft.clock import instant
from sandbox.seeds import SeedAccount, SeedAttendee, SeedContact, SeedEvent
from tests.sandbox import graph_schema
from tests.sandbox.graph_client import ALL, Graph
from tests.sandbox.graph_seeds import BO, EVA, JUNE, graph, letter
from tests.sandbox.listener import listening

PNG = b"\x89PNG\r\n\x1a\n"
MAIL, FOLDERS, PEOPLE = "me/messages", "me/mailFolders", "me/contactFolders"
EVENTS, CALENDARS = "me/events", "me/calendars"
CATEGORIES, ZONES = "me/outlook/masterCategories", "me/outlook/supportedTimeZones"
TO_EVA: list[Any] = [{"emailAddress": {"address": EVA}}]
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}
LARGE = {"attachmentItem": {"attachmentType": "file", "name": "film.mp4", "size": 4_000_000}}
SLOT = {
    "start": {"dateTime": "2026-06-15T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-06-15T11:00:00", "timeZone": "UTC"},
}
DAILY = {
    "pattern": {"type": "daily", "interval": 1},
    "range": {"type": "numbered", "startDate": "2026-06-15", "numberOfOccurrences": 3},
}
BUSY = {"schedules": [BO, EVA], "startTime": SLOT["start"], "endTime": SLOT["end"]}


def world() -> Graph:
    """Bo's mailbox at work, with every permission that any operation asks for. Eva is a colleague."""
    begin, end = datetime(2026, 6, 9, 9), datetime(2026, 6, 9, 10)  # noqa: DTZ001 - a seed's times are wall clock
    host, guest = SeedAttendee(EVA, "Eva", "organizer"), SeedAttendee(BO, "Bo")
    g = graph(
        [letter(1, files=["plan.pdf"]), letter(2, reply_to=1), letter(3, html="<p>Hi</p>", unread=True)],
        [SeedEvent("meeting", "Meeting", begin, end, organizer=host, attendees=(host, guest), reminders=(5,))],
        SeedAccount("microsoft", EVA, "Eva Ek", "oid-eva", "tid"),
        contacts=(SeedContact("Ada Lund", "Ada", "Lund", emails=(("ada@x.example", "work"),), photo=PNG),),
    )
    g.token = g.grant(BO, ALL | {"Calendars.Read.Shared"})
    return g


@dataclass
class Caller:
    """Calls operations and remembers which; status, kind of content and JSON must be those of the contract."""

    g: Graph
    called: set[str] = field(default_factory=set)

    def __call__(
        self, method: str, path: str, body: Any = None, *, query: dict[str, str] | None = None, kind: str = ""
    ) -> Any:
        reply = self.g.call(method, path, query, body, headers={"content-type": kind} if kind else None)
        name = graph_schema.named(method, urlsplit(path).path.removeprefix("/v1.0/"))
        stated = graph_schema.successes()[name]
        assert reply.status in stated, (name, reply.status, reply.content)
        kinds = stated[reply.status]
        got = reply.headers.get("content-type", "").partition(";")[0]
        assert any(fnmatchcase(got, one) for one in kinds) if kinds else not reply.content, (name, got, reply.content)
        self.called.add(name)
        if not reply.content or got != "application/json":
            return reply.content
        listed = reply.json.get("value")
        assert listed is None or listed, f"{name}: an empty list shows nothing"
        return reply.json

    def id(self, method: str, path: str, body: Any = None) -> str:
        """The id of what a call answers, or of the first in its list."""
        answer = self(method, path, body)
        return str(answer.get("value", [answer])[0]["id"])


def messages(call: Caller) -> None:
    """Messages, their attachments, drafts and what is sent."""
    first = call.id("GET", MAIL)
    for number in (call.id("POST", MAIL, {"subject": "Plan", "toRecipients": TO_EVA}), first):
        call("GET", f"{MAIL}/{number}")
        call("GET", f"{MAIL}/{number}/$value")
        call("PATCH", f"{MAIL}/{number}", {"isRead": True, "categories": ["Blue"]})
    draft = call.id("POST", f"{MAIL}/{first}/createForward", {"toRecipients": TO_EVA})
    file = call.id("POST", f"{MAIL}/{draft}/attachments", FILE)
    assert call("GET", f"{MAIL}/{draft}/attachments/{file}/$value") == b"hi"
    call("GET", f"{MAIL}/{draft}/attachments/{file}")
    call("GET", f"{MAIL}/{draft}/attachments")
    call("DELETE", f"{MAIL}/{draft}/attachments/{file}")
    assert call("POST", f"{MAIL}/{draft}/attachments/createUploadSession", LARGE)["uploadUrl"]
    call("POST", f"{MAIL}/{draft}/send")
    for action in ("createReply", "createReplyAll", "reply", "replyAll"):
        call("POST", f"{MAIL}/{first}/{action}", {"comment": "Yes"})
    call("POST", f"{MAIL}/{first}/forward", {"comment": "Look", "toRecipients": TO_EVA})
    body = {"contentType": "text", "content": "Hi"}
    call("POST", "me/sendMail", {"message": {"subject": "Hi", "body": body, "toRecipients": TO_EVA}})
    call("POST", f"{MAIL}/{call.id('POST', f'{MAIL}/{first}/copy', {'destinationId': 'archive'})}/permanentDelete")
    call("DELETE", f"{MAIL}/{call.id('POST', f'{MAIL}/{first}/move', {'destinationId': 'archive'})}")


def mail_folders(call: Caller) -> None:
    """Folders of mail and what is listed in them."""
    call("GET", FOLDERS)
    call("GET", f"{FOLDERS}/delta")
    message = call.id("GET", f"{FOLDERS}/inbox/messages")
    call("GET", f"{FOLDERS}/inbox/messages/{message}")
    call("POST", f"{FOLDERS}/drafts/messages", {"subject": "Plan"})
    tracked = call("GET", f"{FOLDERS}/inbox/messages/delta")
    call("PATCH", f"{MAIL}/{message}", {"isRead": False})
    call("GET", tracked["@odata.deltaLink"])  # in key form
    made = call.id("POST", FOLDERS, {"displayName": "Trips"})
    call("PATCH", f"{FOLDERS}/{made}", {"displayName": "Travel"})
    child = call.id("POST", f"{FOLDERS}/{made}/childFolders", {"displayName": "Rome"})
    call("GET", f"{FOLDERS}/{made}/childFolders")
    call("DELETE", f"{FOLDERS}/{call.id('POST', f'{FOLDERS}/{child}/copy', {'destinationId': 'archive'})}")
    moved = call.id("POST", f"{FOLDERS}/{child}/move", {"destinationId": "archive"})
    call("GET", f"{FOLDERS}/{moved}")
    call("POST", f"{FOLDERS}/{moved}/permanentDelete")


def calendars(call: Caller) -> None:
    """Calendars, their events in lists and windows, schedules and meeting times."""
    call("GET", "me/calendar")
    call("PATCH", "me/calendar", {"color": "lightBlue"})
    group = call.id("GET", "me/calendarGroups")
    call("GET", f"me/calendarGroups/{group}/calendars")
    made = call.id("POST", CALENDARS, {"name": "Family", "color": "lightTeal"})
    call("GET", CALENDARS)
    call("PATCH", f"{CALENDARS}/{made}", {"name": "Home"})
    call("GET", f"{CALENDARS}/{made}")
    for calendar in ("me/calendar", f"{CALENDARS}/{made}"):
        event = call.id("POST", f"{calendar}/events", {"subject": "Talk", "recurrence": DAILY, **SLOT})
        call("GET", f"{calendar}/events")
        call("GET", f"{calendar}/events/{event}")
        call("GET", f"{calendar}/calendarView", query=JUNE)
        link = call("GET", f"{calendar}/calendarView/delta", query=JUNE)["@odata.deltaLink"]
        call("PATCH", f"{EVENTS}/{event}", {"subject": "Tea"})
        call("GET", link)  # in key form
        call("POST", f"{calendar}/getSchedule", BUSY)
    call("GET", "me/calendarView", query=JUNE)
    call("GET", "me/calendarView/delta", query=JUNE)
    wanted = {"attendees": [one | {"type": "required"} for one in TO_EVA], "meetingDuration": "PT30M"}
    assert call("POST", "me/findMeetingTimes", wanted)["meetingTimeSuggestions"]
    call("DELETE", f"{CALENDARS}/{made}")
    call("POST", f"{CALENDARS}/{call.id('POST', CALENDARS, {'name': 'Club'})}/permanentDelete")


def events(call: Caller) -> None:
    """Events, their attachments and reminders, and answers to an invitation."""
    invitation = call.id("GET", EVENTS)
    call("POST", f"{EVENTS}/{invitation}/accept", {"sendResponse": True})
    call("POST", f"{EVENTS}/{invitation}/tentativelyAccept", {"comment": "perhaps"})
    call("POST", f"{EVENTS}/{invitation}/decline", {"comment": "no"})
    guests = [one | {"type": "required"} for one in TO_EVA]
    own = call.id("POST", EVENTS, {"subject": "Talk", "recurrence": DAILY, "attendees": guests, **SLOT})
    call("PATCH", f"{EVENTS}/{own}", {"location": {"displayName": "Room 1"}, "isOnlineMeeting": True})
    call("GET", f"{EVENTS}/{own}")
    call("GET", f"{EVENTS}/{own}/instances", query=JUNE)
    call("POST", f"{EVENTS}/{own}/dismissReminder")
    call("POST", f"{EVENTS}/{own}/snoozeReminder", {"newReminderTime": SLOT["start"]})
    call("POST", f"{EVENTS}/{own}/forward", {"toRecipients": [{"emailAddress": {"address": "ada@x.example"}}]})
    file = call.id("POST", f"{EVENTS}/{own}/attachments", FILE)
    assert call("GET", f"{EVENTS}/{own}/attachments/{file}/$value") == b"hi"
    call("GET", f"{EVENTS}/{own}/attachments/{file}")
    call("GET", f"{EVENTS}/{own}/attachments")
    call("DELETE", f"{EVENTS}/{own}/attachments/{file}")
    assert call("POST", f"{EVENTS}/{own}/attachments/createUploadSession", LARGE)["uploadUrl"]
    call("POST", f"{EVENTS}/{own}/cancel", {"comment": "off"})
    call("DELETE", f"{EVENTS}/{call.id('POST', EVENTS, SLOT)}")
    call("POST", f"{EVENTS}/{call.id('POST', EVENTS, SLOT)}/permanentDelete")


def contacts(call: Caller) -> None:
    """People, their photos and folders."""
    tracked = call("GET", "me/contacts/delta")
    one = call.id("GET", "me/contacts")
    call("PATCH", f"me/contacts/{one}", {"jobTitle": "Smith", "birthday": "1990-05-01T00:00:00Z"})
    call("GET", f"me/contacts/{one}")
    assert call("GET", tracked["@odata.deltaLink"])["value"][0]["jobTitle"] == "Smith"
    call("PUT", f"me/contacts/{one}/photo/$value", PNG + b"new", kind="image/png")
    assert call("GET", f"me/contacts/{one}/photo/$value") == PNG + b"new"
    call("DELETE", f"me/contacts/{call.id('POST', 'me/contacts', {'givenName': 'Cy'})}")
    made = call.id("POST", PEOPLE, {"displayName": "Club"})
    call("GET", PEOPLE)
    call("GET", f"{PEOPLE}/delta")
    call("PATCH", f"{PEOPLE}/{made}", {"displayName": "Choir"})
    call("GET", f"{PEOPLE}/{made}")
    call("POST", f"{PEOPLE}/{made}/childFolders", {"displayName": "Basses"})
    call("GET", f"{PEOPLE}/{made}/childFolders")
    member = call.id("POST", f"{PEOPLE}/{made}/contacts", {"givenName": "Di"})
    call("GET", f"{PEOPLE}/{made}/contacts")
    tracked = call("GET", f"{PEOPLE}/{made}/contacts/delta")
    call("PATCH", f"me/contacts/{member}", {"surname": "Berg"})
    call("GET", tracked["@odata.deltaLink"])  # in key form
    call("POST", f"me/contacts/{member}/permanentDelete")
    call("DELETE", f"{PEOPLE}/{made}")


def settings(call: Caller) -> None:
    """The user, settings, zones, categories, translated ids, a batch, and subscriptions."""
    call("GET", "me")
    call("PATCH", "me/mailboxSettings", {"timeZone": "Tokyo Standard Time"})
    call("GET", "me/mailboxSettings")
    call("GET", ZONES)
    call("GET", f"{ZONES}(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')")
    made = call.id("POST", CATEGORIES, {"displayName": "Trips", "color": "preset3"})
    call("PATCH", f"{CATEGORIES}/{made}", {"color": "preset4"})
    call("GET", CATEGORIES)
    call("DELETE", f"{CATEGORIES}/{made}")
    ids = {"inputIds": [call.id("GET", MAIL)], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    call("POST", "me/translateExchangeIds", ids)
    answers = call("POST", "$batch", {"requests": [{"id": "1", "method": "GET", "url": "/me"}]})["responses"]
    assert [one["status"] for one in answers] == [200]
    with listening() as listener:
        wanted = {"changeType": "created", "notificationUrl": f"{listener.base}/hook", "resource": MAIL}
        later = {"expirationDateTime": instant(call.g.store.now() + timedelta(days=2))}
        hook = call.id("POST", "subscriptions", wanted | later)
        call("PATCH", f"subscriptions/{hook}", later)
    call("GET", "subscriptions")
    call("GET", f"subscriptions/{hook}")
    call("POST", f"subscriptions/{hook}/reauthorize")
    call("DELETE", f"subscriptions/{hook}")


SCRIPTS = (messages, mail_folders, calendars, events, contacts, settings)
